package contract_test

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
	"testing"
	"testing/iotest"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// The document of the tests of this package: things with a file each.

var (
	aString  = &schema.Schema{Types: schema.String}
	anInt    = &schema.Schema{Types: schema.Integer}
	aBool    = &schema.Schema{Types: schema.Boolean}
	aUUID    = &schema.Schema{Types: schema.String, Format: "uuid"}
	anything = &schema.Schema{Types: schema.Object}
	thing    = &schema.Schema{
		Name: "Thing", Types: schema.Object, Additional: &schema.Schema{Never: true}, Required: []string{"name"},
		Properties: []schema.Property{
			{Name: "id", Schema: aUUID, ReadOnly: true},
			{Name: "name", Schema: &schema.Schema{Types: schema.String, MinLength: 2}},
			{Name: "secret", Schema: &schema.Schema{Types: schema.String, MinLength: 8, Sensitive: true}},
			{Name: "speed", Schema: anInt},
		},
	}

	bearer = contract.SecurityScheme{Name: "api_token", Type: "http", Scheme: "bearer"}
	email  = contract.SecurityScheme{Name: "api_email", Type: "apiKey", In: "header", Param: "X-Auth-Email"}
	key    = contract.SecurityScheme{Name: "api_key", Type: "apiKey", In: "header", Param: "X-Auth-Key"}

	jsonThing   = []contract.Content{{MediaType: "application/json", Schema: thing}}
	jsonProblem = []contract.Content{{MediaType: "application/problem+json", Schema: anything}}
)

const (
	thingJSON = `{"id":"` + one + `","name":"port"}`
	onething  = "/things/" + one
)

// authorized are the headers of a request with a JSON body and credentials.
var authorized = []string{"Authorization", "Bearer hunter2", "Content-Type", "application/json"}

func parameter(name, in string, s *schema.Schema) contract.Parameter {
	p := contract.Parameter{Name: name, In: in, Style: "form", Explode: true, Schema: s}
	if in == "path" || in == "header" {
		p.Style, p.Explode, p.Required = "simple", false, in == "path"
	}
	return p
}

func thingOperations() []contract.Operation {
	id := parameter("thing-id", "path", aUUID)
	limit := parameter("limit", "query", &schema.Schema{Types: schema.Integer, Minimum: "0"})
	limit.Default = "20"
	depth := parameter("X-Depth", "header", anInt)
	depth.Default = "3"
	list := []contract.Content{
		{MediaType: "application/json", Schema: &schema.Schema{Types: schema.Array, Items: thing}},
		{MediaType: "text/csv", Kind: wire.Binary},
	}
	return []contract.Operation{
		{
			ID: "list_things", Method: "GET", Path: "/things", Parameters: []contract.Parameter{limit, depth},
			Responses: []contract.Response{
				{Status: "200", Content: list,
					Headers: []contract.Header{{Name: "X-Total", Required: true, Schema: anInt}}},
				{Status: "4XX", Content: jsonProblem},
			},
		},
		{
			ID: "create_thing", Method: "POST", Path: "/things",
			Security:   [][]contract.SecurityScheme{{bearer}, {email, key}},
			Parameters: []contract.Parameter{parameter("dry", "query", aBool)},
			Body:       &contract.Body{Required: true, Content: jsonThing},
			Responses: []contract.Response{{Status: "201", Content: jsonThing},
				{Status: "default", Content: jsonProblem}},
		},
		{
			ID: "get_thing", Method: "GET", Path: "/things/{thing-id}", Parameters: []contract.Parameter{id},
			Responses: []contract.Response{{Status: "200", Content: jsonThing}, {Status: "404", Content: jsonProblem}},
		},
		{
			ID: "delete_thing", Method: "DELETE", Path: "/things/{thing-id}", Parameters: []contract.Parameter{id},
			Responses: []contract.Response{{Status: "200"}},
		},
		{
			ID: "patch_thing", Method: "PATCH", Path: "/things/{thing-id}", Parameters: []contract.Parameter{id},
			Body: &contract.Body{Content: []contract.Content{{MediaType: "application/*+json",
				Schema: object("")}}},
			Responses: []contract.Response{{Status: "204"}},
		},
		{
			ID: "get_file", Method: "GET", Path: "/things/{thing-id}/file", Parameters: []contract.Parameter{id},
			Responses: []contract.Response{{Status: "200",
				Content: []contract.Content{{MediaType: "application/pdf", Kind: wire.Binary}}}},
		},
		{
			ID: "put_file", Method: "PUT", Path: "/things/{thing-id}/file", Parameters: []contract.Parameter{id},
			Body: &contract.Body{Required: true, Content: []contract.Content{
				{MediaType: "application/octet-stream", Kind: wire.Binary}, {MediaType: "text/*", Kind: wire.Binary},
			}},
			Responses: []contract.Response{{Status: "204"}},
		},
	}
}

