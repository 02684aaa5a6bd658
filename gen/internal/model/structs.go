package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// structFor declares a struct with a field for each member.
func (b *builder) structFor(nodes []*source.Node, s *schema.Schema, h hint, main *source.Node) *Type {
	t := b.declare(main, s, h)
	t.Kind = Struct
	b.declaring = append(b.declaring, nil)
	defer func() { b.declaring = b.declaring[:len(b.declaring)-1] }()

	b.declareRequired(nodes, s)
	taken := map[string]string{} // Go names → members
	for index := range s.Properties {
		p := &s.Properties[index]
		wire := p.Name
		members := b.inner(nodes, func(n *source.Node) *source.Node { return n.Get("properties").Get(wire) })
		b.checkMember(nodes, s, p, members)
		f := b.fieldFor(t, wire, p, members, slices.Contains(s.Required, wire))
		f.Index = index
		f.Name = b.fieldName(t, f, members, taken)
		t.Fields = append(t.Fields, f)
	}
	slices.SortStableFunc(t.Fields, func(x, y *Field) int { return cmp.Compare(x.Order, y.Order) })
	if s.Additional != nil && !s.Additional.Never || len(s.Patterns) > 0 || declaresElsewhere(s) {
		t.Extra = b.extraType(nodes, s, b.within(t, "Value", "AdditionalProperties"))
		if _, taken := taken["AdditionalProperties"]; taken {
			t.ExtraName = "AdditionalMembers"
		} else {
			t.ExtraName = "AdditionalProperties"
		}
	}
	return t
}

// checkMember reports a member that no value is valid for, by the parts of an allOf together, unless additionalProperties: false says so.
func (b *builder) checkMember(nodes []*source.Node, s *schema.Schema, p *schema.Property, members []*source.Node) {
	if p.Schema == nil || !p.Schema.Never || len(members) == 0 || len(members) == 1 && members[0].Is(source.Bool) {
		return
	}
	if len(members) > 1 {
		b.report("never-valid", members[len(members)-1], "no value of the member %q is valid, as the parts of the schema that describe it exclude each other; "+
			"correct one of them", p.Name)
	} else if s.Additional == nil || !s.Additional.Never {
		first := slices.IndexFunc(s.Properties, func(p schema.Property) bool { return p.Schema != nil && p.Schema.Never })
		b.report("never-valid", nodes[len(nodes)-1], "no value of the member %q is valid, as additionalProperties of another part of the schema excludes them; "+
			"correct one of the two", s.Properties[first].Name)
	}
}

// declaresElsewhere reports whether an object may have members that a part of its schema declares or requires which only some values have to fit,
// or which unevaluatedProperties describes.
func declaresElsewhere(s *schema.Schema) bool {
	unevaluated := s.UnevaluatedProperties
	depends := slices.ContainsFunc(s.DependentRequired, func(d schema.Dependency) bool {
		return slices.ContainsFunc(d.Required, func(name string) bool { return s.Index(name) < 0 })
	})
	return depends || unevaluated != nil && !unevaluated.Never && shallow(unevaluated).Constrains() || declaresMore(s, conditional(s))
}

// declaresMore reports whether schemas, or parts of them, declare or require members that a schema does not declare.
func declaresMore(s *schema.Schema, parts []*schema.Schema) bool {
	seen := map[*schema.Schema]bool{s: true}
	var declares func(part *schema.Schema) bool
	declares = func(part *schema.Schema) bool {
		if part == nil || seen[part] {
			return false
		}
		seen[part] = true
		return slices.ContainsFunc(part.Properties, func(p schema.Property) bool { return s.Index(p.Name) < 0 }) || len(part.Patterns) > 0 ||
			slices.ContainsFunc(part.Required, func(name string) bool { return s.Index(name) < 0 }) ||
			slices.ContainsFunc(conditional(part), declares) || slices.ContainsFunc(slices.Concat(part.AllOf, part.OneOf, part.AnyOf), declares)
	}
	return slices.ContainsFunc(parts, declares)
}

// conditional are the parts of a schema that only some values have to fit, besides variants. What if says holds for those that fit it.
func conditional(s *schema.Schema) []*schema.Schema {
	parts := []*schema.Schema{s.If, s.Then, s.Else}
	for i := range s.DependentSchemas {
		parts = append(parts, s.DependentSchemas[i].Schema)
	}
	return parts
}

