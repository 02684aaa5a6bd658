package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/sandbox"
)

// The commands below "sandbox" do what the control API can do.
func TestSandbox(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	r := start(t, sandbox.WithClock(func() time.Time { return now }))
	t.Setenv("CLOUDFLARE_API_TOKEN", "") // which it does not ask for
	r.run(exitOK, "sandbox", "show")
	r.wantStdout("SANDBOX   " + r.sandbox.URL + "\nCLOCK     2026-11-26T12:00:00Z, 0s ahead\nACCOUNTS  0\nCNIS      0\n")
	t.Setenv("CLOUDFLARE_API_TOKEN", token)
	name := r.order()
	r.createCNI(name, "east")

	r.run(exitOK, "sandbox", "advance", "5s")
	r.wantStdout("NOW       2026-11-26T12:00:05Z\nADVANCED  5s\n")
	r.run(exitOK, "interconnects", "status", name)
	wantContains(t, r.stdout, "Pending")
	r.run(exitOK, "sandbox", "advance", "1h", "-o", "json")
	r.wantStdout("{\n  \"advanced\": \"1h0m5s\",\n  \"now\": \"2026-11-26T13:00:05Z\"\n}\n")
	r.run(exitOK, "interconnects", "status", name)
	wantContains(t, r.stdout, "Healthy")

	t.Setenv(accountVariable, "") // the name is enough
	r.run(exitOK, "sandbox", "set-state", name, "unhealthy", "--reason", "No light received")
	r.wantStdout(`
		NAME     direct-iad-a-c70810a0
		TYPE     direct
		STATE    Unhealthy
		SET      yes
		CREATED  2026-11-26T12:00:00Z
		ACCOUNT  4f8c1d2e9ab04c75b3e6d7018f2a9c35
		SLOT     4b99d788-9a01-53d2-97b3-e7d272d0ad85
		REASON   No light received
		`)
	t.Setenv(accountVariable, account)
	r.run(exitOK, "interconnects", "status", name)
	r.wantStdout("NAME    " + name + "\nSTATE   Unhealthy\nREASON  No light received\n")
	r.run(exitOK, "sandbox", "set-state", name, "Down")
	r.run(exitOK, "interconnects", "status", name, "-o", "json")
	r.wantStdout("{\n  \"state\": \"Down\",\n  \"reason\": null\n}\n")
	r.run(exitOK, "sandbox", "clear-state", name)
	wantContains(t, r.stdout, "STATE    Healthy\nSET      no\n")

	r.run(exitOK, "sandbox", "fail", "list_slots", "--status", "503", "--message", "busy", "--retry-after", "2s",
		"--header", "Cf-Ray=8f1c", "--times", "-1")
	r.wantStdout(
		"OPERATION  list_slots\nTIMES      all\nWHEN       before the work\nWHAT       answer 503, Retry-After 2s, send Cf-Ray\n",
	)
	r.run(exitOK, "sandbox", "fail", "create_cni", "--drop", "--after-work")
	r.run(exitOK, "sandbox", "fail", "*", "--malformed", "--times", "2")
	r.run(exitOK, "sandbox", "fail", "get_settings", "--delay", "300ms")
	r.run(exitOK, "sandbox", "faults")
	r.wantStdout(`
		OPERATION     TIMES  WHEN             WHAT
		list_slots    all    before the work  answer 503, Retry-After 2s, send Cf-Ray
		create_cni    1      after the work   drop the connection
		*             2      before the work  cut the body
		get_settings  1      before the work  wait 300ms
		`)
	r.run(exitOK, "sandbox", "show")
	wantContains(t, r.stdout, "CLOCK     2026-11-26T13:00:05Z, 1h0m5s ahead\nACCOUNTS  1\nCNIS      1\n\nNAME ",
		"\n"+name+"  direct  Healthy  no   2026-11-26T12:00:00Z", "\n\nOPERATION ", "drop the connection")
	r.run(exitUnknown, "cnis", "create", "--interconnect", name, "--conduit-name", "west")
	r.run(exitOK, "sandbox", "clear-faults")
	r.wantStderr("no fault is waiting any more\n")
	r.run(exitOK, "sandbox", "faults")
	r.wantStderr("no faults found\n")
	r.run(exitOK, "sandbox", "faults", "-o", "json")
	r.wantStdout("[]\n")
	r.run(exitOK, "cnis", "list")
	wantContains(t, r.stdout, "east", "west")

	file := filepath.Join(t.TempDir(), "before.json")
	r.run(exitOK, "sandbox", "snapshot", "save", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("the snapshot, which has BGP passwords, can be read by others: %v, %v", info, err)
	}
	r.wantStderr("wrote " + file + "\n")
	r.run(exitOK, "sandbox", "reset")
	r.wantStderr("the sandbox is as new\n")
	r.run(exitOK, "interconnects", "list", "-o", "json")
	r.wantStdout("[]\n")
	r.run(exitOK, "sandbox", "snapshot", "load", file)
	r.wantStderr("loaded " + file + "\n")
	r.run(exitOK, "cnis", "list")
	wantContains(t, r.stdout, "east", "west")
	r.run(exitOK, "sandbox", "snapshot", "save", "-")
	text, err := os.ReadFile(file)
	if err != nil || r.stdout.String() != string(text) {
		t.Errorf("the file has\n%s\nand not\n%s", text, r.stdout)
	}
	r.stdin = strings.Replace(string(text), `"version":1`, `"version":2`, 1)
	r.run(exitFailed, "sandbox", "snapshot", "load", "-")
	r.wantStderr("interconnect: the sandbox refused: Invalid request\n  /version: want 1 (enum)\n")
	r.run(exitOK, "sandbox", "show", "-o", "json")
	wantContains(t, r.stdout, `"url": "`+r.sandbox.URL+`"`, `"advanced": "1h0m5s"`, `"faults": []`, `"name": "`+name+`"`)
}

