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
	} else {
		p.object(before, after, pointer)
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
	for _, parts := range [][2]openapi3.SchemaRefs{{before.AllOf, after.AllOf}, {before.AnyOf, after.AnyOf}, {before.OneOf, after.OneOf}} {
		for _, both := range paired(parts[0], parts[1]) {
			p.walk(both[0], both[1], pointer)
		}
	}
}

// paired are the parts of a composed schema that belong together: those with the same name, and those without one by their places.
func paired(before, after openapi3.SchemaRefs) (pairs [][2]*openapi3.Schema) {
	inline := func(refs openapi3.SchemaRefs) (all openapi3.SchemaRefs) {
		for _, ref := range refs {
			if ref.Ref == "" {
				all = append(all, ref)
			}
		}
		return all
	}
	for _, is := range after {
		for _, was := range before {
			if was.Ref != "" && was.Ref == is.Ref {
				pairs = append(pairs, [2]*openapi3.Schema{was.Value, is.Value})
			}
		}
	}
	was, is := inline(before), inline(after)
	for i := range min(len(was), len(is)) {
		pairs = append(pairs, [2]*openapi3.Schema{was[i].Value, is[i].Value})
	}
	return pairs
}

// The rules of payloads that are no unions. What they find has mostly a cause that another rule names.
const (
	ruleRefuses    = "request-refuses"
	ruleUnreadable = "response-unreadable"
)

// object tries objects with the required members, and with each of the others, also one that is not declared.
func (p *pair) object(before, after *openapi3.Schema, pointer string) {
	if p.response() {
		for _, payload := range objects(after) {
			if p.accepts(after, payload) && !p.accepts(before, payload) {
				p.report(ruleUnreadable, after, pointer, payload, "may be sent now, and those who read by the earlier document refuse it")
				return
			}
		}
		return
	}
	for _, payload := range objects(before) {
		if p.accepts(before, payload) && !p.accepts(after, payload) {
			p.report(ruleRefuses, after, pointer, payload, "was accepted and is refused now; keep accepting it")
			return
		}
	}
}

func objects(s *openapi3.Schema) []map[string]any {
	payload, _, found := overlap.Witness(s, s)
	smallest, ok := payload.(map[string]any)
	if !found || !ok {
		return nil
	}
	all := []map[string]any{smallest}
	with := func(name string, value any) {
		more := maps.Clone(smallest)
		more[name] = value
		all = append(all, more)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name].Value
		if value, _, found := overlap.Witness(property, property); found && smallest[name] == nil {
			with(name, value)
		}
	}
	with("another", "member")
	return all
}

// union tries the smallest payloads of each variant, and those that fit two variants.
func (p *pair) union(before, after *openapi3.Schema, pointer string) {
	variants, were := variantsOf(after), variantsOf(before)
	for i, v := range variants {
		for j := range i {
			if payload, _, found := overlap.Witness(variants[j], v); found && p.accepts(before, payload) && !p.accepts(after, payload) {
				p.report("union-overlap", after, pointer, payload, fmt.Sprintf("fits variant %d and variant %d of the oneOf now, so that it is refused; "+
					"tell them apart again, by required members or the values of one", j+1, i+1))
			}
		}
	}
	if !p.response() { // which may become less
		for i, v := range were {
			if payload, _, found := overlap.Witness(v, v); found && p.accepts(before, payload) && !p.accepts(after, payload) {
				p.report("union-refuses", after, pointer, payload, fmt.Sprintf("was variant %d of the oneOf and is refused now; keep accepting it", i+1))
			}
		}
		return
	}
	for i, v := range variants {
		if payload, _, found := overlap.Witness(v, v); found && p.accepts(after, payload) && !p.accepts(before, payload) {
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

// accepts tells whether a value may stand in the message.
func (p *pair) accepts(s *openapi3.Schema, payload any) bool {
	direction := openapi3.VisitAsRequest()
	if p.response() {
		direction = openapi3.VisitAsResponse()
	}
	return s.VisitJSON(payload, openapi3.FailFast(), direction) == nil
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
