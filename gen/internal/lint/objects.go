package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file has the rules about documents, operations, parameters and responses.

func (l *linter) checkDocument(n *source.Node) {
	l.checkSecurity(n.Get("security"))
	if l.doc.Version == source.V30 && !n.Has("paths") {
		l.report("missing-member", n, "a document has no paths; add them, {} if there are none")
	}
}

// describe reports what has no description.
func (l *linter) describe(what string, n *source.Node, texts ...string) {
	if strings.TrimSpace(strings.Join(texts, "")) == "" {
		l.report("no-description", n, "%s has no description; add one that says what it means", what)
	}
}

var operationID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)

func (l *linter) checkOperation(n *source.Node) {
	id := n.Str("operationId")
	at := n
	if v := n.Get("operationId"); v != nil {
		at = v
	}
	if !operationID.MatchString(id) {
		l.report("operation-id", at, "the operation has the ID %q; give it one of letters, digits and underscores that begins with a small letter", id)
	}
	if other := l.ids[id]; id != "" && other != nil {
		l.report("repeated-operation-id", at, "the operationId %q is that of %s too; give each its own", id, l.doc.Pointer(other))
	}
	l.ids[id] = n
	l.describe("the operation", n, n.Str("summary"), n.Str("description"))
	l.checkSecurity(n.Get("security"))
	responses := n.Get("responses")
	if l.doc.Version == source.V30 && responses == nil {
		l.report("missing-member", n, "an operation has no responses; describe at least one")
	}
	l.checkClientError(n, responses)
}

// checkClientError finds operations that do not say how they refuse a request. A default response says it too.
func (l *linter) checkClientError(n, responses *source.Node) {
	if !l.on("no-client-error") {
		return
	}
	for _, status := range responses.Names() {
		if !strings.HasPrefix(status, "4") && status != "default" {
			continue
		}
		response, err := l.doc.Follow(responses.Get(status))
		if err != nil || l.isHead(n) { // no response to HEAD has a body
			return
		}
		content := response.Node.Get("content")
		if slices.ContainsFunc(content.Names(), func(mediaType string) bool { return content.Get(mediaType).Has("schema") }) {
			return
		}
	}
	at := n
	if responses != nil {
		at = responses
	}
	l.report("no-client-error", at, "no response says how the operation refuses a request; add one for 4XX, or default, with a schema")
}

func (l *linter) isHead(operation *source.Node) bool {
	return operation.Parent().Get("head") == operation
}

// checkSecurity notes which schemes are used, and finds requirements that ask for a token and a key at once, where most likely one of them
// was meant to do. Keys alone often go together, such as a name and a password.
func (l *linter) checkSecurity(requirements *source.Node) {
	schemes := l.doc.Root.Get("components").Get("securitySchemes")
	for _, requirement := range items(requirements) {
		types := map[string]string{} // type → the first scheme of that type
		names := slices.Sorted(slices.Values(requirement.Names()))
		for _, name := range names {
			scheme := schemes.Get(name)
			if scheme == nil {
				continue
			}
			l.use(scheme)
			l.walk("securityScheme", false, scheme)
			if target, err := l.doc.Follow(scheme); err == nil && types[target.Node.Str("type")] == "" {
				types[target.Node.Str("type")] = name
			}
		}
		if types["http"] != "" && types["apiKey"] != "" {
			l.report("joined-security", requirement, "the requirement demands both %s and %s; give each an item of its own, so that one of them is enough",
				types["http"], types["apiKey"])
		}
	}
}

func (l *linter) checkServerVariable(n *source.Node) {
	values, value := n.Strings("enum"), n.Get("default")
	if len(values) > 0 && value.Is(source.String) && !slices.Contains(values, value.Text) {
		l.report("invalid-default", value, "the default %q is not one of the enum; add it there, or choose another one", value.Text)
	}
}

