package main

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/contract"
)

// tables are the schemas and operations of the document as Go composite literals of package contract.
type tables struct {
	Schemas    []schemaTable
	Shared     []sharedTable
	Security   string // the document's own
	Operations []operationTable
	BasePath   string
	Failures   string // the writer of failures, a Go expression
}

type schemaTable struct {
	Name    string // the Go name
	Key     string // the name in the document; empty for a schema that stands inline there
	Literal string
}

// A sharedTable is a parameter or a response that several operations have.
type sharedTable struct {
	Name    string
	Type    string // "Parameter" or "Response"
	Literal string
}

type operationTable struct {
	Name    string // in Go
	ID      string
	Literal string
}

func tabulate(doc *document, components map[string]*component) (*tables, error) {
	t := &tabulator{document: doc, components: components, shared: map[string]sharedTable{}}
	result := &tables{
		BasePath: t.basePath(),
		Failures: t.failures(),
		Security: t.requirements(doc.api.Security, "/security"),
	}
	for _, c := range sortedMap(components) {
		result.Schemas = append(result.Schemas, schemaTable{c.name, c.key, t.schema(c.schema, c.label, c.pointer)})
	}
	for op := range doc.operations() {
		name, _ := op.Extensions["x-go-name"].(string)
		result.Operations = append(result.Operations, operationTable{name, op.OperationID, t.operation(op)})
	}
	for _, table := range sortedMap(t.shared) {
		result.Shared = append(result.Shared, table)
	}
	return result, doc.diagnostics.err()
}

type tabulator struct {
	*document
	components map[string]*component
	shared     map[string]sharedTable
}

// share gives a table, or the name of the table if operations share it. A response is another one with another status.
func (t *tabulator) share(of any, suffix, kind, literal string) string {
	name, shared := t.document.shared[of]
	if !shared {
		return "{\n" + literal + "}"
	}
	name += suffix
	t.shared[name] = sharedTable{name, kind, literal}
	return name
}

// basePath is the path of the first server, under which the handler serves the operations.
func (t *tabulator) basePath() string {
	if len(t.api.Servers) == 0 {
		return ""
	}
	path, err := t.api.Servers[0].BasePath()
	if err != nil || path == "/" {
		return ""
	}
	return strings.TrimSuffix(path, "/")
}

// failures reads x-failure-envelope, which says in what form the service reports failures.
func (t *tabulator) failures() string {
	switch form := t.api.Extensions["x-failure-envelope"]; form {
	case nil, "problem":
		return "contract.WriteProblem"
	case "cloudflare":
		return "contract.WriteCloudflareFailure"
	default:
		t.refuse("/x-failure-envelope", "%q is no known form of failures; write problem or cloudflare", fmt.Sprint(form))
		return ""
	}
}

// A literal collects the fields of a composite literal, leaving out those that have their zero value.
type literal struct{ strings.Builder }

func (l *literal) field(name, value string) {
	switch value {
	case "", `""`, "0", "false", "nil":
	default:
		fmt.Fprintf(l, "%s: %s,\n", name, value)
	}
}

func (l *literal) strings(name string, values []string) {
	if len(values) > 0 {
		l.field(name, stringsLiteral(values))
	}
}

func stringsLiteral(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quoteGo(v)
	}
	return "[]string{" + strings.Join(quoted, ", ") + "}"
}

