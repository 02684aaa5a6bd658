// Package stock is what oapi-codegen makes of the document.
package stock

//go:generate go tool oapi-codegen -config config.yaml ../openapi.yaml
