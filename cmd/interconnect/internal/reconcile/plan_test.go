package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// What is wrong with a file is reported with its place, all at once.
func TestParse(t *testing.T) {
	const (
		port = "interconnects: [{type: direct, slot_id: " + slotA
		link = "interconnects: [{type: gcp_partner, bandwidth: 1G, pairing_key: a/us-central1/1"
		cni  = "cnis: [{interconnect: i, magic: {conduit_name: c}"
	)
	for _, test := range []struct{ text, want string }{
		{"[]", "f:1:1: want an object"},
		{"version: 2", "f:1:1: /version: want 1, the version of files that this program knows"},
		{"account: other", "f:1:1: /account: the file is for account other, but the command is for " + account},
		{"setings: {}", "f:1:1: /setings: want no such member; there are version, account, settings, interconnects, cnis"},
		{"settings:\n  default_asm: 1", "f:2:3: /settings/default_asm: want no such member"},
		{"settings: {default_asn: x}", `f:1:12: /settings/default_asn: want an integer, got "x"`},
		{"cnis: {}", "f:1:1: /cnis: want an array; [] says that there should be none"},
		{"cnis:", "f:1:1: /cnis: want an array"},
		{"interconnects: [{}]", "f:1:17: /interconnects/0: want a type, direct or gcp_partner"},
		{"interconnects: [{type: no_such_type}]", "f:1:18: /interconnects/0/type: no_such_type is not a type that this program can order"},
		{"interconnects: [{type: direct}]", "f:1:17: /interconnects/0: want the slot_id of the slot to order, or the name"},
		{"interconnects: [{type: direct, slot_id: 7}]", "f:1:32: /interconnects/0/slot_id: want a text; put it into quotes"},
		{"interconnects: [{type: direct, slot_id: x}]", "/interconnects/0/slot_id: want a UUID such as"},
		{port + ", bandwidth: 1G}]", "/interconnects/0/bandwidth: want no such member; there are name, ref, type"},
		{port + ", ref: ''}]", "/interconnects/0/ref: want a text that is not empty"},
		{port + ", account: other}]", "/interconnects/0/account: the interconnect is one of account other"},
		{port + "}, {type: direct, slot_id: " + slotA + "}]", "/interconnects/1/slot_id: " + slotA + " is that of /interconnects/0 too"},
		{port + ", name: n}, {type: direct, name: n}]", "/interconnects/1/name: n is that of /interconnects/0 too"},
		{port + ", ref: n}, {type: direct, ref: n, name: o}]", "/interconnects/1/ref: n is that of /interconnects/0 too"},
		{port + ", ref: n}, {type: direct, name: n}]", "/interconnects/0/ref: n is the name of /interconnects/1"},
		{"interconnects: [{type: gcp_partner}]", "/interconnects/0: want a pairing_key to order with, or the name"},
		{"interconnects: [{type: gcp_partner, pairing_key: k}]", "/interconnects/0: want a bandwidth, such as 1G"},
		{link + ", region: us-east4}]", "/interconnects/0/region: the pairing key is one for us-central1"},
		{link + ", pairing_key_file: x}]", "/interconnects/0/pairing_key_file: pairing_key is there too; give one of the two"},
		{"interconnects: [{type: gcp_partner, bandwidth: 1G, pairing_key_file: no-such}]", "/interconnects/0/pairing_key_file: open no-such: "},
		{"cnis: [{}]", "/cnis/0/interconnect: want a string; it is missing"},
		{"cnis: [{interconnect: i, magic: {mtu: x}}]", `/cnis/0/magic/mtu: want an integer, got "x"`},
		{"cnis: [{interconnect: '', magic: {conduit_name: c}}]", "/cnis/0/interconnect: want a text that is not empty"},
		{cni + ", no_such_member: 1}]", "/cnis/0/no_such_member: want no such member"},
		{cni + ", bgp: {}}]", "/cnis/0/bgp/customer_asn: want an integer; it is missing"},
		{cni + ", cust_ip: 10.64.0.1/31}]", "/cnis/0: want both of cust_ip and p2p_ip, or none"},
		{cni + ", id: x}]", "/cnis/0/id: want a UUID"},
		{cni + ", account: other}]", "/cnis/0/account: the CNI is one of account other"},
		{cni + "}, {interconnect: j, magic: {conduit_name: c}}]", "/cnis/1/magic/conduit_name: c is that of /cnis/0 too"},
		{cni + ", id: " + slotA + "}, {interconnect: j, id: " + slotA + ", magic: {conduit_name: d}}]", "/cnis/1/id: " + slotA + " is that of /cnis/0 too"},
		{cni + ", unknown: 7}]", "/cnis/0/unknown: want an object"},
	} {
		_, err := parse(test.text)
		var problems Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\ngives %v\nwant  %s", test.text, err, test.want)
		}
		if strings.Contains(err.Error(), "a/us-central1/1") {
			t.Errorf("the pairing key is told: %v", err)
		}
	}
	if _, err := parse("settings: {default_asm: 1}\ncnis: {}\nx: 1"); strings.Count(err.Error(), "; f:") != 2 {
		t.Errorf("want three problems, got %v", err)
	}
}

