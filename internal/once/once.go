// Package once makes sure that a request leaves once. net/http repeats requests by itself, at once and without end:
// over HTTP/2 every request without a body that a server refuses or whose connection it abandons (REFUSED_STREAM,
// GOAWAY), over HTTP/1 those that read, if a connection that was used before breaks. None of that can be turned off,
// but httptrace reports it before it happens.
package once

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync"
	"time"
)

// The errors of requests that a guard has ended.
var (
	ErrRepeat = errors.New("the server refused the request or gave up its connection before it responded")
	ErrDials  = errors.New("the server closes each connection before a request can be sent on it")
)

// maxDials is how many connections an attempt may ask for. More than one is needed if one that is kept turns out to be unusable.
const maxDials = 10

// A Guard watches one attempt to send a request. It ends the attempt when its transport begins to send the request a second time. What a transport sends
// besides, such as a request for a token, does not count: the request is known by its host or its credentials.
type Guard struct {
	host        string
	credentials []string // values of header fields
	end         context.CancelCauseFunc

	mu    sync.Mutex
	dials int   // connections that the transport asked for
	got   bool  // it got one
	left  bool  // a part of the request may have left
	http2 bool  // what was written last was HTTP/2
	err   error // why the guard ended the attempt; nil if it did not
}

// Watch returns the context for an attempt to send a request, and its guard, whose End has to be called when the attempt is over.
func Watch(ctx context.Context, r *http.Request) (context.Context, *Guard) {
	g := &Guard{host: cmp.Or(r.Host, r.URL.Host), credentials: slices.Concat(r.Header["Authorization"], r.Header["X-Auth-Key"])}
	ctx, g.end = context.WithCancelCause(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { g.dial() },
		GotConn:          g.connected,
		WroteHeaderField: g.wrote,
	}), g
}

// End releases what Watch has made. A response that is still read ends.
func (g *Guard) End() { g.end(nil) }

func (g *Guard) dial() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dials++; g.dials > maxDials {
		g.stop(ErrDials)
	}
}

func (g *Guard) connected(info httptrace.GotConnInfo) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.got = true
	if !g.left {
		return
	}
	g.stop(ErrRepeat)
	// HTTP/2 looks at the context once more before it writes. HTTP/1 does not, but has the connection for itself.
	if !g.http2 && info.Conn != nil {
		_ = info.Conn.SetWriteDeadline(time.Unix(1, 0))
	}
}

// wrote takes note of a header field that is about to leave.
func (g *Guard) wrote(name string, values []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case len(values) != 1:
	case name == "Host":
		g.http2, g.left = false, g.left || values[0] == g.host
	case name == ":authority":
		g.http2, g.left = true, g.left || values[0] == g.host
	case !g.left:
		g.left = slices.Contains(g.credentials, values[0])
	}
}

func (g *Guard) stop(err error) {
	if g.err == nil {
		g.err = err
		g.end(err)
	}
}

// Outcome returns the error of the attempt, and whether a part of the request may have left. A transport that does not report its
// connections may have had one.
func (g *Guard) Outcome(err error) (cause error, sent bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		err = g.err
	}
	return err, g.got || g.dials == 0 && !IsDialError(err)
}

// IsDialError reports whether no connection could be made.
func IsDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
