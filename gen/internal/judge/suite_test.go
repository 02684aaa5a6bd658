package main

// The official test suite of JSON Schema, for draft 4, from which OpenAPI 3.0 has its keywords, and for 2020-12, which OpenAPI 3.1 has. Each schema
// of the suite is a component of a document; generated code reads and writes the values, and the schemas check them.

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A suiteGroup is a schema and the values that it is tried on, as the suite has them.
type suiteGroup struct {
	Description string
	Schema      any
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
	name string // of the component: the name of the file, and the number of the group in it
}

func suiteGroups(t *testing.T, patterns ...string) (all []*suiteGroup) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob("testdata/suite/" + pattern)
		if err != nil || files == nil {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var groups []*suiteGroup
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber()
			if err := d.Decode(&groups); err != nil {
				t.Fatal(file, err)
			}
			name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".json"), "-", "_")
			for i, g := range groups {
				g.name = strings.ToUpper(name[:1]) + name[1:] + strconv.Itoa(i+1)
				all = append(all, g)
			}
		}
	}
	return all
}

// Why a group is an exception. The generator refuses all but onlyObjects.
const (
	dynamic       = "it depends on the schemas it is reached through"
	metaschema    = "it refers to the schema of schemas, which is not there"
	anotherURL    = "it refers to a document by another URL than its $id"
	missingRemote = "it refers to a document that is not there"

	// In OpenAPI, what has properties or required describes objects, as its Go type is a struct; the suite has other values, too.
	onlyObjects = "it has properties, but no type"
)

// accepted are what is not compared of single tests, with the reason.
var accepted = map[string]string{
	"Bignum1/a bignum is an integer":                                               "the Go type holds 64 bits",
	"Bignum3/a negative bignum is an integer":                                      "the Go type holds 64 bits",
	"Bignum2/a bignum is a number":                                                 "a float64 has fewer digits",
	"Bignum4/a negative bignum is a number":                                        "a float64 has fewer digits",
	"Bignum6/comparison works for high numbers":                                    "the nearest float64 is beyond the bound, and is not written",
	"Bignum8/comparison works for very negative numbers":                           "the nearest float64 is beyond the bound, and is not written",
	"Format2/a valid protocol-relative URI":                                        "by RFC 3986 a URI has a scheme; later drafts have uri-reference for this",
	"ZeroTerminatedFloats1/a float is not an integer even without fractional part": "1.0 is an integer, as drafts after the fourth say too",

	"DynamicRef11/The recursive part doesn't need to validate against the root": "the member is declared only somewhere else, so that it is not kept",
	"UnevaluatedItems9/with invalid additional item":                            "a union reads a value that is none of its variants tolerantly as it is, whatever is wrong within",
}

// The schemas of JSON Schema 2020-12.
func TestSuite202012(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling a package of 1,000 schemas takes ten seconds; make test does it")
	}
	groups := suiteGroups(t, "draft2020-12/*.json")
	schemas := map[string]any{}
	for _, g := range groups {
		if s, ok := g.Schema.(map[string]any); ok && s["$id"] == nil {
			s["$id"] = "https://suite.example/" + g.name
		}
		if !strings.Contains(g.Description, "strict-tree") && !slices.Contains(extendible, g.Description) {
			renameAnchors(g.Schema, g.name)
		}
		add(schemas, g)
	}
	addRemotes(t, schemas)
	runSuite(t, "3.1.0", groups, schemas, map[string]string{
		"AdditionalProperties1": onlyObjects, "Properties1": onlyObjects, "Properties6": onlyObjects, "Ref1": onlyObjects, "Ref21": onlyObjects,
		"Required1": onlyObjects, "Defs1": metaschema, "Ref7": metaschema, "DynamicRef4": dynamic, "DynamicRef6": dynamic, "DynamicRef10": dynamic,
		"DynamicRef12": dynamic, "DynamicRef13": dynamic, "DynamicRef14": dynamic, "DynamicRef15": dynamic, "DynamicRef16": dynamic,
		"DynamicRef17": dynamic, "DynamicRef20": dynamic, "UnevaluatedItems19": dynamic, "UnevaluatedProperties21": dynamic,
		"RefRemote12": anotherURL, "RefRemote13": anotherURL,
	})
}

