package main

import (
	"fmt"
	"testing"
)

// Each peer does what is measured, and does it right. No time is taken.
func TestPeers(t *testing.T) {
	for _, b := range benches {
		for _, p := range peers {
			t.Run(p.name+"/"+b.name, func(t *testing.T) {
				run, err := b.prepare(p)
				if err != nil {
					t.Fatal(err)
				}
				if run == nil {
					t.Skip("it does not do that")
				}
				run()
			})
		}
	}
}

// Allocations, unlike time, are the same on each machine, so their goals are bounds.
func TestAllocations(t *testing.T) {
	ours := peers[4]
	for _, b := range benches {
		if b.goal.allocs == 0 {
			continue
		}
		run, err := b.prepare(ours)
		if err != nil {
			t.Fatal(err)
		}
		if got := testing.AllocsPerRun(1000, run); got > b.goal.allocs {
			t.Errorf("%s: %.0f allocations, want %.0f or less", b.name, got, b.goal.allocs)
		}
	}
}

func BenchmarkPeers(b *testing.B) {
	for _, c := range benches {
		for _, p := range peers {
			run, err := c.prepare(p)
			if err != nil {
				b.Fatal(err)
			}
			if run == nil {
				continue
			}
			b.Run(c.name+"/"+p.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
			})
		}
	}
}

// Our cost grows with the number of items, and no faster.
func BenchmarkItems(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1_000, 10_000} {
		ours := peers[4]
		for _, c := range []bench{{name: "server", prepare: served("GET", "", listOf(n), n)}, {name: "client", prepare: decoded(listOf(n))}} {
			run, err := c.prepare(ours)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/item")
			})
		}
	}
}
