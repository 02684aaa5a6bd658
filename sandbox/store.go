package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A store keeps the state of a sandbox by its rules. It knows nothing of HTTP: what it refuses is a *refusal. Values that it has
// handed out, or been given, are never changed in place, so that they may be read without the lock.
type store struct {
	seed    string
	slots   []interconnect.Slot // the catalogue
	clock   func() time.Time
	pending pending
	cascade bool

	changed *signal // raised after each change of the state

	mu    sync.Mutex
	state *state
	disk  disk
}

// A disk makes changes durable. A change for which write returns an error must not be found there again.
type disk interface {
	write(change) error
	close() error
}

// memory is the disk of a sandbox that has no data file.
type memory struct{}

func (memory) write(change) error { return nil }
func (memory) close() error       { return nil }

// newStore returns an empty store in memory.
func newStore(c config) (*store, error) {
	slots, err := checkSlots(c.slots)
	if err != nil {
		return nil, err
	}
	return &store{seed: c.seed, slots: slots, clock: c.now, pending: c.pending, cascade: c.cascade,
		changed: new(signal), state: newState(), disk: memory{}}, nil
}

// commit makes a change, on the disk first, so that no reader sees what may yet be lost.
func (s *store) commit(c change) error {
	if err := s.disk.write(c); err != nil {
		return err
	}
	c.make(s.state)
	s.changed.raise()
	return nil
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.disk.close()
}

// ---- Clock ----

func (s *store) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time()
}

// time is now for those who have the lock.
func (s *store) time() time.Time { return s.clock().Add(s.state.advanced) }

// advance moves the clock on.
func (s *store) advance(d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.state.advanced + d
	if (sum > s.state.advanced) != (d > 0) && d != 0 {
		var wrong findings
		wrong.add("/by", "the clock would be more than 292 years away from the one that it follows")
		return wrong.err()
	}
	return s.commit(change{put: []record{clockRecord(sum)}})
}

// ---- Slots ----

// view is a slot of the catalogue as an account sees it.
func (s *store) view(slot interconnect.Slot, id interconnect.AccountID) interconnect.Slot {
	v := slot
	holder := s.state.holders[slot.ID]
	owner := holder
	if owner == "" && slot.Account != nil {
		owner = *slot.Account
	}
	v.Occupied = slot.Occupied || holder != "" || owner != "" && owner != id
	v.Account = nil
	if owner != "" && owner == id {
		v.Account = &owner
	}
	return v
}

func (s *store) slot(id uuid.UUID) int {
	return slices.IndexFunc(s.slots, func(slot interconnect.Slot) bool { return slot.ID == id })
}

func (s *store) getSlot(accountID interconnect.AccountID, id uuid.UUID) (interconnect.Slot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.slot(id)
	if i < 0 {
		return interconnect.Slot{}, notFound("slot", id.String())
	}
	return s.view(s.slots[i], accountID), nil
}

func (s *store) listSlots(accountID interconnect.AccountID, p interconnect.ListSlotsParams) interconnect.SlotList {
	s.mu.Lock()
	defer s.mu.Unlock()
	items, next := page(func(yield func(int32, interconnect.Slot) bool) {
		for i := range s.slots {
			slot := s.view(s.slots[i], accountID)
			if is(p.Site, slot.Site) && is(p.Speed, slot.Speed) && is(p.Occupied, slot.Occupied) &&
				(p.AddressContains == nil || addressContains(slot.Facility, *p.AddressContains)) && !yield(int32(i+1), slot) {
				return
			}
		}
	}, p.Cursor, p.Limit)
	return interconnect.SlotList{Items: items, Next: next}
}

// is reports whether a value passes a filter; every value passes a filter that is absent.
func is[T comparable](filter *T, value T) bool { return filter == nil || *filter == value }

func addressContains(f interconnect.Facility, text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(append([]string{f.Name}, f.Address...), func(line string) bool {
		return strings.Contains(strings.ToLower(line), text)
	})
}

// ---- Interconnects ----

