// The last line of the terminal, which is redrawn in place while a command waits for a link or for a slow service. It is
// drawn only if standard error is a terminal, and not with --verbose, whose log says the same.

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
)

const (
	redrawInterval = 200 * time.Millisecond

	// settleTime is for how long nothing is drawn after the terminal has got another width: while its window is
	// dragged it has many, and each may leave a line behind.
	settleTime = 300 * time.Millisecond
)

// A line is redrawn in place, and never wider than the terminal. What else is written to the terminal has to go
// through its writers, which take the line away first. It is safe for concurrent use.
type line struct {
	terminal io.Writer
	width    func() int                // of the terminal, which may change
	text     func() (text, end string) // what to draw, nothing if both are empty; text is cut if there is no room
	done     chan struct{}             // ends the redrawing
	ended    sync.WaitGroup

	mu      sync.Mutex
	drawn   string // what stands on the terminal, without line break; "" for nothing
	columns int    // how wide the terminal was when that was drawn
	resized time.Time
}

// startLine begins to draw a line. It calls text about five times a second, until stop. resized has a value when the
// terminal has got another size; it may be nil.
func startLine(terminal io.Writer, width func() int, resized <-chan os.Signal, text func() (text, end string)) *line {
	l := &line{terminal: terminal, width: width, text: text, done: make(chan struct{}), columns: width()}
	l.ended.Go(func() { l.redraw(resized) })
	return l
}

func (l *line) redraw(resized <-chan os.Signal) {
	ticker := time.NewTicker(redrawInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.draw()
		case <-resized:
			l.mu.Lock()
			l.resized = time.Now()
			l.mu.Unlock()
		case <-l.done:
			return
		}
	}
}

// draw draws the line as it should be now.
func (l *line) draw() {
	text, end := l.text()
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.resized) >= settleTime {
		l.drawText(text, end)
	}
}

// finish draws the line for the last time, and leaves it where it is. What is written next stands below it.
func (l *line) finish() {
	text, end := l.text()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drawText(text, end)
	if l.drawn != "" {
		fmt.Fprintln(l.terminal)
		l.drawn = ""
	}
}

// drawText draws a line. The caller holds the lock.
func (l *line) drawText(text, end string) {
	width := l.width()
	if l.drawn != "" && width < l.columns && runewidth.StringWidth(l.drawn) >= width {
		// The terminal may have wrapped what was drawn, or cut it. Which of them is not known, so it stays there.
		fmt.Fprintln(l.terminal)
		l.drawn = ""
	}
	l.columns = width
	room := width - 1 // in the last column a terminal may go to the next line
	if text != "" || end != "" {
		text = runewidth.Truncate(text, max(0, room-runewidth.StringWidth(end)), "…")
		text = runewidth.Truncate(text+end, room, "")
	}
	if text == l.drawn {
		return
	}
	padding := max(0, runewidth.StringWidth(l.drawn)-runewidth.StringWidth(text))
	fmt.Fprint(l.terminal, "\r", text, strings.Repeat(" ", padding))
	if text == "" {
		fmt.Fprint(l.terminal, "\r")
	}
	l.drawn = text
}

// stop takes the line away, and draws it no more.
func (l *line) stop() {
	close(l.done)
	l.ended.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drawText("", "")
}

// writer returns a writer for a stream that is the terminal of the line too.
func (l *line) writer(stream io.Writer) io.Writer { return &besideLine{stream, l} }

// besideLine writes to the terminal of a line.
type besideLine struct {
	io.Writer
	line *line
}

func (w *besideLine) Write(p []byte) (int, error) {
	w.line.mu.Lock()
	defer w.line.mu.Unlock()
	w.line.drawText("", "")
	return w.Writer.Write(p)
}
