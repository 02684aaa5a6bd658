//go:build unix

// Package bodies compares what servers take for parameters and bodies that are not JSON.
package bodies

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/bench/bodies/ogen"
	"github.com/interconnect-go/interconnect/bench/bodies/ours"
	"github.com/interconnect-go/interconnect/bench/bodies/stock"
	"github.com/interconnect-go/interconnect/contract"
)

// Each implementation reads what it gets to its end, and counts the bytes of texts and files in n.

type oursServer struct{ n *int64 }

func (s oursServer) Query(_ context.Context, r ours.QueryRequestObject) (ours.QueryResponseObject, error) {
	*s.n += int64(len(r.Params.Name))
	return ours.Query204Response{}, nil
}

func (s oursServer) Form(_ context.Context, r ours.FormRequestObject) (ours.FormResponseObject, error) {
	*s.n += int64(len(r.Body.Name))
	return ours.Form204Response{}, nil
}

func (s oursServer) Upload(_ context.Context, r ours.UploadRequestObject) (ours.UploadResponseObject, error) {
	return ours.Upload204Response{}, countParts(s.n, r.Body)
}

func (s oursServer) Text(_ context.Context, r ours.TextRequestObject) (ours.TextResponseObject, error) {
	*s.n += int64(len(*r.Body))
	return ours.Text204Response{}, nil
}

type stockServer struct{ n *int64 }

func (s stockServer) Query(_ context.Context, r stock.QueryRequestObject) (stock.QueryResponseObject, error) {
	*s.n += int64(len(r.Params.Name))
	return stock.Query204Response{}, nil
}

func (s stockServer) Form(_ context.Context, r stock.FormRequestObject) (stock.FormResponseObject, error) {
	*s.n += int64(len(r.Body.Name))
	return stock.Form204Response{}, nil
}

func (s stockServer) Upload(_ context.Context, r stock.UploadRequestObject) (stock.UploadResponseObject, error) {
	return stock.Upload204Response{}, countParts(s.n, r.Body)
}

func (s stockServer) Text(_ context.Context, r stock.TextRequestObject) (stock.TextResponseObject, error) {
	*s.n += int64(len(*r.Body))
	return stock.Text204Response{}, nil
}

func countParts(n *int64, r *multipart.Reader) error {
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		read, err := io.Copy(io.Discard, part)
		if *n += read; err != nil {
			return err
		}
	}
}

type ogenServer struct{ n *int64 }

func (s ogenServer) Query(_ context.Context, params ogen.QueryParams) error {
	*s.n += int64(len(params.Name))
	return nil
}

func (s ogenServer) Form(_ context.Context, r *ogen.Form) error {
	*s.n += int64(len(r.Name))
	return nil
}

func (s ogenServer) Upload(_ context.Context, r *ogen.UploadReq) error {
	read, err := io.Copy(io.Discard, r.File.File)
	*s.n += read + int64(len(r.Title))
	return err
}

func (s ogenServer) Text(_ context.Context, r ogen.TextReq) error {
	read, err := io.ReadAll(r)
	*s.n += int64(len(read))
	return err
}

const members = "name=a+name&limit=100&offset=9007199254740993&ratio=1.5&exact=true&since=2026-01-02T03%3A04%3A05Z" +
	"&id=182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e&tags=one&tags=two&tags=three&order=up"

var upload = func() string {
	var b strings.Builder
	file := strings.Repeat("0123456789abcdef", 1<<16)
	fmt.Fprintf(&b, "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na title\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n"+
		"Content-Type: application/octet-stream\r\n\r\n%s\r\n--b--\r\n", file)
	return b.String()
}()

var requests = []struct {
	name, method, target, contentType, body string
	reads                                   int64
}{
	{"query", "GET", "/query?" + members + "&numbers=1,2,3", "", "", 6},
	{"form", "POST", "/form", "application/x-www-form-urlencoded", members + "&numbers=1&numbers=2&numbers=3", 6},
	{"upload", "POST", "/upload", "multipart/form-data; boundary=b", upload, 1<<20 + 7},
	{"text", "POST", "/text", "text/plain", strings.Repeat("some text ", 10), 100},
}

// peers are the servers to compare, which add to a counter what they have read.
func peers(tb testing.TB, n *int64) map[string]http.Handler {
	other, err := ogen.NewServer(ogenServer{n})
	if err != nil {
		tb.Fatal(err)
	}
	return map[string]http.Handler{
		"ours":  ours.NewHandler(oursServer{n}, contract.HandlerOptions{MaxStream: 2 << 20}),
		"stock": stock.Handler(stock.NewStrictHandler(stockServer{n}, nil)),
		"ogen":  other,
	}
}

// A writer is a response writer that keeps the status only.
type writer struct {
	header http.Header
	status int
}

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(status int)      { w.status = status }
func (w *writer) Write(p []byte) (int, error) { return len(p), nil }

// TestPeers makes sure that each server reads each request to its end.
func TestPeers(t *testing.T) {
	var n int64
	for name, h := range peers(t, &n) {
		for _, q := range requests {
			n = 0
			r := httptest.NewRequest(q.method, q.target, strings.NewReader(q.body))
			r.Header.Set("Content-Type", q.contentType)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != 204 || n != q.reads {
				t.Errorf("%s, %s: %d %s, %d bytes read", name, q.name, w.Code, w.Body, n)
			}
		}
	}
}

func BenchmarkServers(b *testing.B) {
	var n int64
	for _, q := range requests {
		for _, name := range []string{"ours", "stock", "ogen"} {
			h := peers(b, &n)[name]
			b.Run(q.name+"/"+name, func(b *testing.B) {
				r := httptest.NewRequest(q.method, q.target, nil)
				if q.contentType != "" {
					r.Header.Set("Content-Type", q.contentType)
				}
				content := []byte(q.body)
				body := bytes.NewReader(content)
				w := &writer{header: http.Header{}}
				b.ReportAllocs()
				before := cpuTime()
				for b.Loop() {
					if body.Reset(content); q.body != "" {
						r.Body, r.ContentLength = io.NopCloser(body), int64(len(q.body))
					}
					r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
					clear(w.header)
					h.ServeHTTP(w, r)
				}
				b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op") // on a busy machine the better measure
				if w.status != 204 {
					b.Fatal(w.status)
				}
			})
		}
	}
}

// cpuTime is the processor time that the process has taken.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