func (s *store) createPhysical(accountID interconnect.AccountID, order interconnect.PhysicalInterconnectCreate) (interconnect.Interconnect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wrong findings
	checkAccount(&wrong, accountID, order.Account)
	i := s.slot(order.SlotID)
	if i < 0 {
		wrong.add("/slot_id", "slot %s does not exist", order.SlotID)
		return interconnect.Interconnect{}, wrong.err()
	}
	slot := s.view(s.slots[i], accountID)
	if slot.Occupied {
		wrong.add("/slot_id", "slot %s is occupied", order.SlotID)
	}
	speed := speedOf(&wrong, slot, order.Speed)
	if err := wrong.err(); err != nil {
		return interconnect.Interconnect{}, err
	}
	return s.create(accountID, "direct", slot.Site, func(id uuid.UUID, name string) interconnect.Interconnect {
		return interconnect.NewInterconnect(physicalOn(slot, accountID, id, name, speed))
	})
}

// physicalOn is an interconnect on a slot.
func physicalOn(slot interconnect.Slot, accountID interconnect.AccountID, id uuid.UUID, name, speed string) interconnect.PhysicalInterconnect {
	return interconnect.PhysicalInterconnect{
		Account:                  accountID,
		Name:                     name,
		Site:                     slot.Site,
		Facility:                 slot.Facility,
		SlotID:                   slot.ID,
		Speed:                    speed,
		CCRDeviceName:            slot.CCRDeviceName,
		VirtualPortReservationID: id,
	}
}

func (s *store) createGCPPartner(accountID interconnect.AccountID, order interconnect.GCPPartnerInterconnectCreate) (interconnect.Interconnect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wrong findings
	checkAccount(&wrong, accountID, order.Account)
	region := regionOf(&wrong, order.PairingKey)
	key := newPairingKeyRecord(order.PairingKey)
	if s.state.pairingKeys[key] {
		wrong.add("/pairing_key", "pairing_key has been used before")
	}
	if err := wrong.err(); err != nil {
		return interconnect.Interconnect{}, err
	}
	return s.create(accountID, "gcp", region, func(id uuid.UUID, name string) interconnect.Interconnect {
		return interconnect.NewInterconnect(interconnect.GCPPartnerInterconnect{
			Account:                  accountID,
			Name:                     name,
			Region:                   region,
			Speed:                    &order.Bandwidth,
			VirtualPortReservationID: id,
		})
	}, key)
}

// create gives a new interconnect its name and the ID of its virtual port reservation, and keeps it together with other records.
func (s *store) create(accountID interconnect.AccountID, kind, place string, value func(uuid.UUID, string) interconnect.Interconnect, with ...record) (interconnect.Interconnect, error) {
	a := s.state.account(accountID)
	owner := a.accountRecord
	var id uuid.UUID
	name := ""
	for name == "" || a.names[name] != nil {
		owner.Created++
		id = newID(s.seed, "interconnect", accountID, fmt.Sprint(owner.Created))
		name = interconnectName(kind, place, id)
	}
	r := &interconnectRecord{Position: owner.Created, Created: s.time(), Value: value(id, name)}
	if err := s.commit(change{put: append(with, owner, r)}); err != nil {
		return interconnect.Interconnect{}, err
	}
	return r.Value, nil
}

// find returns the account and one of its interconnects.
func (s *store) find(accountID interconnect.AccountID, name string) (*account, *interconnectRecord, error) {
	a := s.state.account(accountID)
	r := a.names[name]
	if r == nil {
		return nil, nil, notFound("interconnect", name)
	}
	return a, r, nil
}

func (s *store) findCNI(accountID interconnect.AccountID, id uuid.UUID) (*account, *cniRecord, error) {
	a := s.state.account(accountID)
	r := a.ids[id]
	if r == nil {
		return nil, nil, notFound("CNI", id.String())
	}
	return a, r, nil
}

func (s *store) getInterconnect(accountID interconnect.AccountID, name string) (interconnect.Interconnect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.find(accountID, name)
	if err != nil {
		return interconnect.Interconnect{}, err
	}
	return r.Value, nil
}

