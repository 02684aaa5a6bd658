package lint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file walks through a document along the objects of OpenAPI, 3.0 to 3.2, and checks that each value has a type that OpenAPI lets it
// have. What is of another type is passed over by the generator, which is seldom what the author meant.

// shapes are the objects of OpenAPI with the shapes of their members. A shape is the name of another object, one of the scalars string,
// boolean and number, any, or made of other shapes: [item], {value} for objects with any members, {value}- for those in which extensions
// (x-…) may stand beside them, and a|b. An exclamation mark is before members that have to be there, a question mark before those that
// describe something to readers only. The keywords of schemas whose types package model checks are any.
var shapes = map[string]object{
	"document": members(`!openapi:string|number $self:string !info:info jsonSchemaDialect:string servers:[server] paths:{pathItem}-
		webhooks:{pathItem}- components:components security:[{[string]}] ?tags:[tag] ?externalDocs:externalDocs`),
	"info":           members(`?!title:string ?summary:string ?description:string ?termsOfService:string ?contact:contact ?license:license ?!version:string`),
	"contact":        members(`?name:string ?url:string ?email:string`),
	"license":        members(`?name:string ?identifier:string ?url:string`),
	"server":         members(`!url:string name:string ?description:string variables:{serverVariable}`),
	"serverVariable": members(`enum:[string] !default:string ?description:string`),
	"components": members(`schemas:{schema} responses:{response} parameters:{parameter} ?examples:{example}
		requestBodies:{requestBody} headers:{header} securitySchemes:{securityScheme} ?links:{link} callbacks:{{pathItem}-}
		pathItems:{pathItem} mediaTypes:{mediaType}`),
	"pathItem": members(`?summary:string ?description:string get:operation put:operation post:operation delete:operation
		options:operation head:operation patch:operation trace:operation query:operation additionalOperations:{operation}
		servers:[server] parameters:[parameter]`),
	"operation": members(`tags:[string] ?summary:string ?description:string ?externalDocs:externalDocs operationId:string
		parameters:[parameter] requestBody:requestBody responses:{response}- callbacks:{{pathItem}-} deprecated:boolean
		security:[{[string]}] servers:[server]`),
	"externalDocs": members(`?description:string ?url:string`),
	"parameter": members(`!name:string !in:string ?description:string required:boolean deprecated:boolean allowEmptyValue:boolean
		style:string explode:boolean allowReserved:boolean schema:schema ?example:any ?examples:{example} content:{mediaType}`),
	"header": members(`?description:string required:boolean deprecated:boolean allowEmptyValue:boolean
		style:string explode:boolean allowReserved:boolean schema:schema ?example:any ?examples:{example} content:{mediaType}`),
	"requestBody": members(`?description:string !content:{mediaType} required:boolean`),
	"mediaType": members(`schema:schema itemSchema:schema ?example:any ?examples:{example} encoding:{encoding} prefixEncoding:[encoding]
		itemEncoding:encoding`),
	"encoding": members(`contentType:string headers:{header} style:string explode:boolean allowReserved:boolean encoding:{encoding}
		prefixEncoding:[encoding] itemEncoding:encoding`),
	"response": members(`?summary:string ?!description:string headers:{header} content:{mediaType} ?links:{link}`),
	"example":  members(`?summary:string ?description:string value:any dataValue:any ?serializedValue:string ?externalValue:string`),
	"link": members(`?operationRef:string ?operationId:string ?parameters:{any} ?requestBody:any ?description:string
		?server:server`),
	"tag": members(`!name:string ?summary:string ?description:string ?externalDocs:externalDocs ?parent:string ?kind:string`),
	"schema": members(`$schema:string $id:string $anchor:string $dynamicAnchor:string $dynamicRef:string $vocabulary:any ?$comment:string
		$defs:{schema} definitions:{schema} ?title:string multipleOf:any maximum:any exclusiveMaximum:any minimum:any exclusiveMinimum:any
		maxLength:any minLength:any pattern:string maxItems:any minItems:any uniqueItems:boolean maxContains:any minContains:any
		maxProperties:any minProperties:any required:[any]|boolean enum:any const:any type:any allOf:[schema] oneOf:[schema] anyOf:[schema]
		not:schema if:schema then:schema else:schema items:schema prefixItems:[schema] contains:schema unevaluatedItems:schema
		properties:{schema} patternProperties:{schema} additionalProperties:schema propertyNames:schema unevaluatedProperties:schema
		dependentRequired:{[string]} dependentSchemas:{schema} dependencies:any ?description:string format:string default:any
		nullable:boolean discriminator:discriminator readOnly:boolean writeOnly:boolean ?xml:xml ?externalDocs:externalDocs ?example:any
		?examples:[any] deprecated:boolean contentEncoding:string contentMediaType:string ?contentSchema:schema`),
	"discriminator": members(`propertyName:string mapping:{string} defaultMapping:string`),
	"xml":           members(`?nodeType:string ?name:string ?namespace:string ?prefix:string ?attribute:boolean ?wrapped:boolean`),
	"securityScheme": members(`!type:string ?description:string name:string in:string scheme:string ?bearerFormat:string ?flows:flows
		?openIdConnectUrl:string ?oauth2MetadataUrl:string deprecated:boolean`),
	"flows": members(`?implicit:flow ?password:flow ?clientCredentials:flow ?authorizationCode:flow ?deviceAuthorization:flow`),
	"flow":  members(`?authorizationUrl:string ?tokenUrl:string ?deviceAuthorizationUrl:string ?refreshUrl:string ?scopes:{string}`),
}

