package reconcile

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Count returns how many steps have an action.
func (p *Plan) Count(action Action) int {
	n := 0
	for _, step := range p.Steps {
		if step.Action == action {
			n++
		}
	}
	return n
}

// Counts says how many steps of each kind there are.
func (p *Plan) Counts() string {
	var texts []string
	for _, action := range []Action{Order, Create, Change, Delete} {
		if n := p.Count(action); n > 0 {
			texts = append(texts, fmt.Sprintf("%d to %s", n, action))
		}
	}
	if len(texts) == 0 {
		return "nothing to do"
	}
	return strings.Join(texts, ", ")
}

// WriteText writes the plan for people, without its problems. clean makes the texts of others fit to be shown.
func (p *Plan) WriteText(w io.Writer, clean func(string) string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Account %s: %s, %d as they should be.\n", clean(p.Account), p.Counts(), p.Unchanged)
	for _, step := range p.Steps {
		fmt.Fprintf(&b, "\n  %s %s\n", step.sign(), clean(step.String()))
		for _, fact := range step.Facts {
			if fact.Value != "" {
				fmt.Fprintf(&b, "      %s: %s\n", fact.Name, clean(fact.Value))
			}
		}
		for _, d := range step.Changes {
			fmt.Fprintf(&b, "      %s: %s -> %s\n", dotted(d.Pointer), clean(textOf(d.From)), clean(textOf(d.To)))
		}
	}
	if len(p.Notes) > 0 {
		b.WriteByte('\n')
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "  note: %s\n", clean(note.Where+": "+note.Message))
	}
	if len(p.Unmanaged) > 0 {
		b.WriteString("\n  not in the file, and left alone:\n")
	}
	for _, text := range p.Unmanaged {
		fmt.Fprintf(&b, "      %s\n", clean(text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Step) sign() string {
	switch s.Action {
	case Change:
		return "~"
	case Delete:
		return "-"
	}
	return "+"
}

// String says what the step does, such as "order interconnect ashburn".
func (s *Step) String() string {
	if s.Object == "settings" {
		return "change the settings"
	}
	return fmt.Sprintf("%s %s %s", s.Action, s.Object, s.Label)
}

// Outcome says what the step has done, such as "ordered interconnect ashburn: direct-iad-a-7d41f0c2".
func (s *Step) Outcome() string {
	if s.Object == "settings" {
		return "changed the settings"
	}
	done := map[Action]string{Order: "ordered", Create: "created", Change: "changed", Delete: "deleted"}
	text := fmt.Sprintf("%s %s %s", done[s.Action], s.Object, s.Label)
	if s.Result != "" {
		text += ": " + s.Result
	}
	return text
}

// textOf writes a JSON value for people.
func textOf(value json.RawMessage) string {
	var v any
	if decodeNumbers(orNull(value), &v) != nil {
		return string(value)
	}
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if v == "" || strings.TrimSpace(v) != v {
			return fmt.Sprintf("%q", v)
		}
		return v
	case []any:
		var texts []string
		for _, item := range v {
			texts = append(texts, textOf(encode(item)))
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]any:
		var texts []string
		for _, name := range sorted(v) {
			texts = append(texts, name+" "+textOf(encode(v[name])))
		}
		return strings.Join(texts, ", ")
	}
	return string(value)
}

// flatten visits the values of an object that are not objects themselves.
func flatten(text json.RawMessage, pointer string, visit func(pointer string, value json.RawMessage)) {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		visit(pointer, text)
		return
	}
	for _, name := range sorted(members) {
		flatten(members[name], pointer+"/"+name, visit)
	}
}

// dotted writes a JSON pointer for people, such as magic.mtu.
func dotted(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}

func sorted[T any](members map[string]T) []string { return slices.Sorted(maps.Keys(members)) }
