// What the account has and the file does not.

package reconcile

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

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
