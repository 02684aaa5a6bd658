package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A scanner for JSON (RFC 8259) that keeps the line and column of every name and value. The texts of nodes are parts of
// the file's text wherever there is no escape in them, so nothing is copied.

type jsonReader struct {
	*builder
	text      string
	at        int // offset of the next byte
	line      int
	lineStart int // offset from which columns count: that of the line, plus one for each continuation byte in it
}

// parseJSON returns nil after a syntax error. The text is valid UTF-8.
func (b *builder) parseJSON(text string) *Node {
	r := &jsonReader{builder: b, text: text, line: 1}
	r.space()
	root := r.value(1)
	if root == nil {
		return nil
	}
	if r.space(); r.at < len(text) {
		r.fail("the document ends before %s; remove what follows", r.found())
		return nil
	}
	return root
}

func (r *jsonReader) column() int { return r.at - r.lineStart + 1 }

// fail reports a syntax error at the next byte.
func (r *jsonReader) fail(format string, args ...any) {
	r.errorf(r.line, r.column(), "not valid JSON: "+format, args...)
}

// failAt reports a syntax error at an earlier place of the same or an earlier line.
func (r *jsonReader) failAt(line, column int, format string, args ...any) {
	r.errorf(line, column, "not valid JSON: "+format, args...)
}

// found names what stands at the next byte, for an error.
func (r *jsonReader) found() string {
	rest := r.text[r.at:]
	if rest == "" {
		return "the end of the file"
	}
	if word := rest[:wordLength(rest)]; word != "" {
		return word
	}
	if rest[0] == '\'' {
		return "a single quote"
	}
	c, _ := utf8.DecodeRuneInString(rest)
	return strconv.QuoteRune(c)
}

