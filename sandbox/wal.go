package sandbox

// The format of the data file is a write-ahead log. A database would map the file into memory, which ends the process when the
// file is truncated, or would not notice every flipped bit. The state of a sandbox is in memory anyway, so that
// appending to a file, and reading it from beginning to end, is all that is needed.
//
// The file is text. It begins with three blocks of 512 bytes: one names the format, and two are marks. A mark gives the
// offsets at which the records begin and end. The records follow, one per line: a checksum in hexadecimal, a space, the
// payload. A checksum also covers the checksum of the previous record, so that no record can be changed, removed or
// moved.
//
// A record is written and synced before the mark that covers it. That mark replaces the older of the two, so that one
// of them is valid at any time; it is synced together with the next record. Anything after the end of the newer mark is
// therefore either a complete record, which is accepted, or an incomplete one that was never acknowledged, which is cut
// off. Everything before that end must be there.
//
// When the records take much more room than the state, the log is restarted with a single record that has the whole
// state. It is written in front of the records that it replaces if there is room, and behind them otherwise. The other
// records are overwritten only after the mark of the new one has been synced.

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

const (
	blockSize   = 512
	recordsFrom = 3 * blockSize

	magic = "Data file of an Interconnect sandbox, format 2\n" +
		"Each line behind the marks has a checksum and a change as JSON. An edited file is refused.\n"
)

var errDamaged = errors.New("it is not a data file of a sandbox, or it is damaged; " +
	"restore a copy of it, or name another file")

// A medium is what a log needs of an [os.File].
type medium interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// A checksum is the SHA-256 of the checksum of the record before, which is zero for the first of all, and of the
// payload.
type checksum [sha256.Size]byte

func (c checksum) next(payload []byte) (next checksum) {
	h := sha256.New()
	h.Write(c[:])
	h.Write(payload)
	h.Sum(next[:0])
	return next
}

// A mark says which part of the file is its contents. The one with the larger number counts.
type mark struct {
	number     uint64
	start, end int64    // of the records
	before     checksum // which the first of the records continues
	sum        checksum // of the last record
}

// block returns the mark as it is written.
func (m mark) block() []byte {
	text := fmt.Sprintf("mark %020d start %020d end %020d before %x sum %x", m.number, m.start, m.end, m.before, m.sum)
	text = fmt.Sprintf("%s check %x", text, sha256.Sum256([]byte(text)))
	return pad(text)
}

// pad returns a block with a text, blanks and a newline.
func pad(text string) []byte {
	block := bytes.Repeat([]byte{' '}, blockSize)
	copy(block, text)
	block[blockSize-1] = '\n'
	return block
}

// readMark parses a block. It reports false unless every byte is as block would write it.
func readMark(block []byte) (m mark, ok bool) {
	var before, sum []byte
	_, err := fmt.Sscanf(string(block), "mark %d start %d end %d before %x sum %x",
		&m.number, &m.start, &m.end, &before, &sum)
	copy(m.before[:], before)
	copy(m.sum[:], sum)
	return m, err == nil && bytes.Equal(block, m.block())
}

type wal struct {
	medium medium
	mark   mark   // the newer one
	header []byte // the first blocks, as they are in the file
}

// newWAL writes a log with a single record to an empty file.
func newWAL(m medium, payload []byte) error {
	first := mark{number: 1, start: recordsFrom}
	line := first.line(payload)
	first.sum, first.end = first.sum.next(payload), recordsFrom+int64(len(line))
	second := first
	second.number++
	for at, text := range map[int64][]byte{
		0: pad(magic), blockSize: first.block(), 2 * blockSize: second.block(), recordsFrom: line,
	} {
		if _, err := m.WriteAt(text, at); err != nil {
			return err
		}
	}
	return m.Sync()
}

// line returns the record that comes next.
func (m mark) line(payload []byte) []byte {
	return fmt.Appendf(nil, "%x %s\n", m.sum.next(payload), payload)
}

// openWAL reads and verifies a file, and calls each with the payload of each record, which it must not keep.
func openWAL(m medium, each func(payload []byte) error) (*wal, error) {
	info, err := m.Stat()
	if err != nil {
		return nil, err
	}
	w := &wal{medium: m, header: make([]byte, recordsFrom)}
	switch n, err := m.ReadAt(w.header, 0); {
	case err == io.EOF && n == 0:
		return nil, errors.New("it is empty, and no sandbox leaves it so; restore a copy of it, or remove it to start anew")
	case err == io.EOF:
		return nil, fmt.Errorf("%w (it has %d bytes)", errDamaged, n)
	case err != nil:
		return nil, err
	}
	if !bytes.Equal(w.header[:blockSize], pad(magic)) {
		return nil, foreign(w.header)
	}
	for _, at := range []int{blockSize, 2 * blockSize} {
		if found, ok := readMark(w.header[at : at+blockSize]); ok && found.number > w.mark.number {
			w.mark = found
		}
	}
	switch {
	case w.mark.number == 0:
		return nil, fmt.Errorf("%w (it has no valid mark)", errDamaged)
	case info.Size() < w.mark.end:
		return nil, fmt.Errorf("%w (it has %d bytes of %d)", errDamaged, info.Size(), w.mark.end)
	}
	if err := w.read(info.Size(), each); err != nil {
		return nil, err
	}
	return w, nil
}

