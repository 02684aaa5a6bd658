package contract

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/internal/cost"
)

// What a hostile input costs: each shape is built to make the checker work as much as possible for each byte. Memory is
// asserted, as it does not depend on the machine; the time is for BenchmarkHostile to show.

// A hostileShape is a schema and an input for it that can be as long as wanted.
type hostileShape struct {
	name   string
	schema *Schema
	open   string
	item   func(i int) string
	close  string
}

func (s *hostileShape) text(size int) []byte {
	var b strings.Builder
	b.WriteString(s.open)
	for i := 0; b.Len() < size-len(s.close); i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s.item(i))
	}
	b.WriteString(s.close)
	return []byte(b.String())
}

func hostileShapes() []hostileShape {
	object := func(required string, members ...Property) *Schema {
		s := &Schema{Type: "object", Properties: members}
		if required != "" {
			s.Required = strings.Fields(required)
		}
		return s
	}
	kind := func(value string) Property {
		return Property{"type", &Schema{Type: "string", Enum: []string{quote(value)}}}
	}
	id := Property{"id", &Schema{Type: "string", Format: "uuid"}}
	list := func(items *Schema) *Schema { return &Schema{Type: "array", Items: items} }
	in := func(name string, s *Schema) *Schema { return object(name, Property{name, s}) }
	oneOf := func(variants ...*Schema) *Schema { return &Schema{OneOf: variants} }

	cat := object("id type name", id, Property{"name", textSchema}, kind("cat"))
	dog := object("id type breed", Property{"breed", textSchema}, id, kind("dog"))
	cow := object("id type", id, kind("cow"), Property{"yield", numberSchema})
	byKind := &Schema{OneOf: []*Schema{cat, dog, cow}, Discriminator: &Discriminator{"type", []Mapping{{"cat", 0}, {"cow", 2}, {"dog", 1}}}}
	byShape := oneOf(cat, dog, cow)
	scalars := oneOf(textSchema, intSchema, &Schema{Type: "boolean"})
	formats := oneOf(
		&Schema{Type: "string", Format: "uuid"}, &Schema{Type: "string", Format: "date-time"}, &Schema{Type: "string", Format: "ipv4"},
		&Schema{Type: "string", Format: "cidr"}, &Schema{Type: "string", Format: "uri"}, &Schema{Type: "string", Format: "email"},
		&Schema{Type: "string", Format: "date"}, &Schema{Type: "string", Format: "byte", MinLength: 100})
	numbers := oneOf(
		&Schema{Type: "number", Minimum: "0.5", Maximum: "2.5"}, &Schema{Type: "number", MultipleOf: "0.3"},
		&Schema{Type: "integer", Format: "int8"}, &Schema{Type: "number", Enum: []string{"0.1e1", "7"}})

	// Unions within unions: each variant leads to the same members.
	tree := &Schema{}
	*tree = Schema{OneOf: []*Schema{
		object("a", Property{"a", list(tree)}, Property{"b", intSchema}),
		object("b", Property{"a", list(tree)}, Property{"b", intSchema}),
		list(tree),
		textSchema,
	}}
	treeByKind := &Schema{}
	*treeByKind = Schema{
		OneOf: []*Schema{
			object("of type", Property{"of", list(treeByKind)}, kind("and")), object("of type", Property{"of", list(treeByKind)}, kind("or")),
		},
		Discriminator: &Discriminator{"type", []Mapping{{"and", 0}, {"or", 1}}},
	}
	refined := &Schema{}
	*refined = Schema{AllOf: []*Schema{
		object("", Property{"a", list(refined)}), object("", Property{"a", &Schema{Type: "array", Items: refined, MinItems: 1}}),
	}}
	several := oneOf(in("l", list(byShape)), in("l", list(scalars)), in("l", list(oneOf(byShape, list(scalars)))), in("l", list(oneOf(cat, dog))))

	same := func(text string) func(int) string { return func(int) string { return text } }
	deep := func(open, close, leaf string) func(int) string {
		return same(strings.Repeat(open, 30) + leaf + strings.Repeat(close, 30))
	}
	names := func(value string) func(int) string {
		return func(i int) string { return quote(strconv.FormatInt(int64(i), 36)) + ":" + value }
	}
	array := func(name string, s *Schema, item func(int) string) hostileShape {
		return hostileShape{name, list(s), "[", item, "]"}
	}
	return []hostileShape{
		array("numbers", intSchema, same("0")),
		array("numbers, spelled unusually", intSchema, same("1.0")),
		array("numbers for texts", textSchema, same("0")),
		array("texts with escapes", &Schema{Type: "string", Pattern: "^a"}, same(`"\n"`)),
		array("empty texts for dates", &Schema{Type: "string", Format: "date-time"}, same(`""`)),
		array("nulls", intSchema, same("null")),
		array("empty arrays", list(intSchema), same("[]")),
		array("empty objects", cat, same("{}")),
		array("empty objects, undeclared", &Schema{}, same("{}")),
		array("objects with unknown members", object("", Property{"x", textSchema}), same(`{"":0}`)),
		array("objects with another case", object("", Property{"x", textSchema}), same(`{"X":0}`)),
		array("objects, closed", &Schema{Type: "object", Closed: true}, same(`{"":0}`)),
		array("enums", &Schema{Enum: []string{`"a"`, `{"a":1}`}}, same("{}")),
		array("discriminated unions of {}", byKind, same("{}")),
		array("discriminated unions of numbers", byKind, same("0")),
		array("discriminated unions, unknown", byKind, same(`{"type":"x"}`)),
		array("discriminated unions, unknown, one fits", byKind, same(`{"type":"x","yield":1,"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`)),
		array("discriminated unions, wrong", byKind, same(`{"type":"cat","name":0}`)),
		array("unions by shape of {}", byShape, same("{}")),
		array("unions by shape of numbers", byShape, same("0")),
		array("unions by shape, ambiguous", oneOf(object("", id), object("", id)), same("{}")),
		array("unions of scalars", scalars, same("0")),
		array("unions of scalars, wrong", scalars, same("[]")),
		array("unions of formats", formats, same(`"x"`)),
		array("unions of formats, longer", formats, same(`"1.1.1/::@x"`)),
		array("unions of numbers", numbers, same("1.5")),
		array("anyOf", &Schema{AnyOf: byShape.OneOf}, same("{}")),
		array("not", &Schema{Not: byShape}, same("{}")),
		array("allOf", &Schema{AllOf: []*Schema{cat, dog, cow}}, same("{}")),
		array("allOf of unions", &Schema{AllOf: []*Schema{byShape, oneOf(intSchema, cat)}}, same("{}")),
		array("unions within unions", several, same(`{"l":[0,{},[1,"x"]]}`)),
		{"a union with a list of unions", several, `{"l":[`, same("{}"), `]}`},
		{"a union with a list of scalars", several, `{"l":[`, same("0"), `]}`},
		{"a map of unions", &Schema{AdditionalProperties: byShape}, "{", names("{}"), "}"},
		{"a map, closed", &Schema{Type: "object", Closed: true}, "{", names("0"), "}"},
		{"an object with unknown members", cat, "{", names("0"), "}"},
		{"a union with unknown members", byShape, "{", names("0"), "}"},
		array("recursive unions", tree, same("[[0]]")),
		array("recursive unions, deep", tree, deep(`{"a":[`, `]}`, "0")),
		array("recursive unions, valid", tree, deep(`{"a":[`, `]}`, `"x"`)),
		array("recursive unions with discriminators", treeByKind, deep(`{"of":[{},`, `],"type":"x"}`, "0")),
		array("recursive allOf", refined, deep(`{"a":[`, `]}`, "0")),
		array("repeated numbers", &Schema{Type: "array", UniqueItems: true}, same("[0,0,0,0]")),
		{"repeated items", &Schema{Type: "array", UniqueItems: true}, "[", same("0"), "]"},
		{"repeated objects", &Schema{Type: "array", UniqueItems: true}, "[", same(`{"":{}}`), "]"},
		{"unique items", &Schema{Type: "array", UniqueItems: true}, "[", func(i int) string { return strconv.Itoa(i) }, "]"},
		{"a long text", oneOf(formats, &Schema{Type: "string", Pattern: "(a|b)*c"}), `"`, same("a"), `"`},
		{"a long number", numbers, "0.", func(i int) string { return "1" }, "1"},
	}
}

