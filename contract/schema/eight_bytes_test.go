package schema

import (
	"encoding/hex"
	"strings"
	"testing"
)

// What looks at several bytes at a time finds what looking at each one finds: each byte in each place of texts of each length.
func TestPlainEnd(t *testing.T) {
	for length := range 41 {
		text := []byte(strings.Repeat("a ~#[]", 7)[:length])
		for at := range length {
			kept := text[at]
			for c := range 256 {
				text[at] = byte(c)
				plain := c >= ' ' && c < 0x80 && c != '"' && c != '\\'
				end := at
				if plain {
					end = length
				}
				for _, from := range []int{0, at} {
					if got := PlainEnd(string(text), from); got != end {
						t.Fatalf("PlainEnd(%q, %d) is %d, want %d", text, from, got, end)
					}
				}
				if IsPlain(string(text)) != plain {
					t.Fatalf("IsPlain(%q) is %t", text, !plain)
				}
			}
			text[at] = kept
		}
	}
}

func TestUUIDs(t *testing.T) {
	text := []byte("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")
	for at := range text {
		kept := text[at]
		for c := range 256 {
			text[at] = byte(c)
			digits := strings.ReplaceAll(string(text), "-", "")
			want, err := hex.DecodeString(digits)
			valid := err == nil && len(digits) == 32 && (kept == '-') == (c == '-')
			id, ok := ParseUUID(string(text))
			if ok != valid || ok && string(id[:]) != string(want) {
				t.Fatalf("%q is %x, %t; want %x, %t", text, id, ok, want, valid)
			}
			if !ok {
				continue
			}
			written := []byte("00000000-0000-0000-0000-000000000000")
			if FormatUUID(written, id); string(written) != strings.ToLower(string(text)) {
				t.Fatalf("%q is written as %q", text, written)
			}
		}
		text[at] = kept
	}
	if _, ok := ParseUUID(string(text[1:])); ok {
		t.Error("a UUID without its first digit is one")
	}
}
