package overlap

import (
	"encoding/json"
	"slices"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// An option is a list of schemas that apply together.
type option = []*schema.Schema

// alternatives takes the given schemas apart. Each alternative is a list of schemas whose own keywords all apply to a value: the given ones,
// what they join with allOf, and one variant of each anyOf and oneOf among them.
func (s *search) alternatives(given []*schema.Schema) []option {
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
			for _, one := range opt {
				if one == nil || slices.Contains(chosen, one) {
					continue
				}
				chosen = append(chosen, one)
				for _, part := range one.AllOf {
					rest = append(rest, []option{{part}})
				}
				if len(one.AnyOf) > 0 {
					rest = append(rest, s.variants(one, one.AnyOf))
				}
				if len(one.OneOf) > 0 {
					rest = append(rest, s.variants(one, one.OneOf))
				}
			}
			walk(chosen, rest)
		}
	}
	walk(nil, [][]option{{given}})
	return all
}

// beside returns what else a value may be validated against, apart from the given schemas: what is below not, and the variants that were not
// chosen. Their bounds are where the verdict on a value changes.
func (s *search) beside(all []*schema.Schema) []*schema.Schema {
	list := slices.Clone(all)
	for i := 0; i < len(list) && len(list) < maxAlternatives && s.spend(1); i++ {
		for _, parts := range [][]*schema.Schema{list[i].AllOf, list[i].AnyOf, list[i].OneOf, {list[i].Not, list[i].If}} {
			for _, part := range parts {
				if part != nil && !slices.Contains(list, part) {
					list = append(list, part)
				}
			}
		}
	}
	return list[len(all):]
}

// variants returns the options that a union leaves: each variant, together with what the discriminator then demands.
func (s *search) variants(union *schema.Schema, list []*schema.Schema) []option {
	var options []option
	for i, variant := range list {
		opt := option{variant}
		if d := union.Discriminator; d != nil && len(list) == len(union.Variants()) {
			opt = append(opt, s.tag(d, i))
		}
		options = append(options, opt)
	}
	return options
}

// A tag identifies one variant of a union with a discriminator.
type tag struct {
	discriminator *schema.Discriminator
	variant       int
}

// tag returns a schema of what a discriminator demands of the payloads of a variant; nil for one that has no value. There is one such schema
// for each variant, so that the same goal keeps the same key.
func (s *search) tag(d *schema.Discriminator, variant int) *schema.Schema {
	key := tag{d, variant}
	if known, ok := s.tags[key]; ok {
		return known
	}
	member := &schema.Schema{Types: schema.String}
	for _, m := range d.Mapping {
		if m.Variant == variant {
			member.Enum = append(member.Enum, quoted(m.Value))
		}
	}
	demanded := &schema.Schema{
		Types: schema.Object, Properties: []schema.Property{{Name: d.Property, Schema: member}}, Required: []string{d.Property},
	}
	if len(member.Enum) == 0 {
		demanded = nil
	}
	s.tags[key] = demanded
	return demanded
}

// quoted is a string as JSON text.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""` // every string can be encoded
	}
	return schema.Canonical(string(b))
}
