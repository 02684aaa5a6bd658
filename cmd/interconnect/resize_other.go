//go:build !unix

package main

import "os"

// notifyResize returns nil: a change of the terminal's size is noticed when its line is redrawn.
func notifyResize() (resized <-chan os.Signal, unsubscribe func()) { return nil, func() {} }
