package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Before kin-openapi decodes a document, this file checks that each value has a type that OpenAPI 3.0 lets it have.
// The decoder would stop at the first mistake, without its place, and word it as encoding/json does, which differs
// between releases of Go.

// shapes are the objects of OpenAPI 3.0 with the shapes of their members. A shape is the name of another object, one
// of the scalars string, boolean, number and count (an integer, 0 or more), any, or made of other shapes: [item],
// {value} for objects with any members, {value}- for those in which extensions (x-…) may stand beside them, and a|b.
var shapes = map[string]map[string]string{
	"document": members(`openapi:string info:info servers:[server] paths:{pathItem}- components:components
		security:[{[string]}] tags:[tag] externalDocs:externalDocs`),
	"info":           members(`title:string description:string termsOfService:string contact:contact license:license version:string`),
	"contact":        members(`name:string url:string email:string`),
	"license":        members(`name:string url:string`),
	"server":         members(`url:string description:string variables:{serverVariable}`),
	"serverVariable": members(`enum:[string] default:string description:string`),
	"components": members(`schemas:{schema} responses:{response} parameters:{parameter} examples:{example}
		requestBodies:{requestBody} headers:{header} securitySchemes:{securityScheme} links:{link} callbacks:{{pathItem}-}`),
	"pathItem": members(`summary:string description:string get:operation put:operation post:operation delete:operation
		options:operation head:operation patch:operation trace:operation servers:[server] parameters:[parameter]`),
	"operation": members(`tags:[string] summary:string description:string externalDocs:externalDocs operationId:string
		parameters:[parameter] requestBody:requestBody responses:{response}- callbacks:{{pathItem}-} deprecated:boolean
		security:[{[string]}] servers:[server]`),
	"externalDocs": members(`description:string url:string`),
	"parameter": members(`name:string in:string description:string required:boolean deprecated:boolean allowEmptyValue:boolean
		style:string explode:boolean allowReserved:boolean schema:schema example:any examples:{example} content:{mediaType}`),
	"header": members(`description:string required:boolean deprecated:boolean allowEmptyValue:boolean
		style:string explode:boolean allowReserved:boolean schema:schema example:any examples:{example} content:{mediaType}`),
	"requestBody": members(`description:string content:{mediaType} required:boolean`),
	"mediaType":   members(`schema:schema example:any examples:{example} encoding:{encoding}`),
	"encoding":    members(`contentType:string headers:{header} style:string explode:boolean allowReserved:boolean`),
	"response":    members(`description:string headers:{header} content:{mediaType} links:{link}`),
	"example":     members(`summary:string description:string value:any externalValue:string`),
	"link":        members(`operationRef:string operationId:string parameters:{any} requestBody:any description:string server:server`),
	"tag":         members(`name:string description:string externalDocs:externalDocs`),
	"schema": members(`title:string multipleOf:number maximum:number exclusiveMaximum:boolean|number minimum:number
		exclusiveMinimum:boolean|number maxLength:count minLength:count pattern:string maxItems:count minItems:count uniqueItems:boolean
		maxProperties:count minProperties:count required:[string] enum:[any] type:string|[string] allOf:[schema] oneOf:[schema]
		anyOf:[schema] not:schema items:schema properties:{schema} additionalProperties:boolean|schema description:string
		format:string default:any nullable:boolean discriminator:discriminator readOnly:boolean writeOnly:boolean xml:xml
		externalDocs:externalDocs example:any deprecated:boolean`),
	"discriminator":  members(`propertyName:string mapping:{string}`),
	"xml":            members(`name:string namespace:string prefix:string attribute:boolean wrapped:boolean`),
	"securityScheme": members(`type:string description:string name:string in:string scheme:string bearerFormat:string flows:flows openIdConnectUrl:string`),
	"flows":          members(`implicit:flow password:flow clientCredentials:flow authorizationCode:flow`),
	"flow":           members(`authorizationUrl:string tokenUrl:string refreshUrl:string scopes:{string}`),
}

