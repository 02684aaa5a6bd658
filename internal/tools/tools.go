//go:build tools

// Package tools pins command-line tools whose requirements clash with those of the module above it. They are run with
// "go run -modfile".
package tools

import (
	_ "github.com/rhysd/actionlint/cmd/actionlint"
	_ "golang.org/x/vuln/cmd/govulncheck"
)
