package upstream

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A schema is a node together with what it demands through references and allOf: all of its parts hold at once.
type schema []*node

// schema gathers the parts of some nodes.
func (d *document) schema(nodes ...*node) schema {
	var s schema
	for _, n := range nodes {
		s = d.gather(s, n)
	}
	return s
}

func (d *document) gather(s schema, n *node) schema {
	n = d.resolve(n)
	if slices.Contains(s, n) {
		return s
	}
	s = append(s, n)
	for _, part := range n.get("allOf").all() {
		s = d.gather(s, part)
	}
	return s
}

// key tells schemas apart.
func (s schema) key() string {
	var pointers []string
	for _, part := range s {
		pointers = append(pointers, part.pointer)
	}
	return strings.Join(pointers, " ")
}

// has are the values that the parts give a keyword.
func (s schema) has(keyword string) []*node {
	var values []*node
	for _, part := range s {
		if value := part.get(keyword); value != nil {
			values = append(values, value)
		}
	}
	return values
}

// first is the first of these values, or nil.
func (s schema) first(keyword string) *node {
	if values := s.has(keyword); len(values) > 0 {
		return values[0]
	}
	return nil
}

// at is the place of a keyword, or where it would stand.
func (s schema) at(keyword string) string {
	if value := s.first(keyword); value != nil {
		return value.pointer
	}
	return s[0].pointer + "/" + escape(keyword)
}

// place is the node of a keyword, or the schema where it has none.
func (s schema) place(keyword string) *node { return cmp.Or(s.first(keyword), s[0]) }

// list are the items of a keyword, of all parts.
func (s schema) list(keyword string) []*node {
	var items []*node
	for _, value := range s.has(keyword) {
		items = append(items, value.all()...)
	}
	return items
}

// usual is what it means if a keyword is absent.
var usual = map[string]string{
	"allowEmptyValue": "false", "allowReserved": "false", "deprecated": "false", "exclusiveMaximum": "false",
	"exclusiveMinimum": "false", "minItems": "0", "minLength": "0", "minProperties": "0", "nullable": "false",
	"readOnly": "false", "required": "false", "uniqueItems": "false", "writeOnly": "false",
}

// usualOfParameter adds to that what depends on where a parameter stands.
var usualOfParameter = map[string]map[string]string{
	"query":  with(usual, map[string]string{"style": "form", "explode": "true"}),
	"cookie": with(usual, map[string]string{"style": "form", "explode": "true"}),
	"path":   with(usual, map[string]string{"style": "simple", "explode": "false"}),
	"header": with(usual, map[string]string{"style": "simple", "explode": "false"}),
}

