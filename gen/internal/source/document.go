// Package source turns OpenAPI files into one tree of values with positions.
package source

// A Version is a minor version of OpenAPI.
type Version uint8

const (
	V30 Version = iota // 3.0.x
	V31                // 3.1.x
	V32                // 3.2.x
)

// String is "3.0", "3.1" or "3.2".
func (v Version) String() string { return [...]string{"3.0", "3.1", "3.2"}[v] }

// A File is one file that the document consists of.
type File struct {
	Name    string // as it was given to Load, or relative to the same folder; slashes
	Root    *Node  // nil if the file could not be read
	Package string // import path of the Go package that is generated from it separately; empty: part of this document
}

// A Document is an OpenAPI document with all files that it refers to. It does not change after Load and may be used
// from several goroutines.
type Document struct {
	Root    *Node
	Version Version
	Files   []*File // the first is the root file; then in the order in which references lead to them
}

// Options are what a caller may choose. The zero value selects everything.
type Options struct {
	Overlays      []string          // names of Overlay files, applied to the root file in this order
	Select        Select            // which operations and components remain
	ImportMapping map[string]string // name of a file, as written in references → import path of its Go package
}

// Select chooses operations and components. An empty list does not choose.
type Select struct {
	IncludeTags, ExcludeTags                 []string
	IncludeOperationIDs, ExcludeOperationIDs []string
	Prune                                    bool // remove components that nothing refers to
}

// Load reads the document called name and all files that it refers to. The document is nil if there are errors among
// the diagnostics. A reference that leads nowhere is not: see Document.Resolve.
func Load(name string, read func(name string) ([]byte, error), opts Options) (*Document, Diagnostics) {
	panic("not implemented")
}

// A Ref is where a reference leads.
type Ref struct {
	Node    *Node
	File    *File
	Pointer string // JSON pointer of Node in File, "/components/schemas/Pet"; "" for the whole file
	Key     string // last token of Pointer, unescaped; for a whole file its base name without extension
}

// Pointer is the JSON pointer of n as a URI fragment, "#/components/schemas/Pet"; "other.yaml#/Pet" if it is not in the
// root file.
func (d *Document) Pointer(n *Node) string { panic("not implemented") }

// Resolve follows the reference ref, the value of a "$ref" in the object from, one step. Its error is of type
// Diagnostics.
func (d *Document) Resolve(from *Node, ref string) (Ref, error) { panic("not implemented") }

// ResolveDynamic is Resolve for the value of a "$dynamicRef". A reference that depends on the schemas it was reached
// through is an error.
func (d *Document) ResolveDynamic(from *Node, ref string) (Ref, error) { panic("not implemented") }

// Follow follows the chain of "$ref" that starts at n to its end, n itself if it is not a reference. Siblings of
// "$ref" are passed over. A circle is an error. Its error is of type Diagnostics.
func (d *Document) Follow(n *Node) (Ref, error) { panic("not implemented") }
