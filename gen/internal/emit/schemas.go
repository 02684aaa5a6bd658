package emit

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/model"
)

// This file prints schema values as Go literals.

// schemas prints the schemas of the components and what they share, and the function that returns them by name.
func (e *emitter) schemas() string {
	p := e.printer
	var b strings.Builder
	b.WriteString("// Schemas returns the schemas of the document by the names that the document gives them, to validate JSON text with.\n")
	b.WriteString("func Schemas() map[string]*schema.Schema {\n\treturn map[string]*schema.Schema{\n")
	for _, c := range e.api.Components {
		if name, ok := p.names[c.Schema]; ok {
			fmt.Fprintf(&b, "\t\t%s: &%s,\n", strconv.Quote(c.Key), name)
		}
	}
	b.WriteString("\t}\n}\n\n")
	b.WriteString(p.declarations())
	return b.String()
}

// schema spells a pointer to a schema where it is used.
func (e *emitter) schema(s *schema.Schema) string {
	if s == nil {
		return "nil"
	}
	return e.printer.reference(s, "")
}

// A printer prints schemas. Those with a name are declared; the others are printed where they are used.
type printer struct {
	names   map[*schema.Schema]string
	order   []*schema.Schema
	roots   []*schema.Schema // that the operations use
	links   []string         // assignments of references that go in circles
	state   map[*schema.Schema]int
	printed map[*schema.Schema]string
}

func newPrinter(api *model.API) *printer {
	p := &printer{names: map[*schema.Schema]string{}, state: map[*schema.Schema]int{}, printed: map[*schema.Schema]string{}}
	for _, v := range api.Variables {
		if _, named := p.names[v.Schema]; !named {
			p.names[v.Schema] = v.Name
			p.order = append(p.order, v.Schema)
		}
	}
	eachOperationSchema(api, func(s *schema.Schema) { p.roots = append(p.roots, s) })
	p.nameShared()
	return p
}

// eachOperationSchema visits the schemas that the operations use.
func eachOperationSchema(api *model.API, visit func(*schema.Schema)) {
	one := func(s *schema.Schema) {
		if s != nil {
			visit(s)
		}
	}
	for _, op := range api.AllOperations() {
		for _, p := range op.Parameters {
			one(p.Schema)
		}
		for _, c := range op.Bodies {
			one(c.Schema)
			one(c.Schema) // it is printed twice, for the codec
		}
		for _, r := range op.Responses {
			for _, h := range r.Headers {
				one(h.Schema)
			}
			for _, c := range r.Contents {
				one(c.Schema)
				one(c.Schema)
			}
		}
	}
}

// nameShared names the schemas that are used more than once but have no name, so that nothing is printed twice or for ever.
func (p *printer) nameShared() {
	uses := map[*schema.Schema]int{}
	var visit func(s *schema.Schema)
	visit = func(s *schema.Schema) {
		if uses[s]++; uses[s] > 1 {
			return
		}
		eachPart(s, func(part *schema.Schema) {
			visit(part)
		})
	}
	for _, s := range p.order {
		visit(s)
	}
	for _, s := range p.roots {
		visit(s)
	}
	shared, taken := 0, map[string]bool{}
	for _, name := range p.names {
		taken[name] = true
	}
	seen := map[*schema.Schema]bool{}
	var collect func(s *schema.Schema)
	collect = func(s *schema.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		if uses[s] > 1 && p.names[s] == "" && s != schema.False && !isSmall(s) {
			for shared++; taken["schemaShared"+strconv.Itoa(shared)]; shared++ {
			}
			p.names[s] = "schemaShared" + strconv.Itoa(shared)
			p.order = append(p.order, s)
		}
		eachPart(s, collect)
	}
	for _, s := range p.order[:len(p.order):len(p.order)] {
		collect(s)
	}
	for _, s := range p.roots {
		collect(s)
	}
}

// isSmall reports whether a schema has no schemas within, so that it may be printed several times.
func isSmall(s *schema.Schema) bool {
	small := true
	eachPart(s, func(*schema.Schema) { small = false })
	return small
}

// eachPart visits the schemas within a schema.
func eachPart(s *schema.Schema, visit func(*schema.Schema)) {
	one := func(parts ...*schema.Schema) {
		for _, part := range parts {
			if part != nil {
				visit(part)
			}
		}
	}
	one(s.Items)
	one(s.PrefixItems...)
	one(s.Contains, s.UnevaluatedItems)
	for _, q := range s.Properties {
		one(q.Schema)
	}
	for _, q := range s.Patterns {
		one(q.Schema)
	}
	one(s.Additional, s.Names)
	for _, q := range s.DependentSchemas {
		one(q.Schema)
	}
	one(s.UnevaluatedProperties)
	one(s.AllOf...)
	one(s.AnyOf...)
	one(s.OneOf...)
	one(s.Not, s.If, s.Then, s.Else)
}

// declarations prints the variables, and an init function for what refers to itself.
func (p *printer) declarations() string {
	for _, s := range p.order {
		p.print(s)
	}
	var b strings.Builder
	b.WriteString("// The schemas that values are validated against.\nvar (\n")
	for _, s := range p.order {
		fmt.Fprintf(&b, "%s = %s\n", p.names[s], p.printed[s])
	}
	b.WriteString(")\n")
	if len(p.links) > 0 {
		b.WriteString("\n// What refers to itself cannot be initialized otherwise.\nfunc init() {\n" + strings.Join(p.links, "\n") + "\n}\n")
	}
	return b.String()
}

