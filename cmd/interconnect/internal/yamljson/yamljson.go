// Package yamljson reads input that people write, as YAML or JSON, as one JSON value, and remembers where each part of
// the value stands. The API takes JSON and its rules speak of JSON pointers; whoever edits a file wants its lines.
package yamljson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// A Document is one value that was read.
type Document struct {
	Name string          // what errors call it, such as the name of the file
	JSON json.RawMessage // the value; empty members and items stay in their order

	root *place
}

type position struct{ line, column int } // both count from 1; columns count bytes

// A place is where a value stands, and where those within it do.
type place struct {
	position
	members map[string]*place
	items   []*place
}

// within returns the place of what a token of a JSON pointer leads to, nil for nothing.
func (p *place) within(token string) *place {
	if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(p.items) {
		return p.items[i]
	}
	return p.members[Unescape(token)]
}

// The limits of a document. Aliases of YAML repeat what they refer to, and what they refer to may have aliases too.
const (
	maxValues = 1_000_000
	maxBytes  = 32 << 20 // of the JSON
	maxDepth  = 100
)

// Parse reads the one value that text consists of. A text that is JSON is read as JSON, and any other as YAML. Every
// error names the document and, as far as it is known, line and column.
func Parse(name string, text []byte) (*Document, error) {
	d := &Document{Name: name}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := d.parseJSON(text); err == nil {
		return d, nil
	} else if looksLikeJSON(text) {
		return nil, err
	}
	if err := d.parseYAML(text); err != nil {
		return nil, err
	}
	return d, nil
}

// looksLikeJSON reports whether text is JSON with a mistake rather than YAML: an object or array whose first member or
// item begins with a quotation mark, as those of people's JSON do.
func looksLikeJSON(text []byte) bool {
	return regexp.MustCompile(`^[\s]*[{\[]\s*("|$|\{|\[)`).Match(text)
}

// Where returns the place of the value that a JSON pointer leads to, as "order.yaml:3:5". For a member it is that of
// its name. If there is no such value, it is the place of the nearest one around it.
func (d *Document) Where(pointer string) string {
	if d.root == nil {
		return d.Name
	}
	at := d.root
	for _, token := range strings.Split(pointer, "/")[1:] {
		next := at.within(token)
		if next == nil {
			break
		}
		at = next
	}
	return d.at(at.position)
}

func (d *Document) at(p position) string { return fmt.Sprintf("%s:%d:%d", d.Name, p.line, p.column) }

// ---- JSON ----

func (d *Document) parseJSON(text []byte) error {
	lines := newLines(text)
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	scanner := scanner{d, decoder, text, lines}
	root, err := scanner.value(scanner.next())
	if err != nil {
		return d.jsonError(err, lines)
	}
	if rest := bytes.TrimLeft(text[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return fmt.Errorf("%s: want nothing behind the JSON value", d.at(lines.position(int64(len(text)-len(rest)))))
	}
	d.JSON, d.root = bytes.TrimSpace(text), root
	return nil
}

// A scanner finds out where the values of JSON input stand.
type scanner struct {
	*Document
	*jsontext.Decoder
	text  []byte
	lines lines
}

// next returns the place where the next token begins.
func (s *scanner) next() position {
	offset := s.InputOffset()
	rest := s.text[offset:]
	return s.lines.position(offset + int64(len(rest)-len(bytes.TrimLeft(rest, " \t\r\n,:"))))
}

// value scans the next value, which is a member whose name is at a place, or stands there itself.
func (s *scanner) value(at position) (*place, error) {
	p := &place{position: at}
	kind := s.PeekKind()
	if kind != '{' && kind != '[' {
		_, err := s.ReadValue()
		return p, err
	}
	if _, err := s.ReadToken(); err != nil {
		return nil, err
	}
	if s.StackDepth() > maxDepth {
		return nil, fmt.Errorf("%s: more than %d levels of nesting", s.at(at), maxDepth)
	}
	if kind == '{' {
		p.members = map[string]*place{}
	}
	for s.PeekKind() != '}' && s.PeekKind() != ']' {
		at, name := s.next(), ""
		if kind == '{' {
			token, err := s.ReadToken()
			if err != nil {
				return nil, err
			}
			name = token.String()
		}
		inner, err := s.value(at)
		switch {
		case err != nil:
			return nil, err
		case kind == '{':
			p.members[name] = inner
		default:
			p.items = append(p.items, inner)
		}
	}
	_, err := s.ReadToken()
	return p, err
}

func (d *Document) jsonError(err error, lines lines) error {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return err
	}
	if syntax.Err == jsontext.ErrDuplicateName {
		return fmt.Errorf("%s: the member %s stands here twice", d.at(lines.position(syntax.ByteOffset)),
			syntax.JSONPointer.LastToken())
	}
	return fmt.Errorf("%s: no valid JSON: %w", d.at(lines.position(syntax.ByteOffset)), syntax.Err)
}

// lines are the offsets of the beginnings of lines.
type lines []int64

func newLines(text []byte) lines {
	l := lines{0}
	for i, b := range text {
		if b == '\n' {
			l = append(l, int64(i+1))
		}
	}
	return l
}

