package schema

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/internal/cost"
)

// What hostile text costs: each shape is built to make the checker work as much as possible for each byte. Memory is
// asserted, as it does not depend on the machine, and the CPU time, which BenchmarkHostile shows, in proportion to that of a short text too.

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
	kind := func(value string) Property { return has("type", constant(value)) }
	id := has("id", &Schema{Types: String, Format: "uuid"})
	in := func(name string, s *Schema) *Schema { return object(name, has(name, s)) }

	cat := object("id type name", id, has("name", textSchema), kind("cat"))
	dog := object("id type breed", has("breed", textSchema), id, kind("dog"))
	cow := object("id type", id, kind("cow"), has("yield", numberSchema))
	byKind := &Schema{OneOf: []*Schema{cat, dog, cow}, Discriminator: &Discriminator{Property: "type", Mapping: []Mapping{{"cat", 0}, {"cow", 2}, {"dog", 1}}}}
	byShape := oneOf(cat, dog, cow)
	scalars := oneOf(textSchema, integerSchema, &Schema{Types: Boolean})
	formats := oneOf(
		&Schema{Types: String, Format: "uuid"}, &Schema{Types: String, Format: "date-time"}, &Schema{Types: String, Format: "ipv4"},
		&Schema{Types: String, Format: "cidr"}, &Schema{Types: String, Format: "uri"}, &Schema{Types: String, Format: "email"},
		&Schema{Types: String, Format: "date"}, &Schema{Types: String, Format: "byte", MinLength: 100})
	numbers := oneOf(
		&Schema{Types: Number, Minimum: "0.5", Maximum: "2.5"}, &Schema{Types: Number, MultipleOf: "0.3"},
		&Schema{Types: Integer, Format: "int8"}, &Schema{Types: Number, Enum: []string{"0.1e1", "7"}})

	// Unions within unions: each variant leads to the same members.
	tree := &Schema{}
	*tree = Schema{OneOf: []*Schema{
		object("a", has("a", list(tree)), has("b", integerSchema)),
		object("b", has("a", list(tree)), has("b", integerSchema)),
		list(tree),
		textSchema,
	}}
	treeByKind := &Schema{}
	*treeByKind = Schema{
		OneOf: []*Schema{
			object("of type", has("of", list(treeByKind)), kind("and")), object("of type", has("of", list(treeByKind)), kind("or")),
		},
		Discriminator: &Discriminator{Property: "type", Mapping: []Mapping{{"and", 0}, {"or", 1}}},
	}
	refined := &Schema{}
	*refined = Schema{AllOf: []*Schema{
		object("", has("a", list(refined))), object("", has("a", &Schema{Types: Array, Items: refined, MinItems: 1})),
	}}
	// Schemas that lead to the same member in two ways, by each keyword that can: without a memory that takes time exponential in the depth.
	twice := func(combine func(self, same *Schema) Schema) *Schema {
		self := &Schema{}
		*self = combine(self, &Schema{Properties: []Property{has("a", list(self))}})
		return self
	}
	own := func(self *Schema) []Property { return []Property{has("a", list(self))} }
	byAllOf := twice(func(self, same *Schema) Schema { return Schema{Properties: own(self), AllOf: []*Schema{same}} })
	byOneOf := twice(func(self, same *Schema) Schema {
		return Schema{Properties: own(self), OneOf: []*Schema{same, textSchema}}
	})
	byAnyOf := twice(func(self, same *Schema) Schema { return Schema{Properties: own(self), AnyOf: []*Schema{same}} })
	byBoth := twice(func(self, same *Schema) Schema { return Schema{OneOf: []*Schema{same}, AnyOf: []*Schema{same}} })
	byThen := twice(func(self, same *Schema) Schema { return Schema{Properties: own(self), If: &Schema{}, Then: same} })
	byIf := twice(func(self, same *Schema) Schema {
		return Schema{Properties: own(self), If: same, Then: same, Else: same}
	})
	byNot := twice(func(self, same *Schema) Schema { return Schema{Properties: own(self), Not: same} })
	byDependency := twice(func(self, same *Schema) Schema {
		return Schema{Properties: own(self), DependentSchemas: []Property{has("a", same)}}
	})
	byPatterns := twice(func(self, _ *Schema) Schema {
		return Schema{Patterns: []PatternProperty{{"^a", list(self)}, {"a$", list(self)}}}
	})
	byPattern := twice(func(self, _ *Schema) Schema {
		return Schema{Properties: own(self), Patterns: []PatternProperty{{"a", list(self)}}}
	})
	byContains := &Schema{}
	*byContains = Schema{Items: byContains, Contains: byContains, MinContains: 1, Types: Array | Integer}
	byUnevaluated := &Schema{}
	*byUnevaluated = Schema{AnyOf: []*Schema{list(byUnevaluated), {Contains: byUnevaluated, MinContains: 1}, integerSchema}, UnevaluatedItems: byUnevaluated}
	byUnique := &Schema{}
	*byUnique = Schema{Items: byUnique, UniqueItems: true}

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
		array("numbers", integerSchema, same("0")),
		array("numbers, spelled unusually", integerSchema, same("1.0")),
		array("numbers for texts", textSchema, same("0")),
		array("texts with escapes", &Schema{Types: String, Pattern: "^a"}, same(`"\n"`)),
		array("empty texts for dates", &Schema{Types: String, Format: "date-time"}, same(`""`)),
		array("nulls", integerSchema, same("null")),
		array("empty arrays", list(integerSchema), same("[]")),
		array("empty objects", cat, same("{}")),
		array("empty objects, undeclared", &Schema{}, same("{}")),
		array("objects with unknown members", object("", has("x", textSchema)), same(`{"":0}`)),
		array("objects with another case", object("", has("x", textSchema)), same(`{"X":0}`)),
		array("objects, closed", &Schema{Types: Object, Additional: False}, same(`{"":0}`)),
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
		array("allOf of unions", &Schema{AllOf: []*Schema{byShape, oneOf(integerSchema, cat)}}, same("{}")),
		array("unions within unions", several, same(`{"l":[0,{},[1,"x"]]}`)),
		{"a union with a list of unions", several, `{"l":[`, same("{}"), `]}`},
		{"a union with a list of scalars", several, `{"l":[`, same("0"), `]}`},
		{"a map of unions", &Schema{Additional: byShape}, "{", names("{}"), "}"},
		{"a map, closed", &Schema{Types: Object, Additional: False}, "{", names("0"), "}"},
		{"an object with unknown members", cat, "{", names("0"), "}"},
		{"a union with unknown members", byShape, "{", names("0"), "}"},
		array("recursive unions", tree, same("[[0]]")),
		array("recursive unions, deep", tree, deep(`{"a":[`, `]}`, "0")),
		array("recursive unions, valid", tree, deep(`{"a":[`, `]}`, `"x"`)),
		array("recursive unions with discriminators", treeByKind, deep(`{"of":[{},`, `],"type":"x"}`, "0")),
		array("recursive allOf", refined, deep(`{"a":[`, `]}`, "0")),
		array("members twice by allOf", byAllOf, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by oneOf", byOneOf, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by anyOf", byAnyOf, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by anyOf and oneOf", byBoth, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by then", byThen, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by if", byIf, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by not", byNot, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by dependentSchemas", byDependency, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by patterns", byPatterns, deep(`{"a":[`, `]}`, "{}")),
		array("members twice by a pattern", byPattern, deep(`{"a":[`, `]}`, "{}")),
		array("items twice by contains", byContains, deep("[[", "]]", "0")),
		array("items twice by unevaluatedItems", byUnevaluated, deep("[[", "]]", "0")),
		array("unique items within each other", byUnique, deep("[[", "]]", "0")),
		{"unique items, all deep", byUnique, strings.Repeat("[", 60), func(i int) string { return strconv.Itoa(i) }, strings.Repeat("]", 60)},
		{"equal items within each other", list(byUnique), "[", same(strings.Repeat("[", 10) + "1,1" + strings.Repeat("],[1,1]", 10)), "]"},
		array("repeated numbers", &Schema{Types: Array, UniqueItems: true}, same("[0,0,0,0]")),
		{"repeated items", &Schema{Types: Array, UniqueItems: true}, "[", same("0"), "]"},
		{"repeated objects", &Schema{Types: Array, UniqueItems: true}, "[", same(`{"":{}}`), "]"},
		{"unique items", &Schema{Types: Array, UniqueItems: true}, "[", func(i int) string { return strconv.Itoa(i) }, "]"},
		{"members by patterns", &Schema{Patterns: []PatternProperty{{"^a", textSchema}, {"b$", byShape}}, Additional: integerSchema}, "{", names("0"), "}"},
		{"member names", &Schema{Names: oneOf(constant("a"), &Schema{Pattern: "^[0-9]"})}, "{", names("0"), "}"},
		{"unevaluated members", &Schema{AnyOf: byShape.OneOf, UnevaluatedProperties: False}, "{", names("0"), "}"},
		{"unevaluated members of valid parts", &Schema{AnyOf: []*Schema{{Properties: []Property{has("a", textSchema)}}, cat}, UnevaluatedProperties: integerSchema}, "{", names("0"), "}"},
		{"unevaluated members of a condition", &Schema{If: object("a"), Then: cat, Else: dog, UnevaluatedProperties: False}, "{", names("0"), "}"},
		{"unevaluated items", &Schema{AnyOf: []*Schema{{PrefixItems: []*Schema{textSchema}}, list(textSchema)}, UnevaluatedItems: False}, "[", same("0"), "]"},
		{"items that another part contains", &Schema{AllOf: []*Schema{{Contains: byShape, MinContains: 1}}, UnevaluatedItems: False}, "[", same("{}"), "]"},
		{"dependent members", &Schema{DependentRequired: []Dependency{{"0", []string{"x", "y"}}}, DependentSchemas: []Property{has("1", byShape)}}, "{", names("0"), "}"},
		array("conditions", &Schema{If: byShape, Then: byShape, Else: object("x y z")}, same("{}")),
		array("contains", &Schema{Contains: byShape, MinContains: 1}, same("[{}]")),
		{"undeclared members of an allOf of unions", &Schema{AllOf: []*Schema{byShape, oneOf(object("0"), cat)}}, "{", names("0"), "}"},
		{"many names that differ late", closed(""), "{", func(i int) string { return quote(strings.Repeat("x", 50)+strconv.Itoa(i)) + ":0" }, "}"},
		{"a long text", oneOf(formats, &Schema{Types: String, Pattern: "(a|b)*c"}), `"`, same("a"), `"`},
		{"a long number", numbers, "0.", func(i int) string { return "1" }, "1"},
	}
}

