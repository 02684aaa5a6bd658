package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A Call is a request on its way to an implementation: where its parameters and its body are read from, and what is
// wrong with them.
type Call struct {
	parameters
	Request *http.Request

	// Content is what the document declares for the body, and Essence its media type in lower case without parameters;
	// nil without a body.
	Content *Content
	Essence string

	// Violations are what is wrong with the request, as far as it has been read.
	Violations []schema.Violation

	// Mode is how the request is read. In any other than strict, Deviations are what was tolerated.
	Mode       schema.Mode
	Deviations []schema.Violation

	// MaxHeld is how many bytes are held at once of a body that is streamed and validated; 0 is for 1 MiB.
	MaxHeld int64

	body    bytes.Buffer // as far as it has been read, for all kinds of bodies but streams
	limited limitedBody
	stream  io.Reader

	failed error // of an implementation that is served by [ServeStrict]

	// Ignored is called with what was ignored of a request, before the implementation is, and also if the request is refused for
	// something else; nil for nothing.
	Ignored func(deviations []schema.Violation)

	// Responding is set while the implementation's response is written, and not before.
	Responding bool
	room       [8]string
}

var calls = sync.Pool{New: func() any { return new(Call) }}

// NewCall makes a call. It is to be freed.
func NewCall() *Call { return calls.Get().(*Call) }

// Room is for the values of the parameters in the path, see [Router.Find].
func (c *Call) Room() []string { return c.room[:] }

// Begin begins the call of an operation.
func (c *Call) Begin(r *http.Request, route *Route, path []string) {
	c.parameters = parameters{route: route, path: path, header: r.Header, raw: r.URL.RawQuery, query: c.query[:0]}
	c.Request = r
	if strings.Count(c.raw, "&") >= maxPairs {
		c.Violations = append(c.Violations, schema.Violation{In: "query", Rule: "size", Want: "at most " + strconv.Itoa(maxPairs) + " parameters"})
		c.raw = ""
	}
	if !wellEscaped(c.raw) {
		c.violate("query", "", schema.Violation{Rule: "syntax", Want: wantPairs})
	}
}

// wantPairs is what is wanted where a name=value pair is not escaped properly.
const wantPairs = `name=value pairs with two hexadecimal digits behind each "%"`

// wellEscaped reports whether two hexadecimal digits follow each %.
func wellEscaped(text string) bool {
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			return true
		}
		if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
			return false
		}
		text = text[i+3:]
	}
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// maxPairs is how many name=value pairs a query may have, and a form.
const maxPairs = 10000

// Free gives a call back. It must not be used afterwards, nor what has been read from its body.
func (c *Call) Free() {
	body, query := c.body, c.query
	if body.Cap() > maxKept {
		body = bytes.Buffer{}
	}
	body.Reset()
	clear(query)
	*c = Call{body: body}
	c.query = query[:0]
	calls.Put(c)
}

// Route is the operation of the call.
func (c *Call) Route() *Route { return c.route }

// Unknown lists the query parameters that the operation does not have, sorted.
func (c *Call) Unknown() []string {
	if c.raw == "" {
		return nil
	}
	return c.unknown()
}

func (c *Call) violate(in, name string, violations ...schema.Violation) {
	violations = Within(in, name, violations)
	if c.Violations == nil {
		c.Violations = violations
		return
	}
	c.Violations = append(c.Violations, violations...)
}

// absent records that a required parameter is missing.
func (c *Call) absent(p *Parameter) {
	c.violate(p.In, p.Name, schema.Violation{Rule: "required", Want: p.schema().WantType() + "; it is missing"})
}

// ReadParameter reads a parameter, which is given by its index. An optional one that is absent and has no default
// leaves the value as it is.
func ReadParameter[T any](c *Call, index int, v *T, read ReadFunc[T]) {
	p := &c.route.Parameters[index]
	found := c.get(index)
	if c.usable(p, &found) {
		readSpelled(c, p, found, v, read)
	}
}

// ReadOptionalParameter reads a parameter into a pointer, which stays nil if it is absent and has no default.
func ReadOptionalParameter[T any](c *Call, index int, v **T, read ReadFunc[T]) {
	p := &c.route.Parameters[index]
	found := c.get(index)
	if c.usable(p, &found) {
		*v = new(T)
		readSpelled(c, p, found, *v, read)
	}
}

