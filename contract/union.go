package contract

import (
	"cmp"
	"slices"
)

// anyOf validates a value against the first of the schemas that fits it best.
func (c *checker) anyOf(s *Schema, n int32) {
	best, matching := c.mode+1, -1
	for i, part := range s.AnyOf {
		if level := c.fit(part, n); level < best {
			best, matching = level, i
		}
		if best == strict {
			break
		}
	}
	if matching < 0 {
		c.broken(tolerant, s, n, "anyOf")
		return
	}
	c.adopt(s.AnyOf[matching], n, best)
}

// adopt checks a value against a schema that was found to fit at a level.
func (c *checker) adopt(s *Schema, n int32, level mode) {
	if c.trial {
		c.level = max(c.level, level)
	} else {
		c.check(s, n)
	}
}

func (c *checker) not(s *Schema, n int32) {
	exempt := c.exempt
	c.exempt = noExemption
	fit := c.fit(s.Not, n) // strictly, as tolerance would forbid more instead of less
	c.exempt = exempt
	if fit == strict {
		c.broken(tolerant, s, n, "not")
	}
}

// oneOf chooses the variant of a union, by the discriminator if there is one and by trying them all otherwise.
// Variants that fit as they are take precedence over those that fit with deviations, and few kinds of deviations over
// many.
func (c *checker) oneOf(s *Schema, n int32) {
	if s.Discriminator != nil && c.nodes[n].kind == '{' {
		c.discriminated(s, n)
		return
	}
	best, variant, matching := c.mode+1, 0, 0
	for i, part := range s.OneOf {
		switch level := c.fit(part, n); {
		case level < best:
			best, variant, matching = level, i, 1
		case level == best && level <= c.mode:
			matching++
		}
	}
	if matching == 1 {
		c.adopt(s.OneOf[variant], n, best)
		c.choose(s, n, variant)
		return
	}
	c.noVariant()
	if n == c.exempt.value || !c.counts(tolerant) {
		return
	}
	r := c.report(tolerant)
	switch {
	case matching > 1:
		var all []int
		for i, part := range s.OneOf {
			if c.fit(part, n) == best {
				all = append(all, i)
			}
		}
		r.add(c.violation(s, n, "oneOf", "exactly one of "+variantNames(s, nil)+"; this fits "+variantNames(s, all)))
	case s.Discriminator != nil:
		r.add(c.violation(s, n, "type", "an object"))
	default:
		v := c.violation(s, n, "oneOf", "exactly one of "+variantNames(s, nil))
		v.Variants = c.reasons(s, n)
		r.add(v)
	}
}

// noVariant is for a value that is not a variant of a union. Tolerant reading keeps such a value as it is, whatever
// it is.
func (c *checker) noVariant() {
	if c.acting() {
		c.variant = UnknownVariant
	}
}

// reasons says why a value is not any variant of a union. One level of this is enough; the texts would grow
// exponentially.
func (c *checker) reasons(s *Schema, n int32) []VariantViolations {
	if c.explaining {
		return nil
	}
	if s.sensitive() { // what one variant keeps secret, no other one shows
		c.secrets++
		defer func() { c.secrets-- }()
	}
	var reasons []VariantViolations
	size := 0
	for i, variant := range s.OneOf {
		var found, tolerated report
		found.most = maxReasons
		c.explain(variant, n, c.mode, &found, &tolerated)
		reasons = append(reasons, VariantViolations{variantName(s, i), distinct(found.list)})
		if size += found.size; size > 2*maxText { // of which no more is shown
			break
		}
	}
	return reasons
}

func (c *checker) discriminated(s *Schema, n int32) {
	d := s.Discriminator
	value := c.member(n, d.Property)
	if value != 0 && c.nodes[value].kind == '"' {
		if variant, known := d.of(c.string(value)); known {
			c.selected(s, n, variant)
			return
		}
	}
	from, variant, best := tolerant, -1, never
	if c.mode == tolerant && (value == 0 || c.nodes[value].kind == '"') {
		if variant, best = c.guess(s, n, value); variant >= 0 {
			from = byShape
		}
	}
	c.wrongDiscriminator(s, n, value, from)
	if variant < 0 {
		c.noVariant()
		return
	}
	exempt := c.exempt
	c.exempt = exemption{n, value, d.Property}
	if value == 0 {
		c.exempt.value = -1
	}
	c.adopt(s.OneOf[variant], n, best)
	c.exempt = exempt
	c.choose(s, n, variant)
}

// wrongDiscriminator records that the discriminator is missing, is not a string or selects no variant.
func (c *checker) wrongDiscriminator(s *Schema, n, value int32, from mode) {
	d := s.Discriminator
	if value == 0 {
		c.missing(n, d.Property, from, func() string { return oneOfTheseValues(d) })
		return
	}
	if value == c.exempt.value || !c.counts(from) {
		return
	}
	rule := "discriminator"
	if c.nodes[value].kind != '"' {
		rule = "type"
	}
	c.enter(value-1, 0)
	c.report(from).add(c.violation(s, value, rule, oneOfTheseValues(d)))
	c.leave()
}

// selected checks the variant that the discriminator selects.
func (c *checker) selected(s *Schema, n int32, variant int) {
	if c.mode < tolerant {
		c.check(s.OneOf[variant], n)
		c.choose(s, n, variant)
		return
	}
	level := c.fit(s.OneOf[variant], n)
	switch {
	case c.trial:
		c.level = max(c.level, min(level, tolerant))
	case level <= tolerant:
		c.check(s.OneOf[variant], n)
		c.choose(s, n, variant)
	default:
		c.noVariant()
		if c.deviations.full() {
			c.deviations.more++
			return
		}
		c.explain(s.OneOf[variant], n, strict, c.deviations, c.deviations)
	}
}

// guess is for an unknown or missing discriminator. It returns the only variant whose shape fits but for that, and
// how well it does; -1 if there is none, or more than one.
func (c *checker) guess(s *Schema, n, value int32) (variant int, best mode) {
	exempt := c.exempt
	defer func() { c.exempt = exempt }()
	c.exempt = exemption{n, value, s.Discriminator.Property}
	if value == 0 {
		c.exempt.value = -1
	}
	variant = -1
	for i, part := range s.OneOf {
		level := c.fit(part, n)
		if level > byShape {
			continue
		}
		if variant >= 0 {
			return -1, never
		}
		variant, best = i, level
	}
	return variant, best
}

// of returns the variant that a value selects.
func (d *Discriminator) of(value string) (variant int, ok bool) {
	i, ok := slices.BinarySearchFunc(d.Mapping, value, func(m Mapping, text string) int {
		return cmp.Compare(m.Value, text)
	})
	if !ok {
		return 0, false
	}
	return d.Mapping[i].Variant, true
}
