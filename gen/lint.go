package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lintRules are the rules of lint, by the names that findings end with. CONTRIBUTING.md says why each is there; the functions
// that check them are in lintrules.go and lintexamples.go.
var lintRules = []string{
	"integer-range",
	"invalid-example",
	"joined-security",
	"no-client-error",
	"no-description",
	"nullable-parameter",
	"operation-id",
	"unused-component",
}

// Lint holds a document against rules that are about its readers and callers: one that breaks them is valid, and the
// generator can do without. So it is for documents whose author asks for it.
//
// It looks only at documents that [Generate] accepts, and loads them anew, as the steps of Generate alter theirs. The error, if
// any, is a [Diagnostics] with every finding. Each ends with its rule in brackets, which the document can switch off for an
// object and what is within:
//
//	x-lint-ignore: [unused-component] # the reason
func Lint(source string, text []byte) error {
	doc, err := load(source, text)
	if err != nil {
		return err
	}
	l := &linter{document: doc, ignores: map[string][]*ignore{}, judges: judges{}}
	l.readIgnores()
	l.checkUse()
	l.checkOperations()
	l.checkComponents()
	l.checkIgnores()
	return doc.diagnostics.err()
}

type linter struct {
	*document
	ignores map[string][]*ignore // by the pointer of the object that they stand in
	judges  judges
}

// An ignore is one rule in one x-lint-ignore.
type ignore struct {
	pointer, rule string
	used          bool
}

// report notes a finding, unless the innermost object around it that says anything about the rule ignores it.
func (l *linter) report(rule, pointer, format string, args ...any) {
	for scope := pointer; ; {
		for _, ignore := range l.ignores[scope] {
			if ignore.rule == rule {
				ignore.used = true
				return
			}
		}
		i := strings.LastIndexByte(scope, '/')
		if i < 0 {
			break
		}
		scope = scope[:i]
	}
	l.refuse(pointer, "%s [%s]", fmt.Sprintf(format, args...), rule)
}

const ignoreKey = "/x-lint-ignore"

func (l *linter) readIgnores() {
	for _, pointer := range l.keys {
		scope, ok := strings.CutSuffix(pointer, ignoreKey)
		if !ok || inExample(scope) || strings.HasSuffix(scope, "/properties") {
			continue // a member of that name
		}
		list := l.nodes[pointer]
		if list.value.Kind != yaml.SequenceNode || list.value.Style&yaml.FlowStyle == 0 {
			l.refuse(pointer, "this is no list in brackets; write the names of rules and the reason behind them on this line, as in [unused-component] # why")
			continue
		}
		if len(list.value.Content) == 0 {
			l.refuse(pointer, "the list is empty; name the rules that do not bind here, or remove it")
			continue
		}
		if strings.Trim(list.value.LineComment, "# \t") == "" {
			l.refuse(pointer, "nothing says why; add the reason as a comment behind the list, on the same line")
		}
		for i, item := range list.value.Content {
			at := pointer + "/" + strconv.Itoa(i)
			if !slices.Contains(lintRules, item.Value) {
				l.refuse(at, "there is no rule %q; write one of %s", item.Value, strings.Join(lintRules, ", "))
				continue
			}
			l.ignores[scope] = append(l.ignores[scope], &ignore{pointer: at, rule: item.Value})
		}
	}
}

// checkIgnores reports what was ignored for nothing. It comes last.
func (l *linter) checkIgnores() {
	for _, here := range l.ignores {
		for _, ignore := range here {
			if !ignore.used {
				l.refuse(ignore.pointer, "nothing here breaks the rule %s; remove it from the list", ignore.rule)
			}
		}
	}
}
