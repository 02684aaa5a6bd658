//go:build race

package cost

// Race reports whether the race detector is on. Then memory and time say nothing: among others, a sync.Pool drops what is put into it at random.
const Race = true
