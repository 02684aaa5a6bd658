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
	if err := checkSyntax(pattern); err != nil {
		return nil, err
	}
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
	if checkSyntax(pattern) != nil {
		return false
	}
	translated, err := Translate(pattern)
	if err != nil {
		return false
	}
	_, err = regexp.Compile(translated)
	return err == nil
}

// checkSyntax refuses what ECMA-262 does not have, but other regular expressions do, so that an engine for these would take it.
func checkSyntax(pattern string) error {
	class := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			if strings.HasPrefix(pattern[i:], `\x{`) {
				return errors.New(`\x{…} is not a part of ECMA-262; write \u{…}`)
			}
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '(' && !class && strings.HasPrefix(pattern[i:], "(?") && !group.MatchString(pattern[i:]):
			begin := pattern[i:min(i+4, len(pattern))]
			return errors.New(strconv.Quote(begin) + " begins no group of ECMA-262")
		}
	}
	return nil
}

// group is the begin of a group with a question mark: (?: (?= (?! (?<= (?<! (?<name> or (?i-m: as of 2025.
var group = regexp.MustCompile(`^\(\?(?:[:=!]|<[=!]|<[\pL_$][\pL\pN_$]*>|[ims]+(?:-[ims]*)?:|-[ims]+:)`)

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
		end := strings.IndexByte(text, '}')
		if len(text) < 3 || text[2] != '{' || end < 0 {
			return "", 0, errors.New("an incomplete escape")
		}
		return text[:3] + UnicodeProperty(text[3:end]) + "}", end + 1, nil
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

// UnicodeProperty returns the name that RE2 has for a property of ECMA-262: a script or a general category, whose long names it does not know. Other
// names stay as they are.
func UnicodeProperty(name string) string {
	kind, value, valued := strings.Cut(name, "=")
	switch {
	case !valued:
		value = name
	case kind == "Script" || kind == "sc":
		return value
	case kind != "General_Category" && kind != "gc":
		return name
	}
	if short, ok := categories[value]; ok {
		return short
	}
	return value
}

// categories are the general categories of Unicode by their long names.
var categories = map[string]string{
	"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm", "Other_Letter": "Lo",
	"Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd",
	"digit": "Nd", "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
	"Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
	"Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
	"Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "cntrl": "Cc",
	"Format": "Cf", "Surrogate": "Cs", "Private_Use": "Co",
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
