// Package wire is for generated code; programs use package contract. It reads and writes messages as a document describes them: JSON
// text in one pass, validated on the way, and every other spelling by way of JSON text.
//
// Every generated type has a reader and a writer, functions of the forms
//
//	func readT(v *T, r *Reader, s *schema.Schema)
//	func writeT(v *T, w *Writer, s *schema.Schema)
//
// which the functions here are composed of and compose: those for scalars, lists, maps and pointers have the same forms. The schema says
// which rules apply. A violated rule is recorded, and reading or writing goes on, so that one pass finds everything; what is recorded is put
// into words by [schema.Describe].
package wire

import "github.com/interconnect-go/interconnect/contract/schema"

// Version is the version of the interface between generated code and this package. Generated code refers to a constant of the version that
// it needs, so that code which does not fit its run-time does not compile.
const Version1 = true

// A ReadFunc reads a value of a type.
type ReadFunc[T any] func(v *T, r *Reader, s *schema.Schema)

// A WriteFunc writes a value of a type.
type WriteFunc[T any] func(v *T, w *Writer, s *schema.Schema)
