package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/wire"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A value is a JSON value whose numbers keep their spelling and whose objects keep the order of their members.
type value struct {
	kind    byte   // 'n', 't', 'f', '"', '0', '[' or '{'
	text    string // of a string or number
	members []member
	items   []*value
}

type member struct {
	name  string
	value *value
}

func null() *value                 { return &value{kind: 'n'} }
func str(text string) *value       { return &value{kind: '"', text: text} }
func number(literal string) *value { return &value{kind: '0', text: literal} }
func array() *value                { return &value{kind: '['} }
func object() *value               { return &value{kind: '{'} }
func boolean(is bool) *value {
	if is {
		return &value{kind: 't'}
	}
	return &value{kind: 'f'}
}

// valueOf is the value of a node of a document.
func valueOf(n *source.Node) *value {
	switch n.Kind {
	case source.Bool:
		return boolean(n.Text == "true")
	case source.Number:
		return number(n.Text)
	case source.String:
		return str(n.Text)
	case source.Array:
		v := array()
		for _, item := range n.Items {
			v.items = append(v.items, valueOf(item))
		}
		return v
	case source.Object:
		v := object()
		for i := range n.Members {
			v.members = append(v.members, member{n.Members[i].Name, valueOf(n.Members[i].Value)})
		}
		return v
	}
	return null()
}

func (v *value) clone() *value {
	c := *v
	c.members = slices.Clone(v.members)
	for i := range c.members {
		c.members[i].value = c.members[i].value.clone()
	}
	c.items = slices.Clone(v.items)
	for i := range c.items {
		c.items[i] = c.items[i].clone()
	}
	return &c
}

// walk visits v and everything in it.
func (v *value) walk(visit func(*value)) {
	visit(v)
	for _, m := range v.members {
		m.value.walk(visit)
	}
	for _, item := range v.items {
		item.walk(visit)
	}
}

func (v *value) get(name string) *value {
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// set replaces a member or adds it.
func (v *value) set(name string, to *value) {
	for i := range v.members {
		if v.members[i].name == name {
			v.members[i].value = to
			return
		}
	}
	v.members = append(v.members, member{name, to})
}

// json is the text of v.
// isEmpty reports whether v is null, false, zero, or without content.
func (v *value) isEmpty() bool {
	switch v.kind {
	case 'n', 'f':
		return true
	case '0':
		return v.text == "0"
	case 't':
		return false
	}
	return v.text == "" && len(v.members) == 0 && len(v.items) == 0
}

func (v *value) json() []byte { return v.append(nil) }

func (v *value) append(b []byte) []byte {
	switch v.kind {
	case 'n':
		return append(b, "null"...)
	case 't':
		return append(b, "true"...)
	case 'f':
		return append(b, "false"...)
	case '0':
		return append(b, v.text...)
	case '"':
		return wire.AppendString(b, v.text)
	case '[':
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.append(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, m := range v.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(wire.AppendString(b, m.name), ':')
		b = m.value.append(b)
	}
	return append(b, '}')
}

// decoded is the value as the validators want it: with numbers of type [json.Number].
func (v *value) decoded() any {
	switch v.kind {
	case 't', 'f':
		return v.kind == 't'
	case '0':
		return json.Number(v.text)
	case '"':
		return v.text
	case '[':
		items := make([]any, len(v.items))
		for i, item := range v.items {
			items[i] = item.decoded()
		}
		return items
	case '{':
		members := make(map[string]any, len(v.members))
		for _, m := range v.members {
			members[m.name] = m.value.decoded()
		}
		return members
	}
	return nil
}

// parse reads JSON text.
func parse(text []byte) (*value, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	v, err := parseNext(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("trailing data")
	}
	return v, nil
}

func parseNext(dec *json.Decoder) (*value, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case bool:
		return boolean(token), nil
	case json.Number:
		return number(token.String()), nil
	case string:
		return str(token), nil
	case json.Delim:
		v := &value{kind: byte(token)}
		for dec.More() {
			var name string
			if token == '{' {
				key, err := dec.Token()
				if err != nil {
					return nil, err
				}
				name = key.(string)
			}
			child, err := parseNext(dec)
			if err != nil {
				return nil, err
			}
			if token == '{' {
				v.members = append(v.members, member{name, child})
			} else {
				v.items = append(v.items, child)
			}
		}
		_, err := dec.Token()
		return v, err
	}
	return null(), nil
}

// exact is the value of a literal; nil for numbers of so many digits that it would take a long time.
func exact(literal string) *big.Rat {
	if _, exponent, ok := strings.Cut(strings.ToLower(literal), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n > 1000 || n < -1000 {
			return nil
		}
	}
	r, _ := new(big.Rat).SetString(literal)
	return r
}

// sameNumber compares numbers exactly.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, y := exact(a), exact(b)
	return x != nil && y != nil && x.Cmp(y) == 0
}

// maxTries bounds how many values shrink tries, as each may take a while.
const maxTries = 500

// shrink makes v smaller for as long as it fails.
func shrink(v *value, fails func(*value) bool) *value {
	tries := 0
	for again := true; again; {
		again = false
		for simpler := range simplifications(v) {
			if tries++; tries > maxTries {
				return v
			}
			if fails(simpler) {
				v, again = simpler, true
				break
			}
		}
	}
	return v
}

// simplifications are the values that are one step simpler than v, the largest steps first.
func simplifications(v *value) iter.Seq[*value] {
	return func(yield func(*value) bool) {
		var places []*value
		v.walk(func(p *value) { places = append(places, p) })
		// with yields a copy of v in which a place is another value.
		with := func(place, simpler *value) bool {
			before := *place
			*place = *simpler
			c := v.clone()
			*place = before
			return yield(c)
		}
		for _, p := range places {
			for _, simpler := range simplerThan(p) {
				if !with(p, simpler) {
					return
				}
			}
		}
	}
}

// simplerThan are the values that are one step simpler than v at its top.
func simplerThan(v *value) (all []*value) {
	for i := range v.members {
		all = append(all, &value{kind: '{', members: slices.Delete(slices.Clone(v.members), i, i+1)})
	}
	for i := range v.items {
		all = append(all, &value{kind: '[', items: slices.Delete(slices.Clone(v.items), i, i+1)})
	}
	switch v.kind {
	case '"':
		if runes := []rune(v.text); len(runes) > 0 {
			all = append(all, str(""), str(string(runes[:len(runes)/2])), str(string(runes[1:])), str(string(runes[:len(runes)-1])))
		}
	case '0':
		for _, simple := range []string{"0", "1", "-1", "1.5"} {
			if simple == v.text {
				break
			}
			all = append(all, number(simple))
		}
	case '[', '{':
		if len(v.items)+len(v.members) == 0 {
			all = append(all, number("0"))
		}
	}
	return all
}
