// Package redacttest has what tests need to find out whether a program shows its credentials: services that repeat them
// wherever they can, and a search that does not rely on the package redact.
package redacttest

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"iter"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Spellings are ways in which a service may repeat a credential, by name. The user is the e-mail address that belongs
// to a key; empty for a token. All of them may stand between the quotes of a JSON string.
func Spellings(user, secret string) map[string]string {
	all := map[string]string{
		"plain":        secret,
		"query":        url.QueryEscape(secret),
		"path":         url.PathEscape(secret),
		"each %":       each(secret, "%%%02x"),
		"each \\u":     each(secret, `\u%04x`),
		"JSON \\/":     strings.ReplaceAll(secret, "/", `\/`),
		"JSON pointer": strings.NewReplacer("~", "~0", "/", "~1").Replace(secret),
		"each &#":      each(secret, "&#%d;"),
		"JSON twice":   each(secret, `\\u%04x`),
		"in a URL":     "https://example.com/?q=" + url.QueryEscape(url.QueryEscape(secret)),
	}
	encodings := map[string]*base64.Encoding{
		"standard": base64.StdEncoding, "raw": base64.RawStdEncoding, "URL-safe": base64.URLEncoding, "raw URL-safe": base64.RawURLEncoding,
	}
	for name, encoding := range encodings {
		for _, before := range []string{"", "x", "xy", user + ":"} {
			for _, behind := range []string{"", "z", "zz"} {
				all[fmt.Sprintf("base64, %s, %q before, %q behind", name, before, behind)] = encoding.EncodeToString([]byte(before + secret + behind))
			}
		}
	}
	return all
}

// All has all spellings in one text.
func All(spellings map[string]string) string {
	return strings.Join(slices.Collect(maps.Values(spellings)), " ")
}

// Mixed are responses in which each spelling comes up, each in other places.
func Mixed(spellings map[string]string, responses func(text string) iter.Seq2[string, string]) iter.Seq2[string, string] {
	return func(yield func(name, raw string) bool) {
		names := slices.Sorted(maps.Keys(spellings))
		for n, spelling := range names {
			i := 0
			for name, raw := range responses(spellings[spelling]) {
				if i++; i%len(names) == n && !yield(name+", "+spelling, raw) {
					return
				}
			}
		}
	}
}

func each(text, format string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, format, text[i])
	}
	return b.String()
}

// Shown returns where output shows a secret, whichever way it is spelled; empty if it does not. Half of a secret is one
// too.
func Shown(output, secret string) string {
	part := secret[len(secret)/4 : len(secret)*3/4]
	for _, bytes := range []string{fmt.Sprint([]byte(part)), fmt.Sprintf("%#v", []byte(part))} { // as fmt writes bytes
		if inner := strings.Trim(strings.TrimPrefix(bytes, "[]byte"), "[]{}"); strings.Contains(output, inner) {
			return "as bytes: " + around(output, inner)
		}
	}
	for n := range 4 {
		for _, run := range strings.FieldsFunc(output, func(r rune) bool { return !isBase64(r) }) {
			if len(run) < len(part) {
				continue
			}
			run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
			for skip := range 4 {
				if plain, _ := base64.RawStdEncoding.DecodeString(run[skip : len(run)-(len(run)-skip)%4]); strings.Contains(string(plain), part) {
					return fmt.Sprintf("below %d layers of escapes, in base64: %s", n, run)
				}
			}
		}
		if folded := strings.ToLower(output); strings.Contains(folded, strings.ToLower(part)) { // net/http changes the case of some names
			return fmt.Sprintf("below %d layers of escapes: %s", n, around(folded, strings.ToLower(part)))
		}
		plain := unescaped(output)
		if plain == output {
			break
		}
		output = plain
	}
	return ""
}

func isBase64(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' || r == '-' || r == '_'
}

func around(text, part string) string {
	at := strings.Index(text, part)
	return text[max(0, at-60):min(len(text), at+len(part)+60)]
}

