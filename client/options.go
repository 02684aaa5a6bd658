package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// The defaults of the options.
const (
	DefaultBaseURL        = "https://api.cloudflare.com" + interconnect.BasePath
	DefaultUserAgent      = "interconnect-go (+https://github.com/interconnect-go/interconnect)"
	DefaultTimeout        = 30 * time.Second
	DefaultMaxAttempts    = 4
	DefaultInitialBackoff = 500 * time.Millisecond
	DefaultMaxBackoff     = 8 * time.Second
)

// MaxRetryAfter is the longest that the client waits because of a Retry-After. If the service asks for more, its
// response is an error at once; see RetryAfter of [APIError].
const MaxRetryAfter = time.Minute

// An Option changes what [New] makes.
type Option func(*config) error

type config struct {
	accountID   string
	credentials credentials
	baseURL     *url.URL // its path has no slash at its end
	httpClient  *http.Client
	userAgent   string
	logger      *slog.Logger
	warnings    *slog.Logger // of what must not be missed
	strict      bool
	allowZero   bool
	onDeviation func(*Deviation)
	onRetry     func(Retry)
	timeout     time.Duration
	maxAttempts int
	initial     time.Duration
	longest     time.Duration
	sleep       func(context.Context, time.Duration) error // for tests
}

func newConfig(accountID string, opts []Option) (*config, error) {
	cfg := &config{
		accountID:   accountID,
		httpClient:  &http.Client{},
		userAgent:   DefaultUserAgent,
		logger:      slog.New(slog.DiscardHandler),
		warnings:    slog.Default(),
		timeout:     DefaultTimeout,
		maxAttempts: DefaultMaxAttempts,
		initial:     DefaultInitialBackoff,
		longest:     DefaultMaxBackoff,
		sleep:       sleep,
	}
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
			return nil, err
		}
	}
	if cfg.baseURL == nil {
		if err := cfg.baseURLFromEnvironment(); err != nil {
			return nil, err
		}
	}
	if cfg.accountID == "" {
		cfg.accountID = os.Getenv("CLOUDFLARE_ACCOUNT_ID")
	}
	switch {
	case cfg.accountID == "":
		return nil, errors.New("no account: pass its ID or set CLOUDFLARE_ACCOUNT_ID")
	case len(cfg.accountID) > 32 || strings.ContainsAny(cfg.accountID, "/?# \t\r\n") || strings.Trim(cfg.accountID, ".") == "":
		return nil, fmt.Errorf("account %q is not an account ID, want 32 hexadecimal digits", cfg.accountID)
	}
	if cfg.credentials == (credentials{}) {
		cfg.credentials = environment()
	}
	if err := cfg.credentials.check(); err != nil {
		return nil, err
	}
	if cfg.baseURL.Scheme == "http" && !isLoopback(cfg.baseURL.Hostname()) {
		cfg.warnings.Warn("the credentials are sent in the clear, as the base URL is not an https one", slog.String("host", cfg.baseURL.Host))
	}
	return cfg, nil
}

