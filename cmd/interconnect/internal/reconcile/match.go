package reconcile

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// match finds the objects of the file again among those of the account. An entry without an actual object is one to
// order or create.
func (p *planner) match() {
	p.matchPorts()
	p.matchNamed()
	p.matchCNIs()
	p.matchLinks()
}

func (e *interconnectEntry) is(actual *Interconnect) { e.actual, actual.entry = actual, e }

func (e *cniEntry) is(actual *CNI) { e.actual, actual.entry = actual, e }

// matchPorts finds ports by their slots. A name that says otherwise is one of an interconnect that is gone: what the
// service calls a port does not matter.
func (p *planner) matchPorts() {
	for _, e := range p.file.interconnects.all() {
		if e.slot == uuid.Nil {
			continue
		}
		actual := p.state.onSlot(e.slot)
		switch {
		case actual == nil:
			continue
		case !isPort(actual):
			p.problem(e.pointer+"/slot_id",
				"the slot is occupied by interconnect %s, which is of a type that this program does not know", actual.Name)
			e.wrong = true
			continue
		case e.name != "" && e.name != actual.Name:
			p.note(e.pointer+"/name", "the interconnect on the slot is called %s now, not %s", actual.Name, e.name)
		}
		e.is(actual)
	}
}

func isPort(ic *Interconnect) bool {
	_, ok := ic.Value.Value().(interconnect.PhysicalInterconnect)
	return ok
}

// matchNamed finds interconnects by their names.
func (p *planner) matchNamed() {
	for _, e := range p.file.interconnects.all() {
		actual := p.state.interconnect(e.name)
		if e.wrong || e.actual != nil || actual == nil || actual.entry != nil {
			continue
		}
		switch v := actual.Value.Value().(type) {
		case interconnect.PhysicalInterconnect:
			if e.kind == typePort && e.slot != uuid.Nil {
				p.problem(e.pointer+"/slot_id",
					"interconnect %s is on slot %s, and an interconnect cannot be moved to another; %s",
					e.name, v.SlotID, replaceAdvice)
				e.wrong = true
				continue
			}
			p.sameType(e, actual, string(v.Type))
		case interconnect.GCPPartnerInterconnect:
			p.sameType(e, actual, string(v.Type))
		case interconnect.UnknownVariant:
			var other struct{ Type string }
			_ = decodeNumbers(v.JSON, &other)
			p.sameType(e, actual, other.Type)
		}
	}
}

const replaceAdvice = "to replace it, give the new one an entry of its own without this name, move the CNIs there " +
	"and apply, then remove the entry of the old one and apply with --prune"

func (p *planner) sameType(e *interconnectEntry, actual *Interconnect, kind string) {
	e.is(actual)
	if e.kind != kind {
		e.wrong = true
		p.problem(e.pointer+"/type", "interconnect %s is of type %s, which cannot be changed; %s", e.name, kind,
			replaceAdvice)
	}
}

// matchLinks finds the links to Google Cloud that the file has no name for, or one of a link that is gone. The service
// does not tell the pairing key that a link was ordered with, so each link that is not in the file otherwise may be the
// one: it is, if a CNI of the entry is on it, and failing that in the order of the file, which is that of the orders.
// Not ordering can be put right, ordering twice cannot.
func (p *planner) matchLinks() {
	var open []*interconnectEntry
	for _, e := range p.file.interconnects.all() {
		if e.kind == typeGCP && e.actual == nil && e.pairingKey != "" {
			open = append(open, e)
		}
	}
	for _, cni := range p.file.cnis.all() {
		if cni.actual == nil {
			continue
		}
		on := p.state.interconnect(cni.actual.Interconnect)
		for _, e := range open {
			if e.actual == nil && on != nil && e.mayBe(on) &&
				(cni.body.Interconnect == e.ref || cni.body.Interconnect == e.name) {
				p.take(e, on)
			}
		}
	}
	var guessed []*interconnectEntry
	for _, e := range open {
		i := slices.IndexFunc(p.state.Interconnects, e.mayBe)
		if e.actual == nil && i >= 0 {
			p.take(e, p.state.Interconnects[i])
			guessed = append(guessed, e)
		}
	}
	for _, e := range guessed {
		var names []string
		for _, ic := range p.state.Interconnects {
			if e.mayBe(ic) {
				names = append(names, ic.Name)
			}
		}
		if len(names) > 0 {
			p.problem(
				e.pointer,
				"it may have been ordered already, as %s or %s: the file names none of them, and the service does not say "+
					"which pairing key a link was ordered with; give each of these links an entry with its name, "+
					"or this entry the name of its own",
				strings.Join(names, ", "),
				e.actual.Name,
			)
		}
	}
}

