package contract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/wire"
)

// HandlerOptions are the options of [NewHandler] and of the NewHandler of a generated package. The zero value is ready for use.
type HandlerOptions struct {
	// BasePath is what comes before the paths of the document, for example "/client/v4". It has no slash at its end. If not
	// specified, the paths are served as they are.
	BasePath string

	// MaxBody is the largest request body that is accepted, in bytes, if it is read before the implementation is called. If not
	// specified, it is 1 MiB.
	MaxBody int64

	// MaxStream is the largest request body that is accepted, in bytes, if it is streamed to the implementation: files, multipart
	// forms, and sequences of values. Of such a body at most MaxBody bytes are held at once. If not specified, it is MaxBody.
	MaxStream int64

	// Authenticate decides whether credentials are genuine, and suffice. It is called only for operations with security, with
	// the credentials for one of the alternatives of the document; if it refuses them, it is called again for the next
	// alternative that the request has credentials for. An operation that also admits anonymous requests still refuses
	// credentials that are not genuine.
	//
	// The context is what the implementation gets; nil stands for that of the request. An error is answered with 401, one that
	// wraps [ErrForbidden] with 403, and one that is a [*Failure] as it says. The request has no body, which is not read
	// before, and has its path parameters, see [http.Request.PathValue]. It must not be kept.
	//
	// If not specified, it is enough that credentials are present, whatever they are.
	Authenticate func(r *http.Request, op *Operation, credentials []Credential) (context.Context, error)

	// WriteFailure writes the responses that do not come from the implementation. The status and every header but Content-Type
	// are decided. If not specified, it is [WriteProblem].
	WriteFailure func(w http.ResponseWriter, r *http.Request, f *Failure)

	// OnUnknownQuery is called with the query parameters that the document does not know, sorted. They are let through. If not
	// specified, nothing is called.
	OnUnknownQuery func(r *http.Request, names []string)

	// OnReadOnly makes read-only members of requests be ignored, as OpenAPI permits, so that what a response gave can be sent
	// back. A generated implementation does not get them; a handler that is not generated gets a
	// body of JSON as it is. OnReadOnly is called with the members that a request had, for a form in
	// parts when the implementation has read it, and also if the request is refused for something
	// else. If not specified, such a request is invalid.
	OnReadOnly func(r *http.Request, members []Violation)

	// OnError is called with what the client is told only as a 500: a [*ResponseError], a [*PanicError] or the error of the
	// implementation. If not specified, the error is logged with [log/slog].
	OnError func(r *http.Request, err error)
}

const (
	defaultMaxBody = 1 << 20
	maxDiscarded   = 64 << 10 // how much of the body of an invalid response is kept for its report
)

// A PanicError reports a panic of the implementation.
type PanicError struct {
	Value any
	Stack []byte
}

// Error gives the value of the panic.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// NewHandler puts the document around next: only requests that the document describes reach it, and only responses that the document
// describes leave it. It is for handlers that are not generated; a generated package has a NewHandler of its own, which does the same for an
// implementation of its interface.
//
// A request is checked for its route (404), its method (405), its credentials (401, 403), the media types that it accepts (406), its content
// type (415) and the size of its body (413), in this order; no byte of the body is read before its sender is admitted. Then everything that is wrong with its parameters and its
// body is reported together (400). Bodies that are not validated, such as binary ones, are passed through as they
// come, and forms in parts such that reading them fails with a [*BodyError] if they violate the document. An operation without a
// body gets none.
//
// A response is checked for its status, its headers and its body. A body that is validated is held back until then; others are passed through
// once status and headers are found to be right. The client gets a 500 instead of an invalid response, and [HandlerOptions.OnError] gets the
// rest. If a part of the response is under way already, the connection is cut. A panic of next is handled in the same way, except
// [http.ErrAbortHandler], which goes on.
//
// HEAD is served by the operations of GET if there is none for it.
//
// A security scheme of an unknown type admits nobody: an operation that demands it is answered with 401.
//
// NewHandler panics if a path is not one. The generator refuses such documents.
func NewHandler(operations []Operation, next http.Handler, opts HandlerOptions) http.Handler {
	return newHandler(operations, nil, next, opts)
}

