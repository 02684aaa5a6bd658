package ecma_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/contract/ecma"
	"github.com/interconnect-go/interconnect/contract/schema"
)

func TestCompile(t *testing.T) {
	for _, test := range []struct {
		pattern       string
		matches, fail []string
	}{
		{`^(?=.*\d)(?=.*[a-z]).{4,}$`, []string{"abc1", "1äöz"}, []string{"abcd", "1234", "a1b", ""}},
		{`^(?!admin$)\w+$`, []string{"user", "admins"}, []string{"admin", ""}},
		{`(?<=\$)\d+`, []string{"a $1"}, []string{"a 1", "$"}},
		{`(?<!\$)\b\d`, []string{"a 1"}, []string{"$1"}},
		{`^(['"])[^'"]*\1$`, []string{`'a'`, `""`}, []string{`'a"`, `'`}},
		{`^(?<year>\d{4})-\k<year>$`, []string{"2026-2026"}, []string{"2026-2027"}},
		{`^[^\S\t]$`, []string{" ", "\u00a0", "\ufeff"}, []string{"a", "\t"}},
		{`^(?=x)`, []string{"xy"}, []string{"yx"}},
		{`(?=b)`, []string{"ab"}, []string{"a"}}, // not anchored
		{`^(?:a|b(?=c)).$`, []string{"bc"}, []string{"bd"}},
		{`^(?!a)\u{1F600}$`, []string{"😀"}, []string{"u{1F600}"}},
		{`^(?!a).$`, []string{"😀", "ä"}, []string{"\n", "\u2028", "😀😀"}}, // a dot is one character, however it is encoded
		{`^(?!a)\d$`, []string{"1"}, []string{"١"}},                      // \d are the digits of ASCII
		{`^(?!x)a\Ab\zc\Zd\Ge\ef\a$`, []string{"aAbzcZdGeefa"}, nil},     // which mean something elsewhere
		{`^(?!x)[a-z-[b]]$`, []string{"b]", "[]", "-]"}, []string{"b"}},
		{`^(?!x)[.\]]$`, []string{".", "]"}, []string{"a"}},
		{`^(?!x)\.\[.$`, []string{".[a"}, []string{"a[a"}},
		{`^(?!x)\uD83D\ude00[\ud83d\ude00]$`, []string{"😀😀"}, []string{"😀"}},
		{`^(?!x)[^]$`, []string{"\n"}, nil},
		{`^(?!x)[]$`, nil, []string{"a", ""}},
		{`^(?!a)\p{Lu}$`, []string{"Ä"}, []string{"ä"}},
		{`^(?!a)[\p{Script=Greek}\P{Letter}]$`, []string{"α", "1"}, []string{"b"}},
		{`^(?!a)\bx`, []string{"x"}, nil},
		{`(?!a)\bé`, []string{"aé"}, []string{"é"}}, // a word consists of letters of ASCII
		{`(?!x)a\b`, []string{"aé", "a"}, []string{"ab", "a1", "a_"}},
		{`(?!x)a\B`, []string{"ab"}, []string{"aé", "a"}},
		{`^(?!x)[\b]$`, []string{"\b"}, []string{"b"}},
		{`^(?!c)((['"])[ab]*\2)+$`, []string{`'a'"b"`}, []string{`'a"`}},
		{`^(?:(a)|b)\1$`, []string{"aa", "b"}, []string{"ab"}},
	} {
		m, err := ecma.Compile(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		for want, texts := range map[bool][]string{true: test.matches, false: test.fail} {
			for _, text := range texts {
				if got := m.MatchString(text); got != want {
					t.Errorf("%s on %q: got %t", test.pattern, text, got)
				}
			}
		}
	}
	for _, pattern := range []string{
		`(?=`, `[`, `(?<a`, `(?=\`, `a{2,1}`, `(?i)a`, `(?>a)`, `(?#a)`, `(?'a'b)`, `(?P<a>b)`, `(?(1)a|b)`, `(?<a-b>c)`, `(?<1>a)`, `(?=a)\x{61}`,
		`^(?:(a)|b)*\1$`, `^(?:(?<x>a)?b)+\k<x>$`, `^(?:(?:(a)|b)c){2}\1$`,
	} {
		if _, err := schema.Compile(pattern); err == nil {
			t.Errorf("%s compiles", pattern)
		}
	}
}

// A program that imports this package validates the patterns that it would otherwise ignore.
func TestSchema(t *testing.T) {
	s := &schema.Schema{Types: schema.String, Pattern: `^(?!admin$)\w+$`}
	for text, want := range map[string]bool{"user": true, "admin": false, "": false} {
		if err := s.Check([]byte(strconv.Quote(text)), schema.InRequest); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		} else if err != nil && !strings.Contains(err.Error(), s.Pattern) {
			t.Errorf("%s: the error does not name the pattern: %v", text, err)
		}
	}
}

// A match that takes exponential time ends after a while: the text does not match.
func TestTimeLimit(t *testing.T) {
	m, err := ecma.Compile(`^(?=a)(a+)+\1$`)
	if err != nil {
		t.Fatal(err)
	}
	if !m.MatchString("aaaa") {
		t.Error("a short text does not match")
	}
	start := time.Now()
	if m.MatchString(strings.Repeat("a", 50) + "!") {
		t.Error("it matches")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
