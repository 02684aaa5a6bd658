package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// The API is served at the root and below the path that Cloudflare has, and nothing else is.
func TestPaths(t *testing.T) {
	r := start(t)
	for target, status := range map[string]int{
		"/accounts/a/cni/settings":             200,
		"/client/v4/accounts/a/cni/settings":   200,
		"/client/v4/accounts/a/cni/settings/":  404,
		"/client/accounts/a/cni/settings":      404,
		"/client/v4/client/v4/accounts/a/cni/": 404,
		"/":                                    404,
		"/client/v4":                           404,
		"/_sandbox":                            404,
	} {
		reply := r.send(target, "GET", "", "Authorization", "Bearer any")
		wantStatus(t, reply, status)
		if reply.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %v", target, reply.header)
		}
	}
	wantFailure(t, r.call("PATCH", "/settings", "{}"), 405, "Method not available for that URI; available are GET, HEAD, PUT")
	if reply := r.call("HEAD", "/settings", ""); reply.status != 200 || reply.body != "" {
		t.Errorf("got %+v", reply)
	}
	if reply := r.call("POST", "/cnis", `{"x":"`+strings.Repeat("x", 1<<20)+`"}`); reply.status != 413 {
		t.Errorf("got %d", reply.status)
	}
}

func authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer any-token")
	return nil
}

// A server checks and is checked: both ends of this connection validate what passes.
func TestServer(t *testing.T) {
	var url string
	t.Run("serve", func(t *testing.T) {
		sb := sandbox.NewServer(t)
		url = sb.URL
		if !strings.HasPrefix(url, "http://127.0.0.1:") {
			t.Errorf("it serves on %s", url)
		}
		for _, base := range []string{"", interconnect.BasePath} {
			client, err := interconnect.NewClient(url+base, interconnect.WithHTTPClient(&http.Client{
				Transport: interconnect.NewTransport(nil, contract.TransportOptions{BasePath: base})}), interconnect.WithRequestEditorFn(authorize))
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.ListSlots(t.Context(), account, nil)
			if err != nil {
				t.Fatal(err)
			}
			if list, ok := contract.Value[interconnect.SlotList](response); !ok || len(list.Items) != 100 {
				t.Errorf("%s: got %+v", base, response)
			}
		}
	})
	if response, err := http.Get(url); err == nil {
		response.Body.Close()
		t.Error("it serves after the test")
	}
}

func TestCredentials(t *testing.T) {
	const slots = "/accounts/a/cni/slots"
	open := start(t)
	wantStatus(t, open.send(slots, "GET", "", "Authorization", "Bearer x"), 200)
	wantStatus(t, open.send(slots, "GET", "", "X-Auth-Email", "user@example.com", "X-Auth-Key", "k"), 200)
	wantFailure(t, open.send(slots, "GET", ""), 401, "Authentication required")
	wantFailure(t, open.send(slots, "GET", "", "X-Auth-Email", "user@example.com"), 401, "Authentication required")

	r := start(t, sandbox.WithToken("reader", "DNS Read", "Magic WAN Read"), sandbox.WithToken("writer", "Magic Transit Write"), sandbox.WithToken("nobody"))
	order := physicalOrder("a", sandbox.Catalogue("")[0].ID)
	const orders = "/accounts/a/cni/interconnects"
	wantStatus(t, r.send(slots, "GET", "", "Authorization", "Bearer reader"), 200)
	wantFailure(t, r.send(orders, "POST", order, "Authorization", "Bearer reader"), 403,
		"Forbidden; any one of these permissions is enough: Magic WAN Write, Magic Transit Write")
	wantStatus(t, r.send(orders, "POST", order, "Authorization", "Bearer writer"), 200)
	wantStatus(t, r.send(slots, "GET", "", "Authorization", "Bearer writer"), 200)
	wantFailure(t, r.send(slots, "GET", "", "Authorization", "Bearer nobody"), 403,
		"Forbidden; any one of these permissions is enough: Magic WAN Write, Magic WAN Read, Magic Transit Read, Magic Transit Write")
	wantFailure(t, r.send(slots, "GET", "", "Authorization", "Bearer other"), 401, "Authentication required")
	wantFailure(t, r.send(slots, "GET", "", "X-Auth-Email", "user@example.com", "X-Auth-Key", "writer"), 401, "Authentication required")

	denied := start(t, sandbox.WithoutEntitlement())
	wantFailure(t, denied.send(slots, "GET", "", "Authorization", "Bearer x"), 403, "Forbidden; the account is not entitled to Network Interconnects")
	wantStatus(t, denied.send(slots, "GET", ""), 401)

	// A fault hits a request once, whatever credentials it has.
	open.Fail("list_slots", sandbox.Fault{Status: 503})
	wantStatus(t, open.send(slots, "GET", "", "Authorization", "Bearer x", "X-Auth-Email", "user@example.com", "X-Auth-Key", "k"), 503)
	wantStatus(t, open.send(slots, "GET", "", "Authorization", "Bearer x"), 200)
}

