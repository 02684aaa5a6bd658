package suite

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
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
	"slash/field":       "is no keyword, but what a $ref refers to",
	"percent%field":     "is no keyword, but what a $ref refers to",
	"tilda~field":       "is no keyword, but what a $ref refers to",
	"type":              "OpenAPI 3.0 has one type per schema, and nullable instead of null",
}

// overlapping are the groups that the generator refuses, as it should, because a value fits several variants.
var overlapping = []string{"OneOf1", "OneOf2"}

// different says which values get another verdict in OpenAPI 3.0 than in draft 4.
var different = map[string]string{
	"Bignum1/a bignum is an integer":          "an integer is held in 64 bits, and one that does not fit is refused instead of rounded",
	"Bignum3/a negative bignum is an integer": "the same",
	"Format2/a valid protocol-relative URI":   "by RFC 3986, a URI has a scheme; later drafts have uri-reference for this",
	"ZeroTerminatedFloats1/a float is not an integer even without fractional part": "1.0 is an integer: JSON has one kind of number, " +
		"and drafts after the fourth say so too",
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

// TestSuite gives each value of the suite to the generated package, by the emitted code where there is some and by the tables.
func TestSuite(t *testing.T) {
	schemas, emitted := Schemas(), 0
	for _, g := range groups(t) {
		for _, test := range g.Tests {
			place := g.name + "/" + test.Description
			valid := test.Valid != (different[place] != "")
			t.Run(place, func(t *testing.T) {
				verdicts(t, schemas[g.name], test.Data, valid)
			})
			of := twin(g.Schema)
			if of == nil {
				continue
			}
			t.Run(place+", typed", func(t *testing.T) {
				s := schemas[g.name+"Typed"]
				if s.Decode != nil {
					emitted++
				}
				verdicts(t, s, test.Data, valid && of["type"] == kind(test.Data) && different[place+", typed"] == "")
			})
		}
	}
	if emitted < 40 {
		t.Errorf("emitted code judged %d values only", emitted)
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

func verdicts(t *testing.T, s *contract.Schema, text []byte, valid bool) {
	if s == nil {
		t.Fatal("the generated package does not have the schema; run: go generate ./internal/suite")
	}
	tables := *s
	tables.Decode, tables.Encode = nil, nil
	for by, s := range map[string]*contract.Schema{"the emitted code": s, "the tables": &tables} {
		if _, err := s.Check(text, contract.Undirected); (err == nil) != valid {
			t.Errorf("%s is valid: %v, but %s say: %v", text, valid, by, err)
		}
	}
}
