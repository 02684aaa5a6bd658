package main

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/contract"
)

func (l *linter) checkOperations() {
	l.checkSecurity(l.api.Security, "/security")
	for path, item := range sortedMap(l.api.Paths.Map()) {
		l.checkParameters(item.Parameters, "/paths/"+escape(path)+"/parameters")
	}
	for op := range l.operations() {
		l.checkOperationID(op)
		l.checkClientError(op)
		if op.Security != nil {
			l.checkSecurity(*op.Security, op.pointer+"/security")
		}
		l.checkDescription("the operation", op.Summary+op.Description, op.pointer)
		l.checkParameters(op.Parameters, op.pointer+"/parameters")
		if op.RequestBody != nil {
			l.checkBody(op.RequestBody, op.pointer+"/requestBody")
		}
		for status, response := range sortedMap(op.Responses.Map()) {
			l.checkResponse(response, op.pointer+"/responses/"+escape(status))
		}
	}
}

func (l *linter) checkComponents() {
	components := l.api.Components
	if components == nil {
		return
	}
	for key, schema := range sortedMap(components.Schemas) {
		pointer := "/components/schemas/" + escape(key)
		l.checkDescription("the schema", schema.Value.Description, pointer)
		l.checkSchema(schema, pointer)
	}
	for key, parameter := range sortedMap(components.Parameters) {
		l.checkParameter(parameter, "/components/parameters/"+escape(key))
	}
	for key, header := range sortedMap(components.Headers) {
		l.checkHeader(header, "/components/headers/"+escape(key))
	}
	for key, body := range sortedMap(components.RequestBodies) {
		l.checkBody(body, "/components/requestBodies/"+escape(key))
	}
	for key, response := range sortedMap(components.Responses) {
		l.checkResponse(response, "/components/responses/"+escape(key))
	}
}

// The functions below look at a thing where it stands. Where there is only a reference to it, there is nothing to see.

func (l *linter) checkParameters(parameters openapi3.Parameters, pointer string) {
	for i, parameter := range parameters {
		l.checkParameter(parameter, pointer+"/"+strconv.Itoa(i))
	}
}

func (l *linter) checkParameter(ref *openapi3.ParameterRef, pointer string) {
	if ref.Ref != "" {
		return
	}
	parameter := ref.Value
	l.checkDescription("the parameter", parameter.Description, pointer)
	if parameter.Schema != nil && parameter.Schema.Value.Nullable {
		l.report("nullable-parameter", pointer, "the parameter %s is nullable, but its text cannot say null; remove nullable, and let absence mean that", parameter.Name)
	}
	if parameter.Schema != nil && parameter.Schema.Value.Items != nil && parameter.Schema.Value.Items.Value.Nullable {
		l.report("nullable-parameter", pointer, "the items of the parameter %s are nullable, but their text cannot say null; remove nullable from them", parameter.Name)
	}
	l.checkSchema(parameter.Schema, pointer+"/schema")
	l.checkExamples(parameter.Schema, parameter.Examples, pointer, contract.InRequest)
	l.checkContent(parameter.Content, pointer, contract.InRequest)
}

func (l *linter) checkHeader(ref *openapi3.HeaderRef, pointer string) {
	if ref.Ref != "" {
		return
	}
	l.checkDescription("the header", ref.Value.Description, pointer)
	l.checkSchema(ref.Value.Schema, pointer+"/schema")
	l.checkExamples(ref.Value.Schema, ref.Value.Examples, pointer, contract.InResponse)
	l.checkContent(ref.Value.Content, pointer, contract.InResponse)
}

func (l *linter) checkBody(ref *openapi3.RequestBodyRef, pointer string) {
	if ref.Ref == "" {
		l.checkContent(ref.Value.Content, pointer, contract.InRequest)
	}
}

func (l *linter) checkResponse(ref *openapi3.ResponseRef, pointer string) {
	if ref.Ref != "" {
		return
	}
	if ref.Value.Description != nil { // otherwise the document is not valid
		l.checkDescription("the response", *ref.Value.Description, pointer)
	}
	for name, header := range sortedMap(ref.Value.Headers) {
		l.checkHeader(header, pointer+"/headers/"+escape(name))
	}
	l.checkContent(ref.Value.Content, pointer, contract.InResponse)
}

func (l *linter) checkContent(content openapi3.Content, pointer string, direction contract.Direction) {
	for mediaType, media := range sortedMap(content) {
		here := pointer + "/content/" + escape(mediaType)
		l.checkSchema(media.Schema, here+"/schema")
		if jsonMediaType.MatchString(mediaType) { // the examples of other media types may be the text that is sent
			l.checkExamples(media.Schema, media.Examples, here, direction)
		}
	}
}

// checkSchema looks at a schema and those that stand in it, but for that of not: nobody sends what it describes.
func (l *linter) checkSchema(ref *openapi3.SchemaRef, pointer string) {
	if ref == nil || ref.Ref != "" {
		return
	}
	s := ref.Value
	l.checkRange(s, pointer)
	// An example of a schema with readOnly or writeOnly members may show one direction, or all that there is.
	l.checkExample(ref, pointer+"/example", contract.Undirected, contract.InRequest, contract.InResponse)
	for name, property := range sortedMap(s.Properties) {
		here := pointer + "/properties/" + escape(name)
		l.checkDescription("the property", property.Value.Description, here)
		l.checkSchema(property, here)
	}
	l.checkSchema(s.Items, pointer+"/items")
	l.checkSchema(s.AdditionalProperties.Schema, pointer+"/additionalProperties")
	for keyword, parts := range map[string]openapi3.SchemaRefs{"allOf": s.AllOf, "anyOf": s.AnyOf, "oneOf": s.OneOf} {
		for i, part := range parts {
			l.checkSchema(part, pointer+"/"+keyword+"/"+strconv.Itoa(i))
		}
	}
}

