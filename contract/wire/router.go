package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Router finds the operation that a request is for. Text in a path goes before parameters, from left to right, as OpenAPI demands; among
// segments with parameters, the one with more text goes first.
type Router struct {
	root    routes
	methods []string // of the document, sorted
}

// routes are what may follow a part of a path.
type routes struct {
	endpoints map[string][]*Route // by method; those that demand more of the query first
	literals  map[string]*routes
	patterns  []pattern // those with more text first
}

// A pattern is a segment with parameters: text, parameter, text, parameter, …, text.
type pattern struct {
	texts []string // one more than there are parameters
	next  *routes
}

// A Route is an operation as a router knows it.
type Route struct {
	*Operation
	parameters []int // of each parameter in the path, in its order, the index in Operation.Parameters; -1 if it is not declared
	query      url.Values
	successes  []*Response // those that a client hopes for
	bodiless   bool        // one of them has no body
	negotiable bool        // one of them has several media types
	forms      map[*Content]*form
}

// prepare finds the responses that a client hopes for: successes or, if the document declares none, the default.
func (r *Route) prepare() {
	r.prepareForms()
	for _, class := range []string{"2", "d"} {
		for i := range r.Responses {
			response := &r.Responses[i]
			if !strings.HasPrefix(response.Status, class) || len(r.successes) > 0 && class == "d" {
				continue
			}
			r.successes = append(r.successes, response)
			r.bodiless = r.bodiless || len(response.Content) == 0
			r.negotiable = r.negotiable || len(response.Content) > 1
		}
	}
}

// Acceptable reports whether a request accepts what a success may be. One without a body is always acceptable.
func (r *Route) Acceptable(header http.Header) bool {
	return r.bodiless || len(r.successes) == 0 || len(header["Accept"]) == 0 || slices.ContainsFunc(r.successes, func(response *Response) bool {
		return Acceptable(response.Content, header)
	})
}

// Negotiable reports whether a success has several media types to choose from.
func (r *Route) Negotiable() bool { return r.negotiable }

