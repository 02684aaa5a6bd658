package proxy_test

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
	"testing/synctest"
	"time"

	"github.com/interconnect-go/interconnect/internal/rawhttp"
	"github.com/interconnect-go/interconnect/proxy"
)

// piped is a proxy in front of a service, both without a network.
func piped(t *testing.T, service http.HandlerFunc) (p *proxy.Proxy, dial func() net.Conn) {
	p, err := proxy.New("http://service.example", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	upstream := rawhttp.Serve(t, service)
	proxy.DialWith(p, func(context.Context, string, string) (net.Conn, error) { return upstream.Dial() })
	t.Cleanup(func() { proxy.CloseIdle(p) })
	through := rawhttp.Serve(t, p)
	return p, func() net.Conn {
		conn, err := through.Dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
}

// A client that stops in the middle of a body is told so, and the upstream does not wait for it either.
func TestStalledRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := 0
		p, dial := piped(t, func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				gone++
			}
		})
		start := time.Now()
		for _, request := range []string{
			"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345",
			"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n",
			"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
			"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\nX-Sum: ",
		} {
			conn := dial()
			go io.WriteString(conn, request)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("%q: %v", request, err)
			}
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), "there was no byte for 30s") || !resp.Close {
				t.Errorf("%q: %s %s", request, resp.Status, body)
			}
			conn.Close()
		}
		if took := time.Since(start); took < 4*30*time.Second || took > 4*40*time.Second {
			t.Errorf("it took %s", took)
		}
		synctest.Wait()
		equal(t, "requests that the service gave up", gone, 4)
		equal(t, "unanswered", p.Report().Unanswered, 4)

		// One that goes on, however slowly, is not interrupted.
		conn := dial()
		go func() {
			_, _ = io.WriteString(conn, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
			for range 10 {
				time.Sleep(25 * time.Second)
				_, _ = io.WriteString(conn, "x")
			}
		}()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "slow but steady", resp.StatusCode, 200)
	})
}

// A client that does not read its response loses it, and so does the upstream.
func TestStalledResponses(t *testing.T) {
	const stall = 2 * time.Second
	ended := make(chan time.Time, 1)
	service := func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil || r.Context().Err() != nil {
				ended <- time.Now()
				return
			}
		}
	}
	r := start(t, service)
	proxy.Stall(r.Proxy, stall)
	for _, pauses := range []int{0, 6} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.through.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
		for range pauses { // each less than stall, all of them more
			time.Sleep(stall / 4)
			_, _ = io.CopyN(io.Discard, conn, 8<<20)
		}
		stopped := time.Now()
		select {
		case at := <-ended:
			if at.Before(stopped) {
				t.Errorf("the response ended while the client was reading")
			}
		case <-time.After(time.Minute):
			t.Fatal("the response goes on")
		}
	}
}

// A response that does not wait for the request reaches the client at once, and what the client sends after it is not a
// request.
func TestEarlyResponse(t *testing.T) {
	requests := 0
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusUnauthorized)
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.through.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	hidden := "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
	_, _ = fmt.Fprintf(conn, "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", len(hidden))
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", resp.StatusCode, 401)
	equal(t, "closes", resp.Close, true)
	_, _ = io.WriteString(conn, hidden)
	if more, err := http.ReadResponse(reader, nil); err == nil {
		t.Errorf("what follows is answered with %s", more.Status)
	}
	r.end()
	equal(t, "requests", requests, 1)
}

// A request that the proxy refuses is answered before its body is there.
func TestRefusedBodies(t *testing.T) {
	r := start(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrives") })
	for _, request := range []string{
		"POST /x HTTP/1.1\r\nHost: rebound.example\r\nContent-Length: 10\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\nContent-Length: 10\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.through.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, request)
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		if resp.StatusCode/100 != 4 || !resp.Close {
			t.Errorf("%q: %s", request, resp.Status)
		}
	}
}

// Downloads whose clients do not read, and uploads that do not end, are kept within bounds. They pass as before, and
// are counted.
func TestManyLargeBodies(t *testing.T) {
	const clients = 50
	body := strings.Repeat("x", proxy.MaxBody-100)
	release := make(chan struct{})
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, body)
		w.(http.Flusher).Flush()
		<-release
	})
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var reading sync.WaitGroup
	received := make(chan struct{}, clients)
	for range clients {
		reading.Go(func() {
			resp, err := http.Get(r.through.URL + path + "/slots")
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if _, err := io.CopyN(io.Discard, resp.Body, int64(len(body))); err != nil {
				t.Error(err)
			}
			received <- struct{}{}
			_, _ = io.Copy(io.Discard, resp.Body)
		})
	}
	for range clients {
		<-received
	}
	runtime.GC()
	runtime.ReadMemStats(&during)
	if grown := int64(during.HeapAlloc) - int64(before.HeapAlloc); grown > 100<<20 {
		t.Errorf("%d downloads of %d bytes take %d bytes", clients, len(body), grown)
	}
	close(release)
	reading.Wait()
	report := r.end()
	lost := 0
	for _, l := range report.Lost {
		if l.Reason == "more than 67108864 bytes of bodies were under way" {
			lost = l.Count
		}
	}
	if lost < clients/2 || lost == clients {
		t.Errorf("%d of %d bodies were not kept: %+v", lost, clients, report.Lost)
	}
	equal(t, "exchanges", report.Exchanges, clients)

	// Then there is room again.
	again := start(t, answer(200, "application/json", `{"items":[]}`))
	again.send("GET", path+"/slots", "", "Authorization", any)
	equal(t, "lost", len(again.end().Lost), 0)
}

// The room for what is kept comes back, however an exchange ends.
func TestRoomComesBack(t *testing.T) {
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		if r.URL.Query().Get("how") == "abort" {
			panic(http.ErrAbortHandler)
		}
	})
	for i := range 30 {
		request, err := http.NewRequestWithContext(t.Context(), "POST", r.through.URL+"/x?how="+[]string{"", "abort"}[i%2],
			strings.NewReader(strings.Repeat("y", 3<<20)))
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(request); err == nil {
			if i%3 > 0 {
				_, _ = io.Copy(io.Discard, resp.Body)
			}
			resp.Body.Close()
		}
	}
	r.running.Wait()
	equal(t, "bytes left", proxy.Room(r.Proxy), true)
}

// What a log and a report have of an exchange is short.
func TestReportIsShort(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	r := start(t, answer(200, "application/json", `{"items":[],"`+long+`":1,"errors":["`+long+`"]}`))
	r.send("GET", "/"+long, "")
	r.send("GET", path+"/slots?"+long+"=1&limit="+long, "")
	r.send("POST", path+"/interconnects", `{"`+long+`":{"`+long+`":1},"type":"`+long+`"}`, "Content-Type", "application/json")
	r.send(long[:10_000], path+"/slots", "")
	for _, v := range r.end().Violations {
		if len(v.Pointer) > 600 || len(v.Example) > 600 {
			t.Errorf("%d bytes of pointer, %d of example", len(v.Pointer), len(v.Example))
		}
	}
	for line := range strings.Lines(r.log.String()) {
		if len(line) > 2500 {
			t.Errorf("a line of the log has %d bytes: %.300s", len(line), line)
		}
	}
}
