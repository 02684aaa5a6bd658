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
	"time"

	"github.com/interconnect-go/interconnect/internal/inflight"
)

const (
	// maxKept is how many bytes of bodies are kept at a time.
	maxKept = 64 << 20

	// stallTime is how long a client may take to send the next bytes of a body, or to read those of a response.
	stallTime = 30 * time.Second

	// lingerTime is how long a client may go on to send after a response that did not wait for all of the request.
	lingerTime = time.Second
)

// A tap keeps what passes of a body, up to MaxBody. The transport may still be reading a request when its response is
// there.
type tap struct {
	io.ReadCloser
	budget    *inflight.Budget // of what is kept
	stallTime time.Duration    // 0 if nothing limits it
	before    func()           // is called before each read; nil if there is nothing to do
	atEnd     func()           // is called at the end of the body; nil if there is nothing to do
	cut       func()           // ends a read that is under way, instead of closing the body; nil to close it

	mu    sync.Mutex
	kept  []byte
	size  int64 // of what has passed
	ended bool
	lost  error // why nothing is kept
	stall bool  // it did not go on within stallTime

	closed bool // before its end
}

func newTap(body io.ReadCloser, budget *inflight.Budget) *tap {
	if body == nil {
		body = http.NoBody
	}
	return &tap{ReadCloser: body, budget: budget, ended: body == http.NoBody}
}

func (t *tap) Read(p []byte) (int, error) {
	if t.before != nil {
		t.before()
	}
	start := time.Now()
	n, err := t.ReadCloser.Read(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.size += int64(n)
	t.keep(p[:n])
	switch {
	case err == io.EOF:
		if !t.ended && t.atEnd != nil {
			t.atEnd()
		}
		t.ended = true
	case err != nil: // a trailer that does not arrive has an error of its own
		t.stall = t.stallTime > 0 && time.Since(start) >= t.stallTime
	}
	return n, err
}

// Close closes a response. The body of a request is closed by net/http: until its rest has arrived, closing it would hold back the
// response.
func (t *tap) Close() error {
	if t.cut == nil {
		return t.ReadCloser.Close()
	}
	t.mu.Lock()
	closed := !t.ended
	t.closed = closed
	t.mu.Unlock()
	if closed {
		t.cut()
	}
	return nil
}

// keep keeps the next bytes, if there is room for them.
func (t *tap) keep(p []byte) {
	switch need := len(t.kept) + len(p); {
	case t.lost != nil:
	case need > MaxBody:
		t.drop(errTooLarge)
	case need > cap(t.kept):
		room := min(max(need, 2*cap(t.kept), 4<<10), MaxBody)
		if !t.budget.Take(int64(room)) {
			t.drop(errTooMany)
			return
		}
		grown := make([]byte, len(t.kept), room)
		copy(grown, t.kept)
		t.budget.Give(int64(cap(t.kept)))
		t.kept = append(grown, p...)
	default:
		t.kept = append(t.kept, p...)
	}
}

// drop forgets what was kept.
func (t *tap) drop(reason error) {
	t.budget.Give(int64(cap(t.kept)))
	t.kept, t.lost = nil, reason
}

// release gives back the room that was taken. What was kept must not be used any more.
func (t *tap) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(errReleased)
}

// held returns how many bytes are kept.
func (t *tap) held() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int64(len(t.kept))
}

// complete reports whether the body has passed to its end.
func (t *tap) complete() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

// cutOff reports whether the proxy has stopped reading before the end.
func (t *tap) cutOff() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// stalled reports whether the client has stopped sending.
func (t *tap) stalled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stall
}

// A body is what is known of one after it has passed.
type body struct {
	size int64  // as it passed
	text []byte // decoded
	lost error  // why there is no text
}

var (
	errTooLarge   = fmt.Errorf("larger than %d bytes", MaxBody)
	errTooMany    = fmt.Errorf("more than %d bytes of bodies were under way", maxKept)
	errReleased   = errors.New("released")
	errIncomplete = errors.New("ended early")
)

// body returns what has been kept. length is the Content-Length, negative if it is unknown.
func (t *tap) body(header http.Header, length int64) body {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := body{size: t.size}
	switch {
	case t.lost != nil:
		b.lost = t.lost
	case !t.ended && t.size != length:
		b.lost = errIncomplete
	case t.size > 0: // the response to a HEAD has an encoding but no body
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
