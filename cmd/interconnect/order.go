package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
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
  --file                  what the API takes as the body of the request, as JSON

An order may be binding, so it is sent once. If no answer comes, the exit code
is 4 and the message says how to find out what became of it.

Who holds a pairing key can take the link over. Other users of the machine see
it on the command line: pass it in a file or on standard input where that
matters.

The order is shown as soon as it is placed. With --wait the command then waits
for the link, see "interconnect interconnects status --help".`,
		Example: `  interconnect interconnects create --slot 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512 --speed 10G
  interconnect interconnects create --gcp-pairing-key-file key.txt --bandwidth 1G --wait
  interconnect interconnects create --file order.json --dry-run`,
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
				_, err := place(ctx, c, order)
				return err
			})
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		ordered, err := place(ctx, c, order)
		if err != nil {
			return err
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
	flags.StringVar(&what.bandwidth, "bandwidth", "", "bandwidth of the GCP partner interconnect, 50M to 50G, such as 1G")
	flags.StringVar(&what.file, "file", "", "file with the order as JSON; - for standard input")
	dryRunFlag(cmd, &dry)
	wait.define(cmd)
	return cmd
}

// place orders. An order from a file names its account, and must not be placed for another one by mistake.
func place(ctx context.Context, c *client.Client, order interconnect.InterconnectCreate) (interconnect.Interconnect, error) {
	account := c.AccountID()
	switch order := order.Value().(type) {
	case interconnect.PhysicalInterconnectCreate:
		account = cmp.Or(order.Account, account)
	case interconnect.GCPPartnerInterconnectCreate:
		account = cmp.Or(order.Account, account)
	}
	if account != c.AccountID() {
		return interconnect.Interconnect{}, usagef("the order is for account %s, not for %s", account, c.AccountID())
	}
	ordered, err := c.CreateInterconnect(ctx, order)
	if err != nil {
		err = &orderError{order, err}
	}
	return ordered, err
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
		return p.orderFromFile(f.file)
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

func (p *program) orderFromFile(file string) (order interconnect.InterconnectCreate, err error) {
	text, err := p.read(file)
	if err != nil {
		return order, err
	}
	if err := order.UnmarshalJSON(text); err != nil {
		return order, &contract.RequestError{Operation: "create_interconnect", Err: err}
	}
	return order, nil
}

// maxInput is the largest file that is read, in bytes. A pairing key and an order are far smaller.
const maxInput = 1 << 20

// read reads a file, or standard input for "-".
func (p *program) read(name string) ([]byte, error) {
	input := p.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, &usageError{err: err}
		}
		defer file.Close()
		input = file
	}
	text, err := io.ReadAll(io.LimitReader(input, maxInput+1))
	switch {
	case err != nil:
		return nil, &usageError{err: fmt.Errorf("reading %s: %w", name, err)}
	case len(text) > maxInput:
		return nil, usagef("%s is longer than 1 MiB", name)
	}
	return text, nil
}

func dryRunFlag(cmd *cobra.Command, dry *bool) {
	cmd.Flags().BoolVar(dry, "dry-run", false, "check the request and print it, but do not send it; needs no credentials")
}

// dryRun makes a call that ends before it leaves, and prints what would have been sent.
func (p *program) dryRun(call func(*client.Client) error) error {
	c, err := p.newClient(
		client.WithToken("not-sent"),
		client.WithHTTPClient(&http.Client{Transport: printingTransport{p.stdout}}),
	)
	if err != nil {
		return err
	}
	err = call(c)
	if errors.Is(err, errDryRun) {
		fmt.Fprintln(p.stderr, "valid, and not sent because of --dry-run")
		return nil
	}
	return err
}

var errDryRun = errors.New("dry run")

// printingTransport prints requests and sends none.
type printingTransport struct{ w io.Writer }

func (t printingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	// A terminal and the log of a CI run are no places for a pairing key.
	body = regexp.MustCompile(`("pairing_key":)"(\\.|[^"\\])*"`).ReplaceAll(body, []byte(`$1"[redacted]"`))
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(t.w, "%s %s\n%s\n", r.Method, r.URL, text.Bytes()); err != nil {
		return nil, fmt.Errorf("the request is valid, but cannot be shown: %w", err)
	}
	return nil, errDryRun
}