// wordLength is the length of the letters, digits and signs of numbers that s starts with, at most 40.
func wordLength(s string) int {
	for i := range min(len(s), 40) {
		c := s[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || c == '_' || c == '$' || c == '-' || c == '+' || c == '.') {
			return i
		}
	}
	return min(len(s), 40)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// peek is the next byte, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// space skips white space.
func (r *jsonReader) space() {
	for ; r.at < len(r.text); r.at++ {
		switch r.text[r.at] {
		case ' ', '\t', '\r':
		case '\n':
			r.line++
			r.lineStart = r.at + 1
		default:
			return
		}
	}
}

// value reads the value that starts at the next byte. It returns nil after an error.
func (r *jsonReader) value(depth int) *Node {
	if depth > r.limits.Depth {
		r.fail("objects and arrays are nested more than %d deep; nest less deeply", r.limits.Depth)
		return nil
	}
	c := r.peek()
	switch {
	case c == '{' || c == '[':
		n := r.node(Object, r.line, r.column())
		if n == nil {
			return nil
		}
		r.at++
		if c == '{' {
			return r.object(n, depth)
		}
		n.Kind = Array
		return r.array(n, depth)
	case c == '"':
		n := r.node(String, r.line, r.column())
		if n == nil {
			return nil
		}
		var ok bool
		if n.Text, ok = r.string(); !ok {
			return nil
		}
		return n
	case c == '-' || isDigit(c):
		return r.number()
	}
	return r.literal()
}

func (r *jsonReader) literal() *Node {
	word := r.text[r.at : r.at+wordLength(r.text[r.at:])]
	kind := Bool
	switch word {
	case "null":
		kind = Null
	case "true", "false":
	case "":
		switch r.peek() {
		case '\'':
			r.fail("expected a value, found a single quote; use double quotes for strings")
		case '/':
			r.fail("expected a value, found '/'; remove the comment, JSON has none")
		case '}', ']':
			r.fail("expected a value, found %s; add the value", r.found())
		default:
			r.fail("expected a value, found %s; write a string in double quotes, a number, true, false, null, {…} or […]",
				r.found())
		}
		return nil
	default:
		advice := "use double quotes for strings"
		switch lower := strings.ToLower(word); lower {
		case "true", "false", "null":
			advice = "write " + lower
		case "none", "nil", "undefined":
			advice = "write null"
		case "nan", "infinity", "+infinity", "-infinity", "inf":
			advice = "JSON has no such number; write a finite one"
		default:
			if c := word[0]; c == '.' || c == '+' {
				advice = "write numbers like 0.5, without a plus sign"
			}
		}
		r.fail("expected a value, found %s; %s", word, advice)
		return nil
	}
	n := r.node(kind, r.line, r.column())
	if n == nil {
		return nil
	}
	if kind == Bool {
		n.Text = word
	}
	r.at += len(word)
	return n
}

func (r *jsonReader) number() *Node {
	rest := r.text[r.at:]
	end := 0
	for end < len(rest) && (isDigit(rest[end]) || strings.IndexByte("+-.eE", rest[end]) >= 0) {
		end++
	}
	text := rest[:end]
	if !isNumber(text) || wordLength(rest[end:]) > 0 {
		r.fail("%s is not a number; write numbers like 12, -0.5 or 1e6, and everything else in double quotes", r.found())
		return nil
	}
	n := r.node(Number, r.line, r.column())
	if n == nil {
		return nil
	}
	n.Text = text
	r.at += end
	return n
}

// isNumber reports whether s is a number of JSON.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	s = s[whole:]
	if fraction, ok := strings.CutPrefix(s, "."); ok {
		n := digits(fraction)
		if n == 0 {
			return false
		}
		s = fraction[n:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

// digits is the number of digits that s starts with.
func digits(s string) int {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return i
		}
	}
	return len(s)
}

// array reads what follows the bracket of n.
func (r *jsonReader) array(n *Node, depth int) *Node {
	base := len(r.items)
	if r.space(); r.peek() == ']' {
		r.at++
		return n
	}
	for {
		item := r.value(depth + 1)
		if item == nil {
			return nil
		}
		r.items = append(r.items, item)
		if r.space(); !r.more(n, ']') {
			return nil
		}
		if r.text[r.at-1] == ']' {
			return r.builder.array(n, base)
		}
		if r.space(); r.peek() == ']' {
			r.fail("expected a value, found ']'; remove the comma before it")
			return nil
		}
	}
}

// object reads what follows the brace of n.
func (r *jsonReader) object(n *Node, depth int) *Node {
	base := len(r.members)
	if r.space(); r.peek() == '}' {
		r.at++
		return n
	}
	for {
		if r.peek() != '"' {
			r.failName(n)
			return nil
		}
		m := Member{line: int32(r.line), column: int32(r.column())}
		var ok bool
		if m.Name, ok = r.string(); !ok {
			return nil
		}
		if r.space(); r.peek() != ':' {
			r.fail("expected ':' after the name %q, found %s; write \"name\": value", m.Name, r.found())
			return nil
		}
		r.at++
		r.space()
		if m.Value = r.value(depth + 1); m.Value == nil {
			return nil
		}
		r.members = append(r.members, m)
		if r.space(); !r.more(n, '}') {
			return nil
		}
		if r.text[r.at-1] == '}' {
			return r.builder.object(n, base)
		}
		r.space()
	}
}

// failName reports that no name starts at the next byte.
func (r *jsonReader) failName(n *Node) {
	switch {
	case r.at == len(r.text):
		r.failUnclosed(n, '}')
	case r.peek() == '}':
		r.fail("expected a name in double quotes, found '}'; remove the comma before it")
	case r.peek() == '/':
		r.fail("expected a name in double quotes, found '/'; remove the comment, JSON has none")
	default:
		r.fail("expected a name in double quotes, found %s; quote the name", r.found())
	}
}

// failUnclosed reports the end of the file inside of n, at the place where n starts.
func (r *jsonReader) failUnclosed(n *Node, closing byte) {
	d := r.errorf(int(n.line), int(n.column), "not valid JSON: the file ends within the %s that starts here; add %q "+
		"where it ends", n.Kind, rune(closing))
	d.Related = []Position{{r.file.Name, r.line, r.column()}}
}

// more consumes a comma or the closing bracket of n. It reports false after an error.
func (r *jsonReader) more(n *Node, closing byte) bool {
	c := r.peek()
	if c == ',' || c == closing {
		r.at++
		return true
	}
	switch {
	case r.at == len(r.text):
		r.failUnclosed(n, closing)
	case c == '}' || c == ']':
		d := r.errorf(r.line, r.column(), "not valid JSON: expected ',' or %q, found %s; close the %s of line %d first",
			rune(closing), r.found(), n.Kind, n.line)
		d.Related = []Position{n.Pos()}
	case c == '/':
		r.fail("expected ',' or %q, found '/'; remove the comment, JSON has none", rune(closing))
	default:
		r.fail("expected ',' or %q, found %s; add the comma that is missing before it", rune(closing), r.found())
	}
	return false
}

// string reads the string whose quote is the next byte. It reports false after an error.
func (r *jsonReader) string() (string, bool) {
	line, column := r.line, r.column()
	r.at++
	start := r.at
	var unescaped []byte // what comes before start; nil if there was no escape
	for r.at < len(r.text) {
		c := r.text[r.at]
		switch {
		case c == '"':
			text := r.text[start:r.at]
			r.at++
			if unescaped == nil {
				return text, true
			}
			return string(append(unescaped, text...)), true
		case c == '\\':
			unescaped = append(unescaped, r.text[start:r.at]...)
			decoded, ok := r.escape()
			if !ok {
				return "", false
			}
			unescaped = utf8.AppendRune(unescaped, decoded)
			start = r.at
			continue
		case c == '\n' || c == '\r':
			r.failAt(line, column, "the string that starts here does not end on its line; add the closing quote, or write \\n "+
				"for a line break")
			return "", false
		case c < 0x20:
			r.fail("the character U+%04X is not allowed in a string; write \\u%04x", c, c)
			return "", false
		case c&0xC0 == 0x80:
			r.lineStart++ // not the first byte of a character
		}
		r.at++
	}
	r.failAt(line, column, "the file ends within the string that starts here; add the closing quote")
	return "", false
}

var escapes = [...]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads the escape whose backslash is the next byte. It reports false after an error.
func (r *jsonReader) escape() (rune, bool) {
	rest := r.text[r.at+1:]
	if rest == "" {
		r.at++
		r.fail("the file ends within a string; add the closing quote")
		return 0, false
	}
	if c := rest[0]; int(c) < len(escapes) && escapes[c] != 0 {
		r.at += 2
		return escapes[c], true
	}
	first, ok := hex4(rest)
	if !ok {
		c, _ := utf8.DecodeRuneInString(rest)
		if c == 'u' {
			r.fail("the escape \\u needs four hexadecimal digits; write it like \\u00e9")
		} else {
			r.fail("\\%c is not an escape of JSON; write \\\\ for a backslash", c)
		}
		return 0, false
	}
	if !utf16.IsSurrogate(first) {
		r.at += 6
		return first, true
	}
	if len(rest) > 5 && rest[5] == '\\' {
		if second, ok := hex4(rest[6:]); ok {
			if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
				r.at += 12
				return both, true
			}
		}
	}
	d := r.errorf(r.line, r.column(), `%s is half of a surrogate pair and is read as U+FFFD; write both halves`,
		r.text[r.at:r.at+6])
	d.Severity = Warning
	r.at += 6
	return utf8.RuneError, true
}

// hex4 decodes "uXXXX".
func hex4(s string) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 32)
	return rune(n), err == nil
}

// appendString appends s as a string of JSON. Nothing is escaped that need not be.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(append(b, s[start:]...), '"')
}
