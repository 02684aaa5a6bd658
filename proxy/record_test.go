package proxy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/proxy"
	"github.com/interconnect-go/interconnect/sandbox"
)

const any = "Bearer any"

func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const slots = `{"items": [
	{"id": "4b99d788-9a01-53d2-97b3-e7d272d0ad85", "site": "iad-a", "speed": "10G", "occupied": false, "facility": {"name": "f", "address": []}},
	{"id": "slot-2", "site": "iad-a", "speed": "10G", "occupied": false, "facility": {"name": "f", "address": []}},
	{"id": "slot-3", "site": "iad-a", "speed": "10G", "occupied": false, "facility": {"name": "f", "address": []}}
]}`

func TestViolations(t *testing.T) {
	type sent struct{ method, path, body, contentType, authorization string }
	order := path + "/interconnects"
	for name, test := range map[string]struct {
		sent    sent
		service http.HandlerFunc
		want    string
	}{
		"none": {sent{"GET", path + "/slots", "", "", any}, answer(200, "application/json", `{"items":[]}`), ""},
		"at the root": {sent{"GET", strings.TrimPrefix(path, "/client/v4") + "/slots?limit=x", "", "", any},
			answer(200, "application/json", `{"items":[]}`), "list_slots request query /limit type *"},
		"body of a request": {sent{"POST", order, `{"type":"direct","account":"` + account + `","slot_id":"slot","no_such_member":1}`, "application/json", any},
			answer(401, "application/json", `{"success":false,"errors":[{"code":10000,"message":"m"}],"messages":[],"result":null}`),
			"create_interconnect request body /no_such_member additionalProperties *\ncreate_interconnect request body /slot_id format *"},
		"parameters": {sent{"GET", path + "/cnis/x?slot=slot&b=1&a=1", "", "", any}, answer(404, "application/json", `{"success":false,"errors":[{"code":10000,"message":"m"}],"messages":[],"result":null}`),
			"get_cni request path /cni format *\nget_cni request query /a undeclared *\nget_cni request query /b undeclared *\nget_cni request query /slot undeclared *"},
		"broken query":     {sent{"GET", path + "/slots?site=%zz", "", "", any}, answer(200, "application/json", `{"items":[]}`), "list_slots request query  syntax *"},
		"no credentials":   {sent{"GET", path + "/slots", "", "", ""}, answer(200, "application/json", `{"items":[]}`), "list_slots request header  security *"},
		"media type":       {sent{"POST", order, `{}`, "text/plain", any}, answer(200, "text/html", "<html>"), "create_interconnect request header /Content-Type content *\ncreate_interconnect response header /Content-Type content *"},
		"no body":          {sent{"POST", order, "", "application/json", any}, answer(200, "application/json", "{"), "create_interconnect request body  required *\ncreate_interconnect response body  syntax *"},
		"body of a DELETE": {sent{"DELETE", order + "/x", "{}", "application/json", any}, answer(200, "application/json", "{}"), "delete_interconnect request body  content *\ndelete_interconnect response body  content *"},
		"items count alike": {sent{"GET", path + "/slots", "", "", any}, answer(200, "application/json", slots),
			"list_slots response body /items/*/id format **"},
		"HEAD":       {sent{"HEAD", path + "/slots?limit=x", "", "", any}, answer(200, "application/json", ""), "list_slots request query /limit type *"},
		"route":      {sent{"GET", "/client/v4/zones?token=hunter22", "", "", any}, answer(200, "text/html", "<html>"), "- request   route *"},
		"the method": {sent{"PATCH", order, "", "", any}, answer(405, "text/html", "<html>"), "- request   route *"},
		"a letter":   {sent{"GET", order + "/x/loa", "", "", any}, answer(200, "application/pdf", "%PDF"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, test.service)
			header := []string{"Content-Type", test.sent.contentType, "Authorization", test.sent.authorization}
			r.send(test.sent.method, test.sent.path, test.sent.body, header...)
			report := r.end()
			equal(t, "violations", kinds(report), test.want)
			for _, v := range report.Violations {
				if !strings.Contains(r.log.String(), "rule="+v.Rule) || v.Example == "" {
					t.Errorf("%+v is not in the log, or has no example:\n%s", v, r.log.String())
				}
			}
			equal(t, "entries", len(r.archive().Log.Entries), 1)
		})
	}
}

