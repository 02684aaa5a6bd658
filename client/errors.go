package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/interconnect-go/interconnect/contract"
)

// What calls return from the package contract, under names of this package.
type (
	// A RequestError says that a request is invalid and was not sent.
	RequestError = contract.RequestError

	// A ResponseError is a response that the document does not describe and that cannot be understood nonetheless. It keeps status,
	// header and body.
	ResponseError = contract.ResponseError

	// A ValidationError has everything that is wrong with a request or a response. It is the Err of a RequestError, of a
	// ResponseError or of an [ItemError], if that is about a value.
	ValidationError = contract.ValidationError

	// A Violation is one rule of the document that a value breaks.
	Violation = contract.Violation

	// A Deviation is a response that deviates from the document and was understood nonetheless; see [WithOnDeviation].
	Deviation = contract.Deviation
)

// What [errors.Is] finds in an [*APIError], by its status.
var (
	ErrBadRequest   = errors.New("bad request")                            // 400
	ErrUnauthorized = errors.New("unauthorized: check the credentials")    // 401
	ErrForbidden    = errors.New("forbidden: " + forbiddenHint)            // 403
	ErrNotFound     = errors.New("not found")                              // 404
	ErrConflict     = errors.New("conflict: the name is already in use")   // 409
	ErrRateLimited  = errors.New("rate limited: wait, see the RetryAfter") // 429
)

const forbiddenHint = "the account may lack the Enterprise entitlement to Network Interconnects, or the token the permission " +
	"(Magic WAN or Magic Transit, Read or Write)"

// maxErrorBody is how much of a body an APIError keeps.
const maxErrorBody = 64 << 10

// An APIError is the response of a service that refused or failed: a status of 400 or above, or a body that says
// "success": false.
type APIError struct {
	Method, Path string // below the base URL, without the query
	StatusCode   int

	// Details are the errors that the service lists: the first 100, each text shortened to 2,000 bytes, and one that says how
	// many there are beyond. There are none if the body is not the failure of the document, such as the page of a proxy.
	Details []ErrorDetail

	// Ray identifies the request at Cloudflare, for support: the header Cf-Ray. It may be empty.
	Ray string

	// RetryAfter is how long the service asks to wait. Zero means that it does not say.
	RetryAfter time.Duration

	// Body is the body as it was received, at most its first 64 KiB. It may be empty.
	Body []byte
}

// An ErrorDetail is one of the errors that the service lists. All but the message may be missing.
type ErrorDetail struct {
	Code             int64
	Message          string
	Pointer          string // a JSON pointer into the body of the request
	DocumentationURL string
}

// Error tells method, path, status, what the service says and the ray, on one line. For 403 it says what may be missing.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.StatusCode)
	if text := http.StatusText(e.StatusCode); text != "" {
		b.WriteString(" " + text)
	}
	for i, detail := range e.Details {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		b.WriteString(detail.String())
	}
	if e.Ray != "" {
		fmt.Fprintf(&b, " (cf-ray %s)", e.Ray)
	}
	if e.StatusCode == http.StatusForbidden {
		b.WriteString("; " + forbiddenHint)
	}
	return b.String()
}

// String gives the detail as "/slot_id: want a UUID (10010)". A pointer that the message begins with is not repeated.
func (d ErrorDetail) String() string {
	s := strings.Join(strings.Fields(d.Message), " ")
	if d.Pointer != "" && !strings.HasPrefix(s, d.Pointer) {
		s = d.Pointer + ": " + s
	}
	if d.Code != 0 {
		s = fmt.Sprintf("%s (%d)", s, d.Code)
	}
	return s
}

// Is makes [errors.Is] true for the Err variable that belongs to the status.
func (e *APIError) Is(target error) bool {
	switch e.StatusCode {
	case http.StatusBadRequest:
		return target == ErrBadRequest
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusNotFound:
		return target == ErrNotFound
	case http.StatusConflict:
		return target == ErrConflict
	case http.StatusTooManyRequests:
		return target == ErrRateLimited
	}
	return false
}

