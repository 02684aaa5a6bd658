package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/contract"
)

// A codec is a decoder and an encoder for the Go type of a component, both of which hold the value against the document. They give
// up where they are not sure, and leave the value to encoding/json and the tables. So a type may do without: it is decoded by
// [contract.Reader.Other].
type codec struct {
	Name   string
	Object *objectCodec // of an object, or
	Union  *unionCodec  // of a union, or
	Read   string       // statements that read *v from r, and
	Write  string       // statements that write *v to w
}

type objectCodec struct {
	Members   []memberCodec
	Required  string   // the members that have to be there, as a Go constant
	Request   string   // those that have to be there in requests only, 0 for none
	Response  string   // those that have to be there in responses only
	Forbidden []string // the members that may not be there
	Closed    bool
}

type memberCodec struct {
	Name  string // of the member
	Bit   int
	Read  string // statements that read the field
	Write string // statements that write the member
}

type unionCodec struct {
	Discriminator string // "" if the tables choose the variant
	Variants      []variantCodec
}

type variantCodec struct {
	Name   string
	Field  string // of the discriminator
	Values []string
}

// encode decides how each type is read and written.
func encode(components map[string]*component, unions []union, stock *stock) ([]codec, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+strings.Join(stock.types, "\n\n"), parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := coder{components: components, unions: map[string]union{}, types: map[string]ast.Expr{}, valid: map[string]bool{}, without: map[string]bool{}}
	for _, u := range unions {
		c.unions[u.Name] = u
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					c.types[t.Name.Name] = t.Type
				}
			}
		case *ast.FuncDecl:
			if d.Recv != nil && d.Name.Name == "Valid" {
				c.valid[receiver(d)] = true
			}
		}
	}
	// Whether a type has a codec may depend on whether another one has, in circles. So all are thought to have one until it turns
	// out that some cannot.
	for {
		var codecs []codec
		before := len(c.without)
		for name := range sortedMap(components) {
			if k, ok := c.component(name); ok {
				codecs = append(codecs, k)
			} else {
				c.without[name] = true
			}
		}
		if len(c.without) == before {
			return codecs, nil
		}
	}
}

type coder struct {
	components map[string]*component
	unions     map[string]union
	types      map[string]ast.Expr // what oapi-codegen has made of the components, but for unions
	valid      map[string]bool     // the types with a method Valid
	without    map[string]bool     // the types that can have no codec
}

// component returns the codec of a component, if it can have one.
func (c *coder) component(name string) (k codec, ok bool) {
	k.Name = name
	s := c.components[name].schema
	t, declared := c.types[name]
	u, isUnion := c.unions[name]
	switch object, isStruct := t.(*ast.StructType); {
	case isUnion:
		k.Union, ok = c.union(u)
	case !declared, s.Nullable, composed(s): // null needs a place that the type does not have
	case isStruct:
		k.Object, ok = c.object(name, s, object)
	default:
		v := value{c: c, schema: s, typ: t, name: name}
		k.Read, k.Write, ok = v.code("*v")
		k.Read, k.Write = strings.TrimSpace(k.Read), strings.TrimSpace(k.Write)
	}
	return k, ok
}

func composed(s *openapi3.Schema) bool {
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil && !s.Type.Is("object")
}

// union is for unions whose variants have codecs. A discriminator selects the variant if it is a member of each; otherwise the
// tables choose.
func (c *coder) union(u union) (*unionCodec, bool) {
	k := &unionCodec{Discriminator: u.Discriminator}
	for _, v := range u.Variants {
		schema := c.components[v.Name].schema
		if u.Null || c.without[v.Name] || schema.Nullable {
			return nil, false
		}
		variant := variantCodec{Name: v.Name, Values: v.Values}
		property := schema.Properties[u.Discriminator]
		if _, isStruct := c.types[v.Name].(*ast.StructType); isStruct && property != nil {
			variant.Field = goFieldName(property)
		} else {
			k.Discriminator = ""
		}
		k.Variants = append(k.Variants, variant)
	}
	return k, true
}

