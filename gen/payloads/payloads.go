// Package payloads compares two versions of a document by example: it looks for bodies that were accepted before and are refused now, and for
// responses that may be sent now and that readers of the earlier version refuse. That finds what a comparison of keywords does not: a variant
// of a oneOf that requires less, or one more variant, so that a body fits two of them.
package payloads

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/overlap"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// The rules that findings have.
const (
	UnionOverlap    = "union-overlap"       // a request fits two variants of a oneOf that used to fit one
	UnionRefuses    = "union-refuses"       // a request was a variant of a oneOf and is none any more
	UnionUnreadable = "union-unreadable"    // a response is a variant that the earlier document does not have
	Refuses         = "request-refuses"     // a request was accepted and is refused, mostly for a cause that another tool names
	Unreadable      = "response-unreadable" // a response is accepted that was refused, likewise
)

// A Finding is a payload that one version accepts and the other does not.
type Finding struct {
	Rule      string
	Operation string // "POST /pets"
	Message   string // "the request body" or "the 200 response"
	Pointer   string // where in the message, a JSON pointer; empty for all of it
	File      string // of the schema in the later version
	Line      int
	Column    int
	Problem   string // what follows "the payload": "was accepted and is refused now; keep accepting it"
	Payload   string // JSON text
}

// Compare compares the documents called before and after, which read reads with the files that they refer to. An error says which of the
// documents cannot be read, and why.
func Compare(before, after string, read func(name string) ([]byte, error)) ([]Finding, error) {
	was, err := load(before, read)
	if err != nil {
		return nil, err
	}
	is, err := load(after, read)
	if err != nil {
		return nil, err
	}
	earlier := was.messages()
	var findings []Finding
	for _, m := range is.messages() {
		i := slices.IndexFunc(earlier, func(e message) bool {
			return e.operation == m.operation && e.name == m.name && e.mediaType == m.mediaType
		})
		if i < 0 {
			continue
		}
		p := &pair{message: m, api: is, finder: overlap.Finder{Examples: examplesOf(was, is)}, seen: map[[2]*schema.Schema]bool{}}
		p.walk(earlier[i].schema, m.schema, "")
		findings = append(findings, p.findings...)
	}
	return findings, nil
}

// An api is the model of a version.
type api struct{ *model.API }

func load(name string, read func(name string) ([]byte, error)) (api, error) {
	doc, found := source.Load(name, read, source.Options{})
	if doc == nil {
		return api{}, found
	}
	a, found := model.Build(doc, model.Options{Package: "p"})
	if found.HasErrors() {
		return api{}, found
	}
	return api{a}, nil
}

// examplesOf finds the examples of schemas of either version.
func examplesOf(was, is api) func(*schema.Schema) []string {
	return func(s *schema.Schema) []string {
		if examples := is.Examples(s); len(examples) > 0 {
			return examples
		}
		return was.Examples(s)
	}
}

// A message is a request or a response with a JSON body.
type message struct {
	operation, name, mediaType string
	schema                     *schema.Schema
	node                       *source.Node
}

func (a api) messages() []message {
	var all []message
	for _, op := range a.Operations {
		add := func(name string, contents []*model.Content) {
			for _, c := range contents {
				if c.Kind == model.JSON && c.Schema != nil {
					all = append(all, message{op.Method + " " + op.Path, name, c.MediaType, c.Schema, c.Node})
				}
			}
		}
		add("the request body", op.Bodies)
		for _, r := range op.Responses {
			add("the "+r.Status+" response", r.Contents)
		}
	}
	return all
}

// A pair is a message of both versions.
type pair struct {
	message
	api      api // the later one
	finder   overlap.Finder
	seen     map[[2]*schema.Schema]bool
	findings []Finding
}

func (p *pair) response() bool { return p.name != "the request body" }

// walk compares the schemas at one place of the message, and those at all places within.
func (p *pair) walk(before, after *schema.Schema, pointer string) {
	key := [2]*schema.Schema{before, after}
	if before == nil || after == nil || p.seen[key] {
		return
	}
	p.seen[key] = true
	if len(after.OneOf) > 0 || len(before.OneOf) > 0 {
		p.union(before, after, pointer)
	} else {
		p.object(before, after, pointer)
	}
	for i := range after.Properties {
		is := &after.Properties[i]
		if was := before.Property(is.Name); was != nil {
			p.walk(was.Schema, is.Schema, pointer+"/"+is.Name)
		}
	}
	p.walk(before.Items, after.Items, pointer+"/0")
	if a, b := before.Additional, after.Additional; a != nil && b != nil && !a.Never && !b.Never {
		p.walk(a, b, pointer+"/*")
	}
	for _, parts := range [][2][]*schema.Schema{{before.AllOf, after.AllOf}, {before.AnyOf, after.AnyOf}, {before.OneOf, after.OneOf}} {
		for _, both := range paired(parts[0], parts[1]) {
			p.walk(both[0], both[1], pointer)
		}
	}
}

