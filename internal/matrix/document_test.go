package matrix

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// This file makes the document, and what is needed to serve it: one operation for each place and style, with a parameter of each type.

var update = flag.Bool("update", false, "write the document and the table instead of comparing them")

type object = map[string]any

// A kind is a type of values.
type kind struct {
	name   string
	schema object
}

// kinds are the types of the matrix. Members of objects have names of their own, as they may stand beside each other.
var kinds = []kind{
	{"string", object{"type": "string"}},
	{"integer", object{"type": "integer"}},
	{"number", object{"type": "number"}},
	{"boolean", object{"type": "boolean"}},
	{"int8", object{"type": "integer", "format": "int8"}},
	{"int32", object{"type": "integer", "format": "int32"}},
	{"int64", object{"type": "integer", "format": "int64"}},
	{"uint64", object{"type": "integer", "format": "uint64"}},
	{"float", object{"type": "number", "format": "float"}},
	{"date", object{"type": "string", "format": "date"}},
	{"date-time", object{"type": "string", "format": "date-time"}},
	{"duration", object{"type": "string", "format": "duration"}},
	{"uuid", object{"type": "string", "format": "uuid"}},
	{"byte", object{"type": "string", "format": "byte"}},
	{"email", object{"type": "string", "format": "email"}},
	{"binary", object{"type": "string", "format": "binary"}},
	{"enum", object{"type": "string", "enum": []any{"red", "dark green", "a,b"}}},
	{"enum-integer", object{"type": "integer", "enum": []any{1, 2}}},
	{"list", object{"type": "array", "items": object{"type": "string"}}},
	{"list-integer", object{"type": "array", "items": object{"type": "integer"}}},
	{"list-date-time", object{"type": "array", "items": object{"type": "string", "format": "date-time"}}},
	{"list-object", object{"type": "array", "items": object{"$ref": "#/components/schemas/item"}}},
	{"list-list", object{"type": "array", "items": object{"type": "array", "items": object{"type": "string"}}}},
	{"object", object{"type": "object", "properties": object{
		"os": object{"type": "string"}, "oi": object{"type": "integer"}, "od": object{"type": "string", "format": "date-time"},
	}}},
	{"object-nested", object{"type": "object", "properties": object{
		"nl": object{"type": "array", "items": object{"type": "string"}}, "no": object{"$ref": "#/components/schemas/item"},
	}}},
	{"map", object{"type": "object", "additionalProperties": object{"type": "integer"}}},
	{"union", object{"oneOf": []any{object{"type": "string", "format": "date"}, object{"type": "integer"}}}},
	{"union-object", object{"oneOf": []any{
		object{"type": "object", "required": []any{"ux"}, "properties": object{"ux": object{"type": "string"}}},
		object{"type": "object", "required": []any{"uy"}, "properties": object{"uy": object{"type": "integer"}}},
	}}},
	{"union-list", object{"oneOf": []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}}},
	{"anyof", object{"anyOf": []any{object{"type": "string"}, object{"type": "integer"}}}},
	{"nullable-string", object{"type": []any{"string", "null"}}},
	{"nullable-integer", object{"type": []any{"integer", "null"}}},
	{"nullable-list", object{"type": []any{"array", "null"}, "items": object{"type": []any{"integer", "null"}}}},
	{"untyped", object{}},
}

// A column is a place with a style.
type column struct {
	name    string // of the operation, too
	in      string // "path", "query", "header", "cookie", "form", "text" or "content" behind a place
	style   string
	explode bool
	content bool // the value is described by content
}

var columns = func() []column {
	var all []column
	add := func(in string, styles ...string) {
		for _, style := range styles {
			for _, explode := range []bool{false, true} {
				c := column{in: in, style: style, explode: explode, name: in + "-" + style}
				if explode {
					c.name += "-explode"
				}
				all = append(all, c)
			}
		}
		if in != "form" {
			all = append(all, column{in: in, content: true, name: in + "-content"})
		}
	}
	add("path", "simple", "label", "matrix")
	add("query", "form", "spaceDelimited", "pipeDelimited", "deepObject")
	add("header", "simple")
	add("cookie", "form", "cookie")
	all = append(all, column{in: "form", name: "form"})
	add("form", "form", "spaceDelimited", "pipeDelimited", "deepObject")
	return append(all, column{in: "text", name: "text"})
}()

// textKinds are the types that a text body has.
const textKinds = " string integer number boolean date-time duration uuid byte enum list object union anyof nullable-integer nullable-string untyped "

// groups are the types that may stand beside each other in a column. An object that has all names there are cannot.
func (c *column) groups() [][]kind {
	if c.in == "text" {
		var alone [][]kind
		for _, k := range kinds {
			if strings.Contains(textKinds, " "+k.name+" ") {
				alone = append(alone, []kind{k})
			}
		}
		return alone
	}
	var together, alone []kind
	for _, k := range kinds {
		if isMap(k) && c.explode && c.style != "deepObject" && (c.in == "query" || c.in == "form" || c.in == "cookie") {
			alone = append(alone, k)
		} else {
			together = append(together, k)
		}
	}
	if len(alone) == 0 {
		return [][]kind{together}
	}
	return [][]kind{together, alone}
}

