package conform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// A mutant is a sandbox with one mistake. At least one finding has to name the operation and the rule.
type mutant struct {
	name      string
	operation string
	rule      Rule
	mistake   func(http.Handler) http.Handler
}

var mutants = []mutant{
	// Responses that are not as declared.
	{"undeclared success", "create_cni", RuleStatus, status("create_cni", 200, 201)},
	{"no content", "delete_cni", RuleStatus, status("delete_cni", 200, 204)},
	{"undeclared failure", "create_cni", RuleStatus, status("create_cni", 400, 422)},
	{"redirect", "get_settings", RuleStatus, status("get_settings", 200, 307)},
	{"missing member", "get_slot", RuleBody, member("get_slot", "facility", nil)},
	{"missing member of an item", "list_slots", RuleBody, items("list_slots", func(_ *http.Request, list []any) []any {
		for _, item := range list {
			delete(item.(map[string]any), "site")
		}
		return list
	})},
	{"member of another type", "get_settings", RuleBody, member("get_settings", "default_asn", "13335")},
	{"undeclared value", "list_interconnects", RuleBody, items("list_interconnects", func(_ *http.Request, list []any) []any {
		for _, item := range list {
			item.(map[string]any)["type"] = "no_such_type"
		}
		return list
	})},
	{"type of the other variant", "get_interconnect", RuleBody, member("get_interconnect", "type", "gcp_partner")},
	{"members of both variants", "create_interconnect", RuleBody, member("create_interconnect", "region", "us-central1")},
	{"optional member of another type", "get_interconnect", RuleBody, member("get_interconnect", "owner", 7)},
	{"UUID without dashes", "create_cni", RuleBody, member("create_cni", "id", "704c965965905885b5c411cdc2f0af0c")},
	{"name of a letter that is null", "get_interconnect_loa_default_name", RuleBody, answers("get_interconnect_loa_default_name", func(_ *http.Request, r *response) {
		r.edit(func(object map[string]any) {
			if r.status == http.StatusOK {
				object["name"] = nil
			}
		})
	})},
	{"unknown state", "get_interconnect_status", RuleBody, member("get_interconnect_status", "state", "NoSuchState")},
	{"addresses of two subnets", "create_cni", RuleBody, member("create_cni", "p2p_ip", "10.99.0.0/31")},
	{"JSON that is cut off", "list_cnis", RuleBody, answers("list_cnis", func(_ *http.Request, r *response) { r.body = r.body[:len(r.body)/2] })},
	{"body where none is declared", "delete_interconnect", RuleBody, answers("delete_interconnect", func(_ *http.Request, r *response) { r.body = []byte("{}") })},
	{"HTML", "get_slot", RuleContentType, contentType("get_slot", "text/html")},
	{"no content type", "get_cni", RuleContentType, contentType("get_cni", "")},
	{"letter without its content type", "get_interconnect_loa", RuleContentType, contentType("get_interconnect_loa", "application/octet-stream")},
	{"letter that is not a PDF", "get_interconnect_loa", RuleDocument, answers("get_interconnect_loa", func(_ *http.Request, r *response) {
		if r.status == http.StatusOK {
			r.body = []byte("<html>")
		}
	})},
	{"failure of another form", "get_cni", RuleFailure, failure("get_cni", 404, `{"error":"not found"}`)},
	{"failure without errors", "update_cni", RuleFailure, failure("update_cni", 400, `{"success":false,"errors":[],"messages":[]}`)},
	{"failure that is a success", "get_settings", RuleFailure, failure("get_settings", 401, `{"success":true,"errors":[{"code":10000,"message":"m"}],"messages":[]}`)},
	{"405 of another form", "get_slot", RuleFailure, answers("", func(_ *http.Request, r *response) {
		if r.status == http.StatusMethodNotAllowed {
			r.body = []byte(`"no"`)
		}
	})},
	{"failure in plain text", "list_slots", RuleContentType, answers("list_slots", func(_ *http.Request, r *response) {
		if r.status == http.StatusBadRequest {
			r.header.Set("Content-Type", "text/plain")
			r.body = []byte("bad request")
		}
	})},
	{"no answer", "get_slot", RuleAnswer, drop("get_slot")},

	// Servers that fail.
	{"crash on the smallest number", "update_cni", RuleServerError, crash("update_cni", `"mtu":0`)},
	{"crash on the largest number", "update_settings", RuleServerError, crash("update_settings", `4294967295`)},
	{"crash on null", "create_interconnect", RuleServerError, crash("create_interconnect", `"speed":null`)},
	{"crash on an empty list", "create_cni", RuleServerError, crash("create_cni", `"extra_prefixes":[]`)},
	{"crash on an invalid body", "create_cni", RuleServerError, crash("create_cni", `"magic":[]`)},
	{"crash on an unknown query", "list_slots", RuleServerError, crash("list_slots", "conform_no_such_parameter")},
	{"crash on a query that is not ASCII", "list_slots", RuleServerError, crash("list_slots", "%F0%9F%98%80")},
	{"crash on a limit of zero", "list_cnis", RuleServerError, crash("list_cnis", "limit=0")},

	{"crash on two empty values at once", "update_cni", RuleServerError, crash("update_cni", `"description":""`, `"extra_prefixes":[]`)},
	{"crash on a filter with another one", "list_slots", RuleServerError, crash("list_slots", "site=", "occupied=true", "speed=")},

	// Invalid requests that are accepted.
	{"both variants accepted", "create_interconnect", RuleRefused, accepts("create_interconnect", "nsc_Interconnect", "gcp-partner-full", "additionalProperties")},
	{"neither variant accepted", "create_interconnect", RuleRefused, accepts("create_interconnect", "nsc_Interconnect", "gcp-partner-full", "discriminator")},
	{"missing member accepted", "create_cni", RuleRefused, accepts("create_cni", "nsc_Cni", "full", "required")},
	{"enum unchecked", "update_cni", RuleRefused, accepts("update_cni", "nsc_Cni", "full", "enum")},
	{"enum of the bandwidth unchecked", "create_interconnect", RuleRefused, accepts("create_interconnect", "nsc_Interconnect", "gcp-partner-full", "enum")},
	{"minimum unchecked", "update_cni", RuleRefused, accepts("update_cni", "nsc_Cni", "full", "minimum")},
	{"maximum unchecked", "update_settings", RuleRefused, accepts("update_settings", "nsc_Settings", "default", "maximum")},
	{"length unchecked", "create_cni", RuleRefused, accepts("create_cni", "nsc_Cni", "full", "maxLength")},
	{"format unchecked", "create_interconnect", RuleRefused, accepts("create_interconnect", "nsc_Interconnect", "physical-full", "format")},
	{"format of prefixes unchecked", "update_cni", RuleRefused, accepts("update_cni", "nsc_Cni", "full", "format")},
	{"pattern unchecked", "create_cni", RuleRefused, accepts("create_cni", "nsc_Cni", "full", "pattern")},
	{"type and null unchecked", "update_cni", RuleRefused, accepts("update_cni", "nsc_Cni", "full", "type")},
	{"unknown member accepted", "update_settings", RuleRefused, accepts("update_settings", "nsc_Settings", "default", "additionalProperties")},
	{"broken JSON accepted", "update_settings", RuleRefused, accepts("update_settings", "nsc_Settings", "default", "syntax")},
	{"text behind JSON accepted", "create_cni", RuleRefused, accepts("create_cni", "nsc_Cni", "full", "trailing")},
	{"limit of a page unchecked", "list_slots", RuleRefused, forgives("list_slots", "limit")},
	{"cursor unchecked", "list_cnis", RuleRefused, forgives("list_cnis", "cursor")},
	{"type of the list unchecked", "list_interconnects", RuleRefused, forgives("list_interconnects", "type")},
	{"occupied unchecked", "list_slots", RuleRefused, forgives("list_slots", "occupied")},
	{"length of the letter's name unchecked", "get_interconnect_loa", RuleRefused, forgives("get_interconnect_loa", "name")},
	{"path unchecked", "get_slot", RuleRefused, instead("get_slot", 400, "nsc_SlotInfo", "full")},
	{"media type unchecked", "create_cni", RuleMediaType, changes("create_cni", func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })},
	{"occupied slot sold again", "create_interconnect", RuleUnique, answers("create_interconnect", func(_ *http.Request, r *response) {
		if bytes.Contains(r.body, []byte("is occupied")) {
			r.status, r.body = http.StatusOK, example("nsc_Interconnect", "physical-full")
		}
	})},
	{"conflict of another status", "create_cni", RuleUnique, status("create_cni", 409, 400)},
	{"conduit name used twice", "create_cni", RuleUnique, instead("create_cni", 409, "nsc_Cni", "full")},

	// Valid requests that are refused.
	{"value refused", "update_cni", RuleAccepted, refuses("update_cni", "advertise_only")},
	{"null refused", "create_interconnect", RuleAccepted, refuses("create_interconnect", `"speed":null`)},
	{"filter refused", "list_interconnects", RuleAccepted, refuses("list_interconnects", "type=gcp_partner")},
	{"charset refused", "update_settings", RuleAccepted, changes("update_settings", func(r *http.Request) {
		if strings.Contains(r.Header.Get("Content-Type"), "charset") {
			r.Header.Set("Content-Type", "text/plain")
		}
	})},

	// State.
	{"created but not stored", "get_cni", RuleAccepted, vanishes("create_cni", "id")},
	{"created but not listed", "list_interconnects", RuleStored, items("list_interconnects", func(_ *http.Request, list []any) []any { return nil })},
	{"got other than created", "get_cni", RuleStored, member("get_cni", "cust_ip", "10.64.0.9/31")},
	{"other than what was asked for", "create_cni", RuleStored, member("create_cni", "interconnect", "another")},
	{"update not stored", "get_cni", RuleStored, forgets("update_cni")},
	{"update without effect", "update_settings", RuleStored, changes("update_settings", func(r *http.Request) { setBody(r, []byte("{}")) })},
	{"settings not stored", "get_settings", RuleStored, member("get_settings", "default_asn", 13335)},
	{"BGP survives an update", "update_cni", RuleStored, answers("update_cni", func(_ *http.Request, r *response) {
		r.edit(func(cni map[string]any) {
			if cni["bgp"] == nil && cni["id"] != nil {
				cni["bgp"] = map[string]any{"customer_asn": 1, "extra_prefixes": []any{}}
			}
		})
	})},
	{"update moves the link", "update_cni", RuleStored, member("update_cni", "cust_ip", "10.64.0.9/31")},
	{"slot stays free", "get_slot", RuleStored, member("get_slot", "occupied", false)},
	{"slot is not given back", "get_slot", RuleStored, answers("get_slot", occupiedForEver())},
	{"deleted but still there", "get_cni", RuleNotFound, pretends("delete_cni")},
	{"deleted but still listed", "list_interconnects", RuleNotFound, pretends("delete_interconnect")},
	{"deleted twice", "delete_cni", RuleNotFound, answers("delete_cni", func(_ *http.Request, r *response) {
		if r.status == http.StatusNotFound {
			r.status, r.body, r.header = http.StatusOK, nil, http.Header{}
		}
	})},
	{"state of what does not exist", "get_interconnect_status", RuleNotFound, instead("get_interconnect_status", 404, "nsc_StatusInfo", "pending")},
	{"slot that does not exist", "get_slot", RuleNotFound, instead("get_slot", 404, "nsc_SlotInfo", "full")},

	// Lists.
	{"filter ignored", "list_slots", RuleFilter, drops("list_slots", "site")},
	{"filter by type ignored", "list_interconnects", RuleFilter, drops("list_interconnects", "type")},
	{"filter by slot ignored", "list_cnis", RuleFilter, drops("list_cnis", "slot")},
	{"filter that keeps nothing", "list_slots", RuleFilter, items("list_slots", func(r *http.Request, list []any) []any {
		if r.URL.Query().Has("address_contains") {
			return []any{}
		}
		return list
	})},
	{"one item too many", "list_slots", RulePaging, query("list_slots", "limit", 1)},
	{"limit ignored", "list_cnis", RulePaging, drops("list_cnis", "limit")},
	{"pages overlap", "list_interconnects", RulePaging, query("list_interconnects", "cursor", -1)},
	{"pages leave items out", "list_cnis", RulePaging, query("list_cnis", "cursor", 1)},
	{"cursor ignored", "list_slots", RulePaging, drops("list_slots", "cursor")},
	{"no next page", "list_slots", RulePaging, member("list_slots", "next", nil)},

	// Credentials and accounts.
	{"credentials ignored", "get_slot", RuleAuthentication, authorizes("get_slot", func(*http.Request) bool { return true })},
	{"credentials ignored for a deletion", "delete_interconnect", RuleAuthentication, authorizes("delete_interconnect", func(*http.Request) bool { return true })},
	{"e-mail address is enough", "update_settings", RuleAuthentication, authorizes("update_settings", func(r *http.Request) bool { return r.Header.Get("X-Auth-Email") != "" })},
	{"any scheme will do", "list_cnis", RuleAuthentication, authorizes("list_cnis", func(r *http.Request) bool { return r.Header.Get("Authorization") != "" })},
	{"list of another account", "list_interconnects", RuleIsolation, trespasses("list_interconnects")},
	{"object of another account", "get_cni", RuleIsolation, trespasses("get_cni")},
	{"deletion in another account", "delete_interconnect", RuleIsolation, trespasses("delete_interconnect")},
	{"settings of all accounts", "get_settings", RuleIsolation, together},

	// What only a second look shows.
	{"pages without end", "list_slots", RulePaging, answers("list_slots", func(r *http.Request, a *response) {
		a.edit(func(page map[string]any) {
			n, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
			if a.status == http.StatusOK {
				page["next"] = n + 1
			}
		})
	})},
	{"address ignored", "list_slots", RuleFilter, drops("list_slots", "address_contains")},
	{"tunnel ignored", "list_cnis", RuleFilter, drops("list_cnis", "tunnel_id")},
	{"filters joined by or", "list_slots", RuleFilter, changes("list_slots", func(r *http.Request) {
		if r.URL.Query().Has("site") {
			without(r, "speed")
		}
	})},
	{"account of a slot told to others", "list_slots", RuleIsolation, items("list_slots", func(_ *http.Request, list []any) []any {
		for _, item := range list {
			item.(map[string]any)["account"] = testAccount
		}
		return list
	})},
	{"state after deletion", "get_interconnect_status", RuleNotFound, answers("get_interconnect_status", func(r *http.Request, a *response) {
		if a.status == http.StatusNotFound && strings.Contains(r.URL.Path, "/direct-") {
			a.status, a.body = http.StatusOK, example("nsc_StatusInfo", "pending")
		}
	})},
	{"two CNIs on one subnet", "create_cni", RuleUnique, answers("create_cni", func(_ *http.Request, a *response) {
		a.edit(func(cni map[string]any) {
			if a.status == http.StatusOK {
				cni["cust_ip"], cni["p2p_ip"] = "10.64.0.1/31", "10.64.0.0/31"
			}
		})
	})},
	{"another name each time", "get_interconnect_loa_default_name", RuleStored, func() func(http.Handler) http.Handler {
		var n atomic.Int32
		return answers("get_interconnect_loa_default_name", func(_ *http.Request, a *response) {
			a.edit(func(object map[string]any) {
				if a.status == http.StatusOK {
					object["name"] = "Customer " + strconv.Itoa(int(n.Add(1)))
				}
			})
		})
	}()},
	{"null is not the default", "update_settings", RuleStored, answers("update_settings", func(r *http.Request, a *response) {
		a.edit(func(object map[string]any) {
			if a.status == http.StatusOK && object["default_asn"] == json.Number("13335") {
				object["default_asn"] = 64999
			}
		})
	})},
	{"region of nowhere", "create_interconnect", RuleStored, answers("create_interconnect", func(_ *http.Request, a *response) {
		a.edit(func(object map[string]any) {
			if object["region"] != nil {
				object["region"] = "nowhere1"
			}
		})
	})},
	{"slot elsewhere", "get_slot", RuleStored, member("get_slot", "facility", map[string]any{"name": "Elsewhere", "address": []any{}})},
	{"HEAD fails", "get_slot", RuleServerError, failsFor(http.MethodHead)},
	{"OPTIONS fails", "get_settings", RuleServerError, failsFor(http.MethodOptions)},
	{"TRACE accepted", "get_slot", RuleMethod, method(http.MethodTrace, http.MethodGet)},
	{"crash on a large body", "update_settings", RuleServerError, around("update_settings", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 1<<20 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})},
	{"crash on deep JSON", "create_cni", RuleServerError, crash("create_cni", strings.Repeat("[", 1000))},
	{"crash on a long query", "list_slots", RuleServerError, crash("list_slots", strings.Repeat("a", 2000))},
	{"credentials repeated", "get_settings", RuleSecret, answers("get_settings", func(r *http.Request, a *response) {
		a.edit(func(object map[string]any) {
			if a.status == http.StatusOK {
				object["by"] = r.Header.Get("Authorization")
			}
		})
	})},
	{"key is enough", "get_cni", RuleAuthentication, authorizes("get_cni", func(r *http.Request) bool { return r.Header.Get("X-Auth-Key") != "" })},
	{"empty token is enough", "get_slot", RuleAuthentication, authorizes("get_slot", func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer" })},
	{"empty limit accepted", "list_cnis", RuleRefused, changes("list_cnis", func(r *http.Request) {
		if r.URL.Query().Has("limit") && r.URL.Query().Get("limit") == "" {
			without(r, "limit")
		}
	})},

	// Methods.
	{"undeclared method", "get_slot", RuleMethod, method(http.MethodPatch, http.MethodGet)},
	{"405 without Allow", "get_settings", RuleMethod, answers("", func(_ *http.Request, r *response) {
		if r.status == http.StatusMethodNotAllowed {
			r.header.Del("Allow")
		}
	})},
}

// README.md says how many there are.
func TestMutants(t *testing.T) {
	if len(mutants) != 123 {
		t.Errorf("there are %d mutants, but README.md and docs/design.md speak of 123", len(mutants))
	}
	slots := sandbox.Catalogue("")[:30] // enough for pages and filters, and quicker
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			opts := testOptions(serve(t, m.mistake(sandbox.New(sandbox.WithSlots(slots)))), 1)
			found := false
			opts.OnFinding = func(f Finding) {
				if !found && f.Operation == m.operation && f.Rule == m.rule {
					found = true
					wantFinding(t, f)
					cancel() // the rest would say no more
				}
			}
			report, err := Run(ctx, opts)
			if found {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Errorf("no finding of %s for %s; there are %d", m.rule, m.operation, len(report.Findings))
			for _, f := range report.Findings {
				t.Logf("%s, %s: want %s, got %s", f.Operation, f.Rule, f.Expected, f.Seen)
			}
		})
	}
}

