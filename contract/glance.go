package contract

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Most texts are valid. A glance makes sure of it on the way through the text, without keeping anything. Where it is not sure,
// be it that something is wrong or only that it is spelled in an unusual way, the checker has to look. So a glance may give up
// wherever it likes, but what it accepts has to be what the checker accepts as it stands.
type glance struct {
	dec     *jsontext.Decoder
	data    []byte
	dir     Direction
	checker checker // for values that are neither objects nor arrays
	scratch node    // such a value
	variant int     // of the union that was looked at last
	unknown bool    // there are members that nobody declares
}

// glance returns whether the text is certainly valid, and the variant of a union.
func (s *Schema) glance(data []byte, dir Direction) (variant int, unknown, sure bool) {
	dec := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(dec)
	dec.Reset(bytes.NewBuffer(data)) // which it reads in place
	g := glance{dec: dec, data: data, dir: dir, checker: checker{dir: dir, mute: true}}
	if !g.value(s, 0) {
		return 0, false, false
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return 0, false, false
	}
	return g.variant, g.unknown, true
}

// value looks at the next value.
func (g *glance) value(s *Schema, depth int) bool {
	if len(s.AllOf)+len(s.AnyOf) > 0 {
		return false
	}
	switch kind := g.dec.PeekKind(); kind {
	case '{':
		switch {
		case depth >= MaxDepth || s.Type != "" && s.Type != "object" || len(s.Enum) > 0:
			return false
		case len(s.OneOf) > 0:
			return g.union(s, depth)
		}
		return g.object(s, depth, nil)
	case '[':
		return s.Type == "array" && depth < MaxDepth && len(s.OneOf)+len(s.Enum) == 0 && s.Not == nil && g.array(s, depth)
	case 'n':
		if depth == 0 {
			g.variant = NullVariant
		}
		_, err := g.dec.ReadToken()
		return err == nil && s.Nullable
	case 0:
		return false
	}
	return len(s.OneOf) == 0 && s.Not == nil && g.scalar(s)
}

// scalar has the checker look at a string, a number, true or false.
func (g *glance) scalar(s *Schema) bool {
	text, ok := g.plain()
	if !ok {
		return false
	}
	n := &g.scratch
	*n = node{kind: text.Kind()}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, string(text)) {
		return false
	}
	switch n.kind {
	case '"':
		if s.Type == "string" && s.Format == "" && s.Pattern == "" && s.MinLength == 0 && !s.HasMaxLength {
			return true
		}
		n.text = string(text[1 : len(text)-1])
		n.end = len(text)
	case '0':
		n.text = string(text)
		if overflows(n.text) {
			return false
		}
	}
	if s.Type != "" && !g.checker.typed(s, n) {
		return false
	}
	switch n.kind {
	case '"':
		g.checker.string(s, n)
	case '0':
		g.checker.number(s, n)
	}
	return len(g.checker.violations)+len(g.checker.edits) == 0
}

// plain reads a value as it is spelled, unless it has escapes.
func (g *glance) plain() (jsontext.Value, bool) {
	text, err := g.dec.ReadValue()
	return text, err == nil && bytes.IndexByte(text, '\\') < 0
}

func (g *glance) array(s *Schema, depth int) bool {
	if s.UniqueItems {
		return false
	}
	if _, err := g.dec.ReadToken(); err != nil {
		return false
	}
	n := 0
	for ; g.dec.PeekKind() != ']'; n++ {
		items := s.Items
		if items == nil {
			items = anything
		}
		if !g.value(items, depth+1) {
			return false
		}
	}
	_, err := g.dec.ReadToken()
	return err == nil && n >= s.MinItems && (!s.HasMaxItems || n <= s.MaxItems)
}

// anything is what has no schema.
var anything = &Schema{Nullable: true}

// A choice is the variant of a union that a discriminator has to agree with.
type choice struct {
	*Discriminator
	variant int
}

// union guesses the variant by the first member that is named like the discriminator, wherever that stands. If it was another
// one's, the variant does not agree.
func (g *glance) union(s *Schema, depth int) bool {
	if s.Discriminator == nil || len(s.Properties)+len(s.Required) > 0 || s.Not != nil || s.Closed || s.AdditionalProperties != nil ||
		s.MinProperties > 0 || s.HasMaxProperties {
		return false
	}
	variant, ok := s.Discriminator.of(guess(g.data[g.dec.InputOffset():], s.Discriminator.Property))
	if !ok {
		return false
	}
	if part := s.OneOf[variant]; len(part.AllOf)+len(part.OneOf)+len(part.AnyOf)+len(part.Enum) > 0 || part.Type != "" && part.Type != "object" {
		return false
	}
	if !g.object(s.OneOf[variant], depth, &choice{s.Discriminator, variant}) {
		return false
	}
	g.variant = variant
	return true
}

