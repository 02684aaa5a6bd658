package wire

import (
	"fmt"
	"math/rand"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func routed(templates ...string) *Router {
	operations := make([]Operation, len(templates))
	for i, template := range templates {
		method, path, _ := strings.Cut(template, " ")
		path, query, _ := strings.Cut(path, "?")
		operations[i] = Operation{ID: template, Method: method, Path: path}
		if name, value, ok := strings.Cut(query, "="); ok {
			operations[i].Query = []string{name, value}
		}
		for segment := range strings.SplitSeq(path, "/") {
			_, names := splitSegment(segment)
			for _, name := range names {
				operations[i].Parameters = append(operations[i].Parameters, Parameter{Name: name, In: "path", Required: true})
			}
		}
	}
	return NewRouter("/v4", operations)
}

func TestRouter(t *testing.T) {
	rt := routed("GET /", "GET /things", "POST /things", "GET /things/{id}", "GET /things/mine", "DELETE /things/{id}", "GET /things/{id}/file",
		"GET /things/mine/{part}", "GET /files/{name}.{ext}", "GET /files/{name}", "GET /files/x-{name}", "GET /files/report.pdf",
		"GET /{a}/b/c", "GET /a/{b}/d", "GET /act?op=start", "GET /act", "HEAD /head", "GET /head", "GET /a%20b", "GET /é")
	for request, want := range map[string]string{
		"GET /v4/":                     "GET /",
		"GET /v4/things":               "GET /things",
		" /v4/things":                  "GET /things",
		"GET /v4/things/":              "GET /things/{id} id=",
		"GET /v4/things/7":             "GET /things/{id} id=7",
		"GET /v4/things/a%2Fb%20c":     "GET /things/{id} id=a/b c",
		"GET /v4/things/mine":          "GET /things/mine",
		"GET /v4/things/m%69ne":        "GET /things/mine",
		"DELETE /v4/things/mine":       "DELETE /things/{id} id=mine",
		"GET /v4/things/mine/file":     "GET /things/mine/{part} part=file",
		"GET /v4/things/7/file":        "GET /things/{id}/file id=7",
		"HEAD /v4/things/7":            "GET /things/{id} id=7",
		"HEAD /v4/head":                "HEAD /head",
		"GET /v4/files/a.b.c":          "GET /files/{name}.{ext} name=a.b ext=c",
		"GET /v4/files/abc":            "GET /files/{name} name=abc",
		"GET /v4/files/x-y":            "GET /files/x-{name} name=y",
		"GET /v4/files/report.pdf":     "GET /files/report.pdf",
		"GET /v4/a/b/c":                "GET /{a}/b/c a=a",
		"GET /v4/a/b/d":                "GET /a/{b}/d b=b",
		"GET /v4/act?op=start&x=1":     "GET /act?op=start",
		"GET /v4/act?op=stop":          "GET /act",
		"GET /v4/a%20b":                "allow []",
		"GET /v4/%C3%A9":               "GET /é",
		"PUT /v4/things":               "allow [GET HEAD POST]",
		"PUT /v4/things/7":             "allow [DELETE GET HEAD]",
		"POST /v4/head":                "allow [GET HEAD]",
		"GET /v4/nothing":              "allow []",
		"GET /v4/things/7/file/more":   "allow []",
		"GET /v4":                      "allow []",
		"GET /things":                  "allow []",
		"GET /v4/things/..":            "allow []",
		"GET /v4/things/./file":        "allow []",
		"GET /v4/things/%2E%2E":        "GET /things/{id} id=..",
		"GET /v4//things":              "allow []",
		"GET /v4/things/7//file":       "allow []",
		"GET http://host":              "allow []",
		"OPTIONS mailto:a@example.com": "allow []",
	} {
		method, text, _ := strings.Cut(request, " ")
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var room [2]string
		route, values, allow := rt.Find(method, u, room[:])
		got := fmt.Sprint("allow ", allow)
		if route != nil {
			got = route.ID
			route.PathValues(values, func(name, value string) { got += " " + name + "=" + value })
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", request, got, want)
		}
	}
}

// The order in which operations are declared does not matter.
func TestRouterOrder(t *testing.T) {
	templates := []string{"GET /a/{x}", "GET /a/b", "GET /a/{x}-{y}", "GET /a/c-{y}", "GET /a/{x}/d", "GET /{w}/b"}
	find := func(rt *Router, path string) string {
		route, values, _ := rt.Find("GET", &url.URL{Path: path}, nil)
		if route == nil {
			return ""
		}
		return fmt.Sprint(route.ID, values)
	}
	reversed := slices.Clone(templates)
	slices.Reverse(reversed)
	one, other := routed(templates...), routed(reversed...)
	for _, path := range []string{"/v4/a/b", "/v4/a/c-d", "/v4/a/x-y-z", "/v4/a/b/d", "/v4/z/b", "/v4/a/", "/v4/a/-"} {
		if a, b := find(one, path), find(other, path); a != b || a == "" {
			t.Errorf("%s: %q, and in another order %q", path, a, b)
		}
	}
}

func TestNewRouterRefuses(t *testing.T) {
	for _, c := range []struct{ base, path string }{{"v4", "/a"}, {"/v4/", "/a"}, {"/{x}", "/a"}, {"/v4?x", "/a"}, {"", "a"}, {"", ""}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q and %q make a router", c.base, c.path)
				}
			}()
			NewRouter(c.base, []Operation{{Method: "GET", Path: c.path}})
		}()
	}
}

