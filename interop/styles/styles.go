// Package styles holds tests in which other implementations of OpenAPI read what our generated code writes, and the other way round: a
// client and a server of oapi-codegen, openapi3filter of kin-openapi, Prism, and openapi-fetch, for each place, style and type of one
// document. docs/parameters.md lists the differences and differences.txt every value that differs; the tests fail if one more or one
// fewer does.
package styles
