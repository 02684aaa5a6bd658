package contract_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

var (
	basic  = contract.SecurityScheme{Name: "basic", Type: "http", Scheme: "basic"}
	digest = contract.SecurityScheme{Name: "digest", Type: "http", Scheme: "digest"}
	mutual = contract.SecurityScheme{Name: "mutual", Type: "mutualTLS"}
	future = contract.SecurityScheme{Name: "future", Type: "passkey"}
)

func schemes(alternatives ...[]contract.SecurityScheme) [][]contract.SecurityScheme {
	return alternatives
}

func all(list ...contract.SecurityScheme) []contract.SecurityScheme { return list }

// Without Authenticate, a request is admitted if it has the credentials of one alternative, whatever they are. The
// response to another one has a challenge, and nothing of its body is read.
func TestCredentials(t *testing.T) {
	oauth := contract.SecurityScheme{Name: "oauth", Type: "oauth2"}
	openID := contract.SecurityScheme{Name: "openid", Type: "openIdConnect"}
	query := contract.SecurityScheme{Name: "q", Type: "apiKey", In: "query", Param: "key"}
	cookie := contract.SecurityScheme{Name: "c", Type: "apiKey", In: "cookie", Param: "session"}
	cloudflare := schemes(all(bearer), all(email, key))
	for _, test := range []struct {
		name      string
		security  [][]contract.SecurityScheme
		target    string
		header    []string
		challenge []string // nil if the request is admitted
	}{
		{"nothing asked for", nil, "/", nil, nil},
		{"anonymous too", schemes(all(bearer), all()), "/", nil, nil},
		{"bearer", cloudflare, "/", []string{"Authorization", "Bearer x"}, nil},
		{"bearer in lower case", cloudflare, "/", []string{"Authorization", "bearer x"}, nil},
		{"bearer without token", cloudflare, "/", []string{"Authorization", "Bearer "}, []string{"Bearer"}},
		{"bearer without space", cloudflare, "/", []string{"Authorization", "Bearer"}, []string{"Bearer"}},
		{"two tokens", cloudflare, "/", []string{"Authorization", "Bearer x", "Authorization", "Bearer y"},
			[]string{"Bearer"}},
		{"another scheme", cloudflare, "/", []string{"Authorization", "Basic dTpw"}, []string{"Bearer"}},
		{"nothing", cloudflare, "/", nil, []string{"Bearer"}},
		{"both keys", cloudflare, "/", []string{"X-Auth-Email", "a@b", "X-Auth-Key", "k"}, nil},
		{"one key of two", cloudflare, "/", []string{"X-Auth-Key", "k"}, []string{"Bearer"}},
		{"empty key", cloudflare, "/", []string{"X-Auth-Email", "a@b", "X-Auth-Key", ""}, []string{"Bearer"}},
		{"only keys", schemes(all(email, key)), "/", nil,
			[]string{`ApiKey in="header", name="X-Auth-Email"`, `ApiKey in="header", name="X-Auth-Key"`}},
		{"basic", schemes(all(basic)), "/", []string{"Authorization", "Basic dTpw"}, nil},
		{"basic without colon", schemes(all(basic)), "/", []string{"Authorization", "Basic dXA="},
			[]string{`Basic realm="api", charset="UTF-8"`}},
		{"basic, no base64", schemes(all(basic)), "/", []string{"Authorization", "Basic u:p"},
			[]string{`Basic realm="api", charset="UTF-8"`}},
		{"other http scheme", schemes(all(digest)), "/", []string{"Authorization", "Digest x"}, nil},
		{"other http scheme, missing", schemes(all(digest)), "/", nil, []string{"digest"}},
		{"several", schemes(all(digest), all(oauth), all(bearer)), "/", nil, []string{"digest", "Bearer"}},
		{"oauth2", schemes(all(oauth)), "/", []string{"Authorization", "Bearer x"}, nil},
		{"oauth2, missing", schemes(all(oauth)), "/", nil, []string{"Bearer"}},
		{"OpenID Connect", schemes(all(openID)), "/", []string{"Authorization", "Bearer x"}, nil},
		{"query", schemes(all(query)), "/?key=x", nil, nil},
		{"query, empty", schemes(all(query)), "/?key=", nil, []string{`ApiKey in="query", name="key"`}},
		{"query, twice", schemes(all(query)), "/?key=x&key=y", nil, []string{`ApiKey in="query", name="key"`}},
		{"cookie", schemes(all(cookie)), "/", []string{"Cookie", "session=x"}, nil},
		{"cookie, missing", schemes(all(cookie)), "/", []string{"Cookie", "other=x"},
			[]string{`ApiKey in="cookie", name="session"`}},
		{"client certificate, missing", schemes(all(mutual)), "/", []string{"Authorization", "x"},
			[]string{"mutualTLS"}},
		{"unknown", schemes(all(future)), "/", []string{"Authorization", " x"}, []string{"passkey"}},
		{"unknown or bearer", schemes(all(future), all(bearer)), "/", []string{"Authorization", "Bearer x"}, nil},
		{"unknown and bearer", schemes(all(future, bearer)), "/", []string{"Authorization", "Bearer x"},
			[]string{"Bearer"}},
		{"HTTP without a name", schemes(all(contract.SecurityScheme{Type: "http"})), "/",
			[]string{"Authorization", " x"}, []string{"http"}},
		{"key without a place", schemes(all(contract.SecurityScheme{Type: "apiKey", Param: "k"})), "/?k=1",
			[]string{"k", "x"}, []string{`ApiKey in="", name="k"`}},
		{"empty", schemes(all(contract.SecurityScheme{})), "/", []string{"Authorization", " x"}, []string{"unknown"}},
	} {
		h := contract.NewHandler([]contract.Operation{{
			ID: "op", Method: "POST", Path: "/", Security: test.security,
			Responses: []contract.Response{{Status: "204"}},
			Body:      &contract.Body{Required: true, Content: jsonThing},
		}}, unreachable(t), contract.HandlerOptions{
			OnUnknownQuery: func(_ *http.Request,
				names []string) {
				t.Errorf("%s: unknown query %q", test.name, names)
			},
		})
		want := 400 // admitted, the request lacks its body
		r := httptest.NewRequest("POST", test.target, nil)
		if test.challenge != nil {
			want = 401
			r = httptest.NewRequest("POST", test.target, unreadable{t})
			r.Header.Set("Content-Type", "text/html")
		}
		setHeader(r.Header, test.header)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Values("WWW-Authenticate"); w.Code != want || !slices.Equal(got, test.challenge) {
			t.Errorf("%s: got %d, challenge %q; want %d, %q", test.name, w.Code, got, want, test.challenge)
		}
	}
}

