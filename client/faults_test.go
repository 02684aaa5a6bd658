package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// A world is a sandbox in which something is ordered already, and a client whose view of it nothing disturbs.
type world struct {
	*sandbox.Sandbox
	server *server
	sight  *client.Client
	port   interconnect.PhysicalInterconnect
	empty  string // the name of an interconnect without a CNI
	cni    interconnect.CNI
}

func newWorld(t *testing.T) *world {
	w := &world{}
	today := time.Date(2026, time.August, 14, 9, 30, 0, 0, time.UTC) // so that a letter is the same each time
	w.Sandbox, w.server, w.sight = newSandbox(t, sandbox.WithClock(func() time.Time { return today }))
	w.port = order(t, w.sight)
	second, err := w.sight.CreateInterconnect(t.Context(), interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{SlotID: sandbox.Catalogue("")[1].ID}))
	if err != nil {
		t.Fatal(err)
	}
	w.empty = second.Value().(interconnect.PhysicalInterconnect).Name
	w.cni, err = w.sight.CreateCNI(t.Context(), interconnect.CNICreate{Interconnect: w.port.Name, Magic: interconnect.MagicSettings{ConduitName: "east", MTU: 1500}})
	if err != nil {
		t.Fatal(err)
	}
	clear(w.server.count)
	return w
}

// named gives names to what the calls are about, for a service that looks at none of them.
func (w *world) named(name string) *world {
	w.port.Name, w.empty, w.port.SlotID, w.cni.ID = name, name, uuid.New(), uuid.New()
	return w
}

// state is everything that a mutation can change.
func (w *world) state(t *testing.T) string {
	var b strings.Builder
	for i, err := range w.sight.ListInterconnects(t.Context(), nil) {
		fmt.Fprintln(&b, described(i), err)
	}
	for cni, err := range w.sight.ListCNIs(t.Context(), nil) {
		fmt.Fprintln(&b, cni.ID, cni.Magic, err)
	}
	settings, err := w.sight.GetSettings(t.Context())
	fmt.Fprintln(&b, settings, err)
	return b.String()
}

// calls are all operations. What they return is what the caller gets to know.
var calls = map[string]func(context.Context, *client.Client, *world) (any, error){
	"list_slots": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return collected(c.ListSlots(ctx, &interconnect.ListSlotsParams{Limit: new(int32(60))}))
	},
	"get_slot": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.GetSlot(ctx, w.port.SlotID)
	},
	"list_interconnects": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return collected(c.ListInterconnects(ctx, &interconnect.ListInterconnectsParams{Limit: new(int32(1))}))
	},
	"create_interconnect": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
			Bandwidth: interconnect.Bandwidth1G, PairingKey: "key/us-east4/1",
		}))
	},
	"get_interconnect": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.GetInterconnect(ctx, w.port.Name)
	},
	"delete_interconnect": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return nil, c.DeleteInterconnect(ctx, w.empty)
	},
	"get_interconnect_status": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.GetInterconnectStatus(ctx, w.port.Name)
	},
	"get_interconnect_loa": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		var letter bytes.Buffer
		_, err := c.GetInterconnectLOA(ctx, w.port.Name, nil, &letter)
		return letter.String(), err
	},
	"get_interconnect_loa_default_name": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.GetInterconnectLOADefaultName(ctx, w.port.Name)
	},
	"list_cnis": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return collected(c.ListCNIs(ctx, nil))
	},
	"create_cni": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.CreateCNI(ctx, interconnect.CNICreate{Interconnect: w.empty, Magic: interconnect.MagicSettings{ConduitName: "west", MTU: 1500}})
	},
	"get_cni": func(ctx context.Context, c *client.Client, w *world) (any, error) { return c.GetCNI(ctx, w.cni.ID) },
	"update_cni": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.UpdateCNI(ctx, w.cni.ID, interconnect.CNIUpdate{Interconnect: w.port.Name, Magic: interconnect.MagicSettings{ConduitName: "north", MTU: 1400}})
	},
	"delete_cni": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return nil, c.DeleteCNI(ctx, w.cni.ID)
	},
	"get_settings": func(ctx context.Context, c *client.Client, w *world) (any, error) { return c.GetSettings(ctx) },
	"update_settings": func(ctx context.Context, c *client.Client, w *world) (any, error) {
		return c.UpdateSettings(ctx, interconnect.SettingsUpdate{DefaultASN: nullable.NewNullableWithValue[int64](64512)})
	},
}

