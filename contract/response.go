package contract

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// A Deviation reports a response that deviates from the document and could be understood nonetheless.
type Deviation struct {
	// Operation is the operationId.
	Operation string

	// Status, Header and Body are as they were received. The header may hold secrets such as cookies. Body is nil if it was not looked at.
	Status int
	Header http.Header
	Body   []byte

	// Violations are how the response deviates. There is at least one.
	Violations []Violation
}

// An expectation is what the document says of a response, once its status and header are known.
type expectation struct {
	response   *Response
	content    *Content    // what to validate the body against; nil if it is not validated
	violations []Violation // of status and header
	empty      bool        // there must not be a body
	headless   bool        // there is no body, whatever the document says: the request is a HEAD
	tolerant   bool
	deviations []Violation // if tolerant
}

// whole reports whether the body has to be complete before the response can be validated.
func (x *expectation) whole() bool { return len(x.violations) > 0 || x.empty || x.content != nil }

// expect finds the response that the document declares and validates the header.
func expect(op *Operation, method string, status int, header http.Header) expectation {
	x := expectation{headless: method == http.MethodHead, response: op.Response(status)}
	if x.response == nil {
		x.violations = []Violation{{
			In: "response", Pointer: "/status", Rule: "status", Want: op.Statuses(), Got: strconv.Itoa(status),
		}}
		return x
	}
	for i := range x.response.Headers {
		x.violations = append(x.violations, x.response.Headers[i].Check(header)...)
	}
	if len(x.response.Content) == 0 || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		x.empty = true
		return x
	}
	if x.headless && header.Get("Content-Type") == "" {
		return x
	}
	content, _, violation := wire.ContentOf(x.response.Content, header)
	if violation != nil {
		x.violations = append(x.violations, *violation)
		return x
	}
	if content.Schema == nil || content.Streamed() {
		return x
	}
	x.content = content
	if violation := wire.Encoded(header); violation != nil {
		x.violations = append(x.violations, *violation)
	}
	return x
}

// expectTolerantly is expect for tolerant reading. If there is only one way to read a success, it is read like that, whatever is wrong with
// its status and header.
func expectTolerantly(op *Operation, method string, status int, header http.Header) expectation {
	x := expect(op, method, status, header)
	if status < 200 || status > 299 {
		return x
	}
	x.tolerant = true
	if len(x.violations) == 0 || wire.Encoded(header) != nil {
		return x
	}
	for i := 0; x.response == nil && i < len(op.Responses); i++ {
		if strings.HasPrefix(op.Responses[i].Status, "2") {
			x.response = &op.Responses[i]
		}
	}
	if x.response == nil || len(x.response.Content) > 1 {
		return x
	}
	x.deviations, x.violations = x.violations, nil
	x.empty = len(x.response.Content) == 0
	if !x.empty && x.response.Content[0].Schema != nil && !x.response.Content[0].Streamed() {
		x.content = &x.response.Content[0]
	}
	return x
}

var noBody = Violation{In: "body", Rule: "content", Want: "no body"}

// check validates a complete body and returns what was read, if the content has a Go type.
func (x *expectation) check(body []byte) (value any, err error) {
	violations := x.violations
	switch {
	case len(violations) > 0, x.headless && len(body) == 0:
	case x.empty && len(body) > 0 && x.tolerant:
		x.deviations = append(x.deviations, noBody)
		return nil, nil
	case x.empty && len(body) > 0:
		violations = []Violation{noBody}
	case x.content != nil:
		value, deviations, err := x.read(body)
		if deviations = wire.Within("body", "", deviations); len(x.deviations) == 0 {
			x.deviations = deviations
		} else {
			x.deviations = append(x.deviations, deviations...)
		}
		if err == nil {
			return value, nil
		}
		violations = wire.Within("body", "", violationsOf(err))
	}
	if len(violations) > 0 {
		return nil, &ValidationError{Violations: append(violations, x.deviations...)}
	}
	return nil, nil
}

func (x *expectation) read(body []byte) (value any, deviations []Violation, err error) {
	mode := schema.Strict
	if x.tolerant {
		mode = schema.Tolerant
	}
	value, deviations, err = x.content.ReadBody(string(body), schema.InResponse, mode)
	if x.tolerant && err == nil && len(deviations) > 0 {
		if unrelated := x.content.Schema.Unrelated(body); unrelated != nil {
			return nil, nil, &ValidationError{Violations: []Violation{*unrelated}}
		}
	}
	return value, deviations, err
}

func violationsOf(err error) []Violation {
	var invalid *ValidationError
	if !errors.As(err, &invalid) {
		return []Violation{{Rule: "syntax", Want: err.Error()}}
	}
	return invalid.Violations
}
