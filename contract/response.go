package contract

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// A ResponseError reports a response that the document does not describe. [NewHandler] tells it to
// [HandlerOptions.OnError]; from [NewTransport] it is the error of the call. It holds everything that was answered, so
// that nothing is lost: the operation may well have had its effect.
type ResponseError struct {
	// Operation is the operationId.
	Operation string

	// Status and Header are as they were answered. The header may hold secrets such as cookies. Status is 0 if an
	// implementation returned without any response.
	Status int
	Header http.Header

	// Body is the body as it was answered, empty if there is none. Truncated tells that it was longer.
	Body      []byte
	Truncated bool

	// Err says what is wrong. It is a [*ValidationError], an [*http.MaxBytesError] if the body is too long to be checked,
	// or the error that ended the reading of the body.
	Err error
}

// Error tells what is wrong, but neither header nor body.
func (e *ResponseError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("%s: %v", e.Operation, e.Err)
	}
	status := strings.TrimSpace(strconv.Itoa(e.Status) + " " + http.StatusText(e.Status))
	return fmt.Sprintf("%s: %s is no response of the document: %v", e.Operation, status, e.Err)
}

// Unwrap returns Err.
func (e *ResponseError) Unwrap() error { return e.Err }

// A Concession reports a response that departs from the document and could be understood nonetheless.
type Concession struct {
	// Operation is the operationId.
	Operation string

	// Status, Header and Body are as they were answered. The header may hold secrets such as cookies. Body is nil if it was
	// not looked at.
	Status int
	Header http.Header
	Body   []byte

	// Violations are what the response departs in. There is at least one.
	Violations []Violation
}

// An answer is what the document says of a response, once status and header are known.
type answer struct {
	violations  []Violation // of status and header
	empty       bool        // there may be no body
	skip        bool        // there is no body, whatever the document says: the request is a HEAD
	schema      *Schema     // what to hold the body against; nil if it is not JSON
	outgoing    bool        // the body is to be sent, not to be decoded
	tolerant    bool
	concessions []Violation // if tolerant
}

// whole tells whether the body has to be there in whole before the response can be judged.
func (a *answer) whole() bool { return len(a.violations) > 0 || a.empty || a.schema != nil }

// answer finds the response that the document declares and holds the header against it.
func (e *endpoint) answer(method string, status int, header http.Header) answer {
	a := answer{skip: method == http.MethodHead}
	response := e.response(status)
	if response == nil {
		a.violations = []Violation{{
			In: "response", Pointer: "/status", Rule: "status", Want: e.statuses(), Got: strconv.Itoa(status),
		}}
		return a
	}
	for i := range response.Headers {
		a.violations = append(a.violations, response.Headers[i].check(header)...)
	}
	if len(response.Content) == 0 || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		a.empty = true
		return a
	}
	if a.skip && header.Get("Content-Type") == "" {
		return a
	}
	content, essence, violation := media(response.Content, header)
	if violation != nil {
		a.violations = append(a.violations, *violation)
		return a
	}
	a.schema = schemaOf(content, essence)
	if violation := encoded(header); a.schema != nil && violation != nil {
		a.violations = append(a.violations, *violation)
	}
	return a
}

// tolerantAnswer is answer for one who reads tolerantly. If there is only one way to read a success, it is read like that,
// whatever is wrong with its status and header.
func (e *endpoint) tolerantAnswer(method string, status int, header http.Header) answer {
	a := e.answer(method, status, header)
	if status < 200 || status > 299 {
		return a
	}
	a.tolerant = true
	if len(a.violations) == 0 || encoded(header) != nil {
		return a
	}
	response := e.response(status)
	for i := 0; response == nil && i < len(e.Responses); i++ {
		if strings.HasPrefix(e.Responses[i].Status, "2") {
			response = &e.Responses[i]
		}
	}
	if response == nil || len(response.Content) > 1 {
		return a
	}
	a.concessions, a.violations = a.violations, nil
	a.empty = len(response.Content) == 0
	if !a.empty {
		a.schema = schemaOf(&response.Content[0], strings.ToLower(response.Content[0].MediaType))
	}
	return a
}

// check validates a whole body. It returns the JSON to decode or, if outgoing, to send.
func (a *answer) check(body []byte) ([]byte, error) {
	violations := a.violations
	switch {
	case len(violations) > 0, a.skip && len(body) == 0:
	case a.empty && len(body) > 0 && a.tolerant:
		a.concessions = append(a.concessions, noBody)
		return nil, nil
	case a.empty && len(body) > 0:
		violations = []Violation{noBody}
	case a.schema != nil:
		text, concessions, err := a.read(body)
		a.concessions = append(a.concessions, within("body", concessions)...)
		if err == nil {
			return text, nil
		}
		violations = within("body", violationsOf(err))
	}
	if len(violations) > 0 {
		return nil, &ValidationError{Violations: append(violations, a.concessions...)}
	}
	return body, nil
}

var noBody = Violation{In: "body", Rule: "content", Want: "no body"}

func (a *answer) read(body []byte) (text []byte, concessions []Violation, err error) {
	if a.tolerant {
		return a.schema.checkTolerant(body, InResponse, true)
	}
	if a.outgoing {
		text, err = a.schema.complete(body, InResponse)
	} else {
		text, err = a.schema.Check(body, InResponse)
	}
	return text, nil, err
}

func violationsOf(err error) []Violation {
	var invalid *ValidationError
	if !errors.As(err, &invalid) {
		panic(err) // Check promises a *ValidationError
	}
	return invalid.Violations
}

// response finds the declared response for a status: the status itself, its class or the default, in this order.
func (e *endpoint) response(status int) *Response {
	if status < 100 || status > 599 {
		return nil
	}
	exact := strconv.Itoa(status)
	class := exact[:1] + "XX"
	var found *Response
	for i := range e.Responses {
		switch r := &e.Responses[i]; {
		case r.Status == exact:
			return r
		case strings.EqualFold(r.Status, class), r.Status == "default" && found == nil:
			found = r
		}
	}
	return found
}

func (e *endpoint) statuses() string {
	names := make([]string, len(e.Responses))
	for i, r := range e.Responses {
		names[i] = r.Status
		if r.Status == "default" {
			names[i] = "a status from 100 to 599"
		}
	}
	return oneOfThese(names)
}

// check holds a header of a response against its schema. The items of a list may stand in several lines.
func (h *Header) check(header http.Header) []Violation {
	if http.CanonicalHeaderKey(h.Name) == "Content-Type" { // to be ignored, says OpenAPI
		return nil
	}
	p := Parameter{Name: h.Name, In: "header", Style: "simple", Explode: h.Explode, Required: h.Required, Schema: h.Schema}
	texts := header.Values(h.Name)
	if len(texts) == 0 {
		return within("header", p.missing())
	}
	text := texts[0]
	switch typeOf(h.Schema) {
	case "array", "object":
		parts := strings.Split(strings.Join(texts, ","), ",")
		for i := range parts {
			parts[i] = strings.Trim(parts[i], " \t")
		}
		text = strings.Join(parts, ",")
	default:
		if len(texts) > 1 {
			return within("header", p.broken("duplicate", "this header once"))
		}
	}
	return within("header", p.checkText(text, InResponse))
}
