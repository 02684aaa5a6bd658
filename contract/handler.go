package contract

import (
	"bufio"
	"bytes"
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
)

// HandlerOptions are the options of [NewHandler]. The zero value is ready for use.
type HandlerOptions struct {
	// BasePath stands before the paths of the document, for example "/client/v4". It has no slash at its end. If not
	// specified, the paths are served as they are.
	BasePath string

	// MaxBody is the largest request body that is accepted, in bytes. If not specified, it is 1 MiB.
	MaxBody int64

	// Authenticate decides whether credentials are genuine, and suffice. It is called for operations with security only,
	// with the credentials for one of the alternatives of the document; if it refuses them, it is called again for the
	// next alternative that the request has credentials for. An operation that also admits anonymous requests still
	// refuses credentials that are not genuine.
	//
	// The context is what the implementation gets; nil stands for the one of the request. An error is answered with 401, one
	// that wraps [ErrForbidden] with 403, and one that is a [*Failure] as it says. The request has no body, which is not read
	// before, and has its path parameters, see [http.Request.PathValue]. It must not be kept.
	//
	// If not specified, it is enough that credentials are present, whatever they are.
	Authenticate func(r *http.Request, op *Operation, credentials []Credential) (context.Context, error)

	// WriteFailure writes the answers that do not come from the implementation. The status and every header but
	// Content-Type are decided. If not specified, it is [WriteProblem].
	WriteFailure func(w http.ResponseWriter, r *http.Request, f *Failure)

	// OnUnknownQuery is told the query parameters that the document does not know, sorted. They are let through. If not
	// specified, nobody is told.
	OnUnknownQuery func(r *http.Request, names []string)

	// OnError is told in full what the client is told only as a 500: a [*ResponseError], a [*PanicError] or the error of
	// the implementation. If not specified, the error is logged with [log/slog].
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

// NewHandler puts the document around next, the handler that oapi-codegen generates: only requests that the document
// describes reach it, and only responses that the document describes leave it.
//
// A request is checked for its route (404), its method (405), its credentials (401, 403), its content type (415) and the
// size of its body (413), in this order; no byte of the body is read before its sender is admitted. Then everything that is
// wrong with its parameters and its body is answered together (400). What next gets is what was checked: see [Schema.Check]
// for the differences between the JSON text that was sent and the one that next reads. An operation without a body gets
// none. Bodies that are no JSON are passed through as they come. A parameter of the query or the header that is absent has its
// default, if the document gives one.
//
// A response is checked for its status, its headers and its body. Bodies of JSON are held back until they are checked;
// all others are passed through once status and headers are found to be right. The client gets a 500 instead of an invalid
// response, and [HandlerOptions.OnError] gets the rest. If a part of the response is under way already, the connection is
// cut. A panic of next is handled in the same way, but for [http.ErrAbortHandler], which goes on.
//
// HEAD is served by the operations of GET.
//
// NewHandler panics if a path has a parameter that is not a whole segment, if two operations have the same route, or if a
// security scheme is of an unknown type. The generator refuses such documents.
func NewHandler(operations []Operation, next http.Handler, opts HandlerOptions) http.Handler {
	return NewServer(operations, nil, next, opts)
}

// NewServer is NewHandler for operations that do without next, by their IDs. Only a request with an unusual body goes to next
// nevertheless, such as one in which a name has escapes.
func NewServer(operations []Operation, direct map[string]Serve, next http.Handler, opts HandlerOptions) http.Handler {
	if opts.MaxBody == 0 {
		opts.MaxBody = defaultMaxBody
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
	return &handler{router: newRouter(opts.BasePath, operations), next: next, direct: direct, opts: opts}
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
	router *router
	next   http.Handler
	direct map[string]Serve
	opts   HandlerOptions
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall()
	defer c.free()
	e, path, allow := h.router.find(r.Method, r.URL, c.path)
	if e == nil {
		h.fail(w, r, noRoute(allow))
		return
	}
	c.endpoint, c.path = e, path
	ctx, failure := authenticate(e, r, path, &h.opts)
	if failure != nil {
		h.fail(w, r, failure)
		return
	}
	if ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	in, failure := h.check(w, r, c)
	if failure != nil {
		failure.Operation = e.Operation
		h.fail(w, r, failure)
		return
	}
	r = e.withDefaults(r, c)
	if serve := h.direct[e.ID]; serve != nil && (e.Body == nil || c.Body != nil) {
		h.serveDirectly(w, r, c, serve)
		return
	}
	h.serve(w, in.request(r), e, h.next.ServeHTTP)
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

func (h *handler) fail(w http.ResponseWriter, r *http.Request, f *Failure) {
	for name, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	w.Header()["X-Content-Type-Options"] = noSniff
	w.Header()["Cache-Control"] = noStore
	h.opts.WriteFailure(w, r, f)
}

// The values of headers that are always the same; nobody changes them in place.
var (
	noSniff = []string{"nosniff"}
	noStore = []string{"no-store"}
)

// check returns the body of the request, and fills in the call.
func (h *handler) check(w http.ResponseWriter, r *http.Request, c *Call) (incoming, *Failure) {
	e := c.endpoint
	in, failure := h.open(w, r, e)
	if failure != nil {
		return in, failure
	}
	if in.schema != nil {
		if in.stream == nil {
			c.limited = limitedBody{r.Body, h.opts.MaxBody, h.opts.MaxBody}
			in.stream = &c.limited
		}
		if failure = in.read(c); failure != nil {
			return in, failure
		}
	}
	query, violations, unknown := e.checkParameters(r, c.path)
	c.query = query
	if len(unknown) > 0 {
		h.opts.OnUnknownQuery(r, unknown)
	}
	if in.absent && e.Body != nil && e.Body.Required {
		violations = append(violations, missingBody(e.Body))
	}
	if len(violations) == 0 {
		violations = in.violations
	} else {
		violations = append(violations, in.violations...)
	}
	if len(violations) > 0 {
		return in, &Failure{Status: http.StatusBadRequest, Message: "Invalid request", Violations: violations}
	}
	return in, nil
}

func missingBody(b *Body) Violation {
	return Violation{In: "body", Rule: "required", Want: "a body of type " + mediaTypes(b.Content) + "; it is missing"}
}

// An incoming is the body of a request on its way to next.
type incoming struct {
	absent     bool
	essence    string    // its media type
	schema     *Schema   // what to hold it against; nil if it is not JSON
	stream     io.Reader // the body as it comes
	text       []byte    // the body as next reads it, if there is a schema
	violations []Violation
}

// open decides whether the body may be read, and reads no more of it than the byte that tells whether there is one.
func (h *handler) open(w http.ResponseWriter, r *http.Request, e *endpoint) (incoming, *Failure) {
	if e.Body == nil || r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return incoming{absent: true}, nil
	}
	var stream io.Reader
	absent := func() bool { // without a Content-Length only reading can tell
		if r.ContentLength > 0 {
			return false
		}
		buffered := bufio.NewReader(http.MaxBytesReader(w, r.Body, h.opts.MaxBody))
		_, err := buffered.Peek(1)
		stream = buffered
		return err == io.EOF
	}
	content, essence, violation := media(e.Body.Content, r.Header)
	switch {
	case violation != nil && r.Header.Get("Content-Type") == "" && absent():
		return incoming{absent: true}, nil
	case violation != nil:
		return incoming{}, &Failure{
			Status:  http.StatusUnsupportedMediaType,
			Message: "Unsupported content type; want " + violation.Want,
			Header:  http.Header{"Accept": {mediaTypes(e.Body.Content)}},
		}
	case encoded(r.Header) != nil:
		return incoming{}, &Failure{
			Status:  http.StatusUnsupportedMediaType,
			Message: "Unsupported content encoding; want none",
			Header:  http.Header{"Accept-Encoding": {"identity"}},
		}
	case r.ContentLength > h.opts.MaxBody:
		return incoming{}, tooLarge(h.opts.MaxBody)
	case absent():
		return incoming{absent: true}, nil
	}
	in := incoming{essence: essence, schema: schemaOf(content, essence), stream: stream}
	if stream == nil && in.schema == nil {
		in.stream = http.MaxBytesReader(w, r.Body, h.opts.MaxBody)
	}
	return in, nil
}

func tooLarge(limit int64) *Failure {
	return &Failure{
		Status:  http.StatusRequestEntityTooLarge,
		Message: "The body is too large; at most " + strconv.FormatInt(limit, 10) + " bytes are accepted",
	}
}

// read reads a JSON body and holds it against its schema.
func (in *incoming) read(c *Call) *Failure {
	c.buffer.Reset()
	if _, err := c.buffer.ReadFrom(in.stream); err != nil {
		return unread(err)
	}
	text := c.buffer.String()
	if c.Body = in.schema.decode(text, InRequest, false); c.Body != nil {
		in.text = c.buffer.Bytes()
		return nil
	}
	var err error
	if in.text, err = in.schema.judge(c.buffer.Bytes(), text, InRequest); err != nil {
		in.violations = within("body", violationsOf(err))
	}
	return nil
}

// A limitedBody is what http.MaxBytesReader makes of a body whose length is known to be right, for which nothing need be made.
type limitedBody struct {
	body        io.Reader
	limit, left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &http.MaxBytesError{Limit: b.limit}
	}
	return n, err
}

// unread is the answer to a body that could not be read.
func unread(err error) *Failure {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return tooLarge(long.Limit)
	}
	return &Failure{Status: http.StatusBadRequest, Message: "The body could not be read to its end"}
}

