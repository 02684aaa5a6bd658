package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// The styles of OpenAPI: how a value becomes text, and the text JSON. Delimiters are looked for before the text is
// decoded, so that an encoded delimiter is a part of a value. Where a style or a place cannot spell a value such that
// it is read back as the same, spelling it is an error: nothing is sent that would mean something else.

// A spelled is a parameter as it is in a request.
type spelled struct {
	text    string // JSON or, if plain is set, the text of a scalar
	plain   bool
	present bool
	twice   bool   // more than once, although it can have one value only
	empty   bool   // present, but without a value, which is allowed
	want    string // what the text should have been, if it is not in its style
}

// read reads a parameter that is one text.
func (p *Parameter) read(text string, decode decoder) spelled {
	s := p.schema()
	switch plain := isPlainScalar(s); {
	case p.MediaType != "" && IsJSON(essenceOf(p.MediaType)):
		return spelled{text: decode(text), present: true}
	case plain && (p.MediaType != "" || p.Style != "label" && p.Style != "matrix"):
		return spelled{text: decode(text), plain: true, present: true}
	case p.MediaType != "":
		return spelled{text: string(respell(nil, decode(text), s)), present: true}
	}
	r := respelling{decode: decode}
	p.respell(&r, text)
	return spelled{text: string(r.json), want: r.want, present: true}
}

// respell is read for the styles.
func (p *Parameter) respell(r *respelling, text string) {
	separator := ","
	switch p.Style {
	case "label":
		rest, ok := strings.CutPrefix(text, ".")
		if !ok {
			r.fail(`a text that begins with "."`)
		}
		if text = rest; p.Explode {
			separator = "."
		}
	case "matrix":
		p.respellMatrix(r, text)
		return
	case "spaceDelimited":
		text, separator = spaces.Replace(text), " "
	case "pipeDelimited":
		text, separator = pipes.Replace(text), "|"
	}
	p.respellParts(r, text, separator, p.Explode)
}

// The delimiters that may be escaped themselves.
var (
	spaces = strings.NewReplacer("%20", " ", "+", " ")
	pipes  = strings.NewReplacer("%7C", "|", "%7c", "|")
)

// respellParts reads a text that consists of parts, if its schema describes a list or an object.
func (p *Parameter) respellParts(r *respelling, text, separator string, explode bool) {
	s := p.schema()
	switch {
	case s.IsList():
		r.list(p.split(text, separator, true), s)
	case !s.IsObject():
		r.json = respell(r.json, r.decode(text), s)
	case explode:
		pairs := assignments(p.split(text, separator, false), r.decode)
		if pairs == nil && text != "" {
			r.fail("name=value, with " + strconv.Quote(separator) + " in between")
			return
		}
		r.object(pairs, s, false)
	default:
		parts := p.split(text, separator, false)
		if len(parts)%2 != 0 {
			r.fail("names and values in turns, with " + strconv.Quote(separator) + " in between")
			return
		}
		pairs := make([]pair, len(parts)/2)
		for i := range pairs {
			pairs[i] = pair{r.decode(parts[2*i]), parts[2*i+1]}
		}
		r.object(pairs, s, false)
	}
}

// split splits a text into parts. In a header there may be white space around them, and empty items of a list do not
// count (RFC 9110).
func (p *Parameter) split(text, separator string, list bool) []string {
	if text == "" {
		return nil
	}
	parts := strings.Split(text, separator)
	if p.In != "header" {
		return parts
	}
	kept := parts[:0]
	for _, part := range parts {
		if part = strings.Trim(part, " \t"); part != "" || !list {
			kept = append(kept, part)
		}
	}
	return kept
}

// assignments makes pairs of "a=1", nil if there is none or one is something else.
func assignments(parts []string, decode decoder) []pair {
	var pairs []pair
	for _, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil
		}
		pairs = append(pairs, pair{decode(name), value})
	}
	return pairs
}

