package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/sandbox"
)

// Wrong usage is found out before anything is sent, and says what to do.
func TestUsage(t *testing.T) {
	r := start(t, sandbox.WithoutEntitlement()) // what is sent has exit code 1
	const id = "3b7e2f58-91d4-4c0a-8f63-a5d81e097b46"
	for _, test := range []struct{ args, want string }{
		{"slts", `unknown command "slts" for "interconnect", did you mean "slots"?`},
		{"slots lst", `unknown command "lst" for "interconnect slots", did you mean "list"?`},
		{"slots", `"interconnect slots" needs one of the commands get, list`},
		{"slots list --fre", `unknown flag: --fre, did you mean "--free"?`},
		{"slots list extra", `unknown command "extra" for "interconnect slots list"`},
		{"slots list -o xml", `invalid argument "xml" for "-o, --output" flag: want table, wide, name, csv, json or yaml`},
		{"slots list --free --occupied", "--free and --occupied exclude each other"},
		{"slots list --limit -1", "--limit is -1, want 0 or more"},
		{"slots list --timeout -1s", "the timeout is -1s, want 0 or more"},
		{"slots list --base-url ftp://example.com", "the base URL is not a URL such as https://api.cloudflare.com/client/v4"},
		{"slots list --account a/b", `account "a/b" is not an account ID, want 32 hexadecimal digits`},
		{"slots get", "want one argument, the ID of a slot, got 0"},
		{"slots get x", `"x" is not an ID of a slot, want a UUID such as 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512`},
		{"interconnects list --type indirect", `invalid argument "indirect" for "--type" flag: want direct or gcp_partner`},
		{"interconnects create", "nothing to order: give --slot, or --gcp-pairing-key with --bandwidth, or --file"},
		{"interconnects create --slot " + id + " --gcp-pairing-key k", "--slot and --gcp-pairing-key exclude each other"},
		{"interconnects create --slot " + id + " --file f", "--slot and --file exclude each other"},
		{"interconnects create --slot " + id + " --bandwidth 1G", "--bandwidth goes with --gcp-pairing-key only"},
		{"interconnects create --gcp-pairing-key k", "--gcp-pairing-key needs --bandwidth, such as 1G"},
		{"interconnects create --gcp-pairing-key k --bandwidth 1G --speed 1G", "--speed goes with --slot only"},
		{"interconnects create --slot x", `"x" is not an ID of a slot, want a UUID such as 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512`},
		{"interconnects create --slot " + id + " --wait-timeout 1s", "--wait-timeout has no meaning without --wait"},
		{"interconnects create --slot " + id + " --wait --wait-timeout -1s", "--wait-timeout is -1s, want 0 or more"},
		{"interconnects create --slot " + id + " --wait --dry-run", "--dry-run orders nothing that --wait could wait for"},
		{"interconnects delete direct-1", "there is no terminal to ask for confirmation on; add --yes to do it without"},
		{"cnis delete " + id, "there is no terminal to ask for confirmation on; add --yes to do it without"},
		{"cnis create --conduit-name one", "--interconnect is missing"},
		{"cnis create --interconnect direct-1", "--conduit-name is missing"},
		{"cnis create --interconnect i --conduit-name c --md5-key k",
			"there is no BGP session for --extra-prefix and --md5-key; --customer-asn makes one"},
		{"cnis list --slot x", `"x" is not an ID of a slot, want a UUID such as 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512`},
		{"cnis update " + id, "nothing to change: name what to change by a flag, or give --file"},
		{"cnis update " + id + " -o yaml", "nothing to change: name what to change by a flag, or give --file"},
		{"cnis update " + id + " --no-bgp --customer-asn 65000", "--no-bgp and --customer-asn exclude each other"},
		{"settings update", "nothing to change: give --default-asn, --reset-default-asn or --file"},
		{"cnis update " + id + " --dry-run", "nothing to change: name what to change by a flag, or give --file"},
		{"cnis update " + id + " --file f --mtu 1400", "--file and --mtu exclude each other"},
		{"cnis update " + id + " --file f --no-bgp", "--file and --no-bgp exclude each other"},
		{"cnis create --file f --conduit-name one", "--file and --conduit-name exclude each other"},
		{"cnis delete " + id + " --yes --dry-run --wait", "--dry-run deletes nothing that --wait could wait for"},
		{"interconnects delete direct-1 --yes --wait-timeout 1s", "--wait-timeout has no meaning without --wait"},
		{"settings update --default-asn 1 --file f", "--file and --default-asn exclude each other"},
		{"settings update --default-asn 1 --reset-default-asn", "--default-asn and --reset-default-asn exclude each other"},
		{"serve --addr 0.0.0.0:0 --account a", `--account means nothing to "interconnect serve", which calls no service but its own`},
	} {
		r.run(exitUsage, strings.Fields(test.args)...)
		sentence, hint, _ := strings.Cut(r.stderr.String(), "\n")
		if sentence != "interconnect: "+test.want || !strings.HasPrefix(hint, `hint: see "interconnect`) || strings.Count(hint, "\n") != 1 {
			t.Errorf("%s:\n%s\nwant\n%s", test.args, r.stderr, test.want)
		}
		r.wantStdout("")
	}
}