// An object is what is known of one of OpenAPI's objects.
type object struct {
	members  map[string]member
	names    []string // of the members, sorted
	required []string
}

type member struct {
	shape      string
	annotation bool
}

func members(text string) object {
	o := object{members: map[string]member{}}
	for word := range strings.FieldsSeq(text) {
		word, annotation := strings.CutPrefix(word, "?")
		word, required := strings.CutPrefix(word, "!")
		name, shape, _ := strings.Cut(word, ":")
		o.members[name] = member{shape, annotation}
		o.names = append(o.names, name)
		if required {
			o.required = append(o.required, name)
		}
	}
	slices.Sort(o.names)
	return o
}

// titles name objects in messages, where that is not their shape.
var titles = map[string]string{
	"document": "a document", "info": "info", "pathItem": "a path item", "requestBody": "a request body", "mediaType": "a media type",
	"serverVariable": "a server variable", "securityScheme": "a security scheme", "externalDocs": "externalDocs", "operation": "an operation",
	"example": "an example", "encoding": "an encoding", "xml": "xml",
}

func title(shape string) string {
	if t, ok := titles[shape]; ok {
		return t
	}
	return "a " + shape
}

// walk visits a value of a shape, and everything in it, by references too. Annotations are what only readers look at.
func (l *linter) walk(shape string, annotation bool, n *source.Node) {
	if n == nil || n.Kind == source.Null || shape == "any" { // null is often written for nothing
		return
	}
	for one := range strings.SplitSeq(shape, "|") {
		if fits(one, n) {
			l.inside(one, n)
			return
		}
	}
	if shape == "schema" {
		return // which package model reports
	}
	rule := "wrong-type"
	switch {
	case annotation:
		rule = "ignored-value"
	case n.Is(source.Array) && len(n.Items) == 0 || n.Is(source.Object) && len(n.Members) == 0:
		rule = "empty-value" // as some languages write those of the other kind
	}
	l.report(rule, n, "the value is of type %s, which is passed over; write %s", n.Kind, described(shape))
}

