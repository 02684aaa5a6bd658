package model

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file decides which Go type holds the values of a schema.

// anyType is the Go type of any value.
var anyType = &Type{Kind: Any}

// typeOf returns the Go type for the values of a schema object. If it has to be declared, it is named after the hint.
func (b *builder) typeOf(n *source.Node, h hint) *Type {
	if !n.Is(source.Object) {
		return anyType
	}
	if t, ok := b.types[n]; ok {
		b.markRecursive(t)
		return t
	}
	if key, ok := b.keys[n]; ok {
		return b.componentType(n, key)
	}
	if t := b.givenType(n); t != nil {
		if option := b.optionFor(n, t); option != nil {
			t = option
		}
		b.types[n] = t
		return t
	}
	target := b.target(n)
	if target != nil && !b.extends(n, target) {
		t := b.referredType(n, target)
		b.types[n] = t
		return t
	}
	if target == nil && reference(n) != "" {
		b.types[n] = anyType // leads nowhere, which has been reported
		return anyType
	}
	return b.inlineType(n, b.flat(n), h)
}

// inlineType is the type of a schema object that is not a component. It may refer to itself: by a struct or union, which is known as soon as
// it is declared, or by arrays and maps only, which are declared then.
func (b *builder) inlineType(n *source.Node, s *schema.Schema, h hint) *Type {
	if placeholder, again := b.inline[n]; again {
		if placeholder == nil {
			placeholder = b.declare(n, s, h)
			placeholder.Kind, placeholder.Elem = Scalar, anyType
			b.inline[n] = placeholder
		}
		return placeholder
	}
	b.inline[n] = nil
	t := b.typeFor([]*source.Node{n}, s, h)
	if placeholder := b.inline[n]; placeholder != nil {
		placeholder.Elem = t
		t = placeholder
	}
	delete(b.inline, n)
	b.types[n] = t
	return t
}

// optionFor returns the nullable.Nullable that x-go-type asks for, if it is that of the type which the schema has anyway. Then the value has a
// reader and a writer of ours.
func (b *builder) optionFor(n *source.Node, given *Type) *Type {
	elem, ok := strings.CutPrefix(given.Go, "nullable.Nullable[")
	scalars := schema.Boolean | schema.Integer | schema.Number | schema.String
	if s := b.flat(n); ok && s.Types&scalars != 0 && s.Types&^(scalars|schema.Null) == 0 && len(s.OneOf)+len(s.AnyOf)+len(s.Enum) == 0 {
		if t := b.plainType([]*source.Node{n}, s, hint{}); t.Kind == Basic && t.Go+"]" == elem {
			return &Type{Kind: Option, Elem: t}
		}
	}
	return nil
}

// markRecursive notes that the type, which is being declared, refers to itself without a struct in between. It cannot be an alias then.
func (b *builder) markRecursive(t *Type) {
	for i := len(b.declaring) - 1; i >= 0 && b.declaring[i] != nil; i-- {
		if b.declaring[i] == t {
			t.recursive = true
		}
	}
}

// extends reports whether what is beside a reference describes members that a type for what it refers to does not hold.
func (b *builder) extends(n, target *source.Node) bool {
	if _, external := b.external[target]; external || len(n.Members) == 1 || !b.constrains(n) {
		return false
	}
	return holdsMore(b.flat(n), b.flat(target), maxUnions)
}

// maxUnions bounds how many unions within each other holdsMore looks at.
const maxUnions = 8

// holdsMore reports whether objects may have members by one schema that are not described by another, which is a part of it.
func holdsMore(s, part *schema.Schema, depth int) bool {
	variants, of := s.Variants(), part.Variants()
	more := func(name string) bool {
		return part.Index(name) < 0 && (part.Additional == nil || part.Additional.Never) && len(part.Patterns) == 0
	}
	switch {
	case s == part || depth == 0 || len(s.Types.Name()) > 0 && s.Types&schema.Object == 0:
		return false
	case slices.ContainsFunc(s.Properties, func(p schema.Property) bool { return more(p.Name) }), slices.ContainsFunc(s.Required, more),
		len(s.Patterns) > len(part.Patterns), s.Additional != nil && !s.Additional.Never && (part.Additional == nil || part.Additional.Never),
		len(variants) != len(of), declaresElsewhere(s) && !declaresElsewhere(part):
		return true
	}
	for i := range variants {
		if holdsMore(variants[i], of[i], depth-1) {
			return true
		}
	}
	return false
}

