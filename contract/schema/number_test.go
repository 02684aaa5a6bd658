package schema

import (
	"math/big"
	"strings"
	"testing"
)

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"0", "-0.0e5", 0}, {"1", "1.0", 0}, {"10e-1", "1", 0}, {"0.1", "0.10000000000000000001", -1}, {"-2", "-1", -1},
		{"-1", "1", -1}, {"0", "-1e-400", 1}, {"0", "1e-400", -1}, {"9", "10", -1}, {"-9", "-10", 1},
		{"1e999999999999", "1e5", 1}, {"-1e999999999999", "1e5", -1}, {"1e-999999999999", "1e-5", -1}, {"0e999999999999", "0", 0},
		{"9007199254740993", "9007199254740992", 1}, {"120", "12e1", 0}, {"1e1070000", "1e1070001", -1}, {"0.00012", "1.2E-4", 0},
	} {
		if got, reverse := CompareNumbers(c.a, c.b), CompareNumbers(c.b, c.a); got != c.want || reverse != -c.want {
			t.Errorf("compare(%s, %s) = %d and %d, want %d", c.a, c.b, got, reverse, c.want)
		}
		if same := Canonical(c.a) == Canonical(c.b); same != (c.want == 0) {
			t.Errorf("canonical: %s and %s", Canonical(c.a), Canonical(c.b))
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"0", "7", true}, {"0.3", "0.1", true}, {"0.35", "0.1", false}, {"5", "2.5", true}, {"-7.5", "2.5", true}, {"1e300", "3", false},
		{"3e300", "3", true}, {"1e-7", "1e-7", true}, {"1e-8", "1e-7", false}, {"1e1000000", "7", false}, {"1e-1000000", "7", false},
		{"123456789012345678901234567890", "10", true}, {"0.75", "0.25", true}, {"1", "3e5", false}, {"6e5", "3e5", true},
	} {
		if got := parseDecimal(c.a).multipleOf(parseDecimal(c.b)); got != c.want {
			t.Errorf("%s multiple of %s: %t", c.a, c.b, got)
		}
	}
	for literal, want := range map[string]string{
		"-0": "0", "0e9": "0", "1.50e1": "15", "-12.0": "-12", "1e19": "10000000000000000000", "99999999999999999999": "99999999999999999999",
		"1e20": "", "0.5": "", "1e999999999999": "", "1e-999999999999": "",
	} {
		if got, ok := parseDecimal(literal).integer(); got != want || ok != (want != "") {
			t.Errorf("%s as an integer: %q, %t; want %q", literal, got, ok, want)
		}
	}
	for literal, want := range map[string]bool{
		"1e308": true, "1e309": false, "-1e309": false, "5e-324": true, "1e-400": false, "0e-400": true, "0.0e999": true,
		strings.Repeat("9", 400): false, "0." + strings.Repeat("0", 400) + "1": false, "1." + strings.Repeat("0", 400): true,
	} {
		if got := isDouble(literal); got != want {
			t.Errorf("isDouble(%.20s) = %t", literal, got)
		}
	}
}

// FuzzNumbers compares decimals with the numbers of math/big.
func FuzzNumbers(f *testing.F) {
	for _, a := range []string{"0", "-0.0", "1.50e1", "120", "0.00012", "-9.99E-3", "9007199254740993", "1e20", "3e5"} {
		for _, b := range []string{"1", "0.1", "-1.5", "2.5e-3", "3e5", "12345678901234567890"} {
			f.Add(a, b)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := rational(a), rational(b)
		if x == nil || y == nil {
			return
		}
		if got, want := CompareNumbers(a, b), x.Cmp(y); got != want {
			t.Errorf("compare(%s, %s) = %d, want %d", a, b, got, want)
		}
		if got, want := Canonical(a) == Canonical(b), x.Cmp(y) == 0; got != want {
			t.Errorf("%s and %s: canonical %s and %s", a, b, Canonical(a), Canonical(b))
		}
		if got := IsInteger(a); got != x.IsInt() {
			t.Errorf("%s is an integer: %t", a, got)
		}
		if got := IsZero(a); got != (x.Sign() == 0) {
			t.Errorf("%s is zero: %t", a, got)
		}
		if plain, ok := PlainInteger(a); ok && plain != x.RatString() && x.RatString() != strings.TrimPrefix(plain, "-") {
			t.Errorf("%s as an integer is %s", a, plain)
		}
		if y.Sign() > 0 {
			if got, want := parseDecimal(a).multipleOf(parseDecimal(b)), new(big.Rat).Quo(x, y).IsInt(); got != want {
				t.Errorf("%s multiple of %s: %t", a, b, got)
			}
		}
	})
}

// rational is the value of a JSON number that is not too long, nil for anything else.
func rational(literal string) *big.Rat {
	if len(literal) > 60 || literal == "" {
		return nil
	}
	l := Lexer{Text: literal}
	if l.Number() != literal || l.Failed() {
		return nil
	}
	if d := parseDecimal(literal); d.exponent > 500 || d.exponent < -500 {
		return nil
	}
	r, _ := new(big.Rat).SetString(literal)
	return r
}

// A short text must not keep a server busy.
func TestHugeNumbers(t *testing.T) {
	s := &Schema{Types: Number, Minimum: "0", Maximum: "1e300", MultipleOf: "0.000001"}
	for _, literal := range []string{"1e999999999", "1e-999999999", "1" + strings.Repeat("0", 1_000_000), "0." + strings.Repeat("3", 100_000), "1e308"} {
		if err := s.Check([]byte(literal), Undirected); err == nil {
			t.Errorf("%.20s is valid", literal)
		}
		for _, rule := range []*Schema{{Types: Integer, Format: "int64"}, {Types: Integer, MultipleOf: "7"}, {Enum: []string{"1"}}} {
			if err := rule.Check([]byte(literal), Undirected); err == nil {
				t.Errorf("%.20s is valid", literal)
			}
		}
	}
}
