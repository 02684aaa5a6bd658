package main

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A component is a schema that becomes a Go type declaration.
type component struct {
	name    string // the Go name, which is also its key in components/schemas from here on
	key     string // its key in the document; empty for a schema that stands inline
	label   string // how messages name it; empty if they have to count
	pointer string // where it stands in the document
	joined  bool   // made by distribute
	word    string // of an inline variant, the part of the name that does not come from its union
	member  string // the Go name of the member that had the schema inline, if it was one
	schema  *openapi3.Schema
}

const schemasPrefix = "#/components/schemas/"

// prepare alters the document so that the later steps meet one form only, without changing what it means:
//   - every schema that needs a Go type (objects, enums, unions and their variants) is a component, named for Go;
//   - parameters, request bodies, responses and headers stand where they are used;
//   - a union is a schema with oneOf and nothing beside it (see distribute);
//   - operations, parameters, members and enum values carry their Go names in x-go-name and x-enum-varnames.
//
// Two things that would get the same Go name are refused, never numbered. What is refused here is reported by analyse,
// together with what is wrong with the unions; only broken references and schemas that go in circles end the run at once.
func prepare(doc *document) (map[string]*component, error) {
	p := &preparer{
		document:    doc,
		components:  map[string]*component{},
		renamed:     map[string]string{},
		distributed: map[*component]bool{},
	}
	p.nameComponents()
	p.walkComponents()
	p.walkOperations()
	p.refuseCycles()
	if p.broken {
		return nil, doc.diagnostics.err()
	}
	for _, c := range p.sorted() {
		p.checkJoined(c)
		p.completeMapping(c)
		p.nameEnum(c)
	}
	for _, a := range p.aside {
		p.completeDiscriminator(a.schema, a.pointer)
	}
	for _, c := range p.sorted() {
		p.distribute(c)
	}
	p.finish()
	return p.components, nil
}

type preparer struct {
	*document
	components  map[string]*component // by Go name
	renamed     map[string]string     // key in the document → Go name
	distributed map[*component]bool
	aside       []aside
	enclosing   []*openapi3.Schema // those that the schema which is walked is a part or a variant of
	joined      int                // how many variants distribution has made
	broken      bool               // references lead nowhere or in circles: the unions cannot be looked at
}

// An aside is a union that makes no Go type: below not and anyOf.
type aside struct {
	schema  *openapi3.Schema
	pointer string
}

func (p *preparer) sorted() []*component {
	return slices.SortedFunc(maps.Values(p.components), func(a, b *component) int { return strings.Compare(a.name, b.name) })
}

// nameComponents gives the components their Go names.
func (p *preparer) nameComponents() {
	if p.api.Components == nil {
		p.api.Components = &openapi3.Components{}
	}
	for _, key := range slices.Sorted(maps.Keys(p.api.Components.Schemas)) {
		ref := p.api.Components.Schemas[key]
		pointer := "/components/schemas/" + escape(key)
		c := &component{name: typeName(key), key: key, label: key, pointer: pointer, schema: ref.Value}
		if ref.Ref != "" {
			// A component that only refers to another one is a type of its own with the same content.
			c.schema = &openapi3.Schema{AllOf: openapi3.SchemaRefs{{Ref: ref.Ref, Value: ref.Value}}}
		}
		if name, ok := p.nameExtension(c.schema.Extensions, pointer); ok {
			c.name = name
		}
		p.declare(c)
		p.renamed[key] = c.name
	}
}

// declare enters a component under its Go name, unless another one has it.
func (p *preparer) declare(c *component) bool {
	switch other := p.components[c.name]; {
	case c.name == "":
		p.refuse(c.pointer, "no letter or digit to make a Go name from; add x-go-name")
		return false
	case other != nil:
		first, second := p.inOrder(other.pointer, c.pointer)
		p.refuse(second, "the Go name %s is taken by #%s (line %d); give one of them another x-go-name",
			c.name, first, p.position(first).Line)
		return false
	}
	p.components[c.name] = c
	return true
}

// nameExtension reads x-go-name.
func (p *preparer) nameExtension(extensions map[string]any, pointer string) (string, bool) {
	value, ok := extensions["x-go-name"]
	if !ok {
		return "", false
	}
	name, _ := value.(string)
	if name == "" || typeName(name) == "" || strings.ContainsFunc(name, func(r rune) bool { return !isIdentifierRune(r) }) {
		p.refuse(pointer+"/x-go-name", "%q is no Go identifier; use letters and digits, beginning with a capital", fmt.Sprint(value))
		return "", false
	}
	return upperFirst(name), true
}

