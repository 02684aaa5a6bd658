package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/interconnect-go/interconnect/client"
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
	Unmanaged []string `json:"unmanaged"` // what sections of the file do not have, and is not changed
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
	InDoubt Status = "in doubt" // it was tried, and may have had its effect, or a part of it
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
	if wanted == nil || equal(wanted, actual) {
		return
	}
	have := "none"
	if actual != nil {
		have = string(actual)
	}
	p.problem(pointer+"/unknown", "the account has %s; this program does not know these members and cannot change them", have)
}

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
