package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// ErrCursorRepeats ends a list whose pages lead back to an earlier one. What was listed before is right, but may not be all.
var ErrCursorRepeats = errors.New("the cursor of the next page repeats")

// ErrEmptyPages ends a list after 100 pages in a row without an item, although each names a next one. What was listed before is right,
// but may not be all.
var ErrEmptyPages = fmt.Errorf("%d pages in a row have no items", maxEmptyPages)

const maxEmptyPages = 100

// An ItemError is about one item of a list, which could not be understood. The list goes on behind it.
type ItemError struct {
	Operation string          // the operationId, such as "list_slots"
	Index     int             // of the item in its page, from 0
	JSON      json.RawMessage // the item
	Err       error           // a *ValidationError with pointers into the item
}

// Error tells what is wrong with the item.
func (e *ItemError) Error() string {
	return fmt.Sprintf("%s: item %d of the page: %v", e.Operation, e.Index, e.Err)
}

// Unwrap returns Err.
func (e *ItemError) Unwrap() error { return e.Err }

// An item is one of a list, or what is wrong with it.
type item[T any] struct {
	value T
	err   error
}

// pages yields the items of all pages, from the one at cursor on. fetch returns one page and the cursor of the next, nil for none.
func pages[T any](operation string, cursor *int32, fetch func(cursor *int32) ([]item[T], *int32, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[int32]bool{}
		empty := 0 // pages in a row
		for at := cursor; ; {
			if at != nil {
				seen[*at] = true
			}
			items, next, err := fetch(at)
			for _, item := range items {
				if !yield(item.value, item.err) {
					return
				}
			}
			if empty++; len(items) > 0 {
				empty = 0
			}
			switch {
			case err != nil:
				yield(none, err)
				return
			case next == nil:
				return
			case empty == maxEmptyPages:
				yield(none, fmt.Errorf("%s: %w", operation, ErrEmptyPages))
				return
			case *next < 0:
				yield(none, fmt.Errorf("%s: the cursor of the next page is %d, want 0 or more; there may be more pages", operation, *next))
				return
			case seen[*next]:
				yield(none, fmt.Errorf("%s: %w: %d", operation, ErrCursorRepeats, *next))
				return
			}
			at = next
		}
	}
}

// parts takes a page of a list apart: its items and the cursor of the next page.
type parts[L, T any] func(*L) (items []T, next *int32)

// fetch gets one page. If it cannot be understood as a whole, those of its items are returned that can, and the error is about
// what is not an item.
func fetch[L, T any](ctx context.Context, c *Client, operation string, apart parts[L, T], send sender) ([]item[T], *int32, error) {
	list, err := invoke[L](ctx, c, operation, send)
	if err != nil {
		return salvage(ctx, c, apart, err)
	}
	values, next := apart(&list)
	if values == nil { // which is not the same as none
		return nil, nil, fmt.Errorf("%s: the page has no items, want an array of them", operation)
	}
	items := make([]item[T], len(values))
	for i, value := range values {
		items[i].value = value
	}
	return items, next, nil
}

// salvage reads the items of a page one by one. Without a response whose structure is known there are none.
func salvage[L, T any](ctx context.Context, c *Client, apart parts[L, T], failure error) ([]item[T], *int32, error) {
	var answer *ResponseError
	var invalid *ValidationError
	if c.strict || !errors.As(failure, &answer) || answer.Truncated || answer.Status > 299 || !errors.As(answer.Err, &invalid) {
		return nil, nil, failure
	}
	var list struct {
		Items []json.RawMessage `json:"items"`
		Next  *int32            `json:"next"`
	}
	for _, v := range invalid.Violations {
		switch v.Rule {
		case "syntax", "duplicate", "trailing", "depth": // then it is not clear what is an item
			if !strings.HasPrefix(v.Pointer, "/items/") {
				return nil, nil, failure
			}
		}
	}
	next := json.Unmarshal(answer.Body, &list)
	if list.Items == nil {
		return nil, nil, failure
	}
	items := make([]item[T], len(list.Items))
	told := &Concession{Operation: answer.Operation, Status: answer.Status, Header: answer.Header, Body: answer.Body}
	content := listContent(answer.Operation)
	more := 0
	for i, text := range list.Items {
		// A page of this item alone.
		v, deviations, err := content.ReadBody(`{"items":[`+string(text)+`]}`, contract.InResponse, schema.Tolerant)
		if err != nil {
			items[i] = item[T]{err: &ItemError{Operation: answer.Operation, Index: i, JSON: text, Err: itemViolations(err)}}
			continue
		}
		values, _ := apart(v.(*L))
		items[i].value = values[0]
		for _, v := range deviations {
			if len(told.Violations) >= maxConcessions {
				more++
				continue
			}
			v.In, v.Pointer = "body", "/items/"+strconv.Itoa(i)+strings.TrimPrefix(v.Pointer, "/items/0")
			told.Violations = append(told.Violations, v)
		}
	}
	if more > 0 {
		told.Violations = append(told.Violations, Violation{
			In: "body", Rule: "more", Want: "no further deviations; there are at least " + strconv.Itoa(more) + " more",
		})
	}
	if len(told.Violations) > 0 {
		c.concede(ctx, told)
	}
	if next != nil {
		return items, nil, failure
	}
	return items, list.Next, nil
}

// maxConcessions is how many deviations of the items of a page are reported.
const maxConcessions = 1000

// itemViolations makes the pointers of an error about a page of one item lead into the item.
func itemViolations(err error) error {
	var invalid *ValidationError
	if errors.As(err, &invalid) {
		for i := range invalid.Violations {
			invalid.Violations[i].Pointer = strings.TrimPrefix(invalid.Violations[i].Pointer, "/items/0")
		}
	}
	return err
}

// listContent is the body of an operation that lists.
func listContent(operation string) *contract.Content {
	for _, op := range interconnect.Operations() {
		if op.ID == operation {
			return &op.Response(http.StatusOK).Content[0]
		}
	}
	panic("client: " + operation + " is not an operation")
}

// copied returns a copy of the parameters, so that those of the caller stay as they are; nil stands for the zero value.
func copied[P any](params *P) *P {
	if params == nil {
		return new(P)
	}
	return new(*params)
}