func with(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

// say spells what the parts give a keyword.
func (s schema) say(keyword string, usual map[string]string) string {
	var texts []string
	for _, value := range s.has(keyword) {
		text := cmp.Or(value.canonical(), `""`)
		if text != usual[keyword] && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return cmp.Or(strings.Join(texts, " and "), nothing)
}

// prose are keywords that have no effect on validation. Extensions, whose names begin with x-, promise nothing either.
var prose = []string{"title", "description", "summary", "example", "examples", "externalDocs"}

// keywords compares what two objects say, whatever it is, except for prose and for keywords that need more than a look.
func (c *comparison) keywords(theirs, ours schema, usual map[string]string, except ...string) {
	names := map[string]bool{}
	for _, part := range slices.Concat(theirs, ours) {
		for _, name := range part.keys() {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if slices.Contains(prose, name) || slices.Contains(except, name) || strings.HasPrefix(name, "x-") {
			continue
		}
		if they, we := theirs.say(name, usual), ours.say(name, usual); they != we {
			c.differ(ours.at(name), theirs.place(name), they, we)
		}
	}
}

// schemas compares two schemas at one position, each the nodes that the document has there. If there is only one, from and at are
// where the other would stand.
func (c *comparison) schemas(theirNodes, ourNodes []*node, from *node, at string) {
	theirs, ours := c.theirs.schema(theirNodes...), c.ours.schema(ourNodes...)
	switch {
	case len(theirs) == 0 && len(ours) == 0:
		return
	case len(ours) == 0:
		c.differ(at, theirs[0], "a schema"+c.theirs.summary(theirNodes...), nothing)
		return
	case len(theirs) == 0:
		c.differ(ours[0].pointer, from, nothing, "a schema"+c.ours.summary(ourNodes...))
		return
	}
	// What they say here only, and not in a schema that is shared, is not said about a schema that we share. So it is noted here:
	// the place of a keyword that a schema lacks is in its first part.
	if len(theirNodes) == 1 && len(ourNodes) == 1 && theirs[0] == theirNodes[0] && ours[0] != ourNodes[0] {
		ours = slices.Insert(ours, 0, &node{pointer: ourNodes[0].pointer})
	}
	pair := [2]string{theirs.key(), ours.key()}
	if c.seen[pair] {
		return
	}
	c.seen[pair] = true
	for _, part := range theirs {
		if ref := part.get("$ref"); ref != nil {
			c.differ(ours[0].pointer, part, "a reference that leads nowhere, "+ref.text(), "a schema"+c.ours.summary(ourNodes...))
			return
		}
	}
	c.keywords(theirs, ours, usual, "allOf", "oneOf", "anyOf", "discriminator", "enum", "required", "properties", "items", "additionalProperties")
	c.enum(theirs, ours)
	c.properties(theirs, ours)
	c.schemas(theirs.has("items"), ours.has("items"), theirs[0], ours.at("items"))
	c.additional(theirs, ours)
	c.union("oneOf", theirs, ours)
	c.union("anyOf", theirs, ours)
}

// summary says in a few words what a schema is, behind a comma.
func (d *document) summary(nodes ...*node) string {
	s := d.schema(nodes...)
	var text string
	for _, keyword := range []string{"type", "format"} {
		if value := s.first(keyword); value != nil {
			text += ", " + value.canonical()
		}
	}
	if values := s.first("enum").texts(); values != nil {
		text += " of " + strings.Join(values, ", ")
	}
	return text
}

func (c *comparison) enum(theirs, ours schema) {
	they, we := theirs.first("enum"), ours.first("enum")
	switch at := ours.at("enum"); {
	case they == nil && we == nil:
	case they == nil:
		c.differ(at, theirs[0], "any value", strings.Join(we.texts(), ", "))
	case we == nil:
		c.differ(at, they, strings.Join(they.texts(), ", "), "any value")
	default:
		c.set(they, at, they.texts(), we.texts())
	}
}

// properties compares the members of objects, and which of them are required.
func (c *comparison) properties(theirs, ours schema) {
	their, theirOrder := theirs.members()
	our, ourOrder := ours.members()
	for _, name := range ourOrder {
		at := our[name][0].pointer
		if their[name] == nil {
			c.differ(at, theirs[0], nothing, "the property "+name)
			continue
		}
		c.schemas(their[name], our[name], theirs[0], at)
	}
	theyRequire, weRequire := theirs.required(), ours.required()
	for _, name := range theirOrder {
		if our[name] == nil {
			text := "the property " + name + c.theirs.summary(their[name]...)
			if slices.Contains(theyRequire, name) {
				text += ", required"
			}
			c.differ(ours.at("properties")+"/"+escape(name), their[name][0], text, nothing)
		}
	}
	for _, name := range slices.Concat(theyRequire, weRequire) {
		they, we := presence(theyRequire, name), presence(weRequire, name)
		// A property that only one of them has is a difference already.
		if they != we && (their[name] == nil) == (our[name] == nil) {
			c.differ(ours.at("required")+"/"+escape(name), theirs.place("required"), they, we)
		}
	}
}

func presence(required []string, name string) string {
	if slices.Contains(required, name) {
		return "required"
	}
	return "optional"
}

// members are the properties of all parts, by name. Several parts may say something about one.
func (s schema) members() (members map[string][]*node, order []string) {
	members = map[string][]*node{}
	for _, properties := range s.has("properties") {
		for _, name := range properties.keys() {
			if members[name] == nil {
				order = append(order, name)
			}
			members[name] = append(members[name], properties.get(name))
		}
	}
	return members, order
}

func (s schema) required() []string {
	var names []string
	for _, name := range s.list("required") {
		names = append(names, name.text())
	}
	return names
}

// additional compares what objects allow beyond their properties.
func (c *comparison) additional(theirs, ours schema) {
	they, we := theirs.openness(), ours.openness()
	if they != we {
		c.differ(ours.at("additionalProperties"), theirs.place("additionalProperties"), they, we)
		return
	}
	if they == "a schema" {
		c.schemas(theirs.has("additionalProperties"), ours.has("additionalProperties"), theirs[0], ours[0].pointer)
	}
}

func (s schema) openness() string {
	switch value := s.first("additionalProperties"); {
	case value == nil, value.text() == "true":
		return "open"
	case value.text() == "false":
		return "closed"
	default:
		return "a schema"
	}
}
