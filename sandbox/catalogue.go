package sandbox

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

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

// namespace keeps our IDs apart from those that others make of the same names.
var namespace = uuid.MustParse("7b0e1d5c-2f0a-4d56-9c1c-3a2f1c9f6d11")

// newID returns the same ID for the same seed and parts.
func newID(seed string, parts ...string) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte(seed+"\x00"+strings.Join(parts, "\x00")))
}
