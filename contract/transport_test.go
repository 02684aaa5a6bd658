package contract

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// A tracked body tells whether it was closed.
type tracked struct {
	io.Reader
	closed int
}

func (b *tracked) Close() error { b.closed++; return nil }

// call sends one request through a transport to a service.
func call(t *testing.T, service http.HandlerFunc, opts TransportOptions, method, path, body string, header ...string) (*http.Response, string, error) {
	t.Helper()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	client := &http.Client{Transport: NewTransport(thingOperations(), nil, opts)}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, server.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(data), nil
}

var authorized = []string{"Authorization", "Bearer hunter2", "Content-Type", "application/json"}

func TestTransportRefusesRequests(t *testing.T) {
	thing := "/things/" + id
	tests := []struct {
		name, method, path, body string
		header                   []string
		want                     string
		rules                    []string
	}{
		{"no operation", "GET", "/nothing?key=hunter2", "", nil, "not sent: the document has no operation for GET /nothing", nil},
		{"no method", "PUT", "/things", "", nil, "not sent: the document has no operation for PUT /things", nil},
		{"no credentials", "POST", "/things", `{"name":"port"}`, authorized[2:], "create_thing: not sent: want credentials: api_token, or api_email and api_key", nil},
		{"everything at once", "POST", "/things?dry=1", `{"name":"p","secret":"hunter2"}`, authorized,
			`create_thing: not sent: query dry: want a boolean, got "1"; /name: want at least 2 characters, got "p"; /secret: want at least 8 characters`,
			[]string{"query /dry type", "body /name minLength", "body /secret minLength"}},
		{"path", "GET", "/things/7", "", nil, "get_thing: not sent: path thing-id: want a UUID", []string{"path /thing-id format"}},
		{"empty path parameter", "GET", "/things//file", "", nil, "get_file: not sent: path thing-id", []string{"path /thing-id required"}},
		{"body missing", "POST", "/things", "", authorized, "create_thing: not sent: the value: want a body of type application/json", []string{"body  required"}},
		{"read-only member", "POST", "/things", thingJSON, authorized, "create_thing: not sent: /id", []string{"body /id readOnly"}},
		{"content type", "POST", "/things", "{}", []string{"Authorization", "Bearer x", "Content-Type", "text/plain"},
			`create_thing: not sent: header Content-Type: want application/json, got "text/plain"`, []string{"header /Content-Type content"}},
		{"content encoding", "POST", "/things", "{}", append([]string{"Content-Encoding", "gzip"}, authorized...),
			"create_thing: not sent: header Content-Encoding", []string{"header /Content-Encoding content"}},
		{"undeclared body", "DELETE", thing, "{}", nil, "delete_thing: not sent: the value: want no body", []string{"body  content"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := call(t, unreachable(t), TransportOptions{}, tt.method, tt.path, tt.body, tt.header...)
			var wrong *RequestError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			if got := wrong.Error(); !strings.HasPrefix(got, tt.want) || strings.Contains(got, "hunter") {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			var invalid *ValidationError
			var rules []string
			if errors.As(err, &invalid) {
				for _, v := range invalid.Violations {
					rules = append(rules, v.In+" "+v.Pointer+" "+v.Rule)
				}
			}
			if !slices.Equal(rules, tt.rules) {
				t.Errorf("got %q, want %q", rules, tt.rules)
			}
		})
	}
}

func TestTransportSendsWhatWasChecked(t *testing.T) {
	const body = ` {"name":"port", "speed":65e3}`
	var got string
	var length int64
	service := func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		got, length = string(data), r.ContentLength
		answerJSON(201, thingJSON)(w, r)
	}
	resp, _, err := call(t, service, TransportOptions{}, "POST", "/things", body, authorized...)
	if err != nil || resp.StatusCode != 201 {
		t.Fatalf("got %v, %v", resp, err)
	}
	if got != body || length != int64(len(body)) {
		t.Errorf("sent %q, length %d", got, length)
	}
}

