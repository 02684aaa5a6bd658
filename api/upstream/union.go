package upstream

import (
	"cmp"
	"slices"
	"strings"
)

// A variant is one of the schemas of a union.
type variant struct {
	schema
	node   *node    // in the list of the union
	mapped []string // the values that the discriminator's mapping has for it
	values []string // those, or else the ones that its own property has
}

// union compares the variants of two unions. Their names mean nothing. A variant is known by the values of its
// discriminator, else by the members it requires, else by its place in the list.
func (c *comparison) union(keyword string, theirs, ours schema) {
	they, we := c.theirs.variants(theirs, keyword), c.ours.variants(ours, keyword)
	if len(they) == 0 && len(we) == 0 {
		return
	}
	at := ours.at(keyword)
	c.discriminator(theirs, ours)
	partners := match(they, we)
	for i, our := range we {
		if partners[i] < 0 {
			c.differ(our.schema[0].pointer, theirs.place(keyword), nothing, "the variant "+our.String())
			continue
		}
		their := they[partners[i]]
		if theirs.mapping() != nil && ours.mapping() != nil {
			c.set(theirs.mapping(), ours.mapping().pointer, their.mapped, our.mapped)
		}
		c.schemas([]*node{their.node}, []*node{our.node}, theirs[0], at)
	}
	for i, their := range they {
		if !slices.Contains(partners, i) {
			c.differ(at+"/"+escape(their.name()), their.schema[0], "the variant "+their.String(), nothing)
		}
	}
}

// discriminator compares how the variants of two unions are told apart.
func (c *comparison) discriminator(theirs, ours schema) {
	they, we := theirs.first("discriminator"), ours.first("discriminator")
	if they == nil && we == nil {
		return
	}
	at := ours.at("discriminator")
	theySay, weSay := cmp.Or(they.get("propertyName").text(), nothing), cmp.Or(we.get("propertyName").text(), nothing)
	if theySay != weSay {
		c.differ(at+"/propertyName", theirs.place("discriminator"), theySay, weSay)
		return
	}
	if (theirs.mapping() == nil) != (ours.mapping() == nil) {
		theySay = cmp.Or(strings.Join(theirs.mapping().keys(), ", "), nothing)
		weSay = cmp.Or(strings.Join(ours.mapping().keys(), ", "), nothing)
		c.differ(at+"/mapping", they, theySay, weSay)
	}
}

func (s schema) mapping() *node { return s.first("discriminator").get("mapping") }

func (d *document) variants(s schema, keyword string) []variant {
	property := s.first("discriminator").get("propertyName").text()
	var all []variant
	for _, n := range s.list(keyword) {
		v := variant{schema: d.schema(n), node: n}
		for _, value := range s.mapping().keys() {
			if d.mapped(s.mapping().get(value).text()) == d.resolve(n) {
				v.mapped = append(v.mapped, value)
			}
		}
		v.values = v.mapped
		if members, _ := v.members(); len(v.values) == 0 && members[property] != nil {
			v.values = d.schema(members[property]...).first("enum").texts()
		}
		all = append(all, v)
	}
	return all
}

// mapped is the schema that an entry of a mapping leads to. The entry is a reference, or the name of a component.
func (d *document) mapped(entry string) *node {
	if !strings.HasPrefix(entry, "#/") {
		return d.resolve(d.find("/components/schemas/" + escape(entry)))
	}
	pointer, _ := target(&node{members: map[string]*node{"$ref": {scalar: entry}}})
	return d.resolve(d.find(pointer))
}

// name is what a variant is called in a report: what tells it apart.
func (v variant) name() string {
	return cmp.Or(strings.Join(v.values, ", "), strings.Join(v.sortedRequired(), ", "), "without a name")
}

func (v variant) String() string {
	if required := strings.Join(v.sortedRequired(), ", "); required != "" && required != v.name() {
		return v.name() + ", which requires " + required
	}
	return v.name()
}

func (v variant) sortedRequired() []string { return slices.Sorted(slices.Values(v.required())) }

// match finds for each of our variants the index of theirs, or -1.
func match(theirs, ours []variant) []int {
	partners := slices.Repeat([]int{-1}, len(ours))
	pair := func(fits func(i, j int) bool) {
		for i := range ours {
			for j := range theirs {
				if partners[i] < 0 && !slices.Contains(partners, j) && fits(i, j) {
					partners[i] = j
				}
			}
		}
	}
	pair(func(i, j int) bool {
		return slices.ContainsFunc(ours[i].values, func(v string) bool { return slices.Contains(theirs[j].values, v) })
	})
	// Values that differ on both sides are two variants, however alike the rest may be.
	told := func(i, j int) bool { return len(ours[i].values) > 0 && len(theirs[j].values) > 0 }
	pair(func(i, j int) bool {
		required := ours[i].sortedRequired()
		return !told(i, j) && len(required) > 0 && slices.Equal(required, theirs[j].sortedRequired())
	})
	pair(func(i, j int) bool { return !told(i, j) && i == j })
	return partners
}
