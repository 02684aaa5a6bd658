// Package api holds the contract of the Cloudflare Network Interconnects API: the OpenAPI document that everything else
// in this module is generated from or checked against, and payloads that it accepts and refuses. Beside it there is the
// document of our own sandbox's control API.
//
// The package parses nothing and depends on nothing, so that importing it costs its bytes only.
package api

import "embed"

//go:generate go tool contractgen -config contractgen.yaml
//go:generate go tool contractgen -config sandbox.contractgen.yaml

// Document is the OpenAPI 3.0.3 document, in YAML, byte for byte as in openapi.yaml. Callers must not modify it.
//
//go:embed openapi.yaml
var Document []byte

// SandboxDocument is the OpenAPI 3.0.3 document of the control API that package sandbox serves beside the API, in YAML, byte for
// byte as in sandbox.yaml. Callers must not modify it.
//
//go:embed sandbox.yaml
var SandboxDocument []byte

// Examples holds the directory "examples": payloads for the schemas of the document, those under examples/valid
// accepted and those under examples/invalid refused. Its README.md says how the files are named and what they contain.
//
//go:embed examples
var Examples embed.FS
