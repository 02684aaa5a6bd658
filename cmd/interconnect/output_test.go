package main

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// Each format of a list and of one value.
func TestFormats(t *testing.T) {
	r := start(t)
	name := r.order()
	for _, test := range []struct{ args, want string }{
		{"slots list --limit 2 --site iad-a -o name", slot + "\n59c5b752-b58f-501f-98ea-d4bcf72b5e95\n"},
		{"slots get " + slot + " -o name", slot + "\n"},
		{"interconnects list -o name", name + "\n"},
		{"slots list --limit 1 --site iad-a -o csv", "id,site,speed,occupied,device,facility,address,account\n" + slot +
			`,iad-a,10G,yes,ccr01.iad-a,Equinix DC2,"400 Example Plaza (fictional), Ashburn, VA, United States",` + account + "\n"},
		{"interconnects get " + name + " -o csv --columns location,name", "location,name\niad-a," + name + "\n"},
		{"interconnects get " + name + " --columns location,name", "LOCATION  iad-a\nNAME      " + name + "\n"},
		{"slots list --limit 1 --site iad-a --columns Account,ID -o wide", "ACCOUNT                           ID\n" + account + "  " + slot + "\n"},
		{"settings get -o csv", "default-asn\n13335\n"},
		{"cnis list -o csv --columns customer-ip,CONDUIT,cloudflare_ip", "customer-ip,conduit,cloudflare-ip\n"},
		{"cnis list -o name", ""},
	} {
		r.run(exitOK, strings.Fields(test.args)...)
		r.wantStdout(test.want)
	}
	r.run(exitOK, "slots", "list", "--limit", "1", "-o", "wide")
	wantContains(t, r.stdout, "ADDRESS", "(fictional)", "ACCOUNT\n")
}

// Some of what is in a cell is not shown as it is; CSV for a program has all of it.
func TestCSVIsWhole(t *testing.T) {
	const strange = "a \"b\",\x1b[2J\n\tc"
	l := layout[string]{columns: []string{"A COLUMN", "B"}, row: func(s string) []string { return []string{s, ""} }}
	var out strings.Builder
	p := &program{stdout: &out, flags: globalFlags{output: "csv"}, isTerminal: func(any) bool { return false }}
	if err := printItems(p, "things", []string{strange}, l); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 2 || rows[0][0] != "a-column" || rows[1][0] != strange {
		t.Errorf("%q, %v, from\n%s", rows, err, &out)
	}
	p.isTerminal = func(any) bool { return true }
	out.Reset()
	if err := printItems(p, "things", []string{strange}, l); err != nil || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%q, %v on a terminal", out.String(), err)
	}
}

func TestQuery(t *testing.T) {
	r := start(t)
	name := r.order()
	r.run(exitOK, "interconnects", "create", "--gcp-pairing-key", "one/us-central1/1", "--bandwidth", "1G")
	for _, test := range []struct {
		query, flags, want string
	}{
		{".[].name", "", name + "\ngcp-us-central1-2b73c208\n"},
		{".[].name", "-o json", `"` + name + "\"\n\"gcp-us-central1-2b73c208\"\n"},
		{".[].name", "-o yaml", name + "\n---\ngcp-us-central1-2b73c208\n"},
		{".[] | {name, speed}", "--limit 1", "{\n  \"name\": \"" + name + "\",\n  \"speed\": \"10G\"\n}\n"},
		{"length", "", "2\n"},
		{".[0].facility.address[1:]", "-o yaml", "- Ashburn, VA\n- United States\n"},
		{"empty", "-o json", ""},
		{".[0].name, halt, 1", "", name + "\n"},
		{"$ENV, env", "-o json", "{}\n{}\n"}, // a query sees no credentials
	} {
		r.run(exitOK, append([]string{"interconnects", "list", "--query", test.query}, strings.Fields(test.flags)...)...)
		r.wantStdout(test.want)
	}
	r.run(exitOK, "settings", "get", "--query", ".default_asn")
	r.wantStdout("13335\n")

	r.run(exitFailed, "interconnects", "list", "--query", ".name")
	wantContains(t, r.stderr, "interconnect: --query: expected an object but got: array")
	r.run(exitFailed, "interconnects", "list", "--query", `"bye"|halt_error`)
	wantContains(t, r.stderr, "interconnect: --query: halt error: bye\n")

	// What was changed is changed, even if it cannot be shown.
	r.run(exitFailed, "settings", "update", "--default-asn", "64512", "--query", ".[0]")
	wantContains(t, r.stderr, "what was asked for is done, but the result cannot be shown: --query: ")
	r.run(exitOK, "settings", "get", "--query", ".default_asn")
	r.wantStdout("64512\n")

	// A query keeps all digits.
	r = answering(t, `{"default_asn":13335,"more":12345678901234567890123,"half":0.50}`)
	r.run(exitOK, "settings", "get", "--query", ".more, .half")
	r.wantStdout("12345678901234567890123\n0.50\n")
}