// In tests of hostile input, an input may cost this many bytes for each of its own.
const maxHostile = 40

func TestHostileMemory(t *testing.T) {
	if cost.Race {
		t.Skip("the race detector changes what memory is used again")
	}
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

// The CPU time for each byte is bounded, and must not grow with the length: between these two lengths the time would become eight times as much
// for each byte if it grew with the square of the length.
func TestHostileTime(t *testing.T) {
	if testing.Short() || cost.Race || cost.CPU(func() { time.Sleep(0) }) < 0 {
		t.Skip("takes some seconds")
	}
	const short, long = 1 << 15, 1 << 18
	const most = 500 * time.Millisecond * long >> 20
	for _, shape := range hostileShapes() {
		for _, mode := range []string{"strict", "tolerant"} {
			once := func(size int) time.Duration {
				text := shape.text(size)
				return cost.CPU(func() { checkHostile(shape.schema, text, mode) })
			}
			a, b := once(short), once(long)
			for range 5 { // what disturbs a measurement makes it longer
				if b <= most && (b <= 4*(long/short)*a || b < 50*time.Millisecond) {
					break
				}
				a, b = min(a, once(short)), min(b, once(long))
			}
			if b > most {
				t.Errorf("%s, %s: %d bytes take %v, want at most %v", shape.name, mode, long, b, most)
			}
			if b > 4*(long/short)*a && b > 50*time.Millisecond {
				t.Errorf("%s, %s: %d bytes take %v, %d take %v", shape.name, mode, short, a, long, b)
			}
		}
	}
}

func checkHostile(s *Schema, text []byte, mode string) {
	if mode == "strict" {
		_ = s.Check(text, InRequest)
	} else {
		_, _ = s.CheckTolerant(text, InResponse)
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
