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
// result. Otherwise it adds the patterns of the operations to the mux, and returns that.
func Mount[M ~func(http.Handler) http.Handler](operations []Operation, basePath string, h http.Handler, middlewares []M, mux Mux) http.Handler {
	if len(middlewares) > 0 {
		h = wrapped(wire.NewRouter(basePath, operations), h, middlewares)
	}
	if mux == nil {
		return h
	}
	var patterns []string
	for i := range operations {
		pattern := operations[i].Method + " " + basePath + muxPath(operations[i].Path)
		if !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
			mux.HandleFunc(pattern, h.ServeHTTP)
		}
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

// muxPath is a path template as a pattern of [http.ServeMux], which has parameters for whole segments only.
func muxPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		switch {
		case !strings.Contains(segment, "{"):
		default:
			segments[i] = "{p" + strconv.Itoa(i) + "}"
		}
	}
	if path = strings.Join(segments, "/"); strings.HasSuffix(path, "/") {
		path += "{$}"
	}
	return path
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
