package test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A call is one way to call an operation, what the implementation is to see of it, and what the caller is to get.
type call struct {
	operation string
	do        func(c *interconnect.Client, account string) (*http.Response, error)
	request   any // as the implementation gets it
	success   func(*testing.T, *http.Response)
}

var (
	portOrder = interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{
		Account: account, SlotID: freeSlot, Speed: new("10G")})
	cloudOrder = interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
		Account: account, PairingKey: "7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2", Bandwidth: interconnect.Bandwidth5G})
	bgp = interconnect.BGPControl{CustomerASN: 4200000001, ExtraPrefixes: []string{"100.96.0.0/12"}, MD5Key: new(`iad <&> #1`)}

	newMagic       = interconnect.MagicSettings{ConduitName: "cni-fra-2", Description: "Zweite Strecke", MTU: 1460}
	cniOrder       = interconnect.CNICreate{Account: account, Interconnect: physical.Name, Magic: newMagic, BGP: &bgp}
	cniUpdate      = interconnect.CNIUpdate{Account: account, Interconnect: gcpPartner.Name, Magic: newMagic, ID: &cniID}
	settingsUpdate = interconnect.SettingsUpdate{DefaultASN: nullable.NewNullableWithValue(int64(4294967295))}

	cniFilter    = interconnect.ListCNIsParams{Slot: &freeSlot, TunnelID: new("a b&c=d"), Cursor: new(int32(2)), Limit: new(int32(25))}
	siteName     = interconnect.Site("iad-a")
	linkFilter   = interconnect.ListInterconnectsParams{Site: &siteName, Type: new(interconnect.InterconnectTypeGCPPartner), Limit: new(int32(0))}
	slotFilter   = interconnect.ListSlotsParams{AddressContains: new("Musterstraße 5, +49"), Site: &siteName, Speed: new("100G"), Occupied: new(false)}
	letterParams = interconnect.GetInterconnectLOAParams{Name: new("Müller & Söhne; 100% GmbH + Co.")}
)

