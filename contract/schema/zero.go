package schema

import (
	"slices"
	"strconv"
	"strings"
)

// A Go variable of the type uuid.UUID that was never set is the zero UUID, which is valid. This file finds it in requests where the document
// requires a UUID, so that it could not have been left out. Elsewhere it is a pointer to a UUID, and was chosen.

const zeroUUID = "00000000-0000-0000-0000-000000000000"

// ZeroUUIDs returns a violation for each zero UUID in a valid JSON text where the schema requires a member that is a UUID; also for the
// text as a whole, if required is set. Items of arrays are not required, nor is a member that may be null or that has an enum.
func (s *Schema) ZeroUUIDs(text string, required bool) []Violation {
	if !strings.Contains(text, zeroUUID) && !strings.Contains(text, `\u00`) {
		return nil
	}
	c := NewChecker()
	defer c.Free()
	if l := c.Parse(text, 0, InRequest, Strict); l.Failed() {
		return nil
	}
	return c.zeros(nil, []*Schema{s}, 0, "", required)
}

// zeros adds a violation for each required UUID in a value that is zero. The value is valid for all of the schemas.
func (c *Checker) zeros(found []Violation, schemas []*Schema, n int32, pointer string, required bool) []Violation {
	var all []*Schema
	for _, s := range schemas {
		all = c.partsOf(all, s, n)
	}
	switch c.nodes[n].kind {
	case '"':
		if required && c.string(n) == zeroUUID && mustBeUUID(all) {
			const want = "a UUID other than the zero UUID, which a variable has that was never set"
			found = append(found, Violation{Pointer: pointer, Rule: RuleRequired.String(), Want: want, Got: quote(zeroUUID)})
		}
	case '[':
		for i, item := range c.items(n) {
			found = c.zeros(found, each(all, func(s *Schema) *Schema { return s.Item(i) }), item, pointer+"/"+strconv.Itoa(i), false)
		}
	case '{':
		for at, value := range c.members(n) {
			name := c.string(at)
			declared := each(all, func(s *Schema) *Schema {
				if p := s.Property(name); p != nil {
					return p.schema()
				}
				return nil
			})
			required := declared != nil && slices.ContainsFunc(all, func(s *Schema) bool { return slices.Contains(s.Required, name) })
			if declared == nil {
				declared = each(all, func(s *Schema) *Schema { return s.Additional })
			}
			found = c.zeros(found, declared, value, pointer+"/"+EscapePointer(name), required)
		}
	}
	return found
}

func each(schemas []*Schema, of func(*Schema) *Schema) []*Schema {
	var list []*Schema
	for _, s := range schemas {
		if part := of(s); part != nil {
			list = append(list, part)
		}
	}
	return list
}

// partsOf adds a schema and all parts of it that a value is valid for: those of allOf, and the variant of a union.
func (c *Checker) partsOf(all []*Schema, s *Schema, n int32) []*Schema {
	if s == nil || slices.Contains(all, s) {
		return all
	}
	all = append(all, s)
	for _, part := range s.AllOf {
		all = c.partsOf(all, part, n)
	}
	if len(s.OneOf) > 0 {
		if i := c.choose(s, n); i >= 0 {
			all = c.partsOf(all, s.OneOf[i], n)
		}
	}
	for _, variant := range s.AnyOf {
		if c.fits(variant, n, Strict) {
			all = c.partsOf(all, variant, n)
		}
	}
	return all
}

// mustBeUUID reports whether parts of a schema leave nothing but a UUID. Where it may be null, or where the document lists the values, a zero
// UUID is a choice.
func mustBeUUID(schemas []*Schema) bool {
	return slices.ContainsFunc(schemas, func(s *Schema) bool { return s.Format == "uuid" }) &&
		!slices.ContainsFunc(schemas, func(s *Schema) bool { return s.Nullable || s.Types&Null != 0 || len(s.Enum) > 0 })
}
