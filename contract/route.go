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
type router struct {
	mux     *http.ServeMux // of endpoints
	methods []string       // all methods of the document, sorted
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
	rt := &router{mux: http.NewServeMux()}
	for i := range operations {
		op := &operations[i]
		e := &endpoint{Operation: op, known: knownQuery(op), challenge: challenges(op)}
		rt.mux.Handle(op.Method+" "+e.template(basePath+op.Path), e)
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

// find returns the operation of a request and its path parameters, unescaped. If there is none, allow lists the methods
// that the path has; it is empty if the document does not know the path.
//
// Unlike ServeMux, find does not ask for another request if the path is not clean: no path of the document matches "."
// and "..", and an empty segment is an empty path parameter, which is then reported as a missing one.
func (rt *router) find(method string, u *url.URL) (e *endpoint, path map[string]string, allow []string) {
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
	path = make(map[string]string, len(e.wildcards))
	for name, i := range e.wildcards {
		path[name], _ = url.PathUnescape(segments[i]) // EscapedPath is a valid encoding
	}
	return e, path, nil
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