// guess finds "name": "value" and returns the value; nothing if it has escapes or another form.
func guess(text []byte, name string) string {
	for {
		i := bytes.Index(text, []byte(name))
		if i < 0 {
			return ""
		}
		before := i > 0 && text[i-1] == '"'
		text = text[i+len(name):]
		if !before || len(text) == 0 || text[0] != '"' {
			continue
		}
		rest := text[1+spaces(text[1:]):]
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = rest[1+spaces(rest[1:]):]
		if len(rest) == 0 || rest[0] != '"' {
			return ""
		}
		end := bytes.IndexByte(rest[1:], '"')
		if end < 0 {
			return ""
		}
		return string(rest[1 : 1+end])
	}
}

// of returns the variant that a value selects.
func (d *Discriminator) of(value string) (variant int, ok bool) {
	i, ok := slices.BinarySearchFunc(d.Mapping, value, func(m Mapping, text string) int { return cmp.Compare(m.Value, text) })
	if !ok {
		return 0, false
	}
	return d.Mapping[i].Variant, true
}

func (g *glance) object(s *Schema, depth int, chosen *choice) bool {
	plan := planOf(s)
	if !plan.sure {
		return false
	}
	if _, err := g.dec.ReadToken(); err != nil {
		return false
	}
	var seen uint64
	agreed := chosen == nil
	for g.dec.PeekKind() != '}' {
		text, ok := g.plain()
		if !ok {
			return false
		}
		name := text[1 : len(text)-1]
		if slices.ContainsFunc(plan.forbidden, func(f string) bool { return f == string(name) }) {
			return false
		}
		i, declared := find(s, name)
		switch {
		case declared && chosen != nil && string(name) == chosen.Property:
			if !g.discriminator(s.Properties[i].Schema, chosen) {
				return false
			}
			agreed = true
			seen |= 1 << i
		case declared:
			p := s.Properties[i].Schema
			if p.ReadOnly && g.dir == InRequest || p.WriteOnly && g.dir == InResponse || !g.value(p, depth+1) {
				return false
			}
			seen |= 1 << i
		case s.Closed:
			return false
		case s.AdditionalProperties != nil:
			if !g.value(s.AdditionalProperties, depth+1) {
				return false
			}
		default:
			g.unknown = g.unknown || len(s.Properties) > 0
			if shadows(s, string(name)) != "" || !g.value(anything, depth+1) {
				return false
			}
		}
	}
	_, err := g.dec.ReadToken()
	return err == nil && agreed && seen&plan.required == plan.required
}

// discriminator looks at the member that has selected the variant.
func (g *glance) discriminator(s *Schema, chosen *choice) bool {
	if g.dec.PeekKind() != '"' || s.Type != "string" || len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0 || s.Not != nil || s.ReadOnly || s.WriteOnly {
		return false
	}
	if s.Format != "" || s.Pattern != "" || s.MinLength > 0 || s.HasMaxLength {
		return false
	}
	text, ok := g.plain()
	if !ok || len(s.Enum) > 0 && !slices.Contains(s.Enum, string(text)) {
		return false
	}
	variant, ok := chosen.of(string(text[1 : len(text)-1]))
	return ok && variant == chosen.variant
}

// A plan is what a glance has to know of an object schema besides its members.
type plan struct {
	sure      bool     // it can be sure
	required  uint64   // the indices of the members that have to be there
	forbidden []string // the members that may not be there
}

var plans sync.Map // *Schema → *plan

func planOf(s *Schema) *plan {
	if p, ok := plans.Load(s); ok {
		return p.(*plan)
	}
	p := &plan{sure: len(s.Properties) <= 64 && s.MinProperties == 0 && !s.HasMaxProperties}
	for _, name := range s.Required {
		i, declared := find(s, name)
		if p.sure = p.sure && declared && !s.Properties[i].Schema.ReadOnly && !s.Properties[i].Schema.WriteOnly; p.sure {
			p.required |= 1 << i
		}
	}
	if s.Not != nil {
		var ok bool
		p.forbidden, ok = forbids(s.Not)
		p.sure = p.sure && ok
	}
	stored, _ := plans.LoadOrStore(s, p)
	return stored.(*plan)
}

// forbids names the members that an object may not have because of a not: {required: [a]}, or of several of those in an anyOf.
func forbids(not *Schema) (names []string, ok bool) {
	parts := not.AnyOf
	if len(parts) == 0 {
		parts = []*Schema{not}
	} else if !bare(not) {
		return nil, false
	}
	for _, part := range parts {
		if len(part.Required) != 1 || len(part.AnyOf) > 0 || !bare(part) {
			return nil, false
		}
		names = append(names, part.Required[0])
	}
	return names, true
}

// bare tells whether a schema has nothing to say about an object but required and anyOf.
func bare(s *Schema) bool {
	return (s.Type == "" || s.Type == "object") && len(s.Enum)+len(s.Properties)+len(s.AllOf)+len(s.OneOf) == 0 && s.Not == nil &&
		!s.Closed && s.AdditionalProperties == nil && s.MinProperties == 0 && !s.HasMaxProperties
}
