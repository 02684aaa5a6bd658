package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/interconnect-go/interconnect/contract/wire"
	"github.com/interconnect-go/interconnect/internal/once"
)

// retryTransport sends again what is safe to send again; the package comment has the rules.
type retryTransport struct {
	base   http.RoundTripper
	cfg    *config
	redact *redactor
}

// sentError says that a request that changes something may have arrived, but that no response came.
type sentError struct{ error }

func (e *sentError) Unwrap() error { return e.error }

// outcome is what became of one attempt.
type outcome struct {
	resp   *http.Response
	broken bool // the body of resp ends with an error
	err    error
	sent   bool // bytes may have left
	final  bool // err would be the same again
}

func (t *retryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	pauses := newBackoff(t.cfg.initial, t.cfg.longest)
	for attempt := 1; ; attempt++ {
		o := t.attempt(r, attempt)
		if attempt >= t.cfg.maxAttempts || ctx.Err() != nil || !o.again(safe(r)) {
			return o.resp, o.failure(r)
		}
		pause := pauses.NextBackOff()
		if o.resp != nil {
			hint, _ := retryAfter(o.resp.Header, time.Now())
			if hint > MaxRetryAfter {
				return o.resp, nil
			}
			pause = max(pause, hint)
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return o.resp, o.failure(r)
		}
		if o.resp != nil {
			o.resp.Body.Close()
		}
		t.tell(ctx, Retry{Method: r.Method, Path: r.URL.Path, Attempt: attempt + 1, MaxAttempts: t.cfg.maxAttempts, Wait: pause, Because: o.String()})
		if err := t.cfg.sleep(ctx, pause); err != nil {
			return nil, fmt.Errorf("%w, while waiting to try again after: %s", err, o)
		}
	}
}

// A Retry says that a call is sent once more after a wait.
type Retry struct {
	Method, Path string // of the URL, without its query
	Attempt      int    // the number of the next attempt, from 2
	MaxAttempts  int    // the number of the last attempt that there may be
	Wait         time.Duration
	Because      string // what became of the attempt before
}

// tell reports a retry to the hook, or logs it if there is none.
func (t *retryTransport) tell(ctx context.Context, r Retry) {
	if t.cfg.onRetry != nil {
		t.cfg.onRetry(r)
		return
	}
	t.cfg.logger.LogAttrs(ctx, slog.LevelWarn, "trying again", slog.String("method", r.Method), slog.String("path", r.Path),
		slog.Int("attempt", r.Attempt), slog.Duration("wait", r.Wait), slog.String("because", r.Because))
}

// attempt sends the request once.
func (t *retryTransport) attempt(r *http.Request, n int) outcome {
	ctx := r.Context()
	if err := ctx.Err(); err != nil { // http.Transport would not say that it did nothing
		if r.Body != nil {
			r.Body.Close()
		}
		return outcome{err: err}
	}
	stop := func() {}
	if t.cfg.timeout > 0 {
		ctx, stop = context.WithTimeout(ctx, t.cfg.timeout)
	}
	ctx, g := once.Watch(ctx, r)
	cancel := func() { g.End(); stop() }
	r = r.WithContext(ctx)
	if n > 1 && r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			cancel()
			return outcome{err: err}
		}
		r.Body = body
	}
	if !safe(r) {
		r.GetBody = nil // whoever has it may send again
	}
	start := time.Now()
	resp, err := t.base.RoundTrip(r)
	if err == nil && resp == nil {
		err = errors.New("the transport returned neither a response nor an error")
	}
	var certificate *tls.CertificateVerificationError
	o := outcome{resp: resp, sent: true, final: errors.As(err, &certificate)}
	if err != nil {
		cancel()
		err, o.sent = g.Outcome(err)
		o.resp, o.err = nil, t.redact.error(err)
		logAttempt(t.cfg.logger, r, start, nil, o.err)
		return o
	}
	t.redact.response(resp)
	logAttempt(t.cfg.logger, r, start, resp, nil)
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if mayBePDF(r, resp) {
		body := bufio.NewReader(resp.Body)
		begin, err := body.Peek(len(pdfBegin)) // once the caller has a byte, it is too late to send again
		if o.broken = err != nil && err != io.EOF; string(begin) == pdfBegin {
			resp.Body = &cancelBody{t.redact.stream(body), resp.Body, cancel}
			return o
		}
		resp.Body = &cancelBody{body, resp.Body, func() {}}
	}
	defer cancel()
	o.broken = t.hold(resp) || o.broken
	return o
}

