// The settings and interconnects of a plan. The API can order and delete an interconnect, but not change one.

package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

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
		return &HalfDoneError{"the order went through, but the response has no name for the interconnect"}
	case e.kind == typePort && ok && v.SlotID != e.slot:
		return &HalfDoneError{fmt.Sprintf("the order went through, but the response is about slot %s, not %s", v.SlotID, e.slot)}
	}
	return nil
}
