package wire

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Sequences: bodies whose items are read and written one by one, without an end that has to be known. They are lines of
// JSON (application/jsonl, application/x-ndjson), JSON texts that begin with the character RS (application/json-seq,
// RFC 7464), and server-sent events (text/event-stream), which are objects with the members data, event, id and retry.

// An itemReader takes the items of a body apart.
type itemReader struct {
	source *bufio.Reader
	buffer []byte
	framed string // the media type
	limit  int64  // of an item, in bytes
}

// next returns the next item as JSON, or io.EOF.
func (r *itemReader) next() (string, error) {
	switch r.framed {
	case "text/event-stream":
		return r.event()
	case "application/json-seq":
		return r.until(0x1e)
	}
	return r.until('\n')
}

// errLong is the error for an item that is longer than may be held.
var errLong = errors.New("the item is too long")

// until returns what comes before a delimiter, unless that is only white space.
func (r *itemReader) until(delimiter byte) (string, error) {
	for {
		text, err := r.part(delimiter)
		if text = bytes.TrimSpace(text); len(text) > 0 {
			return string(text), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// part reads up to a delimiter, which is left out, and returns what is good until the next call. With io.EOF it returns
// what came before the end.
func (r *itemReader) part(delimiter byte) ([]byte, error) {
	all := r.buffer[:0]
	defer func() { r.buffer = all }()
	for {
		text, err := r.source.ReadSlice(delimiter)
		if int64(len(all)+len(text)) > r.limit {
			return nil, errLong
		}
		all = append(all, text...)
		switch {
		case err == nil:
			return all[:len(all)-1], nil
		case err == io.EOF:
			return all, err
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}

// event reads the next server-sent event as JSON: an object with the fields that it has.
func (r *itemReader) event() (string, error) {
	fields := map[string]string{}
	var data []string
	size := int64(0)
	for {
		line, err := r.line()
		if err != nil {
			return "", err // an event that is not complete does not count
		}
		if len(line) == 0 {
			if size = 0; len(fields)+len(data) == 0 {
				continue
			}
			return eventJSON(fields, data), nil
		}
		if line[0] == ':' {
			continue // a comment
		}
		name, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimPrefix(value, " ")
		if size += int64(len(value)) + eventOverhead; name == "data" && size > r.limit {
			return "", errLong
		}
		switch name {
		case "data":
			data = append(data, value)
		case "event":
			fields[name] = value
		case "id":
			if !strings.Contains(value, "\x00") {
				fields[name] = value
			}
		case "retry":
			if isNumber(value) {
				fields[name] = value
			}
		}
	}
}

// eventOverhead is about what a line of an event takes besides its text, in bytes.
const eventOverhead = 16

// line reads a line, which ends with CR, LF or both. It is good until the next call.
func (r *itemReader) line() ([]byte, error) {
	all := r.buffer[:0]
	defer func() { r.buffer = all }()
	for {
		c, err := r.source.ReadByte()
		switch {
		case err != nil:
			return nil, err
		case c == '\r':
			if after, err := r.source.Peek(1); err == nil && after[0] == '\n' { // which waits for the byte behind
				_, _ = r.source.Discard(1)
			}
			return all, nil
		case c == '\n':
			return all, nil
		case int64(len(all)) >= r.limit:
			return nil, errLong
		}
		all = append(all, c)
	}
}

func eventJSON(fields map[string]string, data []string) string {
	b := []byte{'{'}
	add := func(name string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, name), ':')
	}
	if data != nil {
		add("data")
		b = appendQuoted(b, strings.ToValidUTF8(strings.Join(data, "\n"), "\uFFFD"))
	}
	for _, name := range []string{"event", "id"} {
		if value, ok := fields[name]; ok {
			add(name)
			b = appendQuoted(b, strings.ToValidUTF8(value, "\uFFFD"))
		}
	}
	if value, ok := fields["retry"]; ok {
		add("retry")
		b = append(b, value...)
	}
	return string(append(b, '}'))
}

// appendItem appends an item, which is JSON text, as the media type has it.
func appendItem(b []byte, framed, json string) ([]byte, error) {
	switch framed {
	case "text/event-stream":
		return appendEvent(b, json)
	case "application/json-seq":
		return append(append(append(b, 0x1e), json...), '\n'), nil
	}
	return append(append(b, json...), '\n'), nil
}

func appendEvent(b []byte, json string) ([]byte, error) {
	v := parseValue(json)
	if v.kind != '{' {
		return nil, errors.New("a server-sent event is an object with the members data, event, id and retry")
	}
	for i, name := range v.names {
		text := v.items[i].scalar()
		switch {
		case name == "data":
			for line := range strings.SplitSeq(text, "\n") {
				if strings.Contains(line, "\r") {
					return nil, errors.New("the data of a server-sent event cannot have a carriage return")
				}
				b = append(append(append(b, "data: "...), line...), '\n')
			}
		case name != "event" && name != "id" && name != "retry":
			return nil, errors.New("a server-sent event cannot have a member " + schema.Quote(name))
		case strings.ContainsAny(text, "\r\n\x00"):
			return nil, errors.New("the member " + name + " of a server-sent event cannot have more than one line")
		default:
			b = append(append(append(append(b, name...), ": "...), text...), '\n')
		}
	}
	return append(b, '\n'), nil
}

// itemsOf ranges over the items of a body, which readItem reads. An item that violates the document comes with an error,
// and the next one follows; after any other error there is none.
func itemsOf[T any](source io.Reader, c *Content, limit int64, readItem func(text string) (*T, error)) iter.Seq2[T, error] {
	r := &itemReader{source: bufio.NewReader(source), framed: essenceOf(c.MediaType), limit: limit}
	index := 0
	return func(yield func(T, error) bool) {
		for {
			text, err := r.next()
			var zero T
			switch err {
			case nil:
			case io.EOF:
				return
			case errLong:
				yield(zero, invalidBody(schema.Violation{
					In: "body", Pointer: "/" + strconv.Itoa(index), Rule: "size", Want: "items of at most " + strconv.FormatInt(limit, 10) + " bytes",
				}))
				return
			default:
				yield(zero, err)
				return
			}
			v, err := readItem(text)
			if err != nil {
				err = invalidBody(Within("body", strconv.Itoa(index), violationsOf(err))...)
				v = &zero
			}
			if index++; !yield(*v, err) {
				return
			}
		}
	}
}

// BodyItems ranges over the items of a body of the content with an index; nil for another body. They are validated
// while they come: the error of an item that violates the document is a [*BodyError].
func BodyItems[T any](c *Call, index int, read ReadFunc[T]) iter.Seq2[T, error] {
	if c.Content == nil || c.Content != &c.route.Body.Content[index] {
		return nil
	}
	return itemsOf(c.stream, c.Content, cmp.Or(c.MaxHeld, maxHeld), func(text string) (*T, error) {
		v, _, err := Read(text, read, c.Content.Schema, schema.InRequest, c.Mode)
		return v, err
	})
}

// RespondItems writes a response of items, each as soon as there is one. If an item is an error or violates the
// document, the connection is cut, unless it is the first.
func RespondItems[T any](
	w http.ResponseWriter, h *Headers, status int, contentType string, c *Content, items iter.Seq2[T, error], write WriteFunc[T],
) error {
	if err := h.set(w); err != nil {
		return invalidResponse(status, nil, err)
	}
	w.Header()["Content-Type"] = []string{contentType}
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex() // items may be made of those of the request, which are read meanwhile
	begun := false
	if items == nil {
		items = func(func(T, error) bool) {}
	}
	for v, err := range items {
		var text []byte
		if err == nil {
			text, err = writeItem(c, &v, write, schema.InResponse)
		}
		if err != nil {
			if !begun {
				w.Header().Del("Content-Type")
			}
			return invalidResponse(status, nil, err)
		}
		if !begun {
			w.WriteHeader(status)
			begun = true
		}
		if _, err := w.Write(text); err != nil {
			return nil // the client has gone
		}
		_ = control.Flush() // a writer that cannot flush sends it later
	}
	if !begun {
		w.WriteHeader(status)
	}
	return nil
}

func writeItem[T any](c *Content, v *T, write WriteFunc[T], dir schema.Direction) ([]byte, error) {
	text, err := Write(v, write, c.Schema, dir)
	if err != nil {
		if invalid, ok := err.(*schema.ValidationError); ok {
			Within("body", "", invalid.Violations)
		}
		return nil, err
	}
	return appendItem(nil, essenceOf(c.MediaType), string(text))
}

// ItemsBody makes a body of items, which are validated when it is their turn: reading the body fails with the error of
// an item.
func ItemsBody[T any](c *Content, items iter.Seq2[T, error], write WriteFunc[T]) (contentType string, body io.ReadCloser) {
	next, stop := iter.Pull2(items)
	return c.MediaType, &itemsBody[T]{content: c, next: next, stop: stop, write: write}
}

type itemsBody[T any] struct {
	content *Content
	next    func() (T, error, bool)
	stop    func()
	write   WriteFunc[T]
	text    []byte
	err     error
	failed  atomic.Pointer[error] // err, unless that is the end
}

// failure is the error that reading the body has ended with.
func (b *itemsBody[T]) failure() error {
	if err := b.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (b *itemsBody[T]) Read(p []byte) (int, error) {
	for len(b.text) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		v, err, ok := b.next()
		if !ok {
			err = io.EOF
		} else if err == nil {
			b.text, err = writeItem(b.content, &v, b.write, schema.InRequest)
		}
		if b.err = err; err != nil && err != io.EOF {
			b.failed.Store(&err)
		}
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

// Close ends the items.
func (b *itemsBody[T]) Close() error {
	b.stop()
	return nil
}

// ReplyItems ranges over the items of the body of a response, nil unless it is of the declared content. They are read
// strictly, unless a transport reads tolerantly. The body is closed when the loop ends.
func ReplyItems[T any](reply *Reply, content *Content, read ReadFunc[T]) iter.Seq2[T, error] {
	if reply.content != content {
		return nil
	}
	mode, index := schema.Strict, -1
	streaming, _ := reply.http.Body.(*Streaming)
	if streaming != nil && streaming.Deviate != nil {
		mode = schema.Tolerant
	}
	items := itemsOf(reply.http.Body, content, maxReplyItem, func(text string) (*T, error) {
		index++
		v, deviations, err := Read(text, read, content.Schema, schema.InResponse, mode)
		if err != nil || len(deviations) == 0 {
			return v, err
		}
		if unrelated := content.Schema.Unrelated([]byte(text)); unrelated != nil {
			return nil, &schema.ValidationError{Violations: []schema.Violation{*unrelated}}
		}
		return v, streaming.Deviate([]byte(text), Within("body", strconv.Itoa(index), deviations))
	})
	return func(yield func(T, error) bool) {
		defer reply.http.Body.Close()
		for v, err := range items {
			var invalid *BodyError
			if err != nil && !errors.As(err, &invalid) {
				err = cmp.Or(sendFailure(reply.http.Request), err)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// sendFailure is the error of sending the items of a request, which ends its response too; nil for none.
func sendFailure(r *http.Request) error {
	if r == nil {
		return nil
	}
	if body, ok := r.Body.(interface{ failure() error }); ok {
		return body.failure()
	}
	return nil
}

// maxReplyItem is how long an item of a response may be, in bytes.
const maxReplyItem = 10 << 20
