// Package source turns OpenAPI files into one tree of values with positions.
//
// [Load] reads JSON and YAML, applies overlays, reads the files that references lead to, and removes the operations
// that are not selected. The result is in the data model of JSON: a [Node] is a value that knows its file, line and
// column, and a [Document] resolves references. What schemas and parameters are is up to the packages that use it.
//
// Every problem is a [Diagnostic] with its position and advice, in words that do not depend on the version of Go or of
// a library. Nothing is fetched over the network.
package source

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

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
	Name    string // as it was given to Load, or relative to the same folder; with slashes
	Root    *Node  // nil if the file could not be read
	Package string // from Options.ImportMapping; empty if the file is part of this document

	problems Diagnostics // the errors in a file other than the root file, reported by who uses it
}

// A Document is an OpenAPI document with all files that it refers to. It does not change after Load and may be used by
// several goroutines.
type Document struct {
	Root    *Node
	Version Version
	Files   []*File // the first is the root file; then in the order in which references lead to them

	files   map[string]*File  // by name
	imports map[string]string // Options.ImportMapping by name of the file, or URL
	identifiers
}

// SamePackage is the package of files whose types the generated package has already.
const SamePackage = "-"

// Options are what a caller may choose. The zero value takes a document as it is.
type Options struct {
	Overlays      []string          // names of Overlay files, applied to the root file in this order
	Select        Select            // which operations and components remain
	ImportMapping map[string]string // file, as written in references of the root file → import path of its Go package, or SamePackage
	Limits        Limits
}

// Load reads the document called name, the overlays and all files that references lead to. It calls read with name,
// with the names of overlays, and with what the names in references become relative to the file that has them: for
// ../b.yaml in api/a.yaml that is b.yaml. The document is nil if there are errors among the diagnostics, which are
// sorted.
//
// A reference that leads nowhere, or into a file that cannot be read, is reported by [Document.Resolve] when it is
// used, not by Load. So one that is not used does no harm.
func Load(name string, read func(name string) ([]byte, error), opts Options) (*Document, Diagnostics) {
	l := &loader{
		Document: &Document{files: map[string]*File{}, imports: map[string]string{}},
		read:     read,
		limits:   opts.Limits.withDefaults(),
	}
	if !l.load(name, opts) {
		return nil, l.diagnostics.Sort()
	}
	return l.Document, l.diagnostics.Sort()
}

type loader struct {
	*Document
	read        func(name string) ([]byte, error)
	limits      Limits
	values      int // in all files so far
	diagnostics Diagnostics
}

// load reports whether there is a document.
func (l *loader) load(name string, opts Options) bool {
	root := l.file(cleanName(name))
	l.diagnostics = append(l.diagnostics, root.problems...)
	if root.Root == nil {
		return false
	}
	l.Root = root.Root
	if !l.Root.Is(Object) {
		l.errorAt(l.Root, "an OpenAPI document is an object, this is of type %s; correct the name of the file",
			l.Root.Kind)
		return false
	}
	for _, overlay := range opts.Overlays {
		l.overlay(cleanName(overlay))
	}
	l.detectVersion()
	if l.diagnostics.HasErrors() {
		return false
	}
	for name, goPackage := range opts.ImportMapping {
		l.imports[join(root.Name, name)] = goPackage
	}
	l.loadReferenced()
	l.identify()
	l.selectOperations(opts.Select)
	return !l.diagnostics.HasErrors()
}

// file reads a file, and appends it to Files.
func (l *loader) file(name string) *File {
	f := l.parse(name)
	f.Package = l.imports[name]
	l.files[name] = f
	l.Files = append(l.Files, f)
	return f
}

