package sandbox

import "iter"

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// A page is a part of a list. Next is the position of its last item, or nil if nothing comes after it.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  *int32 `json:"next"`
}

// newPage returns the items behind the cursor. The positions ascend, and an item keeps the one it has for as long as it exists:
// so what comes and goes between two pages moves no other item from one page to another.
func newPage[T any](items iter.Seq2[int32, T], cursor, limit *int32) page[T] {
	size, after := defaultLimit, int32(0)
	if limit != nil && *limit > 0 {
		size = min(int(*limit), maxLimit)
	}
	if cursor != nil {
		after = *cursor
	}
	p := page[T]{Items: []T{}}
	var last int32
	for position, item := range items {
		if position <= after {
			continue
		}
		if len(p.Items) == size {
			p.Next = &last
			break
		}
		p.Items = append(p.Items, item)
		last = position
	}
	return p
}
