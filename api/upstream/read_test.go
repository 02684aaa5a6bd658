package upstream

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const smallest = `{"openapi":"3.0.3","paths":{"/accounts/{a}/cni/slots":{"get":{}}}}`

func TestReadTheirs(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"smallest", "\n " + smallest + "\n", ""},
		{"empty", "", "not a JSON object; YAML cannot be read in parts, so name openapi.json, which is published beside openapi.yaml"},
		{"YAML", "openapi: 3.0.3\n", "not a JSON object; YAML cannot be read in parts, so name openapi.json, which is published beside openapi.yaml"},
		{"another object", `{"swagger":"2.0"}`, `no member "openapi", so this is not an OpenAPI document; name the published openapi.json`},
		{"another API", `{"openapi":"3.0.3","paths":{"/accounts/{a}/cnitest":{"get":{}}}}`, "no path begins with /accounts/{account_id}/cni/; "},
		{"cut off", smallest[:len(smallest)-3], "; get the whole document, or a newer one"},
		{"cut off where it is passed over", `{"info":{"title":"`, "; get the whole document, or a newer one"},
		{"two documents", smallest + smallest, "something follows the document"},
		{"not JSON", `{"openapi":3.0.3}`, "; get the whole document, or a newer one"},
		{"a repeated name elsewhere", `{"x":1,"x":2,` + smallest[1:], ""},
		{"too much", strings.Replace(smallest, `"get":{}`, `"get":{"responses":{"200":{"description":"`+strings.Repeat("x", maxKept)+`","x":{}}}}`, 1),
			"our operations reach more than 4 MB, at #/paths/~1accounts~1{a}~1cni~1slots/get/responses/200/x; "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readTheirs("openapi.json", strings.NewReader(test.text))
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && err == nil:
				t.Error("no error")
			case test.want != "" && (!strings.HasPrefix(err.Error(), "openapi.json: ") || !strings.Contains(err.Error(), test.want)):
				t.Errorf("have %q, want %q", err, test.want)
			}
		})
	}
}

// Only what our operations reach is kept, wherever it stands.
func TestReachable(t *testing.T) {
	const document = `{"openapi":"3.0.3",
"components":{"schemas":{
 "A":{"properties":{"b":{"$ref":"#/components/schemas/B%20b"},"example":{"$ref":"#/components/schemas/Named"}},"example":{"$ref":"#/components/schemas/InExample"}},
 "B b":{"items":{"$ref":"#/paths/~1zones/get/parameters/1/schema"}},"Named":{"$ref":"#/components/schemas/Nowhere"},"InExample":{},"Other":{"$ref":"#/components/schemas/A"}}},
"paths":{
 "/accounts/{a}/cni/slots":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}},"security":[{"key":[]}]}},
 "/zones":{"get":{"parameters":[{"schema":{"type":"string"}},{"schema":{"type":"integer"}}]}}},
"security":[{"other":[]}]}`
	d, err := readTheirs("openapi.json", strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/openapi", "/security", "/paths/~1accounts~1{a}~1cni~1slots", "/components/schemas/A", "/components/schemas/B b",
		"/components/schemas/Named", "/paths/~1zones/get/parameters/1/schema"}
	for _, pointer := range want {
		if d.kept[pointer] == nil {
			t.Errorf("%s is not kept", pointer)
		}
	}
	if len(d.kept) != len(want) {
		for pointer := range d.kept {
			t.Log(pointer)
		}
		t.Errorf("%d values are kept, want %d", len(d.kept), len(want))
	}
	if got := d.resolve(d.find("/components/schemas/B b/items")).get("type").text(); got != "integer" {
		t.Errorf("the reference leads to %q", got)
	}
}

