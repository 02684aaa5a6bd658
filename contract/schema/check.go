package schema

import (
	"slices"
	"strings"
	"sync"
)

// A Finding is a violated rule as it is recorded while text is read or written: the schema, the rule, and where the value starts. What
// it says, see [Describe], is only put into words if it is reported.
type Finding struct {
	Schema *Schema
	Rule   Rule

	// Tolerated findings are deviations, all others violations.
	Tolerated bool

	// Hidden says that the value is within a sensitive one.
	Hidden bool

	// At is the offset of the value in the text: of the object for a missing member, of the member for one that should not be there. Name is
	// that of the member, or empty.
	At   int
	Name string
}

// The bounds on what is recorded for one text. What a hostile text costs must not grow with what is wrong with it.
const (
	MaxFindings      = 1000
	maxFindingsBytes = 1 << 18 // of the names in them
)

// Findings are the violated rules of one text, at most [MaxFindings] and one more that says how many there are beyond.
type Findings struct {
	List   []Finding
	More   int // findings that are not in List
	Failed bool
	bytes  int
}

// Add records a finding, which the mode tolerates or not.
func (f *Findings) Add(mode Mode, found Finding) {
	from := tolerated[found.Rule]
	if from <= mode && found.Rule == RuleFormat {
		if format := found.Schema.get().format; format != nil && format.typed {
			from = never
		}
	}
	found.Tolerated = found.Tolerated || from <= mode
	f.Failed = f.Failed || !found.Tolerated
	if len(f.List) >= MaxFindings || f.bytes >= maxFindingsBytes {
		f.More++
		if last := &f.List[len(f.List)-1]; last.Tolerated && !found.Tolerated {
			*last = found // what fails must be told, however much was tolerated before
		}
		return
	}
	f.bytes += len(found.Name)
	f.List = append(f.List, found)
}

// Full reports whether enough has been found to stop looking. Reading goes on as long as all findings are tolerated.
func (f *Findings) Full() bool { return f.Failed && f.More > 0 }

// A Checker validates the values of one text against schemas. It is made for one text and keeps what it has found out about parts of
// it, so that unions within unions cost no more than their number.
type Checker struct {
	Findings
	tape
	dir  Direction
	mode Mode

	memo   memo
	exempt exemption
	quiet  int  // within trials, where all that matters is whether there is a violation
	wrong  bool // there is one, in a trial
	hidden int  // how many of the schemas around are sensitive

	part    int32 // the node that is being checked against a part of the schema that describes it; -1 for none
	again   int   // how many schemas around look at the values within a value in more than one way
	deviant bool  // all findings are tolerated
	named   int32 // the node that is the value of a member, which may be null in tolerant reading

	parts []*Schema // a stack of those that count for the objects and arrays around, see addDeclaring and addEvaluating
}

var checkers = sync.Pool{New: func() any { return new(Checker) }}

// NewChecker returns a checker, which has parsed nothing yet. [Checker.Free] makes it available again.
func NewChecker() *Checker { return checkers.Get().(*Checker) }

// The sizes up to which memory is used again.
const (
	maxKeptNodes = 1 << 12
	maxKeptMemo  = 1 << 10
)

// Free forgets the text and makes the checker available to others.
func (c *Checker) Free() {
	if cap(c.nodes) > maxKeptNodes {
		c.nodes = nil
	}
	if cap(c.List) > MaxFindings/10 {
		c.List = nil
	}
	c.reset()
	checkers.Put(c)
}

func (c *Checker) reset() {
	clear(c.List)
	clear(c.parts[:cap(c.parts)])
	if len(c.memo.keys) > maxKeptMemo {
		c.memo = memo{}
	}
	c.memo.clear()
	*c = Checker{tape: tape{nodes: c.nodes[:0]}, Findings: Findings{List: c.List[:0]}, memo: c.memo,
		part: -1, named: -1, parts: c.parts[:0]}
}

// Parse parses the JSON value that starts at an offset of the text, for the methods that follow. The lexer says where the value ends, and
// what is wrong if it is not JSON. What was parsed and found before is forgotten.
func (c *Checker) Parse(text string, from int, dir Direction, mode Mode) Lexer {
	c.reset()
	c.dir, c.mode = dir, mode
	return c.parse(text, from)
}