func wantFinding(t *testing.T, f Finding) {
	t.Helper()
	if !strings.Contains(f.Curl, "curl -sS -i -X ") || !strings.Contains(f.Curl, "'http://127.0.0.1:") || strings.Contains(f.Curl+f.Seen+f.Expected, testToken) {
		t.Errorf("the command is %s", f.Curl)
	}
	if f.Expected == "" || f.Seen == "" || f.Times == 0 {
		t.Errorf("the finding %+v says too little", f)
	}
}

// ---- How mistakes are made ----

// A response may be changed before it is sent.
type response struct {
	status int
	header http.Header
	body   []byte
}

// edit changes a body that is an object.
func (r *response) edit(change func(map[string]any)) {
	if object, ok := parsed(r.body).(map[string]any); ok {
		change(object)
		r.body = encode(object)
	}
}

func (r *response) send(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range r.header {
		header[name] = values
	}
	header.Del("Content-Length")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

// around makes a mistake in requests for an operation; an empty ID stands for all requests.
func around(id string, mistake func(next http.Handler, w http.ResponseWriter, r *http.Request)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if id != "" && operationOf(r) != id {
				next.ServeHTTP(w, r)
				return
			}
			mistake(next, w, r)
		})
	}
}

// operationOf is the operation that a request asks for, empty if there is none.
func operationOf(r *http.Request) string {
	path := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), interconnect.BasePath), "/")
	for _, op := range interconnect.Operations() {
		template := strings.Split(op.Path, "/")
		fits := op.Method == r.Method && len(template) == len(path)
		for i := 0; fits && i < len(path); i++ {
			fits = strings.HasPrefix(template[i], "{") || template[i] == path[i]
		}
		if fits {
			return op.ID
		}
	}
	return ""
}

