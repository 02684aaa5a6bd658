package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
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

// routerLayout shows a CNI with the ASN at Cloudflare's end, which a router needs and the settings have. It is empty
// if it is not known.
func routerLayout(cloudflareASN string) layout[interconnect.CNI] {
	l := cniLayout()
	base, at := l.row, slices.Index(l.columns, "CUSTOMER ASN")+1
	l.columns = slices.Insert(l.columns, at, cloudflareASNColumn)
	l.row = func(c interconnect.CNI) []string {
		if c.BGP == nil {
			return slices.Insert(base(c), at, "")
		}
		return slices.Insert(base(c), at, cloudflareASN)
	}
	return l
}

const cloudflareASNColumn = "CLOUDFLARE ASN"

// printCNI prints the result of an operation on a CNI. For a table that shows a BGP session it gets the settings too;
// if they cannot be had, that is a warning.
func (p *program) printCNI(ctx context.Context, c *client.Client, operation string, cni interconnect.CNI) error {
	asn := ""
	shown := p.chosen(routerLayout("").columns, routerLayout("").columns)
	if cni.BGP != nil && !p.flags.structured() && p.flags.output != "name" && slices.Contains(shown, cloudflareASNColumn) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second) // what has been asked for is there, and does not wait for long
		defer cancel()
		settings, err := c.GetSettings(ctx)
		if err != nil {
			asn = "unknown"
			fmt.Fprintln(p.stderr, "warning: "+printable("the ASN at Cloudflare's end is unknown: "+p.explain(nil, err).sentence))
		} else {
			asn = strconv.FormatInt(settings.DefaultASN, 10)
		}
	}
	return printOne(p, operation, cni, routerLayout(asn))
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
		slot, tunnel, name string
		limit              int32
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the CNIs of the account",
		Long:  "List the CNIs of the account. A CNI is listed if it fits all flags.",
		Example: `  interconnect cnis list
  interconnect cnis list --interconnect direct-iad-a-7d41f0c2
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
		list := c.ListCNIs(ctx, &params)
		if cmd.Flags().Changed("interconnect") {
			list = onInterconnect(ctx, c, &params, name)
		}
		return printList(p, "CNIs", list, limit, cniLayout())
	})
	cmd.Flags().StringVar(&name, "interconnect", "", "only on the interconnect with this name")
	cmd.Flags().StringVar(&slot, "slot", "", "only on the interconnect that occupies the slot with this ID")
	cmd.Flags().StringVar(&tunnel, "tunnel-id", "", "only those of the Magic tunnel with this ID")
	limitFlag(cmd, &limit)
	completeFlag(cmd, "interconnect", p.completed(interconnectNames))
	completeFlag(cmd, "slot", p.completed(slotIDs(new(true))))
	return cmd
}

// onInterconnect lists the CNIs on an interconnect. The API has no filter for that. If there are none, it is an error
// if there is no such interconnect either.
func onInterconnect(ctx context.Context, c *client.Client, params *interconnect.ListCNIsParams, name string) iter.Seq2[interconnect.CNI, error] {
	params.Limit = nil // which is about those on other interconnects too
	return func(yield func(interconnect.CNI, error) bool) {
		none := true
		for cni, err := range c.ListCNIs(ctx, params) {
			if err == nil && cni.Interconnect != name {
				continue
			}
			none = false
			if !yield(cni, err) {
				return
			}
		}
		if !none {
			return
		}
		if _, err := c.GetInterconnect(ctx, name); err != nil {
			yield(interconnect.CNI{}, err)
		}
	}
}

func (p *program) cnisGet() *cobra.Command {
	return &cobra.Command{
		Use:   "get ID",
		Short: "Show a CNI",
		Long: `Show a CNI with all that is configured.

