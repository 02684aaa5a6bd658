package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const (
	account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	other   = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
)

var epoch = time.Date(2026, 8, 14, 12, 0, 0, 0, time.UTC)

// A rig is a sandbox whose clock stands still, with shortcuts for calling it.
type rig struct {
	t testing.TB
	*sandbox.Sandbox
}

// start makes a sandbox. An internal error of it, such as a response that the document does not allow, fails the test.
func start(t testing.TB, opts ...sandbox.Option) rig {
	t.Helper()
	opts = append([]sandbox.Option{
		sandbox.WithClock(func() time.Time { return epoch }),
		sandbox.WithLogger(slog.New(failing{t})),
	}, opts...)
	return rig{t, sandbox.New(opts...)}
}

// failing is a log handler that fails the test for errors.
type failing struct{ testing.TB }

func (f failing) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }
func (f failing) WithAttrs([]slog.Attr) slog.Handler               { return f }
func (f failing) WithGroup(string) slog.Handler                    { return f }
func (f failing) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	f.Error(line)
	return nil
}

// A reply is what the sandbox answered.
type reply struct {
	status int
	header http.Header
	body   string
}

// call sends a request of the account; path is what comes after …/cni.
func (r rig) call(method, path, body string) reply { return r.callAs(account, method, path, body) }

func (r rig) callAs(account, method, path, body string) reply {
	r.t.Helper()
	return r.send("/accounts/"+account+"/cni"+path, method, body, "Authorization", "Bearer any")
}

func (r rig) send(target, method, body string, header ...string) reply {
	r.t.Helper()
	return sendTo(r.t, r, target, method, body, header...)
}

func sendTo(t testing.TB, handler http.Handler, target, method, body string, header ...string) reply {
	t.Helper()
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request)
	return reply{w.Code, w.Result().Header, w.Body.String()}
}

// decode reads the body of a success.
func decode[T any](t testing.TB, r reply) T {
	t.Helper()
	var v T
	if r.status != http.StatusOK {
		t.Fatalf("got %d %s, want 200", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return v
}

func wantStatus(t testing.TB, r reply, status int) {
	t.Helper()
	if r.status != status {
		t.Fatalf("got %d %s, want %d", r.status, r.body, status)
	}
}

// wantFailure checks the status and the errors, each given as "pointer: message", or "message" if there is no pointer.
func wantFailure(t testing.TB, r reply, status int, errors ...string) {
	t.Helper()
	var f interconnect.Failure
	if err := json.Unmarshal([]byte(r.body), &f); err != nil {
		t.Fatalf("got %d %q: %v", r.status, r.body, err)
	}
	var got []string
	for _, e := range f.Errors {
		text := e.Message
		if e.Source != nil && e.Source.Pointer != nil {
			text = *e.Source.Pointer + ": " + text
		}
		got = append(got, text)
	}
	if r.status != status || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", errors) {
		t.Errorf("got %d %q, want %d %q", r.status, got, status, errors)
	}
}

// order orders a physical interconnect on a slot of the catalogue.
func (r rig) order(slot interconnect.Slot) interconnect.PhysicalInterconnect {
	r.t.Helper()
	ic := decode[interconnect.Interconnect](r.t, r.call("POST", "/interconnects", physicalOrder(account, slot.ID)))
	return ic.Value().(interconnect.PhysicalInterconnect)
}

func (r rig) orderGCP(key string) interconnect.GCPPartnerInterconnect {
	r.t.Helper()
	ic := decode[interconnect.Interconnect](r.t, r.call("POST", "/interconnects", gcpOrder(account, key)))
	return ic.Value().(interconnect.GCPPartnerInterconnect)
}

func physicalOrder(account string, slot uuid.UUID) string {
	return fmt.Sprintf(`{"type":"direct","account":%q,"slot_id":%q}`, account, slot)
}

func gcpOrder(account, key string) string {
	return fmt.Sprintf(`{"type":"gcp_partner","account":%q,"pairing_key":%q,"bandwidth":"1G"}`, account, key)
}

// configure creates a CNI.
func (r rig) configure(ic, conduit string) interconnect.CNI {
	r.t.Helper()
	return decode[interconnect.CNI](r.t, r.call("POST", "/cnis", cniCreate(ic, conduit)))
}

func cniCreate(ic, conduit string) string {
	return fmt.Sprintf(`{"account":%q,"interconnect":%q,"magic":{"conduit_name":%q,"description":"","mtu":1500}}`, account, ic, conduit)
}

// edit returns a JSON object with some members set, given as name and value; the value remove takes the member out.
func edit(t testing.TB, object any, members ...any) string {
	t.Helper()
	text, ok := object.(string)
	if !ok {
		b, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(members); i += 2 {
		name := members[i].(string)
		if m[name] = members[i+1]; m[name] == remove {
			delete(m, name)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const remove = "\x00"

func get(t testing.TB, client *http.Client, url string) (*http.Response, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer any")
	response, err := client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}
