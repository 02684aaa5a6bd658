package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A Writer writes one JSON text. What violates the schema is recorded in Findings, at its place in the text.
type Writer struct {
	schema.Findings
	Dir schema.Direction

	text   []byte
	err    error // of a value that cannot be written, whatever the schema
	hidden int

	files []openapi_types.File // of a form in parts, in whose JSON they are indexes; otherwise nil

	kept [][2]int // from where to where texts are that tolerant reading could not understand

	unions int // how many unions are open that the checker has to look at
	chosen []choice
}

// A choice is the variant of a union that is written at an offset.
type choice struct {
	union   *schema.Schema
	variant int
	at      int
}

var writers = sync.Pool{New: func() any { return new(Writer) }}

// maxKept is how much room for text a writer keeps for the next one, in bytes.
const maxKept = 1 << 16

func newWriter(dir schema.Direction) *Writer {
	w := writers.Get().(*Writer)
	*w = Writer{text: w.text[:0], Findings: schema.Findings{List: w.List[:0]}, Dir: dir}
	return w
}

func (w *Writer) free() {
	if cap(w.text) > maxKept {
		w.text = nil
	}
	clear(w.List)
	writers.Put(w)
}

// Write writes a value as JSON text. The error is a [*schema.ValidationError] if the value violates the schema.
func Write[T any](v *T, write WriteFunc[T], s *schema.Schema, dir schema.Direction) ([]byte, error) {
	w := newWriter(dir)
	defer w.free()
	write(v, w, s)
	if err := w.finish(); err != nil {
		return nil, err
	}
	return slices.Clone(w.text), nil
}

// finish returns what is wrong with what was written.
func (w *Writer) finish() error {
	if w.err != nil {
		return w.err
	}
	if len(w.List) == 0 {
		return nil
	}
	_, err := schema.Describe(string(w.text), &w.Findings, w.Dir)
	return err
}

// fail records that a value cannot be written.
func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *Writer) found(s *schema.Schema, rule schema.Rule, at int, name string) {
	w.Add(schema.Strict, schema.Finding{Schema: s, Rule: rule, Hidden: w.hidden > 0, At: at, Name: name})
}

func (w *Writer) violated(s *schema.Schema, rules schema.Rules, at int) {
	for rule := schema.RuleNone; rules != 0; rule++ {
		if rules.Has(rule) {
			rules &^= 1 << rule
			w.found(s, rule, at, "")
		}
	}
}

func (w *Writer) checkNumber(s *schema.Schema, at int) {
	if rules := s.CheckNumber(string(w.text[at:])); rules != 0 {
		w.violated(s, rules, at)
	}
}

// combined checks the rules that need the checker, after the value at an offset has been written.
func (w *Writer) combined(s *schema.Schema, at int) {
	if !s.Simple() && s.Combined() {
		w.combinedAt(s, at)
	}
}

func (w *Writer) combinedAt(s *schema.Schema, at int) {
	w.check(at, func(c *schema.Checker) { c.CombinedAt(s, at) })
}

// recheck validates what has been written from an offset on.
func (w *Writer) recheck(s *schema.Schema, at int) {
	w.check(at, func(c *schema.Checker) { c.CheckAt(s, at) })
}

func (w *Writer) check(at int, check func(*schema.Checker)) {
	if w.Full() {
		return
	}
	c := schema.NewChecker()
	defer c.Free()
	if l := c.Parse(unsafe.String(unsafe.SliceData(w.text), len(w.text)), at, w.Dir, schema.Strict); l.Failed() {
		return // which has been found already
	}
	check(c)
	for _, f := range c.List {
		f.Name = strings.Clone(f.Name) // as the text may be written over
		f.Hidden = f.Hidden || w.hidden > 0
		w.Add(schema.Strict, f)
	}
}

// string writes a string.
func (w *Writer) string(text string, s *schema.Schema) {
	at := len(w.text)
	w.quote(text)
	if s.AnyString() {
		return
	}
	rules, combined := s.CheckText(text)
	if rules != 0 {
		w.violated(s, rules, at)
	}
	if combined {
		w.combinedAt(s, at)
	}
}

