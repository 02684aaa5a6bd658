package model

import (
	"go/token"
	"maps"
	"strconv"
	"strings"
	"unicode"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// initialisms are written in capitals within Go names: the usual ones of Go and those of network engineers.
var initialisms = map[string]bool{
	"ACL": true, "API": true, "ASCII": true, "ASN": true, "AWS": true, "BFD": true, "BGP": true, "CCR": true, "CIDR": true,
	"CNI": true, "CPU": true, "CSS": true, "DNS": true, "EOF": true, "GCP": true, "GRE": true, "GUID": true, "HTML": true,
	"HTTP": true, "HTTPS": true, "ID": true, "IP": true, "JSON": true, "LACP": true, "LOA": true, "MD5": true, "MTU": true,
	"P2P": true, "PDF": true, "QPS": true, "RAM": true, "RPC": true, "SLA": true, "SMTP": true, "SQL": true, "SSH": true,
	"TCP": true, "TLS": true, "TTL": true, "UDP": true, "UI": true, "UID": true, "URI": true, "URL": true, "UTF8": true,
	"UUID": true, "VLAN": true, "VM": true, "WAN": true, "XML": true, "YAML": true,
}

// GoNames returns a function that spells a name of the document as an exported Go identifier, with more initialisms than the usual ones:
// "list_cnis" becomes ListCNIs. The result is empty if nothing in the name can stand in an identifier, and may begin with a digit if the name
// does.
func GoNames(additional []string) func(name string) string {
	known := initialisms
	if len(additional) > 0 {
		known = maps.Clone(initialisms)
		for _, word := range additional {
			known[strings.ToUpper(word)] = true
		}
	}
	return func(name string) string { return goName(name, known) }
}

func goName(name string, known map[string]bool) string {
	var b strings.Builder
	for _, word := range words(name) {
		upper := strings.ToUpper(word)
		singular, plural := strings.CutSuffix(upper, "S")
		switch {
		case known[upper]:
			b.WriteString(upper)
		case plural && known[singular]:
			b.WriteString(singular + "s")
		default:
			r := []rune(word)
			b.WriteRune(unicode.ToUpper(r[0]))
			b.WriteString(string(r[1:]))
		}
	}
	return b.String()
}

// typeName is the Go name for a name of the document that stands alone and must begin with a capital. It is empty if nothing in the name can
// be in an identifier.
func (b *builder) typeName(name string) string {
	n := b.opts.Prefix(name) + b.opts.Normalize(name)
	if n != "" && !unicode.IsUpper([]rune(n)[0]) {
		if r := []rune(n); unicode.IsLetter(r[0]) && unicode.ToUpper(r[0]) != r[0] {
			r[0] = unicode.ToUpper(r[0])
			return string(r)
		}
		n = "N" + n
	}
	return n
}

// A hint is where a schema without a name of its own stands, after which its type is named.
type hint struct {
	path string // Go names, joined as oapi-codegen joins them or without anything between them
	of   string // what the values of an array or map at the path are called, where they do not count as a part of the path
}

// within is the hint for a part of a struct: a word for the names of this generator, and one for those of oapi-codegen.
func (b *builder) within(owner *Type, own, theirs string) hint {
	if b.opts.NormalizeGiven {
		return hint{path: owner.path + "_" + theirs}
	}
	return hint{path: owner.path + own}
}

// valueHint is the hint for the values of an array or map, which own names.
func (b *builder) valueHint(h hint, own string) hint {
	if !b.opts.NormalizeGiven {
		return hint{path: h.path + own}
	}
	if own == "Value" {
		own = "AdditionalProperties"
	}
	return hint{path: h.path, of: own}
}

// hintedName is the name of a type that is declared for a schema. oapi-codegen does not join the names of enums, and leaves out that a type is
// the one of items, but for unions, types with additional members, and where the array has the name itself.
func (b *builder) hintedName(h hint, s *schema.Schema) string {
	joined := strings.Contains(h.path, "_")
	switch {
	case !b.opts.NormalizeGiven:
		return h.path
	case len(s.Enum) > 0 && joined:
		return b.typeName(h.path)
	case h.of != "" && (!joined || len(s.Variants()) > 0 || s.Additional != nil && !s.Additional.Never):
		return h.path + "_" + h.of
	}
	return h.path
}

// symbolPrefix spells a sign that a name begins with, so that +1 and -1 differ.
func symbolPrefix(name string) string {
	if len(name) < 2 {
		return ""
	}
	switch name[0] {
	case '+':
		return "Plus"
	case '-':
		return "Minus"
	}
	return ""
}

// signs are the names of values that are nothing but signs.
var signs = map[rune]string{
	'+': "Plus", '-': "Minus", '*': "Star", '/': "Slash", '=': "Equal", '<': "Less", '>': "Greater", '!': "Not", '&': "And", '|': "Or",
	'%': "Percent", '.': "Dot", ',': "Comma", ':': "Colon", ';': "Semicolon", '?': "Question", '#': "Hash", '@': "At", '$': "Dollar",
	'_': "Underscore", '~': "Tilde", '^': "Caret", ' ': "Space", '(': "Open", ')': "Close", '\'': "Quote", '"': "DoubleQuote",
}

// valueName names a value of an enum, to follow the name of its type.
func (b *builder) valueName(text string) string {
	if text == "" {
		return "Empty"
	}
	name := b.opts.Prefix(text) + b.opts.Normalize(text)
	if name == "" {
		for _, r := range text {
			name += signs[r]
		}
	}
	if name == "" {
		name = "Value"
	}
	return name
}

// A claim is a name at the top level of the package, and what has it.
type claim struct{ node *source.Node }

// claim takes a name, or one like it if it is taken: with its role, then with a number.
func (b *builder) claim(name, role string, n *source.Node) string {
	if name == "" {
		name = "N"
		if role != "" {
			name = role
		}
	}
	got := name
	for i := 1; b.names[got] != nil || reservedNames[got]; i++ {
		switch {
		case i == 1 && role != "" && role != "Value" && !strings.HasSuffix(name, role):
			got = name + role
		default:
			got = name + strconv.Itoa(i+1)
		}
	}
	if got != name && n != nil {
		b.api.Renamed = append(b.api.Renamed, Renaming{Position: n.Pos(), Pointer: b.doc.Pointer(n), Want: name, Got: got})
		taken := "is one that the generated code uses"
		if other := b.names[name]; other != nil && other.node != nil {
			taken = "is taken by " + b.doc.Pointer(other.node)
		}
		b.report("name-collision", n, "the Go name %s %s; it is %s instead, or give it an x-go-name", name, taken, got)
	}
	b.names[got] = &claim{n}
	return got
}

// nameConstructors names the functions that make unions, such as NewPet. Those of the client, which makes a request of an operation by
// NewListPetsRequest, come first.
func (b *builder) nameConstructors() {
	for _, t := range b.api.Types {
		if t.Kind != Union {
			continue
		}
		name := "New" + t.Name
		for _, op := range b.api.Operations {
			if rest, ok := strings.CutPrefix(t.Name, op.Name+"Request"); ok && (rest == "" || strings.HasPrefix(rest, "With")) {
				name += "Value"
			}
		}
		t.Constructor = b.claim(name, "Value", t.Node)
	}
}

// reservedNames are the names at the top level of every generated package.
var reservedNames = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq(`Operations Schemas BasePath NewHandler NewTransport UnknownVariant StrictServerInterface
		UnimplementedServer Client ClientInterface ClientOption ClientWithResponses ClientWithResponsesInterface NewClient NewClientWithResponses
		HttpRequestDoer RequestEditorFn WithHTTPClient WithBaseURL WithRequestEditorFn ServerInterface StrictHandlerFunc StrictMiddlewareFunc
		NewStrictHandler NewStrictHandlerWithOptions StrictHTTPServerOptions MiddlewareFunc Handler HandlerFromMux HandlerFromMuxWithBaseURL
		HandlerWithOptions StdHTTPServerOptions ServeMux Unimplemented`) {
		reservedNames[name] = true
	}
}

// words splits at everything but letters and digits, and where capitals begin: "gcpPartner_id" gives gcp, Partner, id.
func words(name string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(part)
		start := 0
		for i := 1; i < len(runes); i++ {
			startsWord := unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1])
			endsCapitals := unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i]) &&
				i+1 < len(runes) && unicode.IsLower(runes[i+1]) && string(runes[i+1:]) != "s"
			if startsWord || endsCapitals {
				all = append(all, string(runes[start:i]))
				start = i
			}
		}
		all = append(all, string(runes[start:]))
	}
	return all
}

// lowerName makes the name of a variable of an exported name: AccountID becomes accountID, URL becomes url.
func lowerName(name string) string {
	runes := []rune(name)
	i := 0
	for i < len(runes) && unicode.IsUpper(runes[i]) {
		i++
	}
	if i > 1 && i < len(runes) && unicode.IsLower(runes[i]) {
		i-- // the last capital begins the next word
	}
	for j := range i {
		runes[j] = unicode.ToLower(runes[j])
	}
	return string(runes)
}

func isKeyword(name string) bool { return token.IsKeyword(name) }
