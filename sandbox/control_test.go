package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// control sends a request to the control API, which needs no credentials. Its responses are checked by the validated
// handler: one that the document does not allow is an internal error, and fails the test.
func (r rig) control(method, path, body string) reply {
	r.t.Helper()
	return r.send(sandbox.ControlPath+path, method, body)
}

func TestControlLists(t *testing.T) {
	r := start(t)
	if got := r.control("GET", "/accounts", ""); got.body != `{"items":[]}`+"\n" {
		t.Errorf("no accounts: %s", got.body)
	}
	port := r.order(sandbox.Catalogue("")[0])
	r.configure(port.Name, "east")
	wantStatus(t, r.callAs(other, "POST", "/interconnects", gcpOrder(other, "key/us-east4/1")), 200)

	accounts := decode[control.AccountList](t, r.control("GET", "/accounts", ""))
	want := []control.Account{{ID: other, Interconnects: 1, DefaultASN: 13335}, {ID: account, Interconnects: 1, CNIs: 1, DefaultASN: 13335}}
	if !slices.Equal(accounts.Items, want) {
		t.Errorf("accounts %+v, want %+v", accounts.Items, want)
	}
	all := decode[control.InterconnectList](t, r.control("GET", "/interconnects", "")).Items
	if len(all) != 2 || all[0].Type != control.InterconnectTypeGCPPartner || all[0].Slot != nil || all[0].Account != other {
		t.Fatalf("interconnects %+v", all)
	}
	mine := decode[control.InterconnectList](t, r.control("GET", "/interconnects?account="+account, "")).Items
	if len(mine) != 1 || mine[0].Name != port.Name || *mine[0].Slot != port.SlotID || mine[0].StatusSet || !mine[0].Created.Equal(epoch) {
		t.Errorf("interconnects of an account: %+v", mine)
	}
	if _, pending := mine[0].Status.Value().(control.StatusPending); !pending {
		t.Errorf("status %+v", mine[0].Status)
	}
}

// A page that somebody looks at while a sandbox runs on the same machine cannot change it. The pages of the sandbox itself may.
func TestControlIsNotForOtherSites(t *testing.T) {
	r := start(t)
	r.order(sandbox.Catalogue("")[0])
	for _, test := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403},
		{"Origin", "https://elsewhere.example", 403},
		{"Origin", "null", 403},
		{"Origin", "http://" + "example.com", 204}, // which httptest has as the host
		{"Sec-Fetch-Site", "same-origin", 204},
	} {
		request := httptest.NewRequest("POST", sandbox.ControlPath+"/reset", nil)
		request.Header.Set(test.header, test.value)
		answer := httptest.NewRecorder()
		r.ServeHTTP(answer, request)
		if answer.Code != test.want {
			t.Errorf("%s: %s gets %d, want %d: %s", test.header, test.value, answer.Code, test.want, answer.Body)
		}
		if test.want == 403 && r.count() != 1 {
			t.Errorf("%s: %s has reset the sandbox", test.header, test.value)
		}
	}
}

// A page whose name in the DNS leads to this machine is of the same site, as browsers see it. Its name gives it away.
func TestControlIsNotForOtherNames(t *testing.T) {
	sb := sandbox.NewServer(t)
	port := sb.URL[strings.LastIndexByte(sb.URL, ':'):]
	origin := strings.TrimSuffix(sb.URL, interconnect.BasePath)
	for host, want := range map[string]int{
		"rebound.example": 403, "localhost.example": 403, "192.0.2.1": 403, "127.0.0.1.example": 403,
		"localhost": 200, "LocalHost": 200, "127.0.0.1": 200, "[::1]": 200,
	} {
		for _, host := range []string{host, host + strings.TrimSuffix(port, interconnect.BasePath)} {
			request, err := http.NewRequestWithContext(t.Context(), "GET", origin+sandbox.ControlPath+"/snapshot", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s gets %d, want %d", host, answer.StatusCode, want)
			}
		}
	}
}

