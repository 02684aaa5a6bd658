package reference

// The live page: what goes on in the sandbox, as a page that works by itself, and as a stream of the sections that
// change. Its forms go through the control API, in the name of the same client, so that they can do no more and are
// checked no less.

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/inflight"
	"github.com/interconnect-go/interconnect/sandbox"
)

// These bound what the page shows and what it costs to keep it up to date.
const (
	maxShown     = 100      // objects of each kind
	maxListeners = 16       // pages that are open at the same time
	maxForm      = 16 << 10 // bytes

	tick         = time.Second            // between two looks at what time changes
	pause        = 100 * time.Millisecond // at least, between two renderings
	writeTimeout = 10 * time.Second       // for a browser to take an update
	formTimeout  = 10 * time.Second       // for a browser to send a form
	reconnect    = 2 * time.Second        // for a browser to wait before it listens again
)

// ---- What the page shows ----

// A liveView is what the live page shows.
type liveView struct {
	view
	sandbox.Overview
	Interconnects []shownInterconnect
	Faults        []shownFault
	Requests      []shownRequest
	Operations    []operation
	Presets       []preset
	Alert         string // why the last form was refused
}

type shownInterconnect struct {
	Account, Name, State, Reason, Where, Speed, Slot string
	Set                                              bool
	Created                                          time.Time
}

type shownFault struct{ Operation, Text string }

type shownRequest struct {
	sandbox.Request
	Name  string // what was asked for
	Class string // of the status, such as s4
}

// Duration is how long it took, in a few digits.
func (r shownRequest) Duration() string {
	unit := time.Microsecond
	if r.Took >= 10*time.Millisecond {
		unit = time.Millisecond
	}
	return r.Took.Round(unit).String()
}

// Drift says how far the clock has been advanced.
func (v liveView) Drift() string {
	switch {
	case v.Advanced > 0:
		return v.Advanced.String() + " ahead of this machine"
	case v.Advanced < 0:
		return (-v.Advanced).String() + " behind this machine"
	}
	return "not advanced"
}

func (p *Pages) liveView(alert string) liveView {
	o := p.watched.Overview(maxShown)
	v := liveView{
		view:       p.viewOf("What goes on in the sandbox", livePath, o),
		Overview:   o,
		Operations: p.shown[0].Operations,
		Presets:    presets,
		Alert:      alert,
	}
	for _, ic := range o.Interconnects {
		v.Interconnects = append(v.Interconnects, showInterconnect(ic))
	}
	for _, f := range o.Faults {
		v.Faults = append(v.Faults, shownFault{f.Operation, describe(f.Fault)})
	}
	for _, r := range o.Requests {
		name := r.Operation
		switch {
		case name != "":
		case strings.HasPrefix(r.Path, sandbox.ControlPath+"/"):
			name = "control API"
		default:
			name = "no operation of the API"
		}
		v.Requests = append(v.Requests, shownRequest{r, name, "s" + strconv.Itoa(r.Status/100)})
	}
	return v
}

func showInterconnect(ic sandbox.InterconnectOverview) shownInterconnect {
	shown := shownInterconnect{Account: ic.Account, Name: ic.Name, Set: ic.StatusSet, Created: ic.Created}
	switch v := ic.Interconnect.Value().(type) {
	case interconnect.PhysicalInterconnect:
		shown.Where, shown.Speed, shown.Slot = v.Site+", "+v.Facility.Name, v.Speed, v.SlotID.String()
	case interconnect.GCPPartnerInterconnect:
		shown.Where = "Google Cloud " + v.Region
		if v.Speed != nil {
			shown.Speed = string(*v.Speed)
		}
	}
	reason := func(r *string) string {
		if r == nil {
			return "no reason given"
		}
		return *r
	}
	switch s := ic.Status.Value().(type) {
	case interconnect.StatusPending:
		shown.State = "Pending"
	case interconnect.StatusHealthy:
		shown.State = "Healthy"
	case interconnect.StatusUnhealthy:
		shown.State, shown.Reason = "Unhealthy", reason(s.Reason)
	case interconnect.StatusDown:
		shown.State, shown.Reason = "Down", reason(s.Reason)
	}
	return shown
}

// describe says what a fault does, without the texts and headers that somebody gave it.
func describe(f sandbox.Fault) string {
	var does []string
	if f.Delay > 0 {
		does = append(does, "waits "+f.Delay.String())
	}
	if f.Drop {
		does = append(does, "drops the connection")
	}
	if f.Status != 0 {
		does = append(does, strings.TrimSpace(fmt.Sprintf("responds %d %s", f.Status, http.StatusText(f.Status))))
	}
	if f.RetryAfter > 0 {
		does = append(does, "sends Retry-After "+f.RetryAfter.String())
	}
	if len(f.Header) > 0 {
		does = append(does, "sends other headers")
	}
	if f.Malformed {
		does = append(does, "cuts the body off")
	}
	text := strings.Join(does, ", ")
	if f.AfterWork {
		text += ", after the work"
	}
	switch {
	case f.Times < 0:
		text += ", until the faults are cleared"
	case f.Times > 1:
		text += fmt.Sprintf(", %d times", f.Times)
	default:
		text += ", once"
	}
	return text
}

