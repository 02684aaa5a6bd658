package reference

// The files that the pages load: ours, and those of Swagger UI. A browser keeps them and asks whether they are still
// the same, since another version of this program may serve on the same address tomorrow.

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	swaggerui "github.com/swaggest/swgui/v5/static"
)

//go:embed assets
var own embed.FS

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// A file is what a browser may keep, in both encodings.
type file struct {
	contentType string
	compressed  []byte
	etag        string // of the compressed form, without quotes
}

// newFile compresses a text.
func newFile(contentType string, content []byte) file {
	return file{contentType, compress(content), etagOf(content)}
}

func etagOf(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:10])
}

func compress(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(content) // neither fails on a buffer
	_ = w.Close()
	return b.Bytes()
}

// serve sends the file, or 304 if the client has it.
func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-cache") // keep it, but ask
	h.Add("Vary", "Accept-Encoding")
	content := f.compressed
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", `"`+f.etag+`-gzip"`)
	} else {
		h.Set("ETag", `"`+f.etag+`"`)
		unpacked, err := gzip.NewReader(bytes.NewReader(f.compressed))
		if err == nil {
			content, err = io.ReadAll(unpacked)
		}
		if err != nil {
			http.Error(w, "The file could not be unpacked.", http.StatusInternalServerError)
			return
		}
	}
	if r.Header.Get("Range") == "" {
		h.Set("Content-Length", strconv.Itoa(len(content))) // which ServeContent leaves out if there is an encoding
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// acceptsGzip reports whether the client takes gzip, by the header Accept-Encoding.
func acceptsGzip(r *http.Request) bool {
	accepted := false
	for _, header := range r.Header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(header, ",") {
			name, parameters, _ := strings.Cut(coding, ";")
			quality := 1.0
			if q, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
				quality, _ = strconv.ParseFloat(q, 64)
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip":
				return quality > 0
			case "*":
				accepted = quality > 0
			}
		}
	}
	return accepted
}

// assets are the files by name.
var assets = sync.OnceValue(func() map[string]file {
	files := map[string]file{}
	entries, err := own.ReadDir("assets")
	if err != nil {
		panic(fmt.Sprintf("reference: %v", err))
	}
	for _, entry := range entries {
		content, err := own.ReadFile("assets/" + entry.Name())
		if err != nil {
			panic(fmt.Sprintf("reference: %v", err))
		}
		files[entry.Name()] = newFile(contentTypes[path.Ext(entry.Name())], content)
	}
	for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js"} { // the module has them compressed
		compressed, err := swaggerui.FS.ReadFile(name + ".gz")
		if err != nil {
			panic(fmt.Sprintf("reference: %v", err))
		}
		files[name] = file{contentTypes[path.Ext(name)], compressed, etagOf(compressed)}
	}
	return files
})

func serveAsset(w http.ResponseWriter, r *http.Request) {
	f, ok := assets()[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	f.serve(w, r)
}
