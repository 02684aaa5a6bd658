package emit

import (
	"slices"

	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
)

// This file prints what connects an implementation with HTTP by the names that oapi-codegen has for it in its
// std-http-server output.

// A wired is an operation as the wiring sees it.
type wired struct {
	*model.Operation
	Path                          []*model.Parameter
	Params                        string // the name of the struct of the other parameters; empty without one
	RequestObject, ResponseObject string
	Bind                          string // the code that reads the parameters
}

// wiring prints the wiring of the operations of paths.
func (e *emitter) wiring(surface *oapicodegen.Surface) string {
	var all []wired
	for _, op := range e.api.Operations {
		w := wired{Operation: op, RequestObject: surface.Name(op.Name + "RequestObject"), ResponseObject: surface.Name(op.Name + "ResponseObject")}
		isPath := func(p *model.Parameter) bool { return p.In == "path" }
		w.Path = slices.DeleteFunc(slices.Clone(op.Parameters), func(p *model.Parameter) bool { return !isPath(p) })
		if len(w.Path) < len(op.Parameters) {
			w.Params = surface.Name(op.Name + "Params")
		}
		w.Bind = e.readParameters(op, "request.", "request.Params.")
		all = append(all, w)
	}
	if len(all) == 0 {
		return ""
	}
	return e.print("wiring", all)
}
