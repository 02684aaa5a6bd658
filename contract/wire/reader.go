package wire

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// A Reader reads one JSON text. What violates the schema is recorded in Findings.
type Reader struct {
	names []*schema.Names // of objects that have been read, to be used again

	schema.Lexer
	schema.Findings
	Dir  schema.Direction
	Mode schema.Mode

	plain     bool // the text is that of a scalar, not JSON
	depth     int
	memory    int             // what lists have taken, in bytes
	hidden    int             // how many of the schemas around are sensitive
	member    int             // the offset of the value of the last member, which may be null in tolerant reading
	checker   *schema.Checker // of the part of the text that was checked last, or nil
	parsed    int             // how many bytes checkers have parsed
	strings   []string        // zero ones, see newString
	allocated int             // how many strings to allocate next, less one
	files     []file          // of a form in parts, in whose JSON they are indexes; otherwise nil
}

// maxNames is how many sets of names a reader keeps that waits for the next text.
const maxNames = 16

var readers = sync.Pool{New: func() any { return new(Reader) }}

// Read reads a value from JSON text. It returns what the mode tolerates; an error is a [*schema.ValidationError].
func Read[T any](text string, read ReadFunc[T], s *schema.Schema, dir schema.Direction, mode schema.Mode) (v *T, deviations []schema.Violation, err error) {
	r := newReader(text, dir, mode)
	v = new(T)
	read(v, r, s)
	deviations, err = r.finish()
	if err != nil {
		return nil, deviations, err
	}
	return v, deviations, nil
}

func newReader(text string, dir schema.Direction, mode schema.Mode) *Reader {
	r := readers.Get().(*Reader)
	*r = Reader{Lexer: schema.Lexer{Text: text}, Findings: schema.Findings{List: r.List[:0]}, Dir: dir, Mode: mode, member: -1, names: r.names}
	return r
}

// finish ends the text, puts what was found into words, and returns the reader to the pool.
func (r *Reader) finish() (deviations []schema.Violation, err error) {
	if r.plain {
		if len(r.List) > 0 {
			r.Text = string(respell(nil, r.Text, r.List[0].Schema))
			deviations, err = schema.Describe(r.Text, &r.Findings, r.Dir)
		}
		r.release()
		return deviations, err
	}
	r.End()
	switch {
	case r.Lexer.Failed() && !r.Findings.Full():
		err = &schema.ValidationError{Violations: []schema.Violation{r.Violation()}}
	case len(r.List) > 0:
		deviations, err = schema.Describe(r.Text, &r.Findings, r.Dir)
	}
	r.release()
	return deviations, err
}

func (r *Reader) release() {
	clear(r.List)
	if r.checker != nil {
		r.checker.Free()
	}
	*r = Reader{Findings: schema.Findings{List: r.List[:0]}, names: r.names[:min(len(r.names), maxNames)]}
	readers.Put(r)
}

// found records that the value at an offset violates a rule. It ends reading when enough has been found.
func (r *Reader) found(s *schema.Schema, rule schema.Rule, at int, name string) {
	r.Add(r.Mode, schema.Finding{Schema: s, Rule: rule, Hidden: r.hidden > 0, At: at, Name: name})
	if r.Findings.Full() {
		r.Fail(schema.RuleMore, "")
	}
}

// violated records the rules that a scalar violates.
func (r *Reader) violated(s *schema.Schema, rules schema.Rules, at int) {
	for rule := schema.RuleNone; rules != 0; rule++ {
		if rules.Has(rule) {
			rules &^= 1 << rule
			r.found(s, rule, at, "")
		}
	}
}

// mismatch records that the next value is not of the type that the schema demands, and skips it. Null, which the schema may accept, leaves
// the Go value as it is.
func (r *Reader) mismatch(s *schema.Schema) {
	if r.plain {
		r.found(s, schema.RuleType, 0, "")
		return
	}
	c := r.Peek()
	at := r.Pos
	r.Skip(r.depth)
	if r.Lexer.Failed() {
		return
	}
	if c == 'n' && acceptsNull(s) {
		if s.Types == 0 && !s.Nullable && s.Constrains() { // it may not be in the enum, for example
			r.recheck(s, at)
		}
		return
	}
	f := schema.Finding{Schema: s, Rule: schema.RuleType, Hidden: r.hidden > 0, At: at}
	if s.Never {
		f.Rule = schema.RuleNever
	}
	f.Tolerated = c == 'n' && r.Mode >= schema.Tolerant && r.member == at
	if r.Add(r.Mode, f); r.Findings.Full() {
		r.Fail(schema.RuleMore, "")
	}
}

