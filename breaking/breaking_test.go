package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An edit replaces one text of a document by another.
type edit struct{ old, new string }

func edited(t *testing.T, text string, edits ...edit) string {
	t.Helper()
	for _, e := range edits {
		if strings.Count(text, e.old) != 1 {
			t.Fatalf("the document has %d times %q, want once", strings.Count(text, e.old), e.old)
		}
		text = strings.Replace(text, e.old, e.new, 1)
	}
	return text
}

// undiscriminated makes the order of an interconnect what it is upstream: variants that only their required members tell apart.
var undiscriminated = []edit{
	{`        - $ref: '#/components/schemas/nsc_InterconnectCreate_GcpPartner_Body'
      discriminator:
        propertyName: type
        mapping:
          direct: '#/components/schemas/nsc_InterconnectCreate_Physical_Body'
          gcp_partner: '#/components/schemas/nsc_InterconnectCreate_GcpPartner_Body'
      example:`, `        - $ref: '#/components/schemas/nsc_InterconnectCreate_GcpPartner_Body'
      example:`},
	{`          type: string
          enum: [direct]
        account:
          $ref: '#/components/schemas/nsc_AccountTag'
        slot_id:
          description: SlotID is the ID of the slot to occupy. It must be free.`, `          type: string
        account:
          $ref: '#/components/schemas/nsc_AccountTag'
        slot_id:
          description: SlotID is the ID of the slot to occupy. It must be free.`},
	{`          description: Type is gcp_partner.
          type: string
          enum: [gcp_partner]
        account:
          $ref: '#/components/schemas/nsc_AccountTag'
        pairing_key:`, `          description: Type is gcp_partner.
          type: string
        account:
          $ref: '#/components/schemas/nsc_AccountTag'
        pairing_key:`},
	{`      # upstream: open, so that a body with the members of both variants would be both.
      additionalProperties: false
      example:
        type: direct`, `      example:
        type: direct`},
	{`      # upstream: open, so that a body with the members of both variants would be both.
      additionalProperties: false
      example:
        type: gcp_partner`, `      example:
        type: gcp_partner`},
}

const create = "POST /accounts/{account_id}/cni/interconnects"

// cut removes a paragraph from the line that begins with one text up to the line that begins with another.
func cut(t *testing.T, text, from, to string) edit {
	t.Helper()
	start := strings.Index(text, "\n"+from)
	if start < 0 {
		t.Fatalf("no line begins with %q", from)
	}
	length := strings.Index(text[start+1:], "\n"+to)
	if length < 0 {
		t.Fatalf("no line behind it begins with %q", to)
	}
	return edit{text[start : start+1+length], ""}
}