func members(text string) map[string]string {
	members := map[string]string{}
	for member := range strings.FieldsSeq(text) {
		name, shape, _ := strings.Cut(member, ":")
		members[name] = shape
	}
	return members
}

// checkShapes refuses each value of the document that has another type than OpenAPI 3.0 lets it have, members that it
// does not have, and keywords that say nothing where they stand.
func (d *document) checkShapes() {
	version, _ := d.scalar("/openapi")
	c := shapeChecker{d, map[shapedNode]bool{}, strings.HasPrefix(version, "3.0.")}
	c.check("document", "", d.nodes[""].value)
}

type shapeChecker struct {
	*document
	done map[shapedNode]bool // so that aliases are followed once
	is30 bool                // other versions have other members, and are refused as such
}

type shapedNode struct {
	node  *yaml.Node
	shape string
}

func (c shapeChecker) check(shape, pointer string, n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if c.done[shapedNode{n, shape}] {
		return
	}
	c.done[shapedNode{n, shape}] = true
	if n.ShortTag() == "!!null" || shape == "any" { // the decoder takes null for nothing
		return
	}
	for alternative := range strings.SplitSeq(shape, "|") {
		if fits(alternative, n) {
			c.checkInside(alternative, pointer, n)
			if shape == "schema" && c.is30 {
				c.checkType(pointer, n)
			}
			return
		}
	}
	c.refuse(pointer, "not valid OpenAPI 3.0: the value has the wrong type; write %s", described(shape))
}

func (c shapeChecker) checkInside(shape, pointer string, n *yaml.Node) {
	switch n.Kind {
	case yaml.SequenceNode:
		for i, item := range n.Content {
			c.check(shape[1:len(shape)-1], pointer+"/"+strconv.Itoa(i), item)
		}
	case yaml.MappingNode:
		if _, ok := c.scalar(pointer + "/$ref"); ok {
			return // what stands beside it has no meaning
		}
		values, extended := strings.CutSuffix(shape, "-")
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, member := n.Content[i].Value, ""
			switch {
			case strings.HasPrefix(name, "x-") && (values[0] != '{' || extended):
				c.checkExtension(pointer+"/"+escape(name), name)
			case values[0] != '{':
				if member = shapes[shape][name]; member == "" && c.is30 {
					c.refuse(pointer+"/"+escape(name), "%q means nothing in OpenAPI 3.0 here; %s", name,
						didYouMean(name, sortedKeys(shapes[shape]), "remove it, or make it an extension: x-"+name))
				}
			case !extended || !strings.HasPrefix(name, "x-"):
				member = values[1 : len(values)-1]
			}
			if member != "" {
				c.check(member, pointer+"/"+escape(name), n.Content[i+1])
			}
		}
	}
}

// applicable are the types that a keyword says something about, for those that say nothing about others.
var applicable = map[string]string{
	"minLength": "string", "maxLength": "string", "pattern": "string",
	"minimum": "number integer", "exclusiveMinimum": "number integer", "multipleOf": "number integer",
	"maximum": "number integer", "exclusiveMaximum": "number integer",
	"items": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
	"properties": "object", "required": "object", "additionalProperties": "object",
	"minProperties": "object", "maxProperties": "object",
}

var schemaTypes = []string{"array", "boolean", "integer", "number", "object", "string"}

// checkType refuses a type that does not exist, and keywords that say nothing about the type beside them.
func (c shapeChecker) checkType(pointer string, n *yaml.Node) {
	declared, ok := c.scalar(pointer + "/type")
	if _, isRef := c.scalar(pointer + "/$ref"); !ok || isRef {
		return
	}
	if !slices.Contains(schemaTypes, declared) {
		c.refuse(pointer+"/type", "no type has the name %q; %s", declared,
			didYouMean(declared, schemaTypes, "write one of "+strings.Join(schemaTypes, ", ")))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if all, some := applicable[name]; some && !slices.Contains(strings.Fields(all), declared) {
			c.refuse(pointer+"/"+name, "%s does not apply to the type %s; remove it, or correct the type", name, declared)
		}
	}
}

