package differential

import (
	"slices"
	"unicode/utf8"
)

// shrink makes v smaller for as long as it fails. It is greedy: the result has nothing that could be left out, or replaced
// by something simpler, on its own.
func shrink(v *value, fails func(*value) bool) *value {
	for again := true; again; {
		again = false
		for _, simpler := range simplifications(v) {
			if fails(simpler) {
				v, again = simpler, true
				break
			}
		}
	}
	return v
}

// simplifications are the values that are one step simpler than v, the largest steps first.
func simplifications(v *value) []*value {
	var all []*value
	with := func(change func(c *value)) {
		c := v.clone()
		change(c)
		all = append(all, c)
	}
	for _, m := range v.members {
		all = append(all, m.value)
	}
	all = append(all, v.items...)
	for i := range v.members {
		with(func(c *value) { c.members = slices.Delete(c.members, i, i+1) })
	}
	for i := range v.items {
		with(func(c *value) { c.items = slices.Delete(c.items, i, i+1) })
	}
	switch v.kind {
	case '"':
		if _, first := utf8.DecodeRuneInString(v.text); first < len(v.text) {
			_, last := utf8.DecodeLastRuneInString(v.text)
			all = append(all, str(""), str(v.text[first:]), str(v.text[:len(v.text)-last]))
		}
	case '0':
		for _, simple := range []string{"0", "1", "-1", "1.5"} {
			if simple == v.text {
				break
			}
			all = append(all, number(simple))
		}
	case '[', '{':
		if len(v.items)+len(v.members) == 0 {
			all = append(all, number("0"))
		}
	}
	for i, m := range v.members {
		for _, simpler := range simplifications(m.value) {
			with(func(c *value) { c.members[i].value = simpler })
		}
	}
	for i, item := range v.items {
		for _, simpler := range simplifications(item) {
			with(func(c *value) { c.items[i] = simpler })
		}
	}
	return all
}
