// Package emit prints Go code for a model. Every decision has been taken when it runs: the functions here spell types and values in Go, and
// the templates print.
package emit

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"go/scanner"
	"slices"
	"strings"
	"text/template"

	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
)

// Files are the files of a generated package, by name.
type Files map[string][]byte

// Options choose what is printed.
type Options struct {
	Models, Client, Server bool
	StdHTTP                bool // servers, and receivers of webhooks and callbacks, that get the HTTP request

	Packages         []model.Import // that code may use by their names, besides those of x-go-type-import
	Document         []byte         // the document as JSON, to embed; nil for none
	SkipEnumValidate bool           // enums have no method Valid
	YAMLTags         bool           // fields of parameters have yaml tags
	OmitZero         bool           // those of optional parameters without a pointer have the tag omitzero
	RequestDefaults  bool           // servers give absent members of requests their defaults
}

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(functions).ParseFS(templateFiles, "templates/*.tmpl"))

// functions are what templates call to spell parts of the model in Go.
var functions = template.FuncMap{
	"go":             Go,
	"read":           readCall,
	"write":          writeCall,
	"reader":         reader,
	"writer":         writer,
	"quote":          quoteGo,
	"comment":        comment,
	"doc":            declarationDoc,
	"fielddoc":       fieldDoc,
	"methoddoc":      methodDoc,
	"present":        presence,
	"article":        articleOf,
	"embedded":       embeddedName,
	"join":           strings.Join,
	"variants":       variantList,
	"union":          constraintOf,
	"unionDoc":       unionDoc,
	"getterDoc":      getterDoc,
	"fills":          fills,
	"writeField":     writeField,
	"readConverted":  func(t *model.Type) string { return converted(t, "read", "Read", "r") },
	"writeConverted": func(t *model.Type) string { return converted(t, "write", "Write", "w") },
}

// imports are the packages that generated code may use, by the name that it uses.
var imports = map[string]string{
	"bytes": "bytes", "cmp": "cmp", "context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "io": "io", "iter": "iter",
	"json": "encoding/json", "multipart": "mime/multipart", "strconv": "strconv", "strings": "strings", "time": "time", "url": "net/url",
	"contract":      "github.com/interconnect-go/interconnect/contract",
	"schema":        "github.com/interconnect-go/interconnect/contract/schema",
	"wire":          "github.com/interconnect-go/interconnect/contract/wire",
	"nullable":      "github.com/oapi-codegen/nullable",
	"openapi3":      "github.com/getkin/kin-openapi/openapi3",
	"openapi_types": "github.com/oapi-codegen/runtime/types",
}

// Imported is the path of the package that generated code uses by a name, "" for none.
func Imported(name string) string { return imports[name] }

// An emitter prints the files of one package.
type emitter struct {
	opts    Options
	places  map[*model.Operation]string // the Go expressions for the descriptors
	printer *printer
	api     *model.API
	files   Files
	imports map[string]string
	effects []string // packages that the next file imports for their effects
	err     error
}

// Package prints the package of a model, with the surface that oapi-codegen has written for it.
func Package(api *model.API, surface *oapicodegen.Surface, opts Options) (Files, error) {
	e := &emitter{opts: opts, places: map[*model.Operation]string{}, api: api, files: Files{}, imports: map[string]string{}, printer: newPrinter(api)}
	for variable, operations := range descriptorLists(api) {
		for i, op := range operations {
			e.places[op] = fmt.Sprintf("%s[%d]", variable, i)
		}
	}
	for name, path := range imports {
		e.imports[name] = path
	}
	for name, path := range api.Imports {
		e.imports[name] = path
	}
	for _, pkg := range opts.Packages {
		e.imports[pkg.Name] = pkg.Path
	}
	e.file("doc.gen.go", e.print("doc.tmpl", api), "")
	if opts.Models {
		e.file("types.gen.go", e.print("types.tmpl", typesData{api, opts.SkipEnumValidate})+"\n"+e.section(surface.Models), "types")
		e.file("codecs.gen.go", e.print("codecs.tmpl", api), "codecs")
		e.file("defaults.gen.go", e.defaults(), "defaults")
		e.effects = api.Effects
		if api.Engine {
			e.effects = append(e.effects, "github.com/interconnect-go/interconnect/contract/ecma")
		}
		e.file("schemas.gen.go", e.schemas(), "schemas")
	}
	if opts.Client || opts.Server {
		e.file("operations.gen.go", e.descriptors(), "operations")
	}
	if opts.Server {
		code := e.section(surface.Server) + e.server(surface) + e.bodyReaders(surface)
		if opts.StdHTTP {
			code += e.wiring(surface)
		}
		e.file("server.gen.go", code+e.receivers(surface, opts.StdHTTP), "server")
	}
	if opts.Client {
		e.file("client.gen.go", e.section(surface.Client)+e.bodyWriters(surface)+e.senders(surface), "client")
		e.file("responses.gen.go", e.section(surface.Replies), "responses")
	}
	e.file("servers.gen.go", e.section(surface.Servers), "servers")
	if opts.Document != nil {
		e.file("spec.gen.go", e.print("spec.tmpl", pieces(string(opts.Document))), "spec")
	}
	return e.files, e.err
}

