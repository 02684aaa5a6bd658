// Package reference puts pages for a person in front of a sandbox: an overview at /, what goes on at /live, and below
// /docs the reference of the API with a form for each operation that calls the sandbox.
//
//	pages, err := reference.New(sandbox.New(), nil)
//	…
//	http.Serve(listener, pages)
//
// The forms are filled in with what exists in the sandbox when the page is loaded: an account, a free slot, the names
// of what was ordered. The live page shows interconnects with their states, CNIs, slots, faults, the clock, and the
// last requests with what was wrong with them, as they change; it also advances the clock, sets states, adds faults and
// starts over. Without JavaScript it is a plain page with the same forms.
//
// The pages come from the binary alone. Their Content-Security-Policy lets them load nothing from and send nothing to
// another server, so that credentials that somebody types into a form stay here, whatever the document of the API says.
// Cloudflare's server does not appear in the documents that the pages show: calls go to the server that served the
// page. Pages that show the state, and forms that change it, are kept from the pages of other sites as the control API
// is. No page shows a credential or a pairing key.
//
// This is a package of its own so that tests with a sandbox do not carry the pages.
package reference

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/inflight"
	"github.com/interconnect-go/interconnect/sandbox"
)

// A Document is an OpenAPI document to show beside that of the API.
type Document struct {
	// Name is where the document is shown, below /docs: lower-case letters, digits and dashes, such as "control". The
	// names "api" and "assets" are taken.
	Name string

	// Label is what the navigation calls the document. If not specified, it is the title of the document.
	Label string

	// YAML is the document, OpenAPI 3.0. Its servers are not looked at.
	YAML []byte

	// BasePath is the path below which the handler serves the operations of the document, such as "/_sandbox".
	BasePath string
}

// Pages is a handler that [New] returns.
type Pages struct {
	serve   http.Handler
	sandbox http.Handler
	watched watched // nil if the sandbox has no state to show
	shown   []document

	live      renderer
	listeners chan struct{} // has one for each page that listens
	ending    chan struct{} // closed by Close
	end       func()
}

// watched is what the pages ask a [sandbox.Sandbox] for.
type watched interface {
	http.Handler
	Overview(limit int) sandbox.Overview
	Changed() <-chan struct{}
	Snapshot() sandbox.Snapshot
	LocalOnly(http.Handler) http.Handler
}

// New returns a handler that serves the pages at /, /live, /docs and below the latter two, and leaves all other paths
// to fake. If fake is a [sandbox.Sandbox] or [sandbox.Server], the pages show its state. If it is another handler, such
// as [sandbox.NewExamples], there is no live page, and the forms have the examples of the document.
//
// The pages show the document of the API and then the others. If logger is not nil, it gets one line for each request
// of a page. The error says which document is invalid, and why.
func New(fake http.Handler, logger *slog.Logger, others ...Document) (*Pages, error) {
	ending := make(chan struct{})
	p := &Pages{
		sandbox:   fake,
		listeners: make(chan struct{}, maxListeners),
		ending:    ending,
		end:       sync.OnceFunc(func() { close(ending) }),
	}
	p.watched, _ = fake.(watched)
	named := map[string]bool{}
	first := Document{Name: "api", Label: "API", YAML: api.Document, BasePath: interconnect.BasePath}
	for _, d := range append([]Document{first}, others...) {
		doc, err := read(d)
		if err == nil && named[d.Name] {
			err = errors.New("the name is taken; choose another")
		}
		if err != nil {
			return nil, fmt.Errorf("reference: document %q: %w", d.Name, err)
		}
		named[d.Name] = true
		p.shown = append(p.shown, doc)
	}
	pages := p.routes()
	p.serve = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		if r.Method != http.MethodPost || p.watched == nil || !strings.HasPrefix(r.URL.Path, livePath+"/") {
			inflight.CloseUnread(w, r) // only the forms of the live page have a body
			pages.ServeHTTP(seen, r)
		} else if readForm(seen, r) {
			pages.ServeHTTP(seen, r)
		}
		if logger != nil {
			logger.LogAttrs(
				r.Context(),
				slog.LevelInfo,
				"page",
				slog.String("method", fmt.Sprintf("%.1000s", r.Method)),
				slog.String("path", fmt.Sprintf("%.1000s", r.URL.Path)),
				slog.Int("status", seen.status),
			)
		}
	})
	return p, nil
}