// A port is known by its slot, whatever it is called.
func TestPorts(t *testing.T) {
	r := newRig(t)
	name := r.orderPort(slotA)
	r.wantPlan("interconnects: [{type: direct, slot_id: "+slotA+", ref: a}]", Options{}, ``)
	r.wantPlan("interconnects: [{type: direct, slot_id: "+slotA+", speed: 10G, name: old}]", Options{},
		"note: f: the interconnect on the slot is called "+name+" now, not old")
	r.wantPlan("interconnects: [{type: direct, name: "+name+"}]", Options{}, ``)
	r.wantPlan(
		"interconnects: [{type: direct, slot_id: "+slotA+"}, {type: direct, slot_id: "+slotB+", speed: 10G, name: old}]",
		Options{},
		`
		+ order interconnect on slot 10eb01b5-0756-54eb-8268-3544fa1234ca
		    type: direct, a port of 10G
		    slot: 10eb01b5-0756-54eb-8268-3544fa1234ca
		    location: atl-a, Digital Realty ATL1, 100 Example Plaza (fictional), Atlanta, GA, United States

		note: f: the account has no interconnect old any more; another one is ordered in its place, under another name
		`,
	)

	other, err := client.New("0123456789abcdef0123456789abcdef", client.WithBaseURL(urlOf(r)), client.WithToken("any"))
	if err != nil {
		t.Fatal(err)
	}
	order := interconnect.PhysicalInterconnectCreate{SlotID: uuid.MustParse(slotC)}
	if _, err := other.CreateInterconnect(t.Context(), interconnect.NewInterconnectCreate(order)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"type: direct, speed: 100G, slot_id: " + slotA: "f:1:32: /interconnects/0/speed: interconnect " + name +
			" has 10G, and the speed of an interconnect cannot be changed; to replace it, ",
		"type: direct, name: " + name + ", slot_id: " + slotB: "/interconnects/0/slot_id: interconnect " + name + " is on slot " + slotA +
			", and an interconnect cannot be moved to another; to replace it, ",
		"type: gcp_partner, name: " + name:                       "/interconnects/0/type: interconnect " + name + " is of type direct, which cannot be changed",
		"type: direct, name: nobody":                             "/interconnects/0: the account has no interconnect nobody, and there is no slot_id to order one",
		"type: direct, slot_id: " + slotC:                        "slot " + slotC + " is occupied; ",
		"type: direct, speed: 100G, slot_id: " + slotB:           "/interconnects/0/speed: slot " + slotB + " has 10G, not 100G",
		"type: direct, slot_id: " + uuid.Nil.String()[:35] + "1": "there is no slot 00000000-0000-0000-0000-000000000001; ",
	} {
		r.wantProblem("interconnects: [{"+text+"}]", Options{}, want)
	}
	// An order that is under way occupies the slot, but may not be in the list yet.
	r.rewriting(func(path string, body any) any {
		if strings.HasPrefix(path, "/cni/interconnects") {
			return map[string]any{"items": []any{}}
		}
		return body
	})
	r.wantProblem("interconnects: [{type: direct, slot_id: "+slotA+"}]", Options{},
		"an order may be under way; plan again when it is through")
}

func urlOf(r *rig) string { return strings.TrimSpace(strings.SplitN(r.client.String(), " at ", 2)[1]) }

