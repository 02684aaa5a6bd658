package differential

import (
	"math/rand/v2"
	"testing"
)

// FuzzVerdicts compares the judges on texts that need not be JSON, which TestVerdicts never makes. The number selects the
// schema.
func FuzzVerdicts(f *testing.F) {
	var targets []*target
	for _, d := range documents(f) {
		targets = append(targets, d.targets...)
	}
	for i, t := range targets {
		g := &generator{Rand: rand.New(rand.NewPCG(1, uint64(i))), words: t.words}
		for range 3 {
			v, _ := g.next(t)
			f.Add(uint16(i), v.write(nil, g.Rand))
		}
	}
	f.Add(uint16(0), []byte("\"\xff\\ud800\" 1"))
	f.Fuzz(func(t *testing.T, i uint16, text []byte) {
		target := targets[int(i)%len(targets)]
		ours, kin := target.ourVerdict(text), target.kinVerdict(text)
		if (ours == nil) != (kin == nil) && explain(target, text) == "" {
			t.Errorf("%s\nwe say:            %s\nkin-openapi says:  %s", target.name, verdict(ours), verdict(kin))
		}
		if wrong := intolerance(target, text); wrong != "" {
			t.Errorf("%s: %s", target.name, wrong)
		}
		if wrong, _ := misreads(target, text); wrong != "" {
			t.Errorf("%s: %s", target.name, wrong)
		}
		if v, err := parse(text); err == nil && ours == nil {
			if wrong := loses(target, v, text); wrong != "" {
				t.Errorf("%s: %s", target.name, wrong)
			}
		}
	})
}
