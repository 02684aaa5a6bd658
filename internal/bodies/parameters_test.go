package bodies

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

func (s *server) GetParameters(_ context.Context, r GetParametersRequestObject) (GetParametersResponseObject, error) {
	s.got = r
	return GetParameters204Response{}, nil
}

// What is absent has its default, of any type, and names are what they are, in each place.
func TestParameters(t *testing.T) {
	const defaults = `"list[]":[1,2],"object.of/things":{"x":7,"y":"2026-01-02"},"date":"2026-01-02","either":5,"X-List":["a","b"],"X-Pair":{"x":7,"y":"2026-01-02"},"crumb":["c,d"]`
	for _, c := range []struct {
		target, header string
		status         int
		want           string // parameters that are not as by default; or a part of the error
	}{
		{"/parameters/a", "", 204, ``},
		{"/parameters/a?id=b", "Id: 5\nCookie: id=true; crumb=x%2Cy,z", 204, `"id":"b","id in header":5,"id in cookie":true,"crumb":["x,y","z"]`},
		{"/parameters/a%2Fb%3F%25", "Accept: */*\nAuthorization: x", 204, ``},
		{"/parameters/a?list%5B%5D=3&list[]=4", "", 204, `"list[]":[3,4]`},
		{"/parameters/a?object.of/things[x]=1&object.of%2Fthings%5By%5D=2026-03-04", "", 204, `"object.of/things":{"x":1,"y":"2026-03-04"}`},
		{"/parameters/a?either=2026-03-04&date=2026-03-05", "", 204, `"date":"2026-03-05","either":"2026-03-04"`},
		{"/parameters/a", "X-List: x , y\nX-List: z\nX-Pair: x,1", 204, `"X-List":["x","y","z"],"X-Pair":{"x":1}`},
		{"/parameters/a?path=/a/b?c:d@e&flag=", "", 204, `"path":"/a/b?c:d@e"`},
		{"/parameters/a?flag", "", 204, ``},
		{"/parameters/a?id=b&id=c", "", 400, `query parameter \"id\": want this parameter once`},
		{"/parameters/a?list[]=x&object.of/things[x]=y&date=z", "Id: x\nCookie: id=y", 400, `query parameter \"list[]/0\"|query parameter \"object.of~1things/x\"|query parameter \"date\"|header \"id\"|cookie \"id\"`},
		{"/parameters/a?path=%zz", "", 400, `two hexadecimal digits`},
		{"/parameters/a?id=%ff", "", 400, `UTF-8`},
		{"/parameters/", "", 400, `path parameter \"id\"`},
		{"/parameters/a/", "", 404, ``},
		{"/parameters/a/b", "", 404, ``},
	} {
		s := &server{}
		h := NewHandler(s, contract.HandlerOptions{})
		r := httptest.NewRequest("GET", c.target, nil)
		for line := range strings.SplitSeq(c.header, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				r.Header.Add(name, value)
			}
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.status {
			t.Errorf("%s: %d %s", c.target, w.Code, w.Body)
			continue
		}
		if c.status != 204 {
			for part := range strings.SplitSeq(c.want, "|") {
				if !strings.Contains(w.Body.String(), part) {
					t.Errorf("%s: %s; want %s", c.target, w.Body, part)
				}
			}
			continue
		}
		params := s.got.(GetParametersRequestObject).Params
		got, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		want := "{" + defaults + "}"
		want = override(t, want, "{"+c.want+"}")
		if have := override(t, string(got), "{}"); have != want {
			t.Errorf("%s: %s; want %s", c.target, have, want)
		}
		// What has arrived can be sent.
		client, err := NewClient("http://example.com", WithHTTPClient(handled{h}))
		if err != nil {
			t.Fatal(err)
		}
		s.got = nil
		if _, err := client.GetParameters(context.Background(), "a/b", &params); err != nil || s.got == nil {
			t.Errorf("%s: sent again: %v", c.target, err)
		} else if again := s.got.(GetParametersRequestObject); again.ID != "a/b" || again.Params.Crumb[0] != params.Crumb[0] || *again.Params.ObjectOfThings.X != *params.ObjectOfThings.X {
			t.Errorf("%s: sent again: %+v", c.target, again)
		}
	}
}

// ApplyDefaults gives a client's parameters what a server reads where they are absent.
func TestParametersApplyDefaults(t *testing.T) {
	s := &server{}
	w := httptest.NewRecorder()
	NewHandler(s, contract.HandlerOptions{}).ServeHTTP(w, httptest.NewRequest("GET", "/parameters/a", nil))
	if s.got == nil {
		t.Fatal(w.Code, w.Body)
	}
	want := s.got.(GetParametersRequestObject).Params
	var got GetParametersParams
	for range 2 { // the second call changes nothing
		if got.ApplyDefaults(); !reflect.DeepEqual(got, want) {
			t.Errorf("ApplyDefaults gives %+v, the server %+v", got, want)
		}
	}
	kept := GetParametersParams{List: []int{}, Crumb: []string{"x"}}
	if kept.ApplyDefaults(); len(kept.List) != 0 || kept.Crumb[0] != "x" || kept.Date == nil {
		t.Errorf("ApplyDefaults gives %+v", kept)
	}
}

type handled struct{ http.Handler }

func (h handled) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// override is an object with members of another one, sorted.
func override(t *testing.T, object, with string) string {
	t.Helper()
	var members map[string]any
	for _, text := range []string{object, with} {
		if err := json.Unmarshal([]byte(text), &members); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
