package contract

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// keywords validates a value against what the schema itself says: its keywords one by one.
func (c *checker) keywords(s *Schema, n int32) {
	kind := c.nodes[n].kind
	switch {
	case kind == 'n' && s.Nullable:
		return
	case kind == 'n' && c.completes && s.hasEmpty():
		c.complete(s, n)
		return
	case kind == 'n' && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0:
		// The parts decide.
	case kind == 'n' && s.Type != "":
		from := never
		if c.nodes[n].flags&isMember != 0 {
			from = tolerant // a member that is null decodes like one that is absent
		}
		c.broken(from, s, n, "type")
		return
	case s.Type != "" && !c.typed(s, n):
		return
	}
	for _, part := range s.AllOf {
		c.check(part, n)
	}
	if len(s.AnyOf) > 0 {
		c.anyOf(s, n)
	}
	if s.Not != nil {
		c.not(s, n)
	}
	if len(s.Enum) > 0 && !c.isOneOf(n, s.Enum) {
		c.broken(byShape, s, n, "enum")
	}
	switch kind {
	case '"':
		c.checkString(s, n)
	case '0':
		c.checkNumber(s, n)
	case '[':
		c.checkArray(s, n)
	case '{':
		c.checkObject(s, n)
	}
	if len(s.OneOf) > 0 { // after the members, which may be unions too: c.variant is that of s in the end
		c.oneOf(s, n)
	}
}

// typed checks the type, and the formats of numbers. It reports whether the other keywords are worth looking at.
func (c *checker) typed(s *Schema, n int32) bool {
	var fits bool
	switch kind := c.nodes[n].kind; s.Type {
	case "object":
		fits = kind == '{'
	case "array":
		fits = kind == '['
	case "string":
		fits = kind == '"'
	case "boolean":
		fits = kind == 't' || kind == 'f'
	case "number":
		fits = kind == '0' && isDouble(c.literal(n))
		if fits && s.Format == "float" && !isFloat(c.literal(n)) {
			c.broken(never, s, n, "format")
		}
	case "integer":
		return c.integer(s, n)
	}
	if !fits {
		c.broken(never, s, n, "type")
	}
	return fits
}

func (c *checker) integer(s *Schema, n int32) bool {
	if c.nodes[n].kind != '0' {
		c.broken(never, s, n, "type")
		return false
	}
	literal := c.literal(n)
	if isPlainInteger(literal) {
		if !fitsInteger(literal, s.Format) {
			c.broken(never, s, n, "format")
		}
		return true
	}
	d := parseDecimal(literal)
	if !d.isInteger() {
		c.broken(never, s, n, "type")
		return false
	}
	plain, ok := d.integer()
	switch {
	case !ok || !fitsInteger(plain, s.Format):
		c.broken(never, s, n, "format")
	case plain != literal:
		c.edit(n, respelled)
	}
	return true
}

// edit marks a value or name for edited.
func (c *checker) edit(n int32, how flags) {
	if c.acting() {
		c.nodes[n].flags |= how
		c.edits |= how
	}
}

// hasEmpty reports whether a nil slice or map in Go may stand for an empty value of the schema.
func (s *Schema) hasEmpty() bool {
	return !s.isComposed() && len(s.Enum) == 0 && (s.Type == "array" || s.Type == "object" && len(s.Properties) == 0)
}

// complete checks a null as the empty array or object that it stands for.
func (c *checker) complete(s *Schema, n int32) {
	if s.Type == "array" {
		c.edit(n, emptyArray)
		c.checkArray(s, n)
	} else {
		c.edit(n, emptyObject)
		c.checkObject(s, n)
	}
}

func (c *checker) checkNumber(s *Schema, n int32) {
	if s.Minimum == "" && s.Maximum == "" && s.MultipleOf == "" {
		return
	}
	d := parseDecimal(c.literal(n))
	if s.Minimum != "" {
		switch order := d.compare(parseDecimal(s.Minimum)); {
		case s.ExclusiveMinimum && order <= 0:
			c.broken(tolerant, s, n, "exclusiveMinimum")
		case order < 0:
			c.broken(tolerant, s, n, "minimum")
		}
	}
	if s.Maximum != "" {
		switch order := d.compare(parseDecimal(s.Maximum)); {
		case s.ExclusiveMaximum && order >= 0:
			c.broken(tolerant, s, n, "exclusiveMaximum")
		case order > 0:
			c.broken(tolerant, s, n, "maximum")
		}
	}
	if s.MultipleOf != "" && !d.multipleOf(parseDecimal(s.MultipleOf)) {
		c.broken(tolerant, s, n, "multipleOf")
	}
}

