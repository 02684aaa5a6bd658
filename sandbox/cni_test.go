package sandbox_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestCNI(t *testing.T) {
	r := start(t)
	ic := r.order(slots[0])
	first := r.configure(ic.Name, "c1")
	want := interconnect.CNI{
		ID: first.ID, Account: account, Interconnect: ic.Name, CustomerIP: "10.64.0.1/31", CloudflareIP: "10.64.0.0/31",
		Magic: interconnect.MagicSettings{ConduitName: "c1", MTU: 1500},
	}
	if !reflect.DeepEqual(first, want) {
		t.Errorf("got %+v, want %+v", first, want)
	}
	second := r.configure(r.orderGCP(key).Name, "c2") // a CNI can be on an interconnect of either variant
	if second.CustomerIP != "10.64.0.3/31" || second.CloudflareIP != "10.64.0.2/31" || second.ID == first.ID {
		t.Errorf("got %+v", second)
	}
	path := "/cnis/" + first.ID.String()
	if got := decode[interconnect.CNI](t, r.call("GET", path, "")); !reflect.DeepEqual(got, first) {
		t.Errorf("got %+v, want %+v", got, first)
	}

	// What is deleted is given back: the addresses and the name, not the ID.
	wantStatus(t, r.call("DELETE", path, ""), 200)
	for _, method := range []string{"GET", "DELETE"} {
		wantFailure(t, r.call(method, path, ""), 404, "CNI "+first.ID.String()+" not found")
	}
	wantStatus(t, r.call("PUT", path, cniCreate(ic.Name, "c1")), 404)
	third := r.configure(ic.Name, "c1")
	if third.CustomerIP != first.CustomerIP || third.ID == first.ID {
		t.Errorf("got %+v after %+v", third, first)
	}
	if fourth := r.configure(ic.Name, "c4"); fourth.CustomerIP != "10.64.0.5/31" {
		t.Errorf("got %+v", fourth)
	}
}

func TestCreateCNIRules(t *testing.T) {
	r := start(t)
	ic := r.order(slots[0])
	r.configure(ic.Name, "taken")
	valid := cniCreate(ic.Name, "c1")
	magic := func(name string, mtu int) map[string]any {
		return map[string]any{"conduit_name": name, "description": "", "mtu": mtu}
	}
	bgp := func(asn int64, prefixes ...string) map[string]any {
		return map[string]any{"customer_asn": asn, "extra_prefixes": append([]string{}, prefixes...)}
	}
	prefixWant := `want an IPv4 prefix such as "192.0.2.0/24" (format)`
	tests := []struct {
		name, body string
		status     int
		errors     []string
	}{
		{"another account", edit(t, valid, "account", other), 400, []string{"/account: account is " + other + ", but the path has " + account}},
		{"unknown interconnect", edit(t, valid, "interconnect", "x"), 400, []string{"/interconnect: interconnect x does not exist"}},
		{"long name", edit(t, valid, "interconnect", strings.Repeat("ä", 200)), 400,
			[]string{"/interconnect: interconnect " + strings.Repeat("ä", 100) + "… does not exist"}},
		{"MTU too small", edit(t, valid, "magic", magic("m1", 575)), 400, []string{"/magic/mtu: mtu is 575, want 576 to 1500"}},
		{"MTU too large", edit(t, valid, "magic", magic("m2", 1501)), 400, []string{"/magic/mtu: mtu is 1501, want 576 to 1500"}},
		{"smallest MTU", edit(t, valid, "magic", magic("m3", 576)), 200, nil},
		{"largest MTU", edit(t, valid, "magic", magic("m4", 1500)), 200, nil},
		{"no conduit name", edit(t, valid, "magic", magic("", 1500)), 400, []string{"/magic/conduit_name: conduit_name is empty"}},
		{"conduit name in use", edit(t, valid, "magic", magic("taken", 1500)), 409, []string{"/magic/conduit_name: conduit name taken is in use"}},
		{"in use, but also invalid", edit(t, valid, "magic", magic("taken", 1)), 400, []string{"/magic/mtu: mtu is 1, want 576 to 1500"}},
		{"own ASN", edit(t, valid, "bgp", bgp(13335)), 400,
			[]string{"/bgp/customer_asn: customer_asn is 13335, as is default_asn of the account; the session is external BGP"}},
		{"ASN zero", edit(t, valid, "bgp", bgp(0)), 400, []string{"/bgp/customer_asn: customer_asn is 0, which numbers no autonomous system"}},
		{"4-byte ASN", edit(t, valid, "bgp", bgp(4294967295), "magic", magic("b1", 1500)), 200, nil},
		{"prefixes", edit(t, valid, "bgp", bgp(65000, "0.0.0.0/0", "100.96.0.0/12"), "magic", magic("b2", 1500)), 200, nil},
		{"no prefix", edit(t, valid, "bgp", bgp(65000, "10.0.0.0")), 400, []string{"/bgp/extra_prefixes/0: /bgp/extra_prefixes/0: " + prefixWant}},
		{"IPv6", edit(t, valid, "bgp", bgp(65000, "2001:db8::/32")), 400, []string{"/bgp/extra_prefixes/0: /bgp/extra_prefixes/0: " + prefixWant}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply := r.call("POST", "/cnis", test.body)
			if test.errors == nil {
				wantStatus(t, reply, test.status)
				return
			}
			wantFailure(t, reply, test.status, test.errors...)
			if retry := reply.header.Get("X-Should-Retry"); (retry == "false") != (test.status == 409) {
				t.Errorf("X-Should-Retry is %q", retry)
			}
		})
	}
	if n := len(decode[interconnect.CNIList](t, r.call("GET", "/cnis", "")).Items); n != 5 {
		t.Errorf("there are %d CNIs, want 5", n)
	}
}

