package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An outline knows where everything stands in the document, by JSON pointer, also if the document cannot be loaded. The
// document's model cannot tell: it has no place for the entries of a discriminator's mapping, and none at all if it fails.
type outline struct {
	source     string
	nodes      map[string]place // by JSON pointer
	keys       []string         // the pointers in the order of the document
	references []reference
	repeated   []repeatedKey

	aliases, aliased int         // how many aliases the walk is in, and how many values it met in aliases
	unbounded        Diagnostics // that the document is too deep, or that aliases make too much of it
}

type place struct {
	key, value *yaml.Node // key is nil in sequences
}

type reference struct {
	pointer string
	target  string
}

type repeatedKey struct {
	Position
	pointer, name string
	first         int
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

func newOutline(source string, text []byte) (*outline, error) {
	var root yaml.Node
	if json.Valid(text) {
		text = yamlOf(text)
	}
	if err := yaml.Unmarshal(text, &root); err != nil {
		position := Position{File: source}
		what := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatch(what); m != nil {
			position.Line, _ = strconv.Atoi(m[1])
			what = m[2]
		}
		return nil, Diagnostics{{position, "", "not valid YAML: " + what + "; correct the syntax here or just before"}}
	}
	o := &outline{source: source, nodes: map[string]place{}}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil, Diagnostics{{Position{File: source}, "", "no OpenAPI document; the file must hold a mapping with openapi, info and paths"}}
	}
	o.walk("", nil, root.Content[0], 0)
	if o.unbounded != nil {
		return nil, o.unbounded
	}
	return o, nil
}

// yamlOf spells the few escapes of JSON that YAML does not have. Lines stay as they are.
func yamlOf(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		switch escape := text[i+1]; escape {
		case '/':
			out = append(out, '/')
			i++
		case 'u':
			var pair string
			if i+12 <= len(text) && json.Unmarshal([]byte(`"`+string(text[i:i+12])+`"`), &pair) == nil && len([]rune(pair)) == 1 {
				out = append(out, pair...) // a surrogate pair is one character
				i += 11
				continue
			}
			out = append(out, text[i:i+6]...)
			i += 5
		default:
			out = append(out, '\\', escape)
			i++
		}
	}
	return out
}

const (
	// maxDepth bounds how deep a document may nest, aliases included.
	maxDepth = 200
	// maxAliased bounds how many values aliases may repeat; aliases of aliases multiply.
	maxAliased = 100_000
)

func (o *outline) walk(pointer string, key, value *yaml.Node, depth int) {
	if o.unbounded != nil {
		return
	}
	at := value
	if value.Kind == yaml.AliasNode {
		value = value.Alias
		o.aliases++
		defer func() { o.aliases-- }()
	}
	if o.aliases > 0 {
		o.aliased++
	}
	switch {
	case depth > maxDepth:
		o.unbounded = Diagnostics{{o.at(at), "", fmt.Sprintf("the document nests more than %d levels deep here; make a part of it a component and refer to that", maxDepth)}}
		return
	case o.aliased > maxAliased:
		o.unbounded = Diagnostics{{o.at(at), "", fmt.Sprintf("the aliases of the document repeat more than %d values; make what they repeat a component and refer to that", maxAliased)}}
		return
	}
	o.nodes[pointer] = place{key, value}
	o.keys = append(o.keys, pointer)
	switch value.Kind {
	case yaml.MappingNode:
		first := make(map[string]int, len(value.Content)/2)
		for i := 0; i+1 < len(value.Content); i += 2 {
			name, child := value.Content[i], value.Content[i+1]
			here := pointer + "/" + escape(name.Value)
			if line, again := first[name.Value]; again {
				o.repeated = append(o.repeated, repeatedKey{o.at(name), here, name.Value, line})
				continue
			}
			first[name.Value] = name.Line
			o.walk(here, name, child, depth+1)
			if name.Value == "$ref" && child.Kind == yaml.ScalarNode && !inExample(pointer) {
				o.references = append(o.references, reference{here, child.Value})
			}
		}
	case yaml.SequenceNode:
		for i, child := range value.Content {
			o.walk(pointer+"/"+strconv.Itoa(i), nil, child, depth+1)
		}
	}
}