// ServeHTTP implements [http.Handler].
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, ours := range p.paths() {
		if r.URL.Path == ours || ours != "/" && strings.HasPrefix(r.URL.Path, ours+"/") {
			p.serve.ServeHTTP(w, r)
			return
		}
	}
	p.sandbox.ServeHTTP(w, r)
}

// paths are those at which, and below which, the pages are.
func (p *Pages) paths() []string {
	if p.watched == nil {
		return []string{"/", "/docs"}
	}
	return []string{"/", "/docs", livePath}
}

// Close ends the streams of updates that browsers listen to, which would otherwise last for as long as a page is open.
// Give it to [http.Server.RegisterOnShutdown]. Everything else is still served.
func (p *Pages) Close() { p.end() }

// A statusWriter takes note of the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] flush and set deadlines.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// routes routes to the pages. All but the forms of the live page are for GET and HEAD only.
func (p *Pages) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page("index.html", func(r *http.Request) any {
		return struct {
			view
			BaseURL, Token, Account string
		}{p.view("Network Interconnects sandbox", "/"), origin(r) + p.shown[0].BasePath, token, exampleAccount}
	}))
	first := http.RedirectHandler(p.shown[0].Page(), http.StatusFound)
	mux.Handle("GET /docs", first)
	mux.Handle("GET /docs/{$}", first)
	for _, d := range p.shown {
		mux.Handle("GET "+d.Page(), page("docs.html", func(*http.Request) any {
			return struct {
				view
				document
				Token string
			}{p.view(d.Title+": reference with forms", d.Page()), d, token}
		}))
		mux.HandleFunc("GET "+d.File(), d.file.serve)
		mux.Handle(
			"GET "+d.Forms(),
			p.localOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serveForms(w, r, d) })),
		)
	}
	mux.HandleFunc("GET /docs/assets/{name}", serveAsset)
	if p.watched != nil {
		p.routeLive(mux)
	}
	return mux
}

// localOnly protects what shows the state of the sandbox.
func (p *Pages) localOnly(h http.Handler) http.Handler {
	if p.watched == nil {
		return h
	}
	return p.watched.LocalOnly(h)
}

// A view is what all pages show.
type view struct {
	Heading   string
	Path      string // of the page
	Documents []document
	Live      bool // whether the pages know the state of a sandbox, and one shows it live

	OwnTokens, Denied bool // see [sandbox.Overview]
}

func (p *Pages) view(heading, path string) view {
	if p.watched == nil {
		return view{Heading: heading, Path: path, Documents: p.shown}
	}
	return p.viewOf(heading, path, p.watched.Overview(0))
}

func (p *Pages) viewOf(heading, path string, o sandbox.Overview) view {
	return view{
		Heading: heading, Path: path, Documents: p.shown,
		Live: true, OwnTokens: o.OwnTokens, Denied: o.Denied,
	}
}

// serveForms sends the document that the forms of a page are made of.
func (p *Pages) serveForms(w http.ResponseWriter, r *http.Request, d document) {
	var v values
	var err error
	if p.watched != nil {
		v = newValues(p.watched.Overview(formLimit))
		if slices.ContainsFunc(d.Operations, func(op operation) bool { return op.ID == restoreSnapshot }) {
			v, err = v.withSnapshot(p.watched.Snapshot())
		}
	}
	var text []byte
	if err == nil {
		text, err = d.fill(v)
	}
	if err != nil {
		http.Error(w, "The forms could not be filled in: "+err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, r, "application/json", text)
}

const policy = "Content-Security-Policy"

// protect keeps a page and what it loads away from other servers, and out of their frames.
func protect(h http.Header) {
	// Swagger UI has its icons in its style sheet, as data.
	h.Set(policy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
}

// token is what the forms call the sandbox with, unless somebody types something else. A sandbox takes any token by
// default.
const token = "sandbox"

//go:embed pages
var sources embed.FS

var templates = template.Must(template.New("pages").Funcs(functions).ParseFS(sources, "pages/*.html"))

// page fills in a template for each request.
func page(name string, data func(*http.Request) any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, name, data(r)); err != nil {
			http.Error(w, "The page could not be made.", http.StatusInternalServerError)
			return
		}
		send(w, r, "text/html; charset=utf-8", b.Bytes())
	})
}

// send sends something that is different each time, so that it is not to be kept.
func send(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	sendStatus(w, r, http.StatusOK, contentType, body)
}

func sendStatus(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// origin is the address by which the reader knows this server.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