func (s *store) listInterconnects(accountID interconnect.AccountID, p interconnect.ListInterconnectsParams) interconnect.InterconnectList {
	s.mu.Lock()
	defer s.mu.Unlock()
	items, next := page(func(yield func(int32, interconnect.Interconnect) bool) {
		for _, r := range s.state.account(accountID).interconnects {
			if matches(r.Value.Value(), p) && !yield(r.Position, r.Value) {
				return
			}
		}
	}, p.Cursor, p.Limit)
	return interconnect.InterconnectList{Items: items, Next: next}
}

func matches(v interconnect.InterconnectVariant, p interconnect.ListInterconnectsParams) bool {
	switch v := v.(type) {
	case interconnect.PhysicalInterconnect:
		return is(p.Type, interconnect.InterconnectTypeDirect) && is(p.Site, v.Site)
	case interconnect.GCPPartnerInterconnect:
		return is(p.Type, interconnect.InterconnectTypeGCPPartner) && p.Site == nil
	}
	return false
}

func (s *store) deleteInterconnect(accountID interconnect.AccountID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, r, err := s.find(accountID, name)
	if err != nil {
		return err
	}
	on := func(r *cniRecord) bool { return r.Value.Interconnect == name }
	if j := slices.IndexFunc(a.cnis, on); j >= 0 && !s.cascade {
		var wrong findings
		wrong.add("", "interconnect %s has CNI %s on it; delete its CNIs first", name, a.cnis[j].Value.ID)
		return wrong.err()
	}
	c := change{drop: []object{r}}
	for _, r := range a.cnis {
		if on(r) {
			c.drop = append(c.drop, r)
		}
	}
	return s.commit(c)
}

func (s *store) getStatus(accountID interconnect.AccountID, name string) (interconnect.InterconnectStatus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.find(accountID, name)
	if err != nil {
		return interconnect.InterconnectStatus{}, err
	}
	return s.status(r), nil
}

func (s *store) status(r *interconnectRecord) interconnect.InterconnectStatus {
	if r.Status != nil {
		return *r.Status
	}
	return s.pending.status(r.Value.Value(), s.time().Sub(r.Created))
}

// setStatus sets the state of a link; nil hands it back to the clock.
func (s *store) setStatus(accountID interconnect.AccountID, name string, status *interconnect.InterconnectStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.find(accountID, name)
	if err != nil {
		return err
	}
	set := *r
	set.Status = status
	return s.commit(change{put: []record{&set}})
}

// ---- CNIs ----

// check makes the checks that creating and updating have in common.
func (a *account) check(wrong *findings, path, body interconnect.AccountID, name string, magic interconnect.MagicSettings, bgp *interconnect.BGPControl) {
	checkAccount(wrong, path, body)
	if a.names[name] == nil {
		wrong.add("/interconnect", "interconnect %s does not exist", short(name))
	}
	checkMagic(wrong, magic)
	checkBGP(wrong, bgp, a.DefaultASN)
}

func (s *store) createCNI(accountID interconnect.AccountID, body interconnect.CNICreate) (interconnect.CNI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.state.account(accountID) // an account with an interconnect is not a new one
	var wrong findings
	a.check(&wrong, accountID, body.Account, body.Interconnect, body.Magic, body.BGP)
	if err := wrong.err(); err != nil {
		return interconnect.CNI{}, err
	}
	if a.conduit(body.Magic.ConduitName, uuid.Nil) {
		return interconnect.CNI{}, conflict("/magic/conduit_name", "conduit name %s is in use", short(body.Magic.ConduitName))
	}
	ends, ok := a.addresses.free()
	if !ok {
		wrong.add("", "the account has no subnet left for another CNI")
		return interconnect.CNI{}, wrong.err()
	}
	owner := a.accountRecord
	owner.Created++
	r := &cniRecord{Position: owner.Created}
	r.Value = interconnect.CNI{
		ID:           newID(s.seed, "cni", accountID, fmt.Sprint(r.Position)),
		Account:      accountID,
		Interconnect: body.Interconnect,
		CustomerIP:   ends.customer,
		CloudflareIP: ends.cloudflare,
		Magic:        body.Magic,
		BGP:          body.BGP,
		BGPMode:      bgpMode(body.BGP, nil, nil),
	}
	if err := s.commit(change{put: []record{owner, r}}); err != nil {
		return interconnect.CNI{}, err
	}
	return r.Value, nil
}