func (c *checker) checkString(s *Schema, n int32) {
	text := c.string(n)
	if s.MinLength > 0 || s.HasMaxLength {
		length := utf8.RuneCountInString(text)
		if length < s.MinLength {
			c.broken(tolerant, s, n, "minLength")
		}
		if s.HasMaxLength && length > s.MaxLength {
			c.broken(tolerant, s, n, "maxLength")
		}
	}
	if s.Pattern != "" && !pattern(s.Pattern).MatchString(text) {
		c.broken(tolerant, s, n, "pattern")
	}
	if s.Format == "" {
		return
	}
	if f, known := formats[s.Format]; known && !f.valid(text) {
		c.broken(f.tolerable, s, n, "format")
	}
	// time.Time does not understand escapes (go.dev/issue/47353). A valid time has nothing that needs one.
	if s.Format == "date-time" && s.Type == "string" && c.nodes[n].flags&ownText != 0 {
		c.edit(n, respelled)
	}
}

func (c *checker) checkArray(s *Schema, n int32) {
	size := int(c.nodes[n].size)
	if size < s.MinItems {
		c.broken(tolerant, s, n, "minItems")
	}
	if s.HasMaxItems && size > s.MaxItems {
		c.broken(tolerant, s, n, "maxItems")
	}
	if s.UniqueItems && c.repeats(n) {
		for i, item := range c.items(n) {
			if c.nodes[item].flags&repeated != 0 {
				c.enter(0, i)
				c.broken(tolerant, s, item, "uniqueItems")
				c.leave()
			}
		}
	}
	if s.Items == nil {
		return
	}
	for i, item := range c.items(n) {
		c.enter(0, i)
		c.check(s.Items, item)
		c.leave()
		if c.stopped() {
			return
		}
	}
}

func (c *checker) checkObject(s *Schema, n int32) {
	for _, name := range s.Required {
		if c.stopped() {
			return
		}
		if c.member(n, name) != 0 {
			continue
		}
		p := s.Property(name)
		if p != nil && (p.ReadOnly && c.dir != InResponse || p.WriteOnly && c.dir != InRequest) {
			continue
		}
		c.missing(n, name, tolerant, func() string {
			if p == nil {
				return "this member"
			}
			return wantType(p)
		})
	}
	size := int(c.nodes[n].size)
	if size < s.MinProperties {
		c.broken(tolerant, s, n, "minProperties")
	}
	if s.HasMaxProperties && size > s.MaxProperties {
		c.broken(tolerant, s, n, "maxProperties")
	}
	for name := range c.members(n) {
		c.enter(name, 0)
		c.checkMember(s, name)
		c.leave()
		if c.stopped() {
			return
		}
	}
}

func (c *checker) checkMember(s *Schema, name int32) {
	value := name + 1
	p := s.Property(c.string(name))
	if p != nil && c.acting() {
		c.nodes[name].flags |= declared
	}
	switch {
	case p != nil && p.ReadOnly && c.dir == InRequest:
		c.broken(tolerant, p, value, "readOnly")
		if c.mode == tolerant { // then it is decoded
			c.check(p, value)
		}
	case p != nil && p.WriteOnly && c.dir == InResponse:
		c.broken(tolerant, p, value, "writeOnly")
		if c.mode == tolerant {
			c.check(p, value)
		}
	case p != nil:
		c.check(p, value)
	case s.Closed:
		// The value is not shown: nobody knows whether a member that is not declared is secret.
		if value != c.exempt.value && c.counts(byShape) {
			c.report(byShape).add(c.unexpected(s, name, "additionalProperties"))
		}
		c.edit(name, removed)
	case s.AdditionalProperties != nil:
		c.check(s.AdditionalProperties, value)
	case c.acting():
		c.undeclaredMember(s, name)
	}
}

// undeclaredMember is for a member that this schema does not declare. Another part of an allOf may.
func (c *checker) undeclaredMember(s *Schema, name int32) {
	if shadows(s, c.string(name)) != "" {
		c.edit(name, shadowing)
	}
	if c.mode < tolerant || len(s.Properties) == 0 {
		return
	}
	if !c.again {
		c.undeclared = true
		return
	}
	if c.nodes[name].flags&(declared|reported) == 0 && name+1 != c.exempt.value {
		c.nodes[name].flags |= reported
		if c.deviations.full() {
			c.deviations.more++
		} else {
			c.deviations.add(c.unexpected(s, name, "undeclared"))
		}
	}
}