func (p *preparer) walkComponents() {
	components := p.api.Components
	for _, c := range p.sorted() {
		p.walk(c.schema, c.name, c.pointer)
	}
	for _, key := range slices.Sorted(maps.Keys(components.Parameters)) {
		p.walkParameter(components.Parameters[key], "Parameter", "/components/parameters/"+escape(key))
	}
	for _, key := range slices.Sorted(maps.Keys(components.Headers)) {
		p.walkHeader(components.Headers[key], typeName(key)+"Header", "/components/headers/"+escape(key))
	}
	for _, key := range slices.Sorted(maps.Keys(components.RequestBodies)) {
		pointer := "/components/requestBodies/" + escape(key)
		if body := components.RequestBodies[key]; body.Ref == "" {
			p.walkContent(body.Value.Content, typeName(key)+"RequestBody", pointer)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(components.Responses)) {
		p.walkResponse(components.Responses[key], typeName(key)+"ResponseBody", "/components/responses/"+escape(key))
	}
	for key, parameter := range sortedMap(components.Parameters) {
		p.share(parameter.Value, "parameter"+typeName(key))
	}
	for key, response := range sortedMap(components.Responses) {
		p.share(response.Value, "response"+typeName(key))
	}
	// What is used stands where it is used from here on; the rest needs no code.
	components.Parameters, components.Headers, components.RequestBodies, components.Responses = nil, nil, nil, nil
	components.Examples, components.Links, components.Callbacks = nil, nil, nil
}

// share names the table of a parameter or a response that stands in components. Where two keys give one name, the second
// table stands wherever it is used.
func (p *preparer) share(of any, name string) {
	for other, taken := range p.shared {
		if other == of || taken == name {
			return
		}
	}
	p.shared[of] = name
}

func (p *preparer) walkOperations() {
	taken := map[string]string{} // Go name → pointer
	var routes http.ServeMux
	paths := map[string]bool{}
	for op := range p.operations() {
		if !paths[op.path] {
			paths[op.path] = true
			pointer := "/paths/" + escape(op.path)
			p.checkPath(&routes, op.path, pointer)
			p.walkParameters(op.item.Parameters, typeName(op.path), pointer)
			p.checkServers(len(op.item.Servers) > 0, pointer)
		}
		name := p.nameOperation(op)
		if other, again := taken[name]; again {
			p.refuse(op.pointer, "the operation's Go name %s is taken by #%s (line %d); give one of them another operationId",
				name, other, p.position(other).Line)
		}
		taken[name] = op.pointer
		p.walkOperation(op.Operation, name, op.pointer)
	}
	for name, pointer := range taken {
		for _, suffix := range []string{"WithBody", "WithResponse", "WithBodyWithResponse"} {
			if other, again := taken[name+suffix]; again {
				p.refuse(other, "the operation's Go name %s is one that the client needs for #%s (line %d); give one of them another operationId",
					name+suffix, pointer, p.position(pointer).Line)
			}
		}
	}
}

var pathParameter = regexp.MustCompile(`\{[^/]*\}`)

// checkPath refuses the paths that net/http cannot route.
func (p *preparer) checkPath(routes *http.ServeMux, path, pointer string) {
	for segment := range strings.SplitSeq(path, "/") {
		open, end := strings.IndexByte(segment, '{'), strings.IndexByte(segment, '}')
		if open > 0 || end >= 0 && end < len(segment)-1 {
			p.refuse(pointer, "the segment %q mixes a parameter with other text, which net/http cannot route; give the parameter a segment of its own", segment)
			return
		}
	}
	defer func() {
		if recover() != nil {
			p.refuse(pointer, "net/http cannot tell this path from another one of the document, since one URL fits both; change one of them")
		}
	}()
	n := 0
	pattern := pathParameter.ReplaceAllStringFunc(path, func(string) string { n++; return "{p" + strconv.Itoa(n) + "}" })
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}"
	}
	routes.Handle(pattern, http.NotFoundHandler())
}

