package sandbox_test

// Callers that mean no good, or are merely slow: what they cost is bounded, and others are served meanwhile.

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/interconnect-go/interconnect/internal/rawhttp"
	"github.com/interconnect-go/interconnect/sandbox"
)

// listen serves on 127.0.0.1 with the time limits of a careless server, which has none.
func listen(t *testing.T, handler http.Handler) (address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// heap returns how many bytes are in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func postHead(length int, header string) string {
	return fmt.Sprintf("POST /accounts/%s/cni/interconnects HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n%s\r\n", account, length, header)
}

const anyToken = "Authorization: Bearer any\r\n"

// Who is not admitted is answered at once, not asked to go on, and costs no memory, whatever was announced or sent of a
// body.
func TestBodiesWithoutCredentials(t *testing.T) {
	address := listen(t, sandbox.New(sandbox.WithToken("secret")))
	part := strings.Repeat(" ", 200<<10)
	var conns []net.Conn
	before := heap()
	start := time.Now()
	for i := range 100 {
		conn := dial(t, address)
		conns = append(conns, conn)
		request := postHead(300<<10, anyToken) + part
		switch i % 4 {
		case 1:
			request = postHead(300<<10, anyToken+"Expect: 100-continue\r\n")
		case 2:
			request = postHead(100, anyToken) + "{"
		case 3:
			request = "POST /accounts/a/cni/cnis HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
				"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"
		}
		go io.WriteString(conn, request)
	}
	for i, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		reader := bufio.NewReader(conn)
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("connection %d is answered with %s", i, response.Status)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if _, err := reader.ReadByte(); err == nil {
			t.Errorf("connection %d is not closed", i)
		}
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if grown := heap() - before; grown > 10<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
}

// A body that is there when the response is made does not cost its connection.
func TestRefusedBodyKeepsConnection(t *testing.T) {
	conn := dial(t, listen(t, sandbox.New(sandbox.WithToken("secret"))))
	reader := bufio.NewReader(conn)
	for range 3 {
		if _, err := io.WriteString(conn, postHead(20, anyToken)+strings.Repeat(" ", 20)); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if response.StatusCode != http.StatusUnauthorized || response.Close {
			t.Errorf("got %s, %v", response.Status, response.Header)
		}
	}
}

// What a refused request sends after its response is not a request.
func TestRefusedBodyIsNotARequest(t *testing.T) {
	sb := sandbox.New()
	conn := dial(t, listen(t, sb))
	reader := bufio.NewReader(conn)
	body := "PUT /accounts/a/cni/settings HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer any\r\nContent-Type: application/json\r\n" +
		"Content-Length: 21\r\n\r\n" + `{"default_asn":64512}`
	if _, err := io.WriteString(conn, postHead(len(body), "")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_, _ = io.WriteString(conn, body)
	if more, err := http.ReadResponse(reader, nil); err == nil {
		t.Errorf("the body is answered with %s", more.Status)
	}
	if got := (rig{t, sb}).callAs("a", "GET", "/settings", "").body; !strings.Contains(got, "13335") {
		t.Errorf("the body was executed: %s", got)
	}
}

// A body of somebody who is admitted has to arrive in time, and all of them together take a bounded part of the memory.
// The time is that of a bubble.
func TestSlowBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := rawhttp.Serve(t, sandbox.New())
		dial := func() net.Conn {
			conn, err := server.Dial()
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		start := time.Now()
		for _, request := range []string{
			postHead(100, anyToken) + "{",
			postHead(100, anyToken),
			"POST /accounts/a/cni/cnis HTTP/1.1\r\nHost: h\r\n" + anyToken + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
			"PUT /_sandbox/snapshot HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
		} {
			conn := dial()
			go io.WriteString(conn, request)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			if response.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(text), "did not arrive within 20s") {
				t.Errorf("got %s %s", response.Status, text)
			}
			conn.Close()
		}
		if took := time.Since(start); took > 4*22*time.Second {
			t.Errorf("it took %s", took)
		}
		// One that trickles in gets the same.
		conn := dial()
		var trickling sync.WaitGroup
		trickling.Go(func() {
			_, _ = io.WriteString(conn, postHead(1000, anyToken))
			for range 1000 {
				if _, err := io.WriteString(conn, " "); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusRequestTimeout {
			t.Errorf("got %s", response.Status)
		}
		conn.Close()
		trickling.Wait()
	})
}

// Many large bodies at once are refused, but for as many as there is room for; then there is room again.
func TestManyBodies(t *testing.T) {
	r := start(t)
	address := listen(t, r)
	part := strings.Repeat(" ", 1<<20-100)
	before := heap()
	var conns []net.Conn
	refused := make(chan *http.Response, 1)
	for range 100 {
		conn := dial(t, address)
		conns = append(conns, conn)
		go func() {
			_, _ = io.WriteString(conn, postHead(1<<20, anyToken)+part)
			if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
				select {
				case refused <- response:
				default:
				}
			}
		}()
	}
	response := <-refused
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "1" {
		t.Errorf("got %s %v", response.Status, response.Header)
	}
	time.Sleep(time.Second) // for those that wait
	if grown := heap() - before; grown > 200<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	if got := r.call("GET", "/settings", ""); got.status != 200 { // has no body
		t.Errorf("meanwhile a request is answered with %d", got.status)
	}
	for _, conn := range conns {
		conn.Close()
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if r.call("POST", "/cnis", "{}").status == 400 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("there is no room for a body again")
		}
	}
}

