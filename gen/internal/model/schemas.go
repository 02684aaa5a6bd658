package model

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	_ "github.com/interconnect-go/interconnect/contract/ecma" // the engine that generated code uses where Go's regular expressions are not enough
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file translates schema objects into schema values. A value says the same as the object; after that, flatten merges the parts of
// allOf where the result is exactly what they mean together, so that most values are validated in one pass.

// schemaOf returns the schema value of a schema object, the same for the same object. References lead to the value of their target.
func (b *builder) schemaOf(n *source.Node) *schema.Schema {
	if n == nil {
		return nil
	}
	if s, ok := b.schemas[n]; ok {
		return s
	}
	if n.Kind == source.Bool {
		s := new(schema.Schema)
		if n.Text == "false" {
			s = schema.False
		}
		b.schemas[n] = s
		return s
	}
	if n.Kind != source.Object {
		b.wrongType(n, "a schema must be an object, not %s, which is read as any value; write a schema object", article(n.Kind))
		b.schemas[n] = new(schema.Schema)
		return b.schemas[n]
	}
	target := b.target(n)
	if target != nil && !b.constrains(n) {
		if b.following[n] {
			b.errorf(n, "the reference %q leads in a circle; refer to a schema that says something", reference(n))
			b.schemas[n] = new(schema.Schema)
			return b.schemas[n]
		}
		b.following[n] = true
		s := b.schemaOf(target)
		delete(b.following, n)
		b.schemas[n] = s
		return s
	}
	s := new(schema.Schema)
	b.schemas[n] = s
	if children := b.children[n]; len(children) > 0 {
		b.fillParent(s, n, children)
	} else {
		b.fill(s, n)
		b.fillUnions(s, n)
	}
	if target != nil {
		s.AllOf = append([]*schema.Schema{b.schemaOf(target)}, s.AllOf...)
	}
	b.unflattened = append(b.unflattened, s)
	b.origins[s] = n
	return s
}

// partOf is schemaOf for a part of an allOf. A parent, whose discriminator selects among the schemas that extend it, is a plain object there.
func (b *builder) partOf(n *source.Node) *schema.Schema {
	end := n
	for range maxChain {
		t := b.target(end)
		if t == nil || b.constrains(end) {
			break
		}
		end = t
	}
	if len(b.children[end]) == 0 && !b.extendedByVariants(end) {
		return b.schemaOf(n)
	}
	if s, ok := b.bases[end]; ok {
		return s
	}
	s := new(schema.Schema)
	b.bases[end] = s
	b.fill(s, end)
	s.Name = ""
	b.unflattened = append(b.unflattened, s)
	b.origins[s] = end
	return s
}

// extendedByVariants reports whether a union has a variant that extends the union itself by allOf. Taken literally no value would ever be
// valid; what is meant is that the variant extends what is beside the union.
func (b *builder) extendedByVariants(n *source.Node) bool {
	if extended, known := b.extended[n]; known {
		return extended
	}
	extended := false
	for _, keyword := range []string{"oneOf", "anyOf"} {
		for _, variant := range itemsIn(n.Get(keyword)) {
			b.walkParts(variant, func(part *source.Node) bool {
				for _, p := range itemsIn(part.Get("allOf")) {
					for t, i := p, 0; t != nil && i < maxChain; t, i = b.target(t), i+1 {
						extended = extended || t == n
					}
				}
				return !extended
			})
		}
	}
	b.extended[n] = extended
	if extended {
		b.report("circular-union", n, "a variant of the union extends the union itself by allOf, so that taken literally no value is valid; it is read as if it extended what is beside the union")
	}
	return extended
}

// fillParent makes the union of a schema with a discriminator and of those that extend it by allOf. Values of the discriminator that select
// none of them are values of the schema itself.
func (b *builder) fillParent(s *schema.Schema, n *source.Node, children []*source.Node) {
	s.Name = b.named[n]
	s.Nullable = b.doc.Version == source.V30 && n.True("nullable")
	d := n.Get("discriminator")
	disc := &schema.Discriminator{Property: d.Str("propertyName"), Default: len(children) + 1}
	for i, child := range children {
		s.OneOf = append(s.OneOf, b.schemaOf(child))
		for _, value := range b.valuesOf(child, n) {
			disc.Mapping = append(disc.Mapping, schema.Mapping{Value: value, Variant: i})
		}
	}
	slices.SortFunc(disc.Mapping, func(a, b schema.Mapping) int { return strings.Compare(a.Value, b.Value) })
	s.OneOf = append(s.OneOf, b.partOf(n))
	s.Discriminator = disc
}

// valuesOf lists the values of a parent's discriminator that select one of the schemas that extend it: those of the mapping, or else the
// constants that the schema itself declares, or else its name.
func (b *builder) valuesOf(child, parent *source.Node) []string {
	d := parent.Get("discriminator")
	var values []string
	if mapping := d.Get("mapping"); mapping.Is(source.Object) {
		for i := range mapping.Members {
			if m := &mapping.Members[i]; b.mappingTarget(d, m.Value.Text) == child {
				values = append(values, m.Name)
			}
		}
	}
	if len(values) > 0 {
		return values
	}
	inherited := map[*source.Node]bool{}
	b.walkParts(parent, func(part *source.Node) bool {
		inherited[part] = true
		return true
	})
	b.walkParts(child, func(part *source.Node) bool {
		if !inherited[part] {
			values = append(values, b.constantsIn(part, d.Str("propertyName"))...)
		}
		return len(values) == 0
	})
	if len(values) == 0 {
		return []string{b.named[child]}
	}
	return values
}

