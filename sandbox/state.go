package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A state is everything that changes in a sandbox, but for its faults. Only records change it: the same ones that the data file
// keeps and that a snapshot has. So a state that is read back is the one that was there.
type state struct {
	accounts    map[interconnect.AccountID]*account
	holders     map[uuid.UUID]interconnect.AccountID // of the slots that an interconnect has
	pairingKeys map[pairingKeyRecord]bool            // all that were ever used
	advanced    time.Duration                        // how far the clock has been moved on
}

func newState() *state {
	return &state{
		accounts:    map[interconnect.AccountID]*account{},
		holders:     map[uuid.UUID]interconnect.AccountID{},
		pairingKeys: map[pairingKeyRecord]bool{},
	}
}

// An account has its objects in the order of their creation, and can find them by what identifies them.
type account struct {
	accountRecord
	interconnects []*interconnectRecord
	cnis          []*cniRecord
	names         map[string]*interconnectRecord
	ids           map[uuid.UUID]*cniRecord
	conduits      map[string]*cniRecord // by conduit name
	addresses     pool
}

// account returns the account. One that nothing was ever put into is made, and forgotten again.
func (s *state) account(id interconnect.AccountID) *account {
	if a, ok := s.accounts[id]; ok {
		return a
	}
	return &account{
		accountRecord: accountRecord{ID: id, DefaultASN: cloudflareASN},
		names:         map[string]*interconnectRecord{},
		ids:           map[uuid.UUID]*cniRecord{},
		conduits:      map[string]*cniRecord{},
	}
}

// keep is account for a record that puts something into it.
func (s *state) keep(id interconnect.AccountID) *account {
	a := s.account(id)
	s.accounts[id] = a
	return a
}

// conduit reports whether a CNI other than the one with this ID has the conduit name.
func (a *account) conduit(name string, id uuid.UUID) bool {
	r := a.conduits[name]
	return r != nil && r.Value.ID != id
}

// ---- Changes ----

// A change is what one request does to the state. It is made as a whole or not at all.
type change struct {
	all  bool // everything that was there before goes first
	drop []object
	put  []record
}

// make cannot fail, and makes a change that a data file has already taken.
func (c change) make(s *state) {
	if c.all {
		*s = *newState()
	}
	for _, r := range c.drop {
		r.drop(s)
	}
	for _, r := range c.put {
		r.put(s)
	}
}

// A record is a piece of the state that is written as a whole, as JSON. It is not changed after it has been put.
type record interface {
	table() string
	key() string // its place in the table
	put(*state)  // adds it, or replaces the one that has its key
}

// An object is a record that can go again.
type object interface {
	record
	drop(*state)
}

// The tables, in the order in which their records can be put.
const (
	accountTable      = "accounts"
	interconnectTable = "interconnects"
	cniTable          = "cnis"
	pairingKeyTable   = "pairing_keys"
	clockTable        = "clock"
)

// tables are all records of a state.
type tables struct {
	Accounts      []accountRecord       `json:"accounts"`
	Interconnects []*interconnectRecord `json:"interconnects"`
	CNIs          []*cniRecord          `json:"cnis"`
	PairingKeys   []pairingKeyRecord    `json:"pairing_keys"`
	Advanced      clockRecord           `json:"advanced"`
}

// tables lists the records: accounts by ID, objects by account and position, keys by themselves.
func (s *state) tables() tables {
	t := tables{Advanced: clockRecord(s.advanced)}
	for _, a := range s.sorted() {
		t.Accounts = append(t.Accounts, a.accountRecord)
		t.Interconnects = append(t.Interconnects, a.interconnects...)
		t.CNIs = append(t.CNIs, a.cnis...)
	}
	for key := range s.pairingKeys {
		t.PairingKeys = append(t.PairingKeys, key)
	}
	slices.Sort(t.PairingKeys)
	return t
}

// sorted returns the accounts in the order of their IDs.
func (s *state) sorted() []*account {
	accounts := make([]*account, 0, len(s.accounts))
	for _, a := range s.accounts {
		accounts = append(accounts, a)
	}
	slices.SortFunc(accounts, func(a, b *account) int { return cmp.Compare(a.ID, b.ID) })
	return accounts
}

// orEmpty has no list that is nil, which would be null as JSON.
func (t tables) orEmpty() tables {
	t.Accounts = append([]accountRecord{}, t.Accounts...)
	t.Interconnects = append([]*interconnectRecord{}, t.Interconnects...)
	t.CNIs = append([]*cniRecord{}, t.CNIs...)
	t.PairingKeys = append([]pairingKeyRecord{}, t.PairingKeys...)
	return t
}

// change returns the change that replaces any state by that of the tables.
func (t tables) change() change {
	c := change{all: true}
	c.put = appendRecords(c.put, t.Accounts)
	c.put = appendRecords(c.put, t.Interconnects)
	c.put = appendRecords(c.put, t.CNIs)
	c.put = appendRecords(c.put, t.PairingKeys)
	c.put = append(c.put, t.Advanced)
	return c
}

