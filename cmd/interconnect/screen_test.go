//go:build unix

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/mattn/go-runewidth"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

var update = flag.Bool("update", false, "rewrite the golden screens of testdata")

// A screen is what a terminal shows. It knows what the program uses: text, line breaks and returns to the beginning
// of a line.
type screen struct {
	t       *testing.T
	mu      sync.Mutex
	width   int
	rows    []map[int]rune // by column
	column  int
	wrapped []string // lines that were too long
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range string(p) {
		if len(s.rows) == 0 {
			s.rows = []map[int]rune{{}}
		}
		switch {
		case r == '\r':
			s.column = 0
		case r == '\n':
			s.rows = append(s.rows, map[int]rune{})
		case r < ' ' || r == 0x7f:
			s.t.Errorf("the terminal gets %q", r)
		default:
			w := runewidth.RuneWidth(r)
			if s.column+w > s.width {
				s.wrapped = append(s.wrapped, s.row(len(s.rows)-1))
				s.rows, s.column = append(s.rows, map[int]rune{}), 0
			}
			s.rows[len(s.rows)-1][s.column] = r
			s.column += w
		}
	}
	return len(p), nil
}

func (s *screen) row(i int) string {
	var line strings.Builder
	for column := 0; column < s.width; {
		r, ok := s.rows[i][column]
		if !ok {
			r = ' '
		}
		line.WriteRune(r)
		column += max(1, runewidth.RuneWidth(r))
	}
	return strings.TrimRight(line.String(), " ")
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var text strings.Builder
	for i := range s.rows {
		text.WriteString(s.row(i) + "\n")
	}
	return strings.TrimRight(text.String(), "\n") + "\n"
}

func (s *screen) resize(width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width = width
}

// await waits until the screen shows a text, if its line breaks are taken for blanks.
func (s *screen) await(text string) {
	s.t.Helper()
	for range 1000 {
		if strings.Contains(strings.Join(strings.Fields(s.String()), " "), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("there is no %q on the screen\n%s", text, s)
}

// awaitLine waits until the last line is as it should be.
func (s *screen) awaitLine(isRight func(string) bool) {
	s.t.Helper()
	for range 1000 {
		lines := strings.Split(strings.TrimSuffix(s.String(), "\n"), "\n")
		if isRight(lines[len(lines)-1]) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the last line is not as it should be on the screen\n%s", s)
}

// A terminal runs the program on a pseudo-terminal.
type terminal struct {
	*screen
	tty *os.File
	end func() // of the program and the terminal
}

// onTerminal starts the program on a terminal.
func onTerminal(t *testing.T, ctx context.Context, width int, args ...string) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skip("there are no pseudo-terminals here:", err)
	}
	term := &terminal{screen: &screen{t: t, width: width}, tty: tty}
	term.setWidth(width)
	p := &program{
		stdin: tty, stdout: tty, stderr: tty, lookEvery: time.Millisecond,
		isTerminal: func(stream any) bool { return terminalWidth(stream) > 0 }, terminalWidth: terminalWidth,
		poll:    []client.WaitOption{client.WithPollInterval(time.Millisecond, time.Millisecond)},
		options: []client.Option{client.WithBackoff(time.Millisecond, time.Millisecond)},
	}
	var program, reader sync.WaitGroup
	reader.Go(func() {
		var rest []byte // of a character
		chunk := make([]byte, 4096)
		for {
			n, err := master.Read(chunk)
			rest = append(rest, chunk[:n]...)
			whole := bytes.LastIndexFunc(rest, func(r rune) bool { return r != '\uFFFD' }) // its beginning
			if whole >= 0 {
				size := len(string([]rune(string(rest[whole:]))[:1]))
				_, _ = term.Write(rest[:whole+size])
				rest = rest[whole+size:]
			}
			if err != nil { // the other side is closed
				return
			}
		}
	})
	program.Go(func() {
		p.run(ctx, args)
		tty.Close()
	})
	term.end = func() {
		program.Wait()
		reader.Wait()
		master.Close()
	}
	return term
}

// setWidth gives the terminal another width, and tells the process as a terminal does.
func (t *terminal) setWidth(width int) {
	if err := pty.Setsize(t.tty, &pty.Winsize{Rows: 50, Cols: uint16(width)}); err != nil {
		t.t.Fatal(err)
	}
	t.resize(width)
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.t.Fatal(err)
	}
}

const longReason = "No light received on the port; ask the operator of the facility to check the cross-connect"

