package model

import (
	"cmp"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file reads paths, webhooks and callbacks: the operations with their parameters, bodies and responses.

// The methods of a path item, in the order of the specification.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

func (b *builder) buildOperations() {
	paths := b.doc.Root.Get("paths")
	b.eachItem(paths, func(path string, item *source.Node) {
		b.api.Operations = append(b.api.Operations, b.itemOperations(path, item, hook{})...)
	})
	b.eachItem(b.doc.Root.Get("webhooks"), func(name string, item *source.Node) {
		b.api.Webhooks = append(b.api.Webhooks, b.itemOperations(name, item, hook{Webhook, name})...)
	})
	b.collectCallbacks(b.api.Operations)
	b.collectCallbacks(b.api.Webhooks)
	if b.opts.SkipPrune || len(b.api.Operations)+len(b.api.Webhooks) == 0 {
		if schemas := b.doc.Root.Get("components").Get("schemas"); schemas.Is(source.Object) {
			for i := range schemas.Members {
				b.typeOf(schemas.Members[i].Value, hint{})
			}
		}
	}
	b.checkRoutes()
	b.findPreferred()
}

func (b *builder) eachItem(items *source.Node, visit func(name string, item *source.Node)) {
	if !items.Is(source.Object) {
		return
	}
	for i := range items.Members {
		if m := &items.Members[i]; !strings.HasPrefix(m.Name, "x-") {
			visit(m.Name, b.follow(m.Value))
		}
	}
}

// follow follows references to the object itself. It is nil for a reference that leads nowhere.
func (b *builder) follow(n *source.Node) *source.Node {
	for range maxChain {
		if reference(n) == "" {
			return n
		}
		n = b.target(n)
	}
	return n
}

// A hook says that operations are those of a webhook or callback, and of which one. Those of paths have the zero hook.
type hook struct {
	kind HookKind
	name string
}

// itemOperations reads the operations of a path item, which are about paths, webhooks or callbacks.
func (b *builder) itemOperations(path string, item *source.Node, of hook) []*Operation {
	var all []*Operation
	if !item.Is(source.Object) {
		return nil
	}
	for i := range item.Members {
		m := &item.Members[i]
		switch {
		case slices.Contains(methods, m.Name):
			all = append(all, b.operation(path, strings.ToUpper(m.Name), item, m.Value, of))
		case m.Name == "additionalOperations" && m.Value.Is(source.Object):
			for j := range m.Value.Members {
				all = append(all, b.operation(path, m.Value.Members[j].Name, item, m.Value.Members[j].Value, of))
			}
		}
	}
	return slices.DeleteFunc(all, func(op *Operation) bool { return op == nil })
}

// operation reads one operation. If it is left out, since it has no honest meaning, it is nil.
func (b *builder) operation(path, method string, item, n *source.Node, of hook) *Operation {
	if op, ok := b.hooks[n]; ok && of.kind != NoHook {
		return op // several operations refer to the callback
	}
	before, errors := len(b.diagnostics), b.errors
	op := &Operation{
		ID: n.Str("operationId"), Method: method, Path: path, Hook: of.kind, HookName: of.name, Node: n, Pointer: b.doc.Pointer(n),
		Summary: strings.TrimSpace(n.Str("summary")), Doc: strings.TrimSpace(n.Str("description")),
		Tags: n.Strings("tags"), Reason: deprecation(n),
	}
	switch of.kind {
	case NoHook:
		route, _, _ := strings.Cut(path, "#")
		op.Route, op.Query, _ = strings.Cut(route, "?")
		op.ID = cmp.Or(op.ID, defaultID(method, path))
	default: // it has no path: the URL that it is sent to is agreed upon in another way
		b.hooks[n] = op
		op.ID = cmp.Or(op.ID, of.name)
	}
	b.nameOperation(op)
	op.Servers = b.serversOf(n)
	if len(op.Servers) == 0 {
		op.Servers = b.serversOf(item)
	}
	op.Security = b.securityOf(n, of.kind)
	for _, name := range b.opts.Extensions {
		if v := n.Get(name); v != nil {
			op.Extensions = append(op.Extensions, Extension{name, string(v.JSON())})
		}
	}
	b.parameters(op, item, n)
	b.requestBody(op, n.Get("requestBody"))
	b.responses(op, n.Get("responses"))
	b.callbacks(op, n.Get("callbacks"))
	if b.errors == errors || !b.opts.SkipUnsupported {
		return op
	}
	for i := before; i < len(b.diagnostics); i++ {
		if d := &b.diagnostics[i]; d.Severity == source.Error {
			d.Severity = source.Warning
			d.What = "the " + cmp.Or(of.kind.word(), "operation") + " " + op.ID + " is left out: " + d.What
		}
	}
	b.errors = errors
	if of.kind != NoHook {
		b.hooks[n] = nil
	}
	return nil
}

// defaultID makes up an operationId as oapi-codegen does: of the method and the path.
func defaultID(method, path string) string {
	var id strings.Builder
	id.WriteString(strings.ToLower(method))
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/{}:.-_~", r) }) {
		id.WriteString("_" + part)
	}
	return id.String()
}

