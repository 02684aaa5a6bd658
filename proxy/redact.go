package proxy

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/internal/redact"
)

// Redacted stands for what is not kept.
const Redacted = "REDACTED"

// minSecret is how long a secret must be to be looked for in other places. A shorter one would be found everywhere.
const minSecret = 6

// secretWords are in the names of secrets.
var secretWords = regexp.MustCompile(`auth|cookie|credential|jwt|key|passphrase|passw|secret|session|signature|token`)

// sensitiveNames are the names, in lower case, of the members, parameters and headers that the document marks as
// sensitive, and of its credentials.
func sensitiveNames(operations []contract.Operation) map[string]bool {
	names := map[string]bool{}
	type place struct {
		name   string
		schema *contract.Schema
	}
	seen := map[place]bool{}
	var look func(name string, s *contract.Schema)
	look = func(name string, s *contract.Schema) {
		if s == nil || seen[place{name, s}] {
			return
		}
		seen[place{name, s}] = true
		if s.Sensitive {
			names[strings.ToLower(name)] = true
		}
		for _, parts := range [][]*contract.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Items, s.Additional}} {
			for _, part := range parts {
				look(name, part)
			}
		}
		for _, p := range s.Properties {
			look(p.Name, p.Schema)
		}
	}
	for _, op := range operations {
		for _, schemes := range op.Security {
			for _, scheme := range schemes {
				names[strings.ToLower(scheme.Param)] = true
			}
		}
		for _, p := range op.Parameters {
			look(p.Name, p.Schema)
		}
		contents := [][]contract.Content{}
		if op.Body != nil {
			contents = append(contents, op.Body.Content)
		}
		for _, r := range op.Responses {
			contents = append(contents, r.Content)
			for _, h := range r.Headers {
				look(h.Name, h.Schema)
			}
		}
		for _, c := range slices.Concat(contents...) {
			look("", c.Schema)
		}
	}
	return names
}

// Secrets are what is not kept of one exchange.
type secrets struct {
	names  map[string]bool // as sensitiveNames returns them
	values map[string]bool
	finder *redact.Secrets // of the values; nil if it is to be made
}

func newSecrets(names map[string]bool) *secrets {
	return &secrets{names: names, values: map[string]bool{}}
}

// named reports whether what has this name is secret. What a server asks for with WWW-Authenticate is not.
func (s *secrets) named(name string) bool {
	name = strings.ToLower(name)
	return s.names[name] && name != "" || secretWords.MatchString(name) && !strings.HasSuffix(name, "-authenticate")
}

// add remembers a value. A placeholder, which repeats its name, is not a secret.
func (s *secrets) add(name, value string) {
	if len(value) >= minSecret && value != name {
		s.values[value] = true
		s.finder = nil
	}
}

// learn remembers what is secret in a message.
func (s *secrets) learn(header http.Header, query string, text []byte) {
	for name, values := range header {
		if !s.named(name) {
			continue
		}
		for _, value := range values {
			s.add(name, value)
			if _, credential, found := strings.Cut(value, " "); found { // behind a scheme such as Bearer
				credential = strings.TrimSpace(credential)
				s.add(name, credential)
				if pair, err := base64.StdEncoding.DecodeString(credential); err == nil { // as Basic has it
					_, password, _ := strings.Cut(string(pair), ":")
					s.add(name, password)
				}
			}
			if strings.Contains(name, "Cookie") {
				for part := range strings.SplitSeq(value, ";") {
					_, value, _ := strings.Cut(part, "=")
					s.add(name, value)
					s.add(name, strings.Trim(value, `"`))
					if name == "Set-Cookie" { // what follows are attributes
						break
					}
				}
			}
		}
	}
	for _, values := range header {
		for _, value := range values {
			s.learnURLs(value)
		}
	}
	s.learnURLs("?" + query)
	_, _ = eachText(text, func(name string, literal []byte) []byte { // a text that is not JSON is not kept
		switch {
		case s.named(name):
			s.learnJSON(name, literal)
		case mayHaveURL(literal):
			plain, _ := jsontext.AppendUnquote(nil, literal)
			s.learnURLs(string(plain))
		}
		return literal
	}, s.named)
}

// urlQuery is what stands behind the ? or # of a URL within a text, and urlUser the user and the password of one.
var (
	urlQuery = regexp.MustCompile(`[?#][^\s"'<>?#]*`)
	urlUser  = regexp.MustCompile(`//[^\s"'<>/?#@]*@`)
)