// flat returns the schema value of a schema object with its allOf merged.
func (b *builder) flat(n *source.Node) *schema.Schema {
	s := b.schemaOf(n)
	b.flatten()
	return s
}

// referredType is the type that a reference leads to. What has no name of its own is named after the last part of the reference.
func (b *builder) referredType(n, target *source.Node) *Type {
	if ref, ok := b.external[target]; ok {
		typeName, given := b.givenName(target)
		if !given {
			typeName = b.typeName(ref.Key)
		}
		if ref.File.Package == source.SamePackage {
			return b.expectedType(n, target, typeName)
		}
		base := identifier(ref.File.Package[strings.LastIndexByte(ref.File.Package, '/')+1:])
		name := base
		for i := 2; !b.claimImport(name, ref.File.Package); i++ {
			name = base + strconv.Itoa(i)
		}
		return &Type{
			Kind: Foreign, Go: name + "." + typeName, Import: Import{Name: name, Path: ref.File.Package},
			Defaults: b.mayHaveDefaults(target, map[*source.Node]bool{}),
		}
	}
	if _, ok := b.keys[target]; ok {
		return b.typeOf(target, hint{})
	}
	return b.typeOf(target, hint{path: b.typeName(lastToken(reference(n)))})
}

// expectedType is a type that the package has by other means than this document.
func (b *builder) expectedType(n, target *source.Node, name string) *Type {
	switch other := b.names[name]; {
	case other == nil:
		b.names[name] = &claim{target}
	case other.node != target:
		b.errorf(n, "the config expects the type %s for this reference in the package, where %s has the name; give one of them an x-go-name", name,
			b.where(other.node))
	}
	return &Type{Kind: Foreign, Go: name, Defaults: b.mayHaveDefaults(target, map[*source.Node]bool{})}
}

// mayHaveDefaults reports whether a schema of another file has a default somewhere, or is not known.
func (b *builder) mayHaveDefaults(n *source.Node, seen map[*source.Node]bool) bool {
	if n == nil || seen[n] {
		return false
	}
	seen[n] = true
	if b.external[n].Node == n && n.Is(source.Object) && len(n.Members) == 0 {
		return true // of a file that is not read
	}
	if reference(n) != "" && b.mayHaveDefaults(b.target(n), seen) {
		return true
	}
	for i := range n.Members {
		if m := &n.Members[i]; m.Name == "default" || b.mayHaveDefaults(m.Value, seen) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, func(item *source.Node) bool { return b.mayHaveDefaults(item, seen) })
}

// identifier makes the name of a package of the last part of its path.
func identifier(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return '_'
		}
		return r
	}, name)
	if !token.IsIdentifier(name) {
		name = "pkg" + name
	}
	return name
}

// componentType declares the type of a component schema.
func (b *builder) componentType(n *source.Node, key string) *Type {
	t := &Type{Name: b.goKeys[key], Node: n, Pointer: b.doc.Pointer(n), Doc: b.docOf(n), Deprecated: deprecation(n)}
	b.types[n] = t
	s := b.flat(n)
	t.Schema = s
	component := &Component{Key: key, Type: t, Schema: s, Node: n}
	b.api.Components = append(b.api.Components, component)
	b.api.Types = append(b.api.Types, t)
	b.api.Variables = append(b.api.Variables, Variable{"schema" + t.Name, s})

	if b.opts.Exclude[key] {
		b.api.Types = b.api.Types[:len(b.api.Types)-1]
		*t = Type{Kind: Foreign, Go: t.Name, Node: n, Schema: s, Defaults: b.mayHaveDefaults(n, map[*source.Node]bool{})}
		return t
	}
	if given := b.givenType(n); given != nil {
		t.Kind, t.Elem = Alias, given
		return t
	}
	if target := b.target(n); target != nil && !b.extends(n, target) {
		t.Kind, t.Elem = Alias, b.referredType(n, target)
		return t
	}
	t.path = t.Name
	h := hint{path: t.Name}
	if name, given := b.givenTypeName(n); given {
		h.path = name // of what the component is an alias of
	}
	b.declaring = append(b.declaring, t)
	inner := b.typeFor([]*source.Node{n}, s, h)
	b.declaring = b.declaring[:len(b.declaring)-1]
	if inner == t {
		return t // declared by typeFor
	}
	if inner.incomplete() {
		inner = anyType // the schema is nothing but a part of itself, which has been reported
	}
	t.Elem = inner
	switch {
	case inner.Underlying().Kind == Any:
		t.Kind = Alias
	case inner.Kind == Map || t.recursive || inner.Kind == List && b.opts.DeclareArrays:
		t.Kind = Scalar
	default:
		t.Kind = Alias
	}
	return t
}