func collected[T any](items iter.Seq2[T, error]) (any, error) {
	var all []T
	for item, err := range items {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

var faults = map[string]sandbox.Fault{
	"400":                          {Status: 400},
	"401":                          {Status: 401},
	"403":                          {Status: 403},
	"404":                          {Status: 404},
	"408":                          {Status: 408},
	"409":                          {Status: 409},
	"429":                          {Status: 429},
	"429 with Retry-After":         {Status: 429, RetryAfter: time.Second},
	"429 for an hour":              {Status: 429, RetryAfter: time.Hour},
	"302":                          {Status: 302, Header: http.Header{"Location": {"/elsewhere"}}},
	"307":                          {Status: 307, Header: http.Header{"Location": {"/elsewhere"}}},
	"418":                          {Status: 418},
	"500":                          {Status: 500},
	"500 after the work":           {Status: 500, AfterWork: true},
	"500 that may be retried":      {Status: 500, Header: retriable},
	"502 of a proxy":               {Status: 502, Header: http.Header{"Content-Type": {"text/html"}, "X-Should-Retry": nil}},
	"503 with Retry-After":         {Status: 503, RetryAfter: time.Second, Header: retriable},
	"504 after the work":           {Status: 504, AfterWork: true, Header: retriable},
	"503, for good":                {Status: 503, Header: retriable, Times: -1},
	"599":                          {Status: 599, Header: retriable},
	"malformed":                    {Malformed: true},
	"malformed, for good":          {Malformed: true, Times: -1},
	"malformed failure":            {Status: 400, Malformed: true},
	"malformed 500":                {Status: 500, Malformed: true, AfterWork: true},
	"another media type":           {AfterWork: true, Header: http.Header{"Content-Type": {"text/plain"}}},
	"compressed, it says":          {AfterWork: true, Header: http.Header{"Content-Encoding": {"br"}}},
	"dropped before the work":      {Drop: true},
	"dropped after the work":       {Drop: true, AfterWork: true},
	"dropped, for good":            {Drop: true, Times: -1},
	"slow before the work":         {Delay: time.Minute},
	"slow after the work":          {Delay: time.Minute, AfterWork: true},
	"slow, then dropped":           {Delay: time.Millisecond, Drop: true, AfterWork: true},
	"slow, but not too slow":       {Delay: time.Millisecond},
	"a new header":                 {Header: http.Header{"X-New": {"1"}}},
	"after the work, a new header": {AfterWork: true, Header: http.Header{"X-New": {"1"}}},
}

// Whatever happens to a call, the caller gets the right response, or an error that says what became of it. No call
// that changes something is sent again once it may have arrived.
func TestFaults(t *testing.T) {
	for _, op := range interconnect.Operations() {
		if calls[op.ID] == nil {
			t.Errorf("%s is missing above", op.ID)
		}
	}
	for operation, call := range calls {
		for name, fault := range faults {
			t.Run(operation+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				opts := []client.Option{client.WithSleep(noSleep)}
				if fault.Delay >= time.Second {
					opts = append(opts, client.WithHTTPClient(&http.Client{Transport: impatient(t, w)}))
				}
				c := newClient(t, w.server.URL, opts...)
				before := w.state(t)
				w.server.mu.Lock()
				clear(w.server.count)
				w.server.mu.Unlock()
				w.Fail(operation, fault)
				got, err := call(t.Context(), c, w)
				w.ClearFaults()
				w.server.mu.Lock()
				sent := w.server.count["POST"] + w.server.count["PUT"] + w.server.count["DELETE"]
				w.server.mu.Unlock()
				after := w.state(t)

				if _, mutation := mutations(t.Context(), c)[operation]; !mutation {
					right, rightErr := call(t.Context(), w.sight, w)
					if err == nil && (rightErr != nil || !reflect.DeepEqual(got, right)) {
						t.Errorf("got %+v, want %+v", got, right)
					}
					if err != nil && retryable(fault) {
						t.Errorf("a second attempt would have succeeded: %v", err)
					}
					return
				}
				want := 1
				if fault.Status == 429 && fault.RetryAfter > 0 && fault.RetryAfter <= client.MaxRetryAfter {
					want = 2 // the service has refused, and says when to come back
				}
				if sent != want {
					t.Errorf("sent %d times, want %d", sent, want)
				}
				switch what, done := judged(err), before != after; what {
				case "done":
					if !done {
						t.Errorf("%v, but nothing was done", err)
					}
				case "refused", "not sent":
					if done {
						t.Errorf("%v, but it was done", err)
					}
				case "unknown":
					if fault.Status > 0 && fault.Status < 500 || fault.Status == 0 && !fault.Drop && fault.Delay < time.Second {
						t.Errorf("%v, but the answer was clear", err)
					}
				default:
					t.Errorf("it is not clear what became of it: %v", err)
				}
			})
		}
	}
}

// impatient cancels the first request as soon as the fault that waits for it has it, as a timeout of exactly that
// length would.
func impatient(t *testing.T, w *world) http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	waiting := func() bool {
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, sandbox.ControlPath+"/faults", nil))
		return strings.Contains(answer.Body.String(), "operation")
	}
	var first sync.Once
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		ctx, cancel := context.WithCancelCause(r.Context())
		first.Do(func() {
			go func() {
				for waiting() && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				cancel(context.DeadlineExceeded)
			}()
		})
		return transport.RoundTrip(r.WithContext(ctx))
	})
}

// judged is what the package comment says about an error of a mutation.
func judged(err error) string {
	var (
		request  *contract.RequestError
		unknown  *client.UnknownOutcomeError
		api      *client.APIError
		response *contract.ResponseError
	)
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &request):
		return "not sent"
	case errors.As(err, &unknown):
		return "unknown"
	case errors.As(err, &api):
		return "refused"
	case errors.As(err, &response) && response.Status >= 200 && response.Status < 300:
		return "done"
	case errors.As(err, &response) && response.Status >= 300:
		return "refused" // sent elsewhere
	}
	return ""
}

func retryable(f sandbox.Fault) bool {
	if f.Times != 0 {
		return false
	}
	again := f.Header.Get("X-Should-Retry") == "true" || f.Status < 500
	return f.Drop || f.Delay > 0 || again && (f.Status == 408 || f.Status == 429 && f.RetryAfter < time.Minute || f.Status >= 500)
}
