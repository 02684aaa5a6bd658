package reference_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
	"github.com/interconnect-go/interconnect/sandbox/reference"
)

// A live is a sandbox with its pages on a server.
type live struct {
	*sandbox.Sandbox
	t      *testing.T
	pages  *reference.Pages
	server *httptest.Server
}

func startLive(t *testing.T, opts ...sandbox.Option) live {
	t.Helper()
	sb := sandbox.New(opts...)
	pages, err := reference.New(sb, nil, controlDocument)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pages)
	t.Cleanup(func() {
		pages.Close() // or the server waits for those who listen
		server.Close()
	})
	return live{sb, t, pages, server}
}

// page is the text of the live page, without tags.
func (l live) page() string {
	l.t.Helper()
	got := serve(l.pages, "GET", "/live")
	if got.Code != 200 {
		l.t.Fatalf("got %d %s", got.Code, got.Body)
	}
	return plain(got.Body.String())
}

func plain(page string) string {
	return html.UnescapeString(
		strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " "),
	)
}

// submit sends a form as a browser without JavaScript does, and returns the page that comes of it.
func (l live) submit(path string, fields url.Values, header ...string) (status int, text string) {
	l.t.Helper()
	r, err := http.NewRequestWithContext(
		l.t.Context(),
		"POST",
		l.server.URL+"/live/"+path,
		strings.NewReader(fields.Encode()),
	)
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	response, err := l.server.Client().Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return response.StatusCode, plain(string(body))
}

func wantTexts(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("there is no %q in\n%s", w, text)
		}
	}
}

var noon = time.Date(2026, 8, 14, 12, 0, 0, 0, time.UTC)

func stopped() sandbox.Option { return sandbox.WithClock(func() time.Time { return noon }) }

func TestLivePage(t *testing.T) {
	l := startLive(t, stopped())
	wantTexts(
		t,
		l.page(),
		"Sandbox This is a fake, not Cloudflare.",
		"14 Aug 2026 12:00:00 UTC not advanced",
		"Nothing is ordered.",
		"CNIs There are none.",
		"No fault is waiting.",
		"atl-a 6 of 6 free",
		"There were none yet.",
	)

	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	send(l.pages, "POST", interconnect.BasePath+"/accounts/"+account+"/cni/interconnects",
		`{"type": "gcp_partner", "account": "`+account+`", "pairing_key": "secret-key/us-east4/1", "bandwidth": "2G"}`)
	send(l.pages, "POST", interconnect.BasePath+"/accounts/"+account+"/cni/interconnects?limit=secret",
		`{"type": "gcp_partner", "account": "`+account+`", "pairing_key": "secret-key/us-east4/1", "bandwidth": "7G"}`)
	send(l.pages, "GET", "/client/v5/<script>", "")
	o := l.Overview(10)
	google, port, cni := o.Interconnects[1].Name, o.Interconnects[0].Name, o.CNIs[0]
	if strings.HasPrefix(port, "gcp") {
		google, port = port, google
	}
	if err := l.SetStatus(exampleAccount, port, interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("No <light>")})); err != nil {
		t.Fatal(err)
	}
	l.Fail(
		"create_cni",
		sandbox.Fault{
			Status:     503,
			RetryAfter: 2 * time.Second,
			Times:      3,
			Message:    "secret-message",
			Header:     http.Header{"X-Secret": {"secret"}},
		},
	)
	l.Fail(sandbox.AnyOperation, sandbox.Fault{Drop: true, AfterWork: true, Times: -1, Delay: time.Second})
	if err := l.Advance(90 * time.Minute); err != nil {
		t.Fatal(err)
	}

	text := l.page()
	wantTexts(
		t,
		text,
		"14 Aug 2026 13:30:00 UTC 1h30m0s ahead of this machine",
		google+" account "+account+" Healthy",
		"Google Cloud us-east4, 2G",
		port+" account "+exampleAccount+" Unhealthy No <light> set by hand",
		"atl-a, Digital Realty ATL1, 10G slot "+sandbox.Catalogue("")[0].ID.String(),
		"ordered 14 Aug 2026 12:00:00",
		"cni-2 "+cni.ID.String()+" "+port+" "+cni.CustomerIP+" customer "+cni.CloudflareIP+" Cloudflare none",
		"create_cni : responds 503 Service Unavailable, sends Retry-After 2s, sends other headers, 3 times",
		"* : waits 1s, drops the connection, after the work, until the faults are cleared",
		"atl-a 5 of 6 free",
		"no operation of the API GET /client/v5/%3Cscript%3E No route for that URI 404",
		"create_interconnect POST /client/v4/accounts/"+account+`/cni/interconnects /bandwidth: want one of "50M", `,
		"create_cni POST /client/v4/accounts/"+exampleAccount+"/cni/cnis 200",
	)
	if strings.Contains(text, "secret") || strings.Contains(text, "Bearer") {
		t.Errorf("the page shows a secret:\n%s", text)
	}
	raw := serve(l.pages, "GET", "/live").Body.String()
	for _, unsafe := range []string{"<light>", "secret", "Bearer"} {
		if strings.Contains(raw, unsafe) {
			t.Errorf("the page contains %q", unsafe)
		}
	}
}

