// Apidrift compares api/openapi.yaml with the document that Cloudflare publishes:
//
//	go run ./cmd/apidrift openapi.json             # a file, or an address that begins with https://
//	go run ./cmd/apidrift -new openapi.json        # without the differences that api/upstream.yaml explains
//	go run ./cmd/apidrift -markdown openapi.json   # the same as tables for an issue
//
// The exit code is 0 if every difference is explained in api/upstream.yaml and every explanation is needed, 1 if not or if
// there is no comparison, and 2 for a wrong command line. Standard output is empty unless the comparison was made.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/interconnect-go/interconnect/api/upstream"
)

const (
	exitInStep = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("apidrift", flag.ContinueOnError)
	flags.SetOutput(stderr)
	markdown := flags.Bool("markdown", false, "write tables for an issue, of new differences and stale notes")
	onlyNew := flags.Bool("new", false, "write new differences and stale notes only")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run ./cmd/apidrift [-new | -markdown] FILE-OR-URL")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitInStep
	case err != nil:
		return exitUsage
	case flags.NArg() != 1:
		fmt.Fprintln(stderr, "apidrift: name one document, a file or an address that begins with https://")
		flags.Usage()
		return exitUsage
	}
	report, err := compare(flags.Arg(0))
	switch {
	case err != nil:
	case *markdown:
		err = report.Markdown(stdout)
	case *onlyNew:
		err = report.NewText(stdout)
	default:
		err = report.Text(stdout)
	}
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "apidrift:", err)
		return exitFailed
	case !report.InStep():
		return exitFailed
	}
	return exitInStep
}

// compare compares the document of the module that the current folder is in with the one called name.
func compare(name string) (*upstream.Report, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	ours, err := read(root, "api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	notes, err := read(root, "api/upstream.yaml")
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

func read(root, name string) (upstream.File, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	return upstream.File{Name: name, Text: text}, err
}

// moduleRoot finds the folder of go.mod, so that the command can be started anywhere in the module.
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
			return "", errors.New("there is no go.mod above the current folder; start the command within the module")
		}
		dir = parent
	}
}
