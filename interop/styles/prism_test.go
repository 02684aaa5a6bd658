package styles

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/interop/internal/npm"
)

// TestPrism lets Prism validate what our client sends. It keeps nothing of what it has read; here each schema lists the values of the test,
// so that it refuses what it reads as another one.
func TestPrism(t *testing.T) {
	npm.Install(t, "../tools")
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, listed(t), 0o600); err != nil {
		t.Fatal(err)
	}
	url := npm.Prism(t, "../tools", file)
	var r report
	us := newOurs()
	var last *exchange
	send := func(x exchange) (status int, err error) {
		_, err = us.send(x, url+"/"+x.k.name, func(req *http.Request) (*http.Response, error) {
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			resp.Body = io.NopCloser(bytes.NewReader(body))
			status = resp.StatusCode
			return resp, err
		})
		return status, err
	}
	for _, x := range exchanges() {
		if x.endsPrism() {
			last = &x
			continue
		}
		switch status, err := send(x); {
		case status == 0 && isTransport(err):
			t.Fatalf("%s, %s %s: Prism ends", x.c.name, x.k.name, x.value)
		case status >= 300:
			r.add("Prism", x, "refuses")
		case status > 0 && err != nil:
			r.add("Prism, response", x, "is refused")
		}
	}
	if status, err := send(*last); status != 0 || !isTransport(err) {
		t.Errorf("%s, %s %s: Prism does not end any more: status %d, %v", last.c.name, last.k.name, last.value, status, err)
	}
	r.check(t, "prism")
}

// isTransport reports whether there was no response.
func isTransport(err error) bool {
	var failed net.Error
	return errors.As(err, &failed) || errors.Is(err, io.EOF)
}

// endsPrism reports whether Prism ends when it gets a value: a list or an object in a path that has commas, text in matrix style that is not
// what it expects, and an object in a style for lists.
func (x exchange) endsPrism() bool {
	if x.c.style == "spaceDelimited" || x.c.style == "pipeDelimited" {
		return x.k.schema["type"] == "object"
	}
	if x.c.in != "path" || x.k.schema["type"] == "integer" {
		return false
	}
	if x.c.style == "simple" || !x.c.explode {
		_, isList := x.k.schema["items"]
		return isList || x.k.schema["type"] == "object" || x.c.style == "matrix" && x.value == `""`
	}
	return x.c.style == "matrix" && (x.value == `""` || x.value == `["a;b","c.d"]`)
}

// listed is the document with the values of the tests in the schemas. Each type has operations of its own, below its name, as Prism fails
// for a whole operation where it does not read one of its parameters.
func listed(t *testing.T) []byte {
	t.Helper()
	var doc object
	if err := json.Unmarshal(document(), &doc); err != nil {
		t.Fatal(err)
	}
	schemas, paths := doc["components"].(object)["schemas"].(object), object{}
	texts := func(k string) (all []any) { // all strings in the values of a type
		for _, text := range byName(k).values {
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				t.Fatal(err)
			}
			switch value := value.(type) {
			case string:
				all = append(all, value)
			case []any:
				for _, item := range value {
					if !slices.Contains(all, item) {
						all = append(all, item)
					}
				}
			case object:
				if value["os"] != nil {
					all = append(all, value["os"])
				}
			}
		}
		return all
	}
	schemas["string"].(object)["enum"] = texts("string")
	schemas["list"].(object)["items"].(object)["enum"] = texts("list")
	schemas["object"].(object)["properties"].(object)["os"].(object)["enum"] = texts("object")
	for i := range columns {
		c := &columns[i]
		for _, group := range c.groups() {
			for _, k := range group {
				of := []kind{k}
				if c.in == "path" {
					of = group
				}
				path, op := c.describe(of)
				if c.in != "json" && c.in != "text" {
					op["responses"] = object{"204": object{"description": "It has been read."}} // it has no way to write others
				}
				paths["/"+k.name+strings.Replace(path, c.operation(of), c.operation(group), 1)] = object{"post": op}
			}
		}
	}
	doc["paths"] = paths
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func byName(name string) kind {
	return kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
}
