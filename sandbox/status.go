package sandbox

import (
	"time"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// pending says how long a new interconnect is Pending; negative means forever.
type pending struct{ physical, gcp time.Duration }

// status is the state of a link that has not been set. It is worked out when it is asked for, so that no timer has to
// run.
func (p pending) status(v interconnect.InterconnectVariant, age time.Duration) interconnect.InterconnectStatus {
	delay := p.physical
	if _, ok := v.(interconnect.GCPPartnerInterconnect); ok {
		delay = p.gcp
	}
	if delay < 0 || age < delay {
		return interconnect.NewInterconnectStatus(interconnect.StatusPending{})
	}
	return interconnect.NewInterconnectStatus(interconnect.StatusHealthy{})
}
