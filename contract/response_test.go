package contract_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// reporting makes a handler of the test document, and what its OnError is told.
func reporting(next http.HandlerFunc) (http.Handler, func() []error) {
	told := make(chan error, 10)
	h := contract.NewHandler(thingOperations(), next,
		contract.HandlerOptions{OnError: func(_ *http.Request, err error) { told <- err }})
	return h, func() []error {
		var errs []error
		for len(told) > 0 {
			errs = append(errs, <-told)
		}
		return errs
	}
}

// reported is the summary of the only error, which is about a response.
func reported(t *testing.T, errs []error) string {
	t.Helper()
	if len(errs) == 0 {
		return ""
	}
	var wrong *contract.ResponseError
	var invalid *contract.ValidationError
	if len(errs) > 1 || !errors.As(errs[0], &wrong) || !errors.As(errs[0], &invalid) {
		t.Fatalf("told %v", errs)
	}
	return summary(invalid.Violations)
}

func TestResponse(t *testing.T) {
	const file = onething + "/file"
	for _, test := range []struct {
		name, method, target string
		next                 http.HandlerFunc
		status               int
		body                 string // of a valid response
		want                 string // what is wrong with another one
	}{
		{"valid", "GET", onething, respondJSON(200, thingJSON), 200, thingJSON, ""},
		{"byte for byte", "GET", onething, respondJSON(200, ` {"name": "port", "speed": 65e3} `), 200,
			` {"name": "port", "speed": 65e3} `, ""},
		{"no status", "GET", onething, respondJSON(0, thingJSON), 200, thingJSON, ""},
		{"second status is ignored", "GET", onething, func(w http.ResponseWriter, r *http.Request) {
			respondJSON(200, thingJSON)(w, r)
			w.WriteHeader(500)
		}, 200, thingJSON, ""},
		{"class", "GET", "/things", respond(418, "application/problem+json", "{}"), 418, "{}", ""},
		{"declared beside a default", "POST", "/things", respondJSON(201, thingJSON), 201, thingJSON, ""},
		{"default", "POST", "/things", respond(503, "application/problem+json", "{}"), 503, "{}", ""},
		{"not a status", "POST", "/things",
			func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(0); w.Write([]byte("{}")) },
			500, "", "response /status status"},
		{"undeclared status", "GET", onething, respondJSON(202, thingJSON), 500, "", "response /status status"},
		{"no response at all", "GET", onething, func(http.ResponseWriter, *http.Request) {}, 500, "",
			"response /status required"},
		{"undeclared content type", "GET", onething, respond(200, "text/html", "<p>secret"), 500, "",
			"header /Content-Type content"},
		{"no content type", "GET", onething, respond(200, "", thingJSON), 500, "", "header /Content-Type content"},
		{"compressed JSON", "GET", onething, respondJSON(200, "x", "Content-Encoding", "gzip"), 500, "",
			"header /Content-Encoding content"},
		{"body", "GET", onething, respondJSON(200, `{"name":"p","speed":"secret"}`), 500, "",
			"body /name minLength, body /speed type"},
		{"body, closed", "GET", onething, respondJSON(200, `{"name":"port","more":"secret"}`), 500, "",
			"body /more additionalProperties"},
		{"body, empty", "GET", onething, respondJSON(200, ""), 500, "", "body  syntax"},
		{"body, two values", "GET", onething, respondJSON(200, thingJSON+thingJSON), 500, "", "body  trailing"},
		{"header", "GET", "/things", respondJSON(200, "[]", "X-Total", "12"), 200, "[]", ""},
		{"header missing", "GET", "/things", respondJSON(200, "[]"), 500, "", "header /X-Total required"},
		{"header malformed", "GET", "/things", respondJSON(200, "[]", "X-Total", "secret"), 500, "",
			"header /X-Total type"},
		{"header twice", "GET", "/things", respondJSON(200, "[]", "X-Total", "1", "X-Total", "2"), 500, "",
			"header /X-Total duplicate"},
		{"wrong length", "GET", onething, respondJSON(200, thingJSON, "Content-Length", "5"), 500, "",
			"header /Content-Length content"},
		{"right length", "GET", onething, respondJSON(200, thingJSON, "Content-Length", fmt.Sprint(len(thingJSON))),
			200, thingJSON, ""},
		{"no body", "DELETE", onething, respond(200, "", ""), 200, "", ""},
		{"undeclared body", "DELETE", onething, respondJSON(200, "{}"), 500, "", "body  content"},
		{"204", "PATCH", onething, respond(204, "", ""), 204, "", ""},
		{"204 with body", "PATCH", onething, respond(204, "", "{}"), 500, "", "body  content"},
		{"not validated", "GET", file, respond(200, "application/pdf", "%PDF-1.7"), 200, "%PDF-1.7", ""},
		{"not validated, undeclared type", "GET", file, respond(200, "image/png", "secret"), 500, "",
			"header /Content-Type content"},
		{"HEAD", "HEAD", onething, respondJSON(200, thingJSON), 200, "", ""},
		{"HEAD without body", "HEAD", onething, respondJSON(200, ""), 200, "", ""},
		{"HEAD without body, but its length", "HEAD", onething, respondJSON(200, "", "Content-Length", "59"), 200, "",
			""},
		{"HEAD without body and content type", "HEAD", onething, respond(200, "", ""), 200, "", ""},
		{"HEAD, undeclared status", "HEAD", onething, respondJSON(202, ""), 500, "", "response /status status"},
		{"HEAD, invalid body", "HEAD", onething, respondJSON(200, "{}"), 500, "", "body /name required"},
	} {
		h, told := reporting(test.next)
		server := httptest.NewServer(h)
		status, header, body := roundTrip(t, server, test.method, test.target, `{"name":"port"}`, authorized...)
		server.Close()
		if got := reported(t, told()); got != test.want || status != test.status {
			t.Errorf("%s: got %d, told %q; want %d, %q: %s", test.name, status, got, test.status, test.want, body)
		}
		if test.status != 500 {
			if body != test.body || test.method == "HEAD" && body != "" {
				t.Errorf("%s: got %s, want %s", test.name, body, test.body)
			}
			continue
		}
		if test.method != "HEAD" && !strings.Contains(body, "The service produced an invalid response") ||
			strings.Contains(body, "secret") ||
			header.Get("Content-Type") != "application/problem+json" ||
			header.Get("Content-Encoding")+header.Get("X-Total") != "" {
			t.Errorf("%s: got %v %s", test.name, header, body)
		}
	}
}

