package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/tolerant"
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

// A page is the body of the response to a list.
type page[T any] struct {
	Items items[T] `json:"items"`
	Next  *int32   `json:"next"`
}

// items are those of a page. In Go an item takes more memory than in JSON, up to a thousand bytes, so very many very short
// items are refused before they are decoded.
type items[T any] []T

// Where there are more than manyItems, they have to take minItem bytes each, on average. All items of this API have IDs or
// names that are longer.
const (
	manyItems = 1000
	minItem   = 64
)

// UnmarshalJSON decodes the items with [json.Unmarshal].
func (i *items[T]) UnmarshalJSON(data []byte) error { return i.UnmarshalTolerant(data, json.Unmarshal) }

// UnmarshalTolerant decodes the items with the function.
func (i *items[T]) UnmarshalTolerant(data []byte, unmarshal func([]byte, any) error) error {
	n := eachItem(data, func(json.RawMessage) {})
	if n > manyItems && len(data) < n*minItem {
		return fmt.Errorf("the page has %d items in %d bytes; that is too short for items of this API", n, len(data))
	}
	list := make([]T, 0, n)
	if err := unmarshal(data, &list); err != nil {
		return err
	}
	*i = list
	return nil
}

// eachItem calls a function for each item of an array, which is valid JSON, and returns how many there are. Anything else has
// none. It allocates nothing.
func eachItem(data []byte, f func(json.RawMessage)) (n int) {
	data = bytes.TrimSpace(data)
	if len(data) < 2 || data[0] != '[' {
		return 0
	}
	data = data[1 : len(data)-1]
	start, depth := 0, 0
	for i := 0; i <= len(data); i++ {
		if i == len(data) || depth == 0 && data[i] == ',' {
			if item := bytes.TrimSpace(data[start:i]); len(item) > 0 {
				f(item)
				n++
			}
			start = i + 1
			continue
		}
		switch data[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return n
}

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

// fetch gets one page. If it cannot be understood as a whole, those of its items are returned that can, and the error is about
// what is not an item.
func fetch[T any](ctx context.Context, c *Client, operation string, send sender) ([]item[T], *int32, error) {
	list, err := invoke[page[T]](ctx, c, operation, send)
	switch {
	case err != nil:
		return salvage[T](ctx, c, err)
	case list.Items == nil: // which is not the same as none
		return nil, nil, fmt.Errorf("%s: the page has no items, want an array of them", operation)
	}
	items := make([]item[T], len(list.Items))
	for i, value := range list.Items {
		items[i].value = value
	}
	return items, list.Next, nil
}

// salvage reads the items of a page one by one. Without an answer whose structure is known there are none.
func salvage[T any](ctx context.Context, c *Client, failure error) ([]item[T], *int32, error) {
	var answer *ResponseError
	var invalid *ValidationError
	if c.strict || !errors.As(failure, &answer) || answer.Truncated || answer.Status > 299 || !errors.As(answer.Err, &invalid) {
		return nil, nil, failure
	}
	var list page[json.RawMessage]
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
	schema := itemSchema(answer.Operation)
	more := 0
	for i, text := range list.Items {
		decoded, concessions, err := schema.CheckTolerant(text, contract.InResponse)
		if err == nil {
			err = tolerant.Unmarshal(decoded, &items[i].value)
		}
		if err != nil {
			items[i] = item[T]{err: &ItemError{Operation: answer.Operation, Index: i, JSON: text, Err: err}}
			continue
		}
		for _, v := range concessions {
			if len(told.Violations) >= maxConcessions {
				more++
				continue
			}
			v.In, v.Pointer = "body", "/items/"+strconv.Itoa(i)+v.Pointer
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

// itemSchema is the schema of the items that an operation lists.
func itemSchema(operation string) *contract.Schema {
	for _, op := range interconnect.Operations() {
		for _, response := range op.Responses {
			if op.ID != operation || response.Status != "200" {
				continue
			}
			for _, p := range response.Content[0].Schema.Properties {
				if p.Name == "items" {
					return p.Schema.Items
				}
			}
		}
	}
	panic("client: " + operation + " lists nothing")
}

// copied returns a copy of the parameters, so that those of the caller stay as they are; nil stands for the zero value.
func copied[P any](params *P) *P {
	if params == nil {
		return new(P)
	}
	return new(*params)
}
