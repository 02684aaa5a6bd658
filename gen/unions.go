package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/gen/overlap"
)

// A union is a component with oneOf, as it is emitted.
type union struct {
	Name          string
	Description   string
	Discriminator string // the member that selects the variant; empty if the shape does
	Variants      []variant
	Null          bool // null is a value of the union
}

// A variant is one of the types that a union can hold.
type variant struct {
	Name   string   // the Go type
	Values []string // of the discriminator
	Field  string   // the Go field of the discriminator, if there is one value that it must have
	Value  string   // that value as a Go expression
}

// analyse builds the unions, in the order of their names, and refuses those whose variants cannot be told apart.
func analyse(doc *document, components map[string]*component) ([]union, error) {
	a := analyser{document: doc, components: components}
	var unions []union
	for _, c := range sortedMap(components) {
		if len(c.schema.OneOf) > 0 {
			unions = append(unions, a.union(c))
		}
	}
	return unions, doc.diagnostics.err()
}

type analyser struct {
	*document
	components map[string]*component
}

func (a *analyser) union(c *component) union {
	s := c.schema
	u := union{Name: c.name, Description: s.Description, Null: permitsNull(s, map[*openapi3.Schema]bool{})}
	if s.Discriminator != nil {
		u.Discriminator = s.Discriminator.PropertyName
	}
	seen := map[string]bool{}
	for i, ref := range s.OneOf {
		here := c.pointer + "/oneOf/" + strconv.Itoa(i)
		name := strings.TrimPrefix(ref.Ref, schemasPrefix)
		if seen[name] {
			a.refuse(here, "%s is listed twice, so that it would always match twice; remove one", a.title(c, i))
			continue
		}
		seen[name] = true
		u.Variants = append(u.Variants, a.variant(s, name))
	}
	if s.Discriminator == nil {
		a.tellApart(c)
	}
	return u
}

func (a *analyser) variant(s *openapi3.Schema, name string) variant {
	v := variant{Name: name}
	if s.Discriminator == nil {
		return v
	}
	for value, mapping := range sortedMap(s.Discriminator.Mapping) {
		if mapping.Ref == schemasPrefix+name {
			v.Values = append(v.Values, value)
		}
	}
	schema := a.components[name].schema
	if len(v.Values) == 1 && len(schema.OneOf) == 0 {
		property, _ := member(schema, s.Discriminator.PropertyName)
		if property == nil {
			return v // refused already
		}
		v.Field = goFieldName(property)
		v.Value = a.constant(property, v.Values[0])
	}
	return v
}

// constant is the Go expression for a value of a discriminator.
func (a *analyser) constant(property *openapi3.SchemaRef, value string) string {
	names, _ := property.Value.Extensions["x-enum-varnames"].([]any)
	if i := slices.IndexFunc(property.Value.Enum, func(v any) bool { return v == value }); i >= 0 && i < len(names) && property.Ref != "" {
		return fmt.Sprint(names[i])
	}
	return strconv.Quote(value)
}

// tellApart refuses each pair of variants for which there is a payload that no author could avoid and that fits both.
func (a *analyser) tellApart(c *component) {
	for i, first := range c.schema.OneOf {
		for j := i + 1; j < len(c.schema.OneOf); j++ {
			second := c.schema.OneOf[j]
			if first.Ref == second.Ref {
				continue
			}
			payload, hint, found := overlap.Witness(first.Value, second.Value)
			if !found {
				continue
			}
			text, err := json.Marshal(payload)
			if err != nil {
				text = []byte(fmt.Sprint(payload))
			}
			if hint == "" {
				hint = "add a discriminator, or a required member whose enum differs"
			}
			a.refuse(c.pointer+"/oneOf/"+strconv.Itoa(j), "%s and %s cannot be told apart: %s fits both; %s",
				a.title(c, i), a.title(c, j), text, hint)
		}
	}
}

// title names a variant as the document's author knows it.
func (a *analyser) title(union *component, i int) string {
	c := a.components[strings.TrimPrefix(union.schema.OneOf[i].Ref, schemasPrefix)]
	if c == nil || c.key == "" {
		return "variant " + strconv.Itoa(i+1)
	}
	return c.key
}

// completeMapping spells the mapping of a discriminator out, so that each variant has its values in it. A variant that the
// document maps no value to is selected by the values its own enum allows or, without one, by the name of its component.
func (p *preparer) completeMapping(c *component) {
	p.completeDiscriminator(c.schema, c.pointer)
	for i, part := range c.schema.AllOf {
		if part.Ref == "" {
			p.completeDiscriminator(part.Value, c.pointer+"/allOf/"+strconv.Itoa(i))
		}
	}
}

