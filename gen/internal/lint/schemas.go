package lint

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/overlap"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file has the rules about schemas.

func (l *linter) checkSchema(n *source.Node) {
	if target := n.Str("$dynamicRef"); target != "" {
		if found, err := l.doc.ResolveDynamic(n, target); err == nil {
			l.use(found.Node)
			l.walk("schema", false, found.Node)
		}
	}
	l.followDiscriminator(n)
	for _, child := range l.children[n] {
		l.use(child)
		l.walk("schema", false, child)
	}
	l.describeSchema(n)
	s := l.api.SchemaOf(n)
	if s == nil || n.Has("$ref") && l.doc.Version == source.V30 {
		return
	}
	l.checkKeywords(n)
	l.checkBounds(n, s)
	l.checkRange(n)
	l.checkEnum(n, s)
	if value := n.Get("default"); value != nil && value.Kind != source.Null { // which often stands for no default
		l.checkValue("invalid-default", "the default does not fit %s: %s; correct one of them", value, n, s, schema.Undirected)
	}
	if l.on("invalid-example") {
		for _, example := range append(items(n.Get("examples")), n.Get("example")) {
			// It may show one direction, or all that there is.
			l.checkExample(example, n, schema.Undirected, schema.InRequest, schema.InResponse)
		}
	}
	l.checkUnion(n, s)
}

// followDiscriminator visits the schemas that a mapping names.
func (l *linter) followDiscriminator(n *source.Node) {
	d := n.Get("discriminator")
	mapping := d.Get("mapping")
	for _, value := range mapping.Names() {
		target := mapping.Get(value)
		if !target.Is(source.String) {
			continue
		}
		of := l.doc.Root.Get("components").Get("schemas").Get(target.Text)
		if of == nil {
			if found, err := l.doc.Resolve(target, target.Text); err == nil {
				of = found.Node
			}
		}
		l.use(of)
		l.walk("schema", false, of)
	}
}

func (l *linter) describeSchema(n *source.Node) {
	switch parent := n.Parent(); {
	case n.Has("$ref"): // what it refers to is described
	case parent.Parent() != nil && parent.Parent().Get("properties") == parent && parent.Parent() != l.doc.Root.Get("components"):
		l.describe("the property", n, n.Str("description"))
	case parent != nil && parent == l.doc.Root.Get("components").Get("schemas"):
		l.describe("the schema", n, n.Str("description"))
	}
}

// keywordTypes are the types that keywords say something about.
var keywordTypes = map[string]string{}

func init() {
	for types, keywords := range map[string]string{
		"string":         "minLength maxLength pattern contentEncoding contentMediaType contentSchema",
		"integer number": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
		"array":          "items prefixItems minItems maxItems uniqueItems contains minContains maxContains unevaluatedItems",
		"object": "properties patternProperties additionalProperties required minProperties maxProperties propertyNames dependentRequired " +
			"dependentSchemas unevaluatedProperties",
	} {
		for keyword := range strings.FieldsSeq(keywords) {
			keywordTypes[keyword] = types
		}
	}
}

var typeNames = []string{"string", "integer", "number", "boolean", "array", "object", "null"}

// checkKeywords finds keywords that say nothing about the type of a schema.
func (l *linter) checkKeywords(n *source.Node) {
	types := n.Strings("type")
	if one := n.Str("type"); one != "" {
		types = []string{one}
	}
	known := len(types) > 0 && !slices.ContainsFunc(types, func(one string) bool { return !slices.Contains(typeNames, one) })
	for i := range n.Members {
		m := &n.Members[i]
		about := keywordTypes[m.Name]
		if about == "" || !known || m.Value.Is(source.Bool) && m.Name == "required" || // which package model reports
			slices.ContainsFunc(types, func(one string) bool { return slices.Contains(strings.Fields(about), one) }) {
			continue
		}
		l.reportMember("keyword-without-effect", m, "%s says nothing about values of type %s; remove it, or correct the type", m.Name, strings.Join(types, " or "))
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		if list := n.Get(keyword); list.Is(source.Array) && len(list.Items) == 0 {
			l.report("keyword-without-effect", list, "the list of %s is empty; list schemas, or remove it", keyword)
		}
	}
	if slices.Contains(types, "array") && l.doc.Version == source.V30 && !n.Has("items") {
		l.report("missing-member", n, "an array has no items, so that they can be anything; describe them")
	}
}

