package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A store is the state of a sandbox. It knows nothing of HTTP: what it refuses is a *refusal. Values that it has handed out, or
// been given, are never changed in place, so that they may be read without the lock.
type store struct {
	seed    string
	now     func() time.Time
	pending pending
	cascade bool

	mu          sync.Mutex
	slots       []slotRecord
	accounts    map[interconnect.AccountID]*account
	pairingKeys map[string]bool // all that were ever used
}

type slotRecord struct {
	slot   interconnect.Slot      // as in the catalogue
	holder interconnect.AccountID // whose interconnect has it; empty if none
}

// An account has its objects in the order of their creation.
type account struct {
	interconnects []*interconnectRecord
	cnis          []*cniRecord
	created       int32 // objects so far; the last one's position
	addresses     pool
	defaultASN    int64
}

type interconnectRecord struct {
	position int32
	name     string
	value    interconnect.Interconnect
	slot     int // index; -1 for a GCP partner interconnect
	created  time.Time
	status   *interconnect.InterconnectStatus // set by a test; nil if not
}

type cniRecord struct {
	position int32
	value    interconnect.CNI
}

// newStore panics if a slot is not valid, or two have the same ID.
func newStore(c config) *store {
	s := &store{
		seed:        c.seed,
		now:         c.now,
		pending:     c.pending,
		cascade:     c.cascade,
		accounts:    map[interconnect.AccountID]*account{},
		pairingKeys: map[string]bool{},
	}
	seen := map[uuid.UUID]bool{}
	for _, slot := range c.slots {
		if seen[slot.ID] {
			panic(fmt.Sprintf("sandbox: two slots have the ID %s", slot.ID))
		}
		seen[slot.ID] = true
		// The caller may go on to change what it has given. An address that is nil would not be valid.
		slot.Facility.Address = append([]string{}, slot.Facility.Address...)
		slot.Account, slot.CCRDeviceName = clone(slot.Account), clone(slot.CCRDeviceName)
		if err := valid(slot); err != nil {
			panic(fmt.Sprintf("sandbox: slot %s is not valid: %v", slot.ID, err))
		}
		s.slots = append(s.slots, slotRecord{slot: slot})
	}
	return s
}

func valid(slot interconnect.Slot) error {
	text, err := json.Marshal(slot)
	if err != nil {
		return err
	}
	_, err = interconnect.Schemas()["nsc_SlotInfo"].Check(text, contract.InResponse)
	return err
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// account returns the account. One that nobody has used yet is made, and forgotten again unless something is added to it.
func (s *store) account(id interconnect.AccountID) *account {
	if a, ok := s.accounts[id]; ok {
		return a
	}
	return &account{defaultASN: cloudflareASN}
}

// change is account for a caller who adds something.
func (s *store) change(id interconnect.AccountID) *account {
	a := s.account(id)
	s.accounts[id] = a
	return a
}

func (a *account) nextPosition() int32 {
	a.created++
	return a.created
}

func (a *account) interconnect(name string) int {
	return slices.IndexFunc(a.interconnects, func(r *interconnectRecord) bool { return r.name == name })
}

func (a *account) cni(id uuid.UUID) int {
	return slices.IndexFunc(a.cnis, func(r *cniRecord) bool { return r.value.ID == id })
}

// conduit tells whether a CNI other than the one with this ID has the conduit name.
func (a *account) conduit(name string, id uuid.UUID) bool {
	return slices.ContainsFunc(a.cnis, func(r *cniRecord) bool { return r.value.Magic.ConduitName == name && r.value.ID != id })
}

// ---- Slots ----

// view is the slot as an account sees it.
func (r *slotRecord) view(id interconnect.AccountID) interconnect.Slot {
	v := r.slot
	owner := r.holder
	if owner == "" && r.slot.Account != nil {
		owner = *r.slot.Account
	}
	v.Occupied = r.slot.Occupied || r.holder != "" || owner != "" && owner != id
	v.Account = nil
	if owner == id {
		v.Account = &owner
	}
	return v
}

func (s *store) slot(id uuid.UUID) int {
	return slices.IndexFunc(s.slots, func(r slotRecord) bool { return r.slot.ID == id })
}

func (s *store) getSlot(accountID interconnect.AccountID, id uuid.UUID) (interconnect.Slot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.slot(id)
	if i < 0 {
		return interconnect.Slot{}, notFound("slot", id.String())
	}
	return s.slots[i].view(accountID), nil
}

func (s *store) listSlots(accountID interconnect.AccountID, p interconnect.ListSlotsParams) page[interconnect.Slot] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return newPage(func(yield func(int32, interconnect.Slot) bool) {
		for i := range s.slots {
			slot := s.slots[i].view(accountID)
			if is(p.Site, slot.Site) && is(p.Speed, slot.Speed) && is(p.Occupied, slot.Occupied) &&
				(p.AddressContains == nil || addressContains(slot.Facility, *p.AddressContains)) && !yield(int32(i+1), slot) {
				return
			}
		}
	}, p.Cursor, p.Limit)
}

