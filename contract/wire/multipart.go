package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Forms in parts: multipart/form-data. The parts come one after another and may be large, so that an implementation
// reads them itself. What it reads has passed through here: texts are held until they have been validated, files go
// through as they come, and the end is the end only if nothing is missing. The texts are spelled like the members of
// any other form, but without percent-encoding.

// maxParts is how many parts a form may have.
const maxParts = 1000

// A BodyError is the error of reading a body that is streamed to an implementation and violates the document. Err is a
// [*schema.ValidationError]. A handler responds with 400 to an implementation that returns it.
type BodyError struct{ Err error }

// Error says what is wrong.
func (e *BodyError) Error() string { return "invalid body: " + e.Err.Error() }

// Unwrap returns Err.
func (e *BodyError) Unwrap() error { return e.Err }

func invalidBody(violations ...schema.Violation) error {
	return &BodyError{&schema.ValidationError{Violations: violations}}
}

// MultipartBody returns a reader of the parts of a body of the content with an index; nil for another body. Those of
// multipart/form-data are validated while they are read: an error of the reader, and of its parts, is a [*BodyError]
// then.
func MultipartBody(c *Call, index int) *multipart.Reader {
	if c.Content == nil || c.Content != &c.route.Body.Content[index] {
		return nil
	}
	body := c.Validated()
	if body == nil {
		return nil
	}
	return multipart.NewReader(body, c.boundary())
}

// Validated returns a body that is streamed, such that it is validated while it is read if it is multipart/form-data.
// It is nil, and a violation recorded, if the body cannot be read.
func (c *Call) Validated() io.Reader {
	switch {
	case c.Content.Kind != Multipart:
		return c.stream
	case !c.bounded():
		return nil
	case c.Essence != "multipart/form-data" || c.Content.Schema == nil:
		return c.stream
	}
	return &checkedParts{
		gathered: gather(c.Content, c.route.forms[c.Content]),
		source:   multipart.NewReader(c.stream, c.boundary()), boundary: c.boundary(),
		room: cmp.Or(c.MaxHeld, maxHeld), call: c,
	}
}

// bounded reports whether the parts of the body can be told apart. Otherwise it records a violation.
func (c *Call) bounded() bool {
	ok := c.boundary() != ""
	if !ok {
		c.violate("header", "Content-Type", schema.Violation{Rule: "content", Want: c.Content.MediaType + " with a boundary of 1 to 70 characters"})
	}
	return ok
}

// boundary is what separates the parts of the body; empty if the request does not say it.
func (c *Call) boundary() string {
	_, parameters, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if boundary := parameters["boundary"]; err == nil && len(boundary) <= 70 {
		return boundary
	}
	return ""
}

// maxHeld is how many bytes of texts are held if nobody says.
const maxHeld = 1 << 20

// RespondMultipart writes a response of several parts, which a function writes.
func RespondMultipart(w http.ResponseWriter, h *Headers, status int, contentType string, write func(*multipart.Writer) error) error {
	if err := h.set(w); err != nil {
		return invalidResponse(status, nil, err)
	}
	parts := multipart.NewWriter(w)
	w.Header().Set("Content-Type", mime.FormatMediaType(contentType, map[string]string{"boundary": parts.Boundary()}))
	w.WriteHeader(status)
	if err := write(parts); err != nil {
		return err
	}
	return parts.Close()
}

