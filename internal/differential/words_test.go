package differential

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// words are what occurs in a document: made values use them, so that they come close to what the document is about.
type words struct {
	names   []string // of members
	texts   []string // values of enums and discriminators
	objects []*openapi3.SchemaRef
}

// collect finds the words of all schemas below some.
func collect(schemas map[string]*openapi3.SchemaRef) words {
	var w words
	seen := map[*openapi3.Schema]bool{}
	var visit func(ref *openapi3.SchemaRef)
	visit = func(ref *openapi3.SchemaRef) {
		if ref == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		for _, name := range sortedKeys(s.Properties) {
			w.names = append(w.names, name)
			visit(s.Properties[name])
		}
		w.names = append(w.names, s.Required...)
		for _, one := range s.Enum {
			if text, ok := one.(string); ok {
				w.texts = append(w.texts, text)
			}
		}
		if s.Discriminator != nil {
			w.texts = append(w.texts, sortedKeys(s.Discriminator.Mapping)...)
		}
		if len(s.Properties) > 0 {
			w.objects = append(w.objects, ref)
		}
		for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf, {s.Items, s.Not, s.AdditionalProperties.Schema}} {
			for _, part := range parts {
				visit(part)
			}
		}
	}
	for _, name := range sortedKeys(schemas) {
		w.texts = append(w.texts, name) // the implied value of a discriminator
		visit(schemas[name])
	}
	slices.Sort(w.names)
	w.names = append(slices.Compact(w.names), "other", "", "a/b~c", "é")
	slices.Sort(w.texts)
	w.texts = slices.Compact(w.texts)
	return w
}

// formatSamples are texts that are, or nearly are, of a format.
var formatSamples = map[string][]string{
	"uuid":      {"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "182BD5E5-6E1A-4FE4-A799-AA6D9A6AB26E", "00000000-0000-0000-0000-000000000000", "{182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e}", "urn:uuid:182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "182bd5e56e1a4fe4a799aa6d9a6ab26e", "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26g"},
	"date":      {"2026-08-14", "2024-02-29", "0000-01-01", "2026-02-29", "2026-8-14", "2026-08-14T00:00:00Z"},
	"date-time": {"2026-08-14T09:30:00Z", "2026-08-14T09:30:00.250+02:00", "0001-01-01T00:00:00-23:59", "9999-12-31T23:59:59.999999999Z", "2016-12-31T23:59:60Z", "2026-08-14t09:30:00z", "2026-08-14 09:30:00Z", "2026-08-14T09:30:00", "2026-08-14T24:00:00Z", "2026-08-14T09:30:00,5Z"},
	"ipv4":      {"192.0.2.1", "0.0.0.0", "192.0.2.256", "192.0.2.01", "2001:db8::1", "192.0.2"},
	"ipv6":      {"2001:db8::1", "::", "::ffff:192.0.2.1", "fe80::1%eth0", "192.0.2.1", "2001:db8:::1"},
	"cidr":      {"192.0.2.0/24", "2001:db8::/32", "192.0.2.1/31", "192.0.2.0/33", "192.0.2.0"},
	"A.B.C.D/N": {"192.0.2.0/24", "10.64.0.1/31", "0.0.0.0/0", "192.0.2.0/33", "192.0.2.0/024", "192.0.2.0", "2001:db8::/32"},
	"uri":       {"https://example.com/", "urn:x", "mailto:a@example.com", "/path", "https://exa mple.com/", ":"},
	"email":     {"user@example.com", "user@localhost", "User <user@example.com>", "user", "@"},
	"duration":  {"P3DT12H30M", "PT0.5S", "P2W", "P", "P1D1Y", "3D"},
	"hostname":  {"example.com", "a", "-a.example", "a..b", "a_b"},
	"byte":      {"", "QQ==", "QR==", "aGVsbG8h", "Q", "QQ", "Q-_=", "QQ==\n"},
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
	"2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "4294967295.0",
	"9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
	"18446744073709551615", "18446744073709551616", "1e18", "1e19", "1e30", "-1e300", "1e400", "-1e400", "1e-400", "-1e-400",
	"1.00000000000000000001", "4294967295.00000000000001", "-1.50000000000000000001", "0.25000000000000000001", "1e-7", "123456.75",
}

// matching makes a text that matches a pattern, most of the time.
func matching(rng *rand.Rand, pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	match(rng, re.Simplify(), &b)
	return b.String()
}

func match(rng *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	repeat := func(low int) {
		for range low + rng.IntN(6) {
			match(rng, re.Sub[0], b)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i := rng.IntN(len(re.Rune)/2) * 2
		low, high := re.Rune[i], re.Rune[i+1]
		r := low + rng.Int32N(high-low+1)
		if !utf8.ValidRune(r) {
			r = low
		}
		b.WriteRune(r)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('a' + rng.Int32N(26))
	case syntax.OpStar:
		repeat(0)
	case syntax.OpPlus:
		repeat(1)
	case syntax.OpQuest:
		if rng.IntN(2) == 0 {
			match(rng, re.Sub[0], b)
		}
	case syntax.OpAlternate:
		match(rng, re.Sub[rng.IntN(len(re.Sub))], b)
	default: // concatenations, groups; anchors have nothing below them
		for _, sub := range re.Sub {
			match(rng, sub, b)
		}
	}
}
