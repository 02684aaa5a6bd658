package schema

import (
	"strconv"
	"strings"
)

// A Violation is one rule of the document that a value violates.
type Violation struct {
	// In is the part of a message that the value is in: "body", "path", "query", "header", "cookie", "form", or "response" for the
	// status of a response. It is empty where bare JSON text was validated.
	In string

	// Pointer is the JSON pointer (RFC 6901) of the value; for a missing member, of the place where it would be. The empty
	// pointer is the whole value. For a parameter it starts with the parameter's name.
	Pointer string

	// Rule is the name of the rule: the keyword of the schema ("required", "pattern", "maximum", …), or one of
	//   - "type", also for a null that is not allowed and for a number that its Go type cannot hold,
	//   - "discriminator", for a value that selects no variant,
	//   - "syntax", "duplicate", "trailing", "depth": the text is not one well-formed JSON value with unique member names,
	//   - "size": the text has so many short items that their Go values would take very much memory,
	//   - "status", "content": the document declares no such status or media type,
	//   - "security": credentials are missing,
	//   - "undeclared": a member that the document does not declare, which is only ever a deviation,
	//   - "more": there are further violations, which are not listed.
	Rule string

	// Want says what the document asks for, in words that fit after "want".
	Want string

	// Got is the value, shortened. It is empty where the document marks the value as sensitive, and where there is no value.
	Got string

	// More is how many violations a violation of the rule "more" stands for.
	More int

	// Variants are, for a value that is none of the variants of a union, the reasons for each variant.
	Variants []VariantViolations
}

// VariantViolations are the reasons why a value is not a certain variant of a union.
type VariantViolations struct {
	Variant    string // the variant's name in the document
	Violations []Violation
}

// String gives the violation as "/slot_id: want a UUID, got \"x\"".
func (v Violation) String() string {
	var b strings.Builder
	v.write(&b, true)
	return b.String()
}

// Message is what may be told to the sender of the value: what the document asks for, and nothing of what was sent.
func (v Violation) Message() string {
	if len(v.Variants) == 0 {
		return "want " + v.Want
	}
	var b strings.Builder
	b.WriteString("want ")
	b.WriteString(v.Want)
	v.writeVariants(&b, false)
	return b.String()
}

func (v Violation) write(b *strings.Builder, got bool) {
	writePlace(b, v.In, v.Pointer)
	b.WriteString(": want ")
	b.WriteString(v.Want)
	if got && v.Got != "" {
		b.WriteString(", got ")
		b.WriteString(v.Got)
	}
	v.writeVariants(b, got)
}

// Place names the place of a violation in a sentence: `query parameter "limit"`, `form member "dates/0"`; that of one in a body is its pointer.
func Place(in, pointer string) string {
	if in == "body" && pointer != "" {
		return pointer
	}
	var b strings.Builder
	writePlace(&b, in, pointer)
	return b.String()
}

func writePlace(b *strings.Builder, in, pointer string) {
	name := strings.TrimPrefix(pointer, "/")
	switch {
	case in == "body" && pointer == "":
		b.WriteString("the body")
	case in == "" && pointer == "":
		b.WriteString("the value")
	case in == "body" || in == "":
		b.WriteString(pointer)
	case in == "response":
		b.WriteString(in + " " + name)
	case name == "":
		b.WriteString(in)
	default:
		b.WriteString(in + places[in] + " " + strconv.Quote(name))
	}
}

// places are what the parts of a message have, where that is not said by the name of the part.
var places = map[string]string{"path": " parameter", "query": " parameter", "form": " member"}

// maxVariantsText is about how many bytes the reasons of the variants of a union may take. They may be unions themselves and would
// otherwise grow without bound.
const maxVariantsText = 2000

func (v Violation) writeVariants(b *strings.Builder, got bool) {
	if len(v.Variants) == 0 {
		return
	}
	end := b.Len() + maxVariantsText
	separator := " ("
	for _, variant := range v.Variants {
		if reasons := variant.Violations; len(reasons) == 1 && reasons[0].Pointer == "" && reasons[0].Want == variant.Variant {
			continue // which says no more than that it is not that variant
		}
		b.WriteString(separator)
		separator = "; "
		b.WriteString("not " + variant.Variant + " because ")
		for j, reason := range variant.Violations {
			if j > 0 {
				b.WriteString(" and ")
			}
			if b.Len() > end {
				b.WriteString("…)")
				return
			}
			reason.Variants = nil // one level is enough
			reason.write(b, got)
		}
	}
	if separator == "; " {
		b.WriteByte(')')
	}
}

// A ValidationError holds everything that is wrong with a value, in the order of the value.
type ValidationError struct {
	// Violations is never empty.
	Violations []Violation
}

// maxError is about how long the text of an error becomes, in bytes.
const maxError = 1 << 14

// Error lists the violations, separated by "; ". Where that would be longer than about 16 KiB, it says how many are left out.
func (e *ValidationError) Error() string {
	var b strings.Builder
	for i, v := range e.Violations {
		if i > 0 {
			b.WriteString("; ")
		}
		if b.Len() > maxError {
			b.WriteString("and " + strconv.Itoa(Count(e.Violations[i:])) + " more")
			break
		}
		v.write(&b, true)
	}
	return b.String()
}

// Count returns how many violations there are, with those that a last one stands for.
func Count(violations []Violation) int {
	n := 0
	for i := range violations {
		n += max(violations[i].More, 1)
	}
	return n
}

// Check validates JSON text strictly. The error is a [*ValidationError] with all violations, or with what is wrong with the JSON.
func (s *Schema) Check(text []byte, dir Direction) error {
	_, err := s.Validate(string(text), dir, Strict)
	return err
}

// CheckTolerant validates JSON text as a client does that is ahead of the service's document, or behind it. What can be understood in
// spite of a deviation is not an error; the deviations are returned, at most [MaxFindings] and one that says how many more there are.
//
//   - Any rule but the type may be violated: members may be missing or unknown, values outside of their enum or their bounds. The value
//     of a member may be null.
//   - A union whose discriminator is missing or unknown is the variant that fits but for that. Without a discriminator it is the variant
//     that fits as it is or, failing that, with other enum values and unknown members or, failing that, with any of the above. If there
//     is none, or more than one, any value is accepted.
//   - A member that no part of an object declares is a deviation of the rule "undeclared".
//
// The error is a [*ValidationError] for text that is not JSON, and for values that the Go type cannot hold.
func (s *Schema) CheckTolerant(text []byte, dir Direction) (deviations []Violation, err error) {
	return s.Validate(string(text), dir, Tolerant)
}

// Validate validates JSON text in a mode, and returns what the mode tolerates.
func (s *Schema) Validate(text string, dir Direction, mode Mode) (deviations []Violation, err error) {
	c := NewChecker()
	defer c.Free()
	l := c.Parse(text, 0, dir, mode)
	if l.End(); l.Failed() {
		return nil, &ValidationError{Violations: []Violation{l.Violation()}}
	}
	c.check(s, 0)
	return Describe(text, &c.Findings, dir)
}
