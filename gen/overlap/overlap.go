// Package overlap answers one question about two schemas of an OpenAPI 3.0 document: can the variants of a union be told
// apart?
//
// A union accepts a value that exactly one of its variants accepts. Two variants of open objects nearly always have
// some value in common ({"a":1,"b":1} fits both "a is required" and "b is required"), so an empty intersection would be
// too much to ask. What is asked instead is that no author is forced into the intersection. A minimal payload of a
// schema is a value with nothing optional in it: an object with exactly the members that the schema requires (and as
// many more as minProperties asks for), an array of minItems items, members and items being minimal themselves, a
// scalar, a value of an enum, null. Two schemas cannot be told apart if both accept a minimal payload of one of them.
//
// [Witness] looks for such a payload in three steps:
//
//   - A schema is taken apart into alternatives: lists of schemas that hold together (allOf), with one variant chosen
//     from each anyOf and oneOf (alternatives.go).
//   - For each pair of alternatives the minimal payloads of the first are built from the inside out. The second only
//     guides the choice: its enums, formats, patterns and bounds count as well (search.go, composite.go, scalar.go,
//     pattern.go).
//   - Every candidate, of every member and of the whole, is judged by kin-openapi against the full schemas (accept.go).
//     What is returned is therefore always accepted by both.
//
// The search is deterministic and its work is bounded, also for documents made to exhaust it; see [maxWork]. Where it
// ends without a payload, the two are told apart or the search gave up. Either is safe: a decoder that asks for exactly
// one variant still refuses what two of them accept. An existing payload may be missed in these cases:
//
//   - not, or a oneOf whose variants overlap, wants values that depend on each other in ways the search does not try;
//   - there are more than [maxAlternatives] ways through the unions of one schema;
//   - the smallest string, array or object exceeds [maxText], [maxItems] or [maxMembers], or nests beyond [maxDepth];
//   - schemas without any keyword of their own refer to each other in a circle, which kin-openapi cannot validate with;
//   - the document uses up [maxWork].
//
// readOnly and writeOnly make no difference here. Keywords of OpenAPI 3.1 are not looked at.
package overlap

import "github.com/getkin/kin-openapi/openapi3"

// Witness looks for a minimal payload of a or of b that both schemas accept, as a JSON value of nil, bool, float64,
// string, []any and map[string]any. If it finds one, the two cannot be told apart, and hint tells the document's author
// how to change that, in words that fit behind a semicolon. Parts of the payload may belong to the document, so it is only
// to be read.
//
// The verdict does not depend on the order of a and b. Neither schema is changed. Both have to come from a document that
// kin-openapi has loaded and validated.
func Witness(a, b *openapi3.Schema) (payload any, hint string, found bool) {
	for _, pair := range [][2]*openapi3.Schema{{a, b}, {b, a}} {
		values := newSearch().values(goal{minimal: pair[:1], also: pair[1:], want: 1})
		if len(values) == 0 {
			continue
		}
		// A null says least about what the two have in common; anything else is the better example.
		if payload, found = values[0], true; payload != nil {
			break
		}
	}
	if !found {
		return nil, "", false
	}
	return payload, advice(a, b, payload), true
}