// recorded serves one request of a target and a body. A reader that is not a *strings.Reader has no Content-Length.
func recorded(h http.Handler, method, target string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, target, body)
	setHeader(r.Header, header)
	h.ServeHTTP(w, r)
	return w
}

func setHeader(header http.Header, pairs []string) {
	for i := 0; i < len(pairs); i += 2 {
		header.Add(pairs[i], pairs[i+1])
	}
}

// respond is an implementation that always sends the same response; the status 0 is left to the writer.
func respond(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		setHeader(w.Header(), header)
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		if status != 0 {
			w.WriteHeader(status)
		}
		io.WriteString(w, body)
	}
}

func respondJSON(status int, body string, header ...string) http.HandlerFunc {
	return respond(status, "application/json", body, header...)
}

func unreachable(t *testing.T) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s reached the implementation", r.Method, r.URL)
	}
}

// unreadable is a body that must not be read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

// summary lists violations as "in pointer rule".
func summary(violations []contract.Violation) string {
	list := make([]string, len(violations))
	for i, v := range violations {
		list[i] = v.In + " " + v.Pointer + " " + v.Rule
	}
	return strings.Join(list, ", ")
}

// problems lists the errors of a problem document like summary.
func problems(t *testing.T, body string) string {
	t.Helper()
	var problem struct{ Errors []contract.Violation }
	if err := json.Unmarshal([]byte(body), &problem); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return summary(problem.Errors)
}

func TestRoute(t *testing.T) {
	const item = "DELETE, GET, HEAD, PATCH"
	h := contract.NewHandler(thingOperations(), respondJSON(200, "[]", "X-Total", "0"),
		contract.HandlerOptions{BasePath: "/v4"})
	for _, test := range []struct {
		method, target string
		status         int
		want           string // Allow, or the errors
	}{
		{"GET", "/v4/things", 200, ""},
		{"HEAD", "/v4/things", 200, ""},
		{"GET", "/things", 404, ""},
		{"GET", "/v4/nothings", 404, ""},
		{"GET", "/v4/things/./x", 404, ""},
		{"GET", "/v4//things", 404, ""},
		{"PUT", "/v4/things", 405, "GET, HEAD, POST"},
		{"POST", "/v4" + onething, 405, item},
		{"OPTIONS", "/v4" + onething + "/file", 405, "GET, HEAD, PUT"},
		{"POST", "/v4/things/", 405, item},
		{"GET", "/v4/things/", 400, "path /thing-id required"},
		{"GET", "/v4/things//file", 400, "path /thing-id required"},
	} {
		w := recorded(h, test.method, test.target, nil)
		got := w.Header().Get("Allow")
		if w.Code == 400 {
			got = problems(t, w.Body.String())
		}
		if w.Code != test.status || got != test.want {
			t.Errorf("%s %s: got %d, %q; want %d, %q", test.method, test.target, w.Code, got, test.status, test.want)
		}
		if w.Code >= 400 && (w.Header().Get("Content-Type") != "application/problem+json" ||
			w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("%s %s: %v", test.method, test.target, w.Header())
		}
	}
}

