package matrix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract"
)

// The matrix: each place, style and type with each sort of value. A value goes from the generated client to the generated server, and where the
// response can have it back to the client. It arrives as it was, or is an error before anything is sent; what does not belong is a 400 that
// names the place. docs/parameters.md has the table of the outcomes.

// sorts are the sorts of values, with what each type has of them as JSON. "strings" is for the types that are not listed and whose values are
// strings.
var sorts = []struct {
	name   string
	values map[string][]string
}{
	{"plain", map[string][]string{
		"string": {`"blue"`}, "integer": {`1`, `-7`}, "number": {`-3`, `2e10`}, "boolean": {`true`, `false`}, "int8": {`-128`}, "int32": {`2147483647`},
		"int64": {`9007199254740993`}, "uint64": {`18446744073709551615`}, "float": {`3`}, "date": {`"2026-02-28"`},
		"date-time": {`"2026-01-02T03:04:05Z"`}, "duration": {`"PT5M"`}, "uuid": {`"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`}, "byte": {`"QUJD"`},
		"email": {`"a@example"`}, "binary": {`"bytes"`}, "enum": {`"red"`}, "enum-integer": {`2`}, "list": {`["blue","black"]`, `["one"]`},
		"list-integer": {`[1,-2]`}, "list-date-time": {`["2026-01-02T03:04:05Z","2026-01-02T03:04:06Z"]`}, "list-object": {`[{"k":"a"},{"n":2}]`},
		"list-list": {`[["a"],["b"]]`}, "object": {`{"oi":7,"os":"blue"}`}, "object-nested": {`{"nl":["one"]}`}, "map": {`{"g":200,"r":100}`},
		"union": {`"2026-02-28"`, `5`}, "union-object": {`{"ux":"v"}`, `{"uy":5}`}, "union-list": {`"blue"`}, "anyof": {`"blue"`, `12`},
		"nullable-string": {`"blue"`}, "nullable-integer": {`5`}, "nullable-list": {`[1,2]`}, "untyped": {`"blue"`},
	}},
	{"empty", map[string][]string{
		"string": {`""`}, "byte": {`""`}, "binary": {`""`}, "list": {`[]`}, "list-integer": {`[]`}, "list-date-time": {`[]`}, "list-object": {`[]`},
		"list-list": {`[]`}, "object": {`{}`}, "object-nested": {`{}`}, "map": {`{}`}, "union-list": {`""`}, "anyof": {`""`}, "nullable-string": {`""`},
		"nullable-list": {`[]`}, "untyped": {`""`},
	}},
	{"empty part", map[string][]string{
		"list": {`[""]`, `["","a"]`, `["a",""]`}, "list-object": {`[{}]`, `[{"k":""}]`}, "list-list": {`[[]]`, `[[""]]`}, "object": {`{"oi":1,"os":""}`},
		"object-nested": {`{"nl":[]}`, `{"nl":[""]}`, `{"no":{}}`}, "union-object": {`{"ux":""}`},
	}},
	{"delimiter", map[string][]string{
		"string": texts(delimited), "number": {`1.5`}, "float": {`-1.5`}, "date-time": {`"2026-01-02T03:04:05.25+01:00"`}, "byte": {`"+/+/"`, `"QQ=="`},
		"email": {`"a.b+c@example.com"`}, "binary": texts(delimited), "enum": {`"dark green"`, `"a,b"`}, "list": lists(delimited),
		"list-date-time": {`["2026-01-02T03:04:05.25+01:00","2026-01-02T03:04:05Z"]`}, "list-object": {`[{"k":"a,b"},{"k":"c&d=e"}]`},
		"list-list": {`[["a,b","c"],["d"]]`}, "object": objects("os", delimited), "object-nested": {`{"nl":["a,b","c"],"no":{"k":"d,e"}}`},
		"map": {`{"a,b":1}`, `{"a=b&c":2}`, `{"a b":3}`, `{"a[b]":4}`, `{"a.b;c|d":5}`}, "union-object": objects("ux", delimited),
		"union-list": append(texts(delimited), lists(delimited)...), "anyof": texts(delimited), "nullable-string": texts(delimited),
		"untyped": texts(delimited),
	}},
	{"percent", map[string][]string{
		"string": texts(percents), "binary": texts(percents), "list": lists(percents), "list-object": {`[{"k":"100%"},{"k":"%2C"}]`},
		"list-list": {`[["100%","%2C"]]`}, "object": objects("os", percents), "object-nested": {`{"nl":["100%","%2C"],"no":{"k":"%"}}`},
		"map": {`{"100%":1}`, `{"%2C":2}`}, "union-object": objects("ux", percents), "union-list": texts(percents), "anyof": texts(percents),
		"nullable-string": texts(percents), "untyped": texts(percents),
	}},
	{"non-ASCII", map[string][]string{
		"string": texts(foreign), "binary": texts(foreign), "list": lists(foreign), "list-object": {`[{"k":"žluťoučký"}]`}, "list-list": {`[["é","日本"]]`},
		"object": objects("os", foreign), "object-nested": {`{"nl":["é"],"no":{"k":"日本"}}`}, "map": {`{"é":1}`}, "union-object": objects("ux", foreign),
		"union-list": texts(foreign), "anyof": texts(foreign), "nullable-string": texts(foreign), "untyped": texts(foreign),
	}},
	{"ambiguous", map[string][]string{ // text that might be of another type, and values in more than one of them
		"string": {`"1"`, `"true"`, `"null"`}, "list": {`["1","true","null"]`}, "object": {`{"os":"null"}`}, "union-list": {`["one"]`, `["a","b"]`, `[]`},
		"anyof": {`"12"`, `"null"`}, "union-object": {`{"ux":"5"}`}, "nullable-string": {`"null"`}, "untyped": {`5`, `true`, `[1]`, `{"a":1}`},
	}},
	{"null", map[string][]string{"nullable-string": {`null`}, "nullable-integer": {`null`}, "nullable-list": {`null`, `[1,null]`}, "untyped": {`null`}}},
}

