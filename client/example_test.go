package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// Order a port, wait until its link is up, and get the letter that the cross-connect is ordered with. The sandbox stands for
// Cloudflare, as CLOUDFLARE_BASE_URL says; without that the client talks to the real service.
func ExampleClient() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()
	defer setenv("CLOUDFLARE_BASE_URL", server.URL)()
	defer setenv("CLOUDFLARE_API_TOKEN", "any-token")()
	defer setenv("CLOUDFLARE_ACCOUNT_ID", "4f8c1d2e9ab04c75b3e6d7018f2a9c35")()

	ctx := context.Background()
	c, err := client.New("") // account, credentials and URL are in the environment
	if err != nil {
		log.Fatal(err)
	}

	var free *interconnect.Slot
	for slot, err := range c.ListSlots(ctx, &interconnect.ListSlotsParams{Site: new("iad-a"), Occupied: new(false)}) {
		if err != nil {
			log.Fatal(err)
		}
		free = &slot
		break
	}
	if free == nil {
		log.Fatal("no slot is free at iad-a")
	}
	order := interconnect.PhysicalInterconnectCreate{SlotID: free.ID}
	ordered, err := c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(order))
	if err != nil {
		log.Fatal(err)
	}
	switch v := ordered.Value().(type) {
	case interconnect.PhysicalInterconnect:
		fmt.Println("ordered", v.Name+", a port of", v.Speed, "at", v.Facility.Name)
	case interconnect.GCPPartnerInterconnect:
		fmt.Println("ordered", v.Name+", a virtual link to", v.Region)
	case interconnect.UnknownVariant: // of a kind that the service has added since
		fmt.Printf("ordered %s\n", v.JSON)
	}

	name := ordered.Value().(interconnect.PhysicalInterconnect).Name
	err = c.WaitHealthy(ctx, name,
		client.WithPollInterval(time.Millisecond, time.Millisecond), // leave this out to look every few seconds
		client.WithOnChange(func(change client.StatusChange) {
			fmt.Println("the link is", change.To)
			sb.Advance(time.Minute) // instead of waiting
		}))
	if err != nil {
		log.Fatal(err)
	}

	var letter bytes.Buffer // or a file
	if _, err = c.GetInterconnectLOA(ctx, name, nil, &letter); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("the letter is a %s document\n", letter.Next(4)[1:])
	// Output:
	// ordered direct-iad-a-c70810a0, a port of 10G at Equinix DC2
	// the link is Pending
	// the link is Healthy
	// the letter is a PDF document
}

// setenv sets a variable of the environment and returns what restores it.
func setenv(name, value string) (restore func()) {
	before, set := os.LookupEnv(name)
	os.Setenv(name, value)
	return func() {
		os.Unsetenv(name)
		if set {
			os.Setenv(name, before)
		}
	}
}

// The response to an order is lost. The error says that the order may have gone through, and the list of interconnects
// whether it has.
func ExampleUnknownOutcomeError() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()
	ctx := context.Background()
	c, err := client.New("4f8c1d2e9ab04c75b3e6d7018f2a9c35", client.WithBaseURL(server.URL), client.WithToken("any-token"))
	if err != nil {
		log.Fatal(err)
	}

	sb.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: true})
	order := interconnect.PhysicalInterconnectCreate{SlotID: sandbox.Catalogue("")[0].ID}
	_, err = c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(order))
	var unknown *client.UnknownOutcomeError
	if errors.As(err, &unknown) {
		fmt.Println("no response to", unknown.Operation)
		for item, err := range c.ListInterconnects(ctx, nil) {
			if err != nil {
				log.Fatal(err)
			}
			if port, ok := item.Value().(interconnect.PhysicalInterconnect); ok && port.SlotID == order.SlotID {
				fmt.Println("but it went through")
			}
		}
	}
	// Output:
	// no response to create_interconnect
	// but it went through
}

func ExampleAPIError() {
	server := httptest.NewServer(sandbox.New())
	defer server.Close()
	c, err := client.New("example", client.WithBaseURL(server.URL), client.WithToken("any-token"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.GetInterconnect(context.Background(), "direct-1")
	fmt.Println(err)
	fmt.Println(errors.Is(err, client.ErrNotFound))
	// Output:
	// GET /accounts/example/cni/interconnects/direct-1: 404 Not Found: interconnect direct-1 not found (10404)
	// true
}

// The service may be ahead of the document, or behind it. Here it lacks a member that the document requires.
func ExampleWithOnDeviation() {
	server := httptest.NewServer(sandbox.New(sandbox.WithContract(sandbox.July2026)))
	defer server.Close()
	c, err := client.New("example", client.WithBaseURL(server.URL), client.WithToken("any-token"),
		client.WithOnDeviation(func(c *client.Deviation) {
			for _, v := range c.Violations {
				fmt.Println(c.Operation, v.Pointer, v.Rule)
			}
		}))
	if err != nil {
		log.Fatal(err)
	}
	order := interconnect.GCPPartnerInterconnectCreate{Bandwidth: interconnect.Bandwidth1G, PairingKey: "key/us-east4/1"}
	ordered, err := c.CreateInterconnect(context.Background(), interconnect.NewInterconnectCreate(order))
	if err != nil {
		log.Fatal(err)
	}
	switch v := ordered.Value().(type) {
	case interconnect.GCPPartnerInterconnect:
		fmt.Println("a link to", v.Region)
	case interconnect.UnknownVariant:
		fmt.Printf("the order went through, but what came of it is unknown: %s\n", v.JSON)
	}
	// Output:
	// create_interconnect /virtual_port_reservation_id required
	// a link to us-east4
}
