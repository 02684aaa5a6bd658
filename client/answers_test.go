package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// everyCall makes one call of each kind.
func everyCall(c *client.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"settings": func(ctx context.Context) error { _, err := c.GetSettings(ctx); return err },
		"update": func(ctx context.Context) error {
			_, err := c.UpdateSettings(ctx, interconnect.SettingsUpdate{})
			return err
		},
		"order": func(ctx context.Context) error {
			_, err := c.CreateInterconnect(ctx, freeOrder())
			return err
		},
		"deletion": func(ctx context.Context) error { return c.DeleteInterconnect(ctx, "x") },
		"status":   func(ctx context.Context) error { _, err := c.GetInterconnectStatus(ctx, "x"); return err },
		"list": func(ctx context.Context) error {
			for _, err := range c.ListSlots(ctx, nil) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// A success whose body is something else is not a success.
func TestForeignAnswers(t *testing.T) {
	for name, answer := range map[string]struct {
		contentType, body string
		refused           bool // the error is an APIError
	}{
		"refusal":         {"application/json", `{"success":false,"errors":[{"code":1012,"message":"not onboarded"}],"messages":[],"result":null}`, true},
		"page":            {"text/html; charset=utf-8", `<html>please log in</html>`, false},
		"page, no type":   {"", `<!doctype html><html>please log in</html>`, false},
		"a proxy's words": {"application/json", `{"error":"try again"}`, false},
		"envelope":        {"application/json", `{"success":true,"errors":[],"messages":[],"result":{"default_asn":13335}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if answer.contentType != "" {
					w.Header().Set("Content-Type", answer.contentType)
				}
				io.WriteString(w, answer.body)
			}))
			for call, do := range everyCall(newClient(t, s.URL)) {
				err := do(t.Context())
				var refused *client.APIError
				var wrong *contract.ResponseError
				switch {
				case err == nil && call == "deletion" && !answer.refused && !strings.Contains(answer.body, "<html>"):
					// a body where none is declared does no harm
				case answer.refused:
					if !errors.As(err, &refused) || !strings.Contains(err.Error(), "not onboarded") {
						t.Errorf("%s: %v", call, err)
					}
				case !errors.As(err, &wrong) || string(wrong.Body) != answer.body:
					t.Errorf("%s: %v", call, err)
				}
			}
		})
	}
}

func TestPageWithoutItems(t *testing.T) {
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Has("cursor") {
			io.WriteString(w, `{"next":null}`)
			return
		}
		io.WriteString(w, `{"items":[],"next":-7}`)
	}))
	c := newClient(t, s.URL)
	for want, params := range map[string]*interconnect.ListSlotsParams{
		"the page has no items": {Cursor: new(int32(1))}, "the cursor of the next page is -7": nil,
	} {
		var last error
		for _, err := range c.ListSlots(t.Context(), params) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("got %v, want %s", last, want)
		}
	}
}

// HTTP/2 lets a server refuse a request after it has read all of it. http.Transport sends such a request again, if it can.
func TestMutationIsNotGivenTwiceToHTTP2(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", client.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet && r.GetBody != nil {
			t.Errorf("%s can be sent again by the transport", r.Method)
		}
		return nil, errors.New("refused")
	})}))
	_, err := c.UpdateSettings(t.Context(), interconnect.SettingsUpdate{})
	var unknown *client.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}

// The body of 101 is the connection, which has no end.
func TestSwitchingProtocols(t *testing.T) {
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { conn.Close() })
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	}))
	c := newClient(t, s.URL, client.WithMaxAttempts(1))
	done := make(chan error, 1)
	go func() { done <- c.DeleteInterconnect(context.WithoutCancel(t.Context()), "x") }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "101 Switching Protocols") {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the call does not end")
	}
}

func TestUnusableRetryAfter(t *testing.T) {
	for _, value := range []string{"soon", "-1", "1.5"} {
		s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		_, err := newClient(t, s.URL).UpdateSettings(t.Context(), interconnect.SettingsUpdate{})
		if !errors.Is(err, client.ErrRateLimited) {
			t.Errorf("%s: %v", value, err)
		}
		s.wantCount(t, http.MethodPut, 1)
	}
}

// A letter of which nothing has come can be asked for again.
func TestLetterIsRetriedBeforeItBegins(t *testing.T) {
	asked := 0
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		if asked++; asked == 1 {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "%PDF-1.4\n%%EOF\n")
	}))
	var letter bytes.Buffer
	if _, err := newClient(t, s.URL).GetInterconnectLOA(t.Context(), "x", nil, &letter); err != nil || asked != 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	// What the writer cannot take is not the letter's fault.
	_, err := newClient(t, s.URL).GetInterconnectLOA(t.Context(), "x", nil, failingWriter{})
	if err == nil || !strings.Contains(err.Error(), "could not be written") {
		t.Errorf("got %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// A response that cannot be understood does not repeat the credentials, however deep one looks.
func TestSecretsInSuccesses(t *testing.T) {
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"default_asn":"`+token+`"}`)
	}))
	_, err := newClient(t, s.URL).GetSettings(t.Context())
	var wrong *contract.ResponseError
	if !errors.As(err, &wrong) || bytes.Contains(wrong.Body, []byte(token)) {
		t.Fatalf("got %v", err)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(err.Error(), token) {
			t.Errorf("%T: %v", err, err)
		}
	}
}

func TestRedirectIsExplained(t *testing.T) {
	s := newServer(t, http.RedirectHandler("https://example.com/elsewhere", http.StatusMovedPermanently))
	_, err := newClient(t, s.URL).UpdateSettings(t.Context(), interconnect.SettingsUpdate{})
	if err == nil || !strings.Contains(err.Error(), "redirects to https://example.com/elsewhere, which is not followed") {
		t.Errorf("got %v", err)
	}
}

func TestCredentialsInTheClear(t *testing.T) {
	for url, warns := range map[string]bool{"http://example.com": true, "https://example.com": false, "http://127.0.0.1:80": false, "http://[::1]": false, "http://localhost:1": false} {
		var log bytes.Buffer
		_ = newClient(t, url, client.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if got := strings.Contains(log.String(), "in the clear"); got != warns {
			t.Errorf("%s: the log is %s", url, &log)
		}
	}
}
