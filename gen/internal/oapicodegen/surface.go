package oapicodegen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/model"
)

// A Kind says what a declaration is, as far as package emit has to know.
type Kind uint8

const (
	Plain          Kind = iota // taken as it is
	Params                     // the struct of an operation's query, header and cookie parameters
	RequestObject              // the struct that an implementation gets
	ResponseType               // the type of a response; its body is Content's
	Visit                      // the method that writes a response: the body is to be emitted
	NewRequest                 // the function that makes a request with a body of a Go type: likewise
	NewRequestAny              // the function that makes a request with any body, or without one: likewise
	ResponseStruct             // what a method of ClientWithResponses returns
	ParseReply                 // the function that makes it: the body is to be emitted
	Interface                  // an interface with a method for each operation
)

// A Declaration is one top-level declaration.
type Declaration struct {
	Kind Kind
	Name string

	// Text is the declaration without its comment and, if the body is to be emitted, without its body.
	Text string
	Doc  string // the comment, without slashes

	Operation *model.Operation
	Response  *model.Response // of a response type and its Visit
	Content   *model.Content  // likewise, and of NewRequest; nil without a body
	Replies   []Reply         // of ParseReply
	Struct    bool            // a response type is a struct with a field Body
	Headers   string          // the type of its field Headers, empty without one
	Methods   []Method        // of an Interface
	Fields    []string        // of a RequestObject, but for the path parameters
	Result    string          // the name of the struct that a ParseReply returns

	// Of a NewRequest and NewRequestAny for a webhook or callback: the end of its name and those of the methods that send it, such as
	// WithBody, and its parameters but for the URL.
	Suffix    string
	Arguments []Argument
}

// An Argument is a parameter of a function.
type Argument struct{ Name, Type string }

// A Reply is a field of a ResponseStruct.
type Reply struct {
	Field    string
	Type     string
	Response *model.Response
	Content  *model.Content
	Headers  bool
	Added    bool // the field is not among those that oapi-codegen has written
}

// A Method is a method of an interface.
type Method struct {
	Text      string
	Name      string
	Operation *model.Operation
}

// A Surface is what oapi-codegen writes, in the files that it is published as.
type Surface struct {
	Models, Servers, Client, Replies, Server []Declaration

	// Senders are the functions that make requests of webhooks and callbacks.
	Senders []Declaration

	names map[string]bool // that are taken

	// Renamed has the names of what could not keep the one that oapi-codegen gives it.
	Renamed map[string]string
}

// Name is the name of what oapi-codegen calls so.
func (s *Surface) Name(name string) string { return cmp.Or(s.Renamed[name], name) }

// Claim takes a name for a declaration that is added to the surface; another one if it is taken.
func (s *Surface) Claim(name string) string {
	base := name
	for i := 1; s.names[name]; i++ {
		if name = base + "Wrapper"; i > 1 {
			name += strconv.Itoa(i)
		}
	}
	s.names[name] = true
	return name
}

// Generate lets oapi-codegen write the surface for operations. goOf spells types in Go.
//
// It must not be called concurrently: oapi-codegen keeps the state of a run in package variables.
//
// Names that the model has taken get another suffix.
func Generate(operations []*model.Operation, opts Options, goOf func(*model.Type) string, taken map[string]bool) (*Surface, error) {
	p := project(operations, opts.Servers, goOf)
	text, err := p.run(opts)
	if err != nil {
		return nil, fmt.Errorf("oapi-codegen %s failed: %w", version(), err)
	}
	t := &taker{
		projection: p, operations: operations, opts: opts,
		surface: &Surface{Renamed: map[string]string{}, names: maps.Clone(taken)}, renamed: map[string]string{},
	}
	return t.take(text)
}

// unexpected is the error for output that this package was not written for.
func unexpected(format string, args ...any) error {
	return fmt.Errorf("oapi-codegen %s wrote something unexpected, which this generator was not made for: "+format, append([]any{version()}, args...)...)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "github.com/oapi-codegen/oapi-codegen/v2" {
				return dep.Version
			}
		}
	}
	return "(unknown version)"
}

type taker struct {
	*projection
	operations []*model.Operation
	opts       Options
	surface    *Surface
	renamed    map[string]string // identifiers whose name is taken → their names

	text    string
	files   *token.FileSet
	types   map[string]ast.Expr
	current *model.Operation         // that the declaration is for
	next    map[*model.Operation]int // the response whose Visit comes next
	built   map[*model.Operation]int // the body whose NewRequest comes next
}