// extensions are those with a meaning, here or for oapi-codegen.
var extensions = sortedKeys(stringSet(`x-api-token-group x-client-response-wrapper x-deprecated-reason x-enum-varnames x-enumNames
	x-failure-envelope x-go-json-ignore x-go-name x-go-type x-go-type-import x-go-type-name x-go-type-skip-optional-pointer x-lint-ignore
	x-oapi-codegen-extra-tags x-oapi-codegen-only-honour-go-name x-omitempty x-omitzero x-order x-sensitive x-unchecked`))

// foreign are extensions of other tools that begin like ours.
var foreign = stringSet(`x-go-custom-tag x-go-enum-desc x-go-gen-location x-go-package x-go-validations`)

// checkExtension refuses an extension that is meant for this generator, by its beginning or as it is nearly one that
// has a meaning.
func (c shapeChecker) checkExtension(pointer, name string) {
	if slices.Contains(extensions, name) || foreign[name] {
		return
	}
	for _, prefix := range []string{"x-go-", "x-oapi-codegen-"} {
		if strings.HasPrefix(name, prefix) {
			all := slices.DeleteFunc(slices.Clone(extensions), func(e string) bool { return !strings.HasPrefix(e, prefix) })
			advice := "write one of " + strings.Join(all, ", ")
			if near, distance := closest(name, all); distance <= (len(name)-len(prefix))/3 {
				advice = "did you mean " + near + "?"
			}
			c.refuse(pointer, "no extension has the name %s; %s", name, advice)
			return
		}
	}
	// Short names are like others by chance.
	if near, distance := closest(name, extensions); len(near) > len("x-order") && distance <= min(2, len(name)/6) {
		c.refuse(pointer, "no extension has the name %s; did you mean %s?", name, near)
	}
}

// closest returns the candidate that is spelled most like a name, and in how many letters they differ.
func closest(name string, candidates []string) (candidate string, distance int) {
	distance = math.MaxInt
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(name), strings.ToLower(c)); d < distance {
			candidate, distance = c, d
		}
	}
	return candidate, distance
}

// didYouMean asks for a candidate that is spelled like a name; without one it says what to do otherwise.
func didYouMean(name string, candidates []string, otherwise string) string {
	if near, distance := closest(name, candidates); distance <= (len(name)+2)/3 && distance < len(name) {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return otherwise
}

// fits reports whether a node is of a shape, without what is in it.
func fits(shape string, n *yaml.Node) bool {
	tag := n.ShortTag()
	switch {
	case shape == "string":
		return n.Kind == yaml.ScalarNode && (tag == "!!str" || tag == "!!timestamp")
	case shape == "boolean":
		return tag == "!!bool"
	case shape == "number":
		return tag == "!!int" || tag == "!!float"
	case shape == "count":
		_, err := strconv.ParseUint(n.Value, 0, 64)
		return tag == "!!int" && err == nil
	case shape[0] == '[':
		return n.Kind == yaml.SequenceNode
	}
	return n.Kind == yaml.MappingNode
}

// described says what to write for a shape.
func described(shape string) string {
	var list []string
	for alternative := range strings.SplitSeq(shape, "|") {
		switch {
		case alternative == "string":
			list = append(list, "a string")
		case alternative == "boolean":
			list = append(list, "true or false")
		case alternative == "number":
			list = append(list, "a number")
		case alternative == "count":
			list = append(list, "an integer, 0 or more")
		case alternative[0] == '[':
			list = append(list, "a list")
		default:
			list = append(list, "an object")
		}
	}
	return strings.Join(list, " or ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
