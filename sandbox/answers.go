package sandbox

import (
	"errors"
	"net/http"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// refuse returns a refusal as the response to an operation. Any other error is not a refusal, and the handler responds
// to it.
func refuse[T any](err error) (T, error) {
	var none T
	var r *refusal
	if errors.As(err, &r) {
		if a, ok := any(r).(T); ok {
			return a, nil
		}
	}
	return none, err
}

// A refusal is a response of these operations. That they declare its status is checked by the validated handler.

func (r *refusal) VisitGetSlotResponse(w http.ResponseWriter) error               { return r.write(w) }
func (r *refusal) VisitCreateInterconnectResponse(w http.ResponseWriter) error    { return r.write(w) }
func (r *refusal) VisitGetInterconnectResponse(w http.ResponseWriter) error       { return r.write(w) }
func (r *refusal) VisitDeleteInterconnectResponse(w http.ResponseWriter) error    { return r.write(w) }
func (r *refusal) VisitGetInterconnectStatusResponse(w http.ResponseWriter) error { return r.write(w) }
func (r *refusal) VisitGetInterconnectLOAResponse(w http.ResponseWriter) error    { return r.write(w) }
func (r *refusal) VisitGetInterconnectLOADefaultNameResponse(w http.ResponseWriter) error {
	return r.write(w)
}
func (r *refusal) VisitCreateCNIResponse(w http.ResponseWriter) error      { return r.write(w) }
func (r *refusal) VisitGetCNIResponse(w http.ResponseWriter) error         { return r.write(w) }
func (r *refusal) VisitUpdateCNIResponse(w http.ResponseWriter) error      { return r.write(w) }
func (r *refusal) VisitDeleteCNIResponse(w http.ResponseWriter) error      { return r.write(w) }
func (r *refusal) VisitUpdateSettingsResponse(w http.ResponseWriter) error { return r.write(w) }

// write writes Cloudflare's envelope, with all four members.
func (r *refusal) write(w http.ResponseWriter) error {
	body, err := interconnect.Failure{Errors: r.details}.MarshalJSON()
	if err != nil {
		return err
	}
	return contract.Respond(w, r.status, "application/json", append(body, '\n'))
}
