package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

// direct is a client's side of a handler.
type direct struct{ http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// FuzzStyles sends the spelling of a value in a place and a style. What arrives of it, written by the client, arrives
// as the same.
func FuzzStyles(f *testing.F) {
	b := &bench{url: "http://example.com"}
	for i := range columns {
		for _, group := range columns[i].groups() {
			for j, k := range group {
				for _, sort := range []string{"plain", "delimiter"} {
					for _, value := range valuesOf(sort, k.name, 1) {
						f.Add(i, j, strings.Join(spellByHand(&columns[i], k.name, value), separators[columns[i].in]))
					}
				}
			}
		}
	}
	handler := NewHandler(&b.server, contract.HandlerOptions{OnError: func(*http.Request, error) {}})
	client, err := NewClientWithResponses(b.url, WithHTTPClient(direct{handler}))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, column, index int, spelled string) {
		if column < 0 || column >= len(columns) || index < 0 {
			return
		}
		c := &columns[column]
		groups := c.groups()
		group := groups[index%len(groups)]
		r := rawRequest(c, group, group[index%len(group)], spelled)
		if r == nil {
			return
		}
		b.server.arrived = nil
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		first := b.server.arrived
		switch {
		case w.Code == 500 && first != nil: // the response has no spelling for what has arrived
		case w.Code >= 500:
			t.Fatalf("%s %s %q: %d %s", c.name, r.URL, spelled, w.Code, w.Body)
		case w.Code >= 300:
			return
		}
		b.server.arrived = nil
		if err := resend(client, c, group, first); err != nil {
			var invalid *contract.ValidationError
			if errors.As(err, &invalid) {
				t.Fatalf("%s %q: %s is not valid any more: %v", c.name, spelled, asJSON(t, first), err)
			}
			return // it has no spelling of its own
		}
		if b.server.arrived == nil {
			t.Fatalf("%s %q: %s does not arrive again", c.name, spelled, asJSON(t, first))
		}
		if one, two := asJSON(t, first), asJSON(t, b.server.arrived); one != two {
			t.Fatalf("%s %q: %s, then %s", c.name, spelled, one, two)
		}
	})
}

// separators are what comes between name=value pairs.
var separators = map[string]string{"cookie": "; ", "query": "&", "form": "&"}

// valuesOf are the first n values of a sort and a type.
func valuesOf(name, kind string, n int) []string {
	i := slices.IndexFunc(sorts, func(s struct {
		name   string
		values map[string][]string
	}) bool {
		return s.name == name
	})
	values := sorts[i].values[kind]
	return values[:min(n, len(values))]
}

// rawRequest makes a request with a text in a place, nil if no request can have it.
func rawRequest(c *column, group []kind, k kind, spelled string) *http.Request {
	target := "http://example.com/" + c.operation(group)
	header, body := http.Header{}, ""
	switch c.in {
	case "path":
		for _, of := range group {
			if of.name == k.name {
				target += "/" + spelled
			} else {
				target += "/" + spellByHand(c, of.name, sorts[0].values[of.name][0])[0]
			}
		}
	case "query":
		target += "?" + spelled
	case "header":
		header["X-"+strings.ToUpper(k.name[:1])+k.name[1:]] = strings.Split(spelled, "\n")
	case "cookie":
		header["Cookie"] = strings.Split(spelled, "\n")
	case "form":
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		body = spelled
	case "text":
		header.Set("Content-Type", "text/plain")
		body = spelled
	}
	if _, err := url.Parse(target); err != nil {
		return nil
	}
	r, err := http.NewRequest("POST", target, strings.NewReader(body))
	if err != nil {
		return nil
	}
	if body == "" {
		r.Body = http.NoBody
	}
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return r
}

// resend sends what has arrived at the server.
func resend(client *ClientWithResponses, c *column, group []kind, arrived any) error {
	request := reflect.ValueOf(arrived)
	method := reflect.ValueOf(client).MethodByName(goName(c.operation(group)) + suffixes[c.in] + "WithResponse")
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	switch c.in {
	case "path":
		for i := range group {
			args = append(args, request.Field(i))
		}
	case "form", "text":
		body := request.FieldByName("Body")
		if body.IsNil() {
			return errors.New("there is no body")
		}
		args = append(args, body.Elem())
	default:
		params := reflect.New(request.FieldByName("Params").Type())
		params.Elem().Set(request.FieldByName("Params"))
		args = append(args, params)
	}
	err, _ := method.Call(args)[1].Interface().(error)
	var unreadable *contract.ResponseError
	if errors.As(err, &unreadable) {
		return nil // it has arrived
	}
	return err
}

// asJSON is a request object as JSON, without empty lists and objects: in some styles they are spelled as absent ones.
func asJSON(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	text, _ = json.Marshal(withoutEmpty(value)) // which was unmarshaled
	return string(text)
}

func withoutEmpty(v any) any {
	switch v := v.(type) {
	case object:
		for name, item := range v {
			if item = withoutEmpty(item); item == nil {
				delete(v, name)
			} else {
				v[name] = item
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	return v
}
