package tolerant_test

import (
	"encoding/json"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/tolerant"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A list of a physical interconnect of an unknown type, a GCP partner interconnect as it was before August 2026, and one of a
// kind that the document does not know.
const list = `{"items": [
	{"type": "type", "account": "a", "name": "n", "owner": "o", "site": "s", "slot_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "speed": "10G",
	 "facility": {"address": ["x"], "name": "f"}, "virtual_port_reservation_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"},
	{"type": "gcp_partner", "account": "a", "name": "n", "region": "r"},
	{"type": "aws", "vif": 7.0}
]}`

func TestUnmarshal(t *testing.T) {
	schema := interconnect.Schemas()["nsc_InterconnectList"]
	text, concessions, err := schema.CheckTolerant([]byte(list), contract.InResponse)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/items/0/type discriminator", "/items/1/virtual_port_reservation_id required", "/items/2/type discriminator"}
	if len(concessions) != len(want) {
		t.Fatalf("conceded %v, want %q", concessions, want)
	}
	for i, c := range concessions {
		if got := c.Pointer + " " + c.Rule; got != want[i] {
			t.Errorf("concession %d is %s, want %s", i, got, want[i])
		}
	}

	var read interconnect.InterconnectList
	if err := json.Unmarshal(text, &read); err == nil {
		t.Error("encoding/json reads it too; then this package is not needed")
	}
	if err := tolerant.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if v, ok := read.Items[0].Value().(interconnect.PhysicalInterconnect); !ok || v.Type != "type" || v.Site != "s" {
		t.Errorf("item 0 is %#v", read.Items[0])
	}
	if v, ok := read.Items[1].Value().(interconnect.GCPPartnerInterconnect); !ok || v.Region != "r" {
		t.Errorf("item 1 is %#v", read.Items[1])
	}
	v, ok := read.Items[2].Value().(interconnect.UnknownVariant)
	if !ok || string(v.JSON) != `{"type": "aws", "vif": 7.0}` {
		t.Errorf("item 2 is %#v", read.Items[2])
	}
	if text, err := json.Marshal(read.Items[2]); err != nil || string(text) != `{"type":"aws","vif":7.0}` {
		t.Errorf("item 2 encodes as %s, %v", text, err)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `{"type":"aws"} {}`, `{"type":"aws","type":"aws"}`, "{\"type\":\"\xff\"}"} {
		var read interconnect.Interconnect
		if err := tolerant.Unmarshal([]byte(text), &read); err == nil {
			t.Errorf("%q is read as %#v", text, read)
		}
	}
}
