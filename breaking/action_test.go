package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The action works in the repository that uses it, whose module and folders are others.
func TestAction(t *testing.T) {
	script, err := filepath.Abs("../.github/actions/contract/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	dir := t.TempDir()
	summary := filepath.Join(t.TempDir(), "summary.md")
	action := func(step string) (string, error) {
		command := exec.Command("bash", script, step)
		command.Env = append(os.Environ(), "GITHUB_WORKSPACE="+dir, "DOCUMENT=spec/pets.yaml", "OUT=internal/pets", "BASE=HEAD", "GITHUB_STEP_SUMMARY="+summary)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	for _, folder := range []string{"spec", "internal"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	document := filepath.Join(dir, "spec", "pets.yaml")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/pets\n\ngo 1.26\n")
	write(t, document, small)
	if _, err := git(dir, "init", "--quiet"); err != nil {
		t.Fatal(err)
	}
	out, err := action("drift")
	if err == nil || !strings.Contains(out, "internal/pets/types.gen.go: missing") ||
		!strings.Contains(out, "-document spec/pets.yaml -out internal/pets -package pets") {
		t.Errorf("drift without code: %v\n%s", err, out)
	}

	commit(t, dir)
	if out, err := action("breaking"); err != nil || out != "nothing breaks\n" {
		t.Errorf("without a change: %v\n%s", err, out)
	}
	write(t, document, edited(t, small, edit{"name: X-Key", "name: X-Api-Key"}))
	if out, err := action("breaking"); err == nil || !strings.HasPrefix(out, "spec/pets.yaml:") || !strings.Contains(out, "\n1 breaking; ") {
		t.Errorf("with a change: %v\n%s", err, out)
	}
	if text, err := os.ReadFile(summary); err != nil || !strings.Contains(string(text), "## Breaking changes: 1\n") {
		t.Errorf("the summary is %s, %v", text, err)
	}
}
