package wire

import (
	"errors"
	"net/url"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Parameters, headers and forms are values of JSON in another spelling. The schema of a value says which JSON a text stands for: the same
// text is a number for one schema and a string for another. This file has what all spellings share: how text becomes JSON, how JSON is taken
// apart to be spelled otherwise, and what is escaped where. The styles themselves are in styles.go and deep.go, where they stand in a request
// is said in parameters.go.

// A decoder undoes the escaping of a place. What is not escaped properly is left as it is, so that the rules of the schema see it.
type decoder func(string) string

func fromPath(text string) string { return unescape(text) }

func fromQuery(text string) string {
	if strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '+') < 0 {
		return text
	}
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return decoded
}

func asItIs(text string) string { return text }

// respell appends the JSON for the text of a scalar. The schema says whether that is a number, a boolean, null or a string. Where several
// would do, it is the first of these.
func respell(b []byte, text string, s *schema.Schema) []byte {
	types := s.ScalarTypes()
	switch {
	case types&(schema.Integer|schema.Number) != 0 && isNumber(text), types&schema.Boolean != 0 && (text == "true" || text == "false"):
		return append(b, text...)
	case types&schema.Null != 0 && types&schema.String == 0 && (text == "" || text == "null"):
		return append(b, "null"...)
	}
	return appendQuoted(b, text)
}

func isNumber(text string) bool {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false
	}
	l := schema.Lexer{Text: text}
	return l.Number() == text && !l.Failed()
}

// isPlainScalar reports whether values are scalars of one type, so that their text can be read as it is.
func isPlainScalar(s *schema.Schema) bool {
	switch s.Types {
	case schema.String, schema.Integer, schema.Number, schema.Number | schema.Integer, schema.Boolean:
		return !s.Nullable
	}
	return false
}

// A pair is a name, which is decoded, and a value, which is not.
type pair struct{ name, value string }

// A respelling is JSON that is being made of text in another spelling.
type respelling struct {
	json   []byte
	decode decoder
	want   string // what the text should have been, if it is not in its style
}

// fail records that the text is not in its style.
func (r *respelling) fail(want string) {
	if r.want == "" {
		r.want = want
	}
}

// value appends a text that is a scalar or, where the schema describes nothing but objects or arrays, JSON.
func (r *respelling) value(text string, s *schema.Schema) {
	text = r.decode(text)
	if s.ScalarTypes() == 0 && s.CompositeTypes() != 0 && isJSON(text) {
		r.json = append(r.json, text...)
		return
	}
	r.json = respell(r.json, text, s)
}

func isJSON(text string) bool {
	l := schema.Lexer{Text: text}
	l.Skip(0)
	l.End()
	return !l.Failed()
}

// list appends an array.
func (r *respelling) list(items []string, s *schema.Schema) {
	r.json = append(r.json, '[')
	for i, item := range items {
		if i > 0 {
			r.json = append(r.json, ',')
		}
		r.value(item, s.Item(i))
	}
	r.json = append(r.json, ']')
}

// object appends an object. A name that comes several times is a list. If spread is set, a list may come once, as its only item.
func (r *respelling) object(pairs []pair, s *schema.Schema, spread bool) {
	r.json = append(r.json, '{')
	for i, g := range group(pairs) {
		if i > 0 {
			r.json = append(r.json, ',')
		}
		r.json = append(appendQuoted(r.json, g.name), ':')
		member := s.Member(g.name)
		if len(g.values) > 1 || spread && member.IsList() {
			r.list(g.values, member)
		} else {
			r.value(g.values[0], member)
		}
	}
	r.json = append(r.json, '}')
}

// A named is all values that one name has.
type named struct {
	name   string
	values []string
}

// group gathers the values of each name, in the order in which the names come.
func group(pairs []pair) []named {
	groups := make([]named, 0, len(pairs))
	values := make([]string, len(pairs)) // room for names that come once
	var index map[string]int
	if len(pairs) > 16 {
		index = make(map[string]int, len(pairs))
	}
	find := func(name string) int {
		if index != nil {
			if i, ok := index[name]; ok {
				return i
			}
			return -1
		}
		for i := range groups {
			if groups[i].name == name {
				return i
			}
		}
		return -1
	}
	for i := range pairs {
		if at := find(pairs[i].name); at >= 0 {
			groups[at].values = append(groups[at].values, pairs[i].value)
			continue
		}
		if index != nil {
			index[pairs[i].name] = len(groups)
		}
		values[i] = pairs[i].value
		groups = append(groups, named{pairs[i].name, values[i : i+1 : i+1]})
	}
	return groups
}

// A value is parsed JSON, for spelling it in another style.
type value struct {
	kind  byte // 'n', 't' (true or false), '0', '"', '[' or '{'
	text  string
	names []string
	items []value
}