// Covers reports whether an offset is within what the checker has parsed.
func (c *Checker) Covers(offset int) bool {
	return len(c.nodes) > 0 && int(c.nodes[0].start) <= offset && offset < int(c.nodes[0].end)
}

// CheckAt validates the value that starts at an offset, and records what is wrong in Findings.
func (c *Checker) CheckAt(s *Schema, offset int) {
	if n, ok := c.at(offset); ok {
		c.check(s, n)
	}
}

// CombinedAt validates the value that starts at an offset against those rules of a schema that a reader leaves to the checker: all but
// the types, the rules of [Schema.CheckText] and its like, and the rules for members and items one by one.
func (c *Checker) CombinedAt(s *Schema, offset int) {
	if n, ok := c.at(offset); ok {
		c.combined(s, s.get(), n, true)
	}
}

// CombinedBesidesAt is CombinedAt without the choice of a variant.
func (c *Checker) CombinedBesidesAt(s *Schema, offset int) {
	if n, ok := c.at(offset); ok {
		c.combined(s, s.get(), n, false)
	}
}

// NoVariant is what ChooseAt returns for a value that is none of the variants, or several.
const NoVariant = -1

// ChooseAt returns which variant of a union the value at an offset is, without recording anything: the index, or NoVariant. With only
// one variant that the value can be, that one is returned, whatever else is wrong with it.
func (c *Checker) ChooseAt(union *Schema, offset int) int {
	n, ok := c.at(offset)
	if !ok {
		return NoVariant
	}
	return c.choose(union, n)
}

// GuessedAt records that the discriminator of a union does not select the variant which tolerant reading has chosen for the value at an
// offset, if that is so.
func (c *Checker) GuessedAt(union *Schema, offset int) {
	if n, ok := c.at(offset); ok {
		c.guessed(union, union.Variants(), n)
	}
}

// NoVariantAt records that the value at an offset is none of the variants of a union, or several.
func (c *Checker) NoVariantAt(union *Schema, offset int) {
	if n, ok := c.at(offset); ok {
		c.noVariant(union, n)
	}
}

// found records a violated rule of the value n, or in a trial that there is one.
func (c *Checker) found(s *Schema, rule Rule, n int32) { c.foundMember(s, rule, n, "") }

func (c *Checker) foundMember(s *Schema, rule Rule, n int32, name string) {
	if c.quiet > 0 {
		if c.exempt.of(n, name) {
			return
		}
		from := tolerated[rule]
		if rule == RuleFormat && s.get().format.typed {
			from = never
		}
		c.wrong = c.wrong || from > c.mode
		return
	}
	c.Add(c.mode, Finding{Schema: s, Rule: rule, Hidden: c.hidden > 0, At: int(c.nodes[n].start), Name: name})
}

// done reports whether looking further is of no use.
func (c *Checker) done() bool { return c.quiet > 0 && c.wrong || c.quiet == 0 && c.Full() }

// fits reports whether n is valid in a mode.
func (c *Checker) fits(s *Schema, n int32, mode Mode) bool {
	outer, wrong := c.mode, c.wrong
	c.mode, c.wrong = mode, false
	c.quiet++
	c.check(s, n)
	c.quiet--
	fits := !c.wrong
	c.mode, c.wrong = outer, wrong
	return fits
}

func (c *Checker) check(s *Schema, n int32) {
	if s == nil || c.done() {
		return
	}
	d := s.get()
	remembers := c.remembers(s, d, n)
	if remembers {
		if known, valid := c.known(d, n); known {
			c.wrong = c.wrong || !valid
			return
		}
	}
	if d.sensitive {
		c.hidden++
	}
	if d.repeats {
		c.again++
	}
	switch kind := c.nodes[n].kind; {
	case s.Never:
		c.found(s, RuleNever, n)
	case kind == 'n' && s.Nullable:
	case s.Types != 0 && !c.typed(s, n):
	default:
		c.scalarAt(s, d, n)
		switch kind {
		case '[':
			c.array(s, d, n)
		case '{':
			c.object(s, d, n)
		}
		if kind == 'n' && d.rules&enumRule != 0 && !s.has(d, c.canonical(n)) {
			c.found(s, RuleEnum, n)
		}
		if d.rules&whole != 0 {
			c.combined(s, d, n, true)
		}
		if kind == '{' && c.mode >= Tolerant && c.quiet == 0 && c.part != n && d.described {
			c.undeclared(s, n)
		}
	}
	if d.repeats {
		c.again--
	}
	if d.sensitive {
		c.hidden--
	}
	if remembers && c.quiet > 0 {
		c.memo.keep(d.id, n, c.mode, !c.wrong)
	}
}