func (w *Writer) quote(text string) {
	if schema.IsPlain(text) {
		b := append(w.text, '"')
		b = append(b, text...)
		w.text = append(b, '"')
		return
	}
	var valid bool
	if w.text, valid = appendString(w.text, text); !valid {
		w.fail(errors.New("a string is not valid UTF-8: " + strconv.Quote(text)))
	}
}

// AppendString appends a string as JSON. What is not UTF-8 in it is replaced.
func AppendString(b []byte, text string) []byte {
	quoted, valid := appendString(b, text)
	if !valid {
		quoted, _ = appendString(b, strings.ToValidUTF8(text, "\uFFFD"))
	}
	return quoted
}

// appendQuoted appends a string as JSON. What is not UTF-8 in it stays as it is, for a reader to find.
func appendQuoted(b []byte, text string) []byte {
	b, _ = appendString(b, text)
	return b
}

// appendString is appendQuoted. It reports whether the text is UTF-8.
func appendString(b []byte, text string) (quoted []byte, valid bool) {
	b = append(slices.Grow(b, len(text)+2), '"')
	valid = true
	for i := 0; ; {
		from := i
		i = schema.PlainEnd(text, i)
		b = append(b, text[from:i]...)
		if i == len(text) {
			return append(b, '"'), valid
		}
		c, size := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(text[i:])
			valid = valid && size > 1
		}
		switch {
		case c == '"', c == '\\':
			b = append(b, '\\', byte(c))
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&15])
		default:
			b = append(b, text[i:i+size]...)
		}
		i += size
	}
}

const lowerHex = "0123456789abcdef"

// Null writes null.
func (w *Writer) Null() { w.text = append(w.text, "null"...) }

// Begin begins an object, which a schema describes, and returns where it is. Each member begins with a comma; [Writer.End] makes that of the
// first one the brace.
func (w *Writer) Begin(s *schema.Schema) (at int) {
	if !s.Simple() && s.Secret() {
		w.hidden++
	}
	return len(w.text)
}

// Member begins a declared member, which is given by its index, and returns its schema. The name is given as it is written: with a comma before
// it, its quotes and a colon.
func (w *Writer) Member(s *schema.Schema, index int, name string) *schema.Schema {
	w.text = append(w.text, name...)
	p := &s.Properties[index]
	if p.ReadOnly || p.WriteOnly {
		if rule := p.Forbidden(w.Dir); rule != schema.RuleNone {
			w.found(p.Any(), rule, len(w.text), "")
		}
	}
	return p.Any()
}

// member begins a member that has no such name in the generated code.
func (w *Writer) member(name string) {
	w.text = append(w.text, ',')
	w.quote(name)
	w.text = append(w.text, ':')
}

// Missing records that a member is missing which is required in messages of the writer's direction.
func (w *Writer) Missing(s *schema.Schema, index, at int) {
	p := &s.Properties[index]
	if !p.Lenient(w.Dir) {
		w.found(s, schema.RuleRequired, at, p.Name)
	}
}

// End ends an object that began at an offset. The second schema is what it has to be valid against besides; it may be the same one.
func (w *Writer) End(s, also *schema.Schema, at int) {
	if len(w.text) == at {
		w.text = append(w.text, ',')
	}
	w.text[at] = '{'
	w.text = append(w.text, '}')
	if s.Simple() && also == s {
		return
	}
	if s.Combined() || s.Excludable() {
		w.combinedAt(s, at)
	}
	w.also(s, also, at)
	if s.Secret() {
		w.hidden--
	}
}

// also validates what has been written from an offset on against another schema than that of its type. If that one is sensitive, so is
// everything within.
func (w *Writer) also(s, also *schema.Schema, at int) {
	if also == s {
		return
	}
	w.recheck(also, at)
	if also.Secret() {
		for i := len(w.List) - 1; i >= 0 && w.List[i].At >= at; i-- {
			w.List[i].Hidden = true
		}
	}
}

