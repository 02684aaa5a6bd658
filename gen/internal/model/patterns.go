package model

import (
	"github.com/interconnect-go/interconnect/contract/ecma"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// ecma compiles a pattern with the engine that generated code uses where Go's regular expressions are not enough.
func compileECMA(pattern string) (schema.Matcher, error) { return ecma.Compile(pattern) }
