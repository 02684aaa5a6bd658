// The states of links. In the API the state is not part of an interconnect but a call of its own. This file fetches the
// states of several interconnects, and shows them beside the interconnects or alone.

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

const (
	stateColumn  = "STATE"
	reasonColumn = "REASON"

	unknownState = "unknown" // in the place of a state that could not be fetched
)

// maxLooks is how many states are fetched at the same time.
const maxLooks = 8

// A link is an interconnect with the state of its link.
type link struct {
	name   string
	ic     interconnect.Interconnect // zero if only the state is wanted
	status interconnect.InterconnectStatus
	err    error      // why the status could not be fetched
	asked  bool       // the status was asked for
	last   *lastState // in the place of the status, if only this is known of it
}

// lastState is what a wait knows of the last status that it saw.
type lastState struct {
	State  client.State `json:"state"`
	Reason string       `json:"reason,omitempty"`
}

// state returns the state and the reason as tables show them.
func (l link) state() (state, reason string) {
	switch {
	case l.err != nil:
		return unknownState, ""
	case l.last != nil:
		return string(l.last.State), l.last.Reason
	}
	s, reason := client.StateOf(l.status)
	return string(s), reason
}

// statusLayout shows the states alone.
func statusLayout() layout[link] {
	columns := []string{"NAME", stateColumn, reasonColumn}
	return layout[link]{
		columns: columns,
		listed:  columns,
		note:    reasonColumn,
		name:    func(l link) string { return l.name },
		row: func(l link) []string {
			state, reason := l.state()
			return []string{l.name, state, reason}
		},
		members: func(l link) any { return map[string]any{"name": l.name, "status": l.encodableStatus()} },
	}
}

// encodableStatus is the status as JSON shows it, null if it is unknown.
func (l link) encodableStatus() any {
	switch {
	case l.err != nil:
		return nil
	case l.last != nil:
		return l.last
	}
	return l.status.Value()
}

// linkLayout shows interconnects, and their states if withState.
func linkLayout(withState bool) layout[link] {
	base := interconnectLayout()
	l := layout[link]{
		columns: base.columns,
		listed:  base.listed,
		name:    func(v link) string { return v.name },
		row:     func(v link) []string { return base.row(v.ic) },
		members: func(v link) any {
			if !v.asked {
				return base.encodable(v.ic)
			}
			return withStatus(base.encodable(v.ic), v)
		},
	}
	if withState {
		l.columns = slices.Insert(slices.Clone(base.columns), 1, stateColumn, reasonColumn)
		l.listed = append(slices.Insert(slices.Clone(base.listed), 1, stateColumn), reasonColumn)
		l.note = reasonColumn
		l.row = func(v link) []string {
			state, reason := v.state()
			return slices.Insert(base.row(v.ic), 1, state, reason)
		}
	}
	return l
}

// withStatus returns the members of an interconnect with one more, "status". Should the service give it one, that
// stays.
func withStatus(ic any, l link) any {
	members := map[string]any{"status": l.encodableStatus()}
	text, err := contract.MarshalTolerant(ic)
	if err == nil {
		var own map[string]json.RawMessage
		err = json.Unmarshal(text, &own)
		for name, value := range own {
			members[name] = value
		}
	}
	if err != nil {
		return unencodable{err}
	}
	return members
}

// unencodable fails to be encoded, with an error that came up before.
type unencodable struct{ error }

func (u unencodable) MarshalJSON() ([]byte, error) { return nil, u.error }

// stateFlag defines --state.
func stateFlag(cmd *cobra.Command, state *bool) {
	const usage = "show the state of each link, one more request for each (JSON and YAML: only if given)"
	cmd.Flags().BoolVar(state, "state", true, usage)
}

// wantsState reports whether the states are to be fetched: for tables unless they do not show them, and for JSON and
// YAML, which show what the API has, if --state is given.
func (p *program) wantsState(cmd *cobra.Command, state bool) (bool, error) {
	shown := p.chosen(linkLayout(true).columns, []string{stateColumn})
	hasState := slices.Contains(shown, stateColumn) || slices.Contains(shown, reasonColumn)
	switch {
	case !state && len(p.flags.columns) > 0 && hasState:
		return false, usagef("--columns names the state, which --state=false leaves out")
	case p.flags.output == "name":
		return false, nil
	case p.flags.structured():
		return state && cmd.Flags().Changed("state"), nil
	}
	return state && hasState, nil
}

// links returns some links of the account, without their states, and the items of the list that cannot be understood.
type links func(ctx context.Context) ([]link, strangeItems, error)

// listLinks returns the first limit links of a list, all if the limit is 0.
func listLinks(list iter.Seq2[interconnect.Interconnect, error], limit int32) ([]link, strangeItems, error) {
	items, strange, err := collect(list, limit)
	found := make([]link, len(items))
	for i, ic := range items {
		found[i] = link{name: nameOf(ic), ic: ic}
	}
	return found, strange, err
}

// printLinks prints and returns links, after their states have been fetched if withState.
func (p *program) printLinks(
	ctx context.Context, list links, l layout[link], withState bool,
) (found []link, err error) {
	found, strange, err := list(ctx)
	if err != nil {
		return nil, err
	}
	if withState {
		if err := p.fetchStates(ctx, found); err != nil {
			return nil, err
		}
	}
	if err := printItems(p, "interconnects", found, l); err != nil {
		return nil, err
	}
	return found, strange.orNil()
}

// fetchStates fetches the states of links. One that fails is unknown; that is a warning, and no error unless the
// context has ended.
func (p *program) fetchStates(ctx context.Context, links []link) error {
	c, err := p.client(client.WithMaxAttempts(2)) // rather an unknown state than a list that does not come
	if err != nil {
		return err
	}
	look(ctx, c, links)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var failed []link
	for _, l := range links {
		if l.err != nil {
			failed = append(failed, l)
		}
	}
	if len(failed) > 0 {
		text := fmt.Sprintf("the state of %d of %d links is unknown; of %s, as %s",
			len(failed), len(links), failed[0].name, p.explain(nil, failed[0].err).sentence)
		fmt.Fprintln(p.stderr, "warning: "+printable(text))
	}
	return nil
}

// look fetches the states of links, a few at a time.
func look(ctx context.Context, c *client.Client, links []link) {
	var all sync.WaitGroup
	free := make(chan struct{}, maxLooks)
	for i := range links {
		l := &links[i]
		l.asked = true
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			l.status, l.err = c.GetInterconnectStatus(ctx, l.name)
			if state, _ := client.StateOf(l.status); l.err == nil && state == "" {
				l.err = errNoState
			}
		})
	}
	all.Wait()
}