var (
	percent = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	unicode = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}`)
)

func unescaped(text string) string {
	if strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '\\') < 0 && strings.IndexByte(text, '&') < 0 && strings.IndexByte(text, '~') < 0 {
		return text
	}
	text = unicode.ReplaceAllStringFunc(text, func(escape string) string {
		value, _ := strconv.ParseUint(escape[2:], 16, 16)
		return string(rune(value))
	})
	text = percent.ReplaceAllStringFunc(text, func(escape string) string {
		value, _ := strconv.ParseUint(escape[1:], 16, 8)
		return string([]byte{byte(value)})
	})
	return html.UnescapeString(strings.NewReplacer(`\/`, `/`, `\"`, `"`, `\\`, `\`, "~1", "/", "~0", "~").Replace(text))
}

// Responses are HTTP responses that repeat a text wherever one can, byte for byte, by name.
func Responses(text string) iter.Seq2[string, string] {
	return func(yield func(name, raw string) bool) {
		for name, raw := range messages(text) {
			if !yield(name, raw) {
				return
			}
		}
		types := []string{"application/json", "application/pdf", "text/html; charset=utf-8", "application/problem+json"}
		n := 0
		for _, status := range []int{200, 201, 302, 400, 404, 418, 429, 500, 599} {
			for name, body := range bodies(text) {
				mediaType := types[n%len(types)]
				n++
				if !yield(fmt.Sprintf("%d, %s as %s", status, name, mediaType), response(status, "Content-Type: "+mediaType+"\r\n", body)) {
					return
				}
			}
		}
	}
}

// Successes are HTTP responses that are like an example, a JSON text of an operation, but for one place where they
// repeat a text.
func Successes(example []byte, text string) iter.Seq2[string, string] {
	return func(yield func(name, raw string) bool) {
		if len(example) == 0 {
			return
		}
		for name, body := range mutations(example, text) {
			if !yield("200 with "+name, response(200, "Content-Type: application/json\r\n", body)) {
				return
			}
		}
	}
}

func response(status int, header, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), header, len(body), body)
}

// messages repeat the text in all that is not the body.
func messages(text string) map[string]string {
	const body = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	all := map[string]string{
		"no HTTP":            text + "\r\n\r\n",
		"protocol":           "HTTP/" + text + " 200 OK\r\n" + body,
		"status":             "HTTP/1.1 " + text + " OK\r\n" + body,
		"status and more":    "HTTP/1.1 200" + text + " OK\r\n" + body,
		"reason":             "HTTP/1.1 200 " + text + "\r\n" + body,
		"reason of a 404":    "HTTP/1.1 404 " + text + "\r\n" + body,
		"reason of a 500":    "HTTP/1.1 500 " + text + "\r\n" + body,
		"header line":        "HTTP/1.1 200 OK\r\n" + text + "\r\n" + body,
		"header name":        "HTTP/1.1 200 OK\r\n" + text + ": x\r\n" + body,
		"header name, 400":   "HTTP/1.1 400 Bad Request\r\nX-" + text + ": x\r\n" + body,
		"continuation":       "HTTP/1.1 200 OK\r\nX-A: b\r\n " + text + "\r\n" + body,
		"length":             "HTTP/1.1 200 OK\r\nContent-Length: " + text + "\r\n" + body,
		"two lengths":        "HTTP/1.1 200 OK\r\nContent-Length: " + text + "\r\nContent-Length: 3\r\n\r\n{}",
		"transfer encoding":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + text + "\r\n" + body,
		"chunk":              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + text + "\r\n{}\r\n0\r\n\r\n",
		"chunk extension":    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2;" + text + "\r\n{}\r\n0\r\n\r\n",
		"trailer":            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n2\r\n{}\r\n0\r\nX-A: " + text + "\r\n\r\n",
		"trailer line":       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + text + "\r\n\r\n",
		"early hints":        "HTTP/1.1 103 " + text + "\r\nLink: " + text + "\r\n\r\nHTTP/1.1 200 OK\r\n" + body,
		"switching":          "HTTP/1.1 101 " + text + "\r\nUpgrade: " + text + "\r\nConnection: Upgrade\r\n\r\n" + text,
		"gzip that is none":  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: " + strconv.Itoa(len(text)) + "\r\n\r\n" + text,
		"an unasked message": "HTTP/1.1 200 OK\r\n" + body + "HTTP/1.1 200 " + text + "\r\n\r\n",
		"a longer body":      "HTTP/1.1 200 OK\r\n" + body + text,
		"a PDF without end":  response(200, "Content-Type: application/pdf\r\n", "%PDF-1.7 "+text),
		"a PDF":              response(200, "Content-Type: application/pdf\r\n", "%PDF-1.7 "+text+" %%EOF"),
		"a cut PDF":          "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 10000\r\n\r\n%PDF-1.7 " + text,
		"a chunk of a PDF":   "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n%PDF-1.7 \r\n" + text + "\r\n",
	}
	for _, name := range []string{
		"Cf-Ray", "Content-Type", "Content-Encoding", "Location", "Retry-After", "X-Should-Retry", "Www-Authenticate", "Set-Cookie", "X-Other",
	} {
		for _, status := range []int{200, 302, 400, 429, 500} {
			all[fmt.Sprintf("%d, header %s", status, name)] = response(status, name+": "+text+"\r\n", `{"success":false,"errors":[]}`)
			all[fmt.Sprintf("%d, success, header %s", status, name)] = response(status, name+": https://"+text+"/"+text+"\r\n", `{}`)
		}
	}
	return all
}

// bodies repeat the text in what is not the example of a success.
func bodies(text string) map[string]string {
	return map[string]string{
		"the text":     text,
		"a string":     `"` + text + `"`,
		"an array":     `["` + text + `"]`,
		"a page":       "<html><title>Error</title><p>" + text + "</html>",
		"broken JSON":  `{"default_asn": "` + text,
		"no JSON":      `{"` + text + `": ` + text,
		"a cut string": `{"success": false, "errors": [{"message": "` + text[:len(text)-2],
		"a refusal": `{"success":false,"errors":[{"code":1000,"message":"` + text + `","documentation_url":"https://example.com/` + text +
			`","source":{"pointer":"/` + text + `"}}],"messages":[{"message":"` + text + `"}],"result":"` + text + `"}`,
		"a strange refusal": `{"success":false,"errors":["` + text + `",{"code":"` + text + `"},{"` + text + `":1}],"` + text + `":1}`,
		"another object":    `{"error":"` + text + `"}`,
		"a member twice":    `{"` + text + `":1,"` + text + `":2}`,
	}
}

