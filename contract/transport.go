package contract

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// TransportOptions are the options of [NewTransport]. The zero value is ready for use.
type TransportOptions struct {
	// BasePath is the path of the server's URL, which stands before the paths of the document: "/client/v4" for
	// https://api.cloudflare.com/client/v4. It has no slash at its end. If not specified, it is empty.
	BasePath string

	// MaxBody is the largest response body that is held back to be checked, in bytes. A longer one is a [*ResponseError]
	// with its first MaxBody bytes. Bodies that need no check are not limited. If not specified, it is 10 MiB.
	MaxBody int64

	// OnUnknownQuery is told the query parameters that the document does not know, sorted. They are let through. If not
	// specified, nobody is told.
	OnUnknownQuery func(r *http.Request, names []string)

	// OnConcession makes the transport read successes tolerantly. It is told of each one that departs from the document and
	// could be understood nonetheless: its body is as [Schema.CheckTolerant] says, its status is another success than the
	// declared one, its media type is wrong, or it has a body where none is declared, which is then dropped. An object that has
	// none of the declared members, although some are required, is not understood. If OnConcession returns an error, the call
	// fails with a [*ResponseError] that holds it. The body has to be decoded tolerantly too, see the package contract/tolerant.
	// If not specified, responses are read strictly.
	OnConcession func(r *http.Request, c *Concession) error

	// AllowZeroUUID lets requests through with the UUID 00000000-0000-0000-0000-000000000000 for a parameter or a member that the
	// document requires and that has the format uuid. If not specified, it is refused although it is valid, because it is what a
	// variable has that was never set. Optional ones, items of arrays, and those that may be null or have an enum are never refused.
	AllowZeroUUID bool
}

const defaultMaxResponse = 10 << 20

// A RequestError reports a request that the document does not describe. It has not been sent.
type RequestError struct {
	// Operation is the operationId; empty if the document has no such operation.
	Operation string

	// Err says what is wrong. It is a [*ValidationError] if the request is invalid.
	Err error
}

// Error tells what is wrong.
func (e *RequestError) Error() string {
	if e.Operation == "" {
		return "not sent: " + e.Err.Error()
	}
	return e.Operation + ": not sent: " + e.Err.Error()
}

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// NewTransport puts the document around base, the transport of a client; nil stands for [http.DefaultTransport]. It makes
// the checks of [NewHandler] from the other side.
//
// A request that the document does not describe is not sent: the error is a [*RequestError]. Credentials have to be there
// already, so a transport that adds them goes around this one. JSON bodies are sent as they are, but with a Content-Length
// and a GetBody, as they have been read as a whole.
//
// A response that the document does not describe is a [*ResponseError], which keeps status, header and body. So is a
// redirect that is not declared: to follow one would send the request somewhere else, perhaps as another method, and would
// take the answer for one of this operation. The body of a valid response is the text to decode, see [Schema.Check], or the
// very body if it is no JSON.
//
// Errors of base are returned unchanged. [http.Client] wraps all of them in a [*url.Error]; errors.As finds them there.
//
// NewTransport panics in the same cases as NewHandler.
func NewTransport(operations []Operation, base http.RoundTripper, opts TransportOptions) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if opts.MaxBody == 0 {
		opts.MaxBody = defaultMaxResponse
	}
	if opts.OnUnknownQuery == nil {
		opts.OnUnknownQuery = func(*http.Request, []string) {}
	}
	return &transport{router: newRouter(opts.BasePath, operations), base: base, opts: opts}
}

