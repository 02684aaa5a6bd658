package overlap

import (
	"iter"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A stringFormat is what the search knows of a string format.
type stringFormat struct {
	samples []string
	// pattern matches strings of the format, not necessarily all. It serves to find strings that satisfy other patterns, bounds and formats
	// as well.
	pattern string
}

const (
	octet    = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	dottedIP = octet + `(\.` + octet + `){3}`
	calendar = `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`
	clock    = `([01][0-9]|2[0-3]):[0-5][0-9]`
	zone     = `(Z|[-+]` + clock + `)`
)

// stringFormats has the formats that package schema validates.
var stringFormats = map[string]stringFormat{
	"uuid": {
		[]string{"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"},
		`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`,
	},
	"date":          {[]string{"2026-08-14"}, `^` + calendar + `$`},
	"date-time":     {[]string{"2026-08-14T09:30:00Z"}, `^` + calendar + `T` + clock + `:[0-5][0-9](\.[0-9]{1,9})?` + zone + `$`},
	"time":          {[]string{"09:30:00Z"}, `^` + clock + `:[0-5][0-9]` + zone + `$`},
	"duration":      {[]string{"PT1H"}, `^P[0-9]+[YMWD]$`},
	"ipv4":          {[]string{"192.0.2.1"}, `^` + dottedIP + `$`},
	"ipv6":          {[]string{"2001:db8::1", "::1"}, `^[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}$`},
	"cidr":          {[]string{"192.0.2.0/24", "2001:db8::/32"}, `^` + dottedIP + `/([12]?[0-9]|3[0-2])$`},
	"uri":           {[]string{"https://example.com/", "urn:example"}, `^[A-Za-z]+:[-!$&-;=@A-Z_a-z~]+$`},
	"uri-reference": {[]string{"/a"}, `^/[-0-9A-Za-z]*$`},
	"email":         {[]string{"user@example.com"}, `^[0-9A-Za-z]+([-+._][0-9A-Za-z]+)*@[0-9A-Za-z]+([-.][0-9A-Za-z]+)*$`},
	"hostname":      {[]string{"example.com", "localhost"}, `^[0-9A-Za-z]+([-.][0-9A-Za-z]+)*$`},
	"byte":          {[]string{"U3dhZw=="}, `^([+/0-9A-Za-z]{4})*([+/0-9A-Za-z]{2}==)?$`},
	"json-pointer":  {[]string{"/a"}, `^(/[0-9A-Za-z]*)*$`},
}

// integerFormats has the range of every integer format that package schema validates.
var integerFormats = map[string][2]*big.Rat{
	"int8":   {whole(math.MinInt8), whole(math.MaxInt8)},
	"int16":  {whole(math.MinInt16), whole(math.MaxInt16)},
	"int32":  {whole(math.MinInt32), whole(math.MaxInt32)},
	"int64":  {whole(math.MinInt64), whole(math.MaxInt64)},
	"uint8":  {whole(0), whole(math.MaxUint8)},
	"uint16": {whole(0), whole(math.MaxUint16)},
	"uint32": {whole(0), whole(math.MaxUint32)},
	"uint64": {whole(0), new(big.Rat).SetUint64(math.MaxUint64)},
}

func whole(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// plainStrings are what most strings may be.
var plainStrings = []string{"string", "text", "value", "name", "a", "b", "A", "1", ""}

func (s *search) strings(all []*schema.Schema, hints []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, v := range only(hints, schema.String) {
			if !yield(v) {
				return
			}
		}
		shortest, longest := 0, maxText
		var patterns []string
		for _, one := range all {
			shortest = max(shortest, one.MinLength)
			if one.MaxLength > 0 {
				longest = min(longest, one.MaxLength-1)
			}
			if one.Pattern != "" {
				patterns = append(patterns, one.Pattern)
			}
		}
		var samples []string
		for _, one := range all {
			if f, ok := stringFormats[one.Format]; ok {
				patterns = append(patterns, f.pattern)
				samples = append(samples, f.samples...)
			}
		}
		for _, v := range append(samples, plainStrings...) {
			if !yield(quoted(v)) {
				return
			}
		}
		lengths := []int{shortest}
		for _, one := range s.beside(all) {
			if most := one.MaxLength - 1; one.MaxLength > 0 && most >= shortest && most < longest {
				lengths = append(lengths, most+1)
			}
		}
		for _, shortest := range lengths[:min(len(lengths), 4)] {
			if shortest > longest {
				return
			}
			for v := range s.matching(patterns, shortest, longest) {
				if !yield(quoted(v)) {
					return
				}
			}
		}
	}
}

// numbers yields numbers that are in bounds and multiples of what they have to be: small ones and those at the bounds.
func (s *search) numbers(all []*schema.Schema, hints []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, h := range only(hints, schema.Number) {
			if !yield(h) {
				return
			}
		}
		r := rangeOf(all)
		try := func(n *big.Rat) bool { return s.spend(1) && yield(spelled(n)) }
		for _, step := range r.steps() {
			for n := range r.walk(step) {
				if !try(n) {
					return
				}
			}
		}
		for _, one := range s.beside(all) {
			for _, literal := range []string{one.Minimum, one.Maximum, one.ExclusiveMinimum, one.ExclusiveMaximum} {
				bound := exact(literal)
				if bound == nil {
					continue
				}
				for _, step := range r.steps() {
					below, above := multiple(bound, step, -1), multiple(bound, step, 1)
					if !try(below) || !try(above) || !try(below.Sub(below, step)) || !try(above.Add(above, step)) {
						return
					}
				}
			}
		}
	}
}

