package sandbox

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A Snapshot is the whole state of a sandbox at one moment: what is ordered and set, by which names and IDs are
// assigned, and how far the clock is advanced. The catalogue, the options and the faults are not part of it. The zero
// value is the state of a new sandbox.
//
// As JSON it is what the control API has at /_sandbox/snapshot.
type Snapshot struct {
	tables tables
}

const snapshotVersion = 1

// MarshalJSON implements [json.Marshaler].
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version int `json:"version"`
		tables
	}{snapshotVersion, s.tables.orEmpty()})
}

// UnmarshalJSON implements [json.Unmarshaler]. The error names everything that is not valid by the document of the control API.
// Whether the parts agree with each other is found by [Sandbox.Restore].
func (s *Snapshot) UnmarshalJSON(text []byte) error {
	err := snapshotSchema().Check(text, contract.InResponse)
	var t tables
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	var wrong findings
	if wrong.addError(err); err == nil {
		s.tables = t
	}
	return wrong.err()
}

// snapshotSchema is the schema of the control API's document, together with those of the API that it leaves open.
func snapshotSchema() *contract.Schema {
	list := func(member, key string) schema.Property {
		item := &contract.Schema{Properties: []schema.Property{{Name: member, Schema: interconnect.Schemas()[key]}}}
		return schema.Property{Name: member + "s", Schema: &contract.Schema{Items: item}}
	}
	return &contract.Schema{AllOf: []*contract.Schema{
		control.Schemas()["Snapshot"],
		{Properties: []schema.Property{list("cni", "nsc_Cni"), list("interconnect", "nsc_Interconnect")}},
	}}
}

// maxCreated is how many objects an account may have created before. Positions end at the largest int32, and no program
// gets there from here.
const maxCreated = 1 << 30

// build makes a state of tables that come from outside. It checks that they agree with each other and with the catalogue.
func (s *store) build(t tables) (*state, error) {
	built := newState()
	var wrong findings
	for i, r := range t.Accounts {
		at := fmt.Sprintf("/accounts/%d", i)
		if built.accounts[r.ID] != nil {
			wrong.add(at+"/account", "account %s stands here twice", short(r.ID))
		}
		if r.Created > maxCreated {
			wrong.add(at+"/created", "created is %d, want at most %d", r.Created, maxCreated)
		}
		wrong.under(at, func(f *findings) { checkDefaultASN(f, r.DefaultASN) })
		r.put(built)
	}
	positions := map[string]bool{}
	position := func(at string, id interconnect.AccountID, position int32) {
		switch a, key := built.accounts[id], positionKey(id, position); {
		case a == nil:
			wrong.add(at, "account %s is not among the accounts", short(id))
		case position > a.Created:
			wrong.add(at+"/position", "position is %d, but created of the account is %d", position, a.Created)
		case positions[key]:
			wrong.add(at+"/position", "position %d of the account is taken", position)
		default:
			positions[key] = true
		}
	}
	for i, r := range t.Interconnects {
		at := fmt.Sprintf("/interconnects/%d", i)
		position(at, r.account(), r.Position)
		at += "/interconnect"
		if built.account(r.account()).names[r.name()] != nil {
			wrong.add(at+"/name", "the account has two interconnects of the name %s", short(r.name()))
		}
		if physical, ok := r.Value.Value().(interconnect.PhysicalInterconnect); ok {
			wrong.under(at, func(f *findings) { s.checkPhysical(f, built, physical) })
		}
		r.put(built)
	}
	ids := map[uuid.UUID]bool{}
	for i, r := range t.CNIs {
		at := fmt.Sprintf("/cnis/%d", i)
		position(at, r.Value.Account, r.Position)
		wrong.under(at+"/cni", func(f *findings) {
			if ids[r.Value.ID] {
				f.add("/id", "two CNIs have the ID %s", r.Value.ID)
			}
			ids[r.Value.ID] = true
			checkCNI(f, built.account(r.Value.Account), r.Value)
		})
		if len(wrong) == 0 { // its link is one
			r.put(built)
		}
	}
	for i, r := range t.PairingKeys {
		if built.pairingKeys[r] {
			wrong.add(fmt.Sprintf("/pairing_keys/%d", i), "the digest stands here twice")
		}
		r.put(built)
	}
	t.Advanced.put(built)
	return built, wrong.err()
}

func (s *store) checkPhysical(f *findings, built *state, ic interconnect.PhysicalInterconnect) {
	i := s.slot(ic.SlotID)
	if i < 0 {
		f.add("/slot_id", "slot %s is not in the catalogue", ic.SlotID)
		return
	}
	slot := s.slots[i]
	switch {
	case built.holders[ic.SlotID] != "":
		f.add("/slot_id", "slot %s has two interconnects", ic.SlotID)
	case slot.Occupied, slot.Account != nil && *slot.Account != ic.Account:
		f.add("/slot_id", "slot %s is occupied in the catalogue", ic.SlotID)
	}
	want := interconnect.NewInterconnect(physicalOn(slot, ic.Account, ic.VirtualPortReservationID, ic.Name, slot.Speed))
	if !reflect.DeepEqual(interconnect.NewInterconnect(ic), want) {
		f.add("", "the interconnect does not agree with slot %s of the catalogue", ic.SlotID)
	}
}

func checkCNI(f *findings, a *account, cni interconnect.CNI) {
	if a.names[cni.Interconnect] == nil {
		f.add("/interconnect", "interconnect %s does not exist", short(cni.Interconnect))
	}
	checkMagic(f, cni.Magic)
	if a.conduit(cni.Magic.ConduitName, uuid.Nil) {
		f.add("/magic/conduit_name", "conduit name %s is in use", short(cni.Magic.ConduitName))
	}
	ends := link{cni.CustomerIP, cni.CloudflareIP}
	customer, err := netip.ParsePrefix(ends.customer)
	if err != nil { // the document has a format for it
		f.add("/cust_ip", "cust_ip is not a prefix")
		return
	}
	updateLink(f, ends, &cni.CustomerIP, &cni.CloudflareIP)
	switch i := subnet(ends); {
	case i < 0 || i >= poolSize || !customer.Addr().Is4():
		f.add("/cust_ip", "cust_ip is %s, which the sandbox does not hand out", ends.customer)
	case a.addresses.used[i]:
		f.add("/cust_ip", "the subnet of %s is in use", ends.customer)
	}
}

// ---- The store ----

func (s *store) snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Snapshot{s.state.tables()}
}

// restore replaces the state; the zero snapshot makes it that of a new sandbox.
func (s *store) restore(snapshot Snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.build(snapshot.tables); err != nil {
		return err
	}
	return s.commit(snapshot.tables.change())
}
