package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"
)

// parseText reads text with the default limits.
func parseText(name, text string) (*Node, Diagnostics) {
	f := &File{Name: name}
	_, diagnostics := parse(f, []byte(text), Limits{}.withDefaults(), 0)
	return f.Root, diagnostics
}

// Texts that an archive cannot hold.
func TestEncoding(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"bom.json", "\ufeff{\"a\": 1}", ""},
		{"bom.yaml", "\ufeffa: 1", ""},
		{"crlf.json", "{\r\n\"a\": 01}", "crlf.json:2:6: not valid JSON: 01 is not a number; " +
			"write numbers like 12, -0.5 or 1e6, and everything else in double quotes"},
		{"crlf.yaml", "a: 1\r\nb: @x\r\n",
			"crlf.yaml:2:4: not valid YAML: a string without quotes cannot start with '@'; quote it"},
		{"utf16.yaml", "\xff\xfea\x00:\x00", "utf16.yaml:1:1: the file is UTF-16; save it as UTF-8"},
		{"latin1.yaml", "a: é\nb: caf\xe9\n", "latin1.yaml:2:7: the byte 0xe9 is not UTF-8; save the file as UTF-8"},
		{"latin1.json", "{\"é\": \"\xe9\"}", "latin1.json:1:8: the byte 0xe9 is not UTF-8; save the file as UTF-8"},
		{"control.yaml", "a: 1\nb: é\x01",
			"control.yaml:2:5: not valid YAML: control characters are not allowed; remove this one"},
		{"control.json", "{\"é\x01\": 1}",
			`control.json:1:4: not valid JSON: the character U+0001 is not allowed in a string; write \u0001`},
		{"nul.json", "\x00", `nul.json:1:1: not valid YAML: control characters are not allowed; remove this one`},
		{"unclosed.json", `{"a": "b`,
			"unclosed.json:1:7: not valid JSON: the file ends within the string that starts here; add the closing quote"},
		{"escape.json", `{"a": "b\`,
			"escape.json:1:10: not valid JSON: the file ends within a string; add the closing quote"},
	} {
		_, diagnostics := parseText(c.name, c.text)
		if got := diagnostics.Error(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestPositions(t *testing.T) {
	for name, text := range map[string]string{
		"a.json": "{\n  \"é\": [1, {\"b\": \"x\\n\"}],\n\t\"c\": null}",
		"a.yaml": "\n\"é\": [1, {b: \"x\\n\"}]\nc:\n",
	} {
		root, diagnostics := parseText(name, text)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		var got []string
		root.walk(func(n *Node) {
			got = append(got, fmt.Sprintf("#%s %d:%d", pointer(n), n.line, n.column))
			for i := range n.Members {
				m := &n.Members[i]
				got = append(got, fmt.Sprintf("%s %d:%d", m.Name, m.Pos().Line, m.Pos().Column))
			}
		})
		want := map[string][]string{
			"a.json": {"# 1:1", "é 2:3", "c 3:2", "#/é 2:8", "#/é/0 2:9", "#/é/1 2:12", "b 2:13", "#/é/1/b 2:18", "#/c 3:7"},
			"a.yaml": {"# 2:1", "é 2:1", "c 3:1", "#/é 2:6", "#/é/0 2:7", "#/é/1 2:10", "b 2:11", "#/é/1/b 2:14", "#/c 3:3"},
		}[name]
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%q\nwant\n%q", name, got, want)
		}
	}
}

// What is small and would become large, and what is large.
func TestLimits(t *testing.T) {
	var bomb, mergeBomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x]\n")
	mergeBomb.WriteString("a0: &a0 {x: 1}\n")
	for i := range 30 {
		refs := strings.Repeat(fmt.Sprintf("*a%d, ", i), 8)
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i+1, i+1, refs)
		fmt.Fprintf(&mergeBomb, "a%d: &a%d {<<: [%s]}\n", i+1, i+1, refs)
	}
	nested := func(open, inner, shut string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	block := func(n int) string { // of keys, each indented more
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	const deepJSON = "not valid JSON: objects and arrays are nested more than 1000 deep; nest less deeply"
	const tooMany = "the aliases expand to more than 1000000 values; use $ref instead of aliases"
	for _, c := range []struct{ name, text, want string }{
		{"bomb.yaml", bomb.String(), tooMany},
		{"merge.yaml", mergeBomb.String(), tooMany},
		{"deep.json", nested("[", "1", "]", 999), ""},
		{"deeper.json", nested("[", "1", "]", 1000), deepJSON},
		{"deepest.json", nested("[", "1", "]", 1_000_000), deepJSON},
		{"deep-object.json", nested(`{"a":`, "1", "}", 2000), deepJSON},
		{"open.json", strings.Repeat("[", 1_000_000), deepJSON},
		{"deep.yaml", nested("[a, ", "1", "]", 999), ""},
		{"deeper.yaml", nested("[a, ", "1", "]", 1000),
			"mappings and lists are nested more than 1000 deep; nest less deeply"},
		{"deepest.yaml", nested("[a, ", "1", "]", 100_000), "not valid YAML: nested too deeply; nest less deeply"},
		{"items.yaml", strings.Repeat("- ", 100_000), "not valid YAML: nested too deeply; nest less deeply"},
		{"block.yaml", block(2000), "not valid YAML: nested too deeply; nest less deeply"},
		{"many.json", "[" + strings.Repeat("0,", 5_000_000) + "0]",
			"the document has more than 5000000 values; leave out what is not used"},
	} {
		_, diagnostics := parseText(c.name, c.text)
		got := ""
		if len(diagnostics) > 0 {
			got = diagnostics[0].What
		}
		if got != c.want || len(diagnostics) > 1 {
			t.Errorf("%s: got %q, %d diagnostics\nwant %q", c.name, got, len(diagnostics), c.want)
		}
	}
}

// Characters that end lines in YAML 1.1 are text in YAML 1.2.
func TestBreaks(t *testing.T) {
	for _, text := range []string{
		"a: \"x\u2028y\"\nb: 1\n", "a: x\u2028y\nb: 1",
		"a: |-\n  x\u2028y\nb: 1", "a: x\u2028y # \u2029 \ue000\nb: 1", "a: 'x\u2028y'\n\"b\": 1",
	} {
		root, diagnostics := parseText("a.yaml", text)
		if len(diagnostics) > 0 {
			t.Errorf("%q: %v", text, diagnostics)
			continue
		}
		if got := string(root.JSON()); got != "{\"a\":\"x\u2028y\",\"b\":1}" {
			t.Errorf("%q: %s", text, got)
		}
		if got, want := root.Member("b").Pos().Line, strings.Count(text[:strings.Index(text, "b")], "\n")+1; got != want {
			t.Errorf("%q: b is in line %d, want %d", text, got, want)
		}
	}
	root, _ := parseText("a.yaml", "\u0085\ue000\ue001: \u2028\ue002")
	if got := string(root.JSON()); got != "{\"\u0085\ue000\ue001\":\"\u2028\ue002\"}" {
		t.Errorf("got %s", got)
	}
}

// seeds are the files of all archives.
func seeds(t testing.TB) (texts [][]byte) {
	names, _ := filepath.Glob("testdata/*/*.txtar")
	for _, name := range append(names, "testdata/syntax.txtar") {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			texts = append(texts, f.Data)
		}
	}
	return texts
}

// A text is JSON for us exactly if it is for encoding/json, apart from what we refuse on purpose, and has the same
// value.
func FuzzJSON(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, diagnostics := parseText("a.json", text)
		if trimmed := strings.TrimLeft(text, " \t\r\n"); trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
			return
		}
		if root == nil {
			if json.Valid([]byte(text)) && utf8.ValidString(text) && !strings.Contains(diagnostics.Error(), "deep") {
				t.Fatalf("refused: %v", diagnostics)
			}
			return
		}
		var want, got any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("accepted: %v", err)
		}
		if diagnostics.HasErrors() {
			return // equal names
		}
		out := root.JSON()
		if err := json.Unmarshal(out, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("became %s: %v", out, err)
		}
		again, _ := parseText("a.json", string(out))
		if !bytes.Equal(again.JSON(), out) {
			t.Fatalf("%s became %s", out, again.JSON())
		}
	})
}

// Reading in pieces, if it is possible, gives what reading at once gives. No text makes us panic, or exceed the limits.
func FuzzYAML(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		limits := Limits{Values: 10_000}.withDefaults()
		b := &builder{file: &File{Name: "a.yaml"}, limits: limits}
		root := b.parseYAML([]byte(text))
		if root == nil && !b.diagnostics.HasErrors() {
			t.Fatal("no value and no error")
		}
		want := describe(root, b.finish())
		hidden, breaks := hideBreaks([]byte(text))
		for _, size := range []int{1, 20, 200} {
			p := &builder{file: b.file, limits: limits}
			if pieces := p.yamlReader(breaks).readInPieces(hidden, size); pieces != nil {
				if got := describe(pieces, p.finish()); got != want {
					t.Fatalf("in pieces of %d: got\n%s\nwant\n%s", size, got, want)
				}
			}
		}
		if root != nil && !json.Valid(root.JSON()) {
			t.Fatalf("not JSON: %s", root.JSON())
		}
	})
}

// describe writes everything that is known of a tree.
func describe(root *Node, diagnostics Diagnostics) string {
	var b strings.Builder
	if root != nil {
		root.walk(func(n *Node) {
			fmt.Fprintf(&b, "%s %d:%d %s %q", pointer(n), n.line, n.column, n.Kind, n.Text)
			for _, m := range n.Members {
				fmt.Fprintf(&b, " %s %d:%d", m.Name, m.line, m.column)
			}
			b.WriteByte('\n')
		})
	}
	for _, d := range diagnostics.Sort() {
		fmt.Fprintln(&b, d, d.Related)
	}
	return b.String()
}

// The large documents of this repository can be read in pieces, or reading in pieces would be of no use.
func TestPieces(t *testing.T) {
	for _, name := range []string{"../../../api/openapi.yaml", "../../../api/sandbox.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		limits := Limits{}.withDefaults()
		b := &builder{file: &File{Name: name}, limits: limits}
		want := describe(b.parseYAML(text), b.finish())
		for _, size := range []int{1, 500, 5000} {
			p := &builder{file: b.file, limits: limits}
			pieces := p.yamlReader(nil).readInPieces(text, size)
			if pieces == nil {
				t.Errorf("%s cannot be read in pieces of %d", name, size)
			} else if describe(pieces, p.finish()) != want {
				t.Errorf("%s is something else in pieces of %d", name, size)
			}
		}
	}
}

// The core schema is that of YAML 1.2, where the library has its own.
func TestCoreSchema(t *testing.T) {
	for text, want := range map[string]string{
		"0o8": `"0o8"`, "0x": `"0x"`, "0xG": `"0xG"`, "0x_1": `"0x_1"`, "+0x1": `"+0x1"`, "0o17": "15",
		"0xffffffffffffffffff": "4722366482869645213695",
		"1e":                   `"1e"`, "1e5": "1e5", "1.e5": "1e5", ".e5": `".e5"`,
		"+.5": "0.5", "-.5E-3": "-0.5E-3", "00": "0",
		"-00.50": "-0.50", "+": `"+"`,
		"..": `".."`, "1.2.3": `"1.2.3"`, "nan": `"nan"`, "NULL": "null", "nULL": `"nULL"`, "TRUE": "true", "tRUE": `"tRUE"`,
		"Yes":        `"Yes"`,
		"2026-01-01": `"2026-01-01"`, "1:20": `"1:20"`, "1_0": `"1_0"`, "１": `"１"`,
	} {
		kind, got := coreValue(text)
		n := &Node{Kind: kind, Text: got}
		if string(n.JSON()) != want {
			t.Errorf("%s: got %s, want %s", text, n.JSON(), want)
		}
	}
}