// suffixes are what is appended to the name of an operation to name other things.
var suffixes = []string{"", "WithBody", "WithResponse", "WithBodyWithResponse", "WithFormdataBody", "WithTextBody"}

func (b *builder) nameOperation(op *Operation) {
	name, given := b.givenName(op.Node)
	if !given {
		name = b.typeName(op.ID)
	}
	if name == "" {
		name = "Operation"
	}
	if b.methodNames == nil {
		b.methodNames = map[string]*Operation{}
	}
	base := name
	for i := 2; ; i++ {
		clash := slices.IndexFunc(suffixes, func(suffix string) bool { return b.methodNames[name+suffix] != nil })
		if clash < 0 {
			break
		}
		name = base + strconv.Itoa(i)
	}
	if name != base {
		b.api.Renamed = append(b.api.Renamed, Renaming{op.Node.Pos(), op.Pointer, base, name})
		b.report("name-collision", op.Node, "the Go name %s of the operation is taken by what is generated for %s; it is %s instead, or give it an x-go-name",
			base, cmp.Or(b.methodNames[base], op).ID, name)
	}
	for _, suffix := range suffixes {
		b.methodNames[name+suffix] = op
	}
	op.Name = name
}

func (b *builder) serversOf(n *source.Node) []Server {
	var servers []Server
	for _, s := range itemsIn(n.Get("servers")) {
		server := Server{URL: s.Str("url"), Name: s.Str("name"), Doc: strings.TrimSpace(s.Str("description"))}
		if variables := s.Get("variables"); variables.Is(source.Object) {
			for i := range variables.Members {
				v := &variables.Members[i]
				server.Variables = append(server.Variables, ServerVariable{
					Name: v.Name, Default: v.Value.Str("default"), Doc: strings.TrimSpace(v.Value.Str("description")), Enum: v.Value.Strings("enum"),
				})
			}
		}
		servers = append(servers, server)
	}
	return servers
}

