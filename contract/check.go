package contract

import (
	"cmp"
	"hash/maphash"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Direction says which way a value travels; readOnly and writeOnly depend on it.
type Direction int

const (
	Undirected Direction = iota // either; what only one of them has may be there or not
	InRequest
	InResponse
)

// Check holds one JSON text against the schema, strictly. The error is a [*ValidationError] with every violation.
//
// It returns the text to decode. That is data itself or, where needed, a copy in which integers are spelled the plain way
// (65000.0 becomes 65000), in which dates with a time have no escapes, and in which members are left out that the schema
// does not declare but whose name differs only in case from one that it does. So encoding/json, which ignores case, decodes
// what was checked and nothing else.
func (s *Schema) Check(data []byte, dir Direction) ([]byte, error) {
	text := string(data)
	if s.accepts(text, dir, false) {
		return data, nil
	}
	return s.judge(data, text, dir)
}

// judge is Check by the tables alone. The text is data.
func (s *Schema) judge(data []byte, text string, dir Direction) ([]byte, error) {
	c := checker{dir: dir, data: text}
	return c.text(s, data)
}

// CheckTolerant reads what can be understood, for a client whose service may be ahead of the document, or behind it. What it
// puts up with is returned as concessions; of these, at most 1,000 are kept.
//
//   - Any rule but "type" may be broken: members may be missing or unknown, values may be outside of their enum or their
//     limits. A member may be null. So its value in Go may be the zero value, or one that the document does not know.
//   - A union whose discriminator is missing or unknown is the variant that fits but for that. Without a discriminator it is
//     the variant that fits as it is or, failing that, with other enum values and unknown members or, failing that, with any
//     of the above. If there is none, or more than one, the union is [UnknownVariant].
//   - A member that no part of an object declares is a concession of the rule "undeclared", although it is no violation.
//
// What is left is an error, a [*ValidationError]: a text that is not JSON, and values that the Go type cannot hold.
func (s *Schema) CheckTolerant(data []byte, dir Direction) (text []byte, concessions []Violation, err error) {
	copied := string(data)
	if s.accepts(copied, dir, true) {
		return data, nil, nil
	}
	c := checker{dir: dir, data: copied, mode: tolerant, tells: true}
	text, err = c.text(s, data)
	return text, c.concessions, err
}

// What [Schema.Variant] and [Schema.VariantTolerant] return for a value that is none of OneOf.
const (
	NullVariant    = -1 // null
	UnknownVariant = -2 // something that the document does not describe, kept as it is; VariantTolerant only
)

// Variant is Check for a union: it also tells which of OneOf the value is, or NullVariant.
func (s *Schema) Variant(data []byte) (variant int, text []byte, err error) {
	c := checker{data: string(data)}
	text, err = c.text(s, data)
	return c.variant, text, err
}

// VariantTolerant is CheckTolerant for a union: it also tells which of OneOf the value is, or NullVariant or UnknownVariant.
func (s *Schema) VariantTolerant(data []byte) (variant int, text []byte, concessions []Violation, err error) {
	c := checker{data: string(data), mode: tolerant, tells: true}
	text, err = c.text(s, data)
	return c.variant, text, c.concessions, err
}

// A mode says how much a checker puts up with.
type mode int

const (
	strict   mode = iota // nothing
	byShape              // values outside of their enum, unknown members, unknown discriminators
	tolerant             // whatever can still be decoded
	never                // of no mode: what this mode would put up with is always a violation
)

// A checker holds one value against a schema. It is thrown away afterwards.
type checker struct {
	dir  Direction
	mode mode
	mute bool   // all that matters is whether there is a violation; it need not say anything
	data string // the text; empty if the value stands in none

	violations  []Violation
	concessions []Violation
	edits       []edit // what has to change in data before it is decoded
	undeclared  []undeclared
	tells       bool // of undeclared members
	variant     int  // of the union that was checked last
	trials      map[trial]checker
	composed    map[trial]bool // the composed schemas that were held against a value
	secrets     int            // how many of the schemas above are sensitive
	reported    int            // bytes of the violations
	conceded    int            // bytes of the concessions
	declared    map[int]bool   // by their place, the members that a schema declares; nil if nobody wants to know
	choices     map[choice]int // the variants that were chosen; nil if nobody wants to know
}

// A choice is where a variant of a union is chosen: the union, and where the value starts in the text.
type choice struct {
	union *Schema
	start int
}

// choose sets the variant that a union is.
func (c *checker) choose(s *Schema, variant int, n *node) {
	if c.variant = variant; c.choices != nil {
		c.choices[choice{s, n.start}] = variant
	}
}

// A place is where a value stands. The JSON pointer is only spelled out in the end, for what is reported: the names in it may
// be long, and most violations are found on the way to a variant that fits.
type place struct {
	parent *place
	name   string // of a member
	index  int    // of an item; otherwise asMember or asRoot
	length int    // of the pointer, about
}

const (
	asMember = -1
	asRoot   = -2 // the pointer is empty
)

func (p *place) member(name string) place {
	return place{parent: p, name: name, index: asMember, length: p.length + len(name) + 1}
}
func (p *place) item(i int) place { return place{parent: p, index: i, length: p.length + 5} }

func (p *place) pointer() string {
	var room [100]byte
	return string(p.appendTo(room[:0]))
}

func (p *place) appendTo(pointer []byte) []byte {
	switch {
	case p == nil || p.index == asRoot:
		return pointer
	case p.index == asMember:
		return append(append(p.parent.appendTo(pointer), '/'), escape(p.name)...)
	}
	return strconv.AppendInt(append(p.parent.appendTo(pointer), '/'), int64(p.index), 10)
}

// settle tells a value where it stands, and all values within.
func (n *node) settle(at place) {
	n.place = at
	for i := range n.members {
		n.members[i].value.settle(n.member(n.members[i].name))
	}
	for i, item := range n.items {
		item.settle(n.item(i))
	}
}

// A trial is one schema tried on one value.
type trial struct {
	schema *Schema
	node   *node
	mode   mode
	mute   bool
}

// An undeclared member is one that some object schema does not declare. Another part of an allOf may.
type undeclared struct {
	schema *Schema
	at     *place
	start  int // of the member
}

// An edit replaces data[start:end].
type edit struct {
	start, end int
	with       string
	shadow     bool // a member that is left out because of its name; it stays if another part of an allOf declares it
}

// text holds the text, which is data, against a schema. It returns the text to decode, data itself if nothing has to change.
func (c *checker) text(s *Schema, data []byte) ([]byte, error) {
	root, violation := parse(c.data)
	if violation != nil {
		return nil, &ValidationError{Violations: []Violation{*violation}}
	}
	root.settle(place{index: asRoot})
	c.check(s, root)
	if len(c.undeclared) > 0 || slices.ContainsFunc(c.edits, func(e edit) bool { return e.shadow }) {
		// Seldom enough to start again: only now it matters which members some part of an allOf declares.
		*c = checker{dir: c.dir, mode: c.mode, data: c.data, tells: c.tells, declared: map[int]bool{}, choices: c.choices}
		c.check(s, root)
	}
	for _, u := range c.undeclared {
		if !c.declared[u.start] && len(c.concessions) < maxViolations {
			c.concede(Violation{at: u.at, Rule: "undeclared", Want: "no such member" + suggestion(u.schema, u.at.name)})
		}
	}
	c.concessions = distinct(spelled(c.concessions))
	if len(c.violations) > 0 {
		return nil, &ValidationError{Violations: distinct(spelled(c.violations))}
	}
	if root.kind == 'n' && c.variant != UnknownVariant {
		c.variant = NullVariant
	}
	if len(c.edits) == 0 {
		return data, nil
	}
	return c.edited(), nil
}

// checkNode is for values that do not stand in a JSON text: parameters and headers.
func (s *Schema) checkNode(n *node, dir Direction) []Violation {
	c := checker{dir: dir}
	c.check(s, n)
	return spelled(c.violations)
}

// foreign tells that a text is an object without any of the members that the schema declares, or any variant of a union, although it
// requires some: it is something else, such as the message of a proxy. It is nil if that is not so.
func (s *Schema) foreign(data []byte) *Violation {
	root, violation := parse(string(data))
	names, required := s.declares(nil)
	if violation != nil || root.kind != '{' || !required ||
		slices.ContainsFunc(names, func(name string) bool { return root.get(name) != nil }) {
		return nil
	}
	return &Violation{Rule: "required", Want: "an object with " + atLeastOne(names) + "; there is none"}
}

// declares adds the names of the members that an object may have, by all parts and variants, and tells whether any is required.
func (s *Schema) declares(names []string) (all []string, required bool) {
	required = len(s.Required) > 0
	for _, p := range s.Properties {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf) {
		var one bool
		names, one = part.declares(names)
		required = required || one
	}
	return names, required
}

// spelled spells the pointers out, also those of the reasons within, which unions within unions share.
func spelled(violations []Violation) []Violation {
	var done map[*Violation]bool
	for i := range violations {
		v := &violations[i]
		if v.at != nil {
			v.Pointer, v.at = v.at.pointer(), nil
		}
		if v.Variants != nil && done == nil {
			done = map[*Violation]bool{}
		}
		for _, variant := range v.Variants {
			spellReasons(variant.Violations, done)
		}
	}
	return violations
}

func spellReasons(violations []Violation, done map[*Violation]bool) {
	for i := range violations {
		v := &violations[i]
		if done[v] {
			return
		}
		done[v] = true
		if v.at != nil {
			v.Pointer, v.at = v.at.pointer(), nil
		}
		for _, variant := range v.Variants {
			spellReasons(variant.Violations, done)
		}
	}
}

// violation words what is wrong with n, and shows it unless it is a secret.
func (c *checker) violation(s *Schema, n *node, rule, want string) Violation {
	v := Violation{at: &n.place, Rule: rule, Want: want}
	if c.mute {
		return v
	}
	if c.secrets == 0 && !s.sensitive() {
		v.Got = n.shown()
	}
	return v
}

// report says what is wrong with n. It is a concession from the given mode on.
func (c *checker) report(from mode, s *Schema, n *node, rule, want string) {
	c.reportAt(from, c.violation(s, n, rule, want))
}

func (c *checker) reportAt(from mode, v Violation) {
	if c.mode >= from {
		c.concede(v)
	} else {
		c.violate(v)
	}
}

func (c *checker) violate(v Violation) {
	if c.violations == nil && !c.mute {
		c.violations = make([]Violation, 0, 4) // where one value is wrong, others often are
	}
	c.violations = append(c.violations, v)
	c.reported += v.len()
}

// concede keeps no more than can be of use to anybody. Unlike violations, concessions do not end the checking.
func (c *checker) concede(concessions ...Violation) {
	for _, v := range concessions {
		if len(c.concessions) < maxViolations && c.conceded < maxReported {
			c.concessions = append(c.concessions, v)
			c.conceded += v.len()
		}
	}
}

func (v *Violation) len() int { return v.at.length + len(v.Want) + len(v.Got) }

// full tells that enough has been reported. What a hostile text costs must not grow with what is wrong with it.
func (c *checker) full() bool {
	return len(c.violations) >= maxViolations || c.reported >= maxReported || c.mute && len(c.violations) > 0
}

const (
	maxViolations = 1000
	maxReported   = 1 << 18 // bytes
)

// fits tells whether n is valid, strictly.
func (c *checker) fits(s *Schema, n *node) bool {
	mute := c.mute
	c.mute = true
	_, fits := c.try(s, n, strict)
	c.mute = mute
	return fits
}

// try checks n against s on the side and tells whether it fits. Each pair is tried once, so that unions within unions,
// whose variants contain the same members, cost no more than their number.
func (c *checker) try(s *Schema, n *node, mode mode) (checker, bool) {
	if c.trials == nil {
		c.trials = map[trial]checker{}
	}
	key := trial{s, n, mode, c.mute}
	side, done := c.trials[key]
	if !done {
		side = checker{
			dir: c.dir, mode: mode, mute: c.mute, data: c.data, trials: c.trials, secrets: c.secrets, tells: c.tells, choices: c.choices,
		}
		if c.declared != nil {
			side.declared = map[int]bool{}
		}
		side.check(s, n)
		c.trials[key] = side
	}
	return side, len(side.violations) == 0
}

// adopt takes over what a successful try found out.
func (c *checker) adopt(side checker) {
	c.concede(side.concessions...)
	c.edits = append(c.edits, side.edits...)
	c.undeclared = append(c.undeclared, side.undeclared...)
	maps.Copy(c.declared, side.declared)
}

// distinct leaves out what several parts of an allOf say alike.
func distinct(violations []Violation) []Violation {
	if len(violations) <= 8 { // for which a map would take longer
		kept := violations[:0]
		for _, v := range violations {
			if !slices.ContainsFunc(kept, func(k Violation) bool { return k.Pointer == v.Pointer && k.Rule == v.Rule && k.Want == v.Want }) {
				kept = append(kept, v)
			}
		}
		return kept
	}
	type key struct{ pointer, rule, want string }
	seen := make(map[key]bool, len(violations))
	return slices.DeleteFunc(violations, func(v Violation) bool {
		k := key{v.Pointer, v.Rule, v.Want}
		again := seen[k]
		seen[k] = true
		return again
	})
}

func (c *checker) check(s *Schema, n *node) {
	if c.full() {
		return
	}
	if s.Sensitive {
		c.secrets++
		defer func() { c.secrets-- }()
	}
	if len(s.AllOf) > 0 { // its parts may lead to the same members, and these to the same schema again
		once := trial{s, n, c.mode, c.mute}
		if c.composed[once] {
			return
		}
		if c.composed == nil {
			c.composed = map[trial]bool{}
		}
		c.composed[once] = true
	}
	if n.kind == 'n' {
		c.null(s, n)
		return
	}
	if s.Type != "" && !c.typed(s, n) {
		return
	}
	for _, part := range s.AllOf {
		c.check(part, n)
	}
	if len(s.AnyOf) > 0 {
		c.anyOf(s, n)
	}
	if s.Not != nil {
		if c.fits(s.Not, n) { // tolerance here would forbid more instead of less
			c.report(tolerant, s, n, "not", notWanted(s.Not))
		}
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, n.canonical()) {
		c.report(byShape, s, n, "enum", oneOfThese(s.Enum))
	}
	switch n.kind {
	case '"':
		c.string(s, n)
	case '0':
		c.number(s, n)
	case '[':
		c.array(s, n)
	case '{':
		c.object(s, n)
	}
	if len(s.OneOf) > 0 { // behind the members, which may be unions too: c.variant is that of s in the end
		c.oneOf(s, n)
	}
}

// null is valid where the schema is nullable, or where a part of a composed schema accepts it.
func (c *checker) null(s *Schema, n *node) {
	if s.Nullable {
		return
	}
	if len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 {
		from := never
		if n.index == asMember {
			from = tolerant // a member that is null decodes like one that is absent
		}
		c.report(from, s, n, "type", wantType(s))
		return
	}
	for _, part := range s.AllOf {
		c.check(part, n)
	}
	if len(s.OneOf) > 0 {
		c.oneOf(s, n)
	}
	if len(s.AnyOf) > 0 {
		c.anyOf(s, n)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, "null") {
		c.report(byShape, s, n, "enum", oneOfThese(s.Enum))
	}
}

func (c *checker) typed(s *Schema, n *node) bool {
	var fits bool
	switch s.Type {
	case "object":
		fits = n.kind == '{'
	case "array":
		fits = n.kind == '['
	case "string":
		fits = n.kind == '"'
	case "boolean":
		fits = n.kind == 't' || n.kind == 'f'
	case "number":
		fits = n.kind == '0'
		if fits && !isDouble(n.text) {
			c.report(never, s, n, "type", wantDouble)
			return false
		}
		if fits && s.Format == "float" && !isFloat(n.text) {
			c.report(never, s, n, "format", "a number within the range of a float of 32 bits")
		}
	case "integer":
		return c.integer(s, n)
	}
	if !fits {
		c.report(never, s, n, "type", wantType(s))
	}
	return fits
}

func (c *checker) integer(s *Schema, n *node) bool {
	if n.kind != '0' {
		c.report(never, s, n, "type", wantType(s))
		return false
	}
	d := parseDecimal(n.text)
	if !d.isInteger() {
		c.report(never, s, n, "type", "an integer")
		return false
	}
	plain, ok := d.integer()
	if !ok || !fitsInteger(plain, s.Format) {
		c.report(never, s, n, "format", wantInteger(s.Format))
		return true
	}
	if plain != n.text {
		c.edits = append(c.edits, edit{start: n.start, end: n.end, with: plain})
	}
	return true
}

func (c *checker) number(s *Schema, n *node) {
	if s.Minimum == "" && s.Maximum == "" && s.MultipleOf == "" {
		return
	}
	d := parseDecimal(n.text)
	if s.Minimum != "" {
		switch order := d.compare(parseDecimal(s.Minimum)); {
		case s.ExclusiveMinimum && order <= 0:
			c.report(tolerant, s, n, "exclusiveMinimum", "more than "+s.Minimum)
		case order < 0:
			c.report(tolerant, s, n, "minimum", "at least "+s.Minimum)
		}
	}
	if s.Maximum != "" {
		switch order := d.compare(parseDecimal(s.Maximum)); {
		case s.ExclusiveMaximum && order >= 0:
			c.report(tolerant, s, n, "exclusiveMaximum", "less than "+s.Maximum)
		case order > 0:
			c.report(tolerant, s, n, "maximum", "at most "+s.Maximum)
		}
	}
	if s.MultipleOf != "" && !d.multipleOf(parseDecimal(s.MultipleOf)) {
		c.report(tolerant, s, n, "multipleOf", "a multiple of "+s.MultipleOf)
	}
}

func (c *checker) string(s *Schema, n *node) {
	if s.MinLength > 0 || s.HasMaxLength {
		length := utf8.RuneCountInString(n.text)
		if length < s.MinLength {
			c.report(tolerant, s, n, "minLength", "at least "+count(s.MinLength, "character"))
		}
		if s.HasMaxLength && length > s.MaxLength {
			c.report(tolerant, s, n, "maxLength", "at most "+count(s.MaxLength, "character"))
		}
	}
	if s.Pattern != "" && !pattern(s.Pattern).MatchString(n.text) {
		c.report(tolerant, s, n, "pattern", "text that matches "+s.Pattern)
	}
	if f, known := formats[s.Format]; known && !f.valid(n.text) {
		c.report(f.tolerable, s, n, "format", f.want)
	}
	// time.Time does not understand escapes (go.dev/issue/47353). A valid text has nothing that needs one.
	if s.Type == "string" && s.Format == "date-time" && n.end-n.start != len(n.text)+len(`""`) {
		c.edits = append(c.edits, edit{start: n.start, end: n.end, with: quote(n.text)})
	}
}

func (c *checker) array(s *Schema, n *node) {
	if len(n.items) < s.MinItems {
		c.report(tolerant, s, n, "minItems", "at least "+count(s.MinItems, "item"))
	}
	if s.HasMaxItems && len(n.items) > s.MaxItems {
		c.report(tolerant, s, n, "maxItems", "at most "+count(s.MaxItems, "item"))
	}
	if s.UniqueItems {
		seen := make(map[uint64][]*node, len(n.items))
		for _, item := range n.items {
			sum := item.sum()
			if slices.ContainsFunc(seen[sum], func(other *node) bool { return other.canonical() == item.canonical() }) {
				c.report(tolerant, s, item, "uniqueItems", "each item once")
				continue
			}
			seen[sum] = append(seen[sum], item)
		}
	}
	if s.Items != nil {
		for _, item := range n.items {
			c.check(s.Items, item)
		}
	}
}

func (c *checker) object(s *Schema, n *node) {
	for _, name := range s.Required {
		if n.get(name) != nil {
			continue
		}
		p := s.Property(name)
		if p != nil && (p.ReadOnly && c.dir != InResponse || p.WriteOnly && c.dir != InRequest) {
			continue
		}
		want := "this member"
		if p != nil && !c.mute {
			want = wantType(p)
		}
		c.reportAt(tolerant, Violation{at: new(n.member(name)), Rule: "required", Want: want + "; it is missing"})
	}
	if len(n.members) < s.MinProperties {
		c.report(tolerant, s, n, "minProperties", "at least "+count(s.MinProperties, "member"))
	}
	if s.HasMaxProperties && len(n.members) > s.MaxProperties {
		c.report(tolerant, s, n, "maxProperties", "at most "+count(s.MaxProperties, "member"))
	}
	for i := range n.members {
		m := &n.members[i]
		p := s.Property(m.name)
		if p != nil && c.declared != nil {
			c.declared[m.start] = true
		}
		switch {
		case p != nil && p.ReadOnly && c.dir == InRequest:
			c.report(tolerant, p, m.value, "readOnly", "no such member in a request; the service sets it")
			if c.mode >= tolerant { // then it is decoded
				c.check(p, m.value)
			}
		case p != nil && p.WriteOnly && c.dir == InResponse:
			c.report(tolerant, p, m.value, "writeOnly", "no such member in a response")
			if c.mode >= tolerant {
				c.check(p, m.value)
			}
		case p != nil:
			c.check(p, m.value)
		case s.Closed:
			// The value is not shown: nobody knows whether a member that is not declared is secret.
			c.reportAt(byShape, Violation{at: &m.value.place, Rule: "additionalProperties", Want: "no such member" + suggestion(s, m.name)})
			c.leaveOut(n, i, false)
		case s.AdditionalProperties != nil:
			c.check(s.AdditionalProperties, m.value)
		default:
			if c.tells && len(s.Properties) > 0 {
				c.undeclared = append(c.undeclared, undeclared{s, &m.value.place, m.start})
			}
			if shadows(s, m.name) != "" {
				c.leaveOut(n, i, true)
			}
		}
	}
}

func (c *checker) anyOf(s *Schema, n *node) {
	for mode := strict; mode <= c.mode; mode++ {
		for _, part := range s.AnyOf {
			if side, ok := c.try(part, n, mode); ok {
				c.adopt(side)
				return
			}
		}
	}
	c.report(tolerant, s, n, "anyOf", "a value that fits at least one of "+count(len(s.AnyOf), "schema"))
}

// oneOf chooses the variant, by the discriminator if there is one and by trying them all otherwise. Variants that fit as
// they are go before those that fit with concessions, and few kinds of concessions before many.
func (c *checker) oneOf(s *Schema, n *node) {
	if s.Discriminator != nil && n.kind == '{' {
		c.discriminated(s, n)
		return
	}
	var fitting []int
	var reasons []VariantViolations
	for mode := strict; mode <= c.mode && len(fitting) == 0; mode++ {
		var chosen checker
		reasons = nil
		for i, variant := range s.OneOf {
			side, ok := c.try(variant, n, mode)
			if ok {
				fitting, chosen = append(fitting, i), side
			} else {
				reasons = append(reasons, VariantViolations{variantName(s, i), side.violations})
			}
		}
		if len(fitting) == 1 {
			c.adopt(chosen)
			c.choose(s, fitting[0], n)
			return
		}
	}
	switch {
	case len(fitting) > 0:
		c.noVariant(c.violation(s, n, "oneOf", "exactly one of "+variantNames(s, nil)+"; this fits "+variantNames(s, fitting)))
	case s.Discriminator != nil:
		c.noVariant(c.violation(s, n, "type", "an object"))
	default:
		v := c.violation(s, n, "oneOf", "exactly one of "+variantNames(s, nil))
		if s.sensitive() { // what one variant keeps secret, no other one shows
			reasons = withoutValues(reasons)
		}
		v.Variants = reasons
		c.noVariant(v)
	}
}

// noVariant tells why a value is no variant of a union. Tolerant reading keeps such a value as it is, whatever it is.
func (c *checker) noVariant(reasons ...Violation) {
	if c.mode >= tolerant {
		c.concede(reasons...)
		c.variant = UnknownVariant
		return
	}
	for _, v := range reasons {
		c.violate(v)
	}
}

func withoutValues(reasons []VariantViolations) []VariantViolations {
	hidden := make([]VariantViolations, len(reasons))
	for i, reason := range reasons {
		violations := slices.Clone(reason.Violations)
		for j := range violations {
			violations[j].Got = ""
			violations[j].Variants = withoutValues(violations[j].Variants)
		}
		hidden[i] = VariantViolations{reason.Variant, violations}
	}
	return hidden
}

func (c *checker) discriminated(s *Schema, n *node) {
	d := s.Discriminator
	value := n.get(d.Property)
	var wrong Violation
	switch {
	case value == nil:
		wrong = Violation{at: new(n.member(d.Property)), Rule: "required", Want: oneOfTheseValues(d) + "; it is missing"}
	case value.kind != '"':
		c.noVariant(c.violation(s, value, "type", oneOfTheseValues(d)))
		return
	default:
		if variant, known := d.of(value.text); known {
			c.selected(s, variant, n)
			return
		}
		wrong = c.violation(s, value, "discriminator", oneOfTheseValues(d))
	}
	if c.mode == strict || !c.guess(s, n, wrong) {
		c.noVariant(wrong)
	}
}

// selected checks the variant that the discriminator selects.
func (c *checker) selected(s *Schema, variant int, n *node) {
	if c.mode < tolerant {
		c.check(s.OneOf[variant], n)
		c.choose(s, variant, n)
		return
	}
	side, ok := c.try(s.OneOf[variant], n, c.mode)
	if !ok {
		c.noVariant(slices.Concat(side.violations, side.concessions)...)
		return
	}
	c.adopt(side)
	c.variant = variant
}

// guess is the answer to an unknown or missing discriminator: the only variant whose shape fits but for that.
func (c *checker) guess(s *Schema, n *node, wrong Violation) bool {
	ofDiscriminator := func(v Violation) bool {
		return v.at.parent == &n.place && v.at.index == asMember && v.at.name == s.Discriminator.Property
	}
	fitting := -1
	var chosen checker
	for i, variant := range s.OneOf {
		side, _ := c.try(variant, n, byShape)
		if slices.ContainsFunc(side.violations, func(v Violation) bool { return !ofDiscriminator(v) }) {
			continue
		}
		if fitting >= 0 {
			return false
		}
		fitting, chosen = i, side
	}
	if fitting < 0 {
		return false
	}
	c.concede(wrong)
	chosen.concessions = slices.DeleteFunc(slices.Clone(chosen.concessions), ofDiscriminator)
	c.adopt(chosen)
	c.variant = fitting
	return true
}

// shadows names the declared member that encoding/json would take for the undeclared one: it ignores case.
func shadows(s *Schema, name string) string {
	for i := range s.Properties {
		if strings.EqualFold(s.Properties[i].Name, name) {
			return s.Properties[i].Name
		}
	}
	return ""
}

// leaveOut removes member i of an object from the text that is decoded.
func (c *checker) leaveOut(n *node, i int, shadow bool) {
	if c.data == "" || len(c.violations) > 0 {
		return // nothing will be decoded
	}
	// A member goes with the comma behind it; the last one goes with the comma before it, which may be gone already
	// together with its predecessor. edited puts such commas right.
	m := n.members[i]
	c.edits = append(c.edits, edit{m.start, m.value.end, removed, shadow})
}

// removed marks the place of a member that is left out, until edited closes the gap.
const removed = "\x00"

// edited applies the edits.
func (c *checker) edited() []byte {
	// allOf may have asked for the same edit twice, and for edits within what goes anyway.
	slices.SortStableFunc(c.edits, func(a, b edit) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	out := make([]byte, 0, len(c.data))
	at := 0
	for _, e := range c.edits {
		if e.start < at || e.shadow && c.declared[e.start] {
			continue
		}
		out = append(out, c.data[at:e.start]...)
		at = e.end
		if e.with != removed {
			out = append(out, e.with...)
			continue
		}
		rest := at + spaces(c.data[at:])
		if c.data[rest] == ',' {
			at = rest + 1
			continue
		}
		for len(out) > 0 && strings.IndexByte(" \t\r\n", out[len(out)-1]) >= 0 {
			out = out[:len(out)-1]
		}
		if out[len(out)-1] == ',' {
			out = out[:len(out)-1]
		}
	}
	return append(out, c.data[at:]...)
}

// of returns the variant that a value selects.
func (d *Discriminator) of(value string) (variant int, ok bool) {
	i, ok := slices.BinarySearchFunc(d.Mapping, value, func(m Mapping, text string) int { return cmp.Compare(m.Value, text) })
	if !ok {
		return 0, false
	}
	return d.Mapping[i].Variant, true
}

func spaces(data string) int {
	n := 0
	for n < len(data) && strings.IndexByte(" \t\r\n", data[n]) >= 0 {
		n++
	}
	return n
}

var patterns sync.Map // RE2 text → *regexp.Regexp

func pattern(text string) *regexp.Regexp {
	if p, ok := patterns.Load(text); ok {
		return p.(*regexp.Regexp)
	}
	p, _ := patterns.LoadOrStore(text, regexp.MustCompile(text))
	return p.(*regexp.Regexp)
}

// canonical spells equal values equally: members sorted, numbers as decimals.
func (n *node) canonical() string {
	switch n.kind {
	case 'n':
		return "null"
	case 't':
		return "true"
	case 'f':
		return "false"
	case '"':
		return quote(n.text)
	case '0':
		return canonicalNumber(n.text)
	}
	var b strings.Builder
	if n.kind == '[' {
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(item.canonical())
		}
		b.WriteByte(']')
		return b.String()
	}
	members := slices.SortedFunc(slices.Values(n.members), func(a, b member) int { return cmp.Compare(a.name, b.name) })
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(m.name) + ":" + m.value.canonical())
	}
	b.WriteByte('}')
	return b.String()
}

