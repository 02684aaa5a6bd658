package contract

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The checker is the general validator: it interprets a schema over parsed JSON. The keywords are in keywords.go, the
// unions and other choices between schemas in union.go, the words of messages in messages.go.
//
// What it costs is bounded by the size of the input times a constant of the schema, whatever the input is:
//   - Which of several schemas a value matches is found out by a trial (see [checker.fit]), which yields only how
//     tolerant one has to be. It records, words and changes nothing. Then the value is checked against the one schema
//     that was chosen.
//   - The result of a trial of a composed schema is remembered if there are more such schemas within; otherwise each
//     level of nesting would multiply the work.
//   - Deviations are worded until there are maxReported of them; the rest are counted.

// Direction is the way that a value travels; readOnly and writeOnly depend on it.
type Direction int

const (
	Undirected Direction = iota // either; members that only one direction has are optional
	InRequest
	InResponse
)

// Check validates JSON strictly. The error is a [*ValidationError] with every violation, or with the first 1,000 of
// them and one of the rule "more" that says how many there are beyond.
//
// It returns the JSON to decode. That is data itself or, where needed, a copy in which integers are spelled the plain
// way (65000.0 becomes 65000), in which dates with a time have no escapes, and in which members are left out that the
// schema does not declare but whose name differs only in case from one that it does. So encoding/json, which ignores
// case, decodes what was checked and nothing else.
func (s *Schema) Check(data []byte, dir Direction) ([]byte, error) {
	text := string(data)
	if s.accepts(text, dir, false) {
		return data, nil
	}
	return s.judge(data, text, dir)
}

// judge is Check without the emitted reader. The text is data.
func (s *Schema) judge(data []byte, text string, dir Direction) ([]byte, error) {
	c := newChecker(dir, strict)
	defer c.free()
	if err := c.run(s, text); err != nil {
		return nil, err
	}
	return c.edited(data, toDecode), nil
}

// complete validates JSON that encoding/json made of a Go value, strictly. It returns the JSON to send: data itself
// or a copy in which null, where the document wants an array or an object without declared members, is an empty one.
// This is what encoding/json makes of nil slices and maps.
func (s *Schema) complete(data []byte, dir Direction) ([]byte, error) {
	text := string(data)
	if s.accepts(text, dir, false) {
		return data, nil
	}
	c := newChecker(dir, strict)
	defer c.free()
	c.completes = true
	if err := c.run(s, text); err != nil {
		return nil, err
	}
	return c.edited(data, toSend), nil
}

// CheckTolerant validates JSON for a client whose service may be ahead of the document, or behind it: whatever the Go
// type can hold is accepted. The deviations that it tolerates are returned as concessions; at most 1,000 of them, and
// one of the rule "more" that says how many there are beyond.
//
//   - Any rule but "type" may be broken: members may be missing or unknown, values may be outside of their enum or
//     their limits. A member may be null. So its value in Go may be the zero value, or one that the document does not
//     know.
//   - A union whose discriminator is missing or unknown is the variant that fits but for that. Without a
//     discriminator it is the variant that fits as it is or, failing that, with other enum values and unknown members
//     or, failing that, with any of the above. If there is none, or more than one, the union is [UnknownVariant].
//   - A member that no part of an object declares is a concession of the rule "undeclared", although it is not a
//     violation.
//
// What is left is an error, a [*ValidationError]: input that is not JSON, and values that the Go type cannot hold.
func (s *Schema) CheckTolerant(data []byte, dir Direction) (text []byte, concessions []Violation, err error) {
	return s.checkTolerant(data, dir, false)
}

// checkTolerant is CheckTolerant. It may refuse an unrelated object.
func (s *Schema) checkTolerant(data []byte, dir Direction, related bool) (
	text []byte, concessions []Violation, err error,
) {
	copied := string(data)
	if s.accepts(copied, dir, true) {
		return data, nil, nil
	}
	c := newChecker(dir, tolerant)
	defer c.free()
	if err := c.run(s, copied); err != nil {
		return nil, c.deviations.violations(), err
	}
	if related && len(c.deviations.list) > 0 {
		if violation := c.unrelated(s); violation != nil {
			return nil, nil, &ValidationError{Violations: []Violation{*violation}}
		}
	}
	return c.edited(data, toDecode), c.deviations.violations(), nil
}

