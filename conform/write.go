package conform

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// WriteText writes a report for a terminal.
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
	b.WriteString("Answers by operation and status:\n\n")
	for _, op := range r.operations {
		fmt.Fprintf(&b, "  %-34s%s\n", op.ID, strings.Join(r.statuses(op.ID), "  "))
	}
	b.WriteString("\nVariants of unions that were seen:\n\n")
	for _, union := range slices.Sorted(maps.Keys(r.Variants)) {
		fmt.Fprintf(&b, "  %s\n", union)
		for _, variant := range slices.Sorted(maps.Keys(r.Variants[union])) {
			fmt.Fprintf(&b, "    %-40s%d\n", variant, r.Variants[union][variant])
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.summary())
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
func (r *Report) statuses(operation string) []string {
	counts := maps.Clone(r.Statuses[operation])
	for _, op := range r.operations {
		for _, response := range op.Responses {
			if status, err := strconv.Atoi(response.Status); err == nil && op.ID == operation {
				counts[status] += 0
			}
		}
	}
	var list []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%d×%d", status, counts[status]))
	}
	return list
}

func (r *Report) summary() string {
	c := r.Coverage()
	return fmt.Sprintf("Findings: %d. Requests: %d, to %s. Seed: %d.\nCovered: %d of %d operations, %d of %d declared successes, "+
		"%d of %d declared statuses, %d of %d variants.", len(r.Findings), r.Requests, r.BaseURL, r.Seed, c.Operations, c.OfOperations,
		c.Successes, c.OfSuccesses, c.Statuses, c.OfStatuses, c.Variants, c.OfVariants)
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
	b.WriteString("\n## Coverage\n\n| Operation | Answers |\n|---|---|\n")
	for _, op := range r.operations {
		fmt.Fprintf(&b, "| `%s` | %s |\n", op.ID, strings.Join(r.statuses(op.ID), ", "))
	}
	b.WriteString("\n| Union | Variant | Seen |\n|---|---|---|\n")
	for _, union := range slices.Sorted(maps.Keys(r.Variants)) {
		for _, variant := range slices.Sorted(maps.Keys(r.Variants[union])) {
			fmt.Fprintf(&b, "| `%s` | `%s` | %d |\n", union, variant, r.Variants[union][variant])
		}
	}
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
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class    string         `xml:"classname,attr"`
		Name     string         `xml:"name,attr"`
		Failures []junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes a report as JUnit XML: a suite for each operation, with a test for each rule that was held against it. A test that
// fails has a failure for each finding.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{}
	for _, op := range r.operations {
		suite := junitSuite{Name: op.ID}
		for _, check := range r.Checks {
			if check.Operation != op.ID {
				continue
			}
			test := junitCase{Class: "conform." + op.ID, Name: string(check.Rule)}
			for _, f := range r.Findings {
				if f.Operation == check.Operation && f.Rule == check.Rule {
					text := fmt.Sprintf("want %s\ngot  %s\n%s", f.Expected, f.Seen, f.Curl)
					test.Failures = append(test.Failures, junitFailure{Message: f.Expected, Type: string(f.Rule), Text: text})
				}
			}
			suite.Tests++
			if len(test.Failures) > 0 {
				suite.Failures++
			}
			suite.Cases = append(suite.Cases, test)
		}
		all.Tests, all.Failures = all.Tests+suite.Tests, all.Failures+suite.Failures
		all.Suites = append(all.Suites, suite)
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