// undeclared records the members of an object that no part of its schema declares.
func (c *Checker) undeclared(s *Schema, n int32) {
	from, parts, gathered := len(c.parts), []*Schema(nil), false
	for name, value := range c.members(n) {
		text := c.string(name)
		if s.declares(text) {
			continue
		}
		if !gathered {
			if c.addDeclaring(s, n) {
				break
			}
			gathered, parts = true, c.parts[from:]
		}
		if !slices.ContainsFunc(parts, func(part *Schema) bool { return part.declares(text) }) {
			c.foundMember(s, RuleUndeclared, value, text)
		}
	}
	c.parts = c.parts[:from]
}

// declares reports whether a schema itself says anything about a member.
func (s *Schema) declares(name string) bool {
	return s.Additional != nil || s.UnevaluatedProperties != nil || s.Property(name) != nil ||
		slices.ContainsFunc(s.get().patterns, func(m Matcher) bool { return m.MatchString(name) })
}

// addDeclaring adds to c.parts the schemas whose declarations count for the object n, by way of a schema which combines them. It reports
// whether any member may be declared, since which variant of a union the object is remains unknown.
func (c *Checker) addDeclaring(s *Schema, n int32) (any bool) {
	if s == nil {
		return false
	}
	c.parts = append(c.parts, s)
	for _, part := range s.AllOf {
		if c.addDeclaring(part, n) {
			return true
		}
	}
	for _, variants := range [][]*Schema{s.OneOf, s.AnyOf} {
		if len(variants) == 0 {
			continue
		}
		if chosen := c.chooseAmong(s, variants, n); chosen == NoVariant || c.addDeclaring(variants[chosen], n) {
			return true
		}
	}
	return s.If != nil && (c.addDeclaring(s.If, n) || c.addDeclaring(s.Then, n) || c.addDeclaring(s.Else, n))
}

// stringFor returns the text of a string if a rule needs it.
func (c *Checker) stringFor(d *derived, n int32) string {
	if d.rules&(stringRules|enumRule) == 0 {
		return ""
	}
	return c.string(n)
}

func (c *Checker) scalarAt(s *Schema, d *derived, n int32) {
	switch kind := c.nodes[n].kind; kind {
	case '"':
		rules, _ := s.CheckText(c.stringFor(d, n))
		c.scalar(s, n, rules)
	case '0':
		c.scalar(s, n, s.CheckNumber(c.literal(n)))
	case 't', 'f':
		c.scalar(s, n, s.CheckBool(kind == 't'))
	}
}

func (c *Checker) scalar(s *Schema, n int32, violated Rules) {
	for rule := RuleNone; violated != 0; rule++ {
		if violated.Has(rule) {
			violated &^= 1 << rule
			c.found(s, rule, n)
		}
	}
}

// typeOf is the type of a JSON value; integers are numbers here.
func typeOf(kind byte) Types {
	switch kind {
	case 'n':
		return Null
	case 't', 'f':
		return Boolean
	case '"':
		return String
	case '[':
		return Array
	case '{':
		return Object
	}
	return Number
}

// typed checks the type of a value and reports whether the other rules make sense for it.
func (c *Checker) typed(s *Schema, n int32) bool {
	t := typeOf(c.nodes[n].kind)
	if s.Types&t != 0 || t == Number && s.Types&Integer != 0 && IsInteger(c.literal(n)) {
		return true
	}
	if t == Null && c.mode >= Tolerant && c.named == n { // a member that is null is read like one that is missing
		if c.quiet == 0 {
			c.Add(c.mode, Finding{Schema: s, Rule: RuleType, Tolerated: true, Hidden: c.hidden > 0, At: int(c.nodes[n].start)})
		}
		return false
	}
	c.found(s, RuleType, n)
	return false
}

