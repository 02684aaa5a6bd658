package emit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/model"
)

// This file prints what gives absent members their defaults.

// defaults prints the method ApplyDefaults of each type that has one, and the function that does its work.
func (e *emitter) defaults() string {
	var b strings.Builder
	for _, t := range e.api.Types {
		if !t.Defaults {
			continue
		}
		fmt.Fprintf(&b, "// ApplyDefaults gives absent members the defaults of the document, also within members that are present. Members that\n"+
			"// are only read or only written stay absent. Where a pointer stands for null too, nil counts as absent.\nfunc (v *%[1]s) ApplyDefaults() { wire.ApplyDefaults(v, default%[1]s) }\n\n", t.Name)
		fmt.Fprintf(&b, "func default%[1]s(v *%[1]s, d *wire.Defaults) {\n", t.Name)
		if t.Circular {
			b.WriteString("if !d.Enter(v) {\nreturn\n}\n")
		}
		switch t.Kind {
		case model.Struct:
			for _, f := range t.Fields {
				b.WriteString(fieldDefault(f))
			}
			if t.ExtraName != "" && t.Extra.HasDefaults() {
				fmt.Fprintf(&b, "wire.DefaultMap(&v.%s, d, %s)\n", t.ExtraName, applier(t.Extra))
			}
		case model.Union:
			b.WriteString("switch u := v.value.(type) {\n")
			for _, variant := range t.Variants {
				if variant.Type.HasDefaults() {
					fmt.Fprintf(&b, "case %s:\n%s\nv.value = u\n", variant.Name, applyCall(variant.Type, "&u"))
				}
			}
			b.WriteString("}\n")
		default:
			b.WriteString(applyCall(t.Elem, "(*"+Go(t.Elem)+")(v)") + "\n")
		}
		b.WriteString("}\n\n")
	}
	return b.String()
}

// fieldDefault prints how a field gets its default, and what is in it theirs.
func fieldDefault(f *model.Field) string {
	var b strings.Builder
	if f.Applied {
		fmt.Fprintf(&b, "if %s {\n%s\n}\n", absence(f, "v."+f.Name), setDefault(f))
	}
	if f.Type.HasDefaults() && !f.Hidden {
		b.WriteString(applyCall(f.Type, "&v."+f.Name) + "\n")
	}
	return b.String()
}

func setDefault(f *model.Field) string {
	value := "v." + f.Name
	of := f.Type
	if of.Kind == model.Pointer {
		if literal, ok := scalarLiteral(of.Elem, f.Default); ok {
			return value + " = new(" + literal + ")"
		}
		return fmt.Sprintf("wire.DefaultPointer(&%s, %s, %s)", value, quoteGo(f.Default), reader(of.Elem))
	}
	if literal, ok := scalarLiteral(of, f.Default); ok {
		return value + " = " + literal
	}
	return fmt.Sprintf("wire.Default(&%s, %s, %s)", value, quoteGo(f.Default), reader(of))
}

// scalarLiteral spells a default of a string, number or boolean in Go.
func scalarLiteral(t *model.Type, value string) (literal string, ok bool) {
	elem := t
	for elem.Kind == model.Alias || elem.Kind == model.Enum || elem.Kind == model.Scalar {
		elem = elem.Elem
	}
	if elem.Kind != model.Basic {
		return "", false
	}
	bare := ""
	switch basicCodecs[elem.Go] {
	case "String":
		if value[0] != '"' {
			return "", false
		}
		l := schema.Lexer{Text: value}
		literal, bare = strconv.Quote(l.ReadString()), "string"
	case "Bool":
		literal, bare = value, "bool"
	case "Int":
		literal, bare = value, "int"
		if plain, ok := schema.PlainInteger(value); ok {
			literal = plain
		}
	case "Float":
		literal = value
	default:
		return "", false
	}
	if t.Kind == model.Enum {
		if i := slices.IndexFunc(t.Values, func(v *model.Value) bool { return v.JSON == value }); i >= 0 {
			return t.Values[i].Name, true
		}
	}
	if Go(t) == bare {
		return literal, true
	}
	return Go(t) + "(" + literal + ")", true
}

// absence spells the condition that a field is absent.
func absence(f *model.Field, value string) string {
	switch f.Absent {
	case model.Unset:
		return value + ".Value() == nil"
	case model.Unspecified:
		return "len(" + value + ") == 0"
	case model.Zero:
		return "wire.IsZero(" + value + ")"
	}
	return value + " == nil"
}

// applyCall spells the call that gives what a pointer leads to its defaults.
func applyCall(t *model.Type, pointer string) string {
	for t.Kind == model.Alias {
		t = t.Elem
	}
	function, elem := map[model.Kind]string{
		model.List: "DefaultList", model.Map: "DefaultMap", model.Pointer: "DefaultWithin", model.Option: "DefaultOption",
	}[t.Kind], t.Elem
	switch {
	case t.Kind == model.Foreign:
		return fmt.Sprintf("wire.DefaultForeign(%s, d)", pointer)
	case function == "":
		return fmt.Sprintf("default%s(%s, d)", t.Name, pointer)
	}
	return fmt.Sprintf("wire.%s(%s, d, %s)", function, pointer, applier(elem))
}

// applier spells a function that gives values of a type their defaults.
func applier(t *model.Type) string {
	for t.Kind == model.Alias {
		t = t.Elem
	}
	switch {
	case t.Kind == model.Foreign:
		return "wire.DefaultForeign[" + t.Go + "]"
	case t.Defaults:
		return "default" + t.Name
	}
	return fmt.Sprintf("func(v *%s, d *wire.Defaults) { %s }", Go(t), applyCall(t, "v"))
}
