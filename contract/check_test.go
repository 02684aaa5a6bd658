package contract

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// brokenRules names the violations of an error as "pointer rule", in their order.
func brokenRules(err error) []string {
	var invalid *ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	return pointersAndRules(invalid.Violations)
}

func pointersAndRules(violations []Violation) []string {
	var all []string
	for _, v := range violations {
		all = append(all, strings.TrimSpace(v.Pointer+" "+v.Rule))
	}
	return all
}

func member1(name string, s *Schema) []Property { return []Property{{Name: name, Schema: s}} }

var (
	textSchema   = &Schema{Type: "string"}
	numberSchema = &Schema{Type: "number"}
	intSchema    = &Schema{Type: "integer"}
	anySchema    = &Schema{}
)

func TestCheckKeywords(t *testing.T) {
	limited := &Schema{Type: "number", Minimum: "-1.5", Maximum: "2.5"}
	open := &Schema{Type: "number", Minimum: "0", ExclusiveMinimum: true, Maximum: "1", ExclusiveMaximum: true}
	object := &Schema{Type: "object", Properties: []Property{{"a", textSchema}, {"b", intSchema}}, Required: []string{"b", "a"}}
	for _, c := range []struct {
		schema *Schema
		text   string
		want   []string // nil if the text is valid
	}{
		// type, nullable
		{anySchema, `{"a":[1,"x",true,null]}`, nil},
		{anySchema, `null`, nil},
		{textSchema, `"x"`, nil},
		{textSchema, `1`, []string{"type"}},
		{textSchema, `1e400`, []string{"type"}},
		{numberSchema, `-0.5e-3`, nil},
		{numberSchema, `"1"`, []string{"type"}},
		{&Schema{Type: "boolean"}, `false`, nil},
		{&Schema{Type: "boolean"}, `0`, []string{"type"}},
		{&Schema{Type: "array"}, `[]`, nil},
		{&Schema{Type: "array"}, `{}`, []string{"type"}},
		{&Schema{Type: "object"}, `{}`, nil},
		{&Schema{Type: "object"}, `[]`, []string{"type"}},
		{&Schema{Type: "string", Nullable: true, MinLength: 1, Enum: []string{`"a"`}}, `null`, nil},
		{&Schema{AllOf: []*Schema{{Type: "string", Nullable: true}, textSchema}}, `null`, []string{"type"}},
		{&Schema{AnyOf: []*Schema{{Type: "string", Nullable: true}, textSchema}}, `null`, nil},

		// null where there is no type, which the other keywords may exclude
		{&Schema{MinLength: 3, Minimum: "5", Properties: member1("a", textSchema), Required: []string{"a"}}, `null`, nil},
		{&Schema{Enum: []string{`"a"`}}, `null`, []string{"enum"}},
		{&Schema{Enum: []string{`"a"`, "null"}}, `null`, nil},
		{&Schema{Not: &Schema{Enum: []string{"null"}}}, `null`, []string{"not"}},
		{&Schema{AllOf: []*Schema{{Type: "string", Nullable: true}, {MinLength: 1}}}, `null`, nil},
		{&Schema{AnyOf: []*Schema{textSchema, {Minimum: "5"}}}, `null`, nil},
		{&Schema{Items: anySchema}, `[null]`, nil},
		{&Schema{AdditionalProperties: anySchema}, `{"a":null}`, nil},

		// any other value where there is no type
		{&Schema{Properties: member1("a", textSchema), Required: []string{"a"}}, `"x"`, nil},
		{&Schema{Properties: member1("a", textSchema), Required: []string{"a"}}, `[1]`, nil},
		{&Schema{Properties: member1("a", textSchema), Required: []string{"a"}}, `{}`, []string{"/a required"}},

		// integer and its formats
		{intSchema, `65000.0`, nil},
		{intSchema, `1.5`, []string{"type"}},
		{intSchema, `1e-400`, []string{"type"}},
		{intSchema, `-9223372036854775808`, nil},
		{intSchema, `9223372036854775808`, []string{"format"}},
		{intSchema, `1e19`, []string{"format"}},
		{&Schema{Type: "integer", Format: "int32"}, `2147483648`, []string{"format"}},
		{&Schema{Type: "integer", Format: "int32"}, `2147483647.0`, nil},
		{&Schema{Type: "integer", Format: "int8"}, `-129`, []string{"format"}},
		{&Schema{Type: "integer", Format: "uint8"}, `-1`, []string{"format"}},
		{&Schema{Type: "integer", Format: "uint64"}, `18446744073709551615`, nil},
		{&Schema{Type: "integer", Format: "uint64"}, `18446744073709551616`, []string{"format"}},

		// enum
		{&Schema{Type: "number", Enum: []string{"1", "null"}}, `1.0e0`, nil},
		{&Schema{Type: "number", Enum: []string{"1"}}, `2`, []string{"enum"}},
		{&Schema{Enum: []string{Canonical(`{"a":[1.50,"x"],"b":null}`)}}, ` {"b":null, "a":[15e-1,"\u0078"]}`, nil},

		// minimum, maximum, multipleOf
		{limited, `-1.5`, nil},
		{limited, `-1.50000000000000000001`, []string{"minimum"}},
		{limited, `2.50`, nil},
		{limited, `2.6`, []string{"maximum"}},
		{limited, `1e400`, []string{"type"}},
		{limited, `1e-400`, []string{"type"}},
		{limited, `0e-400`, nil},
		{open, `0.5`, nil},
		{open, `-0.0`, []string{"exclusiveMinimum"}},
		{open, `1`, []string{"exclusiveMaximum"}},
		{&Schema{Type: "number", MultipleOf: "0.1"}, `0.3`, nil},
		{&Schema{Type: "number", MultipleOf: "0.1"}, `0.35`, []string{"multipleOf"}},
		{&Schema{Minimum: "5"}, `"a"`, nil},
		{&Schema{Type: "integer", Maximum: "5", MultipleOf: "2"}, `7`, []string{"maximum", "multipleOf"}},

		// minLength, maxLength, pattern, format
		{&Schema{Type: "string", MinLength: 2}, `"é"`, []string{"minLength"}},
		{&Schema{Type: "string", HasMaxLength: true, MaxLength: 2}, `"𝄞é"`, nil},
		{&Schema{Type: "string", HasMaxLength: true}, `"x"`, []string{"maxLength"}},
		{&Schema{Type: "string", Pattern: "b"}, `"abc"`, nil},
		{&Schema{Type: "string", Pattern: "^b$", MinLength: 4}, `"abc"`, []string{"minLength", "pattern"}},
		{&Schema{Type: "string", Format: "uuid"}, `"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`, nil},
		{&Schema{Type: "string", Format: "uuid"}, `"182bd5e56e1a4fe4a799aa6d9a6ab26e"`, []string{"format"}},
		{&Schema{Type: "string", Format: "no such format"}, `""`, nil},
		{&Schema{Type: "string", Format: "binary"}, `"\u0000é"`, nil},
		{&Schema{Type: "string", Format: "date-time"}, `"2026-08-14T09:30:00.5Z"`, nil},
		{&Schema{Type: "string", Format: "date-time"}, `"2026-08-14T09:30:00,5Z"`, []string{"format"}},
		{&Schema{Type: "string", Format: "date-time"}, `"2026-08-14T9:30:00Z"`, []string{"format"}},

		// items, minItems, maxItems, uniqueItems
		{&Schema{Type: "array", Items: intSchema}, `[1,"2",3.5]`, []string{"/1 type", "/2 type"}},
		{&Schema{Type: "array", MinItems: 1}, `[]`, []string{"minItems"}},
		{&Schema{Type: "array", HasMaxItems: true, MaxItems: 1}, `[1,2]`, []string{"maxItems"}},
		{&Schema{Type: "array", UniqueItems: true}, `[1,"1",true,[1],{"a":1},null]`, nil},
		{&Schema{Type: "array", UniqueItems: true}, `[{"a":1,"b":2},1,{"b":2.0,"a":1e0},1.0]`, []string{"/2 uniqueItems", "/3 uniqueItems"}},

		// properties, required, additionalProperties, minProperties, maxProperties
		{object, `{"b":1,"a":"x","c":null}`, nil},
		{object, `{"a":1}`, []string{"/b required", "/a type"}},
		{object, `{}`, []string{"/b required", "/a required"}},
		{&Schema{Type: "object", Closed: true, Properties: member1("a", intSchema)}, `{"a":1,"x/y~z":2,"A":3}`,
			[]string{"/x~1y~0z additionalProperties", "/A additionalProperties"}},
		{&Schema{Type: "object", Properties: member1("a", intSchema), AdditionalProperties: textSchema}, `{"a":1,"b":"x","c":1}`, []string{"/c type"}},
		{&Schema{Type: "object", MinProperties: 1}, `{}`, []string{"minProperties"}},
		{&Schema{Type: "object", HasMaxProperties: true}, `{"a":1}`, []string{"maxProperties"}},

		// allOf, anyOf, oneOf, not
		{&Schema{AllOf: []*Schema{{Type: "string", MinLength: 2}, {Pattern: "^a"}}}, `"b"`, []string{"minLength", "pattern"}},
		{&Schema{AnyOf: []*Schema{textSchema, intSchema}}, `1`, nil},
		{&Schema{AnyOf: []*Schema{textSchema, intSchema}}, `1.5`, []string{"anyOf"}},
		{&Schema{OneOf: []*Schema{numberSchema, intSchema}}, `1.5`, nil},
		{&Schema{OneOf: []*Schema{numberSchema, intSchema}}, `1`, []string{"oneOf"}},
		{&Schema{OneOf: []*Schema{numberSchema, intSchema}}, `"1"`, []string{"oneOf"}},
		{&Schema{Not: intSchema}, `1.5`, nil},
		{&Schema{Not: intSchema}, `15e-1`, nil},
		{&Schema{Not: intSchema}, `10e-1`, []string{"not"}},

		// the text
		{anySchema, ``, []string{"syntax"}},
		{anySchema, `{"a":`, []string{"syntax"}},
		{anySchema, `{"a":01}`, []string{"syntax"}},
		{anySchema, `[1}`, []string{"syntax"}},
		{anySchema, "\"\xff\"", []string{"syntax"}},
		{anySchema, `"\ud800"`, []string{"syntax"}},
		{anySchema, `{"a":{"b":1,"b":1}}`, []string{"/a/b duplicate"}},
		{anySchema, `{"a":1,"\u0061":1}`, []string{"/a duplicate"}},
		{anySchema, `1 2`, []string{"trailing"}},
		{anySchema, `{"a/b":[0,-1e309]}`, []string{"/a~1b/1 type"}},
		{anySchema, strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), nil},
		{anySchema, strings.Repeat("[", MaxDepth) + "1" + strings.Repeat("]", MaxDepth), nil},
		{anySchema, strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), []string{"depth"}},
	} {
		_, err := c.schema.Check([]byte(c.text), Undirected)
		if got := brokenRules(err); (err == nil) != (c.want == nil) || !slices.Equal(got, c.want) {
			t.Errorf("%.60s: got %q, want %q (%v)", c.text, got, c.want, err)
		}
	}
}

