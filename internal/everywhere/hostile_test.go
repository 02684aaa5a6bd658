package everywhere

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
)

// maze is a text in which each level is a union whose discriminator comes first in some objects and last in others, so that a reader has to
// look ahead.
func maze(depth int, innermost string) string {
	return strings.Repeat(`{"kind":"Room","doors":{"x":`, depth) + innermost +
		strings.Repeat(`},"next":{"doors":{"kind":{"kind":"Wall"}},"kind":"Room"}}`, depth)
}

// What a text costs grows with its length times its depth, and no faster: not twice as much with each level.
func TestNestingIsNotExponential(t *testing.T) {
	const few, many = 4, 24
	cost := func(depth int) int64 {
		text := []byte(maze(depth, `{"kind":"Wall"}`))
		return int64(testing.AllocsPerRun(1, func() {
			var m Maze
			if err := json.Unmarshal(text, &m); err != nil {
				t.Errorf("depth %d: %v", depth, err)
			}
			if err := reading(readMaze, &schemaMaze)(string(text), schema.InRequest, schema.Strict); err != nil {
				t.Errorf("depth %d: %v", depth, err)
			}
		}))
	}
	if a, b := cost(few), cost(many); b > a*(many/few)*(many/few)*2 {
		t.Errorf("%d levels cost %d allocations, %d cost %d", few, a, many, b)
	}

	encode := func(depth int) int64 {
		m := NewMaze(Room{Kind: "wrong"})
		for range depth {
			m = NewMaze(Room{Doors: map[string]Maze{"x": m}})
		}
		return int64(testing.AllocsPerRun(1, func() {
			var invalid *contract.ValidationError
			if _, err := json.Marshal(m); !errors.As(err, &invalid) {
				t.Errorf("depth %d: %v", depth, err)
			}
		}))
	}
	if a, b := encode(few), encode(many); b > a*(many/few)*(many/few)*2 {
		t.Errorf("%d levels cost %d allocations to encode, %d cost %d", few, a, many, b)
	}
}

// BenchmarkHostile reads texts in which a reader looks ahead in vain, or at each level. The time per byte should stay near the same.
func BenchmarkHostile(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		rows := `{"rows":[` + strings.Repeat(`["[\""],`, n) + `[]]}`
		b.Run(fmt.Sprintf("brackets in strings/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(rows)))
			for b.Loop() {
				_ = reading(readTable, &schemaTable)(rows, schema.InRequest, schema.Strict)
			}
		})
	}
	for _, depth := range []int{2, 8, 24} {
		text := maze(depth, `{"kind":"Wall"}`)
		b.Run(fmt.Sprintf("maze/%d", depth), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := reading(readMaze, &schemaMaze)(text, schema.InRequest, schema.Strict); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
