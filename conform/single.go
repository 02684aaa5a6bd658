package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
)

// What is checked of each operation on its own.

// parameters sends invalid parameters, and valid ones of the query.
func (d *driver) parameters(op *contract.Operation) {
	q, ok := d.valid(op.ID)
	if !ok {
		return
	}
	for _, p := range op.Parameters {
		base := d.full(p.Schema)
		for _, v := range d.mutations(p.Schema, base) {
			raw, valid := rawText(p.Schema, v.text)
			if valid || raw == "" || raw == "." || raw == ".." {
				continue
			}
			what := parameterText(p, raw)
			if p.In == "path" {
				a := d.call(q.at(p.Name, raw))
				d.want(a, RuleRefused, a.refused(), "a refusal, 400 or 404, as the request is invalid (%s)", what)
				continue
			}
			a := d.call(q.asking(p.Name, raw))
			d.want(a, RuleRefused, a.refused(), "a refusal, 400, as the request is invalid (%s)", what)
		}
		if p.In != "query" {
			continue
		}
		if !p.AllowEmpty && !validText(p.Schema, "") {
			a := d.call(q.asking(p.Name, ""))
			d.want(a, RuleRefused, a.refused(), "a refusal, 400, as the request is invalid (%s)", parameterText(p, ""))
		}
		for _, v := range d.boundaries(p.Schema, base) {
			raw, valid := rawText(p.Schema, v.text)
			if !valid || raw == "" {
				continue
			}
			a := d.call(q.asking(p.Name, raw))
			may := v.edge && p.Schema.Types.Name() == "string" && a.refused() // numbers that a page may begin at, or have, have no reason
			d.want(a, RuleAccepted, a.ok() || may, "a success, as the request is valid (%s)", parameterText(p, raw))
		}
	}
	if op.Method == http.MethodGet {
		d.call(q.asking("conform_no_such_parameter", "1")) // the document says nothing of such; but it makes no response a wrong one
	}
}

// parameterText says what a parameter is.
func parameterText(p contract.Parameter, raw string) string {
	const limit = 50
	if len(raw) > limit {
		return fmt.Sprintf("the %s parameter %s is a text of %d bytes", p.In, p.Name, len(raw))
	}
	return fmt.Sprintf("the %s parameter %s is %q", p.In, p.Name, raw)
}

// rawText is a JSON text as a parameter, which has no quotes, and reports whether that is valid.
func rawText(s *contract.Schema, text []byte) (raw string, valid bool) {
	raw = string(text)
	if unquoted, ok := parsed(text).(string); ok {
		raw = unquoted
	}
	return raw, validText(s, raw)
}

// validText reports whether a parameter's text fits its schema.
func validText(s *contract.Schema, raw string) bool {
	text := []byte(raw)
	if s.Types.Name() == "string" {
		text = encode(raw)
	}
	err := s.Check(text, contract.InRequest)
	return err == nil
}

// bodies sends invalid bodies, and bodies of other media types.
func (d *driver) bodies(op *contract.Operation) {
	if op.Body == nil {
		return
	}
	q := d.request(op.ID)
	bases := d.body(op.ID)
	for i, base := range bases {
		for _, v := range d.mutations(op.Body.Content[0].Schema, base) {
			d.refused(q.with(v.text), "the body: "+v.what)
		}
		text := encode(base)
		d.refused(q.with(text[:len(text)-1]), "the body: it is cut off")
		d.refused(q.with(append(slices.Clone(text), '}')), "the body: something stands behind it")
		if i > 0 {
			continue
		}
		if op.Body.Required {
			d.refused(q.with([]byte{}), "the body: it is empty")
		}
		d.refused(q.with([]byte("type=direct")), "the body: it is not JSON")
		for _, mediaType := range []string{"text/plain", "application/xml", "application/x-www-form-urlencoded", ""} {
			other := q.with(text)
			other.mediaType, other.tolerated = mediaType, []int{http.StatusUnsupportedMediaType}
			a := d.call(other)
			d.want(a, RuleMediaType, a.refused(), "a refusal, 415 or 400, of a body with the media type %q", mediaType)
		}
		if op.Method == http.MethodPut {
			q.mediaType += "; charset=utf-8"
			d.accepted(q.with(text), "its media type has a charset")
		}
	}
}

