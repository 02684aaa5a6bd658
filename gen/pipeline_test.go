package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata/*.txtar")

// TestCases runs every testdata/*.txtar: the document in openapi.yaml either gives the files that follow it, or the
// diagnostics. Those of lint are named findings. Only files that the case names are compared.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) < 2 || archive.Files[0].Name != "openapi.yaml" {
				t.Fatal("want openapi.yaml, and behind it diagnostics or generated files")
			}
			files, err := Generate("openapi.yaml", archive.Files[0].Data, "p")
			if err != nil {
				files = Files{"diagnostics": []byte(err.Error() + "\n")}
			} else if err := Lint("openapi.yaml", archive.Files[0].Data); err != nil {
				files["findings"] = []byte(err.Error() + "\n")
			}
			for i := range archive.Files[1:] {
				golden := &archive.Files[i+1]
				got, ok := files[golden.Name]
				if !ok {
					t.Errorf("no %s; there are %v", golden.Name, slices.Sorted(maps.Keys(files)))
					if err != nil {
						t.Error(err)
					}
					continue
				}
				if *update {
					golden.Data = got
				} else if !bytes.Equal(got, golden.Data) {
					t.Errorf("%s\n%s", differing(golden.Name, golden.Data, got), got)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Every diagnostic says where, what and what to do.
func TestDiagnosticsAreActionable(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	seen := 0
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files[1:] {
			if file.Name != "diagnostics" && file.Name != "findings" {
				continue
			}
			for line := range strings.Lines(string(file.Data)) {
				seen++
				line = strings.TrimSuffix(line, "\n")
				if !strings.HasPrefix(line, "openapi.yaml:") || strings.HasPrefix(line, "openapi.yaml:0:") || !strings.Contains(line, "; ") {
					t.Errorf("%s: want file:line:col: where: what; what to do, got:\n%s", path, line)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d diagnostics in testdata", seen)
	}
}

// The same document gives the same bytes, however its keys are ordered in memory: maps are iterated anew in each run. TestInStep is one
// run more, and make test-long repeats the test.
func TestDeterministic(t *testing.T) {
	for _, path := range []string{"../api/openapi.yaml", "../internal/everywhere/openapi.yaml"} {
		text := read(t, path)
		first, err := Generate(path, text, "p")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			again, err := Generate(path, text, "p")
			if err != nil {
				t.Fatal(err)
			}
			if !maps.EqualFunc(first, again, bytes.Equal) {
				t.Fatalf("%s: two runs differ", path)
			}
		}
	}
}

// The generated packages of this module are what their documents give. This is -check as a test.
func TestInStep(t *testing.T) {
	for _, c := range []struct{ document, source, out, name string }{
		{"../api/openapi.yaml", "api/openapi.yaml", "../generated/interconnect", "interconnect"},
		{"../api/sandbox.yaml", "sandbox.yaml", "../generated/control", "control"},
		{"../internal/everywhere/openapi.yaml", "openapi.yaml", "../internal/everywhere", "everywhere"},
	} {
		files, err := Generate(c.source, read(t, c.document), c.name)
		if err != nil {
			t.Fatal(err)
		}
		drift, err := compare(c.out, files)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range drift {
			t.Error(d)
		}
		if len(drift) > 0 {
			t.Errorf("%s is not what %s gives; run: go generate ./...", c.out, c.document)
		}
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
