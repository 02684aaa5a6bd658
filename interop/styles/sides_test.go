package styles

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"

	"github.com/interconnect-go/interconnect/interop/styles/ours"
	"github.com/interconnect-go/interconnect/interop/styles/stock"
)

// This file drives the two generated packages. They have the same declarations, so reflection drives both.

// An exchange is a value of a type that is sent to an operation.
type exchange struct {
	c     *column
	group []kind
	k     kind
	value string // as JSON
}

// exchanges are all there are.
func exchanges() []exchange {
	var all []exchange
	for i := range columns {
		for _, group := range columns[i].groups() {
			for _, k := range group {
				for _, value := range k.values {
					all = append(all, exchange{&columns[i], group, k, value})
				}
			}
		}
	}
	return all
}

func (x exchange) operation() string { return x.c.operation(x.group) }

// A read is what somebody has read of an exchange: a value, or an error.
type read struct {
	value any
	err   error
}

// outcome compares what was read with what was sent, and describes the difference. It is "" if there is none. An empty list and an empty
// object may be absent: RFC 6570, section 3.2.1, has no spelling for them.
func (x exchange) outcome(r read) string {
	if r.err != nil {
		return "refuses"
	}
	have, err := json.Marshal(r.value)
	if err != nil {
		return "refuses"
	}
	if same(have, []byte(x.value)) || string(have) == "null" && (x.value == "[]" || x.value == "{}") {
		return ""
	}
	if string(have) == "null" {
		return "does not read it"
	}
	return "reads " + string(have)
}

