package gen

import (
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A Severity says what a diagnostic means for the run. As text it is what a config file says.
type Severity string

const (
	Off     Severity = "off"     // not reported
	Warning Severity = "warning" // reported; files are generated nevertheless
	Error   Severity = "error"   // nothing is generated
)

// severities are those of package source, by the names that a config file has.
var severities = map[Severity]source.Severity{Off: source.Off, Warning: source.Warning, Error: source.Error}

// A Position is a place in a file. Lines and columns count from 1, columns in characters; line 0 means the file as a whole.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// A Diagnostic is one problem of a document, an overlay or a config file: where it is, what is wrong, and what to do about it.
type Diagnostic struct {
	Position
	Pointer  string     `json:"pointer,omitempty"` // JSON pointer as a URI fragment, "#/components/schemas/Pet"
	Severity Severity   `json:"severity"`
	Rule     string     `json:"rule,omitempty"` // see Rules; empty for what is an error in any case
	Message  string     `json:"message"`        // lower case, "what is wrong; what to do"
	Related  []Position `json:"related,omitempty"`
}

// String is "file:line:col: #/pointer: what; what to do [rule]", with "warning: " before what for a warning.
func (d Diagnostic) String() string {
	return source.Diagnostic{
		Position: source.Position(d.Position), Where: d.Pointer, What: d.Message, Rule: d.Rule, Severity: severities[d.Severity],
	}.String()
}

// Diagnostics are the problems of a run: the errors first, then the warnings, each by position. As an error they are one line each.
type Diagnostics []Diagnostic

func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i := range d {
		lines[i] = d[i].String()
	}
	return strings.Join(lines, "\n")
}

// HasErrors reports whether any diagnostic is an [Error], so that nothing was generated.
func (d Diagnostics) HasErrors() bool { return len(d) > 0 && d[0].Severity == Error }

// newDiagnostics sorts what the stages of a run have found.
func newDiagnostics(found source.Diagnostics) Diagnostics {
	found = found.Sort()
	all := make(Diagnostics, 0, len(found))
	for _, severity := range []Severity{Error, Warning} {
		for _, d := range found {
			if d.Severity != severities[severity] {
				continue
			}
			one := Diagnostic{
				Position: Position(d.Position), Pointer: d.Where, Severity: severity, Rule: d.Rule, Message: d.What,
			}
			for _, position := range d.Related {
				one.Related = append(one.Related, Position(position))
			}
			all = append(all, one)
		}
	}
	return all
}
