package differential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// A value is a JSON value as it is written: numbers keep their spelling, objects the order of their members and duplicates.
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

func null() *value                    { return &value{kind: 'n'} }
func str(text string) *value          { return &value{kind: '"', text: text} }
func number(literal string) *value    { return &value{kind: '0', text: literal} }
func array(items ...*value) *value    { return &value{kind: '[', items: items} }
func object(members ...member) *value { return &value{kind: '{', members: members} }

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

// compact is the shortest text of v.
func (v *value) compact() []byte { return v.write(nil, nil) }

// write appends the text of v. With rng, it has space in all places, and escapes that are not needed.
func (v *value) write(b []byte, rng *rand.Rand) []byte {
	b = space(b, rng)
	switch v.kind {
	case 'n':
		b = append(b, "null"...)
	case 't':
		b = append(b, "true"...)
	case 'f':
		b = append(b, "false"...)
	case '0':
		b = append(b, v.text...)
	case '"':
		b = quote(b, v.text, rng)
	case '[':
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.write(b, rng)
		}
		b = append(b, ']')
	case '{':
		b = append(b, '{')
		for i, m := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = quote(space(b, rng), m.name, rng)
			b = m.value.write(append(space(b, rng), ':'), rng)
		}
		b = append(b, '}')
	}
	return space(b, rng)
}

func space(b []byte, rng *rand.Rand) []byte {
	for rng != nil && rng.IntN(4) == 0 {
		b = append(b, " \t\r\n"[rng.IntN(4)])
	}
	return b
}

func quote(b []byte, s string, rng *rand.Rand) []byte {
	if rng == nil || rng.IntN(4) > 0 {
		b, err := jsontext.AppendQuote(b, s)
		if err != nil {
			panic(err) // generated strings are valid UTF-8
		}
		return b
	}
	b = append(b, '"')
	for _, unit := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, `\u%04x`, unit)
	}
	return append(b, '"')
}

// parse reads a text as encoding/json does: what is not valid UTF-8 becomes U+FFFD.
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
	case nil:
		return null(), nil
	case bool:
		return &value{kind: map[bool]byte{true: 't', false: 'f'}[token]}, nil
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
	return nil, fmt.Errorf("unexpected token %v", token)
}

// of makes a value of what a YAML or JSON decoder returns.
func of(decoded any) *value {
	text, err := json.Marshal(decoded)
	if err != nil {
		panic(err)
	}
	v, err := parse(text)
	if err != nil {
		panic(err)
	}
	return v
}

// swapCase turns lower case into upper case and the other way round.
func swapCase(s string) string {
	if upper := strings.ToUpper(s); upper != s {
		return upper
	}
	return strings.ToLower(s)
}
