package schema

import (
	"hash/maphash"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// A tape is parsed JSON text: its values in the order of the text, in a few bytes each. What is not on the tape is looked up in
// the text again.
type tape struct {
	text  string
	nodes []node
	sums  map[int32]uint64 // of large values, see sum
}

// A node is a value or the name of a member. The nodes of an object are the names and the values of its members, in turns.
type node struct {
	start, end int32 // in the text
	next       int32 // the index of the node after this one and all within it
	count      int32 // of items or members
	kind       byte  // 'n', 't', 'f', '"', '0', '[' or '{'
	escaped    bool  // a string with escapes
}

// parse reads exactly one JSON value at from, up to the end of the text if whole is set. The violation, if any, says why it is not one,
// and offset where.
func parse(text string, from int, whole bool) (t tape, l Lexer) {
	l = t.parse(text, from)
	if whole {
		l.End()
	}
	return t, l
}

func (t *tape) parse(text string, from int) (l Lexer) {
	l = Lexer{Text: text, Pos: from}
	t.text, t.sums, t.nodes = text, nil, slices.Grow(t.nodes[:0], min(1+(len(text)-from)/16, 64))
	t.value(&l, 0)
	return l
}

func (t *tape) value(l *Lexer, depth int) {
	c := l.Peek()
	index := len(t.nodes)
	if len(t.nodes) == cap(t.nodes) {
		t.grow(l.Text[l.Pos:])
	}
	t.nodes = append(t.nodes, node{start: int32(l.Pos), kind: c})
	count := int32(0)
	switch c {
	case '{':
		var names Names
		for more := l.Open('{', depth); more; more = l.Next('}') {
			start := l.Peek()
			name := node{start: int32(l.Pos), kind: start, next: int32(len(t.nodes) + 1)}
			text := l.Name()
			name.end = int32(l.Pos)
			name.escaped = l.Escaped
			names.Add(l, text)
			t.nodes = append(t.nodes, name)
			t.value(l, depth+1)
			count++
		}
	case '[':
		for more := l.Open('[', depth); more; more = l.Next(']') {
			t.value(l, depth+1)
			count++
		}
	case '"':
		l.ReadString()
		t.nodes[index].escaped = l.Escaped
	case 't', 'f', 'n':
		l.scalar(c)
	default:
		t.nodes[index].kind = '0'
		l.scalar(c)
	}
	n := &t.nodes[index]
	n.end, n.next, n.count = int32(l.Pos), int32(len(t.nodes)), count
}

// manyNodes is when the rest of a text is searched for how many more there can be.
const manyNodes = 1 << 10

// grow makes room for more nodes. Where there are many, it is for all that the rest of the text can have, as to grow step by step takes
// several times as much memory.
func (t *tape) grow(rest string) {
	more := len(t.nodes)
	if more >= manyNodes {
		more = strings.Count(rest, ",") + strings.Count(rest, ":") + strings.Count(rest, "[") + strings.Count(rest, "{") + 2
	}
	t.nodes = slices.Grow(t.nodes, more)
}

// string returns the text of a string or name.
func (t *tape) string(n int32) string {
	node := &t.nodes[n]
	if !node.escaped {
		end := node.start + 1
		for t.text[end] != '"' {
			end++
		}
		return t.text[node.start+1 : end]
	}
	l := Lexer{Text: t.text, Pos: int(node.start)}
	return l.ReadString()
}

// literal returns the text of a value as it is spelled.
func (t *tape) literal(n int32) string { return t.text[t.nodes[n].start:t.nodes[n].end] }

// at finds the node of the value that starts at an offset of the text.
func (t *tape) at(offset int) (n int32, ok bool) {
	i := sort.Search(len(t.nodes), func(i int) bool { return int(t.nodes[i].start) >= offset })
	return int32(i), i < len(t.nodes) && int(t.nodes[i].start) == offset
}

// members ranges over the names and values of an object.
func (t *tape) members(n int32) func(yield func(name, value int32) bool) {
	return func(yield func(name, value int32) bool) {
		for i := n + 1; i < t.nodes[n].next; i = t.nodes[i+1].next {
			if !yield(i, i+1) {
				return
			}
		}
	}
}

// items ranges over the items of an array.
func (t *tape) items(n int32) func(yield func(i int, item int32) bool) {
	return func(yield func(i int, item int32) bool) {
		count := 0
		for i := n + 1; i < t.nodes[n].next; i = t.nodes[i].next {
			if !yield(count, i) {
				return
			}
			count++
		}
	}
}

// member finds the value of a member of an object, 0 if there is none.
func (t *tape) member(n int32, name string) int32 {
	if t.nodes[n].kind != '{' {
		return 0
	}
	for i, value := range t.members(n) {
		if t.isNamed(i, name) {
			return value
		}
	}
	return 0
}

func (t *tape) isNamed(n int32, name string) bool {
	node := &t.nodes[n]
	if node.escaped {
		return t.string(n) == name
	}
	from := int(node.start) + 1
	return strings.HasPrefix(t.text[from:], name) && t.text[from+len(name)] == '"'
}

// canonical spells equal values equally: members sorted by name, numbers as decimals, no white space.
func (t *tape) canonical(n int32) string {
	var b strings.Builder
	t.appendCanonical(&b, n)
	return b.String()
}

func (t *tape) appendCanonical(b *strings.Builder, n int32) {
	switch t.nodes[n].kind {
	case '"':
		b.WriteString(quote(t.string(n)))
	case '0':
		b.WriteString(canonicalNumber(t.literal(n)))
	case '[':
		b.WriteByte('[')
		for i, item := range t.items(n) {
			if i > 0 {
				b.WriteByte(',')
			}
			t.appendCanonical(b, item)
		}
		b.WriteByte(']')
	case '{':
		type member struct {
			name  string
			value int32
		}
		members := make([]member, 0, t.nodes[n].count)
		for name, value := range t.members(n) {
			members = append(members, member{t.string(name), value})
		}
		slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
		b.WriteByte('{')
		for i, m := range members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(m.name))
			b.WriteByte(':')
			t.appendCanonical(b, m.value)
		}
		b.WriteByte('}')
	default:
		b.WriteString(t.literal(n))
	}
}