// What [Schema.Variant] and [Schema.VariantTolerant] return for a value that is not one of OneOf.
const (
	NullVariant    = -1 // null
	UnknownVariant = -2 // something that the document does not describe, kept as it is; VariantTolerant only
)

// Variant is Check for a union: it also returns which of OneOf the value is, or NullVariant.
func (s *Schema) Variant(data []byte) (variant int, text []byte, err error) {
	c := newChecker(Undirected, strict)
	defer c.free()
	if err := c.run(s, string(data)); err != nil {
		return 0, nil, err
	}
	return c.variant, c.edited(data, toDecode), nil
}

// VariantTolerant is CheckTolerant for a union: it returns which of OneOf the value is, or NullVariant or
// UnknownVariant, and the JSON to decode.
func (s *Schema) VariantTolerant(data []byte) (variant int, text []byte, err error) {
	c := newChecker(Undirected, tolerant)
	defer c.free()
	c.quiet[1] = true
	if err := c.run(s, string(data)); err != nil {
		return 0, nil, err
	}
	return c.variant, c.edited(data, toDecode), nil
}

// A mode is how tolerant a checker is. Each mode tolerates what those before it tolerate. A rule has the first mode
// that tolerates that it is broken.
type mode int

const (
	strict   mode = iota // tolerates nothing
	byShape              // tolerates values outside of their enum, unknown members, unknown discriminators
	tolerant             // tolerates whatever can still be decoded
	never                // the mode of rules that no mode tolerates
)

// A checker validates one JSON value. The zero checker is not ready for use, see newChecker.
type checker struct {
	jsonTree
	dir  Direction
	mode mode // strict or tolerant

	// A trial finds out how tolerant one has to be of a value, level. It may stop as soon as that is beyond mode.
	trial bool
	level mode

	exempt exemption // a member that is not looked at

	violations *report // the deviations that mode does not tolerate
	deviations *report // those that it does
	reports    [2]report
	quiet      [2]bool // which of the reports need no violations, only whether there are any
	explaining bool    // only deviations are of interest
	explained  mode    // those of interest are the ones that this mode does not tolerate
	room       []byte  // for the canonical text of a value
	path       []step  // from the root to the value that is being checked
	secrets    int     // how many of the schemas on the way are sensitive

	completes  bool  // null is accepted for an array or a map, and stands for an empty one
	edits      flags // of the nodes that have to be changed
	undeclared bool  // there are members that an object schema does not declare
	again      bool  // this is the second pass, which knows what other schemas declare

	variant  int  // of the union that was checked last
	keeps    bool // the variants of all unions are wanted, see chosen
	root     *Schema
	composed int // how many composed schemas a value was checked against
	notes    map[*Schema]notes
}

// A step leads from a value to one within.
type step struct {
	name  int32 // the name of a member, 0 for an item
	index int   // of an item
}

// An exemption is for the discriminator of a union, when that is not to decide.
type exemption struct {
	object, value int32 // -1 if there is none
	name          string
}

var noExemption = exemption{object: -1, value: -1}

// A report collects deviations.
type report struct {
	list []Violation
	most int // how many to keep
	size int // of the texts in list, in bytes
	more int // how many were not kept
}

const (
	maxReported = 1000
	maxSize     = 1 << 18 // bytes
	maxReasons  = 10      // of one variant
)

func (r *report) full() bool { return len(r.list) >= r.most || r.size >= maxSize }

func (r *report) empty() bool { return len(r.list)+r.more == 0 }

func (r *report) add(v Violation) {
	r.list = append(r.list, v)
	r.size += v.size()
}

// violations returns the distinct violations of a report, nil if there are none.
func (r *report) violations() []Violation {
	list := distinct(r.list)
	if r.more > 0 {
		list = append(list, Violation{
			Rule: "more", Want: "no further deviations; there are " + strconv.Itoa(r.more) + " more", more: r.more,
		})
	}
	return list
}