// NewServer is for generated code: it serves operations in the order of the document, each by the function at its index.
func NewServer(operations []Operation, serve []wire.Serve, opts HandlerOptions) http.Handler {
	return newHandler(operations, serve, nil, opts)
}

// NewReceiver is for generated code: it serves one operation, that of a webhook or callback, at every path.
func NewReceiver(op *Operation, serve wire.Serve, opts HandlerOptions) http.Handler {
	h := newHandler(nil, nil, nil, opts)
	h.only = wire.NewRoute(op)
	h.endpoints[op] = endpoint{serve: serve, challenge: challenges(op)}
	return h
}

func newHandler(operations []Operation, serve []wire.Serve, next http.Handler, opts HandlerOptions) *handler {
	if opts.MaxBody == 0 {
		opts.MaxBody = defaultMaxBody
	}
	if opts.MaxStream == 0 {
		opts.MaxStream = opts.MaxBody
	}
	if opts.WriteFailure == nil {
		opts.WriteFailure = WriteProblem
	}
	if opts.OnUnknownQuery == nil {
		opts.OnUnknownQuery = func(*http.Request, []string) {}
	}
	if opts.OnError == nil {
		opts.OnError = logError
	}
	h := &handler{router: wire.NewRouter(opts.BasePath, operations), next: next, opts: opts, endpoints: make(map[*Operation]endpoint, len(operations))}
	for i := range operations {
		e := endpoint{challenge: challenges(&operations[i])}
		if serve != nil {
			e.serve = serve[i]
		}
		h.endpoints[&operations[i]] = e
	}
	return h
}

// An endpoint is what a handler knows of an operation besides.
type endpoint struct {
	serve     wire.Serve // nil for a handler that is not generated
	challenge []string   // WWW-Authenticate
}

// logError leaves out the query, which may hold a key.
func logError(r *http.Request, err error) {
	attrs := []slog.Attr{slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.String("error", err.Error())}
	var panicked *PanicError
	if errors.As(err, &panicked) {
		attrs = append(attrs, slog.String("stack", string(panicked.Stack)))
	}
	slog.LogAttrs(r.Context(), slog.LevelError, "request failed", attrs...)
}

type handler struct {
	router    *wire.Router
	only      *wire.Route // the operation of every path, nil for those of the router
	endpoints map[*Operation]endpoint
	next      http.Handler
	opts      HandlerOptions
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := wire.NewCall()
	defer c.Free()
	route, path, allow := h.find(r, c.Room())
	if route == nil {
		h.fail(w, r, noRoute(allow))
		return
	}
	e := h.endpoints[route.Operation]
	ctx, failure := authenticate(route, e.challenge, r, path, &h.opts)
	if failure != nil {
		h.fail(w, r, failure)
		return
	}
	if !route.Acceptable(r.Header) {
		h.fail(w, r, notAcceptable(route))
		return
	}
	if route.Negotiable() {
		ctx = context.WithValue(ctx, acceptKey{}, r.Header["Accept"])
	}
	if ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	c.Begin(r, route, path)
	if h.opts.OnReadOnly != nil {
		c.IgnoreReadOnly()
		c.Ignored = func(members []Violation) { h.opts.OnReadOnly(r, members) }
	}
	if failure = h.open(w, r, c); failure == nil {
		failure = h.serve(w, r, c, e)
	}
	if failure != nil {
		failure.Operation = route.Operation
		h.fail(w, r, failure)
	}
}

func (h *handler) find(r *http.Request, room []string) (route *wire.Route, path, allow []string) {
	switch {
	case h.only == nil:
		return h.router.Find(r.Method, r.URL, room)
	case r.Method == h.only.Method, r.Method == http.MethodHead && h.only.Method == http.MethodGet:
		return h.only, nil, nil
	case h.only.Method == http.MethodGet:
		return nil, nil, []string{http.MethodGet, http.MethodHead}
	}
	return nil, nil, []string{h.only.Method}
}

