package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// Options are the choices of a document's config that change the model. The zero value gives Go names with the usual initialisms and
// slices and maps without pointers.
type Options struct {
	Package  string
	Source   string   // name of the document in the generated files
	Effects  []string // packages that they import for their effects
	Packages []Import // packages that types may name, besides those of x-go-type-import

	// Names.
	Normalize func(string) string // spells a name of the document as an exported Go name; nil for the default
	Prefix    func(string) string // what comes before that, for names that begin with signs or digits; nil for the default
	BareEnums bool                // constants have the name of their type only where they would collide

	// NormalizeGiven spells names that extensions give to members, parameters and constants as names of the document, and numbers constants from
	// 1, as oapi-codegen does.
	NormalizeGiven bool
	MediaTypeName  func(mediaType string) string // names a media type in the name of a type; set with NormalizeGiven

	// Types.
	Types             func(kind, format string) (goType string, pkg Import, ok bool) // type-mapping; nil for the defaults
	Imported          func(name string) (path string)                                // of a package that x-go-type need not import; "" for others
	Exclude           map[string]bool                                                // components whose types are written by hand
	NullableType      bool                                                           // nullable.Nullable for nullable members
	PointerContainers bool                                                           // optional slices and maps are pointers
	SkipPointers      bool                                                           // optional members are not pointers
	OmitZero          bool                                                           // and have the tag omitzero
	DeclareArrays     bool                                                           // components that are arrays are no aliases
	UnionsOfConstants bool                                                           // a oneOf of constants is no enum
	SkipPrune         bool                                                           // components that nothing refers to are kept
	YAMLTags          bool
	ReadOnlyValues    bool // required read-only members are not pointers
	RequiredHeaders   bool // all headers of responses are required

	// Extensions names the extensions of operations that the descriptors have.
	Extensions []string

	// Policy is the severity of the rules; nil for the defaults.
	Policy *Policy

	// SkipUnsupported leaves out the operations that have no honest meaning, instead of failing.
	SkipUnsupported bool
}

// Build makes the model of a document. If there are errors among the diagnostics, the model is good for finding more problems, but not for
// generating code.
func Build(doc *source.Document, opts Options) (*API, source.Diagnostics) {
	b := &builder{
		doc:        doc,
		opts:       opts,
		api:        &API{Package: opts.Package, Source: opts.Source, Effects: opts.Effects},
		keys:       map[*source.Node]string{},
		components: map[string]*source.Node{},
		named:      map[*source.Node]string{},
		children:   map[*source.Node][]*source.Node{},
		bases:      map[*source.Node]*schema.Schema{},
		extended:   map[*source.Node]bool{},
		schemas:    map[*source.Node]*schema.Schema{},
		targets:    map[*source.Node]*source.Node{},
		external:   map[*source.Node]source.Ref{},
		origins:    map[*schema.Schema]*source.Node{},
		following:  map[*source.Node]bool{},
		flattening: map[*schema.Schema]int{},
		merged:     map[pair]*schema.Schema{},
		types:      map[*source.Node]*Type{},
		imports:    map[string]string{},
		inline:     map[*source.Node]*Type{},
		given:      map[*source.Node]*Type{},
		joined:     map[string]*Type{},
		names:      map[string]*claim{},
		reported:   map[string]bool{},
		hooks:      map[*source.Node]*Operation{},

		requirements: map[requirement]bool{},
	}
	if b.opts.Imported == nil {
		b.opts.Imported = func(string) string { return "" }
	}
	if b.opts.Normalize == nil {
		b.opts.Normalize = GoNames(nil)
	}
	if b.opts.Prefix == nil {
		b.opts.Prefix = symbolPrefix
	}
	b.api.types, b.api.schemas, b.api.origins, b.api.Imports = b.types, b.schemas, b.origins, b.imports
	b.readInfo()
	b.nameComponents()
	b.findChildren()
	b.buildOperations()
	b.finish()
	return b.api, b.diagnostics.Sort()
}

