// The results of commands: in which format they are printed, and which of their columns.

package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/interconnect-go/interconnect/client"
)

// A layout describes how values of one kind are shown in tables and as CSV. JSON and YAML show what the API has.
type layout[T any] struct {
	columns []string         // the names of all columns, in upper case and in the order of wide tables
	listed  []string         // those that the table of a list has by default, the most important first
	note    string           // the one of listed that is free text, its last; "" for none. See fit
	row     func(T) []string // one cell for each of columns; an empty cell stands for an unknown or absent value
	name    func(T) string   // what -o name prints; nil if the values have no name
	members func(T) any      // what JSON and YAML show; nil for the value itself
}

// encodable returns what JSON and YAML show of v.
func (l layout[T]) encodable(v T) any {
	if l.members == nil {
		return v
	}
	return l.members(v)
}

// The keys of the annotations of commands, by which checkOutput knows what a command can show before it sends anything.
const (
	columnsAnnotation = "columns"
	nameAnnotation    = "name"
)

// annotations are those of a command whose results have this layout.
func (l layout[T]) annotations() map[string]string {
	a := map[string]string{columnsAnnotation: strings.Join(l.columns, ",")}
	if l.name != nil {
		a[nameAnnotation] = "yes"
	}
	return a
}

// formats are the values of --output.
var formats = []string{"table", "wide", "name", "csv", "json", "yaml"}

// structured reports whether the results are shown as the API has them, and not in columns.
func (f *globalFlags) structured() bool { return f.output == "json" || f.output == "yaml" }

// outputFormat finds --output in a command line that is wrong, so that it may not have been read.
func outputFormat(args []string) string {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	format := flags.StringP("output", "o", formats[0], "")
	_ = flags.Parse(args)
	return *format
}

// checkOutput refuses what the flags ask for and the command cannot show. It runs before anything is sent.
func (p *program) checkOutput(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	columns, hasColumns := cmd.Annotations[columnsAnnotation]
	_, hasName := cmd.Annotations[nameAnnotation]
	if given("query") {
		if given("output") && !p.flags.structured() {
			return usagef("--query goes with -o json or -o yaml, not with -o %s", p.flags.output)
		}
		query, err := parseQuery(cmd.Context(), p.flags.query)
		if err != nil {
			return err
		}
		p.query, p.rawStrings = query, !given("output")
		if p.rawStrings {
			p.flags.output = "json"
		}
	}
	switch format := p.flags.output; {
	case format == "name" && hasColumns && !hasName:
		return usagef("-o name: what %q shows has no name", cmd.CommandPath())
	case (format == "name" || format == "csv") && !hasColumns:
		return usagef("-o %s means nothing to %q", format, cmd.CommandPath())
	case given("columns") && (format == "name" || p.flags.structured()):
		return usagef("--columns goes with -o table, wide and csv only")
	case given("columns") && !hasColumns:
		return usagef("--columns means nothing to %q", cmd.CommandPath())
	}
	if given("columns") {
		return checkColumns(p.flags.columns, strings.Split(columns, ","))
	}
	return nil
}

// columnKey is the name of a column as --columns and the heading of CSV have it, such as customer-ip.
func columnKey(column string) string {
	return strings.NewReplacer(" ", "-", "_", "-").Replace(strings.ToLower(column))
}

// columnKeys are the names of columns as --columns has them.
func columnKeys(columns []string) []string {
	keys := make([]string, len(columns))
	for i, column := range columns {
		keys[i] = columnKey(column)
	}
	return keys
}

func checkColumns(chosen, columns []string) error {
	keys := columnKeys(columns)
	if len(chosen) == 0 {
		return usagef("--columns is empty, want some of %s", strings.Join(keys, ","))
	}
	for _, name := range chosen {
		key := columnKey(strings.TrimSpace(name))
		if !slices.Contains(keys, key) {
			const message = "--columns: there is no column %q%s; want some of %s"
			return usagef(message, name, didYouMean(key, keys), strings.Join(keys, ","))
		}
	}
	return nil
}

// chosen returns the columns that --columns names, which checkOutput has checked; otherwise those given.
func (p *program) chosen(columns, otherwise []string) []string {
	if len(p.flags.columns) == 0 {
		return otherwise
	}
	var chosen []string
	for _, name := range p.flags.columns {
		key := columnKey(strings.TrimSpace(name))
		i := slices.IndexFunc(columns, func(column string) bool { return columnKey(column) == key })
		chosen = append(chosen, columns[i])
	}
	return chosen
}

// cells returns those of the row of v that belong to some of its columns.
func (l layout[T]) cells(v T, columns []string) []string {
	row := l.row(v)
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = row[slices.Index(l.columns, column)]
	}
	return cells
}

// printOne prints the result of an operation: in a table, one line for each of its columns. If the response deviates
// from the document, JSON and YAML show all of it, and so do tables if the operation has changed something, since
// it cannot be asked for again.
func printOne[T any](p *program, operation string, v T, l layout[T]) error {
	whole := json.RawMessage(p.deviations.body(operation))
	if err := printValue(p, v, whole, changes(operation), l); err != nil {
		return fmt.Errorf("what was asked for is done, but the result cannot be shown: %w", err)
	}
	return nil
}