// The examples say what was there.
func TestExamples(t *testing.T) {
	r := start(t, answer(200, "application/json", slots))
	r.send("GET", path+"/slots?occupied=maybe", "", "Authorization", any)
	r.send("GET", path+"/slots?occupied=perhaps", "", "Authorization", any)
	r.send("GET", "/client/v4/zones", "")
	report := r.end()
	var examples []string
	for _, v := range report.Violations {
		examples = append(examples, v.Example)
	}
	equal(t, "examples", strings.Join(examples, "\n"), `the document has no operation for GET /client/v4/zones
query parameter "occupied": want a boolean, got "maybe"
/items/1/id: want a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", got "slot-2"`)
	equal(t, "count", report.Violations[2].Count, 4)
	equal(t, "exchanges", report.Exchanges, 3)
	if !strings.Contains(r.log.String(), `level=WARN msg=violation method=GET path=`+path+`/slots operation=list_slots direction=response `+
		`in=body pointer=/items/*/id rule=format count=2 example="/items/1/id: want a UUID`) {
		t.Errorf("the log is\n%s", r.log.String())
	}
}

// Behind a sandbox there is nothing to complain about, and in gzip things are as without.
func TestEncodings(t *testing.T) {
	fake := sandbox.New()
	for _, encoding := range []string{"", "gzip", "br", "GZIP, gzip"} {
		r := start(t, func(w http.ResponseWriter, r *http.Request) {
			switch encoding {
			case "":
				fake.ServeHTTP(w, r)
				return
			case "gzip":
				w.Header().Set("Content-Encoding", encoding)
				answer(200, "application/json", zipped(t, slots))(w, r)
				return
			}
			w.Header().Set("Content-Encoding", encoding)
			answer(200, "application/json", "\x00")(w, r)
		})
		r.send("GET", path+"/slots", "", "Authorization", any)
		report := r.end()
		content := r.archive().Log.Entries[0].Response.Content
		switch encoding {
		case "":
			equal(t, "violations", kinds(report), "")
			equal(t, "is recorded", json.Valid([]byte(content.Text)), true)
		case "gzip":
			equal(t, "violations", kinds(report), "list_slots response body /items/*/id format **")
			equal(t, "text", content.Text, slots)
			equal(t, "size", content.Size, len(slots))
		default:
			equal(t, "violations", kinds(report), "")
			equal(t, "comment", content.Comment, "not recorded: in an encoding other than gzip and deflate")
			equal(t, "lost", len(report.Lost), 1)
		}
	}
}

// What is too large passes, and that is all.
func TestTooLarge(t *testing.T) {
	large := `{"items": [], "more": "` + strings.Repeat("x", proxy.MaxBody) + `"}`
	bomb := zipped(t, large)
	for _, encoding := range []string{"", "gzip"} {
		text := large
		if encoding != "" {
			text = bomb
		}
		r := start(t, func(w http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != text {
				t.Errorf("the service gets another body: %v", err)
			}
			w.Header().Set("Content-Encoding", encoding)
			answer(200, "application/json", text)(w, r)
		})
		_, got := r.send("PUT", path+"/settings", text, "Authorization", any, "Content-Type", "application/json", "Content-Encoding", encoding)
		if got != text {
			t.Error("the client gets another body")
		}
		report := r.end()
		equal(t, "violations", kinds(report), "")
		for i, direction := range []string{"request", "response"} {
			want := proxy.LostCount{Operation: "update_settings", Direction: direction, Reason: "larger than 4194304 bytes", Count: 1}
			if len(report.Lost) != 2 || report.Lost[i] != want {
				t.Errorf("got %+v, want %+v", report.Lost, want)
			}
		}
		entry := r.archive().Log.Entries[0]
		equal(t, "request", entry.Request.PostData.Comment, "not recorded: larger than 4194304 bytes")
		equal(t, "response", entry.Response.Content.Comment, "not recorded: larger than 4194304 bytes")
		equal(t, "size", entry.Response.BodySize, len(text))
	}
}

