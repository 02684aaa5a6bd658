package sandbox

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/inflight"
	"github.com/interconnect-go/interconnect/internal/loopback"
)

// A Sandbox is a fake of the service. Make one with [New], [NewServer] or [Open]. Its methods may be called at any
// time, also while it serves.
type Sandbox struct {
	config  config
	store   *store
	faults  faults
	journal journal
	changed *signal // raised for [Sandbox.Changed]
	limits  limits

	atRoot, atBasePath, atControlPath http.Handler
}

// New returns a sandbox in which nothing has been ordered yet. Its state is in memory, and gone with the process. It
// serves the API below [interconnect.BasePath] and, for the test suites of the official SDKs, at the root. Below
// [ControlPath] it serves the control API.
//
// New panics if an option is not valid.
func New(opts ...Option) *Sandbox {
	c := newConfig(opts)
	store, err := newStore(c)
	if err != nil {
		panic(err)
	}
	return newSandbox(c, store)
}

// Open is [New] for a sandbox whose state is in a file, so that it outlives the process. A file that does not exist is
// made. A change is on the disk, whole, before it is answered. Call [Sandbox.Close] in the end; a process that is
// killed loses nothing, though.
//
// A change that cannot be written is not made: because the disk is full, for example, or because the file was deleted,
// replaced or truncated. It is answered with 500 and logged as an error, and no change is accepted any more. The state
// can still be read.
//
// The file keeps everything that a [Snapshot] has. It also knows the seed and the slots that it was made with: it can
// only be opened with the same. All other options may differ from one time to the next, and faults are not kept.
// Opening verifies the whole file, so that a damaged one is refused.
//
// The error says that an option is not valid, or names the file: it cannot be opened, another process has it open
// (after a second of waiting), it is empty or damaged, or it was made with another seed or other slots.
func Open(path string, opts ...Option) (*Sandbox, error) {
	c := newConfig(opts)
	store, err := openStore(path, c)
	if err != nil {
		return nil, err
	}
	return newSandbox(c, store), nil
}

func newSandbox(c config, store *store) *Sandbox {
	s := &Sandbox{config: c, store: store, changed: store.changed, limits: newLimits()}
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
	s.atControlPath = localOnly(control.NewHandler(&controller{s}, contract.HandlerOptions{
		BasePath: ControlPath,
		MaxBody:  maxSnapshot,
		OnError:  s.logError,
	}))
	return s
}

// localOnly keeps the pages of other sites away from what asks for no credentials.
func localOnly(next http.Handler) http.Handler {
	ownPagesOnly := http.NewCrossOriginProtection()
	ownPagesOnly.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		contract.WriteProblem(w, r, &contract.Failure{Status: http.StatusForbidden, Message: "This path is not for the pages of other sites"})
	}))
	return ownHostOnly(ownPagesOnly.Handler(next))
}

