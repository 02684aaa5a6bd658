package client

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// ListInterconnects lists the interconnects that fit params, page by page as they are needed; nil params fit all. The Cursor of params is where the list
// begins, and the Limit the size of a page, not of the list. An [*ItemError] is about one item, and the list goes on; any other
// error is the last item.
func (c *Client) ListInterconnects(ctx context.Context, params *interconnect.ListInterconnectsParams) iter.Seq2[interconnect.Interconnect, error] {
	page := copied(params)
	return pages("list_interconnects", page.Cursor, func(cursor *int32) (pageOf[interconnect.Interconnect], error) {
		page := *page
		page.Cursor = cursor
		return fetch(ctx, c, "list_interconnects", apartInterconnectList, func(ctx context.Context, edit editor) (*http.Response, error) {
			return c.api.ListInterconnects(ctx, c.accountID, &page, edit)
		})
	})
}

// CreateInterconnect orders an interconnect. An empty Account in the order stands for that of the client.
//
// The interconnect is an [interconnect.UnknownVariant] if the service accepts the order and answers with something that the document
// does not describe.
//
// The order is a contract, and it is never sent a second time once it may have arrived: see [UnknownOutcomeError] for what to do
// when no response came.
func (c *Client) CreateInterconnect(ctx context.Context, order interconnect.InterconnectCreate) (interconnect.Interconnect, error) {
	switch v := order.Value().(type) {
	case interconnect.PhysicalInterconnectCreate:
		v.Account = cmp.Or(v.Account, c.accountID)
		order = interconnect.NewInterconnectCreate(v)
	case interconnect.GCPPartnerInterconnectCreate:
		v.Account = cmp.Or(v.Account, c.accountID)
		order = interconnect.NewInterconnectCreate(v)
	}
	return invoke[interconnect.Interconnect](ctx, c, "create_interconnect", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.CreateInterconnect(ctx, c.accountID, order, edit)
	})
}

// GetInterconnect gets an interconnect by its name. The error is [ErrNotFound] if there is none.
func (c *Client) GetInterconnect(ctx context.Context, name string) (interconnect.Interconnect, error) {
	return invoke[interconnect.Interconnect](ctx, c, "get_interconnect", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetInterconnect(ctx, c.accountID, name, edit)
	}))
}

// DeleteInterconnect deletes an interconnect for good. The error is [ErrNotFound] if there is none.
func (c *Client) DeleteInterconnect(ctx context.Context, name string) error {
	return invokeEmpty(ctx, c, "delete_interconnect", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.DeleteInterconnect(ctx, c.accountID, name, edit)
	}))
}

// GetInterconnectStatus gets the state of an interconnect's link. [StateOf] reads it; [Client.WaitHealthy] waits for it.
func (c *Client) GetInterconnectStatus(ctx context.Context, name string) (interconnect.InterconnectStatus, error) {
	return invoke[interconnect.InterconnectStatus](ctx, c, "get_interconnect_status", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetInterconnectStatus(ctx, c.accountID, name, edit)
	}))
}

// named keeps names from being sent that would make the path that of something else: "x/." is "x/", and "x/.." is "/".
func named(name string, send sender) sender {
	if name != "" && name != "." && name != ".." {
		return send
	}
	return func(context.Context, interconnect.RequestEditorFn) (*http.Response, error) {
		return nil, &RequestError{Err: fmt.Errorf("%q is not the name of an interconnect", name)}
	}
}

func apartInterconnectList(list *interconnect.InterconnectList) ([]interconnect.Interconnect, *int32) {
	return list.Items, list.Next
}
