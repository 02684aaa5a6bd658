package main

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A session compares the verdicts on the values of one document.
type session struct {
	*document
	program  *program
	nullable bool // null is kept apart from absent

	nodes   []*source.Node // of the targets
	schemas map[adjustment]*schemaValidator
	kins    map[adjustment]*kinValidator
	broken  map[string]int // why a validator cannot say anything → on how many values
	report  *report
}

// A problem is something that is not as it should be, and for which there is no documented reason.
type problem struct {
	kind string // what is wrong, the same for all values for which the same is wrong
	text string
}

// A judgement is what is found about a value.
type judgement struct {
	verdict  verdict
	problems []problem
	reasons  []string // documented ones, for differences that are not problems
	valid    bool
}

func newSession(d *document, p *program, nullable bool, r *report) *session {
	s := &session{document: d, program: p, nullable: nullable, report: r, broken: map[string]int{},
		schemas: map[adjustment]*schemaValidator{}, kins: map[adjustment]*kinValidator{}}
	for _, t := range d.targets {
		s.nodes = append(s.nodes, t.node)
	}
	return s
}

func (s *session) schemaValidator(adjust adjustment) (*schemaValidator, error) {
	if v, ok := s.schemas[adjust]; ok {
		return v, nil
	}
	v, err := newSchemaValidator(s.doc, adjust, s.nodes)
	if err == nil {
		s.schemas[adjust] = v
	}
	return v, err
}

func (s *session) kinValidator(adjust adjustment) (*kinValidator, error) {
	if v, ok := s.kins[adjust]; ok {
		return v, nil
	}
	v, err := newKinValidator(s.doc, adjust, s.nodes)
	if err != nil {
		s.broken["kin-openapi: "+firstLine(err)]++
		v = nil
	}
	s.kins[adjust] = v
	return v, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line[:min(len(line), 200)]
}

// The validators, by their names in reports.
const (
	bySchema = "santhosh-tekuri/jsonschema"
	byKin    = "kin-openapi"
)

// opinion is the verdict of a validator under an adjustment.
func (s *session) opinion(by string, adjust adjustment, t *target, v *value) (err error, ok bool) {
	var judge validator
	if by == bySchema {
		validator, setupErr := s.schemaValidator(adjust)
		if setupErr != nil {
			s.broken[by+": "+firstLine(setupErr)]++
			return nil, false
		}
		judge = validator
	} else {
		validator, _ := s.kinValidator(adjust)
		if validator == nil {
			return nil, false
		}
		judge = validator
	}
	err, ok = judge.check(t.node, v)
	if !ok {
		s.broken[by+": "+firstLine(err)]++
	}
	return err, ok
}

// judge asks everybody about a value. With kin, that includes kin-openapi, which takes long for documents of OpenAPI 3.1.
func (s *session) judge(t *target, v *value, kin bool) (j judgement, err error) {
	if j.verdict, err = s.program.ask(t, v.json()); err != nil {
		return j, err
	}
	j.valid = j.verdict.Check == ""
	if j.verdict.Wrong != "" {
		j.add("reading", j.verdict.Wrong)
	}
	s.compareTypes(t, v, &j)
	s.compareWith(bySchema, t, v, &j)
	if kin {
		s.compareWith(byKin, t, v, &j)
	}
	return j, nil
}

func (j *judgement) add(kind, text string) { j.problems = append(j.problems, problem{kind, text}) }

// compareTypes compares the verdict of the Go type with that of the schema, and what comes back with what was read.
func (s *session) compareTypes(t *target, v *value, j *judgement) {
	if !j.verdict.HasType {
		return
	}
	refused := j.verdict.Refused != ""
	switch {
	case refused && j.valid:
		for _, change := range []func(string) string{fitsGo, fitsFloat} {
			clamped := changed(v, change)
			if clamped == nil {
				continue
			}
			if again, err := s.program.ask(t, clamped.json()); err == nil && again.Check == "" && again.Refused == "" {
				j.reasons = append(j.reasons, "numbers beyond the Go type")
				return
			}
		}
		j.add("refused", "the schema accepts it, the Go type does not: "+j.verdict.Refused)
	case !refused && !j.valid:
		j.add("accepted", "the schema refuses it, the Go type does not: "+j.verdict.Check)
	case refused:
	case j.verdict.Unwritten != "":
		if stripped := s.stripped(t, v); stripped != nil {
			if again, err := s.program.ask(t, stripped.json()); err == nil && again.Check != "" {
				j.reasons = append(j.reasons, "cannot be written without the members that the Go type drops, as these told the variants of a union apart")
				return
			}
		}
		if plain := changed(v, asDouble); plain != nil {
			if again, err := s.program.ask(t, plain.json()); err == nil && again.Check != "" {
				j.reasons = append(j.reasons, "cannot be written with the digits of a float64")
				return
			}
		}
		j.add("unwritten", "it is read, but cannot be written: "+j.verdict.Unwritten)
	default:
		s.compareBack(t, v, j)
	}
}

