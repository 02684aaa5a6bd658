package sandbox_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer any-token")
	return nil
}

// Order a port and wait until it is up. In a test, NewServer(t) does what the first two lines do.
func Example() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()

	ctx := context.Background()
	client, err := interconnect.NewClientWithResponses(server.URL,
		interconnect.WithHTTPClient(&http.Client{Transport: interconnect.NewTransport(nil, contract.TransportOptions{})}),
		interconnect.WithRequestEditorFn(authorize))
	if err != nil {
		log.Fatal(err)
	}
	slots, err := client.ListSlotsWithResponse(ctx, account, &interconnect.ListSlotsParams{
		AddressContains: new("ashburn"), Speed: new("100G"), Occupied: new(false),
	})
	if err != nil {
		log.Fatal(err)
	}
	ordered, err := client.CreateInterconnectWithResponse(ctx, account,
		interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: account, SlotID: slots.JSON200.Items[0].ID}))
	if err != nil {
		log.Fatal(err)
	}
	port := ordered.JSON200.Value().(interconnect.PhysicalInterconnect)
	fmt.Println(port.Site, port.Facility.Name, port.Speed)

	for range 2 {
		status, err := client.GetInterconnectStatusWithResponse(ctx, account, port.Name)
		if err != nil {
			log.Fatal(err)
		}
		switch status.JSON200.Value().(type) {
		case interconnect.StatusPending:
			fmt.Println("pending")
		case interconnect.StatusHealthy:
			fmt.Println("healthy")
		}
		sb.Advance(time.Minute) // so that nobody has to wait
	}
	// Output:
	// iad-a Equinix DC2 100G
	// pending
	// healthy
}

// The answer to an order is lost, but the order has gone through.
func ExampleSandbox_Fail() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()
	client, err := interconnect.NewClientWithResponses(server.URL, interconnect.WithRequestEditorFn(authorize))
	if err != nil {
		log.Fatal(err)
	}

	sb.Fail("create_interconnect", sandbox.Fault{Drop: true, AfterWork: true})
	ctx := context.Background()
	_, err = client.CreateInterconnectWithResponse(ctx, account, interconnect.NewInterconnectCreate(
		interconnect.GCPPartnerInterconnectCreate{Account: account, PairingKey: "example/us-central1/1", Bandwidth: interconnect.Bandwidth1G}))
	fmt.Println("an error:", err != nil)

	list, err := client.ListInterconnectsWithResponse(ctx, account, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("interconnects:", len(list.JSON200.Items))
	// Output:
	// an error: true
	// interconnects: 1
}

func ExampleSandbox_SetStatus() {
	sb := sandbox.New()
	dark := interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("No light received")})
	fmt.Println(sb.SetStatus(account, "direct-iad-a-7d41f0c2", dark))
	// Output: sandbox: account 4f8c1d2e9ab04c75b3e6d7018f2a9c35: interconnect direct-iad-a-7d41f0c2 not found
}
