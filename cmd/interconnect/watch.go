// --watch: the state of each link first, and then a line for each change. The API has neither events nor times, so the
// states are polled, and how long a state has lasted is known from the first poll on.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
)

// usualLinks is how many links are looked at as often as usual. More are looked at less often unless --interval is
// given, so that there are no more than 2 requests a second on average: the API has a rate limit.
const usualLinks = 10

var errNoState = errors.New("the status has no state")

// watchFlags are those of the commands that can follow links.
type watchFlags struct {
	watch    bool
	interval time.Duration
}

func (f *watchFlags) define(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.watch, "watch", false, "go on, and print each change until Ctrl-C")
	const usage = "how often to look, 1s or more (default 5s, or longer for more than 10 links)"
	cmd.Flags().DurationVar(&f.interval, "interval", 0, usage)
}

func (f *watchFlags) check(p *program, cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case given("interval") && !f.watch:
		return usagef("--interval has no meaning without --watch")
	case given("interval") && f.interval < time.Second:
		return usagef("--interval is %s, want 1s or more", f.interval)
	case f.watch && given("columns"):
		return usagef("--columns means nothing with --watch")
	case f.watch && p.flags.output != "table" && p.flags.output != "wide" && p.flags.output != "json":
		return usagef("--watch goes with -o table and -o json, not with -o %s", p.flags.output)
	}
	return nil
}

// A watcher follows links and prints what happens to them.
type watcher struct {
	links    links         // those to follow; called for each look
	named    bool          // it is one link, and somebody has named it
	interval time.Duration // 0 for one that depends on the number of links

	p       *program
	seen    map[string]*sighting
	width   int  // of the column of names
	strange bool // the list has items that cannot be understood, which has been said
}

// A sighting is the state of a link at the last look.
type sighting struct {
	state, reason string
	since         time.Time // when it was first seen to be in that state
	before        bool      // it was in that state when the watch began, so for longer than since
}

// An event is a change of a link, or the first look at it.
type event struct {
	Time   time.Time `json:"time"`
	Name   string    `json:"name"`
	State  *string   `json:"state"`            // null if it is unknown or the link is gone
	Reason string    `json:"reason,omitempty"` // for the state
	Gone   bool      `json:"gone,omitempty"`
	Error  string    `json:"error,omitempty"` // why the state is unknown

	// The state before, and for how many seconds it was seen. If AtLeast, it was there when the watch began.
	Previous string `json:"previous_state,omitempty"`
	Seconds  int64  `json:"previous_seconds,omitempty"`
	AtLeast  bool   `json:"previous_at_least,omitempty"`
}

// watch follows links until the context ends, which is not an error, or until one that somebody has named is gone.
func (p *program) watch(ctx context.Context, c *client.Client, w *watcher) error {
	w.p, w.seen = p, map[string]*sighting{}
	show := &progress{p: p}
	if p.isTerminal(p.stdout) { // somebody else writes elsewhere, who knows nothing of the line
		show = p.showProgress()
		defer show.end()
	}
	failing := false
	for first := true; ; first = false {
		err := w.look(ctx, c, first)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (first || !client.Temporary(err)):
			return err
		case err != nil && !failing:
			fmt.Fprintln(p.stderr, "warning: "+printable(p.explain(nil, err).sentence+"; looking again"))
		}
		failing = err != nil
		show.update(w.summary())
		if w.named && err == nil && len(w.seen) == 0 {
			return nil
		}
		select {
		case <-time.After(w.pause()):
		case <-ctx.Done():
			return nil
		}
	}
}

// pause is how long to wait before the next look.
func (w *watcher) pause() time.Duration {
	if w.interval > 0 {
		return w.interval
	}
	return w.p.lookEvery * time.Duration(max(usualLinks, len(w.seen))) / usualLinks
}

