package emit

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
)

// This file prints the operations: their descriptors, and the bodies of the functions whose signatures oapi-codegen has written.

// descriptorLists are the variables with the descriptors of operations.
func descriptorLists(api *model.API) iter.Seq2[string, []*model.Operation] {
	return func(yield func(string, []*model.Operation) bool) {
		_ = yield("operations", api.Operations) && yield("webhooks", api.Webhooks) && yield("callbacks", api.Callbacks)
	}
}

// descriptors prints the descriptors of the operations and, of those of paths, the functions that are for all of them.
func (e *emitter) descriptors() string {
	var b strings.Builder
	if len(e.api.Operations) > 0 {
		b.WriteString("// Operations lists the operations of the API in the order of the document, with everything that their messages are validated against.\n")
		b.WriteString("func Operations() []contract.Operation { return append([]contract.Operation(nil), operations...) }\n\n")
		fmt.Fprintf(&b, "// BasePath is the path of the API's server. Put it into the options of NewHandler to serve the operations below the same path, and into\n// those of [NewTransport] if the client's server URL has it.\nconst BasePath = %s\n\n", strconv.Quote(e.api.BasePath))
	}
	b.WriteString("// The operationIds.\nconst (\n")
	for _, op := range e.api.AllOperations() {
		fmt.Fprintf(&b, "Op%s = %s\n", op.Name, strconv.Quote(op.ID))
	}
	b.WriteString(")\n\n")
	if len(e.api.Operations) > 0 {
		b.WriteString("// NewTransport wraps a transport, [http.DefaultTransport] if base is nil, such that a request that the document does not describe never leaves,\n// and a response that it does not describe is an error that keeps status, headers and body. Give it to the client with [WithHTTPClient].\n")
		b.WriteString("func NewTransport(base http.RoundTripper, options contract.TransportOptions) http.RoundTripper {\n\treturn contract.NewTransport(operations, base, options)\n}\n\n")
	}
	for variable, operations := range descriptorLists(e.api) {
		if len(operations) == 0 {
			continue
		}
		b.WriteString("var " + variable + " = []contract.Operation{\n")
		for i, op := range operations {
			b.WriteString(e.descriptor(i, op))
		}
		b.WriteString("}\n\n")
	}
	b.WriteString("const _ = wire.Version1 // does not compile with a run-time that this code does not fit\n")
	return b.String()
}

