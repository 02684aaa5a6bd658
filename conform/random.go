package conform

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/interconnect-go/interconnect/contract"
)

const (
	randomRequests = 100 // per operation, if nothing is found
	maxShrinking   = 300 // requests that look for a smaller one, per operation
)

// randomly sends requests in which several things at once are other than usual, and holds the answers against the document. Of a request
// that is answered wrongly, a small one is looked for that still is, and only that is a finding. Where one thing at a time has led to
// findings already, several at once would say little more.
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
	var smallest []Finding
	shrinking := 0
	property(d.opts.Seed, func(t *rapid.T) {
		if smallest != nil {
			shrinking++
		}
		if d.err != nil || d.ctx.Err() != nil || shrinking > maxShrinking {
			return
		}
		q := d.request(op.ID)
		for _, p := range query {
			if raw, ok := drawParameter(t, p); ok {
				q = q.asking(p.Name, raw)
			}
		}
		var sent any
		if bodies != nil {
			g := drawer{T: t, broken: rapid.Bool().Draw(t, "broken")}
			sent = d.renewed(op.ID, g.value(op.Body.Content[0].Schema, rapid.SampledFrom(bodies).Draw(t, "body"), ""))
			q = q.with(encode(sent))
		}
		d.held = new([]Finding)
		if d.judge(q, sent); len(*d.held) > 0 {
			smallest = *d.held
			t.FailNow()
		}
	})
	d.held = nil
	for _, f := range smallest {
		d.take(f)
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
	if _, err := q.op.Body.Content[0].Schema.Check(q.body, contract.InRequest); errors.As(err, &wrong) {
		return "the body: " + withoutGot(wrong.Violations[0])
	}
	return ""
}

// drawParameter draws whether to send a parameter, and its text.
func drawParameter(t *rapid.T, p contract.Parameter) (raw string, ok bool) {
	g := drawer{T: t}
	if !rapid.Bool().Draw(t, p.Name) {
		return "", false
	}
	if g.oneIn(8, p.Name) {
		return rapid.SampledFrom([]string{"null", "-1", "1.5", "9999999999", "true", "é 😀", "a,b", "[]"}).Draw(t, p.Name), true
	}
	raw, _ = rawText(p.Schema, encode(g.valid(p.Schema, p.Name)))
	return raw, raw != "" // what an empty text stands for, the document leaves open
}

// A drawer draws values of schemas. The usual value is what each draw shrinks to.
type drawer struct {
	*rapid.T
	broken bool // whether to draw invalid values too
}

// oneIn draws whether to do something that is done once in n times, n being a power of two. It shrinks to no. Ranges of integers would
// not do: rapid prefers small ones.
func (g drawer) oneIn(n int, label string) bool {
	return n == 1 || rapid.Bool().Draw(g.T, label) && g.oneIn(n/2, label)
}