// roundTrip sends one request over HTTP.
func roundTrip(
	t *testing.T, s *httptest.Server, method, target, body string, header ...string,
) (status int, h http.Header, text string) {
	t.Helper()
	var reader io.Reader
	if method != "GET" && method != "HEAD" && method != "DELETE" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, s.URL+target, reader)
	if err != nil {
		t.Fatal(err)
	}
	setHeader(r.Header, header)
	if method == "PATCH" {
		r.Header.Set("Content-Type", "application/merge-patch+json")
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
	return resp.StatusCode, resp.Header, string(data)
}

func TestResponseErrorHoldsEverything(t *testing.T) {
	const body = `{"name":"p","secret":"hunter2"}`
	h, told := reporting(respondJSON(200, body, "X-Seen", "yes"))
	recorded(h, "GET", onething, nil)
	errs := told()
	var wrong *contract.ResponseError
	if len(errs) != 1 || !errors.As(errs[0], &wrong) {
		t.Fatalf("told %v", errs)
	}
	if wrong.Operation != "get_thing" || wrong.Status != 200 || string(wrong.Body) != body ||
		wrong.Header.Get("X-Seen") != "yes" || wrong.Truncated {
		t.Errorf("got %+v", wrong)
	}
	want := `get_thing: the document does not describe this 200 OK: ` +
		`/name: want at least 2 characters, got "p"; /secret: want at least 8 characters`
	if got := wrong.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Of an invalid response that is large, 64 KiB are kept, and its writer is told to stop.
func TestLargeInvalidResponseIsCut(t *testing.T) {
	for _, test := range []struct{ method, target, contentType string }{
		{"GET", onething + "/file", "image/png"}, // an undeclared content type
		{"DELETE", onething, "text/plain"},       // no body is declared
	} {
		written := 0
		h, told := reporting(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", test.contentType)
			for err := error(nil); err == nil && written < 1<<20; {
				var n int
				n, err = w.Write(make([]byte, 1000))
				written += n
			}
		})
		w := recorded(h, test.method, test.target, nil)
		var wrong *contract.ResponseError
		if errs := told(); len(errs) != 1 || !errors.As(errs[0], &wrong) {
			t.Fatalf("told %v", errs)
		}
		if w.Code != 500 || len(wrong.Body) != 64<<10 || !wrong.Truncated || written > 64<<10 {
			t.Errorf("%s: got %d; kept %d of %d bytes", test.method, w.Code, len(wrong.Body), written)
		}
	}
}

