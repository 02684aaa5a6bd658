package suite

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

var update = flag.Bool("update", false, "write openapi.json from the suite instead of comparing")

// A group is a schema and the values that it is tried on, as the suite has them.
type group struct {
	Description string
	Schema      map[string]any
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
	name string // of the component: the name of the file and the number of the group in it
}

// notShared is why OpenAPI 3.0 cannot express a schema with one of these keywords.
var notShared = map[string]string{
	"$ref":              "refers to something that is not a component of the document",
	"additionalItems":   "OpenAPI 3.0 has one schema for all items",
	"definitions":       "OpenAPI 3.0 has components instead",
	"dependencies":      "OpenAPI 3.0 does not have it",
	"id":                "OpenAPI 3.0 does not have it",
	"items":             "a schema per position: OpenAPI 3.0 has one schema for all items",
	"patternProperties": "OpenAPI 3.0 does not have it",
	"slash/field":       "is not a keyword, but what a $ref refers to",
	"percent%field":     "is not a keyword, but what a $ref refers to",
	"tilda~field":       "is not a keyword, but what a $ref refers to",
	"type":              "OpenAPI 3.0 has one type per schema, and nullable instead of null",
}

// overlapping are the groups that the generator refuses, as it should, because a value fits several variants.
var overlapping = []string{"OneOf1", "OneOf2"}

// different says which values get another verdict in OpenAPI 3.0 than in draft 4.
var different = map[string]string{
	"Format2/a valid protocol-relative URI": "by RFC 3986, a URI has a scheme; later drafts have uri-reference for this",
	"Properties1/ignores non-objects":       "what has properties is an object, as its Go type is a struct",
	"ZeroTerminatedFloats1/a float is not an integer even without fractional part": "1.0 is an integer: JSON has one kind of number, " +
		"and drafts after the fourth say so too",
}

// notHeld are valid values that the Go type cannot hold, so that the reader refuses them.
var notHeld = []string{"Bignum1/a bignum is an integer", "Bignum3/a negative bignum is an integer"}

// rounded are valid values that the Go type, a double, holds as a neighbor which is not valid, so that the writer refuses them.
var rounded = []string{
	"Bignum6/comparison works for high numbers, typed", "Bignum8/comparison works for very negative numbers, typed",
}

// typed are the keywords that apply to values of one type only.
var typed = map[string]string{
	"maximum": "number", "minimum": "number", "multipleOf": "number",
	"maxLength": "string", "minLength": "string", "pattern": "string", "format": "string",
	"items": "array", "maxItems": "array", "minItems": "array", "uniqueItems": "array",
	"properties": "object", "required": "object", "additionalProperties": "object", "maxProperties": "object", "minProperties": "object",
}

func groups(t *testing.T) (shared []*group) {
	var files []string
	for _, pattern := range []string{"testdata/draft4/*.json", "testdata/draft4/optional/*.json"} {
		matches, err := filepath.Glob(pattern)
		if err != nil || matches == nil {
			t.Fatal(pattern, err)
		}
		files = append(files, matches...)
	}
	used := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all []*group
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&all); err != nil {
			t.Fatal(file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for i, g := range all {
			g.name = fmt.Sprintf("%s%s%d", strings.ToUpper(name[:1]), name[1:], i+1)
			keyword := inexpressible(g.Schema)
			switch {
			case keyword != "":
				t.Logf("%s, %s: %s: %s", g.name, g.Description, keyword, notShared[keyword])
				used[keyword] = true
			case slices.Contains(overlapping, g.name):
				t.Logf("%s, %s: the variants overlap, so the generator refuses it", g.name, g.Description)
			default:
				shared = append(shared, g)
			}
		}
	}
	for keyword := range notShared {
		if !used[keyword] && !strings.ContainsAny(keyword, "/%~") && keyword != "definitions" && keyword != "id" {
			t.Errorf("no schema has to do without %s; remove it from notShared", keyword)
		}
	}
	return shared
}

