package wire

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unsafe"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Readers and writers of scalars. The rules of the schema are checked by the functions of package schema; what is checked here is what the
// Go types cannot hold.

// text reads a string, and records what violates the schema. It is not ok if the value is something else.
func (r *Reader) text(s *schema.Schema) (text string, at int, ok bool) {
	if text, at, ok = r.string(s); ok && !s.AnyString() {
		r.checkString(s, text, at)
	}
	return text, at, ok
}

// string reads a string.
func (r *Reader) string(s *schema.Schema) (text string, at int, ok bool) {
	if r.plain {
		return r.Text, 0, true
	}
	if r.Peek() != '"' {
		r.mismatch(s)
		return "", 0, false
	}
	at = r.Pos
	text = r.ReadString()
	return text, at, !r.Lexer.Failed()
}

// checkString records what a string violates.
func (r *Reader) checkString(s *schema.Schema, text string, at int) {
	if s.Types != 0 && s.Types&schema.String == 0 {
		r.found(s, schema.RuleType, at, "")
	}
	rules, combined := s.CheckText(text)
	if rules != 0 {
		r.violated(s, rules, at)
	}
	if combined {
		r.combinedAt(s, at)
	}
}

// ReadString reads a string.
func ReadString[T ~string](v *T, r *Reader, s *schema.Schema) {
	text, _, ok := r.text(s)
	if ok {
		*v = T(text)
	}
}

// WriteString writes a string.
func WriteString[T ~string](v *T, w *Writer, s *schema.Schema) { w.string(string(*v), s) }

// ReadBool reads true or false.
func ReadBool[T ~bool](v *T, r *Reader, s *schema.Schema) {
	c := r.Peek()
	if c != 't' && c != 'f' || r.plain && r.Text != "true" && r.Text != "false" {
		r.mismatch(s)
		return
	}
	at := r.Pos
	r.Skip(r.depth)
	if rules := s.CheckBool(c == 't'); rules != 0 {
		r.violated(s, rules, at)
	}
	*v = c == 't'
	r.combined(s, at)
}

// WriteBool writes true or false.
func WriteBool[T ~bool](v *T, w *Writer, s *schema.Schema) {
	at := len(w.text)
	w.text = strconv.AppendBool(w.text, bool(*v))
	if rules := s.CheckBool(bool(*v)); rules != 0 {
		w.violated(s, rules, at)
	}
	w.combined(s, at)
}

// number reads a number and returns its literal. It is not ok if the value is something else.
func (r *Reader) number(s *schema.Schema) (literal string, at int, ok bool) {
	c := r.Peek()
	if c != '-' && (c < '0' || c > '9') || r.plain && !isNumber(r.Text) {
		r.mismatch(s)
		return "", 0, false
	}
	at = r.Pos
	literal = r.Number()
	return literal, at, !r.Lexer.Failed()
}

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// ReadInt reads an integer. It may be spelled with a fraction of zeros or an exponent.
func ReadInt[T integer](v *T, r *Reader, s *schema.Schema) {
	literal, at, ok := r.number(s)
	if !ok {
		return
	}
	n, plain := parseInt(literal)
	if !plain {
		readUnusualInt(v, r, s, literal, at)
		return
	}
	rules := s.CheckInteger(n)
	if rules != 0 {
		r.violated(s, rules, at)
		if rules.Has(schema.RuleFormat) {
			return
		}
	}
	*v = T(n)
	if (int64(*v) != n || n < 0 && *v > 0) && !rules.Has(schema.RuleFormat) {
		r.outOfRange(s, at)
	}
	r.combined(s, at)
}

// parseInt reads a literal of at most 18 digits.
func parseInt(literal string) (n int64, ok bool) {
	digits := literal
	if literal[0] == '-' {
		digits = literal[1:]
	}
	if len(digits) > 18 {
		return 0, false
	}
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = 10*n + int64(c)
	}
	if len(digits) < len(literal) {
		return -n, n != 0
	}
	return n, true
}

