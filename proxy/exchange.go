package proxy

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/interconnect-go/interconnect/internal/once"
)

// An exchange is one request on its way through, and its response.
type exchange struct {
	proxy   *Proxy
	w       *responseWriter
	request *http.Request // as it came
	trailer http.Header   // of the request that is sent; nil if it has none
	sent    *tap
	started time.Time

	response *http.Response // nil if none came
	header   http.Header    // of the response, as it came
	got      *tap           // nil if nothing comes that is a body
	first    time.Time      // when the response began, or failed
	failure  string         // why no response came
}

// rewrite addresses the request to the upstream, and restores what ReverseProxy changes by itself.
func (x *exchange) rewrite(r *httputil.ProxyRequest) {
	in, upstream := r.In.URL, x.proxy.upstream
	r.Out.URL = &url.URL{
		Scheme: upstream.Scheme, Host: upstream.Host,
		Path: in.Path, RawPath: in.RawPath, RawQuery: in.RawQuery, ForceQuery: in.ForceQuery,
	}
	r.Out.Host = "" // that of the URL
	// A path that net/url would spell in another way is sent as it came. Behind two slashes, Opaque would be read as a
	// host, and a proxy on the way to the upstream needs to know that too.
	if path := rawPath(r.In.RequestURI); path != r.Out.URL.EscapedPath() {
		r.Out.URL.Opaque = path
		if strings.HasPrefix(path, "//") || x.proxy.forwards(r.Out) {
			r.Out.URL.Opaque = upstream.String() + path
		}
	}
	if r.In.Method == http.MethodOptions && r.Out.URL.Path == "" && r.Out.URL.RawQuery == "" {
		r.Out.URL.Path = "*" // which a target with a host spells so
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values := r.In.Header[name]; values != nil {
			r.Out.Header[name] = values
		}
	}
	if r.Out.ContentLength < 0 { // only a body without a length can have a trailer
		x.trailer = http.Header{}
		for name := range r.In.Trailer {
			x.trailer[name] = nil
		}
		r.Out.Trailer = x.trailer
	}
}

// forwards reports whether a request goes to the upstream by way of a proxy that has to be told where.
func (p *Proxy) forwards(r *http.Request) bool {
	if r.URL.Scheme != "http" || p.transport.Proxy == nil {
		return false
	}
	at, err := p.transport.Proxy(r)
	return err == nil && at != nil
}

// rawPath returns the path of a request target as it was sent, without the query. It is empty for a target that has
// none.
func rawPath(target string) string {
	path, _, _ := strings.Cut(target, "?")
	if strings.HasPrefix(path, "/") || path == "*" {
		return path
	}
	_, rest, _ := strings.Cut(path, "://")
	if at := strings.IndexByte(rest, '/'); at >= 0 {
		return rest[at:]
	}
	return ""
}

// passTrailer is called at the end of the request body, when its trailer is known and before that of the upstream is
// sent. Fields of the framing are not part of it.
func (x *exchange) passTrailer() {
	for name, values := range x.request.Trailer {
		if x.trailer != nil && name != "Content-Length" && name != "Transfer-Encoding" && name != "Trailer" {
			x.trailer[name] = values
		}
	}
}

// answered is called when status and header of the response are there.
func (x *exchange) answered(resp *http.Response) error {
	x.first = time.Now()
	x.response, x.header = resp, resp.Header.Clone()
	x.w.response = resp
	if !x.sent.complete() { // the rest of the body is not the next request
		x.w.Header().Set("Connection", "close")
	}
	// What is absent stays absent: the server would fill it in.
	x.w.Header()["Content-Type"] = nil
	x.w.Header()["Date"] = nil
	if resp.StatusCode != http.StatusSwitchingProtocols { // whose body is a connection
		x.got = newTap(resp.Body, x.proxy.kept)
		resp.Body = x.got
	}
	return nil
}

