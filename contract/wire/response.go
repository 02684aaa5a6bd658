package wire

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A ResponseError reports a response that the document does not describe. A handler gives it to its OnError; from a
// transport it is the error of the call. It holds everything that was answered, so that nothing is lost: the operation
// may well have had its effect.
type ResponseError struct {
	// Operation is the operationId.
	Operation string

	// Status and Header are as they were received. The header may hold secrets such as cookies. Status is 0 if an
	// implementation returned without any response.
	Status int
	Header http.Header

	// Body is the body as it was received, empty if there is none. Truncated says that it was longer.
	Body      []byte
	Truncated bool

	// Err says what is wrong. It is a [*schema.ValidationError], an [*http.MaxBytesError] if the body is too long to be
	// validated, or the error that ended the reading of the body.
	Err error
}

// Error says what is wrong, but gives neither header nor body.
func (e *ResponseError) Error() string {
	text := ""
	if e.Operation != "" {
		text = e.Operation + ": "
	}
	if e.Status != 0 {
		status := strings.TrimSpace(strconv.Itoa(e.Status) + " " + http.StatusText(e.Status))
		text += "the document does not describe this " + status + ": "
	}
	return text + e.Err.Error()
}

// Unwrap returns Err.
func (e *ResponseError) Unwrap() error { return e.Err }

// Response finds the declared response for a status: the status itself, its class or the default, in this order. It is
// nil if there is none.
func (op *Operation) Response(status int) *Response {
	if status < 100 || status > 599 {
		return nil
	}
	exact := [3]byte{'0' + byte(status/100), '0' + byte(status/10%10), '0' + byte(status%10)}
	var found *Response
	for i := range op.Responses {
		switch r := &op.Responses[i]; {
		case r.Status == string(exact[:]):
			return r
		case len(r.Status) == 3 && r.Status[0] == exact[0] && strings.EqualFold(r.Status[1:], "XX"):
			found = r
		case r.Status == "default" && found == nil:
			found = r
		}
	}
	return found
}

