package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/internal/rawhttp"
	"github.com/interconnect-go/interconnect/internal/redact/redacttest"
	"github.com/interconnect-go/interconnect/proxy"
	"github.com/interconnect-go/interconnect/sandbox"
)

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// noise is binary data of some length.
func noise(t *testing.T, length int) string {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	data := make([]byte, length)
	source := rand.New(rand.NewPCG(seed, 0))
	for i := range data {
		data[i] = byte(source.Uint32())
	}
	return string(data)
}

// What the service gets through the proxy is what it gets without.
func TestRequestsPass(t *testing.T) {
	var got string
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Header.Del("Connection")
		got = fmt.Sprintf("%s %s %s %q %d %q %q %q", r.Method, r.RequestURI, r.Proto, r.Header, r.ContentLength, r.TransferEncoding,
			body, r.Trailer)
	})
	sized := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	for name, request := range map[string]string{
		"plain":          "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"header":         "GET /x HTTP/1.1\r\nHost: localhost\r\nx-oDD-cAsE: One\r\nX-Odd-Case: two, three\r\nacCept: \r\nUser-Agent: a/1 (b)\r\n\r\n",
		"accepts":        "GET /x HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br;q=1, gzip\r\n\r\n",
		"forwarded":      "GET /x HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nForwarded: for=a\r\n\r\n",
		"escapes":        "GET /a%2Fb/%7Ec/%e2%82%ac/!\"<>|^`{}/; HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"dots":           "GET /a/../b/./c// HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"slashes":        "GET //a//b HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"query":          "GET /x?a=1;b=%zz&&c=+%20&a=\" HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"empty query":    "GET /x? HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"other method":   "PURGE /x HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"empty body":     "POST /x HTTP/1.1\r\nHost: localhost\r\n" + sized(""),
		"body of a GET":  "GET /x HTTP/1.1\r\nHost: localhost\r\n" + sized("body"),
		"not quite JSON": "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + sized("\xef\xbb\xbf{\"a\":1 ,\r\n \"a\":\"\xff\"}"),
		"chunked":        "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
		"announced trailer": "POST /x HTTP/1.1\r\nHost: localhost\r\nTrailer: X-Sum, X-More\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More: a, b\r\n\r\n",
		"trailer":          "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n",
		"options of all":   "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"options":          "OPTIONS /x HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"zipped":           "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n" + sized(zipped(t, "{}")),
		"claims to be zip": "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n" + sized("{}"),
		"long":             "PUT /x HTTP/1.1\r\nHost: localhost\r\n" + sized(noise(t, 1<<20+3)),
		"very long":        "PUT /x HTTP/1.1\r\nHost: localhost\r\n" + sized(noise(t, proxy.MaxBody+3)),
	} {
		method, _, _ := strings.Cut(request, " ")
		got = ""
		raw(t, r.service.URL, method, request)
		want := got
		got = ""
		raw(t, r.through.URL, method, request)
		if got != want {
			t.Errorf("%s: the service gets\n%.300s\nwithout the proxy\n%.300s", name, got, want)
		}
	}
}

