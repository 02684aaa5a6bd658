package wire

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// This file tests the readers and writers of values, one kind at a time. What generated code makes of them is tested with the generated packages.

// A kind is a reader and a writer of one Go type.
type kind struct {
	read  func(text string, s *schema.Schema, mode schema.Mode) (v any, deviations []schema.Violation, err error)
	write func(v any, s *schema.Schema) (string, error)
}

func kindOf[T any](read ReadFunc[T], write WriteFunc[T]) kind {
	return kind{
		func(text string, s *schema.Schema, mode schema.Mode) (any, []schema.Violation, error) {
			v, deviations, err := Read(text, read, s, schema.Undirected, mode)
			if err != nil {
				return nil, deviations, err
			}
			return *v, deviations, nil
		},
		func(v any, s *schema.Schema) (string, error) {
			value := v.(T)
			text, err := Write(&value, write, s, schema.Undirected)
			return string(text), err
		},
	}
}

var (
	intKind   = kindOf(ReadInt[int], WriteInt[int])
	int8Kind  = kindOf(ReadInt[int8], WriteInt[int8])
	uintKind  = kindOf(ReadInt[uint64], WriteInt[uint64])
	floatKind = kindOf(ReadFloat[float64], WriteFloat[float64])
	smallKind = kindOf(ReadFloat[float32], WriteFloat[float32])
	exactKind = kindOf(ReadNumber[json.Number], WriteNumber[json.Number])
	textKind  = kindOf(ReadString[string], WriteString[string])
	boolKind  = kindOf(ReadBool[bool], WriteBool[bool])
	uuidKind  = kindOf(ReadUUID[uuid.UUID], WriteUUID[uuid.UUID])
	timeKind  = kindOf(ReadTime, WriteTime)
	dateKind  = kindOf(ReadDate, WriteDate)
	bytesKind = kindOf(ReadBytes[[]byte], WriteBytes[[]byte])
	spanKind  = kindOf(ReadDuration, WriteDuration)
	anyKind   = kindOf(ReadAny, WriteAny)
	rawKind   = kindOf(ReadRaw[json.RawMessage], WriteRaw[json.RawMessage])
	urlKind   = kindOf(ReadForeign[map[string]int], WriteForeign[map[string]int])

	listKind = kindOf(
		func(v *[]int, r *Reader, s *schema.Schema) { ReadList(v, r, s, ReadInt[int]) },
		func(v *[]int, w *Writer, s *schema.Schema) { WriteList(v, w, s, WriteInt[int]) })
	mapKind = kindOf(
		func(v *map[string]int, r *Reader, s *schema.Schema) { ReadMap(v, r, s, ReadInt[int]) },
		func(v *map[string]int, w *Writer, s *schema.Schema) { WriteMap(v, w, s, WriteInt[int]) })
	pointerKind = kindOf(
		func(v **int, r *Reader, s *schema.Schema) { ReadPointer(v, r, s, ReadInt[int]) },
		func(v **int, w *Writer, s *schema.Schema) { WritePointer(v, w, s, WriteInt[int]) })
	optionKind = kindOf(
		func(v *nullable.Nullable[int], r *Reader, s *schema.Schema) { ReadOption(v, r, s, ReadInt[int]) },
		func(v *nullable.Nullable[int], w *Writer, s *schema.Schema) { WriteOption(v, w, s, WriteInt[int]) })
)

var (
	number      = &schema.Schema{Types: schema.Number}
	wholeNumber = &schema.Schema{Types: schema.Integer}
	text        = &schema.Schema{Types: schema.String}
)

func format(name string) *schema.Schema { return &schema.Schema{Types: schema.String, Format: name} }

func rules(err error) []string {
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var names []string
	for _, v := range invalid.Violations {
		names = append(names, strings.TrimSpace(v.Pointer+" "+v.Rule))
	}
	return names
}