// request returns r with the body that was checked.
func (in *incoming) request(r *http.Request) *http.Request {
	r = r.WithContext(r.Context())
	switch {
	case in.absent:
		r.Body, r.ContentLength, r.TransferEncoding = http.NoBody, 0, nil
		return r
	case in.schema == nil:
		r.Body = struct {
			io.Reader
			io.Closer
		}{in.stream, r.Body}
	default:
		r.Body = io.NopCloser(bytes.NewReader(in.text))
		r.ContentLength, r.TransferEncoding = int64(len(in.text)), nil
	}
	r.Header = r.Header.Clone()
	if r.Header.Get("Content-Length") != "" {
		r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	// The generated code compares media types byte by byte.
	_, parameters, found := strings.Cut(r.Header.Get("Content-Type"), ";")
	if found {
		parameters = ";" + parameters
	}
	r.Header.Set("Content-Type", in.essence+parameters)
	return r
}

// An exchange is where the generated code leaves the errors of a request.
type exchange struct {
	err     error
	failure *Failure
}

type exchangeKey struct{}

// serve lets next answer and holds the answer against the document.
func (h *handler) serve(w http.ResponseWriter, r *http.Request, e *endpoint, next http.HandlerFunc) {
	ex := &exchange{}
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, ex))
	rw := newResponseWriter(w, r.Method, e)
	recovered(ex, func() { next(rw, r) })
	if ex.err == nil || errors.Is(ex.err, errDiscarded) {
		ex.err = rw.finish()
		ex.failure = internal("The service produced an invalid response")
	}
	if ex.err == nil {
		return
	}
	h.opts.OnError(r, ex.err)
	if rw.committed {
		panic(http.ErrAbortHandler) // so that the client does not take the part that it has for the whole
	}
	ex.failure.Operation = e.Operation
	h.fail(w, r, ex.failure)
}