var calls = []call{
	{
		"list_cnis",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.ListCNIs(context.Background(), account, &cniFilter)
		},
		interconnect.ListCNIsRequestObject{AccountID: account, Params: cniFilter},
		is(interconnect.CNIList{Items: []interconnect.CNI{cni}}),
	},
	{
		"create_cni",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.CreateCNI(context.Background(), account, cniOrder)
		},
		interconnect.CreateCNIRequestObject{AccountID: account, Body: &cniOrder},
		is(interconnect.CNI{
			ID: cniID, Account: account, Interconnect: physical.Name, Magic: newMagic, BGP: &bgp,
			CustomerIP: "10.64.0.1/31", CloudflareIP: "10.64.0.0/31",
		}),
	},
	{
		"get_cni",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetCNI(context.Background(), account, cniID)
		},
		interconnect.GetCNIRequestObject{AccountID: account, CNI: cniID},
		is(cni),
	},
	{
		"update_cni",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.UpdateCNI(context.Background(), account, cniID, cniUpdate)
		},
		interconnect.UpdateCNIRequestObject{AccountID: account, CNI: cniID, Body: &cniUpdate},
		is(interconnect.CNI{
			ID: cniID, Account: account, Interconnect: gcpPartner.Name, Magic: newMagic,
			CustomerIP: "10.64.0.1/31", CloudflareIP: "10.64.0.0/31",
		}),
	},
	{
		"delete_cni",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.DeleteCNI(context.Background(), account, cniID)
		},
		interconnect.DeleteCNIRequestObject{AccountID: account, CNI: cniID},
		isEmpty,
	},
	{
		"list_interconnects",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.ListInterconnects(context.Background(), account, &linkFilter)
		},
		interconnect.ListInterconnectsRequestObject{AccountID: account, Params: linkFilter},
		is(interconnect.InterconnectList{Items: []interconnect.Interconnect{
			interconnect.NewInterconnect(physical), interconnect.NewInterconnect(gcpPartner)}}),
	},
	{
		"create_interconnect",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.CreateInterconnect(context.Background(), account, portOrder)
		},
		interconnect.CreateInterconnectRequestObject{AccountID: account, Body: &portOrder},
		is(interconnect.NewInterconnect(interconnect.PhysicalInterconnect{
			Account: account, Name: "direct-iad-a-1", Site: "iad-a", Facility: ashburn, SlotID: freeSlot, Speed: "10G",
			VirtualPortReservationID: reservationID, CCRDeviceName: &device,
		})),
	},
	{
		"create_interconnect",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.CreateInterconnect(context.Background(), account, cloudOrder)
		},
		interconnect.CreateInterconnectRequestObject{AccountID: account, Body: &cloudOrder},
		is(interconnect.NewInterconnect(interconnect.GCPPartnerInterconnect{
			Account: account, Name: "gcp-us-central1-1", Region: "us-central1", Speed: new(interconnect.Bandwidth5G),
			VirtualPortReservationID: reservationID,
		})),
	},
	{
		"get_interconnect",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetInterconnect(context.Background(), account, physical.Name)
		},
		interconnect.GetInterconnectRequestObject{AccountID: account, InterconnectName: physical.Name},
		is(interconnect.NewInterconnect(physical)),
	},
	{
		"get_interconnect",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetInterconnect(context.Background(), account, gcpPartner.Name)
		},
		interconnect.GetInterconnectRequestObject{AccountID: account, InterconnectName: gcpPartner.Name},
		is(interconnect.NewInterconnect(gcpPartner)),
	},
	{
		"delete_interconnect",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.DeleteInterconnect(context.Background(), account, physical.Name)
		},
		interconnect.DeleteInterconnectRequestObject{AccountID: account, InterconnectName: physical.Name},
		isEmpty,
	},
	{
		"get_interconnect_loa",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetInterconnectLOA(context.Background(), account, physical.Name, &letterParams)
		},
		interconnect.GetInterconnectLOARequestObject{AccountID: account, InterconnectName: physical.Name, Params: letterParams},
		isLetter,
	},
	{
		"get_interconnect_loa_default_name",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetInterconnectLOADefaultName(context.Background(), account, physical.Name)
		},
		interconnect.GetInterconnectLOADefaultNameRequestObject{AccountID: account, InterconnectName: physical.Name},
		is(interconnect.DefaultLOAName{Name: customer}),
	},
	{
		"get_interconnect_status",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetInterconnectStatus(context.Background(), account, physical.Name)
		},
		interconnect.GetInterconnectStatusRequestObject{AccountID: account, InterconnectName: physical.Name},
		is(interconnect.NewInterconnectStatus(interconnect.StatusPending{})),
	},
	{
		"get_settings",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetSettings(context.Background(), account)
		},
		interconnect.GetSettingsRequestObject{AccountID: account},
		is(interconnect.Settings{DefaultASN: 13335}),
	},
	{
		"update_settings",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.UpdateSettings(context.Background(), account, settingsUpdate)
		},
		interconnect.UpdateSettingsRequestObject{AccountID: account, Body: &settingsUpdate},
		is(interconnect.Settings{DefaultASN: 4294967295}),
	},
	{
		"list_slots",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.ListSlots(context.Background(), account, &slotFilter)
		},
		interconnect.ListSlotsRequestObject{AccountID: account, Params: slotFilter},
		is(interconnect.SlotList{Items: newService().slots}),
	},
	{
		"get_slot",
		func(c *interconnect.Client, account string) (*http.Response, error) {
			return c.GetSlot(context.Background(), account, occupiedSlot)
		},
		interconnect.GetSlotRequestObject{AccountID: account, Slot: occupiedSlot},
		is(newService().slots[1]),
	},
}

// TestEveryOperation makes every call once for each status that its operation declares. What is declared and was not
// answered fails, so that no operation and no status can be forgotten.
func TestEveryOperation(t *testing.T) {
	answered := map[string]bool{}
	for i, c := range calls {
		op := operation(t, c.operation)
		t.Run(fmt.Sprint(i, " ", c.operation), func(t *testing.T) {
			service := newService()
			s := serve(t, service, contract.HandlerOptions{})
			wire := &recorder{}
			client := newClient(t, s.URL, wire, contract.TransportOptions{}, bearer(token))
			for _, declared := range op.Responses {
				status, err := strconv.Atoi(declared.Status)
				if err != nil {
					t.Fatalf("status %q: extend the test", declared.Status)
				}
				asked := account
				if status != http.StatusOK {
					asked = refusing(status)
				}
				resp, err := c.do(client, asked)
				if errs := s.reported(); len(errs) == 1 && errors.As(errs[0], new(noAnswer)) { // a status that is new to the document
					t.Logf("the service of this package does not answer with %d yet", status)
					resp, err = c.do(newClient(t, refuser(t, status), wire, contract.TransportOptions{}, bearer(token)), asked)
				} else {
					equal(t, "reported errors", errs, nil)
				}
				if err != nil {
					t.Fatalf("%d: %v", status, err)
				}
				answered[op.ID+" "+strconv.Itoa(wire.status)] = true
				equal(t, "status on the wire", wire.status, status)
				equal(t, "status", resp.StatusCode, status)
				if status != http.StatusOK {
					is(refusal(status))(t, resp)
				} else {
					equal(t, "request", service.last, c.request)
					c.success(t, resp)
				}
				if status == http.StatusTooManyRequests {
					equal(t, "Retry-After", resp.Header.Get("Retry-After"), retryAfter)
				}
				resp.Body.Close()
			}
		})
	}
	for _, op := range interconnect.Operations() {
		for _, r := range op.Responses {
			if !answered[op.ID+" "+r.Status] {
				t.Errorf("%s was not answered with %s; add it to calls", op.ID, r.Status)
			}
		}
	}
}

