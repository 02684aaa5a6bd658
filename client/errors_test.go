package client_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestAPIError(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	tests := map[string]struct {
		status  int
		header  http.Header
		body    string
		details []client.ErrorDetail
		text    string
	}{
		"all there is": {404, http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {"8f1c-FRA"}},
			`{"success":false,"result":null,"messages":[],"errors":[
				{"code":7003,"message":"no such slot","documentation_url":"https://example.com/7003","source":{"pointer":"/slot_id"}},
				{"code":7004,"message":"second"}]}`,
			[]client.ErrorDetail{{7003, "no such slot", "/slot_id", "https://example.com/7003"}, {Code: 7004, Message: "second"}},
			"404 Not Found: /slot_id: no such slot (7003); second (7004) (cf-ray 8f1c-FRA)"},
		"not declared": {418, json, `{"errors":[{"code":"text","message":"teapot"},"just text"]}`,
			[]client.ErrorDetail{{Message: "teapot"}, {Message: `"just text"`}}, `418 I'm a teapot: teapot; "just text"`},
		"another shape": {400, json, `{"error":"no"}`, nil, "400 Bad Request"},
		"cut":           {400, json, `{"success":fal`, nil, "400 Bad Request"},
		"page":          {403, http.Header{"Content-Type": {"text/html"}}, "<h1>Attention</h1>", nil, "403 Forbidden; the account may lack the Enterprise entitlement"},
		"empty":         {500, nil, "", nil, "500 Internal Server Error"},
		"unknown":       {599, nil, "", nil, "599"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, answer(test.status, test.header, test.body))
			_, err := newClient(t, s.URL+"/client/v4", client.WithMaxAttempts(1)).GetInterconnect(t.Context(), "x.y")
			var api *client.APIError
			if !errors.As(err, &api) {
				t.Fatalf("got %v", err)
			}
			if api.Method != "GET" || api.Path != "/accounts/"+account+"/cni/interconnects/x.y" || api.StatusCode != test.status ||
				!reflect.DeepEqual(api.Details, test.details) || string(api.Body) != test.body || api.Ray != test.header.Get("Cf-Ray") {
				t.Errorf("got %+v %q %+v", api, api.Body, api.Details)
			}
			if want := "GET " + api.Path + ": " + test.text; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("text\n%s, want\n%s", err, want)
			}
		})
	}
}

func TestSentinels(t *testing.T) {
	sentinels := map[int]error{
		400: client.ErrBadRequest, 401: client.ErrUnauthorized, 403: client.ErrForbidden,
		404: client.ErrNotFound, 409: client.ErrConflict, 429: client.ErrRateLimited,
	}
	for status := 400; status < 600; status++ {
		for of, sentinel := range sentinels {
			if got := errors.Is(&client.APIError{StatusCode: status}, sentinel); got != (of == status) {
				t.Errorf("%d is %v: %t", status, sentinel, got)
			}
		}
	}
}

func TestWithoutEntitlement(t *testing.T) {
	_, _, c := newSandbox(t, sandbox.WithoutEntitlement())
	if _, err := c.GetSettings(t.Context()); !errors.Is(err, client.ErrForbidden) || !strings.Contains(err.Error(), "entitlement") {
		t.Errorf("got %v", err)
	}
}

func TestLongBody(t *testing.T) {
	s := newServer(t, answer(400, nil, strings.Repeat("x", 100_000)))
	_, err := newClient(t, s.URL).GetSettings(t.Context())
	var api *client.APIError
	if !errors.As(err, &api) || len(api.Body) != 64<<10 || len(err.Error()) > 1000 {
		t.Errorf("got %.100v", err)
	}
}

// Nothing of the response to a call that changes something is lost, whatever is wrong with it.
func TestAnswerOfMutationIsKept(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		opts   []client.Option
	}{
		"malformed":       {200, json, `{"type":"direct","name":"direct-iad-a-1`, nil},
		"cut":             {200, http.Header{"Content-Type": {"application/json"}, "Content-Length": {"1000"}}, `{"type":"direct"`, nil},
		"another type":    {200, http.Header{"Content-Type": {"text/html"}}, "<p>done", nil},
		"empty":           {200, json, "", nil},
		"unknown variant": {200, json, `{"type":"azure","name":"azure-1"}`, []client.Option{client.Strict()}},
		"created":         {201, json, `{"name":"direct-iad-a-1"}`, []client.Option{client.Strict()}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, answer(test.status, test.header, test.body))
			_, err := newClient(t, s.URL, test.opts...).CreateInterconnect(t.Context(), freeOrder())
			var response *contract.ResponseError
			if !errors.As(err, &response) || response.Status != test.status || string(response.Body) != test.body {
				t.Errorf("got %v, %+v", err, response)
			}
			if !strings.HasPrefix(err.Error(), "POST /accounts/"+account+"/cni/interconnects: ") {
				t.Errorf("the text does not name the call: %v", err)
			}
			s.wantCount(t, "POST", 1)
		})
	}
}

func TestRetryAfterOfError(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"3600": time.Hour, "-1": 0, "soon": 0, "99999999999999999999": 0, "9999999999999999999": 1 << 32 * time.Second,
		"Mon, 02 Jan 2006 15:04:05 GMT": 0,
	} {
		s := newServer(t, answer(429, http.Header{"Retry-After": {value}}, ""))
		_, err := newClient(t, s.URL, client.WithMaxAttempts(1)).GetSettings(t.Context())
		var api *client.APIError
		if !errors.As(err, &api) || api.RetryAfter != want {
			t.Errorf("%q: got %v, want %s", value, api.RetryAfter, want)
		}
	}
}