// distinct removes what several parts of an allOf report alike.
func distinct(violations []Violation) []Violation {
	type key struct{ pointer, rule, want string }
	var seen map[key]bool
	if len(violations) > 8 { // for fewer, a map would take longer
		seen = make(map[key]bool, len(violations))
	}
	kept := violations[:0]
	for _, v := range violations {
		k := key{v.Pointer, v.Rule, v.Want}
		again := seen[k]
		if seen == nil {
			again = slices.ContainsFunc(kept, func(o Violation) bool { return k == key{o.Pointer, o.Rule, o.Want} })
		} else {
			seen[k] = true
		}
		if !again {
			kept = append(kept, v)
		}
	}
	return kept
}

var checkers = sync.Pool{New: func() any { return new(checker) }}

// maxPooled is how many nodes, bytes of room and schemas with notes a checker may have to be used again.
const maxPooled = 1 << 12

// newChecker returns a checker, to be freed.
func newChecker(dir Direction, mode mode) *checker {
	c := checkers.Get().(*checker)
	notes := c.notes
	clear(notes)
	*c = checker{
		jsonTree: jsonTree{nodes: c.nodes[:0], texts: c.texts[:0]}, path: c.path[:0], room: c.room[:0], notes: notes,
		dir: dir, mode: mode, exempt: noExemption,
	}
	c.violations, c.deviations = &c.reports[0], &c.reports[1]
	return c
}

// free allows the checker to be used again. What it returned remains valid.
func (c *checker) free() {
	if cap(c.nodes) > maxPooled || cap(c.room) > maxPooled || len(c.notes) > maxPooled {
		return
	}
	c.text, c.root, c.reports = "", nil, [2]report{}
	clear(c.texts[:cap(c.texts)])
	checkers.Put(c)
}

// run validates JSON. The error is a [*ValidationError].
func (c *checker) run(s *Schema, text string) error {
	if violation := c.parse(text); violation != nil {
		return &ValidationError{Violations: []Violation{*violation}}
	}
	c.validate(s)
	if c.undeclared && !c.quiet[1] {
		// Only now it is known which members some part of an allOf declares. This is rare enough to start again.
		c.again = true
		c.validate(s)
	}
	if !c.violations.empty() {
		return &ValidationError{Violations: c.violations.violations()}
	}
	return nil
}

// accepts reports whether JSON is valid, without saying why it is not.
func (c *checker) accepts(s *Schema, text string) bool {
	if c.parse(text) != nil {
		return false
	}
	c.quiet = [2]bool{true, true}
	c.validate(s)
	return c.violations.empty()
}

// deviates reports whether an accepted value deviates from the schema, or may have undeclared members.
func (c *checker) deviates() bool { return !c.deviations.empty() || c.undeclared }

// validate validates the tree. Where that does not come from JSON, but from a parameter, this is called directly.
func (c *checker) validate(s *Schema) {
	c.root = s
	for i := range c.reports {
		c.reports[i] = report{}
		if !c.quiet[i] {
			c.reports[i].most = maxReported
		}
	}
	c.check(s, 0)
	if c.nodes[0].kind == 'n' && c.variant != UnknownVariant {
		c.variant = NullVariant
	}
}

// acting reports whether what is being checked is what the value is, so that edits and choices apply.
func (c *checker) acting() bool { return !c.trial && !c.explaining }

// check validates the value n, or does what is left of it in a trial or an explanation.
func (c *checker) check(s *Schema, n int32) {
	if c.stopped() {
		return
	}
	if s.Sensitive {
		c.secrets++
		defer func() { c.secrets-- }()
	}
	if !s.isComposed() {
		c.keywords(s, n)
		return
	}
	c.composed++
	within := c.composed
	switch {
	case c.trial:
		exempt := n == c.exempt.object || n == c.exempt.value
		if level, known := c.note(s, n).level(); known && !exempt {
			c.level = max(c.level, level)
			return
		}
		outer := c.level
		c.level = strict
		c.keywords(s, n)
		if c.composed > within && !exempt {
			c.takeNote(s, n).setLevel(c.level)
		}
		c.level = max(c.level, outer)
	case c.explaining:
		if c.fit(s, n) > c.explained {
			c.keywords(s, n)
		}
	default:
		// Several parts of an allOf may lead to the same member, and to the same schema of it.
		if c.note(s, n).seen(c.again) {
			return
		}
		c.keywords(s, n)
		if c.composed > within {
			c.takeNote(s, n).see(c.again)
		}
	}
}

