package contract_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

const (
	zero = `00000000-0000-0000-0000-000000000000`
	one  = `182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e`
)

func object(required string, properties ...schema.Property) *schema.Schema {
	slices.SortFunc(properties, func(a, b schema.Property) int { return strings.Compare(a.Name, b.Name) })
	return &schema.Schema{Types: schema.Object, Required: strings.Fields(required), Properties: properties}
}

func property(name string, s *schema.Schema) schema.Property {
	return schema.Property{Name: name, Schema: s}
}

// zeroOperations take UUIDs in every place where one may stand.
func zeroOperations() []contract.Operation {
	id := &schema.Schema{Types: schema.String, Format: "uuid"}
	text := &schema.Schema{Types: schema.String}
	byKind := &schema.Schema{
		OneOf: []*schema.Schema{
			object("kind id", property("kind", text), property("id", id)),
			object("kind", property("kind", text), property("id", id)),
		},
		Discriminator: &schema.Discriminator{Property: "kind", Mapping: []schema.Mapping{{Value: "maybe", Variant: 1}, {Value: "must", Variant: 0}}},
	}
	byShape := &schema.Schema{OneOf: []*schema.Schema{object("a id", property("a", text), property("id", id)), object("b", property("b", text), property("id", id))}}
	body := object("",
		property("kind", byKind), property("shape", byShape),
		property("any", &schema.Schema{AnyOf: []*schema.Schema{object("id", property("id", id)), text}}),
		property("inner", object("id", property("id", id), property("maybe", id))),
		property("list", &schema.Schema{Types: schema.Array, Items: object("id", property("id", id))}),
		property("ids", &schema.Schema{Types: schema.Array, Items: id}),
		property("map", &schema.Schema{Types: schema.Object, Additional: object("id", property("id", id))}),
		property("apart", &schema.Schema{AllOf: []*schema.Schema{object("id"), object("", property("id", id))}}),
		property("composed", object("id", property("id", &schema.Schema{AllOf: []*schema.Schema{id}}))),
		property("nullable", object("id", property("id", &schema.Schema{Types: schema.String, Format: "uuid", Nullable: true}))),
		property("enum", object("id", property("id", &schema.Schema{Types: schema.String, Format: "uuid", Enum: []string{`"` + zero + `"`}}))),
		property("text", object("id", property("id", text))),
	)
	parameter := func(name, in, style string, required bool, s *schema.Schema) contract.Parameter {
		return contract.Parameter{Name: name, In: in, Style: style, Required: required, Schema: s}
	}
	inJSON := parameter("json", "query", "form", false, object("id", property("id", id)))
	inJSON.MediaType, inJSON.Required = "application/json", true
	responses := []contract.Response{{Status: "200"}}
	return []contract.Operation{
		{ID: "body", Method: "POST", Path: "/body", Responses: responses, Body: &contract.Body{Content: []contract.Content{{MediaType: "application/json", Schema: body}}}},
		{ID: "path", Method: "GET", Path: "/path/{id}", Responses: responses, Parameters: []contract.Parameter{parameter("id", "path", "simple", true, id)}},
		{ID: "label", Method: "GET", Path: "/label/{id}", Responses: responses, Parameters: []contract.Parameter{parameter("id", "path", "label", true, id)}},
		{ID: "query", Method: "GET", Path: "/query", Responses: responses, Parameters: []contract.Parameter{
			parameter("id", "query", "form", true, id), parameter("maybe", "query", "form", false, id), parameter("text", "query", "form", false, text),
		}},
		{ID: "header", Method: "GET", Path: "/header", Responses: responses, Parameters: []contract.Parameter{parameter("X-Id", "header", "simple", true, id)}},
		{ID: "cookie", Method: "GET", Path: "/cookie", Responses: responses, Parameters: []contract.Parameter{parameter("id", "cookie", "form", true, id)}},
		{ID: "json", Method: "GET", Path: "/json", Responses: responses, Parameters: []contract.Parameter{inJSON}},
	}
}

