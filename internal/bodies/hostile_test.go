package bodies

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/internal/cost"
)

// endless is a text, then another one again and again.
type endless struct {
	head, tail string
	read       int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for n < len(p) {
		if len(e.head) == 0 {
			e.head = e.tail
		}
		more := copy(p[n:], e.head)
		n, e.head = n+more, e.head[more:]
	}
	e.read += int64(n)
	return n, nil
}

const boundedPart = "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"

// Bodies that are made to cost much are refused soon, with a 4xx and without much memory.
func TestHostileBodies(t *testing.T) {
	const multipartType = "multipart/form-data; boundary=b"
	note := fmt.Sprintf(boundedPart, "note", `{"text":"n"}`)
	for _, c := range []struct {
		name, path, contentType string
		body                    io.Reader
		status                  int
	}{
		{"many parts", "/multipart", multipartType, strings.NewReader(strings.Repeat(fmt.Sprintf(boundedPart, "x", "1"), 100_000) + "--b--\r\n"), 400},
		{"many files", "/multipart", multipartType, strings.NewReader(strings.Repeat(fmt.Sprintf(boundedPart, "files", "1"), 100_000) + "--b--\r\n"), 400},
		{"parts without end", "/multipart", multipartType, &endless{tail: fmt.Sprintf(boundedPart, "files", "1")}, 400},
		{"a header without end", "/multipart", multipartType, &endless{head: "--b\r\nX-A: ", tail: "aaaaaaaa"}, 400},
		{"header lines without end", "/multipart", multipartType, &endless{head: "--b\r\n", tail: "X-A: b\r\n"}, 400},
		{"a preamble without end", "/multipart", multipartType, &endless{tail: "aaaaaaa\r\n"}, 413},
		{"dashes without end", "/multipart", multipartType, &endless{tail: "\r\n--"}, 413},
		{"a file without end", "/multipart", multipartType, &endless{head: note + "--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n", tail: "aaaaaaa\r\n--"}, 413},
		{"a text without end", "/multipart", multipartType, &endless{head: "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n", tail: "aaaaaaa"}, 400},
		{"long texts", "/multipart", multipartType, strings.NewReader(strings.Repeat(fmt.Sprintf(boundedPart, "x", strings.Repeat("a", 5<<17)), 2) + "--b--\r\n"), 400},
		{"nested boundaries", "/multipart", multipartType, strings.NewReader(strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 999) + "--b--\r\n"), 400},
		{"nothing but a beginning", "/multipart", multipartType, strings.NewReader("--b"), 400},
		{"an end too early", "/multipart", multipartType, strings.NewReader(note), 400},
		{"a long boundary", "/multipart", "multipart/form-data; boundary=" + strings.Repeat("b", 71), strings.NewReader(note), 400},
		{"a deep text", "/multipart", multipartType, strings.NewReader(fmt.Sprintf(boundedPart, "note", strings.Repeat("[", 1<<19)) + "--b--\r\n"), 400},
		{"many members", "/form", "application/x-www-form-urlencoded", strings.NewReader("name=x" + strings.Repeat("&a=1", 100_000)), 400},
		{"different members", "/form", "application/x-www-form-urlencoded", strings.NewReader(numbered(9_999)), 200},
		{"a form without end", "/form", "application/x-www-form-urlencoded", &endless{tail: "&name=x"}, 413},
		{"many escapes", "/form", "application/x-www-form-urlencoded", strings.NewReader("name=" + strings.Repeat("%41", 300_000)), 200},
		{"a text that is long", "/text", "text/plain", &endless{tail: "a"}, 413},
		{"lines without end", "/lines", "application/jsonl", &endless{tail: "{}\n"}, 400},
		{"a line without end", "/lines", "application/jsonl", &endless{tail: " "}, 400},
		{"white space without end", "/lines", "application/jsonl", &endless{tail: "\n"}, 413},
		{"comments without end", "/events", "text/event-stream", &endless{tail: ":\n"}, 413},
		{"an event without end", "/events", "text/event-stream", &endless{tail: "data: a\n"}, 400},
		{"empty events", "/events", "text/event-stream", &endless{tail: "x\n\n"}, 413},
	} {
		h := NewHandler(&server{}, contract.HandlerOptions{MaxStream: 64 << 20})
		r := httptest.NewRequest("POST", c.path, c.body)
		r.Header.Set("Content-Type", c.contentType)
		w := httptest.NewRecorder()
		before := allocated()
		h.ServeHTTP(w, r)
		used, read := allocated()-before, int64(0)
		if e, ok := c.body.(*endless); ok {
			read = e.read
		}
		if w.Code != c.status {
			t.Errorf("%s: %d %.300s; want %d", c.name, w.Code, w.Body, c.status)
		}
		if used > 200<<20 && !cost.Race || read > 65<<20 {
			t.Errorf("%s: %d MiB allocated, %d MiB read", c.name, used>>20, read>>20)
		}
	}
}

