package contract

// An Operation is one method of one path of the document, with everything that a message to or from it is checked for.
type Operation struct {
	ID     string // operationId, as the document spells it
	Method string // upper case
	Path   string // path template of the document, without the server's prefix: "/slots/{slot}"

	// Permissions are the accepted permissions of a token, any of which is enough (x-api-token-group).
	Permissions []string

	// Security lists the alternatives: a request is admitted if all schemes of one alternative are satisfied. A nil
	// list asks for nothing; so does an empty alternative.
	Security [][]SecurityScheme

	Parameters []Parameter
	Body       *Body // nil if the operation takes no body
	Responses  []Response
}

// A SecurityScheme says how a credential travels.
type SecurityScheme struct {
	Name   string // the scheme's key in the document
	Type   string // "http", "apiKey", "oauth2", "openIdConnect"
	Scheme string // for "http": "bearer", "basic", …, lower case
	In     string // for "apiKey": "header", "query" or "cookie"
	Param  string // for "apiKey": the name of the header, query parameter or cookie
	Scopes []string
}

// A Parameter is a path, query, header or cookie parameter.
type Parameter struct {
	Name     string
	In       string // "path", "query", "header" or "cookie"
	Style    string // "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited" or "deepObject"
	Explode  bool
	Required bool
	// AllowEmpty admits "?name=" whatever the schema says (allowEmptyValue).
	AllowEmpty bool
	// JSON means that the value is a JSON text (content: application/json) and neither Style nor Explode apply.
	JSON   bool
	Schema *Schema
	// Default is the text that a handler takes for the parameter if it is absent, in a query or a header; empty for none.
	Default string
}

// A Body is the request body of an operation.
type Body struct {
	Required bool
	Content  []Content // in the order of the media types
}

// A Content is one media type that a body may have. Schema is nil if the body is not checked: binary and text bodies, and
// media types that are not JSON.
type Content struct {
	MediaType string // may be a range: "text/*", "*/*"
	Schema    *Schema
}

// A Response is one answer that the document declares.
type Response struct {
	Status  string // "200", "4XX" or "default"
	Headers []Header
	Content []Content // empty if the answer has no body
}

// A Header is a response header that the document declares.
type Header struct {
	Name     string
	Required bool
	Explode  bool
	Schema   *Schema
}
