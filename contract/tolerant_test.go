package contract_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// Package wire tests what is tolerated. These are the rules for what is around it.

func TestUnmarshalTolerantReportsDeviations(t *testing.T) {
	const facility = `{"address":["a"],"name":"n"`
	for _, test := range []struct{ text, want string }{
		{facility + `}`, ""},
		{facility + `,"new":1}`, ""}, // undeclared members alone are valid
		{`{"address":["a"],"new":1}`, " /name required,  /new undeclared"},
		{`{"address":null,"name":"n"}`, " /address type"},
	} {
		var v interconnect.Facility
		deviations, err := contract.UnmarshalTolerant([]byte(test.text), &v)
		if got := summary(deviations); got != test.want || err != nil {
			t.Errorf("%s: got %q, %v; want %q", test.text, got, err, test.want)
		}
	}
	v := interconnect.Facility{Name: "before"}
	var invalid *contract.ValidationError
	if _, err := contract.UnmarshalTolerant([]byte(`{"name":7}`), &v); !errors.As(err, &invalid) || v.Name != "before" {
		t.Errorf("got %+v, %v", v, err)
	}
}

func TestMarshalTolerantLeavesTheRest(t *testing.T) {
	deviating := interconnect.GCPPartnerInterconnect{Type: "<new>"}
	text, err := contract.MarshalTolerant(deviating)
	var back interconnect.GCPPartnerInterconnect
	if _, err := contract.UnmarshalTolerant(text, &back); err != nil || back.Type != deviating.Type {
		t.Fatalf("got %s, %v, read as %+v", text, err, back)
	}
	if err != nil {
		t.Fatal(err)
	}
	var none *interconnect.GCPPartnerInterconnect
	for _, test := range []struct {
		v    any
		want string
	}{
		{none, "null"}, {nil, "null"}, {&deviating, string(text)}, {"<&>", `"<&>"`}, {[]int{1, 2}, `[1,2]`},
		{json.RawMessage(`{"a": 1}`), `{"a": 1}`}, {[]any{}, "[]"}, {map[string]any{}, "{}"},
		{map[string]any{"b": []any{deviating, none, 1}, "a": "<"}, `{"a":"<","b":[` + string(text) + `,null,1]}`},
	} {
		if got, err := contract.MarshalTolerant(test.v); string(got) != test.want || err != nil {
			t.Errorf("%#v: got %s, %v; want %s", test.v, got, err, test.want)
		}
	}
	for _, v := range []any{math.NaN(), []any{math.NaN()}, map[string]any{"a": make(chan int)},
		[]any{interconnect.Interconnect{}}} {
		if got, err := contract.MarshalTolerant(v); err == nil {
			t.Errorf("%#v: got %s", v, got)
		}
	}
}