// What is not validated is sent as it is written, with trailers.
func TestDownloadIsStreamed(t *testing.T) {
	read := make(chan struct{})
	h, _ := reporting(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		select {
		case <-read:
		case <-time.After(10 * time.Second):
			t.Error("the first part does not arrive before the last one is written")
		}
		io.WriteString(w, " last")
		w.Header().Set("X-Sum", "ok")
	})
	server := httptest.NewServer(h)
	defer server.Close()
	resp, err := http.Get(server.URL + onething + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("got %q, %v", first, err)
	}
	close(read)
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(rest) != " last" || resp.Trailer.Get("X-Sum") != "ok" {
		t.Errorf("got %q, %v, trailer %v", rest, err, resp.Trailer)
	}
}

// A client does not take a part of a response for the whole.
func TestPanicUnderWayCutsTheConnection(t *testing.T) {
	h, told := reporting(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		panic("disk")
	})
	server := httptest.NewServer(h)
	defer server.Close()
	resp, err := http.Get(server.URL + onething + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("the client takes %q for the whole", data)
	}
	server.Close()
	if errs := told(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "disk") {
		t.Errorf("told %v", errs)
	}
}

func TestResponseController(t *testing.T) {
	h, told := reporting(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		if err := c.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Errorf("SetWriteDeadline: %v", err)
		}
		if _, _, err := c.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack: %v", err)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"name":`)
		if err := c.Flush(); err != nil { // which sends nothing: the body is held back
			t.Errorf("Flush: %v", err)
		}
		io.WriteString(w, `5}`)
	})
	server := httptest.NewServer(h)
	defer server.Close()
	status, _, body := roundTrip(t, server, "GET", onething, "")
	server.Close()
	if got := reported(t, told()); status != 500 || got != "body /name type" {
		t.Errorf("got %d %s, told %q", status, body, got)
	}
}

// The header of a 1xx is sent with it, and not with what follows, whatever that is.
func TestInformationalResponses(t *testing.T) {
	for _, last := range []int{200, 202} { // which the document does not declare
		h, _ := reporting(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Del("Link")
			respondJSON(last, thingJSON)(w, r)
		})
		server := httptest.NewServer(h)
		defer server.Close()
		var hints []string
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				hints = append(hints, header.Get("Link"))
				return nil
			},
		})
		r, err := http.NewRequestWithContext(ctx, "GET", server.URL+onething, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if (resp.StatusCode == 200) != (last == 200) || resp.Header.Get("Link") != "" ||
			!slices.Equal(hints, []string{"</style.css>"}) {
			t.Errorf("%d: got %d %v, hints %q", last, resp.StatusCode, resp.Header, hints)
		}
	}
}

