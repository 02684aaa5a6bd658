package contract

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/wire"
)

// ErrForbidden is what [HandlerOptions.Authenticate] returns, wrapped or not, for credentials that are genuine but do not
// suffice for the operation.
var ErrForbidden = errors.New("forbidden")

// A Credential is what a request presents for one security scheme. Printing or logging it shows the scheme only.
type Credential struct {
	Scheme SecurityScheme

	// Value is the token, the API key or, for basic authentication, the user and the password with a colon between them. For
	// mutual TLS it is the SHA-256 fingerprint of the client's certificate, in hexadecimal; [http.Request.TLS] has the
	// certificate itself, verified as ClientAuth of [crypto/tls.Config] says. It is never empty.
	Value string `json:"-"`
}

// Format implements [fmt.Formatter] and leaves the value out.
func (c Credential) Format(s fmt.State, _ rune) { io.WriteString(s, "credential for "+c.Scheme.Name) }

// LogValue implements [slog.LogValuer] and leaves the value out.
func (c Credential) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// presented returns the alternatives of op.Security that the request has credentials for. anonymous reports
// whether the operation demands none.
func presented(op *Operation, r *http.Request) (alternatives [][]Credential, anonymous bool) {
	anonymous = len(op.Security) == 0
	for _, schemes := range op.Security {
		if len(schemes) == 0 {
			anonymous = true
			continue
		}
		var credentials []Credential
		for _, scheme := range schemes {
			if value := credential(scheme, r); value != "" {
				credentials = append(credentials, Credential{Scheme: scheme, Value: value})
			}
		}
		if len(credentials) == len(schemes) {
			alternatives = append(alternatives, credentials)
		}
	}
	return alternatives, anonymous
}

// admissible reports whether the request has credentials for one of the alternatives, or needs none.
func admissible(op *Operation, r *http.Request, has func(SecurityScheme, *http.Request) bool) bool {
	return len(op.Security) == 0 || slices.ContainsFunc(op.Security, func(schemes []SecurityScheme) bool {
		return !slices.ContainsFunc(schemes, func(scheme SecurityScheme) bool { return !has(scheme, r) })
	})
}

// arrived reports whether a request that a server has received has a credential for a scheme.
func arrived(scheme SecurityScheme, r *http.Request) bool { return credential(scheme, r) != "" }

// visible is arrived for those who have only the message: what is not part of it, such as a client's certificate, may be there.
func visible(scheme SecurityScheme, r *http.Request) bool {
	switch scheme.Type {
	case "apiKey", "http", "oauth2", "openIdConnect":
		return arrived(scheme, r)
	}
	return true
}

// credential returns what the request has for a scheme, empty if it has nothing or more than one value: which of two tokens
// counts must not be guessed. Nothing is a credential for a scheme of an unknown type.
func credential(scheme SecurityScheme, r *http.Request) string {
	switch scheme.Type {
	case "apiKey":
		switch scheme.In {
		case "header":
			return only(r.Header.Values(scheme.Param))
		case "query":
			return only(r.URL.Query()[scheme.Param])
		case "cookie":
			return only(cookies(r, scheme.Param))
		}
		return ""
	case "oauth2", "openIdConnect":
		return authorization(r, "bearer")
	case "mutualTLS":
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
			return ""
		}
		fingerprint := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
		return hex.EncodeToString(fingerprint[:])
	}
	if scheme.Type != "http" || scheme.Scheme == "" {
		return ""
	}
	value := authorization(r, scheme.Scheme)
	if scheme.Scheme != "basic" {
		return value
	}
	pair, err := base64.StdEncoding.DecodeString(value)
	if err != nil || !strings.Contains(string(pair), ":") {
		return ""
	}
	return string(pair)
}

// authorization returns what follows the scheme in the header Authorization.
func authorization(r *http.Request, scheme string) string {
	name, value, _ := strings.Cut(only(r.Header["Authorization"]), " ")
	if !strings.EqualFold(name, scheme) {
		return ""
	}
	return strings.TrimSpace(value)
}

func only(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

func cookies(r *http.Request, name string) []string {
	var values []string
	for _, c := range r.CookiesNamed(name) {
		values = append(values, c.Value)
	}
	return values
}

// authenticate admits the request or says why not. The context is the one to go on with.
func authenticate(route *wire.Route, challenge []string, r *http.Request, path []string, opts *HandlerOptions) (context.Context, *Failure) {
	op := route.Operation
	if opts.Authenticate == nil && admissible(op, r, arrived) {
		return r.Context(), nil
	}
	unauthorized := &Failure{
		Status:    http.StatusUnauthorized,
		Message:   "Authentication required",
		Operation: op,
		Header:    http.Header{"Www-Authenticate": challenge},
	}
	alternatives, anonymous := presented(op, r)
	switch {
	case len(alternatives) == 0 && anonymous:
		return r.Context(), nil
	case len(alternatives) == 0:
		return nil, unauthorized
	}
	// A copy: whoever decides on credentials may not read the body, nor change the request.
	probe := r.Clone(r.Context())
	probe.Body = http.NoBody
	route.PathValues(path, probe.SetPathValue)
	failure := unauthorized
	for _, credentials := range alternatives {
		ctx, err := opts.Authenticate(probe, op, credentials)
		var own *Failure
		switch {
		case err == nil && ctx == nil:
			return r.Context(), nil
		case err == nil:
			return ctx, nil
		case errors.As(err, &own):
			if !own.isResponse() {
				opts.OnError(r, err)
				own = internal("Internal error")
			}
			failure = new(*own)
			failure.Operation = op
		case errors.Is(err, ErrForbidden):
			failure = forbidden403(op)
		}
	}
	return nil, failure
}

func forbidden403(op *Operation) *Failure {
	return &Failure{Status: http.StatusForbidden, Message: "Forbidden", Operation: op}
}

// challenges are the values of WWW-Authenticate, which a 401 must have.
//
// There is no registered scheme for API keys, client certificates, and what is unknown. Where the document has nothing else, each key gets a
// challenge of its own, ApiKey, which names where it is expected, and each other scheme its type; no client acts on them.
func challenges(op *Operation) []string {
	var registered, others []string
	add := func(list []string, challenge string) []string {
		if slices.Contains(list, challenge) {
			return list
		}
		return append(list, challenge)
	}
	for _, schemes := range op.Security {
		for _, scheme := range schemes {
			switch {
			case scheme.Type == "apiKey":
				others = add(others, fmt.Sprintf("ApiKey in=%q, name=%q", scheme.In, scheme.Param))
			case scheme.Type == "oauth2", scheme.Type == "openIdConnect", scheme.Type == "http" && scheme.Scheme == "bearer":
				registered = add(registered, "Bearer")
			case scheme.Type == "http" && scheme.Scheme == "basic":
				registered = add(registered, `Basic realm="api", charset="UTF-8"`)
			case scheme.Type == "http" && scheme.Scheme != "":
				registered = add(registered, scheme.Scheme)
			default:
				others = add(others, cmp.Or(scheme.Type, "unknown"))
			}
		}
	}
	if len(registered) > 0 {
		return registered
	}
	return others
}
