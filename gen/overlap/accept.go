package overlap

import (
	"errors"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/contract"
)

// accepts reports whether kin-openapi accepts a value under each of the schemas. It also says no when finding out would
// cost more than what is left of the budget.
func (s *search) accepts(schemas []*openapi3.Schema, value any) bool {
	for _, schema := range schemas {
		m := meter{search: s}
		if !m.visit(schema, value) || schema.VisitJSON(value, judge...) != nil {
			return false
		}
	}
	return true
}

// judge makes kin-openapi check formats as the generated code does. Its own registry is global and knows fewer of them.
var judge = func() []openapi3.SchemaValidationOption {
	strings := map[string]openapi3.StringFormatValidator{}
	for name := range stringFormats {
		strings[name] = openapi3.NewCallbackValidator(func(value string) error {
			if valid, _ := contract.ValidFormat(name, value); !valid {
				return errors.New("not a " + name)
			}
			return nil
		})
	}
	integers := map[string]openapi3.IntegerFormatValidator{}
	for name, bounds := range integerFormats {
		integers[name] = openapi3.NewRangeFormatValidator(bounds[0], bounds[1])
	}
	return []openapi3.SchemaValidationOption{
		openapi3.FailFast(),
		openapi3.WithStringFormatValidators(strings),
		openapi3.WithIntegerFormatValidators(integers),
	}
}()

// A meter pays for a validation before it takes place. It walks wherever [openapi3.Schema.VisitJSON] could go, which is
// not bounded by the size of the document: it visits a matching variant of an anyOf twice, and a schema that allOf
// reaches by two ways once for each.
type meter struct {
	*search
	path []*openapi3.Schema // schemas that lead to this one and see the same value
}

func (m meter) visit(schema *openapi3.Schema, value any) bool {
	if schema == nil || !m.canTest(schema) || !m.spend(1+len(m.path)/8+len(schema.Enum)/64) {
		return false
	}
	for _, s := range m.path {
		if s == schema {
			return true
		}
	}
	here := meter{m.search, append(m.path, schema)}
	for i, refs := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf, schema.AnyOf, {schema.Not}} {
		for _, ref := range refs {
			if i == 4 && ref == nil {
				continue
			}
			if !here.visit(ref.Value, value) {
				return false
			}
		}
	}
	switch value := value.(type) {
	case string:
		return m.spend(len(value) / 64)
	case []any:
		for _, item := range value {
			if !m.child(schema.Items, item) {
				return false
			}
		}
	case map[string]any:
		for name, item := range value {
			ref := schema.Properties[name]
			if ref == nil {
				ref = schema.AdditionalProperties.Schema
			}
			if !m.child(ref, item) {
				return false
			}
		}
	}
	return true
}

func (m meter) child(ref *openapi3.SchemaRef, value any) bool {
	if ref == nil {
		return m.spend(1)
	}
	return meter{search: m.search}.visit(ref.Value, value)
}

// canTest reports whether a schema is safe to validate with. VisitJSON asks each schema whether it is empty, and that
// question follows schemas without keywords of their own until the stack overflows if they form a cycle.
func (s *search) canTest(schema *openapi3.Schema) bool {
	if safe, ok := s.testable[schema]; ok {
		return safe
	}
	steps := 1000
	var safe func(schema *openapi3.Schema) bool
	safe = func(schema *openapi3.Schema) bool {
		if steps--; steps < 0 || !s.spend(1) {
			return false
		}
		own := *schema // without the schemas below it
		own.AllOf, own.AnyOf, own.OneOf, own.Not, own.Items, own.Properties = nil, nil, nil, nil, nil, nil
		own.AdditionalProperties.Schema = nil
		if own.If != nil || own.Then != nil || own.Else != nil || own.Contains != nil || own.PropertyNames != nil ||
			own.ContentSchema != nil || own.PrefixItems != nil || own.PatternProperties != nil || own.DependentSchemas != nil ||
			own.UnevaluatedItems.Schema != nil || own.UnevaluatedProperties.Schema != nil {
			return false // OpenAPI 3.1
		}
		if !own.IsEmpty() {
			return true
		}
		below := []*openapi3.SchemaRef{schema.Not, schema.Items, schema.AdditionalProperties.Schema}
		for _, refs := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
			below = append(below, refs...)
		}
		for _, ref := range schema.Properties {
			below = append(below, ref)
		}
		for _, ref := range below {
			if ref != nil && ref.Value != nil && !safe(ref.Value) {
				return false
			}
		}
		return true
	}
	s.testable[schema] = safe(schema)
	return s.testable[schema]
}
