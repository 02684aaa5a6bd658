package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/internal/redact/redacttest"
)

// shown is everything that a program may show of a call.
type shown struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// add shows a value the ways in which Go programs show one.
func (s *shown) add(value any) {
	for _, verb := range []string{"%v\n", "%+v\n", "%#v\n", "%s\n"} {
		fmt.Fprintf(s, verb, value)
	}
	text, _ := json.Marshal(value)
	_, _ = s.Write(text)
	slog.New(slog.NewTextHandler(s, nil)).Info("shown", "value", value)
	slog.New(slog.NewJSONHandler(s, nil)).Info("shown", "value", value)
}

// addError shows an error and all that it wraps, also what only the fields of our errors hold.
func (s *shown) addError(err error) {
	s.add(err)
	switch err := err.(type) {
	case *client.APIError:
		s.add(*err)
		s.add(string(err.Body))
	case *client.ResponseError:
		s.add(*err)
		s.add(string(err.Body))
	case *client.ItemError:
		s.add(*err)
		s.add(string(err.JSON))
	case *client.ValidationError:
		s.add(err.Violations)
		for _, v := range err.Violations {
			s.add(v.Message())
		}
	case *client.UnknownOutcomeError:
		s.add(*err)
	case *client.WaitError:
		s.add(*err)
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		if err.Unwrap() != nil {
			s.addError(err.Unwrap())
		}
	case interface{ Unwrap() []error }:
		for _, err := range err.Unwrap() {
			s.addError(err)
		}
	}
}

// examplesOf are the bodies of successes, by operation. The operations without JSON have none.
func examplesOf(t *testing.T) map[string][]byte {
	t.Helper()
	examples := map[string][]byte{}
	for operation, call := range calls {
		w := newWorld(t)
		record := roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(bytes.NewReader(body))
			if json.Valid(body) {
				examples[operation] = regexp.MustCompile(`(?s)"items":\[(\{.*?\}),\{"id".*\]`).ReplaceAll(body, []byte(`"items":[$1]`))
			}
			return resp, err
		})
		if _, err := call(t.Context(), newClient(t, w.server.URL, client.WithHTTPClient(&http.Client{Transport: record})), w); err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
	}
	return examples
}

// A service that repeats the credentials wherever it can, in whatever spelling, does not get them into anything that a
// program shows.
func TestSecretsAreNotShown(t *testing.T) {
	const user = "somebody@example.com"
	examples := examplesOf(t)
	for kind, credential := range map[string]struct {
		user, secret string
		option       client.Option
	}{
		"token": {"", "T0k3n/that+n0b0dy=may_see~42", client.WithToken("T0k3n/that+n0b0dy=may_see~42")},
		"key":   {user, "c2547eb745079dac9320b638f5e225cf483cc5cfdda41", client.WithEmailKey(user, "c2547eb745079dac9320b638f5e225cf483cc5cfdda41")},
	} {
		spellings := redacttest.Spellings(credential.user, credential.secret)
		for operation, call := range calls {
			if kind == "key" && operation != "list_slots" && operation != "create_cni" {
				continue
			}
			t.Run(kind+"/"+operation, func(t *testing.T) {
				t.Parallel()
				service := redacttest.NewService(t)
				transport := &http.Transport{}
				defer transport.CloseIdleConnections()
				leaks := 0
				try := func(how, raw string) {
					service.Answer(raw)
					var s shown
					c, err := client.New(account, credential.option, client.WithBaseURL(service.URL), client.WithSleep(noSleep), client.WithMaxAttempts(2),
						client.WithHTTPClient(&http.Client{Transport: transport}),
						client.WithLogger(slog.New(slog.NewJSONHandler(&s, &slog.HandlerOptions{Level: slog.LevelDebug}))),
						client.WithOnDeviation(func(c *client.Deviation) { s.add(*c); s.add(string(c.Body)) }),
						client.WithOnRetry(func(r client.Retry) { s.add(r) }))
					if err != nil {
						t.Fatal(err)
					}
					value, err := call(t.Context(), c, (&world{}).named("x"))
					s.add(value)
					if err != nil {
						s.addError(err)
					}
					if where := redacttest.Shown(s.text.String(), credential.secret); where != "" && leaks < 10 {
						leaks++
						t.Errorf("%s: the credential is shown %s\nafter %q", how, where, raw[:min(len(raw), 300)])
					}
				}
				// What is in a success differs from one operation to another; the rest does not, but for one of each
				// kind.
				responses := []func(string) iter.Seq2[string, string]{
					func(text string) iter.Seq2[string, string] { return redacttest.Successes(examples[operation], text) },
				}
				if slices.Contains([]string{"get_interconnect_loa", "list_slots", "create_interconnect", "delete_cni"}, operation) {
					responses = append(responses, redacttest.Responses)
				}
				for _, with := range responses {
					if operation == "get_interconnect_loa" || operation == "list_slots" {
						for name, raw := range with(redacttest.All(spellings)) {
							try(name+", all spellings", raw)
						}
					}
					for name, raw := range redacttest.Mixed(spellings, with) {
						try(name, raw)
					}
				}
			})
		}
	}
}

// The state of a link and its reason are shown by what waits for it.
func TestSecretsInWaits(t *testing.T) {
	service := redacttest.NewService(t)
	for name, text := range redacttest.Spellings("", token) {
		body := `{"state":"Down","reason":"` + text + `"}`
		service.Answer(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		var s shown
		err := newClient(t, service.URL).WaitHealthy(t.Context(), "x", client.WithOnChange(func(change client.StatusChange) { s.add(change) }))
		var wait *client.WaitError
		if !errors.As(err, &wait) || wait.State != client.StateDown || !strings.Contains(wait.Reason, "[redacted]") {
			t.Errorf("%s: got %v", name, err)
		}
		s.addError(err)
		if where := redacttest.Shown(s.text.String(), token); where != "" {
			t.Errorf("%s: the credential is shown %s", name, where)
		}
	}
}