// WriteExtra writes the members of an object that are not declared, sorted by name.
func WriteExtra[T any](v map[string]T, w *Writer, s *schema.Schema, write WriteFunc[T]) {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		additional, declared := s.Undeclared(name)
		switch {
		case s.Index(name) >= 0:
			w.fail(fmt.Errorf("the additional member %q has the name of a declared one", name))
			continue
		case additional == nil:
			additional = anything
		}
		w.member(name)
		if additional.Never && !declared {
			w.found(s, schema.RuleAdditional, len(w.text), name)
		}
		value := v[name]
		write(&value, w, additional)
	}
}

// WriteMap writes a map as an object, sorted by name. A nil map is an empty object, unless the schema accepts null.
func WriteMap[T any](v *map[string]T, w *Writer, s *schema.Schema, write WriteFunc[T]) {
	if *v == nil && s.SaysNull() {
		w.Null()
		return
	}
	at := w.Begin(s)
	for _, name := range slices.Sorted(maps.Keys(*v)) {
		value := (*v)[name]
		if i := s.Index(name); i >= 0 {
			w.member(name)
			write(&value, w, s.Properties[i].Any())
			continue
		}
		WriteExtra(map[string]T{name: value}, w, s, write)
	}
	has := func(_ int, name string) bool {
		_, ok := (*v)[name]
		return ok
	}
	for name := range s.MissingOf(has, w.Dir) {
		w.found(s, schema.RuleRequired, at, name)
	}
	w.End(s, s, at)
	if s.HasExcluded(has) && !s.Excludable() {
		w.combinedAt(s, at)
	}
}

// WriteList writes a slice as an array. A nil slice is an empty array, unless the schema accepts null.
func WriteList[T any](v *[]T, w *Writer, s *schema.Schema, write WriteFunc[T]) {
	if *v == nil && s.SaysNull() {
		w.Null()
		return
	}
	secret := !s.Simple() && s.Secret()
	if secret {
		w.hidden++
	}
	at := len(w.text)
	w.text = append(w.text, '[')
	for i := range *v {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		write(&(*v)[i], w, itemOf(s, i))
	}
	w.text = append(w.text, ']')
	w.combined(s, at)
	if secret {
		w.hidden--
	}
}

// WritePointer writes what a pointer points to, or null.
func WritePointer[T any](v **T, w *Writer, s *schema.Schema, write WriteFunc[T]) {
	if *v != nil {
		write(*v, w, s)
		return
	}
	w.nothing(s)
}

// WriteOption writes a nullable.Nullable: its value, or null.
func WriteOption[T any, N ~map[bool]T](v *N, w *Writer, s *schema.Schema, write WriteFunc[T]) {
	if value, ok := (*v)[true]; ok {
		write(&value, w, s)
		return
	}
	w.nothing(s)
}

// nothing writes null, and records it if the schema does not accept that.
func (w *Writer) nothing(s *schema.Schema) {
	at := len(w.text)
	w.Null()
	switch {
	case !acceptsNull(s):
		w.found(s, schema.RuleType, at, "")
	case s.Types == 0 && !s.Nullable && s.Constrains():
		w.recheck(s, at)
	}
}

// WriteAny writes any value that encoding/json can.
func WriteAny(v *any, w *Writer, s *schema.Schema) { w.foreign(*v, s) }

// WriteForeign writes a value of a type that has a writer of its own: [json.Marshal] encodes it.
func WriteForeign[T any](v *T, w *Writer, s *schema.Schema) { w.foreign(v, s) }

func (w *Writer) foreign(v any, s *schema.Schema) {
	at := len(w.text)
	text, err := json.Marshal(v)
	if err != nil {
		w.fail(err)
		w.Null()
		return
	}
	w.text = append(w.text, text...)
	if s.Constrains() {
		w.recheck(s, at)
	}
}

