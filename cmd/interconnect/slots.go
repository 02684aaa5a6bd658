package main

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func slotLayout() layout[interconnect.Slot] {
	return layout[interconnect.Slot]{
		columns: []string{"ID", "SITE", "SPEED", "OCCUPIED", "DEVICE", "FACILITY", "ADDRESS", "ACCOUNT"},
		listed:  []string{"ID", "SITE", "SPEED", "OCCUPIED", "FACILITY"},
		name:    func(s interconnect.Slot) string { return s.ID.String() },
		row: func(s interconnect.Slot) []string {
			return []string{
				s.ID.String(), s.Site, s.Speed, yesOrNo(s.Occupied), deref(s.CCRDeviceName), s.Facility.Name,
				strings.Join(s.Facility.Address, ", "), deref(s.Account),
			}
		},
	}
}

func (p *program) slots() *cobra.Command {
	return group(&cobra.Command{
		Use:     "slots",
		Aliases: []string{"slot"},
		Short:   "Find ports that an interconnect can occupy",
		Long: `A slot is a port on Cloudflare's side, at a facility, with a speed. To order a
physical interconnect, find a free one.`,
		Example: "  interconnect slots list --free --speed 10G",
	}, p.slotsList(), p.slotsGet())
}

func (p *program) slotsList() *cobra.Command {
	var (
		site, speed, address string
		free, occupied       bool
		limit                int32
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the slots that the account can see",
		Long:  "List the slots that the account can see. A slot is listed if it fits all flags.",
		Example: `  interconnect slots list --free --site iad-a
  interconnect slots list --free --speed 100G --address-contains Frankfurt
  interconnect slots list --free --columns id,speed,facility,address
  interconnect slots list --free --limit 1 -o name`,
		Args:        cobra.NoArgs,
		Annotations: slotLayout().annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		if err := exclusive(cmd, "free", "occupied"); err != nil {
			return err
		}
		params, err := interconnect.ListSlotsParams{}, error(nil)
		if params.Limit, err = pageSize(limit); err != nil {
			return err
		}
		if cmd.Flags().Changed("site") {
			params.Site = &site
		}
		if cmd.Flags().Changed("speed") {
			params.Speed = &speed
		}
		if cmd.Flags().Changed("address-contains") {
			params.AddressContains = &address
		}
		switch {
		case cmd.Flags().Changed("free"):
			params.Occupied = new(!free)
		case cmd.Flags().Changed("occupied"):
			params.Occupied = &occupied
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		slots, strange, err := collect(c.ListSlots(ctx, &params), limit)
		if err != nil {
			return err
		}
		if err := printItems(p, "slots", slots, slotLayout()); err != nil {
			return err
		}
		if len(slots) == 0 && strange == nil {
			p.suggestSlots(ctx, c, params)
		}
		return strange.orNil()
	})
	flags := cmd.Flags()
	flags.StringVar(&site, "site", "", "only at this site, such as iad-a")
	flags.StringVar(&speed, "speed", "", "only of this speed, such as 10G")
	flags.StringVar(&address, "address-contains", "", "only with this text in the address of the facility")
	flags.BoolVar(&free, "free", false, "only free ones")
	flags.BoolVar(&occupied, "occupied", false, "only occupied ones")
	limitFlag(cmd, &limit)
	completeFlag(cmd, "site", p.completed(slotSites))
	completeFlag(cmd, "speed", p.completed(slotSpeeds))
	return cmd
}

func (p *program) slotsGet() *cobra.Command {
	return &cobra.Command{
		Use:               "get ID",
		Short:             "Show a slot",
		Long:              "Show a slot: where the port is, how fast, and whether it is occupied.",
		Example:           "  interconnect slots get 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512",
		Args:              one("the ID of a slot"),
		Annotations:       slotLayout().annotations(),
		ValidArgsFunction: p.completedOnce(slotIDs(nil)),
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			id, err := parseID("slot", args[0])
			if err != nil {
				return err
			}
			c, err := p.client()
			if err != nil {
				return err
			}
			slot, err := c.GetSlot(ctx, id)
			if err != nil {
				return err
			}
			return printOne(p, "get_slot", slot, slotLayout())
		}),
	}
}

// parseID reads the ID of a slot or CNI.
func parseID(what, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, usagef("%q is not an ID of a %s, want a UUID such as 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512", text, what)
	}
	return id, nil
}
