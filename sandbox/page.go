package sandbox

import "iter"

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// page returns the items behind the cursor, and the position of the last one, or nil if nothing comes after it. The positions ascend, and an item keeps the one it has for as long as it exists:
// so what comes and goes between two pages moves no other item from one page to another.
func page[T any](positions iter.Seq2[int32, T], cursor, limit *int32) (items []T, next *int32) {
	size, after := defaultLimit, int32(0)
	if limit != nil && *limit > 0 {
		size = min(int(*limit), maxLimit)
	}
	if cursor != nil {
		after = *cursor
	}
	var last int32
	for position, item := range positions {
		if position <= after {
			continue
		}
		if len(items) == size {
			return items, &last
		}
		items = append(items, item)
		last = position
	}
	return items, nil
}