func TestEdits(t *testing.T) {
	source, err := os.ReadFile("../testdata/2026-08-14/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	document := string(source)
	for _, c := range []struct {
		name    string
		before  []edit // what the earlier document differs in from ours
		edit    edit
		rule    string // that has to be reported; "" if nothing may be
		at      string
		payload string
	}{
		{"an operation is removed", nil, cut(t, document, "    delete:\n      operationId: delete_interconnect", "  /accounts/{account_id}/cni/interconnects/{icon}/loa:"),
			"api-removed-without-deprecation", "DELETE /accounts/{account_id}/cni/interconnects/{icon}", ""},
		{"a path is removed", nil, cut(t, document, "  /accounts/{account_id}/cni/interconnects/{icon}/loa/default:", "  /accounts/{account_id}/cni/interconnects/{icon}/status:"),
			"api-path-removed-without-deprecation", "GET /accounts/{account_id}/cni/interconnects/{icon}/loa/default", ""},
		{"a member of a request becomes required", nil, edit{"    nsc_CniCreate:\n      x-go-name: CNICreate\n      description: |-\n        CNICreate is a CNI to be created. The service adds the ID and the addresses. Where BGP is absent, there is no\n        BGP session (not documented upstream).\n      type: object\n      required: [account, interconnect, magic]",
			"    nsc_CniCreate:\n      x-go-name: CNICreate\n      description: CNICreate is a CNI to be created.\n      type: object\n      required: [account, interconnect, magic, bgp]"},
			"request-property-became-required", "POST /accounts/{account_id}/cni/cnis", ""},
		{"an enum is narrowed", nil, edit{"enum: [50M, 100M, 200M, 300M,", "enum: [100M, 200M, 300M,"},
			"request-property-enum-value-removed", create, ""},
		{"a member of a response is dropped", nil, edit{"        occupied:\n          description: Occupied says whether an interconnect has the slot.\n          type: boolean\n", ""},
			"response-required-property-removed", "GET /accounts/{account_id}/cni/slots/{slot}", ""},
		{"a member of a response changes its type", nil, edit{"          description: Occupied says whether an interconnect has the slot.\n          type: boolean", "          description: Occupied says whether an interconnect has the slot.\n          type: string"},
			"response-property-type-changed", "GET /accounts/{account_id}/cni/slots/{slot}", ""},
		{"a member of a response becomes optional", nil, edit{"required: [id, site, facility, speed, occupied]", "required: [id, site, facility, speed]"},
			"response-property-became-optional", "GET /accounts/{account_id}/cni/slots/{slot}", ""},
		{"a parameter gets a format", nil, edit{"            type: string\n            minLength: 1\n          example: 0b6f2d94c8e14a7fa35d9017be2c684f", "            type: string\n            minLength: 100\n          example: 0b6f2d94c8e14a7fa35d9017be2c684f"},
			"request-parameter-min-length-increased", "GET /accounts/{account_id}/cni/cnis", ""},
		{"a variant requires less, and fits what the other fits", undiscriminated, edit{"required: [type, account, slot_id]", "required: [type, account]"},
			"union-overlap", create, `{"account":"4f8c1d2e9ab04c75b3e6d7018f2a9c35","bandwidth":"50M","pairing_key":"7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2","type":"gcp_partner"}`},
		{"a looser variant is added", undiscriminated, edit{"        - $ref: '#/components/schemas/nsc_InterconnectCreate_GcpPartner_Body'\n      example:", "        - $ref: '#/components/schemas/nsc_InterconnectCreate_GcpPartner_Body'\n        - {type: object, required: [account], properties: {account: {type: string}}}\n      example:"},
			"union-overlap", create, `{"account":"4f8c1d2e9ab04c75b3e6d7018f2a9c35","slot_id":"1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512","type":"direct"}`},

		{"a description is changed", nil, edit{"Slot keeps only the CNIs whose", "Slot keeps just the CNIs whose"}, "", "", ""},
		{"an optional member of a response is added", nil, edit{"        occupied:\n          description: Occupied says", "        floor: {description: Floor is new., type: string}\n        occupied:\n          description: Occupied says"}, "", "", ""},
		{"an optional member of a request is added", nil, edit{"        magic:\n          $ref: '#/components/schemas/nsc_MagicSettings'\n        bgp:\n          $ref: '#/components/schemas/nsc_BgpControl'\n      # upstream: open.", "        magic:\n          $ref: '#/components/schemas/nsc_MagicSettings'\n        note: {description: Note is new., type: string}\n        bgp:\n          $ref: '#/components/schemas/nsc_BgpControl'\n      # upstream: open."}, "", "", ""},
		{"a request requires less", nil, edit{"required: [type, account, pairing_key, bandwidth]", "required: [type, account, pairing_key]"}, "", "", ""},
		{"an optional parameter is added", nil, edit{"        - name: slot\n          in: query\n          description: |-\n            Slot keeps only the CNIs", "        - {name: site, in: query, description: Site is new., schema: {type: string}}\n        - name: slot\n          in: query\n          description: |-\n            Slot keeps only the CNIs"}, "", "", ""},
		{"a limit of a parameter is relaxed", nil, edit{"            type: string\n            minLength: 1\n          example: 0b6f2d94c8e14a7fa35d9017be2c684f", "            type: string\n          example: 0b6f2d94c8e14a7fa35d9017be2c684f"}, "", "", ""},
		{"an example is changed", nil, edit{"      enum: [direct, gcp_partner]\n      example: direct", "      enum: [direct, gcp_partner]\n      example: gcp_partner"}, "", "", ""},
		{"a summary is changed", nil, edit{"summary: Lists the CNIs of an account", "summary: Lists an account's CNIs"}, "", "", ""},
		{"a Go name is changed", nil, edit{"x-go-name: CNICreate\n", "x-go-name: NewCNI\n"}, "", "", ""},
		{"a component is added", nil, edit{"    nsc_FacilityInfo:\n", "    Unused: {description: Unused is new., type: string}\n    nsc_FacilityInfo:\n"}, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			earlier := edited(t, document, c.before...)
			before, after := filepath.Join(dir, "before.yaml"), filepath.Join(dir, "after.yaml")
			write(t, before, earlier)
			write(t, after, edited(t, earlier, c.edit))
			var out, errOut strings.Builder
			code := run([]string{"-before", before, "-document", after}, &out, &errOut)
			if errOut.Len() > 0 {
				t.Fatal(errOut.String())
			}
			if c.rule == "" {
				if code != exitNothing || out.String() != "nothing breaks\n" {
					t.Errorf("exit code %d:\n%s", code, out.String())
				}
				return
			}
			line := regexp.MustCompile(`(?m)^\S+(before|after)\.yaml:\d+:\d+( \(before\))?: ` + regexp.QuoteMeta(c.at) + `: .* \[` + c.rule + `\]$`)
			if code != exitBreaking || !line.MatchString(out.String()) {
				t.Errorf("exit code %d, want a %s at %s with its place:\n%s", code, c.rule, c.at, out.String())
			}
			if !strings.Contains(out.String(), c.payload) {
				t.Errorf("want the payload %s:\n%s", c.payload, out.String())
			}
		})
	}
}