func numbered(n int) string {
	var b strings.Builder
	b.WriteString("name=x")
	for i := range n {
		fmt.Fprintf(&b, "&n%d=%d", i, i)
	}
	return b.String()
}

// allocated is how many bytes have been allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// counting reads what it gets part by part.
type counting struct {
	server
	bytes int64
}

func (s *counting) PostMultipart(_ context.Context, r PostMultipartRequestObject) (PostMultipartResponseObject, error) {
	for {
		part, err := r.Body.NextPart()
		if err == io.EOF {
			return PostMultipart200JSONResponse{Body: "read"}, nil
		}
		if err != nil {
			return nil, err
		}
		n, err := io.Copy(io.Discard, part)
		if s.bytes += n; err != nil {
			return nil, err
		}
	}
}

func (s *counting) PostBinary(_ context.Context, r PostBinaryRequestObject) (PostBinaryResponseObject, error) {
	n, err := io.Copy(io.Discard, r.Body)
	s.bytes += n
	return PostBinary200ApplicationoctetStreamResponse{Body: strings.NewReader("")}, err
}

// An upload of 1 GiB takes no more memory than a small one, from the client to the implementation.
func TestLargeUpload(t *testing.T) {
	size := int64(1 << 30)
	if testing.Short() {
		size = 1 << 26
	}
	s := &counting{}
	listener := httptest.NewServer(NewHandler(s, contract.HandlerOptions{MaxStream: 2 << 30}))
	defer listener.Close()
	client, err := NewClientWithResponses(listener.URL, WithHTTPClient(&http.Client{Transport: NewTransport(nil, contract.TransportOptions{})}))
	if err != nil {
		t.Fatal(err)
	}
	file := func() io.Reader {
		return io.LimitReader(&endless{tail: strings.Repeat("0123456789abcde\r\n--", 99)}, size)
	}
	form := io.MultiReader(
		strings.NewReader(fmt.Sprintf(boundedPart, "note", `{"text":"n"}`)+"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"i\"\r\n\r\n"),
		file(), strings.NewReader("\r\n--b--\r\n"))
	for _, c := range []struct {
		name string
		send func() (int, error)
		want int64
	}{
		{"multipart", func() (int, error) {
			resp, err := client.PostMultipartWithBodyWithResponse(context.Background(), "multipart/form-data; boundary=b", form)
			if err != nil {
				return 0, err
			}
			return resp.StatusCode(), nil
		}, size + int64(len(`{"text":"n"}`))},
		{"binary", func() (int, error) {
			resp, err := client.PostBinaryWithBodyWithResponse(context.Background(), "application/octet-stream", file())
			if err != nil {
				return 0, err
			}
			return resp.StatusCode(), nil
		}, size},
	} {
		s.bytes = 0
		before := allocated()
		status, err := c.send()
		if used := allocated() - before; err != nil || status != 200 || s.bytes != c.want || used > 8<<20 {
			t.Errorf("%s: %d, %v; %d bytes of %d, %d KiB allocated", c.name, status, err, s.bytes, c.want, used>>10)
		}
	}
}