func TestReadAndWrite(t *testing.T) {
	const id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	six := 6
	for _, c := range []struct {
		kind   kind
		schema *schema.Schema
		text   string
		want   any
		again  string // what it is written as; empty for the same
	}{
		{intKind, wholeNumber, `-9223372036854775808`, math.MinInt64, ""},
		{intKind, wholeNumber, `9223372036854775807`, math.MaxInt64, ""},
		{intKind, wholeNumber, ` 15e1 `, 150, "150"},
		{intKind, wholeNumber, `1.00`, 1, "1"},
		{intKind, wholeNumber, `-0`, 0, "0"},
		{int8Kind, wholeNumber, `-128`, int8(-128), ""},
		{uintKind, wholeNumber, `18446744073709551615`, uint64(math.MaxUint64), ""},
		{uintKind, wholeNumber, `1844674407370955161.5e1`, uint64(math.MaxUint64), "18446744073709551615"},
		{floatKind, number, `1e400`[:3], 1e4, "10000"},
		{floatKind, number, `0.1`, 0.1, ""},
		{floatKind, number, `-0.0`, math.Copysign(0, -1), "-0"},
		{floatKind, number, `5e-324`, 5e-324, ""},
		{smallKind, number, `3.4028235e38`, float32(math.MaxFloat32), "3.4028235e+38"},
		{exactKind, number, `0.1000000000000000000000001`, json.Number("0.1000000000000000000000001"), ""},
		{exactKind, number, `1e400`, json.Number("1e400"), ""},
		{textKind, text, `"\u0000\ud834\udd1e\/\n\t\r\\\"\b\f<>&"`, "\x00𝄞/\n\t\r\\\"\b\f<>&", `"\u0000𝄞/\n\t\r\\\"\u0008\u000c<>&"`},
		{textKind, text, `""`, "", ""},
		{textKind, text, `"12345678é"`, "12345678é", ""},
		{boolKind, &schema.Schema{Types: schema.Boolean}, `true`, true, ""},
		{boolKind, &schema.Schema{Types: schema.Boolean}, `false`, false, ""},
		{uuidKind, format("uuid"), `"` + strings.ToUpper(id) + `"`, uuid.MustParse(id), `"` + id + `"`},
		{timeKind, format("date-time"), `"2026-08-14t09:30:00.250z"`, time.Date(2026, 8, 14, 9, 30, 0, 25e7, time.UTC), `"2026-08-14T09:30:00.25Z"`},
		{dateKind, format("date"), `"2024-02-29"`, openapi_types.Date{Time: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}, ""},
		{bytesKind, format("byte"), `"aGVsbG8h"`, []byte("hello!"), ""},
		{anyKind, &schema.Schema{}, `{"a":[1e400,"x",null,true,{}]}`,
			map[string]any{"a": []any{json.Number("1e400"), "x", nil, true, map[string]any{}}}, ""},
		{rawKind, &schema.Schema{}, `{"a": [1.50]}`, json.RawMessage(`{"a": [1.50]}`), ""},
		{urlKind, &schema.Schema{Types: schema.Object}, `{"a":1}`, map[string]int{"a": 1}, ""},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber}, `[]`, []int{}, ""},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber}, "[1,\n2]", []int{1, 2}, "[1,2]"},
		{mapKind, &schema.Schema{Types: schema.Object, Additional: wholeNumber}, `{"b":1,"a\"":2}`, map[string]int{"b": 1, `a"`: 2}, `{"a\"":2,"b":1}`},
		{mapKind, &schema.Schema{Types: schema.Object}, `{}`, map[string]int{}, ""},
		{pointerKind, wholeNumber, `6`, &six, ""},
		{pointerKind, &schema.Schema{Types: schema.Integer, Nullable: true}, `null`, (*int)(nil), ""},
		{optionKind, &schema.Schema{Types: schema.Integer | schema.Null}, `null`, nullable.NewNullNullable[int](), ""},
		{optionKind, &schema.Schema{Types: schema.Integer | schema.Null}, `6`, nullable.NewNullableWithValue(6), ""},
	} {
		got, deviations, err := c.kind.read(c.text, c.schema, schema.Strict)
		if at, ok := got.(time.Time); ok {
			if !at.Equal(c.want.(time.Time)) {
				t.Errorf("%s is read as %v", c.text, got)
			}
		} else if err != nil || len(deviations) > 0 || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is read as %#v, %v, %v; want %#v", c.text, got, deviations, err, c.want)
			continue
		}
		want := c.again
		if want == "" {
			want = c.text
		}
		if written, err := c.kind.write(got, c.schema); err != nil || written != want {
			t.Errorf("%s is written as %s, %v; want %s", c.text, written, err, want)
		}
	}
}

