package client

import (
	"errors"
	"net/http"
	"os"
	"strings"
)

// credentials are a token, or an e-mail address and a key.
type credentials struct{ token, email, key string }

func environment() credentials {
	if token := os.Getenv("CLOUDFLARE_API_TOKEN"); token != "" {
		return credentials{token: token}
	}
	return credentials{email: os.Getenv("CLOUDFLARE_EMAIL"), key: os.Getenv("CLOUDFLARE_API_KEY")}
}

// check returns an error that does not repeat the credentials.
func (c credentials) check() error {
	switch {
	case c.token != "" && (c.email != "" || c.key != ""):
		return errors.New("both an API token and an API key are given; want one of them")
	case c == credentials{}:
		return errors.New("no credentials: set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, or use WithToken or WithEmailKey")
	case c.token == "" && c.email == "":
		return errors.New("an API key without an e-mail address: set CLOUDFLARE_EMAIL too")
	case c.token == "" && c.key == "":
		return errors.New("an e-mail address without an API key: set CLOUDFLARE_API_KEY too")
	case strings.ContainsFunc(c.token+c.email+c.key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the credentials contain a space, a line break or another character that a header cannot hold")
	}
	return nil
}

// authTransport adds the credentials and the user agent.
type authTransport struct {
	base         http.RoundTripper
	credentials  credentials
	userAgent    string
	scheme, host string
}

var errOtherHost = errors.New("refused to send the credentials to another host than that of the base URL")

func (t *authTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != t.scheme || r.URL.Host != t.host {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errOtherHost
	}
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", t.userAgent)
	if t.credentials.token != "" {
		r.Header.Set("Authorization", "Bearer "+t.credentials.token)
	} else {
		r.Header.Set("X-Auth-Email", t.credentials.email)
		r.Header.Set("X-Auth-Key", t.credentials.key)
	}
	return t.base.RoundTrip(r)
}
