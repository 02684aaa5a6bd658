package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// BenchmarkCheck is what -check does once built, beside oapi-codegen alone on the same document: loading it, and writing
// types, client and server. The two are compared within one run.
func BenchmarkCheck(b *testing.B) {
	text := read(b, "../api/openapi.yaml")
	b.Run("gen", func(b *testing.B) {
		for b.Loop() {
			files, err := Generate("api/openapi.yaml", text, "interconnect")
			if err != nil {
				b.Fatal(err)
			}
			if drift, err := compare("../generated/interconnect", files); err != nil || len(drift) > 0 {
				b.Fatal(drift, err)
			}
		}
	})
	b.Run("stock", func(b *testing.B) {
		for b.Loop() {
			stockAlone(b, text)
		}
	})
}

func stockAlone(b *testing.B, text []byte) {
	api, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		b.Fatal(err)
	}
	_, err = codegen.Generate(api, codegen.Configuration{
		PackageName:   "interconnect",
		Generate:      codegen.GenerateOptions{Models: true, Client: true, StdHTTPServer: true, Strict: true},
		OutputOptions: codegen.OutputOptions{SkipPrune: true, ResolveTypeNameCollisions: true},
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkGrowth shows the cost of documents of different sizes; ns/op per operation stays the same.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{10, 20, 40, 80, 160} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := []byte(large(n))
			for b.Loop() {
				if _, err := Generate("large.yaml", text, "large"); err != nil {
					b.Fatal(err)
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
		fmt.Fprintf(&b, "  /thing%d:\n    post:\n      operationId: make_thing_%d\n      requestBody:\n        required: true\n"+
			"        content: {application/json: {schema: {$ref: '#/components/schemas/Thing%d'}}}\n"+
			"      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing%d'}}}}}\n", i, i, i, i)
	}
	b.WriteString("components:\n  schemas:\n")
	for i := range n {
		fmt.Fprintf(&b, "    Thing%d: {oneOf: [{$ref: '#/components/schemas/One%d'}, {$ref: '#/components/schemas/Two%d'}]}\n", i, i, i)
		fmt.Fprintf(&b, "    One%d: {type: object, required: [one], properties: {one: {type: string, format: uuid}, more: {type: integer}}}\n", i)
		fmt.Fprintf(&b, "    Two%d: {type: object, required: [two], properties: {two: {type: array, items: {type: string}}, more: {type: number}}}\n", i)
	}
	return b.String()
}
