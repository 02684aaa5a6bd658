package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// Parts of a generated document; %[1]d is a number, %[2]d that of another schema.
const (
	yamlSchema = `    Schema%[1]d:
      type: object
      description: |
        The schema number %[1]d, with a description
        of two lines: "it is" long.
      required:
      - id
      properties:
        id: {type: integer, minimum: 1}
        name:
          type: string
          example: a name
        next:
          $ref: '#/components/schemas/Schema%[2]d'
`
	yamlPath = `  /things/%[1]d/{id}:
    get:
      operationId: get%[1]d
      tags: [things]
      parameters:
      - name: id
        in: path
        required: true
        schema:
          type: string
      responses:
        '200':
          description: fine
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Schema%[2]d'
`
	jsonSchema = `"Schema%[1]d": {
	"type": "object", "required": ["id"],
	"description": "The schema number %[1]d, with a description\nof two lines: \"it is\" long.",
	"properties": {
		"id": {"type": "integer", "minimum": 1}, "name": {"type": "string", "example": "a name"},
		"next": {"$ref": "#/components/schemas/Schema%[2]d"}
	}
},`
	jsonPath = `"/things/%[1]d/{id}": {"get": {
	"operationId": "get%[1]d", "tags": ["things"],
	"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
	"responses": {"200": {"description": "fine", "content": {
		"application/json": {"schema": {"$ref": "#/components/schemas/Schema%[2]d"}}
	}}}
}},`
)

// generate writes a document of about size bytes, with operations and schemas like those of large real ones. Style is
// "json", "minified" or "yaml".
func generate(style string, size int) []byte {
	var b bytes.Buffer
	repeat := func(part string, until int) {
		for i := 0; b.Len() < until; i++ {
			fmt.Fprintf(&b, part, i, i/2)
		}
	}
	if style == "yaml" {
		b.WriteString("openapi: 3.0.3\ninfo:\n  title: large\n  version: 1.0.0\ncomponents:\n  schemas:\n")
		repeat(yamlSchema, size*2/3)
		b.WriteString("paths:\n")
		repeat(yamlPath, size)
		return b.Bytes()
	}
	size /= 2 // before it is indented
	b.WriteString(`{"openapi": "3.0.3", "info": {"title": "large", "version": "1.0.0"}, "components": {"schemas": {`)
	repeat(jsonSchema, size*2/3)
	b.WriteString(`"Last": {}}}, "paths": {`)
	repeat(jsonPath, size)
	b.WriteString(`"/": {}}}`)
	var out bytes.Buffer
	format := func() error { return json.Indent(&out, b.Bytes(), "", "    ") }
	if style == "minified" {
		format = func() error { return json.Compact(&out, b.Bytes()) }
	}
	if err := format(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func BenchmarkLoad(b *testing.B) {
	for _, style := range []string{"json", "minified", "yaml"} {
		for _, size := range []int{1 << 20, 11 << 20, 50 << 20} {
			b.Run(fmt.Sprintf("%s/%dMiB", style, size>>20), func(b *testing.B) {
				text := generate(style, size)
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					_, diagnostics := Load("a."+style, func(string) ([]byte, error) { return text, nil }, Options{})
					if diagnostics != nil {
						b.Fatal(diagnostics)
					}
				}
			})
		}
	}
}

// An 11 MiB document loads within 150 MB and, on an idle machine, a second. YAML allocates more than it keeps.
func TestCost(t *testing.T) {
	for _, style := range []string{"json", "minified", "yaml"} {
		text := generate(style, 11<<20)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		document, diagnostics := Load("a."+style, func(string) ([]byte, error) { return text, nil }, Options{})
		elapsed := time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if diagnostics != nil {
			t.Fatal(diagnostics)
		}
		allocated, live := (after.TotalAlloc-before.TotalAlloc)>>20, (int64(after.HeapAlloc)-int64(before.HeapAlloc))>>20
		values, _ := document.Root.measure()
		t.Logf("%s: %d bytes, %d values, %v, %d MiB allocated, %d MiB live",
			style, len(text), values, elapsed, allocated, live)
		if live > 150 || style != "yaml" && (allocated > 150 || elapsed > 10*time.Second) {
			t.Errorf("%s: too slow, or too large", style)
		}
		runtime.KeepAlive(document)
	}
}
