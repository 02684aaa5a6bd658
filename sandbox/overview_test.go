package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestOverview(t *testing.T) {
	now := epoch
	r := start(t, sandbox.WithClock(func() time.Time { return now }), sandbox.WithSlots(slots[:13]))
	empty := r.Overview(10)
	if empty.FreeSlot == nil || empty.FreeSlot.ID != slots[0].ID || !empty.Now.Equal(epoch) ||
		len(empty.Requests) != 0 {
		t.Errorf("of a new sandbox: %+v", empty)
	}
	wantSites := []sandbox.SiteOverview{
		{Site: "atl-a", Facility: "Digital Realty ATL1", Slots: 6, Free: 6},
		{Site: "atl-b", Facility: "Digital Realty ATL1", Slots: 6, Free: 6},
		{Site: "den-a", Facility: "CoreSite DE1", Slots: 1, Free: 1},
	}
	if !reflect.DeepEqual(empty.Sites, wantSites) || empty.SiteCount != 3 {
		t.Errorf("got %+v, want %+v", empty.Sites, wantSites)
	}

	first := r.order(slots[0])
	now = now.Add(time.Second)
	second := r.orderGCP(key)
	wantStatus(t, r.callAs(other, "POST", "/interconnects", physicalOrder(other, slots[1].ID)), 200) // at the same time
	east, west := r.configure(first.Name, "east"), r.configure(first.Name, "west")
	if err := r.SetStatus(account, second.Name, interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: new("maintenance")})); err != nil {
		t.Fatal(err)
	}
	if err := r.Advance(9 * time.Second); err != nil {
		t.Fatal(err)
	}
	r.Fail("get_cni", sandbox.Fault{Drop: true, Times: 2})
	r.Fail(sandbox.AnyOperation, sandbox.Fault{Delay: time.Second})

	got := r.Overview(100)
	var names []string
	for _, ic := range got.Interconnects {
		names = append(names, ic.Name)
		if ic.Name != nameOf(ic.Interconnect) || (ic.Account == other) != (len(names) == 2) {
			t.Errorf("the account is %s and the name %s of %+v", ic.Account, ic.Name, ic.Interconnect)
		}
	}
	// Of two with the same time, the one with the larger position comes first.
	if len(names) != 3 || names[0] != second.Name || names[2] != first.Name || got.InterconnectCount != 3 {
		t.Errorf("interconnects %q of %d", names, got.InterconnectCount)
	}
	if want := interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: new("maintenance")}); !got.Interconnects[0].StatusSet ||
		!reflect.DeepEqual(got.Interconnects[0].Status, want) {
		t.Errorf("the status that was set: %+v", got.Interconnects[0])
	}
	if got.Interconnects[2].StatusSet ||
		!reflect.DeepEqual(
			got.Interconnects[2].Status,
			interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}),
		) ||
		!got.Interconnects[2].Created.Equal(epoch) {
		t.Errorf("the status of the clock: %+v", got.Interconnects[2])
	}
	if !reflect.DeepEqual(got.CNIs, []interconnect.CNI{west, east}) || got.CNICount != 2 {
		t.Errorf("CNIs %+v", got.CNIs)
	}
	if got.FreeSlot.ID != slots[2].ID || got.Sites[0].Free != 4 || got.Sites[1].Free != 6 {
		t.Errorf("free slot %+v, sites %+v", got.FreeSlot, got.Sites)
	}
	wantFaults := []sandbox.FaultOverview{
		{Operation: "get_cni", Fault: sandbox.Fault{Drop: true, Times: 2}},
		{Operation: "*", Fault: sandbox.Fault{Delay: time.Second, Times: 1}},
	}
	if !reflect.DeepEqual(got.Faults, wantFaults) || got.FaultCount != 2 {
		t.Errorf("faults %+v", got.Faults)
	}
	if !got.Now.Equal(epoch.Add(10*time.Second)) || got.Advanced != 9*time.Second {
		t.Errorf("now %s, advanced %s", got.Now, got.Advanced)
	}

	little := r.Overview(1)
	if len(little.Interconnects) != 1 || len(little.CNIs) != 1 || len(little.Sites) != 1 || len(little.Faults) != 1 || len(little.Requests) != 1 ||
		little.InterconnectCount != 3 || little.CNICount != 2 ||
		little.SiteCount != 3 ||
		little.FaultCount != 2 {
		t.Errorf("with a limit of 1: %+v", little)
	}
}

