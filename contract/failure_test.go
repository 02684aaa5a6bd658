package contract

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFailureWriters(t *testing.T) {
	op := &Operation{ID: "op"}
	invalid := &Failure{Status: 400, Message: "Invalid request", Operation: op, Violations: []Violation{
		{In: "body", Pointer: "/slot_id", Rule: "format", Want: "a UUID", Got: `"hunter2"`},
		{In: "query", Pointer: "/limit", Rule: "minimum", Want: "at least 0", Got: "-1"},
		{In: "query", Rule: "syntax", Want: "name=value pairs"},
		{In: "body", Rule: "required", Want: "a body"},
	}}
	tests := []struct {
		name    string
		write   func(http.ResponseWriter, *http.Request, *Failure)
		failure *Failure
		want    string
	}{
		{"problem", WriteProblem, invalid, `{"title":"Bad Request","status":400,"detail":"Invalid request","errors":[` +
			`{"detail":"/slot_id: want a UUID (format)","in":"body","pointer":"/slot_id","rule":"format"},` +
			`{"detail":"query limit: want at least 0 (minimum)","in":"query","pointer":"/limit","rule":"minimum"},` +
			`{"detail":"query: want name=value pairs (syntax)","in":"query","rule":"syntax"},` +
			`{"detail":"the body: want a body (required)","in":"body","rule":"required"}]}`},
		{"problem, 403", WriteProblem, &Failure{Status: 403, Message: "Forbidden", Permissions: []string{"CNI Write"}},
			`{"title":"Forbidden","status":403,"detail":"Forbidden","permissions":["CNI Write"]}`},
		{"cloudflare", WriteCloudflareFailure, invalid, `{"success":false,"errors":[` +
			`{"code":10010,"message":"/slot_id: want a UUID (format)","source":{"pointer":"/slot_id"}},` +
			`{"code":10010,"message":"query limit: want at least 0 (minimum)"},` +
			`{"code":10010,"message":"query: want name=value pairs (syntax)"},` +
			`{"code":10010,"message":"the body: want a body (required)"}],"messages":[],"result":null}`},
		{"cloudflare, 401", WriteCloudflareFailure, &Failure{Status: 401, Message: "Authentication required"},
			`{"success":false,"errors":[{"code":10000,"message":"Authentication required"}],"messages":[],"result":null}`},
		{"cloudflare, 403", WriteCloudflareFailure, &Failure{Status: 403, Message: "Forbidden"},
			`{"success":false,"errors":[{"code":10000,"message":"Forbidden"}],"messages":[],"result":null}`},
		{"cloudflare, 404", WriteCloudflareFailure, &Failure{Status: 404, Message: "No route for that URI"},
			`{"success":false,"errors":[{"code":7003,"message":"No route for that URI"}],"messages":[],"result":null}`},
		{"cloudflare, 405", WriteCloudflareFailure, &Failure{Status: 405, Message: "m"},
			`{"success":false,"errors":[{"code":10405,"message":"m"}],"messages":[],"result":null}`},
		{"cloudflare, 500", WriteCloudflareFailure, &Failure{Status: 500, Message: "<m>"},
			`{"success":false,"errors":[{"code":10500,"message":"<m>"}],"messages":[],"result":null}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			tt.write(w, nil, tt.failure)
			if got := strings.TrimSpace(w.Body.String()); got != tt.want || w.Code != tt.failure.Status {
				t.Errorf("got %d\n%s\nwant\n%s", w.Code, got, tt.want)
			}
			want := "application/json"
			if strings.HasPrefix(tt.name, "problem") {
				want = "application/problem+json"
			}
			if got := w.Header().Get("Content-Type"); got != want {
				t.Errorf("content type %q, want %q", got, want)
			}
		})
	}
}

func TestFailureIsBounded(t *testing.T) {
	long := strings.Repeat("ä", 300)
	f := &Failure{Status: 400}
	for range 130 {
		f.Violations = append(f.Violations, Violation{In: "body", Pointer: strings.Repeat("/"+long, 20), Rule: "type", Want: strings.Repeat("w", 5000)})
	}
	w := httptest.NewRecorder()
	WriteCloudflareFailure(w, nil, f)
	var envelope struct {
		Errors []struct {
			Message string
			Source  struct{ Pointer string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil {
		t.Fatal(err)
	}
	if n := len(envelope.Errors); n != 101 || envelope.Errors[100].Message != "and 30 more" {
		t.Errorf("got %d errors, the last one is %q", n, envelope.Errors[n-1].Message)
	}
	first := envelope.Errors[0]
	if len(first.Message) > 3200 || len(first.Source.Pointer) > 1010 {
		t.Errorf("the message has %d bytes, the pointer %d", len(first.Message), len(first.Source.Pointer))
	}
	if name := strings.Split(first.Source.Pointer, "/")[1]; name != strings.Repeat("ä", 50)+"…" {
		t.Errorf("the name is shortened to %q", name)
	}
}

func TestFailureIsAnError(t *testing.T) {
	var err error = &Failure{Status: 503, Message: "Try again later"}
	if err.Error() != "Try again later" {
		t.Errorf("got %v", err)
	}
}

func TestFailureHeader(t *testing.T) {
	h := NewHandler(nil, nil, HandlerOptions{WriteFailure: WriteCloudflareFailure})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || !strings.Contains(w.Body.String(), `"success":false`) {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	if got := w.Header(); got.Get("X-Content-Type-Options") != "nosniff" || got.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v", got)
	}
}
