package sandbox

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A pool hands out the /31 subnets of 10.64.0.0/16, the lowest free one first. The zero pool has all of them.
type pool struct {
	used map[int]bool
	low  int // everything below is used
}

const poolSize = 1 << 15

var poolBase = netip.MustParseAddr("10.64.0.0")

// take returns false if no subnet is left.
func (p *pool) take() (link, bool) {
	for p.used[p.low] {
		p.low++
	}
	if p.low == poolSize {
		return link{}, false
	}
	if p.used == nil {
		p.used = map[int]bool{}
	}
	p.used[p.low] = true
	return link{customer: address(2*p.low + 1), cloudflare: address(2 * p.low)}, true
}

// give takes back what take has returned.
func (p *pool) give(l link) {
	base := poolBase.As4()
	addr := netip.MustParsePrefix(l.customer).Masked().Addr().As4()
	i := int(binary.BigEndian.Uint32(addr[:])-binary.BigEndian.Uint32(base[:])) / 2
	delete(p.used, i)
	p.low = min(p.low, i)
}

func address(offset int) string {
	base := poolBase.As4()
	var addr [4]byte
	binary.BigEndian.PutUint32(addr[:], binary.BigEndian.Uint32(base[:])+uint32(offset))
	return fmt.Sprintf("%s/31", netip.AddrFrom4(addr))
}
