package wire

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Forms: application/x-www-form-urlencoded as JSON, and back. The members of a form are spelled like query parameters.
// Where the document does not say how, an object is JSON, a list comes once for each item, and items that are objects
// are JSON.

// A form is how the members of a form are spelled.
type form struct {
	schema  *schema.Schema
	members []Parameter // those that the schema or the document's encoding names
	index   map[string]int
	spread  []int // members whose parts have names of their own
}

// form computes how the members of a body are spelled.
func (c *Content) form() *form {
	f := &form{schema: c.Schema, index: map[string]int{}}
	if f.schema == nil {
		f.schema = anything
	}
	add := func(name string) {
		if _, ok := f.index[name]; ok {
			return
		}
		p := c.member(f.schema, name)
		f.index[name] = len(f.members)
		if p.MediaType == "" && (p.Style == "deepObject" || p.Explode && p.schema().IsObject()) {
			f.spread = append(f.spread, len(f.members))
		}
		f.members = append(f.members, p)
	}
	for i := range f.schema.Properties {
		add(f.schema.Properties[i].Name)
	}
	for i := range c.Encoding {
		add(c.Encoding[i].Member)
	}
	return f
}

// member is a member of a form as if it were a query parameter.
func (c *Content) member(s *schema.Schema, name string) Parameter {
	p := Parameter{Name: name, In: "form", Style: "form", Explode: true, Schema: s.Member(name), Required: slices.Contains(s.Required, name)}
	i := slices.IndexFunc(c.Encoding, func(e Encoding) bool { return e.Member == name })
	switch {
	case i >= 0 && c.Encoding[i].Style != "":
		e := &c.Encoding[i]
		p.Style, p.Explode, p.AllowReserved = e.Style, e.Explode, e.AllowReserved
	case i >= 0 && c.Encoding[i].ContentType != "":
		p.MediaType = c.Encoding[i].ContentType
		if !IsJSON(essenceOf(p.MediaType)) && !p.Schema.IsObject() {
			p.MediaType = "" // the text of a scalar, whatever it is called
		}
	case p.Schema.IsObject():
		p.MediaType = "application/json"
	}
	return p
}

// formMember returns how a member is spelled, whether it is declared or not.
func (c *Content) formMember(f *form, name string) *Parameter {
	if i, ok := f.index[name]; ok {
		return &f.members[i]
	}
	return new(c.member(f.schema, name))
}

// claimed reports whether a name belongs to a member of a form other than p.
func (f *form) claimed(p *Parameter, name string) bool {
	for i := range f.members {
		if other := &f.members[i]; other != p && other.claims(name) {
			return true
		}
	}
	return false
}

// formJSON spells a form as JSON, without the members that violations are about; if the form cannot be read at all, the
// JSON is empty.
func formJSON(text string, c *Content, f *form) (json string, violations []schema.Violation) {
	switch {
	case !wellEscaped(text):
		return "", []schema.Violation{{Rule: "syntax", Want: wantPairs}}
	case strings.Count(text, "&") >= maxPairs:
		return "", []schema.Violation{{Rule: "size", Want: "at most " + strconv.Itoa(maxPairs) + " members"}}
	}
	m := members{form: f, json: append(make([]byte, 0, 2*len(text)+2), '{')}
	m.addPairs(c, appendPairs(make([]pair, 0, strings.Count(text, "&")+1), text), fromQuery)
	return string(append(m.json, '}')), m.violations
}

// A members is the JSON object that is made of a form.
type members struct {
	form       *form
	json       []byte // without the brace at its end
	violations []schema.Violation
}

// addPairs adds the members that name=value pairs spell.
func (m *members) addPairs(c *Content, pairs []pair, decode decoder) {
	f := m.form
	for _, i := range f.spread {
		m.add(&f.members[i], f.members[i].readPairs(pairs, decode, f.claimed))
	}
	if len(f.spread) > 0 {
		pairs = slices.DeleteFunc(pairs, func(q pair) bool { return f.spreads(q.name) })
	}
	for _, g := range group(pairs) {
		p := c.formMember(f, g.name)
		m.add(p, p.readValues(g.values, decode))
	}
}

