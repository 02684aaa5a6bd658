package contract

import (
	"bufio"
	"bytes"
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/interconnect-go/interconnect/contract/wire"
)

// A responseWriter is between an implementation and the client. What generated code writes has been validated already and goes straight to the
// client; anything else is held back until it is validated.
type responseWriter struct {
	client    http.ResponseWriter
	method    string
	route     *wire.Route
	header    http.Header // its own, so that nothing of an invalid response is sent; nil until it is needed
	begun     bool        // header has what was there before
	decided   bool        // the status is known, whatever it is
	status    int
	expected  expectation
	body      bytes.Buffer // as long as it is held back
	truncated bool
	committed bool // the header is sent
	invalid   bool // what was to be written violates the document
}

// errDiscarded tells an implementation that its response is invalid, and that it may stop writing.
var errDiscarded = errors.New("contract: the response is invalid and is discarded")

var responseWriters = sync.Pool{New: func() any { return new(responseWriter) }}

func (w *responseWriter) begin(client http.ResponseWriter, method string, route *wire.Route) {
	w.client, w.method, w.route = client, method, route
}

func (w *responseWriter) free() {
	body, header := w.body, w.header
	body.Reset()
	clear(header)
	*w = responseWriter{header: header}
	if body.Cap() <= maxDiscarded {
		w.body = body
	}
	responseWriters.Put(w)
}

// Header returns the header of the response; once that is sent, the client's own, for the sake of trailers.
func (w *responseWriter) Header() http.Header {
	if w.committed {
		return w.client.Header()
	}
	if w.header == nil {
		w.header = http.Header{}
	}
	if !w.begun {
		w.begun = true
		maps.Copy(w.header, w.client.Header())
	}
	return w.header
}

// Respond sends a body that has been validated while it was written. It implements [wire.Responder].
func (w *responseWriter) Respond(status int, body []byte) error {
	if w.decided {
		return errDiscarded
	}
	header := w.Header()
	w.decided, w.status = true, status
	w.expected = expect(w.route.Operation, w.method, status, header)
	if len(w.expected.violations) > 0 || w.expected.empty {
		_, err := w.Write(body)
		return err
	}
	header["Content-Length"] = lengthText(len(body))
	w.commit()
	_, err := w.client.Write(body)
	return ignoreWriteError(err)
}

// Respond writes a response whose body has been validated already, such as the result of MarshalJSON of a generated type. An implementation
// calls it in a response object of its own.
func Respond(w http.ResponseWriter, status int, contentType string, body []byte) error {
	w.Header()["Content-Type"] = []string{contentType}
	if responder, ok := w.(wire.Responder); ok {
		return responder.Respond(status, body)
	}
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// ignoreWriteError ignores that the client has gone: there is nothing to be done about it.
func ignoreWriteError(error) error { return nil }

func (w *responseWriter) WriteHeader(status int) {
	switch {
	case w.decided:
		return
	case status >= 100 && status < 200 && status != http.StatusSwitchingProtocols:
		before := maps.Clone(w.client.Header())
		replace(w.client.Header(), w.Header())
		w.client.WriteHeader(status)
		replace(w.client.Header(), before)
		return
	}
	header := w.Header()
	w.decided, w.status = true, status
	w.expected = expect(w.route.Operation, w.method, status, header)
	if !w.expected.whole() {
		w.commit()
	}
}

func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.committed:
		return w.client.Write(p)
	case (len(w.expected.violations) > 0 || w.expected.empty) && w.body.Len()+len(p) > maxDiscarded:
		w.body.Write(p[:max(0, maxDiscarded-w.body.Len())])
		w.truncated = true
		return 0, errDiscarded
	}
	return w.body.Write(p)
}

// Flush sends what may be sent.
func (w *responseWriter) Flush() { _ = w.FlushError() }

func (w *responseWriter) FlushError() error {
	w.WriteHeader(http.StatusOK)
	if !w.committed {
		return nil
	}
	return http.NewResponseController(w.client).Flush()
}

// Unwrap gives [http.ResponseController] the deadlines of the connection.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.client }

// Hijack refuses: what is written to a connection cannot be validated.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}

// refused returns the error of what writes a response, with all that is known about the response if that violates the document.
func (w *responseWriter) refused(err error) error {
	if err == nil || w.decided {
		return err
	}
	var violated *ValidationError
	var request *wire.BodyError // which a response of items has read meanwhile
	if !errors.As(err, &violated) || errors.As(err, &request) {
		return err
	}
	w.invalid = true
	invalid, ok := err.(*ResponseError)
	if !ok {
		invalid = &ResponseError{Err: err}
	}
	invalid.Operation, invalid.Header = w.route.ID, maps.Clone(w.Header())
	return invalid
}

// finish sends the response that was held back, or says what is wrong with it.
func (w *responseWriter) finish() error {
	if w.committed {
		return nil
	}
	if !w.decided {
		return &ResponseError{Operation: w.route.ID, Header: maps.Clone(w.Header()), Err: &ValidationError{Violations: []Violation{{
			In: "response", Pointer: "/status", Rule: "required", Want: "a response; there is none",
		}}}}
	}
	_, err := w.expected.check(w.body.Bytes())
	if err == nil {
		err = w.checkLength()
	}
	if err != nil {
		return &ResponseError{
			Operation: w.route.ID,
			Status:    w.status,
			Header:    maps.Clone(w.header),
			Body:      bytes.Clone(w.body.Bytes()),
			Truncated: w.truncated,
			Err:       err,
		}
	}
	if w.body.Len() > 0 {
		w.header["Content-Length"] = []string{strconv.Itoa(w.body.Len())}
	}
	w.commit()
	_, err = w.client.Write(w.body.Bytes())
	return ignoreWriteError(err)
}

// checkLength is for implementations that say how long the body is. Without a body, the response to a HEAD and a 304 may say how long that
// of another response is.
func (w *responseWriter) checkLength() error {
	length := w.header.Get("Content-Length")
	elsewhere := w.body.Len() == 0 && (w.method == http.MethodHead || w.status == http.StatusNotModified)
	if length == "" || length == strconv.Itoa(w.body.Len()) || elsewhere {
		return nil
	}
	return &ValidationError{Violations: []Violation{{
		In: "header", Pointer: "/Content-Length", Rule: "content", Want: strconv.Itoa(w.body.Len()), Got: length,
	}}}
}

func (w *responseWriter) commit() {
	w.committed = true
	replace(w.client.Header(), w.header)
	w.client.WriteHeader(w.status)
}

func replace(header, with http.Header) {
	clear(header)
	maps.Copy(header, with)
}

// lengthTexts are the decimals of small numbers, which most bodies are as long as, once they have been needed.
var lengthTexts [4096]atomic.Pointer[[]string]

func lengthText(n int) []string {
	if n >= len(lengthTexts) {
		return []string{strconv.Itoa(n)}
	}
	text := lengthTexts[n].Load()
	if text == nil {
		text = new([]string{strconv.Itoa(n)})
		lengthTexts[n].Store(text)
	}
	return *text
}