// Headers of handlers around this one stay, unless the implementation changes them in a response that is valid.
func TestHeadersOfOtherHandlers(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(http.Header)
		status int
		want   string
	}{
		{"as it is", func(http.Header) {}, 200, "r1"},
		{"changed", func(h http.Header) { h.Set("X-Request-Id", "r2") }, 200, "r2"},
		{"deleted", func(h http.Header) { h.Del("X-Request-Id") }, 200, ""},
		{"an invalid response", func(h http.Header) { h.Set("X-Request-Id", "r2") }, 202, "r1"},
	} {
		h, _ := reporting(func(w http.ResponseWriter, r *http.Request) {
			test.change(w.Header())
			respondJSON(test.status, thingJSON)(w, r)
		})
		w := httptest.NewRecorder()
		w.Header().Set("X-Request-Id", "r1")
		h.ServeHTTP(w, httptest.NewRequest("GET", onething, nil))
		if got := w.Header().Get("X-Request-Id"); got != test.want || (w.Code == 200) != (test.status == 200) {
			t.Errorf("%s: got %d, %q; want %q", test.name, w.Code, got, test.want)
		}
	}
}

// HTTP allows no body for some statuses, whatever a document declares.
func TestStatusWithoutBody(t *testing.T) {
	operations := []contract.Operation{{ID: "get", Method: "GET", Path: "/", Responses: []contract.Response{
		{Status: "2XX", Content: jsonThing}, {Status: "304", Content: jsonThing},
	}}}
	for _, test := range []struct {
		next   http.HandlerFunc
		status int
	}{
		{respond(204, "", ""), 204}, {respond(304, "", ""), 304}, {respond(304, "", "", "Content-Length", "59"), 304},
		{respondJSON(204, thingJSON), 500}, {respondJSON(304, thingJSON), 500},
	} {
		var told error
		h := contract.NewHandler(operations, test.next,
			contract.HandlerOptions{OnError: func(_ *http.Request, err error) { told = err }})
		if w := recorded(h, "GET", "/", nil); w.Code != test.status {
			t.Errorf("got %d, want %d: %v", w.Code, test.status, told)
		}
	}
}

// A connection goes on after a request was refused before its body was read.
func TestConnectionSurvivesRefusal(t *testing.T) {
	h, _ := reporting(respondJSON(201, thingJSON))
	server := httptest.NewServer(h)
	defer server.Close()
	for range 3 {
		if status, _, body := roundTrip(t, server, "POST", "/things", `{"name":"port"}`,
			authorized[2:]...); status != 401 {
			t.Errorf("got %d: %s", status, body)
		}
		if status, _, body := roundTrip(t, server, "POST", "/things", `{"name":"port"}`, authorized...); status != 201 {
			t.Errorf("got %d: %s", status, body)
		}
	}
}

