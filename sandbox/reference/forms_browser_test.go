package reference_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/browsertest"
	"github.com/interconnect-go/interconnect/sandbox"
	"github.com/interconnect-go/interconnect/sandbox/reference"
)

// driver is what the tests do in a page with forms, in one go for each form: going to and fro between the test and the
// browser takes longer.
const driver = `({
	block: (id) => document.querySelector('.opblock[id$="-' + id + '"]'),

	async until(what, find) {
		for (const start = Date.now(); Date.now() - start < 30000; await new Promise(resolve => setTimeout(resolve, 10))) {
			const found = find();
			if (found) return found;
		}
		throw new Error("the page does not get to " + what);
	},

	// open opens the form of an operation for editing.
	async open(id) {
		const block = await this.until("the operation " + id, () => this.block(id));
		if (!block.matches(".is-open")) block.querySelector(".opblock-summary-control").click();
		await this.until("the button of " + id, () => block.querySelector(".try-out__btn"));
		if (!block.querySelector(".execute")) block.querySelector(".try-out__btn").click();
		await this.until("the form of " + id, () => block.querySelector(".execute"));
		return block;
	},

	examples: async function (id) {
		const options = (await this.open(id)).querySelectorAll(".opblock-section-request-body .examples-select-element option");
		return [...options].map(o => o.value);
	},

	// execute sends a form as it is, or with one of its examples, and closes it again.
	async execute(id, example) {
		const block = await this.open(id);
		block.querySelector(".btn-clear")?.click();
		await this.until("no response of " + id, () => !block.querySelector(".live-responses-table .response"));
		if (example) {
			const list = await this.until("the examples of " + id, () => // the form is made again after each change of the sandbox
				block.querySelector(".opblock-section-request-body .examples-select-element"));
			list.value = example;
			list.dispatchEvent(new Event("change", {bubbles: true}));
			await new Promise(resolve => setTimeout(resolve, 50));
		}
		block.querySelector(".execute").click();
		const response = await this.until("the response of " + id, () =>
			block.querySelector(".live-responses-table .response .response-col_status")?.closest(".response"));
		const shown = {
			status: response.querySelector(".response-col_status").firstChild.textContent.trim(),
			body: response.querySelector(".response-col_description").innerText,
			link: response.querySelector("a[download]")?.download ?? "",
		};
		block.querySelector(".opblock-summary-control").click();
		return shown;
	},
})`

// shown is what the page shows of a response.
type shown struct{ Status, Body, Link string }

// whenFilled evaluates a call of the driver once the forms have been filled in with what the calls before have changed.
func whenFilled(call string) string {
	return `(async () => {
		while (document.querySelector("[aria-busy]")) {
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
		return ` + driver + "." + call + `;
	})()`
}

func execute(b *browsertest.Tab, operationID string) shown {
	return browsertest.Evaluate[shown](b, whenFilled(fmt.Sprintf("execute(%q)", operationID)))
}

func executeExample(b *browsertest.Tab, operationID, example string) shown {
	return browsertest.Evaluate[shown](b, whenFilled(fmt.Sprintf("execute(%q, %q)", operationID, example)))
}

func examplesOf(b *browsertest.Tab, operationID string) []string {
	return browsertest.Evaluate[[]string](b, fmt.Sprintf("%s.examples(%q)", driver, operationID))
}

// A call is a form to execute, and the status that it gets.
type call struct {
	operation, status string
}

func (c call) try(t *testing.T, b *browsertest.Tab) {
	t.Helper()
	if got := execute(b, c.operation); got.Status != c.status {
		t.Errorf("%s: got %s, want %s; the page shows %s", c.operation, got.Status, c.status, got.Body)
	}
}

