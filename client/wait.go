package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// The defaults of the options of [Client.WaitHealthy].
const (
	DefaultInitialPoll        = 5 * time.Second
	DefaultMaxPoll            = time.Minute
	DefaultUnhealthyTolerance = 10 * time.Minute
)

// maxFailedPolls is how many polls in a row may fail before the wait does. Each of them has the retries of every call.
const maxFailedPolls = 5

// A State is the state of an interconnect's link.
type State string

// The states of a link.
const (
	StatePending   State = State(interconnect.StatusPendingStatePending)
	StateHealthy   State = State(interconnect.StatusHealthyStateHealthy)
	StateUnhealthy State = State(interconnect.StatusUnhealthyStateUnhealthy)
	StateDown      State = State(interconnect.StatusDownStateDown)
)

// StateOf returns the state of a status, and the reason that the service gives for it, which may be empty. The state of the zero
// status is empty. That of a status which the document does not know is the member "state" as it was received.
func StateOf(status interconnect.InterconnectStatus) (state State, reason string) {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	switch v := status.Value().(type) {
	case interconnect.StatusPending:
		return StatePending, ""
	case interconnect.StatusHealthy:
		return StateHealthy, ""
	case interconnect.StatusUnhealthy:
		return StateUnhealthy, text(v.Reason)
	case interconnect.StatusDown:
		return StateDown, text(v.Reason)
	case interconnect.UnknownVariant:
		var other struct {
			State  State  `json:"state"`
			Reason string `json:"reason"`
		}
		_ = json.Unmarshal(v.JSON, &other) // what cannot be read is as good as not given
		return other.State, other.Reason
	}
	return "", ""
}

// A StatusChange reports that the state of a link, or the reason for it, has changed since the last look.
type StatusChange struct {
	Name   string // of the interconnect
	From   State  // empty for the first look
	To     State
	Reason string // for To; may be empty
}

// String gives the change as "direct-iad-a-1: from Pending to Unhealthy, no light received". What is empty or did not change is left out.
func (c StatusChange) String() string {
	s := c.Name + ": "
	if c.From != "" && c.From != c.To {
		s += "from " + string(c.From) + " to "
	}
	s += string(c.To)
	if c.Reason != "" {
		s += ", " + c.Reason
	}
	return s
}

// A WaitError says that an interconnect did not get healthy.
type WaitError struct {
	Name   string // of the interconnect
	State  State  // at the last look; empty if there was none
	Reason string // that the service gave for the state; may be empty

	// Err is why the wait ended if the state was not the cause: the error of the context or of a call. Otherwise it is nil.
	Err error
}

// Error tells name, state, reason and cause.
func (e *WaitError) Error() string {
	s := "interconnect " + e.Name + " is not healthy"
	if e.State != "" {
		s += " but " + string(e.State)
	}
	if e.Reason != "" {
		s += ", " + e.Reason
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *WaitError) Unwrap() error { return e.Err }

// A WaitOption changes how [Client.WaitHealthy] waits.
type WaitOption func(*waitConfig)

type waitConfig struct {
	initial, longest time.Duration
	tolerance        time.Duration
	onChange         func(StatusChange)
}

// WithPollInterval sets how long to wait between two looks: initial at first and after each change, then half as long again each
// time up to longest, give or take half of it. Durations below 1 ms stand for 1 ms. If not specified, it is [DefaultInitialPoll]
// and [DefaultMaxPoll].
func WithPollInterval(initial, longest time.Duration) WaitOption {
	return func(cfg *waitConfig) {
		cfg.initial = max(initial, time.Millisecond)
		cfg.longest = max(longest, cfg.initial)
	}
}

// WithUnhealthyTolerance sets how long a link may be Unhealthy without a break before the wait fails; with zero it fails at once.
// If not specified, it is [DefaultUnhealthyTolerance].
func WithUnhealthyTolerance(d time.Duration) WaitOption {
	return func(cfg *waitConfig) { cfg.tolerance = d }
}

// WithOnChange has f called with each change of the state, the first look included, before WaitHealthy acts on it. The calls come
// from the goroutine of WaitHealthy. If not specified, changes are not reported.
func WithOnChange(f func(StatusChange)) WaitOption {
	return func(cfg *waitConfig) {
		if f != nil {
			cfg.onChange = f
		}
	}
}

// WaitHealthy looks at the state of an interconnect's link until it is Healthy. A port may take weeks: limit the time by the
// context. Every error is a [*WaitError], with the last known state and the reason for it:
//
//   - Pending: it goes on waiting.
//   - Unhealthy: the port sees no light, or too little, which is what a port does while its fibres are being laid. It goes on
//     waiting as long as [WithUnhealthyTolerance] says.
//   - A state that the document does not know: it goes on waiting. A status without any is a look that fails.
//   - Down: it fails at once. How Down differs from Unhealthy is not documented by Cloudflare; we take it as final.
//   - The context ends: errors.Is finds its error.
//   - A look fails: it goes on if a later look may succeed, that is after 408, 429, 500 and above, or without a
//     response, but for no more than 5 looks in a row.
func (c *Client) WaitHealthy(ctx context.Context, name string, opts ...WaitOption) error {
	cfg := waitConfig{
		initial: DefaultInitialPoll, longest: DefaultMaxPoll,
		tolerance: DefaultUnhealthyTolerance,
		onChange:  func(StatusChange) {},
	}
	for _, opt := range opts {
		opt(&cfg)
	}
	pauses := newBackoff(cfg.initial, cfg.longest)
	pauses.Multiplier = 1.5
	last := StatusChange{Name: name}
	fail := func(err error) error { return &WaitError{Name: name, State: last.To, Reason: last.Reason, Err: err} }
	var unhealthySince time.Time
	for failed := 0; ; {
		status, err := c.GetInterconnectStatus(ctx, name)
		state, reason := StateOf(status)
		if err == nil && state == "" {
			err = errNoState
		}
		switch {
		case ctx.Err() != nil:
			return fail(ctx.Err())
		case err != nil:
			if failed++; failed >= maxFailedPolls || !Temporary(err) {
				return fail(err)
			}
		default:
			failed = 0
			if change := (StatusChange{Name: name, From: last.To, To: state, Reason: reason}); change.To != last.To || change.Reason != last.Reason {
				last = change
				cfg.onChange(change)
				pauses.Reset()
			}
			switch state {
			case StateHealthy:
				return nil
			case StateDown:
				return fail(nil)
			case StateUnhealthy:
				if unhealthySince.IsZero() {
					unhealthySince = time.Now()
				}
				if time.Since(unhealthySince) >= cfg.tolerance {
					return fail(nil)
				}
			default:
				unhealthySince = time.Time{}
			}
		}
		if err := sleep(ctx, pauses.NextBackOff()); err != nil {
			return fail(err)
		}
	}
}

var errNoState = errors.New("the status has no state")

// Temporary reports whether a call that reads, and failed with err, may succeed later: after 408, 429, 500 and above, and without a
// response.
func Temporary(err error) bool {
	var (
		api      *APIError
		request  *RequestError
		response *ResponseError
	)
	switch {
	case errors.As(err, &api):
		return api.StatusCode == http.StatusRequestTimeout || api.StatusCode == http.StatusTooManyRequests || api.StatusCode >= 500
	case errors.As(err, &request), errors.As(err, &response):
		return false
	}
	return true
}
