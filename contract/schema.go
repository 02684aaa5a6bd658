// Package contract is the small run-time that generated code calls. It validates values against the schemas of an
// OpenAPI document, chooses the variants of unions, and does both around an HTTP handler ([NewHandler]) and an HTTP
// transport ([NewTransport]).
//
// It knows OpenAPI 3.0 and nothing of any particular API. [Schema] and [Operation], which describe the API, are
// emitted by the generator; they are not meant to be written by hand.
//
// JSON can be read in two ways. [Schema.Check] is strict: every deviation from the document is a violation.
// [Schema.CheckTolerant] is for what a client receives: deviations that do not prevent decoding are tolerated and
// reported as concessions.
//
// Validation is safe for hostile input: it takes time and memory in proportion to the input, whatever the schema, see
// docs/design.md.
package contract

// A Schema is an OpenAPI 3.0 schema object, ready to be checked against.
//
// The zero Schema accepts every JSON value.
type Schema struct {
	// Name is the schema's name in the document; empty for an inline schema.
	Name string

	Type     string // "object", "array", "string", "number", "integer", "boolean"; empty for any type, and null
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

	// Decode and Encode are the emitted decoder and encoder of the schema's Go type, see [DecoderOf] and [EncoderOf];
	// nil if it has none.
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
	low, high := 0, len(s.Properties)
	for low < high {
		middle := (low + high) / 2
		switch p := &s.Properties[middle]; {
		case p.Name == name:
			return p.Schema
		case p.Name < name:
			low = middle + 1
		default:
			high = middle
		}
	}
	return nil
}

// sensitive reports whether the schema or one that it is composed of is sensitive, or its items, which some rules
// look at.
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
