package source

import (
	"slices"
	"strconv"
	"strings"
)

// A Kind is one of the six kinds of JSON values.
type Kind uint8

const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String is the name of the kind in the words of JSON: "null", "boolean", "number", "string", "array", "object".
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// A Node is a JSON value with its place in a file. The methods that read accept a nil *Node, which stands for a value
// that is missing, so that n.Get("info").Get("title") needs no checks between.
type Node struct {
	Kind    Kind
	line    int32
	column  int32
	ordinal int32 // index of the node in its parent's Members or Items
	parent  *Node // nil for the root of a file
	file    *File

	Text    string   // Bool: "true" or "false"; Number: its JSON spelling; String: the text
	Members []Member // Object: in the order of the file, names are unique
	Items   []*Node  // Array

	index map[string]int32 // of Members; nil for small objects, which are searched
}

// A Member is one name and its value in an object.
type Member struct {
	Name         string
	Value        *Node
	line, column int32 // of the name; the file is that of the value
}

// Pos is the place where the value starts.
func (n *Node) Pos() Position {
	if n == nil {
		return Position{}
	}
	return Position{n.file.Name, int(n.line), int(n.column)}
}

// Pos is the place of the member's name.
func (m *Member) Pos() Position {
	return Position{m.Value.file.Name, int(m.line), int(m.column)}
}

// Parent is the object or array that contains n; nil for the root of a file.
func (n *Node) Parent() *Node {
	if n == nil {
		return nil
	}
	return n.parent
}

// Member returns the member called name, nil if n is not an object that has one. It points into n.Members.
func (n *Node) Member(name string) *Member {
	if n == nil {
		return nil
	}
	if n.index != nil {
		if i, ok := n.index[name]; ok {
			return &n.Members[i]
		}
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Name == name {
			return &n.Members[i]
		}
	}
	return nil
}

// Get returns the value of the member called name, nil if n is not an object that has one.
func (n *Node) Get(name string) *Node {
	if m := n.Member(name); m != nil {
		return m.Value
	}
	return nil
}

// Has reports whether n is an object with a member called name.
func (n *Node) Has(name string) bool { return n.Member(name) != nil }

// Is reports whether n exists and is of the kind.
func (n *Node) Is(kind Kind) bool { return n != nil && n.Kind == kind }

// Str returns the text of the string member called name, "" if there is none.
func (n *Node) Str(name string) string {
	if v := n.Get(name); v.Is(String) {
		return v.Text
	}
	return ""
}

// True reports whether the member called name is true.
func (n *Node) True(name string) bool {
	v := n.Get(name)
	return v.Is(Bool) && v.Text == "true"
}

// Int returns the value of the integer member called name. It reports false for what is missing, not a number, not
// integral or beyond int64; 1.0 and 1e2 are integral.
func (n *Node) Int(name string) (int64, bool) {
	v := n.Get(name)
	if !v.Is(Number) {
		return 0, false
	}
	if i, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || f != float64(int64(f)) || f >= 1<<53 || f <= -1<<53 {
		return 0, false
	}
	return int64(f), true
}

// Strings returns the texts of the array of strings called name, without the items that are not strings.
func (n *Node) Strings(name string) []string {
	v := n.Get(name)
	if !v.Is(Array) {
		return nil
	}
	texts := make([]string, 0, len(v.Items))
	for _, item := range v.Items {
		if item.Kind == String {
			texts = append(texts, item.Text)
		}
	}
	return texts
}

// Names are the names of the members of an object, in order.
func (n *Node) Names() []string {
	if n == nil {
		return nil
	}
	names := make([]string, len(n.Members))
	for i := range n.Members {
		names[i] = n.Members[i].Name
	}
	return names
}

// JSON is the value as compact JSON: members in their order, numbers digit by digit as they are spelled.
func (n *Node) JSON() []byte { return n.appendJSON(nil) }

