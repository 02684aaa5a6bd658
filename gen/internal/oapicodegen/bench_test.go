package oapicodegen

import (
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// BenchmarkAlone is oapi-codegen on the document of this module: loading it, and writing types, client and server.
func BenchmarkAlone(b *testing.B) {
	text, err := os.ReadFile("../../../api/openapi.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
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
}
