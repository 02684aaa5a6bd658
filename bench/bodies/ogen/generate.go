// Package ogen is what ogen makes of the document of bodies.
package ogen

//go:generate go tool ogen --config ogen.yml --target . --package ogen --clean ../openapi.yaml
