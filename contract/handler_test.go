package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The document of these tests: things with a file each.
var (
	thingSchema = &Schema{
		Name: "Thing", Type: "object", Closed: true, Required: []string{"name"},
		Properties: []Property{
			{"id", &Schema{Type: "string", Format: "uuid", ReadOnly: true}},
			{"name", &Schema{Type: "string", MinLength: 2}},
			{"secret", &Schema{Type: "string", MinLength: 8, Sensitive: true}},
			{"speed", &Schema{Type: "integer", Format: "int32"}},
		},
	}
	openSchema  = &Schema{Type: "object", Properties: []Property{{"name", &Schema{Type: "string"}}}}
	bearer      = SecurityScheme{Name: "api_token", Type: "http", Scheme: "bearer"}
	email       = SecurityScheme{Name: "api_email", Type: "apiKey", In: "header", Param: "X-Auth-Email"}
	key         = SecurityScheme{Name: "api_key", Type: "apiKey", In: "header", Param: "X-Auth-Key"}
	thingID     = Parameter{Name: "thing-id", In: "path", Style: "simple", Required: true, Schema: &Schema{Type: "string", Format: "uuid"}}
	jsonThing   = []Content{{MediaType: "application/json", Schema: thingSchema}}
	jsonProblem = []Content{{MediaType: "application/problem+json", Schema: &Schema{Type: "object"}}}
)

const (
	id        = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	thingJSON = `{"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","name":"port"}`
)

func thingOperations() []Operation {
	secured := [][]SecurityScheme{{bearer}, {email, key}}
	return []Operation{
		{
			ID: "list_things", Method: "GET", Path: "/things",
			Parameters: []Parameter{
				{Name: "limit", In: "query", Style: "form", Explode: true, Schema: &Schema{Type: "integer", Format: "int32", Minimum: "0"}},
				{Name: "occupied", In: "query", Style: "form", Explode: true, Schema: &Schema{Type: "boolean"}},
			},
			Responses: []Response{
				{Status: "200", Content: []Content{{MediaType: "application/json", Schema: &Schema{Type: "array", Items: thingSchema}}},
					Headers: []Header{{Name: "X-Total", Required: true, Schema: &Schema{Type: "integer"}}}},
				{Status: "4XX", Content: jsonProblem},
			},
		},
		{
			ID: "create_thing", Method: "POST", Path: "/things", Security: secured, Permissions: []string{"Magic WAN Write", "CNI Write"},
			Parameters: []Parameter{{Name: "dry", In: "query", Style: "form", Explode: true, Schema: &Schema{Type: "boolean"}}},
			Body:       &Body{Required: true, Content: jsonThing},
			Responses:  []Response{{Status: "201", Content: jsonThing}, {Status: "default", Content: jsonProblem}},
		},
		{
			ID: "get_thing", Method: "GET", Path: "/things/{thing-id}", Parameters: []Parameter{thingID},
			Responses: []Response{{Status: "200", Content: jsonThing}, {Status: "404", Content: jsonProblem}},
		},
		{
			ID: "delete_thing", Method: "DELETE", Path: "/things/{thing-id}", Parameters: []Parameter{thingID},
			Responses: []Response{{Status: "200"}},
		},
		{
			ID: "patch_thing", Method: "PATCH", Path: "/things/{thing-id}", Parameters: []Parameter{thingID},
			Body:      &Body{Content: []Content{{MediaType: "application/*+json", Schema: openSchema}}},
			Responses: []Response{{Status: "204"}},
		},
		{
			ID: "get_file", Method: "GET", Path: "/things/{thing-id}/file", Parameters: []Parameter{thingID},
			Responses: []Response{{Status: "200", Content: []Content{{MediaType: "application/pdf"}}}},
		},
		{
			ID: "put_file", Method: "PUT", Path: "/things/{thing-id}/file", Parameters: []Parameter{thingID},
			Body:      &Body{Required: true, Content: []Content{{MediaType: "application/octet-stream"}, {MediaType: "text/*"}}},
			Responses: []Response{{Status: "204"}},
		},
	}
}

// A served is a handler of the test document over real HTTP.
type served struct {
	*httptest.Server
	mu      sync.Mutex
	errs    []error
	unknown []string
}

