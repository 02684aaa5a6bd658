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
)

// An exchange is one request on its way through, and its answer.
type exchange struct {
	proxy   *Proxy
	w       http.ResponseWriter
	request *http.Request // as it came
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
	in := r.In.URL
	r.Out.URL = &url.URL{
		Scheme: x.proxy.upstream.Scheme, Host: x.proxy.upstream.Host,
		Path: in.Path, RawPath: in.RawPath, RawQuery: in.RawQuery, ForceQuery: in.ForceQuery,
	}
	// The very spelling of the path. Behind two slashes, Opaque would be read as a host.
	if path, _, _ := strings.Cut(r.In.RequestURI, "?"); strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		r.Out.URL.Opaque = path
	}
	r.Out.Host = "" // that of the URL
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values := r.In.Header[name]; values != nil {
			r.Out.Header[name] = values
		}
	}
}

// answered is called when status and header of the answer are there.
func (x *exchange) answered(resp *http.Response) error {
	x.first = time.Now()
	x.response, x.header = resp, resp.Header.Clone()
	// What is absent stays absent: the server would fill it in.
	x.w.Header()["Content-Type"] = nil
	x.w.Header()["Date"] = nil
	if resp.StatusCode != http.StatusSwitchingProtocols { // whose body is a connection
		x.got = newTap(resp.Body)
		resp.Body = x.got
	}
	return nil
}

// unanswered is called instead if no answer came.
func (x *exchange) unanswered(w http.ResponseWriter, r *http.Request, err error) {
	x.first = time.Now()
	x.failure = cause(err)
	if r.Context().Err() != nil {
		return // nobody is there to be told
	}
	fail(w, r, http.StatusBadGateway, "The upstream "+x.proxy.upstream.String()+" did not answer: "+x.failure)
}

// cause words why no answer came. The text of an error that is not known may quote the answer, and secrets with it.
func cause(err error) string {
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return "the client did not wait for it"
	case errors.As(err, &network), errors.As(err, &certificate):
		return err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return "what came is no HTTP that can be understood"
}

// finish holds what has passed against the document, and keeps what may be kept.
func (x *exchange) finish() {
	ended := time.Now()
	p, r := x.proxy, x.request
	sent, got := x.sent.body(r.Header, r.ContentLength), body{}
	s := newSecrets(p.sensitive)
	s.learn(r.Header, r.URL.RawQuery, sent.text)
	if x.got != nil {
		got = x.got.body(x.header, x.response.ContentLength)
		s.learn(x.header, "", got.text)
	}
	log := p.logger.With("method", r.Method, "path", s.scrub(r.URL.Path))
	observer, op := p.observer(r)
	found := findings{operation: noOperation, unanswered: x.response == nil}
	if op == nil {
		found.violations = []ViolationCount{{
			Operation: noOperation, Direction: request, Rule: "route", Count: 1,
			Example: s.scrub("the document has no operation for " + r.Method + " " + r.URL.Path),
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
		log.LogAttrs(r.Context(), slog.LevelError, "no answer", slog.String("cause", cmp.Or(s.scrub(x.failure), "unknown")))
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

// observed is a request as it is checked: with the body that was kept, decoded.
func observed(r *http.Request, sent *body) *http.Request {
	r = r.WithContext(r.Context())
	r.Header = decoded(r.Header)
	r.Body = sent.reader()
	return r
}

// decoded is a header without the content encoding, which passes and is nobody's violation.
func decoded(header http.Header) http.Header {
	if header.Get("Content-Encoding") == "" {
		return header
	}
	header = header.Clone()
	header.Del("Content-Encoding")
	return header
}