// stopped reports whether nothing would change the outcome any more.
func (c *checker) stopped() bool {
	if c.trial {
		return c.level > c.mode
	}
	return c.explaining && c.violations.full()
}

// fit returns the first mode that tolerates all that is wrong with a value, or a mode beyond the checker's if that
// one does not.
func (c *checker) fit(s *Schema, n int32) mode {
	trial, level := c.trial, c.level
	c.trial, c.level = true, strict
	c.check(s, n)
	fit := c.level
	c.trial, c.level = trial, level
	return fit
}

// explain reports what is wrong with a value of a schema that it does not match, as far as least does not tolerate it.
func (c *checker) explain(s *Schema, n int32, least mode, violations, deviations *report) {
	a, b, explained, explaining := c.violations, c.deviations, c.explained, c.explaining
	c.violations, c.deviations, c.explained, c.explaining = violations, deviations, least, true
	c.check(s, n)
	c.violations, c.deviations, c.explained, c.explaining = a, b, explained, explaining
}

// counts reports whether a deviation that some mode tolerates is to be recorded, after noting that there is one.
func (c *checker) counts(from mode) bool {
	if c.trial {
		c.level = max(c.level, from)
		return false
	}
	r := c.report(from)
	if r.full() {
		r.more++
		return false
	}
	return true
}

func (c *checker) report(from mode) *report {
	if from > c.mode {
		return c.violations
	}
	return c.deviations
}

// broken records that a value breaks a rule, which the given mode tolerates.
func (c *checker) broken(from mode, s *Schema, n int32, rule string) {
	if n != c.exempt.value && c.counts(from) {
		c.report(from).add(c.violation(s, n, rule, c.want(s, n, rule)))
	}
}

// violation shows the value that breaks a rule unless it is a secret.
func (c *checker) violation(s *Schema, n int32, rule, want string) Violation {
	v := Violation{Pointer: c.pointer(), Rule: rule, Want: want}
	if c.secrets == 0 && !s.sensitive() {
		v.Got = c.shown(n)
	}
	return v
}

// missing records that an object lacks a member.
func (c *checker) missing(n int32, name string, from mode, want func() string) {
	if n == c.exempt.object && c.exempt.value < 0 && name == c.exempt.name || !c.counts(from) {
		return
	}
	c.report(from).add(Violation{
		Pointer: c.pointer() + "/" + escape(name), Rule: "required", Want: want() + "; it is missing",
	})
}

// pointer returns the JSON pointer of the value that is being checked.
func (c *checker) pointer() string {
	var pointer []byte
	for _, step := range c.path {
		pointer = append(pointer, '/')
		if step.name != 0 {
			pointer = append(pointer, escape(c.string(step.name))...)
		} else {
			pointer = strconv.AppendInt(pointer, int64(step.index), 10)
		}
	}
	return string(pointer)
}

func (c *checker) enter(name int32, index int) { c.path = append(c.path, step{name, index}) }
func (c *checker) leave()                      { c.path = c.path[:len(c.path)-1] }

// A note is what a checker remembers about a value and a schema: the result of a trial, whether it was checked, and the
// variant of a union.
type note uint32

// notes are the notes about one schema, by the index of the value. They are allocated in blocks where needed.
type notes [][]note

const blockSize = 256

func (c *checker) note(s *Schema, n int32) note {
	if blocks := c.notes[s]; blocks != nil && blocks[n/blockSize] != nil {
		return blocks[n/blockSize][n%blockSize]
	}
	return 0
}

func (c *checker) takeNote(s *Schema, n int32) *note {
	if c.notes == nil {
		c.notes = map[*Schema]notes{}
	}
	blocks := c.notes[s]
	if blocks == nil {
		blocks = make(notes, len(c.nodes)/blockSize+1)
		c.notes[s] = blocks
	}
	block := &blocks[n/blockSize]
	if *block == nil {
		*block = make([]note, min(len(c.nodes), blockSize))
	}
	return &(*block)[n%blockSize]
}

