package contract

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A Writer writes one JSON text for the encoders that gen emits, a method write for each type. They hold the values against the
// document on the way. Like a [Reader], a Writer gives up where a value is not valid or unusual; then encoding/json writes the text,
// and the checker has the last word.
type Writer struct {
	text []byte
	dir  Direction
	lost bool

	others   bool  // there are values that have to be encoded by encoding/json
	marshals bool  // they are
	err      error // of one that cannot be

	unions  int // how many are open of those that need choices
	choices map[choice]int
}

var writers = sync.Pool{New: func() any { return new(Writer) }}

// maxKept is how much room for text a writer keeps for the next one, in bytes.
const maxKept = 1 << 16

func newWriter(dir Direction) *Writer {
	w := writers.Get().(*Writer)
	*w = Writer{text: w.text[:0], dir: dir}
	return w
}

func (w *Writer) free() {
	if cap(w.text) > maxKept {
		w.text = nil
	}
	writers.Put(w)
}

// A choice is the variant of a union at a place in the text.
type choice struct {
	union *Schema
	start int
}

// EncoderOf makes the Encode of a [Schema] from the emitted encoder of its Go type.
func EncoderOf[T any](write func(*T, *Writer)) func(any, *Writer) {
	return func(v any, w *Writer) {
		if v, ok := v.(*T); ok {
			write(v, w)
		} else {
			w.GiveUp()
		}
	}
}

// encode writes a value by the emitted encoder of the schema. The writer, to be freed, has the text; it is nil where encoding/json and
// [Schema.Check] have to look, or with the error of a part that nobody can encode.
//
// As in decode, what only encoding/json can encode is encoded last.
func (s *Schema) encode(v any, dir Direction) (*Writer, error) {
	if s.Encode == nil {
		return nil, nil
	}
	w := newWriter(dir)
	s.Encode(v, w)
	if w.others && !w.lost {
		*w = Writer{text: w.text[:0], dir: dir, marshals: true}
		if s.Encode(v, w); !w.lost {
			c := newChecker(dir, strict)
			w.Want(c.accepts(s, string(w.text)))
			c.free()
		}
	}
	if !w.lost {
		return w, nil
	}
	err := w.err
	w.free()
	return nil, err
}

// Write returns the JSON text of a value by the emitted encoder of the schema of its type, T. It is nil where encoding/json and
// [Schema.Check] have to look. With an error there is nothing to look at: a part of the value cannot be encoded.
func Write[T any](s *Schema, v *T, dir Direction) ([]byte, error) {
	w, err := s.encode(v, dir)
	if w == nil {
		return nil, err
	}
	defer w.free()
	return slices.Clone(w.text), nil
}

// Marshal encodes a value as its schema wants it: [json.Marshal] and [Schema.Check] in one, but where the document wants an array or
// a map, nil is an empty one. T is the Go type of the schema. The error is a [*ValidationError] if the value is not valid.
func Marshal[T any](s *Schema, v *T, dir Direction) ([]byte, error) {
	text, err := Write(s, v, dir)
	if text != nil || err != nil {
		return text, err
	}
	text, err = json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.complete(text, dir)
}

// GiveUp leaves the value to encoding/json and the checker.
func (w *Writer) GiveUp() { w.lost = true }

// Want gives up unless ok.
func (w *Writer) Want(ok bool) { w.lost = w.lost || !ok }

// WantDirection gives up unless the text travels in the direction, or in none.
func (w *Writer) WantDirection(dir Direction) { w.Want(w.dir == dir || w.dir == Undirected) }

// MissingIn gives up if the text travels in the direction, which requires a member that is missing. Otherwise it may be.
func (w *Writer) MissingIn(dir Direction) { w.Want(w.dir != dir) }

// Open begins an object or an array.
func (w *Writer) Open(bracket byte) { w.text = append(w.text, bracket) }

// Close ends an object or an array.
func (w *Writer) Close(bracket byte) { w.text = append(w.text, bracket) }