// Each request has the faults of all the rows below it too; the first check that fails decides.
func TestOrderOfChecks(t *testing.T) {
	read := false
	body := func() io.Reader {
		return io.MultiReader(readerFunc(func([]byte) (int, error) { read = true; return 0, io.EOF }),
			strings.NewReader("{}...................."))
	}
	for _, test := range []struct {
		method, target string
		header         []string
		status         int
		header1, value string // one of the response
		readsBody      bool
	}{
		{"PUT", "/nothing", nil, 404, "Allow", "", false},
		{"PUT", "/things?dry=x", nil, 405, "Allow", "GET, HEAD, POST", false},
		{"POST", "/things?dry=x", nil, 401, "WWW-Authenticate", "Bearer", false},
		{"POST", "/things?dry=x", []string{"Authorization", "Bearer weak"}, 403, "WWW-Authenticate", "", false},
		{"POST", "/things?dry=x", []string{"Authorization", "Bearer good"}, 406, "Accept", "", false},
		{"POST", "/things?dry=x", []string{"Authorization", "Bearer good", "Accept", "*/*"}, 415, "Accept",
			"application/json", true},
		{"POST", "/things?dry=x", append(authorized[2:], "Authorization", "Bearer good", "Accept", "*/*"), 413,
			"Accept", "", true},
	} {
		read = false
		header := test.header
		if !slices.Contains(header, "Accept") {
			header = append(header, "Accept", "image/png")
		}
		w := recorded(contract.NewHandler(thingOperations(), unreachable(t), contract.HandlerOptions{
			MaxBody: 20,
			Authenticate: func(_ *http.Request, _ *contract.Operation,
				credentials []contract.Credential) (context.Context, error) {
				if credentials[0].Value == "weak" {
					return nil, contract.ErrForbidden
				}
				return nil, nil
			},
		}), test.method, test.target, body(), header...)
		if got := w.Header().Get(test.header1); w.Code != test.status || got != test.value || read != test.readsBody {
			t.Errorf("want %d: got %d, %s %q, body read: %t", test.status, w.Code, test.header1, got, read)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestRequestBody(t *testing.T) {
	const ct, file = "Content-Type", onething + "/file"
	for _, test := range []struct {
		name, method, target, body string
		header                     []string
		status                     int
		want                       string
	}{
		{"valid", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json"}, 201, ""},
		{"charset", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json; charset=UTF-8"}, 201, ""},
		{"upper case", "POST", "/things", `{"name":"port"}`, []string{ct, "Application/JSON"}, 201, ""},
		{"identity", "POST", "/things", `{"name":"port"}`,
			[]string{ct, "application/json", "Content-Encoding", "identity"}, 201, ""},
		{"other charset", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json; charset=latin1"}, 415,
			""},
		{"no content type", "POST", "/things", `{"name":"port"}`, nil, 415, ""},
		{"two content types", "POST", "/things", `{"name":"port"}`,
			[]string{ct, "application/json", ct, "text/plain"}, 415, ""},
		{"other content type", "POST", "/things", `{"name":"port"}`, []string{ct, "text/plain"}, 415, ""},
		{"malformed content type", "POST", "/things", `{"name":"port"}`, []string{ct, "application/json; ="}, 415, ""},
		{"compressed", "POST", "/things", `{"name":"port"}`,
			[]string{ct, "application/json", "Content-Encoding", "gzip"}, 415, ""},
		{"missing", "POST", "/things", "", nil, 400, "body  required"},
		{"missing with content type", "POST", "/things", "", []string{ct, "application/json"}, 400, "body  required"},
		{"malformed", "POST", "/things", `{"name":`, []string{ct, "application/json"}, 400, "body  syntax"},
		{"read-only", "POST", "/things", thingJSON, []string{ct, "application/json"}, 400, "body /id readOnly"},
		{"everything at once", "POST", "/things?dry=1", `{"name":"p","speed":1.5}`, []string{ct, "application/json"},
			400,
			"query /dry type, body /name minLength, body /speed type"},
		{"parameter and missing body", "POST", "/things?dry=1", "", nil, 400, "query /dry type, body  required"},
		{"optional, absent", "PATCH", onething, "", nil, 204, ""},
		{"optional, no content type", "PATCH", onething, "{}", nil, 415, ""},
		{"suffix", "PATCH", onething, `{}`, []string{ct, "application/merge-patch+json"}, 204, ""},
		{"suffix, empty", "PATCH", onething, "", []string{ct, "application/merge-patch+json"}, 204, ""},
		{"not the suffix", "PATCH", onething, `{}`, []string{ct, "application/json"}, 415, ""},
		{"range", "PUT", file, "x", []string{ct, "text/csv"}, 204, ""},
		{"not validated, missing", "PUT", file, "", nil, 400, "body  required"},
		{"not validated, empty", "PUT", file, "", []string{ct, "text/csv"}, 204, ""},
		{"undeclared", "GET", onething, "{}", []string{ct, "text/csv"}, 200, ""},
	} {
		for _, chunked := range []bool{false, true} {
			reached := false
			h := contract.NewHandler(thingOperations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				reached = true
				want := test.body
				if r.Method == "GET" {
					want = "" // there is no such body in the document
				}
				streamed := r.Method == "PUT" && chunked
				data, err := io.ReadAll(r.Body)
				if string(data) != want || err != nil ||
					!streamed && (r.ContentLength != int64(len(want)) || r.TransferEncoding != nil) {
					t.Errorf("%s: the implementation sees %q, %v, length %d, %q", test.name, data, err,
						r.ContentLength, r.TransferEncoding)
				}
				if test.status == 204 {
					w.WriteHeader(204)
					return
				}
				respondJSON(test.status, thingJSON)(w, r)
			}), contract.HandlerOptions{})
			body := io.Reader(strings.NewReader(test.body))
			if chunked {
				body = iotest.OneByteReader(body)
			}
			w := recorded(h, test.method, test.target, body, append(test.header, "Authorization", "Bearer t")...)
			if w.Code != test.status || reached != (w.Code < 300) {
				t.Errorf("%s, chunked %t: got %d, want %d: %s", test.name, chunked, w.Code, test.status, w.Body)
				continue
			}
			if w.Code == 400 && problems(t, w.Body.String()) != test.want {
				t.Errorf("%s: got %s, want %s", test.name, w.Body, test.want)
			}
			if w.Code == 415 && w.Header().Get("Accept")+w.Header().Get("Accept-Encoding") == "" {
				t.Errorf("%s: the 415 does not say what is accepted", test.name)
			}
		}
	}
}

func TestUndeclaredBodyIsNotRead(t *testing.T) {
	h := contract.NewHandler(thingOperations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if data, err := io.ReadAll(r.Body); len(data) > 0 || err != nil {
			t.Errorf("the implementation reads %q, %v", data, err)
		}
	}), contract.HandlerOptions{OnError: func(*http.Request, error) {}})
	recorded(h, "DELETE", onething, unreadable{t})
}

func TestLimits(t *testing.T) {
	text := func(n int) string { return `{"name":"` + strings.Repeat("x", n-len(`{"name":""}`)) + `"}` }
	for _, test := range []struct {
		name, method, target, body string
		maxBody, maxStream         int64
		limit                      int64 // that the body exceeds; 0 if it does not
	}{
		{"just fits", "POST", "/things", text(20), 20, 0, 0},
		{"too long", "POST", "/things", text(21), 20, 0, 20},
		{"by default", "POST", "/things", text(1 << 20), 0, 0, 0},
		{"by default, too long", "POST", "/things", text(1<<20 + 1), 0, 0, 1 << 20},
		{"streams without a limit of their own", "PUT", onething + "/file", text(21), 20, 0, 20},
		{"streams", "PUT", onething + "/file", text(21), 20, 21, 0},
		{"streams, too long", "PUT", onething + "/file", text(22), 30, 21, 21},
		{"the limit of streams is not for others", "POST", "/things", text(21), 20, 100, 20},
	} {
		for _, chunked := range []bool{false, true} {
			var failed error
			h := contract.NewHandler(thingOperations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, failed = io.ReadAll(r.Body)
				if r.Method == "PUT" {
					w.WriteHeader(204)
					return
				}
				respondJSON(201, thingJSON)(w, r)
			}), contract.HandlerOptions{MaxBody: test.maxBody, MaxStream: test.maxStream})
			body, header := io.Reader(strings.NewReader(test.body)), authorized
			if chunked {
				body = io.MultiReader(body)
			}
			if test.method == "PUT" {
				header = []string{"Content-Type", "text/plain"}
			}
			w := recorded(h, test.method, test.target, body, header...)
			var long *http.MaxBytesError
			if chunked && test.method == "PUT" && test.limit > 0 { // which only who reads the body can find out
				if !errors.As(failed, &long) || long.Limit != test.limit {
					t.Errorf("%s, chunked: reading fails with %v", test.name, failed)
				}
				continue
			}
			if (w.Code == 413) != (test.limit > 0) || w.Code >= 300 && w.Code != 413 || failed != nil ||
				test.limit > 0 && !strings.Contains(w.Body.String(), fmt.Sprintf("at most %d bytes", test.limit)) {
				t.Errorf("%s, chunked %t: got %d: %s, %v", test.name, chunked, w.Code, w.Body, failed)
			}
		}
	}

	// What a Content-Length says is enough to refuse a body.
	r := httptest.NewRequest("POST", "/things", unreadable{t})
	r.ContentLength = 21
	setHeader(r.Header, authorized)
	w := httptest.NewRecorder()
	contract.NewHandler(thingOperations(), unreachable(t), contract.HandlerOptions{MaxBody: 20}).ServeHTTP(w, r)
	if w.Code != 413 || !strings.Contains(w.Body.String(), "at most 20 bytes") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

