package wire_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
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

func TestTolerant(t *testing.T) {
	var strict interconnect.InterconnectList
	if err := json.Unmarshal([]byte(list), &strict); err == nil || strict.Items != nil {
		t.Errorf("it is read strictly: %+v, %v", strict, err)
	}
	var read interconnect.InterconnectList
	deviations, err := contract.UnmarshalTolerant([]byte(list), &read)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range deviations {
		if d.Rule != "undeclared" {
			got = append(got, d.Pointer+" "+d.Rule)
		}
	}
	want := []string{"/items/0/type discriminator", "/items/1/virtual_port_reservation_id required", "/items/2/type discriminator"}
	if !slices.Equal(got, want) {
		t.Errorf("deviations are %q, want %q", got, want)
	}
	if v, ok := read.Items[0].Value().(interconnect.PhysicalInterconnect); !ok || v.Type != "type" || v.Site != "s" {
		t.Errorf("item 0 is %#v", read.Items[0])
	}
	if v, ok := read.Items[1].Value().(interconnect.GCPPartnerInterconnect); !ok || v.Region != "r" {
		t.Errorf("item 1 is %#v", read.Items[1])
	}
	if v, ok := read.Items[2].Value().(interconnect.UnknownVariant); !ok || string(v.JSON) != `{"type": "aws", "vif": 7.0}` {
		t.Errorf("item 2 is %#v", read.Items[2])
	}

	// What was read tolerantly is written only by MarshalTolerant, and comes back from it.
	var invalid *contract.ValidationError
	if text, err := json.Marshal(read); !errors.As(err, &invalid) {
		t.Errorf("it is written strictly: %s, %v", text, err)
	}
	text, err := contract.MarshalTolerant(read)
	if err != nil {
		t.Fatal(err)
	}
	var again interconnect.InterconnectList
	if _, err := contract.UnmarshalTolerant(text, &again); err != nil {
		t.Fatal(err)
	}
	if third, err := contract.MarshalTolerant(map[string]any{"x": []any{again, "<"}}); err != nil ||
		schema.Canonical(string(third)) != schema.Canonical(`{"x":[`+string(text)+`,"<"]}`) || !strings.Contains(string(third), `"<"`) {
		t.Errorf("it is written as %s\nand then as %s, %v", text, third, err)
	}
	if !strings.Contains(string(text), `{"type": "aws", "vif": 7.0}`) {
		t.Errorf("what was not understood is lost: %s", text)
	}
}

// A value of an unknown kind is a deviation, even if it is the only one.
func TestUnknownVariantIsNotStrict(t *testing.T) {
	var read interconnect.InterconnectList
	if _, err := contract.UnmarshalTolerant([]byte(`{"items":[{"type":"aws","vif":7.0}],"next":null}`), &read); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(read)
	var invalid *contract.ValidationError
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "/items/0/type: ") {
		t.Errorf("it is written strictly: %s, %v", text, err)
	}
	if text, err := contract.MarshalTolerant(read); err != nil || !strings.Contains(string(text), `{"type":"aws","vif":7.0}`) {
		t.Errorf("it is written as %s, %v", text, err)
	}
	for _, v := range []interconnect.UnknownVariant{{}, {JSON: json.RawMessage(`{"type":`)}} {
		if text, err := json.Marshal(v); (err == nil) != (v.JSON == nil) || err == nil && string(text) != "null" {
			t.Errorf("%q is written as %s, %v", v.JSON, text, err)
		}
	}
}

// A variant that its Go type cannot hold is kept as it is, and written so, whatever rules it breaks.
func TestKeptVariantIsWritten(t *testing.T) {
	const text = `{"items":[{"type":"direct","slot_id":5},{"type":"gcp_partner","name":{"a":[1]}},{"type":1}],"next":null}`
	var read interconnect.InterconnectList
	deviations, err := contract.UnmarshalTolerant([]byte(text), &read)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(deviations, func(v contract.Violation) bool { return v.Pointer == "/items/0/slot_id" && v.Rule == "type" }) {
		t.Errorf("the deviations are %v", deviations)
	}
	if written, err := contract.MarshalTolerant(read); err != nil || string(written) != text {
		t.Errorf("it is written as %s, %v", written, err)
	}
	if written, err := json.Marshal(read); err == nil {
		t.Errorf("it is written strictly as %s", written)
	}
	// What is wrong beside it is not tolerated for that.
	read.Items = append(read.Items, interconnect.Interconnect{})
	if written, err := contract.MarshalTolerant(read); err == nil {
		t.Errorf("a union without a variant is written as %s", written)
	}
}

func TestTolerantRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `{"type":"aws"} {}`, `{"type":"aws","type":"aws"}`, "{\"type\":\"\xff\"}", `{"items":[],"items":[]}`} {
		read := interconnect.NewInterconnect(interconnect.PhysicalInterconnect{Name: "before"})
		var invalid *contract.ValidationError
		if _, err := contract.UnmarshalTolerant([]byte(text), &read); !errors.As(err, &invalid) {
			t.Errorf("%q is read as %#v, %v", text, read, err)
		}
		if v, ok := read.Value().(interconnect.PhysicalInterconnect); !ok || v.Name != "before" {
			t.Errorf("%q: the value has changed to %#v", text, read)
		}
	}
	// What the Go type cannot hold, a strict error cannot make good.
	if text, err := contract.MarshalTolerant(interconnect.InterconnectList{Items: []interconnect.Interconnect{{}}}); err == nil {
		t.Errorf("a union without a variant is written as %s", text)
	}
}
