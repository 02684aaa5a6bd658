package schema

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// The messages that people see most.
func TestMessages(t *testing.T) {
	cat := object("lives", has("lives", integerSchema))
	cat.Name = "Cat"
	dog := object("breed", has("breed", constant("husky")))
	dog.Name = "Dog"
	pet := oneOf(cat, dog)
	chosen := &Schema{Types: Object, OneOf: pet.OneOf, Discriminator: &Discriminator{Property: "kind", Mapping: []Mapping{{"cat", 0}, {"dog", 1}}}}
	fallback := &Schema{Types: Object, OneOf: pet.OneOf, Discriminator: &Discriminator{Property: "kind", Mapping: chosen.Discriminator.Mapping, Default: 2}}
	secret := closed("", has("key", &Schema{Types: String, MinLength: 9, Sensitive: true}))
	for _, c := range []struct {
		schema     *Schema
		text, want string
	}{
		{&Schema{Types: String, Format: "uuid"}, `"x"`, `the value: want a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", got "x"`},
		{&Schema{Types: String, Enum: []string{`"1G"`, `"2G"`}}, `"3G"`, `the value: want one of "1G", "2G", got "3G"`},
		{&Schema{Types: Integer, Format: "int32"}, `1e10`, `the value: want an integer that fits 32 bits, got 1e10`},
		{&Schema{Types: Number, Format: "double"}, `"1"`, `the value: want a number, got "1"`},
		{textSchema, `[1]`, `the value: want a string, got an array of 1 item`},
		{textSchema, `null`, `the value: want a string, got null`},
		{&Schema{Types: String | Number | Integer | Null}, `[]`, `the value: want a number, a string or null, got an array of 0 items`},
		{False, `1`, `the value: want no value here; the document allows none, got 1`},
		{&Schema{Types: String, MaxLength: 2}, `"` + strings.Repeat("é", 60) + `"`,
			`the value: want at most 1 character, got "` + strings.Repeat("é", 30) + `…"`},
		{cat, `{}`, `/lives: want an integer; it is missing`},
		{cat, `{"lives":1,"lives":2}`, `/lives: want each member name once`},
		{cat, `{"lives":`, `the value: want a complete JSON value; the text ends at byte 9`},
		{secret, `{"key":"k","Key":1}`, `/key: want at least 9 characters; /Key: want no such member; names are matched exactly: "key"`},
		{pet, `{"breed":"cow"}`, `the value: want exactly one of Cat, Dog, got an object ` +
			`(not Cat because /lives: want an integer; it is missing; not Dog because /breed: want "husky", got "cow")`},
		{pet, `{"breed":"husky","lives":9}`, `the value: want exactly one of Cat, Dog; this fits Cat and Dog, got an object`},
		{list(pet), `[{"breed":"cow"}]`, `/0: want exactly one of Cat, Dog, got an object ` +
			`(not Cat because /lives: want an integer; it is missing; not Dog because /breed: want "husky", got "cow")`},
		{chosen, `{"kind":"cow"}`, `/kind: want one of "cat", "dog", got "cow"`},
		{chosen, `{"kind":1}`, `/kind: want one of "cat", "dog", got 1`},
		{fallback, `{"kind":1}`, `/kind: want a string, got 1`},
		{fallback, `{"kind":null}`, `/kind: want a string, got null`},
		{chosen, `{}`, `/kind: want one of "cat", "dog"; it is missing`},
		{chosen, `1`, `the value: want an object, got 1`},
		{chosen, `{"kind":"dog","lives":1}`, `/breed: want "husky"; it is missing`},
		{&Schema{Not: &Schema{AnyOf: []*Schema{object("a"), object("b")}}}, `{"b":1}`,
			`the value: want no member "a", "b" beside the others, got an object`},
		{&Schema{Names: &Schema{Enum: []string{`"a"`, `"b"`}}}, `{"c":1}`, `/c: want a member name that is one of "a", "b"`},
		{&Schema{Names: &Schema{Pattern: "^[a-z]+$", MinLength: 2, MaxLength: 4}}, `{"C":1}`,
			`/C: want a member name that has at least 2 characters and has at most 3 characters and matches ^[a-z]+$`},
		{&Schema{Names: &Schema{Not: constant("c")}}, `{"c":1}`, `/c: want a member name as the document describes it`},
		{&Schema{AnyOf: []*Schema{textSchema, cat, dog}}, `1`, `the value: want at least one of a string, Cat, Dog, got 1 ` +
			`(not Cat because the value: want an object, got 1; not Dog because the value: want an object, got 1)`},
		{oneOf(textSchema, integerSchema), `true`, `the value: want exactly one of a string, an integer, got true`},
		{oneOf(constant("a"), constant("b")), `"c"`, `the value: want exactly one of "a", "b", got "c"`},
		{&Schema{AnyOf: []*Schema{cat, dog}}, `{"x":"` + strings.Repeat("x", 1<<14) + `"}`,
			`the value: want at least one of Cat, Dog, got an object`},
		{&Schema{AnyOf: []*Schema{dog, object("y")}, OneOf: []*Schema{cat, textSchema}}, `{"lives":1}`,
			`the value: want a value that fits at least one of 2 schemas, got an object`},
		{&Schema{Not: textSchema}, `"x"`, `the value: want a value that does not fit the schema under not, got "x"`},
	} {
		err := c.schema.Check([]byte(c.text), Undirected)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.60s\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

// What several parts of an allOf say alike is said once.
func TestViolationsAreDistinct(t *testing.T) {
	err := (&Schema{AllOf: []*Schema{object("id"), object("id")}}).Check([]byte(`1`), Undirected)
	if want := "the value: want an object, got 1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The text of an error stays short, however deep the unions nest whose variants do not fit.
func TestErrorsOfNestedUnionsAreShort(t *testing.T) {
	expr := &Schema{Name: "Expr"}
	*expr = Schema{OneOf: []*Schema{
		object("op of", has("of", expr), has("op", constant("and"))),
		object("op of", has("of", expr), has("op", &Schema{MinLength: 1})),
		textSchema,
	}}
	text := strings.Repeat(`{"op":"and","of":`, MaxDepth-1) + `1` + strings.Repeat(`}`, MaxDepth-1)
	if err := expr.Check([]byte(text), Undirected); err == nil || len(err.Error()) > 2*maxVariantsText {
		t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
	}
}

// Violations that are one value, or one member, have the pointer of that; all of them are in the order of the text.
func TestViolationsAreInOrder(t *testing.T) {
	s := closed("z", has("a", list(integerSchema)), has("b~/", textSchema), has("z", integerSchema))
	err := s.Check([]byte(`{ "c" : 1, "b~/" : 2, "a" : [ 1, "x", [ ] , 3.5 ] }`), Undirected)
	want := "/z required, /c additionalProperties, /b~0~1 type, /a/1 type, /a/2 type, /a/3 type"
	if got := strings.Join(violatedRules(err), ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The number of violations does not decide what they cost.
func TestViolationsAreCapped(t *testing.T) {
	err := list(object("a b c")).Check([]byte("["+strings.Repeat("{},", 100_000)+"{}]"), Undirected)
	var invalid *ValidationError
	if !errors.As(err, &invalid) || len(invalid.Violations) != MaxFindings+1 {
		t.Fatalf("%d violations, want %d", len(violatedRules(err)), MaxFindings+1)
	}
	if last := invalid.Violations[MaxFindings]; last.Rule != "more" || last.More == 0 {
		t.Errorf("the last violation is %s", last)
	}
	if text := err.Error(); len(text) > 2*maxError || !strings.HasSuffix(text, " more") {
		t.Errorf("an error of %d bytes that ends in %s", len(text), text[len(text)-20:])
	}
	long := &Schema{Types: Object, Additional: list(textSchema)}
	err = long.Check([]byte(`{"`+strings.Repeat("x", 100_000)+`":[`+strings.Repeat("1,", 10_000)+`1]}`), Undirected)
	if text := err.Error(); len(text) > 4*100_000 {
		t.Errorf("an error of %d bytes with a long pointer", len(text))
	}
}

// A sensitive value is shown by no rule.
func TestSensitiveValuesAreHidden(t *testing.T) {
	secret := &Schema{Types: String, Sensitive: true}
	for name, s := range map[string]*Schema{
		"allOf":         {AllOf: []*Schema{secret}, MinLength: 20},
		"oneOf":         {OneOf: []*Schema{{Types: String, Sensitive: true, MinLength: 20}, {Types: String, MinLength: 30}}},
		"anyOf":         {AnyOf: []*Schema{{Types: String, Sensitive: true, MinLength: 20}, {Types: Integer}}},
		"not":           {Not: secret},
		"if":            {If: secret, Then: &Schema{MinLength: 20}},
		"type":          {Types: Integer, Sensitive: true},
		"member":        {Types: Object, Sensitive: true, Properties: []Property{has("a", integerSchema)}},
		"item":          {Types: Array, Sensitive: true, Items: integerSchema},
		"uniqueItems":   {Types: Array, UniqueItems: true, Items: secret},
		"contains":      {Types: Array, Sensitive: true, Contains: integerSchema, MinContains: 1},
		"discriminator": {Types: Object, Sensitive: true, OneOf: []*Schema{object("a")}, Discriminator: &Discriminator{Property: "a"}},
	} {
		text := map[string]string{
			"member": `{"a":"hunter2"}`, "item": `["hunter2"]`, "uniqueItems": `["hunter2","hunter2"]`, "contains": `["hunter2"]`,
			"discriminator": `{"a":"hunter2"}`,
		}[name]
		text = cmp.Or(text, `"hunter2"`)
		err := s.Check([]byte(text), Undirected)
		deviations, tolerated := s.CheckTolerant([]byte(text), Undirected)
		if err == nil || strings.Contains(fmt.Sprint(err, deviations, tolerated), "hunter2") {
			t.Errorf("%s: %v; tolerantly %v, %v", name, err, deviations, tolerated)
		}
	}
}

// What is wrong is found and worded in good time, where many unions are below a long name.
func TestLongPointers(t *testing.T) {
	s := &Schema{Additional: list(oneOf(integerSchema, textSchema))}
	text := []byte(`{"` + strings.Repeat("x", 1<<19) + `":[` + strings.Repeat(`"a",{},`, 1<<17) + `"a"]}`)
	var invalid *ValidationError
	if err := s.Check(text, Undirected); !errors.As(err, &invalid) || len(invalid.Violations) != 2 || Count(invalid.Violations) < MaxFindings {
		t.Errorf("%d violations", len(violatedRules(err)))
	}
	deviations, err := s.CheckTolerant(text, Undirected)
	if err != nil || len(deviations) != 2 || Count(deviations) != 1<<17 {
		t.Errorf("%d deviations, %v", len(deviations), err)
	}
	numbers := &Schema{Additional: list(&Schema{Types: Integer, Minimum: "5"})}
	text = []byte(`{"` + strings.Repeat("x", 1<<19) + `":[` + strings.Repeat("1,", 100) + `"a",1]}`)
	deviations, err = numbers.CheckTolerant(text, Undirected)
	if got := violatedRules(err); len(got) != 2 || !strings.HasSuffix(got[0], "/100 type") || Count(deviations)+len(got) < 3 {
		t.Errorf("%d violations, %d deviations", len(got), len(deviations))
	}
}
