package conform

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
)

// A value is a JSON text together with what sets it apart.
type value struct {
	// what says how the value differs from the one that it was made of: "/magic/mtu is null".
	what string
	text []byte

	// edge marks a valid value that a service may refuse for reasons of its own, as the document lets it: the limits of numbers, and
	// texts that nothing is said about.
	edge bool
}

// A maker makes values of schemas. What it chooses freely it takes from its random source.
type maker struct{ random random }

// random is a *[math/rand/v2.Rand], or choices.
type random interface {
	IntN(n int) int
	Int32N(n int32) int32
	Int64N(n int64) int64
}

// minimal makes a valid value with the required members only.
func (m maker) minimal(s *contract.Schema) any { return m.make(s, false) }

// full makes a valid value with all members. Of a union it is the first variant.
func (m maker) full(s *contract.Schema) any { return m.make(s, true) }

func (m maker) make(s *contract.Schema, full bool) any {
	switch {
	case len(s.Enum) > 0:
		return parsed([]byte(s.Enum[m.random.IntN(len(s.Enum))]))
	case len(s.OneOf) > 0:
		return m.make(s.OneOf[0], full)
	}
	switch s.Types.Name() {
	case "object":
		object := map[string]any{}
		for _, p := range s.Properties {
			if full || slices.Contains(s.Required, p.Name) {
				object[p.Name] = m.make(p.Schema, full)
			}
		}
		return object
	case "array":
		array := []any{}
		for len(array) < s.MinItems || full && len(array) == 0 {
			array = append(array, m.make(s.Items, full))
		}
		return array
	case "boolean":
		return m.random.IntN(2) == 0
	case "integer", "number":
		low, high := limits(s)
		most := int64(1000)
		if span := new(big.Int).Sub(high, low); span.IsInt64() {
			most = min(most, span.Int64())
		}
		offset := m.random.Int64N(most + 1)
		return json.Number(new(big.Int).Add(low, big.NewInt(offset)).String())
	}
	return m.text(s)
}

// limits are the smallest and the largest integer that a schema allows.
func limits(s *contract.Schema) (low, high *big.Int) {
	low, high = big.NewInt(math.MinInt64/2), big.NewInt(math.MaxInt64/2)
	switch s.Format {
	case "int32":
		low, high = big.NewInt(math.MinInt32), big.NewInt(math.MaxInt32)
	case "int64":
		low, high = big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
	}
	if n, ok := new(big.Int).SetString(s.Minimum, 10); ok && n.Cmp(low) > 0 {
		low = n
	}
	if n, ok := new(big.Int).SetString(s.Maximum, 10); ok && n.Cmp(high) < 0 {
		high = n
	}
	return low, high
}

// samples are valid values of the formats that are checked; the first one is the usual one.
var samples = map[string][]string{
	"uuid":      {"7c3f1f6e-2f60-4f0c-9a55-0d8f3c1b7e21", "7C3F1F6E-2F60-4F0C-9A55-0D8F3C1B7E21"},
	"A.B.C.D/N": {"198.51.100.0/24", "198.51.100.7/24", "203.0.113.9/32"},
	"cidr":      {"198.51.100.0/24", "2001:db8::/32"},
	"ipv4":      {"192.0.2.1"},
	"ipv6":      {"2001:db8::1"},
	"date":      {"2026-08-14"},
	"date-time": {"2026-08-14T09:30:00Z"},
	"uri":       {"https://example.com/"},
	"email":     {"user@example.com"},
	"duration":  {"P3DT12H30M"},
	"hostname":  {"example.com"},
	"byte":      {"aGk="},
}

func (m maker) text(s *contract.Schema) string {
	if known := samples[s.Format]; len(known) > 0 {
		return known[0]
	}
	if s.Pattern != "" {
		return m.matching(s.Pattern, 1)
	}
	length := max(s.MinLength, 8)
	if s.MaxLength > 0 {
		length = min(length, s.MaxLength-1)
	}
	const letters = "abcdefghijklmnopqrstuvwxyz"
	text := make([]byte, length)
	for i := range text {
		text[i] = letters[m.random.IntN(len(letters))]
	}
	return string(text)
}

// matching makes a text that a pattern matches. What the pattern repeats is repeated at least so many times.
func (m maker) matching(pattern string, times int) string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	var write func(*syntax.Regexp)
	write = func(re *syntax.Regexp) {
		count := 1
		switch re.Op {
		case syntax.OpLiteral:
			b.WriteString(string(re.Rune))
			return
		case syntax.OpCharClass:
			i := 2 * m.random.IntN(len(re.Rune)/2)
			b.WriteRune(re.Rune[i] + m.random.Int32N(re.Rune[i+1]-re.Rune[i]+1))
			return
		case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
			b.WriteByte('a')
			return
		case syntax.OpAlternate:
			write(re.Sub[m.random.IntN(len(re.Sub))])
			return
		case syntax.OpStar, syntax.OpPlus:
			count = times
		case syntax.OpRepeat:
			count = max(re.Min, 1)
		}
		for range count {
			for _, sub := range re.Sub {
				write(sub)
			}
		}
	}
	write(parsed)
	return b.String()
}

