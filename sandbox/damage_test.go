package sandbox_test

// What happens to a data file while it is closed, and while a sandbox has it open: whatever was acknowledged is there
// again, or the sandbox says that it is not.

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/sandbox"
)

var long = flag.Bool("long", false, "repeat for minutes what otherwise takes seconds")

const historySlots = 2

// history makes a data file with a few objects, and returns its contents and what can be seen of the sandbox.
func history(t *testing.T, path string) (contents []byte, view string) {
	t.Helper()
	r := open(t, path, sandbox.WithSlots(sandbox.Catalogue("")[:historySlots]))
	port := r.order(sandbox.Catalogue("")[0])
	r.orderGCP("key/us-east4/1")
	cni := r.configure(port.Name, "east")
	r.configure(port.Name, "west")
	wantStatus(t, r.call("PUT", "/settings", `{"default_asn":64512}`), 200)
	wantStatus(t, r.call("DELETE", "/cnis/"+cni.ID.String(), ""), 200)
	view = r.view()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, path), view
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	contents, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return contents
}

func write(t *testing.T, path string, contents []byte) {
	t.Helper()
	if err := os.WriteFile(path, contents, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reopened returns what can be seen of a sandbox with these contents of its data file, or the error of Open.
func reopened(t *testing.T, contents []byte) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sandbox.db")
	write(t, path, contents)
	s, err := sandbox.Open(path, sandbox.WithSlots(sandbox.Catalogue("")[:historySlots]),
		sandbox.WithClock(func() time.Time { return epoch }), sandbox.WithLogger(slog.New(failing{t})))
	if err != nil {
		return "", err
	}
	defer s.Close()
	return rig{t, s}.view(), nil
}

// A data file with a flipped bit is refused, or has the state that it had.
func TestBitFlips(t *testing.T) {
	contents, want := history(t, filepath.Join(t.TempDir(), "sandbox.db"))
	refused, same := 0, 0
	try := func(bit int) {
		flipped := bytes.Clone(contents)
		flipped[bit/8] ^= 1 << (bit % 8)
		got, err := reopened(t, flipped)
		switch {
		case err != nil:
			refused++
		case got == want:
			same++
		default:
			t.Errorf("with bit %d of byte %d of %d flipped, it opens as\n%s\nwant\n%s", bit%8, bit/8, len(contents), got, want)
		}
	}
	if *long {
		for bit := range 8 * len(contents) {
			try(bit)
		}
	} else {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		for range 1000 {
			try(random.IntN(8 * len(contents)))
		}
	}
	t.Logf("%d files were refused, %d were as before", refused, same)
	if refused == 0 {
		t.Error("no file was refused")
	}
}

// A data file that was cut off is refused, wherever that was.
func TestTruncatedFile(t *testing.T) {
	contents, _ := history(t, filepath.Join(t.TempDir(), "sandbox.db"))
	step := 7
	if *long {
		step = 1
	}
	for size := 0; size < len(contents); size += step {
		if view, err := reopened(t, contents[:size]); err == nil {
			t.Errorf("the first %d bytes of %d open as\n%s", size, len(contents), view)
		}
	}
	for _, size := range []int{0, len(contents) - 1} {
		_, err := reopened(t, contents[:size])
		t.Logf("%d bytes of %d: %v", size, len(contents), err)
	}
}

// What is behind the end was never promised to anybody.
func TestLongerFile(t *testing.T) {
	contents, want := history(t, filepath.Join(t.TempDir(), "sandbox.db"))
	lines := bytes.SplitAfter(contents, []byte("\n"))
	for name, tail := range map[string][]byte{
		"zeros": make([]byte, 5000), "a line": []byte("x\n"), "the last record once more": lines[len(lines)-2],
		"half of it": lines[len(lines)-2][:100],
	} {
		if got, err := reopened(t, append(bytes.Clone(contents), tail...)); err != nil || got != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

// A sandbox whose data file is gone answers no change with a success, and says why. What it has can still be asked for.
func TestFileLost(t *testing.T) {
	slots := sandbox.Catalogue("")
	for name, test := range map[string]struct {
		damage func(t *testing.T, path string) error
		want   string
	}{
		"deleted": {func(_ *testing.T, path string) error { return os.Remove(path) }, "it was deleted or moved"},
		"moved":   {func(_ *testing.T, path string) error { return os.Rename(path, path+".old") }, "it was deleted or moved"},
		"its directory is moved": {func(_ *testing.T, path string) error {
			return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old")
		}, "it was deleted or moved"},
		"replaced": {func(t *testing.T, path string) error {
			write(t, path+".new", read(t, path))
			return os.Rename(path+".new", path)
		}, "it was replaced by another file"},
		"replaced by a directory": {func(_ *testing.T, path string) error {
			_ = os.Remove(path)
			return os.Mkdir(path, 0o700)
		}, "it was replaced by another file"},
		"an earlier copy": {func(t *testing.T, path string) error {
			write(t, path, read(t, path+".copy"))
			return nil
		}, "it was changed by another program"},
		"another of the same size": {func(t *testing.T, path string) error {
			other := open(t, path+".other")
			other.order(slots[2])
			other.Close()
			contents := read(t, path+".other")
			write(t, path, append(contents, make([]byte, len(read(t, path))-len(contents))...))
			return nil
		}, "it was changed by another program"},
		"emptied": {func(_ *testing.T, path string) error { return os.Truncate(path, 0) }, "it was changed by another program"},
		"truncated": {func(t *testing.T, path string) error {
			return os.Truncate(path, int64(len(read(t, path))/2))
		}, "it was changed by another program"},
		"a byte less": {func(t *testing.T, path string) error {
			return os.Truncate(path, int64(len(read(t, path))-1))
		}, "it was changed by another program"},
		"a byte more": {func(t *testing.T, path string) error {
			return os.Truncate(path, int64(len(read(t, path))+1))
		}, "it was changed by another program"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "sandbox.db")
			var log bytes.Buffer
			r := open(t, path, sandbox.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			port := r.order(slots[0])
			write(t, path+".copy", read(t, path))
			r.order(slots[1])
			before := r.view()
			if err := test.damage(t, path); err != nil {
				t.Fatal(err)
			}
			var after []byte
			if name != "replaced by a directory" && test.want != "it was deleted or moved" {
				after = read(t, path)
			}
			for _, call := range []struct{ method, path, body string }{
				{"POST", "/interconnects", physicalOrder(account, slots[3].ID)},
				{"POST", "/interconnects", gcpOrder(account, "key/us-east4/1")},
				{"DELETE", "/interconnects/" + port.Name, ""},
				{"POST", "/cnis", cniCreate(port.Name, "east")},
				{"PUT", "/settings", `{"default_asn":64512}`},
			} {
				got := r.call(call.method, call.path, call.body)
				wantStatus(t, got, http.StatusInternalServerError)
				if !strings.Contains(got.body, "nothing was changed, as the data file cannot be written ("+test.want) {
					t.Errorf("%s %s is answered with %s, want %q", call.method, call.path, got.body, test.want)
				}
				if got.header.Get("X-Should-Retry") != "false" {
					t.Error("the response may be retried")
				}
			}
			if got := r.control("POST", "/reset", ""); got.status != 500 || !strings.Contains(got.body, test.want) {
				t.Errorf("a reset is answered with %d %s", got.status, got.body)
			}
			if err := r.Advance(time.Hour); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Advance: %v", err)
			}
			if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), "file="+path) || !strings.Contains(log.String(), test.want) {
				t.Errorf("the log has %d errors, want one with the file and %q:\n%s", n, test.want, &log)
			}
			if got := r.view(); got != before {
				t.Errorf("it was changed\nfrom %s\nto   %s", before, got)
			}
			if after != nil && !bytes.Equal(read(t, path), after) {
				t.Error("the file of that name was written to, which is another one")
			}
		})
	}
}

// A file that two sandboxes make at once is that of one of them.
func TestOpenRace(t *testing.T) {
	rounds := 3
	if *long {
		rounds = 30
	}
	for round := range rounds {
		path := filepath.Join(t.TempDir(), fmt.Sprint(round))
		opened := make(chan *sandbox.Sandbox)
		for range 4 {
			go func() {
				s, err := sandbox.Open(path, sandbox.WithLogger(slog.New(slog.DiscardHandler)))
				if err != nil && !strings.Contains(err.Error(), "another process has it open") {
					t.Error(err)
				}
				opened <- s
			}()
		}
		winners := 0
		var winner *sandbox.Sandbox
		for range 4 {
			if s := <-opened; s != nil {
				winners++
				winner = s
			}
		}
		if winners != 1 {
			t.Fatalf("round %d: %d sandboxes have the file", round, winners)
		}
		r := rig{t, winner}
		r.order(sandbox.Catalogue("")[0])
		r.Close()
		if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
			t.Errorf("there are %q", left)
		}
	}
}
