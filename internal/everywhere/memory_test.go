package everywhere

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
	"github.com/interconnect-go/interconnect/internal/cost"
)

// reading returns a function that reads JSON into a T.
func reading[T any](read wire.ReadFunc[T], s *schema.Schema) func(text string, dir schema.Direction, mode schema.Mode) error {
	return func(text string, dir schema.Direction, mode schema.Mode) error {
		_, _, err := wire.Read(text, read, s, dir, mode)
		return err
	}
}

// readShapes reads a list that has no declared type.
func readShapes(v *[]Shape, r *wire.Reader, s *schema.Schema) { wire.ReadList(v, r, s, readShape) }

// What it costs to read hostile JSON into Go values is in proportion to its size. Go values are larger than their
// JSON, and slices of them grow while they are read, so that it is more than validation costs.
func TestHostileMemory(t *testing.T) {
	if cost.Race {
		t.Skip("the race detector changes what memory is used again")
	}
	const (
		size         = 1 << 18
		mostStrict   = 50 // bytes for each of the input's
		mostTolerant = 100
	)
	for _, shape := range []struct {
		name, open, close string
		items             []string
		read              func(text string, dir schema.Direction, mode schema.Mode) error
	}{
		{"Shapes", `[`, `]`, []string{`{}`, `0`, `{"radius":1}`, `{"x":1}`, `{"radius":1,"side":1}`}, reading(readShapes, &schemaShapes)},
		{"Shapes", `[`, `,0]`, []string{`{}`, `{"side":1}`, `{"radius":1}`}, reading(readShapes, &schemaShapes)},
		{"Tree", `{"children":[`, `]}`, []string{`{}`, `0`, `{"leaf":""}`, `{"children":[{"leaf":"x"}]}`}, reading(readTree, &schemaTree)},
		{"Holder", `{"list":[],"shape":{"side":1},"matrix":[`, `]}`, []string{`[]`, `[0]`, `["x",0]`, `[0,0,0,0,0,0,0]`, `0`}, reading(readHolder, &schemaHolder)},
		{"Table", `{"rows":[`, `]}`, []string{`[]`, `["x"]`, `["","",""]`, `0`}, reading(readTable, &schemaTable)},
	} {
		for _, item := range shape.items {
			text := shape.open + item + strings.Repeat(","+item, size/(len(item)+1)) + shape.close
			check := func(how string, most uint64, dir schema.Direction, mode schema.Mode) {
				var err error
				each := cost.Memory(func() { err = shape.read(text, dir, mode) }) / uint64(len(text))
				if each > most {
					t.Errorf("%s of %s, read %s: %d bytes each, want at most %d (%.80s)", shape.name, item, how, each, most, fmt.Sprint(err))
				}
			}
			check("strictly", mostStrict, schema.InRequest, schema.Strict)
			check("tolerantly", mostTolerant, schema.InResponse, schema.Tolerant)
		}
	}
}

// A request that is refused costs no more than its body and what the body may cost to read.
func TestHostileRequests(t *testing.T) {
	if cost.Race {
		t.Skip("the race detector changes what memory is used again")
	}
	const (
		size = 1 << 18
		most = 40 // bytes for each of the body's
	)
	handler := NewHandler(service{}, contract.HandlerOptions{OnError: func(_ *http.Request, err error) {}})
	for _, c := range []struct{ method, path, open, item, close string }{
		{"POST", "/pets", `{"kind":"Cow","x":[`, `0`, `]}`},
		{"POST", "/pets", `{"kind":"Cat","lives":[`, `{}`, `]}`},
		{"POST", "/pets", `{"kind":"Dog",`, `"":0`, `}`},
		{"POST", "/pets", `[`, `{}`, `]`},
		{"PUT", "/shapes/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", `{"radius":[`, `[]`, `]}`},
		{"PUT", "/shapes/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", `{"radius":1,"side":1,"x":[`, `{"":[]}`, `]}`},
		{"PUT", "/directed", `{"made":[`, `"\u0061"`, `]}`},
		{"POST", "/lists", `{"names":[`, `0`, `]}`},
		{"POST", "/lists", `{"chosen":[`, `{}`, `]}`},
		{"POST", "/lists", `{"groups":{"a":[`, `""`, `]}}`},
	} {
		body := c.open + c.item + strings.Repeat(","+c.item, size/(len(c.item)+1)) + c.close
		request := httptest.NewRequest(c.method, c.path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		each := cost.Memory(func() { handler.ServeHTTP(recorder, request) }) / uint64(len(body))
		if recorder.Code != http.StatusBadRequest || recorder.Body.Len() > 1<<16 {
			t.Errorf("%s%s…: status %d, %d bytes", c.open, c.item, recorder.Code, recorder.Body.Len())
		}
		if each > most {
			t.Errorf("%s%s…: %d bytes each, want at most %d", c.open, c.item, each, most)
		}
	}
}
