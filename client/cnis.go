package client

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// ListCNIs lists the CNIs that fit params, page by page as they are needed; nil params fit all. The Cursor of params is where the list
// begins, and the Limit the size of a page, not of the list. An [*ItemError] is about one item, and the list goes on; any other
// error is the last item.
func (c *Client) ListCNIs(ctx context.Context, params *interconnect.ListCNIsParams) iter.Seq2[interconnect.CNI, error] {
	page := copied(params)
	return pages("list_cnis", page.Cursor, func(cursor *int32) (pageOf[interconnect.CNI], error) {
		page := *page
		page.Cursor = cursor
		return fetch(ctx, c, "list_cnis", apartCNIList, func(ctx context.Context, edit editor) (*http.Response, error) {
			return c.api.ListCNIs(ctx, c.accountID, &page, edit)
		})
	})
}

// CreateCNI configures layer 3 on an interconnect. An empty Account stands for that of the client. The error is [ErrConflict] if
// the conduit name is in use.
func (c *Client) CreateCNI(ctx context.Context, cni interconnect.CNICreate) (interconnect.CNI, error) {
	cni.Account = cmp.Or(cni.Account, c.accountID)
	return invoke[interconnect.CNI](ctx, c, "create_cni", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.CreateCNI(ctx, c.accountID, cni, edit)
	})
}

// GetCNI gets a CNI. The error is [ErrNotFound] if there is none.
func (c *Client) GetCNI(ctx context.Context, id uuid.UUID) (interconnect.CNI, error) {
	return invoke[interconnect.CNI](ctx, c, "get_cni", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetCNI(ctx, c.accountID, id, edit)
	})
}

// UpdateCNI replaces the configuration of a CNI; an update without BGP ends the BGP session. An empty Account stands for that of
// the client.
func (c *Client) UpdateCNI(ctx context.Context, id uuid.UUID, update interconnect.CNIUpdate) (interconnect.CNI, error) {
	update.Account = cmp.Or(update.Account, c.accountID)
	return invoke[interconnect.CNI](ctx, c, "update_cni", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.UpdateCNI(ctx, c.accountID, id, update, edit)
	})
}

// DeleteCNI deletes a CNI for good. The error is [ErrNotFound] if there is none.
func (c *Client) DeleteCNI(ctx context.Context, id uuid.UUID) error {
	return invokeEmpty(ctx, c, "delete_cni", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.DeleteCNI(ctx, c.accountID, id, edit)
	})
}

func apartCNIList(list *interconnect.CNIList) ([]interconnect.CNI, *int32) {
	return list.Items, list.Next
}
