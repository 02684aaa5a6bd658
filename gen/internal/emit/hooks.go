package emit

import (
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
)

// This file prints the senders and receivers of webhooks and callbacks, which are operations that the service sends to its callers. The names
// are those that oapi-codegen has for them; what is typed, which it does not have, is named like its strict server.

// hookData is what the templates print of the operations of a kind.
type hookData struct {
	Kind     string // Webhook or Callback
	Word     string // the kind within sentences
	Senders  []sender
	Received []received
	HTTP     bool // there are receivers that get the HTTP request
}

// A sender is a function that makes a request, and the method that sends it.
type sender struct {
	*oapicodegen.Declaration
	Method string // its name
	Code   string // of the function
}

// Parameters are those of the method after the URL, Names their names.
func (s sender) Parameters() string {
	var b strings.Builder
	for _, a := range s.Arguments {
		b.WriteString(a.Name + " " + a.Type + ", ")
	}
	return b.String()
}

// Names are the names of Parameters.
func (s sender) Names() string {
	var b strings.Builder
	for _, a := range s.Arguments {
		b.WriteString(", " + a.Name)
	}
	return b.String()
}

// A received is an operation as a receiver sees it.
type received struct {
	*model.Operation
	Place                         string // of its descriptor
	RequestObject, ResponseObject string // their names
	New, Handler                  string // the names of the functions that make handlers
	Params                        string // the name of the struct of its parameters; empty without one
	Bind                          string // the code that reads it
}

// hooks calls print for each kind of hooks that the API has.
func (e *emitter) hooks(print func(data *hookData, operations []*model.Operation) string) string {
	var b strings.Builder
	for _, operations := range [][]*model.Operation{e.api.Webhooks, e.api.Callbacks} {
		if len(operations) > 0 {
			kind := operations[0].Hook.String()
			b.WriteString(print(&hookData{Kind: kind, Word: strings.ToLower(kind)}, operations) + "\n")
		}
	}
	return b.String()
}

// senders prints what sends webhooks and callbacks.
func (e *emitter) senders(surface *oapicodegen.Surface) string {
	return e.hooks(func(data *hookData, operations []*model.Operation) string {
		for i := range surface.Senders {
			if d := &surface.Senders[i]; d.Operation.Hook == operations[0].Hook {
				data.Senders = append(data.Senders, sender{d, d.Operation.Name + d.Suffix, e.declaration(d)})
			}
		}
		return e.print("senders", data)
	})
}

// receivers prints what receives webhooks and callbacks, with the HTTP request too if that is asked for.
func (e *emitter) receivers(surface *oapicodegen.Surface, http bool) string {
	return e.hooks(func(data *hookData, operations []*model.Operation) string {
		data.HTTP = http
		for _, op := range operations {
			r := received{
				Operation: op, Place: e.places[op],
				RequestObject: surface.Name(op.Name + "RequestObject"), ResponseObject: surface.Name(op.Name + "ResponseObject"),
				New: surface.Claim("New" + op.Name + data.Kind + "Handler"),
			}
			if http {
				r.Handler = surface.Claim(op.Name + data.Kind + "Handler")
			}
			if len(op.Parameters) > 0 {
				r.Params, r.Bind = surface.Name(op.Name+"Params"), e.readParameters(op, "params.", "params.")
			}
			data.Received = append(data.Received, r)
		}
		return e.print("receivers", data)
	})
}
