package client

import (
	"errors"
	"fmt"
	"iter"
)

// ErrCursorRepeats ends a list whose pages lead back to an earlier one. What was listed before is right, but may not be all.
var ErrCursorRepeats = errors.New("the cursor of the next page repeats")

// pages yields the items of all pages, from the one at cursor on. fetch returns one page and the cursor of the next, nil for none.
func pages[T any](operation string, cursor *int32, fetch func(cursor *int32) ([]T, *int32, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[int32]bool{}
		for at := cursor; ; {
			if at != nil {
				seen[*at] = true
			}
			items, next, err := fetch(at)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			switch {
			case next == nil:
				return
			case seen[*next]:
				yield(none, fmt.Errorf("%s: %w: %d", operation, ErrCursorRepeats, *next))
				return
			}
			at = next
		}
	}
}

// copied returns a copy of the parameters, so that those of the caller stay as they are; nil stands for the zero value.
func copied[P any](params *P) *P {
	if params == nil {
		return new(P)
	}
	return new(*params)
}
