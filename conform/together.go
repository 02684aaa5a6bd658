package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// What is checked of operations together.

// slots lists the slots, gets some, and chooses two that are free.
func (d *driver) slots() {
	_, d.world.slots = d.list(d.request("list_slots"))
	var free []string
	for _, item := range d.world.slots {
		slot, _ := item.(map[string]any)
		if id, _ := slot["id"].(string); slot["occupied"] == false && id != "" {
			free = append(free, id)
		}
	}
	d.source.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	switch len(free) {
	case 0:
		d.skip("physical interconnects: there is no free slot")
		return
	case 1:
		d.skip("physical interconnects in part: there is only one free slot")
		d.world.slot = free[0]
	default:
		d.world.slot, d.world.spare = free[0], free[1]
	}
	slot := d.object(d.world.slots, "id", d.world.slot)
	a := d.accepted(d.request("get_slot"), "the slot was listed")
	d.want(a, RuleStored, !a.ok() || within(d.declared(slot), a.json), "the slot as it was listed")

	d.filter("list_slots", "site", slot["site"], "id", d.world.slot, func(s map[string]any) bool { return same(s["site"], slot["site"]) })
	d.filter("list_slots", "speed", slot["speed"], "id", d.world.slot, func(s map[string]any) bool { return same(s["speed"], slot["speed"]) })
	d.filter("list_slots", "occupied", "false", "id", d.world.slot, func(s map[string]any) bool { return s["occupied"] == false })
	d.filter("list_slots", "occupied", "true", "id", "", func(s map[string]any) bool { return s["occupied"] == true })
	if facility, _ := slot["facility"].(map[string]any); facility != nil {
		if lines, _ := facility["address"].([]any); len(lines) > 0 {
			text, _ := lines[0].(string)
			d.filter("list_slots", "address_contains", text, "id", d.world.slot, func(s map[string]any) bool { return hasAddress(s, text) })
		}
	}
	// Filters are joined by "and".
	if site, _ := slot["site"].(string); site != "" {
		a, items := d.list(d.request("list_slots").asking("site", site).asking("speed", "conform"))
		d.want(a, RuleFilter, !a.ok() || len(items) == 0, "a list without the slots that fit one filter, but not the other one")
	}
}

// hasAddress reports whether a text occurs in the address of a slot, in any case.
func hasAddress(slot map[string]any, text string) bool {
	facility, _ := slot["facility"].(map[string]any)
	lines, _ := facility["address"].([]any)
	return slices.ContainsFunc(lines, func(line any) bool {
		one, _ := line.(string)
		return strings.Contains(strings.ToLower(one), strings.ToLower(text))
	})
}

// object is the item of a list whose member has a value.
func (d *driver) object(items []any, member, value string) map[string]any {
	for _, item := range items {
		if object, _ := item.(map[string]any); object[member] == value {
			return object
		}
	}
	return nil
}

// maxStale is how many pages may follow each other without an item that was not there before.
const maxStale = 3

// list gets all pages of a list. The response is the last one.
func (d *driver) list(q request) (last *answer, items []any) {
	seen, fresh, stale := map[string]bool{}, map[string]bool{}, 0
	for {
		last = d.accepted(q, "a page of a list")
		page, _ := last.member("items").([]any)
		items = append(items, page...)
		if !last.ok() || last.member("next") == nil {
			return last, items
		}
		stale++
		for _, item := range page {
			if text := string(encode(item)); !fresh[text] {
				fresh[text], stale = true, 0
			}
		}
		if !d.want(last, RulePaging, stale < maxStale, "pages that come to an end, not %d in a row with nothing new", maxStale) {
			return last, items
		}
		next := fmt.Sprint(last.member("next"))
		if !d.want(last, RulePaging, !seen[next], "a next that leads on, not to a page that was there before") {
			return last, items
		}
		seen[next] = true
		q = q.asking("cursor", next)
	}
}

// filter wants a filtered list to have an item, if it is named, and nothing that the filter should not let through.
func (d *driver) filter(id, parameter string, text any, member, item string, passes func(map[string]any) bool) {
	wanted, _ := text.(string)
	if wanted == "" {
		return
	}
	a, items := d.list(d.request(id).asking(parameter, wanted))
	if !a.ok() {
		return
	}
	if item != "" {
		d.want(a, RuleFilter, d.object(items, member, item) != nil, "a list with %s, as it fits %s=%s", item, parameter, wanted)
	}
	for _, item := range items {
		object, _ := item.(map[string]any)
		if !d.want(a, RuleFilter, passes(object), "a list with nothing that does not fit %s", parameter) {
			return
		}
	}
}