func same(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// A side is a generated package.
type side struct {
	client    func(url string, doer doer) any
	handler   func(s *side) http.Handler
	responses map[string]reflect.Type // of the operations that send back what they get
	arrived   any                     // the last request object
	err       error                   // why the last request was refused
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// fail keeps why a request or a response is refused.
func (s *side) fail(w http.ResponseWriter, _ *http.Request, err error) {
	s.err = err
	w.WriteHeader(http.StatusBadRequest)
}

// serve keeps the request, and sends back what the response can have of it.
func (s *side) serve(w http.ResponseWriter, request any, operation string) (response any, err error) {
	if s.arrived, err = kept(request); err != nil {
		return nil, err
	}
	t := s.responses[operation]
	if t == nil {
		status := http.StatusNoContent
		if operation == "Multipart" {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		return nil, nil
	}
	to := reflect.New(t).Elem()
	echo(reflect.ValueOf(s.arrived), to)
	return to.Interface(), nil
}

// kept is a request object with a body that is a stream replaced by what is in it.
func kept(request any) (any, error) {
	body := reflect.ValueOf(request).FieldByName("Body")
	if !body.IsValid() {
		return request, nil
	}
	switch body := body.Interface().(type) {
	case io.Reader:
		text, err := io.ReadAll(body)
		return struct{ Body *string }{ptr(string(text))}, err
	case *multipart.Reader:
		parts := map[string][]string{}
		for {
			part, err := body.NextPart()
			if errors.Is(err, io.EOF) {
				return struct{ Body map[string][]string }{parts}, nil
			} else if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(part)
			if err != nil {
				return nil, err
			}
			parts[part.FormName()] = append(parts[part.FormName()], string(text))
		}
	}
	return request, nil
}

func ptr[T any](v T) *T { return &v }

// echo fills a response with what a request has.
func echo(from, to reflect.Value) {
	if body := from.FieldByName("Body"); body.IsValid() {
		switch field := to; {
		case to.Kind() == reflect.Struct && to.NumField() > 0 && to.Type().Field(0).Name == "Body":
			if field = to.Field(0); field.Kind() == reflect.Interface {
				text := body.Elem().String()
				field.Set(reflect.ValueOf(strings.NewReader(text)))
				to.FieldByName("ContentLength").SetInt(int64(len(text)))
				return
			}
			field.Set(body.Elem().Convert(field.Type()))
		default:
			to.Set(body.Elem().Convert(to.Type()))
		}
		return
	}
	headers, params := to.FieldByName("Headers"), from.FieldByName("Params")
	for i := range headers.NumField() {
		value := params.FieldByName(headers.Type().Field(i).Name)
		if field := headers.Field(i); value.Type() == field.Type() {
			field.Set(value)
		} else if !value.IsZero() { // oapi-codegen has any for a header that is described by content
			field.Set(reflect.New(field.Type().Elem()))
			field.Elem().Set(value.Elem())
		}
	}
}

// read is what has arrived of an exchange.
func (s *side) read(x exchange) read {
	if s.err != nil {
		return read{err: s.err}
	}
	if s.arrived == nil {
		return read{err: errors.New("nothing has arrived")}
	}
	from := reflect.ValueOf(s.arrived)
	switch x.c.in {
	case "path":
	case "query", "header", "cookie":
		from = from.FieldByName("Params")
	default:
		from = from.FieldByName("Body")
		if parts, ok := from.Interface().(map[string][]string); ok {
			return ofParts(x, parts)
		}
		if from = from.Elem(); x.c.in == "text" || x.c.in == "binary" {
			return read{value: from.Interface()}
		}
	}
	return read{value: fieldFor(from, parameter(x.k)).Interface()}
}

// ofParts is what the parts of a form say of an exchange.
func ofParts(x exchange, parts map[string][]string) read {
	var texts []json.RawMessage
	for _, text := range parts[parameter(x.k)] {
		_, isList := x.k.schema["items"]
		isText := x.k.schema["type"] == "string" || x.k.name == "list" || x.k.name == "union" && !same([]byte(text), []byte(x.value))
		if isText {
			quoted, err := json.Marshal(text)
			if err != nil {
				return read{err: err}
			}
			text = string(quoted)
		} else if isList && !json.Valid([]byte(text)) {
			return read{err: fmt.Errorf("%q is not JSON", text)}
		}
		texts = append(texts, json.RawMessage(text))
	}
	switch _, isList := x.k.schema["items"]; {
	case isList && texts != nil:
		return read{value: texts}
	case len(texts) == 1:
		return read{value: texts[0]}
	}
	return read{}
}

// fieldFor finds a field by the name in its tag.
func fieldFor(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	panic(fmt.Sprintf("%s has no %s", v.Type(), name))
}

// suffixes are what the methods of a client for a body have behind the name of the operation.
var suffixes = map[string]string{"form": "WithFormdataBody", "text": "WithTextBody", "multipart": "WithBody", "binary": "WithBody"}

// send lets the client send an exchange to a server, and returns its response object. The error is that of the client.
func (s *side) send(x exchange, url string, doer doer) (response any, err error) {
	method := reflect.ValueOf(s.client(url, doer)).MethodByName(goName(x.operation()) + suffixes[x.c.in] + "WithResponse")
	if !method.IsValid() {
		return nil, errNoMethod
	}
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	switch x.c.in {
	case "binary":
		var text string
		if err := json.Unmarshal([]byte(x.value), &text); err != nil {
			return nil, err
		}
		args = append(args, reflect.ValueOf("application/octet-stream"), reflect.ValueOf(strings.NewReader(text)))
	case "multipart":
		form, _ := filled(x, reflect.TypeFor[ours.MultipartMultipartBody]()).Interface().(ours.MultipartMultipartBody)
		contentType, body, err := ours.NewMultipartMultipartBody(form)
		if err != nil {
			return nil, err
		}
		args = append(args, reflect.ValueOf(contentType), reflect.ValueOf(body))
	case "path":
		for i, k := range x.group {
			value := k.values[0]
			if k.name == x.k.name {
				value = x.value
			}
			args = append(args, unmarshaled(value, method.Type().In(i+1)))
		}
	case "text":
		args = append(args, unmarshaled(x.value, method.Type().In(1)))
	default:
		if in := method.Type().In(1); in.Kind() == reflect.Pointer {
			args = append(args, filled(x, in.Elem()).Addr())
		} else {
			args = append(args, filled(x, in))
		}
	}
	results := method.Call(args)
	err, _ = results[1].Interface().(error)
	return results[0].Interface(), err
}

var errNoMethod = errors.New("the client has no such operation")

// filled is a struct with a field for the exchange.
func filled(x exchange, t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	field := fieldFor(v, parameter(x.k))
	field.Set(unmarshaled(x.value, field.Type()))
	return v
}

func unmarshaled(text string, t reflect.Type) reflect.Value {
	v := reflect.New(t)
	if err := json.Unmarshal([]byte(text), v.Interface()); err != nil {
		panic(err)
	}
	return v.Elem()
}

// request is what the client sends, with its body. The error is that of the client, which sends nothing.
func (s *side) request(x exchange, base string) (r *http.Request, body []byte, err error) {
	_, err = s.send(x, base, func(req *http.Request) (*http.Response, error) {
		r = req
		if req.Body != nil {
			if body, err = io.ReadAll(req.Body); err != nil {
				return nil, err
			}
		}
		return nil, io.ErrClosedPipe
	})
	if r == nil {
		return nil, nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r, body, nil
}

// respond lets the server respond to a request, which goes there as bytes.
func (s *side) respond(r *http.Request, body []byte) *http.Response {
	s.arrived, s.err = nil, nil
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	var wire bytes.Buffer
	if s.err = r.Write(&wire); s.err != nil {
		return nil
	}
	in, err := http.ReadRequest(bufio.NewReader(&wire))
	if s.err = err; err != nil {
		return nil
	}
	w := httptest.NewRecorder()
	s.handler(s).ServeHTTP(w, in)
	resp := w.Result()
	if s.err == nil && resp.StatusCode >= 300 {
		text, err := io.ReadAll(resp.Body)
		s.err = errors.Join(fmt.Errorf("%s: %s", resp.Status, text), err)
	}
	return resp
}

// readResponse is what a client has read of a response that sends an exchange back.
func readResponse(x exchange, response any) read {
	v := reflect.ValueOf(response).Elem()
	switch x.c.in {
	case "header":
		v = v.FieldByName("Headers204")
	case "form":
		v = v.FieldByName("Formdata200")
	case "json":
		v = v.FieldByName("JSON200")
	case "text":
		v = v.FieldByName("Text200")
	case "binary":
		return read{value: string(v.FieldByName("Body").Bytes())}
	default:
		return read{err: errNoMethod}
	}
	switch {
	case !v.IsValid():
		return read{err: errNoMethod}
	case v.IsNil():
		return read{err: errors.New("the response has not been read")}
	case x.c.in == "text":
		return read{value: v.Elem().Interface()}
	case x.c.in == "header":
		return read{value: v.Elem().FieldByName(goName(parameter(x.k))).Interface()}
	}
	return read{value: fieldFor(v.Elem(), parameter(x.k)).Interface()}
}

func goName(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// byOperation orders response types by the Go names of their operations.
func byOperation(responses ...any) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, r := range responses {
		t := reflect.TypeOf(r)
		name, _, _ := strings.Cut(t.Name(), "20")
		types[name] = t
	}
	return types
}

func newOurs() *side {
	return &side{
		client: func(url string, doer doer) any {
			c, err := ours.NewClientWithResponses(url, ours.WithHTTPClient(doer))
			if err != nil {
				panic(err)
			}
			return c
		},
		handler: func(s *side) http.Handler {
			keep := func(_ ours.StrictHandlerFunc, operation string) ours.StrictHandlerFunc {
				return func(_ context.Context, w http.ResponseWriter, _ *http.Request, request any) (any, error) {
					return s.serve(w, request, operation)
				}
			}
			strict := ours.NewStrictHandlerWithOptions(ours.UnimplementedServer{}, []ours.StrictMiddlewareFunc{keep}, ours.StrictHTTPServerOptions{
				RequestErrorHandlerFunc: s.fail, ResponseErrorHandlerFunc: s.fail,
			})
			return ours.HandlerWithOptions(strict, ours.StdHTTPServerOptions{ErrorHandlerFunc: s.fail})
		},
		responses: byOperation(ours.Form200FormdataResponse{}, ours.FormForm200FormdataResponse{}, ours.FormFormExplode200FormdataResponse{},
			ours.FormFormExplodeMap200FormdataResponse{}, ours.FormSpace200FormdataResponse{}, ours.FormPipe200FormdataResponse{},
			ours.FormDeep200FormdataResponse{}, ours.Json200JSONResponse{}, ours.TextString200TextResponse(""), ours.TextInteger200TextResponse(0),
			ours.TextNumber200TextResponse(0), ours.TextBoolean200TextResponse(false), ours.TextDateTime200TextResponse{},
			ours.Binary200ApplicationoctetStreamResponse{}, ours.HeaderSimple204Response{}, ours.HeaderSimpleExplode204Response{},
			ours.HeaderContent204Response{}),
	}
}

func newStock() *side {
	return &side{
		client: func(url string, doer doer) any {
			c, err := stock.NewClientWithResponses(url, stock.WithHTTPClient(doer))
			if err != nil {
				panic(err)
			}
			return c
		},
		handler: func(s *side) http.Handler {
			keep := func(_ stock.StrictHandlerFunc, operation string) stock.StrictHandlerFunc {
				return func(_ context.Context, w http.ResponseWriter, _ *http.Request, request any) (any, error) {
					return s.serve(w, request, operation)
				}
			}
			strict := stock.NewStrictHandlerWithOptions(nil, []stock.StrictMiddlewareFunc{keep}, stock.StrictHTTPServerOptions{
				RequestErrorHandlerFunc: s.fail, ResponseErrorHandlerFunc: s.fail,
			})
			return stock.HandlerWithOptions(strict, stock.StdHTTPServerOptions{ErrorHandlerFunc: s.fail})
		},
		responses: byOperation(stock.Form200FormdataResponse{}, stock.FormForm200FormdataResponse{}, stock.FormFormExplode200FormdataResponse{},
			stock.FormFormExplodeMap200FormdataResponse{}, stock.FormSpace200FormdataResponse{}, stock.FormPipe200FormdataResponse{},
			stock.FormDeep200FormdataResponse{}, stock.Json200JSONResponse{}, stock.TextString200TextResponse(""),
			stock.Binary200ApplicationoctetStreamResponse{}, stock.HeaderSimple204Response{}, stock.HeaderSimpleExplode204Response{},
			stock.HeaderContent204Response{}),
	}
}

// origin is where nobody listens.
var origin = url.URL{Scheme: "http", Host: "127.0.0.1:1"}
