package sandbox_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// open is start for a sandbox with a file.
func open(t testing.TB, path string, opts ...sandbox.Option) rig {
	t.Helper()
	opts = append([]sandbox.Option{
		sandbox.WithClock(func() time.Time { return epoch }),
		sandbox.WithLogger(slog.New(failing{t})),
	}, opts...)
	s, err := sandbox.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return rig{t, s}
}

// view is everything that can be seen of a sandbox by its accounts, and by whoever controls it.
func (r rig) view() string {
	r.t.Helper()
	var b strings.Builder
	for _, id := range []string{account, other} {
		var names []string
		for _, path := range []string{"/interconnects", "/cnis", "/settings", "/slots?limit=1000"} {
			answer := r.callAs(id, "GET", path, "")
			fmt.Fprintln(&b, path, answer.status, answer.body)
			if path == "/interconnects" {
				for _, ic := range decode[interconnect.InterconnectList](r.t, answer).Items {
					switch v := ic.Value().(type) {
					case interconnect.PhysicalInterconnect:
						names = append(names, v.Name)
					case interconnect.GCPPartnerInterconnect:
						names = append(names, v.Name)
					}
				}
			}
		}
		for _, name := range names {
			answer := r.callAs(id, "GET", "/interconnects/"+name+"/status", "")
			fmt.Fprintln(&b, name, answer.status, answer.body)
		}
	}
	text, err := json.Marshal(r.Snapshot())
	if err != nil {
		r.t.Fatal(err)
	}
	fmt.Fprintf(&b, "%s %s\n", r.Now(), text)
	return b.String()
}

