package everywhere

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// BenchmarkNesting reads and writes a union that is a variant of itself, 1 to 31 deep, with 64 leaves below. The time
// per byte should stay the same.
func BenchmarkNesting(b *testing.B) {
	leaves := strings.Repeat(`,{"leaf":"x"}`, 64)[1:]
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
		run("check", func() error { return schemaTree.Check(text, schema.Undirected) })
		run("read", func() error { return reading(readTree, &schemaTree)(string(text), schema.Undirected, schema.Strict) })
		run("write", func() error {
			_, err := wire.Write(&tree, writeTree, &schemaTree, schema.Undirected)
			return err
		})
	}
}
