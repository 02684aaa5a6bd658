package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file turns the schema objects of a document into what the validators read. It shares nothing with the generator's own translation
// but the files that were read, so that a mistake of one is not a mistake of the other.

// An adjustment is a documented difference between the generator's reading of a schema and the plain one. A validator that is told of the
// difference must agree with the generated code.
type adjustment uint16

const (
	adjustFormat    adjustment = 1 << iota // formats mean what package schema says, and numbers have some too
	adjustDirection                        // read-only and write-only members are not required where no direction is known
	adjustSelection                        // the value of a discriminator selects the variant
	adjustObject                           // a schema that describes members, but has no type, is one of objects
	adjustKeywords                         // OpenAPI 3.0 has the keywords of later versions too, if a document uses them
	adjustContent                          // contentEncoding: base64 is checked, and a type for the bytes
	adjustNull                             // a schema without a type accepts null, which kin-openapi never does by itself; one with a type does not

	adjustments   = iota
	allAdjustment = 1<<adjustments - 1
)

// The reasons, by bit.
var adjustmentNames = [adjustments]string{
	"format", "direction", "discriminator", "properties without a type", "keywords of 3.1 in 3.0", "contentEncoding", "null by the type",
}

func (a adjustment) String() string {
	var names []string
	for i, name := range adjustmentNames {
		if a&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " + ")
}

// A dialect is what a schema is turned into.
type dialect uint8

const (
	jsonSchema dialect = iota // JSON Schema 2020-12
	openAPI                   // that of the document, for kin-openapi
)

// A conversion is a document's schemas in a dialect. Schema objects that references lead to, and those that were asked for, have a key.
type conversion struct {
	doc      *source.Document
	dialect  dialect
	adjust   adjustment
	keys     map[*source.Node]string
	queue    []*source.Node
	schemas  map[string]any            // by key
	parents  map[*source.Node][]*child // with a discriminator, but no oneOf or anyOf
	bases    map[*source.Node]string   // keys of parents as parts of an allOf
	directed map[string]bool           // names of members that are read-only or write-only anywhere
}

// A child is a component that extends a parent by allOf, and the values of the discriminator that select it.
type child struct {
	node   *source.Node
	values []any
}

func newConversion(doc *source.Document, dialect dialect, adjust adjustment) *conversion {
	c := &conversion{
		doc: doc, dialect: dialect, adjust: adjust,
		keys: map[*source.Node]string{}, schemas: map[string]any{}, parents: map[*source.Node][]*child{}, bases: map[*source.Node]string{},
		directed: map[string]bool{},
	}
	c.findParents()
	for _, f := range doc.Files {
		c.findDirected(f.Root)
	}
	return c
}

// key asks for the conversion of a schema object and returns its key.
func (c *conversion) key(n *source.Node) string {
	if key, ok := c.keys[n]; ok {
		return key
	}
	key := "S" + strconv.Itoa(len(c.keys))
	c.keys[n] = key
	c.queue = append(c.queue, n)
	return key
}

// convert converts everything that was asked for.
func (c *conversion) convert() map[string]any {
	for len(c.queue) > 0 {
		n := c.queue[0]
		c.queue = c.queue[1:]
		switch children := c.parents[n]; {
		case len(children) > 0 && c.adjust&adjustSelection != 0:
			c.schemas[c.keys[n]] = c.family(n, children)
		default:
			c.schemas[c.keys[n]] = c.schema(n)
		}
	}
	return c.schemas
}

func (c *conversion) refTo(key string) map[string]any {
	if c.dialect == jsonSchema {
		return map[string]any{"$ref": "#/$defs/" + key}
	}
	return map[string]any{"$ref": "#/components/schemas/" + key}
}

// old reports whether a document is of OpenAPI 3.0.
func (c *conversion) old() bool { return c.doc.Version == source.V30 }

// plain30 reports whether schemas are those of OpenAPI 3.0.
func (c *conversion) plain30() bool { return c.old() && c.dialect == openAPI }

func (c *conversion) truth() any {
	if c.plain30() {
		return map[string]any{"nullable": true}
	}
	return true
}

