package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// check runs the command and checks its exit code.
func check(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(args, &out, &errs); got != want {
		t.Fatalf("apidrift %v: exit %d, want %d\n%s%s", args, got, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func TestCompare(t *testing.T) {
	const theirs = "../../api/upstream/testdata/upstream.json"
	stdout, _ := check(t, exitInStep, theirs)
	if !strings.Contains(stdout, "; known: ") || !strings.Contains(stdout, "\n0 differences that nobody meant, ") {
		t.Errorf("stdout: %s", stdout)
	}
	stdout, _ = check(t, exitInStep, "-markdown", theirs)
	if strings.Contains(stdout, "|") {
		t.Errorf("a table, though nothing is new: %s", stdout)
	}

	text, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"advertise_only"`), []byte(`"advertise_only", "listen_only"`), 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(text) }))
	defer server.Close()
	const at = "#/components/schemas/nsc_BgpMode/enum/listen_only"
	stdout, _ = check(t, exitFailed, server.URL+"/openapi.json")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if news := lines[len(lines)-2]; !strings.HasPrefix(news, "api/openapi.yaml:") ||
		!strings.Contains(news, at+": they say listen_only (#/components/schemas/nsc_BgpMode/enum), we say nothing; add it, ") {
		t.Errorf("the last line but one is %s", news)
	}
	stdout, _ = check(t, exitFailed, "-new", server.URL+"/openapi.json")
	if want := strings.Join(lines[len(lines)-2:], "\n") + "\n"; stdout != want {
		t.Errorf("stdout: %s\nwant %s", stdout, want)
	}
	stdout, _ = check(t, exitFailed, "-markdown", server.URL+"/openapi.json")
	if !strings.Contains(stdout, "| `"+at+"` | `listen_only` | ") {
		t.Errorf("stdout: %s", stdout)
	}
}

// Without a comparison there is nothing on standard output, which the scheduled workflow relies on.
func TestFails(t *testing.T) {
	yaml := filepath.Join("..", "..", "api", "openapi.yaml")
	for _, test := range []struct {
		args []string
		exit int
		want string
	}{
		{nil, exitUsage, "usage: go run ./cmd/apidrift"},
		{[]string{"a.json", "b.json"}, exitUsage, "usage: go run ./cmd/apidrift"},
		{[]string{"-nonsense", "a.json"}, exitUsage, "usage: go run ./cmd/apidrift"},
		{[]string{"-h"}, exitInStep, "usage: go run ./cmd/apidrift"},
		{[]string{"nowhere.json"}, exitFailed, "apidrift: open nowhere.json: "},
		{[]string{yaml}, exitFailed, "apidrift: " + yaml + ": not a JSON object; "},
	} {
		stdout, stderr := check(t, test.exit, test.args...)
		if stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("apidrift %v\nstdout: %s\nstderr: %s", test.args, stdout, stderr)
		}
	}
}
