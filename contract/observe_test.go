package contract_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/interconnect-go/interconnect/contract"
)

// broken is a body that fails when it is read to its end.
func broken() io.Reader {
	return io.MultiReader(strings.NewReader("{"), iotest.ErrReader(errors.New("broken")))
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestObserveRequests(t *testing.T) {
	o := contract.NewObserver(thingOperations(), "/v1")
	file := "/v1" + onething + "/file"
	for _, test := range []struct {
		method, target       string
		body                 io.Reader
		header               []string
		operation, want, err string
	}{
		{"GET", "/v1/things?limit=1", nil, nil, "list_things", "", ""},
		{"HEAD", "/v1/things?limit=-1&b&a", nil, nil, "list_things",
			"query /limit minimum, query /a undeclared, query /b undeclared", ""},
		{"GET", "/things", nil, nil, "", "", ""},
		{"PATCH", "/v1/things", broken(), nil, "", "", ""},
		{"POST", "/v1/things", strings.NewReader(`{"name":"port"}`), authorized, "create_thing", "", ""},
		{"POST", "/v1/things?dry=x", strings.NewReader("{"), authorized, "create_thing",
			"query /dry type, body  syntax", ""},
		{"POST", "/v1/things", strings.NewReader(""), authorized[2:], "create_thing",
			"header  security, body  required", ""},
		{"POST", "/v1/things", strings.NewReader("{}"),
			[]string{"Authorization", "Bearer x", "Content-Type", "text/plain"}, "create_thing",
			"header /Content-Type content", ""},
		{"POST", "/v1/things", strings.NewReader(thingJSON), authorized, "create_thing", "body /id readOnly", ""},
		{"POST", "/v1/things?dry=x", broken(), authorized, "create_thing", "query /dry type",
			"reading the body: broken"},
		{"DELETE", "/v1" + onething, broken(), nil, "delete_thing", "body  content", ""},
		{"PUT", file, broken(), []string{"Content-Type", "text/plain"}, "put_file", "", ""},
		{"GET", file, nil, []string{"Accept", "text/html, application/pdf;q=0"}, "get_file", "header /Accept content",
			""},
	} {
		r := httptest.NewRequest(test.method, test.target, test.body)
		setHeader(r.Header, test.header)
		operation := ""
		if op := o.Operation(r); op != nil {
			operation = op.ID
		}
		violations, err := o.Request(r)
		if got := summary(violations); operation != test.operation || got != test.want || message(err) != test.err {
			t.Errorf("%s %s: got %q, %q, %v; want %q, %q, %s", test.method, test.target, operation, got, err,
				test.operation, test.want, test.err)
		}
	}
}

func TestObserveResponses(t *testing.T) {
	o := contract.NewObserver(thingOperations(), "")
	asJSON := http.Header{"Content-Type": {"application/json"}}
	total := http.Header{"Content-Type": {"application/json"}, "X-Total": {"1"}}
	pdf := http.Header{"Content-Type": {"application/pdf"}}
	for _, test := range []struct {
		method, target string
		status         int
		header         http.Header
		body           io.Reader
		want, err      string
	}{
		{"GET", "/things", 200, total, strings.NewReader("[]"), "", ""},
		{"GET", "/things", 200, total, strings.NewReader("{}"), "body  type", ""},
		{"GET", "/things", 200, total, broken(), "", "reading the body: broken"},
		{"GET", "/things", 200, asJSON, broken(), "header /X-Total required", "reading the body: broken"},
		{"GET", "/things", 500, total, strings.NewReader("[]"), "response /status status", ""},
		{"HEAD", "/things", 200, total, http.NoBody, "", ""},
		{"GET", "/other", 500, total, broken(), "", ""},
		{"GET", onething, 200, asJSON, strings.NewReader(`{"name":"port","new":1}`), "body /new additionalProperties",
			""},
		{"GET", onething + "/file", 200, pdf, broken(), "", ""},
		{"DELETE", onething, 200, nil, strings.NewReader("x"), "body  content", ""},
	} {
		resp := &http.Response{StatusCode: test.status, Header: test.header, Body: io.NopCloser(test.body)}
		violations, err := o.Response(httptest.NewRequest(test.method, test.target, nil), resp)
		if got := summary(violations); got != test.want || message(err) != test.err {
			t.Errorf("%s %s: got %q, %v; want %q, %s", test.method, test.target, got, err, test.want, test.err)
		}
	}
}

// What is not a path is an error of the program.
func TestPathsThatAreRefused(t *testing.T) {
	for name, make := range map[string]func(operations []contract.Operation, base string){
		"handler": func(ops []contract.Operation, base string) {
			contract.NewHandler(ops, nil, contract.HandlerOptions{BasePath: base})
		},
		"transport": func(ops []contract.Operation, base string) {
			contract.NewTransport(ops, nil, contract.TransportOptions{BasePath: base})
		},
		"observer": func(ops []contract.Operation, base string) { contract.NewObserver(ops, base) },
	} {
		for _, test := range []struct{ path, base string }{{"things", ""}, {"/things", "/v4/"}} {
			func() {
				defer func() {
					if v, ok := recover().(string); !ok || !strings.HasPrefix(v, "contract: ") {
						t.Errorf("%s, %q below %q: got %v", name, test.path, test.base, v)
					}
				}()
				make([]contract.Operation{{ID: "op", Method: "GET", Path: test.path}}, test.base)
			}()
		}
	}
}
