package reconcile

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// An Export is a state as a file. Applied to the same account it changes nothing.
type Export struct {
	JSON     json.RawMessage   // the members in an order for people
	Comments map[string]string // by JSON pointer; what the service says of an object and a file cannot change
}

// Export returns the state as a file.
func (s *State) Export() Export {
	e := Export{Comments: map[string]string{}}
	interconnects, cnis := []json.RawMessage{}, []json.RawMessage{}
	for i, ic := range s.Interconnects {
		members, comment := ic.export()
		interconnects = append(interconnects, members)
		e.Comments["/interconnects/"+strconv.Itoa(i)] = comment
	}
	for _, cni := range s.CNIs {
		cnis = append(cnis, cni.export())
	}
	e.JSON = object(property{"version", encode(1)}, property{"account", encode(s.Account)},
		property{"settings", extended(encode(s.Settings), s.unknownSettings)},
		property{"interconnects", encode(interconnects)}, property{"cnis", encode(cnis)})
	return e
}

// text is the value of a member, which is left out if the service has not sent it.
func text(value string) json.RawMessage {
	if value == "" {
		return nil
	}
	return encode(value)
}

func (ic *Interconnect) export() (members json.RawMessage, comment string) {
	switch v := ic.Value.Value().(type) {
	case interconnect.PhysicalInterconnect:
		comment = v.Site + ", " + v.Facility.Name
		if v.CCRDeviceName != nil {
			comment += ", " + *v.CCRDeviceName
		}
		slot := ""
		if v.SlotID != uuid.Nil {
			slot = v.SlotID.String()
		}
		return object(
			property{"name", text(v.Name)}, property{"type", text(typePort)}, property{"slot_id", text(slot)},
			property{"speed", text(v.Speed)}, property{"unknown", ic.unknown},
		), comment
	case interconnect.GCPPartnerInterconnect:
		bandwidth := ""
		if v.Speed != nil {
			bandwidth = string(*v.Speed)
		}
		return object(
			property{"name", text(v.Name)}, property{"type", text(typeGCP)}, property{"region", text(v.Region)},
			property{"bandwidth", text(bandwidth)}, property{"unknown", ic.unknown},
		), "to order it anew it needs a pairing_key, which the service does not tell"
	case interconnect.UnknownVariant:
		return without(v.JSON, "account"), "this program does not understand this one"
	}
	return encode(nil), ""
}

// export leaves the account out, which is that of the file.
func (c *CNI) export() json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(encode(c.CNI), &members); err != nil {
		panic(err) // it was encoded on this line
	}
	delete(members, "account")
	var list []property
	for _, name := range append([]string{"id", "interconnect", "cust_ip", "p2p_ip"}, sorted(members)...) {
		if !slices.ContainsFunc(list, func(m property) bool { return m.name == name }) {
			list = append(list, property{name, members[name]})
		}
	}
	return object(append(list, property{"unknown", c.unknown})...)
}

// extended adds the unknown members to an object.
func extended(text, unknown json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || unknown == nil {
		return text
	}
	members["unknown"] = unknown
	return encode(members)
}

type property struct {
	name  string
	value json.RawMessage // nil for a member that is left out
}

// object writes members in their order.
func object(members ...property) json.RawMessage {
	text := []byte("{")
	for _, m := range members {
		if m.value == nil {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(append(append(text, encode(m.name)...), ':'), m.value...)
	}
	return append(text, '}')
}
