package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const (
	account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	token   = "T0k3n-that-nobody-may-see"
)

// server counts the requests of each method that arrive.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	count map[string]int
}

func newServer(t *testing.T, handler http.Handler) *server {
	t.Helper()
	s := &server{count: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.count[r.Method]++
		s.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) wantCount(t *testing.T, method string, want int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count[method] != want {
		t.Errorf("%d times %s arrived, want %d", s.count[method], method, want)
	}
}

// newClient returns a client that waits a millisecond where others wait a second, on connections of its own.
func newClient(t *testing.T, url string, opts ...client.Option) *client.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(account, append([]client.Option{
		client.WithBaseURL(url), client.WithToken(token), client.WithLogger(nil),
		client.WithBackoff(time.Millisecond, time.Millisecond),
		client.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newSandbox(t *testing.T, opts ...sandbox.Option) (*sandbox.Sandbox, *server, *client.Client) {
	t.Helper()
	sb := sandbox.New(opts...)
	s := newServer(t, sb)
	return sb, s, newClient(t, s.URL+interconnect.BasePath)
}

// freeOrder is an order for the first slot, which is free.
func freeOrder() interconnect.InterconnectCreate {
	return interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{SlotID: sandbox.Catalogue("")[0].ID})
}

func order(t *testing.T, c *client.Client) interconnect.PhysicalInterconnect {
	t.Helper()
	ordered, err := c.CreateInterconnect(t.Context(), freeOrder())
	if err != nil {
		t.Fatal(err)
	}
	return ordered.Value().(interconnect.PhysicalInterconnect)
}

// answer is a handler that always says the same.
func answer(status int, header http.Header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func noSleep(context.Context, time.Duration) error { return nil }
