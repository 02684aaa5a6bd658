package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func (p *program) demo() *cobra.Command {
	var loa string
	cmd := p.withoutService(&cobra.Command{
		Use:   "demo",
		Short: "Show how it works, on a sandbox of its own",
		Long: `Start a sandbox on a free port of 127.0.0.1, call it over HTTP, and say step by
step what happens: find a port, order it, order a link to Google Cloud, wait
until both are up, configure layer 3, get the Letter of Authorization, and see
wrong orders refused. It ends by itself.`,
		Example: `  interconnect demo
  interconnect demo --loa letter.pdf`,
	})
	cmd.RunE = p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
		return p.runDemo(ctx, loa)
	})
	cmd.Flags().StringVar(&loa, "loa", "interconnect-demo-loa.pdf", "file for the Letter of Authorization; replaced if it exists")
	return cmd
}

// runDemo starts the sandbox for a tour.
func (p *program) runDemo(ctx context.Context, loa string) error {
	start := time.Now() // the sandbox's clock is moved on by the tour and by nothing else, so that all runs are alike
	sb := sandbox.New(
		sandbox.WithClock(func() time.Time { return start }),
		sandbox.WithAccountName(exampleAccount, "Example Networks, Inc."),
	)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, sb, slog.New(slog.DiscardHandler)) }()
	url := "http://" + listener.Addr().String()
	c, err := client.New(exampleAccount, client.WithBaseURL(url+interconnect.BasePath), client.WithToken("any-token"))
	if err == nil {
		t := &tour{w: p.stdout, sandbox: sb, client: c}
		t.say("A tour of Cloudflare Network Interconnects, on a sandbox at %s. Nothing here is real.", url)
		err = t.run(ctx, loa)
	}
	end()
	return errors.Join(err, <-served)
}

// A tour calls a sandbox and says what happens.
type tour struct {
	w       io.Writer
	sandbox *sandbox.Sandbox
	client  *client.Client
	steps   int
}

func (t *tour) run(ctx context.Context, loa string) error {
	port, err := t.orderPort(ctx)
	if err != nil {
		return err
	}
	link, err := t.orderLink(ctx)
	if err != nil {
		return err
	}
	t.step("Wait until both links are up. With Cloudflare a port takes weeks; here the clock is moved on.")
	for _, name := range []string{link.Name, port.Name} {
		if err := t.wait(ctx, name); err != nil {
			return err
		}
	}
	if err := t.configure(ctx, port.Name); err != nil {
		return err
	}
	t.step("Get the Letter of Authorization, with which the cross-connect is ordered from the facility.")
	err = writeFile(loa, 0o666, func(w io.Writer) error {
		_, err := t.client.GetInterconnectLOA(ctx, port.Name, nil, w)
		return err
	})
	if err != nil {
		return err
	}
	t.say("   wrote %s", loa)
	if err := t.makeMistakes(ctx, port); err != nil {
		return err
	}
	t.say("\nThat was all. \"interconnect serve\" keeps a sandbox running, \"interconnect --help\" lists the commands.")
	return nil
}

func (t *tour) say(format string, args ...any) { fmt.Fprintf(t.w, format+"\n", args...) }

func (t *tour) step(what string) {
	t.steps++
	t.say("\n%d. %s", t.steps, what)
}

func (t *tour) orderPort(ctx context.Context) (port interconnect.PhysicalInterconnect, err error) {
	t.step("Find a free port in Ashburn.")
	var slot interconnect.Slot
	params := &interconnect.ListSlotsParams{AddressContains: new("Ashburn"), Occupied: new(false)}
	for found, err := range t.client.ListSlots(ctx, params) {
		if err != nil {
			return port, err
		}
		slot = found
		break
	}
	t.say("   slot %s: %s at %s, site %s", slot.ID, slot.Speed, slot.Facility.Name, slot.Site)

	t.step("Order it.")
	order := interconnect.PhysicalInterconnectCreate{SlotID: slot.ID}
	ordered, err := t.client.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(order))
	if err != nil {
		return port, err
	}
	port, ok := ordered.Value().(interconnect.PhysicalInterconnect)
	if !ok {
		return port, errors.New("the order of a port gave something else")
	}
	t.say("   ordered %s", port.Name)
	return port, nil
}

func (t *tour) orderLink(ctx context.Context) (link interconnect.GCPPartnerInterconnect, err error) {
	t.step("Order a virtual link to Google Cloud, with the pairing key of a VLAN attachment.")
	order := interconnect.GCPPartnerInterconnectCreate{
		PairingKey: "7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2",
		Bandwidth:  interconnect.Bandwidth1G,
	}
	ordered, err := t.client.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(order))
	if err != nil {
		return link, err
	}
	link, ok := ordered.Value().(interconnect.GCPPartnerInterconnect)
	if !ok {
		return link, errors.New("the order of a link to Google Cloud gave something else")
	}
	t.say("   ordered %s: %s to %s", link.Name, *link.Speed, link.Region)
	return link, nil
}

// wait moves the clock of the sandbox on when it has seen that a link is not up yet.
func (t *tour) wait(ctx context.Context, name string) error {
	return t.client.WaitHealthy(ctx, name,
		client.WithPollInterval(50*time.Millisecond, 50*time.Millisecond),
		client.WithOnChange(func(change client.StatusChange) {
			t.say("   %s is %s", name, change.To)
			if change.To == client.StatePending {
				t.sandbox.Advance(6 * time.Second) // a link to Google Cloud takes 2 s in the sandbox, a port 10 s
			}
		}))
}

func (t *tour) configure(ctx context.Context, name string) error {
	t.step("Configure layer 3 on the port, with a BGP session.")
	cni, err := t.client.CreateCNI(ctx, interconnect.CNICreate{
		Interconnect: name,
		Magic:        interconnect.MagicSettings{ConduitName: "cni-iad-1", Description: "Primary link, Ashburn", MTU: 1500},
		BGP:          &interconnect.BGPControl{CustomerASN: 4200000001, ExtraPrefixes: []string{"100.96.0.0/12"}},
	})
	if err != nil {
		return err
	}
	t.say("   CNI %s: yours is %s with AS %d, Cloudflare's %s", cni.ID, cni.CustomerIP, cni.BGP.CustomerASN, cni.CloudflareIP)
	return nil
}

// makeMistakes configures and orders in ways that have to fail.
func (t *tour) makeMistakes(ctx context.Context, port interconnect.PhysicalInterconnect) error {
	t.step("Make mistakes. What the API's document does not allow is found out before anything is sent.")
	_, err := t.client.CreateCNI(ctx, interconnect.CNICreate{
		Account: strings.Repeat("4f8c", 10), Interconnect: port.Name, Magic: interconnect.MagicSettings{ConduitName: "demo", MTU: -1},
	})
	var invalid *contract.RequestError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("the CNI should have been found invalid: %w", err)
	}
	t.say("   not sent:")
	for _, violation := range violations(invalid.Err) {
		t.say("     %s", violation)
	}
	t.say("   The service finds out the rest. An order of the port of step 1, once more, at another speed:")
	_, err = t.client.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{
		SlotID: port.SlotID, Speed: new("100G"),
	}))
	var refused *client.APIError
	if !errors.As(err, &refused) {
		return fmt.Errorf("the order should have been refused: %w", err)
	}
	t.say("   refused, %d:", refused.StatusCode)
	for _, detail := range refused.Details {
		t.say("     %s", detail)
	}
	return nil
}
