package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
)

// defaultNameID is the operation that the contract of July 2026 lacks.
const defaultNameID = "get_interconnect_loa_default_name"

// newMembers are those that each operation's answer has since August 2026, at the top or in each of the items.
var newMembers = map[string][]string{
	"list_slots":          {"ccr_device_name"},
	"get_slot":            {"ccr_device_name"},
	"list_interconnects":  {"virtual_port_reservation_id", "ccr_device_name"},
	"create_interconnect": {"virtual_port_reservation_id", "ccr_device_name"},
	"get_interconnect":    {"virtual_port_reservation_id", "ccr_device_name"},
	"list_cnis":           {"bgp_mode"},
	"create_cni":          {"bgp_mode"},
	"get_cni":             {"bgp_mode"},
	"update_cni":          {"bgp_mode"},
}

// toJuly removes the new members from a response. It comes after the validation against the document, which requires
// one of them.
func toJuly(operationID string, a *answer) error {
	members, ok := newMembers[operationID]
	if !ok || a.status != http.StatusOK {
		return nil
	}
	drop := without
	if strings.HasPrefix(operationID, "list_") {
		drop = withoutInItems
	}
	body, err := drop(a.body.Bytes(), members)
	if err != nil {
		return err
	}
	a.body.Reset()
	a.body.Write(append(body, '\n'))
	return nil
}

// without returns the object without some members.
func without(object json.RawMessage, members []string) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, err
	}
	for _, name := range members {
		delete(all, name)
	}
	return json.Marshal(all)
}

func withoutInItems(list json.RawMessage, members []string) (json.RawMessage, error) {
	var p listed[json.RawMessage]
	if err := json.Unmarshal(list, &p); err != nil {
		return nil, err
	}
	for i, item := range p.Items {
		var err error
		if p.Items[i], err = without(item, members); err != nil {
			return nil, err
		}
	}
	return json.Marshal(p)
}