// compareBack compares a value with what it is written as.
func (s *session) compareBack(t *target, v *value, j *judgement) {
	back, err := parse([]byte(j.verdict.Back))
	if err != nil {
		j.add("written", fmt.Sprintf("it is written as %s: %v", j.verdict.Back, err))
		return
	}
	validator, err := s.schemaValidator(allAdjustment)
	if err != nil {
		return
	}
	key := validator.conversion.keys[t.node]
	r := &roundTrip{validator: validator, nullable: s.nullable}
	r.compare([]part{{key, validator.conversion.schemas[key]}}, v, back, "")
	if r.lost != "" {
		j.add("lost", fmt.Sprintf("it is written as %s: %s at %q", j.verdict.Back, r.lost, r.at))
	} else if err, ok := validator.check(t.node, back); ok && err != nil && depthOf(v) <= maxDepth && validator.accepts(t.node, v) {
		j.add("invalid", fmt.Sprintf("it is written as %s, which is not valid: %v", j.verdict.Back, err))
	}
	j.reasons = append(j.reasons, r.reasons...)
}

// stripped is a value without what Go types drop: members that are not declared and, unless null is kept apart from absent, null of those
// that are not required. It is nil if the value has none.
func (s *session) stripped(t *target, v *value) *value {
	validator, err := s.schemaValidator(allAdjustment)
	if err != nil {
		return nil
	}
	r := &roundTrip{validator: validator, nullable: s.nullable}
	c := v.clone()
	differs := false
	var strip func(parts []part, v *value)
	strip = func(parts []part, v *value) {
		parts = r.applicable(parts, v)
		for i := range v.items {
			strip(itemParts(parts, i), v.items[i])
		}
		var kept []member
		for _, m := range v.members {
			inside, declared, required := r.memberParts(parts, m.name)
			if !declared || m.value.kind == 'n' && !required && !s.nullable {
				differs = true
				continue
			}
			kept = append(kept, m)
			strip(inside, m.value)
		}
		v.members = kept
	}
	key := validator.conversion.keys[t.node]
	strip([]part{{key, validator.conversion.schemas[key]}}, c)
	if !differs {
		return nil
	}
	return c
}

// maxDepth is the nesting that generated code refuses to go beyond.
const maxDepth = 64

func depthOf(v *value) (depth int) {
	for _, m := range v.members {
		depth = max(depth, depthOf(m.value))
	}
	for _, item := range v.items {
		depth = max(depth, depthOf(item))
	}
	if v.kind == '{' || v.kind == '[' {
		depth++
	}
	return depth
}

// compareWith compares the verdict of the schema with that of a validator.
func (s *session) compareWith(by string, t *target, v *value, j *judgement) {
	theirs, ok := s.opinion(by, 0, t, v)
	if !ok || (theirs == nil) == j.valid {
		return
	}
	if reason := s.explain(by, t, v, j.valid); reason != "" {
		j.reasons = append(j.reasons, by+": "+reason)
		return
	}
	ours := "valid"
	if !j.valid {
		ours = "not valid, " + j.verdict.Check
	}
	word := "valid"
	if theirs != nil {
		word = "not valid, " + strings.Join(strings.Fields(theirs.Error()), " ")
	}
	j.add(by, fmt.Sprintf("the generated code says: %s\n\t%s says: %s", ours, by, word))
}

