package interop

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

const account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"

// A journal has a line for each request that a sandbox has answered.
type journal struct{ lines bytes.Buffer }

// count returns how many of the requests have all these words in their lines, such as "status=409".
func (j *journal) count(words ...string) int {
	count := 0
	for line := range strings.Lines(j.lines.String()) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			count++
		}
	}
	return count
}

// serve starts a sandbox, and returns the URL to give to an SDK.
func serve(t *testing.T, opts ...sandbox.Option) (url string, served *journal) {
	served = &journal{}
	logger := slog.New(slog.NewTextHandler(&served.lines, nil))
	return sandbox.NewServer(t, append(opts, sandbox.WithLogger(logger))...).URL + interconnect.BasePath, served
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantPDF(t *testing.T, letter []byte) {
	t.Helper()
	if !bytes.HasPrefix(letter, []byte("%PDF-")) {
		t.Errorf("got %.40q, want a PDF document", letter)
	}
}
