package sandbox_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

var slots = sandbox.Catalogue("")

const key = "7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2"

func TestPhysicalInterconnect(t *testing.T) {
	r := start(t)
	slot := slots[38] // the 100G port of the first device of iad-a
	ic := r.order(slot)
	want := interconnect.PhysicalInterconnect{
		Type: interconnect.PhysicalInterconnectTypeDirect, Account: account, Name: ic.Name, Site: "iad-a", Facility: slot.Facility,
		SlotID: slot.ID, Speed: "100G", CCRDeviceName: slot.CCRDeviceName, VirtualPortReservationID: ic.VirtualPortReservationID,
	}
	if !reflect.DeepEqual(ic, want) {
		t.Errorf("got %+v, want %+v", ic, want)
	}
	if !regexp.MustCompile(`^direct-iad-a-[0-9a-f]{8}$`).MatchString(ic.Name) {
		t.Errorf("the name is %s", ic.Name)
	}
	if again := start(t).order(slot); !reflect.DeepEqual(again, ic) {
		t.Errorf("got %+v, then %+v", ic, again)
	}
	if seeded := start(t, sandbox.WithSeed("x"), sandbox.WithSlots(slots)).order(slot); seeded.VirtualPortReservationID == ic.VirtualPortReservationID {
		t.Error("another seed gives the same ID")
	}
	got := decode[interconnect.Interconnect](t, r.call("GET", "/interconnects/"+ic.Name, ""))
	if !reflect.DeepEqual(got.Value(), interconnect.InterconnectVariant(ic)) {
		t.Errorf("got %+v, want %+v", got.Value(), ic)
	}

	// The slot is taken, and only its holder is told by whom.
	seen := decode[interconnect.Slot](t, r.call("GET", "/slots/"+slot.ID.String(), ""))
	if !seen.Occupied || seen.Account == nil || *seen.Account != account {
		t.Errorf("got %+v", seen)
	}
	if reply := r.callAs(other, "GET", "/slots/"+slot.ID.String(), ""); !strings.Contains(reply.body, `"occupied":true`) || strings.Contains(reply.body, account) {
		t.Errorf("another account sees %s", reply.body)
	}

	// Until the interconnect is deleted.
	wantStatus(t, r.call("DELETE", "/interconnects/"+ic.Name, ""), 200)
	wantFailure(t, r.call("DELETE", "/interconnects/"+ic.Name, ""), 404, "interconnect "+ic.Name+" not found")
	seen = decode[interconnect.Slot](t, r.call("GET", "/slots/"+slot.ID.String(), ""))
	if seen.Occupied || seen.Account != nil {
		t.Errorf("got %+v", seen)
	}
	if again := r.order(slot); again.Name == ic.Name {
		t.Error("the name of a deleted interconnect is used again")
	}
}

func TestInterconnectRules(t *testing.T) {
	r := start(t)
	taken, free := slots[0].ID.String(), slots[1].ID
	r.order(slots[0])
	r.orderGCP(key)
	physical, gcp := physicalOrder(account, free), gcpOrder(account, "k/europe-west3/1")
	tests := []struct {
		name, body string
		errors     []string // none if the order is accepted
	}{
		{"unknown slot", physicalOrder(account, uuid.UUID{1}), []string{"/slot_id: slot 01000000-0000-0000-0000-000000000000 does not exist"}},
		{"occupied slot", edit(t, physical, "slot_id", taken), []string{"/slot_id: slot " + taken + " is occupied"}},
		{"another account", edit(t, physical, "account", other), []string{"/account: account is " + other + ", but the path has " + account}},
		{"another speed", edit(t, physical, "speed", "100G"), []string{"/speed: slot " + free.String() + " supports 10G, not 100G"}},
		{"all at once", edit(t, physical, "account", other, "slot_id", taken, "speed", "1G"), []string{
			"/account: account is " + other + ", but the path has " + account,
			"/slot_id: slot " + taken + " is occupied", "/speed: slot " + taken + " supports 10G, not 1G"}},
		{"speed null", edit(t, physical, "speed", nil), nil},
		{"the slot's speed", edit(t, physicalOrder(account, slots[3].ID), "speed", "10G"), nil},
		{"used key", edit(t, gcp, "pairing_key", key), []string{"/pairing_key: pairing_key has been used before"}},
		{"key of two parts", edit(t, gcp, "pairing_key", "a/b"), []string{"/pairing_key: pairing_key is not of the form key/region/domain"}},
		{"key of four parts", edit(t, gcp, "pairing_key", "a/b/c/d"), []string{"/pairing_key: pairing_key is not of the form key/region/domain"}},
		{"key with an empty part", edit(t, gcp, "pairing_key", "a//c"), []string{"/pairing_key: pairing_key is not of the form key/region/domain"}},
		{"gcp, another account", edit(t, gcp, "account", other), []string{"/account: account is " + other + ", but the path has " + account}},
		{"key that an order failed with", gcp, nil},
		{"no type", `{}`, []string{`/type: /type: want one of "direct", "gcp_partner"; it is missing (required)`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply := r.call("POST", "/interconnects", test.body)
			if test.errors == nil {
				wantStatus(t, reply, 200)
				return
			}
			wantFailure(t, reply, 400, test.errors...)
			if strings.Contains(reply.body, "7e51371e") {
				t.Error("the response shows the pairing key")
			}
		})
	}
}