// baseURLFromEnvironment sets the base URL from the environment, or else to the default. Where calls go decides whether an order is
// binding, so a URL that is not Cloudflare's is logged.
func (cfg *config) baseURLFromEnvironment() error {
	const variable = "CLOUDFLARE_BASE_URL"
	u, err := parseBaseURL(cmp.Or(os.Getenv(variable), DefaultBaseURL))
	if err != nil {
		return fmt.Errorf("%s %w", variable, err)
	}
	cfg.baseURL = u
	if u.Scheme+"://"+u.Host+interconnect.BasePath != DefaultBaseURL {
		cfg.warnings.Info("calls go to the URL in "+variable+", not to Cloudflare", slog.String("url", u.String()))
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// WithToken authenticates by an API token. If not specified, see [New]. An empty token is an error: other credentials would act for
// somebody else.
func WithToken(token string) Option {
	return func(cfg *config) error {
		if token == "" {
			return errors.New("the API token is empty")
		}
		cfg.credentials.token = token
		return nil
	}
}

// WithEmailKey authenticates by the e-mail address of a user and the user's global API key. If not specified, see [New].
func WithEmailKey(email, key string) Option {
	return func(cfg *config) error {
		if email == "" || key == "" {
			return errors.New("the e-mail address or the API key is empty; both are needed")
		}
		cfg.credentials.email, cfg.credentials.key = email, key
		return nil
	}
}

// WithBaseURL sets the URL that the paths of the operations are appended to, such as the URL of a sandbox. If not specified or empty,
// see [New].
func WithBaseURL(baseURL string) Option {
	return func(cfg *config) error {
		if baseURL == "" {
			cfg.baseURL = nil
			return nil
		}
		u, err := parseBaseURL(baseURL)
		if err != nil {
			return fmt.Errorf("the base URL %w", err)
		}
		cfg.baseURL = u
		return nil
	}
}

// parseBaseURL returns the URL without a slash at the end of its path. Its errors follow the name of what was parsed; they do not repeat
// the URL, which may have a password in it.
func parseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return nil, errors.New("is not a URL such as " + DefaultBaseURL)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("has a user, a query or a fragment; want scheme, host and path only")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

// WithHTTPClient sets the client to send with; it is copied. Its Transport does the work below the retries, and sees each attempt:
// this is the place for proxies, tracing and test doubles. Its Timeout, if any, is one for a whole call, with all attempts and
// waits. Its CheckRedirect is not used. If not specified or nil, it is the zero [http.Client].
//
// The transport has to report to [net/http/httptrace], as all do that pass the context of a request on to an [http.Transport]. Otherwise
// a call that changes something is sent again after a failed connection only if the error is one of [net.Dialer], and what the transport
// itself sends again goes unnoticed. A transport that sends a request to the host a second time, such as after a 401, makes the attempt
// fail.
func WithHTTPClient(httpClient *http.Client) Option {
	return func(cfg *config) error {
		cfg.httpClient = cmp.Or(httpClient, &http.Client{})
		return nil
	}
}

// WithUserAgent sets the header User-Agent. If not specified or empty, it is [DefaultUserAgent].
func WithUserAgent(userAgent string) Option {
	return func(cfg *config) error {
		cfg.userAgent = cmp.Or(userAgent, DefaultUserAgent)
		return nil
	}
}

// WithLogger logs on level debug each attempt, without its query, header and body; on level info a base URL in the environment that is
// not Cloudflare's; on level warn a base URL over which the credentials travel in the clear, each wait before another attempt unless
// there is [WithOnRetry], and where a response deviates from the document unless there is [WithOnDeviation]. If not specified,
// [slog.Default] gets all of that but the attempts and the waits, which are not logged. With nil, nothing is.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		if logger == nil {
			logger = slog.New(slog.DiscardHandler)
		}
		cfg.logger, cfg.warnings = logger, logger
		return nil
	}
}

// WithOnRetry has f called before each wait for another attempt, by the goroutine of the call; several calls may call it at once. If
// not specified or nil, retries are logged, see [WithLogger].
func WithOnRetry(f func(Retry)) Option {
	return func(cfg *config) error {
		cfg.onRetry = f
		return nil
	}
}

// WithOnDeviation has f called with each response that deviates from the document and was understood nonetheless. It
// may be called by several goroutines at once, before the call returns. If not specified or nil, deviations are logged.
func WithOnDeviation(f func(*Deviation)) Option {
	return func(cfg *config) error {
		cfg.onDeviation = f
		return nil
	}
}

// Strict turns deviations into errors: a response that deviates from the document in anything, be it an unknown member,
// is a [*ResponseError], and the function of [WithOnDeviation] is not called.
func Strict() Option {
	return func(cfg *config) error {
		cfg.strict = true
		return nil
	}
}

// AllowZeroUUID lets requests through in which a required ID is 00000000-0000-0000-0000-000000000000. Without it they are invalid and
// not sent, as that is the ID of a variable that was never set.
func AllowZeroUUID() Option {
	return func(cfg *config) error {
		cfg.allowZero = true
		return nil
	}
}

// WithTimeout limits the time of each attempt, from looking up the host to the end of the response. Zero means no limit
// but that of the context. If not specified, it is [DefaultTimeout].
func WithTimeout(timeout time.Duration) Option {
	return func(cfg *config) error {
		if timeout < 0 {
			return fmt.Errorf("the timeout is %s, want 0 or more", timeout)
		}
		cfg.timeout = timeout
		return nil
	}
}

// WithMaxAttempts sets how often a call is sent at most; 1 means no retries. If not specified, it is [DefaultMaxAttempts].
func WithMaxAttempts(n int) Option {
	return func(cfg *config) error {
		if n < 1 {
			return fmt.Errorf("the number of attempts is %d, want 1 or more", n)
		}
		cfg.maxAttempts = n
		return nil
	}
}

// WithBackoff sets how long the client waits before the second attempt, and the most that the doubling of it leads to. Each wait is
// half as long to half as long again, at random. If not specified, it is [DefaultInitialBackoff] and [DefaultMaxBackoff].
func WithBackoff(initial, longest time.Duration) Option {
	return func(cfg *config) error {
		if initial <= 0 || longest < initial {
			return fmt.Errorf("the backoff is %s to %s, want more than 0 and the second no less than the first", initial, longest)
		}
		cfg.initial, cfg.longest = initial, longest
		return nil
	}
}
