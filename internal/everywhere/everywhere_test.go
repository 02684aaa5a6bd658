package everywhere

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	next "github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// decode reads a text as a T and returns the value, and for a union its variant.
func decode[T any](text string) (value, variant any, err error) {
	var v T
	err = json.Unmarshal([]byte(text), &v)
	value, variant = v, v
	if method := reflect.ValueOf(v).MethodByName("Value"); method.IsValid() {
		variant = method.Call(nil)[0].Interface()
	}
	return value, variant, err
}

type decoder func(string) (value, variant any, err error)

func TestRoundTrip(t *testing.T) {
	const id = `"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`
	for _, c := range []struct {
		name    string
		decode  decoder
		text    string
		variant any // a value of the type that the variant must have
	}{
		{"implicit mapping", decode[Implicit], `{"kind":"Cat","lives":9}`, Cat{}},
		{"implicit mapping", decode[Implicit], `{"kind":"Dog","breed":""}`, Dog{}},
		{"explicit mapping", decode[Explicit], `{"kind":"tom","lives":0}`, Cat{}},
		{"explicit mapping", decode[Explicit], `{"kind":"dog"}`, Dog{}},
		{"values of inline variants", decode[InlineWithValues], `{"state":"open"}`, InlineWithValuesOpen{}},
		{"values of inline variants", decode[InlineWithValues], `{"state":"closed","reason":"x"}`, InlineWithValuesClosed{}},
		{"required names", decode[Shape], `{"radius":1.5}`, Circle{}},
		{"required names", decode[Shape], `{"side":2}`, Square{}},
		{"property types", decode[ByType], `{"value":1}`, ByTypeCounted{}},
		{"property types", decode[ByType], `{"value":"1"}`, ByTypeNamed{}},
		{"property values", decode[ByValue], `{"op":"add","by":9007199254740993}`, ByValueAdd{}},
		{"property values", decode[ByValue], `{"op":"drop"}`, ByValueDrop{}},
		{"closed objects", decode[ByClosedness], `{"a":"x"}`, ByClosednessSmall{}},
		{"closed objects", decode[ByClosedness], `{"a":"x","b":"y"}`, ByClosednessLarge{}},
		{"lengths", decode[ByLength], `"äöü"`, ByLengthShort("")},
		{"lengths", decode[ByLength], `"long"`, ByLengthLong("")},
		{"string", decode[Anything], `"x"`, AnythingString("")},
		{"integer", decode[Anything], `-9223372036854775808`, AnythingInteger(0)},
		{"boolean", decode[Anything], `false`, AnythingBool(false)},
		{"array", decode[Anything], `["a","b"]`, AnythingList{}},
		{"object", decode[Anything], `{"id":` + id + `}`, AnythingObject{}},
		{"date-time", decode[Formats], `"2026-08-14T09:30:00.25Z"`, Moment{}},
		{"prefix", decode[Formats], `"192.0.2.0/24"`, Prefix("")},
		{"uuid", decode[Formats], id, Identifier{}},
		{"map", decode[Formats], `{"a":1,"b":2}`, FormatsCounts{}},
		{"nullable variant", decode[NullableVariant], `null`, NullableVariantNull{}},
		{"nullable variant", decode[NullableVariant], `"x"`, NullableVariantString("")},
		{"nullable union", decode[NullableUnion], `null`, NullableUnionNull{}},
		{"nullable union", decode[NullableUnion], `true`, NullableUnionBool(false)},
		{"one variant", decode[Alone], `{"radius":1}`, Circle{}},
		{"union in a union", decode[Outer], `{"side":1}`, Shape{}},
		{"union in a union", decode[Outer], `1`, NullableVariant{}},
		{"union in a union", decode[Outer], `null`, NullableVariant{}},
		{"array of unions", decode[Shapes], `[{"side":1},{"radius":1}]`, Shapes{}},
		{"map of unions", decode[ShapesByName], `{"a":{"side":1},"b":{"radius":1}}`, ShapesByName{}},
		{"recursion", decode[Tree], `{"children":[{"leaf":"a"},{"children":[]}]}`, TreeNode{}},
		{"allOf", decode[Joined], `{"id":1,"side":2}`, JoinedSquare{}},
		{"allOf, inline", decode[JoinedInline], `{"id":1,"note":"n","right":"r"}`, JoinedInlineRight{}},
		{"allOf, two unions", decode[JoinedTwice], `{"in":"x","up":"y"}`, map[string]any{}},
		{"allOf, discriminator", decode[JoinedChosen], `{"id":1,"kind":"cat","lives":2}`, JoinedChosenCat{}},
		{"members beside oneOf", decode[Beside], `{"a":"x","id":1}`, BesideOption{}},
		{"inline in a request", decode[CreatePetJSONBody], `{"kind":"Dog"}`, Dog{}},
		{"inline in a response", decode[PutShape200JSONResponseBodyItem], `"x"`, PutShape200JSONResponseBodyItemName("")},
		{"members", decode[Holder], `{"inline":"auto","list":[],"shape":{"side":1}}`, Holder{}},
		{"empty containers", decode[Holder], `{"by_name":{},"list":[],"matrix":[],"shape":{"side":1}}`, Holder{}},
		{"members", decode[Holder], `{"by_name":{"a":null,"b":"x"},"inline":3,"list":[{"side":1}],"matrix":[["a",1.5],[]],` +
			`"maybe":{"radius":2},"nested":{"shape":{"side":4}},"nullable":null,"shape":{"side":1}}`, Holder{}},
		{"additional members", decode[OpenHolder], `{"id":1,"maybe":"x","other":{"side":1}}`, OpenHolder{}},
		{"additional members", decode[OpenHolder], `{"id":1}`, OpenHolder{}},
		{"additional members", decode[Extras], `{"Name":null,"name":"x","other":1}`, Extras{}},
	} {
		t.Run(c.name+" "+c.text, func(t *testing.T) {
			value, variant, err := c.decode(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if reflect.TypeOf(variant) != reflect.TypeOf(c.variant) {
				t.Errorf("variant %T, want %T", variant, c.variant)
			}
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if schema.Canonical(string(text)) != schema.Canonical(c.text) {
				t.Errorf("encoded as %s", text)
			}
			again, _, err := c.decode(string(text))
			if err != nil || !reflect.DeepEqual(again, value) {
				t.Errorf("decoded again as %#v, %v; want %#v", again, err, value)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		decode decoder
		text   string
		want   string // the whole message
	}{
		{decode[Implicit], `{"kind":"cat","lives":1}`, `/kind: want one of "Cat", "Dog", got "cat"`},
		{decode[Explicit], `{"kind":"dog","breed":"cow"}`, `/breed: want one of "beagle", "husky", "", got "cow"`},
		{decode[Explicit], `{"lives":1}`, `/kind: want one of "cat", "dog", "tom"; it is missing`},
		{decode[Shape], `{"radius":1,"side":1}`, `the value: want exactly one of Circle, Square; this fits Circle and Square, got an object`},
		{decode[Shape], `{}`, `the value: want exactly one of Circle, Square, got an object ` +
			`(not Circle because /radius: want a number; it is missing; not Square because /side: want a number; it is missing)`},
		{decode[Anything], `1.5`, `the value: want an integer, got 1.5`},
		{decode[ByLength], `"LONG"`, `the value: want exactly one of variant 1, variant 2, got "LONG" ` +
			`(not variant 1 because the value: want at most 3 characters, got "LONG"; not variant 2 because the value: want text that matches ^[a-z]+$, got "LONG")`},
		{decode[Joined], `{"id":"1","side":2}`, `the value: want exactly one of Circle, Square, got an object ` +
			`(not Circle because /radius: want a number; it is missing and /id: want an integer, got "1"; not Square because /id: want an integer, got "1")`},
		{decode[Beside], `{"id":1,"a":"x","b":"y"}`, `the value: want exactly one of variant 1, variant 2; this fits variant 1 and variant 2, got an object`},
		{decode[EverythingAnyOf], `true`, `the value: want at least one of a string, an integer, got true`},
		{decode[Holder], `{"shape":{"side":1},"list":[],"inline":"off"}`, `/inline: want "auto", got "off"`},
		{decode[Holder], `{"shape":{"side":1},"list":[],"matrix":[[true]]}`, `/matrix/0/0: want exactly one of a string, a number, got true`},
		{decode[Shape], `null`, `the value: want exactly one of Circle, Square, got null ` +
			`(not Circle because the value: want an object, got null; not Square because the value: want an object, got null)`},
	} {
		_, variant, err := c.decode(c.text)
		if err == nil {
			t.Errorf("%s was accepted as %T", c.text, variant)
			continue
		}
		if got := err.Error(); c.want != "" && got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}

// encoding/json/v2 calls other methods than encoding/json.
func TestNextJSON(t *testing.T) {
	const text = `{"list":[{"side":2}],"shape":{"radius":1.5}}`
	var h Holder
	if err := next.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	if _, ok := h.Shape.Value().(Circle); !ok {
		t.Errorf("the shape is a %T", h.Shape.Value())
	}
	if written, err := next.Marshal(h); err != nil || string(written) != text {
		t.Errorf("it is written as %s, %v", written, err)
	}
	var invalid *contract.ValidationError
	if err := next.Unmarshal([]byte(`{"shape":{"radius":1.5,"side":2},"list":[]}`), &h); !errors.As(err, &invalid) || invalid.Violations[0].Rule != "oneOf" {
		t.Errorf("the error is %v", err)
	}
	if _, err := next.Marshal(Holder{List: []Shape{}}); err == nil {
		t.Error("a union that holds no variant is written")
	}
}

func TestZeroUnionDoesNotEncode(t *testing.T) {
	for _, v := range []any{Shape{}, Holder{}, []Shape{{}}, Joined{}} {
		if text, err := json.Marshal(v); err == nil {
			t.Errorf("%T encodes as %s", v, text)
		}
	}
	if text, err := json.Marshal(NullableUnion{}); err != nil || string(text) != "null" {
		t.Errorf("the zero value of a union that may be null: %s, %v", text, err)
	}
	if text, err := json.Marshal(Holder{List: []Shape{}, Shape: NewShape(Square{Side: 1})}); err != nil || string(text) != `{"list":[],"shape":{"side":1}}` {
		t.Errorf("absent unions: %s, %v", text, err)
	}
}

func TestNewFillsInTheDiscriminator(t *testing.T) {
	if text, err := json.Marshal(NewInlineWithValues(InlineWithValuesOpen{})); err != nil || string(text) != `{"state":"open"}` {
		t.Errorf("%s, %v", text, err)
	}
	if text, err := json.Marshal(NewExplicit(Dog{Kind: "cat"})); err == nil {
		t.Errorf("a dog that says it is a cat encodes as %s", text)
	}
	if text, err := json.Marshal(NewShape(Circle{Radius: -1})); err == nil {
		t.Errorf("a negative radius encodes as %s", text)
	}
}

// service keeps what it is sent and answers it.
type service struct{}

func (service) CreatePet(_ context.Context, request CreatePetRequestObject) (CreatePetResponseObject, error) {
	switch pet := request.Body.Value().(type) {
	case Cat:
		return CreatePet200JSONResponse(NewCreatePet200JSONResponseBody(pet)), nil
	case Dog:
		return CreatePet200JSONResponse(NewCreatePet200JSONResponseBody(pet)), nil
	}
	return nil, fmt.Errorf("the body got lost: %#v", request.Body)
}

func (service) PutShape(_ context.Context, request PutShapeRequestObject) (PutShapeResponseObject, error) {
	name := NewPutShape200JSONResponseBodyItem(PutShape200JSONResponseBodyItemName(request.ID.String()))
	switch shape := request.Body.Value().(type) {
	case Circle:
		return PutShape200JSONResponse{name, NewPutShape200JSONResponseBodyItem(shape)}, nil
	}
	return PutShapedefaultJSONResponse{StatusCode: http.StatusTeapot, Body: PutShapeDefaultJSONResponseBody{Message: "no circle"}}, nil
}

// GetAnything answers what Go has no type for.
func (service) GetAnything(_ context.Context, request GetAnythingRequestObject) (GetAnythingResponseObject, error) {
	if limit, mode := request.Params.Limit, request.Params.XMode; limit == nil || mode == nil || *limit != 7 || *mode != GetAnythingParamsXModeFast {
		return nil, fmt.Errorf("the defaults got lost: %+v", request.Params)
	}
	return GetAnything200JSONResponse{Body: map[string]any{"any": []int{1}}}, nil
}

// PutDirected responds without what a response has to have, if it is asked to.
func (service) PutDirected(_ context.Context, request PutDirectedRequestObject) (PutDirectedResponseObject, error) {
	answer := PutDirected200JSONResponse{Name: "n"}
	if made, ok := request.Body.Value().(DirectedUnionMade); ok && made.Made == "whole" {
		answer.ID = new(7)
	}
	return answer, nil
}

// Members that only one direction has are neither missed in the other one nor let through.
func TestDirections(t *testing.T) {
	var failure error
	server := httptest.NewServer(NewHandler(service{}, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { failure = err }}))
	defer server.Close()
	for body, want := range map[string]struct {
		status int
		says   string
	}{
		`{"made":"whole"}`:          {200, `{"id":7,"name":"n"}`},
		`{"m\u0061de":"whole"}`:     {200, `{"id":7,"name":"n"}`}, // by the tables
		`{"made":"x"}`:              {500, ""},                    // the response has no id
		`{"id":7,"made":"x"}`:       {400, "oneOf"},
		`{"made":"x","bought":"x"}`: {400, "oneOf"},
	} {
		failure = nil
		request, err := http.NewRequestWithContext(t.Context(), "PUT", server.URL+"/directed", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want.status || !strings.Contains(string(text), want.says) || (failure != nil) != (want.status == 500) {
			t.Errorf("%s: %d %s, %v", body, answer.StatusCode, text, failure)
		}
	}
}

// Unions that stand inline in requests and responses reach the implementation, and come back.
func TestInlineUnionsOverHTTP(t *testing.T) {
	server := httptest.NewServer(NewHandler(service{}, contract.HandlerOptions{}))
	defer server.Close()
	client, err := NewClientWithResponses(server.URL, WithHTTPClient(&http.Client{Transport: NewTransport(nil, contract.TransportOptions{})}))
	if err != nil {
		t.Fatal(err)
	}
	pet, err := client.CreatePetWithResponse(t.Context(), NewCreatePetJSONBody(Cat{Lives: 7}))
	if err != nil {
		t.Fatal(err)
	}
	if got := pet.JSON200.Value(); got != any(Cat{Kind: "Cat", Lives: 7}) {
		t.Errorf("got %#v", got)
	}
	id := uuid.MustParse("182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e")
	shapes, err := client.PutShapeWithResponse(t.Context(), id, NewShape(Circle{Radius: 2}))
	if err != nil {
		t.Fatal(err)
	}
	if got := *shapes.JSON200; len(got) != 2 || got[1].Value() != any(Circle{Radius: 2}) {
		t.Errorf("got %#v", got)
	}
	refused, err := client.PutShapeWithResponse(t.Context(), id, NewShape(Square{Side: 2}))
	if err != nil || refused.StatusCode() != http.StatusTeapot || refused.JSONDefault.Message != "no circle" {
		t.Errorf("got %v, %v", refused, err)
	}

	anything, err := client.GetAnythingWithResponse(t.Context(), nil)
	if err == nil {
		anything, err = client.GetAnythingWithResponse(t.Context(), &GetAnythingParams{Limit: new(7)})
	}
	if err != nil || string(anything.Body) != `{"any":[1]}`+"\n" {
		t.Errorf("got %v, %v", anything, err)
	}

	response, err := http.Post(server.URL+"/pets", "application/json", strings.NewReader(`{"kind":"Cow"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("a cow is answered with %s", response.Status)
	}
}