func (p *preparer) nameOperation(op operation) string {
	if op.OperationID == "" {
		op.OperationID = strings.ToLower(op.method) + " " + op.path
	}
	name, ok := p.nameExtension(op.Extensions, op.pointer)
	if !ok {
		name = typeName(op.OperationID)
	}
	if name == "" {
		p.refuse(op.pointer+"/operationId", "no letter or digit to make a Go name from; choose another operationId")
	}
	if op.Extensions == nil {
		op.Extensions = map[string]any{}
	}
	op.Extensions["x-go-name"] = name
	return name
}

func (p *preparer) walkOperation(op *openapi3.Operation, name, pointer string) {
	p.walkParameters(op.Parameters, name, pointer)
	if op.RequestBody != nil {
		p.checkMediaTypes(op.RequestBody.Value.Content, pointer+"/requestBody/content")
	}
	if op.RequestBody != nil && !here(&op.RequestBody.Ref) {
		p.walkContent(op.RequestBody.Value.Content, name+"RequestBody", pointer+"/requestBody")
	}
	for status, response := range sortedMap(op.Responses.Map()) {
		p.walkResponse(response, name+goName(status)+"ResponseBody", pointer+"/responses/"+escape(status))
	}
	p.checkServers(op.Servers != nil, pointer)
	if len(op.Callbacks) > 0 {
		p.refuse(pointer+"/callbacks", "callbacks are not supported; describe them in a document of their own")
	}
}

// checkMediaTypes refuses request bodies that oapi-codegen would take for one another: it compares media types by their
// beginning, and has one field for all that it does not know.
func (p *preparer) checkMediaTypes(content openapi3.Content, pointer string) {
	var first, unknown string
	for mediaType := range sortedMap(content) {
		here := pointer + "/" + escape(mediaType)
		switch {
		case first != "" && strings.HasPrefix(mediaType, first), len(content) > 1 && strings.Contains(mediaType, "*"):
			p.refuse(here, "the body cannot be told from one of another media type of this operation; describe one of them as an operation of its own")
		case !jsonMediaType.MatchString(mediaType) && !strings.HasPrefix(mediaType, "multipart/") &&
			mediaType != "application/x-www-form-urlencoded" && mediaType != "text/plain":
			if unknown != "" {
				p.refuse(here, "an operation can have one body of a type other than JSON, forms and plain text, and has %s; describe one of them as an operation of its own", unknown)
			}
			unknown = mediaType
		}
		first = mediaType
	}
}

func (p *preparer) walkParameters(parameters openapi3.Parameters, owner, pointer string) {
	taken := map[string]string{}
	for i, parameter := range parameters {
		at := pointer + "/parameters/" + strconv.Itoa(i)
		p.walkParameter(parameter, owner, at)
		name, _ := parameter.Value.Extensions["x-go-name"].(string)
		if other, again := taken[name]; again {
			p.refuse(at, "the parameter's Go name %s is taken by #%s (line %d); give one of them another x-go-name",
				name, other, p.position(other).Line)
		}
		taken[name] = at
	}
}

func (p *preparer) walkParameter(ref *openapi3.ParameterRef, owner, pointer string) {
	if here(&ref.Ref) {
		return
	}
	parameter := ref.Value
	given, ok := p.nameExtension(parameter.Extensions, pointer)
	if !ok {
		given = typeName(parameter.Name)
	}
	if given == "" {
		p.refuse(pointer+"/name", "no letter or digit to make a Go name from; add x-go-name")
	}
	if parameter.Extensions == nil {
		parameter.Extensions = map[string]any{}
	}
	if parameter.In == openapi3.ParameterInPath && reservedVariables[strings.ToLower(given)] {
		given += "Param" // the client has a variable of that name
	}
	parameter.Extensions["x-go-name"] = given
	p.checkParameter(parameter, pointer)
	if parameter.Schema != nil {
		p.walkRef(parameter.Schema, owner+given, pointer+"/schema")
		p.refuseUnion(parameter.Schema, "parameter", pointer)
	}
	for mediaType, content := range sortedMap(parameter.Content) {
		if content.Schema != nil {
			p.walkRef(content.Schema, owner+given, pointer+"/content/"+escape(mediaType)+"/schema")
		}
	}
}

// reservedVariables are the names of variables, packages and such in the functions that oapi-codegen writes, in lower case.
var reservedVariables = stringSet(`body bodyreader buf bytes c client contenttype contract context ctx err error errors false
	fmt handler http io json mime multipart nil operationpath params queryurl r req reqeditors request response rsp runtime server
	serverurl sh siw string strings true url w int bool any len cap append copy new make`)

func stringSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// refuseUnion refuses unions where there is text only.
func (p *preparer) refuseUnion(ref *openapi3.SchemaRef, what, pointer string) {
	if len(ref.Value.OneOf) > 0 {
		p.refuse(pointer+"/schema", "a %s cannot be a union, its text does not say which variant it is; use one type, or content with application/json", what)
	}
}

func (p *preparer) walkHeader(ref *openapi3.HeaderRef, owner, pointer string) {
	if ref.Ref == "" && len(ref.Value.Content) > 0 {
		p.refuse(pointer+"/content", "a header with content is not supported; write a schema instead")
	}
	if !here(&ref.Ref) && ref.Value.Schema != nil {
		p.walkRef(ref.Value.Schema, owner, pointer+"/schema")
		p.refuseUnion(ref.Value.Schema, "header", pointer)
	}
}

func (p *preparer) walkResponse(ref *openapi3.ResponseRef, owner, pointer string) {
	if here(&ref.Ref) {
		return
	}
	for name, header := range sortedMap(ref.Value.Headers) {
		p.walkHeader(header, strings.TrimSuffix(owner, "Body")+goName(name), pointer+"/headers/"+escape(name))
	}
	p.walkContent(ref.Value.Content, owner, pointer)
}

func (p *preparer) walkContent(content openapi3.Content, owner, pointer string) {
	for mediaType, media := range sortedMap(content) {
		if media == nil {
			p.refuse(pointer+"/content/"+escape(mediaType), "the media type is null; write {} if nothing is known of the body")
			p.broken = true
			continue
		}
		if media.Schema == nil {
			if mediaType == "text/plain" {
				p.refuse(pointer+"/content/"+escape(mediaType), "a body of text needs a schema; write schema: {type: string}")
			}
			continue
		}
		name := owner
		if len(content) > 1 {
			name += goName(mediaType)
		}
		here := pointer + "/content/" + escape(mediaType) + "/schema"
		p.checkContent(mediaType, media, strings.TrimSuffix(here, "/schema"))
		p.walkRef(media.Schema, name, here)
		if media.Schema.Ref == "" && len(media.Schema.Value.AnyOf) > 0 {
			p.hoist(media.Schema, name, here)
		}
	}
}

// here makes a reference to a parameter, header, body or response stand where it is used. It tells whether it was one: what
// it names has been prepared already.
func here(ref *string) bool {
	was := *ref != ""
	*ref = ""
	return was
}

// walkRef handles a place where a schema is used. It turns the schema into a component if it needs a Go type.
func (p *preparer) walkRef(ref *openapi3.SchemaRef, name, pointer string) {
	if ref.Ref != "" {
		p.rename(ref, pointer)
		return
	}
	p.walk(ref.Value, name, pointer)
	if needsType(ref.Value) {
		p.hoist(ref, name, pointer)
	}
}

// needsType tells whether an inline schema becomes a type declaration.
func needsType(s *openapi3.Schema) bool {
	return len(s.OneOf) > 0 || len(s.Enum) > 0 || len(s.Properties) > 0 || len(s.AllOf) > 0
}

// hoist makes an inline schema a component.
func (p *preparer) hoist(ref *openapi3.SchemaRef, name, pointer string) {
	if !p.declare(&component{name: name, pointer: pointer, schema: ref.Value}) {
		return
	}
	// The name of a member stays with the place, not with the type.
	ref.Extensions = ref.Value.Extensions
	ref.Value.Extensions = maps.Clone(ref.Value.Extensions)
	delete(ref.Value.Extensions, "x-go-name")
	ref.Ref = schemasPrefix + name
}

// rename follows the new key of the component that a reference names.
func (p *preparer) rename(ref *openapi3.SchemaRef, pointer string) {
	key, ok := strings.CutPrefix(ref.Ref, schemasPrefix)
	name, known := p.renamed[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)]
	if !ok || !known {
		p.broken = true
		p.refuse(pointer+"/$ref", "%q does not name a schema of components; move what it names to components/schemas and refer to that", ref.Ref)
		return
	}
	ref.Ref = schemasPrefix + name
	ref.Value = p.components[name].schema
}

