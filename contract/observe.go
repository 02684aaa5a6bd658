package contract

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// An Observer validates messages that others exchange. It says what is wrong with them and changes nothing, so it is for programs that record
// traffic or look on. [NewHandler] and [NewTransport] are for those that take part in it.
type Observer struct{ router *wire.Router }

// NewObserver returns an Observer for operations below a path, for example "/client/v4", which has no slash at its end. It panics in the same
// cases as [NewHandler].
func NewObserver(operations []Operation, basePath string) *Observer {
	return &Observer{router: wire.NewRouter(basePath, operations)}
}

// Operation returns the operation that a request is for, nil if the document has none.
func (o *Observer) Operation(r *http.Request) *Operation {
	route, _, _ := o.router.Find(r.Method, r.URL, nil)
	if route == nil {
		return nil
	}
	return route.Operation
}

// Request returns everything that is wrong with a request, strictly. Besides what [NewHandler] refuses, these are a request without
// credentials where the operation demands some (rule "security"), query parameters that the document does not know ("undeclared"), and a body
// where it declares none ("content"). The size of a body is not limited. A request for no operation of the document has no violations.
//
// The body is read if it is to be validated. If that fails, the error says so, and the violations are those that were found without it.
func (o *Observer) Request(r *http.Request) ([]Violation, error) {
	route, path, _ := o.router.Find(r.Method, r.URL, nil)
	if route == nil {
		return nil, nil
	}
	var violations []Violation
	if !admissible(route.Operation, r, visible) {
		violations = append(violations, Violation{In: "header", Rule: "security", Want: "credentials: " + alternativesOf(route.Operation)})
	}
	c := wire.NewCall()
	defer c.Free()
	if !route.Acceptable(r.Header) {
		violations = append(violations, Violation{
			In: "header", Pointer: "/Accept", Rule: "content", Want: "a range that covers one of " + strings.Join(route.SuccessTypes(), ", "),
		})
	}
	c.Begin(r, route, path)
	c.CheckParameters()
	for _, name := range c.Unknown() {
		c.Violations = append(c.Violations, Violation{In: "query", Pointer: "/" + schema.EscapePointer(name), Rule: "undeclared", Want: "no such parameter"})
	}
	_, err := checkBody(r, c)
	return append(violations, c.Violations...), err
}

// Response returns everything that is wrong with the response to a request, strictly. The rest is as with [Observer.Request].
func (o *Observer) Response(r *http.Request, resp *http.Response) ([]Violation, error) {
	route, _, _ := o.router.Find(r.Method, r.URL, nil)
	if route == nil {
		return nil, nil
	}
	x := expect(route.Operation, r.Method, resp.StatusCode, resp.Header)
	if !x.whole() {
		return nil, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return x.violations, fmt.Errorf("reading the body: %w", err)
	}
	if _, err := x.check(body); err != nil {
		return violationsOf(err), nil
	}
	return nil, nil
}
