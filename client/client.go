package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A Client makes calls for one account. Make one with [New]; the zero Client is of no use. It may be used by several goroutines at
// once.
type Client struct {
	accountID interconnect.AccountID
	baseURL   string
	basePath  string
	api       *interconnect.Client // the credentials are in its transport
	timeout   time.Duration        // of the *http.Client: of a whole call
	warnings  *slog.Logger

	strict      bool
	onDeviation func(*Deviation)
}

// New returns a client for an account. An empty accountID stands for the value of CLOUDFLARE_ACCOUNT_ID.
//
// Calls go to the URL of [WithBaseURL]; without it to that in CLOUDFLARE_BASE_URL, which Cloudflare's SDKs read too; without either
// to Cloudflare, [DefaultBaseURL], where an order is binding. A URL in the environment that is not Cloudflare's, such as that of a
// sandbox, is logged on level info.
//
// Credentials come from [WithToken] or [WithEmailKey]; without either from CLOUDFLARE_API_TOKEN or else from both of
// CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY. The error says what is missing or wrong. Nothing is sent.
func New(accountID string, opts ...Option) (*Client, error) {
	cfg, err := newConfig(accountID, opts)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	c := &Client{
		accountID: cfg.accountID,
		baseURL:   cfg.baseURL.String(),
		basePath:  cfg.baseURL.Path,
		timeout:   cfg.httpClient.Timeout,
		warnings:  cfg.warnings,

		strict:      cfg.strict,
		onDeviation: cfg.onDeviation,
	}
	httpClient := *cfg.httpClient
	httpClient.Timeout = 0 // see Client.context; http.Client would hide our errors in one of its own
	httpClient.Transport = c.chain(cfg)
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.api, err = interconnect.NewClient(c.baseURL, interconnect.WithHTTPClient(&httpClient))
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return c, nil
}

// chain puts together what happens to a request on its way, from the inside out. A request passes these from the last to the
// first, its response from the first to the last.
func (c *Client) chain(cfg *config) http.RoundTripper {
	rt := cfg.httpClient.Transport
	if rt == nil {
		rt = http.DefaultTransport
	}
	// Send again what is safe to send again, and log each attempt. What comes back has no credentials, and a body that was read as a
	// whole, unless it is a PDF.
	rt = &retryTransport{base: rt, cfg: cfg, redact: newRedactor(cfg.credentials)}
	// Validate request and response against the document. It also makes the body one that can be sent again.
	rt = interconnect.NewTransport(rt, contract.TransportOptions{
		BasePath:      c.basePath,
		AllowZeroUUID: cfg.allowZero,
		OnDeviation: func(r *http.Request, deviation *Deviation) error {
			switch {
			case c.strict:
				return &ValidationError{Violations: deviation.Violations}
			case isRefusal(deviation.Body): // under a status that says otherwise
				return errRefusal
			case deviation.Body != nil && isPage(deviation.Header): // of a proxy, which has not done what was asked for
				return errPage
			}
			c.deviates(r.Context(), deviation)
			return nil
		},
	})
	// Add what the document asks of each request. A request for another host goes no further.
	return &authTransport{base: rt, credentials: cfg.credentials, userAgent: cfg.userAgent, scheme: cfg.baseURL.Scheme, host: cfg.baseURL.Host}
}

var (
	errRefusal = errors.New(`the response says "success": false`)
	errPage    = errors.New("the response is a page for a browser, perhaps of a proxy that wants a login")
)

func isPage(header http.Header) bool {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}

// AccountID returns the account that the calls are for.
func (c *Client) AccountID() interconnect.AccountID { return c.accountID }

// String names the account and the base URL, but not the credentials.
func (c *Client) String() string {
	return fmt.Sprintf("client for account %s at %s", c.accountID, c.baseURL)
}

// GoString is String, for the verb %#v.
func (c *Client) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// context ends with the timeout of the *http.Client, if it has one.
func (c *Client) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout > 0 {
		return context.WithTimeout(ctx, c.timeout)
	}
	return ctx, func() {}
}
