package upstream

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A node is one value of a document: a mapping, a list or a scalar.
type node struct {
	pointer      string // from the root of the document
	line, column int    // of the key, or of the value where there is no key; zero in theirs
	kind         kind
	scalar       string // a string, or how the document spells a number, a boolean or null
	names        []string
	members      map[string]*node // by name
	items        []*node
}

type kind byte

const (
	scalar kind = iota
	mapping
	list
)

// get is the member of a name, or nil. A missing mapping has no members.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	return n.members[name]
}

// text is a scalar, or "" where there is none.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	return n.scalar
}

// keys are the names of the members, in the order of the document.
func (n *node) keys() []string {
	if n == nil {
		return nil
	}
	return n.names
}

// all are the items of a list.
func (n *node) all() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// texts are the items of a list of scalars.
func (n *node) texts() []string {
	var texts []string
	for _, item := range n.all() {
		texts = append(texts, cmp.Or(item.canonical(), `""`))
	}
	return texts
}

// add gives a mapping one more member. Of two with one name the last counts, as in most readers.
func (n *node) add(name string, value *node) {
	if _, again := n.members[name]; !again {
		n.names = append(n.names, name)
	}
	n.members[name] = value
}

// canonical is a scalar as it is, and anything else as JSON without spaces and with sorted names.
func (n *node) canonical() string {
	if n.kind == scalar {
		return n.scalar
	}
	text, err := json.Marshal(n.plain())
	if err != nil {
		return err.Error() // strings in maps and slices always marshal
	}
	return string(text)
}

func (n *node) plain() any {
	switch n.kind {
	case mapping:
		m := make(map[string]any, len(n.members))
		for name, member := range n.members {
			m[name] = member.plain()
		}
		return m
	case list:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.plain()
		}
		return items
	default:
		return n.scalar
	}
}

// A document is one of the two, or those parts of it that were kept.
type document struct {
	name string
	kept map[string]*node // by JSON pointer; all of ours is kept as ""
}

// find is the node that a JSON pointer names, or nil.
func (d *document) find(pointer string) *node {
	top, rest := pointer, ""
	for d.kept[top] == nil {
		i := strings.LastIndexByte(top, '/')
		if i < 0 {
			return nil
		}
		top, rest = pointer[:i], pointer[i:]
	}
	n, walked := descend(d.kept[top], rest)
	if walked != rest {
		return nil
	}
	return n
}

// descend follows a pointer as far as it leads, and reports how far that is.
func descend(n *node, pointer string) (at *node, walked string) {
	tokens := strings.Split(pointer, "/")
	for i, token := range tokens[1:] {
		var next *node
		if n.kind == list {
			if index, err := strconv.Atoi(token); err == nil && index >= 0 && index < len(n.items) {
				next = n.items[index]
			}
		} else {
			next = n.members[unescape(token)]
		}
		if next == nil {
			return n, strings.Join(tokens[:i+1], "/")
		}
		n = next
	}
	return n, pointer
}

// resolve follows references. One that leads nowhere, or to itself, stays as it is.
func (d *document) resolve(n *node) *node {
	for range 100 {
		target, ok := target(n)
		if !ok {
			return n
		}
		next := d.find(target)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// target is the JSON pointer of a reference within the document.
func target(n *node) (pointer string, ok bool) {
	fragment, ok := strings.CutPrefix(n.get("$ref").text(), "#/")
	if !ok {
		return "", false
	}
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	return "/" + fragment, true
}

// An operation is one method of one path.
type operation struct {
	*node
	item *node // the path that it belongs to
	key  string
}

// String names the operation as its document does.
func (o operation) String() string { return "operation " + cmp.Or(o.get("operationId").text(), o.key) }

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// operations are those of our paths, in the order of the document, or of their paths where that is not kept.
func (d *document) operations() []operation {
	var items []*node
	if root := d.kept[""]; root != nil {
		for _, path := range root.get("paths").keys() {
			items = append(items, root.get("paths").get(path))
		}
	} else {
		for pointer, n := range d.kept {
			if strings.HasPrefix(pointer, "/paths/") {
				items = append(items, n)
			}
		}
		slices.SortFunc(items, func(a, b *node) int { return cmp.Compare(a.pointer, b.pointer) })
	}
	var all []operation
	for _, item := range items {
		path := unescape(strings.TrimPrefix(item.pointer, "/paths/"))
		if !isOurs(path) {
			continue
		}
		item = d.resolve(item)
		for _, name := range item.keys() {
			if slices.Contains(methods, name) {
				all = append(all, operation{item.get(name), item, strings.ToUpper(name) + " " + normal(path)})
			}
		}
	}
	return all
}

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape spells a name as a part of a JSON pointer.
func escape(name string) string { return escaper.Replace(name) }

func unescape(token string) string { return unescaper.Replace(token) }
