package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// createCNI creates a CNI and returns its ID.
func (r *rig) createCNI(name, conduit string, flags ...string) string {
	r.t.Helper()
	r.run(
		exitOK,
		append([]string{"cnis", "create", "--interconnect", name, "--conduit-name", conduit, "-o", "json"}, flags...)...)
	var cni struct{ ID string }
	if err := json.Unmarshal([]byte(r.stdout.String()), &cni); err != nil {
		r.t.Fatal(err)
	}
	return cni.ID
}

// All CNIs that are in the way of a deletion are named at once, and can be deleted with it.
func TestDeleteInterconnectWithCNIs(t *testing.T) {
	r := start(t)
	name := r.order()
	east, west := r.createCNI(name, "east"), r.createCNI(name, "west")
	r.run(exitFailed, "interconnects", "delete", name, "--yes")
	r.wantStderr(`
		interconnect: interconnect direct-iad-a-c70810a0 has 2 CNIs on it and was not deleted
		  ` + east + ` (conduit east, 10.64.0.1/31 on direct-iad-a-c70810a0)
		  ` + west + ` (conduit west, 10.64.0.3/31 on direct-iad-a-c70810a0)
		hint: to delete them too: interconnect interconnects delete direct-iad-a-c70810a0 --with-cnis
		`)
	r.run(exitOK, "interconnects", "delete", name, "--with-cnis", "--dry-run")
	base := r.sandbox.URL + "/client/v4/accounts/" + account + "/cni/"
	r.wantStdout(
		"DELETE " + base + "cnis/" + east + "\nDELETE " + base + "cnis/" + west + "\nDELETE " + base + "interconnects/" + name + "\n",
	)

	r.terminal, r.stdin = true, "east\n"
	r.run(exitFailed, "interconnects", "delete", name, "--with-cnis")
	wantContains(t, r.stderr, "This interconnect will be deleted for good:\n  name          "+name,
		"\n  with the CNI  "+east+" (conduit east", "\n  with the CNI  "+west+" (conduit west", "nothing was deleted")
	r.stdin = name + "\n"
	r.run(exitOK, "interconnects", "delete", name, "--with-cnis", "--wait")
	wantContains(t, r.stderr, "deleted CNI "+east, "deleted CNI "+west, "deleted interconnect "+name+"\n")
	r.run(exitNotFound, "interconnects", "get", name)
	r.run(exitOK, "cnis", "list", "-o", "json")
	r.wantStdout("[]\n")
}

// The deletion of a CNI shows what it is, and asks for a word that one has to have read.
func TestDeleteCNI(t *testing.T) {
	r := start(t)
	name := r.order()
	id := r.createCNI(name, "east", "--customer-asn", "65001", "--description", "Primary")
	r.terminal, r.stdin = true, id+"\n"
	r.run(exitFailed, "cnis", "delete", id)
	r.wantStderr(`
		This CNI will be deleted for good:
		  ID            ` + id + `
		  conduit       east
		  description   Primary
		  interconnect  direct-iad-a-c70810a0
		  addresses     10.64.0.1/31 (yours), 10.64.0.0/31 (Cloudflare's)
		  account       4f8c1d2e9ab04c75b3e6d7018f2a9c35
		  BGP session   with AS 65001
		Type east to confirm: interconnect: nothing was deleted: what was typed is not east
		`)
	r.stdin = "east\n"
	r.run(exitOK, "cnis", "delete", id, "--wait")
	r.run(exitNotFound, "cnis", "delete", id)
	if strings.Contains(r.stderr.String(), "Type") {
		t.Errorf("it asks for the deletion of nothing:\n%s", r.stderr)
	}

	// What cannot be typed is not asked for.
	id = r.createCNI(name, "east\u202e")
	r.stdin = id + "\n"
	r.run(exitOK, "cnis", "delete", id)
	wantContains(t, r.stderr, "Type "+id+" to confirm: ")
}