func (p *preparer) completeDiscriminator(s *openapi3.Schema, pointer string) {
	d := s.Discriminator
	if d == nil || len(s.OneOf) == 0 {
		return
	}
	here := pointer + "/discriminator"
	explicit := len(d.Mapping) > 0
	mapped := map[string][]string{} // variant's reference → values
	for value, mapping := range sortedMap(d.Mapping) {
		mapped[mapping.Ref] = append(mapped[mapping.Ref], value)
		if !slices.ContainsFunc(s.OneOf, func(v *openapi3.SchemaRef) bool { return v.Ref == mapping.Ref }) {
			p.refuse(here+"/mapping/"+escape(value), "%q selects %s, which is no variant of the oneOf; add it there or remove the mapping",
				value, p.keyOf(mapping.Ref))
		}
	}
	if !explicit {
		d.Mapping = map[string]openapi3.MappingRef{}
	}
	for i, ref := range s.OneOf {
		at := pointer + "/oneOf/" + strconv.Itoa(i)
		name := p.keyOf(ref.Ref)
		property, required := member(ref.Value, d.PropertyName)
		switch {
		case property == nil:
			p.refuse(at, "the variant %s does not declare %q, which shall select it; add that member, or remove the discriminator", name, d.PropertyName)
			continue
		case !required:
			p.refuse(at, "the variant %s does not require %q, which shall select it; add it to required", name, d.PropertyName)
			continue
		case property.Value.Nullable || !property.Value.Type.Is("string"):
			p.refuse(at, "the member %q of the variant %s is no plain string and cannot select it; make it type: string", d.PropertyName, name)
			continue
		}
		allowed := stringsOf(property.Value.Enum)
		values := mapped[ref.Ref]
		switch {
		case explicit && len(values) == 0:
			p.refuse(here+"/mapping", "no value selects the variant %s; add one for it", name)
		case !explicit && len(allowed) > 0:
			values = allowed
		case !explicit && p.target(ref).key != "":
			values = []string{p.target(ref).key}
		case !explicit:
			p.refuse(at, "no value of %q selects this inline variant; give that member an enum with one value, or make the variant a component", d.PropertyName)
		}
		for _, value := range values {
			if other, again := d.Mapping[value]; again && other.Ref != ref.Ref {
				p.refuse(here, "the value %q selects both %s and %s; give each variant values of its own", value, p.keyOf(other.Ref), name)
			}
			d.Mapping[value] = openapi3.MappingRef{Ref: ref.Ref}
			if len(allowed) > 0 && !slices.Contains(allowed, value) {
				p.refuse(at, "the value %q selects the variant %s, whose %q does not allow it; the two must name the same values", value, name, d.PropertyName)
			}
		}
	}
}

func (p *preparer) keyOf(ref string) string {
	name := strings.TrimPrefix(ref, schemasPrefix)
	if c := p.components[name]; c != nil && c.key != "" {
		return c.key
	}
	return name
}

// member finds a member of an object, also in the parts of its allOf, and in every variant if it is a union.
func member(s *openapi3.Schema, name string) (property *openapi3.SchemaRef, required bool) {
	return memberOnce(s, name, map[*openapi3.Schema]bool{})
}

// memberOnce looks into each schema once, since schemas may refer to each other in circles.
func memberOnce(s *openapi3.Schema, name string, seen map[*openapi3.Schema]bool) (property *openapi3.SchemaRef, required bool) {
	if seen[s] {
		return nil, false
	}
	seen[s] = true
	property = s.Properties[name]
	required = slices.Contains(s.Required, name)
	for _, part := range s.AllOf {
		inner, innerRequired := memberOnce(part.Value, name, seen)
		if inner != nil && (property == nil || len(inner.Value.Enum) > 0 && len(property.Value.Enum) == 0) {
			property = inner
		}
		required = required || innerRequired
	}
	if len(s.OneOf) == 0 {
		return property, required
	}
	// A union as a variant: each of its variants must have the member; together they allow all their values.
	all := &openapi3.Schema{Type: &openapi3.Types{"string"}}
	always := true
	for _, variant := range s.OneOf {
		inner, innerRequired := memberOnce(variant.Value, name, seen)
		if inner == nil {
			return property, required
		}
		always = always && innerRequired
		all.Enum = append(all.Enum, inner.Value.Enum...)
		all.Nullable = all.Nullable || inner.Value.Nullable
		all.Type = inner.Value.Type
	}
	return &openapi3.SchemaRef{Value: all}, required || always
}

func goFieldName(property *openapi3.SchemaRef) string {
	if name, ok := property.Extensions["x-go-name"].(string); ok {
		return name
	}
	name, _ := property.Value.Extensions["x-go-name"].(string)
	return name
}

func stringsOf(values []any) []string {
	var texts []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// permitsNull tells whether null is valid: it is if the schema says so, or one of its variants.
func permitsNull(s *openapi3.Schema, seen map[*openapi3.Schema]bool) bool {
	if s.Nullable {
		return true
	}
	if seen[s] {
		return false
	}
	seen[s] = true
	for _, variant := range s.OneOf {
		if permitsNull(variant.Value, seen) {
			return true
		}
	}
	return false
}
