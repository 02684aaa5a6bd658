package schema

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// derived is what the rules of a schema come to. It is computed when a schema is first used, and makes that most values are
// checked by looking at a few flags.
type derived struct {
	id        uint32 // tells schemas apart in the memo of a checker
	rules     class  // the classes of rules that the schema has
	sensitive bool   // the schema or one that it combines is sensitive

	integers         bool // the bounds of numbers are integers within least and most, and there is no other rule for numbers
	least, most      int64
	minimum, maximum *decimal
	above, below     *decimal
	multiple         *decimal
	pattern          Matcher
	format           *format
	patterns         []Matcher
	enum             map[string]bool          // of a long enum, canonical
	words            map[string]bool          // the strings of a long enum, as they are
	list             []string                 // the strings of an enum, in its order
	required         []int                    // for each of Required, the index of its property, or -1
	directed         bool                     // a property is read-only or write-only
	described        bool                     // the schema declares members, itself or in a part
	nested           bool                     // one of the schemas that are combined combines schemas itself
	repeats          bool                     // what is within a value is looked at in several ways that record findings
	recurs           bool                     // the same in trials too
	strings          bool                     // every string is valid
	restricted       bool                     // there are rules for strings other than a format
	simple           bool                     // see Schema.Simple
	excluded         [][]member               // sets of members that an object may not have all of, if not says no more
	excludable       bool                     // the members of a struct can be such a set
	mask             [2]uint64                // the required properties among the first 128
	beyond           bool                     // required members are not among them
	selector         atomic.Pointer[selector] // of a union, see choose.go
	second           atomic.Pointer[selector] // of AnyOf beside OneOf
	spelled          atomic.Uint32            // one more than the types, see scalars.go
}

// A class is a set of kinds of rules.
type class uint16

const (
	stringRules class = 1 << iota // length, pattern, format
	numberRules                   // bounds, multipleOf
	arrayRules                    // number of items, uniqueItems, contains, unevaluatedItems
	objectRules                   // everything but properties, required and additional
	enumRule                      // enum
	combined                      // allOf, anyOf, oneOf, not, if: what needs the checker
	unionRule                     // oneOf, or anyOf: a part of combined
	wholeEnum                     // enum of arrays, objects or unions, which are compared as a whole: a part of enumRule
	excludes                      // not that forbids members together, see Schema.HasExcluded; then it is not a part of combined

	looks = combined | unionRule | arrayRules | objectRules | wholeEnum // what a checker looks at
	whole = looks | excludes
)

// A member is one that an object may have: its name, and the index of its property or -1.
type member struct {
	name  string
	index int
}

var lastID atomic.Uint32

// get returns what is derived from the schema.
func (s *Schema) get() *derived {
	if d := s.derived.Load(); d != nil {
		return d
	}
	return s.derive()
}

func (s *Schema) derive() *derived {
	d := &derived{id: lastID.Add(1), sensitive: s.isSensitive(new([]*Schema))}
	if s.MinLength > 0 || s.MaxLength > 0 || s.Pattern != "" {
		d.rules |= stringRules
	}
	if s.Pattern != "" {
		d.pattern = matcherOf(s.Pattern)
	}
	if f := formats[s.Format]; f != nil {
		d.format = f
		if f.valid != nil {
			d.rules |= stringRules
		}
		if f.numeric != nil {
			d.rules |= numberRules
		}
	}
	d.deriveNumbers(s)
	if s.MinItems > 0 || s.MaxItems > 0 || s.UniqueItems || s.Contains != nil || s.UnevaluatedItems != nil {
		d.rules |= arrayRules
	}
	d.deriveObject(s)
	d.deriveEnum(s)
	switch {
	case s.Never, len(s.AllOf) > 0 || s.If != nil || len(s.OneOf) > 0 && len(s.AnyOf) > 0:
		d.rules |= combined
	case s.Not != nil && d.deriveExcluded(s):
		d.rules |= excludes
	case s.Not != nil:
		d.rules |= combined
	}
	if len(s.OneOf) > 0 || len(s.AnyOf) > 0 {
		d.rules |= unionRule
	}
	if len(s.Enum) > 0 && (s.Types == 0 || s.Types&(Array|Object) != 0 || d.rules&unionRule != 0) {
		d.rules |= wholeEnum
	}
	d.strings = (s.Types == 0 || s.Types&String != 0) && !s.Never && d.rules&^(numberRules|arrayRules|objectRules) == 0
	d.restricted = d.rules&^stringRules != 0 || s.Pattern != "" || s.MinLength > 0 || s.MaxLength > 0
	d.simple = d.rules&whole == 0 && !d.sensitive
	d.deriveWays(s)
	for part := range s.parts() {
		d.nested = d.nested || len(part.AllOf)+len(part.OneOf)+len(part.AnyOf) > 0 || part.Not != nil || part.If != nil
	}
	if s.derived.CompareAndSwap(nil, d) {
		return d
	}
	return s.derived.Load()
}