// fits reports whether a value is of a shape, without what is in it.
func fits(shape string, n *source.Node) bool {
	switch shape {
	case "string":
		return n.Kind == source.String
	case "boolean":
		return n.Kind == source.Bool
	case "number":
		return n.Kind == source.Number
	case "schema":
		return n.Kind == source.Object || n.Kind == source.Bool
	}
	if shape[0] == '[' {
		return n.Kind == source.Array
	}
	return n.Kind == source.Object
}

// inside visits what is in a value of a shape that is not made of alternatives.
func (l *linter) inside(shape string, n *source.Node) {
	switch {
	case n.Kind == source.Array:
		for _, item := range n.Items {
			l.walk(shape[1:len(shape)-1], false, item)
		}
	case n.Kind != source.Object:
	case shape[0] == '{':
		if n.Get("$ref").Is(source.String) { // callbacks may be referred to as a whole
			if !l.visited[n] {
				l.visited[n] = true
				l.follow(shape, n)
			}
			return
		}
		values, extended := strings.CutSuffix(shape, "-")
		for i := range n.Members {
			if m := &n.Members[i]; !extended || !strings.HasPrefix(m.Name, "x-") {
				l.walk(values[1:len(values)-1], false, m.Value)
			}
		}
	default:
		l.object(shape, n)
	}
}

// object visits one of OpenAPI's objects, once.
func (l *linter) object(shape string, n *source.Node) {
	if l.visited[n] {
		return
	}
	l.visited[n] = true
	outer := l.direction
	defer func() { l.direction = outer }()
	if d, ok := directions[shape]; ok {
		l.direction = d
	}
	if n.Get("$ref").Is(source.String) {
		l.follow(shape, n)
		if shape != "schema" || l.doc.Version == source.V30 {
			return // what is beside it has no meaning
		}
	}
	known := shapes[shape]
	for i := range n.Members {
		m := &n.Members[i]
		member, ok := known.members[m.Name]
		switch {
		case shape == "document" && m.Name == "components": // see Check
		case ok:
			l.walk(member.shape, member.annotation, m.Value)
		case strings.HasPrefix(m.Name, "x-"):
			l.extension(m)
		case m.Name != "$ref":
			l.unknown(shape, m)
		}
	}
	for _, name := range known.required {
		if !n.Has(name) && !(name == "name" && n.Has("$ref")) {
			l.report("missing-member", n, "%s has no %s; add it", title(shape), name)
		}
	}
	if check := l.checks[shape]; check != nil {
		check(n)
	}
}

// follow visits what a reference leads to. One that leads nowhere is reported by package model where it is used.
func (l *linter) follow(shape string, n *source.Node) {
	target, err := l.doc.Resolve(n, n.Str("$ref"))
	if err == nil && target.Node != nil && (target.File == nil || target.File.Package == "") {
		l.use(target.Node)
		l.walk(shape, false, target.Node)
	}
}

// unknown reports a member that an object of OpenAPI does not have. Schemas may have keywords of any dialect since OpenAPI 3.1, so that only
// those are reported that look like a known one.
func (l *linter) unknown(shape string, m *source.Member) {
	near := source.Nearest(m.Name, shapes[shape].names)
	switch {
	case near != "":
		l.reportMember("unknown-keyword", m, "%s has no member %s, which has no effect; did you mean %s?", title(shape), strconv.Quote(m.Name), near)
	case shape != "schema" || l.doc.Version == source.V30:
		l.reportMember("unknown-keyword", m, "%s has no member %s, which has no effect; remove it, or begin its name with x-", title(shape), strconv.Quote(m.Name))
	}
}

// described says what to write for a shape.
func described(shape string) string {
	var list []string
	for one := range strings.SplitSeq(shape, "|") {
		switch {
		case one == "string":
			list = append(list, "a string")
		case one == "boolean":
			list = append(list, "true or false")
		case one == "number":
			list = append(list, "a number")
		case one[0] == '[':
			list = append(list, "a list")
		default:
			list = append(list, "an object")
		}
	}
	return strings.Join(list, " or ")
}