func readUnusualInt[T integer](v *T, r *Reader, s *schema.Schema, literal string, at int) {
	if !schema.IsInteger(literal) {
		r.Add(r.Mode, schema.Finding{Schema: s, Rule: schema.RuleType, Hidden: r.hidden > 0, At: at})
		return
	}
	if rules := s.CheckNumber(literal); rules != 0 {
		r.violated(s, rules, at)
		if rules.Has(schema.RuleFormat) {
			return
		}
	}
	plain, _ := schema.PlainInteger(literal)
	if n, err := strconv.ParseInt(plain, 10, 64); err == nil && int64(T(n)) == n && (n >= 0 || T(n) < 0) {
		*v = T(n)
	} else if n, err := strconv.ParseUint(plain, 10, 64); err == nil && uint64(T(n)) == n && T(n) >= 0 {
		*v = T(n)
	} else {
		r.outOfRange(s, at)
	}
	r.combined(s, at)
}

// outOfRange records that the Go type cannot hold a number that the schema accepts.
func (r *Reader) outOfRange(s *schema.Schema, at int) { r.found(s, schema.RuleRange, at, "") }

// WriteInt writes an integer.
func WriteInt[T integer](v *T, w *Writer, s *schema.Schema) {
	at := len(w.text)
	if *v < 0 || uint64(*v) <= math.MaxInt64 {
		n := int64(*v)
		w.text = strconv.AppendInt(w.text, n, 10)
		if rules := s.CheckInteger(n); rules != 0 {
			w.violated(s, rules, at)
		}
	} else {
		w.text = strconv.AppendUint(w.text, uint64(*v), 10)
		w.checkNumber(s, at)
	}
	w.combined(s, at)
}

// ReadFloat reads a number.
func ReadFloat[T ~float32 | ~float64](v *T, r *Reader, s *schema.Schema) {
	literal, at, ok := r.number(s)
	if !ok {
		return
	}
	if rules := s.CheckNumber(literal); rules != 0 {
		r.violated(s, rules, at)
		if rules.Has(schema.RuleFormat) {
			return
		}
	}
	f, err := strconv.ParseFloat(literal, bitsOf[T]())
	if *v = T(f); err != nil || f == 0 && !schema.IsZero(literal) {
		r.outOfRange(s, at)
	}
	r.combined(s, at)
}

// bitsOf is the size of a float type.
func bitsOf[T ~float32 | ~float64]() int {
	var zero T
	return 8 * int(unsafe.Sizeof(zero))
}

// WriteFloat writes a number. Numbers that are not finite have no JSON.
func WriteFloat[T ~float32 | ~float64](v *T, w *Writer, s *schema.Schema) {
	at := len(w.text)
	f := float64(*v)
	if math.IsInf(f, 0) || math.IsNaN(f) {
		w.text = append(w.text, '0')
		w.found(s, schema.RuleRange, at, "")
		return
	}
	var text []byte
	if bitsOf[T]() == 32 {
		text, _ = json.Marshal(float32(*v))
	} else {
		text, _ = json.Marshal(float64(*v)) // which knows when to use an exponent
	}
	w.text = append(w.text, text...)
	w.checkNumber(s, at)
	w.combined(s, at)
}

// ReadNumber reads a number and keeps its literal.
func ReadNumber[T ~string](v *T, r *Reader, s *schema.Schema) {
	literal, at, ok := r.number(s)
	if !ok {
		return
	}
	if rules := s.CheckNumber(literal); rules != 0 {
		r.violated(s, rules, at)
	}
	*v = T(literal)
	r.combined(s, at)
}

// WriteNumber writes a number that is kept as a literal; an empty one is 0.
func WriteNumber[T ~string](v *T, w *Writer, s *schema.Schema) {
	at := len(w.text)
	if *v == "" {
		w.text = append(w.text, '0')
	} else if l := (schema.Lexer{Text: string(*v)}); l.Number() != string(*v) {
		w.text = append(w.text, '0')
		w.found(s, schema.RuleType, at, "")
		return
	} else {
		w.text = append(w.text, *v...)
	}
	w.checkNumber(s, at)
	w.combined(s, at)
}

// ReadUUID reads a UUID in its canonical form.
func ReadUUID[T ~[16]byte](v *T, r *Reader, s *schema.Schema) {
	text, at, ok := r.string(s)
	if !ok {
		return
	}
	id, valid := schema.ParseUUID(text)
	*v = T(id)
	if valid && s.Types == schema.String && !s.Restricted("uuid") {
		return // which is all that the schema asks for
	}
	if r.checkString(s, text, at); !valid {
		r.malformed(s, "uuid", at)
	}
}

// malformed records that a string cannot be read as its Go type, unless that has been said of it, by the schema's own format for example.
func (r *Reader) malformed(s *schema.Schema, format string, at int) {
	if last := len(r.List) - 1; s.Format != format && (last < 0 || r.List[last].At != at || r.List[last].Tolerated) {
		r.found(s, schema.RuleType, at, "")
	}
}

