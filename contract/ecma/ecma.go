// Package ecma validates patterns that Go's regular expressions cannot express, such as those with look-ahead or back references. Generated
// code imports it if its document has one.
package ecma

import (
	"time"

	"github.com/dlclark/regexp2"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// timeout bounds how long one match may take, since backtracking can take exponential time. What takes longer does not match.
const timeout = 100 * time.Millisecond

func init() { schema.Engine = Compile }

// Compile compiles a regular expression of ECMA-262.
func Compile(pattern string) (schema.Matcher, error) {
	r, err := regexp2.Compile(pattern, regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		return nil, err
	}
	r.MatchTimeout = timeout
	return matcher{r}, nil
}

type matcher struct{ *regexp2.Regexp }

func (m matcher) MatchString(text string) bool {
	matched, err := m.Regexp.MatchString(text)
	return err == nil && matched
}
