package contract_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

// Middlewares are around the handler, the last one outermost, for requests that have an operation; a mux sends it what
// it has patterns for.
func TestMount(t *testing.T) {
	ok := []contract.Response{{Status: "204"}}
	x, y := parameter("x", "path", aString), parameter("y", "path", aString)
	operations := []contract.Operation{
		{ID: "item", Method: "GET", Path: "/a/{x}", Parameters: []contract.Parameter{x}, Responses: ok},
		{ID: "part", Method: "GET", Path: "/a/{x}.{y}", Parameters: []contract.Parameter{x, y}, Responses: ok},
		{ID: "put", Method: "PUT", Path: "/a/{x}", Parameters: []contract.Parameter{x}, Responses: ok},
		{ID: "list", Method: "GET", Path: "/a/", Responses: ok},
	}
	trace := ""
	middleware := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				trace += name + "(" + r.PathValue("x") + "," + r.PathValue("y") + ") "
				next.ServeHTTP(w, r)
			})
		}
	}
	middlewares := []func(http.Handler) http.Handler{middleware("inner"), middleware("outer")}
	h := contract.NewHandler(operations, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		trace += "served"
		w.WriteHeader(204)
	}), contract.HandlerOptions{BasePath: "/v1"})
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(299)
		io.WriteString(w, "other")
	})
	withMux := contract.Mount(operations, "/v1", h, middlewares, contract.Mux(mux))
	if withMux != http.Handler(mux) {
		t.Error("the mux is not returned")
	}
	for name, mounted := range map[string]http.Handler{
		"alone": contract.Mount(operations, "/v1", h, middlewares, nil), "mux": withMux,
		"no middlewares": contract.Mount[func(http.Handler) http.Handler](operations, "/v1", h, nil, nil),
	} {
		for _, test := range []struct {
			method, target string
			status         int // 404 and 405 are left to the other handlers of a mux
			want           string
		}{
			{"GET", "/v1/a/b%2Fc", 204, "outer(b/c,) inner(b/c,) served"},
			{"HEAD", "/v1/a/b", 204, "outer(b,) inner(b,) served"},
			{"PUT", "/v1/a/b", 204, "outer(b,) inner(b,) served"},
			{"GET", "/v1/a/b.c", 204, "outer(b,c) inner(b,c) served"},
			{"GET", "/v1/a/", 204, "outer(,) inner(,) served"},
			{"GET", "/a/b", 404, ""},
			{"GET", "/v1/a/b/c", 404, ""},
			{"POST", "/v1/a/b", 405, ""},
		} {
			trace = ""
			w := recorded(mounted, test.method, test.target, nil)
			status, want := test.status, test.want
			switch {
			case name == "mux" && status != 204:
				status = 299
			case name == "no middlewares" && status == 204:
				want = "served"
			}
			if w.Code != status || trace != want {
				t.Errorf("%s, %s %s: got %d, %q; want %d, %q", name, test.method, test.target, w.Code, trace, status,
					want)
			}
		}
	}
}

// A mux gets patterns that do not conflict, whatever the templates are, and each request comes to its operation.
func TestMountOverlapping(t *testing.T) {
	var operations []contract.Operation
	for _, op := range []struct{ method, path string }{
		{"GET", "/a/{x}/c"}, {"GET", "/a/b/{y}"}, {"HEAD", "/a/{x}/{y}"}, {"GET", "/{x}/b/c"}, {"PUT", "/a/{x}/c"}, {"GET", "/a/{x}/c/"},
		{"GET", "/a/{x}:stop"}, {"GET", "/a/b"}, {"HEAD", "/a/{x}"}, {"GET", "/"},
	} {
		o := contract.Operation{ID: op.method + " " + op.path, Method: op.method, Path: op.path, Responses: []contract.Response{{Status: "204"}}}
		for _, name := range []string{"x", "y"} {
			if strings.Contains(op.path, "{"+name+"}") {
				o.Parameters = append(o.Parameters, parameter(name, "path", aString))
			}
		}
		operations = append(operations, o)
	}
	served := ""
	h := contract.NewHandler(operations, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served = "served"
		w.WriteHeader(204)
	}), contract.HandlerOptions{BasePath: "/v1"})
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) })
	for range 2 { // in either order
		mounted := contract.Mount[func(http.Handler) http.Handler](operations, "/v1", h, nil, contract.Mux(mux))
		for _, test := range []struct {
			request string
			status  int
		}{
			{"GET /v1/a/1/c", 204}, {"GET /v1/a/b/1", 204}, {"GET /v1/a/b/c", 204}, {"HEAD /v1/a/1/2", 204}, {"GET /v1/1/b/c", 204}, {"PUT /v1/a/1/c", 204},
			{"GET /v1/a/1/c/", 204}, {"GET /v1/a/1:stop", 204}, {"GET /v1/a/b", 204}, {"HEAD /v1/a/1", 204}, {"GET /v1/", 204},
			{"GET /v1/1/2/3", 404}, {"GET /v1/a/1/d", 405}, {"GET /v1/b", 299}, {"POST /v1/a/b", 299},
		} {
			served = ""
			method, target, _ := strings.Cut(test.request, " ")
			if w := recorded(mounted, method, target, nil); w.Code != test.status || (served != "") != (w.Code == 204) {
				t.Errorf("%s: got %d, %s; want %d: %s", test.request, w.Code, served, test.status, w.Body)
			}
		}
		operations = slices.Clone(operations) // those of the handler stay
		slices.Reverse(operations)
		mux = http.NewServeMux()
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) })
	}
}
