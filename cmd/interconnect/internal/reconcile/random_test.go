package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// A world makes random accounts and files, and remembers what must not recur: slots that are taken, and pairing keys,
// which can be used once.
type world struct {
	*rapid.T
	*rig
	all   []interconnect.Slot
	slots []uuid.UUID // those that may be free
	keys  int
	words int
}

func newWorld(t *rapid.T, opts ...sandbox.Option) *world {
	w := &world{T: t, rig: newRig(t, opts...)}
	for slot, err := range w.client.ListSlots(context.Background(), &interconnect.ListSlotsParams{Occupied: new(false)}) {
		if err != nil {
			t.Fatalf("%v", err)
		}
		w.all, w.slots = append(w.all, slot), append(w.slots, slot.ID)
	}
	return w
}

func (w *world) Helper() { w.T.Helper() }

func (w *world) slot() uuid.UUID {
	i := rapid.IntRange(0, len(w.slots)-1).Draw(w.T, "slot")
	slot := w.slots[i]
	w.slots = slices.Delete(slices.Clone(w.slots), i, i+1)
	return slot
}

func (w *world) key(region string) string {
	w.keys++
	return fmt.Sprintf("key-%d/%s/%d", w.keys, region, 1+w.keys%2)
}

// word returns a text that has not been used.
func (w *world) word() string {
	w.words++
	return fmt.Sprintf("w%d%s", w.words, rapid.SampledFrom([]string{"", " ", "é", "#", ": x", "\t"}).Draw(w.T, "strange"))
}

func (w *world) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(w.T, label)
}

func (w *world) region() string { return w.pick("region", "us-central1", "us-east4") }

func (w *world) bandwidth() string { return w.pick("bandwidth", "1G", "2G") }

// number returns one below n, each as likely as the others: rapid itself prefers small ones.
func (w *world) number(label string, n int) int {
	var numbers []int
	for i := range n {
		numbers = append(numbers, i)
	}
	return rapid.SampledFrom(numbers).Draw(w.T, label)
}

func (w *world) likely(label string) bool { return rapid.Bool().Draw(w.T, label) }

// bgp returns a session, nil for none.
func (w *world) bgp() *interconnect.BGPControl {
	if w.likely("no BGP") {
		return nil
	}
	bgp := &interconnect.BGPControl{CustomerASN: rapid.Int64Range(1, 5000).Draw(w.T, "ASN"), ExtraPrefixes: []string{}}
	for i := range rapid.IntRange(0, 3).Draw(w.T, "prefixes") {
		bgp.ExtraPrefixes = append(bgp.ExtraPrefixes, fmt.Sprintf("192.0.%d.0/24", 2+i))
	}
	if w.likely("key") {
		bgp.MD5Key = new(w.pick("md5", "a b", "yes", "7"))
	}
	return bgp
}

func (w *world) mode() *interconnect.BGPMode {
	switch w.pick("mode", "none", "exchange", "advertise") {
	case "exchange":
		return new(interconnect.BGPModeDynamicRouteExchange)
	case "advertise":
		return new(interconnect.BGPModeAdvertiseOnly)
	}
	return nil
}

func (w *world) magic() interconnect.MagicSettings {
	return interconnect.MagicSettings{
		ConduitName: w.word(), MTU: rapid.Int32Range(576, 1500).Draw(w.T, "MTU"), Description: w.pick("description", "", "x", "no", "a\nb"),
	}
}

// populate orders and creates at random, and deletes some of it.
func (w *world) populate() {
	var names []string
	for range 2*w.number("pairs of interconnects", 3) + w.number("interconnects", 2) {
		if w.likely("port") {
			names = append(names, w.orderPort(w.slot().String()))
		} else {
			names = append(names, w.orderLink(w.key(w.region()), w.bandwidth()))
		}
	}
	var cnis []interconnect.CNI
	for range 3*w.number("CNIs in threes", 2) + w.number("CNIs", 3) {
		if len(names) == 0 {
			break
		}
		bgp := w.bgp()
		cni, err := w.client.CreateCNI(context.Background(),
			interconnect.CNICreate{Interconnect: w.pick("on", names...), Magic: w.magic(), BGP: bgp})
		if err != nil {
			w.Fatalf("%v", err)
		}
		if mode := w.mode(); mode != nil && bgp != nil {
			update := interconnect.CNIUpdate{Interconnect: cni.Interconnect, Magic: cni.Magic, BGP: bgp, BGPMode: mode}
			if w.likely("turn") {
				update.CustomerIP, update.CloudflareIP = &cni.CloudflareIP, &cni.CustomerIP
			}
			if cni, err = w.client.UpdateCNI(context.Background(), cni.ID, update); err != nil {
				w.Fatalf("%v", err)
			}
		}
		cnis = append(cnis, cni)
	}
	for _, cni := range cnis {
		if rapid.IntRange(0, 3).Draw(w.T, "delete") == 0 {
			if err := w.client.DeleteCNI(context.Background(), cni.ID); err != nil {
				w.Fatalf("%v", err)
			}
		}
	}
	if w.likely("settings") {
		update := interconnect.SettingsUpdate{}
		update.DefaultASN.Set(rapid.Int64Range(64512, 64600).Draw(w.T, "default ASN"))
		if _, err := w.client.UpdateSettings(context.Background(), update); err != nil {
			w.Fatalf("%v", err)
		}
	}
}