// SafeName makes a name for a file of one that a sender has given: the last element of a path of any system, without
// characters that a file system or a header gives a meaning. It is empty if nothing is left.
func SafeName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || strings.ContainsRune(`"<>:|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	for len(name) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// maxName is how long the name of a file may be, in bytes, as file systems have it.
const maxName = 255

// Attachment is the value of a header Content-Disposition that makes a browser save a response as a file with a name,
// whatever characters are in it. Where browsers show the response, a handler writes "inline" itself.
func Attachment(name string) string {
	if name = SafeName(name); name == "" {
		return "attachment"
	}
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}

// A gathered is what has been read of a form in parts.
type gathered struct {
	content *Content
	form    *form
	pairs   []pair          // texts
	whole   map[string]bool // members that came as JSON, although the document has another type for them
	files   map[string][]file
	parts   int
	found   []schema.Violation // wrong with single parts
}

// A file is one that a form has. The content is nil if it is not kept.
type file struct {
	name    string
	content []byte
}

func gather(c *Content, f *form) gathered {
	if f == nil {
		f = c.form()
	}
	return gathered{content: c, form: f, whole: map[string]bool{}, files: map[string][]file{}}
}

func (g *gathered) violate(name, rule, want string) {
	v := schema.Violation{In: "form", Rule: rule, Want: want}
	if name != "" {
		v.Pointer = "/" + schema.EscapePointer(strings.ToValidUTF8(name, "\uFFFD"))
	}
	g.found = append(g.found, v)
}

// begin looks at the header of a part and returns its name. It is not ok if the part cannot be read; then what is wrong
// has been recorded.
func (g *gathered) begin(part *multipart.Part) (name string, ok bool) {
	name = part.FormName()
	before := len(g.found)
	switch g.parts++; {
	case g.parts > maxParts:
		g.violate("", "size", "at most "+strconv.Itoa(maxParts)+" parts")
		return name, false
	case name == "":
		g.violate("", "syntax", `parts whose Content-Disposition is form-data; name="…"`)
		return name, false
	}
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "binary", "8bit", "7bit":
	default: // the implementation would read something else than what is validated here
		g.violate(name, "content", "a part without Content-Transfer-Encoding")
	}
	sent := part.Header.Get("Content-Type")
	essence, parameters, err := mime.ParseMediaType(sent)
	e := g.content.encoding(name)
	if sent != "" && (err != nil || e != nil && e.ContentType != "" && !e.accepts(essence, parameters)) {
		want := "a media type"
		if e != nil && e.ContentType != "" {
			want = e.ContentType
		}
		g.violate(name, "content", "a part of type "+want)
	}
	if charset := parameters["charset"]; charset != "" && !isUTF8(charset) && !g.isFile(name, part) {
		g.violate(name, "content", "text in UTF-8")
	}
	if e != nil {
		for i := range e.Headers {
			h := &e.Headers[i]
			for _, v := range h.Check(http.Header(part.Header)) {
				g.violate(name, v.Rule, "a header "+h.Name+": "+v.Want)
			}
		}
	}
	return name, len(g.found) == before
}

// encoding is what the document says of how a member is written, nil for nothing.
func (c *Content) encoding(member string) *Encoding {
	i := slices.IndexFunc(c.Encoding, func(e Encoding) bool { return e.Member == member })
	if i < 0 {
		return nil
	}
	return &c.Encoding[i]
}

// accepts reports whether a part may have a media type.
func (e *Encoding) accepts(essence string, parameters map[string]string) bool {
	for one := range strings.SplitSeq(e.ContentType, ",") {
		if covers(strings.TrimSpace(one), essence, parameters) > 0 {
			return true
		}
	}
	return false
}

// typeOf is the media type of a file: the one of its name, if it may have that, or else the first that the document
// has.
func (e *Encoding) typeOf(fileName string) string {
	byName := mime.TypeByExtension(fileName[max(0, strings.LastIndexByte(fileName, '.')):])
	essence, parameters, err := mime.ParseMediaType(byName)
	switch {
	case e == nil || e.ContentType == "":
		return cmp.Or(byName, "application/octet-stream")
	case err == nil && e.accepts(essence, parameters):
		return byName
	}
	for one := range strings.SplitSeq(e.ContentType, ",") {
		if !strings.Contains(one, "*") {
			return strings.TrimSpace(one)
		}
	}
	return "application/octet-stream"
}

// headerless is the error for a part that has to have a header which no Go value says.
func (e *Encoding) headerless() error {
	if e != nil {
		for i := range e.Headers {
			if e.Headers[i].Required {
				return fmt.Errorf("the header %s of the part has to be written by a multipart.Writer", e.Headers[i].Name)
			}
		}
	}
	return nil
}

// isFile reports whether a part is bytes that go through: the document says so, or it says nothing and the part has the
// name of a file.
func (g *gathered) isFile(name string, part *multipart.Part) bool {
	s := g.content.Schema.Member(name)
	return isFileSchema(s) || isFileSchema(s.Item(0)) || s.Types == 0 && !s.IsObject() && !s.IsList() && part.FileName() != ""
}

func isFileSchema(s *schema.Schema) bool {
	return s.Types&^schema.Null == schema.String && s.Format == "binary"
}

// text takes the text of a part. One that says it is JSON, where the document does not ask for that, is the whole member, or an item of a list.
func (g *gathered) text(name, text string, part *multipart.Part) {
	essence, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if IsJSON(essence) && isJSON(text) {
		if p := g.content.formMember(g.form, name); p.MediaType == "" && !g.form.spreads(name) {
			l := schema.Lexer{Text: text}
			switch first := l.Peek(); {
			case !p.schema().IsList() || first == '[':
				g.whole[name] = true
			case first == '"':
				text = l.ReadString()
			}
		}
	}
	g.pairs = append(g.pairs, pair{name, text})
}

// json is the form as JSON. token appends what stands for a file. Violations are what is wrong with its spelling.
func (g *gathered) json(token func(b []byte, name string, index int) []byte) ([]byte, []schema.Violation) {
	m := members{form: g.form, json: []byte{'{'}}
	pairs := slices.Clone(g.pairs)
	for i := range pairs {
		if g.whole[pairs[i].name] {
			found := spelled{text: pairs[i].value, present: true}
			found.twice = slices.ContainsFunc(pairs[i+1:], func(p pair) bool { return p.name == pairs[i].name })
			m.add(g.content.formMember(g.form, pairs[i].name), found)
		}
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return g.whole[p.name] })
	m.addPairs(g.content, pairs, asItIs)
	for _, name := range slices.Sorted(maps.Keys(g.files)) {
		files := g.files[name]
		s := g.content.Schema.Member(name)
		if !s.IsList() && len(files) > 1 {
			m.violations = append(m.violations, schema.Violation{Pointer: "/" + schema.EscapePointer(name), Rule: "duplicate", Want: "this member once"})
			continue
		}
		m.name(name)
		if s.IsList() {
			m.json = append(m.json, '[')
		}
		for i := range files {
			if i > 0 {
				m.json = append(m.json, ',')
			}
			m.json = token(m.json, name, i)
		}
		if s.IsList() {
			m.json = append(m.json, ']')
		}
	}
	return append(m.json, '}'), m.violations
}

// check validates the form, of which files are only known to be there.
func (g *gathered) check(mode schema.Mode) (tolerated, violations []schema.Violation) {
	text, violations := g.json(func(b []byte, _ string, _ int) []byte { return append(b, `""`...) })
	tolerated, err := g.content.Schema.Validate(string(text), schema.InRequest, mode)
	if err != nil {
		violations = withValues(violations, violationsOf(err))
	}
	violations = slices.DeleteFunc(violations, func(v schema.Violation) bool {
		name, rest, _ := strings.Cut(strings.TrimPrefix(v.Pointer, "/"), "/")
		files := g.files[schema.UnescapePointer(name)]
		return len(files) > 0 && !aboutMember[v.Rule] && (rest != "" || !g.content.Schema.Member(schema.UnescapePointer(name)).IsList())
	})
	return Within("form", "", tolerated), append(g.found, Within("form", "", unreported(violations, g.found))...)
}

// aboutMember are the rules that a member can violate by being there, whatever its value is.
var aboutMember = map[string]bool{
	"duplicate": true, "additionalProperties": true, "unevaluatedProperties": true, "propertyNames": true, "readOnly": true,
	"false": true, "not": true,
}

// unreported are the violations of a form but for those that members are missing which have come, and been found wrong.
func unreported(violations, found []schema.Violation) []schema.Violation {
	return slices.DeleteFunc(violations, func(v schema.Violation) bool {
		return v.Rule == "required" && slices.ContainsFunc(found, func(f schema.Violation) bool { return f.Pointer == v.Pointer })
	})
}

// checkText reports whether a text may go through. What is wrong with it is recorded when the whole form is validated.
func (g *gathered) checkText(name string, mode schema.Mode) bool {
	p := g.content.formMember(g.form, name)
	if g.form.spreads(name) { // which is known when all its parts are there
		return true
	}
	text, times := g.pairs[len(g.pairs)-1].value, 0
	for i := range g.pairs {
		if g.pairs[i].name == name {
			times++
		}
	}
	isList := p.schema().IsList()
	if times > 1 && (!isList || g.whole[name]) {
		return false
	}
	found := spelled{text: text, present: true}
	if !g.whole[name] {
		found = p.readValues([]string{text}, asItIs)
	}
	if p.misspelled(found) != nil {
		return false
	}
	if found.plain {
		found.text = string(respell(nil, found.text, p.schema()))
	}
	_, err := p.schema().Validate(found.text, schema.InRequest, mode)
	if err != nil && isList && !g.whole[name] { // how many items there are is not known yet
		return !slices.ContainsFunc(violationsOf(err), func(v schema.Violation) bool { return v.Pointer != "" })
	}
	return err == nil
}

// A checkedParts is a body in parts that is validated while it is read. It writes the parts again, with headers that
// say nothing but what has been understood.
type checkedParts struct {
	gathered
	source   *multipart.Reader
	boundary string
	call     *Call
	room     int64 // how many bytes of texts may come
	out      bytes.Buffer
	file     *multipart.Part // whose content is next
	err      error
}

// Read reads the parts, as far as they are valid.
func (p *checkedParts) Read(b []byte) (int, error) {
	for {
		switch {
		case p.out.Len() > 0:
			return p.out.Read(b)
		case p.err != nil:
			return 0, p.err
		case p.file != nil:
			n, err := p.file.Read(b)
			if err == io.EOF {
				p.file = nil
				p.out.WriteString("\r\n")
			} else if err != nil {
				p.err = p.failure(err)
			}
			if n > 0 {
				return n, nil
			}
		default:
			p.err = p.next()
		}
	}
}

// next reads the next part up to its content, if that is a file, or to its end.
func (p *checkedParts) next() error {
	part, err := p.source.NextRawPart()
	switch {
	case err == io.EOF:
		tolerated, violations := p.check(p.call.Mode)
		if len(violations) > 0 {
			return invalidBody(violations...)
		}
		p.call.Deviations = append(p.call.Deviations, tolerated...)
		p.call.ReportIgnored()
		p.out.WriteString("--" + p.boundary + "--\r\n")
		return io.EOF
	case err != nil:
		return p.failure(err)
	}
	name, ok := p.begin(part)
	if !ok {
		return p.drain(part)
	}
	if p.ignored(name) {
		return nil
	}
	if p.isFile(name, part) {
		p.files[name] = append(p.files[name], file{})
		if len(p.files[name]) > 1 && !p.content.Schema.Member(name).IsList() || p.content.Schema.Member(name).Never {
			return p.drain(part)
		}
		p.header(name, part)
		p.file = part
		return nil
	}
	text, err := p.take(part)
	if err != nil {
		return err
	}
	if p.text(name, text, part); !p.checkText(name, p.call.Mode) {
		return p.drain(nil)
	}
	p.header(name, part)
	p.out.WriteString(p.withoutReadOnly(name, text) + "\r\n")
	return nil
}

// withoutReadOnly is a text without the members that are ignored because they are read-only. Its numbers stay as they are spelled.
func (p *checkedParts) withoutReadOnly(name, text string) string {
	if p.call.Mode != schema.IgnoreReadOnly {
		return text
	}
	s := p.content.Schema.Member(name)
	if s.IsList() && !p.whole[name] {
		s = s.Item(0)
	}
	ignored, err := s.Validate(text, schema.InRequest, p.call.Mode)
	if err != nil || len(ignored) == 0 { // it is not JSON, or has none
		return text
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return text
	}
	for _, member := range ignored {
		remove(value, strings.Split(member.Pointer, "/")[1:])
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return text
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// remove takes the member at a path out of a JSON value.
func remove(value any, path []string) {
	for i, part := range path {
		switch v := value.(type) {
		case map[string]any:
			name := schema.UnescapePointer(part)
			if i == len(path)-1 {
				delete(v, name)
			}
			value = v[name]
		case []any:
			index, err := strconv.Atoi(part)
			if err != nil || index >= len(v) {
				return
			}
			value = v[index]
		}
	}
}

// ignored reports whether a part is left out because it is read-only, and records that.
func (p *checkedParts) ignored(name string) bool {
	if p.call.Mode != schema.IgnoreReadOnly {
		return false
	}
	member := p.content.Schema.Property(name)
	if member == nil || member.Forbidden(schema.InRequest) != schema.RuleReadOnly {
		return false
	}
	p.call.Deviations = append(p.call.Deviations, schema.Violation{
		In: "form", Pointer: "/" + schema.EscapePointer(name), Rule: schema.RuleReadOnly.String(),
		Want: "no such member in a request; the service sets it",
	})
	return true
}

// take reads a text.
func (p *checkedParts) take(part *multipart.Part) (string, error) {
	text, err := io.ReadAll(io.LimitReader(part, p.room+1))
	if err != nil {
		return "", p.failure(err)
	}
	if p.room -= int64(len(text)); p.room < 0 {
		p.violate("", "size", "members that are not files to be shorter, all together")
		return "", invalidBody(p.found...)
	}
	return string(text), nil
}

// failure is the error for a body that cannot be read.
func (p *checkedParts) failure(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return err
	}
	p.violate("", "syntax", "parts with a header each, and the boundary around them")
	return invalidBody(p.found...)
}

// drain reads the rest of an invalid form, for all that is wrong with it to be reported. It stops if there is much
// more to come.
func (p *checkedParts) drain(part *multipart.Part) error {
	for limit := int64(maxHeld); ; {
		if part != nil {
			n, err := io.Copy(io.Discard, io.LimitReader(part, limit))
			if limit -= n; err != nil || limit <= 0 {
				break
			}
		}
		var err error
		part, err = p.source.NextRawPart()
		if err == io.EOF {
			_, violations := p.check(p.call.Mode)
			return invalidBody(violations...)
		}
		if err != nil || p.parts > maxParts {
			break
		}
		name, ok := p.begin(part)
		switch {
		case !ok || p.ignored(name):
		case p.isFile(name, part):
			p.files[name] = append(p.files[name], file{})
		default:
			text, err := p.take(part)
			if err != nil {
				return err
			}
			p.text(name, text, part)
		}
	}
	// What else is missing is not known.
	_, violations := p.check(p.call.Mode)
	violations = slices.DeleteFunc(violations, func(v schema.Violation) bool { return v.Rule == "required" })
	return invalidBody(violations...)
}

// header writes the header of a part.
func (p *checkedParts) header(name string, part *multipart.Part) {
	writePartHeader(&p.out, p.boundary, name, SafeName(part.FileName()), part.Header)
}

// writePartHeader writes a part up to its content.
func writePartHeader(b *bytes.Buffer, boundary, name, fileName string, header textproto.MIMEHeader) {
	b.WriteString("--" + boundary + "\r\nContent-Disposition: " + formDisposition(name, fileName) + "\r\n")
	for _, key := range slices.Sorted(maps.Keys(header)) {
		if key != "Content-Disposition" {
			for _, value := range header[key] {
				b.WriteString(key + ": " + value + "\r\n")
			}
		}
	}
	b.WriteString("\r\n")
}

// formDisposition is the Content-Disposition of a part. Names are written in UTF-8 as they are: RFC 7578 forbids the
// parameters name* and filename* of RFC 5987, which many servers do not read. Control characters have no other spelling.
func formDisposition(name, fileName string) string {
	if !strings.ContainsFunc(name+fileName, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
		text := `form-data; name="` + quote(name) + `"`
		if fileName != "" {
			text += `; filename="` + quote(fileName) + `"`
		}
		return text
	}
	parameters := map[string]string{"name": name}
	if fileName != "" {
		parameters["filename"] = fileName
	}
	return mime.FormatMediaType("form-data", parameters)
}

// ReadMultipart reads a form with all its files into memory. It is for bodies that are not large: a handler limits what
// comes from a request, see its option MaxStream. The error is a [*BodyError] if the form violates the document.
func ReadMultipart[T any](body *multipart.Reader, c *Content, read ReadFunc[T]) (*T, error) {
	if body == nil {
		return nil, nil
	}
	g := gather(c, nil)
	for {
		part, err := body.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unwrapped(err)
		}
		name, ok := g.begin(part)
		if g.parts > maxParts {
			break
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, unwrapped(err)
		}
		switch {
		case !ok:
		case isFileSchema(c.Schema.Member(name)), isFileSchema(c.Schema.Member(name).Item(0)):
			g.files[name] = append(g.files[name], file{SafeName(part.FileName()), text})
		default:
			g.text(name, string(text), part)
		}
	}
	var files []file
	text, violations := g.json(func(b []byte, name string, index int) []byte {
		files = append(files, g.files[name][index])
		return strconv.AppendQuote(b, strconv.Itoa(len(files)-1))
	})
	r := newReader(string(text), schema.InRequest, schema.Strict)
	r.files = files
	v := new(T)
	read(v, r, c.Schema)
	if _, err := r.finish(); err != nil {
		violations = withValues(violations, violationsOf(err))
	}
	if violations = append(g.found, Within("form", "", unreported(violations, g.found))...); len(violations) > 0 {
		return nil, invalidBody(violations...)
	}
	return v, nil
}

// unwrapped is the error of a multipart.Reader, which may be about what it reads from.
func unwrapped(err error) error {
	var invalid *BodyError
	if errors.As(err, &invalid) {
		return invalid
	}
	return err
}

// MultipartOf makes a body of several parts of a form. It returns the Content-Type with it. The error is a
// [*schema.ValidationError] if the form violates the document.
func MultipartOf[T any](c *Content, v *T, write WriteFunc[T]) (contentType string, body io.Reader, err error) {
	w := newWriter(schema.InRequest)
	defer w.free()
	w.files = []openapi_types.File{}
	write(v, w, c.Schema)
	if err := w.finish(); err != nil {
		if invalid, ok := err.(*schema.ValidationError); ok {
			Within("form", "", invalid.Violations)
		}
		return "", nil, err
	}
	boundary := multipart.NewWriter(io.Discard).Boundary()
	parts := partWriter{content: c, form: c.form(), boundary: boundary, files: w.files}
	object := parseValue(string(w.text))
	for i, name := range object.names {
		if err := parts.member(name, &object.items[i]); err != nil {
			return "", nil, &FormError{Member: name, Err: err}
		}
	}
	parts.text.WriteString("--" + boundary + "--\r\n")
	parts.flush()
	return mime.FormatMediaType(essenceOf(c.MediaType), map[string]string{"boundary": boundary}), io.MultiReader(parts.readers...), nil
}

// A partWriter writes a form in parts.
type partWriter struct {
	content  *Content
	form     *form
	boundary string
	files    []openapi_types.File
	text     bytes.Buffer
	readers  []io.Reader
}

// flush makes a reader of the text that has been written.
func (w *partWriter) flush() {
	w.readers = append(w.readers, bytes.NewReader(bytes.Clone(w.text.Bytes())))
	w.text.Reset()
}

// member writes a member of the form.
func (w *partWriter) member(name string, v *value) error {
	s := w.content.Schema.Member(name)
	switch {
	case isFileSchema(s):
		return w.filePart(name, v)
	case s.IsList() && isFileSchema(s.Item(0)):
		for i := range v.items {
			if err := w.filePart(name, &v.items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := w.content.encoding(name).headerless(); err != nil {
		return err
	}
	p := w.content.formMember(w.form, name)
	spelled, err := p.spellPairs(v, forPart)
	if err != nil {
		return err
	}
	pairs := pairsOf(spelled)
	if err := p.verify(v, p.readPairs(pairs, asItIs, nil), schema.InRequest); err != nil {
		return err
	}
	contentType := ""
	if e := w.content.encoding(name); p.MediaType != "" {
		contentType = p.MediaType
	} else if e != nil {
		contentType, _, _ = strings.Cut(e.ContentType, ",")
	} else if s.IsList() && s.Item(0).IsObject() {
		contentType = "application/json"
	}
	for _, one := range pairs {
		if len(w.form.spread) > 0 && w.form.claimed(p, one.name) {
			return errTaken(one.name)
		}
		header := textproto.MIMEHeader{}
		if contentType != "" && !strings.Contains(contentType, "*") {
			header.Set("Content-Type", contentType)
		}
		if strings.Contains(one.value, "\r\n--"+w.boundary) {
			return errors.New("the text has the boundary in it")
		}
		writePartHeader(&w.text, w.boundary, one.name, "", header)
		w.text.WriteString(one.value + "\r\n")
	}
	return nil
}

// forPart is the encoder for the parts of a form, which have no way to spell a delimiter as a part of a value.
func forPart(text, delimiters string) (string, error) {
	if i := strings.IndexAny(text, delimiters); i >= 0 && delimiters != "&" { // a part for each item needs none
		return "", fmt.Errorf("the character %q within a part of the value would separate parts in this style", text[i])
	}
	return text, nil
}

// filePart writes a file.
func (w *partWriter) filePart(name string, v *value) error {
	index, err := strconv.Atoi(v.scalar())
	if err != nil || index >= len(w.files) {
		return fmt.Errorf("%q is not a file", v.scalar())
	}
	content, err := w.files[index].Reader()
	if err != nil {
		return err
	}
	fileName := cmp.Or(SafeName(w.files[index].Filename()), "file")
	header := textproto.MIMEHeader{"Content-Type": {w.content.encoding(name).typeOf(fileName)}}
	if err := w.content.encoding(name).headerless(); err != nil {
		return err
	}
	writePartHeader(&w.text, w.boundary, name, fileName, header)
	w.flush()
	w.readers = append(w.readers, content)
	w.text.WriteString("\r\n")
	return nil
}
