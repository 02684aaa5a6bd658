package proxy

// net/http writes a status line of its own, and leaves out of a 304 what describes the representation that the client
// has. Where a response has more than that to say, the proxy takes the connection over and writes the response by
// itself. That costs the client the connection, so that all other responses go through net/http.

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A responseWriter passes a response on to the client. Each write has to make progress within the time stall.
type responseWriter struct {
	http.ResponseWriter
	control  *http.ResponseController
	response *http.Response // of the upstream; nil if it did not respond
	request  *http.Request  // of the client
	stall    time.Duration
	ended    func() bool // reports whether the body of the request has been read

	conn   net.Conn // nil as long as net/http writes
	out    *bufio.Writer
	body   io.Writer // the framing of the body, or nil if there is none
	closed bool
}

// Unwrap lets [http.ResponseController] find the connection.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (w *responseWriter) WriteHeader(status int) {
	if w.response == nil || status < 200 || !w.needsRaw(status) || !w.ended() {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	conn, buffered, err := w.control.Hijack()
	if err != nil { // HTTP/2 has neither
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.conn, w.out = conn, buffered.Writer
	w.writeHead(status)
}

// needsRaw reports whether net/http would change the response.
func (w *responseWriter) needsRaw(status int) bool {
	if status == http.StatusNotModified {
		header := w.response.Header
		return header["Content-Length"] != nil || header["Content-Type"] != nil || w.reason() != http.StatusText(status)
	}
	if w.response.ProtoMajor != 1 { // which has no reason phrase
		return false
	}
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}
	return w.reason() != text
}

// reason returns the reason phrase of the upstream.
func (w *responseWriter) reason() string {
	_, reason, _ := strings.Cut(w.response.Status, " ")
	return reason
}

func (w *responseWriter) writeHead(status int) {
	header := w.Header()
	proto := "HTTP/1.1"
	if !w.request.ProtoAtLeast(1, 1) {
		proto = "HTTP/1.0"
	}
	_ = w.conn.SetDeadline(time.Now().Add(w.stall))
	fmt.Fprintf(w.out, "%s %03d %s\r\n", proto, status, w.reason())
	header.Set("Connection", "close")
	if w.request.Method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified {
		w.body = w.out
		if header.Get("Content-Length") == "" && proto == "HTTP/1.1" {
			header.Set("Transfer-Encoding", "chunked")
			w.body = httputil.NewChunkedWriter(w.out)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			fmt.Fprintf(w.out, "%s: %s\r\n", name, value)
		}
	}
	_, _ = w.out.WriteString("\r\n")
	_ = w.out.Flush()
}

// Write implements [io.Writer].
func (w *responseWriter) Write(p []byte) (int, error) {
	deadline := time.Now().Add(w.stall)
	if w.conn == nil {
		_ = w.control.SetWriteDeadline(deadline)
		return w.ResponseWriter.Write(p)
	}
	if w.body == nil {
		return 0, http.ErrBodyNotAllowed
	}
	_ = w.conn.SetWriteDeadline(deadline)
	return w.body.Write(p)
}

// FlushError is called by [http.ResponseController.Flush].
func (w *responseWriter) FlushError() error {
	deadline := time.Now().Add(w.stall)
	if w.conn == nil {
		_ = w.control.SetWriteDeadline(deadline)
		return w.control.Flush()
	}
	_ = w.conn.SetWriteDeadline(deadline)
	return w.out.Flush()
}

// close ends a response that was written here. A response that is not complete ends without its framing, so that the
// client notices.
func (w *responseWriter) close(complete bool) {
	if w.conn == nil || w.closed {
		return
	}
	w.closed = true
	defer w.conn.Close()
	if framing, ok := w.body.(io.Closer); ok && complete {
		_ = framing.Close()
		for _, name := range slices.Sorted(maps.Keys(w.response.Trailer)) {
			for _, value := range w.response.Trailer[name] {
				fmt.Fprintf(w.out, "%s: %s\r\n", name, value)
			}
		}
		_, _ = w.out.WriteString("\r\n")
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(w.stall))
	_ = w.out.Flush()
}