// What a Go type cannot hold is refused in every mode, and what only the schema forbids is tolerated.
func TestReadRefuses(t *testing.T) {
	bounded := &schema.Schema{Types: schema.Integer, Minimum: "5", MultipleOf: "5", Enum: []string{"10", "12"}}
	for _, c := range []struct {
		kind      kind
		schema    *schema.Schema
		text      string
		want      []string
		tolerated bool
	}{
		{intKind, wholeNumber, `9223372036854775808`, []string{"type"}, false},
		{intKind, wholeNumber, `1e100`, []string{"type"}, false},
		{intKind, wholeNumber, `1.5`, []string{"type"}, false},
		{intKind, wholeNumber, `"1"`, []string{"type"}, false},
		{intKind, wholeNumber, `null`, []string{"type"}, false},
		{intKind, wholeNumber, `01`, []string{"syntax"}, false},
		{intKind, wholeNumber, ``, []string{"syntax"}, false},
		{intKind, wholeNumber, `1 2`, []string{"trailing"}, false},
		{intKind, bounded, `3`, []string{"enum", "minimum", "multipleOf"}, true},
		{intKind, bounded, `12`, []string{"multipleOf"}, true},
		{int8Kind, wholeNumber, `128`, []string{"type"}, false},
		{int8Kind, &schema.Schema{Types: schema.Integer, Format: "int8"}, `128`, []string{"format"}, false},
		{uintKind, wholeNumber, `-1`, []string{"type"}, false},
		{uintKind, wholeNumber, `18446744073709551616`, []string{"type"}, false},
		{floatKind, number, `1e400`, []string{"type"}, false},
		{floatKind, number, `1e-400`, []string{"type"}, false},
		{smallKind, number, `1e39`, []string{"type"}, false},
		{exactKind, number, `true`, []string{"type"}, false},
		{textKind, &schema.Schema{Types: schema.String, MinLength: 2, Pattern: "^b"}, `"ä"`, []string{"minLength", "pattern"}, true},
		{textKind, text, `"\ud800"`, []string{"syntax"}, false},
		{textKind, text, "\"\xff\"", []string{"syntax"}, false},
		{textKind, text, "\"\n\"", []string{"syntax"}, false},
		{textKind, format("ipv4"), `"::"`, []string{"format"}, true},
		{boolKind, &schema.Schema{Types: schema.Boolean, Enum: []string{"true"}}, `false`, []string{"enum"}, true},
		{boolKind, &schema.Schema{Types: schema.Boolean}, `tru`, []string{"syntax"}, false},
		{uuidKind, format("uuid"), `"182bd5e5"`, []string{"format"}, false},
		{uuidKind, text, `"182bd5e5"`, []string{"type"}, false},
		{timeKind, format("date-time"), `"2026-08-14"`, []string{"format"}, false},
		{dateKind, format("date"), `"2026-02-29"`, []string{"format"}, false},
		{bytesKind, format("byte"), `"QQ"`, []string{"format"}, false},
		{spanKind, text, `"x"`, []string{"type"}, false},
		{anyKind, wholeNumber, `"x"`, []string{"type"}, false},
		{anyKind, &schema.Schema{}, `{"a":1,"a":1}`, []string{"/a duplicate"}, false},
		{anyKind, &schema.Schema{}, strings.Repeat("[", 65) + strings.Repeat("]", 65), []string{"depth"}, false},
		{rawKind, wholeNumber, `"x"`, []string{"type"}, false},
		{rawKind, &schema.Schema{}, `{"a":`, []string{"syntax"}, false},
		{urlKind, &schema.Schema{}, `{"a":"x"}`, []string{"type"}, false},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber, MinItems: 1}, `[]`, []string{"minItems"}, true},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber, UniqueItems: true}, `[1,1.0]`, []string{"/1 uniqueItems"}, true},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber}, `[1,"x",1.5]`, []string{"/1 type", "/2 type"}, false},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber}, `[1,]`, []string{"syntax"}, false},
		{listKind, &schema.Schema{Types: schema.Array, Items: wholeNumber}, `{}`, []string{"type"}, false},
		{mapKind, &schema.Schema{Types: schema.Object, Additional: wholeNumber, MaxProperties: 2}, `{"a":1,"b":2}`, []string{"maxProperties"}, true},
		{mapKind, &schema.Schema{Types: schema.Object, Required: []string{"z"}}, `{"a":1}`, []string{"/z required"}, true},
		{mapKind, &schema.Schema{Types: schema.Object}, `{"a":1,"a":1}`, []string{"/a duplicate"}, false},
		{mapKind, &schema.Schema{Types: schema.Object, Additional: wholeNumber}, `{"a/~":""}`, []string{"/a~1~0 type"}, false},
		{pointerKind, wholeNumber, `null`, []string{"type"}, false},
		{optionKind, wholeNumber, `null`, []string{"type"}, false},
	} {
		_, _, err := c.kind.read(c.text, c.schema, schema.Strict)
		if got := rules(err); !slices.Equal(got, c.want) {
			t.Errorf("%.40s: got %q, want %q", c.text, got, c.want)
		}
		_, deviations, err := c.kind.read(c.text, c.schema, schema.Tolerant)
		if (err == nil) != c.tolerated || c.tolerated && len(deviations) != len(c.want) {
			t.Errorf("%.40s, tolerantly: got %v, %v; want it tolerated: %v", c.text, deviations, err, c.tolerated)
		}
	}
}