// is tells whether a value passes a filter; a filter that is absent lets everything pass.
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
	slot := s.slots[i].view(accountID)
	if slot.Occupied {
		wrong.add("/slot_id", "slot %s is occupied", order.SlotID)
	}
	speed := speedOf(&wrong, slot, order.Speed)
	if err := wrong.err(); err != nil {
		return interconnect.Interconnect{}, err
	}
	s.slots[i].holder = accountID
	return s.add(accountID, "direct", slot.Site, i, func(id uuid.UUID, name string) interconnect.Interconnect {
		return interconnect.NewInterconnect(interconnect.PhysicalInterconnect{
			Account:                  accountID,
			Name:                     name,
			Site:                     slot.Site,
			Facility:                 slot.Facility,
			SlotID:                   slot.ID,
			Speed:                    speed,
			CCRDeviceName:            slot.CCRDeviceName,
			VirtualPortReservationID: id,
		})
	}), nil
}

func (s *store) createGCPPartner(accountID interconnect.AccountID, order interconnect.GCPPartnerInterconnectCreate) (interconnect.Interconnect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wrong findings
	checkAccount(&wrong, accountID, order.Account)
	region := regionOf(&wrong, order.PairingKey)
	if s.pairingKeys[order.PairingKey] {
		wrong.add("/pairing_key", "pairing_key has been used before")
	}
	if err := wrong.err(); err != nil {
		return interconnect.Interconnect{}, err
	}
	s.pairingKeys[order.PairingKey] = true
	return s.add(accountID, "gcp", region, -1, func(id uuid.UUID, name string) interconnect.Interconnect {
		return interconnect.NewInterconnect(interconnect.GCPPartnerInterconnect{
			Account:                  accountID,
			Name:                     name,
			Region:                   region,
			Speed:                    &order.Bandwidth,
			VirtualPortReservationID: id,
		})
	}), nil
}

// add gives a new interconnect its name and the ID of its virtual port reservation.
func (s *store) add(accountID interconnect.AccountID, kind, place string, slot int, value func(uuid.UUID, string) interconnect.Interconnect) interconnect.Interconnect {
	a := s.change(accountID)
	r := &interconnectRecord{slot: slot, created: s.now()}
	var id uuid.UUID
	for r.name == "" || a.interconnect(r.name) >= 0 {
		r.position = a.nextPosition()
		id = newID(s.seed, "interconnect", accountID, fmt.Sprint(r.position))
		r.name = interconnectName(kind, place, id)
	}
	r.value = value(id, r.name)
	a.interconnects = append(a.interconnects, r)
	return r.value
}

// find returns the account and one of its interconnects.
func (s *store) find(accountID interconnect.AccountID, name string) (*account, int, error) {
	a := s.account(accountID)
	i := a.interconnect(name)
	if i < 0 {
		return nil, 0, notFound("interconnect", name)
	}
	return a, i, nil
}

func (s *store) getInterconnect(accountID interconnect.AccountID, name string) (interconnect.Interconnect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, i, err := s.find(accountID, name)
	if err != nil {
		return interconnect.Interconnect{}, err
	}
	return a.interconnects[i].value, nil
}

func (s *store) listInterconnects(accountID interconnect.AccountID, p interconnect.ListInterconnectsParams) page[interconnect.Interconnect] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return newPage(func(yield func(int32, interconnect.Interconnect) bool) {
		for _, r := range s.account(accountID).interconnects {
			if matches(r.value.Value(), p) && !yield(r.position, r.value) {
				return
			}
		}
	}, p.Cursor, p.Limit)
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
	a, i, err := s.find(accountID, name)
	if err != nil {
		return err
	}
	on := func(r *cniRecord) bool { return r.value.Interconnect == name }
	if j := slices.IndexFunc(a.cnis, on); j >= 0 && !s.cascade {
		var wrong findings
		wrong.add("", "interconnect %s has CNI %s on it; delete its CNIs first", name, a.cnis[j].value.ID)
		return wrong.err()
	}
	for _, r := range a.cnis {
		if on(r) {
			a.addresses.give(r.link())
		}
	}
	a.cnis = slices.DeleteFunc(a.cnis, on)
	if slot := a.interconnects[i].slot; slot >= 0 {
		s.slots[slot].holder = ""
	}
	a.interconnects = slices.Delete(a.interconnects, i, i+1)
	return nil
}