// inheritDiscriminator makes the discriminator of a union that has none, but whose variants all extend the same parent, which has one.
// Frameworks list the variants where the parent is used.
func (b *builder) inheritDiscriminator(s *schema.Schema, variants []*source.Node) {
	parent, ends := b.commonParent(variants)
	if parent == nil {
		return
	}
	disc := &schema.Discriminator{Property: discriminatorOf(parent), Optional: !b.requires(parent, discriminatorOf(parent))}
	for i, end := range ends {
		switch end {
		case nil: // null
			continue
		case parent:
			s.Variants()[i] = b.partOf(parent)
			disc.Default = i + 1
		}
		for _, value := range b.valuesOf(end, parent) {
			disc.Mapping = append(disc.Mapping, schema.Mapping{Value: value, Variant: i})
		}
	}
	slices.SortFunc(disc.Mapping, func(a, b schema.Mapping) int { return strings.Compare(a.Value, b.Value) })
	s.Discriminator = disc
}

// commonParent finds the parent with a discriminator that all variants of a union are or extend, and the schema objects that the variants refer
// to, nil for null.
func (b *builder) commonParent(variants []*source.Node) (parent *source.Node, ends []*source.Node) {
	var common []*source.Node
	found := 0
	for _, variant := range variants {
		if b.isNull(variant) {
			ends = append(ends, nil)
			continue
		}
		end := variant
		for range maxChain {
			t := b.target(end)
			if t == nil || b.constrains(end) {
				break
			}
			end = t
		}
		parents := []*source.Node{}
		for p, children := range b.children {
			if p == end || slices.Contains(children, end) {
				parents = append(parents, p)
			}
		}
		if found == 0 {
			common = parents
		}
		common = slices.DeleteFunc(common, func(p *source.Node) bool { return !slices.Contains(parents, p) })
		ends = append(ends, end)
		found++
	}
	if found < 2 || len(common) == 0 {
		return nil, nil
	}
	return slices.MinFunc(common, func(x, y *source.Node) int { return strings.Compare(b.named[x], b.named[y]) }), ends
}

func article(k source.Kind) string {
	if k == source.Array || k == source.Object {
		return "an " + k.String()
	}
	if k == source.Null {
		return "null"
	}
	return "a " + k.String()
}

// reference is the reference that an object has, "" if it is not one.
func reference(n *source.Node) string {
	if ref := n.Str("$ref"); ref != "" {
		return ref
	}
	return n.Str("$dynamicRef")
}

// target follows the reference of a schema object one step. It is nil without one, and for one that leads nowhere, which is reported.
func (b *builder) target(n *source.Node) *source.Node {
	if !n.Is(source.Object) {
		return nil
	}
	if t, ok := b.targets[n]; ok {
		return t
	}
	var found source.Ref
	var err error
	switch {
	case n.Get("$ref").Is(source.String):
		found, err = b.doc.Resolve(n, n.Str("$ref"))
	case n.Get("$dynamicRef").Is(source.String):
		found, err = b.doc.ResolveDynamic(n, n.Str("$dynamicRef"))
	default:
		return nil
	}
	if err != nil {
		b.fail(err)
	}
	if found.File != nil && found.File.Package != "" {
		if found.Node == nil { // a file that is not read, as it has a package of its own
			found.Node = &source.Node{Kind: source.Object}
		}
		b.external[found.Node] = found
	}
	b.targets[n] = found.Node
	return found.Node
}

// The keywords of a schema object that say which values are valid.
var constraints = map[string]bool{}

func init() {
	for word := range strings.FieldsSeq(`type enum const format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
		multipleOf items prefixItems minItems maxItems uniqueItems contains minContains maxContains unevaluatedItems properties
		patternProperties additionalProperties required minProperties maxProperties propertyNames dependentRequired dependentSchemas
		unevaluatedProperties allOf anyOf oneOf not if then else discriminator nullable contentEncoding x-sensitive`) {
		constraints[word] = true
	}
}

// constrains reports whether a schema object says anything about values beside a reference. Before OpenAPI 3.1 it cannot.
func (b *builder) constrains(n *source.Node) bool {
	beside := reference(n) != ""
	for i := range n.Members {
		if name := n.Members[i].Name; constraints[name] {
			if beside && b.doc.Version == source.V30 {
				b.report("ref-siblings", n.Members[i].Value, "%q beside $ref has no meaning in OpenAPI 3.0 and is ignored; write allOf with the reference in it", name)
				continue
			}
			return true
		}
	}
	return false
}

