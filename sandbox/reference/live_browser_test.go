package reference_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/interconnect-go/interconnect/internal/browsertest"
	"github.com/interconnect-go/interconnect/sandbox"
)

// shows waits for a section of the live page to show a text.
func shows(b *browsertest.Tab, section, text string) {
	b.Until(fmt.Sprintf("document.getElementById(%q).innerText.replace(/\\s+/g, ' ').includes(%q)", section, text))
}

// The page follows what goes on, and what somebody has opened, typed or focused in it stays.
func testLive(t *testing.T, browser browsertest.Browser) {
	l := startLive(t, stopped())
	b := browser.Open(t, l.server.URL+"/live")
	shows(b, "connection", "Live")
	shows(b, "interconnects", "Nothing is ordered.")

	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	first := l.Overview(1).Interconnects[0].Name
	shows(b, "interconnects", first)
	shows(b, "cnis", "cni-2")
	shows(b, "slots", "atl-a 5 of 6 free")
	shows(b, "requests", "create_cni POST")

	b.Click("#interconnects summary")
	b.Fill(`#interconnects input[name="reason"]`, "No light")
	b.Do(chromedp.Evaluate[chromedp.Void]("window.row = document.querySelector('#interconnects tr[data-key]')"))
	send(l.pages, "POST", "/accounts/"+exampleAccount+"/cni/interconnects",
		`{"type": "gcp_partner", "account": "`+exampleAccount+`", "pairing_key": "key/us-east4/1", "bandwidth": "2G"}`)
	shows(b, "interconnects", "gcp-us-east4-")
	kept := browsertest.Evaluate[bool](b, `
		row.isConnected && row.querySelector("details").open && row.querySelector("input[name=reason]").value === "No light" &&
		document.activeElement === row.querySelector("input[name=reason]")`)
	if !kept {
		t.Error("the form that is open has been lost")
	}

	// The forms do their work without leaving the page.
	b.Do(
		chromedp.Evaluate[chromedp.Void](
			`row.querySelector("select").value = "Unhealthy"; row.querySelector("button").click()`,
		),
	)
	shows(b, "interconnects", "Unhealthy No light set by hand")
	b.Until(`!row.querySelector("details").open && row.querySelector("input[name=reason]").value === ""`)
	b.Click(`button[value="1h"]`)
	shows(b, "clock", "14 Aug 2026 13:00:00 UTC 1h0m0s ahead")
	b.Fill(`input[name="by"]`, "soon")
	b.Do(
		chromedp.Evaluate[chromedp.Void](
			`document.querySelector('input[name="by"]').form.querySelector("button").click()`,
		),
	)
	shows(b, "alert", "Not done: /by: want text that matches")
	b.Fill(`input[name="by"]`, "30m")
	b.Do(
		chromedp.Evaluate[chromedp.Void](
			`document.querySelector('input[name="by"]').form.querySelector("button").click()`,
		),
	)
	shows(b, "clock", "1h30m0s ahead")
	b.Until(`document.getElementById("alert").innerText === ""`)
	b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/live/faults"] button').click()`))
	shows(b, "faults", "*: responds 503 Service Unavailable, once")
	if got := send(l.pages, "GET", "/accounts/a/cni/settings", ""); got.Code != 503 {
		t.Errorf("the fault: got %d", got.Code)
	}
	shows(b, "faults", "No fault is waiting.")
	shows(b, "requests", "503 by a fault")
	b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/live/reset"] button').click()`))
	shows(b, "interconnects", "Nothing is ordered.")

	// When the sandbox ends, the page says so.
	b.WantQuiet(l.server.URL, "status of 400")
	l.pages.Close()
	l.server.CloseClientConnections()
	shows(b, "connection", "The connection is lost. Trying again.")
}

// A page for which there is no room says that it is not up to date, and tries again.
func testLiveWithoutRoom(t *testing.T, browser browsertest.Browser) {
	l := startLive(t)
	var streams []stream
	for range 16 {
		streams = append(streams, l.listen())
	}
	b := browser.Open(t, l.server.URL+"/live")
	shows(b, "connection", "No updates: the sandbox takes no more listeners. Trying again.")
	streams[0].cancel()
	shows(b, "connection", "Live")
	b.WantQuiet(l.server.URL, "status of 503")
}

// A page that is hidden does not listen.
func testLiveInTheBackground(t *testing.T, browser browsertest.Browser) {
	l := startLive(t)
	b := browser.Open(t, l.server.URL+"/live")
	shows(b, "connection", "Live")
	hide := func(hidden bool) {
		b.Do(
			chromedp.Evaluate[chromedp.Void](
				fmt.Sprintf(`Object.defineProperty(document, "hidden", {value: %t, configurable: true});
			document.dispatchEvent(new Event("visibilitychange"))`, hidden),
			),
		)
	}
	hide(true)
	shows(b, "connection", "Paused")
	var streams []stream
	for start := time.Now(); len(streams) < 16; { // the place of the page is free as soon as the server has noticed
		if s := l.listen(); s.StatusCode == 200 {
			streams = append(streams, s)
		} else if time.Since(start) > 30*time.Second {
			t.Fatalf("%d others listen, and there is no room for more", len(streams))
		}
	}
	streams[0].cancel()
	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	hide(false)
	shows(b, "connection", "Live")
	shows(b, "cnis", "cni-2")
	b.WantQuiet(l.server.URL, "status of 503")
}

// Without JavaScript, it is a plain page whose forms lead back to it.
func testLiveWithoutScript(t *testing.T, browser browsertest.Browser) {
	l := startLive(t, stopped())
	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	name := l.Overview(1).Interconnects[0].Name
	b := browser.Open(t, l.server.URL+"/live", browsertest.WithoutScript())
	text := func(selector string) string { return browsertest.Ask(b, chromedp.Text(selector)) }
	wantTexts(
		t,
		text("body"),
		"This is how it was when the page was loaded.",
		name,
		"cni-2",
		"14 Aug 2026 12:00:00 UTC not advanced",
	)

	b.Follow(`button[value="1m"]`)
	wantTexts(t, text("#clock"), "14 Aug 2026 12:01:00 UTC 1m0s ahead of this machine")
	b.Follow(`form[action="/live/faults"] button`)
	wantTexts(t, text("#faults"), "*: responds 503 Service Unavailable, once")
	b.Follow(`form[action="/live/faults/clear"] button`)
	b.Follow(`form[action="/live/reset"] button`)
	wantTexts(t, text("#interconnects"), "Nothing is ordered.")
	if o := l.Overview(1); o.InterconnectCount != 0 || o.FaultCount != 0 {
		t.Errorf("got %+v", o)
	}
	b.WantSent("POST " + l.server.URL + "/live/reset")
	b.WantQuiet(l.server.URL)
}