func (l *loader) parse(name string) *File {
	f := &File{Name: name}
	text, err := l.read(name)
	if err != nil {
		what, advice := "cannot be read", "correct its name, or create it"
		if errors.Is(err, fs.ErrNotExist) {
			what = "does not exist"
			if strings.HasPrefix(name, "http:/") || strings.HasPrefix(name, "https:/") {
				what, advice = "is not fetched over the network", "download it and use its local path"
			}
		} else if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
			what += ": " + pathError.Err.Error()
		} else {
			what += ": " + err.Error()
		}
		if errors.Is(err, syscall.EISDIR) {
			advice = "name a file in it"
		}
		f.problems = Diagnostics{{Position: Position{File: name}, What: "the file " + what + "; " + advice}}
		return f
	}
	l.values, f.problems = parse(f, text, l.limits, l.values)
	return f
}

func (l *loader) errorAt(n *Node, format string, args ...any) *Diagnostic {
	l.diagnostics = append(l.diagnostics, Diagnostic{
		Position: n.Pos(),
		Where:    fragment(n),
		What:     fmt.Sprintf(format, args...),
	})
	return &l.diagnostics[len(l.diagnostics)-1]
}

// cleanName spells the name of a file in the one way that Files has it.
func cleanName(name string) string { return path.Clean(filepath.ToSlash(name)) }

// loadReferenced reads the files that references lead to, from any file.
func (l *loader) loadReferenced() {
	for i := 0; i < len(l.Files); i++ {
		f := l.Files[i]
		if f.Root == nil {
			continue
		}
		f.Root.walk(func(n *Node) {
			l.loadReference(f, n.Str("$ref"))
			l.loadReference(f, n.Str("$dynamicRef"))
			if discriminator := n.Get("discriminator"); discriminator != nil {
				for _, m := range discriminator.Get("mapping").members() {
					if m.Value.Kind == String && strings.ContainsAny(m.Value.Text, "#.") {
						l.loadReference(f, m.Value.Text)
					}
				}
			}
		})
	}
}

func (l *loader) loadReference(from *File, ref string) {
	uri, _, _ := strings.Cut(ref, "#")
	if uri == "" || isURI(uri) {
		return
	}
	name := join(from.Name, uri)
	if l.files[name] != nil {
		return
	}
	if len(l.Files) >= l.limits.Files {
		l.errorAt(l.Root, "the document refers to more than %d files; join some", l.limits.Files)
		return
	}
	f := l.file(name)
	if !f.problems.HasErrors() {
		l.diagnostics = append(l.diagnostics, f.problems...) // warnings; errors concern who uses the file
	}
}

// detectVersion sets Version.
func (l *loader) detectVersion() {
	version := l.Root.Get("openapi")
	switch {
	case version != nil:
	case l.Root.Has("swagger"):
		version := l.Root.Get("swagger")
		l.errorAt(version, "Swagger %s is not supported; convert the document to OpenAPI 3, for example with the npm "+
			"package swagger2openapi", version.Text)
		return
	default:
		for _, other := range []string{"asyncapi", "arazzo", "overlay", "$schema"} {
			if l.Root.Has(other) {
				l.errorAt(l.Root, "not an OpenAPI document, as it has the member %s instead of openapi; correct the name of the "+
					"file", other)
				return
			}
		}
		advice := "add openapi: 3.0.3, or the version that the document follows"
		if near := Nearest("openapi", l.Root.Names()); near != "" {
			advice = fmt.Sprintf("rename %q", near)
		}
		l.errorAt(l.Root, "the member openapi is missing; %s", advice)
		return
	}
	if version.Kind == Number {
		l.errorAt(version, "the version is a number; write the string \"%s.0\"", version.Text).Severity = Warning
	} else if version.Kind != String {
		l.errorAt(version, "the version is of type %s; write a string such as \"3.0.3\"", version.Kind)
		return
	}
	for _, v := range []Version{V30, V31, V32} {
		if strings.HasPrefix(version.Text+".", v.String()+".") {
			l.Version = v
			return
		}
	}
	l.errorAt(version, "version %q of OpenAPI is not supported; use 3.0.x, 3.1.x or 3.2.x", version.Text)
}