// Every form does on the first click what it is for: on a new sandbox, when something has been ordered in the same
// page, and in a page that is loaded then.
func testForms(t *testing.T, browser browsertest.Browser) {
	sb := sandbox.New()
	pages, err := reference.New(sb, nil, controlDocument)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pages)
	defer server.Close()

	fresh := []call{
		{"list_cnis", "200"},
		{"create_cni", "400"}, // there is no interconnect to create it on
		{"get_cni", "404"},
		{"update_cni", "404"},
		{"delete_cni", "404"},
		{"list_interconnects", "200"},
		{"get_interconnect", "404"},
		{"delete_interconnect", "404"},
		{"get_interconnect_loa", "404"},
		{"get_interconnect_loa_default_name", "404"},
		{"get_interconnect_status", "404"},
		{"get_settings", "200"},
		{"update_settings", "200"},
		{"list_slots", "200"},
		{"get_slot", "200"},
		{"create_interconnect", "200"},
	}
	ordered := []call{
		{"create_cni", "200"},
		{"get_cni", "200"},
		{"update_cni", "200"},
		{"list_cnis", "200"},
		{"list_interconnects", "200"},
		{"get_interconnect", "200"},
		{"get_interconnect_status", "200"},
		{"get_interconnect_loa", "200"},
		{"get_interconnect_loa_default_name", "200"},
		{"get_settings", "200"},
		{"update_settings", "200"},
		{"list_slots", "200"},
		{"get_slot", "200"},
		{"delete_cni", "200"},
		{"delete_interconnect", "200"},
	}
	var all []string
	for _, op := range interconnect.Operations() {
		all = append(all, op.ID)
	}

	t.Run("of the API", func(t *testing.T) {
		covers(t, all, fresh, nil)
		covers(t, all, ordered, []string{"create_interconnect"})
		b := browser.Open(t, server.URL+"/docs/api")
		for _, c := range fresh {
			c.try(t, b)
		}
		for _, c := range ordered { // in the same page, whose forms have been filled in again
			c.try(t, b)
		}
		b.WantQuiet(server.URL, "status of 400", "status of 404")
	})

	t.Run("in a page that is loaded later", func(t *testing.T) {
		ordersFor(
			t,
			pages,
			"1234567890abcdef1234567890abcdef",
			sandbox.Catalogue("")[20],
		) // not the account of the examples
		b := browser.Open(t, server.URL+"/docs/api")
		for _, c := range append([]call{{"create_interconnect", "200"}}, ordered...) {
			c.try(t, b)
		}
		b.WantQuiet(server.URL)
	})

	t.Run("all bodies", func(t *testing.T) {
		b := browser.Open(t, server.URL+"/docs/api")
		count := 0
		for _, operation := range []string{"create_interconnect", "create_cni", "update_cni", "update_settings"} {
			for _, example := range examplesOf(b, operation) {
				if got := executeExample(b, operation, example); got.Status != "200" {
					t.Errorf("%s, %s: got %s; the page shows %s", operation, example, got.Status, got.Body)
				}
				count++
			}
		}
		if count != 10 {
			t.Errorf("there are %d examples", count)
		}
		b.WantQuiet(server.URL)
	})

	t.Run("of the control API", func(t *testing.T) {
		var all []string
		for _, op := range control.Operations() {
			all = append(all, op.ID)
		}
		calls := []call{
			{"list_accounts", "200"}, {"list_interconnects", "200"}, {"set_status", "200"}, {"clear_status", "200"},
			{"get_clock", "200"}, {"advance_clock", "200"}, {"get_snapshot", "200"}, {"restore_snapshot", "204"},
			{"add_fault", "201"}, {"list_faults", "200"}, {"clear_faults", "204"}, {"reset", "204"},
		}
		covers(t, all, calls, nil)
		before := sb.Overview(100)
		if len(before.Interconnects) == 0 || len(before.CNIs) == 0 {
			t.Fatalf("there is nothing to restore: %+v", before)
		}
		b := browser.Open(t, server.URL+"/docs/control")
		for _, operation := range []string{"set_status", "add_fault"} {
			for _, example := range examplesOf(b, operation) {
				if got := executeExample(b, operation, example); !strings.HasPrefix(got.Status, "20") {
					t.Errorf("%s, %s: got %s; the page shows %s", operation, example, got.Status, got.Body)
				}
			}
		}
		for _, c := range calls {
			c.try(t, b)
			if after := sb.Overview(100); c.operation == "restore_snapshot" &&
				after.InterconnectCount != before.InterconnectCount {
				t.Errorf("there are %d interconnects, there were %d", after.InterconnectCount, before.InterconnectCount)
			}
		}
		b.WantQuiet(server.URL)
	})
}

