package overlap

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// TestRandom draws small schemas from few names and values, so that many pairs have something in common, and compares the search with a list
// of small values that are tried one by one.
//
// The seed is fixed, because a pair may combine "not" with values that the search does not try, and a test should not fail once in a hundred
// runs. OVERLAP_SEED draws other schemas.
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

	rounds, values := 1000, smallValues(t)
	if testing.Short() {
		rounds = 300
	}
	var overlapping, listed, within int
	for range rounds {
		document := text(t, map[string]any{
			"openapi": "3.0.3", "info": map[string]any{"title": "t", "version": "1"}, "paths": map[string]any{},
			"components": map[string]any{"schemas": map[string]any{"A": drawSchema(r, 3), "B": drawSchema(r, 3)}},
		})
		f, a, b := loadDocument(t, document)
		payload, found := f.Witness(a, b, nil)
		if again, foundAgain := f.Witness(a, b, nil); found != foundAgain || payload != again {
			t.Errorf("%s, then %s\n%s", payload, again, document)
		}
		if _, reverse := f.Witness(b, a, nil); found != reverse {
			t.Errorf("Witness(A, B) %t, Witness(B, A) %t\n%s", found, reverse, document)
		}
		for _, one := range []*schema.Schema{a, b} {
			i := slices.IndexFunc(values, func(v string) bool { return accepted(one, v) && minimal(one, v) })
			if i < 0 {
				continue
			}
			if _, found := f.Witness(one, one, nil); !found {
				t.Errorf("equal schemas: no payload, want something like %s\n%s", values[i], document)
			}
		}
		if found {
			overlapping++
			check(t, a, b, payload)
			if !minimal(a, payload) && !minimal(b, payload) {
				t.Errorf("%s is not minimal\n%s", payload, document)
			}
		}
		i := slices.IndexFunc(values, func(v string) bool { return accepted(a, v) && accepted(b, v) && (minimal(a, v) || minimal(b, v)) })
		if i >= 0 {
			listed++
			if !found {
				t.Errorf("no payload, want something like %s\n%s", values[i], document)
			}
		}
		if Within(a, b) {
			within++
			for _, v := range values {
				if accepted(a, v) && !accepted(b, v) {
					t.Errorf("A is not within B: only A accepts %s\n%s", v, document)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d pairs overlap, %d of them in a listed value; in %d the first is within the second", overlapping, rounds, listed, within)
	if overlapping < rounds/20 || listed < rounds/20 || within < rounds/20 {
		t.Error("that is too few for a test")
	}
}

// minimal says what the package's documentation says, without any search.
func minimal(s *schema.Schema, v string) bool {
	return minimalOf([]*schema.Schema{s}, v)
}

func minimalOf(schemas []*schema.Schema, v string) bool {
	s := (&Finder{}).newSearch(schema.InResponse)
	return v == "null" || slices.ContainsFunc(s.alternatives(schemas), func(all option) bool {
		if slices.ContainsFunc(all, func(one *schema.Schema) bool { return !accepted(one, v) }) {
			return false
		}
		if slices.ContainsFunc(all, func(one *schema.Schema) bool { return len(one.Enum) > 0 }) {
			return true
		}
		switch v[0] {
		case '[':
			n := 0
			for _, one := range all {
				n = max(n, one.MinItems)
			}
			items := itemHints([]string{v})
			return len(items) == n && !slices.ContainsFunc(items, func(item string) bool { return !minimalOf(itemSchemas(all, 0), item) })
		case '{':
			required := s.requiredNames(all)
			n := len(required)
			for _, one := range all {
				n = max(n, one.MinProperties)
			}
			object := members(v)
			if len(object) != n {
				return false
			}
			for _, name := range required {
				if _, ok := object[name]; !ok {
					return false
				}
			}
			for name, value := range object {
				if of, _ := s.memberSchemas(all, name); !minimalOf(of, string(value)) {
					return false
				}
			}
		}
		return true
	})
}

// smallValues lists values that random schemas are likely to accept.
func smallValues(t *testing.T) []string {
	values := []any{nil, true, false, "", "a", "b", "c", "aa", "ab", "abc", "2026-08-14", 0, 1, 2, 3, 6, -1, 0.5, 1.5}
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
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(t, v)
	}
	return texts
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
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
