package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
)

// waitFlags are those of the commands that can wait for an interconnect.
type waitFlags struct {
	wait    bool
	timeout time.Duration
}

func (f *waitFlags) define(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.wait, "wait", false, "wait until the link is healthy; this may take weeks")
	cmd.Flags().DurationVar(&f.timeout, "wait-timeout", 0, "wait no longer than this; 0 for no limit")
}

func (f *waitFlags) check() error {
	switch {
	case f.timeout < 0:
		return usagef("--wait-timeout is %s, want 0 or more", f.timeout)
	case f.timeout > 0 && !f.wait:
		return usagef("--wait-timeout has no meaning without --wait")
	}
	return nil
}

// waitHealthy waits for an interconnect and shows on standard error how it goes.
func (p *program) waitHealthy(ctx context.Context, c *client.Client, name string, f *waitFlags) error {
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	// A log would break the line that is redrawn.
	show := newProgress(p.stderr, p.isTerminal(p.stderr) && !p.flags.verbose)
	defer show.stop()
	return c.WaitHealthy(ctx, name, append([]client.WaitOption{client.WithOnChange(show.change)}, p.poll...)...)
}

// progress shows how a wait goes: on a terminal one line that is redrawn each second, elsewhere one line for each change.
type progress struct {
	w     io.Writer
	start time.Time
	done  chan struct{} // nil if nothing is redrawn
	ended sync.WaitGroup

	mu    sync.Mutex
	text  string
	drawn int // the width of what is drawn
}

func newProgress(w io.Writer, redraw bool) *progress {
	s := &progress{w: w, start: time.Now()}
	if redraw {
		s.done = make(chan struct{})
		s.ended.Go(s.tick)
	}
	return s
}

func (s *progress) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.draw()
		case <-s.done:
			return
		}
	}
}

// change takes note of a state.
func (s *progress) change(c client.StatusChange) {
	text := c.Name + ": " + string(c.To)
	if c.Reason != "" {
		text += ", " + c.Reason
	}
	s.mu.Lock()
	s.text = printable(text)
	s.mu.Unlock()
	if s.done == nil {
		fmt.Fprintln(s.w, s.text)
		return
	}
	s.draw()
}

// maxLine is how wide the redrawn line gets: a line that is wrapped cannot be redrawn.
const maxLine = 79

func (s *progress) draw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == "" {
		return
	}
	elapsed := " (" + time.Since(s.start).Truncate(time.Second).String() + ")"
	text := []rune(s.text)
	if room := maxLine - len(elapsed); len(text) > room {
		text = append(text[:room-1], '…')
	}
	line := string(text) + elapsed
	width := utf8.RuneCountInString(line)
	fmt.Fprint(s.w, "\r", line, strings.Repeat(" ", max(0, s.drawn-width)))
	s.drawn = width
}

// stop ends the line.
func (s *progress) stop() {
	if s.done == nil {
		return
	}
	close(s.done)
	s.ended.Wait()
	if s.drawn > 0 {
		fmt.Fprintln(s.w)
	}
}
