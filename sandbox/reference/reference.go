// Package reference puts pages for a reader in front of a sandbox: an overview at /, and below /docs the reference of the API
// with a form for each operation that calls the sandbox.
//
//	handler, err := reference.New(sandbox.New(), nil)
//	…
//	http.Serve(listener, handler)
//
// The pages come from the binary alone. Their Content-Security-Policy lets them load nothing from and send nothing to another
// server, so that credentials that somebody types into a form stay here, whatever the document of the API says. Cloudflare's
// server does not appear in the documents that the pages show: calls go to the server that served the page.
//
// This is a package of its own so that tests with a sandbox do not carry the pages.
package reference

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A Document is an OpenAPI document to show beside that of the API.
type Document struct {
	// Name is where the document is shown, below /docs: lower-case letters, digits and dashes, such as "control". The names "api"
	// and "assets" are taken.
	Name string

	// YAML is the document, OpenAPI 3.0. Its servers are not looked at.
	YAML []byte

	// BasePath is the path below which the handler serves the operations of the document, such as "/_sandbox".
	BasePath string
}

// New returns a handler that serves the pages at /, /docs and below /docs/, and leaves all other paths to sandbox. The pages show
// the document of the API and then the others. If logger is not nil, it gets one line for each request of a page. The error says
// which document is invalid, and why.
func New(sandbox http.Handler, logger *slog.Logger, others ...Document) (http.Handler, error) {
	var shown []document
	named := map[string]bool{}
	for _, d := range append([]Document{{Name: "api", YAML: api.Document, BasePath: interconnect.BasePath}}, others...) {
		doc, err := read(d)
		if err == nil && named[d.Name] {
			err = errors.New("the name is taken; choose another")
		}
		if err != nil {
			return nil, fmt.Errorf("reference: document %q: %w", d.Name, err)
		}
		named[d.Name] = true
		shown = append(shown, doc)
	}
	pages := newPages(shown)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; path != "/" && path != "/docs" && !strings.HasPrefix(path, "/docs/") {
			sandbox.ServeHTTP(w, r)
			return
		}
		protect(w.Header())
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		pages.ServeHTTP(seen, r)
		if logger != nil {
			logger.LogAttrs(r.Context(), slog.LevelInfo, "page", slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", seen.status))
		}
	}), nil
}

// A statusWriter takes note of the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// newPages routes to the pages, for GET and HEAD only.
func newPages(documents []document) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page(indexTemplate, func(r *http.Request) any {
		return struct {
			BaseURL, Token string
			Documents      []document
		}{origin(r) + documents[0].BasePath, token, documents}
	}))
	first := http.RedirectHandler(documents[0].Page(), http.StatusFound)
	mux.Handle("GET /docs", first)
	mux.Handle("GET /docs/{$}", first)
	for _, d := range documents {
		mux.Handle("GET "+d.Page(), page(docsTemplate, func(*http.Request) any {
			return struct {
				document
				Token     string
				Documents []document
			}{d, token, documents}
		}))
		mux.HandleFunc("GET "+d.File(), func(w http.ResponseWriter, _ *http.Request) {
			send(w, "application/yaml", d.yaml)
		})
	}
	mux.HandleFunc("GET /docs/assets/{name}", serveAsset)
	return mux
}

// protect keeps a page and what it loads away from other servers, and out of their frames.
func protect(h http.Header) {
	// Swagger UI has its icons in its style sheet, as data.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
}

// token is what the forms call the sandbox with, unless somebody types something else. A sandbox takes any token by default.
const token = "sandbox"

//go:embed index.html
var indexHTML string

//go:embed docs.html
var docsHTML string

var (
	indexTemplate = template.Must(template.New("index").Parse(indexHTML))
	docsTemplate  = template.Must(template.New("docs").Parse(docsHTML))
)

// page fills in a template for each request.
func page(t *template.Template, data func(*http.Request) any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		if err := t.Execute(&b, data(r)); err != nil {
			http.Error(w, "The page could not be made.", http.StatusInternalServerError)
			return
		}
		send(w, "text/html; charset=utf-8", b.Bytes())
	})
}

// send answers with something that the next version of the program may have otherwise, so that it is not to be kept.
func send(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body)
}

// origin is the address by which the reader knows this server.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