// quoteGo prefers back quotes where a string has many escapes: the JSON of enum values, patterns.
func quoteGo(s string) string {
	if strings.ContainsAny(s, "\"\\") && strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

func (t *tabulator) ref(ref *openapi3.SchemaRef, pointer string) string {
	if name, ok := strings.CutPrefix(ref.Ref, schemasPrefix); ok {
		return "&schema" + name
	}
	body := t.schema(ref.Value, "", pointer)
	return "&contract.Schema{\n" + body + "}"
}

func (t *tabulator) refs(refs openapi3.SchemaRefs, pointer string) string {
	if len(refs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("[]*contract.Schema{\n")
	for i, ref := range refs {
		b.WriteString(strings.TrimPrefix(t.ref(ref, pointer+"/"+strconv.Itoa(i)), "&contract.Schema") + ",\n")
	}
	b.WriteString("}")
	return b.String()
}

// schema gives the fields of a contract.Schema.
func (t *tabulator) schema(s *openapi3.Schema, name, pointer string) string {
	var l literal
	l.field("Name", strconv.Quote(name))
	if s.Type != nil {
		switch types := s.Type.Slice(); len(types) {
		case 0:
		case 1:
			l.field("Type", strconv.Quote(types[0]))
		default:
			t.refuse(pointer+"/type", "a list of types is not OpenAPI 3.0; use oneOf, or nullable for null")
		}
	}
	l.field("Nullable", strconv.FormatBool(s.Nullable))
	l.strings("Enum", t.enumTexts(s, pointer))
	sensitive, _ := s.Extensions["x-sensitive"].(bool)
	l.field("Sensitive", strconv.FormatBool(sensitive || s.Format == "password"))
	l.field("ReadOnly", strconv.FormatBool(s.ReadOnly))
	l.field("WriteOnly", strconv.FormatBool(s.WriteOnly))
	l.field("Format", strconv.Quote(s.Format))
	l.field("Pattern", quoteGo(s.Pattern))
	l.field("MinLength", strconv.FormatUint(s.MinLength, 10))
	limit(&l, "MaxLength", s.MaxLength)
	l.field("Minimum", t.number(s.Min, pointer+"/minimum"))
	l.field("Maximum", t.number(s.Max, pointer+"/maximum"))
	l.field("MultipleOf", t.number(s.MultipleOf, pointer+"/multipleOf"))
	l.field("ExclusiveMinimum", strconv.FormatBool(s.ExclusiveMin.Bool != nil && *s.ExclusiveMin.Bool))
	l.field("ExclusiveMaximum", strconv.FormatBool(s.ExclusiveMax.Bool != nil && *s.ExclusiveMax.Bool))
	if s.Items != nil {
		l.field("Items", t.ref(s.Items, pointer+"/items"))
	}
	l.field("MinItems", strconv.FormatUint(s.MinItems, 10))
	limit(&l, "MaxItems", s.MaxItems)
	l.field("UniqueItems", strconv.FormatBool(s.UniqueItems))
	if len(s.Properties) > 0 {
		var b strings.Builder
		b.WriteString("[]contract.Property{\n")
		for wire, property := range sortedMap(s.Properties) {
			fmt.Fprintf(&b, "{Name: %q, Schema: %s},\n", wire, t.ref(property, pointer+"/properties/"+escape(wire)))
		}
		b.WriteString("}")
		l.field("Properties", b.String())
	}
	l.strings("Required", s.Required)
	l.field("Closed", strconv.FormatBool(s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has))
	if s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has {
		l.field("AdditionalProperties", "&contract.Schema{Nullable: true}") // kept, unlike members that nobody speaks of
	}
	if s.AdditionalProperties.Schema != nil {
		l.field("AdditionalProperties", t.ref(s.AdditionalProperties.Schema, pointer+"/additionalProperties"))
	}
	l.field("MinProperties", strconv.FormatUint(s.MinProps, 10))
	limit(&l, "MaxProperties", s.MaxProps)
	l.field("AllOf", t.refs(s.AllOf, pointer+"/allOf"))
	l.field("AnyOf", t.refs(s.AnyOf, pointer+"/anyOf"))
	l.field("OneOf", t.refs(s.OneOf, pointer+"/oneOf"))
	if s.Not != nil {
		l.field("Not", t.ref(s.Not, pointer+"/not"))
	}
	if len(s.OneOf) > 0 && s.Discriminator != nil {
		l.field("Discriminator", discriminatorLiteral(s))
	}
	return l.String()
}

func discriminatorLiteral(s *openapi3.Schema) string {
	var b strings.Builder
	fmt.Fprintf(&b, "&contract.Discriminator{\nProperty: %q,\nMapping: []contract.Mapping{\n", s.Discriminator.PropertyName)
	for value, mapping := range sortedMap(s.Discriminator.Mapping) {
		variant := slices.IndexFunc(s.OneOf, func(v *openapi3.SchemaRef) bool { return v.Ref == mapping.Ref })
		fmt.Fprintf(&b, "{Value: %q, Variant: %d},\n", value, variant)
	}
	b.WriteString("},\n}")
	return b.String()
}

func limit(l *literal, name string, value *uint64) {
	if value != nil && *value <= math.MaxInt { // what is larger is no limit
		l.field(name, strconv.FormatUint(*value, 10))
		l.field("Has"+name, "true")
	}
}

func decimal(value *float64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatFloat(*value, 'f', -1, 64)
}

// enumTexts are the values of an enum as the run-time compares them.
func enumTexts(s *openapi3.Schema) []string {
	var values []string
	for _, v := range s.Enum {
		text, err := json.Marshal(v)
		if err == nil {
			values = append(values, contract.Canonical(string(text)))
		}
	}
	return values
}

// number is a number of the document as it is written there, digit by digit: kin-openapi keeps a double of it. Where the schema does not
// stand at the pointer, as it was joined of others, the double has to do.
func (t *tabulator) number(value *float64, pointer string) string {
	text := decimal(value)
	if value != nil {
		text, _ = t.numeral(pointer, text)
	}
	return strconv.Quote(text)
}

// numeral is the text of a number as it stands at the pointer, if that is the number; otherwise it is the number that is given.
func (t *tabulator) numeral(pointer, number string) (text string, stands bool) {
	text, ok := t.scalar(pointer)
	double, err := strconv.ParseFloat(number, 64)
	same, wrong := strconv.ParseFloat(text, 64)
	if !ok || !json.Valid([]byte(text)) || err != nil || wrong != nil || same != double {
		return number, false
	}
	return text, true
}

// enumTexts are the values of an enum, with its numbers digit by digit. Those that are null have been left out of the schema.
func (t *tabulator) enumTexts(s *openapi3.Schema, pointer string) []string {
	values := enumTexts(s)
	at := 0
	for i, value := range s.Enum {
		here := pointer + "/enum/" + strconv.Itoa(at)
		if raw, there := t.scalar(here); there && raw == "null" {
			at++
			here = pointer + "/enum/" + strconv.Itoa(at)
		}
		at++
		if _, isNumber := value.(float64); isNumber {
			text, _ := t.numeral(here, values[i])
			values[i] = contract.Canonical(text)
		}
	}
	return values
}

// operation gives the fields of a contract.Operation.
func (t *tabulator) operation(op operation) string {
	pointer := op.pointer
	var l literal
	l.field("ID", strconv.Quote(op.OperationID))
	l.field("Method", strconv.Quote(op.method))
	l.field("Path", strconv.Quote(op.path))
	l.strings("Permissions", permissions(op.Operation))
	l.field("Security", t.security(op))
	if parameters := t.parameters(op); parameters != "" {
		l.field("Parameters", "[]contract.Parameter{\n"+parameters+"}")
	}
	if op.RequestBody != nil {
		var body literal
		body.field("Required", strconv.FormatBool(op.RequestBody.Value.Required))
		body.field("Content", t.content(op.RequestBody.Value.Content, pointer+"/requestBody/content"))
		l.field("Body", "&contract.Body{\n"+body.String()+"}")
	}
	var responses strings.Builder
	for status, response := range sortedMap(op.Responses.Map()) {
		here := pointer + "/responses/" + escape(status)
		var r literal
		r.field("Status", strconv.Quote(status))
		var headers strings.Builder
		for name, header := range sortedMap(response.Value.Headers) {
			if header.Value.Schema != nil {
				fmt.Fprintf(&headers, "{Name: %q, Required: %t, Explode: %t, Schema: %s},\n", name, header.Value.Required,
					header.Value.Explode != nil && *header.Value.Explode, t.ref(header.Value.Schema, here+"/headers/"+escape(name)+"/schema"))
			}
		}
		if headers.Len() > 0 {
			r.field("Headers", "[]contract.Header{\n"+headers.String()+"}")
		}
		r.field("Content", t.content(response.Value.Content, here+"/content"))
		responses.WriteString(t.share(response.Value, goName(status), "Response", r.String()) + ",\n")
	}
	l.field("Responses", "[]contract.Response{\n"+responses.String()+"}")
	return l.String()
}

// permissions are the accepted permissions of an operation, of which a token needs one.
func permissions(op *openapi3.Operation) []string {
	list, _ := op.Extensions["x-api-token-group"].([]any)
	return stringsOf(list)
}

func (t *tabulator) parameters(op operation) string {
	pointer := op.pointer
	var b strings.Builder
	all := slices.Clone(op.Parameters)
	for _, shared := range op.item.Parameters {
		if op.Parameters.GetByInAndName(shared.Value.In, shared.Value.Name) == nil {
			all = append(all, shared)
		}
	}
	for i, ref := range all {
		parameter := ref.Value
		schema := parameter.Schema
		method, err := parameter.SerializationMethod()
		if err != nil {
			t.refuse(pointer+"/parameters/"+strconv.Itoa(i), "%v; mend style and explode", err)
			continue
		}
		var l literal
		l.field("Name", strconv.Quote(parameter.Name))
		l.field("In", strconv.Quote(parameter.In))
		for _, media := range sortedMap(parameter.Content) {
			l.field("JSON", "true")
			schema = media.Schema
		}
		if parameter.Schema != nil {
			l.field("Style", strconv.Quote(method.Style))
			l.field("Explode", strconv.FormatBool(method.Explode))
		}
		l.field("Required", strconv.FormatBool(parameter.Required))
		l.field("AllowEmpty", strconv.FormatBool(parameter.AllowEmptyValue))
		l.field("Default", strconv.Quote(defaultText(parameter)))
		if schema != nil {
			l.field("Schema", t.ref(schema, pointer+"/parameters/"+strconv.Itoa(i)+"/schema"))
		}
		b.WriteString(t.share(parameter, "", "Parameter", l.String()) + ",\n")
	}
	return b.String()
}

// defaultText is the default of a parameter as it would be sent, if that is a plain one.
func defaultText(parameter *openapi3.Parameter) string {
	if parameter.Schema == nil || parameter.In != openapi3.ParameterInQuery && parameter.In != openapi3.ParameterInHeader {
		return ""
	}
	switch value := parameter.Schema.Value.Default.(type) {
	case string:
		return value
	case bool, float64:
		text, err := json.Marshal(value)
		if err == nil {
			return string(text)
		}
	}
	return ""
}

var jsonMediaType = regexp.MustCompile(`(?i)^application/([a-z0-9.!#$&^_+-]+\+)?json\s*(;.*)?$`)

func (t *tabulator) content(content openapi3.Content, pointer string) string {
	if len(content) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("[]contract.Content{\n")
	for mediaType, media := range sortedMap(content) {
		fmt.Fprintf(&b, "{MediaType: %q", mediaType)
		if media.Schema != nil && jsonMediaType.MatchString(mediaType) {
			fmt.Fprintf(&b, ", Schema: %s", t.ref(media.Schema, pointer+"/"+escape(mediaType)+"/schema"))
		}
		b.WriteString("},\n")
	}
	b.WriteString("}")
	return b.String()
}

// security names the alternatives of the document, or gives those of the operation where it has its own.
func (t *tabulator) security(op operation) string {
	if op.Security != nil {
		return t.requirements(*op.Security, op.pointer+"/security")
	}
	if len(t.api.Security) == 0 {
		return ""
	}
	return "security"
}

func (t *tabulator) requirements(requirements openapi3.SecurityRequirements, pointer string) string {
	if len(requirements) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("[][]contract.SecurityScheme{\n")
	for _, requirement := range requirements {
		b.WriteString("{\n")
		for name, scopes := range sortedMap(requirement) {
			ref := t.api.Components.SecuritySchemes[name]
			if ref == nil || ref.Value == nil {
				t.refuse(pointer, "the security scheme %q does not exist; add it to components/securitySchemes", name)
				continue
			}
			fmt.Fprintf(&b, "{Name: %q, Type: %q", name, ref.Value.Type)
			for _, field := range []struct{ name, value string }{
				{"Scheme", strings.ToLower(ref.Value.Scheme)}, {"In", ref.Value.In}, {"Param", ref.Value.Name},
			} {
				if field.value != "" {
					fmt.Fprintf(&b, ", %s: %q", field.name, field.value)
				}
			}
			if len(scopes) > 0 {
				fmt.Fprintf(&b, ", Scopes: %s", stringsLiteral(scopes))
			}
			b.WriteString("},\n")
		}
		b.WriteString("},\n")
	}
	b.WriteString("}")
	return b.String()
}
