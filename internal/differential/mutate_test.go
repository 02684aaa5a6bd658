package differential

import (
	"slices"
	"strings"
)

// mutate changes one thing somewhere in a value.
func (g *generator) mutate(root *value) {
	var places []*value
	root.walk(func(v *value) { places = append(places, v) })
	v := pick(g, places)
	if g.chance(15) {
		*v = *pick(g, []*value{null(), g.wild(2)})
		return
	}
	switch v.kind {
	case '{':
		g.mutateObject(v)
	case '[':
		g.mutateArray(v)
	case '"':
		g.mutateString(v)
	case '0':
		g.mutateNumber(v)
	default:
		*v = *g.wild(2)
	}
}

func (g *generator) mutateObject(v *value) {
	// Adding is possible to any object, the rest needs a member.
	what := g.IntN(8)
	if len(v.members) == 0 {
		what %= 3
	}
	i := g.IntN(max(1, len(v.members)))
	switch what {
	case 0: // a member of some schema
		v.set(pick(g, g.words.names), g.wild(2))
	case 1: // the members of another schema: of another variant, perhaps
		other := g.valid(pick(g, g.words.objects), deep)
		for _, m := range other.members {
			if v.get(m.name) == nil || g.chance(30) {
				v.set(m.name, m.value)
			}
		}
	case 2: // a discriminator, perhaps
		v.set(pick(g, g.words.names), str(pick(g, g.words.texts)))
	case 3:
		v.members = slices.Delete(v.members, i, i+1)
	case 4: // a name that differs in case only, at any place
		twin := member{swapCase(v.members[i].name), v.members[i].value}
		if g.chance(50) {
			twin.value = g.wild(2)
		}
		v.members = slices.Insert(v.members, g.IntN(len(v.members)+1), twin)
	case 5:
		v.members[i].name = swapCase(v.members[i].name)
	case 6:
		v.members[i].name = pick(g, g.words.names)
	case 7: // a duplicate, equal or not
		twin := v.members[i]
		twin.value = twin.value.clone()
		if g.chance(50) {
			twin.value = g.wild(2)
		}
		v.members = slices.Insert(v.members, g.IntN(len(v.members)+1), twin)
	}
}

func (g *generator) mutateArray(v *value) {
	if len(v.items) == 0 || g.chance(20) {
		v.items = append(v.items, g.wild(2))
		return
	}
	i := g.IntN(len(v.items))
	switch g.IntN(3) {
	case 0:
		v.items = slices.Delete(v.items, i, i+1)
	case 1:
		v.items = append(v.items, g.respelled(v.items[i].clone()))
	case 2: // more than any limit of the documents
		for range 4 {
			v.items = append(v.items, v.items[i].clone())
		}
	}
}

func (g *generator) mutateString(v *value) {
	switch g.IntN(5) {
	case 0:
		v.text = ""
	case 1:
		v.text = strings.Repeat(v.text+"x", 1+g.IntN(10))
	case 2:
		v.text = swapCase(v.text)
	case 3:
		v.text = pick(g, g.words.texts)
	case 4:
		v.text = g.text()
	}
}

func (g *generator) mutateNumber(v *value) {
	switch g.IntN(5) {
	case 0:
		v.text = g.respelled(number(v.text)).text
	case 1:
		v.text = strings.TrimPrefix(v.text, "-")
	case 2:
		if !strings.HasPrefix(v.text, "-") {
			v.text = "-" + v.text
		}
	default:
		v.text = pick(g, oddNumbers)
	}
}