// ask gets the response of the sandbox.
func ask(next http.Handler, r *http.Request) *response {
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	return &response{recorder.Code, recorder.Header().Clone(), recorder.Body.Bytes()}
}

// readBody reads a body, and puts it back.
func readBody(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body)
	setBody(r, body)
	return body
}

func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// answers changes answers.
func answers(id string, change func(*http.Request, *response)) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		a := ask(next, r)
		change(r, a)
		a.send(w)
	})
}

// changes changes requests.
func changes(id string, change func(*http.Request)) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		change(r)
		next.ServeHTTP(w, r)
	})
}

func status(id string, from, to int) func(http.Handler) http.Handler {
	return answers(id, func(_ *http.Request, r *response) {
		if r.status == from {
			r.status = to
		}
		if to == http.StatusNoContent {
			r.body = nil
		}
	})
}

// member replaces a member of successes; nil takes it out.
func member(id, name string, value any) func(http.Handler) http.Handler {
	return answers(id, func(_ *http.Request, r *response) {
		if r.status == http.StatusOK {
			r.edit(func(object map[string]any) {
				object[name] = value
				if value == nil {
					delete(object, name)
				}
			})
		}
	})
}

// items replaces the items of a page.
func items(id string, change func(*http.Request, []any) []any) func(http.Handler) http.Handler {
	return answers(id, func(r *http.Request, a *response) {
		a.edit(func(page map[string]any) {
			if list, ok := page["items"].([]any); ok {
				page["items"] = append([]any{}, change(r, list)...)
			}
		})
	})
}

