package wire_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// examples are where real payloads are, valid and not.
const examples = "../../api/examples"

// A reading is a generated type, read and written by its methods, and the schema that a checker has for it.
type reading struct {
	name  string
	value func() any
}

func of[T any](name string) reading { return reading{name, func() any { return new(T) }} }

var readings = []reading{
	of[interconnect.Interconnect]("nsc_Interconnect"), of[interconnect.InterconnectList]("nsc_InterconnectList"),
	of[interconnect.InterconnectCreate]("nsc_InterconnectCreate"), of[interconnect.InterconnectStatus]("nsc_StatusInfo"),
	of[interconnect.CNI]("nsc_Cni"), of[interconnect.CNIList]("nsc_CniList"), of[interconnect.CNICreate]("nsc_CniCreate"),
	of[interconnect.CNIUpdate]("nsc_CniUpdate"), of[interconnect.Slot]("nsc_SlotInfo"), of[interconnect.SlotList]("nsc_SlotList"),
	of[interconnect.Settings]("nsc_Settings"), of[interconnect.SettingsUpdate]("nsc_SettingsRequest"), of[interconnect.Failure]("Failure"),
	of[interconnect.MagicSettings]("nsc_MagicSettings"), of[interconnect.Facility]("nsc_FacilityInfo"), of[interconnect.BGPControl]("nsc_BgpControl"),
}

// FuzzRead reads texts strictly and tolerantly, by the checker and into Go values: nothing panics, the two agree, and what has been read comes back.
// Without fuzzing it is a test with all examples. The number selects the type.
func FuzzRead(f *testing.F) {
	seeds := 0
	whole := map[int][][]byte{}
	err := filepath.WalkDir(examples, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		i := slices.IndexFunc(readings, func(r reading) bool { return r.name == filepath.Base(filepath.Dir(path)) })
		if err == nil && i >= 0 {
			f.Add(uint8(i), text)
			seeds++
			whole[i] = append(whole[i], text)
		}
		return err
	})
	if err != nil || seeds < 500 {
		f.Fatalf("%d examples, %v", seeds, err)
	}
	for i, texts := range whole { // a text can end anywhere
		longest := slices.MaxFunc(texts, func(a, b []byte) int { return len(a) - len(b) })
		for _, text := range [][]byte{texts[0], longest[:min(len(longest), 1000)]} {
			for end := range text {
				f.Add(uint8(i), text[:end])
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text []byte) {
		r := readings[int(i)%len(readings)]
		s := interconnect.Schemas()[r.name]
		value := r.value()
		err := value.(json.Unmarshaler).UnmarshalJSON(text)
		checked := s.Check(text, schema.Undirected)
		if (err == nil) != (checked == nil) {
			t.Fatalf("%s: the reader says %v, the checker %v", r.name, err, checked)
		}
		if err == nil {
			comesBack(t, r, value, true, func(v any) ([]byte, error) { return v.(json.Marshaler).MarshalJSON() }, func(text []byte, v any) error {
				return v.(json.Unmarshaler).UnmarshalJSON(text)
			})
		} else {
			same(t, err, checked)
		}
		value = r.value()
		deviations, err := contract.UnmarshalTolerant(text, value.(json.Unmarshaler))
		tolerated, checked := s.CheckTolerant(text, schema.Undirected)
		if (err == nil) != (checked == nil) {
			t.Fatalf("%s: tolerantly, the reader says %v, the checker %v", r.name, err, checked)
		}
		if err != nil {
			same(t, err, checked)
			return
		}
		if undeclared := func(v schema.Violation) bool { return v.Rule != "undeclared" }; slices.ContainsFunc(deviations, undeclared) !=
			slices.ContainsFunc(tolerated, undeclared) {
			t.Fatalf("%s: the reader tolerates %v, the checker %v", r.name, deviations, tolerated)
		}
		if _, err := contract.MarshalTolerant(value); err != nil {
			return // values that are missing, such as that of a union
		}
		comesBack(t, r, value, false, contract.MarshalTolerant, func(text []byte, v any) error {
			_, err := contract.UnmarshalTolerant(text, v.(json.Unmarshaler))
			return err
		})
	})
}

// comesBack writes a value, reads that, and writes it again. What was read tolerantly need not be the same value exactly: a list that is missing is
// written as an empty one.
func comesBack(t *testing.T, r reading, value any, exact bool, write func(any) ([]byte, error), read func([]byte, any) error) {
	t.Helper()
	written, err := write(value)
	if err != nil {
		t.Fatalf("%s: %#v was read, but cannot be written: %v", r.name, value, err)
	}
	again := r.value()
	if err := read(written, again); err != nil {
		t.Fatalf("%s: %s was written, but cannot be read: %v", r.name, written, err)
	}
	if exact && !reflect.DeepEqual(again, value) {
		t.Fatalf("%s: %#v comes back as %#v", r.name, value, again)
	}
	rewritten, err := write(again)
	if err != nil || string(rewritten) != string(written) {
		t.Fatalf("%s: %s is written again as %s, %v", r.name, written, rewritten, err)
	}
}

// same compares what the reader and the checker say, but for unions, of which the reader may know more.
func same(t *testing.T, reader, checker error) {
	t.Helper()
	var a, b *schema.ValidationError
	if !errors.As(reader, &a) || !errors.As(checker, &b) {
		t.Fatalf("the errors are %T and %T", reader, checker)
	}
	places := func(e *schema.ValidationError) (places []string) {
		for _, v := range e.Violations {
			places = append(places, v.Pointer+" "+v.Rule)
		}
		slices.Sort(places)
		return slices.Compact(places)
	}
	if x, y := places(a), places(b); !slices.Equal(x, y) {
		t.Errorf("the reader says %v, the checker %v", x, y)
	}
}
