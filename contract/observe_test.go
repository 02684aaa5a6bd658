package contract

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

func summary(violations []Violation) string {
	var list []string
	for _, v := range violations {
		list = append(list, v.In+" "+v.Pointer+" "+v.Rule)
	}
	return strings.Join(list, ", ")
}

func TestObserver(t *testing.T) {
	o := NewObserver(thingOperations(), "/v1")
	half := io.MultiReader(strings.NewReader("{"), iotest.ErrReader(errors.New("broken")))
	for _, test := range []struct {
		method, path         string
		body                 io.Reader
		header               []string
		operation, want, err string
	}{
		{"GET", "/v1/things?limit=1", nil, nil, "list_things", "", ""},
		{"HEAD", "/v1/things?limit=-1&b&a", nil, nil, "list_things", "query /limit minimum, query /a undeclared, query /b undeclared", ""},
		{"GET", "/things", nil, nil, "", "", ""},
		{"PATCH", "/v1/things", half, nil, "", "", ""},
		{"POST", "/v1/things?dry=x", strings.NewReader("{"), authorized, "create_thing", "query /dry type, body  syntax", ""},
		{"POST", "/v1/things", strings.NewReader(""), authorized[2:], "create_thing", "header  security, body  required", ""},
		{"POST", "/v1/things?dry=x", half, authorized, "create_thing", "query /dry type", "reading the body: broken"},
		{"DELETE", "/v1/things/" + id, half, nil, "delete_thing", "body  content", ""},
		{"PUT", "/v1/things/" + id + "/file", half, []string{"Content-Type", "text/plain"}, "put_file", "", ""},
	} {
		r := httptest.NewRequest(test.method, test.path, test.body)
		for i := 0; i < len(test.header); i += 2 {
			r.Header.Set(test.header[i], test.header[i+1])
		}
		operation := ""
		if op := o.Operation(r); op != nil {
			operation = op.ID
		}
		violations, err := o.Request(r)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if operation != test.operation || summary(violations) != test.want || message != test.err {
			t.Errorf("%s %s: got %q, %q, %q", test.method, test.path, operation, summary(violations), message)
		}
	}
}

func TestObserverOfResponses(t *testing.T) {
	o := NewObserver(thingOperations(), "")
	total := http.Header{"Content-Type": {"application/json"}, "X-Total": {"1"}}
	for _, test := range []struct {
		request   string
		status    int
		header    http.Header
		body      io.Reader
		want, err string
	}{
		{"GET /things", 200, total, strings.NewReader("[]"), "", ""},
		{"GET /things", 200, total, strings.NewReader("{}"), "body  type", ""},
		{"GET /things", 200, total, iotest.ErrReader(errors.New("broken")), "", "reading the body: broken"},
		{"GET /things", 200, http.Header{"Content-Type": {"application/json"}}, iotest.ErrReader(errors.New("broken")), "header /X-Total required", "reading the body: broken"},
		{"GET /things", 500, total, strings.NewReader("[]"), "response /status status", ""},
		{"HEAD /things", 200, total, http.NoBody, "", ""},
		{"GET /other", 500, total, iotest.ErrReader(errors.New("broken")), "", ""},
		{"GET /things/" + id + "/file", 200, http.Header{"Content-Type": {"application/pdf"}}, iotest.ErrReader(errors.New("broken")), "", ""},
		{"DELETE /things/" + id, 200, nil, strings.NewReader("x"), "body  content", ""},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		violations, err := o.Response(httptest.NewRequest(method, path, nil),
			&http.Response{StatusCode: test.status, Header: test.header, Body: io.NopCloser(test.body)})
		message := ""
		if err != nil {
			message = err.Error()
		}
		if summary(violations) != test.want || message != test.err {
			t.Errorf("%s: got %q, %q", test.request, summary(violations), message)
		}
	}
}
