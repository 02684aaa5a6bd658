// Package model is an API as Go will have it: the types with their fields, the unions, the operations, and the schemas that values are
// validated against. [Build] makes a model of a document once; nothing changes it afterwards. What prints code, checks examples or searches
// for overlaps is a function of the model.
//
// The differences between OpenAPI 3.0, 3.1 and 3.2 end here, and so do references, allOf and the names that have to be made up.
package model

import (
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// An API is the model of a document.
type API struct {
	Package string // name of the Go package
	Source  string // name of the document, as the generated files give it
	Title   string
	Doc     string
	Version string

	// BasePath is the path of the first server, without a slash at its end.
	BasePath string
	Servers  []Server

	Types      []*Type      // the types to declare, sorted by name
	Components []*Component // the component schemas that are used, in the order of the document
	Operations []*Operation // of paths, in the order of the document
	Webhooks   []*Operation
	Callbacks  []*Operation // of Operations and Webhooks, and of callbacks, each once

	// Renamed lists the names that would have collided and got another one.
	Renamed []Renaming

	// Variables are the schemas that are declared as variables, with their names: those of components and of what components share.
	Variables []Variable

	// Imports are the packages that types of the author are of: their paths by the names that the types use.
	Imports map[string]string

	// Effects are packages to import for their effects, such as formats that they add.
	Effects []string

	// Engine is set if a pattern needs more than Go's regular expressions.
	Engine bool

	types   map[*source.Node]*Type
	schemas map[*source.Node]*schema.Schema
	origins map[*schema.Schema]*source.Node
}

// AllOperations are the operations of paths, webhooks and callbacks.
func (api *API) AllOperations() []*Operation {
	return slices.Concat(api.Operations, api.Webhooks, api.Callbacks)
}

// Names are the names that types, and what belongs to them, have at the top level of the package.
func (api *API) Names() map[string]bool {
	names := map[string]bool{}
	for _, t := range api.Types {
		names[t.Name], names[t.Interface], names[t.Constructor], names[t.NullName] = true, true, true, true
		for _, v := range t.Values {
			names[v.Name] = true
		}
	}
	return names
}

// A Server is a URL at which the API is served.
type Server struct {
	URL       string
	Name, Doc string
	Variables []ServerVariable
}

// A ServerVariable is a part of a server's URL.
type ServerVariable struct {
	Name, Default, Doc string
	Enum               []string
}

// A Component is a schema of components/schemas.
type Component struct {
	Key    string // in the document
	Type   *Type
	Schema *schema.Schema
	Node   *source.Node
}

// A Variable is a schema that is declared by a name.
type Variable struct {
	Name   string
	Schema *schema.Schema
}

// A Renaming is a name that was taken.
type Renaming struct {
	Position  source.Position
	Pointer   string
	Want, Got string
}

// A Kind is a kind of Go type.
type Kind uint8

const (
	Basic   Kind = iota // predeclared, or of an imported package: string, int64, time.Time; see Type.Basic
	Scalar              // declared: its values are those of Elem, which is Basic
	Enum                // declared, with constants
	Struct              // declared
	Union               // declared, oneOf or anyOf
	List                // a slice of Elem
	Map                 // a map from strings to Elem
	Pointer             // a pointer to Elem
	Option              // nullable.Nullable of Elem: null is kept apart from absent
	Any                 // any
	Raw                 // json.RawMessage
	Foreign             // named by x-go-type
	Alias               // declared: another name of Elem
	Wrapper             // declared: a struct around Elem, which is Basic and of an imported package
)

// A Type is a Go type.
type Type struct {
	Kind Kind
	Name string // of a declared type
	Doc  string // the description in the document; empty if there is none
	Node *source.Node
	// Pointer is the JSON pointer of the schema.
	Pointer    string
	Deprecated string // why; "-" if the document gives no reason; empty if the type is not deprecated

	Elem   *Type
	Go     string // the expression of a Basic or Foreign type: "time.Time"
	Import Import // of a Foreign type
	Var    string // the variable of the schema
	Schema *schema.Schema

	Fields    []*Field // of a Struct
	Extra     *Type    // the type of the members that a Struct does not declare; nil if it drops them
	ExtraName string   // of the field for them

	Values []*Value // of an Enum

	Variants      []*Variant // of a Union
	Interface     string     // the name of the interface that the variants of a Union implement
	Constructor   string     // the name of the function that makes a Union
	Any           bool       // the union is an anyOf
	Discriminator string     // the member that selects the variant; empty if the shape does
	Null          bool       // null is a value of the union
	NullName      string     // of the type that stands for null
	Common        []*Getter  // members that every variant has

	Defaults bool // values have members with defaults, of their own or within: the type has a method ApplyDefaults
	Circular bool // values can consist of values of the type

	recursive bool   // refers to itself without a struct in between
	path      string // that the types of inline schemas within it are named after
	declared  bool   // as a struct, union or enum
}

// An Import is the import of a package.
type Import struct{ Name, Path string }

// A Field is a field of a struct.
type Field struct {
	Name, Wire string
	Doc        string
	Deprecated string
	Type       *Type // as it is declared, pointer included
	Index      int   // of the property in the schema of the struct
	Required   bool
	Absent     Absence // how the field shows that the member is absent
	Tags       string  // the struct tag, without back quotes
	Default    string  // a JSON text; empty for none
	Applied    bool    // ApplyDefaults sets the default
	Directed   bool    // read-only or write-only
	Hidden     bool    // x-go-json-ignore: the field is neither read nor written
	Order      int
}

// Absence is how a Go value shows that a member is absent.
type Absence uint8

const (
	Never       Absence = iota // it does not: the member is always written
	Nil                        // nil
	Unset                      // a union without a value
	Unspecified                // a nullable.Nullable that is not specified
	Zero                       // the zero value (x-go-type-skip-optional-pointer)
)

// A Value is a value of an enum.
type Value struct {
	Name string // of the constant
	Go   string // the value as a Go literal
	JSON string
	Doc  string
}

// A Variant is one of the types that a union can hold.
type Variant struct {
	Type   *Type
	Name   string   // the Go type
	Index  int      // among the variants of the schema
	Values []string // of the discriminator
	Field  string   // the Go field of the discriminator, if there is one value that it must have
	Value  string   // that value as a Go expression

	Held *Type // what the field points to; nil if it is not a pointer
}

// A Getter is a method of a union for a member that every variant has.
type Getter struct {
	Name, Wire string
	Type       *Type
	Doc        string
}

// A HookKind says whether an operation is one that the service sends to its callers.
type HookKind uint8

const (
	NoHook HookKind = iota // an operation of a path
	Webhook
	Callback
)

// String is the kind in Go names, "" for operations of paths.
func (k HookKind) String() string { return [...]string{"", "Webhook", "Callback"}[k] }

// word is the kind in sentences.
func (k HookKind) word() string { return strings.ToLower(k.String()) }

// An Operation is one method of one path, webhook or callback.
type Operation struct {
	ID         string // operationId; made up if the document gives none
	Name       string // in Go
	Method     string // upper case
	Path       string // template, as the document has it; the name of a webhook, the expression of a callback
	Hook       HookKind
	HookName   string   // of the webhook or callback
	Route      string   // what of it is matched with the path of a request
	Preferred  []string // the routes with the method that go before this one, for some paths
	Query      string   // what of it a query must have, "" for nothing
	Summary    string
	Doc        string
	Node       *source.Node
	Pointer    string
	Tags       []string
	Reason     string // why it is deprecated, see Type.Deprecated
	Servers    []Server
	Security   [][]Scheme // alternatives; nil demands nothing
	Extensions []Extension

	Parameters []*Parameter // those in the path first, in its order; then query, header and cookie parameters
	Required   bool         // the body is
	BodyDoc    string
	Bodies     []*Content
	BodyRef    string // key of the component request body, if it is one
	Responses  []*Response
	Callbacks  []*Operation
}

// An Extension is a member x-… of an operation that the config asks for.
type Extension struct{ Name, JSON string }

// A Scheme is a security scheme as an operation demands it.
type Scheme struct {
	Name, Type, Scheme, In, Param string
	Scopes                        []string
}

// A Parameter is a parameter of an operation.
type Parameter struct {
	Name     string // of the field or, for a path parameter, of the field in the request object
	Variable string // of the Go variable of a path parameter
	Wire     string
	In       string // "path", "query", "header", "cookie" or "querystring"
	Style    string
	Explode  bool
	Doc      string
	Reason   string // why it is deprecated
	Required bool
	// Type is the type of a value; the field is a pointer to it if Pointer is set.
	Type          *Type
	Pointer       bool
	Schema        *schema.Schema
	AllowReserved bool
	AllowEmpty    bool
	MediaType     string // of content; empty if the parameter has a schema
	Default       string // a JSON text; empty for none
	Tags          string // struct tags that extensions add, each after a space
	Key           string // of the component parameter
	Node          *source.Node
	At            string // JSON pointer
}

// Field is the field that holds the parameter, in the struct of an operation's parameters.
func (p *Parameter) Field() *Field {
	f := fieldOf(p.Type, p.Required, p.Pointer)
	f.Name, f.Doc, f.Deprecated, f.Default = p.Name, p.Doc, p.Reason, p.Default
	f.Applied = p.Default != "" && p.Default != "null" && !p.Required && p.Schema.Check([]byte(p.Default), schema.Undirected) == nil
	return f
}

// Field is the field that holds the header, in the struct of a response's headers.
func (h *Header) Field() *Field {
	f := fieldOf(h.Type, h.Required, h.Pointer)
	f.Name, f.Doc, f.Deprecated = h.Name, h.Doc, h.Reason
	return f
}

// fieldOf is a field for values of a type, or for a pointer to one.
func fieldOf(t *Type, required, pointer bool) *Field {
	f := &Field{Type: t, Required: required}
	k := t.Underlying().Kind
	switch {
	case pointer:
		f.Type, f.Absent = &Type{Kind: Pointer, Elem: t}, Nil
	case required:
	case k == Union:
		f.Absent = Unset
	case k == Any || k == Raw || k == List || k == Map || t.Kind == Pointer:
		f.Absent = Nil
	default:
		f.Absent = Zero
	}
	return f
}

// A BodyKind says how a body is read and written.
type BodyKind uint8

const (
	JSON      BodyKind = iota // application/json and others that end in +json
	Form                      // application/x-www-form-urlencoded
	Multipart                 // multipart/form-data and others
	Text                      // text/plain
	Stream                    // a sequence of JSON texts or of server-sent events
	Binary                    // bytes that are not checked
)

// A Content is a body of one media type.
type Content struct {
	MediaType string
	Name      string // the media type without what makes no difference to oapi-codegen's names; sorts like the bodies
	Kind      BodyKind
	Type      *Type          // nil for bytes that are not checked
	Schema    *schema.Schema // likewise
	Item      *Type          // of a Stream
	Encoding  []Encoding
	Node      *source.Node
	Pointer   string
}

// An Encoding says how a member of a form is written.
type Encoding struct {
	Member        string
	ContentType   string
	Style         string // empty if the document gives none
	Explode       bool
	AllowReserved bool
	Headers       []*Header
}

// A Response is a response of an operation.
type Response struct {
	Status   string // "200", "4XX" or "default"
	Doc      string
	Headers  []*Header
	Contents []*Content
	Key      string // of the component response
	Node     *source.Node
	Pointer  string
}

// A Header is a header of a response.
type Header struct {
	Name     string // in Go
	Wire     string
	Doc      string
	Reason   string // why it is deprecated
	Required bool
	// Type is the type of a value; the field is a pointer to it if Pointer is set.
	Type    *Type
	Pointer bool
	Explode bool
	JSON    bool
	Schema  *schema.Schema
}

// String is the name of the kind, for templates.
func (k Kind) String() string {
	return [...]string{"Basic", "Scalar", "Enum", "Struct", "Union", "List", "Map", "Pointer", "Option", "Any", "Raw", "Foreign", "Alias", "Wrapper"}[k]
}
