package reconcile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// Options change what is planned.
type Options struct {
	Prune         bool // delete what the sections of the file do not have
	ForgetUnknown bool // change CNIs that have members which this program does not know
}

// A Plan is what has to be done for an account to be as a file says. If it has problems, it cannot be applied.
type Plan struct {
	Account   string   `json:"account"`
	Steps     []*Step  `json:"steps"` // in the order in which they are done
	Notes     []Note   `json:"notes"`
	Unmanaged []string `json:"unmanaged"` // what sections of the file do not have, and is left alone
	Problems  Problems `json:"problems"`
	Unchanged int      `json:"unchanged"` // the number of objects of the file that are as they should be
}

// A Note says something about an object of the file that is worth knowing.
type Note struct {
	Where   string `json:"where"`
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// An Action is what a step does.
type Action string

// The actions. An order is binding.
const (
	Order  Action = "order"
	Create Action = "create"
	Change Action = "change"
	Delete Action = "delete"
)

// A Status is what has become of a step.
type Status string

// The statuses. The zero Status is that of a step which has not been tried.
const (
	Done    Status = "done"
	Failed  Status = "failed"
	InDoubt Status = "in doubt" // it was tried, and nobody knows whether it has had its effect
)

// A Step is a change of one object.
type Step struct {
	Action   Action    `json:"action"`
	Object   string    `json:"object"`          // "settings", "interconnect" or "CNI"
	Label    string    `json:"label"`           // what people call it
	Where    string    `json:"where,omitempty"` // the place in the file; "" for what the file does not have
	Changes  []Diff    `json:"changes,omitempty"`
	Facts    []Fact    `json:"-"` // of what is ordered, created or deleted
	Requests []Request `json:"requests"`
	Status   Status    `json:"status,omitempty"`
	Result   string    `json:"result,omitempty"` // the name or ID of what was ordered or created

	after []*Step
	do    func(context.Context, *client.Client) (result string, err error)
}

// A Fact is a property of an object, for people.
type Fact struct{ Name, Value string }

// A Diff is a member that has another value than it should. nil stands for a member that is absent.
type Diff struct {
	Pointer string          `json:"pointer"`
	From    json.RawMessage `json:"from"`
	To      json.RawMessage `json:"to"`
}

// A Request is one that a step sends. In place of a secret, and of what is only known once an earlier step is done, the
// body has a text that says so.
type Request struct {
	Method string          `json:"method"`
	Path   string          `json:"path"` // below the base URL
	Body   json.RawMessage `json:"body,omitempty"`
}

// A planner makes a plan.
type planner struct {
	file  *File
	state *State
	opts  Options
	plan  *Plan

	// The steps by what they need: CNIs are on what is ordered before, and interconnects end when nothing is on them. Only
	// CNIs and their deletions may have to wait for each other, for conduit names.
	settings, orders, cnis, deletions, ends []*Step

	changes map[*CNI]*Step // by what they change or delete
}

// New plans what has to be done. The state must have been read for the file, and neither may be used for another plan.
func New(file *File, state *State, opts Options) *Plan {
	p := &planner{
		file: file, state: state, opts: opts, changes: map[*CNI]*Step{},
		plan: &Plan{Account: state.Account, Steps: []*Step{}, Notes: []Note{}, Unmanaged: []string{}, Problems: Problems{}},
	}
	p.match()
	if file.settings != nil {
		p.planSettings(file.settings)
	}
	for _, e := range file.interconnects.all() {
		p.planInterconnect(e)
	}
	p.planRest()
	for _, e := range file.cnis.all() {
		p.planCNI(e)
	}
	p.planEnds()
	p.order()
	return p.plan
}

func (p *planner) problem(pointer, format string, args ...any) {
	p.plan.Problems = append(p.plan.Problems,
		Problem{p.file.document.Where(pointer), pointer, fmt.Sprintf(format, args...)})
}

func (p *planner) note(pointer, format string, args ...any) {
	p.plan.Notes = append(p.plan.Notes, Note{p.file.document.Where(pointer), pointer, fmt.Sprintf(format, args...)})
}

func (p *planner) request(method, path string, body json.RawMessage) Request {
	return Request{method, "/accounts/" + p.state.Account + "/cni/" + path, body}
}

// sameUnknown compares the members that this program does not know, if the file has any. Whoever changes one of them
// should not believe that it has been changed.
func (p *planner) sameUnknown(pointer string, wanted, actual json.RawMessage) {
	if wanted != nil && !equal(wanted, actual) {
		p.problem(pointer+"/unknown", "the account has %s; this program does not know these members and cannot change them",
			strings.ReplaceAll(string(orNull(actual)), "null", "none"))
	}
}

// ---- Settings ----

func (p *planner) planSettings(e *settingsEntry) {
	p.sameUnknown(e.pointer, e.unknown, p.state.unknownSettings)
	wanted := e.update
	if wanted.DefaultASN.IsNull() { // which stands for the default
		wanted.DefaultASN = nullable.NewNullableWithValue[int64](cloudflareASN)
	}
	diffs := diff(encode(wanted), encode(p.state.Settings), nil)
	if len(diffs) == 0 {
		p.plan.Unchanged++
		return
	}
	if !p.validate(e.pointer, e.update, "nsc_SettingsRequest") {
		return
	}
	update := e.update
	p.settings = append(p.settings, &Step{
		Action: Change, Object: "settings", Label: "settings", Where: p.file.document.Where(e.pointer), Changes: diffs,
		Requests: []Request{p.request(http.MethodPut, "settings", encode(update))},
		do: func(ctx context.Context, c *client.Client) (string, error) {
			got, err := c.UpdateSettings(ctx, update)
			if err != nil {
				return "", err
			}
			return "", took(encode(wanted), encode(got))
		},
	})
}

// cloudflareASN is the default of the default ASN.
const cloudflareASN = 13335

// defaultASN is the one of the settings once the plan is done.
func (p *planner) defaultASN() int64 {
	if e := p.file.settings; e != nil && e.update.DefaultASN.IsSpecified() {
		if asn, err := e.update.DefaultASN.Get(); err == nil {
			return asn
		}
		return cloudflareASN
	}
	return p.state.Settings.DefaultASN
}

// ---- Interconnects ----

func (p *planner) planInterconnect(e *interconnectEntry) {
	if e.wrong {
		return
	}
	if e.actual == nil {
		p.planOrder(e)
		return
	}
	p.sameUnknown(e.pointer, e.unknown, e.actual.unknown)
	before := len(p.plan.Problems)
	switch v := e.actual.Value.Value().(type) {
	case interconnect.PhysicalInterconnect:
		p.same(e, "speed", e.speed, v.Speed)
	case interconnect.GCPPartnerInterconnect:
		p.same(e, "region", e.region, v.Region)
		if v.Speed != nil {
			p.same(e, "bandwidth", e.bandwidth, string(*v.Speed))
		}
	case interconnect.UnknownVariant:
		if e.opaque != nil && !equal(e.opaque, without(v.JSON, "account", "ref")) {
			p.problem(e.pointer,
				"it is not as in the account, but %s is a type that this program does not know and cannot change", e.kind)
		}
	}
	if len(p.plan.Problems) == before {
		p.plan.Unchanged++
	}
}

// same wants a property to be as it is. The API can order and delete interconnects, but not change them.
func (p *planner) same(e *interconnectEntry, member, wanted, actual string) {
	if wanted != "" && wanted != actual {
		p.problem(e.pointer+"/"+member, "interconnect %s has %s, and the %s of an interconnect cannot be changed; %s",
			e.actual.Name, actual, member, replaceAdvice)
	}
}

// without returns an object without some of its members.
func without(text json.RawMessage, names ...string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		return text
	}
	for _, name := range names {
		delete(members, name)
	}
	return encode(members)
}