func (e *emitter) descriptor(index int, op *model.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{ // %d\nID: Op%s, Method: %s,", index, op.Name, strconv.Quote(op.Method))
	if op.Route != "" {
		fmt.Fprintf(&b, "Path: %s,", strconv.Quote(op.Route))
	}
	b.WriteString("\n")
	if len(op.Preferred) > 0 {
		fmt.Fprintf(&b, "Preferred: %#v,\n", op.Preferred)
	}
	if op.Query != "" {
		var parts []string
		for part := range strings.SplitSeq(op.Query, "&") {
			name, value, _ := strings.Cut(part, "=")
			parts = append(parts, strconv.Quote(name), strconv.Quote(value))
		}
		fmt.Fprintf(&b, "Query: []string{%s},\n", strings.Join(parts, ", "))
	}
	if op.Security != nil {
		fmt.Fprintf(&b, "Security: %s,\n", security(op.Security))
	}
	if len(op.Parameters) > 0 {
		b.WriteString("Parameters: []contract.Parameter{\n")
		for _, p := range op.Parameters {
			b.WriteString(e.parameter(p))
		}
		b.WriteString("},\n")
	}
	if len(op.Bodies) > 0 {
		b.WriteString("Body: &contract.Body{")
		if op.Required {
			b.WriteString("Required: true, ")
		}
		fmt.Fprintf(&b, "Content: %s},\n", e.contents(op.Bodies))
	}
	b.WriteString("Responses: []contract.Response{\n")
	for _, r := range op.Responses {
		fmt.Fprintf(&b, "{Status: %s", strconv.Quote(r.Status))
		if len(r.Headers) > 0 {
			fmt.Fprintf(&b, ", Headers: %s", e.headers(r.Headers))
		}
		if len(r.Contents) > 0 {
			fmt.Fprintf(&b, ", Content: %s", e.contents(r.Contents))
		}
		b.WriteString("},\n")
	}
	b.WriteString("},\n")
	if len(op.Extensions) > 0 {
		b.WriteString("Extensions: map[string]string{")
		for _, x := range op.Extensions {
			fmt.Fprintf(&b, "%s: %s,", strconv.Quote(x.Name), quoteGo(x.JSON))
		}
		b.WriteString("},\n")
	}
	b.WriteString("},\n")
	return b.String()
}

func security(alternatives [][]model.Scheme) string {
	var b strings.Builder
	b.WriteString("[][]contract.SecurityScheme{")
	for _, schemes := range alternatives {
		b.WriteString("{")
		for i, s := range schemes {
			if i > 0 {
				b.WriteString(", ")
			}
			var fields []string
			for _, f := range []struct{ name, value string }{{"Name", s.Name}, {"Type", s.Type}, {"Scheme", s.Scheme}, {"In", s.In}, {"Param", s.Param}} {
				if f.value != "" {
					fields = append(fields, f.name+": "+strconv.Quote(f.value))
				}
			}
			if len(s.Scopes) > 0 {
				quoted := make([]string, len(s.Scopes))
				for j, scope := range s.Scopes {
					quoted[j] = strconv.Quote(scope)
				}
				fields = append(fields, "Scopes: []string{"+strings.Join(quoted, ", ")+"}")
			}
			b.WriteString("{" + strings.Join(fields, ", ") + "}")
		}
		b.WriteString("}, ")
	}
	return strings.TrimSuffix(b.String(), ", ") + "}"
}

func (e *emitter) parameter(p *model.Parameter) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{Name: %s, In: %s", strconv.Quote(p.Wire), strconv.Quote(p.In))
	if p.MediaType != "" {
		fmt.Fprintf(&b, ", MediaType: %s", strconv.Quote(p.MediaType))
	} else if p.Style != "" {
		fmt.Fprintf(&b, ", Style: %s", strconv.Quote(p.Style))
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"Explode", p.Explode}, {"Required", p.Required}, {"AllowReserved", p.AllowReserved}, {"AllowEmpty", p.AllowEmpty}} {
		if f.set {
			b.WriteString(", " + f.name + ": true")
		}
	}
	fmt.Fprintf(&b, ", Schema: %s", e.schema(p.Schema))
	if p.Default != "" {
		fmt.Fprintf(&b, ", Default: %s", quoteGo(p.Default))
	}
	b.WriteString("},\n")
	return b.String()
}