// declare returns the type to declare under a name: that of the component that is being declared, or a new one.
func (b *builder) declare(n *source.Node, s *schema.Schema, h hint) *Type {
	if i := len(b.declaring) - 1; i >= 0 && b.declaring[i] != nil && (hint{path: b.declaring[i].Name}) == h && !b.declaring[i].declared {
		t := b.declaring[i]
		t.declared = true
		t.Schema = s // that of the one variant besides null, if the component is a union of the two
		return t
	}
	t := &Type{Node: n, Pointer: b.doc.Pointer(n), Doc: b.docOf(n), Deprecated: deprecation(n), Schema: s}
	name, given := b.givenTypeName(n)
	if !given {
		name = b.hintedName(h, s)
	}
	t.Name = b.claim(name, "", n)
	if t.path = t.Name; b.opts.NormalizeGiven {
		t.path = h.path
	}
	if placeholder, inline := b.inline[n]; inline && placeholder == nil && b.schemas[n] == s {
		b.types[n] = t
	}
	b.api.Types = append(b.api.Types, t)
	b.api.Variables = append(b.api.Variables, Variable{"schema" + t.Name, s})
	return t
}

// typeFor returns the Go type for values of a flattened schema that is described by nodes, all of which apply.
func (b *builder) typeFor(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	if len(nodes) == 1 && nodes[0].Has("allOf") && len(b.children[nodes[0]]) == 0 {
		extends := b.named[nodes[0]] != "" && len(b.parentsOf(nodes[0])) > 0 // a variant of its parent, even if it adds nothing
		nodes = b.expand(nodes[0], nil)
		one := b.structural(nodes)
		if !extends && len(one) == 1 && (one[0] != nodes[len(nodes)-1] || b.target(one[0]) != nil) && !holdsMore(s, b.flat(one[0]), maxUnions) {
			return b.typeOf(one[0], h)
		}
	}
	main := nodes[len(nodes)-1]
	for _, n := range nodes {
		if t := b.givenType(n); t != nil {
			return t
		}
	}
	switch {
	case len(s.OneOf) > 0 || len(s.AnyOf) > 0:
		return b.unionFor(nodes, s, h)
	case len(s.Enum) > 0:
		if t := b.enumFor(main, s, h); t != nil {
			return t
		}
	}
	return b.plainType(nodes, s, h)
}

// plainType is the type for values of a schema that is neither a union nor an enum.
func (b *builder) plainType(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	main := nodes[len(nodes)-1]
	switch s.Types &^ schema.Null {
	case schema.String:
		return b.basic("string", s.Format)
	case schema.Integer:
		return b.basic("integer", s.Format)
	case schema.Number, schema.Number | schema.Integer:
		return b.basic("number", s.Format)
	case schema.Boolean:
		return b.basic("boolean", s.Format)
	case schema.Array:
		return b.listFor(nodes, s, h)
	case schema.Object:
		if len(s.Properties) > 0 || len(s.Required) > 0 {
			return b.structFor(nodes, s, h, main)
		}
		return b.mapFor(nodes, s, h)
	}
	return anyType
}

