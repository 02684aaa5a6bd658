package schema

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckTolerant(t *testing.T) {
	kind := func(value string, others ...Property) []Property {
		return append([]Property{has("extra", textSchema), has("kind", constant(value))}, others...)
	}
	direct := closed("kind slot", kind("direct", has("slot", textSchema))...)
	partner := object("kind region", kind("partner", has("region", textSchema))...)
	union := &Schema{
		Types: Object, OneOf: []*Schema{direct, partner},
		Discriminator: &Discriminator{Property: "kind", Mapping: []Mapping{{"direct", 0}, {"partner", 1}}},
	}
	byValue := oneOf(constant("a"), constant("b"))
	small := closed("", has("a", textSchema))
	large := closed("b", has("a", textSchema), has("b", textSchema))
	one := func(name string, s *Schema) *Schema { return object(name, has(name, s)) }
	both := &Schema{AllOf: []*Schema{one("a", textSchema), one("b", textSchema)}}
	for _, c := range []struct {
		schema     *Schema
		text       string
		variant    int // of a union
		deviations []string
	}{
		// Unions with a discriminator.
		{union, `{"kind":"direct","slot":"s"}`, 0, nil},
		{union, `{"kind":"type","slot":"s"}`, 0, []string{"/kind discriminator"}},
		{union, `{"kind":"type","region":"r"}`, 1, []string{"/kind discriminator"}},
		{union, `{"kind":"type","region":"r","new":1}`, 1, []string{"/kind discriminator", "/new undeclared"}},
		{union, `{"slot":"s"}`, 0, []string{"/kind required"}},
		{union, `{"kind":"type","slot":"s","region":"r"}`, NoVariant, []string{"/kind discriminator"}}, // both fit
		{union, `{"kind":"type","new":1.0}`, NoVariant, []string{"/kind discriminator"}},               // neither fits
		{union, `{"kind":1,"slot":"s"}`, 0, []string{"/kind type"}},                                    // which is kept as it is
		{union, `{"kind":"direct","slot":"s","new":1}`, 0, []string{"/new additionalProperties"}},
		{union, `{"kind":"direct"}`, 0, []string{"/slot required"}},
		{union, `{"kind":"direct","slot":null}`, 0, []string{"/slot type"}},
		{union, `{"kind":"direct","slot":1,"new":2}`, 0, []string{"/slot type", "/new additionalProperties"}},
		{list(union), `[{"kind":"direct","slot":"s"},{"kind":"ring"}]`, 0, []string{"/1/kind discriminator"}},

		// Unions without one.
		{byValue, `"b"`, 1, nil},
		{byValue, `"c"`, NoVariant, []string{"oneOf"}}, // either could be meant
		{oneOf(small, large), `{"a":"x","b":"y"}`, 1, nil},
		{oneOf(small, large), `{"a":"x"}`, 0, nil},
		{oneOf(one("a", textSchema), one("b", integerSchema)), `{"b":1,"c":2}`, 1, []string{"/c undeclared"}},
		{oneOf(large, integerSchema), `{"a":"x"}`, 0, []string{"/b required"}},
		{oneOf(small, &Schema{Types: Integer, Maximum: "5"}), `7`, 1, []string{"maximum"}},
		{oneOf(small, integerSchema), `true`, NoVariant, []string{"oneOf"}},
		{&Schema{AnyOf: []*Schema{small, large}}, `{"a":"x","b":"y"}`, 1, nil},
		{&Schema{AnyOf: []*Schema{textSchema, small}}, `7`, NoVariant, []string{"anyOf"}},

		// Every rule but the type.
		{&Schema{Types: String, Not: &Schema{Enum: []string{`"x"`}}}, `"y"`, 0, nil},
		{&Schema{Types: String, Not: &Schema{Enum: []string{`"x"`}}}, `"x"`, 0, []string{"not"}},
		{&Schema{Types: String, MaxLength: 2, Pattern: "^a", Enum: []string{`"a"`}}, `"bcd"`, 0, []string{"enum", "maxLength", "pattern"}},
		{&Schema{Types: String, Format: "ipv4"}, `"here"`, 0, []string{"format"}},
		{&Schema{Types: Integer, Format: "int32", Minimum: "5"}, `4.0`, 0, []string{"minimum"}},
		{&Schema{Types: Array, Items: textSchema, MinItems: 3, UniqueItems: true}, `["a","a"]`, 0, []string{"minItems", "/1 uniqueItems"}},
		{one("a", textSchema), `{"a":null}`, 0, []string{"/a type"}},
		{one("a", textSchema), `{"A":"x"}`, 0, []string{"/a required", "/A undeclared"}},
		{both, `{"a":"x","b":"y","c":1}`, 0, []string{"/c undeclared"}},
		{object(""), `{"c":1}`, 0, nil},
		{&Schema{Types: Object, Properties: []Property{has("a", textSchema)}, Additional: integerSchema}, `{"b":null}`, 0, []string{"/b type"}},
		{&Schema{Names: constant("a")}, `{"b":1}`, 0, []string{"/b propertyNames"}},
		{&Schema{UnevaluatedProperties: False}, `{"b":1}`, 0, []string{"/b unevaluatedProperties"}},
		{&Schema{PrefixItems: []*Schema{textSchema}, UnevaluatedItems: False}, `["x",1]`, 0, []string{"/1 unevaluatedItems"}},
		{&Schema{Contains: integerSchema, MinContains: 1}, `["x"]`, 0, []string{"contains"}},
		{False, `1`, 0, []string{"false"}},
		{&Schema{If: textSchema, Then: &Schema{MinLength: 2}}, `"x"`, 0, []string{"minLength"}},
	} {
		deviations, err := c.schema.CheckTolerant([]byte(c.text), Undirected)
		if got := pointersAndRules(deviations); err != nil || !slices.Equal(got, c.deviations) {
			t.Errorf("%s: got %q, %v; want %q", c.text, got, err, c.deviations)
		}
		if c.schema.Variants() == nil {
			continue
		}
		checker := NewChecker()
		checker.Parse(c.text, 0, Undirected, Tolerant)
		if got := checker.ChooseAt(c.schema, 0); got != c.variant {
			t.Errorf("%s: got variant %d, want %d", c.text, got, c.variant)
		}
		checker.Free()
	}
}