func (e *emitter) headers(headers []*model.Header) string {
	var b strings.Builder
	b.WriteString("[]contract.Header{")
	for i, h := range headers {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{Name: %s", strconv.Quote(h.Wire))
		for _, f := range []struct {
			name string
			set  bool
		}{{"Required", h.Required}, {"Explode", h.Explode}, {"JSON", h.JSON}} {
			if f.set {
				b.WriteString(", " + f.name + ": true")
			}
		}
		fmt.Fprintf(&b, ", Schema: %s}", e.schema(h.Schema))
	}
	return b.String() + "}"
}

var kinds = [...]string{"JSON", "Form", "Multipart", "Text", "Stream", "Binary"}

func (e *emitter) contents(contents []*model.Content) string {
	var b strings.Builder
	b.WriteString("[]contract.Content{")
	for i, c := range contents {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{MediaType: %s", strconv.Quote(c.MediaType))
		if c.Kind != model.JSON {
			fmt.Fprintf(&b, ", Kind: wire.%s", kinds[c.Kind])
		}
		if c.Schema != nil {
			s := e.schema(c.Schema)
			fmt.Fprintf(&b, ", Schema: %s", s)
			if c.Type != nil && c.Kind != model.Multipart {
				fmt.Fprintf(&b, ", Codec: wire.CodecOf(%s, %s)", reader(c.Type), s)
			}
		}
		if len(c.Encoding) > 0 {
			b.WriteString(", Encoding: " + e.encodings(c.Encoding))
		}
		b.WriteString("}")
	}
	return b.String() + "}"
}

func (e *emitter) encodings(encodings []model.Encoding) string {
	var b strings.Builder
	b.WriteString("[]wire.Encoding{")
	for i, x := range encodings {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{Member: %s", strconv.Quote(x.Member))
		if x.ContentType != "" {
			fmt.Fprintf(&b, ", ContentType: %s", strconv.Quote(x.ContentType))
		}
		if x.Style != "" {
			fmt.Fprintf(&b, ", Style: %s", strconv.Quote(x.Style))
		}
		for _, f := range []struct {
			name string
			set  bool
		}{{"Explode", x.Explode}, {"AllowReserved", x.AllowReserved}} {
			if f.set {
				b.WriteString(", " + f.name + ": true")
			}
		}
		if len(x.Headers) > 0 {
			b.WriteString(", Headers: " + e.headers(x.Headers))
		}
		b.WriteString("}")
	}
	return b.String() + "}"
}

// section prints declarations of the surface, with the bodies that are ours.
func (e *emitter) section(declarations []oapicodegen.Declaration) string {
	var b strings.Builder
	for i := range declarations {
		b.WriteString(e.declaration(&declarations[i]) + "\n\n")
	}
	return b.String()
}

func (e *emitter) declaration(d *oapicodegen.Declaration) string {
	doc := d.Doc
	if given, ok := docs[d.Name]; ok {
		doc = given
	}
	text := d.Text
	switch d.Kind {
	case oapicodegen.Params:
		doc, text = d.Name+" are the query, header and cookie parameters of "+d.Operation.Name+".", e.paramsStruct(d)
	case oapicodegen.RequestObject:
		doc, text = d.Name+" is a request for "+d.Operation.Name+".", requestObject(d)
	case oapicodegen.ResponseType:
		doc = responseDoc(d)
		if d.Content != nil && d.Content.Item != nil {
			text = itemsResponse(text, d.Content.Item)
		}
		if !d.Struct && d.Content != nil && d.Content.Type != nil && needsBody(d) {
			text = "type " + d.Name + " struct{ Body " + Go(d.Content.Type) + " }"
		}
	case oapicodegen.Visit:
		doc, text = d.Name+" writes the response.", d.Text+"{\n"+e.visit(d)+"}"
	case oapicodegen.NewRequest, oapicodegen.NewRequestAny:
		doc, text = requestDoc(d), d.Text+"{\n"+e.newRequest(d)+"}"
	case oapicodegen.ParseReply:
		doc, text = d.Name+" reads a response to "+d.Operation.Name+". The error is a [*contract.ResponseError] if its headers or its body violate the document.", d.Text+"{\n"+e.parseReply(d)+"}"
	case oapicodegen.Interface:
		text = e.methods(d)
	case oapicodegen.ResponseStruct:
		text = responseStruct(d)
	default:
		if d.Operation != nil && strings.HasPrefix(d.Text, "func (c") {
			doc = methodDoc(d.Name, d.Operation)
		}
	}
	if doc == "" {
		return text
	}
	return comment(doc) + "\n" + text
}

// docs are the comments of what is the same in every package, in plain words.
var docs = map[string]string{
	"HttpRequestDoer":       "HttpRequestDoer sends requests. [*http.Client] is one.",
	"RequestEditorFn":       "RequestEditorFn changes a request before it is sent.",
	"ClientOption":          "ClientOption is an option of [NewClient].",
	"WithHTTPClient":        "WithHTTPClient makes a client send requests by doer instead of a new [http.Client].",
	"WithRequestEditorFn":   "WithRequestEditorFn makes a client call fn with each request before it is sent.",
	"StrictServerInterface": "StrictServerInterface is an implementation of the API, with a method for each operation. [NewHandler] serves it.",
	"Client":                "Client sends requests to a server. It does not read responses: the methods return them as they come.",
	"NewClient":             "NewClient returns a client for the server with a URL. Without [WithHTTPClient] it validates nothing but what it writes; see [NewTransport].",
	"ClientInterface":       "ClientInterface is what [Client] implements.",
}

// needsBody reports whether a response type has to be a struct, since its Go type can have no methods.
func needsBody(d *oapicodegen.Declaration) bool {
	switch d.Content.Type.Underlying().Kind {
	case model.Any, model.Pointer, model.Option:
		return d.Content.Kind != model.Multipart
	case model.Foreign:
		return strings.HasPrefix(d.Content.Type.Underlying().Go, "*")
	}
	return false
}

func (e *emitter) paramsStruct(d *oapicodegen.Declaration) string {
	var b strings.Builder
	b.WriteString("type " + d.Name + " struct {\n")
	taken := map[string]bool{}
	var tags []string
	var defaults strings.Builder
	for _, p := range d.Operation.Parameters {
		if p.In == "path" {
			continue
		}
		f := p.Field()
		defaults.WriteString(fieldDefault(f))
		if doc := fieldDoc(f); doc != "" {
			b.WriteString(doc + "\n")
		}
		option := ""
		switch f.Absent {
		case model.Never:
		case model.Unset: // the zero value has no JSON
			option = ",omitzero"
		default:
			option = ",omitempty"
		}
		tag := strings.Map(func(r rune) rune {
			if r < ' ' || r == '\ufeff' || strings.ContainsRune("\"`\\,", r) {
				return '_'
			}
			return r
		}, p.Wire)
		if taken[tag] { // in another place: of fields with one tag, encoding/json writes none
			tag += " in " + p.In
		}
		taken[tag] = true
		written := tag + option
		option = ""
		if k := f.Type.Underlying().Kind; e.opts.OmitZero && (f.Absent == model.Zero || k == model.List || k == model.Map) {
			option = ",omitzero"
		}
		tags = append(tags[:0], fmt.Sprintf("json:%q", written+option))
		if !model.HasTag(p.Tags, "form") {
			tags = append(tags, fmt.Sprintf("form:%q", written))
		}
		if e.opts.YAMLTags && !model.HasTag(p.Tags, "yaml") {
			tags = append(tags, fmt.Sprintf("yaml:%q", strings.Replace(written, "omitzero", "omitempty", 1)))
		}
		slices.Sort(tags)
		fmt.Fprintf(&b, "%s %s `%s%s`\n", p.Name, Go(f.Type), strings.Join(tags, " "), p.Tags)
	}
	b.WriteString("}")
	if defaults.Len() > 0 {
		fmt.Fprintf(&b, "\n\n// ApplyDefaults gives absent parameters the defaults of the document, also within those that are present. An\n"+
			"// implementation gets those of absent parameters in any case.\n"+
			"func (v *%s) ApplyDefaults() {\nwire.ApplyDefaults(v, func(v *%[1]s, d *wire.Defaults) {\n%s})\n}", d.Name, defaults.String())
	}
	return b.String()
}

func requestObject(d *oapicodegen.Declaration) string {
	var b strings.Builder
	b.WriteString("type " + d.Name + " struct {\n")
	for _, p := range d.Operation.Parameters {
		if p.In == "path" {
			fmt.Fprintf(&b, "%s %s `json:\"%s\"`\n", p.Name, Go(p.Type), strings.Map(func(r rune) rune {
				if r < ' ' || r == '\ufeff' || strings.ContainsRune("\"`\\,", r) {
					return '_'
				}
				return r
			}, p.Wire))
		}
	}
	for _, f := range fieldsOf(d) {
		if len(f.bodies) > 0 {
			b.WriteString(validationDoc(f.name, d.Operation.Bodies[f.bodies[0]]))
		}
		b.WriteString(f.name + " " + f.goType + "\n")
	}
	return b.String() + "}"
}

// validationDoc is the comment of a field for a body that is not validated when the implementation gets it; empty for others.
func validationDoc(name string, c *model.Content) string {
	switch {
	case c.Item != nil:
		return "// " + name + " validates each item when it is read.\n"
	case isFormData(c):
		return "// " + name + " validates the parts while they are read.\n"
	case c.Type == nil || c.Kind == model.Multipart:
		return "// " + name + " is not validated, apart from its media type.\n"
	}
	return ""
}

// A field is one of a request object, but for the path parameters.
type field struct {
	name, goType string
	bodies       []int // the bodies that it holds: one or, of those that are bytes, all
}

// fieldsOf are the fields of a request object. There is one for each media type, in their order, but one for all that are bytes.
func fieldsOf(d *oapicodegen.Declaration) []field {
	var fields []field
	body := 0
	for _, text := range d.Fields {
		name, goType, _ := strings.Cut(text, " ")
		f := field{name: name, goType: strings.TrimSpace(goType)}
		if strings.HasSuffix(name, "Body") && body < len(d.Operation.Bodies) {
			f.bodies = []int{body}
			if c := d.Operation.Bodies[body]; c.Item != nil {
				f.goType = sequence(c.Item)
				if slices.ContainsFunc(d.Fields[:], func(other string) bool { return other != text && strings.HasPrefix(other, name+" ") }) || count(d.Fields, text) > 1 {
					f.name = "Items" + name
				}
			}
			body++
		}
		i := slices.IndexFunc(fields, func(other field) bool { return other.name == f.name && other.goType == f.goType })
		if i < 0 {
			fields = append(fields, f)
		} else {
			fields[i].bodies = append(fields[i].bodies, f.bodies...)
		}
	}
	return fields
}

func count(list []string, item string) (n int) {
	for _, other := range list {
		if other == item {
			n++
		}
	}
	return n
}

// sequence is the Go type of a body of items.
func sequence(item *model.Type) string { return "iter.Seq2[" + Go(item) + ", error]" }

// itemsResponse makes of the type of a response with a reader one with a sequence of items.
func itemsResponse(text string, item *model.Type) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, "ContentLength ") })
	return strings.Replace(strings.Join(lines, "\n"), "io.Reader", sequence(item), 1)
}