func contentType(id, mediaType string) func(http.Handler) http.Handler {
	return answers(id, func(_ *http.Request, r *response) {
		r.header["Content-Type"] = []string{mediaType}
		if mediaType == "" {
			r.header["Content-Type"] = nil
		}
	})
}

func failure(id string, status int, body string) func(http.Handler) http.Handler {
	return answers(id, func(_ *http.Request, r *response) {
		if r.status == status {
			r.body = []byte(body)
		}
	})
}

func drop(id string) func(http.Handler) http.Handler {
	return around(id, func(http.Handler, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// mentions reports whether a text occurs in the query or in the body.
func mentions(r *http.Request, text string) bool {
	return strings.Contains(r.URL.RawQuery, text) || bytes.Contains(readBody(r), []byte(text))
}

// crash fails where all the texts are sent.
func crash(id string, texts ...string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if slices.ContainsFunc(texts, func(text string) bool { return !mentions(r, text) }) {
			next.ServeHTTP(w, r)
			return
		}
		cloudflare.WriteFailure(w, r, &contract.Failure{Status: http.StatusInternalServerError, Message: "crash"})
	})
}

// refuses blames the caller where a text is sent.
func refuses(id, text string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if !mentions(r, text) {
			next.ServeHTTP(w, r)
			return
		}
		cloudflare.WriteFailure(w, r, &contract.Failure{Status: http.StatusBadRequest, Message: "refused"})
	})
}

