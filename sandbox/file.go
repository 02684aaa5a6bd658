package sandbox

// A data file keeps the changes of a sandbox in a write-ahead log, which is replayed when the file is opened. The code here
// decides what a record of the log contains, and notices when the file of that name is no longer the one that was
// opened.

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A file implements disk with a data file. Each change is a record of the log, durable when write returns.
type file struct {
	path      string
	logger    *slog.Logger
	store     *store
	opened    *os.File
	wal       *wal
	restartAt int64 // size of the records at which the log is restarted
	failed    error // of the first write that failed; nothing is written after it
}

// minRestart is the size in bytes below which the log is not restarted, however small the state is.
const minRestart = 4 << 20

// lockTimeout is how long to wait for another process to let go of the file.
const lockTimeout = time.Second

// openStore returns the store that a file has. It is empty if the file is new.
func openStore(path string, c config) (*store, error) {
	s, err := newStore(c)
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(path) // the working directory may change
	if err != nil {
		return nil, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	f := &file{path: absolute, logger: cmp.Or(c.logger, slog.Default()), store: s, restartAt: minRestart}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("sandbox: %s: %w", path, withoutPath(err))
	}
	s.disk = f
	return s, nil
}

// open reads the state of the store from the file, which it makes if there is none.
func (f *file) open() error {
	opened, err := os.OpenFile(f.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if err := f.create(); err != nil {
			return err
		}
		opened, err = os.OpenFile(f.path, os.O_RDWR, 0)
	}
	if err != nil {
		return err
	}
	f.opened = opened
	if err := f.load(); err != nil {
		opened.Close()
		return err
	}
	return nil
}

func (f *file) load() error {
	if info, err := f.opened.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if locked, err := tryLock(f.opened); err != nil {
			return err
		} else if locked {
			break
		}
		if time.Since(start) > lockTimeout {
			return errors.New("another process has it open, or another sandbox of this one; " +
				"stop that, or name another file")
		}
	}
	if err := f.present(); err != nil {
		return fmt.Errorf("%w while it was opened", err)
	}
	var r replay
	var err error
	if f.wal, err = openWAL(f.opened, r.add); err != nil {
		return err
	}
	if err := r.about.check(f.store); err != nil {
		return err
	}
	snapshot, err := r.snapshot()
	if err == nil {
		f.store.state, err = f.store.build(snapshot.tables)
	}
	if err != nil {
		return fmt.Errorf("%w (%v)", errDamaged, err)
	}
	return nil
}

// create makes a file with the empty state of the store. The file gets its name once it is complete, so that an empty
// file is never a new one, unless the file system has no links.
func (f *file) create() error {
	text, err := f.all()
	if err != nil {
		return err
	}
	dir := filepath.Dir(f.path)
	made, err := os.CreateTemp(dir, filepath.Base(f.path)+".new-*")
	if err != nil {
		return err
	}
	err = errors.Join(newWAL(made, text), made.Close())
	if err == nil {
		err = os.Link(made.Name(), f.path)
	}
	removed := os.Remove(made.Name())
	switch {
	case errors.Is(err, fs.ErrExist): // another process was faster
	case errors.As(err, new(*os.LinkError)):
		return f.createInPlace(text)
	case err != nil:
		return err
	}
	return errors.Join(removed, syncDirectory(dir))
}

func (f *file) createInPlace(text []byte) error {
	made, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(newWAL(made, text), made.Close(), syncDirectory(filepath.Dir(f.path)))
}

// withoutPath returns what the system says of a file, without the name of the file.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// ---- Records of the log ----

// An entry is the payload of a record of the log: a change, as JSON.
type entry struct {
	About *about     `json:"about,omitempty"` // in the first record, and in one that has the whole state
	Clear bool       `json:"clear,omitempty"` // everything that was there before goes first
	Drop  []location `json:"drop,omitempty"`
	Put   []put      `json:"put,omitempty"`
}

// A location says where a record of the state is.
type location struct {
	Table string `json:"table"`
	Key   string `json:"key"`
}

type put struct {
	location
	Value json.RawMessage `json:"value"`
}

// An about says which sandbox the file is of.
type about struct {
	Seed  string          `json:"seed"`
	Slots json.RawMessage `json:"slots"`
}

// check returns an error if the file belongs to another store.
func (a *about) check(s *store) error {
	if a == nil {
		return fmt.Errorf("%w (nothing says which sandbox it is of)", errDamaged)
	}
	if a.Seed != s.seed {
		return fmt.Errorf("it was made with the seed %q, not %q; "+
			"open it with the seed that it was made with, or name another file", a.Seed, s.seed)
	}
	made, err := readSlots(a.Slots)
	if err != nil {
		return fmt.Errorf("%w (slots: %v)", errDamaged, err)
	}
	if difference := differ(made, s.slots); difference != "" {
		return fmt.Errorf("it was made with other slots: %s; "+
			"open it with the slots that it was made with, or name another file", difference)
	}
	return nil
}