func TestUpdateCNI(t *testing.T) {
	r := start(t)
	ic, second := r.order(slots[0]), r.order(slots[1])
	r.configure(ic.Name, "taken")
	cni := r.configure(ic.Name, "c1") // 10.64.0.2/31
	path := "/cnis/" + cni.ID.String()
	tests := []struct {
		name, body string
		errors     []string
	}{
		{"other ID", edit(t, cni, "id", uuid.Nil), []string{"/id: id is " + uuid.Nil.String() + ", but the path has " + cni.ID.String()}},
		{"other account", edit(t, cni, "account", other), []string{"/account: account is " + other + ", but the path has " + account}},
		{"unknown interconnect", edit(t, cni, "interconnect", "x"), []string{"/interconnect: interconnect x does not exist"}},
		{"conduit name in use", edit(t, cni, "magic", interconnect.MagicSettings{ConduitName: "taken", MTU: 1500}),
			[]string{"/magic/conduit_name: conduit name taken is in use"}},
		{"MTU", edit(t, cni, "magic", interconnect.MagicSettings{ConduitName: "c1", MTU: 9000}), []string{"/magic/mtu: mtu is 9000, want 576 to 1500"}},
		{"other /31", edit(t, cni, "cust_ip", "10.64.0.5/31", "p2p_ip", "10.64.0.4/31"), []string{
			"/cust_ip: cust_ip is 10.64.0.5/31, which is not in 10.64.0.2/31, the subnet of this CNI",
			"/p2p_ip: p2p_ip is 10.64.0.4/31, which is not in 10.64.0.2/31, the subnet of this CNI"}},
		{"two /31", edit(t, cni, "cust_ip", "10.64.0.5/31"), []string{
			"/cust_ip: cust_ip is 10.64.0.5/31, which is not in 10.64.0.2/31, the subnet of this CNI"}},
		{"no /31", edit(t, cni, "cust_ip", "10.64.0.3/30"), []string{"/cust_ip: cust_ip is 10.64.0.3/30, want an address of a /31"}},
		{"equal addresses", edit(t, cni, "cust_ip", "10.64.0.2/31"), []string{"/cust_ip: cust_ip and p2p_ip are both 10.64.0.2/31"}},
		{"equal to the one that stays", edit(t, cni, "cust_ip", remove, "p2p_ip", "10.64.0.3/31"), []string{
			"/p2p_ip: cust_ip and p2p_ip are both 10.64.0.3/31"}},
		{"no prefix", edit(t, cni, "cust_ip", "10.64.0.3"), []string{`/cust_ip: /cust_ip: want an IPv4 prefix such as "192.0.2.0/24" (format)`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantFailure(t, r.call("PUT", path, test.body), 400, test.errors...) })
	}
	if got := decode[interconnect.CNI](t, r.call("GET", path, "")); !reflect.DeepEqual(got, cni) {
		t.Errorf("a refused update has changed the CNI: %+v", got)
	}

	put := func(body string) interconnect.CNI {
		t.Helper()
		updated := decode[interconnect.CNI](t, r.call("PUT", path, body))
		if got := decode[interconnect.CNI](t, r.call("GET", path, "")); !reflect.DeepEqual(got, updated) {
			t.Errorf("the update answered %+v, but it is %+v", updated, got)
		}
		return updated
	}
	// The whole object, as the official SDKs send it, changes nothing.
	if got := put(edit(t, cni)); !reflect.DeepEqual(got, cni) {
		t.Errorf("got %+v, want %+v", got, cni)
	}
	if got := put(edit(t, cni, "cust_ip", cni.CloudflareIP, "p2p_ip", cni.CustomerIP)); got.CustomerIP != "10.64.0.2/31" || got.CloudflareIP != "10.64.0.3/31" {
		t.Errorf("got %+v", got)
	}
	// Without what the server assigns, and on another interconnect.
	minimal := edit(t, cniCreate(second.Name, "renamed"), "bgp", map[string]any{"customer_asn": 65001, "extra_prefixes": []string{}})
	got := put(minimal)
	if got.Interconnect != second.Name || got.Magic.ConduitName != "renamed" || got.CustomerIP != "10.64.0.2/31" || got.ID != cni.ID ||
		got.BGPMode == nil || *got.BGPMode != interconnect.BGPModeDynamicRouteExchange {
		t.Errorf("got %+v", got)
	}
	// The mode stays until another one is sent or the session ends.
	if got = put(edit(t, minimal, "bgp_mode", "advertise_only")); *got.BGPMode != interconnect.BGPModeAdvertiseOnly {
		t.Errorf("got %+v", got)
	}
	if got = put(minimal); *got.BGPMode != interconnect.BGPModeAdvertiseOnly {
		t.Errorf("got %+v", got)
	}
	if got = put(edit(t, minimal, "bgp", remove, "bgp_mode", "advertise_only")); got.BGP != nil || got.BGPMode != nil {
		t.Errorf("got %+v", got)
	}
	// The old conduit name is free again.
	r.configure(ic.Name, "c1")
}

