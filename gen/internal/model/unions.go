package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file declares unions: oneOf and anyOf, and parents whose discriminator selects among the schemas that extend them.

// declaresBesideVariants reports whether values of a union may have members that are declared beside its variants and not in all of them, so that a
// variant's type could not hold them.
func declaresBesideVariants(s *schema.Schema) bool {
	parts := conditional(s)
	if len(s.OneOf) > 0 {
		parts = append(parts, s.AnyOf...)
	}
	if len(s.AllOf) > 0 { // what is beside the variants has not become a part of them
		parts = append(parts, &schema.Schema{Properties: s.Properties, Patterns: s.Patterns})
	}
	return slices.ContainsFunc(s.Variants(), func(variant *schema.Schema) bool {
		return (variant.Types == 0 || variant.Types&schema.Object != 0) && declaresMore(variant, parts)
	})
}

// unionFor returns the type for values of a union. One that has a single variant beside null is that variant; one of constants is an enum.
func (b *builder) unionFor(nodes []*source.Node, s *schema.Schema, h hint) *Type {
	main := nodes[len(nodes)-1]
	owner, variants, any := b.variantNodes(nodes, s)
	if owner == nil || len(variants) != len(s.Variants()) || declaresBesideVariants(s) {
		return anyType // unions that come together in a way that has no type; the checker knows the values
	}
	var real []int
	for i, variant := range variants {
		if !b.isNull(variant) {
			real = append(real, i)
		}
	}
	switch {
	case len(real) == 0:
		return anyType
	case len(real) == 1 && len(b.children[owner]) == 0:
		base := b.besides(nodes, owner)
		if len(base) == 0 {
			return b.typeOf(variants[real[0]], h)
		}
		return b.typeFor(append(base, variants[real[0]]), s.Variants()[real[0]], h)
	}
	if t := b.constants(main, s, variants, h); t != nil {
		return t
	}
	if parent, ends := b.commonParent(variants); parent != nil && !owner.Has("discriminator") && len(b.children[owner]) == 0 &&
		len(b.besides(nodes, owner)) == 0 && slices.Contains(ends, parent) && len(real) > len(b.children[parent]) {
		return b.typeOf(parent, h) // a list of all that the parent stands for
	}
	t := b.declare(main, s, h)
	t.Kind, t.Any, t.Schema = Union, any, s
	t.Interface = b.claim(t.Name+"Variant", "", main)
	if d := s.Discriminator; d != nil {
		t.Discriminator = d.Property
	}
	b.declaring = append(b.declaring, nil)
	defer func() { b.declaring = b.declaring[:len(b.declaring)-1] }()
	t.Null = len(real) < len(variants) || acceptsNull(s) && (s.Nullable || s.Types&schema.Null != 0)
	if t.Null {
		t.NullName = b.claim(t.Name+"Null", "", main)
	}
	base := b.besides(nodes, owner)
	words := b.variantWords(owner, variants, s)
	taken := map[*Type]bool{}
	for _, i := range real {
		vt := b.variantType(t, base, variants[i], s.Variants()[i], words[i], taken)
		if vt == nil {
			b.report("repeated-variant", variants[i], "%s is listed twice, so that it always fits twice; remove one", b.variantTitle(variants[i], i))
			continue
		}
		taken[vt] = true
		t.Variants = append(t.Variants, &Variant{Type: vt, Name: vt.Name, Index: i})
	}
	b.later = append(b.later, func() { b.completeVariants(t) })
	return t
}

// variantNodes finds the nodes of the variants of a union, if there is one, and only one.
func (b *builder) variantNodes(nodes []*source.Node, s *schema.Schema) (owner *source.Node, variants []*source.Node, any bool) {
	keyword := "oneOf"
	if any = len(s.OneOf) == 0; any {
		keyword = "anyOf"
	}
	several := false
	for _, n := range nodes {
		b.walkParts(n, func(n *source.Node) bool {
			if owner != nil && len(b.children[owner]) > 0 {
				return false
			}
			if children := b.children[n]; len(children) > 0 && owner == nil && !any {
				owner, variants = n, append(slices.Clone(children), n)
				return false
			}
			if list := itemsIn(n.Get(keyword)); len(list) > 0 && n != owner {
				several = owner != nil
				owner, variants = n, list
			}
			return !several
		})
	}
	if several { // the variants would be those of both unions, each with each
		return nil, nil, any
	}
	return owner, variants, any
}

