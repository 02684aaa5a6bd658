package sandbox

// The journal remembers the last requests for a person to look at. It takes from a request only what it asked for, and
// from the response only what it said was wrong, so that it cannot show a secret.

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// These bound what the journal keeps, which is at most about half a megabyte.
const (
	journalSize        = 100 // requests
	maxProblems        = 10  // of one request
	maxJournalPath     = 300 // bytes
	maxJournalProblem  = 300 // bytes
	maxJournalMethod   = 20  // bytes
	maxJournalResponse = 1 << 20
)

// A Request is what a sandbox remembers of a request and the response to it.
type Request struct {
	Number    uint64    // 1 is the first request of this sandbox
	Time      time.Time // when it arrived, by the clock of this machine
	Method    string
	Path      string // as it was sent, without the query; cut off after 300 bytes
	Operation string // the operationId of the API; empty for the control API and if there is no such operation

	Status  int           // of the response
	Took    time.Duration // including the delay of a fault
	Fault   bool          // a fault hit it
	Dropped bool          // the connection was closed without the response

	// Problems are what the response says is wrong, each with the JSON pointer of the member at fault if there is one.
	// More is how many of them are left out.
	Problems []string
	More     int
}

// A journal keeps the last requests. The zero value is ready for use.
type journal struct {
	mu       sync.Mutex
	requests [journalSize]Request // a ring
	count    uint64               // of all requests so far
}

// add keeps a request and gives it the next number.
func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	r.Number = j.count
	j.requests[j.count%journalSize] = r
}

// last returns the last requests, at most limit, the newest first.
func (j *journal) last(limit int) []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	var requests []Request
	for i := j.count; i > 0 && j.count-i < journalSize && len(requests) < limit; i-- {
		requests = append(requests, j.requests[i%journalSize])
	}
	return requests
}

// newRequest returns what the journal keeps of a request that has been served.
func newRequest(r *http.Request, e *exchange, a *answer, start time.Time) Request {
	kept := Request{
		Time:      start,
		Method:    cut(r.Method, maxJournalMethod),
		Path:      cut(r.URL.EscapedPath(), maxJournalPath),
		Operation: e.operation,
		Status:    a.status,
		Took:      time.Since(start),
		Fault:     e.fault != nil,
		Dropped:   e.dropped,
	}
	if a.status >= http.StatusBadRequest && !e.dropped && a.body.Len() <= maxJournalResponse {
		kept.Problems, kept.More = problems(a.body.Bytes())
	}
	return kept
}

// problems returns what a failure says is wrong, in the envelope of the API or in the problem document of the control
// API.
func problems(body []byte) (texts []string, more int) {
	type entry struct {
		Message string // of the envelope
		Source  struct{ Pointer string }
		Detail  string // of the problem document, which begins with the pointer
	}
	var failure struct {
		Errors []entry
		Detail string
	}
	if json.Unmarshal(body, &failure) != nil { // cut off by a fault
		return nil, 0
	}
	if len(failure.Errors) == 0 && failure.Detail != "" {
		failure.Errors = []entry{{Detail: failure.Detail}}
	}
	for _, e := range failure.Errors {
		if len(texts) == maxProblems {
			more++
			continue
		}
		text := e.Message + e.Detail
		if p := e.Source.Pointer; p != "" && !strings.HasPrefix(text, p+": ") {
			text = p + ": " + text
		}
		texts = append(texts, cut(text, maxJournalProblem))
	}
	return texts, more
}

// cut shortens a text to about limit bytes, and copies it so that the rest is not kept in memory.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return strings.Clone(text)
	}
	for !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
