package contract

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzParse compares the two parsers: what the quick one reads, jsontext reads alike.
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
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		quick := (&parser{text: string(text)}).usual()
		if quick == nil {
			return
		}
		p := parser{text: string(text), dec: new(jsontext.Decoder)}
		p.dec.Reset(bytes.NewReader(text))
		slow, violation := p.value(0)
		if violation != nil {
			t.Fatalf("jsontext refuses it: %v", *violation)
		}
		if _, err := p.dec.ReadToken(); err == nil {
			t.Fatal("there is something behind the value")
		}
		if !reflect.DeepEqual(quick, slow) {
			t.Fatal("the parsers differ")
		}
	})
}
