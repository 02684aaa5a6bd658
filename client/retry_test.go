package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// retriable takes away the X-Should-Retry that the sandbox sends with statuses of 500 and above.
var retriable = http.Header{"X-Should-Retry": nil}

func TestReadsAreRetried(t *testing.T) {
	faults := map[string]sandbox.Fault{
		"408":       {Status: 408},
		"429":       {Status: 429},
		"500":       {Status: 500, Header: retriable},
		"502":       {Status: 502, Header: retriable},
		"503":       {Status: 503, Header: retriable},
		"dropped":   {Drop: true},
		"malformed": {Malformed: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			sb, s, c := newSandbox(t)
			fault.Times = 2
			sb.Fail("get_settings", fault)
			_, err := c.GetSettings(t.Context())
			if name == "malformed" { // what the service says is complete, so it would say it again
				var response *contract.ResponseError
				if !errors.As(err, &response) || response.Status != 200 || len(response.Body) == 0 {
					t.Errorf("got %v, want a ResponseError", err)
				}
				return
			}
			if err != nil {
				t.Error(err)
			}
			s.wantCount(t, "GET", 3)
		})
	}
}

func TestFinalAnswers(t *testing.T) {
	for _, fault := range []sandbox.Fault{
		{Status: 400}, {Status: 404}, {Status: 409}, {Status: 500},
		{Status: 503, RetryAfter: time.Second},
		{Status: 429, Header: http.Header{"X-Should-Retry": {"false"}}},
		{Status: 429, RetryAfter: time.Hour}, // longer than anyone wants to wait
	} {
		sb, s, c := newSandbox(t)
		fault.Times = -1
		sb.Fail("get_settings", fault)
		_, err := c.GetSettings(t.Context())
		var api *client.APIError
		if !errors.As(err, &api) || api.StatusCode != fault.Status || api.RetryAfter != fault.RetryAfter {
			t.Errorf("%+v: got %v", fault, err)
		}
		s.wantCount(t, "GET", 1)
	}
}

func TestMaxAttempts(t *testing.T) {
	s := newServer(t, answer(503, nil, "down for maintenance"))
	_, err := newClient(t, s.URL).GetSettings(t.Context())
	var api *client.APIError
	if !errors.As(err, &api) || api.StatusCode != 503 || string(api.Body) != "down for maintenance" {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "GET", client.DefaultMaxAttempts)

	_, err = newClient(t, s.URL, client.WithMaxAttempts(1)).GetSettings(t.Context())
	s.wantCount(t, "GET", client.DefaultMaxAttempts+1)
	if err == nil {
		t.Error("no error")
	}
}

// A read whose response breaks off is sent again; if it always does, what did arrive is in the error.
func TestBrokenAnswerOfRead(t *testing.T) {
	header := http.Header{"Content-Type": {"application/json"}, "Content-Length": {"100"}}
	s := newServer(t, answer(200, header, `{"default`))
	_, err := newClient(t, s.URL).GetSettings(t.Context())
	var response *contract.ResponseError
	if !errors.As(err, &response) || string(response.Body) != `{"default` || !response.Truncated {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "GET", client.DefaultMaxAttempts)
}

func TestRetryAfter(t *testing.T) {
	for name, value := range map[string]string{"seconds": "7", "date": time.Now().Add(8 * time.Second).UTC().Format(http.TimeFormat)} {
		t.Run(name, func(t *testing.T) {
			sb := sandbox.NewServer(t)
			sb.Fail(sandbox.AnyOperation, sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {value}}})
			var slept time.Duration
			c := newClient(t, sb.URL, client.WithSleep(func(_ context.Context, d time.Duration) error { slept += d; return nil }))
			if _, err := c.CreateInterconnect(t.Context(), freeOrder()); err != nil {
				t.Error(err)
			}
			if slept < 6*time.Second || slept > 8*time.Second {
				t.Errorf("waited for %s", slept)
			}
		})
	}
}

// A wait that the context would not survive is not begun: the response says more than the end of the context.
func TestRetryWithinDeadline(t *testing.T) {
	sb, s, c := newSandbox(t)
	sb.Fail("get_settings", sandbox.Fault{Status: 429, RetryAfter: 30 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := c.GetSettings(ctx); !errors.Is(err, client.ErrRateLimited) {
		t.Errorf("got %v, want ErrRateLimited", err)
	}
	s.wantCount(t, "GET", 1)
}

func TestContextEndsWait(t *testing.T) {
	s := newServer(t, answer(503, nil, ""))
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, s.URL, client.WithSleep(func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }))
	if _, err := c.GetSettings(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "GET", 1)
}

