package gen

import "github.com/interconnect-go/interconnect/gen/internal/model"

// A Rule is something that a document should not have, although code can be generated for it.
type Rule struct {
	Name     string
	Severity Severity // if the config does not say otherwise
	Finds    string
	Why      string
}

// Rules are the rules by name. A config sets their severity, and x-lint-ignore in a document switches them off for an object and everything
// in it.
func Rules() []Rule {
	var all []Rule
	for _, name := range model.RuleNames() {
		r := model.Rules[name]
		all = append(all, Rule{Name: name, Severity: Severity(r.Severity.String()), Finds: r.Finds, Why: r.Why})
	}
	return all
}