func (p *planner) planOrder(e *interconnectEntry) {
	step := &Step{Action: Order, Object: "interconnect", Label: e.label(), Where: p.file.document.Where(e.pointer)}
	if e.unknown != nil {
		p.problem(e.pointer+"/unknown",
			"it has to be ordered, but this program cannot order with members that it does not know; remove them")
		return
	}
	switch {
	case e.opaque != nil:
		p.problem(e.pointer, "the account has no interconnect %s, and %s is not a type that this program can order", e.name,
			e.kind)
		return
	case e.kind == typePort && e.slot == uuid.Nil:
		p.problem(e.pointer, "the account has no interconnect %s, and there is no slot_id to order one", e.name)
		return
	case e.kind == typeGCP && e.pairingKey == "":
		p.problem(e.pointer, "the account has no interconnect %s, and there is no pairing_key to order one", e.name)
		return
	case e.name != "":
		p.note(e.pointer+"/name",
			"the account has no interconnect %s any more; another one is ordered in its place, under another name", e.name)
	}
	var order interconnect.InterconnectCreate
	if e.kind == typePort {
		if !p.orderable(e) {
			return
		}
		body := interconnect.PhysicalInterconnectCreate{
			Account: p.state.Account,
			SlotID:  e.slot,
			Type:    interconnect.PhysicalInterconnectCreateTypeDirect,
		}
		if e.speed != "" {
			body.Speed = &e.speed
		}
		if !p.validate(e.pointer, body, "nsc_InterconnectCreate_Physical_Body") {
			return
		}
		found := p.state.slots[e.slot]
		step.Facts = []Fact{
			{"type", typePort + ", a port of " + found.Speed},
			{"slot", e.slot.String()},
			{"location", strings.Join(append([]string{found.Site, found.Facility.Name}, found.Facility.Address...), ", ")},
		}
		order = interconnect.NewInterconnectCreate(body)
		step.Requests = []Request{p.request(http.MethodPost, "interconnects", encode(body))}
	} else {
		body := interconnect.GCPPartnerInterconnectCreate{
			Account: p.state.Account, Bandwidth: interconnect.Bandwidth(e.bandwidth), PairingKey: e.pairingKey,
			Type: interconnect.GCPPartnerInterconnectCreateTypeGCPPartner,
		}
		if !p.validate(e.pointer, body, "nsc_InterconnectCreate_GcpPartner_Body") {
			return
		}
		step.Facts = []Fact{
			{"type", typeGCP + ", a virtual link of " + e.bandwidth + " to Google Cloud"},
			{"location", e.region},
		}
		order = interconnect.NewInterconnectCreate(body)
		body.PairingKey = "[redacted]"
		step.Requests = []Request{p.request(http.MethodPost, "interconnects", encode(body))}
	}
	step.do = func(ctx context.Context, c *client.Client) (string, error) {
		ordered, err := c.CreateInterconnect(ctx, order)
		if err != nil {
			return "", &OrderError{order, err}
		}
		e.made = NameOf(ordered)
		return e.made, e.took(ordered)
	}
	p.orders = append(p.orders, step)
}

