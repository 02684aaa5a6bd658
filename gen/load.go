package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A document is the loaded OpenAPI document. The later steps alter api, which is private to this run; the source stays.
type document struct {
	*outline
	api         *openapi3.T
	shared      map[any]string // parameters and responses of components → the names of their tables
	diagnostics Diagnostics
}

// refuse notes that something is wrong at a place, which is given by its JSON pointer.
func (d *document) refuse(pointer, format string, args ...any) {
	d.diagnostics = append(d.diagnostics, Diagnostic{
		Position: d.position(pointer),
		Where:    "#" + pointer,
		What:     fmt.Sprintf(format, args...),
	})
}

// load parses the document and refuses what is not valid OpenAPI 3.0, or leads outside of the document.
func load(source string, text []byte) (*document, error) {
	outline, err := newOutline(source, text)
	if err != nil {
		return nil, err
	}
	doc := &document{outline: outline, shared: map[any]string{}}
	doc.checkOutline()
	doc.checkShapes()
	if err := doc.diagnostics.err(); err != nil {
		return nil, err
	}

	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	doc.api, err = loader.LoadFromData(text)
	if err != nil {
		doc.refuseAll(err)
		return nil, doc.diagnostics.err()
	}
	// Examples are left to lint: an invalid one misleads readers, but not the generated code.
	err = doc.api.Validate(context.Background(), openapi3.EnableMultiError(),
		openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation())
	if err != nil {
		doc.refuseAll(err)
		return nil, doc.diagnostics.err()
	}
	return doc, nil
}

// refuseAll takes over what kin-openapi finds. Its errors carry the place as an origin, some only in their text.
func (d *document) refuseAll(err error) {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, one := range several {
			d.refuseAll(one)
		}
		return
	}
	position := originOf(err)
	if position.Line == 0 {
		position = d.guess(err.Error())
	}
	position.File = d.source
	if slices.ContainsFunc(d.diagnostics, func(other Diagnostic) bool { return other.Position == position }) {
		return // one mistake is often reported from several sides
	}
	what := strings.Join(strings.Fields(err.Error()), " ")
	d.diagnostics = append(d.diagnostics, Diagnostic{Position: position, What: "not valid OpenAPI 3.0: " + what + "; correct this part of the document"})
}

// originOf is the innermost place that an error of kin-openapi names.
func originOf(err error) Position {
	var at Position
	for ; err != nil; err = errors.Unwrap(err) {
		if origin := errorOrigin(err); origin != nil && origin.Key != nil {
			at = Position{Line: origin.Key.Line, Column: origin.Key.Column}
		}
	}
	return at
}

var quoted = regexp.MustCompile(`"([^"]+)"`)

// guess looks for a name that the message quotes, from the last to the first, in the keys of the document.
func (d *document) guess(message string) Position {
	names := quoted.FindAllStringSubmatch(message, -1)
	for i := len(names) - 1; i >= 0; i-- {
		if at, ok := d.find(names[i][1]); ok {
			return at
		}
	}
	return Position{}
}

// checkOutline finds what the loader would report without a place: repeated keys and references that lead nowhere.
func (d *document) checkOutline() {
	for _, key := range d.repeated {
		d.diagnostics = append(d.diagnostics, Diagnostic{key.Position, "#" + key.pointer, fmt.Sprintf(
			"the key %q stands here a second time, first in line %d; remove one", key.name, key.first)})
	}
	for _, ref := range d.references {
		target, local := strings.CutPrefix(ref.target, "#")
		switch {
		case !local:
			d.refuse(ref.pointer, "%q leads out of the document; copy what it names into components and refer to that", ref.target)
		case !d.exists(target):
			d.refuse(ref.pointer, "%q leads nowhere; %s", ref.target, d.nearest(target))
		}
	}
	version, _ := d.scalar("/openapi")
	if major, minor, _ := strings.Cut(version, "."); major != "3" || !strings.HasPrefix(minor, "0") {
		d.refuse("/openapi", "the document is OpenAPI %s and must be 3.0.x; write openapi: 3.0.3", strconv.Quote(version))
	}
}

// errorOrigin reads the field Origin, which most of kin-openapi's many error types have.
func errorOrigin(err error) *openapi3.Origin {
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return nil
	}
	field := v.FieldByName("Origin")
	if !field.IsValid() || !field.CanInterface() {
		return nil
	}
	origin, _ := field.Interface().(*openapi3.Origin)
	return origin
}

// An operation is one method of one path.
type operation struct {
	*openapi3.Operation
	item         *openapi3.PathItem
	method, path string
	pointer      string
}

// operations ranges over the operations in the order of the document.
func (d *document) operations() iter.Seq[operation] {
	var all []operation
	for path, item := range d.api.Paths.Map() {
		for method, op := range item.Operations() {
			all = append(all, operation{op, item, method, path, "/paths/" + escape(path) + "/" + strings.ToLower(method)})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return d.compare(a.pointer, b.pointer) })
	return slices.Values(all)
}
