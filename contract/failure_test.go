package contract_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract"
)

func TestWriteProblem(t *testing.T) {
	for _, test := range []struct {
		failure contract.Failure
		want    string
	}{
		{contract.Failure{Status: 400, Message: "Invalid request", Violations: []contract.Violation{
			{In: "body", Pointer: "/slot_id", Rule: "format", Want: "a UUID", Got: `"hunter2"`},
			{In: "query", Pointer: "/limit", Rule: "minimum", Want: "at least 0", Got: "-1"},
			{In: "query", Rule: "syntax", Want: "name=value pairs"},
			{In: "body", Rule: "required", Want: "a body"},
			{In: "body", Pointer: "/v", Rule: "oneOf", Want: "x", Variants: []contract.VariantViolations{
				{Variant: "A", Violations: []contract.Violation{{Pointer: "/v/a", Rule: "type", Want: "a string",
					Got: "hunter3"}}},
			}},
		}}, `{"title":"Bad Request","status":400,"detail":"Invalid request","errors":[` +
			`{"detail":"/slot_id: want a UUID (format)","in":"body","pointer":"/slot_id","rule":"format"},` +
			`{"detail":"query parameter \"limit\": want at least 0 (minimum)","in":"query","pointer":"/limit","rule":"minimum"},` +
			`{"detail":"query: want name=value pairs (syntax)","in":"query","rule":"syntax"},` +
			`{"detail":"the body: want a body (required)","in":"body","rule":"required"},` +
			`{"detail":"/v: want x (not A because /v/a: want a string) (oneOf)","in":"body","pointer":"/v","rule":"oneOf"}]}`},
		{contract.Failure{Status: 403, Message: "Forbidden \"<\xff"},
			`{"title":"Forbidden","status":403,"detail":"Forbidden \"<` + "\ufffd" + `"}`},
		{contract.Failure{Status: 500, Message: "Internal error", Err: errors.New("secret")},
			`{"title":"Internal Server Error","status":500,"detail":"Internal error"}`},
		{contract.Failure{Status: 599, Message: "m"}, `{"title":"","status":599,"detail":"m"}`},
	} {
		w := httptest.NewRecorder()
		contract.WriteProblem(w, nil, &test.failure)
		if got := strings.TrimSpace(w.Body.String()); got != test.want || w.Code != test.failure.Status ||
			!json.Valid(w.Body.Bytes()) ||
			w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("got %d %v\n%s\nwant\n%s", w.Code, w.Header(), got, test.want)
		}
	}
}

