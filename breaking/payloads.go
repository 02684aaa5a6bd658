package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/gen/overlap"
)

// comparePayloads looks for values at the unions of a document that were accepted before and are refused now, and for those of
// responses that a reader of the earlier document does not accept.
func comparePayloads(before, after *openapi3.T, file string) (findings []finding) {
	old := operations(before)
	for at, op := range operations(after) {
		if old[at] == nil {
			continue
		}
		was := messages(at, old[at])
		for name, m := range messages(at, op) {
			if was[name].schema == nil {
				continue
			}
			p := pair{message: m, file: file, seen: map[[2]*openapi3.Schema]bool{}}
			p.walk(was[name].schema.Value, m.schema.Value, "")
			findings = append(findings, p.findings...)
		}
	}
	return findings
}

// A pair is a message of both documents.
type pair struct {
	message
	file     string
	seen     map[[2]*openapi3.Schema]bool
	findings []finding
}

func (p *pair) response() bool { return p.name != "the request body" }

// walk compares the schemas at one place of the message, and those at all places within.
func (p *pair) walk(before, after *openapi3.Schema, pointer string) {
	key := [2]*openapi3.Schema{before, after}
	if p.seen[key] {
		return
	}
	p.seen[key] = true
	if len(after.OneOf) > 0 || len(before.OneOf) > 0 {
		p.union(before, after, pointer)
	}
	for _, name := range slices.Sorted(maps.Keys(after.Properties)) {
		if was := before.Properties[name]; was != nil {
			p.walk(was.Value, after.Properties[name].Value, pointer+"/"+name)
		}
	}
	if before.Items != nil && after.Items != nil {
		p.walk(before.Items.Value, after.Items.Value, pointer+"/0")
	}
	if was, is := before.AdditionalProperties.Schema, after.AdditionalProperties.Schema; was != nil && is != nil {
		p.walk(was.Value, is.Value, pointer+"/*")
	}
	for i := range min(len(before.AllOf), len(after.AllOf)) {
		p.walk(before.AllOf[i].Value, after.AllOf[i].Value, pointer)
	}
	for _, is := range after.OneOf {
		for _, was := range before.OneOf {
			if was.Ref != "" && was.Ref == is.Ref {
				p.walk(was.Value, is.Value, pointer)
			}
		}
	}
}

// union tries the smallest payloads of each variant, and those that fit two variants.
func (p *pair) union(before, after *openapi3.Schema, pointer string) {
	variants, were := variantsOf(after), variantsOf(before)
	for i, v := range variants {
		for j := range i {
			if payload, _, found := overlap.Witness(variants[j], v); found && accepts(before, payload) && !accepts(after, payload) {
				p.report("union-overlap", after, pointer, payload, fmt.Sprintf("fits variant %d and variant %d of the oneOf now, so that it is refused; "+
					"tell them apart again, by required members or the values of one", j+1, i+1))
			}
		}
	}
	for i, v := range were {
		if payload, _, found := overlap.Witness(v, v); found && accepts(before, payload) && !accepts(after, payload) {
			p.report("union-refuses", after, pointer, payload, fmt.Sprintf("was variant %d of the oneOf and is refused now; keep accepting it", i+1))
		}
	}
	if !p.response() {
		return
	}
	for i, v := range variants {
		if payload, _, found := overlap.Witness(v, v); found && accepts(after, payload) && !accepts(before, payload) {
			p.report("union-unreadable", after, pointer, payload, fmt.Sprintf(
				"may be sent now, as variant %d of the oneOf, and those who read by the earlier document refuse it", i+1))
		}
	}
}

// variantsOf are the variants of a union. A schema without oneOf is its only variant.
func variantsOf(s *openapi3.Schema) []*openapi3.Schema {
	if len(s.OneOf) == 0 {
		return []*openapi3.Schema{s}
	}
	var all []*openapi3.Schema
	for _, v := range s.OneOf {
		all = append(all, v.Value)
	}
	return all
}

func accepts(s *openapi3.Schema, payload any) bool {
	return s.VisitJSON(payload, openapi3.FailFast()) == nil
}

// report adds a finding, unless the payload has been shown for the union before.
func (p *pair) report(rule string, union *openapi3.Schema, pointer string, payload any, text string) {
	place := p.name
	if pointer != "" {
		place += " at " + pointer
	}
	shown, err := json.Marshal(payload)
	if err != nil {
		shown = []byte(strconv.Quote(err.Error()))
	}
	where := p.file
	if union.Origin != nil && union.Origin.Key != nil {
		where = fmt.Sprintf("%s:%d:%d", p.file, union.Origin.Key.Line, union.Origin.Key.Column)
	}
	if slices.ContainsFunc(p.findings, func(f finding) bool { return f.Where == where && f.Payload == string(shown) }) {
		return
	}
	p.findings = append(p.findings, finding{Rule: rule, Where: where, At: p.at, Text: place + ": the payload below " + text, Payload: string(shown)})
}