// A slot that is reserved for an account is not one that any account can order.
func TestOverviewWithoutFreeSlot(t *testing.T) {
	occupied, reserved := slots[0], slots[1]
	occupied.Occupied, reserved.Account = true, new(account)
	got := start(t, sandbox.WithSlots([]interconnect.Slot{occupied, reserved})).Overview(10)
	if got.FreeSlot != nil || got.Sites[0].Slots != 2 || got.Sites[0].Free != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestOverviewTellsWhatIsAccepted(t *testing.T) {
	for _, test := range []struct {
		opts              []sandbox.Option
		ownTokens, denied bool
	}{
		{nil, false, false},
		{[]sandbox.Option{sandbox.WithToken("reader")}, true, false},
		{[]sandbox.Option{sandbox.WithoutEntitlement()}, false, true},
	} {
		if got := start(t, test.opts...).Overview(0); got.OwnTokens != test.ownTokens || got.Denied != test.denied {
			t.Errorf("got %t, %t, want %t, %t", got.OwnTokens, got.Denied, test.ownTokens, test.denied)
		}
	}
}

func TestJournal(t *testing.T) {
	r := start(t, sandbox.WithToken("secret-token", "Magic WAN Write"))
	as := []string{"Authorization", "Bearer secret-token"}
	base := "/accounts/" + account + "/cni"
	r.send(interconnect.BasePath+base+"/slots?limit=1&name=secret-query", "GET", "", as...)
	r.send(
		base+"/interconnects",
		"POST",
		`{"type":"gcp_partner","account":"a","pairing_key":"secret-key","bandwidth":"no_such_bandwidth"}`,
		as...)
	r.send(
		base+"/interconnects",
		"POST",
		`{"type":"gcp_partner","account":"`+account+`","pairing_key":"secret-key","bandwidth":"1G"}`,
		as...)
	r.send(base+"/cnis", "POST", cniCreate("direct-x", "east"), as...)
	r.send(base+"/slots", "GET", "")
	r.send(base+"/slots?limit=x", "GET", "", as...)
	r.send("/client/v5/nowhere%0A", "GET", "")
	r.Fail("list_slots", sandbox.Fault{Status: 503, Message: "slow down"})
	r.send(base+"/slots", "GET", "", as...)
	r.Fail("list_slots", sandbox.Fault{Status: 500, Malformed: true})
	r.send(base+"/slots", "GET", "", as...)
	r.control("POST", "/clock/advance", `{"by":"soon"}`)
	r.control("POST", "/clock/advance", `{"by":"1h"}`)

	want := []sandbox.Request{
		{Method: "POST", Path: "/_sandbox/clock/advance", Status: 200},
		{Method: "POST", Path: "/_sandbox/clock/advance", Status: 400, Problems: []string{
			`/by: want text that matches ^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$ (pattern)`}},
		{Method: "GET", Path: base + "/slots", Operation: "list_slots", Status: 500, Fault: true},
		{
			Method:    "GET",
			Path:      base + "/slots",
			Operation: "list_slots",
			Status:    503,
			Fault:     true,
			Problems:  []string{"slow down"},
		},
		{Method: "GET", Path: "/client/v5/nowhere%0A", Status: 404, Problems: []string{"No route for that URI"}},
		{
			Method:    "GET",
			Path:      base + "/slots",
			Operation: "list_slots",
			Status:    400,
			Problems:  []string{`query parameter "limit": want an integer (type)`},
		},
		{
			Method:    "GET",
			Path:      base + "/slots",
			Operation: "list_slots",
			Status:    401,
			Problems:  []string{"Authentication required"},
		},
		{Method: "POST", Path: base + "/cnis", Operation: "create_cni", Status: 400, Problems: []string{
			"/interconnect: interconnect direct-x does not exist"}},
		{
			Method:    "POST",
			Path:      base + "/interconnects",
			Operation: "create_interconnect",
			Status:    400,
			Problems: []string{
				"/pairing_key: pairing_key is not of the form key/region/domain"},
		},
		{
			Method:    "POST",
			Path:      base + "/interconnects",
			Operation: "create_interconnect",
			Status:    400,
			Problems: []string{
				"/bandwidth: want one of " + strings.Join(interconnect.Schemas()["nsc_ApiBandwidth"].Enum, ", ") + " (enum)"},
		},
		{Method: "GET", Path: interconnect.BasePath + base + "/slots", Operation: "list_slots", Status: 200},
	}
	got := r.Overview(100).Requests
	for i := range got {
		if got[i].Number != uint64(len(got)-i) || time.Since(got[i].Time) > time.Minute || got[i].Took <= 0 {
			t.Errorf("number, time or duration of %+v", got[i])
		}
		got[i].Number, got[i].Time, got[i].Took = 0, time.Time{}, 0
		if i < len(want) && !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got %+v,\nwant %+v", got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d requests, want %d", len(got), len(want))
	}
	if text, err := json.Marshal(r.Overview(100)); err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("the overview contains a secret: %s %v", text, err)
	}
}