// After each kind of change, a sandbox that is opened again is the one that was closed, and goes on as it would have.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	slots := sandbox.Catalogue("")
	r := open(t, path)
	var port interconnect.PhysicalInterconnect
	var cni interconnect.CNI
	steps := []struct {
		name string
		do   func()
	}{
		{"nothing", func() {}},
		{"order", func() { port = r.order(slots[0]) }},
		{"order to GCP", func() { r.orderGCP("key/us-east4/1") }},
		{"order of another account", func() {
			wantStatus(t, r.callAs(other, "POST", "/interconnects", physicalOrder(other, slots[3].ID)), 200)
		}},
		{"CNI", func() { cni = r.configure(port.Name, "east") }},
		{"second CNI", func() { r.configure(port.Name, "west") }},
		{"update", func() {
			wantStatus(t, r.call("PUT", "/cnis/"+cni.ID.String(), cniCreate(port.Name, "north")), 200)
		}},
		{"settings", func() { wantStatus(t, r.call("PUT", "/settings", `{"default_asn":64512}`), 200) }},
		{"clock", func() { _ = r.Advance(time.Minute) }},
		{"status", func() {
			if err := r.SetStatus(account, port.Name, interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: new("cut")})); err != nil {
				t.Fatal(err)
			}
		}},
		{"status of the clock", func() {
			if err := r.ClearStatus(account, port.Name); err != nil {
				t.Fatal(err)
			}
		}},
		{"deleted CNI", func() { wantStatus(t, r.call("DELETE", "/cnis/"+cni.ID.String(), ""), 200) }},
		{"CNI on the freed subnet", func() { cni = r.configure(port.Name, "south") }},
		{"refused orders", func() {
			wantStatus(t, r.call("POST", "/interconnects", physicalOrder(account, slots[0].ID)), 400)
			wantStatus(t, r.call("POST", "/interconnects", gcpOrder(account, "key/us-east4/1")), 400)
		}},
		{"order on a freed slot", func() {
			second := r.order(slots[1])
			wantStatus(t, r.call("DELETE", "/interconnects/"+second.Name, ""), 200)
			r.order(slots[1])
		}},
		{"restored snapshot", func() {
			before := r.Snapshot()
			r.order(slots[2])
			if err := r.Restore(before); err != nil {
				t.Fatal(err)
			}
		}},
		{"reset", func() {
			if err := r.Reset(); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, step := range steps {
		step.do()
		want := r.view()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		r = open(t, path)
		if got := r.view(); got != want {
			t.Fatalf("after %s\nbefore: %s\nafter:  %s", step.name, want, got)
		}
	}
}

// A sandbox with a file does what one in memory does, whatever happens to both, and whenever it is opened again. Each history waits for
// the medium some thirty times.
func TestFileIsLikeMemory(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); !*long && checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("30")
		defer checks.Value.Set(checks.DefValue)
	}
	slots := sandbox.Catalogue("")[:6]
	dir := t.TempDir()
	file := 0
	rapid.Check(t, func(rt *rapid.T) {
		file++
		path := filepath.Join(dir, fmt.Sprint(file))
		memory := start(t, sandbox.WithSlots(slots))
		disk := open(t, path, sandbox.WithSlots(slots))
		both := func(method, path, body string) {
			id := rapid.SampledFrom([]string{account, other}).Draw(rt, "account")
			body = strings.ReplaceAll(body, account, id)
			want, got := memory.callAs(id, method, path, body), disk.callAs(id, method, path, body)
			if got.status != want.status || got.body != want.body {
				rt.Fatalf("%s %s %s\nin memory: %d %s\nin a file: %d %s", method, path, body, want.status, want.body, got.status, got.body)
			}
		}
		names := func() []string {
			var list []string
			for _, id := range []string{account, other} {
				for _, ic := range decode[interconnect.InterconnectList](t, memory.callAs(id, "GET", "/interconnects", "")).Items {
					if v, ok := ic.Value().(interconnect.PhysicalInterconnect); ok {
						list = append(list, v.Name)
					}
				}
			}
			return append(list, "none")
		}
		ids := func() []string {
			list := []string{"3b7e2f58-91d4-4c0a-8f63-a5d81e097b46"}
			for _, id := range []string{account, other} {
				for _, cni := range decode[interconnect.CNIList](t, memory.callAs(id, "GET", "/cnis", "")).Items {
					list = append(list, cni.ID.String())
				}
			}
			return list
		}
		conduit := rapid.SampledFrom([]string{"a", "b", "c"})
		rt.Repeat(map[string]func(*rapid.T){
			"order": func(rt *rapid.T) {
				both("POST", "/interconnects", physicalOrder(account, rapid.SampledFrom(slots).Draw(rt, "slot").ID))
			},
			"order to GCP": func(rt *rapid.T) {
				both("POST", "/interconnects", gcpOrder(account, rapid.SampledFrom([]string{"a/r/1", "b/r/1"}).Draw(rt, "key")))
			},
			"delete": func(rt *rapid.T) { both("DELETE", "/interconnects/"+rapid.SampledFrom(names()).Draw(rt, "name"), "") },
			"configure": func(rt *rapid.T) {
				both("POST", "/cnis", cniCreate(rapid.SampledFrom(names()).Draw(rt, "name"), conduit.Draw(rt, "conduit")))
			},
			"update": func(rt *rapid.T) {
				both("PUT", "/cnis/"+rapid.SampledFrom(ids()).Draw(rt, "id"), cniCreate(rapid.SampledFrom(names()).Draw(rt, "name"), conduit.Draw(rt, "conduit")))
			},
			"delete CNI": func(rt *rapid.T) { both("DELETE", "/cnis/"+rapid.SampledFrom(ids()).Draw(rt, "id"), "") },
			"set": func(rt *rapid.T) {
				both("PUT", "/settings", fmt.Sprintf(`{"default_asn":%d}`, rapid.SampledFrom([]int{64512, 65000, 1}).Draw(rt, "asn")))
			},
			"advance": func(rt *rapid.T) { _, _ = memory.Advance(time.Second), disk.Advance(time.Second) },
			"reopen": func(rt *rapid.T) {
				disk.Close()
				disk = open(t, path, sandbox.WithSlots(slots))
			},
			"": func(rt *rapid.T) {
				if want, got := memory.view(), disk.view(); got != want {
					rt.Fatalf("in memory: %s\nin a file: %s", want, got)
				}
			},
		})
		disk.Close()
	})
}

