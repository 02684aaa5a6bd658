package main

import (
	"errors"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"
)

// implemented are the generated interfaces that have a method for each operation, by their names. A new operation is a new method, which
// whoever implements them has to add; that is what a minor version may ask for, see CONTRIBUTING.md.
var implemented = []string{"ServerInterface", "StrictServerInterface", "ClientInterface", "ClientWithResponsesInterface"}

// compareGo returns the incompatible changes of the exported API between two checkouts.
func compareGo(before, after string, imported []string) (findings []finding, err error) {
	was, err := loadPackages(before, imported)
	if err != nil {
		return nil, fmt.Errorf("the Go code of the base: %w", err)
	}
	root, err := rootOf(after)
	if err != nil {
		return nil, err
	}
	is, err := loadPackages(root, imported)
	if is == nil {
		return nil, fmt.Errorf("the Go code: %w", err)
	}
	if err != nil { // the others tell nevertheless what changes
		err = fmt.Errorf("the Go code: %w; adapt it to the change, and run this again", err)
	}
	for path, p := range was {
		now, loaded := is[path]
		switch {
		case loaded && now == nil:
			continue
		case !loaded:
			findings = append(findings, finding{Rule: "go-api", Where: path, At: path, Text: "the package is gone"})
			continue
		}
		for _, change := range apidiff.Changes(p.Types, now.Types).Changes {
			if change.Compatible {
				continue
			}
			name, what, _ := strings.Cut(change.Message, ": ")
			if of, _, isMethod := strings.Cut(name, "."); isMethod && what == "added" && slices.Contains(implemented, of) {
				continue
			}
			findings = append(findings, finding{Rule: "go-api", Where: placeOf(name, root, now, before, p), At: p.Name + "." + name, Text: what})
		}
	}
	return sorted(findings), err
}

// placeOf is where a name is declared, from the root of the repository or, if it is gone, of the copy of the base.
func placeOf(name, root string, is *packages.Package, base string, was *packages.Package) string {
	name, member, _ := strings.Cut(strings.NewReplacer("(", "", ")", "", "*", "").Replace(name), ".")
	for _, at := range []struct {
		root, suffix string
		p            *packages.Package
	}{{root, "", is}, {base, " (before)", was}} {
		object := at.p.Types.Scope().Lookup(name)
		if object == nil {
			continue
		}
		if member != "" {
			inner, _, _ := types.LookupFieldOrMethod(object.Type(), true, at.p.Types, member)
			if inner == nil {
				continue
			}
			object = inner
		}
		position := at.p.Fset.Position(object.Pos())
		if file, err := filepath.Rel(at.root, position.Filename); err == nil {
			return fmt.Sprintf("%s:%d:%d%s", file, position.Line, position.Column, at.suffix)
		}
	}
	return was.PkgPath
}

// loadPackages returns packages by their paths. One that does not compile is nil, and the error says why.
func loadPackages(dir string, imported []string) (map[string]*packages.Package, error) {
	config := &packages.Config{Dir: dir, Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedSyntax | packages.NeedTypesInfo}
	list, err := packages.Load(config, imported...)
	if err != nil {
		return nil, err
	}
	all := map[string]*packages.Package{}
	var broken []error
	for _, p := range list {
		if len(p.Errors) > 0 {
			p.Errors[0].Pos = strings.TrimPrefix(p.Errors[0].Pos, dir+string(filepath.Separator))
			broken = append(broken, fmt.Errorf("%s does not compile: %w", p.PkgPath, p.Errors[0]))
			all[p.PkgPath] = nil
			continue
		}
		all[p.PkgPath] = p
	}
	return all, errors.Join(broken...)
}

// checkOut makes a copy of a revision beside the working tree, and a function that removes it.
func checkOut(dir, revision string) (copy string, remove func(), err error) {
	root, err := rootOf(dir)
	if err != nil {
		return "", nil, err
	}
	// By its commit, so that what looks like an option is not one.
	commit, err := git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", nil, fmt.Errorf("there is no revision %q here; fetch it, or name another one: %w", revision, err)
	}
	parent, err := os.MkdirTemp("", "breaking")
	if err != nil {
		return "", nil, err
	}
	copy = filepath.Join(parent, "base")
	if _, err := git(root, "worktree", "add", "--quiet", "--detach", copy, commit); err != nil {
		os.RemoveAll(parent)
		return "", nil, err
	}
	return copy, func() {
		git(root, "worktree", "remove", "--force", copy)
		os.RemoveAll(parent)
	}, nil
}

func rootOf(dir string) (string, error) { return git(dir, "rev-parse", "--show-toplevel") }

func git(dir string, args ...string) (string, error) {
	command := exec.Command("git", args...)
	command.Dir = dir
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