// IsInteger reports whether a JSON number has no fraction, however it is spelled.
func IsInteger(literal string) bool {
	return !strings.ContainsAny(literal, ".eE") || parseDecimal(literal).isInteger()
}

// PlainInteger spells an integer without fraction and exponent. It is not ok if the number is not an integer, or has more than 20 digits.
func PlainInteger(literal string) (plain string, ok bool) {
	if !strings.ContainsAny(literal, ".eE") && literal != "-0" {
		return literal, true
	}
	return parseDecimal(literal).integer()
}

func (c *Checker) array(s *Schema, d *derived, n int32) {
	if s.Items == nil && len(s.PrefixItems) == 0 {
		return
	}
	for i, item := range c.items(n) {
		if i < len(s.PrefixItems) {
			c.check(s.PrefixItems[i], item)
		} else {
			c.check(s.Items, item)
		}
	}
}

func (c *Checker) object(s *Schema, d *derived, n int32) {
	for i, name := range s.Required {
		if c.member(n, name) != 0 {
			continue
		}
		if at := d.required[i]; at < 0 || !s.Properties[at].lenient(c.dir) {
			c.foundMember(s, RuleRequired, n, name)
		}
	}
	if len(s.Properties) == 0 && s.Additional == nil && len(s.Patterns) == 0 {
		return
	}
	for name, value := range c.members(n) {
		c.objectMember(s, d, n, c.string(name), value)
		if c.done() {
			return
		}
	}
}

func (c *Checker) objectMember(s *Schema, d *derived, n int32, name string, value int32) {
	p := s.Property(name)
	c.named = value
	if p != nil && p.absent(c.dir) {
		rule := RuleReadOnly
		if p.WriteOnly {
			rule = RuleWriteOnly
		}
		c.found(p.schema(), rule, value)
		if c.mode <= IgnoreReadOnly {
			return
		}
	}
	if p != nil {
		c.check(p.Schema, value)
		return // patterns that the name matches count too: they are a part of objectRules, as readers do not know them
	}
	declared := c.patterns(s, d, name, value)
	switch {
	case declared || s.Additional == nil:
	case s.Additional.Never:
		c.foundMember(s, RuleAdditional, value, name)
	default:
		c.check(s.Additional, value)
	}
}

// patterns checks a member against the patterns that its name matches, and reports whether there are any.
func (c *Checker) patterns(s *Schema, d *derived, name string, value int32) (matched bool) {
	for i, pattern := range d.patterns {
		if pattern.MatchString(name) {
			matched = true
			c.check(s.Patterns[i].Schema, value)
		}
	}
	return matched
}

// any is the schema of what has none.
var anything = new(Schema)

func (p *Property) schema() *Schema {
	if p.Schema == nil {
		return anything
	}
	return p.Schema
}

// combined checks the rules that look at a value as a whole, or at it through other schemas. With choose, that includes the union.
func (c *Checker) combined(s *Schema, d *derived, n int32, choose bool) {
	if c.done() {
		return
	}
	outer := c.part
	c.part = n
	defer func() { c.part = outer }()
	if s.Never { // which a Go type need not know
		c.found(s, RuleNever, n)
		return
	}
	kind := c.nodes[n].kind
	switch compared := kind == '[' || kind == '{' || kind == 'n' && !choose && !s.Nullable; {
	case compared && d.rules&wholeEnum != 0 && !s.has(d, c.canonical(n)):
		c.found(s, RuleEnum, n)
	case !choose: // the reader of a union leaves scalars to its variants
		c.scalarAt(s, d, n)
	}
	if kind == '[' && d.rules&arrayRules != 0 {
		c.arrayRules(s, n)
	}
	if kind == '{' && d.rules&objectRules != 0 {
		c.objectRules(s, d, n)
	}
	for _, part := range s.AllOf {
		c.check(part, n)
	}
	if s.Not != nil && c.fits(s.Not, n, Strict) { // tolerance would forbid more here instead of less
		c.found(s, RuleNot, n)
	}
	if s.If != nil {
		if c.fits(s.If, n, Strict) {
			c.check(s.Then, n)
		} else {
			c.check(s.Else, n)
		}
	}
	if d.rules&unionRule != 0 && choose {
		c.union(s, s.OneOf, n)
		c.union(s, s.AnyOf, n)
	} else if len(s.OneOf) > 0 && len(s.AnyOf) > 0 {
		c.union(s, s.AnyOf, n) // the reader chooses among OneOf
	}
	if s.UnevaluatedProperties != nil && kind == '{' || s.UnevaluatedItems != nil && kind == '[' {
		c.unevaluated(s, n)
	}
}

