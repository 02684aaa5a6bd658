package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file reads the extensions of oapi-codegen, under their present names and those of its next version.

// nextNames are the extensions of oapi-codegen by their names, with those that they have in its next version.
var nextNames = map[string]string{
	"x-go-type":                       "x-oapi-codegen-type-override",
	"x-go-name":                       "x-oapi-codegen-name-override",
	"x-go-type-name":                  "x-oapi-codegen-type-name-override",
	"x-go-type-skip-optional-pointer": "x-oapi-codegen-skip-optional-pointer",
	"x-go-json-ignore":                "x-oapi-codegen-json-ignore",
	"x-omitempty":                     "x-oapi-codegen-omitempty",
	"x-omitzero":                      "x-oapi-codegen-omitzero",
	"x-order":                         "x-oapi-codegen-order",
	"x-enum-varnames":                 "x-oapi-codegen-enum-varnames",
	"x-deprecated-reason":             "x-oapi-codegen-deprecated-reason",
}

// Extensions are the names of the extensions that mean something to the model, in both spellings.
func Extensions() []string {
	names := []string{"x-go-type-import", onlyHonourName, "x-enumNames", "x-enum-descriptions", "x-oapi-codegen-extra-tags", "x-sensitive", IgnoreKey}
	for name, next := range nextNames {
		names = append(names, name, next)
	}
	return names
}

// extension finds an extension by either of its names; nil if there is none.
func extension(n *source.Node, name string) *source.Member {
	if m := n.Member(name); m != nil {
		return m
	}
	if next, ok := nextNames[name]; ok {
		return n.Member(next)
	}
	return nil
}

// flag reads an extension that is true or false; nil if there is none.
func (b *builder) flag(n *source.Node, name string) *bool {
	m := extension(n, name)
	if m == nil {
		return nil
	}
	if m.Value.Kind != source.Bool {
		b.errorf(m.Value, "%s must be true or false, not %s; write one of the two", m.Name, m.Value.JSON())
		return nil
	}
	return new(m.Value.Text == "true")
}

// extensions are those of a member.
type extensions struct {
	skipPointer *bool
	omitEmpty   *bool
	order       *int
	tags        []string // "key:value", sorted
	ignored     *source.Member
	omitZero    *bool
	omitted     *source.Member // x-omitempty or x-omitzero, if it is true
	written     *source.Member // x-omitempty, if it is false
}

func (e *extensions) read(b *builder, n *source.Node) {
	if v := b.flag(n, "x-go-type-skip-optional-pointer"); v != nil {
		e.skipPointer = v
	}
	if v := b.flag(n, "x-omitempty"); v != nil {
		e.omitEmpty, e.omitted, e.written = v, nil, nil
		if *v {
			e.omitted = extension(n, "x-omitempty")
		} else {
			e.written = extension(n, "x-omitempty")
		}
	}
	if v := b.flag(n, "x-omitzero"); v != nil {
		if e.omitZero = v; *v {
			e.omitted = extension(n, "x-omitzero")
		}
	}
	if v := b.flag(n, "x-go-json-ignore"); v != nil {
		e.ignored = nil
		if *v {
			e.ignored = extension(n, "x-go-json-ignore")
		}
	}
	if m := extension(n, "x-order"); m != nil {
		if order, ok := n.Int(m.Name); ok {
			e.order = new(int(order))
		} else {
			b.errorf(m.Value, "%s must be an integer, not %s; write one, fields are sorted by it", m.Name, m.Value.JSON())
		}
	}
	e.readTags(b, n)
}

// readTags reads x-oapi-codegen-extra-tags. A tag that has been read before is replaced.
func (e *extensions) readTags(b *builder, n *source.Node) {
	tags := n.Get("x-oapi-codegen-extra-tags")
	if tags == nil {
		return
	}
	if !tags.Is(source.Object) {
		b.errorf(tags, "x-oapi-codegen-extra-tags must be an object, not %s; write the values of struct tags by their names", tags.JSON())
		return
	}
	for i := range tags.Members {
		m := &tags.Members[i]
		switch {
		case m.Value.Kind != source.String || !isTagKey(m.Name) || strings.ContainsAny(m.Value.Text, "`\n\r"):
			b.errorf(m.Value, "the struct tag %q cannot be written; use letters and digits for its name, and a string without back quotes", m.Name)
		case m.Name == "json":
			b.contradicts(m, "the tag json is decided by the document; remove it, or use x-go-name, x-omitempty or x-go-json-ignore")
		default:
			e.tags = slices.DeleteFunc(e.tags, func(tag string) bool { return strings.HasPrefix(tag, m.Name+":") })
			e.tags = append(e.tags, m.Name+":"+strconv.Quote(m.Value.Text))
		}
	}
	slices.Sort(e.tags)
}