func (s *store) getStatus(accountID interconnect.AccountID, name string) (interconnect.InterconnectStatus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, i, err := s.find(accountID, name)
	if err != nil {
		return interconnect.InterconnectStatus{}, err
	}
	r := a.interconnects[i]
	if r.status != nil {
		return *r.status, nil
	}
	return s.pending.status(r.value.Value(), s.now().Sub(r.created)), nil
}

func (s *store) setStatus(accountID interconnect.AccountID, name string, status interconnect.InterconnectStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, i, err := s.find(accountID, name)
	if err != nil {
		return err
	}
	a.interconnects[i].status = &status
	return nil
}

// ---- CNIs ----

func (r *cniRecord) link() link { return link{r.value.CustomerIP, r.value.CloudflareIP} }

// check makes the checks that creating and updating have in common.
func (a *account) check(wrong *findings, path, body interconnect.AccountID, name string, magic interconnect.MagicSettings, bgp *interconnect.BGPControl) {
	checkAccount(wrong, path, body)
	if a.interconnect(name) < 0 {
		wrong.add("/interconnect", "interconnect %s does not exist", short(name))
	}
	checkMagic(wrong, magic)
	checkBGP(wrong, bgp, a.defaultASN)
}

func (s *store) createCNI(accountID interconnect.AccountID, body interconnect.CNICreate) (interconnect.CNI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID) // an account with an interconnect is not a new one
	var wrong findings
	a.check(&wrong, accountID, body.Account, body.Interconnect, body.Magic, body.BGP)
	if err := wrong.err(); err != nil {
		return interconnect.CNI{}, err
	}
	if a.conduit(body.Magic.ConduitName, uuid.Nil) {
		return interconnect.CNI{}, conflict("/magic/conduit_name", "conduit name %s is in use", short(body.Magic.ConduitName))
	}
	ends, ok := a.addresses.take()
	if !ok {
		wrong.add("", "the account has no subnet left for another CNI")
		return interconnect.CNI{}, wrong.err()
	}
	r := &cniRecord{position: a.nextPosition()}
	r.value = interconnect.CNI{
		ID:           newID(s.seed, "cni", accountID, fmt.Sprint(r.position)),
		Account:      accountID,
		Interconnect: body.Interconnect,
		CustomerIP:   ends.customer,
		CloudflareIP: ends.cloudflare,
		Magic:        body.Magic,
		BGP:          body.BGP,
		BGPMode:      bgpMode(body.BGP, nil, nil),
	}
	a.cnis = append(a.cnis, r)
	return r.value, nil
}

func (s *store) updateCNI(accountID interconnect.AccountID, id uuid.UUID, body interconnect.CNIUpdate) (interconnect.CNI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	i := a.cni(id)
	if i < 0 {
		return interconnect.CNI{}, notFound("CNI", id.String())
	}
	r := a.cnis[i]
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
	r.value = interconnect.CNI{
		ID:           id,
		Account:      accountID,
		Interconnect: body.Interconnect,
		CustomerIP:   ends.customer,
		CloudflareIP: ends.cloudflare,
		Magic:        body.Magic,
		BGP:          body.BGP,
		BGPMode:      bgpMode(body.BGP, r.value.BGPMode, body.BGPMode),
	}
	return r.value, nil
}

func (s *store) getCNI(accountID interconnect.AccountID, id uuid.UUID) (interconnect.CNI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	i := a.cni(id)
	if i < 0 {
		return interconnect.CNI{}, notFound("CNI", id.String())
	}
	return a.cnis[i].value, nil
}

func (s *store) listCNIs(accountID interconnect.AccountID, p interconnect.ListCNIsParams) page[interconnect.CNI] {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	return newPage(func(yield func(int32, interconnect.CNI) bool) {
		for _, r := range a.cnis {
			if (p.Slot == nil || a.occupies(r.value.Interconnect, *p.Slot)) && is(p.TunnelID, TunnelID(r.value.ID)) && !yield(r.position, r.value) {
				return
			}
		}
	}, p.Cursor, p.Limit)
}

// occupies tells whether the interconnect with this name has the slot.
func (a *account) occupies(name string, slot uuid.UUID) bool {
	physical, ok := a.interconnects[a.interconnect(name)].value.Value().(interconnect.PhysicalInterconnect)
	return ok && physical.SlotID == slot
}

func (s *store) deleteCNI(accountID interconnect.AccountID, id uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	i := a.cni(id)
	if i < 0 {
		return notFound("CNI", id.String())
	}
	a.addresses.give(a.cnis[i].link())
	a.cnis = slices.Delete(a.cnis, i, i+1)
	return nil
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
		s.change(accountID).defaultASN = *asn
	}
	return interconnect.Settings{DefaultASN: s.account(accountID).defaultASN}, nil
}

func (s *store) getSettings(accountID interconnect.AccountID) interconnect.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return interconnect.Settings{DefaultASN: s.account(accountID).defaultASN}
}
