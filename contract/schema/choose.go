package schema

import "slices"

// Unions: which variant a value is.

// A selector narrows the variants of a union down without trying them: by the type of the value and, for objects, by a member whose
// enum differs in every variant.
type selector struct {
	types []Types        // of each variant; 0 for any
	tag   string         // the member; empty if there is none
	byTag map[string]int // its values, as canonical JSON

	evident bool // see Schema.SelfEvident
}

// selectorOf computes the selector of variants.
func selectorOf(variants []*Schema) *selector {
	sel := &selector{}
	for _, variant := range variants {
		sel.types = append(sel.types, variant.effectiveTypes(new([]*Schema)))
	}
	var first *Schema
	for i, variant := range variants {
		if t := sel.types[i]; t == 0 || t&Object != 0 {
			first = variant
			break
		}
	}
	if first == nil {
		return sel
	}
	for _, name := range first.requiredNames(new([]*Schema)) {
		if byTag := tagged(variants, sel.types, name); byTag != nil {
			sel.tag, sel.byTag = name, byTag
			break
		}
	}
	return sel
}

// tagged maps the values of a member to the variants, nil if the member does not tell all object variants apart.
func tagged(variants []*Schema, types []Types, name string) map[string]int {
	byTag := map[string]int{}
	for i, variant := range variants {
		if t := types[i]; t != 0 && t&Object == 0 {
			continue
		}
		values := variant.tagValues(name, new([]*Schema))
		if len(values) == 0 || !slices.Contains(variant.requiredNames(new([]*Schema)), name) {
			return nil
		}
		for _, value := range values {
			if other, taken := byTag[value]; taken && other != i {
				return nil
			}
			byTag[value] = i
		}
	}
	return byTag
}

// isEvident reports whether a valid value of a variant is always read as that variant.
func (sel *selector) isEvident(union *Schema) bool {
	variants := union.Variants()
	if d := union.Discriminator; d != nil {
		for i, variant := range variants {
			values := variant.tagValues(d.Property, new([]*Schema))
			if sel.types[i] != Object || len(values) == 0 || !slices.Contains(variant.requiredNames(new([]*Schema)), d.Property) {
				return false
			}
			for _, value := range values {
				if len(value) < 2 || value[0] != '"' {
					return false
				}
				if of, known := d.Variant(value[1 : len(value)-1]); !known || of != i {
					return false
				}
			}
		}
		return true
	}
	var types Types
	for _, t := range sel.types {
		if t == 0 {
			return false
		}
		if sel.tag != "" && t == Object {
			continue
		}
		if types&t != 0 || t&Object != 0 && sel.tag != "" {
			return false
		}
		types |= t
	}
	return true
}

// effectiveTypes are the types that a value of the schema may have, as far as type and allOf say; 0 for any.
func (s *Schema) effectiveTypes(seen *[]*Schema) Types {
	if s == nil || slices.Contains(*seen, s) {
		return 0
	}
	*seen = append(*seen, s)
	types := s.Types
	if types == 0 && len(s.Enum) > 0 {
		for _, value := range s.Enum {
			types |= typeOf(value[0])
		}
	}
	for _, part := range s.AllOf {
		if t := part.effectiveTypes(seen); t != 0 {
			if types == 0 {
				types = t
			} else if both := types & t; both != 0 {
				types = both
			}
		}
	}
	if types != 0 && types&Integer != 0 {
		types |= Number
	}
	if s.Nullable && types != 0 {
		types |= Null
	}
	return types
}

// requiredNames are the members that the schema and the parts of its allOf require.
func (s *Schema) requiredNames(seen *[]*Schema) []string {
	if s == nil || slices.Contains(*seen, s) {
		return nil
	}
	*seen = append(*seen, s)
	names := slices.Clone(s.Required)
	for _, part := range s.AllOf {
		names = append(names, part.requiredNames(seen)...)
	}
	return names
}

// tagValues are the values that a member may have, if the schema or a part of its allOf lists them.
func (s *Schema) tagValues(name string, seen *[]*Schema) []string {
	if s == nil || slices.Contains(*seen, s) {
		return nil
	}
	*seen = append(*seen, s)
	if p := s.Property(name); p != nil && p.Schema != nil && len(p.Schema.Enum) > 0 {
		return p.Schema.Enum
	}
	for _, part := range s.AllOf {
		if values := part.tagValues(name, seen); len(values) > 0 {
			return values
		}
	}
	return nil
}

