package styles

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
)

// This file makes the document: an operation for each place and style that OpenAPI 3.0.4 defines, with a parameter of each type, and
// one for each kind of body.

var update = flag.Bool("update", false, "write the document and the list of differences instead of comparing them")

type object = map[string]any

// A kind is a type of values.
type kind struct {
	name   string
	schema object
	values []string // as JSON; the first one is plain
}

var kinds = []kind{
	{"string", object{"type": "string"}, []string{
		`"blue"`, `""`, `"a,b"`, `"a|b c"`, `"a;b.c"`, `"a&b=c"`, `"a+b"`, `"x[y]/z?w#v"`, `"100%"`, `"%2C"`, `"é"`, `"null"`,
	}},
	{"integer", object{"type": "integer"}, []string{`7`, `-7`}},
	{"number", object{"type": "number"}, []string{`2.5`, `-1000000`}},
	{"boolean", object{"type": "boolean"}, []string{`true`, `false`}},
	{"date-time", object{"type": "string", "format": "date-time"}, []string{`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.25+01:00"`}},
	{"list", object{"type": "array", "items": object{"type": "string"}}, []string{
		`["blue","black"]`, `["one"]`, `[]`, `[""]`, `["a,b","c"]`, `["a|b","c"]`, `["a b","c"]`, `["a;b","c.d"]`, `["a&b","c=d"]`, `["100%","%2C"]`,
		`["é","日本"]`,
	}},
	{"list-integer", object{"type": "array", "items": object{"type": "integer"}}, []string{`[1,-2]`, `[]`}},
	{"object", object{"type": "object", "properties": object{"oi": object{"type": "integer"}, "os": object{"type": "string"}}}, []string{
		`{"oi":7,"os":"blue"}`, `{}`, `{"os":""}`, `{"os":"a,b"}`, `{"os":"a|b c"}`, `{"os":"a;b.c"}`, `{"os":"a&b=c"}`, `{"os":"100%"}`, `{"os":"é"}`,
	}},
	{"map", object{"type": "object", "additionalProperties": object{"type": "integer"}}, []string{
		`{"g":200,"r":100}`, `{"a,b":1}`, `{"a=b":1}`, `{"a b":1}`, `{"é":1}`,
	}},
	{"union", object{"oneOf": []any{object{"type": "integer"}, object{"type": "string", "format": "date"}}}, []string{`5`, `"2026-02-28"`}},
}

// A column is a place with a style.
type column struct {
	name    string // of the operation, too
	in      string // "path", "query", "header", "cookie", "form", "text", "json", "multipart" or "binary"
	style   string // "" for content
	explode bool
	kinds   []string // those that the style is defined for; nil for all
}

var (
	lists   = []string{"list", "list-integer"}
	objects = []string{"object", "map"}
)

var columns = []column{
	{"path-simple", "path", "simple", false, nil},
	{"path-simple-explode", "path", "simple", true, nil},
	{"path-label", "path", "label", false, nil},
	{"path-label-explode", "path", "label", true, nil},
	{"path-matrix", "path", "matrix", false, nil},
	{"path-matrix-explode", "path", "matrix", true, nil},
	{"query-form", "query", "form", false, nil},
	{"query-form-explode", "query", "form", true, nil},
	{"query-space", "query", "spaceDelimited", false, append(lists, objects...)},
	{"query-pipe", "query", "pipeDelimited", false, append(lists, objects...)},
	{"query-deep", "query", "deepObject", true, objects},
	{"query-content", "query", "", false, nil},
	{"header-simple", "header", "simple", false, nil},
	{"header-simple-explode", "header", "simple", true, nil},
	{"header-content", "header", "", false, nil},
	{"cookie-form", "cookie", "form", false, nil},
	{"cookie-form-explode", "cookie", "form", true, nil},
	{"cookie-content", "cookie", "", false, nil},
	{"form", "form", "", false, nil},
	{"form-form", "form", "form", false, nil},
	{"form-form-explode", "form", "form", true, nil},
	{"form-space", "form", "spaceDelimited", false, append(lists, objects...)},
	{"form-pipe", "form", "pipeDelimited", false, append(lists, objects...)},
	{"form-deep", "form", "deepObject", true, objects},
	{"json", "json", "", false, nil},
	{"multipart", "multipart", "", false, nil},
	{"text", "text", "", false, []string{"string", "integer", "number", "boolean", "date-time"}},
	{"binary", "binary", "", false, []string{"string"}},
}

