package wire

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Parameters, headers and forms are values of JSON in another spelling. This file has one function for each style that spells such text as
// JSON, and one that spells JSON in the style; the readers and writers of JSON do the rest.

// respell appends the JSON for the text of a scalar. The schema says whether that is a number, a boolean, null or a string.
func respell(b []byte, text string, s *schema.Schema) []byte {
	types := s.ScalarTypes()
	switch {
	case types&(schema.Integer|schema.Number) != 0 && isNumber(text), types&schema.Boolean != 0 && (text == "true" || text == "false"):
		return append(b, text...)
	case types&schema.Null != 0 && types&schema.String == 0 && (text == "" || text == "null"):
		return append(b, "null"...)
	}
	return appendQuoted(b, strings.ToValidUTF8(text, "\uFFFD"))
}

func isNumber(text string) bool {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false
	}
	l := schema.Lexer{Text: text}
	return l.Number() == text && !l.Failed()
}

// A decoder undoes the percent-encoding of a place. An invalid one is left as it is, so that the rules of the schema see it.
type decoder func(string) string

func fromPath(text string) string { return unescape(text) }

func fromQuery(text string) string {
	if strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '+') < 0 {
		return text
	}
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return decoded
}

func fromHeader(text string) string { return text }

// respellList appends the JSON array of items.
func respellList(b []byte, items []string, s *schema.Schema, decode decoder) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = respellAny(b, decode(item), s.Item(i))
	}
	return append(b, ']')
}

// respellAny is respell for a text that is JSON if the schema describes an object or an array.
func respellAny(b []byte, text string, s *schema.Schema) []byte {
	if s.ScalarTypes() == 0 && s.CompositeTypes() != 0 {
		l := schema.Lexer{Text: text}
		l.Skip(0)
		if l.End(); !l.Failed() {
			return append(b, text...)
		}
	}
	return respell(b, text, s)
}

// respellPairs appends the JSON object of names, which are decoded, and values. A name that comes several times is a list if its schema is one.
func respellPairs(b []byte, pairs []queryPair, s *schema.Schema, decode decoder) []byte {
	b = append(b, '{')
	written := map[string]bool{}
	for i, pair := range pairs {
		if written[pair.name] {
			continue
		}
		if len(written) > 0 {
			b = append(b, ',')
		}
		written[pair.name] = true
		b = append(appendQuoted(b, strings.ToValidUTF8(pair.name, "\uFFFD")), ':')
		member := s.Member(pair.name)
		if !member.IsList() {
			b = respellAny(b, decode(pair.value), member)
			continue
		}
		var items []string
		for _, p := range pairs[i:] {
			if p.name == pair.name {
				items = append(items, p.value)
			}
		}
		b = respellList(b, items, member, decode)
	}
	return append(b, '}')
}

