package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// The facilities are real, and in places where Cloudflare offers interconnects. Their addresses are not published there; those
// of the catalogue are made up.
var facilities = []struct{ airport, name, city, country string }{
	{"atl", "Digital Realty ATL1", "Atlanta, GA", "United States"},
	{"den", "CoreSite DE1", "Denver, CO", "United States"},
	{"dfw", "Equinix DA6", "Dallas, TX", "United States"},
	{"iad", "Equinix DC2", "Ashburn, VA", "United States"},
	{"lax", "CoreSite LA1", "Los Angeles, CA", "United States"},
	{"mia", "Equinix MI1", "Miami, FL", "United States"},
	{"ord", "Equinix CH2", "Chicago, IL", "United States"},
	{"sjc", "Equinix SV5", "San Jose, CA", "United States"},
	{"yyz", "Equinix TR1", "Toronto, ON", "Canada"},
	{"gru", "Equinix SP2", "São Paulo", "Brazil"},
	{"ams", "Equinix AM1", "Amsterdam", "Netherlands"},
	{"fra", "Equinix FR5", "Frankfurt am Main", "Germany"},
	{"cdg", "Equinix PA2", "Paris", "France"},
	{"lhr", "Equinix LD8", "London", "United Kingdom"},
	{"sin", "Equinix SG1", "Singapore", "Singapore"},
	{"nrt", "Equinix TY2", "Tokyo", "Japan"},
	{"syd", "Equinix SY2", "Sydney", "Australia"},
	{"jnb", "Teraco JB1", "Johannesburg", "South Africa"},
}

// Catalogue returns the slots that a sandbox with this seed has by default: at each of 18 facilities there are two sites, such
// as iad-a and iad-b, each with two devices of two 10G ports and one 100G port. All are free.
func Catalogue(seed string) []interconnect.Slot {
	var slots []interconnect.Slot
	for i, f := range facilities {
		facility := interconnect.Facility{
			Name:    f.name,
			Address: []string{fmt.Sprintf("%d Example Plaza (fictional)", 100*(i+1)), f.city, f.country},
		}
		for _, letter := range []string{"a", "b"} {
			site := f.airport + "-" + letter
			for device := 1; device <= 2; device++ {
				name := fmt.Sprintf("ccr%02d.%s", device, site)
				for port, speed := range []string{"10G", "10G", "100G"} {
					slots = append(slots, interconnect.Slot{
						ID:            newID(seed, "slot", name, fmt.Sprint(port)),
						Site:          site,
						Facility:      facility,
						Speed:         speed,
						CCRDeviceName: new(name),
					})
				}
			}
		}
	}
	return slots
}

// ReadCatalogue reads slots for [WithSlots] from a JSON text, which is an array of slots or what list_slots answers, an object with
// items:
//
//	[
//	  {
//	    "id": "1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512",
//	    "site": "iad-a",
//	    "facility": {"name": "Equinix DC2", "address": ["100 Example Plaza", "Ashburn, VA", "United States"]},
//	    "speed": "10G",
//	    "occupied": false,
//	    "ccr_device_name": "ccr01.iad-a"
//	  }
//	]
//
// The error names everything that is not valid by the document, each with a JSON pointer, members that the document does not know, and
// slots with the same ID.
func ReadCatalogue(r io.Reader) ([]interconnect.Slot, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("sandbox: the catalogue cannot be read: %w", err)
	}
	slots, err := readSlots(text)
	if err != nil {
		return nil, fmt.Errorf("sandbox: the catalogue is not valid: %w", err)
	}
	return slots, nil
}

func readSlots(text []byte) ([]interconnect.Slot, error) {
	switch start := bytes.TrimLeft(text, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("[")):
		slots, err := decode[[]interconnect.Slot](text, &contract.Schema{Types: schema.Array, Items: closed(interconnect.Schemas()["nsc_SlotInfo"])})
		if err != nil {
			return nil, err
		}
		return slots, checkIDs("", slots)
	case bytes.HasPrefix(start, []byte("{")):
		list, err := decode[interconnect.SlotList](text, closed(interconnect.Schemas()["nsc_SlotList"]))
		if err != nil {
			return nil, err
		}
		return list.Items, checkIDs("/items", list.Items)
	}
	return nil, errors.New("want a JSON array of slots, or an object with items")
}

// closed is a schema that also refuses members which it does not declare: those of a person are misspelt ones.
func closed(s *contract.Schema) *contract.Schema {
	if s.Types != schema.Object && s.Items == nil {
		return s
	}
	c := &contract.Schema{Name: s.Name, Types: s.Types, Required: s.Required, MinItems: s.MinItems}
	if s.Types == schema.Object {
		c.Additional = schema.False
	}
	for _, p := range s.Properties {
		p.Schema = closed(p.Schema)
		c.Properties = append(c.Properties, p)
	}
	if s.Items != nil {
		c.Items = closed(s.Items)
	}
	return c
}

// checkSlots returns slots that are valid, and shares no memory with those that it is given.
func checkSlots(given []interconnect.Slot) ([]interconnect.Slot, error) {
	slots := make([]interconnect.Slot, len(given))
	for i, slot := range given {
		slot.Facility.Address = append([]string{}, slot.Facility.Address...) // nil would not be valid
		slots[i] = slot
	}
	text, err := json.Marshal(slots)
	if err != nil {
		return nil, fmt.Errorf("sandbox: the slots are not valid: %w", err)
	}
	if slots, err = readSlots(text); err != nil {
		return nil, fmt.Errorf("sandbox: the slots are not valid: %w", err)
	}
	return slots, nil
}

func checkIDs(pointer string, slots []interconnect.Slot) error {
	first := map[uuid.UUID]int{}
	var twice []error
	for i, slot := range slots {
		if j, ok := first[slot.ID]; ok {
			twice = append(twice, fmt.Errorf("%s/%d/id: the slot at %s/%d has the ID %s too", pointer, i, pointer, j, slot.ID))
			continue
		}
		first[slot.ID] = i
	}
	return errors.Join(twice...)
}

// decode reads a JSON text that is valid by a schema for responses.
func decode[T any](text []byte, s *contract.Schema) (T, error) {
	var v T
	if err := s.Check(text, contract.InResponse); err != nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
}

// namespace keeps our IDs apart from those that others make of the same names.
var namespace = uuid.MustParse("7b0e1d5c-2f0a-4d56-9c1c-3a2f1c9f6d11")

// newID returns the same ID for the same seed and parts.
func newID(seed string, parts ...string) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte(seed+"\x00"+strings.Join(parts, "\x00")))
}