// The schemas of draft 4, in OpenAPI 3.0 as far as it has their keywords, and as schemas of OpenAPI 3.1, whose keywords have other forms.
func TestSuiteDraft4(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling two packages of hundreds of schemas takes ten seconds; make test does it")
	}
	var shared []*suiteGroup
	schemas := map[string]any{}
	for _, g := range suiteGroups(t, "draft4/*.json", "draft4/optional/*.json") {
		if inOpenAPI30(g.Schema) {
			shared = append(shared, g)
			add(schemas, g)
		}
	}
	if len(shared) < 50 {
		t.Errorf("only %d schemas are those of OpenAPI 3.0, too", len(shared))
	}
	runSuite(t, "3.0.3", shared, schemas, map[string]string{"Properties1": onlyObjects})

	all := suiteGroups(t, "draft4/*.json", "draft4/optional/*.json")
	schemas = map[string]any{}
	for _, g := range all {
		g.Schema = in202012(g.Schema)
		if s, ok := g.Schema.(map[string]any); ok && s["$id"] == nil {
			s["$id"] = "https://suite.example/" + g.name
		}
		add(schemas, g)
	}
	addRemotes(t, schemas)
	runSuite(t, "3.1.0", all, schemas, map[string]string{
		"AdditionalProperties1": onlyObjects, "Properties1": onlyObjects, "Ref1": onlyObjects,
		"Definitions1": metaschema, "Definitions2": metaschema, "Ref6": metaschema, "RefRemote4": missingRemote,
	})
}

// notIn30 are the keywords of draft 4 that OpenAPI 3.0 does not have.
var notIn30 = []string{"$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"}

// inOpenAPI30 reports whether OpenAPI 3.0 can say the same as a schema.
func inOpenAPI30(s any) bool {
	shared := true
	walkSchema(s, func(object map[string]any) {
		for _, keyword := range notIn30 {
			_, has := object[keyword]
			shared = shared && !has
		}
		_, several := object["type"].([]any)
		_, tuple := object["items"].([]any)
		shared = shared && !several && !tuple && object["type"] != "null"
	})
	return shared
}

// in202012 spells a schema of draft 4 as one of 2020-12.
func in202012(s any) any {
	object, ok := s.(map[string]any)
	if list, is := s.([]any); is {
		for i := range list {
			list[i] = in202012(list[i])
		}
	}
	if !ok {
		return s
	}
	made := map[string]any{}
	if ref, ok := object["$ref"].(string); ok { // nothing beside it counts, but that it can refer to definitions
		made["$ref"] = strings.NewReplacer("#/definitions/", "#/$defs/", "#/items/", "#/prefixItems/", "http://localhost:1234/",
			"http://localhost:1234/draft2020-12/", ".json#/", ".json#/$defs/").Replace(ref)
		object = map[string]any{"definitions": object["definitions"]}
	}
	for keyword, value := range object {
		switch keyword {
		case "enum", "default", "required", "$schema":
			made[keyword] = value
		case "id":
			made["$id"] = value
		case "exclusiveMaximum", "exclusiveMinimum":
			if inclusive := strings.Replace(strings.ToLower(keyword), "exclusive", "", 1); value == true {
				made[keyword] = object[inclusive]
			}
		case "maximum", "minimum":
			if object["exclusiveM"+keyword[1:]] != true {
				made[keyword] = value
			}
		case "items":
			if list, ok := value.([]any); ok {
				made["prefixItems"] = in202012(list)
				if rest, ok := object["additionalItems"]; ok {
					made["items"] = in202012(rest)
				}
			} else {
				made["items"] = in202012(value)
			}
		case "additionalItems":
		case "dependencies":
			required, schemas := map[string]any{}, map[string]any{}
			for name, dependency := range value.(map[string]any) {
				if _, ok := dependency.([]any); ok {
					required[name] = dependency
				} else {
					schemas[name] = in202012(dependency)
				}
			}
			made["dependentRequired"], made["dependentSchemas"] = required, schemas
		case "properties", "patternProperties", "definitions":
			members, _ := value.(map[string]any)
			inner := map[string]any{}
			for name, member := range members {
				inner[name] = in202012(member)
			}
			made[strings.Replace(keyword, "definitions", "$defs", 1)] = inner
		default:
			made[keyword] = in202012(value)
		}
	}
	return made
}

