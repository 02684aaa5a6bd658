package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/emit"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A target is a schema object of a document, with the Go type for its values.
type target struct {
	index    int
	node     *source.Node
	pointer  string
	goType   *model.Type // nil if the document's types do not have one for it
	schema   *schema.Schema
	declared bool // the Go type has MarshalJSON and UnmarshalJSON
	mutate   bool // values are made for it, besides the examples
	examples []example
}

// An example is a value that the document gives.
type example struct {
	at    string // where, as file:line:col
	value *value
}

// A document is a document with its model.
type document struct {
	name    string
	doc     *source.Document
	api     *model.API
	found   source.Diagnostics
	targets []*target
	byNode  map[*source.Node]*target
}

// load reads a document and builds its model. The document has no targets if nothing can be generated for it.
func load(name string, options model.Options) *document {
	d := &document{name: name, byNode: map[*source.Node]*target{}}
	if d.doc, d.found = source.Load(name, os.ReadFile, source.Options{}); d.doc == nil {
		return d
	}
	var found source.Diagnostics
	d.api, found = model.Build(d.doc, options)
	if d.found = append(d.found, found...); d.found.HasErrors() {
		return d
	}
	d.addTypes()
	d.addExamples()
	d.nameSchemas()
	for i, t := range d.targets {
		t.index = i
	}
	return d
}

// addTypes adds the component schemas and the types that are declared.
func (d *document) addTypes() {
	for _, c := range d.api.Components {
		if t := d.target(c.Node); t != nil {
			t.mutate = true
		}
	}
	for _, declared := range d.api.Types {
		if declared.Node != nil && d.api.SchemaOf(declared.Node) == declared.Schema && d.api.TypeOf(declared.Node) == declared {
			d.target(declared.Node).mutate = true
		}
	}
}

// target adds a target for a schema object, or returns the one that there is. It is nil for an object that the model does not have.
func (d *document) target(n *source.Node) *target {
	for range 50 {
		next, err := d.doc.Follow(n)
		if err != nil || next.Node == n || len(n.Members) > 1 && d.doc.Version != source.V30 {
			break
		}
		n = next.Node
	}
	if t, ok := d.byNode[n]; ok {
		return t
	}
	t := &target{node: n, pointer: d.doc.Pointer(n), schema: d.api.SchemaOf(n)}
	if t.schema == nil {
		return nil
	}
	if goType := d.api.TypeOf(n); goType != nil && !foreign(goType) {
		switch goType.Kind {
		case model.Struct, model.Union, model.Enum, model.Scalar, model.Wrapper:
			t.declared = goType.Schema == t.schema
		}
		t.goType = model.Nullable(goType, t.schema)
	}
	d.byNode[n] = t
	d.targets = append(d.targets, t)
	return t
}

// foreign reports whether a type is, or has inside it, one that is not there.
func foreign(t *model.Type) bool { return holdsForeign(t, map[*model.Type]bool{}) }

func holdsForeign(t *model.Type, seen map[*model.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.Kind == model.Foreign || holdsForeign(t.Elem, seen) || holdsForeign(t.Extra, seen) {
		return true
	}
	return slices.ContainsFunc(t.Fields, func(f *model.Field) bool { return holdsForeign(f.Type, seen) }) ||
		slices.ContainsFunc(t.Variants, func(v *model.Variant) bool { return holdsForeign(v.Type, seen) })
}

// addExamples adds the examples of schemas, parameters, headers and media types.
func (d *document) addExamples() {
	for _, f := range d.doc.Files {
		if f.Root != nil {
			d.walk(f.Root, "")
		}
	}
}

// walk visits a node that is the value of a member with a name.
func (d *document) walk(n *source.Node, name string) {
	if !n.Is(source.Object) {
		for _, item := range itemsOf(n) {
			d.walk(item, "")
		}
		return
	}
	if d.api.SchemaOf(n) != nil {
		for _, keyword := range []string{"example", "default"} {
			d.example(n, n.Get(keyword))
		}
		for _, item := range itemsOf(n.Get("examples")) {
			d.example(n, item)
		}
	}
	if s := n.Get("schema"); s != nil && d.api.SchemaOf(s) != nil && isJSON(name) {
		d.example(s, n.Get("example"))
		if examples := n.Get("examples"); examples.Is(source.Object) {
			for i := range examples.Members {
				one := examples.Members[i].Value
				if found, err := d.doc.Follow(one); err == nil {
					one = found.Node
				}
				d.example(s, one.Get("value"))
				d.example(s, one.Get("dataValue"))
			}
		}
	}
	for i := range n.Members {
		switch m := &n.Members[i]; m.Name {
		case "example", "examples", "default", "enum", "const":
			if !m.Value.Is(source.Object) || !(m.Value.Has("type") || m.Value.Has("schema") || m.Value.Has("$ref")) {
				continue // a value, not a member of this name
			}
			fallthrough
		default:
			d.walk(m.Value, m.Name)
		}
	}
}

// isJSON reports whether examples below a name are JSON values: that of a media type, or of something that is none.
func isJSON(name string) bool {
	media, _, _ := strings.Cut(name, ";")
	return !strings.Contains(media, "/") || strings.HasPrefix(name, "/") || strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

func (d *document) example(n, v *source.Node) {
	if v == nil {
		return
	}
	if t := d.target(n); t != nil {
		t.examples = append(t.examples, example{v.Pos().String(), valueOf(v)})
	}
}

// nameSchemas declares a variable for the schema of each target.
func (d *document) nameSchemas() {
	named := map[*schema.Schema]bool{schema.False: true}
	for _, v := range d.api.Variables {
		named[v.Schema] = true
	}
	for i, t := range d.targets {
		if !named[t.schema] {
			named[t.schema] = true
			d.api.Variables = append(d.api.Variables, model.Variable{Name: fmt.Sprintf("schemaOfTarget%d", i), Schema: t.schema})
		}
	}
}

// files are the files of the package: what is generated, and the table of the targets.
func (d *document) files() (emit.Files, error) {
	files, err := emit.Package(d.api, &oapicodegen.Surface{}, emit.Options{Models: true})
	if err != nil {
		return nil, err
	}
	variables := map[*schema.Schema]string{schema.False: "schema.False"}
	for _, v := range slices.Backward(d.api.Variables) {
		variables[v.Schema] = "&" + v.Name
	}
	var table strings.Builder
	table.WriteString("package " + d.api.Package + "\n\n" + tableHead + "// Subjects are the targets, by index.\nvar Subjects = []Subject{\n")
	for _, t := range d.targets {
		if t.goType == nil {
			fmt.Fprintf(&table, "\t{Schema: %s},\n", variables[t.schema])
			continue
		}
		name := emit.Go(t.goType)
		read, write := emit.Codec(t.goType)
		fmt.Fprintf(&table, "\tcomposed[%s](%s, %s, %s, %t),\n", name, read, write, variables[t.schema], t.declared)
	}
	table.WriteString("}\n")
	files["subjects.go"] = []byte(table.String())
	return files, nil
}
