package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/proxy"
	"github.com/interconnect-go/interconnect/sandbox"
	"github.com/interconnect-go/interconnect/sandbox/reference"
)

// exampleAccount is that of the document's examples. A sandbox takes any.
const exampleAccount = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"

// drainTime is how long a server that is told to end waits for requests that are under way.
const drainTime = 10 * time.Second

// serveFlags say what to serve, and where.
type serveFlags struct {
	addr     string
	publicly bool

	data      string
	catalogue string
	examples  bool

	tokens              []string
	deny                bool
	contract            string
	seed                string
	cascade             bool
	pending, gcpPending time.Duration

	logFormat string
}

func (p *program) serve() *cobra.Command {
	var f serveFlags
	cmd := p.withoutService(&cobra.Command{
		Use:   "serve",
		Short: "Serve a sandbox, a fake of the service to develop against",
		Long: `Serve a sandbox over HTTP: a fake of Cloudflare Network Interconnects. It serves

  /client/v4  the API, as Cloudflare does, and at the root too
  /_sandbox   the control API: states of links, the clock, failures, snapshots
  /live       a page that shows what goes on, advances time and makes calls fail
  /docs       the reference of both, with forms that call the sandbox
  /           an overview

It logs one line for each request to standard error, and ends on Ctrl-C or
SIGTERM. It listens on this machine only unless --listen-publicly is given.

It takes any account, and any credentials unless --token is given. A link is
pending at first and then healthy. Nothing is real. What is ordered is in
memory and gone at the end, or in a file with --data, where nothing that was
answered is lost even if the process is killed.

With --examples it keeps no state at all: whatever is asked for exists, and is
an example of the document. This is for test suites of SDKs, and for mock-ups.

A token without a list of permissions has all of them:

  ` + strings.Join(permissions(), "\n  "),
		Example: `  interconnect serve
  interconnect serve --addr 127.0.0.1:0 --pending 1m --cascade
  interconnect serve --data sandbox.db --catalogue slots.json
  interconnect serve --token reader="Magic WAN Read" --token writer --log-format json`,
	})
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) (err error) {
		logger := p.logger(f.logFormat)
		if err := f.check(cmd); err != nil {
			return err
		}
		listener, err := f.listen(ctx)
		if err != nil {
			return err
		}
		defer listener.Close()
		fake, closeFake, err := f.fake(logger)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeFake()) }()
		pages, err := f.withPages(fake, logger)
		if err != nil {
			return err
		}
		url := urlOf(listener.Addr().(*net.TCPAddr))
		if f.logFormat == "json" {
			logger.Info("listening", "url", url, "base_url", url+interconnect.BasePath)
		} else {
			f.welcome(p.stderr, url)
		}
		if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() && !f.examples {
			logger.Warn("other machines can change everything by the control API, which asks for no credentials", "path", sandbox.ControlPath)
		}
		return serve(ctx, listener, pages, logger, pages.Close)
	})
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address and port to listen on; port 0 for a free one")
	flags.BoolVar(&f.publicly, "listen-publicly", false, "allow an address that other machines can reach")
	flags.StringVar(&f.data, "data", "", "`FILE` to keep the state in; made if it does not exist (default in memory)")
	flags.StringVar(&f.catalogue, "catalogue", "", "`FILE` with slots as JSON, as list_slots answers them (default real facilities)")
	flags.BoolVar(&f.examples, "examples", false, "answer with the examples of the document, without state")
	flags.StringArrayVar(&f.tokens, "token", nil, "accept `TOKEN[=PERMISSION,...]` and no other credentials; may be repeated")
	flags.BoolVar(&f.deny, "deny", false, "answer 403, as for an account without a contract for Network Interconnects")
	choiceFlag(cmd, flags, &f.contract, "contract", "", []string{"august-2026", "july-2026"}, "version of the API to answer by")
	flags.StringVar(&f.seed, "seed", "", "choose other IDs and names; the same seed gives the same ones")
	flags.BoolVar(&f.cascade, "cascade", false, "delete the CNIs of an interconnect with it, instead of refusing to delete it")
	flags.DurationVar(&f.pending, "pending", 10*time.Second, "how long a physical interconnect is pending; for ever if negative")
	flags.DurationVar(&f.gcpPending, "gcp-pending", 2*time.Second, "how long a GCP partner interconnect is pending; for ever if negative")
	choiceFlag(cmd, flags, &f.logFormat, "log-format", "", []string{"text", "json"}, "format of the log")
	return cmd
}