func TestJournalIsBounded(t *testing.T) {
	r := start(t)
	for i := range 250 {
		r.send(fmt.Sprintf("/%d%s", i, strings.Repeat("x", 10_000)), strings.Repeat("M", 100), "")
	}
	got := r.Overview(1000).Requests
	if len(got) != 100 || got[0].Number != 250 || got[99].Number != 151 || !strings.HasPrefix(got[99].Path, "/150x") {
		t.Errorf("got %d requests, from %+v to %+v", len(got), got[len(got)-1], got[0])
	}
	if len(got[0].Path) != 303 || !strings.HasSuffix(got[0].Path, "x…") || len(got[0].Method) != 23 {
		t.Errorf("got %+v", got[0])
	}

	body := map[string]any{"type": "direct", "account": account, "slot_id": slots[0].ID}
	for i := range 60 {
		body[fmt.Sprint("member", i, strings.Repeat("é", 1000))] = i
	}
	r.call(
		"POST",
		"/interconnects",
		edit(t, `{}`, "type", "direct", "account", account, "slot_id", slots[0].ID, "x", body),
	)
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r.call("POST", "/interconnects", string(text))
	last := r.Overview(1).Requests[0]
	if last.Status != 400 || len(last.Problems) != 10 || last.More != 50 {
		t.Errorf("got %d with %d problems and %d more: %q", last.Status, len(last.Problems), last.More, last.Problems)
	}
	for _, problem := range last.Problems {
		if len(problem) > 310 || !strings.HasPrefix(problem, "/member") {
			t.Errorf("%d bytes: %q", len(problem), problem)
		}
	}
}

// Whoever waits for a change is notified of each kind of it.
func TestChanged(t *testing.T) {
	r := start(t)
	port := r.order(slots[0])
	for _, test := range []struct {
		name string
		do   func()
	}{
		{"a request", func() { r.call("GET", "/slots", "") }},
		{"the clock", func() { _ = r.Advance(time.Second) }},
		{"a state", func() {
			_ = r.SetStatus(account, port.Name, interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}))
		}},
		{"no state", func() { _ = r.ClearStatus(account, port.Name) }},
		{"a fault", func() { r.Fail("get_cni", sandbox.Fault{Drop: true}) }},
		{"no faults", func() { r.ClearFaults() }},
		{"a dropped call", func() { r.dropped(t) }},
		{"another state", func() { _ = r.Restore(sandbox.Snapshot{}) }},
		{"a new sandbox", func() { _ = r.Reset() }},
	} {
		before, same := r.Changed(), r.Changed()
		select {
		case <-before:
			t.Fatalf("%s: it has changed already", test.name)
		default:
		}
		test.do()
		for _, changed := range []<-chan struct{}{before, same} {
			select {
			case <-changed:
			case <-time.After(10 * time.Second):
				t.Errorf("%s: there is no notification", test.name)
			}
		}
	}
}

// dropped sends a request whose connection a fault closes.
func (r rig) dropped(t *testing.T) {
	t.Helper()
	r.Fail("get_settings", sandbox.Fault{Drop: true})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("got a panic of %v", got)
		}
		if last := r.Overview(1).Requests[0]; !last.Dropped || !last.Fault || last.Problems != nil {
			t.Errorf("got %+v", last)
		}
	}()
	r.call("GET", "/settings", "")
}

// Looking on does not disturb those who work.
func TestOverviewConcurrently(t *testing.T) {
	r := start(t)
	var work sync.WaitGroup
	for i := range 4 {
		work.Go(func() {
			for range 20 {
				r.callAs(account, "POST", "/interconnects", gcpOrder(account, fmt.Sprintf("k%d/us-east4/1", i)))
				<-r.Changed()
			}
		})
	}
	done := make(chan struct{})
	go func() { work.Wait(); close(done) }()
	for {
		select {
		case <-done:
			return
		case <-time.After(time.Millisecond):
			if o := r.Overview(50); o.InterconnectCount < len(o.Interconnects) {
				t.Errorf("%d interconnects of %d", len(o.Interconnects), o.InterconnectCount)
			}
			r.Fail("get_cni", sandbox.Fault{Drop: true}) // wakes those who wait for another change
		}
	}
}

func TestLocalOnly(t *testing.T) {
	handler := sandbox.New().
		LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, test := range []struct {
		method, host, site string
		want               int
	}{
		{"GET", "", "", 204},
		{"GET", "localhost:80", "", 204},
		{"GET", "rebound.example", "", 403},
		{"POST", "", "", 204},
		{"POST", "", "same-origin", 204},
		{"POST", "", "same-site", 403},
		{"POST", "", "cross-site", 403},
		{"POST", "rebound.example", "same-origin", 403},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		if test.site != "" {
			request.Header.Set("Sec-Fetch-Site", test.site)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%+v: got %d", test, response.StatusCode)
		}
	}
}
