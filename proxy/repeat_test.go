package proxy_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"github.com/interconnect-go/interconnect/proxy"
)

// accept serves each connection of a listener until the test ends.
func accept(t *testing.T, listener net.Listener, serve func(net.Conn)) {
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
}

// A request that changes something leaves the proxy once, even if the upstream abandons a connection that was used
// before. One that reads is sent again, as the upstream may have closed the connection while it was idle.
func TestRequestsLeaveOnce(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var requests atomic.Int64
	accept(t, listener, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		for i := range 2 {
			if _, err := http.ReadRequest(reader); err != nil {
				return
			}
			requests.Add(1)
			if i == 0 {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		}
	})
	r := &rig{t: t}
	r.over("http://" + listener.Addr().String())
	for _, test := range []struct {
		method         string
		status, leaves int
	}{{"DELETE", 200, 1}, {"DELETE", 502, 1}, {"GET", 200, 1}, {"GET", 200, 2}, {"DELETE", 502, 1}} {
		before := requests.Load()
		resp, _ := r.send(test.method, path+"/interconnects/x", "")
		equal(t, test.method, resp.StatusCode, test.status)
		equal(t, "requests", int(requests.Load()-before), test.leaves)
	}
	equal(t, "recorded", len(r.archive().Log.Entries), 5)
}

// The same over HTTP/2, where net/http would repeat a deletion too.
func TestHTTP2RequestsLeaveOnce(t *testing.T) {
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	certified.Close()
	for name, refuse := range map[string]func(*http2.Framer, uint32) error{
		"REFUSED_STREAM": func(f *http2.Framer, stream uint32) error {
			return f.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		},
		"GOAWAY": func(f *http2.Framer, _ uint32) error { return f.WriteGoAway(0, http2.ErrCodeNo, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var requests atomic.Int64
			secured := tls.NewListener(listener, &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}})
			accept(t, secured, func(conn net.Conn) {
				if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
					return
				}
				framer := http2.NewFramer(conn, conn)
				if framer.WriteSettings() != nil {
					return
				}
				for {
					frame, err := framer.ReadFrame()
					if err != nil {
						return
					}
					if headers, ok := frame.(*http2.HeadersFrame); ok {
						if requests.Add(1) > 100 || refuse(framer, headers.StreamID) != nil {
							return
						}
					}
				}
			})
			r := &rig{t: t}
			r.over("https://" + listener.Addr().String())
			proxy.Trust(r.Proxy, certified.Client().Transport.(*http.Transport).TLSClientConfig)
			for method, most := range map[string]int64{"DELETE": 1, "GET": 3} {
				requests.Store(0)
				resp, body := r.send(method, path+"/interconnects/x", "")
				equal(t, "status", resp.StatusCode, 502)
				equal(t, method, requests.Load(), most)
				if !strings.Contains(body, "gave up its connection before it responded") {
					t.Errorf("got %s", body)
				}
			}
		})
	}
}