// basePath is the path of a server, with the defaults of its variables and without a slash at its end.
func basePath(s Server) string {
	text := s.URL
	for _, v := range s.Variables {
		text = strings.ReplaceAll(text, "{"+v.Name+"}", v.Default)
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

// securityOf reads the requirements of an operation or, without any, those of the document. These are for requests to the servers of the
// document, so that webhooks and callbacks have only their own.
func (b *builder) securityOf(n *source.Node, kind HookKind) [][]Scheme {
	list := n.Get("security")
	if list == nil && kind == NoHook {
		list = b.doc.Root.Get("security")
	}
	schemes := b.doc.Root.Get("components").Get("securitySchemes")
	var alternatives [][]Scheme
	for _, item := range itemsIn(list) {
		alternative := []Scheme{}
		for i := range item.Members {
			m := &item.Members[i]
			s := b.follow(schemes.Get(m.Name))
			if s == nil {
				b.report("undefined-security-scheme", m.Value, "the security scheme %q is not defined, so that no request to a server satisfies it; define it in components/securitySchemes", m.Name)
			}
			alternative = append(alternative, Scheme{
				Name: m.Name, Type: s.Str("type"), Scheme: strings.ToLower(s.Str("scheme")), In: s.Str("in"), Param: s.Str("name"),
				Scopes: item.Strings(m.Name),
			})
		}
		alternatives = append(alternatives, alternative)
	}
	return alternatives
}

// parameters reads the parameters of the path item and of the operation, which replace those of the same name and place.
func (b *builder) parameters(op *Operation, item, n *source.Node) {
	type key struct{ in, name string }
	index := map[key]int{}
	var all []*source.Node
	for _, list := range [][]*source.Node{itemsIn(item.Get("parameters")), itemsIn(n.Get("parameters"))} {
		for _, p := range list {
			end := b.follow(p)
			if end == nil {
				continue
			}
			k := key{end.Str("in"), end.Str("name")}
			if i, ok := index[k]; ok {
				all[i] = p
				continue
			}
			index[k] = len(all)
			all = append(all, p)
		}
	}
	for _, p := range all {
		if parameter := b.parameter(op, p); parameter != nil {
			op.Parameters = append(op.Parameters, parameter)
		}
	}
	b.pathParameters(op)
	place := map[string]int{"path": 0, "query": 1, "querystring": 1, "header": 2, "cookie": 3}
	slices.SortStableFunc(op.Parameters, func(x, y *Parameter) int {
		if x.In == "path" && y.In == "path" {
			return strings.Index(op.Route, "{"+x.Wire+"}") - strings.Index(op.Route, "{"+y.Wire+"}")
		}
		return place[x.In] - place[y.In]
	})
	b.nameParameters(op)
}

// pathParameters checks that path template and path parameters agree.
func (b *builder) pathParameters(op *Operation) {
	var names []string
	rest := op.Route
	for {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed {
			b.errorf(op.Node, "the path %q has a { without a }; close it", op.Path)
			break
		}
		names, rest = append(names, name), after
	}
	for _, name := range names {
		if !slices.ContainsFunc(op.Parameters, func(p *Parameter) bool { return p.In == "path" && p.Wire == name }) {
			b.report("undeclared-path-parameter", op.Node, "the path parameter {%s} is not declared and is read as any string; declare it in parameters", name)
			op.Parameters = append(op.Parameters, &Parameter{
				Wire: name, In: "path", Style: "simple", Required: true, Type: b.basic("string", ""), Schema: &schema.Schema{Types: schema.String},
				Node: op.Node, At: op.Pointer,
			})
		}
	}
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *Parameter) bool {
		unused := p.In == "path" && !slices.Contains(names, p.Wire)
		switch {
		case unused && op.Hook != NoHook:
			b.report("unused-path-parameter", p.Node, "a %s has no path, so that the path parameter %q is ignored; remove it", op.Hook.word(), p.Wire)
		case unused:
			b.report("unused-path-parameter", p.Node, "the path %s has no {%s}, so that the parameter is ignored; remove it, or add it to the path", op.Path, p.Wire)
		}
		return unused
	})
}

