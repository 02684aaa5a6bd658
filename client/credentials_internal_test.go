package client

import (
	"errors"
	"net/http"
	"testing"
)

type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) {
	r.t.Error("the credentials were passed on")
	return nil, errors.New("refused")
}

// Whatever goes wrong above it, the layer that adds the credentials adds them for one host only.
func TestOtherHost(t *testing.T) {
	auth := &authTransport{base: refusing{t}, credentials: credentials{token: "x"}, scheme: "https", host: "example.com"}
	for _, url := range []string{"https://example.org/", "http://example.com/", "https://example.com:444/", "https://example.com.evil.example/"} {
		r, err := http.NewRequest("POST", url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = auth.RoundTrip(r); !errors.Is(err, errOtherHost) || len(r.Header) > 0 {
			t.Errorf("%s: %v, %v", url, err, r.Header)
		}
	}
}