// A link to Google Cloud is known by its name. Without one, an order is not repeated as long as there is a link that it
// may have led to.
func TestLinks(t *testing.T) {
	r := newRig(t)
	entry := func(key string, more string) string {
		return "{type: gcp_partner, bandwidth: 1G, pairing_key: " + key + more + "}"
	}
	one, two := entry("one/us-central1/1", ""), entry("two/us-central1/2", "")
	r.wantPlan("interconnects: ["+one+"]", Options{}, `
		+ order interconnect at /interconnects/0
		    type: gcp_partner, a virtual link of 1G to Google Cloud
		    location: us-central1
		`)
	first := r.orderLink("one/us-central1/1", "1G")
	const taken = "it is taken to be %[1]s, which is not in the file otherwise; if that is not so, give %[1]s an entry of its own; " +
		"if it is, add \"name: %[1]s\""
	plan := r.mustPlan("interconnects: ["+one+", "+two+"]", Options{})
	if len(plan.Steps) != 1 || plan.Steps[0].Where != "f:1:85" || len(plan.Notes) != 1 ||
		plan.Notes[0].Message != fmt.Sprintf(taken, first) {
		t.Errorf("the first is not taken to be ordered:\n%s", textOfPlan(plan))
	}
	// One that is in the file otherwise is another.
	if plan = r.mustPlan("interconnects: [{type: gcp_partner, name: "+first+"}, "+two+"]", Options{}); len(
		plan.Steps,
	) != 1 ||
		len(plan.Notes) != 0 {
		t.Errorf("the second is not ordered:\n%s", textOfPlan(plan))
	}
	// So is one elsewhere, or with another bandwidth.
	for _, other := range []string{entry("x/us-east4/1", ""), strings.Replace(entry("x/us-central1/1", ""), "1G", "2G", 1)} {
		if plan = r.mustPlan("interconnects: ["+other+"]", Options{}); len(plan.Steps) != 1 {
			t.Errorf("%s is not ordered:\n%s", other, textOfPlan(plan))
		}
	}
	second := r.orderLink("two/us-central1/2", "1G")
	r.wantPlan("interconnects: ["+one+", "+two+"]", Options{},
		"note: f: "+fmt.Sprintf(taken, first)+"\nnote: f: "+fmt.Sprintf(taken, second))
	r.wantProblem("interconnects: ["+one+"]", Options{},
		"/interconnects/0: it may have been ordered already, as "+second+" or "+first+": the file names none of them")
	// A CNI says which link is which.
	r.createCNI(second, "west")
	cnis := "\ncnis: [{interconnect: two, magic: {conduit_name: west}}]"
	r.wantPlan("interconnects: ["+entry("two/us-central1/2", ", ref: two")+", "+one+"]"+cnis, Options{},
		"note: f: "+fmt.Sprintf(taken, second)+"\nnote: f: "+fmt.Sprintf(taken, first))

	for text, want := range map[string]string{
		"type: gcp_partner, name: " + first + ", bandwidth: 2G":               "/interconnects/0/bandwidth: interconnect " + first + " has 1G, and the bandwidth of",
		"type: gcp_partner, name: " + first + ", region: us-east4":            "/interconnects/0/region: interconnect " + first + " has us-central1, and the region of",
		"type: gcp_partner, name: nobody":                                     "the account has no interconnect nobody, and there is no pairing_key to order one",
		"type: gcp_partner, bandwidth: no_such_bandwidth, pairing_key: k/r/1": `/interconnects/0/bandwidth: want one of "50M"`,
	} {
		r.wantProblem("interconnects: [{"+text+"}]", Options{}, want)
	}
}