var (
	delimited = []string{"a,b", "a|b", "a b", "a;b", "a.b", "a&b", "a=b", "a+b", "a/b?c#d", "a[b]", `a"b\c`, " a ", "a:b@c!$'()*~"}
	percents  = []string{"100%", "%2C", "%zz", "a%20b"}
	foreign   = []string{"žluťoučký", "日本", "🐎"}
)

func texts(values []string) []string { return each(values, "", "") }

// lists puts each value into a list with another one.
func lists(values []string) []string { return each(values, `[`, `,"z"]`) }

// objects puts each value into an object.
func objects(name string, values []string) []string { return each(values, `{"`+name+`":`, `}`) }

func each(values []string, before, after string) []string {
	var all []string
	for _, v := range values {
		text, _ := json.Marshal(v) // a string can be marshaled
		all = append(all, before+string(text)+after)
	}
	return all
}

// wrong are values that a type does not have, spelled as if it had.
var wrong = map[string]string{
	"integer": `"x"`, "number": `"1,5x"`, "boolean": `"yes"`, "int8": `128`, "int32": `2147483648`, "int64": `9223372036854775808`,
	"uint64": `-1`, "float": `"x"`, "date": `"2026-02-30"`, "date-time": `"2026-01-02"`, "duration": `"5 minutes"`, "uuid": `"x"`, "byte": `"!"`,
	"email": `"x"`, "enum": `"blue"`, "enum-integer": `3`, "list-integer": `[1,"x"]`, "list-date-time": `["x"]`, "list-object": `[{"n":"x"}]`,
	"list-list": `[{"a":"x"}]`, "object": `{"oi":"x"}`, "object-nested": `{"no":"x"}`, "map": `{"a":"x"}`, "union": `"x"`, "union-object": `{"uy":"x"}`,
	"nullable-integer": `"x"`, "nullable-list": `["x"]`,
}

// An outcome of a cell.
const (
	same    = "=" // the value arrives
	absent  = "0" // nothing arrives, which an empty list or object stands for there
	text    = "t" // the text arrives: the schema does not say what it is
	refused = "e" // the client reports an error and sends nothing
	invalid = "4" // the server responds with 400 and names the place
	none    = "·" // the Go type has no such value
)

// server keeps what arrives and sends it back where the response can have it.
type server struct{ arrived any }

