package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A router finds the operation that a request asks for.
//
// It leaves the choice to [http.ServeMux] with the patterns that generated servers register, up to the names of the
// wildcards, so that this package never checks a request against another operation than the one that then serves it.
//
// ServeMux says which patterns conflict, and which path a pattern matches. What it does for usual paths is done here once more,
// in a tree, as ServeMux makes something for each request.
type router struct {
	mux     *http.ServeMux // of endpoints
	methods []string       // all methods of the document, sorted
	trees   map[string]*tree
}

// A tree has the operations of a method by the segments of their paths.
type tree struct {
	endpoint *endpoint
	literals map[string]*tree
	wildcard *tree
}

// An endpoint is an operation together with what is worked out once instead of with each request.
type endpoint struct {
	*Operation
	wildcards map[string]int // path parameter → index of its segment, base path included
	known     func(query string) bool
	challenge []string // WWW-Authenticate
}

// newRouter panics if the operations cannot be told apart or ask for what this package cannot check. The generator
// refuses such documents.
func newRouter(basePath string, operations []Operation) *router {
	if basePath != "" && (basePath[0] != '/' || strings.HasSuffix(basePath, "/") || strings.Contains(basePath, "{")) {
		panic(fmt.Sprintf("contract: base path %q: want none, or a path such as /client/v4", basePath))
	}
	rt := &router{mux: http.NewServeMux(), trees: map[string]*tree{}}
	for i := range operations {
		op := &operations[i]
		e := &endpoint{Operation: op, known: knownQuery(op), challenge: challenges(op)}
		rt.mux.Handle(op.Method+" "+e.template(basePath+op.Path), e)
		if rt.trees[op.Method] == nil {
			rt.trees[op.Method] = &tree{}
		}
		rt.trees[op.Method].add(strings.Split(basePath+op.Path, "/")[1:], e)
		if !slices.Contains(rt.methods, op.Method) {
			rt.methods = append(rt.methods, op.Method)
		}
	}
	slices.Sort(rt.methods)
	return rt
}

// template turns a path template into a pattern of ServeMux, whose wildcards must be Go identifiers and whole segments.
func (e *endpoint) template(path string) string {
	e.wildcards = make(map[string]int)
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		name, opened := strings.CutPrefix(segment, "{")
		name, closed := strings.CutSuffix(name, "}")
		switch {
		case opened && closed && !strings.ContainsAny(name, "{}"):
			segments[i] = fmt.Sprintf("{p%d}", i)
			e.wildcards[name] = i
		case strings.ContainsAny(segment, "{}"):
			panic(fmt.Sprintf("contract: %s: path %s: a parameter must be a whole segment", e.ID, e.Path))
		}
	}
	for i := range e.Parameters {
		p := &e.Parameters[i]
		if _, ok := e.wildcards[p.Name]; p.In == "path" && !ok {
			panic(fmt.Sprintf("contract: %s: path %s has no parameter {%s}", e.ID, e.Path, p.Name))
		}
	}
	path = strings.Join(segments, "/")
	if strings.HasSuffix(path, "/") {
		path += "{$}" // a pattern that ends in a slash would match everything below it
	}
	return path
}

func (t *tree) add(segments []string, e *endpoint) {
	if len(segments) == 0 {
		t.endpoint = e
		return
	}
	next := &t.wildcard
	if !strings.HasPrefix(segments[0], "{") {
		if t.literals == nil {
			t.literals = map[string]*tree{}
		}
		next = new(t.literals[segments[0]])
		defer func() { t.literals[segments[0]] = *next }()
	}
	if *next == nil {
		*next = &tree{}
	}
	(*next).add(segments[1:], e)
}

// find prefers literals to wildcards from left to right, as ServeMux does.
func (t *tree) find(segments []string) *endpoint {
	if t == nil {
		return nil
	}
	if len(segments) == 0 {
		return t.endpoint
	}
	if e := t.literals[segments[0]].find(segments[1:]); e != nil {
		return e
	}
	return t.wildcard.find(segments[1:])
}

// find returns the operation of a request, and the segments of its path, unescaped, in room if they fit. If there is none, allow
// lists the methods that the path has; it is empty if the document does not know the path.
func (rt *router) find(method string, u *url.URL, room []string) (e *endpoint, path []string, allow []string) {
	if e, path = rt.findUsual(method, u, room[:0]); e != nil {
		return e, path, nil
	}
	return rt.findAny(method, u)
}

// findUsual is for paths that are clean, and that no wildcard matches in an unusual way.
func (rt *router) findUsual(method string, u *url.URL, path []string) (*endpoint, []string) {
	if u.RawPath != "" || u.Opaque != "" || u.Path == "" || u.Path[0] != '/' {
		return nil, nil
	}
	path = append(path, "")
	for segment := range strings.SplitSeq(u.Path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return nil, nil
		}
		path = append(path, segment)
	}
	e := rt.trees[method].find(path[1:])
	if e == nil && method == http.MethodHead {
		e = rt.trees[http.MethodGet].find(path[1:])
	}
	return e, path
}

// findAny is find for all paths.
//
// Unlike ServeMux, it does not ask for another request if the path is not clean: no path of the document matches "."
// and "..", and an empty segment is an empty path parameter, which is then reported as a missing one.
func (rt *router) findAny(method string, u *url.URL) (e *endpoint, path []string, allow []string) {
	if method == "" {
		method = http.MethodGet // in client requests
	}
	segments := strings.Split(u.EscapedPath(), "/")
	if u.Opaque != "" || segments[0] != "" { // no path that begins with a slash
		return nil, nil, nil
	}
	if slices.Contains(segments, ".") || slices.Contains(segments, "..") {
		return nil, nil, nil
	}
	if len(segments) == 1 {
		segments = []string{"", ""} // "http://host" of a client is "http://host/"
	}
	escaped := strings.Join(segments, "/")
	find := func(method string) *endpoint {
		if e := rt.lookup(method, escaped); e != nil {
			return e
		}
		return rt.lookup(method, standIn(segments))
	}
	if e = find(method); e == nil {
		for _, m := range rt.methods {
			if find(m) != nil {
				allow = append(allow, m)
				if m == http.MethodGet {
					allow = append(allow, http.MethodHead)
				}
			}
		}
		return nil, nil, allow
	}
	for i := range segments {
		segments[i], _ = url.PathUnescape(segments[i]) // EscapedPath is a valid encoding
	}
	return e, segments, nil
}

// standIn fills the empty segments of a path with a character that no path of a document has, such that they match
// path parameters and nothing else.
func standIn(segments []string) string {
	segments = slices.Clone(segments)
	for i := 1; i < len(segments); i++ {
		if segments[i] == "" {
			segments[i] = "%00"
		}
	}
	return strings.Join(segments, "/")
}

func (rt *router) lookup(method, escaped string) *endpoint {
	path, err := url.PathUnescape(escaped)
	if err != nil || strings.Contains(escaped, "//") {
		return nil
	}
	found, _ := rt.mux.Handler(&http.Request{Method: method, URL: &url.URL{Path: path, RawPath: escaped}})
	e, _ := found.(*endpoint) // or a redirect to the same path with a slash
	return e
}

// ServeHTTP is never called. It is there so that ServeMux can find endpoints.
func (*endpoint) ServeHTTP(http.ResponseWriter, *http.Request) {}