// object is for structs whose fields are the members.
func (c *coder) object(name string, s *openapi3.Schema, t *ast.StructType) (*objectCodec, bool) {
	k := &objectCodec{Closed: s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has}
	if !k.Closed && (s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil) {
		return nil, false
	}
	if len(s.Enum) > 0 || s.MinProps > 0 || s.MaxProps != nil || len(s.Properties) > 64 || len(t.Fields.List) != len(s.Properties) {
		return nil, false
	}
	var ok bool
	if k.Forbidden, ok = forbidden(s.Not); !ok || slices.ContainsFunc(k.Forbidden, func(name string) bool { return s.Properties[name] != nil }) {
		return nil, false
	}
	for _, field := range t.Fields.List {
		wire, options, _ := strings.Cut(tagOf(field, "json"), ",")
		property := s.Properties[wire]
		if len(field.Names) != 1 || property == nil {
			return nil, false
		}
		m, ok := c.member(wire, options, field, property, slices.Contains(s.Required, wire))
		if !ok {
			return nil, false
		}
		m.Bit = len(k.Members)
		k.Members = append(k.Members, m)
	}
	var always, request, response []string
	for _, wire := range s.Required {
		i := slices.IndexFunc(k.Members, func(m memberCodec) bool { return m.Name == wire })
		if i < 0 {
			return nil, false
		}
		set := &always
		switch property := s.Properties[wire].Value; {
		case property.ReadOnly:
			set = &response
		case property.WriteOnly:
			set = &request
		}
		*set = append(*set, "1<<"+strconv.Itoa(i))
	}
	k.Required, k.Request, k.Response = bits(always), bits(request), bits(response)
	return k, true
}

