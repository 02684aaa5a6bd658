package reference_test

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
	"github.com/interconnect-go/interconnect/sandbox/reference"
)

// A second document, in which every place that may have a server names one.
const otherDocument = `
openapi: 3.0.3
info: {title: Control, version: "1"}
servers: [{url: https://elsewhere.example/root}]
paths:
  /clock:
    servers: [{url: https://elsewhere.example/path}]
    get:
      operationId: get_clock
      summary: Gets <the> clock
      servers: [{url: https://elsewhere.example/operation}]
      responses: {'204': {description: Nothing.}}
`

func newHandler(t testing.TB) http.Handler {
	t.Helper()
	handler, err := reference.New(
		sandbox.New(),
		nil,
		reference.Document{Name: "control", YAML: []byte(otherDocument), BasePath: "/_sandbox"},
	)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func serve(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestPages(t *testing.T) {
	const page, document, plain = "text/html; charset=utf-8", "application/yaml", "text/plain; charset=utf-8"
	handler := newHandler(t)
	for _, tt := range []struct {
		method, path string
		status       int
		contentType  string
		header       string // name and value of one more
	}{
		{"GET", "/", 200, page, "Cache-Control: no-store"},
		{"HEAD", "/", 200, page, ""},
		{"POST", "/", 405, plain, "Allow: GET, HEAD"},
		{"DELETE", "/", 405, plain, "Allow: GET, HEAD"},
		{"GET", "/docs", 302, page, "Location: /docs/api"},
		{"GET", "/docs/", 302, page, "Location: /docs/api"},
		{"PUT", "/docs", 405, plain, "Allow: GET, HEAD"},
		{"GET", "/docs/api", 200, page, ""},
		{"GET", "/docs/control", 200, page, ""},
		{"POST", "/docs/api", 405, plain, "Allow: GET, HEAD"},
		{"GET", "/docs/api.yaml", 200, document, ""},
		{"GET", "/docs/control.yaml", 200, document, ""},
		{"GET", "/docs/unknown", 404, plain, ""},
		{"GET", "/docs/api/", 404, plain, ""},
		{"GET", "/docs/assets/", 404, plain, ""},
		{"GET", "/docs/assets/unknown.js", 404, plain, ""},
		{"GET", "/docs/assets/..%2freference.go", 404, plain, ""},
		{"POST", "/docs/assets/docs.js", 405, plain, "Allow: GET, HEAD"},
	} {
		got := serve(handler, tt.method, tt.path)
		if got.Code != tt.status || got.Header().Get("Content-Type") != tt.contentType {
			t.Errorf(
				"%s %s: got %d %s, want %d %s",
				tt.method,
				tt.path,
				got.Code,
				got.Header().Get("Content-Type"),
				tt.status,
				tt.contentType,
			)
		}
		if name, value, ok := strings.Cut(tt.header, ": "); ok && got.Header().Get(name) != value {
			t.Errorf("%s %s: got %s %q, want %q", tt.method, tt.path, name, got.Header().Get(name), value)
		}
		for name, value := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options": "nosniff",
			"X-Frame-Options":        "DENY",
			"Referrer-Policy":        "no-referrer",
		} {
			if got.Header().Get(name) != value {
				t.Errorf("%s %s: got %s %q, want %q", tt.method, tt.path, name, got.Header().Get(name), value)
			}
		}
	}
}

// All else is the sandbox's, with nothing added.
func TestSandboxBehindIt(t *testing.T) {
	sb := sandbox.New()
	handler, err := reference.New(sb, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/client/v4/accounts/4f8c1d2e9ab04c75b3e6d7018f2a9c35/cni/slots", "/docsx", "//", "/client//v4", "/favicon.ico"} {
		got, want := serve(handler, "GET", path), serve(sb, "GET", path)
		if got.Code != want.Code || got.Body.String() != want.Body.String() ||
			!reflect.DeepEqual(got.Header(), want.Header()) {
			t.Errorf(
				"%s: got %d %v %s, want %d %v %s",
				path,
				got.Code,
				got.Header(),
				got.Body,
				want.Code,
				want.Header(),
				want.Body,
			)
		}
	}
}

var link = regexp.MustCompile(`(?:href|src|action|data-url)="([^"]*)"`)

// Each link of a page, and each file that it loads, is there and of the right type. None is on another server.
func TestLinks(t *testing.T) {
	handler := newHandler(t)
	contentTypes := map[string]string{
		"/": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
		"yaml": "application/yaml", "json": "application/json", "/live": "text/html; charset=utf-8", "/docs/api": "text/html; charset=utf-8", "/docs/control": "text/html; charset=utf-8",
	}
	for _, page := range []string{"/", "/live", "/docs/api", "/docs/control"} {
		body := serve(handler, "GET", page).Body.String()
		links := link.FindAllStringSubmatch(body, -1)
		if len(links) < 4 {
			t.Errorf("%s has %d links: %s", page, len(links), body)
		}
		for _, found := range links {
			path, _, _ := strings.Cut(found[1], "#")
			if path == "" && strings.Contains(body, fmt.Sprintf("id=%q", found[1][1:])) { // a place in the page
				continue
			}
			if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
				t.Errorf("%s: %s leads to another server, or is relative", page, path)
				continue
			}
			got := serve(handler, "GET", path)
			if strings.HasPrefix(found[0], "action=") {
				if got.Code != 405 || got.Header().Get("Allow") != "POST" {
					t.Errorf("%s: the form %s is %d %v", page, path, got.Code, got.Header())
				}
				continue
			}
			want, ok := contentTypes[path]
			if !ok {
				want = contentTypes[path[strings.LastIndex(path, ".")+1:]]
			}
			if got.Code != 200 || got.Body.Len() == 0 || got.Header().Get("Content-Type") != want {
				t.Errorf(
					"%s: %s is %d %q with %d bytes, want 200 %q",
					page,
					path,
					got.Code,
					got.Header().Get("Content-Type"),
					got.Body.Len(),
					want,
				)
			}
		}
		if strings.Contains(body, "<style") ||
			regexp.MustCompile(`<script[^>]*>[^<]|\son[a-z]+=|\sstyle=`).MatchString(body) {
			t.Errorf("%s has scripts or styles in its text, which its Content-Security-Policy forbids: %s", page, body)
		}
	}
	for _, sheet := range []string{"swagger-ui.css", "base.css", "docs.css", "index.css", "live.css"} {
		got := serve(handler, "GET", "/docs/assets/"+sheet)
		if got.Code != 200 {
			t.Errorf("%s is %d", sheet, got.Code)
		}
		for _, url := range regexp.MustCompile(`(?:url\(|@import\s*["'])\s*["']?([^"')]{0,40})`).FindAllStringSubmatch(got.Body.String(), -1) {
			if !strings.HasPrefix(url[1], "data:") && url[1] != "swagger-ui.css" {
				t.Errorf("%s loads %s", sheet, url[1])
			}
		}
	}
}

