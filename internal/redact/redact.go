// Package redact takes secrets out of texts that somebody else wrote, such as the responses of a service that repeats
// what it was sent. A secret is found in the spellings that programs give a text on its way:
//
//   - as it is,
//   - with escapes for some or all of its characters, in up to three layers: those of URLs, of JSON and Go strings, of
//     JSON pointers and of HTML,
//   - in base64, standard or URL-safe, with or without padding, alone or as a part of a longer text.
//
// A secret that a service disguises on purpose, such as by writing it backwards, is not found. One with a backslash may be
// missed below several layers, as these can then be read in more than one way.
package redact

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
)

// layers is how many layers of escapes are taken away. A JSON string within a JSON string within a URL has three; what
// looks like an escape in the secret itself may take two more.
const layers = 5

// minPlain is how long a secret without what looks like escapes has to be to be searched for.
const minPlain = 6

// minPart is how many characters at the end of a text are taken for the beginning of a secret that was cut off.
const minPart = 8

// Secrets are what is not to be shown. They do not change, and may be used by several goroutines at once.
type Secrets struct {
	finder finder
	folded []string // the secrets in lower case
}

// New returns secrets; empty ones are left out. A secret is also found where it stands by accident, so one that is as
// short as a word is best not passed.
func New(secrets ...string) *Secrets {
	s := &Secrets{}
	var patterns []pattern
	add := func(p pattern) {
		if p.text != "" && !slices.Contains(patterns, p) {
			patterns = append(patterns, p)
		}
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		s.folded = append(s.folded, strings.ToLower(secret))
		add(pattern{text: secret})
		add(pattern{text: strings.ReplaceAll(secret, " ", "+")}) // in the query of a URL
		// Where escapes are taken away, what looks like one in the secret goes too.
		for plain := []byte(secret); hasEscape(plain); {
			if plain, _ = unescape(plain, nil); len(plain) < minPlain {
				break
			}
			add(pattern{text: string(plain)})
		}
		for before := range 3 {
			p := inBase64(secret, before)
			add(p)
			p.text = strings.NewReplacer("+", "-", "/", "_").Replace(p.text)
			add(p)
		}
	}
	s.finder = newFinder(patterns)
	return s
}

// Credentials is New for the credentials of a client, without those that are not worth it: what has less than 8
// characters, and words and numbers of less than 16. People give such tokens to a sandbox, and their data may well have
// the same word.
func Credentials(credentials ...string) *Secrets {
	const short, word = 8, 16
	return New(slices.DeleteFunc(slices.Clone(credentials), func(c string) bool {
		within := func(first, last rune) bool {
			return !strings.ContainsFunc(c, func(r rune) bool { return r < first || r > last })
		}
		return len(c) < short || len(c) < word && (within('a', 'z') || within('0', '9'))
	})...)
}

// inBase64 is what base64 makes of a secret for certain if it stands behind so many bytes of a group of three. The
// characters beside it may be made of a part of the secret.
func inBase64(secret string, before int) pattern {
	encoded := base64.StdEncoding.EncodeToString(append(make([]byte, before), secret...))
	begin, end := 8*before, 8*(before+len(secret)) // in bits, of which a character has 6
	return pattern{text: encoded[(begin+5)/6 : end/6], left: begin%6 != 0, right: end%6 != 0}
}

// Text returns a text with another one in the place of each secret.
func (s *Secrets) Text(text, with string) string {
	if len(text) < s.finder.shortest {
		return text
	}
	if spans := s.find([]byte(text), false); len(spans) > 0 {
		return string(replace([]byte(text), spans, with))
	}
	return text
}

// Bytes is Text for bytes. It returns the same slice if there is no secret in it.
func (s *Secrets) Bytes(text []byte, with string) []byte {
	return replace(text, s.find(text, false), with)
}

// Cut is Bytes for what may be the beginning of a longer text. At its end, the first 8 characters of a secret or more
// are replaced too.
func (s *Secrets) Cut(text []byte, with string) []byte {
	return replace(text, s.find(text, true), with)
}

// Name is Text for the name of a header field, of which net/http changes the case.
func (s *Secrets) Name(name, with string) string {
	for _, secret := range s.folded {
		if len(secret) <= len(name) && strings.Contains(strings.ToLower(name), secret) {
			return with
		}
	}
	return s.Text(name, with)
}

// Header is Text for the names and values of a header. It returns the same header if there is no secret in it.
func (s *Secrets) Header(header http.Header, with string) http.Header {
	clean := make(http.Header, len(header))
	changed := false
	for name, values := range header {
		cleanName := s.Name(name, with)
		changed = changed || cleanName != name
		for _, value := range values {
			cleanValue := s.Text(value, with)
			changed = changed || cleanValue != value
			clean[cleanName] = append(clean[cleanName], cleanValue)
		}
	}
	if !changed {
		return header
	}
	return clean
}

// Masked returns a reader of what r reads, with an asterisk in the place of each byte of a secret, so that all else
// stays where it is. Of the spellings with more than one layer of escapes it may miss some.
func (s *Secrets) Masked(r io.Reader) io.Reader {
	return &maskedReader{secrets: s, r: r, buffer: make([]byte, 0, 32<<10+s.longest())}
}

// longest is how many bytes a secret may take, with one layer of escapes.
func (s *Secrets) longest() int {
	longest := 0
	for _, p := range s.finder.patterns {
		longest = max(longest, len(`\u0041`)*len(p.text))
	}
	return longest
}

