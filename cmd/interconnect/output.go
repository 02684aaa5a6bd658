package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/client"
)

// A layout says what a table shows of a value. JSON and YAML show what the API has.
type layout[T any] struct {
	columns []string // upper case
	listed  int      // how many of them a list has; a single value is shown with all
	row     func(T) []string
	members func(T) any // what JSON and YAML show; nil for the value itself
}

// encodable is what is encoded of a value.
func (l layout[T]) encodable(v T) any {
	if l.members == nil {
		return v
	}
	return l.members(v)
}

// printOne prints what an operation has answered: in a table, one line for each of its columns. If the answer departs from the document,
// JSON and YAML show all of it, and so does a table if the operation has changed something: nobody is told twice.
func printOne[T any](p *program, operation string, v T, l layout[T]) error {
	var err error
	whole := json.RawMessage(p.departed[operation])
	switch {
	case p.flags.output == "table":
		var rows [][]string
		for i, text := range l.row(v) {
			rows = append(rows, []string{l.columns[i], text})
		}
		if whole != nil && changes(operation) {
			rows = append(rows, []string{"ANSWER", string(whole)})
		}
		err = writeTable(p.stdout, rows)
	case whole != nil:
		err = p.encode(whole)
	default:
		err = p.encode(l.encodable(v))
	}
	if err != nil {
		return fmt.Errorf("what was asked for is done, but the result cannot be shown: %w", err)
	}
	return nil
}

// printList prints the first limit values of a list, all if the limit is 0. It prints nothing before it has all of them, so that
// part of a list is never taken for the whole. An item that cannot be understood is left out, and is an error behind the others.
// An empty list is [] in JSON and YAML, and a line on standard error in a table.
func printList[T any](p *program, what string, list iter.Seq2[T, error], limit int32, l layout[T]) error {
	var items []T
	var strange strangeItems
	for item, err := range list {
		var one *client.ItemError
		switch {
		case errors.As(err, &one):
			strange = append(strange, one)
		case err != nil:
			return err
		default:
			items = append(items, item)
		}
		if len(items) == int(limit) && limit > 0 {
			break
		}
	}
	if err := printItems(p, what, items, l); err != nil || strange == nil {
		return err
	}
	return strange
}

func printItems[T any](p *program, what string, items []T, l layout[T]) error {
	if p.flags.output != "table" {
		encodable := make([]any, len(items))
		for i, item := range items {
			encodable[i] = l.encodable(item)
		}
		return p.encode(encodable)
	}
	if len(items) == 0 {
		_, err := fmt.Fprintf(p.stderr, "no %s found\n", what)
		return err
	}
	rows := [][]string{l.columns[:l.listed]}
	for _, item := range items {
		rows = append(rows, l.row(item)[:l.listed])
	}
	return writeTable(p.stdout, rows)
}

// strangeItems are the items of a list that cannot be understood.
type strangeItems []*client.ItemError

func (s strangeItems) Error() string {
	return fmt.Sprintf("%d of the items cannot be understood and are left out above", len(s))
}

// limitFlag defines the flag for the limit of printList.
func limitFlag(cmd *cobra.Command, limit *int32) {
	cmd.Flags().Int32Var(limit, "limit", 0, "list no more than this many; 0 for all")
}

// pageSize is how much to ask for at a time. No more than needed, but the API documents no maximum, so no more than usual either.
func pageSize(limit int32) (*int32, error) {
	switch {
	case limit < 0:
		return nil, usagef("--limit is %d, want 0 or more", limit)
	case limit == 0:
		return nil, nil
	}
	return new(min(limit, 100)), nil
}

// encode writes a value as JSON or YAML.
func (p *program) encode(v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	// Some characters that JSON allows as they are tell a terminal what to do, or are none of YAML's. They can be in strings only.
	var escaped strings.Builder
	for _, r := range text.String() {
		if r >= 0x7F && r <= 0x9F || r == 0xFEFF || r >= 0xFFFE && r <= 0xFFFF {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	if p.flags.output == "yaml" {
		return writeYAML(p.stdout, escaped.String())
	}
	_, err := io.WriteString(p.stdout, escaped.String())
	return err
}

// writeYAML writes a JSON text, which is YAML as it is, the way people write YAML, with the members in the same order.
func writeYAML(w io.Writer, text string) error {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		return err
	}
	plain(&node)
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(&node); err != nil {
		return err
	}
	return encoder.Close()
}

// plain takes the braces and quotes of JSON away, where YAML can do without: YAML 1.2, and 1.1, which many readers still are.
func plain(node *yaml.Node) {
	ambiguous := node.Kind == yaml.ScalarNode && node.Tag == "!!str" && yaml11.MatchString(node.Value)
	if !ambiguous && (len(node.Content) > 0 || node.Kind == yaml.ScalarNode) { // empty collections keep their braces
		node.Style = 0
	}
	for _, child := range node.Content {
		plain(child)
	}
}

// yaml11 matches what YAML 1.1 takes for something else than a string if it is not quoted: https://yaml.org/type/. What 1.2 does, the
// encoder knows.
var yaml11 = regexp.MustCompile(`^(=|<<|~|null|Null|NULL|y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF` +
	`|[-+]?0b[01_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9A-Fa-f_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?` +
	`|[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$`)

// writeTable aligns the columns of rows. No cell is wrapped.
func writeTable(w io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, text := range row {
			if cells[i] = printable(text); cells[i] == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// printable keeps what others wrote from breaking lines, or from telling a terminal what to do.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
