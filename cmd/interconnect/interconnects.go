package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func interconnectLayout() layout[interconnect.Interconnect] {
	columns := []string{
		"NAME", "TYPE", "SPEED", "LOCATION", "FACILITY", "SLOT",
		"ADDRESS", "DEVICE", "ACCOUNT", "RESERVATION", "OWNER",
	}
	return layout[interconnect.Interconnect]{
		columns: columns,
		listed:  []string{"NAME", "SPEED", "LOCATION", "TYPE"},
		name:    nameOf,
		row: func(ic interconnect.Interconnect) []string {
			switch v := ic.Value().(type) {
			case interconnect.PhysicalInterconnect:
				return []string{
					v.Name, string(v.Type), v.Speed, v.Site, v.Facility.Name, v.SlotID.String(), strings.Join(v.Facility.Address, ", "),
					deref(v.CCRDeviceName), v.Account, v.VirtualPortReservationID.String(), deref(v.Owner),
				}
			case interconnect.GCPPartnerInterconnect:
				speed := ""
				if v.Speed != nil {
					speed = string(*v.Speed)
				}
				return []string{
					v.Name, string(v.Type), speed, v.Region, "", "", "", "", v.Account, v.VirtualPortReservationID.String(), deref(v.Owner),
				}
			case interconnect.UnknownVariant:
				// What every interconnect has, as far as this one has it.
				var other struct{ Name, Type, Speed, Site, Region, Account string }
				_ = json.Unmarshal(v.JSON, &other)
				return []string{other.Name, other.Type, other.Speed, cmp.Or(other.Site, other.Region), "", "", "", "", other.Account, "", ""}
			}
			return make([]string, len(columns))
		},
		members: func(ic interconnect.Interconnect) any { return ic.Value() },
	}
}

func nameOf(ic interconnect.Interconnect) string { return interconnectLayout().row(ic)[0] }

func (p *program) interconnects() *cobra.Command {
	return group(&cobra.Command{
		Use:     "interconnects",
		Aliases: []string{"links", "link", "ic", "interconnect"},
		Short:   "Order and manage links to Cloudflare",
		Long: `An interconnect is the link itself: a physical one occupies a slot, and a GCP
partner interconnect is a virtual link to Google Cloud. To carry traffic, an
interconnect needs a CNI, see "interconnect cnis".

"links" and "ic" are short for "interconnects".`,
		Example: `  interconnect links list
  interconnect links status direct-iad-a-7d41f0c2 --wait`,
	},
		p.interconnectsList(), p.interconnectsGet(), p.interconnectsCreate(),
		p.interconnectsStatus(), p.interconnectsLOA(), p.interconnectsDelete(),
	)
}

func (p *program) interconnectsList() *cobra.Command {
	var (
		site, kind string
		limit      int32
		state      bool
		watch      watchFlags
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the interconnects of the account, with their states",
		Long: `List the interconnects of the account. An interconnect is listed if it fits all
flags.

The API has the state of a link in a place of its own, so a table costs one more
request for each interconnect. A state that cannot be had is "unknown".
--state=false leaves the states out. JSON and YAML show what the API lists; with
--state each interconnect has a member "status" too, null if it is unknown.

With --watch the command goes on, and prints a line for each change of a state,
each new interconnect and each that is gone, until Ctrl-C. With -o json that is
an object on each line. The API knows no times: how long a state has lasted is
counted from the first look.`,
		Example: `  interconnect interconnects list
  interconnect interconnects list --type direct --site iad-a -o json
  interconnect interconnects list --state -o json --query 'map(select(.status.state != "Healthy").name)'
  interconnect interconnects list --watch`,
		Args:        cobra.NoArgs,
		Annotations: linkLayout(true).annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		if err := watch.check(p, cmd); err != nil {
			return err
		}
		withState, err := p.wantsState(cmd, state)
		if err != nil {
			return err
		}
		var params interconnect.ListInterconnectsParams
		if params.Limit, err = pageSize(limit); err != nil {
			return err
		}
		if cmd.Flags().Changed("site") {
			params.Site = &site
		}
		if kind != "" {
			params.Type = new(interconnect.InterconnectType(kind))
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		list := func(ctx context.Context) ([]link, strangeItems, error) {
			return listLinks(c.ListInterconnects(ctx, &params), limit)
		}
		if watch.watch {
			return p.watch(ctx, c, &watcher{interval: watch.interval, links: list})
		}
		found, err := p.printLinks(ctx, list, linkLayout(withState), withState)
		if err == nil && len(found) == 0 {
			p.suggestSites(ctx, c, params)
		}
		return err
	})
	types := []string{string(interconnect.InterconnectTypeDirect), string(interconnect.InterconnectTypeGCPPartner)}
	cmd.Flags().StringVar(&site, "site", "", "only at this site, such as iad-a; a GCP partner interconnect is at none")
	optionalChoiceFlag(cmd, cmd.Flags(), &kind, "type", "", types, "only of this type")
	limitFlag(cmd, &limit)
	completeFlag(cmd, "site", p.completed(interconnectSites))
	stateFlag(cmd, &state)
	watch.define(cmd)
	return cmd
}

