package everywhere

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

const emptyLists = `{"counts":{},"free":{},"groups":{},"joined":{"id":0,"names":[]},"listed":{"list":[]},"matrix":[],"names":[],"nullable":null}`

// zeroLists has nil in each list and map.
func zeroLists() Lists { return Lists{Listed: NewListed(ListedByList{})} }

// PostLists answers one of three ways, as the first name says, and always with nil.
func (service) PostLists(_ context.Context, request PostListsRequestObject) (PostListsResponseObject, error) {
	switch strings.Join(request.Body.Names, "") {
	case "list":
		return PostLists201JSONResponse(nil), nil
	case "map":
		return PostLists202JSONResponse(nil), nil
	}
	return PostLists200JSONResponse(zeroLists()), nil
}

// Nil is an empty list or map where the document wants one and null is not allowed, wherever that is.
func TestNilIsEmpty(t *testing.T) {
	lists := zeroLists()
	marshal := func(lists Lists) string {
		text, err := wire.Write(&lists, writeLists, &schemaLists, schema.Undirected)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	if got := marshal(lists); got != emptyLists {
		t.Errorf("got  %s\nwant %s", got, emptyLists)
	}
	lists.Matrix, lists.Groups = []Names{nil, {"x"}}, map[string]Names{"a": nil}
	lists.Chosen = []Listed{NewListed(ListedByMap{}), NewListed(ListedByName{}), NewListed(ListedByList{})}
	want := `{"chosen":[{"map":{}},{"name":""},{"list":[]}],` + strings.NewReplacer(
		`"groups":{}`, `"groups":{"a":[]}`, `"matrix":[]`, `"matrix":[[],["x"]]`).Replace(emptyLists[1:])
	if got := marshal(lists); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	lists = zeroLists()
	lists.Several = []string{}
	if got, want := marshal(lists), "/several: want at least 1 item, got an array of 0 items"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for want, union := range map[string]Listed{`{"list":[]}`: NewListed(ListedByList{}), `{"map":{}}`: NewListed(ListedByMap{})} {
		if got, err := json.Marshal(union); err != nil || string(got) != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}

	// What others send is not completed.
	var invalid *contract.ValidationError
	text := strings.Replace(emptyLists, `"matrix":[]`, `"matrix":null`, 1)
	if err := schemaLists.Check([]byte(text), contract.InResponse); !errors.As(err, &invalid) {
		t.Errorf("null is an array: %v", err)
	}
}

// Servers answer, and clients send, an empty list or map for nil.
func TestNilIsEmptyOverHTTP(t *testing.T) {
	var sent string
	handler := NewHandler(service{}, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { t.Error(err) }})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		r.Body = io.NopCloser(strings.NewReader(sent))
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	client, err := NewClientWithResponses(server.URL, WithHTTPClient(&http.Client{Transport: NewTransport(nil, contract.TransportOptions{})}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": emptyLists, "list": "[]", "map": "{}"} {
		lists := zeroLists()
		if name != "" {
			lists.Names = Names{name}
		}
		response, err := client.PostListsWithResponse(t.Context(), lists)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(string(response.Body)); got != want {
			t.Errorf("%q: answered %s, want %s", name, got, want)
		}
		if want := strings.Replace(emptyLists, `"names":[],"nullable"`, `"names":`+encode(lists.Names)+`,"nullable"`, 1); sent != want {
			t.Errorf("%q: sent %s, want %s", name, sent, want)
		}
	}
}

func encode(names Names) string {
	text, _ := json.Marshal(append(Names{}, names...))
	return string(text)
}