func (d *derived) deriveEnum(s *Schema) {
	if len(s.Enum) == 0 {
		return
	}
	d.rules |= enumRule
	for _, value := range s.Enum {
		if l := (Lexer{Text: value}); value[0] == '"' {
			d.list = append(d.list, l.ReadString())
		}
	}
	if len(s.Enum) > 8 {
		d.enum, d.words = make(map[string]bool, len(s.Enum)), make(map[string]bool, len(d.list))
		for _, value := range s.Enum {
			d.enum[value] = true
		}
		for _, word := range d.list {
			d.words[word] = true
		}
	}
}

// deriveWays counts in how many ways a schema looks at what is within a value. With two of them at each level of a recursive schema, values
// would be looked at exponentially often.
func (d *derived) deriveWays(s *Schema) {
	ways := len(s.AllOf) + len(s.Patterns) + len(s.DependentSchemas)
	for _, is := range []bool{
		len(s.Properties) > 0 || s.Additional != nil, len(s.PrefixItems) > 0 || s.Items != nil, len(s.OneOf) > 0, len(s.AnyOf) > 0,
		s.If != nil, s.UnevaluatedProperties != nil || s.UnevaluatedItems != nil,
	} {
		if is {
			ways++
		}
	}
	d.repeats = ways > 1
	d.recurs = d.repeats || d.rules&(combined|unionRule|excludes) != 0 || s.Contains != nil && ways > 0
}

// parts ranges over the schemas that a schema combines.
func (s *Schema) parts() iter.Seq[*Schema] {
	return func(yield func(*Schema) bool) {
		for _, parts := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
			for _, part := range parts {
				if part != nil && !yield(part) {
					return
				}
			}
		}
	}
}

func (d *derived) deriveNumbers(s *Schema) {
	parse := func(literal string) *decimal {
		if literal == "" {
			return nil
		}
		d.rules |= numberRules
		return new(parseDecimal(literal))
	}
	d.minimum, d.maximum = parse(s.Minimum), parse(s.Maximum)
	d.above, d.below = parse(s.ExclusiveMinimum), parse(s.ExclusiveMaximum)
	d.multiple = parse(s.MultipleOf)
	if d.multiple == nil && d.above == nil && d.below == nil {
		d.integers, d.least, d.most = true, minInt, maxInt
		for _, bound := range []struct {
			literal string
			limit   *int64
		}{{s.Minimum, &d.least}, {s.Maximum, &d.most}} {
			if bound.literal == "" {
				continue
			}
			n, err := strconv.ParseInt(bound.literal, 10, 64)
			if err != nil {
				d.integers = false
			}
			*bound.limit = n
		}
	}
}

func (d *derived) deriveObject(s *Schema) {
	if s.MinProperties > 0 || s.MaxProperties > 0 || len(s.Patterns) > 0 || s.Names != nil ||
		len(s.DependentRequired)+len(s.DependentSchemas) > 0 || s.UnevaluatedProperties != nil {
		d.rules |= objectRules
	}
	for _, p := range s.Patterns {
		d.patterns = append(d.patterns, matcherOf(p.Pattern))
	}
	for i := range s.Properties {
		d.directed = d.directed || s.Properties[i].ReadOnly || s.Properties[i].WriteOnly
	}
	for _, name := range s.Required {
		i := slices.IndexFunc(s.Properties, func(p Property) bool { return p.Name == name })
		d.required = append(d.required, i)
		if 0 <= i && i < 128 {
			d.mask[i/64] |= 1 << (i % 64)
		} else {
			d.beyond = true
		}
	}
	d.described = s.describes(new([]*Schema))
}

// deriveExcluded computes the sets of members that not forbids, and reports whether that is all it does.
func (d *derived) deriveExcluded(s *Schema) bool {
	sets, ok := memberSets(s.Not)
	if !ok || s.Types != Object {
		return false
	}
	extra := s.Additional != nil && !s.Additional.Never || len(s.Patterns) > 0
	for _, set := range sets {
		members := make([]member, len(set))
		possible := true
		for i, name := range set {
			members[i] = member{name, s.Index(name)}
			possible = possible && (extra || members[i].index >= 0)
		}
		d.excluded = append(d.excluded, members)
		d.excludable = d.excludable || possible
	}
	return true
}

