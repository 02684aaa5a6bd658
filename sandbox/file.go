package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A file is a disk that is one. A change is one transaction, which is on the medium when write returns.
//
// It has a bucket for each table, with the records as JSON, and one that says what the file is.
type file struct {
	path   string
	db     *bbolt.DB
	failed error // of the transaction that may be there nevertheless; nothing can be written after it
}

const fileFormat = "1"

var (
	aboutBucket = []byte("sandbox")
	formatKey   = []byte("format")
	seedKey     = []byte("seed")
	slotsKey    = []byte("slots")
)

// lockTimeout is how long to wait for another process to let go of the file.
const lockTimeout = time.Second

var errDamaged = errors.New("it is no data file of a sandbox, or it is damaged; restore a copy of it, or name another file")

// openStore returns the store that a file has. It is empty if the file is new.
func openStore(path string, c config) (*store, error) {
	s, err := newStore(c)
	if err != nil {
		return nil, err
	}
	f, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	if err := guard(func() error { return f.load(s) }); err != nil {
		f.close()
		return nil, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	s.disk = f
	return s, nil
}

func openFile(path string) (*file, error) {
	var opened *os.File // bbolt does not close it if it panics
	open := func(name string, flag int, mode os.FileMode) (*os.File, error) {
		var err error
		opened, err = os.OpenFile(name, flag, mode)
		return opened, err
	}
	f := &file{path: path}
	err := guard(func() (err error) {
		f.db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, OpenFile: open})
		return err
	})
	var system *fs.PathError
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, errors.New("another process has it open, or another sandbox of this one; stop that, or name another file")
	case opened != nil && errors.Is(err, errDamaged):
		opened.Close()
	case opened != nil && !errors.As(err, &system): // what bbolt has read makes no sense to it
		err = fmt.Errorf("%w (%v)", errDamaged, err)
	}
	return nil, err
}

// guard runs what reads a file that may be damaged. bbolt trusts what it reads: it panics, or reads behind the end of the file.
func guard(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", errDamaged, p)
		}
	}()
	return read()
}

// load reads the state into a new store.
func (f *file) load(s *store) error {
	isNew := false
	err := f.db.View(func(tx *bbolt.Tx) error {
		if first, _ := tx.Cursor().First(); first == nil {
			isNew = true
			return nil
		}
		if err := f.check(tx); err != nil {
			return err
		}
		if err := checkAbout(tx.Bucket(aboutBucket), s); err != nil {
			return err
		}
		snapshot, err := readSnapshot(tx)
		if err != nil {
			return fmt.Errorf("%w (%v)", errDamaged, err)
		}
		if s.state, err = s.build(snapshot.tables); err != nil {
			return fmt.Errorf("%w (%v)", errDamaged, err)
		}
		return nil
	})
	if err != nil || !isNew {
		return err
	}
	return f.create(s)
}

// check looks for damage that reading the tables might not come upon, but a later change.
func (f *file) check(tx *bbolt.Tx) error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() { // tx.Check would read behind the end, in a goroutine where that cannot be guarded against
		return fmt.Errorf("%w (it has %d bytes of %d)", errDamaged, info.Size(), tx.Size())
	}
	for problem := range tx.Check() {
		err = errors.Join(err, problem)
	}
	if err != nil {
		return fmt.Errorf("%w (%v)", errDamaged, err)
	}
	return nil
}

// create makes a new file that of a store.
func (f *file) create(s *store) error {
	slots, err := json.Marshal(s.slots)
	if err != nil {
		return err
	}
	return f.db.Update(func(tx *bbolt.Tx) error {
		about, err := tx.CreateBucket(aboutBucket)
		if err != nil {
			return err
		}
		if err := errors.Join(about.Put(formatKey, []byte(fileFormat)), about.Put(seedKey, []byte(s.seed)), about.Put(slotsKey, slots)); err != nil {
			return err
		}
		return emptyTables(tx)
	})
}

// checkAbout refuses the file of another store than this one.
func checkAbout(about *bbolt.Bucket, s *store) error {
	if about == nil {
		return errors.New("it is a bbolt file, but not one of a sandbox; name another file")
	}
	if format := about.Get(formatKey); string(format) != fileFormat {
		return fmt.Errorf("it has the format %q, and this version of the package knows the format %q only; use the version that made it, or name another file",
			format, fileFormat)
	}
	if seed := about.Get(seedKey); string(seed) != s.seed {
		return fmt.Errorf("it was made with the seed %q, not %q; open it with the seed that it was made with, or name another file", seed, s.seed)
	}
	made, err := readSlots(about.Get(slotsKey))
	if err != nil {
		return fmt.Errorf("%w (slots: %v)", errDamaged, err)
	}
	if difference := differ(made, s.slots); difference != "" {
		return fmt.Errorf("it was made with other slots: %s; open it with the slots that it was made with, or name another file", difference)
	}
	return nil
}

// differ says where two lists of slots differ, nothing if they do not.
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

// readSnapshot makes a snapshot of the tables, so that what is read passes the same checks.
func readSnapshot(tx *bbolt.Tx) (Snapshot, error) {
	all := map[string]any{"version": snapshotVersion}
	for _, name := range []string{accountTable, interconnectTable, cniTable, pairingKeyTable} {
		table := []json.RawMessage{}
		bucket := tx.Bucket([]byte(name))
		if bucket == nil {
			return Snapshot{}, fmt.Errorf("the table %s is missing", name)
		}
		bucket.ForEach(func(_, value []byte) error {
			table = append(table, value)
			return nil
		})
		all[name] = table
	}
	all["advanced"] = clockRecord(0)
	if clock := tx.Bucket([]byte(clockTable)); clock == nil {
		return Snapshot{}, fmt.Errorf("the table %s is missing", clockTable)
	} else if value := clock.Get([]byte(clockRecord(0).key())); value != nil {
		all["advanced"] = json.RawMessage(value)
	}
	text, err := json.Marshal(all) // within the transaction, to which the values belong
	if err != nil {
		return Snapshot{}, err
	}
	var s Snapshot
	return s, s.UnmarshalJSON(text)
}

func (f *file) write(c change) error {
	if f.failed != nil {
		return f.failed
	}
	complete := false
	err := f.db.Update(func(tx *bbolt.Tx) error {
		if c.all {
			if err := emptyTables(tx); err != nil {
				return err
			}
		}
		for _, r := range c.drop {
			if err := tx.Bucket([]byte(r.table())).Delete([]byte(r.key())); err != nil {
				return err
			}
		}
		for _, r := range c.put {
			value, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if err := tx.Bucket([]byte(r.table())).Put([]byte(r.key()), value); err != nil {
				return err
			}
		}
		complete = true
		return nil
	})
	if err != nil {
		err = fmt.Errorf("sandbox: %s cannot be written: %w", f.path, err)
	}
	if err != nil && complete { // the commit failed, perhaps after the medium had it
		f.failed = fmt.Errorf("%w; nothing more is written, open the file again", err)
	}
	return err
}

func emptyTables(tx *bbolt.Tx) error {
	for _, table := range []string{accountTable, interconnectTable, cniTable, pairingKeyTable, clockTable} {
		name := []byte(table)
		if tx.Bucket(name) != nil {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
		}
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) close() error { return f.db.Close() }