// remembers reports whether it is worth keeping what has been found out about a schema and a value: in a trial if the schema leads to the
// same values in several ways, and otherwise if one around does too. For a scalar it is not if nothing within the schema combines schemas.
func (c *Checker) remembers(s *Schema, d *derived, n int32) bool {
	return d.recurs && (c.quiet > 0 || c.again > 0) && (d.nested || c.nodes[n].next > n+1) && !c.exempt.concerns(n)
}

// known reports what has been found out about a schema and a value: in a trial whether the value is valid; otherwise only that everything
// has been recorded.
func (c *Checker) known(d *derived, n int32) (known, valid bool) {
	if c.quiet > 0 {
		return c.memo.validity(d.id, n, c.mode)
	}
	return c.memo.visited(d.id, n, c.deviant), true
}

func (c *Checker) arrayRules(s *Schema, n int32) {
	count := int(c.nodes[n].count)
	if count < s.MinItems {
		c.found(s, RuleMinItems, n)
	}
	if s.MaxItems > 0 && count >= s.MaxItems {
		c.found(s, RuleMaxItems, n)
	}
	if s.UniqueItems {
		c.uniqueItems(s, n)
	}
	if s.Contains != nil {
		matching := 0
		for _, item := range c.items(n) {
			if c.fits(s.Contains, item, Strict) {
				matching++
			}
		}
		if matching < s.MinContains {
			c.found(s, RuleContains, n)
		}
		if s.MaxContains > 0 && matching >= s.MaxContains {
			c.found(s, RuleMaxContains, n)
		}
	}
}

func (c *Checker) uniqueItems(s *Schema, n int32) {
	if c.nodes[n].count < 2 {
		return
	}
	seen := make(map[uint64]int32, c.nodes[n].count)
	for _, item := range c.items(n) {
		sum := c.sum(item, 0)
		if first, repeated := seen[sum]; repeated && c.sum(first, 1) == c.sum(item, 1) {
			c.found(s, RuleUniqueItems, item)
			if c.done() {
				return
			}
			continue
		}
		seen[sum] = item
	}
}

func (c *Checker) objectRules(s *Schema, d *derived, n int32) {
	count := int(c.nodes[n].count)
	if count < s.MinProperties {
		c.found(s, RuleMinProperties, n)
	}
	if s.MaxProperties > 0 && count >= s.MaxProperties {
		c.found(s, RuleMaxProperties, n)
	}
	if len(s.Patterns) > 0 && len(s.Properties) > 0 {
		for name, value := range c.members(n) {
			if text := c.string(name); s.Property(text) != nil {
				c.patterns(s, d, text, value)
			}
		}
	}
	for _, dependency := range s.DependentRequired {
		if c.member(n, dependency.Name) == 0 {
			continue
		}
		for _, name := range dependency.Required {
			if c.member(n, name) == 0 {
				c.foundMember(s, RuleDependentRequired, n, name)
			}
		}
	}
	for _, dependency := range s.DependentSchemas {
		if c.member(n, dependency.Name) != 0 {
			c.check(dependency.Schema, n)
		}
	}
	if s.Names != nil {
		for name, value := range c.members(n) {
			// The node of a name is that of a string. What a name violates is reported as one violation, so that it has to fit strictly.
			c.nodes[name].kind = '"'
			if !c.fits(s.Names, name, Strict) {
				c.foundMember(s, RulePropertyNames, value, c.string(name))
			}
		}
	}
}

