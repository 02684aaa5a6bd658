package test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module    = "github.com/interconnect-go/interconnect"
	generated = module + "/generated/interconnect"
)

// What a user of the generated package compiles besides the standard library.
var dependencies = []string{
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/go-json-experiment/json/jsontext",
	"github.com/google/uuid",
	module + "/contract",
	generated,
	"github.com/oapi-codegen/nullable",
	"github.com/oapi-codegen/runtime",
	"github.com/oapi-codegen/runtime/types",
}

func TestDependencies(t *testing.T) {
	got := list(t, generated)
	for _, dependency := range got {
		if !slices.Contains(dependencies, dependency) {
			t.Errorf("the generated package needs %s. Every user compiles it; do without it, or say in docs/dependencies.md why it is "+
				"worth it and add it to dependencies", dependency)
		}
	}
	for _, dependency := range dependencies {
		if !slices.Contains(got, dependency) {
			t.Errorf("the generated package no longer needs %s; remove it from dependencies", dependency)
		}
	}
}

// The tools that make the generated package are none of its user's business, and nor is the parser of the document.
func TestNoTools(t *testing.T) {
	for _, dependency := range list(t, generated, module+"/contract", module+"/api") {
		for _, tool := range []string{"github.com/getkin/kin-openapi", "github.com/oapi-codegen/oapi-codegen/v2", module + "/gen"} {
			if dependency == tool || strings.HasPrefix(dependency, tool+"/") {
				t.Errorf("a user gets %s; import it in gen or in tests only", dependency)
			}
		}
	}
}

// list returns the packages that make up some packages, without those of the standard library.
func list(t *testing.T, packages ...string) []string {
	t.Helper()
	args := append([]string{"list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, packages...)
	var stderr strings.Builder
	command := exec.Command("go", args...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, &stderr)
	}
	packages = strings.Fields(string(out))
	// A module's internal packages are its own business. Those of jsontext go where the standard library has jsontext.
	return slices.DeleteFunc(packages, func(path string) bool { return strings.Contains(path, "/internal") })
}
