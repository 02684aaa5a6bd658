package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/sandbox"
)

// answering starts a service that gives one response to everything.
func answering(t *testing.T, body string) *rig {
	return serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	})
}

// serving starts a service.
func serving(t *testing.T, handler http.HandlerFunc) *rig {
	r := start(t)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	environment(t, server.URL)
	return r
}

// What the document does not know is shown as far as it can be, and is a warning.
func TestUnknownInterconnect(t *testing.T) {
	const strange = `{"name":"aws-1","type":"no_such_type","region":"eu-west-1","vif":1}`
	r := answering(t, `{"items":[`+strange+`]}`)
	r.run(exitOK, "interconnects", "list")
	r.wantStdout("NAME   STATE    SPEED  LOCATION   TYPE\naws-1  unknown  -      eu-west-1  no_such_type\n")
	wantContains(t, r.stderr, "warning: the response to list_interconnects deviates from the document: /items/0/type: want")
	r.run(exitOK, "interconnects", "list", "-o", "json")
	if got := strings.Join(strings.Fields(r.stdout.String()), ""); got != "["+strange+"]" {
		t.Errorf("shown as %s", got)
	}

	r = answering(t, strings.Replace(strange, `"aws-1"`, `7`, 1))
	r.run(exitFailed, "interconnects", "create", "--gcp-pairing-key", "a/b/c", "--bandwidth", "1G", "--wait")
	wantContains(t, r.stderr, "the order went through")
}

// The responses of July are shown, with one warning for each.
func TestJuly(t *testing.T) {
	r := start(t, sandbox.WithContract(sandbox.July2026))
	name := r.order()
	r.run(exitOK, "interconnects", "get", name, "-o", "json")
	r.wantStderr("warning: the response to get_interconnect deviates from the document: /virtual_port_reservation_id: want a UUID such as " +
		`"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"; it is missing` + "\n")
}

// An item that cannot be understood is left out, and said to be.
func TestStrangeItem(t *testing.T) {
	const slot = `{"facility":{"address":[],"name":"f"},"id":"00000000-0000-4000-8000-000000000001","occupied":false,"site":"iad-a","speed":"10G"}`
	r := answering(t, `{"items":[{"id":7},`+slot+`]}`)
	r.run(exitFailed, "slots", "list")
	wantContains(t, r.stdout, "iad-a")
	wantContains(t, r.stderr, "interconnect: 1 of the items cannot be understood and are left out above", `{"id":7}`, "/id: want")
}

// What is new in a response is shown, also when it cannot be asked for again.
func TestAnswerIsShownWhole(t *testing.T) {
	const answer = `{"account":"` + account + `","name":"gcp-1","type":"gcp_partner","region":"us-central1",` +
		`"virtual_port_reservation_id":"00000000-0000-4000-8000-000000000001","order_number":12345678901234567890123}`
	r := answering(t, answer)
	order := []string{"interconnects", "create", "--gcp-pairing-key", "a/b/c", "--bandwidth", "1G"}
	r.run(exitOK, order...)
	wantContains(t, r.stdout, "RESPONSE", `"order_number":12345678901234567890123}`)
	for _, format := range []string{"json", "yaml"} {
		r.run(exitOK, append(order, "-o", format)...)
		wantContains(t, r.stdout, "order_number", "12345678901234567890123")
	}
	r.run(exitOK, "interconnects", "get", "gcp-1", "-o", "json")
	wantContains(t, r.stdout, "order_number")
}

// A success that comes from somewhere else is not a success.
func TestForeignAnswer(t *testing.T) {
	r := answering(t, `{"success":false,"errors":[{"code":1012,"message":"not onboarded"}],"messages":[],"result":null}`)
	for _, args := range [][]string{
		{"interconnects", "delete", "x", "--yes"}, {"settings", "update", "--default-asn", "64513"}, {"interconnects", "list"},
		{"interconnects", "status", "x", "--wait"}, {"interconnects", "create", "--slot", slot},
	} {
		if code := r.start(t.Context(), args...)(); code == exitOK || !strings.Contains(r.stderr.String(), "not onboarded (1012)") {
			t.Errorf("%q: exit code %d, %s", args, code, r.stderr)
		}
	}
	r = answering(t, `{"error":"who are you?"}`)
	r.run(exitUnknown, "interconnects", "create", "--slot", slot)
	wantContains(t, r.stderr, "perhaps it comes from a proxy", "it went through if one has the slot "+slot)
}

func TestRedirected(t *testing.T) {
	r := start(t)
	server := httptest.NewServer(http.RedirectHandler("https://example.com/login", http.StatusFound))
	t.Cleanup(server.Close)
	environment(t, server.URL)
	r.run(exitUnknown, "interconnects", "create", "--slot", slot)
	wantContains(t, r.stderr, "most likely not been done", "redirects to https://example.com/login, which is not followed; is the base URL right?")
}
