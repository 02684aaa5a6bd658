package sandbox_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// Order a port and wait until it is up. In a test, NewServer(t) does what the first two lines do.
func Example() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()

	ctx := context.Background()
	c, err := client.New(account, client.WithBaseURL(server.URL), client.WithToken("any-token"))
	if err != nil {
		log.Fatal(err)
	}
	order := interconnect.PhysicalInterconnectCreate{Account: account}
	for slot, err := range c.ListSlots(ctx, &interconnect.ListSlotsParams{
		AddressContains: new("ashburn"), Speed: new("100G"), Occupied: new(false),
	}) {
		if err != nil {
			log.Fatal(err)
		}
		order.SlotID = slot.ID
		break
	}
	ordered, err := c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(order))
	if err != nil {
		log.Fatal(err)
	}
	port := ordered.Value().(interconnect.PhysicalInterconnect)
	fmt.Println(port.Site, port.Facility.Name, port.Speed)

	for range 2 {
		status, err := c.GetInterconnectStatus(ctx, port.Name)
		if err != nil {
			log.Fatal(err)
		}
		switch status.Value().(type) {
		case interconnect.StatusPending:
			fmt.Println("pending")
		case interconnect.StatusHealthy:
			fmt.Println("healthy")
		}
		sb.Advance(time.Minute) // instead of waiting
	}
	// Output:
	// iad-a Equinix DC2 100G
	// pending
	// healthy
}

// The response to an order is lost, but the order has gone through.
func ExampleSandbox_Fail() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()
	c, err := client.New(account, client.WithBaseURL(server.URL), client.WithToken("any-token"))
	if err != nil {
		log.Fatal(err)
	}

	sb.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: true})
	ctx := context.Background()
	_, err = c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(
		interconnect.GCPPartnerInterconnectCreate{Account: account, PairingKey: "example/us-central1/1", Bandwidth: interconnect.Bandwidth1G}))
	fmt.Println("an error:", err != nil)

	links := 0
	for _, err := range c.ListInterconnects(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		links++
	}
	fmt.Println("interconnects:", links)
	// Output:
	// an error: true
	// interconnects: 1
}