// foreign returns the error for a file that does not begin with the magic text.
func foreign(header []byte) error {
	const boltMagic = "\xed\xda\x0c\xed" // of the bbolt database that earlier versions made
	if string(header[16:20]) == boltMagic {
		return errors.New("it is a bbolt file, as earlier versions of the sandbox made them, " +
			"and this version cannot read it; name another file")
	}
	prefix, _, _ := strings.Cut(magic, "2\n")
	if rest, ok := strings.CutPrefix(string(header), prefix); ok {
		format, _, _ := strings.Cut(rest, "\n")
		return fmt.Errorf("it has the format %.20q, and this version of the package knows the format 2 only; "+
			"use the version that made it, or name another file", format)
	}
	return errDamaged
}

// read reads the records up to the mark, accepts complete ones after it, and cuts off the rest.
func (w *wal) read(size int64, each func([]byte) error) error {
	records := bufio.NewReaderSize(io.NewSectionReader(w.medium, w.mark.start, size-w.mark.start), 64<<10)
	at, sum, found := w.mark.start, w.mark.before, w.mark
	for at < size {
		line, err := records.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		payload, ok := sum.check(line)
		next := at + int64(len(line))
		if !ok && at >= w.mark.end {
			break
		}
		sum = sum.next(payload)
		if !ok || at < w.mark.end && (next > w.mark.end || next == w.mark.end && sum != w.mark.sum) {
			return fmt.Errorf("%w (the record at byte %d is not the one that was written)", errDamaged, at)
		}
		if err := each(payload); err != nil {
			return err
		}
		if at = next; at >= w.mark.end {
			found.end, found.sum = at, sum
		}
	}
	return w.accept(found, size)
}

// check returns the payload of a line. It reports false if the line is not the record after the one with the checksum
// c.
func (c checksum) check(line []byte) (payload []byte, ok bool) {
	const digits = 2 * sha256.Size
	if len(line) < digits+2 || line[digits] != ' ' || line[len(line)-1] != '\n' {
		return nil, false
	}
	payload = line[digits+1 : len(line)-1]
	return payload, string(line[:digits]) == fmt.Sprintf("%x", c.next(payload))
}

// accept extends the contents to what was found after the mark, and truncates the file there.
func (w *wal) accept(found mark, size int64) error {
	if found.end < size {
		if err := w.medium.Truncate(found.end); err != nil {
			return err
		}
	}
	if found.end == w.mark.end {
		return nil
	}
	if err := w.medium.Sync(); err != nil { // the process may have been killed before it did
		return err
	}
	return w.write(found)
}

// size returns the size of the records in bytes.
func (w *wal) size() int64 { return w.mark.end - w.mark.start }

// older returns the offset of the older mark, which the next one replaces.
func (w *wal) older() int { return blockSize * (1 + int(w.mark.number%2)) }

// write replaces the older mark.
func (w *wal) write(m mark) error {
	m.number = w.mark.number + 1
	at, block := w.older(), m.block()
	if _, err := w.medium.WriteAt(block, int64(at)); err != nil {
		return err
	}
	copy(w.header[at:], block)
	w.mark = m
	return nil
}

// errForeign is the error for a file that is not as the log left it.
var errForeign = errors.New("it was changed by another program")

// intact returns an error if the file is not as the log left it.
func (w *wal) intact() error {
	info, err := w.medium.Stat()
	if err != nil {
		return err
	}
	if info.Size() != w.mark.end {
		return fmt.Errorf("%w, and has %d bytes instead of %d", errForeign, info.Size(), w.mark.end)
	}
	header := make([]byte, recordsFrom)
	if _, err := w.medium.ReadAt(header, 0); err != nil {
		return err
	}
	if !bytes.Equal(header, w.header) {
		return fmt.Errorf("%w, and has other marks", errForeign)
	}
	return nil
}

// append adds a record. It calls confirm once the record is durable. If append returns an error, its own or that of
// confirm, the record has been removed again, provided that the medium allowed it.
func (w *wal) append(payload []byte, confirm func() error) error {
	if err := w.intact(); err != nil {
		return err
	}
	m, line := w.mark, w.mark.line(payload)
	m.end, m.sum = m.end+int64(len(line)), m.sum.next(payload)
	_, err := w.medium.WriteAt(line, w.mark.end)
	if err == nil {
		err = w.medium.Sync()
	}
	if err == nil {
		err = confirm()
	}
	if err == nil {
		err = w.write(m)
	}
	if err != nil {
		w.undo()
	}
	return err
}

// undo removes what append has written, as far as the medium allows. It does not touch a file that has become another
// one.
func (w *wal) undo() {
	header, at := make([]byte, recordsFrom), w.older()
	_, err := w.medium.ReadAt(header, 0)
	copy(header[at:], w.header[at:at+blockSize])
	if err != nil || !bytes.Equal(header, w.header) {
		return
	}
	if _, err := w.medium.WriteAt(header[at:at+blockSize], int64(at)); err != nil {
		return
	}
	_ = w.medium.Truncate(w.mark.end)
	_ = w.medium.Sync()
}

// restart replaces all records by one.
func (w *wal) restart(payload []byte) error {
	if err := w.intact(); err != nil {
		return err
	}
	m, line := w.mark, w.mark.line(payload)
	m.before, m.start = m.sum, m.end
	inFront := w.mark.start-recordsFrom >= int64(len(line))
	if inFront {
		m.start = recordsFrom
	}
	m.end, m.sum = m.start+int64(len(line)), m.sum.next(payload)
	if _, err := w.medium.WriteAt(line, m.start); err != nil {
		return err
	}
	if err := w.medium.Sync(); err != nil {
		return err
	}
	if err := w.write(m); err != nil {
		return err
	}
	if err := w.medium.Sync(); err != nil { // only then the other records may be overwritten
		return err
	}
	if !inFront {
		return nil
	}
	return w.medium.Truncate(m.end)
}
