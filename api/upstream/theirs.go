package upstream

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxKept bounds how much of their document is kept, in bytes of JSON. Our operations reach about 30 KB.
const maxKept = 4 << 20

// readTheirs reads their document several times: first the paths that are ours, then what those refer to, then what that
// refers to, until nothing is left to look for. Everything else is passed over token by token.
func readTheirs(name string, r io.ReadSeeker) (*document, error) {
	d := &document{name, map[string]*node{}}
	s := scan{document: d}
	err := s.pass(r, func(pointer string) choice {
		path, below := strings.CutPrefix(pointer, "/paths/")
		switch {
		case pointer == "" || pointer == "/paths":
			return enter
		case pointer == "/openapi", pointer == "/servers", pointer == "/security", below && isOurs(unescape(path)):
			return keep
		}
		return skip
	})
	if err != nil {
		return nil, err
	}
	if d.find("/openapi") == nil {
		return nil, fmt.Errorf("%s: no member \"openapi\", so this is not an OpenAPI document; name the published openapi.json", name)
	}
	if len(d.operations()) == 0 {
		return nil, fmt.Errorf("%s: no path begins with %s; name the document that describes this API, or follow it to its new paths", name, Prefix)
	}
	asked := map[string]bool{}
	for {
		wanted := wishes(d, asked)
		if len(wanted) == 0 {
			return d, nil
		}
		if err := s.pass(r, func(pointer string) choice { return wanted[pointer] }); err != nil {
			return nil, err
		}
	}
}

// wishes are what the kept nodes refer to and is not kept, and the way there. Nothing is asked for twice: what is not found does
// not exist.
func wishes(d *document, asked map[string]bool) map[string]choice {
	wanted := map[string]choice{}
	want := func(pointer string) {
		if asked[pointer] || d.find(pointer) != nil {
			return
		}
		asked[pointer], wanted[pointer] = true, keep
		for i := range pointer {
			if pointer[i] == '/' && wanted[pointer[:i]] == skip {
				wanted[pointer[:i]] = enter
			}
		}
	}
	var walk func(n *node, named bool)
	walk = func(n *node, named bool) {
		if pointer, ok := target(n); ok && !named {
			want(pointer)
		}
		for _, item := range n.items {
			walk(item, false)
		}
		for _, name := range n.names {
			// The names in properties are those of members, and may be anything. The payload of an example has no references.
			if named || name != "example" && name != "examples" {
				walk(n.members[name], name == "properties" && !named)
			}
		}
	}
	for _, n := range d.kept {
		walk(n, false)
	}
	// Operations name their security schemes without a reference.
	for _, o := range d.operations() {
		for _, alternative := range securityOf(d, o).all() {
			for _, scheme := range alternative.keys() {
				want("/components/securitySchemes/" + escape(scheme))
			}
		}
	}
	return wanted
}

// A choice is what to do with a value.
type choice byte

const (
	skip  choice = iota
	enter        // choose again for each of its members or items
	keep
)

type scan struct {
	*document
	decoder *jsontext.Decoder
	choose  func(pointer string) choice
	from    int64 // where the value that is being kept begins
	size    int64 // of all that is kept, in bytes of JSON
}

// pass reads the document once, from its beginning to its end, and keeps what is chosen.
func (s *scan) pass(r io.ReadSeeker, choose func(pointer string) choice) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	text := bufio.NewReader(r)
	if !startsObject(text) {
		return fmt.Errorf("%s: not a JSON object; YAML cannot be read in parts, so name openapi.json, which is published beside openapi.yaml", s.name)
	}
	// Repeated names matter only where they are ours, and names that must be unique would all have to be kept.
	s.decoder = jsontext.NewDecoder(text, jsontext.AllowDuplicateNames(true))
	s.choose = choose
	err := s.value("")
	if err == nil {
		if _, err = s.decoder.ReadToken(); err == io.EOF {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("something follows the document at offset %d", s.decoder.InputOffset())
		}
	}
	return fmt.Errorf("%s: %w; get the whole document, or a newer one", s.name, err)
}

// startsObject reports whether a text begins with a brace. Not one byte is taken from it but spaces.
func startsObject(r *bufio.Reader) bool {
	for {
		next, err := r.ReadByte()
		if err != nil {
			return false
		}
		if strings.IndexByte(" \t\r\n", next) < 0 {
			return r.UnreadByte() == nil && next == '{'
		}
	}
}

func (s *scan) value(pointer string) error {
	switch s.choose(pointer) {
	case keep:
		s.from = s.decoder.InputOffset()
		n, err := s.node(pointer)
		if err != nil {
			return err
		}
		s.kept[pointer] = n
		s.size += s.decoder.InputOffset() - s.from
		return nil
	case enter:
		return s.each(func(token string) error { return s.value(pointer + "/" + token) }, nil)
	default:
		return s.decoder.SkipValue()
	}
}

// node reads one value.
func (s *scan) node(pointer string) (*node, error) {
	if s.size+s.decoder.InputOffset()-s.from > maxKept {
		return nil, fmt.Errorf("our operations reach more than %d MB, at #%s", maxKept>>20, pointer)
	}
	n := &node{pointer: pointer}
	switch s.decoder.PeekKind() {
	case '{':
		n.kind, n.members = mapping, map[string]*node{}
	case '[':
		n.kind = list
	}
	err := s.each(func(token string) error {
		child, err := s.node(pointer + "/" + token)
		if err != nil {
			return err
		}
		if n.kind == list {
			n.items = append(n.items, child)
		} else {
			n.add(unescape(token), child)
		}
		return nil
	}, func(value jsontext.Token) { n.scalar = value.String() })
	return n, err
}

// each reads one value and calls child before each member or item in it, with its part of the pointer. The value itself goes to
// other if it has none.
func (s *scan) each(child func(token string) error, other func(jsontext.Token)) error {
	first, err := s.decoder.ReadToken()
	if err != nil {
		return err
	}
	switch first.Kind() {
	case '{':
		for s.decoder.PeekKind() != '}' {
			name, err := s.decoder.ReadToken()
			if err != nil {
				return err
			}
			if err := child(escape(name.String())); err != nil {
				return err
			}
		}
		_, err = s.decoder.ReadToken()
	case '[':
		for i := 0; s.decoder.PeekKind() != ']'; i++ {
			if err := child(strconv.Itoa(i)); err != nil {
				return err
			}
		}
		_, err = s.decoder.ReadToken()
	default:
		if other != nil {
			other(first)
		}
	}
	return err
}
