// Package oapicodegen lets oapi-codegen write the surface of a generated package: the declarations that its users know, from request and
// response objects to the client. It is the only package that imports oapi-codegen.
//
// oapi-codegen runs on a projection of the model: a document made for it, in which every operation and every schema is a reference to a name
// that this package makes up. So neither its type generation nor its naming can get in the way. Its output is taken by declaration; the made-up
// names become those of the model, and the bodies of the functions that bind, parse, encode or route are left to package emit.
package oapicodegen

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/interconnect-go/interconnect/gen/internal/model"
)

// Options choose what is generated.
type Options struct {
	Client, Responses, Server bool

	// Servers are the servers to generate the URLs of; nil for none.
	Servers []model.Server

	// ResponseSuffix is the suffix of the types of ClientWithResponses; empty for Response.
	ResponseSuffix string
	ClientName     string // empty for Client

	// NameNormalizer and Initialisms are what oapi-codegen spells the names of media types with; one of Normalizers, or empty.
	NameNormalizer string
	Initialisms    []string

	// Methods that the types of ClientWithResponses have besides their fields.
	Getters, ContentType, Bytes bool
}

// A projection is the document that oapi-codegen runs on, and what the names in it stand for.
type projection struct {
	doc     *openapi3.T
	types   map[string]string // made-up names → Go types
	names   map[string]string // and back
	headers []*model.Header   // by the number in their made-up names
	words   []word            // likewise
	spelled map[string]bool   // values of server variables that are identifiers, with a capital
	goOf    func(*model.Type) string
}

// operationName and typeName make up names that nothing else in the output contains. They end in a capital, as every normalizer leaves a capital
// behind a digit as it is.
func operationName(i int) string { return fmt.Sprintf("Xop%06dX", i) }
func typeName(i int) string      { return fmt.Sprintf("Xty%06dX", i) }

// project makes the projection of operations and servers.
func project(operations []*model.Operation, servers []model.Server, goOf func(*model.Type) string) *projection {
	p := &projection{
		doc: &openapi3.T{
			OpenAPI:    "3.0.3",
			Info:       &openapi3.Info{Title: "projection", Version: "1"},
			Paths:      openapi3.NewPaths(),
			Components: &openapi3.Components{Schemas: openapi3.Schemas{}},
		},
		types: map[string]string{}, names: map[string]string{}, spelled: map[string]bool{}, goOf: goOf,
	}
	for i, op := range operations {
		item := &openapi3.PathItem{}
		item.SetOperation("POST", p.operation(operationName(i), op))
		p.doc.Paths.Set(projectedPath(i, op), item)
	}
	for _, s := range servers {
		for _, v := range s.Variables {
			for _, value := range append(v.Enum, v.Default) {
				p.spelled[codegen.UppercaseFirstCharacter(value)] = true
			}
		}
	}
	for _, s := range servers {
		p.doc.Servers = append(p.doc.Servers, p.server(s))
	}
	return p
}

// A word is the name or a value of a server variable that is not an identifier, for which oapi-codegen gets a made-up name.
type word struct {
	text string
	name string // an exported identifier for it
}

func (p *projection) server(s model.Server) *openapi3.Server {
	out := &openapi3.Server{Description: printable(s.Doc), Variables: map[string]*openapi3.ServerVariable{}}
	declared := map[string]model.ServerVariable{}
	for _, v := range s.Variables {
		declared[v.Name] = v
	}
	out.URL = placeholder.ReplaceAllStringFunc(printable(s.URL), func(text string) string {
		name := text[1 : len(text)-1]
		made := p.word(name, token.IsIdentifier(name))
		if v, ok := declared[name]; ok && out.Variables[made] == nil {
			variable := &openapi3.ServerVariable{Default: v.Default, Description: printable(v.Doc)}
			values := slices.Clone(v.Enum)
			if len(values) > 0 && !slices.Contains(values, v.Default) {
				values = append(values, v.Default)
			}
			for _, value := range values {
				made := p.word(value, value != "" && token.IsIdentifier("_"+value))
				variable.Enum = append(variable.Enum, made)
				if value == v.Default {
					variable.Default = made
				}
			}
			out.Variables[made] = variable
		}
		return "{" + made + "}"
	})
	return out
}

// printable leaves out what a comment of Go cannot have, and makes one line of a text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == '\ufeff' || unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// word is a text if oapi-codegen takes it as it is, or else the made-up name for it.
func (p *projection) word(text string, taken bool) string {
	if taken {
		return text
	}
	i := slices.IndexFunc(p.words, func(w word) bool { return w.text == text })
	if i < 0 {
		i = len(p.words)
		name := Prefix(text) + codegen.ToCamelCase(text)
		if !token.IsIdentifier(name) || !token.IsExported(name) {
			name = "Value"
		}
		for base, n := name, 2; p.spelled[name] || slices.ContainsFunc(p.words, func(w word) bool { return w.name == name }); n++ {
			name = base + strconv.Itoa(n)
		}
		p.words = append(p.words, word{text, name})
	}
	return fmt.Sprintf("Xwo%06dX", i)
}