func (c *conversion) falsehood() any {
	if c.plain30() {
		return map[string]any{"not": map[string]any{}}
	}
	return false
}

func (c *conversion) target(n *source.Node) *source.Node {
	ref := n.Get("$ref")
	if ref.Is(source.String) {
		if found, err := c.doc.Resolve(n, ref.Text); err == nil {
			return found.Node
		}
		return nil
	}
	if ref := n.Get("$dynamicRef"); ref.Is(source.String) && !c.old() {
		if found, err := c.doc.ResolveDynamic(n, ref.Text); err == nil {
			return found.Node
		}
	}
	return nil
}

func (c *conversion) schema(n *source.Node) any {
	switch {
	case n.Is(source.Bool) && n.Text == "false":
		return c.falsehood()
	case !n.Is(source.Object):
		return c.truth()
	}
	target := c.target(n)
	if target != nil && c.old() {
		return c.refTo(c.key(target))
	}
	to := map[string]any{}
	switch {
	case !n.Get("$ref").Is(source.String) || !c.old():
		c.keywords(to, n)
	case c.adjust&adjustNull != 0: // it leads nowhere
		return c.truth()
	}
	if target != nil {
		to["$ref"] = c.refTo(c.key(target))["$ref"]
	}
	if c.dialect == openAPI && to["type"] == nil && len(to) > 0 {
		to["allowEmptyValue"] = true // has no effect, but keeps kin-openapi from looking without end for what is not empty
	}
	if c.old() && n.True("nullable") && c.dialect == jsonSchema {
		return map[string]any{"anyOf": []any{to, map[string]any{"type": "null"}}}
	}
	return to
}

func (c *conversion) keywords(to map[string]any, n *source.Node) {
	later := !c.old() || c.adjust&adjustKeywords != 0
	if later && c.plain30() {
		later = false // kin-openapi cannot be told
	}
	c.types(to, n)
	if v := n.Get("enum"); v.Is(source.Array) && len(v.Items) > 0 {
		var values []any
		for _, item := range v.Items {
			values = append(values, plain(item))
		}
		to["enum"] = values
	}
	if v := n.Member("const"); v != nil && later {
		to["const"] = plain(v.Value)
	}
	for _, keyword := range []string{"multipleOf", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"} {
		if v := n.Get(keyword); v.Is(source.Number) || v.Is(source.String) && exact(v.Text) != nil && !strings.Contains(keyword, "L") {
			to[keyword] = json.Number(v.Text)
		}
	}
	c.exclusive(to, n, "minimum", "exclusiveMinimum")
	c.exclusive(to, n, "maximum", "exclusiveMaximum")
	if v := n.Get("pattern"); v.Is(source.String) && validPattern(v.Text) {
		to["pattern"] = v.Text
	}
	if format := n.Str("format"); format != "" {
		to["format"] = format
	}
	if c.adjust&adjustContent != 0 && n.Str("contentEncoding") == "base64" && n.Str("format") == "" && n.Str("contentMediaType") == "" {
		to["format"] = "byte"
	}
	if n.True("uniqueItems") {
		to["uniqueItems"] = true
	}
	c.required(to, n)
	c.inside(to, n, later)
	c.variants(to, n)
	if later {
		c.later(to, n)
	}
}

func (c *conversion) types(to map[string]any, n *source.Node) {
	var types []any
	switch t := n.Get("type"); {
	case t.Is(source.String):
		types = []any{t.Text}
	case t.Is(source.Null):
		types = []any{"null"}
	case t.Is(source.Array):
		for _, item := range t.Items {
			if item.Is(source.Null) {
				types = append(types, "null")
			} else {
				types = append(types, item.Text)
			}
		}
	}
	if types == nil && c.adjust&adjustObject != 0 && len(n.Get("properties").Names())+len(n.Get("additionalProperties").Names()) > 0 {
		types = []any{"object"}
	}
	if c.plain30() {
		if i := slices.Index(types, any("null")); i >= 0 && len(types) > 1 {
			types = slices.Delete(types, i, i+1)
			to["nullable"] = true
		}
		parts := n.Has("allOf") || n.Has("oneOf") || n.Has("anyOf") // which decide about null, for kin-openapi whatever the type is
		switch {
		case n.True("nullable"), types == nil && c.adjust&adjustNull != 0 && acceptsNull(n) && !parts:
			to["nullable"] = true
		case types != nil && c.adjust&adjustNull != 0 && parts:
			to["not"] = map[string]any{"nullable": true, "enum": []any{nil}}
		}
	}
	if c.dialect == openAPI && !c.old() && types == nil && c.adjust&adjustNull != 0 && acceptsNull(n) && !n.Has("$ref") {
		types = []any{"null", "boolean", "object", "array", "number", "string"}
	}
	switch len(types) {
	case 0:
	case 1:
		to["type"] = types[0]
	default:
		to["type"] = types
	}
}

