package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// YAML 1.2 with its core schema, as OpenAPI asks for: yes, no, on and dates are strings. The library finds the
// structure; what a scalar means, duplicate keys, aliases and merge keys are decided here.

// splitFrom is the size from which a file is read in pieces, which is also their size.
const splitFrom = 1 << 20

// parseYAML returns nil after an error that leaves no value. The text is valid UTF-8.
func (b *builder) parseYAML(text []byte) *Node {
	text, breaks := hideBreaks(text)
	if len(text) > splitFrom {
		pieces := &builder{file: b.file, limits: b.limits, values: b.values}
		if root := pieces.yamlReader(breaks).readInPieces(text, splitFrom); root != nil {
			*b = *pieces
			return root
		}
	}
	r := b.yamlReader(breaks)
	loader := r.loader(text)
	var document, next yaml.Node
	err := loader.Load(&document)
	if errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0 {
		b.errorf(1, 1, "the file has comments only; write an OpenAPI document, or correct the name of the file")
		return nil
	}
	if err != nil {
		b.yamlError(text, err)
		return nil
	}
	switch err := loader.Load(&next); {
	case err == nil:
		b.errorf(next.Line, next.Column, "a second document starts here; keep one document in a file, without --- after it")
		return nil
	case !errors.Is(err, io.EOF):
		b.yamlError(text, err)
		return nil
	}
	return r.value(document.Content[0], 1)
}

// hideBreaks replaces the three characters that end lines in YAML 1.1 only, and so for the library, by others that text
// does not have. Breaks restores them; it is nil if there are none.
func hideBreaks(text []byte) (hidden []byte, breaks *strings.Replacer) {
	var hide, restore []string
	free := '\uE000' // for private use
	for _, c := range []string{"\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(text, []byte(c)) {
			for bytes.ContainsRune(text, free) {
				free++
			}
			hide, restore = append(hide, c, string(free)), append(restore, string(free), c)
			free++
		}
	}
	if hide == nil {
		return text, nil
	}
	return []byte(strings.NewReplacer(hide...).Replace(string(text))), strings.NewReplacer(restore...)
}

// loader reads the documents in text.
func (r *yamlReader) loader(text []byte) *yaml.Loader {
	loader, err := yaml.NewLoader(bytes.NewReader(text),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(r.limits.Depth))))
	if err != nil {
		panic(err) // the options do not fit together
	}
	return loader
}

// yamlWords says the errors of the library in our words: a part of its message → what is wrong and what to do. "%c" is
// the character at the place of the error.
var yamlWords = []struct {
	part    string
	context bool // the place is the start of the construct that cannot be read, not where reading stopped
	words   string
}{
	{"mapping values are not allowed", false,
		"a key is not possible here; check the indentation, or quote a string that has \": \""},
	{"tab character that violates", false, tabWords},
	{"cannot start any token", false, "a string without quotes cannot start with %c; quote it"},
	{"unexpected end of stream", true, "the quoted string that starts here does not end; add the closing quote"},
	{"unexpected document indicator", true, "the quoted string that starts here does not end; add the closing quote"},
	{"expected ',' or ']'", false, "expected ',' or ']' before this; close the list, or add the comma"},
	{"expected ',' or '}'", false, "expected ',' or '}' before this; close the mapping, or add the comma"},
	{"expected key", false, "expected a key followed by ':'; align the line with its siblings, or quote the whole string"},
	{"'-' indicator", false, "expected a list item that starts with '-'; align the line with its siblings"},
	{"block sequence entries are not allowed", false, "a list item is not possible here; start it on a new line"},
	{"expected node content", false, "expected a value; add it, or quote the string"},
	{"could not find expected ':'", true, "expected ':' after the key that starts here; add it, with a value"},
	{"unknown escape character", false, "not an escape sequence; write \\\\ for a backslash, or use single quotes"},
	{"hexadecimal number", false, "the escape sequence needs hexadecimal digits; write it like \\u00e9"},
	{"Unicode character escape code", false, "the escape sequence is not a character; write the character itself"},
	{"unknown anchor", false, "the alias has no anchor; define the anchor first, or quote a string that starts with '*'"},
	{"exceeded max depth", false, "nested too deeply; nest less deeply"},
	{"expected comment or line break", false, "expected the end of the line; start the string on the next line"},
	{"alphabetic or numeric", false, "expected a name after '&' or '*'; quote a string that starts with one"},
	{"leading empty line", false, "the first line of the string is blank and longer than the indentation; remove spaces"},
	{"while scanning a tag", false, "the tag is malformed; remove it, or quote a string that starts with '!'"},
	{"tag handle", false, "the tag is not defined; remove it, or quote a string that starts with '!'"},
	{"directive", false, "the directive is unknown; remove the line that starts with '%'"},
	{"control characters", false, "control characters are not allowed; remove this one"},
}

const tabWords = "a tab cannot be used for indentation; use spaces"