// spell is a word behind a byte of the output: in a literal, within an identifier, or as the name of a parameter.
func (w word) spell(before byte) string {
	switch {
	case before == '"' || before == '{':
		quoted := strconv.Quote(w.text)
		return quoted[1 : len(quoted)-1]
	case isWord(before) || before == '`':
		return w.name
	}
	return "p" + w.name
}

// projectedPath is a path with the path parameters of the operation. It sorts like the operations.
func projectedPath(i int, op *model.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "/p%06d", i)
	for j, parameter := range op.Parameters {
		if parameter.In == "path" {
			fmt.Fprintf(&b, "/{a%d}", j)
		}
	}
	return b.String()
}

func (p *projection) operation(name string, op *model.Operation) *openapi3.Operation {
	out := &openapi3.Operation{OperationID: name, Responses: openapi3.NewResponsesWithCapacity(len(op.Responses))}
	for j, parameter := range op.Parameters {
		out.Parameters = append(out.Parameters, &openapi3.ParameterRef{Value: p.parameter(j, parameter)})
	}
	if len(op.Bodies) > 0 {
		body := &openapi3.RequestBody{Required: op.Required, Content: openapi3.Content{}}
		for _, c := range op.Bodies {
			body.Content[c.Name] = p.content(c)
		}
		out.RequestBody = &openapi3.RequestBodyRef{Value: body}
	}
	for _, r := range op.Responses {
		response := &openapi3.Response{Description: new(""), Content: openapi3.Content{}, Headers: openapi3.Headers{}}
		for _, c := range r.Contents {
			response.Content[c.Name] = p.content(c)
		}
		for _, h := range r.Headers {
			header := &openapi3.Header{Parameter: openapi3.Parameter{Required: h.Required, Schema: p.schema(h.Type, !h.Pointer)}}
			response.Headers[fmt.Sprintf("Xhd%06dX", len(p.headers))] = &openapi3.HeaderRef{Value: header}
			p.headers = append(p.headers, h)
		}
		out.Responses.Set(r.Status, &openapi3.ResponseRef{Value: response})
	}
	return out
}

func (p *projection) parameter(j int, parameter *model.Parameter) *openapi3.Parameter {
	in := parameter.In
	if in == "querystring" {
		in = "query"
	}
	name := fmt.Sprintf("a%d", j)
	out := &openapi3.Parameter{
		Name: name, In: in, Required: parameter.Required, Schema: p.schema(parameter.Type, !parameter.Pointer),
		Extensions: map[string]any{"x-go-name": fmt.Sprintf("Xpa%06dX", j)},
	}
	if !parameter.Pointer {
		out.Extensions["x-go-type-skip-optional-pointer"] = true
	}
	return out
}

func (p *projection) content(c *model.Content) *openapi3.MediaType {
	switch {
	case c.Type == nil, c.Kind == model.Binary, c.Kind == model.Stream:
		return &openapi3.MediaType{}
	}
	return &openapi3.MediaType{Schema: p.schema(c.Type, false)}
}

// schema is a reference to a made-up schema that stands for a Go type.
func (p *projection) schema(t *model.Type, skipPointer bool) *openapi3.SchemaRef {
	goType := p.goOf(t)
	name, ok := p.names[goType]
	if !ok {
		name = typeName(len(p.names))
		p.names[goType], p.types[name] = name, goType
		p.doc.Components.Schemas[name] = &openapi3.SchemaRef{Value: &openapi3.Schema{Type: &openapi3.Types{"object"}, Properties: openapi3.Schemas{
			"a": {Value: openapi3.NewStringSchema()},
		}}}
	}
	ref := &openapi3.SchemaRef{Ref: "#/components/schemas/" + name, Value: p.doc.Components.Schemas[name].Value}
	if skipPointer {
		ref.Extensions = map[string]any{"x-go-type-skip-optional-pointer": true}
	}
	return ref
}

// run lets oapi-codegen generate code for the projection.
func (p *projection) run(opts Options) (string, error) {
	excluded := make([]string, 0, len(p.types))
	for name := range p.types {
		excluded = append(excluded, name)
	}
	slices.Sort(excluded)
	return codegen.Generate(p.doc, codegen.Configuration{
		PackageName: "projection",
		Generate: codegen.GenerateOptions{
			Models: true, Client: opts.Client || opts.Responses, StdHTTPServer: opts.Server, Strict: opts.Server,
			ServerURLs: len(opts.Servers) > 0,
		},
		OutputOptions: codegen.OutputOptions{
			SkipFmt:                       true, // goimports would take most of the time
			SkipPrune:                     true,
			ExcludeSchemas:                excluded,
			SkipResponseBodyGetters:       !opts.Getters,
			SkipClientResponseContentType: !opts.ContentType,
			ClientResponseBytesFunction:   opts.Bytes,
			ResponseTypeSuffix:            opts.ResponseSuffix,
			ClientTypeName:                opts.ClientName,
			NameNormalizer:                opts.NameNormalizer,
			AdditionalInitialisms:         opts.Initialisms,
		},
		AllowRemoteRefsFrom: []string{},
	})
}