// basicTypes are the Go types for scalars, by type and format; the empty format is any other.
var basicTypes = map[string]map[string]string{
	"string": {
		"": "string", "byte": "[]byte", "email": "openapi_types.Email", "date": "openapi_types.Date", "date-time": "time.Time",
		"duration": "openapi_types.Duration", "uuid": "openapi_types.UUID", "binary": "openapi_types.File",
	},
	"integer": {
		"": "int", "int8": "int8", "int16": "int16", "int32": "int32", "int64": "int64", "uint8": "uint8", "uint16": "uint16",
		"uint32": "uint32", "uint64": "uint64",
	},
	"number":  {"": "float64", "float": "float32"},
	"boolean": {"": "bool"},
}

func (b *builder) basic(kind, format string) *Type {
	if b.opts.Types != nil {
		if goType, pkg, ok := b.opts.Types(kind, format); ok {
			if isBasic(kind, goType) {
				return &Type{Kind: Basic, Go: goType}
			}
			for _, name := range PackagesOf(goType) {
				if pkg.Path != "" && !b.claimImport(name, pkg.Path) {
					b.add(source.Diagnostic{Position: b.doc.Root.Pos(), What: fmt.Sprintf("type-mapping has a type of the package %s, but the name %s stands for "+
						"another package already; declare the type in a package of another name", pkg.Path, name)})
				}
			}
			return &Type{Kind: Foreign, Go: goType, Import: pkg}
		}
	}
	goType, ok := basicTypes[kind][format]
	if !ok {
		goType = basicTypes[kind][""]
	}
	return &Type{Kind: Basic, Go: goType}
}

// HasGoType reports whether values of a type have a Go type of their own for a format.
func HasGoType(kind, format string) bool { return format != "" && basicTypes[kind][format] != "" }

// isBasic reports whether a Go type is one that values of a kind have without any choice of the author.
func isBasic(kind, goType string) bool {
	for _, t := range basicTypes[kind] {
		if t == goType {
			return true
		}
	}
	return false
}

func (b *builder) listFor(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	if len(s.PrefixItems) > 0 {
		return &Type{Kind: List, Elem: anyType} // a tuple, whose items are of several types
	}
	items := b.inner(nodes, func(n *source.Node) *source.Node { return n.Get("items") })
	if len(items) == 0 {
		return &Type{Kind: List, Elem: anyType}
	}
	elem := b.innerType(items, s.Items, b.valueHint(h, "Item"))
	return b.bounded(&Type{Kind: List, Elem: Nullable(elem, s.Items)}, nodes)
}

// maxNested bounds the arrays and maps in each other without a name, each of which spells out those in it.
const maxNested = 50

// bounded reports a type that consists of too many others.
func (b *builder) bounded(t *Type, nodes []*source.Node) *Type {
	depth := 0
	for of := t; of != nil && of.Name == ""; of = of.Elem {
		depth++
	}
	if depth <= maxNested {
		return t
	}
	b.errorf(nodes[len(nodes)-1], "there are more than %d arrays or maps in each other; make a component of one of the inner ones", maxNested)
	return &Type{Kind: List, Elem: anyType}
}

func (b *builder) mapFor(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	return b.bounded(&Type{Kind: Map, Elem: b.extraType(nodes, s, b.valueHint(h, "Value"))}, nodes)
}

// extraType is the type of the members that are not declared.
func (b *builder) extraType(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	if len(s.Patterns) == 1 && (s.Additional == nil || s.Additional.Never) && s.Additional != nil {
		patterns := b.inner(nodes, func(n *source.Node) *source.Node {
			if p := n.Get("patternProperties"); p.Is(source.Object) && len(p.Members) == 1 {
				return p.Members[0].Value
			}
			return nil
		})
		if len(patterns) == 1 {
			return Nullable(b.innerType(patterns, s.Patterns[0].Schema, h), s.Patterns[0].Schema)
		}
	}
	if len(s.Patterns) > 0 || s.Additional == nil {
		return anyType
	}
	values := b.inner(nodes, func(n *source.Node) *source.Node {
		if a := n.Get("additionalProperties"); a.Is(source.Object) {
			return a
		}
		return nil
	})
	if len(values) == 0 {
		return anyType
	}
	return Nullable(b.innerType(values, s.Additional, h), s.Additional)
}