// typesData is what the template of the types prints.
type typesData struct {
	*model.API
	SkipEnumValidate bool
}

// pieces are parts of a text, of about the width of a line. It is not compressed: what a compressor writes depends on the version of Go.
func pieces(text string) (all []string) {
	const width = 110
	start := 0
	for i := range text {
		if i-start >= width {
			all = append(all, text[start:i])
			start = i
		}
	}
	return append(all, text[start:])
}

func (e *emitter) print(name string, data any) string {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		e.fail(err)
	}
	return b.String()
}

func (e *emitter) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// file adds a file with the header, the imports that the code needs, and the code. A file without code is not written.
func (e *emitter) file(name, code, what string) {
	if strings.TrimSpace(code) == "" {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Code generated by contractgen from %s. DO NOT EDIT.\n\n", e.api.Source)
	if what != "" {
		b.WriteString("package " + e.api.Package + "\n\n" + e.importsOf(code))
	}
	b.WriteString(code)
	text, err := format.Source([]byte(b.String()))
	if err != nil {
		e.fail(fmt.Errorf("%s does not parse, which is a mistake of the generator: %w; %s", name, err, lineOf(b.String(), err)))
		return
	}
	e.files[name] = text
}

// lineOf is the line that an error of the parser is about.
func lineOf(code string, err error) string {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return ""
	}
	lines := strings.Split(code, "\n")
	return "it reads: " + strings.TrimSpace(lines[min(list[0].Pos.Line, len(lines))-1])
}

// importsOf lists the packages that the code names.
func (e *emitter) importsOf(code string) string {
	var standard, others []string
	for name, path := range e.imports {
		if !uses(code, name) {
			continue
		}
		spec := quoteGo(path)
		if path[strings.LastIndexByte(path, '/')+1:] != name {
			spec = name + " " + spec
		}
		if strings.Contains(path, ".") {
			others = append(others, spec)
		} else {
			standard = append(standard, spec)
		}
	}
	for _, path := range e.effects {
		others = append(others, "_ "+quoteGo(path))
	}
	e.effects = nil
	if len(standard)+len(others) == 0 {
		return ""
	}
	byPath := func(a, b string) int {
		return strings.Compare(a[strings.IndexByte(a, '"'):], b[strings.IndexByte(b, '"'):])
	}
	slices.SortFunc(standard, byPath)
	slices.SortFunc(others, byPath)
	return "import (\n" + strings.Join(standard, "\n") + "\n\n" + strings.Join(others, "\n") + "\n)\n\n"
}

// uses reports whether code names a package, outside of comments and strings.
func uses(code, name string) bool {
	for rest, offset := code, 0; ; {
		i := strings.Index(rest, name+".")
		if i < 0 {
			return false
		}
		at := offset + i
		if (at == 0 || !isWord(code[at-1])) && !inCommentOrString(code, at) {
			return true
		}
		offset = at + len(name)
		rest = code[offset:]
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// inCommentOrString reports whether a place in code is within a comment or a string that begins on its line.
func inCommentOrString(code string, at int) bool {
	line := code[strings.LastIndexByte(code[:at], '\n')+1 : at]
	quoted := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted == 0 && (c == '"' || c == '`' || c == '\''):
			quoted = c
		case quoted != 0 && c == '\\' && quoted != '`':
			i++
		case quoted != 0 && c == quoted:
			quoted = 0
		case quoted == 0 && strings.HasPrefix(line[i:], "//"):
			return true
		}
	}
	return quoted != 0
}
