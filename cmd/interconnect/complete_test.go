package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/interconnect-go/interconnect/sandbox"
)

// complete returns what the shell is offered for the last word of a command line.
func (r *rig) complete(line string) []string {
	r.t.Helper()
	r.run(exitOK, append([]string{"__complete"}, strings.Split(line, " ")...)...)
	offered, directive, ok := strings.Cut(r.stdout.String(), ":4\n")
	if !ok || directive != "" {
		r.t.Fatalf("%s: the shell may offer files:\n%s", line, r.stdout)
	}
	return strings.Split(strings.TrimSuffix(offered, "\n"), "\n")
}

// Names, IDs, sites and speeds come from the service, bandwidths from the document.
func TestCompletionFromService(t *testing.T) {
	r := start(t)
	name := r.orderTwo()
	r.run(exitOK, "cnis", "create", "--interconnect", name, "--conduit-name", "east", "-o", "name")
	cni := strings.TrimSpace(r.stdout.String())
	names := []string{name + "\t10G iad-a direct", gcpName + "\t1G us-central1 gcp_partner"}
	about := cni + "\teast on " + name
	for line, want := range map[string][]string{
		"interconnects get ":                                    names,
		"links status direct":                                   names[:1],
		"interconnects loa gcp":                                 names[1:],
		"interconnects delete x":                                {""},
		"interconnects get one ":                                {""}, // there is one argument
		"interconnects list --site ":                            {"iad-a\tEquinix DC2"},
		"cnis get ":                                             {about},
		"cnis update " + cni[:8]:                                {about},
		"cnis delete ":                                          {about},
		"cnis create --interconnect ":                           names,
		"cnis update " + cni + " --interconnect g":              names[1:],
		"cnis list --interconnect direct":                       names[:1],
		"cnis list --slot ":                                     {slot + "\t10G iad-a Equinix DC2"},
		"interconnects create --slot " + slot[:8]:               {""}, // occupied
		"interconnects create --slot 59c5b752":                  {"59c5b752-b58f-501f-98ea-d4bcf72b5e95\t10G iad-a Equinix DC2"},
		"slots get " + slot[:8]:                                 {slot + "\t10G iad-a Equinix DC2"},
		"slots list --site iad":                                 {"iad-a\tEquinix DC2", "iad-b\tEquinix DC2"},
		"slots list --speed ":                                   {"10G", "100G"},
		"interconnects create --speed ":                         {"10G", "100G"},
		"interconnects create --slot " + slot + " --speed ":     {"10G"},
		"interconnects create --gcp-pairing-key k --bandwidth ": bandwidths(),
		"slots list --account ":                                 {""},
		"interconnects loa x --name ":                           {""},
	} {
		got := r.complete(line)
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if len(bandwidths()) < 12 || bandwidths()[0] != "50M" {
		t.Errorf("the bandwidths are %q", bandwidths())
	}
	r.run(exitOK, "__complete", "slots", "list", "--columns", "id,s")
	r.wantStdout("id,site\nid,speed\n:6\n")
	r.run(exitOK, "__complete", "slots", "list", "--columns", "site,s")
	r.wantStdout("site,speed\n:6\n")
	r.run(exitOK, "__complete", "cnis", "create", "--file", "")
	r.wantStdout(":0\n") // files, for once
}

// A completion that fails completes to nothing and prints nothing.
func TestCompletionFails(t *testing.T) {
	r := start(t)
	silent := func(why string) {
		t.Helper()
		begin := time.Now()
		if got := r.complete("interconnects get "); !slices.Equal(got, []string{""}) {
			t.Errorf("%s: %q", why, got)
		}
		if took := time.Since(begin); took > 2*completionTime {
			t.Errorf("%s: it took %s", why, took)
		}
		if said := r.stderr.String(); said != "Completion ended with directive: ShellCompDirectiveNoFileComp\n" { // cobra's, which shells drop
			t.Errorf("%s: it says %s", why, said)
		}
	}
	r.sandbox.Fail("list_interconnects", sandbox.Fault{Status: 500})
	silent("a failure")
	r.sandbox.Fail("list_interconnects", sandbox.Fault{Delay: time.Hour})
	silent("no answer")
	t.Setenv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:1")
	silent("no service")
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	silent("no credentials")
	t.Setenv("CLOUDFLARE_API_TOKEN", token)
	r = serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"items":[{"name":"a\tb\u001b[2J","type":"direct","new":1}]}`))
	})
	if got := r.complete("interconnects get "); len(got) != 1 || !strings.HasPrefix(got[0], "a b\ufffd[2J") {
		t.Errorf("%q", got)
	}
}

// Every flag with a value is completed to something that it may be.
func TestFlagsAreCompleted(t *testing.T) {
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			_, completed := cmd.GetFlagCompletionFunc(f.Name)
			if isFile := slices.Contains(fileFlags, f.Name); completed == isFile && f.NoOptDefVal == "" {
				t.Errorf("%s --%s: completed %t, a file %t", cmd.CommandPath(), f.Name, completed, isFile)
			}
		})
		for _, child := range cmd.Commands() {
			check(child)
		}
	}
	check((&program{}).root())
}

// A filter that can match nothing is a hint to what there is.
func TestNoMatch(t *testing.T) {
	r := start(t)
	for _, test := range []struct{ args, want string }{
		{"slots list --speed 100", `no slot has the speed "100", did you mean "100G"? There are 10G, 100G`},
		{"slots list --speed 100g --site iad-a", `no slot has the speed "100g", did you mean "100G"? There are 10G, 100G`},
		{"slots list --speed 7 --address-contains Ashburn", `no slot has the speed "7"; there are 10G, 100G`},
		{"slots list --site iad", `no slot has the site "iad", did you mean "iad-a"?`},
		{"slots list --site ewr -o csv", `no slot has the site "ewr"; there are ams-a, ams-b, `},
		{"slots list --site iad-a --speed 10G --occupied", "at iad-a there is 100G, 2 free and 0 occupied; 10G, 4 free and 0 occupied"},
		{"slots list --speed 100G --occupied", "anywhere there is 100G, 7"},
		{"slots list --occupied", ""},
		{"slots list --site ewr -o json", ""},
		{"slots list --site ewr --query length", ""},
		{"interconnects list --site ewr", ""}, // there are none at all
	} {
		r.run(exitOK, strings.Fields(test.args)...)
		_, hint, _ := strings.Cut(r.stderr.String(), "hint: ")
		if !strings.HasPrefix(hint, test.want) || (test.want == "") != (hint == "") {
			t.Errorf("%s: %q, want %q", test.args, hint, test.want)
		}
	}
	r.orderTwo()
	r.run(exitOK, "interconnects", "list", "--site", "iad-b")
	r.wantStderr("no interconnects found\nhint: no interconnect is at the site \"iad-b\", did you mean \"iad-a\"? There are iad-a\n")
	r.sandbox.Fail("list_slots", sandbox.Fault{Status: 403})
	r.run(exitFailed, "slots", "list", "--site", "ewr") // the list itself still fails
}
