package overlap

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

const addTag = `a required member "type" that has a different enum value in each`

// advice says how to tell two schemas apart that both accept a payload.
func advice(a, b *openapi3.Schema, payload any) string {
	first, second := outline(a), outline(b)
	object, isObject := payload.(map[string]any)
	switch {
	case payload == nil:
		return `let at most one of the two be nullable`
	case isObject:
		return objectAdvice(first, second, object)
	case first.untyped() && second.untyped():
		return `say "type: object" in both, or whatever their types are`
	case first.untyped() || second.untyped():
		return `say "type: object", or whatever its type is, in the one that allows any type`
	case len(first.enum()) > 0 && len(second.enum()) > 0:
		text, _ := json.Marshal(payload)
		return fmt.Sprintf("take %s out of one of the two enums", text)
	default:
		return `put each into an object with ` + addTag
	}
}

func objectAdvice(a, b shape, payload map[string]any) string {
	if name := commonTag(a, b); name != "" {
		if !slices.Contains(requiredNames(a), name) || !slices.Contains(requiredNames(b), name) {
			return fmt.Sprintf("require the member %q in both, with a different enum value in each", name)
		}
		return fmt.Sprintf("give the member %q a different enum value in each", name)
	}
	for _, name := range sortedKeys(payload) {
		if a.admits(name) && b.member(name) != nil || b.admits(name) && a.member(name) != nil {
			return fmt.Sprintf("add %s, or set additionalProperties to false in the one that has no %q", addTag, name)
		}
	}
	return "add " + addTag
}

// commonTag returns the member that could hold the name of the variant in both: a string that is an enum in one of them,
// else one with a telling name. It is empty if there is none.
func commonTag(a, b shape) string {
	var enums, telling []string
	for _, name := range a.names() {
		one, two := a.member(name), b.member(name)
		switch {
		case !one.text() || !two.text():
		case len(one.enum()) > 0 || len(two.enum()) > 0:
			enums = append(enums, name)
		case name == "type" || name == "kind":
			telling = append(telling, name)
		}
	}
	if names := slices.Concat(enums, telling); len(names) > 0 {
		return names[0]
	}
	return ""
}

// A shape is what a schema says outright: the schemas that hold together on the first way through its unions.
type shape []*openapi3.Schema

func outline(schemas ...*openapi3.Schema) shape {
	if ways := newSearch().alternatives(schemas); len(ways) > 0 {
		return ways[0]
	}
	return nil
}

func (s shape) untyped() bool {
	return !slices.ContainsFunc(s, func(schema *openapi3.Schema) bool { return schema.Type != nil })
}

func (s shape) text() bool {
	return !s.untyped() && permit(s, openapi3.TypeString)
}

func (s shape) enum() []any {
	for _, schema := range s {
		if len(schema.Enum) > 0 {
			return schema.Enum
		}
	}
	return nil
}

func (s shape) names() []string {
	var names []string
	for _, schema := range s {
		names = append(names, sortedKeys(schema.Properties)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// admits reports whether a member is allowed for no better reason than that nothing is said about it.
func (s shape) admits(name string) bool {
	mapping := func(schema *openapi3.Schema) bool { return schema.AdditionalProperties.Schema != nil }
	return s.member(name) == nil && !slices.Contains(requiredNames(s), name) && !slices.ContainsFunc(s, mapping)
}

// member returns the shape of a declared member, nil if there is none.
func (s shape) member(name string) shape {
	var member []*openapi3.Schema
	for _, schema := range s {
		if ref := schema.Properties[name]; ref != nil && ref.Value != nil {
			member = append(member, ref.Value)
		}
	}
	return outline(member...)
}
