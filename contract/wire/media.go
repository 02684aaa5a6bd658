package wire

import (
	"mime"
	"net/http"
	"strings"

	"github.com/interconnect-go/interconnect/contract/schema"
)

// ContentOf finds what the document declares for the Content-Type of a message. essence is the media type in lower case, without its
// parameters. The violation is for a type that is not declared, or that cannot be read.
func ContentOf(contents []Content, header http.Header) (content *Content, essence string, violation *schema.Violation) {
	values := header["Content-Type"]
	if len(contents) == 1 && len(values) == 1 && values[0] == contents[0].MediaType && values[0] == "application/json" {
		return &contents[0], values[0], nil
	}
	violation = &schema.Violation{In: "header", Pointer: "/Content-Type", Rule: "content", Want: MediaTypes(contents)}
	if len(values) != 1 {
		return nil, "", violation
	}
	essence, parameters, err := mime.ParseMediaType(values[0])
	if err != nil {
		return nil, "", violation
	}
	best := 0
	for i := range contents {
		if rank := covers(contents[i].MediaType, essence, parameters); rank > best {
			best, content = rank, &contents[i]
		}
	}
	violation.Got = schema.Quote(essence)
	if content == nil {
		return nil, essence, violation
	}
	if charset, ok := parameters["charset"]; ok && (IsJSON(essence) || content.Kind == Form || content.Kind == Stream) && !strings.EqualFold(charset, "utf-8") {
		violation.Want += " in UTF-8"
		return nil, essence, violation
	}
	return content, essence, nil
}

// covers ranks how well a media type of the document, possibly a range, fits: 0 is not at all. Parameters that the document gives must be there.
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

// MediaTypes lists the media types that a body may have.
func MediaTypes(contents []Content) string {
	names := make([]string, len(contents))
	for i := range contents {
		names[i] = contents[i].MediaType
	}
	if len(names) > 1 {
		return "one of " + strings.Join(names, ", ")
	}
	return strings.Join(names, "")
}

// Encoded is the violation of a body that is compressed and so cannot be validated, nil otherwise.
func Encoded(header http.Header) *schema.Violation {
	encoding := header.Get("Content-Encoding")
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	return &schema.Violation{In: "header", Pointer: "/Content-Encoding", Rule: "content", Want: "a body without content encoding"}
}