// fill translates the keywords of a schema object, but for its reference and its unions.
func (b *builder) fill(s *schema.Schema, n *source.Node) {
	s.Name = cmp.Or(b.keys[n], b.named[n])
	beside := reference(n) != "" && b.doc.Version == source.V30
	if beside {
		return
	}
	s.Types = b.typesOf(n)
	s.Nullable = b.doc.Version == source.V30 && n.True("nullable")
	s.Format = n.Str("format")
	s.Sensitive = n.True("x-sensitive") || s.Format == "password"
	if n.Str("contentEncoding") == "base64" && s.Format == "" && n.Str("contentMediaType") == "" {
		s.Format = "byte"
	}
	b.fillEnum(s, n)
	s.Pattern = n.Str("pattern")
	if s.Pattern != "" {
		b.checkPattern(n.Get("pattern"))
	}
	s.MinLength = max(b.count(n, "minLength"), 0)
	s.MaxLength = b.limit(n, "maxLength")
	b.fillNumbers(s, n)

	s.Items = b.itemsOf(n)
	if s.PrefixItems = b.schemaList(n.Get("prefixItems")); n.Get("items").Is(source.Array) {
		s.PrefixItems = b.schemaList(n.Get("items"))
	}
	s.MinItems = max(b.count(n, "minItems"), 0)
	s.MaxItems = b.limit(n, "maxItems")
	s.UniqueItems = n.True("uniqueItems")
	if contains := n.Get("contains"); contains != nil {
		s.Contains = b.schemaOf(contains)
		s.MinContains = 1
		if n.Has("minContains") {
			s.MinContains = max(b.count(n, "minContains"), 0)
		}
		s.MaxContains = b.limit(n, "maxContains")
	}
	s.UnevaluatedItems = b.schemaOf(n.Get("unevaluatedItems"))

	b.fillObject(s, n)

	parts := itemsIn(n.Get("allOf"))
	part := b.partOf
	if b.named[n] == "" && len(parts) > 0 {
		if one := withStructure(b.expand(n, nil)); len(one) == 1 && slices.Contains(parts, one[0]) {
			part = b.schemaOf // what is described there, not extended
		}
	}
	for _, n := range parts {
		s.AllOf = append(s.AllOf, part(n))
	}
	s.Not = b.schemaOf(n.Get("not"))
	if n.Has("if") {
		s.If, s.Then, s.Else = b.schemaOf(n.Get("if")), b.schemaOf(n.Get("then")), b.schemaOf(n.Get("else"))
	}
}

// fillUnions translates oneOf, anyOf and the discriminator of a schema object.
func (b *builder) fillUnions(s *schema.Schema, n *source.Node) {
	if reference(n) != "" && b.doc.Version == source.V30 {
		return
	}
	s.AnyOf = b.schemaList(n.Get("anyOf"))
	s.OneOf = b.schemaList(n.Get("oneOf"))
	switch {
	case len(s.OneOf)+len(s.AnyOf) == 0:
	case n.Has("discriminator"):
		b.fillDiscriminator(s, n)
	case len(s.OneOf) == 0 || len(s.AnyOf) == 0:
		b.inheritDiscriminator(s, append(slices.Clone(itemsIn(n.Get("oneOf"))), itemsIn(n.Get("anyOf"))...))
	}
}

// itemsOf is the schema of the items of an array that prefixItems does not describe.
func (b *builder) itemsOf(n *source.Node) *schema.Schema {
	items := n.Get("items")
	if items.Is(source.Array) {
		b.report("items-array", items, "items is an array of schemas, as JSON Schema once had it, and is read as prefixItems; write prefixItems (OpenAPI 3.1)")
		return b.schemaOf(n.Get("additionalItems"))
	}
	return b.schemaOf(items)
}

func (b *builder) schemaList(n *source.Node) []*schema.Schema {
	if n == nil {
		return nil
	}
	if n.Kind != source.Array {
		b.wrongType(n, "want an array of schemas, not %s; write [ … ] around it", article(n.Kind))
		return nil
	}
	list := make([]*schema.Schema, 0, len(n.Items))
	for _, item := range n.Items {
		list = append(list, b.schemaOf(item))
	}
	return list
}

var typeNames = map[string]schema.Types{
	"null": schema.Null, "boolean": schema.Boolean, "integer": schema.Integer, "number": schema.Number, "string": schema.String,
	"array": schema.Array, "object": schema.Object,
}

// typesOf are the types that a schema object names. One that describes members, but has no type, is read as if it had the type object.
func (b *builder) typesOf(n *source.Node) (types schema.Types) {
	t := n.Get("type")
	named := func(n *source.Node) {
		one, ok := typeNames[n.Text]
		if n.Kind == source.Null {
			one, ok = schema.Null, true // "type: null" without quotes
		}
		if !ok {
			if near := source.Nearest(n.Text, []string{"null", "boolean", "integer", "number", "string", "array", "object"}); near != "" {
				b.report("unknown-type", n, "%q is not a type and is passed over; did you mean %q?", n.Text, near)
				return
			}
			b.report("unknown-type", n, "%q is not a type and is passed over; write one of null, boolean, integer, number, string, array, object", n.Text)
			return
		}
		types |= one
	}
	switch {
	case t == nil:
		if len(n.Get("properties").Names()) > 0 || len(n.Get("additionalProperties").Names()) > 0 {
			return schema.Object
		}
	case t.Kind == source.Array:
		for _, item := range t.Items {
			named(item)
		}
	default:
		named(t)
	}
	return types
}

