package schema

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The words of violations. They are about JSON and the document, never about Go types. This is the only place where a finding is put
// into words.

// Describe puts findings about a text into words. The error, if there are violations, is a [*ValidationError]; the deviations are the
// tolerated findings.
func Describe(text string, found *Findings, dir Direction) (deviations []Violation, err error) {
	if len(found.List) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(found.List, inOrder)
	listed, pointers, more := found.List, pointersTo(text, found.List, maxFindingsBytes), found.More
	if n := len(pointers); n < len(listed) {
		// The pointers are very long. Then only the first findings are listed, and a violation in any case.
		if i := slices.IndexFunc(listed, func(f Finding) bool { return !f.Tolerated }); i >= n {
			pointers = append(pointers, pointersTo(text, listed[i:i+1], 0)...)
			listed = append(slices.Clone(listed[:n]), listed[i])
		} else {
			listed = listed[:n]
		}
		more += len(found.List) - len(listed)
	}
	tolerated := 0
	for i := range listed {
		if listed[i].Tolerated {
			tolerated++
		}
	}
	deviations = slices.Grow(deviations, tolerated)
	violations := make([]Violation, 0, len(listed)-tolerated)
	selecting := map[string]*Finding{}
	left := maxReasonsOfText
	for i := range listed {
		f := &listed[i]
		if f.repeats(listed[:i]) {
			continue
		}
		v := f.describe(text, dir, &left)
		v.Pointer = pointers[i] + v.Pointer
		switch selector := selecting[v.Pointer]; { // what is wrong with a discriminator need not be said again of the member in the variant
		case f.Rule == RuleDiscriminator:
			selecting[v.Pointer] = f
		case selector != nil && (f.Tolerated || !selector.Tolerated) && (f.Rule == RuleEnum || f.Rule == RuleRequired || f.Rule == RuleType):
			continue
		}
		if f.Tolerated {
			deviations = append(deviations, v)
		} else {
			violations = append(violations, v)
		}
	}
	if more > 0 {
		more := Violation{Rule: RuleMore.String(), More: more, Want: "no more deviations than are listed; there are " + strconv.Itoa(more) + " more"}
		if len(violations) > 0 {
			violations = append(violations, more)
		} else {
			deviations = append(deviations, more)
		}
	}
	if len(violations) > 0 {
		return deviations, &ValidationError{Violations: violations}
	}
	return deviations, nil
}

// inOrder compares findings by the order in which they are reported: that of the places in the text that they are about. Of those about one
// place, missing members come last. The other findings about an object's members are at later places, so they come after its missing members.
func inOrder(a, b Finding) int {
	if a.At != b.At {
		return cmp.Compare(a.At, b.At)
	}
	last := func(f *Finding) int {
		if f.Rule == RuleRequired || f.Rule == RuleDependentRequired {
			return 1
		}
		return 0
	}
	return cmp.Compare(last(&a), last(&b))
}

// repeats reports whether a finding says the same as one just before, as those of several parts of an allOf may. A violation is not repeated
// by what was tolerated.
func (f *Finding) repeats(earlier []Finding) bool {
	for i := len(earlier) - 1; i >= 0 && earlier[i].At == f.At; i-- {
		e := &earlier[i]
		if e.Rule == f.Rule && e.Name == f.Name && (f.Tolerated || !e.Tolerated) && (e.Schema == f.Schema || e.want() == f.want()) {
			return true
		}
	}
	return false
}

// pointersTo spells the JSON pointers of the values that findings, which are sorted, are about. It ends where the pointers take more bytes
// than the limit, but not before the first one.
func pointersTo(text string, findings []Finding, limit int) []string {
	return pointersWithin(text, 0, findings, limit)
}

// pointersWithin spells pointers relative to the value that starts at an offset.
func pointersWithin(text string, from int, findings []Finding, limit int) []string {
	p := pointers{Lexer: Lexer{Text: text, Pos: from}, findings: findings, limit: limit, found: make([]string, 0, len(findings))}
	p.value(0)
	for !p.full && len(p.found) < len(findings) {
		p.found = append(p.found, "")
	}
	return p.found
}

type pointers struct {
	Lexer
	findings []Finding
	found    []string
	path     []byte
	limit    int // how many more bytes pointers may take
	full     bool
}

// done reports whether all pointers have been spelled, or as many as may be.
func (p *pointers) done() bool { return p.full || len(p.found) == len(p.findings) }

