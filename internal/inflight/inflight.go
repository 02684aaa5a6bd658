// Package inflight bounds what the requests that a server has in hand cost it: bytes that are kept at a time, and the
// time that a client may take to send a body that will not be read.
package inflight

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// A Budget is a number of bytes that can be taken and given back. Its methods may be called at any time.
type Budget struct {
	left atomic.Int64
}

// NewBudget returns a budget of some bytes.
func NewBudget(bytes int64) *Budget {
	b := new(Budget)
	b.left.Store(bytes)
	return b
}

// Take takes bytes from the budget. It reports false, and takes none, if there are not as many left.
func (b *Budget) Take(bytes int64) bool {
	for {
		left := b.left.Load()
		if left < bytes {
			return false
		}
		if b.left.CompareAndSwap(left, left-bytes) {
			return true
		}
	}
}

// Give gives back bytes that were taken.
func (b *Budget) Give(bytes int64) { b.left.Add(bytes) }

const (
	// presentTime is how long to wait for the rest of a body that is not needed, so that the connection can be used
	// again. It is enough for what the machine has received.
	presentTime = 10 * time.Millisecond

	// lingerTime is how long a client may go on to send after the response, so that it gets to read it.
	lingerTime = time.Second

	maxPresent = 256 << 10
)

// CloseUnread is to be called before the response to a request whose body has not been read to its end, and will not be
// read any more. Otherwise net/http waits for the rest of the body, for as long as the server lets a request take, and
// only then sends the response.
//
// If the rest is there already, nothing changes. If not, the response is sent at once, and the connection is closed
// after it.
func CloseUnread(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody || r.ProtoMajor != 1 {
		return
	}
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Now().Add(presentTime)) != nil {
		return // this is not a connection
	}
	// Reading would ask a client to send what it offers with Expect.
	if r.Header.Get("Expect") == "" {
		if _, err := io.CopyN(io.Discard, r.Body, maxPresent); err == io.EOF {
			_ = control.SetReadDeadline(time.Time{})
			return
		}
	}
	w.Header().Set("Connection", "close")
	_ = control.SetReadDeadline(time.Now().Add(lingerTime))
}
