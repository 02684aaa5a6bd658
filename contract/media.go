package contract

import (
	"mime"
	"net/http"
	"strings"
)

// media finds what the document declares for the Content-Type of a message. essence is the media type in lower case,
// without its parameters. The violation is for a type that is not declared, or that cannot be read.
func media(contents []Content, header http.Header) (content *Content, essence string, violation *Violation) {
	values := header.Values("Content-Type")
	if len(contents) == 1 && len(values) == 1 && values[0] == "application/json" && contents[0].MediaType == values[0] {
		return &contents[0], values[0], nil
	}
	violation = &Violation{In: "header", Pointer: "/Content-Type", Rule: "content", Want: mediaTypes(contents)}
	if len(values) != 1 {
		return nil, "", violation
	}
	essence, parameters, err := mime.ParseMediaType(values[0])
	if err != nil {
		return nil, "", violation
	}
	best := 0
	for i := range contents {
		if rank := covers(contents[i].MediaType, essence); rank > best {
			best, content = rank, &contents[i]
		}
	}
	sent, _, _ := strings.Cut(values[0], ";") // as it came: a secret in another case would not be recognized
	violation.Got = quote(strings.TrimSpace(sent))
	if content == nil {
		return nil, essence, violation
	}
	if charset, ok := parameters["charset"]; ok && isJSON(essence) && !strings.EqualFold(charset, "utf-8") {
		violation.Want += " in UTF-8"
		return nil, essence, violation
	}
	return content, essence, nil
}

// schemaOf returns the schema that a body has to be held against, nil if it is not JSON or not described.
func schemaOf(content *Content, essence string) *Schema {
	if content == nil || !isJSON(essence) {
		return nil
	}
	return content.Schema
}

// encoded is the violation of a body that is compressed and so cannot be held against a schema, nil otherwise.
func encoded(header http.Header) *Violation {
	encoding := header.Get("Content-Encoding")
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	return &Violation{In: "header", Pointer: "/Content-Encoding", Rule: "content", Want: "a body without content encoding"}
}

// covers ranks how well a media type of the document, possibly a range, fits: 0 is not at all.
func covers(declared, essence string) int {
	declared, _, _ = strings.Cut(declared, ";")
	declared = strings.ToLower(strings.TrimSpace(declared))
	kind, subtype, _ := strings.Cut(declared, "/")
	actual, rest, _ := strings.Cut(essence, "/")
	switch suffix, isRange := strings.CutPrefix(subtype, "*"); {
	case declared == essence:
		return 4
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

func isJSON(essence string) bool {
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

func mediaTypes(contents []Content) string {
	names := make([]string, len(contents))
	for i, c := range contents {
		names[i] = c.MediaType
	}
	return strings.Join(names, ", ")
}
