package yamljson

import (
	"fmt"
	"strings"
	"testing"
)

// What is written in YAML and in JSON is the same value.
func TestParse(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"a": [1, -2.5e3, true, null, "x"]}`, `{"a": [1, -2.5e3, true, null, "x"]}`},
		{"{\n\t\"a\": 1\n}\n", "{\n\t\"a\": 1\n}"}, // tabs are JSON, not YAML
		{"\ufeff{\"a\": 1}", `{"a": 1}`},
		{`"\ud83d\ude00"`, `"\ud83d\ude00"`},
		{"a: 1\nb: [x, 10G, 2026-11-26, yes, 'null', ~, ]", `{"a":1,"b":["x","10G","2026-11-26","yes","null",null]}`},
		{"a: &x {b: 1}\nc: *x\nd: *x", `{"a":{"b":1},"c":{"b":1},"d":{"b":1}}`},
		{"# nothing but a text\n\"<&>\\L\"", `"<&>\u2028"`},
		{"a: True\nb: FALSE\nc: 4200000001\nd: 18446744073709551616", `{"a":true,"b":false,"c":4200000001,"d":18446744073709551616}`},
		{"{type: direct}", `{"type":"direct"}`},
		{"a: |\n  one\n  two\n", `{"a":"one\ntwo\n"}`},
		{"a/b: {~c: 1}", `{"a/b":{"~c":1}}`},
		{"null", "null"},
	} {
		d, err := Parse("f", []byte(test.text))
		if err != nil || string(d.JSON) != test.want {
			t.Errorf("%q becomes %s, %v, want %s", test.text, d.JSON, err, test.want)
		}
	}
}

// Every value has the place of its name or, in an array, its own.
func TestWhere(t *testing.T) {
	for _, text := range []string{
		"{\n  \"a\": [\n    1,\n    {\"b/c\": 2}\n  ],\n  \"d\": {}\n}",
		"# for people\na:\n  - 1\n  - b/c: 2\nd: {}\n",
	} {
		d, err := Parse("f", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(text, "\n")
		for pointer, begins := range map[string]string{
			"/a": "a", "/a/0": "1", "/a/1/b~1c": "b/c", "/d": "d", "/d/missing/too": "d", "/a/7": "a",
		} {
			name, place, _ := strings.Cut(d.Where(pointer), ":")
			var line, column int
			if _, err := fmt.Sscanf(place, "%d:%d", &line, &column); err != nil || name != "f" {
				t.Fatalf("%s is at %s", pointer, d.Where(pointer))
			}
			if got := strings.TrimPrefix(lines[line-1][column-1:], `"`); !strings.HasPrefix(got, begins) {
				t.Errorf("%s is at %s, where %q begins", pointer, d.Where(pointer), got)
			}
		}
	}
}

// An error says where, what and what to do.
func TestErrors(t *testing.T) {
	deep := strings.Repeat("[", 20000)
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for _, c := range "bcdefgh" {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "*" + string(c-1) + "]\n"
	}
	for _, test := range []struct{ text, want string }{
		{"", "f is empty"},
		{"# no more than a comment\n", "f is empty"},
		{`{"a": 1, "a": 2}`, `f:1:10: the member a stands here twice`},
		{"{\n \"a\": tru\n}", "f:2:"},
		{`{"a": 1} {"b": 2}`, "f:1:10: want nothing behind the JSON value"},
		{"{", "f:1:2: no valid JSON: unexpected EOF"},
		{"a: 1\na: 2\n", "f:2:1: the member a stands here twice"},
		{"a: 1\n b: 2\n", "f:2: no valid YAML: "},
		{"a: [\n", "f:1: no valid YAML: "},
		{"a: 1\n---\nb: 2\n", "f:2: want one document"},
		{"1: a\n", "f:1:1: want a text as the name of a member; put it into quotes"},
		{"? [a]\n: b\n", "f:1:3: want a text as the name of a member"},
		{"a: 010\n", "f:1:4: 010 is not a number as JSON spells them"},
		{"a: 1_000\n", "f:1:4: 1_000 is not a number"},
		{"a: .inf\n", "f:1:4: .inf is not a number"},
		{"a: !!binary aGk=\n", "f:1:4: the tag !!binary is not supported"},
		{"a: !x y\n", "f:1:4: the tag !x is not supported"},
		{"x: &x {a: 1}\ny:\n  <<: *x\n", "f:3:3: merging by << is not supported"},
		{"a: &a [*a]\n", "f:1:8: the alias a stands within what it refers to"},
		{"a: *b\n", "f: no valid YAML: unknown anchor 'b' referenced"},
		{bomb, "more than 1000000 values"},
		{"a: &a {k: " + strings.Repeat("v", 1<<16) + "}\nb: [" + strings.Repeat("*a,", 1000) + "]", "more than 32 MiB, with all aliases"},
		{deep, "f:1:101: more than 100 levels of nesting"},
		{"a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), "more than 100 levels of nesting"},
		{"a: \xff\n", "f"},
		{"\x00", "f"},
	} {
		d, err := Parse("f", []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60q gives %v, %v, want %s", test.text, d, err, test.want)
		}
	}
}
