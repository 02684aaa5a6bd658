package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// ControlPath stands before the paths of the control API, whose client and types are in the package control.
const ControlPath = "/_sandbox"

// A controller puts the methods of a sandbox behind the operations of the control API.
type controller struct {
	sandbox *Sandbox
}

var _ control.StrictServerInterface = (*controller)(nil)

// ListAccounts counts what each account has.
func (c *controller) ListAccounts(context.Context, control.ListAccountsRequestObject) (control.ListAccountsResponseObject, error) {
	return control.ListAccounts200JSONResponse{Items: c.sandbox.store.countAccounts()}, nil
}

// ListInterconnects lists those of one account or all.
func (c *controller) ListInterconnects(_ context.Context, r control.ListInterconnectsRequestObject) (control.ListInterconnectsResponseObject, error) {
	return control.ListInterconnects200JSONResponse{Items: c.sandbox.store.survey(r.Params.Account)}, nil
}

// SetStatus sets the state of a link.
func (c *controller) SetStatus(_ context.Context, r control.SetStatusRequestObject) (control.SetStatusResponseObject, error) {
	if err := c.sandbox.SetStatus(r.AccountID, r.InterconnectName, statusFrom(*r.Body)); err != nil {
		return refuseControl[control.SetStatusResponseObject](err)
	}
	seen, err := c.sandbox.store.inspect(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuseControl[control.SetStatusResponseObject](err)
	}
	return control.SetStatus200JSONResponse(seen), nil
}

// ClearStatus hands it back to the clock.
func (c *controller) ClearStatus(_ context.Context, r control.ClearStatusRequestObject) (control.ClearStatusResponseObject, error) {
	if err := c.sandbox.ClearStatus(r.AccountID, r.InterconnectName); err != nil {
		return refuseControl[control.ClearStatusResponseObject](err)
	}
	seen, err := c.sandbox.store.inspect(r.AccountID, r.InterconnectName)
	if err != nil {
		return refuseControl[control.ClearStatusResponseObject](err)
	}
	return control.ClearStatus200JSONResponse(seen), nil
}

// GetClock reads the clock.
func (c *controller) GetClock(context.Context, control.GetClockRequestObject) (control.GetClockResponseObject, error) {
	return control.GetClock200JSONResponse(c.sandbox.store.readClock()), nil
}

// AdvanceClock moves the clock on.
func (c *controller) AdvanceClock(_ context.Context, r control.AdvanceClockRequestObject) (control.AdvanceClockResponseObject, error) {
	var wrong findings
	by := durationFrom(&wrong, "/by", &r.Body.By)
	err := wrong.err()
	if err == nil {
		err = c.sandbox.Advance(by)
	}
	if err != nil {
		return refuseControl[control.AdvanceClockResponseObject](err)
	}
	return control.AdvanceClock200JSONResponse(c.sandbox.store.readClock()), nil
}

// Reset starts over.
func (c *controller) Reset(context.Context, control.ResetRequestObject) (control.ResetResponseObject, error) {
	if err := c.sandbox.Reset(); err != nil {
		return refuseControl[control.ResetResponseObject](err)
	}
	return control.Reset204Response{}, nil
}

// GetSnapshot reads the whole state.
func (c *controller) GetSnapshot(context.Context, control.GetSnapshotRequestObject) (control.GetSnapshotResponseObject, error) {
	return c.sandbox.Snapshot(), nil
}

// VisitGetSnapshotResponse implements an interface of the package control, whose own Snapshot holds less exact types.
func (s Snapshot) VisitGetSnapshotResponse(w http.ResponseWriter) error {
	return writeJSON(w, http.StatusOK, "application/json", s)
}

// RestoreSnapshot replaces it.
func (c *controller) RestoreSnapshot(_ context.Context, r control.RestoreSnapshotRequestObject) (control.RestoreSnapshotResponseObject, error) {
	snapshot, err := snapshotFrom(r.Body)
	if err == nil {
		err = c.sandbox.Restore(snapshot)
	}
	if err != nil {
		return refuseControl[control.RestoreSnapshotResponseObject](err)
	}
	return control.RestoreSnapshot204Response{}, nil
}

