package sandbox

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A drive is a medium in memory. It can fail at one of its operations, and takes note of what would be left if the
// power failed.
type drive struct {
	contents []byte
	synced   []byte  // the contents that are certain
	pending  []write // what was written since
	left     int     // operations until it fails; negative if it never does
	stalled  int     // bytes that a write that fails has written before
}

type write struct {
	text     []byte
	at       int64
	truncate bool
}

var errDrive = errors.New("no space left on device")

func (d *drive) fails() bool {
	d.left--
	return d.left == -1
}

func (d *drive) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(d.contents).ReadAt(p, at)
}

func (d *drive) WriteAt(p []byte, at int64) (int, error) {
	if d.fails() {
		p = p[:min(d.stalled, len(p))]
		d.apply(write{text: bytes.Clone(p), at: at})
		return len(p), errDrive
	}
	d.apply(write{text: bytes.Clone(p), at: at})
	return len(p), nil
}

func (d *drive) apply(w write) {
	d.pending = append(d.pending, w)
	d.contents = w.to(d.contents)
}

// to returns the contents after the write.
func (w write) to(contents []byte) []byte {
	if w.truncate {
		if int(w.at) <= len(contents) {
			return contents[:w.at:w.at]
		}
		return append(contents, make([]byte, int(w.at)-len(contents))...)
	}
	contents = append(bytes.Clone(contents), make([]byte, max(0, int(w.at)+len(w.text)-len(contents)))...)
	copy(contents[w.at:], w.text)
	return contents
}

func (d *drive) Truncate(size int64) error {
	if d.fails() {
		return errDrive
	}
	d.apply(write{at: size, truncate: true})
	return nil
}

func (d *drive) Sync() error {
	if d.fails() {
		return errDrive
	}
	d.synced, d.pending = bytes.Clone(d.contents), nil
	return nil
}

func (d *drive) Stat() (fs.FileInfo, error) { return size(len(d.contents)), nil }

type size int64

func (s size) Size() int64      { return int64(s) }
func (size) Name() string       { return "" }
func (size) Mode() fs.FileMode  { return 0 }
func (size) ModTime() time.Time { return time.Time{} }
func (size) IsDir() bool        { return false }
func (size) Sys() any           { return nil }

// crash returns what may be there after a power failure: of what was written since the last sync, any part.
func (d *drive) crash(random *rand.Rand) *drive {
	left := &drive{contents: bytes.Clone(d.synced), left: -1}
	for _, w := range d.pending {
		switch random.IntN(3) {
		case 0:
			continue
		case 1: // a part of it, by sectors
			w.text = w.text[:random.IntN(len(w.text)+1)/blockSize*blockSize]
		}
		left.contents = w.to(left.contents)
	}
	left.synced = left.contents
	return left
}

// readAll returns the changes that a log has. A record with an equals sign has all those before it.
func readAll(m medium) (changes []string, err error) {
	_, err = openWAL(m, func(payload []byte) error {
		if all, ok := strings.CutPrefix(string(payload), "="); ok {
			changes = strings.Split(all, ";")
		} else {
			changes = append(changes, string(payload))
		}
		return nil
	})
	return changes, err
}

func confirmed() error { return nil }