func (n *Node) appendJSON(b []byte) []byte {
	switch {
	case n == nil || n.Kind == Null:
		return append(b, "null"...)
	case n.Kind == Bool || n.Kind == Number:
		return append(b, n.Text...)
	case n.Kind == String:
		return appendString(b, n.Text)
	case n.Kind == Array:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i := range n.Members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, n.Members[i].Name), ':')
		b = n.Members[i].Value.appendJSON(b)
	}
	return append(b, '}')
}

// indexFrom is the number of members from which on an object has an index.
const indexFrom = 12

// adopt makes n the parent of its members and items.
func (n *Node) adopt() {
	for i := range n.Members {
		n.Members[i].Value.parent, n.Members[i].Value.ordinal = n, int32(i)
	}
	for i, item := range n.Items {
		item.parent, item.ordinal = n, int32(i)
	}
}

// reindex makes the members of n known after a change.
func (n *Node) reindex() {
	n.index = nil
	if len(n.Members) > indexFrom {
		n.index = make(map[string]int32, len(n.Members))
		for i := range n.Members {
			n.index[n.Members[i].Name] = int32(i)
		}
	}
	n.adopt()
}

// clone is a deep copy, whose nodes keep their places in files.
func (n *Node) clone() *Node {
	c := *n
	c.parent = nil
	c.Members = slices.Clone(n.Members)
	for i := range c.Members {
		c.Members[i].Value = c.Members[i].Value.clone()
	}
	c.Items = slices.Clone(n.Items)
	for i := range c.Items {
		c.Items[i] = c.Items[i].clone()
	}
	c.reindex()
	return &c
}

// root is the root of the tree that n is in.
func (n *Node) root() *Node {
	for n.parent != nil {
		n = n.parent
	}
	return n
}

// name is the name of n in its object, or its index in its array; empty for a root.
func (n *Node) name() string {
	switch {
	case n.parent == nil:
		return ""
	case n.parent.Kind == Object:
		return n.parent.Members[n.ordinal].Name
	}
	return strconv.Itoa(int(n.ordinal))
}

// pointer is the JSON pointer of n in its tree.
func pointer(n *Node) string {
	var tokens []string
	for ; n.parent != nil; n = n.parent {
		tokens = append(tokens, escapeToken(n.name()))
	}
	if len(tokens) == 0 {
		return ""
	}
	slices.Reverse(tokens)
	return "/" + strings.Join(tokens, "/")
}

// fragment is the pointer of n as Diagnostic.Where has it.
func fragment(n *Node) string {
	if n.parent == nil {
		return ""
	}
	return "#" + pointer(n)
}

var (
	tokenEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	tokenUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

func escapeToken(name string) string { return tokenEscaper.Replace(name) }

// members are the members of n, which may be nil.
func (n *Node) members() []Member {
	if n == nil {
		return nil
	}
	return n.Members
}

// items are the items of n, which may be nil.
func (n *Node) items() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// text is the text of n, which may be nil.
func (n *Node) text() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// keep removes the members and items of n whose values are not wanted.
func (n *Node) keep(wanted func(value *Node) bool) {
	if n == nil {
		return
	}
	n.Members = slices.DeleteFunc(n.Members, func(m Member) bool { return !wanted(m.Value) })
	n.Items = slices.DeleteFunc(n.Items, func(item *Node) bool { return !wanted(item) })
	n.reindex()
}

// measure counts the values in n, and how many objects and arrays are inside each other.
func (n *Node) measure() (values, depth int) {
	count := func(child *Node) {
		v, d := child.measure()
		values, depth = values+v, max(depth, d)
	}
	for i := range n.Members {
		count(n.Members[i].Value)
	}
	for _, item := range n.Items {
		count(item)
	}
	return values + 1, depth + 1
}

// level is the number of objects and arrays that n is in.
func (n *Node) level() int {
	level := 0
	for ; n.parent != nil; n = n.parent {
		level++
	}
	return level
}

// walk calls visit for n and everything in it, in the order of the file.
func (n *Node) walk(visit func(*Node)) {
	visit(n)
	for i := range n.Members {
		n.Members[i].Value.walk(visit)
	}
	for _, item := range n.Items {
		item.walk(visit)
	}
}
