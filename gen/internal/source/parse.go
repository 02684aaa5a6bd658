package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What JSON and YAML have in common: the bounds of a file, and a builder that turns what either reader finds into
// nodes. Both readers report every mistake with its place and in our own words, since those of a library change with
// its version.

// Limits bound what an input may cost. A zero field stands for its default.
type Limits struct {
	Bytes  int // of one file; 256 MiB
	Values int // of all files together, aliases of YAML written out; 5,000,000
	Depth  int // of objects and arrays inside each other; 1,000
	Files  int // 10,000
}

// maxAliased bounds the values that the aliases of one YAML file stand for, since a line of aliases can stand for
// a thousand lines.
const maxAliased = 1_000_000

func (l Limits) withDefaults() Limits {
	for _, field := range []struct {
		limit *int
		value int
	}{{&l.Bytes, 256 << 20}, {&l.Values, 5_000_000}, {&l.Depth, 1000}, {&l.Files, 10_000}} {
		if *field.limit == 0 {
			*field.limit = field.value
		}
	}
	return l
}

// Parse reads a file that is not a part of a document, such as a config file. The node is nil if there are errors; that of an empty file is
// an empty object.
func Parse(name string, text []byte) (*Node, Diagnostics) {
	f := &File{Name: name}
	limits := Limits{}.withDefaults()
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}")
	}
	_, found := parse(f, text, limits, 0)
	return f.Root, found.Sort()
}

// parse reads text as JSON or YAML and sets f.Root, unless there are errors. It is told how many values other files
// have, and returns that number with its own. The diagnostics are not sorted.
func parse(f *File, text []byte, limits Limits, before int) (values int, diagnostics Diagnostics) {
	b := &builder{file: f, limits: limits, values: before}
	if root := b.parse(text); root != nil {
		f.Root = root
	}
	return b.values, b.finish()
}

func (b *builder) parse(text []byte) *Node {
	if len(text) > b.limits.Bytes {
		b.errorf(1, 1, "the file has %d bytes, more than the %d that are read; split it", len(text), b.limits.Bytes)
		return nil
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		b.errorf(1, 1, "the file is UTF-16; save it as UTF-8")
		return nil
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		offset := invalidUTF8(text)
		line, column := position(text, offset)
		b.errorf(line, column, "the byte 0x%02x is not UTF-8; save the file as UTF-8", text[offset])
		return nil
	}
	start := bytes.TrimLeft(text, " \t\r\n")
	if len(start) == 0 {
		b.errorf(1, 1, "the file is empty; write an OpenAPI document, or correct the name of the file")
		return nil
	}
	if start[0] != '{' && start[0] != '[' {
		return b.parseYAML(text)
	}
	before := b.values
	root := b.parseJSON(string(text))
	if root != nil || strings.HasSuffix(b.file.Name, ".json") || len(text) > maxFlow {
		return root
	}
	// YAML may start with a bracket too, and then has comments or keys without quotes. If it is neither, the reader that
	// got further knows better what is wrong.
	yaml := &builder{file: b.file, limits: b.limits, values: before}
	root = yaml.parseYAML(text)
	if root != nil || yaml.lastPosition().Compare(b.lastPosition()) > 0 {
		*b = *yaml
	}
	return root
}

func (b *builder) lastPosition() Position { return b.diagnostics[len(b.diagnostics)-1].Position }

// maxFlow bounds a file of YAML that is one pair of brackets: the YAML reader needs several hundred bytes for each
// byte.
const maxFlow = 1 << 20

