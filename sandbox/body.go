package sandbox

// Anybody can send a body, and send it slowly. A sandbox reads none before it has admitted the request, gives it a
// limited time to arrive, and bounds what all of them take at a time: bytes that are kept, and bytes that are decoded,
// which takes many times as much.

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/internal/inflight"
)

const (
	// maxBody is the largest request body that the API accepts, in bytes; maxSnapshot is that of the control API.
	maxBody     = 1 << 20
	maxSnapshot = 16 << 20

	// maxInFlight is how many bytes of request and response bodies are kept at a time.
	maxInFlight = 64 << 20

	// maxDecoding is how many bytes of request bodies are decoded at a time. A larger body is decoded alone.
	maxDecoding = 4 << 20

	// bodyTime is how long a request body may take to arrive.
	bodyTime = 20 * time.Second
)

// Limits are what the requests of a sandbox share.
type limits struct {
	inFlight *inflight.Budget
	decoding *semaphore.Weighted
}

func newLimits() limits {
	return limits{inFlight: inflight.NewBudget(maxInFlight), decoding: semaphore.NewWeighted(maxDecoding)}
}

var errBusy = errors.New("the sandbox has too many bytes in hand")

// A requestBody reads the body of a request within the limits. It is not read from before somebody asks for it.
type requestBody struct {
	limits
	body       io.ReadCloser // nil if there is none
	connection *http.ResponseController
	ctx        context.Context

	ahead    []byte // was read already
	held     int64  // bytes taken of inFlight
	decoding int64  // bytes taken of decoding
	begun    bool
	err      error // that ended it; io.EOF at its end
}

// Read implements [io.Reader]. Whoever gets to the end is about to decode what was read.
func (b *requestBody) Read(p []byte) (int, error) {
	if len(b.ahead) > 0 {
		n := copy(p, b.ahead)
		b.ahead = b.ahead[n:]
		return n, nil
	}
	n, err := b.fetch(p)
	if err == io.EOF && b.decoding == 0 && b.held > 0 {
		weight := min(b.held, maxDecoding)
		if waiting := b.limits.decoding.Acquire(b.ctx, weight); waiting != nil {
			b.err = waiting
			return 0, waiting
		}
		b.decoding = weight
	}
	return n, err
}

// Close implements [io.Closer].
func (b *requestBody) Close() error { return b.body.Close() }

func (b *requestBody) fetch(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if !b.begun {
		b.begun = true
		_ = b.connection.SetReadDeadline(time.Now().Add(bodyTime)) // without a connection there is none
	}
	n, err := b.body.Read(p)
	switch {
	case !b.inFlight.Take(int64(n)):
		n, err = 0, errBusy
	case err == io.EOF:
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	b.held += int64(n)
	b.err = err
	return n, err
}

// readAhead reads the body before anybody needs it: only then does the server notice that a client goes away. It leaves
// what is too much for the API, which the handler refuses.
func (b *requestBody) readAhead() {
	if b.ended() {
		return
	}
	ahead, _ := io.ReadAll(io.LimitReader(fetcher{b}, maxBody+1)) // the handler gets the error too
	b.ahead = append(b.ahead, ahead...)
}

type fetcher struct{ *requestBody }

func (f fetcher) Read(p []byte) (int, error) { return f.fetch(p) }

// ended reports whether there is nothing left to be read.
func (b *requestBody) ended() bool { return b.err == io.EOF || b.body == nil || b.body == http.NoBody }

// decoded is to be called when the body is no longer needed.
func (b *requestBody) decoded() {
	b.limits.decoding.Release(b.decoding)
	b.inFlight.Give(b.held)
	b.ahead, b.held, b.decoding = nil, 0, 0
}

// failure returns what to answer to a body that did not arrive, nil if it did.
func (b *requestBody) failure() *contract.Failure {
	switch {
	case errors.Is(b.err, errBusy):
		return busy()
	case errors.Is(b.err, os.ErrDeadlineExceeded):
		return &contract.Failure{Status: http.StatusRequestTimeout, Message: "The body did not arrive within " + bodyTime.String()}
	}
	return nil
}

func busy() *contract.Failure {
	return &contract.Failure{
		Status: http.StatusServiceUnavailable, Message: "Too many requests with large bodies are under way",
		Header: http.Header{"Retry-After": {"1"}},
	}
}