func TestCheckDirection(t *testing.T) {
	s := &Schema{Type: "object", Required: []string{"id", "key"}, Properties: []Property{
		{"id", &Schema{Type: "integer", ReadOnly: true}}, {"key", &Schema{Type: "string", WriteOnly: true}}}}
	for _, c := range []struct {
		dir  Direction
		text string
		want []string
	}{
		{Undirected, `{"id":1,"key":"k"}`, nil},
		{Undirected, `{"id":1}`, nil},    // an answer
		{Undirected, `{"key":"k"}`, nil}, // a request
		{InRequest, `{"key":"k"}`, nil},
		{InRequest, `{"id":1}`, []string{"/key required", "/id readOnly"}},
		{InResponse, `{"id":1}`, nil},
		{InResponse, `{"id":1,"key":"k"}`, []string{"/key writeOnly"}},
	} {
		_, err := s.Check([]byte(c.text), c.dir)
		if got := brokenRules(err); !slices.Equal(got, c.want) {
			t.Errorf("%d %s: got %q, want %q", c.dir, c.text, got, c.want)
		}
	}
}

// The messages that people see most.
func TestCheckMessages(t *testing.T) {
	cat := &Schema{Name: "Cat", Type: "object", Required: []string{"lives"}, Properties: member1("lives", intSchema)}
	dog := &Schema{Name: "Dog", Type: "object", Required: []string{"breed"}, Properties: member1("breed", &Schema{Type: "string", Enum: []string{`"husky"`}})}
	pet := &Schema{OneOf: []*Schema{cat, dog}}
	chosen := &Schema{OneOf: pet.OneOf, Discriminator: &Discriminator{"kind", []Mapping{{"cat", 0}, {"dog", 1}}}}
	secret := &Schema{Type: "object", Closed: true, Properties: member1("key", &Schema{Type: "string", MinLength: 9, Sensitive: true})}
	for _, c := range []struct {
		schema     *Schema
		text, want string
	}{
		{&Schema{Type: "string", Format: "uuid"}, `"x"`, `the value: want a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", got "x"`},
		{&Schema{Type: "string", Enum: []string{`"1G"`, `"2G"`}}, `"3G"`, `the value: want one of "1G", "2G", got "3G"`},
		{&Schema{Type: "integer", Format: "int32"}, `1e10`, `the value: want an integer that fits 32 bits, got 1e10`},
		{textSchema, `1e400`, `the value: want a number within the range of a double`},
		{textSchema, `[1]`, `the value: want a string, got an array of 1 item`},
		{textSchema, `null`, `the value: want a string, got null`},
		{&Schema{Type: "string", HasMaxLength: true, MaxLength: 1}, `"` + strings.Repeat("é", 60) + `"`,
			`the value: want at most 1 character, got "` + strings.Repeat("é", 30) + `…"`},
		{cat, `{}`, `/lives: want an integer; it is missing`},
		{cat, `{"lives":1,"lives":2}`, `/lives: want each member name once`},
		{cat, `{"lives":`, `the value: want a complete JSON value; the text ends at byte 9`},
		{secret, `{"key":"k","Key":1}`, `/key: want at least 9 characters; /Key: want no such member; names are matched exactly: "key"`},
		{pet, `{"breed":"cow"}`, `the value: want exactly one of Cat, Dog, got an object ` +
			`(not Cat because /lives: want an integer; it is missing; not Dog because /breed: want "husky", got "cow")`},
		{pet, `{"breed":"husky","lives":9}`, `the value: want exactly one of Cat, Dog; this fits Cat and Dog, got an object`},
		{chosen, `{"kind":"cow"}`, `/kind: want one of "cat", "dog", got "cow"`},
		{chosen, `{"kind":1}`, `/kind: want one of "cat", "dog", got 1`},
		{chosen, `{}`, `/kind: want one of "cat", "dog"; it is missing`},
		{chosen, `1`, `the value: want an object, got 1`},
		{chosen, `{"kind":"dog","lives":1}`, `/breed: want "husky"; it is missing`},
		{&Schema{Not: &Schema{AnyOf: []*Schema{{Required: []string{"a"}}, {Required: []string{"b"}}}}}, `{"b":1}`,
			`the value: want no member "a", "b" beside the others, got an object`},
	} {
		_, err := c.schema.Check([]byte(c.text), Undirected)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.60s\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

// encoding/json has to read what was checked: integers are spelled so that it takes them, and members which it would take
// for declared ones are gone.
func TestCheckEdits(t *testing.T) {
	s := &Schema{Type: "object", Properties: []Property{
		{"at", &Schema{Type: "string", Format: "date-time"}},
		{"list", &Schema{Type: "array", Items: intSchema}},
		{"n", intSchema},
		{"x", numberSchema},
	}}
	for _, c := range []struct{ text, want string }{
		{`{"n":65000.0,"x":1.0}`, `{"n":65000,"x":1.0}`},
		{`{"n":-0, "list":[1e2,12,0.5e1 ]}`, `{"n":0, "list":[100,12,5 ]}`},
		{`{"n":1,"other":1.0}`, `{"n":1,"other":1.0}`},
		{`{"N":2,"n":1}`, `{"n":1}`},
		{`{"n":1,"N":2}`, `{"n":1}`},
		{`{"n":1,"N":2,"x":3}`, `{"n":1,"x":3}`},
		{`{"N":2}`, `{}`},
		{`{ "N" : 2 , "n" : 1 }`, `{  "n" : 1 }`},
		{"{ \"n\" : 1 ,\n\t\"N\" : 2 }", "{ \"n\" : 1  }"},
		{`{"n":1,"N":2,"X":3}`, `{"n":1}`},
		{`{"N":2,"X":3,"n":1.0,"LIST":[1.0,{"a":","}]}`, `{"n":1}`},
		{`{"N":"\\\"","n":1}`, `{"n":1}`},
		{"{\"li\u017ft\":1,\"n\":1}", `{"n":1}`}, // ſ is an s to encoding/json
		{`{"at":"\u00326-01-01"}`, ``},
		{`{"at":"\u0032026-08-14T09:30:00Z"}`, `{"at":"2026-08-14T09:30:00Z"}`},
	} {
		got, err := s.Check([]byte(c.text), Undirected)
		if string(got) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s\ngot  %s, %v\nwant %s", c.text, got, err, c.want)
		}
	}
	closed := &Schema{Type: "object", Closed: true, Properties: member1("n", intSchema)}
	if got, _, err := closed.CheckTolerant([]byte(`{"a":1, "n":2.0, "N":3}`), Undirected); err != nil || string(got) != `{ "n":2}` {
		t.Errorf("closed object: %s, %v", got, err)
	}
	// allOf edits the same place twice.
	twice := &Schema{AllOf: []*Schema{s, s}}
	if got, err := twice.Check([]byte(`{"N":1,"n":2.0}`), Undirected); err != nil || string(got) != `{"n":2}` {
		t.Errorf("allOf: %s, %v", got, err)
	}
}

func TestVariant(t *testing.T) {
	inner := &Schema{OneOf: []*Schema{intSchema, textSchema}}
	s := &Schema{
		Nullable:   true,
		Properties: member1("inner", inner),
		OneOf:      []*Schema{{Type: "object", Required: []string{"a"}}, {Type: "object", Required: []string{"b"}}},
	}
	for text, want := range map[string]int{
		`null`: -1, `{"a":1}`: 0, `{"b":1}`: 1, `{"b":1,"inner":1}`: 1, `{"a":1,"inner":"x"}`: 0,
	} {
		if got, _, err := s.Variant([]byte(text)); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestCheckTolerant(t *testing.T) {
	kind := func(value string) []Property {
		return []Property{{"extra", textSchema}, {"kind", &Schema{Type: "string", Enum: []string{value}}}}
	}
	direct := &Schema{Type: "object", Closed: true, Required: []string{"kind", "slot"}, Properties: append(kind(`"direct"`), Property{"slot", textSchema})}
	partner := &Schema{Type: "object", Required: []string{"kind", "region"}, Properties: append(kind(`"partner"`), Property{"region", textSchema})}
	union := &Schema{OneOf: []*Schema{direct, partner}, Discriminator: &Discriminator{"kind", []Mapping{{"direct", 0}, {"partner", 1}}}}
	byValue := &Schema{OneOf: []*Schema{{Enum: []string{`"a"`}, Type: "string"}, {Enum: []string{`"b"`}, Type: "string"}}}
	small := &Schema{Type: "object", Closed: true, Properties: member1("a", textSchema)}
	large := &Schema{Type: "object", Closed: true, Properties: []Property{{"a", textSchema}, {"b", textSchema}}, Required: []string{"b"}}
	list := &Schema{Type: "array", Items: union}
	object := func(name string, s *Schema) *Schema {
		return &Schema{Type: "object", Properties: member1(name, s), Required: []string{name}}
	}
	free := &Schema{Type: "object"}
	both := &Schema{AllOf: []*Schema{object("a", textSchema), object("b", textSchema)}}
	for _, c := range []struct {
		schema     *Schema
		text       string
		want       string // the text to decode; empty if refused
		variant    int
		concession []string
	}{
		// Discriminated unions.
		{union, `{"kind":"direct","slot":"s"}`, `{"kind":"direct","slot":"s"}`, 0, nil},
		{union, `{"kind":"type","slot":"s"}`, `{"kind":"type","slot":"s"}`, 0, []string{"/kind discriminator"}},
		{union, `{"kind":"type","region":"r"}`, `{"kind":"type","region":"r"}`, 1, []string{"/kind discriminator"}},
		{union, `{"kind":"type","region":"r","new":1}`, `{"kind":"type","region":"r","new":1}`, 1, []string{"/kind discriminator", "/new undeclared"}},
		{union, `{"slot":"s"}`, `{"slot":"s"}`, 0, []string{"/kind required"}},
		{union, `{"kind":"type","slot":"s","region":"r"}`, `{"kind":"type","slot":"s","region":"r"}`, UnknownVariant, []string{"/kind discriminator"}}, // both fit
		{union, `{"kind":"type","new":1.0}`, `{"kind":"type","new":1.0}`, UnknownVariant, []string{"/kind discriminator"}},                             // neither does
		{union, `{"kind":1,"slot":"s"}`, `{"kind":1,"slot":"s"}`, UnknownVariant, []string{"/kind type"}},                                              // Go has a string
		{union, `{"kind":"direct","slot":"s","new":1}`, `{"kind":"direct","slot":"s"}`, 0, []string{"/new additionalProperties"}},
		{union, `{"kind":"direct"}`, `{"kind":"direct"}`, 0, []string{"/slot required"}},
		{union, `{"kind":"direct","slot":null}`, `{"kind":"direct","slot":null}`, 0, []string{"/slot type"}},
		{union, `{"kind":"direct","slot":1,"new":2}`, `{"kind":"direct","slot":1,"new":2}`, UnknownVariant, []string{"/slot type", "/new additionalProperties"}},
		{union, `null`, `null`, UnknownVariant, []string{"type"}},
		{union, `"direct"`, `"direct"`, UnknownVariant, []string{"type"}},
		{union, `{"kind":"direct"`, ``, 0, nil},
		{list, `[{"kind":"direct","slot":"s"},{"kind":"ring"},7]`, `[{"kind":"direct","slot":"s"},{"kind":"ring"},7]`, UnknownVariant,
			[]string{"/1/kind discriminator", "/2 type"}},

		// Unions by shape.
		{byValue, `"b"`, `"b"`, 1, nil},
		{byValue, `"c"`, `"c"`, UnknownVariant, []string{"oneOf"}}, // either could be meant
		{&Schema{OneOf: []*Schema{small, large}}, `{"a":"x","b":"y"}`, `{"a":"x","b":"y"}`, 1, nil},
		{&Schema{OneOf: []*Schema{small, large}}, `{"a":"x"}`, `{"a":"x"}`, 0, nil},
		{&Schema{OneOf: []*Schema{object("a", textSchema), object("b", intSchema)}}, `{"b":1,"c":2}`, `{"b":1,"c":2}`, 1, []string{"/c undeclared"}},
		{&Schema{OneOf: []*Schema{large, intSchema}}, `{"a":"x"}`, `{"a":"x"}`, 0, []string{"/b required"}},
		{&Schema{OneOf: []*Schema{small, {Type: "integer", Maximum: "5"}}}, `7`, `7`, 1, []string{"maximum"}},
		{&Schema{AnyOf: []*Schema{small, large}}, `{"a":"x","b":"y"}`, `{"a":"x","b":"y"}`, 0, nil},
		{&Schema{AnyOf: []*Schema{textSchema, small}}, `7`, `7`, 0, []string{"anyOf"}},

		// Everything that can be decoded.
		{&Schema{Type: "string", Not: &Schema{Enum: []string{`"x"`}}}, `"y"`, `"y"`, 0, nil},
		{&Schema{Type: "string", Not: &Schema{Enum: []string{`"x"`}}}, `"x"`, `"x"`, 0, []string{"not"}},
		{&Schema{Type: "string", MaxLength: 1, HasMaxLength: true, Pattern: "^a", Enum: []string{`"a"`}}, `"bcd"`, `"bcd"`, 0, []string{"enum", "maxLength", "pattern"}},
		{&Schema{Type: "string", Format: "ipv4"}, `"here"`, `"here"`, 0, []string{"format"}},
		{&Schema{Type: "integer", Format: "int32", Minimum: "5"}, `4.0`, `4`, 0, []string{"minimum"}},
		{&Schema{Type: "array", Items: textSchema, MinItems: 3, UniqueItems: true}, `["a","a"]`, `["a","a"]`, 0, []string{"minItems", "/1 uniqueItems"}},
		{object("a", textSchema), `{"a":null}`, `{"a":null}`, 0, []string{"/a type"}},
		{object("a", textSchema), `{"A":"x"}`, `{}`, 0, []string{"/a required", "/A undeclared"}},
		{both, `{"a":"x","b":"y","c":1}`, `{"a":"x","b":"y","c":1}`, 0, []string{"/c undeclared"}},
		{free, `{"c":1}`, `{"c":1}`, 0, nil},

		// What cannot be.
		{&Schema{Type: "string", Format: "uuid"}, `"x"`, ``, 0, nil},
		{&Schema{Type: "string", Format: "date-time"}, `"x"`, ``, 0, nil},
		{&Schema{Type: "integer", Format: "int32"}, `3000000000`, ``, 0, nil},
		{object("a", textSchema), `{"a":1}`, ``, 0, nil},
		{object("a", textSchema), `null`, ``, 0, nil},
		{&Schema{Type: "array", Items: textSchema}, `[null]`, ``, 0, nil},
	} {
		text, concessions, err := c.schema.CheckTolerant([]byte(c.text), Undirected)
		variant, same, failure := c.schema.VariantTolerant([]byte(c.text))
		if string(same) != string(text) || (failure == nil) != (err == nil) {
			t.Errorf("%s: as a variant %s, %v; otherwise %s, %v", c.text, same, failure, text, err)
		}
		if string(text) != c.want || (err != nil) != (c.want == "") || err == nil && variant != c.variant {
			t.Errorf("%s: got %s, variant %d, %v; want %s, variant %d", c.text, text, variant, err, c.want, c.variant)
		}
		if got := pointersAndRules(concessions); err == nil && !slices.Equal(got, c.concession) {
			t.Errorf("%s: conceded %q, want %q", c.text, got, c.concession)
		}
	}
}

// Concessions, however many, neither stop the checking nor pile up.
func TestManyConcessions(t *testing.T) {
	s := &Schema{Type: "array", Items: &Schema{Type: "string", Enum: []string{`"a"`}}}
	text := "[" + strings.Repeat(`"b",`, 5000)
	_, concessions, err := s.CheckTolerant([]byte(text+`"b"]`), Undirected)
	if err != nil || len(concessions) != maxReported+1 {
		t.Fatalf("%d concessions, %v; want %d", len(concessions), err, maxReported+1)
	}
	if last := concessions[maxReported].String(); last != "the value: want no further deviations; there are 4001 more" {
		t.Errorf("the last concession is %s", last)
	}
	if _, _, err = s.CheckTolerant([]byte(text+`7]`), Undirected); err == nil || !strings.Contains(err.Error(), "/5000") {
		t.Errorf("the last item was not looked at: %v", err)
	}
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"0", "-0.0e5", 0}, {"1", "1.0", 0}, {"10e-1", "1", 0}, {"0.1", "0.10000000000000000001", -1}, {"-2", "-1", -1},
		{"-1", "1", -1}, {"0", "-1e-400", 1}, {"0", "1e-400", -1}, {"9", "10", -1}, {"-9", "-10", 1},
		{"1e999999999999", "1e5", 1}, {"-1e999999999999", "1e5", -1}, {"1e-999999999999", "1e-5", -1}, {"0e999999999999", "0", 0},
		{"9007199254740993", "9007199254740992", 1}, {"120", "12e1", 0}, {"0.00012", "1.2E-4", 0},
	} {
		x, y := parseDecimal(c.a), parseDecimal(c.b)
		if got, reverse := x.compare(y), y.compare(x); got != c.want || reverse != -c.want {
			t.Errorf("compare(%s, %s) = %d and %d, want %d", c.a, c.b, got, reverse, c.want)
		}
		if same := Canonical(c.a) == Canonical(c.b); same != (c.want == 0) {
			t.Errorf("canonical: %s and %s", Canonical(c.a), Canonical(c.b))
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"0", "7", true}, {"0.3", "0.1", true}, {"0.35", "0.1", false}, {"5", "2.5", true}, {"-7.5", "2.5", true}, {"1e300", "3", false},
		{"3e300", "3", true}, {"1e-7", "1e-7", true}, {"1e-8", "1e-7", false}, {"1e1000000", "7", false}, {"1e-1000000", "7", false},
		{"123456789012345678901234567890", "10", true}, {"0.75", "0.25", true}, {"1", "3e5", false}, {"6e5", "3e5", true},
	} {
		if got := parseDecimal(c.a).multipleOf(parseDecimal(c.b)); got != c.want {
			t.Errorf("%s multiple of %s: %t", c.a, c.b, got)
		}
	}
	for literal, want := range map[string]string{
		"-0": "0", "0e9": "0", "1.50e1": "15", "-12.0": "-12", "1e19": "10000000000000000000", "99999999999999999999": "99999999999999999999",
		"1e20": "", "0.5": "", "1e999999999999": "", "1e-999999999999": "",
	} {
		if got, ok := parseDecimal(literal).integer(); got != want || ok != (want != "") {
			t.Errorf("%s as an integer: %q, %t; want %q", literal, got, ok, want)
		}
	}
	for literal, want := range map[string]bool{
		"1e308": true, "1e309": false, "-1e309": false, "5e-324": true, "1e-400": false, "0e-400": true, "0.0e999": true,
		strings.Repeat("9", 400): false, "0." + strings.Repeat("0", 400) + "1": false, "1." + strings.Repeat("0", 400): true,
	} {
		if got := isDouble(literal); got != want {
			t.Errorf("isDouble(%.20s) = %t", literal, got)
		}
	}
}

// A short text must not keep a server busy.
func TestHugeNumbersAreQuick(t *testing.T) {
	s := &Schema{Type: "number", Minimum: "0", Maximum: "1e300", MultipleOf: "0.000001"}
	for _, literal := range []string{"1e999999999", "1e-999999999", "1" + strings.Repeat("0", 1_000_000), "0." + strings.Repeat("3", 100_000), "1e308"} {
		if _, err := s.Check([]byte(literal), Undirected); err == nil {
			t.Errorf("%.20s is valid", literal)
		}
		if _, err := intSchema.Check([]byte(literal), Undirected); err == nil {
			t.Errorf("%.20s is a valid integer", literal)
		}
	}
}

// Unions within unions cost no more than their number, however deep the value is.
func TestNestedUnionsAreQuick(t *testing.T) {
	tree := &Schema{}
	*tree = Schema{OneOf: []*Schema{
		{Type: "object", Required: []string{"a"}, Properties: member1("a", tree), Not: &Schema{Properties: member1("a", tree), Required: []string{"b"}}},
		{Type: "object", Required: []string{"b"}, Properties: member1("a", tree)},
		textSchema,
	}}
	const depth = MaxDepth - 1 // anything exponential would run into the timeout of go test
	text := strings.Repeat(`{"a":`, depth) + `"x"` + strings.Repeat(`}`, depth)
	if _, err := tree.Check([]byte(text), Undirected); err != nil {
		t.Error(err)
	}
}

// Names that differ only in case are members of their own, if another part of an allOf declares them.
func TestMembersThatDifferInCase(t *testing.T) {
	text := &Schema{Type: "string"}
	lower := &Schema{Type: "object", Properties: []Property{{Name: "id", Schema: text}}}
	upper := &Schema{Type: "object", Properties: []Property{{Name: "ID", Schema: text}}}
	for _, c := range []struct {
		schema    *Schema
		text, out string
	}{
		{&Schema{AllOf: []*Schema{lower, upper}}, `{"id":"x","ID":"y"}`, `{"id":"x","ID":"y"}`},
		{&Schema{AllOf: []*Schema{lower, upper}}, `{"id":"x","Id":"z","ID":"y"}`, `{"id":"x","ID":"y"}`},
		{&Schema{OneOf: []*Schema{{AllOf: []*Schema{lower, upper}}, {Type: "string"}}}, `{"ID":"y","id":"x"}`, `{"ID":"y","id":"x"}`},
		{lower, `{"id":"x","ID":"y"}`, `{"id":"x"}`},
	} {
		if got, err := c.schema.Check([]byte(c.text), Undirected); err != nil || string(got) != c.out {
			t.Errorf("%s: got %s, %v; want %s", c.text, got, err, c.out)
		}
	}
}

// What several parts of an allOf say alike is said once.
func TestViolationsAreDistinct(t *testing.T) {
	part := &Schema{Type: "object", Required: []string{"id"}}
	_, err := (&Schema{AllOf: []*Schema{part, part}}).Check([]byte(`1`), Undirected)
	if want := "the value: want an object, got 1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The text of an error stays short, however deep the unions nest whose variants do not fit.
func TestErrorsOfNestedUnionsAreShort(t *testing.T) {
	expr := &Schema{Name: "Expr"}
	*expr = Schema{OneOf: []*Schema{
		{Type: "object", Required: []string{"op", "of"}, Properties: []Property{{"of", expr}, {"op", &Schema{Enum: []string{`"and"`}}}}},
		{Type: "object", Required: []string{"op", "of"}, Properties: []Property{{"of", expr}, {"op", &Schema{Enum: []string{`"or"`}}}}},
		{Type: "string"},
	}}
	text := strings.Repeat(`{"op":"and","of":`, MaxDepth-1) + `1` + strings.Repeat(`}`, MaxDepth-1)
	_, err := expr.Check([]byte(text), Undirected)
	if err == nil || len(err.Error()) > 2*maxText {
		t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
	}
}

// A refinement of a recursive member doubles the ways to each value, but not the work.
func TestRefinedRecursionIsLinear(t *testing.T) {
	node := &Schema{}
	children := func(s *Schema) []Property { return []Property{{"children", s}} }
	*node = Schema{AllOf: []*Schema{
		{Type: "object", Properties: children(&Schema{Type: "array", Items: node})},
		{Type: "object", Properties: children(&Schema{Type: "array", Items: node, MaxItems: 1, HasMaxItems: true})},
	}}
	const depth = MaxDepth/2 - 1
	text := strings.Repeat(`{"children":[`, depth) + strings.Repeat(`]}`, depth)
	if _, err := node.Check([]byte(text), Undirected); err != nil {
		t.Error(err)
	}
	if _, err := node.Check([]byte(strings.Replace(text, "[]", "[{},{}]", 1)), Undirected); err == nil {
		t.Error("two children are one too many")
	}
}

// What is wrong with a text does not decide what it costs.
func TestViolationsAreCapped(t *testing.T) {
	list := &Schema{Type: "array", Items: &Schema{Type: "object", Required: []string{"a", "b", "c"}}}
	_, err := list.Check([]byte("["+strings.Repeat("{},", 100_000)+"{}]"), Undirected)
	var invalid *ValidationError
	if !errors.As(err, &invalid) || len(invalid.Violations) != maxReported+1 {
		t.Errorf("%d violations", len(invalid.Violations))
	}
	if last := invalid.Violations[maxReported].String(); last != "the value: want no further deviations; there are 299003 more" {
		t.Errorf("the last violation is %s", last)
	}
	long := &Schema{Type: "object", AdditionalProperties: &Schema{Type: "array", Items: &Schema{Type: "string"}}}
	_, err = long.Check([]byte(`{"`+strings.Repeat("x", 100_000)+`":[`+strings.Repeat("1,", 10_000)+`1]}`), Undirected)
	if !errors.As(err, &invalid) || len(invalid.Violations) > 5 {
		t.Errorf("%d violations with a long pointer", len(invalid.Violations))
	}
}

// A sensitive value is shown by nobody, whoever complains about it.
func TestSensitiveValuesStayHidden(t *testing.T) {
	secret := &Schema{Type: "string", Sensitive: true}
	for name, s := range map[string]*Schema{
		"allOf":       {AllOf: []*Schema{secret}, MinLength: 20},
		"oneOf":       {OneOf: []*Schema{{Type: "string", Sensitive: true, MinLength: 20}, {Type: "integer"}}},
		"anyOf":       {AnyOf: []*Schema{{Type: "string", Sensitive: true, MinLength: 20}}},
		"not":         {Not: secret},
		"member":      {Type: "object", Sensitive: true, Properties: []Property{{"a", &Schema{Type: "integer"}}}},
		"item":        {Type: "array", Sensitive: true, Items: &Schema{Type: "integer"}},
		"uniqueItems": {Type: "array", UniqueItems: true, Items: secret},
	} {
		text := map[string]string{"member": `{"a":"hunter2"}`, "item": `["hunter2"]`, "uniqueItems": `["hunter2","hunter2"]`}[name]
		_, err := s.Check([]byte(cmp.Or(text, `"hunter2"`)), Undirected)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where many unions stand below a long name, the wrong variants are not worth spelling that name out for each.
func TestLongPlacesAreQuick(t *testing.T) {
	union := &Schema{OneOf: []*Schema{intSchema, textSchema}}
	s := &Schema{AdditionalProperties: &Schema{Type: "array", Items: union}}
	text := []byte(`{"` + strings.Repeat("x", 1<<19) + `":[` + strings.Repeat(`"a",{},`, 1<<17) + `"a"]}`)
	if _, err := s.Check(text, Undirected); err == nil {
		t.Error("an object is accepted for a number or a text")
	}
	if _, concessions, err := s.CheckTolerant(text, Undirected); err != nil || len(concessions) != 2 || concessions[1].Rule != "more" {
		t.Errorf("%d concessions, %v", len(concessions), err)
	}
}