// A roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportKeepsItsContract(t *testing.T) {
	errBase := errors.New("no route to host")
	tests := []struct {
		name, path, body string
		err              bool // before the request is sent
	}{
		{"valid", "/things", `{"name":"port"}`, false},
		{"invalid body", "/things", `{}`, true},
		{"invalid parameter", "/things?dry=1", `{"name":"port"}`, true},
		{"no operation", "/nothings", `{"name":"port"}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sent := 0
			rt := NewTransport(thingOperations(), roundTrip(func(r *http.Request) (*http.Response, error) {
				sent++
				for range 2 { // what a transport does that finds its connection closed
					b, err := r.GetBody()
					if err != nil {
						t.Fatal(err)
					}
					if data, _ := io.ReadAll(b); string(data) != tt.body {
						t.Errorf("sent %q", data)
					}
				}
				r.Body.Close()
				return nil, errBase
			}), TransportOptions{})
			body := &tracked{Reader: strings.NewReader(tt.body)}
			r := httptest.NewRequest("POST", "http://localhost"+tt.path, nil)
			r.Body = body
			r.ContentLength = -1
			for i := 0; i < len(authorized); i += 2 {
				r.Header.Set(authorized[i], authorized[i+1])
			}
			header := r.Header.Clone()
			_, err := rt.RoundTrip(r)
			if body.closed != 1 {
				t.Errorf("the body is closed %d times", body.closed)
			}
			if errors.Is(err, errBase) == tt.err || (sent == 0) != tt.err {
				t.Errorf("sent %d times, error %v", sent, err)
			}
			if r.Body != body || r.ContentLength != -1 || r.GetBody != nil || len(r.Header) != len(header) {
				t.Error("the request was changed")
			}
		})
	}
}

func TestTransportReportsAnUnreadableBody(t *testing.T) {
	rt := NewTransport(thingOperations(), roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, nil
	}), TransportOptions{})
	r := httptest.NewRequest("POST", "http://localhost/things", brokenReader{})
	for i := 0; i < len(authorized); i += 2 {
		r.Header.Set(authorized[i], authorized[i+1])
	}
	_, err := rt.RoundTrip(r)
	var wrong *RequestError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "reading the body: connection reset") {
		t.Errorf("got %v", err)
	}
}

func TestTransportOptionalBody(t *testing.T) {
	var length int64 = -1
	rt := NewTransport(thingOperations(), roundTrip(func(r *http.Request) (*http.Response, error) {
		length = r.ContentLength
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	}), TransportOptions{})
	for _, body := range []io.ReadCloser{nil, http.NoBody, io.NopCloser(strings.NewReader(""))} {
		r := httptest.NewRequest("PATCH", "http://localhost/things/"+id, nil)
		r.Header.Set("Content-Type", "application/merge-patch+json")
		r.Body = body
		if _, err := rt.RoundTrip(r); err != nil || length != 0 {
			t.Errorf("got length %d, %v", length, err)
		}
	}
	r := httptest.NewRequest("POST", "http://localhost/things", strings.NewReader(""))
	r.Body = io.NopCloser(strings.NewReader(""))
	for i := 0; i < len(authorized); i += 2 {
		r.Header.Set(authorized[i], authorized[i+1])
	}
	var invalid *ValidationError
	if _, err := rt.RoundTrip(r); !errors.As(err, &invalid) || invalid.Violations[0].Rule != "required" {
		t.Errorf("got %v", err)
	}
}

func TestTransportUploadIsStreamed(t *testing.T) {
	body := &tracked{Reader: strings.NewReader("x")}
	rt := NewTransport(thingOperations(), roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Body != body {
			t.Error("the body was replaced")
		}
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	}), TransportOptions{})
	r := httptest.NewRequest("PUT", "http://localhost/things/"+id+"/file", nil)
	r.Body = body
	r.Header.Set("Content-Type", "text/csv")
	if _, err := rt.RoundTrip(r); err != nil || body.closed != 0 {
		t.Errorf("got %v, closed %d times", err, body.closed)
	}
}

func TestTransportResponse(t *testing.T) {
	const things, thing = "/things", "/things/" + id
	text := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	tests := []struct {
		name         string
		method, path string
		service      http.HandlerFunc
		want         string   // body of a valid response
		rules        []string // of an invalid one
	}{
		{"valid", "GET", thing, answerJSON(200, thingJSON), thingJSON, nil},
		{"text to decode", "GET", thing, answerJSON(200, `{"name":"port","speed":65e3}`), `{"name":"port","speed":65000}`, nil},
		{"declared failure", "GET", thing, text(404, "application/problem+json", "{}"), "{}", nil},
		{"no JSON", "GET", thing + "/file", text(200, "application/pdf", "%PDF"), "%PDF", nil},
		{"no body", "DELETE", thing, func(http.ResponseWriter, *http.Request) {}, "", nil},
		{"HEAD", "HEAD", thing, answerJSON(200, thingJSON), "", nil},
		{"compressed on the way", "GET", thing, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, thingJSON)
			z.Close()
		}, thingJSON, nil},
		{"undeclared status", "GET", thing, answerJSON(403, "{}"), "{}", []string{"response /status status"}},
		{"error page of a proxy", "GET", things, text(418, "text/html", "<p>teapot"), "<p>teapot", []string{"header /Content-Type content"}},
		{"undeclared redirect", "DELETE", thing, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, "", []string{"response /status status"}},
		{"body", "GET", thing, answerJSON(200, `{"name":1}`), `{"name":1}`, []string{"body /name type"}},
		{"body of another kind", "GET", thing, answerJSON(200, `{"success":true}`), `{"success":true}`, []string{"body /name required", "body /success additionalProperties"}},
		{"undeclared body", "DELETE", thing, answerJSON(200, "{}"), "{}", []string{"body  content"}},
		{"header", "GET", things, answerJSON(200, "[]"), "[]", []string{"header /X-Total required"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body, err := call(t, tt.service, TransportOptions{}, tt.method, tt.path, "")
			if tt.rules == nil {
				if err != nil {
					t.Fatal(err)
				}
				if body != tt.want || resp.ContentLength > 0 && tt.method != "HEAD" && resp.ContentLength != int64(len(tt.want)) {
					t.Errorf("got %q, Content-Length %d", body, resp.ContentLength)
				}
				return
			}
			var wrong *ResponseError
			var invalid *ValidationError
			if !errors.As(err, &wrong) || !errors.As(err, &invalid) {
				t.Fatalf("got %v", err)
			}
			if string(wrong.Body) != tt.want || wrong.Status == 0 || wrong.Header.Get("Date") == "" || wrong.Truncated {
				t.Errorf("got %d %v %s", wrong.Status, wrong.Header, wrong.Body)
			}
			if got := broken(t, []error{err}); !slices.Equal(got, tt.rules) {
				t.Errorf("got %q, want %q", got, tt.rules)
			}
		})
	}
}

func TestTransportLimitsBodies(t *testing.T) {
	opts := TransportOptions{MaxBody: int64(len(thingJSON))}
	if _, body, err := call(t, answerJSON(200, thingJSON), opts, "GET", "/things/"+id, ""); err != nil || body != thingJSON {
		t.Errorf("a body that just fits: got %q, %v", body, err)
	}
	_, _, err := call(t, answerJSON(200, thingJSON+" "), opts, "GET", "/things/"+id, "")
	var wrong *ResponseError
	var long *http.MaxBytesError
	if !errors.As(err, &wrong) || !errors.As(err, &long) {
		t.Fatalf("got %v", err)
	}
	if string(wrong.Body) != thingJSON || !wrong.Truncated || long.Limit != opts.MaxBody {
		t.Errorf("got %q, %t, limit %d", wrong.Body, wrong.Truncated, long.Limit)
	}
}

func TestTransportReportsABrokenBody(t *testing.T) {
	_, _, err := call(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"name":`)
	}, TransportOptions{}, "GET", "/things/"+id, "")
	var wrong *ResponseError
	if !errors.As(err, &wrong) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
	if string(wrong.Body) != `{"name":` || !wrong.Truncated || wrong.Status != 200 {
		t.Errorf("got %d %q", wrong.Status, wrong.Body)
	}
}