// Generated code is served like this: an error of the implementation is a 500, unless it is a failure of its own.
func TestServer(t *testing.T) {
	operations := []contract.Operation{{
		ID: "get", Method: "GET", Path: "/{id}", Parameters: []contract.Parameter{parameter("id", "path", anInt)},
		Responses: []contract.Response{
			{Status: "200", Content: []contract.Content{{MediaType: "application/json", Schema: anInt},
				{MediaType: "text/plain", Schema: aString, Kind: wire.Text}}},
		},
	}}
	teapot := &contract.Failure{Status: 418, Message: "I am a teapot", Header: http.Header{"x-tea": {"green"}}}
	for _, test := range []struct {
		name, target string
		serve        func(w http.ResponseWriter) error
		status       int
		want         string // in the response
		told         string
	}{
		{"valid", "/1", func(w http.ResponseWriter) error {
			return contract.Respond(w, 200, "application/json",
				[]byte("7"))
		}, 200, "7", ""},
		{"invalid request", "/x", func(http.ResponseWriter) error { t.Error("called"); return nil }, 400,
			"want an integer", ""},
		{"undeclared status", "/1",
			func(w http.ResponseWriter) error { return contract.Respond(w, 201, "application/json", []byte("7")) }, 500,
			"The service produced an invalid response", "status"},
		{"undeclared type", "/1", func(w http.ResponseWriter) error {
			return contract.Respond(w, 200, "image/png",
				[]byte("7"))
		}, 500,
			"The service produced an invalid response", "Content-Type"},
		{"error", "/1", func(http.ResponseWriter) error { return errors.New("secret") }, 500, "Internal error",
			"secret"},
		{"error after a response that is held back", "/1", func(w http.ResponseWriter) error {
			respondJSON(200, "7")(w, nil)
			return errors.New("secret")
		}, 500, "Internal error", "secret"},
		{"failure", "/1", func(http.ResponseWriter) error { return fmt.Errorf("secret: %w", teapot) }, 418,
			"I am a teapot", "secret"},
		{"failure without a status", "/1",
			func(http.ResponseWriter) error { return &contract.Failure{Message: "secret"} }, 500, "Internal error",
			"secret"},
		{"unimplemented", "/1", func(http.ResponseWriter) error { return contract.Unimplemented("get") }, 501,
			"get is not implemented", "get is not"},
		{"nothing", "/1", func(http.ResponseWriter) error { return nil }, 500,
			"The service produced an invalid response", "there is none"},
		{"panic", "/1", func(http.ResponseWriter) error { panic("secret") }, 500, "Internal error", "secret"},
	} {
		told := ""
		h := contract.NewServer(operations,
			[]wire.Serve{func(_ context.Context, c *wire.Call, w http.ResponseWriter) error {
				var id int
				if wire.ReadParameter(c, 0, &id, wire.ReadInt); len(c.Violations) > 0 {
					return nil
				}
				return test.serve(w)
			}}, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { told += err.Error() }})
		w := recorded(h, "GET", test.target, nil)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) ||
			strings.Contains(w.Body.String(), "secret") ||
			!strings.Contains(told, test.told) || (told == "") != (test.told == "") {
			t.Errorf("%s: got %d %s, told %q", test.name, w.Code, w.Body, told)
		}
		if w.Code == 418 && w.Header().Get("X-Tea") != "green" {
			t.Errorf("%s: %v", test.name, w.Header())
		}
	}
	if teapot.Err != nil || teapot.Operation != nil {
		t.Errorf("the failure of the implementation is changed: %+v", teapot)
	}
}

// An implementation chooses among the media types that the document declares by what the request accepts.
func TestNegotiate(t *testing.T) {
	responses := []contract.Response{{Status: "200", Content: []contract.Content{
		{MediaType: "application/json", Schema: anInt}, {MediaType: "text/plain", Kind: wire.Text, Schema: aString},
	}}}
	operation := contract.Operation{ID: "get", Method: "GET", Path: "/", Responses: responses}
	serve := func(ctx context.Context, _ *wire.Call, w http.ResponseWriter) error {
		return contract.Respond(w, 200, contract.Negotiate(ctx, "application/json", "text/plain"), []byte("7"))
	}
	receiver := operation
	receiver.Path = ""
	for name, h := range map[string]http.Handler{
		"server":   contract.NewServer([]contract.Operation{operation}, []wire.Serve{serve}, contract.HandlerOptions{}),
		"receiver": contract.NewReceiver(&receiver, serve, contract.HandlerOptions{}),
	} {
		for accept, want := range map[string]string{
			"": "application/json", "*/*": "application/json", "text/*": "text/plain",
			"application/json;q=0.5, text/plain": "text/plain",
			"image/png":                          "", "application/json;q=0": "",
		} {
			var header []string
			if accept != "" {
				header = []string{"Accept", accept}
			}
			w := recorded(h, "GET", "/", nil, header...)
			if want == "" && (w.Code != 406 || !strings.Contains(w.Body.String(), "application/json, text/plain")) ||
				want != "" && (w.Code != 200 || w.Header().Get("Content-Type") != want) {
				t.Errorf("%s, Accept: %s: got %d %v %s", name, accept, w.Code, w.Header(), w.Body)
			}
		}
	}
}