// A Letter of Authorization is a link to download, whose name is made of the names in the path and has nothing that a
// file system takes for something else.
func testLetterOfAuthorizationIsALink(t *testing.T, browser browsertest.Browser) {
	sb := sandbox.New()
	pages, err := reference.New(sb, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pages)
	defer server.Close()
	ordersFor(t, pages, exampleAccount, sandbox.Catalogue("")[0])
	name := sb.Overview(1).Interconnects[0].Name

	b := browser.Open(t, server.URL+"/docs/api")
	got := execute(b, "get_interconnect_loa")
	if want := name + "-loa.pdf"; got.Status != "200" || got.Link != want ||
		!strings.Contains(got.Body, "Download "+want) ||
		strings.Contains(got.Body, "%PDF") {
		t.Errorf("got %+v", got)
	}
	browsertest.Evaluate[bool](b, driver+`.open("get_interconnect_loa").then(() => true)`)
	if file, content := b.Download("a[download]"); file != name+"-loa.pdf" ||
		!strings.HasPrefix(string(content), "%PDF-") {
		t.Errorf("the browser saves %s, which begins with %.20q", file, content)
	}
	for path, want := range map[string]string{
		"/a/b/loa?name=x/../y": "b-loa.pdf",
		"/..%2F..%2Fetc/x%00y": ".._2F.._2Fetc-x_00y.pdf",
		"/":                    "document.pdf",
		"/%C3%A9%22;.exe/loa":  "_C3_A9_22_.exe-loa.pdf",
	} {
		if got := browsertest.Evaluate[string](b, fmt.Sprintf("fileName(%q)", server.URL+path)); strings.TrimLeft(
			want,
			".",
		) != got {
			t.Errorf("%s: got %q, want %q", path, got, strings.TrimLeft(want, "."))
		}
	}
	b.WantQuiet(server.URL)
}

// What somebody has typed stays when the forms are filled in again, and a form that is open stays open.
func testFormsKeepWhatIsTyped(t *testing.T, browser browsertest.Browser) {
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	b := browser.Open(t, server.URL+"/docs/api")
	for _, operation := range []string{"get_interconnect", "delete_interconnect", "create_cni"} {
		browsertest.Evaluate[bool](b, fmt.Sprintf("%s.open(%q).then(() => true)", driver, operation))
	}
	typed := `.opblock[id$="-get_interconnect"] tr[data-param-name="icon"] input`
	untouched := `.opblock[id$="-delete_interconnect"] tr[data-param-name="icon"] input`
	body := `.opblock[id$="-create_cni"] textarea`
	b.Fill(typed, "mine")
	b.Until(
		`ui.specSelectors.parameterValues(["/accounts/{account_id}/cni/interconnects/{icon}", "get"]).toList().includes("mine")`,
	)
	if got := execute(b, "create_interconnect"); got.Status != "200" {
		t.Fatalf("got %+v", got)
	}
	b.Until(fmt.Sprintf(`document.querySelector('%s').value.startsWith("direct-atl-a-")`, untouched))
	b.Until(
		fmt.Sprintf(`document.querySelector('%s').value.includes(document.querySelector('%s').value)`, body, untouched),
	)
	if got := browsertest.Evaluate[string](b, fmt.Sprintf("document.querySelector('%s').value", typed)); got != "mine" {
		t.Errorf("it has become %q", got)
	}
	if got := execute(b, "create_cni"); got.Status != "200" {
		t.Errorf("got %+v", got)
	}
	b.WantQuiet(server.URL)
}

