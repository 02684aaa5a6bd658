package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// serve starts the command on a free port and returns its URL and what ends it.
func (r *rig) serve(args ...string) (url string, end func()) {
	r.t.Helper()
	ctx, interrupt := context.WithCancel(r.t.Context())
	code := r.start(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
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

func TestServe(t *testing.T) {
	r := &rig{t: t}
	url, end := r.serve("--pending", "0s", "--seed", "two")
	r.stderr.await(t, "Ctrl-C ends it.\n")
	if !strings.HasPrefix(r.stderr.String(), "Listening on "+url+", a sandbox: ") {
		t.Errorf("the first line is not the URL:\n%s", r.stderr)
	}
	wantContains(t, r.stderr, "\n  export CLOUDFLARE_BASE_URL="+url+"/client/v4\n",
		"export CLOUDFLARE_API_TOKEN=anything CLOUDFLARE_ACCOUNT_ID=")

	environment(t, url+interconnect.BasePath)
	user := &rig{t: t}
	user.run(exitOK, "slots", "list", "--free", "--limit", "1", "-o", "json")
	var slots []interconnect.Slot
	if err := json.Unmarshal([]byte(user.stdout.String()), &slots); err != nil || len(slots) != 1 {
		t.Fatalf("%v in %s", err, user.stdout)
	}
	user.run(exitOK, "interconnects", "create", "--slot", slots[0].ID.String(), "--wait")
	user.wantStderr(strings.Fields(user.stdout.String())[1] + ": Healthy\n")
	user.run(exitNotFound, "slots", "get", slot) // another seed has other IDs
	end()
	wantContains(t, r.stderr, "level=INFO msg=request method=POST path=/client/v4/accounts/"+account+"/cni/interconnects "+
		"operation=create_interconnect status=200", "msg=ending")
	r.wantStdout("")
}

// A page that is open and listens does not keep the server from ending.
func TestServeEndsWhilePagesListen(t *testing.T) {
	r := &rig{t: t}
	url, end := r.serve()
	response, err := http.Get(url + "/live/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := response.Body.Read(make([]byte, 1)); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("got %s, %v", response.Status, err)
	}
	start := time.Now()
	end()
	if took := time.Since(start); took > drainTime/2 {
		t.Errorf("it has taken %s", took)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Errorf("the stream ends with %v", err)
	}
}

func TestServeOptions(t *testing.T) {
	r, user := &rig{t: t}, &rig{t: t}
	served := func(args []string, try func()) {
		t.Helper()
		url, end := r.serve(args...)
		environment(t, url)
		try()
		end()
	}
	served([]string{"--token", "reader=Magic WAN Read, Magic Transit Read", "--token", token}, func() {
		create := []string{"interconnects", "create", "--slot", slot}
		user.run(exitOK, create...)
		t.Setenv("CLOUDFLARE_API_TOKEN", "reader")
		user.run(exitFailed, create...)
		wantContains(t, user.stderr, "403 Forbidden")
		user.run(exitOK, "slots", "list")
		t.Setenv("CLOUDFLARE_API_TOKEN", "other")
		user.run(exitFailed, "slots", "list")
		wantContains(t, user.stderr, "401 Unauthorized")
	})
	served([]string{"--deny"}, func() {
		user.run(exitFailed, "slots", "list")
		wantContains(t, user.stderr, "403 Forbidden", "not entitled")
		wantContains(t, r.stderr, "All of that is refused with 403, because of --deny.\n")
	})
	served([]string{"--cascade", "--pending", "-1s"}, func() {
		name := user.order()
		user.run(exitOK, "interconnects", "status", name)
		wantContains(t, user.stdout, "Pending")
		user.run(exitOK, "cnis", "create", "--interconnect", name, "--conduit-name", "one")
		c, err := client.New(account, client.WithBaseURL(os.Getenv(baseURLVariable)))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.DeleteInterconnect(t.Context(), name); err != nil { // our command would not do it
			t.Error(err)
		}
		user.run(exitOK, "cnis", "list")
		user.wantStderr("no CNIs found\n")
	})
	served([]string{"--contract", "july-2026", "--log-format", "json"}, func() {
		resp, err := http.Get(os.Getenv(baseURLVariable) + "/accounts/a/cni/interconnects/x/loa/default")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized { // it wants credentials first
			t.Errorf("status %s", resp.Status)
		}
		user.run(exitOK, "slots", "list", "--limit", "1", "-o", "json")
		if strings.Contains(user.stdout.String(), "ccr_device_name") {
			t.Errorf("a slot of July has\n%s", user.stdout)
		}
	})
	for line := range strings.Lines(r.stderr.String()) { // of the last one
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is not JSON: %s", line)
		}
	}
	wantContains(t, r.stderr, `"msg":"listening","url":"http://127.0.0.1:`, `/client/v4"}`)
}

func TestServeRefuses(t *testing.T) {
	r := &rig{t: t}
	busy := httptest.NewServer(http.NotFoundHandler())
	defer busy.Close()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--addr", "0.0.0.0:0"}, exitUsage, "--addr 0.0.0.0 is not a loopback address: " +
			"other machines could reach the sandbox; listen on 127.0.0.1, or allow it with --listen-publicly"},
		{[]string{"--addr", "[::]:0"}, exitUsage, "--addr :: is not a loopback address"},
		{[]string{"--addr", "192.0.2.1:0"}, exitUsage, "--addr 192.0.2.1 is not a loopback address"},
		{[]string{"--addr", ":8080"}, exitUsage, "--addr without a host means all addresses of this machine"},
		{[]string{"--addr", "8080"}, exitUsage, "--addr 8080: want an address and a port such as 127.0.0.1:8080"},
		{[]string{"--addr", busy.Listener.Addr().String()}, exitFailed, "choose another address with --addr, 127.0.0.1:0 for a free port"},
		{[]string{"--addr", "127.0.0.1:0", "--token", token + "=Magic WAN Reed"}, exitUsage,
			"after the last = of a --token, want a list of permissions; " + "there are Magic Transit Read, Magic Transit Write, Magic WAN Read, Magic WAN Write"},
		{[]string{"--addr", "127.0.0.1:0", "--token", "=Magic WAN Read"}, exitUsage, "--token is empty"},
		{[]string{"--contract", "june-2026"}, exitUsage, "want august-2026 or july-2026"},
		{[]string{"extra"}, exitUsage, `unknown command "extra" for "interconnect serve"`},
	} {
		r.run(test.code, append([]string{"serve"}, test.args...)...)
		wantContains(t, r.stderr, test.want)
	}
}

