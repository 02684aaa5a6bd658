package upstream

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// readOurs reads a document as a whole, with the places of everything in it.
func readOurs(file File) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(file.Text, &root); err != nil {
		return nil, fmt.Errorf("%s: not valid YAML: %w; mend it", file.Name, err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("%s:1:1: the file is empty; it must be an OpenAPI document", file.Name)
	}
	top, err := convert(file.Name, "", root.Content[0])
	if err != nil {
		return nil, err
	}
	return &document{file.Name, map[string]*node{"": top}}, nil
}

func convert(file, pointer string, y *yaml.Node) (*node, error) {
	n := &node{pointer: pointer, line: y.Line, column: y.Column}
	switch y.Kind {
	case yaml.ScalarNode:
		n.scalar = y.Value
	case yaml.SequenceNode:
		n.kind = list
		for i, child := range y.Content {
			item, err := convert(file, pointer+"/"+strconv.Itoa(i), child)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
	case yaml.MappingNode:
		n.kind, n.members = mapping, map[string]*node{}
		for i := 0; i+1 < len(y.Content); i += 2 {
			key := y.Content[i]
			member, err := convert(file, pointer+"/"+escape(key.Value), y.Content[i+1])
			if err != nil {
				return nil, err
			}
			member.line, member.column = key.Line, key.Column
			n.add(key.Value, member)
		}
	default:
		return nil, fmt.Errorf("%s:%d:%d: #%s: an alias of YAML; write out what it stands for", file, y.Line, y.Column, pointer)
	}
	return n, nil
}
