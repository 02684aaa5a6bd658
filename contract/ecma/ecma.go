// Package ecma validates patterns that Go's regular expressions cannot express, such as those with look-ahead or back references. Generated
// code imports it if its document has one.
package ecma

import (
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

// Compile compiles a regular expression of ECMA-262.
func Compile(pattern string) (schema.Matcher, error) {
	r, err := regexp2.Compile(translate(pattern), regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		return nil, err
	}
	r.MatchTimeout = timeout
	return matcher{r}, nil
}

// translate spells what regexp2 reads otherwise than ECMA-262: a dot, which it lets match two of the line terminators, escaped letters that
// mean something in .NET only, a bracket within a class, which would subtract from it, and a character escaped as two surrogates.
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
			i++
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

var surrogates = regexp.MustCompile(`^\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})`)

type matcher struct{ *regexp2.Regexp }

func (m matcher) MatchString(text string) bool {
	matched, err := m.Regexp.MatchString(text)
	return err == nil && matched
}