func arrived[T any](s *server, request any) (response T) {
	s.arrived = request
	from, to := reflect.ValueOf(request), reflect.ValueOf(&response).Elem()
	if body := from.FieldByName("Body"); body.IsValid() && !body.IsNil() {
		if inner := to; inner.Kind() == reflect.Struct && inner.NumField() == 1 && inner.Type().Field(0).Name == "Body" {
			to = inner.Field(0)
		}
		to.Set(body.Elem().Convert(to.Type()))
	} else if to.Kind() == reflect.Struct && to.NumField() == 1 && to.Type().Field(0).Name == "Headers" {
		headers, params := to.Field(0), from.FieldByName("Params")
		for i := range headers.NumField() {
			field, value := headers.Field(i), params.FieldByName(headers.Type().Field(i).Name)
			if field.Type() == value.Type() {
				field.Set(value)
			} else if !value.IsNil() { // a list, which is a pointer in a response
				field.Set(reflect.New(value.Type()))
				field.Elem().Set(value)
			}
		}
	}
	return response
}

// A bench is a client and a server that are connected.
type bench struct {
	server server
	client *ClientWithResponses
	url    string
	sent   *http.Request // the last request, nil if there was none
	body   string
}

func newBench(t *testing.T) *bench {
	b := &bench{}
	listener := httptest.NewServer(NewHandler(&b.server, contract.HandlerOptions{}))
	t.Cleanup(listener.Close)
	b.url = listener.URL
	var err error
	if b.client, err = NewClientWithResponses(b.url, WithHTTPClient(b)); err != nil {
		t.Fatal(err)
	}
	return b
}

// Do sends a request through the transport that validates it once more.
func (b *bench) Do(r *http.Request) (*http.Response, error) {
	b.sent, b.body = r.Clone(r.Context()), ""
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		b.body = string(text)
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	return NewTransport(nil, contract.TransportOptions{}).RoundTrip(r)
}

