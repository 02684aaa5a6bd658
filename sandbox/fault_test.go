package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func (r rig) count() int {
	r.t.Helper()
	return len(decode[interconnect.InterconnectList](r.t, r.call("GET", "/interconnects", "")).Items)
}

func TestFaultStatus(t *testing.T) {
	r := start(t)
	order := physicalOrder(account, slots[0].ID)
	r.Fail("create_interconnect", sandbox.Fault{Times: 2, Status: 503, RetryAfter: 1500 * time.Millisecond})
	r.Fail("create_interconnect", sandbox.Fault{Status: 429, Message: "slow down", Header: http.Header{"retry-after": {"Wed, 21 Oct 2026 07:28:00 GMT"}}})
	wantStatus(t, r.call("GET", "/interconnects", ""), 200) // another operation
	for range 2 {
		reply := r.call("POST", "/interconnects", order)
		wantFailure(t, reply, 503, "Service Unavailable")
		if reply.header.Get("Retry-After") != "2" || reply.header.Get("X-Should-Retry") != "false" || reply.header.Get("Content-Type") != "application/json" {
			t.Errorf("got %v", reply.header)
		}
	}
	reply := r.call("POST", "/interconnects", order)
	wantFailure(t, reply, 429, "slow down")
	if reply.header.Get("Retry-After") != "Wed, 21 Oct 2026 07:28:00 GMT" || reply.header.Get("X-Should-Retry") != "" {
		t.Errorf("got %v", reply.header)
	}
	if r.count() != 0 {
		t.Error("the work was done")
	}
	wantStatus(t, r.call("POST", "/interconnects", order), 200)

	r.Fail(sandbox.AnyOperation, sandbox.Fault{Times: -1, Status: 500, Header: http.Header{"X-Should-Retry": {"true"}}})
	for range 3 {
		if reply := r.call("GET", "/slots", ""); reply.status != 500 || reply.header.Get("X-Should-Retry") != "true" {
			t.Errorf("got %d %v", reply.status, reply.header)
		}
	}
	wantStatus(t, r.send("/accounts/a/cni/slots", "GET", ""), 401) // without credentials there is nothing to fail
	r.ClearFaults()
	wantStatus(t, r.call("GET", "/slots", ""), 200)
}

func TestFaultAfterWork(t *testing.T) {
	r := start(t)
	r.Fail("create_interconnect", sandbox.Fault{Status: 502, AfterWork: true})
	wantFailure(t, r.call("POST", "/interconnects", physicalOrder(account, slots[0].ID)), 502, "Bad Gateway")
	if r.count() != 1 {
		t.Error("the work was not done")
	}
}

func TestFaultMalformed(t *testing.T) {
	r := start(t)
	r.Fail("create_interconnect", sandbox.Fault{Malformed: true})
	reply := r.call("POST", "/interconnects", physicalOrder(account, slots[0].ID))
	if reply.status != 200 || json.Valid([]byte(reply.body)) || len(reply.body) < 100 || reply.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %q", reply.status, reply.body)
	}
	if r.count() != 1 {
		t.Error("the work was not done")
	}
	name := nameOf(decode[interconnect.InterconnectList](t, r.call("GET", "/interconnects", "")).Items[0])
	r.Fail("delete_interconnect", sandbox.Fault{Malformed: true}) // whose response has no body
	if reply := r.call("DELETE", "/interconnects/"+name, ""); reply.status != 200 || reply.body != "{" {
		t.Errorf("got %d %q", reply.status, reply.body)
	}
	r.Fail("get_settings", sandbox.Fault{Status: 502, Malformed: true})
	if reply := r.call("GET", "/settings", ""); reply.status != 502 || json.Valid([]byte(reply.body)) {
		t.Errorf("got %d %q", reply.status, reply.body)
	}
}