// acceptsNull reports whether a schema object without a type accepts null, as far as it says itself.
func acceptsNull(n *source.Node) bool {
	if v := n.Get("enum"); v.Is(source.Array) {
		return slices.ContainsFunc(v.Items, func(item *source.Node) bool { return item.Is(source.Null) })
	}
	return true
}

// exclusive converts an exclusive bound: true or a number.
func (c *conversion) exclusive(to map[string]any, n *source.Node, inclusive, keyword string) {
	v := n.Get(keyword)
	switch {
	case v.Is(source.Number):
		if c.plain30() {
			to[inclusive], to[keyword] = json.Number(v.Text), true
		} else {
			to[keyword] = json.Number(v.Text)
		}
	case v.Is(source.Bool) && v.Text == "true" && to[inclusive] != nil:
		if c.plain30() {
			to[keyword] = true
		} else {
			to[keyword] = to[inclusive]
			delete(to, inclusive)
		}
	}
}

func (c *conversion) required(to map[string]any, n *source.Node) {
	var names []any
	for _, name := range n.Strings("required") {
		if !slices.Contains(names, any(name)) && !(c.adjust&adjustDirection != 0 && c.directed[name]) {
			names = append(names, name)
		}
	}
	if names != nil {
		to["required"] = names
	}
}

// inside converts the keywords for members and items.
func (c *conversion) inside(to map[string]any, n *source.Node, later bool) {
	c.schemaMap(to, n, "properties", c.schema)
	if c.dialect == jsonSchema {
		if names := c.written(n.Get("properties")); names != nil {
			to[writtenKeyword] = names
		}
	}
	switch items := n.Get("items"); {
	case items.Is(source.Array) && !c.plain30():
		c.schemaList(to, n, "items", "prefixItems")
		if more := n.Get("additionalItems"); more != nil {
			to["items"] = c.schema(more)
		}
	case items != nil:
		to["items"] = c.schema(items)
	}
	if v := n.Get("additionalProperties"); v != nil {
		if v.Is(source.Bool) {
			to["additionalProperties"] = v.Text == "true"
		} else {
			to["additionalProperties"] = c.schema(v)
		}
	}
	if parts := n.Get("allOf"); parts.Is(source.Array) && len(parts.Items) > 0 {
		var all []any
		for _, part := range parts.Items {
			all = append(all, c.part(part))
		}
		to["allOf"] = all
	}
	if v := n.Get("not"); v != nil {
		if null := to["not"]; null != nil { // see types
			parts, _ := to["allOf"].([]any)
			to["allOf"] = append(parts, map[string]any{"not": null})
		}
		to["not"] = c.schema(v)
	}
}

// writtenKeyword is a keyword that validators ignore: the members that the Go type always writes, by the extension x-omitempty.
const writtenKeyword = "x-written"

// selectionKeyword marks what only lets the value of a discriminator select a variant, and declares nothing.
const selectionKeyword = "x-selection"

// written are the members with x-omitempty: false, which may also be said by the schema that a member refers to.
func (c *conversion) written(properties *source.Node) (names []any) {
	if !properties.Is(source.Object) {
		return nil
	}
	for _, m := range properties.Members {
		for _, n := range []*source.Node{m.Value, c.target(m.Value)} {
			v := n.Get("x-omitempty")
			if v == nil {
				v = n.Get("x-oapi-codegen-omitempty")
			}
			if v.Is(source.Bool) {
				if v.Text == "false" {
					names = append(names, m.Name)
				}
				break
			}
		}
	}
	return names
}