// boundaries makes valid values, each of which differs from a valid one in one place. The skipped pointers, and what is below them,
// stay as they are: what stands there has to fit other things.
func (m maker) boundaries(s *contract.Schema, base any, skip ...string) []value {
	return m.collect(s, base, true, func(c *collector) {
		c.skip = skip
		c.valid(s, base, "")
	})
}

// mutations makes invalid values, each of which breaks one rule in one place of a valid value.
func (m maker) mutations(s *contract.Schema, base any) []value {
	return m.collect(s, base, false, func(c *collector) { c.invalid(s, base, "") })
}

// collect keeps those candidates that are as valid as they should be.
func (m maker) collect(s *contract.Schema, base any, valid bool, fill func(*collector)) []value {
	c := &collector{maker: m, root: base}
	fill(c)
	seen := map[string]bool{}
	return slices.DeleteFunc(c.values, func(v value) bool {
		err := s.Check(v.text, contract.InRequest)
		again := seen[string(v.text)]
		seen[string(v.text)] = true
		return again || (err == nil) != valid
	})
}

// A collector records variations of one value.
type collector struct {
	maker
	root   any
	skip   []string
	values []value
}

// absent, in the place of a value, takes a member out.
type absent struct{}

// put records the value with another one at the pointer.
func (c *collector) put(pointer string, v any, what string) { c.add(pointer, v, what, false) }

// putEdge is put for a value that may be refused.
func (c *collector) putEdge(pointer string, v any, what string) { c.add(pointer, v, what, true) }

func (c *collector) add(pointer string, v any, what string, edge bool) {
	text := encode(replaced(c.root, strings.Split(pointer, "/")[1:], v))
	c.values = append(c.values, value{what: cmp.Or(pointer, "the value") + " " + what, text: text, edge: edge})
}

// replaced is a copy of a value with another one at the path.
func replaced(base any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	switch base := base.(type) {
	case map[string]any:
		changed := maps.Clone(base)
		changed[path[0]] = replaced(base[path[0]], path[1:], v)
		if changed[path[0]] == (absent{}) {
			delete(changed, path[0])
		}
		return changed
	case []any:
		changed := slices.Clone(base)
		changed[0] = replaced(base[0], path[1:], v) // only first items are varied
		return changed
	}
	return v
}

// valid records the valid variations of a value and of what is in it.
func (c *collector) valid(s *contract.Schema, v any, pointer string) {
	if slices.Contains(c.skip, pointer) {
		return
	}
	if s.Nullable {
		c.put(pointer, nil, "is null")
	}
	if v == nil {
		return
	}
	for _, constant := range s.Enum {
		c.put(pointer, parsed([]byte(constant)), "is "+constant)
	}
	if len(s.Enum) > 0 {
		return
	}
	if variant := variantOf(s, v); variant != nil {
		c.valid(variant, v, pointer)
		return
	}
	switch s.Types.Name() {
	case "object":
		object, _ := v.(map[string]any)
		for _, p := range s.Properties {
			member, there := object[p.Name]
			at := pointer + "/" + p.Name
			if there && !slices.Contains(s.Required, p.Name) && !slices.Contains(c.skip, at) {
				c.put(at, absent{}, "is absent")
			}
			switch {
			case there:
				c.valid(p.Schema, member, at)
			case !slices.Contains(c.skip, at): // such as one that is new to the document
				c.putEdge(at, c.make(p.Schema, true), "is present")
			}
		}
	case "array":
		if s.MinItems == 0 {
			c.put(pointer, []any{}, "is empty")
		}
		if items, _ := v.([]any); len(items) > 0 {
			c.valid(s.Items, items[0], pointer+"/0")
		}
	case "boolean":
		c.put(pointer, true, "is true")
		c.put(pointer, false, "is false")
	case "integer", "number":
		low, high := limits(s)
		c.putEdge(pointer, json.Number(low.String()), "is the smallest, "+low.String())
		c.putEdge(pointer, json.Number(high.String()), "is the largest, "+high.String())
		c.putEdge(pointer, c.make(s, true), "is some number")
	case "string":
		c.validText(s, pointer)
	}
}

func (c *collector) validText(s *contract.Schema, pointer string) {
	for _, sample := range samples[s.Format] {
		c.put(pointer, sample, "is "+sample)
	}
	switch {
	case samples[s.Format] != nil:
	case s.Pattern != "":
		c.put(pointer, c.matching(s.Pattern, 12), "fits the pattern")
		c.putEdge(pointer, c.matching(s.Pattern, 0), "is a short one that fits the pattern")
	default:
		c.putEdge(pointer, strings.Repeat("a", s.MinLength), fmt.Sprintf("has %d characters", s.MinLength))
		c.putEdge(pointer, "é 日本 😀", "is not ASCII")
		long := 1000
		if s.MaxLength > 0 {
			long = s.MaxLength - 1
		}
		c.putEdge(pointer, strings.Repeat("a", long), fmt.Sprintf("has %d characters", long))
	}
}

