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

func TestDiagnostic(t *testing.T) {
	a := Diagnostic{Position{"a.yaml", 2, 3}, "#/a", "wrong; mend it", "rule", Warning, nil}
	b := Diagnostic{Position: Position{File: "a.yaml"}, What: "missing; add it"}
	off := Diagnostic{Position: Position{"a.yaml", 1, 1}, Severity: Off}
	if got, want := a.String(), "a.yaml:2:3: #/a: warning: wrong; mend it [rule]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	sorted := Diagnostics{a, off, b, a}.Sort()
	if got, want := sorted.Error(), "a.yaml:1:1: missing; add it\n"+a.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !sorted.HasErrors() || (Diagnostics{a, off}).HasErrors() {
		t.Error("a warning is not an error")
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"Pett": "Pet", "pet": "Pet", "Ordre": "Order", "UserProfil": "UserProfile",
		"user_profile": "UserProfile", "X": "", "custom_attributes": "",
	} {
		if got := Nearest(name, []string{"Pet", "Order", "UserProfile", "Po", "data_attribute"}); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// The getters accept what is missing, and what is of another type.
func TestNode(t *testing.T) {
	root, diagnostics := parseText("a.json", `{"s": "text", "t": true, "n": 1e2, "f": 1.5, "big": 9223372036854775807,
		"huge": 1e30, "a": ["x", 1, "y"], "o": {"p": {}}}`)
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	var missing *Node
	if missing.Get("a").Get("b").Is(Null) || missing.Str("a") != "" || missing.True("a") || missing.Has("a") ||
		missing.Names() != nil || missing.Strings("a") != nil || missing.Parent() != nil || missing.Pos() != (Position{}) ||
		string(missing.JSON()) != "null" {
		t.Error("a missing node has something")
	}
	if root.Str("s") != "text" || root.Str("t") != "" || !root.True("t") || root.True("s") {
		t.Error("wrong text")
	}
	for name, want := range map[string]int64{"n": 100, "big": 9223372036854775807} {
		if got, ok := root.Int(name); !ok || got != want {
			t.Errorf("%s: got %d", name, got)
		}
	}
	for _, name := range []string{"f", "huge", "s", "none"} {
		if got, ok := root.Int(name); ok {
			t.Errorf("%s: got %d", name, got)
		}
	}
	if got := strings.Join(root.Strings("a"), " "); got != "x y" {
		t.Error(got)
	}
	if p := root.Get("o").Get("p"); p.Parent().Parent() != root || pointer(p) != "/o/p" {
		t.Error("wrong parents")
	}
}

func TestFileLimits(t *testing.T) {
	read := func(name string) ([]byte, error) {
		if name == "a.json" {
			return []byte(`{"openapi": "3.0.3", "a": {"$ref": "b.json"}, "c": {"$ref": "c.json"}, "d": {"$ref": "d.json"}}`), nil
		}
		return []byte(`{"a": [1, 2, 3]}`), nil
	}
	for _, c := range []struct {
		limits Limits
		want   string
	}{
		{Limits{}, ""},
		{Limits{Bytes: 50}, "a.json:1:1: the file has 95 bytes, more than the 50 that are read; split it"},
		{Limits{Files: 3}, "a.json:1:1: the document refers to more than 3 files; join some"},
		{Limits{Values: 5}, "a.json:1:61: the document has more than 5 values; leave out what is not used"},
		{Limits{Depth: 1}, "a.json:1:13: not valid JSON: objects and arrays are nested more than 1 deep; nest less deeply"},
	} {
		if _, diagnostics := Load("a.json", read, Options{Limits: c.limits}); diagnostics.Error() != c.want {
			t.Errorf("%+v: got %v, want %s", c.limits, diagnostics, c.want)
		}
	}
	document, diagnostics := Load("a.json", read, Options{Limits: Limits{Values: 12}}) // c.json exceeds them
	if document == nil {
		t.Fatal(diagnostics)
	}
	_, err := document.Resolve(document.Root.Get("c"), "c.json")
	if err == nil || !strings.Contains(err.Error(), "more than 12 values") {
		t.Errorf("got %v", err)
	}
}

// An overlay can double a document in one line.
func TestOverlayLimits(t *testing.T) {
	for name, action := range map[string]string{
		"many": `{"target": "$..*", "update": {"a": [1, 2, 3]}}`,
		"deep": `{"target": "$.o", "copy": "$"}`,
	} {
		overlay := `{"overlay": "1.1.0", "actions": [` + strings.Repeat(action+",", 40) + action + `]}`
		read := func(name string) ([]byte, error) {
			if name == "overlay.json" {
				return []byte(overlay), nil
			}
			return []byte(`{"openapi": "3.0.3", "o": {}, "p": {}}`), nil
		}
		opts := Options{Overlays: []string{"overlay.json"}, Limits: Limits{Values: 20_000, Depth: 20}}
		_, diagnostics := Load("a.json", read, opts)
		if !strings.Contains(diagnostics.Error(), "the action makes the document too large; select less, or nest less") {
			t.Errorf("%s: got %.500v", name, diagnostics)
		}
	}
}

// No input makes us panic, and no reference hangs.
func FuzzLoad(f *testing.F) {
	names, _ := filepath.Glob("testdata/load/*.txtar")
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		overlay := ""
		if strings.Contains(archive.Files[1].Name, "overlay") {
			overlay = string(archive.Files[1].Data)
		}
		f.Add(string(archive.Files[0].Data), overlay)
	}
	f.Fuzz(func(t *testing.T, text, overlay string) {
		read := func(name string) ([]byte, error) {
			switch name {
			case "a.yaml":
				return []byte(text), nil
			case "overlay.yaml":
				return []byte(overlay), nil
			}
			return nil, fs.ErrNotExist
		}
		opts := Options{
			Select: Select{IncludeTags: []string{"pets"}, Prune: true},
			Limits: Limits{Values: 10_000, Depth: 100},
		}
		if overlay != "" {
			opts.Overlays = []string{"overlay.yaml"}
		}
		document, diagnostics := Load("a.yaml", read, opts)
		if (document == nil) != diagnostics.HasErrors() {
			t.Fatalf("a document: %v; %v", document != nil, diagnostics)
		}
		if document == nil {
			return
		}
		document.Root.walk(func(n *Node) {
			if _, err := document.Follow(n); err != nil && !err.(Diagnostics).HasErrors() {
				t.Fatal(err)
			}
			document.ResolveDynamic(n, n.Str("$dynamicRef"))
			if found, _, _ := document.descend(document.Root, pointer(n), new(int)); found != n {
				t.Fatalf("%s leads elsewhere", pointer(n))
			}
		})
	})
}
