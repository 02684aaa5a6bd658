package reference

// The forms of a page are filled in with what exists in the sandbox, so that the first click does what the form is for.
// Swagger UI fills in what the document has as examples; so its forms get a document of their own, which differs from
// the one that is published in nothing else. No query parameter is filled in: each would filter the list that somebody
// wants to see.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// exampleAccount is the account of the document's examples. Every account exists in a sandbox.
const exampleAccount = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"

// ---- The document ----

// formsOf returns a copy of the document in which each operation has its parameters itself, in place of references, and
// no parameter has an example that a form would be filled in with.
func formsOf(tree *yaml.Node) *yaml.Node {
	copied := clone(tree)
	root := copied.Content[0]
	for _, item := range members(member(root, "paths")) {
		shared := member(item, "parameters")
		remove(item, "parameters")
		for method, op := range members(item) {
			if slices.Contains(methods, method) {
				set(op, "parameters", parametersOf(root, shared, member(op, "parameters")))
			}
		}
	}
	return copied
}

// parametersOf merges the parameters of a path and of an operation, whose own replace those of the path.
func parametersOf(root, shared, own *yaml.Node) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	at := map[string]int{}
	for _, from := range []*yaml.Node{shared, own} {
		if from == nil {
			continue
		}
		for _, p := range from.Content {
			p = clone(resolve(root, p))
			if schema := member(p, "schema"); schema != nil {
				schema = clone(resolve(root, schema))
				remove(schema, "example")
				set(p, "schema", schema)
			}
			key := text(member(p, "in")) + " " + text(member(p, "name"))
			if i, replaced := at[key]; replaced {
				list.Content[i] = p
				continue
			}
			at[key] = len(list.Content)
			list.Content = append(list.Content, p)
		}
	}
	return list
}