// What the client gets through the proxy is what it gets without.
func TestResponsesPass(t *testing.T) {
	long, veryLong, pdf := noise(t, 1<<20+3), noise(t, proxy.MaxBody+3), "%PDF-1.7\n"+noise(t, 1<<20)
	answers := map[string]func(w http.ResponseWriter){
		"/empty":   func(http.ResponseWriter) {},
		"/guessed": func(w http.ResponseWriter) { io.WriteString(w, "<html>") },
		"/untyped": func(w http.ResponseWriter) { w.Header()["Content-Type"] = nil; io.WriteString(w, "<html>") },
		"/cookies": func(w http.ResponseWriter) { w.Header()["Set-Cookie"] = []string{"a=1", "b=2; Secure"} },
		"/zipped": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, zipped(t, `{"a":1}`))
		},
		"/length": func(w http.ResponseWriter) { w.Header().Set("Content-Length", "5"); io.WriteString(w, "12345") },
		"/chunked": func(w http.ResponseWriter) {
			io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			io.WriteString(w, "b")
		},
		"/trailer": func(w http.ResponseWriter) {
			w.Header().Set("Trailer", "X-Sum")
			io.WriteString(w, "a")
			w.Header().Set("X-Sum", "1")
		},
		"/early": func(w http.ResponseWriter) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header()["Date"] = nil
			w.WriteHeader(200)
		},
		"/nothing":   func(w http.ResponseWriter) { w.WriteHeader(204) },
		"/unchanged": func(w http.ResponseWriter) { w.Header().Set("ETag", `"a"`); w.WriteHeader(304) },
		"/elsewhere": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(307)
		},
		"/odd":       func(w http.ResponseWriter) { w.WriteHeader(599); io.WriteString(w, "{") },
		"/pdf":       func(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/pdf"); io.WriteString(w, pdf) },
		"/long":      func(w http.ResponseWriter) { io.WriteString(w, long) },
		"/very-long": func(w http.ResponseWriter) { io.WriteString(w, veryLong) },
	}
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = []string{"Fri, 14 Aug 2026 00:00:00 GMT"}
		if r.Header.Get("X-No-Date") != "" {
			w.Header()["Date"] = nil
		}
		answers[r.URL.Path](w)
	})
	for path := range answers {
		for _, request := range []string{"GET " + path, "HEAD " + path, "GET " + path + " without date"} {
			line, undated := strings.CutSuffix(request, " without date")
			method, _, _ := strings.Cut(line, " ")
			if request == "HEAD /trailer" {
				continue // the announcement of what does not come is for a single connection
			}
			line += " HTTP/1.1\r\nHost: localhost\r\n"
			if undated {
				line += "X-No-Date: 1\r\n"
			}
			show := func(server string) string {
				resp, body := raw(t, server, method, line+"\r\n")
				return fmt.Sprintf("%s %s %q %d %q %q %q", resp.Proto, resp.Status, resp.Header, resp.ContentLength, resp.TransferEncoding,
					resp.Trailer, body)
			}
			if got, want := show(r.through.URL), show(r.service.URL); got != want {
				t.Errorf("%s: the client gets\n%.300s\nwithout the proxy\n%.300s", request, got, want)
			}
		}
	}
}

// The first part of a response is there before the second one is sent.
func TestStreams(t *testing.T) {
	seen := make(chan struct{})
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		select {
		case <-seen:
		case <-r.Context().Done():
		}
		io.WriteString(w, "second")
	})
	resp, err := http.Get(r.through.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		t.Fatal(err)
	}
	close(seen)
	rest, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "answer", string(first)+" "+string(rest), "first second")
}

// A client that goes away takes its request along.
func TestCancel(t *testing.T) {
	arrived, gone := make(chan struct{}), make(chan struct{})
	r := start(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", r.through.URL+path+"/slots", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Error("there is a response")
	}
	<-gone
	report := r.end()
	equal(t, "unanswered", report.Unanswered, 1)
	equal(t, "comment", r.archive().Log.Entries[0].Comment, "no response: the client did not wait for it")
}