func TestTransportOptionsOnTheWay(t *testing.T) {
	var told []string
	opts := TransportOptions{
		BasePath:       "/client/v4",
		OnUnknownQuery: func(_ *http.Request, names []string) { told = append(told, names...) },
	}
	if _, _, err := call(t, answerJSON(200, thingJSON), opts, "GET", "/client/v4/things/"+id+"?b=1&a=1", ""); err != nil {
		t.Error(err)
	}
	if !slices.Equal(told, []string{"a", "b"}) {
		t.Errorf("told %q", told)
	}
	var wrong *RequestError
	if _, _, err := call(t, unreachable(t), opts, "GET", "/things/"+id, ""); !errors.As(err, &wrong) {
		t.Errorf("beside the base path: got %v", err)
	}
}

func TestTransportDoesNotTrustOpaqueURLs(t *testing.T) {
	rt := NewTransport(thingOperations(), roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, nil
	}), TransportOptions{})
	r := &http.Request{Method: "GET", URL: &url.URL{Scheme: "http", Host: "localhost", Path: "/things/" + id, Opaque: "//localhost/other"}}
	var wrong *RequestError
	if _, err := rt.RoundTrip(r.WithContext(context.Background())); !errors.As(err, &wrong) {
		t.Errorf("got %v", err)
	}
}

// Handler and transport make the same checks: what one lets out, the other lets in.
func TestTransportAgainstHandler(t *testing.T) {
	h := NewHandler(thingOperations(), answerJSON(201, thingJSON), HandlerOptions{
		Authenticate: func(r *http.Request, _ *Operation, credentials []Credential) (context.Context, error) {
			if credentials[0].Value != "hunter2" {
				return nil, errors.New("bad token")
			}
			return r.Context(), nil
		},
	})
	resp, body, err := call(t, h.ServeHTTP, TransportOptions{}, "POST", "/things?dry=true", `{"name":"port"}`, authorized...)
	if err != nil || resp.StatusCode != 201 || body != thingJSON {
		t.Errorf("got %v %s %v", resp, body, err)
	}
	resp, body, err = call(t, h.ServeHTTP, TransportOptions{}, "POST", "/things", `{"name":"port"}`, "Authorization", "Bearer x", "Content-Type", "application/json")
	if err != nil || resp.StatusCode != 401 || !strings.Contains(body, "Authentication required") {
		t.Errorf("got %v %s %v", resp, body, err)
	}
}

