package differential

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// A generator makes values. It reads the document, not our schemas, so that a mistake in these is not a mistake in the
// values.
type generator struct {
	*rand.Rand
	words *words
	dir   contract.Direction // that values travel in
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// deep is the nesting from which on values become as small as their schemas permit, so that recursion ends.
const deep = 5

// next makes a value: one that is meant to be valid, one that is nearly so, or anything. kind says which.
func (g *generator) next(t *target) (v *value, kind string) {
	switch n := g.IntN(100); {
	case n < 40:
		return g.accepted(t), "valid"
	case n < 85:
		v := g.accepted(t)
		for range 1 + g.IntN(5)/4 {
			g.mutate(v)
		}
		return v, "near"
	default:
		return g.wild(0), "wild"
	}
}

// accepted is valid, most of the time: it tries again if kin-openapi refuses the value.
func (g *generator) accepted(t *target) *value {
	g.dir = t.dir
	v := g.valid(t.kin, 0)
	for range 3 {
		if t.kinVerdict(v.compact()) == nil {
			break
		}
		v = g.valid(t.kin, 0)
	}
	return v
}

// valid follows the schema. It does not know "not", and guesses where the parts of a composed schema meet.
func (g *generator) valid(ref *openapi3.SchemaRef, depth int) *value {
	s := ref.Value
	if s.Nullable && g.chance(10) {
		return null()
	}
	if len(s.Enum) > 0 {
		return g.respelled(of(pick(g, s.Enum)))
	}
	var v *value
	if s.Type != nil || len(s.Properties) > 0 {
		v = g.typed(s, depth)
	}
	for _, part := range s.AllOf {
		v = overlay(v, g.valid(part, depth))
	}
	if len(s.AnyOf) > 0 {
		v = overlay(v, g.valid(pick(g, s.AnyOf), depth))
	}
	if len(s.OneOf) > 0 {
		variant := s.OneOf[0]
		if depth < deep {
			variant = pick(g, s.OneOf)
		}
		w := g.valid(variant, depth)
		g.discriminate(s, variant, w)
		v = overlay(v, w)
	}
	for _, name := range s.Required {
		if v != nil && v.kind == '{' && v.get(name) == nil && s.Properties[name] == nil {
			v.set(name, g.wild(depth+1))
		}
	}
	if v == nil {
		return g.wild(depth)
	}
	return v
}

// overlay is a value with what two parts of a composed schema ask for.
func overlay(a, b *value) *value {
	if a == nil || a.kind != '{' || b.kind != '{' {
		return b
	}
	for _, m := range b.members {
		a.set(m.name, m.value)
	}
	return a
}

// discriminate makes v say that it is the variant.
func (g *generator) discriminate(s *openapi3.Schema, variant *openapi3.SchemaRef, v *value) {
	if s.Discriminator == nil || variant.Ref == "" || v.kind != '{' {
		return
	}
	values := []string{impliedValue(variant.Ref)}
	if len(s.Discriminator.Mapping) > 0 {
		values = nil
		for _, text := range sortedKeys(s.Discriminator.Mapping) {
			if impliedValue(s.Discriminator.Mapping[text].Ref) == impliedValue(variant.Ref) {
				values = append(values, text)
			}
		}
	}
	v.set(s.Discriminator.PropertyName, str(pick(g, values)))
}

func (g *generator) typed(s *openapi3.Schema, depth int) *value {
	switch {
	case s.Type.Is("integer"):
		return g.respelled(g.integer(s))
	case s.Type.Is("number"):
		return g.respelled(g.number(s))
	case s.Type.Is("string"):
		return g.string(s)
	case s.Type.Is("boolean"):
		return &value{kind: pick(g, []byte{'t', 'f'})}
	case s.Type.Is("array"):
		return g.array(s, depth)
	}
	return g.object(s, depth)
}

func (g *generator) integer(s *openapi3.Schema) *value {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if s.Format == "int32" {
		low, high = math.MinInt32, math.MaxInt32
	}
	if s.Min != nil {
		low = int64(*s.Min)
	}
	if s.Max != nil {
		high = int64(*s.Max)
	}
	if b := s.ExclusiveMin.Bool; b != nil && *b {
		low++
	}
	if b := s.ExclusiveMax.Bool; b != nil && *b {
		high--
	}
	n := max(low, min(high, g.Int64N(100)-50))
	switch g.IntN(5) {
	case 0:
		n = low
	case 1:
		n = high
	case 2:
		n = max(low, min(high, g.Int64()))
	}
	return number(strconv.FormatInt(n, 10))
}

func (g *generator) number(s *openapi3.Schema) *value {
	low, high := -1000.0, 1000.0
	if s.Min != nil {
		low = *s.Min
	}
	if s.Max != nil {
		high = *s.Max
	}
	n := low + g.Float64()*(high-low)
	if g.chance(20) {
		n = pick(g, []float64{low, high})
	}
	if s.MultipleOf != nil {
		n = math.Round(n / *s.MultipleOf) * *s.MultipleOf
	} else if g.chance(50) {
		n = math.Round(n)
	}
	return number(strconv.FormatFloat(n, 'f', -1, 64))
}

// respelled writes an equal number differently, sometimes.
func (g *generator) respelled(v *value) *value {
	if v.kind != '0' || strings.ContainsAny(v.text, "eE") || !g.chance(20) {
		return v
	}
	forms := []string{v.text + "e0", v.text + "E+00", v.text + "0e-1", v.text + ".0"}
	if strings.Contains(v.text, ".") {
		forms = []string{v.text + "e0", v.text + "0", v.text + "E-0"}
	}
	if v.text == "0" {
		forms = append(forms, "-0", "0e99999")
	}
	return number(pick(g, forms))
}

func (g *generator) string(s *openapi3.Schema) *value {
	if samples := formatSamples[s.Format]; samples != nil {
		for range 10 {
			text := pick(g, samples)
			if schema.ValidFormat(s.Format, text) {
				return str(text)
			}
		}
	}
	for range 10 {
		text := pick(g, oddTexts)
		switch {
		case s.Pattern != "" && g.chance(80):
			text = matching(g.Rand, s.Pattern)
		case g.chance(20):
			text = pick(g, g.words.texts)
		}
		length := utf8.RuneCountInString(text)
		if length >= int(s.MinLength) && (s.MaxLength == nil || length <= int(*s.MaxLength)) {
			return str(text)
		}
	}
	return str("abcd")
}

func (g *generator) array(s *openapi3.Schema, depth int) *value {
	low, high := int(s.MinItems), int(s.MinItems)+3
	if s.MaxItems != nil {
		high = int(*s.MaxItems)
	}
	if depth >= deep {
		high = low
	}
	v := array()
	for range low + g.IntN(high-low+1) {
		if s.Items == nil {
			v.items = append(v.items, g.wild(depth+1))
		} else {
			v.items = append(v.items, g.valid(s.Items, depth+1))
		}
	}
	return v
}

func (g *generator) object(s *openapi3.Schema, depth int) *value {
	v := object()
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, name := range sortedKeys(s.Properties) {
		p := s.Properties[name].Value
		if (p.ReadOnly && g.dir == contract.InRequest || p.WriteOnly && g.dir == contract.InResponse) && g.chance(98) {
			continue
		}
		if required[name] || depth < deep && g.chance(50) {
			v.set(name, g.valid(s.Properties[name], depth+1))
		}
	}
	closed := s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has
	for depth < deep && !closed && g.chance(25) {
		name := pick(g, g.words.names)
		switch {
		case s.Properties[name] != nil:
		case s.AdditionalProperties.Schema != nil:
			v.set(name, g.valid(s.AdditionalProperties.Schema, depth+1))
		default:
			v.set(name, g.wild(depth+2))
		}
	}
	g.Shuffle(len(v.members), func(i, j int) { v.members[i], v.members[j] = v.members[j], v.members[i] })
	return v
}

// wild makes any value, of the words of the document.
func (g *generator) wild(depth int) *value {
	kinds := []byte("ntf\"\"\"0000[[{{{{")
	if depth >= 3 {
		kinds = kinds[:10]
	}
	switch kind := pick(g, kinds); kind {
	case '"':
		return str(g.text())
	case '0':
		return number(pick(g, oddNumbers))
	case '[':
		v := array()
		for range g.IntN(4) {
			v.items = append(v.items, g.wild(depth+1))
		}
		return v
	case '{':
		v := object()
		for range g.IntN(5) {
			v.set(pick(g, g.words.names), g.wild(depth+1))
		}
		return v
	default:
		return &value{kind: kind}
	}
}

// text is any text.
func (g *generator) text() string {
	switch g.IntN(3) {
	case 0:
		return pick(g, oddTexts)
	case 1:
		return pick(g, formatSamples[pick(g, sortedKeys(formatSamples))])
	}
	return pick(g, g.words.texts)
}