// mutations are the calls that must not be repeated, and their operations.
func mutations(ctx context.Context, c *client.Client) map[string]func() error {
	return map[string]func() error{
		"create_interconnect": func() error { _, err := c.CreateInterconnect(ctx, freeOrder()); return err },
		"delete_interconnect": func() error { return c.DeleteInterconnect(ctx, "x") },
		"create_cni": func() error {
			_, err := c.CreateCNI(ctx, interconnect.CNICreate{Interconnect: "x", Magic: interconnect.MagicSettings{ConduitName: "x", MTU: 1500}})
			return err
		},
		"update_cni": func() error {
			_, err := c.UpdateCNI(ctx, uuid.New(), interconnect.CNIUpdate{Interconnect: "x", Magic: interconnect.MagicSettings{ConduitName: "x", MTU: 1500}})
			return err
		},
		"delete_cni":      func() error { return c.DeleteCNI(ctx, uuid.New()) },
		"update_settings": func() error { _, err := c.UpdateSettings(ctx, interconnect.SettingsUpdate{}); return err },
	}
}

func TestMutationsAreSentOnce(t *testing.T) {
	faults := map[string]sandbox.Fault{
		"dropped before the work": {Drop: true},
		"dropped after the work":  {Drop: true, AfterWork: true},
		"503 with a Retry-After":  {Status: 503, RetryAfter: time.Second, Header: retriable},
		"502 that says try again": {Status: 502, Header: http.Header{"X-Should-Retry": {"true"}}},
		"500 after the work":      {Status: 500, AfterWork: true},
		"silence":                 {Delay: time.Minute},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sb := sandbox.New()
			s := newServer(t, sb)
			timeout := client.DefaultTimeout
			if fault.Delay > 0 {
				timeout = time.Second
			}
			c := newClient(t, s.URL, client.WithTimeout(timeout))
			fault.Times = -1
			sb.Fail(sandbox.AnyOperation, fault)
			sent := 0
			for operation, call := range mutations(t.Context(), c) {
				err := call()
				var unknown *client.UnknownOutcomeError
				if !errors.As(err, &unknown) || unknown.Operation != operation {
					t.Errorf("%s: got %v, want an UnknownOutcomeError", operation, err)
					continue
				}
				if hasBody := unknown.Method != "DELETE"; hasBody != json.Valid(unknown.Request) {
					t.Errorf("%s: the request is %q", operation, unknown.Request)
				}
				var api *client.APIError
				if errors.As(err, &api) != (fault.Status > 0) {
					t.Errorf("%s: cause %v", operation, unknown.Err)
				}
				sent++
			}
			s.wantCount(t, "POST", 2)
			s.wantCount(t, "PUT", 2)
			s.wantCount(t, "DELETE", 2)
			if sent != 6 {
				t.Errorf("%d errors, want 6", sent)
			}
		})
	}
}

// The document says PUT for both updates; the six mutations are all there are.
func TestMutationsAreComplete(t *testing.T) {
	known := mutations(t.Context(), nil)
	for _, op := range interconnect.Operations() {
		if _, ok := known[op.ID]; ok != (op.Method != "GET") {
			t.Errorf("%s %s is missing above", op.Method, op.ID)
		}
	}
}

func TestUnknownOrderIsFoundBySlot(t *testing.T) {
	sb, s, c := newSandbox(t)
	sb.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: true})
	_, err := c.CreateInterconnect(t.Context(), freeOrder())
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) || !errors.Is(err, io.EOF) {
		t.Fatalf("got %v", err)
	}
	var sent struct {
		SlotID uuid.UUID `json:"slot_id"`
	}
	if err = json.Unmarshal(unknown.Request, &sent); err != nil {
		t.Fatal(err)
	}
	found := false
	for item, err := range c.ListInterconnects(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		port, ok := item.Value().(interconnect.PhysicalInterconnect)
		found = found || ok && port.SlotID == sent.SlotID
	}
	if !found {
		t.Error("the order went through but was not found")
	}
	s.wantCount(t, "POST", 1)
}

// Also over a connection that has been used before, which may be closed at any time.
func TestMutationOnUsedConnection(t *testing.T) {
	sb, s, c := newSandbox(t)
	for range 5 {
		if _, err := c.GetSettings(t.Context()); err != nil {
			t.Fatal(err)
		}
		sb.Fail("create_interconnect", sandbox.Fault{Drop: true})
		var unknown *client.UnknownOutcomeError
		if _, err := c.CreateInterconnect(t.Context(), freeOrder()); !errors.As(err, &unknown) {
			t.Errorf("got %v", err)
		}
	}
	s.wantCount(t, "POST", 5)
}

// The hook is called with each retry, and then nothing is logged.
func TestOnRetry(t *testing.T) {
	sb, s, _ := newSandbox(t)
	var log strings.Builder
	var got []client.Retry
	c := newClient(t, s.URL+interconnect.BasePath,
		client.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		client.WithOnRetry(func(r client.Retry) { got = append(got, r) }))
	sb.Fail("get_settings", sandbox.Fault{Status: 503, Header: retriable, Times: 2})
	if _, err := c.GetSettings(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.Wait <= 0 {
			t.Errorf("retry %d waits %s", i, r.Wait)
		}
		got[i].Wait = 0
	}
	want := client.Retry{
		Method: "GET", Path: "/client/v4/accounts/" + account + "/cni/settings", Attempt: 2, MaxAttempts: client.DefaultMaxAttempts,
		Because: "503 Service Unavailable",
	}
	second := want
	second.Attempt = 3
	if !slices.Equal(got, []client.Retry{want, second}) {
		t.Errorf("got %+v", got)
	}
	if log.Len() > 0 {
		t.Errorf("the log has\n%s", &log)
	}
}

