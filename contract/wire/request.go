package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A Request is a request of a client that is being written. Its methods record what is wrong with it.
type Request struct {
	operation  *Operation
	server     string
	path       []string // the values of the path parameters, encoded
	query      []string
	header     http.Header
	cookies    []string
	violations []schema.Violation
	err        error
	body       io.Reader
	length     int64
}

// NewRequest begins a request for an operation of a server, which is given by its URL.
func NewRequest(server string, op *Operation) *Request {
	return &Request{operation: op, server: server, header: http.Header{}, path: make([]string, len(op.Parameters))}
}

// WriteParameter writes a parameter, which is given by its index.
func WriteParameter[T any](r *Request, index int, v *T, write WriteFunc[T]) {
	p := &r.operation.Parameters[index]
	w := newWriter(schema.InRequest)
	defer w.free()
	write(v, w, p.schema())
	err := w.finish()
	if err == nil {
		v := parseValue(string(w.text))
		err = r.set(index, p, &v)
	}
	if err != nil {
		r.fail(p, err)
	}
}

// fail records why a parameter cannot be written.
func (r *Request) fail(p *Parameter, err error) {
	if invalid, ok := err.(*schema.ValidationError); ok {
		r.violations = append(r.violations, Within(p.In, p.Name, invalid.Violations)...)
		return
	}
	if r.err == nil {
		r.err = fmt.Errorf("%s parameter %q: %w", p.In, p.Name, err)
	}
}

// set spells a parameter in its place.
func (r *Request) set(index int, p *Parameter, v *value) error {
	var back spelled
	switch p.In {
	case "path":
		text, err := p.spell(v, p.forURL())
		if err != nil {
			return err
		}
		if text == "" {
			return errors.New("an empty value cannot be a part of a path")
		}
		r.path[index] = text
		back = p.read(text, fromPath)
	case "header":
		text, err := p.spell(v, forHeader)
		if err != nil {
			return err
		}
		r.header[http.CanonicalHeaderKey(p.Name)] = []string{text}
		back = p.readHeader([]string{text})
	case "cookie":
		encode := p.forURL()
		if p.Style == "cookie" {
			encode = forRawCookie
		}
		pairs, err := p.spellPairs(v, encode)
		if err != nil {
			return err
		}
		r.cookies = append(r.cookies, pairs...)
		back = p.readCookies([]string{strings.Join(pairs, ";")})
	case "querystring":
		text, err := p.spellQueryString(v)
		if err != nil {
			return err
		}
		r.query = append(r.query, text)
		back = p.readQueryString(text)
	default:
		pairs, err := p.spellPairs(v, p.forURL())
		if err != nil {
			return err
		}
		for _, one := range pairs {
			name, _, _ := strings.Cut(one, "=")
			if name = fromQuery(name); name != p.Name && r.claimed(p, name) {
				return errTaken(name)
			}
		}
		r.query = append(r.query, pairs...)
		if p.certain(v) {
			return nil
		}
		back = p.readPairs(pairsOf(pairs), fromQuery, nil)
	}
	if p.certain(v) {
		return nil
	}
	return p.verify(v, back, schema.InRequest)
}

// claimed reports whether a query parameter's name belongs to a parameter other than p.
func (r *Request) claimed(p *Parameter, name string) bool {
	route := Route{Operation: r.operation}
	return route.claimed(p, name)
}

func errTaken(name string) error {
	return fmt.Errorf("the member %q has the name of something else beside it", name)
}

func (p *Parameter) spellQueryString(v *value) (string, error) {
	json := string(v.json(nil))
	if IsJSON(essenceOf(p.MediaType)) {
		return percent(json, ""), nil
	}
	return spellForm(json, &Content{Kind: Form, Schema: p.schema()}, schema.InRequest)
}

// WriteBody writes the body as JSON, a form or text, as the content with an index describes it.
func WriteBody[T any](r *Request, index int, v *T, write WriteFunc[T]) {
	c := &r.operation.Body.Content[index]
	text, err := writeContent(c, v, write, schema.InRequest)
	if err != nil {
		if invalid, ok := err.(*schema.ValidationError); ok {
			r.violations = append(r.violations, Within(bodyPart(c), "", invalid.Violations)...)
		} else if r.err == nil {
			r.err = err
		}
		return
	}
	r.SetBody(c.MediaType, &Checked{Reader: bytes.NewReader(text), Text: text})
	r.length = int64(len(text))
}

// bodyPart names the body in violations.
func bodyPart(c *Content) string {
	if c.Kind == Form || c.Kind == Multipart {
		return "form"
	}
	return "body"
}

// writeContent writes a body of a kind that has a Go type.
func writeContent[T any](c *Content, v *T, write WriteFunc[T], dir schema.Direction) ([]byte, error) {
	text, err := Write(v, write, c.Schema, dir)
	if err != nil {
		return nil, err
	}
	switch c.Kind {
	case Form:
		form, err := spellForm(string(text), c, dir)
		return []byte(form), err
	case Text:
		return spellText(string(text), c.Schema)
	}
	return text, nil
}

// A Checked is a body that was validated while it was written, so that a transport need not do it again.
type Checked struct {
	*bytes.Reader
	Text []byte
}

// Close does nothing.
func (*Checked) Close() error { return nil }

