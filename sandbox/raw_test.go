package sandbox_test

import (
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/internal/rawhttp"
	"github.com/interconnect-go/interconnect/sandbox"
)

// Whatever a client sends, each request gets the status that it should, none is a failure of the server, and what is hidden in a
// body is not executed.
func TestRawHTTP(t *testing.T) {
	sb := sandbox.New()
	address := listen(t, sb)
	cases := rawhttp.Cases()
	t.Logf("%d cases", len(cases))
	for _, c := range cases {
		statuses, err := c.Send(address)
		if got := strings.Join(statuses, " "); err != nil || !strings.Contains(" "+c.Want+" ", " "+got+" ") {
			t.Errorf("%s: got %q, %v, want %s", c.Name, got, err, c.Want)
		}
		if got := (rig{t, sb}).callAs("a", "GET", "/settings", ""); !strings.Contains(got.body, "13335") {
			t.Fatalf("%s: what is hidden was executed: %s", c.Name, got.body)
		}
	}
}
