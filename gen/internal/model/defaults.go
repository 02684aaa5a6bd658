package model

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// This file decides which types have a method ApplyDefaults, and what it does.

// planDefaults finds the defaults that absent members can be given, and the types whose values have such members somewhere.
func (b *builder) planDefaults() {
	for _, t := range b.api.Types {
		for _, f := range t.Fields {
			f.Applied = b.isApplied(t, f)
		}
	}
	b.dropEndlessDefaults()
	for changed := true; changed; {
		changed = false
		for _, t := range b.api.Types {
			if t.Defaults || t.Kind != Struct && t.Kind != Union && t.Kind != Scalar {
				continue
			}
			if slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Applied }) || slices.ContainsFunc(t.holds(), (*Type).HasDefaults) {
				t.Defaults, changed = true, true
			}
		}
	}
	for _, t := range b.api.Types {
		if !t.Defaults {
			continue
		}
		t.Circular = t.reaches()
	}
}

// isApplied reports whether a member has a default that is given to values without it. Those of members that only one side may send
// are not: the value could not be sent any more.
func (b *builder) isApplied(t *Type, f *Field) bool {
	if f.Default == "" || f.Absent == Never || f.Hidden || f.Directed || f.Default == "null" && f.Absent != Unspecified {
		return false
	}
	return t.Schema.Properties[f.Index].Any().Check([]byte(f.Default), schema.Undirected) == nil
}

// holds are the types of what a value of a declared type consists of.
func (t *Type) holds() []*Type {
	var all []*Type
	for _, f := range t.Fields {
		if !f.Hidden {
			all = append(all, f.Type)
		}
	}
	for _, v := range t.Variants {
		all = append(all, v.Type)
	}
	if t.Extra != nil {
		all = append(all, t.Extra)
	}
	if t.Kind == Scalar {
		all = append(all, t.Elem)
	}
	return all
}

// declaredWithin follows aliases, pointers, lists and maps to the declared type within; it is nil for none.
func (t *Type) declaredWithin() *Type {
	for t != nil && t.Kind != Struct && t.Kind != Union && t.Kind != Scalar && !(t.Kind == Foreign && t.Defaults) {
		t = t.Elem
	}
	return t
}

// HasDefaults reports whether a value of the type may consist of members that have defaults.
func (t *Type) HasDefaults() bool {
	within := t.declaredWithin()
	return within != nil && within.Defaults
}

// reaches reports whether values of a declared type can consist of values of the same type.
func (t *Type) reaches() bool {
	seen := map[*Type]bool{}
	var visit func(of *Type) bool
	visit = func(of *Type) bool {
		within := of.declaredWithin()
		if within == nil || within == t || seen[within] {
			return within == t
		}
		seen[within] = true
		return slices.ContainsFunc(within.holds(), visit)
	}
	return slices.ContainsFunc(t.holds(), visit)
}

// dropEndlessDefaults leaves out the defaults that consist of themselves: those of a value without the member that has the default.
func (b *builder) dropEndlessDefaults() {
	var endless []*Field
	for _, t := range b.api.Types {
		for _, f := range t.Fields {
			if !f.Applied || !f.comesBack() {
				continue
			}
			endless = append(endless, f)
			if n := b.memberNode(t, f.Wire); n != nil {
				b.report("invalid-default", n, "the default of %q has itself as a default, without end, and is not applied; give it a value that has %[1]q", f.Wire)
			}
		}
	}
	for _, f := range endless {
		f.Applied = false
	}
}

// comesBack reports whether the default of a field, with the defaults that apply within it, has the field again.
func (f *Field) comesBack() bool {
	seen := map[*Field]bool{}
	var visit func(t *Type, value any) bool
	visit = func(t *Type, value any) bool {
		for t.Kind == Alias || t.Kind == Pointer || t.Kind == Option || t.Kind == Scalar {
			t = t.Elem
		}
		switch value := value.(type) {
		case []any:
			return t.Kind == List && slices.ContainsFunc(value, func(item any) bool { return visit(t.Elem, item) })
		case map[string]any:
			if t.Kind == Union {
				return slices.ContainsFunc(t.Variants, func(v *Variant) bool { return visit(v.Type, value) })
			}
			for name, member := range value {
				of := t.Extra
				if t.Kind == Map {
					of = t.Elem
				}
				if i := slices.IndexFunc(t.Fields, func(f *Field) bool { return f.Wire == name }); i >= 0 {
					of = t.Fields[i].Type
				}
				if of != nil && visit(of, member) {
					return true
				}
			}
			for _, absent := range t.Fields {
				if _, present := value[absent.Wire]; present || !absent.Applied || seen[absent] {
					continue
				}
				seen[absent] = true
				if absent == f || visit(absent.Type, parsed(absent.Default)) {
					return true
				}
			}
		}
		return false
	}
	return visit(f.Type, parsed(f.Default))
}

// parsed is a JSON text, which is valid, as encoding/json reads it.
func parsed(text string) (value any) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil
	}
	return value
}