func noRoute(allow []string) *Failure {
	if len(allow) == 0 {
		return &Failure{Status: http.StatusNotFound, Message: "No route for that URI"}
	}
	return &Failure{
		Status:  http.StatusMethodNotAllowed,
		Message: "Method not available for that URI; available are " + strings.Join(allow, ", "),
		Header:  http.Header{"Allow": {strings.Join(allow, ", ")}},
	}
}

func notAcceptable(route *wire.Route) *Failure {
	return &Failure{
		Status:    http.StatusNotAcceptable,
		Message:   "No response of a media type that the request accepts; available are " + strings.Join(route.SuccessTypes(), ", "),
		Operation: route.Operation,
	}
}

type acceptKey struct{}

// Negotiate returns the media type that suits the header Accept of a request best: the first one, if several do equally. An implementation
// calls it with the context that it gets and the media types that it can respond with. It is empty if none is acceptable; a request that
// accepts none of those that the document declares has been refused before.
func Negotiate(ctx context.Context, mediaTypes ...string) string {
	accept, _ := ctx.Value(acceptKey{}).([]string)
	return wire.Negotiate(mediaTypes, accept)
}

func (h *handler) fail(w http.ResponseWriter, r *http.Request, f *Failure) {
	for name, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	w.Header()["X-Content-Type-Options"] = noSniff
	w.Header()["Cache-Control"] = noStore
	h.opts.WriteFailure(w, r, f)
}

// The values of headers that are always the same; they are never changed in place.
var (
	noSniff = []string{"nosniff"}
	noStore = []string{"no-store"}
)

// open decides whether the body may be read, and reads it as far as it is validated. Before that it reads at most the byte that says whether
// there is a body.
func (h *handler) open(w http.ResponseWriter, r *http.Request, c *wire.Call) *Failure {
	declared := c.Route().Body
	typed := len(r.Header["Content-Type"]) > 0
	if declared == nil || r.Body == nil || !typed && (r.Body == http.NoBody || r.ContentLength == 0) {
		return nil
	}
	content, essence, violation := wire.ContentOf(declared.Content, r.Header)
	limit := h.opts.MaxBody
	if content != nil && content.Streamed() {
		limit = h.opts.MaxStream
	}
	var body io.Reader
	if r.ContentLength >= 0 && content != nil && !content.Streamed() {
		body = c.Limited(r.Body, limit)
	} else {
		body = http.MaxBytesReader(w, r.Body, limit)
	}
	empty := func() bool { // without a Content-Length only reading can tell
		if r.ContentLength >= 0 {
			return r.ContentLength == 0
		}
		buffered := bufio.NewReader(body)
		_, err := buffered.Peek(1)
		body = buffered
		return err == io.EOF
	}
	switch {
	case (violation != nil || !content.MayBeEmpty() || !typed) && empty():
		return nil
	case violation != nil:
		return &Failure{
			Status:  http.StatusUnsupportedMediaType,
			Message: "Unsupported content type; want " + violation.Want,
			Header:  http.Header{"Accept": {wire.MediaTypes(declared.Content)}},
		}
	case wire.Encoded(r.Header) != nil:
		return &Failure{
			Status:  http.StatusUnsupportedMediaType,
			Message: "Unsupported content encoding; want none",
			Header:  http.Header{"Accept-Encoding": {"identity"}},
		}
	case r.ContentLength > limit:
		return tooLarge(limit)
	}
	c.Content, c.Essence, c.MaxHeld = content, essence, h.opts.MaxBody
	if err := c.TakeBody(body); err != nil {
		return unread(err)
	}
	return nil
}

func tooLarge(limit int64) *Failure {
	return &Failure{
		Status:  http.StatusRequestEntityTooLarge,
		Message: "The body is too large; at most " + strconv.FormatInt(limit, 10) + " bytes are accepted",
	}
}

