package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/interconnect-go/interconnect/internal/redact"
)

const mark = "[redacted]"

// spellings are ways to write any text. Each of them can be undone, so none may show a secret.
var spellings = map[string]func(r *rand.Rand, text string) string{
	"JSON":         func(_ *rand.Rand, text string) string { return inner(json.Marshal(text)) },
	"Go":           func(_ *rand.Rand, text string) string { return inner([]byte(strconv.QuoteToASCII(text)), nil) },
	"query":        func(_ *rand.Rand, text string) string { return url.QueryEscape(text) },
	"path":         func(_ *rand.Rand, text string) string { return url.PathEscape(text) },
	"HTML":         func(_ *rand.Rand, text string) string { return html.EscapeString(text) },
	"JSON pointer": func(_ *rand.Rand, text string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(text) },
	"\\u":          escaped(func(c byte) string { return fmt.Sprintf(`\u%04x`, c) }),
	"%":            escaped(func(c byte) string { return fmt.Sprintf("%%%02x", c) }),
	"&#":           escaped(func(c byte) string { return fmt.Sprintf("&#%d;", c) }),
	"&#x":          escaped(func(c byte) string { return fmt.Sprintf("&#x%X;", c) }),
}

// escaped escapes some characters, at random.
func escaped(one func(byte) string) func(*rand.Rand, string) string {
	return func(r *rand.Rand, text string) string {
		var b strings.Builder
		for i := range len(text) {
			if r.IntN(3) == 0 || strings.IndexByte(`\%&~"`, text[i]) >= 0 {
				b.WriteString(one(text[i]))
			} else {
				b.WriteByte(text[i])
			}
		}
		return b.String()
	}
}

func inner(quoted []byte, _ error) string { return string(quoted[1 : len(quoted)-1]) }

var encodings = map[string]*base64.Encoding{
	"standard": base64.StdEncoding, "URL-safe": base64.URLEncoding, "raw": base64.RawStdEncoding, "raw, URL-safe": base64.RawURLEncoding,
}

// text is random, of printable ASCII but the backslash, with which escapes can be read in more than one way.
func text(r *rand.Rand, length int) string {
	b := make([]byte, length)
	for i := range b {
		for b[i] = '\\'; b[i] == '\\'; {
			b[i] = byte('!' + r.IntN('~'-'!'+1))
		}
	}
	return string(b)
}

// A secret in up to three layers of escapes is replaced as a whole, and nothing else is.
func TestSpellings(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	var names []string
	for name := range spellings {
		names = append(names, name)
	}
	for range 20000 {
		secret := text(r, 8+r.IntN(40))
		written, path := secret, ""
		for range r.IntN(4) {
			name := names[r.IntN(len(names))]
			written, path = spellings[name](r, written), path+" "+name
		}
		before, behind := strings.Repeat("x ", r.IntN(50)), strings.Repeat(" y", r.IntN(50))
		if got, want := redact.New(secret).Text(before+written+behind, mark), before+mark+behind; got != want {
			t.Fatalf("seed %d: %q, written as%s\ngot  %s\nwant %s\nfrom %s", seed, secret, path, got, want, before+written+behind)
		}
	}
}

func TestBackslashes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, secret := range []string{`hunter2\secret`, `\hunter2`, `hunter2\`, `hunt\\er2`, `hunt\"er2`, `hunt\ner2`, `hunt\u0041er2`} {
		for name, write := range spellings {
			if got := redact.New(secret).Text("<"+write(r, secret)+">", mark); got != "<"+mark+">" {
				t.Errorf("%s, %s: %s", secret, name, got)
			}
		}
	}
}

// In base64, a secret is replaced wherever it is in what was encoded. At most the characters beside it go with it.
func TestBase64(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 2))
	for range 20000 {
		secret, before, behind := text(r, 8+r.IntN(40)), text(r, r.IntN(9)), text(r, r.IntN(9))
		for name, encoding := range encodings {
			written := encoding.EncodeToString([]byte(before + secret + behind))
			if r.IntN(2) == 0 {
				written = url.QueryEscape(written)
			}
			got := redact.New("another one", secret).Text(`{"basic": "`+written+`"}`, mark)
			left, right, found := strings.Cut(got, mark)
			if !found || strings.Contains(right, mark) || !strings.HasPrefix(left, `{"basic": "`) || !strings.HasSuffix(right, `"}`) {
				t.Fatalf("seed %d: %s of %q in %q: got %s", seed, name, secret, before+secret+behind, got)
			}
			// What is left has nothing of the secret: all of its characters are made of the rest.
			left, right = strings.TrimPrefix(left, `{"basic": "`), strings.TrimSuffix(right, `"}`)
			left, _ = url.QueryUnescape(left)
			right, _ = url.QueryUnescape(right)
			right = strings.TrimRight(right, "=")
			if 6*len(left) > 8*len(before) || 6*len(right) > 8*len(behind)+5 {
				t.Fatalf("seed %d: %s of %q in %q: %s is too much", seed, name, secret, before+secret+behind, got)
			}
		}
	}
}

