package contract

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/interconnect-go/interconnect/contract/wire"
)

// TransportOptions are the options of [NewTransport]. The zero value is ready for use.
type TransportOptions struct {
	// BasePath is the path of the server's URL, which comes before the paths of the document: "/client/v4" for
	// https://api.cloudflare.com/client/v4. It has no slash at its end. If not specified, it is empty.
	BasePath string

	// MaxBody is the largest response body that is held back to be validated, in bytes. A longer one is a [*ResponseError] with its first
	// MaxBody bytes. Bodies that are not validated are not limited. If not specified, it is 10 MiB.
	MaxBody int64

	// OnUnknownQuery is called with the query parameters that the document does not know, sorted. They are let through. If not specified,
	// nothing is called.
	OnUnknownQuery func(r *http.Request, names []string)

	// OnDeviation makes the transport read successes tolerantly. It is called for each one that deviates from the document and could be
	// understood nonetheless: its body as [schema.Schema.CheckTolerant] says, its status is another success than the declared one, its
	// media type is wrong, or it has a body where none is declared, which is then dropped. An object that has none of the declared members,
	// although some are required, is not understood. If OnDeviation returns an error, the call fails with a [*ResponseError] that holds it.
	// The items of a sequence are read likewise: it is called for each one that deviates, with its JSON text as the body, and
	// an error is that of the item. If not specified, responses are read strictly.
	OnDeviation func(r *http.Request, d *Deviation) error

	// AllowZeroUUID lets requests through with the UUID 00000000-0000-0000-0000-000000000000 for a parameter or a member that the document
	// requires and that has the format uuid. If not specified, it is refused although it is valid, because it is what a variable has that was
	// never set. Optional ones, items of arrays, and those that may be null or have an enum are never refused.
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

// Error says what is wrong.
func (e *RequestError) Error() string {
	if e.Operation == "" {
		return "not sent: " + e.Err.Error()
	}
	return e.Operation + ": not sent: " + e.Err.Error()
}

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// NewTransport puts the document around base, the transport of a client; nil stands for [http.DefaultTransport]. It makes the checks of
// [NewHandler] from the other side.
//
// A request that the document does not describe is not sent: the error is a [*RequestError]. Credentials have to be there already, so a
// transport that adds them goes around this one; a certificate is not looked for. What a generated client has validated while it was written is not
// validated again. Of a body that is streamed (a file, a form in parts, a sequence of items) only the media type is checked. The functions
// New… of a generated package validate the forms and items that they make such bodies of; any other streamed body is sent unvalidated.
//
// A response that the document does not describe is a [*ResponseError], which keeps status, header and body. So is a redirect that is not
// declared: to follow it would send the request somewhere else, perhaps as another method, and would take the response for one of this
// operation. What has been read while a response was validated is handed on, see [Value].
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
	return &transport{router: wire.NewRouter(opts.BasePath, operations), base: base, opts: opts}
}

// Value returns what was read from the body of a response when [NewTransport] validated it: a pointer to the Go type of the body. It is not
// ok if the body is not of that type.
func Value[T any](resp *http.Response) (v *T, ok bool) {
	received, ok := resp.Body.(*wire.Received)
	if !ok {
		return nil, false
	}
	v, ok = received.Value.(*T)
	return v, ok
}

