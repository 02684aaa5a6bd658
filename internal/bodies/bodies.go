// Package bodies is generated from a document that has every kind of body in requests and responses. It exists for tests.
package bodies

//go:generate go tool contractgen -config contractgen.yaml
