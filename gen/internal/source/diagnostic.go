package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Position is a place in a file. Lines and columns count from 1, columns in characters; the zero line is unknown and
// means the file as a whole.
type Position struct {
	File         string
	Line, Column int
}

// String is "file:line:col". An unknown line or column is written as 1, so that editors can open it.
func (p Position) String() string {
	return fmt.Sprintf("%s:%d:%d", p.File, max(p.Line, 1), max(p.Column, 1))
}

// Compare orders positions by file, line and column. It is a comparison function for the package slices.
func (p Position) Compare(other Position) int {
	return cmp.Or(
		cmp.Compare(p.File, other.File),
		cmp.Compare(p.Line, other.Line),
		cmp.Compare(p.Column, other.Column),
	)
}

// A Severity says what a diagnostic means for the run.
type Severity uint8

const (
	Error   Severity = iota // nothing is generated; the zero value, so that what sets no severity is an error
	Warning                 // reported, the run continues
	Off                     // not reported
)

// String is "error", "warning" or "off", as in a config file.
func (s Severity) String() string { return [...]string{"error", "warning", "off"}[s] }

// A Diagnostic is one problem of the input: where it is, what is wrong and what to do about it.
type Diagnostic struct {
	Position Position
	Where    string     // JSON pointer as a URI fragment, "#/components/schemas/Pet"; empty for the whole document
	What     string     // lower case, "what is wrong; what to do"
	Rule     string     // name of the rule whose severity the config sets; empty for what is an error in any case
	Severity Severity   // Error if not set
	Related  []Position // other places that take part, such as the first of two equal keys
}

// String is "file:line:col: #/pointer: what; what to do [rule]", with "warning: " in front of what for a warning.
//
// Control characters, which come from the document, are escaped.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.Position.String() + ": ")
	if d.Where != "" {
		b.WriteString(d.Where + ": ")
	}
	if d.Severity == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(d.What)
	if d.Rule != "" {
		b.WriteString(" [" + d.Rule + "]")
	}
	return oneLine(b.String())
}

func oneLine(text string) string {
	if !strings.ContainsFunc(text, unprintable) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unprintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unprintable reports whether a character would end the line, or do something to a terminal.
func unprintable(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// Diagnostics are the problems of a run. As an error they are one line each.
type Diagnostics []Diagnostic

// Error joins the diagnostics, one per line.
func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i := range d {
		lines[i] = d[i].String()
	}
	return strings.Join(lines, "\n")
}

// HasErrors reports whether any diagnostic is an Error.
func (d Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(d, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders the diagnostics by position and returns them without repetitions and without those that are Off. The
// receiver's array is reused.
func (d Diagnostics) Sort() Diagnostics {
	d = slices.DeleteFunc(d, func(d Diagnostic) bool { return d.Severity == Off })
	slices.SortStableFunc(d, func(a, b Diagnostic) int {
		return cmp.Or(
			a.Position.Compare(b.Position),
			cmp.Compare(a.Where, b.Where),
			cmp.Compare(a.What, b.What),
		)
	})
	return slices.CompactFunc(d, func(a, b Diagnostic) bool {
		return a.Position == b.Position && a.Where == b.Where && a.What == b.What
	})
}

// Nearest returns the candidate that is spelled most like name, or "" if none is similar enough to be a slip of the
// pen. It is what follows "did you mean" in a diagnostic. The first of equally near candidates wins.
func Nearest(name string, candidates []string) string {
	best, distance := "", min((len(name)+1)/3+1, 5)
	for _, candidate := range candidates {
		if d := editDistance(name, candidate, distance); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance is the distance in bytes that are inserted, deleted, replaced or exchanged with the next, or some number from limit on if it is not less than that.
func editDistance(a, b string, limit int) int {
	if difference := len(a) - len(b); difference >= limit || -difference >= limit {
		return limit
	}
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last, least := row, i+1
		row = make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		before = last
		if least >= limit {
			return limit
		}
	}
	return row[len(b)]
}
