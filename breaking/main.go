// Breaking compares the OpenAPI document and the exported Go API with those of an earlier revision, and fails if a change breaks
// those who rely on them:
//
//	go run . -base origin/main
//
// It looks in three ways. oasdiff knows the rules of what breaks a client of an HTTP API (document.go). What it misses is a
// oneOf that accepts less because a variant accepts more: a body that fits two variants is refused. For that, payloads are made
// and held against both documents (payloads.go). And apidiff compares the packages that other modules import (goapi.go).
//
// A change that is meant is let through by an entry of the file of -allow (allow.go). The exit code is 0 if nothing breaks, or
// nothing but that, 1 if something does, and 2 for a wrong command line.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	exitNothing  = 0
	exitBreaking = 1
	exitUsage    = 2
)

// A finding is one change that breaks somebody.
type finding struct {
	Rule    string // the name of the kind of change
	Where   string // file:line:col, or a Go package
	At      string // "POST /path" or a Go identifier
	Text    string // what has changed, and what to do
	Payload string // a JSON text that was accepted before and is refused now; "" if there is none to show
}

func (f finding) String() string {
	text := fmt.Sprintf("%s: %s: %s [%s]", f.Where, f.At, f.Text, f.Rule)
	if f.Payload != "" {
		text += "\n\t" + f.Payload
	}
	return text
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("breaking", flag.ContinueOnError)
	flags.SetOutput(stderr)
	base := flags.String("base", "", "the git revision to compare with, such as origin/main; its Go API is compared too")
	before := flags.String("before", "", "the document to compare with, instead of -base")
	document := flags.String("document", "../api/openapi.yaml", "the document")
	allow := flags.String("allow", "", "the file of changes that are let through (default breaking.yaml beside the document)")
	markdown := flags.String("markdown", "", "also write the findings to this file, as Markdown, at its end")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run . -base REVISION | -before FILE [-document FILE] [-allow FILE] [-markdown FILE]")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitNothing
	case err != nil:
		return exitUsage
	case (*base == "") == (*before == ""), flags.NArg() > 0:
		flags.Usage()
		return exitUsage
	}
	fail := func(err error) int {
		fmt.Fprintln(stderr, "breaking:", err)
		return exitBreaking
	}

	var checkout string
	if *base != "" {
		dir, remove, err := checkOut(filepath.Dir(*document), *base)
		if err != nil {
			return fail(err)
		}
		defer remove()
		checkout, *before = dir, filepath.Join(dir, inRepository(*document))
	}
	findings, version, err := compareDocuments(*before, *document)
	if err == nil && checkout != "" {
		var ofGo []finding
		ofGo, err = compareGo(checkout, filepath.Dir(*document))
		findings = append(findings, ofGo...)
	}
	if err != nil {
		return fail(err)
	}
	allowed, err := readAllowed(cmp.Or(*allow, filepath.Join(filepath.Dir(*document), "breaking.yaml")), version)
	if err != nil {
		return fail(err)
	}
	findings, let := allowed.apply(findings)

	if *markdown != "" {
		if err := appendTo(*markdown, inMarkdown(findings, let)); err != nil {
			return fail(err)
		}
	}
	for _, f := range findings {
		fmt.Fprintln(stdout, f)
	}
	for _, a := range let {
		fmt.Fprintf(stdout, "let through: %s: %s, because %s\n", a.finding.At, a.finding.Text, a.reason)
	}
	if len(findings) > 0 {
		fmt.Fprintf(stdout, "%d breaking; take them back or, if they are meant, say so in %s\n", len(findings), inRepository(filepath.Dir(allowed.file))+"/"+filepath.Base(allowed.file))
		return exitBreaking
	}
	fmt.Fprintln(stdout, "nothing breaks")
	return exitNothing
}

// inMarkdown is the table for a pull request.
func inMarkdown(findings []finding, let []letThrough) string {
	var b strings.Builder
	b.WriteString("## Breaking changes\n\n")
	if len(findings)+len(let) == 0 {
		b.WriteString("None.\n")
		return b.String()
	}
	b.WriteString("| where | at | what | rule |\n|---|---|---|---|\n")
	row := func(f finding, more string) {
		what := f.Text + more
		if f.Payload != "" {
			what += "<br>`" + f.Payload + "`"
		}
		cells := []string{f.Where, f.At, what, f.Rule}
		for i, cell := range cells {
			cells[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(cell)
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	for _, f := range findings {
		row(f, "")
	}
	for _, a := range let {
		row(a.finding, " – let through: "+a.reason)
	}
	return b.String()
}

func appendTo(file, text string) (err error) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.WriteString(text)
	return err
}

// sorted puts findings in a fixed order, each one once.
func sorted(findings []finding) []finding {
	slices.SortStableFunc(findings, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.Where, b.Where), strings.Compare(a.At, b.At), strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(findings)
}
