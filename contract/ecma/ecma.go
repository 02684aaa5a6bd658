// Package ecma validates patterns that Go's regular expressions cannot express, such as those with look-ahead or back references. Generated
// code imports it if its document has one.
package ecma

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/dlclark/regexp2"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// timeout bounds how long one match may take, since backtracking can take exponential time. What takes longer does not match.
const timeout = 100 * time.Millisecond

func init() { schema.Engine = Compile }

// Compile compiles a regular expression of ECMA-262 that [schema.Compile] has found nothing else in.
func Compile(pattern string) (schema.Matcher, error) {
	if keepsCaptures(pattern) {
		return nil, errors.New("it refers to a group that a repetition around it may leave out, which the engine does not read as ECMA-262 says")
	}
	r, err := regexp2.Compile(translate(pattern), regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		return nil, err
	}
	r.MatchTimeout = timeout
	return matcher{r}, nil
}

// translate spells what regexp2 reads otherwise than ECMA-262: a dot, which it lets match two of the line terminators, boundaries of words, which
// are those of ASCII, escaped letters that mean something in .NET only, a bracket within a class, which would subtract from it, and a character
// escaped as two surrogates.
func translate(pattern string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			if pair := surrogates.FindStringSubmatch(pattern[i:]); pair != nil {
				high, _ := strconv.ParseUint(pair[1], 16, 16)
				low, _ := strconv.ParseUint(pair[2], 16, 16)
				b.WriteRune(utf16.DecodeRune(rune(high), rune(low)))
				i += len(pair[0]) - 1
				continue
			}
			if property := property.FindStringSubmatch(pattern[i:]); property != nil {
				b.WriteString(property[1] + schema.UnicodeProperty(property[2]) + "}")
				i += len(property[0]) - 1
				continue
			}
			i++
			if boundary, ok := boundaries[pattern[i]]; ok && !class {
				b.WriteString(boundary)
				continue
			}
			if strings.IndexByte("AzZGea", pattern[i]) < 0 {
				b.WriteByte(c)
			}
			b.WriteByte(pattern[i])
			continue
		case class && c == '[':
			b.WriteByte('\\')
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '.' && !class:
			b.WriteString(`[^\n\r\u2028\u2029]`)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// boundaries are \b and \B.
var boundaries = map[byte]string{
	'b': `(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))`,
	'B': `(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))`,
}

// A group is one of a pattern, or the pattern itself.
type group struct {
	parent       *group
	name         string
	alternatives bool
	optional     bool // a quantifier lets it match nothing
	repeated     bool
}

// keepsCaptures reports whether a pattern refers to a group that is within a repeated one and need not match in each repetition. ECMA-262 forgets
// what the group has captured then; the engine does not.
func keepsCaptures(pattern string) bool {
	current := &group{}
	var captures []*group
	references := map[string]bool{}
	class := false
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		switch c := pattern[i]; {
		case c == '\\':
			if found := reference.FindStringSubmatch(rest); found != nil && !class {
				references[found[1]+found[2]] = true
			}
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '|':
			current.alternatives = true
		case c == '(':
			current = &group{parent: current}
			if found := named.FindStringSubmatch(rest); found != nil {
				current.name = found[1]
			}
			if current.name != "" || !strings.HasPrefix(rest, "(?") {
				captures = append(captures, current)
			}
		case c == ')' && current.parent != nil:
			if found := quantifier.FindStringSubmatch(rest[1:]); found != nil {
				current.optional = strings.ContainsAny(found[0][:1], "*?") || found[1] == "0"
				current.repeated = found[0] != "?" && found[0] != "{1}"
			}
			current = current.parent
		}
	}
	for i, capture := range captures {
		if !references[strconv.Itoa(i+1)] && !references[capture.name] {
			continue
		}
		skipped := capture.optional
		for g := capture.parent; g != nil; g = g.parent {
			if skipped = skipped || g.alternatives; skipped && g.repeated {
				return true
			}
			skipped = skipped || g.optional
		}
	}
	return false
}

var (
	reference  = regexp.MustCompile(`^\\(?:([1-9]\d*)|k<([^>]+)>)`)
	named      = regexp.MustCompile(`^\(\?<([^=!>][^>]*)>`)
	quantifier = regexp.MustCompile(`^(?:[*+?]|\{(\d+)(?:,\d*)?\})`)
)

var property = regexp.MustCompile(`^(\\[pP]\{)([^}]*)\}`)

var surrogates = regexp.MustCompile(`^\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})`)

type matcher struct{ *regexp2.Regexp }

func (m matcher) MatchString(text string) bool {
	matched, err := m.Regexp.MatchString(text)
	return err == nil && matched
}
