package client_test

// These tests speak HTTP/2 frame by frame, as no server of the standard library refuses streams.

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A rawServer answers HTTP/2 requests by one behaviour and counts them.
type rawServer struct {
	url    string
	tls    *tls.Config                       // of the client
	greet  func(*http2.Framer) error         // at the beginning of a connection; nil for nothing special
	behave func(*http2.Framer, uint32) error // to a request, whose stream it gets; an error closes the connection

	mu       sync.Mutex
	requests map[string]int // by method
	conns    []net.Conn
}

// newRawServer starts a server over TLS, or in the clear with prior knowledge.
func newRawServer(t *testing.T, clear bool, greet func(*http2.Framer) error, behave func(*http2.Framer, uint32) error) *rawServer {
	t.Helper()
	// The certificate of httptest.
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	certified.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{greet: greet, behave: behave, requests: map[string]int{}, url: "http://" + listener.Addr().String()}
	if !clear {
		s.url = "https://" + listener.Addr().String()
		s.tls = certified.Client().Transport.(*http.Transport).TLSClientConfig
		listener = tls.NewListener(listener, &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}})
	}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		s.mu.Lock()
		for _, conn := range s.conns {
			conn.Close()
		}
		s.mu.Unlock()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			serving.Go(func() { s.serve(conn) })
		}
	})
	return s
}

func (s *rawServer) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if framer.WriteSettings() != nil || s.greet != nil && s.greet(framer) != nil {
		return
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() && framer.WriteSettingsAck() != nil {
				return
			}
		case *http2.MetaHeadersFrame:
			s.mu.Lock()
			s.requests[frame.PseudoValue("method")]++
			s.mu.Unlock()
			if s.behave(framer, frame.StreamID) != nil {
				return
			}
		}
	}
}

var errClose = errors.New("close the connection")

// answerSettings answers a request of the settings.
func answerSettings(framer *http2.Framer, stream uint32) error {
	var header bytes.Buffer
	encoder := hpack.NewEncoder(&header)
	_ = encoder.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	_ = encoder.WriteField(hpack.HeaderField{Name: "content-type", Value: "application/json"})
	if err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: header.Bytes(), EndHeaders: true}); err != nil {
		return err
	}
	return framer.WriteData(stream, true, []byte(`{"default_asn":64512}`))
}

// transports are those that a caller may have, made for the TLS configuration of a server; nil for one in the clear.
var transports = map[string]func(*tls.Config) http.RoundTripper{
	"net/http": netHTTP,
	"otelhttp": func(config *tls.Config) http.RoundTripper { return otelhttp.NewTransport(netHTTP(config)) },
	"x/net/http2": func(config *tls.Config) http.RoundTripper {
		if config == nil {
			//lint:ignore SA1019 Programs that were written before net/http could do it have this transport.
			return &http2.Transport{AllowHTTP: true, DialTLSContext: func(ctx context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, address)
			}}
		}
		//lint:ignore SA1019 As above.
		return &http2.Transport{TLSClientConfig: config}
	},
}

func netHTTP(config *tls.Config) http.RoundTripper {
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	if config == nil {
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	return transport
}

// What a server does about a request, a call leaves no more often than the document of the package says: what changes
// something once, what reads as often as there are attempts, with a wait between two.
func TestHTTP2Repeats(t *testing.T) {
	behaviours := map[string]func(*http2.Framer, uint32) error{
		"REFUSED_STREAM": func(framer *http2.Framer, stream uint32) error {
			return framer.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		},
		"PROTOCOL_ERROR": func(framer *http2.Framer, stream uint32) error {
			return framer.WriteRSTStream(stream, http2.ErrCodeProtocol)
		},
		"GOAWAY": func(framer *http2.Framer, stream uint32) error {
			return framer.WriteGoAway(0, http2.ErrCodeNo, nil)
		},
		"GOAWAY and close": func(framer *http2.Framer, stream uint32) error {
			_ = framer.WriteGoAway(0, http2.ErrCodeNo, nil)
			return errClose
		},
		"GOAWAY with an error": func(framer *http2.Framer, stream uint32) error {
			_ = framer.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, []byte("calm down"))
			return errClose
		},
		"close": func(*http2.Framer, uint32) error { return errClose },
	}
	for name, behave := range behaviours {
		for kind, transport := range transports {
			for _, clear := range []bool{false, true} {
				scheme := map[bool]string{false: "https", true: "http"}[clear]
				t.Run(strings.Join([]string{name, kind, scheme}, "/"), func(t *testing.T) {
					t.Parallel()
					s := newRawServer(t, clear, nil, behave)
					pauses := 0
					rt := transport(s.tls)
					c := newClient(t, s.url, client.WithHTTPClient(&http.Client{Transport: rt}),
						client.WithSleep(func(context.Context, time.Duration) error { pauses++; return nil }))
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()

					_, read := c.GetSettings(ctx)
					deletion := c.DeleteCNI(ctx, uuid.New())
					_, order := c.CreateInterconnect(ctx, freeOrder())
					_, update := c.UpdateSettings(ctx, interconnect.SettingsUpdate{})
					for method, err := range map[string]error{"DELETE": deletion, "POST": order, "PUT": update} {
						var unknown *client.UnknownOutcomeError
						if !errors.As(err, &unknown) {
							t.Errorf("%s: got %v, want an UnknownOutcomeError", method, err)
						}
						s.wantRequests(t, method, 1)
					}
					if read == nil || ctx.Err() != nil {
						t.Errorf("GET: got %v, %v", read, ctx.Err())
					}
					s.wantRequests(t, "GET", client.DefaultMaxAttempts)
					if pauses != client.DefaultMaxAttempts-1 {
						t.Errorf("paused %d times, want %d", pauses, client.DefaultMaxAttempts-1)
					}
				})
			}
		}
	}
}