func TestControlStatus(t *testing.T) {
	r := start(t)
	port := r.order(sandbox.Catalogue("")[0])
	path := "/accounts/" + account + "/interconnects/" + port.Name + "/status"
	for _, step := range []struct{ method, body, want string }{
		{"PUT", `{"state":"Healthy"}`, `{"state":"Healthy"}`},
		{"PUT", `{"state":"Unhealthy","reason":"No light received"}`, `{"state":"Unhealthy","reason":"No light received"}`},
		{"PUT", `{"state":"Down","reason":null}`, `{"state":"Down","reason":null}`},
		{"PUT", `{"state":"Down"}`, `{"state":"Down","reason":null}`},
		{"PUT", `{"state":"Pending"}`, `{"state":"Pending"}`},
		{"DELETE", "", `{"state":"Pending"}`},
	} {
		shown := decode[control.Interconnect](t, r.control(step.method, path, step.body))
		if shown.StatusSet != (step.method == "PUT") {
			t.Errorf("%s: status_set is %t", step.body, shown.StatusSet)
		}
		if got := r.call("GET", "/interconnects/"+port.Name+"/status", "").body; got != step.want+"\n" {
			t.Errorf("%s %s: got %s, want %s", step.method, step.body, got, step.want)
		}
	}
	for _, wrong := range []struct {
		path, body string
		status     int
		text       string
	}{
		{path, `{"state":"Fine"}`, 400, `/state: want one of`},
		{path, `{"state":"Healthy","reason":"x"}`, 400, `/reason: want no such member`},
		{path, ``, 400, `want a body`},
		{"/accounts/" + other + "/interconnects/" + port.Name + "/status", `{"state":"Healthy"}`, 404, "not found"},
	} {
		got := r.control("PUT", wrong.path, wrong.body)
		if got.status != wrong.status || !strings.Contains(got.body, wrong.text) || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %d %s", wrong.body, got.status, got.body)
		}
	}
}

func TestControlClock(t *testing.T) {
	r := start(t)
	if got := r.control("GET", "/clock", ""); got.body != `{"advanced":"0s","now":"2026-08-14T12:00:00Z"}`+"\n" {
		t.Errorf("clock %s", got.body)
	}
	if got := r.control("POST", "/clock/advance", `{"by":"1h30m"}`); got.body != `{"advanced":"1h30m0s","now":"2026-08-14T13:30:00Z"}`+"\n" {
		t.Errorf("advanced %d %s", got.status, got.body)
	}
	for _, body := range []string{`{"by":"-1h"}`, `{"by":"soon"}`, `{"by":3600}`, `{}`, `{"by":"3000000h"}`} {
		if got := r.control("POST", "/clock/advance", body); got.status != 400 || !strings.Contains(got.body, "/by") {
			t.Errorf("%s: got %d %s", body, got.status, got.body)
		}
	}
	if got := r.Now().Sub(epoch).String(); got != "1h30m0s" {
		t.Errorf("refused advances have moved the clock by %s", got)
	}
}

func TestControlSnapshot(t *testing.T) {
	slots := sandbox.Catalogue("")
	r := start(t)
	port := r.order(slots[0])
	r.orderGCP("key/us-east4/1")
	r.configure(port.Name, "east")
	wantStatus(t, r.control("POST", "/clock/advance", `{"by":"1m"}`), 200)
	taken := r.control("GET", "/snapshot", "")
	wantStatus(t, taken, 200)
	if strings.Contains(taken.body, "key/us-east4") {
		t.Errorf("there is a pairing key in %s", taken.body)
	}
	before := r.view()

	r.order(slots[1])
	wantStatus(t, r.control("PUT", "/snapshot", taken.body), 204)
	if after := r.view(); after != before {
		t.Errorf("restored: %s\nwant: %s", after, before)
	}
	wantStatus(t, r.call("POST", "/interconnects", gcpOrder(account, "key/us-east4/1")), 400) // the key stays used

	// Another sandbox goes on from there.
	second := start(t)
	wantStatus(t, second.control("PUT", "/snapshot", taken.body), 204)
	if after := second.view(); after != before {
		t.Errorf("restored elsewhere: %s\nwant: %s", after, before)
	}

	r.Fail(sandbox.AnyOperation, sandbox.Fault{Status: 500})
	wantStatus(t, r.control("POST", "/reset", ""), 204)
	if got, want := r.view(), start(t).view(); got != want {
		t.Errorf("reset: %s\nwant: %s", got, want)
	}
	if again := r.order(slots[0]); again.Name != port.Name {
		t.Errorf("after the reset the port is %s, not %s", again.Name, port.Name)
	}
}