// While no connection can be made, nothing is lost by trying again.
func TestMutationWithoutConnection(t *testing.T) {
	_, s, _ := newSandbox(t)
	var dials atomic.Int32
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) < 3 {
			return nil, errors.New("no route to host")
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	c := newClient(t, s.URL, client.WithHTTPClient(&http.Client{Transport: transport}))
	if _, err := c.CreateInterconnect(t.Context(), freeOrder()); err != nil {
		t.Error(err)
	}
	s.wantCount(t, "POST", 1)

	dials.Store(-100)
	transport.CloseIdleConnections()
	_, err := c.CreateInterconnect(t.Context(), freeOrder())
	var unknown *client.UnknownOutcomeError
	if err == nil || errors.As(err, &unknown) || !strings.Contains(err.Error(), "POST /accounts/"+account) {
		t.Errorf("got %v, want an error that is not an UnknownOutcomeError", err)
	}
	s.wantCount(t, "POST", 1)
}

// A transport of which nothing is known may have sent the request.
func TestMutationOnUnknownTransport(t *testing.T) {
	calls := 0
	c := newClient(t, "http://192.0.2.1", client.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		calls++
		return nil, errors.New("something broke")
	})}))
	var unknown *client.UnknownOutcomeError
	if _, err := c.CreateInterconnect(t.Context(), freeOrder()); !errors.As(err, &unknown) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	if _, err := c.GetSettings(t.Context()); err == nil || calls != 1+client.DefaultMaxAttempts {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

// A timeout of the *http.Client does not hide that the request was sent.
func TestHTTPClientTimeout(t *testing.T) {
	sb, s, _ := newSandbox(t)
	sb.Fail("create_interconnect", sandbox.Fault{Delay: time.Minute, Times: -1})
	c := newClient(t, s.URL, client.WithHTTPClient(&http.Client{Timeout: time.Second}))
	_, err := c.CreateInterconnect(t.Context(), freeOrder())
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "POST", 1)
}

func TestMutationRateLimited(t *testing.T) {
	for _, test := range []struct {
		header http.Header
		want   int
	}{
		{http.Header{"Retry-After": {"1"}}, 2},
		{http.Header{"X-Should-Retry": {"true"}}, 2},
		{http.Header{"Retry-After": {"1"}, "X-Should-Retry": {"false"}}, 1},
		{http.Header{"X-Other": {"1"}}, 1},
	} {
		t.Run(fmt.Sprint(test.header), func(t *testing.T) {
			sb := sandbox.New()
			s := newServer(t, sb)
			c := newClient(t, s.URL, client.WithSleep(noSleep))
			sb.Fail("create_interconnect", sandbox.Fault{Status: 429, Header: test.header})
			_, err := c.CreateInterconnect(t.Context(), freeOrder())
			if (err == nil) != (test.want == 2) || err != nil && !errors.Is(err, client.ErrRateLimited) {
				t.Errorf("got %v", err)
			}
			s.wantCount(t, "POST", test.want)
		})
	}
}

// A certificate that is wrong stays wrong, and nothing was sent to who has it.
func TestWrongCertificate(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer s.Close()
	c := newClient(t, s.URL, client.WithSleep(func(context.Context, time.Duration) error { t.Error("tried again"); return nil }))
	var unknown *client.UnknownOutcomeError
	if _, err := c.CreateInterconnect(t.Context(), freeOrder()); err == nil || errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
	if _, err := c.GetSettings(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestContextEndsBeforeSending(t *testing.T) {
	_, s, c := newSandbox(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var unknown *client.UnknownOutcomeError
	if _, err := c.CreateInterconnect(ctx, freeOrder()); !errors.Is(err, context.Canceled) || errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "POST", 0)
}

func TestConcurrentUse(t *testing.T) {
	sb, s, c := newSandbox(t)
	sb.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: true, Times: 5})
	var unknown, refused, done atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := c.CreateInterconnect(t.Context(), freeOrder())
			var u *client.UnknownOutcomeError
			switch {
			case err == nil:
				done.Add(1)
			case errors.As(err, &u):
				unknown.Add(1)
			case errors.Is(err, client.ErrBadRequest):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if unknown.Load() != 5 || unknown.Load()+refused.Load()+done.Load() != 20 || done.Load() > 1 {
		t.Errorf("%d unknown, %d refused, %d done", unknown.Load(), refused.Load(), done.Load())
	}
	s.wantCount(t, "POST", 20)
}