// Whatever operation fails or is the last before the power does, a log can be opened. It has what was promised, and
// nothing that was refused.
func TestWALSurvives(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	payload := func(i int) string { return fmt.Sprintf("%d%*s", i, random.IntN(3*blockSize), ".") }
	show := func(payloads []string) string { return strings.Join(strings.Fields(strings.Join(payloads, " ")), " ") }
	crashes, failures, rounds := 0, 0, 300
	if flag.Lookup("long").Value.String() == "true" {
		rounds = 10_000
	}
	for round := range rounds {
		d := &drive{left: -1}
		first := payload(0)
		if err := newWAL(d, []byte(first)); err != nil {
			t.Fatal(err)
		}
		promised := []string{first}
		j, err := openWAL(d, func([]byte) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		var underway []string // what there is if the operation that failed is done
		d.left, d.stalled = random.IntN(60), random.IntN(4*blockSize)
		for i := 1; ; i++ {
			if random.IntN(5) == 0 {
				underway = promised
				err = j.restart([]byte("=" + strings.Join(promised, ";")))
			} else {
				underway = append(slices.Clone(promised), payload(i))
				if err = j.append([]byte(underway[len(promised)]), confirmed); err == nil {
					promised = underway
				}
			}
			if err != nil {
				break
			}
			if int64(len(d.contents)) != j.mark.end {
				t.Fatalf("round %d: the file has %d bytes, want %d", round, len(d.contents), j.mark.end)
			}
			if random.IntN(10) > 0 {
				continue
			}
			if got, err := readAll(d); err != nil || !slices.Equal(got, promised) {
				t.Fatalf("round %d: %v\n%s\nwant\n%s", round, err, show(got), show(promised))
			}
			damaged := &drive{contents: bytes.Clone(d.contents), left: -1}
			damaged.contents[random.IntN(len(d.contents))] ^= 1 << random.IntN(8)
			if got, err := readAll(damaged); err == nil && !slices.Equal(got, promised) {
				t.Fatalf("round %d, with a flipped bit:\n%s\nwant\n%s", round, show(got), show(promised))
			}
		}
		if !errors.Is(err, errDrive) {
			t.Fatalf("round %d: %v", round, err)
		}
		failures++
		d.left = -1
		for range 5 {
			left := d.crash(random)
			got, err := readAll(left)
			if err != nil || !slices.Equal(got, promised) && !slices.Equal(got, underway) {
				t.Fatalf("round %d, after a crash: %v\n%s\nwant\n%s\nor\n%s", round, err, show(got), show(promised), show(underway))
			}
			if again, err := readAll(left); err != nil || !slices.Equal(again, got) {
				t.Fatalf("round %d, opened once more: %v\n%s\nwant\n%s", round, err, show(again), show(got))
			}
			crashes++
		}
		if got, err := readAll(d); err != nil || !slices.Equal(got, promised) {
			t.Fatalf("round %d, after an error: %v\n%s\nwant\n%s", round, err, show(got), show(promised))
		}
	}
	t.Logf("%d operations failed, and %d times the power", failures, crashes)
}

// A log that is restarted over and over stays as small as what it has to keep.
func TestWALStaysSmall(t *testing.T) {
	d := &drive{left: -1}
	if err := newWAL(d, []byte("first")); err != nil {
		t.Fatal(err)
	}
	j, err := openWAL(d, func([]byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	largest := 0
	for i := range 1000 {
		if j.size() > 10_000 {
			if err := j.restart(fmt.Appendf(nil, "%01000d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.append(fmt.Appendf(nil, "%0100d", i), confirmed); err != nil {
			t.Fatal(err)
		}
		largest = max(largest, len(d.contents))
	}
	if largest > 25_000 {
		t.Errorf("the file had %d bytes", largest)
	}
}

// A change of a sandbox that makes its file start anew is done, and what was there before is too.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	c := newConfig(nil)
	s, err := openStore(path, c)
	if err != nil {
		t.Fatal(err)
	}
	s.disk.(*file).restartAt = 0 // before each change
	slots := s.slots
	for i := range 20 {
		if _, err := s.createPhysical("a", interconnect.PhysicalInterconnectCreate{Account: "a", SlotID: slots[i].ID}); err != nil {
			t.Fatal(err)
		}
		s.disk.(*file).restartAt = 0
	}
	want := s.snapshot()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := s.disk.(*file).all(); err != nil || info.Size() > 4*int64(len(whole)) {
		t.Errorf("the file has %d bytes, the state %d, %v", info.Size(), len(whole), err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	again, err := openStore(path, c)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	a, _ := want.MarshalJSON()
	if b, _ := again.snapshot().MarshalJSON(); !bytes.Equal(a, b) {
		t.Errorf("got  %s\nwant %s", b, a)
	}
}

// Records that do not fit together are refused, though they have their checksums.
func TestOpenRefusesRecords(t *testing.T) {
	c := newConfig(nil)
	s, err := newStore(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.createPhysical("a", interconnect.PhysicalInterconnectCreate{Account: "a", SlotID: s.slots[0].ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.createCNI("a", interconnect.CNICreate{Account: "a", Interconnect: s.state.accounts["a"].interconnects[0].name(),
		Magic: interconnect.MagicSettings{ConduitName: "c", MTU: 1500}}); err != nil {
		t.Fatal(err)
	}
	whole, err := (&file{store: s}).all()
	if err != nil {
		t.Fatal(err)
	}
	without := func(table string) string {
		return fmt.Sprintf(`{"drop":[{"table":%q,"key":%q}]}`, table, map[string]string{accountTable: "a", interconnectTable: positionKey("a", 1)}[table])
	}
	for name, test := range map[string]struct{ change, want string }{
		"nothing else":    {`{}`, ""},
		"no account":      {without(accountTable), "is not among the accounts"},
		"no interconnect": {without(interconnectTable), "does not exist"},
		"not JSON":        {`{`, "unexpected end of JSON input"},
		"other JSON":      {`{"put":[{"table":"cnis","key":"x","value":{}}]}`, "/cnis/"},
		"another seed":    {`{"about":{"seed":"two","slots":[]}}`, `it was made with the seed "two", not ""`},
		"no slots":        {`{"about":{"seed":"","slots":[]}}`, "it has 0, and 216 are given"},
		"damaged slots":   {`{"about":{"seed":"","slots":[1]}}`, "it is damaged"},
	} {
		path := filepath.Join(t.TempDir(), "sandbox.db")
		made, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := newWAL(made, whole); err != nil {
			t.Fatal(err)
		}
		j, err := openWAL(made, func([]byte) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(j.append([]byte(test.change), confirmed), made.Close()); err != nil {
			t.Fatal(err)
		}
		opened, err := openStore(path, c)
		if err == nil {
			opened.close()
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

// An error of the medium ends the changes, but not the sandbox; what is answered with an error is not there again.
func TestWriteFails(t *testing.T) {
	for left := range 6 {
		path := filepath.Join(t.TempDir(), "sandbox.db")
		var log bytes.Buffer
		c := newConfig([]Option{WithLogger(slog.New(slog.NewTextHandler(&log, nil)))})
		s, err := openStore(path, c)
		if err != nil {
			t.Fatal(err)
		}
		order := func(i int) error {
			_, err := s.createPhysical("a", interconnect.PhysicalInterconnectCreate{Account: "a", SlotID: s.slots[i].ID})
			return err
		}
		if err := order(0); err != nil {
			t.Fatal(err)
		}
		f := s.disk.(*file)
		f.wal.medium = &failingMedium{medium: f.opened, left: left}
		promised := 1
		for i := 1; i < 10; i++ {
			if err = order(i); err != nil {
				break
			}
			promised++
		}
		if err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Fatalf("after %d operations: %v", left, err)
		}
		if again := order(11); again == nil || again.Error() != err.Error() {
			t.Errorf("after %d operations, the next change: %v", left, again)
		}
		if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "no space left on device") {
			t.Errorf("the log is %s", &log)
		}
		s.close()
		opened, err := openStore(path, c)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.close()
		if got := len(opened.state.holders); got != promised {
			t.Errorf("after %d operations, %d orders were answered, and %d are there", left, promised, got)
		}
		if _, ok := opened.state.holders[uuid.Nil]; ok {
			t.Error("an order on no slot")
		}
	}
}

// A failingMedium fails once, in the middle of a write.
type failingMedium struct {
	medium
	left int
}

func (f *failingMedium) fails() bool {
	f.left--
	return f.left == -1
}

func (f *failingMedium) WriteAt(p []byte, at int64) (int, error) {
	if f.fails() {
		n, _ := f.medium.WriteAt(p[:len(p)/2], at)
		return n, errDrive
	}
	return f.medium.WriteAt(p, at)
}

func (f *failingMedium) Sync() error {
	if f.fails() {
		return errDrive
	}
	return f.medium.Sync()
}

var _ io.ReaderAt = (*drive)(nil)