func (p *pointers) value(depth int) {
	c := p.Peek()
	spelled := false
	for len(p.found) < len(p.findings) && p.findings[len(p.found)].At <= p.Pos {
		if spelled {
			p.found = append(p.found, p.found[len(p.found)-1])
			continue
		}
		if p.full = len(p.found) > 0 && len(p.path) > p.limit; p.full {
			break
		}
		p.limit -= len(p.path)
		p.found = append(p.found, string(p.path))
		spelled = true
	}
	if p.done() {
		p.Pos = len(p.Text)
		return
	}
	outer := len(p.path)
	switch c {
	case '{':
		for more := p.Open('{', depth); more; more = p.Next('}') {
			p.path = appendEscaped(append(p.path[:outer], '/'), p.Name())
			if p.value(depth + 1); p.done() {
				break
			}
		}
	case '[':
		i := 0
		for more := p.Open('[', depth); more; more = p.Next(']') {
			p.path = strconv.AppendInt(append(p.path[:outer], '/'), int64(i), 10)
			if p.value(depth + 1); p.done() {
				break
			}
			i++
		}
	default:
		p.scalar(c)
	}
	p.path = p.path[:outer]
}

// appendEscaped spells a name as a part of a JSON pointer.
func appendEscaped(b []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; c {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = append(b, c)
		}
	}
	return b
}

// EscapePointer spells a name as a part of a JSON pointer.
func EscapePointer(name string) string { return string(appendEscaped(nil, name)) }

// UnescapePointer is the name that EscapePointer has made a part of a pointer.
func UnescapePointer(part string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
}

// describe puts a finding into words. The pointer of the violation is relative to the value. No reasons are given for the variants of a union
// if none are left.
func (f *Finding) describe(text string, dir Direction, left *int) Violation {
	s := f.Schema
	v := Violation{Rule: f.Rule.String(), Want: f.want()}
	hidden := f.Hidden || s.get().sensitive
	switch f.Rule {
	case RuleRequired, RuleDependentRequired:
		v.Pointer = "/" + EscapePointer(f.Name)
		return v
	case RuleAdditional, RuleUnevaluatedProperties, RulePropertyNames, RuleUndeclared:
		// The value is not shown: whether a member that is not declared is a secret is not known.
		return v
	case RuleDiscriminator:
		v.Pointer = "/" + EscapePointer(f.Name)
		at, present := memberAt(text, f.At, f.Name)
		if !present {
			v.Rule = RuleRequired.String()
			v.Want += "; it is missing"
			return v
		}
		if !hidden {
			v.Got = Show(text, at)
		}
		if text[at] != '"' {
			v.Rule = RuleType.String()
		}
		return v
	case RuleOneOf, RuleAnyOf:
		f.describeVariants(&v, text, dir, left)
	}
	if !hidden {
		v.Got = Show(text, f.At)
	}
	return v
}

// describeVariants adds the reasons why a value is none of the variants of a union, or the variants that it fits.
func (f *Finding) describeVariants(v *Violation, text string, dir Direction, left *int) {
	if *left <= 0 || f.Rule == RuleAnyOf && (len(f.Schema.OneOf) > 0 || longer(text, f.At, maxReasonedAbout)) {
		return
	}
	c := NewChecker()
	defer c.Free()
	if l := c.Parse(text, f.At, dir, Strict); l.Failed() {
		return
	}
	var fitting []int
	for i, variant := range f.Schema.Variants() {
		c.Findings = Findings{}
		c.check(variant, 0)
		if len(c.List) == 0 {
			fitting = append(fitting, i)
			continue
		}
		reasons := f.reasons(c, text, dir)
		*left -= len(reasons)
		v.Variants = append(v.Variants, VariantViolations{Variant: variantName(f.Schema, i), Violations: reasons})
	}
	if len(fitting) > 0 {
		v.Variants = nil
		v.Want += "; this fits " + variantNames(f.Schema, fitting)
	}
}

// How many reasons are given for each variant, and about how many for all values of a text. A union further on is reported without.
const (
	maxReasons       = 20
	maxReasonsOfText = 1000
)

// maxReasonedAbout is how long a value may be, in bytes, that the parts of an anyOf are given reasons for. The value is parsed for them again.
const maxReasonedAbout = 1 << 14

// longer reports whether the value at an offset takes more than a number of bytes.
func longer(text string, at, most int) bool {
	l := Lexer{Text: text, Pos: at}
	l.Skip(0)
	return l.Pos-at > most
}

// maxReasonPointers is how many bytes the pointers in the reasons for a variant may take.
const maxReasonPointers = 1000