func invalidUTF8(text []byte) int {
	for i := 0; ; {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
}

// position is the line and column of an offset.
func position(text []byte, offset int) (line, column int) {
	before := text[:offset]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// A builder makes the nodes of one file. Nodes and members are cut from large blocks, and collected on stacks while
// their object or array is open, so that a value costs little more than its size.
type builder struct {
	file        *File
	limits      Limits
	values      int
	block       int      // size of the last block
	nodes       []Node   // the rest of a block
	memberBlock []Member // the same
	itemBlock   []*Node
	members     []Member // of the objects that are open
	items       []*Node  // of the arrays that are open
	diagnostics Diagnostics
	located     []located
}

// A located diagnostic gets its pointer at the end: while it is found, the nodes have no parents yet.
type located struct {
	diagnostic int // index
	node       *Node
}

func (b *builder) errorf(line, column int, format string, args ...any) *Diagnostic {
	b.diagnostics = append(b.diagnostics, Diagnostic{
		Position: Position{b.file.Name, line, column},
		What:     fmt.Sprintf(format, args...),
	})
	return &b.diagnostics[len(b.diagnostics)-1]
}

// warnf reports something about n that does no harm.
func (b *builder) warnf(n *Node, format string, args ...any) {
	b.errorf(int(n.line), int(n.column), format, args...).Severity = Warning
	b.located = append(b.located, located{len(b.diagnostics) - 1, n})
}

// finish returns the diagnostics with their pointers.
func (b *builder) finish() Diagnostics {
	for _, l := range b.located {
		b.diagnostics[l.diagnostic].Where = fragment(l.node)
	}
	return b.diagnostics
}

// node returns a new node, nil if there are too many.
func (b *builder) node(kind Kind, line, column int) *Node {
	if b.values++; b.values > b.limits.Values {
		b.errorf(line, column, "the document has more than %d values; leave out what is not used", b.limits.Values)
		return nil
	}
	if len(b.nodes) == 0 {
		b.nodes = make([]Node, b.blockSize())
	}
	n := &b.nodes[0]
	b.nodes = b.nodes[1:]
	*n = Node{Kind: kind, line: int32(line), column: int32(column), file: b.file}
	return n
}

// blockSize is the size of the next block. It grows, so that small files stay small.
func (b *builder) blockSize() int {
	b.block = min(max(b.block*2, 16), 1024)
	return b.block
}

// array makes n an array of the items that were pushed since there were base.
func (b *builder) array(n *Node, base int) *Node {
	count := len(b.items) - base
	if count > len(b.itemBlock) {
		b.itemBlock = make([]*Node, max(count, b.blockSize()))
	}
	n.Items = b.itemBlock[:count:count]
	b.itemBlock = b.itemBlock[count:]
	copy(n.Items, b.items[base:])
	b.items = b.items[:base]
	n.adopt()
	return n
}

// RuleRepeatedName is the rule that an object has each name once.
const RuleRepeatedName = "repeated-name"

// object makes n an object of the members that were pushed since there were base, and reports equal names, of which the
// last one counts.
func (b *builder) object(n *Node, base int) *Node {
	members := b.members[base:]
	if len(members) > indexFrom {
		n.index = make(map[string]int32, len(members))
	}
	kept := members[:0]
	for _, m := range members {
		var first *Member
		if n.index == nil {
			for i := range kept {
				if kept[i].Name == m.Name {
					first = &kept[i]
					break
				}
			}
		} else if i, ok := n.index[m.Name]; ok {
			first = &kept[i]
		} else {
			n.index[m.Name] = int32(len(kept))
		}
		if first == nil {
			kept = append(kept, m)
			continue
		}
		d := b.errorf(int(m.line), int(m.column), "the name %q is used a second time in this object, first on line %d, "+
			"whose value is passed over; remove one", m.Name, first.line)
		d.Severity, d.Rule, d.Related = Warning, RuleRepeatedName, []Position{first.Pos()}
		*first = m // as JSON parsers do
		b.located = append(b.located, located{len(b.diagnostics) - 1, m.Value})
	}
	if len(kept) > len(b.memberBlock) {
		b.memberBlock = make([]Member, max(len(kept), b.blockSize()))
	}
	n.Members = b.memberBlock[:len(kept):len(kept)]
	b.memberBlock = b.memberBlock[len(kept):]
	copy(n.Members, kept)
	b.members = b.members[:base]
	n.adopt()
	return n
}