// parameter reads one parameter.
func (b *builder) parameter(op *Operation, ref *source.Node) *Parameter {
	n := b.follow(ref)
	p := &Parameter{
		Wire: n.Str("name"), In: n.Str("in"), Style: n.Str("style"), Doc: strings.TrimSpace(n.Str("description")), Reason: deprecation(n),
		Required: n.True("required"), AllowReserved: n.True("allowReserved"), AllowEmpty: n.True("allowEmptyValue"), Node: n, At: b.doc.Pointer(n),
	}
	if key, ok := strings.CutPrefix(reference(ref), "#/components/parameters/"); ok {
		p.Key = lastToken(key)
	}
	switch p.In {
	case "path", "header":
		p.Style = cmp.Or(p.Style, "simple")
	case "query", "cookie":
		p.Style = cmp.Or(p.Style, "form")
	case "querystring":
	default:
		b.errorf(n, "a parameter is in path, query, header or cookie, not in %q; write one of them", p.In)
		return nil
	}
	if p.In == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Wire)) {
		b.report("reserved-header", n, "OpenAPI ignores a parameter for the header %s; remove it, the document says the same by content and security", p.Wire)
		return nil
	}
	if p.In == "path" && !p.Required {
		b.report("optional-path-parameter", n, "a path parameter is always required; write required: true")
		p.Required = true
	}
	if !slices.Contains(styles[p.In], p.Style) {
		b.report("parameter-style", n, "the style %q is not one for a parameter in %s and is passed over; write %s", p.Style, p.In, styleAdvice[p.In])
		p.Style = styles[p.In][0]
	}
	p.Explode = p.Style == "form"
	if e := n.Get("explode"); e != nil {
		p.Explode = n.True("explode")
	}
	h := hint{path: op.Name + "Params" + b.typeName(p.Wire)}
	switch {
	case p.Key != "":
		h.path = b.typeName(p.Key)
	case b.opts.NormalizeGiven:
		h.path = op.Name + "Params_" + b.typeName(p.Wire)
	case p.In == "path":
		h.path = op.Name + b.typeName(p.Wire)
	}
	s := n.Get("schema")
	if content := n.Get("content"); content.Is(source.Object) && len(content.Members) > 0 {
		p.MediaType, s = content.Members[0].Name, content.Members[0].Value.Get("schema")
	}
	p.Type = b.typeOf(s, h)
	p.Schema = anything
	if s != nil {
		p.Schema = b.flat(s)
	}
	p.Type = Nullable(p.Type, p.Schema)
	if d := s.Get("default"); d != nil {
		p.Default = string(d.JSON())
	} else if t := b.follow(s); t != nil && t.Get("default") != nil {
		p.Default = string(t.Get("default").JSON())
	}
	p.Pointer = !p.Required && b.needsPointer(p.Type, s, n)
	var ext extensions
	for _, at := range []*source.Node{s, n} {
		ext.readTags(b, at)
	}
	p.Tags = ext.extraTags()
	return p
}

// needsPointer reports whether an optional parameter or header is a pointer, as no value of its type stands for an absent one. The nodes are
// those that may say otherwise; the last one decides.
func (b *builder) needsPointer(t *Type, nodes ...*source.Node) bool {
	k := t.Underlying().Kind
	needs := !b.opts.SkipPointers && (k != List && k != Map || b.opts.PointerContainers)
	for _, n := range nodes {
		if skip := b.flag(n, "x-go-type-skip-optional-pointer"); skip != nil {
			needs = !*skip
		}
	}
	return needs && k != Any && k != Union && k != Raw && t.Kind != Pointer
}

var styles = map[string][]string{
	"path": {"simple", "label", "matrix"}, "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"}, "header": {"simple"},
	"cookie": {"form", "cookie"}, "querystring": {""},
}

var styleAdvice = map[string]string{
	"path": "simple, label or matrix", "query": "form, spaceDelimited, pipeDelimited or deepObject", "header": "simple", "cookie": "form or cookie",
	"querystring": "none",
}

// nameParameters names the fields and variables of parameters.
func (b *builder) nameParameters(op *Operation) {
	for _, group := range []func(*Parameter) bool{
		func(p *Parameter) bool { return p.In == "path" },
		func(p *Parameter) bool { return p.In != "path" },
	} {
		taken := map[string]bool{"ApplyDefaults": true, "Params": true, "Body": true, "ContentType": true, "JSONBody": true}
		for _, p := range op.Parameters {
			if !group(p) {
				continue
			}
			name, given := b.givenFieldName(p.Node)
			if !given {
				name = firstOf(b.typeName(p.Wire), "Parameter")
			}
			base := name
			for _, attempt := range []string{base, base + strings.ToUpper(p.In[:1]) + p.In[1:]} {
				if name = attempt; !taken[name] {
					break
				}
			}
			for i := 2; taken[name]; i++ {
				name = base + strconv.Itoa(i)
			}
			taken[name] = true
			p.Name = name
		}
	}
	b.nameVariables(op)
}

// reservedVariables are the names of variables and packages in generated functions.
var reservedVariables = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq(`body bodyReader bufs bytes c client cmp contentType contract context ctx err error errors false fmt handler http
		io json mime multipart nil operationPath params queryURL r req reqEditors request response rsp runtime server serverURL sh siw strconv
		string strings true url w int bool any len cap append copy new make schema wire call openapi_types nullable time`) {
		reservedVariables[name] = true
	}
}

