// Package lint looks for what a document may say, although it surprises its readers or callers.
package lint

import (
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// Check returns what the rules find that are on.
func Check(doc *source.Document, api *model.API, policy *model.Policy) source.Diagnostics { return nil }