func (b *builder) yamlError(text []byte, err error) {
	var detail *yaml.LoadError
	if !errors.As(err, &detail) {
		b.errorf(1, 1, "not valid YAML; check indentation, quotes and brackets")
		return
	}
	mark, words := detail.Mark, "the parser cannot continue from here; check indentation, quotes and brackets"
	message := detail.Message + " " + detail.ContextMsg
	for _, w := range yamlWords {
		if strings.Contains(message, w.part) {
			words = w.words
			if w.context && detail.ContextMark.Line > 0 {
				mark = detail.ContextMark
			}
			break
		}
	}
	if mark.Line == 0 { // the library has no place for characters that are not allowed
		if at := bytes.IndexFunc(text, isControl); at >= 0 {
			mark.Line, mark.Column = position(text, at)
		}
	}
	if strings.Contains(words, "%c") {
		c := characterAt(text, mark.Line, mark.Column)
		if words = fmt.Sprintf(strings.Replace(words, "%c", "%q", 1), c); c == '\t' {
			words = tabWords
		}
	}
	d := b.errorf(mark.Line, mark.Column, "not valid YAML: %s", words)
	if detail.ContextMark.Line > 0 && detail.ContextMark.Line != mark.Line {
		d.Related = []Position{{b.file.Name, detail.ContextMark.Line, detail.ContextMark.Column}}
	}
}

// isControl reports whether YAML does not allow r. U+0085 is hidden by now.
func isControl(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || 0x7F <= r && r < 0xA0 || r == 0xFFFE || r == 0xFFFF
}

// characterAt is the character at a line and column.
func characterAt(text []byte, line, column int) rune {
	for range line - 1 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	text, _, _ = bytes.Cut(text, []byte("\n"))
	if runes := []rune(string(text)); 0 < column && column <= len(runes) {
		return runes[column-1]
	}
	return ' '
}

// A yamlReader turns the nodes of the library into ours. An alias becomes a copy of what it stands for, so that the
// result is a tree.
type yamlReader struct {
	*builder
	breaks  *strings.Replacer   // see hideBreaks
	skipped int                 // lines before the text that the library has
	open    map[*yaml.Node]bool // anchors whose values are being read
	aliases int                 // how many aliases lead to what is being read
	aliased int                 // values that aliases stand for
}

func (b *builder) yamlReader(breaks *strings.Replacer) *yamlReader {
	return &yamlReader{builder: b, breaks: breaks, open: map[*yaml.Node]bool{}}
}

// text is the text of a scalar.
func (r *yamlReader) text(y *yaml.Node) string {
	if r.breaks != nil {
		return r.breaks.Replace(y.Value)
	}
	return y.Value
}

func (r *yamlReader) errorAt(y *yaml.Node, format string, args ...any) {
	r.errorf(y.Line+r.skipped, y.Column, format, args...)
}

// value returns nil after an error that ends reading.
func (r *yamlReader) value(y *yaml.Node, depth int) *Node {
	if depth > r.limits.Depth {
		r.errorAt(y, "mappings and lists are nested more than %d deep; nest less deeply", r.limits.Depth)
		return nil
	}
	if y.Kind == yaml.AliasNode {
		var n *Node
		r.alias(y, func(target *yaml.Node) bool { n = r.value(target, depth); return n != nil })
		return n
	}
	n := r.node(Null, y.Line+r.skipped, y.Column)
	if n == nil {
		return nil
	}
	if r.aliases > 0 && !r.countAliased(y) {
		return nil
	}
	if y.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(y.Tag, "!!") && y.Tag != "!" {
		r.warnf(n, "the tag %s is ignored; remove it", y.Tag)
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Object
		base := len(r.members)
		if !r.mapping(y, depth) {
			return nil
		}
		return r.object(n, base)
	case yaml.SequenceNode:
		n.Kind = Array
		base := len(r.items)
		for _, item := range y.Content {
			value := r.value(item, depth+1)
			if value == nil {
				return nil
			}
			r.items = append(r.items, value)
		}
		return r.array(n, base)
	}
	r.scalar(n, y)
	return n
}

// alias reads what y stands for. It reports false after an error that ends reading.
func (r *yamlReader) alias(y *yaml.Node, read func(target *yaml.Node) bool) bool {
	if r.open[y.Alias] {
		r.errorAt(y, "the alias *%s is part of the value that it refers to; use $ref instead", y.Value)
		return false
	}
	r.open[y.Alias] = true
	r.aliases++
	ok := read(y.Alias)
	r.aliases--
	delete(r.open, y.Alias)
	return ok
}

// countAliased reports whether there may be one more value that an alias stands for.
func (r *yamlReader) countAliased(y *yaml.Node) bool {
	if r.aliased++; r.aliased > maxAliased {
		r.errorAt(y, "the aliases expand to more than %d values; use $ref instead of aliases", maxAliased)
		return false
	}
	return true
}