// pdfKey marks the context of calls that get a PDF. Only their responses may be streamed: in a body that is held, credentials are found
// in every spelling.
type pdfKey struct{}

// mayBePDF reports whether a response may be a PDF, by its header.
func mayBePDF(r *http.Request, resp *http.Response) bool {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return r.Context().Value(pdfKey{}) != nil && resp.StatusCode == http.StatusOK && mediaType != "" &&
		mediaType != "application/json" && !strings.HasSuffix(mediaType, "+json")
}

// maxBody is the longest body that is read into memory, and one byte more than the layer above accepts.
const maxBody = 10<<20 + 1

// hold reads the body as a whole, so that this layer knows whether it arrived. What did arrive can be read again, without the
// credentials, and then the error.
func (t *retryTransport) hold(resp *http.Response) (broken bool) {
	var body []byte
	var err error
	if resp.StatusCode != http.StatusSwitchingProtocols { // whose body is the connection, and has no end
		// More than is kept, so that the credentials are not cut where the body is.
		body, err = wire.ReadAll(io.LimitReader(resp.Body, maxBody+64<<10), resp.ContentLength)
	}
	resp.Body.Close()
	body = t.redact.body(body)
	body = body[:min(len(body), maxBody)]
	if err != nil {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failingReader{t.redact.error(err)}))
	} else {
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	return err != nil
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// cancelBody ends the context of the attempt with the body.
type cancelBody struct {
	io.Reader
	body   io.Closer
	cancel context.CancelFunc
}

func (b *cancelBody) Close() error {
	defer b.cancel()
	return b.body.Close()
}

// again says whether the request may be sent once more. safe means that it changes nothing.
func (o outcome) again(safe bool) bool {
	if o.resp == nil {
		return (safe || !o.sent) && !o.final
	}
	status, header := o.resp.StatusCode, o.resp.Header
	switch advice := header.Get("X-Should-Retry"); {
	case advice == "false":
		return false
	case status == http.StatusTooManyRequests:
		_, told := retryAfter(header, time.Now())
		return safe || advice == "true" || told
	case !safe:
		return false
	}
	return o.broken && status < 300 || status == http.StatusRequestTimeout || status >= 500
}

// failure is the error to return. It is nil if there is a response.
func (o outcome) failure(r *http.Request) error {
	if o.err != nil && o.sent && !safe(r) {
		return &sentError{o.err}
	}
	return o.err
}

// String says what became of the attempt.
func (o outcome) String() string {
	switch {
	case o.err != nil && !o.sent:
		return o.err.Error() + "; nothing has been sent"
	case o.err != nil:
		return o.err.Error()
	case o.broken:
		return strconv.Itoa(o.resp.StatusCode) + ", of which the end is missing"
	}
	return strconv.Itoa(o.resp.StatusCode) + " " + http.StatusText(o.resp.StatusCode)
}

func safe(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// retryAfter reads Retry-After, in seconds or as a date; one that is past is zero. It is not ok if there is none that can be read.
func retryAfter(header http.Header, now time.Time) (wait time.Duration, ok bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, 1<<32)) * time.Second, true
	}
	date, err := http.ParseTime(value)
	return max(0, date.Sub(now)), err == nil
}

func newBackoff(initial, longest time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier = initial, longest, 2
	b.Reset()
	return b
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
