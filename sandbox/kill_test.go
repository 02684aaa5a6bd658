package sandbox_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// dataVariable makes the test binary a server on the data file that it names. No file that the server writes can grow beyond the
// number of bytes of limitVariable, if there is one.
const (
	dataVariable  = "INTERCONNECT_TEST_DATA"
	limitVariable = "INTERCONNECT_TEST_LIMIT"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(dataVariable); path != "" {
		if err := serveData(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveData(path string) error {
	if limit := os.Getenv(limitVariable); limit != "" {
		if err := limitFiles(limit); err != nil {
			return err
		}
	}
	s, err := sandbox.Open(path, sandbox.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	go func() { // so that it does not outlive a test that fails
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(2)
	}()
	return http.Serve(listener, s)
}

// A victim is a server process.
type victim struct {
	cmd    *exec.Cmd
	url    string
	stderr bytes.Buffer
}

func newVictim(t *testing.T, path string, env ...string) *victim {
	t.Helper()
	v := &victim{cmd: exec.Command(os.Args[0])}
	v.cmd.Env = append(append(os.Environ(), dataVariable+"="+path), env...)
	v.cmd.Stderr = &v.stderr
	stdin, err := v.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	stdout, err := v.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = v.cmd.Wait()
		t.Fatalf("the server does not start: %s", &v.stderr)
	}
	v.url = strings.TrimSpace(line)
	return v
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // SIGKILL
	_ = v.cmd.Wait()
}

// A writer is the only one that changes its account. It knows what was answered, and the one request that was not.
type writer struct {
	account  string
	slots    []uuid.UUID // which no other client orders
	client   *http.Client
	ports    map[string]uuid.UUID // name → slot
	cnis     map[string]string    // ID → conduit name
	asn      int64
	number   int    // of conduit names
	underway string // the request without a response, "" if there is none
	full     bool   // the last request was refused as the data file could not be written
}

func newWriter(i int) *writer {
	w := &writer{
		account: fmt.Sprintf("writer%d", i), client: &http.Client{Transport: &http.Transport{}},
		ports: map[string]uuid.UUID{}, cnis: map[string]string{}, asn: 13335,
	}
	for _, slot := range sandbox.Catalogue("")[10*i : 10*i+10] {
		w.slots = append(w.slots, slot.ID)
	}
	return w
}

// send returns false if there is no response.
func (w *writer) send(t *testing.T, url, method, path, body string) (reply, bool) {
	request, err := http.NewRequest(method, url+"/accounts/"+w.account+"/cni"+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return reply{}, false
	}
	request.Header.Set("Authorization", "Bearer any")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := w.client.Do(request)
	if err != nil {
		return reply{}, false
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, false
	}
	return reply{response.StatusCode, response.Header, string(text)}, true
}

// change makes one change and notes it if it is answered. It returns false if it is not.
func (w *writer) change(t *testing.T, url string, random *rand.Rand) bool {
	method, path, body := "PUT", "/settings", ""
	var note func(reply)
	name, id := first(w.ports), first(w.cnis)
	switch what := random.IntN(5); {
	case what == 0 && len(w.ports) < len(w.slots):
		taken := slices.Collect(maps.Values(w.ports))
		free := slices.IndexFunc(w.slots, func(slot uuid.UUID) bool { return !slices.Contains(taken, slot) })
		method, path, body = "POST", "/interconnects", physicalOrder(w.account, w.slots[free])
		note = func(r reply) {
			var ic interconnect.PhysicalInterconnect
			if err := json.Unmarshal([]byte(r.body), &ic); err != nil {
				t.Error(err)
			}
			w.ports[ic.Name] = ic.SlotID
		}
	case what == 1 && name != "" && len(w.cnis) == 0:
		method, path = "DELETE", "/interconnects/"+name
		note = func(reply) { delete(w.ports, name) }
	case what == 2 && name != "":
		w.number++
		conduit := fmt.Sprint("c", w.number)
		method, path, body = "POST", "/cnis", strings.ReplaceAll(cniCreate(name, conduit), account, w.account)
		note = func(r reply) {
			var cni interconnect.CNI
			if err := json.Unmarshal([]byte(r.body), &cni); err != nil {
				t.Error(err)
			}
			w.cnis[cni.ID.String()] = conduit
		}
	case what == 3 && id != "":
		method, path = "DELETE", "/cnis/"+id
		note = func(reply) { delete(w.cnis, id) }
	default:
		asn := 64512 + random.Int64N(1000)
		body = fmt.Sprintf(`{"default_asn":%d}`, asn)
		note = func(reply) { w.asn = asn }
	}
	w.underway = method + " " + path + " " + body
	answer, ok := w.send(t, url, method, path, body)
	if !ok {
		return false
	}
	w.underway = ""
	if answer.status != http.StatusOK {
		if w.full = strings.Contains(answer.body, "the data file cannot be written"); !w.full {
			t.Errorf("%s %s %s: %d %s", method, path, body, answer.status, answer.body)
		}
		return false
	}
	note(answer)
	return true
}

func first[V any](m map[string]V) string {
	if len(m) == 0 {
		return ""
	}
	return slices.Min(slices.Collect(maps.Keys(m)))
}

// verify compares what the server has with what was acknowledged. Of the request without a response, it takes note of
// whether it was done, as a whole.
func (w *writer) verify(t *testing.T, url string) {
	t.Helper()
	ports, cnis := map[string]uuid.UUID{}, map[string]string{}
	get := func(path string) string {
		answer, ok := w.send(t, url, "GET", path, "")
		if !ok || answer.status != http.StatusOK {
			t.Fatalf("GET %s: %v %d %s", path, ok, answer.status, answer.body)
		}
		return answer.body
	}
	var list struct {
		Items []interconnect.PhysicalInterconnect
	}
	var cniList interconnect.CNIList
	var settings interconnect.Settings
	for path, into := range map[string]any{"/interconnects": &list, "/cnis?limit=1000": &cniList, "/settings": &settings} {
		if err := json.Unmarshal([]byte(get(path)), into); err != nil {
			t.Fatal(err)
		}
	}
	for _, ic := range list.Items {
		ports[ic.Name] = ic.SlotID
	}
	for _, cni := range cniList.Items {
		cnis[cni.ID.String()] = cni.Magic.ConduitName
		if _, ok := ports[cni.Interconnect]; !ok {
			t.Errorf("CNI %s is on interconnect %s, which does not exist", cni.ID, cni.Interconnect)
		}
	}
	// At most the request without a response may make a difference, and only one.
	differences := 0
	for name, slot := range ports {
		if w.ports[name] != slot {
			differences++
		}
	}
	for name := range w.ports {
		if _, ok := ports[name]; !ok {
			differences++
		}
	}
	for id := range cnis {
		if _, ok := w.cnis[id]; !ok {
			differences++
		}
	}
	for id := range w.cnis {
		if _, ok := cnis[id]; !ok {
			differences++
		}
	}
	if settings.DefaultASN != w.asn {
		differences++
	}
	if differences > 1 || differences == 1 && w.underway == "" {
		t.Errorf("%s: not what was answered, underway %q\nhave %v %v %d\nwant %v %v %d",
			w.account, w.underway, ports, cnis, settings.DefaultASN, w.ports, w.cnis, w.asn)
	}
	for i, slot := range w.slots {
		var got interconnect.Slot
		if err := json.Unmarshal([]byte(get("/slots/"+slot.String())), &got); err != nil {
			t.Fatal(err)
		}
		if held := slices.Contains(slices.Collect(maps.Values(ports)), slot); held != got.Occupied {
			t.Errorf("slot %d: occupied is %t, an interconnect has it: %t", i, got.Occupied, held)
		}
	}
	w.ports, w.cnis, w.asn, w.underway = ports, cnis, settings.DefaultASN, ""
}

// A process that is killed in the middle of its work loses nothing that it has answered, and does nothing by halves.
func TestKill(t *testing.T) {
	rounds, clients := 50, 3
	switch {
	case *long:
		rounds, clients = 150, 8
	case testing.Short():
		rounds = 5
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "sandbox.db")
	writers := newWriters(clients)
	total, unanswered := 0, 0
	for round := range rounds {
		v := newVictim(t, path)
		for _, w := range writers {
			w.verify(t, v.url)
		}
		fatal := 5 + random.Int64N(60) // the response that makes the process die
		total += work(t, v, writers, seed+uint64(round), fatal)
		for _, w := range writers {
			if w.underway != "" {
				unanswered++
			}
		}
		if t.Failed() {
			t.Fatalf("round %d: %s", round, &v.stderr)
		}
	}
	v := newVictim(t, path)
	defer v.kill()
	for _, w := range writers {
		w.verify(t, v.url)
	}
	t.Logf("%d changes were answered, %d were not", total, unanswered)
}

func newWriters(n int) []*writer {
	var writers []*writer
	for i := range n {
		writers = append(writers, newWriter(i))
	}
	return writers
}

// patience is how long a server may be silent. It starts anew with each response, so that it does not matter how long a busy machine takes
// for all of them.
const patience = time.Minute

// work lets the writers change things at the same time until a number of changes is answered, or none is any more, and kills the
// server. It returns how many there were.
func work(t *testing.T, v *victim, writers []*writer, seed uint64, changes int64) int {
	t.Helper()
	var done atomic.Int64
	enough := make(chan struct{})
	var working sync.WaitGroup
	for i, w := range writers {
		own := rand.New(rand.NewPCG(seed, uint64(i+1)))
		working.Go(func() {
			for w.change(t, v.url, own) {
				if done.Add(1) == changes {
					close(enough)
				}
			}
		})
	}
	stopped := make(chan struct{})
	go func() { working.Wait(); close(stopped) }()
	for before, waiting := int64(-1), true; waiting; {
		select {
		case <-enough:
			waiting = false
		case <-stopped:
			waiting = false
		case <-time.After(patience):
			now := done.Load()
			if now == before {
				v.kill()
				t.Fatalf("the server is silent, after %d of %d changes: %s", now, changes, &v.stderr)
			}
			before = now
		}
	}
	v.kill()
	<-stopped
	for _, w := range writers {
		w.client.CloseIdleConnections()
	}
	return int(done.Load())
}
