package main

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

type progress int

const (
	untouched progress = iota
	underway
	finished
)

// refuseCycles refuses schemas that nothing could check or hold:
//   - a schema that is a part of itself through allOf, anyOf, oneOf or not, before a single member or item is reached;
//   - an object that requires a member of its own type, and so on without end.
func (p *preparer) refuseCycles() {
	for _, cycle := range p.cycles(partsOf) {
		p.broken = true
		p.refuse(cycle.pointer, "the schema is a part of itself through allOf, anyOf, oneOf or not; name the variants in the oneOf and let them refer to a base without it")
	}
	if p.broken {
		return
	}
	for _, cycle := range p.cycles(requiredOf) {
		p.refuse(cycle.pointer, "the schema requires a member that contains the schema again, so that no value is ever complete; make that member optional or nullable")
	}
}

// cycles finds the components from which the edges lead back to themselves, one for each cycle: the first by name.
func (p *preparer) cycles(edges func(*openapi3.Schema) openapi3.SchemaRefs) []*component {
	var found []*component
	state := map[*component]progress{}
	var visit func(c *component, path []*component)
	visit = func(c *component, path []*component) {
		state[c] = underway
		for _, ref := range edges(c.schema) {
			next := p.components[strings.TrimPrefix(ref.Ref, schemasPrefix)]
			switch {
			case next == nil:
			case state[next] == untouched:
				visit(next, append(path, c))
			case state[next] == underway:
				found = append(found, p.firstOf(append(path, c), next))
			}
		}
		state[c] = finished
	}
	for _, c := range p.sorted() {
		if state[c] == untouched {
			visit(c, nil)
		}
	}
	return found
}

// firstOf is the component of a cycle that stands first in the document; the cycle is the part of the path from start on.
func (p *preparer) firstOf(path []*component, start *component) *component {
	cycle := path[slices.Index(path, start):]
	first := cycle[0]
	for _, c := range cycle[1:] {
		if pointer, _ := p.inOrder(c.pointer, first.pointer); pointer == c.pointer {
			first = c
		}
	}
	return first
}

// partsOf lists the references that apply to the same value as the schema does.
func partsOf(s *openapi3.Schema) openapi3.SchemaRefs {
	var refs openapi3.SchemaRefs
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf, openapi3.SchemaRefs{s.Not}) {
		switch {
		case part == nil:
		case part.Ref != "":
			refs = append(refs, part)
		default:
			refs = append(refs, partsOf(part.Value)...)
		}
	}
	return refs
}

// requiredOf lists the references of members that every value of the schema has.
func requiredOf(s *openapi3.Schema) openapi3.SchemaRefs {
	var refs openapi3.SchemaRefs
	for name, property := range sortedMap(s.Properties) {
		if slices.Contains(s.Required, name) && property.Ref != "" && !property.Value.Nullable && len(property.Value.OneOf) == 0 {
			refs = append(refs, property)
		}
	}
	for _, part := range s.AllOf {
		if part.Ref != "" {
			refs = append(refs, part)
		} else {
			refs = append(refs, requiredOf(part.Value)...)
		}
	}
	return refs
}