var row = regexp.MustCompile(
	`<tr><td><span class="[A-Z]+">([A-Z]+)</span></td><td><a href="([^"]*)"><code>([^<]*)</code></a></td><td>([^<]+)</td></tr>`,
)

func TestOverviewListsTheOperations(t *testing.T) {
	rows := row.FindAllStringSubmatch(serve(newHandler(t), "GET", "/").Body.String(), -1)
	operations := interconnect.Operations()
	if len(rows) != len(operations)+1 {
		t.Fatalf("got %d operations, want %d and the one of the other document", len(rows), len(operations))
	}
	for i, op := range operations {
		method, link, path := rows[i][1], rows[i][2], rows[i][3]
		if method != op.Method || path != op.Path ||
			!regexp.MustCompile(`^/docs/api#/[A-Za-z]+/`+op.ID+`$`).MatchString(link) {
			t.Errorf("got %s %s at %s, want %s %s", method, path, link, op.Method, op.Path)
		}
	}
	last := rows[len(rows)-1][1:]
	want := []string{"GET", "/docs/control#/default/get_clock", "/clock", "Gets &lt;the&gt; clock"}
	if !reflect.DeepEqual(last, want) {
		t.Errorf("got %q, want %q", last, want)
	}
}

func TestOverviewNamesItsOwnAddress(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "127.0.0.1:8123"
	w := httptest.NewRecorder()
	newHandler(t).ServeHTTP(w, r)
	if want := "export CLOUDFLARE_BASE_URL=http://127.0.0.1:8123/client/v4\n"; !strings.Contains(
		w.Body.String(),
		want,
	) {
		t.Errorf("want %q in %s", want, w.Body)
	}
}

