package main

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// What a document may say, but the generated code would not do, is refused here, so that nothing is passed over in silence.

// formatsWithType are those of strings for which oapi-codegen has a Go type that is no string.
var formatsWithType = []string{"binary", "byte", "date", "date-time", "duration", "email", "json", "uuid"}

// checkKeywords refuses what means nothing in a schema.
func (p *preparer) checkKeywords(s *openapi3.Schema, pointer string) {
	for keyword, parts := range map[string]openapi3.SchemaRefs{"allOf": s.AllOf, "anyOf": s.AnyOf, "oneOf": s.OneOf} {
		if parts != nil && len(parts) == 0 {
			p.refuse(pointer+"/"+keyword, "the list of %s is empty; list schemas, or remove it", keyword)
		}
	}
	if s.MultipleOf != nil && *s.MultipleOf <= 0 {
		p.refuse(pointer+"/multipleOf", "every number would break this; write a number above 0")
	}
	if s.Type.Is("string") && len(s.Enum) > 0 && slices.Contains(formatsWithType, s.Format) {
		p.refuse(pointer+"/enum", "the Go type of the format %s has no constants; remove the format, as these values say all", s.Format)
	}
	switch {
	case s.Discriminator == nil || len(s.OneOf) > 0:
	case len(s.AnyOf) > 0:
		p.refuse(pointer+"/discriminator", "a discriminator beside anyOf selects nothing here; make it a oneOf, or remove the discriminator")
	default:
		p.refuse(pointer+"/discriminator", "a discriminator without oneOf selects nothing here; list the variants in a oneOf")
	}
}

// checkParameter refuses parameters that nobody can read.
func (p *preparer) checkParameter(parameter *openapi3.Parameter, pointer string) {
	for mediaType := range sortedMap(parameter.Content) {
		if !jsonMediaType.MatchString(mediaType) {
			p.refuse(pointer+"/content/"+escape(mediaType), "the content of a parameter can be JSON only; write application/json, or a schema instead of content")
		}
	}
	if parameter.Schema == nil {
		return
	}
	s, here := parameter.Schema.Value, pointer+"/schema"
	if len(s.AnyOf) > 0 {
		p.refuse(here+"/anyOf", "a parameter cannot have anyOf, as its text does not say what it is; use one type, or content with application/json")
	}
	if s.Items != nil && isStructured(s.Items.Value) {
		p.refuse(here+"/items", "the items of a parameter are text, and can be neither arrays nor objects; use content with application/json")
	}
	if has := s.AdditionalProperties.Has; s.AdditionalProperties.Schema != nil || has != nil && *has {
		p.refuse(here+"/additionalProperties", "a parameter can have the members only that it declares; declare them, or use content with application/json")
	}
	// oapi-codegen's run-time reads members of other types in these styles only.
	inQuery := parameter.In == openapi3.ParameterInQuery && (parameter.Style == "deepObject" || parameter.Explode == nil || *parameter.Explode)
	for name, property := range sortedMap(s.Properties) {
		at := here + "/properties/" + escape(name)
		switch {
		case isStructured(property.Value) && parameter.Style != "deepObject":
			p.refuse(at, "the members of a parameter are text, and can be neither arrays nor objects; use content with application/json")
		case !inQuery && !property.Value.Type.Is("string"):
			p.refuse(at, "here the members of a parameter can be strings only; use a query parameter of the style form or deepObject with explode, or content with application/json")
		}
	}
}

func isStructured(s *openapi3.Schema) bool {
	return s.Type.Is("array") || s.Type.Is("object") || len(s.Properties) > 0
}

// checkContent refuses bodies that would be passed through although something is said of them, and such as may be null.
func (p *preparer) checkContent(mediaType string, media *openapi3.MediaType, pointer string) {
	s := media.Schema.Value
	if jsonMediaType.MatchString(mediaType) {
		if s.Nullable && s.Type != nil && len(s.OneOf) == 0 {
			p.refuse(pointer+"/schema/nullable", "a body that may be null has no Go type; use a oneOf, or make it a member of an object")
		}
		return
	}
	if unchecked, _ := media.Extensions["x-unchecked"].(bool); !unchecked && saysSomething(s) {
		p.refuse(pointer+"/schema", "only JSON is checked, so a body of the type %s is passed through whatever this schema says; "+
			"write x-unchecked: true beside the schema if that is meant, or type: string alone", mediaType)
	}
}

// saysSomething tells whether a schema is more than any text or bytes.
func saysSomething(s *openapi3.Schema) bool {
	return s.Type != nil && !s.Type.Is("string") || len(s.AllOf)+len(s.OneOf) > 0 || s.Nullable ||
		constrains(s) && !slices.Contains([]string{"binary", "byte"}, s.Format)
}

// checkServers refuses servers of their own: the generated client has one for all operations, and the server one path.
func (p *preparer) checkServers(has bool, pointer string) {
	if has {
		p.refuse(pointer+"/servers", "servers of a path or of an operation are not supported; describe it in a document of its own")
	}
}
