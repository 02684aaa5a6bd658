// Contractgen makes a Go package of an OpenAPI document: types that validate what they read and write, unions that hold exactly one
// variant, a client and a server.
//
//	go get -tool github.com/interconnect-go/interconnect/cmd/contractgen
//	go tool contractgen -document openapi.yaml -out internal/petstore
//	go tool contractgen -config contractgen.yaml          # a config file in the keys of oapi-codegen
//	go tool contractgen -config contractgen.yaml -check   # compare instead of writing
//
// "contractgen help" explains the rest. The exit code is 0 if the package is written or in step with the document, 1 if not, and 2 for a
// wrong command line.
package main

import (
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