func (t *taker) take(text string) (*Surface, error) {
	t.text, t.files = text, token.NewFileSet()
	file, err := parser.ParseFile(t.files, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, unexpected("code that does not parse: %v", err)
	}
	t.types, t.next, t.built = map[string]ast.Expr{}, map[*model.Operation]int{}, map[*model.Operation]int{}
	for _, decl := range file.Decls {
		if general, ok := decl.(*ast.GenDecl); ok {
			for _, spec := range general.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					t.types[spec.Name.Name] = spec.Type
				}
			}
		}
	}
	t.resolve(file)
	section := &t.surface.Models
	for _, decl := range file.Decls {
		var err error
		switch decl := decl.(type) {
		case *ast.GenDecl:
			if decl.Tok == token.IMPORT {
				continue
			}
			if spec, ok := decl.Specs[0].(*ast.TypeSpec); ok {
				switch spec.Name.Name {
				case "RequestEditorFn":
					section = &t.surface.Client
				case "ClientWithResponses":
					section = &t.surface.Replies
				case "ServerInterface", "StrictHandlerFunc":
					section = nil
				}
				if strings.HasSuffix(spec.Name.Name, "RequestObject") && strings.HasPrefix(spec.Name.Name, "Xop") {
					section = &t.surface.Server
				}
			}
			if section != nil {
				err = t.general(t.sectionOf(section, decl), decl)
			}
		case *ast.FuncDecl:
			if section != nil {
				err = t.function(t.sectionOf(section, decl), decl)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if !t.opts.Responses {
		t.surface.Replies = nil
	}
	if !slices.ContainsFunc(t.operations, func(op *model.Operation) bool { return op.Hook == model.NoHook }) {
		t.onlyHooks()
	}
	return t.surface, t.complete()
}

// onlyHooks leaves out what is for operations of paths.
func (t *taker) onlyHooks() {
	t.surface.Client = slices.DeleteFunc(t.surface.Client, func(d Declaration) bool {
		return d.Name != "RequestEditorFn" && d.Name != "HttpRequestDoer"
	})
	t.surface.Replies = slices.DeleteFunc(t.surface.Replies, func(d Declaration) bool { return d.Operation == nil })
	t.surface.Server = slices.DeleteFunc(t.surface.Server, func(d Declaration) bool { return d.Operation == nil })
}

// sectionOf is the section of a declaration that stands among those of a section: another one for the URLs of servers, and for an option of
// every client.
func (t *taker) sectionOf(section *[]Declaration, decl ast.Decl) *[]Declaration {
	var name ast.Expr
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if name = decl.Name; decl.Recv != nil {
			name = decl.Recv.List[0].Type
		}
	case *ast.GenDecl:
		switch spec := decl.Specs[0].(type) {
		case *ast.TypeSpec:
			name = spec.Name
		case *ast.ValueSpec:
			name = spec.Names[0]
		}
	}
	ident, ok := name.(*ast.Ident)
	switch {
	case !ok:
	case section == &t.surface.Models && strings.HasPrefix(strings.TrimPrefix(ident.Name, "New"), "ServerUrl"):
		return &t.surface.Servers
	case section == &t.surface.Replies && ident.Name == "WithBaseURL":
		return &t.surface.Client
	}
	return section
}

// resolve finds another name for what would have one that is taken.
func (t *taker) resolve(file *ast.File) {
	var clashing []string
	declare := func(identifier string) {
		if !strings.Contains(identifier, "Xop") {
			return
		}
		if name := t.rename(identifier); t.surface.names[name] {
			clashing = append(clashing, identifier)
		} else {
			t.surface.names[name] = true
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					declare(spec.Name.Name)
				}
			}
		case *ast.FuncDecl:
			if decl.Recv == nil {
				declare(decl.Name.Name)
			}
		}
	}
	for _, identifier := range clashing {
		base := t.rename(identifier)
		name := t.surface.Claim(base) // with the suffix Wrapper, as oapi-codegen has it for the same case
		t.renamed[identifier], t.surface.Renamed[base] = name, name
	}
}

// source is the text of a part of the output, with the names of the model.
func (t *taker) source(from, to token.Pos) string {
	return t.rename(t.text[t.files.Position(from).Offset:t.files.Position(to).Offset])
}

