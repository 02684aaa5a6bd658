package overlap

import (
	"slices"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Within reports whether every value of a is a value of b too, as far as that can be told by comparing their rules one by one. If it says
// no, there may still be no value that only a accepts.
func Within(a, b *schema.Schema) bool { return (&comparison{}).within(a, b) }

// A comparison remembers what it is comparing, so that schemas may refer to themselves: what would contradict an assumption is found where
// the assumption is made.
type comparison struct {
	assumed map[[2]*schema.Schema]bool
	steps   int
}

// maxComparisons bounds a comparison, in pairs of schemas.
const maxComparisons = 5000

var anything = new(schema.Schema)

func (c *comparison) within(a, b *schema.Schema) bool {
	if a == nil {
		a = anything
	}
	if b == nil || a == b || a.Never {
		return true
	}
	key := [2]*schema.Schema{a, b}
	if c.assumed[key] {
		return true
	}
	if c.steps++; c.steps > maxComparisons {
		return false
	}
	if c.assumed == nil {
		c.assumed = map[[2]*schema.Schema]bool{}
	}
	c.assumed[key] = true
	defer delete(c.assumed, key) // what follows from an assumption is worth nothing if the assumption turns out to be wrong
	return c.compare(a, b)
}

func (c *comparison) compare(a, b *schema.Schema) bool {
	if b.Never || b.Not != nil || b.If != nil || b.UnevaluatedItems != nil || b.UnevaluatedProperties != nil || b.Contains != nil ||
		len(b.DependentRequired)+len(b.DependentSchemas) > 0 || b.Names != nil || a.Discriminator != nil && len(a.Variants()) > 0 {
		return false
	}
	if a.Nullable && !acceptsNull(b) {
		return false
	}
	if len(a.Enum) > 0 {
		return !slices.ContainsFunc(a.Enum, func(value string) bool {
			return a.Check([]byte(value), schema.Undirected) == nil && b.Check([]byte(value), schema.Undirected) != nil
		})
	}
	// A union is within b if each of its variants is; a conjunction if one of its parts is.
	for _, variants := range [][]*schema.Schema{a.OneOf, a.AnyOf} {
		if len(variants) > 0 && !slices.ContainsFunc(variants, func(variant *schema.Schema) bool { return !c.within(variant, b) }) {
			return true
		}
	}
	if slices.ContainsFunc(a.AllOf, func(part *schema.Schema) bool { return c.within(part, b) }) {
		return true
	}
	if len(b.OneOf) > 0 {
		return false // a value must fit no other variant
	}
	if len(b.AnyOf) > 0 && (b.Discriminator != nil || !slices.ContainsFunc(b.AnyOf, func(variant *schema.Schema) bool { return c.within(a, variant) })) {
		return false
	}
	if slices.ContainsFunc(b.AllOf, func(part *schema.Schema) bool { return !c.within(a, part) }) {
		return false
	}
	return c.types(a, b) && len(b.Enum) == 0 && texts(a, b) && numbers(a, b) && c.arrays(a, b) && c.objects(a, b)
}

func acceptsNull(s *schema.Schema) bool { return s.Check([]byte("null"), schema.Undirected) == nil }

const allTypes = schema.Null | schema.Boolean | schema.Integer | schema.Number | schema.String | schema.Array | schema.Object

// typesOf are the types of the values of a schema.
func typesOf(s *schema.Schema) schema.Types {
	types := s.Types
	if types == 0 {
		types = allTypes
	}
	if types&schema.Number != 0 {
		types |= schema.Integer
	}
	if s.Nullable {
		types |= schema.Null
	}
	return types
}

func (c *comparison) types(a, b *schema.Schema) bool { return typesOf(a)&^typesOf(b) == 0 }

// may reports whether values of a schema may be of a type.
func may(s *schema.Schema, types schema.Types) bool { return typesOf(s)&types != 0 }

func texts(a, b *schema.Schema) bool {
	if !may(a, schema.String) {
		return true
	}
	return a.MinLength >= b.MinLength && atMost(a.MaxLength, b.MaxLength) && (b.Pattern == "" || a.Pattern == b.Pattern) &&
		(b.Format == "" || a.Format == b.Format || !schema.KnownFormat(b.Format) || integerFormats[b.Format][0] != nil)
}

// atMost reports whether a limit is at most another one; both are one more than the limit, and 0 is none.
func atMost(a, b int) bool { return b == 0 || a != 0 && a <= b }

func numbers(a, b *schema.Schema) bool {
	if !may(a, schema.Number|schema.Integer) {
		return true
	}
	low, high := rangeOf([]*schema.Schema{a}), rangeOf([]*schema.Schema{b})
	if high.lo != nil && (low.lo == nil || low.lo.Cmp(high.lo) < 0 || low.lo.Cmp(high.lo) == 0 && high.loOpen && !low.loOpen) ||
		high.hi != nil && (low.hi == nil || low.hi.Cmp(high.hi) > 0 || low.hi.Cmp(high.hi) == 0 && high.hiOpen && !low.hiOpen) {
		return false
	}
	if b.MultipleOf != "" && a.MultipleOf != b.MultipleOf {
		return false
	}
	return b.Format == "" || a.Format == b.Format || !schema.KnownFormat(b.Format) || integerFormats[b.Format][0] != nil || stringFormats[b.Format].samples != nil
}

func (c *comparison) arrays(a, b *schema.Schema) bool {
	if !may(a, schema.Array) {
		return true
	}
	if a.MinItems < b.MinItems || !atMost(a.MaxItems, b.MaxItems) || b.UniqueItems && !a.UniqueItems {
		return false
	}
	if a.MaxItems == 1 { // no items at all
		return true
	}
	for i := range max(len(a.PrefixItems), len(b.PrefixItems)) {
		if !c.within(itemOf(a, i), itemOf(b, i)) {
			return false
		}
	}
	return c.within(a.Items, b.Items)
}

func itemOf(s *schema.Schema, i int) *schema.Schema {
	if i < len(s.PrefixItems) {
		return s.PrefixItems[i]
	}
	return s.Items
}

func (c *comparison) objects(a, b *schema.Schema) bool {
	if !may(a, schema.Object) {
		return true
	}
	if max(a.MinProperties, len(a.Required)) < b.MinProperties || !atMost(a.MaxProperties, b.MaxProperties) || len(b.Patterns) > 0 {
		return false
	}
	for _, name := range b.Required {
		if !slices.Contains(a.Required, name) {
			return false
		}
	}
	if len(a.Patterns) > 0 && (b.Additional != nil || len(b.Properties) > 0) {
		return false
	}
	for i := range b.Properties {
		q := &b.Properties[i]
		of := a.Additional
		if p := a.Property(q.Name); p != nil {
			if q.ReadOnly && !p.ReadOnly || q.WriteOnly && !p.WriteOnly {
				return false
			}
			of = p.Schema
		} else if q.ReadOnly || q.WriteOnly {
			return false
		}
		if !c.within(of, q.Schema) {
			return false
		}
	}
	for i := range a.Properties {
		if p := &a.Properties[i]; b.Property(p.Name) == nil && !c.within(p.Schema, b.Additional) {
			return false
		}
	}
	return c.within(a.Additional, b.Additional)
}