func (b *builder) nameVariables(op *Operation) {
	taken := map[string]bool{}
	for _, p := range op.Parameters {
		if p.In != "path" {
			continue
		}
		name := lowerName(p.Name)
		if reservedVariables[name] || isKeyword(name) {
			name = "p" + p.Name
		}
		base := name
		for i := 2; taken[name]; i++ {
			name = base + strconv.Itoa(i)
		}
		taken[name] = true
		p.Variable = name
	}
}

// contentsOf reads the media types of a body.
func (b *builder) contentsOf(content *source.Node, name func(tag string) string) []*Content {
	if !content.Is(source.Object) {
		return nil
	}
	var all []*Content
	for i := range content.Members {
		m := &content.Members[i]
		value := b.follow(m.Value)
		c := &Content{MediaType: m.Name, Node: value, Pointer: b.doc.Pointer(m.Value)}
		essence, _, err := mime.ParseMediaType(m.Name)
		if err != nil {
			essence = strings.ToLower(strings.TrimSpace(m.Name))
		}
		if essence == "" || !strings.Contains(essence, "/") || strings.ContainsFunc(m.Name, unicode.IsControl) {
			b.report("media-type", m.Value, "%q is not a media type, and is read as */*; write one such as application/json", m.Name)
			c.MediaType, essence = "*/*", "*/*"
			if slices.ContainsFunc(all, func(other *Content) bool { return other.MediaType == c.MediaType }) || content.Has(c.MediaType) {
				continue // there is one already
			}
		}
		c.Kind = kindOf(essence)
		s := value.Get("schema")
		item := value.Get("itemSchema")
		hinted := func(tag string) hint { return hint{path: name(tag)} }
		switch c.Kind {
		case JSON:
			tag := "JSON"
			if b.opts.NormalizeGiven && essence != "application/json" {
				tag = b.opts.MediaTypeName(m.Name)
			}
			c.Type, c.Schema = b.bodyType(s, hinted(tag))
		case Form:
			c.Type, c.Schema = b.bodyType(s, hinted("Formdata"))
		case Multipart:
			c.Type, c.Schema = b.bodyType(s, hinted("Multipart"))
		case Text:
			c.Type, c.Schema = b.bodyType(s, hinted("Text"))
			if s == nil {
				c.Type, c.Schema = b.basic("string", ""), &schema.Schema{Types: schema.String}
			}
		case Stream:
			if item != nil {
				c.Item, c.Schema = b.bodyType(item, hinted("Item"))
			} else {
				c.Kind = Binary
			}
		}
		if c.Kind == Form || c.Kind == Multipart {
			c.Encoding = b.encodings(value, c)
		}
		all = append(all, c)
	}
	if c := b.impliedJSON(all, name); c != nil {
		all = append(all, c)
	}
	b.nameContents(all)
	slices.SortFunc(all, func(x, y *Content) int { return strings.Compare(x.Name, y.Name) })
	return all
}

// impliedJSON is the body of application/json that a range of media types stands for, if its schema describes what JSON has: frameworks write
// */* for it. It is nil if there is none, or if the document has one.
func (b *builder) impliedJSON(all []*Content, name func(tag string) string) *Content {
	var implied *Content
	for _, c := range all {
		essence, _, _ := strings.Cut(c.MediaType, ";")
		switch strings.TrimSpace(essence) {
		case "application/json":
			return nil
		case "*/*", "application/*":
			if n := c.Node.Get("schema"); n != nil && structured(b.flat(n), maxChain) {
				implied = &Content{MediaType: "application/json", Node: c.Node, Pointer: c.Pointer, Kind: JSON}
			}
		}
	}
	if implied != nil {
		implied.Type, implied.Schema = b.bodyType(implied.Node.Get("schema"), hint{path: name("JSON")})
	}
	return implied
}