// inner collects a part of every node, by references and allOf.
func (b *builder) inner(nodes []*source.Node, part func(*source.Node) *source.Node) []*source.Node {
	var found []*source.Node
	for _, n := range nodes {
		b.walkParts(n, func(n *source.Node) bool {
			if p := part(n); p != nil && !slices.Contains(found, p) {
				found = append(found, p)
			}
			return true
		})
	}
	return found
}

// innerType is the type of what one or more nodes describe together; s is what they mean.
func (b *builder) innerType(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	if len(nodes) == 1 {
		return b.typeOf(nodes[0], h)
	}
	structural := b.structural(nodes)
	switch len(structural) {
	case 0:
		return b.typeOf(nodes[0], h)
	case 1:
		return b.typeOf(structural[0], h)
	}
	first := b.typeOf(structural[0], h)
	if first.Kind == Basic || first.Kind == Enum || first.Kind == Alias && first.Elem.Kind == Basic {
		return first // narrowed by the others
	}
	same := true
	for _, n := range structural[1:] {
		same = same && b.target(n) != nil && b.target(n) == b.target(structural[0])
	}
	if same || s == nil {
		return first
	}
	return b.joinedType(structural, s, h)
}

// joinedType is typeFor, the same type for the same nodes.
func (b *builder) joinedType(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	var key strings.Builder
	for _, n := range nodes {
		for range maxChain {
			if t := b.target(n); t != nil && !b.constrains(n) {
				n = t
			}
		}
		key.WriteString(b.doc.Pointer(n) + " ")
	}
	if t, ok := b.joined[key.String()]; ok {
		return t
	}
	t := b.typeFor(nodes, s, h)
	b.joined[key.String()] = t
	return t
}

// expand lists what an allOf consists of: its parts, those of inline allOf within, and what is beside it, which comes last.
func (b *builder) expand(n *source.Node, parts []*source.Node) []*source.Node {
	for _, part := range itemsIn(n.Get("allOf")) {
		if part.Has("allOf") && reference(part) == "" {
			parts = b.expand(part, parts)
			continue
		}
		parts = append(parts, part)
	}
	return append(parts, n)
}

// structuralKeywords are those that say which Go type holds a value, rather than which values are valid.
var structuralKeywords = []string{
	"properties", "patternProperties", "additionalProperties", "items", "prefixItems", "oneOf", "anyOf", "enum", "const", "format", "required",
	"$ref", "$dynamicRef", "x-go-type", nextNames["x-go-type"], "contentEncoding",
}

// structural leaves out the nodes that only describe or narrow what the others are.
func (b *builder) structural(nodes []*source.Node) []*source.Node {
	all := withStructure(nodes)
	// What refers to a scalar is that scalar, however it is narrowed.
	for _, n := range all {
		if target := b.target(n); target != nil && b.isScalar(n) {
			return []*source.Node{n}
		}
	}
	return all
}

