package conform

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const (
	testAccount = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	testOther   = "0123456789abcdef0123456789abcdef"
	testToken   = "T0k3n-that-nobody-may-see"
)

func testOptions(url string, seed uint64) Options {
	return Options{
		BaseURL: url + interconnect.BasePath, Account: testAccount, OtherAccount: testOther,
		Credentials: Credentials{Token: testToken}, Seed: seed,
	}
}

// serve serves a handler until the test ends. Unlike httptest.Server, it does not wait for connections to close, which takes half a
// second after a body that was not read to its end.
func serve(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// drive runs against a handler.
func drive(t *testing.T, handler http.Handler, seed uint64) *Report {
	t.Helper()
	report, err := Run(t.Context(), testOptions(serve(t, handler), seed))
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return report
}

// The sandbox deviates nowhere. Everything that the document declares is covered, but for members of responses that are optional and that
// the sandbox has no use for.
func TestSandbox(t *testing.T) {
	bodies := Coverage{Variants: map[string]map[string]int{}, Properties: map[string]map[string]int{}}
	for _, op := range interconnect.Operations() {
		if op.Body != nil {
			bodies.declare(op.Body.Content[0].Schema)
		}
	}
	// Those that it has a use for. A new member of the document is not one until the sandbox sends it.
	optional := []string{
		"FailureDetail.source", "FailureSource.pointer", "nsc_Cni.bgp", "nsc_Cni.bgp_mode", "nsc_CniList.next", "nsc_InterconnectList.next",
		"nsc_Interconnect_GcpPartner_Body.speed", "nsc_Interconnect_Physical_Body.ccr_device_name", "nsc_SlotInfo.account",
		"nsc_SlotInfo.ccr_device_name", "nsc_SlotList.next",
	}
	for seed := range uint64(3) {
		server := sandbox.NewServer(t)
		opts := testOptions(server.URL, seed)
		opts.Control = inProcess{server.Sandbox}
		report, err := Run(t.Context(), opts)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, f := range report.Findings {
			t.Errorf("seed %d: %s, %s (%d times): want %s\n\tgot %s\n\t%s", seed, f.Operation, f.Rule, f.Times, f.Expected, f.Seen, f.Curl)
		}
		c := report.Totals()
		for name, ratio := range map[string]Ratio{
			"operations": c.Operations, "statuses": c.Statuses, "statuses below 500": c.Expected, "parameters": c.Parameters, "variants": c.Variants,
		} {
			if ratio.Declared == 0 || ratio.Seen != ratio.Declared {
				t.Errorf("seed %d: only %s %s are covered", seed, ratio, name)
			}
		}
		each(report.Coverage.Properties, func(schema string, counts map[string]int) {
			each(counts, func(property string, count int) {
				_, sent := bodies.Properties[schema][property]
				required := slices.Contains(interconnect.Schemas()[schema].Required, property)
				if name := schema + "." + property; count == 0 && (sent || required || slices.Contains(optional, name)) {
					t.Errorf("seed %d: %s is not covered", seed, name)
				}
			})
		})
		if len(report.Skipped) > 0 || report.Unfinished != "" {
			t.Errorf("seed %d: skipped are %q, %s", seed, report.Skipped, report.Unfinished)
		}
	}
}

// inProcess is the control of a sandbox in this process.
type inProcess struct{ sandbox *sandbox.Sandbox }

func (c inProcess) Fail(_ context.Context, operationID string, status int) error {
	c.sandbox.Fail(operationID, sandbox.Fault{Status: status})
	return nil
}

func (c inProcess) SetState(_ context.Context, account, name, state string) error {
	var status interconnect.InterconnectStatus
	if err := status.UnmarshalJSON([]byte(`{"state":"` + state + `"}`)); err != nil {
		return err
	}
	return c.sandbox.SetStatus(account, name, status)
}

// With an e-mail address and a key, without another account, and with few slots.
func TestSandboxOtherwise(t *testing.T) {
	slots := sandbox.Catalogue("")
	for name, test := range map[string]struct {
		handler http.Handler
		skipped []string // how the lines begin
	}{
		"no slots":     {sandbox.New(sandbox.WithSlots(nil)), []string{"physical", "isolation", "paging of list_slots", "failures with "}},
		"one slot":     {sandbox.New(sandbox.WithSlots(slots[:1])), []string{"physical", "isolation", "paging of list_slots", "failures with "}},
		"many options": {sandbox.New(sandbox.WithCascade(), sandbox.WithPending(-1, 0), sandbox.WithSeed("x")), []string{"isolation", "failures with "}},
	} {
		t.Run(name, func(t *testing.T) {
			opts := testOptions(serve(t, test.handler), 7)
			opts.OtherAccount, opts.Credentials = "", Credentials{Email: "user@example.com", Key: testToken}
			report, err := Run(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				t.Errorf("%s, %s: want %s, got %s\n\t%s", f.Operation, f.Rule, f.Expected, f.Seen, f.Curl)
			}
			if !slices.EqualFunc(report.Skipped, test.skipped, strings.HasPrefix) {
				t.Errorf("skipped are %q", report.Skipped)
			}
		})
	}
}

// A run leaves nothing behind, also if it ends early.
func TestLeavesNothing(t *testing.T) {
	for _, limit := range []int{1, 30, 60, 300, 0} {
		server := sandbox.NewServer(t)
		opts := testOptions(server.URL, 1)
		opts.MaxRequests = limit
		report, err := Run(t.Context(), opts)
		if limit == 0 && err != nil || limit != 0 && !errors.Is(err, ErrRequests) {
			t.Errorf("limit %d: %v", limit, err)
		}
		if len(report.Findings) > 0 {
			t.Errorf("limit %d: %+v", limit, report.Findings)
		}
		wantEmpty(t, server.Sandbox)
	}
	server := sandbox.NewServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	handler := around("create_cni", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		cancel()
	})(server.Sandbox)
	if report, err := Run(ctx, testOptions(serve(t, handler), 1)); !errors.Is(err, context.Canceled) || report == nil || len(report.Findings) > 0 {
		t.Errorf("interrupted: %v", err)
	}
}

