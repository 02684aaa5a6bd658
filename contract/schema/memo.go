package schema

// A memo keeps what a checker has found out about pairs of a schema and a value: whether the value is valid, and which variant of a
// union it is. Without it, unions within unions would take exponential time. It is a hash table of its own since a map would take
// several times the memory of the text.
type memo struct {
	keys   []uint64
	values []uint32
	used   int
}

// A value has what is known about a schema and a value of the text: two bits for the verdict in each mode, one each that say whether findings
// have been recorded, the mode in which a variant was chosen last and, above all that, two more than the variant; 0 is unknown.
const (
	isValid    = 1
	isInvalid  = 2
	visitBit   = 1 << 8
	deviantBit = 1 << 9 // the same where all findings are tolerated
	modeShift  = 10
	choice     = 12
)

func memoKey(id uint32, n int32) uint64 { return uint64(id)<<32 | uint64(uint32(n)) } // never 0, as no id is

// validity reports what is known about a schema and a value in a trial.
func (m *memo) validity(id uint32, n int32, mode Mode) (known, valid bool) {
	v := m.get(memoKey(id, n)) >> (2 * mode) & (isValid | isInvalid)
	return v != 0, v == isValid
}

// visited reports whether it has been called for the pair before.
func (m *memo) visited(id uint32, n int32, deviant bool) bool {
	bit := uint32(visitBit)
	if deviant {
		bit = deviantBit
	}
	v := m.at(memoKey(id, n))
	visited := *v&bit != 0
	*v |= bit
	return visited
}

func (m *memo) keep(id uint32, n int32, mode Mode, valid bool) {
	v := uint32(isInvalid)
	if valid {
		v = isValid
	}
	*m.at(memoKey(id, n)) |= v << (2 * mode)
}

func (m *memo) choice(id uint32, n int32, mode Mode) (variant int, known bool) {
	v := m.get(memoKey(id, n))
	return int(v>>choice) - 2, v>>choice != 0 && Mode(v>>modeShift&3) == mode
}

func (m *memo) keepChoice(id uint32, n int32, mode Mode, variant int) {
	v := m.at(memoKey(id, n))
	*v = *v&(1<<modeShift-1) | uint32(mode)<<modeShift | uint32(variant+2)<<choice
}

// clear forgets everything and keeps the room.
func (m *memo) clear() {
	if m.used > 0 {
		clear(m.keys)
		m.used = 0
	}
}

func slot(key uint64, size int) int {
	key *= 0x9E3779B97F4A7C15
	return int(key >> 20 & uint64(size-1))
}

// get returns the value of a key, 0 for none.
func (m *memo) get(key uint64) uint32 {
	if len(m.keys) == 0 {
		return 0
	}
	for i := slot(key, len(m.keys)); m.keys[i] != 0; i = (i + 1) & (len(m.keys) - 1) {
		if m.keys[i] == key {
			return m.values[i]
		}
	}
	return 0
}

// at returns the place of a key's value.
func (m *memo) at(key uint64) *uint32 {
	if 4*(m.used+1) > 3*len(m.keys) {
		m.grow()
	}
	i := slot(key, len(m.keys))
	for m.keys[i] != 0 && m.keys[i] != key {
		i = (i + 1) & (len(m.keys) - 1)
	}
	if m.keys[i] == 0 {
		m.used++
		m.keys[i], m.values[i] = key, 0
	}
	return &m.values[i]
}

func (m *memo) grow() {
	old := *m
	size := max(16, 2*len(old.keys))
	*m = memo{keys: make([]uint64, size), values: make([]uint32, size)}
	for i, key := range old.keys {
		if key != 0 {
			*m.at(key) = old.values[i]
		}
	}
}
