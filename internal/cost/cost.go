// Package cost measures what hostile input costs, for tests and benchmarks. On a busy machine the time on a clock
// says little; memory and CPU time say the same each time.
package cost

import (
	"runtime"
	"testing"
	"time"
)

// Memory returns how many bytes a function allocates, garbage included. Nothing else may run meanwhile.
func Memory(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// CPU returns the CPU time that a function takes, that of the garbage collector included; 0 if it is not known. Nothing else may run meanwhile.
func CPU(f func()) time.Duration {
	start := cpuTime()
	f()
	return cpuTime() - start
}

// Benchmark runs a function on an input of the given size. It reports the memory and the CPU time, that of the garbage
// collector included, for each byte of the input.
func Benchmark(b *testing.B, size int, f func()) {
	start := cpuTime()
	memory := Memory(func() {
		for b.Loop() {
			f()
		}
	})
	bytes := float64(size) * float64(b.N)
	b.ReportMetric(float64(memory)/bytes, "B/byte")
	if start > 0 {
		b.ReportMetric(float64(cpuTime()-start)/bytes, "cpu-ns/byte")
	}
}