func wantEmpty(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	for _, path := range []string{"interconnects", "cnis", "settings"} {
		r := httptest.NewRequest(http.MethodGet, interconnect.BasePath+"/accounts/"+testAccount+"/cni/"+path, nil)
		r.Header.Set("Authorization", "Bearer "+testToken)
		a := ask(s, r)
		if got := strings.TrimSpace(string(a.body)); got != `{"items":[],"next":null}` && got != `{"default_asn":13335}` && got != `{"items":[]}` {
			t.Errorf("left behind: %s", got)
		}
	}
}

// The same seed sends the same requests, another one sends others.
func TestSeed(t *testing.T) {
	record := func(seed uint64) (requests []string) {
		next := sandbox.New()
		drive(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests = append(requests, r.Method+" "+r.URL.String()+" "+string(readBody(r)))
			next.ServeHTTP(w, r)
		}), seed)
		return requests
	}
	first := record(42)
	if !slices.Equal(first, record(42)) {
		t.Error("seed 42 sends other requests the second time")
	}
	if slices.Equal(first, record(43)) {
		t.Error("seeds 42 and 43 send the same")
	}
}

// Whatever a server answers, the run comes to its end.
func TestStrangeServers(t *testing.T) {
	for _, body := range []string{
		``, `null`, `[]`, `7`, `"x"`, `{`, `{"items":7,"next":[]}`, `{"items":[1,null,"x",[],{}],"next":null}`,
		`{"items":[{"id":[],"site":{},"name":[],"type":[],"occupied":false}],"next":0,"id":"x","name":"x","magic":7,"default_asn":[],"account":{}}`,
		`{"items":[{"id":"x","site":[],"speed":{},"facility":{"address":[[]]},"occupied":false}],"id":"x","name":"x","site":[],"cust_ip":7}`,
	} {
		for _, status := range []int{200, 404, 500} {
			report, err := Run(t.Context(), testOptions(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})), 1))
			if len(report.Findings) == 0 || err != nil && !errors.Is(err, ErrRefused) || errors.Is(err, ErrRefused) != (status == 404) {
				t.Errorf("%d findings and %v for a server that answers %d %s", len(report.Findings), err, status, body)
			}
		}
	}
	if report := drive(t, sandbox.NewExamples(nil), 1); len(report.Findings) == 0 {
		t.Error("no finding for static examples")
	}
}

// A server may answer more than the document declares, and not everywhere the same.
func TestUndeclaredMembers(t *testing.T) {
	handler := http.Handler(sandbox.New())
	for _, op := range []string{"get_slot", "create_interconnect", "get_interconnect", "create_cni", "get_cni"} {
		handler = answers(op, func(_ *http.Request, r *response) {
			if r.status == http.StatusOK {
				r.body = append([]byte(`{"no_such_member":"`+op+`",`), r.body[1:]...)
			}
		})(handler)
	}
	if report := drive(t, handler, 1); len(report.Findings) > 0 {
		t.Errorf("%+v", report.Findings)
	}
}

// A server that repeats the credentials does not get them into the report.
func TestSecrets(t *testing.T) {
	report := drive(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Authorization"))
		_, _ = w.Write([]byte(r.Header.Get("Authorization")))
	}), 1)
	for _, write := range []func(io.Writer) error{report.WriteText, report.WriteMarkdown, report.WriteJUnit} {
		var b strings.Builder
		if err := write(&b); err != nil || strings.Contains(b.String(), testToken) || !strings.Contains(b.String(), "[redacted]") {
			t.Errorf("%v, and the token is in the report, or nothing was left out:\n%.2000s", err, &b)
		}
	}
}

