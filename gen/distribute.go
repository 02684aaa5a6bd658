package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxJoined bounds what distribution makes: the combinations multiply.
const maxJoined = 500

// distribute brings a union to the top of its schema. "allOf: [A, oneOf: [X, Y]]", and likewise a oneOf with properties
// beside it, means the same as "oneOf: [allOf: [A, X], allOf: [A, Y]]": a value is valid for the one exactly if it is
// valid for the other. The second form is a union whose variants are plain objects.
func (p *preparer) distribute(c *component) {
	if p.distributed[c] {
		return
	}
	p.distributed[c] = true

	s := c.schema
	if len(s.OneOf) > 0 && len(s.AllOf) == 0 && !constrains(s) {
		return // a union already
	}
	parts := p.flatten(s)
	union := -1
	for i, part := range parts {
		if target := p.target(part); target != nil {
			p.distribute(target)
		}
		if union < 0 && len(part.Value.OneOf) > 0 {
			union = i
		}
	}
	if union < 0 {
		return
	}
	u := parts[union].Value
	rest := append(parts[:union:union], parts[union+1:]...)
	if parts[union].Ref == "" && constrains(u) {
		rest = append(rest, &openapi3.SchemaRef{Value: withoutUnion(u)})
	}
	single := !slices.ContainsFunc(rest, func(part *openapi3.SchemaRef) bool { return len(part.Value.OneOf) > 0 })
	p.replace(c, u, rest, parts[union].Ref == "", single)
}

// replace makes c a union over the variants of u, each of them joined with the rest. inline says that u stands inline in c,
// single that there is no other union in the rest.
func (p *preparer) replace(c *component, u *openapi3.Schema, rest openapi3.SchemaRefs, inline, single bool) {
	s := c.schema
	variants := make(openapi3.SchemaRefs, len(u.OneOf))
	joinedOf := map[string]string{} // reference of the variant → reference of the joined variant
	for i, variant := range u.OneOf {
		if own := p.target(variant); inline && single && !c.joined && own.key == "" {
			part := *own.schema
			*own.schema = openapi3.Schema{
				Description: part.Description,
				AllOf:       append(cloneRefs(rest), &openapi3.SchemaRef{Value: &part}),
			}
			variants[i], joinedOf[variant.Ref] = variant, variant.Ref
			continue
		}
		part, of := &openapi3.SchemaRef{Ref: variant.Ref, Value: variant.Value}, p.target(variant)
		if inline && of.key == "" && !c.joined { // nobody else's: the joined variant takes its place, and its name
			part.Ref = ""
			delete(p.components, of.name)
		}
		joined := &component{
			name:    c.name + cmp.Or(of.word, of.name),
			label:   of.label,
			joined:  true,
			pointer: c.pointer,
			schema: &openapi3.Schema{
				Description: variant.Value.Description,
				AllOf:       append(cloneRefs(rest), part),
			},
		}
		if p.joined++; p.joined > maxJoined {
			if p.joined == maxJoined+1 {
				p.refuse(c.pointer, "the unions that come together through allOf have more than %d combinations; join fewer of them", maxJoined)
			}
			return
		}
		if !p.declare(joined) {
			return
		}
		variants[i] = &openapi3.SchemaRef{Ref: schemasPrefix + joined.name, Value: joined.schema}
		joinedOf[variant.Ref] = variants[i].Ref
	}
	*s = openapi3.Schema{
		Title: s.Title, Description: s.Description, Type: typeOf(s, u, rest), Nullable: nullable(s, u, rest), Deprecated: s.Deprecated,
		ReadOnly: s.ReadOnly, WriteOnly: s.WriteOnly, Default: s.Default, Extensions: s.Extensions, Example: s.Example, OneOf: variants,
	}
	if u.Discriminator != nil {
		d := &openapi3.Discriminator{PropertyName: u.Discriminator.PropertyName, Mapping: map[string]openapi3.MappingRef{}}
		for value, mapping := range u.Discriminator.Mapping {
			mapping.Ref = joinedOf[mapping.Ref]
			d.Mapping[value] = mapping
		}
		s.Discriminator = d
	}
	for _, variant := range variants {
		p.distribute(p.target(variant))
	}
}

// typeOf is the type that a schema has, or a part of it.
func typeOf(s, u *openapi3.Schema, rest openapi3.SchemaRefs) *openapi3.Types {
	for _, part := range append(openapi3.SchemaRefs{{Value: s}, {Value: u}}, rest...) {
		if part.Value.Type != nil {
			return part.Value.Type
		}
	}
	return nil
}

// nullable tells whether null is valid: for the schema, or for each of its parts.
func nullable(s, u *openapi3.Schema, rest openapi3.SchemaRefs) bool {
	return s.Nullable || u.Nullable && !slices.ContainsFunc(rest, func(part *openapi3.SchemaRef) bool { return !part.Value.Nullable })
}

// flatten lists what a schema consists of: the parts of its allOf, also of inline ones within, and what stands beside it.
func (p *preparer) flatten(s *openapi3.Schema) openapi3.SchemaRefs {
	var parts openapi3.SchemaRefs
	for _, part := range s.AllOf {
		if part.Ref == "" && len(part.Value.AllOf) > 0 {
			parts = append(parts, p.flatten(part.Value)...)
			continue
		}
		parts = append(parts, part)
	}
	if len(s.OneOf) > 0 || constrains(s) {
		own := *s
		own.AllOf = nil
		parts = append(parts, &openapi3.SchemaRef{Value: &own})
	}
	return parts
}

// constrains tells whether a schema says more than allOf, oneOf, its type and annotations.
func constrains(s *openapi3.Schema) bool {
	return len(s.Properties) > 0 || len(s.Required) > 0 || s.AdditionalProperties.Schema != nil ||
		s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has || s.MinProps > 0 || s.MaxProps != nil ||
		len(s.AnyOf) > 0 || s.Not != nil || len(s.Enum) > 0 || s.Items != nil || s.MinItems > 0 || s.MaxItems != nil ||
		s.UniqueItems || s.Min != nil || s.Max != nil || s.MultipleOf != nil || s.MinLength > 0 || s.MaxLength != nil ||
		s.Pattern != "" || s.Format != ""
}

func withoutUnion(s *openapi3.Schema) *openapi3.Schema {
	rest := *s
	rest.OneOf, rest.Discriminator, rest.AllOf = nil, nil, nil
	return &rest
}

func cloneRefs(refs openapi3.SchemaRefs) openapi3.SchemaRefs {
	clones := make(openapi3.SchemaRefs, len(refs))
	for i, ref := range refs {
		clone := *ref
		clones[i] = &clone
	}
	return clones
}

// target is the component that a reference names, nil for an inline schema.
func (p *preparer) target(ref *openapi3.SchemaRef) *component {
	name, ok := strings.CutPrefix(ref.Ref, schemasPrefix)
	if !ok {
		return nil
	}
	return p.components[name]
}
