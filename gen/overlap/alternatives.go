package overlap

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// An option is a list of schemas that hold together.
type option = []*openapi3.Schema

// alternatives takes the given schemas apart. Each alternative is a list of schemas whose own keywords all apply to a
// value: the given ones, what they join with allOf, and one variant of each anyOf and oneOf among them.
func (s *search) alternatives(given []*openapi3.Schema) []option {
	var all []option
	var walk func(chosen option, choices [][]option)
	walk = func(chosen option, choices [][]option) {
		if len(all) >= maxAlternatives || !s.spend(1) {
			return
		}
		if len(choices) == 0 {
			all = append(all, chosen)
			return
		}
		for _, opt := range choices[0] {
			chosen, rest := slices.Clip(chosen), slices.Clip(choices[1:])
			for _, schema := range opt {
				if schema == nil || slices.Contains(chosen, schema) {
					continue
				}
				chosen = append(chosen, schema)
				for _, part := range schema.AllOf {
					rest = append(rest, []option{{part.Value}})
				}
				if len(schema.AnyOf) > 0 {
					rest = append(rest, s.variants(schema, schema.AnyOf))
				}
				if len(schema.OneOf) > 0 {
					rest = append(rest, s.variants(schema, schema.OneOf))
				}
			}
			walk(chosen, rest)
		}
	}
	walk(nil, [][]option{{given}})
	return all
}

// beside returns what else a value may be held against, apart from the given schemas: what is below not, and the variants
// that were not chosen. Their bounds are where the verdict on a value changes.
func (s *search) beside(all []*openapi3.Schema) []*openapi3.Schema {
	list := slices.Clone(all)
	for i := 0; i < len(list) && len(list) < maxAlternatives && s.spend(1); i++ {
		for _, refs := range []openapi3.SchemaRefs{list[i].AllOf, list[i].AnyOf, list[i].OneOf, {list[i].Not}} {
			for _, ref := range refs {
				if ref != nil && ref.Value != nil && !slices.Contains(list, ref.Value) {
					list = append(list, ref.Value)
				}
			}
		}
	}
	return list[len(all):]
}

// variants returns the options that a union leaves: each variant, together with what the discriminator then demands.
func (s *search) variants(union *openapi3.Schema, refs openapi3.SchemaRefs) []option {
	var options []option
	for _, ref := range refs {
		opt := option{ref.Value}
		if union.Discriminator != nil {
			opt = append(opt, s.tag(union.Discriminator, ref.Ref))
		}
		options = append(options, opt)
	}
	return options
}

// A tag identifies one variant of a union with discriminator.
type tag struct {
	discriminator *openapi3.Discriminator
	ref           string
}

// tag returns a schema of what a discriminator demands of the payloads of a variant. There is one such schema for each
// variant, so that the same goal keeps the same key.
func (s *search) tag(d *openapi3.Discriminator, ref string) *openapi3.Schema {
	key := tag{d, ref}
	if schema, ok := s.tags[key]; ok {
		return schema
	}
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	member := openapi3.NewStringSchema()
	for _, value := range sortedKeys(d.Mapping) {
		if target := d.Mapping[value].Ref; target == ref || target == name {
			member.Enum = append(member.Enum, value)
		}
	}
	if len(d.Mapping) == 0 && name != "" {
		member.Example = name // the value that OpenAPI implies, though kin-openapi asks for any string
	}
	schema := openapi3.NewSchema().WithProperty(d.PropertyName, member).WithRequired([]string{d.PropertyName})
	s.tags[key] = schema
	return schema
}