// fieldFor finds a field by the name in its tag.
func fieldFor(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// send sends a value of a type, and reports what comes of it.
func (b *bench) send(c *column, group []kind, k kind, value string) (outcome string, err error) {
	b.sent, b.server.arrived = nil, nil
	name := k.name
	if c.in == "header" {
		name = "X-" + name
	}
	method := reflect.ValueOf(b.client).MethodByName(goName(c.operation(group)) + suffixes[c.in] + "WithResponse")
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	var sent reflect.Value
	for i := 1; i < method.Type().NumIn()-1; i++ {
		arg := reflect.New(method.Type().In(i)).Elem()
		switch {
		case c.in == "path":
			text := sorts[0].values[group[i-1].name][0]
			if group[i-1].name == k.name {
				text, sent = value, arg
			}
			err = unmarshal(text, arg.Addr().Interface())
		case c.in == "text":
			sent = arg
			err = unmarshal(value, arg.Addr().Interface())
		default:
			of := arg
			if arg.Kind() == reflect.Pointer {
				arg.Set(reflect.New(arg.Type().Elem()))
				of = arg.Elem()
			}
			sent = fieldFor(of, name)
			err = unmarshal(value, sent.Addr().Interface())
		}
		if err != nil {
			return none, err
		}
		args = append(args, arg)
	}
	if sent.Kind() == reflect.Pointer && sent.IsNil() || sent.Kind() == reflect.Interface && sent.IsNil() {
		if c.in != "text" && c.in != "path" {
			return none, nil // which is how an absent one looks
		}
	}
	results := method.Call(args)
	if err, _ := results[1].Interface().(error); err != nil {
		if b.sent != nil {
			return "", fmt.Errorf("after sending: %w", err)
		}
		return refused, err
	}
	response := results[0]
	if b.server.arrived == nil {
		return "", fmt.Errorf("status %d: %s", response.Elem().FieldByName("HTTPResponse").Interface().(*http.Response).StatusCode, response.Elem().FieldByName("Body").Bytes())
	}
	got := reflect.ValueOf(b.server.arrived)
	var back reflect.Value // in the response
	switch c.in {
	case "path":
		got = fieldFor(got, name)
	case "text":
		got = got.FieldByName("Body").Elem()
		if back = response.Elem().FieldByName("Text200"); back.IsNil() {
			return "", fmt.Errorf("the response is not read: %s", response.Elem().FieldByName("Body").Bytes())
		}
		back = back.Elem()
	case "form":
		if got = got.FieldByName("Body"); got.IsNil() {
			return absent, nil // with everything else in the form
		}
		got = fieldFor(got.Elem(), name)
		if back = response.Elem().FieldByName("Formdata200"); back.IsNil() {
			return "", fmt.Errorf("the response is not read: %s", response.Elem().FieldByName("Body").Bytes())
		}
		back = fieldFor(back.Elem(), name)
	default:
		if got = fieldFor(got.FieldByName("Params"), name); c.in == "header" {
			back = response.Elem().FieldByName("Headers204").Elem().FieldByName(goName(name))
		}
	}
	outcome, err = compare(sent, got)
	if back.IsValid() && err == nil {
		again, err := compare(sent, back)
		if err != nil || again != outcome {
			return "", fmt.Errorf("in the response: %q, %w", again, err)
		}
	}
	return outcome, err
}

// unmarshal is json.Unmarshal, but that a file is text, as it is everywhere but in the JSON of its own type.
func unmarshal(text string, v any) error {
	file, ok := v.(*openapi_types.File)
	if pointer, is := v.(**openapi_types.File); is {
		*pointer = new(openapi_types.File)
		file, ok = *pointer, true
	}
	if !ok {
		return json.Unmarshal([]byte(text), v)
	}
	var content string
	if err := json.Unmarshal([]byte(text), &content); err != nil {
		return err
	}
	file.InitFromBytes([]byte(content), "")
	return nil
}

var suffixes = map[string]string{"form": "WithFormdataBody", "text": "WithTextBody"}

// compare compares a value with what has arrived.
func compare(sent, got reflect.Value) (string, error) {
	if got.Kind() == reflect.Pointer && sent.Kind() != reflect.Pointer && !got.IsNil() {
		got = got.Elem()
	}
	want, err := json.Marshal(sent.Interface())
	if err != nil {
		return "", err
	}
	if got.IsZero() && sent.Kind() != reflect.String && !sent.IsZero() {
		if text := string(want); text == "[]" || text == "{}" {
			return absent, nil
		}
	}
	have, err := json.Marshal(got.Interface())
	switch {
	case err != nil:
		return "", err
	case string(have) == string(want):
		return same, nil
	case asTexts(have) == asTexts(want):
		return text, nil
	}
	return "", fmt.Errorf("%s arrives as %s", want, have)
}

// asTexts is JSON with each number and boolean as a string.
func asTexts(value []byte) string {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case object:
			for name, item := range v {
				v[name] = walk(item)
			}
		case []any:
			for i, item := range v {
				v[i] = walk(item)
			}
		case json.Number, bool:
			return fmt.Sprint(v)
		}
		return v
	}
	text, _ := json.Marshal(walk(v)) // was unmarshaled
	return string(text)
}

// outcomes runs the cells of a column and a type, one for each sort of values and one for wrong ones.
func (b *bench) outcomes(t *testing.T, c *column, group []kind, k kind) string {
	var row strings.Builder
	for _, sort := range sorts {
		cell := ""
		for _, value := range sort.values[k.name] {
			outcome, err := b.send(c, group, k, value)
			if outcome == "" {
				t.Errorf("%s, %s, %s %s: %v", c.name, k.name, sort.name, value, err)
				outcome = "!"
			}
			if !strings.Contains(cell, outcome) {
				cell += outcome
			}
		}
		if cell == "" {
			cell = none
		}
		row.WriteString(cell + " ")
	}
	return row.String() + b.wrong(t, c, group, k)
}