// printValue prints v, or whole in its place, which is the JSON that v was read from; nil if v has all of it.
func printValue[T any](p *program, v T, whole json.RawMessage, keep bool, l layout[T]) error {
	if p.flags.structured() {
		if whole != nil {
			return p.encode(whole)
		}
		return p.encode(l.encodable(v))
	}
	keep = keep && whole != nil
	columns := p.chosen(l.columns, l.columns)
	if p.flags.output == "name" || p.flags.output == "csv" {
		if keep {
			fmt.Fprintln(p.stderr, "response: "+printable(string(whole)))
		}
		if p.flags.output == "name" {
			return p.printNames(l.name(v))
		}
		return p.writeCSV(columns, [][]string{l.cells(v, columns)})
	}
	var rows [][]string
	for i, text := range l.cells(v, columns) {
		rows = append(rows, []string{columns[i], text})
	}
	if keep {
		rows = append(rows, []string{"RESPONSE", string(whole)})
	}
	if p.flags.output == "table" {
		rows = wrapLast(rows, p.width(p.stdout))
	}
	return writeTable(p.stdout, rows)
}

// printList prints the first limit values of a list, all if the limit is 0. It prints nothing before it has all of
// them, so that part of a list is never mistaken for the whole. An item that cannot be understood is left out, and is
// an error after the others.
func printList[T any](p *program, what string, list iter.Seq2[T, error], limit int32, l layout[T]) error {
	items, strange, err := collect(list, limit)
	if err != nil {
		return err
	}
	if err := printItems(p, what, items, l); err != nil {
		return err
	}
	return strange.orNil()
}

// collect returns the first limit values of a list, all if the limit is 0, and the items among them that cannot be
// understood.
func collect[T any](list iter.Seq2[T, error], limit int32) (items []T, strange strangeItems, err error) {
	for item, err := range list {
		var one *client.ItemError
		switch {
		case errors.As(err, &one):
			strange = append(strange, one)
		case err != nil:
			return nil, nil, err
		default:
			items = append(items, item)
		}
		if len(items) == int(limit) && limit > 0 {
			break
		}
	}
	return items, strange, nil
}

// printItems prints a list. If it is empty that is [] in JSON and YAML, and otherwise a line on standard error.
func printItems[T any](p *program, what string, items []T, l layout[T]) error {
	if p.flags.structured() {
		encodable := make([]any, len(items))
		for i, item := range items {
			encodable[i] = l.encodable(item)
		}
		return p.encode(encodable)
	}
	if len(items) == 0 {
		if _, err := fmt.Fprintf(p.stderr, "no %s found\n", what); err != nil || p.flags.output != "csv" {
			return err
		}
	}
	if p.flags.output == "name" {
		var names []string
		for _, item := range items {
			names = append(names, l.name(item))
		}
		return p.printNames(names...)
	}
	columns := l.columns
	if p.flags.output == "table" {
		columns = l.listed
	}
	columns = p.chosen(l.columns, columns)
	var rows [][]string
	for _, item := range items {
		rows = append(rows, l.cells(item, columns))
	}
	if p.flags.output == "csv" {
		return p.writeCSV(columns, rows)
	}
	var dropped []string
	if p.flags.output == "table" && len(p.flags.columns) == 0 {
		columns, rows, dropped = p.fit(columns, rows, l.note)
	}
	err := writeTable(p.stdout, append([][]string{columns}, rows...))
	if len(dropped) > 0 {
		p.say("no room for " + strings.Join(dropped, ", ") + "; see -o wide")
	}
	return err
}

// printNames prints names, one on each line.
func (p *program) printNames(names ...string) error {
	for _, name := range names {
		if _, err := fmt.Fprintln(p.stdout, printable(name)); err != nil {
			return err
		}
	}
	return nil
}

// writeCSV writes rows as CSV under a heading, with line feeds. Cells are as the service gave them unless a terminal
// would act on them.
func (p *program) writeCSV(columns []string, rows [][]string) error {
	w := csv.NewWriter(p.stdout)
	_ = w.Write(columnKeys(columns)) // the errors of a csv.Writer stay until Flush
	for _, row := range rows {
		if p.isTerminal(p.stdout) {
			row = slices.Clone(row)
			for i := range row {
				row[i] = printable(row[i])
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return w.Error()
}

// strangeItems are the items of a list that cannot be understood.
type strangeItems []*client.ItemError

func (s strangeItems) Error() string {
	return fmt.Sprintf("%d of the items cannot be understood and are left out above", len(s))
}

// orNil returns the error, which is nil if there are no such items.
func (s strangeItems) orNil() error {
	if len(s) == 0 {
		return nil
	}
	return s
}

// limitFlag defines the flag for the limit of printList.
func limitFlag(cmd *cobra.Command, limit *int32) {
	cmd.Flags().Int32Var(limit, "limit", 0, "list no more than this many; 0 for all")
}

// pageSize is how much to ask for at a time. No more than needed, but the API documents no maximum, so no more than
// usual either.
func pageSize(limit int32) (*int32, error) {
	switch {
	case limit < 0:
		return nil, usagef("--limit is %d, want 0 or more", limit)
	case limit == 0:
		return nil, nil
	}
	return new(min(limit, 100)), nil
}

// printable replaces the characters of a text by others' hands that would break its line or control a terminal.
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

// printableLines is printable for a text of several lines, which may be indented by tabs.
func printableLines(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
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

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
