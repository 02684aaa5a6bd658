package wire

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// The style deepObject. The specification describes objects of scalars only: a[b]=1. Beyond that this file reads what is usual: a[b][c]=1 for
// objects within objects, and a[b][]=1, a[b][0]=1 or a[b]=1 several times for lists. It writes lists as a[b][0]=1, which says the order and
// can go on with members. A scalar is a=1.

// A deep is a node of what the names of a deepObject describe.
type deep struct {
	values   []string // not decoded
	names    []string // of the members, in the order in which they come
	members  map[string]*deep
	isObject bool // a name is not an index
}

func (d *deep) member(name string) *deep {
	if d.members == nil {
		d.members = map[string]*deep{}
	}
	m := d.members[name]
	if m == nil {
		m = &deep{}
		d.members[name] = m
		d.names = append(d.names, name)
		if _, ok := deepIndex(name); !ok && name != "" {
			d.isObject = true
		}
	}
	return m
}

func deepIndex(name string) (index int, ok bool) {
	index, err := strconv.Atoi(name)
	return index, err == nil && index >= 0 && name[0] != '+'
}

// deepKeys splits what follows the name of a deepObject: "[b][c]" into b and c, and nothing into nothing. It is not ok for anything else.
func deepKeys(text string) (keys []string, ok bool) {
	for text != "" {
		if text[0] != '[' || len(keys) > schema.MaxDepth {
			return nil, false
		}
		end := strings.IndexByte(text, ']')
		if end < 0 {
			return nil, false
		}
		keys, text = append(keys, text[1:end]), text[end+1:]
	}
	return keys, true
}

// readDeep reads the pairs whose names belong to a deepObject.
func (p *Parameter) readDeep(pairs []pair, decode decoder) spelled {
	root := &deep{}
	found := false
	for i := range pairs {
		rest, ok := strings.CutPrefix(pairs[i].name, p.Name)
		if !ok {
			continue
		}
		keys, ok := deepKeys(rest)
		if !ok {
			continue
		}
		found = true
		at := root
		for _, key := range keys {
			at = at.member(key)
		}
		at.values = append(at.values, pairs[i].value)
	}
	if !found {
		return spelled{}
	}
	r := respelling{decode: decode}
	root.respell(&r, p.schema())
	return spelled{text: string(r.json), present: true, want: r.want}
}

// respell appends the JSON of a node. Several values for one member become an array, which the schema has to accept. Without a schema that
// decides, a[]=1 is a list and a[0]=1 an object.
func (d *deep) respell(r *respelling, s *schema.Schema) {
	appended := len(d.names) == 1 && d.names[0] == "" && !s.IsObject()
	switch {
	case len(d.members) > 0 && len(d.values) > 0 && (d.isObject || !s.IsList()): // a[b]=1 beside a[b][c]=2
		r.fail("a value or members for each name in brackets, but not both")
		r.json = append(r.json, "null"...)
	case len(d.members) > 0 && (d.isObject || !s.IsList()) && !appended:
		d.respellObject(r, s)
	case s.IsList() || len(d.members) > 0 || len(d.values) > 1:
		d.respellList(r, s)
	default:
		r.value(d.values[0], s)
	}
}

func (d *deep) respellObject(r *respelling, s *schema.Schema) {
	r.json = append(r.json, '{')
	for i, name := range d.names {
		if i > 0 {
			r.json = append(r.json, ',')
		}
		r.json = append(appendQuoted(r.json, name), ':')
		d.members[name].respell(r, s.Member(name))
	}
	r.json = append(r.json, '}')
}

func (d *deep) respellList(r *respelling, s *schema.Schema) {
	items := 0
	next := func() *schema.Schema {
		if items > 0 {
			r.json = append(r.json, ',')
		}
		items++
		return s.Item(items - 1)
	}
	r.json = append(r.json, '[')
	for _, value := range d.values {
		r.value(value, next())
	}
	for _, name := range d.indexes() {
		item := d.members[name]
		if name != "" || len(item.members) > 0 {
			item.respell(r, next())
			continue
		}
		for _, value := range item.values {
			r.value(value, next())
		}
	}
	r.json = append(r.json, ']')
}

// indexes are the names of the items of a list, in their order.
func (d *deep) indexes() []string {
	names := slices.Clone(d.names)
	slices.SortStableFunc(names, func(a, b string) int {
		i, _ := deepIndex(a)
		j, _ := deepIndex(b)
		return cmp.Compare(i, j)
	})
	return names
}

// spellDeep spells a value as pairs.
func spellDeep(pairs []string, name string, v *value, encode encoder) ([]string, error) {
	if v.kind != '{' && v.kind != '[' {
		text, err := encode(v.scalar(), "&")
		return append(pairs, name+"="+text), err
	}
	for i := range v.items {
		key := strconv.Itoa(i)
		if v.kind == '{' {
			key = percent(v.names[i], "")
		}
		var err error
		if pairs, err = spellDeep(pairs, name+"%5B"+key+"%5D", &v.items[i], encode); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}