// Every secret reaches the service and the client, and nothing else.
func TestRedaction(t *testing.T) {
	secret := func(name string) string { return "hunter2-" + name + "-/\"é" }
	escaped := strings.ReplaceAll(secret("escaped"), "-", `\u002d`)
	request := `{"type": "gcp_partner", "pairing_key": ` + quoted(secret("pairing")) + `, "account": "` + account + `", "bandwidth": "no_such_bandwidth",
		"md5_key": ` + quoted(secret("md5")) + `, "bgp": {"md5Key": {"deep": ` + quoted(secret("deep")) + `}},
		"access_token": [` + quoted(secret("item")) + `], "pairing_key": "` + strings.ReplaceAll(escaped, `"`, `\"`) + `", "kept": "as it is"}`
	header := []string{
		"Authorization", "Bearer hunter2-token", "X-Auth-Email", "hunter2@example.com", "X-Auth-Key", "hunter2-key", "Cookie", "a=hunter2-cookie; b=c",
		"Proxy-Authorization", "Basic hunter2", "X-My-Secret", "hunter2-mine", "Referer", "https://u:hunter2-user@h/?api_token=hunter2-referer#token=hunter2-f",
		"Content-Type", "application/json", "User-Agent", "test",
	}
	echo := `{"success": false, "errors": [{"code": 1, "message": ` + quoted("no hunter2-token, "+secret("pairing")+", "+secret("md5")+", "+secret("escaped")) + `}],
		"hunter2-mine": 1, "session_id": "hunter2-session", "api_key": 12345678, "messages": ["hunter2-cookie hunter2-query q hunter2-session"]}`
	var got string
	r := start(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.RequestURI + strings.Join(r.Header["Authorization"], "") + r.Header.Get("Cookie") + string(body)
		w.Header().Set("Set-Cookie", "s=hunter2-set; Secure")
		w.Header().Set("X-Echo", "hunter2-token")
		w.Header().Set("Location", "https://h/?code=1&token=hunter2-location")
		w.Header().Set("WWW-Authenticate", `Bearer realm="api"`)
		text := echo
		if !strings.Contains(string(body), "gcp_partner") {
			w.Header().Del("X-Echo")
			text = `{"success": false, "errors": [], "messages": [], "result": null}`
		}
		answer(403, "application/json", text)(w, r)
	})
	const query = "?site=iad&api_token=hunter2-query&X%2DAuth-Key=hunter2%2Dquery&token&b=hunter2-token;c=1;key=hunter2-semicolon"
	resp, body := r.send("POST", path+"/interconnects"+query, request, header...)
	equal(t, "answer", body, echo)
	equal(t, "cookie", resp.Header.Get("Set-Cookie"), "s=hunter2-set; Secure")
	equal(t, "sent", got, path+"/interconnects"+query+"Bearer hunter2-token"+"a=hunter2-cookie; b=c"+request)
	r.send("POST", path+"/interconnects", "pairing_key=hunter2", "Content-Type", "application/x-www-form-urlencoded")
	r.send("POST", path+"/interconnects", `{"pairing_key": "hunter2`, "Content-Type", "application/json")
	r.send("POST", path+"/interconnects", `"hunter2"`, "Content-Type", "application/json")
	r.send("GET", path+"/interconnects/hunter2-token", "", "Authorization", "Bearer hunter2-token")
	r.send("GET", path+"/%68unter2-spaced/slash%2Fand%20hunter%32-spaced?q=%68unter2%2dspaced&%68unter2-spaced=1", "",
		"Authorization", "Bearer   hunter2-spaced ", "Referer", "https://h/%68unter2-spaced")
	report := r.end()

	shown, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"archive": r.har.String(), "log": r.log.String(), "report": string(shown)} {
		for line := range strings.Lines(text) {
			if plain, _ := url.PathUnescape(line); strings.Contains(line+plain, "hunter2") || strings.Contains(line, "%68unter2") || strings.Contains(line, "hunter%32") || strings.Contains(line, "12345678") {
				t.Errorf("the %s has a secret: %s", what, line)
			}
		}
	}
	entry := r.archive().Log.Entries[0]
	equal(t, "URL", entry.Request.URL, r.service.URL+path+"/interconnects?site=iad&api_token=REDACTED&X%2DAuth-Key=REDACTED&token&b=REDACTED;c=1;key=REDACTED")
	equal(t, "body", entry.Request.PostData.Text, `{"type": "gcp_partner", "pairing_key": "REDACTED", "account": "`+account+`", "bandwidth": "no_such_bandwidth",
		"md5_key": "REDACTED", "bgp": {"md5Key": "REDACTED"},
		"access_token": "REDACTED", "pairing_key": "REDACTED", "kept": "as it is"}`)
	equal(t, "answer", entry.Response.Content.Text, `{"success": false, "errors": [{"code": 1, "message": "no REDACTED, REDACTED, REDACTED, REDACTED"}],
		"REDACTED": 1, "session_id": "REDACTED", "api_key": "REDACTED", "messages": ["REDACTED REDACTED q REDACTED"]}`)
	equal(t, "redirect", entry.Response.RedirectURL, "https://h/?code=1&token=REDACTED")
	fields := map[string]string{}
	for _, h := range append(entry.Request.Headers, entry.Response.Headers...) {
		fields[h.Name] = h.Value
	}
	for name, want := range map[string]string{
		"Authorization": "REDACTED", "User-Agent": "test", "Set-Cookie": "REDACTED", "X-Echo": "REDACTED", "Www-Authenticate": `Bearer realm="api"`,
		"Referer": "https://REDACTED@h/?api_token=REDACTED#token=REDACTED",
	} {
		equal(t, name, fields[name], want)
	}
}