// A failure shows 100 violations and says how many there are more; what it shows of each is short.
func TestItemsAreBounded(t *testing.T) {
	for _, test := range []struct {
		n, items int
		last     string
	}{
		{0, 0, ""}, {1, 1, "/a: want b (type)"}, {100, 100, "/a: want b (type)"}, {101, 101, "and 1 more"},
		{130, 101, "and 30 more"},
	} {
		f := &contract.Failure{Status: 400, Message: "m"}
		for range test.n {
			f.Violations = append(f.Violations, contract.Violation{In: "body", Pointer: "/a", Rule: "type", Want: "b"})
		}
		items := f.Items()
		if len(items) != test.items || test.items > 0 && items[len(items)-1].Message != test.last {
			t.Errorf("%d violations: got %d items, %v", test.n, len(items), items)
		}
		w := httptest.NewRecorder()
		contract.WriteProblem(w, nil, f)
		var problem struct {
			Errors []struct{ Detail, In, Pointer, Rule string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || len(problem.Errors) != test.items {
			t.Errorf("%d violations: %v in %s", test.n, err, w.Body)
		}
	}

	// A last violation may stand for others.
	f := &contract.Failure{Violations: make([]contract.Violation, 101)}
	f.Violations[100] = contract.Violation{Rule: "more", More: 7}
	if items := f.Items(); items[100].Message != "and 7 more" || items[100].In != "" {
		t.Errorf("got %v", items[100])
	}

	// "ä" has two bytes; nothing is cut within it.
	long := strings.Repeat("ä", 300)
	f = &contract.Failure{Violations: []contract.Violation{
		{In: "body", Pointer: strings.Repeat("/x"+long, 20), Rule: "type", Want: strings.Repeat("w", 5000)},
	}}
	item := f.Items()[0]
	if len(item.Message) > 3200 || len(item.Pointer) > 1010 || !utf8.ValidString(item.Message) ||
		!utf8.ValidString(item.Pointer) {
		t.Errorf("the message has %d bytes, the pointer %d: %s", len(item.Message), len(item.Pointer), item.Pointer)
	}
	if name := strings.Split(item.Pointer, "/")[1]; name != "x"+strings.Repeat("ä", 49)+"…" {
		t.Errorf("the name is shortened to %q", name)
	}
}

func TestFailureIsAnError(t *testing.T) {
	for _, test := range []struct {
		failure contract.Failure
		want    string
	}{
		{contract.Failure{Status: 503, Message: "Try again later", Err: errors.New("secret")}, "Try again later"},
		{contract.Failure{Message: "Invalid request", Violations: []contract.Violation{
			{In: "body", Pointer: "/a", Rule: "type", Want: "b", Got: "secret"},
			{In: "header", Pointer: "/X-C", Rule: "required", Want: "d"},
		}}, `Invalid request: /a: want b (type); header "X-C": want d (required)`},
	} {
		if got := test.failure.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// WriteFailure writes the response; what it cannot change is decided before.
func TestWriteFailure(t *testing.T) {
	var got *contract.Failure
	h := contract.NewHandler(thingOperations(),
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }), contract.HandlerOptions{
			OnError: func(*http.Request, error) {},
			WriteFailure: func(w http.ResponseWriter, _ *http.Request, f *contract.Failure) {
				got = f
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(f.Status)
			},
		})
	for _, test := range []struct {
		method, target, body string
		header               []string
		status               int
		operation            string
		violations, err      bool
		name, value          string
	}{
		{"GET", "/nothing", "", nil, 404, "", false, false, "Allow", ""},
		{"PUT", "/things", "", nil, 405, "", false, false, "Allow", "GET, HEAD, POST"},
		{"POST", "/things", "", nil, 401, "create_thing", false, false, "WWW-Authenticate", "Bearer"},
		{"GET", onething + "/file", "", []string{"Accept", "image/png"}, 406, "get_file", false, false, "", ""},
		{"POST", "/things", "x", authorized[:2], 415, "create_thing", false, false, "Accept", "application/json"},
		{"POST", "/things", "{}", authorized, 400, "create_thing", true, false, "", ""},
		{"GET", onething, "", nil, 500, "get_thing", false, true, "", ""},
	} {
		got = nil
		w := recorded(h, test.method, test.target, strings.NewReader(test.body), test.header...)
		if got == nil || got.Status != test.status || w.Code != test.status ||
			len(got.Violations) > 0 != test.violations || (got.Err != nil) != test.err ||
			(got.Operation == nil) != (test.operation == "") ||
			got.Operation != nil && got.Operation.ID != test.operation || got.Message == "" {
			t.Errorf("%s %s: got %d, %+v", test.method, test.target, w.Code, got)
		}
		if w.Header().Get("Content-Type") != "text/plain" ||
			test.name != "" && w.Header().Get(test.name) != test.value {
			t.Errorf("%s %s: %v", test.method, test.target, w.Header())
		}
	}
}

// Code written for oapi-codegen's output has a function each for parameters, bodies and errors of the implementation.
func TestWriteErrors(t *testing.T) {
	called := ""
	hook := func(name string) func(http.ResponseWriter, *http.Request, error) {
		return func(_ http.ResponseWriter, _ *http.Request, err error) { called += name + " " + err.Error() }
	}
	in := func(parts ...string) *contract.Failure {
		f := &contract.Failure{Status: 400, Message: "m"}
		for _, part := range parts {
			f.Violations = append(f.Violations, contract.Violation{In: part, Pointer: "/a", Rule: "type", Want: "b"})
		}
		return f
	}
	failed := &contract.Failure{Status: 500, Message: "m", Err: errors.New("disk")}
	for _, test := range []struct {
		failure *contract.Failure
		all     string // what is called with all functions
		first   string // with that for parameters only
	}{
		{in("query"), `parameters m: query parameter "a": want b (type)`,
			`parameters m: query parameter "a": want b (type)`},
		{in("query", "form"), `body m: query parameter "a": want b (type); form member "a": want b (type)`,
			`parameters m: query parameter "a": want b (type); form member "a": want b (type)`},
		{in(), "parameters m", "parameters m"},
		{failed, "implementation disk", ""},
		{&contract.Failure{Status: 404, Message: "m"}, "", ""},
		{&contract.Failure{Status: 418, Message: "m", Err: errors.New("tea")}, "", ""}, // which the implementation has chosen
	} {
		for name, write := range map[string]func(http.ResponseWriter, *http.Request, *contract.Failure){
			"all":   contract.WriteErrors(hook("parameters"), hook("body"), hook("implementation")),
			"first": contract.WriteErrors(hook("parameters"), nil, nil),
		} {
			want := test.all
			if name == "first" {
				want = test.first
			}
			called = ""
			w := httptest.NewRecorder()
			write(w, nil, test.failure)
			if called != want || (w.Body.Len() > 0) != (want == "") {
				t.Errorf("%s, %v: called %q, want %q; wrote %s", name, test.failure, called, want, w.Body)
			}
		}
	}
}
