package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/gen"
)

// This file reports problems: a line each for people, and in two forms for programs.

const (
	// manyLines is the number of problems from which on not all of them are printed.
	manyLines = 60
	// linesOfRule is how many of a rule are printed then.
	linesOfRule = 5
)

// report prints the problems, and returns the exit code.
func (c *command) report(failed bool) int {
	var text []byte
	var err error
	switch {
	case c.json:
		text, err = json.MarshalIndent(struct {
			Diagnostics gen.Diagnostics `json:"diagnostics"`
		}{append(gen.Diagnostics{}, c.found...)}, "", "  ")
	case c.sarif:
		text, err = json.MarshalIndent(newSARIF(c.found), "", "  ")
	default:
		c.reportLines()
	}
	if err != nil {
		fmt.Fprintln(c.stderr, "contractgen:", err)
		return exitFailed
	}
	if text != nil {
		fmt.Fprintf(c.stdout, "%s\n", text)
	}
	if failed {
		return exitFailed
	}
	return exitOK
}

func (c *command) reportLines() {
	left := map[string]int{}
	printed := map[string]int{}
	for _, d := range c.found {
		rule := cmp.Or(d.Rule, string(d.Severity))
		limit := linesOfRule
		if d.Rule == "" {
			limit = manyLines
		}
		if len(c.found) > manyLines && !c.verbose && printed[rule] >= limit {
			left[rule]++
			continue
		}
		printed[rule]++
		fmt.Fprintln(c.stderr, d)
	}
	if len(left) == 0 {
		return
	}
	total := 0
	var counts []string
	for _, rule := range slices.SortedFunc(maps.Keys(left), func(a, b string) int { return cmp.Or(left[b]-left[a], strings.Compare(a, b)) }) {
		total += left[rule]
		counts = append(counts, fmt.Sprintf("%d × %s", left[rule], rule))
	}
	fmt.Fprintf(c.stderr, "… and %d more: %s; -v lists them\n", total, strings.Join(counts, ", "))
}
