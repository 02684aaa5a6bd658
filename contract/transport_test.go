package contract_test

import (
	"bytes"
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
	"testing/iotest"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// A tracked body counts how often it is closed.
type tracked struct {
	io.Reader
	closed int
}

func (b *tracked) Close() error { b.closed++; return nil }

// call sends one request over HTTP to a service and reads the response.
func call(
	t *testing.T, service http.HandlerFunc, opts contract.TransportOptions, method, target, body string, header ...string,
) (*http.Response, string, error) {
	t.Helper()
	server := httptest.NewServer(service)
	defer server.Close()
	client := &http.Client{Transport: contract.NewTransport(thingOperations(), nil, opts)}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, server.URL+target, reader)
	if err != nil {
		t.Fatal(err)
	}
	setHeader(r.Header, header)
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

// clientRequest makes a request whose body has no length.
func clientRequest(method, target string, body io.ReadCloser, header ...string) *http.Request {
	r, err := http.NewRequest(method, "http://localhost"+target, nil)
	if err != nil {
		panic(err)
	}
	if r.Body = body; body != nil {
		r.ContentLength = -1
	}
	setHeader(r.Header, header)
	return r
}

func neverSent(t *testing.T) http.RoundTripper {
	return transport(func(r *http.Request) (*http.Response, error) {
		t.Errorf("%s %s is sent", r.Method, r.URL)
		return nil, errors.New("sent")
	})
}

func TestRequestsThatAreNotSent(t *testing.T) {
	for _, test := range []struct {
		name, method, target, body string
		header                     []string
		want, rules                string
	}{
		{"no operation", "GET", "/nothing?key=hunter2", "", nil,
			"not sent: the document has no operation for GET /nothing", ""},
		{"no method", "PUT", "/things", "", nil, "not sent: the document has no operation for PUT /things", ""},
		{"no credentials", "POST", "/things", `{"name":"port"}`, authorized[2:],
			"create_thing: not sent: want credentials: api_token, or api_email and api_key", ""},
		{"everything at once", "POST", "/things?dry=1", `{"name":"p","secret":"hunter2"}`, authorized,
			`create_thing: not sent: query parameter "dry": want a boolean, got "1"; /name: want at least 2 characters, got "p"; /secret: want at least 8 characters`,
			"query /dry type, body /name minLength, body /secret minLength"},
		{"path", "GET", "/things/7", "", nil, `get_thing: not sent: path parameter "thing-id": want a UUID`,
			"path /thing-id format"},
		{"empty path parameter", "GET", "/things//file", "", nil, `get_file: not sent: path parameter "thing-id"`,
			"path /thing-id required"},
		{"body missing", "POST", "/things", "", authorized,
			"create_thing: not sent: the body: want a body of type application/json", "body  required"},
		{"read-only member", "POST", "/things", thingJSON, authorized, "create_thing: not sent: /id",
			"body /id readOnly"},
		{"content type", "POST", "/things", "{}", []string{"Authorization", "Bearer x", "Content-Type", "text/plain"},
			`create_thing: not sent: header "Content-Type": want application/json, got "text/plain"`,
			"header /Content-Type content"},
		{"content encoding", "POST", "/things", "{}", append([]string{"Content-Encoding", "gzip"}, authorized...),
			`create_thing: not sent: header "Content-Encoding"`, "header /Content-Encoding content"},
		{"undeclared body", "DELETE", onething, "{}", nil, "delete_thing: not sent: the body: want no body",
			"body  content"},
	} {
		_, _, err := call(t, unreachable(t), contract.TransportOptions{}, test.method, test.target, test.body,
			test.header...)
		var wrong *contract.RequestError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v", test.name, err)
			continue
		}
		if got := wrong.Error(); !strings.HasPrefix(got, test.want) || strings.Contains(got, "hunter") {
			t.Errorf("%s: got  %s\nwant %s", test.name, got, test.want)
		}
		var invalid *contract.ValidationError
		got := ""
		if errors.As(err, &invalid) {
			got = summary(invalid.Violations)
		}
		if got != test.rules {
			t.Errorf("%s: got %q, want %q", test.name, got, test.rules)
		}
	}
}

