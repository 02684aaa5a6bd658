package contract

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/wire"
)

// The wiring of code that was written for oapi-codegen's std-http-server output.

// A Mux is what [Mount] adds patterns to, such as an [http.ServeMux].
type Mux interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
	http.Handler
}

// Mount is for generated code: it puts middlewares around a handler of operations, the last of which is the outermost,
// for requests that have an operation; [http.Request.PathValue] has their path parameters. Without a mux it returns the
// result. Otherwise it adds the patterns of the operations to the mux, and returns that. Where templates overlap, such as
// /a/{x}/c and /a/b/{y}, an [http.ServeMux] would panic; it gets a pattern for both then, /a/{x}/{y}, and the handler
// responds to what neither of them matches.
func Mount[M ~func(http.Handler) http.Handler](operations []Operation, basePath string, h http.Handler, middlewares []M, mux Mux) http.Handler {
	if len(middlewares) > 0 {
		h = wrapped(wire.NewRouter(basePath, operations), h, middlewares)
	}
	if mux == nil {
		return h
	}
	for _, p := range muxPatterns(operations) {
		mux.HandleFunc(p.method+" "+basePath+strings.Join(p.segments, "/"), h.ServeHTTP)
	}
	return mux
}

func wrapped[M ~func(http.Handler) http.Handler](router *wire.Router, h http.Handler, middlewares []M) http.Handler {
	chain := h
	for _, m := range middlewares {
		chain = m(chain)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, values, _ := router.Find(r.Method, r.URL, nil)
		if route == nil {
			h.ServeHTTP(w, r)
			return
		}
		route.PathValues(values, r.SetPathValue)
		chain.ServeHTTP(w, r)
	})
}

// A muxPattern is a pattern of [http.ServeMux], which has parameters for whole segments only.
type muxPattern struct {
	method   string
	segments []string // parameters are named after their positions, so that those of the same form are the same
}

// muxPatterns are patterns for the operations that do not conflict with each other.
func muxPatterns(operations []Operation) []muxPattern {
	var patterns []muxPattern
	add := func(p muxPattern) {
		if !slices.ContainsFunc(patterns, func(other muxPattern) bool {
			return other.method == p.method && slices.Equal(other.segments, p.segments)
		}) {
			patterns = append(patterns, p)
		}
	}
	for i := range operations {
		add(muxPattern{operations[i].Method, muxSegments(operations[i].Path)})
	}
	for i := 0; i < len(patterns); i++ {
		for j := range i {
			if a, b := patterns[i], patterns[j]; a.conflicts(b) {
				patterns = slices.Delete(slices.Delete(patterns, i, i+1), j, j+1)
				add(muxPattern{a.method, a.join(b)})
				add(muxPattern{b.method, a.join(b)})
				i = -1 // this ends, as each time there are more parameters
				break
			}
		}
	}
	return patterns
}

// conflicts reports whether an [http.ServeMux] cannot decide between two patterns: there are requests that match both, and
// neither is more specific.
func (p muxPattern) conflicts(other muxPattern) bool {
	if p.method == http.MethodGet && other.method == http.MethodHead {
		return other.conflicts(p)
	}
	fewer := p.method == http.MethodHead && other.method == http.MethodGet // a HEAD matches both
	if len(p.segments) != len(other.segments) || p.method != other.method && !fewer {
		return false
	}
	more := false // specific is the other one
	for i, a := range p.segments {
		switch b := other.segments[i]; {
		case a == b:
		case isMuxParameter(b):
			fewer = true
		case isMuxParameter(a):
			more = true
		default:
			return false // no request matches both
		}
	}
	return fewer && more
}

// join is the path of a pattern that matches what either of two does.
func (p muxPattern) join(other muxPattern) []string {
	joined := slices.Clone(p.segments)
	for i, segment := range other.segments {
		if isMuxParameter(segment) {
			joined[i] = segment
		}
	}
	return joined
}

func isMuxParameter(segment string) bool { return strings.HasPrefix(segment, "{p") }

// muxSegments are the segments of a path template in a pattern.
func muxSegments(path string) []string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if strings.Contains(segment, "{") {
			segments[i] = "{p" + strconv.Itoa(i) + "}"
		}
	}
	if last := len(segments) - 1; segments[last] == "" {
		segments[last] = "{$}"
	}
	return segments
}

// WriteErrors is for generated code: it makes a [HandlerOptions.WriteFailure] that calls other functions where they are
// not nil: one for parameters that violate the document, one for bodies, and one for errors of the implementation.
func WriteErrors(
	parameters, body, implementation func(w http.ResponseWriter, r *http.Request, err error),
) func(http.ResponseWriter, *http.Request, *Failure) {
	return func(w http.ResponseWriter, r *http.Request, f *Failure) {
		aboutBody := slices.ContainsFunc(f.Violations, func(v Violation) bool { return v.In == "body" || v.In == "form" })
		switch {
		case f.Err != nil && f.Status >= 500 && implementation != nil:
			implementation(w, r, f.Err)
		case f.Status == http.StatusBadRequest && aboutBody && body != nil:
			body(w, r, f)
		case f.Status == http.StatusBadRequest && parameters != nil:
			parameters(w, r, f)
		default:
			WriteProblem(w, r, f)
		}
	}
}
