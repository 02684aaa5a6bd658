package test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func FuzzInterconnect(f *testing.F) {
	fuzzUnion[interconnect.Interconnect](f, "nsc_Interconnect")
}

func FuzzInterconnectCreate(f *testing.F) {
	fuzzUnion[interconnect.InterconnectCreate](f, "nsc_InterconnectCreate")
}

func FuzzInterconnectStatus(f *testing.F) {
	fuzzUnion[interconnect.InterconnectStatus](f, "nsc_StatusInfo")
}

// fuzzUnion decodes any text as a union. What decodes is what the schema accepts, no less and no more, and survives being
// encoded and decoded again. The seeds are the payloads of all schemas, as those of another one are the likeliest mistake.
func fuzzUnion[Union any](f *testing.F, key string) {
	for _, kind := range []string{"valid", "invalid"} {
		for _, e := range examples(f, kind) {
			f.Add(e.payload)
		}
	}
	schema := interconnect.Schemas()[key]
	f.Fuzz(func(t *testing.T, text []byte) {
		_, refused := schema.Check(text, contract.Undirected)
		var value Union
		err := json.Unmarshal(text, &value)
		if (err == nil) != (refused == nil) {
			t.Fatalf("%s: decoding says %v, the schema %v", text, err, refused)
		}
		if err != nil {
			return
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("%s decodes to a value that does not encode: %v", text, err)
		}
		if _, err := schema.Check(encoded, contract.Undirected); err != nil {
			t.Fatalf("%s is encoded as %s, which is invalid: %v", text, encoded, err)
		}
		var again Union
		if err := json.Unmarshal(encoded, &again); err != nil {
			t.Fatalf("%s is encoded as %s, which does not decode: %v", text, encoded, err)
		}
		if !reflect.DeepEqual(again, value) {
			t.Fatalf("%s and %s, as which it is encoded, decode to different values", text, encoded)
		}
	})
}

// FuzzCheck holds any text against any schema of the document. What is accepted decodes, and what tolerant reading says of it
// is the same. Of what is refused, every violation says what is wrong.
func FuzzCheck(f *testing.F) {
	schemas := interconnect.Schemas()
	keys := slices.Sorted(maps.Keys(schemas))
	for _, kind := range []string{"valid", "invalid"} {
		for _, e := range examples(f, kind) {
			f.Add(byte(slices.Index(keys, e.schema.Name)), e.payload)
		}
	}
	f.Fuzz(func(t *testing.T, index byte, text []byte) {
		schema := schemas[keys[int(index)%len(keys)]]
		checked, err := schema.Check(text, contract.Undirected)
		tolerated, deviations, intolerable := schema.CheckTolerant(text, contract.Undirected)
		if intolerable == nil {
			if _, err := goTypes[schema.Name].tolerantly(tolerated); err != nil {
				t.Fatalf("%s: tolerant reading of %s makes %s, which does not decode: %v", schema.Name, text, tolerated, err)
			}
		}
		if err != nil {
			if intolerable == nil && len(deviations) == 0 {
				t.Fatalf("%s: %s is refused, but read tolerantly without any deviation: %v", schema.Name, text, err)
			}
			for _, v := range violations(t, err) {
				if v.Rule == "" || v.Want == "" || v.Message() == "" {
					t.Errorf("%s: a violation of %s says nothing: %+v", schema.Name, text, v)
				}
			}
			return
		}
		deviations = slices.DeleteFunc(deviations, undeclared) // which are no violations
		if intolerable != nil || len(deviations) > 0 || string(tolerated) != string(checked) {
			t.Fatalf("%s: %s is accepted, but read tolerantly as %s with %v, %v", schema.Name, text, tolerated, deviations, intolerable)
		}
		again, err := schema.Check(checked, contract.Undirected)
		if err != nil || string(again) != string(checked) {
			t.Fatalf("%s: %s becomes %s, which becomes %s, %v", schema.Name, text, checked, again, err)
		}
		roundTrip(t, schema, checked)
	})
}

func violations(t *testing.T, err error) []contract.Violation {
	t.Helper()
	invalid, ok := err.(*contract.ValidationError)
	if !ok || len(invalid.Violations) == 0 {
		t.Fatalf("want a ValidationError with violations, got %T", err)
	}
	return invalid.Violations
}

func undeclared(v contract.Violation) bool { return v.Rule == "undeclared" }
