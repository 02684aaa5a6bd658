package cloudflare

import (
	"net/netip"

	"github.com/interconnect-go/interconnect/contract/schema"
)

func init() {
	schema.RegisterFormat("A.B.C.D/N", `an IPv4 prefix such as "192.0.2.0/24"`, isIPv4Prefix)
}

// isIPv4Prefix accepts an IPv4 address with the length of its prefix. Host bits may be set: 192.0.2.1/31 names an address together with its
// network.
func isIPv4Prefix(s string) bool {
	p, err := netip.ParsePrefix(s)
	return err == nil && p.Addr().Is4()
}
