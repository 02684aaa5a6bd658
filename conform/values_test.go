package conform

import (
	"errors"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// Whatever the seed: what is made is valid, what is varied stays valid, and what is broken is invalid.
func TestValues(t *testing.T) {
	schemas := interconnect.Schemas()
	names := slices.Sorted(maps.Keys(schemas))
	rapid.Check(t, func(t *rapid.T) {
		m := maker{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
		name := rapid.SampledFrom(names).Draw(t, "schema")
		s := schemas[name]
		for _, v := range []any{m.minimal(s), m.full(s)} {
			if err := s.Check(encode(v), contract.InRequest); err != nil {
				t.Fatalf("%s: %s: %v", name, encode(v), err)
			}
		}
		for _, v := range m.boundaries(s, m.full(s)) {
			if err := s.Check(v.text, contract.InRequest); err != nil {
				t.Fatalf("%s: %s: %s: %v", name, v.what, v.text, err)
			}
		}
		for _, v := range m.mutations(s, m.full(s)) {
			if err := s.Check(v.text, contract.InRequest); err == nil {
				t.Fatalf("%s: %s: %s is valid", name, v.what, v.text)
			}
		}
	})
}

// Each rule that a schema has is broken, and nothing that should be varied is left out.
func TestVariety(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(1, 0))}
	for name, want := range map[string]struct{ rules, valid, invalid []string }{
		"nsc_CniUpdate": {
			rules: []string{"required", "additionalProperties", "type", "enum", "minimum", "maximum", "format", "pattern", "minLength", "maxLength"},
			valid: []string{
				"/bgp is absent", "/bgp/md5_key is null", "/bgp/extra_prefixes is empty", "/bgp/customer_asn is the largest, 4294967295",
				"/magic/mtu is the smallest, 0", "/magic/mtu is the largest, 2147483647",
				"/account has 1 characters", "/account has 32 characters", "/bgp/md5_key fits the pattern",
			},
			invalid: []string{
				"the value is null", "/magic is missing", "/magic is null", "/magic/mtu is smaller than the smallest",
				"/bgp/extra_prefixes/0 does not have the format A.B.C.D/N", "/bgp/md5_key does not fit the pattern",
				"/bgp_mode is one of the enum in another case", "/no_such_member is not declared", "/account is too long",
			},
		},
		"nsc_InterconnectCreate": {
			rules: []string{"discriminator", "additionalProperties", "required", "format"},
			invalid: []string{
				"the value has the members of both variants", "the value has the members of neither variant",
				"/type selects another variant than the other members", "/type is missing, which leaves no variant", "/slot_id is missing",
			},
		},
		"nsc_SettingsRequest": {
			rules:   []string{"type", "maximum", "minimum", "additionalProperties"},
			valid:   []string{"/default_asn is null", "/default_asn is absent", "/default_asn is the smallest, 0"},
			invalid: []string{`/default_asn is "text", of the wrong type`, "/default_asn is 1.5, of the wrong type"},
		},
	} {
		s := interconnect.Schemas()[name]
		rules := map[string]bool{}
		mutations := m.mutations(s, m.full(s))
		for _, v := range mutations {
			var invalid *contract.ValidationError
			err := s.Check(v.text, contract.InRequest)
			if errors.As(err, &invalid) {
				rules[invalid.Violations[0].Rule] = true
			}
		}
		for _, rule := range want.rules {
			if !rules[rule] {
				t.Errorf("%s: nothing breaks %s", name, rule)
			}
		}
		valid := m.boundaries(s, m.full(s))
		wantValues(t, name, valid, want.valid)
		for _, p := range s.Properties {
			others := 0 // values of an enum, but for the one that the others differ from
			for _, v := range valid {
				if strings.HasPrefix(v.what, "/"+p.Name+` is "`) {
					others++
				}
			}
			if n := len(p.Schema.Enum); n > 0 && others < n-1 {
				t.Errorf("%s: %d of %d values of %s are tried", name, others+1, n, p.Name)
			}
		}
		wantValues(t, name, mutations, want.invalid)
	}
}

func wantValues(t *testing.T, schema string, values []value, want []string) {
	t.Helper()
	for _, what := range want {
		if !slices.ContainsFunc(values, func(v value) bool { return v.what == what }) {
			t.Errorf("%s: there is none that says %s", schema, what)
		}
	}
}

// What is skipped stays as it is.
func TestSkip(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(1, 0))}
	s := interconnect.Schemas()["nsc_CniCreate"]
	for _, v := range m.boundaries(s, m.full(s), "/account", "/bgp") {
		if strings.HasPrefix(v.what, "/account") || strings.HasPrefix(v.what, "/bgp") {
			t.Errorf("%s is varied", v.what)
		}
	}
}

func TestMatching(t *testing.T) {
	for _, pattern := range []string{`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$`, `^[\x20\x21\x23-\x3E\x40-\x7E]+$`, `^(a|bc)?x{2,3}\d$`} {
		re := regexp.MustCompile(pattern)
		rapid.Check(t, func(t *rapid.T) {
			m := maker{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
			if text := m.matching(pattern, rapid.IntRange(1, 9).Draw(t, "times")); !re.MatchString(text) {
				t.Errorf("%q does not fit %s", text, pattern)
			}
		})
	}
}

func TestSame(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[1,{"c":"x"}]}`, `{"b":[1.0,{"c":"x"}],"a":1e0}`, true},
		{`{"a":null}`, `{}`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`"1"`, `1`, false},
		{`true`, `false`, false},
		{`"true"`, `true`, false},
	} {
		if got := same(parsed([]byte(test.a)), parsed([]byte(test.b))); got != test.want {
			t.Errorf("%s and %s: %t", test.a, test.b, got)
		}
	}
}
