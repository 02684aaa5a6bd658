package interop

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/sandbox"
)

// The SDKs bring tests of their own, which send placeholders to whatever server TEST_API_BASE_URL names. They say nothing of
// what they get, except that the SDK can read it.
func TestSuites(t *testing.T) {
	for name, loa := range map[string]string{
		"github.com/cloudflare/cloudflare-go/v6/network_interconnects": "TestInterconnectLOA",
		"github.com/cloudflare/cloudflare-go/v7/network_interconnects": "TestInterconnectLOAWithOptionalParams",
	} {
		t.Run(name, func(t *testing.T) {
			served := &journal{}
			server := httptest.NewServer(sandbox.NewExamples(slog.New(slog.NewTextHandler(&served.lines, nil))))
			defer server.Close()
			passed, others := runSuite(t, name, server.URL)
			want := []string{
				"TestCNIDelete", "TestCNIGet", "TestCNIListWithOptionalParams", "TestCNINewWithOptionalParams",
				"TestCNIUpdateWithOptionalParams", "TestInterconnectDelete", "TestInterconnectGet",
				"TestInterconnectListWithOptionalParams", "TestInterconnectNewWithOptionalParams", "TestInterconnectStatus", loa,
				"TestSettingGet", "TestSettingUpdateWithOptionalParams", "TestSlotGet", "TestSlotListWithOptionalParams",
			}
			slices.Sort(want)
			slices.Sort(passed)
			equal(t, "passed", strings.Join(passed, " "), strings.Join(want, " "))
			equal(t, "failed or skipped", strings.Join(others, " "), "")
			equal(t, "answers", served.count("status=200"), len(want))
		})
	}
}

// runSuite runs the tests of a package against a server. It returns those that passed, and those that did not.
func runSuite(t *testing.T, name, url string) (passed, others []string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-json", name)
	command.Env = append(os.Environ(), "TEST_API_BASE_URL="+url, "SKIP_MOCK_TESTS=false")
	out, err := command.Output()
	var output strings.Builder
	events := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var event struct{ Action, Test, Output string }
		if err := events.Decode(&event); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s: %v in %s", command, err, out)
		}
		output.WriteString(event.Output)
		switch {
		case event.Test == "":
		case event.Action == "pass":
			passed = append(passed, event.Test)
		case event.Action == "fail", event.Action == "skip":
			others = append(others, event.Test)
		}
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, &output)
	}
	return passed, others
}