// besides are the nodes that apply to every variant of a union, which owner has; none if they describe no members, so that a variant has the
// type that it has elsewhere.
func (b *builder) besides(nodes []*source.Node, owner *source.Node) []*source.Node {
	if len(b.children[owner]) > 0 {
		return nil
	}
	leads := func(n *source.Node) (leads bool) {
		b.walkParts(n, func(part *source.Node) bool {
			leads = leads || part == owner
			return !leads
		})
		return leads
	}
	describes := slices.ContainsFunc(nodes, func(n *source.Node) bool {
		target := b.target(n)
		return !leads(n) || target != nil && !leads(target) || n.Has("properties") || n.Has("patternProperties") || n.Has("additionalProperties")
	})
	if !describes {
		return nil
	}
	return nodes
}

// variantType is the type of a variant: a declared type of its own, since the interface of the union has a method of it.
func (b *builder) variantType(union *Type, base []*source.Node, n *source.Node, s *schema.Schema, word string, taken map[*Type]bool) *Type {
	name := union.Name + word
	var t *Type
	switch {
	case b.children[n] != nil && b.types[n] == union:
		t = b.structBase(union, n)
	case len(base) > 0:
		t = b.joinedType(append(slices.Clone(base), n), s, hint{path: name})
	default:
		if given, ok := b.givenName(n); ok && b.target(n) == nil {
			name = given
		} else if b.named[n] != "" {
			name = b.typeName(b.named[n])
		}
		t = b.typeOf(n, hint{path: name})
	}
	for t.Kind == Alias && t.Elem.Kind != Basic && t.Elem.Kind != List && t.Elem.Kind != Map && t.Elem.Kind != Any && t.Elem.Kind != Foreign && t.Elem.Kind != Pointer {
		t = t.Elem
	}
	switch {
	case taken[t] && b.target(n) != nil && len(base) == 0 && !b.constrains(n):
		return nil
	case taken[t] || !t.named():
		return b.wrap(t, n, s, name)
	case t.Kind == Alias:
		if t.Elem.Kind == Any || t.Elem.Kind == Pointer {
			return b.wrap(t, n, s, name)
		}
		b.define(t)
	}
	return t
}

// structBase is the type of a parent itself, which is a variant of the union of those that extend it.
func (b *builder) structBase(union *Type, n *source.Node) *Type {
	s := b.partOf(n)
	b.flatten()
	return b.plainType([]*source.Node{n}, s, hint{path: union.Name + "Base"})
}

// named reports whether a type is declared, so that it can have methods.
func (t *Type) named() bool { return t.Name != "" }

// define makes a declared type of an alias, for the sake of its methods.
func (b *builder) define(t *Type) {
	if t.Elem.Kind == Basic && strings.Contains(t.Elem.Go, ".") || t.Elem.Kind == Foreign {
		t.Kind = Wrapper
	} else {
		t.Kind = Scalar
	}
}

// wrap declares a type for a variant that has none of its own.
func (b *builder) wrap(of *Type, n *source.Node, s *schema.Schema, name string) *Type {
	t := &Type{Node: n, Pointer: b.doc.Pointer(n), Doc: b.docOf(n), Schema: s, Elem: of, Kind: Scalar}
	t.Name = b.claim(name, "", n)
	if of.Kind == Basic && strings.Contains(of.Go, ".") || of.Kind == Foreign || of.Kind == Any || of.named() || of.Kind == Pointer {
		t.Kind = Wrapper
	}
	b.api.Types = append(b.api.Types, t)
	b.api.Variables = append(b.api.Variables, Variable{"schema" + t.Name, s})
	return t
}

// variantWords name the variants that have no name of their own: after their title, the value that selects them, or their type.
func (b *builder) variantWords(owner *source.Node, variants []*source.Node, s *schema.Schema) []string {
	words := make([]string, len(variants))
	count := map[string]int{}
	for i, variant := range variants {
		word := ""
		if b.target(variant) != nil {
			word = b.typeName(lastToken(reference(variant)))
			if key, ok := b.keys[b.target(variant)]; ok {
				word = b.goKeys[key]
			}
		} else {
			word = b.variantWord(owner, variant, s.Variants()[i])
		}
		if count[word]++; count[word] > 1 {
			word += strconv.Itoa(count[word])
		}
		words[i] = word
	}
	return words
}

func (b *builder) variantWord(owner, n *source.Node, s *schema.Schema) string {
	if word := b.opts.Normalize(n.Str("title")); word != "" {
		return word
	}
	if property := owner.Get("discriminator").Str("propertyName"); property != "" {
		if values := b.constantsOf(n, property); len(values) == 1 {
			return b.opts.Normalize(values[0])
		}
	}
	if properties := n.Get("properties"); properties.Is(source.Object) {
		names := properties.Names()
		slices.Sort(names)
		for _, name := range names {
			if values := b.constantsOf(n, name); len(values) == 1 && b.opts.Normalize(values[0]) != "" {
				return b.opts.Normalize(values[0])
			}
		}
	}
	switch s.Types &^ schema.Null {
	case schema.Array:
		return "List"
	case schema.Object:
		return "Object"
	case schema.Boolean:
		return "Bool"
	case schema.String:
		return "String"
	case schema.Integer:
		return "Integer"
	case schema.Number:
		return "Number"
	}
	return "Option"
}