func (p *program) logger(format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, nil))
	}
	return slog.New(slog.NewTextHandler(p.stderr, nil))
}

// check refuses flags that examples have no use for.
func (f *serveFlags) check(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "addr", "listen-publicly", "log-format", "examples":
		default:
			if f.examples {
				err = usagef("--%s means nothing with --examples, which has no state", flag.Name)
			}
		}
	})
	return err
}

// withPages puts the pages for a reader in front of a sandbox.
func (f *serveFlags) withPages(fake http.Handler, logger *slog.Logger) (*reference.Pages, error) {
	if f.examples { // which have nothing to control
		return reference.New(fake, logger)
	}
	return reference.New(fake, logger, reference.Document{Name: "control", Label: "Control API", YAML: api.SandboxDocument, BasePath: sandbox.ControlPath})
}

// fake is the sandbox, and what closes it in the end.
func (f *serveFlags) fake(logger *slog.Logger) (fake http.Handler, closeFake func() error, err error) {
	if f.examples {
		return sandbox.NewExamples(logger), func() error { return nil }, nil
	}
	opts, err := f.options(logger)
	if err != nil {
		return nil, nil, err
	}
	if f.data == "" {
		sb := sandbox.New(opts...)
		return sb, sb.Close, nil
	}
	sb, err := sandbox.Open(f.data, opts...)
	if err != nil {
		return nil, nil, err
	}
	return sb, sb.Close, nil
}

func (f *serveFlags) options(logger *slog.Logger) ([]sandbox.Option, error) {
	opts := []sandbox.Option{
		sandbox.WithSeed(f.seed),
		sandbox.WithPending(f.pending, f.gcpPending),
		sandbox.WithLogger(logger),
	}
	for _, token := range f.tokens {
		opt, err := tokenOption(token)
		if err != nil {
			return nil, err
		}
		opts = append(opts, opt)
	}
	if f.deny {
		opts = append(opts, sandbox.WithoutEntitlement())
	}
	if f.cascade {
		opts = append(opts, sandbox.WithCascade())
	}
	if f.contract == "july-2026" {
		opts = append(opts, sandbox.WithContract(sandbox.July2026))
	}
	if f.catalogue != "" {
		slots, err := readCatalogue(f.catalogue)
		if err != nil {
			return nil, err
		}
		opts = append(opts, sandbox.WithSlots(slots))
	}
	return opts, nil
}

func readCatalogue(name string) ([]interconnect.Slot, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &usageError{err: err}
	}
	defer file.Close()
	slots, err := sandbox.ReadCatalogue(file)
	if err != nil {
		return nil, usagef("%s: %w", name, err)
	}
	return slots, nil
}

// tokenOption reads a token and its permissions, which stand behind the last "=". A token that ends with one has all. Errors repeat
// neither.
func tokenOption(text string) (sandbox.Option, error) {
	known := permissions()
	at := strings.LastIndexByte(text, '=')
	switch {
	case text == "" || at == 0:
		return nil, usagef("--token is empty, want TOKEN or TOKEN=PERMISSION,PERMISSION")
	case at < 0 || at == len(text)-1:
		return sandbox.WithToken(text, known...), nil
	}
	var granted []string
	for permission := range strings.SplitSeq(text[at+1:], ",") {
		permission = strings.TrimSpace(permission)
		if !slices.Contains(known, permission) {
			return nil, usagef("after the last = of a --token, want a list of permissions; there are %s", strings.Join(known, ", "))
		}
		granted = append(granted, permission)
	}
	return sandbox.WithToken(text[:at], granted...), nil
}