func TestEnvironment(t *testing.T) {
	r := start(t)
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	r.run(exitUsage, "slots", "list")
	wantContains(t, r.stderr, "no credentials: set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, in the environment\n")
	t.Setenv("CLOUDFLARE_EMAIL", "user@example.com")
	r.run(exitUsage, "slots", "list")
	wantContains(t, r.stderr, "set CLOUDFLARE_API_KEY too")
	t.Setenv("CLOUDFLARE_API_KEY", token)
	r.run(exitOK, "slots", "list", "-v")

	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	r.run(exitUsage, "slots", "list")
	wantContains(t, r.stderr, "no account: give --account or set CLOUDFLARE_ACCOUNT_ID\n")
	r.run(exitOK, "slots", "list", "--account", account)

	t.Setenv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:1")
	r.run(exitOK, "slots", "list", "--account", account, "--base-url", r.sandbox.URL)
}

// The service refuses: the message has all that it says, and what to do.
func TestRefusals(t *testing.T) {
	r := start(t, sandbox.WithToken(token, "Magic WAN Read"), sandbox.WithToken("other", "Magic WAN Write"))
	base := "/accounts/" + account + "/cni/"
	r.run(exitFailed, "interconnects", "create", "--slot", slot)
	r.wantStderr(`
		interconnect: the service refused POST ` + base + `interconnects: 403 Forbidden
		  Forbidden; any one of these permissions is enough: Magic WAN Write, Magic Transit Write (10000)
		hint: the account may lack the Enterprise entitlement to Network Interconnects, or the token the permission Magic WAN or Magic Transit, Read or Write
		`)
	r.run(exitNotFound, "slots", "get", "00000000-0000-0000-0000-000000000001")
	r.wantStderr(`
		interconnect: the service refused GET ` + base + `slots/00000000-0000-0000-0000-000000000001: 404 Not Found
		  slot 00000000-0000-0000-0000-000000000001 not found (10404)
		hint: "list" shows what there is; check the account and the base URL too
		`)

	t.Setenv("CLOUDFLARE_API_TOKEN", "wrong")
	r.run(exitFailed, "settings", "get")
	wantContains(t, r.stderr, "401 Unauthorized",
		"hint: check the credentials: CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY\n")

	t.Setenv("CLOUDFLARE_API_TOKEN", "other")
	r.run(exitOK, "interconnects", "create", "--slot", slot)
	r.run(exitFailed, "interconnects", "create", "--slot", slot, "--speed", "100G")
	r.wantStderr(`
		interconnect: the service refused POST ` + base + `interconnects: 400 Bad Request
		  /slot_id: slot 4b99d788-9a01-53d2-97b3-e7d272d0ad85 is occupied (10010)
		  /speed: slot 4b99d788-9a01-53d2-97b3-e7d272d0ad85 supports 10G, not 100G (10010)
		`)
	ray := http.Header{"Cf-Ray": {"8f1c-IAD"}}
	r.sandbox.Fail("update_settings", sandbox.Fault{Status: 429, RetryAfter: 2 * time.Minute, Header: ray})
	r.run(exitFailed, "settings", "update", "--default-asn", "64512")
	wantContains(t, r.stderr, "429 Too Many Requests (cf-ray 8f1c-IAD)\n", "hint: try again in 2m0s\n")
	r.sandbox.Fail("update_settings", sandbox.Fault{Status: 429})
	r.run(exitFailed, "settings", "update", "--default-asn", "64512")
	wantContains(t, r.stderr, "hint: try again later\n")
}