var functions = template.FuncMap{
	"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"date":  func(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04:05") },
	"clock": func(t time.Time) string { return t.UTC().Format("15:04:05") },
}

// ---- The page ----

const livePath = "/live"

// routeLive adds the live page. Everything that it shows and does is protected as the control API is.
func (p *Pages) routeLive(mux *http.ServeMux) {
	handle := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, p.localOnly(h)) }
	handle("GET "+livePath, func(w http.ResponseWriter, r *http.Request) { p.serveLive(w, r, http.StatusOK, "") })
	handle("GET "+livePath+"/events", p.serveEvents)
	handle("POST "+livePath+"/clock", p.form(func(f url.Values) (change, error) {
		return change{http.MethodPost, []string{"clock", "advance"}, map[string]any{"by": f.Get("by")}}, nil
	}))
	handle("POST "+livePath+"/status", p.form(statusChange))
	handle("POST "+livePath+"/faults", p.form(faultChange))
	handle("POST "+livePath+"/faults/clear", p.form(func(url.Values) (change, error) {
		return change{method: http.MethodDelete, path: []string{"faults"}}, nil
	}))
	handle("POST "+livePath+"/reset", p.form(func(url.Values) (change, error) {
		return change{method: http.MethodPost, path: []string{"reset"}}, nil
	}))
}

func (p *Pages) serveLive(w http.ResponseWriter, r *http.Request, status int, alert string) {
	// Forms of this page only, and only to this server. The Origin of a form is null unless the page may name itself.
	w.Header().Set(policy, strings.Replace(w.Header().Get(policy), "form-action 'none'", "form-action 'self'", 1))
	w.Header().Set("Referrer-Policy", "same-origin")
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "live.html", p.liveView(alert)); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	sendStatus(w, r, status, "text/html; charset=utf-8", b.Bytes())
}

// ---- Updates ----

// sections are the parts of the page that change, each the name of a template and the ID of an element.
var sections = []string{"clock", "interconnects", "cnis", "faults", "slots", "requests"}

// A rendering is the sections at one moment. It is not changed.
type rendering struct {
	until <-chan struct{} // closed when something has changed since
	at    time.Time
	html  map[string]string
}

// A renderer renders the sections once for all who look on.
type renderer struct {
	mu   sync.Mutex
	last rendering
}

// render returns the sections as they are now, or were a moment ago if nothing has happened since.
func (r *renderer) render(p *Pages) (rendering, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed := p.watched.Changed()
	age := time.Since(r.last.at)
	if r.last.until == changed && age < tick {
		return r.last, nil
	}
	if age < pause {
		time.Sleep(pause - age)
		changed = p.watched.Changed()
	}
	now := rendering{until: changed, at: time.Now(), html: map[string]string{}}
	v := p.liveView("")
	for _, name := range sections {
		var b strings.Builder
		if err := templates.ExecuteTemplate(&b, name, v); err != nil {
			return rendering{}, err
		}
		now.html[name] = b.String()
	}
	r.last = now
	return now, nil
}

// serveEvents streams the sections that change, as server-sent events: each has the name of a section and its HTML. The
// first ones are all sections, so that a page that listens again has missed nothing.
func (p *Pages) serveEvents(w http.ResponseWriter, r *http.Request) {
	select {
	case p.listeners <- struct{}{}:
		defer func() { <-p.listeners }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(
			w,
			fmt.Sprintf("%d pages listen already, which is as many as can.", maxListeners),
			http.StatusServiceUnavailable,
		)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(
		time.Time{},
	) // that of the server is for a request, and ends what the client listens to
	shown := map[string]string{}
	fmt.Fprintf(w, "retry: %d\n\n", reconnect.Milliseconds())
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		now, err := p.live.render(p)
		if err != nil {
			return
		}
		_ = connection.SetWriteDeadline(time.Now().Add(writeTimeout))
		for _, name := range sections {
			if html := now.html[name]; shown[name] != html {
				if _, err := w.Write(event(name, html)); err != nil {
					return
				}
			}
		}
		maps.Copy(shown, now.html)
		if err := connection.Flush(); err != nil {
			return
		}
		select {
		case <-now.until:
		case <-ticker.C:
		case <-p.ending:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// event is one server-sent event. A line may end in several ways, and each line of the data has a field of its own.
func event(name, data string) []byte {
	var b bytes.Buffer
	b.WriteString("event: " + name + "\n")
	data = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data)
	for line := range strings.SplitSeq(data, "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// ---- Forms ----

// A change is a call of the control API.
type change struct {
	method string
	path   []string // below [sandbox.ControlPath], each part not escaped
	body   any      // nil if there is none
}

// readForm reads the body of a form, which is short, so that nothing else has to wait for it. If it cannot, it
// responds, and returns false.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(formTimeout)) // a recorder has none
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	status, problem := 0, ""
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		status, problem = http.StatusRequestTimeout, "The form did not arrive in time."
	case err != nil:
		status, problem = http.StatusBadRequest, "The form did not arrive whole."
	case len(body) > maxForm:
		status, problem = http.StatusRequestEntityTooLarge, fmt.Sprintf("The form has more than %d bytes.", maxForm)
	}
	if problem != "" {
		inflight.CloseUnread(w, r)
		http.Error(w, problem, status)
		return false
	}
	_ = connection.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(body))
	return true
}

// form turns a form into a call of the control API, in the name of whoever sent the form. If it succeeds, the browser
// goes back to the page; if not, the page says why.
func (p *Pages) form(changeOf func(url.Values) (change, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			p.serveLive(w, r, http.StatusBadRequest, "the form cannot be read: "+err.Error())
			return
		}
		c, err := changeOf(r.PostForm)
		if err != nil {
			p.serveLive(w, r, http.StatusBadRequest, err.Error())
			return
		}
		if status, problem := p.call(r, c); problem != "" {
			p.serveLive(w, r, status, problem)
			return
		}
		http.Redirect(w, r, livePath, http.StatusSeeOther)
	}
}