// look looks at all links once, and prints what has changed. Its errors are about the list of links.
func (w *watcher) look(ctx context.Context, c *client.Client, first bool) error {
	found, strange, err := w.links(ctx)
	if err != nil {
		return err
	}
	if strange != nil && !w.strange {
		fmt.Fprintln(w.p.stderr, "warning: "+strange.Error())
		w.strange = true
	}
	look(ctx, c, found)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if w.named && first && errors.Is(found[0].err, client.ErrNotFound) {
		return found[0].err
	}
	// Those that are gone since they were listed.
	found = slices.DeleteFunc(found, func(l link) bool { return errors.Is(l.err, client.ErrNotFound) })
	if first && len(found) == 0 {
		fmt.Fprintln(w.p.stderr, "no interconnects found; looking again")
	}
	var events []event
	now := time.Now()
	for _, l := range found {
		w.width = max(w.width, runewidth.StringWidth(printable(l.name)))
	}
	for _, l := range found {
		events = append(events, w.note(l, now, first)...)
	}
	for name, last := range w.seen {
		if !slices.ContainsFunc(found, func(l link) bool { return l.name == name }) {
			e := event{Time: now, Name: name, Gone: true}
			e.after(last, now)
			events = append(events, e)
			delete(w.seen, name)
		}
	}
	for _, e := range events {
		if err := w.print(e); err != nil {
			return err
		}
	}
	return nil
}

// note takes note of a link, and returns what is to be told of it.
func (w *watcher) note(l link, now time.Time, first bool) []event {
	state, reason := l.state()
	last := w.seen[l.name]
	if last != nil && last.state == state && last.reason == reason {
		return nil
	}
	e := event{Time: now, Name: l.name, State: &state, Reason: reason}
	if l.err != nil {
		e.State, e.Error = nil, w.p.explain(nil, l.err).sentence
	}
	this := &sighting{state: state, reason: reason, since: now, before: first}
	if last != nil {
		if last.state == state { // for another reason
			this.since, this.before = last.since, last.before
		} else {
			e.after(last, now)
		}
	}
	w.seen[l.name] = this
	return []event{e}
}

// after says what the state before the event was.
func (e *event) after(last *sighting, now time.Time) {
	e.Previous, e.Seconds, e.AtLeast = last.state, int64(now.Sub(last.since)/time.Second), last.before
}

// print prints an event: in JSON on one line, and otherwise on a line that is continued below if the terminal is too
// narrow.
func (w *watcher) print(e event) error {
	switch {
	case w.p.query != nil:
		return w.p.encode(e)
	case w.p.flags.output == "json":
		text, err := json.Marshal(e)
		if err == nil {
			_, err = io.WriteString(w.p.stdout, escapeControls(string(text))+"\n")
		}
		return err
	}
	state := "gone"
	switch {
	case e.State != nil:
		state = *e.State
	case !e.Gone:
		state = unknownState
	}
	clock := e.Time.Local().Format(time.TimeOnly)
	head := clock + "  " + runewidth.FillRight(printable(e.Name), w.width) + "  " + printable(state)
	note := printable(strings.Join(e.notes(), "; "))
	if note == "" {
		_, err := fmt.Fprintln(w.p.stdout, head)
		return err
	}
	line := runewidth.FillRight(head, len(clock)+2+w.width+2+len("Unhealthy")) + "  " + note
	if width := w.p.width(w.p.stdout); width > 0 && runewidth.StringWidth(line) > width {
		indent := strings.Repeat(" ", len(clock)+2)
		line = head + "\n" + indent + strings.Join(wrapText(note, max(width-len(indent), leastNote)), "\n"+indent)
	}
	_, err := fmt.Fprintln(w.p.stdout, line)
	return err
}

// notes are what is to be said of an event besides the state.
func (e event) notes() []string {
	var notes []string
	for _, note := range []string{e.Reason, e.Error} {
		if note != "" {
			notes = append(notes, note)
		}
	}
	if e.Previous != "" {
		lasted := "for "
		if e.AtLeast {
			lasted = "for at least "
		}
		notes = append(notes, "was "+e.Previous+" "+lasted+seconds(time.Duration(e.Seconds)*time.Second))
	}
	return notes
}

// summary is what the line of the terminal says: how many links there are in each state.
func (w *watcher) summary() string {
	count := map[string]int{}
	for _, s := range w.seen {
		count[s.state]++
	}
	var states []string
	for state := range count {
		states = append(states, state)
	}
	slices.Sort(states)
	text := fmt.Sprintf("%d links", len(w.seen))
	if len(w.seen) == 1 {
		text = "1 link"
	}
	for i, state := range states {
		text += []string{": ", ", "}[min(i, 1)] + fmt.Sprintf("%d %s", count[state], printable(state))
	}
	return text
}
