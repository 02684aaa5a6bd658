package sandbox

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A pool has the /31 subnets of 10.64.0.0/16. The zero pool has none in use.
type pool struct {
	used map[int]bool
	low  int // everything below is used
}

const poolSize = 1 << 15

var poolBase = netip.MustParseAddr("10.64.0.0")

// free returns the lowest free subnet, false if there is none.
func (p *pool) free() (link, bool) {
	for p.used[p.low] {
		p.low++
	}
	if p.low == poolSize {
		return link{}, false
	}
	return link{customer: address(2*p.low + 1), cloudflare: address(2 * p.low)}, true
}

// take makes a subnet used.
func (p *pool) take(l link) {
	if p.used == nil {
		p.used = map[int]bool{}
	}
	p.used[subnet(l)] = true
}

// give makes it free again.
func (p *pool) give(l link) {
	i := subnet(l)
	delete(p.used, i)
	p.low = min(p.low, i)
}

// subnet returns the number of a link's subnet, counted from the base.
func subnet(l link) int {
	base := poolBase.As4()
	addr := netip.MustParsePrefix(l.customer).Masked().Addr().As4()
	return (int(binary.BigEndian.Uint32(addr[:])) - int(binary.BigEndian.Uint32(base[:]))) / 2
}

func address(offset int) string {
	base := poolBase.As4()
	var addr [4]byte
	binary.BigEndian.PutUint32(addr[:], binary.BigEndian.Uint32(base[:])+uint32(offset))
	return fmt.Sprintf("%s/31", netip.AddrFrom4(addr))
}
