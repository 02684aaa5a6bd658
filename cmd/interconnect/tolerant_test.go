package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/sandbox"
)

// answering starts a service that gives one answer to everything.
func answering(t *testing.T, body string) *rig {
	r := start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	environment(t, server.URL)
	return r
}

// What the document does not know is shown as far as it can be, and is a warning.
func TestUnknownInterconnect(t *testing.T) {
	const strange = `{"name":"aws-1","type":"aws","region":"eu-west-1","vif":1}`
	r := answering(t, `{"items":[`+strange+`]}`)
	r.run(exitOK, "interconnects", "list")
	r.wantStdout("NAME   TYPE  SPEED  LOCATION   FACILITY  SLOT\naws-1  aws   -      eu-west-1  -         -\n")
	wantContains(t, r.stderr, "warning: the answer to list_interconnects departs from the document: /items/0/type: want")
	r.run(exitOK, "interconnects", "list", "-o", "json")
	if got := strings.Join(strings.Fields(r.stdout.String()), ""); got != "["+strange+"]" {
		t.Errorf("shown as %s", got)
	}

	r = answering(t, strings.Replace(strange, `"aws-1"`, `7`, 1))
	r.run(exitFailed, "interconnects", "create", "--gcp-pairing-key", "a/b/c", "--bandwidth", "1G", "--wait")
	wantContains(t, r.stderr, "the order went through")
}

// The answers of July are shown, with one warning for each.
func TestJuly(t *testing.T) {
	r := start(t, sandbox.WithContract(sandbox.July2026))
	name := r.order()
	r.run(exitOK, "interconnects", "get", name, "-o", "json")
	r.wantStderr("warning: the answer to get_interconnect departs from the document: /virtual_port_reservation_id: want a UUID such as " +
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
