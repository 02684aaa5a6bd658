package main

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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

// The generated packages of this module are what their documents give: what each go:generate directive would write is compared, as
// make check does.
func TestInStep(t *testing.T) {
	directive := regexp.MustCompile(`(?m)^//go:generate go run [./]+gen\b(.*)$`)
	count := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		path = filepath.Join("..", path)
		for _, m := range directive.FindAllStringSubmatch(string(read(t, path)), -1) {
			count++
			t.Run(filepath.ToSlash(path)+m[1], func(t *testing.T) {
				t.Chdir(filepath.Dir(path))
				var stdout, stderr bytes.Buffer
				if code := run(append(strings.Fields(m[1]), "-check"), &stdout, &stderr); code != exitInStep {
					t.Error(stderr.String())
				}
			})
		}
		return nil
	})
	if err != nil || count < 4 {
		t.Errorf("%d packages are generated: %v", count, err)
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