// later converts the keywords that OpenAPI 3.0 does not have.
func (c *conversion) later(to map[string]any, n *source.Node) {
	for _, keyword := range []string{"if", "then", "else", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties"} {
		if v := n.Get(keyword); v != nil {
			to[keyword] = c.schema(v)
		}
	}
	for _, keyword := range []string{"minContains", "maxContains"} {
		if v := n.Get(keyword); v.Is(source.Number) {
			to[keyword] = json.Number(v.Text)
		}
	}
	if n.Has("prefixItems") {
		c.schemaList(to, n, "prefixItems", "prefixItems")
	}
	if patterns := n.Get("patternProperties"); patterns.Is(source.Object) {
		all := map[string]any{}
		for i := range patterns.Members {
			if m := &patterns.Members[i]; validPattern(m.Name) {
				all[m.Name] = c.schema(m.Value)
			}
		}
		to["patternProperties"] = all
	}
	c.schemaMap(to, n, "dependentSchemas", c.schema)
	if v := n.Get("dependentRequired"); v.Is(source.Object) {
		to["dependentRequired"] = plain(v)
	}
}

func (c *conversion) schemaMap(to map[string]any, n *source.Node, keyword string, convert func(*source.Node) any) {
	v := n.Get(keyword)
	if !v.Is(source.Object) {
		return
	}
	all := map[string]any{}
	for i := range v.Members {
		all[v.Members[i].Name] = convert(v.Members[i].Value)
	}
	to[keyword] = all
}

func (c *conversion) schemaList(to map[string]any, n *source.Node, keyword, as string) {
	var all []any
	for _, item := range itemsOf(n.Get(keyword)) {
		all = append(all, c.schema(item))
	}
	if all != nil {
		to[as] = all
	}
}

// variants converts oneOf and anyOf, with the discriminator.
func (c *conversion) variants(to map[string]any, n *source.Node) {
	d := n.Get("discriminator")
	property := d.Str("propertyName")
	for _, keyword := range []string{"oneOf", "anyOf"} {
		c.schemaList(to, n, keyword, keyword)
		variants, _ := to[keyword].([]any)
		if property == "" || variants == nil || keyword == "anyOf" && to["oneOf"] != nil {
			continue
		}
		if c.adjust&adjustSelection == 0 {
			if c.plain30() {
				c.keepDiscriminator(to, d)
			}
			continue
		}
		byVariant, mapped := c.selectedBy(n, itemsOf(n.Get(keyword)))
		fallback := c.defaultMapping(d, itemsOf(n.Get(keyword)))
		for i, values := range byVariant {
			condition := map[string]any{}
			switch {
			case i == fallback:
				condition["not"] = map[string]any{"enum": without(mapped, values)}
				if c.plain30() {
					condition["nullable"] = true
				}
				if len(without(mapped, values)) == 0 {
					continue
				}
			case values == nil:
				continue
			default:
				condition["enum"] = values
			}
			variants[i] = map[string]any{"allOf": []any{variants[i], map[string]any{selectionKeyword: true, "properties": map[string]any{property: condition}}}}
		}
	}
}

func without(all, some []any) (rest []any) {
	for _, one := range all {
		if !slices.Contains(some, one) {
			rest = append(rest, one)
		}
	}
	return rest
}

// keepDiscriminator gives kin-openapi the discriminator as it is.
func (c *conversion) keepDiscriminator(to map[string]any, d *source.Node) {
	mapping := map[string]any{}
	if m := d.Get("mapping"); m.Is(source.Object) {
		for i := range m.Members {
			if target := c.mapped(d, m.Members[i].Value.Text); target != nil {
				mapping[m.Members[i].Name] = c.refTo(c.key(target))["$ref"]
			}
		}
	}
	to["discriminator"] = map[string]any{"propertyName": d.Str("propertyName"), "mapping": mapping}
}