// settings changes the settings.
func (d *driver) settings() {
	get, put := d.request("get_settings"), d.request("update_settings")
	before := d.accepted(get, "the settings always exist")
	if !before.ok() {
		d.skip("changes of the settings: there is nothing to set them back to")
		return
	}
	d.world.asn, d.world.changed = before.member("default_asn"), true
	others := d.others(get)
	wanted := d.asn()
	for same(wanted, d.world.asn) {
		wanted = d.asn()
	}
	for _, try := range []struct {
		what string
		body map[string]any
	}{
		{"a private ASN", map[string]any{"default_asn": wanted}},
		{"nothing to change", map[string]any{}},
	} {
		a := d.accepted(put.with(encode(try.body)), try.what)
		d.want(a, RuleStored, !a.ok() || same(wanted, a.member("default_asn")), "a response with the ASN %s (%s)", wanted, try.what)
		b := d.accepted(get, "the settings always exist")
		d.want(b, RuleStored, !b.ok() || same(wanted, b.member("default_asn")), "the ASN that was set (%s)", try.what)
	}
	if after := d.others(get); others.ok() && after.ok() {
		d.want(after, RuleIsolation, same(others.json, after.json), "settings that an update in another account leaves alone")
	}
	a := d.accepted(put.with([]byte(`{"default_asn":null}`)), "null, for the default")
	d.want(a, RuleStored, !a.ok() || same(json.Number("13335"), a.member("default_asn")), "the default, 13335, as null brings it back")
	b := d.accepted(get, "the settings always exist")
	d.want(b, RuleStored, !a.ok() || !b.ok() || same(a.json, b.json), "the settings as they were answered to the update with null")
}

// others is the response to the same request in the other account; without one it has nothing but the request.
func (d *driver) others(q request) *answer {
	if d.opts.OtherAccount == "" {
		return &answer{request: q}
	}
	return d.call(q.at("account_id", d.opts.OtherAccount))
}

// order orders a physical interconnect and one to Google Cloud.
func (d *driver) order() {
	create := d.request("create_interconnect")
	if d.world.slot != "" {
		order := d.physicalOrder(d.world.slot)
		delete(order, "speed")
		d.world.physical = d.ordered(create, order, "direct")
	}
	order := d.gcpOrder()
	d.world.gcp = d.ordered(create, order, "gcp_partner")
	if region, key := name(d.world.gcp, "region"), order["pairing_key"].(string); region != "" {
		d.want(d.last, RuleStored, region == strings.Split(key, "/")[1], "the region that is the second part of the pairing key")
	}
	d.world.link = name(d.world.physical, "name", name(d.world.gcp, "name"))

	if d.world.gcp != nil {
		a := d.call(create.with(encode(order)))
		d.want(a, RuleUnique, a.refused(), "a refusal, 400, as the pairing key is in use")
		for _, id := range []string{"get_interconnect_loa", "get_interconnect_loa_default_name"} {
			d.call(d.request(id).at("icon", name(d.world.gcp, "name"))) // what it should be is not documented
		}
	}
	if d.world.physical != nil {
		d.physical(create)
	}
}

// ordered orders an interconnect, and wants it to be there. It is nil if the order fails.
func (d *driver) ordered(create request, order map[string]any, variant string) map[string]any {
	a := d.accepted(create.with(encode(order)), "an order of the variant "+variant)
	d.last = a
	created, _ := a.json.(map[string]any)
	id := a.text("name")
	if !a.ok() || !d.want(a, RuleStored, id != "", "an interconnect with a name") {
		return nil
	}
	d.answersWhat(a, order, "an order of the variant "+variant)
	d.kept("get_interconnect", "list_interconnects", "icon", "name", created)
	d.accepted(d.request("get_interconnect_status").at("icon", id), "the interconnect exists")
	d.filter("list_interconnects", "type", variant, "name", id, func(i map[string]any) bool { return i["type"] == variant })
	return created
}

