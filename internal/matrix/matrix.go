// Package matrix is generated from a document that has every place, style and type that a parameter, a form or a text can have. It exists
// for tests. The document is made by them too: go test ./internal/matrix -run TestDocument -update.
package matrix

//go:generate go tool contractgen -config contractgen.yaml
