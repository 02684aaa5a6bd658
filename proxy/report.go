package proxy

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/contract"
)

// A Report is what a [Proxy] has found, sorted by operation and direction.
type Report struct {
	Exchanges  int
	Unanswered int // of these, those without a response of the upstream
	Violations []ViolationCount
	Lost       []LostCount

	// Others counts violations of further kinds: there is room for 1,000 kinds.
	Others int
}

// A ViolationCount is one kind of violations: those of one rule at one place.
type ViolationCount struct {
	Operation string // operationId; "-" for requests that no operation of the document is for
	Direction string // "request" or "response"
	In        string // as in [contract.Violation]
	Pointer   string // as in [contract.Violation], with * for the position in an array
	Rule      string
	Count     int
	Example   string // the first of them, in words
}

// A LostCount counts bodies that were passed, but neither checked nor recorded.
type LostCount struct {
	Operation, Direction string
	Reason               string // such as "larger than 4194304 bytes"
	Count                int
}

const (
	request  = "request"
	response = "response"

	noOperation = "-"
	maxKinds    = 1000
)

// Findings are those of one exchange.
type findings struct {
	operation  string
	unanswered bool
	violations []ViolationCount
	lost       []LostCount
}

func (f *findings) add(s *secrets, direction string, violations []contract.Violation) {
	for _, v := range violations {
		kind := ViolationCount{
			Operation: f.operation, Direction: direction, In: v.In, Pointer: shortened(general(s.scrub(v.Pointer))), Rule: v.Rule, Count: 1,
		}
		i := slices.IndexFunc(f.violations, func(known ViolationCount) bool { return known.kind() == kind.kind() })
		if i >= 0 {
			f.violations[i].Count++
			continue
		}
		kind.Example = example(s, v)
		f.violations = append(f.violations, kind)
	}
}

func (f *findings) lose(direction string, reason error) {
	if reason != nil {
		f.lost = append(f.lost, LostCount{Operation: f.operation, Direction: direction, Reason: reason.Error(), Count: 1})
	}
}

func (f *findings) log(logger *slog.Logger) {
	for _, v := range f.violations {
		logger.Warn("violation", "direction", v.Direction, "in", v.In, "pointer", v.Pointer, "rule", v.Rule, "count", v.Count,
			"example", v.Example)
	}
	for _, l := range f.lost {
		logger.Warn("neither checked nor recorded", "direction", l.Direction, "reason", l.Reason)
	}
}

// general is a pointer without positions, so that all items of a list count alike.
func general(pointer string) string {
	names := strings.Split(pointer, "/")
	for i, name := range names {
		if name != "" && strings.Trim(name, "0123456789") == "" {
			names[i] = "*"
		}
	}
	return strings.Join(names, "/")
}

// shortened cuts a text that a client or a service chose to what a log and a table have room for. Secrets have to be
// taken out before: a part of one would not be recognized.
func shortened(text string) string {
	const most = 500
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// example words a violation. A value that may be a secret is left out, such as a body that is a single value. So is one
// that was cut: a part of a secret would not be recognized.
func example(s *secrets, v contract.Violation) string {
	hidden := v.In == "cookie" || v.Pointer == "" || strings.HasSuffix(v.Got, `…"`) || slices.ContainsFunc(strings.Split(v.Pointer, "/"), s.named)
	v = withoutGot(v, hidden)
	return shortened(s.scrub(v.String()))
}

// withoutGot leaves the values out of the reasons of variants, and if all is set, of the violation too.
func withoutGot(v contract.Violation, all bool) contract.Violation {
	if all {
		v.Got = ""
	}
	v.Variants = slices.Clone(v.Variants)
	for i, variant := range v.Variants {
		v.Variants[i].Violations = slices.Clone(variant.Violations)
		for j, reason := range v.Variants[i].Violations {
			v.Variants[i].Violations[j] = withoutGot(reason, true)
		}
	}
	return v
}

// kind is the violation without what differs from one to the next.
func (v ViolationCount) kind() ViolationCount {
	v.Count, v.Example = 0, ""
	return v
}

// A tally adds findings up.
type tally struct {
	exchanges, unanswered, others int
	violations                    map[ViolationCount]*ViolationCount // by kind
	lost                          map[LostCount]int                  // by LostCount without its count
}

func (t *tally) count(f findings) {
	if t.violations == nil {
		t.violations, t.lost = map[ViolationCount]*ViolationCount{}, map[LostCount]int{}
	}
	t.exchanges++
	if f.unanswered {
		t.unanswered++
	}
	for _, v := range f.violations {
		known := t.violations[v.kind()]
		switch {
		case known != nil:
			known.Count += v.Count
		case len(t.violations) == maxKinds:
			t.others += v.Count
		default:
			t.violations[v.kind()] = &v
		}
	}
	for _, l := range f.lost {
		l.Count = 0
		t.lost[l]++
	}
}

func (t *tally) report() Report {
	r := Report{Exchanges: t.exchanges, Unanswered: t.unanswered, Others: t.others}
	for _, v := range t.violations {
		r.Violations = append(r.Violations, *v)
	}
	for l, count := range t.lost {
		l.Count = count
		r.Lost = append(r.Lost, l)
	}
	slices.SortFunc(r.Violations, func(a, b ViolationCount) int {
		return cmp.Or(strings.Compare(a.Operation, b.Operation), strings.Compare(a.Direction, b.Direction), strings.Compare(a.In, b.In),
			strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Rule, b.Rule))
	})
	slices.SortFunc(r.Lost, func(a, b LostCount) int {
		return cmp.Or(strings.Compare(a.Operation, b.Operation), strings.Compare(a.Direction, b.Direction), strings.Compare(a.Reason, b.Reason))
	})
	return r
}