// kept wants what was created to be got and to be listed, once, as it was answered.
func (d *driver) kept(getID, listID, parameter, member string, created map[string]any) {
	id, _ := created[member].(string)
	if id == "" { // its body is a finding already
		return
	}
	created = d.declared(created)
	a := d.accepted(d.request(getID).at(parameter, id), "what it asks for was created")
	d.want(a, RuleStored, !a.ok() || within(created, a.json), "the object as it was answered before")
	b, items := d.list(d.request(listID))
	if b.ok() {
		var listed any
		if object := d.object(items, member, id); object != nil {
			listed = object
		}
		d.want(b, RuleStored, within(created, listed), "a list with the object as it was answered before")
	}
}

// declared are the members of an object that the document knows. What a server has beside them, it may have in some answers only.
func (d *driver) declared(object map[string]any) map[string]any {
	known := map[string]any{}
	for _, properties := range d.report.Coverage.Properties {
		for name := range properties {
			if member, ok := object[name]; ok {
				known[name] = member
			}
		}
	}
	return known
}

// physical checks what only a physical interconnect has.
func (d *driver) physical(create request) {
	w := &d.world
	a := d.accepted(d.request("get_slot"), "the slot exists")
	d.want(a, RuleStored, !a.ok() || a.member("occupied") == true, "an occupied slot, as an interconnect has it")
	for _, member := range []string{"facility", "site", "speed", "ccr_device_name"} {
		d.want(a, RuleStored, !a.ok() || w.physical[member] == nil || same(w.physical[member], a.member(member)), "a slot with the %s of its interconnect", member)
	}
	a = d.call(create.with(encode(d.physicalOrder(w.slot))))
	d.want(a, RuleUnique, a.refused(), "a refusal, 400, as the slot is occupied")
	a = d.call(create.with(encode(d.physicalOrder(d.uuid()))))
	d.want(a, RuleRefused, a.refused(), "a refusal, 400, as the slot does not exist")
	if w.spare != "" {
		order := d.physicalOrder(w.spare)
		order["speed"] = "conform"
		a = d.call(create.with(encode(order)))
		d.want(a, RuleRefused, a.refused(), "a refusal, 400, as the slot does not support the speed")
	}
	d.filter("list_interconnects", "site", w.physical["site"], "name", name(w.physical, "name"), func(i map[string]any) bool {
		return same(i["site"], w.physical["site"])
	})
	first := d.accepted(d.request("get_interconnect_loa_default_name"), "the interconnect is a physical one")
	second := d.accepted(d.request("get_interconnect_loa_default_name"), "the interconnect is a physical one")
	d.want(second, RuleStored, !first.ok() || !second.ok() || same(first.json, second.json), "the same name as a moment before")
	letter := d.request("get_interconnect_loa")
	for _, q := range []request{letter, letter.asking("name", "Conform, Inc.")} {
		a := d.accepted(q, "the interconnect is a physical one")
		d.want(a, RuleDocument, !a.ok() || bytes.HasPrefix(a.body, []byte("%PDF-")), "a PDF document, which begins with %%PDF-")
	}
}

// configure makes CNIs on an interconnect, and changes one.
func (d *driver) configure() {
	w := &d.world
	if w.link == "" {
		d.skip("CNIs: there is no interconnect to make them on")
		return
	}
	create := d.request("create_cni")
	order, second := d.cniOrder(), d.cniOrder()
	delete(second, "bgp")
	a := d.accepted(create.with(encode(order)), "a CNI with BGP")
	if a.text("id") == "" {
		return
	}
	w.cni = a.json.(map[string]any)
	d.answersWhat(a, order, "a CNI with BGP")
	customer, errA := netip.ParsePrefix(a.text("cust_ip"))
	cloudflare, errB := netip.ParsePrefix(a.text("p2p_ip"))
	d.want(a, RuleBody, errA != nil || errB != nil || customer.Masked() == cloudflare.Masked() && customer != cloudflare,
		"two different addresses of the same prefix")
	d.kept("get_cni", "list_cnis", "cni", "id", w.cni)

	a = d.call(create.with(encode(order)))
	d.want(a, RuleUnique, a.status == http.StatusConflict, "409, as the conduit name is in use")
	a = d.accepted(create.with(encode(second)), "a CNI without BGP")
	d.answersWhat(a, second, "a CNI without BGP")
	d.want(a, RuleUnique, !a.ok() || a.text("cust_ip") != name(w.cni, "cust_ip") && a.text("p2p_ip") != name(w.cni, "p2p_ip"), "addresses that no other CNI has")
	d.want(a, RuleStored, !a.ok() || a.member("bgp") == nil, "no bgp, as the CNI has none")
	b, items := d.list(d.request("list_cnis").asking("tunnel_id", strings.ReplaceAll(d.uuid(), "-", "")))
	d.want(b, RuleFilter, !b.ok() || len(items) == 0, "a list without the CNIs of other tunnels")
	nowhere := d.cniOrder()
	nowhere["interconnect"] = d.unique()
	a = d.call(create.with(encode(nowhere)))
	d.want(a, RuleRefused, a.refused(), "a refusal, 400, as the interconnect does not exist")

	if w.physical != nil {
		d.filter("list_cnis", "slot", w.slot, "id", name(w.cni, "id"), func(c map[string]any) bool { return c["interconnect"] == w.link })
		if w.spare != "" {
			d.filter("list_cnis", "slot", w.spare, "id", "", func(c map[string]any) bool { return c["interconnect"] != w.link })
		}
	}
	d.update(second["magic"].(map[string]any)["conduit_name"].(string))
}

