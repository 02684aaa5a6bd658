//go:build !unix

package cost

import "time"

// cpuTime returns 0, as the CPU time is not known.
func cpuTime() time.Duration { return 0 }
