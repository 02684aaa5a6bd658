package source

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// files reads from an archive.
func files(archive *txtar.Archive) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, f := range archive.Files {
			if f.Name == name {
				return f.Data, nil
			}
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
}

// golden compares got with the file "want" at the end of the archive called name, which got is made from.
func golden(t *testing.T, name string, make func(*txtar.Archive) string) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	if last := len(archive.Files) - 1; archive.Files[last].Name == "want" {
		want = string(archive.Files[last].Data)
		archive.Files = archive.Files[:last]
	}
	got := make(archive)
	if got == want {
		return
	}
	if !*update {
		t.Errorf("%s: got\n%s\nwant\n%s\nIf the new one is right, run the test with -update.", name, got, want)
		return
	}
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSyntax(t *testing.T) {
	golden(t, "testdata/syntax.txtar", func(archive *txtar.Archive) string {
		var got strings.Builder
		for _, f := range archive.Files {
			_, diagnostics := Load(f.Name, files(archive), Options{})
			if len(diagnostics) == 0 {
				fmt.Fprintf(&got, "%s: no diagnostics\n", f.Name)
			}
			write(&got, diagnostics)
		}
		return got.String()
	})
}

func write(b *strings.Builder, diagnostics Diagnostics) {
	for _, d := range diagnostics {
		fmt.Fprintln(b, d)
		for _, related := range d.Related {
			fmt.Fprintln(b, "\tsee", related)
		}
	}
}

// The first file of an archive is loaded with the options that the comment of the archive lists. Then all references
// are resolved. "show: #/pointer" prints a part of the result.
func TestLoad(t *testing.T) {
	names, err := filepath.Glob("testdata/load/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no tests", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			golden(t, name, func(archive *txtar.Archive) string { return load(t, archive) })
		})
	}
}

func load(t *testing.T, archive *txtar.Archive) string {
	var opts Options
	var show []string
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		list, known := map[string]*[]string{
			"overlay":               &opts.Overlays,
			"include-tags":          &opts.Select.IncludeTags,
			"exclude-tags":          &opts.Select.ExcludeTags,
			"include-operation-ids": &opts.Select.IncludeOperationIDs,
			"exclude-operation-ids": &opts.Select.ExcludeOperationIDs,
			"show":                  &show,
		}[key]
		switch {
		case known:
			*list = append(*list, strings.Split(value, ", ")...)
		case key == "prune":
			opts.Select.Prune = value == "true"
		case key == "import-mapping":
			file, goPackage, _ := strings.Cut(value, " ")
			opts.ImportMapping = map[string]string{file: goPackage}
		case ok:
			t.Fatalf("unknown option %q", key)
		}
	}
	doc, diagnostics := Load(archive.Files[0].Name, files(archive), opts)
	var got strings.Builder
	write(&got, diagnostics)
	if doc == nil {
		return got.String()
	}
	for _, f := range doc.Files {
		if f.Root == nil {
			continue
		}
		f.Root.walk(func(n *Node) {
			if ref := n.Get("$ref"); ref.Is(String) {
				target, err := doc.Resolve(n, ref.Text)
				writeTarget(&got, doc, ref, target, err)
				if _, all := doc.Follow(n); err == nil && all != nil {
					writeTarget(&got, doc, ref, Ref{}, all)
				}
			}
			if ref := n.Get("$dynamicRef"); ref.Is(String) {
				target, err := doc.ResolveDynamic(n, ref.Text)
				writeTarget(&got, doc, ref, target, err)
			}
			for _, m := range n.Get("discriminator").Get("mapping").members() {
				target, err := doc.Resolve(m.Value, m.Value.Text)
				writeTarget(&got, doc, m.Value, target, err)
			}
		})
	}
	for _, where := range show {
		n, _, rest := doc.descend(doc.Root, strings.TrimPrefix(where, "#"), new(int))
		if rest != "" {
			fmt.Fprintf(&got, "%s is not there\n", where)
			continue
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, n.JSON(), "", "  "); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s of %s: %s\n", where, n.Pos(), indented.String())
	}
	return got.String()
}

func writeTarget(b *strings.Builder, doc *Document, ref *Node, target Ref, err error) {
	switch {
	case err != nil:
		write(b, err.(Diagnostics))
	case target.Node == nil:
		fmt.Fprintf(b, "%s → %s#%s, package %s\n", doc.Pointer(ref), target.File.Name, target.Pointer, target.File.Package)
	default:
		fmt.Fprintf(b, "%s → %s, key %s", doc.Pointer(ref), doc.Pointer(target.Node), target.Key)
		if target.File.Package != "" {
			fmt.Fprintf(b, ", package %s", target.File.Package)
		}
		b.WriteString("\n")
	}
}
