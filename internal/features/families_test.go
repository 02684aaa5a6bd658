package features_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/interconnect-go/interconnect/internal/features"
)

// family reads a text as a T and returns the value, and the variant if T is a union.
func family[T any](text string) (value, variant any, err error) {
	var v T
	err = json.Unmarshal([]byte(text), &v)
	value, variant = v, v
	if method := reflect.ValueOf(v).MethodByName("Value"); method.IsValid() {
		variant = method.Call(nil)[0].Interface()
	}
	return value, variant, err
}

// A value of a parent is read as what its discriminator says, with all of its members, at any distance.
func TestFamilies(t *testing.T) {
	for _, c := range []struct {
		read    func(string) (value, variant any, err error)
		text    string
		variant any
	}{
		{family[features.Fish], `{"age":1,"friends":[{"age":2,"kind":"shark","species":"saw","teeth":4}],"kind":"salmon"}`, features.Salmon{}},
		{family[features.Fish], `{"age":1,"kind":"shark","species":"saw","teeth":4}`, features.Shark{}},
		{family[features.Fish], `{"age":1,"kind":"shark","species":"white"}`, features.Shark{}},
		{family[features.Fish], `{"age":1,"kind":"whale"}`, features.FishBase{}},
		{family[features.Shark], `{"age":1,"kind":"shark","species":"saw","teeth":4}`, features.SawShark{}},
		{family[features.Shark], `{"age":1,"kind":"shark","species":"white"}`, features.SharkBase{}},
		{family[features.Animal], `{"bark":true,"digs":true,"type":"Terrier"}`, features.Terrier{}},
		{family[features.Animal], `{"bark":true,"type":"Hound"}`, features.Hound{}},
		{family[features.Animal], `{"name":"x","type":"Animal"}`, features.AnimalBase{}},
		{family[features.Hound], `{"bark":true,"digs":true,"type":"Terrier"}`, features.Terrier{}},
		{family[features.Vessel], `{"oars":2,"type":"boat"}`, features.Boat{}},
		{family[features.Vessel], `{"masts":2,"type":"ship"}`, features.Ship{}},
		{family[features.Keeper], `{"pets":[{"type":"Bird","wings":2},{"bark":true,"digs":false,"type":"Terrier"},{"type":"Bird"}]}`, features.Keeper{}},
		{family[features.Keeper], `{"pet":{"digs":true,"type":"Terrier"},"vessel":{"masts":3,"type":"ship"}}`, features.Keeper{}},
		{family[features.Animal], `{"type":"Plain"}`, features.Plain{}},
		{family[features.Event], `{"at":"x","kind":"Login","user":"u"}`, features.Login{}},
		{family[features.Event], `{"at":"x","kind":"Logout"}`, features.Logout{}},
		{family[features.ClosedUnion], `{"id":1,"left":"x"}`, features.ClosedUnionObject{}},
		{family[features.LessThanOptions], `{"retries":1}`, features.LessThanOptions{}},
		{family[features.Keeper], `{"described":{"type":"Bird","wings":2},"empty":{"type":"Plain"},"parts":{"digs":true,"type":"Terrier"}}`, features.Keeper{}},
		{family[features.Keeper], `{"all":{"digs":true,"type":"Terrier"},"some":{"type":"Bird","wings":2}}`, features.Keeper{}},
		{family[features.Keeper], `{"all":{"name":"n","type":"Animal"},"some":{"name":"n","type":"Animal"}}`, features.Keeper{}},
	} {
		value, variant, err := c.read(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if reflect.TypeOf(variant) != reflect.TypeOf(c.variant) {
			t.Errorf("%s is a %T, want %T", c.text, variant, c.variant)
		}
		if text, err := json.Marshal(value); err != nil || string(text) != c.text {
			t.Errorf("%s is written as %s, %v", c.text, text, err)
		}
	}
}

func TestFamiliesRefused(t *testing.T) {
	for _, c := range []struct {
		read func(string) (value, variant any, err error)
		text string
		want string // the whole message
	}{
		{family[features.Fish], `{"age":1,"kind":"shark"}`, `/species: want a string; it is missing`},
		{family[features.Fish], `{"age":1,"kind":"shark","species":"saw"}`, `/teeth: want an integer; it is missing`},
		{family[features.Shark], `{"age":1,"kind":"salmon","species":"white"}`, `/kind: want "shark", got "salmon"`},
		{family[features.Keeper], `{"pets":[{"type":"Hound"}]}`, `/pets/0/type: want one of "Bird", "Terrier", got "Hound"`},
		{family[features.Keeper], `{"pets":[{"wings":2}]}`, `/pets/0/type: want one of "Bird", "Terrier"; it is missing`},
		{family[features.Event], `{"kind":"Logout","user":"u"}`, `/user: want no such member`},
		{family[features.Event], `{"kind":"Login","user":"u","x":1}`, `/x: want no such member`},
		{family[features.LessThanOptions], `{"mode":"small"}`, `/mode: want no value here; the document allows none, got "small"`},
		{family[features.Keeper], `{"described":{"type":"Bird","wings":"2"}}`, `/described/wings: want an integer, got "2"`},
		{family[features.Keeper], `{"parts":{"type":"Terrier","digs":1}}`, `/parts/digs: want a boolean, got 1`},
		{family[features.Contact], `{"html":true}`, `the value: want at least one of variant 1, variant 2, got an object ` +
			`(not variant 1 because /mail: want a string; it is missing; not variant 2 because /phone: want a string; it is missing)`},
		{family[features.NullableMembers], `{"id":"x","day":"x"}`, `/id: want a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", got "x"; /day: want a date such as "2026-08-14", got "x"`},
		{family[features.Keeper], `{"vessel":{"type":"raft"}}`, `/vessel/type: want one of "boat", "ship", got "raft"`},
	} {
		if _, variant, err := c.read(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%s as a %T\ngot  %v\nwant %s", c.text, variant, err, c.want)
		}
	}
}

// A list of all that a parent stands for is the type of the parent.
func TestListOfFamily(t *testing.T) {
	var keeper features.Keeper
	keeper.All = features.NewAnimal(features.Bird{})
	if text, err := json.Marshal(keeper); err != nil || string(text) != `{"all":{"type":"Bird"}}` {
		t.Errorf("%s, %v", text, err)
	}
}

// A member for which no value is valid is refused on both ways, whatever the Go type can hold.
func TestImpossibleMembers(t *testing.T) {
	for member, value := range map[string]string{
		"text": `"x"`, "number": `1`, "time": `"2026-08-14T09:30:00Z"`, "bytes": `"AA=="`, "flag": `true`, "list": `["x"]`, "map": `{"a":"b"}`,
		"object": `{"id":1}`,
	} {
		var v features.Impossible
		want := "/" + member + ": want no value here; the document allows none"
		if err := json.Unmarshal([]byte(`{"`+member+`":`+value+`}`), &v); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Count(err.Error(), want) > 1 {
			t.Errorf("%s is read: %v", member, err)
		}
	}
	for _, v := range []features.Impossible{
		{Text: new("x")}, {Number: new(1)}, {Time: new(time.Now())}, {Bytes: []byte{1}}, {Flag: new(true)}, {List: []string{"x"}}, {List: []string{}},
		{Map: map[string]string{"a": "b"}}, {Object: &features.Receipt{ID: 1}},
	} {
		if text, err := json.Marshal(v); err == nil || !strings.Contains(err.Error(), "want no value here; the document allows none") {
			t.Errorf("%+v is written: %s, %v", v, text, err)
		}
	}
}

// New fills in a discriminator that is a pointer, too.
func TestOptionalDiscriminatorIsFilledIn(t *testing.T) {
	for _, c := range []struct {
		pet  features.OptionalPet
		want string
	}{
		{features.NewOptionalPet(features.Tabby{Lives: new(9)}), `{"lives":9,"species":"tabby"}`},
		{features.NewOptionalPet(features.Corgi{}), `{"species":"Corgi"}`},
		{features.NewOptionalPet(features.Corgi{Species: new("Corgi")}), `{"species":"Corgi"}`},
	} {
		if text, err := json.Marshal(c.pet); err != nil || string(text) != c.want {
			t.Errorf("%s, %v; want %s", text, err, c.want)
		}
	}
}
