package conform

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract"
)

// Credentials are a token or, if it is empty, an e-mail address and a key.
type Credentials struct{ Token, Email, Key string }

// A header is one line of a request's header. The shell's spelling of a credential is a variable.
type header struct{ name, value, shell string }

func (c Credentials) headers() []header {
	if c.Token != "" {
		return []header{{"Authorization", "Bearer " + c.Token, "Bearer $CLOUDFLARE_API_TOKEN"}}
	}
	return []header{{"X-Auth-Email", c.Email, "$CLOUDFLARE_EMAIL"}, {"X-Auth-Key", c.Key, "$CLOUDFLARE_API_KEY"}}
}

// A request is one call of an operation, valid or not.
type request struct {
	op        *contract.Operation
	method    string            // another than that of op
	path      map[string]string // by the names of the parameters
	query     url.Values
	body      []byte // nil for none
	printed   string // the shell command that prints a body which is too long for an argument
	mediaType string
	headers   []header // credentials

	// tolerated are statuses that need not be declared: the responses of HTTP itself, 405 and 415. Their body is that of a
	// 400.
	tolerated []int

	// provoked is the status that the server was told to answer with; 0 if it was told nothing. With anyStatus, the document says nothing
	// of the response.
	provoked int
}

const anyStatus = -1

// with returns the request with another body.
func (q request) with(body []byte) request {
	q.body, q.printed = body, ""
	return q
}

// at returns the request with another path parameter.
func (q request) at(name, text string) request {
	q.path = maps.Clone(q.path)
	q.path[name] = text
	return q
}

// asking returns the request with another query parameter.
func (q request) asking(name, text string) request {
	q.query = maps.Clone(q.query)
	if q.query == nil {
		q.query = url.Values{}
	}
	q.query.Set(name, text)
	return q
}

// parameter is the text of a parameter, and whether it is sent.
func (q request) parameter(p contract.Parameter) (raw string, sent bool) {
	if p.In == "path" {
		return q.path[p.Name], true
	}
	return q.query.Get(p.Name), q.query.Has(p.Name)
}

func (q request) url(base string) string {
	segments := strings.Split(q.op.Path, "/")
	for i, segment := range segments {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			segments[i] = url.PathEscape(q.path[strings.TrimSuffix(name, "}")])
		}
	}
	text := strings.TrimSuffix(base, "/") + strings.Join(segments, "/")
	if len(q.query) > 0 {
		text += "?" + q.query.Encode()
	}
	return text
}

func (q request) http(ctx context.Context, base string) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, q.url(base), body)
	if err != nil {
		return nil, err
	}
	for _, h := range q.headers {
		r.Header.Set(h.name, h.value)
	}
	if q.mediaType != "" {
		r.Header.Set("Content-Type", q.mediaType)
	}
	r.Header.Set("User-Agent", "interconnect-conform")
	return r, nil
}

// curl is the request as a POSIX shell sends it, with variables in the place of credentials.
func (q request) curl(base string) string {
	line := "curl -sS -i -X " + q.method
	for _, h := range q.headers {
		line += fmt.Sprintf(` -H "%s: %s"`, h.name, h.shell)
	}
	if q.body != nil {
		// Without a value, curl leaves the header out.
		line += " -H " + quoted(strings.TrimSpace("Content-Type: "+q.mediaType))
	}
	switch {
	case q.body == nil:
	case q.printed != "":
		line = q.printed + " | " + line + " --data-binary @-"
	default:
		line += " --data-raw " + quoted(string(q.body))
	}
	return line + " " + quoted(q.url(base))
}

// quoted is a text as one word of a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// An answer is what came for a request. Its status is 0 if nothing came; then nothing can be said of it.
type answer struct {
	request request
	status  int
	header  http.Header // without the credentials, as the body
	body    []byte
	json    any // the body if it is JSON

	repeats bool // the server repeated the credentials
}

func (a *answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// refused reports whether the response blames the request, but not its credentials.
func (a *answer) refused() bool {
	return a.status >= 400 && a.status <= 499 && a.status != http.StatusUnauthorized && a.status != http.StatusForbidden
}

// member is a member of the body, nil if there is none.
func (a *answer) member(name string) any {
	object, _ := a.json.(map[string]any)
	return object[name]
}

// text is a member that is a text.
func (a *answer) text(name string) string {
	text, _ := a.member(name).(string)
	return text
}

// seen shows the response in one line.
func (a *answer) seen() string {
	const limit = 300
	text := fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))
	if len(a.body) == 0 {
		return text + ", without body"
	}
	body := strings.ToValidUTF8(string(a.body), "\uFFFD")
	body = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.TrimSpace(body))
	if len(body) > limit {
		cut := limit
		for !utf8.RuneStart(body[cut]) {
			cut--
		}
		body = body[:cut] + "…"
	}
	return text + ": " + body
}

// pathParameters are the names of an operation's path parameters but for the account.
func pathParameters(op *contract.Operation) []string {
	var names []string
	for _, p := range op.Parameters {
		if p.In == "path" && p.Name != "account_id" {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}