// A transport must close the body of a request once, whatever comes of it, and may not change the request.
func TestTransportKeepsTheRulesOfRoundTripper(t *testing.T) {
	failed := errors.New("no route to host")
	const valid = ` {"name":"port", "speed":65e3}`
	for _, test := range []struct {
		name, method, target, body string
		sent                       bool
	}{
		{"valid", "POST", "/things", valid, true},
		{"invalid body", "POST", "/things", `{}`, false},
		{"invalid parameter", "POST", "/things?dry=1", valid, false},
		{"no operation", "POST", "/nothing", valid, false},
		{"undeclared body", "DELETE", onething, valid, false},
		{"streamed", "PUT", onething + "/file", valid, false}, // whose content type is wrong
		{"zero UUID", "PATCH", "/things/" + zero, valid, false},
	} {
		sent := 0
		rt := contract.NewTransport(thingOperations(), transport(func(r *http.Request) (*http.Response, error) {
			sent++
			for range 2 { // as a transport does whose connection is closed
				b, err := r.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				if data, _ := io.ReadAll(b); string(data) != test.body {
					t.Errorf("%s: sends %q", test.name, data)
				}
			}
			data, _ := io.ReadAll(r.Body)
			if string(data) != test.body || r.ContentLength != int64(len(data)) {
				t.Errorf("%s: sends %q, length %d", test.name, data, r.ContentLength)
			}
			r.Body.Close()
			return nil, failed
		}), contract.TransportOptions{})
		body := &tracked{Reader: strings.NewReader(test.body)}
		r := clientRequest(test.method, test.target, body, authorized...)
		header := len(r.Header)
		_, err := rt.RoundTrip(r)
		if body.closed != 1 || (err == failed) != test.sent || (sent == 1) != test.sent {
			t.Errorf("%s: sent %d times, error %v, body closed %d times", test.name, sent, err, body.closed)
		}
		if r.Body != body || r.ContentLength != -1 || r.GetBody != nil || len(r.Header) != header {
			t.Errorf("%s: the request is changed", test.name)
		}
	}
}

func TestUnreadableRequestBody(t *testing.T) {
	body := &tracked{Reader: iotest.ErrReader(errors.New("disk"))}
	_, err := contract.NewTransport(thingOperations(), neverSent(t), contract.TransportOptions{}).
		RoundTrip(clientRequest("POST", "/things", body, authorized...))
	var wrong *contract.RequestError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "reading the body: disk") || body.closed != 1 {
		t.Errorf("got %v, closed %d times", err, body.closed)
	}
}

func TestEmptyRequestBodies(t *testing.T) {
	for _, test := range []struct {
		method, target, contentType string
		want                        string
	}{
		{"PATCH", onething, "application/merge-patch+json", ""},
		{"PATCH", onething, "", ""},
		{"POST", "/things", "application/json", "body  required"},
	} {
		for _, body := range []io.ReadCloser{nil, http.NoBody, io.NopCloser(strings.NewReader(""))} {
			if body != nil && body != http.NoBody && test.contentType == "" {
				continue // which would be a body of an unknown type
			}
			length := int64(-1)
			r := clientRequest(test.method, test.target, body, authorized[:2]...)
			if body == http.NoBody {
				r.ContentLength = 0
			}
			if test.contentType != "" {
				r.Header.Set("Content-Type", test.contentType)
			}
			_, err := contract.NewTransport(thingOperations(), transport(func(r *http.Request) (*http.Response, error) {
				length = r.ContentLength
				return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
			}), contract.TransportOptions{}).RoundTrip(r)
			var invalid *contract.ValidationError
			got := ""
			if errors.As(err, &invalid) {
				got = summary(invalid.Violations)
			}
			if got != test.want || (length == 0) != (test.want == "") {
				t.Errorf("%s, %v: got %v, length %d", test.method, body, err, length)
			}
		}
	}
}

// What is not validated is sent as it comes.
func TestUploadIsSentAsItComes(t *testing.T) {
	body := &tracked{Reader: unreadable{t}}
	rt := contract.NewTransport(thingOperations(), transport(func(r *http.Request) (*http.Response, error) {
		if r.Body != body {
			t.Error("the body is replaced")
		}
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	}), contract.TransportOptions{})
	if _, err := rt.RoundTrip(clientRequest("PUT", onething+"/file", body, "Content-Type", "text/csv")); err != nil ||
		body.closed != 0 {
		t.Errorf("got %v, closed %d times", err, body.closed)
	}
}