// mutations are an example with the text in the place of each value, in each name, and with one more member in each
// object.
func mutations(example []byte, text string) map[string]string {
	all := map[string]string{}
	var walk func(value any, at string, whole func(string) string)
	walk = func(value any, at string, whole func(string) string) {
		all["the text at "+at] = whole(`"` + text + `"`)
		all["an object at "+at] = whole(`{"` + text + `":"` + text + `"}`)
		all["an array at "+at] = whole(`["` + text + `",null]`)
		switch value := value.(type) {
		case map[string]any:
			member := func(skip string, more ...string) string {
				list := more
				for _, name := range slices.Sorted(maps.Keys(value)) {
					if name != skip {
						list = append(list, quoted(name)+":"+quoted(value[name]))
					}
				}
				return "{" + strings.Join(list, ",") + "}"
			}
			all["a member more in "+at] = whole(member("", `"`+text+`":"`+text+`"`))
			for name, inner := range value {
				all["another name for "+at+"/"+name] = whole(member(name, `"`+text+`":`+quoted(inner)))
				walk(inner, at+"/"+name, func(text string) string { return whole(member(name, quoted(name)+":"+text)) })
			}
		case []any:
			for i, inner := range value[:min(len(value), 1)] {
				walk(inner, fmt.Sprintf("%s/%d", at, i), func(text string) string {
					rest := []string{text}
					for _, other := range value[i+1:] {
						rest = append(rest, quoted(other))
					}
					return whole("[" + strings.Join(rest, ",") + "]")
				})
			}
		}
	}
	var value any
	if err := json.Unmarshal(example, &value); err != nil {
		panic(err)
	}
	walk(value, "", func(text string) string { return text })
	return all
}

func quoted(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// A Service answers each request with the same bytes and closes the connection.
type Service struct {
	URL string

	mu  sync.Mutex
	raw string
}

// NewService starts a service that ends with the test.
func NewService(t testing.TB) *Service {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &Service{URL: "http://" + listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

// Answer sets the response to the requests from now on.
func (s *Service) Answer(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = raw
}

func (s *Service) serve(conn net.Conn) {
	defer conn.Close()
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	s.mu.Lock()
	raw := s.raw
	s.mu.Unlock()
	_, _ = io.WriteString(conn, raw)
}
