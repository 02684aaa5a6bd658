package wire

import (
	"github.com/interconnect-go/interconnect/contract/schema"
)

// An Operation is one method of one path of a document, with everything that a message to or from it is validated against.
type Operation struct {
	ID     string // operationId, as the document spells it
	Method string // upper case
	Path   string // path template of the document, without the server's prefix: "/slots/{slot}"; empty for webhooks and callbacks

	// Preferred are the path templates of other operations with the method that a router chooses for some of the paths that
	// this one matches: "/slots/mine" for "/slots/{slot}".
	Preferred []string

	// Query is what the query of a request must have besides, as pairs of name and value. It is for paths that a document
	// writes with a query.
	Query []string

	// Security lists the alternatives: a request is admitted if all schemes of one alternative are satisfied. A nil list
	// demands nothing; so does an empty alternative.
	Security [][]SecurityScheme

	Parameters []Parameter
	Body       *Body // nil if the operation takes no body
	Responses  []Response

	// Extensions are members x-… of the operation, as JSON text, by their names.
	Extensions map[string]string
}

// A SecurityScheme says how a credential travels.
type SecurityScheme struct {
	Name   string // the scheme's key in the document
	Type   string // "http", "apiKey", "oauth2", "openIdConnect", "mutualTLS"
	Scheme string // for "http": "bearer", "basic", …, lower case
	In     string // for "apiKey": "header", "query" or "cookie"
	Param  string // for "apiKey": the name of the header, query parameter or cookie
	Scopes []string
}

// A Parameter is a path, query, header or cookie parameter.
type Parameter struct {
	Name     string
	In       string // "path", "query", "header", "cookie" or "querystring"
	Style    string // "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited" or "deepObject"
	Explode  bool
	Required bool

	// AllowReserved lets reserved characters of a value stand as they are. AllowEmpty admits "?name=" whatever the schema says.
	AllowReserved, AllowEmpty bool

	// MediaType is that of the value if the document describes it by content; then neither Style nor Explode apply.
	MediaType string

	Schema  *schema.Schema
	Default string // JSON text that a handler takes for a parameter that is absent; empty for none
}

// A Kind says how a body is read and written.
type Kind uint8

const (
	JSON      Kind = iota // JSON text
	Form                  // application/x-www-form-urlencoded
	Multipart             // multipart/form-data and its like
	Text                  // text that is the value of a scalar
	Stream                // a sequence of JSON texts or of server-sent events
	Binary                // bytes that are not validated
)

// A Body is the request body of an operation.
type Body struct {
	Required bool
	Content  []Content // in the order of the media types
}

// A Content is one media type that a body may have.
type Content struct {
	MediaType string // may be a range: "text/*", "*/*"
	Kind      Kind
	Schema    *schema.Schema // nil if the body is not validated
	Encoding  []Encoding     // of a form
	Codec     Codec          // of the Go type; the zero Codec if the body is not validated
}

// An Encoding says how a member of a form is written, where that is not how the specification has it.
type Encoding struct {
	Member        string
	ContentType   string // empty for that of the member's type
	Style         string // empty if the media type decides
	Explode       bool
	AllowReserved bool
	Headers       []Header
}

// A Response is one response that the document declares.
type Response struct {
	Status  string // "200", "4XX" or "default"
	Headers []Header
	Content []Content // empty if the response has no body
}

// A Header is a header that the document declares.
type Header struct {
	Name     string
	Required bool
	Explode  bool
	JSON     bool // the value is JSON text
	Schema   *schema.Schema
}

// A Codec reads a body as a Go value.
type Codec struct {
	read func(*Reader) any
}

// CodecOf makes a Codec of the reader of a type.
//
//go:noinline
func CodecOf[T any](read ReadFunc[T], s *schema.Schema) Codec { // where it is inlined, each response has a function of its own
	return Codec{func(r *Reader) any {
		v := new(T)
		read(v, r, s)
		return v
	}}
}

// Read reads JSON text. The value is a pointer to the Go type of the content or, without one, nil.
func (c *Content) Read(text string, dir schema.Direction, mode schema.Mode) (v any, deviations []schema.Violation, err error) {
	switch {
	case c.Codec.read != nil:
		r := newReader(text, dir, mode)
		v = c.Codec.read(r)
		if deviations, err = r.finish(); err != nil {
			return nil, deviations, err
		}
		return v, deviations, nil
	case c.Schema == nil:
		return nil, nil, nil
	case mode >= schema.Tolerant:
		deviations, err = c.Schema.CheckTolerant([]byte(text), dir)
		return nil, deviations, err
	}
	return nil, nil, c.Schema.Check([]byte(text), dir)
}
