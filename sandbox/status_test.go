package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestStatus(t *testing.T) {
	r := start(t)
	physical, google := r.order(slots[0]).Name, r.orderGCP(key).Name
	want := func(name, body string) {
		t.Helper()
		if reply := r.call("GET", "/interconnects/"+name+"/status", ""); reply.status != 200 || strings.TrimSpace(reply.body) != body {
			t.Errorf("%s: got %d %s, want %s", name, reply.status, reply.body, body)
		}
	}
	set := func(status interconnect.InterconnectStatus) {
		t.Helper()
		if err := r.SetStatus(account, physical, status); err != nil {
			t.Fatal(err)
		}
	}
	want(physical, `{"state":"Pending"}`)
	want(google, `{"state":"Pending"}`)
	r.Advance(2 * time.Second)
	want(physical, `{"state":"Pending"}`)
	want(google, `{"state":"Healthy"}`)
	r.Advance(8*time.Second - 1)
	want(physical, `{"state":"Pending"}`)
	r.Advance(1)
	want(physical, `{"state":"Healthy"}`)
	if got := r.Now(); !got.Equal(epoch.Add(10 * time.Second)) {
		t.Errorf("it is %s", got)
	}

	set(interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("Light level below -20 dBm")}))
	want(physical, `{"state":"Unhealthy","reason":"Light level below -20 dBm"}`)
	want(google, `{"state":"Healthy"}`)
	set(interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{}))
	want(physical, `{"state":"Unhealthy","reason":null}`)
	set(interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: new("No light received")}))
	want(physical, `{"state":"Down","reason":"No light received"}`)
	set(interconnect.NewInterconnectStatus(interconnect.StatusDown{}))
	want(physical, `{"state":"Down","reason":null}`)
	set(interconnect.NewInterconnectStatus(interconnect.StatusPending{}))
	r.Advance(time.Hour)
	want(physical, `{"state":"Pending"}`)
	set(interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}))
	want(physical, `{"state":"Healthy"}`)

	if err := r.SetStatus(account, physical, interconnect.InterconnectStatus{}); err == nil {
		t.Error("the zero status is accepted")
	}
	healthy := interconnect.NewInterconnectStatus(interconnect.StatusHealthy{})
	if err := r.SetStatus(other, physical, healthy); err == nil || err.Error() != "sandbox: account "+other+": interconnect "+physical+" not found" {
		t.Errorf("got %v", err)
	}
	wantFailure(t, r.call("GET", "/interconnects/x/status", ""), 404, "interconnect x not found")
}

func TestPendingOption(t *testing.T) {
	r := start(t, sandbox.WithPending(-1, 0))
	physical, google := r.order(slots[0]).Name, r.orderGCP(key).Name
	r.Advance(1000 * time.Hour)
	for name, state := range map[string]string{physical: "Pending", google: "Healthy"} {
		if reply := r.call("GET", "/interconnects/"+name+"/status", ""); !strings.Contains(reply.body, state) {
			t.Errorf("%s: got %s, want %s", name, reply.body, state)
		}
	}
}
