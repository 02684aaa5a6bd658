package contract

import (
	"bufio"
	"bytes"
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
)

// A responseWriter stands between an implementation and the client. It has a header of its own, so that nothing of an
// invalid response is sent.
type responseWriter struct {
	client    http.ResponseWriter
	method    string
	endpoint  *endpoint
	header    http.Header
	before    http.Header // the client's header as it was, with what other handlers have set
	decided   bool        // the status is known, whatever it is
	status    int
	answer    answer
	body      bytes.Buffer // as long as it is held back
	truncated bool
	committed bool // the header is sent
}

// errDiscarded tells an implementation that its response is invalid and that there is no use in going on with it.
var errDiscarded = errors.New("contract: the response is invalid and is discarded")

func newResponseWriter(client http.ResponseWriter, method string, e *endpoint) *responseWriter {
	return &responseWriter{
		client:   client,
		method:   method,
		endpoint: e,
		header:   client.Header().Clone(),
		before:   client.Header().Clone(),
	}
}

// Header returns the header of the response; once that is sent, the client's own, for the sake of trailers.
func (w *responseWriter) Header() http.Header {
	if w.committed {
		return w.client.Header()
	}
	return w.header
}

func (w *responseWriter) WriteHeader(status int) {
	switch {
	case w.decided:
		return
	case status >= 100 && status < 200 && status != http.StatusSwitchingProtocols:
		replace(w.client.Header(), w.header)
		w.client.WriteHeader(status)
		replace(w.client.Header(), w.before)
		return
	}
	w.decided, w.status = true, status
	w.answer = w.endpoint.answer(w.method, status, w.header)
	w.answer.outgoing = true
	if !w.answer.whole() {
		w.commit()
	}
}

func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.committed:
		return w.client.Write(p)
	case (len(w.answer.violations) > 0 || w.answer.empty) && w.body.Len()+len(p) > maxDiscarded:
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

// Hijack refuses: what is written to a connection cannot be checked.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}

// finish sends the response that was held back, or says what is wrong with it.
func (w *responseWriter) finish() error {
	if !w.decided {
		return &ResponseError{Operation: w.endpoint.ID, Header: w.header, Err: &ValidationError{Violations: []Violation{{
			In: "response", Pointer: "/status", Rule: "required", Want: "a response; there is none",
		}}}}
	}
	if w.committed {
		return nil
	}
	body, err := w.answer.check(w.body.Bytes())
	if err == nil {
		err = w.checkLength()
	}
	if err != nil {
		return &ResponseError{
			Operation: w.endpoint.ID,
			Status:    w.status,
			Header:    w.header,
			Body:      w.body.Bytes(),
			Truncated: w.truncated,
			Err:       err,
		}
	}
	if len(body) > 0 {
		w.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.commit()
	w.client.Write(body) // if it fails, nobody is there to be told
	return nil
}

// checkLength is for implementations that say how long the body is.
func (w *responseWriter) checkLength() error {
	length := w.header.Get("Content-Length")
	if length == "" || length == strconv.Itoa(w.body.Len()) || w.method == http.MethodHead && w.body.Len() == 0 {
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
