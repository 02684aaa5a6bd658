package everywhere

import (
	"fmt"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/tolerant"
	"github.com/interconnect-go/interconnect/internal/cost"
)

// readStrictly reads JSON into a T as a server does.
func readStrictly[T any](schema string, text []byte) error {
	_, err := contract.Unmarshal[T](Schemas()[schema], text, contract.InRequest)
	return err
}

// readTolerantly reads JSON into a T as a client does.
func readTolerantly[T any](schema string, text []byte) error {
	text, _, err := Schemas()[schema].CheckTolerant(text, contract.InResponse)
	if err != nil {
		return err
	}
	return tolerant.Unmarshal(text, new(T))
}

// What it costs to read hostile JSON into Go values is in proportion to its size. Go values are larger than their JSON, and
// slices of them grow while they are read, so that it is more than validation costs.
func TestHostileMemory(t *testing.T) {
	const (
		size         = 1 << 18
		mostStrict   = 50 // bytes for each of the input's
		mostTolerant = 100
	)
	for _, shape := range []struct {
		schema, open, close string
		items               []string
		strict, tolerant    func(string, []byte) error
	}{
		{"Shapes", `[`, `]`, []string{`{}`, `0`, `{"radius":1}`, `{"x":1}`, `{"radius":1,"side":1}`}, readStrictly[Shapes], readTolerantly[Shapes]},
		{"Shapes", `[`, `,0]`, []string{`{}`, `{"side":1}`, `{"radius":1}`}, readStrictly[Shapes], readTolerantly[Shapes]},
		{"Tree", `{"children":[`, `]}`, []string{`{}`, `0`, `{"leaf":""}`, `{"children":[{"leaf":"x"}]}`}, readStrictly[Tree], readTolerantly[Tree]},
		{"Holder", `{"list":[],"shape":{"side":1},"matrix":[`, `]}`, []string{`[]`, `[0]`, `["x",0]`, `[0,0,0,0,0,0,0]`, `0`}, readStrictly[Holder], readTolerantly[Holder]},
		{"Table", `{"rows":[`, `]}`, []string{`[]`, `["x"]`, `["","",""]`, `0`}, readStrictly[Table], readTolerantly[Table]},
	} {
		for _, item := range shape.items {
			text := []byte(shape.open + item + strings.Repeat(","+item, size/(len(item)+1)) + shape.close)
			check := func(mode string, most uint64, read func(string, []byte) error) {
				var err error
				each := cost.Memory(func() { err = read(shape.schema, text) }) / uint64(len(text))
				if each > most {
					t.Errorf("%s of %s, read %s: %d bytes each, want at most %d (%.80s)", shape.schema, item, mode, each, most, fmt.Sprint(err))
				}
			}
			check("strictly", mostStrict, shape.strict)
			check("tolerantly", mostTolerant, shape.tolerant)
		}
	}
}