// alternate makes pairs of a list of names and values in turns: "a,1,b,2".
func alternate(parts []string, decode decoder) []queryPair {
	var pairs []queryPair
	for i := 0; i < len(parts); i += 2 {
		pair := queryPair{name: decode(parts[i])}
		if i+1 < len(parts) {
			pair.value = parts[i+1]
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// assignments makes pairs of "a=1".
func assignments(parts []string, decode decoder) []queryPair {
	pairs := make([]queryPair, len(parts))
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		pairs[i] = queryPair{decode(name), value}
	}
	return pairs
}

// respellStyle appends the JSON of a value that is one text: all styles but those that spread over several query parameters or cookies.
func respellStyle(b []byte, p *Parameter, text string, decode decoder) []byte {
	s := p.schema()
	separator := ","
	switch p.Style {
	case "label":
		text = strings.TrimPrefix(text, ".")
		if p.Explode {
			separator = "."
		}
	case "matrix":
		return respellMatrix(b, p, text, decode)
	case "spaceDelimited":
		text = strings.NewReplacer("%20", " ", "+", " ").Replace(text)
		separator = " "
	case "pipeDelimited":
		text = strings.NewReplacer("%7C", "|", "%7c", "|").Replace(text)
		separator = "|"
	}
	switch {
	case s.IsList() && text == "" && p.In != "path":
		return append(b, "[]"...)
	case s.IsList():
		parts := strings.Split(text, separator)
		if p.In == "header" {
			trim(parts)
		}
		return respellList(b, parts, s, decode)
	case s.IsObject():
		var parts []string
		if text != "" {
			parts = strings.Split(text, separator)
		}
		if p.In == "header" {
			trim(parts)
		}
		if p.Explode {
			return respellPairs(b, assignments(parts, decode), s, decode)
		}
		return respellPairs(b, alternate(parts, decode), s, decode)
	}
	return respell(b, decode(text), s)
}

func trim(parts []string) {
	for i := range parts {
		parts[i] = strings.Trim(parts[i], " \t")
	}
}

func respellMatrix(b []byte, p *Parameter, text string, decode decoder) []byte {
	s := p.schema()
	parts := strings.Split(strings.TrimPrefix(text, ";"), ";")
	pairs := assignments(parts, decode)
	switch {
	case s.IsObject() && p.Explode:
		return respellPairs(b, pairs, s, decode)
	case s.IsList() && p.Explode:
		items := make([]string, len(pairs))
		for i, pair := range pairs {
			items[i] = pair.value
		}
		return respellList(b, items, s, decode)
	}
	value := pairs[0].value
	switch {
	case s.IsList():
		return respellList(b, strings.Split(value, ","), s, decode)
	case s.IsObject():
		return respellPairs(b, alternate(strings.Split(value, ","), decode), s, decode)
	}
	return respell(b, decode(value), s)
}

// A deep is a node of what the names of a deepObject describe: a[b][c]=1.
type deep struct {
	values  []string
	names   []string
	members map[string]*deep
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
	}
	return m
}

// deepKeys splits what follows the name of a deepObject: "[b][c]" into b and c. It is not ok for anything else.
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
	return keys, len(keys) > 0
}

// append appends the JSON of a node. Lists are written by a[]=1, a[0]=1 or a name that comes several times.
func (d *deep) append(b []byte, s *schema.Schema) []byte {
	switch {
	case s.IsList():
		items := &deep{}
		for _, value := range d.values {
			items.names = append(items.names, "")
			items.values = append(items.values, value)
		}
		b = append(b, '[')
		written := 0
		next := func() {
			if written++; written > 1 {
				b = append(b, ',')
			}
		}
		for _, value := range d.values {
			next()
			b = respellAny(b, value, s.Item(written-1))
		}
		for _, name := range d.listOrder() {
			item := d.members[name]
			if name == "" {
				for _, value := range item.values {
					next()
					b = respellAny(b, value, s.Item(written-1))
				}
				continue
			}
			next()
			b = item.append(b, s.Item(written-1))
		}
		return append(b, ']')
	case len(d.members) > 0 || s.IsObject() && len(d.values) == 0:
		b = append(b, '{')
		for i, name := range d.names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, strings.ToValidUTF8(name, "\uFFFD")), ':')
			b = d.members[name].append(b, s.Member(name))
		}
		return append(b, '}')
	case len(d.values) > 0:
		return respellAny(b, d.values[len(d.values)-1], s)
	}
	return append(b, "null"...)
}

// listOrder sorts the indexes of a list by their numbers.
func (d *deep) listOrder() []string {
	names := slices.Clone(d.names)
	slices.SortStableFunc(names, func(a, b string) int {
		i, errA := strconv.Atoi(a)
		j, errB := strconv.Atoi(b)
		if errA != nil || errB != nil {
			return 0
		}
		return i - j
	})
	return names
}

// A value is parsed JSON, for spelling it in another style.
type value struct {
	kind  byte // 'n', 't' (true or false), '0', '"', '[' or '{'
	text  string
	names []string
	items []value
}

// parseValue parses JSON text, which is valid.
func parseValue(text string) value {
	l := schema.Lexer{Text: text}
	return readValue(&l, 0)
}