func (f *Finding) reasons(c *Checker, text string, dir Direction) []Violation {
	slices.SortStableFunc(c.List, inOrder)
	c.List = c.List[:min(len(c.List), maxReasons)]
	pointers := pointersWithin(text, f.At, c.List, maxReasonPointers)
	reasons := make([]Violation, 0, len(pointers))
	for i := range pointers {
		reason := &c.List[i]
		reason.Hidden = reason.Hidden || f.Hidden || f.Schema.get().sensitive // what one variant keeps secret, no other one shows
		var v Violation
		if reason.Rule == RuleOneOf || reason.Rule == RuleAnyOf {
			v = Violation{Rule: reason.Rule.String(), Want: reason.want()} // whose variants would nest without bound
		} else {
			v = reason.describe(text, dir, new(int))
		}
		v.Pointer = pointers[i] + v.Pointer
		if !slices.ContainsFunc(reasons, func(r Violation) bool { return r.Pointer == v.Pointer && r.Want == v.Want }) {
			reasons = append(reasons, v)
		}
	}
	return reasons
}

// memberAt finds the value of a member of the object at an offset.
func memberAt(text string, offset int, name string) (at int, present bool) {
	l := Lexer{Text: text, Pos: offset}
	if l.Peek() != '{' {
		return 0, false
	}
	for more := l.Open('{', 0); more; more = l.Next('}') {
		found := l.Name() == name
		l.Peek()
		if start := l.Pos; found {
			return start, !l.Failed()
		}
		l.Skip(1)
	}
	return 0, false
}

// want says what the rule of a finding asks for.
func (f *Finding) want() string {
	s := f.Schema
	switch f.Rule {
	case RuleType:
		return s.wantType()
	case RuleEnum:
		return oneOfThese(s.Enum)
	case RuleFormat:
		return s.get().format.want
	case RulePattern:
		return "text that matches " + s.Pattern
	case RuleMinLength:
		return "at least " + count(s.MinLength, "character")
	case RuleMaxLength:
		return "at most " + count(s.MaxLength-1, "character")
	case RuleMinimum:
		return "at least " + s.Minimum
	case RuleMaximum:
		return "at most " + s.Maximum
	case RuleExclusiveMinimum:
		return "more than " + s.ExclusiveMinimum
	case RuleExclusiveMaximum:
		return "less than " + s.ExclusiveMaximum
	case RuleMultipleOf:
		return "a multiple of " + s.MultipleOf
	case RuleMinItems:
		return "at least " + count(s.MinItems, "item")
	case RuleMaxItems:
		return "at most " + count(s.MaxItems-1, "item")
	case RuleUniqueItems:
		return "each item once"
	case RuleContains:
		return "at least " + count(s.MinContains, "item") + " as the document describes under contains"
	case RuleMaxContains:
		return "at most " + count(s.MaxContains-1, "item") + " as the document describes under contains"
	case RuleRequired, RuleDependentRequired:
		want := "this member"
		if p := s.Property(f.Name); p != nil && p.Schema != nil {
			want = p.Schema.wantType()
		}
		return want + "; it is missing"
	case RuleAdditional, RuleUnevaluatedProperties, RuleUndeclared:
		return "no such member" + suggestion(s, f.Name)
	case RuleUnevaluatedItems:
		return "no such item"
	case RuleMinProperties:
		return "at least " + count(s.MinProperties, "member")
	case RuleMaxProperties:
		return "at most " + count(s.MaxProperties-1, "member")
	case RulePropertyNames:
		return s.Names.wantName()
	case RuleRange:
		if s.Types&Integer != 0 && s.Types&Number == 0 {
			return "an integer that fits 64 bits"
		}
		return "a number within the range of a double"
	case RuleReadOnly:
		return "no such member in a request; the service sets it"
	case RuleWriteOnly:
		return "no such member in a response"
	case RuleNever:
		return "no value here; the document allows none"
	case RuleAnyOf:
		if len(s.OneOf) > 0 {
			return "a value that fits at least one of " + count(len(s.AnyOf), "schema")
		}
		return "at least one of " + variantNames(s, nil)
	case RuleOneOf:
		return "exactly one of " + variantNames(s, nil)
	case RuleNot:
		return notWanted(s.Not)
	case RuleDiscriminator:
		if s.Discriminator.Default > 0 {
			return "a string" // each one selects a variant
		}
		return oneOfThese(s.Discriminator.values())
	}
	return "a valid value"
}

