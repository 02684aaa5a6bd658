package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// The stock code is what oapi-codegen writes: types, client and server. This is the only file that knows oapi-codegen.

// stock is that code, cut into the files that it is published as.
type stock struct {
	types, client, server []string          // declarations, each with its comment
	imports               map[string]string // package name → import spec
	declared              map[string]token.Pos
}

// mark stands in front of a description that does not begin with the name of what it describes. oapi-codegen puts that
// name in front of every description; where mark follows it, the name goes again.
const mark = "\u2063"

func generateStock(doc *document, packageName string, components map[string]*component, unions []union) (*stock, error) {
	describe(doc.api, components)
	excluded := make([]string, len(unions))
	for i, u := range unions {
		excluded[i] = u.Name
	}
	fitReferences(doc.api, unions)
	text, err := codegen.Generate(doc.api, codegen.Configuration{
		PackageName: packageName,
		Generate: codegen.GenerateOptions{
			Models:        true,
			Client:        true,
			StdHTTPServer: true,
			Strict:        true,
		},
		OutputOptions: codegen.OutputOptions{
			SkipFmt:        true, // formatting is the last step of the pipeline, and goimports would be the slowest of all
			SkipPrune:      true,
			ExcludeSchemas: excluded,
			TypeMapping: &codegen.TypeMapping{
				Number: codegen.FormatMapping{Default: codegen.SimpleTypeSpec{Type: "float64"}},
			},
			PreferSkipOptionalPointerOnContainerTypes: true,
			SkipResponseBodyGetters:                   true, // the fields are exported
			SkipClientResponseContentType:             true,
		},
		AllowRemoteRefsFrom: []string{},
	})
	if err != nil {
		doc.refuseStock(err)
		return nil, doc.diagnostics.err()
	}
	return cut(doc, text, components, unions)
}

// refuseStock reports what oapi-codegen does not accept. Its errors have no place; often they quote a name that has.
func (d *document) refuseStock(err error) {
	what := strings.Join(strings.Fields(err.Error()), " ")
	position := d.guess(what)
	position.File = d.source
	d.diagnostics = append(d.diagnostics, Diagnostic{Position: position, What: "oapi-codegen: " + what + "; change the document accordingly"})
}

// fitReferences tells oapi-codegen how to hold unions, containers and anyOf. A union is never behind a pointer: its zero
// value stands for an absent member. So does a nil slice or map, but not an empty one, which omitempty would lose. A schema
// with anyOf has no Go type of its own; its values stay raw, but checked.
func fitReferences(api *openapi3.T, unions []union) {
	isUnion := map[string]bool{}
	for _, u := range unions {
		isUnion[schemasPrefix+u.Name] = true
	}
	for _, component := range api.Components.Schemas {
		eachSchema(component, func(ref *openapi3.SchemaRef) {
			if len(ref.Value.AnyOf) > 0 && ref.Ref == "" {
				setExtension(ref, "x-go-type", "json.RawMessage")
				setExtension(ref, "x-go-type-skip-optional-pointer", true)
			}
			for name, property := range ref.Value.Properties {
				if isUnion[property.Ref] {
					setExtension(property, "x-go-type-skip-optional-pointer", true)
				}
				if !slices.Contains(ref.Value.Required, name) && (isUnion[property.Ref] || isContainer(property.Value)) {
					setExtension(property, "x-omitempty", false)
					setExtension(property, "x-omitzero", true)
				}
			}
		})
	}
	for name := range isUnion {
		ref := api.Components.Schemas[strings.TrimPrefix(name, schemasPrefix)]
		ref.Value.Nullable = false
	}
}

// isContainer tells whether oapi-codegen makes a slice or map of a schema.
func isContainer(s *openapi3.Schema) bool {
	return s.Type.Is("array") || s.Type.Is("string") && s.Format == "byte" || len(s.AnyOf) > 0 ||
		s.Type.Is("object") && len(s.Properties)+len(s.AllOf)+len(s.OneOf) == 0
}

// eachSchema visits a schema and all inline schemas within.
func eachSchema(ref *openapi3.SchemaRef, visit func(*openapi3.SchemaRef)) {
	visit(ref)
	if ref.Ref != "" {
		return
	}
	s := ref.Value
	for _, part := range slices.Concat(s.AllOf, s.OneOf) {
		if part.Ref == "" {
			eachSchema(part, visit)
		}
	}
	for _, property := range s.Properties {
		if property.Ref == "" {
			eachSchema(property, visit)
		}
	}
	for _, part := range []*openapi3.SchemaRef{s.Items, s.AdditionalProperties.Schema} {
		if part != nil && part.Ref == "" {
			eachSchema(part, visit)
		}
	}
}