// mayHaveURL reports whether a JSON literal is a string in which there is a URL with something that may be secret.
func mayHaveURL(literal []byte) bool {
	return literal[0] == '"' && bytes.ContainsAny(literal, `?#@\`)
}

// maxNested is how many URLs are looked for within the parameters of each other.
const maxNested = 3

// learnURLs remembers what is secret in the URLs within a text.
func (s *secrets) learnURLs(text string) { s.learnNested(text, maxNested) }

func (s *secrets) learnNested(text string, depth int) {
	for _, query := range urlQuery.FindAllString(text, -1) {
		for p := range s.parameters(query[1:]) {
			switch {
			case s.named(unescaped(p.name)):
				s.add(unescaped(p.name), p.value)
				s.add(unescaped(p.name), unescaped(p.value))
			case depth > 0:
				s.learnNested(unescaped(p.value), depth-1)
			}
		}
	}
	for _, user := range urlUser.FindAllString(text, -1) {
		_, password, _ := strings.Cut(strings.Trim(user, "/@"), ":")
		s.add("", password)
		s.add("", unescaped(password))
	}
}

// urls redacts the URLs within a text. What else is in it stays as it is.
func (s *secrets) urls(text string) string { return s.nested(text, maxNested) }

func (s *secrets) nested(text string, depth int) string {
	text = urlUser.ReplaceAllString(text, "//"+Redacted+"@")
	return urlQuery.ReplaceAllStringFunc(text, func(query string) string {
		var b strings.Builder
		b.WriteString(query[:1])
		for p := range s.parameters(query[1:]) {
			b.WriteString(p.name)
			if p.hasValue {
				b.WriteString("=" + s.parameter(p, depth))
			}
			b.WriteString(p.separator)
		}
		return b.String()
	})
}

// parameter returns the value of a parameter of a URL.
func (s *secrets) parameter(p parameter, depth int) string {
	if s.named(unescaped(p.name)) {
		return Redacted
	}
	if plain := unescaped(p.value); depth > 0 {
		if redacted := s.nested(plain, depth-1); redacted != plain {
			return url.QueryEscape(redacted)
		}
	}
	return p.value
}

// learnJSON remembers all texts and numbers in the value of a member.
func (s *secrets) learnJSON(name string, value []byte) {
	decoder := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return
		}
		kind, count := decoder.StackIndex(decoder.StackDepth())
		isName := kind == '{' && count%2 == 1
		if k := token.Kind(); k == '0' || k == '"' && !isName {
			s.add(name, token.String())
		}
	}
}

// scrub takes out of a text what has been learnt, in every spelling.
func (s *secrets) scrub(text string) string { return s.found().Text(text, Redacted) }

func (s *secrets) found() *redact.Secrets {
	if s.finder == nil {
		s.finder = redact.New(slices.Sorted(maps.Keys(s.values))...)
	}
	return s.finder
}

// value is the value of a header field or a parameter as it may be kept.
func (s *secrets) value(name, value string) string {
	if s.named(name) {
		return Redacted
	}
	return s.scrub(s.urls(value))
}

// A parameter of a raw query, with its escapes.
type parameter struct {
	name, value string
	hasValue    bool
	separator   string // what follows: & or ;
}

// parameters are those of a raw query. Not every reader takes a semicolon for an end, so in a secret it does not end
// the value.
func (s *secrets) parameters(raw string) iter.Seq[parameter] {
	return func(yield func(parameter) bool) {
		for raw != "" {
			end := strings.IndexAny(raw, "&;")
			if end < 0 {
				end = len(raw)
			}
			var p parameter
			p.name, p.value, p.hasValue = strings.Cut(raw[:end], "=")
			if p.hasValue && s.named(unescaped(p.name)) {
				p.value, _, _ = strings.Cut(raw[len(p.name)+1:], "&")
				end = len(p.name) + 1 + len(p.value)
			}
			raw = raw[end:]
			p.separator = raw[:min(1, len(raw))]
			raw = raw[len(p.separator):]
			if !yield(p) {
				return
			}
		}
	}
}

var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unescaped is a part of a query without its escapes. Those that are broken stay, and hide no others.
func unescaped(text string) string {
	return escape.ReplaceAllStringFunc(strings.ReplaceAll(text, "+", " "), func(escape string) string {
		plain, _ := url.PathUnescape(escape)
		return plain
	})
}

var errNotJSON = errors.New("not a JSON object or array, in which secrets would be found")

// json redacts a body. All else is as it was, white space included.
func (s *secrets) json(text []byte) (string, error) {
	redacted, err := eachText(text, func(name string, literal []byte) []byte {
		if s.named(name) && literal[0] != 'n' {
			return []byte(strconv.Quote(Redacted))
		}
		if literal[0] != '"' {
			return literal
		}
		inner := string(literal[1 : len(literal)-1])
		if mayHaveURL(literal) {
			plain, _ := jsontext.AppendUnquote(nil, literal)
			if redacted := s.urls(string(plain)); redacted != string(plain) {
				quoted, _ := jsontext.AppendQuote(nil, redacted) // of what is no UTF-8, all but that
				inner = string(quoted[1 : len(quoted)-1])
			}
		}
		scrubbed := s.scrub(inner)
		if scrubbed == string(literal[1:len(literal)-1]) {
			return literal
		}
		if quoted := jsontext.Value(`"` + scrubbed + `"`); quoted.IsValid(jsontext.AllowInvalidUTF8(true)) {
			return quoted
		}
		return []byte(strconv.Quote(Redacted))
	}, s.named)
	return string(redacted), err
}

// eachText replaces literals of a JSON object or array: strings and names, and as a whole the values of those members
// whose names whole tells. name is that of the member whose value a literal is; empty for a name, and for an item of an
// array.
func eachText(text []byte, replace func(name string, literal []byte) []byte, whole func(name string) bool) ([]byte, error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if kind := decoder.PeekKind(); kind != '{' && kind != '[' {
		return nil, errNotJSON
	}
	var out []byte
	done, name := 0, ""
	for {
		inObject, count := decoder.StackIndex(decoder.StackDepth())
		isName := inObject == '{' && count%2 == 0
		if inObject != '{' || isName {
			name = ""
		}
		if kind := decoder.PeekKind(); kind != '"' && (kind == '}' || kind == ']' || !whole(name)) {
			switch _, err := decoder.ReadToken(); {
			case err == io.EOF && decoder.StackDepth() == 0:
				return append(out, text[done:]...), nil
			case err != nil:
				return nil, errNotJSON
			}
			continue
		}
		literal, err := decoder.ReadValue()
		if err != nil {
			return nil, errNotJSON
		}
		end := int(decoder.InputOffset())
		out = append(out, text[done:end-len(literal)]...)
		out = append(out, replace(name, literal)...)
		done = end
		if isName {
			plain, _ := jsontext.AppendUnquote(nil, literal) // of what is no UTF-8, all but that
			name = string(plain)
		}
	}
}