// An invalid request is not sent.
func TestInvalidRequest(t *testing.T) {
	r := start(t)
	r.run(exitUsage, "cnis", "create", "--interconnect", "direct-1", "--conduit-name", "one", "--mtu", "-1",
		"--customer-asn", "4294967296", "--extra-prefix", "10.0.0.1", "--md5-key", "why?")
	wantContains(t, r.stderr, "interconnect: the request is invalid and was not sent\n  /bgp/customer_asn: want ",
		"\n  /bgp/extra_prefixes/0: want ", "\n  /bgp/md5_key: want ", "\n  /magic/mtu: want ")
	for _, args := range [][]string{
		{"create", "--interconnect", "x", "--conduit-name", "y", "--customer-asn", "65001", "--extra-prefix", "10.0.0.0/8,10.0.0.1/8"},
		{"create", "--file", "-"},
		{"update", "3b7e2f58-91d4-4c0a-8f63-a5d81e097b46", "--file", "-"},
	} {
		r.stdin = `{"interconnect":"x","magic":{"conduit_name":"y","description":"","mtu":1500},"bgp":{"customer_asn":1,"extra_prefixes":["10.0.0.0/8","10.0.0.1/8"]}}`
		r.run(exitUsage, append([]string{"cnis"}, args...)...)
		wantContains(t, r.stderr, "interconnect: the request is invalid and was not sent\n  ",
			`/bgp/extra_prefixes/1: want no bits behind the prefix: 10.0.0.0/8, or 10.0.0.1/32 for that address alone, got "10.0.0.1/8"`+"\n")
	}
	r.run(exitUsage, "interconnects", "get", "..")
	wantContains(t, r.stderr, `".." is not the name of an interconnect`)
}

// No response came to what may have had its effect: the message says how to look.
func TestUnknownOutcome(t *testing.T) {
	r := start(t)
	name := r.order()
	r.run(exitOK, "cnis", "create", "--interconnect", name, "--conduit-name", "east", "-o", "json")
	_, id, _ := strings.Cut(r.stdout.String(), `"id": "`)
	id, _, _ = strings.Cut(id, `"`)
	for _, test := range []struct {
		operation string
		args      []string
		want      []string
	}{
		{"create_interconnect", []string{"interconnects", "create", "--slot", slot}, []string{
			"interconnect: the order was sent, but no response says what became of it: it may have gone through, and may be binding; " +
				"look before you order again\n  cause: ",
			"\n  look: interconnect interconnects list --type direct\n",
			"  it went through if one has the slot " + slot,
		}},
		{"create_interconnect", strings.Fields("interconnects create --gcp-pairing-key s3cret --bandwidth 1G --account " + account), []string{
			"\n  look: interconnect interconnects list --type gcp_partner --account " + account + "\n",
			"  it went through if there is one that was not there before",
		}},
		{"delete_interconnect", []string{"interconnects", "delete", "direct-7", "--yes", "--base-url", r.sandbox.URL}, []string{
			"interconnect: the request was sent, but no response says whether it had its effect; look before you repeat it\n  cause: ",
			"\n  look: interconnect interconnects get direct-7 --base-url " + r.sandbox.URL + "\n  it was deleted if it is not found",
		}},
		{"create_cni", []string{"cnis", "create", "--interconnect", name, "--conduit-name", "west"}, []string{
			"\n  look: interconnect cnis list\n  it was created if one has the conduit name\n",
		}},
		{"update_cni", []string{"cnis", "update", id, "--mtu", "1400"}, []string{"\n  look: interconnect cnis get " + id + "\n"}},
		{"delete_cni", []string{"cnis", "delete", id, "--yes"}, []string{"\n  look: interconnect cnis get " + id + "\n"}},
		{"update_settings", []string{"settings", "update", "--default-asn", "64512"}, []string{"\n  look: interconnect settings get\n"}},
	} {
		for _, fault := range []sandbox.Fault{{Drop: true}, {Status: 500}} {
			r.sandbox.Fail(test.operation, fault)
			r.run(exitUnknown, test.args...)
			wantContains(t, r.stderr, test.want...)
			r.wantStdout("")
			if strings.Contains(r.stderr.String(), "s3cret") {
				t.Errorf("the pairing key is told:\n%s", r.stderr)
			}
		}
	}
}

// A response that cannot be understood is kept where it says what was done.
func TestUnexpectedAnswer(t *testing.T) {
	r := start(t)
	r.sandbox.Fail("create_interconnect", sandbox.Fault{AfterWork: true, Malformed: true})
	r.run(exitUnknown, "interconnects", "create", "--slot", slot)
	wantContains(t, r.stderr, "interconnect: the service answered create_interconnect in a way that this program does not understand, "+
		"status 200; what was asked for has most likely been done, so look before you repeat it\n",
		"\n  response: {", "\n  look: interconnect interconnects list --type direct\n  it went through if one has the slot "+slot)
	null := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "null")
	}))
	defer null.Close()
	r.run(exitUnknown, "interconnects", "create", "--slot", slot, "--base-url", null.URL)
	wantContains(t, r.stderr, "the service answered create_interconnect in a way that this program does not understand, status 200",
		"\n  the body: want an object, got null\n  response: null\n")
	r.wantStdout("")
	r.run(exitFailed, "interconnects", "status", "direct-1", "--base-url", null.URL)
	r.sandbox.Fail("get_settings", sandbox.Fault{Malformed: true})
	r.run(exitFailed, "settings", "get")
	wantContains(t, r.stderr, "interconnect: the service answered get_settings in a way that this program does not understand, status 200\n")
}

