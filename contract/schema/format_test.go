package schema

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/runtime/types"
)

// zone is the end of a date and time.
var zone = regexp.MustCompile(`([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// FuzzFormats compares the formats with the packages that define them.
func FuzzFormats(f *testing.F) {
	for _, text := range []string{
		"", "x", "2026-08-14", "2026-02-29", "2024-02-29", "2026-13-01", "0000-01-01", "2026-8-14", "2026-08-14T09:30:00Z", "2026-08-14T09:30:00,5Z",
		"2026-08-14T09:30:00.Z", "2026-08-14T09:30:00.123456789123+23:59", "2026-08-14T9:30:00Z", "2026-08-14T09:30:00+24:00", "2026-08-14T09:30:00-22:60", "2026-08-14T09:30:60Z",
		"2026-08-14t09:30:00z", "2026-08-14T24:00:00Z", "2026-08-14T09:30:00", "2026-08-14T09:30:00.5", "2026-08-14T09:30:00+0100",
		"1.2.3.4", "01.2.3.4", "1.2.3", "1.2.3.256", "1.2.3.4.", "::", ":::", "::ffff:1.2.3.4", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9",
		"1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/01", "::/0", "::/129", "::1/+1", "1.2.3.4/",
		"a:", "a:b", "a:%zz", "a:/%zz", "a:/%20", "a:b#%z", "a:b?%z", "http://h:x/", "http://[::1]/", "http://[/", "http://a b/", "1a:b", "a+b-c.d:e", ":",
		"a:\x7f", "http://u:p@h/ü",
		"a@b", "a@b.c", ".a@b", "a.@b", "a..b@c", "a@", "@b", "a@[1.2.3.4]", "a@[IPv6:::1]", "a@[x", "<a@b>", "a b@c", "\"a\"@b", "ü@ü", "a@b@c", "a@b (c)", "a(c)@b",
		"P1Y2M3DT4H5M6S", "PT5M", "P2W", "P", "PT", "P1YT", "P1W2D", "P1D1Y", "PT1D", "P1.5D", "P-1D", "p1d", "P1Y2D",
		"AAAA", "AAA=", "AA==", "A===", "AAAAA", "====", "AA=A", "AA\n==", "+/==", "-_==",
		"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "182BD5E5-6E1A-4FE4-A799-AA6D9A6AB26E", "{182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e}", "182bd5e56e1a4fe4a799aa6d9a6ab26e",
		"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26g", "00000000-0000-0000-0000-0000-0000000", "00-00000-0000-0000-0000-000000000000", "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compare := func(format string, want bool) {
			if got := ValidFormat(format, text); got != want {
				t.Errorf("%s %q: %t, want %t", format, text, got, want)
			}
		}
		_, err := time.Parse(time.DateOnly, text)
		compare("date", err == nil)
		at, err := time.Parse(time.RFC3339, strings.ToUpper(text))
		compare("date-time", err == nil && text[13] == ':' && !strings.Contains(text, ",") && zone.MatchString(text))
		if parsed, ok := ParseTime(text); ok && !parsed.Equal(at) {
			t.Errorf("%s is read as %s", text, parsed)
		}
		if _, err = types.ParseDuration(text); len(text) < 18 && ValidFormat("duration", text) && err != nil { // longer numbers may not fit
			t.Errorf("duration %q cannot be read: %v", text, err)
		}
		address, err := netip.ParseAddr(text)
		compare("ipv4", err == nil && address.Is4())
		compare("ipv6", err == nil && address.Is6() && address.Zone() == "")
		_, err = netip.ParsePrefix(text)
		compare("cidr", err == nil)
		u, err := url.Parse(text)
		ascii := !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) })
		compare("uri", err == nil && u.Scheme != "" && ascii)
		compare("uri-reference", err == nil && ascii)
		m, err := mail.ParseAddress(text)
		compare("email", err == nil && m.Address == text)
		_, err = base64.StdEncoding.DecodeString(text)
		compare("byte", err == nil && !strings.ContainsAny(text, "\r\n"))
		id, err := uuid.Parse(text)
		compare("uuid", err == nil && len(text) == 36)
		if parsed, ok := ParseUUID(text); ok && parsed != [16]byte(id) {
			t.Errorf("%s is read as %s", text, uuid.UUID(parsed))
		}
	})
}

// The formats that no package defines.
func TestFormats(t *testing.T) {
	for _, c := range []struct{ format, valid, invalid string }{
		{"time", "09:30:00Z 09:30:00.25+02:00 23:59:60Z 01:59:60+02:00 09:30:00z", "09:30:00 9:30:00Z 24:00:00Z 09:30:60Z 09:30Z"},
		{"duration", "P3DT12H30M5S P2W PT0S P1Y PT1H P1Y2M", "P PT P1YT P1W2D P1D1Y PT1D P-1D p1d P1Y2D PT1H1S 3D PT0.5S"},
		{"hostname", "example.com a A-1.b 1.2.3.4", "-a.example a-.b a..b a_b .a a. " + strings.Repeat("a", 64)},
		{"json-pointer", "/ /a/b /~0~1 //", "a #/a /~ /~2"},
		{"relative-json-pointer", "0 1/a 0# 10", "01 -1 /a #"},
		{"regex", "a+ ^[a-z]$ \\d", "( [a *a"},
	} {
		for _, text := range strings.Fields(c.valid) {
			if !ValidFormat(c.format, text) {
				t.Errorf("%s: %q is not valid", c.format, text)
			}
		}
		for _, text := range append(strings.Fields(c.invalid), map[string]string{"json-pointer": "a", "regex": "("}[c.format]) {
			if ValidFormat(c.format, text) {
				t.Errorf("%s: %q is valid", c.format, text)
			}
		}
	}
	if !ValidFormat("no such format", "x") || KnownFormat("no such format") || !KnownFormat("int32") {
		t.Error("an unknown format is an annotation")
	}
}

// A program adds the formats of its document.
func TestRegisterFormat(t *testing.T) {
	t.Cleanup(func() { delete(formats, "shout") })
	RegisterFormat("shout", "upper case", func(s string) bool { return s == strings.ToUpper(s) })
	s := &Schema{Types: String, Format: "shout"}
	err := s.Check([]byte(`"ab"`), Undirected)
	if want := `the value: want upper case, got "ab"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if deviations, err := s.CheckTolerant([]byte(`"ab"`), Undirected); err != nil || !slices.Equal(pointersAndRules(deviations), []string{"format"}) {
		t.Errorf("got %v, %v", deviations, err)
	}
}