// ListFaults lists what waits.
func (c *controller) ListFaults(context.Context, control.ListFaultsRequestObject) (control.ListFaultsResponseObject, error) {
	list := control.FaultList{Items: []control.Fault{}}
	for _, q := range c.sandbox.faults.list() {
		list.Items = append(list.Items, q.show())
	}
	return control.ListFaults200JSONResponse(list), nil
}

// maxFaults is how many faults of the control API can wait.
const maxFaults = 1000

// AddFault makes calls fail.
func (c *controller) AddFault(_ context.Context, r control.AddFaultRequestObject) (control.AddFaultResponseObject, error) {
	q, err := faultFrom(*r.Body)
	if err == nil && len(c.sandbox.faults.list()) >= maxFaults {
		var wrong findings
		wrong.add("", "%d faults wait already; clear some, or give one of them more times", maxFaults)
		err = wrong.err()
	}
	if err != nil {
		return refuseControl[control.AddFaultResponseObject](err)
	}
	c.sandbox.Fail(q.operationID, q.Fault)
	return control.AddFault201JSONResponse(q.show()), nil
}

// ClearFaults takes back what waits.
func (c *controller) ClearFaults(context.Context, control.ClearFaultsRequestObject) (control.ClearFaultsResponseObject, error) {
	c.sandbox.ClearFaults()
	return control.ClearFaults204Response{}, nil
}

// ---- Refusals ----

// refuseControl returns a refusal as the response to an operation of the control API.
func refuseControl[T any](err error) (T, error) {
	var none T
	var r *refusal
	if errors.As(err, &r) {
		if a, ok := any(problem{r}).(T); ok {
			return a, nil
		}
	}
	return none, err
}

// A problem is a refusal by the control API.
type problem struct{ *refusal }

func (p problem) VisitSetStatusResponse(w http.ResponseWriter) error       { return p.write(w) }
func (p problem) VisitClearStatusResponse(w http.ResponseWriter) error     { return p.write(w) }
func (p problem) VisitAdvanceClockResponse(w http.ResponseWriter) error    { return p.write(w) }
func (p problem) VisitResetResponse(w http.ResponseWriter) error           { return p.write(w) }
func (p problem) VisitRestoreSnapshotResponse(w http.ResponseWriter) error { return p.write(w) }
func (p problem) VisitAddFaultResponse(w http.ResponseWriter) error        { return p.write(w) }

// write has the form that the validated handler's own failures have.
func (p problem) write(w http.ResponseWriter) error {
	body := control.Problem{Title: http.StatusText(p.status), Status: p.status, Detail: "Invalid request"}
	if p.status != http.StatusBadRequest {
		body.Detail = p.Error()
		return writeJSON(w, p.status, "application/problem+json", body)
	}
	const most = 100
	for i, d := range p.details {
		if i == most {
			body.Errors = append(body.Errors, control.ProblemError{Detail: "and more"})
			break
		}
		e := control.ProblemError{Detail: d.Message, In: new("body")}
		if d.Source != nil {
			e.Pointer, e.Detail = d.Source.Pointer, *d.Source.Pointer+": "+d.Message
		}
		body.Errors = append(body.Errors, e)
	}
	return writeJSON(w, p.status, "application/problem+json", body)
}

// ---- The types of the control API ----

func statusFrom(s control.Status) interconnect.InterconnectStatus {
	switch v := s.Value().(type) {
	case control.StatusHealthy:
		return interconnect.NewInterconnectStatus(interconnect.StatusHealthy{})
	case control.StatusUnhealthy:
		return interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: v.Reason})
	case control.StatusDown:
		return interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: v.Reason})
	}
	return interconnect.NewInterconnectStatus(interconnect.StatusPending{})
}

