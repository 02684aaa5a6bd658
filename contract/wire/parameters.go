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
	query  []pair
}

// pairs returns the parts of the query.
func (p *parameters) pairs() []pair {
	if !p.parsed {
		p.parsed = true
		p.query = appendPairs(p.query, p.raw)
	}
	return p.query
}

// appendPairs splits a query or a form.
func appendPairs(pairs []pair, text string) []pair {
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, pair{fromQuery(name), value})
	}
	return pairs
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
		return parameter.read(text, fromPath)
	case "header":
		return parameter.readHeader(p.header.Values(parameter.Name))
	case "cookie":
		return parameter.readCookies(p.header["Cookie"])
	case "querystring":
		if p.raw == "" {
			return spelled{}
		}
		return parameter.readQueryString(p.raw)
	}
	return parameter.readPairs(p.pairs(), fromQuery, p.route.claimed)
}

func (p *Parameter) readHeader(lines []string) spelled {
	s := p.schema()
	switch {
	case len(lines) == 0:
		return spelled{}
	case isSetCookie(p.Name) && p.MediaType == "" && s.IsList():
		text := []byte{'['}
		for i, line := range lines {
			if i > 0 {
				text = append(text, ',')
			}
			text = respell(text, strings.Trim(line, " \t"), itemOf(s, i))
		}
		return spelled{text: string(append(text, ']')), present: true}
	case p.MediaType == "" && (s.IsList() || s.IsObject()):
		return p.read(strings.Join(lines, ","), asItIs)
	}
	found := p.read(strings.Trim(lines[0], " \t"), asItIs)
	found.twice = len(lines) > 1 && !isSetCookie(p.Name)
	return found
}

// isSetCookie reports whether a header is the one whose lines cannot be joined, as its values may have commas (RFC 9110, section 5.3). There may
// be several of them even where the document describes one.
func isSetCookie(name string) bool { return strings.EqualFold(name, "Set-Cookie") }

// spellHeader spells a header, in several lines if it is a list of cookies.
func (p *Parameter) spellHeader(v *value) (lines []string, err error) {
	if !isSetCookie(p.Name) || p.MediaType != "" || v.kind != '[' {
		text, err := p.spell(v, forHeader)
		return []string{text}, err
	}
	for i := range v.items {
		line, err := forHeader(v.items[i].scalar(), "")
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// readCookies reads a cookie. Those that belong to one parameter are cookies of the same name or, as the specification spells the style form,
// joined by "&".
func (p *Parameter) readCookies(lines []string) spelled {
	decode := fromPath
	if p.Style == "cookie" {
		decode = asItIs
	}
	s := p.schema()
	joined := p.Style == "form" && p.Explode && p.MediaType == "" && (s.IsList() || s.IsObject())
	var pairs []pair
	add := func(text string) {
		if text = strings.Trim(text, " \t"); text == "" {
			return
		}
		name, value, _ := strings.Cut(text, "=")
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		pairs = append(pairs, pair{decode(name), value})
	}
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			if !joined {
				add(part)
				continue
			}
			for part := range strings.SplitSeq(part, "&") {
				add(part)
			}
		}
	}
	return p.readPairs(pairs, decode, nil)
}

// readQueryString reads a parameter that is the query as a whole.
func (p *Parameter) readQueryString(query string) spelled {
	if IsJSON(essenceOf(p.MediaType)) {
		return spelled{text: fromQuery(query), present: true}
	}
	c := &Content{Kind: Form, Schema: p.schema()}
	json, violations := formJSON(query, c, c.form())
	found := spelled{text: json, present: true}
	if len(violations) > 0 {
		found.want = violations[0].Want
	}
	return found
}

// readPairs reads a parameter that is among name=value pairs. claimed reports whether a name belongs to another parameter; nil is for none.
func (p *Parameter) readPairs(pairs []pair, decode decoder, claimed func(*Parameter, string) bool) spelled {
	s := p.schema()
	if p.MediaType == "" {
		switch {
		case p.Style == "deepObject":
			return p.readDeep(pairs, decode)
		case p.Explode && s.IsObject():
			return p.readMembers(pairs, decode, claimed)
		}
	}
	var room [8]string
	values := room[:0]
	for i := range pairs {
		if pairs[i].name == p.Name {
			values = append(values, pairs[i].value)
		}
	}
	return p.readValues(values, decode)
}

