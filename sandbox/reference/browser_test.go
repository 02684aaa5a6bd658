package reference_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const account = "0a1b2c3d4e5f60718293a4b5c6d7e8f9" // not that of the examples

// startBrowser starts a browser for the duration of a test. It cannot reach any host but this one.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes a while to start")
	}
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium, chromium-browser or google-chrome in PATH; install one")
		}
		t.Skip("no chromium, chromium-browser or google-chrome in PATH")
	}
	// A bound for a browser that hangs, far beyond what a slow machine needs.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // it is not available to root and in many containers, and the browser sees only pages of ours
		chromedp.WindowSize(1300, 1200),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("no-proxy-server", true),
		chromedp.WSURLReadTimeout(time.Minute),
	)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx
}

// A tab is a page in the browser, and what it asked for and complained about.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

func openTab(t *testing.T, browser context.Context, url string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, e.Request.Method+" "+e.Request.URL)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				for _, arg := range e.Args {
					b.complaints = append(b.complaints, string(arg.Value)+arg.Description)
				}
			}
		case *runtime.EventExceptionThrown:
			b.complaints = append(b.complaints, e.ExceptionDetails.Text)
		case *log.EventEntryAdded: // violations of the Content-Security-Policy, and failed loads
			if e.Entry.Level == log.EntryLevelError {
				b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(url))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.check(chromedp.Do(b.ctx, steps...))
}

func ask[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, action)
	b.check(err)
	return v
}

func (b *tab) check(err error) {
	b.t.Helper()
	if err != nil {
		body, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("%v; the browser complains of %q; the page says %s", err, b.complaints, body)
	}
}

// until waits for a JavaScript expression to become true.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.do(chromedp.Poll[chromedp.Void]("Boolean("+expression+")", chromedp.WithPollingTimeout(time.Minute)))
}

// click does not go by the mouse, which would miss: Swagger UI is still scrolling to the operation that the link names.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(selector), chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).click()", selector)))
}

// fill replaces the text of a field as a person does, by the keyboard.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(selector), chromedp.Focus(selector),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).select()", selector)))
	_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text})
	b.check(err)
	b.until(fmt.Sprintf("document.querySelector(%q).value === %q", selector, text))
}

// choose takes an option of a list by its value.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(selector), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`{ const list = document.querySelector(%q); list.value = %q; list.dispatchEvent(new Event("change", {bubbles: true})); }`,
		selector, value)))
}

func (b *tab) wantSent(request string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.requests, request) {
		b.t.Errorf("the page sent %q, want %s among them", b.requests, request)
	}
}

// wantQuiet checks that the page spoke to the server only, and had nothing to complain about.
func (b *tab) wantQuiet(server string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.requests {
		_, url, _ := strings.Cut(request, " ")
		if !strings.HasPrefix(url, server+"/") && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("the page sent %s", request)
		}
	}
	for _, complaint := range b.complaints {
		b.t.Errorf("the browser complains: %s", complaint)
	}
}

const order = "#operations-Interconnects-create_interconnect"