type builder struct {
	doc         *source.Document
	opts        Options
	api         *API
	diagnostics source.Diagnostics
	reported    map[string]bool

	// Schemas.
	keys        map[*source.Node]string         // component schemas → their keys
	components  map[string]*source.Node         // and back
	named       map[*source.Node]string         // schemas that others can extend → their names, in any file
	children    map[*source.Node][]*source.Node // parents with a discriminator → the schemas that extend them
	bases       map[*source.Node]*schema.Schema // such parents as parts of an allOf
	extended    map[*source.Node]bool           // unions that their variants extend
	schemas     map[*source.Node]*schema.Schema
	targets     map[*source.Node]*source.Node
	selecting   map[*source.Node]bool       // members that select the variant of a union; nil until it is asked
	external    map[*source.Node]source.Ref // schemas of files that have a package of their own
	origins     map[*schema.Schema]*source.Node
	following   map[*source.Node]bool
	unflattened []*schema.Schema
	distributed int  // variants of unions
	reopened    bool // a part of the allOf that is being merged is read as if it knew the members of the others

	requirements map[requirement]bool
	flattening   map[*schema.Schema]int
	merged       map[pair]*schema.Schema
	engine       bool

	// Types.
	types       map[*source.Node]*Type
	imports     map[string]string      // packages that types are of: names → paths
	inline      map[*source.Node]*Type // of schemas that are no components, while they are decided; nil if it has no name
	given       map[*source.Node]*Type // by x-go-type; nil without one
	declaring   []*Type                // the component types that are being declared; nil within their members
	joined      map[string]*Type       // types that allOf makes, by their parts
	names       map[string]*claim
	enums       []enumNames // whose constants are named when all types are
	later       []func()    // what is done when all types are known
	methodNames map[string]*Operation
	hooks       map[*source.Node]*Operation // webhooks and callbacks; nil for those that are left out
	goKeys      map[string]string           // keys of component schemas → Go names
	errors      int
}

// errorf reports an error at a node.
func (b *builder) errorf(n *source.Node, format string, args ...any) {
	b.add(source.Diagnostic{Position: n.Pos(), Where: b.where(n), What: fmt.Sprintf(format, args...)})
}

// report reports a violation of a rule at a node, with the severity that the rule has there.
func (b *builder) report(rule string, n *source.Node, format string, args ...any) {
	severity := b.opts.Policy.Severity(rule, n)
	if severity == source.Off {
		return
	}
	b.add(source.Diagnostic{Position: n.Pos(), Where: b.where(n), What: fmt.Sprintf(format, args...), Rule: rule, Severity: severity})
}

// wrongType reports a value of a type that OpenAPI does not have there. It is passed over; null, which is often written for nothing, says
// nothing that could be missed.
func (b *builder) wrongType(n *source.Node, format string, args ...any) {
	rule := "wrong-type"
	if n.Kind == source.Null {
		rule = "empty-value"
	}
	b.report(rule, n, format, args...)
}

func (b *builder) where(n *source.Node) string {
	if n == nil {
		return ""
	}
	return b.doc.Pointer(n)
}

// add adds a diagnostic, once.
func (b *builder) add(d source.Diagnostic) {
	key := d.Position.String() + d.What
	if b.reported[key] {
		return
	}
	b.reported[key] = true
	if d.Severity == source.Error {
		b.errors++
	}
	b.diagnostics = append(b.diagnostics, d)
}

// fail reports an error of package source.
func (b *builder) fail(err error) {
	var several source.Diagnostics
	if errors.As(err, &several) {
		for _, d := range several {
			b.add(d)
		}
		return
	}
	b.add(source.Diagnostic{What: err.Error()})
}

func (b *builder) readInfo() {
	info := b.doc.Root.Get("info")
	b.api.Title, b.api.Doc, b.api.Version = info.Str("title"), strings.TrimSpace(info.Str("description")), info.Str("version")
	b.api.Servers = b.serversOf(b.doc.Root)
	if len(b.api.Servers) > 0 {
		b.api.BasePath = basePath(b.api.Servers[0])
	}
}

// nameComponents gives the component schemas their Go names: all of them, so that a name does not depend on what is used.
func (b *builder) nameComponents() {
	b.goKeys = map[string]string{}
	schemas := b.doc.Root.Get("components").Get("schemas")
	if !schemas.Is(source.Object) {
		return
	}
	type named struct {
		key, name string
		given     bool
	}
	var all []named
	for i := range schemas.Members {
		m := &schemas.Members[i]
		n := b.represented(m.Value)
		b.keys[n], b.components[m.Name] = m.Name, n
		name, given := b.givenName(m.Value)
		if !given {
			name = b.typeName(m.Name)
		}
		all = append(all, named{m.Name, name, given})
	}
	// Names that were given go first, then those that are spelled like their key, then the others by their keys.
	slices.SortStableFunc(all, func(x, y named) int {
		rank := func(n named) int {
			switch {
			case n.given:
				return 0
			case n.name == n.key:
				return 1
			}
			return 2
		}
		if r := rank(x) - rank(y); r != 0 {
			return r
		}
		return strings.Compare(x.key, y.key)
	})
	for _, n := range all {
		b.goKeys[n.key] = b.claim(n.name, "Schema", b.components[n.key])
	}
}