// An OrderError is the error of an order.
type OrderError struct {
	Order interconnect.InterconnectCreate // it may hold a pairing key, so Error leaves it out
	Err   error
}

func (e *OrderError) Error() string { return e.Err.Error() }
func (e *OrderError) Unwrap() error { return e.Err }

// orderable wants a slot to be one that can be ordered.
func (p *planner) orderable(e *interconnectEntry) bool {
	found := p.state.slots[e.slot]
	at := e.pointer + "/slot_id"
	switch {
	case found.missing:
		p.problem(at, "there is no slot %s; \"interconnect slots list --free\" lists those that can be ordered", e.slot)
	case found.Occupied && found.Account != nil && *found.Account == p.state.Account:
		p.problem(
			at,
			"slot %s is occupied by this account, but no interconnect of the list has it: an order may be under way; "+
				"plan again when it is through",
			e.slot,
		)
	case found.Occupied:
		p.problem(at, "slot %s is occupied; \"interconnect slots list --free\" lists those that can be ordered", e.slot)
	case e.speed != "" && found.Speed != e.speed:
		p.problem(e.pointer+"/speed", "slot %s has %s, not %s", e.slot, found.Speed, e.speed)
	default:
		return true
	}
	return false
}

// took checks that what was ordered is what the service says.
func (e *interconnectEntry) took(ordered interconnect.Interconnect) error {
	v, ok := ordered.Value().(interconnect.PhysicalInterconnect)
	switch {
	case e.made == "":
		return errors.New(
			"the order went through, but the response has no name; apply the same file again, which finds out what it is",
		)
	case e.kind == typePort && ok && v.SlotID != e.slot:
		return fmt.Errorf("the order went through, but the response is about slot %s, not %s", v.SlotID, e.slot)
	}
	return nil
}