// In tests of hostile input, an input may cost this many bytes for each of its own.
const maxHostile = 40

func TestHostileMemory(t *testing.T) {
	for _, shape := range hostileShapes() {
		for _, mode := range []string{"strict", "tolerant"} {
			var small uint64
			for _, size := range []int{1 << 16, 1 << 19} {
				text := shape.text(size)
				each := cost.Memory(func() { checkHostile(shape.schema, text, mode) }) / uint64(len(text))
				if size == 1<<16 {
					small = each
				}
				if each > maxHostile || size > 1<<16 && each > small+small/4+1 {
					t.Errorf("%s, %s: %d bytes cost %d bytes each, want at most %d, and not more than for a short text (%d)", shape.name, mode, len(text), each, maxHostile, small)
				}
			}
			t.Logf("%s, %s: %d bytes each", shape.name, mode, small)
		}
	}
}

func checkHostile(s *Schema, text []byte, mode string) {
	if mode == "strict" {
		_, _ = s.Check(text, InRequest)
	} else {
		_, _, _ = s.CheckTolerant(text, InResponse)
	}
}

// BenchmarkHostile shows time and memory for each byte of input, which should not depend on its length.
func BenchmarkHostile(b *testing.B) {
	for _, shape := range hostileShapes() {
		for _, mode := range []string{"strict", "tolerant"} {
			for _, size := range []int{1 << 16, 1 << 19, 1 << 22} {
				text := shape.text(size)
				b.Run(fmt.Sprintf("%s/%s/%dKiB", shape.name, mode, size>>10), func(b *testing.B) {
					cost.Benchmark(b, len(text), func() { checkHostile(shape.schema, text, mode) })
				})
			}
		}
	}
}