// take takes a link to be that of an entry.
func (p *planner) take(e *interconnectEntry, actual *Interconnect) {
	e.is(actual)
	p.note(
		e.pointer,
		"it is taken to be %s, which is not in the file otherwise; if that is not so, give %s an entry of its own; "+
			"if it is, add \"name: %s\"",
		actual.Name,
		actual.Name,
		actual.Name,
	)
}

// mayBe reports whether an interconnect that no entry has may be that of an entry for a link to Google Cloud.
func (e *interconnectEntry) mayBe(ic *Interconnect) bool {
	v, ok := ic.Value.Value().(interconnect.GCPPartnerInterconnect)
	return ok && ic.entry == nil && (e.region == "" || v.Region == e.region) &&
		(v.Speed == nil || e.bandwidth == "" || string(*v.Speed) == e.bandwidth)
}

// matchCNIs finds CNIs. The ID says which one is meant, also if it is given another conduit name. But if an ID of the
// file is gone, the file is older than what is there, and then an ID counts less than the conduit name, which the file
// has chosen.
func (p *planner) matchCNIs() {
	byID := func(e *cniEntry, c *CNI) bool { return e.id != nil && *e.id == c.ID }
	byConduit := func(e *cniEntry, c *CNI) bool {
		return e.body.Magic.ConduitName == c.Magic.ConduitName && c.Magic.ConduitName != ""
	}
	exactly := func(e *cniEntry, c *CNI) bool { return byID(e, c) && byConduit(e, c) }
	old := slices.ContainsFunc(p.file.cnis.all(), func(e *cniEntry) bool {
		return e.id != nil && !slices.ContainsFunc(p.state.CNIs, func(c *CNI) bool { return byID(e, c) })
	})
	keys := []func(*cniEntry, *CNI) bool{exactly, byID, byConduit}
	if old {
		keys = []func(*cniEntry, *CNI) bool{exactly, byConduit, byID}
	}
	keys = append(keys, func(e *cniEntry, c *CNI) bool {
		return e.id == nil && e.body.CustomerIP != nil && sameAddress(*e.body.CustomerIP, c.CustomerIP) &&
			sameAddress(*e.body.CloudflareIP, c.CloudflareIP)
	})
	for _, key := range keys {
		for _, e := range p.file.cnis.all() {
			i := slices.IndexFunc(p.state.CNIs, func(c *CNI) bool { return c.entry == nil && key(e, c) })
			if e.actual == nil && i >= 0 {
				e.is(p.state.CNIs[i])
			}
		}
	}
}

// sameAddress compares addresses with prefix lengths, in whatever way they are spelled.
func sameAddress(a, b string) bool {
	first, err := netip.ParsePrefix(a)
	if err != nil {
		return a == b
	}
	second, err := netip.ParsePrefix(b)
	return err == nil && first == second
}

// target is the interconnect that a CNI should be on: one that is there, or one that has to be ordered first.
type target struct {
	name  string // of one that is there
	entry *interconnectEntry
}

// target finds what a CNI of the file refers to: the ref of an entry, the name in an entry, or an interconnect of the
// account.
func (p *planner) target(e *cniEntry) (t target, ok bool) {
	want := e.body.Interconnect
	entries := p.file.interconnects.all()
	i := slices.IndexFunc(entries, func(ic *interconnectEntry) bool { return ic.ref == want })
	if i < 0 {
		i = slices.IndexFunc(entries, func(ic *interconnectEntry) bool { return ic.name == want })
	}
	if i >= 0 {
		t.entry = entries[i]
		if actual := t.entry.actual; actual != nil {
			t.name = actual.Name
		}
		return t, true
	}
	actual := p.state.interconnect(want)
	if actual != nil && p.opts.Prune && p.file.interconnects != nil && actual.entry == nil {
		p.problem(e.pointer+"/interconnect",
			"interconnect %s is not in the file and would be deleted; give it an entry, or move the CNI", want)
		return t, false
	}
	if actual == nil {
		p.problem(e.pointer+"/interconnect",
			"there is no interconnect %s, neither in the file, by its ref or name, nor in the account", want)
		return t, false
	}
	return target{name: want}, true
}

// now returns the name of the interconnect, once all orders that it depends on have been placed.
func (t target) now() string {
	if t.name == "" {
		return t.entry.made
	}
	return t.name
}

// shown is the name, or what stands for it as long as there is none.
func (t target) shown() string {
	if name := t.now(); name != "" {
		return name
	}
	return fmt.Sprintf("<the name of %s>", t.entry.label())
}
