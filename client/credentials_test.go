package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestCredentials(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		opts []client.Option
		want http.Header // nil for an error
	}{
		"token":               {opts: []client.Option{client.WithToken("tok")}, want: http.Header{"Authorization": {"Bearer tok"}}},
		"key":                 {opts: []client.Option{client.WithEmailKey("a@example.com", "key")}, want: http.Header{"X-Auth-Email": {"a@example.com"}, "X-Auth-Key": {"key"}}},
		"token from env":      {env: map[string]string{"CLOUDFLARE_API_TOKEN": "env"}, want: http.Header{"Authorization": {"Bearer env"}}},
		"key from env":        {env: map[string]string{"CLOUDFLARE_EMAIL": "e", "CLOUDFLARE_API_KEY": "k"}, want: http.Header{"X-Auth-Email": {"e"}, "X-Auth-Key": {"k"}}},
		"token of both":       {env: map[string]string{"CLOUDFLARE_API_TOKEN": "env", "CLOUDFLARE_EMAIL": "e", "CLOUDFLARE_API_KEY": "k"}, want: http.Header{"Authorization": {"Bearer env"}}},
		"option before env":   {env: map[string]string{"CLOUDFLARE_API_TOKEN": "env"}, opts: []client.Option{client.WithEmailKey("a", "b")}, want: http.Header{"X-Auth-Email": {"a"}, "X-Auth-Key": {"b"}}},
		"none":                {},
		"e-mail only":         {env: map[string]string{"CLOUDFLARE_EMAIL": "e"}},
		"key only":            {env: map[string]string{"CLOUDFLARE_API_KEY": "secret-value"}},
		"empty token":         {opts: []client.Option{client.WithToken("")}},
		"empty key":           {opts: []client.Option{client.WithEmailKey("a", "")}},
		"two options":         {opts: []client.Option{client.WithToken("a"), client.WithEmailKey("a", "b")}},
		"line break":          {opts: []client.Option{client.WithToken("secret-value\n")}},
		"password in the URL": {opts: []client.Option{client.WithToken("t"), client.WithBaseURL("https://u:secret-value@example.com")}},
		"broken URL":          {opts: []client.Option{client.WithToken("t"), client.WithBaseURL("https://u:secret-value@exa mple.com")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"CLOUDFLARE_BASE_URL", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY", "CLOUDFLARE_ACCOUNT_ID"} {
				t.Setenv(variable, test.env[variable])
			}
			var got http.Header
			transport := roundTripper(func(r *http.Request) (*http.Response, error) {
				got = r.Header
				return nil, errors.New("enough")
			})
			opts := append(test.opts, client.WithHTTPClient(&http.Client{Transport: transport}), client.WithMaxAttempts(1))
			c, err := client.New(account, opts...)
			if test.want == nil {
				if err == nil || strings.Contains(err.Error(), "secret-value") {
					t.Errorf("got %v, want an error without the secret", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _ = c.GetSettings(t.Context())
			for _, name := range []string{"Authorization", "X-Auth-Email", "X-Auth-Key"} {
				if got.Get(name) != test.want.Get(name) {
					t.Errorf("%s: %q, want %q", name, got.Get(name), test.want.Get(name))
				}
			}
			if got.Get("User-Agent") != client.DefaultUserAgent {
				t.Errorf("user agent %q", got.Get("User-Agent"))
			}
		})
	}
}

func TestAccount(t *testing.T) {
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	for _, id := range []string{"", "..", "a/b", "a?b", strings.Repeat("a", 33)} {
		if _, err := client.New(id, client.WithToken("t")); err == nil {
			t.Errorf("account %q was accepted", id)
		}
	}
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "from-env")
	c, err := client.New("", client.WithToken("t"))
	if err != nil || c.AccountID() != "from-env" {
		t.Errorf("%v, %v", c, err)
	}
}