// inexpressible is the first keyword in a schema, or in one within it, that OpenAPI 3.0 does not share.
func inexpressible(schema map[string]any) string {
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		switch _, none := notShared[keyword]; v := schema[keyword].(type) {
		case string:
			if keyword == "type" && v == "null" || keyword != "type" && none {
				return keyword
			}
		case map[string]any:
			if none && keyword != "items" {
				return keyword
			}
		default:
			if none {
				return keyword
			}
		}
	}
	for inner := range within(schema) {
		if keyword := inexpressible(inner); keyword != "" {
			return keyword
		}
	}
	return ""
}

// within yields the schemas directly within a schema.
func within(schema map[string]any) func(yield func(map[string]any) bool) {
	return func(yield func(map[string]any) bool) {
		for keyword, v := range schema {
			switch v := v.(type) {
			case map[string]any:
				if keyword == "properties" {
					for _, property := range v {
						if !yield(property.(map[string]any)) {
							return
						}
					}
				} else if !yield(v) {
					return
				}
			case []any:
				for _, inner := range v {
					inner, ok := inner.(map[string]any)
					if ok && keyword != "enum" && keyword != "default" && !yield(inner) {
						return
					}
				}
			}
		}
	}
}

// expressed is the schema in OpenAPI 3.0, where an array must say what its items are.
func expressed(schema map[string]any) map[string]any {
	for inner := range within(schema) {
		expressed(inner)
	}
	if schema["type"] == "array" && schema["items"] == nil {
		schema["items"] = map[string]any{}
	}
	return schema
}

// twin is the schema with the type that its keywords are about, as documents have it in practice, or nil if it says one anyway
// or they are about none. The generator emits code for a schema with a type.
func twin(schema map[string]any) map[string]any {
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		if of, ok := typed[keyword]; ok && schema["type"] == nil {
			with := maps.Clone(schema)
			with["type"] = of
			return expressed(with)
		}
	}
	return nil
}

