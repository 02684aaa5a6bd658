package model

import "github.com/interconnect-go/interconnect/gen/internal/source"

// A Rule is something that a document should not have, although code can be generated for it.
type Rule struct {
	Severity source.Severity // if the config does not say otherwise
	Finds    string
	Why      string
}

// Rules are the rules that [Build] checks, by name. All of them can be set in the config.
var Rules = map[string]Rule{
	"ref-siblings":              {source.Warning, "keywords beside $ref in OpenAPI 3.0", "they have no effect, although they look as if they had"},
	"repeated-enum-value":       {source.Warning, "a value that an enum lists twice", "one of the two was meant to be another value"},
	"empty-enum":                {source.Warning, "an enum without values", "no value is valid"},
	"number-as-string":          {source.Warning, "a bound that is a string", "it has to be a number"},
	"repeated-required":         {source.Warning, "a member that required lists twice", "one of the two was meant to be another member"},
	"boolean-required":          {source.Warning, "required: true in a schema", "it has no effect; the members are listed in the object around it"},
	"invalid-pattern":           {source.Warning, "a pattern that is not a regular expression", "it cannot be checked"},
	"mapping-target":            {source.Error, "a value of a discriminator that selects nothing", "values of it cannot be read"},
	"repeated-variant":          {source.Warning, "a variant that a union lists twice", "a oneOf could never fit exactly one of the two"},
	"required-not-declared":     {source.Warning, "a required member that is not in properties", "it is often misspelt, and can have any value"},
	"required-not-allowed":      {source.Error, "a required member that additionalProperties: false forbids", "no value is valid"},
	"name-collision":            {source.Off, "two names of the document that give one Go name", "one of them gets another name than its own"},
	"undefined-security-scheme": {source.Warning, "a security scheme that is not defined", "nothing is known about the credentials"},
	"undeclared-path-parameter": {source.Warning, "a parameter of a path template that is not declared", "nothing is known about its values"},
	"unused-path-parameter":     {source.Warning, "a path parameter that the path does not have", "it is never sent"},
	"reserved-header":           {source.Warning, "a header that OpenAPI says is ignored", "it has no effect"},
	"optional-path-parameter":   {source.Warning, "a path parameter that is not required", "a path without it is another path"},
	"status-case":               {source.Warning, "a range of statuses in lower case", "the specification writes 4XX"},
	"path-with-query":           {source.Warning, "a path with ? or #", "a query is matched besides the path, and a fragment is never sent"},
	"circular-union":            {source.Warning, "a union that a variant extends by allOf", "taken literally no value is valid"},
	"ambiguous-path":            {source.Warning, "two paths that match the same requests", "only one of them is ever served"},
}
