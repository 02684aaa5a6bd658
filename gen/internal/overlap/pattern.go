package overlap

import (
	"encoding/binary"
	"iter"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/interconnect-go/interconnect/contract/schema"
)

const (
	// maxSteps bounds the search for strings that match patterns, in steps from one state by one class of characters.
	maxSteps = 20_000
	// longer is by how much a string may exceed the shortest one without serving a pattern.
	longer = 3
	// maxVariations bounds the strings that differ from another one in one character.
	maxVariations = 1000
)

// matching yields strings of a certain length that every pattern matches: the shortest, some longer ones, and variations
// of both.
func (s *search) matching(patterns []string, shortest, longest int) iter.Seq[string] {
	return func(yield func(string) bool) {
		var machines []*syntax.Prog
		patterns = slices.Compact(slices.Sorted(slices.Values(patterns)))
		for _, pattern := range patterns[:min(len(patterns), 64)] { // as many as a state has bits for
			machine, err := compile(pattern)
			if err != nil {
				return
			}
			machines = append(machines, machine)
		}
		var paths [][]*class
		for path := range s.paths(machines, shortest, longest) {
			if !yield(spell(path)) {
				return
			}
			paths = append(paths, path)
		}
		left := maxVariations
		for _, path := range paths {
			for text := range variations(path) {
				if left--; left < 0 || !s.spend(1) || !yield(text) {
					return
				}
			}
		}
	}
}

// paths runs all patterns side by side, as nondeterministic automata over a string that is not known yet: a breadth-first
// search for states in which all of them have matched. Characters that no pattern distinguishes form a class and are
// tried once.
func (s *search) paths(machines []*syntax.Prog, shortest, longest int) iter.Seq[[]*class] {
	return func(yield func([]*class) bool) {
		size := 0
		for _, machine := range machines {
			size += len(machine.Inst)
		}
		if !s.spend(1 + size) {
			return
		}
		classes := classify(machines)
		steps := maxSteps
		layer := []state{{prev: -1, threads: make([][]uint32, len(machines))}}
		seen := map[string]bool{}
		for length := 0; length <= longest && len(layer) > 0; length++ {
			if length < shortest+longer {
				clear(seen) // a state that has been here before may come again, as part of a longer string
			}
			var next []state
			for _, st := range layer {
				if length >= shortest && st.matched(machines) && !yield(st.path()) {
					return
				}
				for i := range classes {
					if steps--; steps < 0 || !s.spend(1+size/16) {
						return
					}
					to, alive := st.step(machines, &classes[i])
					if key := to.key(); alive && !seen[key] {
						seen[key] = true
						next = append(next, to)
					}
				}
			}
			layer = next
		}
	}
}

// compile compiles a pattern, as far as Go's regular expressions can express it.
func compile(pattern string) (*syntax.Prog, error) {
	translated, err := schema.Translate(pattern)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(parsed.Simplify())
}

// A class is a set of characters that are all alike to the patterns. Some of them stand for all, the most readable first.
type class []rune

// readable has the printable characters of ASCII in the order of preference.
const readable = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@+=,;!?#$%&*~^|()[]{}<>'\"`\\ "