// ---- CNIs ----

func (p *planner) planCNI(e *cniEntry) {
	on, ok := p.target(e)
	if !ok || on.entry != nil && on.entry.wrong {
		return
	}
	if e.body.BGP != nil && e.body.BGP.CustomerASN == p.defaultASN() &&
		(e.actual == nil || e.actual.BGP == nil || e.actual.BGP.CustomerASN != e.body.BGP.CustomerASN) {
		p.problem(e.pointer+"/bgp/customer_asn",
			"%d is the default_asn of the account, and the session is external BGP; your end needs another one",
			e.body.BGP.CustomerASN)
		return
	}
	if !p.newPrefixes(e) {
		return
	}
	if e.actual == nil {
		p.planCreation(e, on)
		return
	}
	p.planChange(e, on)
}

// newPrefixes refuses extra prefixes with bits behind the prefix, unless the account has them already.
func (p *planner) newPrefixes(e *cniEntry) bool {
	if e.body.BGP == nil {
		return true
	}
	ok := true
	for i, prefix := range e.body.BGP.ExtraPrefixes {
		there := e.actual != nil && e.actual.BGP != nil && slices.Contains(e.actual.BGP.ExtraPrefixes, prefix)
		if meant := MeantPrefix(prefix); meant != "" && !there {
			p.problem(fmt.Sprintf("%s/bgp/extra_prefixes/%d", e.pointer, i), "want %s, got %q", meant, prefix)
			ok = false
		}
	}
	return ok
}

func (p *planner) planCreation(e *cniEntry, on target) {
	switch {
	case e.unknown != nil:
		p.problem(e.pointer+"/unknown",
			"it has to be created, but this program cannot send members that it does not know; remove them")
		return
	case e.body.CustomerIP != nil && e.id == nil:
		p.problem(e.pointer+"/cust_ip",
			"it has to be created, and the service chooses the addresses of a new CNI; remove cust_ip and p2p_ip")
		return
	case e.id != nil:
		p.note(
			e.pointer+"/id",
			"the account has no CNI %s any more; another one is created in its place, with another ID and addresses "+
				"that the service chooses",
			e.id,
		)
	}
	body := interconnect.CNICreate{
		Account:      p.state.Account,
		Interconnect: on.shown(),
		Magic:        e.body.Magic,
		BGP:          e.body.BGP,
	}
	if !p.sensible(e, e.body) || !p.validate(e.pointer, body, "nsc_CniCreate") || !p.validate(e.pointer, e.body, "nsc_CniUpdate") {
		return
	}
	step := &Step{
		Action: Create, Object: "CNI", Label: body.Magic.ConduitName, Where: p.file.document.Where(e.pointer),
		Facts: facts(body), Requests: []Request{p.request(http.MethodPost, "cnis", encode(body))},
	}
	if e.body.BGPMode != nil {
		step.Facts = append(step.Facts, Fact{"bgp_mode", string(*e.body.BGPMode)})
	}
	step.do = func(ctx context.Context, c *client.Client) (string, error) {
		body.Interconnect = on.now()
		got, err := c.CreateCNI(ctx, body)
		if err != nil {
			return "", err
		}
		id := got.ID.String()
		wanted := interconnect.CNIUpdate{
			Account:      body.Account,
			Interconnect: body.Interconnect,
			Magic:        body.Magic,
			BGP:          body.BGP,
		}
		if mode := e.body.BGPMode; mode != nil &&
			(got.BGPMode == nil || *got.BGPMode != *mode) { // which an order has no member for
			wanted.BGPMode = mode
			if got, err = c.UpdateCNI(ctx, got.ID, wanted); err != nil {
				return id, err
			}
		}
		return id, took(encode(wanted), encode(got))
	}
	p.cnis, e.step = append(p.cnis, step), step
}