// withStructure is structural as far as the nodes themselves tell.
func withStructure(nodes []*source.Node) []*source.Node {
	var all []*source.Node
	for _, n := range nodes {
		for _, keyword := range structuralKeywords {
			if n.Has(keyword) && !(keyword == "additionalProperties" && n.Get(keyword).Is(source.Bool)) {
				all = append(all, n)
				break
			}
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, n := range nodes {
		if n.Has("type") {
			return []*source.Node{n}
		}
	}
	return nil
}

// isScalar reports whether all values of a schema object are strings, numbers or booleans.
func (b *builder) isScalar(n *source.Node) bool {
	s := b.flat(n)
	types := s.Types &^ schema.Null
	return types != 0 && types&(schema.Array|schema.Object) == 0 && len(s.OneOf)+len(s.AnyOf) == 0
}

// Nullable wraps a type such that it can hold null, if the document says that null is a value. Types that have a value for it stay as they are.
func Nullable(t *Type, s *schema.Schema) *Type {
	if !s.SaysNull() {
		return t
	}
	switch of := t.Underlying(); of.Kind {
	case Any, Raw, List, Map, Pointer, Option:
		return t
	case Union:
		if of.Null {
			return t
		}
	case Foreign:
		if strings.HasPrefix(t.Go, "nullable.Nullable[") || strings.HasPrefix(t.Go, "*") {
			return t
		}
	}
	return &Type{Kind: Pointer, Elem: t}
}

// Underlying follows aliases, and declared types to what they are declared as.
func (t *Type) Underlying() *Type {
	for t.Kind == Alias && t.Elem != nil || t.Kind == Scalar && t.Elem.Kind != Basic {
		t = t.Elem
	}
	return t
}

// incomplete reports whether t leads to a component about which nothing is known yet, by way of aliases only.
func (t *Type) incomplete() bool {
	t = t.Underlying()
	return t.Name != "" && t.Kind == Basic && !t.declared
}

// docOf is the description of a schema object, or its title.
func (b *builder) docOf(n *source.Node) string {
	if text := strings.TrimSpace(n.Str("description")); text != "" {
		return text
	}
	// Some frameworks write the name of each schema and member as its title, with spaces.
	title := strings.TrimSpace(n.Str("title"))
	if sameLetters(title, b.titleOf(n)) || sameLetters(title, lastToken("#"+b.doc.Pointer(n))) {
		return ""
	}
	return title
}

// sameLetters reports whether two names differ in nothing but case, spaces and punctuation.
func sameLetters(x, y string) bool {
	letters := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}
	return strings.Map(letters, x) == strings.Map(letters, y)
}

// deprecation is the reason why something is deprecated, "-" without one, and "" if it is not.
func deprecation(n *source.Node) string {
	if !n.True("deprecated") {
		return ""
	}
	if m := extension(n, "x-deprecated-reason"); m != nil && m.Value.Is(source.String) && strings.TrimSpace(m.Value.Text) != "" {
		return strings.TrimSpace(m.Value.Text)
	}
	return "-"
}

// enumFor declares an enum. It is nil for values that are not all strings, integers, numbers or booleans.
func (b *builder) enumFor(n *source.Node, s *schema.Schema, h hint) *Type {
	var kind string
	values := make([]string, 0, len(s.Enum))
	for _, value := range s.Enum {
		var one string
		switch c := value[0]; {
		case c == '"':
			one = "string"
		case c == 't' || c == 'f':
			one = "boolean"
		case c == 'n':
			continue
		case c == '-' || '0' <= c && c <= '9':
			if one = "number"; schema.IsInteger(value) {
				one = "integer"
			}
		default:
			return nil
		}
		if kind == "integer" && one == "number" || kind == "number" && one == "integer" {
			one, kind = "number", "number"
		}
		if kind != "" && kind != one || s.Types != 0 && s.Types&typesOf[one] == 0 {
			return nil
		}
		kind = one
		values = append(values, value)
	}
	if kind == "" {
		return nil
	}
	if kind == "integer" && s.Types&schema.Integer == 0 && s.Types&schema.Number != 0 {
		kind = "number"
	}
	elem := b.basic(kind, s.Format)
	if elem.Kind == Foreign || kind == "string" && elem.Go != "string" {
		return elem // a format with a Go type of its own; the checker knows the values
	}
	values = slices.DeleteFunc(values, func(value string) bool { return kind == "integer" && !holds(elem.Go, value) })
	if len(values) == 0 {
		return elem
	}
	t := b.declare(n, s, h)
	t.Kind, t.Elem = Enum, elem
	docs := b.valueDocs(n, values)
	for i, value := range values {
		goValue := value
		if value[0] == '"' {
			goValue = strconv.Quote(literalText(value))
		}
		t.Values = append(t.Values, &Value{Go: goValue, JSON: value, Doc: docs[i]})
	}
	b.enums = append(b.enums, enumNames{enum: t, node: n, given: b.givenValueNames(n, values)})
	return t
}

// typesOf are the types that values of the kinds of constants may have in a schema.
var typesOf = map[string]schema.Types{
	"string": schema.String, "boolean": schema.Boolean, "integer": schema.Integer | schema.Number, "number": schema.Number | schema.Integer,
}

// holds reports whether a Go type of integers can hold a value. Others have no constants; package lint reports them.
func holds(goType, value string) bool {
	bits, err := strconv.Atoi(strings.TrimLeft(goType, "uint"))
	if err != nil {
		bits = 64
	}
	plain, _ := schema.PlainInteger(value)
	if strings.HasPrefix(goType, "u") {
		_, err = strconv.ParseUint(plain, 10, bits)
	} else {
		_, err = strconv.ParseInt(plain, 10, bits)
	}
	return err == nil
}

// enumNames are the names that the document gives to the constants of an enum; "" where it gives none.
type enumNames struct {
	enum  *Type
	node  *source.Node
	given []string
}

// nameEnums names the constants. They begin with the name of their type; bare ones do so only if one of them would collide otherwise.
func (b *builder) nameEnums() {
	bare := func(e *enumNames, i int) string {
		return firstOf(e.given[i], firstOf(b.typeName(literalText(e.enum.Values[i].JSON)), "Value"))
	}
	owners := map[string]map[*Type]bool{} // bare names → the enums that would have them
	for i := range b.enums {
		e := &b.enums[i]
		for j := range e.enum.Values {
			name := bare(e, j)
			if owners[name] == nil {
				owners[name] = map[*Type]bool{}
			}
			owners[name][e.enum] = true
		}
	}
	for i := range b.enums {
		e := &b.enums[i]
		prefixed := !b.opts.BareEnums
		for j := range e.enum.Values {
			name := bare(e, j)
			prefixed = prefixed || len(owners[name]) > 1 || b.names[name] != nil || reservedNames[name]
		}
		taken := map[string]bool{}
		for j, v := range e.enum.Values {
			name := e.given[j]
			switch {
			case !prefixed:
				name = bare(e, j)
			case name == "":
				name = e.enum.Name + b.valueName(literalText(v.JSON))
			case b.opts.BareEnums:
				name = e.enum.Name + name
			}
			first := 2
			if b.opts.NormalizeGiven {
				first = 1
			}
			for base, count := name, first; taken[name]; count++ {
				name = base + strconv.Itoa(count)
			}
			taken[name] = true
			v.Name = b.claim(name, "Value", e.node)
		}
	}
}

// literalText is the text of a JSON scalar: a string without quotes, anything else as it is.
func literalText(value string) string {
	if value[0] != '"' {
		return value
	}
	l := schema.Lexer{Text: value}
	return l.ReadString()
}

// givenValueNames reads x-enum-varnames or x-enumNames, one name for each value; "" where there is none.
func (b *builder) givenValueNames(n *source.Node, values []string) []string {
	names := make([]string, len(values))
	for _, keyword := range []string{"x-enum-varnames", "x-enumNames", nextNames["x-enum-varnames"]} {
		given := n.Get(keyword)
		if given == nil {
			continue
		}
		listed := itemsIn(n.Get("enum"))
		if !given.Is(source.Array) || len(given.Items) != len(listed) {
			b.report("enum-names", given, "there are %d names for %d values, which are passed over; write one for each, in the same order", len(given.Items), len(listed))
			return names
		}
		taken := map[string]bool{}
		for i, item := range listed {
			at := slices.Index(values, schema.Canonical(string(item.JSON())))
			if at < 0 {
				continue
			}
			name := given.Items[i].Text
			if !isExported(name) || b.opts.NormalizeGiven {
				name = b.typeName(name)
			}
			if given.Items[i].Kind != source.String || !isExported(name) || taken[name] {
				b.report("enum-names", given.Items[i], "%s is not a Go identifier of its own and is passed over; write different ones of letters and digits",
					given.Items[i].JSON())
				continue
			}
			taken[name], names[at] = true, name
		}
		return names
	}
	return names
}

// valueDocs reads x-enum-descriptions.
func (b *builder) valueDocs(n *source.Node, values []string) []string {
	docs := make([]string, len(values))
	given := itemsIn(n.Get("x-enum-descriptions"))
	if listed := itemsIn(n.Get("enum")); len(given) == len(listed) {
		for i, item := range listed {
			if at := slices.Index(values, schema.Canonical(string(item.JSON()))); at >= 0 {
				docs[at] = strings.TrimSpace(given[i].Text)
			}
		}
	}
	return docs
}