// The responses of July are those of August without the new members, and otherwise the same.
func TestJuly2026(t *testing.T) {
	july, august := start(t, sandbox.WithContract(sandbox.July2026)), start(t)
	fresh := []string{"virtual_port_reservation_id", "ccr_device_name", "bgp_mode"}
	compare := func(method, path, body string, want ...string) string {
		t.Helper()
		old, current := july.call(method, path, body), august.call(method, path, body)
		wantStatus(t, old, 200)
		wantStatus(t, current, 200)
		for _, member := range fresh {
			if strings.Contains(old.body, member) {
				t.Errorf("%s %s: got %s", method, path, old.body)
			}
		}
		for _, member := range want {
			if !strings.Contains(current.body, member) {
				t.Errorf("%s %s: August lacks %s: %s", method, path, member, current.body)
			}
		}
		if got, want := drop(t, old.body, nil), drop(t, current.body, fresh); got != want {
			t.Errorf("%s %s: got %s, want %s", method, path, got, want)
		}
		return current.body
	}
	compare("GET", "/slots", "", fresh[1])
	compare("GET", "/slots?site=iad-a&limit=2", "", fresh[1])
	compare("GET", "/slots/"+slots[0].ID.String(), "", fresh[1])
	physical := nameOf(decode[interconnect.Interconnect](t, reply{status: 200, body: compare("POST", "/interconnects", physicalOrder(account, slots[0].ID), fresh[:2]...)}))
	google := nameOf(decode[interconnect.Interconnect](t, reply{status: 200, body: compare("POST", "/interconnects", gcpOrder(account, key), fresh[0])}))
	compare("GET", "/interconnects/"+physical, "", fresh[:2]...)
	compare("GET", "/interconnects/"+google, "", fresh[0])
	compare("GET", "/interconnects", "", fresh[:2]...)
	compare("GET", "/interconnects?cursor=2", "")
	compare("GET", "/interconnects/"+google+"/status", "")
	create := edit(t, cniCreate(physical, "bgp_mod"), "bgp", map[string]any{"customer_asn": 4294967295, "extra_prefixes": []string{}})
	cni := decode[interconnect.CNI](t, reply{status: 200, body: compare("POST", "/cnis", create, fresh[2])})
	compare("GET", "/cnis", "", fresh[2])
	compare("GET", "/cnis/"+cni.ID.String(), "", fresh[2])
	compare("PUT", "/cnis/"+cni.ID.String(), create, fresh[2])
	compare("GET", "/settings", "")

	wantFailure(t, july.call("GET", "/interconnects/"+physical+"/loa/default", ""), 404, "No route for that URI")
	if plain, named := july.call("GET", "/interconnects/"+physical+"/loa", ""), july.call("GET", "/interconnects/"+physical+"/loa?name=x", ""); plain.body != named.body {
		t.Error("the name is printed")
	}
	wantFailure(t, july.call("GET", "/slots/x", ""), 400, `path parameter "slot": want a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e" (format)`)
	wantStatus(t, july.call("HEAD", "/slots", ""), 200)
}

// drop returns a JSON text in a canonical spelling without some members, at any depth.
func drop(t *testing.T, text string, members []string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, member := range members {
				delete(v, member)
			}
			for _, child := range v {
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(v)
	b, _ := json.Marshal(v)
	return string(b)
}

// There is a line for every request, and no secret in it.
func TestLog(t *testing.T) {
	var lines bytes.Buffer
	r := rig{t, sandbox.New(sandbox.WithLogger(slog.New(slog.NewTextHandler(&lines, nil))))}
	r.Fail("get_settings", sandbox.Fault{Status: 503})
	for _, step := range []struct{ method, path, body, want string }{
		{"GET", "/slots?site=secret", "", "method=GET path=/accounts/" + account + "/cni/slots operation=list_slots status=200 bytes=25 took=D"},
		{"GET", "/settings", "", "method=GET path=/accounts/" + account + "/cni/settings operation=get_settings status=503 bytes=N took=D fault=true"},
		{"POST", "/interconnects", gcpOrder(account, "secret"), "method=POST path=/accounts/" + account + "/cni/interconnects operation=create_interconnect status=400 bytes=N took=D"},
		{"GET", "/nothing", "", `method=GET path=/accounts/` + account + `/cni/nothing status=404 bytes=N took=D`},
	} {
		lines.Reset()
		r.send("/accounts/"+account+"/cni"+step.path, step.method, step.body, "Authorization", "Bearer secret")
		got := lines.String()
		got = regexp.MustCompile(`took=\S+`).ReplaceAllString(got, "took=D")
		if strings.Contains(step.want, "bytes=N") {
			got = regexp.MustCompile(`bytes=\d+`).ReplaceAllString(got, "bytes=N")
		}
		if _, got, _ = strings.Cut(got, "msg=request "); got != step.want+"\n" {
			t.Errorf("got %q, want %q", got, step.want)
		}
		if strings.Contains(lines.String(), "secret") {
			t.Errorf("there is a secret in %s", &lines)
		}
	}
	lines.Reset()
	r.Fail("list_cnis", sandbox.Fault{Drop: true})
	func() {
		defer func() {
			if got := recover(); got != http.ErrAbortHandler {
				t.Errorf("the panic is %v", got)
			}
		}()
		r.call("GET", "/cnis", "")
	}()
	if !strings.Contains(lines.String(), "fault=true dropped=true") {
		t.Errorf("got %s", &lines)
	}
	r.send("/accounts/a/cni/slots", "GET", "")
	if !strings.Contains(lines.String(), "operation=list_slots status=401") {
		t.Errorf("got %s", &lines)
	}
}

// A test is all that NewServer needs.
var _ sandbox.TB = testing.TB(nil)
