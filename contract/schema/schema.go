// Package schema describes JSON values as OpenAPI documents do, and validates JSON text.
//
// A [Schema] is a value of the dialects that OpenAPI 3.0, 3.1 and 3.2 use, with their differences resolved: nullable is a
// type, exclusive bounds are numbers, const is an enum of one value. The generator prints schemas as Go literals; a program
// that reads a document at run time builds the same values. [Schema.Check] validates text, strictly or tolerantly, and words
// what is wrong. The readers and writers of generated types, in package wire, check scalars with the same functions, so
// there is one definition of every rule.
package schema

import (
	"slices"
	"strings"
	"sync/atomic"
)

// A Schema describes a set of JSON values. The zero Schema accepts every value.
//
// A Schema must not be changed or copied once it is in use: what is derived from it is computed when it is first needed, and kept.
type Schema struct {
	// Name is the name of the schema in the document. It is empty for an inline schema.
	Name string

	// Types are the types that a value may have; 0 accepts any type.
	Types Types

	// Nullable accepts null, whatever the other rules say.
	Nullable bool

	// Never accepts no value at all: it is the schema false.
	Never bool

	// Enum lists the values that are accepted, each as [Canonical] JSON text. An empty list accepts any value.
	Enum []string

	// Sensitive values appear in no message.
	Sensitive bool

	// Rules for strings. Format is checked if it is known, see [KnownFormat]; otherwise it is an annotation. Pattern is a
	// regular expression as ECMA-262 defines it, not anchored. Lengths count characters; MaxLength is one more than the
	// largest length, 0 for no limit.
	Format    string
	Pattern   string
	MinLength int
	MaxLength int

	// Rules for numbers, as decimal literals; empty for none.
	Minimum, Maximum                   string
	ExclusiveMinimum, ExclusiveMaximum string
	MultipleOf                         string

	// Rules for arrays. PrefixItems describe the first items, Items all others. MaxItems and MaxContains are one more than the
	// largest number, 0 for no limit. MinContains counts only if Contains is set, where 0 requires none.
	Items                    *Schema
	PrefixItems              []*Schema
	MinItems, MaxItems       int
	UniqueItems              bool
	Contains                 *Schema
	MinContains, MaxContains int
	UnevaluatedItems         *Schema

	// Rules for objects. Properties are sorted by name. Additional describes the members that neither Properties nor Patterns
	// describe; nil accepts them. MaxProperties is one more than the largest number of members, 0 for no limit.
	Properties                   []Property
	Patterns                     []PatternProperty
	Additional                   *Schema
	Required                     []string
	MinProperties, MaxProperties int
	Names                        *Schema // propertyNames
	DependentRequired            []Dependency
	DependentSchemas             []Property
	UnevaluatedProperties        *Schema

	// Rules that combine schemas. Then and Else count only if If is set.
	AllOf, AnyOf, OneOf []*Schema
	Not                 *Schema
	If, Then, Else      *Schema
	Discriminator       *Discriminator

	derived atomic.Pointer[derived]
}

// Types is a set of JSON types. Integer is the subset of Number without a fraction.
type Types uint8

const (
	Null Types = 1 << iota
	Boolean
	Integer
	Number
	String
	Array
	Object
)

// A Property is a named member of an object.
type Property struct {
	Name   string
	Schema *Schema // nil accepts any value

	// ReadOnly members may not be in requests, WriteOnly ones not in responses. Where a member may not be, it is not required.
	ReadOnly, WriteOnly bool
}

// A PatternProperty describes the members whose names match a regular expression.
type PatternProperty struct {
	Pattern string
	Schema  *Schema
}

// A Dependency lists members that are required where the member Name is present.
type Dependency struct {
	Name     string
	Required []string
}

// A Discriminator is a member of an object whose value selects one of OneOf or AnyOf.
type Discriminator struct {
	Property string
	Mapping  []Mapping // sorted by value

	// Optional permits the member to be missing. Then the variant is selected by shape, or is Default.
	Optional bool

	// Default is one more than the index of the variant for a member that is missing or whose value Mapping does not have
	// (defaultMapping of OpenAPI 3.2); 0 for none.
	Default int
}

// A Mapping is a value of a discriminator and the index of the variant that it selects.
type Mapping struct {
	Value   string
	Variant int
}

// False is the schema that accepts nothing, as in "additionalProperties: false".
var False = &Schema{Never: true}

// Property returns the declared member with a name, or nil.
func (s *Schema) Property(name string) *Property {
	i, ok := slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
	if !ok {
		return nil
	}
	return &s.Properties[i]
}

// Variants returns OneOf or, without it, AnyOf.
func (s *Schema) Variants() []*Schema {
	if len(s.OneOf) > 0 {
		return s.OneOf
	}
	return s.AnyOf
}

// Variant returns the index of the variant that a value of the discriminator selects.
func (d *Discriminator) Variant(value string) (index int, ok bool) {
	i, ok := slices.BinarySearchFunc(d.Mapping, value, func(m Mapping, value string) int { return strings.Compare(m.Value, value) })
	if !ok {
		return 0, false
	}
	return d.Mapping[i].Variant, true
}

// String lists the types as messages name them: "a string or null".
func (t Types) String() string {
	var names []string
	for _, one := range []struct {
		t    Types
		name string
	}{{Boolean, "a boolean"}, {Integer, "an integer"}, {Number, "a number"}, {String, "a string"}, {Array, "an array"},
		{Object, "an object"}, {Null, "null"}} {
		if t&one.t != 0 && (one.t != Integer || t&Number == 0) {
			names = append(names, one.name)
		}
	}
	switch len(names) {
	case 0:
		return "a value"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// A Direction is the way a value travels; readOnly and writeOnly depend on it.
type Direction uint8

const (
	Undirected Direction = iota // either way: members of both directions may be present, and none of them is required
	InRequest
	InResponse
)

// absent reports whether a member may not be in messages of a direction.
func (p *Property) absent(dir Direction) bool {
	return p.ReadOnly && dir == InRequest || p.WriteOnly && dir == InResponse
}

// lenient reports whether a member may be missing although it is required: in its other direction, and without one.
func (p *Property) lenient(dir Direction) bool {
	return p.ReadOnly && dir != InResponse || p.WriteOnly && dir != InRequest
}

// Name is the name of the only type in the set, null left aside: "object". It is empty for any and for several types.
func (t Types) Name() string {
	switch t &^ Null {
	case Boolean:
		return "boolean"
	case Integer:
		return "integer"
	case Number, Number | Integer:
		return "number"
	case String:
		return "string"
	case Array:
		return "array"
	case Object:
		return "object"
	}
	return ""
}

// Begins reports whether a value of one of the types can begin with a byte, which is that of a JSON value.
func (t Types) Begins(first byte) bool {
	kind := typeOf(first)
	return t&kind != 0 || kind == Number && t&Integer != 0
}
