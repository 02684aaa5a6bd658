package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestOperations(t *testing.T) {
	_, _, c := newSandbox(t)
	ctx := t.Context()

	slot, err := c.GetSlot(ctx, sandbox.Catalogue("")[0].ID)
	if err != nil || slot.Occupied {
		t.Fatalf("GetSlot: %+v, %v", slot, err)
	}
	port := order(t, c)
	if port.SlotID != slot.ID || port.Account != account {
		t.Errorf("ordered %+v", port)
	}
	got, err := c.GetInterconnect(ctx, port.Name)
	if err != nil || got.Value().(interconnect.PhysicalInterconnect).Name != port.Name {
		t.Errorf("GetInterconnect: %+v, %v", got, err)
	}
	gcp, err := c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
		PairingKey: "example/us-central1/1", Bandwidth: interconnect.Bandwidth1G,
	}))
	if err != nil || gcp.Value().(interconnect.GCPPartnerInterconnect).Region != "us-central1" {
		t.Errorf("CreateInterconnect: %+v, %v", gcp, err)
	}
	status, err := c.GetInterconnectStatus(ctx, port.Name)
	if state, reason := client.StateOf(status); err != nil || state != client.StatePending || reason != "" {
		t.Errorf("GetInterconnectStatus: %s, %q, %v", state, reason, err)
	}

	create := interconnect.CNICreate{Interconnect: port.Name, Magic: interconnect.MagicSettings{ConduitName: "east", MTU: 1500}}
	cni, err := c.CreateCNI(ctx, create)
	if err != nil || cni.Account != account {
		t.Fatalf("CreateCNI: %+v, %v", cni, err)
	}
	if _, err = c.CreateCNI(ctx, create); !errors.Is(err, client.ErrConflict) {
		t.Errorf("a conduit name twice: %v, want ErrConflict", err)
	}
	update := interconnect.CNIUpdate{Interconnect: port.Name, Magic: interconnect.MagicSettings{ConduitName: "west", MTU: 1400}}
	if cni, err = c.UpdateCNI(ctx, cni.ID, update); err != nil || cni.Magic.ConduitName != "west" {
		t.Errorf("UpdateCNI: %+v, %v", cni, err)
	}
	if cni, err = c.GetCNI(ctx, cni.ID); err != nil || cni.Magic.MTU != 1400 {
		t.Errorf("GetCNI: %+v, %v", cni, err)
	}
	for item, err := range c.ListCNIs(ctx, &interconnect.ListCNIsParams{Slot: &slot.ID}) {
		if err != nil || item.ID != cni.ID {
			t.Errorf("ListCNIs: %+v, %v", item, err)
		}
	}
	if err = c.DeleteCNI(ctx, cni.ID); err != nil {
		t.Error(err)
	}
	if err = c.DeleteCNI(ctx, cni.ID); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("DeleteCNI twice: %v, want ErrNotFound", err)
	}

	settings, err := c.UpdateSettings(ctx, interconnect.SettingsUpdate{DefaultASN: nullable.NewNullableWithValue[int64](64512)})
	if err != nil || settings.DefaultASN != 64512 {
		t.Errorf("UpdateSettings: %+v, %v", settings, err)
	}
	if settings, err = c.GetSettings(ctx); err != nil || settings.DefaultASN != 64512 {
		t.Errorf("GetSettings: %+v, %v", settings, err)
	}

	if err = c.DeleteInterconnect(ctx, port.Name); err != nil {
		t.Error(err)
	}
	if _, err = c.GetInterconnect(ctx, port.Name); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("GetInterconnect after deletion: %v, want ErrNotFound", err)
	}
}

