package wire

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// ContentOf finds what the document declares for the Content-Type of a message; without one that is
// application/octet-stream (RFC 9110). essence is the media type in lower case, without its parameters. The violation
// is for a type that is not declared, or that cannot be read.
func ContentOf(contents []Content, header http.Header) (content *Content, essence string, violation *schema.Violation) {
	values := header["Content-Type"]
	if len(contents) == 1 && len(values) == 1 && values[0] == contents[0].MediaType && isEssence(values[0]) {
		return &contents[0], values[0], nil
	}
	violation = &schema.Violation{In: "header", Pointer: "/Content-Type", Rule: "content", Want: wantTypes(contents)}
	if len(values) > 1 {
		return nil, "", violation
	}
	value := "application/octet-stream"
	if len(values) == 1 {
		value = values[0]
	}
	essence, parameters, err := mime.ParseMediaType(value)
	if err != nil {
		return nil, "", violation
	}
	best := 0
	for i := range contents {
		if rank := covers(contents[i].MediaType, essence, parameters); rank > best {
			best, content = rank, &contents[i]
		}
	}
	if len(values) == 1 {
		sent, _, _ := strings.Cut(values[0], ";") // as it came: a secret in another case would not be recognized
		violation.Got = schema.Quote(strings.TrimSpace(sent))
	}
	if content == nil {
		return nil, essence, violation
	}
	if charset, ok := parameters["charset"]; ok && content.Kind.isText() && !isUTF8(charset) {
		violation.Want += " in UTF-8"
		return nil, essence, violation
	}
	return content, essence, nil
}

// isEssence reports whether a media type is in lower case, no range and without parameters.
func isEssence(mediaType string) bool {
	for i := range len(mediaType) {
		if c := mediaType[i]; (c < 'a' || c > 'z') && (c < '-' || c > '9') && c != '+' { // which include - . / and digits
			return false
		}
	}
	return true
}

// isText reports whether bodies are text that is read here, which has to be in UTF-8.
func (k Kind) isText() bool { return k != Binary && k != Multipart }

// isUTF8 reports whether text in a character set is UTF-8.
func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8") || strings.EqualFold(charset, "us-ascii")
}

// MayBeEmpty reports whether a body of no bytes is a value: an empty text, form, file or sequence. Otherwise there is
// no body.
func (c *Content) MayBeEmpty() bool { return c.Kind != JSON && c.Kind != Multipart }

// Acceptable reports whether a response of one of the media types, which may be ranges, suits the header Accept of a
// request.
func Acceptable(contents []Content, header http.Header) bool {
	for i := range contents {
		if quality(contents[i].MediaType, header["Accept"]) > 0 {
			return true
		}
	}
	return false
}

// Negotiate returns the media type that suits the header Accept best, the first of them if several do; empty if none
// does.
func Negotiate(mediaTypes []string, accept []string) string {
	best, chosen := 0.0, ""
	for _, mediaType := range mediaTypes {
		if q := quality(mediaType, accept); q > best {
			best, chosen = q, mediaType
		}
	}
	return chosen
}

// quality is how well a media type suits the lines of a header Accept, from 0 to 1. The most specific range that covers
// it counts.
func quality(mediaType string, accept []string) float64 {
	if len(accept) == 0 {
		return 1
	}
	essence, parameters, err := mime.ParseMediaType(mediaType)
	if err != nil {
		essence, parameters = essenceOf(mediaType), nil
	}
	best, q, any := 0, 0.0, false
	for _, line := range accept {
		for one := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(one) == "" {
				continue
			}
			any = true
			wanted, weight := splitQuality(one)
			rank := covers(wanted, essence, parameters)
			if rank == 0 && strings.Contains(essence, "*") { // a range of the document: what it has in common will do
				rank = covers(essence, essenceOf(wanted), nil)
			}
			if rank > best {
				best, q = rank, weight
			}
		}
	}
	if !any {
		return 1
	}
	return q
}

// splitQuality takes the weight off a media range.
func splitQuality(text string) (mediaRange string, weight float64) {
	weight = 1
	parts := strings.Split(text, ";")
	kept := parts[:1]
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(name, "q") {
			kept = append(kept, part)
		} else if parsed, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && parsed >= 0 && parsed <= 1 {
			weight = parsed
		}
	}
	return strings.Join(kept, ";"), weight
}

// covers ranks how well a media type of the document, possibly a range, fits: 0 is not at all. Parameters that the
// document gives must be there.
func covers(declared, essence string, parameters map[string]string) int {
	wanted := map[string]string{}
	if strings.IndexByte(declared, ';') >= 0 {
		name, rest, _ := strings.Cut(declared, ";")
		declared = name
		if _, p, err := mime.ParseMediaType(name + ";" + rest); err == nil {
			wanted = p
		}
	}
	for name, value := range wanted {
		if got, ok := parameters[name]; name != "charset" && (!ok || !strings.EqualFold(got, value)) {
			return 0
		}
	}
	declared = strings.ToLower(strings.TrimSpace(declared))
	kind, subtype, _ := strings.Cut(declared, "/")
	actual, rest, _ := strings.Cut(essence, "/")
	switch suffix, isRange := strings.CutPrefix(subtype, "*"); {
	case declared == essence:
		return 10 + len(wanted)
	case !isRange:
		return 0
	case suffix != "" && kind == actual && strings.HasSuffix(rest, suffix):
		return 3
	case suffix == "" && kind == actual:
		return 2
	case declared == "*/*":
		return 1
	}
	return 0
}

// IsJSON reports whether a media type, in lower case and without parameters, is JSON.
func IsJSON(essence string) bool {
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

// essenceOf is a media type in lower case and without parameters.
func essenceOf(mediaType string) string {
	essence, _, _ := strings.Cut(mediaType, ";")
	return strings.ToLower(strings.TrimSpace(essence))
}

// MediaTypes lists the media types that a body may have, with commas in between, as a header Accept has them.
func MediaTypes(contents []Content) string {
	names := make([]string, len(contents))
	for i := range contents {
		names[i] = contents[i].MediaType
	}
	return strings.Join(names, ", ")
}

// wantTypes says which media types a body may have.
func wantTypes(contents []Content) string {
	if len(contents) > 1 {
		return "one of " + MediaTypes(contents)
	}
	return MediaTypes(contents)
}

// MissingBody is the violation of a message that has no body, although the document requires one.
func MissingBody(b *Body) schema.Violation {
	return schema.Violation{In: "body", Rule: "required", Want: "a body of type " + wantTypes(b.Content) + "; it is missing"}
}

// Encoded is the violation of a body that is compressed and so cannot be validated, nil otherwise.
func Encoded(header http.Header) *schema.Violation {
	values := header["Content-Encoding"]
	if len(values) == 0 {
		return nil
	}
	encoding := values[0]
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	return &schema.Violation{In: "header", Pointer: "/Content-Encoding", Rule: "content", Want: "a body without content encoding"}
}