// explain names the documented reason for which a validator disagrees; "" if there is none. The validator must agree as soon as it is told
// of the difference.
func (s *session) explain(by string, t *target, v *value, valid bool) string {
	agrees := func(adjust adjustment) bool {
		err, ok := s.opinion(by, adjust, t, v)
		return ok && (err == nil) == valid
	}
	if depthOf(v) > maxDepth {
		return "depth"
	}
	for i := range adjustments {
		if adjust := adjustment(1) << i; agrees(adjust) {
			return adjust.String()
		}
	}
	if agrees(allAdjustment) {
		needed := adjustment(allAdjustment)
		for i := range adjustments {
			if without := needed &^ (1 << i); agrees(without) {
				needed = without
			}
		}
		return needed.String()
	}
	if by == bySchema {
		return ""
	}
	// kin-openapi cannot be told of keywords that OpenAPI 3.0 does not have: const and those that came with 3.1.
	if s.doc.Version == source.V30 {
		with, ok := s.opinion(bySchema, allAdjustment, t, v)
		without, alsoOK := s.opinion(bySchema, allAdjustment&^adjustKeywords, t, v)
		if ok && alsoOK && (with == nil) == valid && (without == nil) != valid {
			return adjustKeywords.String()
		}
	}
	// For what documents of OpenAPI 3.1 have in common with those of 3.0, kin-openapi falls back to its validator for these.
	if s.doc.Version != source.V30 {
		if err, ok := s.opinion(bySchema, allAdjustment, t, v); ok && (err == nil) == valid {
			return "validates 3.1 as 3.0"
		}
	}
	// kin-openapi compares numbers as doubles, and 1 with 1.0 as texts.
	if plain := changed(v, asDouble); plain != nil {
		again, err := s.program.ask(t, plain.json())
		theirs, ok := s.opinion(by, allAdjustment, t, plain)
		if err == nil && ok && (theirs == nil) == (again.Check == "") {
			return "numbers are doubles"
		}
	}
	return ""
}

// changed is a value with other numbers, nil if all are the same.
func changed(v *value, change func(literal string) string) *value {
	c, differs := v.clone(), false
	c.walk(func(v *value) {
		if v.kind == '0' {
			before := v.text
			v.text = change(v.text)
			differs = differs || v.text != before
		}
	})
	if !differs {
		return nil
	}
	return c
}

// fitsGo is a number that Go types can hold.
func fitsGo(literal string) string {
	f, err := strconv.ParseFloat(literal, 64)
	switch r := exact(literal); {
	case err != nil || math.Abs(f) >= 1<<31:
		return map[bool]string{true: "2147483647", false: "-2147483648"}[f > 0]
	case f == 0 && (r == nil || r.Sign() != 0):
		return "0"
	}
	return literal
}

// fitsFloat is a number that float64 can hold, but no integer is.
func fitsFloat(literal string) string {
	if fits := fitsGo(literal); fits != literal {
		return fits + ".5"
	}
	return literal
}

