package source

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Where references lead. A reference names a file or a schema by its "$id", and in it a place by a JSON pointer or by
// an "$anchor". All files that a reference can name have been read by now, see loadReferenced.

// A Ref is where a reference leads.
type Ref struct {
	Node    *Node  // nil only for a URL that Options.ImportMapping has
	File    *File  // whose tree Node is in
	Pointer string // JSON pointer of Node in File, "/components/schemas/Pet"; empty for the whole file
	Key     string // last part of Pointer, "Pet"; for a whole file its name without folder and extension
}

// Pointer is the JSON pointer of n as a URI fragment, "#/components/schemas/Pet"; with the name of the file before it,
// "other.yaml#/Pet", if n is not in the tree of the root file.
func (d *Document) Pointer(n *Node) string {
	where := "#" + pointer(n)
	if root := n.root(); root != d.Root {
		where = root.file.Name + where
	}
	return where
}

// Resolve follows a reference one step. It is the text of a "$ref" in the object from, or of an entry of a
// discriminator's mapping, which is then from itself. An error is of type [Diagnostics].
func (d *Document) Resolve(from *Node, ref string) (Ref, error) {
	steps := maxSteps
	return d.resolve(from, ref, &steps)
}

// ResolveDynamic is Resolve for the text of a "$dynamicRef". It is an error if the reference leads to different places
// depending on the schemas it is reached through.
func (d *Document) ResolveDynamic(from *Node, ref string) (Ref, error) {
	target, err := d.Resolve(from, ref)
	if err != nil {
		return Ref{}, err
	}
	_, fragment, _ := strings.Cut(ref, "#")
	if candidates := d.dynamic[fragment]; len(candidates) > 1 && slices.Contains(candidates, target.Node) {
		problem := d.referenceError(from, ref, "%q depends on the schemas it is reached through, as $dynamicAnchor: %s "+
			"is declared in %d places; use $ref to name one of them", ref, fragment, len(candidates))
		for _, candidate := range candidates {
			problem[0].Related = append(problem[0].Related, candidate.Pos())
		}
		return Ref{}, problem
	}
	return target, nil
}

// Follow follows the chain of "$ref" that starts at n to its end, which is n itself if it is not a reference. The
// members beside a "$ref", which have a meaning in schemas since OpenAPI 3.1, are passed over. An error is of type
// [Diagnostics].
func (d *Document) Follow(n *Node) (Ref, error) {
	steps := maxSteps
	return d.follow(n, &steps)
}

// maxSteps bounds the references that are followed to find one place. What needs more is a circle.
const maxSteps = 100

func (d *Document) follow(n *Node, steps *int) (Ref, error) {
	first, target := n, d.ref(n)
	for target.Node.Get("$ref").Is(String) {
		ref := target.Node.Str("$ref")
		if *steps--; *steps < 0 {
			return Ref{}, d.referenceError(first, first.Str("$ref"), "%q is part of a circle of references; replace one of "+
				"them by a definition", first.Str("$ref"))
		}
		var err error
		if target, err = d.resolve(target.Node, ref, steps); err != nil {
			return Ref{}, err
		}
	}
	return target, nil
}

// ref describes n as the end of a reference.
func (d *Document) ref(n *Node) Ref {
	if n == nil {
		return Ref{}
	}
	r := Ref{Node: n, File: n.root().file, Pointer: pointer(n)}
	if r.Key = n.name(); n.parent == nil {
		base := path.Base(r.File.Name)
		r.Key = strings.TrimSuffix(base, path.Ext(base))
	}
	return r
}

func (d *Document) resolve(from *Node, ref string, steps *int) (Ref, error) {
	if ref == "" {
		return Ref{}, d.referenceError(from, ref, "the reference is empty; a reference looks like #/components/schemas/Name")
	}
	uri, fragment, _ := strings.Cut(ref, "#")
	start := d.resource(from)
	tree := start.root()
	if uri != "" {
		start = d.resources[join(d.base(start), uri)]
	}
	if start == nil {
		name := uri
		if !isURI(uri) {
			name = join(tree.file.Name, uri)
		}
		f := d.files[name]
		if goPackage := d.imports[name]; f == nil && goPackage != "" {
			key := path.Base(fragment)
			return Ref{File: &File{Name: name, Package: goPackage}, Pointer: fragment, Key: unescapeToken(key)}, nil
		}
		if f == nil || f.Root == nil || f.problems.HasErrors() {
			return Ref{}, d.fileError(from, ref, name, f)
		}
		start = f.Root
	}
	if strings.Contains(fragment, "%") {
		if n, _, _ := d.descend(start, fragment, steps); n == nil { // unless a name has the percent sign itself
			fragment = unescape(fragment)
		}
	}
	if fragment != "" && fragment[0] != '/' {
		if n := d.anchors[anchor{start, fragment}]; n != nil {
			return d.ref(n), nil
		}
		return Ref{}, d.referenceError(from, ref, "%q leads nowhere; %s", ref, d.adviseAnchor(uri, start, fragment))
	}
	n, at, rest := d.descend(start, fragment, steps)
	if n == nil && start.parent != nil { // "#/components/…" within a schema that has an "$id", which many get wrong
		n, at, rest = d.descend(start.root(), fragment, steps)
	}
	if n == nil {
		return Ref{}, d.referenceError(from, ref, "%q leads nowhere; %s", ref, d.advise(uri, at, rest, steps))
	}
	return d.ref(n), nil
}