// update changes the CNI. Taken is the conduit name of another one.
func (d *driver) update(taken string) {
	w := &d.world
	put := d.request("update_cni")
	full := d.body("update_cni")[0].(map[string]any)
	short := d.cniOrder()
	delete(short, "bgp")
	for _, try := range []struct {
		what string
		body map[string]any
	}{{"all members", full}, {"the required members only, which ends BGP", short}, {"the object as it was answered", d.declared(w.cni)}} {
		a := d.accepted(put.with(encode(try.body)), try.what)
		if !a.ok() {
			continue
		}
		d.answersWhat(a, try.body, try.what)
		d.want(a, RuleStored, (a.member("bgp") == nil) == (try.body["bgp"] == nil), "BGP as the update has it (%s)", try.what)
		for _, member := range []string{"id", "cust_ip", "p2p_ip"} {
			d.want(a, RuleStored, same(w.cni[member], a.member(member)), "the %s as it was before (%s)", member, try.what)
		}
		updated, _ := a.json.(map[string]any)
		d.kept("get_cni", "list_cnis", "cni", "id", updated)
	}
	for _, try := range []struct {
		what string
		body any
	}{
		{"the account is not that of the path", replaced(full, []string{"account"}, "conform")},
		{"the ID is not that of the path", replaced(full, []string{"id"}, d.uuid())},
		{"the interconnect does not exist", replaced(full, []string{"interconnect"}, d.unique())},
		{"another CNI has the conduit name", replaced(full, []string{"magic", "conduit_name"}, taken)},
	} {
		a := d.call(put.with(encode(try.body)))
		d.want(a, RuleRefused, a.refused(), "a refusal, 400, as %s", try.what)
	}
}

// isolation looks at what there is from the other account.
func (d *driver) isolation() {
	w := &d.world
	if d.opts.OtherAccount == "" {
		d.skip("isolation: no other account is given")
		return
	}
	for _, list := range []struct {
		id, member string
		object     map[string]any
	}{{"list_interconnects", "name", w.physical}, {"list_interconnects", "name", w.gcp}, {"list_cnis", "id", w.cni}} {
		a, items := d.list(d.request(list.id).at("account_id", d.opts.OtherAccount))
		d.want(a, RuleIsolation, d.object(items, list.member, name(list.object, list.member, "none")) == nil, "a list without the objects of another account")
	}
	ids := []string{"get_interconnect", "get_interconnect_status", "get_interconnect_loa", "get_interconnect_loa_default_name", "delete_interconnect"}
	if w.cni != nil {
		ids = append(ids, "get_cni", "update_cni", "delete_cni")
	}
	for _, id := range ids {
		q, ok := d.valid(id)
		if !ok || w.physical == nil && slices.Contains(pathParameters(q.op), "icon") {
			continue
		}
		q = q.at("account_id", d.opts.OtherAccount)
		if update, ok := parsed(q.body).(map[string]any); ok {
			q.body = encode(replaced(update, []string{"account"}, d.opts.OtherAccount))
		}
		a := d.call(q)
		d.want(a, RuleIsolation, a.status == http.StatusNotFound || a.status == http.StatusForbidden, "404 or 403 for the object of another account")
	}
	a, items := d.list(d.request("list_slots").at("account_id", d.opts.OtherAccount))
	for _, item := range items {
		slot, _ := item.(map[string]any)
		if !d.want(a, RuleIsolation, slot["account"] != d.opts.Account, "a list of slots without the account of another one") {
			break
		}
	}
	if w.physical != nil {
		d.accepted(d.request("get_interconnect"), "what another account asks for changes nothing")
		a := d.others(d.request("get_slot"))
		d.want(a, RuleIsolation, a.member("account") != d.opts.Account, "no account, as the slot is another one's")
	}
	if w.cni != nil {
		d.accepted(d.request("get_cni"), "what another account asks for changes nothing")
	}
}