// A snapshot that does not fit together is refused as a whole, with everything that is wrong.
func TestControlSnapshotRefused(t *testing.T) {
	slots := sandbox.Catalogue("")
	r := start(t)
	port := r.order(slots[0])
	r.configure(port.Name, "east")
	taken := r.control("GET", "/snapshot", "").body
	before := r.view()
	for name, edit := range map[string]struct{ old, with, want string }{
		"unknown version":  {`"version":1`, `"version":2`, "/version"},
		"unknown member":   {`"version":1`, `"version":1,"more":1`, "/more"},
		"another slot":     {slots[0].ID.String(), slots[5].ID.String(), "/interconnects/0/interconnect"},
		"unknown slot":     {slots[0].ID.String(), "3b7e2f58-91d4-4c0a-8f63-a5d81e097b46", "/interconnects/0/interconnect/slot_id"},
		"no interconnect":  {`"interconnect":"` + port.Name, `"interconnect":"other`, "/cnis/0/cni/interconnect"},
		"no room for more": {`"created":2`, `"created":2147483647`, "/accounts/0/created"},
		"position too far": {`"position":2`, `"position":20`, "/cnis/0/position"},
		"foreign subnet":   {"10.64.0.", "10.65.0.", "/cnis/0/cni/cust_ip"},
		"bad duration":     {`"advanced":"0s"`, `"advanced":"soon"`, ""},
	} {
		text := strings.Replace(taken, edit.old, edit.with, 1)
		if name == "foreign subnet" {
			text = strings.ReplaceAll(taken, edit.old, edit.with)
		}
		if text == taken {
			t.Fatalf("%s: %s is not in %s", name, edit.old, taken)
		}
		got := r.control("PUT", "/snapshot", text)
		if got.status != 400 || !strings.Contains(got.body, edit.want) {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	if after := r.view(); after != before {
		t.Errorf("a refused snapshot has changed something\nfrom %s\nto   %s", before, after)
	}
}

func TestControlFaults(t *testing.T) {
	r := start(t)
	wantFaults := func(want ...string) {
		t.Helper()
		var list struct{ Items []json.RawMessage }
		if err := json.Unmarshal([]byte(r.control("GET", "/faults", "").body), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range list.Items {
			got = append(got, string(item))
		}
		if !slices.Equal(got, want) {
			t.Errorf("faults %s, want %s", got, want)
		}
	}
	wantFaults()
	failure := `{"kind":"failure","message":"busy","operation":"get_settings","retry_after":"2s","status":503,"times":2}`
	wantStatus(t, r.control("POST", "/faults", failure), 201)
	wantStatus(t, r.control("POST", "/faults", `{"kind":"alter","operation":"*","headers":{"X-New":["a","b"]},"malformed":true}`), 201)
	alter := `{"headers":{"X-New":["a","b"]},"kind":"alter","malformed":true,"operation":"*","times":1}`
	wantFaults(failure, alter)

	got := r.call("GET", "/settings", "")
	wantFailure(t, got, 503, "busy")
	if got.header.Get("Retry-After") != "2" {
		t.Errorf("header %v", got.header)
	}
	wantStatus(t, r.control("GET", "/clock", ""), 200) // is not hit
	wantFaults(strings.Replace(failure, `"times":2`, `"times":1`, 1), alter)
	got = r.call("GET", "/slots", "")
	if got.status != 200 || json.Valid([]byte(got.body)) || !slices.Equal(got.header["X-New"], []string{"a", "b"}) {
		t.Errorf("altered: %d %v %.50s", got.status, got.header, got.body)
	}
	wantStatus(t, r.control("DELETE", "/faults", ""), 204)
	wantFaults()
	wantStatus(t, r.call("GET", "/settings", ""), 200)

	// A drop after the work: the order is made, and the connection is closed.
	wantStatus(t, r.control("POST", "/faults", `{"kind":"drop","operation":"create_interconnect","after_work":true}`), 201)
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("got %v, want the connection to be dropped", p)
			}
		}()
		r.call("POST", "/interconnects", physicalOrder(account, sandbox.Catalogue("")[0].ID))
	}()
	if all := decode[control.InterconnectList](t, r.control("GET", "/interconnects", "")).Items; len(all) != 1 {
		t.Errorf("%d interconnects", len(all))
	}

	for _, wrong := range []struct{ body, want string }{
		{`{"kind":"failure","operation":"get_settings"}`, "/status"},
		{`{"kind":"failure","operation":"get_settings","status":200}`, "/status"},
		{`{"kind":"failure","operation":"get_setting","status":500}`, "/operation"},
		{`{"kind":"explode","operation":"get_settings"}`, "/kind"},
		{`{"kind":"alter","operation":"get_settings"}`, "alters nothing"},
		{`{"kind":"delay","operation":"get_settings","delay":"-1s"}`, "/delay"},
		{`{"kind":"drop","operation":"get_settings","status":500}`, "/status: want no such member"},
	} {
		if got := r.control("POST", "/faults", wrong.body); got.status != 400 || !strings.Contains(got.body, wrong.want) {
			t.Errorf("%s: got %d %s", wrong.body, got.status, got.body)
		}
	}
	wantFaults()
}