func newAPIError(method, path string, status int, header http.Header, body []byte) *APIError {
	wait, _ := retryAfter(header, time.Now())
	return &APIError{
		Method: method, Path: path, StatusCode: status,
		Details:    details(body),
		Ray:        header.Get("Cf-Ray"),
		RetryAfter: wait,
		Body:       body[:min(len(body), maxErrorBody)],
	}
}

// At most maxDetails errors are kept, with at most maxMessage bytes of each text.
const (
	maxDetails = 100
	maxMessage = 2000
)

// details reads what can be read of a body that need not be the failure of the document.
func details(body []byte) []ErrorDetail {
	var failure struct {
		Errors firstItems `json:"errors"`
	}
	if json.Unmarshal(body, &failure) != nil {
		return nil
	}
	var list []ErrorDetail
	for _, text := range failure.Errors.items {
		var item struct {
			Code             json.RawMessage `json:"code"`
			Message          string          `json:"message"`
			DocumentationURL string          `json:"documentation_url"`
			Source           struct {
				Pointer string `json:"pointer"`
			} `json:"source"`
		}
		// A member of another type than expected does not spoil the others.
		_ = json.Unmarshal(text, &item)
		detail := ErrorDetail{
			Message: shortened(item.Message), Pointer: shortened(item.Source.Pointer), DocumentationURL: shortened(item.DocumentationURL),
		}
		_ = json.Unmarshal(item.Code, &detail.Code)
		if detail == (ErrorDetail{}) {
			detail.Message = shortened(string(text))
		}
		list = append(list, detail)
	}
	if failure.Errors.more > 0 {
		list = append(list, ErrorDetail{Message: fmt.Sprintf("and %d more errors", failure.Errors.more)})
	}
	return list
}

func shortened(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

// firstItems are the first maxDetails items of an array; the others are counted.
type firstItems struct {
	items []json.RawMessage
	more  int
}

// UnmarshalJSON decodes an array. Anything else has no items.
func (f *firstItems) UnmarshalJSON(data []byte) error {
	n := eachItem(data, func(item json.RawMessage) {
		if len(f.items) < maxDetails {
			f.items = append(f.items, bytes.Clone(item))
		}
	})
	f.more = n - len(f.items)
	return nil
}

// An UnknownOutcomeError says that a call that changes something may or may not have had its effect: it was sent, and either no
// answer came or one with a status of 500 or above, which Err then holds as an [*APIError].
//
// The client does not send such a call again, and nor should the caller before looking. After a create_interconnect, list the
// interconnects: if one occupies the slot of the order, the order went through. For a GCP partner interconnect, look for one that
// was not there before.
//
//	var unknown *client.UnknownOutcomeError
//	if errors.As(err, &unknown) {
//		for item, err := range c.ListInterconnects(ctx, nil) {
//			if err != nil {
//				return err // still unknown
//			}
//			if p, ok := item.Value().(interconnect.PhysicalInterconnect); ok && p.SlotID == order.SlotID {
//				return nil // it went through
//			}
//		}
//	}
//
// An order that is still under way may appear later. To get or list the object tells the same about the other operations:
// create_cni by the conduit name, the updates by the values, the deletions by [ErrNotFound].
type UnknownOutcomeError struct {
	Operation    string // the operationId, such as "create_interconnect"
	Method, Path string // below the base URL

	// Request is the body that was sent; nil if there was none. It may hold a pairing key, so Error leaves it out.
	Request json.RawMessage

	// Err is what came instead of a response.
	Err error
}

// Error tells operation and cause, but not the request.
func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("%s: the request was sent, but whether it had its effect is unknown: %v", e.Operation, e.Err)
}

// Unwrap returns Err.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// callError adds the call to an error that is not one of the others.
type callError struct {
	text string
	err  error
}

func (e *callError) Error() string { return e.text }
func (e *callError) Unwrap() error { return e.err }