func testFilter(t *testing.T, browser browsertest.Browser) {
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	b := browser.Open(t, server.URL+"/docs/api")
	shown := func(filter string, want ...string) {
		t.Helper()
		b.Fill(".operations-filter input", filter)
		slices.Sort(want)
		b.Until(
			fmt.Sprintf(
				`[...document.querySelectorAll(".opblock")].map(e => e.id.split("-").pop()).sort().join() === %q`,
				strings.Join(want, ","),
			),
		)
	}
	shown("LOA default", "get_interconnect_loa_default_name")
	shown("slots", "list_slots", "get_slot")
	shown("post", "create_cni", "create_interconnect")
	shown("nothing of that kind")
	shown("delete cnis", "delete_cni")
	b.WantQuiet(server.URL)
}

// The commands of the overview are copied whole, by the click of a button.
func testCopy(t *testing.T, browser browsertest.Browser) {
	server := httptest.NewServer(newHandler(t))
	defer server.Close()
	b := browser.Open(t, server.URL)
	buttons := browsertest.Evaluate[int](b, `document.querySelectorAll(".copyable button").length`)
	if blocks := browsertest.Evaluate[int](b, `document.querySelectorAll("pre").length`); buttons != blocks ||
		buttons != 2 {
		t.Errorf("%d buttons for %d blocks", buttons, blocks)
	}
	b.Do(chromedp.Evaluate[chromedp.Void](`navigator.clipboard.writeText = async (text) => { window.copied = text; }`))
	b.Click(".copyable button")
	b.Until(`document.querySelector(".copyable button").textContent === "Copied"`)
	want := "export CLOUDFLARE_BASE_URL=" + server.URL + "/client/v4\nexport CLOUDFLARE_API_TOKEN=sandbox\nexport CLOUDFLARE_ACCOUNT_ID=" + exampleAccount + "\n"
	if got := browsertest.Evaluate[string](b, "window.copied"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Without access to the clipboard, the text is at least selected.
	b.Do(
		chromedp.Evaluate[chromedp.Void](
			`navigator.clipboard.writeText = async () => { throw new Error("not allowed"); }`,
		),
	)
	b.Click("#order + button")
	b.Until(`document.querySelector("#order + button").textContent !== "Copy"`)
	if got := browsertest.Evaluate[string](b, "getSelection().toString()"); !strings.HasPrefix(
		got,
		"cni=$CLOUDFLARE_BASE_URL/accounts/",
	) {
		t.Errorf("%q is selected", got)
	}
	b.WantQuiet(server.URL)
}

// covers checks that the calls are those of all operations but some.
func covers(t *testing.T, all []string, calls []call, but []string) {
	t.Helper()
	var got []string
	for _, c := range calls {
		got = append(got, c.operation)
	}
	want := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(but, id) })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the calls are those of %q, want %q", got, want)
	}
}

// ordersFor orders the port of a slot and creates a CNI on it.
func ordersFor(t *testing.T, handler *reference.Pages, account string, slot interconnect.Slot) {
	t.Helper()
	post := func(path string, body any) []byte {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(
			"POST",
			interconnect.BasePath+"/accounts/"+account+"/cni/"+path,
			strings.NewReader(string(text)),
		)
		r.Header.Set("Authorization", "Bearer any")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	var ic interconnect.Interconnect
	if err := json.Unmarshal(post("interconnects", map[string]any{
		"type": "direct", "account": account, "slot_id": slot.ID,
	}), &ic); err != nil {
		t.Fatal(err)
	}
	post("cnis", map[string]any{
		"account": account, "interconnect": nameOf(t, ic),
		"magic": map[string]any{"conduit_name": "cni-2", "description": "", "mtu": 1500},
	})
}

var controlDocument = reference.Document{
	Name:     "control",
	Label:    "Control API",
	YAML:     api.SandboxDocument,
	BasePath: sandbox.ControlPath,
}
