package sandbox

import (
	"log/slog"
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A Contract is a version of the contract that the sandbox answers by.
type Contract int

const (
	// August2026 is the contract of the document.
	August2026 Contract = iota

	// July2026 is the one before. Its responses lack virtual_port_reservation_id, ccr_device_name and bgp_mode; a Letter
	// of Authorization has no name to choose, and its default name cannot be asked for. Version 6 of cloudflare-go needs
	// it: there, the members that are new make a GCP partner interconnect look like a physical one.
	//
	// The document requires virtual_port_reservation_id. So answers are made and checked by the document first, and lose
	// those members afterwards.
	July2026
)

// An Option changes what [New] and [Open] make.
type Option func(*config)

type config struct {
	seed         string
	slots        []interconnect.Slot
	ownSlots     bool
	now          func() time.Time
	pending      pending
	cascade      bool
	accountNames map[interconnect.AccountID]string
	credentials  credentials
	contract     Contract
	logger       *slog.Logger
}

func newConfig(opts []Option) config {
	c := config{
		now:          time.Now,
		pending:      pending{physical: 10 * time.Second, gcp: 2 * time.Second},
		accountNames: map[interconnect.AccountID]string{},
	}
	for _, opt := range opts {
		opt(&c)
	}
	if !c.ownSlots {
		c.slots = Catalogue(c.seed)
	}
	return c
}

// WithSeed chooses the IDs and names that the sandbox assigns. The same requests in the same order get the same ones again
// with the same seed. If not specified, the seed is empty.
func WithSeed(seed string) Option {
	return func(c *config) { c.seed = seed }
}

// WithSlots replaces the catalogue of slots. They are listed in this order. A slot that is occupied stays so; one that has an
// account is reserved for it, and all other accounts see it as occupied. If not specified, the slots are those of [Catalogue].
//
// [ReadCatalogue] reads them from a file. A slot that is not valid by the document, or has the ID of another one, is an error of
// [Open], and [New] panics.
func WithSlots(slots []interconnect.Slot) Option {
	return func(c *config) { c.slots, c.ownSlots = slots, true }
}

// WithClock sets the clock that the state of links and the date of letters go by; [Sandbox.Advance] moves it on. If not
// specified, it is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *config) { c.now = now }
}

// WithPending sets how long a new interconnect is Pending before it is Healthy. With a negative duration it stays Pending
// until [Sandbox.SetStatus] is called. If not specified, it is 10 s for a physical interconnect and 2 s for a GCP partner
// interconnect.
func WithPending(physical, gcpPartner time.Duration) Option {
	return func(c *config) { c.pending = pending{physical: physical, gcp: gcpPartner} }
}

// WithCascade makes the deletion of an interconnect delete its CNIs too. If not specified, an interconnect with CNIs is not
// deleted; the response is 400.
func WithCascade() Option {
	return func(c *config) { c.cascade = true }
}

// WithAccountName names an account. Its Letters of Authorization have this name by default. If not specified, the name is
// "Account" and the ID.
func WithAccountName(account interconnect.AccountID, name string) Option {
	return func(c *config) { c.accountNames[account] = name }
}

// WithToken accepts an API token with these permissions, such as "Magic WAN Read". It may be given several times. Requests
// with other tokens, or with e-mail address and key, are answered with 401, and those that need another permission with 403.
// If not specified, all credentials will do for everything.
func WithToken(token string, permissions ...string) Option {
	return func(c *config) {
		if c.credentials.tokens == nil {
			c.credentials.tokens = map[string][]string{}
		}
		c.credentials.tokens[token] = permissions
	}
}

// WithoutEntitlement makes the sandbox answer every request that has credentials with 403, as Cloudflare does for an account
// without an Enterprise contract for Network Interconnects.
func WithoutEntitlement() Option {
	return func(c *config) { c.credentials.unentitled = true }
}

// WithContract sets the version of the contract to answer by. If not specified, it is [August2026].
func WithContract(contract Contract) Option {
	return func(c *config) { c.contract = contract }
}

// WithLogger logs one line for each request, without its query and its credentials. If not specified, nothing is logged but
// internal errors, which go to [slog.Default].
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}
