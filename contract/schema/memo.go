package schema

// A memo keeps what a checker has found out about pairs of a schema and a value: whether the value is valid, and which variant of a
// union it is. Without it, unions within unions would take exponential time. It is a hash table of its own since a map would take
// several times the memory of the text.
type memo struct {
	keys   []uint64
	values []int16
	used   int
}

// What a key is about; the mode is added.
const (
	aboutValidity = 0  // of everything
	aboutRest     = 4  // of everything but the union
	aboutVisit    = 8  // whether findings have been recorded
	aboutChoice   = 12 // which variant of a union the value is
)

const (
	isValid   int16 = 1
	isInvalid int16 = 2
)

func memoKey(id uint32, n int32, about int) uint64 {
	return uint64(id)<<36 | uint64(uint32(n))<<4 | uint64(about) + 1<<63
}

// validity reports what is known about a schema and a value in a trial.
func (m *memo) validity(id uint32, n int32, mode Mode, choose bool) (known, valid bool) {
	v, ok := m.get(memoKey(id, n, about(mode, choose)))
	return ok, v == isValid
}

// visited reports whether it has been called for the pair before.
func (m *memo) visited(id uint32, n int32) bool {
	key := memoKey(id, n, aboutVisit)
	if _, visited := m.get(key); visited {
		return true
	}
	m.put(key, isValid)
	return false
}

func about(mode Mode, choose bool) int {
	if choose {
		return aboutValidity + int(mode)
	}
	return aboutRest + int(mode)
}

func (m *memo) keep(id uint32, n int32, mode Mode, choose, valid bool) {
	v := isInvalid
	if valid {
		v = isValid
	}
	m.put(memoKey(id, n, about(mode, choose)), v)
}

func (m *memo) choice(id uint32, n int32, mode Mode) (variant int, known bool) {
	v, ok := m.get(memoKey(id, n, aboutChoice+int(mode)))
	return int(v), ok
}

func (m *memo) keepChoice(id uint32, n int32, mode Mode, variant int) {
	m.put(memoKey(id, n, aboutChoice+int(mode)), int16(variant))
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

func (m *memo) get(key uint64) (int16, bool) {
	if len(m.keys) == 0 {
		return 0, false
	}
	for i := slot(key, len(m.keys)); m.keys[i] != 0; i = (i + 1) & (len(m.keys) - 1) {
		if m.keys[i] == key {
			return m.values[i], true
		}
	}
	return 0, false
}

func (m *memo) put(key uint64, value int16) {
	if 4*(m.used+1) > 3*len(m.keys) {
		m.grow()
	}
	i := slot(key, len(m.keys))
	for m.keys[i] != 0 && m.keys[i] != key {
		i = (i + 1) & (len(m.keys) - 1)
	}
	if m.keys[i] == 0 {
		m.used++
	}
	m.keys[i], m.values[i] = key, value
}

func (m *memo) grow() {
	old := *m
	size := max(16, 2*len(old.keys))
	*m = memo{keys: make([]uint64, size), values: make([]int16, size)}
	for i, key := range old.keys {
		if key != 0 {
			m.put(key, old.values[i])
		}
	}
}