// invalid records the invalid variations of a value and of what is in it.
func (c *collector) invalid(s *contract.Schema, v any, pointer string) {
	c.put(pointer, nil, "is null")
	for _, wrong := range []struct {
		kind  string
		value any
	}{
		{"string", "text"}, {"integer", json.Number("7")}, {"number", json.Number("1.5")}, {"boolean", true},
		{"array", []any{}}, {"object", map[string]any{}},
	} {
		if wrong.kind != s.Types.Name() {
			c.put(pointer, wrong.value, "is "+string(encode(wrong.value))+", of the wrong type")
		}
	}
	if v == nil {
		return
	}
	if variant := variantOf(s, v); variant != nil {
		c.mixed(s, variant, v, pointer)
		c.invalid(variant, v, pointer)
		return
	}
	if len(s.Enum) > 0 {
		c.put(pointer, "no-such-value", "is not one of the enum")
		if text, ok := v.(string); ok {
			c.put(pointer, swapCase(text), "is one of the enum in another case")
		}
		return
	}
	switch s.Types.Name() {
	case "object":
		c.invalidMembers(s, v, pointer)
	case "array":
		if items, _ := v.([]any); len(items) > 0 {
			c.invalid(s.Items, items[0], pointer+"/0")
		}
		if s.MaxItems > 0 {
			c.put(pointer, slices.Repeat([]any{c.make(s.Items, true)}, s.MaxItems), "has too many items")
		}
	case "integer", "number":
		low, high := limits(s)
		c.put(pointer, json.Number(new(big.Int).Sub(low, big.NewInt(1)).String()), "is smaller than the smallest")
		c.put(pointer, json.Number(new(big.Int).Add(high, big.NewInt(1)).String()), "is larger than the largest")
	case "string":
		c.invalidText(s, pointer)
	}
}

func (c *collector) invalidMembers(s *contract.Schema, v any, pointer string) {
	object, _ := v.(map[string]any)
	c.put(pointer, map[string]any{}, "is empty")
	for _, name := range s.Required {
		c.put(pointer+"/"+name, absent{}, "is missing")
	}
	if s.Closed() {
		c.put(pointer+"/no_such_member", "x", "is not declared")
	}
	for _, p := range s.Properties {
		if member, ok := object[p.Name]; ok {
			c.invalid(p.Schema, member, pointer+"/"+p.Name)
		}
	}
}

func (c *collector) invalidText(s *contract.Schema, pointer string) {
	if s.MinLength > 0 {
		c.put(pointer, strings.Repeat("a", s.MinLength-1), "is too short")
	}
	if s.MaxLength > 0 {
		c.put(pointer, strings.Repeat("a", s.MaxLength), "is too long")
	}
	if s.Format != "" {
		c.put(pointer, "no-"+s.Format, "does not have the format "+s.Format)
		c.put(pointer, c.text(s)+"x", "has something behind the format "+s.Format)
	}
	if s.Pattern != "" {
		c.put(pointer, c.mismatch(s.Pattern), "does not fit the pattern")
	}
}

// mismatch is a text of usual length that a pattern does not match, with one strange character.
func (c *collector) mismatch(pattern string) string {
	re := regexp.MustCompile(pattern)
	text := c.matching(pattern, 4)
	for _, strange := range []string{"?", `"`, " ", "/", "é", "\n"} {
		if !re.MatchString(text + strange) {
			return text + strange
		}
	}
	return ""
}

// mixed records values that are of several variants of a union, or of none.
func (c *collector) mixed(s, variant *contract.Schema, v any, pointer string) {
	if s.Discriminator != nil {
		at := pointer + "/" + s.Discriminator.Property
		c.put(at, absent{}, "is missing, which leaves no variant")
		c.put(at, "no-such-variant", "selects no variant")
		for _, mapping := range s.Discriminator.Mapping {
			c.put(at, mapping.Value, "selects another variant than the other members")
		}
	}
	object, _ := v.(map[string]any)
	for _, other := range s.OneOf {
		if other == variant {
			continue
		}
		both, _ := c.make(other, true).(map[string]any)
		maps.Copy(both, object)
		c.put(pointer, both, "has the members of both variants")
		neither := map[string]any{}
		for name, member := range object {
			if other.Property(name) != nil {
				neither[name] = member
			}
		}
		c.put(pointer, neither, "has the members of neither variant")
	}
}

// variantOf is the variant of a union that a value is, nil if the schema is not a union or the value is none of its
// variants.
func variantOf(s *contract.Schema, v any) *contract.Schema {
	if len(s.OneOf) == 0 {
		return nil
	}
	text := encode(v)
	for _, variant := range s.OneOf {
		if err := variant.Check(text, contract.Undirected); err == nil {
			return variant
		}
	}
	return nil
}

func swapCase(text string) string {
	if upper := strings.ToUpper(text); upper != text {
		return upper
	}
	return strings.ToLower(text)
}

// encode and parsed are between values and JSON texts. Numbers stay as they are spelled, and members are sorted.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // values are made of what JSON has
	}
	return text
}

func parsed(text []byte) any {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return nil
	}
	return v
}
