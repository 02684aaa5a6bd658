package main

// A server for one person's machine has few clients, but anything on the machine can connect to it, and keep on doing
// so.

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// maxConnections is how many connections a server has at a time. More of them wait.
	maxConnections = 256

	// maxHeader is how many bytes the header of a request may have. net/http adds 4 KiB.
	maxHeader = 28 << 10
)

// newTime is how long a new connection is kept even if it has not sent a request.
const newTime = time.Second

// A limitedListener bounds the number of connections. When there are as many as it allows, it closes one that waits for
// a request to make room for another: the one that has waited for the longest. While none does, new connections have to
// wait.
type limitedListener struct {
	net.Listener
	logger *slog.Logger
	room   chan struct{} // has an element for each connection
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	waiting map[net.Conn]time.Time // for a request, since when; for a new one, when newTime is over
	warned  time.Time
}

func newLimitedListener(l net.Listener, most int, logger *slog.Logger) *limitedListener {
	return &limitedListener{
		Listener: l, logger: logger,
		room: make(chan struct{}, most), closed: make(chan struct{}), waiting: map[net.Conn]time.Time{},
	}
}

// Accept implements [net.Listener].
func (l *limitedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for {
		select {
		case l.room <- struct{}{}:
			return &limitedConn{Conn: conn, listener: l}, nil
		case <-l.closed:
			conn.Close()
			return nil, net.ErrClosed
		default:
			l.makeRoom()
		}
		select {
		case l.room <- struct{}{}:
			return &limitedConn{Conn: conn, listener: l}, nil
		case <-l.closed:
		case <-time.After(50 * time.Millisecond): // one may have begun to wait
		}
	}
}

// Close implements [net.Listener].
func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// makeRoom closes the connection that has waited for the longest, if there is one.
func (l *limitedListener) makeRoom() {
	l.mu.Lock()
	now := time.Now()
	var oldest net.Conn
	for conn, since := range l.waiting {
		if since.Before(now) && (oldest == nil || since.Before(l.waiting[oldest])) {
			oldest = conn
		}
	}
	delete(l.waiting, oldest)
	warn := now.Sub(l.warned) > time.Minute
	if warn {
		l.warned = now
	}
	l.mu.Unlock()
	if warn {
		l.logger.Warn("too many connections: those that wait for a request are closed, and new ones wait for room", "limit", cap(l.room))
	}
	if oldest != nil {
		oldest.Close()
	}
}

// note is the ConnState of a server.
func (l *limitedListener) note(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state {
	case http.StateNew:
		l.waiting[conn] = time.Now().Add(newTime)
	case http.StateIdle:
		l.waiting[conn] = time.Now()
	default:
		delete(l.waiting, conn)
	}
}

// A limitedConn makes room when it is closed, which a server may do more than once.
type limitedConn struct {
	net.Conn
	listener *limitedListener
	once     sync.Once
}

// Close implements [net.Conn].
func (c *limitedConn) Close() error {
	c.once.Do(func() { <-c.listener.room })
	return c.Conn.Close()
}

// CloseWrite lets a server end a connection without losing the response: see [net.TCPConn.CloseWrite].
func (c *limitedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Conn.Close()
}
