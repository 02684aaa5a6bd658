package main

import (
	"context"
	"strconv"

	"github.com/oapi-codegen/nullable"
	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func settingsLayout() layout[interconnect.Settings] {
	return layout[interconnect.Settings]{
		columns: []string{"DEFAULT ASN"},
		row:     func(s interconnect.Settings) []string { return []string{strconv.FormatInt(s.DefaultASN, 10)} },
	}
}

func (p *program) settings() *cobra.Command {
	return group(&cobra.Command{
		Use:     "settings",
		Short:   "Show and change what applies to the whole account",
		Long:    "The settings hold what applies to all interconnects of the account.",
		Example: "  interconnect settings get",
	}, p.settingsGet(), p.settingsUpdate())
}

func (p *program) settingsGet() *cobra.Command {
	return &cobra.Command{
		Use:         "get",
		Short:       "Show the settings",
		Long:        "Show the settings of the account. One that was never set has its default.",
		Example:     "  interconnect settings get -o yaml",
		Args:        cobra.NoArgs,
		Annotations: settingsLayout().annotations(),
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, err := p.client()
			if err != nil {
				return err
			}
			settings, err := c.GetSettings(ctx)
			if err != nil {
				return err
			}
			return printOne(p, "get_settings", settings, settingsLayout())
		}),
	}
}

func (p *program) settingsUpdate() *cobra.Command {
	var (
		asn   int64
		reset bool
		file  string
		dry   bool
	)
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Change the settings",
		Long: `Change the settings that flags or a file name, and show all of them. BGP
sessions that exist keep their ASN.`,
		Example: `  interconnect settings update --default-asn 64512
  interconnect settings update --reset-default-asn --dry-run
  interconnect settings update --file settings.yaml`,
		Args:        cobra.NoArgs,
		Annotations: settingsLayout().annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		if err := exclusive(cmd, "file", "default-asn", "reset-default-asn"); err != nil {
			return err
		}
		var update interconnect.SettingsUpdate
		switch {
		case cmd.Flags().Changed("file"):
			var err error
			if update, err = readBody[interconnect.SettingsUpdate](p, "update_settings", file); err != nil {
				return err
			}
		case reset:
			update.DefaultASN = nullable.NewNullNullable[int64]()
		case cmd.Flags().Changed("default-asn"):
			update.DefaultASN = nullable.NewNullableWithValue(asn)
		default:
			return usagef("nothing to change: give --default-asn, --reset-default-asn or --file")
		}
		if dry {
			return p.dryRun(func(c *client.Client) error {
				_, err := c.UpdateSettings(ctx, update)
				return err
			})
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		settings, err := c.UpdateSettings(ctx, update)
		if err != nil {
			return err
		}
		return printOne(p, "update_settings", settings, settingsLayout())
	})
	cmd.Flags().Int64Var(&asn, "default-asn", 0, "ASN at Cloudflare's end of new BGP sessions: 13335, or 64512 to 65534")
	cmd.Flags().BoolVar(&reset, "reset-default-asn", false, "bring back the default, 13335")
	fileFlag(cmd, &file, "the settings to change")
	dryRunFlag(cmd, &dry)
	return cmd
}
