// Package suite is generated from the schemas of the JSON Schema Test Suite, as far as OpenAPI 3.0 can express them. It exists
// for its test. The suite in testdata is release 0.0.10 of the npm package json-schema-test-suite, unchanged.
package suite

//go:generate go test -run TestDocument -update
//go:generate go tool contractgen -config contractgen.yaml