// A response that breaks off does so for the client, too.
func TestBrokenAnswer(t *testing.T) {
	r := start(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"items"`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	resp, err := http.Get(r.through.URL + path + "/slots")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the response ends as if it were whole")
	}
	report := r.end()
	if len(report.Lost) != 1 || report.Lost[0] != (proxy.LostCount{Operation: "list_slots", Direction: "response", Reason: "ended early", Count: 1}) {
		t.Errorf("got %+v", report.Lost)
	}
}

func TestUnreachable(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	r := &rig{t: t}
	r.over(gone.URL)
	resp, body := r.send("GET", path+"/slots", "", "Authorization", "Bearer any-token")
	equal(t, "status", resp.StatusCode, 502)
	equal(t, "type", resp.Header.Get("Content-Type"), "application/json")
	var failure struct {
		Success bool
		Errors  []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(body), &failure); err != nil || failure.Success || len(failure.Errors) != 1 ||
		!strings.HasPrefix(failure.Errors[0].Message, "The upstream "+gone.URL+" did not answer: dial tcp") {
		t.Errorf("%v in %s", err, body)
	}
	report := r.end()
	equal(t, "unanswered", report.Unanswered, 1)
	equal(t, "violations", kinds(report), "")
	entry := r.archive().Log.Entries[0]
	equal(t, "recorded status", entry.Response.Status, 0)
	for _, text := range []string{entry.Comment, r.log.String()} {
		if !strings.Contains(text, "dial tcp") {
			t.Errorf("no cause in %s", text)
		}
	}
}

// The text of a response that is not HTTP is not repeated.
func TestNoHTTP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			bufio.NewReader(conn).ReadString('\n')
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nSet-Cookie hunter2\r\n\r\n")
			conn.Close()
		}
	}()
	r := &rig{t: t}
	r.over("http://" + listener.Addr().String())
	resp, body := r.send("GET", path+"/slots", "")
	equal(t, "status", resp.StatusCode, 502)
	r.end()
	if all := body + r.log.String() + r.har.String(); strings.Contains(all, "hunter2") || !strings.Contains(all, "no HTTP that can be understood") {
		t.Errorf("got %s", all)
	}
}

// Whatever host a request names, it goes to the upstream or nowhere.
func TestOtherHosts(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request went to another host") }))
	defer other.Close()
	elsewhere := strings.TrimPrefix(other.URL, "http://")
	var host string
	r := start(t, func(_ http.ResponseWriter, r *http.Request) { host = r.Host + r.RequestURI })
	upstream := strings.TrimPrefix(r.service.URL, "http://")
	for request, want := range map[string]string{
		"GET " + other.URL + "/x HTTP/1.1\r\nHost: localhost\r\n\r\n":        upstream + "/x",
		"GET " + other.URL + "/a|b HTTP/1.1\r\nHost: localhost\r\n\r\n":      upstream + "/a|b",
		"GET " + other.URL + "?a|b HTTP/1.1\r\nHost: localhost\r\n\r\n":      upstream + "/?a|b",
		"GET " + other.URL + " HTTP/1.1\r\nHost: localhost\r\n\r\n":          upstream + "/",
		"OPTIONS " + other.URL + " HTTP/1.1\r\nHost: localhost\r\n\r\n":      upstream + "*",
		"GET /x HTTP/1.1\r\nHost: " + elsewhere + "\r\n\r\n":                 upstream + "/x",
		"GET //" + elsewhere + "/x HTTP/1.1\r\nHost: localhost\r\n\r\n":      upstream + "//" + elsewhere + "/x",
		"GET //" + elsewhere + "/x|y HTTP/1.1\r\nHost: localhost\r\n\r\n":    upstream + r.service.URL + "//" + elsewhere + "/x|y",
		"GET //a|b?c|d HTTP/1.1\r\nHost: localhost\r\n\r\n":                  upstream + r.service.URL + "//a|b?c|d",
		"GET /@" + elsewhere + "/x HTTP/1.1\r\nHost: localhost\r\n\r\n":      upstream + "/@" + elsewhere + "/x",
		"GET http://rebound.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n":   "",
		"GET /x HTTP/1.1\r\nHost: rebound.example\r\n\r\n":                   "",
		"GET /_sandbox/snapshot HTTP/1.1\r\nHost: rebound.example:1\r\n\r\n": "",
		"POST /_sandbox/reset HTTP/1.1\r\nHost: rebound.example:1\r\n\r\n":   "",
		"GET /x HTTP/1.1\r\nHost: 127.0.0.1.rebound.example\r\n\r\n":         "",
	} {
		host = ""
		method, _, _ := strings.Cut(request, " ")
		resp, body := raw(t, r.through.URL, method, request)
		equal(t, request, host, want)
		if want == "" && (resp.StatusCode != 403 || !strings.Contains(string(body), "localhost or a loopback address only")) {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
	resp, _ := raw(t, r.through.URL, "CONNECT", "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n")
	equal(t, "CONNECT", resp.StatusCode, 405)

	// In front of a service elsewhere, the host makes no difference: whoever reaches the proxy could reach that too.
	host = ""
	w := httptest.NewRecorder()
	request := httptest.NewRequest("GET", "http://rebound.example/x", nil)
	r.ServeHTTP(w, request)
	equal(t, "without an address", host, upstream+"/x")
}

// A response is the same to the last byte of its head, also where net/http would write another one.
func TestHeadsPass(t *testing.T) {
	service := redacttest.NewService(t)
	r := &rig{t: t}
	r.over(service.URL)
	for _, test := range []struct{ method, response, want string }{
		{"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nContent-Type: application/json\r\nEtag: \"a\"\r\n\r\n",
			"HTTP/1.1 304 Not Modified\r\nConnection: close\r\nContent-Length: 5\r\nContent-Type: application/json\r\nEtag: \"a\"\r\n\r\n"},
		{"GET", "HTTP/1.1 304 Unchanged\r\n\r\n", "HTTP/1.1 304 Unchanged\r\nConnection: close\r\n\r\n"},
		{"GET", "HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\nConnection: close\r\n\r\n"},
		{"GET", "HTTP/1.1 200 Fine, thanks\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 Fine, thanks\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"},
		{"GET", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 \r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"},
		{"HEAD", "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 Fine\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"},
		{"GET", "HTTP/1.1 499 Client Closed Request\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 499 Client Closed Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
		{"GET", "HTTP/1.1 204 Nothing\r\n\r\n", "HTTP/1.1 204 Nothing\r\nConnection: close\r\n\r\n"},
		{"POST", "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",
			"HTTP/1.1 201 Made\r\nConnection: close\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"},
		{"GET", "HTTP/1.0 200 Fine\r\n\r\nto the end", "HTTP/1.1 200 Fine\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\na\r\nto the end\r\n0\r\n\r\n"},
	} {
		// The service closes each connection, and says so.
		head, rest, _ := strings.Cut(test.response, "\r\n")
		service.Answer(head + "\r\nConnection: close\r\n" + rest)
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.through.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := ""
		if test.method == "POST" {
			body = "{}"
		}
		if _, err := fmt.Fprintf(conn, "%s /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", test.method, len(body), body); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if err != nil {
			t.Error(err)
		}
		conn.Close()
		equal(t, test.method+" "+test.response, string(got), test.want)
	}
	r.end()
	if !strings.Contains(r.har.String(), `"statusText":"Fine, thanks"`) {
		t.Errorf("the reason is not recorded in %s", r.har.String())
	}
}

// A response that breaks off does so behind a head of our own, too.
func TestBrokenRawResponse(t *testing.T) {
	service := redacttest.NewService(t)
	r := &rig{t: t}
	r.over(service.URL)
	for _, response := range []string{
		"HTTP/1.1 200 Fine\r\nContent-Length: 10\r\n\r\n{}", "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
	} {
		service.Answer(response)
		resp, err := http.Get(r.through.URL)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("%q ends as if it were whole, as %q", response, body)
		}
		resp.Body.Close()
	}
}

// What only a proxy on the way to the upstream needs to know is in the target.
func TestThroughForwardProxy(t *testing.T) {
	var target string
	forward := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { target = r.RequestURI }))
	defer forward.Close()
	r := &rig{t: t}
	r.over("http://service.example")
	proxy.ForwardTo(r.Proxy, forward.URL)
	for _, path := range []string{"/x", "/a|b?c|d", "//a|b", "/client/v4/x"} {
		target = ""
		raw(t, r.through.URL, "GET", "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
		equal(t, path, target, "http://service.example"+path)
	}
}

// Requests that no library would send do not get past the proxy: what is hidden in their bodies is not executed, and
// each gets one response, but for those that break off.
func TestRawHTTP(t *testing.T) {
	sb := sandbox.New()
	r := start(t, sb.ServeHTTP)
	for _, c := range rawhttp.Cases() {
		statuses, err := c.Send(strings.TrimPrefix(r.through.URL, "http://"))
		brokenOff := c.Name == "framing: cut off" || c.Name == "framing: chunk: no end" || c.Name == "framing: chunk: size of 64 bits"
		if err != nil || len(statuses) != 1 && !brokenOff || len(statuses) > 1 || slices.Contains(statuses, "500") {
			t.Errorf("%s: %q, %v", c.Name, statuses, err)
		}
		w := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "/accounts/a/cni/settings", nil)
		request.Header.Set("Authorization", any)
		if sb.ServeHTTP(w, request); !strings.Contains(w.Body.String(), "13335") {
			t.Fatalf("%s: what is hidden was executed: %s", c.Name, w.Body)
		}
	}
}

// A connection that both sides agree to use for something else is left to them.
func TestUpgrade(t *testing.T) {
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = buffered.Flush()
		line, _ := buffered.ReadString('\n')
		_, _ = io.WriteString(conn, "echo "+line)
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.through.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", resp.StatusCode, 101)
	_, _ = io.WriteString(conn, "hello\n")
	line, _ := reader.ReadString('\n')
	equal(t, "line", line, "echo hello\n")
}

func TestNewRefuses(t *testing.T) {
	for _, upstream := range []string{
		"", "api.cloudflare.com", "ftp://a", "http://", "https://user:hunter2@a", "https://a/client/v4", "https://a?b", "https://a#b", "http://[::1",
	} {
		_, err := proxy.New(upstream, nil)
		if err == nil || !strings.Contains(err.Error(), "want http or https and a host, such as https://api.cloudflare.com") ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", upstream, err)
		}
	}
	for _, upstream := range []string{"https://a", "http://127.0.0.1:8080/", "http://[::1]:80"} {
		if _, err := proxy.New(upstream, nil); err != nil {
			t.Errorf("%s: %v", upstream, err)
		}
	}
}
