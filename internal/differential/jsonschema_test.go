package differential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// A second judge: the schemas of a document, said in JSON Schema (draft 4, which OpenAPI 3.0 is made of), and a validator for that,
// which knows nothing of OpenAPI. It computes with exact numbers, as we do.

// converted is a schema of OpenAPI 3.0 in draft 4. A nullable schema becomes a choice, and a discriminator a condition of each
// variant, so that at most one of them fits.
func converted(ref *openapi3.SchemaRef) map[string]any {
	if ref.Ref != "" {
		return map[string]any{"$ref": definition(ref.Ref)}
	}
	return convertedSchema(ref.Value)
}

func definition(ref string) string { return "#/definitions/" + impliedValue(ref) }

func convertedSchema(s *openapi3.Schema) map[string]any {
	to := map[string]any{}
	if s.Type != nil {
		to["type"] = s.Type.Slice()[0]
	}
	if len(s.Enum) > 0 {
		to["enum"] = s.Enum
	}
	for name, value := range map[string]any{"minimum": s.Min, "maximum": s.Max, "multipleOf": s.MultipleOf, "maxLength": s.MaxLength, "maxItems": s.MaxItems, "maxProperties": s.MaxProps} {
		switch value := value.(type) {
		case *float64:
			if value != nil {
				to[name] = *value
			}
		case *uint64:
			if value != nil {
				to[name] = *value
			}
		}
	}
	for name, value := range map[string]uint64{"minLength": s.MinLength, "minItems": s.MinItems, "minProperties": s.MinProps} {
		if value > 0 {
			to[name] = value
		}
	}
	for name, value := range map[string]*bool{"exclusiveMinimum": s.ExclusiveMin.Bool, "exclusiveMaximum": s.ExclusiveMax.Bool} {
		if value != nil {
			to[name] = *value
		}
	}
	if s.Pattern != "" {
		to["pattern"] = s.Pattern
	}
	if s.Format != "" {
		to["format"] = s.Format
	}
	if s.UniqueItems {
		to["uniqueItems"] = true
	}
	if len(s.Required) > 0 {
		to["required"] = s.Required
	}
	if s.Items != nil {
		to["items"] = converted(s.Items)
	}
	if len(s.Properties) > 0 {
		properties := map[string]any{}
		for name, property := range s.Properties {
			properties[name] = converted(property)
		}
		to["properties"] = properties
	}
	if s.AdditionalProperties.Has != nil {
		to["additionalProperties"] = *s.AdditionalProperties.Has
	}
	if s.AdditionalProperties.Schema != nil {
		to["additionalProperties"] = converted(s.AdditionalProperties.Schema)
	}
	if s.Not != nil {
		to["not"] = converted(s.Not)
	}
	for name, parts := range map[string]openapi3.SchemaRefs{"allOf": s.AllOf, "anyOf": s.AnyOf, "oneOf": s.OneOf} {
		var all []any
		for _, part := range parts {
			inner := converted(part)
			if name == "oneOf" && s.Discriminator != nil {
				inner = map[string]any{"allOf": []any{inner, selecting(s.Discriminator, part)}}
			}
			all = append(all, inner)
		}
		if all != nil {
			to[name] = all
		}
	}
	if s.Nullable {
		return map[string]any{"anyOf": []any{to, map[string]any{"type": "null"}}}
	}
	return to
}

// selecting is the condition under which a discriminator selects a variant. An inline variant has no name, but an enum.
func selecting(d *openapi3.Discriminator, variant *openapi3.SchemaRef) map[string]any {
	var values []any
	for value, mapping := range d.Mapping {
		if mapping.Ref == variant.Ref || impliedValue(mapping.Ref) == impliedValue(variant.Ref) && variant.Ref != "" {
			values = append(values, value)
		}
	}
	if values == nil {
		return map[string]any{}
	}
	return map[string]any{"properties": map[string]any{d.PropertyName: map[string]any{"enum": values}}}
}

// formats are those that we check, and those of integers.
func formats() []*jsonschema.Format {
	var all []*jsonschema.Format
	add := func(name string, check func(any) error) {
		all = append(all, &jsonschema.Format{Name: name, Validate: check})
	}
	for name := range formatSamples {
		add(name, func(v any) error {
			if s, ok := v.(string); ok {
				if !schema.ValidFormat(name, s) {
					return fmt.Errorf("no %s", name)
				}
			}
			return nil
		})
	}
	for name, bits := range map[string]uint{"int32": 32, "int64": 64} {
		add(name, func(v any) error {
			number, ok := v.(json.Number)
			if !ok {
				return nil
			}
			if n := exact(string(number)); n == nil || n.IsInt() && n.Num().BitLen() > int(bits)-1 && n.Num().String() != map[uint]string{32: "-2147483648", 64: "-9223372036854775808"}[bits] {
				return fmt.Errorf("no %s", name)
			}
			return nil
		})
	}
	return all
}

// judges compiles the schemas of a document.
func judges(t testing.TB, d *document) map[string]*jsonschema.Schema {
	definitions := map[string]any{}
	for _, target := range d.targets {
		definitions[target.name] = convertedSchema(target.explicit)
	}
	text, err := json.Marshal(map[string]any{"$schema": "http://json-schema.org/draft-04/schema#", "definitions": definitions})
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	for _, format := range formats() {
		c.RegisterFormat(format)
	}
	if err := c.AddResource("file:///document.json", document); err != nil {
		t.Fatal(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, target := range d.targets {
		s, err := c.Compile("file:///document.json#/definitions/" + url.PathEscape(target.name))
		if err != nil {
			t.Fatal(err)
		}
		compiled[target.name] = s
	}
	return compiled
}

// TestJSONSchema compares our verdicts with those of a validator for JSON Schema.
func TestJSONSchema(t *testing.T) {
	seed := seedOfRun()
	t.Logf("seed %d", seed)
	for _, d := range documents(t) {
		compiled := judges(t, d)
		for _, target := range d.targets {
			if target.dir != contract.Undirected { // which JSON Schema does not have
				continue
			}
			t.Run(d.name+"/"+target.name, func(t *testing.T) {
				t.Parallel()
				hash := fnv.New64()
				hash.Write([]byte(target.name))
				g := &generator{Rand: rand.New(rand.NewPCG(seed, hash.Sum64())), words: target.words}
				for range perUnion() / 5 {
					v, kind := g.next(target)
					if reason := contradiction(target, compiled[target.name], v); reason != "" {
						small := shrink(v, func(v *value) bool { return contradiction(target, compiled[target.name], v) != "" })
						t.Errorf("found (%s): %s\nshrunk to: %s\n%s", kind, v.compact(), small.compact(), contradiction(target, compiled[target.name], small))
						return
					}
				}
			})
		}
	}
}

// contradiction says how the verdicts on a value differ, unless one of the known differences is the reason.
func contradiction(t *target, compiled *jsonschema.Schema, v *value) string {
	theirs := func(v *value) error {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(v.compact()))
		if err != nil {
			return err
		}
		return compiled.Validate(instance)
	}
	ours, other := t.ourVerdict(v.compact()), theirs(v)
	if (ours == nil) == (other == nil) {
		return ""
	}
	together := v.clone()
	for _, d := range differences {
		if d.without != nil {
			d.without(together)
		} else if d.name == "depth" && d.explains(t, v.compact()) {
			return ""
		}
	}
	if (t.ourVerdict(together.compact()) == nil) == (theirs(together) == nil) {
		return ""
	}
	return fmt.Sprintf("we say:           %s\nJSON Schema says: %v", verdict(ours), other)
}
