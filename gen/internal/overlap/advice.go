package overlap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// This file finds out how two schemas differ, to advise authors how to tell them apart.

// Apart reports whether two schemas are told apart by their types, or by a member that both require and that has other values in each; base
// applies to both, and may be nil. It is much faster than looking for a payload.
func Apart(a, b, base *schema.Schema) bool {
	one, two := outline(a, base), outline(b, base)
	if one.types()&two.types() == 0 {
		return true
	}
	if (one.types()|two.types())&^schema.Object != 0 {
		return false
	}
	return slices.ContainsFunc(one.required(), func(name string) bool {
		return slices.Contains(two.required(), name) && differ(one.member(name), two.member(name))
	})
}

// Advice says how two schemas that both accept a payload are told apart with the least change, in words that follow a semicolon. The names are
// those of the schemas; base applies to both, and may be nil.
func Advice(a, b, base *schema.Schema, nameA, nameB, payload string) string {
	one, two := outline(a, base), outline(b, base)
	switch {
	case payload == "null":
		return "let at most one of the two be nullable"
	case payload[0] == '{':
		return objectAdvice(one, two, nameA, nameB)
	case one.types() == allTypes && two.types() == allTypes:
		return "write type: object in both, or whatever their types are"
	case one.types() == allTypes:
		return "write type: object in " + nameA + ", or whatever its type is"
	case two.types() == allTypes:
		return "write type: object in " + nameB + ", or whatever its type is"
	case len(one.enum()) > 0 && len(two.enum()) > 0:
		return fmt.Sprintf("take %s out of one of the two enums", payload)
	case Within(a, b):
		return fmt.Sprintf("remove %s, as %s has all of its values", nameA, nameB)
	case Within(b, a):
		return fmt.Sprintf("remove %s, as %s has all of its values", nameB, nameA)
	}
	return "write anyOf instead of oneOf if the first that fits will do"
}

func objectAdvice(one, two shape, nameA, nameB string) string {
	lacking := func(name string) string {
		var names []string
		if !slices.Contains(one.required(), name) {
			names = append(names, nameA)
		}
		if !slices.Contains(two.required(), name) {
			names = append(names, nameB)
		}
		return strings.Join(names, " and ")
	}
	for _, name := range one.names() {
		if m := two.member(name); m != nil && differ(one.member(name), m) {
			return fmt.Sprintf("require %q in %s: its values differ already", name, lacking(name))
		}
	}
	if name := commonTag(one, two); name != "" {
		if of := lacking(name); of != "" {
			return fmt.Sprintf("require %q in %s, and give it other values in each by an enum", name, of)
		}
		return fmt.Sprintf("give %q other values in each by an enum", name)
	}
	const tag = `add a required member such as "type" with another value in each`
	for _, side := range []struct {
		closed, other shape
		name          string
	}{{one, two, nameA}, {two, one, nameB}} {
		for _, name := range side.other.required() {
			if side.closed.admits(name) {
				return fmt.Sprintf("write additionalProperties: false in %s, which has no %q, or %s", side.name, name, tag)
			}
		}
	}
	return tag
}

// commonTag returns the member that could hold the name of the variant in both: a string that is an enum in one of them, else one with a
// telling name. It is empty if there is none.
func commonTag(a, b shape) string {
	telling := ""
	for _, name := range a.names() {
		one, two := a.member(name), b.member(name)
		if two == nil || (one.types()|two.types())&^(schema.String|schema.Null) != 0 {
			continue
		}
		if len(one.enum()) > 0 || len(two.enum()) > 0 {
			return name
		}
		if name == "type" || name == "kind" || name == "object" {
			telling = name
		}
	}
	return telling
}

// differ reports whether two members have no value in common, by their types or enums.
func differ(a, b shape) bool {
	if a == nil || b == nil {
		return false
	}
	if a.types()&b.types() == 0 {
		return true
	}
	one, two := a.enum(), b.enum()
	return len(one) > 0 && len(two) > 0 && !slices.ContainsFunc(one, func(value string) bool { return slices.Contains(two, value) })
}

// A shape is what a schema says outright: the schemas that apply together whatever the value is.
type shape []*schema.Schema

func outline(schemas ...*schema.Schema) shape {
	var all shape
	var visit func(s *schema.Schema)
	visit = func(s *schema.Schema) {
		if s != nil && !slices.Contains(all, s) {
			all = append(all, s)
			for _, part := range s.AllOf {
				visit(part)
			}
		}
	}
	for _, s := range schemas {
		visit(s)
	}
	return all
}

// types are the types that all parts permit; null only if all of them do.
func (s shape) types() schema.Types {
	types := schema.Types(allTypes)
	for _, part := range s {
		of := typesOf(part)
		if part.Types == 0 && len(part.Enum) > 0 {
			of = 0
			for _, value := range part.Enum {
				of |= typeOf(value)
			}
			if of&schema.Number != 0 {
				of |= schema.Integer
			}
		}
		types &= of
	}
	return types
}

func (s shape) enum() []string {
	for _, part := range s {
		if len(part.Enum) > 0 && !part.Nullable {
			return part.Enum
		}
	}
	return nil
}

func (s shape) required() []string {
	var names []string
	for _, part := range s {
		names = append(names, part.Required...)
	}
	return names
}

func (s shape) names() []string {
	var names []string
	for _, part := range s {
		for i := range part.Properties {
			names = append(names, part.Properties[i].Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// member returns the shape of a declared member, nil if there is none.
func (s shape) member(name string) shape {
	var member []*schema.Schema
	for _, part := range s {
		if p := part.Property(name); p != nil && p.Schema != nil {
			member = append(member, p.Schema)
		}
	}
	return outline(member...)
}

// admits reports whether a member is allowed for no better reason than that nothing is said about it.
func (s shape) admits(name string) bool {
	return s.member(name) == nil && !slices.Contains(s.required(), name) &&
		!slices.ContainsFunc(s, func(part *schema.Schema) bool { return part.Additional != nil })
}
