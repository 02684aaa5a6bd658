package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/client"
)

// Pages without items that always name a next one end at some time.
func TestEmptyPagesEnd(t *testing.T) {
	n := 0
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		items := ""
		if n++; n%60 == 0 && n <= 180 { // which ends a row of empty pages
			items = slotJSON
		}
		fmt.Fprintf(w, `{"items":[%s],"next":%d}`, items, n)
	}))
	var slots int
	var errs []error
	for _, err := range newClient(t, s.URL).ListSlots(t.Context(), nil) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		slots++
	}
	if slots != 3 || len(errs) != 1 || !errors.Is(errs[0], client.ErrEmptyPages) || !strings.Contains(errs[0].Error(), "list_slots: 100 pages in a row") {
		t.Errorf("%d slots, errors %v; want 3 and one ErrEmptyPages", slots, errs)
	}
	s.wantCount(t, "GET", 180+100)
}

// A success that is not an object is not understood, whatever the types of the document would make of it. Its body is
// kept.
func TestResponsesAreObjects(t *testing.T) {
	for _, body := range []string{`null`, ` null `, `[]`, `7`, `false`, `"direct-iad-a-1"`, `[{"type":"direct"}]`} {
		s := newServer(t, answer(200, jsonHeader, body))
		w := &world{}
		for operation, call := range calls {
			if slices.Contains([]string{"delete_interconnect", "delete_cni", "get_interconnect_loa"}, operation) {
				continue // no JSON is expected
			}
			_, err := call(t.Context(), newClient(t, s.URL), w.named("x"))
			var response *client.ResponseError
			var invalid *client.ValidationError
			if !errors.As(err, &response) || response.Status != 200 || string(response.Body) != body || !errors.As(err, &invalid) {
				t.Errorf("%s, %s: got %v, want a ResponseError with the body", operation, body, err)
			}
		}
	}
}
