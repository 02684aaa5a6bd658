package wire

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// Values of every style in a form are tested by internal/matrix; here is what stands around them.

func formContent() *Content {
	flat := &schema.Schema{Types: schema.Object, Properties: []schema.Property{{Name: "x", Schema: wholeNumber}, {Name: "y", Schema: wholeNumber}}}
	return &Content{MediaType: "application/x-www-form-urlencoded", Kind: Form,
		Schema: &schema.Schema{Types: schema.Object, Required: []string{"name"},
			Properties: []schema.Property{
				{Name: "deep", Schema: flat}, {Name: "list", Schema: &schema.Schema{Types: schema.Array, Items: wholeNumber}}, {Name: "name", Schema: text},
				{Name: "object", Schema: flat}, {Name: "objects", Schema: &schema.Schema{Types: schema.Array, Items: flat}},
				{Name: "piped", Schema: &schema.Schema{Types: schema.Array, Items: text}}, {Name: "spread", Schema: flat},
			}},
		Encoding: []Encoding{
			{Member: "deep", Style: "deepObject", Explode: true}, {Member: "piped", Style: "pipeDelimited"}, {Member: "spread", Style: "form", Explode: true},
		},
	}
}

func TestForm(t *testing.T) {
	c := formContent()
	for form, want := range map[string]string{
		"name=a+b%2B%26":                `{"name":"a b+&"}`,
		"name=":                         `{"name":""}`,
		"name=x&list=1&list=2":          `{"list":[1,2],"name":"x"}`,
		"name=x&other=1":                `{"name":"x","other":"1"}`,
		"deep[x]=1&name=x":              `{"deep":{"x":1},"name":"x"}`,
		"name=x&object=%7B%22x%22:1%7D": `{"name":"x","object":{"x":1}}`,
		"name=x&objects=%7B%22x%22:1%7D&objects={}": `{"name":"x","objects":[{"x":1},{}]}`,
		"name=n&piped=a%7Cb":                        `{"name":"n","piped":["a","b"]}`,
		"name=n&x=1&y=2":                            `{"name":"n","spread":{"x":1,"y":2}}`,
		"name=%F0%9D%84%9E&&":                       `{"name":"𝄞"}`,
		"name=x&list=1&other=a&list=2&deep[":        `{"list":[1,2],"name":"x","other":"a","deep[":""}`,
	} {
		got, violations := formJSON(form, c, c.form())
		if len(violations) > 0 || schema.Canonical(got) != schema.Canonical(want) {
			t.Errorf("%s is %s, %v; want %s", form, got, violations, want)
			continue
		}
		spelled, err := spellForm(got, c, schema.InRequest)
		if err != nil {
			t.Errorf("%s: %v", got, err)
			continue
		}
		if again, violations := formJSON(spelled, c, c.form()); len(violations) > 0 || schema.Canonical(again) != schema.Canonical(want) {
			t.Errorf("%s is written as %s, which is %s, %v", got, spelled, again, violations)
		}
	}
	for form, want := range map[string]string{
		"name=%":                         "syntax",
		"name=%zz":                       "syntax",
		"name=%FF":                       "/name syntax",
		"name=a&name=b":                  "/name duplicate",
		"object=%7B":                     "/object syntax",
		strings.Repeat("a=1&", maxPairs): "size",
	} {
		_, violations := formJSON(form, c, c.form())
		if got := rules(&schema.ValidationError{Violations: violations}); !slices.Equal(got, []string{want}) {
			t.Errorf("%.40s: got %q, want %q", form, got, want)
		}
	}
	var invalid *FormError
	if _, err := spellForm(`{"name":"n","piped":["a|b"]}`, c, schema.InRequest); !errors.As(err, &invalid) || invalid.Member != "piped" {
		t.Errorf("a separator in an item: %v", err)
	}
	if _, err := spellForm(`{"name":"n","spread":{"name":"x"}}`, c, schema.InRequest); !errors.As(err, &invalid) || invalid.Member != "spread" {
		t.Errorf("a member of an object with the name of another one: %v", err)
	}
}

// A Content may be copied, and is read by several goroutines at a time.
func TestContentCopied(t *testing.T) {
	original := formContent()
	done := make(chan string)
	for range 8 {
		go func() {
			c := *original
			json, _ := formJSON("name=x", &c, c.form())
			done <- json
		}()
	}
	for range 8 {
		if json := <-done; json != `{"name":"x"}` {
			t.Error(json)
		}
	}
}

