// Package browsertest opens pages in Chromium for tests, and reports what a page asked for and complained about. It is
// a package of its own because tests of two modules use it.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is a running browser. It cannot reach any host but this one.
type Browser struct{ ctx context.Context }

// Start starts a browser for the duration of a test. If none is installed, the test is skipped; with CI in the
// environment, it fails. Short tests are skipped too.
func Start(t testing.TB) Browser {
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
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(
		chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // not available to root and in many containers; the browser sees only pages of ours
		chromedp.DisableGPU,
		chromedp.WindowSize(1300, 1200),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
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
	return Browser{ctx}
}

// A Tab is a page in the browser, and what it asked for and complained about. Its methods end the test if the page does
// not do what they wait for.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

// Open opens a page in a new tab. The steps come before the page is loaded.
func (b Browser) Open(t testing.TB, url string, before ...chromedp.Action[chromedp.Void]) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			tab.requests = append(tab.requests, e.Request.Method+" "+e.Request.URL)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				for _, arg := range e.Args {
					tab.complaints = append(tab.complaints, string(arg.Value)+arg.Description)
				}
			}
		case *runtime.EventExceptionThrown:
			tab.complaints = append(tab.complaints, e.ExceptionDetails.Text)
		case *log.EventEntryAdded: // violations of the Content-Security-Policy, and failed loads
			if e.Entry.Level == log.EntryLevelError {
				tab.complaints = append(tab.complaints, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	tab.Do(append(before, chromedp.Navigate(url))...)
	return tab
}

// Do takes steps one after the other.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.check(chromedp.Do(b.ctx, steps...))
}

// Ask returns what an action finds out.
func Ask[T any](b *Tab, action chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, action)
	b.check(err)
	return v
}

// Evaluate returns the value of a JavaScript expression, and waits for it if it is a promise.
func Evaluate[T any](b *Tab, expression string) T {
	b.t.Helper()
	return Ask(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func (b *Tab) check(err error) {
	b.t.Helper()
	if err != nil {
		body, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("%v; the browser complains of %q; the page says %s", err, b.complaints, body)
	}
}

// Until waits for a JavaScript expression to become true.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	err := chromedp.Do(
		b.ctx,
		chromedp.Poll[chromedp.Void]("Boolean("+expression+")", chromedp.WithPollingTimeout(time.Minute)),
	)
	if err != nil {
		err = fmt.Errorf("%w, waiting for %s", err, expression)
	}
	b.check(err)
}

// Click clicks an element by script: a page that is still scrolling would make the mouse miss it.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.Do(
		chromedp.WaitVisible(selector),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).click()", selector)),
	)
}

// Follow clicks an element that leads to another page, and waits for that page.
func (b *Tab) Follow(selector string) {
	b.t.Helper()
	_, err := chromedp.RunResponse(
		b.ctx,
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).click()", selector)),
	)
	b.check(err)
}

// Fill replaces the text of a field as a person does, by the keyboard.
func (b *Tab) Fill(selector, text string) {
	b.t.Helper()
	b.Do(chromedp.WaitVisible(selector), chromedp.Focus(selector),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).select()", selector)))
	_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text})
	b.check(err)
	b.Until(fmt.Sprintf("document.querySelector(%q).value === %q", selector, text))
}

// Choose takes an option of a list by its value.
func (b *Tab) Choose(selector, value string) {
	b.t.Helper()
	b.Do(chromedp.WaitVisible(selector), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`{ const list = document.querySelector(%q); list.value = %q; list.dispatchEvent(new Event("change", {bubbles: true})); }`,
		selector,
		value,
	)))
}

// Download clicks a link and returns the name and the content of the file that the browser saves.
func (b *Tab) Download(selector string) (name string, content []byte) {
	b.t.Helper()
	dir := b.t.TempDir()
	_, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
	})
	b.check(err)
	b.Click(selector)
	for range 3000 {
		files, err := os.ReadDir(dir)
		b.check(err)
		if len(files) == 1 && !strings.HasSuffix(files[0].Name(), ".crdownload") { // which it has until it is complete
			content, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
			b.check(err)
			if len(content) > 0 {
				return files[0].Name(), content
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.check(errors.New("there is no download"))
	return "", nil
}

// Scheme is a step that makes pages light or dark.
func Scheme(name string) chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

// Width is a step that sets the width of pages, in pixels.
func Width(pixels int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(pixels, 1000)
}

// WithoutScript is a step that turns JavaScript off.
func WithoutScript() chromedp.Action[chromedp.Void] {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

func call[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// WantSent checks that the page has sent a request, given as method and URL.
func (b *Tab) WantSent(request string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.requests, request) {
		b.t.Errorf("the page sent %q, want %s among them", b.requests, request)
	}
}

// WantQuiet checks that the page spoke to the server only, and had nothing to complain about but what contains one of
// the texts.
func (b *Tab) WantQuiet(server string, but ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.requests {
		_, url, _ := strings.Cut(request, " ")
		if !strings.HasPrefix(url, server+"/") && !strings.HasPrefix(url, "data:") &&
			!strings.HasPrefix(url, "blob:"+server+"/") {
			b.t.Errorf("the page sent %s", request)
		}
	}
	for _, complaint := range b.complaints {
		if !slices.ContainsFunc(but, func(text string) bool { return strings.Contains(complaint, text) }) {
			b.t.Errorf("the browser complains: %s", complaint)
		}
	}
}
