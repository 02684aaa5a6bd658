package main

import (
	"cmp"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const (
	account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"
	token   = "T0k3n-that-nobody-may-see"
	slot    = "4b99d788-9a01-53d2-97b3-e7d272d0ad85" // the first at iad-a, free, 10G
)

// A buffer is a stream that may be read while it is written.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// await waits until the buffer contains a text.
func (b *buffer) await(t *testing.T, text string) {
	t.Helper()
	for range 3000 {
		if strings.Contains(b.String(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("there is no %q in\n%s", text, b)
}

// A rig runs the program in this process, with a sandbox in the place of the service.
type rig struct {
	t        *testing.T
	sandbox  *sandbox.Server
	stdin    string
	input    io.Reader // in the place of stdin, if it is not nil
	terminal bool      // all streams are one
	stdout   *buffer
	stderr   *buffer
}

func start(t *testing.T, opts ...sandbox.Option) *rig {
	t.Helper()
	r := &rig{t: t, sandbox: sandbox.NewServer(t, opts...)}
	environment(t, r.sandbox.URL+interconnect.BasePath)
	return r
}

// environment sets all variables that the program reads.
func environment(t *testing.T, baseURL string) {
	t.Helper()
	for name, value := range map[string]string{
		"CLOUDFLARE_BASE_URL": baseURL, "CLOUDFLARE_ACCOUNT_ID": account,
		"CLOUDFLARE_API_TOKEN": token, "CLOUDFLARE_EMAIL": "", "CLOUDFLARE_API_KEY": "",
	} {
		t.Setenv(name, value)
	}
}

// start runs the program and returns a function that waits for its exit code. A credential in its output fails the test.
func (r *rig) start(ctx context.Context, args ...string) func() int {
	r.stdout, r.stderr = &buffer{}, &buffer{}
	p := &program{
		stdin: cmp.Or[io.Reader](r.input, strings.NewReader(r.stdin)), stdout: r.stdout, stderr: r.stderr,
		isTerminal: func(any) bool { return r.terminal },
		poll:       []client.WaitOption{client.WithPollInterval(time.Millisecond, time.Millisecond)},
		lookEvery:  time.Millisecond,
		options:    []client.Option{client.WithBackoff(time.Millisecond, time.Millisecond)},
	}
	code := make(chan int, 1)
	go func() { code <- p.run(ctx, args) }()
	return func() int {
		r.t.Helper()
		got := <-code
		if strings.Contains(r.stdout.String()+r.stderr.String(), token) {
			r.t.Errorf("%q prints the token:\n%s%s", args, r.stdout, r.stderr)
		}
		return got
	}
}

// run runs the program and wants an exit code.
func (r *rig) run(want int, args ...string) {
	r.t.Helper()
	if got := r.start(r.t.Context(), args...)(); got != want {
		r.t.Fatalf("%q exits with %d, want %d; it says\n%s%s", args, got, want, r.stdout, r.stderr)
	}
}

// wantStdout and wantStderr compare what the last run printed with a text, given with a line break before and tabs at
// the left.
func (r *rig) wantStdout(want string) { r.t.Helper(); wantText(r.t, "stdout", r.stdout.String(), want) }
func (r *rig) wantStderr(want string) { r.t.Helper(); wantText(r.t, "stderr", r.stderr.String(), want) }

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	want = strings.TrimRight(strings.TrimPrefix(strings.ReplaceAll(want, "\n\t\t", "\n"), "\n"), "\t")
	if got != want {
		t.Errorf("%s is\n%s\nwant\n%s", what, got, want)
	}
}

func wantContains(t *testing.T, text *buffer, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text.String(), part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
}

// order orders the port and returns its name.
func (r *rig) order() string {
	r.t.Helper()
	r.run(exitOK, "interconnects", "create", "--slot", slot)
	name, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(r.stdout.String(), "NAME")), "\n")
	return name
}

// lastLine is the last line of a text.
func lastLine(text *buffer) string {
	lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	return lines[len(lines)-1]
}
