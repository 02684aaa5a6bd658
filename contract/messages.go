package contract

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The texts of violations, in one place. They speak of JSON and of the document, never of Go types.

// maxShown is how much of an offending string is shown.
const maxShown = 60

// shown returns the value as a message shows it: scalars as they are, shortened; of objects and arrays only what they
// are.
func (t *jsonTree) shown(n int32) string {
	switch t.nodes[n].kind {
	case 'n':
		return "null"
	case 't':
		return "true"
	case 'f':
		return "false"
	case '{':
		return "an object"
	case '[':
		return "an array of " + count(int(t.nodes[n].size), "item")
	case '"':
		return quote(shortened(t.string(n)))
	}
	return strings.Clone(shortened(t.literal(n))) // which would keep the whole input in memory
}

func shortened(text string) string {
	if len(text) <= maxShown {
		return text
	}
	cut := maxShown
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// want returns what a rule of a schema asks for; n is a value that breaks it.
func (c *checker) want(s *Schema, n int32, rule string) string {
	switch rule {
	case "type":
		if s.Type == "number" && c.nodes[n].kind == '0' {
			return wantDouble
		}
		return wantType(s)
	case "format":
		switch s.Type {
		case "integer":
			return wantInteger(s.Format)
		case "number":
			return "a number within the range of a float of 32 bits"
		}
		return formats[s.Format].want
	case "enum":
		return oneOfThese(s.Enum)
	case "minimum":
		return "at least " + s.Minimum
	case "exclusiveMinimum":
		return "more than " + s.Minimum
	case "maximum":
		return "at most " + s.Maximum
	case "exclusiveMaximum":
		return "less than " + s.Maximum
	case "multipleOf":
		return "a multiple of " + s.MultipleOf
	case "minLength":
		return "at least " + count(s.MinLength, "character")
	case "maxLength":
		return "at most " + count(s.MaxLength, "character")
	case "pattern":
		return "text that matches " + s.Pattern
	case "minItems":
		return "at least " + count(s.MinItems, "item")
	case "maxItems":
		return "at most " + count(s.MaxItems, "item")
	case "uniqueItems":
		return "each item once"
	case "minProperties":
		return "at least " + count(s.MinProperties, "member")
	case "maxProperties":
		return "at most " + count(s.MaxProperties, "member")
	case "readOnly":
		return "no such member in a request; the service sets it"
	case "writeOnly":
		return "no such member in a response"
	case "anyOf":
		return "a value that fits at least one of " + count(len(s.AnyOf), "schema")
	case "not":
		return notWanted(s.Not)
	}
	panic("contract: no words for the rule " + rule)
}

const wantDouble = "a number within the range of a double"

func wantType(s *Schema) string {
	switch s.Type {
	case "":
		if len(s.OneOf) > 0 {
			return "one of " + variantNames(s, nil)
		}
		return "a value"
	case "object", "array", "integer":
		return "an " + s.Type
	}
	if f, known := formats[s.Format]; known && s.Type == "string" {
		return f.want
	}
	if len(s.Enum) > 0 {
		return oneOfThese(s.Enum)
	}
	return "a " + s.Type
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// oneOfThese lists the values of an enum.
func oneOfThese(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "one of " + strings.Join(values, ", ")
}

func oneOfTheseValues(d *Discriminator) string {
	values := make([]string, len(d.Mapping))
	for i, m := range d.Mapping {
		values[i] = quote(m.Value)
	}
	return oneOfThese(values)
}

// variantName is the name of a variant in the document, or what it wants, or its position if that is not enough.
func variantName(s *Schema, i int) string {
	if name := s.OneOf[i].Name; name != "" {
		return name
	}
	want := wantType(s.OneOf[i])
	for j, other := range s.OneOf {
		if i != j && other.Name == "" && wantType(other) == want {
			return "variant " + strconv.Itoa(i+1)
		}
	}
	return want
}

func variantNames(s *Schema, which []int) string {
	var names []string
	if which == nil {
		for i := range s.OneOf {
			names = append(names, variantName(s, i))
		}
		return strings.Join(names, ", ")
	}
	for _, i := range which {
		names = append(names, variantName(s, i))
	}
	return strings.Join(names, " and ")
}

// atLeastOne lists members any of which would do.
func atLeastOne(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	if len(quoted) == 1 {
		return "the member " + quoted[0]
	}
	return "at least one of the members " + strings.Join(quoted, ", ")
}

// suggestion points to the declared member that was probably meant.
func suggestion(s *Schema, name string) string {
	if meant := shadows(s, name); meant != "" {
		return "; names are matched exactly: " + quote(meant)
	}
	return ""
}

// notWanted says what a schema under "not" forbids, in the frequent case that it forbids members.
func notWanted(s *Schema) string {
	names := forbidden(s, nil)
	if names == nil {
		return "a value that does not fit the schema under not"
	}
	return "no member " + strings.Join(names, ", ") + " beside the others"
}

func forbidden(s *Schema, names []string) []string {
	for _, name := range s.Required {
		names = append(names, quote(name))
	}
	for _, part := range s.AnyOf {
		names = forbidden(part, names)
	}
	return names
}