func (p *Parameter) respellMatrix(r *respelling, text string) {
	s := p.schema()
	rest, ok := strings.CutPrefix(text, ";")
	if !ok {
		r.fail(`a text that begins with ";"`)
		return
	}
	parts := strings.Split(rest, ";")
	pairs := make([]pair, len(parts))
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=") // without "=" the value is empty (RFC 6570)
		pairs[i] = pair{r.decode(name), value}
	}
	if s.IsObject() && p.Explode {
		r.object(pairs, s, false)
		return
	}
	values := make([]string, len(pairs))
	for i := range pairs {
		if values[i] = pairs[i].value; pairs[i].name != p.Name {
			r.fail(";" + p.Name + "=value")
		}
	}
	switch {
	case s.IsList() && p.Explode:
		r.list(values, s)
	case len(values) > 1:
		r.fail(";" + p.Name + "=value once")
	default:
		p.respellParts(r, values[0], ",", false)
	}
}

// An encoder spells a part of a value for a place. The delimiters are those around the part; it fails if the place
// cannot hold the part.
type encoder func(text, delimiters string) (string, error)

// forURL returns the encoder for paths, queries and forms, where delimiters within a part are percent-encoded.
func (p *Parameter) forURL() encoder {
	keep := ""
	if p.AllowReserved {
		if keep = reservedInQuery; p.In == "path" {
			keep = reservedInPath
		}
	}
	return func(text, delimiters string) (string, error) {
		text = percent(text, keep)
		for _, c := range delimiters {
			if keep != "" || isUnreserved(byte(c)) {
				text = percentAll(text, string(c))
			}
		}
		return text, nil
	}
}

// forHeader is the encoder for headers, which have no way to spell a delimiter as a part of a value.
func forHeader(text, delimiters string) (string, error) {
	if i := strings.IndexAny(text, delimiters); i >= 0 {
		return "", fmt.Errorf("the character %q within a part of the value would separate parts in a header", text[i])
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "", errors.New("a header cannot have control characters")
	}
	if strings.Trim(text, " \t") != text {
		return "", errors.New("white space at the beginning or the end of a value is lost in a header")
	}
	return text, nil
}

