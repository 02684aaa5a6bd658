package upstream

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// pair compares two schemas, each the schema A of its document, with others beside it.
func pair(t *testing.T, theirs, ours string) []string {
	t.Helper()
	const format = `{"openapi":"3.0.3","paths":{"/accounts/{a}/cni/a":{"get":{"responses":{"200":{"content":{"a/b":{"schema":
{"$ref":"#/components/schemas/A"}}}}}}}},"components":{"schemas":{%s}}}`
	report, err := Compare(File{"openapi.yaml", fmt.Appendf(nil, format, ours)}, File{Name: "upstream.yaml"},
		"openapi.json", strings.NewReader(fmt.Sprintf(format, theirs)))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range report.News {
		lines = append(lines, fmt.Sprintf("%s: %s, %s", strings.TrimPrefix(d.At, "#/components/schemas/"), d.TheySay, d.WeSay))
	}
	slices.Sort(lines)
	return lines
}

func TestSchemas(t *testing.T) {
	for _, test := range []struct {
		name, theirs, ours string
		want               []string
	}{
		{"recursion", `"A":{"properties":{"a":{"$ref":"#/components/schemas/A"}}}`,
			`"A":{"properties":{"a":{"$ref":"#/components/schemas/B"}}},"B":{"properties":{"a":{"$ref":"#/components/schemas/A"}}}`, nil},
		{"recursion through allOf", `"A":{"allOf":[{"$ref":"#/components/schemas/A"},{"type":"object"}]}`, `"A":{"type":"object"}`, nil},
		{"a reference to itself", `"A":{"$ref":"#/components/schemas/A"}`, `"A":{"type":"object"}`,
			[]string{"A: a reference that leads nowhere, #/components/schemas/A, a schema, object"}},
		{"allOf on both sides", `"A":{"allOf":[{"required":["a"],"properties":{"a":{}}},{"properties":{"b":{"type":"string"}}}]}`,
			`"A":{"properties":{"b":{"type":"string"}},"allOf":[{"properties":{"a":{}}},{"required":["a"]}]}`, nil},
		{"a property in two parts", `"A":{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"maxLength":3}}}]}`,
			`"A":{"properties":{"a":{"type":"string","maxLength":4}}}`, []string{"A/properties/a/maxLength: 3, 4"}},
		{"prose and extensions", `"A":{"title":"a","description":"b","example":1,"x-c":2}`, `"A":{"externalDocs":{},"x-d":3}`, nil},
		{"what is usual", `"A":{"nullable":false,"minLength":0,"additionalProperties":true}`, `"A":{"minItems":0}`, nil},
		{"a default of false", `"A":{"default":false}`, `"A":{}`, []string{"A/default: false, nothing"}},
		{"an empty default", `"A":{"default":""}`, `"A":{}`, []string{`A/default: "", nothing`}},
		{"an unknown keyword", `"A":{"propertyNames":{"maxLength":3}}`, `"A":{}`, []string{`A/propertyNames: {"maxLength":"3"}, nothing`}},
		{"items", `"A":{"type":"array","items":{"type":"string"}}`, `"A":{"type":"array","items":{"$ref":"#/components/schemas/B"}},"B":{"type":"integer"}`,
			[]string{"B/type: string, integer"}},
		{"items on one side", `"A":{"type":"array"}`, `"A":{"type":"array","items":{"type":"string"}}`, []string{"A/items: nothing, a schema, string"}},
		{"additional members", `"A":{"additionalProperties":{"type":"string"}}`, `"A":{"additionalProperties":{"type":"integer"}}`,
			[]string{"A/additionalProperties/type: string, integer"}},
		{"closed", `"A":{"additionalProperties":false}`, `"A":{"additionalProperties":{"type":"integer"}}`, []string{"A/additionalProperties: closed, a schema"}},
		// What they say in one place about a schema that we share is a difference of that place only.
		{"a shared schema", `"A":{"properties":{"a":{"type":"string","nullable":true},"b":{"type":"string"}}}`,
			`"A":{"properties":{"a":{"$ref":"#/components/schemas/B"},"b":{"$ref":"#/components/schemas/B"}}},"B":{"type":"string"}`,
			[]string{"A/properties/a/nullable: true, nothing"}},
		{"an empty value", `"A":{"enum":["","a"]}`, `"A":{"enum":["a"]}`, []string{`A/enum/"": "", nothing`}},

		{"variants by required members", `"A":{"oneOf":[{"type":"object","required":["a"]},{"type":"object","required":["b","c"],"title":"x"}]}`,
			`"A":{"oneOf":[{"type":"object","required":["c","b"]},{"type":"object","required":["a"],"minProperties":2}]}`,
			[]string{"A/oneOf/1/minProperties: nothing, 2"}},
		{"variants by place", `"A":{"anyOf":[{"type":"string"},{"type":"integer","format":"int32"}]}`, `"A":{"anyOf":[{"type":"string"},{"type":"integer"}]}`,
			[]string{"A/anyOf/1/format: int32, nothing"}},
		{"one variant more", `"A":{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `"A":{"anyOf":[{"type":"string"}]}`,
			[]string{"A/anyOf/without a name: the variant without a name, nothing"}},
		{"oneOf and anyOf", `"A":{"anyOf":[{"required":["a"]}]}`, `"A":{"oneOf":[{"required":["a"]}]}`,
			[]string{"A/anyOf/a: the variant a, nothing", "A/oneOf/0: nothing, the variant a"}},
		{"variants by value, mapped by name", `"A":{"oneOf":[{"$ref":"#/components/schemas/Y"},{"$ref":"#/components/schemas/X"}],"discriminator":{"propertyName":"k","mapping":{"x":"X","y":"Y"}}},
			"X":{"properties":{"k":{"type":"string"},"x":{"type":"string"}}},"Y":{"properties":{"k":{"type":"string"}}}`,
			`"A":{"oneOf":[{"$ref":"#/components/schemas/P"},{"$ref":"#/components/schemas/Q"}],"discriminator":{"propertyName":"k","mapping":{"x":"#/components/schemas/P","y":"Q","z":"Q"}}},
			"P":{"properties":{"k":{"type":"string"},"x":{"type":"integer"}}},"Q":{"properties":{"k":{"type":"string"}}}`,
			[]string{"A/discriminator/mapping/z: nothing, z", "P/properties/x/type: string, integer"}},
		{"another discriminator", `"A":{"oneOf":[{"required":["a"]}],"discriminator":{"propertyName":"kind"}}`,
			`"A":{"oneOf":[{"required":["a"]}],"discriminator":{"propertyName":"type"}}`, []string{"A/discriminator/propertyName: kind, type"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := pair(t, test.theirs, test.ours); !slices.Equal(got, test.want) {
				t.Errorf("have\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