// acceptsNull reports whether null is valid, as far as the types say.
func acceptsNull(s *schema.Schema) bool {
	return s.Nullable || s.Types&schema.Null != 0 || s.Types == 0 && !s.Never
}

// Null skips null if that is next and the schema accepts it, or tolerant reading does.
func (r *Reader) Null(s *schema.Schema) bool {
	if r.Peek() != 'n' {
		return false
	}
	r.mismatch(s)
	return true
}

// combined checks the rules that need the checker, after the value at an offset has been read.
func (r *Reader) combined(s *schema.Schema, at int) {
	if !s.Simple() && s.Combined() {
		r.combinedAt(s, at)
	}
}

func (r *Reader) combinedAt(s *schema.Schema, at int) {
	if r.Lexer.Failed() {
		return
	}
	if r.plain {
		c := schema.NewChecker()
		c.Parse(string(respell(nil, r.Text, s)), 0, r.Dir, r.Mode)
		c.CombinedAt(s, 0)
		r.take(c)
		c.Free()
		return
	}
	if c := r.checkerAt(at); !r.Lexer.Failed() {
		c.CombinedAt(s, at)
		r.take(c)
	}
}

// recheck validates a value that has been read against another schema.
func (r *Reader) recheck(s *schema.Schema, at int) {
	if r.Lexer.Failed() {
		return
	}
	if c := r.checkerAt(at); !r.Lexer.Failed() {
		c.CheckAt(s, at)
		r.take(c)
	}
}

// checkerAt returns a checker of the value at an offset, which is of no use where reading has failed.
func (r *Reader) checkerAt(at int) *schema.Checker {
	if r.checker == nil {
		r.checker = schema.NewChecker()
	}
	if !r.Lexer.Failed() && !r.checker.Covers(at) {
		if r.parsed > len(r.Text) { // values are within each other: the whole text is parsed once
			at = 0
		}
		end := r.checker.Parse(r.Text, at, r.Dir, r.Mode)
		if r.parsed += end.Pos - at; end.Failed() {
			r.Lexer = end
		}
	}
	return r.checker
}

// take takes over what a checker has found.
func (r *Reader) take(c *schema.Checker) {
	for _, f := range c.List {
		f.Hidden = f.Hidden || r.hidden > 0
		r.Add(r.Mode, f)
	}
	r.More += c.More
	r.Findings.Failed = r.Findings.Failed || c.Findings.Failed
	c.Findings = schema.Findings{List: c.List[:0]}
	if r.Findings.Full() {
		r.Fail(schema.RuleMore, "")
	}
}

// An Object is an object that is being read.
type Object struct {
	// Name is the name of the member whose value is next.
	Name string

	schema  *schema.Schema
	also    *schema.Schema // what the object is validated against besides; nil for nothing
	start   int
	seen    [2]uint64     // declared members, each a bit
	names   *schema.Names // of other members; nil as long as there are none
	reading bool
	hidden  bool // the object is within a sensitive value, or is one
}

// Object begins to read an object as the schema of its Go type describes it. Where the type is used, its values may have to be valid against
// another schema too, which is given second; it may be the same one.
//
//	for o := r.Object(&schemaPet, s); o.Next(r); {
//		switch o.Name {
//		case "name":
//			ReadString(&v.Name, r, o.Member(r, 0))
//		default:
//			o.Other(r)
//		}
//	}
func (r *Reader) Object(s, also *schema.Schema) Object {
	if r.Peek() != '{' {
		r.mismatch(also)
		return Object{}
	}
	o := Object{schema: s, start: r.Pos}
	if also != s {
		o.also = also
	}
	if !(s.Simple() && also.Simple()) && (s.Secret() || also.Secret()) {
		o.hidden = true
		r.hidden++
	}
	return o
}

