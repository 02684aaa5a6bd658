package schema

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Rule is a keyword of a schema, or a rule of JSON and of the messages that carry it.
type Rule uint8

// The rules. Their names, see [Rule.String], are what [Violation].Rule holds. Those that one scalar violates are reported in this order.
const (
	RuleNone Rule = iota
	RuleType
	RuleEnum
	RuleMinLength
	RuleMaxLength
	RulePattern
	RuleFormat
	RuleMinimum
	RuleMaximum
	RuleExclusiveMinimum
	RuleExclusiveMaximum
	RuleMultipleOf
	RuleMinItems
	RuleMaxItems
	RuleUniqueItems
	RuleContains
	RuleMaxContains
	RuleRequired
	RuleAdditional
	RuleUnevaluatedProperties
	RuleUnevaluatedItems
	RuleMinProperties
	RuleMaxProperties
	RulePropertyNames
	RuleDependentRequired
	RuleReadOnly
	RuleWriteOnly
	RuleNever
	RuleAnyOf
	RuleOneOf
	RuleNot
	RuleDiscriminator
	RuleUndeclared
	RuleDuplicate
	RuleSyntax
	RuleTrailing
	RuleDepth
	RuleSize  // the Go values would take too much memory for so short a text
	RuleRange // the Go type cannot hold the number
	RuleMore  // there are further violations, which are not listed
	rules     // how many rules there are
)

var ruleNames = [rules]string{
	"", "type", "enum", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "contains", "maxContains", "required",
	"additionalProperties", "unevaluatedProperties", "unevaluatedItems", "minProperties", "maxProperties", "propertyNames",
	"dependentRequired", "readOnly", "writeOnly", "false", "anyOf", "oneOf", "not", "discriminator", "undeclared", "duplicate",
	"syntax", "trailing", "depth", "size", "type", "more",
}

func (r Rule) String() string { return ruleNames[r] }

// A Mode says which deviations from a schema are tolerated.
type Mode uint8

const (
	// Strict tolerates nothing.
	Strict Mode = iota

	// IgnoreReadOnly tolerates read-only members in requests, whatever their values are, and nothing else. They are not read.
	IgnoreReadOnly

	// ByShape tolerates values outside of their enum and unknown members. It is used to find the variant that an unknown
	// value of a discriminator may mean.
	ByShape

	// Tolerant tolerates everything that leaves a value which its Go type can hold.
	Tolerant

	never // is tolerated by no mode
)

// tolerated is the first mode that tolerates a violation of each rule.
var tolerated = func() (modes [rules]Mode) {
	for rule := range modes {
		modes[rule] = Tolerant
	}
	for _, rule := range []Rule{RuleEnum, RuleAdditional, RuleUnevaluatedProperties, RuleDiscriminator, RuleUndeclared, RuleMore} {
		modes[rule] = ByShape
	}
	modes[RuleReadOnly] = IgnoreReadOnly
	for _, rule := range []Rule{RuleType, RuleSyntax, RuleTrailing, RuleDuplicate, RuleDepth, RuleSize, RuleRange} {
		modes[rule] = never
	}
	return modes
}()

// Tolerable reports whether [Tolerant] reading tolerates violations of the rule, except those of formats whose Go types cannot hold any other
// text.
func (r Rule) Tolerable() bool { return tolerated[r] <= Tolerant }

// Rules is a set of rules that a scalar violates.
type Rules uint64

// Has reports whether the set contains a rule.
func (r Rules) Has(rule Rule) bool { return r&(1<<rule) != 0 }

// CheckText returns the rules of s that a string violates, but for those that combine schemas, and whether there are some of these, as
// [Schema.Combined] says.
func (s *Schema) CheckText(text string) (violated Rules, combines bool) {
	d := s.get()
	if d.rules&(stringRules|enumRule) != 0 {
		violated = s.checkString(d, text)
	}
	return violated, d.rules&looks != 0
}