func (s *store) updateCNI(accountID interconnect.AccountID, id uuid.UUID, body interconnect.CNIUpdate) (interconnect.CNI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, before, err := s.findCNI(accountID, id)
	if err != nil {
		return interconnect.CNI{}, err
	}
	r := *before
	var wrong findings
	if body.ID != nil && *body.ID != id {
		wrong.add("/id", "id is %s, but the path has %s", body.ID, id)
	}
	a.check(&wrong, accountID, body.Account, body.Interconnect, body.Magic, body.BGP)
	if a.conduit(body.Magic.ConduitName, id) {
		wrong.add("/magic/conduit_name", "conduit name %s is in use", short(body.Magic.ConduitName))
	}
	ends := updateLink(&wrong, r.link(), body.CustomerIP, body.CloudflareIP)
	if err := wrong.err(); err != nil {
		return interconnect.CNI{}, err
	}
	r.Value = interconnect.CNI{
		ID:           id,
		Account:      accountID,
		Interconnect: body.Interconnect,
		CustomerIP:   ends.customer,
		CloudflareIP: ends.cloudflare,
		Magic:        body.Magic,
		BGP:          body.BGP,
		BGPMode:      bgpMode(body.BGP, r.Value.BGPMode, body.BGPMode),
	}
	if err := s.commit(change{put: []record{&r}}); err != nil {
		return interconnect.CNI{}, err
	}
	return r.Value, nil
}

func (s *store) getCNI(accountID interconnect.AccountID, id uuid.UUID) (interconnect.CNI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.findCNI(accountID, id)
	if err != nil {
		return interconnect.CNI{}, err
	}
	return r.Value, nil
}

func (s *store) listCNIs(accountID interconnect.AccountID, p interconnect.ListCNIsParams) interconnect.CNIList {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.state.account(accountID)
	items, next := page(func(yield func(int32, interconnect.CNI) bool) {
		for _, r := range a.cnis {
			if (p.Slot == nil || a.occupies(r.Value.Interconnect, *p.Slot)) && is(p.TunnelID, TunnelID(r.Value.ID)) && !yield(r.Position, r.Value) {
				return
			}
		}
	}, p.Cursor, p.Limit)
	return interconnect.CNIList{Items: items, Next: next}
}

// occupies reports whether the interconnect with this name has the slot.
func (a *account) occupies(name string, slot uuid.UUID) bool {
	physical, ok := a.names[name].Value.Value().(interconnect.PhysicalInterconnect)
	return ok && physical.SlotID == slot
}

func (s *store) deleteCNI(accountID interconnect.AccountID, id uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.findCNI(accountID, id)
	if err != nil {
		return err
	}
	return s.commit(change{drop: []object{r}})
}

// ---- Settings ----

// updateSettings sets the default ASN; nil leaves it as it is.
func (s *store) updateSettings(accountID interconnect.AccountID, asn *int64) (interconnect.Settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asn != nil {
		var wrong findings
		checkDefaultASN(&wrong, *asn)
		if err := wrong.err(); err != nil {
			return interconnect.Settings{}, err
		}
		owner := s.state.account(accountID).accountRecord
		owner.DefaultASN = *asn
		if err := s.commit(change{put: []record{owner}}); err != nil {
			return interconnect.Settings{}, err
		}
	}
	return interconnect.Settings{DefaultASN: s.state.account(accountID).DefaultASN}, nil
}

func (s *store) getSettings(accountID interconnect.AccountID) interconnect.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return interconnect.Settings{DefaultASN: s.state.account(accountID).DefaultASN}
}