// union checks that a value is one of the variants, which are OneOf or AnyOf of s.
func (c *Checker) union(s *Schema, variants []*Schema, n int32) {
	if len(variants) == 0 {
		return
	}
	chosen := c.chooseAmong(s, variants, n)
	if chosen != NoVariant && c.quiet == 0 {
		c.guessed(s, variants, n)
	}
	only := onlyVariant(variants)
	switch {
	case only != NoVariant && s.Discriminator == nil && (len(variants) == 1 || c.nodes[n].kind != 'n'): // whose type is not that of a union
		c.check(variants[only], n)
	case chosen == NoVariant:
		c.noVariantAmong(s, variants, n)
	case c.quiet == 0 && c.mode >= Tolerant && !c.fits(variants[chosen], n, c.mode):
		// The variant that the value must be, but cannot be read as: tolerant reading keeps the value as it is.
		c.deviate(func() { c.check(variants[chosen], n) })
	default:
		c.check(variants[chosen], n)
	}
}

// onlyVariant returns which of the variants is the only one beside null, or NoVariant.
func onlyVariant(variants []*Schema) int {
	only := NoVariant
	for i, variant := range variants {
		if variant.Types == Null {
			continue
		}
		if only != NoVariant {
			return NoVariant
		}
		only = i
	}
	return only
}

// guessed records that the discriminator of a union selects none of the variants, although tolerant reading has chosen one.
func (c *Checker) guessed(s *Schema, variants []*Schema, n int32) {
	d := s.Discriminator
	if d == nil || c.mode < Tolerant || c.nodes[n].kind != '{' || &variants[0] != &s.Variants()[0] {
		return
	}
	value := c.member(n, d.Property)
	if value == 0 && (d.Optional || d.Default > 0) {
		return
	}
	if value != 0 && c.nodes[value].kind == '"' {
		if _, known := d.Variant(c.string(value)); known || d.Default > 0 {
			return
		}
	}
	c.foundMember(s, RuleDiscriminator, n, d.Property)
}

// deviate records everything that is found as tolerated.
func (c *Checker) deviate(check func()) {
	failed, from, outer := c.Failed, len(c.List), c.deviant
	c.deviant = true
	check()
	c.deviant = outer
	for i := from; i < len(c.List); i++ {
		c.List[i].Tolerated = true
	}
	c.Failed = failed
}

func (c *Checker) noVariant(union *Schema, n int32) {
	c.noVariantAmong(union, union.Variants(), n)
}

// noVariantAmong records why a value is none of the variants. Tolerant reading keeps such a value as it is, whatever it is; it is not
// tolerated where no union is read.
func (c *Checker) noVariantAmong(s *Schema, variants []*Schema, n int32) {
	d := s.Discriminator
	switch {
	case d != nil && c.nodes[n].kind == '{':
		switch value := c.member(n, d.Property); {
		case value == 0 && !d.Optional:
			c.foundMember(s, RuleDiscriminator, n, d.Property)
			return
		case value != 0 && c.nodes[value].kind != '"':
			c.foundMember(s, RuleDiscriminator, n, d.Property)
			return
		case value != 0:
			if _, known := d.Variant(c.string(value)); !known {
				c.foundMember(s, RuleDiscriminator, n, d.Property)
				return
			}
		}
	}
	if len(s.OneOf) > 0 && &variants[0] == &s.OneOf[0] {
		c.found(s, RuleOneOf, n)
	} else {
		c.found(s, RuleAnyOf, n)
	}
}

// unevaluated checks the members or items that no other part of the schema has looked at.
func (c *Checker) unevaluated(s *Schema, n int32) {
	from := len(c.parts)
	c.addEvaluating(s, n)
	parts := c.parts[from:]
	if c.nodes[n].kind == '[' {
		for i, item := range c.items(n) {
			if !slices.ContainsFunc(parts, func(part *Schema) bool { return c.evaluatesItem(part, part == s, i, item) }) {
				c.unevaluatedValue(s, s.UnevaluatedItems, RuleUnevaluatedItems, item, "")
			}
		}
	} else {
		for name, value := range c.members(n) {
			text := c.string(name)
			if !slices.ContainsFunc(parts, func(part *Schema) bool { return part.evaluates(text, part == s) }) {
				c.unevaluatedValue(s, s.UnevaluatedProperties, RuleUnevaluatedProperties, value, text)
			}
		}
	}
	c.parts = c.parts[:from]
}