// Statuses lists the statuses that the document declares.
func (op *Operation) Statuses() string {
	names := make([]string, len(op.Responses))
	for i, r := range op.Responses {
		names[i] = r.Status
		if r.Status == "default" {
			names[i] = "a status from 100 to 599"
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return "one of " + strings.Join(names, ", ")
}

// Check validates the header of a response. The items of a list may be on several lines.
func (h *Header) Check(header http.Header) []schema.Violation {
	if http.CanonicalHeaderKey(h.Name) == "Content-Type" { // which OpenAPI says to ignore
		return nil
	}
	p := h.parameter()
	found := p.readHeader(header.Values(h.Name))
	switch {
	case found.twice:
		return Within("header", h.Name, []schema.Violation{{Rule: "duplicate", Want: "this header once"}})
	case !found.present && h.Required:
		return Within("header", h.Name, []schema.Violation{{Rule: "required", Want: p.schema().WantType() + "; it is missing"}})
	case !found.present:
		return nil
	case found.want != "":
		return Within("header", h.Name, []schema.Violation{{Rule: "syntax", Want: found.want}})
	}
	text := found.text
	if found.plain {
		text = string(respell(nil, text, p.schema()))
	}
	if err := p.schema().Check([]byte(text), schema.InResponse); err != nil {
		return Within("header", h.Name, violationsOf(err))
	}
	return nil
}

func (h *Header) parameter() Parameter {
	p := Parameter{Name: h.Name, In: "header", Style: "simple", Explode: h.Explode, Required: h.Required, Schema: h.Schema}
	if h.JSON {
		p.MediaType = "application/json"
	}
	return p
}

// A Received is the body of a response that was validated, with what was read from it.
type Received struct {
	*bytes.Reader
	Text    []byte
	Value   any // a pointer to the Go type of the body
	Content *Content
}

// Close does nothing.
func (*Received) Close() error { return nil }

// A Streaming is the body of a response that a transport does not read: it has validated the header only.
type Streaming struct {
	io.ReadCloser

	// Deviate is called for each item that deviates from the document and could be understood nonetheless, with its JSON
	// text. If it returns an error, that is the error of the item. If it is nil, items are read strictly.
	Deviate func(item []byte, deviations []schema.Violation) error
}

// ReadBody reads a body of a content that is validated.
func (c *Content) ReadBody(text string, dir schema.Direction, mode schema.Mode) (v any, deviations []schema.Violation, err error) {
	text, violations := c.json(text, nil)
	if text != "" || len(violations) == 0 {
		if v, deviations, err = c.Read(text, dir, mode); err != nil {
			violations = withValues(violations, violationsOf(err))
		}
	}
	if len(violations) > 0 {
		return nil, deviations, &schema.ValidationError{Violations: violations}
	}
	return v, deviations, nil
}

// json spells a body of a kind that is validated as JSON. What is wrong with its spelling alone are the violations. How
// the members of a form are spelled is computed unless it is given.
func (c *Content) json(text string, f *form) (json string, violations []schema.Violation) {
	switch c.Kind {
	case Form:
		if f == nil {
			f = c.form()
		}
		return formJSON(text, c, f)
	case Text:
		if !utf8.ValidString(text) {
			return "", []schema.Violation{{Rule: "syntax", Want: "text in UTF-8"}}
		}
		return textJSON(text, c.Schema), nil
	}
	return text, nil
}

// isSequence reports whether bodies are items that are read one by one.
func (c *Content) isSequence() bool { return c.Kind == Stream && c.Schema != nil }

// A Reply is a response of a service that a generated client reads.
type Reply struct {
	Text     []byte // the body
	response *Response
	content  *Content
	value    any
	http     *http.Response
}

// ReadReply reads the body of a response to its end, unless it is a sequence of items: strictly if no transport has
// validated it. The error is a [*ResponseError] if the headers or the body violate the document. A status or a media
// type that the document does not declare is not an error here: nothing is read from the body then.
func ReadReply(resp *http.Response, op *Operation) (*Reply, error) {
	reply := &Reply{http: resp, response: op.Response(resp.StatusCode)}
	var wrong []schema.Violation // headers, if no transport has validated them
	if reply.response != nil {
		if !validated(resp) {
			for i := range reply.response.Headers {
				wrong = append(wrong, reply.response.Headers[i].Check(resp.Header)...)
			}
		}
		if content, _, violation := ContentOf(reply.response.Content, resp.Header); violation == nil && content.isSequence() && Encoded(resp.Header) == nil && wrong == nil {
			reply.content = content // whose body is read by ReplyItems
			return reply, nil
		}
	}
	defer resp.Body.Close()
	if received, ok := resp.Body.(*Received); ok {
		reply.Text, reply.value, reply.content = received.Text, received.Value, received.Content
		return reply, nil
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	reply.Text = text
	if wrong != nil {
		return nil, &ResponseError{
			Operation: op.ID, Status: resp.StatusCode, Header: resp.Header, Body: text, Err: &schema.ValidationError{Violations: wrong},
		}
	}
	if reply.response == nil || len(reply.response.Content) == 0 {
		return reply, nil
	}
	content, _, violation := ContentOf(reply.response.Content, resp.Header)
	if violation != nil || content.Schema == nil || content.Streamed() || len(text) == 0 && !content.MayBeEmpty() {
		return reply, nil
	}
	v, _, err := content.ReadBody(string(text), schema.InResponse, schema.Strict)
	if err != nil {
		err = &schema.ValidationError{Violations: Within("body", "", violationsOf(err))}
		return nil, &ResponseError{Operation: op.ID, Status: resp.StatusCode, Header: resp.Header, Body: text, Err: err}
	}
	reply.value, reply.content = v, content
	return reply, nil
}

// validated reports whether a transport has validated a response.
func validated(resp *http.Response) bool {
	switch resp.Body.(type) {
	case *Received, *Streaming:
		return true
	}
	return false
}

// ReplyBody returns what was read from the body, nil unless it is of the declared content.
func ReplyBody[T any](reply *Reply, content *Content) *T {
	if reply.content != content {
		return nil
	}
	v, _ := reply.value.(*T)
	return v
}

// Is reports whether the reply is a declared response.
func (reply *Reply) Is(response *Response) bool { return reply.response == response }

// ReadReplyHeader reads a header of a response. It leaves the value as it is if there is no such header, or if it
// violates the document, which a transport has reported then.
func ReadReplyHeader[T any](reply *Reply, h *Header, v *T, read ReadFunc[T]) {
	if value := replyHeader(reply, h, read); value != nil {
		*v = *value
	}
}

// ReadOptionalReplyHeader is ReadReplyHeader for a header that may be absent.
func ReadOptionalReplyHeader[T any](reply *Reply, h *Header, v **T, read ReadFunc[T]) {
	if value := replyHeader(reply, h, read); value != nil {
		*v = value
	}
}

// replyHeader reads a header of a response, nil if it cannot be read.
func replyHeader[T any](reply *Reply, h *Header, read ReadFunc[T]) *T {
	p := h.parameter()
	found := p.readHeader(reply.http.Header.Values(h.Name))
	if !found.present || found.twice || found.want != "" {
		return nil
	}
	r := newReader(found.text, schema.InResponse, schema.Tolerant)
	r.plain = found.plain
	var value T
	read(&value, r, p.schema())
	if _, err := r.finish(); err != nil {
		return nil
	}
	return &value
}

// ReadAll is io.ReadAll for what is about as long as was announced; negative if that is not known. What is announced
// costs nothing before it arrives, but for the first MiB.
func ReadAll(r io.Reader, length int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, min(max(length, 0), 1<<20)+bytes.MinRead))
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}