// readValues reads a parameter that comes once with a name of its own, or several times.
func (p *Parameter) readValues(values []string, decode decoder) spelled {
	s := p.schema()
	switch {
	case len(values) == 0:
		return spelled{}
	case p.AllowEmpty && len(values) == 1 && values[0] == "" && s.ScalarTypes()&schema.String == 0:
		return spelled{present: true, empty: true}
	case p.MediaType == "" && (p.Explode && s.IsList() || len(values) > 1 && s.CompositeTypes()&schema.Array != 0):
		r := respelling{decode: decode}
		if len(values) == 1 && p.isWhole(decode(values[0]), s) {
			return spelled{text: decode(values[0]), present: true}
		}
		r.list(values, s)
		return spelled{text: string(r.json), present: true}
	}
	found := p.read(values[0], decode)
	found.twice = len(values) > 1
	return found
}

// isWhole reports whether the only value of a list is the list as JSON. Some write a list of objects like that.
func (p *Parameter) isWhole(text string, s *schema.Schema) bool {
	return p.In == "form" && strings.HasPrefix(text, "[") && s.Item(0).IsObject() && isJSON(text)
}

// readMembers gathers an object whose members are parameters of their own.
func (p *Parameter) readMembers(pairs []pair, decode decoder, claimed func(*Parameter, string) bool) spelled {
	s := p.schema()
	var own []pair
	for i := range pairs {
		if p.claims(pairs[i].name) || s.Open() && (claimed == nil || !claimed(p, pairs[i].name)) {
			own = append(own, pairs[i])
		}
	}
	if len(own) == 0 {
		return spelled{}
	}
	r := respelling{decode: decode}
	r.object(own, s, true)
	return spelled{text: string(r.json), present: true}
}

// claims reports whether a name in a query, a form or among cookies is one of the parameter's. An object whose members are parameters of their
// own may have others too, which no other parameter claims.
func (p *Parameter) claims(name string) bool {
	switch {
	case p.MediaType != "":
	case p.Style == "deepObject":
		rest, ok := strings.CutPrefix(name, p.Name)
		if ok {
			_, ok = deepKeys(rest)
		}
		return ok
	case p.Explode && p.schema().IsObject():
		return p.schema().Declares(name)
	}
	return p.Name == name
}

// takesAll reports whether a parameter has all the names that no other one claims.
func (p *Parameter) takesAll() bool {
	return p.MediaType == "" && p.Explode && p.Style != "deepObject" && p.schema().IsObject() && p.schema().Open()
}

// claimed reports whether a query parameter's name belongs to a parameter other than p, to the security of the operation or to its path.
func (r *Route) claimed(p *Parameter, name string) bool {
	if _, ok := r.query[name]; ok {
		return true
	}
	for i := range r.Parameters {
		if other := &r.Parameters[i]; other.In == "query" && other != p && other.claims(name) {
			return true
		}
	}
	return slices.ContainsFunc(r.Security, func(schemes []SecurityScheme) bool {
		return slices.ContainsFunc(schemes, func(s SecurityScheme) bool { return s.In == "query" && s.Param == name })
	})
}

// unknown lists the query parameters that the operation does not have, sorted.
func (p *parameters) unknown() []string {
	var names []string
	for _, pair := range p.pairs() {
		if !p.route.knows(pair.name) {
			names = append(names, pair.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// knows reports whether a query parameter means something for the operation.
func (r *Route) knows(name string) bool {
	return r.claimed(nil, name) || slices.ContainsFunc(r.Parameters, func(p Parameter) bool {
		return p.In == "querystring" || p.In == "query" && p.takesAll()
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

func (p *Parameter) schema() *schema.Schema {
	if p.Schema == nil {
		return anything
	}
	return p.Schema
}