// paired are the parts of a composed schema that belong together: those with the same name, and those without one by their places.
func paired(before, after []*schema.Schema) (pairs [][2]*schema.Schema) {
	inline := func(parts []*schema.Schema) (all []*schema.Schema) {
		for _, part := range parts {
			if part.Name == "" {
				all = append(all, part)
			}
		}
		return all
	}
	for _, is := range after {
		for _, was := range before {
			if was.Name != "" && was.Name == is.Name {
				pairs = append(pairs, [2]*schema.Schema{was, is})
			}
		}
	}
	was, is := inline(before), inline(after)
	for i := range min(len(was), len(is)) {
		pairs = append(pairs, [2]*schema.Schema{was[i], is[i]})
	}
	return pairs
}

// object tries objects with the required members, and with each of the others, also one that is not declared.
func (p *pair) object(before, after *schema.Schema, pointer string) {
	if p.response() {
		for _, payload := range p.objects(after) {
			if p.accepts(after, payload) && !p.accepts(before, payload) {
				p.report(Unreadable, after, pointer, payload, "may be sent now, and those who read by the earlier document refuse it")
				return
			}
		}
		return
	}
	for _, payload := range p.objects(before) {
		if p.accepts(before, payload) && !p.accepts(after, payload) {
			p.report(Refuses, after, pointer, payload, "was accepted and is refused now; keep accepting it")
			return
		}
	}
}

func (p *pair) objects(s *schema.Schema) []string {
	payload, found := p.finder.Witness(s, s, nil)
	var smallest map[string]json.RawMessage
	if !found || json.Unmarshal([]byte(payload), &smallest) != nil {
		return nil
	}
	all := []string{payload}
	with := func(name, value string) {
		more := maps.Clone(smallest)
		if more == nil {
			more = map[string]json.RawMessage{}
		}
		more[name] = json.RawMessage(value)
		if text, err := json.Marshal(more); err == nil {
			all = append(all, string(text))
		}
	}
	for i := range s.Properties {
		q := &s.Properties[i]
		of := q.Schema
		if of == nil {
			of = new(schema.Schema)
		}
		if value, found := p.finder.Witness(of, of, nil); found && smallest[q.Name] == nil {
			with(q.Name, value)
		}
	}
	with("another", `"member"`)
	return all
}

// union tries the smallest payloads of each variant, and those that fit two variants.
func (p *pair) union(before, after *schema.Schema, pointer string) {
	variants, were := variantsOf(after), variantsOf(before)
	for i, v := range variants {
		for j := range i {
			if payload, found := p.finder.Witness(variants[j], v, nil); found && p.accepts(before, payload) && !p.accepts(after, payload) {
				p.report(UnionOverlap, after, pointer, payload, fmt.Sprintf("fits variant %d and variant %d of the oneOf now, so that it is refused; "+
					"tell them apart again, by required members or the values of one", j+1, i+1))
			}
		}
	}
	if !p.response() { // which may become less
		for i, v := range were {
			if payload, found := p.finder.Witness(v, v, nil); found && p.accepts(before, payload) && !p.accepts(after, payload) {
				p.report(UnionRefuses, after, pointer, payload, fmt.Sprintf("was variant %d of the oneOf and is refused now; keep accepting it", i+1))
			}
		}
		return
	}
	for i, v := range variants {
		if payload, found := p.finder.Witness(v, v, nil); found && p.accepts(after, payload) && !p.accepts(before, payload) {
			p.report(UnionUnreadable, after, pointer, payload, fmt.Sprintf(
				"may be sent now, as variant %d of the oneOf, and those who read by the earlier document refuse it", i+1))
		}
	}
}

// variantsOf are the variants of a union. A schema without oneOf is its only variant.
func variantsOf(s *schema.Schema) []*schema.Schema {
	if len(s.OneOf) == 0 {
		return []*schema.Schema{s}
	}
	return s.OneOf
}

// accepts reports whether a value may be in the message.
func (p *pair) accepts(s *schema.Schema, payload string) bool {
	direction := schema.InRequest
	if p.response() {
		direction = schema.InResponse
	}
	return s.Check([]byte(payload), direction) == nil
}

// report adds a finding, unless the payload has been shown for the schema before.
func (p *pair) report(rule string, s *schema.Schema, pointer, payload, problem string) {
	at := p.api.NodeOf(s)
	if at == nil {
		at = p.node
	}
	pos := at.Pos()
	if slices.ContainsFunc(p.findings, func(f Finding) bool {
		return f.Line == pos.Line && f.Column == pos.Column && f.File == pos.File && f.Payload == payload
	}) {
		return
	}
	p.findings = append(p.findings, Finding{
		Rule: rule, Operation: p.operation, Message: p.name, Pointer: pointer, File: pos.File, Line: pos.Line, Column: pos.Column,
		Problem: problem, Payload: payload,
	})
}