// mapping pushes the members of y. It reports false after an error that ends reading.
func (r *yamlReader) mapping(y *yaml.Node, depth int) bool {
	var taken map[string]bool // names that a merge key must not bring, as they are there already
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if !isMerge(key) {
			if !r.member(key, value, depth) {
				return false
			}
			continue
		}
		if taken == nil {
			taken = map[string]bool{}
			for j := 0; j < len(y.Content); j += 2 {
				if name, ok := r.keyName(y.Content[j]); ok && !isMerge(y.Content[j]) {
					taken[name] = true
				}
			}
		}
		if !r.merge(value, taken, depth) {
			return false
		}
	}
	return true
}

func (r *yamlReader) member(key, value *yaml.Node, depth int) bool {
	name, ok := r.keyName(key)
	if !ok {
		r.errorAt(key, "a key must be a string; this one is a mapping or a list")
		return true
	}
	v := r.value(value, depth+1)
	if v == nil {
		return false
	}
	r.members = append(r.members, Member{name, v, int32(key.Line + r.skipped), int32(key.Column)})
	return true
}

// keyName is the text of a key; those that are not strings, such as 200, are taken as they are spelled.
func (r *yamlReader) keyName(key *yaml.Node) (string, bool) {
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	return r.text(key), key.Kind == yaml.ScalarNode
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style&quotedStyle == 0
}

// merge pushes the members of the mappings in y, the value of a merge key, that are not taken. The first wins.
func (r *yamlReader) merge(y *yaml.Node, taken map[string]bool, depth int) bool {
	switch y.Kind {
	case yaml.AliasNode:
		return r.alias(y, func(target *yaml.Node) bool { return r.merge(target, taken, depth) })
	case yaml.SequenceNode:
		for _, item := range y.Content {
			if !r.merge(item, taken, depth) {
				return false
			}
		}
		return true
	case yaml.MappingNode:
	default:
		r.errorAt(y, "the value of << must be a mapping or a list of mappings; use an alias of a mapping")
		return true
	}
	if !r.countAliased(y) {
		return false
	}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if isMerge(key) {
			if !r.merge(value, taken, depth) {
				return false
			}
			continue
		}
		if name, ok := r.keyName(key); ok && !taken[name] {
			taken[name] = true
			if !r.member(key, value, depth) {
				return false
			}
		}
	}
	return true
}

const quotedStyle = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// scalar sets the kind and text of n.
func (r *yamlReader) scalar(n *Node, y *yaml.Node) {
	n.Kind, n.Text = String, r.text(y)
	if y.Style&yaml.TaggedStyle != 0 {
		wanted, known := map[string]Kind{"!!null": Null, "!!bool": Bool, "!!int": Number, "!!float": Number}[y.Tag]
		if !known {
			return // a string, or a tag of its own
		}
		if kind, text := coreValue(y.Value); kind == wanted {
			n.Kind, n.Text = kind, text
		} else {
			r.warnf(n, "%q is not a value for the tag %s, it is read as a string; remove the tag", y.Value, y.Tag)
		}
		return
	}
	if y.Style&quotedStyle != 0 {
		return
	}
	n.Kind, n.Text = coreValue(n.Text)
	switch digits := strings.TrimLeft(y.Value, "+-"); {
	case n.Kind == Number && len(digits) > 1 && digits[0] == '0' && isDigit(digits[1]):
		r.warnf(n, "%s is read as the number %s; write that, or quote it to make it a string", y.Value, n.Text)
	case n.Kind == String && isInfinite(digits):
		r.warnf(n, "%s is read as a string, since JSON has no such number; write a finite number, or quote it", y.Value)
	}
}

// coreValue is what a plain scalar means in YAML's core schema. Numbers get a spelling of JSON.
func coreValue(s string) (Kind, string) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return Null, ""
	case "true", "True", "TRUE":
		return Bool, "true"
	case "false", "False", "FALSE":
		return Bool, "false"
	}
	if number, ok := coreNumber(s); ok {
		return Number, number
	}
	return String, s
}

func isInfinite(s string) bool {
	switch s {
	case ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN":
		return true
	}
	return false
}

// coreNumber spells a number of YAML's core schema as one of JSON: 0x1F, 0o17, +1, .5, 1. and 007 are numbers too.
func coreNumber(s string) (string, bool) {
	if c := s[len(s)-1]; !isDigit(c) && c != '.' && !strings.HasPrefix(s, "0x") {
		return "", false // most texts
	}
	if base := map[string]int{"0x": 16, "0o": 8}[s[:min(len(s), 2)]]; base != 0 {
		n, ok := new(big.Int).SetString(s[2:], base)
		if !ok || strings.ContainsAny(s[2:], "+-_") {
			return "", false
		}
		return n.String(), true
	}
	sign := ""
	switch s[0] {
	case '-':
		sign, s = "-", s[1:]
	case '+':
		s = s[1:]
	}
	whole := s[:digits(s)]
	s = s[len(whole):]
	fraction := ""
	if rest, ok := strings.CutPrefix(s, "."); ok {
		fraction = rest[:digits(rest)]
		s = rest[len(fraction):]
	}
	if whole == "" && fraction == "" {
		return "", false
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	number := sign + whole + fraction + s
	return number, isNumber(number)
}