// memberSets are the sets of members each of which makes an object valid, if nothing but required and anyOf decides that.
func memberSets(s *Schema) (sets [][]string, ok bool) {
	if s.Never || s.Types != 0 && s.Types&Object == 0 || len(s.Enum) > 0 || len(s.Properties) > 0 || len(s.Patterns) > 0 || s.Additional != nil ||
		s.MinProperties > 0 || s.MaxProperties > 0 || s.Names != nil || len(s.DependentRequired) > 0 || len(s.DependentSchemas) > 0 ||
		s.UnevaluatedProperties != nil || len(s.AllOf) > 0 || len(s.OneOf) > 0 || s.Not != nil || s.If != nil {
		return nil, false
	}
	if len(s.AnyOf) == 0 {
		return [][]string{s.Required}, len(s.Required) > 0
	}
	for _, part := range s.AnyOf {
		of, ok := memberSets(part)
		if !ok {
			return nil, false
		}
		for _, set := range of {
			sets = append(sets, slices.Concat(s.Required, set))
		}
	}
	return sets, true
}

// describes reports whether the schema declares members, itself or in a part of it.
func (s *Schema) describes(seen *[]*Schema) bool {
	if s == nil || slices.Contains(*seen, s) {
		return false
	}
	if len(s.Properties) > 0 {
		return true
	}
	*seen = append(*seen, s)
	for _, parts := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Then, s.Else}} {
		for _, part := range parts {
			if part.describes(seen) {
				return true
			}
		}
	}
	return false
}

// isSensitive reports whether the schema or one that it is combined of is sensitive, or its items, which some rules look at.
func (s *Schema) isSensitive(seen *[]*Schema) bool {
	if s == nil || slices.Contains(*seen, s) {
		return false
	}
	if s.Sensitive || s.Items != nil && s.Items.Sensitive {
		return true
	}
	*seen = append(*seen, s)
	for part := range s.parts() {
		if part.isSensitive(seen) {
			return true
		}
	}
	return false
}

// The methods below are for the readers and writers of package wire.

// Combined reports whether a value has to be looked at by a [Checker] after its members and items have been checked one by one, see
// [Checker.CombinedAt]. Of a not that only forbids members it says nothing, see [Schema.HasExcluded].
func (s *Schema) Combined() bool {
	return s.get().rules&looks != 0
}

// CombinedBesides is Combined for the reader of a union, which chooses a variant itself: see [Checker.CombinedBesidesAt].
func (s *Schema) CombinedBesides() bool {
	return s.get().rules&(looks&^unionRule|stringRules|numberRules|enumRule) != 0
}

// SaysNull reports whether the schema says that null is one of its values, by its type or a variant. One without a type accepts null
// as it accepts anything.
func (s *Schema) SaysNull() bool { return s.saysNull(new([]*Schema)) }

func (s *Schema) saysNull(seen *[]*Schema) bool {
	switch {
	case s == nil || slices.Contains(*seen, s):
		return false
	case s.Nullable || s.Types&Null != 0:
		return true
	case s.Types != 0:
		return false
	}
	*seen = append(*seen, s)
	says := func(v *Schema) bool { return v.saysNull(seen) }
	return slices.Contains(s.Enum, "null") || slices.ContainsFunc(s.OneOf, says) || slices.ContainsFunc(s.AnyOf, says)
}

// HasExcluded reports whether an object has members that not forbids together, in a schema whose Combined leaves that out. has is as for
// [Schema.MissingOf], but gets the name of any member.
func (s *Schema) HasExcluded(has func(index int, name string) bool) bool {
	return slices.ContainsFunc(s.get().excluded, func(set []member) bool {
		return !slices.ContainsFunc(set, func(m member) bool { return !has(m.index, m.name) })
	})
}

// Excludable reports whether a struct of the schema can hold members that not forbids together, in a schema whose Combined leaves that out.
func (s *Schema) Excludable() bool { return s.get().excludable }

// AnyString reports whether every string is valid, as far as that is known already; a schema that has not been used says no.
func (s *Schema) AnyString() bool {
	d := s.derived.Load()
	return d != nil && d.strings
}

// Simple reports whether a value needs no further look once its members or items have been checked, but for those that are required, and is
// not sensitive. It reports what is known already: of a schema that has not been used, false.
func (s *Schema) Simple() bool {
	d := s.derived.Load()
	return d != nil && d.simple
}

