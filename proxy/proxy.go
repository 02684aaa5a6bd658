// Package proxy passes messages between a client and a service of the API, validates them against the document, and
// records them.
//
//	p, err := proxy.New("https://api.cloudflare.com", nil)
//	…
//	http.ListenAndServe("127.0.0.1:8081", p)
//	fmt.Println(p.Report())
//
// What passes is not changed. Method, target, status line, bodies, their encoding and trailers are the same byte for
// byte, and header fields keep their values; only those that concern a single connection (RFC 9110, 7.6.1) and Host
// belong to each side alone. The names of header fields reach the other side in the spelling of net/http, which no
// reader may tell apart. Bodies are passed on as they come. Every request goes to the one upstream, whatever host it
// names, by way of HTTPS_PROXY or HTTP_PROXY if these are set, and redirects are left to the client, and so are
// repetitions: a request leaves once, or up to three times if it only reads and the upstream abandons its connection. A
// request for OPTIONS * only gets here if DisableGeneralOptionsHandler of the [http.Server] is set.
//
// A client that stops for 30 seconds in the middle of a body, its own or that of a response, is cut off. In front of an upstream on
// this machine, a proxy that listens on a loopback address refuses requests for other hosts with 403: a page of another site could send
// them by DNS rebinding, and the upstream could not tell.
//
// Messages are checked after they have passed, strictly, in both directions: see [contract.Observer]. To that end bodies in gzip or
// deflate are decoded on the side. A body of which more than [MaxBody] bytes would have to be kept passes too, but is neither checked
// nor recorded; [Report] counts it. So it is when more than 64 MiB of bodies are under way at a time. So it is with other encodings, and with bodies that end early.
//
// # What is kept
//
// A violation is logged and counted with its place and its rule, a record has the whole exchange. Neither has credentials. These
// are replaced by [Redacted]:
//
//   - header fields, query parameters and members of JSON bodies whose name is that of a secret: names with "auth", "cookie",
//     "credential", "jwt", "key", "passphrase", "passw", "secret", "session", "signature" or "token" in them, such as
//     Authorization, X-Auth-Email, md5_key or access_token; parameters also in the URLs within headers and JSON strings,
//   - those that the document marks as sensitive, wherever they are,
//   - the texts of these again, if they are repeated anywhere in that exchange: as they are, with the escapes of URLs, JSON and HTML, or
//     in base64. Those of less than 6 bytes are not looked for.
//
// A body that is not a JSON object or array is not recorded, as the secrets in it could not be found; so letters of
// authorization are not kept. A secret that a client sends in a place for something else is not recognized.
package proxy

import (
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/inflight"
	"github.com/interconnect-go/interconnect/internal/loopback"
	"github.com/interconnect-go/interconnect/internal/once"
)

// MaxBody is how much of a body is kept to be checked and recorded, in bytes, both as it passes and decoded.
const MaxBody = 4 << 20

// A Proxy is an [http.Handler] that passes requests on to a service. Make one with [New].
type Proxy struct {
	upstream  *url.URL
	transport *http.Transport
	logger    *slog.Logger
	observers []*contract.Observer
	sensitive map[string]bool // names, see sensitiveNames
	stall     time.Duration   // see stallTime
	kept      *inflight.Budget
	checking  *semaphore.Weighted // by bytes

	mu      sync.Mutex
	tally   tally
	archive *archive // nil if nothing is recorded
}

// New returns a Proxy in front of the service at a URL, which has a scheme and a host and nothing more: paths pass as they are. The
// logger logs each exchange, its violations, and requests without a response; nil means [slog.Default].
func New(upstream string, logger *slog.Logger) (*Proxy, error) {
	target, err := url.Parse(upstream)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Hostname() == "" || target.User != nil ||
		strings.Trim(target.Path, "/") != "" || target.RawQuery != "" || target.Fragment != "" {
		// The URL is not repeated, as it may have a password.
		return nil, fmt.Errorf("proxy: the URL of the upstream: want http or https and a host, such as https://api.cloudflare.com; " +
			"paths are part of the requests")
	}
	if logger == nil {
		logger = slog.Default()
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // only the client decides
	transport.MaxResponseHeaderBytes = 1 << 20
	operations := interconnect.Operations()
	return &Proxy{
		upstream:  &url.URL{Scheme: target.Scheme, Host: target.Host},
		transport: transport,
		logger:    logger,
		observers: []*contract.Observer{
			contract.NewObserver(operations, interconnect.BasePath),
			contract.NewObserver(operations, ""), // where fakes serve too
		},
		sensitive: sensitiveNames(operations),
		stall:     stallTime,
		kept:      inflight.NewBudget(maxKept),
		checking:  semaphore.NewWeighted(MaxBody),
	}, nil
}

// Record writes a record of each exchange from now on, as an HTTP Archive (HAR) of version 1.2. It is a whole archive after each of
// them. Nothing else may write to w. If writing fails, the recording ends and everything else goes on, see [Proxy.Err].
func (p *Proxy) Record(w io.WriterAt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.archive = &archive{w: w}
	return p.archive.begin()
}

// Err returns the error that ended the recording; nil if there was none.
func (p *Proxy) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.archive == nil {
		return nil
	}
	return p.archive.err
}

