package everywhere

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

// BenchmarkNesting reads and writes a union that is a variant of itself, 1 to 31 deep, with 64 leaves below. The time
// per byte should stay the same.
func BenchmarkNesting(b *testing.B) {
	leaves := strings.Repeat(`,{"leaf":"x"}`, 64)[1:]
	schema := Schemas()["Tree"]
	for _, depth := range []int{1, 2, 4, 8, 16, 31} {
		text := []byte(strings.Repeat(`{"children":[`, depth) + leaves + strings.Repeat(`]}`, depth))
		var tree Tree
		if err := json.Unmarshal(text, &tree); err != nil {
			b.Fatal(err)
		}
		run := func(name string, f func() error) {
			b.Run(fmt.Sprintf("%s/%d", name, depth), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("check", func() error {
			_, err := schema.Check(text, contract.Undirected)
			return err
		})
		run("decode", func() error {
			_, err := contract.Unmarshal[Tree](schema, text, contract.Undirected)
			return err
		})
		run("encode", func() error {
			_, err := contract.Marshal(schema, &tree, contract.Undirected)
			return err
		})
	}
}