func quoted(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

// A secret is found again however it is spelled, wherever it stood first.
func TestRedactionOfSpellings(t *testing.T) {
	const cnis = path + "/cnis"
	for name, c := range map[string]struct {
		target, body string
		header       []string
		answer       string
		location     string
		more         []string // a header of the response
	}{
		"no UTF-8":           {header: []string{"Authorization", "Bearer hunter2secret"}, answer: "{\"message\": \"your key hunter2secret \xff\"}"},
		"quote":              {target: "?limit=hunter2%22secret", header: []string{"X-Api-Key", `hunter2"secret`}, answer: `{"items": [{"type": "hunter2\"secret"}]}`},
		"backslash":          {target: "?limit=hunter2%5Csecret", header: []string{"X-Api-Key", `hunter2\secret`}},
		"pointer":            {body: `{"hunter2/secret~": 1}`, header: []string{"X-Api-Key", "hunter2/secret~"}},
		"semicolon":          {target: "?token=abcdef;hunter2secret&b=c"},
		"nested":             {body: `{"credentials": {"user": "u", "p": ["hunter2secret"]}}`, answer: `{"message": "bad hunter2secret"}`},
		"number":             {body: `{"token": 1122334455}`, answer: `{"message": "bad 1122334455"}`},
		"location":           {location: "https://x/cb?access_token=hunter2secret", answer: `{"message": "see hunter2secret"}`},
		"user":               {location: "https://u:hunter2secret@h/x", answer: `{"message": "see hunter2secret"}`},
		"quoted cookie":      {header: []string{"Cookie", `sid="hunter2secret"`}, answer: `{"message": "see hunter2secret"}`},
		"basic":              {header: []string{"Authorization", "Basic dXNlcjpodW50ZXIyc2VjcmV0"}, answer: `{"message": "see hunter2secret"}`},
		"link":               {more: []string{"Link", `</cb?a=1&token=hunter2secret>; rel="next", <https://x/y?api_key=hunter2secret2#x>; rel=prev`}},
		"refresh":            {more: []string{"Refresh", "0; url=https://x/cb?access_token=hunter2secret"}, answer: `{"message": "see hunter2secret"}`},
		"fragment":           {more: []string{"X-Next", "https://x/cb#session=hunter2secret&b=c"}},
		"user of a link":     {more: []string{"Link", "<https://u:hunter2%2Fsecret@h/x>; rel=next"}, answer: `{"message": "see hunter2/secret"}`},
		"broken link":        {more: []string{"Link", "<https://x/y?%zz&tok%65n=hunter2%secret>; rel=next"}, answer: `{"message": "see hunter2%secret"}`},
		"URL in a body":      {answer: `{"next": "https://x/y?cursor=1&token=hunter2secret", "message": "see hunter2secret"}`},
		"escaped URL":        {answer: `{"next": "https://x/y?cursor=1\u0026tok\u0065n=hunter2secret\u0026b=c"}`},
		"user in a body":     {answer: `{"next": "see https://u:hunter2secret@h/ for more"}`},
		"URL in a query":     {target: "?limit=https://x/y?token=hunter2secret"},
		"escaped in a query": {target: "?limit=" + url.QueryEscape("https://x/y?a=1&next="+url.QueryEscape("/z?token=hunter2secret"))},
		"broken query":       {target: "?limit=%zz%68unter2secret&x%zz=hunter2%2secret", header: []string{"X-Api-Key", "hunter2secret", "X-Auth-Key", "hunter2%2secret"}},
		"in another URL":     {header: []string{"Authorization", "Bearer hunter2+secret"}, answer: `{"next": "https://x/y?q=hunter2%2Bsecret"}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Set-Cookie", "a=b; Path=/client/v4/accounts; SameSite=Strict")
				if c.location != "" {
					w.Header().Set("Location", c.location)
				}
				if c.more != nil {
					w.Header().Set(c.more[0], c.more[1])
				}
				answer(200, "application/json", c.answer)(w, r)
			})
			method := "GET"
			if c.body != "" {
				method = "POST"
			}
			r.send(method, cnis+c.target, c.body, append(c.header, "Content-Type", "application/json")...)
			shown, err := json.Marshal(r.end())
			if err != nil {
				t.Fatal(err)
			}
			all := r.har.String() + r.log.String() + string(shown)
			for _, secret := range []string{"hunter2", "1122334455"} {
				if at := strings.Index(all, secret); at >= 0 {
					t.Errorf("there is a secret: …%.200s", all[max(0, at-100):])
				}
			}
			if !strings.Contains(r.har.String(), cnis) {
				t.Error("the path of a cookie has become a secret")
			}
		})
	}
}

// What looks like a URL with a secret, but has none, is kept as it is.
func TestHarmlessURLsAreKept(t *testing.T) {
	const text = `{"a": "who? me! #1 =2", "next": "https://x/y?cursor=1\u0026b=c#part", "mail": "a@b.example", "tags": ["#x=1", "//a/b@c"]}`
	r := start(t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Link", `<https://x/y?cursor=1&b=c>; rel="next"`)
		answer(200, "application/json", text)(w, req)
	})
	r.send("GET", path+"/slots", "", "Authorization", any)
	r.end()
	entry := r.archive().Log.Entries[0]
	equal(t, "body", entry.Response.Content.Text, text)
	for _, h := range entry.Response.Headers {
		if h.Name == "Link" {
			equal(t, "link", h.Value, `<https://x/y?cursor=1&b=c>; rel="next"`)
		}
	}
}

// Texts that are made for it do not take long to be redacted.
func TestRedactionIsQuick(t *testing.T) {
	nested := "x"
	for len(nested) < 50_000 {
		nested = "?a=" + nested
	}
	escaped := "x"
	for range 12 {
		escaped = url.QueryEscape("?a="+escaped+"&b=") + "&"
	}
	for name, text := range map[string]string{
		"nested": strings.Repeat(nested, 10), "escapes": "?a=" + strings.Repeat("%25", 150_000), "escaped": strings.Repeat("?"+escaped, 20),
		"users": strings.Repeat("//", 200_000), "questions": strings.Repeat("?", 450_000), "parameters": "?" + strings.Repeat("a=b&", 110_000),
	} {
		r := start(t, answer(200, "application/json", `{"next": `+quoted(text)+`}`))
		began := time.Now()
		r.send("GET", path+"/slots", "", "Authorization", any)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: %d bytes take %s", name, len(text), took)
		} else {
			t.Logf("%s: %d bytes take %s", name, len(text), took)
		}
	}
}

