package contract

import (
	"hash/maphash"
	"iter"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The parser turns JSON input into a tree for the checker. The tree is one slice without pointers: each value is
// followed by the values within it, so that a value of two bytes costs 20 bytes of memory and the garbage collector
// skips all of them.

// A jsonTree holds the values of one JSON input in the order of the input. Value 0 is the root.
type jsonTree struct {
	text  string
	nodes []node
	texts []string // the strings that do not stand in text as they are: those with escapes, and the values of parameters
}

// A node is a JSON value, or the name of a member, which is followed by the value of the member. Nodes are identified
// by their index in jsonTree.nodes.
type node struct {
	start, end uint32 // the range of the value in text, with its quotes
	next       int32  // the node after this one and everything within it
	size       int32  // the number of items or members; of a string with ownText, the index in texts
	kind       byte   // 'n', 'f', 't', '"', '0', '{' or '['
	flags      flags
}

type flags uint16

const (
	ownText     flags = 1 << iota // the decoded string is in texts
	isMember                      // the value of a member
	declared                      // a name that a part of the schema declares
	reported                      // a name that was reported as undeclared
	respelled                     // a value that has to be spelled in another way before it is decoded
	removed                       // a name that has to be removed, with its value, before it is decoded
	shadowing                     // a name that has to be removed unless it is declared
	repeated                      // an item that is equal to an earlier one
	emptyArray                    // a null that stands for an empty array
	emptyObject                   // a null that stands for an empty object
)

// MaxDepth is how many levels of objects and arrays may be nested.
const MaxDepth = 64

// parse reads exactly one JSON value. As in I-JSON (RFC 7493), the names of an object are unique, strings are valid
// UTF-8, and no number is too large for a float64.
func (t *jsonTree) parse(text string) *Violation {
	t.text = text
	if !utf8.ValidString(text) {
		return syntax("valid UTF-8; see byte " + strconv.Itoa(firstInvalid(text)))
	}
	if len(text) > math.MaxInt32 {
		return syntax("less than 2 GiB of JSON")
	}
	if most := countNodes(text); cap(t.nodes) < most {
		t.nodes = make([]node, 0, most)
	}
	p := parser{jsonTree: t}
	if violation := p.value(0, 0); violation != nil {
		return violation
	}
	if p.space(); p.pos < len(text) {
		return &Violation{Rule: "trailing", Want: "nothing behind the JSON value"}
	}
	return nil
}

func syntax(want string) *Violation { return &Violation{Rule: "syntax", Want: want} }

func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return len(text)
}

// countNodes returns an upper bound for the number of nodes, so that they are allocated once.
func countNodes(text string) int {
	n := 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			end, _ := scanString(text, i)
			if end < 0 { // where the parser will stop
				return n
			}
			i = end - 1
		case ',', ':', '[', '{':
			n++
		}
	}
	return min(n, len(text)/2+1)
}

type parser struct {
	*jsonTree
	pos   int
	names []int32 // a hash table of the names of one object
}