Of a BGP session, tables show the ASN at Cloudflare's end too: CLOUDFLARE ASN.
The API has none for a CNI; it is default_asn of the settings, which is one more
request. A session that was made before the settings changed may have another.`,
		Example:           "  interconnect cnis get 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46",
		Args:              one("the ID of a CNI"),
		Annotations:       routerLayout("").annotations(),
		ValidArgsFunction: p.completedOnce(cniIDs),
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
			return p.printCNI(ctx, c, "get_cni", cni)
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
	file         string // instead of all others

	noBGP bool // of an update only
	mode  string
}

// cniFlagNames are the flags that define defines, without --file.
var cniFlagNames = []string{"interconnect", "conduit-name", "mtu", "description", "customer-asn", "extra-prefix", "md5-key"}

func (f *cniFlags) define(p *program, cmd *cobra.Command, mtu int32) {
	flags := cmd.Flags()
	flags.StringVar(&f.interconnect, "interconnect", "", "name of the interconnect")
	flags.StringVar(&f.magic.ConduitName, "conduit-name", "", "name in Magic, unique among all tunnels of the account")
	flags.Int32Var(&f.magic.MTU, "mtu", mtu, "largest IP packet, 576 to 1500 bytes")
	flags.StringVar(&f.magic.Description, "description", "", "a note for people")
	flags.Int64Var(&f.asn, "customer-asn", 0, "your ASN; makes a BGP session")
	flags.StringSliceVar(&f.prefixes, "extra-prefix", nil, "IPv4 prefix to advertise to you besides the Magic routes; may be repeated")
	flags.StringVar(&f.md5, "md5-key", "", "key of the BGP session's TCP MD5 signatures; it is not a secret, responses contain it")
	fileFlag(cmd, &f.file, "the CNI")
	completeFlag(cmd, "interconnect", p.completed(interconnectNames))
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
		if err := checkPrefixes(*bgp); err != nil {
			return &contract.RequestError{Err: err}
		}
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
there is none. --file has the body of the request instead of flags.`,
		Example: `  interconnect cnis create --interconnect direct-iad-a-7d41f0c2 --conduit-name cni-iad-1
  interconnect cnis create --interconnect direct-iad-a-7d41f0c2 --conduit-name cni-iad-1 --description "Primary, Ashburn" \
      --customer-asn 4200000001 --extra-prefix 100.96.0.0/12 --md5-key 'iad-dc2 #1'
  interconnect cnis create --file cni.yaml --dry-run`,
		Args:        cobra.NoArgs,
		Annotations: routerLayout("").annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		create := interconnect.CNICreate{Magic: interconnect.MagicSettings{MTU: defaultMTU}}
		var err error
		switch {
		case cmd.Flags().Changed("file"):
			if err := fileAlone(cmd, cniFlagNames...); err != nil {
				return err
			}
			create, err = readBody[interconnect.CNICreate](p, "create_cni", what.file)
		case !cmd.Flags().Changed("interconnect"):
			return usagef("--interconnect is missing")
		case !cmd.Flags().Changed("conduit-name"):
			return usagef("--conduit-name is missing")
		default:
			err = what.apply(cmd, &create.Interconnect, &create.Magic, &create.BGP)
		}
		if err != nil {
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
		return p.printCNI(ctx, c, "create_cni", cni)
	})
	what.define(p, cmd, defaultMTU)
	dryRunFlag(cmd, &dry)
	return cmd
}