// A wait for a deletion goes on as long as anything is left of it, and says what.
func TestDeleteWait(t *testing.T) {
	r := start(t)
	name := r.order()
	base := "/client/v4/accounts/" + account + "/cni/"
	answers := map[string][]int{"interconnects/" + name: {200, 200, 200, 404}, "slots/" + slot: {1, 1, 0}}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		what := strings.TrimPrefix(q.URL.Path, base)
		if left := answers[what]; q.Method != http.MethodGet || len(left) == 0 {
			r.sandbox.ServeHTTP(w, q)
			return
		}
		status := answers[what][0]
		if len(answers[what]) > 1 {
			answers[what] = answers[what][1:]
		}
		w.Header().Set("Content-Type", "application/json")
		switch status {
		case 200:
			_, _ = w.Write(
				[]byte(`{"account":"a","name":"` + name + `","type":"direct","site":"iad-a","facility":{"name":"f","address":[]},
				"slot_id":"` + slot + `","speed":"10G","virtual_port_reservation_id":"` + slot + `"}`),
			)
		case 404:
			w.WriteHeader(status)
		default:
			_, _ = w.Write(
				[]byte(`{"id":"` + slot + `","site":"iad-a","facility":{"name":"f","address":[]},"speed":"10G","occupied":` +
					map[bool]string{true: "true", false: "false"}[status == 1] + `}`),
			)
		}
	}))
	t.Cleanup(service.Close)
	t.Setenv(baseURLVariable, service.URL+"/client/v4")
	r.run(exitOK, "interconnects", "delete", name, "--yes", "--wait")
	if left := answers["slots/"+slot]; len(left) != 1 {
		t.Errorf("the slot was not looked at until it was free: %v", left)
	}

	answers["interconnects/"+name], answers["slots/"+slot] = []int{200, 404}, []int{1}
	r.run(exitOK, "interconnects", "create", "--slot", slot)
	name2, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(r.stdout.String(), "NAME")), "\n")
	answers["interconnects/"+name2] = []int{200, 404}
	r.run(exitNotHealthy, "interconnects", "delete", name2, "--yes", "--wait", "--wait-timeout", "50ms")
	wantContains(t, r.stderr, "deleted interconnect "+name2+"\n",
		"interconnect: interconnect "+name2+" was deleted, but its slot is still occupied: the time to wait is over\n")

	ctx, interrupt := context.WithCancel(t.Context())
	r.run(exitOK, "interconnects", "create", "--slot", slot)
	name3, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(r.stdout.String(), "NAME")), "\n")
	answers["interconnects/"+name3] = []int{200}
	code := r.start(ctx, "interconnects", "delete", name3, "--yes", "--wait")
	r.stderr.await(t, "deleted interconnect")
	interrupt()
	if got := code(); got != exitInterrupted {
		t.Errorf("exit code %d, want %d; it says %s", got, exitInterrupted, r.stderr)
	}
}

func TestCNIsOnInterconnect(t *testing.T) {
	r := start(t)
	name := r.order()
	r.run(exitOK, "interconnects", "create", "--gcp-pairing-key", "a/us-central1/1", "--bandwidth", "1G", "-o", "json")
	var link struct{ Name string }
	if err := json.Unmarshal([]byte(r.stdout.String()), &link); err != nil {
		t.Fatal(err)
	}
	r.createCNI(name, "east")
	r.run(exitOK, "cnis", "list", "--interconnect", link.Name)
	r.wantStderr("no CNIs found\n")
	r.createCNI(link.Name, "west")
	r.createCNI(link.Name, "south")
	r.run(exitOK, "cnis", "list", "--interconnect", link.Name, "-o", "json")
	wantContains(t, r.stdout, "west", "south")
	if strings.Contains(r.stdout.String(), "east") {
		t.Errorf("it lists those on others:\n%s", r.stdout)
	}
	r.run(exitOK, "cnis", "list", "--interconnect", link.Name, "--limit", "1", "-o", "json")
	if got := strings.Count(r.stdout.String(), `"id"`); got != 1 {
		t.Errorf("with --limit 1 it lists %d", got)
	}
	r.run(exitNotFound, "cnis", "list", "--interconnect", "direct-7")
	wantContains(t, r.stderr, "interconnect direct-7 not found")
}
