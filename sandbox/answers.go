package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// refused returns the status of a refusal and its body; 0 for any other error.
func refused(err error) (int, interconnect.Failure) {
	var r *refusal
	if !errors.As(err, &r) {
		return 0, interconnect.Failure{}
	}
	return r.status, interconnect.Failure{Errors: r.details, Messages: []interconnect.FailureDetail{}}
}

// The answers below have members that are null, which the generated types leave out.

func (p page[T]) VisitListSlotsResponse(w http.ResponseWriter) error         { return writeJSON(w, p) }
func (p page[T]) VisitListInterconnectsResponse(w http.ResponseWriter) error { return writeJSON(w, p) }
func (p page[T]) VisitListCNIsResponse(w http.ResponseWriter) error          { return writeJSON(w, p) }

type statusAnswer struct {
	status interconnect.InterconnectStatus
}

func (a statusAnswer) VisitGetInterconnectStatusResponse(w http.ResponseWriter) error {
	type withReason struct {
		State  string  `json:"state"`
		Reason *string `json:"reason"`
	}
	switch v := a.status.Value().(type) {
	case interconnect.StatusDown:
		return writeJSON(w, withReason{string(interconnect.StatusDownStateDown), v.Reason})
	case interconnect.StatusUnhealthy:
		return writeJSON(w, withReason{string(interconnect.StatusUnhealthyStateUnhealthy), v.Reason})
	}
	return interconnect.GetInterconnectStatus200JSONResponse(a.status).VisitGetInterconnectStatusResponse(w)
}

func writeJSON(w http.ResponseWriter, v any) error {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err := body.WriteTo(w)
	return err
}
