package conform

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// WriteText writes the findings, what was not checked, and a summary, for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for i, f := range r.Findings {
		fmt.Fprintf(&b, "%d. %s, %s%s\n   want %s\n   got  %s\n   %s\n\n", i+1, f.Operation, f.Rule, f.times(), f.Expected, f.Seen, f.Curl)
	}
	for _, skipped := range r.Skipped {
		fmt.Fprintf(&b, "not checked: %s\n", skipped)
	}
	if len(r.Skipped) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s\n", r.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteCoverage writes what the requests and the responses had in them, in full.
func (r *Report) WriteCoverage(w io.Writer) error {
	var b strings.Builder
	b.WriteString("Responses by operation and status; parameters by what was sent, valid and invalid:\n\n")
	for _, op := range r.operations {
		fmt.Fprintf(&b, "  %s\n    %s\n    %s\n", op.ID, strings.Join(r.statuses(op.ID), "  "), strings.Join(r.parameters(op.ID), "  "))
	}
	b.WriteString("\nVariants of unions:\n\n")
	each(r.Coverage.Variants, func(union string, variants map[string]int) {
		fmt.Fprintf(&b, "  %s\n", union)
		each(variants, func(variant string, count int) { fmt.Fprintf(&b, "    %-40s%d\n", variant, count) })
	})
	b.WriteString("\nProperties of objects:\n\n")
	each(r.Coverage.Properties, func(schema string, _ map[string]int) {
		fmt.Fprintf(&b, "  %s\n    %s\n", schema, strings.Join(r.properties(schema), "  "))
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// times says how often a finding was made, if that was more than once.
func (f Finding) times() string {
	if f.Times == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times", f.Times)
}

// statuses lists the answers to an operation: "200×3", and "404×0" for one that is declared and did not come.
func (r *Report) statuses(operation string) (list []string) {
	each(r.Coverage.Statuses[operation], func(status, count int) { list = append(list, fmt.Sprintf("%d×%d", status, count)) })
	return list
}

// parameters lists what was sent to an operation: "limit 20+4", valid and invalid.
func (r *Report) parameters(operation string) (list []string) {
	each(r.Coverage.Parameters[operation], func(name string, sent Sent) {
		list = append(list, fmt.Sprintf("%s %d+%d", name, sent.Valid, sent.Invalid))
	})
	return list
}

// properties lists the members of an object: "name×12".
func (r *Report) properties(schema string) (list []string) {
	each(r.Coverage.Properties[schema], func(name string, count int) { list = append(list, fmt.Sprintf("%s×%d", name, count)) })
	return list
}

func (r *Report) summary() string {
	t := r.Totals()
	early := ""
	if r.Unfinished != "" {
		early = "Ended early: " + r.Unfinished + ".\n"
	}
	return early + fmt.Sprintf("Findings: %d. Requests: %d, to %s. Seed: %d.\nCovered: %s operations, %s declared 2xx and 4xx, %s declared statuses, "+
		"%s parameters, %s variants, %s properties.", len(r.Findings), r.Requests, r.BaseURL, r.Seed,
		t.Operations, t.Expected, t.Statuses, t.Parameters, t.Variants, t.Properties)
}

// WriteMarkdown writes a report in Markdown.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Conformance\n\n%s\n", strings.ReplaceAll(r.summary(), "\n", "\n\n"))
	if len(r.Findings) > 0 {
		b.WriteString("\n## Findings\n")
	}
	for i, f := range r.Findings {
		fmt.Fprintf(&b, "\n### %d. `%s`, %s%s\n\n", i+1, f.Operation, f.Rule, f.times())
		fmt.Fprintf(&b, "Want %s, got:\n\n%s\n\nTo reproduce:\n\n%s\n", escaped(f.Expected), fenced(f.Seen), fenced(f.Curl))
	}
	if len(r.Skipped) > 0 {
		b.WriteString("\n## Not checked\n\n")
		for _, skipped := range r.Skipped {
			fmt.Fprintf(&b, "- %s\n", escaped(skipped))
		}
	}
	b.WriteString("\n## Coverage\n\n| Operation | Answers | Parameters, valid and invalid |\n|---|---|---|\n")
	for _, op := range r.operations {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", op.ID, strings.Join(r.statuses(op.ID), ", "), escaped(strings.Join(r.parameters(op.ID), ", ")))
	}
	b.WriteString("\n| Union | Variant | Seen |\n|---|---|---|\n")
	each(r.Coverage.Variants, func(union string, variants map[string]int) {
		each(variants, func(variant string, count int) { fmt.Fprintf(&b, "| `%s` | `%s` | %d |\n", union, variant, count) })
	})
	b.WriteString("\n| Object | Properties |\n|---|---|\n")
	each(r.Coverage.Properties, func(schema string, _ map[string]int) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", schema, escaped(strings.Join(r.properties(schema), ", ")))
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// escaped keeps a text from meaning anything in Markdown.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "|", `\|`).Replace(text)
}

// fenced is a block of code. Its fence is longer than any in the text.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + text + "\n" + fence
}

// The elements of a JUnit report, as the usual readers know them.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// WriteJUnit writes a report as JUnit XML: a suite for each operation, with a test for each rule that was checked for
// it. A test fails once, with all its findings, as some readers know no more than one failure of a test. The suite of
// the run fails if that ended early, and has a skipped test for each thing that was not checked.
func (r *Report) WriteJUnit(w io.Writer) error {
	run := junitSuite{Name: "run"}
	whole := junitCase{Class: "conform", Name: "complete"}
	if r.Unfinished != "" {
		whole.Failure = &junitMessage{Message: r.Unfinished}
	}
	run.add(whole)
	for _, skipped := range r.Skipped {
		what, why, _ := strings.Cut(skipped, ": ")
		run.add(junitCase{Class: "conform", Name: what, Skipped: &junitMessage{Message: why}})
	}
	all := junitSuites{Suites: []junitSuite{run}}
	for _, op := range r.operations {
		suite := junitSuite{Name: op.ID}
		for _, check := range r.Checks {
			if check.Operation == op.ID {
				suite.add(junitCase{Class: "conform." + op.ID, Name: string(check.Rule), Failure: r.failure(check)})
			}
		}
		all.Suites = append(all.Suites, suite)
	}
	for _, suite := range all.Suites {
		all.Tests, all.Failures, all.Skipped = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Skipped+suite.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// failure has all findings of a check; it is nil if there is none.
func (r *Report) failure(check Check) *junitMessage {
	var messages, texts []string
	for _, f := range r.Findings {
		if f.Operation == check.Operation && f.Rule == check.Rule {
			messages = append(messages, f.Expected)
			texts = append(texts, fmt.Sprintf("want %s\ngot  %s\n%s", f.Expected, f.Seen, f.Curl))
		}
	}
	switch len(messages) {
	case 0:
		return nil
	case 1:
		return &junitMessage{messages[0], texts[0]}
	}
	return &junitMessage{fmt.Sprintf("%d findings", len(messages)), strings.Join(texts, "\n\n")}
}
