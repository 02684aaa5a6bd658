package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file reads the extensions of oapi-codegen, under their present names and those of its next version.

// extensions are those of a member.
type extensions struct {
	skipPointer *bool
	omitEmpty   *bool
	jsonIgnore  bool
	order       *int
	tags        []string // "key:value", sorted
}

func (e *extensions) read(b *builder, n *source.Node) {
	boolean := func(names ...string) *bool {
		for _, name := range names {
			v := n.Get(name)
			if v == nil {
				continue
			}
			if v.Kind != source.Bool {
				b.errorf(v, "%s must be true or false, not %s; write one of the two", name, v.JSON())
				continue
			}
			return new(v.Text == "true")
		}
		return nil
	}
	if v := boolean("x-go-type-skip-optional-pointer", "x-oapi-codegen-skip-optional-pointer"); v != nil {
		e.skipPointer = v
	}
	if v := boolean("x-omitempty", "x-oapi-codegen-omitempty"); v != nil {
		e.omitEmpty = v
	}
	if v := boolean("x-go-json-ignore", "x-oapi-codegen-json-ignore"); v != nil {
		e.jsonIgnore = *v
	}
	if order, ok := n.Int("x-order"); ok {
		e.order = new(int(order))
	}
	if tags := n.Get("x-oapi-codegen-extra-tags"); tags.Is(source.Object) {
		for i := range tags.Members {
			m := &tags.Members[i]
			switch {
			case m.Value.Kind != source.String || !isTagKey(m.Name) || strings.ContainsAny(m.Value.Text, "`\n\r"):
				b.errorf(m.Value, "the struct tag %q cannot be written; use letters and digits for its name, and a string without back quotes", m.Name)
			case m.Name == "json":
				b.errorf(m.Value, "the tag json is decided by the document; remove it, or use x-go-name, x-omitempty or x-go-json-ignore")
			default:
				e.tags = append(e.tags, m.Name+":"+strconv.Quote(m.Value.Text))
			}
		}
		slices.Sort(e.tags)
	}
}

func isTagKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.'
	})
}

func (e *extensions) extraTags(b *builder, members []*source.Node) string {
	var tags strings.Builder
	for _, tag := range e.tags {
		tags.WriteString(" " + tag)
	}
	return tags.String()
}

// givenName reads x-go-name.
func (b *builder) givenName(n *source.Node) (string, bool) {
	for _, keyword := range []string{"x-go-name", "x-oapi-codegen-name-override"} {
		v := n.Get(keyword)
		if v == nil {
			continue
		}
		name := v.Text
		if v.Kind != source.String || !isExported(upperFirst(name)) {
			b.errorf(v, "%q is not a Go identifier; use letters and digits, beginning with a capital", name)
			return "", false
		}
		return upperFirst(name), true
	}
	return "", false
}

// givenTypeName reads x-go-type-name, or x-go-name of an inline schema that becomes a type.
func (b *builder) givenTypeName(n *source.Node) (string, bool) {
	for _, keyword := range []string{"x-go-type-name", "x-oapi-codegen-type-name-override"} {
		if v := n.Get(keyword); v.Is(source.String) && isExported(v.Text) {
			return v.Text, true
		}
	}
	return "", false
}

func isExported(name string) bool { return token.IsIdentifier(name) && token.IsExported(name) }

// givenType reads x-go-type with x-go-type-import: the Go type that the document's author wants. Only the expression of a type is accepted.
func (b *builder) givenType(n *source.Node) *Type {
	if t, ok := b.given[n]; ok {
		return t
	}
	var t *Type
	for _, keyword := range []string{"x-go-type", "x-oapi-codegen-type-override"} {
		v := n.Get(keyword)
		if v == nil {
			continue
		}
		if v.Kind != source.String || !IsGoType(v.Text) {
			b.errorf(v, "%q is not a Go type; write the name of a type, such as time.Time, []string or map[string]Money", v.Text)
			continue
		}
		t = &Type{Kind: Foreign, Go: v.Text}
		if pkg := n.Get("x-go-type-import"); pkg.Is(source.Object) {
			t.Import = Import{Name: pkg.Str("name"), Path: pkg.Str("path")}
			if strings.ContainsAny(t.Import.Path, "\"`\\ \n") || t.Import.Name != "" && !token.IsIdentifier(t.Import.Name) {
				b.errorf(pkg, "%q is not the path of a Go package; write it as in an import", t.Import.Path)
				t.Import = Import{}
			}
		}
		for _, name := range packagesOf(v.Text) {
			own := t.Import.Path != "" && (t.Import.Name == "" || t.Import.Name == name)
			if !own && b.opts.Imported != nil && !b.opts.Imported(name) {
				b.errorf(v, "the package %s of the Go type %s is not known; say where it is: x-go-type-import: {path: …}", name, v.Text)
				t = nil
				break
			}
		}
		break
	}
	b.given[n] = t
	return t
}

// packagesOf are the names of the packages in a Go type.
func packagesOf(goType string) []string {
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
	_, err := parser.ParseExpr(text)
	return err == nil && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.[]*, ") == ""
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}