// The data file is the one that it was, wherever the program goes.
func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	r := open(t, "sandbox.db")
	r.order(sandbox.Catalogue("")[0])
	t.Chdir(t.TempDir())
	r.order(sandbox.Catalogue("")[1])
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	made := func(name string) string {
		path := filepath.Join(dir, name)
		r := open(t, path)
		r.order(sandbox.Catalogue("")[0])
		r.configure(decode[interconnect.InterconnectList](t, r.call("GET", "/interconnects", "")).Items[0].Value().(interconnect.PhysicalInterconnect).Name, "east")
		r.Close()
		return path
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	slots := sandbox.Catalogue("")
	fewer, others := slots[:5], slices.Clone(slots)
	others[7].Speed = "400G"
	held := made("held")
	open(t, held)
	cut := made("cut")
	if err := os.Truncate(cut, 20_000); err != nil {
		t.Fatal(err)
	}
	short := made("short")
	if err := os.Truncate(short, 5_000); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path string
		want       string
		opts       []sandbox.Option
	}{
		{"another seed", made("seed"), `it was made with the seed "", not "two"; open it with the seed`, []sandbox.Option{sandbox.WithSeed("two"), sandbox.WithSlots(slots)}},
		{"fewer slots", made("fewer"), "it was made with other slots: it has 216, and 5 are given", []sandbox.Option{sandbox.WithSlots(fewer)}},
		{"other slots", made("others"), "it was made with other slots: slot 8 of 216 is {", []sandbox.Option{sandbox.WithSlots(others)}},
		{"open elsewhere", held, "another process has it open", nil},
		{"text", write("text", strings.Repeat("this is not a database\n", 1000)), "it is not a data file of a sandbox, or it is damaged", nil},
		{"short text", write("x", "x"), "it is not a data file of a sandbox, or it is damaged", nil},
		{"cut off", cut, "it is not a data file of a sandbox, or it is damaged", nil},
		{"cut off early", short, "it is not a data file of a sandbox, or it is damaged", nil},
		{"empty", write("nothing", ""), "it is empty", nil},
		{"of an earlier version", write("bolt", strings.Repeat("\x00", 16)+"\xed\xda\x0c\xed"+strings.Repeat("\x00", 4000)),
			"it is a bbolt file, as earlier versions of the sandbox made them, and this version cannot read it; name another file", nil},
		{"newer format", write("newer", strings.Replace(string(read(t, made("format"))), "format 2", "format 3", 1)),
			`it has the format "3", and this version of the package knows the format 2 only`, nil},
		{"a directory", dir, "is a directory", nil},
		{"nowhere", filepath.Join(dir, "none", "x"), "no such file", nil},
	} {
		s, err := sandbox.Open(test.path, test.opts...)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// What cannot be written is not done, and is said not to be.
func TestUnwritable(t *testing.T) {
	r := open(t, filepath.Join(t.TempDir(), "sandbox.db"))
	port := r.order(sandbox.Catalogue("")[0])
	before := r.view()
	r.Close()
	for _, call := range []struct{ method, path, body string }{
		{"POST", "/interconnects", physicalOrder(account, sandbox.Catalogue("")[1].ID)},
		{"POST", "/interconnects", gcpOrder(account, "key/us-east4/1")},
		{"DELETE", "/interconnects/" + port.Name, ""},
		{"POST", "/cnis", cniCreate(port.Name, "east")},
		{"PUT", "/settings", `{"default_asn":64512}`},
	} {
		wantFailure(t, r.call(call.method, call.path, call.body), http.StatusInternalServerError, "nothing was changed, as the data file "+
			"cannot be written (the sandbox is closed); no change is accepted until the sandbox is started again")
	}
	if err := r.Advance(time.Hour); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("Advance: %v", err)
	}
	if err := r.Reset(); err == nil {
		t.Error("Reset succeeds")
	}
	if after := r.view(); after != before {
		t.Errorf("it was changed\nfrom %s\nto   %s", before, after)
	}
}

// A change of a sandbox with a file takes about as long as the medium takes to be synced once.
func BenchmarkChange(b *testing.B) {
	for name, r := range map[string]rig{"memory": start(b), "file": open(b, filepath.Join(b.TempDir(), "sandbox.db"))} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				wantStatus(b, r.call("PUT", "/settings", fmt.Sprintf(`{"default_asn":%d}`, 64512+i%1000)), 200)
			}
		})
	}
}
