package overlap

import (
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// The bounds of the search. None is near to what a document written by people needs.
const (
	// maxWork bounds one direction of the search. A unit is one schema visited by a value, one goal or one step of a
	// pattern, a microsecond or two. An ordinary pair needs a few hundred.
	maxWork = 200_000

	maxAlternatives = 256  // ways through the unions of one schema
	maxDepth        = 24   // levels of nested objects and arrays
	maxText         = 4096 // characters of a generated string
	maxItems        = 256  // items of a generated array
	maxMembers      = 256  // members that minProperties may add

	memberChoices = 8   // values tried for one member or item
	maxPicks      = 256 // ways tried to combine the values of the members, and the members themselves
)

// A search is one direction of the question: minimal payloads of one schema that another one accepts.
type search struct {
	work   int
	ids    map[*openapi3.Schema]int
	memo   map[string][]any
	active []string // goals that are being pursued, outermost first
	cut    int      // outermost active goal that had to be skipped because it was asked for within itself

	testable map[*openapi3.Schema]bool
	tags     map[tag]*openapi3.Schema
}

func newSearch() *search {
	return &search{
		work:     maxWork,
		ids:      map[*openapi3.Schema]int{},
		memo:     map[string][]any{},
		cut:      math.MaxInt,
		testable: map[*openapi3.Schema]bool{},
		tags:     map[tag]*openapi3.Schema{},
	}
}

// spend reports whether n more units of work may be done.
func (s *search) spend(n int) bool {
	s.work -= n
	return s.work >= 0
}

// A goal asks for values that are minimal payloads of the first list of schemas, taken together, and that the second
// list accepts, too.
type goal struct {
	minimal, also []*openapi3.Schema
	hints         []any // what the examples of enclosing schemas have at this place
	want          int   // how many values are enough
}

// values returns different values that reach the goal, the most readable first. All of them have been checked.
func (s *search) values(g goal) []any {
	if len(s.active) >= maxDepth || !s.spend(1) {
		return nil
	}
	key := s.key(g)
	if i := slices.Index(s.active, key); i >= 0 {
		// A value that contains a value for the same goal can be replaced by the inner one. So nothing is lost here,
		// but the goals between the two must not remember what they found without it.
		s.cut = min(s.cut, i)
		return nil
	}
	memoKey := key + "#" + strconv.Itoa(g.want)
	if found, ok := s.memo[memoKey]; ok && len(g.hints) == 0 {
		return found
	}

	outer, depth := s.cut, len(s.active)
	s.cut = math.MaxInt
	s.active = append(s.active, key)
	found := s.pursue(g)
	s.active = s.active[:depth]
	if s.cut >= depth {
		s.cut = math.MaxInt
		if len(g.hints) == 0 {
			s.memo[memoKey] = found
		}
	}
	s.cut = min(s.cut, outer)
	return found
}

// key names a goal without its hints.
func (s *search) key(g goal) string {
	var b []byte
	for _, list := range [][]*openapi3.Schema{g.minimal, g.also} {
		for _, schema := range list {
			id, ok := s.ids[schema]
			if !ok {
				id = len(s.ids)
				s.ids[schema] = id
			}
			b = strconv.AppendInt(b, int64(id), 10)
			b = append(b, ',')
		}
		b = append(b, '/')
	}
	return string(b)
}

// A source yields candidates of one JSON type from one pair of alternatives: values that are minimal and likely, but not
// certain, to be accepted.
type source struct {
	own    option
	values iter.Seq[any]
}

// pursue takes values from each source in turn, so that a few of them show all there is to choose from: where the value
// of one member depends on that of another, eight strings would be less use than a string, a number and a null.
func (s *search) pursue(g goal) []any {
	var found [][]any
	seen := map[string]bool{}
	missing := g.want
	if g.want > 1 {
		missing *= 4
	}
	for src := range s.sources(g) {
		var some []any
		for v := range src.values {
			if s.accepts(src.own, v) && s.accepts(g.also, v) { // bounds the size of v, too
				if text, err := json.Marshal(v); err == nil && !seen[string(text)] {
					seen[string(text)] = true
					some = append(some, v)
				}
			}
			if len(some) >= min(g.want, missing) || s.work < 0 {
				break
			}
		}
		found = append(found, some)
		if missing -= len(some); missing <= 0 || s.work < 0 {
			break
		}
	}
	var list []any
	for i := range g.want {
		for _, some := range found {
			if i < len(some) {
				list = append(list, some[i])
			}
		}
	}
	// A null is the last resort, but always among the choices.
	list = list[:min(len(list), g.want)]
	if (len(list) == 0 || g.want > 1) && !seen["null"] && s.accepts(g.minimal, nil) && s.accepts(g.also, nil) {
		list = append(list[:min(len(list), g.want-1)], nil)
	}
	return list
}

func (s *search) sources(g goal) iter.Seq[source] {
	return func(yield func(source) bool) {
		others := s.alternatives(g.also)
		for _, own := range s.alternatives(g.minimal) {
			for _, other := range others {
				for values := range s.branch(own, other, g.hints) {
					if !yield(source{own, values}) {
						return
					}
				}
				if !s.spend(1) {
					return
				}
			}
		}
	}
}

// branch yields the sources of one pair of alternatives.
func (s *search) branch(own, other option, hints []any) iter.Seq[iter.Seq[any]] {
	return func(yield func(iter.Seq[any]) bool) {
		for _, schema := range own {
			if len(schema.Enum) > 0 {
				yield(slices.Values(schema.Enum))
				return
			}
		}
		all := slices.Concat(own, other)
		hints = slices.Clone(hints)
		for _, schema := range other {
			hints = append(hints, schema.Enum...)
		}
		for _, schema := range all {
			hints = append(hints, given(schema.Example)...)
		}
		for _, schema := range all {
			hints = append(hints, given(schema.Default)...)
		}
		for _, typ := range types(all, hints) {
			var values iter.Seq[any]
			switch typ {
			case openapi3.TypeObject:
				values = s.objects(own, other, hints)
			case openapi3.TypeArray:
				values = s.arrays(own, other, hints)
			case openapi3.TypeString:
				values = s.strings(all, hints)
			case openapi3.TypeNumber:
				values = s.numbers(all, hints)
			case openapi3.TypeBoolean:
				values = booleans(hints)
			}
			if !yield(values) {
				return
			}
		}
	}
}

func given(v any) []any {
	if v == nil {
		return nil
	}
	return []any{v}
}

// types lists the JSON types that all schemas permit, the one that the schemas and examples speak of first. An integer
// is a number here.
func types(all []*openapi3.Schema, hints []any) []string {
	var order []string
	for _, h := range hints {
		switch h.(type) {
		case map[string]any:
			order = append(order, openapi3.TypeObject)
		case []any:
			order = append(order, openapi3.TypeArray)
		case string:
			order = append(order, openapi3.TypeString)
		case bool:
			order = append(order, openapi3.TypeBoolean)
		case float64, json.Number, int, int64:
			order = append(order, openapi3.TypeNumber)
		}
	}
	for _, schema := range all {
		switch {
		case len(schema.Required) > 0 || len(schema.Properties) > 0 || schema.MinProps > 0:
			order = append(order, openapi3.TypeObject)
		case schema.Items != nil || schema.MinItems > 0:
			order = append(order, openapi3.TypeArray)
		case schema.Min != nil || schema.Max != nil || schema.MultipleOf != nil:
			order = append(order, openapi3.TypeNumber)
		}
	}
	order = append(order, openapi3.TypeString, openapi3.TypeNumber, openapi3.TypeBoolean,
		openapi3.TypeObject, openapi3.TypeArray)

	var list []string
	for _, typ := range order {
		if !slices.Contains(list, typ) && permit(all, typ) {
			list = append(list, typ)
		}
	}
	return list
}

func permit(all []*openapi3.Schema, typ string) bool {
	for _, schema := range all {
		if !schema.Type.Permits(typ) && !(typ == openapi3.TypeNumber && schema.Type.Permits(openapi3.TypeInteger)) {
			return false
		}
	}
	return true
}