// Whatever parts there are, an implementation reads the same of them with and without the checks in between, or nothing.
func FuzzMultipart(f *testing.F) {
	contentType, valid := multipartOf([]part{notePart, imagePart, {"tags", "a,b"}, {"dates", "2026-01-02"}})
	boundary := strings.TrimPrefix(contentType, "multipart/form-data; boundary=")
	f.Add([]byte(strings.ReplaceAll(valid, boundary, "b")))
	f.Add([]byte("--b\nContent-Disposition: form-data; name=note\n\n{\"text\":\"x\"}\n--b \r\nContent-Disposition: form-data; name*=utf-8''image\r\n\r\n\r\n--bb\r\n--b--"))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\r\n b\"\r\nX: y\r\n z\r\n\r\n--b\r\n--b--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := &server{}
		h := NewHandler(s, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { t.Error(err) }})
		r := httptest.NewRequest("POST", "/multipart", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			if w.Code != 400 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			return
		}
		// What was read is written such that it is read again as the same.
		form := s.got.(*Upload)
		if form.Signed != nil {
			return // its part has a header that the form does not hold
		}
		first := w.Body.String()
		contentType, again, err := NewPostMultipartMultipartBody(*form)
		if err != nil {
			if strings.Contains(err.Error(), "spelling of its own") || strings.Contains(err.Error(), "would separate") {
				return
			}
			t.Fatalf("%v: %s", err, first)
		}
		r = httptest.NewRequest("POST", "/multipart", again)
		r.Header.Set("Content-Type", contentType)
		w = httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 || strings.ReplaceAll(w.Body.String(), "file ", " ") != strings.ReplaceAll(first, "file ", " ") {
			t.Fatalf("%d %s; want %s", w.Code, w.Body, first)
		}
	})
}

// FuzzEvents reads events as they are written, and writes what it has read.
func FuzzEvents(f *testing.F) {
	f.Add("data: a\r\ndata\r\n\r\nid: 1\nevent: x\nretry: 5\n\n")
	f.Add(":\n\ndata:\r\r")
	f.Fuzz(func(t *testing.T, body string) { fuzzSame(t, "/events", "text/event-stream", body) })
}

// FuzzLines is FuzzEvents for lines of JSON.
func FuzzLines(f *testing.F) {
	f.Add("{\"text\":\"a\"}\n\n {\"text\":\"\\n\", \"due\":\"2026-01-02\"}")
	f.Fuzz(func(t *testing.T, body string) { fuzzSame(t, "/lines", "application/jsonl", body) })
}

// FuzzForm is FuzzEvents for forms.
func FuzzForm(f *testing.F) {
	f.Add("name=a+b&dates=2026-01-02&dates=2026-01-03&labels=%7B%22a%22%3A%22b%22%7D&either=5&more=x&more=y")
	f.Add("name=%zz&=&&&name")
	f.Fuzz(func(t *testing.T, body string) { fuzzSame(t, "/form", "application/x-www-form-urlencoded", body) })
}

// FuzzText is FuzzEvents for texts.
func FuzzText(f *testing.F) {
	f.Add("")
	f.Add("a\x00\xff")
	f.Fuzz(func(t *testing.T, body string) { fuzzSame(t, "/text", "text/plain", body) })
}

// fuzzSame sends a body to an operation that sends it back. What comes back, sent again, comes back unchanged.
func fuzzSame(t *testing.T, path, contentType, body string) {
	failed := error(nil)
	h := NewHandler(&server{}, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { failed = err }})
	send := func(body string) (status int, text string) {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler {
				panic(v)
			} else if v != nil {
				status = 0
			}
		}()
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	status, first := send(body)
	switch status {
	case 400, 204, 0: // 0 is for what is wrong after the beginning of a response
		return
	case 500: // which is for what can be read, but has no spelling: it is said
		if failed != nil && (strings.Contains(failed.Error(), "spelling of its own") || strings.Contains(failed.Error(), "carriage return")) {
			return
		}
	}
	if status != 200 {
		t.Fatalf("%d %s, %v", status, first, failed)
	}
	if status, second := send(first); status != 200 && first != "" || second != first {
		t.Fatalf("%q, then %d %q, %v", first, status, second, failed)
	}
}

// Random pieces of a form in parts, put together, crash nothing.
func TestRandomMultipart(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"--b", "--b--", "\r\n", "\n", "Content-Disposition: form-data; name=\"note\"", "Content-Disposition: form-data; name=\"image\"", "; filename=\"a\"",
		"Content-Type: application/json", "\r\n\r\n", `{"text":"n"}`, "x", "Content-Transfer-Encoding: base64", "--", "b", "\x00"}
	for range 20_000 {
		var b strings.Builder
		for range random.IntN(24) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		h := NewHandler(&server{}, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { t.Errorf("seed %d: %q: %v", seed, b.String(), err) }})
		r := httptest.NewRequest("POST", "/multipart", strings.NewReader(b.String()))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 && w.Code != 400 {
			t.Fatalf("seed %d: %q: %d %s", seed, b.String(), w.Code, w.Body)
		}
	}
}