// WriteUUID writes a UUID.
func WriteUUID[T ~[16]byte](v *T, w *Writer, s *schema.Schema) {
	at := len(w.text)
	w.text = append(w.text, `"00000000-0000-0000-0000-000000000000"`...)
	schema.FormatUUID(w.text[at+1:], *v)
	if s.Restricted("uuid") {
		w.recheck(s, at)
	}
}

// ReadTime reads a date and time.
func ReadTime(v *time.Time, r *Reader, s *schema.Schema) {
	if text, at, ok := r.text(s); ok {
		t, valid := schema.ParseTime(text)
		if *v = t; !valid {
			r.malformed(s, "date-time", at)
		}
	}
}

// WriteTime writes a date and time, as RFC 3339 defines it.
func WriteTime(v *time.Time, w *Writer, s *schema.Schema) {
	at := len(w.text)
	text, err := v.AppendText(append(w.text, '"'))
	if err != nil {
		w.text = append(w.text[:at], `""`...)
		w.found(s, schema.RuleFormat, at, "")
		return
	}
	w.text = append(text, '"')
	if s.Restricted("date-time") {
		w.recheck(s, at)
	}
}

// ReadDate reads a date.
func ReadDate(v *openapi_types.Date, r *Reader, s *schema.Schema) {
	if text, at, ok := r.text(s); ok {
		t, err := time.Parse(time.DateOnly, text)
		if v.Time = t; err != nil {
			r.malformed(s, "date", at)
		}
	}
}

// WriteDate writes a date.
func WriteDate(v *openapi_types.Date, w *Writer, s *schema.Schema) {
	at := len(w.text)
	if year := v.Year(); year < 0 || year > 9999 {
		w.text = append(w.text, `""`...)
		w.found(s, schema.RuleFormat, at, "")
		return
	}
	w.text = append(v.AppendFormat(append(w.text, '"'), time.DateOnly), '"')
	if s.Restricted("date") {
		w.recheck(s, at)
	}
}

// ReadBytes reads base64.
func ReadBytes[T ~[]byte](v *T, r *Reader, s *schema.Schema) {
	if text, at, ok := r.text(s); ok {
		b, err := base64.StdEncoding.DecodeString(text)
		if *v = T(b); err != nil {
			r.malformed(s, "byte", at)
		}
	}
}

// WriteBytes writes base64. Nil is null where the schema accepts that.
func WriteBytes[T ~[]byte](v *T, w *Writer, s *schema.Schema) {
	if *v == nil && s.SaysNull() {
		w.Null()
		return
	}
	at := len(w.text)
	w.text = append(w.text, '"')
	w.text = base64.StdEncoding.AppendEncode(w.text, *v)
	w.text = append(w.text, '"')
	if s.Restricted("byte") {
		w.recheck(s, at)
	}
}

// ReadFile reads a string of a JSON text as the content of a file (format: binary), which may be any text.
func ReadFile(v *openapi_types.File, r *Reader, s *schema.Schema) {
	if r.files != nil {
		if text, _, ok := r.string(s); ok { // the index of the file, see ReadMultipart
			if i, err := strconv.Atoi(text); err == nil && i < len(r.files) {
				v.InitFromBytes(r.files[i].content, r.files[i].name)
			}
		}
		return
	}
	if text, _, ok := r.text(s); ok {
		v.InitFromBytes([]byte(text), "")
	}
}

// WriteFile writes the content of a file as a string.
func WriteFile(v *openapi_types.File, w *Writer, s *schema.Schema) {
	if w.files != nil { // see MultipartOf
		w.text = strconv.AppendQuote(w.text, strconv.Itoa(len(w.files)))
		w.files = append(w.files, *v)
		return
	}
	b, err := v.Bytes()
	if err != nil {
		w.fail(err)
	}
	w.string(string(b), s)
}

// ReadDuration reads a duration.
func ReadDuration(v *openapi_types.Duration, r *Reader, s *schema.Schema) {
	if text, at, ok := r.text(s); ok {
		d, err := openapi_types.ParseDuration(text)
		if *v = d; err != nil {
			r.malformed(s, "duration", at)
		}
	}
}

// WriteDuration writes a duration.
func WriteDuration(v *openapi_types.Duration, w *Writer, s *schema.Schema) { w.string(v.String(), s) }