type transport struct {
	router *router
	base   http.RoundTripper
	opts   TransportOptions
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	e, path, _ := t.router.find(r.Method, r.URL, nil)
	if e == nil {
		closeBody(r)
		return nil, &RequestError{Err: fmt.Errorf("the document has no operation for %s %s", cmp.Or(r.Method, http.MethodGet), r.URL.Path)}
	}
	checked, err := t.checkRequest(r, e, path)
	if checked != r {
		closeBody(r)
	}
	if err != nil {
		return nil, &RequestError{Operation: e.ID, Err: err}
	}
	resp, err := t.base.RoundTrip(checked)
	if err != nil {
		return nil, err
	}
	return t.checkResponse(r, e, resp)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// checkRequest returns the request to send: r itself or a copy, as a transport may not change r.
func (t *transport) checkRequest(r *http.Request, e *endpoint, path []string) (*http.Request, error) {
	if !admissible(e.Operation, r) {
		return nil, errors.New("want credentials: " + alternativesOf(e.Operation))
	}
	_, violations, unknown := e.checkParameters(r, path)
	if len(unknown) > 0 {
		t.opts.OnUnknownQuery(r, unknown)
	}
	checked, wrong, err := checkOutgoing(r, e.Body)
	if err != nil {
		return nil, err
	}
	if violations = append(violations, wrong...); len(violations) == 0 && !t.opts.AllowZeroUUID {
		if violations, err = e.zeroUUIDs(checked, path); err != nil {
			return nil, err
		}
	}
	if len(violations) > 0 {
		return nil, &ValidationError{Violations: violations}
	}
	return checked, nil
}

// alternativesOf names the security schemes: "api_token, or api_email and api_key".
func alternativesOf(op *Operation) string {
	alternatives := make([]string, len(op.Security))
	for i, schemes := range op.Security {
		names := make([]string, len(schemes))
		for j, scheme := range schemes {
			names[j] = scheme.Name
		}
		alternatives[i] = strings.Join(names, " and ")
	}
	return strings.Join(alternatives, ", or ")
}

// checkOutgoing holds the body of a request against the document.
func checkOutgoing(r *http.Request, declared *Body) (*http.Request, []Violation, error) {
	absent := r.Body == nil || r.Body == http.NoBody
	switch {
	case absent && declared != nil && declared.Required:
		return nil, []Violation{missingBody(declared)}, nil
	case absent:
		return r, nil, nil
	case declared == nil:
		return nil, []Violation{{In: "body", Rule: "content", Want: "no body"}}, nil
	}
	content, essence, violation := media(declared.Content, r.Header)
	if violation == nil {
		violation = encoded(r.Header)
	}
	if violation != nil {
		return nil, []Violation{*violation}, nil
	}
	schema := schemaOf(content, essence)
	if schema == nil {
		return r, nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the body: %w", err)
	}
	switch {
	case len(body) == 0 && declared.Required:
		return nil, []Violation{missingBody(declared)}, nil
	case len(body) == 0:
		return withBody(r, nil), nil, nil
	}
	if body, err = schema.complete(body, InRequest); err != nil {
		return nil, within("body", violationsOf(err)), nil
	}
	return withBody(r, body), nil, nil
}

func withBody(r *http.Request, body []byte) *http.Request {
	r = r.WithContext(r.Context())
	r.GetBody = func() (io.ReadCloser, error) {
		if len(body) == 0 {
			return http.NoBody, nil
		}
		return io.NopCloser(bytes.NewReader(body)), nil
	}
	r.Body, _ = r.GetBody()
	r.ContentLength, r.TransferEncoding = int64(len(body)), nil
	return r
}

// checkResponse returns resp with the body to decode.
func (t *transport) checkResponse(r *http.Request, e *endpoint, resp *http.Response) (*http.Response, error) {
	a := e.answer(r.Method, resp.StatusCode, resp.Header)
	if t.opts.OnConcession != nil {
		a = e.tolerantAnswer(r.Method, resp.StatusCode, resp.Header)
	}
	if !a.whole() {
		if err := t.concede(r, e, resp, nil, a.concessions); err != nil {
			resp.Body.Close()
			return nil, err
		}
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, t.opts.MaxBody+1))
	wrong := &ResponseError{Operation: e.ID, Status: resp.StatusCode, Header: resp.Header, Body: body}
	if int64(len(body)) > t.opts.MaxBody {
		wrong.Body, wrong.Truncated = body[:t.opts.MaxBody], true
	}
	switch {
	case len(a.violations) > 0: // what is wrong with the header is wrong whatever became of the body
		wrong.Err = &ValidationError{Violations: a.violations}
	case wrong.Truncated:
		wrong.Err = &http.MaxBytesError{Limit: t.opts.MaxBody}
	case err != nil:
		wrong.Truncated = true
		wrong.Err = fmt.Errorf("reading the body: %w", err)
	default:
		body, wrong.Err = a.check(body)
	}
	if wrong.Err != nil {
		return nil, wrong
	}
	if err := t.concede(r, e, resp, wrong.Body, a.concessions); err != nil {
		return nil, err
	}
	if a.skip {
		resp.Body = http.NoBody
		return resp, nil
	}
	if !bytes.Equal(body, wrong.Body) {
		resp.Header = resp.Header.Clone()
		resp.ContentLength = int64(len(body))
		resp.Header.Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// concede tells of concessions, if there are any.
func (t *transport) concede(r *http.Request, e *endpoint, resp *http.Response, body []byte, concessions []Violation) error {
	if len(concessions) == 0 {
		return nil
	}
	c := &Concession{Operation: e.ID, Status: resp.StatusCode, Header: resp.Header, Body: body, Violations: concessions}
	if err := t.opts.OnConcession(r, c); err != nil {
		return &ResponseError{Operation: c.Operation, Status: c.Status, Header: c.Header, Body: c.Body, Err: err}
	}
	return nil
}
