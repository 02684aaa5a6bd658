package conform

import (
	"cmp"
	"context"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// A world is what a run knows of the server: what there is, and what it has ordered itself.
type world struct {
	slots       []any  // all that the account sees
	slot, spare string // two that were free at first; empty if there are none

	physical, gcp, cni map[string]any // as they were answered at their creation
	link               string         // the name of the interconnect that CNIs are made on

	asn     any // what the settings were at first
	changed bool

	ordered, configured []string // names and IDs of what has to be deleted in the end
}

// request is a valid call of an operation, but for the body. Its path leads to what there is.
func (d *driver) request(id string) request {
	op := d.operations[id]
	q := request{op: op, method: op.Method, headers: d.opts.Credentials.headers(), path: map[string]string{
		"account_id": d.opts.Account,
		"icon":       name(d.world.physical, "name", d.world.link, "conform-none"),
		"cni":        name(d.world.cni, "id", d.uuid()),
		"slot":       cmp.Or(d.world.slot, d.uuid()),
	}}
	if op.Body != nil {
		q.mediaType = op.Body.Content[0].MediaType
	}
	return q
}

// name is a member of an object or, if there is none, the first other text that is not empty.
func name(object map[string]any, member string, others ...string) string {
	text, _ := object[member].(string)
	return cmp.Or(text, cmp.Or(others...))
}

// uuid is a UUID that nothing has.
func (d *driver) uuid() string {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(d.source.UintN(256))
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id.String()
}

// unique is a name that nothing has.
func (d *driver) unique() string { return "conform-" + d.uuid()[:13] }

// The bodies that create_interconnect, create_cni and update_cni take, with all members that a caller chooses.

func (d *driver) physicalOrder(slot string) map[string]any {
	order := map[string]any{"type": "direct", "account": d.opts.Account, "slot_id": slot}
	for _, s := range d.world.slots {
		if s, _ := s.(map[string]any); s["id"] == slot {
			order["speed"] = s["speed"]
		}
	}
	return order
}

func (d *driver) gcpOrder() map[string]any {
	return map[string]any{
		"type": "gcp_partner", "account": d.opts.Account, "bandwidth": "1G", "pairing_key": d.uuid() + "/us-central1/1",
	}
}

func (d *driver) cniOrder() map[string]any {
	return map[string]any{
		"account": d.opts.Account, "interconnect": d.world.link,
		"magic": map[string]any{"conduit_name": d.unique(), "description": "conform", "mtu": json.Number("1500")},
		"bgp": map[string]any{
			"customer_asn": json.Number("4200000001"), "extra_prefixes": []any{"198.51.100.0/24"}, "md5_key": "conform #1",
		},
	}
}

// body is a valid body of an operation, nil if it has none or there is nothing to use it on.
func (d *driver) body(id string) []any {
	var bodies []any
	switch id {
	case "create_interconnect":
		if d.world.spare != "" {
			bodies = append(bodies, d.physicalOrder(d.world.spare))
		}
		bodies = append(bodies, d.gcpOrder())
	case "create_cni":
		if d.world.link != "" {
			bodies = append(bodies, d.cniOrder())
		}
	case "update_cni":
		if d.world.cni != nil {
			update := d.cniOrder()
			for _, member := range []string{"id", "cust_ip", "p2p_ip"} {
				update[member] = d.world.cni[member]
			}
			update["bgp_mode"] = "dynamic_route_exchange"
			bodies = append(bodies, update)
		}
	case "update_settings":
		bodies = append(bodies, map[string]any{"default_asn": json.Number("64512")})
	}
	return bodies
}

// valid is a valid call of an operation; false if there is nothing to use it on.
func (d *driver) valid(id string) (request, bool) {
	q := d.request(id)
	if q.op.Body == nil {
		return q, true
	}
	bodies := d.body(id)
	if len(bodies) == 0 {
		return q, false
	}
	return q.with(encode(bodies[0])), true
}

// cleanUp deletes what was ordered, and sets the settings back. Nothing is said of the responses.
func (d *driver) cleanUp() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), time.Minute)
	defer cancel()
	for _, id := range d.world.configured {
		_, _ = d.send(ctx, d.request("delete_cni").at("cni", id))
	}
	for _, name := range d.world.ordered {
		_, _ = d.send(ctx, d.request("delete_interconnect").at("icon", name))
	}
	if d.world.changed {
		_, _ = d.send(ctx, d.request("update_settings").with(encode(map[string]any{"default_asn": d.world.asn})))
	}
}

// gone records that something is deleted.
func (w *world) gone(q request, status int) {
	if status != http.StatusOK || q.method != http.MethodDelete {
		return
	}
	is := func(name string) func(string) bool { return func(other string) bool { return other == name } }
	switch q.op.ID {
	case "delete_cni":
		w.configured = slices.DeleteFunc(w.configured, is(q.path["cni"]))
	case "delete_interconnect":
		w.ordered = slices.DeleteFunc(w.ordered, is(q.path["icon"]))
	}
}

// same reports whether two values are equal. A member that is null is like one that is absent.
func same(a, b any) bool { return within(a, b) && within(b, a) }

// within reports whether the members of the first value, and of the objects in it, are those of the second one.
func within(part, whole any) bool {
	switch part := part.(type) {
	case nil:
		return whole == nil
	case map[string]any:
		whole, ok := whole.(map[string]any)
		for name, member := range part {
			ok = ok && within(member, whole[name])
		}
		return ok
	case []any:
		whole, ok := whole.([]any)
		return ok && slices.EqualFunc(part, whole, within)
	case json.Number:
		whole, ok := whole.(json.Number)
		if !ok {
			return false
		}
		a, okA := new(big.Rat).SetString(part.String())
		b, okB := new(big.Rat).SetString(whole.String())
		return okA && okB && a.Cmp(b) == 0
	}
	return part == whole
}