// A client sees a dropped connection as an error, and whether the work was done depends on the fault.
func TestFaultDrop(t *testing.T) {
	sb := sandbox.NewServer(t)
	r := rig{t, sb.Sandbox}
	for i, afterWork := range []bool{false, true} {
		sb.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: afterWork})
		request, _ := http.NewRequestWithContext(t.Context(), "POST", sb.URL+"/accounts/"+account+"/cni/interconnects",
			strings.NewReader(physicalOrder(account, slots[0].ID)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer any")
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			t.Errorf("got %s, want an error", response.Status)
			response.Body.Close()
		}
		if got := r.count(); got != i {
			t.Errorf("after the work %t: there are %d interconnects, want %d", afterWork, got, i)
		}
	}
}

func TestFaultDelay(t *testing.T) {
	sb := sandbox.NewServer(t)
	r := rig{t, sb.Sandbox}

	// A short one is waited for.
	sb.Fail("get_settings", sandbox.Fault{Delay: 20 * time.Millisecond})
	begin := time.Now()
	if _, body, err := get(t, http.DefaultClient, sb.URL+"/accounts/a/cni/settings"); err != nil || !strings.Contains(body, "13335") {
		t.Errorf("got %q, %v", body, err)
	}
	if took := time.Since(begin); took < 20*time.Millisecond {
		t.Errorf("it took %s", took)
	}

	// During a long one the client goes away. Before the work this keeps the work from being done.
	for i, afterWork := range []bool{false, true} {
		sb.Fail("create_interconnect", sandbox.Fault{Delay: time.Hour, AfterWork: afterWork})
		arrived, finished := make(chan struct{}), make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			defer close(finished)
			sb.ServeHTTP(w, r)
		}))
		defer server.Close()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		request, _ := http.NewRequestWithContext(ctx, "POST", server.URL+"/accounts/"+account+"/cni/interconnects",
			strings.NewReader(physicalOrder(account, slots[0].ID)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer any")
		if _, err := http.DefaultClient.Do(request); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		<-finished
		if got := r.count(); got != i {
			t.Errorf("after the work %t: there are %d interconnects, want %d", afterWork, got, i)
		}
	}

	// A server that limits the time of requests does not spoil the response.
	sb.Fail("get_settings", sandbox.Fault{Delay: 300 * time.Millisecond})
	limited := httptest.NewUnstartedServer(sb.Sandbox)
	limited.Config.ReadTimeout, limited.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	limited.Start()
	defer limited.Close()
	if _, body, err := get(t, http.DefaultClient, limited.URL+"/accounts/a/cni/settings"); err != nil || !strings.Contains(body, "13335") {
		t.Errorf("on a server with limits: got %q, %v", body, err)
	}

	// One that is still under way does not hold up the end of the test.
	t.Run("cleanup", func(t *testing.T) {
		sb := sandbox.NewServer(t)
		sb.Fail("get_settings", sandbox.Fault{Delay: time.Hour})
		begun := make(chan struct{})
		go func() {
			request, _ := http.NewRequest("GET", sb.URL+"/accounts/a/cni/settings", nil)
			request.Header.Set("Authorization", "Bearer any")
			close(begun)
			if response, err := http.DefaultClient.Do(request); err == nil {
				response.Body.Close()
			}
		}()
		<-begun
		time.Sleep(20 * time.Millisecond) // for the request to arrive; without it the test shows less, but does not fail
	})
}

func TestFaultMistakes(t *testing.T) {
	sb := sandbox.New()
	for name, fail := range map[string]func(){
		"unknown operation": func() { sb.Fail("CreateInterconnect", sandbox.Fault{Status: 500}) },
		"nothing":           func() { sb.Fail("get_slot", sandbox.Fault{Times: 3}) },
		"success":           func() { sb.Fail("get_slot", sandbox.Fault{Status: 200}) },
		"no status":         func() { sb.Fail("get_slot", sandbox.Fault{Status: 600}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			fail()
		})
	}
}