// walk prepares what stands inside a schema; name is the Go name that its parts are named after.
func (p *preparer) walk(s *openapi3.Schema, name, pointer string) {
	p.checkPattern(s, pointer)
	p.checkRequired(s, pointer)
	p.checkKeywords(s, pointer)
	enclosing := p.enclosing
	p.enclosing = nil
	p.walkProperties(s, name, pointer)
	if s.Items != nil {
		p.walkRef(s.Items, name+"Item", pointer+"/items")
	}
	if s.AdditionalProperties.Schema != nil {
		p.walkRef(s.AdditionalProperties.Schema, name+"Value", pointer+"/additionalProperties")
	}
	p.enclosing = append(enclosing, s)
	defer func() { p.enclosing = enclosing }()
	for i, part := range s.AllOf {
		here := pointer + "/allOf/" + strconv.Itoa(i)
		if part.Ref != "" {
			p.rename(part, here)
			continue
		}
		p.walk(part.Value, name, here) // oapi-codegen merges the parts, they need no type
	}
	names := p.variantNames(s, name, pointer)
	for i, variant := range s.OneOf {
		here := pointer + "/oneOf/" + strconv.Itoa(i)
		if variant.Ref != "" {
			p.rename(variant, here)
			continue
		}
		p.walk(variant.Value, names[i], here)
		p.hoist(variant, names[i], here)
		if c := p.target(variant); c != nil && c.schema == variant.Value {
			c.word = strings.TrimPrefix(names[i], name)
		}
	}
	for i, part := range s.AnyOf {
		p.walkAside(part, pointer+"/anyOf/"+strconv.Itoa(i))
	}
	if s.Not != nil {
		p.walkAside(s.Not, pointer+"/not")
	}
	if s.Discriminator != nil {
		p.renameMapping(s.Discriminator, pointer+"/discriminator/mapping")
	}
}

// walkAside renames the references in a schema that makes no Go type: below not and anyOf.
func (p *preparer) walkAside(ref *openapi3.SchemaRef, pointer string) {
	if ref.Ref != "" {
		p.rename(ref, pointer)
		return
	}
	s := ref.Value
	p.checkPattern(s, pointer)
	p.checkKeywords(s, pointer)
	for name, property := range sortedMap(s.Properties) {
		p.walkAside(property, pointer+"/properties/"+escape(name))
	}
	for keyword, parts := range map[string]openapi3.SchemaRefs{"allOf": s.AllOf, "anyOf": s.AnyOf, "oneOf": s.OneOf} {
		for i, part := range parts {
			p.walkAside(part, pointer+"/"+keyword+"/"+strconv.Itoa(i))
		}
	}
	for keyword, part := range map[string]*openapi3.SchemaRef{"items": s.Items, "not": s.Not, "additionalProperties": s.AdditionalProperties.Schema} {
		if part != nil {
			p.walkAside(part, pointer+"/"+keyword)
		}
	}
	if s.Discriminator != nil {
		p.renameMapping(s.Discriminator, pointer+"/discriminator/mapping")
		p.aside = append(p.aside, aside{s, pointer})
	}
}

