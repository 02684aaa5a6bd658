// Package everywhere is generated from a document with a oneOf in every place where one can stand. It exists for tests.
package everywhere

//go:generate go run ../../gen -document openapi.yaml -out . -package everywhere
