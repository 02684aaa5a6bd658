package overlap

import (
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// The bounds of the search. None is near to what a document written by people needs.
const (
	// maxWork bounds one search. A unit is one schema visited by a value, one goal or one step of a pattern, a microsecond or two. An
	// ordinary pair needs a few hundred.
	maxWork = 200_000

	maxAlternatives = 256  // ways through the unions of one schema
	maxDepth        = 24   // levels of nested objects and arrays
	maxText         = 4096 // characters of a generated string
	maxItems        = 256  // items of a generated array
	maxMembers      = 256  // members that minProperties may add
	maxValue        = 1 << 16

	memberChoices = 8   // values tried for one member or item
	maxPicks      = 256 // ways tried to combine the values of the members, and the members themselves
)

// A search looks for minimal payloads of one schema that another one accepts, in one direction. Payloads are canonical JSON texts.
type search struct {
	work     int
	dir      schema.Direction
	examples func(*schema.Schema) []string
	ids      map[*schema.Schema]int
	memo     map[string][]string
	active   []string // goals that are being pursued, outermost first
	cut      int      // outermost active goal that had to be skipped because it was asked for within itself

	costs map[*schema.Schema]int
	tags  map[tag]*schema.Schema
}

func (f *Finder) newSearch(dir schema.Direction) *search {
	s := &search{
		work:     maxWork,
		dir:      dir,
		examples: f.Examples,
		ids:      map[*schema.Schema]int{},
		memo:     map[string][]string{},
		cut:      math.MaxInt,
		costs:    map[*schema.Schema]int{},
		tags:     map[tag]*schema.Schema{},
	}
	if f.Budget != 0 {
		s.work = min(maxWork, max(f.Budget, 0))
	}
	return s
}

// spent takes the work of a search from the budget. A budget that is used up is negative.
func (f *Finder) spent(s *search) {
	if f.Budget == 0 {
		return
	}
	started := min(maxWork, max(f.Budget, 0))
	if f.Budget -= started - max(s.work, 0); f.Budget <= 0 {
		f.Budget = -1
	}
}

// spend reports whether n more units of work may be done.
func (s *search) spend(n int) bool {
	s.work -= n
	return s.work >= 0
}

// A goal asks for values that are minimal payloads of the first list of schemas, taken together, and that the second list accepts, too.
type goal struct {
	minimal, also []*schema.Schema
	hints         []string // what the examples of enclosing schemas have at this place
	want          int      // how many values are enough
}

// values returns different values that reach the goal, the most readable first. All of them have been validated.
func (s *search) values(g goal) []string {
	if len(s.active) >= maxDepth || !s.spend(1) {
		return nil
	}
	key := s.key(g)
	if i := slices.Index(s.active, key); i >= 0 {
		// A value that contains a value for the same goal can be replaced by the inner one. So nothing is lost here, but the goals between
		// the two must not remember what they found without it.
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
	for _, list := range [][]*schema.Schema{g.minimal, g.also} {
		for _, one := range list {
			id, ok := s.ids[one]
			if !ok {
				id = len(s.ids)
				s.ids[one] = id
			}
			b = strconv.AppendInt(b, int64(id), 10)
			b = append(b, ',')
		}
		b = append(b, '/')
	}
	return string(b)
}

// A supply yields candidates of one JSON type from one pair of alternatives: values that are minimal and likely, but not certain, to be
// accepted.
type supply struct {
	own    option
	values iter.Seq[string]
}

// pursue takes values from each source in turn, so that a few of them show all there is to choose from: where the value of one member depends
// on that of another, eight strings would be less use than a string, a number and a null.
func (s *search) pursue(g goal) []string {
	var found [][]string
	seen := map[string]bool{}
	missing := g.want
	if g.want > 1 {
		missing *= 4
	}
	for src := range s.sources(g) {
		var some []string
		for v := range src.values {
			if !seen[v] && s.accepts(src.own, v) && s.accepts(g.also, v) {
				seen[v] = true
				some = append(some, v)
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
	var list []string
	for i := range g.want {
		for _, some := range found {
			if i < len(some) {
				list = append(list, some[i])
			}
		}
	}
	// A null is the last resort, but always among the choices.
	list = list[:min(len(list), g.want)]
	if (len(list) == 0 || g.want > 1) && !seen["null"] && s.accepts(g.minimal, "null") && s.accepts(g.also, "null") {
		list = append(list[:min(len(list), g.want-1)], "null")
	}
	return list
}

// accepts reports whether each of the schemas accepts a value. It also says no when finding out would cost more than what is left.
func (s *search) accepts(schemas []*schema.Schema, value string) bool {
	for _, one := range schemas {
		if len(value) > maxValue || !s.spend(s.cost(one)+len(value)/16) || one.Check([]byte(value), s.dir) != nil {
			return false
		}
	}
	return true
}

// cost estimates what validating a value costs: the schemas that see the value itself.
func (s *search) cost(one *schema.Schema) int {
	if cost, ok := s.costs[one]; ok {
		return cost
	}
	seen := map[*schema.Schema]bool{}
	cost := 1
	var visit func(part *schema.Schema)
	visit = func(part *schema.Schema) {
		if part == nil || seen[part] || len(seen) > 1000 {
			return
		}
		seen[part] = true
		cost += 1 + len(part.Enum)/64
		for _, list := range [][]*schema.Schema{part.AllOf, part.OneOf, part.AnyOf, {part.Not, part.If, part.Then, part.Else}} {
			for _, p := range list {
				visit(p)
			}
		}
	}
	visit(one)
	s.costs[one] = cost
	return cost
}

func (s *search) sources(g goal) iter.Seq[supply] {
	return func(yield func(supply) bool) {
		others := s.alternatives(g.also)
		for _, own := range s.alternatives(g.minimal) {
			for _, other := range others {
				for values := range s.branch(own, other, g.hints) {
					if !yield(supply{own, values}) {
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
func (s *search) branch(own, other option, hints []string) iter.Seq[iter.Seq[string]] {
	return func(yield func(iter.Seq[string]) bool) {
		for _, one := range own {
			if len(one.Enum) > 0 {
				yield(slices.Values(one.Enum))
				return
			}
		}
		all := slices.Concat(own, other)
		hints = slices.Clone(hints)
		for _, one := range other {
			hints = append(hints, one.Enum...)
		}
		if s.examples != nil {
			for _, one := range all {
				hints = append(hints, s.examples(one)...)
			}
		}
		for _, typ := range types(all, hints) {
			var values iter.Seq[string]
			switch typ {
			case schema.Object:
				values = s.objects(own, other, hints)
			case schema.Array:
				values = s.arrays(own, other, hints)
			case schema.String:
				values = s.strings(all, hints)
			case schema.Number:
				values = s.numbers(all, hints)
			case schema.Boolean:
				values = slices.Values(append(only(hints, schema.Boolean), "true", "false"))
			}
			if !yield(values) {
				return
			}
		}
	}
}

// typeOf is the type of a JSON text. An integer is a number here.
func typeOf(value string) schema.Types {
	switch value[0] {
	case '{':
		return schema.Object
	case '[':
		return schema.Array
	case '"':
		return schema.String
	case 't', 'f':
		return schema.Boolean
	case 'n':
		return schema.Null
	}
	return schema.Number
}

// only returns the values of a type.
func only(values []string, typ schema.Types) []string {
	var list []string
	for _, v := range values {
		if typeOf(v) == typ {
			list = append(list, v)
		}
	}
	return list
}

// types lists the JSON types that all schemas permit, the one that the schemas and examples are about first.
func types(all []*schema.Schema, hints []string) []schema.Types {
	var order []schema.Types
	for _, h := range hints {
		order = append(order, typeOf(h))
	}
	for _, one := range all {
		switch {
		case len(one.Required) > 0 || len(one.Properties) > 0 || one.MinProperties > 0:
			order = append(order, schema.Object)
		case one.Items != nil || len(one.PrefixItems) > 0 || one.MinItems > 0:
			order = append(order, schema.Array)
		case one.Minimum+one.Maximum+one.ExclusiveMinimum+one.ExclusiveMaximum+one.MultipleOf != "":
			order = append(order, schema.Number)
		}
	}
	order = append(order, schema.String, schema.Number, schema.Boolean, schema.Object, schema.Array)

	var list []schema.Types
	for _, typ := range order {
		if typ != schema.Null && !slices.Contains(list, typ) && permit(all, typ) {
			list = append(list, typ)
		}
	}
	return list
}

func permit(all []*schema.Schema, typ schema.Types) bool {
	if typ == schema.Number {
		typ |= schema.Integer
	}
	for _, one := range all {
		if one.Types != 0 && one.Types&typ == 0 || one.Never {
			return false
		}
	}
	return true
}

// members are the members of an object in a JSON text, nil for other values.
func members(value string) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	if !strings.HasPrefix(value, "{") || json.Unmarshal([]byte(value), &object) != nil {
		return nil
	}
	return object
}