// What the page shows is bounded, whatever is there.
func TestLivePageIsBounded(t *testing.T) {
	var slots []interconnect.Slot
	for i := range 300 {
		slot := sandbox.Catalogue("")[i%200]
		slot.ID[0], slot.ID[1], slot.Site = byte(i), byte(i>>8), fmt.Sprintf("site-%d", i)
		slots = append(slots, slot)
	}
	l := startLive(t, sandbox.WithSlots(slots), sandbox.WithPending(0, 0))
	for i := range 130 {
		name := nameOf(t, decodeInterconnect(t, send(
			l.pages,
			"POST",
			"/accounts/a/cni/interconnects",
			fmt.Sprintf(
				`{"type": "gcp_partner", "account": "a", "pairing_key": "key-%d/us-east4/1", "bandwidth": "1G"}`,
				i,
			),
		).Body.Bytes()))
		send(
			l.pages,
			"POST",
			"/accounts/a/cni/cnis",
			fmt.Sprintf(
				`{"account": "a", "interconnect": %q, "magic": {"conduit_name": "c%d", "description": "", "mtu": 1500}}`,
				name,
				i,
			),
		)
		l.Fail("get_cni", sandbox.Fault{Drop: true})
	}
	for range 200 {
		send(l.pages, "POST", "/accounts/a/cni/cnis"+strings.Repeat("/x", 1000), strings.Repeat("x", 1000))
	}
	page := serve(l.pages, "GET", "/live").Body.String()
	wantTexts(
		t,
		plain(page),
		"These are the newest 100 of 130.",
		"These are the first 100 of 130.",
		"These are the first 100 of 300 sites.",
	)
	if rows := strings.Count(page, "<tr data-key"); rows != 300 { // interconnects, CNIs, requests
		t.Errorf("there are %d rows", rows)
	}
	if len(page) > 400_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

func decodeInterconnect(t *testing.T, text []byte) (ic interconnect.Interconnect) {
	t.Helper()
	if err := json.Unmarshal(text, &ic); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return ic
}

func TestLiveForms(t *testing.T) {
	l := startLive(t, stopped())
	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	port := l.Overview(1).Interconnects[0].Name
	link := func(state, reason string) url.Values {
		return url.Values{"account": {exampleAccount}, "name": {port}, "state": {state}, "reason": {reason}}
	}
	for _, test := range []struct {
		path   string
		fields url.Values
		want   string
	}{
		{"clock", url.Values{"by": {"1h30m"}}, "14 Aug 2026 13:30:00 UTC 1h30m0s ahead of this machine"},
		{"status", link("Down", "maintenance"), "Down maintenance set by hand"},
		{"status", link("Unhealthy", ""), "Unhealthy no reason given set by hand"},
		{"status", link("Pending", "x"), "Pending set by hand"},
		{"status", link("Healthy", ""), "Healthy set by hand"},
		{"status", link("", ""), "Healthy Set the state"},
		{"faults", url.Values{"operation": {"*"}, "fault": {"slow"}, "times": {"1"}}, "* : waits 5s, once"},
		{"faults", url.Values{"operation": {"get_cni"}, "fault": {"lost"}, "times": {"3"}}, "get_cni : drops the connection, after the work, 3 times"},
		{"faults", url.Values{"operation": {"get_cni"}, "fault": {"429"}, "times": {"-1"}},
			"get_cni : responds 429 Too Many Requests, sends Retry-After 2s, until the faults are cleared"},
		{"faults", url.Values{"operation": {"get_cni"}, "fault": {"503"}, "times": {"1"}}, "responds 503 Service Unavailable, once"},
		{"faults", url.Values{"operation": {"get_cni"}, "fault": {"500"}, "times": {"1"}}, "responds 500 Internal Server Error, once"},
		{"faults", url.Values{"operation": {"get_cni"}, "fault": {"drop"}, "times": {"1"}}, "get_cni : drops the connection, once"},
		{"faults", url.Values{"operation": {"list_slots"}, "fault": {"cut"}, "times": {"1"}}, "list_slots : cuts the body off, once"},
		{"faults/clear", nil, "No fault is waiting."},
		{"reset", nil, "Nothing is ordered."},
	} {
		status, text := l.submit(test.path, test.fields)
		if status != 200 || !strings.Contains(text, test.want) { // after going back to the page
			t.Errorf("%s %v: got %d, want %q in\n%s", test.path, test.fields, status, test.want, text)
		}
	}
	if o := l.Overview(1); o.InterconnectCount != 0 || o.Advanced != 0 {
		t.Errorf("it has not started over: %+v", o)
	}
}

func TestLiveFormsRefuse(t *testing.T) {
	l := startLive(t, stopped())
	for _, test := range []struct {
		path   string
		fields url.Values
		status int
		want   string
	}{
		{"clock", url.Values{"by": {"soon"}}, 400, "Not done: /by: want text that matches "},
		{"clock", nil, 400, "Not done: /by: want text that matches "},
		{"clock", url.Values{"by": {"9999999h"}}, 400, "Not done: /by: the duration is longer than 292 years"},
		{"status", nil, 400, "Not done: the form names no interconnect"},
		{"status", url.Values{"account": {"a"}, "name": {"x"}, "state": {"Healthy"}}, 404, "Not done: interconnect x not found"},
		{"status", url.Values{"account": {"a"}, "name": {"../../y"}, "state": {""}}, 404, "Not done: interconnect ../../y not found"},
		{"status", url.Values{"account": {strings.Repeat("a", 33)}, "name": {"x"}, "state": {""}}, 400, "want at most 32 characters"},
		{"status", url.Values{"account": {"a"}, "name": {"x"}, "state": {"<b>"}}, 400, "Not done: /state: want one of"},
		{"faults", url.Values{"operation": {"*"}, "fault": {"other"}, "times": {"1"}}, 400, "Not done: the form names no fault"},
		{"faults", url.Values{"operation": {"*"}, "fault": {"503"}, "times": {"x"}}, 400, "Not done: how often the fault hits is not a number"},
		{"faults", url.Values{"operation": {"<b>"}, "fault": {"503"}, "times": {"1"}}, 400, `/operation: there is no operation "<b>"`},
	} {
		status, text := l.submit(test.path, test.fields)
		if status != test.status || !strings.Contains(text, test.want) || !strings.Contains(text, "Last requests") {
			t.Errorf(
				"%s %.100v: got %d, want %d and %q in\n%s",
				test.path,
				test.fields,
				status,
				test.status,
				test.want,
				text,
			)
		}
	}
	if status, text := l.submit("clock", url.Values{"by": {strings.Repeat("x", 20_000)}}); status != 413 ||
		!strings.Contains(text, "The form has more than 16384 bytes.") {
		t.Errorf("a long form: got %d %s", status, text)
	}
	for path, want := range map[string]int{"/live": 405, "/live/events": 405, "/live/reset/x": 404, "/live/": 404, "/live/unknown": 404} {
		if got := send(l.pages, "POST", path, ""); got.Code != want {
			t.Errorf("POST %s: got %d, want %d", path, got.Code, want)
		}
	}
	if got := serve(l.pages, "GET", "/live/reset"); got.Code != 405 {
		t.Errorf("GET /live/reset: got %d", got.Code)
	}
}

// Nobody but pages of this server and programs on this machine sees the state or changes it: neither the page of
// another site, nor one whose name leads to this machine.
func TestLiveIsNotForOtherSites(t *testing.T) {
	l := startLive(t, stopped())
	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	for _, test := range []struct {
		header []string
		want   int
	}{
		{nil, 200},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Origin", l.server.URL}, 200},
		{[]string{"Host", "localhost:1234"}, 200},
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Sec-Fetch-Site", "same-site"}, 403},
		{[]string{"Origin", "https://elsewhere.example"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Host", "rebound.example", "Sec-Fetch-Site", "same-origin"}, 403},
		{[]string{"Host", "rebound.example", "Origin", "http://rebound.example"}, 403},
	} {
		before := l.Overview(1).Advanced
		status, text := l.submit("clock", url.Values{"by": {"1s"}}, test.header...)
		if moved := l.Overview(1).Advanced != before; status != test.want || moved != (test.want == 200) {
			t.Errorf("%q: got %d, and the clock has moved: %t\n%s", test.header, status, moved, text)
		}
	}
	for _, path := range []string{"/live", "/live/events", "/docs/api/forms.json"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", l.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "rebound.example"
		response, err := l.server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 403 || strings.Contains(string(body), exampleAccount) {
			t.Errorf("%s: got %s %s", path, response.Status, body)
		}
	}
	page := serve(l.pages, "GET", "/live")
	if got := page.Header().Get("Content-Security-Policy"); !strings.Contains(
		got,
		"default-src 'none'; script-src 'self'; ",
	) ||
		!strings.Contains(got, "form-action 'self'; frame-ancestors 'none'") {
		t.Errorf("got %q", got)
	}
	if got := page.Header().Get("Referrer-Policy"); got != "same-origin" { // or forms have no Origin
		t.Errorf("got %q", got)
	}
}

// Examples have nothing to look at.
func TestExamplesHaveNoLivePage(t *testing.T) {
	pages, err := reference.New(sandbox.NewExamples(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/live", "/live/events"} {
		if got := serve(pages, "GET", path); got.Code != 404 || got.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
	}
	for _, path := range []string{"/", "/docs/api"} {
		if strings.Contains(serve(pages, "GET", path).Body.String(), `"/live"`) {
			t.Errorf("%s has a link to the live page", path)
		}
	}
}

// ---- Updates ----

// A stream is what a page listens to.
type stream struct {
	t      *testing.T
	lines  *bufio.Reader
	cancel context.CancelFunc
	*http.Response
}

func (l live) listen() stream {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
	l.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", l.server.URL+"/live/events", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	response, err := l.server.Client().Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { response.Body.Close() })
	return stream{l.t, bufio.NewReader(response.Body), cancel, response}
}

// next returns the name and the text of the next event.
func (s stream) next() (name, text string) {
	s.t.Helper()
	var data []string
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			s.t.Fatalf("%v after %q", err, data)
		}
		switch field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); {
		case field == "event":
			name = value
		case field == "data":
			data = append(data, value)
		case line == "\n" && name != "":
			return name, plain(strings.Join(data, "\n"))
		}
	}
}

// await skips events until a section contains a text, and returns the names of those that came.
func (s stream) await(section, want string) (names []string) {
	s.t.Helper()
	for {
		name, text := s.next()
		names = append(names, name)
		if name == section && strings.Contains(text, want) {
			return names
		}
	}
}

func TestEvents(t *testing.T) {
	l := startLive(t)
	s := l.listen()
	if s.StatusCode != 200 || s.Header.Get("Content-Type") != "text/event-stream" ||
		s.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %s %v", s.Status, s.Header)
	}
	var first []string
	for range 6 {
		name, _ := s.next()
		first = append(first, name)
	}
	if want := []string{"clock", "interconnects", "cnis", "faults", "slots", "requests"}; !slices.Equal(first, want) {
		t.Errorf("the first events are %q, want %q", first, want)
	}

	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	port := l.Overview(1).Interconnects[0].Name
	s.await("requests", "create_cni")
	if err := l.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	names := s.await("interconnects", port+" account "+exampleAccount+" Healthy")
	for _, unchanged := range []string{"cnis", "faults", "slots", "requests"} {
		if slices.Contains(names, unchanged) {
			t.Errorf("%s has not changed, but is among %q", unchanged, names)
		}
	}
	l.Fail("get_cni", sandbox.Fault{Drop: true})
	s.await("faults", "get_cni : drops the connection, once")
	if status, _ := l.submit("reset", nil); status != 200 {
		t.Errorf("got %d", status)
	}
	s.await("interconnects", "Nothing is ordered.")

	// A second listener begins with everything, too.
	l.listen().await("requests", "control API POST /_sandbox/reset 204")
}

