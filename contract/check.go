package contract

import (
	"cmp"
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
	Undirected Direction = iota // neither readOnly nor writeOnly is checked
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
	c := checker{dir: dir, data: data}
	return c.text(s)
}

// CheckTolerant reads what can be understood. A value that is no member of its enum, an unknown value of a discriminator
// (if the rest fits exactly one variant) and an unknown member of a closed object are concessions: they are returned
// instead of being an error. What is left is returned as a [*ValidationError].
func (s *Schema) CheckTolerant(data []byte, dir Direction) (text []byte, concessions []Violation, err error) {
	c := checker{dir: dir, data: data, tolerant: true}
	text, err = c.text(s)
	return text, c.concessions, err
}

// Variant is Check for a union: it also tells which of OneOf the value is, -1 for null.
func (s *Schema) Variant(data []byte) (variant int, text []byte, err error) {
	c := checker{data: data}
	text, err = c.text(s)
	return c.variant, text, err
}

// VariantTolerant is CheckTolerant for a union: it also tells which of OneOf the value is, -1 for null.
func (s *Schema) VariantTolerant(data []byte) (variant int, text []byte, concessions []Violation, err error) {
	c := checker{data: data, tolerant: true}
	text, err = c.text(s)
	return c.variant, text, c.concessions, err
}

// A checker holds one value against a schema. It is thrown away afterwards.
type checker struct {
	dir      Direction
	tolerant bool
	data     []byte // the text; nil if the value stands in none

	violations  []Violation
	concessions []Violation
	edits       []edit // what has to change in data before it is decoded
	variant     int    // of the union that was checked last
	trials      map[trial]checker
	composed    map[trial]bool // the composed schemas that were held against a value
	secrets     int            // how many of the schemas above are sensitive
	reported    int            // bytes
	declared    map[int]bool   // by their place, the members that a schema declares; nil if nobody wants to know
}

// A place is where a value stands, as a JSON pointer that is only spelled out for violations: the names in it may be long.
type place struct {
	parent *place
	name   string // of a member
	index  int    // of an item, if it is not negative
}

func (p *place) member(name string) *place { return &place{p, name, -1} }
func (p *place) item(i int) *place         { return &place{p, "", i} }

func (p *place) pointer() string {
	switch {
	case p == nil:
		return ""
	case p.index >= 0:
		return p.parent.pointer() + "/" + strconv.Itoa(p.index)
	}
	return p.parent.pointer() + "/" + escape(p.name)
}

// A trial is one schema tried on one value.
type trial struct {
	schema   *Schema
	node     *node
	tolerant bool
}

// An edit replaces data[start:end].
type edit struct {
	start, end int
	with       string
	shadow     bool // a member that is left out because of its name; it stays if another part of an allOf declares it
}

func (c *checker) text(s *Schema) ([]byte, error) {
	root, violation := parse(c.data)
	if violation != nil {
		return nil, &ValidationError{Violations: []Violation{*violation}}
	}
	c.check(s, root, nil)
	if slices.ContainsFunc(c.edits, func(e edit) bool { return e.shadow }) {
		// Seldom enough to start again: only now it matters which members some part of an allOf declares.
		*c = checker{dir: c.dir, tolerant: c.tolerant, data: c.data, declared: map[int]bool{}}
		c.check(s, root, nil)
	}
	if len(c.violations) > 0 {
		return nil, &ValidationError{Violations: distinct(c.violations)}
	}
	if root.kind == 'n' {
		c.variant = -1
	}
	return c.edited(), nil
}

// checkNode is for values that do not stand in a JSON text: parameters and headers.
func (s *Schema) checkNode(n *node, dir Direction, at *place) []Violation {
	c := checker{dir: dir}
	c.check(s, n, at)
	return c.violations
}

func (c *checker) violate(s *Schema, n *node, at *place, rule, want string) {
	v := Violation{Pointer: at.pointer(), Rule: rule, Want: want}
	if n != nil && c.secrets == 0 && !s.sensitive() {
		v.Got = n.shown()
	}
	c.violations = append(c.violations, v)
	c.reported += len(v.Pointer) + len(v.Want) + len(v.Got)
}

// full tells that enough has been reported. What a hostile text costs must not grow with what is wrong with it.
func (c *checker) full() bool { return len(c.violations) >= maxViolations || c.reported >= maxReported }

const (
	maxViolations = 1000
	maxReported   = 1 << 18 // bytes
)

