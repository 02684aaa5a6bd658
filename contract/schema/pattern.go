package schema

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A Matcher is a compiled regular expression.
type Matcher interface{ MatchString(string) bool }

// Engine compiles the patterns that Go's regular expressions cannot express, such as those with look-ahead. It is nil unless the
// package ecma is linked into the program; then such patterns match everything, of which the generator warns.
var Engine func(pattern string) (Matcher, error)

var matchers sync.Map // pattern → Matcher

// matcherOf returns the matcher of a pattern that a document has.
func matcherOf(pattern string) Matcher {
	if m, ok := matchers.Load(pattern); ok {
		return m.(Matcher)
	}
	m, err := Compile(pattern)
	if err != nil {
		m = everything{}
	}
	kept, _ := matchers.LoadOrStore(pattern, m)
	return kept.(Matcher)
}

type everything struct{}

func (everything) MatchString(string) bool { return true }

// ErrPattern is the error for a pattern that is valid, but that Go's regular expressions cannot express.
var ErrPattern = errors.New("the pattern cannot be expressed as a regular expression of Go")

// Compile compiles a regular expression of ECMA-262, as the keyword pattern has it. It wraps [ErrPattern] if [Engine] would be needed
// and is not there.
func Compile(pattern string) (Matcher, error) {
	translated, err := Translate(pattern)
	if err == nil {
		var m *regexp.Regexp
		if m, err = regexp.Compile(translated); err == nil {
			return m, nil
		}
	}
	if Engine != nil {
		return Engine(pattern)
	}
	return nil, errors.Join(ErrPattern, err)
}

// Exact reports whether Go's regular expressions can express a pattern, so that [Engine] is not needed.
func Exact(pattern string) bool {
	translated, err := Translate(pattern)
	if err != nil {
		return false
	}
	_, err = regexp.Compile(translated)
	return err == nil
}

// Translate spells a regular expression of ECMA-262 (with the flag u) for RE2. It is an error if RE2 has no equal.
func Translate(pattern string) (string, error) {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			text, size, err := translateEscape(pattern[i:], class)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i += size - 1
		case class && c == ']':
			class = false
			b.WriteByte(c)
		case class && c == '[':
			b.WriteString(`\[`) // RE2 would read [: as the name of a class
		case !class && c == '[':
			class = true
			switch {
			case strings.HasPrefix(pattern[i:], "[^]"):
				b.WriteString(`(?s:.)`)
				i, class = i+2, false
			case strings.HasPrefix(pattern[i:], "[]"):
				b.WriteString(`[^\x00-\x{10FFFF}]`)
				i, class = i+1, false
			case strings.HasPrefix(pattern[i:], "[^"):
				b.WriteString("[^")
				i++
			default:
				b.WriteByte(c)
			}
		case !class && c == '{' && leadingZeros.MatchString(pattern[i:]):
			return "", errors.New("zeros before a number of repetitions")
		case !class && c == '.':
			b.WriteString(`[^\n\r\x{2028}\x{2029}]`)
		case !class && c == '$':
			b.WriteString(`\z`) // which is what RE2 calls the very end
		case !class && strings.HasPrefix(pattern[i:], "(?<") && !strings.HasPrefix(pattern[i:], "(?<=") && !strings.HasPrefix(pattern[i:], "(?<!"):
			b.WriteString("(?P<")
			i += len("(?<") - 1
		case !class && strings.HasPrefix(pattern[i:], "(?") && !strings.HasPrefix(pattern[i:], "(?:"):
			return "", errors.New("look-around")
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// leadingZeros is the begin of what RE2 takes for text.
var leadingZeros = regexp.MustCompile(`^\{(\d+,)?0\d`)

// The white space of ECMA-262, of which RE2's \s is only a part.
const ecmaSpace = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`

func translateEscape(text string, class bool) (translated string, size int, err error) {
	switch c := text[1]; c {
	case 'u':
		if len(text) > 3 && text[2] == '{' {
			if end := strings.IndexByte(text, '}'); end > 0 {
				return `\x` + text[2:end+1], end + 1, nil
			}
			return "", 0, errors.New("an incomplete escape")
		}
		r, width, _ := unescape(text)
		if width == 0 {
			return "u", 2, nil // without the flag u, \u is the letter
		}
		return `\x{` + strconv.FormatInt(int64(r), 16) + `}`, width, nil
	case 's':
		if class {
			return ecmaSpace, 2, nil
		}
		return "[" + ecmaSpace + "]", 2, nil
	case 'S':
		if class {
			return "", 0, errors.New(`\S within a class`)
		}
		return "[^" + ecmaSpace + "]", 2, nil
	case 'c':
		if len(text) > 2 && isLetter(text[2]) {
			return `\x` + "{" + strconv.FormatInt(int64(text[2]%32), 16) + "}", 3, nil
		}
		return "", 0, errors.New("an incomplete escape")
	case 'b':
		if class {
			return `\x08`, 2, nil
		}
	case '0':
		if len(text) > 2 && '0' <= text[2] && text[2] <= '9' {
			return "", 0, errors.New("an octal escape")
		}
		return `\x00`, 2, nil
	case 'p', 'P':
		if len(text) < 3 || text[2] != '{' {
			return "", 0, errors.New("an incomplete escape")
		}
	case 'd', 'D', 'w', 'W', 'B', 't', 'n', 'r', 'v', 'f', 'x':
	case 'k':
		return "", 0, errors.New("a back reference")
	case 'A', 'z', 'Z', 'Q', 'E', 'C', 'a': // which mean something in RE2 only
		return string(c), 2, nil
	default:
		if '1' <= c && c <= '9' {
			return "", 0, errors.New("a back reference")
		}
		if isLetter(c) || c == '_' || c == '/' || c == '-' && !class {
			return regexp.QuoteMeta(string(c)), 2, nil
		}
	}
	if c := text[1]; c >= 0x80 {
		return text[1:2], 2, nil
	}
	return text[:2], 2, nil
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