// descend follows a JSON pointer from n, through references where the values are beyond them. If it leads nowhere,
// descend returns nil, the last node on the way, and the rest of the pointer.
func (d *Document) descend(n *Node, pointer string, steps *int) (found, at *Node, rest string) {
	for pointer != "" {
		if pointer[0] != '/' {
			return nil, n, "/" + pointer
		}
		token, next, more := strings.Cut(pointer[1:], "/")
		child := n.child(unescapeToken(token))
		if child == nil && n.Get("$ref").Is(String) {
			if target, err := d.follow(n, steps); err == nil {
				child = target.Node.child(unescapeToken(token))
			}
		}
		if child == nil {
			return nil, n, pointer
		}
		n, pointer = child, ""
		if more {
			pointer = "/" + next
		}
	}
	return n, n, ""
}

// child is the member or item that a token of a JSON pointer names.
func (n *Node) child(token string) *Node {
	if n.Is(Array) {
		if i, err := strconv.Atoi(token); err == nil && 0 <= i && i < len(n.Items) && strconv.Itoa(i) == token {
			return n.Items[i]
		}
		return nil
	}
	return n.Get(token)
}

// advise says what to do about a pointer into a file, named as in the reference, that leads to at and not further.
func (d *Document) advise(file string, at *Node, rest string, steps *int) string {
	token, next, more := strings.Cut(rest[1:], "/")
	token = unescapeToken(token)
	if more {
		next = "/" + next
	}
	prefix := file + "#" + pointer(at)
	if near := Nearest(token, at.Names()); near != "" {
		if n, _, _ := d.descend(at.Get(near), next, steps); n != nil {
			return fmt.Sprintf("did you mean %q?", prefix+"/"+escapeToken(near)+next)
		}
	}
	if place := component(at.root(), path.Base(rest)); place != "" {
		return fmt.Sprintf("did you mean %q?", file+place)
	}
	return fmt.Sprintf("add %s to %q, or correct the reference", token, prefix)
}

// component is the place of the component, of any kind, with this escaped name; empty if there is none.
func component(root *Node, name string) string {
	for _, kind := range root.Get("components").members() {
		if kind.Value.Has(unescapeToken(name)) {
			return "#/components/" + escapeToken(kind.Name) + "/" + name
		}
	}
	return ""
}

func (d *Document) adviseAnchor(file string, start *Node, name string) string {
	if place := component(start.root(), path.Base(name)); place != "" {
		return fmt.Sprintf("did you mean %q?", file+place)
	}
	var names []string
	for a := range d.anchors {
		if a.resource == start {
			names = append(names, a.name)
		}
	}
	slices.Sort(names)
	if near := Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", file+"#"+near)
	}
	return "a reference looks like #/components/schemas/Name"
}

