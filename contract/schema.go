// Package contract is the small run-time that generated code calls: it holds a value against the schema that the
// document gives it, chooses the variant of a union, and puts both to work around an HTTP handler ([NewHandler]) and an
// HTTP transport ([NewTransport]).
//
// It knows OpenAPI 3.0 and nothing of any particular API. The tables it works on, [Schema] and [Operation], are emitted
// by the generator; nobody writes them by hand.
//
// Two ways of reading a JSON text are offered. [Schema.Check] is strict: every deviation from the document is a violation.
// [Schema.CheckTolerant] is for what a client receives: what can be understood in spite of a deviation is understood, and
// each such concession is reported.
package contract

import (
	"slices"
	"strings"
)

// A Schema is an OpenAPI 3.0 schema object, ready to be checked against.
//
// The zero Schema accepts every JSON value but null.
type Schema struct {
	// Name is the schema's name in the document; empty for an inline schema.
	Name string

	Type     string // "object", "array", "string", "number", "integer", "boolean"; empty for any type
	Nullable bool   // null is accepted, whatever the other rules say
	Enum     []string

	// Sensitive values are left out of every message.
	Sensitive bool

	// ReadOnly values may not stand in a request, WriteOnly ones not in a response.
	ReadOnly, WriteOnly bool

	Format               string // a format that is not known is an annotation
	Pattern              string // RE2 syntax, unanchored
	MinLength, MaxLength int    // in characters; MaxLength counts only if HasMaxLength is set
	HasMaxLength         bool

	Minimum, Maximum, MultipleOf       string // decimal literals; empty for none
	ExclusiveMinimum, ExclusiveMaximum bool

	Items              *Schema
	MinItems, MaxItems int // MaxItems counts only if HasMaxItems is set
	HasMaxItems        bool
	UniqueItems        bool

	Properties                   []Property // in the order of their names
	Required                     []string
	Closed                       bool    // additionalProperties: false
	AdditionalProperties         *Schema // nil for any value
	MinProperties, MaxProperties int     // MaxProperties counts only if HasMaxProperties is set
	HasMaxProperties             bool

	AllOf         []*Schema
	AnyOf         []*Schema
	OneOf         []*Schema
	Not           *Schema
	Discriminator *Discriminator

	// Decode and Encode are the emitted decoder and encoder of the schema's Go type, see [DecoderOf] and [EncoderOf]; nil if it has
	// none.
	Decode func(*Reader) any
	Encode func(any, *Writer)
}

// A Property is a named member of an object.
type Property struct {
	Name   string
	Schema *Schema
}

// A Discriminator selects the variant of a union by the value of one member.
type Discriminator struct {
	Property string
	Mapping  []Mapping // in the order of the values
}

// A Mapping says which variant (an index of OneOf) a value of the discriminator selects.
type Mapping struct {
	Value   string
	Variant int
}

// Property returns the schema of a declared member, nil if it is not declared.
func (s *Schema) Property(name string) *Schema {
	i, ok := slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
	if !ok {
		return nil
	}
	return s.Properties[i].Schema
}

// sensitive tells whether the schema or one that it is composed of is sensitive, or its items, which some rules look at.
func (s *Schema) sensitive() bool {
	if s.Sensitive || s.Not != nil && s.Not.sensitive() || s.Items != nil && s.Items.Sensitive {
		return true
	}
	for _, parts := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range parts {
			if part.sensitive() {
				return true
			}
		}
	}
	return false
}
