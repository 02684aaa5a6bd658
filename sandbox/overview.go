package sandbox

// What a page for a person shows of a sandbox: its state at one moment, and a signal when there is something new to
// show. Package reference makes the page.

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// An Overview is what goes on in a sandbox at one moment, for a person to look at. It contains no credentials, no
// pairing keys and no request bodies.
type Overview struct {
	Now      time.Time     // by the clock of the sandbox
	Advanced time.Duration // how far that clock is ahead of the one it follows; negative if it is behind

	// OwnTokens reports that only tokens given by [WithToken] are accepted, and Denied that [WithoutEntitlement]
	// refuses every request.
	OwnTokens, Denied bool

	// Interconnects and CNIs are those of all accounts, the newest first. InterconnectCount and CNICount also count
	// those for which there was no room.
	Interconnects     []InterconnectOverview
	CNIs              []interconnect.CNI
	InterconnectCount int
	CNICount          int

	// Sites are in the order of the catalogue. SiteCount also counts those for which there was no room. FreeSlot is the
	// first slot that any account can order, nil if there is none.
	Sites     []SiteOverview
	SiteCount int
	FreeSlot  *interconnect.Slot

	// Faults are those that have not hit yet, in the order in which they are used.
	Faults     []FaultOverview
	FaultCount int

	// Requests are the last ones, the newest first.
	Requests []Request
}

// An InterconnectOverview is an interconnect with its state.
type InterconnectOverview struct {
	Account      interconnect.AccountID
	Name         string
	Interconnect interconnect.Interconnect
	Status       interconnect.InterconnectStatus
	StatusSet    bool // by [Sandbox.SetStatus], so that time does not change it
	Created      time.Time
}

// A SiteOverview counts the slots of a site.
type SiteOverview struct {
	Site        string
	Facility    string // the name of the facility of the first slot
	Slots, Free int    // free is what any account can order
}

// A FaultOverview is a [Fault] that waits for calls of an operation, or of [AnyOperation].
type FaultOverview struct {
	Operation string
	Fault     Fault
}

// Overview returns what goes on at this moment. It has at most limit items of each kind. An overview may be kept, but
// what it refers to must not be changed.
func (s *Sandbox) Overview(limit int) Overview {
	limit = max(limit, 0)
	o := s.store.overview(limit)
	o.OwnTokens, o.Denied = s.config.credentials.tokens != nil, s.config.credentials.unentitled
	faults := s.faults.list()
	o.FaultCount = len(faults)
	for _, q := range faults[:min(limit, len(faults))] {
		o.Faults = append(o.Faults, FaultOverview{Operation: q.operationID, Fault: q.Fault})
	}
	o.Requests = s.journal.last(limit)
	return o
}

// Changed returns a channel that is closed when something happens that changes an [Overview]: a change of the state or
// the faults, or the end of a request. Time, which makes links Healthy, is not such an event. To miss nothing, call
// Changed before Overview.
func (s *Sandbox) Changed() <-chan struct{} { return s.changed.wait() }

// LocalOnly puts handler behind the checks that keep the control API from the pages of other sites: it refuses requests
// that such a page sends, and, on a loopback address, requests for another host than localhost or a loopback address.
func (s *Sandbox) LocalOnly(handler http.Handler) http.Handler { return localOnly(handler) }

func (s *store) overview(limit int) Overview {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := Overview{Now: s.time(), Advanced: s.state.advanced}

	var interconnects []*interconnectRecord
	var cnis []*cniRecord
	for _, a := range s.state.sorted() {
		interconnects = append(interconnects, a.interconnects...)
		cnis = append(cnis, a.cnis...)
	}
	o.InterconnectCount, o.CNICount = len(interconnects), len(cnis)
	slices.SortStableFunc(interconnects, func(a, b *interconnectRecord) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.Position, a.Position))
	})
	for _, r := range interconnects[:min(limit, len(interconnects))] {
		o.Interconnects = append(o.Interconnects, InterconnectOverview{
			Account:      r.account(),
			Name:         r.name(),
			Interconnect: r.Value,
			Status:       s.status(r),
			StatusSet:    r.Status != nil,
			Created:      r.Created,
		})
	}
	slices.SortStableFunc(cnis, func(a, b *cniRecord) int { return cmp.Compare(b.Position, a.Position) })
	for _, r := range cnis[:min(limit, len(cnis))] {
		o.CNIs = append(o.CNIs, r.Value)
	}

	index := map[string]int{}
	for i := range s.slots {
		slot := s.view(s.slots[i], "")
		at, known := index[slot.Site]
		if !known {
			at = len(index)
			index[slot.Site] = at
			if at < limit {
				o.Sites = append(o.Sites, SiteOverview{Site: slot.Site, Facility: slot.Facility.Name})
			}
		}
		if !slot.Occupied && o.FreeSlot == nil {
			o.FreeSlot = &slot
		}
		if at < limit {
			o.Sites[at].Slots++
			if !slot.Occupied {
				o.Sites[at].Free++
			}
		}
	}
	o.SiteCount = len(index)
	return o
}

// A signal tells any number of goroutines that something has changed. The zero value is ready for use.
type signal struct {
	mu      sync.Mutex
	waiting chan struct{} // nil if nothing waits
}

func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = make(chan struct{})
	}
	return s.waiting
}

func (s *signal) raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting != nil {
		close(s.waiting)
		s.waiting = nil
	}
}