// The archive is whole after each exchange.
func TestArchiveGrows(t *testing.T) {
	r := start(t, answer(200, "application/json", `{"items":[]}`))
	equal(t, "entries", len(r.archive().Log.Entries), 0)
	for i := range 3 {
		r.send("GET", path+"/slots", "", "Authorization", any)
		archive := r.archive()
		equal(t, "version", archive.Log.Version, "1.2")
		equal(t, "entries", len(archive.Log.Entries), i+1)
	}
}

type full struct{ room int }

func (f *full) WriteAt(p []byte, at int64) (int, error) {
	if int(at)+len(p) > f.room {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

// If there is no room for more, everything goes on but the recording.
func TestArchiveEnds(t *testing.T) {
	service := httptest.NewServer(answer(200, "application/json", `{"items":[]}`))
	defer service.Close()
	var log bytes.Buffer
	p, err := proxy.New(service.URL, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Record(&full{}); err == nil || err.Error() != "disk full" {
		t.Errorf("got %v", err)
	}
	if err := p.Record(&full{room: 200}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest("GET", path+"/slots", nil))
		equal(t, "status", w.Code, 200)
	}
	if err := p.Err(); err == nil || err.Error() != "disk full" {
		t.Errorf("got %v", err)
	}
	equal(t, "complaints", strings.Count(log.String(), "the recording ends here"), 1)
	equal(t, "exchanges", p.Report().Exchanges, 2)
}