type transport struct {
	router *wire.Router
	base   http.RoundTripper
	opts   TransportOptions
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	route, path, _ := t.router.Find(r.Method, r.URL, nil)
	if route == nil {
		closeBody(r)
		return nil, &RequestError{Err: fmt.Errorf("the document has no operation for %s %s", cmp.Or(r.Method, http.MethodGet), r.URL.Path)}
	}
	checked, err := t.checkRequest(r, route, path)
	if checked != r {
		closeBody(r)
	}
	if err != nil {
		return nil, &RequestError{Operation: route.ID, Err: err}
	}
	resp, err := t.base.RoundTrip(checked)
	if err != nil {
		return nil, err
	}
	return t.checkResponse(r, route.Operation, resp)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// checkRequest returns the request to send: r itself or a copy, as a transport may not change r.
func (t *transport) checkRequest(r *http.Request, route *wire.Route, path []string) (*http.Request, error) {
	if !admissible(route.Operation, r, visible) {
		return nil, errors.New("want credentials: " + alternativesOf(route.Operation))
	}
	c := wire.NewCall()
	defer c.Free()
	c.Begin(r, route, path)
	c.CheckParameters()
	if unknown := c.Unknown(); len(unknown) > 0 {
		t.opts.OnUnknownQuery(r, unknown)
	}
	checked, err := checkBody(r, c)
	if err != nil {
		return nil, err
	}
	if len(c.Violations) == 0 && !t.opts.AllowZeroUUID {
		if err := findZeros(c, checked); err != nil {
			return nil, err
		}
	}
	if len(c.Violations) > 0 {
		return nil, &ValidationError{Violations: c.Violations}
	}
	return checked, nil
}

// findZeros adds a violation for each required UUID of a valid request that is zero.
func findZeros(c *wire.Call, r *http.Request) error {
	c.FindZeroParameters()
	if c.Route().Body == nil || r.GetBody == nil {
		return nil
	}
	content, _, violation := wire.ContentOf(c.Route().Body.Content, r.Header)
	if violation != nil || content.Schema == nil || content.Kind != wire.JSON {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	c.Violations = append(c.Violations, wire.Within("body", "", content.Schema.ZeroUUIDs(string(text), false))...)
	return err
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

// checkBody validates the body of a request and returns the request to send.
func checkBody(r *http.Request, c *wire.Call) (*http.Request, error) {
	declared := c.Route().Body
	absent := r.Body == nil || r.Body == http.NoBody
	if declared == nil {
		if !absent {
			c.Violations = append(c.Violations, noBody)
		}
		return r, nil
	}
	content, essence, violation := wire.ContentOf(declared.Content, r.Header)
	if violation == nil {
		violation = wire.Encoded(r.Header)
	}
	switch {
	case absent && (len(r.Header["Content-Type"]) == 0 || violation != nil || !content.MayBeEmpty()):
		if declared.Required {
			c.Violations = append(c.Violations, wire.MissingBody(declared))
		}
		return r, nil
	case violation != nil:
		c.Violations = append(c.Violations, *violation)
		return r, nil
	case absent:
		c.Content, c.Essence = content, essence
		c.CheckBody()
		return r, nil
	}
	if _, validated := r.Body.(*wire.Checked); validated || content.Schema == nil || content.Streamed() {
		return r, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	switch {
	case len(body) == 0 && declared.Required && !content.MayBeEmpty():
		c.Violations = append(c.Violations, wire.MissingBody(declared))
		return r, nil
	case len(body) == 0 && !content.MayBeEmpty():
		return withBody(r, nil), nil
	}
	c.Content, c.Essence = content, essence
	_ = c.TakeBody(bytes.NewReader(body)) // which cannot fail
	c.CheckBody()
	return withBody(r, body), nil
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

// checkResponse returns resp with what was read from its body.
func (t *transport) checkResponse(r *http.Request, op *Operation, resp *http.Response) (*http.Response, error) {
	var x expectation
	if t.opts.OnDeviation != nil {
		x = expectTolerantly(op, r.Method, resp.StatusCode, resp.Header)
	} else {
		x = expect(op, r.Method, resp.StatusCode, resp.Header)
	}
	if !x.whole() {
		if err := t.deviate(r, op, resp, nil, x.deviations); err != nil {
			resp.Body.Close()
			return nil, err
		}
		streaming := &wire.Streaming{ReadCloser: resp.Body}
		if x.tolerant {
			streaming.Deviate = func(item []byte, deviations []Violation) error { return t.deviate(r, op, resp, item, deviations) }
		}
		resp.Body = streaming
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := wire.ReadAll(io.LimitReader(resp.Body, t.opts.MaxBody+1), resp.ContentLength)
	wrong := &ResponseError{Operation: op.ID, Status: resp.StatusCode, Header: resp.Header, Body: body}
	if int64(len(body)) > t.opts.MaxBody {
		wrong.Body, wrong.Truncated = body[:t.opts.MaxBody], true
	}
	var value any
	switch {
	case len(x.violations) > 0: // what is wrong with the header is wrong whatever became of the body
		wrong.Err = &ValidationError{Violations: x.violations}
	case wrong.Truncated:
		wrong.Err = &http.MaxBytesError{Limit: t.opts.MaxBody}
	case err != nil:
		wrong.Truncated = true
		wrong.Err = fmt.Errorf("reading the body: %w", err)
	default:
		value, wrong.Err = x.check(body)
	}
	if wrong.Err != nil {
		return nil, wrong
	}
	if err := t.deviate(r, op, resp, wrong.Body, x.deviations); err != nil {
		return nil, err
	}
	if x.headless || x.empty {
		body = nil
	}
	resp.Body = &wire.Received{Reader: bytes.NewReader(body), Text: body, Value: value, Content: x.content}
	return resp, nil
}

// deviate reports deviations, if there are any.
func (t *transport) deviate(r *http.Request, op *Operation, resp *http.Response, body []byte, deviations []Violation) error {
	if len(deviations) == 0 {
		return nil
	}
	d := &Deviation{Operation: op.ID, Status: resp.StatusCode, Header: resp.Header, Body: body, Violations: deviations}
	if err := t.opts.OnDeviation(r, d); err != nil {
		return &ResponseError{Operation: d.Operation, Status: d.Status, Header: d.Header, Body: d.Body, Err: err}
	}
	return nil
}