// structured reports whether a schema describes values that are not text: objects, arrays, numbers and booleans.
func structured(s *schema.Schema, depth int) bool {
	const structures = schema.Object | schema.Array | schema.Number | schema.Integer | schema.Boolean
	switch {
	case s.Types != 0:
		return s.Types&structures != 0 && s.Types&schema.String == 0
	case len(s.Variants()) > 0 && depth > 0:
		return !slices.ContainsFunc(s.Variants(), func(variant *schema.Schema) bool { return !structured(variant, depth-1) })
	}
	return len(s.Properties) > 0
}

func (b *builder) bodyType(n *source.Node, h hint) (*Type, *schema.Schema) {
	if n == nil {
		return anyType, anything
	}
	t := b.typeOf(n, h)
	s := b.flat(n)
	return Nullable(t, s), s
}

// nameContents gives the media types of a body their names. A form or a text has that of its kind, whatever its parameters are; a second one
// is bytes, as there is one field for each.
func (b *builder) nameContents(all []*Content) {
	named := map[string]*Content{}
	for _, c := range all {
		c.Name = c.MediaType
		switch c.Kind {
		case Form:
			c.Name = "application/x-www-form-urlencoded"
		case Text:
			c.Name = "text/plain"
		case Multipart:
			c.Name = strings.ToLower(c.MediaType)
		default:
			continue
		}
		if first := named[c.Name]; first == nil {
			named[c.Name] = c
		} else {
			if c.MediaType == c.Name { // which is the one that has it
				first, c = c, first
				named[first.Name] = first
			}
			b.report("media-type", c.Node, "%q has the same field as %q in Go, so its bodies are bytes that are not validated; keep one of the two", c.MediaType, first.MediaType)
			c.Name, c.Kind, c.Type, c.Schema, c.Encoding = c.MediaType, Binary, nil, nil, nil
		}
	}
}

// kindOf says how bodies of a media type are read and written.
func kindOf(essence string) BodyKind {
	switch {
	case essence == "application/json", strings.HasSuffix(essence, "+json"):
		return JSON
	case essence == "application/x-www-form-urlencoded":
		return Form
	case strings.HasPrefix(essence, "multipart/"):
		return Multipart
	case essence == "text/plain":
		return Text
	case essence == "application/jsonl", essence == "application/x-ndjson", essence == "application/json-seq", essence == "text/event-stream":
		return Stream
	}
	return Binary
}

// encodings are how the members of a form are written, where the document says so.
func (b *builder) encodings(media *source.Node, c *Content) []Encoding {
	given := media.Get("encoding")
	if c.Schema == nil || !given.Is(source.Object) {
		return nil
	}
	var all []Encoding
	for i := range given.Members {
		n := given.Members[i].Value
		e := Encoding{Member: given.Members[i].Name, ContentType: n.Str("contentType"), Headers: b.headers(n.Get("headers"), c.MediaType)}
		if n.Has("style") || n.Has("explode") || n.Has("allowReserved") { // then contentType does not count
			e.ContentType = ""
			if e.Style = cmp.Or(n.Str("style"), "form"); !slices.Contains(styles["query"], e.Style) {
				b.report("parameter-style", n, "the style %q is not one for a member of a form and is passed over; write %s", e.Style, styleAdvice["query"])
				e.Style = "form"
			}
			e.Explode = e.Style == "form"
			if n.Has("explode") {
				e.Explode = n.True("explode")
			}
			e.AllowReserved = n.True("allowReserved")
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(x, y Encoding) int { return strings.Compare(x.Member, y.Member) })
	return all
}

func (b *builder) requestBody(op *Operation, ref *source.Node) {
	n := b.follow(ref)
	if n == nil {
		return
	}
	if key, ok := strings.CutPrefix(reference(ref), "#/components/requestBodies/"); ok {
		op.BodyRef = lastToken(key)
	}
	op.Required, op.BodyDoc = n.True("required"), strings.TrimSpace(n.Str("description"))
	op.Bodies = b.contentsOf(n.Get("content"), func(tag string) string {
		if op.BodyRef != "" {
			return b.componentBody(op.BodyRef, n, tag+"Body")
		}
		return op.Name + tag + "Body"
	})
}

func (b *builder) responses(op *Operation, n *source.Node) {
	if !n.Is(source.Object) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if strings.HasPrefix(m.Name, "x-") {
			continue
		}
		value := b.follow(m.Value)
		if value == nil {
			continue
		}
		status := m.Name
		if upper := strings.ToUpper(status); len(status) == 3 && upper != status && strings.HasSuffix(upper, "XX") {
			b.report("status-case", m.Value, "the range of statuses %s is read as %s; write that", status, upper)
			status = upper
		}
		if !isStatus(status) {
			b.errorf(m.Value, "%q is not a status; write one such as 200, 4XX or default", m.Name)
			continue
		}
		r := &Response{Status: status, Doc: strings.TrimSpace(value.Str("description")), Node: value, Pointer: b.doc.Pointer(m.Value)}
		owner := op.Name + b.statusName(status)
		if key, ok := strings.CutPrefix(reference(m.Value), "#/components/responses/"); ok {
			r.Key = lastToken(key)
			owner = b.typeName(r.Key)
		}
		r.Headers = b.headers(value.Get("headers"), owner)
		r.Contents = b.contentsOf(value.Get("content"), func(tag string) string {
			if r.Key != "" {
				return b.componentBody(r.Key, value, tag+"ResponseBody")
			}
			return owner + tag + "ResponseBody"
		})
		op.Responses = append(op.Responses, r)
	}
	slices.SortFunc(op.Responses, func(x, y *Response) int { return strings.Compare(x.Status, y.Status) })
}

