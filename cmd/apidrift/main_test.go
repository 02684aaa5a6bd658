package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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
	const theirs = "../../api/upstream.json"
	var before, stderr bytes.Buffer // a change of ours may have no note yet; make check says so
	if run([]string{"-new", theirs}, &before, &stderr) == exitUsage || stderr.Len() > 0 {
		t.Fatal(stderr.String())
	}
	news := strings.Count(before.String(), "\n")

	text, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"advertise_only"`), []byte(`"advertise_only", "no_such_mode"`), 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(text) }))
	defer server.Close()
	const at = "#/components/schemas/nsc_BgpMode/enum/no_such_mode"
	stdout, _ := check(t, exitFailed, server.URL+"/openapi.json")
	if !strings.Contains(stdout, "; known: ") {
		t.Errorf("stdout: %s", stdout)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	last := lines[len(lines)-1-news:]
	if !slices.ContainsFunc(last, func(line string) bool {
		return strings.HasPrefix(line, "api/openapi.yaml:") && strings.Contains(line, at+": they say no_such_mode (#/components/schemas/nsc_BgpMode/enum), we say nothing; add it, ")
	}) {
		t.Errorf("the last lines are %s", strings.Join(last, "\n"))
	}
	stdout, _ = check(t, exitFailed, "-new", server.URL+"/openapi.json")
	if want := strings.Join(last, "\n") + "\n"; len(last) != news+1 || stdout != want {
		t.Errorf("stdout: %s\nwant %s", stdout, want)
	}
	stdout, _ = check(t, exitFailed, "-markdown", server.URL+"/openapi.json")
	if !strings.Contains(stdout, "| `"+at+"` | `no_such_mode` | ") {
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