// bits joins bits to a Go constant.
func bits(each []string) string {
	slices.SortFunc(each, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return cmp.Or(strings.Join(each, " | "), "0")
}

// forbidden are the members that an object may not have because of not: {required: [a]}, or of several of those in an anyOf.
func forbidden(ref *openapi3.SchemaRef) (names []string, ok bool) {
	if ref == nil {
		return nil, true
	}
	parts := openapi3.SchemaRefs{ref}
	if len(ref.Value.AnyOf) > 0 && len(ref.Value.Required) == 0 && bare(ref.Value) {
		parts = ref.Value.AnyOf
	}
	for _, part := range parts {
		if len(part.Value.Required) != 1 || len(part.Value.AnyOf) > 0 || !bare(part.Value) {
			return nil, false
		}
		names = append(names, part.Value.Required[0])
	}
	return names, true
}

// bare tells whether a schema says nothing of an object but by required and anyOf.
func bare(s *openapi3.Schema) bool {
	rest := *s
	rest.Required, rest.AnyOf, rest.Extensions, rest.Origin = nil, nil, nil, nil
	rest.Title, rest.Description, rest.Type = "", "", nil
	return reflect.DeepEqual(rest, openapi3.Schema{}) && (s.Type == nil || s.Type.Is("object"))
}

// member reads and writes a field.
func (c *coder) member(wire, options string, field *ast.Field, property *openapi3.SchemaRef, required bool) (memberCodec, bool) {
	m := memberCodec{Name: wire}
	name := "v." + field.Names[0].Name
	nullable := c.nullable(property)
	begin := fmt.Sprintf("w.Member(%s)\n", quoteGo(strconv.Quote(wire)+":"))

	t := field.Type
	var read, write, there string // there is the condition that the member is there, "" for always
	switch shape := t.(type) {
	case *ast.StarExpr:
		inner, ok := c.value(property, shape.X)
		if !ok {
			break
		}
		r, w, ok := inner.code("*" + name)
		if !ok {
			break
		}
		read, write = name+" = new("+text(shape.X)+")\n"+r, w
		switch {
		case options == "omitempty":
			there = name + " != nil"
		case nullable:
			write = "if " + name + " == nil {\nw.Null()\n} else {\n" + w + "}\n"
		default:
			write = "if w.Want(" + name + " != nil); " + name + " != nil {\n" + w + "}\n"
		}
		if nullable {
			read = "if !r.Null() {\n" + read + "}\n"
		}
	case *ast.IndexExpr: // nullable.Nullable
		inner, ok := c.value(property, shape.Index)
		if text(shape.X) != "nullable.Nullable" || !ok || options != "omitempty" {
			break
		}
		r, w, ok := inner.code("item")
		if !ok {
			break
		}
		read = "if r.Null() {\n" + name + ".SetNull()\n} else {\nvar item " + text(shape.Index) + "\n" + r + name + ".Set(item)\n}\n"
		write = "if " + name + ".IsNull() {\nw.Null()\n} else {\nitem := " + name + ".MustGet()\n" + w + "}\n"
		there = name + ".IsSpecified()"
	default:
		inner, ok := c.value(property, t)
		if !ok {
			break
		}
		r, w, ok := inner.code(name)
		_, isUnion := c.unions[text(t)]
		isSlice := inner.isSlice()
		switch {
		case !ok:
		case isSlice && nullable:
			read = "if !r.Null() {\n" + r + "}\n"
			write = "if " + name + " == nil {\nw.Null()\n} else {\n" + w + "}\n"
		case nullable:
		default:
			read, write = r, w
		}
		switch {
		case options == "":
		case options == "omitzero" && isSlice:
			there = name + " != nil"
			write = w
		case options == "omitempty" && isSlice:
			there = "len(" + name + ") > 0"
			write = w
		case options == "omitzero" && isUnion:
			there = name + ".value != nil"
		default:
			read = ""
		}
	}
	if read == "" {
		read = "r.Other(&" + name + ")\n"
		write = "w.Other(&" + name + ")\n"
		if there = thereOf(name, t, options, c); there == "?" {
			return m, false
		}
	}
	for direction, only := range map[string]bool{"InResponse": property.Value.ReadOnly, "InRequest": property.Value.WriteOnly} {
		if only {
			read = "r.WantDirection(contract." + direction + ")\n" + read
			begin = "w.WantDirection(contract." + direction + ")\n" + begin
		}
	}
	write = begin + write
	if there != "" {
		write = "if " + there + " {\n" + write + "}"
		if required {
			write += " else {\n" + missing(property.Value) + "}"
		}
	}
	m.Read, m.Write = strings.TrimSpace(read), strings.TrimSpace(write)
	return m, true
}

// missing is what to do about a required member that is not there. In one direction it may be missing, as only the other end sets it.
func missing(s *openapi3.Schema) string {
	switch {
	case s.ReadOnly:
		return "w.MissingIn(contract.InResponse)\n"
	case s.WriteOnly:
		return "w.MissingIn(contract.InRequest)\n"
	}
	return "w.GiveUp()\n"
}

// thereOf is the condition that encoding/json writes a field of which nothing else is known; "?" if that is hard to tell.
func thereOf(name string, t ast.Expr, options string, c *coder) string {
	_, isUnion := c.unions[text(t)]
	_, isPointer := t.(*ast.StarExpr)
	_, isSlice := t.(*ast.ArrayType) // there are no arrays of a fixed length
	_, isMap := t.(*ast.MapType)
	switch {
	case options == "":
		return ""
	case isPointer:
		return name + " != nil"
	case isUnion:
		return name + ".value != nil"
	case (isSlice || isMap) && options == "omitzero":
		return name + " != nil"
	case (isSlice || isMap) && options == "omitempty":
		return "len(" + name + ") > 0"
	}
	return "?"
}

// nullable tells whether a member may be null. The unions of the document have forgotten it by now.
func (c *coder) nullable(ref *openapi3.SchemaRef) bool {
	if u, ok := c.unions[strings.TrimPrefix(ref.Ref, schemasPrefix)]; ok && ref.Ref != "" {
		return u.Null
	}
	return ref.Value.Nullable
}

// A value is a place of a Go type that a schema is said of.
type value struct {
	c      *coder
	schema *openapi3.Schema
	typ    ast.Expr // with the type that name stands for, if there is one
	name   string   // of the type, if it has one
	codec  bool     // that type has functions of its own
}

// value finds out about the type of a place.
func (c *coder) value(ref *openapi3.SchemaRef, t ast.Expr) (value, bool) {
	v := value{c: c, schema: ref.Value, typ: t}
	ident, ok := t.(*ast.Ident)
	if !ok || basic[ident.Name] {
		return v, ref.Ref == "" && !composed(ref.Value)
	}
	v.name = ident.Name
	v.codec = true
	return v, ref.Ref == schemasPrefix+ident.Name && c.components[ident.Name] != nil && !c.without[ident.Name]
}

var basic = map[string]bool{"string": true, "bool": true, "int": true, "int8": true, "int16": true, "int32": true, "int64": true, "float64": true}

func (v *value) isSlice() bool {
	t := v.typ
	if v.codec {
		t = v.c.types[v.name]
	}
	array, ok := t.(*ast.ArrayType)
	return ok && array.Len == nil
}

// code returns the statements that read and write a variable.
func (v *value) code(variable string) (read, write string, ok bool) {
	return v.statements(variable, true, true)
}

// statements returns those that read a variable, or those that write it, or both. What is not asked for may be missing; asking
// for both at each level of nested arrays would double the work with each.
func (v *value) statements(variable string, reads, writes bool) (read, write string, ok bool) {
	if v.codec {
		address := "&" + variable
		if pointer, found := strings.CutPrefix(variable, "*"); found {
			address = pointer
		}
		return "read" + v.name + "(" + address + ", r)\n", "write" + v.name + "(" + address + ", w)\n", true
	}
	s := v.schema
	t := text(v.typ)
	if v.name != "" && !basic[t] && t != "time.Time" && t != "openapi_types.UUID" {
		if _, isSlice := v.typ.(*ast.ArrayType); !isSlice {
			return "", "", false
		}
	}
	set := func(expression string) string {
		if v.name != "" {
			expression = v.name + "(" + expression + ")"
		}
		return variable + " = " + expression + "\n"
	}
	as := func(basic string) string {
		if v.name == "" {
			return variable
		}
		return basic + "(" + variable + ")"
	}
	rules, ok := v.rules(variable)
	if !ok {
		return "", "", false
	}
	want := func(who string) string {
		if len(rules) == 0 {
			return ""
		}
		return who + ".Want(" + strings.Join(rules, " && ") + ")\n"
	}
	switch {
	case t == "string" && s.Type.Is("string"):
		return set("r.Text()") + want("r"), want("w") + "w.Text(" + as("string") + ")\n", true
	case t == "bool" && s.Type.Is("boolean"):
		return set("r.Bool()") + want("r"), want("w") + "w.Bool(" + as("bool") + ")\n", true
	case strings.HasPrefix(t, "int") && s.Type.Is("integer"):
		low, high, ok := bounds(t, s)
		if !ok {
			return "", "", false
		}
		read = "r.Int(" + low + ", " + high + ")"
		if t != "int64" || v.name != "" {
			read = cmp.Or(v.name, t) + "(" + read + ")"
		}
		return variable + " = " + read + "\n" + want("r"), want("w") + "w.Int(int64(" + variable + "), " + low + ", " + high + ")\n", true
	case t == "float64" && s.Type.Is("number"):
		return set("r.Float()") + want("r"), want("w") + "w.Float(" + as("float64") + ")\n", true
	case t == "openapi_types.UUID" && s.Type.Is("string") && s.Format == "uuid":
		return set("r.UUID()") + want("r"), want("w") + "w.UUID(" + variable + ")\n", true
	case t == "time.Time" && s.Type.Is("string") && s.Format == "date-time" && v.name == "":
		return set("r.Time()") + want("r"), want("w") + "w.Time(" + variable + ")\n", true
	}
	if array, isSlice := v.typ.(*ast.ArrayType); isSlice && array.Len == nil && s.Type.Is("array") {
		return v.slice(variable, array, reads, writes)
	}
	return "", "", false
}

func (v *value) slice(variable string, array *ast.ArrayType, reads, writes bool) (read, write string, ok bool) {
	s := v.schema
	if s.Items == nil || s.UniqueItems || len(s.Enum) > 0 || v.c.nullable(s.Items) {
		return "", "", false
	}
	elem, ok := v.c.value(s.Items, array.Elt)
	if !ok {
		return "", "", false
	}
	item, index := "item", "i"
	if strings.HasPrefix(variable, "item") { // an array in an array
		item = variable + "Item"
	}
	limits := func(who string) string { // nil is an empty array
		var rules []string
		if s.MinItems > 0 {
			rules = append(rules, fmt.Sprintf("len(%s) >= %d", variable, s.MinItems))
		}
		if s.MaxItems != nil && *s.MaxItems <= math.MaxInt {
			rules = append(rules, fmt.Sprintf("len(%s) <= %d", variable, *s.MaxItems))
		}
		if len(rules) == 0 {
			return ""
		}
		return who + ".Want(" + strings.Join(rules, " && ") + ")\n"
	}
	if reads {
		elemRead, _, ok := elem.statements(item, true, false)
		if !ok {
			return "", "", false
		}
		read = fmt.Sprintf("%s = make(%s, 0, r.Count())\nfor more := r.Array(); more; more = r.Item() {\nvar %s %s\n%s%s = append(%s, %s)\n}\n%s",
			variable, cmp.Or(v.name, text(v.typ)), item, text(array.Elt), elemRead, variable, variable, item, limits("r"))
	}
	if writes {
		target := variable
		if strings.HasPrefix(variable, "*") {
			target = "(" + variable + ")"
		}
		if depth := strings.Count(target, "["); depth > 0 {
			index += strconv.Itoa(depth)
		}
		_, elemWrite, ok := elem.statements(target+"["+index+"]", false, true)
		if !ok {
			return "", "", false
		}
		write = fmt.Sprintf("%sw.Open('[')\nfor %s := range %s {\nw.Item(%s)\n%s}\nw.Close(']')\n", limits("w"), index, variable, index, elemWrite)
	}
	return read, write, true
}

// rules are the conditions that a variable has to fulfil, as Go expressions, besides those of its type.
func (v *value) rules(variable string) (rules []string, ok bool) {
	s := v.schema
	if len(s.Enum) > 0 {
		if v.name == "" || !v.c.valid[v.name] || s.Type.Is("number") { // a float64 may be equal to a value that the text is not
			return nil, false
		}
		if strings.HasPrefix(variable, "*") {
			rules = append(rules, variable[1:]+".Valid()")
		} else {
			rules = append(rules, variable+".Valid()")
		}
	}
	if s.MultipleOf != nil || !s.Type.Is("integer") && (s.Min != nil || s.Max != nil) {
		return nil, false
	}
	if !s.Type.Is("string") {
		return rules, s.Pattern == "" && s.MinLength == 0 && s.MaxLength == nil
	}
	isText := text(v.typ) == "string"
	if s.MinLength > 0 || s.MaxLength != nil {
		high := "math.MaxInt"
		if s.MaxLength != nil && *s.MaxLength <= math.MaxInt {
			high = strconv.FormatUint(*s.MaxLength, 10)
		}
		rules = append(rules, fmt.Sprintf("contract.Length(%s, %d, %s)", variable, s.MinLength, high))
	}
	if s.Pattern != "" {
		rules = append(rules, fmt.Sprintf("contract.Matches(%s, %s)", quoteGo(s.Pattern), variable))
	}
	if _, checked := contract.ValidFormat(s.Format, ""); isText && checked {
		rules = append(rules, fmt.Sprintf("contract.Fits(%q, %s)", s.Format, variable))
	}
	return rules, isText || s.Pattern == "" && s.MinLength == 0 && s.MaxLength == nil
}

// bounds are those of an integer, by its type and by its schema.
func bounds(t string, s *openapi3.Schema) (low, high string, ok bool) {
	lowest, highest := int64(math.MinInt64), int64(math.MaxInt64)
	low, high = "math.Min"+upperFirst(t), "math.Max"+upperFirst(t)
	switch s.Format {
	case "", "int8", "int16", "int32", "int64":
	default:
		return "", "", false
	}
	if s.Format != "" && s.Format != t {
		return "", "", false
	}
	narrow := func(bound *float64, exclusive *bool, step int64) (int64, bool) {
		n := int64(*bound)
		if float64(n) != *bound || math.Abs(*bound) >= 1<<53 {
			return 0, false
		}
		if exclusive != nil && *exclusive {
			n += step
		}
		return n, true
	}
	fits := func(n int64) bool {
		switch t {
		case "int8":
			return math.MinInt8 <= n && n <= math.MaxInt8
		case "int16":
			return math.MinInt16 <= n && n <= math.MaxInt16
		case "int32", "int":
			return t == "int" || math.MinInt32 <= n && n <= math.MaxInt32
		}
		return true
	}
	if s.Min != nil {
		n, exact := narrow(s.Min, s.ExclusiveMin.Bool, 1)
		if !exact || !fits(n) {
			return "", "", false
		}
		lowest, low = n, strconv.FormatInt(n, 10)
	}
	if s.Max != nil {
		n, exact := narrow(s.Max, s.ExclusiveMax.Bool, -1)
		if !exact || !fits(n) {
			return "", "", false
		}
		highest, high = n, strconv.FormatInt(n, 10)
	}
	return low, high, lowest <= highest
}

// text is how a type is written.
func text(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return "*" + text(t.X)
	case *ast.SelectorExpr:
		return text(t.X) + "." + t.Sel.Name
	case *ast.ArrayType:
		if t.Len == nil {
			return "[]" + text(t.Elt)
		}
	case *ast.IndexExpr:
		return text(t.X) + "[" + text(t.Index) + "]"
	}
	return "?"
}

// tagOf is the value that a tag of a field has for a key.
func tagOf(field *ast.Field, key string) string {
	if field.Tag == nil {
		return ""
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(tag).Get(key)
}
