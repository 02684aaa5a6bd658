package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/reconcile"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// orderFlags say what to order, in one of three forms.
type orderFlags struct {
	slot, speed string

	pairingKey, pairingKeyFile string
	bandwidth                  string

	file string
}

func (p *program) interconnectsCreate() *cobra.Command {
	var (
		what orderFlags
		wait waitFlags
		dry  bool
	)
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Order an interconnect",
		Long: `Order an interconnect, in one of three forms:

  --slot                  a physical interconnect on a free slot, see
                          "interconnect slots list --free"
  --gcp-pairing-key       a GCP partner interconnect; needs --bandwidth
  --file                  the body of the request, as YAML or JSON

An order may be binding, so it is sent once. If no response comes, the exit code
is 4 and the message says how to find out what became of it.

Who holds a pairing key can take the link over. Other users of the machine see
it on the command line: pass it in a file or on standard input where that
matters.

The order is shown as soon as it is placed. With --wait the command then waits
for the link, see "interconnect interconnects status --help".`,
		Example: `  interconnect interconnects create --slot 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512 --speed 10G
  interconnect interconnects create --gcp-pairing-key-file key.txt --bandwidth 1G --wait
  interconnect interconnects create --file order.yaml --dry-run`,
		Args:        cobra.NoArgs,
		Annotations: interconnectLayout().annotations(),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		if err := wait.check(); err != nil {
			return err
		}
		if dry && wait.wait {
			return usagef("--dry-run orders nothing that --wait could wait for")
		}
		order, err := p.readOrder(cmd, &what)
		if err != nil {
			return err
		}
		if dry {
			return p.dryRun(func(c *client.Client) error {
				_, err := c.CreateInterconnect(ctx, order)
				return err
			})
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		ordered, err := c.CreateInterconnect(ctx, order)
		if err != nil {
			return &reconcile.OrderError{Order: order, Err: err}
		}
		if err := printOne(p, "create_interconnect", ordered, interconnectLayout()); err != nil {
			return fmt.Errorf("interconnect %s: %w", nameOf(ordered), err)
		}
		if !wait.wait {
			return nil
		}
		name := nameOf(ordered)
		if name == "" {
			return errors.New("the order went through, but the answer has no name to wait for; see the list of interconnects")
		}
		return p.waitHealthy(ctx, c, name, &wait)
	})
	flags := cmd.Flags()
	flags.StringVar(&what.slot, "slot", "", "ID of the slot to occupy")
	flags.StringVar(&what.speed, "speed", "", "speed of the port, such as 10G (default that of the slot)")
	flags.StringVar(&what.pairingKey, "gcp-pairing-key", "", "pairing key of the VLAN attachment; - for standard input")
	flags.StringVar(&what.pairingKeyFile, "gcp-pairing-key-file", "", "file with the pairing key")
	known := bandwidths()
	flags.StringVar(&what.bandwidth, "bandwidth", "", fmt.Sprintf("bandwidth of the GCP partner interconnect, %s to %s, such as 1G", known[0], known[len(known)-1]))
	flags.StringVar(&what.file, "file", "", "`FILE` with the order, as YAML or JSON; - for standard input")
	dryRunFlag(cmd, &dry)
	wait.define(cmd)
	completeFlag(cmd, "slot", p.completed(slotIDs(new(false))))
	completeFlag(cmd, "speed", p.completed(slotSpeeds))
	completeFlag(cmd, "bandwidth", cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// readOrder makes an order of the flags.
func (p *program) readOrder(cmd *cobra.Command, f *orderFlags) (order interconnect.InterconnectCreate, err error) {
	set := cmd.Flags().Changed
	gcp := set("gcp-pairing-key") || set("gcp-pairing-key-file")
	if err := exclusive(cmd, "slot", "gcp-pairing-key", "gcp-pairing-key-file", "file"); err != nil {
		return order, err
	}
	switch {
	case !set("slot") && !gcp && !set("file"):
		return order, usagef("nothing to order: give --slot, or --gcp-pairing-key with --bandwidth, or --file")
	case set("speed") && !set("slot"):
		return order, usagef("--speed goes with --slot only")
	case set("bandwidth") && !gcp:
		return order, usagef("--bandwidth goes with --gcp-pairing-key only")
	case gcp && !set("bandwidth"):
		return order, usagef("--gcp-pairing-key needs --bandwidth, such as 1G")
	case set("file"):
		return readBody[interconnect.InterconnectCreate](p, "create_interconnect", f.file)
	case gcp:
		key, err := p.readPairingKey(f)
		return interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
			PairingKey: key, Bandwidth: interconnect.Bandwidth(f.bandwidth),
		}), err
	}
	physical := interconnect.PhysicalInterconnectCreate{}
	if physical.SlotID, err = parseID("slot", f.slot); err != nil {
		return order, err
	}
	if set("speed") {
		physical.Speed = &f.speed
	}
	return interconnect.NewInterconnectCreate(physical), nil
}

func (p *program) readPairingKey(f *orderFlags) (string, error) {
	key := f.pairingKey
	switch {
	case f.pairingKeyFile != "":
		text, err := p.read(f.pairingKeyFile)
		if err != nil {
			return "", err
		}
		key = string(text)
	case f.pairingKey == "-":
		text, err := p.read("-")
		if err != nil {
			return "", err
		}
		key = string(text)
	}
	if key = strings.TrimSpace(key); key == "" {
		return "", usagef("the pairing key is empty")
	}
	return key, nil
}