// sums makes the sums of values differ from one process to the next, so that nobody can prepare equal ones.
var sums = maphash.MakeSeed()

// sum is the same for equal values, and nearly always another one for others.
func (n *node) sum() uint64 {
	if n.summed == 0 {
		h := maphash.Hash{}
		h.SetSeed(sums)
		h.WriteByte(byte(n.kind))
		switch n.kind {
		case '"':
			h.WriteString(n.text)
		case '0':
			h.WriteString(canonicalNumber(n.text))
		case '[':
			for _, item := range n.items {
				maphash.WriteComparable(&h, item.sum())
			}
		case '{':
			var all uint64 // of members, whatever their order
			for _, m := range n.members {
				all += maphash.Comparable(sums, memberSum{m.name, m.value.sum()})
			}
			maphash.WriteComparable(&h, all)
		}
		n.summed = max(h.Sum64(), 1)
	}
	return n.summed
}

type memberSum struct {
	name string
	sum  uint64
}

// Canonical spells a JSON text such that equal values have equal texts: members sorted, numbers as decimals, no spaces.
// The values of an enum are kept in this form. A text that is not JSON is returned as it is.
func Canonical(text string) string {
	n, violation := parse(text)
	if violation != nil {
		return text
	}
	return n.canonical()
}

func canonicalNumber(literal string) string {
	d := parseDecimal(literal)
	if plain, ok := d.integer(); ok {
		return plain
	}
	s := "0." + d.digits + "e" + strconv.Itoa(d.exponent)
	if d.negative {
		s = "-" + s
	}
	return s
}

func quote(s string) string {
	var room [80]byte
	b, err := jsontext.AppendQuote(room[:0], s)
	if err != nil {
		return strconv.Quote(s)
	}
	return string(b)
}

// escape spells a name as a part of a JSON pointer.
func escape(name string) string {
	if strings.IndexByte(name, '~') < 0 && strings.IndexByte(name, '/') < 0 {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