func (s *rawServer) wantRequests(t *testing.T, method string, want int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.requests[method]; got != want {
		t.Errorf("%d times %s arrived, want %d", got, method, want)
	}
}

// Connections that a server abandons before a request can be sent are bounded too. As nothing has left, the outcome is
// known.
func TestHTTP2WithoutUsableConnection(t *testing.T) {
	goAway := func(framer *http2.Framer) error {
		_ = framer.WriteGoAway(0, http2.ErrCodeNo, nil)
		return errClose
	}
	for kind, transport := range transports {
		t.Run(kind, func(t *testing.T) {
			s := newRawServer(t, false, goAway, nil)
			c := newClient(t, s.url, client.WithHTTPClient(&http.Client{Transport: transport(s.tls)}), client.WithSleep(noSleep))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			for name, call := range mutations(ctx, c) {
				var unknown *client.UnknownOutcomeError
				if err := call(); err == nil || ctx.Err() != nil || errors.As(err, &unknown) && strings.Contains(err.Error(), "before a request") {
					t.Errorf("%s: got %v", name, err)
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if max := 6 * client.DefaultMaxAttempts * 11; len(s.conns) > max {
				t.Errorf("%d connections, want at most %d", len(s.conns), max)
			}
		})
	}
}

// What the server has refused once may be accepted the next time.
func TestHTTP2ReadIsRetried(t *testing.T) {
	refused := 0
	s := newRawServer(t, false, nil, func(framer *http2.Framer, stream uint32) error {
		if refused++; refused < 3 {
			return framer.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		}
		return answerSettings(framer, stream)
	})
	c := newClient(t, s.url, client.WithHTTPClient(&http.Client{Transport: netHTTP(s.tls)}))
	if settings, err := c.GetSettings(t.Context()); err != nil || settings.DefaultASN != 64512 {
		t.Errorf("got %v, %v", settings, err)
	}
	s.wantRequests(t, "GET", 3)
}

// HTTP/1 connections that were used before may break all at once, and net/http tries one after the other.
func TestHTTP1Repeats(t *testing.T) {
	const connections = 20
	var mu sync.Mutex
	var broken bool
	counts := map[string]int{}
	arrived, all := 0, make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		counts[r.Method]++
		end := broken
		if arrived++; arrived == connections {
			close(all)
		}
		mu.Unlock()
		if end {
			panic(http.ErrAbortHandler)
		}
		<-all // so that each has a connection of its own
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"default_asn":64512}`)
	}))
	defer s.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	pauses := 0
	c := newClient(t, s.URL, client.WithHTTPClient(&http.Client{Transport: transport}),
		client.WithSleep(func(context.Context, time.Duration) error { pauses++; return nil }))
	var calls sync.WaitGroup
	for range connections {
		calls.Go(func() {
			if _, err := c.GetSettings(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	mu.Lock()
	broken = true
	clear(counts)
	mu.Unlock()

	if _, err := c.GetSettings(t.Context()); err == nil {
		t.Error("no error")
	}
	if err := c.DeleteCNI(t.Context(), uuid.New()); err == nil {
		t.Error("no error")
	}
	if _, err := c.UpdateSettings(t.Context(), interconnect.SettingsUpdate{}); err == nil {
		t.Error("no error")
	}
	mu.Lock()
	defer mu.Unlock()
	if counts["GET"] != client.DefaultMaxAttempts || pauses != client.DefaultMaxAttempts-1 || counts["DELETE"] != 1 || counts["PUT"] != 1 {
		t.Errorf("arrived: %v after %d pauses", counts, pauses)
	}
}

// A transport that repeats requests by itself cannot do so either, if it sends them by net/http.
func TestTransportThatRepeats(t *testing.T) {
	s := newServer(t, answer(503, http.Header{"X-Should-Retry": {"false"}}, ""))
	stubborn := roundTripper(func(r *http.Request) (resp *http.Response, err error) {
		body := []byte(nil)
		if r.Body != nil {
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
		}
		for range 5 {
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(bytes.NewReader(body))
			if resp, err = http.DefaultTransport.RoundTrip(r); err == nil && resp.StatusCode < 500 {
				break
			}
		}
		return resp, err
	})
	c := newClient(t, s.URL, client.WithHTTPClient(&http.Client{Transport: stubborn}), client.WithSleep(noSleep))
	for name, call := range mutations(t.Context(), c) {
		var unknown *client.UnknownOutcomeError
		if err := call(); !errors.As(err, &unknown) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s.wantCount(t, "POST", 2)
	s.wantCount(t, "PUT", 2)
	s.wantCount(t, "DELETE", 2)
	if _, err := c.GetSettings(t.Context()); err == nil {
		t.Error("no error")
	}
	s.wantCount(t, "GET", client.DefaultMaxAttempts)
}

// A transport may send requests of its own before, such as for a token.
func TestTransportWithRequestsOfItsOwn(t *testing.T) {
	tokens := newServer(t, answer(200, nil, "token"))
	s := newServer(t, answer(200, jsonHeader, `{"default_asn":64512}`))
	helpful := roundTripper(func(r *http.Request) (*http.Response, error) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, tokens.URL, nil)
		if err != nil {
			return nil, err
		}
		resp, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
		return http.DefaultTransport.RoundTrip(r)
	})
	c := newClient(t, s.URL, client.WithHTTPClient(&http.Client{Transport: helpful}))
	if _, err := c.UpdateSettings(t.Context(), interconnect.SettingsUpdate{}); err != nil {
		t.Error(err)
	}
	tokens.wantCount(t, "POST", 1)
	s.wantCount(t, "PUT", 1)
}