// A link that gets Healthy by itself is shown without anything happening.
func TestEventsFollowTheTime(t *testing.T) {
	l := startLive(t, sandbox.WithPending(1500*time.Millisecond, 0))
	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	s := l.listen()
	s.await("interconnects", "Pending")
	s.await("interconnects", "Healthy")
}

// What comes from outside cannot end an event or begin one.
func TestEventsAreOneEach(t *testing.T) {
	l := startLive(t)
	ordersFor(t, l.pages, exampleAccount, sandbox.Catalogue("")[0])
	port := l.Overview(1).Interconnects[0].Name
	reason := "one\n\nevent: clock\ndata: forged\r\rdata: two\r\n\r\nthree"
	if err := l.SetStatus(exampleAccount, port, interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: &reason})); err != nil {
		t.Fatal(err)
	}
	s := l.listen()
	for range 6 {
		name, text := s.next()
		if name == "clock" && strings.Contains(text, "forged") {
			t.Errorf("the clock is %q", text)
		}
		if name == "interconnects" {
			wantTexts(t, text, "Down one event: clock data: forged data: two three set by hand")
		}
	}
}

// Only so many pages listen at a time. One that goes makes room for another, and none keeps the server from ending.
func TestListenersAreBounded(t *testing.T) {
	l := startLive(t)
	var streams []stream
	for i := range 16 {
		s := l.listen()
		if s.StatusCode != 200 {
			t.Fatalf("listener %d gets %s", i, s.Status)
		}
		streams = append(streams, s)
	}
	refused := l.listen()
	if body, _ := io.ReadAll(refused.Body); refused.StatusCode != 503 || refused.Header.Get("Retry-After") != "5" ||
		!strings.Contains(string(body), "16 pages listen") {
		t.Errorf("got %s %v %s", refused.Status, refused.Header, body)
	}
	if head := serve(l.pages, "HEAD", "/live/events"); head.Code != 503 {
		t.Errorf("HEAD: got %d", head.Code)
	}
	streams[0].cancel()
	for start := time.Now(); ; {
		if l.listen().StatusCode == 200 {
			break
		}
		if time.Since(start) > 30*time.Second {
			t.Fatal("no connection makes room")
		}
		time.Sleep(10 * time.Millisecond)
	}

	l.pages.Close()
	l.pages.Close()
	for _, s := range streams[1:] {
		if _, err := io.Copy(io.Discard, s.lines); err != nil {
			t.Errorf("a stream ends with %v", err)
		}
	}
	if l.page() == "" {
		t.Error("the pages are gone")
	}
}

// However much happens, those who look on cost a few renderings a second.
func TestEventsAreFew(t *testing.T) {
	l := startLive(t)
	s := l.listen()
	s.await("requests", "none yet")
	start := time.Now()
	stop := start.Add(time.Second)
	sent := 0
	go func() {
		for time.Now().Before(stop) {
			send(l.pages, "GET", "/accounts/a/cni/settings", "")
			sent++
		}
		l.Fail("get_cni", sandbox.Fault{Drop: true})
	}()
	count := 0
	for _, name := range s.await("faults", "get_cni") {
		if name == "requests" {
			count++
		}
	}
	if most := int(time.Since(start)/(100*time.Millisecond)) + 2; sent < 100 || count > most {
		t.Errorf("%d updates for %d requests, want at most %d", count, sent, most)
	}
}