// unread is the response to a body that could not be read.
func unread(err error) *Failure {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return tooLarge(long.Limit)
	}
	return &Failure{Status: http.StatusBadRequest, Message: "The body could not be read to its end"}
}

// serve validates a request, lets the implementation answer, and validates what it answers.
func (h *handler) serve(w http.ResponseWriter, r *http.Request, c *wire.Call, e endpoint) *Failure {
	if unknown := c.Unknown(); len(unknown) > 0 {
		h.opts.OnUnknownQuery(r, unknown)
	}
	if declared := c.Route().Body; declared != nil && declared.Required && c.Content == nil {
		c.Violations = append(c.Violations, wire.MissingBody(declared))
	}
	if e.serve == nil {
		c.CheckParameters()
		c.CheckBody()
		c.ReportIgnored()
		if failure := h.invalid(c); failure != nil {
			return failure
		}
		return h.answer(w, r, c, func(rw *responseWriter) error {
			h.next.ServeHTTP(rw, c.Forward())
			return nil
		})
	}
	var failure *Failure
	served := h.answer(w, r, c, func(rw *responseWriter) error {
		err := e.serve(r.Context(), c, rw)
		if c.Responding {
			err = rw.refused(err)
		}
		failure = h.invalid(c)
		return err
	})
	if failure != nil {
		return failure
	}
	return served
}

// invalid is the response to a request that violates the document, nil if it does not.
func (h *handler) invalid(c *wire.Call) *Failure {
	if len(c.Violations) == 0 {
		return nil
	}
	if first := c.Violations[0]; first.In == "body" && first.Pointer == "" && first.Rule == "required" { // the body is missing
		c.Violations = append(c.Violations[1:], first) // in the order of the request
	}
	return &Failure{Status: http.StatusBadRequest, Message: "Invalid request", Violations: c.Violations}
}

// answer lets the implementation respond and validates the response. It returns the failure to respond with instead, if any.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, c *wire.Call, respond func(*responseWriter) error) *Failure {
	rw := responseWriters.Get().(*responseWriter)
	rw.begin(w, r.Method, c.Route())
	defer rw.free()
	failure, err := recovered(func() error { return respond(rw) })
	switch {
	case failure != nil:
	case len(c.Violations) > 0:
		return nil // which serve reports
	case err == nil || errors.Is(err, errDiscarded):
		if err = rw.finish(); err == nil {
			return nil
		}
		failure = internal("The service produced an invalid response")
	default:
		failure = failureOf(err)
		if rw.invalid {
			failure = internal("The service produced an invalid response")
		}
	}
	if rw.committed || !isAboutBody(err) {
		h.opts.OnError(r, err)
	}
	failure.Err = err
	if rw.committed {
		panic(http.ErrAbortHandler) // so that the client does not take the part that it has for the whole
	}
	return failure
}

// failureOf is the response to an error of the implementation. It has no detail.
func failureOf(err error) *Failure {
	var own *Failure
	if errors.As(err, &own) && own.isResponse() {
		return new(*own)
	}
	var invalid *wire.BodyError
	if errors.As(err, &invalid) {
		return &Failure{Status: http.StatusBadRequest, Message: "Invalid request", Violations: violationsOf(invalid.Err)}
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) { // while the implementation was reading a body that is streamed
		return tooLarge(long.Limit)
	}
	return internal("Internal error")
}

// isAboutBody reports whether an error is about the body of the request, and not a failure of the implementation that reads it.
func isAboutBody(err error) bool {
	var invalid *wire.BodyError
	var long *http.MaxBytesError
	return errors.As(err, &invalid) || errors.As(err, &long)
}

// recovered turns a panic into an error.
func recovered(call func() error) (failure *Failure, err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			failure, err = internal("Internal error"), &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return nil, call()
}

func internal(message string) *Failure {
	return &Failure{Status: http.StatusInternalServerError, Message: message}
}