// call makes a change. The problem is empty if it is made.
func (p *Pages) call(r *http.Request, c change) (status int, problem string) {
	target := &url.URL{Path: sandbox.ControlPath, RawPath: sandbox.ControlPath}
	for _, part := range c.path {
		target.Path += "/" + part
		target.RawPath += "/" + url.PathEscape(part)
	}
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return http.StatusBadRequest, err.Error()
		}
	}
	call, err := http.NewRequestWithContext(r.Context(), c.method, target.String(), bytes.NewReader(body))
	if err != nil {
		return http.StatusBadRequest, err.Error()
	}
	// Who sends it, and from where, is for the control API to judge.
	call.Host, call.RemoteAddr, call.TLS = r.Host, r.RemoteAddr, r.TLS
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if values := r.Header.Values(name); values != nil {
			call.Header[name] = values
		}
	}
	if c.body != nil {
		call.Header.Set("Content-Type", "application/json")
	}
	response := &recorder{header: http.Header{}, status: http.StatusOK}
	p.sandbox.ServeHTTP(response, call)
	if response.status < http.StatusBadRequest {
		return response.status, ""
	}
	var failure control.Problem
	if err := json.Unmarshal(response.body.Bytes(), &failure); err != nil {
		return response.status, cmp.Or(http.StatusText(response.status), "the sandbox refuses it")
	}
	var details []string
	for _, e := range failure.Errors {
		details = append(details, e.Detail)
	}
	return response.status, cmp.Or(strings.Join(details, "; "), failure.Detail)
}

// A recorder keeps a response.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// statusChange sets the state of a link, or hands it back to the clock.
func statusChange(f url.Values) (change, error) {
	account, name := f.Get("account"), f.Get("name")
	if account == "" || name == "" {
		return change{}, errors.New("the form names no interconnect")
	}
	c := change{http.MethodPut, []string{"accounts", account, "interconnects", name, "status"}, nil}
	status := map[string]any{"state": f.Get("state")}
	switch f.Get("state") {
	case "":
		c.method = http.MethodDelete
		return c, nil
	case "Unhealthy", "Down":
		status["reason"] = nil
		if reason := f.Get("reason"); reason != "" {
			status["reason"] = reason
		}
	}
	c.body = status
	return c, nil
}

// A preset is a fault that the form offers.
type preset struct {
	Name, Text string
	members    map[string]any // of the fault, besides the operation
}

var presets = []preset{
	{"503", "503 Service Unavailable", map[string]any{"kind": "failure", "status": 503}},
	{"500", "500 Internal Server Error", map[string]any{"kind": "failure", "status": 500}},
	{
		"429",
		"429 Too Many Requests, Retry-After 2 s",
		map[string]any{"kind": "failure", "status": 429, "retry_after": "2s"},
	},
	{"lost", "the work is done, but the response is lost", map[string]any{"kind": "drop", "after_work": true}},
	{"drop", "the connection is dropped, nothing is done", map[string]any{"kind": "drop"}},
	{"slow", "the response takes 5 s", map[string]any{"kind": "delay", "delay": "5s"}},
	{"cut", "the body is cut off in the middle", map[string]any{"kind": "alter", "malformed": true}},
}

// faultChange adds one of the presets.
func faultChange(f url.Values) (change, error) {
	for _, preset := range presets {
		if preset.Name != f.Get("fault") {
			continue
		}
		times, err := strconv.Atoi(f.Get("times"))
		if err != nil {
			return change{}, errors.New("how often the fault hits is not a number")
		}
		fault := maps.Clone(preset.members)
		fault["operation"], fault["times"] = f.Get("operation"), times
		return change{http.MethodPost, []string{"faults"}, fault}, nil
	}
	return change{}, errors.New("the form names no fault")
}
