package upstream

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Report is the outcome of a comparison.
type Report struct {
	News  []Difference // that no note explains
	Known []Known
	Stale []Note // that explain no difference
	notes string // the file of the notes
}

// A Known difference is one that a note explains.
type Known struct {
	Difference
	Note
}

func sortOut(differences []Difference, notes []Note, file string) *Report {
	r := &Report{notes: file}
	used := make([]bool, len(notes))
	for _, d := range differences {
		i := slices.IndexFunc(notes, func(n Note) bool { return n.explains(d) })
		if i < 0 {
			r.News = append(r.News, d)
			continue
		}
		used[i] = true
		r.Known = append(r.Known, Known{d, notes[i]})
	}
	for i, note := range notes {
		if !used[i] {
			r.Stale = append(r.Stale, note)
		}
	}
	return r
}

// InStep reports whether the documents differ in nothing but what is known, and the notes are true.
func (r *Report) InStep() bool { return len(r.News) == 0 && len(r.Stale) == 0 }

// Summary is the report in one line.
func (r *Report) Summary() string {
	return fmt.Sprintf("%s, %d known, %s",
		count(len(r.News), "unexplained difference"), len(r.Known), count(len(r.Stale), "stale note"))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

// rest is what every advice ends with.
func (r *Report) rest() string { return ", or give the reason in " + r.notes }

const staleAdvice = "remove the note, and see whether our document should follow"

// Text writes one line for each difference and each stale note. The new ones are last, next to the prompt of a terminal.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, k := range r.Known {
		fmt.Fprintf(&b, "%s; known: %s\n", k.Difference, k.Reason)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return r.NewText(w)
}

// NewText writes what Text does, without the known differences.
func (r *Report) NewText(w io.Writer) error {
	var b strings.Builder
	for _, n := range r.Stale {
		fmt.Fprintf(&b, "%s:%d:%d: %s: stale, they no longer say %s where we say %s; %s\n",
			n.File, n.Line, n.Column, n.At, n.TheySay, n.WeSay, staleAdvice)
	}
	for _, d := range r.News {
		fmt.Fprintf(&b, "%s; %s%s\n", d, d.Advice(), r.rest())
	}
	fmt.Fprintln(&b, r.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}

func (d Difference) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: they say %s (%s), we say %s", d.File, d.Line, d.Column, d.At, d.TheySay, d.Theirs, d.WeSay)
}

// Markdown writes the same as tables for an issue, without the known differences.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n", r.Summary())
	if len(r.News) > 0 {
		b.WriteString("\n| In ours | What | They say | In theirs | We say | What to do |\n|---|---|---|---|---|---|\n")
		for _, d := range r.News {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", code(fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)),
				code(d.At), code(d.TheySay), code(d.Theirs), code(d.WeSay), d.Advice()+r.rest())
		}
	}
	if len(r.Stale) > 0 {
		b.WriteString("\n| Stale note | What | They said | We say | What to do |\n|---|---|---|---|---|\n")
		for _, n := range r.Stale {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(fmt.Sprintf("%s:%d:%d", n.File, n.Line, n.Column)),
				code(n.At), code(n.TheySay), code(n.WeSay), staleAdvice)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// code shows a text in a cell of a table as it is. Theirs is the text of strangers: in code it makes no link, mentions
// no user, and cannot end the cell.
func code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + strings.ReplaceAll(text, "|", `\|`) + fence
}