// Member begins a member of an object. The name is quoted and has a colon behind it.
func (w *Writer) Member(name string) {
	if w.text[len(w.text)-1] != '{' {
		w.text = append(w.text, ',')
	}
	w.text = append(w.text, name...)
}

// Item begins item i of an array.
func (w *Writer) Item(i int) {
	if i > 0 {
		w.text = append(w.text, ',')
	}
}

// Null writes null.
func (w *Writer) Null() { w.text = append(w.text, "null"...) }

// Bool writes true or false.
func (w *Writer) Bool(v bool) { w.text = strconv.AppendBool(w.text, v) }

// Int writes an integer, which has to be between min and max.
func (w *Writer) Int(v, min, max int64) {
	w.Want(min <= v && v <= max)
	w.text = strconv.AppendInt(w.text, v, 10)
}

// Float writes a number.
func (w *Writer) Float(v float64) {
	text, err := json.Marshal(v) // which knows when to use an exponent
	w.Want(err == nil)
	w.text = append(w.text, text...)
}

// Text writes a string. What is not valid UTF-8 makes it give up.
func (w *Writer) Text(text string) {
	start := len(w.text) + 1
	w.text = append(w.text, '"')
	w.text = append(w.text, text...)
	if !isPlain(w.text[start:]) {
		var err error
		w.text, err = jsontext.AppendQuote(w.text[:start-1], text)
		w.Want(err == nil)
		return
	}
	w.text = append(w.text, '"')
}

// isPlain tells whether all bytes stand for themselves in a string, and are ASCII. It looks at eight at a time, at the last eight
// perhaps twice.
func isPlain(text []byte) bool {
	if len(text) < 8 {
		for _, c := range text {
			if c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
				return false
			}
		}
		return true
	}
	const each, high = 0x0101010101010101, 0x8080808080808080
	var special uint64
	for i := 0; i < len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[min(i, len(text)-8):])
		quotes, slashes := x^each*'"', x^each*'\\'
		special |= (x | (x - each*' ') | (quotes-each)&^quotes | (slashes-each)&^slashes) & high
	}
	return special == 0
}

// UUID writes a UUID.
func (w *Writer) UUID(id [16]byte) {
	var text [38]byte
	text[0], text[9], text[14], text[19], text[24], text[37] = '"', '-', '-', '-', '-', '"'
	hex.Encode(text[1:], id[:4])
	hex.Encode(text[10:], id[4:6])
	hex.Encode(text[15:], id[6:8])
	hex.Encode(text[20:], id[8:10])
	hex.Encode(text[25:], id[10:])
	w.text = append(w.text, text[:]...)
}

// Time writes a date with a time.
func (w *Writer) Time(t time.Time) {
	text, err := t.AppendText(append(w.text, '"'))
	if w.Want(err == nil); err == nil {
		w.text = append(text, '"')
	}
}

// Union begins a union whose variants no discriminator tells apart, and returns where.
func (w *Writer) Union() (start int) {
	w.unions++
	return len(w.text)
}

// Variant ends such a union, which is of the given variant. When the outermost one ends, the checker looks whether it would choose
// the same variants.
func (w *Writer) Variant(union *Schema, variant, start int) {
	if w.choices == nil {
		w.choices = map[choice]int{}
	}
	w.choices[choice{union, start}] = variant
	if w.unions--; w.unions > 0 || w.lost {
		return
	}
	c := newChecker(w.dir, strict)
	defer c.free()
	c.keeps = true
	w.Want(c.accepts(union, string(w.text[start:])))
	for at, variant := range w.choices {
		if w.lost {
			break
		}
		chosen, ok := c.chosen(at.union, at.start-start)
		w.Want(ok && chosen == variant)
	}
	w.choices = nil
}

// Other writes a value of a type that has no emitted encoder: encoding/json writes it, and the checker checks it.
func (w *Writer) Other(v any) {
	w.others = true
	w.Want(w.unions == 0) // whose variants are found out before it is written
	if !w.marshals || w.lost {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		w.err = err
		w.GiveUp()
	}
	w.text = append(w.text, text...)
}
