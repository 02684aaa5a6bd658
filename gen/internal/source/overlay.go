package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

// OpenAPI Overlay 1.0 and 1.1: a file of actions that update, remove or copy what a JSONPath (RFC 9535) selects. What
// an action adds keeps its place in the overlay's file, so that a mistake in it is reported there.

// RuleOverlayMatch is the rule that an action of an overlay selects something.
const RuleOverlayMatch = "overlay-match"

// RuleOverlayKind is the rule that an update and what it updates are of the same type. With Overlay 1.0 the update replaces
// the value; Overlay 1.1 forbids it, which is an error in any case.
const RuleOverlayKind = "overlay-kind"

type overlay struct {
	*loader
	root    *Node
	version string
	actions []*Node
	cache   map[*Node]any // see value: the objects and arrays of the document that have not changed since
}

// overlay applies the overlay file called name to the root file.
func (l *loader) overlay(name string) {
	f := l.parse(name)
	l.diagnostics = append(l.diagnostics, f.problems...)
	if f.Root == nil || f.problems.HasErrors() {
		return
	}
	o := &overlay{loader: l, root: f.Root, cache: map[*Node]any{}}
	if !o.check() {
		return
	}
	for _, action := range o.actions {
		if !o.apply(action) {
			return
		}
	}
}

// check reports whether the overlay can be applied. It finds misspelled names, as what they ask for would be lost.
func (o *overlay) check() bool {
	before := len(o.diagnostics)
	version := o.root.Get("overlay")
	o.version = version.text()
	switch {
	case version == nil:
		o.errorAt(o.root, "not an overlay, as the member overlay is missing; add overlay: 1.0.0, or correct the file's name")
		return false
	case !strings.HasPrefix(o.version+".", "1.0.") && !strings.HasPrefix(o.version+".", "1.1."):
		o.errorAt(version, "version %q of overlays is not supported; use 1.0.0 or 1.1.0", o.version)
		return false
	}
	o.checkNames(o.root, "overlay", "info", "extends", "actions")
	actions := o.root.Get("actions")
	if !actions.Is(Array) && len(o.diagnostics) == before {
		o.errorAt(o.root, "the overlay has no list of actions; write actions: [{target: $.info, update: {…}}]")
	}
	for _, action := range actions.items() {
		if !action.Is(Object) || action.Str("target") == "" {
			o.errorAt(action, "the action has no target; write a JSONPath such as $.paths['/pets'].get")
			continue
		}
		switch known := o.checkNames(action, "target", "description", "update", "remove", "copy"); {
		case !known:
		case action.Has("copy") && strings.HasPrefix(o.version, "1.0"):
			o.errorAt(action.Get("copy"), "copy needs version 1.1 of overlays; write overlay: 1.1.0")
		case action.Has("copy") && !action.Get("copy").Is(String):
			o.errorAt(action.Get("copy"), "copy is of type %s; write a JSONPath such as $.info.title", action.Get("copy").Kind)
		case action.Has("remove") && !action.Get("remove").Is(Bool):
			o.errorAt(action.Get("remove"), "remove is of type %s; write true or false", action.Get("remove").Kind)
		case !action.Has("update") && !action.Has("copy") && !action.True("remove"):
			o.errorAt(action, "the action does nothing; add update, copy or remove: true")
		}
	}
	o.actions = actions.items()
	return !o.diagnostics[before:].HasErrors()
}

// checkNames reports whether all members of n are known.
func (o *overlay) checkNames(n *Node, known ...string) bool {
	before := len(o.diagnostics)
	for i := range n.Members {
		m := &n.Members[i]
		if slices.Contains(known, m.Name) || strings.HasPrefix(m.Name, "x-") {
			continue
		}
		advice := "remove it, or write one of " + strings.Join(known, ", ")
		if near := Nearest(m.Name, known); near != "" {
			advice = fmt.Sprintf("did you mean %q?", near)
		}
		o.errorAt(m.Value, "overlays have no member %q here; %s", m.Name, advice)
	}
	return len(o.diagnostics) == before
}

