package wire

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A Responder is a response writer that takes a body which was validated while it was written, and need not look at it again.
type Responder interface {
	http.ResponseWriter

	// Respond sends a response. Its header has all that the document declares.
	Respond(status int, body []byte) error
}

// A Headers writes the headers of a response.
type Headers struct {
	header     http.Header
	violations []schema.Violation
	err        error
}

// WriteHeader writes a header as the document describes it.
func WriteHeader[T any](h *Headers, declared *Header, v *T, write WriteFunc[T]) {
	if h.header == nil {
		h.header = http.Header{}
	}
	w := newWriter(schema.InResponse)
	defer w.free()
	s := declared.Schema
	if s == nil {
		s = anything
	}
	write(v, w, s)
	err := w.finish()
	var lines []string
	if err == nil {
		parsed, p := parseValue(string(w.text)), declared.parameter()
		lines, err = p.spellHeader(&parsed)
		if err == nil && !p.certain(&parsed) {
			err = p.verify(&parsed, p.readHeader(lines), schema.InResponse)
		}
	}
	switch invalid := err.(type) {
	case nil:
		h.header[http.CanonicalHeaderKey(declared.Name)] = lines
	case *schema.ValidationError:
		h.violations = append(h.violations, Within("header", declared.Name, invalid.Violations)...)
	default:
		if h.err == nil {
			h.err = fmt.Errorf("header %s: %w", declared.Name, err)
		}
	}
}

// Set sets the headers of a response.
func (h *Headers) set(w http.ResponseWriter) error {
	if h == nil {
		return nil
	}
	if h.err != nil {
		return h.err
	}
	if len(h.violations) > 0 {
		return &schema.ValidationError{Violations: h.violations}
	}
	for name, values := range h.header {
		w.Header()[name] = values
	}
	return nil
}

// invalidResponse is the error for a response that violates the document. The handler, which knows the rest, adds it.
func invalidResponse(status int, body []byte, err error) error {
	if _, ok := err.(*schema.ValidationError); !ok {
		return err
	}
	return &ResponseError{Status: status, Body: bytes.Clone(body), Err: err}
}

// Respond writes a response whose body is JSON, a form or text. The error, if the body or the headers violate the document, is a
// [*ResponseError]; then nothing has been written.
func Respond[T any](w http.ResponseWriter, h *Headers, status int, contentType string, c *Content, value T, write WriteFunc[T]) error {
	pool := poolOf[T]()
	v := pool.Get().(*T)
	*v = value
	defer func() {
		*v = *new(T)
		pool.Put(v)
	}()
	if c.Kind == JSON {
		if responder, ok := w.(Responder); ok { // without a copy of the text
			out := newWriter(schema.InResponse)
			defer out.free()
			write(v, out, c.Schema)
			err := out.finish()
			if err == nil {
				err = h.set(w)
			}
			if err != nil {
				return invalidResponse(status, out.text, err)
			}
			out.text = append(out.text, '\n')
			w.Header()["Content-Type"] = headerValue(contentType)
			return responder.Respond(status, out.text)
		}
	}
	text, err := writeContent(c, v, write, schema.InResponse)
	if err == nil {
		err = h.set(w)
	}
	if err != nil {
		return invalidResponse(status, text, err)
	}
	if c.Kind == JSON {
		text = append(text, '\n')
	}
	w.Header()["Content-Type"] = []string{contentType}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(text))}
	w.WriteHeader(status)
	_, err = w.Write(text)
	return err
}

// pools have pointers to zero values, by their types.
var pools sync.Map

// poolOf returns the pool of a type. What is written is on the heap, as the function that writes it is not known here; without a pool, each
// response would be copied there.
func poolOf[T any]() *sync.Pool {
	key := reflect.TypeFor[*T]()
	pool, ok := pools.Load(key)
	if !ok {
		pool, _ = pools.LoadOrStore(key, &sync.Pool{New: func() any { return new(T) }})
	}
	return pool.(*sync.Pool)
}

// headerValue is the value of a header. It must not be changed.
func headerValue(contentType string) []string {
	if contentType == jsonType[0] {
		return jsonType
	}
	return []string{contentType}
}

var jsonType = []string{"application/json"}

// RespondStream writes a response whose body is not validated. The length is 0 if it is not known.
func RespondStream(w http.ResponseWriter, h *Headers, status int, contentType string, length int64, body io.Reader) error {
	if closer, ok := body.(io.Closer); ok {
		defer closer.Close()
	}
	if err := h.set(w); err != nil {
		return invalidResponse(status, nil, err)
	}
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	if length != 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	}
	w.WriteHeader(status)
	if body == nil {
		return nil
	}
	if streams(contentType) {
		return copyFlushing(w, body)
	}
	_, err := io.Copy(w, body)
	return err
}

// streams reports whether bodies of a media type are read while they are written.
func streams(contentType string) bool {
	essence, _, _ := strings.Cut(contentType, ";")
	switch strings.TrimSpace(essence) {
	case "text/event-stream", "application/jsonl", "application/x-ndjson", "application/json-seq":
		return true
	}
	return false
}

// copyFlushing copies a body and sends each part at once.
func copyFlushing(w http.ResponseWriter, body io.Reader) error {
	control := http.NewResponseController(w)
	buffer := make([]byte, 4096)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			_ = control.Flush() // a writer that cannot flush sends it later
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// RespondEmpty writes a response without a body.
func RespondEmpty(w http.ResponseWriter, h *Headers, status int) error {
	if err := h.set(w); err != nil {
		return invalidResponse(status, nil, err)
	}
	w.WriteHeader(status)
	return nil
}
