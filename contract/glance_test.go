package contract

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// glanceSchemas have what a glance can be sure of, and some of what it leaves to the checker.
func glanceSchemas() []*Schema {
	kind := func(value string) Property {
		return Property{"kind", &Schema{Type: "string", Enum: []string{quote(value)}}}
	}
	number := &Schema{Type: "integer", Format: "int32", Minimum: "0", Maximum: "100"}
	a := &Schema{Type: "object", Required: []string{"kind", "n"}, Properties: []Property{kind("a"), {"n", number}},
		Not: &Schema{AnyOf: []*Schema{{Required: []string{"s"}}, {Required: []string{"list"}}}}}
	b := &Schema{Type: "object", Closed: true, Required: []string{"kind"}, Properties: []Property{kind("b"), {"s", &Schema{Type: "string", MaxLength: 3, HasMaxLength: true, Nullable: true}}},
		Not: &Schema{Required: []string{"n"}}}
	free := &Schema{Type: "object", Properties: []Property{{"kind", textSchema}, {"n", &Schema{Type: "number"}}}}
	union := &Schema{OneOf: []*Schema{a, b, free}, Nullable: true, Discriminator: &Discriminator{"kind", []Mapping{{"a", 0}, {"b", 1}, {"c", 2}}}}
	return []*Schema{
		union,
		{Type: "array", Items: union, MinItems: 1, MaxItems: 3, HasMaxItems: true},
		{Type: "object", Properties: []Property{{"list", &Schema{Type: "array", Items: number}}, {"n", union}, {"s", &Schema{Type: "string", Format: "date-time"}}}, AdditionalProperties: textSchema},
		{Type: "object", Properties: []Property{{"kind", &Schema{Type: "boolean"}}, {"n", &Schema{Type: "integer"}}, {"s", &Schema{Enum: []string{`"b"`, "1"}}}}},
		{AnyOf: []*Schema{a, b}},
		{Type: "object", Required: []string{"other"}, Properties: []Property{{"s", textSchema}}, MaxProperties: 2, HasMaxProperties: true},
		{},
		{Type: "object", Properties: []Property{{"list", &Schema{Type: "array", Items: textSchema, UniqueItems: true}}, {"n", &Schema{Type: "string", ReadOnly: true}}}},
	}
}

// jsonText draws a text that is nearly always JSON, of names and values that matter to the schemas above.
func jsonText(t *rapid.T, depth int) string {
	space := rapid.SampledFrom([]string{"", "", "", " ", "\n\t"}).Draw(t, "space")
	scalars := []string{
		`"a"`, `"b"`, `"c"`, `"d"`, `"abcd"`, `"\u0061"`, `""`, `"2026-08-14T09:30:00Z"`, `"\u0032026-08-14T09:30:00Z"`, "\"\xff\"", `"kind":"a"`,
		"0", "1", "100", "101", "-1", "-0", "1.0", "1e1", "2.5", "9223372036854775808", "1e400", "null", "null", "true", "false", "nul",
	}
	what := rapid.IntRange(0, 9).Draw(t, "what")
	switch {
	case depth > 3 || what < 3:
		return space + rapid.SampledFrom(scalars).Draw(t, "scalar") + space
	case what < 5:
		var items []string
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			items = append(items, jsonText(t, depth+1))
		}
		return space + "[" + strings.Join(items, ",") + "]" + space
	}
	names := rapid.SliceOfN(rapid.SampledFrom([]string{`"kind"`, `"kind"`, `"n"`, `"s"`, `"list"`, `"other"`, `"Kind"`, `"\u006e"`}), 0, 4).Draw(t, "names")
	var members []string
	for i, name := range names {
		value := jsonText(t, depth+1)
		if strings.Contains(name, "ind") && rapid.Bool().Draw(t, "plain"+strconv.Itoa(i)) {
			value = rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`}).Draw(t, "kind")
		}
		members = append(members, name+space+":"+value)
	}
	return space + "{" + strings.Join(members, ",") + "}" + space
}

// What a glance is sure of, the checker accepts as it stands, and as the same variant.
func TestGlance(t *testing.T) {
	schemas := glanceSchemas()
	sure, valid := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(schemas).Draw(t, "schema")
		dir := rapid.SampledFrom([]Direction{Undirected, InRequest, InResponse}).Draw(t, "direction")
		text := []byte(jsonText(t, 0))
		c := checker{dir: dir, data: text, mode: tolerant, tells: true}
		_, tolerable := c.text(s)
		conceded := len(c.concessions)
		c = checker{dir: dir, data: text}
		checked, err := c.text(s)
		if err == nil {
			valid++
		}
		variant, unknown, ok := s.glance(text, dir)
		if !ok {
			return
		}
		sure++
		if err != nil || !bytes.Equal(checked, text) {
			t.Fatalf("sure of %s, which becomes %s, %v", text, checked, err)
		}
		if len(s.OneOf) > 0 && variant != c.variant {
			t.Fatalf("%s is variant %d, not %d", text, c.variant, variant)
		}
		if tolerable != nil || unknown != (conceded > 0) {
			t.Fatalf("%s: %d concessions, unknown members: %t", text, conceded, unknown)
		}
	})
	if sure == 0 || valid == 0 {
		t.Errorf("sure of %d of %d valid texts", sure, valid)
	}
	t.Logf("sure of %d of %d valid texts", sure, valid)
}

// Usual texts are not left to the checker.
func TestGlanceIsSure(t *testing.T) {
	schemas := glanceSchemas()
	for _, c := range []struct {
		schema *Schema
		text   string
	}{
		{schemas[0], `{"kind":"a","n":5}`},
		{schemas[0], `{ "n" : 5 , "kind" : "a" , "new" : "x" }`},
		{schemas[0], `{"s":null,"kind":"b"}`},
		{schemas[0], `null`},
		{schemas[1], `[{"kind":"a","n":5},{"kind":"b","s":"abc"},{"kind":"c","n":2.5}]`},
		{schemas[2], `{"n":{"kind":"a","n":5},"list":[1,2],"s":"2026-08-14T09:30:00Z","more":"x"}`},
		{schemas[3], `{"kind":true,"n":-12,"s":"b"}`},
	} {
		if _, _, sure := c.schema.glance([]byte(c.text), Undirected); !sure {
			t.Errorf("not sure of %s", c.text)
		}
	}
}