// value draws a variation of a valid value.
func (g drawer) value(s *contract.Schema, v any, pointer string) any {
	if slices.Contains(kept, pointer) {
		return v
	}
	if variant := variantOf(s, v); variant != nil {
		s = variant
	}
	if g.broken && g.oneIn(8, pointer) {
		return rapid.SampledFrom([]any{nil, "", "text", json.Number("-1"), json.Number("7"), json.Number("1.5"), true, []any{}, map[string]any{}}).Draw(g.T, pointer)
	}
	if s.Type != "object" && g.oneIn(4, pointer) {
		return g.edge(s, v, pointer)
	}
	if s.Type != "object" && g.oneIn(4, pointer) {
		return g.valid(s, pointer)
	}
	switch v := v.(type) {
	case map[string]any:
		changed := map[string]any{}
		for _, p := range s.Properties {
			at := pointer + "/" + p.Name
			member, there := v[p.Name]
			optional := !slices.Contains(kept, at) && (g.broken || !slices.Contains(s.Required, p.Name))
			if there && !(optional && g.oneIn(4, at)) {
				changed[p.Name] = g.value(p.Schema, member, at)
			}
		}
		if g.broken && s.Closed && g.oneIn(8, "another member") {
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

// edge draws a valid value that is as small or as large as can be, v if there is none.
func (g drawer) edge(s *contract.Schema, v any, pointer string) any {
	switch {
	case len(s.Enum) > 0:
		return v
	case s.Type == "array" && s.MinItems == 0:
		return []any{}
	case s.Type == "integer" || s.Type == "number":
		low, high := limits(s)
		return json.Number(rapid.SampledFrom([]string{low.String(), high.String()}).Draw(g.T, pointer))
	case s.Type == "string" && s.Format == "" && s.Pattern == "" && s.MinLength == 0:
		return ""
	}
	return v
}

// valid draws a valid value. It is not asked for objects.
func (g drawer) valid(s *contract.Schema, pointer string) any {
	if s.Nullable && g.oneIn(4, pointer) {
		return nil
	}
	if len(s.Enum) > 0 {
		return parsed([]byte(rapid.SampledFrom(s.Enum).Draw(g.T, pointer)))
	}
	switch s.Type {
	case "array":
		items := []any{}
		for range rapid.IntRange(s.MinItems, s.MinItems+3).Draw(g.T, pointer) {
			items = append(items, g.valid(s.Items, pointer))
		}
		return items
	case "boolean":
		return rapid.Bool().Draw(g.T, pointer)
	case "integer", "number":
		low, high := limits(s)
		return json.Number(strconv.FormatInt(rapid.Int64Range(low.Int64(), high.Int64()).Draw(g.T, pointer), 10))
	}
	if known := samples[s.Format]; known != nil {
		return rapid.SampledFrom(known).Draw(g.T, pointer)
	}
	if s.Pattern != "" {
		return rapid.StringMatching(s.Pattern).Draw(g.T, pointer)
	}
	longest := 64
	if s.HasMaxLength {
		longest = s.MaxLength
	}
	return rapid.StringN(s.MinLength, longest, math.MaxInt).Draw(g.T, pointer)
}

// rapid is made for tests. Outside of one it wants the flags of tests to be there, and it takes its settings from global flags.
var rapidFlags sync.Mutex

// property looks for a failure of a property. The failure that it ends with is a small one.
func property(seed uint64, holds func(*rapid.T)) {
	rapidFlags.Lock()
	defer rapidFlags.Unlock()
	testing.Init()
	if !flag.Parsed() {
		_ = flag.CommandLine.Parse(nil) // no argument is no wrong one
	}
	for name, value := range map[string]string{
		"rapid.seed":   fmt.Sprint(max(seed, 1)), // 0 stands for a random one
		"rapid.checks": fmt.Sprint(randomRequests), "rapid.nofailfile": "true", "rapid.shrinktime": "20s",
	} {
		f := flag.Lookup(name)
		before := f.Value.String()
		defer func() { _ = f.Value.Set(before) }()
		if err := f.Value.Set(value); err != nil {
			panic(err) // rapid has changed its flags
		}
	}
	rapid.Check(&silent{}, holds)
}

// silent is a test of which only rapid takes notice.
type silent struct{ failed bool }

func (*silent) Helper()                 {}
func (*silent) Name() string            { return "conform" }
func (*silent) Log(...any)              {}
func (*silent) Logf(string, ...any)     {}
func (*silent) Skip(...any)             {}
func (*silent) Skipf(string, ...any)    {}
func (*silent) SkipNow()                {}
func (s *silent) Error(...any)          { s.Fail() }
func (s *silent) Errorf(string, ...any) { s.Fail() }
func (s *silent) Fatal(...any)          { s.Fail() }
func (s *silent) Fatalf(string, ...any) { s.Fail() }
func (s *silent) FailNow()              { s.Fail() }
func (s *silent) Fail()                 { s.failed = true }
func (s *silent) Failed() bool          { return s.failed }