// A variant of a response that is new is one that earlier readers do not know.
func TestReaders(t *testing.T) {
	const document = `openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pet:
    get:
      operationId: get_pet
      responses:
        "200":
          description: A pet.
          content:
            application/json:
              schema:
                type: object
                required: [pet]
                properties:
                  pet:
                    oneOf:
                      - {type: object, required: [meows], properties: {meows: {type: boolean}}}
                      - {type: object, required: [barks], properties: {barks: {type: boolean}}}
`
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before.yaml"), filepath.Join(dir, "after.yaml")
	write(t, before, document)
	write(t, after, document+"                      - {type: object, required: [swims], properties: {swims: {type: boolean}}}\n")
	var out strings.Builder
	if code := run([]string{"-before", before, "-document", after}, &out, &out); code != exitBreaking {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"the 200 response at /pet: ", "[union-unreadable]\n\t{\"swims\":true}"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
	}
}

func TestAllowed(t *testing.T) {
	source, err := os.ReadFile("../testdata/2026-08-14/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	before, after, allow := filepath.Join(dir, "before.yaml"), filepath.Join(dir, "after.yaml"), filepath.Join(dir, "breaking.yaml")
	report := filepath.Join(dir, "report.md")
	write(t, before, string(source))
	write(t, after, edited(t, string(source), edit{"required: [id, site, facility, speed, occupied]", "required: [id, site, facility, speed]"}))
	version := regexp.MustCompile(`(?m)^  version: '?"?([^'"\n]*)`).FindStringSubmatch(string(source))[1]
	entry := func(version, reason, at string) string {
		return "- {change: response-property-became-optional, at: " + at + ", version: '" + version + "', reason: '" + reason + "'}\n"
	}
	const slot, slots = "'GET /accounts/{account_id}/cni/slots/{slot}'", "'GET /accounts/{account_id}/cni/slots'"
	for _, c := range []struct {
		name, allow string
		code        int
		want        string
	}{
		{"all", entry(version, "it was never sent", slot) + entry(version, "it was never sent", slots), exitNothing, "2 let through, nothing else breaks"},
		{"none", "", exitBreaking, "- {change: response-property-became-optional, at: \"GET /accounts/{account_id}/cni/slots\", version: \"" + version + "\", reason: \"\"}\n"},
		{"one of two", entry(version, "it was never sent", slot), exitBreaking, "GET /accounts/{account_id}/cni/slots: "},
		{"one too many", entry(version, "so", slot) + entry(version, "so", slots) + entry(version, "so", "'GET /gone'"), exitNothing, "breaking.yaml:3: note: nothing here is let through by response-property-became-optional at GET /gone"},
		{"misspelt", strings.Replace(entry(version, "so", slot), "reason", "reson", 1), exitBreaking, "breaking.yaml:1: an entry has no reson; it has change, at, text, version and reason"},
		{"expired, and more", entry("1999-01-01", "so", slot), exitBreaking, "occupied` became optional"},
		{"expired", entry("1999-01-01", "so", slot), exitBreaking, "breaking.yaml:1: the entry is for version 1999-01-01 and has expired"},
		{"no reason", entry(version, "", slot), exitBreaking, "breaking.yaml:1: an entry needs reason"},
		{"no list", "allow: all\n", exitBreaking, "want a list of entries"},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, allow, c.allow)
			var out strings.Builder
			code := run([]string{"-before", before, "-document", after, "-markdown", report}, &out, &out)
			if code != c.code || !strings.Contains(out.String(), c.want) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, c.code, c.want, out.String())
			}
		})
	}
	text, err := os.ReadFile(report)
	if err != nil || !strings.Contains(string(text), "let through: it was never sent | response-property-became-optional |") {
		t.Errorf("the report is %s, %v", text, err)
	}
}

