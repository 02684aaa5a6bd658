package contract

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Reader goes through one JSON text for the decoders that gen emits, a method read for each type. They hold what they read
// against the document on the way. Most texts are valid; they are read once, and nothing is made but the result.
//
// Where a text is not valid, or only spelled in an unusual way, a Reader gives up. The checker then looks at the text and has
// the last word. So a Reader may give up wherever it likes, but what it accepts has to be what [Schema.Check] accepts as it
// stands, and what encoding/json then makes of it.
//
// Strings are parts of the text, they are not copied.
type Reader struct {
	text  string
	pos   int
	depth int
	named int // where the last name of a member stands
	dir   Direction
	tells bool // somebody wants to know of members that nobody declares
	lost  bool

	others  bool // there are values that have to be decoded by encoding/json
	decodes bool // they are

	checker     *checker // has chosen the variants of the unions in a part of the text; nil if there is none
	from, until int      // that part
}

var readers = sync.Pool{New: func() any { return new(Reader) }}

// DecoderOf makes the Decode of a [Schema] from the emitted decoder of its Go type.
func DecoderOf[T any](read func(*T, *Reader)) func(*Reader) any {
	return func(r *Reader) any {
		v := new(T)
		read(v, r)
		return v
	}
}

// decode reads the text by the emitted decoder of the schema. It returns a pointer to the Go value, nil if that is not certainly
// what the text stands for.
//
// What only encoding/json can decode is decoded last, when nothing can go wrong any more: it may be large, and decode itself in the
// same way. What is done twice at each level takes for ever.
func (s *Schema) decode(text string, dir Direction, tells bool) any {
	v, others := s.look(text, Reader{dir: dir, tells: tells})
	if v != nil && others {
		v, _ = s.look(text, Reader{dir: dir, decodes: true})
	}
	return v
}

// accepts tells whether decode would return something, but for what encoding/json makes of a part of it.
func (s *Schema) accepts(text string, dir Direction, tells bool) bool {
	v, _ := s.look(text, Reader{dir: dir, tells: tells})
	return v != nil
}

// look reads the text once, as the reader's settings say. What others have to decode is held against the tables, with all the rest.
func (s *Schema) look(text string, settings Reader) (v any, others bool) {
	if s.Decode == nil || !utf8.ValidString(text) {
		return nil, false
	}
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	*r = settings
	r.text = text
	v = s.Decode(r)
	if r.space(); r.lost || r.pos < len(text) {
		v = nil
	}
	if v != nil && r.others && !r.decodes {
		c := newChecker(r.dir, strict)
		if !c.accepts(s, text) || c.edits != 0 {
			v = nil
		}
		c.free()
	}
	r.text = ""
	r.forget()
	return v, r.others
}

// GiveUp leaves the text to the checker.
func (r *Reader) GiveUp() { r.lost, r.pos = true, len(r.text) }

// Want gives up unless ok.
func (r *Reader) Want(ok bool) {
	if !ok {
		r.GiveUp()
	}
}

// WantDirection gives up unless the text travels in the direction, or in none.
func (r *Reader) WantDirection(dir Direction) { r.Want(r.dir == dir || r.dir == Undirected) }

// WantIn gives up unless ok, if the text travels in the direction.
func (r *Reader) WantIn(dir Direction, ok bool) { r.Want(ok || r.dir != dir) }

// space skips white space.
func (r *Reader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek returns the first byte of the next token, 0 at the end.
func (r *Reader) peek() byte {
	r.space()
	if r.pos < len(r.text) {
		return r.text[r.pos]
	}
	return 0
}

// take skips the next token if it is c.
func (r *Reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

// literal skips null, true or false, if it is the next token.
func (r *Reader) literal(text string) bool {
	r.space()
	if !strings.HasPrefix(r.text[r.pos:], text) {
		return false
	}
	r.pos += len(text)
	return true
}

func (r *Reader) open(c byte) bool {
	r.depth++
	if r.depth > MaxDepth || !r.take(c) {
		r.GiveUp()
		return false
	}
	return true
}

// Object begins to read an object. It returns the name of the first member, and whether there is one; its value is next.
func (r *Reader) Object() (name string, more bool) {
	if !r.open('{') {
		return "", false
	}
	if r.take('}') {
		r.depth--
		return "", false
	}
	return r.name()
}

// Member is Object for the members that follow. Behind the last one it ends the object.
func (r *Reader) Member() (name string, more bool) {
	if r.take(',') {
		return r.name()
	}
	r.close('}')
	return "", false
}

func (r *Reader) close(c byte) {
	r.depth--
	r.Want(r.take(c))
}

func (r *Reader) name() (name string, more bool) {
	if r.peek() != '"' {
		r.GiveUp()
		return "", false
	}
	r.named = r.pos
	start := r.pos + 1
	end := r.quote(start)
	if end < 0 || !r.take(':') { // a name with escapes is unusual
		r.GiveUp()
		return "", false
	}
	return r.text[start:end], true
}

// quote finds the end of a string without escapes, and skips it.
func (r *Reader) quote(start int) int {
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return i
		case c == '\\', c < ' ':
			return -1
		}
	}
	return -1
}