// withDefault is the description of a schema, with its default, which no code knows of but that of parameters.
func withDefault(s *openapi3.Schema) string {
	text, err := json.Marshal(s.Default)
	if s.Default == nil || err != nil || len(text) > commentWidth/2 {
		return s.Description
	}
	return strings.TrimSpace(strings.TrimSpace(s.Description) + "\n\nAbsent means " + string(text) + ".")
}

// describe rewrites summaries and descriptions such that oapi-codegen makes good comments of them.
func describe(api *openapi3.T, components map[string]*component) {
	for name, ref := range api.Components.Schemas {
		if ref.Value.Description == "" {
			ref.Value.Description = name + " is described by #" + components[name].pointer + "."
		}
		ref.Value.Description = comment(name, withDefault(ref.Value))
		eachSchema(ref, func(inner *openapi3.SchemaRef) {
			if s, ok := inner.Value.Example.(string); !ok || len(s) > commentWidth/2 {
				inner.Value.Example = nil // as a comment it would be one endless line
			}
			for _, property := range inner.Value.Properties {
				if property.Ref == "" {
					property.Value.Description = comment(goFieldName(property), withDefault(property.Value))
				}
			}
		})
	}
	described := map[*openapi3.Parameter]bool{}
	for _, item := range api.Paths.Map() {
		for _, op := range item.Operations() {
			name, _ := op.Extensions["x-go-name"].(string)
			op.OperationID = name
			op.Summary = lowerFirst(strings.TrimSuffix(op.Summary, "."))
			if op.Summary != "" {
				op.Summary += "."
			}
			op.Description = wrap(op.Description)
			if list := permissions(op); len(list) > 0 {
				op.Description = strings.TrimSpace(op.Description + "\n\n" + wrap("A token needs one of the permissions "+strings.Join(list, ", ")+"."))
			}
			for _, parameter := range slices.Concat(op.Parameters, item.Parameters) {
				if described[parameter.Value] {
					continue
				}
				described[parameter.Value] = true
				parameterName, _ := parameter.Value.Extensions["x-go-name"].(string)
				text := openapi3.Schema{Description: parameter.Value.Description}
				if parameter.Value.Schema != nil {
					text.Default = parameter.Value.Schema.Value.Default
				}
				parameter.Value.Description = comment(parameterName, withDefault(&text))
			}
		}
	}
}

// comment prepares the description of a name.
func comment(name, description string) string {
	description = strings.TrimSpace(description)
	if description == "" || strings.HasPrefix(description, mark) {
		return description
	}
	if rest, ok := strings.CutPrefix(description, name+" "); ok {
		lines := strings.SplitN(wrap(name+" "+rest), "\n", 2)
		lines[0] = strings.TrimPrefix(lines[0], name+" ")
		return strings.Join(lines, "\n")
	}
	return mark + wrap(description)
}

// commentWidth is how long the lines of comments become.
const commentWidth = 100

// wrap fills the lines of each paragraph. Indented lines and lists stay as they are. Characters that Go does not allow in a comment
// are left out.
func wrap(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\ufeff' || unprintable(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	var out []string
	fill := false // the last line may take more words
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" || strings.ContainsAny(line[:1], " \t-*#|>") {
			out = append(out, line)
			fill = false
			continue
		}
		for word := range strings.FieldsSeq(line) {
			last := len(out) - 1
			if fill && len(out[last])+1+len(word) <= commentWidth {
				out[last] += " " + word
				continue
			}
			out = append(out, word)
			fill = true
		}
	}
	return strings.Join(out, "\n")
}

var marked = regexp.MustCompile(`// \w+ ` + mark)

// rewordings put what is the same in every package right: comments into plain words, and one call.
var rewordings = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`(?m)^// (Handler\w*) creates http\.Handler with.*\n(// on the provided mux\.\n)?`), "// $1 routes to an implementation without checking anything. [NewHandler] is the one that checks.\n"},
	{regexp.MustCompile(`(?m)^func HandlerFromMuxWithBaseURL`), "// HandlerFromMuxWithBaseURL routes to an implementation without checking anything. [NewHandler] is the one that checks.\nfunc HandlerFromMuxWithBaseURL"},
	// A parameter that is a dot segment must not lead to another operation.
	{regexp.MustCompile(`serverURL\.Parse\(operationPath\)`), "contract.OperationURL(serverURL, operationPath)"},
	{regexp.MustCompile(`https://api\.deepmap\.com`), "https://api.example.com"},
	{regexp.MustCompile(`swagger spec`), "document"},
	{regexp.MustCompile(`// Defines values for (\w+)\.`), "// The values of $1."},
	{regexp.MustCompile(`// (\w+) defines parameters for (\w+)\.`), "// $1 are the query and header parameters of $2."},
	{regexp.MustCompile(`// (\w+) defines body for (\w+) for (\S+) ContentType\.`), "// $1 is the body of $2, as $3."},
}