func (b *builder) fillEnum(s *schema.Schema, n *source.Node) {
	values := n.Get("enum")
	if c := n.Member("const"); c != nil {
		s.Enum = []string{schema.Canonical(string(c.Value.JSON()))}
		return
	}
	if values == nil {
		return
	}
	if values.Kind != source.Array {
		b.wrongType(values, "enum must be an array, not %s; write [ … ] around the values", article(values.Kind))
		return
	}
	for _, value := range values.Items {
		text := schema.Canonical(string(value.JSON()))
		if slices.Contains(s.Enum, text) {
			b.report("repeated-enum-value", value, "the value %s is listed twice; remove one", text)
			continue
		}
		s.Enum = append(s.Enum, text)
	}
	if len(values.Items) == 0 {
		b.report("empty-enum", values, "an empty enum accepts no value and is ignored; list the values, or remove it")
	}
}

// count is the value of a keyword that counts something: 0 if it is absent, -1 if it is not such a number.
func (b *builder) count(n *source.Node, keyword string) int {
	v := n.Get(keyword)
	if v == nil {
		return 0
	}
	count, ok := n.Int(keyword)
	if digits, err := strconv.ParseUint(v.Text, 10, 53); err == nil && v.Kind == source.String {
		b.report("number-as-string", v, "%s is the string %q and is read as a number; remove the quotes", keyword, v.Text)
		count, ok = int64(digits), true
	}
	if !ok || count < 0 {
		b.wrongType(v, "%s must be an integer of at least 0, not %s; write a number", keyword, v.JSON())
		return -1
	}
	return int(min(count, 1<<53))
}

// limit is count for a keyword that is a maximum: one more, so that 0 is no limit.
func (b *builder) limit(n *source.Node, keyword string) int {
	if v := n.Get(keyword); v.Is(source.Number) && !n.True(keyword) {
		if _, ok := n.Int(keyword); !ok && !strings.HasPrefix(v.Text, "-") && schema.IsInteger(v.Text) {
			return 0 // beyond every size
		}
	}
	if !n.Has(keyword) {
		return 0
	}
	return b.count(n, keyword) + 1
}

func (b *builder) fillNumbers(s *schema.Schema, n *source.Node) {
	number := func(keyword string) string {
		v := n.Get(keyword)
		switch {
		case v == nil:
			return ""
		case v.Kind == source.String && isNumber(v.Text):
			b.report("number-as-string", v, "%s is the string %q and is read as a number; remove the quotes", keyword, v.Text)
		case v.Kind != source.Number:
			b.wrongType(v, "%s must be a number, not %s; write a number", keyword, v.JSON())
			return ""
		}
		return v.Text
	}
	s.Minimum, s.Maximum, s.MultipleOf = number("minimum"), number("maximum"), number("multipleOf")
	if m := n.Get("multipleOf"); m != nil && s.MultipleOf != "" && (schema.IsZero(s.MultipleOf) || s.MultipleOf[0] == '-') {
		b.wrongType(m, "multipleOf must be more than 0, not %s; write a positive number, or remove it", s.MultipleOf)
		s.MultipleOf = ""
	}
	exclusive := func(keyword string, inclusive, bound *string) {
		v := n.Get(keyword)
		switch {
		case v.Is(source.Bool): // OpenAPI 3.0
			if v.Text == "true" {
				*bound, *inclusive = *inclusive, ""
			}
		default:
			*bound = number(keyword)
		}
	}
	exclusive("exclusiveMinimum", &s.Minimum, &s.ExclusiveMinimum)
	exclusive("exclusiveMaximum", &s.Maximum, &s.ExclusiveMaximum)
}

func isNumber(text string) bool {
	l := schema.Lexer{Text: text}
	return text != "" && l.Number() == text && !l.Failed()
}

// directed reports whether a member is readOnly or writeOnly. One that selects the variant of a union is neither: without it, messages of the
// other direction could not be read.
func (b *builder) directed(m *source.Member, keyword string) bool {
	if !b.annotated(m.Value, keyword) {
		return false
	}
	if b.selecting == nil {
		b.selecting = map[*source.Node]bool{}
		for _, file := range b.doc.Files {
			b.findSelecting(file.Root)
		}
	}
	if b.selecting[m.Value] {
		b.report("weak-discriminator", m.Value, "the member %q selects the variant of a union and is sent both ways, although it is %s; remove that", m.Name, keyword)
		return false
	}
	return true
}

// findSelecting notes the members that discriminators name, in the schemas that a node contains.
func (b *builder) findSelecting(n *source.Node) {
	if n == nil { // the root of a file that could not be read
		return
	}
	if property := n.Get("discriminator").Str("propertyName"); property != "" {
		for _, variant := range append(append([]*source.Node{n}, itemsIn(n.Get("oneOf"))...), itemsIn(n.Get("anyOf"))...) {
			b.walkParts(variant, func(part *source.Node) bool {
				if member := part.Get("properties").Get(property); member != nil {
					b.selecting[member] = true
				}
				return true
			})
		}
	}
	for i := range n.Members {
		b.findSelecting(n.Members[i].Value)
	}
	for _, item := range n.Items {
		b.findSelecting(item)
	}
}

