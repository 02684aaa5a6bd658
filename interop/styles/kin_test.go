package styles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// This file lets openapi3filter of kin-openapi read requests and responses. It validates and keeps nothing of what it has read; here it
// validates with a schema that no value has, and the error has the value.

const noValue = "no value is this one"

// kin is the document as kin-openapi has it, with its router.
func kin(t *testing.T) (*openapi3.T, routers.Router) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc, router
}

// input is what openapi3filter takes for a request.
func input(router routers.Router, r *http.Request, body []byte) *openapi3filter.RequestValidationInput {
	in := r.Clone(context.Background())
	in.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := router.FindRoute(in)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", r.URL, err))
	}
	return &openapi3filter.RequestValidationInput{Request: in, PathParams: params, QueryParams: r.URL.Query(), Route: route}
}

// alone is the schema of a body with no other member, as openapi3filter refuses a form where it does not read one of its types.
func (x exchange) alone(schema *openapi3.SchemaRef) *openapi3.SchemaRef {
	if !x.isMember() {
		return schema
	}
	of := *schema.Value
	of.Properties = openapi3.Schemas{parameter(x.k): of.Properties[parameter(x.k)]}
	return &openapi3.SchemaRef{Value: &of}
}

// isMember reports whether the value is a member of a body.
func (x exchange) isMember() bool {
	return x.c.in == "form" || x.c.in == "json" || x.c.in == "multipart"
}

// readBy is what openapi3filter reads of an exchange. validate is called with the schema of its value.
func readBy(x exchange, schema *openapi3.SchemaRef, validate func(*openapi3.SchemaRef) error) read {
	none := *schema.Value
	none.Enum = []any{noValue}
	err := validate(&openapi3.SchemaRef{Value: &none})
	var wrong *openapi3.SchemaError
	if !errors.As(err, &wrong) || wrong.SchemaField != "enum" {
		if err == nil && !x.isMember() {
			return read{} // which is how it takes what is not there
		}
		return read{err: errors.Join(err, errors.New("no value"))}
	}
	value := wrong.Value
	if object, ok := value.(map[string]any); ok && x.isMember() {
		value = object[parameter(x.k)]
	}
	if err := validate(schema); err != nil {
		return read{err: err}
	}
	return read{value: value}
}

// kinRequest is what openapi3filter reads of a request.
func kinRequest(doc *openapi3.T, router routers.Router, x exchange, r *http.Request, body []byte) read {
	in := input(router, r, body)
	op := in.Route.Operation
	if op.RequestBody != nil {
		for mediaType, content := range op.RequestBody.Value.Content {
			return readBy(x, x.alone(content.Schema), func(schema *openapi3.SchemaRef) error {
				in := input(router, r, body)
				of := *content
				of.Schema = schema
				body := &openapi3.RequestBody{Required: true, Content: openapi3.Content{mediaType: &of}}
				return openapi3filter.ValidateRequestBody(context.Background(), in, body)
			})
		}
	}
	p := op.Parameters.GetByInAndName(x.c.in, parameter(x.k))
	return readBy(x, doc.Components.Schemas[x.k.name], func(schema *openapi3.SchemaRef) error {
		of := *p
		if of.Schema != nil {
			of.Schema = schema
		} else {
			of.Content = openapi3.Content{"application/json": {Schema: schema}}
		}
		return openapi3filter.ValidateParameter(context.Background(), input(router, r, body), &of)
	})
}

// kinResponse is what openapi3filter reads of a response.
func kinResponse(doc *openapi3.T, router routers.Router, x exchange, r *http.Request, resp *http.Response, body []byte) read {
	in := input(router, r, nil)
	validate := func(change func(*openapi3.Response)) error {
		described := *in.Route.Operation.Responses.Status(resp.StatusCode).Value
		change(&described)
		route, op := *in.Route, *in.Route.Operation
		op.Responses = openapi3.NewResponses(openapi3.WithStatus(resp.StatusCode, &openapi3.ResponseRef{Value: &described}))
		route.Operation = &op
		in := *in
		in.Route = &route
		return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &in, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(body)),
		})
	}
	described := in.Route.Operation.Responses.Status(resp.StatusCode).Value
	if x.c.in == "header" {
		h := described.Headers[parameter(x.k)].Value
		return readBy(x, doc.Components.Schemas[x.k.name], func(schema *openapi3.SchemaRef) error {
			return validate(func(r *openapi3.Response) {
				of := *h
				if of.Schema != nil {
					of.Schema = schema
				} else {
					of.Content = openapi3.Content{"application/json": {Schema: schema}}
				}
				r.Headers = openapi3.Headers{parameter(x.k): {Value: &of}}
			})
		})
	}
	for mediaType, content := range described.Content {
		return readBy(x, x.alone(content.Schema), func(schema *openapi3.SchemaRef) error {
			return validate(func(r *openapi3.Response) {
				of := *content
				of.Schema = schema
				r.Content = openapi3.Content{mediaType: &of}
			})
		})
	}
	return read{err: errNoMethod}
}
