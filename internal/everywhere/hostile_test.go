package everywhere

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract"
)

// maze is a text in which each level has a part that only encoding/json can decode, and then something that the emitted decoder does not
// expect.
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
			if _, err := contract.Unmarshal[Maze](Schemas()["Maze"], text, contract.InRequest); err != nil {
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

// BenchmarkHostile decodes texts that look ahead in vain, or nest in a way that leaves parts to encoding/json. The time per byte should
// stay near the same.
func BenchmarkHostile(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		rows := []byte(`{"rows":[` + strings.Repeat(`["[\""],`, n) + `[]]}`)
		b.Run(fmt.Sprintf("brackets in strings/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(rows)))
			for b.Loop() {
				_, _ = contract.Unmarshal[Table](Schemas()["Table"], rows, contract.InRequest)
			}
		})
	}
	for _, depth := range []int{2, 8, 24} {
		text := []byte(maze(depth, `{"kind":"Wall"}`))
		b.Run(fmt.Sprintf("maze/%d", depth), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := contract.Unmarshal[Maze](Schemas()["Maze"], text, contract.InRequest); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