func (p *program) interconnectsGet() *cobra.Command {
	var state bool
	cmd := &cobra.Command{
		Use:   "get NAME",
		Short: "Show an interconnect, with its state",
		Long: `Show an interconnect. In tables its state is shown too, which is one more
request unless --state=false is given; if it cannot be had it is "unknown". JSON
and YAML show what the API has of an interconnect; with --state there is a
member "status" too, null if it is unknown.`,
		Example: `  interconnect interconnects get direct-iad-a-7d41f0c2
  interconnect interconnects get direct-iad-a-7d41f0c2 --columns state,reason
  interconnect interconnects get direct-iad-a-7d41f0c2 --query .slot_id`,
		Args:              one("the name of an interconnect"),
		Annotations:       linkLayout(true).annotations(),
		ValidArgsFunction: p.completedOnce(interconnectNames),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		withState, err := p.wantsState(cmd, state)
		if err != nil {
			return err
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		ic, err := c.GetInterconnect(ctx, args[0])
		if err != nil {
			return err
		}
		l := link{name: cmp.Or(nameOf(ic), args[0]), ic: ic}
		if !withState {
			return printOne(p, "get_interconnect", l, linkLayout(false))
		}
		links := []link{l}
		if err := p.fetchStates(ctx, links); err != nil {
			return err
		}
		if whole := p.deviations.body("get_interconnect"); whole != nil && p.flags.structured() {
			return p.encode(withStatus(json.RawMessage(whole), links[0]))
		}
		return printOne(p, "get_interconnect", links[0], linkLayout(true))
	})
	stateFlag(cmd, &state)
	return cmd
}

func (p *program) interconnectsStatus() *cobra.Command {
	var (
		wait  waitFlags
		watch watchFlags
	)
	cmd := &cobra.Command{
		Use:   "status [NAME]",
		Short: "Show the state of a link or of all, follow them, or wait for one",
		Long: `Show the state of an interconnect's link: Pending, Healthy, Unhealthy or Down,
and the reason where the service knows one. Without a name, show those of all
links of the account, one request for each; one that cannot be had is "unknown".

With --wait it waits until the link is healthy. The wait ends with exit code 5
if the link is down, if it is unhealthy for 10 minutes without a break, or if
--wait-timeout is over. The last state goes to standard output in any case.

With --watch it goes on, whatever the states are, and prints each change until
Ctrl-C; see "interconnect interconnects list --help".`,
		Example: `  interconnect interconnects status
  interconnect interconnects status direct-iad-a-7d41f0c2
  interconnect interconnects status direct-iad-a-7d41f0c2 --wait --wait-timeout 12h
  interconnect interconnects status --watch -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("want the name of one interconnect, or none for all, got %d", len(args))
			}
			return nil
		},
		Annotations:       statusLayout().annotations(),
		ValidArgsFunction: p.completedOnce(interconnectNames),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		if err := errors.Join(wait.check(), watch.check(p, cmd), exclusive(cmd, "wait", "watch")); err != nil {
			return err
		}
		if wait.wait && len(args) == 0 {
			return usagef("--wait needs the name of an interconnect")
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		list := func(ctx context.Context) ([]link, strangeItems, error) {
			return listLinks(c.ListInterconnects(ctx, nil), 0)
		}
		if len(args) == 1 {
			list = func(context.Context) ([]link, strangeItems, error) { return []link{{name: args[0]}}, nil, nil }
		}
		switch {
		case watch.watch:
			return p.watch(ctx, c, &watcher{interval: watch.interval, links: list, named: len(args) == 1})
		case len(args) == 0:
			_, err := p.printLinks(ctx, list, statusLayout(), p.flags.output != "name")
			return err
		}
		return p.showStatus(ctx, c, args[0], &wait)
	})
	wait.define(cmd)
	watch.define(cmd)
	return cmd
}

// showStatus shows the status of one link, after a wait if there is to be one. After a wait that failed, that is the
// last known state.
func (p *program) showStatus(ctx context.Context, c *client.Client, name string, wait *waitFlags) error {
	one := statusLayout()
	one.members = link.encodableStatus
	if wait.wait {
		err := p.waitHealthy(ctx, c, name, wait)
		var failed *client.WaitError
		if errors.As(err, &failed) && failed.State != "" {
			last := link{name: name, last: &lastState{failed.State, failed.Reason}}
			if printing := printValue(p, last, nil, false, one); printing != nil {
				return errors.Join(err, printing)
			}
		}
		if err != nil {
			return err
		}
	}
	status, err := c.GetInterconnectStatus(ctx, name)
	if err != nil {
		return err
	}
	return printOne(p, "get_interconnect_status", link{name: name, status: status}, one)
}
