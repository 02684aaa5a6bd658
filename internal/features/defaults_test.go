package features_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/internal/features"
	"github.com/interconnect-go/interconnect/internal/features/compat"
)

const orderDefaults = `"anything":[1,{"a":null}],"due":"2026-01-02T03:04:05Z","gift":true,"labels":{"a":"b"},"note":"none",` +
	`"options":{"mode":"large","retries":3},"plain":-3,"ratio":1.5,"size":"small","tags":["a","b"]`

// compact makes JSON comparable: members sorted, without white space.
func compact(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestApplyDefaults(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"absent", `{"count":1}`, `{"count":1,` + orderDefaults + `}`},
		{"present", `{"count":1,"anything":{},"due":"2027-01-01T00:00:00Z","gift":false,"labels":{},"note":"","options":{"mode":"small","retries":0},
			"plain":9,"ratio":0,"size":"large","tags":[]}`, `{"count":1,"anything":{},"due":"2027-01-01T00:00:00Z","gift":false,"labels":{},"note":"",
			"options":{"mode":"small","retries":0},"plain":9,"ratio":0,"size":"large","tags":[]}`},
		{"within", `{"count":1,"more":[{},{"retries":1}],"named":{"x":{"mode":"small"}},"other":{},"payment":{"kind":"Card"},"contact":{"mail":"m"},
			"tree":{"left":{"branches":{"b":{}}},"seedling":{"height":9}}}`, `{"count":1,` + orderDefaults + `,
			"more":[{"mode":"large","retries":3},{"mode":"large","retries":1}],"named":{"x":{"mode":"small","retries":3}},"other":{"mode":"large","retries":3},
			"payment":{"kind":"Card","network":"visa"},"contact":{"mail":"m"},
			"tree":{"height":1,"seedling":{"height":9},"left":{"height":1,"branches":{"b":{"height":1}}}}}`},
		{"without any", `{"count":1,"payment":{"kind":"Invoice"},"contact":{"phone":"1"}}`, `{"count":1,"payment":{"kind":"Invoice"},"contact":{"phone":"1"},` +
			orderDefaults + `}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var order features.Order
			if err := json.Unmarshal([]byte(test.in), &order); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second call changes nothing
				order.ApplyDefaults()
				out, err := json.Marshal(order)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := compact(t, string(out)), compact(t, test.want); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
			if order.ID != nil || order.Wrong != nil {
				t.Error("a read-only member or an invalid default was set")
			}
		})
	}
}

// The first variant of an anyOf that fits has its defaults, too; what is written stays what was read.
func TestApplyDefaultsToAnyOf(t *testing.T) {
	var contact features.Contact
	if err := json.Unmarshal([]byte(`{"mail":"m","phone":"1"}`), &contact); err != nil {
		t.Fatal(err)
	}
	contact.ApplyDefaults()
	mail, ok := contact.Value().(features.ContactObject)
	if !ok || mail.HTML == nil || !*mail.HTML {
		t.Errorf("%#v", contact.Value())
	}
	if out, err := json.Marshal(contact); err != nil || string(out) != `{"mail":"m","phone":"1"}` {
		t.Errorf("%s %v", out, err)
	}
}

// Nil has no defaults, and values that contain themselves come to an end.
func TestApplyDefaultsEnds(t *testing.T) {
	(*features.Order)(nil).ApplyDefaults()
	(*features.Tree)(nil).ApplyDefaults()
	(*features.Payment)(nil).ApplyDefaults()
	new(features.Payment).ApplyDefaults()

	tree := &features.Tree{}
	branches := map[string]features.Tree{}
	tree.Left, tree.Branches = tree, branches
	branches["a"] = features.Tree{Branches: branches, Left: tree}
	tree.ApplyDefaults()
	if *tree.Height != 1 || *branches["a"].Height != 1 {
		t.Error("no defaults")
	}
}

// With nullable-type null is kept: only what is absent gets a default.
func TestApplyDefaultsKeepsNull(t *testing.T) {
	var order compat.Order
	if err := json.Unmarshal([]byte(`{"count":1,"note":null}`), &order); err != nil {
		t.Fatal(err)
	}
	order.ApplyDefaults()
	if !order.Note.IsNull() || !order.Nothing.IsNull() {
		t.Errorf("note %v, nothing %v", order.Note, order.Nothing)
	}
	order.Note = nullable.Nullable[string]{}
	order.ApplyDefaults()
	if v, err := order.Note.Get(); err != nil || v != "none" {
		t.Errorf("note %v %v", v, err)
	}
}

type orders struct {
	features.UnimplementedServer
	got    []features.Order
	params features.OrderManyParams
}

func (s *orders) Order(_ context.Context, request features.OrderRequestObject) (features.OrderResponseObject, error) {
	s.got = append(s.got, features.Order{Options: request.FormdataBody})
	if request.JSONBody != nil {
		s.got = []features.Order{*request.JSONBody}
	}
	return features.Order200JSONResponse(s.got[0]), nil
}

func (s *orders) OrderMany(_ context.Context, request features.OrderManyRequestObject) (features.OrderManyResponseObject, error) {
	s.params = request.Params
	if request.Body != nil {
		s.got = *request.Body
	}
	return features.OrderMany204Response{}, nil
}

// The config key request-defaults applies defaults before an implementation sees a request.
func TestRequestDefaults(t *testing.T) {
	for _, test := range []struct{ name, method, contentType, body, want string }{
		{"one", "POST", "application/json", `{"count":1}`, `[{"count":1,` + orderDefaults + `}]`},
		{"form", "POST", "application/x-www-form-urlencoded", `retries=4`, `[{"count":0,"options":{"mode":"large","retries":4}}]`},
		{"list", "PUT", "application/json", `[{"count":1},{"count":2}]`, `[{"count":1,` + orderDefaults + `},{"count":2,` + orderDefaults + `}]`},
		{"none", "PUT", "", ``, `null`},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := &orders{}
			request := httptest.NewRequest(test.method, "/orders", strings.NewReader(test.body))
			request.Header.Set("Authorization", "Bearer t")
			request.Header.Set("Needed", "retries,1")
			if test.contentType != "" {
				request.Header.Set("Content-Type", test.contentType)
			} else {
				request.Body = http.NoBody
			}
			response := httptest.NewRecorder()
			features.NewHandler(server, contract.HandlerOptions{}).ServeHTTP(response, request)
			if response.Code >= 300 {
				t.Fatal(response.Code, response.Body)
			}
			got, err := json.Marshal(server.got)
			if err != nil {
				t.Fatal(err)
			}
			if compact(t, string(got)) != compact(t, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Members of parameters have their defaults, too; a parameter that is absent stays so.
func TestRequestDefaultsWithinParameters(t *testing.T) {
	for _, test := range []struct{ name, query, needed, want string }{
		{"some", "options[retries]=4&list=[{},{%22mode%22:%22small%22}]", "retries,1",
			`{"options":{"mode":"large","retries":4},"list":[{"mode":"large","retries":3},{"mode":"small","retries":3}],"needed":{"mode":"large","retries":1}}`},
		{"absent", "", "mode,small", `{"needed":{"mode":"small","retries":3}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := &orders{}
			request := httptest.NewRequest("PUT", "/orders?"+test.query, http.NoBody)
			request.Header.Set("Authorization", "Bearer t")
			request.Header.Set("Needed", test.needed)
			response := httptest.NewRecorder()
			features.NewHandler(server, contract.HandlerOptions{}).ServeHTTP(response, request)
			if response.Code >= 300 {
				t.Fatal(response.Code, response.Body)
			}
			got, err := json.Marshal(server.params)
			if err != nil {
				t.Fatal(err)
			}
			if compact(t, string(got)) != compact(t, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