// What is read in parts is tested by internal/bodies.
func TestRespondMultipart(t *testing.T) {
	recorder := httptest.NewRecorder()
	err := RespondMultipart(recorder, nil, http.StatusOK, "multipart/mixed", func(w *multipart.Writer) error {
		part, err := w.CreateFormFile("file", "a.txt")
		if err != nil {
			return err
		}
		_, err = io.WriteString(part, "content")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mediaType, parameters, err := mime.ParseMediaType(recorder.Header().Get("Content-Type"))
	if err != nil || mediaType != "multipart/mixed" {
		t.Fatalf("Content-Type: %s, %v", mediaType, err)
	}
	part, err := multipart.NewReader(recorder.Body, parameters["boundary"]).NextPart()
	if err != nil || part.FileName() != "a.txt" || part.FormName() != "file" {
		t.Fatalf("got %v, %v", part, err)
	}
	if content, err := io.ReadAll(part); err != nil || string(content) != "content" {
		t.Errorf("got %q, %v", content, err)
	}
	fails := func(*multipart.Writer) error { return io.ErrUnexpectedEOF }
	if err := RespondMultipart(httptest.NewRecorder(), nil, http.StatusOK, "multipart/mixed", fails); err != io.ErrUnexpectedEOF {
		t.Errorf("the error of the writer is lost: %v", err)
	}
}

// The first "=" ends the name of a member, so a value in a header may have more.
func TestEqualsSigns(t *testing.T) {
	p := &Parameter{Name: "X", In: "header", Style: "simple", Explode: true, Schema: &schema.Schema{Types: schema.Object, Additional: &schema.Schema{Types: schema.String}}}
	for text, want := range map[string]string{`{"token":"abc==","x":"="}`: "token=abc==,x==", `{"a=b":"c"}`: ""} {
		v := parseValue(text)
		spelled, err := p.spell(&v, forHeader)
		if spelled != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", text, spelled, err, want)
		}
		if want == "" {
			continue
		}
		if back := p.readHeader([]string{spelled}); p.verify(&v, back, schema.InRequest) != nil {
			t.Errorf("%s is read back from %q as %s", text, spelled, back.text)
		}
	}
}

// The names of parts and files are written as RFC 7578 has them, and read again.
func TestFormDisposition(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"a", "", `form-data; name="a"`}, {"a b", "é.png", `form-data; name="a b"; filename="é.png"`},
		{`we"ird\; name`, `日本"`, `form-data; name="we\"ird\\; name"; filename="日本\""`},
		{"a\r\nb", "", "form-data; name*=utf-8''a%0D%0Ab"}, {"\xff", "", "form-data; name=\"\xff\""},
	} {
		text := formDisposition(test.name, test.file)
		if text != test.want {
			t.Errorf("%q, %q: %s, want %s", test.name, test.file, text, test.want)
		}
		part := multipart.Part{Header: textproto.MIMEHeader{"Content-Disposition": {text}}}
		if part.FormName() != test.name || part.FileName() != test.file {
			t.Errorf("%s is read as %q, %q", text, part.FormName(), part.FileName())
		}
	}
}

// Names in brackets that contradict each other are an error, also where the schema accepts any value.
func TestDeepObject(t *testing.T) {
	anything, list := &schema.Schema{}, &schema.Schema{Types: schema.Array, Items: &schema.Schema{Types: schema.String}}
	for _, test := range []struct {
		query, want string // JSON; empty for an error
		schema      *schema.Schema
	}{
		{"u=1", `"1"`, anything}, {"u[a]=1&u[b][c]=2", `{"a":"1","b":{"c":"2"}}`, anything}, {"u[]=1", `["1"]`, anything},
		{"u[]=1&u[]=2", `["1","2"]`, anything}, {"u[a][]=1", `{"a":["1"]}`, anything}, {"u[0]=1", `{"0":"1"}`, anything},
		{"u[a]=1&u[a][b]=2", "", anything}, {"u=1&u[a]=2", "", anything}, {"u=1&u[]=2", "", anything},
		{"u[]=1&u=2&u[0]=3", `["2","1","3"]`, list}, {"u=1&u[a]=2", "", list},
	} {
		p := &Parameter{Name: "u", In: "query", Style: "deepObject", Explode: true, Schema: test.schema}
		var pairs []pair
		for part := range strings.SplitSeq(test.query, "&") {
			name, value, _ := strings.Cut(part, "=")
			pairs = append(pairs, pair{name, value})
		}
		got := p.readDeep(pairs, asItIs)
		if got.want == "" && got.text != test.want || (got.want != "") != (test.want == "") {
			t.Errorf("%s: %s, %q; want %s", test.query, got.text, got.want, test.want)
		}
	}
}
