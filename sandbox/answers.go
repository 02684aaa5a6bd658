package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// refuse returns a refusal as the answer to an operation. Any other error is none, and is for the handler to answer.
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

// A refusal is an answer to these operations. That they declare its status is checked by the validated handler.

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

// write gives Cloudflare's envelope all four members, as the validated handler does in its own failures.
func (r *refusal) write(w http.ResponseWriter) error {
	return writeJSON(w, r.status, "application/json", struct {
		Success  bool                         `json:"success"`
		Errors   []interconnect.FailureDetail `json:"errors"`
		Messages []string                     `json:"messages"`
		Result   *string                      `json:"result"`
	}{Errors: r.details, Messages: []string{}})
}

// The answers below have members that are null, which the generated types leave out.

func (p page[T]) VisitListSlotsResponse(w http.ResponseWriter) error         { return p.write(w) }
func (p page[T]) VisitListInterconnectsResponse(w http.ResponseWriter) error { return p.write(w) }
func (p page[T]) VisitListCNIsResponse(w http.ResponseWriter) error          { return p.write(w) }

func (p page[T]) write(w http.ResponseWriter) error {
	return writeJSON(w, http.StatusOK, "application/json", p)
}

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
		return writeJSON(w, http.StatusOK, "application/json", withReason{string(interconnect.StatusDownStateDown), v.Reason})
	case interconnect.StatusUnhealthy:
		return writeJSON(w, http.StatusOK, "application/json", withReason{string(interconnect.StatusUnhealthyStateUnhealthy), v.Reason})
	}
	return interconnect.GetInterconnectStatus200JSONResponse(a.status).VisitGetInterconnectStatusResponse(w)
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) error {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, err := body.WriteTo(w)
	return err
}