// Bodies without an end are cut off at the limit.
func TestEndlessBodies(t *testing.T) {
	address := listen(t, sandbox.New())
	for name, target := range map[string]string{
		"API": "POST /accounts/a/cni/cnis", "control API": "PUT /_sandbox/snapshot", "without a body": "GET /accounts/a/cni/settings",
		"without a route": "POST /nothing", "with another method": "POST /accounts/a/cni/settings",
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, address)
			stopped := make(chan int, 1)
			go func() {
				_, _ = io.WriteString(conn, target+" HTTP/1.1\r\nHost: 127.0.0.1\r\n"+anyToken+
					"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
				chunk := "10000\r\n" + strings.Repeat(" ", 0x10000) + "\r\n"
				sent := 0
				for ; sent < 1<<30; sent += 0x10000 {
					if _, err := io.WriteString(conn, chunk); err != nil {
						break
					}
				}
				stopped <- sent
			}()
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != 413 && name != "without a body" && !strings.HasPrefix(name, "with") {
				t.Errorf("got %s", response.Status)
			}
			if sent := <-stopped; sent > 64<<20 {
				t.Errorf("%d bytes were taken", sent)
			}
		})
	}
}

// A page whose name in the DNS leads to this machine gets nothing of a sandbox that takes any credentials.
func TestAPIIsNotForOtherNames(t *testing.T) {
	for _, test := range []struct {
		handler http.Handler
		host    string
		want    int
	}{
		{sandbox.New(), "rebound.example", 403}, {sandbox.New(), "127.0.0.1.example:80", 403}, {sandbox.New(), "", 400},
		{sandbox.New(), "localhost", 200}, {sandbox.New(), "127.0.0.1:1", 200}, {sandbox.New(), "[::1]", 200},
		{sandbox.New(sandbox.WithToken("any", "Magic WAN Write")), "rebound.example", 200},
		{sandbox.NewExamples(nil), "rebound.example", 403}, {sandbox.NewExamples(nil), "localhost", 200},
	} {
		address := listen(t, test.handler)
		for _, base := range []string{"", "/client/v4"} {
			conn := dial(t, address)
			host := "Host: " + test.host + "\r\n"
			if test.host == "" {
				host = ""
			}
			_, _ = fmt.Fprintf(conn, "GET %s/accounts/a/cni/settings HTTP/1.1\r\n%s%s\r\n", base, host, anyToken)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			if response.StatusCode != test.want {
				t.Errorf("%q is answered with %s %s, want %d", test.host, response.Status, text, test.want)
			}
			if test.want == 403 && !strings.Contains(string(text), "localhost or a loopback address only") {
				t.Errorf("%q is told %s", test.host, text)
			}
		}
	}
}

