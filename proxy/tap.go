package proxy

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// A tap keeps what passes of a body, up to MaxBody. The transport may still be reading a request when its answer is there.
type tap struct {
	io.ReadCloser

	mu    sync.Mutex
	kept  []byte
	size  int64 // of what has passed
	ended bool
}

func newTap(body io.ReadCloser) *tap {
	if body == nil {
		body = http.NoBody
	}
	return &tap{ReadCloser: body}
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.size += int64(n)
	t.ended = err == io.EOF
	if t.size <= MaxBody {
		t.kept = append(t.kept, p[:n]...)
	} else {
		t.kept = nil
	}
	return n, err
}

// A body is what is known of one after it has passed.
type body struct {
	size int64  // as it passed
	text []byte // decoded
	lost error  // why there is no text
}

var (
	errTooLarge   = fmt.Errorf("larger than %d bytes", MaxBody)
	errIncomplete = errors.New("ended early")
)

// body returns what has been kept. length is the Content-Length, negative if it is unknown.
func (t *tap) body(header http.Header, length int64) body {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := body{size: t.size}
	switch {
	case t.size > MaxBody:
		b.lost = errTooLarge
	case !t.ended && t.size != length:
		b.lost = errIncomplete
	case t.size > 0: // the answer to a HEAD has an encoding but no body
		b.text, b.lost = decode(t.kept, header.Values("Content-Encoding"))
	}
	return b
}

// decode undoes a content encoding.
func decode(text []byte, encodings []string) ([]byte, error) {
	var decoded io.Reader
	var err error
	switch encoding := strings.ToLower(strings.Join(encodings, ", ")); encoding {
	case "", "identity":
		return text, nil
	case "gzip", "x-gzip":
		decoded, err = gzip.NewReader(bytes.NewReader(text))
	case "deflate":
		decoded, err = zlib.NewReader(bytes.NewReader(text))
	default:
		return nil, errors.New("in an encoding other than gzip and deflate")
	}
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(decoded, MaxBody+1))
	}
	switch {
	case err != nil:
		return nil, errors.New("not in the encoding that it claims")
	case len(text) > MaxBody:
		return nil, errTooLarge
	}
	return text, nil
}

// reader returns the text as a checker reads it: an error stands for one that is lost.
func (b *body) reader() io.ReadCloser {
	switch {
	case b.lost != nil:
		return io.NopCloser(failing{b.lost})
	case len(b.text) == 0:
		return http.NoBody
	}
	return io.NopCloser(bytes.NewReader(b.text))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
