// Breaking compares the OpenAPI document and the exported Go API with those of an earlier revision, and fails if a change breaks
// those who rely on them:
//
//	go run . -base origin/main
//
// It looks in three ways. oasdiff knows the rules of what breaks a client of an HTTP API (document.go). What it misses
// is a oneOf that accepts less because a variant accepts more: a body that fits two variants is refused. For that,
// payloads are made and validated against both documents (payloads.go). And apidiff compares the packages that other
// modules import (goapi.go).
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
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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
	imported := flags.String("packages", "./generated/interconnect ./client ./contract ./sandbox", "the Go packages that other modules import, with -base")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run . -base REVISION [-packages PACKAGES] | -before FILE [-document FILE] [-allow FILE] [-markdown FILE]")
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

	c := comparison{before: *before, document: *document, packages: strings.Fields(*imported)}
	if *base != "" {
		dir, remove, err := checkOut(filepath.Dir(*document), *base)
		if err != nil {
			return fail(err)
		}
		defer remove()
		defer whenInterrupted(remove)()
		c.checkout, c.before = dir, filepath.Join(dir, inRepository(*document))
	}
	findings, version, err := c.run()
	if errors.Is(err, errNew) {
		fmt.Fprintf(stdout, "%s is new, so nothing breaks\n", inRepository(*document))
		return exitNothing
	}
	allowed := &allowed{}
	if version != "" { // of which an entry is
		var wrong error
		allowed, wrong = readAllowed(cmp.Or(*allow, filepath.Join(filepath.Dir(*document), "breaking.yaml")), version)
		err = errors.Join(err, wrong)
	}
	findings, let, unused := allowed.apply(findings)

	// What has been found is shown, whatever has gone wrong.
	if *markdown != "" {
		err = errors.Join(err, appendTo(*markdown, inMarkdown(findings, let, err)))
	}
	for _, f := range findings {
		fmt.Fprintln(stdout, f)
	}
	for _, a := range let {
		fmt.Fprintf(stdout, "let through, because %s: %s\n", a.reason, a.finding)
	}
	for _, e := range unused {
		fmt.Fprintf(stdout, "%s:%d: note: nothing here is let through by %s at %s\n", allowed.file, e.line, e.Change, e.At)
	}
	switch {
	case len(findings) > 0:
		file := inRepository(filepath.Dir(allowed.file)) + "/" + filepath.Base(allowed.file)
		if _, err := os.Stat(allowed.file); errors.Is(err, fs.ErrNotExist) {
			file += ", a new file"
		}
		fmt.Fprintf(stdout, "%d breaking; take them back or, if they are meant, add this to %s, with the reason:\n", len(findings), file)
		for _, entry := range entriesFor(findings, version) {
			fmt.Fprintln(stdout, entry)
		}
	case err == nil && len(let) > 0:
		fmt.Fprintf(stdout, "%d let through, nothing else breaks\n", len(let))
		return exitNothing
	case err == nil:
		fmt.Fprintln(stdout, "nothing breaks")
		return exitNothing
	}
	if err != nil {
		return fail(err)
	}
	return exitBreaking
}

// whenInterrupted has something done before a signal ends the program, until the function that it returns is called.
func whenInterrupted(do func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, interrupted := <-signals; interrupted {
			do()
			os.Exit(130)
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
	}
}

// A comparison is what to compare with what.
type comparison struct {
	before, document string
	checkout         string   // of the base; "" if Go is not to be compared
	packages         []string // of Go
}

// errNew says that there is nothing to compare with.
var errNew = errors.New("the document is new")

// run returns what it has found also if it fails.
func (c comparison) run() (findings []finding, version string, err error) {
	if c.checkout != "" {
		if _, err := os.Stat(c.before); errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(c.document); err != nil {
				return nil, "", fmt.Errorf("no document to compare, neither here nor in the base: %w", err)
			}
			return nil, "", errNew
		}
	}
	findings, version, err = compareDocuments(c.before, c.document)
	if c.checkout == "" || len(c.packages) == 0 {
		return findings, version, err
	}
	ofGo, wrong := compareGo(c.checkout, filepath.Dir(c.document), c.packages)
	return append(findings, ofGo...), version, errors.Join(err, wrong)
}

// inMarkdown is the table for a pull request.
func inMarkdown(findings []finding, let []letThrough, err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Breaking changes: %d\n\n", len(findings))
	if err != nil {
		fmt.Fprintf(&b, "Not everything was compared: %s\n\n", strings.NewReplacer("\n", " ", "<", "&lt;").Replace(err.Error()))
	}
	if len(let) > 0 {
		fmt.Fprintf(&b, "Let through: %d\n\n", len(let))
	}
	if len(findings)+len(let) == 0 {
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