// What is not a secret stays as it is, however similar.
func TestOtherTexts(t *testing.T) {
	secrets := redact.New("T0k3n-that-nobody-may-see", "", "key/with+all~of%it")
	for _, text := range []string{
		"", "T", "T0k3n-that-nobody-may-se", "T0k3n-that-nobody-may-sea, T0k3n-that-nobody-may-", "100%, 50 % & more ~ \\",
		`a \u0041, a broken \u00, %zz, &#; &#xyz; &#99999999999; &amp`, strings.Repeat("T0k3n-", 1000), `\`, `%`, `&`, `~`, `&#`, `%4`, `\u`, `\ud800\u`,
	} {
		if got := secrets.Text(text, mark); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
		bytes := []byte(text)
		if got := secrets.Bytes(bytes, mark); len(got) > 0 && &got[0] != &bytes[0] {
			t.Errorf("%q is copied", text)
		}
	}
	if got := redact.New().Text("anything", mark); got != "anything" {
		t.Errorf("without secrets, got %q", got)
	}
}

// JSON stays JSON, with the same structure: what is replaced is within a string.
func TestJSONStaysJSON(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 3))
	for range 5000 {
		secret := `"` + text(r, 10)
		written, err := json.Marshal(map[string]any{"a" + secret: []any{secret, 1, "x" + secret + `\`}})
		if err != nil {
			t.Fatal(err)
		}
		var got map[string][]any
		out := redact.New(secret).Bytes(written, mark)
		if err := json.Unmarshal(out, &got); err != nil || len(got["a"+mark]) != 3 || got["a"+mark][0] != mark || bytes.Contains(out, []byte(secret[1:])) {
			t.Fatalf("seed %d: %s becomes %s, %v", seed, written, out, err)
		}
	}
}

func TestCut(t *testing.T) {
	const secret = "T0k3n-that-nobody-may-see"
	secrets := redact.New(secret)
	for n := range len(secret) {
		for name, text := range map[string]string{
			"plain": "x" + secret[:n], "escaped": "x" + strings.ReplaceAll(secret[:n], "-", `\u002d`), "twice": secret + secret[:n],
		} {
			got := string(secrets.Cut([]byte(text), mark))
			if shown := strings.Contains(got, "T0k3n"); shown != (n >= 5 && n < 8) {
				t.Errorf("%s, %d characters: got %s", name, n, got)
			}
			if n < len(secret) && n > 0 && name == "plain" && string(secrets.Bytes([]byte(text), mark)) != text {
				t.Errorf("%d characters are a secret of their own", n)
			}
		}
	}
}

// A reader gives all bytes of the same length, whatever the portions in which they come.
func TestMasked(t *testing.T) {
	const secret = "T0k3n-that-nobody-may-see"
	secrets := redact.New(secret)
	encoded := base64.StdEncoding.EncodeToString([]byte("ab" + secret))
	long := strings.Repeat("0123456789", 10_000)
	text := secret + long + secret + secret + "x" + encoded + "==" + long + strings.ReplaceAll(secret, "-", "%2d") + secret[:5]
	mask := func(n int) string { return strings.Repeat("*", n) }
	want := mask(25) + long + mask(50) + "x" + encoded[:2] + mask(len(encoded)-2) + "==" + long + mask(25+8) + secret[:5]
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text)), "bytes": iotest.OneByteReader(strings.NewReader(text)),
		"with the end": iotest.DataErrReader(strings.NewReader(text)),
	} {
		got, err := io.ReadAll(secrets.Masked(r))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v, got %d bytes, want %d\n%.300s", name, err, len(got), len(want), got)
		}
	}
	broken := errors.New("broken")
	got, err := io.ReadAll(secrets.Masked(io.MultiReader(strings.NewReader("x"+secret[:20]), iotest.ErrReader(broken))))
	if err != broken || string(got) != "x"+mask(20) {
		t.Errorf("%v, got %s", err, got)
	}
}

// What may well be a word of somebody's data is not a secret.
func TestCredentials(t *testing.T) {
	for credential, secret := range map[string]bool{
		"": false, "t0k3n-7": false, "t0k3n-78": true, "anything": false, "12345678": false, "correcthorsebat": false, "correcthorsebatt": true,
		"123456789012345": false, "c2547eb745079dac9320b638f5e225cf483cc5cfdda41": true,
	} {
		got := redact.Credentials("", credential).Text("<"+credential+">", mark)
		if want := map[bool]string{true: "<" + mark + ">", false: "<" + credential + ">"}[secret]; got != want {
			t.Errorf("%q becomes %s, want %s", credential, got, want)
		}
	}
}

func TestName(t *testing.T) {
	secrets := redact.New("T0k3n-that-nobody-may-see")
	for name, want := range map[string]string{"X-T0k3n-That-Nobody-May-See": mark, "Cf-Ray": "Cf-Ray"} {
		if got := secrets.Name(name, mark); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

// What a text costs grows with its length, whoever wrote it.
func BenchmarkBytes(b *testing.B) {
	secret := "T0k3n-that-nobody-may-see-0123456789abcd"
	secrets := redact.New(secret)
	item := `{"id":"4b99d788-9a01-53d2-97b3-e7d272d0ad85","site":"iad-a","speed":"10G","occupied":false,"facility":{"name":"Equinix DC2","address":["21715 Filigree Court","Ashburn, VA 20147","USA"]}},`
	for name, unit := range map[string]string{
		"a list": item, "with escapes": item[:20] + `\u0026` + item[20:], "secrets": secret, "nearly secrets": secret[:39],
		"escaped secrets": strings.ReplaceAll(secret, "-", `\\u002d`), "backslashes": `\\`, "ampersands": `&#`,
	} {
		text := []byte(strings.Repeat(unit, 1<<20/len(unit)))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				secrets.Bytes(text, mark)
			}
		})
	}
}
