package sandbox_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// Placeholders of the documentation, which the test suites of the official SDKs send too. The bodies are by operation.
const placeholder = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

var placeholders = map[string]string{
	"create_interconnect": `{"account":"account","slot_id":"` + placeholder + `","type":"type","speed":"speed"}`,
	"create_cni": `{"account":"account","interconnect":"interconnect","magic":{"conduit_name":"conduit_name",` +
		`"description":"description","mtu":0},"bgp":{"customer_asn":0,"extra_prefixes":["string"],"md5_key":"md5_key"}}`,
	"update_cni": `{"id":"` + placeholder + `","account":"account","cust_ip":"192.168.3.4/31","interconnect":"interconnect",` +
		`"magic":{"conduit_name":"conduit_name","description":"description","mtu":0},"p2p_ip":"192.168.3.4/31",` +
		`"bgp":{"customer_asn":0,"extra_prefixes":["string"],"md5_key":"md5_key"},"bgp_mode":"bgp_mode"}`,
	"update_settings": `{"default_asn":0}`,
}

// examples calls examples mode as call calls a sandbox. An internal error fails the test.
func examples(t *testing.T) func(method, path, body string) reply {
	handler := sandbox.NewExamples(slog.New(failing{t}))
	return func(method, path, body string) reply {
		t.Helper()
		return sendTo(t, handler, "/accounts/"+account+"/cni"+path, method, body, "Authorization", "Bearer any")
	}
}

// Every operation responds to placeholders, at both places, with what a transport that validates responses accepts.
func TestExamplesOfAllOperations(t *testing.T) {
	server := httptest.NewServer(sandbox.NewExamples(slog.New(failing{t})))
	defer server.Close()
	for _, op := range interconnect.Operations() {
		for _, base := range []string{"", interconnect.BasePath} {
			target := server.URL + base + strings.NewReplacer("{slot}", placeholder, "{cni}", placeholder, "{", "", "}", "").Replace(op.Path)
			query := "?"
			for _, p := range op.Parameters {
				if p.In == "query" {
					query += p.Name + "=" + map[string]string{"integer": "0", "boolean": "true", "string": p.Name}[p.Schema.Types.Name()] + "&"
				}
			}
			request, err := http.NewRequestWithContext(t.Context(), op.Method, target+strings.TrimRight(query, "?&"),
				strings.NewReader(placeholders[op.ID]))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer any")
			if op.Body != nil {
				request.Header.Set("Content-Type", "application/json")
			}
			// The request does not validate, so its response is validated in a second step.
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != 200 {
				t.Errorf("%s: got %d %s, %v", target, response.StatusCode, body, err)
				continue
			}
			checkAnswer(t, op, response, body)
		}
	}
}

// checkAnswer validates a response against the schema of the document.
func checkAnswer(t *testing.T, op contract.Operation, response *http.Response, body []byte) {
	t.Helper()
	declared := op.Responses[slices.IndexFunc(op.Responses, func(r contract.Response) bool { return r.Status == "200" })].Content
	switch got := response.Header.Get("Content-Type"); {
	case len(declared) == 0:
		if len(body) > 0 || got != "" {
			t.Errorf("%s: got %s %q, want no body", op.ID, got, body)
		}
	case got != declared[0].MediaType:
		t.Errorf("%s: got %q, want %s", op.ID, got, declared[0].MediaType)
	case declared[0].Schema == nil:
		if !bytes.HasPrefix(body, []byte("%PDF-")) {
			t.Errorf("%s: got %.20q, want a PDF document", op.ID, body)
		}
	default:
		if err := declared[0].Schema.Check(body, contract.InResponse); err != nil {
			t.Errorf("%s: %v in %s", op.ID, err, body)
		}
	}
}

// The responses are payloads of the package api.
func TestExamplesArePayloads(t *testing.T) {
	call := examples(t)
	for path, name := range map[string]string{
		"/slots":                         "nsc_SlotList/last-page",
		"/slots?cursor=0&limit=0":        "nsc_SlotList/last-page",
		"/slots/any":                     "nsc_SlotInfo/full",
		"/interconnects":                 "nsc_InterconnectList/last-page",
		"/interconnects?type=type":       "nsc_InterconnectList/last-page",
		"/interconnects/any":             "nsc_Interconnect/physical-full",
		"/interconnects/any/status":      "nsc_StatusInfo/healthy",
		"/interconnects/any/loa/default": "nsc_DefaultNameResponse/usual",
		"/cnis":                          "nsc_CniList/last-page",
		"/cnis/any":                      "nsc_Cni/full",
		"/settings":                      "nsc_Settings/private",

		"/interconnects/gcp-us-central1-2b9c63e8":    "nsc_Interconnect/gcp-partner-full",
		"/cnis/e6a1c4d9-38b2-47f5-90ce-7d24b15f8a03": "nsc_Cni/gcp-partner",
	} {
		want, err := api.Examples.ReadFile("examples/valid/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if got := call("GET", path, ""); got.status != 200 || schema.Canonical(got.body) != schema.Canonical(string(want)) {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.body, want)
		}
	}
}

