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

// Error says what is wrong with the item.
func (e *ItemError) Error() string {
	return fmt.Sprintf("%s: item %d of the page: %v", e.Operation, e.Index, e.Err)
}

// Unwrap returns Err.
func (e *ItemError) Unwrap() error { return e.Err }

// In Go an item takes more memory than in JSON. Where a page has more than manyItems, they have to take minItem bytes each, on average, to be
// read one by one. All items of this API have IDs or names that are longer.
const (
	manyItems = 1000
	minItem   = 64
)

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

// A pageOf is a part of a list.
type pageOf[T any] struct {
	items []T
	wrong map[int]error // what is wrong with those items that could not be understood
	next  *int32        // the cursor of the next page; nil for none
}

// pages yields the items of all pages, from the one at cursor on.
func pages[T any](operation string, cursor *int32, fetch func(cursor *int32) (pageOf[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[int32]bool{}
		empty := 0 // pages in a row
		for at := cursor; ; {
			if at != nil {
				seen[*at] = true
			}
			page, err := fetch(at)
			for i, value := range page.items {
				if !yield(value, page.wrong[i]) {
					return
				}
			}
			next := page.next
			if empty++; len(page.items) > 0 {
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
func fetch[L, T any](ctx context.Context, c *Client, operation string, apart parts[L, T], send sender) (pageOf[T], error) {
	list, err := invoke[L](ctx, c, operation, send)
	if err != nil {
		return salvage(ctx, c, apart, err)
	}
	values, next := apart(&list)
	if values == nil { // which is not the same as none
		return pageOf[T]{}, fmt.Errorf("%s: the page has no items, want an array of them", operation)
	}
	return pageOf[T]{items: values, next: next}, nil
}

// salvage reads the items of a page one by one. Without a response whose structure is known there are none.
func salvage[L, T any](ctx context.Context, c *Client, apart parts[L, T], failure error) (pageOf[T], error) {
	var answer *ResponseError
	var invalid *ValidationError
	if c.strict || !errors.As(failure, &answer) || answer.Truncated || answer.Status > 299 || !errors.As(answer.Err, &invalid) {
		return pageOf[T]{}, failure
	}
	var list struct {
		Items json.RawMessage `json:"items"`
		Next  *int32          `json:"next"`
	}
	for _, v := range invalid.Violations {
		switch v.Rule {
		case "syntax", "duplicate", "trailing", "depth", "size": // then it is not clear what is an item, or too much
			if !strings.HasPrefix(v.Pointer, "/items/") {
				return pageOf[T]{}, failure
			}
		}
	}
	next := json.Unmarshal(answer.Body, &list)
	n := eachItem(list.Items, func(json.RawMessage) {})
	if !strings.HasPrefix(string(list.Items), "[") || n > manyItems && len(list.Items) < n*minItem {
		return pageOf[T]{}, failure
	}
	read := pageOf[T]{items: make([]T, n), wrong: map[int]error{}}
	i := -1
	told := &Deviation{Operation: answer.Operation, Status: answer.Status, Header: answer.Header, Body: answer.Body}
	content := listContent(answer.Operation)
	more := 0
	eachItem(list.Items, func(text json.RawMessage) {
		i++
		// A page of this item alone.
		v, deviations, err := content.ReadBody(`{"items":[`+string(text)+`]}`, contract.InResponse, schema.Tolerant)
		if err != nil {
			read.wrong[i] = &ItemError{Operation: answer.Operation, Index: i, JSON: text, Err: itemViolations(err)}
			return
		}
		values, _ := apart(v.(*L))
		read.items[i] = values[0]
		for _, v := range deviations {
			if len(told.Violations) >= maxDeviations {
				more++
				continue
			}
			v.In, v.Pointer = "body", "/items/"+strconv.Itoa(i)+strings.TrimPrefix(v.Pointer, "/items/0")
			told.Violations = append(told.Violations, v)
		}
	})
	if more > 0 {
		told.Violations = append(told.Violations, Violation{
			In: "body", Rule: "more", Want: "no further deviations; there are at least " + strconv.Itoa(more) + " more",
		})
	}
	if len(told.Violations) > 0 {
		c.deviates(ctx, told)
	}
	if next != nil {
		return read, failure
	}
	read.next = list.Next
	return read, nil
}

// maxDeviations is how many deviations of the items of a page are reported.
const maxDeviations = 1000

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
