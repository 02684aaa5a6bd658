package contract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestCredentialsArePresent(t *testing.T) {
	var (
		basic  = SecurityScheme{Name: "basic", Type: "http", Scheme: "basic"}
		digest = SecurityScheme{Name: "digest", Type: "http", Scheme: "digest"}
		oauth  = SecurityScheme{Name: "oauth", Type: "oauth2"}
		query  = SecurityScheme{Name: "q", Type: "apiKey", In: "query", Param: "key"}
		cookie = SecurityScheme{Name: "c", Type: "apiKey", In: "cookie", Param: "session"}
	)
	cloudflare := [][]SecurityScheme{{bearer}, {email, key}}
	one := func(s SecurityScheme) [][]SecurityScheme { return [][]SecurityScheme{{s}} }
	tests := []struct {
		name      string
		security  [][]SecurityScheme
		target    string
		header    []string
		ok        bool
		challenge []string
	}{
		{"nothing asked for", nil, "/", nil, true, nil},
		{"anonymous too", [][]SecurityScheme{{bearer}, {}}, "/", nil, true, nil},
		{"bearer", cloudflare, "/", []string{"Authorization", "Bearer x"}, true, nil},
		{"bearer in lower case", cloudflare, "/", []string{"Authorization", "bearer x"}, true, nil},
		{"bearer without token", cloudflare, "/", []string{"Authorization", "Bearer "}, false, []string{"Bearer"}},
		{"bearer without space", cloudflare, "/", []string{"Authorization", "Bearer"}, false, []string{"Bearer"}},
		{"two tokens", cloudflare, "/", []string{"Authorization", "Bearer x", "Authorization", "Bearer y"}, false, []string{"Bearer"}},
		{"another scheme", cloudflare, "/", []string{"Authorization", "Basic dTpw"}, false, []string{"Bearer"}},
		{"nothing", cloudflare, "/", nil, false, []string{"Bearer"}},
		{"both keys", cloudflare, "/", []string{"X-Auth-Email", "a@b", "X-Auth-Key", "k"}, true, nil},
		{"one key of two", cloudflare, "/", []string{"X-Auth-Key", "k"}, false, []string{"Bearer"}},
		{"empty key", cloudflare, "/", []string{"X-Auth-Email", "a@b", "X-Auth-Key", ""}, false, []string{"Bearer"}},
		{"only keys", [][]SecurityScheme{{email, key}}, "/", nil, false,
			[]string{`ApiKey in="header", name="X-Auth-Email"`, `ApiKey in="header", name="X-Auth-Key"`}},
		{"basic", one(basic), "/", []string{"Authorization", "Basic dTpw"}, true, nil},
		{"basic without colon", one(basic), "/", []string{"Authorization", "Basic dXA="}, false, []string{`Basic realm="api", charset="UTF-8"`}},
		{"basic, no base64", one(basic), "/", []string{"Authorization", "Basic u:p"}, false, []string{`Basic realm="api", charset="UTF-8"`}},
		{"other http scheme", one(digest), "/", []string{"Authorization", "Digest x"}, true, nil},
		{"other http scheme, missing", one(digest), "/", nil, false, []string{"digest"}},
		{"oauth2", one(oauth), "/", []string{"Authorization", "Bearer x"}, true, nil},
		{"oauth2, missing", one(oauth), "/", nil, false, []string{"Bearer"}},
		{"query", one(query), "/?key=x", nil, true, nil},
		{"query, empty", one(query), "/?key=", nil, false, []string{`ApiKey in="query", name="key"`}},
		{"query, twice", one(query), "/?key=x&key=y", nil, false, []string{`ApiKey in="query", name="key"`}},
		{"cookie", one(cookie), "/", []string{"Cookie", "session=x"}, true, nil},
		{"cookie, missing", one(cookie), "/", []string{"Cookie", "other=x"}, false, []string{`ApiKey in="cookie", name="session"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := NewHandler([]Operation{{
				ID: "op", Method: "POST", Path: "/", Security: tt.security, Responses: []Response{{Status: "204"}},
				Body: &Body{Required: true, Content: jsonThing},
			}}, unreachable(t), HandlerOptions{
				OnUnknownQuery: func(_ *http.Request, names []string) { t.Errorf("unknown query %q", names) },
			})
			r := httptest.NewRequest("POST", tt.target, nil)
			if !tt.ok {
				r = httptest.NewRequest("POST", tt.target, unreadable{t})
				r.Header.Set("Content-Type", "text/html")
			}
			for i := 0; i < len(tt.header); i += 2 {
				r.Header.Add(tt.header[i], tt.header[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			want := map[bool]int{true: 400, false: 401}[tt.ok] // admitted, the request lacks its body
			if w.Code != want || !slices.Equal(w.Header().Values("WWW-Authenticate"), tt.challenge) {
				t.Errorf("got %d, challenge %q; want %d, %q", w.Code, w.Header().Values("WWW-Authenticate"), want, tt.challenge)
			}
		})
	}
}

func TestAuthenticate(t *testing.T) {
	type identity struct{}
	authenticate := func(r *http.Request, op *Operation, credentials []Credential) (context.Context, error) {
		if n, _ := r.Body.Read(make([]byte, 1)); n > 0 || op.ID == "" {
			t.Error("the body can be read")
		}
		r.Header.Set("X-Trace", "changed")
		switch v := credentials[len(credentials)-1].Value; v {
		case "good":
			return context.WithValue(r.Context(), identity{}, r.PathValue("account-id")), nil
		case "anyone":
			return nil, nil
		case "weak":
			return nil, fmt.Errorf("%s: %w", v, ErrForbidden)
		case "down":
			return nil, &Failure{Status: 503, Message: "Try again later", Header: http.Header{"Retry-After": {"5"}}}
		}
		return nil, errors.New("no such token: hunter2")
	}
	tests := []struct {
		name     string
		security [][]SecurityScheme
		header   []string
		status   int
		identity any
		contains string
	}{
		{"good", [][]SecurityScheme{{bearer}}, []string{"Authorization", "Bearer good"}, 204, "acc", ""},
		{"context unchanged", [][]SecurityScheme{{bearer}}, []string{"Authorization", "Bearer anyone"}, 204, nil, ""},
		{"bad", [][]SecurityScheme{{bearer}}, []string{"Authorization", "Bearer hunter2"}, 401, nil, "Authentication required"},
		{"bad although optional", [][]SecurityScheme{{bearer}, {}}, []string{"Authorization", "Bearer hunter2"}, 401, nil, "Authentication required"},
		{"none but optional", [][]SecurityScheme{{bearer}, {}}, nil, 204, nil, ""},
		{"forbidden", [][]SecurityScheme{{bearer}}, []string{"Authorization", "Bearer weak"}, 403, nil, "any one of these permissions is enough: Read, Write"},
		{"own failure", [][]SecurityScheme{{bearer}}, []string{"Authorization", "Bearer down"}, 503, nil, "Try again later"},
		{"second alternative", [][]SecurityScheme{{bearer}, {email, key}},
			[]string{"Authorization", "Bearer hunter2", "X-Auth-Email", "a@b", "X-Auth-Key", "good"}, 204, "acc", ""},
		{"forbidden beats bad", [][]SecurityScheme{{bearer}, {email, key}},
			[]string{"Authorization", "Bearer weak", "X-Auth-Email", "a@b", "X-Auth-Key", "hunter2"}, 403, nil, "Forbidden"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := NewHandler([]Operation{{
				ID: "op", Method: "GET", Path: "/{account-id}", Security: tt.security, Permissions: []string{"Read", "Write"},
				Responses: []Response{{Status: "204"}},
			}}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Context().Value(identity{}); got != tt.identity {
					t.Errorf("the identity is %v, want %v", got, tt.identity)
				}
				if r.Header.Get("X-Trace") != "" {
					t.Error("Authenticate has changed the request")
				}
				w.WriteHeader(204)
			}), HandlerOptions{
				Authenticate: authenticate,
				OnError:      func(_ *http.Request, err error) { t.Errorf("told %v", err) },
			})
			r := httptest.NewRequest("GET", "/acc", unreadable{t})
			for i := 0; i < len(tt.header); i += 2 {
				r.Header.Add(tt.header[i], tt.header[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.contains) || strings.Contains(w.Body.String(), "hunter") {
				t.Errorf("got %d: %s", w.Code, w.Body)
			}
			if tt.status == 503 && w.Header().Get("Retry-After") != "5" {
				t.Errorf("got %v", w.Header())
			}
		})
	}
}

func TestCredentialIsNotPrinted(t *testing.T) {
	c := Credential{Scheme: bearer, Value: "hunter2"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, v := range []any{c, &c, []Credential{c}, struct{ C Credential }{c}} {
			if got := fmt.Sprintf(format, v); strings.Contains(got, "hunter2") || strings.Contains(got, "68756e74657232") {
				t.Errorf("%s prints %s", format, got)
			}
		}
	}
	logged := captureLog(t)
	slog.Error("x", "credential", c, "list", []Credential{c})
	if strings.Contains(logged.String(), "hunter2") || !strings.Contains(logged.String(), "api_token") {
		t.Errorf("logged %s", logged)
	}
}
