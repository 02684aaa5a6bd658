package test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os/exec"
	"path/filepath"
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
	module + "/api/cloudflare",
	module + "/contract",
	module + "/contract/schema",
	module + "/contract/wire",
	generated,
	"github.com/google/uuid",
	"github.com/oapi-codegen/nullable",
	"github.com/oapi-codegen/runtime/types",
}

func TestDependencies(t *testing.T) {
	got := dependenciesOf(t, generated)
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

// oapi-codegen, and the model of a document that it takes, are known to one package of the generator. Besides, they judge: in tests, and in
// the program that compares our verdicts with theirs.
func TestImportersOfTools(t *testing.T) {
	const importer, judge = module + "/gen/internal/oapicodegen", module + "/gen/internal/judge"
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...") {
		fields := strings.Fields(line)
		for _, path := range fields[1:] {
			for _, tool := range []string{"github.com/getkin/kin-openapi", "github.com/oapi-codegen/oapi-codegen/v2"} {
				if fields[0] != importer && fields[0] != judge && (path == tool || strings.HasPrefix(path, tool+"/")) {
					t.Errorf("%s imports %s; go through %s", fields[0], path, importer)
				}
			}
		}
	}
}

// A reader of the generated package has so many lines to read, comments included.
func TestLinesOfGeneratedCode(t *testing.T) {
	const most = 6000
	files, err := filepath.Glob("../generated/interconnect/*.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, file := range files {
		lines += strings.Count(readText(t, file), "\n")
	}
	if len(files) == 0 || lines > most {
		t.Errorf("%d files have %d lines, want at most %d", len(files), lines, most)
	}
}

// What is made for tests has no place in the program: package testing registers flags, and rapid imports it.
func TestNoTestingInProgram(t *testing.T) {
	for _, dependency := range list(t, "-deps", "-f", "{{.ImportPath}}", module+"/cmd/interconnect") {
		if dependency == "testing" || strings.HasPrefix(dependency, "testing/") || strings.HasPrefix(dependency, "pgregory.net/rapid") {
			t.Errorf("the program has %s; import it in tests only", dependency)
		}
	}
}

// A package that starts goroutines, shares state between them or serves HTTP is tested with the race detector.
func TestRaceList(t *testing.T) {
	_, value, ok := strings.Cut(readText(t, "../Makefile"), "\nRACE = ")
	value, _, _ = strings.Cut(value, "\n")
	if !ok {
		t.Fatal("the Makefile has no RACE")
	}
	patterns := strings.Fields(value)
	for i, pattern := range patterns {
		patterns[i] = module + strings.TrimPrefix(pattern, ".")
	}
	raced := list(t, append([]string{"-f", "{{.ImportPath}}"}, patterns...)...)
	concurrent := 0
	for _, line := range list(t, "-f", "{{if .TestGoFiles}}tested{{else if .XTestGoFiles}}tested{{end}} {{.ImportPath}} {{.Dir}} {{join .GoFiles \" \"}}", module+"/...") {
		fields := strings.Fields(line)
		if fields[0] != "tested" {
			continue
		}
		for _, file := range fields[3:] {
			if why := concurrency(t, filepath.Join(fields[2], file)); why != "" {
				concurrent++
				if !slices.Contains(raced, fields[1]) {
					t.Errorf("%s: %s %s; add the package to RACE in the Makefile", fields[1], file, why)
				}
				break
			}
		}
	}
	if concurrent < 6 {
		t.Errorf("only %d packages are found to be concurrent; this test overlooks some", concurrent)
	}
}

// concurrency says what is concurrent in a file, "" if nothing is.
func concurrency(t *testing.T, path string) (why string) {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		if name := strings.Trim(spec.Path.Value, `"`); name == "sync" || name == "sync/atomic" || strings.HasPrefix(name, "golang.org/x/sync/") {
			return "imports " + name
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.GoStmt:
			why = "starts a goroutine"
		case *ast.FuncDecl:
			if n.Recv != nil && n.Name.Name == "ServeHTTP" {
				why = "serves HTTP"
			}
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok {
				switch pkg.Name + "." + n.Sel.Name {
				case "http.Handler", "http.HandlerFunc", "http.Serve", "http.ListenAndServe", "http.Server", "httptest.NewServer", "time.AfterFunc":
					why = "uses " + pkg.Name + "." + n.Sel.Name
				}
			}
		}
		return why == ""
	})
	return why
}

// dependenciesOf returns the packages that make up some packages, without those of the standard library.
func dependenciesOf(t *testing.T, packages ...string) []string {
	t.Helper()
	all := list(t, append([]string{"-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, packages...)...)
	// A module's internal packages are its own business.
	return slices.DeleteFunc(all, func(path string) bool { return strings.Contains(path, "/internal") })
}

// list returns the lines that go list prints, without empty ones.
func list(t *testing.T, args ...string) []string {
	t.Helper()
	var stderr strings.Builder
	command := exec.Command("go", append([]string{"list"}, args...)...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, &stderr)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}