// WriteRaw writes JSON text. Without any, it is null.
func WriteRaw[T ~[]byte](v *T, w *Writer, s *schema.Schema) {
	if len(*v) == 0 {
		w.nothing(s)
		return
	}
	at := len(w.text)
	l := schema.Lexer{Text: string(*v)}
	l.Skip(0)
	if l.End(); l.Failed() {
		violation := l.Violation()
		w.fail(errors.New("a raw value is not JSON: " + violation.String()))
		return
	}
	w.text = append(w.text, *v...)
	if s.Constrains() {
		w.recheck(s, at)
	}
}

// Union begins a union, and returns where it is. EndUnion ends it, behind the value of the variant.
func (w *Writer) Union(s *schema.Schema) (at int) {
	if s.Secret() {
		w.hidden++
	}
	if !s.SelfEvident() {
		w.unions++
	}
	return len(w.text)
}

// EndUnion ends a union that began at an offset and is the variant with an index. The second schema is as for [Writer.End].
func (w *Writer) EndUnion(s, also *schema.Schema, index, at int) {
	w.variant(s, index, at)
	if s.CombinedBesides() {
		w.check(at, func(c *schema.Checker) { c.CombinedBesidesAt(s, at) })
	}
	w.also(s, also, at)
}

// variant checks that a union is read back as the variant with an index.
func (w *Writer) variant(s *schema.Schema, index, at int) {
	if s.Secret() {
		w.hidden--
	}
	if s.SelfEvident() {
		return
	}
	w.chosen = append(w.chosen, choice{s, index, at})
	if w.unions--; w.unions > 0 {
		return
	}
	// The outermost union has ended: whether the variants of all of them are the ones that a reader chooses.
	if !w.Findings.Failed {
		w.check(at, func(c *schema.Checker) {
			for _, chosen := range w.chosen {
				switch read := c.ChooseAt(chosen.union, chosen.at); {
				case read == schema.NoVariant:
					c.NoVariantAt(chosen.union, chosen.at)
				case read != chosen.variant && len(chosen.union.OneOf) > 0:
					w.found(chosen.union, schema.RuleOneOf, chosen.at, "")
				}
			}
		})
	}
	w.chosen = w.chosen[:0]
}

// NoVariant writes the zero value of a union: null if the schema accepts that. Otherwise it fails.
func (w *Writer) NoVariant(s *schema.Schema, union string) {
	if !s.Nullable && s.Types&schema.Null == 0 && !s.NullVariant() {
		w.fail(fmt.Errorf("the %s holds no variant; make one with New%s", union, union))
	}
	w.Null()
}

// Unknown writes the text of a union that tolerant reading could not understand, which is a deviation here too. The schemas are as for
// [Writer.End].
func (w *Writer) Unknown(text []byte, s, also *schema.Schema) {
	at := len(w.text)
	WriteRaw(&text, w, s)
	w.also(s, also, at)
	w.kept = append(w.kept, [2]int{at, len(w.text)})
}

// tolerable reports whether what is wrong with the value is tolerated, or is within a text that tolerant reading has kept.
func (w *Writer) tolerable(f schema.Finding) bool {
	return f.Rule.Tolerable() || slices.ContainsFunc(w.kept, func(text [2]int) bool { return text[0] <= f.At && f.At < text[1] })
}

// Kept writes the text of an anyOf that has been read, which may be of several variants, and reports whether there is one. The schema is what
// it has to be valid against.
func (w *Writer) Kept(text []byte, s *schema.Schema) bool {
	if text == nil {
		return false
	}
	at := len(w.text)
	w.text = append(w.text, text...)
	w.recheck(s, at)
	return true
}

// ReadAs reads the value of an anyOf as another variant: the text that has been read or, without it, what a variant is written as.
func ReadAs[T any](text []byte, variant any, read ReadFunc[T], s *schema.Schema) (T, error) {
	var none T
	if v, ok := variant.(T); ok {
		return v, nil
	}
	if text == nil {
		var err error
		if text, err = json.Marshal(variant); err != nil {
			return none, err
		}
	}
	v, _, err := Read(string(text), read, s, schema.Undirected, schema.Strict)
	if err != nil {
		return none, err
	}
	return *v, nil
}
