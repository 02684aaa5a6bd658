package styles

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
)

// A finding is a value that somebody reads as another one, or not at all.
type finding struct {
	peer    string // who reads what we wrote, or whose writing we read
	x       exchange
	outcome string
}

type report struct{ findings []finding }

func (r *report) add(peer string, x exchange, outcome string) {
	if outcome != "" {
		r.findings = append(r.findings, finding{peer, x, outcome})
	}
}

// check compares the findings with those that are known, and each with the situations that the documentation lists.
func (r *report) check(t *testing.T, name string) {
	t.Helper()
	docs, err := os.ReadFile("../../docs/parameters.md")
	if err != nil {
		t.Fatal(err)
	}
	lines, values := map[string][]string{}, map[string][]string{} // the lines of a situation, the values of a line
	for _, f := range r.findings {
		line := fmt.Sprintf("%s | %s | %s | %s", f.peer, f.x.c.name, f.x.k.name, f.outcome)
		s := situation(f)
		if s == "" {
			t.Errorf("a difference in no situation that is known: %s: %s", line, f.x.value)
			continue
		}
		if before, _, found := strings.Cut(line, " | reads "); found {
			line = before + " | reads another value"
		}
		line = s + "\n" + line
		if values[line] == nil {
			lines[s] = append(lines[s], line)
		}
		values[line] = append(values[line], f.x.value)
	}
	var text strings.Builder
	for _, s := range situations {
		if len(lines[s.name]) == 0 {
			continue
		}
		if !strings.Contains(string(docs), "\n| "+s.name+" |") {
			t.Errorf("docs/parameters.md has no line for %s", s.name)
		}
		fmt.Fprintf(&text, "# %s\n", s.name)
		for _, line := range lines[s.name] {
			_, of, _ := strings.Cut(line, "\n")
			fmt.Fprintf(&text, "%s: %s\n", of, strings.Join(values[line], " "))
		}
	}
	golden(t, "testdata/"+name+".txt", []byte(text.String()), "and read the difference")
}

// TestGo compares what we, oapi-codegen's output and openapi3filter read of each other.
func TestGo(t *testing.T) {
	log.SetOutput(io.Discard) // net/http says which cookies of oapi-codegen's client it changes
	defer log.SetOutput(os.Stderr)
	var r report
	us, them := newOurs(), newStock()
	doc, router := kin(t)
	sent := 0
	for _, x := range exchanges() {
		req, body, err := us.request(x, origin.String())
		if err != nil {
			r.add("our client", x, "is not sent")
		} else {
			r.add("openapi3filter", x, x.outcome(kinRequest(doc, router, x, req, body)))
			resp := us.respond(req, body)
			if us.err == nil {
				sent++
			}
			r.add("our server", x, x.outcome(us.read(x)))
			exchangeBack(t, &r, "our client", us, us, x, resp)
			if resp != nil && us.responses[goName(x.operation())] != nil {
				resp := us.respond(req, body)
				text, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				r.add("openapi3filter, response", x, x.outcome(kinResponse(doc, router, x, req, resp, text)))
			}
			if _, _, err := them.request(x, origin.String()); !errors.Is(err, errNoMethod) {
				resp := them.respond(req, body)
				r.add("oapi-codegen's server", x, x.outcome(them.read(x)))
				exchangeBack(t, &r, "oapi-codegen's server's response", them, us, x, resp)
			}
		}
		if x.c.in == "multipart" || x.c.in == "binary" {
			continue // the caller writes them
		}
		if req, body, err = them.request(x, origin.String()); err == nil {
			resp := us.respond(req, body)
			o := x.outcome(us.read(x))
			if r.add("oapi-codegen's client", x, o); o == "" {
				exchangeBack(t, &r, "oapi-codegen's client, response", us, them, x, resp)
			}
		} else if !errors.Is(err, errNoMethod) {
			r.add("oapi-codegen's client", x, "is not sent")
		}
	}
	if sent < 900 {
		t.Errorf("our server has taken %d requests of our client", sent)
	}
	r.check(t, "go")
}

// exchangeBack lets a client read the response of a server that has sent back what it got.
func exchangeBack(t *testing.T, r *report, name string, server, client *side, x exchange, resp *http.Response) {
	t.Helper()
	if server.responses[goName(x.operation())] == nil || server.err != nil || resp == nil {
		return
	}
	response, err := client.send(x, origin.String(), func(*http.Request) (*http.Response, error) { return resp, nil })
	back := read{err: err}
	if err == nil {
		back = readResponse(x, response)
	}
	if !errors.Is(back.err, errNoMethod) {
		r.add(name, x, x.outcome(back))
	}
}