// refuser returns the URL of a server that answers everything with refusal(status).
func refuser(t *testing.T, status int) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(refusal(status))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func operation(t testing.TB, id string) contract.Operation {
	t.Helper()
	operations := interconnect.Operations()
	i := slices.IndexFunc(operations, func(op contract.Operation) bool { return op.ID == id })
	if i < 0 {
		t.Fatalf("the document has no operation %s", id)
	}
	return operations[i]
}

// A recorder is a transport that remembers the status that came over the wire.
type recorder struct{ status int }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		r.status = response.StatusCode
	}
	return response, err
}

// is expects a JSON body and the value that was read from it.
func is[T any](want T) func(*testing.T, *http.Response) {
	return func(t *testing.T, resp *http.Response) {
		t.Helper()
		equal(t, "content type", resp.Header.Get("Content-Type"), "application/json")
		equal(t, "value", value[T](t, resp), want)
	}
}

func isEmpty(t *testing.T, resp *http.Response) {
	t.Helper()
	equal(t, "content type", resp.Header.Get("Content-Type"), "")
	equal(t, "body", readAll(t, resp.Body), "")
}

func isLetter(t *testing.T, resp *http.Response) {
	t.Helper()
	equal(t, "content type", resp.Header.Get("Content-Type"), "application/pdf")
	equal(t, "body", readAll(t, resp.Body), string(letter))
}

// value returns what the transport read from the body of a response.
func value[T any](t *testing.T, resp *http.Response) T {
	t.Helper()
	v, ok := contract.Value[T](resp)
	if !ok {
		t.Fatalf("%s without a %T: %s", resp.Status, *new(T), readAll(t, resp.Body))
	}
	return *v
}

// TestEveryStateOfAnInterconnect is for the variants of the state that TestEveryOperation does not meet.
func TestEveryStateOfAnInterconnect(t *testing.T) {
	service := newService()
	s := serve(t, service, contract.HandlerOptions{})
	client := newClient(t, s.URL, nil, contract.TransportOptions{}, bearer(token))
	for _, state := range []interconnect.InterconnectStatus{
		interconnect.NewInterconnectStatus(interconnect.StatusPending{}),
		interconnect.NewInterconnectStatus(interconnect.StatusDown{}),
		interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: new("No light received")}),
		interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("")}),
		interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}),
	} {
		service.state = state
		resp, err := client.GetInterconnectStatus(context.Background(), account, physical.Name)
		if err != nil {
			t.Fatal(err)
		}
		is(state)(t, resp)
	}
}