// What is below the control API's path is never the API's, and the other way round.
func TestControlRoutes(t *testing.T) {
	r := start(t)
	for _, path := range []string{"/nothing", "/accounts/" + account + "/cni/settings", "/client/v4/accounts/" + account + "/cni/settings"} {
		got := r.send(sandbox.ControlPath+path, "GET", "", "Authorization", "Bearer any")
		if got.status != 404 || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
	for _, path := range []string{"/clock", "/client/v4/clock", "/client/v4/_sandbox/clock"} {
		if got := r.send(path, "GET", "", "Authorization", "Bearer any"); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := r.control("DELETE", "/clock", ""); got.status != 405 {
		t.Errorf("DELETE /clock: %d", got.status)
	}
}

// A refusal by the sandbox's own rules has all four members of the envelope.
func TestEnvelope(t *testing.T) {
	r := start(t)
	got := r.call("GET", "/interconnects/none", "")
	want := `{"success":false,"errors":[{"code":10404,"message":"interconnect none not found"}],"messages":[],"result":null}` + "\n"
	if got.status != 404 || got.body != want {
		t.Errorf("got %d %s, want %s", got.status, got.body, want)
	}
}

func TestReadCatalogue(t *testing.T) {
	const slot = `{"id":"3b7e2f58-91d4-4c0a-8f63-a5d81e097b46","site":"zrh-a","speed":"10G","occupied":false,"facility":{"name":"f","address":[]}}`
	for _, text := range []string{"[" + slot + "]", ` {"items":[` + slot + `]}`} {
		slots, err := sandbox.ReadCatalogue(strings.NewReader(text))
		if err != nil || len(slots) != 1 || slots[0].Site != "zrh-a" {
			t.Errorf("%s: %v, %v", text, slots, err)
		}
		r := start(t, sandbox.WithSlots(slots))
		wantStatus(t, r.call("POST", "/interconnects", physicalOrder(account, slots[0].ID)), 200)
	}
	for text, want := range map[string][]string{
		``:                            {"want a JSON array of slots"},
		`"x"`:                         {"want a JSON array of slots"},
		`[{"id":"x","site":"a"}]`:     {"/0/id: want a UUID", "/0/speed: want", "/0/facility: want"},
		`{"slots":[]}`:                {"/items"},
		`[` + slot + `,` + slot + `]`: {"/1/id"},
		`[` + slot + `] x`:            {"trailing", "nothing"},
		`[` + strings.Replace(slot, `"occupied"`, `"ocupied":true,"occupied"`, 1) + `]`:                                 {"/0/ocupied: want no such member"},
		`{"items":[` + strings.Replace(slot, `"name"`, `"no_such_member":"f","name"`, 1) + `],"no_such_setting":"red"}`: {"/items/0/facility/no_such_member: want no such member"},
	} {
		_, err := sandbox.ReadCatalogue(strings.NewReader(text))
		if err == nil {
			t.Errorf("%s is accepted", text)
			continue
		}
		if !slices.ContainsFunc(want, func(w string) bool { return strings.Contains(err.Error(), w) }) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// Drive a sandbox that runs elsewhere by its control API: move the clock on, and make a link fail.
func Example_control() {
	server := httptest.NewServer(sandbox.New())
	defer server.Close()
	ctx := context.Background()

	c, err := control.NewClientWithResponses(server.URL + sandbox.ControlPath)
	if err != nil {
		log.Fatal(err)
	}
	clock, err := c.AdvanceClockWithResponse(ctx, control.Advance{By: "90s"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the clock is ahead by", clock.JSON200.Advanced)

	lost := control.NewFault(control.DropFault{Operation: "create_interconnect", AfterWork: new(control.FaultAfterWork(true))})
	added, err := c.AddFaultWithResponse(ctx, lost)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(added.Status())
	// Output:
	// the clock is ahead by 1m30s
	// 201 Created
}