func TestCNIFilters(t *testing.T) {
	r := start(t)
	ic, google := r.order(slots[0]), r.orderGCP(key)
	first, second, third := r.configure(ic.Name, "c1"), r.configure(google.Name, "c2"), r.configure(ic.Name, "c3")
	for query, want := range map[string][]uuid.UUID{
		"":                             {first.ID, second.ID, third.ID},
		"slot=" + slots[0].ID.String(): {first.ID, third.ID},
		"slot=" + slots[1].ID.String(): {},
		"tunnel_id=" + sandbox.TunnelID(second.ID):                                   {second.ID},
		"tunnel_id=" + sandbox.TunnelID(second.ID) + "&slot=" + slots[0].ID.String(): {},
		"tunnel_id=unknown": {},
	} {
		got := []uuid.UUID{}
		for _, cni := range decode[interconnect.CNIList](t, r.call("GET", "/cnis?"+query, "")).Items {
			got = append(got, cni.ID)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	r := start(t)
	for _, step := range []struct {
		body string
		want int64 // 0 if it is refused
	}{
		{`{}`, 13335},
		{`{"default_asn":65000}`, 65000},
		{`{}`, 65000},
		{`{"default_asn":64511}`, 0},
		{`{"default_asn":65535}`, 0},
		{`{"default_asn":0}`, 0},
		{`{"default_asn":4200000001}`, 0},
		{`{}`, 65000},
		{`{"default_asn":null}`, 13335},
		{`{"default_asn":64512}`, 64512},
		{`{"default_asn":65534}`, 65534},
		{`{"default_asn":13335}`, 13335},
	} {
		reply := r.call("PUT", "/settings", step.body)
		if step.want == 0 {
			asn := strings.TrimSuffix(strings.TrimPrefix(step.body, `{"default_asn":`), "}")
			wantFailure(t, reply, 400, "/default_asn: default_asn is "+asn+", want 13335 or 64512 to 65534")
			continue
		}
		got := decode[interconnect.Settings](t, reply)
		if got.DefaultASN != step.want || got != decode[interconnect.Settings](t, r.call("GET", "/settings", "")) {
			t.Errorf("%s: got %d, want %d", step.body, got.DefaultASN, step.want)
		}
	}

	// The rule for a customer's ASN goes by the account's own.
	ic := r.order(slots[0])
	wantStatus(t, r.call("PUT", "/settings", `{"default_asn":65000}`), 200)
	bgp := map[string]any{"customer_asn": 65000, "extra_prefixes": []string{}}
	wantStatus(t, r.call("POST", "/cnis", edit(t, cniCreate(ic.Name, "c1"), "bgp", bgp)), 400)
	bgp["customer_asn"] = 13335
	wantStatus(t, r.call("POST", "/cnis", edit(t, cniCreate(ic.Name, "c1"), "bgp", bgp)), 200)
	wantStatus(t, r.call("PUT", "/settings", `{"default_asn":null}`), 200) // the session that exists is not changed
}

// Pages follow each other without gaps and repetitions, and the limits are kept.
func TestPages(t *testing.T) {
	r := start(t)
	for _, test := range []struct {
		query string
		pages []int
	}{
		{"", []int{100, 100, 16}},
		{"limit=0", []int{100, 100, 16}},
		{"limit=108", []int{108, 108}},
		{"limit=216", []int{216}},
		{"limit=2147483647", []int{216}},
		{"limit=5&site=iad-a", []int{5, 1}},
		{"limit=6&site=iad-a", []int{6}},
	} {
		seen := map[uuid.UUID]bool{}
		var pages []int
		for cursor := int32(0); ; {
			list := decode[interconnect.SlotList](t, r.call("GET", fmt.Sprintf("/slots?cursor=%d&%s", cursor, test.query), ""))
			pages = append(pages, len(list.Items))
			for _, slot := range list.Items {
				if seen[slot.ID] {
					t.Errorf("%s: %s comes twice", test.query, slot.ID)
				}
				seen[slot.ID] = true
			}
			if list.Next == nil {
				break
			}
			cursor = *list.Next
		}
		if !reflect.DeepEqual(pages, test.pages) {
			t.Errorf("%s: got pages of %d, want %d", test.query, pages, test.pages)
		}
	}
	if reply := r.call("GET", "/slots?cursor=2147483647", ""); reply.body != `{"items":[],"next":null}`+"\n" {
		t.Errorf("got %s", reply.body)
	}
	wantStatus(t, r.call("GET", "/slots?cursor=2147483648", ""), 400)

	many := make([]interconnect.Slot, 1001)
	for i := range many {
		many[i] = interconnect.Slot{ID: uuid.UUID{byte(i >> 8), byte(i)}}
	}
	list := decode[interconnect.SlotList](t, start(t, sandbox.WithSlots(many)).call("GET", "/slots?limit=5000", ""))
	if len(list.Items) != 1000 || list.Next == nil {
		t.Errorf("got %d slots, next %v", len(list.Items), list.Next)
	}
}

// While others create and delete, who reads page by page sees each CNI that is there all the time exactly once.
func TestPagesUnderChange(t *testing.T) {
	r := start(t)
	ic := r.order(slots[0])
	stable := map[uuid.UUID]bool{}
	for i := range 60 {
		cni := r.configure(ic.Name, fmt.Sprint("c", i))
		if i%3 == 0 {
			stable[cni.ID] = true
			continue
		}
		defer func() { wantStatus(t, r.call("GET", "/cnis/"+cni.ID.String(), ""), 404) }()
	}
	var transient []uuid.UUID
	for _, cni := range decode[interconnect.CNIList](t, r.call("GET", "/cnis", "")).Items {
		if !stable[cni.ID] {
			transient = append(transient, cni.ID)
		}
	}
	done := make(chan struct{})
	turns := 1
	if *long {
		turns = 420
	}
	var changes atomic.Int64
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() { // deletes what was there, creates and deletes what was not
			for turn := range turns {
				for i := worker; i < len(transient); i += 2 {
					r.call("DELETE", "/cnis/"+transient[i].String(), "")
					var cni interconnect.CNI
					reply := r.call("POST", "/cnis", cniCreate(ic.Name, fmt.Sprint("new", turn, ".", i)))
					if json.Unmarshal([]byte(reply.body), &cni) != nil || reply.status != 200 {
						t.Errorf("got %d %s", reply.status, reply.body)
						return
					}
					changes.Add(2)
					if i%4 < 2 {
						r.call("DELETE", "/cnis/"+cni.ID.String(), "")
						changes.Add(1)
					}
					transient[i] = cni.ID
				}
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	rounds := 0
	for running := true; running || rounds < 3; rounds++ {
		select {
		case <-done:
			running = false
		default:
		}
		seen := map[uuid.UUID]int{}
		for cursor := new(int32); cursor != nil; {
			list := decode[interconnect.CNIList](t, r.call("GET", fmt.Sprintf("/cnis?limit=7&cursor=%d", *cursor), ""))
			for _, cni := range list.Items {
				seen[cni.ID]++
			}
			cursor = list.Next
		}
		for id, n := range seen {
			if n > 1 {
				t.Fatalf("round %d: %s comes %d times", rounds, id, n)
			}
		}
		for id := range stable {
			if seen[id] != 1 {
				t.Fatalf("round %d: %s comes %d times", rounds, id, seen[id])
			}
		}
	}
	t.Logf("%d lists, page by page, under %d changes", rounds, changes.Load())
}
