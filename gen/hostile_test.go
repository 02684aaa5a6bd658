package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The generator ends soon, with the package or with a diagnostic, whatever the document is. The limit of time is far above
// what these take, and far below what they took when their cost doubled with each level.
func TestHostileDocuments(t *testing.T) {
	const head = "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths: {}\n"
	nested := func(open, close string, depth int) string {
		return head + "components:\n  schemas:\n    A: " + strings.Repeat(open, depth) + "{type: string}" + strings.Repeat(close, depth) + "\n"
	}
	laughs := func(levels int, first string) string {
		var b strings.Builder
		b.WriteString("x-a0: &a0 " + first + "\n")
		for i := range levels {
			fmt.Fprintf(&b, "x-a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
		}
		return b.String()
	}
	const tooDeep, tooMany = "nests more than 200 levels deep here; ", "the aliases of the document repeat more than 100000 values; "
	for name, c := range map[string]struct{ document, says string }{
		"arrays, 22 levels":             {nested("{type: array, items: ", "}", 22), ""},
		"arrays, 60 levels":             {nested("{type: array, items: ", "}", 60), ""},
		"arrays, 1,000 levels":          {nested("{type: array, items: ", "}", 1000), tooDeep},
		"maps, 60 levels":               {nested("{type: object, additionalProperties: ", "}", 60), ""},
		"members, 60 levels":            {nested("{type: object, properties: {a: ", "}}", 60), ""},
		"allOf, 60 levels":              {nested("{allOf: [", "]}", 60), ""},
		"not, 60 levels":                {nested("{not: ", "}", 60), ""},
		"anyOf, 60 levels":              {nested("{anyOf: [", "]}", 60), ""},
		"lists of an example, 1,000":    {head + "x-a: " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "\n", tooDeep},
		"JSON, 100,000 levels":          {`{"openapi":"3.0.3","x-a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", "; "},
		"aliases of aliases":            {head + laughs(40, "[x, x]"), tooMany},
		"aliases of aliases of schemas": {head + laughs(12, "{type: string}") + "components: {schemas: {A: {enum: *a12}}}\n", tooMany},
		"an alias of itself":            {head + "x-a: &a [*a]\n", tooDeep},
		"a media type that is null": {strings.Replace(head, "paths: {}", "paths: {/a: {get: {operationId: a, responses: {'200': {description: d, "+
			"content: {application/json: null}}}}}}", 1), "the media type is null; "},
		"a Go type that is none": {strings.Replace(head, "paths: {}", "paths: {'/{a}': {get: {operationId: a, parameters: [{name: a, in: path, required: true, "+
			"schema: {type: string, x-go-type: '\\'}}], responses: {'200': {description: d}}}}}", 1), "an x-go-type that is not a type"},
		"lines in a diagnostic": {head + "\"a\\nopenapi.yaml:1:1: b\": c\n", `a\nopenapi.yaml:1:1: b`},
		"few aliases":           {head + "components: {schemas: {A: &a {type: string}, B: *a}}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t, c.document)
			want := exitInStep
			if c.says != "" {
				want = exitFailed
			}
			start := time.Now()
			_, stderr := p.run(want)
			if !strings.Contains(stderr, c.says) || c.says != "" && !strings.HasPrefix(stderr, "openapi.yaml:") {
				t.Errorf("stderr is %.300s, want %q", stderr, c.says)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
