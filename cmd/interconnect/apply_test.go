package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oapi-codegen/nullable"
	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// write writes a file in a directory of the test's own and returns its name.
func (r *rig) write(name, text string) string {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// exported runs export and returns what it writes.
func (r *rig) exported(args ...string) string {
	r.t.Helper()
	r.run(exitOK, append([]string{"export"}, args...)...)
	return r.stdout.String()
}

// An account is exported, edited and applied. A response is lost in the middle, and still nothing is ordered twice.
func TestApply(t *testing.T) {
	r := start(t)
	port := r.order()
	r.createCNI(port, "east", "--customer-asn", "65001", "--description", "yes")
	text := r.exported()
	wantText(t, "the export", text, `
		# Account 4f8c1d2e9ab04c75b3e6d7018f2a9c35, written by "interconnect export".
		# Edit it, then: interconnect apply -f FILE --dry-run
		version: 1
		account: 4f8c1d2e9ab04c75b3e6d7018f2a9c35
		settings:
		  default_asn: 13335
		interconnects:
		  # iad-a, Equinix DC2, ccr01.iad-a
		  - name: direct-iad-a-c70810a0
		    type: direct
		    slot_id: 4b99d788-9a01-53d2-97b3-e7d272d0ad85
		    speed: 10G
		cnis:
		  - id: c02b8833-9041-570a-8dce-0fef76543cb6
		    interconnect: direct-iad-a-c70810a0
		    cust_ip: 10.64.0.1/31
		    p2p_ip: 10.64.0.0/31
		    bgp:
		      customer_asn: 65001
		      extra_prefixes: []
		    bgp_mode: dynamic_route_exchange
		    magic:
		      conduit_name: east
		      description: "yes"
		      mtu: 1500
		`)
	file := r.write("account.yaml", text)
	r.run(exitOK, "apply", "-f", file, "--dry-run")
	r.wantStdout("Account " + account + ": nothing to do, 3 as they should be.\n")

	text = strings.Replace(text, "mtu: 1500", "mtu: 1400", 1)
	text = strings.Replace(text, "cnis:\n", `  - ref: second # with a CNI
    type: direct
    slot_id: 10eb01b5-0756-54eb-8268-3544fa1234ca
  - ref: link
    type: gcp_partner
    pairing_key: s3cret/us-central1/1
    bandwidth: 1G
cnis:
  - interconnect: second
    magic: {conduit_name: west}
  - interconnect: link
    magic: {conduit_name: north}
`, 1)
	file = r.write("account.yaml", text)
	const plan = `
		Account 4f8c1d2e9ab04c75b3e6d7018f2a9c35: 2 to order, 2 to create, 1 to change, 2 as they should be.

		  + order interconnect second
		      type: direct, a port of 10G
		      slot: 10eb01b5-0756-54eb-8268-3544fa1234ca
		      location: atl-a, Digital Realty ATL1, 100 Example Plaza (fictional), Atlanta, GA, United States

		  + order interconnect link
		      type: gcp_partner, a virtual link of 1G to Google Cloud
		      location: us-central1

		  + create CNI west
		      interconnect: <the name of second>
		      magic.conduit_name: west
		      magic.mtu: 1500

		  + create CNI north
		      interconnect: <the name of link>
		      magic.conduit_name: north
		      magic.mtu: 1500

		  ~ change CNI east (c02b8833-9041-570a-8dce-0fef76543cb6)
		      magic.mtu: 1500 -> 1400
		`
	before := r.exported()
	r.run(exitOK, "apply", "-f", file, "--dry-run")
	r.wantStdout(plan)
	if r.exported() != before {
		t.Errorf("a dry run has changed something:\n%s", r.stdout)
	}

	// The response to the second order is lost; the order has gone through.
	r.sandbox.Fail("create_interconnect", sandbox.Fault{Delay: 1})
	r.sandbox.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: true})
	r.run(exitUnknown, "apply", "-f", file, "--yes")
	r.wantStdout("ordered interconnect second: direct-atl-a-bbd7e789\n")
	wantContains(t, r.stderr,
		"interconnect: order interconnect link: the order was sent, but no response says what became of it",
		"\n  3 more to do, not tried\nhint: apply the same file again: it reads what is there, and does what is left to do; "+
			"not at once, as an order that is under way may not be in the list yet\n")
	r.run(exitOK, "apply", "-f", file, "--yes")
	wantContains(t, r.stdout, "created CNI west: ", "created CNI north: ",
		"changed CNI east (c02b8833-9041-570a-8dce-0fef76543cb6)\n")
	wantContains(t, r.stderr, "2 to create, 1 to change, 4 as they should be",
		"note: "+file+":16:5: it is taken to be gcp-us-central1-")
	r.run(exitOK, "apply", "-f", file, "--yes")
	r.wantStdout("")
	wantContains(t, r.stderr, ": nothing to do, 7 as they should be.\n")
	r.run(exitOK, "interconnects", "list", "-o", "name")
	if got := strings.Count(r.stdout.String(), "\n"); got != 3 {
		t.Errorf("there are %d interconnects:\n%s", got, r.stdout)
	}
	for _, out := range []*buffer{r.stdout, r.stderr} {
		if strings.Contains(out.String(), "s3cret") {
			t.Errorf("the pairing key is told:\n%s", out)
		}
	}
}

// On a terminal the plan is shown and confirmed, and a deletion is not confirmed by chance.
func TestApplyConfirm(t *testing.T) {
	r := start(t)
	r.createCNI(r.order(), "east")
	file := r.write("account.yaml", "cnis: []")
	r.run(exitUsage, "apply", "-f", file)
	wantContains(t, r.stderr, "there is no terminal to ask for confirmation on; add --yes to do it without")
	r.terminal = true
	r.stdin = "cnis: []"
	r.run(exitUsage, "apply", "-f", "-")
	wantContains(t, r.stderr, "standard input has the file, so there is no way to ask for confirmation")
	r.run(exitUsage, "apply")
	wantContains(t, r.stderr, "-f is missing")

	r.stdin = "yes\n"
	r.run(exitOK, "apply", "-f", file) // nothing is deleted without --prune
	wantContains(t, r.stderr,
		"nothing to do, 0 as they should be.\n\n  not in the file, and left alone:\n      CNI east (")
	r.run(exitFailed, "apply", "-f", file, "--prune")
	wantContains(t, r.stderr, "1 to delete", "\n  - delete CNI east (",
		"\n      addresses: 10.64.0.1/31 and 10.64.0.0/31\n",
		"\n\nA deletion is for good. Type delete 1 to confirm: interconnect: nothing was done: what was typed is not delete 1\n")
	r.stdin = "delete 1\n"
	r.run(exitOK, "apply", "-f", file, "--prune")
	wantContains(t, r.stdout, "deleted CNI east (")
	r.run(exitOK, "cnis", "list", "-o", "json")
	r.wantStdout("[]\n")

	// What changes between the plan and its confirmation is not done unseen.
	file = r.write("account.yaml",
		"settings: {default_asn: 64512}\ninterconnects: [{type: direct, slot_id: 10eb01b5-0756-54eb-8268-3544fa1234ca}]\n")
	c, err := client.New(account, client.WithBaseURL(r.sandbox.URL), client.WithToken("other"))
	if err != nil {
		t.Fatal(err)
	}
	r.input = &asked{answer: "yes\n", before: func() {
		update := interconnect.SettingsUpdate{DefaultASN: nullable.NewNullableWithValue[int64](64513)}
		if _, err := c.UpdateSettings(t.Context(), update); err != nil {
			t.Error(err)
		}
	}}
	r.run(exitFailed, "apply", "-f", file)
	wantContains(t, r.stderr,
		"nothing was done: the account has changed since the plan was shown; apply again and look at the new plan\n")
	r.run(exitOK, "settings", "get")
	r.wantStdout("DEFAULT ASN  64513\n")
}

// Programs get the plan and what has become of it as JSON, also after a failure.
func TestApplyJSON(t *testing.T) {
	r := start(t)
	key := r.write("key.txt", "s3cret/us-central1/1\n")
	file := filepath.Join(filepath.Dir(key), "account.json")
	text := `{"interconnects": [{"type": "direct", "slot_id": "` + slot + `", "ref": "a"},
		{"type": "gcp_partner", "pairing_key_file": "key.txt", "bandwidth": "1G", "ref": "b"}],
		"cnis": [{"interconnect": "a", "magic": {"conduit_name": "c"}}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	type report struct {
		Steps []struct {
			Action, Object, Label, Status, Result string
			Requests                              []struct {
				Method, Path string
				Body         map[string]any
			}
		}
		Problems []struct{ Where, Pointer, Message string }
	}
	read := func(code int, args ...string) (got report) {
		t.Helper()
		r.run(code, append([]string{"apply", "-f", file, "-o", "json"}, args...)...)
		if err := json.Unmarshal([]byte(r.stdout.String()), &got); err != nil {
			t.Fatalf("%v in\n%s", err, r.stdout)
		}
		return got
	}
	got := read(exitOK, "--dry-run")
	if len(got.Steps) != 3 || got.Steps[1].Requests[0].Body["pairing_key"] != "[redacted]" || got.Steps[1].Status != "" ||
		got.Steps[2].Requests[0].Path != "/accounts/"+account+"/cni/cnis" {
		t.Errorf("the plan is %s", r.stdout)
	}
	r.sandbox.Fail("create_interconnect", sandbox.Fault{Delay: 1})
	r.sandbox.Fail("create_interconnect", sandbox.Fault{Status: 400, Message: "no"})
	got = read(exitFailed, "--yes")
	if got.Steps[0].Status != "done" || !strings.HasPrefix(got.Steps[0].Result, "direct-iad-a-") ||
		got.Steps[1].Status != "failed" ||
		got.Steps[2].Status != "" {
		t.Errorf("the report is %s", r.stdout)
	}
	r.sandbox.Fail("create_interconnect", sandbox.Fault{Status: 500, AfterWork: true})
	got = read(exitUnknown, "--yes")
	if got.Steps[0].Label != "b" || got.Steps[0].Status != "in doubt" {
		t.Errorf("the report is %s", r.stdout)
	}
	if got = read(exitOK, "--yes"); len(got.Steps) != 1 || got.Steps[0].Object != "CNI" || got.Steps[0].Status != "done" {
		t.Errorf("the report is %s", r.stdout)
	}
	if got = read(exitOK, "--yes"); got.Steps == nil || len(got.Steps) != 0 {
		t.Errorf("the report is %s", r.stdout)
	}

	// Problems of a plan are part of it, and of the errors.
	file = r.write("account.yaml", "interconnects:\n- type: direct\n  slot_id: "+slot+"\n  speed: 100G\n")
	got = read(exitUsage, "--yes")
	if len(got.Problems) != 1 || got.Problems[0].Pointer != "/interconnects/0/speed" {
		t.Errorf("the report is %s", r.stdout)
	}
	r.run(exitUsage, "apply", "-f", file, "--yes")
	wantContains(t, r.stderr,
		"interconnect: the file cannot be applied, and nothing was done\n  "+file+":4:3: /interconnects/0/speed: interconnect direct-")
	file = r.write("account.yaml", "interconnects:\n- type: direct\n  slt: "+slot+"\n")
	r.run(exitUsage, "apply", "-f", file, "--yes")
	r.wantStdout("")
	wantContains(t, r.stderr, "\n  "+file+":3:3: /interconnects/0/slt: want no such member; there are name, ")
}

// An export can be queried, is JSON too, and comes back as it was whatever is in its texts.
func TestExport(t *testing.T) {
	r := start(t)
	name := r.order()
	texts := []string{
		"",
		"yes",
		"0123",
		"~",
		"a: b #c",
		" x ",
		"\"'\\",
		"a\nb\n",
		"\u2028\ufeff\u0085",
		"😀<&>",
		"- a",
		"1e3",
		"!x",
		"*a",
		"@",
		"%",
	}
	for i, text := range texts {
		r.createCNI(name, "conduit "+text+string(rune('a'+i)), "--description", text)
	}
	for _, format := range []string{"yaml", "json"} {
		text := r.exported("-o", format)
		if format == "yaml" {
			var value any
			if err := yaml.Unmarshal([]byte(text), &value); err != nil {
				t.Errorf("no other YAML reader takes it: %v", err)
			}
		}
		r.run(exitOK, "apply", "-f", r.write("account", text), "--dry-run")
		wantContains(t, r.stdout, ": nothing to do, 18 as they should be.\n")
	}
	if got := r.exported("--query", ".interconnects[].name"); got != name+"\n" {
		t.Errorf("the query gives %s", got)
	}
	r.run(exitUsage, "export", "-o", "csv")
	wantContains(t, r.stderr, `-o csv`)
	r.run(exitUsage, "export", "-o", "wide")
	wantContains(t, r.stderr, "-o wide: a file for apply is YAML or JSON")
}

// An item that cannot be understood may be one that the file has, so nothing is planned.
func TestApplyStrangeItem(t *testing.T) {
	r := start(t)
	r.addMember("/cnis", "items", []any{map[string]any{"id": 7}})
	for _, args := range [][]string{{"export"}, {"apply", "-f", r.write("f", "cnis: []"), "--yes"}} {
		r.run(exitFailed, args...)
		wantContains(t, r.stderr, "the account cannot be read: list_cnis: item 0 of the page", "/id: want")
		r.wantStdout("")
	}
}

// An asked person answers after something else has happened.
type asked struct {
	before func()
	answer string
}

func (a *asked) Read(p []byte) (int, error) {
	if a.answer == "" {
		return 0, io.EOF
	}
	a.before()
	n := copy(p, a.answer)
	a.answer = ""
	return n, nil
}

// A success that is not what was asked for is one to look at.
func TestApplyHalfDone(t *testing.T) {
	r := start(t, sandbox.WithContract(sandbox.July2026)) // which has no modes of BGP
	file := r.write("f", "cnis: [{interconnect: "+r.order()+", magic: {conduit_name: c}, "+
		"bgp: {customer_asn: 1, extra_prefixes: []}, bgp_mode: advertise_only}]")
	r.run(exitOK, "apply", "-f", file, "--dry-run", "--query", ".steps[0].requests[] | .method + \" \" + .path")
	r.wantStdout("POST /accounts/" + account + "/cni/cnis\nPUT /accounts/" + account + "/cni/cnis/<the ID of it>\n")
	r.run(exitUnknown, "apply", "-f", file, "--yes")
	wantContains(t, r.stderr, "interconnect: create CNI c: the service reports success, but has not done all that was asked for: "+
		"bgp_mode is none and should be advertise_only\n")
	r.run(exitUsage, "apply", "--yes", "-f", r.write("f", "interconnects: [{type: gcp_partner, bandwidth: 1G, pairing_key_file: '-'}]"))
	wantContains(t, r.stderr, "/interconnects/0/pairing_key_file: standard input cannot have it; name a file\n")
}