func TestTransportResponse(t *testing.T) {
	zipped := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, thingJSON)
		z.Close()
	}
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	for _, test := range []struct {
		name, method, target string
		service              http.HandlerFunc
		body, want           string // what is wrong
	}{
		{"valid", "GET", onething, respondJSON(200, thingJSON), thingJSON, ""},
		{"spelled unusually", "GET", onething, respondJSON(200, ` {"name":"port","speed":65e3}`),
			` {"name":"port","speed":65e3}`, ""},
		{"declared failure", "GET", onething, respond(404, "application/problem+json", "{}"), "{}", ""},
		{"not validated", "GET", onething + "/file", respond(200, "application/pdf", "%PDF"), "%PDF", ""},
		{"no body", "DELETE", onething, func(http.ResponseWriter, *http.Request) {}, "", ""},
		{"HEAD", "HEAD", onething, respondJSON(200, thingJSON), "", ""},
		{"compressed on the way", "GET", onething, zipped, thingJSON, ""},
		{"undeclared status", "GET", onething, respondJSON(403, "{}"), "{}", "response /status status"},
		{"another success", "GET", onething, respondJSON(203, thingJSON), thingJSON, "response /status status"},
		{"page of a proxy", "GET", "/things", respond(418, "text/html", "<p>teapot"), "<p>teapot",
			"header /Content-Type content"},
		{"undeclared redirect", "DELETE", onething, redirect, "", "response /status status"},
		{"body", "GET", onething, respondJSON(200, `{"name":1}`), `{"name":1}`, "body /name type"},
		{"another object", "GET", onething, respondJSON(200, `{"success":true}`), `{"success":true}`,
			"body /name required, body /success additionalProperties"},
		{"undeclared body", "DELETE", onething, respondJSON(200, "{}"), "{}", "body  content"},
		{"header", "GET", "/things", respondJSON(200, "[]"), "[]", "header /X-Total required"},
	} {
		resp, body, err := call(t, test.service, contract.TransportOptions{}, test.method, test.target, "")
		if test.want == "" {
			if err != nil || body != test.body || resp.StatusCode == 0 {
				t.Errorf("%s: got %q, %v", test.name, body, err)
			}
			continue
		}
		var wrong *contract.ResponseError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v", test.name, err)
			continue
		}
		if got := reported(t, []error{err}); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if string(wrong.Body) != test.body || wrong.Status == 0 || wrong.Header.Get("Date") == "" || wrong.Truncated {
			t.Errorf("%s: got %d %v %s", test.name, wrong.Status, wrong.Header, wrong.Body)
		}
	}
}

// The body of a response is closed once it is validated. One that is not validated is left to the caller, unless there
// is an error.
func TestResponseBodiesAreClosed(t *testing.T) {
	refuse := func(*http.Request, *contract.Deviation) error { return errors.New("refused") }
	for _, test := range []struct {
		name, target string
		status       int
		contentType  string
		body         string
		refuse       func(*http.Request, *contract.Deviation) error
		closed       int
	}{
		{"valid", onething, 200, "application/json", thingJSON, nil, 1},
		{"invalid", onething, 200, "application/json", "{}", nil, 1},
		{"undeclared status", onething, 302, "application/json", "{}", nil, 1},
		{"not validated", onething + "/file", 200, "application/pdf", "%PDF", nil, 0},
		{"deviation that is refused", onething + "/file", 200, "image/png", "%PDF", refuse, 1},
		{"deviation of a body that is refused", onething, 200, "application/json", `{"name":"port","more":1}`, refuse,
			1},
	} {
		body := &tracked{Reader: strings.NewReader(test.body)}
		_, _ = contract.NewTransport(thingOperations(), transport(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: test.status, Header: http.Header{"Content-Type": {test.contentType}},
				Body: body}, nil
		}), contract.TransportOptions{OnDeviation: test.refuse}).RoundTrip(clientRequest("GET", test.target, nil))
		if body.closed != test.closed {
			t.Errorf("%s: closed %d times, want %d", test.name, body.closed, test.closed)
		}
	}
}

