package conform

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// smallReport is a report of one operation, with one finding. The operation looks like one of the document's and does not change with it.
func smallReport() *Report {
	object := func(name string, members ...schema.Property) *contract.Schema {
		return &contract.Schema{Name: name, Types: schema.Object, Properties: members}
	}
	text := &contract.Schema{Types: schema.String}
	detail := object("FailureDetail", schema.Property{Name: "code", Schema: text}, schema.Property{Name: "message", Schema: text})
	failure := object("Failure", schema.Property{Name: "errors", Schema: &contract.Schema{Types: schema.Array, Items: detail}},
		schema.Property{Name: "success", Schema: text})
	pending := object("nsc_StatusInfo_Pending", schema.Property{Name: "state", Schema: text})
	down := object("nsc_StatusInfo_Down", schema.Property{Name: "reason", Schema: text}, schema.Property{Name: "state", Schema: text})
	status := &contract.Schema{Name: "nsc_StatusInfo", OneOf: []*contract.Schema{down, pending}}
	response := func(status string, schema *contract.Schema) contract.Response {
		return contract.Response{Status: status, Content: []contract.Content{{MediaType: "application/json", Schema: schema}}}
	}
	r := newReport("http://127.0.0.1:1/client/v4", 7, []contract.Operation{{
		ID: "get_interconnect_status", Method: "GET", Path: "/interconnects/{icon}/status",
		Parameters: []contract.Parameter{{Name: "account_id", In: "path", Schema: text}, {Name: "icon", In: "path", Schema: text}},
		Responses:  []contract.Response{response("200", status), response("400", failure), response("500", failure)},
	}})
	r.Requests = 3
	r.Coverage.Statuses["get_interconnect_status"][200] = 2
	r.Coverage.Statuses["get_interconnect_status"][418] = 1
	r.Coverage.Parameters["get_interconnect_status"]["icon"] = Sent{Valid: 2, Invalid: 1}
	r.Coverage.Properties["nsc_StatusInfo_Pending"]["state"] = 2
	r.Coverage.Variants["nsc_StatusInfo"]["nsc_StatusInfo_Pending"] = 2
	r.Skipped = []string{"isolation: no other account is given"}
	f := Finding{Operation: "get_interconnect_status", Rule: RuleStatus, Expected: "a declared_status", Seen: "418 I'm a teapot: <```>", Curl: "curl -sS -i -X GET 'http://127.0.0.1:1/'"}
	r.find(f)
	r.find(f)
	r.check(f.Operation, RuleStatus)
	r.check(f.Operation, RuleBody)
	r.finish()
	return r
}

func TestWriteText(t *testing.T) {
	wantReport(t, (*Report).WriteText, `1. get_interconnect_status, status, 2 times
   want a declared_status
   got  418 I'm a teapot: <'''>
   curl -sS -i -X GET 'http://127.0.0.1:1/'

not checked: isolation: no other account is given

Findings: 1. Requests: 3, to http://127.0.0.1:1/client/v4. Seed: 7.
Covered: 1 of 1 operations, 1 of 2 declared 2xx and 4xx, 1 of 3 declared statuses, 1 of 2 parameters, 1 of 2 variants, 1 of 7 properties.
`)
}

func TestWriteCoverage(t *testing.T) {
	wantReport(t, (*Report).WriteCoverage, `Responses by operation and status; parameters by what was sent, valid and invalid:

  get_interconnect_status
    200×2  400×0  418×1  500×0
    account_id 0+0  icon 2+1

Variants of unions:

  nsc_StatusInfo
    nsc_StatusInfo_Down                     0
    nsc_StatusInfo_Pending                  2

Properties of objects:

  Failure
    errors×0  success×0
  FailureDetail
    code×0  message×0
  nsc_StatusInfo_Down
    reason×0  state×0
  nsc_StatusInfo_Pending
    state×2
`)
}

func TestWriteMarkdown(t *testing.T) {
	wantReport(t, (*Report).WriteMarkdown, `# Conformance

Findings: 1. Requests: 3, to http://127.0.0.1:1/client/v4. Seed: 7.

Covered: 1 of 1 operations, 1 of 2 declared 2xx and 4xx, 1 of 3 declared statuses, 1 of 2 parameters, 1 of 2 variants, 1 of 7 properties.

## Findings

### 1. 'get_interconnect_status', status, 2 times

Want a declared\_status, got:

''''
418 I'm a teapot: <'''>
''''

To reproduce:

'''
curl -sS -i -X GET 'http://127.0.0.1:1/'
'''

## Not checked

- isolation: no other account is given

## Coverage

| Operation | Answers | Parameters, valid and invalid |
|---|---|---|
| 'get_interconnect_status' | 200×2, 400×0, 418×1, 500×0 | account\_id 0+0, icon 2+1 |

| Union | Variant | Seen |
|---|---|---|
| 'nsc_StatusInfo' | 'nsc_StatusInfo_Down' | 0 |
| 'nsc_StatusInfo' | 'nsc_StatusInfo_Pending' | 2 |

| Object | Properties |
|---|---|
| 'Failure' | errors×0, success×0 |
| 'FailureDetail' | code×0, message×0 |
| 'nsc_StatusInfo_Down' | reason×0, state×0 |
| 'nsc_StatusInfo_Pending' | state×2 |
`)
}

// wantReport compares with a text in which all backquotes are quotes.
func wantReport(t *testing.T, write func(*Report, io.Writer) error, want string) {
	t.Helper()
	var b strings.Builder
	if err := write(smallReport(), &b); err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(b.String(), "`", "'"); got != want {
		t.Errorf("the report is\n%s\nwant\n%s", got, want)
	}
}

func TestWriteJUnit(t *testing.T) {
	var b strings.Builder
	unfinished := smallReport()
	unfinished.Unfinished = ErrRequests.Error()
	if err := unfinished.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 4 || got.Failures != 2 || got.Skipped != 1 || len(got.Suites) != 2 || len(got.Suites[0].Cases) != 2 || len(got.Suites[1].Cases) != 2 {
		t.Fatalf("the report is\n%s", &b)
	}
	whole, skipped := got.Suites[0].Cases[0], got.Suites[0].Cases[1]
	if whole.Name != "complete" || whole.Failure == nil || whole.Failure.Message != ErrRequests.Error() {
		t.Errorf("the run is %+v", whole)
	}
	if skipped.Name != "isolation" || skipped.Skipped == nil || skipped.Skipped.Message != "no other account is given" {
		t.Errorf("what was skipped is %+v", skipped)
	}
	body, status := got.Suites[1].Cases[0], got.Suites[1].Cases[1]
	if body.Name != "body" || body.Failure != nil || status.Name != "status" || status.Class != "conform.get_interconnect_status" {
		t.Errorf("the cases are %+v and %+v", body, status)
	}
	const text = "want a declared_status\ngot  418 I'm a teapot: <```>\ncurl -sS -i -X GET 'http://127.0.0.1:1/'"
	if status.Failure == nil || status.Failure.Message != "a declared_status" || status.Failure.Text != text {
		t.Errorf("the failure is %+v", status.Failure)
	}
	r := smallReport()
	r.Findings = append(r.Findings, r.Findings[0])
	if both := r.failure(Check{Operation: "get_interconnect_status", Rule: RuleStatus}); both.Message != "2 findings" || both.Text != text+"\n\n"+text {
		t.Errorf("the failure of two findings is %+v", both)
	}
}