// What no Go value can hold is not tolerated, and beside a violation all deviations are reported.
func TestCheckTolerantRefuses(t *testing.T) {
	member := object("a", has("a", textSchema))
	for _, c := range []struct {
		schema     *Schema
		text, want string // the violations
		deviations []string
	}{
		{&Schema{Types: String, Format: "uuid"}, `"x"`, "format", nil},
		{&Schema{Types: String, Format: "date-time"}, `"x"`, "format", nil},
		{&Schema{Types: Integer, Format: "int32"}, `3000000000`, "format", nil},
		{member, `{"a":1}`, "/a type", nil},
		{member, `{"a":1,"b":2}`, "/a type", []string{"/b undeclared"}},
		{member, `null`, "type", nil},
		{list(textSchema), `[null]`, "/0 type", nil},
		{member, `{"a":"x"`, "syntax", nil},
		{oneOf(member), `{"a":"x"`, "syntax", nil},
		{&Schema{Types: Object, OneOf: []*Schema{member}}, `7`, "type", nil},
	} {
		deviations, err := c.schema.CheckTolerant([]byte(c.text), Undirected)
		if got := strings.Join(violatedRules(err), ", "); got != c.want || !slices.Equal(pointersAndRules(deviations), c.deviations) {
			t.Errorf("%s: got %q, deviations %q; want %q, %q", c.text, got, pointersAndRules(deviations), c.want, c.deviations)
		}
	}
}

// Read-only members, whose values do not matter, are all that IgnoreReadOnly tolerates.
func TestIgnoreReadOnly(t *testing.T) {
	s := closed("name", Property{Name: "id", Schema: integerSchema, ReadOnly: true}, has("name", textSchema))
	for text, want := range map[string]string{
		`{"id":1,"name":"x"}`:         "",
		`{"id":"wrong","name":"x"}`:   "",
		`{"id":1}`:                    "/name required",
		`{"id":1,"name":"x","new":1}`: "/new additionalProperties",
	} {
		deviations, err := s.Validate(text, InRequest, IgnoreReadOnly)
		if got := strings.Join(violatedRules(err), ", "); got != want || len(deviations) != 1 || deviations[0].Rule != "readOnly" {
			t.Errorf("%s: got %q, deviations %v; want %q", text, got, deviations, want)
		}
	}
}

// Deviations, however many, neither end the validation nor hide a violation.
func TestManyDeviations(t *testing.T) {
	s := list(&Schema{Types: String, Enum: []string{`"a"`}})
	text := "[" + strings.Repeat(`"b",`, 5000)
	deviations, err := s.CheckTolerant([]byte(text+`"b"]`), Undirected)
	if err != nil || len(deviations) != MaxFindings+1 {
		t.Fatalf("%d deviations, %v; want %d", len(deviations), err, MaxFindings+1)
	}
	if last := deviations[MaxFindings].String(); last != "the value: want no more deviations than are listed; there are 4001 more" {
		t.Errorf("the last deviation is %s", last)
	}
	for _, violation := range []string{`7`, `{}`, `7,7`} {
		deviations, err = s.CheckTolerant([]byte(text+violation+`]`), Undirected)
		if got := violatedRules(err); len(got) == 0 || got[0] != "/5000 type" || len(deviations) < MaxFindings-1 {
			t.Errorf("%s: %q, %d deviations", violation, got, len(deviations))
		}
	}
	names := `{"` + strings.Repeat("x", maxFindingsBytes) + `":1,"y":1,"a":1}`
	_, err = object("", has("a", textSchema)).CheckTolerant([]byte(names), Undirected)
	if got := violatedRules(err); len(got) == 0 || got[0] != "/a type" {
		t.Errorf("after a long name: %q", got)
	}
}

// Text that is not meant for a schema at all.
func TestUnrelated(t *testing.T) {
	a, b := object("a", has("a", textSchema)), object("b", has("b", textSchema))
	recursive := object("next")
	recursive.AllOf = []*Schema{recursive}
	for _, c := range []struct {
		schema     *Schema
		text, want string
	}{
		{a, `{"a":1}`, ""},
		{a, `{"x":1}`, `an object with the member "a"; there is none`},
		{a, `{}`, `an object with the member "a"; there is none`},
		{a, `[]`, ""},
		{a, `{`, ""},
		{object("", has("a", textSchema)), `{}`, ""}, // nothing is required
		{oneOf(a, b), `{"b":1}`, ""},
		{oneOf(a, b), `{"x":1}`, `an object with at least one of the members "a", "b"; there is none`},
		{&Schema{AllOf: []*Schema{a, {AnyOf: []*Schema{b}}}}, `{"message":"no"}`, `an object with at least one of the members "a", "b"; there is none`},
		{recursive, `{"x":1}`, `an object with the member "next"; there is none`},
	} {
		got := ""
		if v := c.schema.Unrelated([]byte(c.text)); v != nil {
			got = v.Want
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}