// What is logged of a request is short.
func TestLogIsShort(t *testing.T) {
	var lines bytes.Buffer
	r := rig{t, sandbox.New(sandbox.WithLogger(slog.New(slog.NewTextHandler(&lines, nil))))}
	long := strings.Repeat("x", 900<<10)
	for _, target := range []string{
		"/" + long, "/accounts/a/cni/slots?site=" + long, "/accounts/a/cni/interconnects/" + long, "/_sandbox/" + long,
		"/accounts/" + long + "/cni/slots",
	} {
		lines.Reset()
		r.send(target, "GET", "", "Authorization", "Bearer any")
		if lines.Len() > 2000 || lines.Len() == 0 {
			t.Errorf("%.50s: the log has %d bytes", target, lines.Len())
		}
	}
	request := httptest.NewRequest(strings.Repeat("X", 900<<10), "/", nil)
	lines.Reset()
	if r.ServeHTTP(httptest.NewRecorder(), request); lines.Len() > 3000 {
		t.Errorf("a long method: the log has %d bytes", lines.Len())
	}
}

// Faults that hit no call do not pile up.
func TestManyFaults(t *testing.T) {
	r := start(t)
	for range 1000 {
		wantStatus(t, r.control("POST", "/faults", `{"kind":"drop","operation":"get_slot"}`), 201)
	}
	if got := r.control("POST", "/faults", `{"kind":"drop","operation":"get_slot"}`); got.status != 400 || !strings.Contains(got.body, "1000 faults wait already") {
		t.Errorf("got %d %s", got.status, got.body)
	}
	wantStatus(t, r.control("DELETE", "/faults", ""), 204)
	wantStatus(t, r.control("POST", "/faults", `{"kind":"drop","operation":"get_slot"}`), 201)
}

// snapshotOf returns a snapshot with interconnects, of about 220 bytes each.
func snapshotOf(interconnects int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"version":1,"advanced":"0s","accounts":[{"account":"a","created":%d,"default_asn":13335}],`+
		`"cnis":[],"pairing_keys":[],"interconnects":[`, interconnects)
	for i := range interconnects {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"position":%d,"created":"2026-01-01T00:00:00Z","interconnect":{"type":"gcp_partner","account":"a","name":"gcp-%d",`+
			`"region":"r","speed":"1G","virtual_port_reservation_id":"3b7e2f58-91d4-4c0a-8f63-a5d8%08x"}}`, i+1, i, i)
	}
	b.WriteString("]}")
	return b.String()
}

// A snapshot takes a bounded multiple of its size, and time that grows with its size.
func TestLargeSnapshot(t *testing.T) {
	cost := func(n int) (peak int64, took time.Duration) {
		r := start(t)
		text := snapshotOf(n)
		before := heap()
		ctx, stop := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() {
			for ctx.Err() == nil {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, int64(m.HeapAlloc)-before)
				time.Sleep(5 * time.Millisecond)
			}
		})
		begin := time.Now()
		wantStatus(t, r.control("PUT", "/snapshot", text), 204)
		took = time.Since(begin)
		stop()
		watching.Wait()
		t.Logf("%d interconnects, %d bytes: %s, the heap grew by %d bytes, %.1f times as much",
			n, len(text), took, peak, float64(peak)/float64(len(text)))
		if peak > 40*int64(len(text)) {
			t.Errorf("%d bytes take %d", len(text), peak)
		}
		var back struct{ Interconnects []json.RawMessage }
		if err := json.Unmarshal([]byte(r.control("GET", "/snapshot", "").body), &back); err != nil || len(back.Interconnects) != n {
			t.Errorf("%d of %d interconnects are there, %v", len(back.Interconnects), n, err)
		}
		return peak, took
	}
	_, few := cost(2_500)
	if _, many := cost(20_000); many > 2*8*few+time.Second {
		t.Errorf("2,500 interconnects take %s, and 20,000 take %s", few, many)
	}
	if got := start(t).control("PUT", "/snapshot", snapshotOf(80_000)); got.status != 413 {
		t.Errorf("17 MB are answered with %d %.200s", got.status, got.body)
	}
}
