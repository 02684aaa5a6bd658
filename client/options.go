package client

import (
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

	"github.com/interconnect-go/interconnect/contract"
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

// MaxRetryAfter is the longest that the client waits because of a Retry-After. If the service asks for more, its answer is an error
// at once; see RetryAfter of [APIError].
const MaxRetryAfter = time.Minute

// An Option changes what [New] makes.
type Option func(*config) error

type config struct {
	accountID    string
	credentials  credentials
	baseURL      *url.URL // its path has no slash at its end
	httpClient   *http.Client
	userAgent    string
	logger       *slog.Logger
	warnings     *slog.Logger // of what nobody may miss
	strict       bool
	onConcession func(*contract.Concession)
	onRetry      func(Retry)
	timeout      time.Duration
	maxAttempts  int
	initial      time.Duration
	longest      time.Duration
	sleep        func(context.Context, time.Duration) error // for tests
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
	opts = append([]Option{WithBaseURL(DefaultBaseURL)}, opts...)
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
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
		return nil, fmt.Errorf("account %q is no account ID, want 32 hexadecimal digits", cfg.accountID)
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

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// WithToken authenticates by an API token. If not specified, see [New].
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

// WithBaseURL sets the URL that the paths of the operations are appended to, such as the URL of a sandbox. If not specified, it is
// [DefaultBaseURL].
func WithBaseURL(baseURL string) Option {
	return func(cfg *config) error {
		u, err := url.Parse(baseURL)
		// An error of url.Parse repeats the URL, which may have a password in it.
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return errors.New("the base URL is no URL such as " + DefaultBaseURL)
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("the base URL has a user, a query or a fragment; want scheme, host and path only")
		}
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
		cfg.baseURL = u
		return nil
	}
}

// WithHTTPClient sets the client to send with; it is copied. Its Transport does the work below the retries, and sees each attempt:
// this is the place for proxies, tracing and test doubles. Its Timeout, if any, is one for a whole call, with all attempts and
// waits. Its CheckRedirect is not used. If not specified, it is the zero [http.Client].
//
// A call that changes something can be sent again after a connection failed only if the transport tells of its connections, by
// [net/http/httptrace] or by errors of [net.Dialer]. Those that pass the request's context on to an [http.Transport] do.
func WithHTTPClient(httpClient *http.Client) Option {
	return func(cfg *config) error {
		if httpClient == nil {
			return errors.New("the HTTP client is nil")
		}
		cfg.httpClient = httpClient
		return nil
	}
}

// WithUserAgent sets the header User-Agent. If not specified, it is [DefaultUserAgent].
func WithUserAgent(userAgent string) Option {
	return func(cfg *config) error {
		cfg.userAgent = userAgent
		return nil
	}
}

// WithLogger logs each attempt, without its query, header and body, on level debug, and on level warn, without [WithOnRetry],
// each wait before another attempt, a base URL over which the credentials travel in the clear and, without [WithOnConcession], where an answer departs from
// the document. If not specified, [slog.Default] gets the last two and nothing else is logged. With nil, nothing is.
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

// WithOnConcession has f called with each answer that departs from the document and was understood nonetheless. It may be called
// by several goroutines at once, before the call returns. If not specified or nil, concessions are logged.
func WithOnConcession(f func(*contract.Concession)) Option {
	return func(cfg *config) error {
		cfg.onConcession = f
		return nil
	}
}

// Strict turns concessions into errors: an answer that departs from the document in anything, be it a member that nobody knew, is
// a [*contract.ResponseError], and nothing is told to [WithOnConcession].
func Strict() Option {
	return func(cfg *config) error {
		cfg.strict = true
		return nil
	}
}

// WithTimeout limits the time of each attempt, from looking up the host to the end of the answer. Zero means no limit but that of
// the context. If not specified, it is [DefaultTimeout].
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
