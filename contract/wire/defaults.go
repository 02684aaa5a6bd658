package wire

import (
	"unsafe"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// This file is what generated methods ApplyDefaults are made of.

// Defaults remembers which values have been given their defaults, where values can refer to themselves.
type Defaults struct{ entered map[any]bool }

// Enter reports whether a pointer is new.
func (d *Defaults) Enter(pointer any) bool {
	if d.entered[pointer] {
		return false
	}
	if d.entered == nil {
		d.entered = map[any]bool{}
	}
	d.entered[pointer] = true
	return true
}

// ApplyDefaults gives a value its defaults. Nil has none.
func ApplyDefaults[T any](v *T, apply func(*T, *Defaults)) {
	if v != nil {
		apply(v, new(Defaults))
	}
}

// Default sets a field to the default of its member or parameter, which is a valid JSON text.
func Default[T any](v *T, text string, read ReadFunc[T]) {
	if value, _, err := Read(text, read, new(schema.Schema), schema.Undirected, schema.Strict); err == nil {
		*v = *value
	}
}

// DefaultPointer is [Default] for a field that is a pointer.
func DefaultPointer[T any](v **T, text string, read ReadFunc[T]) {
	value := new(T)
	Default(value, text, read)
	*v = value
}

// DefaultWithin gives what a pointer leads to its defaults.
func DefaultWithin[T any](v **T, d *Defaults, apply func(*T, *Defaults)) {
	if *v != nil {
		apply(*v, d)
	}
}

// DefaultList gives the items of a list their defaults.
func DefaultList[T any](v *[]T, d *Defaults, apply func(*T, *Defaults)) {
	for i := range *v {
		apply(&(*v)[i], d)
	}
}

// DefaultMap gives the values of a map their defaults.
func DefaultMap[T any](v *map[string]T, d *Defaults, apply func(*T, *Defaults)) {
	if !d.Enter(*(*unsafe.Pointer)(unsafe.Pointer(v))) {
		return
	}
	for name, value := range *v {
		apply(&value, d)
		(*v)[name] = value
	}
}

// DefaultOption gives the value of a nullable.Nullable its defaults.
func DefaultOption[T any, N ~map[bool]T](v *N, d *Defaults, apply func(*T, *Defaults)) {
	if value, ok := (*v)[true]; ok {
		apply(&value, d)
		(*v)[true] = value
	}
}

// DefaultForeign calls the method ApplyDefaults of a value whose type is not generated here, if it has one.
func DefaultForeign[T any](v *T, _ *Defaults) {
	if of, ok := any(v).(interface{ ApplyDefaults() }); ok {
		of.ApplyDefaults()
	}
}
