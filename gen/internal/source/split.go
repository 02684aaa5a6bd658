package source

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v4"
)

// A large file of YAML is read in pieces, since the library needs about twenty times the size of what it reads. The
// pieces are the members of its outer mappings: lines that start at the same column. Whatever is not as simple as that,
// such as a quoted string over several lines that looks like it, or an alias of an anchor in another piece, makes a
// piece invalid; then the whole file is read at once, and mistakes are reported from there.

// A splitter reads pieces of text into the open objects of its reader.
type splitter struct {
	reader *yamlReader
	text   []byte
	piece  int // size from which an object is read in pieces
}

// A span is a part of the text, from a line on.
type span struct{ start, end, line int }

// readInPieces returns nil if the text cannot be split.
func (r *yamlReader) readInPieces(text []byte, piece int) *Node {
	if bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n")) || bytes.ContainsFunc(text, isControl) {
		return nil // lines that end otherwise; an error even in a comment before the first member, which is in no piece
	}
	s := &splitter{r, text, piece}
	return s.mapping(span{0, len(text), 1}, 1)
}

// mapping reads the block mapping that is all there is in a span.
func (s *splitter) mapping(all span, depth int) *Node {
	entries, column := s.entries(all)
	if len(entries) == 0 {
		return nil
	}
	n := s.reader.node(Object, entries[0].line, column+1)
	if n == nil {
		return nil
	}
	base := len(s.reader.members)
	for i := 0; i < len(entries); {
		// Small members that follow each other are read together.
		part := entries[i]
		for i++; i < len(entries) && entries[i].end-part.start <= s.piece; i++ {
			part.end = entries[i].end
		}
		if !s.part(part, depth) {
			return nil
		}
	}
	return s.reader.object(n, base)
}

// part pushes the members in a span. A single one whose value is a large mapping is split in turn.
func (s *splitter) part(part span, depth int) bool {
	if part.end-part.start > s.piece && depth < maxSplitDepth {
		before := *s.reader.builder
		if s.nested(part, depth) {
			return true
		}
		*s.reader.builder = before
	}
	return s.members(part, depth)
}

// maxSplitDepth bounds how often a piece is read again because it could not be split.
const maxSplitDepth = 6

// nested pushes the member in a span, if its name stands alone on the first line.
func (s *splitter) nested(part span, depth int) bool {
	name, _, _ := bytes.Cut(s.text[part.start:part.end], []byte("\n"))
	value := span{part.start + len(name) + 1, part.end, part.line + 1}
	if !bytes.HasSuffix(bytes.TrimRight(name, " \r"), []byte(":")) || value.start >= value.end {
		return false
	}
	at := len(s.reader.members)
	if !s.members(span{part.start, value.start, part.line}, depth) || len(s.reader.members) != at+1 {
		return false
	}
	n := s.mapping(value, depth+1)
	if n == nil {
		return false
	}
	s.reader.members[at].Value = n
	return true
}

// members pushes the members that the library finds in a span.
func (s *splitter) members(part span, depth int) bool {
	var document, next yaml.Node
	loader := s.reader.loader(s.text[part.start:part.end])
	if loader.Load(&document) != nil || len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode ||
		!errors.Is(loader.Load(&next), io.EOF) {
		return false
	}
	s.reader.skipped = part.line - 1
	return s.reader.mapping(document.Content[0], depth)
}

// entries splits a span before each line that is indented like the first, and returns that indentation. There are none
// if the span is not a simple block mapping.
func (s *splitter) entries(all span) (entries []span, column int) {
	line := all.line
	for start := all.start; start < all.end; line++ {
		end := all.end
		if i := bytes.IndexByte(s.text[start:all.end], '\n'); i >= 0 {
			end = start + i + 1
		}
		content := bytes.TrimLeft(s.text[start:end], " ")
		indentation := end - start - len(content)
		switch first := bytes.TrimRight(content, "\r\n"); {
		case len(first) == 0 || first[0] == '#':
		case all.start == 0 && len(entries) == 0 && string(first) == "---":
		case len(entries) > 0 && indentation > column:
		case len(entries) > 0 && indentation < column, bytes.IndexByte([]byte("?:{}[]%&*!|>@`\t"), first[0]) >= 0,
			bytes.HasPrefix(first, []byte("---")), bytes.HasPrefix(first, []byte("...")), bytes.HasPrefix(first, []byte("<<")):
			return nil, 0
		case len(entries) > 0 && (string(first) == "-" || bytes.HasPrefix(first, []byte("- "))):
			// An item of the list that is the value of the last member.
		default:
			if len(entries) > 0 {
				entries[len(entries)-1].end = start
			}
			entries = append(entries, span{start, all.end, line})
			column = indentation
		}
		start = end
	}
	return entries, column
}
