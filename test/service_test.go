package test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A service is a fake of the API for these tests. It keeps its state in memory and knows the account that a request names
// from the path only. It does not filter, page or merge, and the addresses that it hands out are always the same.
//
// A request for the account refusing(status) is answered with refusal(status), whatever the operation.
type service struct {
	mu            sync.Mutex
	slots         []interconnect.Slot
	interconnects []interconnect.Interconnect
	cnis          []interconnect.CNI
	settings      interconnect.Settings
	state         interconnect.InterconnectStatus

	last any // the request that came last
}

var _ interconnect.StrictServerInterface = (*service)(nil)

const (
	account  = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	customer = "Example Networks, Inc."
)

var (
	freeSlot      = mustUUID("1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512")
	occupiedSlot  = mustUUID("8a2d47f3-0c96-4e1b-b5f8-3d7e619c0a24")
	cniID         = mustUUID("3b7e2f58-91d4-4c0a-8f63-a5d81e097b46")
	reservationID = mustUUID("5e0b9d71-4c28-4f36-a1d7-90f3b6e8254c")

	letter     = []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00{not JSON\xff\n%%EOF\n")
	retryAfter = "30"
	device     = "ccr01.iad-a"
)

var (
	ashburn   = interconnect.Facility{Name: "Equinix DC2", Address: []string{"100 Example Plaza", "Ashburn, VA 20147"}}
	frankfurt = interconnect.Facility{Name: "Equinix FR5", Address: []string{"Musterstraße 5", "60326 Frankfurt am Main"}}

	physical = interconnect.PhysicalInterconnect{
		Type: interconnect.PhysicalInterconnectTypeDirect, Account: account, Name: "direct-fra-a-0", Site: "fra-a",
		Facility: frankfurt, SlotID: occupiedSlot, Speed: "100G", VirtualPortReservationID: reservationID,
	}
	gcpPartner = interconnect.GCPPartnerInterconnect{
		Type: interconnect.GCPPartnerInterconnectTypeGCPPartner, Account: account, Name: "gcp-us-central1-0",
		Region: "us-central1", Speed: new(interconnect.Bandwidth1G), VirtualPortReservationID: reservationID,
	}
	magic = interconnect.MagicSettings{ConduitName: "cni-fra-1", Description: "Primary link", MTU: 1500}
	cni   = interconnect.CNI{
		ID: cniID, Account: account, Interconnect: physical.Name, Magic: magic,
		CustomerIP: "10.64.0.1/31", CloudflareIP: "10.64.0.0/31",
	}
)

// newService has a free slot, an occupied one, an interconnect of each variant and a CNI.
func newService() *service {
	return &service{
		slots: []interconnect.Slot{
			{ID: freeSlot, Site: "iad-a", Facility: ashburn, Speed: "10G", CCRDeviceName: &device},
			{ID: occupiedSlot, Site: "fra-a", Facility: frankfurt, Speed: "100G", Occupied: true},
		},
		interconnects: []interconnect.Interconnect{
			interconnect.NewInterconnect(physical),
			interconnect.NewInterconnect(gcpPartner),
		},
		cnis:     []interconnect.CNI{cni},
		settings: interconnect.Settings{DefaultASN: 13335},
		state:    interconnect.NewInterconnectStatus(interconnect.StatusPending{}),
	}
}

func mustUUID(text string) types.UUID {
	var id types.UUID
	if err := id.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return id
}

// refusing is the account whose requests are all refused with the status.
func refusing(status int) string { return fmt.Sprint("refusing-", status) }

// refusal is the body of a response that refuses.
func refusal(status int) interconnect.Failure {
	return interconnect.Failure{
		Errors:   []interconnect.FailureDetail{{Code: int64(10000 + status), Message: http.StatusText(status)}},
		Messages: []interconnect.FailureDetail{},
	}
}

// answer chooses from the responses that an operation has: the one that the account asks for, else that with the
// status.
func answer[A any](account string, status int, answers map[int]A) (A, error) {
	fmt.Sscanf(account, "refusing-%d", &status)
	a, ok := answers[status]
	if !ok {
		return a, noAnswer(status)
	}
	return a, nil
}

// noAnswer is the error of an operation that does not have the status yet: one that the document has got since.
type noAnswer int

func (e noAnswer) Error() string { return fmt.Sprintf("there is no answer with status %d", int(e)) }

// begin takes note of a request and locks the service until the returned function is called.
func (s *service) begin(request any) (end func()) {
	s.mu.Lock()
	s.last = request
	return s.mu.Unlock
}

func (s *service) slot(id types.UUID) int {
	return slices.IndexFunc(s.slots, func(slot interconnect.Slot) bool { return slot.ID == id })
}

func (s *service) cni(id types.UUID) int {
	return slices.IndexFunc(s.cnis, func(c interconnect.CNI) bool { return c.ID == id })
}

func (s *service) interconnect(name string) int {
	return slices.IndexFunc(s.interconnects, func(i interconnect.Interconnect) bool { return i.Name() == name })
}

// found is the status for the index of what a request asks for.
func found(i int) int {
	if i < 0 {
		return http.StatusNotFound
	}
	return http.StatusOK
}

// at is the item with the index, or nothing.
func at[T any](items []T, i int) (item T) {
	if i >= 0 {
		item = items[i]
	}
	return item
}

func (s *service) ListCNIs(_ context.Context, r interconnect.ListCNIsRequestObject) (interconnect.ListCNIsResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, http.StatusOK, map[int]interconnect.ListCNIsResponseObject{
		200: interconnect.ListCNIs200JSONResponse{Items: slices.Clone(s.cnis)},
		400: interconnect.ListCNIs400JSONResponse(refusal(400)),
		401: interconnect.ListCNIs401JSONResponse(refusal(401)),
		403: interconnect.ListCNIs403JSONResponse(refusal(403)),
		429: interconnect.ListCNIs429JSONResponse{Body: refusal(429), Headers: interconnect.ListCNIs429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.ListCNIs500JSONResponse(refusal(500)),
	})
}

func (s *service) CreateCNI(_ context.Context, r interconnect.CreateCNIRequestObject) (interconnect.CreateCNIResponseObject, error) {
	defer s.begin(r)()
	status := http.StatusOK
	switch {
	case s.interconnect(r.Body.Interconnect) < 0:
		status = http.StatusBadRequest
	case slices.ContainsFunc(s.cnis, func(c interconnect.CNI) bool { return c.Magic.ConduitName == r.Body.Magic.ConduitName }):
		status = http.StatusConflict
	}
	created := interconnect.CNI{
		ID: cniID, Account: r.Body.Account, Interconnect: r.Body.Interconnect, Magic: r.Body.Magic, BGP: r.Body.BGP,
		CustomerIP: "10.64.0.1/31", CloudflareIP: "10.64.0.0/31",
	}
	if status == http.StatusOK {
		s.cnis = append(s.cnis, created)
	}
	return answer(r.AccountID, status, map[int]interconnect.CreateCNIResponseObject{
		200: interconnect.CreateCNI200JSONResponse(created),
		400: interconnect.CreateCNI400JSONResponse(refusal(400)),
		401: interconnect.CreateCNI401JSONResponse(refusal(401)),
		403: interconnect.CreateCNI403JSONResponse(refusal(403)),
		409: interconnect.CreateCNI409JSONResponse(refusal(409)),
		429: interconnect.CreateCNI429JSONResponse{Body: refusal(429), Headers: interconnect.CreateCNI429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.CreateCNI500JSONResponse(refusal(500)),
	})
}

func (s *service) DeleteCNI(_ context.Context, r interconnect.DeleteCNIRequestObject) (interconnect.DeleteCNIResponseObject, error) {
	defer s.begin(r)()
	i := s.cni(r.CNI)
	status := found(i)
	if status == http.StatusOK {
		s.cnis = slices.Delete(s.cnis, i, i+1)
	}
	return answer(r.AccountID, status, map[int]interconnect.DeleteCNIResponseObject{
		200: interconnect.DeleteCNI200Response{},
		400: interconnect.DeleteCNI400JSONResponse(refusal(400)),
		401: interconnect.DeleteCNI401JSONResponse(refusal(401)),
		403: interconnect.DeleteCNI403JSONResponse(refusal(403)),
		404: interconnect.DeleteCNI404JSONResponse(refusal(404)),
		429: interconnect.DeleteCNI429JSONResponse{Body: refusal(429), Headers: interconnect.DeleteCNI429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.DeleteCNI500JSONResponse(refusal(500)),
	})
}

func (s *service) GetCNI(_ context.Context, r interconnect.GetCNIRequestObject) (interconnect.GetCNIResponseObject, error) {
	defer s.begin(r)()
	i := s.cni(r.CNI)
	return answer(r.AccountID, found(i), map[int]interconnect.GetCNIResponseObject{
		200: interconnect.GetCNI200JSONResponse(at(s.cnis, i)),
		400: interconnect.GetCNI400JSONResponse(refusal(400)),
		401: interconnect.GetCNI401JSONResponse(refusal(401)),
		403: interconnect.GetCNI403JSONResponse(refusal(403)),
		404: interconnect.GetCNI404JSONResponse(refusal(404)),
		429: interconnect.GetCNI429JSONResponse{Body: refusal(429), Headers: interconnect.GetCNI429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetCNI500JSONResponse(refusal(500)),
	})
}

func (s *service) UpdateCNI(_ context.Context, r interconnect.UpdateCNIRequestObject) (interconnect.UpdateCNIResponseObject, error) {
	defer s.begin(r)()
	i := s.cni(r.CNI)
	status := found(i)
	if status == http.StatusOK {
		c := &s.cnis[i]
		c.Account, c.Interconnect, c.Magic, c.BGP = r.Body.Account, r.Body.Interconnect, r.Body.Magic, r.Body.BGP
	}
	return answer(r.AccountID, status, map[int]interconnect.UpdateCNIResponseObject{
		200: interconnect.UpdateCNI200JSONResponse(at(s.cnis, i)),
		400: interconnect.UpdateCNI400JSONResponse(refusal(400)),
		401: interconnect.UpdateCNI401JSONResponse(refusal(401)),
		403: interconnect.UpdateCNI403JSONResponse(refusal(403)),
		404: interconnect.UpdateCNI404JSONResponse(refusal(404)),
		429: interconnect.UpdateCNI429JSONResponse{Body: refusal(429), Headers: interconnect.UpdateCNI429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.UpdateCNI500JSONResponse(refusal(500)),
	})
}

func (s *service) ListInterconnects(_ context.Context, r interconnect.ListInterconnectsRequestObject) (interconnect.ListInterconnectsResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, http.StatusOK, map[int]interconnect.ListInterconnectsResponseObject{
		200: interconnect.ListInterconnects200JSONResponse{Items: slices.Clone(s.interconnects)},
		400: interconnect.ListInterconnects400JSONResponse(refusal(400)),
		401: interconnect.ListInterconnects401JSONResponse(refusal(401)),
		403: interconnect.ListInterconnects403JSONResponse(refusal(403)),
		429: interconnect.ListInterconnects429JSONResponse{Body: refusal(429), Headers: interconnect.ListInterconnects429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.ListInterconnects500JSONResponse(refusal(500)),
	})
}

func (s *service) CreateInterconnect(_ context.Context, r interconnect.CreateInterconnectRequestObject) (interconnect.CreateInterconnectResponseObject, error) {
	defer s.begin(r)()
	status := http.StatusBadRequest
	var created interconnect.Interconnect
	switch order := r.Body.Value().(type) {
	case interconnect.PhysicalInterconnectCreate:
		if i := s.slot(order.SlotID); i >= 0 && !s.slots[i].Occupied {
			status = http.StatusOK
			s.slots[i].Occupied = true
			created = interconnect.NewInterconnect(interconnect.PhysicalInterconnect{
				Account: order.Account, Name: "direct-" + s.slots[i].Site + "-1", Site: s.slots[i].Site,
				Facility: s.slots[i].Facility, SlotID: order.SlotID, Speed: s.slots[i].Speed,
				VirtualPortReservationID: reservationID, CCRDeviceName: s.slots[i].CCRDeviceName,
			})
		}
	case interconnect.GCPPartnerInterconnectCreate:
		if parts := strings.Split(order.PairingKey, "/"); len(parts) == 3 {
			status = http.StatusOK
			created = interconnect.NewInterconnect(interconnect.GCPPartnerInterconnect{
				Account: order.Account, Name: "gcp-" + parts[1] + "-1", Region: parts[1], Speed: &order.Bandwidth,
				VirtualPortReservationID: reservationID,
			})
		}
	}
	if status == http.StatusOK {
		s.interconnects = append(s.interconnects, created)
	}
	return answer(r.AccountID, status, map[int]interconnect.CreateInterconnectResponseObject{
		200: interconnect.CreateInterconnect200JSONResponse(created),
		400: interconnect.CreateInterconnect400JSONResponse(refusal(400)),
		401: interconnect.CreateInterconnect401JSONResponse(refusal(401)),
		403: interconnect.CreateInterconnect403JSONResponse(refusal(403)),
		429: interconnect.CreateInterconnect429JSONResponse{Body: refusal(429), Headers: interconnect.CreateInterconnect429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.CreateInterconnect500JSONResponse(refusal(500)),
	})
}

func (s *service) DeleteInterconnect(_ context.Context, r interconnect.DeleteInterconnectRequestObject) (interconnect.DeleteInterconnectResponseObject, error) {
	defer s.begin(r)()
	i := s.interconnect(r.InterconnectName)
	status := found(i)
	if status == http.StatusOK {
		s.interconnects = slices.Delete(s.interconnects, i, i+1)
	}
	return answer(r.AccountID, status, map[int]interconnect.DeleteInterconnectResponseObject{
		200: interconnect.DeleteInterconnect200Response{},
		400: interconnect.DeleteInterconnect400JSONResponse(refusal(400)),
		401: interconnect.DeleteInterconnect401JSONResponse(refusal(401)),
		403: interconnect.DeleteInterconnect403JSONResponse(refusal(403)),
		404: interconnect.DeleteInterconnect404JSONResponse(refusal(404)),
		429: interconnect.DeleteInterconnect429JSONResponse{Body: refusal(429), Headers: interconnect.DeleteInterconnect429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.DeleteInterconnect500JSONResponse(refusal(500)),
	})
}

func (s *service) GetInterconnect(_ context.Context, r interconnect.GetInterconnectRequestObject) (interconnect.GetInterconnectResponseObject, error) {
	defer s.begin(r)()
	i := s.interconnect(r.InterconnectName)
	return answer(r.AccountID, found(i), map[int]interconnect.GetInterconnectResponseObject{
		200: interconnect.GetInterconnect200JSONResponse(at(s.interconnects, i)),
		400: interconnect.GetInterconnect400JSONResponse(refusal(400)),
		401: interconnect.GetInterconnect401JSONResponse(refusal(401)),
		403: interconnect.GetInterconnect403JSONResponse(refusal(403)),
		404: interconnect.GetInterconnect404JSONResponse(refusal(404)),
		429: interconnect.GetInterconnect429JSONResponse{Body: refusal(429), Headers: interconnect.GetInterconnect429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetInterconnect500JSONResponse(refusal(500)),
	})
}

func (s *service) GetInterconnectLOA(_ context.Context, r interconnect.GetInterconnectLOARequestObject) (interconnect.GetInterconnectLOAResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, found(s.interconnect(r.InterconnectName)), map[int]interconnect.GetInterconnectLOAResponseObject{
		200: interconnect.GetInterconnectLOA200ApplicationpdfResponse{Body: bytes.NewReader(letter), ContentLength: int64(len(letter))},
		400: interconnect.GetInterconnectLOA400JSONResponse(refusal(400)),
		401: interconnect.GetInterconnectLOA401JSONResponse(refusal(401)),
		403: interconnect.GetInterconnectLOA403JSONResponse(refusal(403)),
		404: interconnect.GetInterconnectLOA404JSONResponse(refusal(404)),
		429: interconnect.GetInterconnectLOA429JSONResponse{Body: refusal(429), Headers: interconnect.GetInterconnectLOA429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetInterconnectLOA500JSONResponse(refusal(500)),
	})
}

func (s *service) GetInterconnectLOADefaultName(_ context.Context, r interconnect.GetInterconnectLOADefaultNameRequestObject) (interconnect.GetInterconnectLOADefaultNameResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, found(s.interconnect(r.InterconnectName)), map[int]interconnect.GetInterconnectLOADefaultNameResponseObject{
		200: interconnect.GetInterconnectLOADefaultName200JSONResponse{Name: customer},
		400: interconnect.GetInterconnectLOADefaultName400JSONResponse(refusal(400)),
		401: interconnect.GetInterconnectLOADefaultName401JSONResponse(refusal(401)),
		403: interconnect.GetInterconnectLOADefaultName403JSONResponse(refusal(403)),
		404: interconnect.GetInterconnectLOADefaultName404JSONResponse(refusal(404)),
		429: interconnect.GetInterconnectLOADefaultName429JSONResponse{Body: refusal(429), Headers: interconnect.GetInterconnectLOADefaultName429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetInterconnectLOADefaultName500JSONResponse(refusal(500)),
	})
}

func (s *service) GetInterconnectStatus(_ context.Context, r interconnect.GetInterconnectStatusRequestObject) (interconnect.GetInterconnectStatusResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, found(s.interconnect(r.InterconnectName)), map[int]interconnect.GetInterconnectStatusResponseObject{
		200: interconnect.GetInterconnectStatus200JSONResponse(s.state),
		400: interconnect.GetInterconnectStatus400JSONResponse(refusal(400)),
		401: interconnect.GetInterconnectStatus401JSONResponse(refusal(401)),
		403: interconnect.GetInterconnectStatus403JSONResponse(refusal(403)),
		404: interconnect.GetInterconnectStatus404JSONResponse(refusal(404)),
		429: interconnect.GetInterconnectStatus429JSONResponse{Body: refusal(429), Headers: interconnect.GetInterconnectStatus429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetInterconnectStatus500JSONResponse(refusal(500)),
	})
}

func (s *service) GetSettings(_ context.Context, r interconnect.GetSettingsRequestObject) (interconnect.GetSettingsResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, http.StatusOK, map[int]interconnect.GetSettingsResponseObject{
		200: interconnect.GetSettings200JSONResponse(s.settings),
		400: interconnect.GetSettings400JSONResponse(refusal(400)),
		401: interconnect.GetSettings401JSONResponse(refusal(401)),
		403: interconnect.GetSettings403JSONResponse(refusal(403)),
		404: interconnect.GetSettings404JSONResponse(refusal(404)),
		429: interconnect.GetSettings429JSONResponse{Body: refusal(429), Headers: interconnect.GetSettings429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetSettings500JSONResponse(refusal(500)),
	})
}

func (s *service) UpdateSettings(_ context.Context, r interconnect.UpdateSettingsRequestObject) (interconnect.UpdateSettingsResponseObject, error) {
	defer s.begin(r)()
	status := http.StatusOK
	switch asn := r.Body.DefaultASN; {
	case asn.IsNull():
		s.settings.DefaultASN = 13335
	case asn.IsSpecified():
		s.settings.DefaultASN = asn.MustGet()
	}
	return answer(r.AccountID, status, map[int]interconnect.UpdateSettingsResponseObject{
		200: interconnect.UpdateSettings200JSONResponse(s.settings),
		400: interconnect.UpdateSettings400JSONResponse(refusal(400)),
		401: interconnect.UpdateSettings401JSONResponse(refusal(401)),
		403: interconnect.UpdateSettings403JSONResponse(refusal(403)),
		404: interconnect.UpdateSettings404JSONResponse(refusal(404)),
		429: interconnect.UpdateSettings429JSONResponse{Body: refusal(429), Headers: interconnect.UpdateSettings429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.UpdateSettings500JSONResponse(refusal(500)),
	})
}

func (s *service) ListSlots(_ context.Context, r interconnect.ListSlotsRequestObject) (interconnect.ListSlotsResponseObject, error) {
	defer s.begin(r)()
	return answer(r.AccountID, http.StatusOK, map[int]interconnect.ListSlotsResponseObject{
		200: interconnect.ListSlots200JSONResponse{Items: slices.Clone(s.slots)},
		400: interconnect.ListSlots400JSONResponse(refusal(400)),
		401: interconnect.ListSlots401JSONResponse(refusal(401)),
		403: interconnect.ListSlots403JSONResponse(refusal(403)),
		429: interconnect.ListSlots429JSONResponse{Body: refusal(429), Headers: interconnect.ListSlots429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.ListSlots500JSONResponse(refusal(500)),
	})
}

func (s *service) GetSlot(_ context.Context, r interconnect.GetSlotRequestObject) (interconnect.GetSlotResponseObject, error) {
	defer s.begin(r)()
	i := s.slot(r.Slot)
	return answer(r.AccountID, found(i), map[int]interconnect.GetSlotResponseObject{
		200: interconnect.GetSlot200JSONResponse(at(s.slots, i)),
		400: interconnect.GetSlot400JSONResponse(refusal(400)),
		401: interconnect.GetSlot401JSONResponse(refusal(401)),
		403: interconnect.GetSlot403JSONResponse(refusal(403)),
		404: interconnect.GetSlot404JSONResponse(refusal(404)),
		429: interconnect.GetSlot429JSONResponse{Body: refusal(429), Headers: interconnect.GetSlot429ResponseHeaders{RetryAfter: &retryAfter}},
		500: interconnect.GetSlot500JSONResponse(refusal(500)),
	})
}
