package model

import (
	"maps"
	"slices"

	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A Rule is something that a document should not have, although code can be generated for it.
type Rule struct {
	Severity source.Severity // if the config does not say otherwise
	Finds    string
	Why      string
}

// A Policy is how severe the violations of each rule are. Besides a config, the document itself decides: where an object has
//
//	x-lint-ignore: [rule, …]
//
// the rules are off for the object and everything in it. The zero Policy, and a nil one, have the severities of [Rules].
type Policy struct {
	// All is the severity of the rules that Rules does not have; nil for their own.
	All   *source.Severity
	Rules map[string]source.Severity

	used map[*source.Node]bool // items of x-lint-ignore that have switched something off
}

// IgnoreKey is the extension that switches rules off.
const IgnoreKey = "x-lint-ignore"

// Severity is how severe a violation of a rule is at a node.
func (p *Policy) Severity(rule string, n *source.Node) source.Severity {
	severity := p.Chosen(rule, Rules[rule].Severity)
	if severity == source.Off {
		return severity
	}
	for ; n != nil; n = n.Parent() {
		ignored := n.Get(IgnoreKey)
		if !ignored.Is(source.Array) {
			continue
		}
		if i := slices.IndexFunc(ignored.Items, func(item *source.Node) bool { return item.Text == rule }); i >= 0 {
			if p != nil {
				if p.used == nil {
					p.used = map[*source.Node]bool{}
				}
				p.used[ignored.Items[i]] = true
			}
			return source.Off
		}
	}
	return severity
}

// Used reports whether an item of x-lint-ignore has switched something off.
func (p *Policy) Used(item *source.Node) bool { return p != nil && p.used[item] }

// Chosen is the severity that the config has for a rule, or the given one if it has none.
func (p *Policy) Chosen(rule string, otherwise source.Severity) source.Severity {
	if p != nil {
		if severity, ok := p.Rules[rule]; ok {
			return severity
		}
		if p.All != nil {
			return *p.All
		}
	}
	return otherwise
}

// RuleNames are the names of the rules, sorted.
func RuleNames() []string { return slices.Sorted(maps.Keys(Rules)) }

// Rules are the rules of all stages, by name. All of them can be set in the config.
var Rules = map[string]Rule{
	"unsupported-key":           {source.Warning, "a key of oapi-codegen in the config file that this generator does not have", "what it asks for is not done"},
	source.RuleSelectMatch:      {source.Warning, "a tag or operationId to include or exclude that no operation has", "it is often misspelt"},
	source.RuleOverlayMatch:     {source.Warning, "an action of an overlay that changes nothing", "the document is not what its author expected"},
	source.RuleOverlayKind:      {source.Warning, "an action of an overlay, 1.0, that replaces a value by one of another type", "it is often the wrong place"},
	source.RuleRepeatedName:     {source.Warning, "a name that an object has twice", "only the value of the last one is read"},
	"ref-siblings":              {source.Warning, "keywords beside $ref in OpenAPI 3.0", "they have no effect, although they look as if they had"},
	"repeated-enum-value":       {source.Warning, "a value that an enum lists twice", "one of the two was meant to be another value"},
	"empty-enum":                {source.Warning, "an enum without values", "no value is valid"},
	"number-as-string":          {source.Warning, "a bound that is a string", "it has to be a number"},
	"repeated-required":         {source.Warning, "a member that required lists twice", "one of the two was meant to be another member"},
	"boolean-required":          {source.Warning, "required: true in a schema", "it has no effect; the members are listed in the object around it"},
	"unknown-type":              {source.Warning, "a type that OpenAPI does not have", "values of any type are accepted"},
	"parameter-style":           {source.Warning, "a style that a parameter cannot have", "the usual one is taken instead"},
	"enum-names":                {source.Warning, "names for the values of an enum that are not Go identifiers, or not one for each", "they are passed over"},
	"empty-value":               {source.Warning, "null, an empty list or an empty object where OpenAPI has something else", "it says nothing, and may have been meant to"},
	"invalid-pattern":           {source.Warning, "a pattern that is not a regular expression", "it cannot be checked"},
	"mapping-target":            {source.Warning, "a value of a discriminator that selects nothing", "values of it cannot be read"},
	"repeated-variant":          {source.Warning, "a variant that a union lists twice", "a oneOf could never fit exactly one of the two"},
	"part-of-itself":            {source.Warning, "a schema that is a part of itself by allOf, oneOf, anyOf or not", "no value can be judged by it"},
	"items-array":               {source.Warning, "an array as items", "it has meant the first items in JSON Schema, and never anything in OpenAPI"},
	"media-type":                {source.Warning, "a key of content that is not a media type, or is another one with parameters", "no message ever has it as its Content-Type, or its bodies are not validated"},
	"required-not-declared":     {source.Warning, "a required member that is not in properties", "it is often misspelt, and can have any value"},
	"required-not-allowed":      {source.Warning, "a required member that additionalProperties: false forbids", "no value is valid"},
	"name-collision":            {source.Off, "two names of the document that give one Go name", "one of them gets another name than its own"},
	"undefined-security-scheme": {source.Warning, "a security scheme that is not defined", "nothing is known about the credentials"},
	"undeclared-path-parameter": {source.Warning, "a parameter of a path template that is not declared", "nothing is known about its values"},
	"unused-path-parameter":     {source.Warning, "a path parameter that the path does not have", "it is never sent"},
	"reserved-header":           {source.Warning, "a header that OpenAPI says is ignored", "it has no effect"},
	"optional-path-parameter":   {source.Warning, "a path parameter that is not required", "a path without it is another path"},
	"status-case":               {source.Warning, "a range of statuses in lower case", "the specification writes 4XX"},
	"path-with-query":           {source.Warning, "a path with ? or #", "a query is matched besides the path, and a fragment is never sent"},
	"closed-part":               {source.Warning, "additionalProperties: false in a schema that is combined with others which declare members", "taken literally none of their members may be present"},
	"circular-union":            {source.Warning, "a union that a variant extends by allOf", "taken literally no value is valid"},
	"ambiguous-path":            {source.Warning, "two paths that match the same requests", "only one of them is ever served"},

	"contradicting-extension": {source.Warning, "an extension that asks for what the document does not allow", "it is passed over: what it asks for would not be valid"},

	"repeated-discriminator-value": {source.Warning, "a value of a discriminator that selects two variants", "the shape of a value has to tell them apart, or only the first can be chosen"},

	// Package lint checks these.
	"weak-discriminator":     {source.Warning, "a discriminator that a variant does not declare, does not require, or must not send", "it cannot be relied on to select the variant"},
	"wrong-type":             {source.Error, "a value of a type that OpenAPI does not have there", "it is passed over, and what it says is lost"},
	"ignored-value":          {source.Warning, "the same where it only describes something", "readers do not see it"},
	"missing-member":         {source.Warning, "a member that OpenAPI demands", "other tools refuse the document"},
	"unknown-keyword":        {source.Warning, "a member that OpenAPI does not have", "it is often misspelt, and has no effect"},
	"unknown-extension":      {source.Warning, "an extension that looks like one of the generator, but is not", "it is often misspelt, and has no effect"},
	"keyword-without-effect": {source.Warning, "a keyword that says nothing about the type of its schema", "it looks as if it had an effect"},
	"never-valid":            {source.Warning, "bounds or parts of a schema that exclude each other", "no value is valid"},
	"invalid-default":        {source.Warning, "a default that its schema refuses", "it cannot be sent"},
	"invalid-enum-value":     {source.Warning, "a value of an enum that the other keywords of its schema refuse", "it can never be used"},
	"invalid-example":        {source.Off, "an example that its schema refuses, in the direction in which it is sent", "readers copy examples"},
	"integer-range":          {source.Warning, "a bound that int32 or int64, the format, cannot hold", "the Go type cannot hold the value that the document promises"},
	"ambiguous-union":        {source.Warning, "a oneOf with a minimal payload that fits two variants", "the payload is a value of neither, and refused"},
	"unreachable-variant":    {source.Warning, "a variant of a union whose values all fit another one too", "it can never be chosen"},
	"unused-ignore":          {source.Warning, "a rule in x-lint-ignore that does not exist, or that nothing violates", "it is misspelt, or not needed any more"},
	"repeated-operation-id":  {source.Warning, "an operationId that two operations have", "tools and logs call operations by it"},
	"operation-id":           {source.Off, "an operationId that is missing, or not letters, digits and underscores after a small letter", "code and tools call the operation by it"},
	"no-client-error":        {source.Off, "an operation without a schema for 4XX, or default", "a caller cannot decode a refusal that is not described"},
	"unused-component":       {source.Off, "a component that no operation needs, be it by way of others", "it looks as if it meant something"},
	"no-description":         {source.Off, "an operation, parameter, response, component schema or property without one", "it becomes the Go doc comment"},
	"joined-security":        {source.Off, "a requirement that demands an http and an apiKey scheme at once", "two alternatives, written as one item, lock out everybody who has one of them"},
	"nullable-parameter":     {source.Off, "a parameter with a nullable schema", "text cannot say null; absence can"},
}
