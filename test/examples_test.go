package test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// An example is a payload of api/examples.
type example struct {
	name       string // "nsc_Cni/full"
	schema     *contract.Schema
	payload    []byte
	violations []string // only of the invalid ones
	tolerant   []string // nil if there is no such file
}

// examples reads the payloads below examples/valid or examples/invalid.
func examples(t testing.TB, kind string) []example {
	t.Helper()
	read := func(name string) []byte {
		text, err := api.Examples.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	root := "examples/" + kind
	schemas := interconnect.Schemas()
	var found []example
	files := map[string]int{}
	err := fs.WalkDir(api.Examples, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		key := path.Base(path.Dir(name))
		declared := schemas[key]
		if declared == nil {
			t.Fatalf("%s: the document has no schema %q", name, key)
		}
		base, isPayload := strings.CutSuffix(name, ".json")
		if !isPayload {
			payload := strings.TrimSuffix(name, path.Ext(name)) + ".json"
			if _, err := fs.Stat(api.Examples, payload); err != nil || kind == "valid" {
				t.Errorf("%s belongs to no invalid payload", name)
			}
			return nil
		}
		files[key]++
		e := example{name: strings.TrimPrefix(base, root+"/"), schema: declared, payload: read(name)}
		if kind == "invalid" {
			e.violations = lines(read(base + ".violations"))
			if _, err := fs.Stat(api.Examples, base+".tolerant"); err == nil {
				e.tolerant = lines(read(base + ".tolerant"))
			}
		}
		found = append(found, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(schemas)) {
		if files[key] == 0 {
			t.Errorf("%s/%s: there is no payload; add one", root, key)
		}
	}
	return found
}

func lines(text []byte) []string {
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestValidExamples(t *testing.T) {
	for _, e := range examples(t, "valid") {
		t.Run(e.name, func(t *testing.T) {
			if err := e.schema.Check(e.payload, contract.Undirected); err != nil {
				t.Fatalf("refused: %v", err)
			}
			deviations, err := e.schema.CheckTolerant(e.payload, contract.Undirected)
			if err != nil || len(violating(deviations)) > 0 {
				t.Errorf("read tolerantly: %v, %v", deviations, err)
			}
			got := schema.Canonical(string(roundTrip(t, e.schema, e.payload)))
			if want := canonical(t, known(e.schema, decoded(t, e.payload))); got != want {
				t.Errorf("decoded and encoded:\n got %s\nwant %s", got, want)
			}
		})
	}
}

// What an example calls unknown is spelled so that no later version of the document knows it.
func TestUnknownStaysUnknown(t *testing.T) {
	unknown := regexp.MustCompile(`(?i)"no[_-]?such`)
	for _, kind := range []string{"valid", "invalid"} {
		for _, e := range examples(t, kind) {
			if strings.Contains(e.name, "unknown") && !strings.Contains(e.name, "to-escape") && !unknown.Match(e.payload) {
				t.Errorf("%s: want names such as no_such_member for what is unknown, as another one may become known", e.name)
			}
		}
	}
}

func TestInvalidExamples(t *testing.T) {
	for _, e := range examples(t, "invalid") {
		t.Run(e.name, func(t *testing.T) {
			equal(t, "violations", rulesOf(e.schema.Check(e.payload, contract.Undirected)), e.violations)
			if goType := goTypes[e.schema.Name]; goType.validates {
				_, err := goType.decode(e.payload)
				if _, ok := errors.AsType[*json.SyntaxError](err); !ok { // which json.Unmarshal finds before
					equal(t, "violations of decoding", rulesOf(err), e.violations)
				}
			}
			if e.tolerant != nil {
				tolerantly(t, e)
			}
		})
	}
}

// tolerantly reads an invalid value of a union tolerantly: the first line says as which variant, the others with which deviations.
func tolerantly(t *testing.T, e example) {
	deviations, err := e.schema.CheckTolerant(e.payload, contract.Undirected)
	if err != nil {
		t.Error(err)
	}
	equal(t, "deviations", rules(deviations), e.tolerant[1:])

	value, _, err := goTypes[e.schema.Name].tolerantly(e.payload)
	if err != nil {
		t.Fatal(err)
	}
	variant := reflect.ValueOf(value).MethodByName("Value").Call(nil)[0].Elem().Type()
	key, _ := strings.CutPrefix(e.tolerant[0], "variant ")
	want, _ := goTypes[key].decode([]byte("{}"))
	equal(t, "variant", variant, reflect.TypeOf(want))
}

// known is what Go types keep of a valid value: members that the document knows, unless they are optional and null, which
// means the same as absent everywhere but in an update of the settings. Some of those are written as null. UUIDs become lower case.
func known(s *contract.Schema, value any) any {
	switch value := value.(type) {
	case map[string]any:
		if len(s.OneOf) > 0 {
			return known(s.OneOf[s.Choose(encoded(value))], value)
		}
		if len(s.Properties) == 0 {
			return value // a map in Go
		}
		kept := map[string]any{}
		for _, p := range s.Properties {
			member, ok := value[p.Name]
			switch {
			case member != nil || ok && (slices.Contains(s.Required, p.Name) || s.Name == "nsc_SettingsRequest"):
				kept[p.Name] = known(p.Schema, member)
			case slices.Contains(writtenAsNull, p.Name):
				kept[p.Name] = nil
			}
		}
		return kept
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = known(s.Items, item)
		}
		return items
	case string:
		if s.Format == "uuid" {
			return strings.ToLower(value)
		}
	}
	return value
}

// writtenAsNull are the members that are written even if they are nil (x-omitempty: false).
var writtenAsNull = []string{"next", "reason", "result"}

func decoded(t testing.TB, text []byte) (value any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return text
}

func canonical(t testing.TB, value any) string {
	t.Helper()
	return schema.Canonical(string(encoded(value)))
}

// TestDocumentExamples validates every example of the document against the schemas that were generated from it.
func TestDocumentExamples(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(api.Document)
	if err != nil {
		t.Fatal(err)
	}
	d := documentExamples{T: t, used: map[*openapi3.Example]bool{}}
	for key, declared := range document.Components.Schemas {
		d.schema(key, declared.Value, interconnect.Schemas()[key])
	}
	for _, op := range interconnect.Operations() {
		declared := document.Paths.Find(op.Path).GetOperation(op.Method)
		parameters := slices.Concat(document.Paths.Find(op.Path).Parameters, declared.Parameters)
		for _, p := range op.Parameters {
			d.value(op.ID+" "+p.Name, parameters.GetByInAndName(p.In, p.Name).Example, p.Schema)
		}
		if op.Body != nil {
			d.content(op.ID, declared.RequestBody.Value.Content, op.Body.Content)
		}
		for _, r := range op.Responses {
			response := declared.Responses.Value(r.Status).Value
			d.content(op.ID+" "+r.Status, response.Content, r.Content)
			for _, h := range r.Headers {
				d.value(op.ID+" "+h.Name, response.Headers[h.Name].Value.Example, h.Schema)
			}
		}
	}
	for name, e := range document.Components.Examples {
		if !d.used[e.Value] {
			t.Errorf("#/components/examples/%s is not used", name)
		}
	}
	if d.checked == 0 {
		t.Error("no example found")
	}
	t.Logf("%d examples", d.checked)
}

type documentExamples struct {
	*testing.T
	used    map[*openapi3.Example]bool
	checked int
}

// schema checks the examples of a schema and of its inline properties.
func (d *documentExamples) schema(where string, declared *openapi3.Schema, s *contract.Schema) {
	d.value(where, declared.Example, s)
	for _, p := range s.Properties {
		if property := declared.Properties[p.Name]; property.Ref == "" && property.Value.Example != nil {
			d.schema(where+" "+p.Name, property.Value, p.Schema)
		}
	}
}

func (d *documentExamples) content(where string, declared openapi3.Content, contents []contract.Content) {
	for _, c := range contents {
		media := declared[c.MediaType]
		if media.Example == nil && len(media.Examples) == 0 {
			d.Errorf("%s: %s has no example; add one", where, c.MediaType)
		}
		if media.Example != nil {
			d.value(where, media.Example, c.Schema)
		}
		for name, e := range media.Examples {
			d.used[e.Value] = true
			d.value(where+" "+name, e.Value.Value, c.Schema)
		}
	}
}

func (d *documentExamples) value(where string, example any, s *contract.Schema) {
	switch {
	case example == nil:
		d.Errorf("%s has no example; add one", where)
	case s == nil: // no JSON
		if _, ok := example.(string); !ok {
			d.Errorf("%s: the example is %T, want text", where, example)
		}
	default:
		if err := s.Check(encoded(example), contract.Undirected); err != nil {
			d.Errorf("%s: %v", where, err)
		}
	}
	d.checked++
}
