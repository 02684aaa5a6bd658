// Package lint looks for what a document says, but does not mean: values that are passed over, words that are misspelt, examples and defaults
// that their schema refuses, unions whose variants cannot be told apart. What it finds does not keep code from being generated; how severe it
// is depends on the rule, see [model.Rules].
//
// Values are validated by the schemas of the model, which are those of the generated code, so that lint and run-time never disagree.
package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/overlap"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// Check returns what the rules find that are on.
func Check(doc *source.Document, api *model.API, policy *model.Policy) source.Diagnostics {
	l := &linter{
		doc: doc, api: api, policy: policy,
		visited:  map[*source.Node]bool{},
		used:     map[*source.Node]bool{},
		ids:      map[string]*source.Node{},
		children: map[*source.Node][]*source.Node{},
		finder:   &overlap.Finder{Examples: api.Examples, Budget: unionBudget},
	}
	l.checks = map[string]func(*source.Node){
		"document": l.checkDocument, "operation": l.checkOperation, "parameter": l.checkParameter, "header": l.checkHeader,
		"response": l.checkResponse, "mediaType": l.checkMediaType, "schema": l.checkSchema, "serverVariable": l.checkServerVariable,
	}
	l.findChildren()
	// What is outside of the components leads to those that it needs. The others are used by nothing.
	l.walk("document", false, doc.Root)
	l.unused = true
	l.walk("components", false, doc.Root.Get("components"))
	l.checkUse()
	l.checkIgnores()
	return l.found
}

type linter struct {
	doc    *source.Document
	api    *model.API
	policy *model.Policy
	found  source.Diagnostics

	checks    map[string]func(*source.Node) // by shape
	visited   map[*source.Node]bool
	direction schema.Direction // of what is being visited

	unused   bool // no operation uses what is being visited
	used     map[*source.Node]bool
	children map[*source.Node][]*source.Node // schemas with a discriminator → the components that extend them

	ids     map[string]*source.Node // operations by operationId
	ignores []*source.Node          // values of x-lint-ignore
	finder  *overlap.Finder
}

// directions are those in which the values within an object travel.
var directions = map[string]schema.Direction{
	"parameter": schema.InRequest, "requestBody": schema.InRequest, "response": schema.InResponse,
}

// report reports a violation of a rule at a value.
func (l *linter) report(rule string, n *source.Node, format string, args ...any) {
	l.reportAt(rule, n, n.Pos(), format, args...)
}

// reportMember reports a violation of a rule at the name of a member.
func (l *linter) reportMember(rule string, m *source.Member, format string, args ...any) {
	l.reportAt(rule, m.Value, m.Pos(), format, args...)
}

func (l *linter) reportAt(rule string, n *source.Node, at source.Position, format string, args ...any) {
	severity := l.policy.Severity(rule, n)
	if l.unused && severity == source.Error && rule != "unused-component" {
		severity = source.Warning // it is in nobody's way
	}
	if severity != source.Off {
		l.found = append(l.found, source.Diagnostic{
			Position: at, Where: l.doc.Pointer(n), What: fmt.Sprintf(format, args...), Rule: rule, Severity: severity,
		})
	}
}

// on reports whether a rule is on anywhere, for what is expensive to find out.
func (l *linter) on(rule string) bool {
	return l.policy.Chosen(rule, model.Rules[rule].Severity) != source.Off
}

// use notes that a component is used, if the value is one or in one.
func (l *linter) use(n *source.Node) {
	if l.unused {
		return
	}
	for ; n != nil && !l.used[n]; n = n.Parent() {
		l.used[n] = true
	}
}

// findChildren finds the components that extend a schema with a discriminator, so that using it is using them.
func (l *linter) findChildren() {
	schemas := l.doc.Root.Get("components").Get("schemas")
	for _, name := range schemas.Names() {
		child := schemas.Get(name)
		for _, part := range items(child.Get("allOf")) {
			if parent, err := l.doc.Follow(part); err == nil && parent.Node.Has("discriminator") {
				l.children[parent.Node] = append(l.children[parent.Node], child)
			}
		}
	}
}

func items(n *source.Node) []*source.Node {
	if !n.Is(source.Array) {
		return nil
	}
	return n.Items
}

// checkUse finds components that no operation needs, be it by way of other components.
func (l *linter) checkUse() {
	components := l.doc.Root.Get("components")
	if !components.Is(source.Object) {
		return
	}
	for i := range components.Members {
		kind := &components.Members[i]
		if !kind.Value.Is(source.Object) || strings.HasPrefix(kind.Name, "x-") {
			continue
		}
		for j := range kind.Value.Members {
			if m := &kind.Value.Members[j]; !l.used[m.Value] {
				l.reportMember("unused-component", m, "no operation needs this component; remove it, or refer to it")
			}
		}
	}
}

// knownExtensions are those that mean something to the generator, and where what they say is of no use, why.
var knownExtensions = func() map[string]string {
	known := map[string]string{
		"x-oapi-codegen-middlewares": "wrap the handler in middlewares instead",

		// These are those of go-swagger.
		"x-go-package": "", "x-go-enum-desc": "", "x-go-custom-tag": "",
	}
	for _, name := range model.Extensions() {
		known[name] = ""
	}
	return known
}()

// extension checks a member whose name begins with x-.
func (l *linter) extension(m *source.Member) {
	if m.Name == model.IgnoreKey {
		l.ignores = append(l.ignores, m.Value)
	}
	advice, known := knownExtensions[m.Name]
	if known {
		if advice != "" {
			l.reportMember("unknown-extension", m, "%s has no effect: %s", m.Name, advice)
		}
		return
	}
	var names []string
	for name := range knownExtensions {
		names = append(names, name)
	}
	slices.Sort(names)
	near := source.Nearest(m.Name, names)
	ours := strings.HasPrefix(m.Name, "x-go-") || strings.HasPrefix(m.Name, "x-oapi-codegen-")
	switch {
	case ours && near != "":
		l.reportMember("unknown-extension", m, "%s means nothing to the generator; did you mean %s?", m.Name, near)
	case ours:
		l.reportMember("unknown-extension", m, "%s means nothing to the generator; remove it", m.Name)
	case near != "" && max(len(near)-len(m.Name), len(m.Name)-len(near)) <= 1: // extensions of other tools have names of their own
		l.reportMember("unknown-extension", m, "%s means nothing to the generator; did you mean %s?", m.Name, near)
	}
}

// checkIgnores checks the lists of rules that are switched off for an object.
func (l *linter) checkIgnores() {
	for _, list := range l.ignores {
		if !list.Is(source.Array) || len(list.Items) == 0 {
			l.report("unused-ignore", list, "%s is not a list of rules; write one, such as [no-description], or remove it", model.IgnoreKey)
			continue
		}
		for _, item := range list.Items {
			rule := item.Text
			if _, known := model.Rules[rule]; !known || item.Kind != source.String {
				advice := `"contractgen rules" lists them`
				if near := source.Nearest(rule, model.RuleNames()); near != "" {
					advice = "did you mean " + near + "?"
				}
				l.report("unused-ignore", item, "there is no rule %s; %s", strconv.Quote(rule), advice)
				continue
			}
			if l.on(rule) && !l.policy.Used(item) {
				l.report("unused-ignore", item, "nothing here violates the rule %s; remove it from the list", rule)
			}
		}
	}
}
