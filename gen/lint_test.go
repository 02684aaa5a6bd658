package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Each rule has a case in testdata that shows a finding.
func TestEveryRuleHasACase(t *testing.T) {
	var findings strings.Builder
	paths, _ := filepath.Glob("testdata/lint-*.txtar")
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name == "findings" {
				findings.Write(file.Data)
			}
		}
	}
	for _, rule := range lintRules {
		if !strings.Contains(findings.String(), "["+rule+"]\n") {
			t.Errorf("no case has a finding of %s", rule)
		}
	}
}

func TestLintIsAskedFor(t *testing.T) {
	p := newProject(t, small)
	_, stderr := p.run(exitFailed, "-lint")
	if !strings.HasPrefix(stderr, "openapi.yaml:6:5: #/components/schemas/Word: ") || !strings.HasSuffix(stderr, "[no-description]\n") {
		t.Errorf("stderr: %s", stderr)
	}
	if _, err := os.Stat(p.out); err == nil {
		t.Error("a document with findings was generated from")
	}
	p.run(exitInStep)
	p.run(exitInStep, "-check")
	p.run(exitFailed, "-check", "-lint")
}