// checkBounds finds bounds that exclude each other, so that no value is valid.
func (l *linter) checkBounds(n *source.Node, s *schema.Schema) {
	never := func(low, high string) {
		at := cmp.Or(n.Get(high), n.Get(low), n)
		l.report("never-valid", at, "no value is valid, as %s and %s exclude each other; correct one of them", low, high)
	}
	if s.Never && !n.Is(source.Bool) {
		l.report("never-valid", n, "no value is valid, as the parts of the schema exclude each other; correct one of them")
		return
	}
	for _, pair := range []struct {
		low, high string
		open      bool
	}{
		{"minimum", "maximum", false}, {"exclusiveMinimum", "maximum", true}, {"minimum", "exclusiveMaximum", true}, {"exclusiveMinimum", "exclusiveMaximum", true},
	} {
		low, high := n.Get(pair.low), n.Get(pair.high)
		if !low.Is(source.Number) || !high.Is(source.Number) {
			continue
		}
		open := pair.open || n.True("exclusiveMinimum") || n.True("exclusiveMaximum")
		if order := schema.CompareNumbers(low.Text, high.Text); order > 0 || order == 0 && open {
			never(pair.low, pair.high)
		}
	}
	for _, one := range []struct {
		low, high string
		min, max  int // max is one more than the limit, 0 for none
	}{
		{"minLength", "maxLength", s.MinLength, s.MaxLength}, {"minItems", "maxItems", s.MinItems, s.MaxItems},
		{"minProperties", "maxProperties", s.MinProperties, s.MaxProperties}, {"minContains", "maxContains", s.MinContains, s.MaxContains},
		{"required", "maxProperties", len(s.Required), s.MaxProperties},
	} {
		if one.max > 0 && one.min >= one.max && (n.Has(one.low) || n.Has(one.high)) {
			never(one.low, one.high)
		}
	}
}

// checkRange finds bounds that the values of the format, and so the Go type, cannot reach.
func (l *linter) checkRange(n *source.Node) {
	bits := map[string]uint{"int32": 31, "int64": 63}[n.Str("format")]
	if n.Str("type") != "integer" || bits == 0 {
		return
	}
	end := new(big.Int).Lsh(big.NewInt(1), bits) // the first integer that is too large
	first, last := new(big.Int).Neg(end).String(), new(big.Int).Sub(end, big.NewInt(1)).String()
	for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} {
		v := n.Get(keyword)
		if !v.Is(source.Number) {
			continue
		}
		low, high := first, last
		if strings.HasPrefix(keyword, "exclusive") || keyword == "minimum" && n.True("exclusiveMinimum") || keyword == "maximum" && n.True("exclusiveMaximum") {
			low, high = new(big.Int).Sub(new(big.Int).Neg(end), big.NewInt(1)).String(), end.String() // one further on either side
		}
		if schema.CompareNumbers(v.Text, low) < 0 || schema.CompareNumbers(v.Text, high) > 0 {
			l.report("integer-range", v, "the %s %s does not fit the format %s; write a wider format, or a limit from %s to %s",
				keyword, v.Text, n.Str("format"), first, last)
		}
	}
}

// checkEnum finds values of an enum that the other keywords of the schema refuse.
func (l *linter) checkEnum(n *source.Node, s *schema.Schema) {
	if len(s.Enum) == 0 || !n.Has("enum") && !n.Has("const") {
		return
	}
	others := &schema.Schema{
		Types: s.Types, Nullable: s.Nullable, Format: s.Format, Pattern: s.Pattern, MinLength: s.MinLength, MaxLength: s.MaxLength,
		Minimum: s.Minimum, Maximum: s.Maximum, ExclusiveMinimum: s.ExclusiveMinimum, ExclusiveMaximum: s.ExclusiveMaximum, MultipleOf: s.MultipleOf,
	}
	for _, value := range append(items(n.Get("enum")), n.Get("const")) {
		if value == nil || value.Kind == source.Null && l.doc.Version == source.V30 { // see nullable
			continue
		}
		l.checkValue("invalid-enum-value", "the value does not fit %s, so that it can never be used: %s; correct it", value, n, others, schema.Undirected)
	}
}

// The bounds of the search for values that fit several variants, so that large documents take no longer than a few seconds.
const (
	unionBudget = 3_000_000 // units of work for a document, see package overlap
	unionPairs  = 1_000     // pairs of variants of one union
)

// checkUnion finds variants that cannot be told apart, or can never be chosen. There is one line for a union, whatever is wrong with it.
func (l *linter) checkUnion(n *source.Node, s *schema.Schema) {
	variants := s.Variants()
	if len(variants) == 0 || !n.Has("oneOf") && !n.Has("anyOf") {
		return
	}
	u := &unionCheck{linter: l, node: n, schema: s, variants: variants, exclusive: len(s.OneOf) > 0, base: overlap.Base(s)}
	if s.Discriminator != nil {
		u.checkDiscriminator()
	}
	if len(variants) < 2 || !l.on("ambiguous-union") && !l.on("unreachable-variant") {
		return
	}
	if d := s.Discriminator; d != nil && (!d.Optional || d.Default > 0) {
		return // its value decides
	}
	u.compare()
	switch {
	case u.inner >= 0 && u.exclusive:
		l.report("unreachable-variant", n, "%[1]s can never be chosen: each of its values is one of %[2]s too, and so fits twice; remove it, or narrow %[2]s",
			u.name(u.inner), u.name(u.outer))
	case u.inner >= 0:
		l.report("unreachable-variant", n, "%[1]s is never chosen: each of its values is one of %[2]s, which comes before it; move it before %[2]s, or remove it",
			u.name(u.inner), u.name(u.outer))
	case u.payload != "":
		a, b := u.pair[0], u.pair[1]
		more := ""
		if u.count == 2 {
			more = " (as for one more pair of variants)"
		} else if u.count > 2 {
			more = fmt.Sprintf(" (as for %d more pairs of variants)", u.count-1)
		}
		l.report("ambiguous-union", n, "%s fits %s and %s, so that it is neither%s; %s", shortened(u.payload), u.name(a), u.name(b), more,
			overlap.Advice(variants[a], variants[b], u.base, u.name(a), u.name(b), u.payload))
	}
}