// permissions are those that the document names, sorted.
func permissions() []string {
	var all []string
	for _, op := range interconnect.Operations() {
		all = append(all, cloudflare.Permissions(&op)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (f *serveFlags) listen(ctx context.Context) (net.Listener, error) {
	return listen(ctx, f.addr, f.publicly, "the sandbox")
}

// listen listens on an address of this machine only, unless more is allowed. served is what for.
func listen(ctx context.Context, addr string, publicly bool, served string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usagef("--addr %s: want an address and a port such as 127.0.0.1:8080", addr)
	}
	address := addr
	if !publicly {
		// Listening on the address that was looked at: a second look-up could give another one.
		ip, err := loopback(ctx, host, served)
		if err != nil {
			return nil, err
		}
		address = net.JoinHostPort(ip.String(), port)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another address with --addr, 127.0.0.1:0 for a free port", err)
	}
	return listener, nil
}

// loopback returns the address of a host, IPv4 if it has one. All of its addresses must be loopback addresses.
func loopback(ctx context.Context, host, served string) (netip.Addr, error) {
	advice := "other machines could reach " + served + "; listen on 127.0.0.1, or allow it with --listen-publicly"
	if host == "" {
		return netip.Addr{}, usagef("--addr without a host means all addresses of this machine: %s", advice)
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, usagef("--addr: %w", err)
	}
	for i := range addresses {
		addresses[i] = addresses[i].Unmap()
		if !addresses[i].IsLoopback() {
			what := host
			if at := addresses[i].String(); at != host {
				what += ", which is " + at + ","
			}
			return netip.Addr{}, usagef("--addr %s is not a loopback address: %s", what, advice)
		}
	}
	slices.SortStableFunc(addresses, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return addresses[0], nil
}

// urlOf is where this machine reaches an address.
func urlOf(address *net.TCPAddr) string {
	local := *address
	if local.IP.IsUnspecified() {
		local.IP = net.IPv4(127, 0, 0, 1)
	}
	return "http://" + local.String()
}

// welcome says what to do next.
func (f *serveFlags) welcome(w io.Writer, url string) {
	token := "anything"
	if len(f.tokens) > 0 {
		token = "..." // one of --token; it has no place here
	}
	kept := "all is gone at the end"
	if f.data != "" {
		kept = "what is ordered stays in " + f.data
	}
	denied := ""
	if f.deny {
		denied = "All of that is refused with 403, because of --deny.\n\n"
	}
	fmt.Fprintf(w, `Listening on %[1]s, a sandbox: nothing is real, and %[5]s.
Open it in a browser to see what goes on, and to call the API with forms.

In another terminal, for this program and the official SDKs:

  export CLOUDFLARE_BASE_URL=%[1]s%[2]s
  export CLOUDFLARE_API_TOKEN=%[3]s CLOUDFLARE_ACCOUNT_ID=%[4]s
  interconnect slots list --free --limit 5

or without either:

  curl -H 'Authorization: Bearer %[3]s' '%[1]s%[2]s/accounts/%[4]s/cni/slots?limit=1'

%[6]sCtrl-C ends it.

`, url, interconnect.BasePath, token, exampleAccount, kept, denied)
}

// serve serves until the context ends, and then lets requests that are under way come to their end. The functions of ending are
// called then, to end those that would not do so by themselves.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger, ending ...func()) error {
	_, passes := handler.(*proxy.Proxy)
	limited := newLimitedListener(listener, maxConnections, logger)
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ConnState:         limited.note,

		DisableGeneralOptionsHandler: passes, // OPTIONS * is for the upstream, too
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	for _, end := range ending {
		server.RegisterOnShutdown(end)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(limited) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	logger.Info("ending")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		_ = server.Close()
		return fmt.Errorf("requests were still under way after %s and have been cut off: %w", drainTime, err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
