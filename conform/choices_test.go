package conform

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestBetween(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -65, -1, 0, 1, 64, math.MaxInt64 - 1, math.MaxInt64}
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.OneOf(rapid.SampledFrom(edges), rapid.Int64())
		low, high := end.Draw(t, "low"), end.Draw(t, "high")
		low, high = min(low, high), max(low, high)
		c := &choices{source: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
		if n := c.between(low, high); n < low || n > high {
			t.Fatalf("got %d, want %d to %d", n, low, high)
		}
		if n := new(choices).between(low, high); n != max(low, min(high, 0)) {
			t.Fatalf("the simplest is %d, want the closest to 0 from %d to %d", n, low, high)
		}
	})
	seen := map[int64]bool{}
	c := &choices{source: rand.New(rand.NewPCG(1, 0))}
	for range 10000 {
		seen[c.between(-2, 2)] = true
	}
	if len(seen) != 5 {
		t.Errorf("10000 numbers from -2 to 2 are %v only", seen)
	}
}

func TestText(t *testing.T) {
	c := &choices{source: rand.New(rand.NewPCG(1, 0))}
	lengths := map[int]bool{}
	for range 1000 {
		text := c.text(2, 9)
		n := utf8.RuneCountInString(text)
		if lengths[n] = true; !utf8.ValidString(text) || n < 2 || n > 9 {
			t.Fatalf("%q", text)
		}
	}
	if len(lengths) != 8 {
		t.Errorf("1000 texts of 2 to 9 characters have the lengths %v only", lengths)
	}
	if text := new(choices).text(2, 9); text != "aa" {
		t.Errorf("the simplest text is %q", text)
	}
}

// Choices that are repeated give the same values.
func TestRepeat(t *testing.T) {
	draw := func(c *choices) []any {
		return []any{c.between(-5, math.MaxInt64), c.text(0, 40), pick(c, []string{"a", "b", "c"}), c.oneIn(3), maker{c}.matching(`^[a-z_]{2,5}(x|yz)+$`, 3)}
	}
	for seed := range uint64(200) {
		c := &choices{source: rand.New(rand.NewPCG(seed, 0))}
		first := draw(c)
		if again := draw(&choices{given: c.made}); !slices.Equal(first, again) {
			t.Fatalf("seed %d: %v, and then %v", seed, first, again)
		}
	}
}

// Whatever fails is simplified to what cannot be simpler, within the tries.
func TestSimplify(t *testing.T) {
	numbers := func(c *choices) (list []int64) {
		c.several(0, 10, func() { list = append(list, c.between(-1000, 1000)) })
		return list
	}
	for name, test := range map[string]struct {
		fails func([]int64) bool
		want  []int64
	}{
		"one is large":  {func(list []int64) bool { return slices.ContainsFunc(list, func(n int64) bool { return n > 130 }) }, []int64{131}},
		"one is low":    {func(list []int64) bool { return slices.ContainsFunc(list, func(n int64) bool { return n < -7 }) }, []int64{-8}},
		"there are two": {func(list []int64) bool { return len(list) > 1 }, []int64{0, 0}},
	} {
		for seed := range uint64(30) {
			c := &choices{source: rand.New(rand.NewPCG(seed, 0))}
			for !test.fails(numbers(c)) {
				c.made = nil
			}
			tries := 0
			simplest := simplify(c.made, maxShrinking, func(c *choices) bool {
				tries++
				return test.fails(numbers(c))
			})
			if got := numbers(&choices{given: simplest}); !slices.Equal(got, test.want) || tries > maxShrinking {
				t.Errorf("%s, seed %d: %v after %d tries, want %v", name, seed, got, tries, test.want)
			}
		}
	}
	for seed := range uint64(30) {
		c := &choices{source: rand.New(rand.NewPCG(seed, 0))}
		hasNUL := func(c *choices) bool { return strings.Contains(c.text(0, 50), "\x00") }
		for !hasNUL(c) {
			c.made = nil
		}
		simplest := simplify(c.made, maxShrinking, hasNUL)
		if got := (&choices{given: simplest}).text(0, 50); got != "\x00" {
			t.Errorf("seed %d: %q, want one NUL only", seed, got)
		}
	}
	given := []uint64{3, 1, 4}
	if got := simplify(given, 10, func(*choices) bool { return false }); !slices.Equal(got, given) {
		t.Errorf("what fails no more is simplified to %v", got)
	}
	tries := 0
	simplify(slices.Repeat([]uint64{math.MaxUint64}, 1000), 10, func(*choices) bool { tries++; return false })
	if tries != 10 {
		t.Errorf("%d tries, want 10", tries)
	}
}
