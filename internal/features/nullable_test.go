package features_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/internal/features"
	"github.com/interconnect-go/interconnect/internal/features/compat"
)

// echo is a server that responds with what it gets.
type echo struct{ compat.UnimplementedServer }

func (echo) PutObject(_ context.Context, r compat.PutObjectRequestObject) (compat.PutObjectResponseObject, error) {
	return compat.PutObject200JSONResponse{Body: *r.Body}, nil
}

func (echo) PutText(_ context.Context, r compat.PutTextRequestObject) (compat.PutTextResponseObject, error) {
	return compat.PutText200JSONResponse{Body: *r.Body}, nil
}

func (echo) PutList(_ context.Context, r compat.PutListRequestObject) (compat.PutListResponseObject, error) {
	return compat.PutList200JSONResponse(*r.Body), nil
}

func (echo) PutEither(_ context.Context, r compat.PutEitherRequestObject) (compat.PutEitherResponseObject, error) {
	return compat.PutEither200JSONResponse{Body: *r.Body}, nil
}

func (echo) PatchMembers(_ context.Context, r compat.PatchMembersRequestObject) (compat.PatchMembersResponseObject, error) {
	return compat.PatchMembers200JSONResponse(*r.Body), nil
}

// Null arrives as null, as a body and as a member, and what is absent stays absent.
func TestNullArrives(t *testing.T) {
	server := httptest.NewServer(compat.NewHandler(echo{}, contract.HandlerOptions{}))
	defer server.Close()
	for _, test := range []struct{ path, body string }{
		{"object", `null`}, {"object", `{}`}, {"object", `{"x":""}`},
		{"text", `null`}, {"text", `""`}, {"list", `null`}, {"list", `[]`}, {"either", `null`}, {"either", `{"id":1}`},
		{"members", `{}`}, {"members", `{"list":[],"map":{}}`}, {"members", `{"list":[null,1],"map":{"a":null}}`},
		{"members", `{"list":null,"map":null,"named":null,"number":null,"object":null,"several":null,"size":null,"text":null,"time":null,"union":null}`},
		{"members", `{"number":0,"object":{"id":0},"several":"","size":"small","text":"","union":{"kind":"Card"}}`},
	} {
		method := http.MethodPut
		if test.path == "members" {
			method = http.MethodPatch
		}
		request, err := http.NewRequest(method, server.URL+"/nothing/"+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer t")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 200 || strings.TrimSpace(string(text)) != test.body {
			t.Errorf("%s %s: %s %s %v", test.path, test.body, response.Status, text, err)
		}
	}
}

// A client sends null as a body, and reads one.
func TestNullIsSent(t *testing.T) {
	server := httptest.NewServer(compat.NewHandler(echo{}, contract.HandlerOptions{}))
	defer server.Close()
	client, err := compat.NewClientWithResponses(server.URL, compat.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer t")
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	either, err := client.PutEitherWithResponse(t.Context(), nil)
	if err != nil || either.StatusCode() != 200 || string(either.Body) != "null\n" && string(either.Body) != "null" {
		t.Errorf("%+v %v", either, err)
	}
	object, err := client.PutObjectWithResponse(t.Context(), nil)
	if err != nil || object.StatusCode() != 200 {
		t.Errorf("%+v %v", object, err)
	}
}

// Without nullable-type, members that are required keep their null too.
func TestNullOfRequiredMembers(t *testing.T) {
	for _, text := range []string{
		`{"bytes":null,"items":[null,{"kind":"Card"}],"list":null,"map":null,"object":null,"several":null,"text":null,"union":null}`,
		`{"bytes":"","items":[],"list":[],"map":{},"object":{"id":1},"several":1,"text":"","union":{"kind":"Invoice"}}`,
	} {
		var v features.NullableRequired
		var w compat.NullableRequired
		for _, v := range []any{&v, &w} {
			if err := json.Unmarshal([]byte(text), v); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			if out, err := json.Marshal(v); err != nil || string(out) != text {
				t.Errorf("%s became %s: %v", text, out, err)
			}
		}
	}
}

// Without nullable-type, an optional member that is null is taken for absent.
func TestNullOfOptionalMembers(t *testing.T) {
	members := features.Schemas()["NullableMembers"].Properties
	if len(members) < 10 {
		t.Fatalf("only %d members", len(members))
	}
	for _, member := range members {
		var v features.NullableMembers
		if err := json.Unmarshal([]byte(`{"`+member.Name+`":null}`), &v); err != nil {
			t.Error(err)
		}
		if text, err := json.Marshal(v); err != nil || string(text) != "{}" {
			t.Errorf("%s: %s, %v", member.Name, text, err)
		}
	}
}