func showStatus(s interconnect.InterconnectStatus) control.Status {
	switch v := s.Value().(type) {
	case interconnect.StatusHealthy:
		return control.NewStatus(control.StatusHealthy{})
	case interconnect.StatusUnhealthy:
		return control.NewStatus(control.StatusUnhealthy{Reason: v.Reason})
	case interconnect.StatusDown:
		return control.NewStatus(control.StatusDown{Reason: v.Reason})
	}
	return control.NewStatus(control.StatusPending{})
}

// durationFrom returns 0 for one that is absent.
func durationFrom(f *findings, pointer string, text *control.Duration) time.Duration {
	if text == nil {
		return 0
	}
	d, err := time.ParseDuration(*text)
	if err != nil { // the document has a pattern for it
		f.add(pointer, "the duration is longer than 292 years")
	}
	return d
}

// showDuration leaves out what is 0.
func showDuration(d time.Duration) *control.Duration {
	if d <= 0 {
		return nil
	}
	return new(d.String())
}

// faultFrom refuses a fault that does nothing.
func faultFrom(f control.Fault) (queuedFault, error) {
	var wrong findings
	q := queuedFault{}
	base := func(operationID string, times *int, afterWork *bool, delay *control.Duration) {
		q.operationID, q.Times, q.AfterWork = operationID, or(times, 0), or(afterWork, false)
		q.Delay = durationFrom(&wrong, "/delay", delay)
	}
	finish := func(retryAfter *control.Duration, headers control.FaultHeaders, malformed *bool) {
		q.RetryAfter, q.Malformed = durationFrom(&wrong, "/retry_after", retryAfter), or(malformed, false)
		q.Header = http.Header(headers)
	}
	switch v := f.Value().(type) {
	case control.FailureFault:
		base(v.Operation, v.Times, v.AfterWork, v.Delay)
		finish(v.RetryAfter, v.Headers, v.Malformed)
		q.Status, q.Message = v.Status, or(v.Message, "")
	case control.DropFault:
		base(v.Operation, v.Times, v.AfterWork, v.Delay)
		q.Drop = true
	case control.DelayFault:
		base(v.Operation, v.Times, v.AfterWork, &v.Delay)
	case control.AlterFault:
		base(v.Operation, v.Times, v.AfterWork, v.Delay)
		finish(v.RetryAfter, v.Headers, v.Malformed)
		if q.RetryAfter <= 0 && len(q.Header) == 0 && !q.Malformed {
			wrong.add("", "the fault alters nothing; set retry_after, headers or malformed")
		}
	}
	if q.Times == 0 {
		q.Times = 1
	}
	if pointer, problem := q.problem(q.operationID); problem != "" && len(wrong) == 0 {
		wrong.add(pointer, "%s", problem)
	}
	return q, wrong.err()
}

func or[T any](p *T, absent T) T {
	if p == nil {
		return absent
	}
	return *p
}

// show has the kind that says most about the fault.
func (q queuedFault) show() control.Fault {
	var afterWork, malformed *bool
	if q.AfterWork {
		afterWork = new(true)
	}
	if q.Malformed {
		malformed = new(true)
	}
	var headers control.FaultHeaders
	if len(q.Header) > 0 {
		headers = control.FaultHeaders(q.Header)
	}
	times, delay, retryAfter := new(q.Times), showDuration(q.Delay), showDuration(q.RetryAfter)
	switch {
	case q.Drop:
		return control.NewFault(control.DropFault{Operation: q.operationID, Times: times, AfterWork: afterWork, Delay: delay})
	case q.Status != 0:
		f := control.FailureFault{Operation: q.operationID, Times: times, AfterWork: afterWork, Delay: delay,
			Status: q.Status, RetryAfter: retryAfter, Headers: headers, Malformed: malformed}
		if q.Message != "" {
			f.Message = &q.Message
		}
		return control.NewFault(f)
	case retryAfter != nil || headers != nil || q.Malformed:
		return control.NewFault(control.AlterFault{Operation: q.operationID, Times: times, AfterWork: afterWork, Delay: delay,
			RetryAfter: retryAfter, Headers: headers, Malformed: malformed})
	}
	return control.NewFault(control.DelayFault{Operation: q.operationID, Times: times, AfterWork: afterWork, Delay: q.Delay.String()})
}