func readValue(l *schema.Lexer, depth int) value {
	switch c := l.Peek(); c {
	case '"':
		return value{kind: '"', text: l.ReadString()}
	case '[':
		v := value{kind: '['}
		for more := l.Open('[', depth); more; more = l.Next(']') {
			v.items = append(v.items, readValue(l, depth+1))
		}
		return v
	case '{':
		v := value{kind: '{'}
		for more := l.Open('{', depth); more; more = l.Next('}') {
			v.names = append(v.names, l.Name())
			v.items = append(v.items, readValue(l, depth+1))
		}
		return v
	default:
		start := l.Pos
		l.Skip(depth)
		kind := byte('0')
		switch c {
		case 'n':
			kind = 'n'
		case 't', 'f':
			kind = 't'
		}
		return value{kind: kind, text: l.Text[start:l.Pos]}
	}
}

// scalar is the text of a scalar, or the JSON of anything else.
func (v value) scalar() string {
	switch v.kind {
	case 'n':
		return ""
	case '[', '{':
		return string(v.json(nil))
	}
	return v.text
}

func (v value) json(b []byte) []byte {
	switch v.kind {
	case '"':
		return appendQuoted(b, v.text)
	case '[':
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.json(b)
		}
		return append(b, ']')
	case '{':
		b = append(b, '{')
		for i, name := range v.names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, name), ':')
			b = v.items[i].json(b)
		}
		return append(b, '}')
	}
	return append(b, v.text...)
}

// An encoder spells text for a place. It fails for text that the place cannot hold.
type encoder func(text, delimiters string) (string, error)

