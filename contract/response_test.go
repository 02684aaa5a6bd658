package contract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"
)

// broken lists the violations of a reported response as "in pointer rule".
func broken(t *testing.T, errs []error) []string {
	t.Helper()
	if len(errs) == 0 {
		return nil
	}
	var wrong *ResponseError
	var invalid *ValidationError
	if len(errs) != 1 || !errors.As(errs[0], &wrong) || !errors.As(errs[0], &invalid) {
		t.Fatalf("told %v", errs)
	}
	var list []string
	for _, v := range invalid.Violations {
		list = append(list, v.In+" "+v.Pointer+" "+v.Rule)
	}
	return list
}

func TestResponse(t *testing.T) {
	const things, thing = "/things", "/things/" + id
	raw := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if contentType != "" {
				w.Header().Set("Content-Type", contentType)
			}
			if status != 0 {
				w.WriteHeader(status)
			}
			io.WriteString(w, body)
		}
	}
	tests := []struct {
		name         string
		method, path string
		next         http.HandlerFunc
		status       int
		want         string // body of a valid response
		violations   []string
	}{
		{"valid", "GET", thing, answerJSON(200, thingJSON), 200, thingJSON, nil},
		{"byte for byte", "GET", thing, answerJSON(200, ` {"name": "port", "speed": 65e3} `), 200, ` {"name": "port", "speed": 65e3} `, nil},
		{"status is not said", "GET", thing, raw(0, "application/json", thingJSON), 200, thingJSON, nil},
		{"second status is ignored", "GET", thing, func(w http.ResponseWriter, r *http.Request) {
			answerJSON(200, thingJSON)(w, r)
			w.WriteHeader(500)
		}, 200, thingJSON, nil},
		{"class", "GET", things, raw(418, "application/problem+json", "{}"), 418, "{}", nil},
		{"declared next to the default", "POST", things, answerJSON(201, thingJSON), 201, thingJSON, nil},
		{"default", "POST", things, raw(503, "application/problem+json", "{}"), 503, "{}", nil},
		{"default, zero status", "POST", things, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0); w.Write([]byte("{}")) }, 500, "", []string{"response /status status"}},
		{"undeclared status", "GET", thing, answerJSON(202, thingJSON), 500, "", []string{"response /status status"}},
		{"no answer at all", "GET", thing, func(http.ResponseWriter, *http.Request) {}, 500, "", []string{"response /status required"}},
		{"undeclared content type", "GET", thing, raw(200, "text/html", "<p>secret"), 500, "", []string{"header /Content-Type content"}},
		{"no content type", "GET", thing, raw(200, "", thingJSON), 500, "", []string{"header /Content-Type content"}},
		{"compressed JSON", "GET", thing, answerJSON(200, "x", "Content-Encoding", "gzip"), 500, "", []string{"header /Content-Encoding content"}},
		{"body", "GET", thing, answerJSON(200, `{"name":"p","speed":"secret"}`), 500, "", []string{"body /name minLength", "body /speed type"}},
		{"body, closed", "GET", thing, answerJSON(200, `{"name":"port","more":"secret"}`), 500, "", []string{"body /more additionalProperties"}},
		{"body, empty", "GET", thing, answerJSON(200, ""), 500, "", []string{"body  syntax"}},
		{"body, two values", "GET", thing, answerJSON(200, thingJSON+thingJSON), 500, "", []string{"body  trailing"}},
		{"header", "GET", things, answerJSON(200, "[]", "X-Total", "12"), 200, "[]", nil},
		{"header missing", "GET", things, answerJSON(200, "[]"), 500, "", []string{"header /X-Total required"}},
		{"header malformed, and body", "GET", things, answerJSON(200, "[]", "X-Total", "secret"), 500, "", []string{"header /X-Total type"}},
		{"header twice", "GET", things, answerJSON(200, "[]", "X-Total", "1", "X-Total", "2"), 500, "", []string{"header /X-Total duplicate"}},
		{"wrong length", "GET", thing, answerJSON(200, thingJSON, "Content-Length", "5"), 500, "", []string{"header /Content-Length content"}},
		{"right length", "GET", thing, answerJSON(200, thingJSON, "Content-Length", "59"), 200, thingJSON, nil},
		{"no body", "DELETE", thing, raw(200, "", ""), 200, "", nil},
		{"undeclared body", "DELETE", thing, raw(200, "application/json", "{}"), 500, "", []string{"body  content"}},
		{"204", "PATCH", thing, raw(204, "", ""), 204, "", nil},
		{"204 with body", "PATCH", thing, raw(204, "", "{}"), 500, "", []string{"body  content"}},
		{"no JSON", "GET", thing + "/file", raw(200, "application/pdf", "%PDF-1.7"), 200, "%PDF-1.7", nil},
		{"no JSON, undeclared type", "GET", thing + "/file", raw(200, "image/png", "secret"), 500, "", []string{"header /Content-Type content"}},
		{"HEAD", "HEAD", thing, answerJSON(200, thingJSON), 200, "", nil},
		{"HEAD without body", "HEAD", thing, raw(200, "application/json", ""), 200, "", nil},
		{"HEAD without body and content type", "HEAD", thing, raw(200, "", ""), 200, "", nil},
		{"HEAD, undeclared status", "HEAD", thing, raw(202, "application/json", ""), 500, "", []string{"response /status status"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.next, nil)
			body, header := "", []string(nil)
			if tt.method == "POST" {
				body, header = `{"name":"port"}`, []string{"Content-Type", "application/json", "Authorization", "Bearer t"}
			}
			resp, got := s.do(t, tt.method, tt.path, body, header...)
			if resp.StatusCode != tt.status {
				t.Errorf("got %d, want %d: %s", resp.StatusCode, tt.status, got)
			}
			violations := broken(t, s.reported())
			if !slices.Equal(violations, tt.violations) {
				t.Errorf("told %q, want %q", violations, tt.violations)
			}
			if tt.status == 500 {
				if tt.method != "HEAD" && !strings.Contains(got, "The service produced an invalid response") || strings.Contains(got, "secret") {
					t.Errorf("got %s", got)
				}
				if ct := resp.Header.Get("Content-Type"); ct != "application/problem+json" || resp.Header.Get("Content-Encoding")+resp.Header.Get("X-Total") != "" {
					t.Errorf("got %v", resp.Header)
				}
				return
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if tt.method != "HEAD" && resp.ContentLength != int64(len(tt.want)) && resp.ContentLength != -1 {
				t.Errorf("Content-Length %d", resp.ContentLength)
			}
		})
	}
}

