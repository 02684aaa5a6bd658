package reconcile

import (
	"fmt"
	"net/netip"
)

// MeantPrefix says what a prefix is to be that has bits behind the prefix, such as 10.0.0.1/8. The document allows them, but
// does not say what they mean: the network, or the address. It is empty for other prefixes, and for what is not one at all.
func MeantPrefix(text string) string {
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix == prefix.Masked() {
		return ""
	}
	alone := netip.PrefixFrom(prefix.Addr(), prefix.Addr().BitLen())
	return fmt.Sprintf("no bits behind the prefix: %s, or %s for that address alone", prefix.Masked(), alone)
}
