package main

import (
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/gen/internal/model"
)

const small = "testdata/small.yaml"

// Generated code and the validators agree on a document with one of each.
func TestJudge(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, nullable := range []bool{false, true} {
		r, err := judgeDocument(small, t.TempDir(), 200, seed, nullable)
		if err != nil {
			t.Fatal(err)
		}
		if r.examples == 0 || r.values < 2000 || r.valid < r.values/10 || r.valid > r.values*9/10 {
			t.Errorf("%d examples, and %d of %d values are valid", r.examples, r.valid, r.values)
		}
		for _, difference := range r.differences {
			t.Error(difference)
		}
		if nullable && r.reasons["null of an optional member is absent, unless nullable-type is set"] > 0 {
			t.Error("null is lost although nullable-type is set")
		}
	}
}

// Documents with every combination of some keywords.
func TestJudgeCombinations(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling three packages takes ten seconds; make test does it")
	}
	for _, name := range []string{"members", "unions", "allof"} {
		t.Run(name, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			r, err := judgeDocument("testdata/"+name+".yaml", t.TempDir(), 100, seed, name == "members")
			if err != nil {
				t.Fatal(err)
			}
			if r.values < 2500 {
				t.Errorf("only %d values", r.values)
			}
			for _, difference := range r.differences {
				t.Error(difference)
			}
		})
	}
}

// The judge sees a wrong rule and a member that is lost.
func TestJudgeSeesMistakes(t *testing.T) {
	d := load(small, model.Options{Package: "p", Source: "document", SkipPrune: true})
	if d.found.HasErrors() {
		t.Fatal(d.found)
	}
	for _, c := range d.api.Components {
		switch c.Key {
		case "Item":
			c.Schema.Properties[0].Schema.Maximum = "8"
		case "Invoice":
			c.Type.Fields[0].Hidden = true
		}
	}
	p, err := build(t.TempDir(), d)
	if err != nil {
		t.Fatal(err)
	}
	r := newReport(small)
	s := newSession(d, p, false, r)
	if err := s.run(200, 1); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(r.differences, "\n")
	for _, want := range []string{"#/components/schemas/Item", "#/components/schemas/Invoice"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing is found about %s:\n%s", want, all)
		}
	}
}
