package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/sandbox"
)

// serveLimited starts a server with a limit of connections. For the path /wait its handler says that it was called, and
// waits until the channel is closed.
func serveLimited(t *testing.T, most int, called chan<- struct{}, wait <-chan struct{}) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := newLimitedListener(listener, most, slog.New(slog.DiscardHandler))
	server := &http.Server{ConnState: limited.note, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			called <- struct{}{}
			<-wait
		}
	})}
	served := make(chan error)
	go func() { served <- server.Serve(limited) }()
	t.Cleanup(func() { server.Close(); <-served })
	return listener.Addr().String()
}

func send(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" }

// wantStatus reads a response.
func wantStatus(t *testing.T, conn net.Conn, status int) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != status {
		t.Errorf("got %s, want %d", response.Status, status)
	}
}

// Connections that wait for a request make room for those that have one, the oldest first.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	for name, text := range map[string]string{"idle": get("/"), "nothing sent": "", "half a header": "GET / HTTP/1.1\r\nHo"} {
		t.Run(name, func(t *testing.T) {
			address := serveLimited(t, 3, nil, nil)
			var old []net.Conn
			for range 3 {
				conn := send(t, address, text)
				if text == get("/") {
					wantStatus(t, conn, 200)
				}
				old = append(old, conn)
				time.Sleep(50 * time.Millisecond)
			}
			wantStatus(t, send(t, address, get("/")), 200)
			_ = old[0].SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, err := old[0].Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the oldest connection is not closed: %v", err)
			}
			_ = old[2].SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := old[2].Read(make([]byte, 1)); err == io.EOF {
				t.Error("the newest connection is closed")
			}
		})
	}
}

// Connections with requests under way are not closed; the next one is served when one of them ends.
func TestBusyConnectionsStay(t *testing.T) {
	called, wait := make(chan struct{}), make(chan struct{})
	address := serveLimited(t, 3, called, wait)
	var busy []net.Conn
	for range 3 {
		busy = append(busy, send(t, address, get("/wait")))
		<-called
	}
	next := send(t, address, get("/"))
	_ = next.SetReadDeadline(time.Now().Add(1500 * time.Millisecond))
	if _, err := next.Read(make([]byte, 1)); err == nil {
		t.Error("there are more connections than the limit")
	}
	close(wait)
	for _, conn := range busy {
		wantStatus(t, conn, 200)
	}
	wantStatus(t, next, 200)
}

// A server that is told to end does so while a connection waits for room.
func TestLimitedListenerCloses(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := newLimitedListener(inner, 1, slog.New(slog.DiscardHandler))
	send(t, inner.Addr().String(), "")
	if _, err := limited.Accept(); err != nil {
		t.Fatal(err)
	}
	send(t, inner.Addr().String(), "")
	ended := make(chan error)
	go func() {
		_, err := limited.Accept()
		ended <- err
	}()
	time.Sleep(100 * time.Millisecond)
	limited.Close()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("it accepts after the end")
		}
	case <-time.After(10 * time.Second):
		t.Error("it goes on waiting")
	}
}

// Thousands of connections, with as much of a header as there may be, take a bounded part of the memory, and others are
// served.
func TestManyConnections(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, sandbox.New(), slog.New(slog.DiscardHandler)) }()
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var header strings.Builder
	header.WriteString("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
	for i := 0; header.Len() < 31<<10; i++ {
		fmt.Fprintf(&header, "%x:\r\n", i)
	}
	ctx2, stop := context.WithCancel(t.Context())
	var attacking sync.WaitGroup
	for range 100 {
		attacking.Go(func() {
			for range 20 {
				conn, err := net.Dial("tcp", listener.Addr().String())
				if err != nil {
					return
				}
				_, _ = io.WriteString(conn, header.String())
				attacking.Go(func() {
					<-ctx2.Done()
					conn.Close()
				})
			}
		})
	}
	time.Sleep(2 * time.Second)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		conn := send(t, listener.Addr().String(), get("/client/v4/nothing"))
		_ = conn.SetReadDeadline(deadline)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil && response.StatusCode == http.StatusNotFound {
			response.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("other connections are not served: %v", err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&during)
	grown := int64(during.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("the heap grew by %d bytes", grown)
	if grown > 300<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	stop()
	attacking.Wait()
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