// wantName says which names members may have.
func (s *Schema) wantName() string {
	var wants []string
	if len(s.Enum) > 0 {
		wants = append(wants, "is "+oneOfThese(s.Enum))
	}
	if s.MinLength > 0 {
		wants = append(wants, "has at least "+count(s.MinLength, "character"))
	}
	if s.MaxLength > 0 {
		wants = append(wants, "has at most "+count(s.MaxLength-1, "character"))
	}
	if s.Pattern != "" {
		wants = append(wants, "matches "+s.Pattern)
	}
	if len(wants) == 0 {
		return "a member name as the document describes it"
	}
	return "a member name that " + strings.Join(wants, " and ")
}

// maxShown is how many bytes of a string are shown.
const maxShown = 60

// Show spells the value at an offset of a text for a message: scalars as they are, shortened; of objects and arrays only what they are.
func Show(text string, at int) string {
	l := Lexer{Text: text, Pos: at}
	switch c := l.Peek(); c {
	case '{':
		return "an object"
	case '[':
		items := 0
		for more := l.Open('[', 0); more; more = l.Next(']') {
			l.Skip(1)
			items++
		}
		return "an array of " + count(items, "item")
	case '"':
		return quote(shorten(l.ReadString()))
	default:
		start := l.Pos
		l.scalar(c)
		return shorten(text[start:l.Pos])
	}
}

func shorten(text string) string {
	if len(text) <= maxShown {
		return text
	}
	cut := maxShown
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

func (s *Schema) wantType() string { return s.wantTypeIn(0) }

// wantTypeIn is wantType for a schema within a number of unions. The innermost ones are not spelled out, as that could take exponential time.
func (s *Schema) wantTypeIn(unions int) string {
	types := s.Types
	if types == 0 {
		if len(s.OneOf) > 0 && unions < 2 {
			return "one of " + variantNamesIn(s, nil, unions+1)
		}
		if len(s.Enum) > 0 {
			return oneOfThese(s.Enum)
		}
		return "a value"
	}
	if f := s.get().format; f != nil && f.valid != nil && types&^Null == String {
		return f.want
	}
	if len(s.Enum) > 0 && types&(Object|Array) == 0 {
		return oneOfThese(s.Enum)
	}
	if d := s.get(); d.format != nil && d.format.numeric != nil && types&^Null == Number {
		return "a number"
	}
	return types.String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// oneOfThese lists the values of an enum.
func oneOfThese(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "one of " + strings.Join(values, ", ")
}

func (d *Discriminator) values() []string {
	values := make([]string, len(d.Mapping))
	for i, m := range d.Mapping {
		values[i] = quote(m.Value)
	}
	return values
}

// variantName is the name of a variant in the document, or its type, or its position if that is not enough.
func variantName(s *Schema, i int) string { return variantNameIn(s, i, 0) }

func variantNameIn(s *Schema, i, unions int) string {
	variants := s.Variants()
	if name := variants[i].Name; name != "" {
		return name
	}
	want := variants[i].wantTypeIn(unions)
	for j, other := range variants {
		if i != j && other.Name == "" && other.wantTypeIn(unions) == want {
			return "variant " + strconv.Itoa(i+1)
		}
	}
	return want
}

func variantNames(s *Schema, which []int) string { return variantNamesIn(s, which, 0) }

func variantNamesIn(s *Schema, which []int, unions int) string {
	var names []string
	if which == nil {
		for i := range s.Variants() {
			names = append(names, variantNameIn(s, i, unions))
		}
		return strings.Join(names, ", ")
	}
	for _, i := range which {
		names = append(names, variantNameIn(s, i, unions))
	}
	return strings.Join(names, " and ")
}

// suggestion names the declared member whose name differs in case only.
func suggestion(s *Schema, name string) string {
	for i := range s.Properties {
		if strings.EqualFold(s.Properties[i].Name, name) {
			return "; names are matched exactly: " + quote(s.Properties[i].Name)
		}
	}
	return ""
}

// notWanted says what a schema under "not" forbids, in the frequent case that it forbids members.
func notWanted(s *Schema) string {
	names := forbidden(s, nil)
	if names == nil {
		return "a value that does not fit the schema under not"
	}
	return "no member " + strings.Join(names, ", ") + " beside the others"
}

func forbidden(s *Schema, names []string) []string {
	for _, name := range s.Required {
		names = append(names, quote(name))
	}
	for _, part := range s.AnyOf {
		names = forbidden(part, names)
	}
	return names
}
