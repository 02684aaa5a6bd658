package contract

import (
	"strconv"
	"strings"
)

// A Violation is one rule of the document that a value breaks.
type Violation struct {
	// In says which part of a message the value stands in: "body", "path", "query", "header", "cookie", or "response"
	// for the status of a response. It is empty where a bare JSON text was checked.
	In string

	// Pointer is the JSON pointer (RFC 6901) of the offending value; for a missing member, of the place where it should
	// stand. The empty pointer is the whole value. For a parameter it starts with the parameter's name.
	Pointer string

	// Rule is the broken rule: the keyword of the schema ("required", "pattern", "maximum", …), or one of
	//   - "type", also for a null that is not allowed and for a number that its Go type cannot hold,
	//   - "discriminator", a value that selects no variant,
	//   - "syntax", "duplicate", "trailing", "depth": the text is not one well-formed JSON value with unique member
	//     names,
	//   - "status", "content": the document declares no such status, or no such media type,
	//   - "security", "undeclared": only from an [Observer], and the latter as a concession; see there,
	//   - "more", the last of many: Want says how many violations are not listed.
	Rule string

	// Want says what the document asks for, in words that fit behind "want".
	Want string

	// Got shows the offending value, shortened. It is empty where the document marks the value as sensitive and where
	// nothing was there.
	Got string

	// Variants holds, for a value that matches no variant of a union without discriminator, the reasons of each
	// variant. There are at most 10 for a variant, and the last variants may be left out.
	Variants []VariantViolations

	more int // of a violation with the rule "more", how many are not listed
}

// countAll returns how many violations there are, with those that are not listed.
func countAll(violations []Violation) int {
	n := 0
	for i := range violations {
		n += max(violations[i].more, 1)
	}
	return n
}

// size is about how much memory a violation needs, in bytes: the texts, and the reasons.
func (v *Violation) size() int {
	size := len(v.Pointer) + len(v.Want) + len(v.Got)
	for i := range v.Variants {
		for j := range v.Variants[i].Violations {
			size += 100 + v.Variants[i].Violations[j].size()
		}
	}
	return size
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

// Message is what may be told to whoever sent the value: what the document wants and nothing of what was sent.
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
	switch {
	case v.In != "" && v.In != "body":
		b.WriteString(v.In)
		if v.Pointer != "" {
			b.WriteByte(' ')
			b.WriteString(strings.TrimPrefix(v.Pointer, "/"))
		}
	case v.Pointer == "":
		b.WriteString("the value")
	default:
		b.WriteString(v.Pointer)
	}
	b.WriteString(": want ")
	b.WriteString(v.Want)
	if got && v.Got != "" {
		b.WriteString(", got ")
		b.WriteString(v.Got)
	}
	v.writeVariants(b, got)
}

// maxText is about how long the text of a violation becomes. The reasons of the variants of a union, which may be
// unions themselves, would otherwise grow without bound.
const maxText = 2000

func (v Violation) writeVariants(b *strings.Builder, got bool) {
	if len(v.Variants) == 0 {
		return
	}
	end := b.Len() + maxText
	b.WriteString(" (")
	for i, variant := range v.Variants {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString("not " + variant.Variant + " because ")
		for j, reason := range variant.Violations {
			if j > 0 {
				b.WriteString(" and ")
			}
			if b.Len() > end {
				b.WriteString("…)")
				return
			}
			reason.Variants = nil // one level says enough
			reason.write(b, got)
		}
	}
	b.WriteByte(')')
}

// A ValidationError holds everything that is wrong with a value, in the order of the value.
type ValidationError struct {
	// Violations is never empty.
	Violations []Violation
}

// maxError is about how long the text of an error becomes, in bytes.
const maxError = 1 << 14

// Error names the violations, separated by "; ". Where that would be longer than about 16 KiB, it says how many are
// left out.
func (e *ValidationError) Error() string {
	var b strings.Builder
	for i, v := range e.Violations {
		if i > 0 {
			b.WriteString("; ")
		}
		if b.Len() > maxError {
			b.WriteString("and " + strconv.Itoa(countAll(e.Violations[i:])) + " more")
			break
		}
		v.write(&b, true)
	}
	return b.String()
}
