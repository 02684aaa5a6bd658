package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/interconnect-go/interconnect/proxy"
)

const (
	account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	path    = "/client/v4/accounts/" + account + "/cni"
)

// A file is one in memory. It may be read while it is written.
type file struct {
	mu   sync.Mutex
	data []byte
}

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if end := int(at) + len(p); end > len(f.data) {
		f.data = append(f.data, make([]byte, end-len(f.data))...)
	}
	return copy(f.data[at:], p), nil
}

func (f *file) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return string(f.data)
}

// A rig is a proxy in front of a service, all over real HTTP.
type rig struct {
	*proxy.Proxy
	t                *testing.T
	service, through *httptest.Server
	log              bytes.Buffer // to be read behind end
	har              file
	running          sync.WaitGroup
}

func start(t *testing.T, service http.HandlerFunc) *rig {
	t.Helper()
	r := &rig{t: t, service: unlimited(service)}
	t.Cleanup(r.service.Close)
	r.over(r.service.URL)
	return r
}

// unlimited starts a server that leaves OPTIONS * to the handler too.
func unlimited(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.DisableGeneralOptionsHandler = true
	server.Start()
	return server
}

// over puts the proxy in front of a URL.
func (r *rig) over(upstream string) {
	r.t.Helper()
	p, err := proxy.New(upstream, slog.New(slog.NewTextHandler(&r.log, nil)))
	if err != nil {
		r.t.Fatal(err)
	}
	if err := p.Record(&r.har); err != nil {
		r.t.Fatal(err)
	}
	r.Proxy = p
	r.through = unlimited(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.running.Add(1)
		defer r.running.Done()
		p.ServeHTTP(w, req)
	}))
	r.t.Cleanup(r.through.Close)
}

// end waits until all exchanges are over, and returns what has been found.
func (r *rig) end() proxy.Report {
	r.t.Helper()
	r.through.Close()
	if err := r.Err(); err != nil {
		r.t.Error(err)
	}
	return r.Report()
}

// send sends a request through the proxy and returns the answer with its body, once the exchange is recorded.
func (r *rig) send(method, path, body string, header ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.through.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	// As it comes: neither unpacked nor redirected.
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.running.Wait()
	return resp, string(text)
}

// sendAndForget sends a request without a body through the proxy and waits until the exchange is over, whatever comes of it.
func (r *rig) sendAndForget(method, path string, header ...string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.through.URL+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	if resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	r.running.Wait()
}

// raw sends the bytes of a request to a server, and reads the answer with its body.
func raw(t *testing.T, server, method, request string) (*http.Response, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, request)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// A har is what the tests read of an archive.
type har struct {
	Log struct {
		Version string
		Entries []struct {
			Request struct {
				Method, URL          string
				Headers, QueryString []struct{ Name, Value string }
				PostData             *struct{ MimeType, Text, Comment string }
				BodySize             int
			}
			Response struct {
				Status  int
				Headers []struct{ Name, Value string }
				Content struct {
					Size                    int
					MimeType, Text, Comment string
				}
				RedirectURL string
				BodySize    int
			}
			Comment string
		}
	}
}

func (r *rig) archive() har {
	r.t.Helper()
	var archive har
	if err := json.Unmarshal([]byte(r.har.String()), &archive); err != nil {
		r.t.Fatalf("the archive is not JSON: %v in\n%s", err, r.har.String())
	}
	return archive
}

// kinds are the violations without their examples.
func kinds(report proxy.Report) string {
	var lines []string
	for _, v := range report.Violations {
		lines = append(lines, strings.Join([]string{v.Operation, v.Direction, v.In, v.Pointer, v.Rule, strings.Repeat("*", v.Count)}, " "))
	}
	return strings.Join(lines, "\n")
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%v\nwant\n%v", what, got, want)
	}
}
