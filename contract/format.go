package contract

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A format is one value of the keyword format for strings: how it is checked, how it is named in a message, and the
// first mode that tolerates another text. None does if the values have a Go type of their own, which could not hold
// it.
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
	"duration":  {isDuration, `a duration such as "P3DT12H30M"`, never},
	"ipv4":      {isIPv4, `an IPv4 address such as "192.0.2.1"`, tolerant},
	"ipv6":      {isIPv6, `an IPv6 address such as "2001:db8::1"`, tolerant},
	"cidr":      {isCIDR, `an IP prefix such as "192.0.2.0/24"`, tolerant},
	"A.B.C.D/N": {isIPv4Prefix, `an IPv4 prefix such as "192.0.2.0/24"`, tolerant},
	"uri":       {isURI, `an absolute URI such as "https://example.com/"`, tolerant},
	"email":     {isEmail, `an e-mail address such as "user@example.com"`, never},
	"hostname":  {isHostname, `a host name such as "example.com"`, tolerant},
	"byte":      {isBase64, "base64 with padding (RFC 4648, section 4)", never},
}

// ValidFormat validates a string against a format of OpenAPI 3.0 or of the CNI document. known is false for a format
// that is an annotation only; such a value is always valid.
func ValidFormat(name, value string) (valid, known bool) {
	f, known := formats[name]
	return !known || f.valid(value), known
}

// The functions below allocate nothing for most invalid texts: a list may have very many of them, and a union may try
// each with very many formats.

// isUUID accepts the canonical spelling of RFC 9562 only, in either case: no braces, no "urn:uuid:".
func isUUID(s string) bool {
	_, ok := parseUUID(s)
	return ok
}

// isDate accepts the full-date of RFC 3339.
func isDate(s string) bool {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return false
	}
	year, ok1 := decimalDigits(s[:4])
	month, ok2 := decimalDigits(s[5:7])
	day, ok3 := decimalDigits(s[8:])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}

// isDateTime accepts what RFC 3339 allows and time.Time can hold: no leap seconds, and T and Z in upper case. Unlike
// time.Parse it refuses one digit for the hour, a comma before the fraction and offsets of 24 hours and more.
func isDateTime(s string) bool {
	const second = len("2006-01-02T15:04:05")
	if len(s) <= second || !isDate(s[:10]) || s[10] != 'T' || !isClock(s[11:16]) || s[16] != ':' {
		return false
	}
	if seconds, ok := decimalDigits(s[17:second]); !ok || seconds > 59 {
		return false
	}
	zone := s[second:]
	if zone[0] == '.' {
		digits := 1
		for digits < len(zone) && '0' <= zone[digits] && zone[digits] <= '9' {
			digits++
		}
		if zone = zone[digits:]; digits == 1 || zone == "" {
			return false
		}
	}
	return zone == "Z" || (zone[0] == '+' || zone[0] == '-') && isClock(zone[1:])
}

// durations are those of RFC 3339, and fractions of a second, as oapi-codegen's type has it. A number has at most 18
// digits.
var durations = regexp.MustCompile(`^P(\d{1,18}W|(\d{1,18}Y)?(\d{1,18}M)?(\d{1,18}D)?` +
	`(T(\d{1,18}H)?(\d{1,18}M)?(\d{1,18}([.,]\d+)?S)?)?)$`)

func isDuration(s string) bool {
	return len(s) > len("P") && s[0] == 'P' && s[len(s)-1] != 'T' && durations.MatchString(s)
}

// isClock accepts hours and minutes, as in 23:59.
func isClock(s string) bool {
	if len(s) != 5 || s[2] != ':' {
		return false
	}
	hours, ok1 := decimalDigits(s[:2])
	minutes, ok2 := decimalDigits(s[3:])
	return ok1 && ok2 && hours < 24 && minutes < 60
}

// decimalDigits reads a few digits and nothing else.
func decimalDigits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, s != ""
}

func isIPv4(s string) bool {
	octets := 0
	for octet := range strings.SplitSeq(s, ".") {
		n, ok := decimalDigits(octet)
		if !ok || len(octet) > 3 || n > 255 || octet[0] == '0' && octet != "0" {
			return false
		}
		octets++
	}
	return octets == 4
}

func isIPv6(s string) bool {
	const longest = len("0000:0000:0000:0000:0000:ffff:255.255.255.255")
	if len(s) < len("::") || len(s) > longest || strings.Trim(s, "0123456789abcdefABCDEF:.") != "" {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6()
}

// Host bits may be set in a prefix: 192.0.2.1/31 names an address together with its network.
func isCIDR(s string) bool {
	address, bits, _ := strings.Cut(s, "/")
	return isIPv4(address) && isBits(bits, 32) || isBits(bits, 128) && isIPv6(address)
}

func isIPv4Prefix(s string) bool {
	address, bits, _ := strings.Cut(s, "/")
	return isIPv4(address) && isBits(bits, 32)
}

func isBits(s string, most int) bool {
	n, ok := decimalDigits(s)
	return ok && len(s) <= 3 && n <= most && (s[0] != '0' || s == "0")
}

// isURI accepts what url.Parse does if there is a scheme, and no space.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !isLetter(scheme[0]) {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !isLetter(c) && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	for i := range len(rest) {
		if rest[i] <= ' ' || rest[i] == 0x7f {
			return false
		}
	}
	if strings.HasPrefix(rest, "//") { // there is a host
		_, err := url.Parse(s)
		return err == nil
	}
	path, fragment, _ := strings.Cut(rest, "#")
	path, _, _ = strings.Cut(path, "?")
	return validEscapes(fragment) && (!strings.HasPrefix(path, "/") || validEscapes(path))
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func validEscapes(s string) bool {
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return true
		}
		if s = s[i+1:]; len(s) < 2 || hexValue[s[0]]|hexValue[s[1]] > 15 {
			return false
		}
	}
}

// isEmail accepts a bare address: no display name, no angle brackets, no quotation marks. A domain may be an address
// in square brackets.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || !utf8.ValidString(s) || !isDotAtom(local) {
		return false
	}
	if strings.HasPrefix(domain, "[") {
		a, err := mail.ParseAddress(s)
		return err == nil && a.Address == s
	}
	return isDotAtom(domain)
}

// isDotAtom accepts the dot-atom of RFC 5322, and letters that are not ASCII (RFC 6532).
func isDotAtom(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if i == 0 || i == len(s)-1 || s[i-1] == '.' {
				return false
			}
		case c <= ' ', c == 0x7f, strings.IndexByte(`()<>[]:;@\,"`, c) >= 0:
			return false
		}
	}
	return s != ""
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
			if c := label[i]; c != '-' && (c < '0' || c > '9') && !isLetter(c) {
				return false
			}
		}
	}
	return true
}

func isBase64(s string) bool {
	digits := strings.TrimRight(s, "=")
	if len(s)%4 != 0 || len(s)-len(digits) > 2 {
		return false
	}
	for i := range len(digits) {
		if c := digits[i]; !isLetter(c) && (c < '0' || c > '9') && c != '+' && c != '/' {
			return false
		}
	}
	return true
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