// concede is violate for what tolerant reading puts up with.
func (c *checker) concede(s *Schema, n *node, at *place, rule, want string) {
	c.violate(s, n, at, rule, want)
	if c.tolerant {
		last := len(c.violations) - 1
		c.concessions = append(c.concessions, c.violations[last])
		c.violations = c.violations[:last]
	}
}

// try checks n against s on the side and tells whether it fits. Each pair is tried once, so that unions within unions,
// whose variants contain the same members, cost no more than their number.
func (c *checker) try(s *Schema, n *node, at *place, tolerant bool) (checker, bool) {
	if c.trials == nil {
		c.trials = map[trial]checker{}
	}
	key := trial{s, n, tolerant}
	side, done := c.trials[key]
	if !done {
		side = checker{dir: c.dir, tolerant: tolerant, data: c.data, trials: c.trials, secrets: c.secrets}
		if c.declared != nil {
			side.declared = map[int]bool{}
		}
		side.check(s, n, at)
		c.trials[key] = side
	}
	return side, len(side.violations) == 0
}

// adopt takes over what a successful try found out.
func (c *checker) adopt(side checker) {
	c.concessions = append(c.concessions, side.concessions...)
	c.edits = append(c.edits, side.edits...)
	maps.Copy(c.declared, side.declared)
}

// distinct leaves out what several parts of an allOf say alike.
func distinct(violations []Violation) []Violation {
	type key struct{ pointer, rule, want string }
	seen := make(map[key]bool, len(violations))
	return slices.DeleteFunc(violations, func(v Violation) bool {
		k := key{v.Pointer, v.Rule, v.Want}
		again := seen[k]
		seen[k] = true
		return again
	})
}

func (c *checker) check(s *Schema, n *node, at *place) {
	if c.full() {
		return
	}
	if s.Sensitive {
		c.secrets++
		defer func() { c.secrets-- }()
	}
	if len(s.AllOf) > 0 { // its parts may lead to the same members, and these to the same schema again
		once := trial{s, n, c.tolerant}
		if c.composed[once] {
			return
		}
		if c.composed == nil {
			c.composed = map[trial]bool{}
		}
		c.composed[once] = true
	}
	if n.kind == 'n' {
		c.null(s, n, at)
		return
	}
	if s.Type != "" && !c.typed(s, n, at) {
		return
	}
	for _, part := range s.AllOf {
		c.check(part, n, at)
	}
	if len(s.AnyOf) > 0 {
		c.anyOf(s, n, at)
	}
	if s.Not != nil {
		if _, fits := c.try(s.Not, n, at, false); fits { // tolerance here would forbid more instead of less
			c.violate(s, n, at, "not", notWanted(s.Not))
		}
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, n.canonical()) {
		c.concede(s, n, at, "enum", oneOfThese(s.Enum))
	}
	switch n.kind {
	case '"':
		c.string(s, n, at)
	case '0':
		c.number(s, n, at)
	case '[':
		c.array(s, n, at)
	case '{':
		c.object(s, n, at)
	}
	if len(s.OneOf) > 0 { // behind the members, which may be unions too: c.variant is that of s in the end
		c.oneOf(s, n, at)
	}
}

// null is valid where the schema is nullable, or where a part of a composed schema accepts it.
func (c *checker) null(s *Schema, n *node, at *place) {
	if s.Nullable {
		return
	}
	if len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 {
		c.violate(s, n, at, "type", wantType(s))
		return
	}
	for _, part := range s.AllOf {
		c.check(part, n, at)
	}
	if len(s.OneOf) > 0 {
		c.oneOf(s, n, at)
	}
	if len(s.AnyOf) > 0 {
		c.anyOf(s, n, at)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, "null") {
		c.concede(s, n, at, "enum", oneOfThese(s.Enum))
	}
}

func (c *checker) typed(s *Schema, n *node, at *place) bool {
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
			c.violate(s, n, at, "type", wantDouble)
			return false
		}
	case "integer":
		return c.integer(s, n, at)
	}
	if !fits {
		c.violate(s, n, at, "type", wantType(s))
	}
	return fits
}

func (c *checker) integer(s *Schema, n *node, at *place) bool {
	if n.kind != '0' {
		c.violate(s, n, at, "type", wantType(s))
		return false
	}
	d := parseDecimal(n.text)
	if !d.isInteger() {
		c.violate(s, n, at, "type", "an integer")
		return false
	}
	plain, ok := d.integer()
	if !ok || !fitsInteger(plain, s.Format) {
		c.violate(s, n, at, "format", wantInteger(s.Format))
		return true
	}
	if plain != n.text {
		c.edits = append(c.edits, edit{start: n.start, end: n.end, with: plain})
	}
	return true
}