// shortened is a payload as it fits into a line.
func shortened(payload string) string {
	const most = 200
	if len(payload) > most {
		return strings.ToValidUTF8(payload[:most], "") + "…"
	}
	return payload
}

// A unionCheck compares the variants of a union.
type unionCheck struct {
	*linter
	node      *source.Node
	schema    *schema.Schema
	variants  []*schema.Schema
	exclusive bool           // oneOf
	base      *schema.Schema // what is beside the union

	inner, outer int    // a variant that can never be chosen, and the one that has all of its values; -1 for none
	payload      string // the smallest that fits two variants
	pair         [2]int // which they are
	count        int    // of pairs with such a payload
}

func (u *unionCheck) compare() {
	u.inner = -1
	pairs := 0
	for j := range u.variants {
		for i := range j {
			a, b := u.variants[i], u.variants[j]
			if a == b || a.Never || b.Never || overlap.Apart(a, b, u.base) { // other rules are about the first three
				continue
			}
			if pairs++; pairs > unionPairs {
				return
			}
			d := u.schema.Discriminator
			switch {
			case d == nil && overlap.Within(b, a):
				u.inner, u.outer = j, i
				return
			case d == nil && u.exclusive && overlap.Within(a, b):
				u.inner, u.outer = i, j
				return
			case !u.exclusive || u.finder.Budget < 0:
				continue
			}
			payload, found := u.finder.Witness(a, b, u.base)
			if !found || payload == "null" && u.schema.Nullable || d != nil && strings.Contains(payload, strconv.Quote(d.Property)+":") { // whose value decides
				continue
			}
			u.count++
			if u.payload == "" || len(payload) < len(u.payload) {
				u.payload, u.pair = payload, [2]int{i, j}
			}
		}
	}
}

// checkDiscriminator finds variants that the discriminator cannot select.
func (u *unionCheck) checkDiscriminator() {
	d := u.schema.Discriminator
	var undeclared, optional, others []string
	for i, variant := range u.variants {
		if variant.Types == schema.Null || variant.Never {
			continue
		}
		if i == d.Default-1 { // it is selected without the member, too
			continue
		}
		p, required := memberOf(variant, d.Property)
		mapped := slices.ContainsFunc(d.Mapping, func(m schema.Mapping) bool { return m.Variant == i })
		switch {
		case p == nil:
			undeclared = append(undeclared, u.name(i))
		case p.Types != 0 && p.Types&schema.String == 0:
			others = append(others, u.name(i))
		case !required:
			optional = append(optional, u.name(i))
		case !mapped && len(p.Enum) == 0: // otherwise its value is one of another variant, which is reported elsewhere
			u.report("unreachable-variant", u.node, "no value of %q selects %s, which requires it; give that member an enum with one value there",
				d.Property, u.name(i))
		}
	}
	selects := "the shape of a value does"
	if d.Default > 0 {
		selects = "a value without it is " + u.name(d.Default-1)
	}
	for _, one := range []struct {
		variants   []string
		what, todo string
	}{
		{undeclared, "not declared in", "add it there"},
		{others, "not a string in", "make it one"},
		{optional, "not required in", "require it there"},
	} {
		if len(one.variants) > 0 {
			at := u.node.Get("discriminator")
			if at == nil { // it is that of a schema which the variants extend
				at = u.node
			}
			u.report("weak-discriminator", at, "the member %q is to select a variant, but is %s %s, so that %s; %s",
				d.Property, one.what, listed(one.variants), selects, one.todo)
		}
	}
}

// memberOf is the schema of a member of a variant, which may be a union itself, and whether it is required.
func memberOf(s *schema.Schema, name string) (member *schema.Schema, required bool) {
	required = slices.Contains(s.Required, name)
	if p := s.Property(name); p != nil {
		if member = p.Schema; member == nil {
			member = new(schema.Schema)
		}
		return member, required
	}
	for _, parts := range [][]*schema.Schema{s.AllOf, s.OneOf, s.AnyOf} {
		for _, part := range parts {
			if m, r := memberOf(part, name); m != nil {
				return m, required || r
			}
		}
	}
	return nil, required
}

// listed joins names, the first few of many.
func listed(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// name is how a message names a variant.
func (u *unionCheck) name(i int) string {
	if name := u.variants[i].Name; name != "" {
		return name
	}
	list := items(u.node.Get("oneOf"))
	if !u.exclusive {
		list = items(u.node.Get("anyOf"))
	}
	if i < len(list) {
		if title := list[i].Str("title"); title != "" {
			return strconv.Quote(title)
		}
	}
	return "variant " + strconv.Itoa(i+1)
}