// A required UUID that is zero does not leave, wherever it stands; one that is optional does.
func TestZeroUUID(t *testing.T) {
	sent := 0
	base := transport(func(r *http.Request) (*http.Response, error) {
		sent++
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	strict := contract.NewTransport(zeroOperations(), base, contract.TransportOptions{})
	allowing := contract.NewTransport(zeroOperations(), base, contract.TransportOptions{AllowZeroUUID: true})
	for _, test := range []struct{ method, target, body, want string }{
		{"GET", "/path/" + zero, "", "path /id"},
		{"GET", "/label/." + zero, "", "path /id"},
		{"GET", "/query?id=" + zero, "", "query /id"},
		{"GET", "/query?maybe=" + zero + "&text=" + zero + "&id=" + one, "", ""},
		{"GET", "/header", "", "header /X-Id"},
		{"GET", "/cookie", "", "cookie /id"},
		{"GET", "/json?json=%7B%22id%22:%22" + zero + "%22%7D", "", "query /json/id"},
		{"POST", "/body", `{"inner":{"id":"` + zero + `"}}`, "body /inner/id"},
		{"POST", "/body", `{"inner":{"id":"` + strings.ReplaceAll(zero, "0", `\u0030`) + `"}}`, "body /inner/id"},
		{"POST", "/body", `{"inner":{"id":"` + one + `","maybe":"` + zero + `"}}`, ""},
		{"POST", "/body", `{"kind":{"kind":"must","id":"` + zero + `"}}`, "body /kind/id"},
		{"POST", "/body", `{"kind":{"kind":"maybe","id":"` + zero + `"}}`, ""},
		{"POST", "/body", `{"shape":{"a":"","id":"` + zero + `"}}`, "body /shape/id"},
		{"POST", "/body", `{"shape":{"b":"","id":"` + zero + `"}}`, ""},
		{"POST", "/body", `{"any":{"id":"` + zero + `"}}`, "body /any/id"},
		{"POST", "/body", `{"any":"` + zero + `"}`, ""},
		{"POST", "/body", `{"list":[{"id":"` + one + `"}, {"id":"` + zero + `"}],"inner":{"id":"` + zero + `"}}`, "body /list/1/id, body /inner/id"},
		{"POST", "/body", `{"ids":["` + zero + `"]}`, ""},
		{"POST", "/body", `{"map":{"a/b":{"id":"` + zero + `"}}}`, "body /map/a~1b/id"},
		{"POST", "/body", `{"apart":{"id":"` + zero + `"}}`, "body /apart/id"},
		{"POST", "/body", `{"composed":{"id":"` + zero + `"}}`, "body /composed/id"},
		{"POST", "/body", `{"nullable":{"id":"` + zero + `"},"enum":{"id":"` + zero + `"},"text":{"id":"` + zero + `"}}`, ""},
	} {
		request := func() *http.Request {
			r, err := http.NewRequest(test.method, "http://example.com"+test.target, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Id", zero)
			r.AddCookie(&http.Cookie{Name: "id", Value: zero})
			return r
		}
		before := sent
		_, err := strict.RoundTrip(request())
		var refused *contract.RequestError
		var invalid *contract.ValidationError
		var got []string
		if errors.As(err, &refused) && errors.As(err, &invalid) {
			for _, v := range invalid.Violations {
				got = append(got, v.In+" "+v.Pointer)
				if v.Rule != "required" || !strings.Contains(v.String(), "want a UUID other than the zero UUID") {
					t.Errorf("%s %s: %s, %v", test.target, test.body, v.Rule, v)
				}
			}
		}
		if strings.Join(got, ", ") != test.want || (err == nil) != (test.want == "") || (sent > before) != (err == nil) {
			t.Errorf("%s %s: got %q, %v; want %q", test.target, test.body, got, err, test.want)
		}
		before = sent
		if _, err := allowing.RoundTrip(request()); err != nil || sent != before+1 {
			t.Errorf("%s %s: not allowed: %v", test.target, test.body, err)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