func TestGCPPartnerInterconnect(t *testing.T) {
	r := start(t)
	ic := r.orderGCP(key)
	want := interconnect.GCPPartnerInterconnect{
		Type: interconnect.GCPPartnerInterconnectTypeGCPPartner, Account: account, Name: ic.Name, Region: "us-central1",
		Speed: new(interconnect.Bandwidth1G), VirtualPortReservationID: ic.VirtualPortReservationID,
	}
	if !reflect.DeepEqual(ic, want) {
		t.Errorf("got %+v, want %+v", ic, want)
	}
	if !regexp.MustCompile(`^gcp-us-central1-[0-9a-f]{8}$`).MatchString(ic.Name) {
		t.Errorf("the name is %s", ic.Name)
	}
	// A name needs no escaping in a path, whatever the region is.
	strange := r.orderGCP("k/.. é?#/1")
	wantStatus(t, r.call("GET", "/interconnects/"+strange.Name, ""), 200)
	if strange.Region != ".. é?#" {
		t.Errorf("got %q", strange.Region)
	}
}

func TestInterconnectFilters(t *testing.T) {
	r := start(t)
	atlanta, ashburn, google := r.order(slots[0]).Name, r.order(slots[36]).Name, r.orderGCP(key).Name
	for query, want := range map[string][]string{
		"":                            {atlanta, ashburn, google},
		"site=iad-a":                  {ashburn},
		"site=nowhere":                {},
		"type=direct":                 {atlanta, ashburn},
		"type=gcp_partner":            {google},
		"type=gcp_partner&site=iad-a": {},
	} {
		got := []string{}
		for _, ic := range decode[interconnect.InterconnectList](t, r.call("GET", "/interconnects?"+query, "")).Items {
			got = append(got, nameOf(ic))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	wantStatus(t, r.call("GET", "/interconnects?type=virtual", ""), 400)

	// A filter applies before the page is cut, and the cursor stays good when the item that it stands for is deleted.
	first := decode[interconnect.InterconnectList](t, r.call("GET", "/interconnects?type=direct&limit=1", ""))
	if len(first.Items) != 1 || nameOf(first.Items[0]) != atlanta || first.Next == nil {
		t.Fatalf("got %+v", first)
	}
	wantStatus(t, r.call("DELETE", "/interconnects/"+atlanta, ""), 200)
	second := decode[interconnect.InterconnectList](t, r.call("GET", fmt.Sprint("/interconnects?type=direct&limit=1&cursor=", *first.Next), ""))
	if len(second.Items) != 1 || nameOf(second.Items[0]) != ashburn || second.Next != nil {
		t.Errorf("got %+v", second)
	}
}

func nameOf(ic interconnect.Interconnect) string {
	switch v := ic.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return v.Name
	case interconnect.GCPPartnerInterconnect:
		return v.Name
	}
	return ""
}

func TestDeleteInterconnectWithCNIs(t *testing.T) {
	r := start(t)
	ic := r.order(slots[0])
	cni := r.configure(ic.Name, "c1")
	wantFailure(t, r.call("DELETE", "/interconnects/"+ic.Name, ""), 400,
		"interconnect "+ic.Name+" has CNI "+cni.ID.String()+" on it; delete its CNIs first")
	wantStatus(t, r.call("DELETE", "/cnis/"+cni.ID.String(), ""), 200)
	wantStatus(t, r.call("DELETE", "/interconnects/"+ic.Name, ""), 200)

	r = start(t, sandbox.WithCascade())
	ic, kept := r.order(slots[0]), r.order(slots[1])
	r.configure(ic.Name, "c1")
	r.configure(kept.Name, "c2")
	r.configure(ic.Name, "c3")
	wantStatus(t, r.call("DELETE", "/interconnects/"+ic.Name, ""), 200)
	if list := decode[interconnect.CNIList](t, r.call("GET", "/cnis", "")); len(list.Items) != 1 || list.Items[0].Magic.ConduitName != "c2" {
		t.Errorf("got %+v", list.Items)
	}
	if cni := r.configure(kept.Name, "c1"); cni.CustomerIP != "10.64.0.1/31" {
		t.Errorf("the addresses have not been given back: got %s", cni.CustomerIP)
	}
}

func TestAccountsAreIsolated(t *testing.T) {
	r := start(t)
	ic := r.order(slots[0])
	cni := r.configure(ic.Name, "c1")
	wantStatus(t, r.call("PUT", "/settings", `{"default_asn":64512}`), 200)
	for _, path := range []string{"/interconnects/" + ic.Name, "/interconnects/" + ic.Name + "/status", "/interconnects/" + ic.Name + "/loa",
		"/interconnects/" + ic.Name + "/loa/default", "/cnis/" + cni.ID.String()} {
		wantStatus(t, r.callAs(other, "GET", path, ""), 404)
	}
	for _, path := range []string{"/interconnects/" + ic.Name, "/cnis/" + cni.ID.String()} {
		wantStatus(t, r.callAs(other, "DELETE", path, ""), 404)
	}
	for _, path := range []string{"/interconnects", "/cnis"} {
		if reply := r.callAs(other, "GET", path, ""); reply.body != `{"items":[],"next":null}`+"\n" {
			t.Errorf("%s: another account sees %s", path, reply.body)
		}
	}
	if reply := r.callAs(other, "GET", "/settings", ""); reply.body != `{"default_asn":13335}`+"\n" {
		t.Errorf("another account sees %s", reply.body)
	}
	body := edit(t, cniCreate(ic.Name, "c1"), "account", other)
	wantFailure(t, r.callAs(other, "POST", "/cnis", body), 400, "/interconnect: interconnect "+ic.Name+" does not exist")
	// The other account may use the same conduit name, and gets the same addresses.
	theirs := decode[interconnect.Interconnect](t, r.callAs(other, "POST", "/interconnects", physicalOrder(other, slots[1].ID)))
	body = edit(t, cniCreate(nameOf(theirs), "c1"), "account", other)
	if theirs := decode[interconnect.CNI](t, r.callAs(other, "POST", "/cnis", body)); theirs.CustomerIP != cni.CustomerIP || theirs.ID == cni.ID {
		t.Errorf("got %+v", theirs)
	}
}

// A thousand orders at once for a hundred slots: each slot is sold once, and the state agrees with the responses.
func TestConcurrentOrders(t *testing.T) {
	r := start(t, sandbox.WithSlots(slots[:100]))
	accounts := []string{account, other}
	orders := 1000
	if *long {
		orders = 12_000
	}
	replies := make([]reply, orders)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range replies {
		wg.Go(func() {
			<-begin
			owner := accounts[i/100%2]
			replies[i] = r.callAs(owner, "POST", "/interconnects", physicalOrder(owner, slots[i%100].ID))
		})
	}
	close(begin)
	wg.Wait()

	sold, names := map[uuid.UUID]string{}, map[string]bool{}
	for i, reply := range replies {
		if reply.status != 200 {
			wantFailure(t, reply, 400, "/slot_id: slot "+slots[i%100].ID.String()+" is occupied")
			continue
		}
		ic := decode[interconnect.Interconnect](t, reply).Value().(interconnect.PhysicalInterconnect)
		if sold[ic.SlotID] != "" {
			t.Errorf("slot %s is sold twice", ic.SlotID)
		}
		sold[ic.SlotID], names[ic.Name] = ic.Account, true
	}
	if len(sold) != 100 || len(names) != 100 {
		t.Fatalf("%d slots sold, as %d interconnects; want 100", len(sold), len(names))
	}
	listed := 0
	for _, owner := range accounts {
		for _, ic := range decode[interconnect.InterconnectList](t, r.callAs(owner, "GET", "/interconnects?limit=1000", "")).Items {
			if v := ic.Value().(interconnect.PhysicalInterconnect); !names[v.Name] || sold[v.SlotID] != owner {
				t.Errorf("%s lists %+v", owner, v)
			}
			listed++
		}
		free := decode[interconnect.SlotList](t, r.callAs(owner, "GET", "/slots?occupied=false", ""))
		if len(free.Items) != 0 {
			t.Errorf("%d slots are free", len(free.Items))
		}
	}
	if listed != 100 {
		t.Errorf("%d interconnects are listed", listed)
	}
}
