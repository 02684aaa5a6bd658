package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/proxy"
)

// proxyFlags say what to stand in front of, and where.
type proxyFlags struct {
	upstream  string
	addr      string
	publicly  bool
	har       string
	logFormat string
}

func (p *program) proxy() *cobra.Command {
	var f proxyFlags
	cmd := p.withoutService(&cobra.Command{
		Use:   "proxy",
		Short: "Stand between a client and the service, check what they say, and record it",
		Long: `Pass requests on to a service and its responses back, unchanged, and validate
both against the document of the API. The service is Cloudflare's, a sandbox, or
another fake. Clients use the proxy as their base URL.

Each violation is logged to standard error. On Ctrl-C or SIGTERM all of them are
counted in a table on standard output. They do not change the exit code. It
listens on this machine only unless --listen-publicly is given.

With --har, all exchanges are recorded as an HTTP Archive, which browsers can
show, in a file that only its owner can read. Credentials, keys and what the
document marks as sensitive are neither in the log nor in the table nor in the
archive. They are told by their names: a secret in a place for something else
is not recognized. Bodies of more than 4 MiB pass, but are neither checked nor
recorded; they are counted.`,
		Example: `  interconnect proxy --upstream https://api.cloudflare.com
  interconnect proxy --upstream http://127.0.0.1:8080 --har session.har`,
	})
	cmd.RunE = p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
		listener, err := listen(ctx, f.addr, f.publicly, "the proxy")
		if err != nil {
			return err
		}
		defer listener.Close()
		return p.serveProxy(ctx, listener, f)
	})
	flags := cmd.Flags()
	flags.StringVar(&f.upstream, "upstream", "", "`URL` of the service, without a path")
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8081", "address and port to listen on; port 0 for a free one")
	flags.BoolVar(&f.publicly, "listen-publicly", false, "allow an address that other machines can reach")
	flags.StringVar(&f.har, "har", "", "`FILE` to record to, which must not exist yet (default no recording)")
	choiceFlag(cmd, flags, &f.logFormat, "log-format", "", []string{"text", "json"}, "format of the log")
	return cmd
}

// serveProxy serves until the context ends, and reports.
func (p *program) serveProxy(ctx context.Context, listener net.Listener, f proxyFlags) (err error) {
	logger := p.logger(f.logFormat)
	between, err := f.between(listener, logger)
	if err != nil {
		return err
	}
	if f.har != "" {
		file, opening := os.OpenFile(f.har, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case errors.Is(opening, os.ErrExist):
			return usagef("%s exists already; choose another file with --har", f.har)
		case opening != nil:
			return &usageError{err: opening}
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if err := between.Record(file); err != nil {
			return err
		}
	}
	address := urlOf(listener.Addr().(*net.TCPAddr))
	if f.logFormat == "json" {
		logger.Info("listening", "url", address, "base_url", address+interconnect.BasePath, "upstream", f.upstream)
	} else {
		f.welcome(p.stderr, address)
	}
	err = serve(ctx, listener, between, logger)
	return errors.Join(err, between.Err(), printReport(p.stdout, between.Report()))
}

// between is the proxy. Its errors are wrong usage.
func (f *proxyFlags) between(listener net.Listener, logger *slog.Logger) (*proxy.Proxy, error) {
	if f.upstream == "" {
		return nil, usagef("no upstream: give --upstream, such as https://api.cloudflare.com")
	}
	if strings.TrimRight(f.upstream, "/") == "http://"+listener.Addr().String() {
		return nil, usagef("--upstream is the address of the proxy itself; choose another one with --addr")
	}
	between, err := proxy.New(f.upstream, logger)
	if err != nil {
		return nil, usagef("--upstream: %s", strings.TrimPrefix(err.Error(), "proxy: "))
	}
	return between, nil
}

// welcome says what to do next.
func (f *proxyFlags) welcome(w io.Writer, url string) {
	fmt.Fprintf(w, `Listening on %[1]s, in front of %[2]s.
In another terminal, for this program and the official SDKs:

  export CLOUDFLARE_BASE_URL=%[1]s%[3]s

Ctrl-C ends it, and shows what was found.

`, url, f.upstream, interconnect.BasePath)
}

// printReport prints what has been found.
func printReport(w io.Writer, r proxy.Report) error {
	fmt.Fprintf(w, "Exchanges: %d, of these without a response of the upstream: %d\n", r.Exchanges, r.Unanswered)
	if len(r.Violations) == 0 {
		fmt.Fprintln(w, "No violations were found.")
	} else {
		rows := [][]string{{"OPERATION", "DIRECTION", "IN", "POINTER", "RULE", "COUNT", "EXAMPLE"}}
		for _, v := range r.Violations {
			rows = append(rows, []string{v.Operation, v.Direction, v.In, v.Pointer, v.Rule, strconv.Itoa(v.Count), v.Example})
		}
		fmt.Fprintln(w)
		if err := writeTable(w, rows); err != nil {
			return err
		}
	}
	if r.Others > 0 {
		fmt.Fprintf(w, "There were %d violations of other kinds, for which there is no room.\n", r.Others)
	}
	if len(r.Lost) == 0 {
		return nil
	}
	rows := [][]string{{"OPERATION", "DIRECTION", "COUNT", "REASON"}}
	for _, l := range r.Lost {
		rows = append(rows, []string{l.Operation, l.Direction, strconv.Itoa(l.Count), l.Reason})
	}
	fmt.Fprint(w, "\nBodies that were passed, but neither checked nor recorded:\n\n")
	return writeTable(w, rows)
}