// Next goes on to the next member and reports whether there is one. After the last one it checks the object as a whole.
func (o *Object) Next(r *Reader) bool {
	if o.schema == nil {
		return false
	}
	var more bool
	if o.reading {
		more = r.Lexer.Next('}')
	} else {
		o.reading = true
		more = r.Open('{', r.depth)
		r.depth++
	}
	for ; more; more = r.Lexer.Next('}') {
		if o.Name = r.Name(); r.Mode != schema.IgnoreReadOnly || !o.ignore(r) {
			return !r.Lexer.Failed()
		}
	}
	r.depth--
	if !r.Lexer.Failed() {
		o.end(r)
	}
	if o.names != nil {
		*o.names = schema.Names{}
		r.names, o.names = append(r.names, o.names), nil
	}
	if o.hidden {
		r.hidden--
	}
	return false
}

// ignore skips the value of a read-only member of a request, and reports whether it is one.
func (o *Object) ignore(r *Reader) bool {
	i := o.schema.Index(o.Name)
	if r.Lexer.Failed() || i < 0 || o.schema.Properties[i].Forbidden(r.Dir) != schema.RuleReadOnly {
		return false
	}
	o.Member(r, i)
	r.Skip(r.depth)
	return true
}

func (o *Object) end(r *Reader) {
	if s := o.schema; !s.Complete(o.seen) {
		for name := range s.MissingOf(o.has, r.Dir) {
			r.found(s, schema.RuleRequired, o.start, name)
		}
		if s.Combined() || s.HasExcluded(o.has) {
			r.combinedAt(s, o.start)
		}
	}
	if o.also != nil {
		r.recheck(o.also, o.start)
	}
}

// has reports whether a member has been read: the declared one with an index, or one with a name.
func (o *Object) has(index int, name string) bool {
	if 0 <= index && index < 64*len(o.seen) && o.seen[index/64]&(1<<(index%64)) != 0 {
		return true
	}
	return o.names != nil && o.names.Has(name)
}

// note keeps the name of a member that has no bit.
func (o *Object) note(r *Reader) {
	if o.names == nil {
		if last := len(r.names) - 1; last >= 0 {
			o.names, r.names = r.names[last], r.names[:last]
		} else {
			o.names = new(schema.Names)
		}
	}
	o.names.Add(&r.Lexer, o.Name)
}

// Member begins to read the value of a declared member, which is given by its index, and returns its schema.
func (o *Object) Member(r *Reader, index int) *schema.Schema {
	if index < 64*len(o.seen) {
		bit := uint64(1) << (index % 64)
		if o.seen[index/64]&bit != 0 {
			r.Fail(schema.RuleDuplicate, "each member name once")
		}
		o.seen[index/64] |= bit
	} else {
		o.note(r)
	}
	p := &o.schema.Properties[index]
	r.Peek()
	r.member = r.Pos
	if rule := p.Forbidden(r.Dir); rule != schema.RuleNone {
		r.found(p.Any(), rule, r.Pos, "")
	}
	return p.Any()
}

// Other skips the value of a member that no field of the Go type holds, and checks it.
func (o *Object) Other(r *Reader) {
	if s := o.other(r); s != nil {
		r.Check(s)
	} else {
		r.Skip(r.depth)
	}
}

// other begins to read the value of a member that is not declared, and returns the schema for it, nil if any value will do.
func (o *Object) other(r *Reader) *schema.Schema {
	o.note(r)
	r.Peek()
	r.member = r.Pos
	s := o.schema
	additional, declared := s.Undeclared(o.Name)
	switch {
	case additional != nil && additional.Never:
		r.found(s, schema.RuleAdditional, r.Pos, o.Name)
		return nil
	case !declared && additional == nil && r.Mode >= schema.Tolerant && s.Described() && s.UnevaluatedProperties == nil && len(s.Variants()) == 0:
		r.found(s, schema.RuleUndeclared, r.Pos, o.Name)
	}
	return additional
}

// Check skips the next value and checks it against a schema.
func (r *Reader) Check(s *schema.Schema) {
	r.Peek()
	at := r.Pos
	r.Skip(r.depth)
	r.recheck(s, at)
}