// represented is the schema that a component stands for: if it only refers to one of another file, that one has the name of the component.
func (b *builder) represented(n *source.Node) *source.Node {
	if reference(n) == "" || len(n.Members) > 1 && b.doc.Version != source.V30 {
		return n
	}
	found, err := b.doc.Resolve(n, reference(n))
	if err != nil || found.Node == nil || found.File == nil || found.File == b.doc.Files[0] || found.File.Package != "" || reference(found.Node) != "" ||
		!found.Node.Is(source.Object) || b.keys[found.Node] != "" {
		return n
	}
	return found.Node
}

// findChildren finds the schemas that extend a parent with a discriminator by allOf, in the order of the document. A parent may extend
// another one. Then what extends it is found by way of it, unless both have the same discriminator.
func (b *builder) findChildren() {
	for _, child := range b.nameSchemas() {
		var seen []*source.Node
		for nearest := b.parentsOf(child); len(nearest) > 0; {
			var next []*source.Node
			for _, parent := range nearest {
				if parent == child || slices.Contains(seen, parent) {
					continue
				}
				seen = append(seen, parent)
				b.children[parent] = append(b.children[parent], child)
				for _, above := range b.parentsOf(parent) {
					if discriminatorOf(above) == discriminatorOf(parent) {
						next = append(next, above)
					}
				}
			}
			nearest = next
		}
	}
}

// nameSchemas names the schemas that others can extend: the components of each file and, in a file that has nothing else, the file or its
// members. It lists them in the order of the document.
func (b *builder) nameSchemas() (all []*source.Node) {
	add := func(n *source.Node, name string) {
		if _, named := b.named[n]; !n.Is(source.Object) || named || reference(n) != "" {
			return
		}
		b.named[n] = cmp.Or(b.keys[n], name)
		all = append(all, n)
	}
	for i, file := range b.doc.Files {
		if file.Package != "" || !file.Root.Is(source.Object) {
			continue
		}
		schemas := file.Root.Get("components").Get("schemas")
		if i > 0 && !file.Root.Has("components") {
			add(file.Root, lastToken(file.Name))
			schemas = file.Root
		}
		if schemas.Is(source.Object) {
			for j := range schemas.Members {
				add(schemas.Members[j].Value, schemas.Members[j].Name)
			}
		}
	}
	return all
}

// parentsOf lists the parents with a discriminator that a schema object extends by allOf, but not those that they extend in turn.
func (b *builder) parentsOf(child *source.Node) []*source.Node {
	var parents, seen []*source.Node
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		if !n.Is(source.Object) || slices.Contains(seen, n) {
			return
		}
		seen = append(seen, n)
		if n != child && b.named[n] != "" && discriminatorOf(n) != "" {
			parents = append(parents, n)
			return
		}
		walk(b.target(n))
		for _, part := range itemsIn(n.Get("allOf")) {
			walk(part)
		}
	}
	walk(child)
	return parents
}

// discriminatorOf is the discriminator of a parent: of a schema object that has one, but is not a union itself. It is empty for others.
func discriminatorOf(n *source.Node) string {
	if n.Has("oneOf") || n.Has("anyOf") {
		return ""
	}
	return n.Get("discriminator").Str("propertyName")
}

// finish sorts the types and names the schemas that are declared as variables.
func (b *builder) finish() {
	b.flatten()
	b.nameEnums()
	for len(b.later) > 0 {
		next := b.later
		b.later = nil
		for _, complete := range next {
			complete()
		}
	}
	b.nameConstructors()
	b.api.Engine = b.engine
	names := map[*schema.Schema]string{}
	for _, v := range b.api.Variables {
		if names[v.Schema] == "" {
			names[v.Schema] = v.Name
		}
	}
	for _, t := range b.api.Types {
		if t.Var = names[t.Schema]; t.Var == "" && t.Schema != nil {
			// The component has a schema of its own: it is null or the type, or a oneOf of nothing else. The prefix keeps the name
			// apart from those of all other types.
			t.Var = "valueOf" + t.Name
			names[t.Schema] = t.Var
			b.api.Variables = append(b.api.Variables, Variable{t.Var, t.Schema})
		}
	}
	slices.SortFunc(b.api.Types, func(x, y *Type) int { return strings.Compare(x.Name, y.Name) })
	b.breakStructs()
	b.planDefaults()
}