// selectedBy are the values of a discriminator that select each variant; nil for one that only its shape can select.
func (c *conversion) selectedBy(n *source.Node, variants []*source.Node) (values [][]any, all []any) {
	d := n.Get("discriminator")
	property := d.Str("propertyName")
	values = make([][]any, len(variants))
	taken := map[any]bool{}
	add := func(i int, value any) {
		if !taken[value] {
			taken[value] = true
			values[i] = append(values[i], value)
			all = append(all, value)
		}
	}
	if m := d.Get("mapping"); m.Is(source.Object) {
		for j := range m.Members {
			target := c.mapped(d, m.Members[j].Value.Text)
			for i, variant := range variants {
				if target != nil && c.leadsTo(variant, target) {
					add(i, m.Members[j].Name)
					break
				}
			}
		}
	}
	mapped := slices.Clone(values)
	for i, variant := range variants {
		if mapped[i] != nil {
			continue
		}
		constants := c.constants(variant, property, 0)
		for _, value := range constants {
			add(i, value)
		}
		if ref := variant.Str("$ref"); constants == nil && ref != "" {
			add(i, lastToken(ref))
		}
	}
	return values, all
}

// leadsTo reports whether a variant is a schema object, or a reference to it.
func (c *conversion) leadsTo(n, to *source.Node) bool {
	for range 50 {
		if n == to {
			return true
		}
		if n = c.target(n); n == nil {
			return false
		}
	}
	return false
}

func (c *conversion) defaultMapping(d *source.Node, variants []*source.Node) int {
	target := c.mapped(d, d.Str("defaultMapping"))
	for i, variant := range variants {
		if target != nil && c.leadsTo(variant, target) {
			return i
		}
	}
	return -1
}

// mapped is the schema object that a value of a mapping names.
func (c *conversion) mapped(d *source.Node, text string) *source.Node {
	if text == "" {
		return nil
	}
	if n := c.doc.Root.Get("components").Get("schemas").Get(text); n != nil {
		return n
	}
	if found, err := c.doc.Resolve(d, text); err == nil {
		return found.Node
	}
	return nil
}

// constants are the strings that a member may have, by its enum or const.
func (c *conversion) constants(n *source.Node, property string, depth int) (values []any) {
	if !n.Is(source.Object) || depth > 20 {
		return nil
	}
	if p := n.Get("properties").Get(property); p != nil {
		if values := c.ownConstants(p, depth); values != nil {
			return values
		}
	}
	if t := c.target(n); t != nil {
		if values := c.constants(t, property, depth+1); values != nil {
			return values
		}
	}
	for _, part := range itemsOf(n.Get("allOf")) {
		if values := c.constants(part, property, depth+1); values != nil {
			return values
		}
	}
	return nil
}

func (c *conversion) ownConstants(p *source.Node, depth int) (values []any) {
	for _, item := range itemsOf(p.Get("enum")) {
		if item.Is(source.String) {
			values = append(values, item.Text)
		}
	}
	if v := p.Get("const"); v.Is(source.String) {
		values = append(values, v.Text)
	}
	if t := c.target(p); values == nil && t != nil && depth < 20 {
		values = c.ownConstants(t, depth+1)
	}
	for _, part := range itemsOf(p.Get("allOf")) {
		if values == nil && depth < 20 {
			values = c.ownConstants(part, depth+1)
		}
	}
	return values
}

// findParents finds the components that have a discriminator without variants, and those that extend them.
func (c *conversion) findParents() {
	schemas := c.doc.Root.Get("components").Get("schemas")
	if !schemas.Is(source.Object) {
		return
	}
	isParent := func(n *source.Node) bool {
		return n.Get("discriminator").Str("propertyName") != "" && !n.Has("oneOf") && !n.Has("anyOf")
	}
	key := map[*source.Node]string{}
	for i := range schemas.Members {
		key[schemas.Members[i].Value] = schemas.Members[i].Name
	}
	for i := range schemas.Members {
		component := schemas.Members[i].Value
		if isParent(component) || component.Has("$ref") {
			continue
		}
		for _, parent := range c.ancestors(component, 0) {
			if _, named := key[parent]; !named || !isParent(parent) {
				continue
			}
			one := &child{node: component}
			d := parent.Get("discriminator")
			if m := d.Get("mapping"); m.Is(source.Object) {
				for j := range m.Members {
					if c.mapped(d, m.Members[j].Value.Text) == component {
						one.values = append(one.values, m.Members[j].Name)
					}
				}
			}
			if one.values == nil {
				one.values = []any{schemas.Members[i].Name}
			}
			if !slices.ContainsFunc(c.parents[parent], func(other *child) bool { return other.node == component }) {
				c.parents[parent] = append(c.parents[parent], one)
			}
		}
	}
}

