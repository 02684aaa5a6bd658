package conform

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/interconnect-go/interconnect/contract"
)

const (
	randomRequests = 100 // per operation, if nothing is found
	maxShrinking   = 300 // requests that look for a smaller one, per operation
)

// randomly sends requests in which several things at once are other than usual, and validates the responses against the
// document. Of a request that is answered wrongly, a small one is looked for that still is, and only that is a finding.
// Where one thing at a time has led to findings already, several at once would say little more.
func (d *driver) randomly(op *contract.Operation) {
	if slices.ContainsFunc(d.report.Findings, func(f Finding) bool { return f.Operation == op.ID }) {
		return
	}
	var bodies []any
	if op.Body != nil {
		if bodies = d.body(op.ID); len(bodies) == 0 {
			return
		}
	}
	query := slices.DeleteFunc(slices.Clone(op.Parameters), func(p contract.Parameter) bool { return p.In != "query" })
	if op.Body == nil && len(query) < 2 {
		return // one thing at a time has been tried
	}
	try := func(c *choices) []Finding {
		if d.err != nil || d.ctx.Err() != nil {
			return nil
		}
		q := d.request(op.ID)
		for _, p := range query {
			if raw, ok := chooseParameter(c, p); ok {
				q = q.asking(p.Name, raw)
			}
		}
		var sent any
		if bodies != nil {
			g := variation{choices: c, broken: c.oneIn(2)}
			sent = d.renewed(op.ID, g.value(op.Body.Content[0].Schema, pick(c, bodies), ""))
			q = q.with(encode(sent))
		}
		return d.hold(func() { d.judge(q, sent) })
	}
	source := rand.New(rand.NewPCG(d.opts.Seed, 1))
	for range randomRequests {
		c := &choices{source: source}
		found := try(c)
		if len(found) == 0 {
			continue
		}
		simplify(c.made, maxShrinking, func(c *choices) bool {
			again := try(c)
			same := slices.ContainsFunc(again, func(f Finding) bool { return f.Rule == found[0].Rule })
			if same {
				found = again
			}
			return same
		})
		for _, f := range found {
			d.take(f)
		}
		return
	}
}

// judge sends a request, and wants it to be refused if it is invalid. One that is valid may be refused too, for reasons of the service.
func (d *driver) judge(q request, sent any) {
	if what := invalid(q); what != "" {
		a := d.call(q)
		d.want(a, RuleRefused, a.refused(), "a refusal, 400, as the request is invalid (%s)", what)
		return
	}
	a := d.call(q)
	d.want(a, RuleAccepted, a.ok() || a.refused(), "a success or a refusal, as the request is valid")
	if object, _ := sent.(map[string]any); a.ok() && object != nil {
		d.answersWhat(a, object, "several members are other than usual")
		d.release(a, object)
	}
}

// invalid says what is wrong with a request, empty if nothing is.
func invalid(q request) string {
	for _, p := range q.op.Parameters {
		if raw, sent := q.parameter(p); sent && !validText(p.Schema, raw) {
			return parameterText(p, raw)
		}
	}
	if q.op.Body == nil {
		return ""
	}
	var wrong *contract.ValidationError
	if err := q.op.Body.Content[0].Schema.Check(q.body, contract.InRequest); errors.As(err, &wrong) {
		return "the body: " + withoutGot(wrong.Violations[0])
	}
	return ""
}

// chooseParameter chooses whether to send a parameter, and its text.
func chooseParameter(c *choices, p contract.Parameter) (raw string, ok bool) {
	if !c.oneIn(2) {
		return "", false
	}
	if c.oneIn(8) {
		return pick(c, []string{"null", "-1", "1.5", "9999999999", "true", "é 😀", "a,b", "[]"}), true
	}
	raw, _ = rawText(p.Schema, encode(variation{choices: c}.valid(p.Schema)))
	return raw, raw != "" // what an empty text stands for, the document leaves open
}

// A variation chooses values that differ from usual ones. The usual value is the simplest choice.
type variation struct {
	*choices
	broken bool // whether invalid values may be chosen too
}

// value chooses a variation of a valid value.
func (g variation) value(s *contract.Schema, v any, pointer string) any {
	if slices.Contains(kept, pointer) {
		return v
	}
	if variant := variantOf(s, v); variant != nil {
		s = variant
	}
	if g.broken && g.oneIn(8) {
		return pick(g.choices, []any{nil, "", "text", json.Number("-1"), json.Number("7"), json.Number("1.5"), true, []any{}, map[string]any{}})
	}
	if s.Types.Name() != "object" && g.oneIn(4) {
		return g.edge(s, v)
	}
	if s.Types.Name() != "object" && g.oneIn(4) {
		return g.valid(s)
	}
	switch v := v.(type) {
	case map[string]any:
		changed := map[string]any{}
		for _, p := range s.Properties {
			at := pointer + "/" + p.Name
			member, there := v[p.Name]
			optional := !slices.Contains(kept, at) && (g.broken || !slices.Contains(s.Required, p.Name))
			if there && !(optional && g.oneIn(4)) {
				changed[p.Name] = g.value(p.Schema, member, at)
			}
		}
		if g.broken && s.Closed() && g.oneIn(8) {
			changed["no_such_member"] = true
		}
		return changed
	case []any:
		return slices.Collect(func(yield func(any) bool) {
			for _, item := range v {
				if !yield(g.value(s.Items, item, pointer+"/0")) {
					return
				}
			}
		})
	}
	return v
}

// edge chooses a valid value that is as small or as large as can be, v if there is none.
func (g variation) edge(s *contract.Schema, v any) any {
	switch {
	case len(s.Enum) > 0:
		return v
	case s.Types.Name() == "array" && s.MinItems == 0:
		return []any{}
	case s.Types.Name() == "integer" || s.Types.Name() == "number":
		low, high := limits(s)
		return json.Number(pick(g.choices, []string{low.String(), high.String()}))
	case s.Types.Name() == "string" && s.Format == "" && s.Pattern == "" && s.MinLength == 0:
		return ""
	}
	return v
}

// valid chooses a valid value of a schema, which is not one of objects.
func (g variation) valid(s *contract.Schema) any {
	if s.Nullable && g.oneIn(4) {
		return nil
	}
	if len(s.Enum) > 0 {
		return parsed([]byte(pick(g.choices, s.Enum)))
	}
	switch s.Types.Name() {
	case "array":
		items := []any{}
		g.several(s.MinItems, s.MinItems+3, func() { items = append(items, g.valid(s.Items)) })
		return items
	case "boolean":
		return g.oneIn(2)
	case "integer", "number":
		low, high := limits(s)
		return json.Number(strconv.FormatInt(g.between(low.Int64(), high.Int64()), 10))
	}
	if known := samples[s.Format]; known != nil {
		return pick(g.choices, known)
	}
	if s.Pattern != "" {
		return maker{g.choices}.matching(s.Pattern, g.IntN(13))
	}
	longest := 64
	if s.MaxLength > 0 {
		longest = s.MaxLength - 1
	}
	return g.text(s.MinLength, longest)
}
