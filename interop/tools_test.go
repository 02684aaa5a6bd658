package interop

import (
	"bytes"
	"net/http"
	"os/exec"
	"testing"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/interop/internal/npm"
)

const document = "../../api/openapi.yaml" // from the directory of the tools

// Spectral and Redocly find no error in the document.
func TestLinters(t *testing.T) {
	npm.Install(t, "tools")
	t.Setenv("REDOCLY_TELEMETRY", "off")
	t.Setenv("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
	t.Log(run(t, "tools", "node_modules/.bin/spectral", "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "error", document))
	t.Log(run(t, "tools", "node_modules/.bin/redocly", "lint", document))
}

// Our client understands what Prism, which knows the document only, makes of the examples in it: strictly, so that every departure
// would be an error.
func TestPrism(t *testing.T) {
	npm.Install(t, "tools")
	url := npm.Prism(t, "tools", document)
	c, err := client.New(account, client.WithToken("token"), client.WithBaseURL(url), client.Strict())
	ok(t, err)
	ctx := t.Context()
	id := uuid.MustParse("1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512")

	count := 0
	for slot, err := range c.ListSlots(ctx, nil) {
		ok(t, err)
		equal(t, "site", string(slot.Site) != "", true)
		if count++; count == 3 {
			break // the cursor of an example leads to the same page again
		}
	}
	equal(t, "slots", count > 0, true)
	_, err = c.GetSlot(ctx, id)
	ok(t, err)

	created, err := c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{
		Type: interconnect.PhysicalInterconnectCreateTypeDirect, Account: account, SlotID: id,
	}))
	ok(t, err)
	equal(t, "variant", created.Value() != nil, true)
	for _, err := range c.ListInterconnects(ctx, nil) {
		ok(t, err)
		break
	}
	_, err = c.GetInterconnect(ctx, "direct-iad-a-7d41f0c2")
	ok(t, err)
	status, err := c.GetInterconnectStatus(ctx, "direct-iad-a-7d41f0c2")
	ok(t, err)
	equal(t, "state", status.Value() != nil, true)
	name, err := c.GetInterconnectLOADefaultName(ctx, "direct-iad-a-7d41f0c2")
	ok(t, err)
	equal(t, "default name", name.Name != "", true)
	ok(t, c.DeleteInterconnect(ctx, "direct-iad-a-7d41f0c2"))

	cni, err := c.CreateCNI(ctx, interconnect.CNICreate{
		Account: account, Interconnect: "direct-iad-a-7d41f0c2",
		Magic: interconnect.MagicSettings{ConduitName: "cni-iad-1", Description: "Primary link", MTU: 1500},
	})
	ok(t, err)
	_, err = c.GetCNI(ctx, cni.ID)
	ok(t, err)
	ok(t, c.DeleteCNI(ctx, cni.ID))
	_, err = c.GetSettings(ctx)
	ok(t, err)

	// Prism refuses what the document does not allow; our client does so before anything is sent.
	response, err := http.Post(url+"/accounts/"+account+"/cni/interconnects", "application/json", bytes.NewReader([]byte(`{"type":"type"}`)))
	ok(t, err)
	response.Body.Close()
	equal(t, "refused", response.StatusCode >= 400, true)
}

// run runs a command in a directory and returns what it printed.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}