func TestBrowser(t *testing.T) {
	browser := startBrowser(t)
	handler := newHandler(t)
	server := httptest.NewServer(handler)
	defer server.Close()

	t.Run("the overview", func(t *testing.T) {
		b := openTab(t, browser, server.URL)
		b.click(`a[href$="create_interconnect"]`)
		b.do(chromedp.WaitVisible(order + " .opblock-body")) // the link opens the operation
		b.wantQuiet(server.URL)
	})

	t.Run("all operations", func(t *testing.T) {
		b := openTab(t, browser, server.URL+"/docs")
		operations := interconnect.Operations()
		b.until(fmt.Sprintf("document.querySelectorAll('.opblock').length >= %d", len(operations)))
		got := ask(b, chromedp.Evaluate[[]string]("[...document.querySelectorAll('.opblock')].map(e => e.id.split('-').pop())"))
		schemas := ask(b, chromedp.Evaluate[[]string]("[...document.querySelectorAll('.models .model-container')].map(e => e.dataset.name)"))
		var want []string
		for _, op := range operations {
			want = append(want, op.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if len(schemas) != len(interconnect.Schemas()) {
			t.Errorf("got the schemas %q, want %d", schemas, len(interconnect.Schemas()))
		}
		b.wantQuiet(server.URL)
	})

	t.Run("another document", func(t *testing.T) {
		b := openTab(t, browser, server.URL+"/docs/control")
		b.do(chromedp.WaitVisible("#operations-default-get_clock"))
		b.wantQuiet(server.URL)
	})

	slot := sandbox.Catalogue("")[7].ID
	for _, tt := range []struct{ example, variant, body string }{
		{"physical", "direct", fmt.Sprintf(`{"type": "direct", "account": %q, "slot_id": %q}`, account, slot)},
		{"gcp_partner", "gcp_partner", fmt.Sprintf(`{"type": "gcp_partner", "account": %q, "pairing_key": "7e51371e/us-east4/1", "bandwidth": "1G"}`, account)},
	} {
		t.Run("order, "+tt.example, func(t *testing.T) {
			b := openTab(t, browser, server.URL+"/docs/api#/Interconnects/create_interconnect")
			field := order + " textarea.body-param__text"
			b.click(order + " .try-out__btn")
			b.choose(order+" .opblock-section-request-body .examples-select-element", tt.example)
			b.until(fmt.Sprintf("JSON.parse(document.querySelector(%q).value).type === %q", field, tt.variant))

			b.fill(order+` tr[data-param-name="account_id"] input`, account)
			b.fill(field, tt.body)
			b.click(order + " .btn.execute")
			live := order + " .live-responses-table"
			b.until(fmt.Sprintf("document.querySelector('%s .response-col_status')", live))
			status := ask(b, chromedp.Text(live+" .response .response-col_status"))
			answer := ask(b, chromedp.Text(live+" .response .response-col_description pre"))
			var created interconnect.Interconnect
			if err := json.Unmarshal([]byte(answer), &created); err != nil || !strings.HasPrefix(status, "200") {
				t.Fatalf("the page shows %s %s (%v)", status, answer, err)
			}

			path := interconnect.BasePath + "/accounts/" + account + "/cni/interconnects"
			b.wantSent("POST " + server.URL + path)
			r := httptest.NewRequest("GET", path+"/"+nameOf(t, created), nil)
			r.Header.Set("Authorization", "Bearer any")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			var kept interconnect.Interconnect
			if err := json.Unmarshal(w.Body.Bytes(), &kept); err != nil || nameOf(t, kept) != nameOf(t, created) {
				t.Errorf("the sandbox has %s, the page shows %s", w.Body, answer)
			}
			b.wantQuiet(server.URL)
		})
	}
}

func nameOf(t *testing.T, ic interconnect.Interconnect) string {
	t.Helper()
	switch v := ic.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return v.Name
	case interconnect.GCPPartnerInterconnect:
		return v.Name
	}
	t.Fatal("no interconnect")
	return ""
}

// The browser sends nothing from the pages to another server, not even if a script tries to.
func TestBrowserKeepsCredentialsHere(t *testing.T) {
	browser := startBrowser(t)
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	var reached atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer elsewhere.Close()

	for _, page := range []string{"/", "/docs/api"} {
		b := openTab(t, browser, server.URL+page)
		violated := ask(b, chromedp.Evaluate[string](fmt.Sprintf(`new Promise(resolve => {
			document.addEventListener("securitypolicyviolation", e => resolve(e.violatedDirective));
			fetch(%q, {method: "POST", mode: "no-cors", body: "secret"}).catch(() => {});
		})`, elsewhere.URL), chromedp.EvalAwaitPromise))
		refused := ask(b, chromedp.Evaluate[string](fmt.Sprintf(
			`fetch(%q).then(() => "sent", () => "refused")`, elsewhere.URL), chromedp.EvalAwaitPromise))
		if violated != "connect-src" || refused != "refused" {
			t.Errorf("%s: got %q %q, want a violation of connect-src and a refusal", page, violated, refused)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the other server got %d requests", n)
	}
}
