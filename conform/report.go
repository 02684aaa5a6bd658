package conform

import (
	"cmp"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
)

// A Rule is what a response must satisfy.
type Rule string

// The rules, with what they ask for.
const (
	RuleAnswer         Rule = "answer"         // an HTTP answer comes
	RuleServerError    Rule = "server-error"   // it is no 5xx
	RuleStatus         Rule = "status"         // its status is declared
	RuleContentType    Rule = "content-type"   // its media type is declared
	RuleHeader         Rule = "header"         // its headers are as declared
	RuleBody           Rule = "body"           // the body of a success is as declared
	RuleFailure        Rule = "failure"        // the body of a failure is as declared
	RuleAccepted       Rule = "accepted"       // a valid request is not refused
	RuleRefused        Rule = "refused"        // an invalid request is refused
	RuleMediaType      Rule = "media-type"     // bodies of other media types are refused
	RuleAuthentication Rule = "authentication" // requests without credentials are refused
	RuleMethod         Rule = "method"         // methods that a path does not have are refused
	RuleNotFound       Rule = "not-found"      // what does not exist, or no longer, is not found
	RuleStored         Rule = "stored"         // what was answered is what is kept
	RulePaging         Rule = "paging"         // pages hold all items once
	RuleFilter         Rule = "filter"         // filters keep what they should
	RuleIsolation      Rule = "isolation"      // accounts see nothing of each other
	RuleUnique         Rule = "unique"         // what can be used once is used once
	RuleDocument       Rule = "document"       // a letter is a PDF document
	RuleSecret         Rule = "secret"         // credentials are not repeated
)

// A Finding is one departure from the document.
type Finding struct {
	Operation string // operationId
	Rule      Rule
	Expected  string
	Seen      string
	Curl      string // reproduces the request, with variables in the place of credentials
	Times     int    // how often it was found; the rest is that of the first time
}

// A Check is a rule that was checked for an operation.
type Check struct {
	Operation string
	Rule      Rule
	Times     int
}

// A Report is the outcome of a run.
type Report struct {
	BaseURL  string
	Seed     uint64
	Requests int

	// Findings are in the order in which they were found.
	Findings []Finding
	// Checks are in the order of the document, and then of the rules' names.
	Checks []Check
	// Skipped says what was not checked, and why.
	Skipped []string
	// Unfinished says why the run ended before its end; empty if it did not. It is the error of Run.
	Unfinished string

	// Coverage is what the requests and the responses had in them.
	Coverage Coverage

	operations []contract.Operation
}

func newReport(baseURL string, seed uint64, operations []contract.Operation) *Report {
	return &Report{BaseURL: baseURL, Seed: seed, Coverage: newCoverage(operations), operations: operations}
}

// check records that a rule was checked for an operation.
func (r *Report) check(operation string, rule Rule) {
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Operation == operation && c.Rule == rule {
			c.Times++
			return
		}
	}
	r.Checks = append(r.Checks, Check{operation, rule, 1})
}

// find records a finding, and returns it. One that was there before, with the same expectation, is counted; then it is
// nil. What is in parentheses tells the cases apart, not the findings, but where the cases are what is found.
func (r *Report) find(f Finding) *Finding {
	expected := func(f *Finding) string {
		if f.Rule != RuleStored {
			return f.Expected
		}
		what, _, _ := strings.Cut(f.Expected, " (")
		return what
	}
	for i := range r.Findings {
		if g := &r.Findings[i]; g.Operation == f.Operation && g.Rule == f.Rule && expected(g) == expected(&f) {
			g.Times++
			return nil
		}
	}
	f.Times = 1
	r.Findings = append(r.Findings, f)
	return &f
}

// finish brings the checks into order.
func (r *Report) finish() {
	place := func(operation string) int {
		return slices.IndexFunc(r.operations, func(op contract.Operation) bool { return op.ID == operation })
	}
	slices.SortFunc(r.Checks, func(a, b Check) int {
		return cmp.Or(cmp.Compare(place(a.Operation), place(b.Operation)), cmp.Compare(a.Rule, b.Rule))
	})
}
