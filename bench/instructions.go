package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"text/tabwriter"
)

// counted are the cases that are worth the time that valgrind takes, and how often each runs: so often that what a process does at its start,
// which varies by a million instructions, does not count.
var counted = map[string]int{
	"server, create, handler alone":            400,
	"server, invalid create, with recorder":    200,
	"server, list of 100, with recorder":       20,
	"client, decode list of 100":               20,
	"client, list of 100, in-memory transport": 20,
}

// runOne runs one case of one peer.
func runOne(what string) error {
	parts := strings.Split(what, "/")
	if len(parts) != 3 {
		return fmt.Errorf("%q is not PEER/CASE/TIMES", what)
	}
	times, err := strconv.Atoi(parts[2])
	if err != nil {
		return err
	}
	debug.SetGCPercent(-1)
	for _, b := range benches {
		for _, p := range peers {
			if p.name != parts[0] || b.name != parts[1] {
				continue
			}
			run, err := b.prepare(p)
			if err != nil {
				return err
			}
			for range times {
				run()
			}
			return nil
		}
	}
	return fmt.Errorf("there is no %q", what)
}

// count prints instructions per run, as ratios to the unit. The difference of two counts is free of what happens once.
func count(out *os.File) error {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return errors.New("valgrind is not installed; on Debian: apt-get install valgrind")
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	compared := []string{"hand", "stock", "ogen", "ours"}
	row(w, append([]string{"instructions"}, compared[1:]...))
	row(w, []string{"---", "---", "---", "---"})
	for _, b := range benches {
		times := counted[b.name]
		if times == 0 {
			continue
		}
		cells := []string{b.name}
		var unit float64
		for _, name := range compared {
			few, err := instructions(valgrind, binary, dir, fmt.Sprintf("%s/%s/%d", name, b.name, times))
			if err != nil {
				return err
			}
			many, err := instructions(valgrind, binary, dir, fmt.Sprintf("%s/%s/%d", name, b.name, 3*times))
			if err != nil {
				return err
			}
			each := float64(many-few) / float64(2*times)
			if name == compared[0] {
				unit = each
				continue
			}
			cells = append(cells, fmt.Sprintf("%.2f", each/unit))
		}
		row(w, cells)
	}
	return w.Flush()
}

var totals = regexp.MustCompile(`(?m)^(?:summary|totals): (\d+)`)

// instructions counts those of one process.
func instructions(valgrind, binary, dir, what string) (int64, error) {
	file := filepath.Join(dir, "out")
	cmd := exec.Command(valgrind, "--tool=callgrind", "--callgrind-out-file="+file, binary, "-one", what)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", what, err, text)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	m := totals.FindSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%s: valgrind counted nothing", what)
	}
	return strconv.ParseInt(string(m[1]), 10, 64)
}
