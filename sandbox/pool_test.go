package sandbox

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

func TestPool(t *testing.T) {
	var p pool
	var taken []link
	seen := map[netip.Addr]bool{}
	for range poolSize {
		l, ok := p.free()
		if !ok {
			t.Fatalf("the pool is empty after %d", len(taken))
		}
		customer, cloudflare := netip.MustParsePrefix(l.customer), netip.MustParsePrefix(l.cloudflare)
		if customer.Masked() != cloudflare || customer.Bits() != 31 || !customer.Addr().IsPrivate() || customer.Addr() == cloudflare.Addr() {
			t.Fatalf("got %v", l)
		}
		if seen[customer.Addr()] || seen[cloudflare.Addr()] {
			t.Fatalf("%v is handed out twice", l)
		}
		seen[customer.Addr()], seen[cloudflare.Addr()] = true, true
		taken = append(taken, l)
		p.take(l)
	}
	if last := taken[len(taken)-1]; last.customer != "10.64.255.255/31" {
		t.Errorf("the last one is %v", last)
	}
	if l, ok := p.free(); ok {
		t.Errorf("got %v from an empty pool", l)
	}
	back := taken[rand.IntN(len(taken))]
	p.give(link{customer: back.cloudflare, cloudflare: back.customer}) // an update may have exchanged the ends
	if l, ok := p.free(); !ok || l != back {
		t.Errorf("got %v, want %v", l, back)
	}
}