// A request that is answered with 429 is sent again, and the 429 is not a finding.
func TestTooManyRequests(t *testing.T) {
	next := sandbox.New()
	var asked []string
	opts := testOptions(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked = append(asked, r.Method+" "+r.URL.String()); len(asked) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})), 1)
	opts.MaxRequests = 20
	report, err := Run(t.Context(), opts)
	if !errors.Is(err, ErrRequests) || len(report.Findings) > 0 {
		t.Errorf("%v: %+v", err, report.Findings)
	}
	if len(asked) < opts.MaxRequests || asked[0] != asked[1] {
		t.Errorf("the requests are %q, want the first one twice", asked)
	}
}

// The command of a finding gets the same response. It needs curl, and credentials from the environment.
func TestCurl(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if _, missing := exec.LookPath("curl"); err != nil || missing != nil {
		t.Skip("there is no curl")
	}
	long := func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength >= 200_000 {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			inner.ServeHTTP(w, r)
		})
	}
	report, err := Run(t.Context(), testOptions(serve(t, long(crash("update_settings", "64512")(crash("list_slots", "%F0%9F%98%80")(sandbox.New())))), 1))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range report.Findings {
		if f.Rule != RuleServerError {
			continue
		}
		found++
		command := exec.Command(shell, "-c", f.Curl)
		command.Env = append(os.Environ(), "CLOUDFLARE_API_TOKEN="+testToken)
		out, err := command.Output()
		if line, _, _ := strings.Cut(string(out), "\r\n"); err != nil || !strings.Contains(line, " 500 ") {
			t.Errorf("%v: %s says %s", err, f.Curl, out)
		}
	}
	if found < 3 {
		t.Errorf("%d findings of %s, want 3", found, RuleServerError)
	}
}

func TestOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"BaseURL is not a URL":     func(o *Options) { o.BaseURL = "localhost:8080" },
		"has a user, a query or":   func(o *Options) { o.BaseURL = "http://bob:hunter2@127.0.0.1:1" },
		"Account is empty":         func(o *Options) { o.Account = "" },
		"OtherAccount is the":      func(o *Options) { o.OtherAccount = o.Account },
		"Credentials are missing,": func(o *Options) { o.Credentials = Credentials{Email: "user@example.com"} },
	} {
		opts := testOptions("http://127.0.0.1:1", 1)
		change(&opts)
		if report, err := Run(t.Context(), opts); report != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	denying := serve(t, sandbox.New(sandbox.WithoutEntitlement()))
	if report, err := Run(t.Context(), testOptions(denying, 1)); !errors.Is(err, ErrRefused) || report.Requests > 3 || report.Unfinished != err.Error() {
		t.Errorf("%v: %+v", err, report)
	}
}

// A server that is not there is one sentence, and no finding.
func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	opts := testOptions("http://"+listener.Addr().String(), 1)
	report, err := Run(t.Context(), opts)
	if !errors.Is(err, ErrSilent) || report.Requests > maxSilent || len(report.Findings) > 0 || report.Unfinished != err.Error() {
		t.Errorf("%v: %+v", err, report)
	}
	if want := opts.BaseURL + " does not answer: dial tcp " + listener.Addr().String() + ": connect: connection refused; nothing was checked"; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
}

// A request without a response is a finding, and a server that falls silent ends the run.
func TestSilence(t *testing.T) {
	run := func(silent func(request int) bool) (*Report, error) {
		next, requests := sandbox.New(), 0
		return Run(t.Context(), testOptions(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if requests++; silent(requests) {
				panic(http.ErrAbortHandler)
			}
			next.ServeHTTP(w, r)
		})), 1))
	}
	report, err := run(func(request int) bool { return request == 1 })
	if err != nil || len(report.Findings) != 1 || report.Findings[0].Operation != "list_slots" || report.Findings[0].Rule != RuleAnswer {
		t.Errorf("%v: %+v", err, report.Findings)
	}
	report, err = run(func(request int) bool { return request > 30 })
	if !errors.Is(err, ErrSilent) || len(report.Findings) == 0 {
		t.Errorf("%v: %+v", err, report.Findings)
	}
	if want := " does not answer: the connection was closed without a response; not everything was checked"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("the error is %q", err)
	}
}

// With credentials that may only read, each request that changes something would be a finding.
func TestReadOnlyCredentials(t *testing.T) {
	next := sandbox.New()
	denied := sandbox.New(sandbox.WithoutEntitlement())
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			denied.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
	report, err := Run(t.Context(), testOptions(serve(t, handler), 1))
	if !errors.Is(err, ErrReadOnly) || len(report.Findings) > 0 || report.Requests > 6 {
		t.Errorf("%v: %+v", err, report)
	}
	// A server that denies one operation only deviates from the document.
	report = drive(t, around("create_cni", func(_ http.Handler, w http.ResponseWriter, r *http.Request) { denied.ServeHTTP(w, r) })(sandbox.New()), 1)
	if !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Operation == "create_cni" && f.Rule == RuleAccepted }) {
		t.Errorf("%+v", report.Findings)
	}
}