// declareRequired gives the members that are required, but not declared, a place: they can have any value.
func (b *builder) declareRequired(nodes []*source.Node, s *schema.Schema) {
	for _, name := range s.Required {
		if s.Index(name) >= 0 {
			continue
		}
		at := nodes[len(nodes)-1]
		for _, required := range b.inner(nodes, func(n *source.Node) *source.Node { return n.Get("required") }) {
			for _, item := range itemsIn(required) {
				if item.Text == name {
					at = item
				}
			}
		}
		declared := make([]string, len(s.Properties))
		for i := range s.Properties {
			declared[i] = s.Properties[i].Name
		}
		advice := "declare it in properties"
		if near := source.Nearest(name, declared); near != "" {
			advice = fmt.Sprintf("did you mean %q?", near)
		}
		of, _ := s.Undeclared(name)
		if of != nil && of.Never {
			b.report("required-not-allowed", at, "the member %q is required, but not declared, and no other members are allowed; %s", name, advice)
			continue
		}
		b.report("required-not-declared", at, "the member %q is required, but not declared, and can have any value; %s", name, advice)
		s.Properties = append(slices.Clone(s.Properties), schema.Property{Name: name, Schema: of})
		sortProperties(s.Properties)
	}
}

func (b *builder) fieldFor(owner *Type, wire string, p *schema.Property, members []*source.Node, required bool) *Field {
	f := &Field{Wire: wire, Required: required, Directed: p.ReadOnly || p.WriteOnly}
	h := b.within(owner, b.typeName(wire), b.typeName(wire))
	t := anyType
	if len(members) > 0 {
		t = b.innerType(members, p.Schema, h)
	}
	var ext extensions
	for _, n := range members {
		f.Doc = firstOf(strings.TrimSpace(n.Str("description")), f.Doc)
		f.Deprecated = firstOf(deprecation(n), f.Deprecated)
		if d := n.Get("default"); d != nil {
			f.Default = string(d.JSON())
		}
		ext.read(b, n)
		if target := b.target(n); target != nil {
			inherited := extensions{}
			inherited.read(b, target)
			if ext.skipPointer == nil {
				ext.skipPointer = inherited.skipPointer
			}
			if d := target.Get("default"); d != nil && f.Default == "" {
				f.Default = string(d.JSON())
			}
		}
	}
	f.Order = math.MaxInt
	if ext.order != nil {
		f.Order = *ext.order
	}
	if m := ext.ignored; m != nil && required {
		b.contradicts(m, "%s leaves out %q, which is required; remove one of the two", m.Name, wire)
	} else {
		f.Hidden = m != nil
	}
	if m := ext.omitted; m != nil && required && !f.Directed {
		b.contradicts(m, "%s leaves out %q where it is empty, but it is required; remove one of the two", m.Name, wire)
	}
	b.present(f, t, p, ext)
	if m := ext.written; m != nil && f.Absent != Never && !f.Directed {
		if f.Type.Kind == Pointer || f.Type.Kind == Option || f.Absent == Unset {
			b.report("keyword-without-effect", m.Value, "%s: false has no effect on %q, which is optional and cannot be null; remove it, or require the member",
				m.Name, wire)
		} else {
			f.Absent = Never
		}
	}
	f.Tags = b.tags(f, ext)
	return f
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// present decides how a field shows that its member is absent, or null.
func (b *builder) present(f *Field, t *Type, p *schema.Property, ext extensions) {
	s := p.Schema
	if s == nil {
		s = anything
	}
	null := s.SaysNull()
	optional := !f.Required || f.Directed && !b.opts.ReadOnlyValues
	if ext.omitEmpty != nil && !*ext.omitEmpty && null && !f.Directed {
		optional = false // it is written as null instead of being left out
	}
	f.Type = t
	switch of := t.Underlying(); of.Kind {
	case Union:
		if null && !of.Null && (b.opts.NullableType || !optional) {
			break
		}
		if optional {
			f.Absent = Unset
		}
		return
	case Any, Raw:
		switch {
		case !optional:
		case b.opts.NullableType && acceptsNull(s):
			f.Type, f.Absent = &Type{Kind: Option, Elem: t}, Unspecified
		default:
			f.Absent = Nil
		}
		return
	case Option:
		if optional {
			f.Absent = Unspecified
		}
		return
	case List, Map:
		if !optional {
			return
		}
		f.Absent = Nil
		if null && b.opts.NullableType {
			f.Type, f.Absent = &Type{Kind: Option, Elem: t}, Unspecified
		} else if b.opts.PointerContainers && !f.Directed && ext.skipPointer != nil && !*ext.skipPointer || b.opts.PointerContainers && ext.skipPointer == nil {
			f.Type = &Type{Kind: Pointer, Elem: t}
		}
		return
	case Basic:
		if t.Underlying().Go == "[]byte" && !b.opts.PointerContainers {
			if optional {
				f.Absent = Nil
			}
			return
		}
	case Foreign:
		if strings.HasPrefix(t.Go, "nullable.Nullable[") {
			if optional {
				f.Absent = Unspecified
			}
			return
		}
		if strings.HasPrefix(t.Go, "*") || strings.HasPrefix(t.Go, "[]") || strings.HasPrefix(t.Go, "map[") {
			if optional {
				f.Absent = Nil
			}
			return
		}
	}
	switch {
	case null && b.opts.NullableType:
		f.Type = &Type{Kind: Option, Elem: t}
		if optional {
			f.Absent = Unspecified
		}
	case null && !optional:
		f.Type = &Type{Kind: Pointer, Elem: t}
	case optional && (ext.skipPointer != nil && *ext.skipPointer || ext.skipPointer == nil && b.opts.SkipPointers):
		f.Absent = Zero
	case optional:
		f.Type, f.Absent = &Type{Kind: Pointer, Elem: t}, Nil
	}
}

// fieldName names a field. Two members that would have the same name get names of their own.
func (b *builder) fieldName(owner *Type, f *Field, members []*source.Node, taken map[string]string) string {
	name, given := "", false
	for _, n := range members {
		if g, ok := b.givenFieldName(n); ok {
			name, given = g, true
		}
	}
	if !given {
		if name = b.typeName(f.Wire); name == "" {
			name = "Member"
		}
	}
	base := name
	for i := 2; ; i++ {
		other, again := taken[name]
		reserved := owner.reserved(name)
		if !again && !reserved {
			break
		}
		if i == 2 && len(members) > 0 {
			why := "is taken by the member " + strconv.Quote(other)
			if !again {
				why = "is that of a method"
			}
			rule := "name-collision"
			if given {
				rule = "contradicting-extension"
			}
			b.report(rule, members[len(members)-1], "the Go name %s of the member %q %s; it is %s instead, or give it an x-go-name",
				base, f.Wire, why, base+strconv.Itoa(i))
		}
		name = base + strconv.Itoa(i)
	}
	taken[name] = f.Wire
	return name
}

// reserved reports whether a struct has a method with a name.
func (t *Type) reserved(name string) bool {
	return name == "MarshalJSON" || name == "UnmarshalJSON" || name == "ApplyDefaults"
}

// tags are the struct tags of a field.
func (b *builder) tags(f *Field, ext extensions) string {
	option := ""
	switch {
	case f.Hidden:
		return `json:"-"` + ext.extraTags()
	case f.Absent == Unset:
		option = ",omitzero"
	case f.Absent != Never:
		option = ",omitempty"
		if k := f.Type.Underlying().Kind; k == List || k == Map {
			option = ",omitzero" // an empty one is not absent
		}
	}
	wanted := b.opts.OmitZero && f.Absent == Zero
	if ext.omitZero != nil {
		wanted = *ext.omitZero
	}
	if option == ",omitempty" && wanted {
		option += ",omitzero"
	}
	name := f.Wire
	if strings.ContainsAny(name, "\",\\") || name == "-" || !strconv.CanBackquote(name) || strings.Contains(name, "\t") {
		name = "" // a tag cannot hold it; the reader and writer do not need it
	}
	if name == "" {
		return `json:"-"` + ext.extraTags()
	}
	tags := `json:"` + name + option + `"`
	if b.opts.YAMLTags && !HasTag(ext.extraTags(), "yaml") {
		tags += ` yaml:"` + name + yamlOption(option) + `"`
	}
	return tags + ext.extraTags()
}

// yamlOption is the option of a yaml tag for that of a json tag, as there is no omitzero.
func yamlOption(option string) string {
	if option == "" {
		return ""
	}
	return ",omitempty"
}

// breakStructs finds structs that hold themselves by way of fields without pointers, which Go cannot have, and makes a pointer of one of the
// fields.
func (b *builder) breakStructs() {
	const active, done = 1, 2
	state := map[*Type]int{}
	var visit func(t *Type)
	visit = func(t *Type) {
		state[t] = active
		for _, f := range t.Fields {
			of := f.Type
			for of.Kind == Alias || of.Kind == Wrapper {
				of = of.Elem
			}
			switch {
			case of.Kind != Struct || state[of] == done:
			case state[of] == active:
				if f.Absent == Never {
					at := t.Node
					if p := b.memberNode(t, f.Wire); p != nil {
						at = p
					}
					b.report("never-valid", at, "no value is valid, as it would have to hold itself by way of %q; do not require that member, or let it be null", f.Wire)
				} else {
					f.Absent = Nil // optional, without a pointer where a config or an extension asks for that
				}
				f.Type = &Type{Kind: Pointer, Elem: f.Type}
			default:
				visit(of)
			}
		}
		state[t] = done
	}
	for _, t := range b.api.Types {
		if t.Kind == Struct && state[t] == 0 {
			visit(t)
		}
	}
}

// memberNode is the schema object of a member of a struct; nil if it is not in the object that the struct is made of.
func (b *builder) memberNode(t *Type, wire string) (n *source.Node) {
	b.walkParts(t.Node, func(part *source.Node) bool {
		n = part.Get("properties").Get(wire)
		return n == nil
	})
	return n
}