func TestLimitOfResponses(t *testing.T) {
	size := int64(len(thingJSON))
	large := bytes.Repeat([]byte(" "), 10<<20)
	for _, test := range []struct {
		name, target, contentType, body string
		max, limit                      int64 // that the body exceeds; 0 if it does not
	}{
		{"just fits", onething, "application/json", thingJSON, size, 0},
		{"too long", onething, "application/json", thingJSON + " ", size, size},
		{"by default", onething, "application/json", thingJSON + string(large[size:]), 0, 0},
		{"by default, too long", onething, "application/json", thingJSON + string(large), 0, 10 << 20},
		{"not validated", onething + "/file", "application/pdf", thingJSON, 3, 0},
	} {
		_, body, err := call(t, respond(200, test.contentType, test.body),
			contract.TransportOptions{MaxBody: test.max}, "GET", test.target, "")
		if test.limit == 0 {
			if err != nil || body != test.body {
				t.Errorf("%s: got %d bytes, %v", test.name, len(body), err)
			}
			continue
		}
		var wrong *contract.ResponseError
		var long *http.MaxBytesError
		if !errors.As(err, &wrong) || !errors.As(err, &long) || long.Limit != test.limit ||
			string(wrong.Body) != test.body[:test.limit] || !wrong.Truncated {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

func TestResponseThatIsCut(t *testing.T) {
	_, _, err := call(t, respondJSON(200, `{"name":`, "Content-Length", "100"), contract.TransportOptions{}, "GET",
		onething, "")
	var wrong *contract.ResponseError
	if !errors.As(err, &wrong) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
	if string(wrong.Body) != `{"name":` || !wrong.Truncated || wrong.Status != 200 {
		t.Errorf("got %d %q", wrong.Status, wrong.Body)
	}
}

func TestTransportOptions(t *testing.T) {
	var told []string
	opts := contract.TransportOptions{
		BasePath:       "/client/v4",
		OnUnknownQuery: func(_ *http.Request, names []string) { told = append(told, names...) },
	}
	if _, _, err := call(t, respondJSON(200, thingJSON), opts, "GET", "/client/v4"+onething+"?b=1&a=1",
		""); err != nil {
		t.Error(err)
	}
	if !slices.Equal(told, []string{"a", "b"}) {
		t.Errorf("told %q", told)
	}
	var wrong *contract.RequestError
	if _, _, err := call(t, unreachable(t), opts, "GET", onething, ""); !errors.As(err, &wrong) {
		t.Errorf("beside the base path: got %v", err)
	}
	opaque := clientRequest("GET", onething, nil)
	opaque.URL = &url.URL{Scheme: "http", Host: "localhost", Path: onething, Opaque: "//localhost/other"}
	if _, err := contract.NewTransport(thingOperations(), neverSent(t),
		contract.TransportOptions{}).RoundTrip(opaque); !errors.As(err, &wrong) {
		t.Errorf("an opaque URL: got %v", err)
	}
}

// Handler and transport make the same checks: what one lets out, the other lets in.
func TestTransportToHandler(t *testing.T) {
	h := contract.NewHandler(thingOperations(), respondJSON(201, thingJSON), contract.HandlerOptions{
		Authenticate: func(r *http.Request, _ *contract.Operation,
			credentials []contract.Credential) (context.Context, error) {
			if credentials[0].Value != "hunter2" {
				return nil, errors.New("bad token")
			}
			return r.Context(), nil
		},
	})
	for token, want := range map[string]int{"hunter2": 201, "x": 401} {
		resp, body, err := call(t, h.ServeHTTP, contract.TransportOptions{}, "POST", "/things?dry=true",
			`{"name":"port"}`,
			"Authorization", "Bearer "+token, "Content-Type", "application/json")
		if err != nil || resp.StatusCode != want {
			t.Errorf("%s: got %v %s %v", token, resp, body, err)
		}
	}
}

// A service that is ahead of the document is understood, and everything in which it deviates is told.
func TestDeviations(t *testing.T) {
	const more = `{"id":"` + one + `","name":"port","new":1}`
	for _, test := range []struct {
		name, method, target, body string
		status                     int
		contentType, text          string
		want                       string
	}{
		{"as the document says", "GET", onething, thingJSON, 200, "application/json", thingJSON, ""},
		{"unknown member", "GET", onething, more, 200, "application/json", more, "body /new additionalProperties"},
		{"missing member", "GET", onething, `{"speed":1}`, 200, "application/json", `{"speed":1}`,
			"body /name required"},
		{"another success", "GET", onething, thingJSON, 203, "application/json", thingJSON, "response /status status"},
		{"another media type", "GET", onething, thingJSON, 200, "text/plain", thingJSON,
			"header /Content-Type content"},
		{"no media type", "GET", onething, thingJSON, 200, "", thingJSON, "header /Content-Type content"},
		{"a body where none is declared", "DELETE", onething, `{"success":true}`, 200, "application/json", "",
			"body  content"},
		{"no content", "DELETE", onething, "", 204, "", "", "response /status status"},
		{"another file", "GET", onething +
			"/file", "%PDF-", 200, "application/octet-stream", "%PDF-", "header /Content-Type content"},
		{"several", "GET", onething, more, 201, "text/plain", more,
			"response /status status, body /new additionalProperties"},
	} {
		service := func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			respond(test.status, test.contentType, test.body)(w, r)
		}
		got, calls := "", 0
		opts := contract.TransportOptions{OnDeviation: func(r *http.Request, d *contract.Deviation) error {
			calls++
			got = summary(d.Violations)
			if r.Method != test.method || d.Body != nil && string(d.Body) != test.body || d.Status != test.status ||
				d.Operation == "" || d.Header == nil {
				t.Errorf("%s: told of %+v", test.name, d)
			}
			return nil
		}}
		resp, text, err := call(t, service, opts, test.method, test.target, "")
		if err != nil || text != test.text || resp.StatusCode != test.status {
			t.Errorf("%s: got %q, %v, want %q", test.name, text, err, test.text)
		}
		if got != test.want || calls > 1 {
			t.Errorf("%s: told %d times, %q; want %q", test.name, calls, got, test.want)
		}

		// If the deviation is refused, the error has the whole response.
		refused := errors.New("refused")
		opts.OnDeviation = func(*http.Request, *contract.Deviation) error { return refused }
		_, _, err = call(t, service, opts, test.method, test.target, "")
		var wrong *contract.ResponseError
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: refused: %v", test.name, err)
		case test.want != "" && (!errors.Is(err, refused) || !errors.As(err, &wrong) ||
			wrong.Body != nil && string(wrong.Body) != test.body || wrong.Status != test.status):
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

// What cannot be understood is an error that says all that is wrong.
func TestDeviationsThatAreNotTolerated(t *testing.T) {
	for _, test := range []struct {
		name, target string
		status       int
		contentType  string
		body, want   string
	}{
		{"a page", onething, 200, "text/html", `<html>`, "body  syntax, header /Content-Type content"},
		{"another object", onething, 200, "application/json", `{"success":true,"result":{"id":"x"}}`, "body  required"},
		{"an empty object", onething, 200, "application/json", `{}`, "body  required"},
		{"a redirect", onething, 302, "application/json", thingJSON, "response /status status"},
		{"a failure", onething, 404, "application/json", `{}`, "header /Content-Type content"},
		{"nothing", onething, 200, "application/json", ``, "body  syntax"},
		{"a compressed body", onething, 200, "application/json", thingJSON, "header /Content-Encoding content"},
		{"one of several media types", "/things", 200, "text/plain", `x`,
			"header /X-Total required, header /Content-Type content"},
	} {
		opts := contract.TransportOptions{OnDeviation: func(_ *http.Request, d *contract.Deviation) error {
			t.Errorf("%s: told of %+v", test.name, d)
			return nil
		}}
		var header []string
		if strings.HasPrefix(test.name, "a compressed") {
			header = []string{"Content-Encoding", "br"}
		}
		_, _, err := call(t, respond(test.status, test.contentType, test.body, header...), opts, "GET", test.target, "")
		var wrong *contract.ResponseError
		if !errors.As(err, &wrong) || string(wrong.Body) != test.body || wrong.Status != test.status {
			t.Errorf("%s: got %v", test.name, err)
			continue
		}
		if got := reported(t, []error{err}); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// What was read while a response was validated is handed on, and its text can still be read.
func TestValue(t *testing.T) {
	operations := []contract.Operation{{ID: "get", Method: "GET", Path: "/",
		Responses: []contract.Response{{Status: "200", Content: []contract.Content{
			{MediaType: "application/json", Schema: anInt, Codec: wire.CodecOf(wire.ReadInt[int], anInt)},
		}}}}}
	rt := contract.NewTransport(operations, transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader("7e0"))}, nil
	}), contract.TransportOptions{})
	resp, err := rt.RoundTrip(clientRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := contract.Value[int](resp); !ok || *v != 7 {
		t.Errorf("got %v, %t", v, ok)
	}
	if v, ok := contract.Value[string](resp); ok {
		t.Errorf("as a string: got %v", v)
	}
	if text, err := io.ReadAll(resp.Body); string(text) != "7e0" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	if _, ok := contract.Value[int](&http.Response{Body: http.NoBody}); ok {
		t.Error("a response of another transport has a value")
	}
}