func (c *Checker) unevaluatedValue(s, rest *Schema, rule Rule, value int32, name string) {
	if rest.Never {
		c.foundMember(s, rule, value, name)
	} else {
		c.check(rest, value)
	}
}

// evaluates reports whether a schema itself describes a member, as unevaluatedProperties defines it. At the top, that keyword itself does
// not count.
func (s *Schema) evaluates(name string, top bool) bool {
	return s.Additional != nil || !top && s.UnevaluatedProperties != nil || s.Property(name) != nil ||
		slices.ContainsFunc(s.get().patterns, func(m Matcher) bool { return m.MatchString(name) })
}

func (c *Checker) evaluatesItem(s *Schema, top bool, i int, item int32) bool {
	return i < len(s.PrefixItems) || s.Items != nil || !top && s.UnevaluatedItems != nil ||
		s.Contains != nil && c.fits(s.Contains, item, Strict)
}

// addEvaluating adds to c.parts a schema and those that it combines and that n is valid against.
func (c *Checker) addEvaluating(s *Schema, n int32) {
	if s == nil {
		return
	}
	c.parts = append(c.parts, s)
	for _, part := range s.AllOf {
		c.addEvaluating(part, n)
	}
	for _, variants := range [][]*Schema{s.OneOf, s.AnyOf} {
		for _, part := range variants {
			if c.fits(part, n, Strict) {
				c.addEvaluating(part, n)
			}
		}
	}
	if s.If != nil {
		if c.fits(s.If, n, Strict) {
			c.addEvaluating(s.If, n)
			c.addEvaluating(s.Then, n)
		} else {
			c.addEvaluating(s.Else, n)
		}
	}
	for _, dependency := range s.DependentSchemas {
		if c.member(n, dependency.Name) != 0 {
			c.addEvaluating(dependency.Schema, n)
		}
	}
}

// Unrelated returns why a text is not meant for the schema at all: it is an object without any of the members that the schema declares, or any
// variant of a union, although some are required. It is something else, such as the message of a proxy. It is nil if that is not so.
func (s *Schema) Unrelated(text []byte) *Violation {
	var names []string
	l := Lexer{Text: string(text)}
	if !s.declared(&names, new([]*Schema)) || l.Peek() != '{' {
		return nil
	}
	for more := l.Open('{', 0); more; more = l.Next('}') {
		if slices.Contains(names, l.Name()) {
			return nil
		}
		l.Skip(1)
	}
	if l.Failed() {
		return nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return &Violation{Rule: "required", Want: "an object with " + atLeastOne(names) + "; there is none"}
}

// declared adds the names of the members that an object may have, by all parts and variants, and reports whether any is required.
func (s *Schema) declared(names *[]string, seen *[]*Schema) (required bool) {
	if s == nil || slices.Contains(*seen, s) {
		return false
	}
	*seen = append(*seen, s)
	required = len(s.Required) > 0
	for i := range s.Properties {
		*names = append(*names, s.Properties[i].Name)
	}
	*names = append(*names, s.Required...)
	for _, parts := range [][]*Schema{s.AllOf, s.OneOf, s.AnyOf} {
		for _, part := range parts {
			required = part.declared(names, seen) || required
		}
	}
	return required
}

// atLeastOne lists members any of which would do.
func atLeastOne(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	if len(quoted) == 1 {
		return "the member " + quoted[0]
	}
	return "at least one of the members " + strings.Join(quoted, ", ")
}

// Choose returns which variant of a union a JSON text is, or [NoVariant].
func (s *Schema) Choose(text []byte) int {
	c := NewChecker()
	defer c.Free()
	if l := c.Parse(string(text), 0, Undirected, Strict); l.Failed() {
		return NoVariant
	}
	return c.choose(s, 0)
}