// A maskedReader keeps back what may be the beginning of a secret.
type maskedReader struct {
	secrets *Secrets
	r       io.Reader
	buffer  []byte // what was read and not passed on
	ready   int    // how much of it may be passed on
	err     error  // what ended the reading
}

func (m *maskedReader) Read(p []byte) (int, error) {
	for m.ready == 0 && m.err == nil {
		var n int
		n, m.err = m.r.Read(m.buffer[len(m.buffer):cap(m.buffer)])
		m.buffer = m.buffer[:len(m.buffer)+n]
		for _, span := range m.secrets.find(m.buffer, m.err != nil && m.err != io.EOF) {
			for i := span.start; i < span.end; i++ {
				m.buffer[i] = '*'
			}
		}
		m.ready = max(0, len(m.buffer)-m.secrets.longest())
		if m.err != nil {
			m.ready = len(m.buffer)
		}
	}
	n := copy(p, m.buffer[:m.ready])
	m.ready -= n
	m.buffer = m.buffer[:copy(m.buffer, m.buffer[n:])]
	if m.ready == 0 && m.err != nil {
		return n, m.err
	}
	return n, nil
}

// A span is a part of a text.
type span struct{ start, end int }

// replace returns the text itself if there are no spans.
func replace(text []byte, spans []span, with string) []byte {
	if len(spans) == 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	done := 0
	for _, span := range spans {
		out = append(append(out, text[done:span.start]...), with...)
		done = span.end
	}
	return append(out, text[done:]...)
}

// find returns where the secrets are, sorted and without overlaps.
func (s *Secrets) find(text []byte, cut bool) []span {
	spans := s.finder.search(text, cut)
	layer := text
	found := len(spans) > 0
	var counts [layers]int // of escapes, by layer
	for n := 0; n < layers && !found && hasEscape(layer); n++ {
		layer, counts[n] = unescape(layer, nil)
		found = len(s.finder.search(layer, cut)) > 0
	}
	if !found {
		return nil
	}
	// Once more, with the positions, for which nearly no text needs the room.
	layer = text
	var below []escapes // by layer, from the text on
	for len(below) < layers && hasEscape(layer) {
		below = append(below, make(escapes, 0, counts[len(below)]))
		layer, _ = unescape(layer, &below[len(below)-1])
		if len(below) == 1 {
			for i := range spans {
				spans[i] = below[0].whole(spans[i])
			}
		}
		for _, hit := range s.finder.search(layer, cut) {
			for _, escapes := range slices.Backward(below) {
				hit = escapes.source(hit)
			}
			spans = append(spans, hit)
		}
	}
	return merged(spans)
}

func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	kept := spans[:0]
	for _, span := range spans {
		if last := len(kept) - 1; last >= 0 && span.start < kept[last].end {
			kept[last].end = max(kept[last].end, span.end)
		} else {
			kept = append(kept, span)
		}
	}
	return kept
}

// A pattern is one spelling of a secret, but for escapes.
type pattern struct {
	text        string
	left, right bool // in base64, the character before or behind has a part of the secret
}

// A finder searches for several patterns at once. It compares the end of a window with the ends of the patterns, and if
// none of them has these two bytes, the window moves on by nearly its length (Wu and Manber, 1994).
type finder struct {
	patterns []pattern
	shortest int // length of the shortest pattern, and of the window
	shift    [1 << 12]uint8
}

func newFinder(patterns []pattern) finder {
	f := finder{patterns: patterns}
	if len(patterns) == 0 {
		return f
	}
	f.shortest = 255
	for _, p := range patterns {
		f.shortest = min(f.shortest, len(p.text))
	}
	for i := range f.shift {
		f.shift[i] = uint8(max(f.shortest-1, 1))
	}
	for _, p := range patterns {
		for end := 1; end < f.shortest; end++ {
			at := block(p.text[end-1], p.text[end])
			f.shift[at] = min(f.shift[at], uint8(f.shortest-1-end))
		}
	}
	if f.shortest == 1 {
		clear(f.shift[:])
	}
	return f
}

func block(a, b byte) int { return (int(a)<<4 ^ int(b)) & (1<<12 - 1) }

// search returns where the patterns are, in any order.
func (f *finder) search(text []byte, cut bool) []span {
	if len(f.patterns) == 0 {
		return nil
	}
	var spans []span
	for end := f.shortest - 1; end < len(text); {
		if end > 0 {
			if shift := f.shift[block(text[end-1], text[end])]; shift > 0 {
				end += int(shift)
				continue
			}
		}
		start := end - (f.shortest - 1)
		for i := range f.patterns {
			p := &f.patterns[i]
			if hit := start + len(p.text); hit <= len(text) && string(text[start:hit]) == p.text {
				spans = append(spans, p.extended(text, span{start, hit}))
			}
		}
		end++
	}
	if !cut {
		return spans
	}
	end := len(text) - cutEscape(text)
	for i := range f.patterns {
		p := &f.patterns[i]
		for n := min(len(p.text)-1, end); n >= minPart; n-- {
			if start := end - n; string(text[start:end]) == p.text[:n] {
				spans = append(spans, p.extended(text, span{start, len(text)}))
				break
			}
		}
	}
	return spans
}

// extended takes in what stands beside a pattern and has a part of the secret.
func (p *pattern) extended(text []byte, s span) span {
	if p.left && s.start > 0 && isBase64(text[s.start-1]) {
		s.start--
	}
	if p.right && s.end < len(text) && isBase64(text[s.end]) {
		s.end++
	}
	return s
}

func isBase64(b byte) bool {
	switch {
	case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b >= '0' && b <= '9':
		return true
	}
	return strings.IndexByte("+/-_", b) >= 0
}
