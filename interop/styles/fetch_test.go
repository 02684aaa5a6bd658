package styles

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/interop/internal/npm"
)

// TestFetch lets openapi-fetch, a client for JavaScript, call our server. Places and styles that it has no way to ask for are left out:
// cookies, content, and styles in forms.
func TestFetch(t *testing.T) {
	npm.Install(t, "fetch")
	us := newOurs()
	reads := map[string]read{}
	sent := fetchable()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		us.arrived, us.err = nil, nil // openapi-fetch sends one request after the other
		us.handler(us).ServeHTTP(w, r)
		i := r.Header.Get("X-Case")
		n, err := strconv.Atoi(i)
		if err != nil || n >= len(sent) {
			t.Errorf("case %q", i)
			return
		}
		reads[i] = us.read(sent[n])
	}))
	defer server.Close()

	type task struct {
		Path    string                     `json:"path"`
		In      string                     `json:"in"`
		Name    string                     `json:"name"`
		Style   string                     `json:"style"`
		Explode bool                       `json:"explode"`
		Value   json.RawMessage            `json:"value"`
		Values  map[string]json.RawMessage `json:"values,omitempty"` // of all parameters of a path
	}
	var tasks []task
	for _, x := range sent {
		path, _ := x.c.describe(x.group)
		of := task{Path: path, In: x.c.in, Name: parameter(x.k), Style: x.c.style, Explode: x.c.explode, Value: json.RawMessage(x.value)}
		if x.c.in == "path" {
			of.Path, of.Values = x.template(path), map[string]json.RawMessage{}
			for _, k := range x.group {
				of.Values[parameter(k)] = json.RawMessage(k.values[0])
			}
			of.Values[parameter(x.k)] = json.RawMessage(x.value)
		}
		tasks = append(tasks, of)
	}
	in, err := json.Marshal(struct {
		URL       string `json:"url"`
		Exchanges []task `json:"exchanges"`
	}{server.URL, tasks})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "fetch.mjs")
	command.Dir = "fetch"
	command.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	var outcomes []struct {
		Data   any
		Error  string
		Unsent bool
	}
	if err := json.Unmarshal(out, &outcomes); err != nil || len(outcomes) != len(sent) {
		t.Fatalf("%d outcomes, want %d: %v", len(outcomes), len(sent), err)
	}
	var r report
	for i, x := range sent {
		if outcomes[i].Unsent {
			r.add("openapi-fetch", x, "is not sent")
			continue
		}
		r.add("openapi-fetch", x, x.outcome(reads[strconv.Itoa(i)]))
		if outcomes[i].Error == "" && (x.c.in == "json" || x.c.in == "binary" || x.c.name == "text-string") {
			r.add("openapi-fetch, response", x, x.outcome(read{value: outcomes[i].Data}))
		}
	}
	r.check(t, "openapi-fetch")
}

// fetchable are the exchanges that openapi-fetch has a way to ask for.
func fetchable() []exchange {
	var all []exchange
	for _, x := range exchanges() {
		switch {
		case x.c.in == "cookie", x.c.style == "" && (x.c.in == "query" || x.c.in == "header"), x.c.style != "" && x.c.in == "form":
		default:
			all = append(all, x)
		}
	}
	return all
}

// template is the template of a path in the form of RFC 6570, by which openapi-fetch takes the style.
func (x exchange) template(path string) string {
	before, after := map[string]string{"simple": "", "label": ".", "matrix": ";"}[x.c.style], ""
	if x.c.explode {
		after = "*"
	}
	return strings.NewReplacer("{", "{"+before, "}", after+"}").Replace(path)
}