// An order is answered with the variant that its members are of, whatever they hold.
func TestExamplesOfOrders(t *testing.T) {
	call := examples(t)
	ordered := func(body string) interconnect.InterconnectVariant {
		t.Helper()
		return decode[interconnect.Interconnect](t, call("POST", "/interconnects", body)).Value()
	}
	for _, kind := range []string{"direct", "gcp_partner", "type"} {
		if v, ok := ordered(`{"account":"a","type":"` + kind + `","slot_id":"x"}`).(interconnect.PhysicalInterconnect); !ok {
			t.Errorf("got %T for a slot", v)
		}
		order := `{"account":"a","type":"` + kind + `","pairing_key":"k","bandwidth":"bandwidth"}`
		if v, ok := ordered(order).(interconnect.GCPPartnerInterconnect); !ok {
			t.Errorf("got %T for a pairing key", v)
		}
	}
}

func TestExamplesFilter(t *testing.T) {
	call := examples(t)
	for query, count := range map[string]int{
		"":                       2,
		"?type=gcp_partner":      1,
		"?type=direct&cursor=7":  1,
		"?site=iad-a":            1,
		"?site=nowhere":          2,
		"?type=nothing&limit=1":  2,
		"?site=site&type=direct": 1,
	} {
		if list := decode[interconnect.InterconnectList](t, call("GET", "/interconnects"+query, "")); len(list.Items) != count || list.Next != nil {
			t.Errorf("%s: got %+v, want %d items", query, list, count)
		}
	}
	for query, count := range map[string]int{"": 2, "?occupied=true": 1, "?occupied=false": 1, "?speed=10G": 2} {
		if list := decode[interconnect.SlotList](t, call("GET", "/slots"+query, "")); len(list.Items) != count {
			t.Errorf("%s: got %+v, want %d items", query, list, count)
		}
	}
}

// Examples mode checks all but values.
func TestExamplesCheckShapes(t *testing.T) {
	handler := sandbox.NewExamples(nil)
	send := func(method, path, body string, header ...string) reply {
		t.Helper()
		return sendTo(t, handler, path, method, body, header...)
	}
	const cni = "/accounts/a/cni"
	token := []string{"Authorization", "Bearer any"}
	wantFailure(t, send("GET", cni+"/slots", ""), 401, "Authentication required")
	wantFailure(t, send("GET", cni+"/slots", "", "X-Auth-Key", "k"), 401, "Authentication required")
	wantStatus(t, send("GET", cni+"/slots", "", "X-Auth-Key", "k", "X-Auth-Email", "e"), 200)
	wantFailure(t, send("GET", "/", "", token...), 404, "No route for that URI")
	wantFailure(t, send("GET", cni+"/interconnects/x/cnis", "", token...), 404, "No route for that URI")
	wantFailure(t, send("PATCH", cni+"/settings", "{}", token...), 405, "Method not available for that URI; available are GET, HEAD, PUT")
	wantStatus(t, send("PUT", cni+"/settings", "{}", append(token, "Content-Type", "text/plain")...), 415)
	wantFailure(t, send("PUT", cni+"/settings", "", token...), 400, "the body: want a body of type application/json; it is missing (required)")
	wantFailure(t, send("PUT", cni+"/settings", `{"default_asn":"64512"}`, token...), 400, "/default_asn: /default_asn: want an integer (type)")
	wantStatus(t, send("PUT", cni+"/settings", `{"default_asn":-1}`, token...), 200)
	wantStatus(t, send("PUT", cni+"/settings", `{`, token...), 400)
	wantStatus(t, send("PUT", cni+"/settings", `[]`, token...), 400)
	wantStatus(t, send("PUT", cni+"/settings", `{"asn":1}`, token...), 400)
	wantStatus(t, send("GET", cni+"/slots?occupied=occupied", "", token...), 400)
	wantStatus(t, send("POST", cni+"/interconnects", `{"account":"a","type":"direct"}`, token...), 400)
	wantStatus(t, send("POST", cni+"/interconnects", `{"account":"a","type":"direct","slot_id":"x","pairing_key":"k","bandwidth":"1G"}`, token...), 400)
}

// It logs as a sandbox does.
func TestExamplesLog(t *testing.T) {
	var log bytes.Buffer
	sendTo(t, sandbox.NewExamples(slog.New(slog.NewTextHandler(&log, nil))), "/accounts/a/cni/slots?site=secret", "GET", "", "Authorization", "Bearer secret")
	if line := log.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, "path=/accounts/a/cni/slots operation=list_slots status=200") ||
		strings.Contains(line, "secret") {
		t.Errorf("got %q", line)
	}
}

// There is nothing to control.
func TestExamplesHaveNoControl(t *testing.T) {
	w := httptest.NewRecorder()
	sandbox.NewExamples(nil).ServeHTTP(w, httptest.NewRequest("POST", sandbox.ControlPath+"/reset", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
