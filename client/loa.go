package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// GetInterconnectLOA writes the Letter of Authorization of a physical interconnect to w, as the PDF document that the operator of
// the facility asks for, and returns the number of bytes written. nil params, or no Name in them, stand for the default name.
//
// The letter is written as it arrives, so after an error w may have a part of it. Nothing is written unless the service answered
// with a PDF. [WithTimeout] limits the time of the whole transfer.
func (c *Client) GetInterconnectLOA(ctx context.Context, name string, params *interconnect.GetInterconnectLOAParams, w io.Writer) (int64, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	call, resp, err := c.start(ctx, "get_interconnect_loa", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetInterconnectLOA(ctx, c.accountID, name, params, edit)
	}))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(w, resp.Body)
	switch {
	case err != nil:
		return n, call.wrap(fmt.Errorf("the letter ends after %d bytes: %w", n, err))
	case n == 0:
		return 0, call.wrap(errors.New("the letter is empty"))
	}
	return n, nil
}

// GetInterconnectLOADefaultName gets the customer name that a Letter of Authorization carries if none is given.
func (c *Client) GetInterconnectLOADefaultName(ctx context.Context, name string) (interconnect.DefaultLOAName, error) {
	return invoke[interconnect.DefaultLOAName](ctx, c, "get_interconnect_loa_default_name", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetInterconnectLOADefaultName(ctx, c.accountID, name, edit)
	}))
}
