package upstream

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden reports of testdata/*.txtar")

// compare compares our document and its notes with a document of theirs.
func compare(t *testing.T, theirs []byte) *Report {
	t.Helper()
	report, err := Compare(read(t, "api/openapi.yaml"), read(t, "api/upstream.yaml"), "openapi.json", bytes.NewReader(theirs))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// read reads a document of ours of one day, so that changes of today's do not change these tests.
func read(t *testing.T, name string) File {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(documents, filepath.Base(name)))
	if err != nil {
		t.Fatal(err)
	}
	return File{name, text}
}

const documents = "../../testdata/2026-08-14"

// theirs is upstream.json of that day: all that theirs says about our operations, with the same mistakes, and other operations around.
func theirs(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(documents, "upstream.json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func text(t *testing.T, report *Report) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCases runs every testdata/*.txtar: it edits theirs and compares the report with a golden one. Lines and
// columns are left out, as our document grows, and so are known differences except where nothing is edited.
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
			if len(archive.Files) != 2 || archive.Files[0].Name != "edits" || archive.Files[1].Name != "report" {
				t.Fatal("want edits and report")
			}
			edits := string(archive.Files[0].Data)
			report := compare(t, edit(t, theirs(t), edits))
			if report.InStep() != (edits == "") {
				t.Errorf("in step: %t", report.InStep())
			}
			got := places.ReplaceAllString(text(t, report), "$1:")
			if edits != "" {
				got = known.ReplaceAllString(got, "")
			}
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if want := string(archive.Files[1].Data); got != want {
				t.Errorf("the report is\n%s\nand should be\n%s", got, want)
			}
		})
	}
}

var (
	places = regexp.MustCompile(`(?m)^(api/\w+\.yaml):\d+:\d+:`)
	known  = regexp.MustCompile(`(?m)^.*; known: .*\n`)
)

// edit does what the lines say: "set POINTER JSON" or "remove POINTER".
func edit(t *testing.T, document []byte, edits string) []byte {
	t.Helper()
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(edits) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		pointer, text, _ := strings.Cut(rest, " ")
		i := strings.LastIndexByte(pointer, '/')
		parent, _ := reach(t, root, pointer[:i]).(map[string]any)
		name := unescape(pointer[i+1:])
		_, there := parent[name]
		switch {
		case parent == nil:
			t.Fatalf("%s: not in an object", line)
		case verb == "set":
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			parent[name] = value
		case verb == "remove" && there:
			delete(parent, name)
		default:
			t.Fatalf("%s: want set, or remove and something to remove", line)
		}
	}
	edited, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return edited
}

func reach(t *testing.T, value any, pointer string) any {
	t.Helper()
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch v := value.(type) {
		case map[string]any:
			value = v[unescape(token)]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(v) {
				t.Fatalf("%s leads nowhere", pointer)
			}
			value = v[i]
		}
	}
	return value
}

// The names of their components are theirs to change, and so are those in the braces of paths.
func TestNamesMeanNothing(t *testing.T) {
	renamed := bytes.ReplaceAll(theirs(t), []byte("nsc_"), []byte("interconnects~1v2 "))
	renamed = bytes.ReplaceAll(renamed, []byte(`"interconnects~1v2 `), []byte(`"interconnects/v2 `))
	renamed = bytes.ReplaceAll(renamed, []byte("{icon}"), []byte("{interconnect_name}"))
	if report := compare(t, renamed); !report.InStep() {
		t.Errorf("not in step:\n%s", known.ReplaceAllString(text(t, report), ""))
	}
}

// What a report calls a place in our document is one: there stands the last part of the pointer that exists.
func TestPlaces(t *testing.T) {
	document := read(t, "api/openapi.yaml")
	our, err := readOurs(document)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(document.Text), "\n")
	edited := edit(t, theirs(t), `set /components/schemas/nsc_Cni/properties/vlan {"type":"integer"}
set /components/schemas/nsc_SlotInfo/properties/speed/type "integer"
`)
	report := compare(t, edited)
	differences := slices.Clone(report.News)
	for _, k := range report.Known {
		differences = append(differences, k.Difference)
	}
	for _, d := range differences {
		_, walked := descend(our.kept[""], strings.TrimPrefix(d.At, "#"))
		name := unescape(walked[strings.LastIndexByte(walked, '/')+1:])
		here := lines[d.Line-1][d.Column-1:]
		if _, err := strconv.Atoi(name); err == nil {
			continue // an item of a list, or a status
		}
		if !strings.HasPrefix(strings.TrimLeft(here, `'"`), name) {
			t.Errorf("%s\nbut there stands %q, not %q", d, here, name)
		}
	}
	if len(differences) < 50 {
		t.Errorf("only %d differences", len(differences))
	}
}

func TestMarkdown(t *testing.T) {
	var unchanged strings.Builder
	if err := compare(t, theirs(t)).Markdown(&unchanged); err != nil || strings.Contains(unchanged.String(), "|") {
		t.Errorf("%v, and a table, though nothing is new: %s", err, &unchanged)
	}
	report := &Report{
		News:  []Difference{{"api/openapi.yaml", 1, 2, "#/a", "#/b", "a|b `c` @someone", nothing}},
		Stale: []Note{{"api/upstream.yaml", 3, 4, "#/a", "x", "y", "z"}},
		notes: "api/upstream.yaml",
	}
	var b strings.Builder
	if err := report.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	const want = "1 unexplained difference, 0 known, 1 stale note.\n" +
		"\n| In ours | What | They say | In theirs | We say | What to do |\n|---|---|---|---|---|---|\n" +
		"| `api/openapi.yaml:1:2` | `#/a` | `` a\\|b `c` @someone `` | `#/b` | `nothing` | add it, or give the reason in api/upstream.yaml |\n" +
		"\n| Stale note | What | They said | We say | What to do |\n|---|---|---|---|---|\n" +
		"| `api/upstream.yaml:3:4` | `#/a` | `x` | `y` | remove the note, and see whether our document should follow |\n"
	if b.String() != want {
		t.Errorf("have\n%s\nwant\n%s", b.String(), want)
	}
}

func TestNotes(t *testing.T) {
	const whole = "- {at: '#/a', theirs: x, ours: y, reason: z}\n"
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{whole, ""},
		{"at: x\n", "notes.yaml:1:1: the file must be a list of entries with at, theirs, ours and reason"},
		{whole + "- {at: '#/a', theirs: x, ours: y}\n", "notes.yaml:2:3: the entry has no reason; add it"},
		{whole + "- {at: '#/a', their: x}\n", `notes.yaml:2:15: "their" does not belong here; an entry has the strings at, theirs, ours and reason`},
		{"- a\n", "notes.yaml:1:3: the entry has no at; add it"},
		{"- [\n", "notes.yaml: not valid YAML: yaml: line 1: did not find expected node content; mend it"},
	} {
		_, err := readNotes(File{"notes.yaml", []byte(test.text)})
		if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
			t.Errorf("%q: have %q, want %q", test.text, got, test.want)
		}
	}
}

// A star stands for one part of a pointer, and words must be the same.
func TestNoteExplains(t *testing.T) {
	d := Difference{At: "#/a/b/c", TheySay: "x", WeSay: "y"}
	for _, test := range []struct {
		note Note
		want bool
	}{
		{Note{At: "#/a/b/c", TheySay: "x", WeSay: "y"}, true},
		{Note{At: "#/*/b/*", TheySay: "x", WeSay: "y"}, true},
		{Note{At: "#/a/*", TheySay: "x", WeSay: "y"}, false},
		{Note{At: "#/a/b/c/*", TheySay: "x", WeSay: "y"}, false},
		{Note{At: "#/a/b/c", TheySay: "z", WeSay: "y"}, false},
		{Note{At: "#/a/b/c", TheySay: "x", WeSay: "z"}, false},
	} {
		if got := test.note.explains(d); got != test.want {
			t.Errorf("%+v: %t", test.note, got)
		}
	}
}
