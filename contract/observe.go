package contract

import (
	"fmt"
	"io"
	"net/http"
)

// An Observer holds messages that others exchange against the document. It says what is wrong with them and changes nothing, so it
// is for who records traffic or looks on. [NewHandler] and [NewTransport] are for who takes part in it.
type Observer struct{ router *router }

// NewObserver returns an Observer for the operations below a path, for example "/client/v4", which has no slash at its end. It
// panics in the same cases as [NewHandler].
func NewObserver(operations []Operation, basePath string) *Observer {
	return &Observer{router: newRouter(basePath, operations)}
}

// Operation returns the operation that a request asks for, nil if the document has none.
func (o *Observer) Operation(r *http.Request) *Operation {
	e, _, _ := o.router.find(r.Method, r.URL, nil)
	if e == nil {
		return nil
	}
	return e.Operation
}

// Request returns everything that is wrong with a request, strictly. Beside what [NewHandler] refuses, these are a request without
// credentials where the operation asks for some (rule "security"), query parameters that the document does not know
// ("undeclared"), and a body where it declares none ("content"). A request for no operation of the document has no violations.
//
// The body is read if it is to be checked. If that fails, the error says so, and the violations are those that were found without
// it.
func (o *Observer) Request(r *http.Request) ([]Violation, error) {
	e, path, _ := o.router.find(r.Method, r.URL, nil)
	if e == nil {
		return nil, nil
	}
	var violations []Violation
	if !admissible(e.Operation, r) {
		violations = append(violations, Violation{In: "header", Rule: "security", Want: "credentials: " + alternativesOf(e.Operation)})
	}
	_, found, unknown := e.checkParameters(r, path)
	violations = append(violations, found...)
	for _, name := range unknown {
		violations = append(violations, Violation{In: "query", Pointer: "/" + escape(name), Rule: "undeclared", Want: "no such parameter"})
	}
	_, found, err := checkOutgoing(r, e.Body)
	return append(violations, found...), err
}

// Response returns everything that is wrong with the response to a request, strictly. The rest is as with [Observer.Request].
func (o *Observer) Response(r *http.Request, resp *http.Response) ([]Violation, error) {
	e, _, _ := o.router.find(r.Method, r.URL, nil)
	if e == nil {
		return nil, nil
	}
	a := e.answer(r.Method, resp.StatusCode, resp.Header)
	if !a.whole() {
		return nil, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return a.violations, fmt.Errorf("reading the body: %w", err)
	}
	if _, err := a.check(body); err != nil {
		return violationsOf(err), nil
	}
	return nil, nil
}
