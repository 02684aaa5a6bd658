//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyResize returns a channel that has a value when the terminal has got another size.
func notifyResize() (resized <-chan os.Signal, unsubscribe func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGWINCH)
	return signals, func() { signal.Stop(signals) }
}