// Accounts may have interconnects of the same name; the one of the command line is meant.
func TestSandboxAccounts(t *testing.T) {
	r := start(t)
	name := r.order()
	r.run(exitOK, "sandbox", "show", "--account", "other", "-o", "json")
	wantContains(t, r.stdout, `"accounts": []`, `"interconnects": []`)
	r.run(exitNotFound, "sandbox", "set-state", name, "Down", "--account", "other")
	r.wantStderr(
		"interconnect: the sandbox has no interconnect " + name + "\nhint: \"interconnect sandbox show\" shows what there is\n",
	)
	r.run(exitNotFound, "sandbox", "clear-state", "direct-7")
}

func TestSandboxUsage(t *testing.T) {
	r := start(t)
	for _, test := range []struct{ args, want string }{
		{"advance", "want one argument, a duration such as 90s or 1h30m, got 0"},
		{"advance soon", `"soon" is not a duration, want one such as 90s, 1h30m or 48h`},
		{"advance -- -1h", `"-1h" is not a duration, want one such as 90s, 1h30m or 48h`},
		{"set-state x", "accepts 2 arg(s), received 1"},
		{"set-state x Sick", `"Sick" is not a state, want one of Pending, Healthy, Unhealthy, Down`},
		{"set-state x Healthy --reason r", "--reason goes with Unhealthy and Down only"},
		{"fail list_slots", "the fault does nothing: give --status, --drop, --delay, --retry-after, --header or --malformed"},
		{"fail list_slots --times 2", "the fault does nothing: give --status, --drop, --delay, --retry-after, --header or --malformed"},
		{"fail list_slots --drop --status 500", "--drop and --status exclude each other"},
		{"fail list_slots --status 200", "the fault is not valid: /status: want at least 300, got 200"},
		{"fail list_slots --delay soon", "the fault is not valid: /delay: want "},
		{"fail list_slots --header x", "--header x: want NAME=VALUE"},
		{"fail list_slots --delay 1s --message m", "--message goes with --status only"},
		{"snapshot load no-such-file", "open no-such-file: no such file or directory"},
		{"show -o csv", `-o csv means nothing to "interconnect sandbox show"`},
		{"show extra", `unknown command "extra" for "interconnect sandbox show"`},
		{"shw", `unknown command "shw" for "interconnect sandbox", did you mean "show"?`},
	} {
		r.run(exitUsage, append([]string{"sandbox"}, strings.Fields(test.args)...)...)
		if !strings.HasPrefix(r.stderr.String(), "interconnect: "+test.want) {
			t.Errorf("%s:\n%s\nwant\n%s", test.args, r.stderr, test.want)
		}
		r.wantStdout("")
	}
	r.run(exitFailed, "sandbox", "fail", "order_everything", "--drop")
	wantContains(t, r.stderr,
		"interconnect: the sandbox refused: Invalid request\n  /operation: there is no operation \"order_everything\"; there are *, ")
}

