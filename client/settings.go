package client

import (
	"context"
	"net/http"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// GetSettings gets the settings of the account.
func (c *Client) GetSettings(ctx context.Context) (interconnect.Settings, error) {
	return invoke[interconnect.Settings](ctx, c, "get_settings", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetSettings(ctx, c.accountID, edit)
	})
}

// UpdateSettings changes the settings of the account that update names, and returns all of them.
func (c *Client) UpdateSettings(ctx context.Context, update interconnect.SettingsUpdate) (interconnect.Settings, error) {
	return invoke[interconnect.Settings](ctx, c, "update_settings", func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.UpdateSettings(ctx, c.accountID, update, edit)
	})
}