// resolve follows references within the document. What leads nowhere, or in a circle, is returned as it is.
func resolve(root, n *yaml.Node) *yaml.Node {
	for range 10 {
		ref, ok := strings.CutPrefix(text(member(n, "$ref")), "#/")
		if !ok {
			return n
		}
		target := root
		for name := range strings.SplitSeq(ref, "/") {
			target = member(target, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
		}
		if target == nil {
			return n
		}
		n = target
	}
	return n
}

// fill returns the document of the forms, as JSON, with the values that there are. It changes copies of the operations
// only.
func (d document) fill(v values) ([]byte, error) {
	root := shallow(d.forms.Content[0])
	paths := shallow(member(root, "paths"))
	set(root, "paths", paths)
	for path, item := range members(paths) {
		item = shallow(item)
		set(paths, path, item)
		for method, op := range members(item) {
			if slices.Contains(methods, method) {
				op = clone(op)
				set(item, method, op)
				v.fill(d.forms.Content[0], op)
			}
		}
	}
	return appendJSON(nil, root, 0)
}

// fill gives the parameters and the body of an operation the values that there are as examples.
func (v values) fill(root, op *yaml.Node) {
	id := text(member(op, "operationId"))
	for _, p := range member(op, "parameters").Content {
		example := text(member(p, "example"))
		remove(p, "example")
		remove(p, "examples")
		value, note := "", ""
		if text(member(p, "in")) == "path" {
			value, note = v.parameter(id, text(member(p, "name")))
			if value == "" {
				value = example
			}
		} else if example != "" {
			note = "For example: " + example
		}
		if value != "" {
			set(p, "example", scalar(value))
		}
		if note != "" {
			set(p, "description", scalar(strings.TrimSpace(text(member(p, "description"))+"\n\n"+note)))
		}
	}
	body := resolve(root, member(op, "requestBody"))
	if body == nil {
		return
	}
	body = clone(body)
	set(op, "requestBody", body)
	for _, content := range members(member(body, "content")) {
		if whole := v.body(id); whole != nil {
			set(content, "example", whole)
			continue
		}
		if example := member(content, "example"); example != nil {
			v.replace(id, example)
		}
		examples := member(content, "examples")
		for name, example := range members(examples) {
			example = clone(resolve(root, example))
			set(examples, name, example)
			v.replace(id, member(example, "value"))
		}
	}
}

// replace puts the values that there are in the place of those of an example, by the names of the members.
func (v values) replace(operationID string, n *yaml.Node) {
	if n == nil {
		return
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && child.Kind == yaml.ScalarNode {
			if value := v.member(operationID, n.Content[i-1].Value, child.Value); value != "" {
				n.Content[i] = scalar(value)
			}
			continue
		}
		v.replace(operationID, child)
	}
}

// ---- The values ----

// values are what the forms are filled in with: something that exists, and can be ordered, of one account. The zero
// values leave the examples of the document as they are.
type values struct {
	known         bool // whether there is a sandbox to look into
	account       string
	free          *interconnect.Slot
	interconnects []sandbox.InterconnectOverview // the newest first
	cnis          []interconnect.CNI             // the newest first
	conduits      map[string]bool                // the conduit names in use
	snapshot      *yaml.Node                     // the whole state; nil if it is too large for a form
}

// formLimit is how many objects of a sandbox the forms know.
const formLimit = 500

// newValues chooses the account of the document's examples if it has anything, and otherwise the one that was active
// last.
func newValues(o sandbox.Overview) values {
	v := values{known: true, account: exampleAccount, free: o.FreeSlot, conduits: map[string]bool{}}
	of := func(ic sandbox.InterconnectOverview) bool { return ic.Account == v.account }
	if len(o.Interconnects) > 0 && !slices.ContainsFunc(o.Interconnects, of) {
		v.account = o.Interconnects[0].Account
	}
	for _, ic := range o.Interconnects {
		if of(ic) {
			v.interconnects = append(v.interconnects, ic)
		}
	}
	for _, cni := range o.CNIs {
		if cni.Account == v.account {
			v.cnis = append(v.cnis, cni)
			v.conduits[cni.Magic.ConduitName] = true
		}
	}
	return v
}

// restoreSnapshot is the operation of the control API that takes a whole state.
const restoreSnapshot = "restore_snapshot"

// maxFormSnapshot is the largest state, in bytes, that a form is filled in with.
const maxFormSnapshot = 64 << 10

// withSnapshot adds the whole state.
func (v values) withSnapshot(s sandbox.Snapshot) (values, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return v, err
	}
	if len(text) > maxFormSnapshot {
		if text, err = json.Marshal(sandbox.Snapshot{}); err != nil {
			return v, err
		}
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(text, &tree); err != nil { // JSON is YAML
		return v, err
	}
	v.snapshot = tree.Content[0]
	return v, nil
}

// parameter returns the value of a path parameter of an operation, empty if there is none, and a note for the reader.
func (v values) parameter(operationID, name string) (value, note string) {
	if !v.known {
		return "", ""
	}
	switch name {
	case "account_id":
		return v.account, ""
	case "slot":
		return v.slot(), ""
	case "icon", "interconnect_name":
		if ic := v.interconnectFor(operationID); ic != "" {
			return ic, ""
		}
		return "", "**There is no interconnect yet.** Order one with create_interconnect first."
	case "cni":
		if len(v.cnis) > 0 {
			return v.cnis[0].ID.String(), ""
		}
		return "", "**There is no CNI yet.** Create one with create_cni first."
	}
	return "", ""
}

// slot returns the ID of a free slot, or else of one that the account occupies; empty if there is neither.
func (v values) slot() string {
	if v.free != nil {
		return v.free.ID.String()
	}
	for _, ic := range v.interconnects {
		if physical, ok := ic.Interconnect.Value().(interconnect.PhysicalInterconnect); ok {
			return physical.SlotID.String()
		}
	}
	return ""
}

// interconnectFor returns the name of the interconnect that an operation works for: one with a Letter of Authorization,
// or one without CNIs, which can be deleted. If there is none, it is the newest one, and empty if there is none at all.
func (v values) interconnectFor(operationID string) string {
	suits := func(sandbox.InterconnectOverview) bool { return true }
	switch operationID {
	case "get_interconnect_loa", "get_interconnect_loa_default_name":
		suits = func(ic sandbox.InterconnectOverview) bool {
			_, physical := ic.Interconnect.Value().(interconnect.PhysicalInterconnect)
			return physical
		}
	case "delete_interconnect":
		suits = func(ic sandbox.InterconnectOverview) bool {
			return !slices.ContainsFunc(v.cnis, func(cni interconnect.CNI) bool { return cni.Interconnect == ic.Name })
		}
	}
	if i := slices.IndexFunc(v.interconnects, suits); i >= 0 {
		return v.interconnects[i].Name
	}
	if len(v.interconnects) > 0 {
		return v.interconnects[0].Name
	}
	return ""
}

// member returns the value of a member of a request body, empty if that of the example will do.
func (v values) member(operationID, name, example string) string {
	updated := interconnect.CNI{}
	if operationID == "update_cni" && len(v.cnis) > 0 {
		updated = v.cnis[0]
	}
	if !v.known || operationID == "update_cni" && len(v.cnis) == 0 {
		return ""
	}
	switch name {
	case "account":
		return v.account
	case "slot_id":
		return v.slot()
	case "speed":
		if v.free != nil {
			return v.free.Speed
		}
	case "pairing_key": // another one each time, as a key can be used once
		_, place, _ := strings.Cut(example, "/")
		return uuid.NewString() + "/" + place
	case "interconnect":
		if updated.Interconnect != "" {
			return updated.Interconnect
		}
		return v.interconnectFor(operationID)
	case "conduit_name":
		if updated.Magic.ConduitName != "" {
			return updated.Magic.ConduitName
		}
		for i := len(v.cnis) + 1; ; i++ {
			if name := fmt.Sprintf("cni-%d", i); !v.conduits[name] {
				return name
			}
		}
	case "id":
		if updated.Account != "" {
			return updated.ID.String()
		}
	case "cust_ip":
		return updated.CustomerIP
	case "p2p_ip":
		return updated.CloudflareIP
	}
	return ""
}

// body returns the whole body of an operation that no example of the document can be made to fit.
func (v values) body(operationID string) *yaml.Node {
	if operationID == restoreSnapshot {
		return v.snapshot
	}
	return nil
}

// ---- YAML ----

// clone copies a tree. Its aliases stay aliases.
func clone(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

// shallow copies a node but not what is below it.
func shallow(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = slices.Clone(n.Content)
	return &c
}

// set adds a member to a YAML mapping, or replaces it.
func set(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, scalar(key), value)
}

// scalar is a text; it is quoted where it would be read as something else.
func scalar(text string) *yaml.Node {
	var n yaml.Node
	n.SetString(text)
	return &n
}

// maxDepth bounds what is written as JSON, since an alias may stand for what it is in.
const maxDepth = 1000

// appendJSON writes a tree as JSON, with the members in their order.
func appendJSON(b []byte, n *yaml.Node, depth int) (_ []byte, err error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested more than %d deep", n.Line, maxDepth)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return appendJSON(b, n.Alias, depth+1)
	case yaml.MappingNode:
		b = append(b, '{')
		first := true
		for name, value := range members(n) {
			if !first {
				b = append(b, ',')
			}
			first = false
			key, err := json.Marshal(name)
			if err != nil {
				return nil, err
			}
			if b, err = appendJSON(append(append(b, key...), ':'), value, depth+1); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case yaml.SequenceNode:
		b = append(b, '[')
		for i, value := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, value, depth+1); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	var value any = n.Value
	if tag := n.ShortTag(); tag == "!!int" || tag == "!!float" || tag == "!!bool" || tag == "!!null" {
		if err := n.Decode(&value); err != nil {
			return nil, err
		}
	}
	scalar, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", n.Line, err)
	}
	return append(b, scalar...), nil
}

// text is the value of a scalar, empty if it is not one.
func text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}