// A draft is a file that is edited.
type draft struct {
	Settings      map[string]any   `json:"settings,omitempty"`
	Interconnects []map[string]any `json:"interconnects"`
	CNIs          []map[string]any `json:"cnis"`
}

func (w *world) draft() *draft {
	d := &draft{}
	if err := json.Unmarshal([]byte(w.export()), d); err != nil {
		w.Fatalf("%v", err)
	}
	return d
}

func (d *draft) text() string {
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// handles are what CNIs can refer to.
func (d *draft) handles() []string {
	var handles []string
	for _, ic := range d.Interconnects {
		for _, member := range []string{"ref", "name"} {
			if text, ok := ic[member].(string); ok {
				handles = append(handles, text)
				break
			}
		}
	}
	return handles
}

// edit changes a draft at random.
func (w *world) edit(d *draft) {
	for range 3*w.number("edits in threes", 5) + w.number("edits", 3) {
		handles := d.handles()
		var cni map[string]any
		if len(d.CNIs) > 0 {
			cni = d.CNIs[w.number("CNI", len(d.CNIs))]
		}
		switch edit := w.pick("edit", "settings", "port", "link", "CNI", "remove CNI", "remove interconnect", "magic", "rename", "take name",
			"bgp", "mode", "move", "turn", "shuffle", "forget ID", "forget name"); {
		case edit == "settings":
			d.Settings = map[string]any{
				"default_asn": rapid.SampledFrom([]any{nil, 13335, 64512, 64700}).Draw(w.T, "default ASN"),
			}
		case edit == "port":
			d.Interconnects = append(d.Interconnects,
				map[string]any{"ref": w.word(), "type": "direct", "slot_id": w.slot().String()})
		case edit == "link":
			region, bandwidth := w.region(), w.bandwidth()
			for range 1 + w.number("pair", 2) {
				d.Interconnects = append(d.Interconnects, map[string]any{
					"ref": w.word(), "type": "gcp_partner", "pairing_key": w.key(region), "bandwidth": bandwidth,
				})
			}
		case edit == "CNI" && len(handles) > 0:
			added := map[string]any{"interconnect": w.pick("on", handles...), "magic": w.magic()}
			if bgp := w.bgp(); bgp != nil {
				added["bgp"] = bgp
				if mode := w.mode(); mode != nil {
					added["bgp_mode"] = mode
				}
			}
			d.CNIs = append(d.CNIs, plainOf(added))
		case edit == "remove interconnect" && len(handles) > 0:
			i := w.number("which", len(handles))
			d.Interconnects = slices.Delete(d.Interconnects, i, i+1)
			d.CNIs = slices.DeleteFunc(d.CNIs, func(c map[string]any) bool { return c["interconnect"] == handles[i] })
		case edit == "shuffle" && cni != nil:
			d.CNIs = rapid.Permutation(d.CNIs).Draw(w.T, "order")
		case cni == nil:
		case edit == "remove CNI":
			d.CNIs = slices.DeleteFunc(d.CNIs,
				func(c map[string]any) bool { return magicOf(c)["conduit_name"] == magicOf(cni)["conduit_name"] })
		case edit == "magic":
			magicOf(cni)["mtu"], magicOf(cni)["description"] = rapid.Int32Range(576, 1500).
				Draw(w.T, "MTU"),
				w.pick("description", "", "edited")
		case edit == "rename" && cni["id"] != nil:
			magicOf(cni)["conduit_name"] = w.word()
		case edit == "take name" && cni["id"] != nil: // of one that is given another
			for _, other := range d.CNIs {
				if other["id"] != nil && other["id"] != cni["id"] {
					magicOf(cni)["conduit_name"], magicOf(other)["conduit_name"] = magicOf(other)["conduit_name"], w.word()
					break
				}
			}
		case edit == "bgp":
			delete(cni, "bgp")
			delete(cni, "bgp_mode")
			if bgp := w.bgp(); bgp != nil {
				cni["bgp"] = plainOf(map[string]any{"bgp": bgp})["bgp"]
			}
		case edit == "mode" && cni["bgp"] != nil:
			cni["bgp_mode"] = w.pick("mode", "advertise_only", "dynamic_route_exchange")
		case edit == "move" && len(handles) > 0:
			cni["interconnect"] = w.pick("to", handles...)
		case edit == "turn" && cni["cust_ip"] != nil && cni["id"] != nil:
			cni["cust_ip"], cni["p2p_ip"] = cni["p2p_ip"], cni["cust_ip"]
		case edit == "forget ID" && cni["id"] != nil:
			delete(cni, "id")
			delete(cni, "cust_ip")
			delete(cni, "p2p_ip")
		case edit == "forget name" && len(handles) > 0:
			for _, ic := range d.Interconnects {
				if ic["type"] == "direct" && ic["ref"] == nil {
					ic["ref"] = ic["name"]
					delete(ic, "name")
				}
			}
		}
	}
}

func magicOf(cni map[string]any) map[string]any { return cni["magic"].(map[string]any) }

// plainOf returns what the JSON of a value decodes to.
func plainOf(v map[string]any) (plain map[string]any) {
	_ = json.Unmarshal(encode(v), &plain)
	return plain
}

// normal is an export without what the service chooses.
func normal(t *rapid.T, text string) string {
	var d draft
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v", err)
	}
	names := map[any]string{}
	for i, ic := range d.Interconnects {
		names[ic["name"]] = fmt.Sprintf("interconnect %d", i)
		delete(ic, "name")
	}
	for _, cni := range d.CNIs {
		cni["interconnect"] = names[cni["interconnect"]]
		for _, member := range []string{"id", "cust_ip", "p2p_ip"} {
			delete(cni, member)
		}
	}
	return d.text()
}