func (c *checker) number(s *Schema, n *node, at *place) {
	if s.Minimum == "" && s.Maximum == "" && s.MultipleOf == "" {
		return
	}
	d := parseDecimal(n.text)
	if s.Minimum != "" {
		switch order := d.compare(parseDecimal(s.Minimum)); {
		case s.ExclusiveMinimum && order <= 0:
			c.violate(s, n, at, "exclusiveMinimum", "more than "+s.Minimum)
		case order < 0:
			c.violate(s, n, at, "minimum", "at least "+s.Minimum)
		}
	}
	if s.Maximum != "" {
		switch order := d.compare(parseDecimal(s.Maximum)); {
		case s.ExclusiveMaximum && order >= 0:
			c.violate(s, n, at, "exclusiveMaximum", "less than "+s.Maximum)
		case order > 0:
			c.violate(s, n, at, "maximum", "at most "+s.Maximum)
		}
	}
	if s.MultipleOf != "" && !d.multipleOf(parseDecimal(s.MultipleOf)) {
		c.violate(s, n, at, "multipleOf", "a multiple of "+s.MultipleOf)
	}
}

func (c *checker) string(s *Schema, n *node, at *place) {
	if s.MinLength > 0 || s.HasMaxLength {
		length := utf8.RuneCountInString(n.text)
		if length < s.MinLength {
			c.violate(s, n, at, "minLength", "at least "+count(s.MinLength, "character"))
		}
		if s.HasMaxLength && length > s.MaxLength {
			c.violate(s, n, at, "maxLength", "at most "+count(s.MaxLength, "character"))
		}
	}
	if s.Pattern != "" && !pattern(s.Pattern).MatchString(n.text) {
		c.violate(s, n, at, "pattern", "text that matches "+s.Pattern)
	}
	if s.Format != "" && s.Type == "string" {
		if f, known := formats[s.Format]; known && !f.valid(n.text) {
			c.violate(s, n, at, "format", f.want)
		}
		// time.Time does not understand escapes (go.dev/issue/47353). A valid text has nothing that needs one.
		if s.Format == "date-time" && n.end-n.start != len(n.text)+len(`""`) {
			c.edits = append(c.edits, edit{start: n.start, end: n.end, with: quote(n.text)})
		}
	}
}

func (c *checker) array(s *Schema, n *node, at *place) {
	if len(n.items) < s.MinItems {
		c.violate(s, n, at, "minItems", "at least "+count(s.MinItems, "item"))
	}
	if s.HasMaxItems && len(n.items) > s.MaxItems {
		c.violate(s, n, at, "maxItems", "at most "+count(s.MaxItems, "item"))
	}
	if s.UniqueItems {
		seen := make(map[string]bool, len(n.items))
		for i, item := range n.items {
			key := item.canonical()
			if seen[key] {
				c.violate(s, item, at.item(i), "uniqueItems", "each item once")
			}
			seen[key] = true
		}
	}
	if s.Items != nil {
		for i, item := range n.items {
			c.check(s.Items, item, at.item(i))
		}
	}
}

func (c *checker) object(s *Schema, n *node, at *place) {
	for _, name := range s.Required {
		if n.get(name) != nil {
			continue
		}
		p := s.property(name)
		if p != nil && (p.ReadOnly && c.dir == InRequest || p.WriteOnly && c.dir == InResponse) {
			continue
		}
		want := "this member"
		if p != nil {
			want = wantType(p)
		}
		c.violate(s, nil, at.member(name), "required", want+"; it is missing")
	}
	if len(n.members) < s.MinProperties {
		c.violate(s, n, at, "minProperties", "at least "+count(s.MinProperties, "member"))
	}
	if s.HasMaxProperties && len(n.members) > s.MaxProperties {
		c.violate(s, n, at, "maxProperties", "at most "+count(s.MaxProperties, "member"))
	}
	for i := range n.members {
		m := &n.members[i]
		here := at.member(m.name)
		p := s.property(m.name)
		if p != nil && c.declared != nil {
			c.declared[m.start] = true
		}
		switch {
		case p != nil && p.ReadOnly && c.dir == InRequest:
			c.violate(p, m.value, here, "readOnly", "no such member in a request; the service sets it")
		case p != nil && p.WriteOnly && c.dir == InResponse:
			c.violate(p, m.value, here, "writeOnly", "no such member in a response")
		case p != nil:
			c.check(p, m.value, here)
		case s.Closed:
			// The value is not shown: nobody knows whether a member that is not declared is secret.
			c.concede(s, nil, here, "additionalProperties", "no such member"+suggestion(s, m.name))
			c.leaveOut(n, i, false)
		case s.AdditionalProperties != nil:
			c.check(s.AdditionalProperties, m.value, here)
		case shadows(s, m.name) != "":
			c.leaveOut(n, i, true)
		}
	}
}

