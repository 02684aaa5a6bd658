// Gen turns one OpenAPI 3.0 document into one Go package: types, strict unions, a client and validated server stubs.
//
//	go run ./gen          # write generated/interconnect from api/openapi.yaml
//	go run ./gen -check   # compare instead; touches nothing
//
// With -document, -out and -package it works on any other document:
//
//	go run ./gen -document petstore.yaml -out petstore -package petstore
//
// The module's own document is also held against the rules of lint (see CONTRIBUTING.md); another one is with -lint.
//
// A third command compares this module's document with the one that Cloudflare publishes:
//
//	go run ./gen upstream openapi.json             # a file, or an address that begins with https://
//	go run ./gen upstream -new openapi.json        # without the differences that api/upstream.yaml explains
//	go run ./gen upstream -markdown openapi.json   # the same as tables for an issue
//
// Its exit code is 0 if every difference is explained in api/upstream.yaml and every explanation is needed, and 1 otherwise.
//
// The exit code is 0 if code and document are in step, 1 if they have drifted apart or the document is refused, and 2 for
// a wrong command line. Everything that is wrong with a document is reported in one run, one line each:
//
//	file:line:col: where: what; what to do
//
// Start reading in pipeline.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/interconnect-go/interconnect/gen/upstream"
)

const (
	exitInStep = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "upstream" {
		return runUpstream(args[1:], stdout, stderr)
	}
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "compare the generated code with the document instead of writing it")
	document := flags.String("document", "", "the OpenAPI 3.0 document (default api/openapi.yaml of this module)")
	out := flags.String("out", "", "the folder of the generated package (default generated/interconnect of this module)")
	name := flags.String("package", "", "the name of the generated package (default the last part of -out)")
	lint := flags.Bool("lint", false, "hold the document of -document against the rules of lint too; this module's own always is")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage:", program(), "[-check] [-document FILE -out DIR [-package NAME] [-lint]]")
		fmt.Fprintln(stderr, "      ", program(), "upstream [-new | -markdown] FILE-OR-URL")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitInStep
	case err != nil:
		return exitUsage
	}
	job, err := newJob(*document, *out, *name)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("gen: unexpected argument %q", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		flags.Usage()
		return exitUsage
	}
	source, err := os.ReadFile(job.document)
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return exitFailed
	}
	files, err := Generate(job.source, source, job.name)
	if err == nil && (*lint || *document == "") {
		err = Lint(job.source, source)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailed
	}
	if !*check {
		if err := write(job.out, files); err != nil {
			fmt.Fprintln(stderr, "gen:", err)
			return exitFailed
		}
		fmt.Fprintf(stdout, "wrote %d files to %s from %s\n", len(files), display(job.out), job.source)
		return exitInStep
	}
	drift, err := compare(job.out, files)
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return exitFailed
	}
	if len(drift) == 0 {
		fmt.Fprintf(stdout, "%s is in step with %s\n", display(job.out), job.source)
		return exitInStep
	}
	for _, d := range drift {
		fmt.Fprintln(stderr, d)
	}
	fmt.Fprintf(stderr, "%s is not what %s gives; run: %s\n", display(job.out), job.source, job.command)
	return exitFailed
}

// program returns how the generator is called: in this module by its folder, elsewhere as a tool of go.mod.
func program() string {
	if root, err := moduleRoot(); err == nil {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module github.com/interconnect-go/interconnect\n") {
			return "go run ./gen"
		}
	}
	return "go tool gen"
}

// runUpstream compares this module's document with the one that Cloudflare publishes. Standard output is empty unless the
// comparison was made.
func runUpstream(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gen upstream", flag.ContinueOnError)
	flags.SetOutput(stderr)
	markdown := flags.Bool("markdown", false, "write tables for an issue, of new differences and stale notes")
	onlyNew := flags.Bool("new", false, "write new differences and stale notes only")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage:", program(), "upstream [-new | -markdown] FILE-OR-URL")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitInStep
	case err != nil:
		return exitUsage
	case flags.NArg() != 1:
		fmt.Fprintln(stderr, "gen: name one document, a file or an address that begins with https://")
		flags.Usage()
		return exitUsage
	}
	report, err := compareUpstream(flags.Arg(0))
	if err == nil {
		write := report.Text
		switch {
		case *markdown:
			write = report.Markdown
		case *onlyNew:
			write = report.NewText
		}
		err = write(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return exitFailed
	}
	if !report.InStep() {
		return exitFailed
	}
	return exitInStep
}

func compareUpstream(name string) (*upstream.Report, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	read := func(name string) (file upstream.File) {
		if err == nil {
			file.Name = name
			file.Text, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		}
		return file
	}
	ours, notes := read("api/openapi.yaml"), read("api/upstream.yaml")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	theirs, err := upstream.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	return upstream.Compare(ours, notes, name, theirs)
}

// A job is one document and the package made from it.
type job struct {
	document string // the file to read
	source   string // how messages and generated headers name it
	out      string
	name     string
	command  string // what writes the package
}

// newJob fills in this module's own document and package. The two go together: naming one means naming the other.
func newJob(document, out, name string) (job, error) {
	if document == "" && out == "" {
		if name != "" {
			return job{}, errors.New("gen: -package goes with -document and -out")
		}
		root, err := moduleRoot()
		if err != nil {
			return job{}, err
		}
		return job{
			document: filepath.Join(root, "api", "openapi.yaml"),
			source:   "api/openapi.yaml",
			out:      filepath.Join(root, "generated", "interconnect"),
			name:     "interconnect",
			command:  "go generate ./...",
		}, nil
	}
	if document == "" || out == "" {
		return job{}, errors.New("gen: -document and -out go together")
	}
	if name == "" {
		abs, err := filepath.Abs(out)
		if err != nil {
			return job{}, err
		}
		name = filepath.Base(abs)
	}
	if !token.IsIdentifier(name) || strings.ToLower(name) != name {
		return job{}, fmt.Errorf("gen: %q is no name for a package; name one with -package", name)
	}
	source := filepath.ToSlash(document)
	if filepath.IsAbs(document) {
		source = filepath.Base(document) // the header must not depend on the machine
	}
	return job{
		document: document,
		source:   source,
		out:      out,
		name:     name,
		command:  fmt.Sprintf("go run github.com/interconnect-go/interconnect/gen -document %s -out %s -package %s", document, out, name),
	}, nil
}

// moduleRoot finds the folder of go.mod, so that gen can be started anywhere in the module.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("gen: no go.mod above the current folder; name a document with -document and -out")
		}
		dir = parent
	}
}

// display names a path relative to the current folder where that is shorter.
func display(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || len(rel) > len(path) {
		return path
	}
	return filepath.ToSlash(rel)
}