// A random account that is exported comes to be again, but for what the service chooses, when the export is applied to
// an account that has nothing. Applied where it comes from, it changes nothing.
func TestRandomRestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.populate()
		text := w.export()
		if plan := w.mustPlan(text, Options{Prune: true}); len(plan.Steps) > 0 || len(plan.Problems) > 0 {
			t.Fatalf("the export differs from where it comes from:\n%s", textOfPlan(plan))
		}
		d := w.draft()
		for _, ic := range d.Interconnects { // the service does not tell the keys, so a person adds new ones
			if ic["type"] == "gcp_partner" {
				ic["pairing_key"] = w.key(ic["region"].(string))
			}
		}
		again := newRig(t, sandbox.WithSeed("another"), sandbox.WithSlots(w.all))
		again.apply(d.text(), Options{Prune: w.likely("prune")})
		if got, want := normal(t, again.export()), normal(t, text); got != want {
			t.Fatalf("the account has become\n%s\nwant\n%s", got, want)
		}
	})
}

// A file that was edited at random is done in one go, and then there is nothing left to do. With random failures it
// takes more runs, but nothing is ordered twice (which the rig watches), and the outcome is the same.
func TestRandomEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.populate()
		before := w.sandbox.Snapshot()
		d := w.draft()
		w.edit(d)
		opts := Options{Prune: w.likely("prune")}
		plan := w.mustPlan(d.text(), opts)
		if problems := unexpected(plan.Problems); len(problems) > 0 {
			t.Fatalf("there are problems: %v\n%s", problems, d.text())
		}
		if len(plan.Problems) > 0 {
			return
		}
		w.apply(d.text(), opts)
		w.wantAs(d, opts)
		want := normal(t, w.export())

		if err := w.sandbox.Restore(before); err != nil {
			t.Fatalf("%v", err)
		}
		w.mu.Lock()
		clear(w.ordered)
		w.mu.Unlock()
		for run := 0; ; run++ {
			if run == 30 {
				t.Fatalf("it is not done after 30 runs")
			}
			w.sandbox.ClearFaults()
			if run < 20 {
				w.fail()
			}
			plan, err := w.plan(d.text(), opts)
			if err != nil {
				continue
			}
			if problems := unexpected(plan.Problems); len(problems) > 0 {
				t.Fatalf("there are problems after a failure: %v\n%s", problems, d.text())
			}
			if len(plan.Problems) > 0 {
				return // a person has to look
			}
			if plan.Apply(context.Background(), w.client, func(*Step) {}) == nil {
				break
			}
		}
		w.sandbox.ClearFaults()
		w.apply(d.text(), opts)
		if got := normal(t, w.export()); !sameObjects(got, want) {
			t.Fatalf("with failures the account has become\n%s\nwant\n%s\nby\n%s", got, want, d.text())
		}
	})
}