// What the output cannot be is found out before anything is sent.
func TestOutputUsage(t *testing.T) {
	r := start(t, sandbox.WithoutEntitlement())
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"interconnects", "list", "--query", ".[", "-o", "yaml"}, "--query: after 2 bytes: unexpected EOF"},
		{[]string{"interconnects", "list", "--query", ".name ^ 1"}, `--query: after 6 bytes: unexpected token "^"`},
		{[]string{"interconnects", "list", "--query", "nope"}, "--query: function not defined: nope/0"},
		{[]string{"interconnects", "list", "--query", ".", "-o", "csv"}, "--query goes with -o json or -o yaml, not with -o csv"},
		{[]string{"interconnects", "list", "--columns", "name,sped"},
			`--columns: there is no column "sped", did you mean "speed"?; want some of name,`},
		{[]string{"slots", "list", "--columns", ""}, "--columns is empty, want some of id,site,speed,"},
		{[]string{"slots", "list", "--columns", "id", "-o", "yaml"}, "--columns goes with -o table, wide and csv only"},
		{[]string{"slots", "list", "--columns", "id", "-o", "name"}, "--columns goes with -o table, wide and csv only"},
		{[]string{"slots", "list", "--columns", "id", "--query", "."}, "--columns goes with -o table, wide and csv only"},
		{[]string{"settings", "get", "-o", "name"}, `-o name: what "interconnect settings get" shows has no name`},
		{[]string{"interconnects", "delete", "x", "--yes", "-o", "name"}, `-o name means nothing to "interconnect interconnects delete"`},
		{[]string{"interconnects", "delete", "x", "--yes", "--columns", "name"}, `--columns means nothing to "interconnect interconnects delete"`},
		{[]string{"interconnects", "create", "--slot", slot, "--columns", "nme"}, `--columns: there is no column "nme", did you mean "name"?`},
	} {
		r.run(exitUsage, test.args...)
		if !strings.HasPrefix(r.stderr.String(), "interconnect: "+test.want) {
			t.Errorf("%q:\n%s\nwant\n%s", test.args, r.stderr, test.want)
		}
	}
}

// A table on a terminal is as wide as it at most. Elsewhere nothing is left out.
func TestFit(t *testing.T) {
	slots := []interconnect.Slot{{Site: "iad-a", Speed: "10G", Facility: interconnect.Facility{Name: "設施 two"}}}
	table := func(width int) (stdout, stderr string) {
		var out, hint strings.Builder
		p := &program{stdout: &out, stderr: &hint, flags: globalFlags{output: "table"}, terminalWidth: func(any) int { return width }}
		if err := printItems(p, "slots", slots, slotLayout()); err != nil {
			t.Fatal(err)
		}
		return out.String(), hint.String()
	}
	const id = "00000000-0000-0000-0000-000000000000"
	whole := "ID                                    SITE   SPEED  OCCUPIED  FACILITY\n" + id + "  iad-a  10G    no        設施 two\n"
	for width, want := range map[int][2]string{
		0:  {whole, ""},
		70: {whole, ""},
		69: {"ID                                    SITE   SPEED  OCCUPIED\n" + id + "  iad-a  10G    no\n", "no room for FACILITY; see -o wide\n"},
		36: {"ID\n" + id + "\n", "no room for SITE, SPEED, OCCUPIED, FACILITY; see -o wide\n"},
		10: {"ID\n" + id + "\n", "no room for SITE, SPEED, OCCUPIED, FACILITY; see -o wide\n"},
	} {
		stdout, stderr := table(width)
		wantText(t, "stdout", stdout, want[0])
		wantText(t, "stderr", strings.Join(strings.Fields(stderr), " "), strings.TrimSpace(want[1])) // it is broken between words
	}
}

// Free text at the end of a list is left out if there is none, and cut if it is too long for the terminal.
func TestFitNote(t *testing.T) {
	l := layout[string]{
		columns: []string{"NAME", "NOTE"}, listed: []string{"NAME", "NOTE"}, note: "NOTE",
		row: func(s string) []string { return []string{"n", s} },
	}
	for _, test := range []struct {
		note  string
		width int
		want  string
	}{
		{"", 0, "NAME\nn\n"},
		{"no light at all", 0, "NAME  NOTE\nn     no light at all\n"},
		{"no light at all", 21, "NAME  NOTE\nn     no light at all\n"},
		{"no light at all", 20, "NAME  NOTE\nn     no light at a…\n"},
		{"no light at all", 16, "NAME  NOTE\nn     no light …\n"},
		{"no light at all", 15, "NAME\nn\n"},
	} {
		var out strings.Builder
		p := &program{stdout: &out, stderr: &buffer{}, flags: globalFlags{output: "table"}, terminalWidth: func(any) int { return test.width }}
		if err := printItems(p, "things", []string{test.note}, l); err != nil {
			t.Fatal(err)
		}
		wantText(t, "stdout", out.String(), test.want)
	}
}

func TestWrap(t *testing.T) {
	rows := [][]string{{"NAME", "one"}, {"ADDRESS", "400 Example Plaza (fictional), Ashburn, VA"}, {"OWNER", ""}}
	var out strings.Builder
	if err := writeTable(&out, wrapLast(rows, 30)); err != nil {
		t.Fatal(err)
	}
	wantText(t, "the table", out.String(), `
		NAME     one
		ADDRESS  400 Example Plaza
		         (fictional), Ashburn,
		         VA
		OWNER    -
		`)
}

// README shows a screen that the program really has.
func TestReadmeScreen(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	screens, err := os.ReadFile("testdata/screens-100.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "```text\n$ interconnect links list\n")
	block, _, found := strings.Cut(block, "```")
	if !found || !strings.Contains(string(screens), "$ interconnect links list\n"+block) {
		t.Errorf("testdata/screens-100.txt does not have\n%s", block)
	}
}