// wrong sends what a type does not have, and wants a 400 that names the place.
func (b *bench) wrong(t *testing.T, c *column, group []kind, k kind) string {
	value, ok := wrong[k.name]
	if !ok {
		return none
	}
	r, err := c.request(b, group, k, value)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var problem struct {
		Errors []struct{ In, Pointer, Rule string }
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusBadRequest || json.Unmarshal(text, &problem) != nil || len(problem.Errors) != 1 {
		t.Errorf("%s, %s %s: status %d: %s", c.name, k.name, value, resp.StatusCode, text)
		return "!"
	}
	in, pointer := c.in, "/"+k.name
	switch c.in {
	case "header":
		pointer = "/X-" + k.name
	case "text":
		in, pointer = "body", ""
	}
	if e := problem.Errors[0]; e.In != in || !strings.HasPrefix(e.Pointer, pointer) {
		t.Errorf("%s, %s %s: the error is in %s%s", c.name, k.name, value, e.In, e.Pointer)
		return "!"
	}
	return invalid
}

// request makes a request with a value that the client would not send.
func (c *column) request(b *bench, group []kind, k kind, value string) (*http.Request, error) {
	spelled := spellByHand(c, k.name, value)
	target := b.url + "/" + c.operation(group)
	var body io.Reader
	switch c.in {
	case "path":
		for _, of := range group {
			if of.name != k.name {
				target += "/" + spellByHand(c, of.name, sorts[0].values[of.name][0])[0]
			} else {
				target += "/" + spelled[0]
			}
		}
	case "query":
		target += "?" + strings.Join(spelled, "&")
	case "form":
		body = strings.NewReader(strings.Join(spelled, "&"))
	case "text":
		body = strings.NewReader(spelled[0])
	}
	r, err := http.NewRequest("POST", target, body)
	if err != nil {
		return nil, err
	}
	switch c.in {
	case "header":
		r.Header.Set("X-"+k.name, spelled[0])
	case "cookie":
		r.Header.Set("Cookie", strings.Join(spelled, "; "))
	case "form":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case "text":
		r.Header.Set("Content-Type", "text/plain")
	}
	return r, nil
}

// TestMatrix runs every cell and compares the outcomes with the table of the documentation.
func TestMatrix(t *testing.T) {
	b := newBench(t)
	var table bytes.Buffer
	for _, in := range []string{"path", "query", "header", "cookie", "form", "text"} {
		var names []string
		rows := map[string][]string{}
		for i := range columns {
			c := &columns[i]
			if c.in != in {
				continue
			}
			title := c.style
			switch {
			case c.content:
				title = "content"
			case c.style == "":
				title = "(none)"
			case c.explode:
				title += "*"
			}
			names = append(names, title)
			for _, group := range c.groups() {
				for _, k := range group {
					rows[k.name] = append(rows[k.name], b.outcomes(t, c, group, k))
				}
			}
		}
		fmt.Fprintf(&table, "\n### %s\n\n| type | %s |\n|---|%s\n", strings.ToUpper(in[:1])+in[1:], strings.Join(names, " | "), strings.Repeat("---|", len(names)))
		for _, k := range kinds {
			if len(rows[k.name]) > 0 {
				fmt.Fprintf(&table, "| %s | `%s` |\n", k.name, strings.Join(rows[k.name], "` | `"))
			}
		}
	}
	const file, begin = "../../docs/parameters.md", "<!-- table -->\n"
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, old, found := strings.Cut(string(have), begin)
	switch {
	case !found:
		t.Fatalf("%s has no line %s", file, begin)
	case *update:
		if err := os.WriteFile(file, []byte(head+begin+table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	case old != table.String():
		t.Errorf("the table in %s is not what the matrix gives; go test ./internal/matrix -run TestMatrix -update", file)
	}
}

// TestSpelling compares what the client writes with the examples of the specification, spelled by hand.
func TestSpelling(t *testing.T) {
	b := newBench(t)
	for i := range columns {
		c := &columns[i]
		for _, group := range c.groups() {
			for _, k := range group {
				if !strings.Contains(" string integer boolean list list-integer object map union-object date-time ", " "+k.name+" ") {
					continue
				}
				value := sorts[0].values[k.name][0]
				if outcome, err := b.send(c, group, k, value); outcome == none || outcome == refused {
					continue
				} else if err != nil {
					t.Error(err)
					continue
				}
				want := spellByHand(c, k.name, value)
				var have string
				switch c.in {
				case "path":
					have, want = b.sent.URL.EscapedPath(), []string{"/" + want[0] + "/"}
					have += "/"
				case "query":
					have, want = b.sent.URL.RawQuery, []string{strings.Join(want, "&")}
				case "header":
					have = b.sent.Header.Get("X-" + k.name)
				case "cookie":
					have, want = b.sent.Header.Get("Cookie"), []string{strings.Join(want, "; ")}
				case "form":
					have, want = b.body, []string{strings.Join(want, "&")}
				case "text":
					have = b.body
				}
				if have != want[0] && !(c.in == "path" && strings.Contains(have, want[0])) {
					t.Errorf("%s, %s %s: %s, want %s", c.name, k.name, value, have, want[0])
				}
			}
		}
	}
}

// spellByHand spells a value as the tables of the specification do.
func spellByHand(c *column, name, value string) []string {
	d := json.NewDecoder(strings.NewReader(value))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	escape := func(text string) string {
		switch c.in {
		case "header", "text":
			return text
		case "form":
			return url.QueryEscape(text)
		case "cookie":
			if c.style == "cookie" {
				return text
			}
		}
		return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	}
	scalar := func(v any) string {
		switch v.(type) {
		case []any, object:
			text, _ := json.Marshal(v) // was unmarshaled
			return escape(string(text))
		}
		return escape(fmt.Sprint(v))
	}
	members := func(v object) (names []string) { // in the order of the text
		d := json.NewDecoder(strings.NewReader(value))
		for depth := 0; ; {
			token, err := d.Token()
			if err != nil {
				return names
			}
			if delim, ok := token.(json.Delim); ok {
				if depth++; delim == '}' || delim == ']' {
					depth -= 2
				} else if delim == '[' {
					return slices.Sorted(maps.Keys(v)) // in a list any order will do
				}
				continue
			}
			if text, ok := token.(string); ok && depth == 1 {
				if _, ok := v[text]; ok {
					names = append(names, text)
					var skip any
					if err := d.Decode(&skip); err != nil {
						return names
					}
				}
			}
		}
	}
	pairs := c.in == "query" || c.in == "form" || c.in == "cookie"
	if c.content || c.style == "" && c.in == "form" && isObject(v) {
		if pairs {
			return []string{name + "=" + escape(value)}
		}
		return []string{escape(value)}
	}
	style, explode := c.style, c.explode
	if style == "" {
		style, explode = "form", true
	}
	joined := func(separator, between string) string {
		var parts []string
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				parts = append(parts, scalar(item))
			}
		case object:
			for _, n := range members(v) {
				parts = append(parts, escape(n)+between+scalar(v[n]))
			}
		default:
			return scalar(v)
		}
		return strings.Join(parts, separator)
	}
	between := ","
	if explode {
		between = "="
	}
	switch style {
	case "simple":
		return []string{joined(",", between)}
	case "label":
		if explode {
			return []string{"." + joined(".", between)}
		}
		return []string{"." + joined(",", between)}
	case "matrix":
		switch v := v.(type) {
		case object:
			if explode {
				return []string{";" + joined(";", "=")}
			}
		case []any:
			if explode {
				out := ""
				for _, item := range v {
					out += ";" + name + "=" + scalar(item)
				}
				return []string{out}
			}
		}
		return []string{";" + name + "=" + joined(",", ",")}
	case "deepObject":
		var deep func(path string, v any) []string
		deep = func(path string, v any) (all []string) {
			switch v := v.(type) {
			case object:
				for _, n := range members(v) {
					all = append(all, deep(path+"%5B"+escape(n)+"%5D", v[n])...)
				}
			case []any:
				for i, item := range v {
					all = append(all, deep(fmt.Sprintf("%s%%5B%d%%5D", path, i), item)...)
				}
			default:
				all = append(all, path+"="+scalar(v))
			}
			return all
		}
		return deep(name, v)
	case "spaceDelimited":
		if !explode {
			if c.in == "form" {
				return []string{name + "=" + joined("+", "+")}
			}
			return []string{name + "=" + joined("%20", "%20")}
		}
	case "pipeDelimited":
		if !explode {
			return []string{name + "=" + joined("%7C", "%7C")}
		}
	case "text":
		return []string{joined(",", ",")}
	}
	if c.in == "text" {
		if isObject(v) || reflect.TypeOf(v).Kind() == reflect.Slice {
			return []string{value}
		}
		return []string{scalar(v)}
	}
	if !explode {
		return []string{name + "=" + joined(",", ",")}
	}
	var all []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			all = append(all, name+"="+scalar(item))
		}
	case object:
		for _, n := range members(v) {
			items, ok := v[n].([]any)
			if !ok {
				items = []any{v[n]}
			}
			for _, item := range items {
				all = append(all, escape(n)+"="+scalar(item))
			}
		}
	default:
		all = []string{name + "=" + scalar(v)}
	}
	return all
}

func isObject(v any) bool { _, ok := v.(object); return ok }
