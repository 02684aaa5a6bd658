package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/sandbox"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A call that takes over a second shows for how long, and which attempt it is at; a body counts too, and so does a
// wait.
func TestCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c calls
		took := map[string]time.Duration{"/quick": 500 * time.Millisecond, "/slow": 3 * time.Second}
		transport := c.transport(roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(took[r.URL.Path])
			return &http.Response{Body: http.NoBody}, nil
		}))
		send := func(path string) *http.Response {
			resp, err := transport.RoundTrip(httptest.NewRequest("GET", "http://example.com"+path, http.NoBody))
			if err != nil {
				t.Error(err)
			}
			return resp
		}
		want := func(want string) {
			t.Helper()
			host, end := c.waiting()
			if got := strings.TrimSpace(host + " " + end); got != want {
				t.Errorf("after %s: %q, want %q", time.Since(epoch), got, want)
			}
		}
		go func() { send("/quick").Body.Close() }()
		time.Sleep(time.Second)
		want("")
		go func() {
			resp := send("/slow")
			time.Sleep(time.Second) // and then the body comes
			resp.Body.Close()
			c.retry(client.Retry{Method: "GET", Path: "/slow", Attempt: 2, MaxAttempts: 4, Wait: 2 * time.Second})
			time.Sleep(2 * time.Second)
			send("/slow").Body.Close()
		}()
		time.Sleep(900 * time.Millisecond)
		want("")
		time.Sleep(600 * time.Millisecond)
		want("example.com 1s")
		time.Sleep(2 * time.Second)
		want("example.com 3s")
		time.Sleep(time.Second)
		want("example.com 4s, attempt 2 of 4 in 2s")
		time.Sleep(2 * time.Second)
		want("example.com 6s, attempt 2 of 4")
		if got := c.attempts(); got != 2 {
			t.Errorf("%d attempts, want 2", got)
		}
		time.Sleep(3 * time.Second)
		want("")
		go func() { send("/slow").Body.Close() }() // another call, which begins anew
		time.Sleep(2500 * time.Millisecond)
		want("example.com 2s")
		time.Sleep(time.Second)

		c.retry(client.Retry{Method: "GET", Path: "/slow", Attempt: 3, MaxAttempts: 4, Wait: time.Second}) // that is interrupted
		time.Sleep(3 * time.Second)
		want("")
	})
}

// The line is taken away before anything else is written, and left behind where a terminal that got narrower may have
// wrapped it.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &buffer{}
		var width atomic.Int32
		var text atomic.Value
		width.Store(20)
		text.Store("0123456789")
		resized := make(chan os.Signal)
		l := startLine(out, func() int { return int(width.Load()) }, resized, func() (string, string) { return text.Load().(string), "" })
		step := func(want string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			if got := out.String(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			out.mu.Lock()
			out.text.Reset()
			out.mu.Unlock()
		}
		step("\r0123456789")
		step("") // it is not drawn again for nothing
		_, _ = l.writer(out).Write([]byte("a result\n"))
		step("\r          \ra result\n\r0123456789")
		width.Store(15)
		resized <- os.Interrupt
		step("") // it fits as it is
		width.Store(8)
		resized <- os.Interrupt
		step("\n\r012345…")
		width.Store(30)
		step("\r0123456789")
		text.Store("ab")
		step("\rab        ")
		l.stop()
		step("\r  \r")
	})
}

// A slow service is shown on a terminal, and what was shown is gone when it answers.
func TestSlowService(t *testing.T) {
	r := start(t)
	r.terminal = true
	r.sandbox.Fail("get_settings", sandbox.Fault{Delay: 1500 * time.Millisecond})
	r.run(exitOK, "settings", "get")
	host := strings.TrimPrefix(r.sandbox.URL, "http://")
	drawn := regexp.MustCompile(`^(\rwaiting for ` + regexp.QuoteMeta(host) + `: \d+s)+\r +\r$`)
	if !drawn.MatchString(r.stderr.String()) {
		t.Errorf("it says %q", r.stderr)
	}
	r.sandbox.Fail("get_settings", sandbox.Fault{Delay: 1500 * time.Millisecond})
	r.run(exitOK, "settings", "get", "-v") // the log says the same
	if strings.Contains(r.stderr.String(), "waiting") {
		t.Errorf("with a log it says\n%s", r.stderr)
	}
}