// A service that has moved on is understood, and everything in which it departs from the document is told.
func TestTransportConcessions(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		status                   int
		contentType, answer      string
		text                     string // what the caller reads
		want                     []string
	}{
		{"as the document says", "GET", "/things/" + id, "", 200, "application/json", thingJSON, thingJSON, nil},
		{"unknown member", "GET", "/things/" + id, "", 200, "application/json", `{"id":"` + id + `","name":"port","new":1}`, thingJSON,
			[]string{"body /new additionalProperties"}},
		{"missing member", "GET", "/things/" + id, "", 200, "application/json", `{"id":"` + id + `"}`, `{"id":"` + id + `"}`, []string{"body /name required"}},
		{"another success", "GET", "/things/" + id, "", 203, "application/json", thingJSON, thingJSON, []string{"response /status status"}},
		{"another media type", "GET", "/things/" + id, "", 200, "text/plain", thingJSON, thingJSON, []string{"header /Content-Type content"}},
		{"no media type", "GET", "/things/" + id, "", 200, "", thingJSON, thingJSON, []string{"header /Content-Type content"}},
		{"a body where none is declared", "DELETE", "/things/" + id, "", 200, "application/json", `{"success":true}`, "", []string{"body  content"}},
		{"no content", "DELETE", "/things/" + id, "", 204, "", "", "", []string{"response /status status"}},
		{"another file", "GET", "/things/" + id + "/file", "", 200, "application/octet-stream", "%PDF-", "%PDF-", []string{"header /Content-Type content"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var told []*Concession
			service := func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = nil
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.answer)
			}
			opts := TransportOptions{OnConcession: func(r *http.Request, c *Concession) error {
				if r.Method != tt.method {
					t.Errorf("told of a %s", r.Method)
				}
				told = append(told, c)
				return nil
			}}
			resp, text, err := call(t, service, opts, tt.method, tt.path, tt.body, authorized...)
			if err != nil {
				t.Fatal(err)
			}
			if text != tt.text || resp.StatusCode != tt.status {
				t.Errorf("got %d %s, want %s", resp.StatusCode, text, tt.text)
			}
			var got []string
			for _, c := range told {
				for _, v := range c.Violations {
					got = append(got, v.In+" "+v.Pointer+" "+v.Rule)
				}
				if c.Body != nil && string(c.Body) != tt.answer || c.Status != tt.status || c.Operation == "" || c.Header == nil {
					t.Errorf("told of %+v", c)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("conceded %q, want %q", got, tt.want)
			}

			// One who does not want it has the whole answer in the error.
			refused := errors.New("no concessions")
			opts.OnConcession = func(*http.Request, *Concession) error { return refused }
			_, _, err = call(t, service, opts, tt.method, tt.path, tt.body, authorized...)
			var wrong *ResponseError
			switch {
			case tt.want == nil && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != nil && (!errors.Is(err, refused) || !errors.As(err, &wrong) || wrong.Body != nil && string(wrong.Body) != tt.answer || wrong.Status != tt.status):
				t.Errorf("got %v", err)
			}
		})
	}
}

// What cannot be understood is an error that says all that is wrong.
func TestTransportIntolerable(t *testing.T) {
	for _, tt := range []struct {
		name        string
		status      int
		contentType string
		answer      string
		want        []string
	}{
		{"a value that the type cannot hold", 200, "application/json", `{"id":7,"new":1}`, []string{"body /id type", "body /name required", "body /new additionalProperties"}},
		{"a page", 200, "text/html", `<html>`, []string{"body  syntax", "header /Content-Type content"}},
		{"another object", 200, "application/json", `{"success":true,"result":{"id":"x"}}`, []string{"body  required"}},
		{"an empty object", 200, "application/json", `{}`, []string{"body  required"}},
		{"a redirect", 302, "application/json", thingJSON, []string{"response /status status"}},
		{"nothing", 200, "application/json", ``, []string{"body  syntax"}},
	} {
		service := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", tt.contentType)
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.answer)
		}
		opts := TransportOptions{OnConcession: func(_ *http.Request, c *Concession) error {
			t.Errorf("%s: told of %+v", tt.name, c)
			return nil
		}}
		_, _, err := call(t, service, opts, "GET", "/things/"+id, "", authorized...)
		var wrong *ResponseError
		if !errors.As(err, &wrong) || string(wrong.Body) != tt.answer {
			t.Errorf("%s: got %v", tt.name, err)
			continue
		}
		var got []string
		for _, v := range violationsOf(wrong.Err) {
			got = append(got, v.In+" "+v.Pointer+" "+v.Rule)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