// selector returns the selector of OneOf or, without it, of AnyOf.
func (s *Schema) selector() *selector {
	d := s.get()
	if sel := d.selector.Load(); sel != nil {
		return sel
	}
	sel := selectorOf(s.Variants())
	sel.evident = sel.isEvident(s)
	d.selector.Store(sel)
	return sel
}

// secondSelector returns the selector of AnyOf beside OneOf.
func (s *Schema) secondSelector() *selector {
	d := s.get()
	if d.second.Load() == nil {
		d.second.Store(selectorOf(s.AnyOf))
	}
	return d.second.Load()
}

// choose returns which variant of a union a value is.
func (c *Checker) choose(union *Schema, n int32) int {
	return c.chooseAmong(union, union.Variants(), n)
}

func (c *Checker) chooseAmong(s *Schema, variants []*Schema, n int32) int {
	d := s.get()
	id := d.id
	second := len(s.OneOf) > 0 && &variants[0] != &s.OneOf[0] // AnyOf beside OneOf
	keeps := !second && !c.exempt.concerns(n)
	if keeps {
		if variant, known := c.memo.choice(id, n, c.mode); known {
			return variant
		}
	}
	variant := c.decide(s, variants, n, second)
	if keeps && c.quiet > 0 && c.remembers(s, d, n) { // without a trial it is used once
		c.memo.keepChoice(id, n, c.mode, variant)
	}
	return variant
}

func (c *Checker) decide(s *Schema, variants []*Schema, n int32, second bool) int {
	var missing bool // the discriminator is, or has a value that selects nothing
	if d := s.Discriminator; d != nil && c.nodes[n].kind == '{' && !second {
		value := c.member(n, d.Property)
		if value != 0 && c.nodes[value].kind == '"' {
			if variant, known := d.Variant(c.string(value)); known {
				return variant
			}
		}
		switch {
		case d.Default > 0 && (value == 0 || c.nodes[value].kind == '"'):
			return d.Default - 1
		case value == 0 && d.Optional:
		case c.mode == Strict:
			return NoVariant
		default:
			missing = true
		}
	}
	if missing {
		return c.guess(s, variants, n)
	}
	sel := s.selector()
	if second {
		sel = s.secondSelector()
	}
	if sel.tag != "" && c.nodes[n].kind == '{' {
		if value := c.member(n, sel.tag); value != 0 {
			if i, known := sel.byTag[c.canonical(value)]; known {
				return i
			}
		}
	}
	t := typeOf(c.nodes[n].kind)
	can := func(i int) bool {
		types := sel.types[i]
		return types == 0 || types&t != 0 || variants[i].Nullable && t == Null
	}
	only := NoVariant
	several := false
	for i := range variants {
		if can(i) {
			several = only != NoVariant
			if only = i; several {
				break
			}
		}
	}
	if !several {
		return only
	}
	exclusive := len(s.OneOf) > 0 && !second
	for mode := Strict; mode <= c.mode; mode++ {
		if mode == IgnoreReadOnly && (c.dir != InRequest || t&(Object|Array) == 0) {
			continue // there is nothing to ignore
		}
		chosen := NoVariant
		for i := range variants {
			if !can(i) || !c.fits(variants[i], n, mode) {
				continue
			}
			if !exclusive {
				return i
			}
			if chosen != NoVariant {
				return NoVariant
			}
			chosen = i
		}
		if chosen != NoVariant {
			return chosen
		}
	}
	return NoVariant
}

// guess chooses the only variant whose shape fits but for the discriminator.
func (c *Checker) guess(s *Schema, variants []*Schema, n int32) int {
	chosen := NoVariant
	for i, variant := range variants {
		if !c.fitsBut(variant, n, s.Discriminator.Property) {
			continue
		}
		if chosen != NoVariant {
			return NoVariant
		}
		chosen = i
	}
	return chosen
}

// fitsBut reports whether an object fits a schema by its shape, if one member is left out of account.
func (c *Checker) fitsBut(s *Schema, n int32, name string) bool {
	outer := c.exempt
	c.exempt = exemption{object: n, value: c.member(n, name), name: name}
	fits := c.fits(s, n, ByShape)
	c.exempt = outer
	return fits
}

// An exemption is a member that is left out of account. The zero value exempts nothing.
type exemption struct {
	object int32 // which has the member
	value  int32 // of the member, 0 if it is absent
	name   string
}

// of reports whether what is found about a value, or about its member, is left out of account.
func (e *exemption) of(n int32, member string) bool {
	return e.name != "" && (n == e.object && member == e.name || n == e.value && n != 0)
}

// concerns reports whether a verdict about a value depends on the exemption.
func (e *exemption) concerns(n int32) bool { return e.name != "" && (n == e.object || n == e.value) }
