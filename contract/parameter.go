package contract

import (
	"cmp"
	"maps"
	"math"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A parameter is text. It is first cut into a node as its style and the types in its schema say, and the node is then held
// against the schema.
//
// The code that oapi-codegen generates reads the same text once more, its own way. Whatever it would read otherwise is a
// violation here, even where OpenAPI leaves more freedom: a header that is given twice, 1.0 for an integer, "1" for a
// boolean, a quotation mark in an object. A delimiter counts as one also where it is escaped, as that code unescapes first.

// checkParameters holds all parameters of a request against the document. unknown are the query parameters that the
// document does not have, sorted.
func (e *endpoint) checkParameters(r *http.Request, path []string) (query url.Values, violations []Violation, unknown []string) {
	var err error
	if r.URL.RawQuery != "" {
		query, err = url.ParseQuery(r.URL.RawQuery)
	}
	if err != nil {
		violations = append(violations, Violation{
			In: "query", Rule: "syntax", Want: "name=value pairs with & between them and no stray % or ;",
		})
	}
	for i := range e.Parameters {
		p := &e.Parameters[i]
		var found []Violation
		switch p.In {
		case "path":
			if text := path[e.wildcards[p.Name]]; !p.usual(text) {
				found = p.checkOne([]string{text})
			}
		case "query":
			if err == nil && (len(query) > 0 || p.Required) {
				found = p.checkQuery(query)
			}
		case "header":
			if !reservedHeader(p.Name) {
				found = p.checkOne(r.Header.Values(p.Name))
			}
		case "cookie":
			found = p.checkOne(cookies(r, p.Name))
		}
		violations = append(violations, within(p.In, found)...)
	}
	for name := range query {
		if !e.known(name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return query, violations, unknown
}

// withDefaults returns the request with what the document has for absent parameters, for whoever implements the operation.
func (e *endpoint) withDefaults(r *http.Request, c *Call) *http.Request {
	changed := r
	own := func() { // the caller's request stays as it is
		if changed == r {
			changed = r.WithContext(r.Context())
			changed.URL, changed.Header = new(*r.URL), r.Header.Clone()
		}
	}
	for i := range e.Parameters {
		switch p := &e.Parameters[i]; {
		case p.Default == "":
		case p.In == "query" && !c.query.Has(p.Name):
			own()
			if c.query == nil {
				c.query = url.Values{}
			}
			c.query.Set(p.Name, p.Default)
			changed.URL.RawQuery = c.query.Encode()
		case p.In == "header" && len(r.Header.Values(p.Name)) == 0:
			own()
			changed.Header.Set(p.Name, p.Default)
		}
	}
	return changed
}

// usual tells that the text of a path parameter is certainly valid: a string of which no more is said than its length, or a UUID.
func (p *Parameter) usual(text string) bool {
	s := p.Schema
	if p.JSON || p.Style != "simple" || s == nil || s.Type != "string" || text == "" || !utf8.ValidString(text) {
		return false
	}
	if len(s.Enum)+len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil || s.Pattern != "" || s.ReadOnly {
		return false
	}
	if f, known := formats[s.Format]; known && !f.valid(text) {
		return false
	}
	return Length(text, s.MinLength, math.MaxInt) && (!s.HasMaxLength || Length(text, 0, s.MaxLength))
}

func within(in string, violations []Violation) []Violation {
	for i := range violations {
		violations[i].In = in
	}
	return violations
}

// reservedHeader tells the headers that OpenAPI describes elsewhere: parameters of that name are to be ignored.
func reservedHeader(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Accept", "Content-Type", "Authorization":
		return true
	}
	return false
}

// knownQuery tells the names that op gives a meaning to.
func knownQuery(op *Operation) func(string) bool {
	names := make(map[string]bool)
	var prefixes []string
	for _, p := range op.Parameters {
		switch {
		case p.In != "query":
		case p.Style == "deepObject":
			prefixes = append(prefixes, p.Name+"[")
		case p.spread():
			for _, property := range properties(p.Schema) {
				names[property.Name] = true
			}
		default:
			names[p.Name] = true
		}
	}
	for _, schemes := range op.Security {
		for _, scheme := range schemes {
			if scheme.In == "query" {
				names[scheme.Param] = true
			}
		}
	}
	return func(name string) bool {
		return names[name] || slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	}
}

// spread tells whether the members of an object are query parameters of their own.
func (p *Parameter) spread() bool {
	return p.In == "query" && !p.JSON && p.Explode && p.Style != "deepObject" && typeOf(p.Schema) == "object"
}

func (p *Parameter) broken(rule, want string) []Violation {
	return []Violation{{Pointer: "/" + escape(p.Name), Rule: rule, Want: want}}
}

// missing is the violation of a parameter that is not there, none if it need not be.
func (p *Parameter) missing() []Violation {
	if !p.Required {
		return nil
	}
	return p.broken("required", wantType(p.Schema)+"; it is missing")
}

// checkOne holds a path, header or cookie parameter against its schema: a single text, which may not be empty if the
// parameter is required.
func (p *Parameter) checkOne(texts []string) []Violation {
	switch {
	case len(texts) == 0:
		return p.missing()
	case len(texts) > 1:
		return p.broken("duplicate", "this "+p.In+" parameter once")
	}
	text := texts[0]
	if text == "" && (p.Required || p.In == "path") {
		return p.broken("required", wantType(p.Schema)+"; it is empty")
	}
	if p.In == "cookie" && p.JSON {
		unescaped, err := url.QueryUnescape(text)
		if err != nil {
			return p.broken("syntax", "a JSON text in URL encoding")
		}
		text = unescaped
	}
	return p.checkText(text, InRequest)
}

func (p *Parameter) checkQuery(query url.Values) []Violation {
	texts := query[p.Name]
	switch {
	case p.JSON:
	case p.Style == "deepObject":
		return p.checkDeep(query)
	case p.spread():
		return p.checkSpread(query)
	case p.Explode && typeOf(p.Schema) == "array":
		if len(texts) == 0 {
			return p.missing()
		}
		c := newChecker(InRequest, strict)
		c.addArray(p.Schema, texts, 0)
		return p.checkValue(c)
	}
	switch {
	case len(texts) == 0:
		return p.missing()
	case len(texts) > 1:
		return p.broken("duplicate", "this query parameter once")
	case texts[0] == "" && p.AllowEmpty:
		return nil
	}
	return p.checkText(texts[0], InRequest)
}

// checkSpread is for form with explode: ?role=admin&name=Alex.
func (p *Parameter) checkSpread(query url.Values) []Violation {
	var pairs []string
	for _, property := range properties(p.Schema) {
		texts := query[property.Name]
		if len(texts) > 1 {
			return p.broken("duplicate", "the query parameter "+quote(property.Name)+" once")
		}
		if len(texts) == 1 {
			pairs = append(pairs, property.Name, texts[0])
		}
	}
	if pairs == nil {
		return p.missing()
	}
	c := newChecker(InRequest, strict)
	c.addObject(p.Schema, pairs)
	return p.checkValue(c)
}

// checkText is for everything that is a single text.
func (p *Parameter) checkText(text string, dir Direction) []Violation {
	if p.JSON {
		return p.checkJSON(text, dir)
	}
	switch typeOf(p.Schema) {
	case "array":
		parts, ok := p.cut(text, p.Name+"=")
		if !ok {
			return p.broken("syntax", p.wantStyle())
		}
		c := newChecker(dir, strict)
		c.addArray(p.Schema, parts, 0)
		return p.checkValue(c)
	case "object":
		parts, ok := p.cut(text, "")
		if ok && p.Explode {
			parts, ok = cutPairs(parts)
		}
		if !ok || len(parts)%2 != 0 {
			return p.broken("syntax", p.wantStyle())
		}
		return p.checkPairs(parts, dir)
	}
	var ok bool
	switch p.Style {
	case "label":
		text, ok = strings.CutPrefix(text, ".")
	case "matrix":
		text, ok = strings.CutPrefix(text, ";"+p.Name+"=")
	default:
		ok = true
	}
	if !ok {
		return p.broken("syntax", p.wantStyle())
	}
	c := newChecker(dir, strict)
	c.addScalar(p.Schema, text, 0)
	return p.checkValue(c)
}

func (p *Parameter) checkJSON(text string, dir Direction) []Violation {
	canonical, err := p.Schema.Check([]byte(text), dir)
	if err != nil {
		return p.below(violationsOf(err))
	}
	if string(canonical) != text { // a body can be rewritten before it is decoded, a parameter cannot
		return p.broken("syntax", "integers without fraction and exponent, and names spelled as in the document")
	}
	return nil
}

// cut splits the text of an array or object as the style says. each is what matrix with explode puts before every part.
func (p *Parameter) cut(text, each string) (parts []string, ok bool) {
	delimiter := ","
	switch p.Style {
	case "label":
		if text, ok = strings.CutPrefix(text, "."); !ok {
			return nil, false
		}
		if p.Explode {
			delimiter = "."
		}
	case "matrix":
		if !p.Explode {
			text, ok = strings.CutPrefix(text, ";"+p.Name+"=")
			return strings.Split(text, ","), ok
		}
		if text, ok = strings.CutPrefix(text, ";"); !ok {
			return nil, false
		}
		parts = strings.Split(text, ";")
		for i := range parts {
			if parts[i], ok = strings.CutPrefix(parts[i], each); !ok {
				return nil, false
			}
		}
		return parts, true
	case "spaceDelimited":
		delimiter = " "
	case "pipeDelimited":
		delimiter = "|"
	}
	return strings.Split(text, delimiter), true
}

// cutPairs makes "role", "admin" of "role=admin".
func cutPairs(parts []string) (pairs []string, ok bool) {
	for _, part := range parts {
		name, value, found := strings.Cut(part, "=")
		if !found || strings.Contains(value, "=") {
			return nil, false
		}
		pairs = append(pairs, name, value)
	}
	return pairs, true
}

// checkPairs is for an object in a single text. The generated code pastes names and values into a JSON text without
// escaping them, and then ignores the case of names; what that could turn into something else does not get through.
func (p *Parameter) checkPairs(pairs []string, dir Direction) []Violation {
	declared := properties(p.Schema)
	seen := make(map[string]bool)
	for i, text := range pairs {
		if strings.ContainsFunc(text, func(r rune) bool { return r == '"' || r == '\\' || r < ' ' }) {
			return p.broken("syntax", "no quotation mark, backslash or control character")
		}
		if i%2 != 0 {
			continue
		}
		if seen[text] {
			return p.broken("duplicate", "each member name once")
		}
		seen[text] = true
		for _, property := range declared {
			if property.Name != text && strings.EqualFold(property.Name, text) {
				return p.broken("syntax", "names spelled as in the document: "+quote(property.Name))
			}
		}
	}
	c := newChecker(dir, strict)
	c.addObject(p.Schema, pairs)
	return p.checkValue(c)
}

// checkValue validates the value of a parameter, which was added to c, and frees c.
func (p *Parameter) checkValue(c *checker) []Violation {
	defer c.free()
	if !allValid(c.texts) {
		return p.broken("syntax", "valid UTF-8")
	}
	c.validate(p.Schema)
	return p.below(c.violations.violations())
}

// below completes the pointers of violations in the value of a parameter.
func (p *Parameter) below(violations []Violation) []Violation {
	for i := range violations {
		violations[i].Pointer = "/" + escape(p.Name) + violations[i].Pointer
	}
	return violations
}

func (p *Parameter) wantStyle() string {
	array := typeOf(p.Schema) != "object"
	switch {
	case p.Style == "label" && array:
		return `values such as ".a", in the style label`
	case p.Style == "matrix" && array:
		return `values such as ";` + p.Name + `=a", in the style matrix`
	case p.Explode:
		return `an object such as "role=admin,name=Alex", in the style ` + p.Style
	}
	return `an object such as "role,admin,name,Alex", in the style ` + p.Style
}

// A branch is a part of an object in the style deepObject: filter[site]=iad, filter[speeds][0]=10G.
type branch struct {
	texts    []string
	branches map[string]*branch
}

// maxDeep is how deep objects in the style deepObject may nest.
const maxDeep = 20

func (p *Parameter) checkDeep(query url.Values) []Violation {
	want := "declared members such as " + p.Name + "[name]=value, and items such as " + p.Name + "[name][0]=value"
	root := &branch{}
	for key, texts := range query {
		rest, ok := strings.CutPrefix(key, p.Name+"[")
		if !ok {
			continue
		}
		rest, ok = strings.CutSuffix(rest, "]")
		names := strings.Split(rest, "][")
		if !ok || len(names) > maxDeep || strings.ContainsAny(strings.Join(names, ""), "[]") {
			return p.broken("syntax", want)
		}
		at := root
		for _, name := range names {
			if at.branches == nil {
				at.branches = make(map[string]*branch)
			}
			if at.branches[name] == nil {
				at.branches[name] = &branch{}
			}
			at = at.branches[name]
		}
		at.texts = texts
	}
	if root.branches == nil {
		return p.missing()
	}
	c := newChecker(InRequest, strict)
	if !root.addTo(&c.jsonTree, p.Schema, 0) {
		c.free()
		return p.broken("syntax", want)
	}
	return p.checkValue(c)
}

// addTo adds the value of a branch to a tree. Beside what makes no sense, it refuses two things that the generated code cannot
// read: a member that is not declared, and an array of one item that is written without an index, which it drops.
func (b *branch) addTo(t *jsonTree, s *Schema, flags flags) (ok bool) {
	switch kind := typeOf(s); {
	case b.branches != nil && b.texts != nil, kind == "array" && len(b.texts) == 1:
		return false
	case kind == "array" && b.branches == nil:
		t.addArray(s, b.texts, flags)
		return true
	case kind == "array":
		n := t.open('[', flags, len(b.branches))
		for i := range len(b.branches) {
			item := b.branches[strconv.Itoa(i)]
			if item == nil || !item.addTo(t, items(s), 0) {
				return false
			}
		}
		t.close(n)
		return true
	case b.branches != nil:
		n := t.open('{', flags, len(b.branches))
		for _, name := range slices.Sorted(maps.Keys(b.branches)) {
			schema := property(s, name)
			if schema == nil && s != nil && len(properties(s)) > 0 {
				return false
			}
			t.add('"', name, 0)
			if !b.branches[name].addTo(t, schema, isMember) {
				return false
			}
		}
		t.close(n)
		return true
	case len(b.texts) != 1:
		return false
	}
	t.addScalar(s, b.texts[0], flags)
	return true
}

// open begins an array or an object.
func (t *jsonTree) open(kind byte, flags flags, size int) (n int) {
	t.nodes = append(t.nodes, node{kind: kind, flags: flags, size: int32(size)})
	return len(t.nodes) - 1
}

func (t *jsonTree) close(n int) { t.nodes[n].next = int32(len(t.nodes)) }

// add adds a scalar or a name.
func (t *jsonTree) add(kind byte, text string, flags flags) {
	t.nodes = append(t.nodes, node{kind: kind, flags: flags | ownText, size: int32(len(t.texts)), next: int32(len(t.nodes) + 1)})
	t.texts = append(t.texts, text)
}

func (t *jsonTree) addArray(s *Schema, texts []string, flags flags) {
	n := t.open('[', flags, len(texts))
	for _, text := range texts {
		t.addScalar(items(s), text, 0)
	}
	t.close(n)
}

func (t *jsonTree) addObject(s *Schema, pairs []string) {
	n := t.open('{', 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		t.add('"', pairs[i], 0)
		t.addScalar(property(s, pairs[i]), pairs[i+1], isMember)
	}
	t.close(n)
}

// addScalar takes the text for what the schema wants. What cannot be that is left a string, for the schema to refuse.
//
// Where the schema leaves the type open, the text is a boolean or a number if it can be one and if that is valid.
func (t *jsonTree) addScalar(s *Schema, text string, flags flags) {
	kind := literalKind(text)
	switch want := typeOf(s); {
	case kind == '"' || want == "string":
		kind = '"'
	case want == "boolean" && kind == '0', want == "number" && kind != '0':
		kind = '"'
	case want == "integer":
		if plain, ok := parseInteger(text); kind != '0' || !ok || plain != text {
			kind = '"'
		}
	case want == "" && s != nil && !s.acceptsScalar(kind, text):
		kind = '"'
	}
	t.add(kind, text, flags)
}

func (s *Schema) acceptsScalar(kind byte, text string) bool {
	c := newChecker(InRequest, strict)
	defer c.free()
	c.add(kind, text, 0)
	return c.fit(s, 0) == strict
}

// literalKind is the kind of true, false and numbers as JSON spells them, and that of a string for any other text.
func literalKind(text string) byte {
	switch {
	case text == "true":
		return 't'
	case text == "false":
		return 'f'
	case text != "" && scanNumber(text, 0) == len(text):
		return '0'
	}
	return '"'
}

// parseInteger gives the plain spelling of a number that is an integer.
func parseInteger(literal string) (plain string, ok bool) {
	d := parseDecimal(literal)
	if d.digits != "" && d.exponent > 20 {
		return literal, !strings.ContainsAny(literal, ".eE") // too large for any type, but spelled as an integer
	}
	return d.integer()
}

// typeOf is the type that a schema or a part of it asks for; empty for any.
func typeOf(s *Schema) string {
	if s == nil {
		return ""
	}
	kind := s.Type
	for _, part := range s.AllOf {
		kind = cmp.Or(kind, typeOf(part))
	}
	return kind
}

// items is the schema of the items of an array; nil for any.
func items(s *Schema) *Schema {
	if s == nil {
		return nil
	}
	if s.Items != nil {
		return s.Items
	}
	for _, part := range s.AllOf {
		if found := items(part); found != nil {
			return found
		}
	}
	return nil
}

// properties are the members that a schema and its parts declare.
func properties(s *Schema) []Property {
	all := s.Properties
	for _, part := range s.AllOf {
		all = append(all[:len(all):len(all)], properties(part)...)
	}
	return all
}

// property is the schema of a member; nil for any.
func property(s *Schema, name string) *Schema {
	if s == nil {
		return nil
	}
	for _, p := range properties(s) {
		if p.Name == name {
			return p.Schema
		}
	}
	return s.AdditionalProperties
}

func allValid(texts []string) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !utf8.ValidString(text) })
}
