package overlap

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestRandom draws small schemas from few names and values, so that many pairs have something in common, and compares
// the search with a list of small values that are tried one by one.
//
// The seed is fixed, because a pair may combine "not" with values that the search does not try, and a test should not
// fail once in a hundred runs. OVERLAP_SEED draws other schemas.
func TestRandom(t *testing.T) {
	seed := uint64(1)
	if text := os.Getenv("OVERLAP_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("OVERLAP_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 0))

	rounds, values := 1000, smallValues()
	if testing.Short() {
		rounds = 300
	}
	var overlapping, listed int
	for range rounds {
		a, b := randomSchema(t, r), randomSchema(t, r)
		payload, _, found := Witness(a, b)
		again, _, foundAgain := Witness(a, b)
		if found != foundAgain || text(t, payload) != text(t, again) {
			t.Errorf("%s, then %s\nA: %s\nB: %s", text(t, payload), text(t, again), text(t, a), text(t, b))
		}
		if _, _, reverse := Witness(b, a); found != reverse {
			t.Errorf("Witness(A, B) %t, Witness(B, A) %t\nA: %s\nB: %s", found, reverse, text(t, a), text(t, b))
		}
		for _, schema := range []*openapi3.Schema{a, b} {
			for _, v := range values {
				if minimal(schema, v) && schema.VisitJSON(v, judge...) == nil {
					if _, _, found := Witness(schema, schema); !found {
						t.Errorf("equal schemas: no payload, want something like %s\nA, B: %s", text(t, v), text(t, schema))
					}
					break
				}
			}
		}
		if found {
			overlapping++
			check(t, a, b, payload)
			if !minimal(a, payload) && !minimal(b, payload) {
				t.Errorf("%s is not minimal\nA: %s\nB: %s", text(t, payload), text(t, a), text(t, b))
			}
		}
		for _, v := range values {
			if (minimal(a, v) || minimal(b, v)) && a.VisitJSON(v, judge...) == nil && b.VisitJSON(v, judge...) == nil {
				listed++
				if !found {
					t.Errorf("no payload, want something like %s\nA: %s\nB: %s", text(t, v), text(t, a), text(t, b))
				}
				break
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d pairs overlap, %d of them in a listed value", overlapping, rounds, listed)
}

// minimal says what the package's documentation says, without any search.
func minimal(schema *openapi3.Schema, v any) bool {
	return minimalOf([]*openapi3.Schema{schema}, v)
}

func minimalOf(schemas []*openapi3.Schema, v any) bool {
	return v == nil || slices.ContainsFunc(newSearch().alternatives(schemas), func(all option) bool {
		for _, schema := range all {
			if schema.VisitJSON(v, judge...) != nil {
				return false
			}
		}
		if slices.ContainsFunc(all, func(schema *openapi3.Schema) bool { return len(schema.Enum) > 0 }) {
			return true
		}
		switch v := v.(type) {
		case []any:
			var n uint64
			var items []*openapi3.Schema
			for _, schema := range all {
				n = max(n, schema.MinItems)
				items = append(items, itemSchema(schema)...)
			}
			return len(v) == int(n) && !slices.ContainsFunc(v, func(item any) bool { return !minimalOf(items, item) })
		case map[string]any:
			required := requiredNames(all)
			n := uint64(len(required))
			for _, schema := range all {
				n = max(n, schema.MinProps)
			}
			if len(v) != int(n) {
				return false
			}
			for _, name := range required {
				if _, ok := v[name]; !ok {
					return false
				}
			}
			for name, value := range v {
				if schemas, _ := memberSchemas(all, name); !minimalOf(schemas, value) {
					return false
				}
			}
		}
		return true
	})
}

// smallValues lists values that random schemas are likely to accept.
func smallValues() []any {
	values := []any{nil, true, false, "", "a", "b", "c", "aa", "ab", "abc", "2026-08-14", 0., 1., 2., 3., 6., -1., 0.5, 1.5}
	scalars := slices.Clone(values)
	values = append(values, []any{}, map[string]any{})
	for _, v := range scalars {
		values = append(values, []any{v}, []any{v, v})
		for _, w := range scalars[3:14] {
			values = append(values, []any{v, w}, map[string]any{"a": v, "b": w}, map[string]any{"a": v, "b": w, "c": "a"})
		}
		for _, name := range []string{"a", "b", "c"} {
			values = append(values, map[string]any{name: v}, map[string]any{name: map[string]any{"a": v}},
				map[string]any{name: map[string]any{}}, map[string]any{name: []any{v}}, []any{map[string]any{name: v}})
		}
	}
	return values
}

// randomSchema draws a schema.
func randomSchema(t *testing.T, r *rand.Rand) *openapi3.Schema {
	t.Helper()
	data := text(t, drawSchema(r, 3))
	var schema openapi3.Schema
	if err := json.Unmarshal([]byte(data), &schema); err != nil {
		t.Fatal(err, data)
	}
	return &schema
}

func drawSchema(r *rand.Rand, depth int) map[string]any {
	schema := map[string]any{}
	maybe := func(percent int, keyword string, value func() any) {
		if r.IntN(100) < percent {
			schema[keyword] = value()
		}
	}
	number := func(from, to int) func() any { return func() any { return from + r.IntN(to-from+1) } }
	oneOf := func(values ...any) func() any { return func() any { return values[r.IntN(len(values))] } }
	several := func(values ...any) func() any {
		return func() any {
			r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
			return values[:1+r.IntN(len(values))]
		}
	}
	below := func() any { return drawSchema(r, depth-1) }
	list := func() any { return []any{below(), below()}[r.IntN(2):] }

	typ := []string{"object", "object", "object", "array", "string", "string", "integer", "number", "boolean", ""}[r.IntN(10)]
	if depth == 0 && (typ == "object" || typ == "array") {
		typ = "string"
	}
	if typ != "" {
		schema["type"] = typ
	}
	maybe(10, "nullable", func() any { return true })
	if typ == "object" || typ == "" && depth > 0 {
		maybe(60, "required", several("a", "b", "c"))
		maybe(80, "properties", func() any {
			members := map[string]any{}
			for _, name := range []string{"a", "b", "c"} {
				if r.IntN(3) > 0 {
					members[name] = below()
				}
			}
			return members
		})
		maybe(20, "additionalProperties", oneOf(false, true, below()))
		maybe(10, "minProperties", number(0, 3))
		maybe(10, "maxProperties", number(0, 3))
	}
	if typ == "array" || typ == "" && depth > 0 {
		maybe(80, "items", below)
		maybe(60, "minItems", number(0, 2))
		maybe(20, "maxItems", number(0, 2))
		maybe(20, "uniqueItems", func() any { return true })
	}
	if typ == "string" || typ == "" {
		maybe(20, "minLength", number(0, 3))
		maybe(20, "maxLength", number(0, 3))
		maybe(15, "pattern", oneOf("^a", "b$", "^[a-c]+$", "^.b?$", `\bab`, "c", "^(a|aa|abc)$"))
		maybe(10, "format", oneOf("date", "uuid", "hostname", "unknown"))
		maybe(20, "enum", several("a", "b", "c", "ab"))
	}
	if typ == "integer" || typ == "number" || typ == "" {
		maybe(20, "minimum", oneOf(0, 1, 2, 0.5, -1))
		maybe(20, "maximum", oneOf(0, 1, 2, 1.5, 6))
		maybe(10, "exclusiveMinimum", func() any { return true })
		maybe(10, "exclusiveMaximum", func() any { return true })
		maybe(15, "multipleOf", oneOf(0.5, 1, 2, 3))
		if typ != "" {
			maybe(15, "enum", several(0, 1, 2, 3))
		}
	}
	if depth > 0 {
		maybe(8, "allOf", list)
		maybe(8, "anyOf", list)
		maybe(8, "oneOf", list)
		maybe(5, "not", below)
	}
	maybe(5, "example", oneOf("a", 1, map[string]any{"a": "b", "b": 1}))
	return schema
}