func (p *parser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the first byte of the next token, 0 at the end.
func (p *parser) peek() byte {
	if p.space(); p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// malformed is the violation of a token that is not expected at the current position.
func (p *parser) malformed() *Violation {
	switch {
	case p.pos < len(p.text):
		return syntax("a well-formed JSON value; see byte " + strconv.Itoa(p.pos))
	case len(p.nodes) == 0:
		return syntax("a JSON value")
	}
	return syntax("a complete JSON value; the text ends at byte " + strconv.Itoa(len(p.text)))
}

// value reads the next value, which is within depth objects and arrays.
func (p *parser) value(depth int, flags flags) *Violation {
	kind := p.peek()
	n := len(p.nodes)
	start := p.pos
	var violation *Violation
	switch kind {
	case '{', '[':
		if depth == MaxDepth {
			return &Violation{Rule: "depth", Want: "at most " + strconv.Itoa(MaxDepth) + " levels of nesting"}
		}
		p.nodes = append(p.nodes, node{start: uint32(start), kind: kind, flags: flags})
		p.pos++
		if kind == '{' {
			violation = p.object(n, depth+1)
		} else {
			violation = p.array(n, depth+1)
		}
		if violation != nil {
			return violation
		}
		p.nodes[n].end, p.nodes[n].next = uint32(p.pos), int32(len(p.nodes))
		return nil
	case '"':
		return p.quoted(flags)
	case 't':
		violation = p.literal("true")
	case 'f':
		violation = p.literal("false")
	case 'n':
		violation = p.literal("null")
	default:
		kind = '0'
		end := scanNumber(p.text, p.pos)
		if end < 0 {
			return p.malformed()
		}
		p.pos = end
		if overflows(p.text[start:end]) {
			violation = &Violation{Rule: "type", Want: wantDouble}
		}
	}
	if violation == nil {
		p.nodes = append(p.nodes, node{start: uint32(start), end: uint32(p.pos), next: int32(n + 1), kind: kind, flags: flags})
	}
	return violation
}

func (p *parser) literal(text string) *Violation {
	for i := range len(text) {
		if p.pos == len(p.text) || p.text[p.pos] != text[i] {
			return p.malformed()
		}
		p.pos++
	}
	return nil
}

// quoted reads a string, which may be the name of a member.
func (p *parser) quoted(flags flags) *Violation {
	start := p.pos
	end, escaped := scanString(p.text, start)
	if end < 0 {
		p.pos = -end
		return p.malformed()
	}
	n := node{start: uint32(start), end: uint32(end), next: int32(len(p.nodes) + 1), kind: '"', flags: flags}
	if escaped {
		text, ok := unescape(p.text[start+1 : end-1])
		if !ok {
			return syntax("escapes of JSON, without halves of surrogate pairs, in strings; see byte " + strconv.Itoa(start))
		}
		n.size, n.flags = int32(len(p.texts)), flags|ownText
		p.texts = append(p.texts, text)
	}
	p.nodes = append(p.nodes, n)
	p.pos = end
	return nil
}

func (p *parser) array(n, depth int) *Violation {
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	for i := 0; ; i++ {
		if violation := p.value(depth, 0); violation != nil {
			return below("/"+strconv.Itoa(i), violation)
		}
		p.nodes[n].size++
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return nil
		default:
			return p.malformed()
		}
	}
}

func (p *parser) object(n, depth int) *Violation {
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	for {
		if p.peek() != '"' {
			return p.malformed()
		}
		name := int32(len(p.nodes))
		if violation := p.quoted(0); violation != nil {
			return violation
		}
		if p.peek() != ':' {
			return p.malformed()
		}
		p.pos++
		if violation := p.value(depth, isMember); violation != nil {
			return below("/"+escape(p.string(name)), violation)
		}
		p.nodes[n].size++
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			p.nodes[n].next = int32(len(p.nodes))
			if name := p.duplicate(n); name != 0 {
				return &Violation{Pointer: "/" + escape(p.string(name)), Rule: "duplicate", Want: "each member name once"}
			}
			return nil
		default:
			return p.malformed()
		}
	}
}

// below completes the pointer of a violation in the value at the given place.
func below(place string, v *Violation) *Violation {
	if v.Rule == "duplicate" || v.Rule == "type" { // the other violations are about the whole input
		v.Pointer = place + v.Pointer
	}
	return v
}

// duplicate returns the first name of an object that occurred before, 0 if there is none.
func (p *parser) duplicate(object int) int32 {
	size := int(p.nodes[object].size)
	if size <= 8 {
		for name := range p.members(int32(object)) {
			for earlier := range p.members(int32(object)) {
				if earlier == name {
					break
				}
				if p.string(earlier) == p.string(name) {
					return name
				}
			}
		}
		return 0
	}
	slots := 1 << bits.Len(uint(size)*2)
	if len(p.names) < slots {
		p.names = make([]int32, slots)
	}
	names := p.names[:slots]
	clear(names)
	for name := range p.members(int32(object)) {
		text := p.string(name)
		slot := maphash.String(hashSeed, text)
		for ; names[slot%uint64(slots)] != 0; slot++ {
			if p.string(names[slot%uint64(slots)]) == text {
				return name
			}
		}
		names[slot%uint64(slots)] = name
	}
	return 0
}