// example is a valid payload of a schema.
func example(schema, name string) []byte {
	text, err := api.Examples.ReadFile("examples/valid/" + schema + "/" + name + ".json")
	if err != nil {
		panic(err)
	}
	return text
}

// accepts answers a body that breaks a rule, and no other one, with a plausible success.
func accepts(id, schema, name, rule string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		var invalid *contract.ValidationError
		for _, op := range interconnect.Operations() {
			if op.ID == id {
				err := op.Body.Content[0].Schema.Check(readBody(r), contract.InRequest)
				errors.As(err, &invalid)
			}
		}
		accepted := invalid != nil
		for i := 0; accepted && i < len(invalid.Violations); i++ {
			accepted = invalid.Violations[i].Rule == rule
		}
		if !accepted {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(example(schema, name))
	})
}

// instead answers a status with a plausible success.
func instead(id string, status int, schema, name string) func(http.Handler) http.Handler {
	return answers(id, func(_ *http.Request, r *response) {
		if r.status == status {
			r.status, r.body = http.StatusOK, example(schema, name)
		}
	})
}

// forgives takes a query parameter for absent if it is not valid.
func forgives(id, parameter string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		a := ask(next, r)
		if a.status == http.StatusBadRequest && r.URL.Query().Has(parameter) {
			without(r, parameter)
			a = ask(next, r)
		}
		a.send(w)
	})
}

