package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
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
	show := p.showProgress()
	defer show.end()
	return c.WaitHealthy(ctx, name, append([]client.WaitOption{client.WithOnChange(show.change)}, p.poll...)...)
}

// progress shows how a wait goes: on a terminal in its line, elsewhere by one line for each change.
type progress struct {
	p     *program
	start time.Time

	mu   sync.Mutex
	text string
}

func (p *program) showProgress() *progress {
	s := &progress{p: p, start: time.Now()}
	p.progress.Store(s)
	return s
}

// change takes note of a state.
func (s *progress) change(c client.StatusChange) {
	text := c.Name + ": " + string(c.To)
	if c.Reason != "" {
		text += ", " + c.Reason
	}
	s.set(printable(text))
}

// set takes note of what to show. What the line has no room for is shown once above it, as a whole.
func (s *progress) set(text string) {
	s.mu.Lock()
	s.text = text
	s.mu.Unlock()
	line := s.p.line
	if line == nil {
		fmt.Fprintln(s.p.stderr, text)
		return
	}
	_, end := s.show()
	if runewidth.StringWidth(text+end) >= line.width() {
		s.p.say(text)
	}
	line.draw()
}

// update takes note of what the line shows. Elsewhere than on a terminal nothing is shown.
func (s *progress) update(text string) {
	s.mu.Lock()
	s.text = text
	s.mu.Unlock()
	if s.p.line != nil {
		s.p.line.draw()
	}
}

// show says what the line shows.
func (s *progress) show() (text, end string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == "" {
		return "", ""
	}
	return s.text, " (" + seconds(time.Since(s.start)) + ")"
}

// end leaves the line where it is.
func (s *progress) end() {
	if s.p.line != nil {
		s.p.line.finish()
	}
	s.p.progress.Store(nil)
}

// startLine begins to draw a line if there is a terminal to draw it on, and returns a function that ends it. A log
// would break it.
func (p *program) startLine() (stop func()) {
	if !p.isTerminal(p.stderr) || p.flags.verbose {
		return func() {}
	}
	stdout, stderr := p.stdout, p.stderr
	resized, unsubscribe := notifyResize()
	width := func() int { return cmp.Or(p.width(stderr), defaultWidth) }
	p.line = startLine(stderr, width, resized, p.lineText)
	p.stderr = p.line.writer(stderr)
	if p.isTerminal(stdout) {
		p.stdout = p.line.writer(stdout)
	}
	return func() {
		unsubscribe()
		p.line.stop()
		p.line, p.stdout, p.stderr = nil, stdout, stderr
	}
}

// lineText is what the line shows: the progress of a wait, and the calls that take long.
func (p *program) lineText() (text, end string) {
	host, waiting := p.calls.waiting()
	show := p.progress.Load()
	if show != nil {
		text, end = show.show()
	}
	switch {
	case waiting == "":
	case text == "":
		return "waiting for " + host, ": " + waiting
	default:
		end = strings.TrimSuffix(end, ")") + "; waiting " + waiting + ")"
	}
	return text, end
}
