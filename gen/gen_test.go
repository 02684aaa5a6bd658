package gen

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata/*.txtar")

const configName = "contractgen.yaml"

// TestCases runs every testdata/*.txtar. The first file is the document; contractgen.yaml is its config, and .yaml and .json files beside them
// are what it refers to, .go files what a user has written by hand. What comes after them is golden: the diagnostics, if there are any, and those of the generated files that the case
// is about. Whatever is generated compiles, and is the same in each run.
func TestCases(t *testing.T) {
	for _, path := range casePaths(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, diagnostics := generateCase(t, archive)
			for range 2 {
				again, againDiagnostics := generateCase(t, archive)
				if !maps.EqualFunc(files, again, bytes.Equal) || diagnostics.Error() != againDiagnostics.Error() {
					t.Fatal("two runs differ")
				}
			}
			if files != nil {
				if err := compile(withHandwritten(files, archive)); err != nil {
					t.Error(err)
				}
			}
			golden := Files{}
			maps.Copy(golden, files)
			if len(diagnostics) > 0 {
				golden["diagnostics"] = []byte(diagnostics.Error() + "\n")
			}
			compareCase(t, path, archive, golden)
		})
	}
}

func casePaths(t *testing.T) []string {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) < 60 {
		t.Fatalf("%d cases: %v", len(paths), err)
	}
	return paths
}

// generateCase generates what a case is about.
func generateCase(t *testing.T, archive *txtar.Archive) (Files, Diagnostics) {
	if len(archive.Files) == 0 || isGolden(archive.Files[0].Name) {
		t.Fatal("want the document first")
	}
	read := readFrom(archive)
	config := DefaultConfig()
	var found Diagnostics
	if text, err := read(configName); err == nil {
		config, found = ReadConfig(configName, text)
	}
	config.Package = "p"
	files, diagnostics := Generate(archive.Files[0].Name, read, config)
	if found.HasErrors() {
		files = nil
	}
	return files, append(found, diagnostics...)
}

// readFrom reads the files of an archive.
func readFrom(archive *txtar.Archive) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, file := range archive.Files {
			if file.Name == name {
				return file.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
}

func isGolden(name string) bool { return name == "diagnostics" || strings.HasSuffix(name, ".gen.go") }

// compareCase compares the golden files of a case with what there is, or rewrites them.
func compareCase(t *testing.T, path string, archive *txtar.Archive, got Files) {
	var kept []txtar.File
	for _, file := range archive.Files {
		if !isGolden(file.Name) {
			kept = append(kept, file)
			continue
		}
		text, ok := got[file.Name]
		switch {
		case !ok && *update && file.Name == "diagnostics":
			continue // they are mended
		case !ok:
			t.Errorf("no %s; there are %v\n%s", file.Name, slices.Sorted(maps.Keys(got)), got["diagnostics"])
		case !*update && !bytes.Equal(text, file.Data):
			t.Errorf("%s\n%s", difference(file.Name, file.Data, text), text)
		}
		kept = append(kept, txtar.File{Name: file.Name, Data: text})
	}
	if text, ok := got["diagnostics"]; ok && !slices.ContainsFunc(kept, func(f txtar.File) bool { return f.Name == "diagnostics" }) {
		if kept = append(kept, txtar.File{Name: "diagnostics", Data: text}); !*update {
			t.Errorf("diagnostics that the case does not have:\n%s", text)
		}
	}
	if *update {
		archive.Files = kept
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// exports finds the export data of the packages that generated code imports.
var exports = sync.OnceValues(func() (map[string]string, error) {
	command := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}",
		"../contract/...", "github.com/oapi-codegen/nullable", "github.com/oapi-codegen/runtime/types", "github.com/getkin/kin-openapi/openapi3",
		"mime/multipart", "math/big", "net/netip")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
	}
	return files, nil
})

// withHandwritten adds the files of an archive that are Go.
func withHandwritten(files Files, archive *txtar.Archive) Files {
	all := maps.Clone(files)
	for _, file := range archive.Files {
		if strings.HasSuffix(file.Name, ".go") && !isGolden(file.Name) {
			all[file.Name] = file.Data
		}
	}
	return all
}

// compile type-checks files as one package.
func compile(files Files) (err error) {
	exported, err := exports()
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, err := parser.ParseFile(set, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	config := types.Config{
		Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
			if exported[path] == "" {
				return nil, fmt.Errorf("the package %s is not known", path)
			}
			return os.Open(exported[path])
		}),
		Error: func(one error) { err = errors.Join(err, one) },
	}
	if _, other := config.Check("p", set, parsed, nil); err == nil {
		err = other
	}
	return err
}

// Every diagnostic says where, what and what to do.
func TestDiagnosticsAreActionable(t *testing.T) {
	form := regexp.MustCompile(`^[\w.-]+:[1-9]\d*:[1-9]\d*: (\S+#/\S*|#/.+?: |warning: |[a-z"%])`)
	seen := 0
	for _, path := range casePaths(t) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name != "diagnostics" {
				continue
			}
			for line := range strings.Lines(string(file.Data)) {
				seen++
				if line = strings.TrimSuffix(line, "\n"); !form.MatchString(line) || !strings.Contains(line, "; ") {
					t.Errorf("%s: want file:line:col: where: what; what to do, got:\n%s", path, line)
				}
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d diagnostics in testdata", seen)
	}
}

// Each rule has a case in testdata that shows a finding.
func TestEveryRuleHasACase(t *testing.T) {
	var all strings.Builder
	for _, path := range casePaths(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, rule := range Rules() {
		if !strings.Contains(all.String(), "["+rule.Name+"]\n") {
			t.Errorf("no case has a finding of %s", rule.Name)
		}
	}
}
