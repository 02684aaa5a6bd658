package contract

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Failure is an answer that [NewHandler] gives instead of the implementation. It holds nothing secret and nothing that
// the client has sent, but for the names of members in the pointers of violations.
//
// As an error, it lets [HandlerOptions.Authenticate] choose the answer, for example a 503.
type Failure struct {
	Status  int
	Message string // one line for a human

	// Operation is the operation that the request asked for; nil for 404 and 405.
	Operation *Operation

	// Violations are everything that is wrong with the request; only with 400.
	Violations []Violation

	// Permissions are those any of which would have been enough; only with 403.
	Permissions []string

	// Header is added to the answer: Allow with 405, WWW-Authenticate with 401, Accept with 415.
	Header http.Header
}

// Error returns the message.
func (f *Failure) Error() string { return f.Message }

const (
	maxListed  = 100  // violations in one answer
	maxName    = 100  // bytes of a name in a pointer
	maxPointer = 1000 // bytes of a pointer
	maxMessage = 2000 // bytes of a message
)

// A failureItem is one violation as both writers show it.
type failureItem struct {
	message, in, pointer, rule string
}

// items lists the violations that an answer has room for, and a last one that says how many it has not.
func (f *Failure) items() []failureItem {
	items := make([]failureItem, 0, min(len(f.Violations), maxListed)+1)
	for i, v := range f.Violations {
		if i == maxListed {
			items = append(items, failureItem{message: "and " + strconv.Itoa(len(f.Violations)-i) + " more"})
			break
		}
		item := failureItem{in: v.In, pointer: shortPointer(v.Pointer), rule: v.Rule}
		place := item.pointer
		switch {
		case v.In != "body" && v.In != "":
			place = strings.TrimSpace(v.In + " " + strings.TrimPrefix(item.pointer, "/"))
		case place == "":
			place = "the body"
		}
		item.message = place + ": " + shorten(v.Message(), maxMessage) + " (" + v.Rule + ")"
		items = append(items, item)
	}
	return items
}

// WriteProblem answers with a problem document (RFC 9457), application/problem+json:
//
//	{"title":"Bad Request","status":400,"detail":"Invalid request",
//	 "errors":[{"detail":"/slot_id: want a UUID … (format)","in":"body","pointer":"/slot_id","rule":"format"}]}
//
// It lists at most 100 errors; a last one tells how many are left out.
func WriteProblem(w http.ResponseWriter, _ *http.Request, f *Failure) {
	type problemError struct {
		Detail  string `json:"detail"`
		In      string `json:"in,omitempty"`
		Pointer string `json:"pointer,omitempty"`
		Rule    string `json:"rule,omitempty"`
	}
	var errors []problemError
	for _, item := range f.items() {
		errors = append(errors, problemError{item.message, item.in, item.pointer, item.rule})
	}
	writeJSON(w, f.Status, "application/problem+json", struct {
		Title       string         `json:"title"`
		Status      int            `json:"status"`
		Detail      string         `json:"detail"`
		Permissions []string       `json:"permissions,omitempty"`
		Errors      []problemError `json:"errors,omitempty"`
	}{http.StatusText(f.Status), f.Status, f.Message, f.Permissions, errors})
}

// WriteCloudflareFailure answers with the failure envelope of Cloudflare's API, application/json:
//
//	{"success":false,"errors":[{"code":10010,"message":"/slot_id: want a UUID … (format)",
//	 "source":{"pointer":"/slot_id"}}],"messages":[],"result":null}
//
// There is one entry for each violation, at most 100; a last one tells how many are left out. Other failures have a single
// entry. No list of codes is published. Those that have been seen on Cloudflare's API are used where they fit (10000 for
// 401 and 403, 7003 for 404, 10010 for 400); the others are 10000 plus the status, which is our choice.
func WriteCloudflareFailure(w http.ResponseWriter, _ *http.Request, f *Failure) {
	type source struct {
		Pointer string `json:"pointer"`
	}
	type entry struct {
		Code    int     `json:"code"`
		Message string  `json:"message"`
		Source  *source `json:"source,omitempty"`
	}
	code := 10000 + f.Status
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		code = 10000
	case http.StatusNotFound:
		code = 7003
	case http.StatusBadRequest:
		code = 10010
	}
	var entries []entry
	for _, item := range f.items() {
		e := entry{Code: code, Message: item.message}
		if item.pointer != "" && item.in == "body" { // the envelope's pointer leads into the body
			e.Source = &source{item.pointer}
		}
		entries = append(entries, e)
	}
	if entries == nil {
		entries = []entry{{Code: code, Message: f.Message}}
	}
	writeJSON(w, f.Status, "application/json", struct {
		Success  bool     `json:"success"`
		Errors   []entry  `json:"errors"`
		Messages []string `json:"messages"`
		Result   *string  `json:"result"`
	}{Errors: entries, Messages: []string{}})
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // structs of strings and numbers
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

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
