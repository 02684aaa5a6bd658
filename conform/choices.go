package conform

// Random requests are made of choices. This file draws choices, repeats them, and looks for simpler ones that have the same outcome. The
// libraries for tests with random values do the same, but all of them import the package testing, with its flags, and this package is a
// part of a program that is shipped.

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// choices are the decisions that something random is made of, in the order in which they are asked for. A smaller number is a simpler
// choice, 0 the simplest.
type choices struct {
	source *rand.Rand // of new choices; if nil, given ones are repeated, and what is missing at their end is 0
	given  []uint64
	made   []uint64
}

// upTo chooses a number from 0 to most.
func (c *choices) upTo(most uint64) uint64 {
	var n uint64
	switch {
	case c.source != nil && most == math.MaxUint64:
		n = c.source.Uint64()
	case c.source != nil:
		n = c.source.Uint64N(most + 1)
	case len(c.made) < len(c.given):
		n = min(c.given[len(c.made)], most)
	}
	c.made = append(c.made, n)
	return n
}

// IntN, Int32N and Int64N are those of [rand.Rand].
func (c *choices) IntN(n int) int       { return int(c.upTo(uint64(n) - 1)) }
func (c *choices) Int32N(n int32) int32 { return int32(c.upTo(uint64(n) - 1)) }
func (c *choices) Int64N(n int64) int64 { return int64(c.upTo(uint64(n) - 1)) }

// oneIn reports whether to do something that is done once in n times.
func (c *choices) oneIn(n int) bool { return c.IntN(n) == n-1 }

// between chooses an integer from low to high. Each order of magnitude is as likely as any other, and what is closest to zero is simplest.
func (c *choices) between(low, high int64) int64 {
	start := max(low, min(high, 0))
	span, sign := uint64(high)-uint64(start), uint64(1)
	if below := uint64(start) - uint64(low); below > 0 && (span == 0 || c.oneIn(2)) {
		span, sign = below, math.MaxUint64 // -1
	}
	magnitude := uint64(1)<<c.upTo(64) - 1 // 64 gives all ones
	return int64(uint64(start) + sign*c.upTo(min(span, magnitude)))
}

// several calls a function at least so often, and at most so often. That each call is chosen for itself lets a call be taken out of the
// middle when choices are simplified.
func (c *choices) several(least, most int, do func()) {
	usual := uint64(1) << c.upTo(6)
	for n := 0; n < least || n < most && c.upTo(usual) > 0; n++ {
		do()
	}
}

// text chooses a text of least to most characters, which may be any. Letters are simplest.
func (c *choices) text(least, most int) string {
	var text []rune
	c.several(least, most, func() {
		highest := pick(c, []uint64{0, 0x7F, 0xFFFF, 0x10FFFF})
		if highest == 0 {
			text = append(text, 'a'+rune(c.upTo('z'-'a')))
		} else {
			text = append(text, rune(c.upTo(highest)))
		}
	})
	return string(text) // surrogates, which are not characters, become U+FFFD
}

func pick[T any](c *choices, from []T) T { return from[c.IntN(len(from))] }

// simpler reports whether a is simpler than b: it has fewer choices other than 0, fewer choices, or the first one that differs is smaller.
func simpler(a, b []uint64) bool {
	unusual := func(made []uint64) (n int) {
		for _, choice := range made {
			if choice > 0 {
				n++
			}
		}
		return n
	}
	return cmp.Or(cmp.Compare(unusual(a), unusual(b)), cmp.Compare(len(a), len(b)), slices.Compare(a, b)) < 0
}

// simplify looks for choices that are as simple as can be and fail as the given ones do. It tries at most so many, and returns the simplest
// that it has tried; the given ones if there are no others.
func simplify(given []uint64, tries int, fails func(*choices) bool) []uint64 {
	best := given
	try := func(candidate []uint64) bool {
		if tries == 0 || !simpler(candidate, best) {
			return false
		}
		tries--
		c := &choices{given: candidate}
		if !fails(c) || !simpler(c.made, best) {
			return false
		}
		best = c.made
		return true
	}
	with := func(start, end int, replacement ...uint64) []uint64 {
		return slices.Concat(best[:start], replacement, best[end:])
	}
	for improved := true; improved && tries > 0; {
		improved = false
		for size := len(best); size > 0; size /= 2 {
			for i := 0; i+size <= len(best); i += size {
				improved = try(with(i, i+size, make([]uint64, size)...)) || improved
			}
		}
		for i := 0; i < len(best); i++ {
			for shift := 1; shift <= 32 && i < len(best) && best[i] > 0; shift++ { // with 0, fewer or more choices may follow from it
				if end := i + 1 + shift; end <= len(best) {
					improved = try(with(i, end, 0)) || improved
				}
				if shift <= 4 {
					improved = try(with(i, i+1, make([]uint64, 1+shift)...)) || improved
				}
			}
			for step := best[i]; step > 0; step /= 2 {
				for i < len(best) && best[i] >= step && try(with(i, i+1, best[i]-step)) {
					improved = true
				}
			}
		}
		for size := min(8, len(best)); size > 0; size-- { // an item of a list is a few choices
			for i := 0; i+size <= len(best); i++ {
				for i+size <= len(best) && try(with(i, i+size)) {
					improved = true
				}
			}
		}
	}
	return best
}
