package gen

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkCheck is what contractgen -check does for the document of this module. BenchmarkAlone in internal/oapicodegen is oapi-codegen on the
// same document.
func BenchmarkCheck(b *testing.B) {
	text, err := os.ReadFile("../api/contractgen.yaml")
	if err != nil {
		b.Fatal(err)
	}
	config, found := ReadConfig("contractgen.yaml", text)
	if len(found) > 0 {
		b.Fatal(found)
	}
	config.Source = "api/openapi.yaml"
	for b.Loop() {
		files, found := Generate("../api/openapi.yaml", nil, config)
		if len(found) > 0 {
			b.Fatal(found)
		}
		if drift, err := Check("../generated/interconnect", files, config); err != nil || len(drift) > 0 {
			b.Fatal(drift, err)
		}
	}
}

// BenchmarkGrowth shows the cost of documents of different sizes; ns/op per operation stays the same.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{10, 20, 40, 80, 160} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := []byte(large(n))
			for b.Loop() {
				if files, found := generateText(text); files == nil {
					b.Fatal(found)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/operation")
		})
	}
}

// large is a document of n operations, each with a union of its own.
func large(n int) string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: Large, version: '1'}\npaths:\n")
	for i := range n {
		fmt.Fprintf(&b, "  /thing%[1]d:\n    post:\n      operationId: make_thing_%[1]d\n      requestBody:\n        required: true\n"+
			"        content: {application/json: {schema: {$ref: '#/components/schemas/Thing%[1]d'}}}\n"+
			"      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing%[1]d'}}}}}\n", i)
	}
	b.WriteString("components:\n  schemas:\n")
	for i := range n {
		fmt.Fprintf(&b, "    Thing%[1]d: {oneOf: [{$ref: '#/components/schemas/One%[1]d'}, {$ref: '#/components/schemas/Two%[1]d'}]}\n", i)
		fmt.Fprintf(&b, "    One%d: {type: object, required: [one], properties: {one: {type: string, format: uuid}, more: {type: integer}}}\n", i)
		fmt.Fprintf(&b, "    Two%d: {type: object, required: [two], properties: {two: {type: array, items: {type: string}}, more: {type: number}}}\n", i)
	}
	return b.String()
}
