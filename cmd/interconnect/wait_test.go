package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

var epoch = time.Date(2026, 8, 14, 12, 0, 0, 0, time.UTC)

// still makes a clock that a test moves on, so that a link stays pending for as long as the test wants.
func still() sandbox.Option { return sandbox.WithClock(func() time.Time { return epoch }) }

func TestWait(t *testing.T) {
	r := start(t, still())
	code := r.start(t.Context(), "interconnects", "create", "--slot", slot, "--wait", "-o", "json")
	const name = "direct-iad-a-c70810a0"
	r.stderr.await(t, name+": Pending\n")
	wantContains(t, r.stdout, `"name": "`+name+`"`) // the order is shown before the wait
	r.sandbox.Advance(time.Minute)
	if got := code(); got != exitOK {
		t.Errorf("exit code %d", got)
	}
	r.wantStderr(name + ": Pending\n" + name + ": Healthy\n")

	r.run(exitOK, "interconnects", "status", name, "--wait")
	r.wantStdout("NAME    " + name + "\nSTATE   Healthy\nREASON  -\n")
	r.wantStderr(name + ": Healthy\n")
}

func TestWaitEnds(t *testing.T) {
	r := start(t, still())
	name := r.order()
	again := "hint: the interconnect stays ordered; to go on waiting: interconnect interconnects status " + name + " --wait\n"
	status := []string{"interconnects", "status", name, "--wait"}

	r.run(exitNotHealthy, append(status, "--wait-timeout", "50ms")...)
	wantContains(t, r.stderr, "interconnect: interconnect "+name+" is not healthy", ": the time to wait is over\n", again)
	r.run(exitNotHealthy, append(status, "--wait-timeout", "500ms", "-o", "json")...)
	r.wantStdout("{\n  \"state\": \"Pending\"\n}\n")
	if line := lastLine(r.stderr); !strings.HasPrefix(line, `{"error":{"exit_code":5,"message":"interconnect `+name+` is not healthy but Pending: `) {
		t.Errorf("the error is %s", line)
	}

	ctx, interrupt := context.WithCancel(t.Context())
	code := r.start(ctx, status...)
	r.stderr.await(t, "Pending\n")
	interrupt()
	if got := code(); got != exitInterrupted {
		t.Errorf("exit code %d", got)
	}
	wantContains(t, r.stderr, "interconnect: interconnect "+name+" is not healthy but Pending: interrupted\n", again)

	// More than once, as the last request of the run before may still be under way.
	r.sandbox.Fail("get_interconnect_status", sandbox.Fault{Status: 403, Message: "not any more", Times: -1})
	r.run(exitNotHealthy, status...)
	r.sandbox.ClearFaults()
	wantContains(t, r.stderr, " is not healthy: its state cannot be found out\n  the service refused GET ",
		"\n  not any more (10000)\n", again)

	down := interconnect.NewInterconnectStatus(interconnect.StatusDown{State: interconnect.StatusDownStateDown, Reason: new("no light")})
	if err := r.sandbox.SetStatus(account, name, down); err != nil {
		t.Fatal(err)
	}
	r.run(exitNotHealthy, status...)
	r.wantStderr(name + ": Down, no light\ninterconnect: interconnect " + name + " is not healthy but Down, no light\n" +
		"hint: the interconnect stays ordered; a wait ends at once while it is Down, so to see when that changes: " +
		"interconnect interconnects status " + name + " --watch\n")
	r.wantStdout("NAME    " + name + "\nSTATE   Down\nREASON  no light\n")
	r.run(exitNotHealthy, append(status, "-o", "json")...)
	r.wantStdout("{\n  \"state\": \"Down\",\n  \"reason\": \"no light\"\n}\n")
	r.run(exitNotHealthy, append(status, "-o", "json", "--query", ".state")...)
	r.wantStdout("\"Down\"\n")

	r.run(exitNotFound, "interconnects", "status", "nope", "--wait")
	r.run(exitUsage, "interconnects", "status", "..", "--wait")
}

// On a terminal one line is redrawn each second, and never wider than the terminal. What has no room is shown once as a whole.
func TestProgressOnTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &buffer{}
		p := &program{terminalWidth: func(any) int { return 40 }}
		p.line = startLine(out, func() int { return 40 }, nil, p.lineText)
		p.stderr = p.line.writer(out)
		show := p.showProgress()
		time.Sleep(1500 * time.Millisecond)
		show.change(client.StatusChange{Name: "direct-1", To: client.StatePending})
		time.Sleep(time.Second)
		show.change(client.StatusChange{Name: "direct-1", To: client.StateUnhealthy, Reason: "no light received\non the port 設施, ask the facility"})
		time.Sleep(time.Second)
		show.change(client.StatusChange{Name: "direct-1", To: client.StateHealthy})
		show.end()
		p.line.stop()
		wantText(t, "the terminal", strings.ReplaceAll(out.String(), " ", "."), strings.Join([]string{
			"", "direct-1:.Pending.(1s)", "direct-1:.Pending.(2s)", // then it makes room for the whole text
			"......................", "direct-1:.Unhealthy,.no.light\n..received.on.the.port.設施,.ask.the\n..facility\n",
			"direct-1:.Unhealthy,.no.light.rec….(2s)", "direct-1:.Unhealthy,.no.light.rec….(3s)", "direct-1:.Healthy.(3s).................\n",
		}, "\r"))
	})
}

func TestWaitOnTerminal(t *testing.T) {
	r := start(t, sandbox.WithPending(0, 0))
	name := r.order()
	r.terminal = true
	r.run(exitOK, "interconnects", "status", name, "--wait")
	r.wantStderr("\r" + name + ": Healthy (0s)\n")
	r.run(exitOK, "interconnects", "status", name, "--wait", "-v") // a log would break the line
	wantContains(t, r.stderr, "\n"+name+": Healthy\n")
}

func TestConfirm(t *testing.T) {
	r := start(t)
	name := r.order()
	r.terminal = true
	for _, answer := range []string{"", "\n", "yes\n"} {
		r.stdin = answer
		r.run(exitFailed, "interconnects", "delete", name)
		r.wantStderr(`
		This interconnect will be deleted for good:
		  name          direct-iad-a-c70810a0
		  type          direct, a port of 10G
		  location      iad-a, Equinix DC2, 400 Example Plaza (fictional), Ashburn, VA, United States
		  slot          4b99d788-9a01-53d2-97b3-e7d272d0ad85
		  account       4f8c1d2e9ab04c75b3e6d7018f2a9c35
		Type direct-iad-a-c70810a0 to confirm: interconnect: nothing was deleted: what was typed is not direct-iad-a-c70810a0
		`)
	}
	r.stdin = name + "\n"
	r.run(exitOK, "interconnects", "delete", name)
	r.run(exitNotFound, "interconnects", "get", name)
}

// Ctrl-C ends the question too.
func TestConfirmInterrupted(t *testing.T) {
	silent, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	stderr := &buffer{}
	p := &program{stdin: silent, stderr: stderr, isTerminal: func(any) bool { return true }}
	done := make(chan error, 1)
	go func() { done <- p.confirm(ctx, "Really?\n", "yes", "nothing was done") }()
	stderr.await(t, "Type yes to confirm: ")
	interrupt()
	if err := <-done; err != context.Canceled {
		t.Errorf("%v, want context.Canceled", err)
	}
}
