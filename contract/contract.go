// Package contract is the run-time of generated code that people call: an HTTP handler and an HTTP transport that validate messages
// against an OpenAPI document ([NewHandler], [NewTransport]), an observer of other people's messages ([NewObserver]), and their options
// and errors.
//
// It knows nothing of any particular API. What it validates against, [Operation] and [Schema], is emitted by the generator or built by a
// program at run time.
package contract

import (
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// What a document says. See the packages schema and wire for the fields.
type (
	Schema         = schema.Schema
	Operation      = wire.Operation
	Parameter      = wire.Parameter
	SecurityScheme = wire.SecurityScheme
	Body           = wire.Body
	Content        = wire.Content
	Response       = wire.Response
	Header         = wire.Header
)

// What is wrong with a value.
type (
	Violation         = schema.Violation
	VariantViolations = schema.VariantViolations
	ValidationError   = schema.ValidationError
)

// A BodyError is the error of reading a body that an implementation gets as a stream. See [wire.BodyError].
type BodyError = wire.BodyError

// A Direction is the way a value travels; see [schema.Direction].
type Direction = schema.Direction

// The directions.
const (
	Undirected = schema.Undirected
	InRequest  = schema.InRequest
	InResponse = schema.InResponse
)

// A ResponseError reports a response that the document does not describe. See [wire.ResponseError].
type ResponseError = wire.ResponseError

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = schema.MaxDepth

// SafeName makes a name for a file of one that a sender has given. See [wire.SafeName].
func SafeName(name string) string { return wire.SafeName(name) }

// Attachment is the value of a header Content-Disposition for a file with a name. See [wire.Attachment].
func Attachment(name string) string { return wire.Attachment(name) }