// print prints a named schema, and those that it refers to before it.
func (p *printer) print(s *schema.Schema) {
	if p.state[s] != 0 {
		return
	}
	p.state[s] = 1
	text := p.literal(s, p.names[s])
	p.printed[s] = text
	p.state[s] = 2
}

// literal spells a schema; path is the Go expression for it.
func (p *printer) literal(s *schema.Schema, path string) string {
	var b strings.Builder
	b.WriteString("schema.Schema{")
	v := reflect.ValueOf(s).Elem()
	fields := 0
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() {
			continue
		}
		text := p.value(f.Name, v.Field(i).Interface(), path+"."+f.Name)
		if text == "" {
			continue
		}
		if fields++; multiline[f.Name] {
			b.WriteString("\n")
		} else if fields > 1 {
			b.WriteString(" ")
		}
		b.WriteString(f.Name + ": " + text + ",")
	}
	out := b.String()
	if strings.Contains(out, "\n") {
		return out + "\n}"
	}
	return strings.TrimSuffix(out, ",") + "}"
}

// multiline are the fields that begin a line of their own.
var multiline = map[string]bool{"Properties": true, "OneOf": true, "AnyOf": true, "AllOf": true, "Discriminator": true, "Items": false}

func (p *printer) value(field string, value any, path string) string {
	switch v := value.(type) {
	case string:
		return quoteGo(v)
	case bool:
		return "true"
	case int:
		if strings.HasPrefix(field, "Max") {
			return "1 + " + strconv.Itoa(v-1)
		}
		return strconv.Itoa(v)
	case schema.Types:
		return types(v)
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = quoteGo(s)
		}
		return "[]string{" + strings.Join(quoted, ", ") + "}"
	case *schema.Schema:
		return p.reference(v, path)
	case []*schema.Schema:
		parts := make([]string, len(v))
		for i, part := range v {
			if parts[i] = p.reference(part, fmt.Sprintf("%s[%d]", path, i)); parts[i] == "" {
				parts[i] = "nil"
			}
		}
		return "[]*schema.Schema{" + strings.Join(parts, ", ") + "}"
	case []schema.Property:
		return "[]schema.Property{\n" + p.properties(v, path) + "}"
	case []schema.PatternProperty:
		var b strings.Builder
		for i, q := range v {
			fmt.Fprintf(&b, "{Pattern: %s%s},\n", quoteGo(q.Pattern), p.member("Schema", q.Schema, fmt.Sprintf("%s[%d].Schema", path, i)))
		}
		return "[]schema.PatternProperty{\n" + b.String() + "}"
	case []schema.Dependency:
		var parts []string
		for _, d := range v {
			parts = append(parts, fmt.Sprintf("{Name: %s, Required: %s}", quoteGo(d.Name), p.value("", d.Required, "")))
		}
		return "[]schema.Dependency{" + strings.Join(parts, ", ") + "}"
	case *schema.Discriminator:
		return discriminator(v)
	}
	panic(fmt.Sprintf("emit: no literal for %T", value))
}

func (p *printer) properties(properties []schema.Property, path string) string {
	var b strings.Builder
	for i, q := range properties {
		fmt.Fprintf(&b, "{Name: %s%s", quoteGo(q.Name), p.member("Schema", q.Schema, fmt.Sprintf("%s[%d].Schema", path, i)))
		if q.ReadOnly {
			b.WriteString(", ReadOnly: true")
		}
		if q.WriteOnly {
			b.WriteString(", WriteOnly: true")
		}
		b.WriteString("},\n")
	}
	return b.String()
}

func (p *printer) member(name string, s *schema.Schema, path string) string {
	if s == nil {
		return ""
	}
	if text := p.reference(s, path); text != "" {
		return ", " + name + ": " + text
	}
	return ""
}

// reference spells a pointer to a schema. It is empty for one that is set in init, since it leads back to where it is.
func (p *printer) reference(s *schema.Schema, path string) string {
	if s == schema.False {
		return "schema.False"
	}
	name, named := p.names[s]
	if !named {
		return "&" + p.literal(s, path)
	}
	p.print(s)
	if p.state[s] == 1 {
		p.links = append(p.links, path+" = &"+name)
		return ""
	}
	return "&" + name
}

func discriminator(d *schema.Discriminator) string {
	var b strings.Builder
	fmt.Fprintf(&b, "&schema.Discriminator{Property: %s, Mapping: []schema.Mapping{", quoteGo(d.Property))
	for _, m := range d.Mapping {
		fmt.Fprintf(&b, "{Value: %s, Variant: %d}, ", quoteGo(m.Value), m.Variant)
	}
	out := strings.TrimSuffix(b.String(), ", ") + "}"
	if d.Optional {
		out += ", Optional: true"
	}
	if d.Default > 0 {
		out += fmt.Sprintf(", Default: 1 + %d", d.Default-1)
	}
	return out + "}"
}

func types(t schema.Types) string {
	var names []string
	for _, one := range []struct {
		t    schema.Types
		name string
	}{{schema.Null, "Null"}, {schema.Boolean, "Boolean"}, {schema.Integer, "Integer"}, {schema.Number, "Number"}, {schema.String, "String"},
		{schema.Array, "Array"}, {schema.Object, "Object"}} {
		if t&one.t != 0 {
			names = append(names, "schema."+one.name)
		}
	}
	return strings.Join(names, " | ")
}
