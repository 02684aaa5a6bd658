package differential

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/contract"
)

var (
	long = flag.Bool("long", false, "make 200,000 values instead of 5,000, for minutes")
	seed = flag.Uint64("seed", 0, "seed of the values; 0 is 1, or with -long the time")
)

// The values that are made for each union, and those that the other schemas of a document share.
func perUnion() int {
	if *long {
		return 200_000
	}
	return 5_000
}

// A short run makes the same values each time, so that no change fails for what another one has broken.
func seedOfRun() uint64 {
	switch {
	case *seed != 0:
		return *seed
	case *long:
		return uint64(time.Now().UnixNano())
	}
	return 1
}

// least is the share of a union's values, in percent, that must be valid, and that must be invalid. Otherwise the test
// would be about nothing.
const least = 5

// tally counts verdicts.
type tally struct {
	valid, invalid int
	taken          int // of the valid ones, by the emitted code
	explained      map[string]int
}

func (a *tally) add(b tally) {
	a.valid += b.valid
	a.invalid += b.invalid
	a.taken += b.taken
	for name, n := range b.explained {
		a.explained[name] += n
	}
}

func (a tally) String() string {
	s := fmt.Sprintf("%d values: %d valid, %d of them read by emitted code, %d invalid", a.valid+a.invalid, a.valid, a.taken, a.invalid)
	for _, name := range sortedKeys(a.explained) {
		s += fmt.Sprintf("; %d disagreements by %s", a.explained[name], name)
	}
	return s
}

func TestVerdicts(t *testing.T) {
	seed := seedOfRun()
	t.Logf("seed %d", seed)
	for _, d := range documents(t) {
		others := 0
		for _, target := range d.targets {
			if !target.goType.union {
				others++
			}
		}
		t.Run(d.name, func(t *testing.T) {
			var mu sync.Mutex
			unions, rest := tally{explained: map[string]int{}}, tally{explained: map[string]int{}}
			t.Cleanup(func() { t.Logf("unions: %s; other schemas: %s", unions, rest) })
			for _, target := range d.targets {
				t.Run(target.name, func(t *testing.T) {
					t.Parallel()
					n, sum := perUnion(), &unions
					if !target.goType.union {
						n, sum = (perUnion()+others-1)/others, &rest
					}
					counts := compare(t, target, n, seed)
					if share := counts.valid * 100 / n; target.goType.union && !t.Failed() && (share < least || share > 100-least) {
						t.Errorf("%d%% of the values are valid; mend the generator of values", share)
					}
					if target.read != nil && counts.taken*10 < counts.valid*9 {
						t.Errorf("the emitted code reads %d of %d valid values; it should read nearly all", counts.taken, counts.valid)
					}
					t.Log(counts)
					mu.Lock()
					defer mu.Unlock()
					sum.add(counts)
				})
			}
		})
	}
}

// compare makes n values and stops at the first that fails.
func compare(t *testing.T, target *target, n int, seed uint64) tally {
	counts := tally{explained: map[string]int{}}
	hash := fnv.New64()
	hash.Write([]byte(target.name))
	g := &generator{Rand: rand.New(rand.NewPCG(seed, hash.Sum64())), words: target.words}
	for range n {
		v, kind := g.next(target)
		text := v.write(nil, g.Rand)
		if g.chance(50) {
			text = v.compact()
		}
		err := target.ourVerdict(text)
		if err == nil {
			counts.valid++
		} else {
			counts.invalid++
		}
		if (err == nil) != (target.kinVerdict(text) == nil) {
			name := explain(target, text)
			if name == "" {
				report(t, target, v, text, seed, kind, disagreement)
				return counts
			}
			counts.explained[name]++
		}
		if err == nil && loses(target, v, text) != "" {
			report(t, target, v, text, seed, kind, lossy)
			return counts
		}
		if intolerance(target, text) != "" {
			report(t, target, v, text, seed, kind, intolerant)
			return counts
		}
		wrong, took := misreads(target, text)
		if wrong != "" {
			report(t, target, v, text, seed, kind, misread)
			return counts
		}
		if took {
			counts.taken++
		}
	}
	return counts
}

// disagreement says what is wrong with the verdicts on v; nothing if they agree, or differ with a reason.
func disagreement(t *target, v *value) string {
	text := v.compact()
	ours, kin := t.ourVerdict(text), t.kinVerdict(text)
	if (ours == nil) == (kin == nil) || explain(t, text) != "" {
		return ""
	}
	return fmt.Sprintf("we say:            %s\nkin-openapi says:  %s", verdict(ours), verdict(visit(t.kin.Value, text, openapi3.DisableSchemaErrorDetails())))
}

// lossy says what is lost in the decoding of v.
func lossy(t *target, v *value) string {
	text := v.compact()
	if t.ourVerdict(text) != nil {
		return ""
	}
	return loses(t, v, text)
}

// misread says where the emitted code and the checker are not of one mind.
func misread(t *target, v *value) string {
	wrong, _ := misreads(t, v.compact())
	return wrong
}

func intolerant(t *target, v *value) string { return intolerance(t, v.compact()) }

// intolerance says where reading tolerantly is not what it should be: without deviations for valid texts, and never silent for others.
func intolerance(t *target, text []byte) string {
	err := t.ours.Check(text, t.dir)
	deviations, tolerantErr := t.ours.CheckTolerant(text, t.dir)
	switch {
	case err == nil && tolerantErr != nil:
		return "it is valid, but refused by tolerant reading: " + tolerantErr.Error()
	case err == nil && slices.ContainsFunc(deviations, func(v contract.Violation) bool { return v.Rule != "undeclared" }):
		return fmt.Sprintf("it is valid, but tolerant reading tolerates %v", deviations)
	case err != nil && tolerantErr == nil && len(deviations) == 0:
		return "it is invalid, but tolerant reading says nothing"
	}
	return ""
}

func verdict(err error) string {
	if err == nil {
		return "valid"
	}
	return "invalid: " + strings.Join(strings.Fields(err.Error()), " ")
}

// report fails the test with the smallest value that it finds. A failure that lies in white space or escapes is reported
// as it was found.
func report(t *testing.T, target *target, v *value, text []byte, seed uint64, kind string, wrong func(*target, *value) string) {
	t.Helper()
	reason := wrong(target, v)
	if reason == "" {
		t.Errorf("a value (%s) fails, but not without its spaces and escapes:\n%q", kind, text)
	} else {
		small := shrink(v, func(v *value) bool { return wrong(target, v) != "" })
		t.Errorf("found (%s): %s\nshrunk to: %s\n%s", kind, text, small.compact(), wrong(target, small))
	}
	t.Logf("repeat with: go test ./internal/differential -run '%s' -seed %d%s", pattern(t.Name()), seed, map[bool]string{true: " -long"}[*long])
}

// pattern is the argument of -run for a test.
func pattern(name string) string {
	return "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
}
