package main

// The exports that serve prints are meant for programs of others too. These tests run one as a process of its own,
// since the standard library reads the variables about proxies only once.

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/interconnect-go/interconnect/client"
)

const exampleProgram = "INTERCONNECT_EXAMPLE_PROGRAM"

// TestExampleProgram is the program of somebody else, when another test runs it.
func TestExampleProgram(t *testing.T) {
	if os.Getenv(exampleProgram) == "" {
		t.Skip("this is the program that the other tests run")
	}
	c, err := client.New("", client.WithMaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := c.GetSettings(t.Context())
	fmt.Println(c, settings.DefaultASN, err)
}

// runExampleProgram runs it with nothing in its environment but what is given, and returns all output.
func runExampleProgram(t *testing.T, environment ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestExampleProgram$", "-test.count=1")
	command.Env = append(environment, exampleProgram+"=1")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// With the three exports of serve, a program talks to the sandbox. Without that of the base URL, it talks to
// Cloudflare.
func TestExportsOfServe(t *testing.T) {
	r := &rig{t: t}
	url, end := r.serve()
	r.stderr.await(t, "Ctrl-C ends it.\n")
	var exports []string
	for _, line := range regexp.MustCompile(`(?m)^ *export (.*)$`).FindAllStringSubmatch(r.stderr.String(), -1) {
		exports = append(exports, strings.Fields(line[1])...)
	}
	if len(exports) != 3 {
		t.Fatalf("there are %d exports, want 3: %q", len(exports), exports)
	}
	out := runExampleProgram(t, exports...)
	if want := "client for account " + exampleAccount + " at " + url + "/client/v4 13335 <nil>"; !strings.Contains(out, want) {
		t.Errorf("the program says\n%s, want\n%s", out, want)
	}
	if n := strings.Count(out, "INFO calls go to the URL in CLOUDFLARE_BASE_URL, not to Cloudflare url="+url+"/client/v4\n"); n != 1 {
		t.Errorf("the program logs the base URL %d times, want 1:\n%s", n, out)
	}
	requests := strings.Count(r.stderr.String(), "operation=get_settings")

	// All that leaves the program goes to a proxy on this machine, which lets nothing pass.
	var mu sync.Mutex
	var asked []string
	nowhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.RequestURI)
		mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
	}))
	defer nowhere.Close()
	rest := slices.DeleteFunc(exports, func(export string) bool { return strings.HasPrefix(export, "CLOUDFLARE_BASE_URL=") })
	out = runExampleProgram(t, append(rest, "HTTPS_PROXY="+nowhere.URL, "HTTP_PROXY="+nowhere.URL)...)
	if !strings.Contains(out, "client for account "+exampleAccount+" at "+client.DefaultBaseURL) || strings.Contains(out, "INFO") {
		t.Errorf("without a base URL the program says\n%s", out)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(asked, []string{"CONNECT api.cloudflare.com:443"}) {
		t.Errorf("without a base URL the program asks for %q", asked)
	}
	if n := strings.Count(r.stderr.String(), "operation=get_settings"); n != requests || n != 1 {
		t.Errorf("the sandbox got %d requests, want 1", n)
	}
	end()
}

// The program of this repository logs the base URL of the environment with --verbose only: it is what its users set.
func TestBaseURLIsLogged(t *testing.T) {
	r := start(t)
	const line = "calls go to the URL in CLOUDFLARE_BASE_URL"
	r.run(exitOK, "settings", "get")
	if strings.Contains(r.stderr.String(), line) {
		t.Errorf("logged\n%s", r.stderr)
	}
	r.run(exitOK, "settings", "get", "-v")
	wantContains(t, r.stderr, line)
	r.run(exitOK, "settings", "get", "-v", "--base-url", r.sandbox.URL)
	if strings.Contains(r.stderr.String(), line) {
		t.Errorf("logged in spite of --base-url\n%s", r.stderr)
	}
	t.Setenv("CLOUDFLARE_BASE_URL", "ftp://example.com")
	r.run(exitUsage, "settings", "get")
	wantContains(t, r.stderr, "CLOUDFLARE_BASE_URL is not a URL such as "+client.DefaultBaseURL+"\n")
}