// A client certificate is a credential that only the server of a connection sees: transport and observer cannot miss it.
func TestMutualTLS(t *testing.T) {
	operations := []contract.Operation{{
		ID: "op", Method: "GET", Path: "/", Security: schemes(all(mutual, bearer)),
		Responses: []contract.Response{{Status: "204"}},
	}}
	r := httptest.NewRequest("GET", "http://localhost/", nil)
	r.Header.Set("Authorization", "Bearer x")
	if got, err := contract.NewObserver(operations, "").Request(r); len(got) > 0 || err != nil {
		t.Errorf("the observer sees %v, %v", got, err)
	}
	sent := contract.NewTransport(operations, transport(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	}), contract.TransportOptions{})
	if _, err := sent.RoundTrip(r); err != nil {
		t.Errorf("the transport refuses %v", err)
	}
	for name, state := range map[string]*tls.ConnectionState{
		"no TLS": nil, "no certificate": {}, "certificate": {PeerCertificates: []*x509.Certificate{{Raw: []byte("a")}}},
	} {
		values := ""
		h := contract.NewHandler(operations, respond(204, "", ""), contract.HandlerOptions{
			Authenticate: func(_ *http.Request, _ *contract.Operation,
				credentials []contract.Credential) (context.Context, error) {
				for _, c := range credentials {
					values += c.Value + " "
				}
				return nil, nil
			},
		})
		r.TLS = state
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		want, wantValues := 401, ""
		if name == "certificate" { // whose fingerprint is the SHA-256 of its bytes
			want, wantValues = 204, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb x "
		}
		if w.Code != want || values != wantValues {
			t.Errorf("%s: got %d, credentials %q", name, w.Code, values)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	type identity struct{}
	authenticate := func(r *http.Request, op *contract.Operation, credentials []contract.Credential) (context.Context,
		error) {
		if n, _ := r.Body.Read(make([]byte, 1)); n > 0 || op.ID != "op" {
			t.Error("the body can be read")
		}
		r.Header.Set("X-Trace", "changed")
		switch v := credentials[len(credentials)-1].Value; v {
		case "good":
			return context.WithValue(r.Context(), identity{}, r.PathValue("account-id")), nil
		case "anyone":
			return nil, nil
		case "weak":
			return nil, fmt.Errorf("%s: %w", v, contract.ErrForbidden)
		case "down":
			return nil, &contract.Failure{Status: 503, Message: "Try again later",
				Header: http.Header{"retry-after": {"5"}}}
		case "confused":
			return nil, fmt.Errorf("hunter2: %w", &contract.Failure{Message: "hunter2"})
		}
		return nil, errors.New("no such token: hunter2")
	}
	for _, test := range []struct {
		name     string
		security [][]contract.SecurityScheme
		header   []string
		status   int
		identity any
		want     string
		told     string
	}{
		{"not asked", nil, []string{"Authorization", "Bearer hunter2"}, 204, nil, "", ""},
		{"good", schemes(all(bearer)), []string{"Authorization", "Bearer good"}, 204, "a c", "", ""},
		{"context unchanged", schemes(all(bearer)), []string{"Authorization", "Bearer anyone"}, 204, nil, "", ""},
		{"bad", schemes(all(bearer)), []string{"Authorization", "Bearer hunter2"}, 401, nil,
			"Authentication required", ""},
		{"bad although optional", schemes(all(bearer), all()), []string{"Authorization", "Bearer hunter2"}, 401, nil,
			"Authentication required", ""},
		{"none but optional", schemes(all(bearer), all()), nil, 204, nil, "", ""},
		{"forbidden", schemes(all(bearer)), []string{"Authorization", "Bearer weak"}, 403, nil, "Forbidden", ""},
		{"own failure", schemes(all(bearer)), []string{"Authorization", "Bearer down"}, 503, nil, "Try again later",
			""},
		{"failure without a status", schemes(all(bearer)), []string{"Authorization", "Bearer confused"}, 500, nil,
			"Internal error", "hunter2"},
		{"second alternative", schemes(all(bearer), all(email, key)),
			[]string{"Authorization", "Bearer hunter2", "X-Auth-Email", "a@b", "X-Auth-Key", "good"}, 204, "a c", "",
			""},
		{"forbidden beats bad", schemes(all(bearer), all(email, key)),
			[]string{"Authorization", "Bearer weak", "X-Auth-Email", "a@b", "X-Auth-Key", "hunter2"}, 403, nil,
			"Forbidden", ""},
	} {
		told := ""
		h := contract.NewHandler([]contract.Operation{{
			ID: "op", Method: "GET", Path: "/{account-id}", Security: test.security,
			Responses:  []contract.Response{{Status: "204"}},
			Parameters: []contract.Parameter{parameter("account-id", "path", aString)},
		}}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Context().Value(identity{}); got != test.identity {
				t.Errorf("%s: the identity is %v, want %v", test.name, got, test.identity)
			}
			if r.Header.Get("X-Trace") != "" {
				t.Errorf("%s: Authenticate has changed the request", test.name)
			}
			w.WriteHeader(204)
		}), contract.HandlerOptions{
			Authenticate: authenticate,
			OnError:      func(_ *http.Request, err error) { told += err.Error() },
		})
		w := recorded(h, "GET", "/a%20c", unreadable{t}, test.header...)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) ||
			strings.Contains(w.Body.String(), "hunter") {
			t.Errorf("%s: got %d: %s", test.name, w.Code, w.Body)
		}
		if (w.Code == 503) != (w.Header().Get("Retry-After") == "5") ||
			(w.Code == 401) != (w.Header().Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%s: got %v", test.name, w.Header())
		}
		if !strings.Contains(told, test.told) || (told == "") != (test.told == "") {
			t.Errorf("%s: told %q", test.name, told)
		}
	}
}

func TestCredentialIsNotPrinted(t *testing.T) {
	c := contract.Credential{Scheme: bearer, Value: "hunter2"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, v := range []any{c, &c, []contract.Credential{c}, struct{ C contract.Credential }{c}} {
			if got := fmt.Sprintf(format, v); strings.Contains(got, "hunter2") ||
				strings.Contains(got, "68756e74657232") {
				t.Errorf("%s prints %s", format, got)
			}
		}
	}
	logged := captureLog(t)
	slog.Error("x", "credential", c, "list", []contract.Credential{c})
	if strings.Contains(logged.String(), "hunter2") || !strings.Contains(logged.String(), "api_token") {
		t.Errorf("logged %s", logged)
	}
}