// usable reports whether there is something to read, which may be the default.
func (c *Call) usable(p *Parameter, found *spelled) bool {
	switch {
	case !utf8.ValidString(found.text):
		c.violate(p.In, p.Name, schema.Violation{Rule: "syntax", Want: "text in UTF-8"})
		return false
	case found.twice:
		c.violate(p.In, p.Name, schema.Violation{Rule: "duplicate", Want: "this parameter once"})
		return false
	case found.want != "":
		c.violate(p.In, p.Name, schema.Violation{Rule: "syntax", Want: found.want})
		return false
	case found.empty && p.Required:
		return false
	case found.present && !found.empty:
		return true
	case p.Required:
		c.absent(p)
		return false
	case p.Default != "":
		*found = spelled{text: p.Default, present: true}
		return true
	}
	return false
}

func readSpelled[T any](c *Call, p *Parameter, found spelled, v *T, read ReadFunc[T]) {
	r := newReader(found.text, schema.InRequest, c.Mode)
	r.plain = found.plain
	read(v, r, p.schema())
	deviations, err := r.finish()
	c.Deviations = append(c.Deviations, Within(p.In, p.Name, deviations)...)
	if err != nil {
		c.violate(p.In, p.Name, violationsOf(err)...)
	}
}

// CheckParameters validates all parameters, for a call that no generated code reads.
func (c *Call) CheckParameters() {
	for i := range c.route.Parameters {
		p := &c.route.Parameters[i]
		found := c.get(i)
		if !c.usable(p, &found) {
			continue
		}
		text := found.text
		if found.plain {
			text = string(respell(nil, text, p.schema()))
		}
		if err := p.schema().Check([]byte(text), schema.InRequest); err != nil {
			c.violate(p.In, p.Name, violationsOf(err)...)
		}
	}
}

// FindZeroParameters adds a violation for each required parameter with a UUID that is zero, see
// [schema.Schema.ZeroUUIDs].
func (c *Call) FindZeroParameters() {
	for i := range c.route.Parameters {
		p := &c.route.Parameters[i]
		if !p.Required {
			continue
		}
		found := c.get(i)
		text := found.text
		if !strings.Contains(text, "00000000-0000-") {
			continue
		}
		if found.plain {
			text = string(respell(nil, text, p.schema()))
		}
		c.violate(p.In, p.Name, p.schema().ZeroUUIDs(text, true)...)
	}
}

func violationsOf(err error) []schema.Violation {
	if invalid, ok := err.(*schema.ValidationError); ok { // which costs less
		return invalid.Violations
	}
	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		return invalid.Violations
	}
	return []schema.Violation{{Rule: "syntax", Want: err.Error()}}
}

// A limitedBody is what http.MaxBytesReader makes of a body, for one whose length is declared.
type limitedBody struct {
	body        io.Reader
	limit, left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &http.MaxBytesError{Limit: b.limit}
	}
	return n, err
}

// Limited returns a body that must not be longer than limit bytes. It is of use as long as the call.
func (c *Call) Limited(body io.Reader, limit int64) io.Reader {
	c.limited = limitedBody{body, limit, limit}
	return &c.limited
}

// TakeBody reads the body, as far as it is not streamed to the implementation.
func (c *Call) TakeBody(body io.Reader) error {
	if c.Content == nil || c.Content.Streamed() {
		c.stream = body
		return nil
	}
	_, err := c.body.ReadFrom(body)
	return err
}

// Streamed reports whether a body is handed on as it comes, and not read before.
func (c *Content) Streamed() bool { return c.Kind == Binary || c.Kind == Multipart || c.Kind == Stream }

// Body returns the body as it was read.
func (c *Call) Body() []byte { return c.body.Bytes() }

// ReadBody reads the body as JSON, a form or text. It is nil without a body, or if the body is of another content than
// the one with an index.
func ReadBody[T any](c *Call, index int, read ReadFunc[T]) *T {
	if c.Content == nil || c.Content != &c.route.Body.Content[index] {
		return nil
	}
	in, plain := bodyPart(c.Content), c.Content.Kind == Text && isPlainScalar(c.Content.Schema)
	text, violations := c.body.String(), []schema.Violation(nil)
	if !plain || !utf8.ValidString(text) {
		if text, violations = c.Content.json(text, c.route.forms[c.Content]); text == "" && len(violations) > 0 {
			c.violate(in, "", violations...)
			return nil
		}
	}
	r := newReader(text, schema.InRequest, c.Mode)
	r.plain = plain
	v := new(T)
	read(v, r, c.Content.Schema)
	deviations, err := r.finish()
	c.Deviations = append(c.Deviations, Within(in, "", deviations)...)
	if err != nil {
		violations = withValues(violations, violationsOf(err))
	}
	if len(violations) > 0 {
		c.violate(in, "", violations...)
		return nil
	}
	return v
}