func (s *Schema) checkString(d *derived, text string) (violated Rules) {
	if s.MinLength > 0 || s.MaxLength > 0 {
		// A string has at most as many characters as bytes, and at least a quarter of that.
		if length := len(text); length < s.MinLength || s.MaxLength > 0 && length >= s.MaxLength || s.MinLength > 1 {
			length = utf8.RuneCountInString(text)
			if length < s.MinLength {
				violated |= 1 << RuleMinLength
			}
			if s.MaxLength > 0 && length >= s.MaxLength {
				violated |= 1 << RuleMaxLength
			}
		}
	}
	if d.pattern != nil && !d.pattern.MatchString(text) {
		violated |= 1 << RulePattern
	}
	if d.format != nil && d.format.valid != nil && !d.format.valid(text) {
		violated |= 1 << RuleFormat
	}
	if d.rules&enumRule != 0 && !d.hasString(text) {
		violated |= 1 << RuleEnum
	}
	return violated
}

// hasString reports whether a string is one of the enum.
func (d *derived) hasString(text string) bool {
	if d.words != nil {
		return d.words[text]
	}
	return slices.Contains(d.list, text)
}

// CheckInteger returns the rules of s that an integer violates, but for those that combine schemas.
func (s *Schema) CheckInteger(n int64) Rules {
	d := s.get()
	if d.rules&(numberRules|enumRule) == 0 || d.rules&enumRule == 0 && d.format == nil && d.integers && d.least <= n && n <= d.most {
		return 0
	}
	return s.checkNumber(d, appendInt(n))
}

// CheckNumber returns the rules of s that a number, a JSON literal, violates, but for those that combine schemas.
func (s *Schema) CheckNumber(literal string) Rules {
	d := s.get()
	if d.rules&(numberRules|enumRule) == 0 {
		return 0
	}
	return s.checkNumber(d, literal)
}

func (s *Schema) checkNumber(d *derived, literal string) (violated Rules) {
	n := parseDecimal(literal)
	if d.minimum != nil && n.compare(*d.minimum) < 0 {
		violated |= 1 << RuleMinimum
	}
	if d.maximum != nil && n.compare(*d.maximum) > 0 {
		violated |= 1 << RuleMaximum
	}
	if d.above != nil && n.compare(*d.above) <= 0 {
		violated |= 1 << RuleExclusiveMinimum
	}
	if d.below != nil && n.compare(*d.below) >= 0 {
		violated |= 1 << RuleExclusiveMaximum
	}
	if d.multiple != nil && !n.multipleOf(*d.multiple) {
		violated |= 1 << RuleMultipleOf
	}
	if d.format != nil && d.format.numeric != nil && !d.format.numeric(literal, n) {
		violated |= 1 << RuleFormat
	}
	if d.rules&enumRule != 0 && !s.has(d, canonicalNumber(literal)) {
		violated |= 1 << RuleEnum
	}
	return violated
}

// CheckBool returns the rules of s that true or false violates, but for those that combine schemas.
func (s *Schema) CheckBool(v bool) Rules {
	if d := s.get(); d.rules&enumRule != 0 {
		text := "false"
		if v {
			text = "true"
		}
		if !s.has(d, text) {
			return 1 << RuleEnum
		}
	}
	return 0
}

// has reports whether a canonical JSON text is one of the enum.
func (s *Schema) has(d *derived, canonical string) bool {
	if d.enum != nil {
		return d.enum[canonical]
	}
	return slices.Contains(s.Enum, canonical)
}

const (
	minInt = math.MinInt64
	maxInt = math.MaxInt64
)

// quote spells a string in JSON, the same string always alike.
func quote(text string) string {
	if IsPlain(text) {
		return `"` + text + `"`
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""` // cannot happen: every string can be encoded
	}
	// encoding/json escapes U+2028 and U+2029 for the sake of JavaScript.
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
}

// Quote spells a string in JSON, the same string always alike.
func Quote(text string) string { return quote(text) }