func (b *builder) fillObject(s *schema.Schema, n *source.Node) {
	if properties := n.Get("properties"); properties.Is(source.Object) {
		for i := range properties.Members {
			m := &properties.Members[i]
			s.Properties = append(s.Properties, schema.Property{
				Name:      m.Name,
				Schema:    b.schemaOf(m.Value),
				ReadOnly:  b.directed(m, "readOnly"),
				WriteOnly: b.directed(m, "writeOnly"),
			})
		}
		sortProperties(s.Properties)
	}
	if patterns := n.Get("patternProperties"); patterns.Is(source.Object) {
		for i := range patterns.Members {
			m := &patterns.Members[i]
			b.checkPatternText(m.Value, m.Name)
			s.Patterns = append(s.Patterns, schema.PatternProperty{Pattern: m.Name, Schema: b.schemaOf(m.Value)})
		}
	}
	if additional := n.Get("additionalProperties"); additional != nil {
		if s.Additional = b.schemaOf(additional); additional.Is(source.Bool) && additional.Text == "true" {
			s.Additional = anything
		}
	}
	if required := n.Get("required"); required.Is(source.Array) {
		for _, name := range required.Items {
			switch {
			case name.Kind != source.String:
				b.wrongType(name, "required lists the names of members, not %s; write a string", article(name.Kind))
			case slices.Contains(s.Required, name.Text):
				b.report("repeated-required", name, "%q is required twice; remove one", name.Text)
			default:
				s.Required = append(s.Required, name.Text)
			}
		}
	} else if required.Is(source.Bool) {
		b.report("boolean-required", required, "required: %s has no meaning in a schema and is ignored; list the names of the required members in the schema of the object", required.Text)
	}
	s.MinProperties, s.MaxProperties = max(b.count(n, "minProperties"), 0), b.limit(n, "maxProperties")
	s.Names = b.schemaOf(n.Get("propertyNames"))
	if dependent := n.Get("dependentRequired"); dependent.Is(source.Object) {
		for i := range dependent.Members {
			m := &dependent.Members[i]
			s.DependentRequired = append(s.DependentRequired, schema.Dependency{Name: m.Name, Required: dependent.Strings(m.Name)})
		}
	}
	if dependent := n.Get("dependentSchemas"); dependent.Is(source.Object) {
		for i := range dependent.Members {
			m := &dependent.Members[i]
			s.DependentSchemas = append(s.DependentSchemas, schema.Property{Name: m.Name, Schema: b.schemaOf(m.Value)})
		}
	}
	s.UnevaluatedProperties = b.schemaOf(n.Get("unevaluatedProperties"))
}

// anything is the schema true.
var anything = new(schema.Schema)

func sortProperties(p []schema.Property) {
	slices.SortFunc(p, func(a, b schema.Property) int { return strings.Compare(a.Name, b.Name) })
}

// annotated reports whether a schema object has a keyword that is true, itself or by its reference or a part of its allOf.
func (b *builder) annotated(n *source.Node, keyword string) bool {
	for range maxChain {
		if n.True(keyword) {
			return true
		}
		for _, part := range itemsIn(n.Get("allOf")) {
			if part.True(keyword) {
				return true
			}
		}
		next := b.target(n)
		if next == nil {
			parts := itemsIn(n.Get("allOf"))
			if len(parts) == 0 {
				return false
			}
			next = parts[0]
		}
		n = next
	}
	return false
}

// maxChain bounds how far references are followed in a row.
const maxChain = 50

func itemsIn(n *source.Node) []*source.Node {
	if n.Is(source.Array) {
		return n.Items
	}
	return nil
}

func (b *builder) checkPattern(n *source.Node) { b.checkPatternText(n, n.Text) }

func (b *builder) checkPatternText(n *source.Node, pattern string) {
	if schema.Exact(pattern) {
		return
	}
	if _, err := schema.Compile(pattern); err != nil {
		b.report("invalid-pattern", n, "the pattern is not a regular expression of ECMA-262 (%s) and is not checked; correct it", err)
		return
	}
	b.engine = true
}

