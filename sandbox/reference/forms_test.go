package reference_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
	"github.com/interconnect-go/interconnect/sandbox/reference"
)

// A formsDocument is the part of the document of the forms that fills them in.
type formsDocument struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Parameters  []struct {
			Name, In, Description string
			Required              bool
			Example               any
			Schema                map[string]any
		}
		RequestBody struct {
			Content map[string]struct {
				Example  json.RawMessage
				Examples map[string]struct {
					Summary string
					Value   json.RawMessage
				}
			}
		} `json:"requestBody"`
	}
}

// formsOf returns the values of the path parameters of all operations, as "operation parameter", and the bodies, as
// "operation example". It checks that no other parameter is filled in.
func formsOf(t *testing.T, handler http.Handler, name string) (parameters, bodies map[string]string) {
	t.Helper()
	text := serve(handler, "GET", "/docs/"+name+"/forms.json").Body.Bytes()
	var document formsDocument
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	parameters, bodies = map[string]string{}, map[string]string{}
	for _, item := range document.Paths {
		for _, op := range item {
			for _, p := range op.Parameters {
				if _, example := p.Schema["example"]; example || p.In != "path" && p.Example != nil ||
					p.Schema["$ref"] != nil {
					t.Errorf("%s fills in %+v", op.OperationID, p)
				}
				if p.In == "path" {
					parameters[op.OperationID+" "+p.Name], _ = p.Example.(string)
				}
			}
			for _, content := range op.RequestBody.Content {
				if content.Example != nil {
					bodies[op.OperationID] = string(content.Example)
				}
				for name, example := range content.Examples {
					if example.Summary == "" && name != "healthy" && op.OperationID != "set_status" &&
						op.OperationID != "add_fault" {
						t.Errorf("%s: the example %s has lost its summary", op.OperationID, name)
					}
					bodies[op.OperationID+" "+name] = string(example.Value)
				}
			}
		}
	}
	return parameters, bodies
}

func wantValues(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: got %q, want %q", name, got[name], value)
		}
	}
}

const exampleAccount = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"

func TestFormsOfANewSandbox(t *testing.T) {
	pages, err := reference.New(sandbox.New(), nil, controlDocument)
	if err != nil {
		t.Fatal(err)
	}
	free := sandbox.Catalogue("")[0]
	parameters, bodies := formsOf(t, pages, "api")
	wantValues(t, parameters, map[string]string{
		"list_cnis account_id":  exampleAccount,
		"get_slot slot":         free.ID.String(),
		"get_interconnect icon": "direct-iad-a-7d41f0c2", // the example, as there is none
		"get_cni cni":           "3b7e2f58-91d4-4c0a-8f63-a5d81e097b46",
	})
	wantValues(t, bodies, map[string]string{
		"create_interconnect physical": `{"type":"direct","account":"` + exampleAccount + `","slot_id":"` + free.ID.String() + `"}`,
		"create_interconnect physical_with_speed": `{"type":"direct","account":"` + exampleAccount + `","slot_id":"` + free.ID.String() +
			`","speed":"10G"}`,
		"update_settings reset": `{"default_asn":null}`,
	})
	text := serve(pages, "GET", "/docs/api/forms.json").Body.String()
	for _, want := range []string{"**There is no interconnect yet.** Order one with create_interconnect first.", "**There is no CNI yet.**",
		"Absent means both.\\n\\nFor example: false"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}

	_, controlBodies := formsOf(t, pages, "control")
	wantValues(t, controlBodies, map[string]string{
		"restore_snapshot": `{"version":1,"accounts":[],"interconnects":[],"cnis":[],"pairing_keys":[],"advanced":"0s"}`,
	})
}

// Every body that a form offers is valid by the document, also when it has been filled in.
func TestFormsAreValid(t *testing.T) {
	sb := sandbox.New()
	pages, err := reference.New(sb, nil, controlDocument)
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"new", "ordered"} {
		if state == "ordered" {
			ordersFor(t, pages, exampleAccount, sandbox.Catalogue("")[0])
		}
		for name, operations := range map[string][]contract.Operation{"api": interconnect.Operations(), "control": control.Operations()} {
			_, bodies := formsOf(t, pages, name)
			for form, body := range bodies {
				id, _, _ := strings.Cut(form, " ")
				op := operations[slices.IndexFunc(operations, func(op contract.Operation) bool { return op.ID == id })]
				if err := op.Body.Content[0].Schema.Check([]byte(body), contract.InRequest); err != nil {
					t.Errorf("%s, %s: %v in %s", state, form, err, body)
				}
			}
			if len(bodies) < 8 {
				t.Errorf("%s: there are the bodies %q", name, bodies)
			}
		}
	}
}