// componentBody names the type of a body that a component of another kind than schemas has. With the names of oapi-codegen it is that of the
// component, if it has only one body.
func (b *builder) componentBody(key string, n *source.Node, role string) string {
	name, given := b.givenName(n)
	if !given {
		name = b.typeName(key)
	}
	if content := n.Get("content"); b.opts.NormalizeGiven && len(content.Members) == 1 {
		return name
	}
	return name + role
}

func isStatus(status string) bool {
	if status == "default" {
		return true
	}
	if len(status) != 3 || status[0] < '1' || status[0] > '5' {
		return false
	}
	_, err := strconv.Atoi(status)
	return err == nil || status[1:] == "XX"
}

// statusName is the part of the Go name of a type for a status.
func (b *builder) statusName(status string) string {
	if b.opts.NormalizeGiven {
		return status
	}
	return upperFirst(status)
}

func (b *builder) headers(n *source.Node, owner string) []*Header {
	if !n.Is(source.Object) {
		return nil
	}
	var all []*Header
	taken := map[string]bool{}
	for i := range n.Members {
		m := &n.Members[i]
		value := b.follow(m.Value)
		if value == nil {
			continue
		}
		if strings.EqualFold(m.Name, "Content-Type") {
			b.report("reserved-header", m.Value, "OpenAPI ignores a response header Content-Type; remove it, content says the same")
			continue
		}
		h := &Header{Wire: m.Name, Doc: strings.TrimSpace(value.Str("description")), Reason: deprecation(value),
			Required: value.True("required") || b.opts.RequiredHeaders, Explode: value.True("explode")}
		s := value.Get("schema")
		if content := value.Get("content"); content.Is(source.Object) && len(content.Members) > 0 {
			h.JSON, s = true, content.Members[0].Value.Get("schema")
		}
		name := firstOf(b.typeName(m.Name), "Header")
		for base, j := name, 2; taken[name]; j++ {
			name = base + strconv.Itoa(j)
		}
		taken[name] = true
		h.Name = name
		h.Type = b.typeOf(s, hint{path: owner + name})
		h.Schema = anything
		if s != nil {
			h.Schema = b.flat(s)
		}
		h.Pointer = !h.Required && b.needsPointer(h.Type, s, value)
		all = append(all, h)
	}
	slices.SortFunc(all, func(x, y *Header) int { return strings.Compare(x.Wire, y.Wire) })
	return all
}

func (b *builder) callbacks(op *Operation, n *source.Node) {
	if !n.Is(source.Object) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		b.eachItem(b.follow(m.Value), func(expression string, item *source.Node) {
			op.Callbacks = append(op.Callbacks, b.itemOperations(expression, item, hook{Callback, m.Name})...)
		})
	}
}