// SetBody sets a body that is not validated here.
func (r *Request) SetBody(contentType string, body io.Reader) {
	r.body = body
	if contentType != "" {
		r.header["Content-Type"] = []string{contentType}
	}
}

// CheckBody sets a body that is validated here, for a request that goes through no transport that does it. It is read for that, unless the
// document does not say what is valid.
func (r *Request) CheckBody(contentType string, body io.Reader) {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	switch declared := r.operation.Body; {
	case body == nil && declared.Required:
		r.violations = append(r.violations, MissingBody(declared))
	case body == nil:
	default:
		content, _, violation := ContentOf(declared.Content, header)
		if violation != nil {
			r.violations = append(r.violations, *violation)
			return
		}
		if content.Schema == nil || content.Streamed() {
			break
		}
		text, err := io.ReadAll(body)
		if err != nil {
			if r.err == nil {
				r.err = err
			}
			return
		}
		if _, _, err = content.ReadBody(string(text), schema.InRequest, schema.Strict); err != nil {
			r.violations = append(r.violations, Within(bodyPart(content), "", violationsOf(err))...)
		}
		body = &Checked{Reader: bytes.NewReader(text), Text: text}
	}
	r.SetBody(contentType, body)
}

// Build returns the request. The error is a [*schema.ValidationError] if the parameters or the body violate the document.
func (r *Request) Build() (*http.Request, error) {
	if r.err != nil {
		return nil, r.err
	}
	if len(r.violations) > 0 {
		return nil, &schema.ValidationError{Violations: r.violations}
	}
	u, err := url.Parse(r.server)
	if err != nil {
		return nil, err
	}
	if r.operation.Path != "" { // without a path, the server is the whole URL
		path, err := r.operation.fill(r.path)
		if err != nil {
			return nil, err
		}
		escaped := strings.TrimRight(u.EscapedPath(), "/") + path
		if u.Path, err = url.PathUnescape(escaped); err != nil {
			return nil, err
		}
		u.RawPath = escaped
	}
	for i := 0; i+1 < len(r.operation.Query); i += 2 {
		r.query = append(r.query, percent(r.operation.Query[i], "")+"="+percent(r.operation.Query[i+1], ""))
	}
	if u.RawQuery != "" {
		r.query = append([]string{u.RawQuery}, r.query...)
	}
	u.RawQuery = strings.Join(r.query, "&")
	body := r.body
	if checked, ok := body.(*Checked); ok {
		body = checked.Reader // whose length and copies net/http knows
	}
	request, err := http.NewRequest(r.operation.Method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if checked, ok := r.body.(*Checked); ok && len(checked.Text) > 0 {
		request.Body = checked
		text := checked.Text
		request.GetBody = func() (io.ReadCloser, error) { return &Checked{bytes.NewReader(text), text}, nil }
	}
	for name, values := range r.header {
		request.Header[name] = values
	}
	if len(r.cookies) > 0 {
		request.Header["Cookie"] = []string{strings.Join(r.cookies, "; ")}
	}
	return request, nil
}

// fill replaces the parameters of the path template.
func (op *Operation) fill(values []string) (string, error) {
	segments := strings.Split(op.Path, "/")
	for i, segment := range segments {
		texts, names := splitSegment(segment)
		if len(names) == 0 {
			continue
		}
		own := make([]string, len(names))
		for j, name := range names {
			at := slices.IndexFunc(op.Parameters, func(p Parameter) bool { return p.In == "path" && p.Name == name })
			if at >= 0 {
				own[j] = values[at]
			}
		}
		var err error
		if segments[i], err = fillSegment(texts, names, own); err != nil {
			return "", err
		}
	}
	for _, other := range op.Preferred {
		if matches(strings.Split(other, "/"), segments) {
			return "", fmt.Errorf("the values of the path parameters lead to another operation, that of %s", other)
		}
	}
	return strings.Join(segments, "/"), nil
}

// matches reports whether a path matches a template, both in segments.
func matches(template, path []string) bool {
	return slices.EqualFunc(template, path, func(segment, value string) bool {
		texts, names := splitSegment(segment)
		if len(names) == 0 {
			return segment == unescape(value)
		}
		p := pattern{texts: texts}
		_, ok := p.match(value, nil)
		return ok
	})
}

// fillSegment puts values between the texts of a segment, such that a router takes them apart again.
func fillSegment(texts, names, values []string) (string, error) {
	join := func() string {
		var b strings.Builder
		for i, value := range values {
			b.WriteString(texts[i] + value)
		}
		return b.String() + texts[len(values)]
	}
	arrives := func() bool {
		p := pattern{texts: texts}
		got, ok := p.match(join(), nil)
		return ok && slices.Equal(got, values)
	}
	if len(values) > 1 && !arrives() {
		// The text between parameters may be letters or points, which values have as they are.
		inner := strings.Join(texts[1:len(values)], "")
		for i := 1; i < len(values); i++ {
			values[i] = percentAll(values[i], inner)
		}
		if !arrives() {
			return "", fmt.Errorf("path parameters %s: the values have no spelling of their own: they would be read as others", strings.Join(names, ", "))
		}
	}
	segment := join()
	if segment == "." || segment == ".." {
		return "", fmt.Errorf("a path parameter is %q, which would lead to another operation", segment)
	}
	return segment, nil
}
