package styles

import "regexp"

// situations are the kinds of differences, for which docs/parameters.md has a line each: with what we do, what they do, and what decides.
// The first one that fits is that of a finding; a field that is empty fits everything.
var situations = []struct {
	name                                    string // the first column there
	peers, columns, kinds, values, outcomes string // regular expressions
}{
	{"no spelling", "^our client$", "", "", "", "^is not sent$"},
	{"an empty list or object", "", "", "", `^(\[\]|\{\})$`, ""},
	{"a list with one empty item", "", "", "", `^\[""\]$`, ""},
	{"an empty text in a path", "", "^path", "^string$", `^""$`, ""},
	{"an empty body", "", "^(text|binary)$", "", `^""$`, ""},
	{"a union", "", "", "^union$", "", ""},
	{"a response header", "^oapi-codegen's (server's response|client, response)$", "^header", "", "", ""},
	{"a list, an object or a date-time in a form", "", "^form", "^(list|list-integer|object|map|date-time)$", "", ""},
	{"a percent sign or a space in a body", "^Prism$", "^(multipart|form)", "^string$", "[% ]", ""},
	{"a list or an object in parts", "^Prism$", "^multipart$", "^(list|list-integer|object|map)$", "", ""},
	{"text/plain as a number or a boolean", "^(openapi3filter|Prism)", "^text$", "", "", ""},
	{"percent-encoding in a path", "^openapi3filter$", "^path", "", "%|[^ -~]|[^0-9A-Za-z\"{}]", ""},
	{"a cookie", "^(openapi3filter|oapi-codegen's server|oapi-codegen's client)$", "^cookie", "", "", ""},
	{"members that are not texts", "^oapi-codegen's server$", "", "^(object|map)$", "", "^refuses$"},
	{"an object without its name", "^oapi-codegen's server$", "^query-form-explode$", "^map$", "", ""},
	{"a date-time in a path", "^oapi-codegen's server$", "^path-(label|matrix)", "^date-time$", "", ""},
	{"an object between spaces or pipes", "^(oapi-codegen's client|openapi-fetch)$", "^query-(space|pipe)$", "^(object|map)$", "", ""},
	{"a delimiter between spaces or pipes", "^(oapi-codegen's client|openapi-fetch|Prism|oapi-codegen's server)$", "^query-(space|pipe)$", "^list", "", ""},
	{"a point in label style", "", "^path-label-explode", "", "\\.", ""},
	{"the name of a member", "^(oapi-codegen's client|openapi-fetch)$", "^(path|query)-", "^map$", "[,= ]", ""},
	{"a header outside ASCII", "^(Prism|openapi-fetch)$", "^header", "", "[^ -~]", ""},
	{"an object in a header", "^openapi-fetch$", "^header", "^(object|map)$", "", ""},
	{"a delimiter in a header", "^(oapi-codegen's client|openapi-fetch)$", "^header", "", "[,=]", ""},
	{"an equals sign in a header", "^(openapi3filter.*|Prism)$", "^header-simple-explode$", "^object$", "=", ""},
	{"a percent-encoded delimiter", "^(openapi3filter.*|oapi-codegen's server|Prism)$", "^(query|path|form)-", "", "[,;.|=]", ""},
	{"label style with explode", "^Prism$", "^path-label-explode$", "^(object|map)$", "", ""},
}

// situation is the name of the first one that fits, "" if there is none.
func situation(f finding) string {
	for _, s := range situations {
		if match(s.peers, f.peer) && match(s.columns, f.x.c.name) && match(s.kinds, f.x.k.name) && match(s.values, f.x.value) && match(s.outcomes, f.outcome) {
			return s.name
		}
	}
	return ""
}

func match(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }
