package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestSlotsList(t *testing.T) {
	r := start(t)
	r.run(exitOK, "slots", "list", "--site", "iad-a", "--speed", "10G", "--free", "--limit", "2")
	r.wantStdout(`
		ID                                    SITE   SPEED  OCCUPIED  FACILITY
		4b99d788-9a01-53d2-97b3-e7d272d0ad85  iad-a  10G    no        Equinix DC2
		59c5b752-b58f-501f-98ea-d4bcf72b5e95  iad-a  10G    no        Equinix DC2
		`)
	r.wantStderr("")

	r.run(exitOK, "slots", "list", "--site", "iad-a", "--limit", "1", "-o", "json")
	r.wantStdout(`
		[
		  {
		    "ccr_device_name": "ccr01.iad-a",
		    "facility": {
		      "address": [
		        "400 Example Plaza (fictional)",
		        "Ashburn, VA",
		        "United States"
		      ],
		      "name": "Equinix DC2"
		    },
		    "id": "4b99d788-9a01-53d2-97b3-e7d272d0ad85",
		    "occupied": false,
		    "site": "iad-a",
		    "speed": "10G"
		  }
		]
		`)

	r.run(exitOK, "slots", "list", "--site", "iad-a", "--limit", "1", "-o", "yaml")
	r.wantStdout(`
		- ccr_device_name: ccr01.iad-a
		  facility:
		    address:
		      - 400 Example Plaza (fictional)
		      - Ashburn, VA
		      - United States
		    name: Equinix DC2
		  id: 4b99d788-9a01-53d2-97b3-e7d272d0ad85
		  occupied: false
		  site: iad-a
		  speed: 10G
		`)

	r.run(exitOK, "slots", "list", "--occupied")
	r.wantStdout("")
	r.wantStderr("no slots found\n")
	r.run(exitOK, "slots", "list", "--occupied", "-o", "json")
	r.wantStdout("[]\n")
	r.run(exitOK, "slots", "list", "--occupied", "-o", "yaml")
	r.wantStdout("[]\n")
}

// All pages are listed, and no more than --limit.
func TestListPages(t *testing.T) {
	r := start(t)
	for _, test := range []struct {
		flags []string
		want  int
	}{
		{nil, len(sandbox.Catalogue(""))},
		{[]string{"--limit", "150"}, 150},
		{[]string{"--address-contains", "frankfurt"}, 12},
	} {
		r.run(exitOK, append([]string{"slots", "list", "-o", "json"}, test.flags...)...)
		var slots []interconnect.Slot
		if err := json.Unmarshal([]byte(r.stdout.String()), &slots); err != nil || len(slots) != test.want {
			t.Errorf("%q: %d slots, %v, want %d", test.flags, len(slots), err, test.want)
		}
	}
}

func TestSlotsGet(t *testing.T) {
	r := start(t)
	r.run(exitOK, "slots", "get", slot)
	r.wantStdout(`
		ID        4b99d788-9a01-53d2-97b3-e7d272d0ad85
		SITE      iad-a
		SPEED     10G
		OCCUPIED  no
		DEVICE    ccr01.iad-a
		FACILITY  Equinix DC2
		ADDRESS   400 Example Plaza (fictional), Ashburn, VA, United States
		ACCOUNT   -
		`)
	r.order()
	r.run(exitOK, "slots", "get", slot)
	wantContains(t, r.stdout, "OCCUPIED  yes\n", "ACCOUNT   "+account)
}

func TestInterconnects(t *testing.T) {
	r := start(t, sandbox.WithPending(-1, -1))
	r.run(exitOK, "interconnects", "list", "-o", "json")
	r.wantStdout("[]\n")
	r.run(exitOK, "interconnects", "create", "--slot", slot, "--speed", "10G")
	r.wantStdout(`
		NAME         direct-iad-a-c70810a0
		TYPE         direct
		SPEED        10G
		LOCATION     iad-a
		FACILITY     Equinix DC2
		SLOT         4b99d788-9a01-53d2-97b3-e7d272d0ad85
		ADDRESS      400 Example Plaza (fictional), Ashburn, VA, United States
		DEVICE       ccr01.iad-a
		ACCOUNT      4f8c1d2e9ab04c75b3e6d7018f2a9c35
		RESERVATION  c70810a0-3780-572f-ad51-bdeaf70736df
		OWNER        -
		`)
	r.run(exitOK, "interconnects", "create", "--gcp-pairing-key", "one/us-central1/1", "--bandwidth", "1G", "-o", "json")
	r.wantStdout(`
		{
		  "account": "4f8c1d2e9ab04c75b3e6d7018f2a9c35",
		  "name": "gcp-us-central1-2b73c208",
		  "region": "us-central1",
		  "speed": "1G",
		  "type": "gcp_partner",
		  "virtual_port_reservation_id": "2b73c208-f2ed-5e97-98a9-454248bd38a0"
		}
		`)
	r.run(exitOK, "interconnects", "list")
	r.wantStdout(`
		NAME                      STATE    SPEED  LOCATION     TYPE
		direct-iad-a-c70810a0     Pending  10G    iad-a        direct
		gcp-us-central1-2b73c208  Pending  1G     us-central1  gcp_partner
		`)
	for _, flags := range [][]string{{"--type", "direct"}, {"--site", "iad-a"}, {"--limit", "1"}} {
		r.run(exitOK, append([]string{"interconnects", "list"}, flags...)...)
		if lines := strings.Count(r.stdout.String(), "\n"); lines != 2 || !strings.Contains(r.stdout.String(), "direct-iad-a") {
			t.Errorf("%q:\n%s", flags, r.stdout)
		}
	}
	r.run(exitOK, "interconnects", "get", "gcp-us-central1-2b73c208", "-o", "yaml")
	r.wantStdout(`
		account: 4f8c1d2e9ab04c75b3e6d7018f2a9c35
		name: gcp-us-central1-2b73c208
		region: us-central1
		speed: 1G
		type: gcp_partner
		virtual_port_reservation_id: 2b73c208-f2ed-5e97-98a9-454248bd38a0
		`)
	r.run(exitOK, "interconnects", "status", "direct-iad-a-c70810a0")
	r.wantStdout("NAME    direct-iad-a-c70810a0\nSTATE   Pending\nREASON  -\n")
	r.run(exitOK, "interconnects", "status", "direct-iad-a-c70810a0", "-o", "json")
	r.wantStdout("{\n  \"state\": \"Pending\"\n}\n")

	r.run(exitOK, "interconnects", "delete", "direct-iad-a-c70810a0", "--yes")
	r.wantStdout("")
	r.wantStderr("deleted interconnect direct-iad-a-c70810a0\n")
	r.run(exitNotFound, "interconnects", "get", "direct-iad-a-c70810a0")
}

// A pairing key and an order may come from a file or from standard input.
func TestOrderInput(t *testing.T) {
	r := start(t)
	file := filepath.Join(t.TempDir(), "input")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	create := func(flags ...string) {
		t.Helper()
		r.run(exitOK, append([]string{"interconnects", "create"}, flags...)...)
		wantContains(t, r.stdout, "TYPE         gcp_partner")
	}
	write("one/us-central1/1\n")
	create("--gcp-pairing-key-file", file, "--bandwidth", "1G")
	r.stdin = "two/us-central1/1\n"
	create("--gcp-pairing-key", "-", "--bandwidth", "1G")
	r.stdin = `{"type": "gcp_partner", "account": "` + account + `", "pairing_key": "three/us-central1/1", "bandwidth": "1G"}`
	create("--file", "-")
	write(strings.Replace(r.stdin, "three", "four", 1))
	create("--file", file)

	r.stdin = `{"type": "direct", "account": "other", "slot_id": "` + slot + `"}`
	r.run(exitUsage, "interconnects", "create", "--file", "-", "--dry-run")
	wantContains(t, r.stderr, "interconnect: standard input:1:20: the account is other, but the command is for "+account+"\n")
	r.stdin = strings.Replace(r.stdin, "other", account, 1)
	r.run(exitOK, "interconnects", "create", "--file", "-", "--dry-run")

	// What is wrong with a file is reported like what is wrong with flags.
	r.stdin = `{"type": "gcp_partner", "account": "` + account + `", "pairing_key": 4711, "bandwidth": "no_such_bandwidth", "no_such_member": "red"}`
	r.run(exitUsage, "interconnects", "create", "--file", "-")
	r.wantStderr(`
		interconnect: the request is invalid and was not sent
		  standard input:1:72: /pairing_key: want a string
		  standard input:1:93: /bandwidth: want one of ` + strings.Join(interconnect.Schemas()["nsc_ApiBandwidth"].Enum, ", ") + `, got "no_such_bandwidth"
		  standard input:1:127: /no_such_member: want no such member
		`)
	r.stdin = "{"
	r.run(exitUsage, "interconnects", "create", "--file", "-")
	wantContains(t, r.stderr, "interconnect: standard input:1:2: no valid JSON: unexpected EOF\n")
	r.stdin = strings.Repeat(" ", maxInput+1)
	r.run(exitUsage, "interconnects", "create", "--file", "-")
	wantContains(t, r.stderr, "longer than 16 MiB")
	r.stdin = "\n"
	r.run(exitUsage, "interconnects", "create", "--gcp-pairing-key", "-", "--bandwidth", "1G")
	wantContains(t, r.stderr, "the pairing key is empty")
	r.run(exitUsage, "interconnects", "create", "--gcp-pairing-key-file", file+"-that-is-not-there", "--bandwidth", "1G")
}

// A dry run needs no credentials, sends nothing and does not show a pairing key.
func TestDryRun(t *testing.T) {
	r := start(t)
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	r.run(exitOK, "interconnects", "create", "--dry-run", "--gcp-pairing-key", `se"cret/us-central1/1`, "--bandwidth", "1G")
	r.wantStdout("POST " + r.sandbox.URL + `/client/v4/accounts/4f8c1d2e9ab04c75b3e6d7018f2a9c35/cni/interconnects
		{
		  "account": "4f8c1d2e9ab04c75b3e6d7018f2a9c35",
		  "bandwidth": "1G",
		  "pairing_key": "[redacted]",
		  "type": "gcp_partner"
		}
		`)
	r.wantStderr("valid, and not sent because of --dry-run\n")
	r.run(exitOK, "cnis", "create", "--dry-run", "--interconnect", "direct-1", "--conduit-name", "one")
	wantContains(t, r.stdout, `"conduit_name": "one"`)
	r.run(exitUsage, "interconnects", "create", "--dry-run", "--gcp-pairing-key", "key", "--bandwidth", "no_such_bandwidth")

	t.Setenv("CLOUDFLARE_API_TOKEN", token)
	r.run(exitOK, "interconnects", "list", "-o", "json")
	r.wantStdout("[]\n")
}

func TestLOA(t *testing.T) {
	t.Chdir(t.TempDir())
	r := start(t)
	name := r.order()
	file := "loa-" + name + ".pdf"
	r.run(exitOK, "interconnects", "loa", name, "--name", "Example Networks, Inc.")
	r.wantStdout("")
	r.wantStderr("wrote " + file + "\n")
	letter, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(letter), "%PDF-") {
		t.Errorf("the file begins with %.10q, %v", letter, err)
	}

	r.run(exitUsage, "interconnects", "loa", name)
	wantContains(t, r.stderr, file+" exists already", "--force")
	r.run(exitOK, "interconnects", "loa", name, "--force")
	if replaced, err := os.ReadFile(file); err != nil || string(replaced) == string(letter) {
		t.Errorf("the letter was not replaced: %v", err)
	}

	r.run(exitOK, "interconnects", "loa", name, "-f", "-")
	wantContains(t, r.stdout, "%PDF-")
	r.terminal = true
	r.run(exitUsage, "interconnects", "loa", name, "-f", "-")
	r.wantStdout("")
	wantContains(t, r.stderr, "nothing for a terminal")

	// A letter that ends too early leaves nothing behind.
	r.sandbox.Fail("get_interconnect_loa", sandbox.Fault{Status: 404})
	r.run(exitNotFound, "interconnects", "loa", name, "-f", "other.pdf")
	r.run(exitUsage, "interconnects", "loa", name, "-f", "other.pdf", "--name", strings.Repeat("x", 201))
	letterFile := filepath.Join("no", "such", "directory.pdf")
	r.run(exitFailed, "interconnects", "loa", name, "-f", letterFile)
	r.wantStderr("interconnect: open " + letterFile + ": no such file or directory\n") // not the file that is written in its place
	r.run(exitFailed, "interconnects", "loa", name, "-f", ".", "--force")
	r.wantStderr("interconnect: . is a directory\n")
	r.run(exitUsage, "interconnects", "loa", name, "-o", "json")
	wantContains(t, r.stderr, `--output means nothing to \"interconnect interconnects loa\", which writes a PDF document; its file is -f`)
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory has %v, %v", entries, err)
	}
	r.run(exitUsage, "interconnects", "loa", "../../elsewhere")
}

func TestCNIs(t *testing.T) {
	r := start(t)
	name := r.order()
	r.run(exitOK, "cnis", "list")
	r.wantStderr("no CNIs found\n")
	r.run(exitOK, "cnis", "create", "--interconnect", name, "--conduit-name", "east", "--description", "Primary",
		"--customer-asn", "4200000001", "--extra-prefix", "100.96.0.0/12", "--extra-prefix", "100.112.0.0/12", "--md5-key", "iad #1")
	r.wantStdout(`
		ID              c02b8833-9041-570a-8dce-0fef76543cb6
		CONDUIT         east
		INTERCONNECT    direct-iad-a-c70810a0
		MTU             1500
		CUSTOMER IP     10.64.0.1/31
		CLOUDFLARE IP   10.64.0.0/31
		CUSTOMER ASN    4200000001
		CLOUDFLARE ASN  13335
		BGP MODE        dynamic_route_exchange
		EXTRA PREFIXES  100.96.0.0/12, 100.112.0.0/12
		MD5 KEY         iad #1
		DESCRIPTION     Primary
		ACCOUNT         4f8c1d2e9ab04c75b3e6d7018f2a9c35
		`)
	const id = "c02b8833-9041-570a-8dce-0fef76543cb6"
	for _, flags := range [][]string{nil, {"--slot", slot}, {"--tunnel-id", strings.ReplaceAll(id, "-", "")}} {
		r.run(exitOK, append([]string{"cnis", "list"}, flags...)...)
		r.wantStdout(`
		ID                                    CONDUIT  INTERCONNECT           CUSTOMER IP   CLOUDFLARE IP
		c02b8833-9041-570a-8dce-0fef76543cb6  east     direct-iad-a-c70810a0  10.64.0.1/31  10.64.0.0/31
		`)
	}

	// The ASN at Cloudflare's end is one of the settings. What is not shown is not asked for, and what cannot be had costs nothing else.
	r.run(exitOK, "settings", "update", "--default-asn", "64512")
	r.run(exitOK, "cnis", "get", id, "-o", "csv", "--columns", "customer-asn,cloudflare-asn")
	r.wantStdout("customer-asn,cloudflare-asn\n4200000001,64512\n")
	r.sandbox.Fail("get_settings", sandbox.Fault{Status: 403, Times: -1})
	for _, flags := range [][]string{{"-o", "json"}, {"-o", "name"}, {"--columns", "conduit"}} {
		r.run(exitOK, append([]string{"cnis", "get", id}, flags...)...)
		r.wantStderr("")
	}
	r.run(exitOK, "cnis", "get", id)
	wantContains(t, r.stdout, "CLOUDFLARE ASN  unknown\n")
	wantContains(t, r.stderr, "warning: the ASN at Cloudflare's end is unknown: the service refused GET ")
	r.sandbox.ClearFaults()

	// Each update changes what its flags name, and nothing else.
	get := func() (cni interconnect.CNI) {
		r.run(exitOK, "cnis", "get", id, "-o", "json")
		if err := json.Unmarshal([]byte(r.stdout.String()), &cni); err != nil {
			t.Fatal(err)
		}
		return cni
	}
	want := get()
	for _, update := range []struct {
		flags []string
		do    func()
	}{
		{[]string{"--mtu", "1400"}, func() { want.Magic.MTU = 1400 }},
		{[]string{"--conduit-name", "west", "--description="}, func() { want.Magic.ConduitName, want.Magic.Description = "west", "" }},
		{[]string{"--customer-asn", "65001"}, func() { want.BGP.CustomerASN = 65001 }},
		{[]string{"--extra-prefix", "192.0.2.0/24"}, func() { want.BGP.ExtraPrefixes = []string{"192.0.2.0/24"} }},
		{[]string{"--extra-prefix=", "--md5-key="}, func() { want.BGP.ExtraPrefixes, want.BGP.MD5Key = []string{}, nil }},
		{[]string{"--bgp-mode", "advertise_only"}, func() { want.BGPMode = new(interconnect.BGPModeAdvertiseOnly) }},
		{[]string{"--no-bgp"}, func() { want.BGP, want.BGPMode = nil, nil }},
		{[]string{"--customer-asn", "65002"}, func() {
			want.BGP = &interconnect.BGPControl{CustomerASN: 65002, ExtraPrefixes: []string{}}
			want.BGPMode = new(interconnect.BGPModeDynamicRouteExchange)
		}},
	} {
		r.run(exitOK, append([]string{"cnis", "update", id}, update.flags...)...)
		update.do()
		have, _ := json.Marshal(get())
		if should, _ := json.Marshal(want); string(have) != string(should) {
			t.Errorf("%q gives\n%s, want\n%s", update.flags, have, should)
		}
	}

	r.run(exitFailed, "cnis", "create", "--interconnect", name, "--conduit-name", "west")
	wantContains(t, r.stderr, "409 Conflict")
	r.run(exitOK, "cnis", "delete", id, "--yes")
	r.wantStderr("deleted CNI " + id + "\n")
	r.run(exitNotFound, "cnis", "get", id)
}

func TestSettings(t *testing.T) {
	r := start(t)
	for _, step := range []struct{ args, want string }{
		{"get", "DEFAULT ASN  13335\n"},
		{"update --default-asn 64512", "DEFAULT ASN  64512\n"},
		{"get -o json", "{\n  \"default_asn\": 64512\n}\n"},
		{"update --reset-default-asn -o yaml", "default_asn: 13335\n"},
	} {
		r.run(exitOK, append([]string{"settings"}, strings.Fields(step.args)...)...)
		r.wantStdout(step.want)
	}
}

// Text from the service neither breaks a table nor controls a terminal.
func TestTableIsPrintable(t *testing.T) {
	var out strings.Builder
	if err := writeTable(&out, [][]string{{"A", "B"}, {"x\ty\nz", "\x1b[2J\u202e"}, {"", "ü"}}); err != nil {
		t.Fatal(err)
	}
	wantText(t, "the table", out.String(), "A      B\nx y z  \ufffd[2J\ufffd\n-      ü\n")
}

// YAML says the same as JSON, whatever is in a text.
func TestYAML(t *testing.T) {
	texts := []string{
		"", "yes", "null", "12", "1e3", "0x1F", "2026-08-14", "~", "- a", "a: b", "#", "a #b", `"`, "'", `\`, "\n", "a\nb\n", "\t", " a ",
		"\x00\x1f\x7f\u0085\u0090", "\u2028\u2029", "\ufeff", "\ufffe\uffff",
		"😀", "é", "<&>", "{}", "[]", "!", "&a", "*a", "%", "@", "`", "|", ">",
	}
	texts = append(texts, "no", "y", "Off", "=", "<<", "1:20", "-1:20:30.5", "0b1", "017", "1_000", ".5", "1.", ".inf", "2026-8-4", "-12")
	var out strings.Builder
	p := program{stdout: &out, flags: globalFlags{output: "yaml"}}
	if err := p.encode(texts); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := yaml.Unmarshal([]byte(out.String()), &got); err != nil || !slices.Equal(got, texts) {
		t.Errorf("read back as %q, %v, from\n%s", got, err, &out)
	}
	// Readers of YAML 1.1 would take these for something else.
	for _, text := range []string{"yes", "no", "y", "Off", "=", "<<", "1:20", "-1:20:30.5", "0b1", "017", "1_000", "2026-8-4"} {
		if !strings.Contains(out.String(), "- \""+text+"\"\n") {
			t.Errorf("%s has no quotes in\n%s", text, &out)
		}
	}
	// What needs no quotes has none.
	for _, text := range []string{"us-central1", "4b99d788-9a01-52d2-97b3-e7d272d0ad85", "10.64.0.1/31", "10G"} {
		out.Reset()
		if err := p.encode(text); err != nil || out.String() != text+"\n" {
			t.Errorf("%s is written as %s, %v", text, &out, err)
		}
	}
}