// Complete reports whether an object needs no further look once its members have been checked, as all required properties are among those that
// have been seen, each a bit.
func (s *Schema) Complete(seen [2]uint64) bool {
	d := s.get()
	return d.rules&whole == 0 && !d.beyond && seen[0]&d.mask[0] == d.mask[0] && seen[1]&d.mask[1] == d.mask[1]
}

// Directed reports whether a property is read-only or write-only.
func (s *Schema) Directed() bool { return s.get().directed }

// Described reports whether the schema declares members, itself or in a part of it.
func (s *Schema) Described() bool { return s.get().described }

// Secret reports whether values may not be shown.
func (s *Schema) Secret() bool { return s.get().sensitive }

// MissingOf ranges over the required members that an object does not have and that it must have in messages of a direction. has reports whether
// it has the property with an index, or a member with a name if the index is -1.
func (s *Schema) MissingOf(has func(index int, name string) bool, dir Direction) iter.Seq[string] {
	return func(yield func(string) bool) {
		required := s.get().required
		for i, name := range s.Required {
			if at := required[i]; !has(at, name) && (at < 0 || !s.Properties[at].lenient(dir)) && !yield(name) {
				return
			}
		}
	}
}

// Forbidden returns the rule that a member violates by being in messages of a direction, or RuleNone.
func (p *Property) Forbidden(dir Direction) Rule {
	switch {
	case !p.absent(dir):
		return RuleNone
	case p.ReadOnly:
		return RuleReadOnly
	}
	return RuleWriteOnly
}

// Lenient reports whether a required member may be missing in messages of a direction.
func (p *Property) Lenient(dir Direction) bool { return p.lenient(dir) }

// Any returns the schema of the member; without one, a schema that accepts everything.
func (p *Property) Any() *Schema { return p.schema() }

// Index returns the index of a declared member, or -1.
func (s *Schema) Index(name string) int {
	i, ok := slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
	if !ok {
		return -1
	}
	return i
}

// Undeclared returns the schema of a member that Properties do not have, nil if any value will do, and whether a pattern declares it.
func (s *Schema) Undeclared(name string) (of *Schema, declared bool) {
	for i, pattern := range s.get().patterns {
		if pattern.MatchString(name) {
			if declared { // the rare case that several apply
				return &Schema{AllOf: []*Schema{of, s.Patterns[i].Schema}}, true
			}
			of, declared = s.Patterns[i].Schema, true
		}
	}
	if declared {
		return of, true
	}
	return s.Additional, false
}

// Constrains reports whether there is a value that the schema does not accept.
func (s *Schema) Constrains() bool {
	d := s.get()
	return s.Types != 0 || s.Never || d.rules != 0 || s.Items != nil || len(s.PrefixItems) > 0 || len(s.Properties) > 0 || s.Additional != nil ||
		len(s.Required) > 0
}

// Tag returns the member whose values tell all variants of a union apart that are objects, or "".
func (s *Schema) Tag() string { return s.selector().tag }

// Tagged returns the variant that a value of the tag selects, or -1.
func (s *Schema) Tagged(value string) int {
	if i, ok := s.selector().byTag[quote(value)]; ok {
		return i
	}
	return NoVariant
}

// OnlyVariant returns the only variant of a union that a value can be which begins with a byte, or -1.
func (s *Schema) OnlyVariant(first byte) int {
	kind := first
	if first == '-' || '0' <= first && first <= '9' {
		kind = '0'
	}
	t, only := typeOf(kind), NoVariant
	for i, types := range s.selector().types {
		if types != 0 && types&t == 0 {
			continue
		}
		if only != NoVariant {
			return NoVariant
		}
		only = i
	}
	return only
}

// NullVariant reports whether null is a value of a union by way of its variants: of one of them, of exactly one in a oneOf.
func (s *Schema) NullVariant() bool {
	if s.Types != 0 && s.Types&Null == 0 {
		return false
	}
	count := 0
	for _, types := range s.selector().types {
		if types&Null != 0 {
			count++
		}
	}
	return count == 1 || count > 1 && len(s.OneOf) == 0
}

// Restricted reports whether the schema has rules for strings other than a format.
func (s *Schema) Restricted(format string) bool {
	d := s.get()
	return d.restricted || d.format != nil && s.Format != format
}

// SelfEvident reports whether every value that is valid against a variant of the union is read as that variant, so that a writer need not
// look: types, or a discriminator or tag whose values each variant demands, tell the variants apart.
func (s *Schema) SelfEvident() bool { return s.selector().evident }