// TestOrderToDeletion goes through the life of an interconnect, with the responses that come of the state of the
// service.
func TestOrderToDeletion(t *testing.T) {
	s := serve(t, newService(), contract.HandlerOptions{})
	client := newClient(t, s.URL, nil, contract.TransportOptions{}, bearer(token))
	order := func() *http.Response {
		resp, err := client.CreateInterconnect(context.Background(), account, portOrder)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	name := value[interconnect.Interconnect](t, order()).Value().(interconnect.PhysicalInterconnect).Name
	again := order()
	equal(t, "second order of the slot", again.StatusCode, http.StatusBadRequest)
	is(refusal(http.StatusBadRequest))(t, again)

	create := func() *http.Response {
		body := cniOrder
		body.Interconnect = name
		resp, err := client.CreateCNI(context.Background(), account, body)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	equal(t, "CNI", create().StatusCode, http.StatusOK)
	conflict := create()
	equal(t, "second CNI of the name", conflict.StatusCode, http.StatusConflict)
	is(refusal(http.StatusConflict))(t, conflict)

	for _, want := range []int{http.StatusOK, http.StatusNotFound} {
		resp, err := client.DeleteInterconnect(context.Background(), account, name)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "deletion", resp.StatusCode, want)
	}
}

// The users of the authentication tests.
const (
	email  = "engineer@example.com"
	key    = "a-key-that-nobody-may-see"
	reader = "a-reader's-token-that-nobody-may-see"
)

type callerKey struct{}

// authenticate knows a token with all permissions, one that may read, and a user who may everything.
func authenticate(r *http.Request, op *contract.Operation, credentials []contract.Credential) (context.Context, error) {
	values := map[string]string{}
	for _, c := range credentials {
		values[c.Scheme.Name] = c.Value
	}
	admit := func(caller string) (context.Context, error) {
		return context.WithValue(r.Context(), callerKey{}, caller), nil
	}
	switch {
	case values["api_token"] == token:
		return admit("token")
	case values["api_token"] == reader && slices.Contains(cloudflare.Permissions(op), "Magic WAN Read"):
		return admit("reader")
	case values["api_token"] == reader:
		return nil, cloudflare.Forbidden(op)
	case values["api_email"] == email && values["api_key"] == key:
		return admit("user")
	}
	return nil, errors.New("unknown credentials " + token)
}

// A caller notes who is admitted.
type caller struct {
	*service
	admitted any
}

func (c *caller) GetSettings(ctx context.Context, r interconnect.GetSettingsRequestObject) (interconnect.GetSettingsResponseObject, error) {
	c.admitted = ctx.Value(callerKey{})
	return c.service.GetSettings(ctx, r)
}

func TestAuthentication(t *testing.T) {
	implementation := &caller{service: newService()}
	s := serve(t, implementation, contract.HandlerOptions{Authenticate: authenticate})
	for name, c := range map[string]struct {
		credentials interconnect.RequestEditorFn
		status      int
		admitted    any
	}{
		"token":         {bearer(token), 200, "token"},
		"email and key": {header("X-Auth-Email", email, "X-Auth-Key", key), 200, "user"},
		"wrong token, right email and key": {
			header("Authorization", "Bearer x", "X-Auth-Email", email, "X-Auth-Key", key), 200, "user"},
		"wrong token": {bearer("x"), 401, nil},
		"wrong key":   {header("X-Auth-Email", email, "X-Auth-Key", "x"), 401, nil},
		"other user":  {header("X-Auth-Email", "x@example.com", "X-Auth-Key", key), 401, nil},
	} {
		t.Run(name, func(t *testing.T) {
			implementation.admitted = nil
			client := newClient(t, s.URL, nil, contract.TransportOptions{}, c.credentials)
			resp, err := client.GetSettings(context.Background(), account)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "status", resp.StatusCode, c.status)
			equal(t, "admitted", implementation.admitted, c.admitted)
			if c.status == http.StatusUnauthorized {
				value[interconnect.Failure](t, resp)
				equal(t, "WWW-Authenticate", resp.Header.Get("WWW-Authenticate"), "Bearer")
				unsaid(t, readAll(t, resp.Body))
			}
		})
	}
}

// A client without the credentials for an alternative of the document does not send its request.
func TestClientWantsCredentials(t *testing.T) {
	for name, credentials := range map[string]interconnect.RequestEditorFn{
		"none":        header(),
		"email only":  header("X-Auth-Email", email),
		"key only":    header("X-Auth-Key", key),
		"other kind":  header("Authorization", "Basic eDp5"),
		"empty token": bearer(""),
	} {
		client := newClient(t, "http://127.0.0.1:0", nil, contract.TransportOptions{}, credentials)
		_, err := client.GetSettings(context.Background(), account)
		if _, ok := errors.AsType[*contract.RequestError](err); !ok {
			t.Errorf("%s: want a RequestError, got %v", name, err)
		} else if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), email) {
			t.Errorf("%s: the error tells credentials: %v", name, err)
		}
	}
}

// TestPermissions makes every call with a token that may only read.
func TestPermissions(t *testing.T) {
	for i, c := range calls {
		t.Run(fmt.Sprint(i, " ", c.operation), func(t *testing.T) {
			op := operation(t, c.operation)
			service := newService()
			s := serve(t, service, contract.HandlerOptions{Authenticate: authenticate})
			resp, err := c.do(newClient(t, s.URL, nil, contract.TransportOptions{}, bearer(reader)), account)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if op.Method == http.MethodGet {
				equal(t, "status", resp.StatusCode, http.StatusOK)
				c.success(t, resp)
				return
			}
			equal(t, "status", resp.StatusCode, http.StatusForbidden)
			failure := value[interconnect.Failure](t, resp)
			permissions := cloudflare.Permissions(&op)
			for _, permission := range permissions {
				if !strings.Contains(failure.Errors[0].Message, permission) {
					t.Errorf("the response does not name %q: %s", permission, failure.Errors[0].Message)
				}
			}
			if len(permissions) == 0 || service.last != nil {
				t.Errorf("permissions %q; the implementation got %+v", permissions, service.last)
			}
		})
	}
}

// A name that is a dot segment would make another operation of the call: the status of "." would be the interconnect
// "status". It is not sent.
func TestDotSegmentsAreNotSent(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent %s", r.URL) }))
	defer s.Close()
	client := newClient(t, s.URL, nil, contract.TransportOptions{}, bearer(token))
	for _, name := range []string{".", ".."} {
		if _, err := client.GetInterconnectStatus(t.Context(), account, name); err == nil {
			t.Errorf("%q: no error", name)
		}
		if _, err := client.DeleteInterconnect(t.Context(), account, name); err == nil {
			t.Errorf("%q: no error", name)
		}
	}
}
