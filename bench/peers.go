package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	sdk6 "github.com/cloudflare/cloudflare-go/v6"
	cloudflare6 "github.com/cloudflare/cloudflare-go/v6/network_interconnects"
	option6 "github.com/cloudflare/cloudflare-go/v6/option"
	sdk7 "github.com/cloudflare/cloudflare-go/v7"
	cloudflare7 "github.com/cloudflare/cloudflare-go/v7/network_interconnects"
	option7 "github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	middleware "github.com/oapi-codegen/nethttp-middleware"
	"github.com/ogen-go/ogen/ogenerrors"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/bench/ogen"
	"github.com/interconnect-go/interconnect/bench/stock"
	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A peer serves create_interconnect and list_interconnects, decodes a list, and calls list_interconnects. What it cannot do is nil.
type peer struct {
	name   string
	server func(items int) http.Handler
	decode func(list []byte) error
	client func(http.RoundTripper) (list, error)
}

// A list gets the interconnects of an account and returns how many there are, having decoded all of them.
type list func(context.Context) (items int, err error)

// The unit comes first: everything is a ratio to it.
var peers = []peer{
	{"hand", newHand, decodeHand, callHand},
	{"floor", newFloor, nil, nil},
	{"stock", newStock, decodeStock, callStock},
	{"ogen", newOgen, decodeOgen, callOgen},
	{"ours", newOurs, decodeOurs, callOurs},
	{"cloudflare-go v6", nil, decodeCloudflare6, callCloudflare6},
	{"cloudflare-go v7", nil, decodeCloudflare7, callCloudflare7},
}

const (
	collection = "/accounts/{account_id}/cni/interconnects"
	baseURL    = "https://127.0.0.1" + interconnect.BasePath // where nothing listens: calls end at the transport
	token      = "any-token"
)

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

type portList struct {
	Items []port `json:"items"`
	Next  *int32 `json:"next"`
}

func newHand(items int) http.Handler {
	ports := map[string]port{"direct": read[port](physical), "gcp_partner": read[port](gcp)}
	all := read[portList](listOf(items))
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
	var v portList
	return json.Unmarshal(text, &v)
}

func callHand(rt http.RoundTripper) (list, error) {
	client := &http.Client{Transport: rt}
	return func(ctx context.Context) (int, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/accounts/"+account+"/cni/interconnects", nil)
		if err != nil {
			return 0, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return 0, errors.New(resp.Status)
		}
		var v portList
		err = json.NewDecoder(resp.Body).Decode(&v)
		return len(v.Items), err
	}, nil
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
	stock.StrictServerInterface // for the operations that are not called
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
	return decodeItems(v)
}

// decodeItems decodes unions, which are their text until then.
func decodeItems(v stock.InterconnectList) error {
	for _, item := range v.Items {
		if _, err := item.ValueByDiscriminator(); err != nil {
			return err
		}
	}
	return nil
}

func callStock(rt http.RoundTripper) (list, error) {
	client, err := stock.NewClientWithResponses(baseURL, stock.WithHTTPClient(&http.Client{Transport: rt}),
		stock.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}))
	return func(ctx context.Context) (int, error) {
		resp, err := client.ListInterconnectsWithResponse(ctx, account, &stock.ListInterconnectsParams{})
		if err != nil {
			return 0, err
		}
		if resp.JSON200 == nil {
			return 0, errors.New(resp.Status())
		}
		return len(resp.JSON200.Items), decodeItems(*resp.JSON200)
	}, err
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

type credentials struct{}

func (credentials) APIEmail(context.Context, ogen.OperationName) (ogen.APIEmail, error) {
	return ogen.APIEmail{}, ogenerrors.ErrSkipClientSecurity
}
func (credentials) APIKey(context.Context, ogen.OperationName) (ogen.APIKey, error) {
	return ogen.APIKey{}, ogenerrors.ErrSkipClientSecurity
}
func (credentials) APIToken(context.Context, ogen.OperationName) (ogen.APIToken, error) {
	return ogen.APIToken{Token: token}, nil
}

func callOgen(rt http.RoundTripper) (list, error) {
	client, err := ogen.NewClient(baseURL, credentials{}, ogen.WithClient(&http.Client{Transport: rt}))
	return func(ctx context.Context) (int, error) {
		resp, err := client.ListInterconnects(ctx, ogen.ListInterconnectsParams{AccountID: account})
		if err != nil {
			return 0, err
		}
		v, ok := resp.(*ogen.NscInterconnectList)
		if !ok {
			return 0, fmt.Errorf("got a %T", resp)
		}
		return len(v.Items), nil
	}, err
}

// ---- Ours ----

type service struct {
	interconnect.StrictServerInterface // for the operations that are not called
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

// listContent is the body of the response to list_interconnects.
var listContent = func() *contract.Content {
	for _, op := range interconnect.Operations() {
		if op.ID == interconnect.OpListInterconnects {
			return &op.Response(http.StatusOK).Content[0]
		}
	}
	panic("the document has no list_interconnects")
}()

// decodeOurs is what NewTransport does with the body: it validates and decodes it in one pass.
func decodeOurs(text []byte) error {
	_, _, err := listContent.ReadBody(string(text), contract.InResponse, schema.Strict)
	return err
}

// callOurs uses package client, with its retries, tolerant reading and all.
func callOurs(rt http.RoundTripper) (list, error) {
	c, err := client.New(account, client.WithBaseURL(baseURL), client.WithToken(token), client.WithHTTPClient(&http.Client{Transport: rt}))
	return func(ctx context.Context) (n int, err error) {
		for _, err := range c.ListInterconnects(ctx, nil) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}, err
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

func callCloudflare6(rt http.RoundTripper) (list, error) {
	c := cloudflare6.NewInterconnectService(option6.WithBaseURL(baseURL), option6.WithAPIToken(token), option6.WithHTTPClient(&http.Client{Transport: rt}))
	return func(ctx context.Context) (int, error) {
		v, err := c.List(ctx, cloudflare6.InterconnectListParams{AccountID: sdk6.F(account)})
		if err != nil {
			return 0, err
		}
		return len(v.Items), nil
	}, nil
}

func callCloudflare7(rt http.RoundTripper) (list, error) {
	c := cloudflare7.NewInterconnectService(option7.WithBaseURL(baseURL), option7.WithAPIToken(token), option7.WithHTTPClient(&http.Client{Transport: rt}))
	return func(ctx context.Context) (int, error) {
		v, err := c.List(ctx, cloudflare7.InterconnectListParams{AccountID: sdk7.F(account)})
		if err != nil {
			return 0, err
		}
		return len(v.Items), nil
	}, nil
}
