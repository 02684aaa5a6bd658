// Package ogen is what ogen makes of the document, without OpenTelemetry.
package ogen

//go:generate go run github.com/ogen-go/ogen/cmd/ogen -package ogen -target . -config ogen.yml ../../api/openapi.yaml
