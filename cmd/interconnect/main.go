// Command interconnect orders and configures Cloudflare Network Interconnects, serves a sandbox of them to develop
// against, and checks servers of the same API. "interconnect help" lists the commands, "interconnect demo" shows them
// at work.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/interconnect-go/interconnect/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	p := &program{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		isTerminal: func(stream any) bool { return terminalWidth(stream) > 0 }, terminalWidth: terminalWidth,
		lookEvery: 5 * time.Second,
	}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// A program is one run of the command line, with what it sees of the world but for the environment and the network.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	isTerminal     func(stream any) bool
	terminalWidth  func(stream any) int // how many columns the terminal has that a stream is, 0 for anything else; may be nil
	poll           []client.WaitOption  // how often to look at a link; for tests
	lookEvery      time.Duration        // how often to look at several links, and whether something is gone
	options        []client.Option      // of all clients, before those of a command; for tests

	flags      globalFlags
	query      query // what --query makes of the results; nil for the results themselves
	rawStrings bool  // strings among the results of the query are printed as they are
	deviations deviations
	calls      calls
	line       *line                    // nil if none is drawn
	progress   atomic.Pointer[progress] // what the line shows besides the calls; nil for nothing

	began bool // the command line was right as far as cobra can tell, and a command has begun its work
}

// run runs the command that args name and returns the exit code; see the help topic exit-codes.
func (p *program) run(ctx context.Context, args []string) int {
	log.SetOutput(io.Discard) // where net/http quotes what a service sends unasked, which may be the credentials
	root := p.root()
	root.SetArgs(append([]string{}, args...)) // nil would stand for those of the process
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if !p.began {
		err = &usageError{err: err}
		p.flags.output = outputFormat(args)
	}
	return p.report(cmd, err)
}

// terminalWidth returns how many columns the terminal has that a stream is, and 0 for anything else. It is
// defaultWidth for a terminal that does not say.
func terminalWidth(stream any) int {
	if beside, ok := stream.(*besideLine); ok {
		stream = beside.Writer
	}
	file, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		return defaultWidth
	}
	return width
}
