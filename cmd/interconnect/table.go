// Tables that fit the terminal. Output to anything else has no width: nothing of it is left out, cut or wrapped.

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

const (
	defaultWidth = 80 // of a terminal that does not say how wide it is
	columnGap    = 2  // blanks between columns
	leastNote    = 10 // the least width that is worth showing of free text
)

// width returns how many columns the terminal has that a stream is, and 0 for anything else.
func (p *program) width(stream any) int {
	if p.terminalWidth == nil {
		return 0
	}
	return p.terminalWidth(stream)
}

// fit leaves out and cuts what does not fit the terminal: it leaves out the note if all its cells are empty, cuts it
// if that suffices, and otherwise drops columns from the right, down to the first.
func (p *program) fit(
	columns []string, rows [][]string, note string,
) (fitting []string, fittingRows [][]string, dropped []string) {
	last := len(columns) - 1
	if columns[last] == note && !slices.ContainsFunc(rows, func(row []string) bool { return row[last] != "" }) {
		columns, rows = cut(columns, rows, last)
		last--
	}
	width := p.width(p.stdout)
	if width == 0 {
		return columns, rows, nil
	}
	widths := columnWidths(append([][]string{columns}, rows...))
	total := -columnGap
	for _, w := range widths {
		total += w + columnGap
	}
	if columns[last] == note && total > width && widths[last]-(total-width) >= leastNote {
		room := widths[last] - (total - width)
		for i, row := range rows {
			row = slices.Clone(row)
			row[last] = runewidth.Truncate(printable(row[last]), room, "…")
			rows[i] = row
		}
		return columns, rows, nil
	}
	n := len(columns)
	for ; n > 1 && total > width; n-- {
		total -= widths[n-1] + columnGap
	}
	fitting, fittingRows = cut(columns, rows, n)
	return fitting, fittingRows, columns[n:]
}

// cut returns the first n columns of a table.
func cut(columns []string, rows [][]string, n int) (first []string, firstRows [][]string) {
	for _, row := range rows {
		firstRows = append(firstRows, row[:n])
	}
	return columns[:n], firstRows
}

// columnWidths returns the width of the widest cell of each column.
func columnWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], runewidth.StringWidth(cell(text)))
		}
	}
	return widths
}

// cell is the text of a cell in a table.
func cell(text string) string {
	if text = printable(text); text == "" {
		return "-"
	}
	return text
}

// writeTable aligns the columns of rows.
func writeTable(w io.Writer, rows [][]string) error {
	widths := columnWidths(rows)
	var table strings.Builder
	for _, row := range rows {
		for i, text := range row {
			text = cell(text)
			table.WriteString(text)
			if i < len(row)-1 {
				table.WriteString(strings.Repeat(" ", widths[i]-runewidth.StringWidth(text)+columnGap))
			}
		}
		table.WriteByte('\n')
	}
	_, err := io.WriteString(w, table.String())
	return err
}

// wrapLast breaks the last cells of rows with names on their left, so that lines are at most width wide; 0 for no
// limit.
func wrapLast(rows [][]string, width int) [][]string {
	if width == 0 {
		return rows
	}
	room := width - columnGap - columnWidths(rows)[0]
	if room < leastNote {
		return rows
	}
	var wrapped [][]string
	for _, row := range rows {
		for i, line := range wrapText(cell(row[1]), room) {
			name := row[0]
			if i > 0 {
				name = " "
			}
			wrapped = append(wrapped, []string{name, line})
		}
	}
	return wrapped
}

// wrapText breaks a text between words into lines of at most width. A word that is wider has a line of its own.
func wrapText(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && runewidth.StringWidth(line+" "+word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// say prints a text on standard error. On a terminal it is broken between words, and goes on below with an indent.
func (p *program) say(text string) {
	const indent = "  "
	lines := []string{printable(text)}
	if width := p.width(p.stderr); width > 0 {
		lines = wrapText(lines[0], max(width-1-len(indent), leastNote))
	}
	fmt.Fprintln(p.stderr, strings.Join(lines, "\n"+indent))
}
