package upstream

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Note says that a difference is meant, and why. It holds for as long as both documents say what it quotes.
type Note struct {
	File         string
	Line, Column int
	At           string // as in a Difference; a part that is * stands for any one part
	TheySay      string
	WeSay        string
	Reason       string
}

func readNotes(file File) ([]Note, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(file.Text, &root); err != nil {
		return nil, fmt.Errorf("%s: not valid YAML: %w; mend it", file.Name, err)
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	if root.Content[0].Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:1:1: the file must be a list of entries with at, theirs, ours and reason", file.Name)
	}
	var notes []Note
	for _, entry := range root.Content[0].Content {
		note := Note{File: file.Name, Line: entry.Line, Column: entry.Column}
		fields := map[string]*string{"at": &note.At, "theirs": &note.TheySay, "ours": &note.WeSay, "reason": &note.Reason}
		for i := 0; i+1 < len(entry.Content); i += 2 {
			key, value := entry.Content[i], entry.Content[i+1]
			field := fields[key.Value]
			if field == nil || value.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("%s:%d:%d: %q does not belong here; an entry has the strings at, theirs, ours and reason", file.Name, key.Line, key.Column, key.Value)
			}
			*field = value.Value
		}
		for _, name := range []string{"at", "theirs", "ours", "reason"} {
			if *fields[name] == "" {
				return nil, fmt.Errorf("%s:%d:%d: the entry has no %s; add it", file.Name, note.Line, note.Column, name)
			}
		}
		note.Reason = strings.Join(strings.Fields(note.Reason), " ")
		notes = append(notes, note)
	}
	return notes, nil
}

func (n Note) explains(d Difference) bool {
	if n.TheySay != d.TheySay || n.WeSay != d.WeSay {
		return false
	}
	pattern, parts := strings.Split(n.At, "/"), strings.Split(d.At, "/")
	if len(pattern) != len(parts) {
		return false
	}
	for i, part := range pattern {
		if part != "*" && part != parts[i] {
			return false
		}
	}
	return true
}