func without(r *http.Request, parameter string) {
	values := r.URL.Query()
	values.Del(parameter)
	r.URL.RawQuery = values.Encode()
}

// drops ignores a query parameter that is valid.
func drops(id, parameter string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		a := ask(next, r)
		if a.status == http.StatusOK {
			without(r, parameter)
			a = ask(next, r)
		}
		a.send(w)
	})
}

// query adds to a query parameter that is a number.
func query(id, parameter string, more int) func(http.Handler) http.Handler {
	return changes(id, func(r *http.Request) {
		values := r.URL.Query()
		if n, err := strconv.Atoi(values.Get(parameter)); err == nil && n > 0 && n < 1<<30 {
			values.Set(parameter, strconv.Itoa(n+more))
			r.URL.RawQuery = values.Encode()
		}
	})
}

// other makes a request of another one: the operation on the object below the path.
func other(r *http.Request, method, below string) *http.Request {
	q := r.Clone(r.Context())
	q.Method, q.URL.Path, q.URL.RawPath, q.Body = method, r.URL.Path+below, "", http.NoBody
	return q
}

// vanishes deletes what was created behind the caller's back.
func vanishes(id, member string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		a := ask(next, r)
		if object, _ := parsed(a.body).(map[string]any); a.status == http.StatusOK {
			ask(next, other(r, http.MethodDelete, "/"+object[member].(string)))
		}
		a.send(w)
	})
}

