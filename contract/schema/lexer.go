package schema

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 64

// A Lexer splits JSON text into tokens. After an error it is at the end of the text.
//
// As in I-JSON (RFC 7493) strings are valid Unicode. That member names are unique is the caller's to check.
type Lexer struct {
	Text string
	Pos  int

	// Escaped reports whether the last string or name that was read had escapes.
	Escaped bool

	failed Rule // RuleSyntax, RuleTrailing or RuleDepth; RuleNone as long as nothing is wrong
	at     int
	reason string
}

// Failed reports whether the text is not JSON, as far as it has been read.
func (l *Lexer) Failed() bool { return l.failed != RuleNone }

// Fail ends reading: the text is not JSON, as "want reason" says, at the current position.
func (l *Lexer) Fail(rule Rule, reason string) {
	if l.failed == RuleNone {
		l.failed, l.at, l.reason = rule, l.Pos, reason
	}
	l.Pos = len(l.Text)
}

func (l *Lexer) syntax() {
	if l.Pos >= len(l.Text) {
		l.Fail(RuleSyntax, "a complete JSON value; the text ends at byte "+strconv.Itoa(len(l.Text)))
		return
	}
	l.Fail(RuleSyntax, "a well-formed JSON value; see byte "+strconv.Itoa(l.Pos))
}

// Unexpected ends reading at a token that cannot be here.
func (l *Lexer) Unexpected() { l.syntax() }

// Violation is what is wrong with the text, if Failed. Of a repeated member it has the pointer, as Text up to there is JSON.
func (l *Lexer) Violation() Violation {
	v := Violation{Rule: l.failed.String(), Want: l.reason}
	if l.failed == RuleDuplicate {
		v.Pointer = pointersTo(l.Text, []Finding{{At: l.at}}, 0)[0]
	}
	return v
}

// Offset is where reading failed, in bytes.
func (l *Lexer) Offset() int { return l.at }

// Peek skips white space and returns the first byte of the next token, 0 at the end.
func (l *Lexer) Peek() byte {
	for l.Pos < len(l.Text) {
		switch c := l.Text[l.Pos]; c {
		case ' ', '\t', '\r', '\n':
			l.Pos++
		default:
			return c
		}
	}
	return 0
}

// Take skips the next token if it is c.
func (l *Lexer) Take(c byte) bool {
	if l.Peek() != c {
		return false
	}
	l.Pos++
	return true
}

// Literal skips null, true or false, if it is the next token.
func (l *Lexer) Literal(text string) bool {
	l.Peek()
	if !strings.HasPrefix(l.Text[l.Pos:], text) {
		return false
	}
	l.Pos += len(text)
	return true
}

// ReadString reads a string, whose opening quote must be next. Without escapes it is a part of the text.
func (l *Lexer) ReadString() string {
	start := l.Pos + 1
	end := PlainEnd(l.Text, start)
	if end < len(l.Text) && l.Text[end] == '"' {
		l.Escaped = false
		l.Pos = end + 1
		return l.Text[start:end]
	}
	return l.readString(start, end)
}

// readString reads a string that has something else than plain characters at i, or has no end.
func (l *Lexer) readString(start, i int) string {
	l.Escaped = false
	for ; ; i = PlainEnd(l.Text, i) {
		switch {
		case i >= len(l.Text):
			l.Pos = len(l.Text)
			l.syntax()
			return ""
		case l.Text[i] == '"':
			l.Pos = i + 1
			return l.Text[start:i]
		case l.Text[i] < utf8.RuneSelf: // an escape, or a control character
			return l.escaped(start, i)
		}
		for i < len(l.Text) && l.Text[i] >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(l.Text[i:])
			if r == utf8.RuneError && size <= 1 {
				return l.invalidString(i)
			}
			i += size
		}
	}
}

// Text is looked at eight bytes at a time, each in a byte of a uint64.
const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special has the high bit of each byte that does not stand for itself in a string, or is not ASCII; in the bytes above the first such one it
// may also be in others.
func special(x uint64) uint64 {
	quoteOrControl := (x ^ 2*eachByte) - '!'*eachByte // negative, as ^ 2 lets the quote change places with the space
	backslash := (x ^ '\\'*eachByte) - eachByte
	return (x | quoteOrControl | backslash) & highBits
}