// The lowest three bits are the level and one, then come one bit for each pass, and the variant and one.
func (t note) level() (level mode, known bool) { return mode(t&7) - 1, t&7 != 0 }
func (t *note) setLevel(level mode)            { *t = *t&^7 | note(level+1) }
func (t note) variant() (variant int, ok bool) { return int(t>>5) - 1, t>>5 != 0 }
func (t *note) setVariant(variant int)         { *t = *t&31 | note(variant+1)<<5 }
func (t note) seen(again bool) bool            { return t&passBit(again) != 0 }
func (t *note) see(again bool)                 { *t |= passBit(again) }

func passBit(again bool) note {
	if again {
		return 16
	}
	return 8
}

// choose sets the variant that a union is.
func (c *checker) choose(s *Schema, n int32, variant int) {
	if !c.acting() {
		return
	}
	c.variant = variant
	if c.keeps && (n != 0 || s != c.root) {
		c.takeNote(s, n).setVariant(variant)
	}
}

// chosen returns the variant of the union that starts at the given byte of the input.
func (c *checker) chosen(union *Schema, start int) (variant int, ok bool) {
	n, ok := slices.BinarySearchFunc(c.nodes, start, func(n node, start int) int { return cmp.Compare(int(n.start), start) })
	if !ok {
		return 0, false
	}
	if n == 0 && union == c.root {
		return c.variant, true
	}
	return c.note(union, int32(n)).variant()
}

// The edits before JSON is decoded, and before it is sent.
const (
	toDecode = respelled | removed | shadowing
	toSend   = emptyArray | emptyObject
)

// edited returns JSON with some of the edits, data itself if nothing has to change.
func (c *checker) edited(data []byte, which flags) []byte {
	if c.edits&which == 0 {
		return data
	}
	out := make([]byte, 0, len(c.text))
	at := 0
	for n := 0; n < len(c.nodes); n++ {
		node := &c.nodes[n]
		switch edit := node.flags & which; {
		case edit&removed != 0, edit&shadowing != 0 && node.flags&declared == 0:
			// A member goes with the comma behind it; the last one goes with the comma before it, which may be gone
			// already together with its predecessor.
			value := &c.nodes[n+1]
			out = append(out, c.text[at:node.start]...)
			at = int(value.end)
			n = int(value.next) - 1
			rest := at + spaces(c.text[at:])
			if c.text[rest] == ',' {
				at = rest + 1
				continue
			}
			for len(out) > 0 && strings.IndexByte(" \t\r\n", out[len(out)-1]) >= 0 {
				out = out[:len(out)-1]
			}
			if out[len(out)-1] == ',' {
				out = out[:len(out)-1]
			}
		case edit&(respelled|emptyArray|emptyObject) != 0:
			out = append(out, c.text[at:node.start]...)
			at = int(node.end)
			switch {
			case edit&emptyArray != 0:
				out = append(out, "[]"...)
			case edit&emptyObject != 0:
				out = append(out, "{}"...)
			default:
				out = c.appendCanonical(out, int32(n))
			}
		}
	}
	return append(out, c.text[at:]...)
}

func spaces(text string) int {
	n := 0
	for n < len(text) && strings.IndexByte(" \t\r\n", text[n]) >= 0 {
		n++
	}
	return n
}

// isComposed reports whether a schema applies other schemas to the value itself.
func (s *Schema) isComposed() bool { return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil }

// unrelated returns a violation if the root is an object without any of the members that the schema declares, or any
// variant of a union, although it requires some: it is something else, such as the message of a proxy. Otherwise it
// returns nil.
func (c *checker) unrelated(s *Schema) *Violation {
	names, required := s.declares(nil)
	if !required || c.nodes[0].kind != '{' {
		return nil
	}
	for name := range c.members(0) {
		if slices.Contains(names, c.string(name)) {
			return nil
		}
	}
	return &Violation{Rule: "required", Want: "an object with " + atLeastOne(names) + "; there is none"}
}

// declares adds the names of the members that an object may have, by all parts and variants, and reports whether any is
// required.
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

var patterns sync.Map // RE2 text → *regexp.Regexp

func pattern(text string) *regexp.Regexp {
	if p, ok := patterns.Load(text); ok {
		return p.(*regexp.Regexp)
	}
	p, _ := patterns.LoadOrStore(text, regexp.MustCompile(text))
	return p.(*regexp.Regexp)
}