// Array begins to read an array. It returns whether there is an item, which is next.
func (r *Reader) Array() (more bool) {
	if !r.open('[') {
		return false
	}
	if r.take(']') {
		r.depth--
		return false
	}
	return true
}

// Item is Array for the items that follow. Behind the last one it ends the array.
func (r *Reader) Item() (more bool) {
	if r.take(',') {
		return true
	}
	r.close(']')
	return false
}

// How many items room is made for before they are read, and how far Count looks for them, in bytes.
const (
	maxCount = 1000
	maxAhead = 1 << 16
)

// Count looks ahead at an array and returns how many items it has, or fewer if they are many or long.
func (r *Reader) Count() int {
	if r.peek() != '[' {
		return 0
	}
	items, depth := 0, 0
	for i := r.pos + 1; i < min(len(r.text), r.pos+maxAhead) && items < maxCount; i++ {
		switch r.text[i] {
		case '"':
			for i++; i < len(r.text) && r.text[i] != '"'; i++ {
				if r.text[i] == '\\' {
					i++
				}
			}
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

// Null skips null, if that is next.
func (r *Reader) Null() bool { return r.literal("null") }

// Bool reads true or false.
func (r *Reader) Bool() bool {
	if r.literal("true") {
		return true
	}
	r.Want(r.literal("false"))
	return false
}

// Text reads a string.
func (r *Reader) Text() string {
	if r.peek() != '"' {
		r.GiveUp()
		return ""
	}
	start := r.pos + 1
	if end := r.quote(start); end >= 0 {
		return r.text[start:end]
	}
	return r.escaped(start)
}

func (r *Reader) escaped(start int) string {
	for i := start; i < len(r.text); i++ {
		switch r.text[i] {
		case '\\':
			i++
		case '"':
			text, err := jsontext.AppendUnquote(nil, r.text[start-1:i+1])
			if err != nil {
				r.GiveUp()
				return ""
			}
			r.pos = i + 1
			return string(text)
		}
	}
	r.GiveUp()
	return ""
}

// number skips a number and returns it as it is spelled.
func (r *Reader) number() string {
	r.space()
	start, end := r.pos, scanNumber(r.text, r.pos)
	if end < 0 {
		r.GiveUp()
		return ""
	}
	r.pos = end
	return r.text[start:end]
}

// Int reads an integer between min and max that is spelled the plain way.
func (r *Reader) Int(min, max int64) int64 {
	text := r.number()
	n, err := strconv.ParseInt(text, 10, 64)
	r.Want(err == nil && min <= n && n <= max && (n != 0 || text == "0"))
	return n
}

// Float reads a number that a float64 can hold.
func (r *Reader) Float() float64 {
	text := r.number()
	f, err := strconv.ParseFloat(text, 64)
	r.Want(err == nil && !math.IsInf(f, 0) && isDouble(text))
	return f
}

// UUID reads a UUID in its canonical form.
func (r *Reader) UUID() (id [16]byte) {
	text := r.Text()
	id, ok := parseUUID(text)
	r.Want(ok)
	return id
}

// parseUUID reads a UUID in its canonical form.
func parseUUID(text string) (id [16]byte, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	at := 0
	for i := range id {
		if text[at] == '-' {
			at++
		}
		high, low := hexValue[text[at]], hexValue[text[at+1]]
		if high|low > 15 {
			return id, false
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, true
}

// hexValue is the value of each hexadecimal digit, and 255 of any other byte.
var hexValue = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
		if n, err := strconv.ParseUint(string(rune(c)), 16, 8); err == nil && c < utf8.RuneSelf {
			values[c] = byte(n)
		}
	}
	return values
}()

// Time reads a date with a time.
func (r *Reader) Time() (t time.Time) {
	text := r.Text()
	r.Want(isDateTime(text) && t.UnmarshalText([]byte(text)) == nil)
	return t
}

// Discriminator looks ahead for the member that selects the variant of a union, and returns its value. It may be another
// object's: the caller has to make sure that the member it reads then has this value.
func (r *Reader) Discriminator(name string) string { return guess(r.text[r.pos:], name) }

// guess finds "name": "value" and returns the value; nothing if it has escapes or another form.
func guess(text, name string) string {
	for {
		i := strings.Index(text, name)
		if i < 0 {
			return ""
		}
		before := i > 0 && text[i-1] == '"'
		text = text[i+len(name):]
		if !before || len(text) == 0 || text[0] != '"' {
			continue
		}
		rest := skipSpace(text[1:])
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = skipSpace(rest[1:])
		if len(rest) == 0 || rest[0] != '"' {
			return ""
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return ""
		}
		return rest[1 : 1+end]
	}
}

// Variant tells which variant of a union is next if no discriminator says so. For that the checker looks at the value, once
// for the unions within too.
func (r *Reader) Variant(union *Schema) int {
	r.space()
	if r.pos >= r.until {
		start := r.pos
		if r.anything(); r.lost {
			return UnknownVariant
		}
		r.forget()
		mode := strict
		if r.tells {
			mode = tolerant
		}
		r.checker = newChecker(r.dir, mode)
		r.checker.keeps = true
		if !r.checker.accepts(union, r.text[start:r.pos]) || r.checker.deviates() || r.checker.edits != 0 {
			r.GiveUp()
			return UnknownVariant
		}
		r.from, r.until = start, r.pos
		r.pos = start
	}
	variant, chosen := r.checker.chosen(union, r.pos-r.from)
	if !chosen {
		return UnknownVariant
	}
	return variant
}

// forget ends the use of a checker's choices.
func (r *Reader) forget() {
	if r.checker != nil {
		r.checker.free()
		r.checker = nil
	}
}

func skipSpace(text string) string { return strings.TrimLeft(text, " \t\r\n") }

// Other reads a value of a type that has no emitted decoder: encoding/json decodes it, and the checker checks it.
func (r *Reader) Other(v any) {
	start := r.pos
	r.anything()
	r.others = true
	if r.tells {
		r.GiveUp()
	}
	if r.decodes && !r.lost {
		r.Want(json.Unmarshal([]byte(r.text[start:r.pos]), v) == nil)
	}
}

// anything skips a value of no schema.
func (r *Reader) anything() {
	switch r.peek() {
	case '{':
		var names Undeclared
		for name, more := r.Object(); more; name, more = r.Member() {
			names.add(r, name)
			r.anything()
		}
	case '[':
		for more := r.Array(); more; more = r.Item() {
			r.anything()
		}
	case '"':
		r.Text()
	case 't', 'f':
		r.Bool()
	case 'n':
		r.Want(r.Null())
	default:
		r.Want(!overflows(r.number()))
	}
}

// Undeclared are the names of the members of an object that its schema does not declare.
type Undeclared []string

// Skip skips the value of such a member, unless somebody wants to know of it, or if encoding/json would take it for a declared
// one.
func (u *Undeclared) Skip(r *Reader, s *Schema, name string) {
	if r.tells || shadows(s, name) != "" {
		r.GiveUp()
		return
	}
	u.add(r, name)
	r.anything()
}

// maxUndeclared is how many undeclared members of an object are still usual.
const maxUndeclared = 32

func (u *Undeclared) add(r *Reader, name string) {
	r.Want(len(*u) < maxUndeclared && !slices.Contains(*u, name))
	*u = append(*u, name)
}

// Members are the declared members of an object that were there, each one bit.
type Members uint64

// Add adds a member, which gives up if it was there before.
func (m *Members) Add(r *Reader, member Members) {
	r.Want(*m&member == 0)
	*m |= member
}

// Length tells whether a text has at least min characters, and at most max.
func Length[text ~string](s text, min, max int) bool {
	if len(s) <= max && min <= 1 {
		return len(s) >= min // no text has more characters than bytes, and only the empty one has none
	}
	n := utf8.RuneCountInString(string(s))
	return min <= n && n <= max
}

// Matches tells whether a text matches a pattern of the document.
func Matches[text ~string](regexp string, s text) bool { return pattern(regexp).MatchString(string(s)) }

// Fits tells whether a text has a format that is checked.
func Fits[text ~string](format string, s text) bool { return formats[format].valid(string(s)) }

// Read decodes data by the emitted decoder of a schema, whose Go type is T. It is not ok where [Schema.Check] has to look.
func Read[T any](s *Schema, data []byte, dir Direction) (v T, ok bool) {
	read, ok := s.decode(string(data), dir, false).(*T)
	if ok {
		v = *read
	}
	return v, ok
}

// Unmarshal holds data against a schema and decodes it as T, which is the Go type of the schema: [Schema.Check] and
// [json.Unmarshal] in one. The error is a [*ValidationError] if data is not valid.
func Unmarshal[T any](s *Schema, data []byte, dir Direction) (*T, error) {
	text := string(data)
	if v, ok := s.decode(text, dir, false).(*T); ok {
		return v, nil
	}
	data, err := s.judge(data, text, dir)
	if err != nil {
		return nil, err
	}
	v := new(T)
	return v, json.Unmarshal(data, v)
}
