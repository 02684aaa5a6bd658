// Package wire is for generated code; programs use package contract. It reads and writes messages as a document describes them: JSON
// text in one pass, validated on the way, and every other spelling by way of JSON text.
//
// Every generated type has a reader and a writer, functions of the forms
//
//	func readT(v *T, r *Reader, s *schema.Schema)
//	func writeT(v *T, w *Writer, s *schema.Schema)
//
// They are built from the functions of this package for scalars, lists, maps and pointers, which have the same forms. The schema says which
// rules apply. A violated rule is recorded, and reading or writing goes on, so that one pass finds everything; what is recorded is put
// into words by [schema.Describe].
package wire

import "github.com/interconnect-go/interconnect/contract/schema"

// Version1 says that this package fits code generated for version 1 of it. Generated code refers to the constant of the version that it
// needs, so that code of another version does not compile.
const Version1 = true

// A ReadFunc reads a value of a type.
type ReadFunc[T any] func(v *T, r *Reader, s *schema.Schema)

// A WriteFunc writes a value of a type.
type WriteFunc[T any] func(v *T, w *Writer, s *schema.Schema)
