package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	cloudflare6 "github.com/cloudflare/cloudflare-go/v6/network_interconnects"
	cloudflare7 "github.com/cloudflare/cloudflare-go/v7/network_interconnects"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	middleware "github.com/oapi-codegen/nethttp-middleware"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/bench/ogen"
	"github.com/interconnect-go/interconnect/bench/stock"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A peer serves create_interconnect and list_interconnects, and decodes a list. What it cannot do is nil.
type peer struct {
	name   string
	server func(items int) http.Handler
	decode func(list []byte) error
}

// The unit comes first: everything is a ratio to it.
var peers = []peer{
	{"hand", newHand, decodeHand},
	{"floor", newFloor, nil},
	{"stock", newStock, decodeStock},
	{"ogen", newOgen, decodeOgen},
	{"ours", newOurs, decodeOurs},
	{"cloudflare-go v6", nil, decodeCloudflare6},
	{"cloudflare-go v7", nil, decodeCloudflare7},
}

const collection = "/accounts/{account_id}/cni/interconnects"

// ---- By hand, with encoding/json and without any validation: the unit ----

type order struct {
	Type       string `json:"type"`
	Account    string `json:"account"`
	SlotID     string `json:"slot_id"`
	Speed      string `json:"speed"`
	PairingKey string `json:"pairing_key"`
	Bandwidth  string `json:"bandwidth"`
}

type facility struct {
	Address []string `json:"address"`
	Name    string   `json:"name"`
}

type port struct {
	Account                  string    `json:"account"`
	CCRDeviceName            *string   `json:"ccr_device_name,omitempty"`
	Facility                 *facility `json:"facility,omitempty"`
	Name                     string    `json:"name"`
	Owner                    *string   `json:"owner,omitempty"`
	Region                   string    `json:"region,omitempty"`
	Site                     string    `json:"site,omitempty"`
	SlotID                   string    `json:"slot_id,omitempty"`
	Speed                    string    `json:"speed"`
	Type                     string    `json:"type"`
	VirtualPortReservationID string    `json:"virtual_port_reservation_id"`
}

type list struct {
	Items []port `json:"items"`
	Next  *int32 `json:"next"`
}

func newHand(items int) http.Handler {
	ports := map[string]port{"direct": read[port](physical), "gcp_partner": read[port](gcp)}
	all := read[list](listOf(items))
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+collection, func(w http.ResponseWriter, r *http.Request) {
		var o order
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, ports[o.Type])
	})
	mux.HandleFunc("GET "+collection, func(w http.ResponseWriter, r *http.Request) { answer(w, all) })
	return mux
}

func decodeHand(text []byte) error {
	var v list
	return json.Unmarshal(text, &v)
}

// ---- Routing only ----

func newFloor(items int) http.Handler {
	answers := map[string][]byte{"POST": []byte(physical), "GET": []byte(listOf(items))}
	mux := http.NewServeMux()
	serve := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		_, _ = w.Write(answers[r.Method])
	}
	mux.HandleFunc("POST "+collection, serve)
	mux.HandleFunc("GET "+collection, serve)
	return mux
}

// ---- oapi-codegen's strict server behind kin-openapi's validation of requests ----

type stockService struct {
	stock.StrictServerInterface // for the operations that nobody calls
	physical, gcp               stock.Interconnect
	list                        stock.InterconnectList
}

func (s *stockService) CreateInterconnect(_ context.Context, r stock.CreateInterconnectRequestObject) (stock.CreateInterconnectResponseObject, error) {
	order, err := r.Body.ValueByDiscriminator()
	if err != nil {
		return nil, err
	}
	switch order.(type) {
	case stock.PhysicalInterconnectCreate:
		return stock.CreateInterconnect200JSONResponse(s.physical), nil
	case stock.GCPPartnerInterconnectCreate:
		return stock.CreateInterconnect200JSONResponse(s.gcp), nil
	}
	return nil, errors.New("no such variant")
}

func (s *stockService) ListInterconnects(context.Context, stock.ListInterconnectsRequestObject) (stock.ListInterconnectsResponseObject, error) {
	return stock.ListInterconnects200JSONResponse(s.list), nil
}