// parseValue parses JSON text, which is valid.
func parseValue(text string) value {
	l := schema.Lexer{Text: text}
	return readValue(&l, 0)
}

func readValue(l *schema.Lexer, depth int) value {
	switch c := l.Peek(); c {
	case '"':
		return value{kind: '"', text: l.ReadString()}
	case '[':
		v := value{kind: '['}
		for more := l.Open('[', depth); more; more = l.Next(']') {
			v.items = append(v.items, readValue(l, depth+1))
		}
		return v
	case '{':
		v := value{kind: '{'}
		for more := l.Open('{', depth); more; more = l.Next('}') {
			v.names = append(v.names, l.Name())
			v.items = append(v.items, readValue(l, depth+1))
		}
		return v
	default:
		start := l.Pos
		l.Skip(depth)
		kind := byte('0')
		switch c {
		case 'n':
			kind = 'n'
		case 't', 'f':
			kind = 't'
		}
		return value{kind: kind, text: l.Text[start:l.Pos]}
	}
}

// scalar is the text of a scalar, nothing for null, or the JSON of anything else.
func (v *value) scalar() string {
	switch v.kind {
	case 'n':
		return ""
	case '[', '{':
		return string(v.json(nil))
	}
	return v.text
}

func (v *value) json(b []byte) []byte {
	switch v.kind {
	case '"':
		return appendQuoted(b, v.text)
	case '[':
		b = append(b, '[')
		for i := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.items[i].json(b)
		}
		return append(b, ']')
	case '{':
		b = append(b, '{')
		for i, name := range v.names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, name), ':')
			b = v.items[i].json(b)
		}
		return append(b, '}')
	}
	return append(b, v.text...)
}

// empty reports whether the value is an array or an object with nothing in it. In many styles such a value has no spelling: it is absent.
func (v *value) empty() bool { return (v.kind == '[' || v.kind == '{') && len(v.items) == 0 }

// arrives reports whether a value that was spelled in another style has been read back as the same. Empty arrays and objects within an
// object may be missing, which the schema still has to accept; a number or a boolean may be its text, where the schema accepts any value.
func (v *value) arrives(back *value) bool {
	switch {
	case v.kind != back.kind:
		return back.kind == '"' && (v.kind == '0' || v.kind == 't') && v.text == back.text
	case v.kind == '[':
		if len(v.items) != len(back.items) {
			return false
		}
		for i := range v.items {
			if !v.items[i].arrives(&back.items[i]) {
				return false
			}
		}
		return true
	case v.kind == '{':
		found := 0
		for i, name := range v.names {
			item := back.member(name)
			switch {
			case item == nil && v.items[i].empty():
				continue
			case item == nil || !v.items[i].arrives(item):
				return false
			}
			found++
		}
		return found == len(back.names)
	}
	return v.text == back.text
}

func (v *value) member(name string) *value {
	for i := range v.names {
		if v.names[i] == name {
			return &v.items[i]
		}
	}
	return nil
}

// isUnreserved reports whether a character stands for itself everywhere in a URL (RFC 3986).
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// The reserved characters that allowReserved lets stand. Those that would change the meaning of the place never do: # & + and % in a query,
// besides / and ? in a path.
const (
	reservedInQuery = ":/?[]@!$'()*,;="
	reservedInPath  = ":[]@!$'()*,;=&+"
)

// percent encodes everything but the unreserved characters and those to keep.
func percent(text, keep string) string {
	stays := func(c byte) bool { return isUnreserved(c) || keep != "" && strings.IndexByte(keep, c) >= 0 }
	plain := true
	for i := 0; i < len(text) && plain; i++ {
		plain = stays(text[i])
	}
	if plain {
		return text
	}
	b := make([]byte, 0, len(text)+16)
	for i := range len(text) {
		if c := text[i]; stays(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(b)
}

const upperHex = "0123456789ABCDEF"

// percentAll encodes some characters of text that is percent-encoded otherwise, also those that need not be.
func percentAll(text, characters string) string {
	if !strings.ContainsAny(text, characters) {
		return text
	}
	b := make([]byte, 0, len(text)+16)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '%' && i+2 < len(text):
			b = append(b, text[i:i+3]...)
			i += 2
		case strings.IndexByte(characters, c) >= 0:
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// textJSON spells the text of a body as JSON.
func textJSON(text string, s *schema.Schema) string {
	r := respelling{decode: asItIs}
	r.value(text, s)
	return string(r.json)
}

// spellText spells JSON, which is valid, as the text of a body: a scalar without quotes, anything else as JSON.
func spellText(json string, s *schema.Schema) ([]byte, error) {
	v := parseValue(json)
	text := v.scalar()
	if !isPlainScalar(s) {
		if back := parseValue(textJSON(text, s)); !v.arrives(&back) {
			return nil, errors.New("the value has no spelling of its own as text: it would be read as another one")
		}
	}
	return []byte(text), nil
}
