package wire

import "github.com/interconnect-go/interconnect/contract/schema"

// The methods MarshalJSON and UnmarshalJSON of generated types are strict. Their errors know how to do the same tolerantly, for
// [contract.MarshalTolerant] and [contract.UnmarshalTolerant].

// A MarshalError is the error of a MarshalJSON for a value that violates its schema only in what tolerant reading tolerates. Text returns the
// JSON text of the value; it is a function so that no printed error has the text.
type MarshalError struct {
	Text func() []byte
	err  error // a *schema.ValidationError
}

func (e *MarshalError) Error() string { return e.err.Error() }

// Unwrap returns the [*schema.ValidationError].
func (e *MarshalError) Unwrap() error { return e.err }

// An UnmarshalError is the error of an UnmarshalJSON for text that violates the schema. Tolerate reads the text tolerantly into the value.
type UnmarshalError struct {
	Tolerate func() (deviations []schema.Violation, err error)
	err      error // a *schema.ValidationError
}

func (e *UnmarshalError) Error() string { return e.err.Error() }

// Unwrap returns the [*schema.ValidationError].
func (e *UnmarshalError) Unwrap() error { return e.err }

// Unmarshal reads a value from JSON text strictly. The error is an [*UnmarshalError]; then v is not changed.
func Unmarshal[T any](text []byte, v *T, read ReadFunc[T], s *schema.Schema) error {
	in := func(mode schema.Mode) ([]schema.Violation, error) {
		value, deviations, err := Read(string(text), read, s, schema.Undirected, mode)
		if err == nil {
			*v = *value
		}
		return deviations, err
	}
	if _, err := in(schema.Strict); err != nil {
		return &UnmarshalError{func() ([]schema.Violation, error) { return in(schema.Tolerant) }, err}
	}
	return nil
}

// Marshal writes a value as JSON text, strictly. The error is a [*MarshalError] if the value violates the schema tolerably, and a
// [*schema.ValidationError] if it does otherwise.
func Marshal[T any](v *T, write WriteFunc[T], s *schema.Schema) ([]byte, error) {
	w := newWriter(schema.Undirected)
	write(v, w, s)
	return w.marshaled()
}

// marshaled is the result of Marshal. It is apart, as there is a Marshal for each type.
func (w *Writer) marshaled() ([]byte, error) {
	defer w.free()
	err := w.finish()
	text := append([]byte(nil), w.text...)
	if err == nil {
		return text, nil
	}
	if w.err != nil {
		return nil, err
	}
	for _, f := range w.List {
		if !w.tolerable(f) {
			return nil, err
		}
	}
	return nil, &MarshalError{func() []byte { return text }, err}
}
