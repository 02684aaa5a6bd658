package contract

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzParse compares the parser with jsontext: both accept the same input, and find the same values in it.
func FuzzParse(f *testing.F) {
	examples, err := filepath.Glob("../api/examples/*/*/*.json")
	if err != nil || examples == nil {
		f.Fatal("no examples", err)
	}
	for _, name := range examples {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		`[1, -0.5e+3,"a\u00e9\n",null ,true,{"a":{}, "":[[ ]]}]`, `{"a":1,"a":2}`, `"\ud800"`, `1e999`, "\"\xff\"", `[1,]`, `{"a" 1}`, "\t1\n", `tru`, `[1]]`,
		`"\ud83d\ude00\b\f\r\t\/\"\\"`, `"\ud83d\u0041"`, `"\u12"`, `"\x"`, `"\`, `"` + "\x1f" + `"`, `-`, `01`, `1.`, `1e`, `nul`, `{"a":1,}`, `{,}`, `{"a":}`, `[`, `{"a`, "\ufeff1", ``,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"\u0061":10}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":{"i":1}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var tree jsonTree
		violation := tree.parse(string(text))
		err := sameTokens(&tree, text)
		switch {
		case violation == nil && err != nil:
			t.Fatalf("jsontext: %v", err)
		case violation != nil && err == nil && violation.Rule != "depth" && violation.Want != wantDouble:
			t.Fatalf("jsontext accepts it: %v", *violation)
		case violation == nil && len(tree.nodes) > countNodes(tree.text):
			t.Fatalf("%d nodes, expected at most %d", len(tree.nodes), countNodes(tree.text))
		}
	})
}

// sameTokens compares the tokens of jsontext with the nodes of a tree, as far as there are any.
func sameTokens(tree *jsonTree, text []byte) error {
	dec := jsontext.NewDecoder(strings.NewReader(string(text)))
	n := 0
	for {
		token, err := dec.ReadToken()
		if err == io.EOF && n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if dec.StackDepth() == 0 && dec.InputOffset() < int64(len(text)) && len(strings.TrimLeft(string(text[dec.InputOffset():]), " \t\r\n")) > 0 {
			return errors.New("trailing")
		}
		kind := token.Kind()
		if kind == '}' || kind == ']' {
			continue
		}
		if n < len(tree.nodes) {
			node := &tree.nodes[n]
			switch {
			case node.kind != byte(kind):
				return errors.New("another kind: " + token.String())
			case kind == '"' && tree.string(int32(n)) != token.String(), kind == '0' && tree.literal(int32(n)) != token.String():
				return errors.New("another value: " + token.String())
			}
		}
		n++
	}
}
