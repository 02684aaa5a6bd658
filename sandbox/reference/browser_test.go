package reference_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/browsertest"
	"github.com/interconnect-go/interconnect/sandbox"
)

const account = "0a1b2c3d4e5f60718293a4b5c6d7e8f9" // not that of the examples

const order = "#operations-Interconnects-create_interconnect"

func TestBrowser(t *testing.T) {
	browser := browsertest.Start(t) // once, as that takes longer than a test
	for _, test := range []struct {
		name string
		run  func(*testing.T, browsertest.Browser)
	}{
		{"pages", testPages},
		{"credentials stay here", testCredentialsStayHere},
		{"forms", testForms},
		{"typed text", testFormsKeepWhatIsTyped},
		{"letter", testLetterOfAuthorizationIsALink},
		{"filter", testFilter},
		{"copy", testCopy},
		{"live", testLive},
		{"live without room", testLiveWithoutRoom},
		{"live in the background", testLiveInTheBackground},
		{"live without script", testLiveWithoutScript},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, browser) })
	}
}

func testPages(t *testing.T, browser browsertest.Browser) {
	handler := newHandler(t)
	server := httptest.NewServer(handler)
	defer server.Close()

	t.Run("the overview", func(t *testing.T) {
		b := browser.Open(t, server.URL)
		b.Click(`a[href$="create_interconnect"]`)
		b.Do(chromedp.WaitVisible(order + " .opblock-body")) // the link opens the operation
		b.WantQuiet(server.URL)
	})

	t.Run("all operations", func(t *testing.T) {
		b := browser.Open(t, server.URL+"/docs")
		operations := interconnect.Operations()
		b.Until(fmt.Sprintf("document.querySelectorAll('.opblock').length >= %d", len(operations)))
		got := browsertest.Ask(
			b,
			chromedp.Evaluate[[]string]("[...document.querySelectorAll('.opblock')].map(e => e.id.split('-').pop())"),
		)
		schemas := browsertest.Ask(
			b,
			chromedp.Evaluate[[]string](
				"[...document.querySelectorAll('.models .model-container')].map(e => e.dataset.name)",
			),
		)
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
		b.WantQuiet(server.URL)
	})

	t.Run("another document", func(t *testing.T) {
		b := browser.Open(t, server.URL+"/docs/control")
		b.Do(chromedp.WaitVisible("#operations-default-get_clock"))
		b.WantQuiet(server.URL)
	})

	slot := sandbox.Catalogue("")[7].ID
	for _, tt := range []struct{ example, variant, body string }{
		{"physical", "direct", fmt.Sprintf(`{"type": "direct", "account": %q, "slot_id": %q}`, account, slot)},
		{"gcp_partner", "gcp_partner", fmt.Sprintf(`{"type": "gcp_partner", "account": %q, "pairing_key": "7e51371e/us-east4/1", "bandwidth": "1G"}`, account)},
	} {
		t.Run("order, "+tt.example, func(t *testing.T) {
			b := browser.Open(t, server.URL+"/docs/api#/Interconnects/create_interconnect")
			field := order + " textarea.body-param__text"
			b.Click(order + " .try-out__btn")
			b.Choose(order+" .opblock-section-request-body .examples-select-element", tt.example)
			b.Until(fmt.Sprintf("JSON.parse(document.querySelector(%q).value).type === %q", field, tt.variant))

			b.Fill(order+` tr[data-param-name="account_id"] input`, account)
			b.Fill(field, tt.body)
			b.Click(order + " .btn.execute")
			live := order + " .live-responses-table"
			b.Until(fmt.Sprintf("document.querySelector('%s .response-col_status')", live))
			status := browsertest.Ask(b, chromedp.Text(live+" .response .response-col_status"))
			answer := browsertest.Ask(b, chromedp.Text(live+" .response .response-col_description pre"))
			var created interconnect.Interconnect
			if err := json.Unmarshal([]byte(answer), &created); err != nil || !strings.HasPrefix(status, "200") {
				t.Fatalf("the page shows %s %s (%v)", status, answer, err)
			}

			path := interconnect.BasePath + "/accounts/" + account + "/cni/interconnects"
			b.WantSent("POST " + server.URL + path)
			r := httptest.NewRequest("GET", path+"/"+nameOf(t, created), nil)
			r.Header.Set("Authorization", "Bearer any")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			var kept interconnect.Interconnect
			if err := json.Unmarshal(w.Body.Bytes(), &kept); err != nil || nameOf(t, kept) != nameOf(t, created) {
				t.Errorf("the sandbox has %s, the page shows %s", w.Body, answer)
			}
			b.WantQuiet(server.URL)
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
func testCredentialsStayHere(t *testing.T, browser browsertest.Browser) {
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	var reached atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer elsewhere.Close()

	for _, page := range []string{"/", "/docs/api"} {
		b := browser.Open(t, server.URL+page)
		violated := browsertest.Ask(b, chromedp.Evaluate[string](fmt.Sprintf(`new Promise(resolve => {
			document.addEventListener("securitypolicyviolation", e => resolve(e.violatedDirective));
			fetch(%q, {method: "POST", mode: "no-cors", body: "secret"}).catch(() => {});
		})`, elsewhere.URL), chromedp.EvalAwaitPromise))
		refused := browsertest.Ask(b, chromedp.Evaluate[string](fmt.Sprintf(
			`fetch(%q).then(() => "sent", () => "refused")`, elsewhere.URL), chromedp.EvalAwaitPromise))
		if violated != "connect-src" || refused != "refused" {
			t.Errorf("%s: got %q %q, want a violation of connect-src and a refusal", page, violated, refused)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the other server got %d requests", n)
	}
}