// fillDiscriminator resolves the mapping of a discriminator to the indexes of the variants.
func (b *builder) fillDiscriminator(s *schema.Schema, n *source.Node) {
	d := n.Get("discriminator")
	if !d.Is(source.Object) {
		return
	}
	property := d.Str("propertyName")
	if property == "" {
		b.report("missing-member", d, "a discriminator without propertyName is passed over; name the member that selects the variant")
		return
	}
	keyword := "oneOf"
	if !n.Has("oneOf") {
		keyword = "anyOf"
	}
	disc := &schema.Discriminator{Property: property}
	variants := itemsIn(n.Get(keyword))
	byTarget := map[*source.Node]int{}
	for i, variant := range variants {
		for t, steps := variant, 0; t != nil && steps < maxChain; t, steps = b.target(t), steps+1 {
			if _, taken := byTarget[t]; !taken {
				byTarget[t] = i
			}
		}
	}
	mapped := map[int]bool{}  // variants that the document's mapping has
	undecided := false        // a constant is that of several variants
	taken := map[string]int{} // values → the variants that they select
	add := func(value string, i int) {
		if other, ok := taken[value]; ok {
			if other != i {
				what := "and is taken for the first"
				if !mapped[other] {
					what, undecided = "so that the shape of a value does", true
				}
				b.report("repeated-discriminator-value", d, "the value %q selects both %s and %s, %s; give each variant values of its own",
					value, b.variantTitle(variants[other], other), b.variantTitle(variants[i], i), what)
			}
			return
		}
		taken[value] = i
		disc.Mapping = append(disc.Mapping, schema.Mapping{Value: value, Variant: i})
	}
	if mapping := d.Get("mapping"); mapping.Is(source.Object) {
		for j := range mapping.Members {
			m := &mapping.Members[j]
			target := b.mappingTarget(d, m.Value.Text)
			i, ok := byTarget[target]
			switch {
			case target == nil:
				b.report("mapping-target", m.Value, "%q does not name a schema; write the name or the reference of a variant", m.Value.Text)
			case !ok:
				b.report("mapping-target", m.Value, "%q selects %s, which is not a variant of the %s; add it there or remove the mapping", m.Name, b.titleOf(target), keyword)
			default:
				add(m.Name, i)
				mapped[i] = true
			}
		}
	}
	for i, variant := range variants {
		if mapped[i] {
			continue
		}
		values := b.constantsOf(variant, property)
		for _, value := range values {
			add(value, i)
		}
		if len(values) == 0 {
			if t := b.target(variant); t != nil {
				add(lastToken(reference(variant)), i)
			} else if !b.isNull(variant) {
				disc.Optional = true // the variant can be selected by its shape only
			}
		}
	}
	if target := d.Str("defaultMapping"); target != "" {
		if i, ok := byTarget[b.mappingTarget(d, target)]; ok {
			disc.Default = i + 1
		}
	}
	for _, variant := range variants {
		if !b.isNull(variant) && !b.requires(variant, property) && !slices.Contains(n.Strings("required"), property) {
			disc.Optional = true
		}
	}
	if undecided {
		return
	}
	slices.SortFunc(disc.Mapping, func(a, b schema.Mapping) int { return strings.Compare(a.Value, b.Value) })
	s.Discriminator = disc
}

