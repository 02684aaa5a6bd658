package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Which operations and components of a document remain. The rules are those of oapi-codegen's options of the same
// names, so that a config file means the same.

// RuleSelectMatch is the rule that every tag and operation ID in a Select is that of an operation.
const RuleSelectMatch = "select-match"

// Select chooses operations by their tags and operation IDs, and removes the others from the document. An empty list
// does not choose; an operation remains if every list agrees. Prune also removes the components that no operation leads
// to.
type Select struct {
	IncludeTags, ExcludeTags                 []string
	IncludeOperationIDs, ExcludeOperationIDs []string
	Prune                                    bool
}

// methods are the members of a path item that are operations.
var methods = stringSet("get put post delete options head patch trace connect query")

func (l *loader) selectOperations(s Select) {
	tags, ids := map[string]bool{}, map[string]bool{}
	selected := func(operation *Node) bool {
		id := operation.Str("operationId")
		ids[id] = true
		own := operation.Strings("tags")
		for _, tag := range own {
			tags[tag] = true
		}
		tagged := func(list []string) bool {
			return slices.ContainsFunc(own, func(tag string) bool { return slices.Contains(list, tag) })
		}
		return !tagged(s.ExcludeTags) && (len(s.IncludeTags) == 0 || tagged(s.IncludeTags)) &&
			!slices.Contains(s.ExcludeOperationIDs, id) &&
			(len(s.IncludeOperationIDs) == 0 || slices.Contains(s.IncludeOperationIDs, id))
	}
	for _, m := range l.Root.Get("paths").members() {
		item := m.Value
		if target, err := l.Follow(item); err == nil && target.Node != nil {
			item = target.Node
		}
		item.keep(func(value *Node) bool { return !methods[value.name()] || selected(value) })
		item.Get("additionalOperations").keep(selected)
	}
	for _, list := range []struct {
		option string
		wanted []string
		known  map[string]bool
	}{
		{"include-tags", s.IncludeTags, tags}, {"exclude-tags", s.ExcludeTags, tags},
		{"include-operation-ids", s.IncludeOperationIDs, ids}, {"exclude-operation-ids", s.ExcludeOperationIDs, ids},
	} {
		l.checkSelected(list.option, list.wanted, list.known)
	}
	if s.Prune {
		l.prune()
	}
}

// checkSelected warns of names that no operation has.
func (l *loader) checkSelected(option string, wanted []string, known map[string]bool) {
	for _, name := range wanted {
		if known[name] {
			continue
		}
		what := fmt.Sprintf("no operation has %q, which %s lists; remove it there", name, option)
		if near := Nearest(name, slices.Sorted(maps.Keys(known))); near != "" {
			what = fmt.Sprintf("no operation has %q, which %s lists; did you mean %q?", name, option, near)
		}
		l.diagnostics = append(l.diagnostics, Diagnostic{
			Position: Position{File: l.Root.file.Name}, What: what, Rule: RuleSelectMatch, Severity: Warning,
		})
	}
}

// prune removes the components that no operation leads to. Security schemes remain, as they are named without a
// reference. A parent with a discriminator leads to the schemas that refer to it in their allOf, its variants.
func (l *loader) prune() {
	components, inComponents, variants := l.Root.Get("components"), map[*Node]bool{}, map[*Node][]*Node{}
	for _, kind := range components.members() {
		for _, m := range kind.Value.members() {
			inComponents[m.Value] = true
			for _, part := range m.Value.Get("allOf").items() {
				if parent, err := l.Follow(part); err == nil && parent.Node != part && parent.Node.Has("discriminator") {
					variants[parent.Node] = append(variants[parent.Node], m.Value)
				}
			}
		}
	}

	// Each node in the queue is used, with all that is in it.
	var queue []*Node
	used := map[*Node]bool{}
	use := func(n *Node) {
		for up := n; up != nil; up = up.parent {
			if inComponents[up] {
				n = up
				break
			}
		}
		if n != nil && !used[n] {
			used[n] = true
			queue = append(queue, n)
		}
	}
	for _, m := range l.Root.Members {
		if m.Name != "components" {
			use(m.Value)
		}
	}
	use(components.Get("securitySchemes"))
	for len(queue) > 0 {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, variant := range variants[n] {
			use(variant)
		}
		n.walk(func(n *Node) { l.eachTarget(n, use) })
	}
	for _, kind := range components.members() {
		if kind.Name != "securitySchemes" && !strings.HasPrefix(kind.Name, "x-") {
			kind.Value.keep(func(component *Node) bool { return used[component] })
		}
	}
}

// eachTarget calls use for what the references of n lead to, and for what their pointers lead through.
func (l *loader) eachTarget(n *Node, use func(*Node)) {
	lead := func(from *Node, ref string) {
		for ref != "" {
			if target, err := l.Resolve(from, ref); err == nil {
				use(target.Node)
			}
			file, fragment, _ := strings.Cut(ref, "#")
			if ref = ""; strings.Count(fragment, "/") > 3 {
				ref = file + "#" + fragment[:strings.LastIndexByte(fragment, '/')]
			}
		}
	}
	lead(n, n.Str("$ref"))
	lead(n, n.Str("$dynamicRef"))
	for _, m := range n.Get("discriminator").Get("mapping").members() {
		if m.Value.Kind != String {
			continue
		}
		if schema := l.Root.Get("components").Get("schemas").Get(m.Value.Text); schema != nil {
			use(schema)
		} else {
			lead(m.Value, m.Value.Text)
		}
	}
}