func newStock(items int) http.Handler {
	doc, err := openapi3.NewLoader().LoadFromData(api.Document)
	if err != nil {
		panic(err)
	}
	doc.Servers = nil
	validate := middleware.OapiRequestValidatorWithOptions(doc, &middleware.Options{
		Options: openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	service := &stockService{
		physical: read[stock.Interconnect](physical), gcp: read[stock.Interconnect](gcp), list: read[stock.InterconnectList](listOf(items)),
	}
	return validate(stock.Handler(stock.NewStrictHandler(service, nil)))
}

func decodeStock(text []byte) error {
	var v stock.InterconnectList
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	for _, item := range v.Items { // before that, a union is its text
		if _, err := item.ValueByDiscriminator(); err != nil {
			return err
		}
	}
	return nil
}

// ---- ogen ----

type ogenService struct {
	ogen.UnimplementedHandler
	physical, gcp ogen.NscInterconnect
	list          ogen.NscInterconnectList
}

func (s *ogenService) CreateInterconnect(_ context.Context, r *ogen.NscInterconnectCreate, _ ogen.CreateInterconnectParams) (ogen.CreateInterconnectRes, error) {
	if r.OneOf.Type == ogen.NscInterconnectCreatePhysicalBodyNscInterconnectCreateSum {
		return &s.physical, nil
	}
	return &s.gcp, nil
}

func (s *ogenService) ListInterconnects(context.Context, ogen.ListInterconnectsParams) (ogen.ListInterconnectsRes, error) {
	return &s.list, nil
}

type admit struct{}

func (admit) HandleAPIEmail(ctx context.Context, _ ogen.OperationName, _ ogen.APIEmail) (context.Context, error) {
	return ctx, nil
}
func (admit) HandleAPIKey(ctx context.Context, _ ogen.OperationName, _ ogen.APIKey) (context.Context, error) {
	return ctx, nil
}
func (admit) HandleAPIToken(ctx context.Context, _ ogen.OperationName, _ ogen.APIToken) (context.Context, error) {
	return ctx, nil
}

func newOgen(items int) http.Handler {
	s := &ogenService{physical: read[ogen.NscInterconnect](physical), gcp: read[ogen.NscInterconnect](gcp), list: read[ogen.NscInterconnectList](listOf(items))}
	server, err := ogen.NewServer(s, admit{})
	if err != nil {
		panic(err)
	}
	return server
}

func decodeOgen(text []byte) error {
	var v ogen.NscInterconnectList
	return v.UnmarshalJSON(text)
}

// ---- Ours ----

type service struct {
	interconnect.StrictServerInterface // for the operations that nobody calls
	physical, gcp                      interconnect.Interconnect
	list                               interconnect.InterconnectList
}

func (s *service) CreateInterconnect(_ context.Context, r interconnect.CreateInterconnectRequestObject) (interconnect.CreateInterconnectResponseObject, error) {
	if _, ok := r.Body.Value().(interconnect.PhysicalInterconnectCreate); ok {
		return interconnect.CreateInterconnect200JSONResponse(s.physical), nil
	}
	return interconnect.CreateInterconnect200JSONResponse(s.gcp), nil
}

func (s *service) ListInterconnects(context.Context, interconnect.ListInterconnectsRequestObject) (interconnect.ListInterconnectsResponseObject, error) {
	return interconnect.ListInterconnects200JSONResponse(s.list), nil
}

func newOurs(items int) http.Handler {
	s := &service{
		physical: read[interconnect.Interconnect](physical), gcp: read[interconnect.Interconnect](gcp),
		list: read[interconnect.InterconnectList](listOf(items)),
	}
	return interconnect.NewHandler(s, contract.HandlerOptions{})
}

var listSchema = interconnect.Schemas()["nsc_InterconnectList"]

// decodeOurs is what a client does with NewTransport: it holds the answer against the document and decodes it.
func decodeOurs(text []byte) error {
	_, err := contract.Unmarshal[interconnect.InterconnectList](listSchema, text, contract.InResponse)
	return err
}

// ---- Cloudflare's own SDKs ----

func decodeCloudflare6(text []byte) error {
	var v cloudflare6.InterconnectListResponse
	return v.UnmarshalJSON(text)
}

func decodeCloudflare7(text []byte) error {
	var v cloudflare7.InterconnectListResponse
	return v.UnmarshalJSON(text)
}
