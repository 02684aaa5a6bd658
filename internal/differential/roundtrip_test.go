package differential

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// loses says what is lost if the emitted code reads a valid text and writes the value, but for members that the schema does not declare. Where
// the emitted code does not read the text, nothing is.
func loses(t *target, v *value, text []byte) string {
	if t.read == nil {
		return ""
	}
	read, _, err := t.read(text, schema.Strict)
	if err != nil {
		return ""
	}
	encoded, err := json.Marshal(read)
	if err != nil {
		if t.dir != contract.Undirected || !sameVerdict(t, v.clone()) {
			return ""
		}
		return "it is valid, but encoding fails: " + err.Error()
	}
	if err := t.ourVerdict(encoded); err != nil {
		return fmt.Sprintf("it is encoded as %s: %v", encoded, err)
	}
	back, err := parse(encoded)
	if err != nil {
		return fmt.Sprintf("it is encoded as %s: %v", encoded, err)
	}
	if at, lost := lost([]*contract.Schema{t.ours}, v, back, ""); lost != "" {
		return fmt.Sprintf("it is encoded as %s: %s at %q", encoded, lost, at)
	}
	return ""
}

// sameVerdict reports whether a value stays valid if its numbers become those that are nearest among the doubles.
func sameVerdict(t *target, v *value) bool {
	eachNumber(roundToDouble)(v)
	return t.ourVerdict(v.compact()) == nil
}

// lost compares a value with what has come back of it. schemas are those that apply to it.
func lost(schemas []*contract.Schema, v, back *value, at string) (where, what string) {
	schemas = applicable(schemas, v)
	if v.kind != back.kind {
		return at, "another type"
	}
	switch v.kind {
	case '"':
		if !sameText(schemas, v.text, back.text) {
			return at, "another text"
		}
	case '0':
		if !sameNumber(schemas, v.text, back.text) {
			return at, "another number"
		}
	case '[':
		if len(v.items) != len(back.items) {
			return at, "other items"
		}
		for i := range v.items {
			if where, what := lost(itemsOf(schemas), v.items[i], back.items[i], at+"/"+strconv.Itoa(i)); what != "" {
				return where, what
			}
		}
	case '{':
		return lostMember(schemas, v, back, at)
	}
	return "", ""
}

func lostMember(schemas []*contract.Schema, v, back *value, at string) (where, what string) {
	for _, m := range back.members {
		if v.get(m.name) == nil && m.value.kind != 'n' { // some members are written as null instead of being left out
			return at + "/" + m.name, "a new member"
		}
	}
	for _, m := range v.members {
		inside, declared := memberOf(schemas, m.name)
		got := back.get(m.name)
		switch {
		case got != nil:
			if where, what := lost(inside, m.value, got, at+"/"+m.name); what != "" {
				return where, what
			}
		case declared && !(optional(schemas, m.name) && m.value.kind == 'n'): // nil in Go, as if it were absent
			return at + "/" + m.name, "a lost member"
		}
	}
	return "", ""
}

// applicable adds the parts of composed schemas that v has to fit.
func applicable(schemas []*contract.Schema, v *value) []*contract.Schema {
	var all []*contract.Schema
	text := v.compact()
	for _, s := range schemas {
		all = append(all, s)
		all = append(all, applicable(s.AllOf, v)...)
		for i, variant := range s.OneOf {
			if chosen(s, i, v) && fits(variant, text) {
				all = append(all, applicable([]*contract.Schema{variant}, v)...)
			}
		}
		for _, part := range s.AnyOf {
			if fits(part, text) {
				all = append(all, applicable([]*contract.Schema{part}, v)...)
			}
		}
	}
	return all
}

func fits(s *contract.Schema, text []byte) bool {
	return s.Check(text, contract.Undirected) == nil
}

// chosen reports whether the discriminator, if there is one, selects the variant.
func chosen(s *contract.Schema, variant int, v *value) bool {
	if s.Discriminator == nil || v.kind != '{' {
		return true
	}
	value := v.get(s.Discriminator.Property).text
	return slices.Contains(s.Discriminator.Mapping, schema.Mapping{Value: value, Variant: variant})
}

// memberOf gives the schemas of a member, and whether there is any that keeps it. An object without properties is a map,
// and keeps everything.
func memberOf(schemas []*contract.Schema, name string) (inside []*contract.Schema, declared bool) {
	isMap := true
	for _, s := range schemas {
		isMap = isMap && len(s.Properties) == 0
		for _, p := range s.Properties {
			if p.Name == name {
				inside = append(inside, p.Schema)
			}
		}
		if s.Additional != nil && !hasProperty(s, name) {
			inside = append(inside, s.Additional)
		}
	}
	return inside, isMap || len(inside) > 0
}

func hasProperty(s *contract.Schema, name string) bool {
	return slices.ContainsFunc(s.Properties, func(p schema.Property) bool { return p.Name == name })
}

func optional(schemas []*contract.Schema, name string) bool {
	return !slices.ContainsFunc(schemas, func(s *contract.Schema) bool { return slices.Contains(s.Required, name) })
}

func itemsOf(schemas []*contract.Schema) []*contract.Schema {
	var items []*contract.Schema
	for _, s := range schemas {
		if s.Items != nil {
			items = append(items, s.Items)
		}
	}
	return items
}

// sameText compares by the format, where a Go type stands for it.
func sameText(schemas []*contract.Schema, a, b string) bool {
	if a == b {
		return true
	}
	for _, s := range schemas {
		switch s.Format {
		case "uuid":
			return strings.EqualFold(a, b)
		case "date-time":
			x, ok1 := schema.ParseTime(a)
			y, ok2 := schema.ParseTime(b)
			return ok1 && ok2 && x.Equal(y)
		case "byte":
			x, err1 := base64.StdEncoding.DecodeString(a)
			y, err2 := base64.StdEncoding.DecodeString(b)
			return err1 == nil && err2 == nil && string(x) == string(y)
		}
	}
	return false
}

// sameNumber compares integers exactly and other numbers as doubles, which Go has them in.
func sameNumber(schemas []*contract.Schema, a, b string) bool {
	for _, s := range schemas {
		if s.Types&^schema.Null == schema.Integer {
			return exact(a) == nil || exact(a).Cmp(exact(b)) == 0
		}
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return a == b || err1 == nil && err2 == nil && x == y
}
