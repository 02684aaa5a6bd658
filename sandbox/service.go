package sandbox

import (
	"bytes"
	"context"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A service puts the store behind the operations of the document: it takes a request apart, and finds the response that
// the document declares for what the store returns.
type service struct {
	store        *store
	accountNames map[interconnect.AccountID]string
	contract     Contract
}

var _ interconnect.StrictServerInterface = (*service)(nil)

// ListSlots is a page of the catalogue.
func (s *service) ListSlots(_ context.Context, r interconnect.ListSlotsRequestObject) (interconnect.ListSlotsResponseObject, error) {
	return interconnect.ListSlots200JSONResponse(s.store.listSlots(r.AccountID, r.Params)), nil
}

// GetSlot is a slot of the catalogue.
func (s *service) GetSlot(_ context.Context, r interconnect.GetSlotRequestObject) (interconnect.GetSlotResponseObject, error) {
	slot, err := s.store.getSlot(r.AccountID, r.Slot)
	if err != nil {
		return refuse[interconnect.GetSlotResponseObject](err)
	}
	return interconnect.GetSlot200JSONResponse(slot), nil
}

// ListInterconnects is a page of the account's interconnects.
func (s *service) ListInterconnects(_ context.Context, r interconnect.ListInterconnectsRequestObject) (interconnect.ListInterconnectsResponseObject, error) {
	return interconnect.ListInterconnects200JSONResponse(s.store.listInterconnects(r.AccountID, r.Params)), nil
}

// CreateInterconnect orders an interconnect.
func (s *service) CreateInterconnect(_ context.Context, r interconnect.CreateInterconnectRequestObject) (interconnect.CreateInterconnectResponseObject, error) {
	var created interconnect.Interconnect
	var err error
	switch order := r.Body.Value().(type) {
	case interconnect.PhysicalInterconnectCreate:
		created, err = s.store.createPhysical(r.AccountID, order)
	case interconnect.GCPPartnerInterconnectCreate:
		created, err = s.store.createGCPPartner(r.AccountID, order)
	}
	if err != nil {
		return refuse[interconnect.CreateInterconnectResponseObject](err)
	}
	return interconnect.CreateInterconnect200JSONResponse(created), nil
}

// GetInterconnect is an interconnect of the account.
func (s *service) GetInterconnect(_ context.Context, r interconnect.GetInterconnectRequestObject) (interconnect.GetInterconnectResponseObject, error) {
	found, err := s.store.getInterconnect(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuse[interconnect.GetInterconnectResponseObject](err)
	}
	return interconnect.GetInterconnect200JSONResponse(found), nil
}

// DeleteInterconnect ends an interconnect.
func (s *service) DeleteInterconnect(_ context.Context, r interconnect.DeleteInterconnectRequestObject) (interconnect.DeleteInterconnectResponseObject, error) {
	err := s.store.deleteInterconnect(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuse[interconnect.DeleteInterconnectResponseObject](err)
	}
	return interconnect.DeleteInterconnect200Response{}, nil
}

// GetInterconnectStatus is the state of a link.
func (s *service) GetInterconnectStatus(_ context.Context, r interconnect.GetInterconnectStatusRequestObject) (interconnect.GetInterconnectStatusResponseObject, error) {
	current, err := s.store.getStatus(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuse[interconnect.GetInterconnectStatusResponseObject](err)
	}
	return interconnect.GetInterconnectStatus200JSONResponse(current), nil
}

// GetInterconnectLOA is a PDF document.
func (s *service) GetInterconnectLOA(_ context.Context, r interconnect.GetInterconnectLOARequestObject) (interconnect.GetInterconnectLOAResponseObject, error) {
	physical, err := s.physical(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuse[interconnect.GetInterconnectLOAResponseObject](err)
	}
	customer := s.customer(r.AccountID)
	if r.Params.Name != nil && s.contract != July2026 {
		customer = *r.Params.Name
	}
	document, err := letter(customer, physical, s.store.now())
	if err != nil {
		return nil, err
	}
	return interconnect.GetInterconnectLOA200ApplicationpdfResponse{Body: bytes.NewReader(document), ContentLength: int64(len(document))}, nil
}

// GetInterconnectLOADefaultName is the name of the account.
func (s *service) GetInterconnectLOADefaultName(_ context.Context, r interconnect.GetInterconnectLOADefaultNameRequestObject) (interconnect.GetInterconnectLOADefaultNameResponseObject, error) {
	_, err := s.physical(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuse[interconnect.GetInterconnectLOADefaultNameResponseObject](err)
	}
	return interconnect.GetInterconnectLOADefaultName200JSONResponse{Name: s.customer(r.AccountID)}, nil
}

// physical returns an interconnect that can have a Letter of Authorization.
func (s *service) physical(id interconnect.AccountID, name string) (interconnect.PhysicalInterconnect, error) {
	found, err := s.store.getInterconnect(id, name)
	if err != nil {
		return interconnect.PhysicalInterconnect{}, err
	}
	physical, ok := found.Value().(interconnect.PhysicalInterconnect)
	if !ok {
		var wrong findings
		wrong.add("", "interconnect %s is a GCP partner interconnect, which needs no Letter of Authorization", name)
		return physical, wrong.err()
	}
	return physical, nil
}

func (s *service) customer(id interconnect.AccountID) string {
	if name, ok := s.accountNames[id]; ok {
		return name
	}
	return "Account " + id
}

// ListCNIs is a page of the account's CNIs.
func (s *service) ListCNIs(_ context.Context, r interconnect.ListCNIsRequestObject) (interconnect.ListCNIsResponseObject, error) {
	return interconnect.ListCNIs200JSONResponse(s.store.listCNIs(r.AccountID, r.Params)), nil
}

// CreateCNI configures an interconnect.
func (s *service) CreateCNI(_ context.Context, r interconnect.CreateCNIRequestObject) (interconnect.CreateCNIResponseObject, error) {
	created, err := s.store.createCNI(r.AccountID, *r.Body)
	if err != nil {
		return refuse[interconnect.CreateCNIResponseObject](err)
	}
	return interconnect.CreateCNI200JSONResponse(created), nil
}

// GetCNI is a CNI of the account.
func (s *service) GetCNI(_ context.Context, r interconnect.GetCNIRequestObject) (interconnect.GetCNIResponseObject, error) {
	found, err := s.store.getCNI(r.AccountID, r.CNI)
	if err != nil {
		return refuse[interconnect.GetCNIResponseObject](err)
	}
	return interconnect.GetCNI200JSONResponse(found), nil
}

// UpdateCNI replaces what the customer chooses.
func (s *service) UpdateCNI(_ context.Context, r interconnect.UpdateCNIRequestObject) (interconnect.UpdateCNIResponseObject, error) {
	body := *r.Body
	if s.contract == July2026 {
		body.BGPMode = nil
	}
	updated, err := s.store.updateCNI(r.AccountID, r.CNI, body)
	if err != nil {
		return refuse[interconnect.UpdateCNIResponseObject](err)
	}
	return interconnect.UpdateCNI200JSONResponse(updated), nil
}

// DeleteCNI deletes a CNI.
func (s *service) DeleteCNI(_ context.Context, r interconnect.DeleteCNIRequestObject) (interconnect.DeleteCNIResponseObject, error) {
	err := s.store.deleteCNI(r.AccountID, r.CNI)
	if err != nil {
		return refuse[interconnect.DeleteCNIResponseObject](err)
	}
	return interconnect.DeleteCNI200Response{}, nil
}

// GetSettings is what the account has set, or the defaults.
func (s *service) GetSettings(_ context.Context, r interconnect.GetSettingsRequestObject) (interconnect.GetSettingsResponseObject, error) {
	return interconnect.GetSettings200JSONResponse(s.store.getSettings(r.AccountID)), nil
}

// UpdateSettings changes what the body names.
func (s *service) UpdateSettings(_ context.Context, r interconnect.UpdateSettingsRequestObject) (interconnect.UpdateSettingsResponseObject, error) {
	var asn *int64
	switch given := r.Body.DefaultASN; {
	case given.IsNull():
		asn = new(int64(cloudflareASN))
	case given.IsSpecified():
		asn = new(given.MustGet())
	}
	settings, err := s.store.updateSettings(r.AccountID, asn)
	if err != nil {
		return refuse[interconnect.UpdateSettingsResponseObject](err)
	}
	return interconnect.UpdateSettings200JSONResponse(settings), nil
}