// contradicts reports an extension that asks for what the document does not allow. Where that is not an error, it is passed over.
func (b *builder) contradicts(m *source.Member, format string, args ...any) {
	b.report("contradicting-extension", m.Value, format, args...)
}

func isTagKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.'
	})
}

func (e *extensions) extraTags() string {
	var tags strings.Builder
	for _, tag := range e.tags {
		tags.WriteString(" " + tag)
	}
	return tags.String()
}

// HasTag reports whether struct tags have one of a name.
func HasTag(tags, name string) bool { return strings.Contains(" "+tags, " "+name+":") }

// givenName reads x-go-name.
func (b *builder) givenName(n *source.Node) (string, bool) {
	return b.nameIn(extension(n, "x-go-name"))
}

// givenFieldName reads the x-go-name of a member or parameter. oapi-codegen spells it as it spells names of the document.
func (b *builder) givenFieldName(n *source.Node) (string, bool) {
	name, given := b.givenName(n)
	if !given {
		return "", false
	}
	text := extension(n, "x-go-name").Value.Text
	switch only := b.flag(n, onlyHonourName); {
	case only != nil && *only:
		if name != text {
			b.report("unknown-extension", n.Get(onlyHonourName), "%s has no effect on %q: every field is exported; remove it, or use x-go-json-ignore for a "+
				"member that is not to be read", onlyHonourName, text)
		}
	case b.opts.NormalizeGiven:
		name = b.typeName(text)
	}
	return name, true
}

// onlyHonourName is the extension by which x-go-name is taken as it is.
const onlyHonourName = "x-oapi-codegen-only-honour-go-name"

// nameIn is the Go name that an extension gives.
func (b *builder) nameIn(m *source.Member) (string, bool) {
	if m == nil {
		return "", false
	}
	name := upperFirst(m.Value.Text)
	if m.Value.Kind != source.String || !isExported(name) {
		b.errorf(m.Value, "%q is not a Go identifier; use letters and digits, beginning with a capital", m.Value.Text)
		return "", false
	}
	return name, true
}

// givenTypeName reads x-go-type-name, the name of the type of an inline schema.
func (b *builder) givenTypeName(n *source.Node) (string, bool) {
	return b.nameIn(extension(n, "x-go-type-name"))
}

func isExported(name string) bool { return token.IsIdentifier(name) && token.IsExported(name) }

// givenType reads x-go-type with x-go-type-import: the Go type that the document's author wants. Only the expression of a type is accepted.
// Under its next name, the import stands in the same string, behind a semicolon.
func (b *builder) givenType(n *source.Node) *Type {
	if t, ok := b.given[n]; ok {
		return t
	}
	b.given[n] = nil
	m := extension(n, "x-go-type")
	if m == nil {
		return nil
	}
	goType, pkg, pair := strings.Cut(m.Value.Text, ";")
	goType = strings.TrimSpace(goType)
	if m.Value.Kind != source.String || !IsGoType(goType) || pair && m.Name == "x-go-type" {
		b.errorf(m.Value, "%q is not a Go type; write the name of a type, such as time.Time, []string or map[string]Money", m.Value.Text)
		return nil
	}
	t := &Type{Kind: Foreign, Go: goType}
	at := m.Value
	if pair {
		words := strings.Fields(pkg)
		if len(words) == 2 {
			t.Import.Name = words[0]
		}
		t.Import.Path = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(pkg), t.Import.Name))
	} else if v := n.Get("x-go-type-import"); v != nil {
		at = v
		t.Import = Import{Name: v.Str("name"), Path: v.Str("path")}
		if v.Is(source.String) {
			t.Import.Path = v.Text
		}
	}
	if given := pair || at != m.Value; given && !t.Import.valid() {
		b.errorf(at, "%q is not the path of a Go package; write it as in an import", t.Import.Path)
		return nil
	}
	for _, name := range PackagesOf(goType) {
		switch own := t.Import.Path != "" && (t.Import.Name == "" || t.Import.Name == name); {
		case !own && b.opts.Imported(name) == "":
			b.errorf(m.Value, "the package %s of the Go type %s is not known; say where it is: x-go-type-import: {path: …}", name, goType)
			return nil
		case own && !b.claimImport(name, t.Import.Path):
			b.errorf(at, "the name %s stands for another package already; use another one: x-go-type-import: {name: …}", name)
			return nil
		}
	}
	described := b.flat(n).Types &^ schema.Null
	if held, known := heldBy(goType); known && described != 0 && described&held == 0 {
		b.contradicts(m, "the schema describes %s, which the Go type %s cannot hold; use another one", described, goType)
		return nil
	}
	if own := b.goKeys[b.keys[n]]; own != "" && b.standsFor(goType, own, nil) {
		b.contradicts(m, "the Go type %s is declared as the type of this schema itself; write another one", goType)
		return nil
	}
	b.given[n] = t
	return t
}

