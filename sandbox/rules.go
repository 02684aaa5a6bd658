package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A refusal is a response that refuses the request.
type refusal struct {
	status  int
	details []interconnect.FailureDetail
}

// Error gives the messages, each behind its pointer.
func (r *refusal) Error() string {
	var messages []string
	for _, d := range r.details {
		message := d.Message
		if d.Source != nil {
			message = *d.Source.Pointer + ": " + message
		}
		messages = append(messages, message)
	}
	return strings.Join(messages, "; ")
}

// findings are everything that is wrong with a request.
type findings []interconnect.FailureDetail

// add records what is wrong with the member of the body that the pointer leads to; empty if it is none.
func (f *findings) add(pointer, format string, args ...any) {
	*f = append(*f, detail(http.StatusBadRequest, pointer, format, args...))
}

// addError records what is wrong with a JSON text, each with its pointer.
func (f *findings) addError(err error) {
	var invalid *contract.ValidationError
	if errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			f.add(v.Pointer, "%s", v.Message())
		}
	} else if err != nil {
		f.add("", "%v", err)
	}
}

// under makes checks of a part of what is checked, which stands at the pointer.
func (f *findings) under(pointer string, check func(*findings)) {
	var part findings
	check(&part)
	for _, d := range part {
		at := pointer
		if d.Source != nil {
			at += *d.Source.Pointer
		}
		f.add(at, "%s", d.Message)
	}
}

// err refuses the request if there is anything wrong with it.
func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return &refusal{status: http.StatusBadRequest, details: f}
}

func notFound(kind, id string) error {
	return &refusal{http.StatusNotFound, []interconnect.FailureDetail{detail(http.StatusNotFound, "", "%s %s not found", kind, short(id))}}
}

func conflict(pointer, format string, args ...any) error {
	return &refusal{http.StatusConflict, []interconnect.FailureDetail{detail(http.StatusConflict, pointer, format, args...)}}
}

// detail has the same codes as the failures of the validated handler.
func detail(status int, pointer, format string, args ...any) interconnect.FailureDetail {
	d := interconnect.FailureDetail{Code: int64(10000 + status), Message: fmt.Sprintf(format, args...)}
	if status == http.StatusBadRequest {
		d.Code = 10010
	}
	if pointer != "" {
		d.Source = &interconnect.FailureSource{Pointer: &pointer}
	}
	return d
}

// short keeps what a message repeats of a request to a readable length.
func short(text string) string {
	const limit = 100
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit]) + "…"
}

func checkAccount(f *findings, path, body interconnect.AccountID) {
	if body != path {
		f.add("/account", "account is %s, but the path has %s", short(body), short(path))
	}
}

const (
	minMTU = 576
	maxMTU = 1500
)

func checkMagic(f *findings, magic interconnect.MagicSettings) {
	if magic.ConduitName == "" {
		f.add("/magic/conduit_name", "conduit_name is empty")
	}
	if magic.MTU < minMTU || magic.MTU > maxMTU {
		f.add("/magic/mtu", "mtu is %d, want %d to %d", magic.MTU, minMTU, maxMTU)
	}
}

// checkBGP leaves the prefixes to the document, which has a format for them.
func checkBGP(f *findings, bgp *interconnect.BGPControl, defaultASN int64) {
	if bgp == nil {
		return
	}
	switch bgp.CustomerASN {
	case 0:
		f.add("/bgp/customer_asn", "customer_asn is 0, which numbers no autonomous system")
	case defaultASN:
		f.add("/bgp/customer_asn", "customer_asn is %d, as is default_asn of the account; the session is external BGP", defaultASN)
	}
}

const cloudflareASN = 13335

func checkDefaultASN(f *findings, asn int64) {
	if asn != cloudflareASN && (asn < 64512 || asn > 65534) {
		f.add("/default_asn", "default_asn is %d, want %d or 64512 to 65534", asn, cloudflareASN)
	}
}

// speedOf returns the speed of a new interconnect on a slot.
func speedOf(f *findings, slot interconnect.Slot, wanted *string) string {
	if wanted != nil && *wanted != slot.Speed {
		f.add("/speed", "slot %s supports %s, not %s", slot.ID, slot.Speed, short(*wanted))
	}
	return slot.Speed
}

// regionOf returns the region of a pairing key. Messages do not show the key: whoever has it can take the link over.
func regionOf(f *findings, key string) string {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		f.add("/pairing_key", "pairing_key is not of the form key/region/domain")
		return ""
	}
	return parts[1]
}

// A link holds the two ends of a point-to-point link, each with the prefix length.
type link struct{ customer, cloudflare string }

// updateLink returns the ends that an update asks for. They may change places, but not leave their /31.
func updateLink(f *findings, current link, customer, cloudflare *string) link {
	updated := current
	before := len(*f)
	for _, end := range []struct {
		member string
		wanted *string
		set    *string
	}{{"cust_ip", customer, &updated.customer}, {"p2p_ip", cloudflare, &updated.cloudflare}} {
		if end.wanted == nil {
			continue
		}
		*end.set = *end.wanted
		prefix, err := netip.ParsePrefix(*end.wanted)
		switch subnet := netip.MustParsePrefix(current.customer).Masked(); {
		case err != nil: // the document has a format for it
			f.add("/"+end.member, "%s is not a prefix", end.member)
		case prefix.Bits() != 31:
			f.add("/"+end.member, "%s is %s, want an address of a /31", end.member, *end.wanted)
		case prefix.Masked() != subnet:
			f.add("/"+end.member, "%s is %s, which is not in %s, the subnet of this CNI", end.member, *end.wanted, subnet)
		}
	}
	if len(*f) == before && updated.customer == updated.cloudflare {
		pointer := "/cust_ip"
		if customer == nil {
			pointer = "/p2p_ip"
		}
		f.add(pointer, "cust_ip and p2p_ip are both %s", updated.customer)
	}
	return updated
}

// bgpMode returns the mode of the session, nil without one.
func bgpMode(bgp *interconnect.BGPControl, current, wanted *interconnect.BGPMode) *interconnect.BGPMode {
	switch {
	case bgp == nil:
		return nil
	case wanted != nil:
		return wanted
	case current != nil:
		return current
	}
	return new(interconnect.BGPModeDynamicRouteExchange)
}

// label makes a text fit to be a part of an interconnect's name, which the official SDKs put into a path unescaped.
func label(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(text))
	return strings.Trim(text[:min(len(text), 40)], "-")
}

// interconnectName is unlikely to be the same for two IDs; the store makes sure.
func interconnectName(kind, place string, id uuid.UUID) string {
	if place = label(place); place != "" {
		kind += "-" + place
	}
	return kind + "-" + id.String()[:8]
}