// add adds the schema of a group as a component, and with its type as another one.
func add(schemas map[string]any, g *suiteGroup) {
	schemas[g.name] = g.Schema
	if _, ok := g.Schema.(bool); ok { // which cannot be a component by itself
		schemas[g.name] = map[string]any{"allOf": []any{g.Schema}}
	}
	if with := twin(g.Schema); with != nil {
		if with["$id"] != nil {
			with["$id"] = "https://suite.example/" + g.name + "Typed"
		}
		schemas[g.name+"Typed"] = with
	}
}

// extendible are the groups that refer to dynamic anchors of other documents.
var extendible = []string{
	"tests for implementation dynamic anchor and reference link", "$ref and $dynamicAnchor are independent of order - $defs first",
	"$ref and $dynamicAnchor are independent of order - $ref first",
}

// addRemotes adds the schemas of other documents that the suite refers to as components, which have the URLs of these documents as identifiers.
func addRemotes(t *testing.T, schemas map[string]any) {
	const root = "testdata/suite/remotes"
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var s map[string]any
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		path, err = filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if s["$id"] == nil {
			s["$id"] = "http://localhost:1234/" + filepath.ToSlash(path)
		}
		schemas["Remote"+strings.Map(func(r rune) rune {
			if r == '/' || r == '-' || r == '.' {
				return '_'
			}
			return r
		}, filepath.ToSlash(path))] = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// renameAnchors gives the dynamic anchors of a schema names that no other schema of the document has.
func renameAnchors(s any, suffix string) {
	names := map[string]bool{}
	walkSchema(s, func(object map[string]any) {
		if name, ok := object["$dynamicAnchor"].(string); ok {
			names[name] = true
		}
	})
	walkSchema(s, func(object map[string]any) {
		for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
			if name, ok := object[keyword].(string); ok && names[name] {
				object[keyword] = name + suffix
			}
		}
		for _, keyword := range []string{"$ref", "$dynamicRef"} {
			if ref, ok := object[keyword].(string); ok {
				if base, name, _ := strings.Cut(ref, "#"); names[name] {
					object[keyword] = base + "#" + name + suffix
				}
			}
		}
	})
}

func walkSchema(s any, each func(object map[string]any)) {
	switch s := s.(type) {
	case map[string]any:
		each(s)
		for _, inner := range s {
			walkSchema(inner, each)
		}
	case []any:
		for _, inner := range s {
			walkSchema(inner, each)
		}
	}
}

// typedKeywords are the keywords that apply to values of one type only.
var typedKeywords = map[string]string{
	"maximum": "number", "minimum": "number", "exclusiveMaximum": "number", "exclusiveMinimum": "number", "multipleOf": "number",
	"maxLength": "string", "minLength": "string", "pattern": "string", "format": "string",
	"items": "array", "prefixItems": "array", "maxItems": "array", "minItems": "array", "uniqueItems": "array", "contains": "array",
	"unevaluatedItems": "array",
	"properties":       "object", "required": "object", "additionalProperties": "object", "maxProperties": "object", "minProperties": "object",
	"patternProperties": "object", "propertyNames": "object", "dependentRequired": "object", "dependentSchemas": "object",
	"unevaluatedProperties": "object",
}

// twin is the schema with the type that its keywords are about, as documents have it in practice, or nil if it says one anyway or they are about
// none. The generator makes another Go type of it.
func twin(s any) map[string]any {
	object, ok := s.(map[string]any)
	if !ok || object["type"] != nil || object["$id"] != nil && !strings.HasPrefix(object["$id"].(string), "https://suite.example/") {
		return nil
	}
	for _, keyword := range slices.Sorted(maps.Keys(object)) {
		if of, ok := typedKeywords[keyword]; ok {
			with := maps.Clone(object)
			with["type"] = of
			return with
		}
	}
	return nil
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
	case 'n':
		return "null"
	}
	return "number"
}

// declaredNames are the names of the members that a schema declares somewhere.
func declaredNames(s any) map[string]bool {
	names := map[string]bool{}
	walkSchema(s, func(object map[string]any) {
		if properties, ok := object["properties"].(map[string]any); ok {
			for name := range properties {
				names[name] = true
			}
		}
	})
	return names
}

