package conform

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/interconnect-go/interconnect/contract"
)

// departures validates a response against what the document declares for the operation, in the same way as the
// project's client does: it gives the response to a transport of a document that has this operation only.
func departures(a *answer) []contract.Violation {
	op := contract.Operation{ID: a.request.op.ID, Method: http.MethodGet, Path: "/", Responses: slices.Clone(a.request.op.Responses)}
	for _, status := range a.request.tolerated {
		if declared(&op, status) == nil {
			op.Responses = append(op.Responses, contract.Response{Status: strconv.Itoa(status), Content: failureContent(&op)})
		}
	}
	transport := contract.NewTransport([]contract.Operation{op}, canned{a}, contract.TransportOptions{MaxBody: maxAnswer})
	r, err := http.NewRequest(http.MethodGet, "http://document/", nil)
	if err != nil {
		panic(err) // the URL is a constant
	}
	_, err = transport.RoundTrip(r)
	var wrong *contract.ResponseError
	var invalid *contract.ValidationError
	switch {
	case errors.As(err, &wrong) && errors.As(wrong.Err, &invalid):
		return invalid.Violations
	case err != nil:
		return []contract.Violation{{In: "body", Rule: "content", Want: err.Error()}}
	}
	return nil
}

// canned is a transport that has the response already.
type canned struct{ *answer }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status, Header: c.header, Request: r,
		Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)),
	}, nil
}

// declared is what an operation declares for a status, nil if it does not.
func declared(op *contract.Operation, status int) *contract.Response {
	i := slices.IndexFunc(op.Responses, func(r contract.Response) bool { return r.Status == strconv.Itoa(status) })
	if i < 0 {
		return nil
	}
	return &op.Responses[i]
}

// failureContent is the body of a failure.
func failureContent(op *contract.Operation) []contract.Content {
	if bad := declared(op, http.StatusBadRequest); bad != nil {
		return bad.Content
	}
	return nil
}

// ruleOf names the rule of a report that a departure breaks.
func ruleOf(v contract.Violation, status int) Rule {
	switch {
	case v.In == "response":
		return RuleStatus
	case v.Pointer == "/Content-Type":
		return RuleContentType
	case v.In == "header":
		return RuleHeader
	case status >= 400:
		return RuleFailure
	}
	return RuleBody
}
