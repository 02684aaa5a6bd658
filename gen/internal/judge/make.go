package main

import (
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file makes values: some that are meant to be valid, some that are nearly so, and any others. It follows the converted schemas, not
// those of the generated code, so that a mistake in these is not a mistake in the values.

// A maker makes values at random.
type maker struct {
	*rand.Rand
	schemas map[string]any // by key, as JSON Schema
	names   []string       // of members that the document has
	texts   []string       // that its enums have
}

func newMaker(rng *rand.Rand, schemas map[string]any) *maker {
	m := &maker{Rand: rng, schemas: schemas}
	names, texts := map[string]bool{"other": true, "": true, "a/b~c": true, "é": true}, map[string]bool{"": true}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name := range properties {
					names[name] = true
				}
			}
			if values, ok := v["enum"].([]any); ok {
				for _, value := range values {
					if text, ok := value.(string); ok {
						texts[text] = true
					}
				}
			}
			for _, one := range v {
				walk(one)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(schemas)
	m.names, m.texts = sortedKeys(names), sortedKeys(texts)
	return m
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func pick[T any](m *maker, from []T) T { return from[m.IntN(len(from))] }

// deep is the nesting from which on values become as small as their schemas permit, so that recursion ends.
const deep = 4

// value makes a value for the schema with a key. accepted reports whether a value is valid.
func (m *maker) value(key string, examples []example, accepted func(*value) bool) *value {
	near := func() *value {
		if len(examples) > 0 && m.chance(30) {
			return pick(m, examples).value.clone()
		}
		v := m.valid(m.schemas[key], 0)
		for range 3 {
			if accepted(v) {
				break
			}
			v = m.valid(m.schemas[key], 0)
		}
		return v
	}
	switch n := m.IntN(100); {
	case n < 40:
		return near()
	case n < 90:
		v := near()
		for range 1 + m.IntN(5)/4 {
			m.mutate(v)
		}
		return v
	}
	return m.wild(0)
}

// valid follows a schema. It guesses where the parts of a composed schema meet.
func (m *maker) valid(schema any, depth int) *value {
	s, ok := schema.(map[string]any)
	if !ok || depth > 2*deep+8 {
		return m.wild(min(depth, 3))
	}
	if values, ok := s["enum"].([]any); ok && len(values) > 0 {
		return m.respelled(of(pick(m, values)))
	}
	if value, ok := s["const"]; ok {
		return of(value)
	}
	var v *value
	if t := m.typeOf(s); t != "" {
		v = m.typed(s, t, depth)
	}
	if ref, ok := s["$ref"].(string); ok {
		v = overlay(v, m.valid(m.schemas[lastToken(ref)], depth+1))
	}
	for _, part := range list(s["allOf"]) {
		v = overlay(v, m.valid(part, depth+1))
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if variants := list(s[keyword]); len(variants) > 0 {
			variant := pick(m, variants)
			if depth >= deep {
				variant = m.shallowest(variants)
			}
			v = overlay(v, m.valid(variant, depth+1))
		}
	}
	for _, keyword := range []string{"then", "else"} {
		if part, ok := s[keyword]; ok && m.chance(50) {
			v = overlay(v, m.valid(part, depth+1))
		}
	}
	if v == nil {
		v = m.wild(depth + 1)
	}
	return v
}

// shallowest is the variant that looks as if it ends recursion soonest.
func (m *maker) shallowest(variants []any) any {
	for _, variant := range variants {
		if s, ok := variant.(map[string]any); ok && s["$ref"] == nil && s["allOf"] == nil && s["properties"] == nil {
			return variant
		}
	}
	return variants[0]
}

func list(v any) []any {
	items, _ := v.([]any)
	return items
}

// typeOf chooses a type of a schema, which may be implied by its keywords.
func (m *maker) typeOf(s map[string]any) string {
	switch t := s["type"].(type) {
	case string:
		return t
	case []any:
		if name, ok := pick(m, t).(string); ok {
			return name
		}
	}
	for _, implied := range []struct{ keyword, t string }{{"properties", "object"}, {"additionalProperties", "object"}, {"patternProperties", "object"},
		{"required", "object"}, {"items", "array"}, {"prefixItems", "array"}, {"pattern", "string"}, {"minLength", "string"}, {"minimum", "number"}} {
		if _, ok := s[implied.keyword]; ok {
			return implied.t
		}
	}
	return ""
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

// of is a value of a converted schema.
func of(decoded any) *value {
	switch d := decoded.(type) {
	case bool:
		return boolean(d)
	case json.Number:
		return number(string(d))
	case string:
		return str(d)
	case []any:
		v := array()
		for _, item := range d {
			v.items = append(v.items, of(item))
		}
		return v
	case map[string]any:
		v := object()
		for _, name := range sortedKeys(d) {
			v.members = append(v.members, member{name, of(d[name])})
		}
		return v
	}
	return null()
}

func (m *maker) typed(s map[string]any, t string, depth int) *value {
	switch t {
	case "integer":
		return m.respelled(m.integer(s))
	case "number":
		return m.respelled(m.number(s))
	case "string":
		return m.string(s)
	case "boolean":
		return boolean(m.chance(50))
	case "array":
		return m.array(s, depth)
	case "object":
		return m.object(s, depth)
	}
	return null()
}

// bound is a keyword that is a number, or otherwise.
func bound(s map[string]any, keyword string, otherwise float64) float64 {
	if literal, ok := s[keyword].(json.Number); ok {
		if f, err := literal.Float64(); err == nil {
			return f
		}
	}
	return otherwise
}

func (m *maker) integer(s map[string]any) *value {
	low, high := -1000.0, 1000.0
	switch s["format"] {
	case "int32":
		low, high = math.MinInt32, math.MaxInt32
	case "int64":
		low, high = -(1 << 53), 1<<53
	}
	low, high = bound(s, "minimum", low), bound(s, "maximum", max(high, bound(s, "minimum", high)))
	low, high = max(low, bound(s, "exclusiveMinimum", low-1)+1), min(high, bound(s, "exclusiveMaximum", high+1)-1)
	n := low + math.Floor(m.Float64()*(high-low+1))
	switch m.IntN(5) {
	case 0:
		n = low
	case 1:
		n = high
	}
	if step := bound(s, "multipleOf", 1); step >= 1 {
		n = math.Ceil(n/step) * step
	}
	return number(strconv.FormatFloat(max(low, min(n, high)), 'f', -1, 64))
}

func (m *maker) number(s map[string]any) *value {
	low := max(bound(s, "minimum", -1000), bound(s, "exclusiveMinimum", -1000))
	high := min(bound(s, "maximum", max(low, 1000)), bound(s, "exclusiveMaximum", max(low, 1000)))
	n := low + m.Float64()*(high-low)
	if m.chance(20) {
		n = pick(m, []float64{low, high})
	}
	if step := bound(s, "multipleOf", 0); step > 0 {
		n = math.Round(n/step) * step
	} else if m.chance(50) {
		n = math.Round(n)
	}
	return number(strconv.FormatFloat(n, 'f', -1, 64))
}

// respelled writes an equal number differently, sometimes.
func (m *maker) respelled(v *value) *value {
	if v.kind != '0' || strings.ContainsAny(v.text, "eE") || !m.chance(10) {
		return v
	}
	forms := []string{v.text + "e0", v.text + "E+00", v.text + "0e-1", v.text + ".0"}
	if strings.Contains(v.text, ".") {
		forms = []string{v.text + "e0", v.text + "0", v.text + "E-0"}
	}
	if strings.TrimPrefix(v.text, "-") == "0" {
		forms = []string{"0e0", "-0", "0.0", "-0.0E+1"}
	}
	return number(pick(m, forms))
}

func (m *maker) string(s map[string]any) *value {
	format, _ := s["format"].(string)
	if samples := formatSamples[format]; samples != nil && m.chance(95) {
		if m.chance(80) {
			samples = samples[:1]
		}
		return str(pick(m, samples))
	}
	pattern, _ := s["pattern"].(string)
	low, high := bound(s, "minLength", 0), bound(s, "maxLength", math.MaxInt32)
	for range 10 {
		text := pick(m, oddTexts)
		switch {
		case pattern != "" && m.chance(90):
			text = m.matching(pattern)
		case m.chance(20):
			text = pick(m, m.texts)
		}
		if length := float64(utf8.RuneCountInString(text)); length >= low && length <= high {
			return str(text)
		}
	}
	return str(strings.Repeat("b", int(min(max(low, 1), 1000))))
}

func (m *maker) array(s map[string]any, depth int) *value {
	low := int(min(bound(s, "minItems", 0), 100))
	high := int(min(bound(s, "maxItems", float64(low+3)), float64(low+3)))
	if depth >= deep {
		high = low
	}
	prefix := list(s["prefixItems"])
	v := array()
	for i := range low + m.IntN(max(high-low, 0)+1) {
		switch items, ok := s["items"]; {
		case i < len(prefix):
			v.items = append(v.items, m.valid(prefix[i], depth+1))
		case ok:
			v.items = append(v.items, m.valid(items, depth+1))
		default:
			v.items = append(v.items, m.wild(depth+1))
		}
	}
	return v
}

func (m *maker) object(s map[string]any, depth int) *value {
	v := object()
	required := map[string]bool{}
	for _, name := range list(s["required"]) {
		required[name.(string)] = true
	}
	properties, _ := s["properties"].(map[string]any)
	for _, name := range sortedKeys(properties) {
		if required[name] || depth < deep && m.chance(40) {
			v.set(name, m.valid(properties[name], depth+1))
		}
	}
	additional, limited := s["additionalProperties"]
	patterns, _ := s["patternProperties"].(map[string]any)
	for _, pattern := range sortedKeys(patterns) {
		if depth < deep && m.chance(50) {
			v.set(m.matching(pattern), m.valid(patterns[pattern], depth+1))
		}
	}
	for _, name := range sortedKeys(required) {
		if properties[name] == nil {
			v.set(name, m.valid(additional, depth+1))
		}
	}
	for depth < deep && m.chance(20) {
		name := pick(m, m.names)
		switch {
		case properties[name] != nil:
		case !limited:
			v.set(name, m.wild(depth+2))
		case additional != false:
			v.set(name, m.valid(additional, depth+1))
		}
	}
	m.Shuffle(len(v.members), func(i, j int) { v.members[i], v.members[j] = v.members[j], v.members[i] })
	return v
}

// wild makes any value, of the words of the document.
func (m *maker) wild(depth int) *value {
	kinds := []byte("ntf\"\"\"0000[[{{{{")
	if depth >= 3 {
		kinds = kinds[:10]
	}
	switch kind := pick(m, kinds); kind {
	case '"':
		return str(m.text())
	case '0':
		return number(pick(m, oddNumbers))
	case '[':
		v := array()
		for range m.IntN(4) {
			v.items = append(v.items, m.wild(depth+1))
		}
		return v
	case '{':
		v := object()
		for range m.IntN(5) {
			v.set(pick(m, m.names), m.wild(depth+1))
		}
		return v
	default:
		return &value{kind: kind}
	}
}

// text is any text.
func (m *maker) text() string {
	switch m.IntN(3) {
	case 0:
		return pick(m, oddTexts)
	case 1:
		return pick(m, formatSamples[pick(m, sortedKeys(formatSamples))])
	}
	return pick(m, m.texts)
}

// mutate changes one thing somewhere in a value.
func (m *maker) mutate(root *value) {
	var places []*value
	root.walk(func(v *value) { places = append(places, v) })
	v := pick(m, places)
	if m.chance(15) {
		*v = *pick(m, []*value{null(), m.wild(2)})
		return
	}
	switch v.kind {
	case '{':
		m.mutateObject(v)
	case '[':
		m.mutateArray(v)
	case '"':
		m.mutateString(v)
	case '0':
		m.mutateNumber(v)
	default:
		*v = *m.wild(2)
	}
}

func (m *maker) mutateObject(v *value) {
	if len(v.members) == 0 || m.chance(25) {
		v.set(pick(m, m.names), m.wild(2))
		return
	}
	i := m.IntN(len(v.members))
	switch m.IntN(5) {
	case 0, 1:
		v.members = slices.Delete(v.members, i, i+1)
	case 2:
		v.set(v.members[i].name, null())
	case 3: // a name that differs in case only
		if name := swapCase(v.members[i].name); v.get(name) == nil {
			v.members[i].name = name
		}
	case 4:
		if name := pick(m, m.names); v.get(name) == nil {
			v.members[i].name = name
		}
	}
}

func (m *maker) mutateArray(v *value) {
	if len(v.items) == 0 || m.chance(20) {
		v.items = append(v.items, m.wild(2))
		return
	}
	i := m.IntN(len(v.items))
	switch m.IntN(3) {
	case 0:
		v.items = slices.Delete(v.items, i, i+1)
	case 1:
		v.items = append(v.items, m.respelled(v.items[i].clone()))
	case 2:
		for range 4 {
			v.items = append(v.items, v.items[i].clone())
		}
	}
}

func (m *maker) mutateString(v *value) {
	switch m.IntN(5) {
	case 0:
		v.text = ""
	case 1:
		if len(v.text) < 1000 {
			v.text = strings.Repeat(v.text+"x", 1+m.IntN(10))
		}
	case 2:
		v.text = swapCase(v.text)
	case 3:
		v.text = pick(m, m.texts)
	case 4:
		v.text = m.text()
	}
}

func (m *maker) mutateNumber(v *value) {
	switch m.IntN(5) {
	case 0:
		v.text = m.respelled(number(v.text)).text
	case 1:
		v.text = strings.TrimPrefix(v.text, "-")
	case 2:
		if !strings.HasPrefix(v.text, "-") {
			v.text = "-" + v.text
		}
	default:
		v.text = pick(m, oddNumbers)
	}
}

// swapCase turns lower case into upper case and the other way round.
func swapCase(s string) string {
	if upper := strings.ToUpper(s); upper != s {
		return upper
	}
	return strings.ToLower(s)
}

// formatSamples are texts that are, or nearly are, of a format; the first of each is.
var formatSamples = map[string][]string{
	"uuid":      {"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "182BD5E5-6E1A-4FE4-A799-AA6D9A6AB26E", "00000000-0000-0000-0000-000000000000", "{182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e}", "urn:uuid:182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "182bd5e56e1a4fe4a799aa6d9a6ab26e", "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26g"},
	"date":      {"2026-08-14", "2024-02-29", "0000-01-01", "2026-02-29", "2026-8-14", "2026-08-14T00:00:00Z"},
	"date-time": {"2026-08-14T09:30:00Z", "2026-08-14T09:30:00.250+02:00", "0001-01-01T00:00:00-23:59", "9999-12-31T23:59:59.999999999Z", "2016-12-31T23:59:60Z", "2026-08-14t09:30:00z", "2026-08-14 09:30:00Z", "2026-08-14T09:30:00", "2026-08-14T24:00:00Z", "2026-08-14T09:30:00,5Z", "2026-08-14T09:30:00.1234567890123Z"},
	"time":      {"09:30:00Z", "09:30:00", "24:00:00Z"},
	"ipv4":      {"192.0.2.1", "0.0.0.0", "192.0.2.256", "192.0.2.01", "2001:db8::1", "192.0.2"},
	"ipv6":      {"2001:db8::1", "::", "::ffff:192.0.2.1", "fe80::1%eth0", "192.0.2.1", "2001:db8:::1"},
	"uri":       {"https://example.com/", "urn:x", "mailto:a@example.com", "/path", "https://exa mple.com/", ":"},
	"email":     {"user@example.com", "user@localhost", "User <user@example.com>", "user", "@"},
	"duration":  {"P3DT12H30M", "PT0.5S", "P2W", "P", "P1D1Y", "3D", "PT36H", "P1Y2M3DT4H5M6S", "-P1D"},
	"hostname":  {"example.com", "a", "-a.example", "a..b", "a_b"},
	"byte":      {"aGVsbG8h", "", "QQ==", "QR==", "Q", "QQ", "Q-_=", "QQ==\n"},
	"binary":    {"abc", "\u0000\uFFFD", "é"},
}

// oddTexts are strings that programs stumble over.
var oddTexts = []string{
	"", "a", "é", "𝄞", "null", "0", "true", "\x00", "\"\\/", "\u2028\uFFFD", "<&>", " ", "ab\n", "ABC", "abcd", "abcdef",
	strings.Repeat("x", 40), strings.Repeat("ß", 33), `?"`,
}

// oddNumbers are literals at and beyond the bounds of types, and equal numbers in different spellings.
var oddNumbers = []string{
	"0", "-0", "0.0", "-0.0e0", "1", "-1", "1.0", "1e0", "1E+0", "10e-1", "0.1e1", "2", "30", "3e1", "0.25", "0.5", "0.1", "0.3",
	"1.5", "-1.5", "2.5", "2.75", "299", "300", "299.5", "1E+2", "9", "10", "127", "128", "255", "256", "32768", "65535", "65536",
	"2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "4294967295.0", "16777217", "0.1234567",
	"9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
	"18446744073709551615", "18446744073709551616", "1e18", "1e19", "1e30", "-1e300", "1e400", "-1e400", "1e-400", "-1e-400",
	"1.00000000000000000001", "4294967295.00000000000001", "-1.50000000000000000001", "0.25000000000000000001", "1e-7", "123456.75",
}

// matching makes a text that matches a pattern, most of the time.
func (m *maker) matching(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "abc"
	}
	var b strings.Builder
	m.match(re.Simplify(), &b)
	return b.String()
}

func (m *maker) match(re *syntax.Regexp, b *strings.Builder) {
	if b.Len() > 1000 {
		return
	}
	repeat := func(low int) {
		for range low + m.IntN(6) {
			m.match(re.Sub[0], b)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return
		}
		i := m.IntN(len(re.Rune)/2) * 2
		low, high := re.Rune[i], re.Rune[i+1]
		r := low + m.Int32N(high-low+1)
		if !utf8.ValidRune(r) {
			r = low
		}
		b.WriteRune(r)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('a' + m.Int32N(26))
	case syntax.OpStar:
		repeat(0)
	case syntax.OpPlus:
		repeat(1)
	case syntax.OpQuest:
		if m.chance(50) {
			m.match(re.Sub[0], b)
		}
	case syntax.OpAlternate:
		m.match(re.Sub[m.IntN(len(re.Sub))], b)
	default: // concatenations, groups; anchors have nothing below them
		for _, sub := range re.Sub {
			m.match(sub, b)
		}
	}
}
