// Judge compares the verdicts of generated code with those of two validators, on the examples of OpenAPI documents and on values made at
// random.
//
//	go run ./gen/internal/judge [-values 200] [-seed N] [-nullable] [-v] document...
//
// For each document it generates the types, compiles them with a small program, and asks for every value: what the Go type says
// (json.Unmarshal), what the schema says (Schema.Check), and what santhosh-tekuri/jsonschema and kin-openapi say of the schema as the document
// has it. What is accepted is written again (json.Marshal), and must be the same value. The values are the examples and defaults of schemas,
// parameters, headers and media types, and for each type some that are made at random: valid ones, ones that are nearly valid, and others.
//
// Differences that are documented are counted by their reason, and shown with -v; see adjustment. Everything else is printed with a value
// that is as small as could be found, and makes the exit code 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/interconnect-go/interconnect/gen/internal/emit"
	"github.com/interconnect-go/interconnect/gen/internal/model"
)

func main() {
	values := flag.Int("values", 200, "`N`umber of values to make for each type, besides the examples")
	seed := flag.Uint64("seed", 0, "`seed` of the values; 0 for one of its own, which is printed")
	nullable := flag.Bool("nullable", false, "generate with nullable-type, so that null is kept apart from absent")
	verbose := flag.Bool("v", false, "show a value for each documented reason")
	dir := flag.String("dir", "", "`folder` for the generated code, which is kept; a temporary one if it is not given")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: judge [flags] document...")
		os.Exit(2)
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	fmt.Printf("seed %d\n", *seed)
	failed := false
	for _, name := range flag.Args() {
		r, err := judgeDocument(name, *dir, *values, *seed, *nullable)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed = true
			continue
		}
		r.print(os.Stdout, *verbose)
		failed = failed || len(r.differences) > 0
	}
	if failed {
		os.Exit(1)
	}
}

// judgeDocument judges one document. The program is made in dir or, if that is empty, in a folder that is removed.
func judgeDocument(name, dir string, values int, seed uint64, nullable bool) (r *report, err error) {
	r = newReport(name)
	d := load(name, model.Options{Package: "p", Source: "document", SkipPrune: true, SkipUnsupported: true, NullableType: nullable})
	if len(d.targets) == 0 {
		if d.found.HasErrors() {
			return nil, fmt.Errorf("%s is refused: %w", name, d.found)
		}
		return r, nil
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "judge"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	p, err := build(dir, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := newSession(d, p, nullable, r)
	err = s.run(values, seed)
	r.broken = s.broken
	return r, errors.Join(err, p.stop())
}

// A report is what was found about a document.
type report struct {
	name                    string
	examples, values, valid int
	reasons                 map[string]int
	shown                   map[string]string // a value for each reason
	differences             []string
	seen                    map[string]bool
	broken                  map[string]int
}

func newReport(name string) *report {
	return &report{name: name, reasons: map[string]int{}, shown: map[string]string{}, seen: map[string]bool{}}
}

func (r *report) reason(reason, shown string) {
	if r.reasons[reason]++; r.shown[reason] == "" {
		r.shown[reason] = shown
	}
}

func (r *report) difference(text string) { r.differences = append(r.differences, text) }

func (r *report) print(w io.Writer, verbose bool) {
	fmt.Fprintf(w, "%s: %d examples, %d values, %d valid; %d undocumented differences\n", r.name, r.examples, r.values, r.valid, len(r.differences))
	for _, reason := range sortedKeys(r.reasons) {
		fmt.Fprintf(w, "  %6d  %s\n", r.reasons[reason], reason)
		if verbose {
			fmt.Fprintf(w, "          %s\n", r.shown[reason])
		}
	}
	for _, reason := range sortedKeys(r.broken) {
		fmt.Fprintf(w, "  %6d  not judged by %s\n", r.broken[reason], reason)
	}
	for _, difference := range r.differences {
		fmt.Fprintln(w, difference)
	}
}

func typeName(t *target) string { return emit.Go(t.goType) }