func TestResponseErrorHoldsEverything(t *testing.T) {
	s := serve(t, answerJSON(200, `{"name":"p","secret":"hunter2"}`, "X-Seen", "yes"), nil)
	s.do(t, "GET", "/things/"+id, "")
	var wrong *ResponseError
	if errs := s.reported(); len(errs) != 1 || !errors.As(errs[0], &wrong) {
		t.Fatalf("told %v", errs)
	}
	if wrong.Operation != "get_thing" || wrong.Status != 200 || string(wrong.Body) != `{"name":"p","secret":"hunter2"}` ||
		wrong.Header.Get("X-Seen") != "yes" || wrong.Truncated {
		t.Errorf("got %+v", wrong)
	}
	want := `get_thing: 200 OK is no response of the document: /name: want at least 2 characters, got "p"; /secret: want at least 8 characters`
	if got := wrong.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLargeInvalidResponseIsCut(t *testing.T) {
	for _, tt := range []struct{ method, path, contentType string }{
		{"GET", "/things/" + id + "/file", "image/png"}, // undeclared content type
		{"DELETE", "/things/" + id, "text/plain"},       // no body declared
	} {
		written := 0
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", tt.contentType)
			for range 1000 {
				n, err := w.Write(make([]byte, 1024))
				written += n
				if err != nil {
					ImplementationFailed(w, r, err)
					return
				}
			}
		}, nil)
		resp, _ := s.do(t, tt.method, tt.path, "")
		var wrong *ResponseError
		if errs := s.reported(); len(errs) != 1 || !errors.As(errs[0], &wrong) {
			t.Fatalf("told %v", errs)
		}
		if resp.StatusCode != 500 || len(wrong.Body) != 64<<10 || !wrong.Truncated || written > 64<<10 {
			t.Errorf("%s: got %d; kept %d of %d bytes", tt.method, resp.StatusCode, len(wrong.Body), written)
		}
	}
}

func TestDownloadIsStreamed(t *testing.T) {
	read := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		select {
		case <-read:
		case <-time.After(10 * time.Second):
			t.Error("the first part does not arrive before the last one is written")
		}
		io.WriteString(w, " last")
		w.Header().Set("X-Sum", "ok")
	}, nil)
	resp, err := http.Get(s.URL + "/things/" + id + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("got %q, %v", first, err)
	}
	close(read)
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(rest) != " last" || resp.Trailer.Get("X-Sum") != "ok" {
		t.Errorf("got %q, %v, trailer %v", rest, err, resp.Trailer)
	}
}

func TestFailureUnderWayCutsTheConnection(t *testing.T) {
	for name, fail := range map[string]func(http.ResponseWriter, *http.Request){
		"error": func(w http.ResponseWriter, r *http.Request) { ImplementationFailed(w, r, errors.New("disk")) },
		"panic": func(http.ResponseWriter, *http.Request) { panic("disk") },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/pdf")
				io.WriteString(w, "first")
				w.(http.Flusher).Flush()
				fail(w, r)
			}, nil)
			resp, err := http.Get(s.URL + "/things/" + id + "/file")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if data, err := io.ReadAll(resp.Body); err == nil {
				t.Errorf("the client takes %q for the whole", data)
			}
			if errs := s.reported(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "disk") {
				t.Errorf("told %v", errs)
			}
		})
	}
}