func (c *checker) anyOf(s *Schema, n *node, at *place) {
	var chosen *checker
	for _, part := range s.AnyOf {
		side, ok := c.try(part, n, at, c.tolerant)
		if ok && (chosen == nil || len(side.concessions) == 0) {
			chosen = &side
			if len(side.concessions) == 0 {
				break
			}
		}
	}
	if chosen == nil {
		c.violate(s, n, at, "anyOf", "a value that fits at least one of "+count(len(s.AnyOf), "schema"))
		return
	}
	c.adopt(*chosen)
}

// oneOf chooses the variant, by the discriminator if there is one and by trying them all otherwise. Variants that fit as
// they are go before those that fit with concessions.
func (c *checker) oneOf(s *Schema, n *node, at *place) {
	if s.Discriminator != nil && n.kind == '{' {
		c.discriminated(s, n, at)
		return
	}
	var fitting []int
	var chosen checker
	reasons := make([]VariantViolations, 0, len(s.OneOf))
	for i, variant := range s.OneOf {
		side, ok := c.try(variant, n, at, c.tolerant)
		switch {
		case !ok:
			reasons = append(reasons, VariantViolations{variantName(s, i), side.violations})
		case len(fitting) == 0 || len(side.concessions) == 0 && len(chosen.concessions) > 0:
			fitting, chosen = []int{i}, side
		case (len(side.concessions) == 0) == (len(chosen.concessions) == 0):
			fitting = append(fitting, i)
		}
	}
	switch {
	case len(fitting) == 1:
		c.adopt(chosen)
		c.variant = fitting[0]
	case len(fitting) == 0 && s.Discriminator != nil:
		c.violate(s, n, at, "type", "an object")
	case len(fitting) == 0:
		c.violate(s, n, at, "oneOf", "exactly one of "+variantNames(s, nil))
		if s.sensitive() { // what one variant keeps secret, no other one shows
			reasons = withoutValues(reasons)
		}
		c.violations[len(c.violations)-1].Variants = reasons
	default:
		c.violate(s, n, at, "oneOf", "exactly one of "+variantNames(s, nil)+"; this fits "+variantNames(s, fitting))
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

func (c *checker) discriminated(s *Schema, n *node, at *place) {
	d := s.Discriminator
	here := at.member(d.Property)
	value := n.get(d.Property)
	switch {
	case value == nil:
		c.violate(s, nil, here, "required", oneOfTheseValues(d)+"; it is missing")
		return
	case value.kind != '"':
		c.violate(s, value, here, "type", oneOfTheseValues(d))
		return
	}
	i, known := slices.BinarySearchFunc(d.Mapping, value.text, func(m Mapping, text string) int {
		return cmp.Compare(m.Value, text)
	})
	if known {
		c.check(s.OneOf[d.Mapping[i].Variant], n, at)
		c.variant = d.Mapping[i].Variant
		return
	}
	c.violate(s, value, here, "discriminator", oneOfTheseValues(d))
	if c.tolerant {
		c.guess(s, n, at, here)
	}
}

// guess is the tolerant answer to an unknown value of the discriminator: the only variant that fits otherwise.
func (c *checker) guess(s *Schema, n *node, at, discriminator *place) {
	fitting := -1
	var chosen checker
	for i, variant := range s.OneOf {
		side, ok := c.try(variant, n, at, c.tolerant)
		if !ok {
			continue
		}
		if fitting >= 0 {
			return
		}
		fitting, chosen = i, side
	}
	if fitting < 0 {
		return
	}
	last := len(c.violations) - 1
	c.concessions = append(c.concessions, c.violations[last])
	c.violations = c.violations[:last]
	chosen.concessions = slices.DeleteFunc(chosen.concessions, func(v Violation) bool { return v.Pointer == discriminator.pointer() })
	c.adopt(chosen)
	c.variant = fitting
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
	if c.data == nil {
		return
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
	if len(c.edits) == 0 {
		return c.data
	}
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

func spaces(data []byte) int {
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

// Canonical spells a JSON text such that equal values have equal texts: members sorted, numbers as decimals, no spaces.
// The values of an enum are kept in this form. A text that is not JSON is returned as it is.
func Canonical(text string) string {
	n, violation := parse([]byte(text))
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
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		return strconv.Quote(s)
	}
	return string(b)
}

// escape spells a name as a part of a JSON pointer.
func escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
