package gen

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The generator ends soon, with the package or with a diagnostic, whatever the document is. The limit of time is far above what these take, on a busy machine too,
// and far below what they would take if their cost doubled with each level.
func TestHostileDocuments(t *testing.T) {
	const head = "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths: {}\n"
	nested := func(open, close string, depth int) string {
		return head + "components:\n  schemas:\n    A: " + strings.Repeat(open, depth) + "{type: string}" + strings.Repeat(close, depth) + "\n"
	}
	doubled := func(schema string, levels int) string {
		var b strings.Builder
		for i := range levels {
			next := fmt.Sprintf(`{$ref: "#/components/schemas/S%d"}`, i+1)
			fmt.Fprintf(&b, "    S%d: %s\n", i, strings.ReplaceAll(schema, "NEXT", next))
		}
		return head + "components:\n  schemas:\n" + b.String() + fmt.Sprintf("    S%d: {type: string}\n", levels)
	}
	laughs := func(levels int, first string) string {
		var b strings.Builder
		b.WriteString("x-a0: &a0 " + first + "\n")
		for i := range levels {
			fmt.Fprintf(&b, "x-a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
		}
		return b.String()
	}
	operation := func(text string) string { return strings.Replace(head, "paths: {}", "paths: {"+text+"}", 1) }
	for name, c := range map[string]struct{ document, says string }{
		"arrays, 22 levels":             {nested("{type: array, items: ", "}", 22), ""},
		"arrays, 900 levels":            {nested("{type: array, items: ", "}", 900), "there are more than 50 arrays or maps in each other; "},
		"arrays, 1,100 levels":          {nested("{type: array, items: ", "}", 1100), "nested too deeply"},
		"maps, 900 levels":              {nested("{type: object, additionalProperties: ", "}", 900), "there are more than 50 arrays or maps in each other; "},
		"members, 60 levels":            {nested("{type: object, properties: {a: ", "}}", 60), ""},
		"allOf, 60 levels":              {nested("{allOf: [", "]}", 60), ""},
		"not, 60 levels":                {nested("{not: ", "}", 60), ""},
		"anyOf, 60 levels":              {nested("{anyOf: [", "]}", 60), ""},
		"unions, 60 levels":             {nested("{oneOf: [{type: integer}, ", "]}", 60), ""},
		"allOf doubles":                 {doubled("{allOf: [NEXT, NEXT]}", 40), ""},
		"oneOf doubles":                 {doubled("{oneOf: [NEXT, NEXT]}", 40), ""},
		"anyOf doubles":                 {doubled("{anyOf: [NEXT, NEXT, {type: integer}]}", 40), ""},
		"members double":                {doubled("{type: object, required: [l, r], properties: {l: NEXT, r: NEXT}}", 40), ""},
		"discriminators double":         {doubled("{type: object, required: [k], properties: {k: {type: string}}, oneOf: [NEXT, NEXT], discriminator: {propertyName: k}}", 30), ""},
		"JSON, 100,000 levels":          {`{"openapi":"3.0.3","x-a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", "; "},
		"aliases of aliases":            {head + laughs(40, "[x, x]"), "aliases"},
		"aliases of aliases of schemas": {head + laughs(12, "{type: string}") + "components: {schemas: {A: {enum: *a12}}}\n", "aliases"},
		"an alias of itself":            {head + "x-a: &a [*a]\n", "; "},
		"a media type that is null":     {operation("/a: {get: {operationId: a, responses: {'200': {description: d, content: {application/json: null}}}}}"), ""},
		"a Go type that is none": {operation("'/{a}': {get: {operationId: a, parameters: [{name: a, in: path, required: true, " +
			"schema: {type: string, x-go-type: '\\'}}], responses: {'200': {description: d}}}}"), "is not a Go type"},
		"lines in a diagnostic":   {head + "\"a\\nopenapi.yaml:1:1: b\": c\n", `a\nopenapi.yaml:1:1: b`},
		"few aliases":             {head + "components: {schemas: {A: &a {type: string}, B: *a}}\n", ""},
		"a schema that is itself": {head + "components: {schemas: {A: {$ref: '#/components/schemas/A'}}}\n", "leads in a circle"},
		"a union of itself":       {head + "components: {schemas: {A: {oneOf: [{$ref: '#/components/schemas/A'}, {type: string}]}}}\n", "is a part of itself"},
	} {
		t.Run(name, func(t *testing.T) {
			config := DefaultConfig()
			config.Package = "p"
			start := time.Now()
			files, diagnostics := Generate("openapi.yaml", func(string) ([]byte, error) { return []byte(c.document), nil }, config)
			text := diagnostics.Error()
			if !strings.Contains(text, c.says) || text != "" && !strings.HasPrefix(text, "openapi.yaml:") {
				t.Errorf("diagnostics are %.300s, want %q", text, c.says)
			}
			if (files == nil) != diagnostics.HasErrors() {
				t.Errorf("%d files, with %.300s", len(files), text)
			}
			for line := range strings.Lines(text) {
				if strings.HasPrefix(line, "openapi.yaml:1:1: b") {
					t.Errorf("a line that the document has written: %s", line)
				}
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}