func (b *builder) variantTitle(n *source.Node, i int) string {
	if t := b.target(n); t != nil {
		return b.titleOf(t)
	}
	return "variant " + strconv.Itoa(i+1)
}

// constants makes an enum of a union of constants, whose titles are the names of the constants. It is nil for any other union.
func (b *builder) constants(n *source.Node, s *schema.Schema, variants []*source.Node, h hint) *Type {
	if b.opts.UnionsOfConstants {
		return nil
	}
	var values []string
	var docs, titles []string
	for i, variant := range variants {
		one := s.Variants()[i].Enum
		if b.target(variant) != nil || len(one) == 0 || !variant.Has("const") && len(one) > 1 {
			return nil
		}
		if slices.Contains(values, one[0]) {
			return nil // a value of two variants, which only a union can refuse
		}
		values = append(values, one[0])
		docs = append(docs, strings.TrimSpace(variant.Str("description")))
		titles = append(titles, variant.Str("title"))
	}
	flat := &schema.Schema{Types: s.Types, Enum: values, Format: s.Format}
	if flat.Types == 0 {
		flat.Types = s.Variants()[0].Types
	}
	t := b.enumFor(n, flat, h)
	if t == nil || t.Kind != Enum {
		return nil
	}
	t.Schema = s
	if len(t.Values) == len(values) {
		given := b.enums[len(b.enums)-1].given
		for i, v := range t.Values {
			v.Doc = docs[i]
			switch {
			case titles[i] == "":
			case b.opts.BareEnums:
				given[i] = b.typeName(titles[i])
			default:
				given[i] = t.Name + b.valueName(titles[i])
			}
		}
	}
	return t
}

// completeVariants notes the values that select each variant, and the field that holds them, and whether null is one of a variant's values.
func (b *builder) completeVariants(t *Type) {
	if !t.Null && t.Schema.NullVariant() { // a reader takes null for that of the union, as a variant's Go type need not have it
		t.Null, t.NullName = true, b.claim(t.Name+"Null", "", t.Node)
	}
	if d := t.Schema.Discriminator; d != nil {
		for _, v := range t.Variants {
			for _, m := range d.Mapping {
				if m.Variant == v.Index {
					v.Values = append(v.Values, m.Value)
				}
			}
			if len(v.Values) == 1 && v.Type.Kind == Struct {
				for _, f := range v.Type.Fields {
					if f.Wire != d.Property || f.Directed { // one that a direction does not have is left to the caller
						continue
					}
					held := f.Type
					if held.Kind == Pointer {
						held = held.Elem
						v.Held = held
					}
					v.Field, v.Value = f.Name, constant(held, v.Values[0])
				}
			}
		}
	}
	if t.Null && slices.ContainsFunc(t.Variants, func(v *Variant) bool { return v.Type.Kind == Wrapper }) {
		return
	}
	t.Common = commonFields(t.Variants)
}

// constant is the Go expression for a value of a discriminator. It is empty where the field cannot be filled in by a plain assignment, or its
// schema refuses the value.
func constant(t *Type, value string) string {
	if t.Kind == Enum {
		for _, v := range t.Values {
			if v.Go == strconv.Quote(value) || v.Go == value {
				return v.Name
			}
		}
		return ""
	}
	if t = t.Underlying(); t.Kind != Basic || t.Go != "string" {
		return ""
	}
	return strconv.Quote(value)
}

// commonFields are the members that every variant has as a field of the same name and type.
func commonFields(variants []*Variant) []*Getter {
	if len(variants) < 2 || variants[0].Type.Kind != Struct {
		return nil
	}
	var common []*Getter
	for _, f := range variants[0].Type.Fields {
		all := true
		for _, v := range variants[1:] {
			all = all && v.Type.Kind == Struct && slices.ContainsFunc(v.Type.Fields, func(g *Field) bool {
				return g.Name == f.Name && g.Wire == f.Wire && sameType(f.Type, g.Type)
			})
		}
		if all && f.Name != "Value" && f.Name != "MarshalJSON" && f.Name != "UnmarshalJSON" && !f.Hidden {
			common = append(common, &Getter{Name: f.Name, Wire: f.Wire, Type: f.Type, Doc: f.Doc})
		}
	}
	return common
}

func sameType(x, y *Type) bool {
	if x == y {
		return true
	}
	if x.Kind != y.Kind || x.Name != "" || y.Name != "" || x.Go != y.Go {
		return false
	}
	return x.Elem == nil && y.Elem == nil || x.Elem != nil && y.Elem != nil && sameType(x.Elem, y.Elem)
}