// inExample tells whether a pointer leads into the payload of an example, where nothing is a reference.
func inExample(pointer string) bool {
	parts := strings.Split(pointer, "/")
	for i, part := range parts {
		switch {
		case part == "example" && !namesAnything[parts[i-1]]:
			return true
		case part == "value" && i > 2 && parts[i-2] == "examples" && !namesAnything[parts[i-3]]:
			return true
		}
	}
	return false
}

// namesAnything are the parts of a pointer behind which an author's own name follows, which may be "example" too.
var namesAnything = stringSet(`properties schemas parameters responses requestBodies headers examples securitySchemes`)

func (o *outline) at(n *yaml.Node) Position { return Position{o.source, n.Line, n.Column} }

// position is the place of what the pointer names: of its key, or of the item of a sequence. Where the pointer leads past
// the end of the document (a member that is missing), it is the place of the last part that exists.
func (o *outline) position(pointer string) Position {
	for {
		if p, ok := o.nodes[pointer]; ok {
			if p.key != nil {
				return o.at(p.key)
			}
			return o.at(p.value)
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return Position{File: o.source}
		}
		pointer = pointer[:i]
	}
}

// compare orders pointers as they stand in the document.
func (o *outline) compare(a, b string) int {
	at, bt := o.position(a), o.position(b)
	return cmp.Or(cmp.Compare(at.Line, bt.Line), cmp.Compare(at.Column, bt.Column), cmp.Compare(a, b))
}

// inOrder puts two pointers into the order in which they stand in the document.
func (o *outline) inOrder(a, b string) (first, second string) {
	if o.compare(a, b) > 0 {
		return b, a
	}
	return a, b
}

func (o *outline) exists(pointer string) bool {
	_, ok := o.nodes[unescapeFragment(pointer)]
	return ok
}

func (o *outline) scalar(pointer string) (string, bool) {
	p, ok := o.nodes[pointer]
	if !ok || p.value.Kind != yaml.ScalarNode {
		return "", false
	}
	return p.value.Value, true
}

// find is the place of the first key or value that is spelled like name.
func (o *outline) find(name string) (Position, bool) {
	for _, pointer := range o.keys {
		p := o.nodes[pointer]
		if p.key != nil && p.key.Value == name {
			return o.at(p.key), true
		}
		if p.value.Kind == yaml.ScalarNode && p.value.Value == name {
			return o.at(p.value), true
		}
	}
	return Position{}, false
}

// nearest helps with a reference that leads nowhere: what stands beside the missing name that is spelled most like it.
func (o *outline) nearest(pointer string) string {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "a reference looks like #/components/schemas/Name"
	}
	parent, name := pointer[:i], pointer[i+1:]
	siblings, ok := o.nodes[parent]
	if !ok || siblings.value.Kind != yaml.MappingNode {
		return fmt.Sprintf("there is no #%s; a reference looks like #/components/schemas/Name", parent)
	}
	best, distance := "", len(name)/2+1
	for i := 0; i < len(siblings.value.Content); i += 2 {
		candidate := siblings.value.Content[i].Value
		if d := editDistance(name, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return fmt.Sprintf("add %s to #%s", name, parent)
	}
	return fmt.Sprintf("did you mean #%s/%s?", parent, escape(best))
}

// editDistance returns how many letters have to be inserted, removed, replaced or swapped with the next one to make b of a.
func editDistance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := range len(a) {
		for j := range len(b) {
			cost := rows[i][j]
			if a[i] != b[j] {
				cost++
			}
			cost = min(cost, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cost = min(cost, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = cost
		}
	}
	return rows[len(a)][len(b)]
}

// escape spells a name as a part of a JSON pointer.
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func escape(name string) string { return pointerEscapes.Replace(name) }

func unescapeFragment(pointer string) string {
	return strings.NewReplacer("%7B", "{", "%7D", "}", "%20", " ", "%25", "%").Replace(pointer)
}
