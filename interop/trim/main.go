// Trim makes copies of Cloudflare's Go SDKs that have the service for interconnects only, and prints the path of a go.mod that uses
// them (go test -modfile). The root package of an SDK imports over a hundred services, each a package of its own, and compiling them
// takes more than a minute per version. What the tests of this module run is the same in the copies: no file is changed but client.go,
// which loses the other services, and no package is left out that the rest needs.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	trimmed = "trimmed"               // the directory of the copies
	service = "network_interconnects" // the package of the service that stays
)

var modules = []string{"github.com/cloudflare/cloudflare-go/v6", "github.com/cloudflare/cloudflare-go/v7"}

func main() {
	path, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "trim:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

func run() (path string, err error) {
	root, err := filepath.Abs(trimmed)
	if err != nil {
		return "", err
	}
	edit := []string{"mod", "edit"}
	for _, module := range modules {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			return "", fmt.Errorf("finding %s: %w", module, err)
		}
		c := sdk{module: module, from: strings.TrimSpace(string(out)), to: filepath.Join(root, filepath.Base(module)), copied: map[string]bool{}}
		for _, pkg := range []string{".", service} {
			if err := c.copyPackage(pkg); err != nil {
				return "", err
			}
		}
		if err := copyFile(filepath.Join(c.from, "go.mod"), filepath.Join(c.to, "go.mod")); err != nil {
			return "", err
		}
		edit = append(edit, "-replace="+module+"="+c.to)
	}
	path = filepath.Join(root, "go.mod")
	if err := errors.Join(copyFile("go.mod", path+".tmp"), copyFile("go.sum", filepath.Join(root, "go.sum"))); err != nil {
		return "", err
	}
	defer os.Remove(path + ".tmp")
	if out, err := exec.Command("go", append(edit, path+".tmp")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go mod edit: %w: %s", err, out)
	}
	return path, copyFile(path+".tmp", path)
}

// An sdk is a module that is copied.
type sdk struct {
	module, from, to string
	copied           map[string]bool // packages, as paths below the module
}

// copyPackage copies a package and the packages of the module that it imports. The tests of the service are copied too, as they are run.
func (c sdk) copyPackage(pkg string) error {
	if c.copied[pkg] {
		return nil
	}
	c.copied[pkg] = true
	paths, err := filepath.Glob(filepath.Join(c.from, pkg, "*.go"))
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("%s has no package %s; the SDK has changed, and so must this program", c.module, pkg)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") && pkg != service {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if pkg == "." && filepath.Base(path) == "client.go" {
			if source, err = trimClient(source); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		if err := writeFile(filepath.Join(c.to, pkg, filepath.Base(path)), source); err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if imported == c.module {
				imported += "/."
			}
			if below, ok := strings.CutPrefix(imported, c.module+"/"); ok {
				if err := c.copyPackage(below); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, content)
}

// writeFile leaves a file alone that has the content already, so that a second run does not disturb a compilation.
func writeFile(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// trimClient returns the source of client.go without the services of other packages than the one that stays: without the fields of
// Client that hold them, the statements of NewClient that set these, and the imports.
func trimClient(source []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	services := map[string]bool{} // the fields that are removed
	packages := map[string]bool{}
	set := 0
	var removed []ast.Node
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.GenDecl:
			for _, field := range fieldsOf(d, "Client") {
				if pkg := packageOf(field.Type); pkg != "" && pkg != service {
					services[field.Names[0].Name], packages[pkg] = true, true
					removed = append(removed, field)
				}
			}
		case *ast.FuncDecl:
			if d.Name.Name != "NewClient" {
				continue
			}
			for _, statement := range d.Body.List { // behind the type Client
				if services[assignedField(statement)] {
					set++
					removed = append(removed, statement)
				}
			}
		}
	}
	if len(services) == 0 || set != len(services) {
		return nil, fmt.Errorf("NewClient sets %d of %d services; the SDK has changed, and so must this program", set, len(services))
	}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if packages[filepath.Base(path)] {
			removed = append(removed, spec)
		}
	}
	slices.SortFunc(removed, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	var kept []byte
	end := 0
	for _, node := range removed {
		kept = append(kept, source[end:fset.Position(node.Pos()).Offset]...)
		end = fset.Position(node.End()).Offset
	}
	return format.Source(append(kept, source[end:]...))
}

// fieldsOf returns the fields of a struct type if it is what d declares.
func fieldsOf(d *ast.GenDecl, name string) []*ast.Field {
	spec, ok := d.Specs[0].(*ast.TypeSpec)
	if !ok || spec.Name.Name != name {
		return nil
	}
	if s, ok := spec.Type.(*ast.StructType); ok {
		return s.Fields.List
	}
	return nil
}

// packageOf returns the package of a type that is a pointer to a type of another package, otherwise "".
func packageOf(t ast.Expr) string {
	if pointer, ok := t.(*ast.StarExpr); ok {
		if selector, ok := pointer.X.(*ast.SelectorExpr); ok {
			return selector.X.(*ast.Ident).Name
		}
	}
	return ""
}

// assignedField returns the field that a statement such as r.Zones = zones.NewZoneService(opts...) sets, otherwise "".
func assignedField(statement ast.Stmt) string {
	if assignment, ok := statement.(*ast.AssignStmt); ok && len(assignment.Lhs) == 1 {
		if selector, ok := assignment.Lhs[0].(*ast.SelectorExpr); ok {
			return selector.Sel.Name
		}
	}
	return ""
}
