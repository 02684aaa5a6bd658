package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// A goal of ours, as a ratio to the unit in time and in allocations; 0 for none of these. The ratios are for Go 1.26.
type goal struct {
	ratio  float64
	allocs float64
}

func (g goal) String() string {
	if g.ratio == 0 {
		return fmt.Sprintf("(%.0f)", g.allocs)
	}
	return fmt.Sprintf("%.2f (%.0f)", g.ratio, g.allocs)
}

// A bench measures one thing that all peers do alike.
type bench struct {
	name string
	goal goal
	// prepare returns what a peer does once, nil if it cannot do it. The error says that it does it wrong.
	prepare func(peer) (func(), error)
}

var benches = []bench{
	{"server, create physical, with recorder", goal{0.65, 15}, served("POST", createPhysical, physical, 0)},
	{"server, create, handler alone", goal{0.35, 5}, servedAlone("POST", createPhysical, physical)},
	{"server, create GCP, with recorder", goal{0.65, 14}, served("POST", createGCP, gcp, 0)},
	{"server, invalid create, with recorder", goal{0.75, 26}, refused(createInvalid)},
	{"server, list of 100, with recorder", goal{0.45, 12}, served("GET", "", listOf(100), 100)},
	{"client, decode list of 100", goal{0.22, 212}, decoded(listOf(100))},
	{"client, list of 100, in-memory transport", goal{0, 300}, called(listOf(100), 100)},
}

const path = "/accounts/" + account + "/cni/interconnects"

// target is parsed once: what a server does before it calls a handler is not measured.
var target = &url.URL{Path: path}

func newRequest(method, text string) *http.Request {
	r := &http.Request{
		Method: method, URL: target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "example.com", RequestURI: path,
		Header: header, Body: http.NoBody,
	}
	if text != "" {
		r.Body, r.ContentLength = &body{*strings.NewReader(text)}, int64(len(text))
	}
	return r
}

var header = http.Header{"Authorization": {"Bearer any-token"}, "Content-Type": {"application/json"}}

type body struct{ strings.Reader }

func (*body) Close() error { return nil }

// served sends a new request to a new recorder each time.
func served(method, body, want string, items int) func(peer) (func(), error) {
	return func(p peer) (func(), error) {
		if p.server == nil {
			return nil, nil
		}
		handler := p.server(items)
		run := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, newRequest(method, body))
			return w
		}
		w := run()
		return func() { run() }, p.check(w.Code, w.Body.String(), want)
	}
}

// check wants the response that every peer gives; the floor has one response for all.
func (p peer) check(status int, got, want string) error {
	if status != http.StatusOK {
		return fmt.Errorf("%s answers %d: %s", p.name, status, got)
	}
	if p.name == "floor" {
		return nil
	}
	if a, b := normal(got), normal(want); a != b {
		return fmt.Errorf("%s answers\n%s\nwant\n%s", p.name, a, b)
	}
	return nil
}

// normal sorts the members.
func normal(text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err.Error() + ": " + text
	}
	b, _ := json.Marshal(v) // what was unmarshaled can be marshaled
	return string(b)
}

// A sink is a response writer that is used again and again.
type sink struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { return s.body.Write(b) }

// servedAlone uses request and writer again, so that what is left is the handler's.
func servedAlone(method, body, want string) func(peer) (func(), error) {
	return func(p peer) (func(), error) {
		if p.server == nil {
			return nil, nil
		}
		handler := p.server(0)
		r := newRequest(method, body)
		reader := strings.NewReader(body)
		closer := io.NopCloser(reader)
		w := &sink{header: http.Header{}}
		run := func() {
			reader.Reset(body)
			r.Body, r.Pattern = closer, ""
			clear(w.header)
			w.status = http.StatusOK
			w.body.Reset()
			handler.ServeHTTP(w, r)
		}
		run()
		return run, p.check(w.status, w.body.String(), want)
	}
}

// refused sends what is not valid. The unit does not notice; the others must.
func refused(body string) func(peer) (func(), error) {
	return func(p peer) (func(), error) {
		if p.server == nil {
			return nil, nil
		}
		handler := p.server(0)
		run := func() int {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, newRequest("POST", body))
			return w.Code
		}
		code := run()
		want := http.StatusBadRequest
		if p.name == "floor" || p.name == "hand" {
			want = http.StatusOK
		}
		if code != want {
			return nil, fmt.Errorf("%s answers %d to an invalid request, want %d", p.name, code, want)
		}
		return func() { run() }, nil
	}
}

func decoded(text string) func(peer) (func(), error) {
	return func(p peer) (func(), error) {
		if p.decode == nil {
			return nil, nil
		}
		body := []byte(text)
		return func() { _ = p.decode(body) }, p.decode(body)
	}
}

// called makes a whole call by the peer's client, which gets the response without a network.
func called(text string, items int) func(peer) (func(), error) {
	return func(p peer) (func(), error) {
		if p.client == nil {
			return nil, nil
		}
		call, err := p.client(memory(text))
		if err != nil {
			return nil, err
		}
		n, err := call(context.Background())
		if err == nil && n != items {
			err = fmt.Errorf("%s lists %d interconnects, want %d", p.name, n, items)
		}
		return func() { _, _ = call(context.Background()) }, err
	}
}

// A memory is a transport that gives the same response to each request.
type memory string

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: &body{*strings.NewReader(string(m))},
		ContentLength: int64(len(m)), Request: r,
	}, nil
}