// What is printed, with reasons, lets everything through that was found, however many findings there are.
func TestEntries(t *testing.T) {
	source, err := os.ReadFile("../testdata/2026-08-14/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	before, after, allow := filepath.Join(dir, "before.yaml"), filepath.Join(dir, "after.yaml"), filepath.Join(dir, "breaking.yaml")
	write(t, before, string(source))
	write(t, after, edited(t, string(source), edit{"enum: [50M, ", "enum: [50M, 70M, "},
		edit{"required: [id, site, facility, speed, occupied]", "required: [id, facility, speed]"}))
	run := func(want int) string {
		t.Helper()
		var out strings.Builder
		if code := run([]string{"-before", before, "-document", after}, &out, &out); code != want {
			t.Fatalf("exit code %d, want %d:\n%s", code, want, out.String())
		}
		return out.String()
	}
	out := run(exitBreaking)
	var entries []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "- {change: ") {
			entries = append(entries, line)
		}
	}
	if !strings.Contains(out, "7 breaking; ") || len(entries) != 5 || !strings.Contains(out, "/breaking.yaml, a new file, with the reason:\n"+entries[0]) {
		t.Errorf("%d entries:\n%s", len(entries), out)
	}
	write(t, allow, strings.Join(entries, ""))
	if out := run(exitBreaking); !strings.Contains(out, "breaking.yaml:1: an entry needs reason") {
		t.Errorf("without reasons:\n%s", out)
	}
	write(t, allow, strings.ReplaceAll(strings.Join(entries, ""), `reason: ""`, "reason: the service does so"))
	if out := run(exitNothing); !strings.Contains(out, "7 let through, nothing else breaks") {
		t.Errorf("with reasons:\n%s", out)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"-base", "a", "-before", "b"}, {"-base", "a", "more"}, {"-unknown"}} {
		var out strings.Builder
		if code := run(args, &out, &out); code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, code, exitUsage)
		}
	}
	var out strings.Builder
	if code := run([]string{"-base", "--no-such-revision"}, &out, &out); code != exitBreaking || !strings.Contains(out.String(), `there is no revision "--no-such-revision"`) {
		t.Errorf("exit code %d:\n%s", code, out.String())
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{{"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "more"}} {
		if _, err := git(dir, args...); err != nil {
			t.Fatal(err)
		}
	}
}

// A module with the packages that others import, in a repository of its own.
func TestGoAPI(t *testing.T) {
	dir := t.TempDir()
	document := filepath.Join(dir, "api", "openapi.yaml")
	files := map[string]string{
		"go.mod":                      "module example.com/ports\n\ngo 1.26\n",
		"api/openapi.yaml":            "openapi: 3.0.3\ninfo: {title: Ports, version: '1'}\npaths: {}\n",
		"generated/interconnect/a.go": "package interconnect\n\ntype Port struct{ Speed string }\n",
		"client/a.go":                 "package client\n\nfunc New(token string) error { return nil }\n\nfunc Old() {}\n",
		"contract/a.go":               "package contract\n",
		"sandbox/a.go":                "package sandbox\n",
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), text)
	}
	if _, err := git(dir, "init", "--quiet"); err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	compare := func() (int, string) {
		var out strings.Builder
		code := run([]string{"-base", "HEAD", "-document", document}, &out, &out)
		return code, out.String()
	}
	write(t, filepath.Join(dir, "contract/a.go"), "package contract\n\nconst New = 1\n")
	if code, out := compare(); code != exitNothing {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	write(t, filepath.Join(dir, "client/a.go"), "package client\n\nfunc New(account, token string) error { return nil }\n")
	if code, out := compare(); code != exitBreaking ||
		!strings.Contains(out, "client/a.go:3:6: client.New: changed from func(string) error to func(string, string) error [go-api]\n") ||
		!strings.Contains(out, "client/a.go:5:6 (before): client.Old: removed [go-api]\n") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	write(t, filepath.Join(dir, "client/a.go"), files["client/a.go"])

	// An operation is new, and with it a method of the interfaces that have one for each.
	service := files["generated/interconnect/a.go"] + "\ntype StrictServerInterface interface{ Ping() }\n"
	write(t, filepath.Join(dir, "generated/interconnect/a.go"), service)
	commit(t, dir)
	write(t, filepath.Join(dir, "generated/interconnect/a.go"), strings.Replace(service, "{ Ping() }", "{ Ping(); Pong() }", 1))
	if code, out := compare(); code != exitNothing {
		t.Errorf("a new method: exit code %d:\n%s", code, out)
	}
	write(t, filepath.Join(dir, "generated/interconnect/a.go"), strings.Replace(service, "{ Ping() }", "{ Pong() }", 1))
	if code, out := compare(); code != exitBreaking || !strings.Contains(out, "StrictServerInterface.Ping: removed [go-api]\n") {
		t.Errorf("a method is gone: exit code %d:\n%s", code, out)
	}

	// Go that does not compile does not hide what the document breaks, and what other packages do.
	write(t, filepath.Join(dir, "client/a.go"), "package client\n\nfunc New(\n")
	write(t, document, strings.Replace(files["api/openapi.yaml"], "paths:", "servers: [{url: /v2}]\npaths:", 1))
	if code, out := compare(); code != exitBreaking || !strings.Contains(out, "[server-changed]\n") || !strings.Contains(out, "StrictServerInterface.Ping: removed [go-api]\n") ||
		!strings.Contains(out, "breaking: the Go code: example.com/ports/client does not compile: client/a.go:3:11: ") {
		t.Errorf("exit code %d:\n%s", code, out)
	}

	// A new document cannot break a user.
	another := filepath.Join(dir, "api", "another.yaml")
	write(t, another, files["api/openapi.yaml"])
	var out strings.Builder
	if code := run([]string{"-base", "HEAD", "-document", another}, &out, &out); code != exitNothing || out.String() != "api/another.yaml is new, so nothing breaks\n" {
		t.Errorf("exit code %d:\n%s", code, out.String())
	}
	// One that is nowhere is a mistake.
	out.Reset()
	if code := run([]string{"-base", "HEAD", "-document", filepath.Join(dir, "api", "opnapi.yaml")}, &out, &out); code != exitBreaking ||
		!strings.Contains(out.String(), "breaking: no document to compare, neither here nor in the base: ") {
		t.Errorf("exit code %d:\n%s", code, out.String())
	}
	if trees, err := git(dir, "worktree", "list"); err != nil || strings.Count(trees, "\n") != 0 {
		t.Errorf("a copy is left: %s, %v", trees, err)
	}
}

