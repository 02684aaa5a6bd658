package contract

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// A Failure is a response that [NewHandler] gives instead of the implementation. It holds nothing secret, and nothing that the client has
// sent but the names of members in the pointers of violations.
//
// As an error, it lets [HandlerOptions.Authenticate] choose the response, for example a 503.
type Failure struct {
	Status  int    // from 200 to 599; with any other one, a failure is an error like any other
	Message string // one line for people

	// Operation is the operation that the request is for; nil for 404 and 405.
	Operation *Operation

	// Violations are everything that is wrong with the request; only with 400.
	Violations []Violation

	// Err is the error of the implementation; nil if there is another reason. It may hold secrets.
	Err error

	// Header is added to the response: Allow with 405, WWW-Authenticate with 401, Accept with 415.
	Header http.Header
}

// Error returns the message, and what is wrong with the request.
func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(f.Message)
	for i, item := range f.Items() {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(item.Message)
	}
	return b.String()
}

// isResponse reports whether the failure has a status that ends a response.
func (f *Failure) isResponse() bool { return f.Status >= 200 && f.Status <= 599 }

// The limits of what a failure shows.
const (
	maxListed  = 100  // violations
	maxName    = 100  // bytes of a name in a pointer
	maxPointer = 1000 // bytes of a pointer
	maxMessage = 2000 // bytes of a message
)

// A FailureItem is one violation as a response shows it: shortened, and without anything that the client has sent.
type FailureItem struct {
	Message string // "/slot_id: want a UUID such as … (format)"
	In      string // see [Violation]; empty for the last item, which says how many there are more
	Pointer string
	Rule    string
}

// Items are the violations to show, at most 100; a last item says how many are left out.
func (f *Failure) Items() []FailureItem {
	items := make([]FailureItem, 0, min(len(f.Violations), maxListed+1))
	for i := range cap(items) {
		item, message := f.item(i, nil)
		item.Message = string(message)
		items = append(items, item)
	}
	return items
}

// item is one of the items, and its message appended to b.
func (f *Failure) item(i int, b []byte) (FailureItem, []byte) {
	if i == maxListed {
		b = strconv.AppendInt(append(b, "and "...), int64(schema.Count(f.Violations[i:])), 10)
		return FailureItem{}, append(b, " more"...)
	}
	v := &f.Violations[i]
	item := FailureItem{In: v.In, Pointer: shortPointer(v.Pointer), Rule: v.Rule}
	b = append(append(b, schema.Place(v.In, item.Pointer)...), ": "...)
	if len(v.Variants) == 0 && len(v.Want) < maxMessage {
		b = append(append(b, "want "...), v.Want...)
	} else {
		b = append(b, shorten(v.Message(), maxMessage)...)
	}
	b = append(append(b, " ("...), v.Rule...)
	return item, append(b, ')')
}

// WriteProblem responds with a problem document (RFC 9457), application/problem+json:
//
//	{"title":"Bad Request","status":400,"detail":"Invalid request",
//	 "errors":[{"detail":"/slot_id: want a UUID … (format)","in":"body","pointer":"/slot_id","rule":"format"}]}
//
// It lists at most 100 errors; a last one says how many are left out.
func WriteProblem(w http.ResponseWriter, _ *http.Request, f *Failure) {
	p := problems.Get().(*problem)
	defer p.free()
	b := append(p.text[:0], `{"title":`...)
	b = wire.AppendString(b, http.StatusText(f.Status))
	b = strconv.AppendInt(append(b, `,"status":`...), int64(f.Status), 10)
	b = wire.AppendString(append(b, `,"detail":`...), f.Message)
	for i := range min(len(f.Violations), maxListed+1) {
		if i == 0 {
			b = append(b, `,"errors":[`...)
		} else {
			b = append(b, ',')
		}
		var item FailureItem
		item, p.message = f.item(i, p.message[:0])
		b = wire.AppendString(append(b, `{"detail":`...), unsafe.String(unsafe.SliceData(p.message), len(p.message)))
		for _, field := range [...]struct{ name, text string }{{`,"in":`, item.In}, {`,"pointer":`, item.Pointer}, {`,"rule":`, item.Rule}} {
			if field.text != "" {
				b = wire.AppendString(append(b, field.name...), field.text)
			}
		}
		b = append(b, '}')
	}
	if len(f.Violations) > 0 {
		b = append(b, ']')
	}
	p.text = append(b, "}\n"...)
	w.Header()["Content-Type"] = problemType
	w.WriteHeader(f.Status)
	w.Write(p.text)
}

// A problem is the room in which a response is written.
type problem struct{ text, message []byte }

var problems = sync.Pool{New: func() any { return new(problem) }}

func (p *problem) free() {
	if cap(p.text) <= maxDiscarded && cap(p.message) <= maxDiscarded {
		problems.Put(p)
	}
}

var problemType = []string{"application/problem+json"}

// shortPointer shortens a pointer and each name in it: names that the document does not know are of any length.
func shortPointer(pointer string) string {
	if len(pointer) <= maxName {
		return pointer
	}
	names := strings.Split(pointer, "/")
	for i, name := range names {
		names[i] = shorten(name, maxName)
	}
	return shorten(strings.Join(names, "/"), maxPointer)
}

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}

// Unimplemented is the error of an operation that an implementation does not have. It is answered with 501.
func Unimplemented(operation string) error {
	return &Failure{Status: http.StatusNotImplemented, Message: operation + " is not implemented"}
}