// lastToken is the last part of a reference, as a name. It is that of the file, without its extension, if the reference is to all of it.
func lastToken(ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	if strings.Trim(fragment, "/") == "" {
		return strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	token := fragment[strings.LastIndexByte(fragment, '/')+1:]
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}

// mappingTarget finds the schema that a value of a mapping names: a reference or the name of a component.
func (b *builder) mappingTarget(d *source.Node, text string) *source.Node {
	if n := b.components[text]; n != nil {
		return n
	}
	found, err := b.doc.Resolve(d, text)
	if err != nil {
		return nil
	}
	return found.Node
}

// titleOf names a schema for a message.
func (b *builder) titleOf(n *source.Node) string {
	if key, ok := b.keys[n]; ok {
		return key
	}
	return b.doc.Pointer(n)
}

// isNull reports whether a schema object describes null and nothing else.
func (b *builder) isNull(n *source.Node) bool {
	for range maxChain {
		if t := b.target(n); t != nil {
			n = t
			continue
		}
		break
	}
	if t := n.Get("type"); t != nil {
		return t.Kind == source.Null || t.Text == "null" && t.Kind == source.String ||
			t.Kind == source.Array && len(t.Items) == 1 && t.Items[0].Text == "null"
	}
	if e := n.Get("enum"); e.Is(source.Array) {
		return len(e.Items) == 1 && e.Items[0].Kind == source.Null
	}
	return n.Has("const") && n.Get("const").Kind == source.Null
}

// constantsOf are the strings that a member of a schema object may have, if an enum or const lists them, by references and allOf.
func (b *builder) constantsOf(n *source.Node, member string) []string {
	var values []string
	b.walkParts(n, func(part *source.Node) bool {
		values = b.constantsIn(part, member)
		return len(values) == 0
	})
	return values
}

// constantsIn is constantsOf for the members that a schema object itself declares.
func (b *builder) constantsIn(n *source.Node, member string) []string {
	return b.listedStrings(n.Get("properties").Get(member), 0)
}

// listedStrings are the strings that a value may be, if an enum or const lists them, also in each alternative besides null.
func (b *builder) listedStrings(n *source.Node, depth int) []string {
	if depth > maxChain {
		return nil
	}
	var values []string
	b.walkParts(n, func(p *source.Node) bool {
		for _, value := range itemsIn(p.Get("enum")) {
			if value.Kind == source.String {
				values = append(values, value.Text)
			}
		}
		if c := p.Get("const"); c.Is(source.String) {
			values = append(values, c.Text)
		}
		for _, keyword := range []string{"oneOf", "anyOf"} {
			if len(values) > 0 {
				break
			}
			for _, alternative := range itemsIn(p.Get(keyword)) {
				if b.isNull(alternative) {
					continue
				}
				of := b.listedStrings(alternative, depth+1)
				if len(of) == 0 {
					values = nil
					break
				}
				values = append(values, of...)
			}
		}
		return len(values) == 0
	})
	return values
}

// requires reports whether a schema object requires a member, by references and allOf, or in each variant if it is a union.
func (b *builder) requires(n *source.Node, member string) bool {
	key := requirement{n, member}
	if found, known := b.requirements[key]; known {
		return found
	}
	b.requirements[key] = false // for a union that leads to itself
	found := false
	b.walkParts(n, func(part *source.Node) bool {
		found = slices.Contains(part.Strings("required"), member)
		if variants := itemsIn(part.Get("oneOf")); !found && len(variants) > 0 {
			found = !slices.ContainsFunc(variants, func(variant *source.Node) bool { return !b.requires(variant, member) })
		}
		return !found
	})
	b.requirements[key] = found
	return found
}

// A requirement is the question whether a schema object requires a member.
type requirement struct {
	node   *source.Node
	member string
}

// walkParts visits a schema object, what its references lead to and the parts of its allOf, each once, until visit returns false.
func (b *builder) walkParts(n *source.Node, visit func(*source.Node) bool) bool {
	var seen []*source.Node
	var walk func(n *source.Node) bool
	walk = func(n *source.Node) bool {
		if !n.Is(source.Object) || slices.Contains(seen, n) {
			return true
		}
		seen = append(seen, n)
		if !visit(n) {
			return false
		}
		if t := b.target(n); t != nil && !walk(t) {
			return false
		}
		for _, part := range itemsIn(n.Get("allOf")) {
			if !walk(part) {
				return false
			}
		}
		return true
	}
	return walk(n)
}

// flatten merges the parts of allOf into the schemas that were translated since it was last called.
func (b *builder) flatten() {
	state := map[*schema.Schema]int{}
	for _, s := range b.unflattened {
		b.cutCycles(s, state)
	}
	for len(b.unflattened) > 0 {
		s := b.unflattened[len(b.unflattened)-1]
		b.unflattened = b.unflattened[:len(b.unflattened)-1]
		b.flattenOne(s)
	}
}

// cutCycles removes the parts and variants of a schema by which it is a part of itself. Literally, such a part says of a value that it is
// valid if it is valid.
func (b *builder) cutCycles(s *schema.Schema, state map[*schema.Schema]int) {
	const visiting, visited = 1, 2
	state[s] = visiting
	// cut reports whether a part leads back.
	cut := func(part *schema.Schema, keyword string) bool {
		if part == nil || state[part] == visited {
			return false
		}
		if state[part] == 0 {
			b.cutCycles(part, state)
			return false
		}
		if n := b.origins[s]; n != nil {
			b.report("part-of-itself", n, "the schema is a part of itself by way of %s, which says nothing about its values and is ignored; remove it", keyword)
		}
		return true
	}
	s.AllOf = slices.DeleteFunc(slices.Clone(s.AllOf), func(part *schema.Schema) bool { return cut(part, "allOf") })
	variants := func(list []*schema.Schema, keyword string) []*schema.Schema {
		left := len(list)
		for i, variant := range list {
			if cut(variant, keyword) {
				list[i] = &schema.Schema{Name: variant.Name, Never: true}
				left--
			}
		}
		if left == 0 {
			return nil
		}
		return list
	}
	s.OneOf = variants(s.OneOf, "oneOf")
	s.AnyOf = variants(s.AnyOf, "anyOf")
	single := func(part **schema.Schema, keyword string) {
		if cut(*part, keyword) {
			*part = nil
		}
	}
	single(&s.Not, "not")
	single(&s.If, "if")
	single(&s.Then, "then")
	single(&s.Else, "else")
	for i := range s.DependentSchemas {
		if d := &s.DependentSchemas[i]; cut(d.Schema, "dependentSchemas") {
			d.Schema = nil
		}
	}
	state[s] = visited
}

func (b *builder) flattenOne(s *schema.Schema) {
	switch b.flattening[s] {
	case 2:
		return
	case 1:
		return // by way of a union, whose variants are not merged into it
	}
	b.flattening[s] = 1
	if len(s.AllOf) > 0 {
		for _, part := range s.AllOf {
			b.flattenOne(part)
		}
		b.join(s)
	}
	if len(s.OneOf) > 0 || len(s.AnyOf) > 0 {
		b.distribute(s)
	}
	b.flattening[s] = 2
}

// distribute moves what a schema says about members beside a union into each variant. An object is valid for the schema exactly if it is
// valid for what is beside the union and for one variant, which is to say for the two together.
func (b *builder) distribute(s *schema.Schema) {
	base := &schema.Schema{
		Properties: s.Properties, Patterns: s.Patterns, Additional: s.Additional, Required: s.Required,
		MinProperties: s.MinProperties, MaxProperties: s.MaxProperties, Names: s.Names,
		DependentRequired: s.DependentRequired, DependentSchemas: s.DependentSchemas,
	}
	if !base.Constrains() || len(s.AllOf) > 0 {
		return
	}
	variants := s.OneOf
	if len(variants) == 0 {
		variants = s.AnyOf
	}
	if b.distributed += len(variants); b.distributed > maxDistributed {
		return // unions in unions, each with members beside it: the checker looks at them one by one
	}
	joined := make([]*schema.Schema, len(variants))
	for i, variant := range variants {
		if b.flattenOne(variant); b.flattening[variant] == 1 {
			return // which has been reported
		}
		joined[i] = &schema.Schema{Name: variant.Name, AllOf: []*schema.Schema{base, variant}}
		b.origins[joined[i]] = b.origins[s]
		b.flattenOne(joined[i])
	}
	if len(s.OneOf) > 0 {
		s.OneOf = joined
	} else {
		s.AnyOf = joined
	}
	s.Properties, s.Patterns, s.Additional, s.Required = nil, nil, nil, nil
	s.MinProperties, s.MaxProperties, s.Names = 0, 0, nil
	s.DependentRequired, s.DependentSchemas = nil, nil
}

// join merges the parts of the allOf of a schema into it. Where they cannot be merged into one, the schema keeps the parts, and declares the
// members of all of them besides, for the fields of the Go type.
func (b *builder) join(s *schema.Schema) {
	own := shallow(s)
	own.AllOf, own.Name, own.Sensitive, own.Nullable = nil, "", false, false
	parts := s.AllOf
	merged := own
	exact := true
	b.reopened = false
	for i := len(parts) - 1; i >= 0; i-- {
		joined, ok := b.merge(parts[i], merged)
		exact = exact && ok
		merged = joined
	}
	merged.UnevaluatedProperties, merged.UnevaluatedItems = nil, nil
	if len(parts) > 0 {
		exact = joinUnevaluated(merged, append(slices.Clone(parts), own)) && exact
	}
	name, sensitive, nullable, kept := s.Name, s.Sensitive, s.Nullable, s.AllOf
	for _, part := range parts {
		sensitive = sensitive || part.Sensitive
	}
	if !nullable {
		nullable = acceptsNull(own) && !slices.ContainsFunc(parts, func(p *schema.Schema) bool { return !acceptsNull(p) })
	}
	assign(s, merged)
	s.Name, s.Sensitive, s.Nullable = name, sensitive, nullable
	if b.reopened {
		if n := b.origins[s]; n != nil {
			b.report("closed-part", n, "additionalProperties: false in one part of the schema forbids the members that other parts declare, so that it is read as if it"+
				" counted them; write unevaluatedProperties: false beside allOf (OpenAPI 3.1), or leave it out")
		}
		kept = slices.Clone(kept)
		for i, part := range kept {
			if part.Additional != nil && part.Additional.Never {
				kept[i] = shallow(part)
				kept[i].Additional = nil
			}
		}
		if own.Additional != nil && own.Additional.Never {
			own.Additional = nil
		}
	}
	if !exact {
		ownPart := shallow(own)
		ownPart.UnevaluatedProperties, ownPart.UnevaluatedItems = nil, nil // which see all parts
		s.AllOf = kept
		if ownPart.Constrains() {
			s.AllOf = append(slices.Clone(kept), ownPart)
		}
	}
}

// maxDistributed bounds the variants that distribute makes, which can double with each level of unions.
const maxDistributed = 5_000

// acceptsNull reports whether null is valid.
func acceptsNull(s *schema.Schema) bool {
	known := map[*schema.Schema]bool{}
	var accepts func(s *schema.Schema) bool
	accepts = func(s *schema.Schema) (accepted bool) {
		switch {
		case s == nil || s.Nullable:
			return true
		case s.Never, s.Types != 0 && s.Types&schema.Null == 0, len(s.Enum) > 0 && !slices.Contains(s.Enum, "null"):
			return false
		}
		if accepted, ok := known[s]; ok {
			return accepted
		}
		known[s] = true // if it is a part of itself
		defer func() { known[s] = accepted }()
		fits := 0
		for _, variant := range s.OneOf {
			if accepts(variant) {
				fits++
			}
		}
		rest := s.Else
		if s.If != nil && accepts(s.If) {
			rest = s.Then
		}
		return (len(s.OneOf) == 0 || fits == 1) && (len(s.AnyOf) == 0 || slices.ContainsFunc(s.AnyOf, accepts)) &&
			!slices.ContainsFunc(s.AllOf, func(part *schema.Schema) bool { return !accepts(part) }) &&
			(s.Not == nil || !accepts(s.Not)) && (s.If == nil || accepts(rest))
	}
	return accepts(s)
}

// SchemaOf is the schema value of a schema object; nil for one that nothing refers to.
func (api *API) SchemaOf(n *source.Node) *schema.Schema { return api.schemas[n] }

// TypeOf is the Go type for the values of a schema object; nil for one that has none of its own.
func (api *API) TypeOf(n *source.Node) *Type { return api.types[n] }

// NodeOf is the schema object that a schema value was made of; nil for one that stands for several.
func (api *API) NodeOf(s *schema.Schema) *source.Node { return api.origins[s] }

// Examples are the examples that the document gives for a schema, as JSON texts: also its default.
func (api *API) Examples(s *schema.Schema) []string {
	var examples []string
	n := api.origins[s]
	for _, keyword := range []string{"example", "default"} {
		if v := n.Get(keyword); v != nil {
			examples = append(examples, schema.Canonical(string(v.JSON())))
		}
	}
	for _, v := range itemsIn(n.Get("examples")) {
		examples = append(examples, schema.Canonical(string(v.JSON())))
	}
	return examples
}
