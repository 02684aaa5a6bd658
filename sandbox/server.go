package sandbox

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
)

// TB is what [NewServer] needs of a [testing.TB]. It is an interface of our own so that a program that serves the sandbox does
// not get the package testing.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// A Server is a sandbox that serves on 127.0.0.1.
type Server struct {
	*Sandbox

	// URL is the address of the server, without a slash at its end. Clients that expect the path of Cloudflare's API append
	// [interconnect.BasePath]; both will do.
	URL string
}

// NewServer starts a sandbox on a free port of 127.0.0.1 for the duration of a test.
func NewServer(t TB, opts ...Option) *Server {
	t.Helper()
	s := New(opts...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("sandbox: %v", err)
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := &httptest.Server{
		Listener: listener,
		Config:   &http.Server{Handler: s, BaseContext: func(net.Listener) context.Context { return ctx }},
	}
	server.Start()
	t.Cleanup(func() {
		cancel() // ends the delays of faults, which Close would wait for
		server.Close()
	})
	return &Server{Sandbox: s, URL: server.URL}
}