// Without a connection nothing was sent. What a service repeats of the credentials is not told.
func TestOtherFailures(t *testing.T) {
	r := start(t)
	// Nobody knows its certificate, so the call is not tried again.
	encrypted := httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	defer encrypted.Close()
	r.run(exitFailed, "slots", "list", "--base-url", encrypted.URL)
	wantContains(t, r.stderr, "interconnect: "+encrypted.URL+" does not answer: its certificate is refused: ", " (tried once)\n")

	// What the client warns of is a sentence, unless there is a log.
	for flags, want := range map[string]string{
		"":   "warning: the credentials are sent in the clear, as the base URL is not an https one, host 192.0.2.1\n",
		"-v": `level=WARN msg="the credentials are sent in the clear, as the base URL is not an https one" host=192.0.2.1` + "\n",
	} {
		r.run(exitOK, append(strings.Fields(flags), "settings", "update", "--dry-run", "--default-asn", "64512", "--base-url", "http://192.0.2.1")...)
		wantContains(t, r.stderr, want)
	}

	// A service that is not there is one sentence, and says where it should be.
	const nowhere = "http://127.0.0.1:1/client/v4"
	r.run(exitFailed, "slots", "list", "--base-url", nowhere)
	r.wantStderr("interconnect: " + nowhere + " does not answer: connection refused (tried 4 times)\n" +
		"hint: check --base-url, which goes before CLOUDFLARE_BASE_URL; -v shows each attempt\n")
	t.Setenv("CLOUDFLARE_BASE_URL", nowhere)
	r.run(exitFailed, "interconnects", "create", "--slot", slot) // nothing was sent, so the outcome is known
	wantContains(t, r.stderr, nowhere+" does not answer: connection refused (tried 4 times)\n", "hint: check CLOUDFLARE_BASE_URL, which names")
	t.Setenv("CLOUDFLARE_BASE_URL", r.sandbox.URL)
	r.sandbox.Fail("get_settings", sandbox.Fault{Drop: true, Times: 4})
	r.run(exitFailed, "settings", "get")
	wantContains(t, r.stderr, r.sandbox.URL+" does not answer: the connection was closed without a response (tried 4 times)\n")

	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"success": false, "messages": [], "errors": [{"code": 10000, "documentation_url": "https://example.com/",
			"message": "no such credential:\u001b[31m ` + r.Header.Get("Authorization") + `"}]}`))
	}))
	defer echo.Close()
	r.run(exitFailed, "slots", "list", "-v", "--base-url", echo.URL)
	wantContains(t, r.stderr, "level=DEBUG msg=request method=GET",
		"  no such credential:\ufffd[31m Bearer [redacted] (10000), see https://example.com/\n")

	r.sandbox.Fail("get_settings", sandbox.Fault{Delay: time.Hour, Times: -1})
	r.run(exitFailed, "settings", "get", "--timeout", "1ms", "-v")
	wantContains(t, r.stderr, " does not answer: no response within 1ms (tried 4 times)\n",
		"hint: check CLOUDFLARE_BASE_URL, which names this service; --timeout gives each attempt longer\n", `level=DEBUG msg="trying again"`)
}

// Ctrl-C ends a call that reads with 130, and an order that is under way with 4.
func TestInterrupt(t *testing.T) {
	r := start(t)
	for _, test := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"settings", "get"}, exitInterrupted, "interconnect: interrupted\n"},
		{[]string{"interconnects", "create", "--slot", slot}, exitUnknown, "it may have gone through"},
	} {
		ctx, interrupt := context.WithCancel(t.Context())
		arrived := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that a client goes away
			close(arrived)
			<-r.Context().Done()
		}))
		code := r.start(ctx, append(test.args, "--base-url", server.URL)...)
		<-arrived
		interrupt()
		if got := code(); got != test.want {
			t.Errorf("%q: exit code %d, want %d", test.args, got, test.want)
		}
		wantContains(t, r.stderr, test.says)
		server.Close()
	}
}

func TestShellQuoted(t *testing.T) {
	for text, want := range map[string]string{"http://[::1]:80/v4": "'http://[::1]:80/v4'", "it's": `'it'\''s'`, "": "''", "direct-1": "direct-1"} {
		if got := shellQuoted(text); got != want {
			t.Errorf("%q becomes %s, want %s", text, got, want)
		}
	}
}