// percent encodes everything but the unreserved characters of RFC 3986 and, if reserved is set, the reserved ones; of these, # & + and % never
// stay, as they would change the meaning of the query.
func percent(text string, reserved bool) string {
	const allowed = ":/?[]@!$'()*,;="
	plain := true
	for i := range len(text) {
		if c := text[i]; !isUnreserved(c) && !(reserved && strings.IndexByte(allowed, c) >= 0) {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; isUnreserved(c) || reserved && strings.IndexByte(allowed, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

const upperHex = "0123456789ABCDEF"

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// toURL is the encoder for paths and queries, where every delimiter within a value is encoded.
func (p *Parameter) toURL(text, delimiters string) (string, error) {
	if p.AllowReserved {
		if strings.ContainsAny(text, delimiters) {
			return percent(text, false), nil
		}
		return percent(text, true), nil
	}
	encoded := percent(text, false)
	if strings.ContainsAny(delimiters, ".-_~") { // which percent leaves
		for _, c := range delimiters {
			encoded = strings.ReplaceAll(encoded, string(c), fmt.Sprintf("%%%02X", c))
		}
	}
	return encoded, nil
}

// toHeader is the encoder for headers, which have no way to spell a delimiter as a part of a value.
func toHeader(text, delimiters string) (string, error) {
	if strings.ContainsAny(text, delimiters) {
		return "", fmt.Errorf("%q has one of the characters %q, which separate the parts of a header", text, delimiters)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "", fmt.Errorf("%q has a control character, which no header can have", text)
	}
	if delimiters != "" && strings.TrimSpace(text) != text {
		return "", fmt.Errorf("%q begins or ends with white space, which is lost in a header", text)
	}
	return text, nil
}

// spellStyle spells a value as one text in the parameter's style.
func (p *Parameter) spellStyle(v value, encode encoder) (string, error) {
	prefix, separator := "", ","
	switch p.Style {
	case "label":
		prefix = "."
		if p.Explode {
			separator = "."
		}
	case "matrix":
		return p.spellMatrix(v, encode)
	case "spaceDelimited":
		separator = "%20"
		encode = forbid(encode, " ")
	case "pipeDelimited":
		separator = "|"
		encode = forbid(encode, "|")
	}
	switch v.kind {
	case '[', '{':
		text, err := join(v, p.Explode, separator, encode)
		return prefix + text, err
	}
	text, err := encode(v.scalar(), "")
	return prefix + text, err
}

// forbid makes an encoder fail for text that has the delimiter of a style, which is the same whether encoded or not.
func forbid(encode encoder, delimiter string) encoder {
	return func(text, delimiters string) (string, error) {
		if strings.Contains(text, delimiter) {
			return "", fmt.Errorf("%q has the character %q, which separates the items of this style", text, delimiter)
		}
		return encode(text, delimiters)
	}
}

// join spells the parts of a list or an object.
func join(v value, explode bool, separator string, encode encoder) (string, error) {
	delimiters := separator
	if separator == "%20" {
		delimiters = ""
	}
	if v.kind == '{' && explode {
		delimiters += "="
	}
	var parts []string
	for i, item := range v.items {
		text, err := encode(item.scalar(), delimiters)
		if err != nil {
			return "", err
		}
		if v.kind == '[' {
			parts = append(parts, text)
			continue
		}
		name, err := encode(v.names[i], delimiters)
		if err != nil {
			return "", err
		}
		if explode {
			parts = append(parts, name+"="+text)
		} else {
			parts = append(parts, name, text)
		}
	}
	return strings.Join(parts, separator), nil
}

func (p *Parameter) spellMatrix(v value, encode encoder) (string, error) {
	name := ";" + percent(p.Name, false)
	switch {
	case v.kind == '[' && p.Explode:
		var b strings.Builder
		for _, item := range v.items {
			text, err := encode(item.scalar(), ";=")
			if err != nil {
				return "", err
			}
			b.WriteString(name + "=" + text)
		}
		return b.String(), nil
	case v.kind == '{' && p.Explode:
		text, err := join(v, true, ";", encode)
		return ";" + text, err
	case v.kind == '[', v.kind == '{':
		text, err := join(v, false, ",", encode)
		return name + "=" + text, err
	}
	text, err := encode(v.scalar(), ";")
	return name + "=" + text, err
}

// spellQuery spells a value as pairs of a query, already encoded.
func (p *Parameter) spellQuery(v value) ([]string, error) {
	name := percent(p.Name, false)
	switch {
	case p.MediaType != "":
		text := v.scalar()
		if IsJSON(p.MediaType) {
			text = string(v.json(nil))
		}
		return []string{name + "=" + percent(text, p.AllowReserved)}, nil
	case p.Style == "deepObject" && (v.kind == '{' || v.kind == '['):
		return p.spellDeep(nil, name, v), nil
	case p.Explode && v.kind == '[':
		pairs := make([]string, len(v.items))
		for i, item := range v.items {
			text, err := p.toURL(item.scalar(), "&")
			if err != nil {
				return nil, err
			}
			pairs[i] = name + "=" + text
		}
		return pairs, nil
	case p.Explode && v.kind == '{':
		return p.spellMembers(v)
	}
	text, err := p.spellStyle(v, p.toURL)
	if err != nil {
		return nil, err
	}
	return []string{name + "=" + text}, nil
}

// spellMembers spells the members of an object as pairs of their own. A list comes several times.
func (p *Parameter) spellMembers(v value) ([]string, error) {
	var pairs []string
	for i, item := range v.items {
		values := []value{item}
		if item.kind == '[' {
			values = item.items
		}
		for _, one := range values {
			text, err := p.toURL(one.scalar(), "&")
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, percent(v.names[i], false)+"="+text)
		}
	}
	return pairs, nil
}

func (p *Parameter) spellDeep(pairs []string, name string, v value) []string {
	switch v.kind {
	case '{':
		for i, member := range v.names {
			pairs = p.spellDeep(pairs, name+"["+percent(member, false)+"]", v.items[i])
		}
	case '[':
		for i, item := range v.items {
			pairs = p.spellDeep(pairs, name+"["+strconv.Itoa(i)+"]", item)
		}
	default:
		pairs = append(pairs, name+"="+percent(v.scalar(), p.AllowReserved))
	}
	return pairs
}

func (p *Parameter) schema() *schema.Schema {
	if p.Schema == nil {
		return anything
	}
	return p.Schema
}