// rename replaces made-up names by what they stand for.
func (t *taker) rename(text string) string {
	const length = len("Xop000000X")
	var b strings.Builder
	for {
		i := strings.IndexAny(text, "Xx")
		if i < 0 || i+length > len(text) {
			b.WriteString(text)
			return b.String()
		}
		if from, to, with := t.whole(text, i, i+length); with != "" {
			b.WriteString(text[:from] + with)
			text = text[to:]
			continue
		}
		with, ok := t.meaning(text[i : i+length])
		if w := t.wordOf(text[i : i+length]); w != nil {
			before := byte(' ')
			if i > 0 {
				before = text[i-1]
			} else if b.Len() > 0 {
				before = b.String()[b.Len()-1]
			}
			with, ok = w.spell(before), true
		}
		if !ok {
			b.WriteString(text[:i+1])
			text = text[i+1:]
			continue
		}
		b.WriteString(text[:i] + with)
		text = text[i+length:]
	}
}

// whole is the identifier around a made-up name, if it has been renamed as a whole.
func (t *taker) whole(text string, i, end int) (from, to int, with string) {
	if len(t.renamed) == 0 || text[i] != 'X' || text[i+1] != 'o' {
		return 0, 0, ""
	}
	for from = i; from > 0 && isWord(text[from-1]); from-- {
	}
	for to = end; to < len(text) && isWord(text[to]); to++ {
	}
	return from, to, t.renamed[text[from:to]]
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// wordOf is the word that a made-up name stands for; nil for other names.
func (t *taker) wordOf(name string) *word {
	digits, ok := strings.CutPrefix(name[:len(name)-1], "Xwo")
	if index, err := strconv.Atoi(digits); ok && err == nil && index < len(t.words) {
		return &t.words[index]
	}
	return nil
}

func (t *taker) meaning(name string) (string, bool) {
	switch {
	case strings.HasPrefix(name, "Xty"):
		goType, ok := t.projection.types[name]
		return goType, ok
	case strings.HasPrefix(name, "Xop"):
		if op := t.operation(name); op != nil {
			return op.Name, true
		}
	case strings.HasPrefix(name, "Xhd"):
		if index, err := strconv.Atoi(name[len("Xhd") : len(name)-1]); err == nil && index < len(t.headers) {
			return t.headers[index].Name, true
		}
	case strings.HasPrefix(name, "Xpa"), strings.HasPrefix(name, "xpa"):
		index, err := strconv.Atoi(name[len("Xpa") : len(name)-1])
		if err != nil || t.current == nil || index >= len(t.current.Parameters) {
			return "", false
		}
		if name[0] == 'x' {
			return t.current.Parameters[index].Variable, true
		}
		return t.current.Parameters[index].Name, true
	}
	return "", false
}

// operation is the operation that an identifier begins with, nil if it does not.
func (t *taker) operation(identifier string) *model.Operation {
	const length = len("Xop000000X")
	i := strings.Index(identifier, "Xop")
	if i < 0 || len(identifier) < i+length {
		return nil
	}
	index, err := strconv.Atoi(identifier[i+len("Xop") : i+length-1])
	if err != nil || index >= len(t.operations) {
		return nil
	}
	return t.operations[index]
}

func comment(group *ast.CommentGroup) string { return strings.TrimSpace(group.Text()) }

// general takes a declaration of types, constants or variables.
func (t *taker) general(section *[]Declaration, decl *ast.GenDecl) error {
	spec, ok := decl.Specs[0].(*ast.TypeSpec)
	if !ok {
		*section = append(*section, Declaration{Text: t.source(decl.Pos(), decl.End()), Doc: t.rename(comment(decl.Doc))})
		return nil
	}
	name := spec.Name.Name
	t.current = t.operation(name)
	d := Declaration{Name: t.rename(name), Text: t.source(decl.Pos(), decl.End()), Doc: t.rename(comment(decl.Doc)), Operation: t.operation(name)}
	switch object := spec.Type.(type) {
	case *ast.InterfaceType:
		if err := t.methods(&d, object); err != nil {
			return err
		}
	case *ast.StructType:
		switch {
		case d.Operation == nil:
		case name == operationName(t.indexOf(d.Operation))+"Params":
			d.Kind = Params
		case strings.HasSuffix(name, "RequestObject"):
			d.Kind = RequestObject
			for _, f := range object.Fields.List {
				if !strings.HasPrefix(f.Names[0].Name, "Xpa") {
					d.Fields = append(d.Fields, t.source(f.Pos(), f.End()))
				}
			}
		case section == &t.surface.Replies && hasField(object, "HTTPResponse"):
			d.Kind = ResponseStruct
			if err := t.replies(&d, object); err != nil {
				return err
			}
		}
	}
	if section == &t.surface.Server && d.Operation != nil && d.Kind == Plain && !strings.HasSuffix(name, "ResponseObject") && !strings.HasSuffix(name, "ResponseHeaders") {
		if err := t.responseType(&d, spec); err != nil {
			return err
		}
	}
	*section = append(*section, d)
	return nil
}

func (t *taker) indexOf(op *model.Operation) int {
	for i := range t.operations {
		if t.operations[i] == op {
			return i
		}
	}
	return -1
}

func hasField(object *ast.StructType, name string) bool { return fieldType(object, name) != nil }

func fieldType(object *ast.StructType, name string) ast.Expr {
	for _, f := range object.Fields.List {
		for _, n := range f.Names {
			if n.Name == name {
				return f.Type
			}
		}
	}
	return nil
}

// methods takes the methods of an interface that has some for operations.
func (t *taker) methods(d *Declaration, object *ast.InterfaceType) error {
	if d.Operation != nil || len(object.Methods.List) == 0 {
		return nil
	}
	for _, m := range object.Methods.List {
		if len(m.Names) != 1 {
			return unexpected("%s embeds an interface", d.Name)
		}
		op := t.operation(m.Names[0].Name)
		if op == nil {
			return nil // an interface like HttpRequestDoer
		}
		if op.Hook != model.NoHook {
			continue
		}
		t.current = op
		d.Methods = append(d.Methods, Method{Text: t.source(m.Names[0].Pos(), m.End()), Name: t.rename(m.Names[0].Name), Operation: op})
	}
	d.Kind = Interface
	return nil
}

// responseType takes the type of a response. The next Visit is its method.
func (t *taker) responseType(d *Declaration, spec *ast.TypeSpec) error {
	d.Kind = ResponseType
	var err error
	if d.Response, d.Content, err = t.responseAt(d.Operation, t.next[d.Operation]); err != nil {
		return err
	}
	if object, ok := spec.Type.(*ast.StructType); ok {
		d.Struct = hasField(object, "Body")
		if headers := fieldType(object, "Headers"); headers != nil {
			d.Headers = t.source(headers.Pos(), headers.End())
		}
	}
	return nil
}

// responseAt is the response whose type and Visit come at an index: for each response each of its contents, or one without.
func (t *taker) responseAt(op *model.Operation, index int) (*model.Response, *model.Content, error) {
	for _, r := range op.Responses {
		if len(r.Contents) == 0 {
			if index == 0 {
				return r, nil, nil
			}
			index--
			continue
		}
		if index < len(r.Contents) {
			return r, r.Contents[index], nil
		}
		index -= len(r.Contents)
	}
	return nil, nil, unexpected("more types than %s has responses", op.Name)
}

// replies takes the fields of a response struct.
func (t *taker) replies(d *Declaration, object *ast.StructType) error {
	var contents []Reply
	var headers []Reply
	for _, r := range d.Operation.Responses {
		for _, c := range r.Contents {
			if c.Kind == model.JSON && c.Type != nil {
				contents = append(contents, Reply{Response: r, Content: c})
			}
		}
		if len(r.Headers) > 0 {
			headers = append(headers, Reply{Response: r, Headers: true})
		}
	}
	for _, f := range object.Fields.List {
		name := f.Names[0].Name
		if name == "Body" || name == "HTTPResponse" {
			continue
		}
		list := &contents
		if strings.HasPrefix(name, "Headers") {
			list = &headers
		}
		if len(*list) == 0 {
			return unexpected("the field %s of %s, which no response has", name, d.Name)
		}
		reply := (*list)[0]
		*list = (*list)[1:]
		reply.Field, reply.Type = name, t.source(f.Type.Pos(), f.Type.End())
		d.Replies = append(d.Replies, reply)
	}
	if len(contents)+len(headers) > 0 {
		return unexpected("%s has no field for every response", d.Name)
	}
	t.addReplies(d)
	return nil
}

// addReplies adds fields for the responses that oapi-codegen has none for, although they have a Go type: forms, texts and sequences of items.
func (t *taker) addReplies(d *Declaration) {
	taken := map[string]bool{}
	for _, r := range d.Operation.Responses {
		for _, c := range r.Contents {
			tag, goType := replyTags[c.Kind], ""
			switch {
			case tag == "":
				continue
			case c.Item != nil:
				goType = "iter.Seq2[" + t.goOf(c.Item) + ", error]"
			case c.Type != nil:
				goType = "*" + t.goOf(c.Type)
			default:
				continue
			}
			field := tag + strings.ToUpper(r.Status[:1]) + r.Status[1:]
			for base, i := field, 2; taken[field]; i++ {
				field = base + "_" + strconv.Itoa(i)
			}
			taken[field] = true
			d.Replies = append(d.Replies, Reply{Field: field, Type: goType, Response: r, Content: c, Added: true})
		}
	}
}

var replyTags = map[model.BodyKind]string{model.Form: "Formdata", model.Text: "Text", model.Stream: "Items"}

// function takes a function or method.
func (t *taker) function(section *[]Declaration, decl *ast.FuncDecl) error {
	name := decl.Name.Name
	op := t.operation(name)
	t.current = op
	d := Declaration{Name: t.rename(name), Doc: t.rename(comment(decl.Doc)), Operation: op}
	signature := func() string { return t.source(decl.Pos(), decl.Body.Pos()) }
	hook := op != nil && op.Hook != model.NoHook
	switch {
	case hook && decl.Recv != nil && section != &t.surface.Server:
		return nil // a method of the client
	case op == nil:
		if receiver := t.receiverOperation(decl); receiver != nil {
			d.Operation = receiver
			if section == &t.surface.Server {
				return nil // MarshalJSON of a response type
			}
		}
		d.Text = t.source(decl.Pos(), decl.End())
	case section == &t.surface.Server && strings.HasPrefix(name, "Visit"):
		d.Kind, d.Text = Visit, signature()
		var err error
		if d.Response, d.Content, err = t.responseAt(op, t.next[op]); err != nil {
			return err
		}
		t.next[op]++
		for i := len(*section) - 1; i >= 0; i-- {
			if of := (*section)[i]; of.Kind == ResponseType {
				d.Struct, d.Headers = of.Struct, of.Headers
				break
			}
		}
	case section == &t.surface.Client && decl.Recv == nil && strings.HasPrefix(name, "New"):
		d.Kind, d.Text = NewRequestAny, signature()
		if body := lastParameter(decl); body != nil && strings.HasSuffix(t.source(body.Pos(), body.End()), "RequestBody") {
			d.Kind = NewRequest
			supported := supportedBodies(op)
			if t.built[op] >= len(supported) {
				return unexpected("more functions %s than %s has bodies", d.Name, op.Name)
			}
			d.Content = supported[t.built[op]]
			t.built[op]++
		}
		if hook {
			t.sender(&d, decl)
			section = &t.surface.Senders
		}
	case section == &t.surface.Replies && decl.Recv == nil && strings.HasPrefix(name, "Parse"):
		d.Kind, d.Text = ParseReply, signature()
		for _, of := range t.surface.Replies {
			if of.Kind == ResponseStruct && of.Operation == op {
				d.Replies, d.Result = of.Replies, of.Name
			}
		}
	default:
		d.Text = t.source(decl.Pos(), decl.End())
	}
	*section = append(*section, d)
	return nil
}

// sender makes of a function that makes a request to a server one that makes a request to the URL of a webhook or callback.
func (t *taker) sender(d *Declaration, decl *ast.FuncDecl) {
	base := "New" + d.Operation.Name
	d.Suffix = strings.TrimPrefix(decl.Name.Name, "New"+operationName(t.indexOf(d.Operation))+"Request")
	d.Name = t.surface.Claim(base + d.Operation.Hook.String() + "Request" + d.Suffix)
	for _, p := range decl.Type.Params.List[1:] {
		d.Arguments = append(d.Arguments, Argument{p.Names[0].Name, t.source(p.Type.Pos(), p.Type.End())})
	}
	d.Text = "func " + d.Name + "(targetURL string"
	for _, a := range d.Arguments {
		d.Text += ", " + a.Name + " " + a.Type
	}
	d.Text += ") (*http.Request, error) "
}

// receiverOperation is the operation whose type a method belongs to.
func (t *taker) receiverOperation(decl *ast.FuncDecl) *model.Operation {
	if decl.Recv == nil {
		return nil
	}
	expr := decl.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if ident, ok := expr.(*ast.Ident); ok {
		return t.operation(ident.Name)
	}
	return nil
}

func lastParameter(decl *ast.FuncDecl) ast.Expr {
	list := decl.Type.Params.List
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1].Type
}

// supportedBodies are the bodies that the client has a function for.
func supportedBodies(op *model.Operation) []*model.Content {
	var supported []*model.Content
	for _, c := range op.Bodies {
		if c.Kind == model.JSON || c.Kind == model.Form || c.Kind == model.Text {
			supported = append(supported, c)
		}
	}
	return supported
}

// complete checks that every response has got its type.
func (t *taker) complete() error {
	for _, op := range t.operations {
		want := 0
		for _, r := range op.Responses {
			want += max(1, len(r.Contents))
		}
		if t.opts.Server && t.next[op] != want {
			return unexpected("%d response types for %s, which has %d responses", t.next[op], op.Name, want)
		}
	}
	return nil
}