// The screens of commands on narrow, usual and wide terminals. Nothing is wider than the terminal.
func TestScreens(t *testing.T) {
	for _, width := range []int{60, 100, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			r := start(t, still())
			name := r.orderTwo()
			r.run(exitOK, "cnis", "create", "--interconnect", name, "--conduit-name", "cni-iad-1", "--customer-asn", "4200000001",
				"--extra-prefix", "100.96.0.0/12", "--extra-prefix", "100.112.0.0/12", "--description", "Primary link, Ashburn", "-o", "name")
			cni := strings.TrimSpace(r.stdout.String())
			var all strings.Builder
			show := func(line string, play func(*terminal)) {
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				term := onTerminal(t, ctx, width, strings.Fields(line)...)
				if play != nil {
					play(term)
					interrupt()
				}
				term.end()
				if len(term.wrapped) > 0 {
					t.Errorf("%s: lines are wider than the terminal: %q", line, term.wrapped)
				}
				fmt.Fprintf(&all, "$ interconnect %s\n%s\n", line, term)
			}
			show("links list", nil)
			r.setState(name, interconnect.StatusUnhealthy{State: interconnect.StatusUnhealthyStateUnhealthy, Reason: new(longReason)})
			show("links list", nil)
			show("links get "+name, nil)
			show("links status", nil)
			show("links status "+name, nil)
			show("links status "+name+" --wait", func(term *terminal) {
				term.await(longReason)
				r.setState(name, interconnect.StatusHealthy{State: interconnect.StatusHealthyStateHealthy})
				term.await("Healthy (")
				term.await("REASON")
			})
			show("links list --watch", func(term *terminal) {
				term.await("2 links: 1 Healthy, 1 Pending")
				r.setState(name, interconnect.StatusUnhealthy{State: interconnect.StatusUnhealthyStateUnhealthy, Reason: new(longReason)})
				term.await("2 links: 1 Pending, 1 Unhealthy")
			})
			show("slots list --site iad-a --limit 3", nil)
			show("slots get "+slot, nil)
			show("slots list --site ewr", nil)
			show("cnis list", nil)
			show("cnis get "+cni, nil)
			show("settings get", nil)

			got := regexp.MustCompile(`\d\d:\d\d:\d\d`).ReplaceAllString(all.String(), "15:04:05")
			got = regexp.MustCompile(`\b[0-9]+s\b`).ReplaceAllString(got, "Ns")
			file := filepath.Join("testdata", fmt.Sprintf("screens-%d.txt", width))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wantText(t, "the screens of "+file+", which -update rewrites,", got, string(want))
		})
	}
}

// setState sets the state of a link.
func (r *rig) setState(name string, state any) {
	r.t.Helper()
	var status interconnect.InterconnectStatus
	switch s := state.(type) {
	case interconnect.StatusUnhealthy:
		status = interconnect.NewInterconnectStatus(s)
	case interconnect.StatusHealthy:
		status = interconnect.NewInterconnectStatus(s)
	}
	if err := r.sandbox.SetStatus(account, name, status); err != nil {
		r.t.Fatal(err)
	}
}

// The line of a wait follows a terminal that gets narrower and wider: it is drawn again in one row.
func TestResize(t *testing.T) {
	r := start(t, sandbox.WithPending(-1, -1))
	name := r.order()
	r.setState(name, interconnect.StatusUnhealthy{State: interconnect.StatusUnhealthyStateUnhealthy, Reason: new(longReason)})
	term := onTerminal(t, t.Context(), 100, "links", "status", name, "--wait")
	for _, width := range []int{100, 60, 40, 140} {
		term.setWidth(width)
		line := name + ": Unhealthy, " + longReason
		if room := width - 1 - len("… (100s)"); len(line) > room {
			line = line[:room]
		}
		term.awaitLine(func(last string) bool { // as long as there is room for
			n := runewidth.StringWidth(last)
			return strings.HasPrefix(last, line) && n < width && (n == width-1 || strings.HasPrefix(last, line+" ("))
		})
	}
	r.setState(name, interconnect.StatusHealthy{State: interconnect.StatusHealthyStateHealthy})
	term.end()
	if len(term.wrapped) > 0 {
		t.Errorf("lines are wider than the terminal: %q", term.wrapped)
	}
	if n := strings.Count(term.String(), name+": Unhealthy"); n > 5 { // the whole text, a line that is left for each smaller width, the last
		t.Errorf("the line stands there %d times:\n%s", n, term)
	}
}