func TestUnreadableBody(t *testing.T) {
	h := contract.NewHandler(thingOperations(), unreachable(t), contract.HandlerOptions{})
	w := recorded(h, "POST", "/things", iotest.ErrReader(errors.New("connection reset by 192.0.2.7")), authorized...)
	if w.Code != 400 || strings.Contains(w.Body.String(), "192.0.2.7") ||
		!strings.Contains(w.Body.String(), "could not be read") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

// A body that is not validated arrives as it comes.
func TestUploadIsStreamed(t *testing.T) {
	pr, pw := io.Pipe()
	h := contract.NewHandler(thingOperations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first := make([]byte, 5)
		if _, err := io.ReadFull(r.Body, first); err != nil || string(first) != "first" {
			t.Errorf("got %q, %v", first, err)
		}
		go func() {
			io.WriteString(pw, " and last")
			pw.Close()
		}()
		if rest, err := io.ReadAll(r.Body); string(rest) != " and last" || err != nil {
			t.Errorf("got %q, %v", rest, err)
		}
		w.WriteHeader(204)
	}), contract.HandlerOptions{})
	go io.WriteString(pw, "first")
	if w := recorded(h, "PUT", onething+"/file", pr, "Content-Type", "application/octet-stream"); w.Code != 204 {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

// A handler that is not generated gets the defaults of absent parameters; those that are present are not touched.
func TestDefaultsAreForwarded(t *testing.T) {
	for _, test := range []struct{ query, depth, wantQuery, wantDepth string }{
		{"", "", "limit=20", "3"},
		{"a=%20b", "", "a=%20b&limit=20", "3"},
		{"limit=7&x", "9", "limit=7&x", "9"},
	} {
		h := contract.NewHandler(thingOperations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != test.wantQuery || r.Header.Get("X-Depth") != test.wantDepth {
				t.Errorf("?%s: got ?%s and depth %q", test.query, r.URL.RawQuery, r.Header.Get("X-Depth"))
			}
			respondJSON(200, "[]", "X-Total", "0")(w, r)
		}), contract.HandlerOptions{})
		r := httptest.NewRequest("GET", "/things?"+test.query, nil)
		if test.depth != "" {
			r.Header.Set("X-Depth", test.depth)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || r.URL.RawQuery != test.query || r.Header.Get("X-Depth") != test.depth {
			t.Errorf("?%s: %d %s; the request itself is now ?%s, %v", test.query, w.Code, w.Body, r.URL.RawQuery,
				r.Header)
		}
	}
}