// renameMediaTypes makes GetLOA200ApplicationPDFResponse of GetLOA200ApplicationpdfResponse.
func renameMediaTypes(api *openapi3.T, text string) string {
	mediaTypes := map[string]bool{}
	for _, item := range api.Paths.Map() {
		for _, op := range item.Operations() {
			for _, response := range op.Responses.Map() {
				for mediaType := range response.Value.Content {
					mediaTypes[mediaType] = true
				}
			}
		}
	}
	for mediaType := range sortedMap(mediaTypes) {
		theirs, ours := codegen.ToCamelCase(strings.ReplaceAll(mediaType, "/", "")), goName(mediaType)
		if theirs == "" || ours == "" || strings.Contains(mediaType, "*") {
			continue
		}
		text = regexp.MustCompile(`(\d{3}|default)`+regexp.QuoteMeta(theirs)+`(Response)\b`).ReplaceAllString(text, "${1}"+ours+"${2}")
	}
	return text
}

// cut parses the stock code and cuts it into declarations.
func cut(doc *document, text string, components map[string]*component, unions []union) (*stock, error) {
	text = marked.ReplaceAllString(text, "// ")
	text = strings.ReplaceAll(text, mark, "")
	for _, r := range rewordings {
		text = r.pattern.ReplaceAllString(text, r.with)
	}
	text = renameMediaTypes(doc.api, text)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "stock.go", text, parser.ParseComments)
	if err != nil {
		doc.refuseStock(fmt.Errorf("it wrote code that does not parse, because of a control character in the document or an x-go-type "+
			"that is not a type (%w)", err))
		return nil, doc.diagnostics.err()
	}
	s := &stock{imports: map[string]string{}, declared: map[string]token.Pos{}}
	variants := variantTypes(unions)
	absent := absentFields(file, unions)
	raw := rawTypes(file)
	section := &s.types
	previous := file.Name.End()
	for _, decl := range file.Decls {
		begin, end := previous, decl.End()
		previous = end
		source := strings.TrimSpace(text[set.Position(begin).Offset:set.Position(end).Offset])
		if general, ok := decl.(*ast.GenDecl); ok {
			switch general.Tok {
			case token.IMPORT:
				s.addImports(general)
				continue
			case token.TYPE:
				switch name := general.Specs[0].(*ast.TypeSpec).Name.Name; {
				case name == "RequestEditorFn":
					section = &s.client
				case name == "ServerInterface":
					section = &s.server
				default:
					if raw[name] && strings.HasSuffix(name, "JSONResponse") {
						source = "type " + name + " struct{ json.RawMessage }"
					}
					if variants[name] {
						source = define(source, general.Specs[0].(*ast.TypeSpec))
					}
					if c := components[name]; c != nil && c.member != "" {
						// The description of a hoisted schema speaks of the member that it was.
						source = strings.Replace(source, "// "+c.member+" ", "// "+name+" ", 1)
					}
				}
			}
		}
		if function, ok := decl.(*ast.FuncDecl); ok && function.Recv != nil && function.Name.Name == "MarshalJSON" {
			source = skipAbsent(source, absent[receiver(function)])
		}
		if function, ok := decl.(*ast.FuncDecl); ok && function.Recv != nil && function.Name.Name == "UnmarshalJSON" {
			source = readTolerantly(source, receiver(function))
		}
		if err := s.declare(doc, decl); err != nil {
			return nil, err
		}
		*section = append(*section, source)
	}
	return s, nil
}

// absentFields finds the struct fields that are absent when they are zero and that no pointer stands for: by the name of
// the struct, the field and the Go condition that it is there.
func absentFields(file *ast.File, unions []union) map[string]map[string]string {
	isUnion := map[string]bool{}
	for _, u := range unions {
		isUnion[u.Name] = true
	}
	fields := map[string]map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		object, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		fields[spec.Name.Name] = map[string]string{}
		for _, field := range object.Fields.List {
			if field.Tag == nil || !strings.Contains(field.Tag.Value, ",omit") {
				continue
			}
			there := "a." + field.Names[0].Name + " != nil"
			if ident, ok := field.Type.(*ast.Ident); ok && isUnion[ident.Name] {
				there = "a." + field.Names[0].Name + ".Value() != nil"
			}
			fields[spec.Name.Name][field.Names[0].Name] = there
		}
		return false
	})
	return fields
}

func receiver(function *ast.FuncDecl) string {
	t := function.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if ident, ok := t.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}