// The documents that the pages show name no server but this one, and are the same otherwise.
func TestServers(t *testing.T) {
	handler := newHandler(t)
	for _, tt := range []struct {
		path, server string
		original     string
	}{
		{"/docs/api.yaml", "/client/v4", string(api.Document)},
		{"/docs/control.yaml", "/_sandbox", regexp.MustCompile(`(?m)^ +servers:.*\n`).ReplaceAllString(otherDocument, "")},
	} {
		body := serve(handler, "GET", tt.path).Body.String()
		got, want := decode(t, body), decode(t, tt.original)
		want["servers"] = []any{map[string]any{"url": tt.server, "description": "This sandbox"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", tt.path, got, want)
		}
		if strings.Contains(body, "api.cloudflare.com") || strings.Contains(body, "elsewhere.example") {
			t.Errorf("%s names another server", tt.path)
		}
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNewRefuses(t *testing.T) {
	valid := reference.Document{Name: "control", YAML: []byte(otherDocument), BasePath: "/_sandbox"}
	for _, tt := range []struct {
		change func(*reference.Document)
		want   string
	}{
		{func(d *reference.Document) { d.Name = "api" }, `reference: document "api": the name is taken; choose another`},
		{func(d *reference.Document) { d.Name = "assets" },
			`reference: document "assets": want another name, of lower-case letters, digits and dashes`},
		{func(d *reference.Document) { d.Name = "a/b" },
			`reference: document "a/b": want another name, of lower-case letters, digits and dashes`},
		{func(d *reference.Document) { d.BasePath = "https://api.cloudflare.com/client/v4" },
			`reference: document "control": base path "https://api.cloudflare.com/client/v4": want one such as /_sandbox`},
		{func(d *reference.Document) { d.BasePath = "//api.cloudflare.com" },
			`reference: document "control": base path "//api.cloudflare.com": want one such as /_sandbox`},
		{func(d *reference.Document) { d.YAML = nil },
			`reference: document "control": it has no info.title or no paths; want an OpenAPI document`},
		{func(d *reference.Document) { d.YAML = []byte("a: [") },
			`reference: document "control": yaml: line 1: did not find expected node content`},
		{func(d *reference.Document) { d.YAML = []byte("[]") }, "cannot unmarshal !!seq into struct"},
		{func(d *reference.Document) { d.YAML = []byte(strings.ReplaceAll(otherDocument, "operationId", "x-id")) },
			`reference: document "control": GET /clock: no operationId to link to; add one`},
	} {
		d := valid
		tt.change(&d)
		if _, err := reference.New(sandbox.New(), nil, d); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// The lines of the overview order a port when somebody pastes them into a shell.
func TestOverviewOrdersAPort(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "grep"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	script := "set -euo pipefail\n"
	for _, block := range regexp.MustCompile(`(?s)<pre[^>]*><code>(.*?)</code></pre>`).FindAllStringSubmatch(string(body), -1) {
		if lines := html.UnescapeString(block[1]); !strings.Contains(lines, ":=") { // Go
			script += lines + "\n"
		}
	}
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Env = append(os.Environ(), "NO_PROXY=127.0.0.1")
	out, err := command.CombinedOutput()
	var ordered interconnect.Interconnect
	if err == nil {
		err = ordered.UnmarshalJSON(out)
	}
	if _, ok := ordered.Value().(interconnect.PhysicalInterconnect); !ok {
		t.Errorf("got %s %v\n%s", out, err, script)
	}
}

// A page is answered before the rest of a body that no page needs, and its log line is short.
func TestPagesWithBodies(t *testing.T) {
	var log bytes.Buffer
	handler, err := reference.New(sandbox.New(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{", "POST /docs/api HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
		"GET /docs/" + strings.Repeat("x", 100_000) + " HTTP/1.1\r\nHost: h\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%.50q: %v", request, err)
		}
		response.Body.Close()
	}
	server.Close()
	for line := range strings.Lines(log.String()) {
		if len(line) > 2000 {
			t.Errorf("a line of the log has %d bytes", len(line))
		}
	}
}

// A sandbox with tokens of its own takes no other, so its forms begin without one and say what to do.
func TestPagesOfASandboxWithTokens(t *testing.T) {
	for _, tt := range []struct {
		opts         []sandbox.Option
		want, wantNo string
	}{
		{nil, `data-bearer="api_token"`, "This sandbox "},
		{[]sandbox.Option{sandbox.WithToken("t")}, "This sandbox accepts only the tokens it was started with", "api_token"},
		{[]sandbox.Option{sandbox.WithoutEntitlement()}, "This sandbox was started to refuse everything with 403.", "accepts only"},
	} {
		pages, err := reference.New(sandbox.New(tt.opts...), nil)
		if err != nil {
			t.Fatal(err)
		}
		body := serve(pages, "GET", "/docs/api").Body.String()
		if !strings.Contains(body, tt.want) || strings.Contains(body, tt.wantNo) {
			t.Errorf("want %q and not %q in %s", tt.want, tt.wantNo, body)
		}
	}
}