// Report returns what has been found up to now. An exchange counts once it is over.
func (p *Proxy) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tally.report()
}

// ServeHTTP passes a request on to the upstream and the response back. If the upstream does not answer, the client gets
// a 502 in the form of the API.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		inflight.CloseUnread(w, r)
		fail(w, r, http.StatusMethodNotAllowed, "This proxy is in front of one service and makes no tunnels; use its URL as that of the API")
		return
	}
	if loopback.Foreign(r) && loopback.IsHost(p.upstream.Host) {
		inflight.CloseUnread(w, r)
		fail(w, r, http.StatusForbidden, "This proxy is in front of a service on this machine, and is asked for by the name localhost "+
			"or a loopback address only")
		return
	}
	// A stream may take as long as it likes, as long as it goes on. Where there is no connection, there are no deadlines.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
	_ = control.EnableFullDuplex() // or net/http holds a response back until it has the whole request

	x := &exchange{proxy: p, request: r, sent: newTap(r.Body, p.kept), started: time.Now()}
	x.w = &responseWriter{ResponseWriter: w, control: control, request: r, ended: x.sent.complete, stall: p.stall}
	x.sent.stallTime = p.stall
	x.sent.before = func() { _ = control.SetReadDeadline(time.Now().Add(p.stall)) }
	x.sent.cut = func() { _ = control.SetReadDeadline(time.Unix(1, 0)) }
	x.sent.atEnd = func() {
		_ = control.SetReadDeadline(time.Time{})
		x.passTrailer()
	}
	defer x.finish() // also if the client is cut off by a panic
	passing := r.WithContext(r.Context())
	passing.Body = x.sent
	(&httputil.ReverseProxy{
		Rewrite:        x.rewrite,
		Transport:      roundTripper(p.roundTrip),
		FlushInterval:  -1,
		ModifyResponse: x.answered,
		ErrorHandler:   x.unanswered,
		ErrorLog:       log.New(io.Discard, "", 0), // finish says it
	}).ServeHTTP(x.w, passing)
	x.w.close(true)
	if !x.sent.complete() { // then the connection ends, but not before the client could read the response
		_ = control.SetReadDeadline(time.Now().Add(lingerTime))
	}
}

// maxSent is how often a request that only reads may leave.
const maxSent = 3

// roundTrip sends a request once: the client decides whether it is repeated. Only one that reads is sent again if the
// upstream abandons its connection, which it may have done while the connection was idle.
func (p *Proxy) roundTrip(r *http.Request) (*http.Response, error) {
	reads := r.Body == nil && (r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions)
	for sent := 1; ; sent++ {
		ctx, guard := once.Watch(r.Context(), r)
		resp, err := p.transport.RoundTrip(r.WithContext(ctx))
		if err == nil {
			return resp, nil // the guard ends with the request of the client
		}
		guard.End()
		err, _ = guard.Outcome(err)
		if !errors.Is(err, once.ErrRepeat) || !reads || sent == maxSent {
			return nil, err
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fail answers in place of the upstream.
func fail(w http.ResponseWriter, r *http.Request, status int, message string) {
	w.Header().Set("Cache-Control", "no-store")
	cloudflare.WriteFailure(w, r, &contract.Failure{Status: status, Message: message})
}

// observer returns the one that knows the operation of a request; nil if the document has none.
func (p *Proxy) observer(r *http.Request) (*contract.Observer, *contract.Operation) {
	for _, o := range p.observers {
		if op := o.Operation(r); op != nil {
			return o, op
		}
	}
	return nil, nil
}