// The writers find what a reader would find, and values that have no JSON.
func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		kind   kind
		schema *schema.Schema
		value  any
		want   string // in the error
	}{
		{intKind, &schema.Schema{Types: schema.Integer, Maximum: "5"}, 6, "want at most 5"},
		{uintKind, &schema.Schema{Types: schema.Integer, Maximum: "18446744073709551614"}, uint64(math.MaxUint64), "want at most"},
		{floatKind, number, math.NaN(), "want a number"},
		{floatKind, number, math.Inf(-1), "want a number"},
		{exactKind, number, json.Number("0x1"), "want a number"},
		{exactKind, number, json.Number("1 "), "want a number"},
		{textKind, text, "\xff", "UTF-8"},
		{textKind, &schema.Schema{Types: schema.String, Enum: []string{`"a"`}}, "b", `want "a"`},
		{uuidKind, &schema.Schema{Types: schema.String, Format: "uuid", Pattern: "^1"}, uuid.UUID{}, "want text that matches ^1"},
		{timeKind, format("date-time"), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "want a date and time"},
		{dateKind, format("date"), openapi_types.Date{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "want a date"},
		{bytesKind, &schema.Schema{Types: schema.String, Format: "byte", MaxLength: 3}, []byte("x"), "want at most 2 characters"},
		{anyKind, wholeNumber, "x", "want an integer"},
		{anyKind, &schema.Schema{}, func() {}, "unsupported type"},
		{rawKind, &schema.Schema{}, json.RawMessage(`{"a":1,"a":2}`), "each member name once"},
		{rawKind, &schema.Schema{}, json.RawMessage(`{} {}`), "nothing after the JSON value"},
		{rawKind, wholeNumber, json.RawMessage(nil), "want an integer"},
		{listKind, &schema.Schema{Types: schema.Array, MinItems: 1}, []int(nil), "want at least 1 item"},
		{listKind, &schema.Schema{Types: schema.Array, UniqueItems: true}, []int{1, 2, 1}, "/2: want each item once"},
		{mapKind, &schema.Schema{Types: schema.Object, Additional: schema.False}, map[string]int{"a": 1}, "/a: want no such member"},
		{mapKind, &schema.Schema{Types: schema.Object, Required: []string{"z"}}, map[string]int(nil), "/z: want"},
		{pointerKind, wholeNumber, (*int)(nil), "want an integer, got null"},
		{optionKind, wholeNumber, nullable.NewNullNullable[int](), "want an integer, got null"},
	} {
		written, err := c.kind.write(c.value, c.schema)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%#v is written as %s, %v; want an error with %q", c.value, written, err, c.want)
		}
	}
	for _, c := range []struct {
		kind   kind
		schema *schema.Schema
		value  any
		want   string
	}{
		{listKind, &schema.Schema{Types: schema.Array}, []int(nil), "[]"},
		{listKind, &schema.Schema{Types: schema.Array, Nullable: true}, []int(nil), "null"},
		{mapKind, &schema.Schema{Types: schema.Object}, map[string]int(nil), "{}"},
		{mapKind, &schema.Schema{Types: schema.Object | schema.Null}, map[string]int(nil), "null"},
		{exactKind, number, json.Number(""), "0"},
		{rawKind, &schema.Schema{}, json.RawMessage(nil), "null"},
	} {
		if got, err := c.kind.write(c.value, c.schema); err != nil || got != c.want {
			t.Errorf("%#v is written as %s, %v; want %s", c.value, got, err, c.want)
		}
	}
}