// differ describes the first difference between two lists of slots. It returns the empty string if there is none.
func differ(made, given []interconnect.Slot) string {
	if len(made) != len(given) {
		return fmt.Sprintf("it has %d, and %d are given", len(made), len(given))
	}
	for i := range made {
		a, _ := json.Marshal(made[i]) // both come from JSON
		b, _ := json.Marshal(given[i])
		if !bytes.Equal(a, b) {
			return fmt.Sprintf("slot %d of %d is %s there, and %s is given", i+1, len(made), a, b)
		}
	}
	return ""
}

// payload returns the change as JSON.
func (c change) payload() ([]byte, error) {
	e, err := c.entry()
	if err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

func (c change) entry() (entry, error) {
	e := entry{Clear: c.all}
	for _, r := range c.drop {
		e.Drop = append(e.Drop, location{r.table(), r.key()})
	}
	for _, r := range c.put {
		value, err := json.Marshal(r)
		if err != nil {
			return e, err
		}
		e.Put = append(e.Put, put{location{r.table(), r.key()}, value})
	}
	return e, nil
}

// all returns the payload of a record that has the whole state of the store.
func (f *file) all() ([]byte, error) {
	slots, err := json.Marshal(f.store.slots)
	if err != nil {
		return nil, err
	}
	e, err := f.store.state.tables().change().entry()
	if err != nil {
		return nil, err
	}
	e.About = &about{f.store.seed, slots}
	return json.Marshal(e)
}

// A replay collects the records that are left after the entries of a log.
type replay struct {
	about  *about
	tables map[string]map[string]json.RawMessage
}

func (r *replay) add(payload []byte) error {
	var e entry
	if err := json.Unmarshal(payload, &e); err != nil {
		return fmt.Errorf("%w (%v)", errDamaged, err)
	}
	if e.About != nil {
		r.about = e.About
	}
	if e.Clear || r.tables == nil {
		r.tables = map[string]map[string]json.RawMessage{}
	}
	for _, p := range e.Drop {
		delete(r.tables[p.Table], p.Key)
	}
	for _, p := range e.Put {
		if r.tables[p.Table] == nil {
			r.tables[p.Table] = map[string]json.RawMessage{}
		}
		r.tables[p.Table][p.Key] = p.Value
	}
	return nil
}

// snapshot makes a snapshot of the records, so that what is read passes the same checks.
func (r *replay) snapshot() (s Snapshot, err error) {
	all := map[string]any{"version": snapshotVersion, "advanced": clockRecord(0)}
	for _, name := range []string{accountTable, interconnectTable, cniTable, pairingKeyTable} {
		table := []json.RawMessage{}
		for _, key := range slices.Sorted(maps.Keys(r.tables[name])) {
			table = append(table, r.tables[name][key])
		}
		all[name] = table
	}
	if value, ok := r.tables[clockTable][clockRecord(0).key()]; ok {
		all["advanced"] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		return s, err
	}
	return s, s.UnmarshalJSON(text)
}

// ---- Writing ----

// present returns an error if the file of this name is not the one that was opened.
func (f *file) present() error {
	here, err := f.opened.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it was deleted or moved")
	case err != nil:
		return err
	case !os.SameFile(here, there):
		return errors.New("it was replaced by another file")
	}
	return nil
}

// write makes a change durable. After the first failure nothing more is written: it is not known what the medium has
// then, and if the file is another one, what is written to it would not be found again.
func (f *file) write(c change) error {
	if f.failed != nil {
		return f.failed
	}
	payload, err := c.payload()
	if err != nil {
		return err
	}
	if err := f.append(payload); err != nil {
		f.fail(err)
		f.logger.Error("the data file cannot be written; no change is accepted until the sandbox is started again, and the state can "+
			"still be read, or saved as a snapshot",
			"file", f.path, "error", withoutPath(err))
	}
	return f.failed
}

// fail refuses this change and all that come after it.
func (f *file) fail(reason error) {
	const status = http.StatusInternalServerError
	f.failed = &refusal{status, []interconnect.FailureDetail{detail(status, "", "nothing was changed, as the data file "+
		"cannot be written (%v); no change is accepted until the sandbox is started again", withoutPath(reason))}}
}

func (f *file) append(payload []byte) error {
	if err := f.present(); err != nil {
		return err
	}
	if f.wal.size() > f.restartAt {
		if err := f.restart(); err != nil {
			return err
		}
	}
	return f.wal.append(payload, f.present)
}

// restart replaces the records of the log by the current state.
func (f *file) restart() error {
	text, err := f.all()
	if err != nil {
		return err
	}
	if err := f.wal.restart(text); err != nil {
		return err
	}
	f.restartAt = max(minRestart, 4*f.wal.size())
	return nil
}

func (f *file) close() error {
	f.fail(errors.New("the sandbox is closed"))
	return f.opened.Close()
}
