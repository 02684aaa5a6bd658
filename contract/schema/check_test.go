package schema

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// violatedRules names the violations of an error as "pointer rule", in their order.
func violatedRules(err error) []string {
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

// has declares a member.
func has(name string, s *Schema) Property { return Property{Name: name, Schema: s} }

// object describes an object with members that are sorted by name. The required ones are separated by spaces.
func object(required string, members ...Property) *Schema {
	return &Schema{Types: Object, Properties: members, Required: strings.Fields(required)}
}

// closed is an object without other members than the declared ones.
func closed(required string, members ...Property) *Schema {
	s := object(required, members...)
	s.Additional = False
	return s
}

func list(items *Schema) *Schema { return &Schema{Types: Array, Items: items} }

func oneOf(variants ...*Schema) *Schema { return &Schema{OneOf: variants} }

// constant accepts one string.
func constant(value string) *Schema { return &Schema{Types: String, Enum: []string{quote(value)}} }

var (
	textSchema    = &Schema{Types: String}
	numberSchema  = &Schema{Types: Number}
	integerSchema = &Schema{Types: Integer}
)

func TestCheck(t *testing.T) {
	limited := &Schema{Types: Number, Minimum: "-1.5", Maximum: "2.5"}
	open := &Schema{Types: Number, ExclusiveMinimum: "0", ExclusiveMaximum: "1"}
	ab := object("b a", has("a", textSchema), has("b", integerSchema))
	untyped := &Schema{Properties: []Property{has("a", textSchema)}, Required: []string{"a"}}
	format := func(t Types, name string) *Schema { return &Schema{Types: t, Format: name} }
	for _, c := range []struct {
		schema *Schema
		text   string
		want   []string // nil if the text is valid
	}{
		// type, nullable
		{anything, `{"a":[1,"x",true,null]}`, nil},
		{anything, `null`, nil},
		{anything, `1e400`, nil},
		{False, `null`, []string{"false"}},
		{textSchema, `"x"`, nil},
		{textSchema, `1`, []string{"type"}},
		{numberSchema, `-0.5e-3`, nil},
		{numberSchema, `1`, nil},
		{numberSchema, `"1"`, []string{"type"}},
		{&Schema{Types: Boolean}, `false`, nil},
		{&Schema{Types: Boolean}, `0`, []string{"type"}},
		{&Schema{Types: Array}, `[]`, nil},
		{&Schema{Types: Array}, `{}`, []string{"type"}},
		{&Schema{Types: Object}, `{}`, nil},
		{&Schema{Types: Object}, `[]`, []string{"type"}},
		{&Schema{Types: String | Null}, `null`, nil},
		{&Schema{Types: String | Integer}, `1`, nil},
		{&Schema{Types: String | Integer}, `1.5`, []string{"type"}},
		{&Schema{Types: String | Null, Enum: []string{`"a"`}}, `null`, []string{"enum"}}, // unlike nullable
		{&Schema{Types: String, Nullable: true, MinLength: 1, Enum: []string{`"a"`}}, `null`, nil},
		{&Schema{AllOf: []*Schema{{Types: String, Nullable: true}, textSchema}}, `null`, []string{"type"}},
		{&Schema{AnyOf: []*Schema{{Types: String, Nullable: true}, textSchema}}, `null`, nil},

		// null and other values where there is no type
		{&Schema{MinLength: 3, Minimum: "5", Required: []string{"a"}}, `null`, nil},
		{&Schema{Enum: []string{`"a"`}}, `null`, []string{"enum"}},
		{&Schema{Enum: []string{`"a"`, "null"}}, `null`, nil},
		{&Schema{Not: &Schema{Enum: []string{"null"}}}, `null`, []string{"not"}},
		{&Schema{AllOf: []*Schema{{Types: String, Nullable: true}, {MinLength: 1}}}, `null`, nil},
		{&Schema{AnyOf: []*Schema{textSchema, {Minimum: "5"}}}, `null`, nil},
		{&Schema{Items: anything}, `[null]`, nil},
		{&Schema{Additional: anything}, `{"a":null}`, nil},
		{untyped, `"x"`, nil},
		{untyped, `[1]`, nil},
		{untyped, `{}`, []string{"/a required"}},
		{&Schema{Minimum: "5"}, `"a"`, nil},

		// integer and its formats
		{integerSchema, `65000.0`, nil},
		{integerSchema, `1.5`, []string{"type"}},
		{integerSchema, `1e-400`, []string{"type"}},
		{integerSchema, `1e19`, nil}, // what a Go type cannot hold is for its reader to refuse
		{format(Integer, "int64"), `-9223372036854775808`, nil},
		{format(Integer, "int64"), `9223372036854775808`, []string{"format"}},
		{format(Integer, "int64"), `1e19`, []string{"format"}},
		{format(Integer, "int32"), `2147483648`, []string{"format"}},
		{format(Integer, "int32"), `2147483647.0`, nil},
		{format(Integer, "int8"), `-129`, []string{"format"}},
		{format(Integer, "uint8"), `-1`, []string{"format"}},
		{format(Integer, "uint64"), `18446744073709551615`, nil},
		{format(Integer, "uint64"), `18446744073709551616`, []string{"format"}},
		{format(Number, "double"), `1e400`, []string{"format"}},
		{format(Number, "double"), `1e-400`, []string{"format"}},
		{format(Number, "double"), `0e-400`, nil},
		{format(Number, "float"), `1e39`, []string{"format"}},

		// enum
		{&Schema{Types: Number, Enum: []string{"1", "null"}}, `1.0e0`, nil},
		{&Schema{Types: Number, Enum: []string{"1"}}, `2`, []string{"enum"}},
		{&Schema{Enum: []string{Canonical(`{"a":[1.50,"x"],"b":null}`)}}, ` {"b":null, "a":[15e-1,"\u0078"]}`, nil},
		{&Schema{Enum: []string{`"a\"b"`}}, `"a\u0022b"`, nil},
		{&Schema{Enum: []string{"true"}}, `false`, []string{"enum"}},
		{&Schema{Enum: strings.Fields("1 2 3 4 5 6 7 8 9 10")}, `10.0`, nil},
		{&Schema{Enum: strings.Fields("1 2 3 4 5 6 7 8 9 10")}, `11`, []string{"enum"}},

		// minimum, maximum, multipleOf
		{limited, `-1.5`, nil},
		{limited, `-1.50000000000000000001`, []string{"minimum"}},
		{limited, `2.50`, nil},
		{limited, `2.6`, []string{"maximum"}},
		{limited, `1e400`, []string{"maximum"}},
		{limited, `1e-400`, nil},
		{open, `0.5`, nil},
		{open, `-0.0`, []string{"exclusiveMinimum"}},
		{open, `1`, []string{"exclusiveMaximum"}},
		{&Schema{Types: Integer, Minimum: "9007199254740993"}, `9007199254740992`, []string{"minimum"}},
		{&Schema{Types: Integer, Maximum: "1e30"}, `1000000000000000000000000000001`, []string{"maximum"}},
		{&Schema{Types: Number, MultipleOf: "0.1"}, `0.3`, nil},
		{&Schema{Types: Number, MultipleOf: "0.1"}, `0.35`, []string{"multipleOf"}},
		{&Schema{Types: Integer, Maximum: "5", MultipleOf: "2"}, `7`, []string{"maximum", "multipleOf"}},

		// minLength, maxLength, pattern, format
		{&Schema{Types: String, MinLength: 2}, `"é"`, []string{"minLength"}},
		{&Schema{Types: String, MaxLength: 3}, `"𝄞é"`, nil},
		{&Schema{Types: String, MaxLength: 1}, `"x"`, []string{"maxLength"}},
		{&Schema{Types: String, Pattern: "b"}, `"abc"`, nil},
		{&Schema{Types: String, Pattern: "^b$", MinLength: 4}, `"abc"`, []string{"minLength", "pattern"}},
		{format(String, "uuid"), `"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`, nil},
		{format(String, "uuid"), `"182bd5e56e1a4fe4a799aa6d9a6ab26e"`, []string{"format"}},
		{format(String, "no such format"), `""`, nil},
		{format(String, "binary"), `"\u0000é"`, nil},

		// items, prefixItems, minItems, maxItems, uniqueItems, contains
		{list(integerSchema), `[1,"2",3.5]`, []string{"/1 type", "/2 type"}},
		{&Schema{PrefixItems: []*Schema{textSchema}, Items: integerSchema}, `["x",1,"y"]`, []string{"/2 type"}},
		{&Schema{PrefixItems: []*Schema{textSchema, textSchema}}, `["x"]`, nil},
		{&Schema{Types: Array, MinItems: 1}, `[]`, []string{"minItems"}},
		{&Schema{Types: Array, MaxItems: 2}, `[1,2]`, []string{"maxItems"}},
		{&Schema{Types: Array, UniqueItems: true}, `[1,"1",true,[1],{"a":1},null]`, nil},
		{&Schema{Types: Array, UniqueItems: true}, `[{"a":1,"b":2},1,{"b":2.0,"a":1e0},1.0]`, []string{"/2 uniqueItems", "/3 uniqueItems"}},
		{&Schema{Contains: integerSchema, MinContains: 1, MaxContains: 3}, `[]`, []string{"contains"}},
		{&Schema{Contains: integerSchema, MinContains: 1, MaxContains: 3}, `[1,"x",2]`, nil},
		{&Schema{Contains: integerSchema, MinContains: 1, MaxContains: 3}, `[1,2,3]`, []string{"maxContains"}},
		{&Schema{PrefixItems: []*Schema{textSchema}, UnevaluatedItems: False}, `["x",1]`, []string{"/1 unevaluatedItems"}},

		// properties, required, additionalProperties, minProperties, maxProperties and the like
		{ab, `{"b":1,"a":"x","c":null}`, nil},
		{ab, `{"a":1}`, []string{"/b required", "/a type"}},
		{ab, `{}`, []string{"/b required", "/a required"}},
		{closed("", has("a", integerSchema)), `{"a":1,"x/y~z":2,"A":3}`, []string{"/x~1y~0z additionalProperties", "/A additionalProperties"}},
		{&Schema{Types: Object, Properties: []Property{has("a", integerSchema)}, Additional: textSchema}, `{"a":1,"b":"x","c":1}`, []string{"/c type"}},
		{&Schema{Types: Object, Patterns: []PatternProperty{{"^x-", integerSchema}, {"y$", textSchema}}, Additional: False}, `{"x-y":1,"a":1}`,
			[]string{"/x-y type", "/a additionalProperties"}},
		{&Schema{Types: Object, MinProperties: 1}, `{}`, []string{"minProperties"}},
		{&Schema{Types: Object, MaxProperties: 1}, `{"a":1}`, []string{"maxProperties"}},
		{&Schema{Names: &Schema{MaxLength: 3}}, `{"ab":1,"abc":2,"\u0061b\u0063d":3}`, []string{"/abc propertyNames", "/abcd propertyNames"}},
		{&Schema{DependentRequired: []Dependency{{"a", []string{"b", "c"}}}}, `{"a":1,"b":1}`, []string{"/c dependentRequired"}},
		{&Schema{DependentSchemas: []Property{has("a", object("b"))}}, `{"a":1}`, []string{"/b required"}},
		{&Schema{UnevaluatedProperties: False, AllOf: []*Schema{object("", has("a", textSchema))}}, `{"a":"x","b":1}`, []string{"/b unevaluatedProperties"}},

		// allOf, anyOf, oneOf, not, if
		{&Schema{AllOf: []*Schema{{Types: String, MinLength: 2}, {Pattern: "^a"}}}, `"b"`, []string{"minLength", "pattern"}},
		{&Schema{AnyOf: []*Schema{textSchema, integerSchema}}, `1`, nil},
		{&Schema{AnyOf: []*Schema{textSchema, integerSchema}}, `1.5`, []string{"type"}}, // it can only be the integer
		{&Schema{AnyOf: []*Schema{textSchema, integerSchema}}, `true`, []string{"anyOf"}},
		{oneOf(numberSchema, integerSchema), `1.5`, nil},
		{oneOf(numberSchema, integerSchema), `1`, []string{"oneOf"}},
		{oneOf(numberSchema, integerSchema), `"1"`, []string{"oneOf"}},
		{&Schema{OneOf: []*Schema{textSchema, integerSchema}, AnyOf: []*Schema{{MinLength: 3}, {Pattern: "^b"}}}, `"ab"`, []string{"anyOf"}},
		{&Schema{Not: integerSchema}, `1.5`, nil},
		{&Schema{Not: integerSchema}, `15e-1`, nil},
		{&Schema{Not: integerSchema}, `10e-1`, []string{"not"}},
		{&Schema{If: textSchema, Then: &Schema{MinLength: 2}, Else: &Schema{Minimum: "2"}}, `"x"`, []string{"minLength"}},
		{&Schema{If: textSchema, Then: &Schema{MinLength: 2}, Else: &Schema{Minimum: "2"}}, `1`, []string{"minimum"}},
		{&Schema{If: textSchema, Then: &Schema{MinLength: 2}}, `1`, nil},
	} {
		err := c.schema.Check([]byte(c.text), Undirected)
		if got := violatedRules(err); (err == nil) != (c.want == nil) || !slices.Equal(got, c.want) {
			t.Errorf("%.60s: got %q, want %q (%v)", c.text, got, c.want, err)
		}
	}
}

// Text that is not JSON.
func TestCheckText(t *testing.T) {
	for text, want := range map[string]string{
		``:                          "syntax",
		`{"a":`:                     "syntax",
		`{"a":01}`:                  "syntax",
		`[1}`:                       "syntax",
		"\"\xff\"":                  "syntax",
		`"\ud800"`:                  "syntax",
		`{"a":{"b":1,"b":1}}`:       "/a/b duplicate",
		`{"a":1,"\u0061":1}`:        "/a duplicate",
		`[0,{"":[{"x~/":1,"x~/":1}`: "/1//0/x~0~1 duplicate",
		`1 2`:                       "trailing",
		strings.Repeat("[", 64) + strings.Repeat("]", 64):       "",
		strings.Repeat("[", 64) + "1" + strings.Repeat("]", 64): "",
		strings.Repeat("[", 65) + strings.Repeat("]", 65):       "depth",
	} {
		for _, dir := range []Direction{Undirected, InResponse} {
			_, err := anything.CheckTolerant([]byte(text), dir)
			if dir == Undirected {
				err = anything.Check([]byte(text), dir)
			}
			if got := strings.Join(violatedRules(err), ", "); got != want {
				t.Errorf("%.60s: got %q, want %q (%v)", text, got, want, err)
			}
		}
	}
}

func TestCheckDirection(t *testing.T) {
	s := &Schema{Types: Object, Required: []string{"id", "key"}, Properties: []Property{
		{Name: "id", Schema: integerSchema, ReadOnly: true}, {Name: "key", Schema: textSchema, WriteOnly: true},
	}}
	for _, c := range []struct {
		dir  Direction
		text string
		want []string
	}{
		{Undirected, `{"id":1,"key":"k"}`, nil},
		{Undirected, `{"id":1}`, nil},    // a response
		{Undirected, `{"key":"k"}`, nil}, // a request
		{InRequest, `{"key":"k"}`, nil},
		{InRequest, `{"id":1}`, []string{"/key required", "/id readOnly"}},
		{InResponse, `{"id":1}`, nil},
		{InResponse, `{"id":1,"key":"k"}`, []string{"/key writeOnly"}},
	} {
		if got := violatedRules(s.Check([]byte(c.text), c.dir)); !slices.Equal(got, c.want) {
			t.Errorf("%d %s: got %q, want %q", c.dir, c.text, got, c.want)
		}
	}
}

// Names that differ only in case are different members.
func TestMembersThatDifferInCase(t *testing.T) {
	lower, upper := closed("", has("id", textSchema)), object("", has("ID", integerSchema))
	for _, c := range []struct {
		schema *Schema
		text   string
		want   []string
	}{
		{&Schema{AllOf: []*Schema{object("", has("id", textSchema)), upper}}, `{"id":"x","ID":1}`, nil},
		{&Schema{AllOf: []*Schema{object("", has("id", textSchema)), upper}}, `{"id":"x","Id":[],"ID":"y"}`, []string{"/ID type"}},
		{lower, `{"id":"x","ID":"y"}`, []string{"/ID additionalProperties"}},
	} {
		if got := violatedRules(c.schema.Check([]byte(c.text), Undirected)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	inner := oneOf(integerSchema, textSchema)
	byName := &Schema{
		Nullable:   true,
		Properties: []Property{has("inner", inner)},
		OneOf:      []*Schema{object("a"), object("b")},
	}
	byTag := oneOf(object("kind", has("kind", constant("cat"))), object("kind", has("kind", constant("dog"))))
	for _, c := range []struct {
		union *Schema
		text  string
		want  int
	}{
		{byName, `{"a":1}`, 0},
		{byName, `{"b":1}`, 1},
		{byName, `{"b":1,"inner":1}`, 1},
		{byName, `{"a":1,"b":1}`, NoVariant},
		{byName, `{}`, NoVariant},
		{byTag, `{"kind":"dog"}`, 1},
		{byTag, `{"kind":"cow"}`, NoVariant},
		{&Schema{AnyOf: []*Schema{numberSchema, integerSchema}}, `1`, 0},
		{inner, `"x"`, 1},
		{inner, `nil`, NoVariant},
	} {
		if got := c.union.Choose([]byte(c.text)); got != c.want {
			t.Errorf("%s: got %d, want %d", c.text, got, c.want)
		}
	}
}

// Unions within unions cost no more than their number, however deep the value is. Anything exponential would run into the timeout of go test.
func TestNestedUnions(t *testing.T) {
	tree := &Schema{}
	*tree = Schema{OneOf: []*Schema{
		{Types: Object, Required: []string{"a"}, Properties: []Property{has("a", tree)}, Not: &Schema{Properties: []Property{has("a", tree)}, Required: []string{"b"}}},
		object("b", has("a", tree)),
		textSchema,
	}}
	const depth = MaxDepth - 1
	text := strings.Repeat(`{"a":`, depth) + `"x"` + strings.Repeat(`}`, depth)
	if err := tree.Check([]byte(text), Undirected); err != nil {
		t.Error(err)
	}
}

// A refinement of a recursive member doubles the ways to each value, but not the work.
func TestRefinedRecursion(t *testing.T) {
	node := &Schema{}
	*node = Schema{AllOf: []*Schema{
		object("", has("children", list(node))),
		object("", has("children", &Schema{Types: Array, Items: node, MaxItems: 2})),
	}}
	const depth = MaxDepth/2 - 1
	text := strings.Repeat(`{"children":[`, depth) + strings.Repeat(`]}`, depth)
	if err := node.Check([]byte(text), Undirected); err != nil {
		t.Error(err)
	}
	if err := node.Check([]byte(strings.Replace(text, "[]", "[{},{}]", 1)), Undirected); len(violatedRules(err)) != 1 {
		t.Errorf("two children are one too many: %v", err)
	}
}

// Schemas that are parts of themselves by way of every keyword end with the value.
func TestRecursiveSchemas(t *testing.T) {
	for name, build := range map[string]func(s *Schema) Schema{
		"items":            func(s *Schema) Schema { return Schema{Items: s, Types: Array | Integer} },
		"prefixItems":      func(s *Schema) Schema { return Schema{PrefixItems: []*Schema{s}, Types: Array | Integer} },
		"contains":         func(s *Schema) Schema { return Schema{Contains: s, MinContains: 1, Types: Array | Integer} },
		"unevaluatedItems": func(s *Schema) Schema { return Schema{UnevaluatedItems: s, Types: Array | Integer} },
		"not":              func(s *Schema) Schema { return Schema{Types: Array | Integer, Items: &Schema{Not: &Schema{Not: s}}} },
		"oneOf":            func(s *Schema) Schema { return Schema{OneOf: []*Schema{integerSchema, list(s)}} },
		"anyOf":            func(s *Schema) Schema { return Schema{AnyOf: []*Schema{list(s), integerSchema}} },
		"allOf": func(s *Schema) Schema {
			return Schema{Types: Array | Integer, AllOf: []*Schema{{Items: s}, {Items: s}}}
		},
		"if": func(s *Schema) Schema { return Schema{If: list(s), Else: integerSchema} },
		"unions of each other": func(s *Schema) Schema {
			return Schema{OneOf: []*Schema{{AnyOf: []*Schema{list(s), textSchema}}, integerSchema}}
		},
		"a union of itself only": func(s *Schema) Schema {
			return Schema{OneOf: []*Schema{list(s), {AllOf: []*Schema{integerSchema, {AnyOf: []*Schema{list(s), integerSchema}}}}}}
		},
	} {
		s := &Schema{}
		*s = build(s)
		for text, valid := range map[string]bool{`[[[1]]]`: true, `[[[true]]]`: false} {
			if err := s.Check([]byte(text), Undirected); (err == nil) != valid {
				t.Errorf("%s, %s: %v", name, text, err)
			}
			if _, err := s.CheckTolerant([]byte(text), Undirected); valid && err != nil {
				t.Errorf("%s, %s, tolerantly: %v", name, text, err)
			}
		}
	}
}

// A checker is used again for other texts and schemas, and forgets what it has found out.
func TestCheckerIsReused(t *testing.T) {
	s := oneOf(object("a", has("a", textSchema)), object("b", has("b", textSchema)))
	c := NewChecker()
	defer c.Free()
	for range 2 {
		for text, want := range map[string]int{`{"a":"x"}`: 0, `{"b":"x"}`: 1, `{"a":1}`: 1} {
			c.Parse(text, 0, Undirected, Strict)
			c.CheckAt(s, 0)
			if failed := want == 1 && text == `{"a":1}`; c.Failed != failed {
				t.Errorf("%s: %v", text, c.List)
			}
			if got := c.ChooseAt(s, 0); text != `{"a":1}` && got != want {
				t.Errorf("%s: variant %d", text, got)
			}
		}
	}
	c.Parse(` [1,{"a":"x"}] `, 4, Undirected, Strict)
	if !c.Covers(4) || c.Covers(3) || c.Covers(13) {
		t.Error("the checker covers another part of the text")
	}
	if c.CheckAt(s, 6); len(c.List) != 0 { // no value begins there
		t.Errorf("%v", c.List)
	}
}