func (p *planner) planChange(e *cniEntry, on target) {
	actual := e.actual
	p.sameUnknown(e.pointer, e.unknown, actual.unknown)
	body := e.body
	body.Account, body.Interconnect = p.state.Account, on.shown()
	if e.id != nil && *e.id != actual.ID {
		p.note(e.pointer+"/id", "the CNI with the conduit name %s has the ID %s now, and its addresses are %s and %s",
			actual.Magic.ConduitName, actual.ID, actual.CustomerIP, actual.CloudflareIP)
		body.CustomerIP, body.CloudflareIP = nil, nil // which are those of the one that is gone
	}
	if body.CustomerIP != nil && sameAddress(*body.CustomerIP, actual.CustomerIP) &&
		sameAddress(*body.CloudflareIP, actual.CloudflareIP) {
		body.CustomerIP, body.CloudflareIP = nil, nil // absent leaves them
	}
	if body.BGPMode != nil && actual.BGPMode != nil && *body.BGPMode == *actual.BGPMode {
		body.BGPMode = nil
	}
	diffs := diff(encode(body), encode(actual.CNI), endsIfAbsent)
	if len(diffs) == 0 {
		p.plan.Unchanged++
		return
	}
	if !p.changeable(e, body) {
		return
	}
	step := &Step{
		Action: Change, Object: "CNI", Label: actual.label(), Where: p.file.document.Where(e.pointer), Changes: diffs,
		Requests: []Request{p.request(http.MethodPut, "cnis/"+actual.ID.String(), encode(body))},
	}
	step.do = func(ctx context.Context, c *client.Client) (string, error) {
		body.Interconnect = on.now()
		got, err := c.UpdateCNI(ctx, actual.ID, body)
		if err != nil {
			return "", err
		}
		return "", took(encode(body), encode(got))
	}
	p.changes[actual] = step
	p.cnis, e.step = append(p.cnis, step), step
}

// endsIfAbsent are the members of a CNI that an update ends if it does not have them. All others stay as they are.
var endsIfAbsent = []string{"/bgp", "/bgp/md5_key"}

// changeable wants a CNI to be one that can be changed as the file says.
func (p *planner) changeable(e *cniEntry, body interconnect.CNIUpdate) bool {
	actual := e.actual
	if actual.unknown != nil && !p.opts.ForgetUnknown {
		p.problem(e.pointer, "CNI %s has members that this program does not know, %s, and an update may take them away; "+
			"--forget-unknown changes it all the same", actual.label(), actual.unknown)
		return false
	}
	if body.CustomerIP != nil && !sameSubnet(*body.CustomerIP, *body.CloudflareIP, actual.CustomerIP) {
		p.problem(e.pointer+"/cust_ip",
			"the service chose the addresses %s and %s; they can change places, but not be others; remove cust_ip and p2p_ip",
			actual.CustomerIP, actual.CloudflareIP)
		return false
	}
	return p.sensible(e, body) && p.validate(e.pointer, body, "nsc_CniUpdate")
}

// sensible wants the body of a request to be one that the service can do something with. What is there already may be
// otherwise: the service is right.
func (p *planner) sensible(e *cniEntry, body interconnect.CNIUpdate) bool {
	switch {
	case body.Magic.ConduitName == "":
		p.problem(e.pointer+"/magic/conduit_name", "want a text that is not empty")
	case body.BGPMode != nil && body.BGP == nil:
		p.problem(e.pointer+"/bgp_mode", "there is no bgp that it could be the mode of")
	default:
		return true
	}
	return false
}

func sameSubnet(a, b, with string) bool {
	subnet, err := netip.ParsePrefix(with)
	if err != nil {
		return true // so that nothing is known
	}
	return !slices.ContainsFunc([]string{a, b}, func(text string) bool {
		prefix, err := netip.ParsePrefix(text)
		return err != nil || prefix.Masked() != subnet.Masked()
	})
}

// facts lists the members of a CNI that is created.
func facts(body interconnect.CNICreate) []Fact {
	list := []Fact{{"interconnect", body.Interconnect}}
	flatten(encode(map[string]any{"magic": body.Magic, "bgp": body.BGP}), "", func(pointer string, value json.RawMessage) {
		list = append(list, Fact{dotted(pointer), textOf(value)})
	})
	return slices.DeleteFunc(list, func(f Fact) bool { return f.Value == "none" || f.Value == `""` })
}

// ---- What the file does not have ----