func (c *checker) unexpected(s *Schema, name int32, rule string) Violation {
	return Violation{Pointer: c.pointer(), Rule: rule, Want: "no such member" + suggestion(s, c.string(name))}
}

// shadows returns the declared member that encoding/json, which ignores case, would take for the undeclared one.
func shadows(s *Schema, name string) string {
	for i := range s.Properties {
		if strings.EqualFold(s.Properties[i].Name, name) {
			return s.Properties[i].Name
		}
	}
	return ""
}

// isOneOf reports whether a value is one of an enum, whose values are canonical.
func (c *checker) isOneOf(n int32, enum []string) bool {
	if node := &c.nodes[n]; node.kind != '0' && node.kind != '{' && node.kind != '[' && node.flags&ownText == 0 {
		return slices.Contains(enum, c.text[node.start:node.end])
	}
	c.room = c.appendCanonical(c.room[:0], n)
	return slices.ContainsFunc(enum, func(value string) bool { return value == string(c.room) })
}

// repeats marks the items of an array that are equal to an earlier one, and reports whether there are any.
func (c *checker) repeats(n int32) (found bool) {
	type hashed struct {
		hash uint64
		item int32
	}
	items := make([]hashed, 0, c.nodes[n].size)
	for _, item := range c.items(n) {
		items = append(items, hashed{c.hash(item), item})
	}
	slices.SortFunc(items, func(a, b hashed) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.item, b.item)) })
	var first []byte // the canonical text of the first item with the same hash
	for i := 1; i < len(items); i++ {
		if items[i].hash != items[i-1].hash {
			first = first[:0]
			continue
		}
		if len(first) == 0 {
			first = c.appendCanonical(first, items[i-1].item)
		}
		// Two values with the same hash are nearly certainly equal, as nobody knows the seed.
		if c.room = c.appendCanonical(c.room[:0], items[i].item); string(c.room) == string(first) {
			c.nodes[items[i].item].flags |= repeated
			found = true
			if c.trial {
				return true
			}
		}
	}
	return found
}

// hash returns the same for equal values, and nearly always something else for others.
func (c *checker) hash(n int32) uint64 {
	node := &c.nodes[n]
	var h maphash.Hash
	h.SetSeed(hashSeed)
	h.WriteByte(node.kind)
	switch node.kind {
	case '"':
		h.WriteString(c.string(n))
	case '0':
		c.room = appendNumber(c.room[:0], c.literal(n))
		h.Write(c.room)
	case '[':
		for _, item := range c.items(n) {
			maphash.WriteComparable(&h, c.hash(item))
		}
	case '{':
		var all uint64 // of the members, whatever their order
		for name := range c.members(n) {
			all += maphash.Comparable(hashSeed, [2]uint64{maphash.String(hashSeed, c.string(name)), c.hash(name + 1)})
		}
		maphash.WriteComparable(&h, all)
	}
	return h.Sum64()
}

// Canonical spells JSON such that equal values have equal texts: members sorted, numbers as decimals, no spaces. The
// values of an enum are kept in this form. Input that is not JSON is returned as it is.
func Canonical(text string) string {
	var t jsonTree
	if t.parse(text) != nil {
		return text
	}
	return string(t.appendCanonical(nil, 0))
}

func (t *jsonTree) appendCanonical(b []byte, n int32) []byte {
	switch t.nodes[n].kind {
	case 'n':
		return append(b, "null"...)
	case 't':
		return append(b, "true"...)
	case 'f':
		return append(b, "false"...)
	case '"':
		return appendQuote(b, t.string(n))
	case '0':
		return appendNumber(b, t.literal(n))
	case '[':
		b = append(b, '[')
		for i, item := range t.items(n) {
			if i > 0 {
				b = append(b, ',')
			}
			b = t.appendCanonical(b, item)
		}
		return append(b, ']')
	}
	names := make([]int32, 0, t.nodes[n].size)
	for name := range t.members(n) {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b int32) int { return strings.Compare(t.string(a), t.string(b)) })
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuote(b, t.string(name)), ':')
		b = t.appendCanonical(b, name+1)
	}
	return append(b, '}')
}

func appendNumber(b []byte, literal string) []byte {
	if isPlainInteger(literal) {
		return append(b, literal...)
	}
	d := parseDecimal(literal)
	if plain, ok := d.integer(); ok {
		return append(b, plain...)
	}
	if d.negative {
		b = append(b, '-')
	}
	b = append(d.appendDigits(append(b, "0."...)), 'e')
	return strconv.AppendInt(b, int64(d.exponent), 10)
}