// checkDescription finds what is not described. What is a reference has the description of what it refers to.
func (l *linter) checkDescription(what, description, pointer string) {
	if strings.TrimSpace(description) == "" {
		l.report("no-description", pointer, "%s has no description; add one that says what it means", what)
	}
}

var operationID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)

// checkOperationID leaves it to kin-openapi that no two operations have one ID.
func (l *linter) checkOperationID(op operation) {
	if !operationID.MatchString(op.OperationID) {
		l.report("operation-id", op.pointer+"/operationId", "the operation has the ID %q; give it one of letters, digits and underscores that begins with a small letter",
			op.OperationID)
	}
}

// checkClientError finds operations that do not say how they refuse a request. A default response says it too.
func (l *linter) checkClientError(op operation) {
	for status, response := range op.Responses.Map() {
		if !strings.HasPrefix(status, "4") && status != "default" {
			continue
		}
		if op.method == "HEAD" { // no answer to it has a body
			return
		}
		for _, media := range response.Value.Content {
			if media.Schema != nil {
				return
			}
		}
	}
	l.report("no-client-error", op.pointer+"/responses", "no response says how the operation refuses a request; add one for 4xx, or default, with a schema")
}

// checkSecurity finds requirements that ask for a token and a key at once, where most likely one of them was meant to do. Keys
// alone often go together, such as a name and a password.
func (l *linter) checkSecurity(requirements openapi3.SecurityRequirements, pointer string) {
	for i, requirement := range requirements {
		types := map[string]string{} // type → the first scheme of that type
		for name := range sortedMap(requirement) {
			if scheme := l.api.Components.SecuritySchemes[name]; types[scheme.Value.Type] == "" {
				types[scheme.Value.Type] = name
			}
		}
		if types["http"] != "" && types["apiKey"] != "" {
			l.report("joined-security", pointer+"/"+strconv.Itoa(i), "the requirement demands both %s and %s; give each an item of its own, so that one of them is enough",
				types["http"], types["apiKey"])
		}
	}
}

// checkRange finds limits that the values of the format, and so the Go type, cannot reach.
func (l *linter) checkRange(s *openapi3.Schema, pointer string) {
	bits := map[string]uint{"int32": 31, "int64": 63}[s.Format]
	if !s.Type.Is("integer") || bits == 0 {
		return
	}
	end := new(big.Int).Lsh(big.NewInt(1), bits) // the first integer that is too large
	first := new(big.Int).Neg(end)
	last := new(big.Int).Sub(end, big.NewInt(1))
	for keyword, exclusive := range map[string]bool{"minimum": s.ExclusiveMin.IsTrue(), "maximum": s.ExclusiveMax.IsTrue()} {
		low, high := new(big.Rat).SetInt(first), new(big.Rat).SetInt(last)
		if exclusive { // one further on either side
			low.Sub(low, big.NewRat(1, 1))
			high.Add(high, big.NewRat(1, 1))
		}
		text, _ := l.scalar(pointer + "/" + keyword) // the model has a float64, which is not exact enough
		limit, ok := new(big.Rat).SetString(text)
		if ok && (limit.Cmp(low) < 0 || limit.Cmp(high) > 0) {
			l.report("integer-range", pointer+"/"+keyword, "the %s %s does not fit the format %s; write a wider format or a limit from %s to %s",
				keyword, text, s.Format, first, last)
		}
	}
}

// checkUse finds components that no operation needs, be it by way of other components.
func (l *linter) checkUse() {
	needs := map[string][]string{} // component → those that it refers to; operations and all else are the component ""
	for _, ref := range l.references {
		from := componentOf(ref.pointer)
		needs[from] = append(needs[from], componentOf(unescapeFragment(strings.TrimPrefix(ref.target, "#"))))
	}
	demand := func(requirements openapi3.SecurityRequirements) {
		for _, requirement := range requirements {
			for name := range requirement {
				needs[""] = append(needs[""], "/components/securitySchemes/"+escape(name))
			}
		}
	}
	demand(l.api.Security)
	for op := range l.operations() {
		if op.Security != nil {
			demand(*op.Security)
		}
	}
	used := map[string]bool{"": true}
	for next := []string{""}; len(next) > 0; {
		needed := needs[next[0]]
		next = next[1:]
		for _, component := range needed {
			if !used[component] {
				used[component] = true
				next = append(next, component)
			}
		}
	}
	for _, pointer := range l.keys {
		if componentOf(pointer) == pointer && !used[pointer] {
			l.report("unused-component", pointer, "no operation needs this component; remove it, or refer to it")
		}
	}
}

// componentOf is the pointer of the component that a pointer leads to or into; empty if it leads elsewhere.
func componentOf(pointer string) string {
	parts := strings.SplitN(pointer, "/", 5)
	if len(parts) < 4 || parts[1] != "components" || strings.HasPrefix(parts[2], "x-") {
		return ""
	}
	return strings.Join(parts[:4], "/")
}
