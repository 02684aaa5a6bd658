package redact

// This file knows the escapes that stand for a character in a text. It takes them away without asking which language a
// text is written in, as a response may quote one language in another.

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// begins are the bytes that an escape begins with.
var begins = [256]bool{'\\': true, '%': true, '&': true, '~': true}

// hasEscape reports whether a text has an escape. Most have not even a byte that one begins with, which takes little
// time.
func hasEscape(text []byte) bool {
	for _, first := range []byte(`\%&~`) {
		for at := 0; ; at++ {
			next := bytes.IndexByte(text[at:], first)
			if next < 0 {
				break
			}
			at += next
			if _, length := escapeAt(text[at:]); length > 0 {
				return true
			}
		}
	}
	return false
}

// escapes are those of a text, in its order.
type escapes []escape

// An escape stands at source in a text and has length bytes. Without escapes, what it stands for is at plain and has
// width bytes.
type escape struct{ source, length, plain, width int32 }

// unescape takes one layer of escapes away and counts them. If found is not nil, they are added to it.
func unescape(text []byte, found *escapes) (out []byte, count int) {
	out = make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		run := i
		for i < len(text) && !begins[text[i]] {
			i++
		}
		out = append(out, text[run:i]...)
		if i == len(text) {
			break
		}
		c, length := escapeAt(text[i:])
		if length == 0 {
			out = append(out, text[i])
			i++
			continue
		}
		count++
		before := len(out)
		out = c.append(out)
		if found != nil {
			*found = append(*found, escape{int32(i), int32(length), int32(before), int32(len(out) - before)})
		}
		i += length
	}
	return out, count
}

// source returns where a span of the text without escapes is in the text. It does not end within an escape.
func (e escapes) source(s span) span {
	position := func(plain int, end bool) int {
		after, _ := slices.BinarySearchFunc(e, int32(plain), func(e escape, plain int32) int { return cmp.Compare(e.plain, plain+1) })
		if after == 0 {
			return plain
		}
		last, beyond := e[after-1], plain-int(e[after-1].plain)
		switch {
		case beyond >= int(last.width):
			return int(last.source+last.length) + beyond - int(last.width)
		case beyond > 0 && end:
			return int(last.source + last.length)
		}
		return int(last.source)
	}
	return span{position(s.start, false), position(s.end, true)}
}

// whole extends a span of the text such that it does not end within an escape.
func (e escapes) whole(s span) span {
	around := func(source int) (escape, bool) {
		after, _ := slices.BinarySearchFunc(e, int32(source), func(e escape, source int32) int { return cmp.Compare(e.source, source) })
		if after == 0 {
			return escape{}, false
		}
		last := e[after-1]
		return last, source < int(last.source+last.length)
	}
	if escape, ok := around(s.start); ok {
		s.start = int(escape.source)
	}
	if escape, ok := around(s.end); ok {
		s.end = int(escape.source + escape.length)
	}
	return s
}

// cutEscape is the length of what may be the beginning of an escape at the end of a text.
func cutEscape(text []byte) int {
	const longest = len("&#x0010FFFF;")
	for n := 1; n < longest && n <= len(text); n++ {
		if at := text[len(text)-n]; begins[at] {
			return n
		} else if !isBase64(at) && at != '#' {
			break
		}
	}
	return 0
}

// A character is what an escape stands for: a byte, which may be a part of a character in UTF-8, or a whole one.
type character struct {
	value  rune
	isByte bool
}

func (c character) append(text []byte) []byte {
	if c.isByte {
		return append(text, byte(c.value))
	}
	return utf8.AppendRune(text, c.value)
}

// escapeAt reads the escape that a text begins with. length is 0 if there is none.
func escapeAt(text []byte) (c character, length int) {
	if len(text) < 2 {
		return c, 0
	}
	switch text[0] {
	case '%':
		if value, ok := hex(text[1:], 2); ok {
			return character{value, true}, 3
		}
	case '\\':
		return backslash(text)
	case '&':
		return entity(text)
	case '~':
		switch text[1] {
		case '0':
			return character{value: '~'}, 2
		case '1':
			return character{value: '/'}, 2
		}
	}
	return c, 0
}

// backslash reads an escape of JSON or Go.
func backslash(text []byte) (c character, length int) {
	switch next := text[1]; {
	case next == 'u':
		value, ok := hex(text[2:], 4)
		if !ok {
			return c, 0
		}
		if utf16.IsSurrogate(value) && bytes.HasPrefix(text[6:], []byte(`\u`)) {
			if second, ok := hex(text[8:], 4); ok && utf16.DecodeRune(value, second) != utf8.RuneError {
				return character{value: utf16.DecodeRune(value, second)}, 12
			}
		}
		return character{value: value}, 6
	case next == 'U':
		if value, ok := hex(text[2:], 8); ok {
			return character{value: value}, 10
		}
	case next == 'x':
		if value, ok := hex(text[2:], 2); ok {
			return character{value, true}, 4
		}
	case strings.IndexByte("abfnrtv", next) >= 0:
		return character{value: rune("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", next)])}, 2
	case strings.IndexByte(`"'/\`, next) >= 0:
		return character{value: rune(next)}, 2
	}
	return c, 0
}

// entities are those that escape what has a meaning in HTML and XML.
var entities = []struct {
	name  string
	value rune
}{{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}}

// entity reads a character reference of HTML.
func entity(text []byte) (c character, length int) {
	for _, e := range entities {
		if bytes.HasPrefix(text[1:], []byte(e.name)) {
			return character{value: e.value}, 1 + len(e.name)
		}
	}
	const longest = len("&#x0010FFFF;")
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if text[1] != '#' || end < 3 {
		return c, 0
	}
	digits, base := string(text[2:end]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	value, err := strconv.ParseUint(digits, base, 21)
	if err != nil {
		return c, 0
	}
	return character{value: rune(value)}, end + 1
}

// hex reads so many hexadecimal digits.
func hex(text []byte, digits int) (value rune, ok bool) {
	if len(text) < digits {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[:digits]), 16, 31) // which takes no sign and, with a base, no underscore
	return rune(n), err == nil
}