// SuccessTypes lists the media types that a success may have.
func (r *Route) SuccessTypes() []string {
	var names []string
	for _, response := range r.successes {
		for i := range response.Content {
			if name := response.Content[i].MediaType; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// NewRoute is the route of an operation without a path, which is found in another way than by a router.
func NewRoute(op *Operation) *Route {
	r := &Route{Operation: op}
	r.prepare()
	r.prepareForms()
	return r
}

// prepareForms computes how the forms that the operation takes are spelled.
func (r *Route) prepareForms() {
	if r.Body == nil {
		return
	}
	for i := range r.Body.Content {
		if c := &r.Body.Content[i]; c.Kind == Form || c.Kind == Multipart {
			if r.forms == nil {
				r.forms = map[*Content]*form{}
			}
			r.forms[c] = c.form()
		}
	}
}

// NewRouter makes a router for operations below a path, such as "/client/v4", which has no slash at its end. It panics if that or the path of
// an operation is not a path; the generator refuses such documents.
func NewRouter(basePath string, operations []Operation) *Router {
	if basePath != "" && (basePath[0] != '/' || strings.HasSuffix(basePath, "/") || strings.ContainsAny(basePath, "{?#")) {
		panic(fmt.Sprintf("contract: base path %q: want none, or a path such as /client/v4", basePath))
	}
	rt := &Router{}
	for i := range operations {
		rt.add(basePath, &operations[i])
	}
	slices.Sort(rt.methods)
	return rt
}

func (rt *Router) add(basePath string, op *Operation) {
	if op.Path == "" || op.Path[0] != '/' {
		panic(fmt.Sprintf("contract: %s: path %q: want a path that begins with a slash", op.ID, op.Path))
	}
	route := NewRoute(op)
	if len(op.Query) > 0 {
		route.query = url.Values{}
		for i := 0; i+1 < len(op.Query); i += 2 {
			route.query.Add(op.Query[i], op.Query[i+1])
		}
	}
	at := &rt.root
	for segment := range strings.SplitSeq((basePath + op.Path)[1:], "/") {
		texts, names := splitSegment(segment)
		if len(names) == 0 {
			if at.literals == nil {
				at.literals = map[string]*routes{}
			}
			if at.literals[segment] == nil {
				at.literals[segment] = &routes{}
			}
			at = at.literals[segment]
			continue
		}
		for _, name := range names {
			route.parameters = append(route.parameters, slices.IndexFunc(op.Parameters, func(p Parameter) bool { return p.In == "path" && p.Name == name }))
		}
		at = at.pattern(texts)
	}
	if at.endpoints == nil {
		at.endpoints = map[string][]*Route{}
	}
	at.endpoints[op.Method] = append(at.endpoints[op.Method], route)
	slices.SortStableFunc(at.endpoints[op.Method], func(a, b *Route) int { return len(b.query) - len(a.query) })
	if !slices.Contains(rt.methods, op.Method) {
		rt.methods = append(rt.methods, op.Method)
	}
}

// splitSegment splits a segment of a template into the text around its parameters, and their names.
func splitSegment(segment string) (texts, names []string) {
	for {
		before, after, found := strings.Cut(segment, "{")
		texts = append(texts, before)
		if !found {
			return texts, names
		}
		name, rest, _ := strings.Cut(after, "}")
		names = append(names, name)
		segment = rest
	}
}

// pattern returns what follows a segment with parameters.
func (r *routes) pattern(texts []string) *routes {
	for i := range r.patterns {
		if slices.Equal(r.patterns[i].texts, texts) {
			return r.patterns[i].next
		}
	}
	p := pattern{texts: texts, next: &routes{}}
	r.patterns = append(r.patterns, p)
	slices.SortStableFunc(r.patterns, func(a, b pattern) int { return b.text() - a.text() })
	return p.next
}

// text is how much text a pattern has.
func (p *pattern) text() int {
	n := 0
	for _, text := range p.texts {
		n += len(text)
	}
	return n
}

// Find returns the operation of a request, and the values of the parameters in its path as they are spelled there, in room if they fit. If there
// is none, allow lists the methods that the path has; it is empty if the document does not know the path.
//
// HEAD is served by the operation of GET if there is none for it. No path of a document matches the segments "." and "..".
func (rt *Router) Find(method string, u *url.URL, room []string) (route *Route, values []string, allow []string) {
	path := escapedPath(u)
	if path == "" {
		path = "/" // "http://host" is "http://host/"
	}
	if u.Opaque != "" || path[0] != '/' {
		return nil, nil, nil
	}
	if method == "" {
		method = http.MethodGet // in requests of a client
	}
	if route, values = rt.find(method, path, u.RawQuery, room[:0]); route != nil {
		return route, values, nil
	}
	if method == http.MethodHead {
		if route, values = rt.find(http.MethodGet, path, u.RawQuery, room[:0]); route != nil {
			return route, values, nil
		}
	}
	for _, m := range rt.methods {
		if found, _ := rt.find(m, path, u.RawQuery, nil); found != nil && !slices.Contains(allow, m) {
			allow = append(allow, m)
			if m == http.MethodGet {
				allow = append(allow, http.MethodHead)
			}
		}
	}
	return nil, nil, allow
}

// escapedPath is u.EscapedPath, which costs more than what is left to do, but for paths of letters, digits and the like.
func escapedPath(u *url.URL) string {
	if u.RawPath != "" {
		return u.EscapedPath()
	}
	for i := range len(u.Path) {
		if !neverEscaped[u.Path[i]] {
			return u.EscapedPath()
		}
	}
	return u.Path
}

// neverEscaped are the unreserved characters of RFC 3986, and the slash.
var neverEscaped = func() (characters [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/") {
		characters[c] = true
	}
	return characters
}()

func (rt *Router) find(method, path, query string, values []string) (*Route, []string) {
	return rt.root.find(method, path[1:], query, values)
}

// find goes on with what is left of a path, which begins with a segment.
func (r *routes) find(method, path, query string, values []string) (*Route, []string) {
	segment, rest, more := strings.Cut(path, "/")
	if segment == "." || segment == ".." {
		return nil, nil
	}
	goOn := func(next *routes, values []string) (*Route, []string) {
		if more {
			return next.find(method, rest, query, values)
		}
		for _, route := range next.endpoints[method] {
			if route.admits(query) {
				return route, values
			}
		}
		return nil, nil
	}
	if next := r.literals[unescape(segment)]; next != nil {
		if route, values := goOn(next, values); route != nil {
			return route, values
		}
	}
	for i := range r.patterns {
		matched, ok := r.patterns[i].match(segment, values)
		if !ok {
			continue
		}
		if route, values := goOn(r.patterns[i].next, matched); route != nil {
			return route, values
		}
	}
	return nil, nil
}

// admits reports whether a query has what the path of the operation demands.
func (r *Route) admits(query string) bool {
	if len(r.query) == 0 {
		return true
	}
	values, _ := url.ParseQuery(query)
	for name, wanted := range r.query {
		for _, value := range wanted {
			if !slices.Contains(values[name], value) {
				return false
			}
		}
	}
	return true
}

func unescape(segment string) string {
	if strings.IndexByte(segment, '%') < 0 {
		return segment
	}
	text, err := url.PathUnescape(segment)
	if err != nil {
		return segment
	}
	return text
}

// match appends the values of the parameters in a segment, which may be empty. A value ends where the text after it is found last that
// leaves room for the rest.
func (p *pattern) match(segment string, values []string) ([]string, bool) {
	rest, ok := strings.CutPrefix(segment, p.texts[0])
	if !ok {
		return nil, false
	}
	last := len(p.texts) - 1
	if rest, ok = strings.CutSuffix(rest, p.texts[last]); !ok {
		return nil, false
	}
	first := len(values)
	for range last {
		values = append(values, "")
	}
	for i := last; i > 1; i-- {
		at := strings.LastIndex(rest, p.texts[i-1])
		if at < 0 {
			return nil, false
		}
		values[first+i-1], rest = rest[at+len(p.texts[i-1]):], rest[:at]
	}
	values[first] = rest
	return values, true
}

// value returns the value of a path parameter, as it is spelled in the path.
func (r *Route) value(values []string, parameter int) string {
	for i, p := range r.parameters {
		if p == parameter && i < len(values) {
			return values[i]
		}
	}
	return ""
}

// PathValues ranges over the names of the path parameters and their values, unescaped.
func (r *Route) PathValues(values []string, visit func(name, value string)) {
	for i, p := range r.parameters {
		if p >= 0 && i < len(values) {
			visit(r.Parameters[p].Name, unescape(values[i]))
		}
	}
}