// hashSeed makes hashes differ from one process to the next, so that nobody can prepare collisions.
var hashSeed = maphash.MakeSeed()

// string returns the decoded text of a string or name.
func (t *jsonTree) string(n int32) string {
	node := &t.nodes[n]
	if node.flags&ownText != 0 {
		return t.texts[node.size]
	}
	return t.text[node.start+1 : node.end-1]
}

// literal returns the text of a number.
func (t *jsonTree) literal(n int32) string {
	node := &t.nodes[n]
	if node.flags&ownText != 0 {
		return t.texts[node.size]
	}
	return t.text[node.start:node.end]
}

// items iterates over the items of an array, with their indexes. Anything else has none.
func (t *jsonTree) items(n int32) iter.Seq2[int, int32] {
	return func(yield func(int, int32) bool) {
		if t.nodes[n].kind != '[' {
			return
		}
		end := t.nodes[n].next
		for i, item := 0, n+1; item < end; i, item = i+1, t.nodes[item].next {
			if !yield(i, item) {
				return
			}
		}
	}
}

// members iterates over the members of an object by their names; the value is the node after the name. Anything else
// has none.
func (t *jsonTree) members(n int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if t.nodes[n].kind != '{' {
			return
		}
		end := t.nodes[n].next
		for name := n + 1; name < end; name = t.nodes[name+1].next {
			if !yield(name) {
				return
			}
		}
	}
}

// member returns the value of a member, 0 if there is none.
func (t *jsonTree) member(n int32, name string) int32 {
	for m := range t.members(n) {
		if t.string(m) == name {
			return m + 1
		}
	}
	return 0
}

// scanString returns the end of the string that starts at text[start], and whether it has escapes. If it is
// malformed, the end is the negative position of the mistake.
func scanString(text string, start int) (end int, escaped bool) {
	for i := start + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1, escaped
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return -i, escaped
		}
	}
	return -len(text), escaped
}

// scanNumber returns the end of the number that starts at text[start], -1 if there is none.
func scanNumber(text string, start int) (end int) {
	digits := func(i int) int {
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		return i
	}
	at := func(i int) byte {
		if i < len(text) {
			return text[i]
		}
		return 0
	}
	i := start
	if at(i) == '-' {
		i++
	}
	end = digits(i)
	ok := end > i && (at(i) != '0' || end == i+1)
	if at(end) == '.' {
		i, end = end+1, digits(end+1)
		ok = ok && end > i
	}
	if c := at(end); c == 'e' || c == 'E' {
		if i = end + 1; at(i) == '+' || at(i) == '-' {
			i++
		}
		end = digits(i)
		ok = ok && end > i
	}
	if !ok {
		return -1
	}
	return end
}

// unescape decodes the inside of a string with escapes.
func unescape(s string) (text string, ok bool) {
	out := make([]byte, 0, len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			return string(append(out, s...)), true
		}
		if out = append(out, s[:i]...); i+1 == len(s) {
			return "", false
		}
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(s)
			if !ok {
				return "", false
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				if !strings.HasPrefix(s, `\u`) {
					return "", false
				}
				low, ok := hex4(s[2:])
				if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
					return "", false
				}
				s = s[6:]
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", false
		}
	}
}

// hex4 reads four hexadecimal digits.
func hex4(s string) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range []byte(s[:4]) {
		value := hexValue[c]
		if value > 15 {
			return 0, false
		}
		r = r<<4 | rune(value)
	}
	return r, true
}

// quote spells a text as a JSON string.
func quote(text string) string {
	if !utf8.ValidString(text) { // which JSON cannot hold
		return strconv.Quote(text)
	}
	var room [80]byte
	return string(appendQuote(room[:0], text))
}

// appendQuote appends valid UTF-8 as a JSON string, with as few escapes as possible.
func appendQuote(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	done := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, text[done:]...), '"')
}

// escape spells a name as a part of a JSON pointer.
func escape(name string) string {
	if strings.IndexByte(name, '~') < 0 && strings.IndexByte(name, '/') < 0 {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