// forgets answers an update with what was asked for, and undoes it.
func forgets(id string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		before := ask(next, other(r, http.MethodGet, ""))
		a := ask(next, r)
		if a.status == http.StatusOK {
			undo := other(r, http.MethodPut, "")
			setBody(undo, before.body)
			ask(next, undo)
		}
		a.send(w)
	})
}

// pretends answers a deletion and does nothing.
func pretends(id string) func(http.Handler) http.Handler {
	return around(id, func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if ask(next, other(r, http.MethodGet, "")).status != http.StatusOK {
			next.ServeHTTP(w, r)
		}
	})
}

// occupiedForEver never gives back a slot that was occupied once.
func occupiedForEver() func(*http.Request, *response) {
	occupied := map[string]bool{}
	return func(r *http.Request, a *response) {
		a.edit(func(slot map[string]any) {
			if a.status == http.StatusOK && (slot["occupied"] == true || occupied[r.URL.Path]) {
				slot["occupied"], occupied[r.URL.Path] = true, true
			}
		})
	}
}

// authorizes gives a request the credentials that it lacks.
func authorizes(id string, which func(*http.Request) bool) func(http.Handler) http.Handler {
	return changes(id, func(r *http.Request) {
		if which(r) {
			r.Header.Set("Authorization", "Bearer "+testToken)
		}
	})
}

// trespasses does in the first account what is asked for in another one.
func trespasses(id string) func(http.Handler) http.Handler {
	return changes(id, func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, testOther, testAccount, 1) })
}

// together keeps the settings of all accounts in one place.
func together(next http.Handler) http.Handler {
	return trespasses("get_settings")(trespasses("update_settings")(next))
}

// failsFor answers a method with 500.
func failsFor(method string) func(http.Handler) http.Handler {
	return around("", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if r.Method == method {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// method takes a method for another one.
func method(from, to string) func(http.Handler) http.Handler {
	return around("", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if r.Method == from && strings.Contains(r.URL.Path, "/slots/") {
			r.Method = to
		}
		next.ServeHTTP(w, r)
	})
}