// spreads reports whether a name belongs to a member whose parts have names of their own.
func (f *form) spreads(name string) bool {
	return slices.ContainsFunc(f.spread, func(i int) bool {
		p := &f.members[i]
		return p.claims(name) || p.takesAll() && !f.claimed(p, name)
	})
}

// add adds a member, or what is wrong with its spelling.
func (m *members) add(p *Parameter, found spelled) {
	if !found.present {
		return
	}
	if v := p.misspelled(found); v != nil {
		m.violations = append(m.violations, *v)
		return
	}
	m.name(p.Name)
	if found.plain {
		m.json = respell(m.json, found.text, p.schema())
	} else {
		m.json = append(m.json, found.text...)
	}
}

// name begins a member.
func (m *members) name(name string) {
	if len(m.json) > 1 {
		m.json = append(m.json, ',')
	}
	m.json = append(appendQuoted(m.json, name), ':')
}

// misspelled is what is wrong with the spelling of a member of a form, nil if nothing is.
func (p *Parameter) misspelled(found spelled) *schema.Violation {
	rule, want := "syntax", ""
	switch {
	case found.twice:
		rule, want = "duplicate", "this member once"
	case found.want != "":
		want = found.want
	case !utf8.ValidString(found.text) || !utf8.ValidString(p.Name):
		want = "text in UTF-8"
	case p.MediaType != "" && !found.plain && !isJSON(found.text):
		want = "JSON text"
	default:
		return nil
	}
	return &schema.Violation{Pointer: "/" + schema.EscapePointer(strings.ToValidUTF8(p.Name, "\uFFFD")), Rule: rule, Want: want}
}

// withValues adds what is wrong with the values of a form to what is wrong with its spelling. A member that could not
// be read is not missing.
func withValues(spelling, values []schema.Violation) []schema.Violation {
	unread := len(spelling)
	if unread == 0 {
		return values
	}
	for _, v := range values {
		if !slices.ContainsFunc(spelling[:unread], func(s schema.Violation) bool { return s.Pointer == v.Pointer }) {
			spelling = append(spelling, v)
		}
	}
	return spelling
}

// spellForm spells JSON, which is valid, as a form. Spaces are written as +, as HTML has it.
func spellForm(json string, c *Content, dir schema.Direction) (string, error) {
	v, f := parseValue(json), c.form()
	var all []string
	for i, name := range v.names {
		p, item := c.formMember(f, name), &v.items[i]
		pairs, err := p.spellPairs(item, p.forURL())
		if err == nil && !p.certain(item) {
			err = p.verify(item, p.readPairs(pairsOf(pairs), fromQuery, nil), dir)
		}
		if err != nil {
			return "", &FormError{Member: name, Err: err}
		}
		for _, one := range pairsOf(pairs) {
			if len(f.spread) > 0 && f.claimed(p, one.name) {
				return "", &FormError{Member: name, Err: errTaken(one.name)}
			}
		}
		all = append(all, pairs...)
	}
	return strings.ReplaceAll(strings.Join(all, "&"), "%20", "+"), nil
}

// pairsOf takes apart what spellPairs has written.
func pairsOf(spelled []string) []pair {
	pairs := make([]pair, len(spelled))
	for i, text := range spelled {
		name, value, _ := strings.Cut(text, "=")
		pairs[i] = pair{fromQuery(name), value}
	}
	return pairs
}

// A FormError reports that a member of a form cannot be written in its style.
type FormError struct {
	Member string
	Err    error
}

// Error names the member.
func (e *FormError) Error() string {
	return "form member " + schema.Quote(e.Member) + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *FormError) Unwrap() error { return e.Err }
