package schema

import (
	"encoding/base64"
	"encoding/binary"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A format is one value of the keyword format: how it is checked and how messages name it. valid checks strings, numeric
// numbers.
type format struct {
	valid   func(string) bool
	numeric func(literal string, d decimal) bool
	want    string

	// typed formats have a Go type of their own, which cannot hold other text; so no mode tolerates it.
	typed bool
}

// formats are the formats that are checked. All others are annotations.
var formats = map[string]*format{
	"uuid":                  {valid: isUUID, want: `a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`, typed: true},
	"date":                  {valid: isDate, want: `a date such as "2026-08-14"`, typed: true},
	"date-time":             {valid: isDateTime, want: `a date and time such as "2026-08-14T09:30:00Z"`, typed: true},
	"time":                  {valid: isTime, want: `a time such as "09:30:00Z"`},
	"duration":              {valid: isDuration, want: `a duration such as "P3DT12H30M5S"`},
	"ipv4":                  {valid: isIPv4, want: `an IPv4 address such as "192.0.2.1"`},
	"ipv6":                  {valid: isIPv6, want: `an IPv6 address such as "2001:db8::1"`},
	"cidr":                  {valid: isCIDR, want: `an IP prefix such as "192.0.2.0/24"`},
	"uri":                   {valid: isURI, want: `an absolute URI such as "https://example.com/"`},
	"uri-reference":         {valid: isURIReference, want: `a URI or a relative reference such as "/a/b"`},
	"email":                 {valid: isEmail, want: `an e-mail address such as "user@example.com"`, typed: true},
	"hostname":              {valid: isHostname, want: `a host name such as "example.com"`},
	"byte":                  {valid: isBase64, want: "base64 with padding (RFC 4648, section 4)", typed: true},
	"json-pointer":          {valid: isJSONPointer, want: `a JSON pointer such as "/a/b"`},
	"relative-json-pointer": {valid: isRelativeJSONPointer, want: `a relative JSON pointer such as "1/a"`},
	"regex":                 {valid: isRegex, want: "a regular expression"},
	"int8":                  integers(8), "int16": integers(16), "int32": integers(32), "int64": integers(64),
	"uint8": naturals(8), "uint16": naturals(16), "uint32": naturals(32), "uint64": naturals(64),
	"float":  {numeric: func(literal string, _ decimal) bool { return isFloat(literal) }, want: "a number within the range of a float of 32 bits", typed: true},
	"double": {numeric: func(literal string, _ decimal) bool { return isDouble(literal) }, want: "a number within the range of a double", typed: true},
}

// RegisterFormat adds a format for strings, which is named in messages as want says: "an IPv4 prefix such as …". It is for the
// formats of one API, and must be called before a schema with the format is used.
func RegisterFormat(name, want string, valid func(string) bool) {
	formats[name] = &format{valid: valid, want: want}
}

// KnownFormat reports whether a format is checked. Unknown formats are annotations.
func KnownFormat(name string) bool { return formats[name] != nil }

// ValidFormat reports whether a string has a format. It has every format that is not known.
func ValidFormat(name, text string) bool {
	f := formats[name]
	return f == nil || f.valid == nil || f.valid(text)
}

func integers(bits int) *format {
	return &format{typed: true, want: "an integer that fits " + strconv.Itoa(bits) + " bits", numeric: func(_ string, d decimal) bool {
		plain, ok := d.integer()
		if !ok {
			return !d.isInteger() // whether it is an integer is for type to say
		}
		_, err := strconv.ParseInt(plain, 10, bits)
		return err == nil
	}}
}

func naturals(bits int) *format {
	return &format{typed: true, want: "an integer that fits " + strconv.Itoa(bits) + " bits without sign", numeric: func(_ string, d decimal) bool {
		plain, ok := d.integer()
		if !ok {
			return !d.isInteger()
		}
		_, err := strconv.ParseUint(plain, 10, bits)
		return err == nil
	}}
}

// isUUID accepts the canonical spelling of RFC 9562 in either case: no braces, no "urn:uuid:".
func isUUID(s string) bool {
	_, ok := ParseUUID(s)
	return ok
}

// ParseUUID reads a UUID in the canonical spelling of RFC 9562, in either case.
func ParseUUID(text string) (id [16]byte, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	// Eight digits each.
	a, wrongA := hexValue(binary.BigEndian.Uint64([]byte(text[0:8])))
	b, wrongB := hexValue(uint64(binary.BigEndian.Uint32([]byte(text[9:13])))<<32 | uint64(binary.BigEndian.Uint32([]byte(text[14:18]))))
	c, wrongC := hexValue(uint64(binary.BigEndian.Uint32([]byte(text[19:23])))<<32 | uint64(binary.BigEndian.Uint32([]byte(text[24:28]))))
	d, wrongD := hexValue(binary.BigEndian.Uint64([]byte(text[28:36])))
	binary.BigEndian.PutUint32(id[0:], a)
	binary.BigEndian.PutUint32(id[4:], b)
	binary.BigEndian.PutUint32(id[8:], c)
	binary.BigEndian.PutUint32(id[12:], d)
	return id, wrongA|wrongB|wrongC|wrongD == 0
}

// FormatUUID writes a UUID, in lower case, over a text that has the hyphens already.
func FormatUUID(text []byte, id [16]byte) {
	a := hexDigits(binary.BigEndian.Uint32(id[0:]))
	b := hexDigits(binary.BigEndian.Uint32(id[4:]))
	c := hexDigits(binary.BigEndian.Uint32(id[8:]))
	d := hexDigits(binary.BigEndian.Uint32(id[12:]))
	text = text[:36]
	binary.BigEndian.PutUint64(text[0:], a)
	binary.BigEndian.PutUint32(text[9:], uint32(b>>32))
	binary.BigEndian.PutUint32(text[14:], uint32(b))
	binary.BigEndian.PutUint32(text[19:], uint32(c>>32))
	binary.BigEndian.PutUint32(text[24:], uint32(c))
	binary.BigEndian.PutUint64(text[28:], d)
}

// Hexadecimal digits are read and written eight at a time, each in a byte of a uint64.

// hexDigits returns the digits of n, in lower case.
func hexDigits(n uint32) uint64 {
	x := uint64(n)
	x = (x<<16 | x) & 0x0000FFFF0000FFFF
	x = (x<<8 | x) & 0x00FF00FF00FF00FF
	x = (x<<4 | x) & 0x0F0F0F0F0F0F0F0F
	return x + '0'*eachByte + aboveNine(x)*('a'-'0'-10)
}

// aboveNine has a 1 in each byte that is from 10 to 15.
func aboveNine(x uint64) uint64 { return (x + 6*eachByte) >> 4 & eachByte }

// hexValue returns the number that digits in either case stand for. The second result is 0 if they are all digits.
func hexValue(digits uint64) (n uint32, wrong uint64) {
	lower := digits | 0x20*eachByte // which digits below 10 have anyway
	letters := (lower + (0x80-'a')*eachByte) >> 7 & eachByte
	x := lower - '0'*eachByte - letters*('a'-'0'-10)
	wrong = digits&highBits | x&(0xF0*eachByte) | aboveNine(x) ^ letters | (digits^lower)&^(letters<<5)
	x = (x | x>>4) & 0x00FF00FF00FF00FF
	x = (x | x>>8) & 0x0000FFFF0000FFFF
	return uint32(x | x>>16), wrong
}

// The functions of the standard library make an error for each text that is not of a format, which takes much more memory than the text. So
// those below let them see only what looks like the format.

func isDate(s string) bool {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime accepts what RFC 3339 allows and time.Time can hold.
func isDateTime(s string) bool {
	_, ok := ParseTime(s)
	return ok
}

// ParseTime reads a date and time as RFC 3339 defines it. The letters T and Z may be lower case.
func ParseTime(text string) (t time.Time, ok bool) {
	// What time.Time accepts besides: a comma, an hour of one digit, and offsets of 24 hours or 60 minutes.
	if len(text) < len("2006-01-02T15:04:05Z") || text[len("2006-01-02T15")] != ':' || strings.IndexByte(text, ',') >= 0 {
		return t, false
	}
	if zone := text[len(text)-len("+00:00"):]; (zone[0] == '+' || zone[0] == '-') && (zone[1:3] > "23" || zone[4:] > "59") {
		return t, false
	}
	err := t.UnmarshalText([]byte(strings.ToUpper(text)))
	return t, err == nil
}

// isTime accepts full-time of RFC 3339. A leap second is valid where it can be one, at the end of a day of UTC.
func isTime(s string) bool {
	leap := len(s) > 8 && s[6:8] == "60"
	if leap {
		s = s[:6] + "59" + s[8:]
	}
	t, ok := ParseTime("2026-08-14T" + s)
	if u := t.UTC(); leap && ok {
		return u.Hour() == 23 && u.Minute() == 59
	}
	return ok
}

// isDuration accepts the durations of RFC 3339, appendix A.
func isDuration(s string) bool {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || rest == "" {
		return false
	}
	date, clock, timed := strings.Cut(rest, "T")
	if timed && clock == "" {
		return false
	}
	if weeks, ok := strings.CutSuffix(rest, "W"); ok {
		return isDigits(weeks)
	}
	return hasUnits(date, "YMD") && hasUnits(clock, "HMS")
}

// hasUnits reports whether a text is numbers with units, in the order of the units and without a gap between them.
func hasUnits(s, units string) bool {
	last := -1
	for s != "" {
		i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 {
			return false
		}
		unit := strings.IndexByte(units, s[i])
		if unit < 0 || unit <= last || last >= 0 && unit != last+1 {
			return false
		}
		last, s = unit, s[i+1:]
	}
	return true
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isIPv4(s string) bool {
	if len(s) > len("255.255.255.255") || strings.Count(s, ".") != 3 {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

func isIPv6(s string) bool {
	if strings.Count(s, ":") < 2 || strings.Trim(s, "0123456789abcdefABCDEF:.") != "" {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

// Host bits may be set in a prefix: 192.0.2.1/31 names an address together with its network.
func isCIDR(s string) bool {
	if i := strings.IndexByte(s, '/'); i < 0 || strings.IndexByte(s[:i], ':') < 0 && strings.Count(s[:i], ".") != 3 {
		return false
	}
	_, err := netip.ParsePrefix(s)
	return err == nil
}

func isURI(s string) bool {
	i := strings.IndexByte(s, ':')
	if i <= 0 || strings.ContainsAny(s[:i], "/?#%@[]") || !isURIText(s) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != ""
}

func isURIReference(s string) bool {
	if !isURIText(s) {
		return false
	}
	_, err := url.Parse(s)
	return err == nil
}

// isURIText reports whether a text has only characters that a URI may have.
func isURIText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= utf8.RuneSelf-1 || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return false
		}
	}
	return true
}

// isEmail accepts a bare address: no display name, no angle brackets.
func isEmail(s string) bool {
	if at := strings.LastIndexByte(s, '@'); at <= 0 || at == len(s)-1 || s[0] != '"' && !isAtoms(s[:at]) || s[at+1] != '[' && !isAtoms(s[at+1:]) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// isAtoms reports whether a part of an address has only characters that it may have without quotes or brackets.
func isAtoms(s string) bool { return s[0] != '.' && !strings.ContainsAny(s, " ()<>:;@\\,\"[]") }

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
	if len(s)%4 != 0 || strings.ContainsAny(s, "\r\n") {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}

func isJSONPointer(s string) bool {
	if s != "" && s[0] != '/' {
		return false
	}
	for i := range len(s) {
		if s[i] == '~' && (i+1 == len(s) || s[i+1] != '0' && s[i+1] != '1') {
			return false
		}
	}
	return true
}

func isRelativeJSONPointer(s string) bool {
	rest := strings.TrimLeft(s, "0123456789")
	digits := s[:len(s)-len(rest)]
	if digits == "" || len(digits) > 1 && digits[0] == '0' {
		return false
	}
	return rest == "#" || isJSONPointer(rest)
}

func isRegex(s string) bool {
	_, err := Compile(s)
	return err == nil
}
