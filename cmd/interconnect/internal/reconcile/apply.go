package reconcile

import (
	"context"
	"errors"
	"fmt"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
)

// An ApplyError is the error of the step that a plan ended with.
type ApplyError struct {
	Step *Step // the one that has failed, or is in doubt; the next one if the context ended between two
	Left int   // the number of steps that were not tried
	Err  error
}

func (e *ApplyError) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }
func (e *ApplyError) Unwrap() error { return e.Err }

// Apply does the steps of a plan that has no problems, one after the other, and ends with the first that fails:
// whatever follows may depend on it. It sets the status of each step, and calls done with each that is done. Every
// error is an [*ApplyError].
func (p *Plan) Apply(ctx context.Context, c *client.Client, done func(*Step)) error {
	if len(p.Problems) > 0 {
		return p.Problems
	}
	for i, step := range p.Steps {
		if err := ctx.Err(); err != nil {
			return &ApplyError{step, len(p.Steps) - i, err}
		}
		var err error
		if step.Result, err = step.do(ctx, c); err != nil {
			if step.Status = statusOf(err); step.Result != "" {
				step.Status = InDoubt // a later request of several has failed
			}
			return &ApplyError{step, len(p.Steps) - i - 1, err}
		}
		step.Status = Done
		done(step)
	}
	return nil
}

// statusOf returns Failed only if the step has certainly not had its effect.
func statusOf(err error) Status {
	var (
		unknown  *client.UnknownOutcomeError
		response *contract.ResponseError
		halfDone *HalfDoneError
	)
	if errors.As(err, &unknown) || errors.As(err, &response) || errors.As(err, &halfDone) {
		return InDoubt
	}
	return Failed
}
