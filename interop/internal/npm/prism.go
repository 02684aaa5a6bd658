package npm

import (
	"bytes"
	"context"
	"net"
	"os/exec"
	"testing"
	"time"
)

// Prism starts Prism, which a directory has after [Install], on a document, whose path is relative to the directory. It returns the URL.
func Prism(t *testing.T, dir, document string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	var output bytes.Buffer
	command := exec.CommandContext(ctx, "node_modules/.bin/prism", "mock", "--host", host, "--port", port, document)
	command.Dir = dir
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%.4000s", output.String())
		}
	})
	for range 300 {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return "http://" + address
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Prism does not start")
	return ""
}
