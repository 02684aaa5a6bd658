package contract

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime/types"
)

// FuzzFormats compares the formats with the packages of the standard library that define them.
func FuzzFormats(f *testing.F) {
	for _, text := range []string{
		"", "x", "2026-08-14", "2026-02-29", "2024-02-29", "2026-13-01", "0000-01-01", "2026-8-14", "2026-08-14T09:30:00Z", "2026-08-14T09:30:00,5Z",
		"2026-08-14T09:30:00.Z", "2026-08-14T09:30:00.123456789123+23:59", "2026-08-14T9:30:00Z", "2026-08-14T09:30:00+24:00", "2026-08-14T09:30:60Z",
		"2026-08-14t09:30:00z", "2026-08-14T24:00:00Z", "2026-08-14T09:30:00", "2026-08-14T09:30:00.5", "2026-08-14T09:30:00+0100", "1.2.3.4", "01.2.3.4", "1.2.3", "1.2.3.256", "1.2.3.4.", "::", ":::",
		"::ffff:1.2.3.4", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/01", "::/0", "::/129", "::1/+1", "1.2.3.4/",
		"a:", "a:b", "a:%zz", "a:/%zz", "a:/%20", "a:b#%z", "a:b?%z", "http://h:x/", "http://[::1]/", "http://[/", "http://a b/", "1a:b", "a+b-c.d:e", ":", "a:\x7f", "http://u:p@h/ü",
		"a@b", "a@b.c", ".a@b", "a.@b", "a..b@c", "a@", "@b", "a@[1.2.3.4]", "a@[IPv6:::1]", "a@[x", "<a@b>", "a b@c", "\"a\"@b", "ü@ü", "a@b@c", "a@b (c)", "a(c)@b",
		"P1Y2M3DT4H5M6.5S", "PT0,5S", "P2W", "P", "PT", "P1YT", "P1W2D", "P1D1Y", "PT1D", "P1.5D", "P-1D", "p1d", "P1Y2D",
		"AAAA", "AAA=", "AA==", "A===", "AAAAA", "====", "AA=A", "AA\n==", "+/==", "-_==",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compare := func(format string, want bool) {
			if got, _ := ValidFormat(format, text); got != want {
				t.Errorf("%s %q: %t, want %t", format, text, got, want)
			}
		}
		_, err := time.Parse(time.DateOnly, text)
		compare("date", err == nil)
		at, err := time.Parse(time.RFC3339, text)
		_, offset := at.Zone()
		compare("date-time", err == nil && text[13] == ':' && !strings.Contains(text, ",") && max(offset, -offset) < 24*60*60)
		_, err = types.ParseDuration(text)
		if len(text) < 18 { // longer numbers may not fit
			compare("duration", err == nil)
		}
		address, err := netip.ParseAddr(text)
		compare("ipv4", err == nil && address.Is4())
		compare("ipv6", err == nil && address.Is6() && address.Zone() == "")
		prefix, err := netip.ParsePrefix(text)
		compare("cidr", err == nil)
		compare("A.B.C.D/N", err == nil && prefix.Addr().Is4())
		u, err := url.Parse(text)
		compare("uri", err == nil && u.Scheme != "" && !strings.ContainsAny(text, " \t\r\n"))
		m, err := mail.ParseAddress(text)
		compare("email", err == nil && m.Address == text)
		_, err = base64.StdEncoding.DecodeString(text)
		compare("byte", err == nil && !strings.ContainsAny(text, "\r\n"))
	})
}