// Canonical spells JSON text such that equal values have equal texts: members sorted by name, numbers as decimals, no white space.
// Text that is not JSON is returned as it is.
func Canonical(text string) string {
	t, l := parse(text, 0, true)
	if l.Failed() {
		return text
	}
	return t.canonical(0)
}

func canonicalNumber(literal string) string {
	d := parseDecimal(literal)
	if plain, ok := d.integer(); ok {
		return plain
	}
	var s string
	switch n := d.exponent; {
	case 0 < n && n < len(d.digits):
		s = d.digits[:n] + "." + d.digits[n:]
	case -6 < n && n <= 0:
		s = "0." + strings.Repeat("0", -n) + d.digits
	default:
		s = "0." + d.digits + "e" + strconv.Itoa(n)
	}
	if d.negative {
		s = "-" + s
	}
	return s
}

func appendInt(n int64) string { return strconv.FormatInt(n, 10) }

// sums makes the sums of values differ from one process to the next, so that equal sums cannot be prepared. Values are equal if their sums
// are, with both seeds.
var sums = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// manyWithin is how many nodes a value has whose sum is kept: arrays of unique items may be within each other.
const manyWithin = 16

// sum is the same for equal values, and nearly always different for others.
func (t *tape) sum(n int32, seed int) uint64 {
	node := &t.nodes[n]
	keeps := seed == 0 && node.next-n > manyWithin
	if keeps {
		if sum, known := t.sums[n]; known {
			return sum
		}
	}
	var h maphash.Hash
	h.SetSeed(sums[seed])
	h.WriteByte(node.kind)
	switch node.kind {
	case '"':
		h.WriteString(t.string(n))
	case '0':
		h.WriteString(canonicalNumber(t.literal(n)))
	case '[':
		for _, item := range t.items(n) {
			maphash.WriteComparable(&h, t.sum(item, seed))
		}
	case '{':
		type member struct {
			name string
			sum  uint64
		}
		var all uint64 // of the members, whatever their order
		for name, value := range t.members(n) {
			all += maphash.Comparable(sums[seed], member{t.string(name), t.sum(value, seed)})
		}
		maphash.WriteComparable(&h, all)
	}
	sum := h.Sum64()
	if keeps {
		if t.sums == nil {
			t.sums = map[int32]uint64{}
		}
		t.sums[n] = sum
	}
	return sum
}
