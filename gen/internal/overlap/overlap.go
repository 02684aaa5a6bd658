// Package overlap answers questions about the variants of a union: can they be told apart, and can each of them ever be chosen?
//
// A oneOf accepts a value that exactly one of its variants accepts. Two variants of open objects nearly always have some value in common
// ({"a":1,"b":1} fits both "a is required" and "b is required"), so an empty intersection would be too much to ask. What is asked instead is
// that no sender is forced into the intersection. A minimal payload of a schema is a value with nothing optional in it: an object with
// exactly the members that the schema requires (and as many more as minProperties asks for), an array of minItems items, members and items
// being minimal themselves, a scalar, a value of an enum, null. Two schemas overlap if both accept a minimal payload of one of them.
//
// [Finder.Witness] looks for such a payload in three steps:
//
//   - A schema is taken apart into alternatives: lists of schemas that apply together (allOf), with one variant chosen from each anyOf and
//     oneOf (alternatives.go).
//   - For each pair of alternatives the minimal payloads of the first are built from the inside out. The second only guides the choice: its
//     enums, formats, patterns and bounds count as well (search.go, composite.go, scalar.go, pattern.go).
//   - Every candidate, of every member and of the whole, is validated against the full schemas. What is returned is therefore accepted by both.
//
// The search is deterministic and its work is bounded, also for documents made to exhaust it; see [maxWork]. Where it ends without a payload,
// there is none, or the search stopped early. Either does no harm: reading a union still refuses what fits two variants. An existing payload
// may be missed in these cases:
//
//   - not, if, contains, or a oneOf whose variants overlap, ask for values that depend on each other in ways the search does not try;
//   - there are more than [maxAlternatives] ways through the unions of one schema;
//   - the smallest string, array or object exceeds [maxText], [maxItems] or [maxMembers], or nests beyond [maxDepth];
//   - the document uses up [maxWork].
//
// [Within] answers the second question by comparing the rules of two schemas.
package overlap

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A Finder looks for payloads. The zero Finder is ready for use.
type Finder struct {
	// Examples are the examples that the document gives for a schema, as JSON texts. Payloads are made of them where they fit, as they are
	// easier to read. It may be nil.
	Examples func(s *schema.Schema) []string

	// Budget bounds the work of all searches together; 0 leaves each search to its own bound. It is used up by searching.
	Budget int
}

// Witness looks for a minimal payload of a or of b that both schemas accept, in requests or in responses, and that base accepts too, which may
// be nil: what is beside the union. It is a JSON text. Whether there is one does not depend on the order of a and b.
func (f *Finder) Witness(a, b, base *schema.Schema) (payload string, found bool) {
	for _, dir := range directions(a, b) {
		for _, pair := range [][2]*schema.Schema{{a, b}, {b, a}} {
			s := f.newSearch(dir)
			g := goal{minimal: pair[:1:1], also: pair[1:], want: 1}
			if base != nil {
				g.minimal = append(g.minimal, base)
			}
			values := s.values(g)
			f.spent(s)
			if len(values) == 0 {
				continue
			}
			// A null says least about what the two have in common; anything else is the better example.
			if payload, found = plain(values[0]), true; payload != "null" {
				return payload, true
			}
		}
	}
	return payload, found
}

// Base is what a schema says beside its union, nil if that is nothing.
func Base(s *schema.Schema) *schema.Schema {
	base := new(schema.Schema)
	from, to := reflect.ValueOf(s).Elem(), reflect.ValueOf(base).Elem()
	for i := range from.NumField() {
		if from.Type().Field(i).IsExported() {
			to.Field(i).Set(from.Field(i))
		}
	}
	base.Name, base.OneOf, base.AnyOf, base.Discriminator = "", nil, nil, nil
	if !base.Constrains() {
		return nil
	}
	return base
}

// plain spells the numbers of a canonical JSON text as people do: 0.5 instead of 0.5e0.
func plain(text string) string {
	var value any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return text
	}
	var spell func(value any) any
	spell = func(value any) any {
		switch v := value.(type) {
		case json.Number:
			if f, err := v.Float64(); err == nil && strings.ContainsAny(string(v), "eE") {
				return f
			}
		case []any:
			for i := range v {
				v[i] = spell(v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = spell(v[name])
			}
		}
		return value
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(spell(value)) != nil {
		return text
	}
	return strings.TrimSpace(b.String())
}

// directions are those in which a value of the schemas can be sent, one if they make no difference between them.
func directions(schemas ...*schema.Schema) []schema.Direction {
	directed := false
	seen := map[*schema.Schema]bool{}
	var visit func(s *schema.Schema)
	visit = func(s *schema.Schema) {
		if s == nil || seen[s] || directed || len(seen) > 10_000 {
			return
		}
		seen[s] = true
		for i := range s.Properties {
			p := &s.Properties[i]
			directed = directed || p.ReadOnly || p.WriteOnly
			visit(p.Schema)
		}
		visit(s.Items)
		visit(s.Additional)
		for _, list := range [][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems} {
			for _, part := range list {
				visit(part)
			}
		}
	}
	for _, s := range schemas {
		visit(s)
	}
	if !directed {
		return []schema.Direction{schema.InResponse}
	}
	return []schema.Direction{schema.InResponse, schema.InRequest}
}
