package reference_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// A browser gets files compressed, keeps them, and is told when they are still the same. So does one that takes no
// compression.
func TestFilesAreKept(t *testing.T) {
	handler := newHandler(t)
	get := func(method, path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	tags := map[string]string{}
	for _, path := range []string{
		"/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css", "/docs/assets/docs.js", "/docs/assets/base.css",
		"/docs/assets/icon.svg", "/docs/api.yaml", "/docs/control.yaml",
	} {
		plain := get("GET", path)
		packed := get("GET", path, "Accept-Encoding", "br, gzip;q=0.8")
		if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" ||
			packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: got %d %v and %v", path, plain.Code, plain.Header(), packed.Header())
			continue
		}
		size := packed.Body.Len()
		unpacked, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if text, err := io.ReadAll(unpacked); err != nil || string(text) != plain.Body.String() {
			t.Errorf("%s: %v, or the two forms differ", path, err)
		}
		if plain.Body.Len() > 1000 && size > plain.Body.Len()*2/3 {
			t.Errorf("%s: %d bytes of %d", path, size, plain.Body.Len())
		}
		for encoding, got := range map[string]*httptest.ResponseRecorder{"": plain, "gzip": packed} {
			h := got.Header()
			tag := h.Get("ETag")
			if other, twice := tags[tag]; twice || tag == "" {
				t.Errorf("%s has the ETag %q of %s", path, tag, other)
			}
			tags[tag] = path
			if h.Get("Cache-Control") != "no-cache" || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: %v", path, h)
			}
			again := get("GET", path, "Accept-Encoding", encoding, "If-None-Match", tag)
			if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
				t.Errorf(
					"%s once more: got %d with %d bytes and %v",
					path,
					again.Code,
					again.Body.Len(),
					again.Header(),
				)
			}
			head := get("HEAD", path, "Accept-Encoding", encoding)
			if length := head.Header().Get("Content-Length"); head.Code != 200 || head.Body.Len() != 0 ||
				length != h.Get("Content-Length") {
				t.Errorf("HEAD %s: got %d with %d bytes and %v", path, head.Code, head.Body.Len(), head.Header())
			}
		}
		if length := packed.Header().Get("Content-Length"); length != strconv.Itoa(size) {
			t.Errorf("%s: Content-Length %s for %d bytes", path, length, size)
		}
	}
	for accepted, want := range map[string]string{
		"gzip": "gzip", "GZIP": "gzip", "deflate, gzip": "gzip", "*": "gzip", "gzip;q=0": "", "*;q=0": "", "gzip; q=0.0, *": "", "identity": "", "x-gzipped": "",
	} {
		if got := get("GET", "/docs/assets/docs.js", "Accept-Encoding", accepted).Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accepted, got, want)
		}
	}
	part := get("GET", "/docs/assets/docs.js", "Range", "bytes=0-9")
	if part.Code != 206 || part.Body.Len() != 10 {
		t.Errorf("a part: got %d %q", part.Code, part.Body)
	}
	if other := get("GET", "/docs/assets/swagger-ui.js"); other.Code != 404 { // the module has it, no page loads it
		t.Errorf("got %d", other.Code)
	}
}

// Pages are different each time, and say so. They are compressed too.
func TestPagesAreNotKept(t *testing.T) {
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	for _, path := range []string{"/", "/docs/api", "/docs/api/forms.json"} {
		response, err := server.Client().Get(server.URL + path) // which asks for gzip
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || !response.Uncompressed || response.Header.Get("Cache-Control") != "no-store" ||
			len(body) < 1000 {
			t.Errorf("%s: %v, %v with %d bytes", path, err, response.Header, len(body))
		}
		if response.StatusCode != http.StatusOK || strings.Contains(response.Header.Get("Vary"), ",") {
			t.Errorf("%s: %s %v", path, response.Status, response.Header)
		}
	}
}