// unanswered is called instead if no response came.
func (x *exchange) unanswered(w http.ResponseWriter, r *http.Request, err error) {
	x.first = time.Now()
	x.failure = cause(err)
	if !x.sent.complete() {
		w.Header().Set("Connection", "close")
	}
	if x.sent.stalled() {
		x.failure = "the body of the request did not arrive: there was no byte for " + x.proxy.stall.String()
		fail(w, r, http.StatusRequestTimeout, "The upstream did not get the request, as "+x.failure)
		return
	}
	if r.Context().Err() != nil && !x.sent.cutOff() { // the client has gone; a response that is not written would be a 200
		panic(http.ErrAbortHandler)
	}
	fail(w, r, http.StatusBadGateway, "The upstream "+x.proxy.upstream.String()+" did not answer: "+x.failure)
}

// cause words why no response came. The text of an error that is not known may quote the response, and secrets with it.
func cause(err error) string {
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return "the client did not wait for it"
	case errors.As(err, &network), errors.As(err, &certificate), errors.Is(err, once.ErrRepeat), errors.Is(err, once.ErrDials):
		return err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return "what came is no HTTP that can be understood"
}

// finish validates what has passed against the document, and keeps what may be kept.
func (x *exchange) finish() {
	ended := time.Now()
	p, r := x.proxy, x.request
	x.w.close(false) // if it was cut off
	defer x.release()
	defer x.limitChecks()()
	sent, got := x.sent.body(r.Header, r.ContentLength), body{}
	s := newSecrets(p.sensitive)
	s.learn(r.Header, r.URL.RawQuery, sent.text)
	if x.got != nil {
		got = x.got.body(x.header, x.response.ContentLength)
		s.learn(x.header, "", got.text)
	}
	log := p.logger.With("method", shortened(r.Method), "path", shortened(s.scrub(r.URL.Path)))
	observer, op := p.observer(r)
	found := findings{operation: noOperation, unanswered: x.response == nil}
	if op == nil {
		found.violations = []ViolationCount{{
			Operation: noOperation, Direction: request, Rule: "route", Count: 1,
			Example: shortened(s.scrub("the document has no operation for " + r.Method + " " + r.URL.Path)),
		}}
	} else {
		found.operation = op.ID
		log = log.With("operation", op.ID)
		violations, _ := observer.Request(observed(r, &sent)) // the error is sent.lost
		found.add(s, request, violations)
		if x.got != nil {
			violations, _ = observer.Response(r, &http.Response{
				StatusCode: x.response.StatusCode, Header: decoded(x.header), Body: got.reader(),
			})
			found.add(s, response, violations)
		}
	}
	found.lose(request, sent.lost)
	found.lose(response, got.lost)
	found.log(log)
	if x.response == nil {
		log.LogAttrs(r.Context(), slog.LevelError, "no response", slog.String("cause", cmp.Or(s.scrub(x.failure), "unknown")))
	} else {
		log.LogAttrs(r.Context(), slog.LevelInfo, "exchange", slog.Int("status", x.response.StatusCode))
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	p.tally.count(found)
	if p.archive == nil || p.archive.err != nil {
		return
	}
	if err := p.archive.append(x.entry(s, sent, got, ended)); err != nil {
		log.Error("the recording ends here", "error", err)
	}
}

// limitChecks waits until there is room to check the bodies of the exchange, which takes many times as much memory as
// they do. The function that it returns makes room for others.
func (x *exchange) limitChecks() (done func()) {
	size := x.sent.held()
	if x.got != nil {
		size += x.got.held()
	}
	size = min(size, MaxBody)
	_ = x.proxy.checking.Acquire(context.Background(), size) // those that have room need nothing else to finish
	return func() { x.proxy.checking.Release(size) }
}

// release releases what was kept of the bodies.
func (x *exchange) release() {
	x.sent.release()
	if x.got != nil {
		x.got.release()
	}
}

// observed is a request as it is checked: with the body that was kept, decoded.
func observed(r *http.Request, sent *body) *http.Request {
	r = r.WithContext(r.Context())
	r.Header = decoded(r.Header)
	r.Body = sent.reader()
	return r
}

// decoded is a header without the content encoding, which passes and is not a violation of either side.
func decoded(header http.Header) http.Header {
	if header.Get("Content-Encoding") == "" {
		return header
	}
	header = header.Clone()
	header.Del("Content-Encoding")
	return header
}
