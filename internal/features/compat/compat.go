// Package compat is generated from the document of package features with a config in the keys of oapi-codegen. It exists for tests.
package compat

//go:generate go tool contractgen -config contractgen.yaml