// planRest finds the CNIs that the file does not have, and deletes them if it is to.
func (p *planner) planRest() {
	if p.file.cnis == nil {
		return
	}
	for _, cni := range p.state.CNIs {
		switch {
		case cni.entry != nil:
		case !p.opts.Prune:
			p.plan.Unmanaged = append(p.plan.Unmanaged, "CNI "+cni.label())
		default:
			id := cni.ID
			step := &Step{
				Action: Delete, Object: "CNI", Label: cni.label(),
				Facts: []Fact{
					{"interconnect", cni.Interconnect},
					{"addresses", cni.CustomerIP + " and " + cni.CloudflareIP},
					{"description", cni.Magic.Description},
				},
				Requests: []Request{p.request(http.MethodDelete, "cnis/"+id.String(), nil)},
				do:       func(ctx context.Context, c *client.Client) (string, error) { return "", gone(c.DeleteCNI(ctx, id)) },
			}
			p.changes[cni] = step
			p.deletions = append(p.deletions, step)
		}
	}
}

// gone takes it for done if there is nothing to delete.
func gone(err error) error {
	if errors.Is(err, client.ErrNotFound) {
		return nil
	}
	return err
}

// planEnds finds the interconnects that the file does not have, and deletes them if it is to, once there are no CNIs on
// them.
func (p *planner) planEnds() {
	if p.file.interconnects == nil {
		return
	}
	for _, ic := range p.state.Interconnects {
		if ic.entry != nil {
			continue
		}
		v, opaque := ic.Value.Value().(interconnect.UnknownVariant)
		switch {
		case opaque:
			p.plan.Unmanaged = append(p.plan.Unmanaged,
				"interconnect of a type that this program does not know: "+string(v.JSON))
			continue
		case !p.opts.Prune:
			p.plan.Unmanaged = append(p.plan.Unmanaged, "interconnect "+ic.Name)
			continue
		}
		step := &Step{
			Action: Delete, Object: "interconnect", Label: ic.Name, Facts: factsOf(ic),
			Requests: []Request{p.request(http.MethodDelete, "interconnects/"+ic.Name, nil)},
			do: func(ctx context.Context, c *client.Client) (string, error) {
				return "", gone(c.DeleteInterconnect(ctx, ic.Name))
			},
		}
		for _, cni := range p.state.CNIs {
			if cni.Interconnect != ic.Name {
				continue
			}
			change := p.changes[cni]
			if change == nil || change.Action != Delete && !p.moves(cni) {
				p.problem(
					"/interconnects",
					"interconnect %s is not in the file and would be deleted, but CNI %s is on it and stays; "+
						"give the interconnect an entry, or move the CNI",
					ic.Name,
					cni.label(),
				)
				break
			}
		}
		p.ends = append(p.ends, step)
	}
}

// moves reports whether a CNI that is changed goes to another interconnect.
func (p *planner) moves(cni *CNI) bool {
	return slices.ContainsFunc(p.changes[cni].Changes, func(d Diff) bool { return d.Pointer == "/interconnect" })
}

func factsOf(ic *Interconnect) []Fact {
	switch v := ic.Value.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return []Fact{
			{"type", typePort + ", a port of " + v.Speed},
			{"slot", v.SlotID.String()},
			{"location", v.Site + ", " + v.Facility.Name},
		}
	case interconnect.GCPPartnerInterconnect:
		return []Fact{{"type", typeGCP + ", a virtual link to Google Cloud"}, {"location", v.Region}}
	}
	return nil
}

// ---- The order of steps ----

// order puts the steps into an order in which each can be done.
func (p *planner) order() {
	p.freeNames()
	steps := slices.Concat(p.settings, p.orders, p.cnis, p.deletions, p.ends)
	for len(steps) > 0 {
		i := slices.IndexFunc(steps, func(s *Step) bool {
			return !slices.ContainsFunc(s.after, func(before *Step) bool { return slices.Contains(steps, before) })
		})
		if i < 0 {
			i = slices.IndexFunc(steps, func(s *Step) bool { return s.Object == "CNI" && s.Action == Change })
			p.problem(
				"/cnis",
				"%s cannot be renamed, as the CNIs that are given each other's conduit names go round in a circle; "+
					"give one of them a name that is free and apply, then the right one",
				steps[i].Label,
			)
			return
		}
		p.plan.Steps = append(p.plan.Steps, steps[i])
		steps = slices.Delete(steps, i, i+1)
	}
}