func (p *program) cnisUpdate() *cobra.Command {
	var (
		what   cniFlags
		dry    bool
		forget bool
	)
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change a CNI",
		Long: `Change what flags name, and leave the rest as it is. The API only knows to
replace a CNI as a whole, so the command gets the CNI, changes it, and sends
all of it. What somebody else changes between the two is lost: change a CNI
from one place at a time.

--extra-prefix replaces all extra prefixes; --extra-prefix= removes them, and
--md5-key= removes the key.

With --file nothing is read: the file has the body of the request, which is the
whole CNI as "interconnect cnis get -o yaml" prints it. Only id, cust_ip, p2p_ip
and bgp_mode stay as they are if they are missing; without bgp there is no BGP
session.

A CNI that has members which this program does not know is not changed, since
an update without them may take them away. --forget-unknown does it all the
same.`,
		Example: `  interconnect cnis update 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --mtu 1400
  interconnect cnis update 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --no-bgp --dry-run
  interconnect cnis update 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --file cni.yaml`,
		Args:              one("the ID of a CNI"),
		Annotations:       routerLayout("").annotations(),
		ValidArgsFunction: p.completedOnce(cniIDs),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		id, err := parseID("CNI", args[0])
		if err != nil {
			return err
		}
		if err := checkUpdate(cmd); err != nil {
			return err
		}
		var update interconnect.CNIUpdate
		if cmd.Flags().Changed("file") {
			if update, err = readBody[interconnect.CNIUpdate](p, "update_cni", what.file); err != nil {
				return err
			}
			if update.ID != nil && *update.ID != id {
				return usagef("%s is the CNI %s, not %s", what.file, update.ID, id)
			}
		} else if update, err = p.changed(ctx, cmd, id, &what, forget); err != nil {
			return err
		}
		if dry {
			return p.dryRun(func(c *client.Client) error {
				_, err := c.UpdateCNI(ctx, id, update)
				return err
			})
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		cni, err := c.UpdateCNI(ctx, id, update)
		if err != nil {
			return err
		}
		return p.printCNI(ctx, c, "update_cni", cni)
	})
	what.define(p, cmd, 0)
	modes := []string{string(interconnect.BGPModeDynamicRouteExchange), string(interconnect.BGPModeAdvertiseOnly)}
	optionalChoiceFlag(cmd, cmd.Flags(), &what.mode, "bgp-mode", "", modes, "what BGP does")
	cmd.Flags().BoolVar(&what.noBGP, "no-bgp", false, "end the BGP session")
	cmd.Flags().BoolVar(&forget, "forget-unknown", false, "change a CNI that has members which this program does not know")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "check the request and print it, but do not send it; with --file, needs no credentials")
	return cmd
}

// changed gets a CNI and changes what flags name. The members that the document does not have cannot be sent back.
func (p *program) changed(
	ctx context.Context, cmd *cobra.Command, id uuid.UUID, what *cniFlags, forget bool,
) (update interconnect.CNIUpdate, err error) {
	var unknown []string
	c, err := p.client(client.WithOnDeviation(func(c *contract.Deviation) {
		p.warn(c)
		for _, v := range c.Violations {
			if v.Rule == "undeclared" {
				unknown = append(unknown, v.Pointer)
			}
		}
	}))
	if err != nil {
		return update, err
	}
	current, err := c.GetCNI(ctx, id)
	if err != nil {
		return update, err
	}
	if len(unknown) > 0 && !forget {
		return update, fmt.Errorf("CNI %s was not changed: it has %s, which this program does not know and an update may take away; "+
			"--forget-unknown changes it all the same", id, strings.Join(unknown, " and "))
	}
	update = interconnect.CNIUpdate{Interconnect: current.Interconnect, Magic: current.Magic, BGP: current.BGP}
	if what.noBGP {
		update.BGP = nil
	}
	if what.mode != "" {
		update.BGPMode = new(interconnect.BGPMode(what.mode))
	}
	return update, what.apply(cmd, &update.Interconnect, &update.Magic, &update.BGP)
}

// checkUpdate wants a flag that changes something, and none that contradict each other.
func checkUpdate(cmd *cobra.Command) error {
	names := append([]string{"no-bgp", "bgp-mode"}, cniFlagNames...)
	if !slices.ContainsFunc(append(names, "file"), cmd.Flags().Changed) {
		return usagef("nothing to change: name what to change by a flag, or give --file")
	}
	if err := fileAlone(cmd, append(names, "forget-unknown")...); err != nil {
		return err
	}
	for _, name := range []string{"customer-asn", "extra-prefix", "md5-key", "bgp-mode"} {
		if err := exclusive(cmd, "no-bgp", name); err != nil {
			return err
		}
	}
	return nil
}