// ancestors are what a schema object extends by allOf.
func (c *conversion) ancestors(n *source.Node, depth int) (all []*source.Node) {
	if depth > 20 {
		return nil
	}
	for _, part := range itemsOf(n.Get("allOf")) {
		if t := c.target(part); t != nil {
			all = append(all, t)
			all = append(all, c.ancestors(t, depth+1)...)
		} else {
			all = append(all, c.ancestors(part, depth+1)...)
		}
	}
	return all
}

// family is a parent where it is used: the child that the discriminator selects or, without any, the parent itself.
func (c *conversion) family(n *source.Node, children []*child) any {
	property := n.Get("discriminator").Str("propertyName")
	is := func(values []any) map[string]any {
		return map[string]any{"required": []any{property}, "properties": map[string]any{property: map[string]any{"enum": values}}}
	}
	var parts, all []any
	for _, one := range children {
		values := without(one.values, all)
		if len(values) == 0 {
			continue
		}
		all = append(all, values...)
		parts = append(parts, c.implies(is(values), c.refTo(c.key(one.node))))
	}
	parts = append(parts, map[string]any{"anyOf": []any{is(all), c.base(n)}})
	return map[string]any{"allOf": parts}
}

// implies is a schema for "what is valid for one is valid for the other".
func (c *conversion) implies(condition, then any) any {
	if c.dialect == jsonSchema {
		return map[string]any{"if": condition, "then": then}
	}
	return map[string]any{"anyOf": []any{map[string]any{"not": condition}, then}}
}

// base is a parent without its children.
func (c *conversion) base(n *source.Node) any {
	key, ok := c.bases[n]
	if !ok {
		key = "B" + strconv.Itoa(len(c.bases))
		c.bases[n] = key
		c.schemas[key] = c.schema(n)
	}
	return c.refTo(key)
}

// part converts a part of an allOf.
func (c *conversion) part(n *source.Node) any {
	if c.adjust&adjustSelection != 0 {
		if t := c.target(n); t != nil && len(c.parents[t]) > 0 {
			return c.base(t)
		}
	}
	return c.schema(n)
}

// findDirected notes the members that are read-only or write-only.
func (c *conversion) findDirected(n *source.Node) {
	if n == nil {
		return
	}
	if properties := n.Get("properties"); properties.Is(source.Object) {
		for i := range properties.Members {
			if m := &properties.Members[i]; c.isDirected(m.Value, 0) {
				c.directed[m.Name] = true
			}
		}
	}
	for i := range n.Members {
		c.findDirected(n.Members[i].Value)
	}
	for _, item := range n.Items {
		c.findDirected(item)
	}
}

func (c *conversion) isDirected(n *source.Node, depth int) bool {
	if depth > 20 || !n.Is(source.Object) {
		return false
	}
	if n.True("readOnly") || n.True("writeOnly") {
		return true
	}
	if t := c.target(n); t != nil && c.isDirected(t, depth+1) {
		return true
	}
	return slices.ContainsFunc(itemsOf(n.Get("allOf")), func(part *source.Node) bool { return c.isDirected(part, depth+1) })
}

func itemsOf(n *source.Node) []*source.Node {
	if n.Is(source.Array) {
		return n.Items
	}
	return nil
}

func lastToken(ref string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(ref[strings.LastIndexByte(ref, '/')+1:])
}

// plain is a value of a document as the validators want it.
func plain(n *source.Node) any { return valueOf(n).decoded() }

// validPattern reports whether a pattern is a regular expression.
func validPattern(pattern string) bool {
	_, err := compileECMA(pattern)
	return err == nil
}
