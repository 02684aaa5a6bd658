package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// AnyOperation stands for all operations in [Sandbox.Fail].
const AnyOperation = "*"

// A Fault is a failure for a client to cope with. Its parts can be combined: with a Delay and a Drop, the connection is dropped
// after the delay.
//
// A fault hits only requests with accepted credentials. One that comes before the work hits before the request is checked.
type Fault struct {
	// Times is how many calls the fault hits. Zero means one; a negative number means all, until [Sandbox.ClearFaults].
	Times int

	// AfterWork lets the operation do its work first; the fault then replaces or holds back the response. Otherwise a
	// fault with a Status or a Drop keeps the operation from being done.
	AfterWork bool

	// Delay is how long to wait, in real time. The wait ends early when the client goes away; the operation is then not done,
	// unless AfterWork is set.
	Delay time.Duration

	// Drop closes the connection without a response. Go's [http.Transport] sends a GET again, once, if that connection had
	// served another request before; so may others.
	Drop bool

	// Status answers with a failure of this status, 300 to 599.
	Status int

	// Message is the message of that failure. If not specified, it is the text of the status.
	Message string

	// RetryAfter goes into the header Retry-After, in seconds, rounded up. If not specified, the header is left out.
	RetryAfter time.Duration

	// Header is added to the response. It replaces headers of the same name that the sandbox sends, such as
	// X-Should-Retry, which is false for 409 and for 500 and above. A Retry-After with a date can be given here.
	Header http.Header

	// Malformed cuts the body of the response in the middle.
	Malformed bool
}

// problem says why the fault does nothing, or what cannot be done, and which member is at fault, if it is one; empty if all is well.
func (f Fault) problem(operationID string) (pointer, text string) {
	ids := []string{AnyOperation}
	for _, op := range interconnect.Operations() {
		ids = append(ids, op.ID)
	}
	switch {
	case !slices.Contains(ids, operationID):
		return "/operation", fmt.Sprintf("there is no operation %q; there are %s", short(operationID), strings.Join(ids, ", "))
	case f.Status != 0 && (f.Status < 300 || f.Status > 599):
		return "/status", fmt.Sprintf("the status of a fault is %d, want 300 to 599", f.Status)
	case f.Delay <= 0 && !f.Drop && f.Status == 0 && !f.Malformed && f.RetryAfter <= 0 && len(f.Header) == 0:
		return "", "the fault does nothing"
	}
	return "", ""
}

// Fail makes the next calls of an operation fail; operationID is that of the document, such as "create_interconnect", or
// [AnyOperation]. Several faults for one call are used one after the other, in the order in which they were given.
//
// Fail panics if there is no such operation, or if the fault does nothing: then the test that wants it is at fault.
func (s *Sandbox) Fail(operationID string, fault Fault) {
	if _, problem := fault.problem(operationID); problem != "" {
		panic("sandbox: " + problem)
	}
	s.faults.add(operationID, fault)
	s.changed.raise()
}

// ClearFaults takes back all faults that have not hit yet.
func (s *Sandbox) ClearFaults() {
	s.faults.clear()
	s.changed.raise()
}

// faults are those that have still to hit.
type faults struct {
	mu    sync.Mutex
	queue []*queuedFault
}

type queuedFault struct {
	operationID string
	Fault
}

func (f *faults) add(operationID string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault.Header = fault.Header.Clone()
	if fault.Times == 0 {
		fault.Times = 1
	}
	f.queue = append(f.queue, &queuedFault{operationID, fault})
}

// list returns a copy of what waits.
func (f *faults) list() []queuedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []queuedFault
	for _, q := range f.queue {
		list = append(list, *q)
	}
	return list
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = nil
}

// take returns the fault for a call, nil if there is none.
func (f *faults) take(operationID string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.queue, func(q *queuedFault) bool { return q.operationID == operationID || q.operationID == AnyOperation })
	if i < 0 {
		return nil
	}
	q := f.queue[i]
	if q.Times > 0 {
		if q.Times--; q.Times == 0 {
			f.queue = slices.Delete(f.queue, i, i+1)
		}
	}
	return new(q.Fault)
}

// wait returns false if the client went away.
func (f *Fault) wait(ctx context.Context) bool {
	if f.Delay <= 0 {
		return true
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *Fault) message() string {
	switch {
	case f.Message != "":
		return f.Message
	case http.StatusText(f.Status) != "":
		return http.StatusText(f.Status)
	}
	return "Status " + strconv.Itoa(f.Status)
}

// finish changes a response that is otherwise complete.
func (f *Fault) finish(a *answer) {
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
	if f.Malformed {
		if a.body.Len() == 0 {
			a.body.WriteString("{}")
		}
		a.body.Truncate(a.body.Len() / 2)
	}
}
