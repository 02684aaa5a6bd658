package contract

import (
	"math"
	"net/http"
	"slices"
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

// A failureItem is one violation as both writers show it. The message is in parts, which nobody need put together.
type failureItem struct {
	message           [8]string
	in, pointer, rule string
}

// items calls a function for each violation that an answer has room for, and at last for one that says how many it has not.
func (f *Failure) items(yield func(i int, item failureItem)) {
	for i := range f.Violations {
		v := &f.Violations[i]
		if i == maxListed {
			yield(i, failureItem{message: [8]string{"and ", strconv.Itoa(countAll(f.Violations[i:])), " more"}})
			return
		}
		item := failureItem{in: v.In, pointer: shortPointer(v.Pointer), rule: v.Rule}
		place := [3]string{item.pointer}
		switch {
		case v.In != "body" && v.In != "" && item.pointer == "":
			place[0] = v.In
		case v.In != "body" && v.In != "":
			place = [3]string{v.In, " ", strings.TrimPrefix(item.pointer, "/")}
		case item.pointer == "":
			place[0] = "the body"
		}
		what := v.Want
		if len(v.Variants) > 0 || len(what) > maxMessage-len("want ") {
			what = strings.TrimPrefix(shorten(v.Message(), maxMessage), "want ")
		}
		item.message = [8]string{place[0], place[1], place[2], ": want ", what, " (", v.Rule, ")"}
		yield(i, item)
	}
}

// WriteProblem answers with a problem document (RFC 9457), application/problem+json:
//
//	{"title":"Bad Request","status":400,"detail":"Invalid request",
//	 "errors":[{"detail":"/slot_id: want a UUID … (format)","in":"body","pointer":"/slot_id","rule":"format"}]}
//
// It lists at most 100 errors; a last one tells how many are left out.
func WriteProblem(w http.ResponseWriter, _ *http.Request, f *Failure) {
	writeJSON(w, f.Status, "application/problem+json", func(w *Writer) {
		w.Open('{')
		w.Member(`"title":`)
		w.Text(http.StatusText(f.Status))
		w.Member(`"status":`)
		w.Int(int64(f.Status), 0, math.MaxInt)
		w.Member(`"detail":`)
		w.lossy(f.Message)
		if len(f.Permissions) > 0 {
			w.Member(`"permissions":`)
			w.Open('[')
			for i, permission := range f.Permissions {
				w.Item(i)
				w.lossy(permission)
			}
			w.Close(']')
		}
		if len(f.Violations) > 0 {
			w.Member(`"errors":`)
			w.Open('[')
			f.items(func(i int, item failureItem) {
				w.Item(i)
				w.Open('{')
				w.Member(`"detail":`)
				w.lossy(item.message[:]...)
				for _, field := range []struct{ name, text string }{{`"in":`, item.in}, {`"pointer":`, item.pointer}, {`"rule":`, item.rule}} {
					if field.text != "" {
						w.Member(field.name)
						w.lossy(field.text)
					}
				}
				w.Close('}')
			})
			w.Close(']')
		}
		w.Close('}')
	})
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
	code := 10000 + f.Status
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		code = 10000
	case http.StatusNotFound:
		code = 7003
	case http.StatusBadRequest:
		code = 10010
	}
	writeJSON(w, f.Status, "application/json", func(w *Writer) {
		write := func(i int, item failureItem) {
			w.Item(i)
			w.Open('{')
			w.Member(`"code":`)
			w.Int(int64(code), 0, math.MaxInt)
			w.Member(`"message":`)
			w.lossy(item.message[:]...)
			if item.pointer != "" && item.in == "body" { // the envelope's pointer leads into the body
				w.Member(`"source":`)
				w.Open('{')
				w.Member(`"pointer":`)
				w.lossy(item.pointer)
				w.Close('}')
			}
			w.Close('}')
		}
		w.Open('{')
		w.Member(`"success":`)
		w.Bool(false)
		w.Member(`"errors":`)
		w.Open('[')
		if f.items(write); len(f.Violations) == 0 {
			write(0, failureItem{message: [8]string{f.Message}})
		}
		w.Close(']')
		w.Member(`"messages":`)
		w.Open('[')
		w.Close(']')
		w.Member(`"result":`)
		w.Null()
		w.Close('}')
	})
}

func writeJSON(w http.ResponseWriter, status int, contentType string, write func(*Writer)) {
	b := newWriter(Undirected)
	defer b.free()
	write(b)
	b.text = append(b.text, '\n')
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(b.text)
}

// lossy is Text for what may come from outside, in parts: what is not UTF-8 is replaced.
func (w *Writer) lossy(parts ...string) {
	w.text = append(w.text, '"')
	for _, part := range parts {
		start := len(w.text)
		if w.text = append(w.text, part...); isPlain(w.text[start:]) {
			continue
		}
		w.text = w.text[:start]
		w.Text(strings.ToValidUTF8(part, "\uFFFD"))
		w.text = slices.Delete(w.text[:len(w.text)-1], start, start+1) // the quotes of the part
	}
	w.text = append(w.text, '"')
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
