package main

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

const otherAccount = "0123456789abcdef0123456789abcdef"

func TestConform(t *testing.T) {
	r := start(t)
	dir := t.TempDir()
	junit, markdown := filepath.Join(dir, "conform.xml"), filepath.Join(dir, "conform.md")
	r.run(exitOK, "conform", r.sandbox.URL+interconnect.BasePath, "--other-account", otherAccount, "--seed", "7", "--sandbox",
		"--junit", junit, "--markdown", markdown)
	r.wantStderr("seed 7\n")
	wantContains(t, r.stdout, "Findings: 0. Requests: ", ". Seed: 7.\n")
	_, covered, _ := strings.Cut(r.stdout.String(), "Covered: ")
	var operations, expected, statuses [2]int
	if _, err := fmt.Sscanf(covered, "%d of %d operations, %d of %d declared 2xx and 4xx, %d of %d declared statuses, ",
		&operations[0], &operations[1], &expected[0], &expected[1], &statuses[0], &statuses[1]); err != nil {
		t.Errorf("%v: %s", err, covered)
	}
	if all := len(interconnect.Operations()); operations != [2]int{all, all} || expected[0] != expected[1] || expected[0] < all ||
		statuses[0] != statuses[1] || statuses[0] <= expected[0] {
		t.Errorf("not everything is covered: %s", covered)
	}
	text, err := os.ReadFile(junit)
	if err != nil || xml.Unmarshal(text, new(struct{})) != nil || !strings.Contains(string(text), `failures="0"`) {
		t.Errorf("%v: the JUnit report is %s", err, text)
	}
	if text, err = os.ReadFile(markdown); err != nil || !strings.Contains(string(text), "# Conformance\n\nFindings: 0. ") {
		t.Errorf("%v: the Markdown report is %s", err, text)
	}

	// Without a seed there is another one each time.
	r.run(exitOK, "conform", r.sandbox.URL+interconnect.BasePath)
	first := r.stderr.String()
	r.run(exitOK, "conform", r.sandbox.URL+interconnect.BasePath)
	if second := r.stderr.String(); first == second || !strings.HasPrefix(first, "seed ") {
		t.Errorf("the seeds are %q and %q", first, second)
	}
}

func TestConformFindings(t *testing.T) {
	r := start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPut && strings.HasSuffix(q.URL.Path, "/settings") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		r.sandbox.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	r.run(exitFailed, "conform", server.URL+interconnect.BasePath)
	wantContains(t, r.stdout, "update_settings, status", `-H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"`, "418 I'm a teapot")
	wantContains(t, r.stderr, "interconnect: the server deviates from the document; findings: ")

	r.run(exitFailed, "conform", r.sandbox.URL+interconnect.BasePath, "--max-requests", "50")
	wantContains(t, r.stdout, "Findings: 0. Requests: 5") // and some to clean up
	wantContains(t, r.stderr, "not everything was checked")
}

// A server that is not there is one sentence; the coverage is printed if it is asked for, and the reports are written in any case.
func TestConformOutput(t *testing.T) {
	r := start(t)
	markdown := filepath.Join(t.TempDir(), "conform.md")
	r.run(exitFailed, "conform", "http://127.0.0.1:1/client/v4", "--seed", "7", "--markdown", markdown)
	r.wantStdout("")
	r.wantStderr("seed 7\ninterconnect: http://127.0.0.1:1/client/v4 does not answer: dial tcp 127.0.0.1:1: connect: connection refused; nothing was checked\n")
	if text, err := os.ReadFile(markdown); err != nil || !strings.Contains(string(text), "Ended early: http://127.0.0.1:1/client/v4 does not answer") {
		t.Errorf("%v: the Markdown report is %.200s", err, text)
	}

	r.run(exitOK, "conform", r.sandbox.URL+interconnect.BasePath, "--seed", "7")
	if lines := strings.Count(r.stdout.String(), "\n"); lines > 8 {
		t.Errorf("%d lines without a finding:\n%s", lines, r.stdout)
	}
	r.run(exitOK, "conform", r.sandbox.URL+interconnect.BasePath, "--seed", "8", "--coverage")
	wantContains(t, r.stdout, "Responses by operation and status", "list_slots\n", "Properties of objects:", "\nFindings: 0. ")
}

func TestConformUsage(t *testing.T) {
	r := start(t)
	for want, args := range map[string][]string{
		"want one argument":                          {"conform"},
		`"localhost" is not a URL`:                   {"conform", "localhost"},
		"--junit: there is no folder":                {"conform", r.sandbox.URL, "--junit", filepath.Join(t.TempDir(), "no", "report.xml")},
		"--max-requests is 0":                        {"conform", r.sandbox.URL, "--max-requests", "0"},
		"--output means nothing":                     {"conform", r.sandbox.URL, "-o", "json"},
		"192.0.2.1 is not on this machine":           {"conform", "http://192.0.2.1/client/v4"},
		"add --yes to order and delete":              {"conform", "https://192.0.2.1:8443"},
		"OtherAccount is the Account":                {"conform", r.sandbox.URL, "--other-account", account},
		"BaseURL is not a URL, want one such as htt": {"conform", "ftp://127.0.0.1/"},
	} {
		r.run(exitUsage, args...)
		wantContains(t, r.stderr, want)
	}
	t.Setenv(accountVariable, "")
	r.run(exitUsage, "conform", r.sandbox.URL)
	wantContains(t, r.stderr, "no account: give --account")
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	r.run(exitUsage, "conform", r.sandbox.URL, "--account", account)
	wantContains(t, r.stderr, "no credentials: set CLOUDFLARE_API_TOKEN")
}
