package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func cniLayout() layout[interconnect.CNI] {
	return layout[interconnect.CNI]{
		columns: []string{
			"ID", "CONDUIT", "INTERCONNECT", "MTU", "CUSTOMER IP", "CLOUDFLARE IP", "CUSTOMER ASN",
			"BGP MODE", "EXTRA PREFIXES", "MD5 KEY", "DESCRIPTION", "ACCOUNT",
		},
		listed: []string{"ID", "CONDUIT", "INTERCONNECT", "CUSTOMER IP", "CLOUDFLARE IP"},
		name:   func(c interconnect.CNI) string { return c.ID.String() },
		row: func(c interconnect.CNI) []string {
			var asn, mode, prefixes, md5 string
			if c.BGP != nil {
				asn, prefixes, md5 = strconv.FormatInt(c.BGP.CustomerASN, 10), strings.Join(c.BGP.ExtraPrefixes, ", "), deref(c.BGP.MD5Key)
			}
			if c.BGPMode != nil {
				mode = string(*c.BGPMode)
			}
			return []string{
				c.ID.String(), c.Magic.ConduitName, c.Interconnect, strconv.Itoa(int(c.Magic.MTU)), c.CustomerIP, c.CloudflareIP, asn,
				mode, prefixes, md5, c.Magic.Description, c.Account,
			}
		},
	}
}

func (p *program) cnis() *cobra.Command {
	return group(&cobra.Command{
		Use:     "cnis",
		Aliases: []string{"cni"},
		Short:   "Configure layer 3 on interconnects",
		Long: `A CNI is the layer 3 configuration on an interconnect: a point-to-point subnet,
a name and an MTU for Magic Transit and Magic WAN, and optionally a BGP
session.`,
		Example: "  interconnect cnis list",
	}, p.cnisList(), p.cnisGet(), p.cnisCreate(), p.cnisUpdate(), p.cnisDelete())
}

func (p *program) cnisList() *cobra.Command {
	var (
		slot, tunnel string
		limit        int32
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the CNIs of the account",
		Long:  "List the CNIs of the account. A CNI is listed if it fits all flags.",
		Example: `  interconnect cnis list
  interconnect cnis list --slot 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512 -o yaml`,
		Args:        cobra.NoArgs,
		Annotations: cniLayout().annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		params, err := interconnect.ListCNIsParams{}, error(nil)
		if params.Limit, err = pageSize(limit); err != nil {
			return err
		}
		if cmd.Flags().Changed("slot") {
			id, err := parseID("slot", slot)
			if err != nil {
				return err
			}
			params.Slot = &id
		}
		if cmd.Flags().Changed("tunnel-id") {
			params.TunnelID = &tunnel
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		return printList(p, "CNIs", c.ListCNIs(ctx, &params), limit, cniLayout())
	})
	cmd.Flags().StringVar(&slot, "slot", "", "only on the interconnect that occupies the slot with this ID")
	cmd.Flags().StringVar(&tunnel, "tunnel-id", "", "only those of the Magic tunnel with this ID")
	limitFlag(cmd, &limit)
	return cmd
}

func (p *program) cnisGet() *cobra.Command {
	return &cobra.Command{
		Use:               "get ID",
		Short:             "Show a CNI",
		Long:              "Show a CNI with all that is configured.",
		Example:           "  interconnect cnis get 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46",
		Args:              one("the ID of a CNI"),
		Annotations:       cniLayout().annotations(),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			id, err := parseID("CNI", args[0])
			if err != nil {
				return err
			}
			c, err := p.client()
			if err != nil {
				return err
			}
			cni, err := c.GetCNI(ctx, id)
			if err != nil {
				return err
			}
			return printOne(p, "get_cni", cni, cniLayout())
		}),
	}
}

// cniFlags are what a caller chooses of a CNI.
type cniFlags struct {
	interconnect string
	magic        interconnect.MagicSettings
	asn          int64
	prefixes     []string
	md5          string
}

func (f *cniFlags) define(cmd *cobra.Command, mtu int32) {
	flags := cmd.Flags()
	flags.StringVar(&f.interconnect, "interconnect", "", "name of the interconnect")
	flags.StringVar(&f.magic.ConduitName, "conduit-name", "", "name in Magic, unique among all tunnels of the account")
	flags.Int32Var(&f.magic.MTU, "mtu", mtu, "largest IP packet, 576 to 1500 bytes")
	flags.StringVar(&f.magic.Description, "description", "", "a note for people")
	flags.Int64Var(&f.asn, "customer-asn", 0, "your ASN; makes a BGP session")
	flags.StringSliceVar(&f.prefixes, "extra-prefix", nil, "IPv4 prefix to advertise to you besides the Magic routes; may be repeated")
	flags.StringVar(&f.md5, "md5-key", "", "key of the BGP session's TCP MD5 signatures; it is no secret, answers contain it")
}