// small is a document for edits of what ours has not.
const small = `openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: /v1}]
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z]+$"}}
    put:
      operationId: put_pet
      security: [{key: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [pet]
              properties:
                note: {type: string}
                pet:
                  oneOf:
                    - type: object
                      required: [meows]
                      additionalProperties: false
                      properties:
                        meows:
                          anyOf:
                            - oneOf:
                                - {type: object, required: [a], properties: {a: {type: string}}}
                                - {type: object, required: [b], properties: {b: {type: string}}}
                            - {type: boolean}
                    - {type: object, required: [barks], properties: {barks: {type: boolean}}}
      responses:
        "200":
          description: The pet.
          headers:
            Retry-After: {required: true, schema: {type: string}}
          content:
            application/json:
              schema:
                type: object
                required: [pet]
                properties:
                  pet:
                    oneOf:
                      - {type: object, required: [meows], properties: {meows: {type: boolean}, note: {type: string}}}
                      - {type: object, required: [barks], properties: {barks: {type: boolean}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
`

func TestSmallEdits(t *testing.T) {
	for _, c := range []struct {
		name string
		edit edit
		want string // a part of a finding; "" if there may be none
	}{
		{"a path parameter is narrowed", edit{`"^[a-z]+$"`, `"^[a-f]+$"`}, "PUT /pets/{id}: "},
		{"a path parameter gets a limit", edit{`pattern: "^[a-z]+$"`, `pattern: "^[a-z]+$", maxLength: 5`}, "PUT /pets/{id}: "},
		{"a path parameter changes its type", edit{`{type: string, pattern: "^[a-z]+$"}`, `{type: integer}`}, "PUT /pets/{id}: "},
		{"a path parameter moves to the operation", edit{`    parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z]+$"}}
    put:
`, `    put:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z]+$"}}
`}, ""},
		{"an object is closed", edit{"              required: [pet]\n              properties:\n                note", "              required: [pet]\n              additionalProperties: false\n              properties:\n                note"},
			"[request-refuses]\n\t" + `{"another":"member","pet":{`},
		{"a member is forbidden", edit{"              required: [pet]\n              properties:\n                note", "              required: [pet]\n              not: {required: [note]}\n              properties:\n                note"},
			"[request-refuses]\n\t" + `{"note":`},
		{"a variant deep within requires less", edit{"{type: object, required: [b], properties: {b: {type: string}}}", "{type: object, properties: {b: {type: string}}}"}, "[union-overlap]\n\t"},
		{"a response becomes less", edit{"{type: object, required: [meows], properties: {meows: {type: boolean}, note: {type: string}}}", "{type: object, required: [meows, note], properties: {meows: {type: boolean}, note: {type: string}}}"}, ""},
		{"a variant of a response goes", edit{"                      - {type: object, required: [barks], properties: {barks: {type: boolean}}}\ncomponents", "components"}, ""},
		{"a request may be of another type", edit{"content:\n          application/json:\n            schema:\n              type: object\n              required: [pet]\n              properties:\n                note", "content:\n          application/merge-patch+json:\n            schema:\n              type: object\n              required: [pet]\n              properties:\n                note"}, "[request-media-type-removed]"},
		{"a response is of another type", edit{"          content:\n            application/json:\n              schema:\n                type: object\n                required: [pet]\n                properties:\n                  pet:", "          content:\n            application/hal+json:\n              schema:\n                type: object\n                required: [pet]\n                properties:\n                  pet:"}, "[response-media-type-added]"},
		{"a header changes its type", edit{"Retry-After: {required: true, schema: {type: string}}", "Retry-After: {required: true, schema: {type: integer}}"}, "[response-header-type-changed]"},
		{"a header goes", edit{"          headers:\n            Retry-After: {required: true, schema: {type: string}}\n", ""}, "[response-header-removed]"},
		{"a header may be missing", edit{"Retry-After: {required: true,", "Retry-After: {"}, "[response-header-became-optional]"},
		{"the server moves", edit{"url: /v1", "url: /v2"}, ": document: the URL of the server is \"/v2\""},
		{"a scheme changes", edit{"name: X-Key", "name: X-Api-Key"}, ": document: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			before, after := filepath.Join(dir, "before.yaml"), filepath.Join(dir, "after.yaml")
			write(t, before, small)
			write(t, after, edited(t, small, c.edit))
			var out strings.Builder
			code := run([]string{"-before", before, "-document", after}, &out, &out)
			if c.want == "" && code != exitNothing || c.want != "" && (code != exitBreaking || !strings.Contains(out.String(), c.want)) {
				t.Errorf("exit code %d, want %q:\n%s", code, c.want, out.String())
			}
		})
	}
}

// A file that is not a document is an error, before and after.
func TestNoDocument(t *testing.T) {
	dir := t.TempDir()
	whole, empty := filepath.Join(dir, "whole.yaml"), filepath.Join(dir, "empty.yaml")
	write(t, whole, small)
	write(t, empty, "")
	for _, args := range [][]string{{"-before", empty, "-document", whole}, {"-before", whole, "-document", empty}, {"-before", whole, "-document", filepath.Join(dir, "none.yaml")}} {
		var out strings.Builder
		if code := run(args, &out, &out); code != exitBreaking || !strings.Contains(out.String(), "breaking: ") || strings.Contains(out.String(), "nothing breaks") {
			t.Errorf("%q: exit code %d:\n%s", args, code, out.String())
		}
	}
}
