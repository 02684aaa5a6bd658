package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const gcpName = "gcp-us-central1-2b73c208" // of the first order of a GCP partner interconnect in a sandbox that has a port

// orderTwo orders a port and a link to Google Cloud, and returns the name of the port.
func (r *rig) orderTwo() string {
	r.t.Helper()
	name := r.order()
	r.run(exitOK, "interconnects", "create", "--gcp-pairing-key", "one/us-central1/1", "--bandwidth", "1G", "-o", "name")
	r.wantStdout(gcpName + "\n")
	return name
}

func (r *rig) setDown(name, reason string) {
	r.t.Helper()
	down := interconnect.NewInterconnectStatus(interconnect.StatusDown{State: interconnect.StatusDownStateDown, Reason: &reason})
	if err := r.sandbox.SetStatus(account, name, down); err != nil {
		r.t.Fatal(err)
	}
}

// The list has the state of each link, and its reason where there is one. A state that cannot be had does not cost
// the list.
func TestStates(t *testing.T) {
	r := start(t, sandbox.WithPending(-1, -1))
	name := r.orderTwo()
	r.setDown(name, "no light")
	r.run(exitOK, "interconnects", "list")
	r.wantStdout(`
		NAME                      STATE    SPEED  LOCATION     TYPE         REASON
		` + name + `     Down     10G    iad-a        direct       no light
		` + gcpName + `  Pending  1G     us-central1  gcp_partner  -
		`)
	r.run(exitOK, "interconnects", "status", "-o", "json")
	r.wantStdout(`
		[
		  {
		    "name": "` + name + `",
		    "status": {
		      "state": "Down",
		      "reason": "no light"
		    }
		  },
		  {
		    "name": "` + gcpName + `",
		    "status": {
		      "state": "Pending"
		    }
		  }
		]
		`)
	r.run(exitOK, "interconnects", "get", name)
	wantContains(t, r.stdout, "STATE        Down\nREASON       no light\n")
	r.run(exitOK, "interconnects", "get", name, "--state", "--query", ".status, .name")
	r.wantStdout("{\n  \"reason\": \"no light\",\n  \"state\": \"Down\"\n}\n" + name + "\n")
	r.run(exitOK, "interconnects", "list", "--state", "--query", ".[].status.state")
	r.wantStdout("Down\nPending\n")

	// One fails. It is tried twice.
	r.sandbox.Fail("get_interconnect_status", sandbox.Fault{Status: 500, Times: -1, Message: "out of order"})
	r.run(exitOK, "interconnects", "list", "--columns", "name,state,reason", "-o", "csv")
	r.wantStdout("name,state,reason\n" + name + ",unknown,\n" + gcpName + ",unknown,\n")
	r.wantStderr("warning: the state of 2 of 2 links is unknown; of " + name + ", as the service failed at GET /accounts/" + account +
		"/cni/interconnects/" + name + "/status: 500 Internal Server Error\n")
	r.run(exitOK, "interconnects", "get", name, "--state", "--query", ".status")
	r.wantStdout("null\n")
	r.run(exitOK, "interconnects", "status", "--query", ".[].status")
	r.wantStdout("null\nnull\n")
	r.run(exitFailed, "interconnects", "status", name)
	r.sandbox.ClearFaults()

	r.run(exitUsage, "interconnects", "list", "--state=false", "--columns", "name,reason")
	r.run(exitUsage, "interconnects", "status", "one", "two")
	r.run(exitUsage, "interconnects", "status", "--wait")
	wantContains(t, r.stderr, "--wait needs the name of an interconnect\n")
}

// The states cost requests only where they are shown.
func TestStatesAreNotFetched(t *testing.T) {
	r := start(t)
	name := r.order()
	r.sandbox.Fail("get_interconnect_status", sandbox.Fault{Status: 403, Times: -1})
	for _, args := range []string{
		"list --state=false", "list --state=false -o wide", "list -o json", "list -o yaml", "list --query .[].name", "list -o name",
		"list --columns name,type", "list --columns name -o csv", "get " + name + " --state=false", "get " + name + " -o json",
		"get " + name + " --columns name", "status -o name",
	} {
		r.run(exitOK, append([]string{"interconnects"}, strings.Fields(args)...)...)
		r.wantStderr("")
		wantContains(t, r.stdout, name)
		if strings.Contains(r.stdout.String(), "STATE") || strings.Contains(r.stdout.String(), "status") {
			t.Errorf("%s shows a state:\n%s", args, r.stdout)
		}
	}
}

