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
	// A Schema describes JSON values, and validates them.
	Schema = schema.Schema

	// An Operation is a method of a path: its parameters, its body, its responses and who may call it.
	Operation = wire.Operation

	// A Parameter is one in the path, the query, a header or a cookie.
	Parameter = wire.Parameter

	// A SecurityScheme says which credentials an operation demands, and where they are in a request.
	SecurityScheme = wire.SecurityScheme

	// A Body is the body of a request in each media type that it may have.
	Body = wire.Body

	// A Content is a body in one media type.
	Content = wire.Content

	// A Response is what an operation responds with for a status, a range of them, or any other status.
	Response = wire.Response

	// A Header is a header of a response, or of a part of a form.
	Header = wire.Header
)

// What is wrong with a message.
type (
	// A Violation is one way in which a message violates the document: where, which rule, and what the document wants.
	Violation = schema.Violation

	// VariantViolations says why a value is not one of the variants of a union.
	VariantViolations = schema.VariantViolations

	// A ValidationError is the error of a value that violates the document. It has all violations, not the first one only.
	ValidationError = schema.ValidationError
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
