package reconcile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/yamljson"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const (
	account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	slotA   = "4b99d788-9a01-53d2-97b3-e7d272d0ad85" // at iad-a, 10G
	slotB   = "10eb01b5-0756-54eb-8268-3544fa1234ca" // at atl-a, 10G
	slotC   = "454e3bf3-fab0-55a2-9d04-4bb6c4fd8046" // at atl-a, 100G
)

// failer is what tests and random tests have in common.
type failer interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A rig is a sandbox, and a client that reads it through a middleman who may change the responses.
type rig struct {
	t       failer
	sandbox *sandbox.Sandbox
	client  *client.Client
	unknown *Unknown

	mu      sync.Mutex
	rewrite func(path string, body any) any // what becomes of the body of a success; nil for nothing
	ordered map[string]bool                 // by slot or pairing key, the orders that have had their effect
	twice   []string                        // those of them that were sent again
}

func newRig(t failer, opts ...sandbox.Option) *rig {
	t.Helper()
	r := &rig{t: t, sandbox: sandbox.New(opts...), unknown: &Unknown{}, ordered: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(func() {
		server.Close()
		if len(r.twice) > 0 {
			t.Errorf("ordered again after the order had its effect: %s", r.twice)
		}
	})
	c, err := client.New(account, client.WithBaseURL(server.URL), client.WithToken("any"),
		client.WithOnDeviation(r.unknown.Note), client.WithBackoff(time.Microsecond, time.Microsecond),
		client.WithLogger(nil))
	if err != nil {
		t.Fatalf("%v", err)
	}
	r.client = c
	return r
}

// serve watches the orders: one that has had its effect must never be sent again.
func (r *rig) serve(w http.ResponseWriter, q *http.Request) {
	key := ""
	if q.Method == http.MethodPost && strings.HasSuffix(q.URL.Path, "/interconnects") {
		var body bytes.Buffer
		_, _ = body.ReadFrom(q.Body)
		q.Body = readCloser{bytes.NewReader(body.Bytes())}
		var order struct {
			SlotID     string `json:"slot_id"`
			PairingKey string `json:"pairing_key"`
		}
		_ = json.Unmarshal(body.Bytes(), &order)
		key = order.SlotID + order.PairingKey
		r.mu.Lock()
		if r.ordered[key] {
			r.twice = append(r.twice, key)
		}
		r.mu.Unlock()
		before := r.count()
		defer func() { // a fault that drops the connection panics
			r.mu.Lock()
			defer r.mu.Unlock()
			r.ordered[key] = r.count() > before
		}()
	}
	r.mu.Lock()
	rewrite := r.rewrite
	r.mu.Unlock()
	if rewrite == nil {
		r.sandbox.ServeHTTP(w, q)
		return
	}
	recorded := httptest.NewRecorder()
	r.sandbox.ServeHTTP(recorded, q)
	text := recorded.Body.Bytes()
	var body any
	if recorded.Code == http.StatusOK && json.Unmarshal(text, &body) == nil {
		text, _ = json.Marshal(rewrite(q.URL.Path[strings.Index(q.URL.Path, "/cni/"):], body))
	}
	w.Header().Set("Content-Type", recorded.Header().Get("Content-Type"))
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(text)
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// count is how many interconnects there are.
func (r *rig) count() int {
	var snapshot struct{ Interconnects []json.RawMessage }
	text, _ := r.sandbox.Snapshot().MarshalJSON()
	_ = json.Unmarshal(text, &snapshot)
	return len(snapshot.Interconnects)
}

func (r *rig) rewriting(f func(path string, body any) any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rewrite = f
}

func parse(text string) (*File, error) {
	document, err := yamljson.Parse("f", []byte(text))
	if err != nil {
		return nil, err
	}
	return Parse(document, account, os.ReadFile)
}

// plan plans a file, which must be valid.
func (r *rig) plan(text string, opts Options) (*Plan, error) {
	r.t.Helper()
	file, err := parse(text)
	if err != nil {
		r.t.Fatalf("the file is not valid: %v\n%s", err, text)
	}
	state, err := Read(context.Background(), r.client, r.unknown, file)
	if err != nil {
		return nil, err
	}
	return New(file, state, opts), nil
}

func (r *rig) mustPlan(text string, opts Options) *Plan {
	r.t.Helper()
	plan, err := r.plan(text, opts)
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return plan
}

// apply carries a plan out, which must succeed, and wants the next one to be empty.
func (r *rig) apply(text string, opts Options) {
	r.t.Helper()
	plan := r.mustPlan(text, opts)
	if err := plan.Apply(context.Background(), r.client, func(*Step) {}); err != nil {
		r.t.Fatalf("%v\n%s", err, textOfPlan(plan))
	}
	if again := r.mustPlan(text, opts); len(again.Steps) > 0 || len(again.Problems) > 0 {
		r.t.Fatalf("applied again, there is still something to do:\n%s\nby\n%s\nafter\n%s", textOfPlan(again), text,
			textOfPlan(plan))
	}
}

func textOfPlan(p *Plan) string {
	var b strings.Builder
	_ = p.WriteText(&b, func(text string) string { return text })
	for _, problem := range p.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", problem)
	}
	return b.String()
}

// wantPlan compares a plan, without its first line and the places, with a text that is indented as the caller is.
func (r *rig) wantPlan(text string, opts Options, want string) *Plan {
	r.t.Helper()
	plan := r.mustPlan(text, opts)
	_, got, _ := strings.Cut(textOfPlan(plan), "\n")
	got = regexp.MustCompile(`f:\d+:\d+`).ReplaceAllString(strings.ReplaceAll("\n"+got, "\n  ", "\n"), "f")
	got, want = strings.TrimSpace(got), strings.TrimSpace(strings.ReplaceAll(want, "\n\t\t", "\n"))
	if got != want {
		r.t.Errorf("the plan is\n%s\nwant\n%s", got, want)
	}
	return plan
}

// wantProblem wants a plan to have one problem.
func (r *rig) wantProblem(text string, opts Options, want string) {
	r.t.Helper()
	plan := r.mustPlan(text, opts)
	if len(plan.Problems) != 1 || !strings.Contains(plan.Problems.Error(), want) {
		r.t.Errorf("the problems are\n%s\nwant one with\n%s", strings.ReplaceAll(plan.Problems.Error(), "; f:", "\nf:"), want)
	}
	if err := plan.Apply(context.Background(), r.client, func(*Step) {}); err == nil {
		r.t.Errorf("a plan with a problem is carried out")
	}
}

func (r *rig) export() string {
	r.t.Helper()
	state, err := Read(context.Background(), r.client, r.unknown, nil)
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return string(state.Export().JSON)
}

// orderPort orders a port and returns its name.
func (r *rig) orderPort(slot string) string {
	r.t.Helper()
	var order interconnect.InterconnectCreate
	if err := order.UnmarshalJSON([]byte(`{"type":"direct","account":"` + account + `","slot_id":"` + slot + `"}`)); err != nil {
		r.t.Fatalf("%v", err)
	}
	return r.place(order)
}

// orderLink orders a link to Google Cloud and returns its name.
func (r *rig) orderLink(key, bandwidth string) string {
	r.t.Helper()
	return r.place(interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
		PairingKey: key, Bandwidth: interconnect.Bandwidth(bandwidth),
	}))
}

func (r *rig) place(order interconnect.InterconnectCreate) string {
	r.t.Helper()
	ordered, err := r.client.CreateInterconnect(context.Background(), order)
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return NameOf(ordered)
}

func (r *rig) createCNI(name, conduit string) interconnect.CNI {
	r.t.Helper()
	cni, err := r.client.CreateCNI(context.Background(), interconnect.CNICreate{
		Interconnect: name, Magic: interconnect.MagicSettings{ConduitName: conduit, MTU: 1500},
	})
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return cni
}

func (r *rig) cni(conduit string) interconnect.CNI {
	r.t.Helper()
	for cni, err := range r.client.ListCNIs(context.Background(), nil) {
		if err != nil {
			r.t.Fatalf("%v", err)
		}
		if cni.Magic.ConduitName == conduit {
			return cni
		}
	}
	r.t.Fatalf("there is no CNI %s", conduit)
	return interconnect.CNI{}
}