// The base URL comes from an option, or else from the environment, or else it is Cloudflare's. What differs from the last two is logged.
func TestBaseURL(t *testing.T) {
	const sandboxURL, other = "http://127.0.0.1:8080/client/v4", "https://example.com/api"
	for name, test := range map[string]struct {
		environment string
		opts        []client.Option
		want        string // or the error
		logged      bool
	}{
		"nothing":                         {want: client.DefaultBaseURL},
		"environment":                     {environment: sandboxURL, want: sandboxURL, logged: true},
		"slash at the end":                {environment: sandboxURL + "/", want: sandboxURL, logged: true},
		"Cloudflare's in the environment": {environment: client.DefaultBaseURL, want: client.DefaultBaseURL},
		"option":                          {environment: sandboxURL, opts: []client.Option{client.WithBaseURL(other)}, want: other},
		"empty option":                    {opts: []client.Option{client.WithBaseURL("")}, want: client.DefaultBaseURL},
		"empty option and environment":    {environment: sandboxURL, opts: []client.Option{client.WithBaseURL("")}, want: sandboxURL, logged: true},
		"other options that are empty":    {opts: []client.Option{client.WithHTTPClient(nil), client.WithUserAgent("")}, want: client.DefaultBaseURL},
		"no URL":                          {environment: "sandbox", want: "client: CLOUDFLARE_BASE_URL is not a URL such as " + client.DefaultBaseURL},
		"password": {environment: "http://u:secret-value@example.com",
			want: "client: CLOUDFLARE_BASE_URL has a user, a query or a fragment; want scheme, host and path only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CLOUDFLARE_BASE_URL", test.environment)
			var log bytes.Buffer
			opts := append(test.opts, client.WithToken(token), client.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			c, err := client.New(account, opts...)
			got := "client for account " + account + " at " + test.want
			if err == nil && c.String() != got || err != nil && err.Error() != test.want {
				t.Errorf("got %v, %v; want %s", c, err, test.want)
			}
			if logged := strings.Contains(log.String(), "level=INFO") && strings.Contains(log.String(), "url="+test.want); logged != test.logged {
				t.Errorf("logged %q", &log)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for name, opt := range map[string]client.Option{
		"timeout":  client.WithTimeout(-1),
		"attempts": client.WithMaxAttempts(0),
		"backoff":  client.WithBackoff(0, 1),
		"longest":  client.WithBackoff(2, 1),
		"scheme":   client.WithBaseURL("ftp://example.com"),
		"query":    client.WithBaseURL("https://example.com?x"),
	} {
		if _, err := client.New(account, client.WithToken("t"), opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestUserAgent(t *testing.T) {
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"default_asn":%d}`, len(r.UserAgent()))
	}))
	settings, err := newClient(t, s.URL, client.WithUserAgent("orders/1")).GetSettings(t.Context())
	if err != nil || settings.DefaultASN != int64(len("orders/1")) {
		t.Errorf("%+v, %v", settings, err)
	}
}

// A server that repeats everything it got, in header and body, does not get the credentials into errors or logs.
func TestCredentialsStaySecret(t *testing.T) {
	for _, status := range []int{200, 302, 400, 404, 502} {
		for _, contentType := range []string{"application/json", "text/html"} {
			var log bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				secret := r.Header.Get("Authorization")
				w.Header().Set("Content-Type", contentType)
				w.Header().Set("Location", "https://example.com/?"+secret)
				w.Header().Set("Cf-Ray", secret)
				w.WriteHeader(status)
				fmt.Fprintf(w, `{"default_asn":%q,"errors":[{"code":1000,"message":%q}]}`, secret, secret)
			}))
			c := newClient(t, s.URL, client.WithLogger(logger))
			_, err := c.GetSettings(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			var text strings.Builder
			fmt.Fprintf(&text, "%s %v %+v %q\n", err, err, err, err)
			var api *client.APIError
			if errors.As(err, &api) {
				fmt.Fprintf(&text, "%+v %s", *api, api.Body)
			}
			text.Write(log.Bytes())
			if strings.Contains(text.String(), token) {
				t.Errorf("%d %s: the token is in\n%s", status, contentType, &text)
			}
			if !strings.Contains(log.String(), `"path":"/accounts/`) {
				t.Errorf("logged %s", &log)
			}
		}
	}
}

func TestTransportErrorsStaySecret(t *testing.T) {
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %v", r.Header)
	})
	var log bytes.Buffer
	c := newClient(t, "http://192.0.2.1", client.WithHTTPClient(&http.Client{Transport: transport}),
		client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	_, read := c.GetSettings(t.Context())
	_, mutation := c.CreateInterconnect(t.Context(), freeOrder())
	ctx, cancel := context.WithCancel(t.Context())
	waiting := newClient(t, "http://192.0.2.1", client.WithHTTPClient(&http.Client{Transport: transport}),
		client.WithSleep(func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }))
	_, wait := waiting.GetSettings(ctx)
	var unknown *client.UnknownOutcomeError
	if !errors.As(mutation, &unknown) {
		t.Fatal(mutation)
	}
	if text := fmt.Sprint(read, mutation, unknown.Err, wait, &log); strings.Contains(text, token) || !strings.Contains(text, "[redacted]") {
		t.Errorf("the token is in %s", text)
	}
}

func TestClientPrintsWithoutCredentials(t *testing.T) {
	c := newClient(t, "http://192.0.2.1")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "client", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "client", c)
	text, err := json.Marshal(map[string]any{"client": c})
	if err != nil {
		t.Error(err)
	}
	all := fmt.Sprintf("%s %v %+v %#v %s %s %s %v", c, c, c, c, c, &log, text, []*client.Client{c})
	value := *c
	all += fmt.Sprintf("%v %+v %#v", value, value, value)
	if strings.Contains(all, token) {
		t.Errorf("the token is in %s", all)
	}
	if !strings.Contains(fmt.Sprintf("%#v", c), account) {
		t.Error("the account is missing")
	}
}

// A redirect is an error. Neither the order nor the credentials follow it.
func TestRedirect(t *testing.T) {
	other := newServer(t, sandbox.New())
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, status)
		}))
		c := newClient(t, s.URL)
		var response *contract.ResponseError
		if _, err := c.GetSettings(t.Context()); !errors.As(err, &response) || response.Status != status {
			t.Errorf("GET: %v", err)
		}
		if _, err := c.CreateInterconnect(t.Context(), freeOrder()); !errors.As(err, &response) || response.Status != status {
			t.Errorf("POST: %v", err)
		}
		s.wantCount(t, "GET", 1)
		s.wantCount(t, "POST", 1)
	}
	other.wantCount(t, "GET", 0)
	other.wantCount(t, "POST", 0)
}
