package schema_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// misjudged are the patterns that regexp2 does not read as ECMA-262 says: with boundaries of words, which it takes for those of Unicode;
// with letters that need no backslash and mean something to .NET; and with names and differences of classes. It also takes a point for any character but a
// line feed.
var misjudged = regexp.MustCompile(`\\[bBAzZaeG-]|\[:|-\[`)

// FuzzTranslate compares Go's regular expressions, after the translation, with an engine for those of ECMA-262.
func FuzzTranslate(f *testing.F) {
	texts := []string{"", "a", "ab\n", "A-Z", "é", "\u00a0", "\u2028", "12", "_", "]", "\\", "[", "a.b", "$x", "Ā", "\b", "x\u0001", "aa", "{1}"}
	for _, pattern := range []string{
		`^a$`, `a.b`, `[^]`, `[]`, `[^a-c\]]+`, `\d+`, `\D`, `\w\W`, `\s`, `\S`, `[\s]`, `[\d_-]`, `\u0041`, `\u{41}`, `\x41`, `\cA`, `\0`, `[\b]`, `\b`, `\B`,
		`(?:a|b)c?`, `(?<n>a)`, `a{2}`, `a{2,}?`, `\/`, `\-`, `\.`, `[[]`, `[[]`, `\Q`, `\E`, `\C`, `\p{L}`, `^[^\n]$`, `x*?`, `a++`, `$`, `(a)\1`,
		`(?=a)`, `(?!a)b`, `[a-\d]`, `[\w-a]`, `[&&]`, `a{,2}`, `{`, `}`, `]`, `\é`,
	} {
		for _, text := range texts {
			f.Add(pattern, text)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		switch {
		case len(pattern) > 100, len(text) > 100, !utf8.ValidString(pattern + text), !schema.Exact(pattern):
			return
		case misjudged.MatchString(pattern), strings.ContainsAny(text, "\r\u2028\u2029"):
			return
		}
		judge, err := regexp2.Compile(pattern, regexp2.ECMAScript|regexp2.Unicode)
		if err != nil {
			return // as far as that engine is right, the generator reports such a pattern
		}
		judge.MatchTimeout = time.Second
		want, err := judge.MatchString(text)
		if err != nil {
			return
		}
		m, err := schema.Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.MatchString(text); got != want {
			translated, _ := schema.Translate(pattern)
			t.Errorf("%q (for Go %q) matches %q: %t, want %t", pattern, translated, text, got, want)
		}
	})
}

// Where regexp2 is wrong.
func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`^\A$`, "A", true}, {`\A`, "", false}, {`\z`, "z", true}, {`\a`, "a", true}, {`\a`, "\a", false},
		{`^.$`, "\u2028", false}, {`^.$`, "\r", false}, {`^.$`, "\u0085", true}, {`a$`, "a\n", false},
		{`^\p{Script=Greek}\p{sc=Latin}$`, "αb", true}, {`^\p{Letter}\p{gc=Nd}\p{General_Category=Decimal_Number}$`, "ä12", true}, {`^\P{L}$`, "a", false},
		{`^[[:alpha:]]$`, "p]", true}, {`^[[:alpha:]]$`, "z", false},
		{`\bé`, "é", false}, {`\ba`, "éa", true}, {`\B`, "é", true}, {`[\b]`, "\b", true},
	} {
		m, err := schema.Compile(c.pattern)
		if err != nil || m.MatchString(c.text) != c.want {
			t.Errorf("%s matches %q: want %t (%v)", c.pattern, c.text, c.want, err)
		}
	}
}

// What Go's regular expressions cannot express is not translated into something else.
func TestInexact(t *testing.T) {
	for _, pattern := range strings.Fields(`(?=a) (?!a)b (?<=a)b (?<!a)b (a)\1 (?<n>a)\k<n> a{1001} [a-\S] \c* \c \00 \pL a{01} a{0,01} ( [`) {
		if schema.Exact(pattern) {
			translated, _ := schema.Translate(pattern)
			t.Errorf("%s is translated into %s", pattern, translated)
		}
	}
}