// recovered turns a panic into an error.
func recovered(ex *exchange, call func()) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			ex.err = &PanicError{Value: v, Stack: debug.Stack()}
			ex.failure = internal("Internal error")
		}
	}()
	call()
}

func internal(message string) *Failure {
	return &Failure{Status: http.StatusInternalServerError, Message: message}
}

// ImplementationFailed reports that an implementation returned an error instead of a response. The client gets a 500
// without any detail, and [HandlerOptions.OnError] gets the error. Generated code calls it, behind [NewHandler].
func ImplementationFailed(w http.ResponseWriter, r *http.Request, err error) {
	var long *http.MaxBytesError
	if errors.As(err, &long) { // while the implementation was reading a body that is no JSON
		failed(w, r, err, tooLarge(long.Limit))
		return
	}
	failed(w, r, err, internal("Internal error"))
}

// RequestFailed reports that the generated code could not decode a request that [NewHandler] let through: the two disagree.
// The client gets a 400 without any detail, and [HandlerOptions.OnError] gets the error. Generated code calls it, behind
// [NewHandler].
func RequestFailed(w http.ResponseWriter, r *http.Request, err error) {
	failed(w, r, err, &Failure{Status: http.StatusBadRequest, Message: "The request could not be decoded"})
}

// failed leaves the failure to serve, which knows whether it can still be answered.
func failed(w http.ResponseWriter, r *http.Request, err error, f *Failure) {
	ex, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok { // the generated handler is used on its own
		logError(r, err)
		WriteProblem(w, r, f)
		return
	}
	if ex.err == nil {
		ex.err, ex.failure = err, f
	}
}