// The forms know what was ordered: an interconnect with a Letter of Authorization, one that can be deleted, the CNI as
// it is.
func TestFormsWhenSomethingIsOrdered(t *testing.T) {
	sb := sandbox.New()
	pages, err := reference.New(sb, nil, controlDocument)
	if err != nil {
		t.Fatal(err)
	}
	const other = "1234567890abcdef1234567890abcdef"
	ordersFor(t, pages, other, sandbox.Catalogue("")[20])
	o := sb.Overview(10)
	cni, physical := o.CNIs[0], o.Interconnects[0].Name
	parameters, bodies := formsOf(t, pages, "api")
	wantValues(t, parameters, map[string]string{
		"list_slots account_id":    other,    // as the account of the examples has nothing
		"delete_interconnect icon": physical, // not without its CNI, but there is no other
		"update_cni cni":           cni.ID.String(),
	})
	wantValues(t, bodies, map[string]string{
		"create_cni static": `{"account":"` + other + `","interconnect":"` + physical + `","magic":{"conduit_name":"cni-3",` +
			`"description":"Primary link, Ashburn","mtu":1500}}`, // cni-2 is in use
		"update_cni whole_object": `{"id":"` + cni.ID.String() + `","account":"` + other + `","interconnect":"` + physical + `",` +
			`"cust_ip":"` + cni.CustomerIP + `","p2p_ip":"` + cni.CloudflareIP + `","magic":{"conduit_name":"cni-2",` +
			`"description":"Primary link, Ashburn","mtu":1500},"bgp":{"customer_asn":4200000001,"extra_prefixes":["100.96.0.0/12"],` +
			`"md5_key":"iad-dc2 #1"},"bgp_mode":"dynamic_route_exchange"}`,
	})

	// A GCP partner interconnect is newer. It has no letter, but can be deleted.
	order := bodies["create_interconnect gcp_partner"]
	if w := send(pages, "POST", interconnect.BasePath+"/accounts/"+other+"/cni/interconnects", order); w.Code != 200 {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	google := sb.Overview(1).Interconnects[0].Name
	parameters, bodies = formsOf(t, pages, "api")
	wantValues(t, parameters, map[string]string{
		"get_interconnect icon":                  google,
		"delete_interconnect icon":               google,
		"get_interconnect_loa icon":              physical,
		"get_interconnect_loa_default_name icon": physical,
	})
	if bodies["create_interconnect gcp_partner"] == order {
		t.Error("the form has a pairing key that is used")
	}
	controlParameters, controlBodies := formsOf(t, pages, "control")
	wantValues(
		t,
		controlParameters,
		map[string]string{"set_status account_id": other, "set_status interconnect_name": google},
	)
	if w := send(pages, "PUT", sandbox.ControlPath+"/snapshot", controlBodies["restore_snapshot"]); w.Code != 204 {
		t.Errorf("the snapshot: got %d %s", w.Code, w.Body)
	}

	// The account of the examples is the first choice as soon as it has something.
	ordersFor(t, pages, exampleAccount, sandbox.Catalogue("")[21])
	parameters, _ = formsOf(t, pages, "api")
	wantValues(t, parameters, map[string]string{"list_slots account_id": exampleAccount})
}

func send(h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A slot that is not free is still one to look at.
func TestFormsWithoutFreeSlot(t *testing.T) {
	only := sandbox.Catalogue("")[20]
	pages, err := reference.New(sandbox.New(sandbox.WithSlots([]interconnect.Slot{only})), nil)
	if err != nil {
		t.Fatal(err)
	}
	ordersFor(t, pages, exampleAccount, only)
	parameters, bodies := formsOf(t, pages, "api")
	wantValues(t, parameters, map[string]string{"get_slot slot": only.ID.String()})
	if want := only.ID.String(); !strings.Contains(
		bodies["create_interconnect physical"],
		want,
	) { // refused, since it is occupied
		t.Errorf("got %s, want %s", bodies["create_interconnect physical"], want)
	}
}

// Examples have every object, so their forms keep the names that the document has.
func TestFormsOfExamples(t *testing.T) {
	pages, err := reference.New(sandbox.NewExamples(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	parameters, bodies := formsOf(t, pages, "api")
	wantValues(
		t,
		parameters,
		map[string]string{
			"get_interconnect icon": "direct-iad-a-7d41f0c2",
			"get_slot slot":         "1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512",
		},
	)
	if !strings.Contains(
		bodies["create_interconnect gcp_partner"],
		"7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2",
	) {
		t.Errorf("got %q", bodies)
	}
	if text := serve(pages, "GET", "/docs/api/forms.json").Body.String(); strings.Contains(
		text,
		"There is no interconnect yet",
	) {
		t.Error("the forms say that there is nothing")
	}
}

// A large state is too much for a form.
func TestFormsHaveNoLargeSnapshot(t *testing.T) {
	sb := sandbox.New()
	pages, err := reference.New(sb, nil, controlDocument)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 250 {
		order := fmt.Sprintf(
			`{"type": "gcp_partner", "account": %q, "pairing_key": "key-%d/us-east4/1", "bandwidth": "1G"}`,
			exampleAccount,
			i,
		)
		if w := send(pages, "POST", interconnect.BasePath+"/accounts/"+exampleAccount+"/cni/interconnects", order); w.Code != 200 {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
	if _, bodies := formsOf(t, pages, "control"); len(bodies["restore_snapshot"]) > 200 {
		t.Errorf("the form has %d bytes", len(bodies["restore_snapshot"]))
	}
}

// The forms show names and IDs, so they are kept from other sites as the control API is.
func TestFormsAreNotForOtherSites(t *testing.T) {
	pages, err := reference.New(sandbox.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pages)
	defer server.Close()
	for host, want := range map[string]int{"": 200, "localhost:8080": 200, "rebound.example": 403} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/docs/api/forms.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%q: got %d, want %d", host, response.StatusCode, want)
		}
	}
}

// The document that is published keeps its examples; only that of the forms differs.
func TestDocumentKeepsItsExamples(t *testing.T) {
	pages, err := reference.New(sandbox.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile(`(?m)^ +example: .*$`)
	published := serve(pages, "GET", "/docs/api.yaml").Body.String()
	if got, want := len(examples.FindAllString(published, -1)), len(examples.FindAllString(string(api.Document), -1)); got != want {
		t.Errorf("got %d examples, want %d", got, want)
	}
}
