package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

var fastPoll = client.WithPollInterval(time.Millisecond, time.Millisecond)

func TestWaitHealthy(t *testing.T) {
	sb, _, c := newSandbox(t)
	name := order(t, c).Name
	set := func(status interconnect.InterconnectStatus) {
		if err := sb.SetStatus(account, name, status); err != nil {
			t.Error(err)
		}
	}
	var seen []string
	err := c.WaitHealthy(t.Context(), name, fastPoll, client.WithOnChange(func(change client.StatusChange) {
		seen = append(seen, fmt.Sprintf("%s>%s %s", change.From, change.To, change.Reason))
		switch len(seen) {
		case 1:
			set(interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("no light")}))
		case 2:
			set(interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("low light")}))
			sb.Fail("get_interconnect_status", sandbox.Fault{Status: 503, Times: 4}) // four looks, as they are not retried
		case 3:
			set(interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}))
		}
	}))
	want := ">Pending |Pending>Unhealthy no light|Unhealthy>Unhealthy low light|Unhealthy>Healthy "
	if got := strings.Join(seen, "|"); err != nil || got != want {
		t.Errorf("%v\n%s, want\n%s", err, got, want)
	}
}

func TestWaitHealthyFails(t *testing.T) {
	unhealthy := interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("no light")})
	down := interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: new("fibre cut")})
	tests := map[string]struct {
		status interconnect.InterconnectStatus
		opts   []client.WaitOption
		state  client.State
		text   string
	}{
		"down":                 {down, nil, client.StateDown, "is not healthy but Down, fibre cut"},
		"down without reason":  {interconnect.NewInterconnectStatus(interconnect.StatusDown{}), nil, client.StateDown, "is not healthy but Down"},
		"unhealthy":            {unhealthy, []client.WaitOption{client.WithUnhealthyTolerance(0)}, client.StateUnhealthy, "but Unhealthy, no light"},
		"unhealthy for longer": {unhealthy, []client.WaitOption{client.WithUnhealthyTolerance(3 * time.Millisecond)}, client.StateUnhealthy, "but Unhealthy, no light"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sb, _, c := newSandbox(t)
			port := order(t, c).Name
			if err := sb.SetStatus(account, port, test.status); err != nil {
				t.Fatal(err)
			}
			err := c.WaitHealthy(t.Context(), port, append(test.opts, fastPoll)...)
			var wait *client.WaitError
			if !errors.As(err, &wait) || wait.Name != port || wait.State != test.state || wait.Err != nil || !strings.HasSuffix(err.Error(), test.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWaitHealthyEnds(t *testing.T) {
	sb, s, c := newSandbox(t, sandbox.WithPending(-1, -1))
	port := order(t, c).Name

	ctx, cancel := context.WithCancel(t.Context())
	err := c.WaitHealthy(ctx, port, client.WithOnChange(func(client.StatusChange) { cancel() }))
	var wait *client.WaitError
	if !errors.As(err, &wait) || wait.State != client.StatePending || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err = c.WaitHealthy(t.Context(), "other", fastPoll); !errors.As(err, &wait) || !errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "GET", 2)
	sb.Fail("get_interconnect_status", sandbox.Fault{Status: 500, Times: -1})
	var api *client.APIError
	if err = c.WaitHealthy(t.Context(), port, fastPoll); !errors.As(err, &wait) || !errors.As(err, &api) {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "GET", 7)
}

// A look without a response may be followed by a better one; a name or a response that is wrong stays wrong.
func TestWaitHealthyTemporary(t *testing.T) {
	for name, test := range map[string]struct {
		transport roundTripper
		port      string
		calls     int
	}{
		"no answer":    {func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") }, "x", 5},
		"wrong answer": {func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 204}, nil }, "x", 1},
		"wrong name":   {nil, "..", 0},
		"nothing":      {func(*http.Request) (*http.Response, error) { return nil, nil }, "x", 5},
	} {
		calls := 0
		count := roundTripper(func(r *http.Request) (*http.Response, error) { calls++; return test.transport(r) })
		c := newClient(t, "http://192.0.2.1", client.WithMaxAttempts(1), client.WithHTTPClient(&http.Client{Transport: count}))
		var wait *client.WaitError
		if err := c.WaitHealthy(t.Context(), test.port, fastPoll); !errors.As(err, &wait) || wait.Err == nil || wait.State != "" || calls != test.calls {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
	}
}

// A state that the document does not know is reported, and waited out.
func TestWaitHealthyUnknownState(t *testing.T) {
	states := []string{"Degraded", "Degraded", "Healthy"}
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"state":%q}`, states[0])
		states = states[1:]
	}))
	var seen []client.State
	err := newClient(t, s.URL).WaitHealthy(t.Context(), "x", fastPoll, client.WithOnChange(func(change client.StatusChange) {
		seen = append(seen, change.To)
	}))
	if want := []client.State{"Degraded", client.StateHealthy}; err != nil || !slices.Equal(seen, want) {
		t.Errorf("saw %q, %v; want %q", seen, err, want)
	}
}

// A status without a state is as good as none.
func TestWaitHealthyWithoutState(t *testing.T) {
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"reason":"no light received"}`)
	}))
	err := newClient(t, s.URL).WaitHealthy(t.Context(), "x", fastPoll)
	var wait *client.WaitError
	if !errors.As(err, &wait) || !strings.Contains(err.Error(), "the status has no state") {
		t.Errorf("got %v", err)
	}
	s.wantCount(t, "GET", 5)
}

func TestStatusChangeString(t *testing.T) {
	for want, change := range map[string]client.StatusChange{
		"direct-1: Pending":                             {Name: "direct-1", To: client.StatePending},
		"direct-1: from Pending to Healthy":             {Name: "direct-1", From: client.StatePending, To: client.StateHealthy},
		"direct-1: from Pending to Unhealthy, no light": {Name: "direct-1", From: client.StatePending, To: client.StateUnhealthy, Reason: "no light"},
		"direct-1: Unhealthy, low light":                {Name: "direct-1", From: client.StateUnhealthy, To: client.StateUnhealthy, Reason: "low light"},
		"direct-1: Down, the fibre is cut":              {Name: "direct-1", To: client.StateDown, Reason: "the fibre is cut"},
	} {
		if got := fmt.Sprint(change); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
