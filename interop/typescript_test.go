package interop

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The TypeScript SDK makes the round that typescript/round.mjs describes.
func TestTypeScript(t *testing.T) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not installed; CI needs it", tool)
			}
			t.Skipf("%s is not installed; install Node.js 20 or later to test the TypeScript SDK", tool)
		}
	}
	if _, err := os.Stat(filepath.Join("typescript", "node_modules")); errors.Is(err, fs.ErrNotExist) {
		run(t, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	}
	url, served := serve(t)
	t.Log(run(t, "node", "round.mjs", url))
	equal(t, "conflicts", served.count("operation=create_cni", "status=409"), 1)
}

// run runs a command in the directory of the script and returns what it printed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = "typescript"
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}