// Extra reads a member that is not declared into a map, as additionalProperties describes it.
func Extra[T any](v *map[string]T, o *Object, r *Reader, read ReadFunc[T]) {
	s := o.other(r)
	if s == nil {
		s = anything
	}
	var value T
	name := o.Name
	read(&value, r, s)
	if *v == nil {
		*v = map[string]T{}
	}
	(*v)[name] = value
}

var anything = new(schema.Schema)

// ReadMap reads an object into a map.
func ReadMap[T any](v *map[string]T, r *Reader, s *schema.Schema, read ReadFunc[T]) {
	if r.Peek() == '{' {
		*v = map[string]T{}
	}
	for o := r.Object(s, s); o.Next(r); {
		if i := s.Index(o.Name); i >= 0 {
			member := o.Member(r, i)
			var value T
			name := o.Name
			read(&value, r, member)
			(*v)[name] = value
			continue
		}
		Extra(v, &o, r, read)
	}
}

// ReadList reads an array into a slice, which is not nil.
func ReadList[T any](v *[]T, r *Reader, s *schema.Schema, read ReadFunc[T]) {
	if r.Peek() != '[' {
		r.mismatch(s)
		return
	}
	at := r.Pos
	secret := !s.Simple() && s.Secret()
	if secret {
		r.hidden++
	}
	items := make([]T, 0, r.count())
	i := 0
	more := r.Open('[', r.depth)
	r.depth++
	for ; more; more = r.Lexer.Next(']') {
		if len(items) == cap(items) {
			if r.Findings.Failed && len(items) > 0 { // the list is not going to be used
				items = items[:0]
			} else {
				// As many more as the rest of the text has, if they are as long as those before.
				more := min(max(i*(len(r.Text)-r.Pos)/(r.Pos-at), 4), 3*max(len(items), 2))
				if !r.spend((len(items) + more) * int(unsafe.Sizeof(*new(T)))) {
					break
				}
				items = slices.Grow(items, more)
			}
		}
		items = append(items, *new(T))
		read(&items[len(items)-1], r, itemOf(s, i))
		i++
	}
	r.depth--
	*v = items
	r.combined(s, at)
	if secret {
		r.hidden--
	}
}

// How many bytes the items of all lists of a text may take in Go: so many for each byte of the text, and so many more. Short items can take
// hundreds of times their text if they are structs of very many members.
const (
	memoryPerByte = 20
	memoryBase    = 1 << 17
)

// spend reports whether lists may take more memory; otherwise it ends reading.
func (r *Reader) spend(bytes int) bool {
	r.memory += bytes
	ok := r.memory <= memoryBase+memoryPerByte*len(r.Text)
	if !ok {
		r.Fail(schema.RuleSize, "fewer or longer items: in memory those of this text would take more than "+strconv.Itoa(memoryPerByte)+" times its length")
	}
	return ok
}

func itemOf(s *schema.Schema, i int) *schema.Schema {
	switch {
	case i < len(s.PrefixItems):
		return s.PrefixItems[i]
	case s.Items != nil:
		return s.Items
	}
	return anything
}

// How many items room is made for before they are read, how many bytes count looks ahead, and how deep a list may be whose number of items is
// estimated.
const (
	maxCount     = 1000
	maxAhead     = 1 << 10
	maxEstimated = 2
)

// count looks ahead at an array and returns about how many items it has. Of one that is longer it counts those at the beginning and, if it is
// all or most of the text, as a list of results is, takes the others to be as long.
func (r *Reader) count() int {
	rest := len(r.Text) - r.Pos
	n := schema.CountItems(r.Text[r.Pos+1:min(len(r.Text), r.Pos+maxAhead)], maxCount)
	if r.depth < maxEstimated && rest > maxAhead && n > 0 {
		n = min(n*rest/maxAhead, maxCount)
	}
	return n
}

// ReadPointer reads a value that the Go type holds by a pointer. It leaves the pointer nil for null.
func ReadPointer[T any](v **T, r *Reader, s *schema.Schema, read ReadFunc[T]) {
	if r.Null(s) {
		return
	}
	if text, ok := any(v).(**string); ok {
		*text = r.newString()
	} else {
		*v = new(T)
	}
	read(*v, r, s)
}