// patternEscape is one escape of a pattern. ECMA 262 spells \uABCD what RE2 spells \x{ABCD}; but in \\uABCD, the escape is
// that of the backslash.
var patternEscape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|.)`)

// checkPattern spells a pattern for Go.
func (p *preparer) checkPattern(s *openapi3.Schema, pointer string) {
	s.Pattern = patternEscape.ReplaceAllStringFunc(s.Pattern, func(escape string) string {
		if hex, ok := strings.CutPrefix(escape, `\u`); ok && len(hex) == 4 {
			return `\x{` + hex + `}`
		}
		return escape
	})
	if _, err := regexp.Compile(s.Pattern); err != nil {
		p.refuse(pointer+"/pattern", "Go's regular expressions cannot do this pattern (%s); write it without look-around and back references",
			strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
}

// checkRequired refuses an object that requires a member which it does not declare, nor anything that it is composed of or a part of.
// Without properties, or with additionalProperties, such a member has its place in Go, unless the object is closed.
func (p *preparer) checkRequired(s *openapi3.Schema, pointer string) {
	extra := s.AdditionalProperties
	closed := extra.Has != nil && !*extra.Has
	if !closed && (len(s.Properties) == 0 || extra.Schema != nil || extra.Has != nil) {
		return
	}
	all := map[string]bool{}
	for _, of := range append(p.enclosing, s) {
		declaredBy(of, all, map[*openapi3.Schema]bool{})
	}
	for i, name := range s.Required {
		here := pointer + "/required/" + strconv.Itoa(i)
		switch {
		case all[name] && (!closed || s.Properties[name] != nil):
		case closed:
			p.refuse(here, "the member %q is required, but not declared, and no other members are allowed; declare it in properties", name)
		default:
			p.refuse(here, "the member %q is required, but not declared; %s", name, didYouMean(name, sortedKeys(s.Properties), "declare it in properties"))
		}
	}
}

// declaredBy adds the members that a schema and those that it is composed of declare.
func declaredBy(s *openapi3.Schema, all map[string]bool, done map[*openapi3.Schema]bool) {
	if done[s] {
		return
	}
	done[s] = true
	for name := range s.Properties {
		all[name] = true
	}
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		declaredBy(part.Value, all, done)
	}
}

func (p *preparer) walkProperties(s *openapi3.Schema, owner, pointer string) {
	taken := map[string]string{} // Go name → wire name
	for wire, property := range sortedMap(s.Properties) {
		here := pointer + "/properties/" + escape(wire)
		extensions := property.Extensions
		if property.Ref == "" {
			extensions = property.Value.Extensions
		}
		name, ok := p.nameExtension(extensions, here)
		if !ok {
			name = typeName(wire)
		}
		if other, again := taken[name]; again {
			first, second := p.inOrder(pointer+"/properties/"+escape(other), here)
			p.refuse(second, "the member's Go name %s is taken by #%s (line %d); give one of them an x-go-name",
				name, first, p.position(first).Line)
		}
		taken[name] = wire
		if wire == "-" || strings.ContainsFunc(wire, func(r rune) bool { return r < ' ' || strings.ContainsRune("\"',\\`", r) }) {
			p.refuse(here, "encoding/json cannot hold a member with the name %q in a struct; rename it, or describe the object by additionalProperties", wire)
			continue
		}
		if name == "" {
			p.refuse(here, "no letter or digit to make a Go name from; add x-go-name")
			continue
		}
		p.walkRef(property, owner+name, here)
		if c := p.components[owner+name]; c != nil && c.schema == property.Value && c.key == "" {
			c.member = name
		}
		setExtension(property, "x-go-name", name)
	}
}

// checkJoined refuses two members of one Go name that come together through allOf.
func (p *preparer) checkJoined(c *component) {
	taken := map[string]string{} // Go name → wire name
	var join func(s *openapi3.Schema)
	join = func(s *openapi3.Schema) {
		for wire, property := range sortedMap(s.Properties) {
			name := goFieldName(property)
			if other, again := taken[name]; again && other != wire {
				p.refuse(c.pointer+"/allOf", "the members %q and %q, which come together here, both have the Go name %s; give one of them an x-go-name",
					other, wire, name)
			}
			taken[name] = wire
		}
		for _, part := range s.AllOf {
			join(part.Value)
		}
	}
	if len(c.schema.AllOf) > 0 {
		join(c.schema)
	}
}

// setExtension puts an extension where oapi-codegen looks for it: beside a reference, or on the inline schema.
func setExtension(ref *openapi3.SchemaRef, name string, value any) {
	extensions := &ref.Value.Extensions
	if ref.Ref != "" {
		extensions = &ref.Extensions
	}
	*extensions = maps.Clone(*extensions)
	if *extensions == nil {
		*extensions = map[string]any{}
	}
	(*extensions)[name] = value
}

// variantNames names the inline variants: after x-go-name, title, the value that selects them, or else their type. A further
// variant of a type gets a number, so that a variant that is added behind the others renames none of them.
func (p *preparer) variantNames(s *openapi3.Schema, union, pointer string) []string {
	names := make([]string, len(s.OneOf))
	count := map[string]int{}
	for i, variant := range s.OneOf {
		if variant.Ref != "" {
			continue
		}
		if given, ok := p.nameExtension(variant.Value.Extensions, pointer+"/oneOf/"+strconv.Itoa(i)); ok {
			names[i] = given
			continue
		}
		word := variantWord(s, variant.Value)
		names[i] = union + word
		if count[word]++; count[word] > 1 {
			names[i] += strconv.Itoa(count[word])
		}
	}
	return names
}