// spelled is a number as JSON text, if it is no integer as the nearest double.
func spelled(n *big.Rat) string {
	if n.IsInt() {
		return schema.Canonical(n.Num().String())
	}
	f, _ := n.Float64()
	return schema.Canonical(strconv.FormatFloat(f, 'g', -1, 64))
}

// An interval is what the schemas say about a number. A nil bound is open; step is what it has to be a multiple of.
type interval struct {
	lo, hi         *big.Rat
	loOpen, hiOpen bool
	step           *big.Rat
}

func rangeOf(all []*schema.Schema) interval {
	var r interval
	for _, one := range all {
		r.above(exact(one.Minimum), false)
		r.above(exact(one.ExclusiveMinimum), true)
		r.below(exact(one.Maximum), false)
		r.below(exact(one.ExclusiveMaximum), true)
		if bounds, ok := integerFormats[one.Format]; ok {
			r.above(bounds[0], false)
			r.below(bounds[1], false)
		}
		if step := exact(one.MultipleOf); step != nil && step.Sign() > 0 {
			r.multipleOf(step)
		}
		if one.Types != 0 && one.Types&schema.Number == 0 {
			r.multipleOf(whole(1))
		}
	}
	return r
}

// exact reads a decimal literal. It is nil for an empty one, and for one so large or small that its digits would fill the memory.
func exact(literal string) *big.Rat {
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		if exponent, err := strconv.Atoi(literal[i+1:]); err != nil || exponent > 400 || exponent < -400 {
			return nil
		}
	}
	r, ok := new(big.Rat).SetString(literal)
	if !ok || len(literal) > maxText {
		return nil
	}
	return r
}

func (r *interval) above(bound *big.Rat, open bool) {
	if bound != nil && (r.lo == nil || bound.Cmp(r.lo) > 0 || bound.Cmp(r.lo) == 0 && open) {
		r.lo, r.loOpen = bound, open
	}
}

func (r *interval) below(bound *big.Rat, open bool) {
	if bound != nil && (r.hi == nil || bound.Cmp(r.hi) < 0 || bound.Cmp(r.hi) == 0 && open) {
		r.hi, r.hiOpen = bound, open
	}
}

func (r *interval) multipleOf(n *big.Rat) {
	if r.step == nil {
		r.step = n
		return
	}
	if r.step.Num().BitLen()+r.step.Denom().BitLen() > maxText {
		return // far beyond float64; some multiple of it may still do, and no document means this
	}
	// lcm(a/b, c/d) = lcm(a, c) / gcd(b, d), both fractions in lowest terms
	a, c := r.step.Num(), n.Num()
	lcm := new(big.Int).Mul(a, c)
	lcm.Quo(lcm, new(big.Int).GCD(nil, nil, a, c))
	r.step = new(big.Rat).SetFrac(lcm, new(big.Int).GCD(nil, nil, r.step.Denom(), n.Denom()))
}

// steps returns the distances at which to try numbers: integers, then fractions, if nothing else is said.
func (r interval) steps() []*big.Rat {
	if r.step != nil {
		return []*big.Rat{r.step}
	}
	fine := big.NewRat(1, 2)
	if r.lo != nil && r.hi != nil {
		if width := new(big.Rat).Sub(r.hi, r.lo); width.Sign() > 0 && width.Cmp(big.NewRat(2, 1)) <= 0 {
			fine = width.Quo(width, big.NewRat(maxItems+memberChoices, 1))
			for _, digits := range []int64{10, 100} { // 0.1 reads better than 0.0037…
				if rough := big.NewRat(1, digits); fine.Cmp(rough) < 0 {
					return []*big.Rat{big.NewRat(1, 1), rough, fine}
				}
			}
		}
	}
	return []*big.Rat{big.NewRat(1, 1), fine}
}

// walk yields multiples of step within bounds, upwards from the least positive one, then downwards, then the bounds.
func (r interval) walk(step *big.Rat) iter.Seq[*big.Rat] {
	return func(yield func(*big.Rat) bool) {
		start := step
		if r.lo != nil && start.Cmp(r.lo) < 0 {
			start = multiple(r.lo, step, 1)
		}
		if r.hi != nil && start.Cmp(r.hi) > 0 {
			start = multiple(r.hi, step, -1)
		}
		for _, direction := range []*big.Rat{step, new(big.Rat).Neg(step)} {
			n := new(big.Rat).Set(start)
			for range maxItems + memberChoices {
				if r.contains(n) && !yield(new(big.Rat).Set(n)) {
					return
				}
				n.Add(n, direction)
				if r.hi != nil && n.Cmp(r.hi) > 0 || r.lo != nil && n.Cmp(r.lo) < 0 {
					break
				}
			}
		}
		for _, bound := range []*big.Rat{r.lo, r.hi} {
			if bound != nil && !yield(bound) {
				return
			}
		}
	}
}

// multiple returns the multiple of step next to n, upwards or downwards.
func multiple(n, step *big.Rat, direction int) *big.Rat {
	quotient := new(big.Rat).Quo(n, step)
	whole := new(big.Int).Div(quotient.Num(), quotient.Denom()) // rounds down, as denominators are positive
	if direction > 0 && !quotient.IsInt() {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), step)
}

func (r interval) contains(n *big.Rat) bool {
	if r.lo != nil && (n.Cmp(r.lo) < 0 || r.loOpen && n.Cmp(r.lo) == 0) {
		return false
	}
	return r.hi == nil || n.Cmp(r.hi) < 0 || !r.hiOpen && n.Cmp(r.hi) == 0
}
