// Command bench compares the generated package with its peers, in one process and in turns: machines are noisy, and what counts
// is the ratio of two measurements that follow each other. It prints medians of ratios to the unit, and allocations.
//
//	bench [-rounds N]
//	bench -instructions    runs each case below valgrind, whose counts do not depend on the machine's mood
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 41, "measure each peer in each case so often")
	instructions := flag.Bool("instructions", false, "count instructions with valgrind instead of measuring time")
	one := flag.String("one", "", "run PEER/CASE/TIMES and nothing else; for -instructions")
	flag.Parse()
	var err error
	switch {
	case *one != "":
		err = runOne(*one)
	case *instructions:
		err = count(os.Stdout)
	default:
		err = compare(os.Stdout, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// slice is how long one measurement takes, about.
const slice = 10 * time.Millisecond

// compare measures all peers in turns.
func compare(out *os.File, rounds int) error {
	fmt.Fprintf(out, "%s, %d CPUs, medians of %d rounds\n\n", runtime.Version(), runtime.NumCPU(), rounds)
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	header := []string{"case"}
	for _, p := range peers[1:] {
		header = append(header, p.name)
	}
	row(w, append(header, "goal of ours"))
	row(w, slices.Repeat([]string{"---"}, len(header)+1))
	for _, b := range benches {
		cells := []string{b.name}
		runs, times, err := prepared(b)
		if err != nil {
			return err
		}
		ratios := make([][]float64, len(peers))
		for range rounds {
			var unit float64
			for i, run := range runs { // the unit first
				if run == nil {
					continue
				}
				took := measure(run, times[i])
				if i == 0 {
					unit = took
				}
				ratios[i] = append(ratios[i], took/unit)
			}
		}
		for i, run := range runs {
			switch {
			case i == 0:
			case run == nil:
				cells = append(cells, "–")
			default:
				cells = append(cells, fmt.Sprintf("%.2f (%.0f)", median(ratios[i]), testing.AllocsPerRun(20, run)))
			}
		}
		row(w, append(cells, b.goal.String()))
	}
	return w.Flush()
}

// prepared returns what each peer does, and how often within one slice.
func prepared(b bench) (runs []func(), times []int, err error) {
	for _, p := range peers {
		run, err := b.prepare(p)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", b.name, err)
		}
		n := 0
		if run != nil {
			for start := time.Now(); time.Since(start) < slice; n++ {
				run()
			}
		}
		runs, times = append(runs, run), append(times, n)
	}
	return runs, times, nil
}

// measure returns the time of one run, in seconds.
func measure(run func(), times int) float64 {
	runtime.GC() // so that no peer pays for the garbage of another
	start := time.Now()
	for range times {
		run()
	}
	return time.Since(start).Seconds() / float64(times)
}

func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

func row(w *tabwriter.Writer, cells []string) {
	fmt.Fprintln(w, "| "+strings.Join(cells, "\t| ")+"\t|")
}
