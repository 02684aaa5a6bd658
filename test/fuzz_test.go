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
		refused := schema.Check(text, contract.Undirected)
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
		if err := schema.Check(encoded, contract.Undirected); err != nil {
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

// FuzzCheck validates any text against any schema of the document. What is valid decodes, and has no deviations when it is read
// tolerantly. Of what is not, every violation says what is wrong. What [schema.Schema.CheckTolerant] tolerates decodes, with the same
// deviations.
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
		goType := goTypes[schema.Name]
		err := schema.Check(text, contract.Undirected)
		deviations, intolerable := schema.CheckTolerant(text, contract.Undirected)
		if goType.validates {
			_, read, failed := goType.tolerantly(text)
			if !reflect.DeepEqual(rulesOf(failed), rulesOf(intolerable)) {
				t.Fatalf("%s: reading %s tolerantly says\n%v, checking\n%v", schema.Name, text, failed, intolerable)
			}
			if failed == nil && !slices.Equal(rules(violating(read)), rules(violating(deviations))) {
				t.Fatalf("%s: reading %s tolerantly has the deviations\n%v, checking\n%v", schema.Name, text, read, deviations)
			}
		}
		if err != nil {
			if intolerable == nil && len(violating(deviations)) == 0 {
				t.Fatalf("%s: %s is refused, but read tolerantly without any deviation: %v", schema.Name, text, err)
			}
			for _, v := range violations(t, err) {
				if v.Rule == "" || v.Want == "" || v.Message() == "" {
					t.Errorf("%s: a violation of %s says nothing: %+v", schema.Name, text, v)
				}
			}
			return
		}
		if intolerable != nil || len(violating(deviations)) > 0 {
			t.Fatalf("%s: %s is valid, but read tolerantly with %v, %v", schema.Name, text, deviations, intolerable)
		}
		roundTrip(t, schema, text)
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

// violating are the deviations that are violations, which undeclared members are not.
func violating(deviations []contract.Violation) []contract.Violation {
	return slices.DeleteFunc(slices.Clone(deviations), func(v contract.Violation) bool { return v.Rule == "undeclared" })
}