// responseStruct adds the fields that oapi-codegen has not written.
func responseStruct(d *oapicodegen.Declaration) string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(d.Text, "}"))
	for _, r := range d.Replies {
		if r.Added {
			fmt.Fprintf(&b, "// %s the response for an HTTP %s `%s` response\n%[1]s %[4]s\n", r.Field, r.Response.Status, r.Content.MediaType, r.Type)
		}
	}
	return b.String() + "}"
}

func responseDoc(d *oapicodegen.Declaration) string {
	status := d.Response.Status
	if status == "default" {
		status = "any other status"
	}
	text := fmt.Sprintf("%s is a response of %s with %s", d.Name, d.Operation.Name, status)
	if d.Content != nil {
		text += ", " + d.Content.MediaType
	}
	text += "."
	if d.Response.Doc != "" {
		text += " " + firstSentence(d.Response.Doc)
	}
	if d.Content != nil && d.Content.Item == nil && (d.Content.Type == nil || d.Content.Kind == model.Multipart) {
		text += "\n\nThe body is not validated."
	}
	return text
}

// firstSentence is the first sentence of a text, or its first paragraph, whose lines may be wrapped.
func firstSentence(text string) string {
	var words []string
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || i > 0 && strings.ContainsAny(line[:1], "-*#|>`") { // a list or the like begins
			break
		}
		words = append(words, line)
	}
	text = strings.Join(words, " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

// methodDoc is the comment of a method of a client or a server.
func methodDoc(name string, op *model.Operation) string {
	text := strings.TrimSuffix(strings.TrimSpace(cmp.Or(op.Summary, firstSentence(op.Doc))), ".")
	kind, place := "operation "+op.ID+": ", op.Method+" "+op.Path
	if op.Hook != model.NoHook {
		kind, place = "", strings.ToLower(op.Hook.String())+" "+op.HookName+" ("+op.Method+")"
	}
	if text == "" {
		text = name + " is the " + kind + place + "."
	} else {
		text = name + " " + lowerFirst(text) + ": " + place + "."
	}
	if op.Doc != "" && op.Doc != op.Summary && !strings.HasSuffix(name, "WithBody") {
		text += "\n\n" + op.Doc
	}
	return text + deprecated(op.Reason)
}

func requestDoc(d *oapicodegen.Declaration) string {
	text := d.Name + " makes a request for " + d.Operation.Name
	switch {
	case d.Kind == oapicodegen.NewRequest:
		text += " with a body of " + d.Content.MediaType
	case len(d.Operation.Bodies) > 0 && d.Operation.Hook == model.NoHook:
		text += " with any body, which is not validated here"
	case len(d.Operation.Bodies) > 0:
		text += " with any body, which is validated unless it is streamed"
	}
	return text + ". The error is a [*contract.ValidationError] if the request violates the document."
}

func (e *emitter) methods(d *oapicodegen.Declaration) string {
	var b strings.Builder
	b.WriteString("type " + d.Name + " interface {\n")
	for i, m := range d.Methods {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(comment(methodDoc(m.Name, m.Operation)) + "\n" + m.Text + "\n")
	}
	return b.String() + "}"
}

// contentPath is the Go expression for a content of a response.
func (e *emitter) contentPath(op *model.Operation, r *model.Response, c *model.Content) string {
	return fmt.Sprintf("&%s.Content[%d]", e.responsePath(op, r), indexOf(r.Contents, c))
}

func (e *emitter) responsePath(op *model.Operation, r *model.Response) string {
	return fmt.Sprintf("%s.Responses[%d]", e.places[op], indexOf(op.Responses, r))
}

func indexOf[T comparable](list []T, item T) int {
	for i := range list {
		if list[i] == item {
			return i
		}
	}
	return -1
}

// visit prints the body of a Visit method.
func (e *emitter) visit(d *oapicodegen.Declaration) string {
	var b strings.Builder
	headers := "nil"
	if d.Headers != "" {
		headers = "&headers"
		b.WriteString("var headers wire.Headers\n")
		for i, h := range d.Response.Headers {
			declared := fmt.Sprintf("&%s.Headers[%d]", e.responsePath(d.Operation, d.Response), i)
			writePresent(&b, h.Field(), "response.Headers."+h.Name, "wire.WriteHeader(&headers, "+declared)
		}
	}
	status := d.Response.Status
	if _, err := strconv.Atoi(status); err != nil {
		status = "response.StatusCode"
	}
	if d.Content == nil {
		return b.String() + fmt.Sprintf("return wire.RespondEmpty(w, %s, %s)\n", headers, status)
	}
	contentType := strconv.Quote(d.Content.MediaType)
	if strings.Contains(d.Content.MediaType, "*") {
		contentType = "response.ContentType"
	}
	body := "response"
	if d.Struct || needsBodyOf(d) {
		body = "response.Body"
	}
	switch c := d.Content; {
	case c.Kind == model.Multipart:
		return b.String() + fmt.Sprintf("return wire.RespondMultipart(w, %s, %s, %s, %s)\n", headers, status, contentType, body)
	case c.Item != nil:
		return b.String() + fmt.Sprintf("return wire.RespondItems(w, %s, %s, %s, %s, response.Body, %s)\n",
			headers, status, contentType, e.contentPath(d.Operation, d.Response, c), writer(c.Item))
	case c.Type == nil || c.Kind == model.Binary:
		return b.String() + fmt.Sprintf("return wire.RespondStream(w, %s, %s, %s, response.ContentLength, response.Body)\n", headers, status, contentType)
	default:
		if body == "response" {
			body = fmt.Sprintf("%s(response)", Go(c.Type))
		}
		return b.String() + fmt.Sprintf("return wire.Respond(w, %s, %s, %s, %s, %s, %s)\n",
			headers, status, contentType, e.contentPath(d.Operation, d.Response, c), body, writer(c.Type))
	}
}

// writePresent prints how a parameter or header is written, unless it is optional and absent: by a function whose last arguments are a pointer to
// the value and its writer.
func writePresent(b *strings.Builder, f *model.Field, value, function string) {
	pointer, t := "&"+value, f.Type
	if t.Kind == model.Pointer && f.Absent == model.Nil {
		pointer, t = value, t.Elem
	}
	call := fmt.Sprintf("%s, %s, %s)\n", function, pointer, writer(t))
	if present := presence(f, value); present != "" {
		call = fmt.Sprintf("if %s {\n%s}\n", present, call)
	}
	b.WriteString(call)
}

func needsBodyOf(d *oapicodegen.Declaration) bool { return d.Content.Type != nil && needsBody(d) }

// newRequest prints the body of a function that makes a request.
func (e *emitter) newRequest(d *oapicodegen.Declaration) string {
	var b strings.Builder
	op := d.Operation
	server, setBody := "server", "SetBody"
	if op.Hook != model.NoHook { // which go through no transport that validates the body
		server, setBody = "targetURL", "CheckBody"
	}
	fmt.Fprintf(&b, "r := wire.NewRequest(%s, &%s)\n", server, e.places[op])
	params := false
	for i, p := range op.Parameters {
		if p.In == "path" {
			fmt.Fprintf(&b, "wire.WriteParameter(r, %d, &%s, %s)\n", i, p.Variable, writer(p.Type))
		} else {
			params = true
		}
	}
	if params {
		b.WriteString("if params != nil {\n")
		for i, p := range op.Parameters {
			if p.In == "path" {
				continue
			}
			writePresent(&b, p.Field(), "params."+p.Name, fmt.Sprintf("wire.WriteParameter(r, %d", i))
		}
		b.WriteString("}\n")
	}
	switch {
	case d.Kind == oapicodegen.NewRequest:
		fmt.Fprintf(&b, "wire.WriteBody(r, %d, &body, %s)\n", indexOf(op.Bodies, d.Content), writer(d.Content.Type))
	case len(op.Bodies) > 0:
		b.WriteString("r." + setBody + "(contentType, body)\n")
	}
	b.WriteString("return r.Build()\n")
	return b.String()
}

// parseReply prints the body of a function that reads a response.
func (e *emitter) parseReply(d *oapicodegen.Declaration) string {
	var b strings.Builder
	name := d.Result
	fmt.Fprintf(&b, "reply, err := wire.ReadReply(rsp, &%s)\nif err != nil {\nreturn nil, err\n}\n", e.places[d.Operation])
	fmt.Fprintf(&b, "response := &%s{Body: reply.Text, HTTPResponse: rsp}\n", name)
	for _, r := range d.Replies {
		if r.Headers {
			continue
		}
		if r.Content.Item != nil {
			fmt.Fprintf(&b, "response.%s = wire.ReplyItems(reply, %s, %s)\n", r.Field, e.contentPath(d.Operation, r.Response, r.Content), reader(r.Content.Item))
			continue
		}
		fmt.Fprintf(&b, "response.%s = wire.ReplyBody[%s](reply, %s)\n", r.Field, strings.TrimPrefix(r.Type, "*"), e.contentPath(d.Operation, r.Response, r.Content))
	}
	for _, r := range d.Replies {
		if !r.Headers {
			continue
		}
		fmt.Fprintf(&b, "if declared := &%s; reply.Is(declared) {\nheaders := &%s{}\n", e.responsePath(d.Operation, r.Response), strings.TrimPrefix(r.Type, "*"))
		for i, h := range r.Response.Headers {
			read := "ReadReplyHeader"
			if h.Pointer {
				read = "ReadOptionalReplyHeader"
			}
			fmt.Fprintf(&b, "wire.%s(reply, &declared.Headers[%d], &headers.%s, %s)\n", read, i, h.Name, reader(h.Type))
		}
		fmt.Fprintf(&b, "response.%s = headers\n}\n", r.Field)
	}
	b.WriteString("return response, nil\n")
	return b.String()
}

// server prints how the operations of an implementation are served.
func (e *emitter) server(surface *oapicodegen.Surface) string {
	var b strings.Builder
	if len(e.api.Operations) > 0 {
		b.WriteString(e.handler(surface))
	}
	for i := range surface.Server {
		if d := &surface.Server[i]; d.Kind == oapicodegen.RequestObject {
			b.WriteString(e.readRequest(d) + "\n\n")
		}
	}
	if len(e.api.Operations) == 0 {
		return b.String()
	}
	b.WriteString("// UnimplementedServer implements [StrictServerInterface]: every operation is an error that is answered with 501. Embed it to implement some\n// operations only.\ntype UnimplementedServer struct{}\n\nvar _ StrictServerInterface = UnimplementedServer{}\n\n")
	for _, op := range e.api.Operations {
		fmt.Fprintf(&b, "// %[1]s is not implemented.\nfunc (UnimplementedServer) %[1]s(context.Context, %[2]s) (%[3]s, error) {\nreturn nil, contract.Unimplemented(Op%[1]s)\n}\n\n",
			op.Name, surface.Name(op.Name+"RequestObject"), surface.Name(op.Name+"ResponseObject"))
	}
	return b.String()
}

// handler prints the function that makes a handler of an implementation.
func (e *emitter) handler(surface *oapicodegen.Surface) string {
	var b strings.Builder
	b.WriteString("// NewHandler serves the API from an implementation. Only requests that the document describes reach it, and only responses that the document\n// describes leave it; everything else becomes a failure that says what was wrong, and where. The zero options are ready for use; see\n// [contract.NewHandler] for the order of the checks.\n")
	b.WriteString("func NewHandler(server StrictServerInterface, options contract.HandlerOptions) http.Handler {\nreturn contract.NewServer(operations, []wire.Serve{\n")
	for _, op := range e.api.Operations {
		fmt.Fprintf(&b, "wire.Handle(bind%[1]s, server.%[1]s, %[2]s.Visit%[1]sResponse),\n", op.Name, surface.Name(op.Name+"ResponseObject"))
	}
	b.WriteString("}, options)\n}\n\n")
	return b.String()
}

// readRequest prints the function that reads a request object.
func (e *emitter) readRequest(d *oapicodegen.Declaration) string {
	op := d.Operation
	var b strings.Builder
	fmt.Fprintf(&b, "func bind%s(c *wire.Call, request *%s) {\n", op.Name, d.Name)
	b.WriteString(e.readParameters(op, "request.", "request.Params."))
	for _, f := range fieldsOf(d) {
		switch {
		case f.name == "ContentType":
			b.WriteString("request.ContentType = c.Request.Header.Get(\"Content-Type\")\n")
		case len(f.bodies) > 0:
			e.readBody(&b, d, f)
		case strings.HasSuffix(f.name, "Body"):
			e.fail(fmt.Errorf("%s has a field %s that no body of the document is for", d.Name, f.name))
		}
	}
	b.WriteString("}")
	return b.String()
}

// readParameters prints how parameters are read: those in the path into the fields of one expression, the others into those of another.
func (e *emitter) readParameters(op *model.Operation, path, others string) string {
	var b strings.Builder
	for i, p := range op.Parameters {
		value := others + p.Name
		if p.In == "path" {
			value = path + p.Name
		}
		read := "ReadParameter"
		if p.Pointer {
			read = "ReadOptionalParameter"
		}
		fmt.Fprintf(&b, "wire.%s(c, %d, &%s, %s)\n", read, i, value, reader(p.Type))
		if e.opts.RequestDefaults && p.Type.HasDefaults() {
			fmt.Fprintf(&b, "wire.ApplyDefaults(&%s, %s)\n", value, applier(p.Field().Type))
		}
	}
	return b.String()
}

// readBody prints how a field of a request object is read that holds a body.
func (e *emitter) readBody(b *strings.Builder, d *oapicodegen.Declaration, f field) {
	at := f.bodies[0]
	switch c := d.Operation.Bodies[at]; {
	case c.Kind == model.Multipart:
		fmt.Fprintf(b, "request.%s = wire.MultipartBody(c, %d)\n", f.name, at)
	case c.Item != nil:
		fmt.Fprintf(b, "request.%s = wire.BodyItems(c, %d, %s)\n", f.name, at, reader(c.Item))
	case c.Type == nil || c.Kind == model.Binary:
		indexes := make([]string, len(f.bodies))
		for i, index := range f.bodies {
			indexes[i] = strconv.Itoa(index)
		}
		fmt.Fprintf(b, "request.%s = c.Stream(%s)\n", f.name, strings.Join(indexes, ", "))
	default:
		fmt.Fprintf(b, "request.%s = wire.ReadBody(c, %d, %s)\n", f.name, at, reader(c.Type))
		if e.opts.RequestDefaults && c.Type.HasDefaults() {
			fmt.Fprintf(b, "wire.ApplyDefaults(request.%s, %s)\n", f.name, applier(c.Type))
		}
	}
}

// isFormData reports whether a body is a form in parts that has a Go type.
func isFormData(c *model.Content) bool {
	return c.Kind == model.Multipart && c.Type != nil && strings.HasPrefix(strings.ToLower(c.MediaType), "multipart/form-data") &&
		(c.Type.Underlying().Kind == model.Struct || c.Type.Underlying().Kind == model.Map || c.Type.Underlying().Kind == model.Union)
}

// bodyReaders prints the functions that read bodies which an implementation gets as a stream.
func (e *emitter) bodyReaders(surface *oapicodegen.Surface) string {
	var b strings.Builder
	for _, op := range e.api.AllOperations() {
		for i, c := range op.Bodies {
			if !isFormData(c) {
				continue
			}
			name := surface.Claim("Read" + op.Name + "MultipartBody")
			fmt.Fprintf(&b, "// %s reads a form for %s with all its files into memory; nil without a form. For large files read the\n// parts one by one instead. The error is a [*contract.BodyError] if the form violates the document.\n", name, op.Name)
			fmt.Fprintf(&b, "func %s(body *multipart.Reader) (*%s, error) {\nreturn wire.ReadMultipart(body, &%s.Body.Content[%d], %s)\n}\n\n", name, Go(c.Type), e.places[op], i, reader(c.Type))
		}
	}
	return b.String()
}

// bodyWriters prints the functions that make bodies for the functions and methods that take any body.
func (e *emitter) bodyWriters(surface *oapicodegen.Surface) string {
	var b strings.Builder
	for _, op := range e.api.AllOperations() {
		for i, c := range op.Bodies {
			place := fmt.Sprintf("&%s.Body.Content[%d]", e.places[op], i)
			switch {
			case isFormData(c):
				name := surface.Claim("New" + op.Name + "MultipartBody")
				fmt.Fprintf(&b, "// %s makes a body for %s of the parts of a form, and its Content-Type. The error is a\n// [*contract.ValidationError] if the form violates the document.\n", name, op.Name)
				fmt.Fprintf(&b, "func %s(form %s) (contentType string, body io.Reader, err error) {\nreturn wire.MultipartOf(%s, &form, %s)\n}\n\n", name, Go(c.Type), place, writer(c.Type))
			case c.Item != nil:
				name := surface.Claim("New" + op.Name + "ItemsBody")
				fmt.Fprintf(&b, "// %s makes a body for %s of items, and its Content-Type. An item is validated when it is read;\n// sending the body fails with its error. Close the body if it is not sent.\n", name, op.Name)
				fmt.Fprintf(&b, "func %s(items %s) (contentType string, body io.ReadCloser) {\nreturn wire.ItemsBody(%s, items, %s)\n}\n\n", name, sequence(c.Item), place, writer(c.Item))
			}
		}
	}
	return b.String()
}
