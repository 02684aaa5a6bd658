package migrating

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/migrating/withours"
	"github.com/interconnect-go/interconnect/migrating/withstock"
)

const thing = "/things/01020304-0506-4708-890a-0b0c0d0e0f10"

// differences are requests whose responses differ, which is meant. docs/migrating.md has a line for each.
var differences = []struct {
	line                         string // the first column there
	method, target, header, body string
	stock, ours                  int
	stockText, oursText          string
}{
	{line: "a value outside of its enum", method: "PUT", target: thing, header: "Content-Type: application/json", body: `{"name":"n","kind":"sideways"}`,
		stock: 200, ours: 400, stockText: "sideways", oursText: `"/kind"`},
	{line: "a number outside of its bounds", method: "GET", target: thing + "?exact=true&limit=1000", header: "X-Trace: t", stock: 200, ours: 400, oursText: `query parameter \"limit\"`},
	{line: "a member that is required and missing", method: "PUT", target: thing, header: "Content-Type: application/json", body: `{"kind":"up"}`, stock: 200, ours: 400, oursText: "it is missing"},
	{line: "text behind a JSON body", method: "PUT", target: thing, header: "Content-Type: application/json", body: `{"name":"n","kind":"up"} x`, stock: 200, ours: 400},
	{line: "a parameter that cannot be read", method: "GET", target: thing + "?exact=maybe", header: "X-Trace: t", stock: 400, ours: 400, stockText: "Invalid format", oursText: `"title":"Bad Request"`},
	{line: "another Content-Type", method: "PUT", target: thing, header: "Content-Type: text/html", body: `{"name":"n","kind":"up"}`, stock: 200, ours: 415},
	{line: "an Accept that no response suits", method: "GET", target: thing + "?exact=true", header: "X-Trace: t\nAccept: image/png", stock: 200, ours: 406},
	{line: "a body of more than 1 MiB", method: "POST", target: "/texts", header: "Content-Type: text/plain", body: strings.Repeat("x", 2<<20), stock: 200, ours: 413},
	{line: "a form member in the query", method: "POST", target: "/forms?name=query", header: "Content-Type: application/x-www-form-urlencoded", body: "count=1", stock: 200, ours: 400,
		stockText: `"name":"query"`, oursText: `form member \"name\"`},
	{line: "a part that is missing", method: "POST", target: "/uploads", header: "Content-Type: multipart/form-data; boundary=b",
		body: "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nt\r\n--b--\r\n", stock: 200, ours: 400, oursText: `form member \"file\"`},
	{line: "a response that the document does not describe", method: "GET", target: "/failures/600", stock: 600, ours: 500},
	{line: "an error of the implementation", method: "POST", target: "/lists", header: "Content-Type: application/json", body: "[]", stock: 500, ours: 500,
		stockText: "hunter2", oursText: `"detail":"Internal error"}`},
	{line: "a method that the path does not have", method: "PATCH", target: thing, stock: 405, ours: 405, stockText: "Method Not Allowed", oursText: `"title":"Method Not Allowed"`},
	{line: "a cookie with characters that cookies escape", method: "GET", target: thing + "?exact=true", header: "X-Trace: t\nCookie: session=a%20b", stock: 200, ours: 200, stockText: `a%20b`, oursText: `a b`},
}

// TestDifferences makes sure that the table of intended differences is true, and has no gap.
func TestDifferences(t *testing.T) {
	table, err := os.ReadFile("../docs/migrating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		if !strings.Contains(string(table), "| "+d.line+" |") {
			t.Errorf("docs/migrating.md has no line for %s", d.line)
		}
		for _, side := range []struct {
			name    string
			handler http.Handler
			status  int
			text    string
		}{{"stock", withstock.Handlers()["plain"], d.stock, d.stockText}, {"ours", withours.Handlers()["plain"], d.ours, d.oursText}} {
			r := httptest.NewRequest(d.method, d.target, strings.NewReader(d.body))
			if d.body == "" {
				r.Body, r.ContentLength = http.NoBody, 0
			}
			for line := range strings.SplitSeq(d.header, "\n") {
				if name, value, ok := strings.Cut(line, ": "); ok {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			side.handler.ServeHTTP(w, r)
			text, err := io.ReadAll(w.Result().Body)
			if err != nil || w.Code != side.status || !strings.Contains(string(text), side.text) {
				t.Errorf("%s, %s: %d %.300s; want %d %s", d.line, side.name, w.Code, text, side.status, side.text)
			}
		}
	}
}

// TestErrorHandlers calls the functions that write errors for the same reasons.
func TestErrorHandlers(t *testing.T) {
	for name, handlers := range map[string]map[string]http.Handler{"stock": withstock.Handlers(), "ours": withours.Handlers()} {
		for _, c := range []struct{ method, target, body, want string }{
			{"POST", "/lists", "[]", "500 sorry\n"},
			{"GET", thing + "?exact=maybe", "", "400 what?\n"},
			{"GET", "/failures/x", "", "400 what?\n"},
		} {
			r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			if c.body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			w := httptest.NewRecorder()
			handlers["options"].ServeHTTP(w, r)
			if got := strconv.Itoa(w.Code) + " " + w.Body.String(); got != c.want {
				t.Errorf("%s, %s %s: %s, want %s", name, c.method, c.target, got, c.want)
			}
		}
		w := httptest.NewRecorder()
		handlers["mux"].ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
		if w.Code != 204 {
			t.Errorf("%s: what is beside the operations in a mux: %d", name, w.Code)
		}
	}
}
