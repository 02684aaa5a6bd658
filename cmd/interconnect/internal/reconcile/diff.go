// Comparing what is wanted with what is there, member by member, on the JSON of both: a member that the document gains
// needs nothing here.

package reconcile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// validate validates the body of a request against the document, and reports what is wrong at its place in the file.
func (p *planner) validate(pointer string, body any, schema string) bool {
	err := interconnect.Schemas()[schema].Check(encode(body), contract.InRequest)
	var invalid *contract.ValidationError
	if !errors.As(err, &invalid) {
		return err == nil
	}
	for _, v := range invalid.Violations {
		p.problem(pointer+v.Pointer, "%s", messageOf(v))
	}
	return false
}

// took checks that the service has done what it was asked for.
func took(wanted, got json.RawMessage) error {
	diffs := diff(wanted, got, endsIfAbsent)
	if len(diffs) == 0 {
		return nil
	}
	var texts []string
	for _, d := range diffs {
		texts = append(texts, fmt.Sprintf("%s is %s and should be %s", dotted(d.Pointer), textOf(d.From), textOf(d.To)))
	}
	return &HalfDoneError{"the service reports success, but has not done all that was asked for: " + strings.Join(texts, ", ")}
}

// A HalfDoneError reports a success of the service that is not what was asked for.
type HalfDoneError struct{ text string }

func (e *HalfDoneError) Error() string { return e.text }

// diff lists the members of wanted that are not so in actual, and of the members that ends names those that only actual
// has. The account is not looked at.
func diff(wanted, actual json.RawMessage, ends []string) []Diff {
	var w, a map[string]any
	if decodeNumbers(wanted, &w) != nil || decodeNumbers(actual, &a) != nil {
		return []Diff{{"", actual, wanted}}
	}
	delete(w, "account")
	var diffs []Diff
	diffMembers("", w, a, ends, &diffs)
	return diffs
}

func diffMembers(pointer string, wanted, actual map[string]any, ends []string, diffs *[]Diff) {
	names := map[string]bool{}
	for name := range wanted {
		names[name] = true
	}
	for name := range actual {
		if slices.Contains(ends, pointer+"/"+name) {
			names[name] = true
		}
	}
	for _, name := range sorted(names) {
		at := pointer + "/" + name
		w, a := wanted[name], actual[name]
		wantedMembers, isObject := w.(map[string]any)
		actualMembers, wasObject := a.(map[string]any)
		switch {
		case isObject && wasObject:
			diffMembers(at, wantedMembers, actualMembers, ends, diffs)
		case !sameValue(w, a):
			*diffs = append(*diffs, Diff{at, encode(a), encode(w)})
		}
	}
}

// sameValue compares values. The order of prefixes says nothing.
func sameValue(a, b any) bool {
	first, ok := a.([]any)
	second, too := b.([]any)
	switch {
	case ok && len(first) == 0 && b == nil || too && len(second) == 0 && a == nil:
		return true
	case !ok || !too:
		return reflect.DeepEqual(a, b)
	}
	texts := func(items []any) []string {
		var list []string
		for _, item := range items {
			list = append(list, string(encode(item)))
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(texts(first), texts(second))
}

func equal(a, b json.RawMessage) bool {
	var first, second any
	return decodeNumbers(orNull(a), &first) == nil && decodeNumbers(orNull(b), &second) == nil &&
		reflect.DeepEqual(first, second)
}

func orNull(text json.RawMessage) json.RawMessage {
	if text == nil {
		return json.RawMessage("null")
	}
	return text
}

// decodeNumbers decodes JSON and leaves the numbers as they are spelled.
func decodeNumbers(text json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