func appendRecords[R record](all []record, list []R) []record {
	for _, r := range list {
		all = append(all, r)
	}
	return all
}

// ---- Records ----

type accountRecord struct {
	ID         interconnect.AccountID `json:"account"`
	Created    int32                  `json:"created"` // objects so far; the last one's position
	DefaultASN int64                  `json:"default_asn"`
}

func (accountRecord) table() string  { return accountTable }
func (r accountRecord) key() string  { return r.ID }
func (r accountRecord) put(s *state) { s.keep(r.ID).accountRecord = r }

type interconnectRecord struct {
	Position int32                            `json:"position"`
	Created  time.Time                        `json:"created"`
	Value    interconnect.Interconnect        `json:"interconnect"`
	Status   *interconnect.InterconnectStatus `json:"status,omitempty"` // set by a test; nil if not
}

func (*interconnectRecord) table() string { return interconnectTable }
func (r *interconnectRecord) key() string { return positionKey(r.account(), r.Position) }
func (r *interconnectRecord) at() int32   { return r.Position }

func (r *interconnectRecord) put(s *state) {
	a := s.keep(r.account())
	a.interconnects = place(a.interconnects, r)
	a.names[r.name()] = r
	if physical, ok := r.Value.Value().(interconnect.PhysicalInterconnect); ok {
		s.holders[physical.SlotID] = a.ID
	}
}

func (r *interconnectRecord) drop(s *state) {
	a := s.account(r.account())
	a.interconnects = displace(a.interconnects, r)
	delete(a.names, r.name())
	if physical, ok := r.Value.Value().(interconnect.PhysicalInterconnect); ok {
		delete(s.holders, physical.SlotID)
	}
}

func (r *interconnectRecord) account() interconnect.AccountID {
	switch v := r.Value.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return v.Account
	case interconnect.GCPPartnerInterconnect:
		return v.Account
	}
	return ""
}

func (r *interconnectRecord) name() string {
	switch v := r.Value.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return v.Name
	case interconnect.GCPPartnerInterconnect:
		return v.Name
	}
	return ""
}

type cniRecord struct {
	Position int32            `json:"position"`
	Value    interconnect.CNI `json:"cni"`
}

func (*cniRecord) table() string { return cniTable }
func (r *cniRecord) key() string { return positionKey(r.Value.Account, r.Position) }
func (r *cniRecord) at() int32   { return r.Position }
func (r *cniRecord) link() link  { return link{r.Value.CustomerIP, r.Value.CloudflareIP} }

func (r *cniRecord) put(s *state) {
	a := s.keep(r.Value.Account)
	if before := a.ids[r.Value.ID]; before != nil {
		delete(a.conduits, before.Value.Magic.ConduitName)
	}
	a.cnis = place(a.cnis, r)
	a.ids[r.Value.ID], a.conduits[r.Value.Magic.ConduitName] = r, r
	a.addresses.take(r.link()) // an update never leaves the subnet
}

func (r *cniRecord) drop(s *state) {
	a := s.account(r.Value.Account)
	a.cnis = displace(a.cnis, r)
	delete(a.ids, r.Value.ID)
	delete(a.conduits, r.Value.Magic.ConduitName)
	a.addresses.give(r.link())
}

func positionKey(id interconnect.AccountID, position int32) string {
	return fmt.Sprint(position, " ", id)
}

// place keeps the order of the positions.
func place[R interface{ at() int32 }](list []R, r R) []R {
	i, found := slices.BinarySearchFunc(list, r.at(), func(other R, at int32) int { return cmp.Compare(other.at(), at) })
	if found {
		list[i] = r
		return list
	}
	return slices.Insert(list, i, r)
}

func displace[R interface{ at() int32 }](list []R, r R) []R {
	return slices.DeleteFunc(list, func(other R) bool { return other.at() == r.at() })
}

// A pairingKeyRecord is the digest of a pairing key in hexadecimal. The key itself is a secret, and not needed.
type pairingKeyRecord string

func newPairingKeyRecord(key string) pairingKeyRecord {
	digest := sha256.Sum256([]byte(key))
	return pairingKeyRecord(hex.EncodeToString(digest[:]))
}

func (pairingKeyRecord) table() string  { return pairingKeyTable }
func (r pairingKeyRecord) key() string  { return string(r) }
func (r pairingKeyRecord) put(s *state) { s.pairingKeys[r] = true }

// A clockRecord is how far the clock has been moved on.
type clockRecord time.Duration

func (clockRecord) table() string  { return clockTable }
func (clockRecord) key() string    { return "advanced" }
func (r clockRecord) put(s *state) { s.advanced = time.Duration(r) }

// MarshalText makes the JSON of a record a string such as 1h30m0s.
func (r clockRecord) MarshalText() ([]byte, error) { return []byte(time.Duration(r).String()), nil }

// UnmarshalText reads what MarshalText has written.
func (r *clockRecord) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*r = clockRecord(d)
	return err
}
