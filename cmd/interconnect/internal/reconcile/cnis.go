// The CNIs of a plan, which can be created and changed.

package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

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
	// The mode of BGP is one that only an update can have.
	wanted := interconnect.CNIUpdate{
		Account:      p.state.Account,
		Interconnect: on.shown(),
		Magic:        e.body.Magic,
		BGP:          e.body.BGP,
		BGPMode:      e.body.BGPMode,
	}
	body := interconnect.CNICreate{
		Account:      wanted.Account,
		Interconnect: wanted.Interconnect,
		Magic:        wanted.Magic,
		BGP:          wanted.BGP,
	}
	if !p.sensible(e, wanted) || !p.validate(e.pointer, wanted, "nsc_CniUpdate") ||
		!p.validate(e.pointer, body, "nsc_CniCreate") {
		return
	}
	step := &Step{
		Action: Create, Object: "CNI", Label: body.Magic.ConduitName, Where: p.file.document.Where(e.pointer),
		Facts: facts(body), Requests: []Request{p.request(http.MethodPost, "cnis", encode(body))},
	}
	if wanted.BGPMode != nil {
		step.Facts = append(step.Facts, Fact{"bgp_mode", string(*wanted.BGPMode)})
		step.Requests = append(step.Requests, p.request(http.MethodPut, "cnis/<the ID of it>", encode(wanted)))
	}
	step.do = func(ctx context.Context, c *client.Client) (string, error) {
		body.Interconnect, wanted.Interconnect = on.now(), on.now()
		got, err := c.CreateCNI(ctx, body)
		if err != nil {
			return "", err
		}
		id := got.ID.String()
		if wanted.BGPMode != nil {
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