func (d *driver) refused(q request, what string) {
	a := d.call(q)
	d.want(a, RuleRefused, a.refused() && a.status != http.StatusNotFound, "a refusal, 400, as the request is invalid (%s)", what)
}

// unknown asks for what does not exist.
func (d *driver) unknown(op *contract.Operation) {
	names := pathParameters(op)
	if len(names) == 0 {
		return
	}
	q, ok := d.valid(op.ID)
	if !ok {
		return
	}
	if update, ok := parsed(q.body).(map[string]any); ok { // which has the ID of another CNI
		delete(update, "id")
		q.body = encode(update)
	}
	unknown := d.uuid()
	if names[0] == "icon" {
		unknown = d.unique()
	}
	a := d.call(q.at(names[0], unknown))
	d.want(a, RuleNotFound, a.status == http.StatusNotFound, "404 for what does not exist")
}

// authentication sends a request without credentials, and with half of them.
func (d *driver) authentication(op *contract.Operation) {
	q, ok := d.valid(op.ID)
	if len(op.Security) == 0 || !ok {
		return
	}
	for _, try := range []struct {
		what    string
		headers []header
	}{
		{"without credentials", nil},
		{"with an e-mail address but no key", []header{{"X-Auth-Email", "user@example.com", "user@example.com"}}},
		{"with a key but no e-mail address", []header{{"X-Auth-Key", "144c9defac04969c7bfad8efaa8ea194", "144c9defac04969c7bfad8efaa8ea194"}}},
		{"with an empty token", []header{{"Authorization", "Bearer ", "Bearer "}}},
		{"with credentials of another scheme", []header{{"Authorization", "Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"}}},
	} {
		q.headers = try.headers
		a := d.call(q)
		d.want(a, RuleAuthentication, a.status == http.StatusUnauthorized || a.status == http.StatusForbidden,
			"401 or 403 for a request %s", try.what)
	}
}

// methods sends the methods that a path does not have.
func (d *driver) methods(operations []contract.Operation) {
	declared := map[string][]string{}
	var first []string // the first operation of each path
	for _, op := range operations {
		if declared[op.Path] == nil {
			first = append(first, op.ID)
		}
		declared[op.Path] = append(declared[op.Path], op.Method)
	}
	for _, id := range first {
		q := d.request(id)
		q.mediaType, q.tolerated = "", []int{http.StatusMethodNotAllowed, http.StatusNotFound}
		for _, method := range []string{http.MethodHead, http.MethodOptions} { // which HTTP has for each path, or not
			q := q
			q.method, q.provoked = method, anyStatus
			a := d.call(q)
			d.want(a, RuleServerError, a.status < 500, "no 5xx: the server does not fail, whatever it is sent")
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace} {
			if slices.Contains(declared[q.op.Path], method) {
				continue
			}
			q.method = method
			a := d.call(q)
			d.want(a, RuleMethod, a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotFound, "405 or 404 for %s", method)
			if a.status != http.StatusMethodNotAllowed {
				continue
			}
			allow := strings.FieldsFunc(strings.Join(a.header.Values("Allow"), ","), func(r rune) bool { return r == ',' || r == ' ' })
			for _, other := range declared[q.op.Path] {
				d.want(a, RuleMethod, slices.Contains(allow, other), "a header Allow with %s, as the response is 405", other)
			}
		}
	}
}

// kept are the members of bodies that have to fit something else, so that no other value is tried.
var kept = []string{"/account", "/type", "/interconnect", "/id", "/cust_ip", "/p2p_ip", "/slot_id", "/pairing_key", "/magic/conduit_name"}

// extremes are bodies that are too large or too deep. No shell takes them as an argument.
var extremes = []struct {
	what, printed string
	body          []byte
}{
	{
		"of 2 MB", `{ printf '{"default_asn":'; head -c 2097152 /dev/zero | tr '\0' ' '; printf '"x"}'; }`,
		slices.Concat([]byte(`{"default_asn":`), bytes.Repeat([]byte(" "), 2<<20), []byte(`"x"}`)),
	},
	{
		"with 100,000 arrays in each other", `{ head -c 100000 /dev/zero | tr '\0' '['; head -c 100000 /dev/zero | tr '\0' ']'; }`,
		slices.Concat(bytes.Repeat([]byte("["), 100_000), bytes.Repeat([]byte("]"), 100_000)),
	},
}

