package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// proxy starts the command on a free port and returns its URL and what ends it.
func (r *rig) proxy(args ...string) (url string, end func()) {
	r.t.Helper()
	ctx, interrupt := context.WithCancel(r.t.Context())
	code := r.start(ctx, append([]string{"proxy", "--addr", "127.0.0.1:0"}, args...)...)
	r.stderr.await(r.t, "istening")
	r.stderr.await(r.t, "\n")
	url = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`).FindString(r.stderr.String())
	return url, func() {
		r.t.Helper()
		interrupt()
		if got := code(); got != exitOK {
			r.t.Errorf("exit code %d; it says\n%s", got, r.stderr)
		}
	}
}

func TestProxy(t *testing.T) {
	user := start(t)
	r := &rig{t: t}
	file := filepath.Join(t.TempDir(), "session.har")
	url, end := r.proxy("--upstream", user.sandbox.URL, "--har", file)
	r.stderr.await(t, "Ctrl-C ends it, and shows what was found.\n")
	if !strings.HasPrefix(r.stderr.String(), "Listening on "+url+", in front of "+user.sandbox.URL+".\n") {
		t.Errorf("the first line is not the URL:\n%s", r.stderr)
	}
	wantContains(t, r.stderr, "\n  export CLOUDFLARE_BASE_URL="+url+"/client/v4\n")

	environment(t, url+interconnect.BasePath)
	const key = "7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2"
	user.stdin = key + "\n"
	name := user.order()
	user.run(exitOK, "interconnects", "create", "--gcp-pairing-key", "-", "--bandwidth", "1G")
	user.run(exitOK, "interconnects", "loa", name, "-f", filepath.Join(t.TempDir(), "letter.pdf"))
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), "GET", url+"/client/v4/accounts/"+account+"/cni/slots?limit=x", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	end()
	r.wantStdout(`
		Exchanges: 5, of these without a response of the upstream: 0

		OPERATION   DIRECTION  IN     POINTER  RULE  COUNT  EXAMPLE
		list_slots  request    query  /limit   type  2      query parameter "limit": want an integer, got "x"
	`)
	wantContains(t, r.stderr, "level=WARN msg=violation method=GET path=/client/v4/accounts/"+account+"/cni/slots operation=list_slots",
		"msg=exchange method=POST", "operation=get_interconnect_loa status=200", "msg=ending")

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{token, key} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the archive has %s:\n%s", secret, text)
		}
	}
	var archive struct {
		Log struct{ Entries []json.RawMessage }
	}
	if err := json.Unmarshal(text, &archive); err != nil || len(archive.Log.Entries) != 5 {
		t.Errorf("%v in %s", err, text)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the archive has the mode %s", info.Mode())
	}
	r.run(exitUsage, "proxy", "--addr", "127.0.0.1:0", "--upstream", url, "--har", file)
	wantContains(t, r.stderr, file+" exists already; choose another file with --har")
}

func TestProxyReports(t *testing.T) {
	packed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte{0})
	}))
	defer packed.Close()
	user, r := start(t), &rig{t: t}
	url, end := r.proxy("--upstream", packed.URL, "--log-format", "json")
	environment(t, url)
	user.run(exitFailed, "slots", "list")
	end()
	r.wantStdout(`
		Exchanges: 1, of these without a response of the upstream: 0
		No violations were found.

		Bodies that were passed, but neither checked nor recorded:

		OPERATION   DIRECTION  COUNT  REASON
		list_slots  response   1      in an encoding other than gzip and deflate
	`)
	for line := range strings.Lines(r.stderr.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is not JSON: %s", line)
		}
	}
	wantContains(t, r.stderr, `"msg":"listening","url":"`+url+`","base_url":"`+url+`/client/v4","upstream":"`+packed.URL+`"`)
}

func TestProxyRefuses(t *testing.T) {
	r := &rig{t: t}
	free := func(args ...string) []string { return append(args, "--addr", "127.0.0.1:0") }
	for _, test := range []struct {
		args []string
		want string
	}{
		{free(), "no upstream: give --upstream, such as https://api.cloudflare.com"},
		{free("--upstream", "https://user:"+token+"@a"), "--upstream: the URL of the upstream: want http or https and a host"},
		{free("--upstream", "https://api.cloudflare.com/client/v4"), "paths are part of the requests"},
		{free("--upstream", "http://a", "--har", filepath.Join(t.TempDir(), "none", "x.har")), "no such file or directory"},
		{[]string{"--upstream", "http://127.0.0.1:8081", "--addr", "0.0.0.0:0"}, "--addr 0.0.0.0 is not a loopback address: " +
			"other machines could reach the proxy; listen on 127.0.0.1, or allow it with --listen-publicly"},
		{free("extra"), `unknown command "extra" for "interconnect proxy"`},
		{free("--upstream", "http://a", "--account", "b"), "--account means nothing to"},
	} {
		r.run(exitUsage, append([]string{"proxy"}, test.args...)...)
		wantContains(t, r.stderr, test.want)
	}
}

// OPTIONS * is for the service, not for the proxy.
func TestProxyPassesOptions(t *testing.T) {
	asked := make(chan string, 1)
	service := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.RequestURI
		w.Header().Set("Allow", "GET")
	}))
	service.Config.DisableGeneralOptionsHandler = true
	service.Start()
	defer service.Close()
	r := &rig{t: t}
	url, end := r.proxy("--upstream", service.URL)
	conn := send(t, strings.TrimPrefix(url, "http://"), "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != "OPTIONS *" || response.Header.Get("Allow") != "GET" {
		t.Errorf("the service is asked %s, the client gets %v", got, response.Header)
	}
	conn.Close()
	end()
}
