package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An entry lets one change through, of one version of the document. When the version moves on, the entry has to go: by then the
// change has been announced.
type entry struct {
	Change  string `yaml:"change"`  // the rule, in brackets at the end of a finding
	At      string `yaml:"at"`      // the operation or the Go identifier
	Text    string `yaml:"text"`    // part of the text, where that is needed to tell changes apart
	Version string `yaml:"version"` // of the document, info.version
	Reason  string `yaml:"reason"`  // why it is meant, for those whom it breaks

	line int
}

type allowed struct {
	file    string
	version string
	entries []entry
}

type letThrough struct {
	finding finding
	reason  string
}

// readAllowed reads the file of changes that are let through, if there is one. With an error, it has the entries before the wrong one.
func readAllowed(file, version string) (*allowed, error) {
	a := &allowed{file: file, version: version}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	defer f.Close()
	var nodes []yaml.Node
	if err := yaml.NewDecoder(f).Decode(&nodes); err != nil && !errors.Is(err, io.EOF) {
		return a, fmt.Errorf("%s: want a list of entries: %w", file, err)
	}
	for _, node := range nodes {
		e := entry{line: node.Line}
		if err := node.Decode(&e); err != nil {
			return a, fmt.Errorf("%s:%d: %w", file, node.Line, err)
		}
		for i := 0; i < len(node.Content); i += 2 {
			if name := node.Content[i]; !slices.Contains([]string{"change", "at", "text", "version", "reason"}, name.Value) {
				return a, fmt.Errorf("%s:%d: an entry has no %s; it has change, at, text, version and reason", file, name.Line, name.Value)
			}
		}
		for _, member := range []struct{ name, value string }{{"change", e.Change}, {"at", e.At}, {"version", e.Version}, {"reason", e.Reason}} {
			if strings.TrimSpace(member.value) == "" {
				return a, fmt.Errorf("%s:%d: an entry needs %s", file, node.Line, member.name)
			}
		}
		if e.Version != version {
			return a, fmt.Errorf("%s:%d: the entry is for version %s and has expired, as the document is of version %s; remove it", file, node.Line, e.Version, version)
		}
		a.entries = append(a.entries, e)
	}
	return a, nil
}

// apply takes out what is let through. Unused are the entries that let nothing through, as it should be once the change is in the base.
func (a *allowed) apply(findings []finding) (rest []finding, let []letThrough, unused []entry) {
	used := make([]bool, len(a.entries))
next:
	for _, f := range findings {
		for i, e := range a.entries {
			if e.Change == f.Rule && e.At == f.At && strings.Contains(f.Text, e.Text) {
				used[i] = true
				let = append(let, letThrough{f, e.Reason})
				continue next
			}
		}
		rest = append(rest, f)
	}
	for i, e := range a.entries {
		if !used[i] {
			unused = append(unused, e)
		}
	}
	return rest, let, unused
}

// entriesFor returns the lines of the entries that would let the findings through, without the reasons.
func entriesFor(findings []finding, version string) []string {
	var lines []string
	for _, f := range findings {
		line := fmt.Sprintf("- {change: %s, at: %q, version: %q, reason: \"\"}", f.Rule, f.At, version)
		if !slices.Contains(lines, line) { // an entry lets through all findings of its kind at its place
			lines = append(lines, line)
		}
	}
	return lines
}
