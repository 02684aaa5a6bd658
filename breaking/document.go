package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"github.com/interconnect-go/interconnect/gen/payloads"
)

// compareDocuments returns what breaks callers or readers between two documents, and the version of the later one.
func compareDocuments(before, after string) (findings []finding, version string, err error) {
	var docs [2]*load.SpecInfo
	for i, file := range []string{before, after} {
		if _, err := os.Stat(file); err != nil {
			return nil, "", fmt.Errorf("no document to compare: %w", err)
		}
		loader := openapi3.NewLoader()
		loader.IncludeOrigin = true
		loader.ReadFromURIFunc = openapi3.ReadFromFile // the default remembers files for ever
		// Parameters of a path are those of its operations, wherever they stand.
		if docs[i], err = load.NewSpecInfo(loader, load.NewSource(file), load.WithFlattenParams()); err != nil {
			return nil, "", fmt.Errorf("%s: %w", file, err)
		}
		if spec := docs[i].Spec; spec == nil || spec.Info == nil || spec.Paths == nil {
			return nil, "", fmt.Errorf("%s is not an OpenAPI document: info or paths are missing", file)
		}
	}
	changes, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), docs[0], docs[1])
	if err != nil {
		return nil, "", err
	}
	english := checker.NewDefaultLocalizer()
	for _, change := range checker.CheckBackwardCompatibility(checker.NewConfig(checker.GetAllChecks()), changes, sources) {
		if !change.IsBreaking() {
			continue
		}
		findings = append(findings, finding{
			Rule:  change.GetId(),
			Where: whereOf(change, inRepository(before), inRepository(after)),
			At:    cmp.Or(strings.TrimSpace(change.GetOperation()+" "+change.GetPath()), wholeDocument),
			Text:  change.GetUncolorizedText(english),
		})
	}
	ofOthers := slices.Clone(findings)
	byExample, err := payloads.Compare(before, after, os.ReadFile)
	if err != nil {
		return nil, "", err
	}
	for _, f := range byExample {
		// What is wrong with an object has mostly been said already, by its cause.
		ordinary := f.Rule == payloads.Refuses || f.Rule == payloads.Unreadable
		if !ordinary || !slices.ContainsFunc(ofOthers, func(o finding) bool { return o.At == f.Operation }) {
			findings = append(findings, findingOf(f, inRepository(after)))
		}
	}
	findings = append(findings, compareRest(docs[0].Spec, docs[1].Spec, inRepository(after))...)
	return sorted(findings), docs[1].Spec.Info.Version, nil
}

// wholeDocument is where a change is that belongs to no operation.
const wholeDocument = "document"

// inRepository is how a reader names a file: from the root of the repository that it is in, if it is in one.
func inRepository(file string) string {
	root, err := rootOf(filepath.Dir(file))
	if err != nil {
		return file
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	if whole, err = filepath.EvalSymlinks(whole); err != nil {
		return file
	}
	if relative, err := filepath.Rel(root, whole); err == nil {
		return relative
	}
	return file
}

// whereOf is the line to look at: in the later document or, of what is gone, in the earlier one.
func whereOf(change checker.Change, before, after string) string {
	if s := change.GetRevisionSource(); s != nil && s.Line > 0 {
		return fmt.Sprintf("%s:%d:%d", after, s.Line, s.Column)
	}
	if s := change.GetBaseSource(); s != nil && s.Line > 0 {
		return fmt.Sprintf("%s:%d:%d (before)", before, s.Line, s.Column)
	}
	return after
}

// operations yields the operations of a document by "METHOD /path".
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[strings.ToUpper(method)+" "+path] = op
		}
	}
	return all
}

// findingOf is a finding of package payloads, in a file.
func findingOf(f payloads.Finding, file string) finding {
	place := f.Message
	if f.Pointer != "" {
		place += " at " + f.Pointer
	}
	return finding{
		Rule: f.Rule, Where: fmt.Sprintf("%s:%d:%d", file, f.Line, f.Column), At: f.Operation,
		Text: place + ": the payload below " + f.Problem, Payload: f.Payload,
	}
}
