package contract

// A Go variable of the type uuid.UUID that was never set is the zero UUID, which is valid. This file finds it in
// requests where the document requires a UUID, so that nobody could have left it out. Elsewhere it is a pointer to a
// UUID, and somebody's choice.

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const zeroUUID = "00000000-0000-0000-0000-000000000000"

// zeroUUIDs returns a violation for each required UUID of a valid request that is zero.
func (e *endpoint) zeroUUIDs(r *http.Request, path []string) ([]Violation, error) {
	var found []Violation
	for i := range e.Parameters {
		if p := &e.Parameters[i]; p.Required && slices.ContainsFunc(e.texts(p, r, path), p.isZero) {
			found = append(found, within(p.In, []Violation{zeroViolation("/" + escape(p.Name))})...)
		}
	}
	if e.Body == nil || r.GetBody == nil {
		return found, nil
	}
	content, essence, violation := media(e.Body.Content, r.Header)
	if violation != nil || schemaOf(content, essence) == nil {
		return found, nil // nothing is known of the body
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err == nil && (bytes.Contains(text, []byte(zeroUUID)) || bytes.Contains(text, []byte(`\u00`))) {
		found = append(found, within("body", zeros(nil, []*Schema{schemaOf(content, essence)}, text, "", false))...)
	}
	return found, err
}

// texts are what a request has for a parameter.
func (e *endpoint) texts(p *Parameter, r *http.Request, path []string) []string {
	switch p.In {
	case "path":
		return path[e.wildcards[p.Name] : e.wildcards[p.Name]+1]
	case "query":
		return r.URL.Query()[p.Name]
	case "header":
		return r.Header.Values(p.Name)
	}
	return cookies(r, p.Name)
}

func (p *Parameter) isZero(text string) bool {
	if p.JSON {
		return len(zeros(nil, []*Schema{p.Schema}, []byte(text), "", true)) > 0
	}
	// The styles label and matrix put something before it.
	return strings.HasSuffix(text, zeroUUID) && mustBeUUID(parts(nil, p.Schema, nil))
}

func zeroViolation(pointer string) Violation {
	const want = "a UUID other than the zero UUID, which a variable has that was never set"
	return Violation{Pointer: pointer, Rule: "required", Want: want, Got: quote(zeroUUID)}
}

// zeros adds a violation for each required UUID in a JSON text that is zero. The text is valid for all of the schemas.
func zeros(found []Violation, schemas []*Schema, text []byte, pointer string, required bool) []Violation {
	var all []*Schema
	for _, s := range schemas {
		all = parts(all, s, text)
	}
	switch text = bytes.TrimSpace(text); text[0] {
	case '"':
		var value string
		if required && json.Unmarshal(text, &value) == nil && value == zeroUUID && mustBeUUID(all) {
			found = append(found, zeroViolation(pointer))
		}
	case '[':
		var items []json.RawMessage
		_ = json.Unmarshal(text, &items) // it is valid
		for i, item := range items {
			schemas := each(all, func(s *Schema) *Schema { return s.Items })
			found = zeros(found, schemas, item, pointer+"/"+strconv.Itoa(i), false)
		}
	case '{':
		var members map[string]json.RawMessage
		_ = json.Unmarshal(text, &members)
		names := make([]string, 0, len(members))
		for name := range members {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			declared := each(all, func(s *Schema) *Schema { return s.Property(name) })
			requires := func(s *Schema) bool { return slices.Contains(s.Required, name) }
			required := declared != nil && slices.ContainsFunc(all, requires)
			if declared == nil {
				declared = each(all, func(s *Schema) *Schema { return s.AdditionalProperties })
			}
			found = zeros(found, declared, members[name], pointer+"/"+escape(name), required)
		}
	}
	return found
}

func each(schemas []*Schema, of func(*Schema) *Schema) []*Schema {
	var list []*Schema
	for _, s := range schemas {
		if part := of(s); part != nil {
			list = append(list, part)
		}
	}
	return list
}

// parts adds a schema and all parts of it that a text is valid for: those of allOf, and of the variants of a union.
func parts(all []*Schema, s *Schema, text []byte) []*Schema {
	if s == nil || slices.Contains(all, s) {
		return all
	}
	all = append(all, s)
	for _, part := range s.AllOf {
		all = parts(all, part, text)
	}
	for i, variant := range slices.Concat(s.OneOf, s.AnyOf) {
		if text == nil || s.Discriminator != nil && i < len(s.OneOf) && !s.selects(i, text) {
			continue
		}
		if _, err := variant.Check(text, InRequest); err == nil {
			all = parts(all, variant, text)
		}
	}
	return all
}

// selects reports whether the discriminator of a text selects a variant.
func (s *Schema) selects(variant int, text []byte) bool {
	var members map[string]json.RawMessage
	var value string
	if json.Unmarshal(text, &members) != nil || json.Unmarshal(members[s.Discriminator.Property], &value) != nil {
		return false
	}
	selected, ok := s.Discriminator.of(value)
	return ok && selected == variant
}

// mustBeUUID reports whether parts of a schema leave nothing but a UUID. Where it may be null, or where the document
// lists the values, a zero UUID is a choice.
func mustBeUUID(schemas []*Schema) bool {
	return slices.ContainsFunc(schemas, func(s *Schema) bool { return s.Format == "uuid" }) &&
		!slices.ContainsFunc(schemas, func(s *Schema) bool { return s.Nullable || len(s.Enum) > 0 })
}
