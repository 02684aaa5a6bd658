package sandbox

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A Sandbox is a fake of the service. Make one with [New] or [NewServer]. Its methods may be called at any time, also while it
// serves.
type Sandbox struct {
	config   config
	store    *store
	faults   faults
	advanced atomic.Int64 // how far the clock has been moved on

	atRoot, atBasePath http.Handler
}

// New returns a sandbox in which nothing has been ordered yet. It serves the API below [interconnect.BasePath] and, for the test
// suites of the official SDKs, at the root.
func New(opts ...Option) *Sandbox {
	s := &Sandbox{config: newConfig(opts)}
	c := s.config
	c.now = s.Now
	s.store = newStore(c)
	implementation := &service{store: s.store, accountNames: c.accountNames, contract: c.contract}
	serve := func(basePath string) http.Handler {
		return interconnect.NewHandler(implementation, contract.HandlerOptions{
			BasePath:     basePath,
			MaxBody:      maxBody,
			Authenticate: s.authenticate,
			WriteFailure: writeFailure,
			OnError:      s.logError,
		})
	}
	s.atRoot, s.atBasePath = serve(""), serve(interconnect.BasePath)
	return s
}

// Now is the time that the sandbox goes by.
func (s *Sandbox) Now() time.Time {
	return s.config.now().Add(time.Duration(s.advanced.Load()))
}

// Advance moves the clock of the sandbox on, so that a test need not wait for a link to be Healthy.
func (s *Sandbox) Advance(d time.Duration) { s.advanced.Add(int64(d)) }

// SetStatus sets the state of an interconnect's link. From then on time does not change it. The reason of a status that is
// Down or Unhealthy may be nil; clients get null. The error says that there is no such interconnect, or that the status is
// the zero value.
func (s *Sandbox) SetStatus(account interconnect.AccountID, name string, status interconnect.InterconnectStatus) error {
	if status.Value() == nil {
		return errors.New("sandbox: the status is the zero value; make one with interconnect.NewInterconnectStatus")
	}
	if err := s.store.setStatus(account, name, status); err != nil {
		return fmt.Errorf("sandbox: account %s: %w", account, err)
	}
	return nil
}

// TunnelID returns the ID of the Magic interconnect that belongs to a CNI, which list_cnis takes as tunnel_id: that of the CNI,
// written without dashes.
func TunnelID(cni uuid.UUID) string { return hex.EncodeToString(cni[:]) }

// maxBody is the largest request body that is accepted, in bytes.
const maxBody = 1 << 20

// An exchange is what the parts of the sandbox know of the request that they serve.
type exchange struct {
	operation string // empty if none is asked for
	admitted  bool
	fault     *Fault
	dropped   bool
}

type exchangeKey struct{}

// exchangeOf returns what ServeHTTP has put into the context.
func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// ServeHTTP implements [http.Handler]. A fault that drops the connection panics with [http.ErrAbortHandler], as the handlers
// of a server do.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	e := &exchange{}
	// The body is read first, even if nobody needs it: only then the server notices that a client goes away during a delay.
	// A byte too many is for the handler to find.
	rest := r.Body
	if rest == nil {
		rest = http.NoBody
	}
	body, _ := io.ReadAll(io.LimitReader(rest, maxBody+1)) // the handler gets the same error again
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}

	handler := s.atRoot
	if strings.HasPrefix(r.URL.Path, interconnect.BasePath+"/") {
		handler = s.atBasePath
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(a, r)
	s.finish(a, r, e)
	s.log(r, e, a, time.Since(start))
	if e.dropped {
		panic(http.ErrAbortHandler)
	}
	a.send(w, r)
}

// authenticate is called by the validated handler as soon as it knows the operation, which makes it the place for faults.
func (s *Sandbox) authenticate(r *http.Request, op *contract.Operation, presented []contract.Credential) (context.Context, error) {
	e := exchangeOf(r.Context())
	e.operation = op.ID
	if err := s.config.credentials.admit(op, presented); err != nil {
		return nil, err
	}
	if s.config.contract == July2026 && op.ID == defaultNameID {
		return nil, &contract.Failure{Status: http.StatusNotFound, Message: "No route for that URI"}
	}
	if e.admitted { // by its token, but what came then has refused it; e-mail address and key make no difference
		return nil, errUnauthorized
	}
	e.admitted = true
	e.fault = s.faults.take(op.ID)
	if e.fault == nil || e.fault.AfterWork {
		return nil, nil
	}
	if !e.fault.wait(r.Context()) || e.fault.Drop {
		e.dropped = true
		return nil, &contract.Failure{Status: http.StatusServiceUnavailable, Message: "Dropped"} // never sent
	}
	if e.fault.Status != 0 {
		return nil, &contract.Failure{Status: e.fault.Status, Message: e.fault.message()}
	}
	return nil, nil
}

// finish does to an answer what is none of the document's business. What it does is deliberate: nothing checks it.
func (s *Sandbox) finish(a *answer, r *http.Request, e *exchange) {
	if s.config.contract == July2026 {
		if err := toJuly(e.operation, a); err != nil {
			s.logError(r, err)
			a.fail(r, http.StatusInternalServerError, "Internal error")
		}
	}
	if e.fault != nil && e.fault.AfterWork && !e.dropped {
		e.dropped = !e.fault.wait(r.Context()) || e.fault.Drop
		if e.fault.Status != 0 {
			a.fail(r, e.fault.Status, e.fault.message())
		}
	}
	if a.status == http.StatusConflict || a.status >= http.StatusInternalServerError {
		a.header.Set("X-Should-Retry", "false") // or the official SDKs retry for minutes, a conflict too
	}
	if e.fault != nil {
		e.fault.finish(a)
	}
}

// writeFailure also takes note of the operation of a request that has no credentials.
func writeFailure(w http.ResponseWriter, r *http.Request, f *contract.Failure) {
	if f.Operation != nil {
		exchangeOf(r.Context()).operation = f.Operation.ID
	}
	contract.WriteCloudflareFailure(w, r, f)
}

// log leaves out the query, which may hold a name, and all headers.
func (s *Sandbox) log(r *http.Request, e *exchange, a *answer, took time.Duration) {
	if s.config.logger == nil {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.String("operation", e.operation),
		slog.Int("status", a.status),
		slog.Int("bytes", a.body.Len()),
		slog.Duration("took", took),
	}
	if e.fault != nil {
		attrs = append(attrs, slog.Bool("fault", true))
	}
	if e.dropped {
		attrs = append(attrs, slog.Bool("dropped", true))
	}
	s.config.logger.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
}

func (s *Sandbox) logError(r *http.Request, err error) {
	logger := s.config.logger
	if logger == nil {
		logger = slog.Default()
	}
	attrs := []slog.Attr{slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.String("error", err.Error())}
	var panicked *contract.PanicError
	if errors.As(err, &panicked) {
		attrs = append(attrs, slog.String("stack", string(panicked.Stack)))
	}
	logger.LogAttrs(r.Context(), slog.LevelError, "internal error", attrs...)
}

// An answer is a response that is still in our hands.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// fail replaces the answer.
func (a *answer) fail(r *http.Request, status int, message string) {
	a.header = http.Header{}
	a.body.Reset()
	contract.WriteCloudflareFailure(a, r, &contract.Failure{Status: status, Message: message})
}

func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		w.Write(a.body.Bytes())
	}
}
