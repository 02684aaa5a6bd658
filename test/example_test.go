package test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// Order a port from a server made of any implementation of the interface.
func Example() {
	server := httptest.NewServer(interconnect.NewHandler(newService(), contract.HandlerOptions{}))
	defer server.Close()

	// The transport validates requests and responses.
	client, err := interconnect.NewClient(server.URL,
		interconnect.WithHTTPClient(&http.Client{Transport: interconnect.NewTransport(nil, contract.TransportOptions{})}),
		interconnect.WithRequestEditorFn(bearer("my-token")))
	if err != nil {
		log.Fatal(err)
	}

	order := interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: account, SlotID: freeSlot})
	resp, err := client.CreateInterconnect(context.Background(), account, order)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	created, ok := contract.Value[interconnect.Interconnect](resp)
	if !ok {
		log.Fatal(resp.Status)
	}
	switch ordered := created.Value().(type) {
	case interconnect.PhysicalInterconnect:
		fmt.Println(ordered.Name, "at", ordered.Facility.Name)
	case interconnect.GCPPartnerInterconnect:
		fmt.Println(ordered.Name, "in", ordered.Region)
	}
	// Output: direct-iad-a-1 at Equinix DC2
}

// A request that violates the document does not reach the implementation. The response lists everything that is wrong.
func ExampleNewHandler() {
	handler := interconnect.NewHandler(newService(), contract.HandlerOptions{WriteFailure: cloudflare.WriteFailure})

	order := `{"type": "direct", "account": "example", "slot_id": "1f6b8c0e", "bandwidth": "1G"}`
	request := httptest.NewRequest("POST", "/accounts/example/cni/interconnects", strings.NewReader(order))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer my-token")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)

	var body bytes.Buffer
	if err := json.Indent(&body, answer.Body.Bytes(), "", "  "); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Code)
	fmt.Print(body.String())
	// Output:
	// 400
	// {
	//   "success": false,
	//   "errors": [
	//     {
	//       "code": 10010,
	//       "message": "/slot_id: want a UUID such as \"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e\" (format)",
	//       "source": {
	//         "pointer": "/slot_id"
	//       }
	//     },
	//     {
	//       "code": 10010,
	//       "message": "/bandwidth: want no such member (additionalProperties)",
	//       "source": {
	//         "pointer": "/bandwidth"
	//       }
	//     }
	//   ],
	//   "messages": [],
	//   "result": null
	// }
}
