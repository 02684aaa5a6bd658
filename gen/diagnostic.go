package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Diagnostic is one thing that is wrong with the document.
type Diagnostic struct {
	Position Position
	Where    string // JSON pointer, as a URI fragment: "#/components/schemas/Pet"; empty for the whole document
	What     string // lower case, ends with what to do: "what; what to do"
}

// String returns the diagnostic as one line. Control characters that come from the document are escaped.
func (d Diagnostic) String() string {
	text := d.What
	if d.Where != "" {
		text = d.Where + ": " + d.What
	}
	return d.Position.String() + ": " + oneLine(text)
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

// A Position is a place in the document. Line and column count from 1; 0 is unknown.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string {
	return fmt.Sprintf("%s:%d:%d", p.File, max(p.Line, 1), max(p.Column, 1))
}

// Diagnostics is the error of a refused document: everything that is wrong with it, in the order of the document.
type Diagnostics []Diagnostic

func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i := range d {
		lines[i] = d[i].String()
	}
	return strings.Join(lines, "\n")
}

// err sorts the diagnostics and drops repetitions. It is nil if there are none.
func (d Diagnostics) err() error {
	if len(d) == 0 {
		return nil
	}
	slices.SortFunc(d, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Position.File, b.Position.File),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(a.Where, b.Where),
			cmp.Compare(a.What, b.What),
		)
	})
	return slices.Compact(d)
}