// CheckBody validates the body, for a call that no generated code reads.
func (c *Call) CheckBody() {
	switch {
	case c.Content == nil:
		return
	case c.Content.Kind == Multipart:
		c.bounded()
		return
	case c.Content.Schema == nil || c.Content.Streamed():
		return
	}
	text, violations := c.Content.json(c.body.String(), c.route.forms[c.Content])
	if text != "" || len(violations) == 0 {
		deviations, err := c.Content.Schema.Validate(text, schema.InRequest, c.Mode)
		c.Deviations = append(c.Deviations, Within(bodyPart(c.Content), "", deviations)...)
		if err != nil {
			violations = withValues(violations, violationsOf(err))
		}
	}
	c.violate(bodyPart(c.Content), "", violations...)
}

// Stream returns the body as it comes, for a body of a content with one of the indexes; otherwise nil.
func (c *Call) Stream(indexes ...int) io.Reader {
	for _, index := range indexes {
		if c.Content != nil && c.Content == &c.route.Body.Content[index] {
			return c.stream
		}
	}
	return nil
}

// A Serve serves a call: it reads the request and, if nothing is wrong with it, lets the implementation answer and
// writes the response. If there are violations, the implementation has not been called.
type Serve func(ctx context.Context, c *Call, w http.ResponseWriter) error

// Handle makes a Serve of what reads a request, the method of the implementation, and what writes its response.
func Handle[request, response any](bind func(*Call, *request), method func(context.Context, request) (response, error), visit func(response, http.ResponseWriter) error) Serve {
	requests := sync.Pool{New: func() any { return new(request) }}
	return func(ctx context.Context, c *Call, w http.ResponseWriter) error {
		in := requests.Get().(*request)
		bind(c, in)
		value := *in
		*in = *new(request)
		requests.Put(in)
		if c.ReportIgnored(); len(c.Violations) > 0 {
			return nil
		}
		out, err := method(ctx, value)
		if err != nil || any(out) == nil {
			return err
		}
		c.Responding = true
		return visit(out, w)
	}
}

// ReportIgnored calls Ignored after the request has been read, and again after a form in parts, which the implementation reads.
func (c *Call) ReportIgnored() {
	if c.Ignored != nil && len(c.Deviations) > 0 {
		c.Ignored(c.Deviations)
		c.Deviations = nil
	}
}

// HandleHTTP makes a Serve of what reads the parameters of a request and a function that gets the request itself. The
// body is validated, and can be read from the request.
func HandleHTTP[params any](bind func(*Call) params, method func(http.ResponseWriter, *http.Request, params)) Serve {
	return func(ctx context.Context, c *Call, w http.ResponseWriter) error {
		in := bind(c)
		c.CheckBody()
		if c.ReportIgnored(); len(c.Violations) > 0 {
			return nil
		}
		c.Responding = true
		r := c.Forward()
		method(w, r.WithContext(context.WithValue(ctx, callKey{}, c)), in)
		return c.failed
	}
}

// IgnoreReadOnly makes read-only members of the request be ignored; they are in Deviations afterwards.
func (c *Call) IgnoreReadOnly() { c.Mode = schema.IgnoreReadOnly }

// Forward is the request for a handler that is not generated: with the body that was validated, or that is streamed,
// and with the defaults of absent query and header parameters.
func (c *Call) Forward() *http.Request {
	r := c.Request.WithContext(c.Request.Context())
	c.forwardDefaults(r)
	switch {
	case c.Content == nil:
		r.Body, r.ContentLength, r.TransferEncoding = http.NoBody, 0, nil
	case c.stream != nil:
		r.Body = struct {
			io.Reader
			io.Closer
		}{c.Validated(), r.Body}
		if c.Content.Kind == Multipart {
			r.ContentLength, r.TransferEncoding = -1, nil // what has been validated is written anew
		}
	default:
		r.Body = io.NopCloser(bytes.NewReader(c.body.Bytes()))
		r.ContentLength, r.TransferEncoding = int64(c.body.Len()), nil
	}
	return r
}

// forwardDefaults sets the query and header parameters that are absent and have a default.
func (c *Call) forwardDefaults(r *http.Request) {
	var query []string
	for i := range c.route.Parameters {
		p := &c.route.Parameters[i]
		if p.Default == "" || p.In != "query" && p.In != "header" || c.get(i).present {
			continue
		}
		v := parseValue(p.Default)
		if p.In == "query" {
			if pairs, err := p.spellPairs(&v, p.forURL()); err == nil {
				query = append(query, pairs...)
			}
		} else if text, err := p.spell(&v, forHeader); err == nil {
			r.Header = r.Header.Clone()
			r.Header[http.CanonicalHeaderKey(p.Name)] = []string{text}
		}
	}
	if len(query) > 0 {
		u := *r.URL
		if u.RawQuery != "" {
			query = append([]string{u.RawQuery}, query...)
		}
		u.RawQuery = strings.Join(query, "&")
		r.URL = &u
	}
}