func TestHooks(t *testing.T) {
	var told []string
	h := contract.NewHandler(thingOperations(), respondJSON(201, thingJSON), contract.HandlerOptions{
		OnUnknownQuery: func(_ *http.Request, names []string) { told = append(told, names...) },
		OnReadOnly: func(_ *http.Request, members []contract.Violation) {
			told = append(told, summary(members))
		},
	})
	for _, test := range []struct {
		target, body string
		status       int
		want         string
	}{
		{"/things?zeta=1&dry=true&alpha=%20", `{"name":"port"}`, 201, "alpha; zeta"},
		{"/things", thingJSON, 201, "body /id readOnly"},
		{"/things?x", `{"name":"p","id":7}`, 400, "x; body /id readOnly"},
	} {
		told = nil
		w := recorded(h, "POST", test.target, strings.NewReader(test.body), authorized...)
		if got := strings.Join(told, "; "); w.Code != test.status || got != test.want {
			t.Errorf("%s %s: got %d, %q; want %d, %q: %s", test.target, test.body, w.Code, got, test.status,
				test.want, w.Body)
		}
	}
}

func TestNothingLeaksIntoResponses(t *testing.T) {
	h := contract.NewHandler(thingOperations(), unreachable(t), contract.HandlerOptions{})
	w := recorded(h, "POST", "/things?dry=hunter3",
		strings.NewReader(`{"name":"x","secret":"hunter4","speed":"hunter5"}`), authorized...)
	if got := problems(t, w.Body.String()); strings.Count(got, ",") != 3 ||
		strings.Contains(w.Body.String(), "hunter") {
		t.Errorf("got %s", w.Body)
	}
	w = recorded(h, "POST", "/things", nil, "Authorization", "Basic hunter6")
	if w.Code != 401 || strings.Contains(w.Body.String(), "hunter") {
		t.Errorf("got %s", w.Body)
	}
}

