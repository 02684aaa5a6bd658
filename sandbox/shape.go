package sandbox

import (
	"slices"

	"github.com/interconnect-go/interconnect/contract"
)

// shapeOf returns the operation with the shapes of its parameters and its body instead of their schemas: what is left says which
// members and parameters there are and of which types, but not which values they have. What it answers stays as it is.
func shapeOf(op contract.Operation) contract.Operation {
	done := shapes{}
	op.Parameters = slices.Clone(op.Parameters)
	for i := range op.Parameters {
		op.Parameters[i].Schema = done.of(op.Parameters[i].Schema)
	}
	if op.Body != nil {
		body := *op.Body
		body.Content = slices.Clone(body.Content)
		for i := range body.Content {
			body.Content[i].Schema = done.of(body.Content[i].Schema)
		}
		op.Body = &body
	}
	return op
}

// shapes are those of schemas that have been seen, as schemas may refer to themselves.
type shapes map[*contract.Schema]*contract.Schema

// of leaves out the rules on values. The discriminator of a union is one: without it the variant that fits is chosen.
func (done shapes) of(s *contract.Schema) *contract.Schema {
	if s == nil || done[s] != nil {
		return done[s]
	}
	shape := &contract.Schema{
		Name:      s.Name,
		Types:     s.Types,
		Nullable:  s.Nullable,
		Never:     s.Never,
		Sensitive: s.Sensitive,
		Required:  s.Required,
	}
	done[s] = shape
	shape.Items = done.of(s.Items)
	shape.Additional = done.of(s.Additional)
	for _, p := range s.Properties {
		p.Schema = done.of(p.Schema)
		shape.Properties = append(shape.Properties, p)
	}
	shape.AllOf, shape.AnyOf, shape.OneOf = done.all(s.AllOf), done.all(s.AnyOf), done.all(s.OneOf)
	return shape
}

func (done shapes) all(schemas []*contract.Schema) []*contract.Schema {
	var all []*contract.Schema
	for _, s := range schemas {
		all = append(all, done.of(s))
	}
	return all
}