// keeps reports whether a value that is written again is the same, but for members that are declared nowhere.
func keeps(declared map[string]bool, text, again string) bool {
	var compare func(a, b any) bool
	compare = func(a, b any) bool {
		switch a := a.(type) {
		case map[string]any:
			b, ok := b.(map[string]any)
			for name, value := range a {
				if _, there := b[name]; !there && !declared[name] {
					continue
				}
				ok = ok && compare(value, b[name])
			}
			for name := range b {
				_, there := a[name]
				ok = ok && there
			}
			return ok
		case []any:
			b, ok := b.([]any)
			return ok && slices.EqualFunc(a, b, compare)
		case json.Number:
			b, ok := b.(json.Number)
			return ok && sameNumber(a.String(), b.String())
		}
		return a == b
	}
	parse := func(text string) (v any) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&v) != nil {
			return nil
		}
		return v
	}
	return compare(parse(text), parse(again))
}

// runSuite makes a package of schemas and tries all values on them. Each exception, a group with its reason, has to be one.
func runSuite(t *testing.T, version string, groups []*suiteGroup, schemas map[string]any, exceptions map[string]string) {
	dir := t.TempDir()
	name := filepath.Join(dir, "suite.json")
	loadSchemas := func() *document {
		text, err := json.MarshalIndent(map[string]any{
			"openapi": version, "info": map[string]any{"title": "suite", "version": "1"}, "paths": map[string]any{},
			"components": map[string]any{"schemas": schemas},
		}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return load(name, model.Options{Package: "p", Source: "suite.json", SkipPrune: true, NullableType: true})
	}
	d := loadSchemas()
	refused := map[string]bool{}
	for len(d.targets) == 0 { // leave out what is refused
		before := len(schemas)
		for _, found := range d.found {
			key, _, _ := strings.Cut(strings.TrimPrefix(found.Where, "#/components/schemas/"), "/")
			if found.Severity != source.Error || schemas[key] == nil {
				continue
			}
			delete(schemas, key)
			if name := strings.TrimSuffix(key, "Typed"); !strings.HasPrefix(name, "Remote") {
				refused[name] = true
				if reason := exceptions[name]; reason == "" || reason == onlyObjects {
					t.Error(found)
				}
			}
		}
		if len(schemas) == before {
			t.Fatal(d.found)
		}
		d = loadSchemas()
	}
	passed := map[string]bool{}
	p, err := build(filepath.Join(dir, "module"), d)
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]*target{}
	for _, c := range d.api.Components {
		targets[c.Key] = d.target(c.Node)
	}
	judged := 0
	for _, g := range groups {
		for _, name := range []string{g.name, g.name + "Typed"} {
			s, ok := schemas[name].(map[string]any)
			if !ok && schemas[name] == nil {
				continue
			}
			at, declared := targets[name], declaredNames(schemas[name])
			if at == nil {
				t.Errorf("%s is not a component of the model", name)
				continue
			}
			for _, test := range g.Tests {
				valid := test.Valid
				if name != g.name {
					valid = valid && s["type"] == kind(test.Data)
				}
				v, err := p.ask(at, test.Data)
				if err != nil {
					t.Fatal(err)
				}
				judged++
				special := g.name + "/" + test.Description
				noObject := valid && strings.Contains(v.Check, "want an object, got") && v.Refused != ""
				if noObject && exceptions[g.name] == onlyObjects || accepted[special] != "" {
					passed[g.name], passed[special] = true, true
					continue
				}
				place := name + ": " + g.Description + "/" + test.Description + ": " + string(test.Data)
				switch {
				case (v.Check == "") != valid:
					t.Errorf("%s\n\tvalid is %v, but the schema says %q", place, valid, v.Check)
				case v.Wrong != "":
					t.Errorf("%s\n\t%s", place, v.Wrong)
				case v.HasType && (v.Refused == "") != valid:
					t.Errorf("%s\n\tvalid is %v, but %s says %q", place, valid, typeName(at), v.Refused)
				case v.HasType && valid && (v.Unwritten != "" || !keeps(declared, string(test.Data), v.Back)):
					t.Errorf("%s\n\tis written by %s as %s %s", place, typeName(at), v.Back, v.Unwritten)
				}
			}
		}
	}
	t.Logf("%d verdicts", judged)
	for name := range exceptions {
		if !refused[name] && !passed[name] {
			t.Errorf("%s is not an exception", name)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}
