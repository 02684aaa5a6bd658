// Package stock is what oapi-codegen makes of the document by itself.
package stock

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config config.yaml ../../api/openapi.yaml