// ownHostOnly refuses requests that a page of another site can send by DNS rebinding, see [loopback.Foreign].
func ownHostOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if loopback.Foreign(r) {
			contract.WriteProblem(w, r, &contract.Failure{
				Status: http.StatusForbidden, Message: "This path is for requests to localhost or a loopback address only",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Close closes the file of a sandbox that [Open] has made. Later changes are answered with 500; what has been read from
// it can still be asked for. Without a file, Close does nothing.
func (s *Sandbox) Close() error { return s.store.close() }

// Now is the time that the sandbox goes by.
func (s *Sandbox) Now() time.Time { return s.store.now() }

// Advance moves the clock of the sandbox on, so that a test need not wait for a link to be Healthy. The error says that
// the data file cannot be written, or that the clock would be more than 292 years away from the one that it follows.
func (s *Sandbox) Advance(d time.Duration) error {
	if err := s.store.advance(d); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// SetStatus sets the state of an interconnect's link. From then on time does not change it, until
// [Sandbox.ClearStatus]. The reason of a status that is Down or Unhealthy may be nil; clients get null. The error says
// that there is no such interconnect, that the status is the zero value, or that the data file cannot be written.
func (s *Sandbox) SetStatus(account interconnect.AccountID, name string, status interconnect.InterconnectStatus) error {
	if status.Value() == nil {
		return errors.New("sandbox: the status is the zero value; make one with interconnect.NewInterconnectStatus")
	}
	return s.setStatus(account, name, &status)
}

// ClearStatus hands the state of an interconnect's link back to the clock. The error says that there is no such
// interconnect, or that the data file cannot be written.
func (s *Sandbox) ClearStatus(account interconnect.AccountID, name string) error {
	return s.setStatus(account, name, nil)
}

func (s *Sandbox) setStatus(account interconnect.AccountID, name string, status *interconnect.InterconnectStatus) error {
	if err := s.store.setStatus(account, name, status); err != nil {
		return fmt.Errorf("sandbox: account %s: %w", account, err)
	}
	return nil
}

// Snapshot returns the whole state, for [Sandbox.Restore] to come back to.
func (s *Sandbox) Snapshot() Snapshot { return s.store.snapshot() }

// Restore replaces the whole state. Faults are kept. The error says what does not fit together in a snapshot that
// was edited, that it needs a slot that is not in the catalogue, or that the data file cannot be written; then nothing
// has changed.
func (s *Sandbox) Restore(snapshot Snapshot) error {
	if err := s.store.restore(snapshot); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// Reset makes the sandbox as it was when it was new: nothing is ordered, the clock is not advanced, no fault is
// waiting. Names and IDs are assigned from the beginning again. The error says that the data file cannot be written;
// then nothing has changed.
func (s *Sandbox) Reset() error {
	if err := s.Restore(Snapshot{}); err != nil {
		return err
	}
	s.ClearFaults()
	return nil
}

// TunnelID returns the ID of the Magic interconnect that belongs to a CNI, which list_cnis takes as tunnel_id: that of
// the CNI, written without dashes.
func TunnelID(cni uuid.UUID) string { return hex.EncodeToString(cni[:]) }

// An exchange is what the parts of the sandbox know of the request that they serve.
type exchange struct {
	operation string // empty if none is asked for
	admitted  bool
	fault     *Fault
	dropped   bool

	body       *requestBody
	connection *http.ResponseController
}

// wait waits as the fault says, however long a server lets a request take. It returns false if the client went away.
func (e *exchange) wait(ctx context.Context) bool {
	if e.fault.Delay > 0 {
		e.body.readAhead()
		_, _ = e.connection.SetReadDeadline(time.Time{}), e.connection.SetWriteDeadline(time.Time{}) // what is not a connection has none
	}
	return e.fault.wait(ctx)
}

type exchangeKey struct{}

// exchangeOf returns what ServeHTTP has put into the context.
func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// ServeHTTP implements [http.Handler]. A fault that drops the connection panics with [http.ErrAbortHandler], as the
// handlers of a server do.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	e := &exchange{connection: http.NewResponseController(w)}
	e.body = &requestBody{limits: s.limits, body: r.Body, connection: e.connection, ctx: r.Context()}
	original := r
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
	if !e.body.ended() {
		r.Body = e.body
	}

	a := &answer{header: http.Header{}, status: http.StatusOK}
	handler, isAPI := s.atRoot, true
	switch path := r.URL.Path; {
	case s.atControlPath != nil && strings.HasPrefix(path, ControlPath+"/"): // examples have nothing to control
		handler, isAPI = s.atControlPath, false
	case strings.HasPrefix(path, interconnect.BasePath+"/"):
		handler = s.atBasePath
	}
	if isAPI && s.config.credentials.tokens == nil && loopback.Foreign(r) {
		a.fail(r, &contract.Failure{Status: http.StatusForbidden, Message: "This sandbox takes any credentials, so it is asked for " +
			"by the name localhost or a loopback address only; with tokens of its own it can have any name"})
	} else {
		handler.ServeHTTP(a, r)
	}
	e.body.decoded()
	if failure := e.body.failure(); failure != nil {
		a.fail(r, failure)
	}
	if isAPI {
		s.finish(a, r, e)
	}
	size := int64(a.body.Len())
	if s.limits.inFlight.Take(size) {
		defer s.limits.inFlight.Give(size)
	} else {
		a.fail(r, busy())
	}
	s.log(r, e, a, time.Since(start))
	if s.store != nil { // examples have nothing to look at
		s.journal.add(newRequest(r, e, a, start))
		s.changed.raise()
	}
	if e.dropped {
		panic(http.ErrAbortHandler)
	}
	if !e.body.ended() {
		inflight.CloseUnread(w, original)
	}
	a.send(w, r)
}

// authenticate is called by the validated handler as soon as it knows the operation, which makes it the place for
// faults.
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
	if !e.wait(r.Context()) || e.fault.Drop {
		e.dropped = true
		return nil, &contract.Failure{Status: http.StatusServiceUnavailable, Message: "Dropped"} // never sent
	}
	if e.fault.Status != 0 {
		return nil, &contract.Failure{Status: e.fault.Status, Message: e.fault.message()}
	}
	return nil, nil
}

// finish does to a response what the document does not describe. What it does is deliberate: nothing checks it.
func (s *Sandbox) finish(a *answer, r *http.Request, e *exchange) {
	if s.config.contract == July2026 {
		if err := toJuly(e.operation, a); err != nil {
			s.logError(r, err)
			a.fail(r, &contract.Failure{Status: http.StatusInternalServerError, Message: "Internal error"})
		}
	}
	if e.fault != nil && e.fault.AfterWork && !e.dropped {
		e.dropped = !e.wait(r.Context()) || e.fault.Drop
		if e.fault.Status != 0 {
			a.fail(r, &contract.Failure{Status: e.fault.Status, Message: e.fault.message()})
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
	cloudflare.WriteFailure(w, r, f)
}

// maxLogged is how much of a path or of an error is logged, in bytes.
const maxLogged = 1000

// log leaves out the query, which may hold a name, and all headers.
func (s *Sandbox) log(r *http.Request, e *exchange, a *answer, took time.Duration) {
	if s.config.logger == nil {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", cut(r.Method, maxLogged)),
		slog.String("path", cut(r.URL.Path, maxLogged)),
	}
	if e.operation != "" {
		attrs = append(attrs, slog.String("operation", e.operation))
	}
	attrs = append(attrs,
		slog.Int("status", a.status),
		slog.Int("bytes", a.body.Len()),
		slog.Duration("took", took),
	)
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
	attrs := []slog.Attr{slog.String("method", cut(r.Method, maxLogged)), slog.String("path", cut(r.URL.Path, maxLogged)),
		slog.String("error", cut(err.Error(), maxLogged))}
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

// fail replaces the response.
func (a *answer) fail(r *http.Request, f *contract.Failure) {
	a.header = f.Header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	a.body.Reset()
	write := cloudflare.WriteFailure
	if strings.HasPrefix(r.URL.Path, ControlPath+"/") {
		write = contract.WriteProblem
	}
	write(a, r, f)
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
