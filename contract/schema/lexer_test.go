package schema

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// addExamples seeds a fuzz target with the messages of the document's examples.
func addExamples(f *testing.F, add func(text []byte)) {
	examples, err := filepath.Glob("../../api/examples/*/*/*.json")
	if err != nil || examples == nil {
		f.Fatal("no examples", err)
	}
	for _, name := range examples {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		add(text)
	}
}

// FuzzParse compares the parser with jsontext: both accept the same text, and find the same values in it.
func FuzzParse(f *testing.F) {
	addExamples(f, func(text []byte) { f.Add(text) })
	for _, text := range []string{
		`[1, -0.5e+3,"a\u00e9\n",null ,true,{"a":{}, "":[[ ]]}]`, `{"a":1,"a":2}`, `"\ud800"`, `1e999`, "\"\xff\"", `[1,]`, `{"a" 1}`, "\t1\n", `tru`, `[1]]`,
		`"\ud83d\ude00\b\f\r\t\/\"\\"`, `"\ud83d\u0041"`, `"\u12"`, `"\x"`, `"\`, `"` + "\x1f" + `"`, `-`, `01`, `1.`, `1e`, `nul`, `{"a":1,}`, `{,}`, `{"a":}`,
		`[`, `{"a`, "\ufeff1", ``, `1 `, `{"a":1E1070000}`, `9e999999999999999999`, `-9e-999999999999999999`, "1\x00", "[1]\x00",
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":1,"l":2,"m":3,"n":4,"o":5,"p":6,"q":7,"\u0061":10}`,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":{"i":1}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tape, l := parse(string(text), 0, true)
		err := sameTokens(&tape, text)
		switch {
		case !l.Failed() && err != nil:
			t.Fatalf("jsontext: %v", err)
		case l.Failed() && err == nil && l.Violation().Rule != "depth":
			t.Fatalf("jsontext accepts it: %v", l.Violation())
		}
		skipped := Lexer{Text: string(text)}
		skipped.Skip(0)
		if skipped.End(); skipped.Failed() != l.Failed() {
			t.Fatalf("skipping and parsing differ: %t, %t", skipped.Failed(), l.Failed())
		}
		if l.Failed() {
			return
		}
		canonical := Canonical(string(text))
		if again := Canonical(canonical); again != canonical {
			t.Fatalf("%s is canonically %s, and that %s", text, canonical, again)
		}
		other, l := parse(canonical, 0, true)
		if l.Failed() || other.sum(0, 0) != tape.sum(0, 0) {
			t.Fatalf("%s is not the same value as %s", canonical, text)
		}
	})
}

// sameTokens compares the tokens of jsontext with the nodes of a tape, as far as there are any.
func sameTokens(tape *tape, text []byte) error {
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
		if dec.StackDepth() == 0 && strings.Trim(string(text[dec.InputOffset():]), " \t\r\n") != "" {
			return errors.New("trailing")
		}
		kind := token.Kind()
		if kind == '}' || kind == ']' {
			continue
		}
		if n < len(tape.nodes) {
			node := &tape.nodes[n]
			switch {
			case node.kind != byte(kind):
				return errors.New("another kind: " + token.String())
			case kind == '"' && tape.string(int32(n)) != token.String(), kind == '0' && tape.literal(int32(n)) != token.String():
				return errors.New("another value: " + token.String())
			}
		}
		n++
	}
}