// newString is new(string), but for that several strings of a text share an allocation, as they share the text.
func (r *Reader) newString() *string {
	if len(r.strings) == 0 {
		r.strings = make([]string, r.allocated+1)
		r.allocated = min(2*r.allocated+1, 31)
	}
	text := &r.strings[0]
	r.strings = r.strings[1:]
	return text
}

// ReadOption reads a value that may be null or absent, which a nullable.Nullable keeps apart.
func ReadOption[T any, N ~map[bool]T](v *N, r *Reader, s *schema.Schema, read ReadFunc[T]) {
	if r.Null(s) {
		*v = N{false: *new(T)}
		return
	}
	var value T
	read(&value, r, s)
	*v = N{true: value}
}

// ReadAny reads any value: numbers become [json.Number], which keeps every digit.
func ReadAny(v *any, r *Reader, s *schema.Schema) {
	r.Peek()
	at := r.Pos
	value := r.any(r.depth)
	if r.Lexer.Failed() {
		return
	}
	*v = value
	if s.Constrains() {
		r.recheck(s, at)
	}
}

func (r *Reader) any(depth int) any {
	switch c := r.Peek(); c {
	case '{':
		object := map[string]any{}
		var names schema.Names
		for more := r.Open('{', depth); more; more = r.Lexer.Next('}') {
			name := r.Name()
			names.Add(&r.Lexer, name)
			object[name] = r.any(depth + 1)
		}
		return object
	case '[':
		items := []any{}
		for more := r.Open('[', depth); more; more = r.Lexer.Next(']') {
			items = append(items, r.any(depth+1))
		}
		return items
	case '"':
		return r.ReadString()
	case 't', 'f':
		at := r.Pos
		r.Skip(depth)
		return r.Pos-at == len("true")
	case 'n':
		r.Skip(depth)
		return nil
	default:
		at := r.Pos
		r.Skip(depth)
		return json.Number(r.Text[at:r.Pos])
	}
}

// quote turns the text of a scalar into JSON, for readers that know nothing else.
func (r *Reader) quote(s *schema.Schema) {
	if r.plain {
		r.Text, r.plain = string(respell(nil, r.Text, s)), false
	}
}

// ReadRaw reads any value and keeps its text.
func ReadRaw[T ~[]byte](v *T, r *Reader, s *schema.Schema) {
	r.quote(s)
	r.Peek()
	at := r.Pos
	r.Check(s)
	if !r.Lexer.Failed() {
		*v = T(r.Text[at:r.Pos])
	}
}

// ReadForeign reads a value into a type that has a reader of its own: [json.Unmarshal] decodes it.
func ReadForeign[T any](v *T, r *Reader, s *schema.Schema) {
	r.quote(s)
	r.Peek()
	at := r.Pos
	failed := r.Findings.Failed
	r.Check(s)
	if r.Lexer.Failed() || r.Findings.Failed && !failed {
		return
	}
	text := r.Text[at:r.Pos]
	if plain, ok := schema.PlainInteger(text); ok && s.Types&schema.Integer != 0 && s.Types&schema.Number == 0 {
		text = plain // which package json reads into an integer
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		r.found(s, schema.RuleType, at, "")
	}
}

// A Union is a union that is being read.
type Union struct {
	// Variant is the index of the variant, -1 if there is none to read.
	Variant int

	schema *schema.Schema
	also   *schema.Schema // what the value is validated against besides; nil for nothing
	start  int
	found  int // how many findings there were before
	failed bool
	null   bool
	hidden bool // the value is sensitive
}

// Union decides which variant of a union the next value is. The second schema is as for [Reader.Object].
func (r *Reader) Union(s, also *schema.Schema) Union {
	c := r.Peek()
	u := Union{Variant: -1, schema: s, start: r.Pos, found: len(r.List), failed: r.Findings.Failed}
	if also != s {
		u.also = also
	}
	if c == 'n' && (s.Nullable || s.Types&schema.Null != 0 || s.NullVariant() || also != s && also.SaysNull() && !s.SaysNull()) {
		r.Skip(r.depth)
		u.null = true
		return u
	}
	if s.Types != 0 && !s.Types.Begins(c) {
		r.mismatch(s)
		u.null = true // or something else that is not kept
		return u
	}
	if u.hidden = s.Secret() || also.Secret(); u.hidden {
		r.hidden++
	}
	if u.Variant = r.variant(s, c); u.Variant >= 0 {
		return u
	}
	checker := r.checkerAt(u.start)
	if r.Lexer.Failed() {
		return u
	}
	if u.Variant = checker.ChooseAt(s, u.start); u.Variant < 0 {
		r.none(s, u.start)
	} else if r.Mode >= schema.Tolerant {
		checker.GuessedAt(s, u.start)
		r.take(checker)
	}
	return u
}