// forRawCookie is the encoder for cookies that are not percent-encoded. What such a cookie can have is up to RFC 6265.
func forRawCookie(text, _ string) (string, error) {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`",;\`, c) >= 0 {
			return "", fmt.Errorf("a cookie cannot have the character %q", c)
		}
	}
	return text, nil
}

// forbid makes an encoder fail for text that has the delimiter of a style, which is the same whether encoded or not.
func forbid(encode encoder, delimiter string) encoder {
	return func(text, delimiters string) (string, error) {
		if strings.Contains(text, delimiter) {
			return "", fmt.Errorf("the character %q within a part of the value would separate parts in this style", delimiter)
		}
		return encode(text, delimiters)
	}
}

// spell spells a value as one text.
func (p *Parameter) spell(v *value, encode encoder) (string, error) {
	prefix, separator, delimiters := "", ",", ","
	switch {
	case p.MediaType != "" && IsJSON(essenceOf(p.MediaType)):
		return encode(string(v.json(nil)), "")
	case p.MediaType != "":
		return encode(v.scalar(), "")
	}
	switch p.Style {
	case "label":
		if prefix = "."; p.Explode {
			separator, delimiters = ".", "."
		}
	case "matrix":
		return p.spellMatrix(v, encode)
	case "spaceDelimited":
		separator, delimiters = "%20", " "
	case "pipeDelimited":
		separator, delimiters = "%7C", "|"
	}
	if delimiters != "," && prefix == "" && (v.kind == '[' || v.kind == '{') {
		encode, delimiters = forbid(encode, delimiters), ""
	}
	text, err := spellParts(v, separator, delimiters, p.Explode, encode)
	return prefix + text, err
}

// spellParts spells a scalar, or the parts of a list or an object.
func spellParts(v *value, separator, delimiters string, explode bool, encode encoder) (string, error) {
	if v.kind != '[' && v.kind != '{' {
		return encode(v.scalar(), "")
	}
	inName := delimiters
	if explode {
		inName += "=" // the first one ends the name, so a value may have more
	}
	var b strings.Builder
	for i := range v.items {
		if i > 0 {
			b.WriteString(separator)
		}
		if v.kind == '{' {
			name, err := encode(v.names[i], inName)
			if err != nil {
				return "", err
			}
			b.WriteString(name)
			if explode {
				b.WriteString("=")
			} else {
				b.WriteString(separator)
			}
		}
		text, err := encode(v.items[i].scalar(), delimiters)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (p *Parameter) spellMatrix(v *value, encode encoder) (string, error) {
	name := ";" + percent(p.Name, "")
	switch {
	case v.kind == '[' && p.Explode:
		var b strings.Builder
		for i := range v.items {
			text, err := encode(v.items[i].scalar(), ";")
			if err != nil {
				return "", err
			}
			b.WriteString(name + "=" + text)
		}
		return b.String(), nil
	case v.kind == '{' && p.Explode:
		text, err := spellParts(v, ";", ";", true, encode)
		return ";" + text, err
	}
	text, err := spellParts(v, ",", ",;", false, encode)
	if err != nil || text == "" {
		return name, err
	}
	return name + "=" + text, nil
}

// spellPairs spells a value as name=value pairs, of a query, a form or cookies.
func (p *Parameter) spellPairs(v *value, encode encoder) ([]string, error) {
	name := percent(p.Name, "")
	spread := p.MediaType == "" && p.Explode
	switch {
	case p.MediaType == "" && p.Style == "deepObject" && (v.kind == '{' || v.kind == '['):
		return spellDeep(nil, name, v, encode)
	case spread && v.kind == '[':
		return spellItems(nil, name, v, encode)
	case spread && v.kind == '{':
		var pairs []string
		for i := range v.items {
			items := &v.items[i]
			if items.kind != '[' {
				items = &value{kind: '[', items: v.items[i : i+1]}
			}
			var err error
			if pairs, err = spellItems(pairs, percent(v.names[i], ""), items, encode); err != nil {
				return nil, err
			}
		}
		return pairs, nil
	}
	text, err := p.spell(v, encode)
	if err != nil {
		return nil, err
	}
	return []string{name + "=" + text}, nil
}

// spellItems spells each item of a list as a pair.
func spellItems(pairs []string, name string, list *value, encode encoder) ([]string, error) {
	for i := range list.items {
		text, err := encode(list.items[i].scalar(), "&")
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, name+"="+text)
	}
	return pairs, nil
}

// verify reports by its error that what has been spelled is read back as something else.
func (p *Parameter) verify(v *value, back spelled, dir schema.Direction) error {
	if !back.present {
		if !v.empty() {
			return errNoSpelling
		}
		if !p.Required && p.Default == "" {
			return nil // absent is what no items are in these styles
		}
		return errors.New("an empty value has no spelling of its own here: it would be read as an absent one")
	}
	text := back.text
	if back.plain {
		text = string(respell(nil, text, p.schema()))
	}
	if back.want == "" && !back.twice && isJSON(text) {
		got := parseValue(text)
		if v.arrives(&got) && (v.kind != '{' || p.schema().Check([]byte(text), dir) == nil) {
			return nil
		}
	}
	return errNoSpelling
}

var errNoSpelling = errors.New("the value has no spelling of its own here: it would be read as another one")

// certain reports whether every value of the schema that a style can spell is read back as the same, so that it need
// not be verified.
func (p *Parameter) certain(v *value) bool {
	s := p.schema()
	switch {
	case p.MediaType != "" && IsJSON(essenceOf(p.MediaType)), isPlainScalar(s):
		return true
	case p.Style == "form" && p.Explode && v.kind == '[' && len(v.items) > 0 && s.Types == schema.Array && !s.Nullable:
		return len(s.PrefixItems) == 0 && s.Items != nil && isPlainScalar(s.Items)
	}
	return false
}
