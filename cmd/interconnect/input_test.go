package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Everything that changes something can be tried without credentials and without changing anything.
func TestDryRuns(t *testing.T) {
	r := start(t)
	name := r.order()
	id := r.createCNI(name, "east", "--mtu", "1400")
	base := r.sandbox.URL + "/client/v4/accounts/" + account + "/cni/"
	state := func() string {
		r.run(exitOK, "cnis", "list", "-o", "json")
		all := r.stdout.String()
		r.run(exitOK, "interconnects", "list", "-o", "json")
		all += r.stdout.String()
		r.run(exitOK, "settings", "get", "-o", "json")
		return all + r.stdout.String()
	}
	before := state()
	file := filepath.Join(t.TempDir(), "body.yaml")
	for _, test := range []struct{ args, body, want string }{
		{"interconnects create --slot " + slot, "", "POST " + base + "interconnects\n{"},
		{"interconnects delete " + name, "", "DELETE " + base + "interconnects/" + name + "\n"},
		{"cnis create --interconnect " + name + " --conduit-name west", "", "POST " + base + "cnis\n{"},
		{"cnis create --file " + file, "interconnect: " + name + "\nmagic: {conduit_name: west, description: '', mtu: 1500}\n",
			"POST " + base + "cnis\n{"},
		{"cnis update " + id + " --file " + file, "interconnect: " + name + "\nmagic: {conduit_name: west, description: '', mtu: 1500}\n",
			"PUT " + base + "cnis/" + id + "\n{"},
		{"cnis delete " + id, "", "DELETE " + base + "cnis/" + id + "\n"},
		{"settings update --default-asn 64512", "", "PUT " + base + "settings\n{\n  \"default_asn\": 64512\n}\n"},
		{"settings update --file " + file, "default_asn: null\n", "PUT " + base + "settings\n{\n  \"default_asn\": null\n}\n"},
	} {
		if err := os.WriteFile(file, []byte(test.body), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("CLOUDFLARE_API_TOKEN", "")
		r.run(exitOK, append(strings.Fields(test.args), "--dry-run")...)
		if !strings.HasPrefix(r.stdout.String(), test.want) {
			t.Errorf("%s prints\n%s\nwant\n%s", test.args, r.stdout, test.want)
		}
		r.wantStderr("valid, and not sent because of --dry-run\n")
	}
	// This one has to know the CNI.
	r.run(exitUsage, "cnis", "update", id, "--mtu", "1300", "--dry-run")
	wantContains(t, r.stderr, "no credentials")
	t.Setenv("CLOUDFLARE_API_TOKEN", token)
	r.run(exitOK, "cnis", "update", id, "--mtu", "1300", "--dry-run")
	wantContains(t, r.stdout, "PUT "+base+"cnis/"+id, `"mtu": 1300`, `"conduit_name": "east"`)
	if after := state(); after != before {
		t.Errorf("the account was\n%s\nand is\n%s", before, after)
	}
}

// CNIs and settings can come from a file, and what a CNI is printed as can be edited and sent back.
func TestFiles(t *testing.T) {
	r := start(t)
	name := r.order()
	r.stdin = "# a link\ninterconnect: " + name + "\nmagic:\n  conduit_name: east\n  description: Primary\n  mtu: 1500\n" +
		"bgp:\n  customer_asn: 65001\n  extra_prefixes: [100.96.0.0/12]\n"
	r.run(exitOK, "cnis", "create", "--file", "-", "-o", "json")
	var cni struct{ ID string }
	if err := json.Unmarshal([]byte(r.stdout.String()), &cni); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"json", "yaml"} {
		r.run(exitOK, "cnis", "get", cni.ID, "-o", format)
		r.stdin = regexp.MustCompile(`Primary|Edited as \w+`).ReplaceAllString(r.stdout.String(), "Edited as "+format)
		r.run(exitOK, "cnis", "update", cni.ID, "--file", "-")
		wantContains(t, r.stdout, "DESCRIPTION     Edited as "+format, "CUSTOMER ASN    65001")
	}
	other := "3b7e2f58-91d4-4c0a-8f63-a5d81e097b46"
	r.run(exitUsage, "cnis", "update", other, "--file", "-")
	wantContains(t, r.stderr, "interconnect: - is the CNI "+cni.ID+", not "+other)

	r.stdin = "magic:\n  conduit_name: 7\n  mtu: 1500\n  description: ''\n  mtuu: 1\nbgp:\n  customer_asn: -1\n"
	r.run(exitUsage, "cnis", "create", "--file", "-")
	r.wantStderr(`
		interconnect: the request is invalid and was not sent
		  standard input:1:1: /interconnect: want a string; it is missing
		  standard input:2:3: /magic/conduit_name: want a string, got 7
		  standard input:6:1: /bgp/extra_prefixes: want an array; it is missing
		  standard input:7:3: /bgp/customer_asn: want at least 0, got -1
		  standard input:5:3: /magic/mtuu: want no such member
		`)
	r.stdin = "default_asn: 64513\n"
	r.run(exitOK, "settings", "update", "--file", "-")
	r.wantStdout("DEFAULT ASN  64513\n")
	r.stdin = "default_asn: &asn 64513\ndefault_asn: *asn\n"
	r.run(exitUsage, "settings", "update", "--file", "-")
	wantContains(t, r.stderr, "interconnect: standard input:2:1: the member default_asn stands here twice\n")
	r.stdin = "- 1\n"
	r.run(exitUsage, "cnis", "create", "--file", "-")
	wantContains(t, r.stderr, "standard input:1:1: the value: want an object")
}

// A member that the document does not have cannot be sent back, so an update that would take it away is refused.
func TestUpdateOfUnknownMembers(t *testing.T) {
	r := start(t)
	name := r.order()
	id := r.createCNI(name, "east")
	r.addMember("/cnis/"+id, "no_such_member", 7)
	r.run(exitFailed, "cnis", "update", id, "--mtu", "1400")
	wantContains(
		t,
		r.stderr,
		"interconnect: CNI "+id+" was not changed: it has /no_such_member, which this program does not know and an update may take away; "+
			"--forget-unknown changes it all the same\n",
	)
	r.run(exitOK, "cnis", "update", id, "--mtu", "1400", "--forget-unknown")
	wantContains(t, r.stdout, "1400")
}

// addMember puts a service in front of the sandbox that adds a member to the objects at paths with a suffix.
func (r *rig) addMember(suffix, name string, value any) {
	r.t.Helper()
	target, err := url.Parse(r.sandbox.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodGet || !strings.HasSuffix(q.URL.Path, suffix) {
			proxy.ServeHTTP(w, q)
			return
		}
		recorded := httptest.NewRecorder()
		proxy.ServeHTTP(recorded, q)
		var object map[string]any
		if err := json.Unmarshal(recorded.Body.Bytes(), &object); err != nil {
			r.t.Errorf("%s is not an object: %v", q.URL.Path, err)
		}
		object[name] = value
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(object)
	}))
	r.t.Cleanup(service.Close)
	r.t.Setenv(baseURLVariable, service.URL+"/client/v4")
}
