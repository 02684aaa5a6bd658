package overlap

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// objects yields objects with exactly the members that own requires.
func (s *search) objects(own, other []*schema.Schema, hints []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		required := s.requiredNames(own)
		for _, extra := range s.extras(own, other, required) {
			names := slices.Sorted(slices.Values(slices.Concat(required, extra)))
			if !s.spend(1) || !s.membersOf(names, own, other, hints, yield) {
				return
			}
		}
	}
}

// membersOf yields objects with the given members. It returns false when no more are wanted.
func (s *search) membersOf(names []string, own, other []*schema.Schema, hints []string, yield func(string) bool) bool {
	for _, name := range s.requiredNames(other) {
		if !slices.Contains(names, name) {
			return true
		}
	}
	values := make([][]string, len(names))
	for i, name := range names {
		minimal, ok1 := s.memberSchemas(own, name)
		also, ok2 := s.memberSchemas(other, name)
		if !ok1 || !ok2 {
			return true
		}
		if values[i] = s.values(goal{minimal, also, memberHints(hints, name), memberChoices}); len(values[i]) == 0 {
			return true
		}
	}
	for pick := range picks(values) {
		var b strings.Builder
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoted(name) + ":" + values[i][pick[i]])
		}
		if !s.spend(1) || !yield("{"+b.String()+"}") {
			return false
		}
	}
	return true
}

// absent reports whether a member may not be sent in the direction of the search.
func (s *search) absent(p *schema.Property) bool {
	return p != nil && (p.ReadOnly && s.dir == schema.InRequest || p.WriteOnly && s.dir == schema.InResponse)
}

// requiredNames returns the names that any of the schemas requires, sorted.
func (s *search) requiredNames(schemas []*schema.Schema) []string {
	var names []string
	for _, one := range schemas {
		for _, name := range one.Required {
			if !s.absent(one.Property(name)) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// memberSchemas returns the schemas for a member of objects that all given schemas accept; false if one of them does not allow the member.
func (s *search) memberSchemas(schemas []*schema.Schema, name string) (member []*schema.Schema, allowed bool) {
	for _, one := range schemas {
		p := one.Property(name)
		of := one.Additional
		switch {
		case s.absent(p):
			return nil, false
		case p != nil:
			of = p.Schema
		default:
			for _, pattern := range one.Patterns {
				if m, err := schema.Compile(pattern.Pattern); err == nil && m.MatchString(name) {
					of = pattern.Schema
					break
				}
			}
		}
		if of != nil && of.Never {
			return nil, false
		}
		if of != nil && !slices.Contains(member, of) {
			member = append(member, of)
		}
	}
	return member, true
}

// extras returns the sets of members that may join the required ones to satisfy minProperties: one empty set if nothing is missing.
func (s *search) extras(own, other []*schema.Schema, required []string) [][]string {
	missing := 0
	for _, one := range own {
		if one.MinProperties > maxMembers {
			return nil
		}
		missing = max(missing, one.MinProperties-len(required))
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
	demanded := s.requiredNames(other)
	for _, one := range own {
		for _, name := range demanded {
			if one.Property(name) != nil {
				offer(name)
			}
		}
	}
	both := slices.Concat(own, other)
	for _, one := range slices.Concat(both, s.beside(both)) {
		for i := range one.Properties {
			offer(one.Properties[i].Name)
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
func (s *search) arrays(own, other []*schema.Schema, hints []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		n := 0
		unique, tuple := false, 0
		for i, one := range slices.Concat(own, other) {
			if i < len(own) {
				n = max(n, one.MinItems)
			}
			unique = unique || one.UniqueItems
			tuple = max(tuple, len(one.PrefixItems))
		}
		switch {
		case n == 0:
			yield("[]")
		case n > maxItems:
		case tuple > 0:
			s.tuples(min(n, tuple+1), n, own, other, hints, yield)
		default:
			s.lists(n, unique, own, other, hints, yield)
		}
	}
}

// lists yields arrays of n items that all have the same schemas.
func (s *search) lists(n int, unique bool, own, other []*schema.Schema, hints []string, yield func(string) bool) {
	want := memberChoices
	if unique {
		want += n
	}
	items := s.values(goal{itemSchemas(own, 0), itemSchemas(other, 0), itemHints(hints), want})
	if unique {
		for ; len(items) >= n; items = items[1:] {
			if !yield(array(items[:n])) {
				return
			}
		}
		return
	}
	for _, item := range items {
		if !s.spend(n) || !yield(array(slices.Repeat([]string{item}, n))) {
			return
		}
	}
}

// tuples yields arrays of n items of which the first have schemas of their own.
func (s *search) tuples(different, n int, own, other []*schema.Schema, hints []string, yield func(string) bool) {
	values := make([][]string, n)
	for i := range n {
		if i >= different {
			values[i] = values[different-1]
			continue
		}
		values[i] = s.values(goal{itemSchemas(own, i), itemSchemas(other, i), itemHints(hints), memberChoices})
		if len(values[i]) == 0 {
			return
		}
	}
	for pick := range picks(values) {
		items := make([]string, n)
		for i := range items {
			items[i] = values[i][pick[i]]
		}
		if !s.spend(n) || !yield(array(items)) {
			return
		}
	}
}

func array(items []string) string { return "[" + strings.Join(items, ",") + "]" }

// itemSchemas returns the schemas for the item with an index.
func itemSchemas(schemas []*schema.Schema, i int) []*schema.Schema {
	var items []*schema.Schema
	for _, one := range schemas {
		of := one.Items
		if i < len(one.PrefixItems) {
			of = one.PrefixItems[i]
		}
		if of != nil {
			items = append(items, of)
		}
	}
	return items
}

func memberHints(hints []string, name string) []string {
	var list []string
	for _, h := range hints {
		if value, ok := members(h)[name]; ok {
			list = append(list, string(value))
		}
	}
	return list
}

func itemHints(hints []string) []string {
	var list []string
	for _, h := range hints {
		var items []json.RawMessage
		if strings.HasPrefix(h, "[") && json.Unmarshal([]byte(h), &items) == nil {
			for _, item := range items {
				list = append(list, string(item))
			}
		}
	}
	return list
}

// picks yields ways to choose one value from each list, as indexes: the first of each, then those that deviate least. The slice is reused.
func picks(lists [][]string) iter.Seq[[]int] {
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
