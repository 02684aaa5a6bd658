package main

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/contract"
)

// checkExamples looks at what a parameter, a header or a media type has as example and examples.
func (l *linter) checkExamples(schema *openapi3.SchemaRef, examples openapi3.Examples, pointer string, direction contract.Direction) {
	if schema == nil {
		return
	}
	l.checkExample(schema, pointer+"/example", direction)
	for name, example := range sortedMap(examples) {
		here := pointer + "/examples/" + escape(name)
		if target, ok := strings.CutPrefix(example.Ref, "#"); ok {
			here = unescapeFragment(target)
		}
		l.checkExample(schema, here+"/value", direction)
	}
}

// checkExample finds out whether the example at a place, if there is one, is valid in any of the directions. The judge is the
// run-time of the generated code, so an example is refused in the words that a caller who sends it would read.
func (l *linter) checkExample(schema *openapi3.SchemaRef, pointer string, directions ...contract.Direction) {
	example, ok := l.nodes[pointer]
	if !ok {
		return
	}
	text, err := json.Marshal(plain(example.value))
	if err != nil {
		return // kin-openapi has read it as JSON
	}
	judge := l.judges.of(schema)
	var invalid *contract.ValidationError
	for _, direction := range slices.Backward(directions) { // the first one's violations are reported
		if _, err := judge.Check(text, direction); !errors.As(err, &invalid) {
			return
		}
	}
	title := "its schema"
	if name, ok := strings.CutPrefix(schema.Ref, schemasPrefix); ok {
		title = name
	}
	for _, violation := range invalid.Violations {
		at := pointer + violation.Pointer
		violation.Pointer = ""
		l.report("invalid-example", at, "the example does not fit %s: %s; mend one of them", title, strings.TrimPrefix(violation.String(), "the value: "))
	}
}

// plain is a value of the document as encoding/json has it. OpenAPI knows no dates: they are strings.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return plain(n.Alias)
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = plain(item)
		}
		return list
	}
	var value any
	if tag := n.ShortTag(); tag == "!!str" || tag == "!!timestamp" || n.Decode(&value) != nil {
		return n.Value
	}
	return value
}

// judges are the schemas of the document as the run-time has them. What tabulate spells out in Go, they are.
type judges map[*openapi3.Schema]*contract.Schema

func (j judges) of(ref *openapi3.SchemaRef) *contract.Schema {
	if ref == nil {
		return nil
	}
	s := ref.Value
	if judge, ok := j[s]; ok {
		return judge
	}
	judge := &contract.Schema{}
	j[s] = judge // first, since a schema may refer to itself
	judge.Name = strings.TrimPrefix(ref.Ref, schemasPrefix)
	if s.Type != nil && len(*s.Type) > 0 {
		judge.Type = (*s.Type)[0]
	}
	judge.Nullable = s.Nullable
	judge.Enum = enumTexts(s)
	judge.ReadOnly, judge.WriteOnly = s.ReadOnly, s.WriteOnly
	judge.Format, judge.Pattern = s.Format, s.Pattern
	judge.MinLength = int(s.MinLength)
	judge.MaxLength, judge.HasMaxLength = most(s.MaxLength)
	judge.Minimum, judge.Maximum, judge.MultipleOf = decimal(s.Min), decimal(s.Max), decimal(s.MultipleOf)
	judge.ExclusiveMinimum = s.ExclusiveMin.Bool != nil && *s.ExclusiveMin.Bool
	judge.ExclusiveMaximum = s.ExclusiveMax.Bool != nil && *s.ExclusiveMax.Bool
	judge.Items = j.of(s.Items)
	judge.MinItems = int(s.MinItems)
	judge.MaxItems, judge.HasMaxItems = most(s.MaxItems)
	judge.UniqueItems = s.UniqueItems
	for name, property := range sortedMap(s.Properties) {
		judge.Properties = append(judge.Properties, contract.Property{Name: name, Schema: j.of(property)})
	}
	judge.Required = s.Required
	judge.Closed = s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has
	judge.AdditionalProperties = j.of(s.AdditionalProperties.Schema)
	judge.MinProperties = int(s.MinProps)
	judge.MaxProperties, judge.HasMaxProperties = most(s.MaxProps)
	judge.AllOf, judge.AnyOf, judge.OneOf = j.all(s.AllOf), j.all(s.AnyOf), j.all(s.OneOf)
	judge.Not = j.of(s.Not)
	if s.Discriminator != nil && len(s.OneOf) > 0 {
		judge.Discriminator = &contract.Discriminator{Property: s.Discriminator.PropertyName, Mapping: mappingOf(s)}
	}
	return judge
}

func (j judges) all(refs openapi3.SchemaRefs) []*contract.Schema {
	var judges []*contract.Schema
	for _, ref := range refs {
		judges = append(judges, j.of(ref))
	}
	return judges
}

// mappingOf is the mapping of a discriminator, also what the document leaves unsaid: see completeMapping.
func mappingOf(s *openapi3.Schema) []contract.Mapping {
	var mapping []contract.Mapping
	for i, variant := range s.OneOf {
		name := strings.TrimPrefix(variant.Ref, schemasPrefix)
		property, _ := member(variant.Value, s.Discriminator.PropertyName)
		var values []string
		if property != nil {
			values = stringsOf(property.Value.Enum)
		}
		switch {
		case len(s.Discriminator.Mapping) > 0:
			values = nil
			for value, target := range s.Discriminator.Mapping {
				if target.Ref == variant.Ref || target.Ref == name {
					values = append(values, value)
				}
			}
		case len(values) == 0:
			values = []string{name}
		}
		for _, value := range values {
			mapping = append(mapping, contract.Mapping{Value: value, Variant: i})
		}
	}
	slices.SortFunc(mapping, func(a, b contract.Mapping) int { return strings.Compare(a.Value, b.Value) })
	return mapping
}

// most is a limit that may be absent.
func most(limit *uint64) (int, bool) {
	if limit == nil {
		return 0, false
	}
	return int(*limit), true
}