// PlainEnd returns where the characters of a text end, from i on, that stand for themselves in a JSON string and are ASCII. It looks at sixteen
// at a time.
func PlainEnd(text string, i int) int {
	b := bytesOf(text)
	for ; i <= len(b)-16; i += 16 {
		if found := special(binary.LittleEndian.Uint64(b[i:])); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
		if found := special(binary.LittleEndian.Uint64(b[i+8:])); found != 0 {
			return i + 8 + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && isPlain(b[i]) {
		i++
	}
	return i
}

// IsPlain reports whether all characters stand for themselves in a string, and are ASCII.
func IsPlain(text string) bool {
	b := bytesOf(text)
	switch {
	case len(b) < 4:
		for _, c := range b {
			if !isPlain(c) {
				return false
			}
		}
		return true
	case len(b) < 8:
		return special(uint64(binary.LittleEndian.Uint32(b))<<32|uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))) == 0
	}
	found := special(binary.LittleEndian.Uint64(b[len(b)-8:]))
	for i := 0; i < len(b)-8; i += 8 {
		found |= special(binary.LittleEndian.Uint64(b[i:]))
	}
	return found == 0
}

func isPlain(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }

// bytesOf returns the bytes of a text, which must not be changed.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

func (l *Lexer) invalidString(at int) string {
	l.Pos = at
	l.Fail(RuleSyntax, "valid UTF-8 in strings; see byte "+strconv.Itoa(at))
	return ""
}

// escaped reads a string that has an escape or an invalid character at i.
func (l *Lexer) escaped(start, i int) string {
	l.Escaped = true
	b := append(make([]byte, 0, i-start+32), l.Text[start:i]...)
	for i < len(l.Text) {
		switch c := l.Text[i]; {
		case c == '"':
			l.Pos = i + 1
			return string(b)
		case c < ' ':
			l.Pos = i
			l.Fail(RuleSyntax, "control characters to be escaped in strings; see byte "+strconv.Itoa(i))
			return ""
		case c == '\\':
			r, size, invalid := unescape(l.Text[i:])
			switch {
			case size == 0 && invalid:
				return l.invalidString(i)
			case size == 0:
				l.Pos = i
				l.syntax()
				return ""
			}
			b = utf8.AppendRune(b, r)
			i += size
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(l.Text[i:])
			if r == utf8.RuneError && size <= 1 {
				return l.invalidString(i)
			}
			b = append(b, l.Text[i:i+size]...)
			i += size
		}
	}
	l.Pos = len(l.Text)
	l.syntax()
	return ""
}