// collectCallbacks lists the callbacks of operations, and of these, each once.
func (b *builder) collectCallbacks(operations []*Operation) {
	for _, op := range operations {
		for _, callback := range op.Callbacks {
			if !slices.Contains(b.api.Callbacks, callback) {
				b.api.Callbacks = append(b.api.Callbacks, callback)
				b.collectCallbacks([]*Operation{callback})
			}
		}
	}
}

// findPreferred finds the routes that go before another one for some paths.
func (b *builder) findPreferred() {
	type template struct {
		op       *Operation
		segments [][]string // the text around parameters
	}
	alike := map[string][]template{} // by method and number of segments
	for _, op := range b.api.Operations {
		t := template{op: op}
		for segment := range strings.SplitSeq(shapeOf(op.Route), "/") {
			t.segments = append(t.segments, strings.Split(segment, "{}"))
		}
		key := op.Method + strconv.Itoa(len(t.segments))
		alike[key] = append(alike[key], t)
	}
	for _, templates := range alike {
		for _, t := range templates {
			for _, other := range templates {
				if other.op.Query == "" && goesBefore(other.segments, t.segments) {
					t.op.Preferred = append(t.op.Preferred, other.op.Route)
				}
			}
		}
	}
}

// goesBefore reports whether there are paths that match two routes, for which the first one is served: where they begin to differ, it has
// text, or more of it.
func goesBefore(route, other [][]string) bool {
	before := false
	for i, a := range route {
		b := other[i]
		switch {
		case slices.Equal(a, b):
			continue
		case !compatible(a, b):
			return false
		case !before && len(a) > 1 && (len(b) == 1 || textLength(a) <= textLength(b)):
			return false // the other one goes before, or the order in the document decides
		}
		before = true
	}
	return before
}

func textLength(texts []string) (n int) {
	for _, text := range texts {
		n += len(text)
	}
	return n
}

// compatible reports whether a segment may match two templates, which are given by the text around their parameters.
func compatible(a, b []string) bool {
	first, last := len(a)-1, len(b)-1
	switch {
	case len(a) == 1 && len(b) == 1:
		return a[0] == b[0]
	case len(a) == 1:
		return strings.HasPrefix(a[0], b[0]) && strings.HasSuffix(a[0], b[last])
	case len(b) == 1:
		return compatible(b, a)
	}
	return (strings.HasPrefix(a[0], b[0]) || strings.HasPrefix(b[0], a[0])) &&
		(strings.HasSuffix(a[first], b[last]) || strings.HasSuffix(b[last], a[first]))
}

// checkRoutes refuses paths that the router could not tell apart, or that no request can have.
func (b *builder) checkRoutes() {
	seen := map[string]*Operation{}
	for _, op := range b.api.Operations {
		if !strings.HasPrefix(op.Path, "/") {
			b.errorf(op.Node, "the path %q must begin with a slash; write /%s", op.Path, op.Path)
		}
		key := op.Method + " " + shapeOf(op.Route) + "?" + op.Query
		if other := seen[key]; other != nil {
			b.report("ambiguous-path", op.Node, "%s %s matches the same requests as %s; the first in the document is served; tell them apart by text in the path", op.Method, op.Path, other.Path)
			continue
		}
		seen[key] = op
		if i := strings.IndexAny(op.Path, "?#"); i >= 0 {
			what := "the path %q has a query, which requests must have besides the path %s; describe it by parameters"
			if op.Path[i] == '#' {
				what = "the path %q has a fragment, which is never sent: requests have the path %s; remove it, or give the operation a path of its own"
			}
			b.report("path-with-query", op.Node, what, op.Path, op.Route)
		}
	}
}

// shapeOf is a path without the names of its parameters.
func shapeOf(path string) string {
	var shape strings.Builder
	inside := false
	for _, r := range path {
		switch {
		case r == '{':
			inside = true
			shape.WriteString("{}")
		case r == '}':
			inside = false
		case !inside:
			shape.WriteRune(r)
		}
	}
	return shape.String()
}
