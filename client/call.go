package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// call is what errors tell of a call.
type call struct {
	client       *Client
	operation    string
	method, path string
	body         []byte
}

// note notes what is about to be sent; generated code calls it.
func (c *call) note(_ context.Context, r *http.Request) error {
	c.method, c.path = r.Method, strings.TrimPrefix(r.URL.Path, c.client.basePath)
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	defer body.Close()
	c.body, err = io.ReadAll(body)
	return err
}

// sender is a method of the generated client with its arguments.
type sender func(context.Context, editor) (*http.Response, error)

type editor = interconnect.RequestEditorFn

// invoke makes a call and decodes its response.
func invoke[T any](ctx context.Context, c *Client, operation string, send sender) (T, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	var none T
	call, resp, err := c.start(ctx, operation, send)
	if err != nil {
		return none, err
	}
	defer resp.Body.Close()
	v, ok := contract.Value[T](resp) // which was read when the response was validated
	if !ok {
		body, _ := io.ReadAll(resp.Body)
		return none, call.fail(&ResponseError{Operation: operation, Status: resp.StatusCode, Header: resp.Header, Body: body, Err: errNoValue})
	}
	return *v, nil
}

var errNoValue = errors.New("the response has no body that the document describes")

// invokeEmpty makes a call whose response has no body.
func invokeEmpty(ctx context.Context, c *Client, operation string, send sender) error {
	ctx, cancel := c.context(ctx)
	defer cancel()
	_, resp, err := c.start(ctx, operation, send)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// start makes a call and returns its response if that is a success, with a body to be closed.
func (c *Client) start(ctx context.Context, operation string, send sender) (*call, *http.Response, error) {
	call := &call{client: c, operation: operation}
	resp, err := send(ctx, call.note)
	if err != nil {
		return call, nil, call.fail(err)
	}
	if resp.StatusCode < 400 {
		return call, resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body) // the status counts; what is there of the body is a bonus
	return call, nil, call.refused(resp.StatusCode, resp.Header, body)
}

// fail makes of an error what the package comment promises.
func (c *call) fail(err error) error {
	var (
		transport *url.Error
		request   *RequestError
		response  *ResponseError
		sent      *sentError
		encoding  *json.MarshalerError
	)
	switch {
	case errors.As(err, &request):
		return &RequestError{Operation: cmp.Or(request.Operation, c.operation), Err: request.Err}
	case errors.As(err, &response):
		return c.misunderstood(response)
	case errors.As(err, &sent):
		return c.unknown(sent.error)
	case errors.As(err, &transport):
		return c.wrap(transport.Err) // whose text has the query
	}
	if errors.As(err, &encoding) {
		err = encoding.Err // the rest is about Go
	}
	return &RequestError{Operation: c.operation, Err: err} // http.Client never came to see it
}

// misunderstood is the error for a response that is not what the document describes.
func (c *call) misunderstood(wrong *ResponseError) error {
	if wrong.Status >= 400 || isRefusal(wrong.Body) {
		return c.refused(wrong.Status, wrong.Header, wrong.Body)
	}
	if location := wrong.Header.Get("Location"); wrong.Status >= 300 && location != "" {
		wrong.Err = fmt.Errorf("the service redirects to %s, which is not followed; is the base URL right?", location)
	}
	return c.wrap(wrong)
}

// isRefusal reports whether a body is the failure of the document, whatever the status says.
func isRefusal(body []byte) bool {
	var failure struct {
		Success *bool `json:"success"`
	}
	return json.Unmarshal(body, &failure) == nil && failure.Success != nil && !*failure.Success
}

// refused is the error for a status of 400 or above, and for a refusal under another one.
func (c *call) refused(status int, header http.Header, body []byte) error {
	err := newAPIError(c.method, c.path, status, header, body)
	if status >= 500 && c.method != http.MethodGet {
		return c.unknown(err)
	}
	return err
}

func (c *call) unknown(err error) error {
	return &UnknownOutcomeError{Operation: c.operation, Method: c.method, Path: c.path, Request: c.body, Err: err}
}

func (c *call) wrap(err error) error {
	return &callError{text: fmt.Sprintf("%s %s: %v", c.method, c.path, err), err: err}
}