func serve(t *testing.T, next http.HandlerFunc, change func(*HandlerOptions)) *served {
	t.Helper()
	s := &served{}
	opts := HandlerOptions{
		OnError: func(_ *http.Request, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, err)
		},
		OnUnknownQuery: func(_ *http.Request, names []string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.unknown = append(s.unknown, names...)
		},
	}
	if change != nil {
		change(&opts)
	}
	s.Server = httptest.NewServer(NewHandler(thingOperations(), next, opts))
	t.Cleanup(s.Close)
	return s
}

// reported returns what the hook was told, once the handler is through.
func (s *served) reported() []error {
	s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errs
}

func (s *served) do(t *testing.T, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, s.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	return s.send(t, r, header...)
}

func (s *served) send(t *testing.T, r *http.Request, header ...string) (*http.Response, string) {
	t.Helper()
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(data)
}

func answerJSON(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func unreachable(t *testing.T) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s reached the implementation", r.Method, r.URL)
	}
}

// rules lists the violations of a problem document as "in pointer rule".
func rules(t *testing.T, body string) []string {
	t.Helper()
	var problem struct {
		Errors []struct{ Detail, In, Pointer, Rule string }
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var list []string
	for _, e := range problem.Errors {
		list = append(list, e.In+" "+e.Pointer+" "+e.Rule)
	}
	return list
}

func TestRoute(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/things", 200, ""},
		{"HEAD", "/things", 200, ""},
		{"GET", "/nothings", 404, ""},
		{"GET", "/", 404, ""},
		{"GET", "/things/" + id + "/file/more", 404, ""},
		{"GET", "/things/./" + id, 404, ""},
		{"GET", "/things/../things", 404, ""},
		{"GET", "//things", 404, ""},
		{"PUT", "/things", 405, "GET, HEAD, POST"},
		{"POST", "/things/" + id, 405, "DELETE, GET, HEAD, PATCH"},
		{"OPTIONS", "/things/" + id + "/file", 405, "GET, HEAD, PUT"},
		{"POST", "/things/", 405, "DELETE, GET, HEAD, PATCH"},
		{"GET", "/things/", 400, ""},
		{"GET", "/things//file", 400, ""},
	}
	for _, tt := range tests {
		s := serve(t, answerJSON(200, "[]", "X-Total", "0"), nil)
		resp, body := s.do(t, tt.method, tt.path, "")
		if resp.StatusCode != tt.status || resp.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: got %d, Allow %q; want %d, %q", tt.method, tt.path, resp.StatusCode, resp.Header.Get("Allow"), tt.status, tt.allow)
		}
		if tt.status == 400 {
			if got := rules(t, body); !slices.Equal(got, []string{"path /thing-id required"}) {
				t.Errorf("%s %s: got %q", tt.method, tt.path, got)
			}
		}
		if tt.status >= 400 && resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: the failure has the content type %q", tt.method, tt.path, resp.Header.Get("Content-Type"))
		}
	}
}

func TestBasePath(t *testing.T) {
	s := serve(t, answerJSON(200, thingJSON), func(o *HandlerOptions) { o.BasePath = "/client/v4" })
	if resp, _ := s.do(t, "GET", "/client/v4/things/"+id, ""); resp.StatusCode != 200 {
		t.Errorf("below the base path: got %d, want 200", resp.StatusCode)
	}
	if resp, _ := s.do(t, "GET", "/things/"+id, ""); resp.StatusCode != 404 {
		t.Errorf("beside the base path: got %d, want 404", resp.StatusCode)
	}
}

func TestEscapedPath(t *testing.T) {
	var got string
	operations := []Operation{{
		ID: "get", Method: "GET", Path: "/a b/{x}",
		Parameters: []Parameter{{Name: "x", In: "path", Style: "simple", Required: true, Schema: &Schema{Type: "string", Enum: []string{`"c/d"`}}}},
		Responses:  []Response{{Status: "204"}},
	}}
	h := NewHandler(operations, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.EscapedPath()
		w.WriteHeader(204)
	}), HandlerOptions{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/a%20b/c%2Fd", nil))
	if w.Code != 204 || got != "/a%20b/c%2Fd" {
		t.Errorf("got %d and path %q: %s", w.Code, got, w.Body)
	}
}