func (l lines) position(offset int64) position {
	i := len(l) - 1
	for l[i] > offset {
		i--
	}
	return position{i + 1, int(offset-l[i]) + 1}
}

// ---- YAML ----

func (d *Document) parseYAML(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root, second yaml.Node
	if err := decoder.Decode(&root); err != nil {
		return d.yamlError(err)
	}
	if decoder.Decode(&second) == nil {
		return fmt.Errorf("%s:%d: want one document, and no other behind it", d.Name, second.Line)
	}
	c := converter{Document: d, expanded: map[*yaml.Node]bool{}}
	content := root.Content[0]
	top, err := c.value(content, position{content.Line, content.Column})
	if err != nil {
		return err
	}
	d.JSON, d.root = c.out.Bytes(), top
	return nil
}

func (d *Document) yamlError(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if found := regexp.MustCompile(`^line (\d+): (.*)$`).FindStringSubmatch(message); found != nil {
		return fmt.Errorf("%s:%s: no valid YAML: %s", d.Name, found[1], found[2])
	}
	if message == "EOF" {
		return fmt.Errorf("%s is empty", d.Name)
	}
	return fmt.Errorf("%s: no valid YAML: %s", d.Name, message)
}

// A converter writes YAML nodes as JSON.
type converter struct {
	*Document
	out      bytes.Buffer
	count    int
	depth    int
	expanded map[*yaml.Node]bool // the aliases that are being written
}

func (c *converter) errorf(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s: %s", c.at(position{n.Line, n.Column}), fmt.Sprintf(format, args...))
}

// value writes a value, which is a member whose name is at a place, or stands there itself.
func (c *converter) value(n *yaml.Node, at position) (*place, error) {
	if c.count++; c.count > maxValues {
		return nil, c.errorf(n, "more than %d values", maxValues)
	}
	if c.depth++; c.depth > maxDepth {
		return nil, c.errorf(n, "more than %d levels of nesting", maxDepth)
	}
	defer func() { c.depth-- }()
	if c.out.Len() > maxBytes {
		return nil, c.errorf(n, "more than %d MiB, with all aliases replaced by what they refer to", maxBytes>>20)
	}
	p := &place{position: at}
	switch n.Kind {
	case yaml.AliasNode:
		if c.expanded[n.Alias] {
			return nil, c.errorf(n, "the alias %s stands within what it refers to", n.Value)
		}
		c.expanded[n.Alias] = true
		defer delete(c.expanded, n.Alias)
		return c.value(n.Alias, at)
	case yaml.MappingNode:
		return p, c.mapping(p, n)
	case yaml.SequenceNode:
		return p, c.sequence(p, n)
	}
	return p, c.scalar(n)
}

func (c *converter) sequence(p *place, n *yaml.Node) error {
	c.out.WriteByte('[')
	for i, item := range n.Content {
		if i > 0 {
			c.out.WriteByte(',')
		}
		inner, err := c.value(item, position{item.Line, item.Column})
		if err != nil {
			return err
		}
		p.items = append(p.items, inner)
	}
	c.out.WriteByte(']')
	return nil
}

func (c *converter) mapping(p *place, n *yaml.Node) error {
	p.members = map[string]*place{}
	c.out.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.ShortTag() == "!!merge":
			return c.errorf(key, "merging by << is not supported; write the members out, or give the whole value by an alias")
		case key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str":
			return c.errorf(key, "want a text as the name of a member; put it into quotes")
		case p.members[key.Value] != nil:
			return c.errorf(key, "the member %s stands here twice", key.Value)
		}
		if i > 0 {
			c.out.WriteByte(',')
		}
		c.text(key.Value)
		c.out.WriteByte(':')
		inner, err := c.value(value, position{key.Line, key.Column})
		if err != nil {
			return err
		}
		p.members[key.Value] = inner
	}
	c.out.WriteByte('}')
	return nil
}

// scalar takes numbers as YAML 1.2 spells them and JSON does. Spellings that only other versions of YAML take for
// numbers are errors, as whoever wrote 010 may mean 8, 10 or the text.
func (c *converter) scalar(n *yaml.Node) error {
	switch n.ShortTag() {
	case "!!null":
		c.out.WriteString("null")
	case "!!bool":
		c.out.WriteString(strings.ToLower(n.Value))
	case "!!int", "!!float":
		if !json.Valid([]byte(n.Value)) {
			return c.errorf(n, "%s is not a number as JSON spells them; write it in full, or put it into quotes if it is a text",
				n.Value)
		}
		c.out.WriteString(n.Value)
	case "!!str", "!!timestamp":
		c.text(n.Value)
	default:
		return c.errorf(n, "the tag %s is not supported", n.Tag)
	}
	return nil
}

func (c *converter) text(text string) {
	encoder := json.NewEncoder(&c.out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string can be encoded, and a buffer written to
	c.out.Truncate(c.out.Len() - 1)
}

// Escape writes a member name as it is spelled in a JSON pointer.
func Escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// Unescape is the opposite of [Escape].
func Unescape(token string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(token) }
