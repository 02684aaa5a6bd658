package differential

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

// A difference is a reason for which the two judges may disagree about a text. It explains a disagreement if this is gone as
// soon as the cause is taken out, and nothing else. TestDifferences has examples for each.
//
// kin-openapi's guard against recursion, which accepts whatever a schema that is a part of itself is asked about, is none of
// them: the generator refuses such schemas.
type difference struct {
	name string

	// without takes the cause out of a value, in place. One of the judges has to change its mind then, us or kin-openapi;
	// the other one must not.
	without     func(*value)
	oursChanges bool

	// explains is for causes that are not in the value. Either this or without is nil.
	explains func(t *target, text []byte) bool
}

var differences = []difference{
	// kin-openapi is given decoded values. encoding/json has mended such texts: it puts U+FFFD into the strings, and takes
	// the last of several members with one name.
	{name: "malformed Unicode", without: func(*value) {}, oursChanges: true},
	{name: "duplicate names", without: dropDuplicates, oursChanges: true},
	// We refuse to nest deeper than contract.MaxDepth.
	{name: "depth", explains: func(t *target, text []byte) bool {
		var invalid *contract.ValidationError
		return errors.As(t.ourVerdict(text), &invalid) && invalid.Violations[0].Rule == "depth"
	}},
	// We accept any number where no format bounds it; whether a Go type can hold it is for the emitted code to say. kin-openapi refuses what
	// is too large for a double wherever the schema speaks of numbers.
	{name: "numbers beyond doubles", without: eachNumber(clampDouble)},
	// We compare numbers as they are written, kin-openapi the doubles next to them.
	{name: "exact decimals", without: eachNumber(roundToDouble), oursChanges: true},
	// An integer with the format int64 may not be longer than 64 bits.
	{name: "integers beyond 64 bits", without: eachNumber(clampInteger), oursChanges: true},
	// kin-openapi takes 1 and 1.0 for different items.
	{name: "equal items in other spellings", without: eachNumber(respellPlainly)},
	// A discriminator without mapping selects by the names of the components. kin-openapi tries all variants instead.
	{name: "implicit mapping", explains: func(t *target, text []byte) bool {
		return (t.explicitVerdict(text) == nil) == (t.ourVerdict(text) == nil)
	}},
	// A schema without a type accepts every value, null too, as OpenAPI 3.0.3 says ("Clarify nullable"). For kin-openapi null needs
	// nullable everywhere.
	{name: "null without a type", explains: func(t *target, text []byte) bool {
		return (t.nullsVerdict(text) == nil) == (t.ourVerdict(text) == nil)
	}},
}

// explain names the difference that explains a disagreement about a text. Differences that come together explain it together.
func explain(t *target, text []byte) string {
	v, err := parse(text)
	if err != nil {
		return ""
	}
	ours, kin := t.ourVerdict(text) == nil, t.kinVerdict(text) == nil
	together := v.clone()
	for _, d := range differences {
		if d.without == nil {
			if d.explains(t, text) {
				return d.name
			}
			continue
		}
		d.without(together)
		w := v.clone()
		d.without(w)
		text := w.compact()
		oursThen, kinThen := t.ourVerdict(text) == nil, t.kinVerdict(text) == nil
		if oursThen == kinThen && (d.oursChanges && kinThen == kin || !d.oursChanges && oursThen == ours) {
			return d.name
		}
	}
	text = together.compact()
	if (t.ourVerdict(text) == nil) == (t.bothVerdict(text) == nil) {
		return "several"
	}
	return ""
}

