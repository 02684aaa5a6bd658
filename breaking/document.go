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
			return nil, "", fmt.Errorf("%s is no OpenAPI document: info or paths are missing", file)
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
	for _, f := range comparePayloads(docs[0].Spec, docs[1].Spec, inRepository(after)) {
		// What is wrong with an object has mostly been said already, by its cause.
		if f.Rule != ruleRefuses && f.Rule != ruleUnreadable || !slices.ContainsFunc(ofOthers, func(o finding) bool { return o.At == f.At }) {
			findings = append(findings, f)
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

// A message is a request or a response with a JSON body.
type message struct {
	at     string // the operation
	name   string // "the request body" or "the 200 response"
	schema *openapi3.SchemaRef
}

// messages returns those of an operation by their names.
func messages(at string, op *openapi3.Operation) map[string]message {
	all := map[string]message{}
	add := func(name string, content openapi3.Content) {
		for mediaType, media := range content {
			if media.Schema != nil && strings.Contains(mediaType, "json") {
				all[name+" "+mediaType] = message{at, name, media.Schema}
			}
		}
	}
	if op.RequestBody != nil {
		add("the request body", op.RequestBody.Value.Content)
	}
	for status, response := range op.Responses.Map() {
		add("the "+status+" response", response.Value.Content)
	}
	return all
}