// apply changes what the flags name. BGP may be nil before and after.
func (f *cniFlags) apply(cmd *cobra.Command, name *string, magic *interconnect.MagicSettings, bgp **interconnect.BGPControl) error {
	set := cmd.Flags().Changed
	if set("interconnect") {
		*name = f.interconnect
	}
	if set("conduit-name") {
		magic.ConduitName = f.magic.ConduitName
	}
	if set("mtu") {
		magic.MTU = f.magic.MTU
	}
	if set("description") {
		magic.Description = f.magic.Description
	}
	if *bgp == nil && set("customer-asn") {
		*bgp = &interconnect.BGPControl{ExtraPrefixes: []string{}}
	}
	if *bgp == nil {
		if set("extra-prefix") || set("md5-key") {
			return usagef("there is no BGP session for --extra-prefix and --md5-key; --customer-asn makes one")
		}
		return nil
	}
	if set("customer-asn") {
		(*bgp).CustomerASN = f.asn
	}
	if set("extra-prefix") {
		(*bgp).ExtraPrefixes = f.prefixes
	}
	if set("md5-key") {
		(*bgp).MD5Key = nil
		if f.md5 != "" {
			(*bgp).MD5Key = &f.md5
		}
	}
	return nil
}

func (p *program) cnisCreate() *cobra.Command {
	const defaultMTU = 1500
	var (
		what cniFlags
		dry  bool
	)
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create a CNI on an interconnect",
		Long: `Create a CNI on an interconnect. The service chooses the ID and the addresses,
and answers with them. With --customer-asn there is a BGP session, without it
there is none.`,
		Example: `  interconnect cnis create --interconnect direct-iad-a-7d41f0c2 --conduit-name cni-iad-1
  interconnect cnis create --interconnect direct-iad-a-7d41f0c2 --conduit-name cni-iad-1 --description "Primary, Ashburn" \
      --customer-asn 4200000001 --extra-prefix 100.96.0.0/12 --md5-key 'iad-dc2 #1'`,
		Args:        cobra.NoArgs,
		Annotations: cniLayout().annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		for _, name := range []string{"interconnect", "conduit-name"} {
			if !cmd.Flags().Changed(name) {
				return usagef("--%s is missing", name)
			}
		}
		create := interconnect.CNICreate{Magic: interconnect.MagicSettings{MTU: defaultMTU}}
		if err := what.apply(cmd, &create.Interconnect, &create.Magic, &create.BGP); err != nil {
			return err
		}
		if dry {
			return p.dryRun(func(c *client.Client) error {
				_, err := c.CreateCNI(ctx, create)
				return err
			})
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		cni, err := c.CreateCNI(ctx, create)
		if err != nil {
			return err
		}
		return printOne(p, "create_cni", cni, cniLayout())
	})
	what.define(cmd, defaultMTU)
	dryRunFlag(cmd, &dry)
	return cmd
}

func (p *program) cnisUpdate() *cobra.Command {
	var (
		what  cniFlags
		noBGP bool
		mode  string
	)
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change a CNI",
		Long: `Change what flags name, and leave the rest as it is. The API only knows to
replace a CNI as a whole, so the command gets the CNI, changes it, and sends
all of it. What somebody else changes between the two is lost: change a CNI
from one place at a time.

--extra-prefix replaces all extra prefixes; --extra-prefix= removes them, and
--md5-key= removes the key.`,
		Example: `  interconnect cnis update 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --mtu 1400
  interconnect cnis update 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --no-bgp`,
		Args:              one("the ID of a CNI"),
		Annotations:       cniLayout().annotations(),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		id, err := parseID("CNI", args[0])
		if err != nil {
			return err
		}
		if err := checkUpdate(cmd); err != nil {
			return err
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		current, err := c.GetCNI(ctx, id)
		if err != nil {
			return err
		}
		update := interconnect.CNIUpdate{Interconnect: current.Interconnect, Magic: current.Magic, BGP: current.BGP}
		if noBGP {
			update.BGP = nil
		}
		if err := what.apply(cmd, &update.Interconnect, &update.Magic, &update.BGP); err != nil {
			return err
		}
		if mode != "" {
			update.BGPMode = new(interconnect.BGPMode(mode))
		}
		cni, err := c.UpdateCNI(ctx, id, update)
		if err != nil {
			return err
		}
		return printOne(p, "update_cni", cni, cniLayout())
	})
	what.define(cmd, 0)
	modes := []string{string(interconnect.BGPModeDynamicRouteExchange), string(interconnect.BGPModeAdvertiseOnly)}
	optionalChoiceFlag(cmd, cmd.Flags(), &mode, "bgp-mode", "", modes, "what BGP does")
	cmd.Flags().BoolVar(&noBGP, "no-bgp", false, "end the BGP session")
	return cmd
}

// checkUpdate wants a flag that changes something, and none that --no-bgp contradicts.
func checkUpdate(cmd *cobra.Command) error {
	changes := false
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { changes = changes || f.Changed })
	if !changes {
		return usagef("nothing to change: name what to change by a flag")
	}
	for _, name := range []string{"customer-asn", "extra-prefix", "md5-key", "bgp-mode"} {
		if err := exclusive(cmd, "no-bgp", name); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) cnisDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a CNI for good",
		Long: `Delete a CNI for good. Traffic no longer flows over its point-to-point link;
the interconnect stays. On a terminal the ID has to be typed once more;
elsewhere --yes is needed.`,
		Example:           "  interconnect cnis delete 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --yes",
		Args:              one("the ID of a CNI"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
		id, err := parseID("CNI", args[0])
		if err != nil {
			return err
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		if !yes {
			question := fmt.Sprintf("CNI %s of account %s will be deleted for good.", id, c.AccountID())
			if err := p.confirm(ctx, question, id.String()); err != nil {
				return err
			}
		}
		if err := c.DeleteCNI(ctx, id); err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "deleted CNI %s\n", id)
		return nil
	})
	yesFlag(cmd, &yes)
	return cmd
}