// wantAs compares the account with the draft, in a simpler way than a plan does.
func (w *world) wantAs(d *draft, opts Options) {
	now := w.draft()
	if asn, ok := d.Settings["default_asn"]; ok && asn != nil &&
		fmt.Sprint(asn) != fmt.Sprint(now.Settings["default_asn"]) {
		w.Fatalf("the settings are %v, want %v", now.Settings, d.Settings)
	}
	ports := func(d *draft) (slots []string) {
		for _, ic := range d.Interconnects {
			if slot, ok := ic["slot_id"].(string); ok {
				slots = append(slots, slot)
			}
		}
		slices.Sort(slots)
		return slots
	}
	for _, slot := range ports(d) {
		if !slices.Contains(ports(now), slot) {
			w.Fatalf("there is no port on slot %s", slot)
		}
	}
	if opts.Prune && (len(now.Interconnects) != len(d.Interconnects) || len(now.CNIs) != len(d.CNIs)) {
		w.Fatalf("there is\n%s\nwant\n%s", now.text(), d.text())
	}
	for _, wanted := range d.CNIs {
		i := slices.IndexFunc(now.CNIs,
			func(c map[string]any) bool { return magicOf(c)["conduit_name"] == magicOf(wanted)["conduit_name"] })
		if i < 0 {
			w.Fatalf("there is no CNI\n%s", encode(wanted))
		}
		have := map[string]any{"magic": now.CNIs[i]["magic"], "bgp": now.CNIs[i]["bgp"]}
		want := map[string]any{"magic": wanted["magic"], "bgp": wanted["bgp"]}
		if mode := wanted["bgp_mode"]; mode != nil {
			have["bgp_mode"], want["bgp_mode"] = now.CNIs[i]["bgp_mode"], mode
		}
		for _, ic := range d.Interconnects { // ports only: links are known by their names
			handle := ic["ref"]
			if handle == nil {
				handle = ic["name"]
			}
			if handle == wanted["interconnect"] && ic["slot_id"] != nil {
				have["slot"], want["slot"] = slotOf(now, now.CNIs[i]["interconnect"]), ic["slot_id"]
			}
		}
		if string(encode(plainOf(have))) != string(encode(plainOf(want))) {
			w.Fatalf("the CNI is\n%s\nwant\n%s", encode(have), encode(want))
		}
	}
}

// slotOf returns the slot of the interconnect of a name.
func slotOf(d *draft, name any) any {
	for _, ic := range d.Interconnects {
		if ic["name"] == name {
			return ic["slot_id"]
		}
	}
	return nil
}

// sameObjects compares accounts whose objects may have been made in another order.
func sameObjects(a, b string) bool {
	lines := func(text string) []string {
		lines := strings.Split(strings.ReplaceAll(text, ",\n", "\n"), "\n")
		slices.Sort(lines)
		return lines
	}
	return slices.Equal(lines(a), lines(b))
}

// unexpected are the problems that an edit does not bring about: names that go round, and links that only a person can
// tell apart.
func unexpected(problems Problems) Problems {
	return slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		return strings.Contains(p.Message, "it may have been ordered already") || strings.Contains(p.Message, "round in a circle") ||
			strings.Contains(p.Message, "which stays") || strings.Contains(p.Message, "is on it and stays") ||
			strings.Contains(p.Message, "is not in the file and would be deleted") ||
			strings.Contains(p.Message, "nor in the account")
	})
}

// fail makes some of the next calls fail.
func (w *world) fail() {
	for range w.number("faults", 5) {
		operation := w.pick("operation", "*", "create_interconnect", "create_interconnect", "create_cni", "update_cni",
			"delete_cni", "delete_interconnect", "update_settings", "list_cnis")
		fault := sandbox.Fault{AfterWork: w.likely("after work")}
		switch w.pick("fault", "drop", "500", "429", "400", "cut") {
		case "drop":
			fault.Drop = true
		case "500":
			fault.Status = 500
		case "429":
			fault.Status, fault.AfterWork, fault.Header = 429, false, http.Header{"X-Should-Retry": {"true"}}
		case "400":
			fault.Status, fault.AfterWork = 400, false
		case "cut":
			fault.Malformed = true
		}
		w.sandbox.Fail(operation, fault)
	}
}
