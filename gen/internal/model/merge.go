package model

import (
	"slices"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// This file computes what two schemas mean together.

// shallow copies a schema, but not what is within.
func shallow(s *schema.Schema) *schema.Schema {
	c := new(schema.Schema)
	assign(c, s)
	return c
}

// assign sets every keyword of a schema to that of another.
func assign(to, from *schema.Schema) {
	to.Name, to.Types, to.Nullable, to.Never, to.Enum, to.Sensitive = from.Name, from.Types, from.Nullable, from.Never, from.Enum, from.Sensitive
	to.Format, to.Pattern, to.MinLength, to.MaxLength = from.Format, from.Pattern, from.MinLength, from.MaxLength
	to.Minimum, to.Maximum, to.MultipleOf = from.Minimum, from.Maximum, from.MultipleOf
	to.ExclusiveMinimum, to.ExclusiveMaximum = from.ExclusiveMinimum, from.ExclusiveMaximum
	to.Items, to.PrefixItems, to.MinItems, to.MaxItems, to.UniqueItems = from.Items, from.PrefixItems, from.MinItems, from.MaxItems, from.UniqueItems
	to.Contains, to.MinContains, to.MaxContains, to.UnevaluatedItems = from.Contains, from.MinContains, from.MaxContains, from.UnevaluatedItems
	to.Properties, to.Patterns, to.Additional, to.Required = from.Properties, from.Patterns, from.Additional, from.Required
	to.MinProperties, to.MaxProperties, to.Names = from.MinProperties, from.MaxProperties, from.Names
	to.DependentRequired, to.DependentSchemas, to.UnevaluatedProperties = from.DependentRequired, from.DependentSchemas, from.UnevaluatedProperties
	to.AllOf, to.AnyOf, to.OneOf, to.Not = from.AllOf, from.AnyOf, from.OneOf, from.Not
	to.If, to.Then, to.Else, to.Discriminator = from.If, from.Then, from.Else, from.Discriminator
}

type pair struct{ a, b *schema.Schema }

// both is the schema of the values that two schemas accept. nil accepts everything.
func (b *builder) both(x, y *schema.Schema) *schema.Schema {
	switch {
	case x == nil || x == anything || x == y:
		return y
	case y == nil || y == anything:
		return x
	case x.Never || y.Never:
		return schema.False
	}
	if s, ok := b.merged[pair{x, y}]; ok {
		return s
	}
	s := &schema.Schema{AllOf: []*schema.Schema{x, y}}
	b.merged[pair{x, y}] = s
	if n := b.origins[x]; n != nil {
		b.origins[s] = n
	}
	b.unflattened = append(b.unflattened, s)
	return s
}

// merge returns the schema of the values that x and y accept, but for unevaluatedProperties and unevaluatedItems, which are left to join. It is
// not exact if that cannot be said by the keywords of one schema; then the result accepts some more values.
func (b *builder) merge(x, y *schema.Schema) (s *schema.Schema, exact bool) {
	if x.Never || y.Never {
		return &schema.Schema{Never: true}, true
	}
	s, exact = shallow(y), true
	keep := func(ok bool) { exact = exact && ok }

	if s.Types = bothTypes(x.Types, y.Types); s.Types == 0 && x.Types != 0 && y.Types != 0 {
		return &schema.Schema{Never: true}, true
	}
	s.Nullable = false
	s.Sensitive = x.Sensitive || y.Sensitive
	if len(x.Enum) > 0 && len(y.Enum) > 0 {
		s.Enum = nil
		for _, value := range x.Enum {
			if slices.Contains(y.Enum, value) {
				s.Enum = append(s.Enum, value)
			}
		}
		if len(s.Enum) == 0 {
			return &schema.Schema{Never: true}, true
		}
	} else if len(x.Enum) > 0 {
		s.Enum = x.Enum
	}
	if x.Nullable && !acceptsNull(y) || y.Nullable && !acceptsNull(x) {
		// null is excluded, which the types say unless there are none.
		if s.Types == 0 {
			s.Types = schema.Boolean | schema.Number | schema.String | schema.Array | schema.Object
		}
	}
	s.Nullable = acceptsNull(x) && acceptsNull(y) && (x.Nullable || y.Nullable)

	keep(mergeText(&s.Format, x.Format))
	keep(mergeText(&s.Pattern, x.Pattern))
	s.MinLength, s.MaxLength = max(x.MinLength, y.MinLength), lower(x.MaxLength, y.MaxLength)
	mergeBound(&s.Minimum, x.Minimum, 1)
	mergeBound(&s.Maximum, x.Maximum, -1)
	mergeBound(&s.ExclusiveMinimum, x.ExclusiveMinimum, 1)
	mergeBound(&s.ExclusiveMaximum, x.ExclusiveMaximum, -1)
	keep(mergeText(&s.MultipleOf, x.MultipleOf))

	b.mergeArrays(s, x, keep)
	b.mergeObjects(s, x, y, keep)

	keep(mergeList(&s.AllOf, x.AllOf))
	keep(mergeList(&s.AnyOf, x.AnyOf))
	keep(mergeList(&s.OneOf, x.OneOf))
	if len(x.OneOf)+len(x.AnyOf) > 0 && s.Discriminator == nil {
		s.Discriminator = x.Discriminator
	}
	switch {
	case s.Not == nil:
		s.Not = x.Not
	case x.Not != nil && x.Not != s.Not:
		s.Not = &schema.Schema{AnyOf: []*schema.Schema{x.Not, s.Not}}
	}
	switch {
	case s.If == nil:
		s.If, s.Then, s.Else = x.If, x.Then, x.Else
	case x.If != nil && x.If != s.If:
		keep(false)
	}
	return s, exact
}

// bothTypes are the types that both sets have; 0 is all types, and the result if there is none.
func bothTypes(x, y schema.Types) schema.Types {
	if x == 0 {
		return y
	}
	if y == 0 {
		return x
	}
	types := x & y
	if x&schema.Number != 0 {
		types |= y & schema.Integer
	}
	if y&schema.Number != 0 {
		types |= x & schema.Integer
	}
	return types
}

// mergeText sets a keyword that can have one value, and reports whether that is enough.
func mergeText(to *string, from string) bool {
	if *to == "" {
		*to = from
	}
	return from == "" || *to == from
}

func mergeList(to *[]*schema.Schema, from []*schema.Schema) bool {
	if len(*to) == 0 {
		*to = from
		return true
	}
	return len(from) == 0 || slices.Equal(*to, from)
}

// lower is the lower of two limits, of which 0 is none.
func lower(x, y int) int {
	if x == 0 || y == 0 {
		return max(x, y)
	}
	return min(x, y)
}

// mergeBound keeps the stricter of two bounds: the greater one for sign 1, the smaller one for sign -1.
func mergeBound(to *string, from string, sign int) {
	if from != "" && (*to == "" || sign*schema.CompareNumbers(from, *to) > 0) {
		*to = from
	}
}

func (b *builder) mergeArrays(s, x *schema.Schema, keep func(bool)) {
	s.MinItems, s.MaxItems = max(x.MinItems, s.MinItems), lower(x.MaxItems, s.MaxItems)
	s.UniqueItems = x.UniqueItems || s.UniqueItems
	switch {
	case len(x.PrefixItems) == 0 && len(s.PrefixItems) == 0:
		s.Items = b.both(x.Items, s.Items)
	case len(s.PrefixItems) == 0 && s.Items == nil:
		s.PrefixItems, s.Items = x.PrefixItems, x.Items
	default:
		keep(len(x.PrefixItems) == 0 && x.Items == nil)
	}
	if s.Contains == nil {
		s.Contains, s.MinContains, s.MaxContains = x.Contains, x.MinContains, x.MaxContains
	} else {
		keep(x.Contains == nil)
	}
}

func (b *builder) mergeObjects(s, x, y *schema.Schema, keep func(bool)) {
	inX, inY := b.undeclared(x, y, keep), b.undeclared(y, x, keep)
	s.Properties = make([]schema.Property, 0, len(x.Properties)+len(y.Properties))
	for _, p := range x.Properties {
		if q := y.Property(p.Name); q != nil {
			p.Schema = b.both(p.Schema, q.Schema)
			p.ReadOnly, p.WriteOnly = p.ReadOnly || q.ReadOnly, p.WriteOnly || q.WriteOnly
		} else {
			p.Schema = b.both(p.Schema, inY())
		}
		s.Properties = append(s.Properties, p)
	}
	for _, q := range y.Properties {
		if x.Property(q.Name) == nil {
			q.Schema = b.both(inX(), q.Schema)
			s.Properties = append(s.Properties, q)
		}
	}
	sortProperties(s.Properties)
	switch {
	case len(x.Patterns) > 0 && (len(y.Patterns) > 0 || y.Additional != nil), len(y.Patterns) > 0 && x.Additional != nil:
		keep(false)
	case len(x.Patterns) > 0:
		s.Patterns = x.Patterns
	}
	s.Additional = b.both(x.Additional, y.Additional)
	if s.Additional == nil && (x.Additional != nil || y.Additional != nil) {
		s.Additional = anything
	}
	s.Required = slices.Clone(x.Required)
	for _, name := range y.Required {
		if !slices.Contains(s.Required, name) {
			s.Required = append(s.Required, name)
		}
	}
	s.MinProperties, s.MaxProperties = max(x.MinProperties, y.MinProperties), lower(x.MaxProperties, y.MaxProperties)
	switch {
	case s.Names == nil:
		s.Names = x.Names
	case x.Names != nil:
		s.Names = b.both(x.Names, s.Names)
	}
	s.DependentRequired = append(slices.Clone(x.DependentRequired), y.DependentRequired...)
	s.DependentSchemas = append(slices.Clone(x.DependentSchemas), y.DependentSchemas...)
}

// combines reports whether a schema has others that may look at members or items.
func combines(s *schema.Schema) bool {
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.If != nil || len(s.DependentSchemas) > 0
}

func evaluatesMembers(s *schema.Schema) bool {
	return len(s.Properties) > 0 || len(s.Patterns) > 0 || s.Additional != nil || s.UnevaluatedProperties != nil || combines(s)
}

func evaluatesItems(s *schema.Schema) bool {
	return s.Items != nil || len(s.PrefixItems) > 0 || s.Contains != nil || s.UnevaluatedItems != nil || combines(s)
}

// joinUnevaluated sets unevaluatedProperties and unevaluatedItems of the schema that is merged of parts, of which the last one is the schema
// that the others are parts of. What its own keyword has is what no part evaluates; that of another part does not see the others, and is exact
// in the merged schema only if they evaluate nothing.
func joinUnevaluated(merged *schema.Schema, parts []*schema.Schema) (exact bool) {
	exact = true
	last := len(parts) - 1
	for i, part := range parts {
		others := func(evaluates func(*schema.Schema) bool) bool {
			for j, other := range parts {
				if j != i && evaluates(other) {
					return true
				}
			}
			return false
		}
		if part.UnevaluatedProperties != nil {
			if i == last || !others(evaluatesMembers) {
				merged.UnevaluatedProperties = part.UnevaluatedProperties
			} else {
				exact = false
			}
		}
		if part.UnevaluatedItems != nil {
			if i == last || !others(evaluatesItems) {
				merged.UnevaluatedItems = part.UnevaluatedItems
			} else {
				exact = false
			}
		}
	}
	return exact
}

// undeclared returns the schema that a schema has for a member which only the other one of an allOf declares.
func (b *builder) undeclared(s, other *schema.Schema, keep func(bool)) func() *schema.Schema {
	reopens := reopens(s, other)
	return func() *schema.Schema {
		switch {
		case reopens:
			b.reopened = true
			return nil
		case len(s.Patterns) > 0:
			keep(false)
			return nil
		}
		return s.Additional
	}
}

// reopens reports whether a schema that allows no other members than its own is read as if it knew those of another one, together with which it
// describes an object. Frameworks describe inheritance like that, and taken literally each of the two would forbid what the other is about. A
// schema that allows only some of what the other declares is meant literally.
func reopens(s, other *schema.Schema) bool {
	if s.Additional == nil || !s.Additional.Never {
		return false
	}
	own := func(p schema.Property) bool { return other.Property(p.Name) == nil }
	if len(s.Properties) == 0 || slices.ContainsFunc(s.Properties, own) {
		return true
	}
	return slices.ContainsFunc(other.Required, func(name string) bool { return s.Property(name) == nil && other.Property(name) != nil })
}
