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

// upstreamRun runs the subcommand and holds its exit code against the wanted one.
func upstreamRun(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(append([]string{"upstream"}, args...), &out, &errs); got != want {
		t.Fatalf("gen upstream %v: exit %d, want %d\n%s%s", args, got, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func TestUpstream(t *testing.T) {
	const theirs = "upstream/testdata/upstream.json"
	stdout, _ := upstreamRun(t, exitInStep, theirs)
	if !strings.Contains(stdout, "; known: ") || !strings.Contains(stdout, "\n0 differences that nobody meant, ") {
		t.Errorf("stdout: %s", stdout)
	}
	stdout, _ = upstreamRun(t, exitInStep, "-markdown", theirs)
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
	stdout, _ = upstreamRun(t, exitFailed, server.URL+"/openapi.json")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if news := lines[len(lines)-2]; !strings.HasPrefix(news, "api/openapi.yaml:") ||
		!strings.Contains(news, at+": they say listen_only (#/components/schemas/nsc_BgpMode/enum), we say nothing; add it, ") {
		t.Errorf("the last line but one is %s", news)
	}
	stdout, _ = upstreamRun(t, exitFailed, "-new", server.URL+"/openapi.json")
	if want := strings.Join(lines[len(lines)-2:], "\n") + "\n"; stdout != want {
		t.Errorf("stdout: %s\nwant %s", stdout, want)
	}
	stdout, _ = upstreamRun(t, exitFailed, "-markdown", server.URL+"/openapi.json")
	if !strings.Contains(stdout, "| `"+at+"` | `listen_only` | ") {
		t.Errorf("stdout: %s", stdout)
	}
}

// Without a comparison there is nothing on standard output, which the scheduled workflow relies on.
func TestUpstreamFails(t *testing.T) {
	yaml := filepath.Join("..", "api", "openapi.yaml")
	for _, test := range []struct {
		args []string
		exit int
		want string
	}{
		{nil, exitUsage, "usage: go run ./gen upstream"},
		{[]string{"a.json", "b.json"}, exitUsage, "usage: go run ./gen upstream"},
		{[]string{"-nonsense", "a.json"}, exitUsage, "usage: go run ./gen upstream"},
		{[]string{"-h"}, exitInStep, "usage: go run ./gen upstream"},
		{[]string{"nowhere.json"}, exitFailed, "gen: open nowhere.json: "},
		{[]string{yaml}, exitFailed, "gen: " + yaml + ": not a JSON object; "},
	} {
		stdout, stderr := upstreamRun(t, test.exit, test.args...)
		if stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("gen upstream %v\nstdout: %s\nstderr: %s", test.args, stdout, stderr)
		}
	}
}
