package conform

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
)

// A Control brings about what no caller of the API can. It is the server's own, such as the control API of the sandbox.
type Control interface {
	// Fail makes the server answer the next call of an operation with a status of 400 or above.
	Fail(ctx context.Context, operationID string, status int) error

	// SetState gives the link of an interconnect a state, such as "Healthy".
	SetState(ctx context.Context, account, interconnect, state string) error
}

// provoke brings about the declared failures that have not been seen yet, and all states of a link.
func (d *driver) provoke(operations []contract.Operation) {
	var missing []string
	for i := range operations {
		op := &operations[i]
		for _, response := range op.Responses {
			status, err := strconv.Atoi(response.Status)
			if err != nil || status < 400 || d.report.Coverage.Statuses[op.ID][status] > 0 {
				continue
			}
			if d.opts.Control == nil {
				if !slices.Contains(missing, response.Status) {
					missing = append(missing, response.Status)
				}
				continue
			}
			d.provokeStatus(op, status)
		}
	}
	if d.opts.Control == nil {
		slices.Sort(missing)
		d.skip("failures with %s, and the states of links: only a control of the server can bring them about, and none is given",
			strings.Join(missing, ", "))
		return
	}
	d.states()
}

func (d *driver) provokeStatus(op *contract.Operation, status int) {
	q, ok := d.valid(op.ID)
	if !ok {
		return
	}
	if err := d.opts.Control.Fail(d.ctx, op.ID, status); err != nil {
		d.skip("the response %d to %s: %v", status, op.ID, err)
		return
	}
	q.provoked = status
	a := d.call(q)
	d.want(a, RuleStatus, a.status == status, "the response %d, which the server was told to give", status)
}

// states puts a link into each state that there is.
func (d *driver) states() {
	op := d.operations["get_interconnect_status"]
	if d.world.link == "" {
		return // which is said of the orders
	}
	for _, mapping := range declared(op, 200).Content[0].Schema.Discriminator.Mapping {
		if err := d.opts.Control.SetState(d.ctx, d.opts.Account, d.world.link, mapping.Value); err != nil {
			d.skip("the state %s: %v", mapping.Value, err)
			continue
		}
		a := d.accepted(d.request(op.ID).at("icon", d.world.link), fmt.Sprintf("the link is %s", mapping.Value))
		d.want(a, RuleStored, !a.ok() || a.text("state") == mapping.Value, "the state %s, which was set", mapping.Value)
	}
}