// classify partitions all characters.
func classify(machines []*syntax.Prog) []class {
	// What makes a difference: the character instructions, and \b and the like.
	var tests []*syntax.Inst
	bounds := []rune{0, '\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1, 0x80, 0xD800, 0xE000}
	known := map[string]bool{}
	for _, machine := range machines {
		for i := range machine.Inst {
			inst := &machine.Inst[i]
			switch inst.Op {
			case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			default:
				continue
			}
			if key := string(rune(inst.Op)) + string(rune(inst.Arg)) + string(inst.Rune); known[key] {
				continue
			} else {
				known[key] = true
			}
			tests = append(tests, inst)
			if len(inst.Rune) == 1 {
				r := inst.Rune[0]
				bounds = append(bounds, r, r+1)
				for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
					bounds = append(bounds, f, f+1)
				}
			}
			for j := 0; j+1 < len(inst.Rune); j += 2 {
				bounds = append(bounds, inst.Rune[j], inst.Rune[j+1]+1)
			}
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)

	index := map[string]int{}
	var classes []class
	add := func(r rune) {
		signature := []byte{'0', '0'}
		if syntax.IsWordChar(r) {
			signature[0] = '1'
		}
		if r == '\n' {
			signature[1] = '1'
		}
		for _, test := range tests {
			signature = append(signature, '0')
			if test.MatchRune(r) {
				signature[len(signature)-1] = '1'
			}
		}
		i, ok := index[string(signature)]
		if !ok {
			i = len(classes)
			index[string(signature)] = i
			classes = append(classes, nil)
		}
		if !slices.Contains(classes[i], r) {
			classes[i] = append(classes[i], r)
		}
	}
	for _, r := range readable {
		add(r)
	}
	for _, r := range bounds {
		if utf8.ValidRune(r) {
			add(r)
		}
	}
	return classes
}

// A state is where all machines stand after some characters.
type state struct {
	threads [][]uint32 // for each machine, the instructions behind the last character, sorted
	done    uint64     // the machines that have matched already, whatever follows
	prev    rune       // the last character, -1 at the start
	class   *class     // the class of the last character
	from    *state
}

// key is equal for states with the same future.
func (st *state) key() string {
	b := binary.AppendUvarint(nil, st.done)
	for _, threads := range st.threads {
		b = binary.AppendUvarint(b, uint64(len(threads)))
		for _, pc := range threads {
			b = binary.AppendUvarint(b, uint64(pc))
		}
	}
	switch { // all that \b and the like see of it
	case st.prev < 0:
		b = append(b, '^')
	case st.prev == '\n':
		b = append(b, 'n')
	case syntax.IsWordChar(st.prev):
		b = append(b, 'w')
	}
	return string(b)
}

// step returns the state after one more character; alive is false if some machine can never match from there.
func (st *state) step(machines []*syntax.Prog, c *class) (to state, alive bool) {
	next := (*c)[0]
	to = state{threads: make([][]uint32, len(machines)), done: st.done, prev: next, class: c, from: st}
	for i, machine := range machines {
		if st.done&(1<<i) != 0 {
			continue
		}
		waiting, matched := closure(machine, st.threads[i], syntax.EmptyOpContext(st.prev, next))
		if matched {
			to.done |= 1 << i
			continue
		}
		for _, pc := range waiting {
			if inst := &machine.Inst[pc]; inst.MatchRune(next) {
				to.threads[i] = append(to.threads[i], inst.Out)
			}
		}
		if len(to.threads[i]) == 0 && anchored(machine) {
			return to, false
		}
		slices.Sort(to.threads[i])
		to.threads[i] = slices.Compact(to.threads[i])
	}
	return to, true
}

// anchored reports whether a match can only start at the start of the text.
func anchored(machine *syntax.Prog) bool {
	return machine.StartCond()&syntax.EmptyBeginText != 0
}

// matched reports whether the machines match if the string ends here.
func (st *state) matched(machines []*syntax.Prog) bool {
	for i, machine := range machines {
		if st.done&(1<<i) != 0 {
			continue
		}
		if _, matched := closure(machine, st.threads[i], syntax.EmptyOpContext(st.prev, -1)); !matched {
			return false
		}
	}
	return true
}

// closure follows the instructions that consume no character, from the given ones and, as a match may start anywhere,
// from the start of the program.
func closure(machine *syntax.Prog, threads []uint32, here syntax.EmptyOp) (waiting []uint32, matched bool) {
	todo := append(slices.Clone(threads), uint32(machine.Start))
	visited := make([]bool, len(machine.Inst))
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if visited[pc] {
			continue
		}
		visited[pc] = true
		switch inst := &machine.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^here == 0 {
				todo = append(todo, inst.Out)
			}
		case syntax.InstMatch:
			return nil, true
		case syntax.InstFail:
		default:
			waiting = append(waiting, pc)
		}
	}
	return waiting, false
}

func (st *state) path() []*class {
	var classes []*class
	for ; st.from != nil; st = st.from {
		classes = append(classes, st.class)
	}
	slices.Reverse(classes)
	return classes
}

// spell returns the most readable string on a path.
func spell(path []*class) string {
	text := make([]rune, len(path))
	for i, c := range path {
		text[i] = (*c)[0]
	}
	return string(text)
}

// variations yields the strings on a path that differ from the most readable one in one character.
func variations(path []*class) iter.Seq[string] {
	return func(yield func(string) bool) {
		text := []rune(spell(path))
		for i, c := range slices.Backward(path) {
			for _, r := range (*c)[1:] {
				text[i] = r
				if !yield(string(text)) {
					return
				}
			}
			text[i] = (*c)[0]
		}
	}
}