// A receiver serves its operation at every path, HEAD with that of GET, and makes the other checks.
func TestReceiver(t *testing.T) {
	event := &contract.Operation{
		ID: "event", Method: "POST", Security: [][]contract.SecurityScheme{{bearer}},
		Body:      &contract.Body{Required: true, Content: jsonThing},
		Responses: []contract.Response{{Status: "204"}},
	}
	serve := func(_ context.Context, c *wire.Call, w http.ResponseWriter) error {
		if c.CheckBody(); len(c.Violations) > 0 {
			return nil
		}
		return wire.RespondEmpty(w, nil, 204)
	}
	probe := &contract.Operation{ID: "probe", Method: "GET", Responses: []contract.Response{{Status: "204"}}}
	for _, test := range []struct {
		op           *contract.Operation
		method, body string
		header       []string
		status       int
		allow        string
	}{
		{event, "POST", `{"name":"port"}`, authorized, 204, ""},
		{event, "POST", `{}`, authorized, 400, ""},
		{event, "POST", ``, authorized, 400, ""},
		{event, "POST", `{}`, authorized[2:], 401, ""},
		{event, "POST", `{}`, append([]string{"Content-Type", "text/plain"}, authorized[:2]...), 415, ""},
		{event, "PUT", `{}`, authorized, 405, "POST"},
		{probe, "GET", ``, nil, 204, ""},
		{probe, "HEAD", ``, nil, 204, ""},
		{probe, "POST", ``, nil, 405, "GET, HEAD"},
	} {
		h := contract.NewReceiver(test.op, serve, contract.HandlerOptions{})
		w := recorded(h, test.method, "/any/path", strings.NewReader(test.body), test.header...)
		if w.Code != test.status || w.Header().Get("Allow") != test.allow {
			t.Errorf("%s %s: got %d, Allow %q: %s", test.method, test.body, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
}

func TestRespondWithoutHandler(t *testing.T) {
	w := httptest.NewRecorder()
	if err := contract.Respond(w, 201, "application/json", []byte("7")); err != nil || w.Code != 201 ||
		w.Body.String() != "7" ||
		w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d %v %s, %v", w.Code, w.Header(), w.Body, err)
	}
}

func TestResponseHeader(t *testing.T) {
	ints := &schema.Schema{Types: schema.Array, Items: anInt}
	role := object("", property("role", &schema.Schema{Types: schema.String, Enum: []string{`"admin"`}}),
		property("level", anInt))
	for _, test := range []struct {
		name   string
		header contract.Header
		values []string
		want   string
	}{
		{"optional", contract.Header{Schema: anInt}, nil, ""},
		{"list", contract.Header{Schema: ints}, []string{"1, 2"}, ""},
		{"list on several lines", contract.Header{Schema: ints}, []string{"1", "2,3"}, ""},
		{"list, bad", contract.Header{Schema: ints}, []string{"1, x"}, "header /X-H/1 type"},
		{"object", contract.Header{Schema: role, Explode: true}, []string{"role=admin, level=1"}, ""},
		{"object, bad", contract.Header{Schema: role}, []string{"role, boss"}, "header /X-H/role enum"},
		{"JSON", contract.Header{Schema: role, JSON: true}, []string{`{"level": "x"}`}, "header /X-H/level type"},
		{"empty but required", contract.Header{Schema: aString, Required: true}, []string{""}, ""},
	} {
		test.header.Name = "X-H"
		if got := summary(test.header.Check(http.Header{"X-H": test.values})); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if got := (&contract.Header{Name: "content-type", Required: true, Schema: anInt}).Check(nil); got != nil {
		t.Errorf("Content-Type is checked: %v", got)
	}
}
