// Package gen makes a Go package of an OpenAPI document: types that validate what they read and write, unions that hold exactly one
// variant, a client and a server. The command is [github.com/interconnect-go/interconnect/cmd/contractgen].
//
// A run is a pure function. [Generate] reads nothing but what it asks for, and returns the files; [Write] and [Check] bring a folder in step
// with them, or say what is not. [Lint] only looks for problems. Every problem of a document is a [Diagnostic] with its position and advice,
// and all of them are found in one run; what the document may do, although it should not, is up to [Config.Rules].
//
// The stages of the generator are packages of their own, in this order:
//
//   - source reads files into one tree of values with positions;
//   - model decides what Go will have: types, names, operations, and the schemas that values are validated against;
//   - lint looks for what may surprise readers and callers;
//   - oapicodegen lets oapi-codegen write the signatures that its users know;
//   - emit prints everything.
package gen

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/emit"
	"github.com/interconnect-go/interconnect/gen/internal/lint"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// Files are the files of a generated package, by name.
type Files map[string][]byte

// Generate makes the files of the package that config describes from a document. It calls read, [os.ReadFile] if that is nil, with the name
// of the document and of every file that it refers to. There are no files if there are errors among the diagnostics.
//
// Generate must not be called concurrently, as oapi-codegen keeps the state of a run in package variables.
func Generate(document string, read func(name string) ([]byte, error), config Config) (Files, Diagnostics) {
	r := newRun(document, read, config)

	// Source: read the document, its overlays and the files that it refers to, and select operations.
	doc := r.load()
	if doc == nil {
		return nil, r.result()
	}

	// Model: decide what Go will have.
	api := r.build(doc)

	// Lint: look for what may surprise, also if there are errors.
	r.lint(doc, api)
	if r.found.HasErrors() {
		return nil, r.result()
	}

	// Surface: let oapi-codegen write the signatures that its users know.
	surface, err := oapicodegen.Generate(api.AllOperations(), r.config.surface(api), emit.Go, api.Names())
	if err != nil {
		return nil, r.fail(err)
	}

	// Emit: print the files.
	files, err := emit.Package(api, surface, r.config.emit(doc, api))
	if err != nil {
		return nil, r.fail(err)
	}
	return Files(files), r.result()
}

// Lint looks for problems of a document, with every rule that config does not set on: those that are off otherwise are warnings.
func Lint(document string, read func(name string) ([]byte, error), config Config) Diagnostics {
	r := newRun(document, read, config.withAllRules())
	if doc := r.load(); doc != nil {
		r.lint(doc, r.build(doc))
	}
	return r.result()
}

// A run collects the problems that the stages find.
type run struct {
	document string
	read     func(name string) ([]byte, error)
	config   Config
	policy   *model.Policy
	found    source.Diagnostics
}

func newRun(document string, read func(name string) ([]byte, error), config Config) *run {
	if read == nil {
		read = os.ReadFile
	}
	return &run{document: document, read: read, config: config, policy: config.policy()}
}

func (r *run) load() *source.Document {
	doc, found := source.Load(r.document, r.read, r.config.source())
	for _, d := range found {
		if d.Rule != "" {
			d.Severity = r.policy.Chosen(d.Rule, model.Rules[d.Rule].Severity)
		}
		r.found = append(r.found, d)
	}
	return doc
}

func (r *run) build(doc *source.Document) *model.API {
	api, found := model.Build(doc, r.config.model(r.document, r.policy))
	r.found = append(r.found, found...)
	return api
}

func (r *run) lint(doc *source.Document, api *model.API) {
	r.found = append(r.found, lint.Check(doc, api, r.policy)...)
}

func (r *run) result() Diagnostics { return newDiagnostics(r.found) }

// fail adds an error that the document is not to blame for.
func (r *run) fail(err error) Diagnostics {
	r.found = append(r.found, source.Diagnostic{Position: source.Position{File: r.document}, What: err.Error()})
	return r.result()
}

// sourceName is how generated files name the document: not by a path that depends on the machine.
func sourceName(document string) string {
	name := filepath.ToSlash(document)
	if filepath.IsAbs(document) || strings.HasPrefix(name, "/") {
		return path.Base(name)
	}
	return name
}