// A token may have an equals sign in it, and as its last character.
func TestToken(t *testing.T) {
	for text, want := range map[string][2]int{ // the answers to a list and to an update, of the token abc==
		"abc==": {200, 200}, "abc===Magic WAN Read": {200, 403}, "abc": {401, 401},
	} {
		opt, err := tokenOption(text)
		if err != nil {
			t.Fatal(err)
		}
		for i, method := range []string{"GET", "PUT"} {
			request := httptest.NewRequest(method, "/accounts/a/cni/settings", strings.NewReader("{}"))
			request.Header.Set("Authorization", "Bearer abc==")
			request.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			if sandbox.New(opt).ServeHTTP(answer, request); answer.Code != want[i] {
				t.Errorf("--token %s: %s is answered with %d, want %d", text, method, answer.Code, want[i])
			}
		}
	}
}

// A name is looked up, and all of its addresses have to be those of this machine.
func TestListen(t *testing.T) {
	for _, f := range []serveFlags{{addr: "localhost:0"}, {addr: "127.0.0.1:0", publicly: true}} {
		listener, err := f.listen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ip := listener.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
			t.Errorf("%s listens on %s", f.addr, ip)
		}
		listener.Close()
	}
	f := serveFlags{addr: "no host:0"}
	if _, err := f.listen(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "--addr: lookup no host") {
		t.Errorf("%v", err)
	}
}

func TestURLOf(t *testing.T) {
	for want, ip := range map[string]net.IP{
		"http://127.0.0.1:80": net.IPv4zero, "http://127.0.0.2:80": net.IPv4(127, 0, 0, 2), "http://[::1]:80": net.IPv6loopback,
	} {
		if got := urlOf(&net.TCPAddr{IP: ip, Port: 80}); got != want {
			t.Errorf("%s is %s, want %s", ip, got, want)
		}
	}
	if got := urlOf(&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}); got != "http://127.0.0.1:80" {
		t.Errorf("all addresses are %s", got)
	}
}

// What is ordered outlives the server; only one has the file at a time.
func TestServeData(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.db")
	first, user := &rig{t: t}, &rig{t: t}
	url, end := first.serve("--data", file)
	environment(t, url)
	name := user.order()
	second := &rig{t: t}
	second.run(exitFailed, "serve", "--addr", "127.0.0.1:0", "--data", file)
	wantContains(t, second.stderr, file, "another process has it open")
	end()
	wantContains(t, first.stderr, "what is ordered stays in "+file)

	url, end = first.serve("--data", file)
	environment(t, url)
	user.run(exitOK, "interconnects", "get", name)
	end()
	second.run(exitFailed, "serve", "--addr", "127.0.0.1:0", "--data", file, "--seed", "two")
	wantContains(t, second.stderr, "it was made with the seed")
}

func TestServeCatalogue(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slots.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, user := &rig{t: t}, &rig{t: t}
	write(`[{"id": "` + slot + `", "site": "zrh-a", "speed": "10G", "occupied": false, "facility": {"name": "f", "address": []}}]`)
	url, end := r.serve("--catalogue", file)
	environment(t, url)
	user.run(exitOK, "slots", "list")
	wantContains(t, user.stdout, "zrh-a")
	end()
	write(`[{"id": "x", "site": "zrh-a"}]`)
	r.run(exitUsage, "serve", "--addr", "127.0.0.1:0", "--catalogue", file)
	wantContains(t, r.stderr, file, "/0/id: want a UUID", "/0/speed: want")
}

func TestServeExamples(t *testing.T) {
	r, user := &rig{t: t}, &rig{t: t}
	url, end := r.serve("--examples")
	environment(t, url)
	user.run(exitOK, "interconnects", "delete", "whatever", "--yes")
	user.run(exitOK, "interconnects", "get", "whatever")
	end()
	r.run(exitUsage, "serve", "--examples", "--token", "x")
	wantContains(t, r.stderr, "--token means nothing with --examples")
}

// Beside the API there are the control API, the pages and nothing else.
func TestServePages(t *testing.T) {
	r := &rig{t: t}
	url, end := r.serve()
	for path, want := range map[string]int{
		"/": 200, "/docs/api": 200, "/docs/control": 200, "/docs/control.yaml": 200, "/_sandbox/clock": 200,
		"/other": 404, "/_sandbox/other": 404, "/_sandbox": 404, "/docs/other": 404,
	} {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, resp.Status, want)
		}
	}
	end()
	wantContains(t, r.stderr, "msg=page method=GET path=/docs/api status=200", "path=/_sandbox/clock status=200")
}