func TestJSONIsHeldBack(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"name":`)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
		io.WriteString(w, `5}`)
	}, nil)
	if resp, body := s.do(t, "GET", "/things/"+id, ""); resp.StatusCode != 500 {
		t.Errorf("got %d: %s", resp.StatusCode, body)
	}
}

func TestResponseController(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := c.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Errorf("SetWriteDeadline: %v", err)
		}
		if _, _, err := c.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack: %v", err)
		}
		answerJSON(200, thingJSON)(w, r)
	}, nil)
	if resp, body := s.do(t, "GET", "/things/"+id, ""); resp.StatusCode != 200 {
		t.Errorf("got %d: %s", resp.StatusCode, body)
	}
}

func TestInformationalResponses(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		answerJSON(200, thingJSON)(w, r)
	}, nil)
	var hints []string
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			hints = append(hints, header.Get("Link"))
			return nil
		},
	})
	r, _ := http.NewRequestWithContext(ctx, "GET", s.URL+"/things/"+id, nil)
	resp, body := s.send(t, r)
	if resp.StatusCode != 200 || resp.Header.Get("Link") != "" || body != thingJSON || !slices.Equal(hints, []string{"</style.css>"}) {
		t.Errorf("got %d %v %s, hints %q", resp.StatusCode, resp.Header, body, hints)
	}
}

func TestHintsAreNoPartOfAFailure(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		answerJSON(202, thingJSON)(w, r)
	}, nil)
	if resp, body := s.do(t, "GET", "/things/"+id, ""); resp.StatusCode != 500 || resp.Header.Get("Link") != "" {
		t.Errorf("got %d %v %s", resp.StatusCode, resp.Header, body)
	}
}

func TestStatusWithoutBody(t *testing.T) {
	// Some documents declare content even for a status that HTTP allows no body for.
	e := &endpoint{Operation: &Operation{Responses: []Response{{Status: "2XX", Content: jsonThing}, {Status: "304", Content: jsonThing}}}}
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified} {
		a := e.answer("GET", status, http.Header{})
		if _, err := a.check(nil); err != nil {
			t.Errorf("%d without body: %v", status, err)
		}
		if _, err := a.check([]byte(thingJSON)); err == nil {
			t.Errorf("%d with body is valid", status)
		}
	}
}

func TestHeadersOfOtherHandlersStay(t *testing.T) {
	inner := NewHandler(thingOperations(), answerJSON(202, thingJSON, "X-Inner", "1"), HandlerOptions{OnError: func(*http.Request, error) {}})
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "r1")
	inner.ServeHTTP(w, httptest.NewRequest("GET", "/things/"+id, nil))
	if w.Code != 500 || w.Header().Get("X-Request-Id") != "r1" || w.Header().Get("X-Inner") != "" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

func TestResponseHeader(t *testing.T) {
	tests := []struct {
		name   string
		h      Header
		values []string
		rule   string // of the violation
	}{
		{"optional", Header{Schema: anInt}, nil, ""},
		{"list", Header{Schema: ints}, []string{"1, 2"}, ""},
		{"list in several lines", Header{Schema: ints}, []string{"1", "2,3"}, ""},
		{"list, bad", Header{Schema: ints}, []string{"1, x"}, "header /X-H/1 type"},
		{"object", Header{Schema: anObject, Explode: true}, []string{"role=admin, level=1"}, ""},
		{"object, bad", Header{Schema: anObject}, []string{"role, boss"}, "header /X-H/role enum"},
		{"empty but required", Header{Schema: aString, Required: true}, []string{""}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.h.Name = "X-H"
			var got []string
			for _, v := range tt.h.check(http.Header{"X-H": tt.values}) {
				got = append(got, v.In+" "+v.Pointer+" "+v.Rule)
			}
			if !sameList(got, tt.rule) {
				t.Errorf("got %q, want %q", got, tt.rule)
			}
		})
	}
	if got := (&Header{Name: "content-type", Required: true, Schema: anInt}).check(nil); got != nil {
		t.Errorf("Content-Type is checked: %v", got)
	}
}

func TestPipelinedConnectionSurvivesRefusal(t *testing.T) {
	// A refusal before the body is read must not confuse what follows on the connection.
	s := serve(t, answerJSON(201, thingJSON), nil)
	for range 3 {
		if resp, body := s.do(t, "POST", "/things", `{"name":"port"}`, "Content-Type", "application/json"); resp.StatusCode != 401 {
			t.Errorf("got %d: %s", resp.StatusCode, body)
		}
		resp, body := s.do(t, "POST", "/things", `{"name":"port"}`, "Content-Type", "application/json", "Authorization", "Bearer t")
		if resp.StatusCode != 201 {
			t.Errorf("got %d: %s", resp.StatusCode, body)
		}
	}
}