// snapshotFrom makes a snapshot of one that is valid by the document of the control API. It empties the body on its way, which can be
// large.
func snapshotFrom(body *control.Snapshot) (Snapshot, error) {
	var wrong findings
	advanced, err := time.ParseDuration(body.Advanced)
	if err != nil {
		wrong.add("/advanced", "%v", err)
	}
	t := tables{Advanced: clockRecord(advanced)}
	for _, a := range body.Accounts {
		t.Accounts = append(t.Accounts, accountRecord{ID: a.Account, Created: a.Created, DefaultASN: a.DefaultASN})
	}
	for i, ic := range body.Interconnects {
		r := &interconnectRecord{Position: ic.Position, Created: ic.Created}
		if ic.Status.Value() != nil {
			r.Status = new(statusFrom(ic.Status))
		}
		wrong.under(fmt.Sprintf("/interconnects/%d/interconnect", i), func(f *findings) {
			r.Value = member[interconnect.Interconnect](f, ic.Interconnect, "nsc_Interconnect")
		})
		body.Interconnects[i].Interconnect = nil
		t.Interconnects = append(t.Interconnects, r)
	}
	for i, cni := range body.CNIs {
		r := &cniRecord{Position: cni.Position}
		wrong.under(fmt.Sprintf("/cnis/%d/cni", i), func(f *findings) {
			r.Value = member[interconnect.CNI](f, cni.CNI, "nsc_Cni")
		})
		body.CNIs[i].CNI = nil
		t.CNIs = append(t.CNIs, r)
	}
	for _, key := range body.PairingKeys {
		t.PairingKeys = append(t.PairingKeys, pairingKeyRecord(key))
	}
	return Snapshot{t}, wrong.err()
}

// member reads an object of the API that the document of the control API leaves open.
func member[T any](wrong *findings, object map[string]any, schema string) T {
	var v T
	text, err := json.Marshal(object)
	if err == nil {
		v, err = decode[T](text, interconnect.Schemas()[schema])
	}
	wrong.addError(err)
	return v
}

// ---- The store ----

func (s *store) readClock() control.Clock {
	s.mu.Lock()
	defer s.mu.Unlock()
	return control.Clock{Now: s.time(), Advanced: s.state.advanced.String()}
}

func (s *store) countAccounts() []control.Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	accounts := []control.Account{}
	for _, a := range s.state.sorted() {
		accounts = append(accounts, control.Account{ID: a.ID, Interconnects: len(a.interconnects), CNIs: len(a.cnis), DefaultASN: a.DefaultASN})
	}
	return accounts
}

// survey lists the interconnects of an account, or of all.
func (s *store) survey(accountID *interconnect.AccountID) []control.Interconnect {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []control.Interconnect{}
	for _, a := range s.state.sorted() {
		if !is(accountID, a.ID) {
			continue
		}
		for _, r := range a.interconnects {
			list = append(list, s.show(r))
		}
	}
	return list
}

func (s *store) inspect(accountID interconnect.AccountID, name string) (control.Interconnect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.find(accountID, name)
	if err != nil {
		return control.Interconnect{}, err
	}
	return s.show(r), nil
}

func (s *store) show(r *interconnectRecord) control.Interconnect {
	shown := control.Interconnect{
		Account:   r.account(),
		Name:      r.name(),
		Type:      control.InterconnectTypeGCPPartner,
		Status:    showStatus(s.status(r)),
		StatusSet: r.Status != nil,
		Created:   r.Created,
	}
	if physical, ok := r.Value.Value().(interconnect.PhysicalInterconnect); ok {
		shown.Type, shown.Slot = control.InterconnectTypeDirect, &physical.SlotID
	}
	return shown
}

// writeJSON writes a value that checks itself while it is encoded.
func writeJSON(w http.ResponseWriter, status int, contentType string, v json.Marshaler) error {
	body, err := v.MarshalJSON()
	if err != nil {
		return err
	}
	return contract.Respond(w, status, contentType, append(body, '\n'))
}