// variant decides by the type of the value, its discriminator or tag, if that is enough; otherwise it returns -1.
func (r *Reader) variant(s *schema.Schema, c byte) int {
	if s.Discriminator != nil {
		if c != '{' {
			return -1
		}
		if value, ok := r.tag(s.Discriminator.Property); ok {
			if i, known := s.Discriminator.Variant(value); known {
				return i
			}
		}
		return -1
	}
	if name := s.Tag(); name != "" && c == '{' {
		if value, ok := r.tag(name); ok {
			return s.Tagged(value)
		}
		return -1
	}
	return s.OnlyVariant(c)
}

// tag looks ahead for a member of the object that is next and returns its value if that is a string.
func (r *Reader) tag(name string) (value string, ok bool) {
	at := r.Find(name)
	if at < 0 || r.Text[at] != '"' {
		return "", false
	}
	ahead := schema.Lexer{Text: r.Text, Pos: at}
	value = ahead.ReadString()
	return value, !ahead.Failed()
}

// none records that a value is none of the variants, and skips it.
func (r *Reader) none(s *schema.Schema, at int) {
	if r.Skip(r.depth); r.Lexer.Failed() {
		return
	}
	c := r.checkerAt(at)
	c.NoVariantAt(s, at)
	r.take(c)
}

// Schema is that of the variant.
func (u *Union) Schema() *schema.Schema { return u.schema.Variants()[u.Variant] }

// Unknown ends a union and reports whether its value has to be kept as it is: in tolerant reading, if it is none of the variants or cannot
// be read as the one that it should be. It returns the value.
func (u *Union) Unknown(r *Reader) (text []byte, unknown bool) {
	if u.hidden {
		r.hidden--
	}
	if s := u.schema; !u.null && u.Variant >= 0 {
		if s.CombinedBesides() && !r.Lexer.Failed() {
			if c := r.checkerAt(u.start); !r.Lexer.Failed() {
				c.CombinedBesidesAt(s, u.start)
				r.take(c)
			}
		}
		if u.also != nil {
			r.recheck(u.also, u.start)
		}
	}
	if u.null || r.Lexer.Failed() || r.Mode < schema.Tolerant {
		return nil, false
	}
	if u.Variant >= 0 && (u.failed || !r.Findings.Failed) {
		return nil, false
	}
	if !u.failed { // what is wrong with the value is tolerated, since it is kept
		for i := u.found; i < len(r.List); i++ {
			r.List[i].Tolerated = true
		}
		r.Findings.Failed = false
	}
	return []byte(r.Text[u.start:r.Pos]), true
}

// Null reports whether the value is null.
func (u *Union) Null(r *Reader) bool { return u.null && !r.Findings.Failed }

// JSON returns the text of a union that has been read.
func (u *Union) JSON(r *Reader) []byte {
	if u.null || r.Lexer.Failed() {
		return nil
	}
	return []byte(r.Text[u.start:r.Pos])
}

// Member reads a member of an object whose schema is not known, if it can.
func Member[T any](text []byte, name string, v *T, read ReadFunc[T]) {
	l := schema.Lexer{Text: string(text)}
	if l.Peek() != '{' {
		return
	}
	for more := l.Open('{', 0); more; more = l.Next('}') {
		found := l.Name() == name
		start := l.Skip(1)
		if found && !l.Failed() {
			if value, _, err := Read(l.Text[start:l.Pos], read, anything, schema.Undirected, schema.Tolerant); err == nil {
				*v = *value
			}
			return
		}
	}
}

// IsZero reports whether a value is the zero value of its type.
func IsZero[T any](v T) bool { return reflect.ValueOf(&v).Elem().IsZero() }