func isMap(k kind) bool { return k.name == "map" }

// formName is the name of the schema of a form with members of a group of types.
func formName(group []kind) string {
	switch {
	case len(group) == len(kinds):
		return "all"
	case len(group) == 1:
		return "only-map"
	}
	return "all-but-map"
}

// operation is the operationId for a group of types in a column.
func (c *column) operation(group []kind) string {
	if len(group) == 1 {
		return c.name + "-" + group[0].name
	}
	return c.name
}

// document makes the document.
func document() []byte {
	schemas := object{"item": object{"type": "object", "properties": object{"k": object{"type": "string"}, "n": object{"type": "integer"}}}}
	for _, k := range kinds {
		schemas[k.name] = k.schema
	}
	for name, group := range map[string][]kind{"all": kinds, "all-but-map": slices.DeleteFunc(slices.Clone(kinds), isMap), "only-map": slices.DeleteFunc(slices.Clone(kinds), func(k kind) bool { return !isMap(k) })} {
		properties := object{}
		for _, k := range group {
			properties[k.name] = object{"$ref": "#/components/schemas/" + k.name}
		}
		schemas[name] = object{"type": "object", "properties": properties}
	}
	paths := object{}
	for i := range columns {
		c := &columns[i]
		for _, group := range c.groups() {
			path, op := c.describe(group)
			op["operationId"] = c.operation(group)
			method := "post"
			paths[path] = object{method: op}
		}
	}
	var b bytes.Buffer
	b.WriteString(`{"openapi":"3.2.0","info":{"title":"every parameter","version":"1"},"components":`)
	write := func(v any) {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			panic(err)
		}
	}
	write(object{"schemas": schemas})
	b.WriteString(`,"paths":{`)
	for i, path := range slices.Sorted(maps.Keys(paths)) {
		if i > 0 {
			b.WriteString(",")
		}
		write(path)
		b.WriteString(":")
		write(paths[path])
	}
	b.WriteString("}}\n")
	return b.Bytes()
}

// describe makes an operation.
func (c *column) describe(group []kind) (path string, op object) {
	path = "/" + c.operation(group)
	op = object{"responses": object{"204": object{"description": "arrived"}}}
	ref := func(k kind) object { return object{"$ref": "#/components/schemas/" + k.name} }
	switch c.in {
	case "text":
		op["requestBody"] = object{"required": true, "content": object{"text/plain": object{"schema": ref(group[0])}}}
		op["responses"] = object{"200": object{"description": "the same", "content": object{"text/plain": object{"schema": ref(group[0])}}}}
		return path, op
	case "form":
		encoding := object{}
		for _, k := range group {
			if c.style != "" {
				encoding[k.name] = object{"style": c.style, "explode": c.explode}
			}
		}
		content := object{"application/x-www-form-urlencoded": object{"schema": object{"$ref": "#/components/schemas/" + formName(group)}, "encoding": encoding}}
		op["requestBody"] = object{"content": content}
		op["responses"] = object{"200": object{"description": "the same", "content": content}}
		return path, op
	}
	var parameters []any
	headers := object{}
	for _, k := range group {
		name := k.name
		if c.in == "header" {
			name = "X-" + name
		}
		p := object{"name": name, "in": c.in, "required": c.in == "path"}
		if c.content {
			p["content"] = object{"application/json": object{"schema": ref(k)}}
			headers[name] = object{"content": p["content"]}
		} else {
			p["style"], p["explode"], p["schema"] = c.style, c.explode, ref(k)
			headers[name] = object{"explode": c.explode, "schema": ref(k)}
		}
		if c.in == "path" {
			path += "/{" + name + "}"
		}
		parameters = append(parameters, p)
	}
	op["parameters"] = parameters
	if c.in == "header" {
		op["responses"] = object{"204": object{"description": "the same", "headers": headers}}
	}
	return path, op
}

// serverFile makes the file with an implementation that keeps what arrives and, where the response can have it, sends it back.
func serverFile() []byte {
	var b strings.Builder
	b.WriteString("// Code generated by document_test.go. DO NOT EDIT.\n\npackage matrix\n\nimport \"context\"\n")
	for _, op := range Operations() {
		name := goName(op.ID)
		response := name + "204Response"
		if op.Responses[0].Status == "200" {
			response = name + "200TextResponse"
			if op.Responses[0].Content[0].MediaType != "text/plain" {
				response = name + "200FormdataResponse"
			}
		}
		fmt.Fprintf(&b, "\nfunc (s *server) %[1]s(_ context.Context, r %[1]sRequestObject) (%[1]sResponseObject, error) {\n\treturn arrived[%[2]s](s, r), nil\n}\n", name, response)
	}
	return []byte(b.String())
}

func goName(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return strings.NewReplacer("Uuid", "UUID", "Anyof", "Anyof").Replace(b.String())
}

// TestDocument compares the files that are made here with those that are there.
func TestDocument(t *testing.T) {
	golden(t, "openapi.json", document())
	golden(t, "server_test.go", serverFile())
}

func golden(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(name); err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not what the test makes (%v); go test ./internal/matrix -run TestDocument -update, then go generate ./internal/matrix", name, err)
	}
}