func variantWord(s, v *openapi3.Schema) string {
	if word := goName(v.Title); word != "" {
		return word
	}
	if s.Discriminator != nil {
		if property := v.Properties[s.Discriminator.PropertyName]; property != nil && len(property.Value.Enum) == 1 {
			return goName(fmt.Sprint(property.Value.Enum[0]))
		}
	}
	for _, property := range sortedMap(v.Properties) {
		if values := property.Value.Enum; len(values) == 1 && property.Value.Type.Is("string") {
			return goName(fmt.Sprint(values[0]))
		}
	}
	if word := typeWord(v); word != "" {
		return word
	}
	return "Option"
}

func typeWord(s *openapi3.Schema) string {
	switch {
	case s.Type.Is("array"):
		return "List"
	case s.Type.Is("object"):
		return "Object"
	case s.Type.Is("boolean"):
		return "Bool"
	case s.Type != nil && len(*s.Type) == 1:
		return upperFirst((*s.Type)[0])
	}
	return ""
}

func (p *preparer) renameMapping(d *openapi3.Discriminator, pointer string) {
	for value, mapping := range sortedMap(d.Mapping) {
		key := mapping.Ref
		if k, ok := strings.CutPrefix(key, schemasPrefix); ok {
			key = k
		}
		name, known := p.renamed[key]
		if !known {
			p.refuse(pointer+"/"+escape(value), "%q names no schema of components; write the name or the reference of a variant", mapping.Ref)
			delete(d.Mapping, value)
			continue
		}
		mapping.Ref = schemasPrefix + name
		d.Mapping[value] = mapping
	}
}

// nameEnum names the constants of an enum.
func (p *preparer) nameEnum(c *component) {
	s := c.schema
	// Beside a type, null is ruled by nullable alone, and says nothing as an enum value.
	all := s.Enum
	values := slices.DeleteFunc(slices.Clone(all), func(v any) bool { return v == nil })
	if len(values) == 0 {
		return
	}
	if s.Type == nil && len(values) < len(all) {
		s.Nullable = true
	}
	s.Enum = values
	if given, ok := s.Extensions["x-enum-varnames"]; ok {
		p.checkEnumNames(c, given, all)
		return
	}
	names := make([]any, len(values))
	taken := map[string]int{}
	for i, value := range values {
		text := fmt.Sprint(value)
		name := goName(text)
		switch {
		case text == "":
			name = "Empty"
		case strings.HasPrefix(text, "-") && s.Type.Is("integer"):
			name = "Minus" + name
		}
		here := c.pointer + "/enum/" + strconv.Itoa(i)
		if name == "" {
			p.refuse(here, "no letter or digit in %q to make a Go name from; set x-enum-varnames", text)
		}
		if first, again := taken[name]; again && name != "" {
			p.refuse(here, "%q becomes the Go name %s, as %q (line %d) does; set x-enum-varnames",
				text, c.name+name, fmt.Sprint(values[first]), p.position(c.pointer+"/enum/"+strconv.Itoa(first)).Line)
		}
		taken[name] = i
		names[i] = c.name + name
	}
	s.Extensions = maps.Clone(s.Extensions)
	if s.Extensions == nil {
		s.Extensions = map[string]any{}
	}
	s.Extensions["x-enum-varnames"] = names
}

// checkEnumNames takes over x-enum-varnames: one Go name for each value, that of null left out.
func (p *preparer) checkEnumNames(c *component, given any, values []any) {
	here := c.pointer + "/x-enum-varnames"
	names, _ := given.([]any)
	if len(names) != len(values) {
		p.refuse(here, "there are %d names for %d values; write one for each, in the same order", len(names), len(values))
		return
	}
	taken := map[string]bool{}
	var kept []any
	for i, name := range names {
		text, _ := name.(string)
		if typeName(text) != text || text == "" || taken[text] {
			p.refuse(here+"/"+strconv.Itoa(i), "%q is no Go identifier of its own; write different ones that begin with a capital", fmt.Sprint(name))
		}
		taken[text] = true
		if values[i] != nil {
			kept = append(kept, name)
		}
	}
	c.schema.Extensions["x-enum-varnames"] = kept
}

// finish puts the components back under their Go names.
func (p *preparer) finish() {
	schemas := openapi3.Schemas{}
	for name, c := range p.components {
		delete(c.schema.Extensions, "x-go-name")
		schemas[name] = &openapi3.SchemaRef{Value: c.schema}
	}
	p.api.Components.Schemas = schemas
}