// A demonstration shows a difference: the schema, of the test document, and what the judges say.
var demonstrations = []struct {
	difference, schema, text string
	ours, kin                bool
}{
	{"malformed Unicode", "Base", "{\"id\":1,\"a\":\"\xff\"}", false, true},
	{"malformed Unicode", "Base", `{"id":1,"a":"\ud800"}`, false, true},
	{"duplicate names", "Base", `{"id":1,"id":2}`, false, true},
	{"duplicate names", "Base", `{"id":"1","id":2}`, false, true},
	{"depth", "Base", `{"id":1,"a":` + strings.Repeat("[", contract.MaxDepth) + strings.Repeat("]", contract.MaxDepth) + `}`, false, true},
	{"numbers beyond doubles", "Square", `{"side":1e400}`, true, false},
	{"integers beyond 64 bits", "Anything", `9223372036854775808`, false, true},
	{"exact decimals", "Base", `{"id":1.00000000000000000001}`, false, true},
	{"exact decimals", "Everything", `{"string":"ab","number":2.50000000000000000001}`, false, true},
	{"exact decimals", "Everything", `{"string":"ab","number":0.25000000000000000001}`, false, true},
	{"exact decimals", "Everything", `{"string":"ab","number":0,"numbers":1.00000000000000000001}`, false, true},
	{"exact decimals", "Everything", `{"string":"ab","number":1e-400}`, false, true},
	{"equal items in other spellings", "Everything", `{"string":"ab","number":0,"list":[1,1.0]}`, false, true},
	{"equal items in other spellings", "Everything", `{"string":"ab","number":0,"list":[0,-0]}`, false, true},
	{"implicit mapping", "Implicit", `{"kind":"Dog","lives":1}`, true, false},
	{"implicit mapping", "Implicit", `{"kind":"Cow"}`, false, true},
	{"implicit mapping", "Implicit", `{"kind":"Cat"}`, false, true},
	{"null without a type", "Everything", `{"string":"ab","number":0,"free":null}`, true, false},
}

// When this fails after an upgrade of kin-openapi, a difference may be gone: take it off the list.
func TestDifferences(t *testing.T) {
	targets := map[string]*target{}
	for _, target := range documents(t)[1].targets {
		targets[target.name] = target
	}
	shown := map[string]bool{}
	for _, d := range demonstrations {
		target, text := targets[d.schema], []byte(d.text)
		if got := target.ourVerdict(text); (got == nil) != d.ours {
			t.Errorf("%s: %.80s: we say %s", d.schema, text, verdict(got))
		}
		if got := target.kinVerdict(text); (got == nil) != d.kin {
			t.Errorf("%s: %.80s: kin-openapi says %s", d.schema, text, verdict(got))
		}
		if got := explain(target, text); got != d.difference {
			t.Errorf("%s: %.80s: explained by %q, want %q", d.schema, text, got, d.difference)
		}
		shown[d.difference] = true
	}
	for _, d := range differences {
		if !shown[d.name] {
			t.Errorf("nothing demonstrates %s", d.name)
		}
	}
}

// dropDuplicates keeps the last member of each name, as encoding/json does.
func dropDuplicates(v *value) {
	v.walk(func(v *value) {
		last := map[string]int{}
		for i, m := range v.members {
			last[m.name] = i
		}
		var kept []member
		for i, m := range v.members {
			if last[m.name] == i {
				kept = append(kept, m)
			}
		}
		v.members = kept
	})
}

func eachNumber(change func(literal string) string) func(*value) {
	return func(v *value) {
		v.walk(func(v *value) {
			if v.kind == '0' {
				v.text = change(v.text)
			}
		})
	}
}

// exact is the value of a literal; nil for numbers beyond all bounds, which would take a long time.
func exact(literal string) *big.Rat {
	if _, exponent, ok := strings.Cut(strings.ToLower(literal), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n > 1000 || n < -1000 {
			return nil
		}
	}
	r, _ := new(big.Rat).SetString(literal)
	return r
}

// clampInteger moves an integer that has no place in 64 bits to the end of their range.
func clampInteger(literal string) string {
	switch r := exact(literal); {
	case r == nil || !r.IsInt() || r.Num().IsInt64():
		return literal
	case r.Sign() > 0:
		return "9223372036854774784" // the largest that is a double, too
	}
	return strconv.Itoa(math.MinInt64)
}

// roundToDouble gives a number the value of its double, and leaves those alone that have it.
func roundToDouble(literal string) string {
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return literal
	}
	if r := exact(literal); r != nil && r.Cmp(new(big.Rat).SetFloat64(f)) == 0 {
		return literal
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func clampDouble(literal string) string {
	if _, err := strconv.ParseFloat(literal, 64); err != nil {
		return "1e308"
	}
	return literal
}

func respellPlainly(literal string) string {
	if r := exact(literal); r != nil && r.IsInt() {
		return r.Num().String()
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return literal
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
