package proxy

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

// An archive is a HAR file that grows. Each entry is written over the end of the file, followed by a new end, so that it is a whole
// archive at any time.
type archive struct {
	w       io.WriterAt
	at      int64 // where the end begins
	entries int
	err     error // the first one; nothing is written after it
}

const (
	archiveBegin = `{"log":{"version":"1.2","creator":{"name":"interconnect proxy","version":"1"},"entries":[`
	archiveEnd   = "\n]}}\n"
)

func (a *archive) begin() error { return a.write([]byte(archiveBegin)) }

func (a *archive) append(e harEntry) error {
	var text bytes.Buffer
	if a.entries > 0 {
		text.WriteByte(',')
	}
	text.WriteByte('\n')
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if a.err = encoder.Encode(e); a.err != nil {
		return a.err
	}
	a.entries++
	return a.write(bytes.TrimRight(text.Bytes(), "\n"))
}

func (a *archive) write(text []byte) error {
	_, a.err = a.w.WriteAt(append(text, archiveEnd...), a.at)
	a.at += int64(len(text))
	return a.err
}

// The members that HAR 1.2 requires, and those beside them that say something here.
type (
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"` // always empty; the header says that there were some
		Headers     []harPair `json:"headers"`
		QueryString []harPair `json:"queryString"`
		PostData    *harData  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"` // -1, unknown
		BodySize    int64     `json:"bodySize"`
	}
	harResponse struct {
		Status      int       `json:"status"` // 0 if none came
		StatusText  string    `json:"statusText"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		Content     harData   `json:"content"`
		RedirectURL string    `json:"redirectURL"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int64     `json:"bodySize"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harData struct {
		Size     *int64 `json:"size,omitempty"` // of content only
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
		Comment  string `json:"comment,omitempty"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"` // until the response begins, sending included
		Receive float64 `json:"receive"`
	}
)

// entry records the exchange without its secrets.
func (x *exchange) entry(s *secrets, sent, got body, ended time.Time) harEntry {
	r := x.request
	target := x.proxy.upstream.String() + s.scrub(r.URL.EscapedPath())
	if r.URL.RawQuery != "" {
		target += s.value("", "?"+r.URL.RawQuery)
	}
	first := x.first
	if first.IsZero() {
		first = ended
	}
	e := harEntry{
		Started: x.started.Format(time.RFC3339Nano),
		Time:    milliseconds(ended.Sub(x.started)),
		Timings: harTimings{Wait: milliseconds(first.Sub(x.started)), Receive: milliseconds(ended.Sub(first))},
		Request: harRequest{
			Method: r.Method, URL: target, HTTPVersion: r.Proto, Cookies: []harPair{}, Headers: s.pairs(r.Header),
			QueryString: []harPair{}, HeadersSize: -1, BodySize: sent.size,
		},
		Response: harResponse{Cookies: []harPair{}, Headers: []harPair{}, HeadersSize: -1, BodySize: got.size},
	}
	for p := range s.parameters(r.URL.RawQuery) {
		if name := unescaped(p.name); p.hasValue {
			e.Request.QueryString = append(e.Request.QueryString, harPair{s.scrub(name), s.value(name, unescaped(p.value))})
		}
	}
	if sent.size > 0 {
		e.Request.PostData = new(s.data(r.Header, sent))
	}
	if x.response == nil {
		e.Comment = "no response: " + s.scrub(x.failure)
		e.Response.BodySize = -1
		e.Response.Content.Size = new(int64)
		return e
	}
	e.Response.Status = x.response.StatusCode
	e.Response.StatusText = s.scrub(x.w.reason())
	e.Response.HTTPVersion = x.response.Proto
	e.Response.Headers = s.pairs(x.header)
	e.Response.RedirectURL = s.value("Location", x.header.Get("Location"))
	e.Response.Content = s.data(x.header, got)
	size := got.size
	if got.lost == nil {
		size = int64(len(got.text))
	}
	e.Response.Content.Size = &size
	return e
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// pairs are the fields of a header, sorted by name.
func (s *secrets) pairs(header http.Header) []harPair {
	pairs := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			pairs = append(pairs, harPair{s.found().Name(name, Redacted), s.value(name, value)})
		}
	}
	return pairs
}

// data is a body, or a comment on why it is not there.
func (s *secrets) data(header http.Header, b body) harData {
	d := harData{MimeType: s.scrub(header.Get("Content-Type"))}
	err := b.lost
	if err == nil && len(b.text) > 0 {
		d.Text, err = s.json(b.text)
	}
	if err != nil {
		d.Comment = "not recorded: " + err.Error()
	}
	return d
}
