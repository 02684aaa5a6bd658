package main

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func interconnectLayout() layout[interconnect.Interconnect] {
	columns := []string{
		"NAME", "TYPE", "SPEED", "LOCATION", "FACILITY", "SLOT",
		"ADDRESS", "DEVICE", "ACCOUNT", "VIRTUAL PORT RESERVATION", "OWNER",
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

func statusLayout() layout[interconnect.InterconnectStatus] {
	return layout[interconnect.InterconnectStatus]{
		columns: []string{"STATE", "REASON"},
		row: func(s interconnect.InterconnectStatus) []string {
			state, reason := client.StateOf(s)
			return []string{string(state), reason}
		},
		members: func(s interconnect.InterconnectStatus) any { return s.Value() },
	}
}

func (p *program) interconnects() *cobra.Command {
	return group(&cobra.Command{
		Use:     "interconnects",
		Aliases: []string{"interconnect"},
		Short:   "Order and manage links to Cloudflare",
		Long: `An interconnect is the link itself: a physical one occupies a slot, and a GCP
partner interconnect is a virtual link to Google Cloud. To carry traffic, an
interconnect needs a CNI, see "interconnect cnis".`,
		Example: "  interconnect interconnects list",
	},
		p.interconnectsList(), p.interconnectsGet(), p.interconnectsCreate(),
		p.interconnectsStatus(), p.interconnectsLOA(), p.interconnectsDelete(),
	)
}

func (p *program) interconnectsList() *cobra.Command {
	var (
		site, kind string
		limit      int32
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the interconnects of the account",
		Long: `List the interconnects of the account. An interconnect is listed if it fits all
flags.`,
		Example: `  interconnect interconnects list
  interconnect interconnects list --type direct --site iad-a -o json`,
		Args:        cobra.NoArgs,
		Annotations: interconnectLayout().annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		params, err := interconnect.ListInterconnectsParams{}, error(nil)
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
		return printList(p, "interconnects", c.ListInterconnects(ctx, &params), limit, interconnectLayout())
	})
	types := []string{string(interconnect.InterconnectTypeDirect), string(interconnect.InterconnectTypeGCPPartner)}
	cmd.Flags().StringVar(&site, "site", "", "only at this site, such as iad-a; a GCP partner interconnect is at none")
	optionalChoiceFlag(cmd, cmd.Flags(), &kind, "type", "", types, "only of this type")
	limitFlag(cmd, &limit)
	return cmd
}

func (p *program) interconnectsGet() *cobra.Command {
	return &cobra.Command{
		Use:               "get NAME",
		Short:             "Show an interconnect",
		Long:              "Show an interconnect. The state of its link is not part of it, see\n\"interconnect interconnects status\".",
		Example:           "  interconnect interconnects get direct-iad-a-7d41f0c2",
		Args:              one("the name of an interconnect"),
		Annotations:       interconnectLayout().annotations(),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, err := p.client()
			if err != nil {
				return err
			}
			ic, err := c.GetInterconnect(ctx, args[0])
			if err != nil {
				return err
			}
			return printOne(p, "get_interconnect", ic, interconnectLayout())
		}),
	}
}

func (p *program) interconnectsStatus() *cobra.Command {
	var wait waitFlags
	cmd := &cobra.Command{
		Use:   "status NAME",
		Short: "Show the state of a link, or wait until it is healthy",
		Long: `Show the state of an interconnect's link: Pending, Healthy, Unhealthy or Down,
and the reason where the service knows one.

With --wait it waits until the link is healthy. The wait ends with exit code 5
if the link is down, if it is unhealthy for 10 minutes without a break, or if
--wait-timeout is over.`,
		Example: `  interconnect interconnects status direct-iad-a-7d41f0c2
  interconnect interconnects status direct-iad-a-7d41f0c2 --wait --wait-timeout 12h`,
		Args:              one("the name of an interconnect"),
		Annotations:       statusLayout().annotations(),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
		if err := wait.check(); err != nil {
			return err
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		if wait.wait {
			if err := p.waitHealthy(ctx, c, args[0], &wait); err != nil {
				return err
			}
		}
		status, err := c.GetInterconnectStatus(ctx, args[0])
		if err != nil {
			return err
		}
		return printOne(p, "get_interconnect_status", status, statusLayout())
	})
	wait.define(cmd)
	return cmd
}