// What goes wrong in an implementation is told to OnError, and to the client only as a 500.
func TestPanics(t *testing.T) {
	for name, next := range map[string]http.HandlerFunc{
		"at once":            func(http.ResponseWriter, *http.Request) { panic("secret") },
		"uncomparable value": func(http.ResponseWriter, *http.Request) { panic([]string{"secret"}) },
		"after a response": func(w http.ResponseWriter, r *http.Request) {
			respondJSON(200, thingJSON, "X-Inner", "secret")(w, r)
			panic(errors.New("secret"))
		},
	} {
		var told []error
		h := contract.NewHandler(thingOperations(), next,
			contract.HandlerOptions{OnError: func(_ *http.Request, err error) { told = append(told, err) }})
		w := recorded(h, "GET", onething, nil)
		if w.Code != 500 || !strings.Contains(w.Body.String(), "Internal error") ||
			strings.Contains(fmt.Sprint(w.Header(), w.Body), "secret") {
			t.Errorf("%s: got %d %v %s", name, w.Code, w.Header(), w.Body)
		}
		var panicked *contract.PanicError
		if len(told) != 1 || !errors.As(told[0], &panicked) || !strings.Contains(told[0].Error(), "panic: ") ||
			!strings.Contains(told[0].Error(), "secret") ||
			!bytes.Contains(panicked.Stack, []byte("handler_test.go")) {
			t.Errorf("%s: told %v", name, told)
		}
	}
}

func TestAbortGoesOn(t *testing.T) {
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("got panic %v", v)
		}
	}()
	h := contract.NewHandler(thingOperations(),
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		contract.HandlerOptions{OnError: func(_ *http.Request, err error) { t.Errorf("told %v", err) }})
	recorded(h, "GET", onething, nil)
	t.Error("no panic")
}

func TestErrorsAreLoggedByDefault(t *testing.T) {
	logged := captureLog(t)
	h := contract.NewHandler(thingOperations(),
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }), contract.HandlerOptions{})
	recorded(h, "GET", onething+"?key=hunter2", nil)
	for _, want := range []string{"level=ERROR", "boom", "handler_test.go", onething} {
		if got := logged.String(); !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
			t.Errorf("logged %s, want %s", got, want)
		}
	}
}

func captureLog(t *testing.T) *bytes.Buffer {
	var b bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &b
}

// What is wrong is listed in the order of the request: parameters first, then the body.
func TestMissingBodyIsLast(t *testing.T) {
	operations := thingOperations()
	serve := make([]wire.Serve, len(operations))
	for i := range serve {
		serve[i] = wire.Handle(func(c *wire.Call, _ *struct{}) { c.CheckParameters() },
			func(context.Context, struct{}) (struct{}, error) {
				t.Error("the implementation is called")
				return struct{}{}, nil
			}, func(struct{}, http.ResponseWriter) error { return nil })
	}
	for name, handler := range map[string]http.Handler{
		"handler": contract.NewHandler(operations, unreachable(t), contract.HandlerOptions{}),
		"server":  contract.NewServer(operations, serve, contract.HandlerOptions{}),
	} {
		w := recorded(handler, "POST", "/things?dry=x", nil, authorized...)
		var problem struct{ Errors []struct{ In string } }
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || len(problem.Errors) != 2 ||
			problem.Errors[0].In != "query" || problem.Errors[1].In != "body" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