// asDouble is the spelling of the double next to a number.
func asDouble(literal string) string {
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		f = math.Copysign(1e308, f)
	}
	if f == 0 {
		f = 0
	}
	if f == math.Trunc(f) && math.Abs(f) >= 1<<62 {
		f = math.Copysign(1<<62, f) // what is beyond an integer of 64 bits differs in other ways
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// A roundTrip compares a value with what has come back of it.
type roundTrip struct {
	validator *schemaValidator
	nullable  bool
	reasons   []string
	lost, at  string
}

// A part is a converted schema that applies to a value, with its JSON pointer below the definitions.
type part struct {
	pointer string
	schema  any
}

func (r *roundTrip) fail(at, what string) {
	if r.lost == "" {
		r.lost, r.at = what, at
	}
}

// applicable adds the schemas that parts combine and that apply to v.
func (r *roundTrip) applicable(parts []part, v *value) (all []part) {
	seen := map[string]bool{}
	var add func(p part)
	add = func(p part) {
		s, ok := p.schema.(map[string]any)
		if !ok || seen[p.pointer] {
			return
		}
		seen[p.pointer] = true
		all = append(all, p)
		if ref, ok := s["$ref"].(string); ok {
			key := lastToken(ref)
			add(part{key, r.validator.conversion.schemas[key]})
		}
		for i, one := range list(s["allOf"]) {
			add(part{p.pointer + "/allOf/" + strconv.Itoa(i), one})
		}
		for _, keyword := range []string{"anyOf", "oneOf"} {
			for i, one := range list(s[keyword]) {
				variant := part{p.pointer + "/" + keyword + "/" + strconv.Itoa(i), one}
				if r.fits(variant, v) {
					add(variant)
				}
			}
		}
		if one, ok := s["if"]; ok {
			keyword := "else"
			if r.fits(part{p.pointer + "/if", one}, v) {
				add(part{p.pointer + "/if", one})
				keyword = "then"
			}
			if one, ok := s[keyword]; ok {
				add(part{p.pointer + "/" + keyword, one})
			}
		}
		dependent, _ := s["dependentSchemas"].(map[string]any)
		for name, one := range dependent {
			if v.get(name) != nil {
				add(part{p.pointer + "/dependentSchemas/" + escape(name), one})
			}
		}
	}
	for _, p := range parts {
		add(p)
	}
	return all
}

func (r *roundTrip) fits(p part, v *value) bool {
	s := r.validator.at(p.pointer)
	return s != nil && s.Validate(v.decoded()) == nil
}

func escape(name string) string {
	return strings.NewReplacer("%", "%25", "~", "~0", "/", "~1", " ", "%20", "\"", "%22", "^", "%5E").Replace(name)
}

func (r *roundTrip) compare(parts []part, v, back *value, at string) {
	parts = r.applicable(parts, v)
	if v.kind != back.kind {
		r.fail(at, "another type")
		return
	}
	switch v.kind {
	case '"':
		r.compareText(parts, v.text, back.text, at)
	case '0':
		r.compareNumber(parts, v.text, back.text, at)
	case '[':
		if len(v.items) != len(back.items) {
			r.fail(at, "other items")
			return
		}
		for i := range v.items {
			r.compare(itemParts(parts, i), v.items[i], back.items[i], at+"/"+strconv.Itoa(i))
		}
	case '{':
		r.compareMembers(parts, v, back, at)
	}
}

func itemParts(parts []part, i int) (items []part) {
	for _, p := range parts {
		s := p.schema.(map[string]any)
		if prefix := list(s["prefixItems"]); i < len(prefix) {
			items = append(items, part{p.pointer + "/prefixItems/" + strconv.Itoa(i), prefix[i]})
		} else if one, ok := s["items"]; ok {
			items = append(items, part{p.pointer + "/items", one})
		}
	}
	return items
}

func (r *roundTrip) compareMembers(parts []part, v, back *value, at string) {
	for _, m := range back.members {
		switch {
		case v.get(m.name) != nil:
		case isWritten(parts, m.name) && m.value.isEmpty():
			r.reasons = append(r.reasons, "an absent member is written empty, by x-omitempty: false")
		default:
			r.fail(at+"/"+m.name, "a new member")
		}
	}
	for _, m := range v.members {
		inside, declared, required := r.memberParts(parts, m.name)
		got := back.get(m.name)
		switch {
		case got != nil:
			r.compare(inside, m.value, got, at+"/"+m.name)
		case !declared:
		case m.value.kind == 'n' && !required && !r.nullable:
			r.reasons = append(r.reasons, "null of an optional member is absent, unless nullable-type is set")
		default:
			r.fail(at+"/"+m.name, "a lost member")
		}
	}
}

// isWritten reports whether a member is written although it is absent.
func isWritten(parts []part, name string) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return slices.Contains(list(p.schema.(map[string]any)[writtenKeyword]), any(name)) })
}

// memberParts are the schemas of a member, whether any declares it, and whether it is required.
func (r *roundTrip) memberParts(parts []part, name string) (inside []part, declared, required bool) {
	for _, p := range parts {
		s := p.schema.(map[string]any)
		for _, one := range list(s["required"]) {
			required = required || one == name
		}
		here := false
		if properties, ok := s["properties"].(map[string]any); ok {
			if one, ok := properties[name]; ok {
				here = true
				inside = append(inside, part{p.pointer + "/properties/" + escape(name), one})
			}
		}
		if patterns, ok := s["patternProperties"].(map[string]any); ok {
			for pattern, one := range patterns {
				if re, err := compileECMA(pattern); err == nil && re.MatchString(name) {
					here = true
					inside = append(inside, part{p.pointer + "/patternProperties/" + escape(pattern), one})
				}
			}
		}
		if one, ok := s["additionalProperties"]; ok && !here && one != false {
			here = true
			inside = append(inside, part{p.pointer + "/additionalProperties", one})
		}
		declared = declared || here && s[selectionKeyword] == nil
	}
	return inside, declared || required, required
}

