package client

import (
	"context"
	"iter"
	"net/http"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// ListSlots lists the slots that fit params, page by page as they are needed; nil params fit all. The Cursor of params is where the list
// begins, and the Limit the size of a page, not of the list. An [*ItemError] is about one item, and the list goes on; any other
// error is the last item.
func (c *Client) ListSlots(ctx context.Context, params *interconnect.ListSlotsParams) iter.Seq2[interconnect.Slot, error] {
	page := copied(params)
	return pages("list_slots", page.Cursor, func(cursor *int32) (pageOf[interconnect.Slot], error) {
		page := *page
		page.Cursor = cursor
		return fetch(ctx, c, "list_slots", apartSlotList, func(ctx context.Context, edit editor) (*http.Response, error) {
			return c.api.ListSlots(ctx, c.accountID, &page, edit)
		})
	})
}

// GetSlot gets a slot. The error is [ErrNotFound] if there is none.
func (c *Client) GetSlot(ctx context.Context, slot uuid.UUID) (interconnect.Slot, error) {
	return invoke[interconnect.Slot](ctx, c, "get_slot", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetSlot(ctx, c.accountID, slot, edit)
	})
}

func apartSlotList(list *interconnect.SlotList) ([]interconnect.Slot, *int32) {
	return list.Items, list.Next
}
