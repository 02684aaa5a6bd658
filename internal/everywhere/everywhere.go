// Package everywhere is generated from a document with a oneOf in every place where one can stand. It exists for tests.
package everywhere

//go:generate go tool contractgen -config contractgen.yaml