func TestPathWithSlashAtItsEnd(t *testing.T) {
	ok := []Response{{Status: "204"}}
	h := NewHandler([]Operation{
		{ID: "list", Method: "GET", Path: "/a/", Responses: ok},
		{ID: "get", Method: "GET", Path: "/a/{x}", Responses: ok},
		{ID: "root", Method: "GET", Path: "/", Responses: ok},
	}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), HandlerOptions{})
	for path, want := range map[string]int{"/a/": 204, "/a/b": 204, "/": 204, "/a/b/c": 404, "/a": 404, "/b": 404} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

func TestRefusedOperations(t *testing.T) {
	op := func(method, path string, security ...SecurityScheme) Operation {
		return Operation{ID: "op", Method: method, Path: path, Security: [][]SecurityScheme{security}}
	}
	tests := []struct {
		name       string
		base       string
		operations []Operation
		want       string
	}{
		{"parameter in a segment", "", []Operation{op("GET", "/a/{x}.json")}, "contract: op: path /a/{x}.json: a parameter must be a whole segment"},
		{"two parameters in a segment", "", []Operation{op("GET", "/a/{x}{y}")}, "a parameter must be a whole segment"},
		{"same route", "", []Operation{op("GET", "/a/{x}"), op("GET", "/a/{y}")}, "conflicts with"},
		{"unknown security", "", []Operation{op("GET", "/a", SecurityScheme{Name: "tls", Type: "mutualTLS"})}, `security scheme tls has the unknown type "mutualTLS"`},
		{"base path", "/v4/", nil, `base path "/v4/"`},
		{"parameter without place", "", []Operation{{ID: "op", Method: "GET", Path: "/a", Parameters: []Parameter{{Name: "x", In: "path"}}}}, "path /a has no parameter {x}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, tt.want) {
					t.Errorf("got panic %q, want %q", got, tt.want)
				}
			}()
			NewHandler(tt.operations, nil, HandlerOptions{BasePath: tt.base})
		})
	}
}