func TestLists(t *testing.T) {
	_, s, c := newSandbox(t)
	params := &interconnect.ListSlotsParams{Limit: new(int32(50))}
	var ids []string
	for slot, err := range c.ListSlots(t.Context(), params) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, slot.ID.String())
	}
	want := len(sandbox.Catalogue(""))
	slices.Sort(ids)
	if len(slices.Compact(ids)) != want {
		t.Errorf("%d different slots, want %d", len(slices.Compact(ids)), want)
	}
	s.wantCount(t, "GET", (want+49)/50)
	if params.Cursor != nil {
		t.Error("the caller's parameters were changed")
	}

	for range c.ListSlots(t.Context(), params) {
		break
	}
	s.wantCount(t, "GET", (want+49)/50+1)

	order(t, c)
	n := 0
	for _, err := range c.ListInterconnects(t.Context(), nil) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d interconnects, want 1", n)
	}
}

func TestListStopsWhenCursorRepeats(t *testing.T) {
	next := map[string]int{"": 1, "1": 2, "2": 1}
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"items":[],"next":%d}`, next[r.URL.Query().Get("cursor")])
	}))
	var errs []error
	for _, err := range newClient(t, s.URL).ListSlots(t.Context(), nil) {
		errs = append(errs, err)
	}
	if len(errs) != 1 || !errors.Is(errs[0], client.ErrCursorRepeats) {
		t.Errorf("got %v, want one ErrCursorRepeats", errs)
	}
	s.wantCount(t, "GET", 3)
}

func TestLetter(t *testing.T) {
	sb, s, c := newSandbox(t, sandbox.WithAccountName(account, "Example Corp"))
	port := order(t, c)
	name, err := c.GetInterconnectLOADefaultName(t.Context(), port.Name)
	if err != nil || name.Name != "Example Corp" {
		t.Errorf("default name %q, %v", name.Name, err)
	}
	var letter bytes.Buffer
	n, err := c.GetInterconnectLOA(t.Context(), port.Name, nil, &letter)
	if err != nil || n != int64(letter.Len()) || !strings.HasPrefix(letter.String(), "%PDF-") {
		t.Errorf("%d of %d bytes, %v", n, letter.Len(), err)
	}
	letter.Reset()
	params := &interconnect.GetInterconnectLOAParams{Name: new("Other & Sons")}
	if _, err = c.GetInterconnectLOA(t.Context(), port.Name, params, &letter); err != nil {
		t.Error(err)
	}

	letter.Reset()
	if _, err = c.GetInterconnectLOA(t.Context(), "other", nil, &letter); !errors.Is(err, client.ErrNotFound) || letter.Len() > 0 {
		t.Errorf("%d bytes, %v; want ErrNotFound", letter.Len(), err)
	}
	sb.Fail("get_interconnect_loa", sandbox.Fault{Status: 503, Header: http.Header{"X-Should-Retry": nil}})
	if _, err = c.GetInterconnectLOA(t.Context(), port.Name, nil, &letter); err != nil {
		t.Errorf("after a 503: %v", err)
	}
	s.wantCount(t, "POST", 1)
}

func TestLetterCutOrEmpty(t *testing.T) {
	pdf := http.Header{"Content-Type": {"application/pdf"}, "Content-Length": {"100"}}
	var letter bytes.Buffer
	n, err := newClient(t, newServer(t, answer(200, pdf, "%PDF-1.7")).URL).GetInterconnectLOA(t.Context(), "x", nil, &letter)
	if n != 8 || err == nil || !strings.Contains(err.Error(), "ends after 8 bytes") {
		t.Errorf("%d bytes, %v", n, err)
	}
	delete(pdf, "Content-Length")
	if _, err = newClient(t, newServer(t, answer(200, pdf, "")).URL).GetInterconnectLOA(t.Context(), "x", nil, &letter); err == nil {
		t.Error("an empty letter was taken for one")
	}
	letter.Reset()
	page := answer(200, http.Header{"Content-Type": {"text/html"}}, "<p>log in")
	n, err = newClient(t, newServer(t, page).URL).GetInterconnectLOA(t.Context(), "x", nil, &letter)
	var wrong *contract.ResponseError
	if n != 0 || letter.Len() != 0 || !errors.As(err, &wrong) || string(wrong.Body) != "<p>log in" {
		t.Errorf("a page: %d bytes, %v", n, err)
	}
	file := answer(200, http.Header{"Content-Type": {"application/octet-stream"}}, "%PDF-1.7 … %%EOF\r\n")
	if n, err = newClient(t, newServer(t, file).URL).GetInterconnectLOA(t.Context(), "x", nil, &letter); n != 20 || err != nil {
		t.Errorf("a letter of another media type: %d bytes, %v", n, err)
	}
}

// What is invalid is not sent, and everything that is wrong is named.
func TestInvalidRequests(t *testing.T) {
	_, s, c := newSandbox(t)
	ctx := t.Context()
	calls := map[string]func() error{
		"two violations": func() error {
			_, err := c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
				Account: strings.Repeat("4", 33), Bandwidth: "no_such_bandwidth",
			}))
			if text := fmt.Sprint(err); !strings.Contains(text, "/account") || !strings.Contains(text, "/bandwidth") {
				t.Errorf("%v, want account and bandwidth named", err)
			}
			return err
		},
		"no variant": func() error {
			_, err := c.CreateInterconnect(ctx, interconnect.InterconnectCreate{})
			return err
		},
		"negative limit": func() error {
			for _, err := range c.ListSlots(ctx, &interconnect.ListSlotsParams{Limit: new(int32(-1))}) {
				return err
			}
			return nil
		},
		"mtu": func() error {
			_, err := c.CreateCNI(ctx, interconnect.CNICreate{Magic: interconnect.MagicSettings{MTU: -1}})
			return err
		},
		"empty name": func() error { return c.DeleteInterconnect(ctx, "") },
		"dot":        func() error { return c.DeleteInterconnect(ctx, ".") },
		"dots":       func() error { _, err := c.GetInterconnect(ctx, ".."); return err },
		"letter":     func() error { _, err := c.GetInterconnectLOA(ctx, "..", nil, nil); return err },
	}
	for name, call := range calls {
		var request *contract.RequestError
		if err := call(); !errors.As(err, &request) || request.Operation == "" {
			t.Errorf("%s: %v, want a RequestError with its operation", name, err)
		}
	}
	for _, method := range []string{"GET", "POST", "DELETE"} {
		s.wantCount(t, method, 0)
	}
}

// An ID that was never set is not sent, unless the caller allows it.
func TestZeroUUID(t *testing.T) {
	_, s, c := newSandbox(t)
	calls := func(c *client.Client) map[string]func() error {
		return map[string]func() error{
			"body slot_id": func() error {
				_, err := c.CreateInterconnect(t.Context(), interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{}))
				return err
			},
			"path slot": func() error { _, err := c.GetSlot(t.Context(), uuid.Nil); return err },
			"path cni":  func() error { return c.DeleteCNI(t.Context(), uuid.Nil) },
		}
	}
	for place, call := range calls(c) {
		err := call()
		var request *client.RequestError
		var invalid *client.ValidationError
		if !errors.As(err, &request) || !errors.As(err, &invalid) || len(invalid.Violations) != 1 ||
			invalid.Violations[0].In+" "+invalid.Violations[0].Pointer != strings.Replace(place, " ", " /", 1) {
			t.Errorf("%s: got %v", place, err)
		}
	}
	for _, err := range c.ListCNIs(t.Context(), &interconnect.ListCNIsParams{Slot: &uuid.Nil}) { // a choice, as the filter is optional
		if err != nil {
			t.Error(err)
		}
	}
	s.wantCount(t, "POST", 0)
	s.wantCount(t, "GET", 1)
	for place, call := range calls(newClient(t, s.URL+interconnect.BasePath, client.AllowZeroUUID())) {
		if err := call(); !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrBadRequest) {
			t.Errorf("%s: allowed, got %v", place, err)
		}
	}
}