// fileError says why a reference into the file called name does not lead anywhere. f is nil if the file is not known.
func (d *Document) fileError(from *Node, ref, name string, f *File) Diagnostics {
	switch {
	case f != nil && f.Root == nil && f.problems[0].Position.Line > 0, f != nil && f.Root != nil:
		return f.problems // of the text: one line for each cause
	case isURI(name):
		return d.referenceError(from, ref, "%q is not fetched over the network; download the file and use its local path",
			ref)
	}
	if place := component(d.Root, escapeToken(ref)); place != "" {
		return d.referenceError(from, ref, "there is no file %q; did you mean %q?", name, place)
	}
	if strings.Contains(ref, `\`) {
		return d.referenceError(from, ref, "there is no file %q; use / instead of \\", name)
	}
	if f == nil {
		return d.referenceError(from, ref, "the file %q is not part of the document; use $ref to refer to it", name)
	}
	what, _, _ := strings.Cut(strings.TrimPrefix(f.problems[0].What, "the file "), ";")
	return d.referenceError(from, ref, "%q leads nowhere, as the file %q %s; %s", ref, name, what, d.adviseFile(name))
}

func (d *Document) adviseFile(name string) string {
	var names []string
	for _, other := range slices.Sorted(maps.Keys(d.files)) {
		if d.files[other].Root != nil {
			names = append(names, other)
		}
	}
	if near := Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "correct its name, or create it"
}

// referenceError reports something at the place where ref stands, in from.
func (d *Document) referenceError(from *Node, ref, format string, args ...any) Diagnostics {
	at := from
	for _, keyword := range []string{"$ref", "$dynamicRef"} {
		if n := from.Get(keyword); n.Is(String) && n.Text == ref {
			at = n
			break
		}
	}
	return Diagnostics{{Position: at.Pos(), Where: fragment(at), What: fmt.Sprintf(format, args...)}}
}

// Identifiers are the names that schemas give themselves, since OpenAPI 3.1: "$id" makes a schema a resource with a URI
// of its own, "$anchor" and "$dynamicAnchor" name a place in a resource. A file is a resource too.
type identifiers struct {
	resources map[string]*Node   // by absolute URI, or by what stands for it: the name that a file of this name would have
	bases     map[*Node]string   // the same, the other way round
	anchors   map[anchor]*Node   // static and dynamic
	dynamic   map[string][]*Node // by name: the schemas that have it as "$dynamicAnchor"
}

type anchor struct {
	resource *Node
	name     string
}

// resource is the nearest resource around n.
func (d *Document) resource(n *Node) *Node {
	for n.parent != nil && d.bases[n] == "" {
		n = n.parent
	}
	return n
}

// base is the URI that references in a resource are relative to.
func (d *Document) base(resource *Node) string {
	if base := d.bases[resource]; base != "" {
		return base
	}
	return resource.root().file.Name
}

// identify finds the identifiers in all files.
func (l *loader) identify() {
	if l.Version == V30 {
		return
	}
	l.identifiers = identifiers{map[string]*Node{}, map[*Node]string{}, map[anchor]*Node{}, map[string][]*Node{}}
	for _, f := range l.Files {
		if f.Root == nil {
			continue
		}
		if self := f.Root.Str("$self"); self != "" {
			l.addResource(f.Root, join(f.Name, self))
		}
		l.identifyIn(f.Root, f.Root, false)
	}
}

func (l *loader) addResource(n *Node, uri string) {
	l.bases[n] = uri
	if l.resources[uri] == nil {
		l.resources[uri] = n
	}
}

// Keywords whose value is a payload, in which nothing is an identifier; and those whose value is an object with names
// of the author's in place of keywords.
var (
	payloads = stringSet("example examples default const enum value dataValue")
	nameMaps = stringSet("properties patternProperties dependentSchemas $defs definitions schemas parameters responses " +
		"requestBodies headers examples securitySchemes links callbacks pathItems mediaTypes paths webhooks variables " +
		"content encoding mapping scopes")
)

func stringSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// identifyIn finds the identifiers in n. Names says that the members of n are not keywords.
func (l *loader) identifyIn(n, resource *Node, names bool) {
	for _, item := range n.Items {
		l.identifyIn(item, resource, false)
	}
	if !names && n.Kind == Object {
		if id, _, _ := strings.Cut(n.Str("$id"), "#"); id != "" {
			l.addResource(n, join(l.base(resource), id))
			resource = n
		}
		if name := n.Str("$anchor"); name != "" {
			l.anchors[anchor{resource, name}] = n
		}
		if name := n.Str("$dynamicAnchor"); name != "" {
			l.anchors[anchor{resource, name}] = n
			l.dynamic[name] = append(l.dynamic[name], n)
		}
	}
	for _, m := range n.Members {
		if names || !payloads[m.Name] || m.Name == "examples" && m.Value.Kind == Object {
			l.identifyIn(m.Value, resource, !names && nameMaps[m.Name] && m.Value.Kind == Object)
		}
	}
}

// isURI reports whether s has a scheme, as in "https://…" and "urn:…". A single letter is a drive of Windows.
func isURI(s string) bool {
	scheme, _, ok := strings.Cut(s, ":")
	return ok && len(scheme) > 1 && strings.IndexFunc(scheme, func(r rune) bool {
		return !('a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '+' || r == '.' || r == '-')
	}) < 0
}

// join resolves the reference ref against base, which is a URI or the name of a file.
func join(base, ref string) string {
	switch {
	case isURI(ref):
		return ref
	case isURI(base):
		b, err := url.Parse(base)
		r, err2 := url.Parse(ref)
		if err != nil || err2 != nil {
			return ref
		}
		return b.ResolveReference(r).String()
	}
	ref = unescape(ref)
	if path.IsAbs(ref) {
		return path.Clean(ref)
	}
	return path.Join(path.Dir(base), ref)
}

// unescape decodes the percent signs of a URI. What is not a valid escape stands for itself.
func unescape(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

func unescapeToken(token string) string { return tokenUnescaper.Replace(token) }
