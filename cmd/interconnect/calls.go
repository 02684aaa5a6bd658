// The calls that are under way: for how long, and at which attempt. The line of the terminal shows it, and so does the
// error if there is no response in the end.

package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/interconnect-go/interconnect/client"
)

// patience is how long a call may take before a terminal shows that it is under way.
const patience = time.Second

// calls knows the calls that are under way, each by the requests and retries that it consists of. The zero value has
// none. It is safe for concurrent use.
type calls struct {
	mu   sync.Mutex
	open map[string]*openCall // by method and path
	last int                  // how many attempts the call has had whose attempt began last
}

type openCall struct {
	host     string
	start    time.Time
	attempt  int
	last     int       // the number of the last attempt that there may be; 0 before the first retry
	requests int       // that are under way
	pause    time.Time // until when it waits before the attempt; zero if it does not
}

// transport returns a transport that takes note of the requests which pass it.
func (c *calls) transport(base http.RoundTripper) http.RoundTripper { return &callTransport{base, c} }

type callTransport struct {
	base  http.RoundTripper
	calls *calls
}

func (t *callTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	end := t.calls.begin(r)
	resp, err := t.base.RoundTrip(r)
	if err != nil {
		end()
		return nil, err
	}
	resp.Body = &callBody{resp.Body, end}
	return resp, nil
}

// callBody is the body of a response; a call is under way until it is read.
type callBody struct {
	io.ReadCloser
	end func()
}

func (b *callBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

func (b *callBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}

// underWay reports whether a call sends, reads or waits before its next attempt. A pause that is over without an
// attempt was interrupted.
func (c *openCall) underWay() bool {
	return c.requests > 0 || !c.pause.IsZero() && time.Since(c.pause) < patience
}

// begin takes note of a request. What it returns is to be called at the end, and may be called more than once.
func (c *calls) begin(r *http.Request) (end func()) {
	key := r.Method + " " + r.URL.Path
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.open[key]
	if call == nil || !call.underWay() {
		call = &openCall{host: r.URL.Host, start: time.Now(), attempt: 1}
		if c.open == nil {
			c.open = map[string]*openCall{}
		}
		c.open[key] = call
	}
	call.pause = time.Time{}
	call.requests++
	c.last = call.attempt
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		call.requests--
	})
}

// retry takes note of a retry; see [client.WithOnRetry].
func (c *calls) retry(r client.Retry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call := c.open[r.Method+" "+r.Path]; call != nil {
		call.attempt, call.last, call.pause = r.Attempt, r.MaxAttempts, time.Now().Add(r.Wait)
	}
}

// attempts is how many attempts the last call has had; 0 before the first.
func (c *calls) attempts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// waiting says for which host the calls wait, and at the end for how long and which attempt it is. Both are empty
// unless a call takes longer than usual; of several it is the one that began first.
func (c *calls) waiting() (host, end string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var oldest *openCall
	for _, call := range c.open {
		if call.underWay() && (oldest == nil || call.start.Before(oldest.start)) {
			oldest = call
		}
	}
	if oldest == nil || time.Since(oldest.start) < patience {
		return "", ""
	}
	parts := []string{seconds(time.Since(oldest.start))}
	if oldest.attempt > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d of %d", oldest.attempt, oldest.last))
	}
	if rest := time.Until(oldest.pause).Round(time.Second); rest > 0 {
		parts[len(parts)-1] += " in " + rest.String()
	}
	return oldest.host, strings.Join(parts, ", ")
}

// seconds is a duration in whole seconds, such as 1h0m3s.
func seconds(d time.Duration) string { return d.Truncate(time.Second).String() }