// A few states are fetched at the same time, not all.
func TestStatesAreBounded(t *testing.T) {
	const links = 20
	var items []string
	for i := range links {
		items = append(items, `{"account":"`+account+`","name":"gcp-`+string(rune('a'+i))+`","region":"us-central1","type":"gcp_partner",`+
			`"virtual_port_reservation_id":"00000000-0000-4000-8000-000000000001"}`)
	}
	under := make(chan struct{}, links) // a status that is being fetched
	var most atomic.Int32
	r := serving(t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(req.URL.Path, "/status") {
			_, _ = w.Write([]byte(`{"items":[` + strings.Join(items, ",") + `]}`))
			return
		}
		under <- struct{}{}
		time.Sleep(20 * time.Millisecond)
		if n := int32(len(under)); n > most.Load() {
			most.Store(n)
		}
		<-under
		_, _ = w.Write([]byte(`{"state":"Healthy"}`))
	})
	r.run(exitOK, "interconnects", "list")
	if n := most.Load(); n < 2 || n > maxLooks {
		t.Errorf("%d at the same time, want 2 to %d", n, maxLooks)
	}
	if n := strings.Count(r.stdout.String(), "Healthy"); n != links {
		t.Errorf("%d states, want %d, in\n%s", n, links, r.stdout)
	}
}

// A watch prints each link, each change, what is new and what is gone, and ends on Ctrl-C without an error.
func TestWatch(t *testing.T) {
	r := start(t, still())
	name := r.order()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	code := r.start(ctx, "interconnects", "list", "--watch", "-o", "json")
	watched, other := r.stdout, *r
	next := events(t, watched)
	want := func(want event) {
		t.Helper()
		got := next()
		if got.Time.IsZero() {
			t.Errorf("%+v has no time", got)
		}
		got.Time, got.Seconds = time.Time{}, 0
		have, _ := json.Marshal(got)
		if should, _ := json.Marshal(want); string(have) != string(should) {
			t.Errorf("got  %s\nwant %s", have, should)
		}
	}
	state := func(s string) *string { return &s }
	want(event{Name: name, State: state("Pending")})
	r.sandbox.Advance(time.Minute)
	want(event{Name: name, State: state("Healthy"), Previous: "Pending", AtLeast: true})
	r.setDown(name, "no light")
	want(event{Name: name, State: state("Down"), Reason: "no light", Previous: "Healthy"})
	r.setDown(name, "a backhoe")
	want(event{Name: name, State: state("Down"), Reason: "a backhoe"})
	other.run(exitOK, "interconnects", "create", "--gcp-pairing-key", "one/us-central1/1", "--bandwidth", "1G")
	want(event{Name: gcpName, State: state("Pending")})
	r.sandbox.Fail("get_interconnect_status", sandbox.Fault{Status: 403, Times: 1})
	got := next()
	if got.State != nil || !strings.Contains(got.Error, "403 Forbidden") {
		t.Errorf("%+v, want an unknown state", got)
	}
	if back := next(); back.Name != got.Name || back.State == nil || back.Previous != "unknown" {
		t.Errorf("%+v, want the state to be known again", back)
	}
	other.run(exitOK, "interconnects", "delete", gcpName, "--yes")
	want(event{Name: gcpName, Gone: true, Previous: "Pending"})

	// A failure of the list is a warning, once, and the watch goes on. One that will stay is its end.
	r.sandbox.Fail("list_interconnects", sandbox.Fault{Status: 503, Times: 9})
	r.stderr.await(t, "503 Service Unavailable; looking again\n")
	r.sandbox.Advance(time.Hour)
	r.setDown(name, "another one")
	want(event{Name: name, State: state("Down"), Reason: "another one"})
	if n := strings.Count(r.stderr.String(), "looking again"); n != 1 {
		t.Errorf("said %d times:\n%s", n, r.stderr)
	}
	interrupt()
	if got := code(); got != exitOK {
		t.Errorf("exit code %d", got)
	}

	r.sandbox.Fail("list_interconnects", sandbox.Fault{Status: 403, Times: 1})
	r.run(exitFailed, "interconnects", "list", "--watch")
}

// events returns a function that returns the next of the objects that a watch prints.
func events(t *testing.T, out *buffer) func() event {
	at := 0
	return func() (e event) {
		t.Helper()
		for range 3000 {
			if line, _, ok := strings.Cut(out.String()[at:], "\n"); ok {
				at += len(line) + 1
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				return e
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("there is no event after\n%s", out)
		return e
	}
}

// A watch of one link ends when the link is gone, and does not begin if there is none.
func TestWatchOne(t *testing.T) {
	r := start(t, still())
	name := r.order()
	code := r.start(t.Context(), "interconnects", "status", name, "--watch")
	other := *r
	r.stdout.await(t, name+"  Pending\n")
	r.sandbox.Advance(time.Minute)
	r.stdout.await(t, name+"  Healthy    was Pending for at least ")
	other.run(exitOK, "interconnects", "delete", name, "--yes")
	if got := code(); got != exitOK {
		t.Errorf("exit code %d", got)
	}
	wantContains(t, r.stdout, name+"  gone       was Healthy for ")
	r.run(exitNotFound, "interconnects", "status", name, "--watch")
	for _, flags := range []string{"--interval 1s", "--watch --interval 10ms", "--watch -o yaml", "--watch --columns name", "--watch --wait"} {
		r.run(exitUsage, append([]string{"interconnects", "status", name}, strings.Fields(flags)...)...)
	}
}