// Nothing is changed at a server that is not a sandbox.
func TestNotASandbox(t *testing.T) {
	r := start(t)
	var asked []string
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked = append(asked, q.Method+" "+q.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"success": true}`))
	}))
	t.Cleanup(service.Close)
	silent := httptest.NewServer(http.NotFoundHandler())
	silent.Close()
	examples := httptest.NewServer(sandbox.NewExamples(nil))
	t.Cleanup(examples.Close)
	for _, args := range [][]string{{"reset"}, {"advance", "1h"}, {"snapshot", "load", "-"}, {"fail", "*", "--drop"}, {"show"}} {
		for url, want := range map[string]string{
			service.URL: "interconnect: " + service.URL + " is not a sandbox whose clock can be read: its response is not that of a sandbox: ",
			examples.URL + "/client/v4": "interconnect: " + examples.URL + " is not a sandbox whose clock can be read: GET /_sandbox/clock gives 404 Not Found; " +
				"give the base URL that \"interconnect serve\" says\n",
			"https://api.cloudflare.com/client/v4": "interconnect: https://api.cloudflare.com/client/v4 is Cloudflare's API, not a sandbox; " +
				"set CLOUDFLARE_BASE_URL or give --base-url\n",
			"":                 "interconnect: no sandbox: set CLOUDFLARE_BASE_URL or give --base-url",
			"ftp://127.0.0.1/": "interconnect: the base URL is not one of a sandbox, such as http://127.0.0.1:8080/client/v4\n",
		} {
			t.Setenv(baseURLVariable, url)
			r.run(exitUsage, append([]string{"sandbox"}, args...)...)
			wantContains(t, r.stderr, want)
		}
		t.Setenv(baseURLVariable, silent.URL)
		r.run(exitFailed, append([]string{"sandbox"}, args...)...)
		wantContains(t, r.stderr, "interconnect: no sandbox answers at "+silent.URL+": dial tcp ",
			"; \"interconnect serve\" starts one\n")
	}
	for _, request := range asked {
		if request != "GET /_sandbox/clock" {
			t.Errorf("it sends %s", request)
		}
	}
}

func TestSandboxCompletion(t *testing.T) {
	r := start(t)
	name := r.order()
	r.run(exitOK, "__complete", "sandbox", "set-state", "")
	r.wantStdout(name + "\tPending\n:4\n")
	r.run(exitOK, "__complete", "sandbox", "set-state", name, "")
	r.wantStdout("Pending\nHealthy\nUnhealthy\nDown\n:4\n")
	r.run(exitOK, "__complete", "sandbox", "fail", "create_")
	wantContains(t, r.stdout, "create_interconnect\tPOST /accounts/{account_id}/cni/interconnects\n", "create_cni\t",
		":4\n")
	t.Setenv(baseURLVariable, "")
	r.run(exitOK, "__complete", "sandbox", "clear-state", "")
	r.wantStdout(":4\n")
}
