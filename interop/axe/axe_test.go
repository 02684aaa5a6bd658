// Package axe looks for what keeps people from using the pages of the sandbox, with axe-core.
package axe

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/browsertest"
	"github.com/interconnect-go/interconnect/interop/internal/npm"
	"github.com/interconnect-go/interconnect/sandbox"
	"github.com/interconnect-go/interconnect/sandbox/reference"
)

// axe-core finds nothing to object to in the pages of the sandbox, light or dark, wide or narrow, with everything in
// them opened.
func TestAccessibility(t *testing.T) {
	browser := browsertest.Start(t)
	npm.Install(t, ".")
	script, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	ok(t, err)

	sb := sandbox.New()
	pages, err := reference.New(
		sb,
		nil,
		reference.Document{
			Name:     "control",
			Label:    "Control API",
			YAML:     api.SandboxDocument,
			BasePath: sandbox.ControlPath,
		},
	)
	ok(t, err)
	server := httptest.NewServer(pages)
	t.Cleanup(func() {
		pages.Close()
		server.Close()
	})
	populate(t, sb, server.URL)

	for _, page := range []struct {
		name, path string
		open       string // an expression that opens what is closed; it gives a promise
	}{
		{"overview", "/", `document.querySelectorAll(".copyable button").length === 2`},
		{"live", "/live", `(async () => {
			document.querySelectorAll("details").forEach(d => d.open = true);
			document.querySelector('input[name="by"]').value = "soon";
			document.querySelector('input[name="by"]').form.querySelector("button").click();
			while (!document.querySelector("#alert p") || !document.querySelector(".live")) {
				await new Promise(r => setTimeout(r, 20));
			}
			return true;
		})()`},
		{"reference", "/docs/api", openOperations("create_interconnect", "list_interconnects", "get_interconnect_loa", "update_cni")},
		{"control reference", "/docs/control", openOperations("add_fault", "get_snapshot")},
		{"credentials", "/docs/api", `(async () => {
			while (!document.querySelector(".authorize")) await new Promise(r => setTimeout(r, 20));
			document.querySelector(".authorize").click();
			while (!document.querySelector(".modal-ux")) await new Promise(r => setTimeout(r, 20));
			return true;
		})()`},
	} {
		t.Run(page.name, func(t *testing.T) {
			b := browser.Open(t, server.URL+page.path)
			if !browsertest.Evaluate[bool](b, page.open) {
				t.Fatal("the page is not as it should be")
			}
			browsertest.Evaluate[string](b, string(script)+"; axe.version")
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int64{400, 1400} {
					b.Do(browsertest.Scheme(scheme), browsertest.Width(width))
					where := fmt.Sprintf("%s, %d pixels wide", scheme, width)
					for _, v := range browsertest.Evaluate[[]violation](b, run) {
						if v.ID == "heading-order" && page.name == "credentials" { // moderate, and Swagger UI's
							continue
						}
						t.Errorf(
							"%s: %s: %s, %s\n%s",
							where,
							v.Impact,
							v.ID,
							v.Help,
							strings.Join(v.At[:min(3, len(v.At))], "\n"),
						)
					}
					if wide := browsertest.Evaluate[int](b, "document.documentElement.scrollWidth"); wide > int(width) {
						t.Errorf("%s: the content is %d pixels wide", where, wide)
					}
				}
			}
		})
	}
}

// run lists what axe-core finds, once the colours are those that they change to.
const run = `Promise.all(document.getAnimations().map(a => a.finished))
	.then(() => axe.run({resultTypes: ["violations"]})).then(result => result.violations.map(v => ({
	impact: v.impact, id: v.id, help: v.help, at: v.nodes.map(n => n.html.slice(0, 200) + " " + n.failureSummary)})))`

type violation struct {
	Impact, ID, Help string
	At               []string
}

// openOperations tries operations of a reference, and opens a schema.
func openOperations(ids ...string) string {
	return `(async () => {
		const until = async (find) => {
			for (;;) {
				const found = find();
				if (found) return found;
				await new Promise(r => setTimeout(r, 20));
			}
		};
		for (const id of "` + strings.Join(ids, " ") + `".split(" ")) {
			const block = await until(() => document.querySelector('.opblock[id$="-' + id + '"]'));
			block.querySelector(".opblock-summary-control").click();
			(await until(() => block.querySelector(".try-out__btn"))).click();
			(await until(() => block.querySelector(".execute"))).click();
			await until(() => block.querySelector(".live-responses-table .response-col_status"));
		}
		document.querySelector(".models .model-container button").click();
		await new Promise(r => setTimeout(r, 200));
		return true;
	})()`
}

// populate puts one thing of each kind into a sandbox.
func populate(t *testing.T, sb *sandbox.Sandbox, url string) {
	t.Helper()
	c, err := client.New(account, client.WithToken("token"), client.WithBaseURL(url+interconnect.BasePath))
	ok(t, err)
	slots := sandbox.Catalogue("")
	for _, order := range []interconnect.InterconnectCreate{
		interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: account, SlotID: slots[0].ID}),
		interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: account, SlotID: slots[9].ID}),
		interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
			Account: account, PairingKey: "key/us-east4/1", Bandwidth: interconnect.Bandwidth1G,
		}),
	} {
		_, err := c.CreateInterconnect(t.Context(), order)
		ok(t, err)
	}
	for i, ic := range sb.Overview(3).Interconnects {
		if _, is := ic.Interconnect.Value().(interconnect.PhysicalInterconnect); is {
			states := []interconnect.InterconnectStatus{
				interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: new("No light received")}),
				interconnect.NewInterconnectStatus(interconnect.StatusDown{}),
				interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}),
			}
			ok(t, sb.SetStatus(account, ic.Name, states[i]))
			_, err := c.CreateCNI(t.Context(), interconnect.CNICreate{
				Account: account, Interconnect: ic.Name, Magic: interconnect.MagicSettings{ConduitName: fmt.Sprint("cni-", i), MTU: 1500},
			})
			ok(t, err)
		}
	}
	sb.Fail("get_settings", sandbox.Fault{Status: 503})
	sb.Fail("list_cnis", sandbox.Fault{Delay: time.Second, Times: -1})
	_, err = c.GetCNI(t.Context(), sandbox.Catalogue("")[0].ID)
	if err == nil {
		t.Error("there is an unknown CNI")
	}
}

const account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