// standsFor reports whether a Go type has a name in it, itself or by way of what other components have as x-go-type.
func (b *builder) standsFor(goType, name string, seen []string) bool {
	expr, err := parser.ParseExpr(goType)
	if err != nil || slices.Contains(seen, goType) {
		return false
	}
	seen = append(seen, goType)
	found := false
	ast.Inspect(expr, func(n ast.Node) bool {
		if _, qualified := n.(*ast.SelectorExpr); qualified {
			return false
		}
		if id, ok := n.(*ast.Ident); ok && !found {
			found = id.Name == name
			for key, goName := range b.goKeys {
				if m := extension(b.components[key], "x-go-type"); goName == id.Name && m != nil {
					found = found || b.standsFor(m.Value.Text, name, seen)
				}
			}
		}
		return !found
	})
	return found
}

// claimImport takes a name for a package. It reports whether the name does not stand for another one.
func (b *builder) claimImport(name, path string) bool {
	for _, taken := range []string{b.opts.Imported(name), b.imports[name]} {
		if taken != "" && taken != path {
			return false
		}
	}
	b.imports[name] = path
	return true
}

// valid reports whether an import can be written in Go.
func (i Import) valid() bool {
	return i.Path != "" && !strings.ContainsAny(i.Path, "\"`\\ \t\r\n") && (i.Name == "" || token.IsIdentifier(i.Name))
}

// heldBy returns the types of JSON values some of which encoding/json reads into a Go type. It is not known for types of other packages, with few
// exceptions.
func heldBy(goType string) (held schema.Types, known bool) {
	goType = strings.TrimLeft(goType, "* ")
	if elem, ok := strings.CutPrefix(goType, "nullable.Nullable["); ok {
		return heldBy(strings.TrimSuffix(elem, "]"))
	}
	switch {
	case goType == "[]byte":
		return schema.String, true
	case strings.HasPrefix(goType, "["):
		return schema.Array, true
	case strings.HasPrefix(goType, "map["):
		return schema.Object, true
	}
	switch goType {
	case "string", "time.Time", "openapi_types.UUID", "openapi_types.Email", "openapi_types.Date", "uuid.UUID", "netip.Addr", "netip.Prefix":
		return schema.String, true
	case "bool":
		return schema.Boolean, true
	case "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "byte", "rune", "float32", "float64":
		return schema.Integer | schema.Number, true
	}
	return 0, false
}

// PackagesOf are the names of the packages in a Go type.
func PackagesOf(goType string) []string {
	expr, err := parser.ParseExpr(goType)
	if err != nil {
		return nil
	}
	var names []string
	ast.Inspect(expr, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := selector.X.(*ast.Ident); ok {
				names = append(names, pkg.Name)
			}
		}
		return true
	})
	return names
}

// IsGoType reports whether a text is a Go type that consists of names, slices, maps, pointers and type arguments.
func IsGoType(text string) bool {
	if strings.ContainsAny(text, "\n\r;{}`\"/") {
		return false
	}
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return false
	}
	known := true
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.Ident, *ast.SelectorExpr, *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.IndexExpr, *ast.IndexListExpr, *ast.BasicLit:
		default:
			known = false // a channel, a call, a product
		}
		return known
	})
	return known && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.[]*, ") == ""
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}