// unescape decodes the escape that the text begins with. The size is 0 if it is not one; invalid says that it is half a surrogate pair.
func unescape(text string) (r rune, size int, invalid bool) {
	if len(text) < 2 {
		return 0, 0, false
	}
	switch text[1] {
	case '"', '\\', '/':
		return rune(text[1]), 2, false
	case 'b':
		return '\b', 2, false
	case 'f':
		return '\f', 2, false
	case 'n':
		return '\n', 2, false
	case 'r':
		return '\r', 2, false
	case 't':
		return '\t', 2, false
	case 'u':
	default:
		return 0, 0, false
	}
	r, ok := hex4(text)
	switch {
	case !ok:
		return 0, 0, false
	case !utf16.IsSurrogate(r):
		return r, 6, false
	}
	low, ok := hex4(text[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0, true
	}
	return r, 12, false
}

func hex4(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

// Number reads a number and returns its literal.
func (l *Lexer) Number() string {
	l.Peek()
	text := l.Text
	start, i := l.Pos, l.Pos
	digits := func() bool {
		from := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(text) && text[i] == '-' {
		i++
	}
	whole := i
	ok := digits() && (text[whole] != '0' || i == whole+1)
	if ok && i < len(text) && text[i] == '.' {
		i++
		ok = digits()
	}
	if ok && i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		ok = digits()
	}
	l.Pos = i
	if !ok {
		l.syntax()
		return "0"
	}
	return text[start:i]
}

// Find looks ahead for a member of the object that is next, and returns where its value starts, or -1. The text up to there need not be JSON,
// which reading it finds out.
func (l Lexer) Find(name string) int {
	for more := l.Take('{'); more && l.Peek() == '"'; more = l.Take(',') {
		found := l.ReadString() == name
		if !l.Take(':') {
			return -1
		}
		if c := l.Peek(); c == 0 {
			return -1
		} else if found {
			return l.Pos
		} else if l.Pos = valueEnd(l.Text, l.Pos, c); l.Pos < 0 {
			return -1
		}
	}
	return -1
}

// stringEnd returns where a string ends, behind its quote, or -1.
func stringEnd(text string, start int) int {
	i := PlainEnd(text, start+1)
	if i < len(text) && text[i] == '"' {
		return i + 1
	}
	for {
		quote := strings.IndexByte(text[i:], '"')
		if quote < 0 {
			return -1
		}
		i += quote + 1
		escapes := 0
		for at := i - 2; at > start && text[at] == '\\'; at-- {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}

// valueEnd returns where a value ends that begins with c, or -1.
func valueEnd(text string, i int, c byte) int {
	switch c {
	case '"':
		return stringEnd(text, i)
	case '{', '[':
		for depth := 0; i < len(text); i++ {
			switch text[i] {
			case '"':
				if i = stringEnd(text, i); i < 0 {
					return -1
				}
				i--
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return -1
	}
	for ; i < len(text); i++ { // a number, or a literal
		switch text[i] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return -1
}

// CountItems returns how many items an array has whose text begins behind its bracket, or fewer if the text ends before or there are more
// than most.
func CountItems(text string, most int) int {
	items, depth := 0, 0
	for i := 0; i < len(text) && items < most; i++ {
		switch text[i] {
		case '"':
			if i = stringEnd(text, i); i < 0 {
				return max(items, 1)
			}
			i--
			items = max(items, 1)
		case '[', '{':
			depth++
			items = max(items, 1)
		case ']', '}':
			if depth--; depth < 0 {
				return items
			}
		case ',':
			if depth == 0 {
				items++
			}
		case ' ', '\t', '\r', '\n':
		default:
			items = max(items, 1)
		}
	}
	return items
}

// Skip skips one value and returns where it starts. Of objects it checks that the names are unique.
func (l *Lexer) Skip(depth int) (start int) {
	c := l.Peek()
	start = l.Pos
	switch c {
	case '{':
		var names Names
		for more := l.Open('{', depth); more; more = l.Next('}') {
			names.Add(l, l.Name())
			l.Skip(depth + 1)
		}
	case '[':
		for more := l.Open('[', depth); more; more = l.Next(']') {
			l.Skip(depth + 1)
		}
	default:
		l.scalar(c)
	}
	return start
}

func (l *Lexer) scalar(c byte) {
	switch {
	case c == '"':
		l.ReadString()
	case c == 't' && l.Literal("true"), c == 'f' && l.Literal("false"), c == 'n' && l.Literal("null"):
	case c == '-' || '0' <= c && c <= '9':
		l.Number()
	default:
		l.syntax()
	}
}

// Open begins an object or array, which is depth levels deep, and reports whether anything is in it.
func (l *Lexer) Open(bracket byte, depth int) (more bool) {
	if !l.Take(bracket) {
		l.syntax()
		return false
	}
	if depth >= MaxDepth {
		l.Fail(RuleDepth, "at most "+strconv.Itoa(MaxDepth)+" levels of nesting")
		return false
	}
	return !l.Take(bracket + 2) // in ASCII, ] follows [ and } follows { like this
}

// Next goes on to the next member or item, and reports whether there is one. After the last one it ends the object or array.
func (l *Lexer) Next(bracket byte) (more bool) {
	if l.Take(',') {
		return true
	}
	if !l.Take(bracket) {
		l.syntax()
	}
	return false
}

// Name reads the name of a member and the colon.
func (l *Lexer) Name() string {
	if l.Peek() != '"' {
		l.syntax()
		return ""
	}
	name := l.ReadString()
	if !l.Take(':') {
		l.syntax()
	}
	return name
}

// End fails if anything but white space is left.
func (l *Lexer) End() {
	if l.Peek(); l.Pos < len(l.Text) {
		l.Fail(RuleTrailing, "nothing after the JSON value")
	}
}

// Names are the member names of one object, to find those that are repeated.
type Names struct {
	few  [16]string
	n    int                 // how many of few there are
	many map[string]struct{} // all names, if there are more
}

// Add adds a name. A name that has been added before ends reading.
func (n *Names) Add(l *Lexer, name string) {
	if l.Failed() {
		return
	}
	switch {
	case n.Has(name):
		l.Fail(RuleDuplicate, "each member name once")
	case n.many != nil:
		n.many[name] = struct{}{}
	case n.n < len(n.few):
		n.few[n.n] = name
		n.n++
	default:
		n.many = make(map[string]struct{}, 4*len(n.few))
		for _, earlier := range n.few {
			n.many[earlier] = struct{}{}
		}
		n.many[name] = struct{}{}
	}
}

// Has reports whether a name has been added.
func (n *Names) Has(name string) bool {
	if n.many != nil {
		_, ok := n.many[name]
		return ok
	}
	for i := range n.n {
		if n.few[i] == name {
			return true
		}
	}
	return false
}