// card is a struct as generated code has it, with a member that only responses have and others that are not declared.
type card struct {
	id     *int
	name   string
	secret *string
	extra  map[string]int
}

var cardSchema = &schema.Schema{Types: schema.Object,
	Properties: []schema.Property{
		{Name: "id", Schema: wholeNumber, ReadOnly: true}, {Name: "name", Schema: text},
		{Name: "secret", Schema: &schema.Schema{Types: schema.String, MinLength: 4, Sensitive: true}, WriteOnly: true},
	},
	Required: []string{"id", "name"}, Additional: wholeNumber,
}

func readCard(v *card, r *Reader, s *schema.Schema) {
	for o := r.Object(cardSchema, s); o.Next(r); {
		switch o.Name {
		case "id":
			ReadPointer(&v.id, r, o.Member(r, 0), ReadInt[int])
		case "name":
			ReadString(&v.name, r, o.Member(r, 1))
		case "secret":
			ReadPointer(&v.secret, r, o.Member(r, 2), ReadString[string])
		default:
			Extra(&v.extra, &o, r, ReadInt[int])
		}
	}
}

func writeCard(v *card, w *Writer, s *schema.Schema) {
	at := w.Begin(cardSchema)
	if v.id != nil {
		WritePointer(&v.id, w, w.Member(cardSchema, 0, `,"id":`), WriteInt[int])
	} else {
		w.Missing(cardSchema, 0, at)
	}
	WriteString(&v.name, w, w.Member(cardSchema, 1, `,"name":`))
	if v.secret != nil {
		WritePointer(&v.secret, w, w.Member(cardSchema, 2, `,"secret":`), WriteString[string])
	}
	WriteExtra(v.extra, w, cardSchema, WriteInt[int])
	w.End(cardSchema, s, at)
}