// groups are the types that stand beside each other in one operation. An object that has all names cannot, nor can those in a path that
// others do not read, since they have to be there.
func (c *column) groups() [][]kind {
	var together []kind
	var all [][]kind
	for _, k := range kinds {
		switch {
		case c.kinds != nil && !slices.Contains(c.kinds, k.name):
		case c.in == "text", c.in == "path" && k.name != "string" && k.name != "integer" && k.name != "boolean",
			k.name == "map" && c.explode && c.style == "form":
			all = append(all, []kind{k})
		default:
			together = append(together, k)
		}
	}
	if together != nil {
		all = append(all, together)
	}
	return all
}

// operation is the operationId for a group of types.
func (c *column) operation(group []kind) string {
	if len(group) == 1 && c.in != "binary" {
		return c.name + "-" + group[0].name
	}
	return c.name
}

// document makes the document.
func document() []byte {
	schemas, paths := object{}, object{}
	for _, k := range kinds {
		schemas[k.name] = k.schema
	}
	for i := range columns {
		c := &columns[i]
		for _, group := range c.groups() {
			path, op := c.describe(group)
			op["operationId"] = c.operation(group)
			paths[path] = object{"post": op}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(object{
		"openapi": "3.0.3", "info": object{"title": "Places and styles", "version": "1"}, "paths": paths, "components": object{"schemas": schemas},
	}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func ref(k kind) object { return object{"$ref": "#/components/schemas/" + k.name} }

// describe makes an operation.
func (c *column) describe(group []kind) (path string, op object) {
	path = "/" + c.operation(group)
	if mediaType := mediaTypes[c.in]; mediaType != "" {
		content := object{}
		switch c.in {
		case "text":
			content["schema"] = ref(group[0])
		case "binary":
			content["schema"] = object{"type": "string", "format": "binary"}
		default:
			properties, encoding := object{}, object{}
			for _, k := range group {
				properties[parameter(k)] = ref(k)
				if c.style != "" {
					encoding[parameter(k)] = object{"style": c.style, "explode": c.explode}
				}
			}
			if c.in == "multipart" {
				properties["file"] = object{"type": "string", "format": "binary"}
			}
			content["schema"] = object{"type": "object", "properties": properties}
			if len(encoding) > 0 {
				content["encoding"] = encoding
			}
		}
		body := object{mediaType: content}
		response := object{"description": "The same.", "content": body}
		if c.in == "multipart" {
			response = object{"description": "It has been read."}
		}
		return path, object{"requestBody": object{"required": true, "content": body}, "responses": object{"200": response}}
	}
	var parameters []any
	headers := object{}
	for _, k := range group {
		p := object{"name": parameter(k), "in": c.in, "required": c.in == "path"}
		header := object{}
		if c.style == "" {
			p["content"] = object{"application/json": object{"schema": ref(k)}}
			header["content"] = p["content"]
		} else {
			p["style"], p["explode"], p["schema"] = c.style, c.explode, ref(k)
			header["explode"], header["schema"] = c.explode, ref(k)
		}
		if c.in == "path" {
			path += "/{" + parameter(k) + "}"
		}
		parameters, headers[parameter(k)] = append(parameters, p), header
	}
	response := object{"description": "It has been read."}
	if c.in == "header" {
		response["headers"] = headers
	}
	return path, object{"parameters": parameters, "responses": object{"204": response}}
}

// parameter is the name of the parameter or the member of a type.
func parameter(k kind) string { return "x-" + k.name }

var mediaTypes = map[string]string{
	"form": "application/x-www-form-urlencoded", "text": "text/plain", "json": "application/json", "multipart": "multipart/form-data",
	"binary": "application/octet-stream",
}

// TestDocument compares the document with what is made here.
func TestDocument(t *testing.T) {
	golden(t, "openapi.json", document(), "then go generate ./...")
}

// golden compares a file with what it should be, or writes it.
func golden(t *testing.T, name string, want []byte, then string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(name); err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not what the test makes (%v); run go test ./styles -update, %s", name, err, then)
	}
}