// TestDocument compares openapi.json with the suite, or writes it.
func TestDocument(t *testing.T) {
	schemas := map[string]any{}
	for _, g := range groups(t) {
		with := twin(g.Schema)
		schema := expressed(g.Schema)
		for name, s := range map[string]map[string]any{g.name: schema, g.name + "Typed": with} {
			if s == nil {
				continue
			}
			s["description"] = name + ": " + g.Description + "."
			if g.name == "Enum2" {
				s["x-enum-varnames"] = []string{"Six", "Foo", "Empty", "True", "Object"}
			}
			schemas[name] = s
		}
	}
	want, err := json.MarshalIndent(map[string]any{
		"openapi": "3.0.3", "info": map[string]any{"title": "JSON Schema Test Suite, draft 4", "version": "0.0.10"},
		"paths": map[string]any{}, "components": map[string]any{"schemas": schemas},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("openapi.json is not what the suite says; run: go generate ./internal/suite")
	}
}

// TestSuite gives each value of the suite to the readers and writers of the generated types, and to the checker.
func TestSuite(t *testing.T) {
	for _, g := range groups(t) {
		for _, test := range g.Tests {
			place := g.name + "/" + test.Description
			valid := test.Valid != (different[place] != "")
			t.Run(place, func(t *testing.T) {
				verdicts(t, g.name, place, string(test.Data), valid)
			})
			of := twin(g.Schema)
			if of == nil {
				continue
			}
			t.Run(place+", typed", func(t *testing.T) {
				verdicts(t, g.name+"Typed", place+", typed", string(test.Data), valid && of["type"] == kind(test.Data) && different[place+", typed"] == "")
			})
		}
	}
	for name := range Schemas() {
		if codecs[name].read == nil {
			t.Errorf("codecs does not have %s", name)
		}
	}
}

// kind is the type of a text, which is JSON.
func kind(text []byte) string {
	switch text[0] {
	case '"':
		return "string"
	case '[':
		return "array"
	case '{':
		return "object"
	case 't', 'f':
		return "boolean"
	}
	return "number"
}

func verdicts(t *testing.T, name, place, text string, valid bool) {
	s := Schemas()[name]
	if s == nil {
		t.Fatal("the generated package does not have the schema; run: go generate ./internal/suite")
	}
	if err := s.Check([]byte(text), schema.Undirected); (err == nil) != valid {
		t.Errorf("%s is valid: %v, but the checker says: %v", text, valid, err)
	}
	value, err := codecs[name].read(text)
	if held := valid && !slices.Contains(notHeld, place); (err == nil) != held {
		t.Errorf("%s can be read: %v, but the reader says: %v", text, held, err)
	}
	if err != nil {
		return
	}
	written, err := codecs[name].write(value)
	if writable := !slices.Contains(rounded, place); (err == nil) != writable {
		t.Errorf("%s can be written: %v, but the writer says: %v", text, writable, err)
	}
	if err != nil {
		return
	}
	if again, err := codecs[name].read(string(written)); err != nil || !reflect.DeepEqual(again, value) {
		t.Errorf("%s is written as %s, which is another value: %v", text, written, err)
	}
}

// A codec reads and writes values of a schema as generated code does.
type codec struct {
	read  func(text string) (any, error)
	write func(v any) ([]byte, error)
}

func by[T any](read wire.ReadFunc[T], write wire.WriteFunc[T], s *schema.Schema) codec {
	return codec{
		func(text string) (any, error) {
			v, _, err := wire.Read(text, read, s, schema.Undirected, schema.Strict)
			return v, err
		},
		func(v any) ([]byte, error) { return wire.Write(v.(*T), write, s, schema.Undirected) },
	}
}

func listOf[T any](read wire.ReadFunc[T]) wire.ReadFunc[[]T] {
	return func(v *[]T, r *wire.Reader, s *schema.Schema) { wire.ReadList(v, r, s, read) }
}

func writeListOf[T any](write wire.WriteFunc[T]) wire.WriteFunc[[]T] {
	return func(v *[]T, w *wire.Writer, s *schema.Schema) { wire.WriteList(v, w, s, write) }
}

// codecs are those of all schemas: a declared type has its own, and any other type those of package wire.
var codecs = map[string]codec{
	"AdditionalProperties2":      by(readAdditionalProperties2, writeAdditionalProperties2, &schemaAdditionalProperties2),
	"AdditionalProperties2Typed": by(readAdditionalProperties2Typed, writeAdditionalProperties2Typed, &schemaAdditionalProperties2Typed),
	"AdditionalProperties3":      by(readAdditionalProperties3, writeAdditionalProperties3, &schemaAdditionalProperties3),
	"AdditionalProperties3Typed": by(readAdditionalProperties3Typed, writeAdditionalProperties3Typed, &schemaAdditionalProperties3Typed),
	"AdditionalProperties4":      by(readAdditionalProperties4, writeAdditionalProperties4, &schemaAdditionalProperties4),
	"AdditionalProperties4Typed": by(readAdditionalProperties4Typed, writeAdditionalProperties4Typed, &schemaAdditionalProperties4Typed),
	"AllOf1":                     by(readAllOf1, writeAllOf1, &schemaAllOf1),
	"AllOf3":                     by(wire.ReadAny, wire.WriteAny, &schemaAllOf3),
	"AnyOf1":                     by(readAnyOf1, writeAnyOf1, &schemaAnyOf1),
	"AnyOf2":                     by(readAnyOf2, writeAnyOf2, &schemaAnyOf2),
	"Bignum1":                    by(wire.ReadInt[int], wire.WriteInt[int], &schemaBignum1),
	"Bignum2":                    by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaBignum2),
	"Bignum3":                    by(wire.ReadInt[int], wire.WriteInt[int], &schemaBignum3),
	"Bignum4":                    by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaBignum4),
	"Bignum5":                    by(wire.ReadString[string], wire.WriteString[string], &schemaBignum5),
	"Bignum6":                    by(wire.ReadAny, wire.WriteAny, &schemaBignum6),
	"Bignum6Typed":               by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaBignum6Typed),
	"Bignum7":                    by(wire.ReadAny, wire.WriteAny, &schemaBignum7),
	"Bignum7Typed":               by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaBignum7Typed),
	"Bignum8":                    by(wire.ReadAny, wire.WriteAny, &schemaBignum8),
	"Bignum8Typed":               by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaBignum8Typed),
	"Bignum9":                    by(wire.ReadAny, wire.WriteAny, &schemaBignum9),
	"Bignum9Typed":               by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaBignum9Typed),
	"Default1":                   by(readDefault1, writeDefault1, &schemaDefault1),
	"Default1Typed":              by(readDefault1Typed, writeDefault1Typed, &schemaDefault1Typed),
	"Default2":                   by(readDefault2, writeDefault2, &schemaDefault2),
	"Default2Typed":              by(readDefault2Typed, writeDefault2Typed, &schemaDefault2Typed),
	"Enum1":                      by(readEnum1, writeEnum1, &schemaEnum1),
	"Enum2":                      by(wire.ReadAny, wire.WriteAny, &schemaEnum2),
	"Enum3":                      by(readEnum3, writeEnum3, &schemaEnum3),
	"Format1":                    by(wire.ReadAny, wire.WriteAny, &schemaFormat1),
	"Format1Typed":               by(wire.ReadTime, wire.WriteTime, &schemaFormat1Typed),
	"Format2":                    by(wire.ReadAny, wire.WriteAny, &schemaFormat2),
	"Format2Typed":               by(wire.ReadString[string], wire.WriteString[string], &schemaFormat2Typed),
	"Format3":                    by(wire.ReadAny, wire.WriteAny, &schemaFormat3),
	"Format3Typed":               by(wire.ReadString[openapi_types.Email], wire.WriteString[openapi_types.Email], &schemaFormat3Typed),
	"Format4":                    by(wire.ReadAny, wire.WriteAny, &schemaFormat4),
	"Format4Typed":               by(wire.ReadString[string], wire.WriteString[string], &schemaFormat4Typed),
	"Format5":                    by(wire.ReadAny, wire.WriteAny, &schemaFormat5),
	"Format5Typed":               by(wire.ReadString[string], wire.WriteString[string], &schemaFormat5Typed),
	"Format6":                    by(wire.ReadAny, wire.WriteAny, &schemaFormat6),
	"Format6Typed":               by(wire.ReadString[string], wire.WriteString[string], &schemaFormat6Typed),
	"Items1":                     by(wire.ReadAny, wire.WriteAny, &schemaItems1),
	"Items1Typed":                by(listOf(wire.ReadInt[int]), writeListOf(wire.WriteInt[int]), &schemaItems1Typed),
	"MaxItems1":                  by(wire.ReadAny, wire.WriteAny, &schemaMaxItems1),
	"MaxItems1Typed":             by(listOf(wire.ReadAny), writeListOf(wire.WriteAny), &schemaMaxItems1Typed),
	"MaxLength1":                 by(wire.ReadAny, wire.WriteAny, &schemaMaxLength1),
	"MaxLength1Typed":            by(wire.ReadString[string], wire.WriteString[string], &schemaMaxLength1Typed),
	"MaxProperties1":             by(wire.ReadAny, wire.WriteAny, &schemaMaxProperties1),
	"MaxProperties1Typed":        by(readMaxProperties1Typed, writeMaxProperties1Typed, &schemaMaxProperties1Typed),
	"Maximum1":                   by(wire.ReadAny, wire.WriteAny, &schemaMaximum1),
	"Maximum1Typed":              by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMaximum1Typed),
	"Maximum2":                   by(wire.ReadAny, wire.WriteAny, &schemaMaximum2),
	"Maximum2Typed":              by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMaximum2Typed),
	"MinItems1":                  by(wire.ReadAny, wire.WriteAny, &schemaMinItems1),
	"MinItems1Typed":             by(listOf(wire.ReadAny), writeListOf(wire.WriteAny), &schemaMinItems1Typed),
	"MinLength1":                 by(wire.ReadAny, wire.WriteAny, &schemaMinLength1),
	"MinLength1Typed":            by(wire.ReadString[string], wire.WriteString[string], &schemaMinLength1Typed),
	"MinProperties1":             by(wire.ReadAny, wire.WriteAny, &schemaMinProperties1),
	"MinProperties1Typed":        by(readMinProperties1Typed, writeMinProperties1Typed, &schemaMinProperties1Typed),
	"Minimum1":                   by(wire.ReadAny, wire.WriteAny, &schemaMinimum1),
	"Minimum1Typed":              by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMinimum1Typed),
	"Minimum2":                   by(wire.ReadAny, wire.WriteAny, &schemaMinimum2),
	"Minimum2Typed":              by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMinimum2Typed),
	"MultipleOf1":                by(wire.ReadAny, wire.WriteAny, &schemaMultipleOf1),
	"MultipleOf1Typed":           by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMultipleOf1Typed),
	"MultipleOf2":                by(wire.ReadAny, wire.WriteAny, &schemaMultipleOf2),
	"MultipleOf2Typed":           by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMultipleOf2Typed),
	"MultipleOf3":                by(wire.ReadAny, wire.WriteAny, &schemaMultipleOf3),
	"MultipleOf3Typed":           by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaMultipleOf3Typed),
	"Not1":                       by(wire.ReadAny, wire.WriteAny, &schemaNot1),
	"Not3":                       by(wire.ReadAny, wire.WriteAny, &schemaNot3),
	"Not4":                       by(readNot4, writeNot4, &schemaNot4),
	"Not4Typed":                  by(readNot4Typed, writeNot4Typed, &schemaNot4Typed),
	"Pattern1":                   by(wire.ReadAny, wire.WriteAny, &schemaPattern1),
	"Pattern1Typed":              by(wire.ReadString[string], wire.WriteString[string], &schemaPattern1Typed),
	"Pattern2":                   by(wire.ReadAny, wire.WriteAny, &schemaPattern2),
	"Pattern2Typed":              by(wire.ReadString[string], wire.WriteString[string], &schemaPattern2Typed),
	"Properties1":                by(readProperties1, writeProperties1, &schemaProperties1),
	"Properties1Typed":           by(readProperties1Typed, writeProperties1Typed, &schemaProperties1Typed),
	"Required1":                  by(readRequired1, writeRequired1, &schemaRequired1),
	"Required1Typed":             by(readRequired1Typed, writeRequired1Typed, &schemaRequired1Typed),
	"Required2":                  by(readRequired2, writeRequired2, &schemaRequired2),
	"Required2Typed":             by(readRequired2Typed, writeRequired2Typed, &schemaRequired2Typed),
	"Type1":                      by(wire.ReadInt[int], wire.WriteInt[int], &schemaType1),
	"Type2":                      by(wire.ReadFloat[float64], wire.WriteFloat[float64], &schemaType2),
	"Type3":                      by(wire.ReadString[string], wire.WriteString[string], &schemaType3),
	"Type4":                      by(readType4, writeType4, &schemaType4),
	"Type5":                      by(listOf(wire.ReadAny), writeListOf(wire.WriteAny), &schemaType5),
	"Type6":                      by(wire.ReadBool[bool], wire.WriteBool[bool], &schemaType6),
	"UniqueItems1":               by(wire.ReadAny, wire.WriteAny, &schemaUniqueItems1),
	"UniqueItems1Typed":          by(listOf(wire.ReadAny), writeListOf(wire.WriteAny), &schemaUniqueItems1Typed),
	"ZeroTerminatedFloats1":      by(wire.ReadInt[int], wire.WriteInt[int], &schemaZeroTerminatedFloats1),
}
