package contract

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A node is one JSON value of a parsed text.
type node struct {
	place
	kind       jsontext.Kind // 'n', 'f', 't', '"', '0', '{' or '['
	text       string        // the decoded string, or the literal of a number
	start, end int           // where the value stands in the text
	members    []member      // of an object, in the order of the text
	items      []*node       // of an array
	summed     uint64        // see sum; 0 if it is not known
}

type member struct {
	name  string
	start int // where the name stands in the text
	value *node
}

// MaxDepth is how deep objects and arrays may nest. Where the emitted code gives up, a union is checked again at each level
// that it decodes at, so this also bounds what a body costs.
const MaxDepth = 64

// parse reads exactly one JSON value. As in I-JSON (RFC 7493), the names of an object are unique, strings are valid UTF-8,
// and no number is too large for a double: what has no schema is decoded as any, which holds a float64.
func parse(text string) (*node, *Violation) {
	p := parser{text: text}
	if root := p.usual(); root != nil {
		return root, nil
	}
	p.dec = decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(p.dec)
	p.dec.Reset(bytes.NewBufferString(text)) // which it reads in place
	root, violation := p.value(0)
	if violation != nil {
		return nil, violation
	}
	if _, err := p.dec.ReadToken(); err != io.EOF {
		return nil, &Violation{Rule: "trailing", Want: "nothing behind the JSON value"}
	}
	return root, nil
}

// decoders are used again, for the tables of names that they have.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

type parser struct {
	dec  *jsontext.Decoder
	text string // that the values are parts of, where they have no escapes
	free []node // which are made several at a time

	members []member // of the objects that the parser is in
	few     [16]member
	items   []*node // of the arrays that it is in
}

// usual parses a text that is valid and not spelled in an unusual way. Otherwise it returns nil, and jsontext has the last word.
func (p *parser) usual() *node {
	if !utf8.ValidString(p.text) {
		return nil
	}
	p.members = p.few[:0]
	r := Reader{text: p.text}
	root := p.read(&r)
	if r.space(); r.lost || r.pos < len(r.text) {
		return nil
	}
	return root
}

func (p *parser) read(r *Reader) *node {
	n := p.node()
	n.kind = jsontext.Kind(r.peek())
	n.start = r.pos
	switch n.kind {
	case '{':
		mark := len(p.members)
		for name, more := r.Object(); more; name, more = r.Member() {
			earlier := p.members[mark:]
			r.Want(len(earlier) < maxUndeclared && !slices.ContainsFunc(earlier, func(m member) bool { return m.name == name }))
			m := member{name: name, start: r.named}
			m.value = p.read(r)
			p.members = append(p.members, m)
		}
		n.members = append(n.members, p.members[mark:]...)
		p.members = p.members[:mark]
	case '[':
		mark := len(p.items)
		for more := r.Array(); more; more = r.Item() {
			p.items = append(p.items, p.read(r))
		}
		n.items = append(n.items, p.items[mark:]...)
		p.items = p.items[:mark]
	case '"':
		n.text = r.Text()
	case 't', 'f':
		r.Bool()
		n.text = r.text[n.start:r.pos]
	case 'n':
		r.Want(r.Null())
		n.text = r.text[n.start:r.pos]
	default:
		n.kind = '0'
		n.text = r.number()
		r.Want(!overflows(n.text))
	}
	n.end = r.pos
	return n
}

func (p *parser) node() *node {
	if len(p.free) == 0 {
		p.free = make([]node, min(1+len(p.text)/16, 64))
	}
	n := &p.free[0]
	p.free = p.free[1:]
	return n
}

func (p *parser) value(depth int) (*node, *Violation) {
	n := p.node()
	n.kind = p.dec.PeekKind()
	if n.kind != '{' && n.kind != '[' {
		var violation *Violation
		n.start, n.text, violation = p.scalar()
		n.end = int(p.dec.InputOffset())
		if violation == nil && n.kind == '0' && overflows(n.text) {
			violation = &Violation{Pointer: string(p.dec.StackPointer()), Rule: "type", Want: wantDouble}
		}
		return n, violation
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, p.syntax(err)
	}
	if depth >= MaxDepth {
		return nil, &Violation{Rule: "depth", Want: "at most " + strconv.Itoa(MaxDepth) + " levels of nesting"}
	}
	n.start = int(p.dec.InputOffset()) - 1
	for p.dec.PeekKind() != '}' && p.dec.PeekKind() != ']' {
		var m member
		if n.kind == '{' {
			var violation *Violation
			if m.start, m.name, violation = p.scalar(); violation != nil {
				return nil, violation
			}
		}
		value, violation := p.value(depth + 1)
		if violation != nil {
			return nil, violation
		}
		if n.kind == '{' {
			m.value = value
			n.members = append(n.members, m)
		} else {
			n.items = append(n.items, value)
		}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, p.syntax(err)
	}
	n.end = int(p.dec.InputOffset())
	return n, nil
}

// scalar reads a name or a value that is neither object nor array. It returns where that begins and its text: of a string the
// decoded one, of anything else the literal.
func (p *parser) scalar() (start int, text string, violation *Violation) {
	literal, err := p.dec.ReadValue()
	if err != nil {
		return 0, "", p.syntax(err)
	}
	end := int(p.dec.InputOffset())
	start = end - len(literal)
	text = p.text[start:end]
	switch {
	case text[0] != '"':
		return start, text, nil
	case strings.IndexByte(text, '\\') < 0:
		return start, text[1 : len(text)-1], nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, text)
	if err != nil {
		return 0, "", p.syntax(err)
	}
	return start, string(unquoted), nil
}

func (p *parser) syntax(err error) *Violation {
	v := &Violation{Rule: "syntax", Want: "a JSON value"}
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return v // the text ends too early, or there is none
	}
	v.Pointer = string(syntactic.JSONPointer)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		v.Rule, v.Want = "duplicate", "each member name once"
	case errors.Is(err, io.ErrUnexpectedEOF):
		v.Pointer = ""
		v.Want = "a complete JSON value; the text ends at byte " + strconv.FormatInt(syntactic.ByteOffset, 10)
	default:
		v.Pointer = ""
		v.Want = "a well-formed JSON value; see byte " + strconv.FormatInt(syntactic.ByteOffset, 10)
		if strings.Contains(err.Error(), "UTF-8") || strings.Contains(err.Error(), "surrogate") {
			v.Want = "valid UTF-8 in strings; see byte " + strconv.FormatInt(syntactic.ByteOffset, 10)
		}
	}
	return v
}

// get returns the value of a member, nil if there is none.
func (n *node) get(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}