// paging gets each list in small pages, and compares it with the list in pages of the usual size.
func (d *driver) paging() {
	for _, list := range []struct{ id, member string }{{"list_slots", "id"}, {"list_interconnects", "name"}, {"list_cnis", "id"}} {
		a, all := d.list(d.request(list.id))
		if !a.ok() {
			continue
		}
		if len(all) < 3 {
			d.skip("paging of %s: there are only %d items", list.id, len(all))
			continue
		}
		d.eachOnce(a, all, list.member, "pages of the usual size")
		d.pages(list.id, list.member, all, len(all)/3+1)
		d.pages(list.id, list.member, all, max(2, len(all)/10))
	}
}

// pages gets a list in pages of a limit.
func (d *driver) pages(id, member string, all []any, limit int) {
	q := d.request(id).asking("limit", fmt.Sprint(limit))
	what := fmt.Sprintf("pages with limit=%d", limit)
	var items []any
	var a *answer
	for range len(all) + 2 {
		a = d.accepted(q, "a page of a list")
		page, _ := a.member("items").([]any)
		if !a.ok() || !d.want(a, RulePaging, len(page) <= limit, "no more items than the limit") {
			return
		}
		items = append(items, page...)
		if a.member("next") == nil {
			break
		}
		q = q.asking("cursor", fmt.Sprint(a.member("next")))
	}
	if d.eachOnce(a, items, member, what) {
		d.want(a, RulePaging, len(items) == len(all), "the same items in %s as in pages of the usual size", what)
	}
}

// eachOnce wants each item to be there once.
func (d *driver) eachOnce(a *answer, items []any, member, what string) bool {
	seen := map[string]bool{}
	for _, item := range items {
		object, _ := item.(map[string]any)
		id := fmt.Sprint(object[member])
		if !d.want(a, RulePaging, !seen[id], "each item once in %s", what) {
			return false
		}
		seen[id] = true
	}
	return true
}

// withdraw deletes what was ordered first.
func (d *driver) withdraw() {
	w := &d.world
	others := slices.Clone(w.configured) // an interconnect with CNIs may be one that cannot be deleted
	if w.cni != nil {
		d.deleted("delete_cni", "get_cni", "list_cnis", "cni", "id", name(w.cni, "id"))
	}
	for _, id := range others {
		if id != name(w.cni, "id") {
			d.accepted(d.request("delete_cni").at("cni", id), "the CNI exists")
		}
	}
	for _, object := range []map[string]any{w.gcp, w.physical} {
		if object != nil {
			d.deleted("delete_interconnect", "get_interconnect", "list_interconnects", "icon", "name", name(object, "name"))
		}
	}
	if w.physical != nil {
		a := d.accepted(d.request("get_slot"), "the slot exists")
		d.want(a, RuleStored, !a.ok() || a.member("occupied") == false, "a free slot, as its interconnect is deleted")
	}
	w.physical, w.gcp, w.cni = nil, nil, nil
}

// deleted deletes an object, and wants it to be gone.
func (d *driver) deleted(deleteID, getID, listID, parameter, member, id string) {
	a := d.accepted(d.request(deleteID).at(parameter, id), "the object exists")
	if !a.ok() {
		return
	}
	again := []string{getID, deleteID}
	if parameter == "icon" {
		again = append(again, "get_interconnect_status", "get_interconnect_loa", "get_interconnect_loa_default_name")
	} else {
		again = append(again, "update_cni")
	}
	for _, operation := range again {
		q, ok := d.valid(operation)
		if !ok {
			continue
		}
		a := d.call(q.at(parameter, id))
		d.want(a, RuleNotFound, a.status == http.StatusNotFound, "404, as the object is deleted")
	}
	a, items := d.list(d.request(listID))
	d.want(a, RuleNotFound, d.object(items, member, id) == nil, "a list without what is deleted")
}