var encodedField = regexp.MustCompile(`(?m)^[ \t]*object\[.*\], err = json\.Marshal\(a\.(\w+)\)\n[ \t]*if err != nil \{\n.*\n[ \t]*\}$`)

// skipAbsent mends the encoding of objects with additional properties, which writes absent members as null, but for those
// behind pointers.
func skipAbsent(source string, fields map[string]string) string {
	return encodedField.ReplaceAllStringFunc(source, func(code string) string {
		there := fields[encodedField.FindStringSubmatch(code)[1]]
		if there == "" || strings.Contains(source, "if "+there+" {") {
			return code
		}
		return "if " + there + " {\n" + code + "\n}"
	})
}

// readTolerantly lets the members of an object with additional properties be decoded in another way, since such an object decodes
// itself.
func readTolerantly(source, name string) string {
	signature := "func (a *" + name + ") UnmarshalJSON(b []byte) error {"
	_, body, found := strings.Cut(source, signature)
	if !found {
		return source
	}
	for _, member := range []string{"raw", "fieldBuf"} {
		body = strings.ReplaceAll(body, "json.Unmarshal("+member+",", "unmarshal("+member+",")
	}
	return "// UnmarshalJSON decodes the members of " + name + ", and all others into AdditionalProperties.\n" +
		signature + " return a.UnmarshalTolerant(b, json.Unmarshal) }\n\n" +
		"// UnmarshalTolerant is UnmarshalJSON with the function to decode members by; see the package contract/tolerant.\n" +
		"func (a *" + name + ") UnmarshalTolerant(b []byte, unmarshal func([]byte, any) error) error {" + body
}

// rawTypes finds the types that are any. As a response, such a type could not have the method that a response needs.
func rawTypes(file *ast.File) map[string]bool {
	right := map[string]ast.Expr{}
	for _, decl := range file.Decls {
		if general, ok := decl.(*ast.GenDecl); ok && general.Tok == token.TYPE {
			spec := general.Specs[0].(*ast.TypeSpec)
			right[spec.Name.Name] = spec.Type
		}
	}
	raw := map[string]bool{}
	for name, t := range right {
		for range right { // follow the names, but in no circle
			ident, ok := t.(*ast.Ident)
			if !ok || right[ident.Name] == nil {
				break
			}
			t = right[ident.Name]
		}
		if t, ok := t.(*ast.InterfaceType); ok && t.Methods.NumFields() == 0 {
			raw[name] = true
		}
	}
	return raw
}

func variantTypes(unions []union) map[string]bool {
	names := map[string]bool{}
	for _, u := range unions {
		for _, v := range u.Variants {
			names[v.Name] = true
		}
	}
	return names
}

// define makes a defined type of an alias, since a variant needs a method that says whose variant it is. An alias of a
// named type is embedded, so that its methods stay.
func define(source string, spec *ast.TypeSpec) string {
	if !spec.Assign.IsValid() {
		return source
	}
	alias := "type " + spec.Name.Name + " = "
	named, raw := false, false
	switch t := spec.Type.(type) {
	case *ast.InterfaceType: // any value
		raw = true
	case *ast.SelectorExpr:
		named = true
	case *ast.Ident:
		named = ast.IsExported(t.Name)
	}
	i := strings.Index(source, alias)
	if i < 0 {
		return source
	}
	rest := source[i+len(alias):]
	switch {
	case raw:
		return source[:i] + "type " + spec.Name.Name + " struct{ json.RawMessage }"
	case named:
		return source[:i] + "type " + spec.Name.Name + " struct{ " + rest + " }"
	}
	return source[:i] + "type " + spec.Name.Name + " " + rest
}

func (s *stock) addImports(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		spec := spec.(*ast.ImportSpec)
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndexByte(path, '/')+1:]
		text := spec.Path.Value
		if spec.Name != nil {
			name = spec.Name.Name
			text = name + " " + text
		}
		s.imports[name] = text
	}
}

// declare notes the names of a declaration, and refuses a document that gives two things the same one.
func (s *stock) declare(doc *document, decl ast.Decl) error {
	for _, name := range declaredNames(decl) {
		if _, again := s.declared[name.Name]; again {
			position, _ := doc.find(name.Name)
			position.File = doc.source
			return Diagnostics{{position, "", fmt.Sprintf("the Go name %s is needed twice, for a schema and for code of an operation; give the schema an x-go-name", name.Name)}}
		}
		s.declared[name.Name] = name.Pos()
	}
	return nil
}

func declaredNames(decl ast.Decl) []*ast.Ident {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			return []*ast.Ident{decl.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name)
			case *ast.ValueSpec:
				names = append(names, spec.Names...)
			}
		}
		return names
	}
	return nil
}
