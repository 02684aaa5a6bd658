package overlap

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}

// objects yields objects with exactly the members that own requires.
func (s *search) objects(own, other []*openapi3.Schema, hints []any) iter.Seq[any] {
	return func(yield func(any) bool) {
		required := requiredNames(own)
		for _, extra := range s.extras(own, other, required) {
			names := slices.Sorted(slices.Values(slices.Concat(required, extra)))
			if !s.spend(1) || !s.membersOf(names, own, other, hints, yield) {
				return
			}
		}
	}
}

// membersOf yields objects with the given members. It returns false when no more are wanted.
func (s *search) membersOf(names []string, own, other []*openapi3.Schema, hints []any, yield func(any) bool) bool {
	for _, name := range requiredNames(other) {
		if !slices.Contains(names, name) {
			return true
		}
	}
	goals := make([]goal, len(names))
	for i, name := range names {
		minimal, ok1 := memberSchemas(own, name)
		also, ok2 := memberSchemas(other, name)
		if !ok1 || !ok2 {
			return true
		}
		goals[i] = goal{minimal, also, memberHints(hints, name), memberChoices}
	}
	values := make([][]any, len(names))
	for i := range goals {
		if values[i] = s.values(goals[i]); len(values[i]) == 0 {
			return true
		}
	}
	for pick := range picks(values) {
		object := make(map[string]any, len(names))
		for i, name := range names {
			object[name] = values[i][pick[i]]
		}
		if !s.spend(1) || !yield(object) {
			return false
		}
	}
	return true
}

// requiredNames returns the names that any of the schemas requires, sorted.
func requiredNames(schemas []*openapi3.Schema) []string {
	var names []string
	for _, schema := range schemas {
		names = append(names, schema.Required...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// memberSchemas returns the schemas for a member of objects that all given schemas accept; false if one of them does not
// allow the member.
func memberSchemas(schemas []*openapi3.Schema, name string) (member []*openapi3.Schema, allowed bool) {
	for _, schema := range schemas {
		ref := schema.Properties[name]
		if ref == nil {
			if has := schema.AdditionalProperties.Has; has != nil && !*has {
				return nil, false
			}
			ref = schema.AdditionalProperties.Schema
		}
		if ref != nil && ref.Value != nil && !slices.Contains(member, ref.Value) {
			member = append(member, ref.Value)
		}
	}
	return member, true
}

// extras returns the sets of members that may join the required ones to satisfy minProperties: one empty set if nothing
// is missing.
func (s *search) extras(own, other []*openapi3.Schema, required []string) [][]string {
	missing := 0
	for _, schema := range own {
		if schema.MinProps > maxMembers {
			return nil
		}
		missing = max(missing, int(schema.MinProps)-len(required))
	}
	if missing == 0 {
		return [][]string{nil}
	}
	// What both know comes first, then what one of them knows; an invented name is the last resort.
	var pool []string
	offer := func(name string) {
		if !slices.Contains(required, name) && !slices.Contains(pool, name) && s.spend(1) {
			pool = append(pool, name)
		}
	}
	demanded := requiredNames(other)
	for _, schema := range own {
		for _, name := range demanded {
			if schema.Properties[name] != nil {
				offer(name)
			}
		}
	}
	both := slices.Concat(own, other)
	for _, schema := range slices.Concat(both, s.beside(both)) {
		for _, name := range sortedKeys(schema.Properties) {
			offer(name)
		}
	}
	for _, name := range demanded {
		offer(name)
	}
	for i := range missing {
		offer("member" + strconv.Itoa(i+1))
	}
	var sets [][]string
	var choose func(from int, set []string)
	choose = func(from int, set []string) {
		if len(set) == missing {
			sets = append(sets, slices.Clone(set))
			return
		}
		for i := from; i < len(pool) && len(sets) < maxPicks && s.spend(1); i++ {
			choose(i+1, append(set, pool[i]))
		}
	}
	choose(0, nil)
	return sets
}

// arrays yields arrays with as many items as own demands.
func (s *search) arrays(own, other []*openapi3.Schema, hints []any) iter.Seq[any] {
	return func(yield func(any) bool) {
		var n uint64
		var unique bool
		var minimal, also []*openapi3.Schema
		for _, schema := range own {
			n = max(n, schema.MinItems)
			unique = unique || schema.UniqueItems
			minimal = append(minimal, itemSchema(schema)...)
		}
		for _, schema := range other {
			unique = unique || schema.UniqueItems
			also = append(also, itemSchema(schema)...)
		}
		if n == 0 {
			yield([]any{})
			return
		}
		if n > maxItems {
			return
		}
		want := memberChoices
		if unique {
			want += int(n)
		}
		items := s.values(goal{minimal, also, itemHints(hints), want})
		if unique {
			for ; len(items) >= int(n); items = items[1:] {
				if !yield(slices.Clone(items[:n])) {
					return
				}
			}
			return
		}
		for _, item := range items {
			if !s.spend(int(n)) || !yield(slices.Repeat([]any{item}, int(n))) {
				return
			}
		}
	}
}

func itemSchema(schema *openapi3.Schema) []*openapi3.Schema {
	if schema.Items == nil || schema.Items.Value == nil {
		return nil
	}
	return []*openapi3.Schema{schema.Items.Value}
}

func memberHints(hints []any, name string) []any {
	var list []any
	for _, h := range hints {
		if object, ok := h.(map[string]any); ok {
			list = append(list, given(object[name])...)
		}
	}
	return list
}

func itemHints(hints []any) []any {
	var list []any
	for _, h := range hints {
		if array, ok := h.([]any); ok {
			list = append(list, array...)
		}
	}
	return list
}

// picks yields ways to choose one value from each list, as indexes: the first of each, then those that deviate least.
// The slice is reused.
func picks(lists [][]any) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		furthest, left := 0, maxPicks
		for _, list := range lists {
			furthest += len(list) - 1
		}
		pick := make([]int, len(lists))
		var spread func(i, distance int) bool // shares out a distance among the lists from i on
		spread = func(i, distance int) bool {
			if i == len(lists) {
				if distance > 0 {
					return true
				}
				left--
				return yield(pick) && left > 0
			}
			for d := range min(distance, len(lists[i])-1) + 1 {
				pick[i] = d
				if !spread(i+1, distance-d) {
					return false
				}
			}
			pick[i] = 0
			return true
		}
		for distance := range furthest + 1 {
			if !spread(0, distance) {
				return
			}
		}
	}
}