// freeNames lets a step that takes a conduit name wait for the one that frees it. A name that stays in use is a
// problem.
func (p *planner) freeNames() {
	for _, e := range p.file.cnis.all() {
		if e.step == nil || e.actual != nil && e.actual.Magic.ConduitName == e.body.Magic.ConduitName {
			continue
		}
		for _, holder := range p.state.CNIs {
			if holder == e.actual || holder.Magic.ConduitName != e.body.Magic.ConduitName {
				continue
			}
			step := p.changes[holder]
			if step == nil || step.Action == Change && holder.entry.body.Magic.ConduitName == holder.Magic.ConduitName {
				p.problem(e.pointer+"/magic/conduit_name", "%s is the conduit name of CNI %s too, which stays",
					holder.Magic.ConduitName, holder.ID)
				continue
			}
			e.step.after = append(e.step.after, step)
		}
	}
}

// ---- Values ----

// validate checks the body of a request by the document, and tells of what is wrong where it stands in the file.
func (p *planner) validate(pointer string, body any, schema string) bool {
	err := interconnect.Schemas()[schema].Check(encode(body), contract.InRequest)
	var invalid *contract.ValidationError
	if !errors.As(err, &invalid) {
		return err == nil
	}
	for _, v := range invalid.Violations {
		p.problem(pointer+v.Pointer, "%s", messageOf(v))
	}
	return false
}

// took checks that the service has done what it was asked for.
func took(wanted, got json.RawMessage) error {
	diffs := diff(wanted, got, endsIfAbsent)
	if len(diffs) == 0 {
		return nil
	}
	var texts []string
	for _, d := range diffs {
		texts = append(texts, fmt.Sprintf("%s is %s and should be %s", dotted(d.Pointer), textOf(d.From), textOf(d.To)))
	}
	return errors.New(
		"the service has answered with success, but not done all that was asked for: " + strings.Join(texts, ", "),
	)
}

// diff lists the members of wanted that are not so in actual, and of the members that ends names those that only actual
// has. The account is not looked at.
func diff(wanted, actual json.RawMessage, ends []string) []Diff {
	var w, a map[string]any
	if decodeNumbers(wanted, &w) != nil || decodeNumbers(actual, &a) != nil {
		return []Diff{{"", actual, wanted}}
	}
	delete(w, "account")
	var diffs []Diff
	diffMembers("", w, a, ends, &diffs)
	return diffs
}

func diffMembers(pointer string, wanted, actual map[string]any, ends []string, diffs *[]Diff) {
	names := map[string]bool{}
	for name := range wanted {
		names[name] = true
	}
	for name := range actual {
		if slices.Contains(ends, pointer+"/"+name) {
			names[name] = true
		}
	}
	for _, name := range sorted(names) {
		at := pointer + "/" + name
		w, a := wanted[name], actual[name]
		wantedMembers, isObject := w.(map[string]any)
		actualMembers, wasObject := a.(map[string]any)
		switch {
		case isObject && wasObject:
			diffMembers(at, wantedMembers, actualMembers, ends, diffs)
		case !sameValue(w, a):
			*diffs = append(*diffs, Diff{at, encode(a), encode(w)})
		}
	}
}

// sameValue compares values. The order of prefixes says nothing.
func sameValue(a, b any) bool {
	first, ok := a.([]any)
	second, too := b.([]any)
	switch {
	case ok && len(first) == 0 && b == nil || too && len(second) == 0 && a == nil:
		return true
	case !ok || !too:
		return reflect.DeepEqual(a, b)
	}
	texts := func(items []any) []string {
		var list []string
		for _, item := range items {
			list = append(list, string(encode(item)))
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(texts(first), texts(second))
}

func equal(a, b json.RawMessage) bool {
	var first, second any
	return decodeNumbers(orNull(a), &first) == nil && decodeNumbers(orNull(b), &second) == nil &&
		reflect.DeepEqual(first, second)
}

func orNull(text json.RawMessage) json.RawMessage {
	if text == nil {
		return json.RawMessage("null")
	}
	return text
}

// decodeNumbers decodes JSON and leaves the numbers as they are spelled.
func decodeNumbers(text json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