func TestRequestBody(t *testing.T) {
	const auth, ct = "Authorization", "Content-Type"
	tests := []struct {
		name               string
		method, path, body string
		header             []string
		status             int
		rules              []string
	}{
		{"valid", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json"}, 201, nil},
		{"charset", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json; charset=UTF-8"}, 201, nil},
		{"upper case", "POST", "/things", `{"name":"port"}`, []string{ct, "Application/JSON"}, 201, nil},
		{"identity", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json", "Content-Encoding", "identity"}, 201, nil},
		{"other charset", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json; charset=latin1"}, 415, nil},
		{"no content type", "POST", "/things", `{"name":"port"}`, nil, 415, nil},
		{"two content types", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json", ct, "text/plain"}, 415, nil},
		{"other content type", "POST", "/things", `{"name":"port"}`, []string{ct, "text/plain"}, 415, nil},
		{"malformed content type", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json; ="}, 415, nil},
		{"compressed", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json", "Content-Encoding", "gzip"}, 415, nil},
		{"missing", "POST", "/things", "", nil, 400, []string{"body  required"}},
		{"missing with content type", "POST", "/things", "", []string{ct, "application/json"}, 400, []string{"body  required"}},
		{"malformed", "POST", "/things", `{"name":`, []string{ct, "application/json"}, 400, []string{"body  syntax"}},
		{"read-only", "POST", "/things", thingJSON, []string{ct, "application/json"}, 400, []string{"body /id readOnly"}},
		{"everything at once", "POST", "/things?dry=1", `{"name":"p","speed":1.5}`, []string{ct, "application/json"}, 400,
			[]string{"query /dry type", "body /name minLength", "body /speed type"}},
		{"parameter and missing body", "POST", "/things?dry=1", "", nil, 400, []string{"query /dry type", "body  required"}},
		{"optional, absent", "PATCH", "/things/" + id, "", nil, 204, nil},
		{"suffix", "PATCH", "/things/" + id, `{}`, []string{ct, "application/merge-patch+json"}, 204, nil},
		{"not the suffix", "PATCH", "/things/" + id, `{}`, []string{ct, "application/json"}, 415, nil},
		{"range", "PUT", "/things/" + id + "/file", "x", []string{ct, "text/csv"}, 204, nil},
		{"required, no JSON, missing", "PUT", "/things/" + id + "/file", "", nil, 400, []string{"body  required"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reached := false
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				reached = true
				if r.Method == "POST" {
					if got := r.Header.Get(ct); !strings.HasPrefix(got, "application/json") {
						t.Errorf("the implementation sees the content type %q", got)
					}
					answerJSON(201, thingJSON)(w, r)
					return
				}
				w.WriteHeader(204)
			}, nil)
			resp, body := s.do(t, tt.method, tt.path, tt.body, append(tt.header, auth, "Bearer t")...)
			if resp.StatusCode != tt.status {
				t.Fatalf("got %d, want %d: %s", resp.StatusCode, tt.status, body)
			}
			if reached != (tt.status < 300) {
				t.Errorf("reached the implementation: %t", reached)
			}
			if tt.status == 400 {
				if got := rules(t, body); !slices.Equal(got, tt.rules) {
					t.Errorf("got  %q\nwant %q", got, tt.rules)
				}
			}
			if tt.status == 415 && resp.Header.Get("Accept")+resp.Header.Get("Accept-Encoding") == "" {
				t.Error("the 415 does not say what is accepted")
			}
		})
	}
}

// chunked hides the length of a body.
type chunked struct{ io.Reader }

func TestChunkedRequestBody(t *testing.T) {
	tests := []struct {
		name, method, path, body, contentType string
		status                                int
	}{
		{"valid", "POST", "/things", `{"name":"port"}`, "application/json", 201},
		{"empty but required", "POST", "/things", "", "application/json", 400},
		{"empty without content type", "POST", "/things", "", "", 400},
		{"optional and empty", "PATCH", "/things/" + id, "", "", 204},
		{"optional and empty, with content type", "PATCH", "/things/" + id, "", "application/x+json", 204},
		{"without content type", "PATCH", "/things/" + id, "{}", "", 415},
		{"required and empty, no JSON", "PUT", "/things/" + id + "/file", "", "text/plain", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if data, _ := io.ReadAll(r.Body); string(data) != tt.body || r.ContentLength != int64(len(tt.body)) || len(r.TransferEncoding) > 0 {
					t.Errorf("the implementation sees %q, length %d, %q", data, r.ContentLength, r.TransferEncoding)
				}
				if r.Method == "POST" {
					answerJSON(201, thingJSON)(w, r)
					return
				}
				w.WriteHeader(204)
			}, nil)
			r, _ := http.NewRequest(tt.method, s.URL+tt.path, chunked{strings.NewReader(tt.body)})
			r.Header.Set("Authorization", "Bearer t")
			if tt.contentType != "" {
				r.Header.Set("Content-Type", tt.contentType)
			}
			if resp, body := s.send(t, r); resp.StatusCode != tt.status {
				t.Errorf("got %d, want %d: %s", resp.StatusCode, tt.status, body)
			}
		})
	}
}

func TestImplementationReadsWhatWasChecked(t *testing.T) {
	var got string
	var length int64
	var header string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		got, length, header = string(data), r.ContentLength, r.Header.Get("Content-Length")
		answerJSON(201, thingJSON)(w, r)
	}, nil)
	s.do(t, "POST", "/things", `{"name":"port","speed":65e3}`, "Content-Type", "application/json", "Authorization", "Bearer t")
	want := `{"name":"port","speed":65000}`
	if got != want || length != int64(len(want)) || header != fmt.Sprint(len(want)) {
		t.Errorf("the implementation reads %s, ContentLength %d, header %s", got, length, header)
	}
}