// Whatever the values of several parameters in a segment are, they come back from the path, or there is an error.
func TestSegments(t *testing.T) {
	pieces := []string{"a", "2026-01-02", "tar.gz", ".", "-", "--", "2", "C", "x", "%2C", "é", ":", "a.b", "b"}
	const seed = 5
	r := rand.New(rand.NewSource(seed))
	sent := 0
	for _, template := range []string{"/{a}.{b}", "/{a}-{b}", "/{a}--{b}", "/{a}.{b}.{c}", "/v{a}x{b}2{c}", "/{a}:{b}", "/p-{a}", "/{a},{b};{c}", "/{a}{b}"} {
		rt := routed("GET " + template)
		for range 2000 {
			values := make([]string, len(rt.root.literals["v4"].patterns[0].texts)-1)
			for i := range values {
				for range 1 + r.Intn(3) {
					values[i] += pieces[r.Intn(len(pieces))]
				}
			}
			op := &Operation{Path: template}
			var spelled []string
			for i, value := range values {
				op.Parameters = append(op.Parameters, Parameter{Name: string(rune('a' + i)), In: "path"})
				spelled = append(spelled, percent(value, ""))
			}
			path, err := op.fill(spelled)
			if err != nil {
				continue
			}
			sent++
			u, err := url.Parse("http://h/v4" + path)
			if err != nil {
				t.Fatal(err)
			}
			route, got, _ := rt.Find("GET", u, nil)
			if route == nil {
				t.Errorf("%s: no route (seed %d)", path, seed)
				continue
			}
			for i := range got {
				if got[i] = unescape(got[i]); got[i] != values[i] {
					t.Errorf("%s: got %q, want %q (seed %d)", path, got, values, seed)
					break
				}
			}
		}
	}
	if sent < 12000 {
		t.Errorf("%d of 18000 paths have a spelling", sent)
	}
	for _, test := range []struct {
		template, want string
		values         []string
	}{
		{"/{a}.{b}", "/x.tar%2Egz", []string{"x", "tar.gz"}}, {"/{a}-{b}", "/2026-01-02-2026%2D01%2D03", []string{"2026-01-02", "2026-01-03"}},
		{"/{a}.{b}", "/a.b.json", []string{"a.b", "json"}}, {"/{a}{b}", "", []string{"a", "b"}},
	} {
		op := &Operation{Path: test.template, Parameters: []Parameter{{Name: "a", In: "path"}, {Name: "b", In: "path"}}}
		if path, err := op.fill(test.values); path != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s %q: %q, %v; want %q", test.template, test.values, path, err, test.want)
		}
	}
}

// A path that a router would take for another operation is an error.
func TestPreferred(t *testing.T) {
	op := &Operation{
		Path: "/users/{id}", Preferred: []string{"/users/me", "/users/{id}.json"}, Parameters: []Parameter{{Name: "id", In: "path"}},
	}
	for id, want := range map[string]string{
		"you": "/users/you", "me": "", "%6De": "", "me2": "/users/me2", "a.json": "", "a%2Ejson": "/users/a%2Ejson", "a.jsonx": "/users/a.jsonx",
	} {
		path, err := op.fill([]string{id})
		if path != want || (err == nil) != (want != "") || err != nil && !strings.Contains(err.Error(), "another operation") {
			t.Errorf("%s: %q, %v; want %q", id, path, err, want)
		}
	}
}