// A document of 30 MB is read several times, with all that is allocated on the way far less than the document.
func TestMemory(t *testing.T) {
	const size = 30 << 20
	path := filepath.Join(t.TempDir(), "openapi.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	written := grow(t, file, theirs(t), size)
	if written < size {
		t.Fatalf("only %d bytes", written)
	}

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := readTheirs("openapi.json", file)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if d.find("/components/schemas/nsc_BgpMode/enum/1").text() != "advertise_only" {
		t.Error("not everything is there")
	}
	if total := after.TotalAlloc - before.TotalAlloc; total > written/2 {
		t.Errorf("%d bytes were allocated for a document of %d", total, written)
	}
}

// grow writes a document with as many schemas and paths of other products before and behind its own as make up the size.
func grow(t *testing.T, w io.Writer, document []byte, size int) (written uint64) {
	t.Helper()
	b := bufio.NewWriter(w)
	put := func(format string, args ...any) {
		n, err := fmt.Fprintf(b, format, args...)
		if err != nil {
			t.Fatal(err)
		}
		written += uint64(n)
	}
	const schemas, paths = "\"schemas\": {", "\"paths\": {"
	head, rest, ok := bytes.Cut(document, []byte(schemas))
	middle, tail, also := bytes.Cut(rest, []byte(paths))
	if !ok || !also {
		t.Fatal("no schemas or no paths")
	}
	description := strings.Repeat("Another product of the same house. ", 50)
	put("%s%s", head, schemas)
	for i := 0; written < uint64(size/2); i++ {
		put(`"other_%d":{"type":"object","description":%q,"properties":{"next":{"$ref":"#/components/schemas/other_%d"}}},`, i, description, i+1)
	}
	put("%s%s", middle, paths)
	for i := 0; written < uint64(size); i++ {
		put(`"/zones/{zone_id}/other/%d":{"get":{"description":%q,"responses":{"200":{"description":"Done"}}}},`, i, description)
	}
	put("%s", tail)
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	return written
}

func TestFetch(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/openapi.json" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, smallest)
	}))
	defer server.Close()

	source, err := Open(t.Context(), server.URL+"/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readTheirs("openapi.json", source); err != nil {
		t.Error(err)
	}
	if err := source.Close(); err != nil {
		t.Error(err)
	}

	if _, err := Open(t.Context(), server.URL+"/nowhere"); err == nil || !strings.Contains(err.Error(), "404 Not Found; name a document that is there") {
		t.Errorf("a document that is not there: %v", err)
	}
	if _, err := fetch(t.Context(), server.URL+"/openapi.json", int64(len(smallest))-1); err == nil || !strings.Contains(err.Error(), "more than 65 bytes; ") {
		t.Errorf("a document that is too large: %v", err)
	}
	if source, err := fetch(t.Context(), server.URL+"/openapi.json", int64(len(smallest))); err != nil {
		t.Errorf("a document of just the limit: %v", err)
	} else if err := source.Close(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, server.URL+"/openapi.json"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled fetch: %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(temp, "nowhere.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

// Whatever they publish, the comparison ends, and writes one line for each thing it has to say.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(smallest))
	f.Add([]byte(`{"openapi":"3.0.3","paths":{"/accounts/{a}/cni/slots":{"get":{"parameters":[null,{"name":"a\nb","in":"query","schema":[]}],
		"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/paths"}}}}},"security":{"a":1}}}}}`))
	ours := File{"openapi.yaml", []byte(`{openapi: 3.0.3, paths: {"/accounts/{account_id}/cni/slots": {get: {responses: {"200": {content:
  {application/json: {schema: {$ref: "#/components/schemas/Slot"}}}}}}}}, components: {schemas: {Slot: {type: object, properties:
  {next: {$ref: "#/components/schemas/Slot"}, kind: {oneOf: [{type: string}, {type: integer}]}}}}}}`)}
	f.Fuzz(func(t *testing.T, theirs []byte) {
		report, err := Compare(ours, File{Name: "upstream.yaml"}, "openapi.json", bytes.NewReader(theirs))
		if err != nil {
			return
		}
		if got := strings.Count(text(t, report), "\n"); got != len(report.News)+1 {
			t.Errorf("%d lines for %d differences", got, len(report.News))
		}
	})
}