func (r *roundTrip) compareText(parts []part, a, b, at string) {
	if a == b {
		return
	}
	for _, p := range parts {
		format, _ := p.schema.(map[string]any)["format"].(string)
		if sameInFormat(format, a, b) {
			r.reasons = append(r.reasons, "another spelling of the same "+format)
			return
		}
	}
	r.fail(at, fmt.Sprintf("another text, %q", b))
}

// sameInFormat compares texts by the format, where a Go type stands for it.
func sameInFormat(format, a, b string) bool {
	switch format {
	case "uuid":
		return strings.EqualFold(a, b)
	case "date-time":
		x, err1 := time.Parse(time.RFC3339, strings.ToUpper(a))
		y, err2 := time.Parse(time.RFC3339, strings.ToUpper(b))
		return err1 == nil && err2 == nil && x.Equal(y)
	case "byte":
		x, err1 := base64.StdEncoding.DecodeString(a)
		y, err2 := base64.StdEncoding.DecodeString(b)
		return err1 == nil && err2 == nil && string(x) == string(y)
	case "duration":
		x, err1 := openapi_types.ParseDuration(a)
		y, err2 := openapi_types.ParseDuration(b)
		return err1 == nil && err2 == nil && x == y
	}
	return false
}

func (r *roundTrip) compareNumber(parts []part, a, b, at string) {
	if sameNumber(a, b) {
		return
	}
	for _, p := range parts {
		s := p.schema.(map[string]any)
		bits := 64
		if s["format"] == "float" {
			bits = 32
		}
		x, _ := strconv.ParseFloat(a, bits)
		y, _ := strconv.ParseFloat(b, bits)
		if x == y && isType(s, "number") {
			r.reasons = append(r.reasons, fmt.Sprintf("a number has the digits of a float%d", bits))
			return
		}
	}
	r.fail(at, "another number, "+b)
}

func isType(s map[string]any, name string) bool {
	if t, ok := s["type"].(string); ok {
		return t == name
	}
	for _, t := range list(s["type"]) {
		if t == name {
			return true
		}
	}
	return false
}

// run judges the examples of every target and values made at random.
func (s *session) run(values int, seed uint64) error {
	validator, err := s.schemaValidator(allAdjustment)
	if err != nil {
		return err
	}
	maker := newMaker(nil, validator.conversion.schemas)
	for _, t := range s.targets {
		for _, e := range t.examples {
			s.report.examples++
			if err := s.one(t, e.value, e.at, true); err != nil {
				return err
			}
		}
		if !t.mutate {
			continue
		}
		maker.Rand = rand.New(rand.NewPCG(seed, uint64(t.index)))
		key := validator.conversion.keys[t.node]
		for i := range values {
			v := maker.value(key, t.examples, func(v *value) bool { err, ok := validator.check(t.node, v); return ok && err == nil })
			s.report.values++
			if err := s.one(t, v, fmt.Sprintf("value %d", i), s.doc.Version == source.V30 || i < 5); err != nil {
				return err
			}
		}
	}
	return nil
}

// one judges a value and reports what is wrong, once for each target and kind.
func (s *session) one(t *target, v *value, at string, kin bool) error {
	j, err := s.judge(t, v, kin)
	if err != nil {
		return fmt.Errorf("%s: %s: %s: %w", s.name, t.pointer, v.json(), err)
	}
	if j.valid {
		s.report.valid++
	}
	for _, reason := range j.reasons {
		s.report.reason(reason, fmt.Sprintf("%s: %s: %.300s", s.name, t.pointer, v.json()))
	}
	for _, p := range j.problems {
		if s.report.seen[t.pointer+p.kind] {
			continue
		}
		s.report.seen[t.pointer+p.kind] = true
		wrong := func(v *value) (text string) {
			again, err := s.judge(t, v, p.kind == byKin)
			if err != nil {
				return ""
			}
			for _, q := range again.problems {
				if q.kind == p.kind {
					return q.text
				}
			}
			return ""
		}
		small := shrink(v, func(v *value) bool { return wrong(v) != "" })
		text := p.text
		if again := wrong(small); again != "" {
			text = again
		} else {
			small = v
		}
		name := "no type"
		if t.goType != nil {
			name = typeName(t)
		}
		s.report.difference(fmt.Sprintf("%s: %s: %s (%s, %s)\n\t%s\n\t%s", s.name, t.pointer, name, at, p.kind, small.json(), text))
	}
	return nil
}