// With -o json an error is one line of JSON, also if the command line is so wrong that its flags were not read.
func TestErrorsAsJSON(t *testing.T) {
	r := start(t)
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"slots list -o json --fre", exitUsage,
			`{"exit_code":2,"message":"unknown flag: --fre, did you mean \"--free\"?","hint":"see \"interconnect slots list --help\""}`},
		{"slots list --fre --output=json", exitUsage,
			`{"exit_code":2,"message":"unknown flag: --fre, did you mean \"--free\"?","hint":"see \"interconnect slots list --help\""}`},
		{"-v -ojson slts", exitUsage,
			`{"exit_code":2,"message":"unknown command \"slts\" for \"interconnect\", did you mean \"slots\"?","hint":"see \"interconnect --help\""}`},
		{"slots get 00000000-0000-0000-0000-000000000001 -o json", exitNotFound,
			`{"exit_code":3,"message":"the service refused GET /accounts/` + account + `/cni/slots/00000000-0000-0000-0000-000000000001: 404 Not Found",` +
				`"details":["slot 00000000-0000-0000-0000-000000000001 not found (10404)"],` +
				`"hint":"\"list\" shows what there is; check the account and the base URL too",` +
				`"status":404,"errors":[{"code":10404,"message":"slot 00000000-0000-0000-0000-000000000001 not found"}]}`},
		{"cnis create --interconnect x --conduit-name y --mtu -1 -o json", exitUsage,
			`{"exit_code":2,"message":"the request is invalid and was not sent","details":["/magic/mtu: want at least 0, got -1"]}`},
	} {
		r.run(test.code, strings.Fields(test.args)...)
		r.wantStdout("")
		if got := lastLine(r.stderr); got != `{"error":`+test.want+`}` {
			t.Errorf("%s:\n%s\nwant\n{\"error\":%s}", test.args, got, test.want)
		}
	}
	r.sandbox.Fail("update_settings", sandbox.Fault{Status: 429, RetryAfter: 2 * time.Minute, Header: http.Header{"Cf-Ray": {"8f1c-IAD"}}})
	r.run(exitFailed, "settings", "update", "--default-asn", "64512", "-o", "json")
	wantContains(t, r.stderr, `"status":429,"ray":"8f1c-IAD","retry_after_seconds":120`)
	r.sandbox.Fail("create_interconnect", sandbox.Fault{Drop: true})
	r.run(exitUnknown, "interconnects", "create", "--slot", slot, "-o", "json")
	wantContains(t, r.stderr, `{"error":{"exit_code":4,"message":"the order was sent, but no response says`, `"look: interconnect interconnects list`)
	// What the service says is escaped.
	r.sandbox.Fail("get_settings", sandbox.Fault{Status: 400, Message: "\x1b[31m\u009b31m"})
	r.run(exitFailed, "settings", "get", "-o", "json")
	wantContains(t, r.stderr, `\u001b[31m\u009b31m`)
	// A query without -o is for people.
	r.run(exitUsage, "settings", "get", "--query", ".[")
	wantContains(t, r.stderr, "interconnect: --query: ")
}

// The hints of errors that people meet first.
func TestHints(t *testing.T) {
	r := start(t)
	r.run(exitNotFound, "slots", "list", "--base-url", r.sandbox.URL+"/client/v5")
	wantContains(t, r.stderr, "404 Not Found", "hint: the base URL may be wrong, which is "+r.sandbox.URL+"/client/v5, or the account; ")
	r.run(exitNotFound, "settings", "get", "--base-url", r.sandbox.URL+"/client/v5")
	wantContains(t, r.stderr, "hint: the base URL may be wrong, which is ")
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	for _, args := range [][]string{{"slots", "list"}, {"conform", r.sandbox.URL}} {
		r.run(exitUsage, args...)
		wantContains(t, r.stderr, "interconnect: no credentials: set ", "hint: see \"interconnect help environment\"; without an account at Cloudflare, ")
	}
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	t.Setenv("CLOUDFLARE_API_TOKEN", token)
	r.run(exitUsage, "slots", "list")
	wantContains(t, r.stderr, "interconnect: no account: ", "hint: see \"interconnect help environment\"; ")
}
