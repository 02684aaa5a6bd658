package overlap

import (
	"iter"
	"math"
	"math/big"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

func booleans(hints []any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, v := range append(only[bool](hints), true, false) {
			if !yield(v) {
				return
			}
		}
	}
}

// only returns the values of one Go type.
func only[T any](values []any) []any {
	var list []any
	for _, v := range values {
		if _, ok := v.(T); ok {
			list = append(list, v)
		}
	}
	return list
}

// A stringFormat is what the search knows of a string format.
type stringFormat struct {
	samples []string
	// pattern matches strings of the format, not necessarily all. It serves to find strings that satisfy other patterns,
	// bounds and formats as well.
	pattern string
}

const (
	octet    = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	dottedIP = octet + `(\.` + octet + `){3}`
	calendar = `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`
	clock    = `([01][0-9]|2[0-3]):[0-5][0-9]`
)

// stringFormats has every format that package contract checks.
var stringFormats = map[string]stringFormat{
	"uuid": {
		[]string{"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"},
		`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`,
	},
	"date":      {[]string{"2026-08-14"}, `^` + calendar + `$`},
	"date-time": {[]string{"2026-08-14T09:30:00Z"}, `^` + calendar + `T` + clock + `:[0-5][0-9](\.[0-9]{1,9})?(Z|[-+]` + clock + `)$`},
	"ipv4":      {[]string{"192.0.2.1"}, `^` + dottedIP + `$`},
	"ipv6":      {[]string{"2001:db8::1", "::1"}, `^[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}$`},
	"cidr":      {[]string{"192.0.2.0/24", "2001:db8::/32"}, `^` + dottedIP + `/([12]?[0-9]|3[0-2])$`},
	"A.B.C.D/N": {[]string{"192.0.2.0/24"}, `^` + dottedIP + `/([12]?[0-9]|3[0-2])$`},
	"uri":       {[]string{"https://example.com/", "urn:example"}, `^[A-Za-z]+:[-!$&-;=@A-Z_a-z~]+$`},
	"email":     {[]string{"user@example.com"}, `^[0-9A-Za-z]+([-+._][0-9A-Za-z]+)*@[0-9A-Za-z]+([-.][0-9A-Za-z]+)*$`},
	"duration":  {[]string{"P3DT12H30M", "PT1S"}, `^P[0-9]{1,9}D(T[0-9]{1,9}H)?$`},
	"hostname":  {[]string{"example.com", "localhost"}, `^[0-9A-Za-z]+([-.][0-9A-Za-z]+)*$`},
	"byte":      {[]string{"U3dhZw=="}, `^([+/0-9A-Za-z]{4})*([+/0-9A-Za-z]{2}==)?$`},
}

// integerFormats has the range of every integer format that package contract checks.
var integerFormats = map[string][2]int64{
	"int8":   {math.MinInt8, math.MaxInt8},
	"int16":  {math.MinInt16, math.MaxInt16},
	"int32":  {math.MinInt32, math.MaxInt32},
	"int64":  {math.MinInt64, math.MaxInt64},
	"uint8":  {0, math.MaxUint8},
	"uint16": {0, math.MaxUint16},
	"uint32": {0, math.MaxUint32},
	"uint64": {0, math.MaxInt64}, // kin-openapi has no room for more
}

// plainStrings are what most strings may be.
var plainStrings = []string{"string", "text", "value", "name", "a", "b", "A", "1", ""}

func (s *search) strings(all []*openapi3.Schema, hints []any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, v := range only[string](hints) {
			if !yield(v) {
				return
			}
		}
		var shortest, longest uint64 = 0, math.MaxUint64
		var patterns []string
		for _, schema := range all {
			shortest = max(shortest, schema.MinLength)
			if schema.MaxLength != nil {
				longest = min(longest, *schema.MaxLength)
			}
			if schema.Pattern != "" {
				patterns = append(patterns, schema.Pattern)
			}
		}
		for _, schema := range all {
			if f, ok := stringFormats[schema.Format]; ok {
				patterns = append(patterns, f.pattern)
				for _, v := range f.samples {
					if !yield(v) {
						return
					}
				}
			}
		}
		for _, v := range plainStrings {
			if !yield(v) {
				return
			}
		}
		for _, schema := range s.beside(all) {
			for _, v := range stringFormats[schema.Format].samples {
				if !yield(v) {
					return
				}
			}
		}
		longest = min(longest, maxText)
		lengths := []uint64{shortest}
		for _, schema := range s.beside(all) {
			if schema.MaxLength != nil && *schema.MaxLength >= shortest && *schema.MaxLength < longest {
				lengths = append(lengths, *schema.MaxLength+1)
			}
		}
		for _, shortest := range lengths[:min(len(lengths), 4)] {
			if shortest > longest {
				return
			}
			for v := range s.matching(patterns, int(shortest), int(longest)) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// numbers yields numbers that are in bounds and multiples of what they have to be: small ones and those at the bounds.
func (s *search) numbers(all []*openapi3.Schema, hints []any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, h := range hints {
			switch h.(type) {
			case string, bool, []any, map[string]any:
				continue
			}
			if !yield(h) {
				return
			}
		}
		r := rangeOf(all)
		try := func(n *big.Rat) bool {
			f, _ := n.Float64()
			return s.spend(1) && yield(f)
		}
		for _, step := range r.steps() {
			for n := range r.walk(step) {
				if !try(n) {
					return
				}
			}
		}
		for _, schema := range s.beside(all) {
			for _, bound := range []*float64{schema.Min, schema.Max} {
				if bound == nil {
					continue
				}
				for _, step := range r.steps() {
					below, above := multiple(exact(*bound), step, -1), multiple(exact(*bound), step, 1)
					if !try(below) || !try(above) || !try(below.Sub(below, step)) || !try(above.Add(above, step)) {
						return
					}
				}
			}
		}
	}
}

// An interval is what the schemas say about a number. A nil bound is open; step is what it has to be a multiple of.
type interval struct {
	lo, hi         *big.Rat
	loOpen, hiOpen bool
	step           *big.Rat
}

func rangeOf(all []*openapi3.Schema) interval {
	var r interval
	for _, schema := range all {
		if schema.Min != nil {
			r.above(exact(*schema.Min), schema.ExclusiveMin.IsTrue())
		}
		if schema.Max != nil {
			r.below(exact(*schema.Max), schema.ExclusiveMax.IsTrue())
		}
		if bounds, ok := integerFormats[schema.Format]; ok {
			r.above(new(big.Rat).SetInt64(bounds[0]), false)
			r.below(new(big.Rat).SetInt64(bounds[1]), false)
		}
		if schema.MultipleOf != nil && *schema.MultipleOf > 0 {
			r.multipleOf(exact(*schema.MultipleOf))
		}
		if !schema.Type.Permits(openapi3.TypeNumber) {
			r.multipleOf(big.NewRat(1, 1))
		}
	}
	return r
}

// exact reads a number as the document writes it, so that 0.3 is a multiple of 0.1.
func exact(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok {
		return new(big.Rat)
	}
	return r
}

func (r *interval) above(bound *big.Rat, open bool) {
	if r.lo == nil || bound.Cmp(r.lo) > 0 || bound.Cmp(r.lo) == 0 && open {
		r.lo, r.loOpen = bound, open
	}
}

func (r *interval) below(bound *big.Rat, open bool) {
	if r.hi == nil || bound.Cmp(r.hi) < 0 || bound.Cmp(r.hi) == 0 && open {
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