// excess sends what is too large or too deep.
func (d *driver) excess() {
	for _, id := range []string{"update_settings", "create_cni"} {
		for _, extreme := range extremes {
			q := d.request(id).with(extreme.body)
			q.printed = extreme.printed
			q.tolerated = []int{http.StatusRequestEntityTooLarge}
			a := d.call(q)
			d.want(a, RuleRefused, a.refused(), "a refusal, 400 or 413, of a body %s", extreme.what)
		}
	}
	q := d.request("list_slots").asking("address_contains", strings.Repeat("a", 8000))
	q.tolerated = []int{http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge}
	a := d.call(q)
	d.want(a, RuleAccepted, a.ok() || a.refused(), "a success or a refusal of a filter of 8,000 characters")
}

// variations sends valid bodies of all kinds, and compares the responses with what was sent.
func (d *driver) variations() {
	for _, id := range []string{"update_settings", "update_cni", "create_cni", "create_interconnect"} {
		op := d.operations[id]
		for _, base := range d.body(id) {
			for _, v := range d.boundaries(op.Body.Content[0].Schema, base, kept...) {
				d.variation(id, base, v)
			}
		}
	}
}

func (d *driver) variation(id string, base any, v value) {
	usual, _ := base.(map[string]any)
	sent, _ := d.renewed(id, parsed(v.text)).(map[string]any)
	a := d.call(d.request(id).with(encode(sent)))
	d.want(a, RuleAccepted, a.ok() || v.edge && a.refused(), "a success, as the request is valid (the body: %s)", v.what)
	if a.ok() {
		maps.DeleteFunc(sent, func(name string, _ any) bool { _, known := usual[name]; return !known }) // who knows what becomes of others
		d.answersWhat(a, sent, v.what)
		d.release(a, sent)
	}
}

// renewed gives a body another pairing key or conduit name, as each can be used once.
func (d *driver) renewed(id string, body any) any {
	object, _ := body.(map[string]any)
	magic, _ := object["magic"].(map[string]any)
	_, named := magic["conduit_name"].(string)
	switch {
	case id == "create_interconnect" && object["pairing_key"] != nil:
		return replaced(object, []string{"pairing_key"}, d.gcpOrder()["pairing_key"])
	case id == "create_cni" && named:
		return replaced(object, []string{"magic", "conduit_name"}, d.unique())
	}
	return body
}

// release gives the slot of an order back, as the next one needs it.
func (d *driver) release(a *answer, order map[string]any) {
	if order["type"] == "direct" {
		d.call(d.request("delete_interconnect").at("icon", a.text("name")))
	}
}

// answersWhat wants the response to a creation or an update to have what was sent, as far as the document declares it there.
func (d *driver) answersWhat(a *answer, sent map[string]any, what string) {
	response := declared(a.request.op, a.status)
	if response == nil || len(response.Content) == 0 {
		return // another finding
	}
	answered := response.Content[0].Schema
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		member := sent[name]
		switch {
		case name == "bandwidth":
			d.want(a, RuleStored, a.member("speed") == nil || a.member("speed") == member, "the bandwidth as speed (%s)", what)
			continue
		case member == nil: // which stands for what the service chooses
			continue
		case answered.Property(name) == nil && !slices.ContainsFunc(answered.OneOf, func(s *contract.Schema) bool { return s.Property(name) != nil }):
			continue
		case name == "bgp_mode" && sent["bgp"] == nil: // there is no session to have it
			continue
		}
		d.want(a, RuleStored, within(member, a.member(name)), "a response with the %s that was sent (%s)", name, what)
	}
}

// asn is a default ASN that a private network may have.
func (d *driver) asn() json.Number {
	return json.Number(strconv.FormatInt(64512+d.random.Int64N(1000), 10))
}