// apply reports whether the next action can be applied.
func (o *overlay) apply(action *Node) bool {
	targets, ok := o.find(action.Get("target"))
	if !ok {
		return true
	}
	if len(targets) == 0 {
		d := o.errorAt(action.Get("target"), "%s selects nothing in %s; correct it, or remove the action",
			action.Str("target"), o.Root.file.Name)
		d.Severity, d.Rule = Warning, RuleOverlayMatch
		return true
	}
	if action.True("remove") {
		o.remove(action, targets)
		return true
	}
	update := action.Get("update")
	if update == nil {
		sources, ok := o.find(action.Get("copy"))
		if !ok {
			return true
		}
		if len(sources) != 1 {
			o.errorAt(action.Get("copy"), "%s selects %d values in %s; select one", action.Str("copy"), len(sources),
				o.Root.file.Name)
			return true
		}
		update = sources[0].clone() // as the target may be inside of it
	}
	values, depth := update.measure()
	for _, target := range targets {
		if target.root() != o.Root {
			continue // it was in another target, whose value was replaced
		}
		if o.values += values; o.values > o.limits.Values || target.level()+depth > o.limits.Depth {
			o.errorAt(action, "the action makes the document too large; select less, or nest less deeply")
			return false
		}
		if o.changed(target); target.Kind == Array && update.Kind != Array {
			target.Items = append(target.Items, update.clone())
			target.adopt()
		} else {
			o.merge(target, update)
		}
	}
	return true
}

func (o *overlay) remove(action *Node, targets []*Node) {
	removed, parents := map[*Node]bool{}, map[*Node]bool{}
	for _, target := range targets {
		if target == o.Root {
			o.errorAt(action, "the whole document cannot be removed; correct the target")
			return
		}
		removed[target], parents[target.parent] = true, true
	}
	for parent := range parents {
		o.changed(parent)
		parent.keep(func(n *Node) bool { return !removed[n] })
	}
}

// merge updates target: objects member by member, arrays by what is added at their end, everything else is replaced.
func (o *overlay) merge(target, update *Node) {
	switch container := target.Kind >= Array || update.Kind >= Array; {
	case target.Kind == Object && update.Kind == Object:
		for i := range update.Members {
			m := &update.Members[i]
			if old := target.Get(m.Name); old != nil {
				o.changed(old)
				o.merge(old, m.Value)
			} else {
				added := *m
				added.Value = m.Value.clone()
				target.Members = append(target.Members, added)
			}
		}
		target.reindex()
	case target.Kind == Array && update.Kind == Array:
		target.Items = append(target.Items, update.clone().Items...)
		target.adopt()
	case container && update.Kind == Null:
		// "components:" without a value, which says where something is without changing it.
	default:
		if container {
			d := o.errorAt(update, "an update of type %s for #%s, which is of type %s; write one of the same type, or remove "+
				"the old value first", update.Kind, pointer(target), target.Kind)
			if d.Related = []Position{target.Pos()}; !strings.HasPrefix(o.version, "1.0") {
				return
			}
			d.Rule, d.Severity = RuleOverlayKind, Warning
		}
		target.walk(func(n *Node) {
			if n != target {
				n.parent = nil // no longer part of the document
			}
		})
		parent, ordinal := target.parent, target.ordinal
		*target = *update.clone()
		target.parent, target.ordinal = parent, ordinal
		target.adopt()
		if parent.Is(Object) {
			parent.Members[ordinal].line, parent.Members[ordinal].column = target.line, target.column
		}
	}
}

// find returns what the JSONPath in expression selects in the root file. It reports false after an error.
func (o *overlay) find(expression *Node) ([]*Node, bool) {
	query, err := jsonpath.Parse(expression.Text)
	if err != nil {
		o.errorAt(expression, "%q is not a JSONPath of RFC 9535: %s; names with characters other than letters, digits and _ "+
			"are written in brackets, as in $.paths['/pets']", expression.Text, strings.TrimPrefix(err.Error(), "jsonpath: "))
		return nil, false
	}
	located := query.SelectLocated(o.value(o.Root))
	slices.SortFunc(located, func(a, b *spec.LocatedNode) int { return a.Path.Compare(b.Path) })
	nodes := make([]*Node, 0, len(located))
	seen := map[*Node]bool{}
	for _, l := range located {
		n := o.Root
		for _, step := range l.Path {
			switch step := step.(type) {
			case spec.Name:
				n = n.Get(string(step))
			case spec.Index:
				n = n.Items[step]
			}
		}
		if !seen[n] {
			seen[n] = true
			nodes = append(nodes, n)
		}
	}
	return nodes, true
}

// value is n in the types that JSONPath works on.
func (o *overlay) value(n *Node) any {
	switch n.Kind {
	case Null:
		return nil
	case Bool:
		return n.Text == "true"
	case Number:
		return json.Number(n.Text)
	case String:
		return n.Text
	}
	if known, ok := o.cache[n]; ok {
		return known
	}
	var value any
	if n.Kind == Array {
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			items[i] = o.value(item)
		}
		value = items
	} else {
		members := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			members[m.Name] = o.value(m.Value)
		}
		value = members
	}
	o.cache[n] = value
	return value
}

// changed forgets the values of n and of what it is in.
func (o *overlay) changed(n *Node) {
	for ; n != nil; n = n.parent {
		delete(o.cache, n)
	}
}
