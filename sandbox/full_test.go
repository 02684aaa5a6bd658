//go:build darwin || linux

package sandbox_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// limitFiles makes writing fail beyond a size, as a disk that is full does.
func limitFiles(bytes string) error {
	limit, err := strconv.ParseUint(bytes, 10, 64)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit})
}

// When the disk is full, in the middle of a record, changes are answered with 500 and the rest goes on. What was
// answered with a success is there when there is room again, and nothing else.
func TestDiskFull(t *testing.T) {
	rounds := 5
	if *long {
		rounds = 50
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "sandbox.db")
	newVictim(t, path).kill() // which makes the file
	writers := newWriters(3)
	total := 0
	for round := range rounds {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		v := newVictim(t, path, fmt.Sprint(limitVariable, "=", info.Size()+random.Int64N(10_000)))
		for _, w := range writers {
			w.verify(t, v.url)
		}
		total += work(t, v, writers, seed+uint64(round), 1_000_000)
		for _, w := range writers {
			if !w.full {
				t.Errorf("round %d: %s was not refused", round, w.account)
			}
		}
		if n := strings.Count(v.stderr.String(), "level=ERROR"); n != 1 || !strings.Contains(v.stderr.String(), "file too large") {
			t.Errorf("round %d: the log has %d errors: %s", round, n, &v.stderr)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	v := newVictim(t, path)
	defer v.kill()
	for _, w := range writers {
		w.verify(t, v.url)
	}
	t.Logf("%d changes were answered with a success", total)
}
