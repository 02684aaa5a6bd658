package wire

import (
	"net/http"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Where the parameters of a request are, and what they are as JSON.

// A parameters is the source of the parameters of one request.
type parameters struct {
	route  *Route
	path   []string // see Router.Find
	header http.Header
	raw    string // the query
	parsed bool
	query  []queryPair
}

// A queryPair is one part of a query. The name is decoded, the value is not.
type queryPair struct{ name, value string }

// pairs returns the parts of the query.
func (p *parameters) pairs() []queryPair {
	if p.parsed {
		return p.query
	}
	p.parsed = true
	for part := range strings.SplitSeq(p.raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		p.query = append(p.query, queryPair{fromQuery(name), value})
	}
	return p.query
}

// A spelled is a parameter as it is in a request.
type spelled struct {
	text    string // JSON or, if plain is set, the text of a scalar
	plain   bool
	present bool
	twice   bool // more than once, although it can have one value only
	empty   bool // present, but without a value, which is allowed
}

// get returns a parameter.
func (p *parameters) get(index int) spelled {
	parameter := &p.route.Parameters[index]
	switch parameter.In {
	case "path":
		text := p.route.value(p.path, index)
		if text == "" {
			return spelled{}
		}
		return parameter.spelled(text, fromPath)
	case "header":
		return parameter.fromHeader(p.header.Values(parameter.Name))
	case "cookie":
		return parameter.fromCookies(p.header)
	case "querystring":
		if p.raw == "" {
			return spelled{}
		}
		if IsJSON(parameter.MediaType) {
			return spelled{text: fromQuery(p.raw), present: true}
		}
		return spelled{text: string(respellPairs(nil, p.pairs(), parameter.schema(), fromQuery)), present: true}
	}
	return parameter.fromQuery(p.pairs())
}

// spelled is a parameter that is one text.
func (p *Parameter) spelled(text string, decode decoder) spelled {
	s := p.schema()
	switch {
	case p.MediaType != "":
		text = decode(text)
		if !IsJSON(p.MediaType) {
			return spelled{text: text, plain: true, present: true}
		}
		return spelled{text: text, present: true}
	case p.Style != "label" && p.Style != "matrix" && isPlainScalar(s):
		return spelled{text: decode(text), plain: true, present: true}
	}
	return spelled{text: string(respellStyle(nil, p, text, decode)), present: true}
}

// isPlainScalar reports whether values are scalars of one type, so that their text can be read as it is.
func isPlainScalar(s *schema.Schema) bool {
	switch s.Types {
	case schema.String, schema.Integer, schema.Number, schema.Number | schema.Integer, schema.Boolean:
		return !s.Nullable
	}
	return false
}

func (p *Parameter) fromHeader(lines []string) spelled {
	if len(lines) == 0 {
		return spelled{}
	}
	s := p.schema()
	if s.IsList() || s.IsObject() {
		return p.spelled(strings.Join(lines, ","), fromHeader)
	}
	found := p.spelled(strings.Trim(lines[0], " \t"), fromHeader)
	found.twice = len(lines) > 1
	return found
}

func (p *Parameter) fromCookies(header http.Header) spelled {
	var pairs []queryPair
	for _, line := range header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			pairs = append(pairs, queryPair{name, strings.Trim(value, `"`)})
		}
	}
	q := *p
	q.AllowEmpty = false
	return q.fromQueryDecoded(pairs, fromPath)
}

func (p *Parameter) fromQuery(pairs []queryPair) spelled { return p.fromQueryDecoded(pairs, fromQuery) }

func (p *Parameter) fromQueryDecoded(pairs []queryPair, decode decoder) spelled {
	s := p.schema()
	switch {
	case p.MediaType != "":
	case p.Style == "deepObject":
		return p.fromDeep(pairs, decode)
	case p.Explode && s.IsObject():
		return p.fromMembers(pairs, decode)
	}
	var values []string
	for _, pair := range pairs {
		if pair.name == p.Name {
			values = append(values, pair.value)
		}
	}
	switch {
	case len(values) == 0:
		return spelled{}
	case p.MediaType == "" && s.CompositeTypes()&schema.Array != 0 && (p.Explode && s.IsList() || len(values) > 1):
		items := values
		if len(values) == 1 && values[0] == "" && p.AllowEmpty {
			items = nil
		}
		return spelled{text: string(respellList(nil, items, s, decode)), present: true}
	}
	found := p.spelled(values[0], decode)
	found.twice = len(values) > 1
	found.empty = p.AllowEmpty && values[0] == ""
	return found
}

// fromMembers gathers an object whose members are parameters of their own.
func (p *Parameter) fromMembers(pairs []queryPair, decode decoder) spelled {
	s := p.schema()
	var own []queryPair
	for _, pair := range pairs {
		if s.Index(pair.name) >= 0 || !s.Closed() && s.OpenMembers() {
			own = append(own, pair)
		}
	}
	if len(own) == 0 {
		return spelled{}
	}
	return spelled{text: string(respellPairs(nil, own, s, decode)), present: true}
}

func (p *Parameter) fromDeep(pairs []queryPair, decode decoder) spelled {
	root := &deep{}
	found := false
	for _, pair := range pairs {
		rest, ok := strings.CutPrefix(pair.name, p.Name)
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
		at.values = append(at.values, decode(pair.value))
	}
	if !found {
		return spelled{}
	}
	return spelled{text: string(root.append(nil, p.schema())), present: true}
}

// Unknown lists the query parameters that the operation does not have, sorted.
func (p *parameters) unknown() []string {
	var names []string
	for _, pair := range p.pairs() {
		if !p.route.knows(pair.name) && !slices.Contains(names, pair.name) {
			names = append(names, pair.name)
		}
	}
	slices.Sort(names)
	return names
}

// knows reports whether a query parameter belongs to a parameter of the operation, its security or its path.
func (r *Route) knows(name string) bool {
	if _, ok := r.query[name]; ok {
		return true
	}
	for i := range r.Parameters {
		p := &r.Parameters[i]
		switch {
		case p.In == "querystring":
			return true
		case p.In != "query":
		case p.MediaType == "" && p.Style == "deepObject":
			if rest, ok := strings.CutPrefix(name, p.Name); ok {
				if _, ok := deepKeys(rest); ok {
					return true
				}
			}
		case p.MediaType == "" && p.Explode && p.schema().IsObject():
			if s := p.schema(); s.Index(name) >= 0 || !s.Closed() && s.OpenMembers() {
				return true
			}
		case p.Name == name:
			return true
		}
	}
	return slices.ContainsFunc(r.Security, func(schemes []SecurityScheme) bool {
		return slices.ContainsFunc(schemes, func(s SecurityScheme) bool { return s.In == "query" && s.Param == name })
	})
}

// Within says where violations are: in a part of a message, below a name if that is not empty.
func Within(in, name string, violations []schema.Violation) []schema.Violation {
	for i := range violations {
		violations[i].In = in
		if name != "" {
			violations[i].Pointer = "/" + schema.EscapePointer(name) + violations[i].Pointer
		}
	}
	return violations
}