func TestUndeclaredBodyIsNotRead(t *testing.T) {
	h := NewHandler(thingOperations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, err := r.Body.Read(make([]byte, 1)); n != 0 || err != io.EOF || r.ContentLength != 0 {
			t.Errorf("the implementation reads %d bytes, %v, ContentLength %d", n, err, r.ContentLength)
		}
		w.WriteHeader(200)
	}), HandlerOptions{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("DELETE", "/things/"+id, unreadable{t}))
	if w.Code != 200 {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

// unreadable is a body that must not be read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

func TestTooLarge(t *testing.T) {
	small := func(o *HandlerOptions) { o.MaxBody = 20 }
	t.Run("by its length", func(t *testing.T) {
		opts := HandlerOptions{MaxBody: 20}
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/things", unreadable{t})
		r.ContentLength = 21
		r.Header.Set("Authorization", "Bearer t")
		r.Header.Set("Content-Type", "application/json")
		NewHandler(thingOperations(), unreachable(t), opts).ServeHTTP(w, r)
		if w.Code != 413 || !strings.Contains(w.Body.String(), "at most 20 bytes") {
			t.Errorf("got %d: %s", w.Code, w.Body)
		}
	})
	t.Run("while reading", func(t *testing.T) {
		s := serve(t, unreachable(t), small)
		r, _ := http.NewRequest("POST", s.URL+"/things", chunked{strings.NewReader(`{"name":"0123456789"}`)})
		resp, body := s.send(t, r, "Content-Type", "application/json", "Authorization", "Bearer t")
		if resp.StatusCode != 413 {
			t.Errorf("got %d: %s", resp.StatusCode, body)
		}
	})
	t.Run("just fits", func(t *testing.T) {
		s := serve(t, answerJSON(201, thingJSON), small)
		resp, body := s.do(t, "POST", "/things", `{"name":"012345678"}`, "Content-Type", "application/json", "Authorization", "Bearer t")
		if resp.StatusCode != 201 {
			t.Errorf("got %d: %s", resp.StatusCode, body)
		}
	})
	t.Run("while the implementation reads", func(t *testing.T) {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			ImplementationFailed(w, r, fmt.Errorf("reading: %w", err))
		}, small)
		r, _ := http.NewRequest("PUT", s.URL+"/things/"+id+"/file", chunked{strings.NewReader(strings.Repeat("x", 21))})
		if resp, body := s.send(t, r, "Content-Type", "text/plain"); resp.StatusCode != 413 {
			t.Errorf("got %d: %s", resp.StatusCode, body)
		}
	})
	t.Run("by default", func(t *testing.T) {
		s := serve(t, unreachable(t), nil)
		resp, _ := s.do(t, "POST", "/things", strings.Repeat(" ", 1<<20+1), "Content-Type", "application/json", "Authorization", "Bearer t")
		if resp.StatusCode != 413 {
			t.Errorf("got %d, want 413", resp.StatusCode)
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset by 192.0.2.7") }

func TestUnreadableBody(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/things", brokenReader{})
	r.Header.Set("Authorization", "Bearer t")
	r.Header.Set("Content-Type", "application/json")
	NewHandler(thingOperations(), unreachable(t), HandlerOptions{}).ServeHTTP(w, r)
	if w.Code != 400 || strings.Contains(w.Body.String(), "192.0.2.7") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

func TestUploadIsStreamed(t *testing.T) {
	pr, pw := io.Pipe()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		first := make([]byte, 5)
		if _, err := io.ReadFull(r.Body, first); err != nil || string(first) != "first" {
			t.Errorf("got %q, %v", first, err)
		}
		io.WriteString(pw, " and last")
		pw.Close()
		rest, _ := io.ReadAll(r.Body)
		if string(rest) != " and last" {
			t.Errorf("got %q", rest)
		}
		w.WriteHeader(204)
	}, nil)
	go io.WriteString(pw, "first")
	r, _ := http.NewRequest("PUT", s.URL+"/things/"+id+"/file", pr)
	if resp, body := s.send(t, r, "Content-Type", "application/octet-stream"); resp.StatusCode != 204 {
		t.Errorf("got %d: %s", resp.StatusCode, body)
	}
}

func TestUnknownQuery(t *testing.T) {
	s := serve(t, answerJSON(200, "[]", "X-Total", "0"), nil)
	if resp, _ := s.do(t, "GET", "/things?zeta=1&limit=2&alpha=%20", ""); resp.StatusCode != 200 {
		t.Errorf("got %d", resp.StatusCode)
	}
	s.reported()
	if !slices.Equal(s.unknown, []string{"alpha", "zeta"}) {
		t.Errorf("told %q", s.unknown)
	}
}

func TestNothingLeaksIntoAnswers(t *testing.T) {
	s := serve(t, unreachable(t), nil)
	_, body := s.do(t, "POST", "/things?dry=hunter2", `{"name":"x","secret":"hunter3","speed":"hunter4"}`,
		"Content-Type", "application/json", "Authorization", "Bearer hunter5")
	if len(rules(t, body)) != 4 || strings.Contains(body, "hunter") || strings.Contains(body, "contract.") {
		t.Errorf("got %s", body)
	}
	if _, body = s.do(t, "POST", "/things", "", "Authorization", "Basic hunter6"); strings.Contains(body, "hunter") {
		t.Errorf("got %s", body)
	}
}

func TestErrorsOfTheImplementation(t *testing.T) {
	broken := errors.New("dial 192.0.2.7: secret")
	tests := []struct {
		name   string
		next   http.HandlerFunc
		status int
		want   string
	}{
		{"error", func(w http.ResponseWriter, r *http.Request) { ImplementationFailed(w, r, broken) }, 500, "Internal error"},
		{"error behind a middleware", func(_ http.ResponseWriter, r *http.Request) {
			ImplementationFailed(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())), broken)
		}, 500, "Internal error"},
		{"error after a response", func(w http.ResponseWriter, r *http.Request) {
			answerJSON(200, thingJSON, "X-Inner", "secret")(w, r)
			ImplementationFailed(w, r, broken)
		}, 500, "Internal error"},
		{"decoding", func(w http.ResponseWriter, r *http.Request) { RequestFailed(w, r, broken) }, 400, "The request could not be decoded"},
		{"panic", func(http.ResponseWriter, *http.Request) { panic("secret") }, 500, "Internal error"},
		{"panic after a response", func(w http.ResponseWriter, r *http.Request) {
			answerJSON(200, thingJSON)(w, r)
			panic(broken)
		}, 500, "Internal error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.next, nil)
			resp, body := s.do(t, "GET", "/things/"+id, "")
			if resp.StatusCode != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("got %d: %s", resp.StatusCode, body)
			}
			if strings.Contains(body, "secret") || resp.Header.Get("X-Inner") != "" || resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("got %v %s", resp.Header, body)
			}
			errs := s.reported()
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), "secret") {
				t.Fatalf("told %v", errs)
			}
			var panicked *PanicError
			if errors.As(errs[0], &panicked) != strings.HasPrefix(tt.name, "panic") {
				t.Errorf("told %T", errs[0])
			}
			if panicked != nil && !bytes.Contains(panicked.Stack, []byte("handler_test.go")) {
				t.Errorf("the stack does not show the culprit:\n%s", panicked.Stack)
			}
		})
	}
}

func TestAbortGoesOn(t *testing.T) {
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("got panic %v", v)
		}
	}()
	h := NewHandler(thingOperations(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}), HandlerOptions{OnError: func(_ *http.Request, err error) { t.Errorf("told %v", err) }})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/things/"+id, nil))
	t.Error("no panic")
}

func TestGeneratedHandlerOnItsOwn(t *testing.T) {
	logged := captureLog(t)
	w := httptest.NewRecorder()
	ImplementationFailed(w, httptest.NewRequest("GET", "/x?key=hunter2", nil), errors.New("broken"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "broken") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	if got := logged.String(); !strings.Contains(got, "broken") || strings.Contains(got, "hunter2") {
		t.Errorf("logged %s", got)
	}
}

func TestErrorsAreLoggedByDefault(t *testing.T) {
	logged := captureLog(t)
	h := NewHandler(thingOperations(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }), HandlerOptions{})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/things/"+id+"?key=hunter2", nil))
	got := logged.String()
	if !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "boom") || !strings.Contains(got, "handler_test.go") || strings.Contains(got, "hunter2") {
		t.Errorf("logged %s", got)
	}
}

func captureLog(t *testing.T) *bytes.Buffer {
	var b bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &b
}