func TestObject(t *testing.T) {
	closed := &schema.Schema{Types: schema.Object, MaxProperties: 3}
	for _, c := range []struct {
		text string
		dir  schema.Direction
		also *schema.Schema
		want []string
	}{
		{`{"name":"x"}`, schema.InRequest, cardSchema, nil},
		{`{"name":"x","other":7,"secret":"long"}`, schema.InRequest, cardSchema, nil},
		{`{"id":1,"name":"x"}`, schema.InResponse, cardSchema, nil},
		{`{"name":"x"}`, schema.Undirected, cardSchema, nil},
		{`{"name":"x"}`, schema.InResponse, cardSchema, []string{"/id required"}},
		{`{"id":1,"name":"x"}`, schema.InRequest, cardSchema, []string{"/id readOnly"}},
		{`{"id":1,"name":"x","secret":"long"}`, schema.InResponse, cardSchema, []string{"/secret writeOnly"}},
		{`{"secret":"x"}`, schema.InRequest, cardSchema, []string{"/name required", "/secret minLength"}},
		{`{"n\u0061me":"x","name":"y"}`, schema.InRequest, cardSchema, []string{"/name duplicate"}},
		{`{"name":"x","a":1,"a":2}`, schema.InRequest, cardSchema, []string{"/a duplicate"}},
		{`{"name":"x","a":"1"}`, schema.InRequest, cardSchema, []string{"/a type"}},
		{`{"name":"x","a":1,"b":2}`, schema.InRequest, closed, []string{"maxProperties"}},
		{`[]`, schema.InRequest, cardSchema, []string{"type"}},
		{`{"name":"x"`, schema.InRequest, cardSchema, []string{"syntax"}},
	} {
		v, _, err := Read(c.text, readCard, c.also, c.dir, schema.Strict)
		if got := rules(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
		if checked := rules(cardSchema.Check([]byte(c.text), c.dir)); c.also == cardSchema && !slices.Equal(checked, c.want) {
			t.Errorf("%s: the checker says %q, want %q", c.text, checked, c.want)
		}
		if err != nil {
			if strings.Contains(err.Error(), `"x"`) && strings.Contains(c.text, `"secret":"x"`) {
				t.Errorf("%s: the error shows the secret: %v", c.text, err)
			}
			continue
		}
		written, err := Write(v, writeCard, c.also, c.dir)
		if err != nil || schema.Canonical(string(written)) != schema.Canonical(c.text) {
			t.Errorf("%s is written as %s, %v", c.text, written, err)
		}
	}
	for _, c := range []struct {
		value card
		dir   schema.Direction
		want  string
	}{
		{card{name: "x"}, schema.InResponse, "/id: want an integer; it is missing"},
		{card{name: "x", id: new(int)}, schema.InRequest, "/id: want no"},
		{card{name: "x", extra: map[string]int{"name": 1}}, schema.InRequest, `the additional member "name" has the name of a declared one`},
		{card{name: "x", secret: new(string)}, schema.InRequest, "/secret: want at least 4 characters"},
	} {
		if written, err := Write(&c.value, writeCard, cardSchema, c.dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v is written as %s, %v; want an error with %q", c.value, written, err, c.want)
		}
	}
}

// A text whose items take hundreds of times its length in Go is refused.
func TestReadListMemory(t *testing.T) {
	type large struct{ _ [500]int }
	list := func(v *[]large, r *Reader, s *schema.Schema) {
		ReadList(v, r, s, func(_ *large, r *Reader, s *schema.Schema) { r.Check(s) })
	}
	few, many := "["+strings.Repeat("0,", 20)+"0]", "["+strings.Repeat("0,", 100_000)+"0]"
	if _, _, err := Read(few, list, &schema.Schema{Types: schema.Array}, schema.Undirected, schema.Strict); err != nil {
		t.Error(err)
	}
	if _, _, err := Read(many, list, &schema.Schema{Types: schema.Array}, schema.Undirected, schema.Tolerant); !slices.Equal(rules(err), []string{"size"}) {
		t.Errorf("got %v", err)
	}
}

// A hostile text is not read to its end once more has been found than is reported, and a finding that fails is always reported.
func TestReadManyFindings(t *testing.T) {
	s := &schema.Schema{Types: schema.Array, Items: &schema.Schema{Types: schema.Integer, Minimum: "1"}}
	low, wrong := strings.Repeat("0,", 2*schema.MaxFindings), strings.Repeat(`"",`, 2*schema.MaxFindings)
	_, deviations, err := listKind.read("["+low+"0]", s, schema.Tolerant)
	if err != nil || schema.Count(deviations) != 2*schema.MaxFindings+1 || len(deviations) != schema.MaxFindings+1 {
		t.Errorf("got %d deviations, %v", len(deviations), err)
	}
	var invalid *schema.ValidationError
	if _, _, err := listKind.read("["+wrong+"0]", s, schema.Strict); !errors.As(err, &invalid) || len(invalid.Violations) != schema.MaxFindings+1 {
		t.Errorf("got %.200v", err)
	}
	if _, _, err := listKind.read("["+low+`""]`, s, schema.Tolerant); err == nil {
		t.Error("a violation is lost behind the deviations")
	}
}