// A CNI is known by its ID and by its conduit name.
func TestCNIs(t *testing.T) {
	r := newRig(t)
	name := r.orderPort(slotA)
	east, west := r.createCNI(name, "east"), r.createCNI(name, "west")
	cni := func(conduit, more string) string {
		return "{interconnect: " + name + ", magic: {conduit_name: " + conduit + "}" + more + "}"
	}
	r.wantPlan("cnis: ["+cni("east", "")+", "+cni("west", ", id: "+west.ID.String())+"]", Options{}, ``)
	r.wantPlan("cnis: ["+cni("east", "")+"]", Options{},
		"not in the file, and left alone:\n    CNI west ("+west.ID.String()+")")
	r.wantPlan("cnis: ["+cni("north", ", id: "+east.ID.String())+", "+cni("west", "")+"]", Options{}, `
		~ change CNI east (`+east.ID.String()+`)
		    magic.conduit_name: east -> north
		`)
	// Without the ID, its addresses will do.
	r.wantPlan(
		"cnis: ["+cni("north", ", cust_ip: 10.64.0.1/31, p2p_ip: 10.64.0.0/31")+", "+cni("west", "")+"]",
		Options{},
		`
		~ change CNI east (`+east.ID.String()+`)
		    magic.conduit_name: east -> north
		`,
	)
	r.wantPlan(
		"cnis: ["+cni("east",
			", cust_ip: 10.64.0.0/31, p2p_ip: 10.64.0.1/31, bgp: {customer_asn: 65001, extra_prefixes: [192.0.2.0/24]}")+
			", "+cni(
			"west",
			"",
		)+"]",
		Options{},
		`
		~ change CNI east (`+east.ID.String()+`)
		    bgp: none -> customer_asn 65001, extra_prefixes [192.0.2.0/24]
		    cust_ip: 10.64.0.1/31 -> 10.64.0.0/31
		    p2p_ip: 10.64.0.0/31 -> 10.64.0.1/31
		`,
	)
	r.wantProblem("cnis: ["+cni("east", ", cust_ip: 10.64.0.9/31, p2p_ip: 10.64.0.8/31")+"]", Options{},
		"/cnis/0/cust_ip: the service chose the addresses 10.64.0.1/31 and 10.64.0.0/31; they can change places, but not be others")
	r.wantProblem("cnis: ["+cni("new", ", cust_ip: 10.64.0.9/31, p2p_ip: 10.64.0.8/31")+"]", Options{},
		"/cnis/0/cust_ip: it has to be created, and the service chooses the addresses of a new CNI")
	r.wantProblem("cnis: ["+strings.Replace(cni("new", ""), name, "nowhere", 1)+"]", Options{},
		"/cnis/0/interconnect: there is no interconnect nowhere, neither in the file, by its ref or name, nor in the account")
	r.wantProblem("cnis: ["+cni("''", "")+"]", Options{}, "/cnis/0/magic/conduit_name: want a text that is not empty")
	r.wantProblem("cnis: ["+cni("east", ", bgp_mode: advertise_only")+"]", Options{},
		"/cnis/0/bgp_mode: there is no bgp that it could be the mode of")
	r.wantProblem("cnis: ["+cni("new", ", bgp_mode: advertise_only")+"]", Options{},
		"/cnis/0/bgp_mode: there is no bgp that it could be the mode of")
	r.wantProblem("cnis: ["+cni("new", ", bgp: {customer_asn: 13335, extra_prefixes: []}")+"]", Options{},
		"/cnis/0/bgp/customer_asn: 13335 is the default_asn of the account, and the session is external BGP")
	r.wantProblem("cnis: ["+cni("new", ", bgp: {customer_asn: 1, extra_prefixes: [x]}")+"]", Options{},
		`/cnis/0/bgp/extra_prefixes/0: want an IPv4 prefix`)
	r.wantProblem("cnis: ["+cni("new", ", bgp: {customer_asn: 1, extra_prefixes: [10.0.0.0/8, 10.0.0.1/8]}")+"]", Options{},
		`/cnis/0/bgp/extra_prefixes/1: want no bits behind the prefix: 10.0.0.0/8, or 10.0.0.1/32 for that address alone, got "10.0.0.1/8"`)
	r.wantProblem("cnis: ["+cni("east", ", bgp: {customer_asn: 1, extra_prefixes: [10.0.0.1/8]}")+"]", Options{},
		"/cnis/0/bgp/extra_prefixes/0: want no bits behind the prefix: ")
	old, err := r.client.CreateCNI(t.Context(), interconnect.CNICreate{
		Interconnect: name, Magic: interconnect.MagicSettings{ConduitName: "old", MTU: 1500},
		BGP: &interconnect.BGPControl{CustomerASN: 1, ExtraPrefixes: []string{"10.0.0.1/8"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.wantPlan("cnis: ["+cni("old", ", bgp: {customer_asn: 1, extra_prefixes: [10.0.0.1/8]}")+"]", Options{},
		"not in the file, and left alone:\n    CNI east ("+east.ID.String()+")\n    CNI west ("+west.ID.String()+")") // it is there
	if err := r.client.DeleteCNI(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}

	// A name is taken over once it is free, and not if it stays in use.
	taken := r.mustPlan("cnis: ["+cni("west", ", id: "+east.ID.String())+", "+cni("south", ", id: "+west.ID.String())+"]",
		Options{})
	if len(taken.Steps) != 2 || !strings.HasPrefix(taken.Steps[0].Label, "west") ||
		!strings.HasPrefix(taken.Steps[1].Label, "east") {
		t.Errorf("the names are not freed before they are taken:\n%s", textOfPlan(taken))
	}
	r.wantProblem("cnis: ["+cni("west", ", id: "+east.ID.String())+"]", Options{},
		"/cnis/0/magic/conduit_name: west is the conduit name of CNI "+west.ID.String()+" too, which stays")
	r.wantProblem("cnis: ["+cni("west", ", id: "+east.ID.String())+", "+cni("east", ", id: "+west.ID.String())+"]",
		Options{}, "go round in a circle; give one of them a name that is free")
	r.apply("cnis: ["+cni("west", ", id: "+east.ID.String())+", "+cni("south", ", id: "+west.ID.String())+"]", Options{})
	if got := r.cni("west").ID; got != east.ID {
		t.Errorf("west is %s, want %s", got, east.ID)
	}
	// A name may be freed by a deletion.
	r.apply("cnis: ["+cni("south", ", id: "+east.ID.String())+"]", Options{Prune: true})
	if got := r.cni("south").ID; got != east.ID {
		t.Errorf("south is %s, want %s", got, east.ID)
	}

	// With IDs of what is gone, the conduit name counts.
	gone := uuid.New().String()
	r.wantPlan("cnis: ["+cni("south", ", id: "+gone+", cust_ip: 10.64.0.9/31, p2p_ip: 10.64.0.8/31")+"]", Options{},
		"note: f: the CNI with the conduit name south has the ID "+east.ID.String()+" now, and its addresses are 10.64.0.1/31 and 10.64.0.0/31")
	r.wantPlan(
		"cnis: ["+cni("south", "")+", "+cni("old", ", id: "+gone+", cust_ip: 10.64.0.9/31, p2p_ip: 10.64.0.8/31")+"]",
		Options{},
		`
		+ create CNI old
		    interconnect: direct-iad-a-c70810a0
		    magic.conduit_name: old
		    magic.mtu: 1500

		note: f: the account has no CNI `+gone+` any more; another one is created in its place, with another ID and addresses that the service chooses
		`,
	)
}

// All of a CNI can be changed and brought back, and the mode of BGP be given to a new one.
func TestCNIMembers(t *testing.T) {
	r := newRig(t)
	a, b := r.orderPort(slotA), r.orderPort(slotB)
	head := "settings: {default_asn: 64512}\ncnis:\n- interconnect: "
	for _, text := range []string{
		head + a + "\n  magic: {conduit_name: east}\n  bgp: {customer_asn: 4200000001, extra_prefixes: [192.0.2.0/24, 198.51.100.0/24]}\n  bgp_mode: advertise_only\n",
		head + a + "\n  magic: {conduit_name: east, mtu: 1400, description: x}\n  bgp: {customer_asn: 65001, extra_prefixes: [], md5_key: k}\n",
		head + a + "\n  magic: {conduit_name: east}\n  bgp: {customer_asn: 65001, extra_prefixes: []}\n  bgp_mode: dynamic_route_exchange\n",
		head + b + "\n  magic: {conduit_name: east}\n",
		head + b + "\n  magic: {conduit_name: east}\n  bgp: {customer_asn: 65001, extra_prefixes: []}\n",
		"settings: {default_asn: null}",
		"settings: {default_asn: 13335}",
	} {
		r.apply(text, Options{})
	}
	r.apply(
		head+a+"\n  magic: {conduit_name: west}\n  bgp: {customer_asn: 1, extra_prefixes: [192.0.2.0/24, 198.51.100.0/24]}\n",
		Options{},
	)
	// In whatever order the prefixes stand.
	r.wantPlan(
		head+a+"\n  magic: {conduit_name: west}\n  bgp: {customer_asn: 1, extra_prefixes: [198.51.100.0/24, 192.0.2.0/24]}\n",
		Options{},
		"not in the file, and left alone:\n    CNI east ("+r.cni("east").ID.String()+")",
	)
}

// CNIs of interconnects that are ordered by the same file come after the orders.
func TestReferences(t *testing.T) {
	r := newRig(t)
	text := `
settings: {default_asn: 64513}
interconnects:
- {ref: port, type: direct, slot_id: ` + slotA + `}
- {name: direct-gone, type: direct, slot_id: ` + slotB + `}
- {ref: link, type: gcp_partner, bandwidth: 5G, pairing_key: k/us-east4/1}
cnis:
- {interconnect: link, magic: {conduit_name: c}}
- {interconnect: direct-gone, magic: {conduit_name: b}}
- {interconnect: port, magic: {conduit_name: a}}
`
	plan := r.mustPlan(text, Options{})
	if got := plan.Counts(); got != "3 to order, 3 to create, 1 to change" {
		t.Errorf("there is %s", got)
	}
	for _, request := range plan.Steps[4].Requests {
		if !strings.Contains(string(request.Body), `"interconnect":"<the name of link>"`) {
			t.Errorf("the request is %s", request.Body)
		}
	}
	r.apply(text, Options{})
	on, err := r.client.GetInterconnect(t.Context(), r.cni("b").Interconnect)
	if port, ok := on.Value().(interconnect.PhysicalInterconnect); err != nil || !ok || port.SlotID.String() != slotB {
		t.Errorf("b is on %v, %v", on.Value(), err)
	}
	// A CNI goes to an interconnect that is ordered for it, and the old one can be deleted in one go.
	text = `
interconnects:
- {ref: new, type: direct, slot_id: ` + slotC + `}
cnis:
- {interconnect: new, magic: {conduit_name: a}}
`
	plan = r.mustPlan(text, Options{Prune: true})
	var steps []string
	for _, step := range plan.Steps {
		steps = append(steps, step.String())
	}
	if got := strings.Join(steps, "\n"); !strings.HasPrefix(got, "order interconnect new\nchange CNI a (") ||
		strings.Count(got, "delete interconnect") != 3 ||
		strings.Index(got, "delete interconnect") < strings.LastIndex(got, "delete CNI") {
		t.Errorf("the steps are\n%s", got)
	}
	r.apply(text, Options{Prune: true})
}

// Nothing is deleted that a section of the file has nothing to say about, and nothing that something stays on.
func TestPrune(t *testing.T) {
	r := newRig(t)
	a, b := r.orderPort(slotA), r.orderPort(slotB)
	r.createCNI(a, "east")
	r.wantPlan("settings: {default_asn: 13335}", Options{Prune: true}, ``)
	plan := r.mustPlan("cnis: []", Options{Prune: true})
	if plan.Counts() != "1 to delete" {
		t.Errorf("the plan is\n%s", textOfPlan(plan))
	}
	r.wantProblem("interconnects: []", Options{Prune: true},
		"/interconnects: interconnect "+a+" is not in the file and would be deleted, but CNI east (")
	r.wantProblem(
		"interconnects: [{type: direct, slot_id: "+slotA+"}]\ncnis: [{interconnect: "+b+", magic: {conduit_name: new}}]",
		Options{Prune: true},
		"/cnis/0/interconnect: interconnect "+b+" is not in the file and would be deleted",
	)
	r.apply("interconnects: [{type: direct, name: "+b+"}]\ncnis: []", Options{Prune: true})
	r.apply("interconnects: []\ncnis: []", Options{Prune: true})
	if n := r.count(); n != 0 {
		t.Errorf("%d interconnects are left", n)
	}
}

// What this program does not know is exported, comes back unchanged, is never sent, and is not taken away unasked.
func TestUnknown(t *testing.T) {
	r := newRig(t)
	name := r.orderPort(slotA)
	r.createCNI(name, "east")
	r.rewriting(func(path string, body any) any {
		object, _ := body.(map[string]any)
		items, _ := object["items"].([]any)
		switch {
		case strings.HasPrefix(path, "/cni/cnis") && len(items) > 0:
			item := items[0].(map[string]any)
			item["no_such_member"], item["bgp_mode"] = 7, "no_such_mode"
			item["magic"].(map[string]any)["no_such_quality"] = "gold"
		case strings.HasPrefix(path, "/cni/interconnects") && items != nil:
			items[0].(map[string]any)["no_such_number"] = json.Number("12345678901234567890123")
			object["items"] = append(items,
				map[string]any{"name": "aws-1", "type": "no_such_type", "region": "eu-west-1", "ref": "x", "account": account})
		case strings.HasPrefix(path, "/cni/settings"):
			object["no_such_setting"] = "red"
		}
		return body
	})
	text := r.export()
	for _, want := range []string{
		`"default_asn":13335,"unknown":{"no_such_setting":"red"}`, `"speed":"10G","unknown":{"no_such_number":12345678901234567890123}`,
		`{"name":"aws-1","ref":"x","region":"eu-west-1","type":"no_such_type"}`, `"unknown":{"magic":{"no_such_quality":"gold"},"no_such_member":7}`, `"bgp_mode":"no_such_mode"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	r.wantPlan(text, Options{}, "")
	for _, edit := range [][3]string{
		{`"no_such_member":7`, `"no_such_member":8`, `/cnis/0/unknown: the account has {"magic":{"no_such_quality":"gold"},"no_such_member":7}; this program does not know these members`},
		{`"no_such_setting":"red"`, `"no_such_setting":"blue"`, `/settings/unknown: the account has {"no_such_setting":"red"}`},
		{`"no_such_number":1`, `"no_such_number":2`, `/interconnects/0/unknown: the account has {"no_such_number":12345678901234567890123}`},
		{`eu-west-1`, `eu-west-2`, `/interconnects/1: it is not as in the account, but no_such_type is a type that this program does not know and cannot change`},
		{`aws-1`, `aws-2`, `/interconnects/1: the account has no interconnect aws-2, and no_such_type is not a type that this program can order`},
		{`"mtu":1500`, `"mtu":1400`, `/cnis/0: CNI east (`},
	} {
		r.wantProblem(strings.Replace(text, edit[0], edit[1], 1), Options{}, edit[2])
	}
	plan := r.mustPlan(strings.Replace(text, `"mtu":1500`, `"mtu":1400`, 1), Options{ForgetUnknown: true})
	if len(plan.Problems) > 0 || len(plan.Steps) != 1 || strings.Contains(string(plan.Steps[0].Requests[0].Body), "no_such_member") {
		t.Errorf("the plan is\n%s", textOfPlan(plan))
	}
	// It is not deleted either.
	plan = r.mustPlan("interconnects: []\ncnis: []", Options{Prune: true})
	if plan.Counts() != "2 to delete" || len(plan.Unmanaged) != 1 || !strings.Contains(plan.Unmanaged[0], `"aws-1"`) {
		t.Errorf("the plan is\n%s", textOfPlan(plan))
	}
	// Nor can it be made anew.
	if err := r.sandbox.Reset(); err != nil {
		t.Fatal(err)
	}
	r.rewriting(nil)
	plan = r.mustPlan(text, Options{})
	if got := plan.Problems.Error(); len(plan.Problems) != 4 || strings.Count(got, "/unknown: it has to be ") != 2 ||
		!strings.Contains(got, "the account has none; ") {
		t.Errorf("the problems are %s", got)
	}
}

// Whatever the service answers that can be understood is exported so that it can be applied, and then changes nothing.
func TestExportOfOddities(t *testing.T) {
	r := newRig(t)
	name := r.orderPort(slotA)
	r.createCNI(name, "east")
	r.createCNI(name, "west")
	link := r.orderLink("a/us-central1/1", "1G")
	r.rewriting(func(path string, body any) any {
		object, _ := body.(map[string]any)
		items, _ := object["items"].([]any)
		for i, item := range items {
			item := item.(map[string]any)
			switch {
			case strings.HasPrefix(path, "/cni/cnis"):
				item["magic"] = map[string]any{"conduit_name": "", "mtu": 9000}
				item["cust_ip"], item["p2p_ip"], item["bgp_mode"] = "2001:db8::1/127", "2001:db8::/127", "advertise_only"
				if i == 1 {
					item["bgp"] = map[string]any{"customer_asn": 1 << 40, "extra_prefixes": []string{"::/0"}, "md5_key": "\"?"}
					delete(item, "bgp_mode")
					delete(item, "p2p_ip")
				}
			case item["name"] == name:
				delete(item, "speed")
				delete(item, "slot_id")
				delete(item, "facility")
			case item["name"] == link:
				item["speed"] = "400G"
				delete(item, "region")
			}
		}
		if strings.HasPrefix(path, "/cni/settings") {
			object["default_asn"] = 7
		}
		return body
	})
	r.wantPlan(r.export(), Options{Prune: true}, ``)
	// What cannot be sent is a problem only if it has to be.
	r.wantProblem(strings.Replace(r.export(), `"mtu":9000`, `"mtu":1500`, 1), Options{}, "/cnis/0/magic/conduit_name: want a text that")
	plan := r.mustPlan(strings.ReplaceAll(r.export(), `"conduit_name":""`, `"conduit_name":"new"`), Options{})
	if got := plan.Problems.Error(); !strings.Contains(got, "/cnis/1/bgp/extra_prefixes/0: want an IPv4 prefix") {
		t.Errorf("the problems are %s", got)
	}
}

// Members that are too many to be told are not mistaken for none.
func TestTooManyUnknown(t *testing.T) {
	r := newRig(t)
	r.orderPort(slotA)
	file, err := parse("interconnects: []")
	if err != nil {
		t.Fatal(err)
	}
	r.rewriting(func(_ string, body any) any {
		if items, ok := body.(map[string]any)["items"].([]any); ok && len(items) > 0 {
			for i := range 2000 {
				items[0].(map[string]any)[fmt.Sprint("x", i)] = 1
			}
		}
		return body
	})
	_, err = Read(t.Context(), r.client, r.unknown, file)
	if err == nil || !strings.Contains(err.Error(), "more members that this program does not know") {
		t.Errorf("the error is %v", err)
	}
}

// A response that is lost, or says nothing, ends the run; the next one finds out what there is.
func TestLostResponses(t *testing.T) {
	text := `
settings: {default_asn: 64513}
interconnects:
- {ref: port, type: direct, slot_id: ` + slotA + `}
- {ref: one, type: gcp_partner, bandwidth: 1G, pairing_key: one/us-east4/1}
- {ref: two, type: gcp_partner, bandwidth: 1G, pairing_key: two/us-east4/2}
cnis:
- {interconnect: port, magic: {conduit_name: a}, bgp: {customer_asn: 65001, extra_prefixes: []}, bgp_mode: advertise_only}
- {interconnect: two, magic: {conduit_name: two}}
- {interconnect: one, magic: {conduit_name: one}}
`
	for _, operation := range []string{"update_settings", "create_interconnect", "create_cni", "update_cni", "delete_cni", "delete_interconnect"} {
		for _, fault := range []sandbox.Fault{{Drop: true}, {Status: 502}, {Malformed: true}} {
			for _, afterWork := range []bool{true, false} {
				for nth := range 3 {
					fault.AfterWork = afterWork
					t.Run(fmt.Sprintf("%s/%t/%d/%d", operation, afterWork, fault.Status, nth),
						func(t *testing.T) { loseResponse(t, text, operation, fault, nth) })
				}
			}
		}
	}
}

// loseResponse applies a file in an account that has other things, which it deletes, and has the nth call of an
// operation fail.
func loseResponse(t *testing.T, text, operation string, fault sandbox.Fault, nth int) {
	r := newRig(t)
	old := r.orderPort(slotB)
	r.createCNI(old, "two") // whose name is taken over
	r.createCNI(r.orderLink("old/us-west1/1", "1G"), "old")
	for range nth {
		r.sandbox.Fail(operation, sandbox.Fault{Delay: 1})
	}
	r.sandbox.Fail(operation, fault)
	plan := r.mustPlan(text, Options{Prune: true})
	err := plan.Apply(context.Background(), r.client, func(*Step) {})
	var ended *ApplyError
	if err != nil && (!errors.As(err, &ended) || ended.Step.Status == Done) {
		t.Fatalf("it ends with %v", err)
	}
	if err != nil && ended.Step.Action == Order && ended.Step.Status != InDoubt {
		t.Errorf("%s has the status %s after %v", ended.Step, ended.Step.Status, err)
	}
	r.sandbox.ClearFaults()
	r.apply(text, Options{Prune: true})
	for _, conduit := range []string{"a", "one", "two"} {
		r.cni(conduit)
	}
	if r.count() != 3 {
		t.Errorf("there are %d interconnects, want 3", r.count())
	}
	if one, two := r.cni("one").Interconnect, r.cni("two").Interconnect; one == two {
		t.Errorf("both CNIs are on %s", one)
	}
}

// A service that does not do what it was asked for is reported, although it responds with success.
func TestHalfDone(t *testing.T) {
	r := newRig(t, sandbox.WithContract(sandbox.July2026)) // which has no modes of BGP
	text := "interconnects: [{ref: a, type: direct, slot_id: " + slotA + "}]\n" +
		"cnis: [{interconnect: a, magic: {conduit_name: c}, bgp: {customer_asn: 1, extra_prefixes: []}, bgp_mode: advertise_only}]"
	plan := r.mustPlan(text, Options{})
	err := plan.Apply(t.Context(), r.client, func(*Step) {})
	if err == nil ||
		!strings.Contains(
			err.Error(),
			"create CNI c: the service reports success, but has not done all that was asked for: "+
				"bgp_mode is none and should be advertise_only",
		) {
		t.Errorf("it ends with %v", err)
	}
}

// An end of the context between two steps is one that leaves nothing in doubt.
func TestInterrupted(t *testing.T) {
	r := newRig(t)
	text := "interconnects: [{type: direct, slot_id: " + slotA + "}, {type: direct, slot_id: " + slotB + "}]"
	ctx, cancel := context.WithCancel(t.Context())
	err := r.mustPlan(text, Options{}).Apply(ctx, r.client, func(*Step) { cancel() })
	var ended *ApplyError
	if !errors.As(err, &ended) || !errors.Is(err, context.Canceled) || ended.Left != 1 || ended.Step.Status != "" {
		t.Errorf("it ends with %#v", err)
	}
	r.apply(text, Options{})
}
