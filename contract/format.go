package contract

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// A format is one value of the keyword format for strings: how it is checked, how it is named in a message, and what puts up
// with another text. Nothing does if the values have a Go type of their own, which could not hold it.
type format struct {
	valid     func(string) bool
	want      string
	tolerable mode
}

// formats are the string formats that are checked; all others are annotations.
var formats = map[string]format{
	"uuid":      {isUUID, `a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`, never},
	"date":      {isDate, `a date such as "2026-08-14"`, never},
	"date-time": {isDateTime, `a date and time such as "2026-08-14T09:30:00Z"`, never},
	"ipv4":      {isIPv4, `an IPv4 address such as "192.0.2.1"`, tolerant},
	"ipv6":      {isIPv6, `an IPv6 address such as "2001:db8::1"`, tolerant},
	"cidr":      {isCIDR, `an IP prefix such as "192.0.2.0/24"`, tolerant},
	"A.B.C.D/N": {isIPv4Prefix, `an IPv4 prefix such as "192.0.2.0/24"`, tolerant},
	"uri":       {isURI, `an absolute URI such as "https://example.com/"`, tolerant},
	"email":     {isEmail, `an e-mail address such as "user@example.com"`, never},
	"hostname":  {isHostname, `a host name such as "example.com"`, tolerant},
	"byte":      {isBase64, "base64 with padding (RFC 4648, section 4)", never},
}

// ValidFormat holds a string against a format of OpenAPI 3.0 or of the CNI document. known is false for a format that is
// an annotation only; such a value is always valid.
func ValidFormat(name, value string) (valid, known bool) {
	f, known := formats[name]
	return !known || f.valid(value), known
}

// isUUID accepts the canonical spelling of RFC 9562 only, in either case: no braces, no "urn:uuid:".
func isUUID(s string) bool {
	_, ok := parseUUID(s)
	return ok
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime is what RFC 3339 allows and time.Time can hold.
func isDateTime(s string) bool {
	var t time.Time
	return t.UnmarshalText([]byte(s)) == nil
}

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

// Host bits may be set in a prefix: 192.0.2.1/31 names an address together with its network.
func isCIDR(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

func isIPv4Prefix(s string) bool {
	p, err := netip.ParsePrefix(s)
	return err == nil && p.Addr().Is4()
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && !strings.ContainsAny(s, " \t\r\n")
}

// isEmail accepts a bare address: no display name, no angle brackets.
func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isHostname(s string) bool {
	if len(s) == 0 || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				return false
			}
		}
	}
	return true
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n")
}

// wantInteger names the integers that a format stands for.
func wantInteger(format string) string {
	switch format {
	case "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64":
		bits := strings.TrimLeft(format, "uint")
		if format[0] == 'u' {
			return "an integer that fits " + bits + " bits without sign"
		}
		return "an integer that fits " + bits + " bits"
	default:
		return "an integer that fits 64 bits"
	}
}
