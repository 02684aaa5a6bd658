// Package features is generated from a document with the parts of OpenAPI that few documents have: webhooks, callbacks, defaults, and the
// keywords of OpenAPI 3.1 and 3.2. It exists for tests. Package compat is
// generated from the same document with a config of oapi-codegen.
package features

//go:generate go tool contractgen -config contractgen.yaml