func (l *linter) checkParameter(n *source.Node) {
	l.describe("the parameter", n, n.Str("description"))
	s := l.api.SchemaOf(n.Get("schema"))
	if s != nil && isNullable(s) {
		l.report("nullable-parameter", n, "the parameter %s is nullable, but its text cannot say null; remove that, absence means it", n.Str("name"))
	}
	if s != nil && s.Items != nil && isNullable(s.Items) {
		l.report("nullable-parameter", n, "the items of the parameter %s are nullable, but their text cannot say null; remove that from them", n.Str("name"))
	}
	l.checkExamples(n, n.Get("schema"), schema.InRequest)
}

func isNullable(s *schema.Schema) bool { return s.Nullable || s.Types&schema.Null != 0 }

func (l *linter) checkHeader(n *source.Node) {
	l.describe("the header", n, n.Str("description"))
	l.checkExamples(n, n.Get("schema"), schema.InResponse)
}

func (l *linter) checkResponse(n *source.Node) {
	if n.Has("description") { // otherwise another rule says so
		l.describe("the response", n, n.Str("description"))
	}
}

func (l *linter) checkMediaType(n *source.Node) {
	name := nameOf(n)
	if strings.HasSuffix(strings.TrimSpace(strings.SplitN(name, ";", 2)[0]), "json") { // examples of others may be the text that is sent
		l.checkExamples(n, n.Get("schema"), l.direction)
	}
}

// nameOf is the name of a value in its object.
func nameOf(n *source.Node) string {
	parent := n.Parent()
	for _, name := range parent.Names() {
		if parent.Get(name) == n {
			return name
		}
	}
	return ""
}

// checkExamples checks what a parameter, a header or a media type has as example and examples.
func (l *linter) checkExamples(n, of *source.Node, direction schema.Direction) {
	if of == nil || !l.on("invalid-example") {
		return
	}
	l.checkExample(n.Get("example"), of, direction)
	examples := n.Get("examples")
	for _, name := range examples.Names() {
		example, err := l.doc.Follow(examples.Get(name))
		if err != nil {
			continue
		}
		l.use(example.Node)
		l.checkExample(example.Node.Get("value"), of, direction)
		l.checkExample(example.Node.Get("dataValue"), of, direction)
	}
}

// checkExample reports an example that its schema refuses in each of the directions.
func (l *linter) checkExample(example, of *source.Node, directions ...schema.Direction) {
	if example != nil {
		l.checkValue("invalid-example", "the example does not fit %s: %s; correct one of them", example, of, l.api.SchemaOf(of), directions...)
	}
}

// checkValue reports the violations of a value that a schema refuses in each of the directions. They are those of the first direction.
func (l *linter) checkValue(rule, format string, value, of *source.Node, s *schema.Schema, directions ...schema.Direction) {
	if s == nil {
		return
	}
	text := value.JSON()
	var invalid *schema.ValidationError
	for _, direction := range slices.Backward(directions) {
		err := s.Check(text, direction)
		if err == nil {
			return
		}
		invalid, _ = err.(*schema.ValidationError)
	}
	if invalid == nil {
		return
	}
	title := "its schema"
	if s.Name != "" && of.Has("$ref") {
		title = s.Name
	}
	for _, violation := range invalid.Violations {
		at := descend(value, violation.Pointer)
		where := violation.Pointer[len(violation.Pointer)-len(rest(value, violation.Pointer)):]
		violation.Pointer = where
		text := strings.TrimPrefix(violation.String(), "the value: ")
		l.report(rule, at, format, title, text)
	}
}

// descend finds the value that a JSON pointer leads to, or the last one on the way.
func descend(n *source.Node, pointer string) *source.Node {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		next := child(n, token)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// rest is what of a JSON pointer leads beyond the values that are there.
func rest(n *source.Node, pointer string) string {
	for pointer != "" {
		token, after, more := strings.Cut(pointer[1:], "/")
		next := child(n, token)
		if next == nil {
			return pointer
		}
		if n, pointer = next, ""; more {
			pointer = "/" + after
		}
	}
	return ""
}

func child(n *source.Node, token string) *source.Node {
	if n.Is(source.Array) {
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.Items) {
			return n.Items[i]
		}
		return nil
	}
	return n.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
}
