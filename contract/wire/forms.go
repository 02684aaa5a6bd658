package wire

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Forms: application/x-www-form-urlencoded as JSON, and back.

// encoding is how a member of a form is written: as the document says, or as the specification does.
func (c *Content) encoding(member string) Encoding {
	for i := range c.Encoding {
		if c.Encoding[i].Member == member {
			return c.Encoding[i]
		}
	}
	return Encoding{Member: member, Style: "form", Explode: true}
}

// formJSON spells a form as JSON.
func formJSON(text string, c *Content) (json string, violations []schema.Violation) {
	s := c.Schema
	if _, err := url.PathUnescape(text); err != nil {
		return "", []schema.Violation{{Rule: "syntax", Want: `name=value pairs with two hexadecimal digits behind each "%"`}}
	}
	var pairs []queryPair
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		if len(pairs) == maxPairs {
			return "", []schema.Violation{{Rule: "size", Want: "at most " + strconv.Itoa(maxPairs) + " members"}}
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, queryPair{fromQuery(name), value})
	}
	b := []byte{'{'}
	done := map[string]bool{}
	add := func(name string, found spelled) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, strings.ToValidUTF8(name, "\uFFFD")), ':')
		if found.plain {
			b = respell(b, found.text, s.Member(name))
		} else {
			b = append(b, found.text...)
		}
	}
	grouped := map[string][]queryPair{}
	for _, pair := range pairs {
		grouped[pair.name] = append(grouped[pair.name], pair)
	}
	for i := range s.Properties {
		name := s.Properties[i].Name
		p := c.member(name)
		own := grouped[name]
		if p.Style == "deepObject" || p.Explode && p.schema().IsObject() && p.MediaType == "" {
			own = pairs
		}
		found := p.fromQuery(own)
		if !found.present {
			continue
		}
		if found.twice {
			violations = append(violations, schema.Violation{Pointer: "/" + schema.EscapePointer(name), Rule: "duplicate", Want: "this member once"})
			continue
		}
		if !utf8.ValidString(found.text) {
			violations = append(violations, schema.Violation{Pointer: "/" + schema.EscapePointer(name), Rule: "syntax", Want: "text in UTF-8"})
			continue
		}
		done[name] = true
		if p.Style == "deepObject" || p.Explode && p.schema().IsObject() {
			for _, pair := range pairs {
				if strings.HasPrefix(pair.name, name+"[") || p.schema().Index(pair.name) >= 0 && p.Style != "deepObject" {
					done[pair.name] = true
				}
			}
		}
		add(name, found)
	}
	for _, pair := range pairs {
		if done[pair.name] {
			continue
		}
		done[pair.name] = true
		p := c.member(pair.name)
		add(pair.name, p.fromQuery(grouped[pair.name]))
	}
	return string(append(b, '}')), violations
}

// member is a member of a form as if it were a query parameter.
func (c *Content) member(name string) Parameter {
	e := c.encoding(name)
	p := Parameter{Name: name, In: "query", Style: e.Style, Explode: e.Explode, AllowReserved: e.AllowReserved, Schema: c.Schema.Member(name)}
	if e.JSON {
		p.MediaType = "application/json"
	}
	return p
}

// spellForm spells JSON, which is valid, as a form. Spaces are written as +, as HTML has it.
func spellForm(json string, c *Content) (string, error) {
	v := parseValue(json)
	var pairs []string
	for i, name := range v.names {
		p := c.member(name)
		if v.items[i].kind == '[' && p.MediaType == "" && len(v.items[i].items) == 0 {
			continue // an empty list has no parts
		}
		own, err := p.spellQuery(v.items[i])
		if err != nil {
			return "", &FormError{Member: name, Err: err}
		}
		pairs = append(pairs, own...)
	}
	return strings.ReplaceAll(strings.Join(pairs, "&"), "%20", "+"), nil
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
