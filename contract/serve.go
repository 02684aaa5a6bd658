package contract

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
)

// A Serve serves the calls of one operation: gen emits one for each operation whose parameters are plain. It calls the
// implementation with what has been read and checked, and writes its answer by [Call.JSON] if that has an emitted encoder. For any
// other answer it returns the function that oapi-codegen generates for it, and for no answer nil.
type Serve func(ctx context.Context, c *Call) (visit func(http.ResponseWriter) error, err error)

// A Call is a valid request on its way to an implementation.
type Call struct {
	// Body is a pointer to the body; nil if the operation has none.
	Body any

	endpoint *endpoint
	path     []string // the segments
	query    url.Values
	buffer   bytes.Buffer // for the body's text
	limited  limitedBody
	answer   *Writer
	status   int
}

var calls = sync.Pool{New: func() any { return new(Call) }}

func newCall() *Call { return calls.Get().(*Call) }

// free lets another request have the room of this one.
func (c *Call) free() {
	if c.answer != nil {
		c.answer.free()
	}
	if c.buffer.Cap() > maxKept {
		c.buffer = bytes.Buffer{}
	}
	clear(c.path)
	*c = Call{path: c.path[:0], buffer: c.buffer}
	calls.Put(c)
}

// Path returns a path parameter.
func (c *Call) Path(name string) string { return c.path[c.endpoint.wildcards[name]] }

// PathUUID returns a path parameter that is a UUID.
func (c *Call) PathUUID(name string) [16]byte {
	id, _ := parseUUID(c.Path(name)) // which has been checked
	return id
}

// QueryText returns a query parameter, nil if it is absent.
func QueryText[text ~string](c *Call, name string) *text {
	if values := c.query[name]; len(values) > 0 {
		return new(text(values[0]))
	}
	return nil
}

// QueryInt returns a query parameter that is an integer, nil if it is absent.
func QueryInt[integer ~int | ~int32 | ~int64](c *Call, name string) *integer {
	if values := c.query[name]; len(values) > 0 {
		n, _ := strconv.ParseInt(values[0], 10, 64) // which has been checked
		return new(integer(n))
	}
	return nil
}

// QueryBool returns a query parameter that is true or false, nil if it is absent.
func QueryBool[boolean ~bool](c *Call, name string) *boolean {
	if values := c.query[name]; len(values) > 0 {
		return new(boolean(values[0] == "true"))
	}
	return nil
}

// QueryUUID returns a query parameter that is a UUID, nil if it is absent.
func QueryUUID[uuid ~[16]byte](c *Call, name string) *uuid {
	if values := c.query[name]; len(values) > 0 {
		id, _ := parseUUID(values[0]) // which has been checked
		return new(uuid(id))
	}
	return nil
}

// JSON begins an answer of the media type application/json, which the document declares for the status, without headers.
func (c *Call) JSON(status int) *Writer {
	c.status, c.answer = status, newWriter(InResponse)
	return c.answer
}

// Answered tells whether JSON has been called and its Writer has all that was to be written. What is wrong, and what only
// encoding/json can encode, goes the usual way.
func (c *Call) Answered() bool { return c.answer != nil && !c.answer.lost && !c.answer.others }

// lengthTexts are the usual lengths of answers, each made when it is first needed.
var lengthTexts [4096]atomic.Pointer[string]

func lengthText(n int) string {
	if n >= len(lengthTexts) {
		return strconv.Itoa(n)
	}
	text := lengthTexts[n].Load()
	if text == nil {
		text = new(strconv.Itoa(n))
		lengthTexts[n].Store(text)
	}
	return *text
}

// serveDirectly lets the implementation answer without the code of oapi-codegen. An answer that was not written directly takes
// the usual way.
func (h *handler) serveDirectly(w http.ResponseWriter, r *http.Request, c *Call, serve Serve) {
	ex := &exchange{}
	var visit func(http.ResponseWriter) error
	recovered(ex, func() {
		var err error
		if visit, err = serve(r.Context(), c); err != nil {
			ex.err, ex.failure = err, internal("Internal error")
		}
	})
	if ex.err == nil && c.Answered() {
		c.answer.text = append(c.answer.text, '\n') // as encoding/json does
		values := []string{"application/json", lengthText(len(c.answer.text))}
		header := w.Header()
		header["Content-Type"], header["Content-Length"] = values[:1:1], values[1:]
		w.WriteHeader(c.status)
		w.Write(c.answer.text) // if it fails, nobody is there to be told
		return
	}
	h.serve(w, r, c.endpoint, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case ex.err != nil:
			failed(w, r, ex.err, ex.failure)
		case visit == nil:
		default:
			if err := visit(w); err != nil {
				ImplementationFailed(w, r, err)
			}
		}
	})
}
