package reconcile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/yamljson"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A State is what an account has, as it was read.
type State struct {
	Account       string
	Settings      interconnect.Settings
	Interconnects []*Interconnect // in the order of the service
	CNIs          []*CNI          // in the order of the service

	unknownSettings json.RawMessage
	slots           map[uuid.UUID]slot // those that a file wants to order
}

// An Interconnect is one that is there.
type Interconnect struct {
	Name  string
	Value interconnect.Interconnect

	unknown json.RawMessage // the members that this program does not know; nil for none
	entry   *interconnectEntry
}

// A CNI is one that is there.
type CNI struct {
	interconnect.CNI

	unknown json.RawMessage // the members that this program does not know; nil for none
	entry   *cniEntry
}

// label is what people call it.
func (c *CNI) label() string { return fmt.Sprintf("%s (%s)", c.Magic.ConduitName, c.ID) }

// A slot is what the service says of one, or that there is none.
type slot struct {
	interconnect.Slot
	missing bool
}

// Read reads an account. The client has to tell unknown of the responses that deviate from the document. Of the slots,
// it reads those that the file wants to order; the file may be nil. An item that cannot be understood is an error: it
// may be what the file has.
func Read(ctx context.Context, c *client.Client, unknown *Unknown, file *File) (*State, error) {
	s := &State{Account: c.AccountID(), slots: map[uuid.UUID]slot{}}
	unknown.forget()
	var err error
	if s.Settings, err = c.GetSettings(ctx); err != nil {
		return nil, err
	}
	for ic, err := range c.ListInterconnects(ctx, &interconnect.ListInterconnectsParams{Limit: new(int32(pageSize))}) {
		if err != nil {
			return nil, err
		}
		s.Interconnects = append(s.Interconnects, &Interconnect{Name: NameOf(ic), Value: ic})
	}
	for cni, err := range c.ListCNIs(ctx, &interconnect.ListCNIsParams{Limit: new(int32(pageSize))}) {
		if err != nil {
			return nil, err
		}
		s.CNIs = append(s.CNIs, &CNI{CNI: cni})
	}
	if unknown.incomplete {
		return nil, errors.New("a response has more members that this program does not know than it can list; " +
			"is it the right service, or is there a newer version of this program?")
	}
	s.unknownSettings = unknown.of("get_settings", "")
	for _, ic := range s.Interconnects {
		ic.unknown = unknown.of("list_interconnects", ic.Name)
	}
	for _, cni := range s.CNIs {
		cni.unknown = unknown.of("list_cnis", cni.ID.String())
	}
	if file == nil {
		return s, nil
	}
	for _, e := range file.interconnects.all() {
		if e.slot == uuid.Nil || s.onSlot(e.slot) != nil {
			continue
		}
		found, err := c.GetSlot(ctx, e.slot)
		if errors.Is(err, client.ErrNotFound) {
			s.slots[e.slot] = slot{missing: true}
			continue
		}
		if err != nil {
			return nil, err
		}
		s.slots[e.slot] = slot{Slot: found}
	}
	return s, nil
}

// pageSize is how many items to ask for at a time. Of the deviations of one response no more than 1,000 are reported.
const pageSize = 50

// onSlot returns the interconnect that occupies a slot, nil if there is none.
func (s *State) onSlot(id uuid.UUID) *Interconnect {
	for _, ic := range s.Interconnects {
		switch v := ic.Value.Value().(type) {
		case interconnect.PhysicalInterconnect:
			if v.SlotID == id {
				return ic
			}
		case interconnect.UnknownVariant: // which may have become something that has a slot too
			var other struct {
				SlotID string `json:"slot_id"`
			}
			if json.Unmarshal(v.JSON, &other) == nil && strings.EqualFold(other.SlotID, id.String()) {
				return ic
			}
		}
	}
	return nil
}

// interconnect returns the one of a name, nil if there is none.
func (s *State) interconnect(name string) *Interconnect {
	for _, ic := range s.Interconnects {
		if ic.Name == name && name != "" {
			return ic
		}
	}
	return nil
}

// NameOf returns the name of an interconnect, "" if it has none.
func NameOf(ic interconnect.Interconnect) string {
	switch v := ic.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return v.Name
	case interconnect.GCPPartnerInterconnect:
		return v.Name
	case interconnect.UnknownVariant:
		var other struct {
			Name string `json:"name"`
		}
		_ = json.Unmarshal(v.JSON, &other)
		return other.Name
	}
	return ""
}

// Unknown collects the members of responses that the document does not declare: no Go type has them. The zero value is
// ready for use. It is for a client that makes one call at a time, as [Read] does.
type Unknown struct {
	members    map[string]map[string]any // by operation and the name or ID of the object
	incomplete bool                      // a response has more of them than are reported
}

// Note records what a response has. It is for [client.WithOnDeviation].
func (u *Unknown) Note(c *contract.Deviation) {
	var body any
	decoder := json.NewDecoder(bytes.NewReader(c.Body))
	decoder.UseNumber() // which may be a longer one than any Go type can hold
	if decoder.Decode(&body) != nil {
		return
	}
	if u.members == nil {
		u.members = map[string]map[string]any{}
	}
	for _, v := range c.Violations {
		if v.Rule != "undeclared" {
			u.incomplete = u.incomplete || v.Rule == "more"
			continue
		}
		path := strings.Split(v.Pointer, "/")[1:]
		object, key := body, c.Operation+" "
		if len(path) > 2 && path[0] == "items" {
			object = member(member(body, "items"), path[1])
			identity := "name"
			if c.Operation == "list_cnis" {
				identity = "id"
			}
			text, _ := member(object, identity).(string)
			key += text
			path = path[2:]
		}
		if u.members[key] == nil {
			u.members[key] = map[string]any{}
		}
		put(u.members[key], object, path)
	}
}

// forget forgets what was read before.
func (u *Unknown) forget() {
	*u = Unknown{}
}

// put sets the member of into that a path leads to, and those around it, to what it is in value.
func put(into map[string]any, value any, path []string) {
	name := yamljson.Unescape(path[0])
	value = member(value, path[0])
	if len(path) == 1 {
		into[name] = value
		return
	}
	inner, ok := into[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		into[name] = inner
	}
	put(inner, value, path[1:])
}

// member returns what a token of a JSON pointer leads to, nil for nothing.
func member(value any, token string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[yamljson.Unescape(token)]
	case []any:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// of returns the unknown members of an object, nil for none.
func (u *Unknown) of(operation, identity string) json.RawMessage {
	members := u.members[operation+" "+identity]
	if len(members) == 0 {
		return nil
	}
	return encode(members)
}
